//! Multisession (draft-ietf-idr-bgp-multisession): `flags(1) capability-code(1)*`.
//!
//! A sender may spread these octets over several instances: they are read one behind the other.

use super::{Capability, code, spec};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::json::{self, Separator};
use crate::read::Reader;

/// See the module.
#[derive(Debug)]
pub struct Multisession;

/// The same under the number it had before.
#[derive(Debug)]
pub struct MultisessionCisco;

/// Codes of the capabilities that tell sessions apart.
pub fn read<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    values.into_iter().flatten().skip(1).copied().collect()
}

/// The values that say sessions differ in their families: one instance for the flags, one for the code.
pub fn build() -> [Vec<u8>; 2] {
    [vec![0], vec![code::MULTIPROTOCOL]]
}

fn json(values: &[&[u8]], variant: &str, out: &mut String) {
    out.push_str("{ \"name\": \"multisession\", \"variant\": \"");
    out.push_str(variant);
    out.push_str("\", \"capabilities\": [ ");
    let codes = read(values.iter().copied());
    let mut separator = Separator::new(", ");
    for code in &codes {
        separator.next(out);
        out.push('"');
        match spec(*code) {
            Some(spec) => out.push_str(spec.name),
            None => json::number(out, *code),
        }
        out.push('"');
    }
    out.push_str(if codes.is_empty() { "] }" } else { " ] }" });
}

macro_rules! variants {
    ($($type:ident = $code:ident, $name:literal, $about:literal, $text:literal, $variant:literal;)*) => {$(
        impl Capability for $type {
            const CODE: u8 = code::$code;
            const NAME: &'static str = $name;
            const DOC: &'static str = $about;
            const RFC: &'static str = "draft-ietf-idr-bgp-multisession";
            const MERGES: bool = true;
            const SINCE: Option<Dialect> = Some(Dialect::V4);

            fn check(_: Reader<'_>) -> Result<(), Malformed> {
                Ok(())
            }
            fn text(_: &[&[u8]], out: &mut String, _: Dialect) {
                out.push_str($text);
            }
            fn json(values: &[&[u8]], out: &mut String, _: Dialect) {
                json(values, $variant, out);
            }
            fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
                out.extend([0, code::MULTIPROTOCOL, dice.u8()]);
            }
        }
    )*};
}

variants! {
    Multisession = MULTISESSION, "multi-session", "Several sessions between two speakers, by family.",
        "multisession", "RFC";
    // The spelling of the second key is the one programs know.
    MultisessionCisco = MULTISESSION_CISCO, "cisco-multi-sesion", "Multisession, under the number it had before.",
        "cisco multisession", "Cisco";
}
