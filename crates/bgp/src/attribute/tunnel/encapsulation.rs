//! Values of sub-TLVs that say how packets are wrapped (RFC 9012 §3).

use super::segment;
use super::value::{number, numbers_words, raw_words};
use crate::put;
use crate::put::{LowerHex, LowerPairs};
use crate::read::Reader;
use crate::route::part;
use crate::text::{Diagnostic, Words};
use std::net::IpAddr;

/// `session(4) cookie`
pub(super) fn parse_session(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    number::<4>("session", words, out)?;
    if words.accept("cookie") {
        out.extend(part::raw("the cookie", words)?);
    }
    Ok(())
}

pub(super) fn session_words(value: &[u8], out: &mut String) -> Option<()> {
    let (session, cookie) = value.split_at_checked(4)?;
    numbers_words::<4>(session, out)?;
    if !cookie.is_empty() {
        out.push_str(" cookie");
        raw_words(cookie, out)?;
    }
    Some(())
}

/// The virtual network is there.
pub(super) const V_FLAG: u8 = 0x80;
/// The MAC address is there.
pub(super) const M_FLAG: u8 = 0x40;

/// `flags(1) network(3) MAC(6) reserved(2)`
pub(super) fn parse_network(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let at = out.len();
    out.push(V_FLAG);
    number::<3>("virtual network", words, out)?;
    let mut mac = [0; 6];
    if words.accept("mac") {
        let word = words.expect("the MAC address")?;
        let octets: Option<Vec<u8>> = word.text.split(':').map(|octet| u8::from_str_radix(octet, 16).ok()).collect();
        mac = octets.and_then(|octets| octets.as_array().copied()).ok_or_else(|| {
            word.error(format!("`{}` is no MAC address", word.text)).help("such as 00:11:22:33:44:55")
        })?;
        if let Some(flags) = out.get_mut(at) {
            *flags |= M_FLAG;
        }
    }
    out.extend(mac);
    out.extend([0, 0]);
    Ok(())
}

pub(super) fn network_words(value: &[u8], out: &mut String) -> Option<()> {
    let [flags, v @ .., _, _] = *value.as_array::<12>()?;
    let (network, mac) = v.split_at_checked(3)?;
    numbers_words::<3>(network, out)?;
    if flags & M_FLAG != 0 {
        put!(out, " mac ", LowerPairs(mac));
    }
    Some(())
}

/// Type and subtype of a Color Extended Community (RFC 9012 §4.3).
pub(super) const COLOR: [u8; 2] = [3, 0x0b];

/// `03 0b flags(2) color(4)`
pub(super) fn parse_color(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let mut color = Vec::new();
    number::<4>("color", words, &mut color)?;
    out.extend(COLOR);
    match words.accept("flags") {
        true => number::<2>("flags", words, out)?,
        false => out.extend([0, 0]),
    }
    out.extend(color);
    Ok(())
}

pub(super) fn color_words(value: &[u8], out: &mut String) -> Option<()> {
    let [_, _, a, b, color @ ..] = value.as_array::<8>()?;
    numbers_words::<4>(color, out)?;
    match u16::from_be_bytes([*a, *b]) {
        0 => {}
        flags => put!(out, " flags 0x", LowerHex(&flags.to_be_bytes())),
    }
    Some(())
}

/// `reserved(4) AFI(2) address`
pub(super) fn parse_endpoint(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    out.extend([0; 4]);
    if words.accept("next-hop") {
        out.extend([0, 0]);
        return Ok(());
    }
    match part::address("egress endpoint", words, None)? {
        IpAddr::V4(a) => {
            out.extend([0, 1]);
            out.extend(a.octets());
        }
        IpAddr::V6(a) => {
            out.extend([0, 2]);
            out.extend(a.octets());
        }
    }
    Ok(())
}

pub(super) fn endpoint_words(value: &[u8], out: &mut String) -> Option<()> {
    let mut r = Reader::new(value.get(4..)?, 0);
    match r.u16("").ok()? {
        0 => out.push_str(" next-hop"),
        1 => put!(out, ' ', r.ipv4("").ok()?),
        2 => put!(out, ' ', r.ipv6("").ok()?),
        _ => return None,
    }
    Some(())
}

/// Entries of a label stack; the last one has the bottom-of-stack bit.
pub(super) fn parse_stack(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let list = words.accept("[");
    loop {
        let decimal = segment::parse_entry(words, out)?;
        if !list || words.accept("]") {
            if decimal {
                let end = out.len();
                segment::set_bottom(out, end);
            }
            return Ok(());
        }
    }
}

pub(super) fn stack_words(value: &[u8], out: &mut String) -> Option<()> {
    let entries = value.as_chunks::<4>().0;
    out.push_str(" [");
    for (at, entry) in entries.iter().enumerate() {
        out.push(' ');
        segment::entry_words(*entry, at + 1 == entries.len(), out);
    }
    out.push_str(" ]");
    Some(())
}
