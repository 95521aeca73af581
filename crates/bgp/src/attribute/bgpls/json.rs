//! The attribute as JSON: one object, in which no key is twice.
//!
//! What is there several times is a list. What nobody has a key for, or what does not read as its type says, is
//! `"generic-lsid-N": ["0x…"]`; of the latter `"malformed-tlvs"` says what was expected.

use super::form::{Brackets, Field, Form, Kind, Reserved, Row, Shown, address, float, number, ranges, sids};
use super::rows::{TIGHT, group, row};
use crate::dialect::Dialect;
use crate::json::{self, Separator};
use crate::put;
use crate::put::{Hex, LowerHex, Put, Quoted};
use crate::value::tlv::{Grouped, Tlv};

const SR_CAPABILITIES: u16 = 1034;
const PREFIX_SID: u16 = 1158;

/// Appends the object.
pub(super) fn object(value: &[u8], out: &mut String, dialect: Dialect) {
    let grouped = Grouped::new(value, group);
    let mut members = Separator::new(", ");
    out.push_str("{ ");
    // from 6 on what is always a list comes first
    let passes = if dialect == Dialect::V6 { &[Some(true), Some(false)][..] } else { &[None] };
    let mut flawless = true;
    for pass in passes {
        for group in grouped.each() {
            let known = row(group.kind).and_then(|row| Some((row, shown(row, dialect)?)));
            let listed = known.is_some_and(|(_, shown)| (shown.list)(dialect).is_some());
            if pass.is_some_and(|pass| pass != listed) {
                continue;
            }
            let Some((row, shown)) = known else {
                generic("generic-lsid", group.kind, group.tlvs(), &mut members, out);
                continue;
            };
            let fits = |tlv: &Tlv<'_>| row.fits(tlv.value).is_ok();
            if group.tlvs().all(|tlv| fits(&tlv)) {
                say(row, &shown, group.tlvs().map(|tlv| tlv.value), &grouped, &mut members, out, dialect);
                continue;
            }
            flawless = false;
            let fitting = group.tlvs().filter(fits).map(|tlv| tlv.value);
            say(row, &shown, fitting, &grouped, &mut members, out, dialect);
            // two types may be told together, but what is wrong with one is not said of the other
            for kind in (group.kind..).take(2).filter(|kind| super::rows::group(*kind) == group.kind) {
                let raw = group.tlvs().filter(|tlv| tlv.kind == kind && !fits(tlv));
                generic("generic-lsid", kind, raw, &mut members, out);
            }
        }
    }
    if !flawless {
        complaints(value, &mut members, out, dialect);
    }
    out.push_str(" }");
}

/// How the dialect shows the type, if it does.
fn shown(row: &Row, dialect: Dialect) -> Option<Shown> {
    row.shown.filter(|shown| shown.since <= dialect)
}

/// Appends `, "generic-lsid-9999": ["0xDEAD", …]`; nothing if there are none.
pub(crate) fn generic<'a>(
    prefix: &str,
    kind: u16,
    tlvs: impl Iterator<Item = Tlv<'a>>,
    members: &mut Separator,
    out: &mut String,
) {
    let mut items = Separator::new(", ");
    let mut some = false;
    for tlv in tlvs {
        if !some {
            members.next(out);
            put!(out, '"', prefix, '-', kind, "\": [");
            some = true;
        }
        items.next(out);
        hex_string(tlv.value, out);
    }
    if some {
        out.push(']');
    }
}

/// Appends `, "malformed-tlvs": [{"tlv": 1095, "reason": "expected 1 to 3 octets"}]`; nothing if all is well.
fn complaints(value: &[u8], members: &mut Separator, out: &mut String, dialect: Dialect) {
    let mut items = Separator::new(", ");
    let mut some = false;
    for tlv in Tlv::each(value) {
        let Some(row) = row(tlv.kind).filter(|row| shown(row, dialect).is_some()) else { continue };
        if let Err(why) = row.fits(tlv.value) {
            if !some {
                members.next(out);
                out.push_str("\"malformed-tlvs\": [");
                some = true;
            }
            items.next(out);
            put!(out, "{\"tlv\": ", tlv.kind, ", \"reason\": \"", row.name, ": ", why, "\"}");
        }
    }
    if some {
        out.push(']');
    }
}

