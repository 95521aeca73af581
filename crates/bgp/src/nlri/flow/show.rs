//! How a rule reads: in events, as helper programs have always been told, and in words that announce it again.

use super::component::{Kind, Names, Numeric};
use super::rule::{Item, Layout, Match, Pattern, Rule, Value, items, op};
use crate::error::Malformed;
use crate::family::Afi;
use crate::json;
use crate::put;
use crate::put::{LowerPairs, Put, Quoted};
use std::fmt::Write as _;

/// What is printed for whom.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// For helper programs.
    Event,
    /// To be read again, octet for octet.
    Words,
}

/// Appends ` destination-ipv4 10.0.0.0/24 protocol [ =tcp =udp ]`: a blank in front of each component.
pub(super) fn components(rule: &Rule<'_>, manner: Manner, out: &mut String) {
    rule.each(|found| {
        out.push(' ');
        component(rule.afi, &found, manner, out);
    });
}

/// Appends `protocol [ =tcp =udp ]`.
pub(super) fn component(afi: Afi, found: &Match<'_>, manner: Manner, out: &mut String) {
    put!(out, found.component.name(afi), ' ');
    let several = matches!(found.value, Value::Items(octets) if items(octets).nth(1).is_some());
    if several {
        out.push_str("[ ");
    }
    value::<false>(afi, found, manner, out);
    if several {
        out.push_str(" ]");
    }
}

/// Appends `"destination-ipv4": [ "10.0.0.0/24" ], "protocol": [ "=tcp", "=udp" ], `: a comma behind each component. Error,
/// and part of it, if the rule is malformed.
pub(super) fn members(rule: &Rule<'_>, out: &mut String) -> Result<(), Malformed> {
    rule.walk(|found| {
        put!(out, Quoted(found.component.name(rule.afi)), ": [ ");
        value::<true>(rule.afi, &found, Manner::Event, out);
        out.push_str(" ], ");
    })
}

/// Appends what a component matches: `"=80", ">=1024&<=2000"` for JSON, otherwise without quotes and commas.
fn value<const JSON: bool>(afi: Afi, found: &Match<'_>, manner: Manner, out: &mut String) {
    let quote = |out: &mut String| {
        if JSON {
            out.push('"');
        }
    };
    quote(out);
    match found.value {
        Value::Prefix(pattern) => prefix(afi, &pattern, manner, out),
        Value::Mac(octets) => LowerPairs(octets).put(out),
        Value::Items(octets) => {
            for (i, item) in items(octets).enumerate() {
                match item.op & op::AND {
                    _ if i == 0 => {}
                    0 => out.push_str(if JSON { "\", \"" } else { " " }),
                    _ => out.push('&'),
                }
                match found.component.kind {
                    Kind::Numeric(numeric) => number(&numeric, &item, manner, out),
                    Kind::Bitmask(bitmask) => bits(bitmask.names, &item, manner, out),
                    Kind::Prefix | Kind::Mac => {}
                }
            }
        }
    }
    quote(out);
}

/// Appends `10.0.0.0/24`, or `2001:db8::/64/0` with the offset behind. Bits that RFC 8956 alone leaves out are written
/// as it writes them: `::1/120-128`.
fn prefix(afi: Afi, pattern: &Pattern<'_>, manner: Manner, out: &mut String) {
    let Pattern { length, offset, octets, layout } = *pattern;
    if afi == Afi::IPV4 {
        return super::super::inet::prefix_text(afi, length, octets, out);
    }
    let address = pattern.ipv6();
    match (manner, layout) {
        (Manner::Words, Layout::Rfc) if offset > 0 => put!(out, address, '/', offset, '-', length),
        _ => put!(out, address, '/', length, '/', offset),
    }
}

/// Appends `>=1024`. In words, a value that is written with more octets than it takes says so: `=80/2`.
fn number(numeric: &Numeric, item: &Item, manner: Manner, out: &mut String) {
    match item.op & op::COMPARISON {
        1 => out.push('='),
        2 => out.push('>'),
        3 => out.push_str(">="),
        4 => out.push('<'),
        5 => out.push_str("<="),
        6 => out.push_str("!="),
        7 => return out.push_str("true"),
        _ => return out.push_str("false"),
    }
    match numeric.name(item.value) {
        Some(name) => out.push_str(name),
        None => item.value.put(out),
    }
    if manner == Manner::Words {
        width(item, numeric.least, out);
    }
}

/// Appends `!syn+ack`.
fn bits(names: Names, item: &Item, manner: Manner, out: &mut String) {
    out.push_str(match item.op & op::MASK {
        1 => "=",
        2 => "!",
        3 => "!=",
        _ => "",
    });
    let mut separator = json::Separator::new("+");
    let mut rest = item.value;
    for (bit, name) in names {
        if item.value & bit != 0 {
            separator.next(out);
            out.push_str(name);
            rest &= !bit;
        }
    }
    // none has always been nothing at all
    if rest != 0 || item.value == 0 && manner == Manner::Words {
        separator.next(out);
        let _ = write!(out, "0x{rest:X}");
    }
    if manner == Manner::Words {
        width(item, 1, out);
    }
}

fn width(item: &Item, least: usize, out: &mut String) {
    if item.octets != octets_of(item.value, least) {
        put!(out, '/', item.octets);
    }
}

/// Octets a value is written with: as few as it takes, and no fewer than `least`.
pub(super) fn octets_of(value: u64, least: usize) -> usize {
    let needed = (64 - usize::try_from(value.leading_zeros()).unwrap_or(0)).div_ceil(8);
    needed.max(least).next_power_of_two()
}
