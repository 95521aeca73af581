//! Forms that values of sub-TLVs share: numbers, octets, what stands behind flags.

use super::segment::{flags_words, parse_flags};
use crate::json;
use crate::put;
use crate::put::{Hex, Quoted};
use crate::route::part;
use crate::text::{Diagnostic, Words};

/// Reads a value and appends it.
pub(super) type Read = fn(&mut Words<'_>, &mut Vec<u8>) -> Result<(), Diagnostic>;
/// Appends something said of a value; `None`, with anything in `out`, if the value is not what it should be.
pub(super) type Say = fn(&[u8], &mut String) -> Option<()>;

/// Appends `"key": value`.
pub(super) fn member(key: &str, value: &[u8], out: &mut String, say: Say) -> Option<()> {
    put!(out, Quoted(key), ": ");
    say(value, out)
}

/// Appends `key value`.
pub(super) fn word(key: &str, value: &[u8], out: &mut String, say: Say) -> Option<()> {
    put!(out, key, ' ');
    say(value, out)
}

/// Reads a number of `N` octets.
pub(super) fn number<const N: usize>(what: &str, words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let max = u64::MAX >> (64 - 8 * N);
    let n = part::number(what, words, max)?;
    out.extend(n.to_be_bytes().iter().skip(8 - N));
    Ok(())
}

pub(super) fn number_of<const N: usize>(value: &[u8]) -> Option<u64> {
    let octets = value.as_array::<N>()?;
    Some(octets.iter().fold(0, |n, octet| n << 8 | u64::from(*octet)))
}

pub(super) fn numbers_words<const N: usize>(value: &[u8], out: &mut String) -> Option<()> {
    let n = number_of::<N>(value)?;
    put!(out, ' ', n);
    Some(())
}

/// Octets as they are.
pub(super) fn raw(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    out.extend(part::raw("the value", words)?);
    Ok(())
}

pub(super) fn raw_words(value: &[u8], out: &mut String) -> Option<()> {
    put!(out, " 0x", Hex(value));
    Some(())
}

/// `flags(1) reserved(1) value`: reads the value, and flags if there are any.
pub(super) fn flagged(words: &mut Words<'_>, out: &mut Vec<u8>, value: Read) -> Result<(), Diagnostic> {
    let at = out.len();
    out.extend([0, 0]);
    value(words, out)?;
    if let (Some(flags), Some(octet)) = (parse_flags(words)?, out.get_mut(at)) {
        *octet = flags;
    }
    Ok(())
}

pub(super) fn flagged_words(value: &[u8], out: &mut String, say: Say) -> Option<()> {
    let (flags, value) = value.split_first()?;
    say(value.get(1..)?, out)?;
    flags_words(*flags, 0, out);
    Some(())
}

pub(super) fn flagged_number<const N: usize>(value: &[u8], out: &mut String) -> Option<()> {
    json::number(out, number_of::<N>(value.get(2..)?)?);
    Some(())
}
