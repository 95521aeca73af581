//! Printing a whole set of attributes, in ascending order of their codes, unknown ones as their octets.

use super::{Attr, AttributeSpec, code, flags, spec};
use crate::dialect::Dialect;
use crate::json::Separator;
use crate::nlri::NextHop;
use crate::put;
use crate::put::{Hex, LowerHex, Put};
use crate::text::{Grammar, Words};

/// Appends ` next-hop 192.0.2.1 origin igp as-path ( 65001 ) …`: a blank in front of each, nothing for an empty set.
/// A NEXT_HOP among the attributes is left out, since `next_hop` is where it was understood.
pub fn text_all<'a>(
    attrs: impl Iterator<Item = Attr<'a>> + Clone,
    next_hop: Option<&NextHop>,
    out: &mut String,
    dialect: Dialect,
) {
    if let Some(next_hop) = next_hop {
        hop_text(next_hop, out, dialect);
    }
    in_order(attrs, out, |attr, out, _| {
        if attr.code == code::NEXT_HOP {
            return;
        }
        let before = out.len();
        out.push(' ');
        match shown(attr.code, dialect) {
            Some(spec) => (spec.text)(attr.value, out, dialect),
            None => octets_text(attr, out),
        }
        if out.len() == before + 1 {
            out.truncate(before);
        }
    });
}

/// Appends the inside of the `"attribute"` object: `"origin": "igp", "med": 50`; nothing for an empty set.
/// NEXT_HOP is left out, and so are unknown attributes that are not transitive.
pub fn json_all<'a>(attrs: impl Iterator<Item = Attr<'a>> + Clone, out: &mut String, dialect: Dialect) {
    json_with_next_hop(attrs, false, out, dialect);
}

/// [`json_all`], with NEXT_HOP if the dialect and the message ask for it.
pub(crate) fn json_with_next_hop<'a>(
    attrs: impl Iterator<Item = Attr<'a>> + Clone,
    with_next_hop: bool,
    out: &mut String,
    dialect: Dialect,
) {
    in_order(attrs, out, |attr, out, start| {
        if attr.code == code::NEXT_HOP && !with_next_hop {
            return;
        }
        let before = out.len();
        if before > start {
            out.push_str(", ");
        }
        out.push('"');
        match shown(attr.code, dialect) {
            Some(spec) => {
                out.push_str(spec.name);
                out.push_str("\": ");
                let value = out.len();
                (spec.json)(attr.value, out, dialect);
                if out.len() == value {
                    out.truncate(before);
                }
            }
            None if attr.flags & flags::TRANSITIVE == 0 => out.truncate(before),
            None => {
                put!(out, "attribute-0x", Hex(&[attr.code]), "-0x", Hex(&[attr.flags]), "\": ");
                octets_json(attr.value, out);
            }
        }
    });
}

/// Appends `attribute [ 0x63 0xE0 0xdeadbeef ]`.
pub(super) fn octets_text(attr: Attr<'_>, out: &mut String) {
    put!(out, "attribute [ 0x", Hex(&[attr.code]), " 0x", Hex(&[attr.flags]), " 0x", LowerHex(attr.value), " ]");
}

/// Appends `"0xdeadbeef"`.
pub(super) fn octets_json(value: &[u8], out: &mut String) {
    put!(out, "\"0x", LowerHex(value), '"');
}

/// The row of an attribute that the dialect has a name for.
fn shown(code: u8, dialect: Dialect) -> Option<&'static AttributeSpec> {
    spec(code).filter(|spec| spec.since.is_some_and(|since| since <= dialect))
}

/// Appends the words that set a whole set of attributes, a blank in front of each: reading them gives the same octets.
/// What the words of an attribute cannot say exactly, flags that nobody would expect among it, is written as octets.
pub fn words_all<'a>(attrs: impl Iterator<Item = Attr<'a>>, out: &mut String) {
    for attr in attrs {
        out.push(' ');
        let start = out.len();
        let known = spec(attr.code).filter(|spec| attr.flags == expected_flags(spec, attr.value));
        let said = known.is_some_and(|spec| {
            (spec.words)(attr.value, out);
            let mut words = Words::new(out.get(start..).unwrap_or(""), 0, Grammar::Line);
            let keyword = words.next();
            let mut value = Vec::new();
            keyword.is_some_and(|word| spec.keywords.contains(&&*word.text))
                && (spec.parse)(&mut words, &mut value).is_ok()
                && value == attr.value
        });
        if !said {
            out.truncate(start);
            octets_text(attr, out);
        }
    }
}

/// The same, but every attribute is written as octets.
pub fn octets_all<'a>(attrs: impl Iterator<Item = Attr<'a>>, out: &mut String) {
    for attr in attrs {
        out.push(' ');
        octets_text(attr, out);
    }
}

/// The flags that go without saying.
fn expected_flags(spec: &AttributeSpec, value: &[u8]) -> u8 {
    spec.flags | if value.len() > usize::from(u8::MAX) { flags::EXTENDED } else { 0 }
}

/// Appends ` next-hop 192.0.2.1`, as the dialect says it.
pub fn hop_text(next_hop: &NextHop, out: &mut String, dialect: Dialect) {
    match (next_hop, next_hop.addr()) {
        (_, Some(addr)) => put!(out, " next-hop ", addr),
        (NextHop::SelfAddress, _) => out.push_str(" next-hop self"),
        _ if dialect == Dialect::V6 => out.push_str(" next-hop no-nexthop"),
        _ => (),
    }
}

/// Appends something for each by ascending code; `each` is told where that began. Peers nearly always send them in order:
/// starting over, and the memory for sorting, is for the others.
fn in_order<'a>(
    attrs: impl Iterator<Item = Attr<'a>> + Clone,
    out: &mut String,
    each: impl Fn(Attr<'a>, &mut String, usize),
) {
    let (start, mut last) = (out.len(), 0);
    for attr in attrs.clone() {
        if attr.code < last {
            out.truncate(start);
            let mut list: Vec<Attr<'a>> = attrs.collect();
            list.sort_by_key(|attr| attr.code);
            return list.into_iter().for_each(|attr| each(attr, out, start));
        }
        last = attr.code;
        each(attr, out, start);
    }
}

/// Appends `[ a, b ]` of numbers, `[]` for none.
pub(super) fn numbers(values: impl Iterator<Item = u32>, open: &str, close: &str, out: &mut String) {
    let mut separator = Separator::new(", ");
    let before = out.len();
    out.push_str(open);
    let start = out.len();
    for value in values {
        separator.next(out);
        value.put(out);
    }
    if out.len() == start {
        out.truncate(before);
        out.push_str("[]");
    } else {
        out.push_str(close);
    }
}
