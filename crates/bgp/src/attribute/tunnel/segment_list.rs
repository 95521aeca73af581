//! The segment list of an SR Policy (RFC 9830 §2.4.4): `reserved(1) (type(1) length(1) value)*`, a weight and segments.

use super::value::number_of;
use super::{segment, write_sub_tlv};
use crate::json;
use crate::put;
use crate::read::Reader;
use crate::route::part;
use crate::text::{Diagnostic, Words};

/// The type of the weight among segments.
pub(super) const WEIGHT: u8 = 9;

/// `reserved(1)`, then weight and segments
pub(super) fn parse_segments(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    out.push(0);
    if words.accept("weight") {
        let weight = part::number("weight", words, u32::MAX.into())?;
        write_sub_tlv(out, WEIGHT, |out| {
            out.extend([0, 0]);
            out.extend(weight.to_be_bytes().iter().skip(4));
        });
    }
    let mut last = None;
    while words.accept("segment") {
        if let Some(decimal) = segment::parse(words, out)? {
            last = decimal.then_some(out.len());
        }
    }
    if let Some(end) = last {
        segment::set_bottom(out, end);
    }
    Ok(())
}

/// What a segment list holds, up to where its frame breaks.
pub(super) fn items(value: &[u8]) -> impl Iterator<Item = (u8, &[u8])> + Clone {
    let mut r = Reader::new(value.get(1..).unwrap_or(&[]), 0);
    std::iter::from_fn(move || {
        let (code, len) = (r.u8("").ok()?, r.u8("").ok()?);
        Some((code, r.take(len.into(), "").ok()?))
    })
}

/// Tells of a segment list field by field.
pub(super) fn segment_list_fields(mut r: Reader<'_>) {
    r.laid_out("reserved(1x)");
    while let (start, Ok(code), Ok(len)) = (r, r.u8("segment type"), r.u8("segment length")) {
        let Ok(mut value) = r.sub(len.into(), "segment") else { return };
        let name = match code {
            WEIGHT => {
                value.laid_out("flags(1x) reserved(1x) weight(4)");
                "weight"
            }
            _ => segment::fields(code, value),
        };
        value.trace().iter().for_each(|trace| trace.means_at(start.offset(), name.to_owned()));
    }
}

/// True if the frame of a segment list does not break.
pub(super) fn is_framed(value: &[u8]) -> bool {
    let used: usize = items(value).map(|(_, value)| 2 + value.len()).sum();
    value.len() == 1 + used
}

pub(super) fn weight(code: u8, value: &[u8]) -> Option<u64> {
    if code == WEIGHT { number_of::<4>(value.get(2..)?) } else { None }
}

pub(super) fn segments_words(value: &[u8], out: &mut String) -> Option<()> {
    let last = items(value).enumerate().filter(|(_, (code, value))| segment::ends_stack(*code, value)).last();
    for (at, (code, value)) in items(value).enumerate() {
        match (at, weight(code, value)) {
            (0, Some(weight)) if value.starts_with(&[0, 0]) => put!(out, " weight ", weight),
            _ => segment::words(code, value, last.is_some_and(|(last, _)| last == at), out),
        }
    }
    Some(())
}

pub(super) fn segments_json(value: &[u8], out: &mut String) -> Option<()> {
    if !is_framed(value) {
        return None;
    }
    let first = items(value).find_map(|(code, value)| weight(code, value));
    put!(out, "{\"weight\": ", first.unwrap_or(1), ", \"segments\": [");
    let mut separator = json::Separator::new(", ");
    let mut weighed = false;
    for (code, value) in items(value) {
        // the first weight was said; whatever else is called one is no segment either
        if weight(code, value).is_some() && !std::mem::replace(&mut weighed, true) {
            continue;
        }
        separator.next(out);
        segment::json(code, value, out);
    }
    out.push_str("]}");
    Some(())
}

pub(super) fn segments_text(value: &[u8], out: &mut String) -> Option<()> {
    if !is_framed(value) {
        return None;
    }
    let first = items(value).find_map(|(code, value)| weight(code, value));
    put!(out, "segment-list weight ", first.unwrap_or(1), " [");
    let start = out.len();
    for (code, value) in items(value) {
        let before = out.len();
        if before > start {
            out.push(' ');
        }
        if segment::text(code, value, out).is_none() {
            out.truncate(before);
        }
    }
    out.push(']');
    Some(())
}
