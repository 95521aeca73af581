//! Values of sub-TLVs of an SR Policy but its segment lists (RFC 9830 §2.4).

use super::segment::{self, flags_words, parse_flags};
use super::value::{number, number_of};
use crate::json;
use crate::put;
use crate::put::Quoted;
use crate::read::Reader;
use crate::text::{Diagnostic, Words};
use std::net::Ipv6Addr;

/// What ExaBGP sets in a binding SID that has a label: nothing RFC 9830 knows, but programs compare the octets.
pub(super) const BINDING_FLAG: u8 = 0x10;

/// `flags(1) reserved(1)`, and the entry of a label unless there is none
pub(super) fn parse_binding(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let word = words.expect("`mpls` or `null`")?;
    let at = out.len();
    let mut expected = 0;
    out.extend([0, 0]);
    match &*word.text {
        "null" => {}
        "mpls" => {
            expected = BINDING_FLAG;
            if segment::parse_entry(words, out)? {
                let end = out.len();
                segment::set_bottom(out, end);
            }
        }
        other => {
            return Err(word.error(format!("`{other}` is no kind of binding SID")).suggest(other, ["mpls", "null"]));
        }
    }
    let flags = parse_flags(words)?.unwrap_or(expected);
    if let Some(octet) = out.get_mut(at) {
        *octet = flags;
    }
    Ok(())
}

/// Flags, and the entry of the label if there is one.
pub(super) fn binding(value: &[u8]) -> Option<(u8, Option<[u8; 4]>)> {
    match *value {
        [flags, _] => Some((flags, None)),
        [flags, _, a, b, c, d] => Some((flags, Some([a, b, c, d]))),
        _ => None,
    }
}

pub(super) fn binding_words(value: &[u8], out: &mut String) -> Option<()> {
    match binding(value)? {
        (flags, None) => {
            out.push_str(" null");
            flags_words(flags, 0, out);
        }
        (flags, Some(entry)) => {
            out.push_str(" mpls ");
            segment::entry_words(entry, true, out);
            flags_words(flags, BINDING_FLAG, out);
        }
    }
    Some(())
}

pub(super) fn binding_json(value: &[u8], out: &mut String) -> Option<()> {
    match binding(value)? {
        (_, None) => out.push_str("\"binding-sid\": null"),
        (_, Some(entry)) => put!(out, "\"binding-sid\": {\"type\": \"mpls\", \"label\": ", segment::label(entry), '}'),
    }
    Some(())
}

pub(super) fn binding_text(value: &[u8], out: &mut String) -> Option<()> {
    match binding(value)? {
        (_, None) => out.push_str("binding-sid null"),
        (_, Some(entry)) => put!(out, "binding-sid mpls ", segment::label(entry)),
    }
    Some(())
}

/// Which explicit null labels are pushed (RFC 9830 §2.4.5).
pub(super) const ENLP: [&str; 4] = ["push-ipv4", "push-ipv6", "push-ipv4-ipv6", "no-push"];

pub(super) fn parse_enlp(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let named = words.peek().and_then(|word| (1..).zip(ENLP).find(|(_, name)| *name == word.text));
    match named {
        Some((n, _)) => {
            words.next();
            out.push(n);
            Ok(())
        }
        None => number::<1>("explicit null label policy", words, out),
    }
}

pub(super) fn enlp_text(value: &[u8], out: &mut String) -> Option<()> {
    let n = number_of::<1>(value.get(2..)?)?;
    match (1..).zip(ENLP).find(|(known, _)| *known == n) {
        Some((_, name)) => put!(out, "enlp ", name),
        None => put!(out, "enlp ", n),
    }
    Some(())
}

/// `priority(1) reserved(1)`
pub(super) fn parse_priority(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    number::<1>("priority", words, out)?;
    out.push(0);
    Ok(())
}

pub(super) fn priority_words(value: &[u8], out: &mut String) -> Option<()> {
    out.push(' ');
    priority(value, out)
}

pub(super) fn priority(value: &[u8], out: &mut String) -> Option<()> {
    let [priority, _] = value.as_array()?;
    json::number(out, *priority);
    Some(())
}

/// Behaviour and structure are there.
pub(super) const SRV6_B_FLAG: u8 = 0x20;

/// `flags(1) reserved(1) SID(16)`, and behaviour and structure if there are any
pub(super) fn parse_srv6_binding(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let at = out.len();
    out.extend([0, 0]);
    segment::parse_srv6(words, out)?;
    let expected = if segment::parse_structure(words, out)? { SRV6_B_FLAG } else { 0 };
    let flags = parse_flags(words)?.unwrap_or(expected);
    if let Some(octet) = out.get_mut(at) {
        *octet = flags;
    }
    Ok(())
}

/// Flags, SID, and behaviour and structure or nothing.
pub(super) fn srv6_binding(value: &[u8]) -> Option<(u8, Ipv6Addr, &[u8])> {
    let mut r = Reader::new(value, 0);
    let (flags, _) = (r.u8("").ok()?, r.u8("").ok()?);
    let sid = r.ipv6("").ok()?;
    let size = if flags & SRV6_B_FLAG != 0 { 8 } else { 0 };
    (r.len() == size).then(|| (flags, sid, r.rest()))
}

pub(super) fn srv6_binding_words(value: &[u8], out: &mut String) -> Option<()> {
    let (flags, sid, structure) = srv6_binding(value)?;
    put!(out, ' ', sid);
    segment::structure_words(structure, out)?;
    flags_words(flags, if structure.is_empty() { 0 } else { SRV6_B_FLAG }, out);
    Some(())
}

pub(super) fn srv6_binding_json(value: &[u8], out: &mut String) -> Option<()> {
    let (_, sid, structure) = srv6_binding(value)?;
    match structure.as_array() {
        None => put!(out, "\"srv6-binding-sid\": ", Quoted(sid)),
        Some(structure) => {
            put!(out, "\"srv6-binding-sid\": {\"sid\": ", Quoted(sid), ", ");
            segment::structure_json(structure, out);
            out.push('}');
        }
    }
    Some(())
}

pub(super) fn srv6_binding_text(value: &[u8], out: &mut String) -> Option<()> {
    let (_, sid, structure) = srv6_binding(value)?;
    put!(out, "srv6-binding-sid ", sid);
    if let Some([a, b, ..]) = structure.as_array::<8>() {
        put!(out, " endpoint-behavior ", u16::from_be_bytes([*a, *b]));
    }
    Some(())
}

/// `reserved(1) text`
pub(super) fn parse_name(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let word = words.expect_text("the name")?;
    out.push(0);
    out.extend_from_slice(word.text.as_bytes());
    Ok(())
}

pub(super) fn name_words(value: &[u8], out: &mut String) -> Option<()> {
    let text = std::str::from_utf8(value.get(1..)?).ok()?;
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:/+@ ".contains(&b));
    put!(out, ' ', Quoted(text));
    plain.then_some(())
}

pub(super) fn name(value: &[u8], out: &mut String) -> Option<()> {
    json::string(out, &String::from_utf8_lossy(value.get(1..)?));
    Some(())
}