/// Appends what TLVs of a row say: nothing if there are none.
fn say<'a>(
    row: &Row,
    shown: &Shown,
    values: impl Iterator<Item = &'a [u8]> + Clone,
    all: &Grouped<'_>,
    members: &mut Separator,
    out: &mut String,
    dialect: Dialect,
) {
    if values.clone().next().is_none() {
        return;
    }
    // loose, Prefix-SID and SR Capabilities would both say `sids`
    let clash = shown.loose >= Some(dialect) && row.code == PREFIX_SID && all.has(SR_CAPABILITIES);
    let list = (shown.list)(dialect).or(if clash { TIGHT } else { several(values.clone()) });
    match row.form {
        Form::Fields(_, fields) if shown.loose >= Some(dialect) && !clash => {
            for field in fields {
                let each = |value, out: &mut String| field_value(field, &row.form, value, out, dialect);
                member(field.key, list, values.clone(), each, members, out);
            }
        }
        form => {
            let [old, new] = shown.keys;
            let key = if dialect == Dialect::V6 || clash { new } else { old };
            member(key, list, values, |value, out: &mut String| whole(&form, value, out, dialect), members, out);
        }
    }
}

/// Appends `, "key": value`, or a list of the values.
fn member<'a>(
    key: &str,
    list: Option<Brackets>,
    values: impl Iterator<Item = &'a [u8]>,
    each: impl Fn(&'a [u8], &mut String),
    members: &mut Separator,
    out: &mut String,
) {
    members.next(out);
    push_key(key, out);
    let (open, close) = list.unwrap_or_default();
    out.push_str(open);
    let mut items = Separator::new(", ");
    for value in values {
        items.next(out);
        each(value, out);
    }
    out.push_str(close);
}

/// Appends all of a value.
fn whole(form: &Form, value: &[u8], out: &mut String, dialect: Dialect) {
    match *form {
        Form::Octets => hex_string(value, out),
        Form::Plain(at, kind) => {
            let octets = match kind.width() {
                Some(width) => value.get(at..at + width),
                None => value.get(at..),
            };
            kind_value(kind, octets.unwrap_or(&[]), out, dialect);
        }
        Form::Fields(_, fields) => {
            let mut members = Separator::new(", ");
            out.push('{');
            for field in fields {
                if matches!(field.kind, Kind::SubTlvs) {
                    sub_tlvs(field.octets(value, form), &mut members, out, dialect);
                    continue;
                }
                members.next(out);
                push_key(field.key, out);
                field_value(field, form, value, out, dialect);
            }
            out.push('}');
        }
    }
}

/// Appends one field of a value.
fn field_value(field: &Field, form: &Form, value: &[u8], out: &mut String, dialect: Dialect) {
    let octets = field.octets(value, form);
    let flags = value.first().copied().unwrap_or(0);
    match field.kind {
        Kind::Sids(both) => {
            let (list, _) = sids(flags, both, octets);
            numbers(list.map(number), out);
        }
        Kind::Undecoded(both) => {
            let (_, left) = sids(flags, both, octets);
            out.push('[');
            if !left.is_empty() {
                hex_string(left, out);
            }
            out.push(']');
        }
        kind => kind_value(kind, octets, out, dialect),
    }
}

fn kind_value(kind: Kind, octets: &[u8], out: &mut String, dialect: Dialect) {
    match kind {
        Kind::Number(_) | Kind::Metric | Kind::SidLabel => json::number(out, number(octets)),
        Kind::Float => json::float(out, f64::from(float(octets))),
        Kind::Loss => json::float(out, f64::from(u32::try_from(number(octets)).unwrap_or(0)) * 0.000_003),
        Kind::Flag => out.push_str(if number(octets) & 0x80 == 0 { "false" } else { "true" }),
        Kind::Flags(width, names, reserved) => flags(number(octets), width, names, reserved, out),
        Kind::NoFlags => out.push_str("[]"),
        Kind::SystemId => Quoted(LowerHex(octets)).put(out),
        Kind::Neighbor if octets.len() > 4 => kind_value(Kind::SystemId, octets, out, dialect),
        Kind::Ipv4 | Kind::Ipv6 | Kind::Address | Kind::Neighbor => match address(octets) {
            Some(address) => Quoted(address).put(out),
            None => out.push_str("\"\""),
        },
        Kind::Opaque if dialect == Dialect::V6 => kind_value(Kind::SystemId, octets, out, dialect),
        Kind::Text | Kind::Opaque => json::string(out, &String::from_utf8_lossy(octets)),
        Kind::Area if dialect == Dialect::V4 => kind_value(Kind::SystemId, octets, out, dialect),
        Kind::Area => {
            let number = octets.iter().fold(0u128, |n, octet| n << 8 | u128::from(*octet));
            Quoted(number).put(out);
        }
        Kind::Each(kind, none) => each(*kind, none, octets, out, dialect),
        Kind::Ranges => {
            let mut items = Separator::new(", ");
            out.push('[');
            for (size, sid) in ranges(octets).flatten() {
                items.next(out);
                // a label is 20 bits
                let mask = if sid.len() == 3 { 0xf_ffff } else { u64::MAX };
                put!(out, '[', size, ", ", number(sid) & mask, ']');
            }
            out.push(']');
        }
        Kind::Msd | Kind::Sids(_) | Kind::Undecoded(_) | Kind::SubTlvs => hex_string(octets, out),
    }
}

