//! What went into a speaker, as octets: enough to let another one live through the same again.
//!
//! ```text
//! segment   magic, block*                                the first block says what follows: see [`Start`]
//! block     length(4) checksum(4) payload                whole records; nothing refers to another block
//! payload   time(16) record*                             of the start or of records
//! record    kind(1) time that passed, what happened
//! ```
//!
//! A recording holds every call of the [`Speaker`](crate::Speaker) that can change it: inputs with their time, and how many octets were
//! taken from `transmit`. Equal calls give equal effects, so these are not in it. It is a chain of segments of which
//! the oldest may be gone; each begins with what a speaker needs that was not there before. Keys of TCP-MD5 are numbered,
//! and only the numbers are written. No file is opened in here.
//!
//! | room | what is in it |
//! |---|---|
//! | `coding` | numbers, texts and lists as octets, and back |
//! | `rows` | the fields of everything that can be in an input |
//! | `writer` | from calls to blocks |
//! | `opening` | how each connection began, for segments that begin after it |
//! | `reader` | from blocks to records |
//! | `player` | from records to effects |

mod coding;
mod opening;
mod player;
mod reader;
mod rows;
mod writer;

pub use opening::Opening;
pub use player::{Doubts, Played, Player};
pub use reader::{Reader, Segment};
pub use writer::{Head, Writer, frame};

use crate::config::Config;
use crate::time::Now;
use crate::{ConnId, Input};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// What every segment begins with; the number is that of the format.
pub const MAGIC: &[u8] = b"herald recording 2\n";

/// Most octets in a block, checksum and length apart: no writer lets more wait.
pub const MOST: usize = 1 << 30;

/// How a segment begins.
#[derive(Clone, PartialEq, Debug)]
pub struct Start {
    /// The same in all segments of a recording, and in no other.
    pub id: u64,
    /// Which segment it is, from 0.
    pub number: u64,
    /// The speaker's.
    pub seed: u64,
    /// What whoever records wants to find again: names and values.
    pub notes: Vec<(String, String)>,
    /// What was there when the segment began; `None` in the first one.
    pub standing: Option<Standing>,
}

impl Start {
    /// The value of a note.
    pub fn note(&self, name: &str) -> Option<&str> {
        self.notes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What a segment that is not the first builds upon. What is not in here is lost with the segments before: routes of commands,
/// routes of peers, timers, what helpers did.
#[derive(Clone, PartialEq, Debug)]
pub struct Standing {
    /// The configuration.
    pub config: Arc<Config>,
    /// The connections, in the order they began.
    pub connections: Vec<Opening>,
}

/// One call.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Record<'a> {
    /// `handle`
    Input(Input<'a>),
    /// What the last call led to: `Effect::Connect`. Connections are numbered by the speaker.
    Called { conn: ConnId, to: SocketAddr },
    /// `transmit`, and `sent` if any octets were taken.
    Pulled { conn: ConnId, budget: usize, taken: usize },
    /// Calls that could not be recorded.
    Missing { count: u64 },
}

/// Octets that are not, or no longer, what a writer wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Damaged {
    /// Where, in octets from the beginning of the segment.
    pub offset: usize,
    /// What should have been there.
    pub expected: &'static str,
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "damaged at octet {}: expected {}", self.offset, self.expected)
    }
}

impl std::error::Error for Damaged {}

/// A record and its moment.
pub type Timed<'a> = (Now, Record<'a>);
