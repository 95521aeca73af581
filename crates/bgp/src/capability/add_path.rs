//! ADD-PATH (RFC 7911 §4): `(afi(2) safi(1) mode(1))*`.

use super::{Capability, check_entries, code, entries};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::json::Separator;
use crate::put;
use crate::put::Quoted;
use crate::read::Reader;

/// See the module.
#[derive(Debug)]
pub struct AddPath;

/// Mode bit: the speaker takes several paths.
pub const RECEIVE: u8 = 1;
/// Mode bit: the speaker sends several paths.
pub const SEND: u8 = 2;

/// Families with their mode bits, in the order they came; of several entries for one family the last counts.
/// Modes other than 1, 2 and 3 mean nothing (RFC 7911 §4) and are 0 here.
pub fn read<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Vec<(Family, u8)> {
    let mut modes: Vec<(Family, u8)> = Vec::new();
    for value in values {
        for &[high, low, safi, mode] in value.as_chunks::<4>().0 {
            let family = Family::new(Afi(u16::from_be_bytes([high, low])), Safi(safi));
            let mode = if mode <= RECEIVE | SEND { mode } else { 0 };
            match modes.iter_mut().find(|(known, _)| *known == family) {
                Some(entry) => entry.1 = mode,
                None => modes.push((family, mode)),
            }
        }
    }
    modes
}

/// The value that offers these modes; of more than 63 families the first ones.
pub fn build(modes: &[(Family, u8)]) -> Vec<u8> {
    let mut value = Vec::new();
    for (family, mode) in modes.iter().take(63) {
        value.extend_from_slice(&family.afi.0.to_be_bytes());
        value.extend_from_slice(&[family.safi.0, *mode]);
    }
    value
}

/// `disabled`, `receive`, `send`, `send/receive`.
pub fn name(mode: u8) -> &'static str {
    match (mode & SEND != 0, mode & RECEIVE != 0) {
        (false, false) => "disabled",
        (false, true) => "receive",
        (true, false) => "send",
        (true, true) => "send/receive",
    }
}

impl Capability for AddPath {
    const CODE: u8 = code::ADD_PATH;
    const NAME: &'static str = "add-path";
    const DOC: &'static str = "Families with several paths to one destination.";
    const RFC: &'static str = "RFC 7911";
    const MERGES: bool = true;
    const SINCE: Option<Dialect> = Some(Dialect::V4);

    fn check(value: Reader<'_>) -> Result<(), Malformed> {
        check_entries(value, 4, "add-path")
    }

    fn text(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("addpath(");
        let mut separator = Separator::new(",");
        for (family, mode) in read(values.iter().copied()) {
            separator.next(out);
            put!(out, family, ' ', name(mode));
        }
        out.push(')');
    }

    fn json(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("{ \"name\": \"addpath\"");
        let mut separator = Separator::new(",");
        for (at, (family, mode)) in read(values.iter().copied()).into_iter().enumerate() {
            if at == 0 {
                out.push_str(", ");
            }
            separator.next(out);
            put!(out, Quoted(family.join("/")), ": ", Quoted(name(mode)));
        }
        out.push_str(" }");
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        entries(dice, out, |dice, out| out.push(dice.u8() % 5));
    }
}
