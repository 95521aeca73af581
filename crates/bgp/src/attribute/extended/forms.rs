//! How extended communities read.

use super::super::list::{u16_at, u32_at};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::json;
use std::fmt::Write as _;
use std::net::Ipv4Addr;

/// A row of [`EXTENDED`]. `text` gets the six octets behind type and subtype; if it appends nothing, the octets are
/// printed.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct ExtendedSpec {
    pub kind: u8,
    pub subtype: u8,
    pub name: &'static str,
    pub text: fn(&[u8], &mut String, Dialect),
}

/// Every extended community that reads as words, by ascending type and subtype. The others read as `0x` and their
/// octets. To add one: a row here, and a keyword beside if it can be written.
pub static EXTENDED: &[ExtendedSpec] = &[
    row(0x00, 0x02, "target", |v, out, _| two_four("target:", v, out)),
    row(0x00, 0x03, "origin", origin2),
    row(0x00, 0x13, "rtrecord", |v, out, _| two_four("rtrecord:", v, out)),
    row(0x01, 0x02, "target", |v, out, _| address("target:", v, out)),
    row(0x01, 0x03, "origin", origin_address),
    row(0x01, 0x0c, "redirect-to-nexthop-ietf", next_hop_ietf),
    row(0x01, 0x13, "rtrecord", |v, out, _| address("rtrecord:", v, out)),
    row(0x02, 0x02, "target", |v, out, dialect| four_two("target:", v, out, dialect)),
    row(0x02, 0x03, "origin", |v, out, dialect| four_two("origin:", v, out, dialect)),
    row(0x02, 0x13, "rtrecord", |v, out, dialect| four_two("rtrecord:", v, out, dialect)),
    row(0x03, 0x0c, "encap", encapsulation),
    row(0x03, 0x14, "consistentHashSortOrder", |v, out, _| {
        let _ = write!(out, "consistentHashSortOrder:{}", u32_at(v, 0));
    }),
    row(0x06, 0x00, "mac-mobility", mac_mobility),
    row(0x07, 0x02, "interface-set", interface_set),
    row(0x08, 0x00, "redirect-to-nexthop", |v, out, _| {
        out.push_str(if copies(v) { "copy-to-nexthop" } else { "redirect-to-nexthop" });
    }),
    row(0x0c, 0x00, "mup", |v, out, _| two_four("mup:", v, out)),
    row(0x40, 0x02, "target", |v, out, _| two_four("target:", v, out)),
    row(0x47, 0x02, "interface-set", interface_set),
    row(0x80, 0x06, "rate-limit", |v, out, _| rate(v, "", out)),
    row(0x80, 0x07, "action", |v, out, _| {
        out.push_str(match v.last().map_or(0, |b| b & 3) {
            1 => "action terminal",
            2 => "action sample",
            3 => "action sample-terminal",
            _ => "",
        });
    }),
    row(0x80, 0x08, "redirect", |v, out, _| two_four("redirect:", v, out)),
    row(0x80, 0x09, "mark", |v, out, _| {
        let _ = write!(out, "mark {}", v.last().unwrap_or(&0));
    }),
    row(0x80, 0x0a, "l2info", |v, out, _| {
        let [encapsulation, control, ..] = v else { return };
        let _ = write!(out, "l2info:{encapsulation}:{control}:{}:{}", u16_at(v, 2), u16_at(v, 4));
    }),
    row(0x80, 0x0c, "rate-limit", |v, out, _| rate(v, ":packets", out)),
    row(0x82, 0x08, "redirect", |v, out, dialect| four_two("redirect:", v, out, dialect)),
];

const fn row(kind: u8, subtype: u8, name: &'static str, text: fn(&[u8], &mut String, Dialect)) -> ExtendedSpec {
    ExtendedSpec { kind, subtype, name, text }
}

/// Makes up a community: mostly one of a known type.
pub(crate) fn sample(dice: &mut Dice) -> [u8; 8] {
    let mut item: [u8; 8] = dice.array();
    if let (Some(row), false) = (dice.pick(EXTENDED), dice.once_in(8)) {
        let [kind, subtype, ..] = &mut item;
        (*kind, *subtype) = (row.kind, row.subtype);
    }
    item
}

