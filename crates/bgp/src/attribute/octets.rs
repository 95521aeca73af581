//! Attributes that are kept and shown as octets: the Entropy Label Capability, which nobody may act upon any more (RFC
//! 6790 §5.2, RFC 7447), and Traffic Engineering (RFC 5543 §3), whose descriptors are `switching(1) encoding(1)
//! reserved(2) bandwidth(4)*8` and more, which depends on the kind of switching and has no length.

use super::{Attribute, code, flags, show};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::put;
use crate::put::Hex;
use crate::read::Reader;
use crate::route::part;
use crate::text::{Diagnostic, Words};

/// Octets every descriptor of Traffic Engineering has.
const DESCRIPTOR: usize = 36;

macro_rules! octets {
    ($($(#[$doc:meta])* $name:ident = $code:ident, $flags:expr, $word:literal, $rfc:literal, $fault:ident, at least $least:expr, $about:literal;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;
        impl Attribute for $name {
            const CODE: u8 = code::$code;
            const FLAGS: u8 = $flags;
            const NAME: &'static str = $word;
            const KEYWORDS: &'static [&'static str] = &[$word];
            const DOC: &'static str = $about;
            const RFC: &'static str = $rfc;
            const SINCE: Option<Dialect> = None;
            const FAULT: Outcome = Outcome::$fault;
            const MAY_BE_EMPTY: bool = $least == 0;

            fn check(r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
                if r.len().checked_sub($least).is_some() { Ok(()) } else { Err(r.malformed($word, "more octets")) }
            }
            fn words(value: &[u8], out: &mut String) {
                put!(out, concat!($word, " 0x"), Hex(value));
            }
            fn json(value: &[u8], out: &mut String, _: Dialect) {
                show::octets_json(value, out);
            }
            fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
                out.extend(part::raw($word, words)?);
                Ok(())
            }
            fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
                let n = $least + dice.below(9);
                dice.octets(n, out);
            }
        }
    )*};
}

octets! {
    /// What the links of a layer 1 VPN can do.
    TrafficEngineering = TRAFFIC_ENGINEERING, flags::OPTIONAL, "traffic-engineering", "RFC 5543", TreatAsWithdraw,
        at least DESCRIPTOR, "what a link of a layer 1 VPN can do, as octets: 0x…";
    /// Entropy labels are understood.
    EntropyLabel = ENTROPY_LABEL, flags::OPTIONAL | flags::TRANSITIVE, "entropy-label", "RFC 6790, RFC 7447",
        AttributeDiscard, at least 0, "entropy labels are understood, as octets: 0x…; deprecated";
}
