//! How extended communities are written: `keyword:part:part`, `part:part` for a target, or `0x` and sixteen digits.

use crate::dialect::Dialect;
use crate::json;
use crate::text::{Diagnostic, Grammar, Word, Words, hex};
use crate::value::digits;
use std::net::Ipv4Addr;

/// A keyword: its form, and what makes octets of the parts behind it.
struct Form {
    word: &'static str,
    form: &'static str,
    build: fn(&[Part]) -> Option<[u8; 8]>,
}

const FORMS: &[Form] = &[
    Form { word: "target", form: "target:A:B", build: |parts| administrator(0x02, parts, false) },
    Form { word: "target4", form: "target4:A:B", build: |parts| administrator(0x02, parts, true) },
    Form { word: "origin", form: "origin:A:B", build: |parts| administrator(0x03, parts, false) },
    Form { word: "origin4", form: "origin4:A:B", build: |parts| administrator(0x03, parts, true) },
    Form { word: "redirect", form: "redirect:A:B", build: |parts| two_four(0x80, 0x08, parts) },
    Form { word: "l2info", form: "l2info:ENCAPSULATION:CONTROL:MTU:RESERVED", build: l2info },
    Form { word: "bandwidth", form: "bandwidth:A:RATE", build: bandwidth },
    Form { word: "mup", form: "mup:A:B", build: |parts| two_four(0x0c, 0x00, parts) },
    Form { word: "redirect-to-nexthop", form: "redirect-to-nexthop", build: redirect_to_next_hop },
];

/// A number, and whether the way it was written says that it is four octets wide.
#[derive(Clone, Copy)]
struct Part {
    value: u32,
    wide: bool,
}

/// Appends a community as [`parse`] reads it: in words if it has some that mean the same octets.
pub(crate) fn canonical(item: &[u8], out: &mut String) {
    let start = out.len();
    super::forms::text(item, out, Dialect::V6);
    let same = out.get(start..).is_some_and(|text| {
        let mut words = Words::new(text, 0, Grammar::File);
        let word = words.next();
        words.next().is_none() && word.is_some_and(|word| parse(&word).is_ok_and(|octets| octets == item))
    });
    if !same {
        out.truncate(start);
        out.push_str("0x");
        json::hex(out, item);
    }
}

/// The octets of one community.
pub(crate) fn parse(word: &Word<'_>) -> Result<[u8; 8], Diagnostic> {
    let text = &*word.text;
    let wrong = || word.error(format!("`{text}` is no extended community"));
    if let (Some(digits), false) = (text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")), text.contains(':')) {
        let octets = hex(digits).and_then(|octets| octets.as_array().copied());
        return octets.ok_or_else(|| wrong().help("0x is followed by 16 hexadecimal digits"));
    }
    let (keyword, rest) = match text.split_once(':') {
        Some((keyword, rest)) => (keyword, Some(rest)),
        None => (text, None),
    };
    let (form, rest) = match FORMS.iter().find(|form| form.word == keyword) {
        Some(form) => (form, rest),
        // two numbers alone are a target
        None if part(keyword).is_some() => match FORMS.first() {
            Some(target) => (target, Some(text)),
            None => return Err(wrong()),
        },
        None => return Err(wrong().suggest(keyword, FORMS.iter().map(|form| form.form))),
    };
    let parts: Option<Vec<Part>> = rest.map_or(Some(Vec::new()), |rest| rest.split(':').map(part).collect());
    parts.and_then(|parts| (form.build)(&parts)).ok_or_else(|| {
        wrong().help(format!("it is written {}: numbers or dotted quads that fit two and four octets", form.form))
    })
}

/// Decimal, `0x…`, with a trailing `L`, or a dotted quad.
fn part(text: &str) -> Option<Part> {
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Some(Part { value: address.into(), wide: true });
    }
    let (number, wide) = match text.strip_suffix('L') {
        Some(number) => (number, true),
        None => (text, false),
    };
    let value = match number.strip_prefix("0x").or_else(|| number.strip_prefix("0X")) {
        Some(hex) if !hex.starts_with('+') => u32::from_str_radix(hex, 16).ok()?,
        Some(_) => return None,
        None => digits(number)?,
    };
    Some(Part { value, wide: wide || value > u32::from(u16::MAX) })
}

/// Two octets of AS and four of number, or the other way round when the first part is `wide`.
fn administrator(subtype: u8, parts: &[Part], wide: bool) -> Option<[u8; 8]> {
    match parts {
        [first, second] if wide || first.wide => {
            let [a, b, c, d] = first.value.to_be_bytes();
            let [e, f] = u16::try_from(second.value).ok()?.to_be_bytes();
            Some([0x01, subtype, a, b, c, d, e, f])
        }
        _ => two_four(0x00, subtype, parts),
    }
}

fn two_four(kind: u8, subtype: u8, parts: &[Part]) -> Option<[u8; 8]> {
    let [first, second] = parts else { return None };
    let [a, b] = u16::try_from(first.value).ok()?.to_be_bytes();
    let [c, d, e, f] = second.value.to_be_bytes();
    Some([kind, subtype, a, b, c, d, e, f])
}

fn l2info(parts: &[Part]) -> Option<[u8; 8]> {
    let [encapsulation, control, mtu, reserved] = parts else { return None };
    let [a, b] = u16::try_from(mtu.value).ok()?.to_be_bytes();
    let [c, d] = u16::try_from(reserved.value).ok()?.to_be_bytes();
    Some([0x80, 0x0a, u8::try_from(encapsulation.value).ok()?, u8::try_from(control.value).ok()?, a, b, c, d])
}

/// Octets a second as a float of 32 bits.
fn bandwidth(parts: &[Part]) -> Option<[u8; 8]> {
    let [asn, rate] = parts else { return None };
    // numbers beyond 2^24 are rounded, as any other speaker rounds them
    #[allow(clippy::cast_precision_loss)]
    let bits = (rate.value as f32).to_bits();
    two_four(0x40, 0x04, &[*asn, Part { value: bits, wide: true }])
}

fn redirect_to_next_hop(parts: &[Part]) -> Option<[u8; 8]> {
    parts.is_empty().then_some([0x08, 0, 0, 0, 0, 0, 0, 0])
}