/// Appends one community as words or, if it has none, as `0x` and sixteen digits.
pub(crate) fn text(item: &[u8], out: &mut String, dialect: Dialect) {
    let before = out.len();
    if let [kind, subtype, value @ ..] = item
        && let Some(row) = EXTENDED.iter().find(|row| (row.kind, row.subtype) == (*kind, *subtype))
    {
        (row.text)(value, out, dialect);
    }
    if out.len() == before {
        out.push_str("0x");
        json::hex(out, item);
    }
}

/// Appends the members an object has beside value and string: which way an interface set travels.
pub(super) fn members(item: &[u8], out: &mut String, dialect: Dialect) {
    match item {
        [0x07, 0x02, ..] if dialect == Dialect::V6 => out.push_str(", \"transitive\": true"),
        [0x47, 0x02, ..] if dialect == Dialect::V6 => out.push_str(", \"transitive\": false"),
        _ => (),
    }
}

fn two_four(name: &str, v: &[u8], out: &mut String) {
    let _ = write!(out, "{name}{}:{}", u16_at(v, 0), u32_at(v, 2));
}

fn address(name: &str, v: &[u8], out: &mut String) {
    let _ = write!(out, "{name}{}:{}", Ipv4Addr::from(u32_at(v, 0)), u16_at(v, 4));
}

fn four_two(name: &str, v: &[u8], out: &mut String, dialect: Dialect) {
    let suffix = if dialect == Dialect::V4 { "L" } else { "" };
    let _ = write!(out, "{name}{}{suffix}:{}", u32_at(v, 0), u16_at(v, 4));
}

/// The number of an AS is printed as an address, as it always was.
fn origin2(v: &[u8], out: &mut String, _: Dialect) {
    let _ = write!(out, "origin:{}:{}", u16_at(v, 0), Ipv4Addr::from(u32_at(v, 2)));
}

fn origin_address(v: &[u8], out: &mut String, dialect: Dialect) {
    match dialect {
        Dialect::V6 => address("origin:", v, out),
        _ => {
            let _ = write!(out, "origin:{}:{}", u16_at(v, 4), Ipv4Addr::from(u32_at(v, 0)));
        }
    }
}

fn copies(v: &[u8]) -> bool {
    v.last().is_some_and(|b| b & 1 != 0)
}

fn next_hop_ietf(v: &[u8], out: &mut String, _: Dialect) {
    let verb = if copies(v) { "copy" } else { "redirect" };
    let _ = write!(out, "{verb}-to-nexthop-ietf {}", Ipv4Addr::from(u32_at(v, 0)));
}

/// IANA "BGP Tunnel Encapsulation Attribute Tunnel Types".
fn encapsulation(v: &[u8], out: &mut String, _: Dialect) {
    out.push_str("encap:");
    out.push_str(match u16_at(v, 4) {
        0 => "Default",
        1 => "L2TPv3",
        2 => "GRE",
        7 => "IP-in-IP",
        8 => "VXLAN",
        9 => "NVGRE",
        10 => "MPLS",
        12 => "VXLAN-GPE",
        13 => "MPLS-in-UDP",
        other => return json::number(out, other),
    });
}

fn mac_mobility(v: &[u8], out: &mut String, _: Dialect) {
    let _ = write!(out, "mac-mobility:{}", u32_at(v, 2));
    if v.first().is_some_and(|flags| flags & 1 != 0) {
        out.push_str(":sticky");
    }
}

fn interface_set(v: &[u8], out: &mut String, _: Dialect) {
    let group = u16_at(v, 4);
    let direction = match group >> 14 {
        1 => "input",
        2 => "output",
        3 => "input-output",
        _ => return,
    };
    let _ = write!(out, "interface-set:{direction}:{}:{}", u32_at(v, 0), group & 0x3fff);
}

/// Appends the rate without its fraction; nothing if it is no number.
fn rate(v: &[u8], unit: &str, out: &mut String) {
    let rate = f32::from_bits(u32_at(v, 2));
    if rate.is_finite() {
        // adding zero turns minus zero into zero
        let _ = write!(out, "rate-limit:{:.0}{unit}", rate.trunc() + 0.0);
    }
}
