//! What attributes that are lists of `type length value` have in common.

use crate::error::Malformed;
use crate::put;
use crate::put::Hex;
use crate::read::Reader;
use crate::route::part;
use crate::text::{Diagnostic, Word, Words};
use crate::value::digits;

/// Octets of type and of length: one or two each. The length counts the value alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub kind: u8,
    pub length: u8,
}

/// Cuts one TLV off the front.
pub(super) fn read<'a>(r: &mut Reader<'a>, shape: Shape) -> Result<(u16, Reader<'a>), Malformed> {
    let kind = if shape.kind == 1 { r.u8("TLV type")?.into() } else { r.u16("TLV type")? };
    let length = if shape.length == 1 { r.u8("TLV length")?.into() } else { r.u16("TLV length")? };
    Ok((kind, r.sub(usize::from(length), "TLV value")?))
}

/// Verifies that there are whole TLVs and nothing else.
pub(super) fn check(mut r: Reader<'_>, shape: Shape) -> Result<(), Malformed> {
    while !r.is_empty() {
        read(&mut r, shape)?;
    }
    Ok(())
}

/// The TLVs of a value, up to where its frame breaks.
pub(super) fn iter(value: &[u8], shape: Shape) -> impl Iterator<Item = (u16, &[u8])> + Clone {
    let mut r = Reader::new(value, 0);
    std::iter::from_fn(move || read(&mut r, shape).ok().map(|(kind, value)| (kind, value.rest())))
}

/// Appends one TLV; false, and nothing, if type or value do not fit.
pub(super) fn write(kind: u16, value: &[u8], shape: Shape, out: &mut Vec<u8>) -> bool {
    let field = |number: Option<u16>, octets: u8| {
        let [high, low] = number?.to_be_bytes();
        match octets {
            1 if high == 0 => Some(vec![low]),
            1 => None,
            _ => Some(vec![high, low]),
        }
    };
    let length = field(u16::try_from(value.len()).ok(), shape.length);
    let (Some(kind), Some(length)) = (field(Some(kind), shape.kind), length) else { return false };
    out.extend(kind);
    out.extend(length);
    out.extend_from_slice(value);
    true
}

/// Appends ` 7 0x0A0B`: a type and its octets, as [`parse`] reads them.
pub(super) fn words(kind: u16, value: &[u8], out: &mut String) {
    put!(out, ' ', kind, " 0x", Hex(value));
}

/// Reads `7 0x0A0B`, of which `word` is the first.
pub(super) fn parse(word: &Word<'_>, words: &mut Words<'_>, shape: Shape, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let help = "a number and the octets of the value: 7 0x0a0b";
    let kind = digits(&word.text).ok_or_else(|| word.error(format!("`{}` is no TLV type", word.text)).help(help))?;
    let value = part::raw("the TLV", words)?;
    if write(kind, &value, shape, out) { Ok(()) } else { Err(word.error("type or value do not fit a TLV")) }
}

/// Appends `{ "code": 7, "parsed": false, "raw": "0A0B" }`: a TLV nobody can say more about.
pub(super) fn json(kind: u16, value: &[u8], out: &mut String) {
    put!(out, "{ \"code\": ", kind, ", \"parsed\": false, \"raw\": \"", Hex(value), "\" }");
}
