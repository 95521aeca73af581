//! How the octets of an extended community are written: a keyword, and fields between colons.

use crate::json;
use crate::put;
use crate::put::{Hex, LowerPairs, Put};
use crate::text::hex;
use crate::value::digits;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Names of values or of bits.
pub(super) type Names = &'static [(u32, &'static str)];

/// A part of the octets behind type and subtype.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
    /// So many octets that mean nothing: not written.
    Reserved(usize),
    /// A number of one octet.
    U8,
    /// A number of two octets.
    U16,
    /// A number of four octets; also read with a trailing `L`, or as a dotted quad.
    U32,
    /// Four octets as a dotted quad; also read as a number.
    Quad,
    /// An IPv4 address, as such and in no other way.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A MAC address.
    Mac,
    /// The upper two bits of two octets.
    Top2,
    /// A label: the upper twenty bits of three octets.
    Label,
    /// A float of 32 bits (IEEE 754), which counts octets or packets a second.
    Rate,
    /// So many octets, in hexadecimal.
    Octets(usize),
    /// A number of so many octets, by name if it has one.
    Name(usize, Names),
    /// Bits of so many octets, their names joined by `+`.
    Flags(usize, Names),
}

/// How a whole value is written.
#[derive(Clone, Copy)]
pub(super) enum Layout {
    /// The keyword, then the fields.
    Fields(&'static [Field]),
    /// In a way of its own.
    Own(Own),
}

/// A way of its own: `form` says which, to people; `write` appends the keyword, too; `read` is given the keyword and what
/// stands behind its colon.
#[derive(Clone, Copy)]
pub(super) struct Own {
    pub form: &'static str,
    pub write: fn(&[u8], &mut String),
    pub read: fn(&str, &str) -> Option<Vec<u8>>,
}

impl Field {
    fn octets(self) -> usize {
        match self {
            Field::U8 => 1,
            Field::U16 | Field::Top2 => 2,
            Field::Label => 3,
            Field::U32 | Field::Quad | Field::Ipv4 | Field::Rate => 4,
            Field::Mac => 6,
            Field::Ipv6 => 16,
            Field::Reserved(n) | Field::Octets(n) | Field::Name(n, _) | Field::Flags(n, _) => n,
        }
    }

    fn is_written(self) -> bool {
        !matches!(self, Field::Reserved(_))
    }

    /// What stands for it in an example.
    fn form(self) -> &'static str {
        match self {
            Field::Reserved(_) => "",
            Field::U8 | Field::U16 | Field::U32 | Field::Top2 | Field::Label => "N",
            Field::Quad | Field::Ipv4 => "A.B.C.D",
            Field::Ipv6 => "IPV6",
            Field::Mac => "MAC",
            Field::Rate => "RATE",
            Field::Octets(_) => "0x…",
            Field::Name(..) => "NAME",
            Field::Flags(..) => "FLAG+FLAG",
        }
    }

    /// Appends it in words; nothing if it has none.
    fn write(self, octets: &[u8], out: &mut String) {
        match self {
            Field::Reserved(_) => {}
            Field::U8 | Field::U16 | Field::U32 => json::number(out, number(octets)),
            Field::Quad | Field::Ipv4 => Ipv4Addr::from(number(octets)).put(out),
            Field::Ipv6 => Ipv6Addr::from(octets.first_chunk::<16>().copied().unwrap_or_default()).put(out),
            Field::Mac => LowerPairs(octets).put(out),
            Field::Top2 => json::number(out, number(octets) >> 14),
            Field::Label => json::number(out, number(octets) >> 4),
            Field::Rate => rate(octets, out),
            Field::Octets(_) => put!(out, "0x", Hex(octets)),
            Field::Name(_, names) => match names.iter().find(|(n, _)| *n == number(octets)) {
                Some((_, name)) => out.push_str(name),
                None => json::number(out, number(octets)),
            },
            Field::Flags(_, names) => flags(number(octets), names, out),
        }
    }

    /// Its octets.
    fn read(self, text: &str, out: &mut Vec<u8>) -> Option<()> {
        let mut keep = |n: u32| {
            let octets = n.to_be_bytes();
            let (zero, kept) = octets.split_at_checked(4_usize.checked_sub(self.octets())?)?;
            zero.iter().all(|b| *b == 0).then(|| out.extend_from_slice(kept))
        };
        match self {
            Field::Reserved(n) => out.extend(std::iter::repeat_n(0, n)),
            Field::U8 | Field::U16 => keep(plain(text)?)?,
            Field::U32 | Field::Quad => keep(wide(text)?)?,
            Field::Ipv4 => out.extend_from_slice(&text.parse::<Ipv4Addr>().ok()?.octets()),
            Field::Ipv6 => out.extend_from_slice(&text.parse::<Ipv6Addr>().ok()?.octets()),
            Field::Mac => out.extend_from_slice(&read_mac(text)?),
            Field::Top2 => keep(plain(text).filter(|n| *n < 4)? << 14)?,
            Field::Label => keep(plain(text).filter(|n| *n < 1 << 20)? << 4)?,
            Field::Rate => out.extend_from_slice(&read_rate(text)?.to_be_bytes()),
            Field::Octets(n) => {
                out.extend_from_slice(&hex(text.strip_prefix("0x")?).filter(|octets| octets.len() == n)?);
            }
            Field::Name(_, names) => keep(named(text, names).or_else(|| plain(text))?)?,
            Field::Flags(_, names) => keep(read_flags(text, names)?)?,
        }
        Some(())
    }
}