fn each(kind: Kind, none: &str, octets: &[u8], out: &mut String, dialect: Dialect) {
    if octets.is_empty() {
        return out.push_str(none);
    }
    let mut items = Separator::new(", ");
    out.push('[');
    for octets in octets.chunks(kind.width().unwrap_or(1)) {
        items.next(out);
        kind_value(kind, octets, out, dialect);
    }
    out.push(']');
}

fn numbers(list: impl Iterator<Item = u64>, out: &mut String) {
    let mut items = Separator::new(", ");
    out.push('[');
    for n in list {
        items.next(out);
        json::number(out, n);
    }
    out.push(']');
}

/// Appends `{"O": 1, "T": 0, "RSV": 0}`.
fn flags(octets: u64, width: usize, names: &[&str], reserved: Reserved, out: &mut String) {
    let mut items = Separator::new(", ");
    out.push('{');
    for (bit, name) in (0..width * 8).rev().zip(names) {
        if !name.is_empty() {
            items.next(out);
            push_key(name, out);
            out.push(if octets >> bit & 1 == 0 { '0' } else { '1' });
        }
    }
    if reserved == Reserved::Zero {
        items.next(out);
        out.push_str("\"RSV\": 0");
    }
    out.push('}');
}

/// Appends the TLVs inside a TLV, of which SRv6 SID Structure (RFC 9514 §8) is the one that is known.
fn sub_tlvs(octets: &[u8], members: &mut Separator, out: &mut String, dialect: Dialect) {
    const SRV6_SID_STRUCTURE: u16 = 1252;
    let prefix = if dialect == Dialect::V6 { "unknown-subtlv" } else { "subtlv-not-implemented" };
    let grouped = Grouped::new(octets, |kind| kind);
    for group in grouped.each() {
        let known = row(group.kind).filter(|row| row.code == SRV6_SID_STRUCTURE);
        let fits = |tlv: &Tlv<'_>| known.is_some_and(|row| row.fits(tlv.value).is_ok());
        if let Some(row) = known {
            let values = group.tlvs().filter(fits).map(|tlv| tlv.value);
            let list = several(values.clone());
            if values.clone().next().is_some() {
                let each = |value, out: &mut String| whole(&row.form, value, out, dialect);
                member("srv6-sid-structure", list, values, each, members, out);
            }
        }
        let raw = group.tlvs().filter(|tlv| !fits(tlv)).map(|tlv| tlv.value);
        if raw.clone().next().is_some() {
            members.next(out);
            put!(out, '"', prefix, '-', group.kind, "\": ");
            let (open, close) = several(raw.clone()).unwrap_or_default();
            out.push_str(open);
            let mut items = Separator::new(", ");
            raw.for_each(|value| {
                items.next(out);
                hex_string(value, out);
            });
            out.push_str(close);
        }
    }
}

/// The brackets of a list, if there is more than one.
fn several<'a>(mut values: impl Iterator<Item = &'a [u8]>) -> Option<Brackets> {
    values.nth(1).and(TIGHT)
}

/// Appends `"key": `.
fn push_key(key: &str, out: &mut String) {
    put!(out, Quoted(key), ": ");
}

/// Appends `"0xDEAD"`.
pub(crate) fn hex_string(octets: &[u8], out: &mut String) {
    put!(out, "\"0x", Hex(octets), '"');
}
