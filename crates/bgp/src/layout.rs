//! The fields of octets that decoders read in one piece, for whoever is shown them one by one.
//!
//! A layout is a line as documents have it, `flags(1x) reserved(1x) preference(4)`: names, and in brackets how many octets
//! there are and what they are.
//!
//! | in brackets | what |
//! |---|---|
//! | `4` | a number of four octets |
//! | `4x` | four octets without a meaning as a number |
//! | `label` | an entry of a label stack, of four octets |
//! | `ipv4`, `ipv6` | an address |
//! | `ip` | the one of these that fits what is left |
//! | `text` | UTF-8, to the end |
//! | `x` | octets, to the end |

use crate::read::Reader;
use crate::trace::Shape;

impl Reader<'_> {
    /// Reads fields and tells the trace of them, up to the first one that is not there. Only of use with a trace.
    #[cold]
    pub(crate) fn laid_out(&mut self, layout: &'static str) {
        for field in layout.split(' ') {
            let (name, size) = field.split_once('(').unwrap_or((field, "x)"));
            if !self.field(name, size.trim_end_matches(')')) {
                return;
            }
        }
    }

    /// Reads a field and tells the trace of it. `size`: what a layout has in brackets. False if it is not there.
    #[cold]
    pub(crate) fn field(&mut self, name: &'static str, size: &str) -> bool {
        let left = self.len();
        let (octets, shape) = match size {
            "ipv4" => (4, Shape::Address),
            "ipv6" => (16, Shape::Address),
            "ip" if left == 4 || left == 16 => (left, Shape::Address),
            "label" => {
                let entry = self.rest().first_chunk::<4>().map(|octets| u32::from_be_bytes(*octets));
                let read = self.shaped(4, name, Shape::Octets).is_ok();
                self.says(|| entry.map_or_else(String::new, |entry| format!("label {}", entry >> 12)));
                return read;
            }
            "text" => return left > 0 && self.text(left, name).is_ok(),
            "x" | "ip" => (left, Shape::Octets),
            _ => match size.strip_suffix('x') {
                Some(octets) => (octets.parse().unwrap_or(left), Shape::Octets),
                None => (size.parse().unwrap_or(left), Shape::Number),
            },
        };
        octets > 0 && self.shaped(octets, name, shape).is_ok()
    }

    /// The same fields again and again, to the end.
    #[cold]
    pub(crate) fn each_laid_out(&mut self, layout: &'static str) {
        while !self.is_empty() {
            let before = self.len();
            self.laid_out(layout);
            if self.len() == before {
                return;
            }
        }
    }
}