impl Layout {
    /// Appends a value with its keyword. `value`: without type and subtype.
    pub(super) fn write(self, keyword: &str, value: &[u8], out: &mut String) {
        match self {
            Layout::Own(own) => (own.write)(value, out),
            Layout::Fields(fields) => {
                out.push_str(keyword);
                let mut rest = value;
                for field in fields {
                    let (octets, tail) = rest.split_at_checked(field.octets()).unwrap_or((&[], &[]));
                    rest = tail;
                    if field.is_written() {
                        out.push(':');
                        field.write(octets, out);
                    }
                }
            }
        }
    }

    /// The value that `keyword:rest` stands for.
    pub(super) fn read(self, keyword: &str, rest: &str) -> Option<Vec<u8>> {
        let fields = match self {
            Layout::Own(own) => return (own.read)(keyword, rest),
            Layout::Fields(fields) => fields,
        };
        let mut out = Vec::with_capacity(18);
        let mut rest = (!rest.is_empty()).then_some(rest);
        let mut left = fields.iter().filter(|field| field.is_written()).count();
        for field in fields {
            let mut text = "";
            if field.is_written() {
                left -= 1;
                (text, rest) = cut(rest?, *field, left)?;
            }
            field.read(text, &mut out)?;
        }
        rest.is_none().then_some(out)
    }

    /// How it is written, in an example.
    pub(super) fn form(self, keyword: &str) -> String {
        match self {
            Layout::Own(own) => own.form.to_owned(),
            Layout::Fields(fields) => {
                let written = fields.iter().filter(|field| field.is_written());
                written.fold(keyword.to_owned(), |form, field| form + ":" + field.form())
            }
        }
    }
}

/// Cuts a field off the front, in front of `left` others: some have colons of their own.
fn cut(text: &str, field: Field, left: usize) -> Option<(&str, Option<&str>)> {
    let end = match (field, left) {
        (_, 0) => None,
        (Field::Mac, _) => Some(17),
        (Field::Ipv6, left) => Some(text.rmatch_indices(':').nth(left - 1)?.0),
        _ => Some(text.find(':')?),
    };
    match end {
        None => Some((text, None)),
        Some(end) => Some((text.get(..end)?, Some(text.get(end..)?.strip_prefix(':')?))),
    }
}

/// Up to four octets as a number.
pub(super) fn number(octets: &[u8]) -> u32 {
    octets.iter().fold(0, |n, octet| n << 8 | u32::from(*octet))
}

/// Decimal or `0x…`.
pub(super) fn plain(text: &str) -> Option<u32> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) if !hex.starts_with('+') => u32::from_str_radix(hex, 16).ok(),
        Some(_) => None,
        None => digits(text),
    }
}

/// [`plain`], with a trailing `L`, or a dotted quad.
fn wide(text: &str) -> Option<u32> {
    match text.parse::<Ipv4Addr>() {
        Ok(address) => Some(address.into()),
        Err(_) => plain(text.strip_suffix('L').unwrap_or(text)),
    }
}

fn read_mac(text: &str) -> Option<[u8; 6]> {
    let mut octets = [0; 6];
    let mut parts = text.split(':');
    for octet in &mut octets {
        let part = parts.next().filter(|part| part.len() == 2)?;
        *octet = *hex(part)?.first()?;
    }
    parts.next().is_none().then_some(octets)
}

/// Appends a rate; nothing if it is less than nothing, or no number.
pub(super) fn rate(octets: &[u8], out: &mut String) {
    let rate = f32::from_bits(number(octets));
    if rate.is_finite() && rate.is_sign_positive() {
        let _ = write!(out, "{rate}");
    }
}

/// A decimal number as a float: what is beyond its precision is rounded, as any other speaker rounds it.
pub(super) fn read_rate(text: &str) -> Option<u32> {
    let decimal = text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| matches!(c, '0'..='9' | '.'));
    let rate: f32 = text.parse().ok().filter(|rate: &f32| decimal && rate.is_finite())?;
    Some(rate.to_bits())
}

pub(super) fn named(text: &str, names: Names) -> Option<u32> {
    names.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(n, _)| *n)
}

/// Appends the names of bits, joined by `+`; `none` for none.
fn flags(bits: u32, names: Names, out: &mut String) {
    let mut separator = json::Separator::new("+");
    let before = out.len();
    for (bit, name) in names {
        if bits & bit != 0 {
            separator.next(out);
            out.push_str(name);
        }
    }
    if out.len() == before {
        out.push_str("none");
    }
}

fn read_flags(text: &str, names: Names) -> Option<u32> {
    if let Some(number) = plain(text) {
        return Some(number);
    }
    match text {
        "none" => Some(0),
        _ => text.split('+').try_fold(0, |bits, name| Some(bits | named(name, names)?)),
    }
}
