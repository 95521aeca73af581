//! How extended communities read in events: as helper programs have always been told.
//!
//! These spellings are frozen, with what is wrong in them: only the lower half of the type is looked at, so a source AS
//! (type 0, subtype 9) reads as the traffic marking (type 0x80, subtype 9) it is not. What has no words reads as `0x` and
//! its octets. The words of `rows.rs` say what was meant.

use super::super::list::{u16_at, u32_at};
use super::rows::TUNNELS;
use crate::dialect::Dialect;
use crate::json;
use crate::put;
use crate::put::{Hex, Put};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Appends what the octets behind type and subtype say; nothing if they have no words.
type Text = fn(&[u8], &mut String, Dialect);

/// Lower half of the type, subtype, words.
const TEXTS: &[(u8, u8, Text)] = &[
    (0x00, 0x02, |v, out, _| two_four("target:", v, out)),
    (0x00, 0x03, |v, out, _| {
        // the number is printed as an address
        put!(out, "origin:", u16_at(v, 0), ':', Ipv4Addr::from(u32_at(v, 2)));
    }),
    (0x00, 0x06, |v, out, _| rate_limit(v, "", out)),
    (0x00, 0x07, |v, out, _| {
        out.push_str(match v.last().map_or(0, |b| b & 3) {
            1 => "action terminal",
            2 => "action sample",
            3 => "action sample-terminal",
            _ => "action ",
        });
    }),
    (0x00, 0x08, |v, out, _| two_four("redirect:", v, out)),
    (0x00, 0x09, |v, out, _| {
        put!(out, "mark ", v.last().unwrap_or(&0) & 0x3f);
    }),
    (0x00, 0x0a, |v, out, _| {
        let [encapsulation, control, ..] = v else { return };
        put!(out, "l2info:", encapsulation, ':', control, ':', u16_at(v, 2), ':', u16_at(v, 4));
    }),
    (0x00, 0x0c, |v, out, _| rate_limit(v, ":packets", out)),
    (0x00, 0x13, |v, out, _| two_four("rtrecord:", v, out)),
    (0x01, 0x02, |v, out, _| address("target:", v, out)),
    (0x01, 0x03, |v, out, dialect| match dialect {
        Dialect::V6 => address("origin:", v, out),
        _ => put!(out, "origin:", u16_at(v, 4), ':', Ipv4Addr::from(u32_at(v, 0))),
    }),
    (0x01, 0x0c, |v, out, _| next_hop_ietf(v, &Ipv4Addr::from(u32_at(v, 0)), out)),
    (0x01, 0x13, |v, out, _| address("rtrecord:", v, out)),
    (0x02, 0x02, |v, out, dialect| four_two("target:", v, out, dialect)),
    (0x02, 0x03, |v, out, dialect| four_two("origin:", v, out, dialect)),
    (0x02, 0x13, |v, out, dialect| four_two("rtrecord:", v, out, dialect)),
    (0x03, 0x0c, |v, out, _| {
        let number = u16_at(v, 4);
        match TUNNELS.iter().find(|(n, _)| *n == u32::from(number)) {
            Some((_, name)) => put!(out, "encap:", name),
            None => put!(out, "encap:encap:UNKNOWN-", number),
        }
    }),
    (0x03, 0x14, |v, out, _| {
        put!(out, "consistentHashSortOrder:", u32_at(v, 0));
    }),
    (0x06, 0x00, |v, out, _| {
        put!(out, "mac-mobility:", u32_at(v, 2));
        if v.first() == Some(&1) {
            out.push_str(":sticky");
        }
    }),
    (0x07, 0x02, |v, out, _| {
        let group = u16_at(v, 4);
        let direction = match group >> 14 {
            1 => "input",
            2 => "output",
            3 => "input-output",
            _ => "0",
        };
        put!(out, "interface-set:", direction, ':', u32_at(v, 0), ':', group & 0x3fff);
    }),
    (0x08, 0x00, |v, out, _| out.push_str(if copies(v) { "copy-to-nexthop" } else { "redirect-to-nexthop" })),
    (0x0c, 0x00, |v, out, _| two_four("mup:", v, out)),
];

/// Appends one community of eight octets.
pub(super) fn text(item: &[u8], out: &mut String, dialect: Dialect) {
    let before = out.len();
    if let [kind, subtype, value @ ..] = item
        && let Some((_, _, text)) = TEXTS.iter().find(|(low, sub, _)| (*low, *sub) == (kind & 0x0f, *subtype))
    {
        text(value, out, dialect);
    }
    if out.len() == before {
        octets(item, out);
    }
}

/// Appends one community of twenty octets.
pub(super) fn text_ipv6(item: &[u8], out: &mut String) {
    let address = item.get(2..).and_then(|v| v.first_chunk::<16>()).copied().map(Ipv6Addr::from);
    match (item, address) {
        ([kind, 0x0c, ..], Some(address)) if kind & 0x0f == 0 => next_hop_ietf(item, &address, out),
        _ => octets(item, out),
    }
}

/// Appends the members an object has beside value and string: which way an interface set travels.
pub(super) fn members(item: &[u8], out: &mut String, dialect: Dialect) {
    if let [kind, 0x02, ..] = item
        && kind & 0x0f == 0x07
        && dialect == Dialect::V6
    {
        json::member(out, "transitive", kind & 0x40 == 0);
    }
}

fn octets(item: &[u8], out: &mut String) {
    put!(out, "0x", Hex(item));
}

fn two_four(name: &str, v: &[u8], out: &mut String) {
    put!(out, name, u16_at(v, 0), ':', u32_at(v, 2));
}

fn address(name: &str, v: &[u8], out: &mut String) {
    put!(out, name, Ipv4Addr::from(u32_at(v, 0)), ':', u16_at(v, 4));
}

fn four_two(name: &str, v: &[u8], out: &mut String, dialect: Dialect) {
    let suffix = if dialect == Dialect::V4 { "L" } else { "" };
    put!(out, name, u32_at(v, 0), suffix, ':', u16_at(v, 4));
}

fn copies(v: &[u8]) -> bool {
    v.last().is_some_and(|b| b & 1 != 0)
}

fn next_hop_ietf(v: &[u8], address: &dyn Put, out: &mut String) {
    let (verb, note) = if copies(v) { ("copy", " (with copy)") } else { ("redirect", "") };
    put!(out, verb, "-to-nexthop-ietf ", address, note);
}

/// Appends the rate without its fraction; nothing if it is no number.
fn rate_limit(v: &[u8], unit: &str, out: &mut String) {
    let rate = f32::from_bits(u32_at(v, 2));
    if rate.is_finite() {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "no fraction, no sign; all others fit"
        )]
        let whole = rate as u128;
        put!(out, "rate-limit:", whole, unit);
    }
}
