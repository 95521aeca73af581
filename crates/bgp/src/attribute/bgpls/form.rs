//! What a row of the table says of a TLV: how long it may be, which fields it has, and how JSON shows it.

use crate::dialect::Dialect;
use crate::put;
use crate::put::Put;
use crate::read::Reader;
use crate::value::tlv::Tlv;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One type of TLV.
pub(super) struct Row {
    pub code: u16,
    /// What the RFC calls it.
    pub name: &'static str,
    /// Its keyword; empty: it has none and is written `tlv N 0x…`.
    pub word: &'static str,
    pub lengths: Lengths,
    pub form: Form,
    /// `None`: JSON shows the octets in every dialect.
    pub shown: Option<Shown>,
}

/// What the value consists of.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Nobody takes it apart.
    Octets,
    /// One field at this place, what is before it reserved.
    Plain(usize, Kind),
    /// So many octets of fields and reserved ones, then perhaps what goes on to the end.
    Fields(usize, &'static [Field]),
}

/// Part of a value.
#[derive(Clone, Copy)]
pub(super) struct Field {
    /// Its key in the JSON object.
    pub key: &'static str,
    /// Its keyword.
    pub word: &'static str,
    /// The place of its first octet; of no meaning for what goes on to the end.
    pub at: usize,
    pub kind: Kind,
}

/// How the octets of a field read.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A number of so many octets.
    Number(usize),
    /// A number of as many octets as there are.
    Metric,
    /// IEEE 754, single precision.
    Float,
    /// 24 bits, each of 0.000003 percent (RFC 8571 §2.4).
    Loss,
    /// The first bit of an octet.
    Flag,
    /// Bits by their names, from the first on, in so many octets. The others are reserved.
    Flags(usize, &'static [&'static str], Reserved),
    /// An octet of flags of which none is defined.
    NoFlags,
    Ipv4,
    Ipv6,
    /// IS-IS, six octets.
    SystemId,
    /// A system identifier, or the router identifier of OSPF where the TLV is too short for one.
    Neighbor,
    /// IPv4 or IPv6, to the end.
    Address,
    /// UTF-8, to the end.
    Text,
    /// Octets, to the end.
    Opaque,
    /// An IS-IS area address, to the end.
    Area,
    /// Values of one kind, to the end; what JSON shows for none.
    Each(&'static Kind, &'static str),
    /// A pair of octets: type and value of a maximum SID depth (RFC 8814).
    Msd,
    /// A label of three octets or an index of four.
    SidLabel,
    /// Labels or indices, to the end: labels if all these bits of the first octet are set, indices if none is.
    Sids(u8),
    /// What is left of those.
    Undecoded(u8),
    /// `{ size(3) SID/Label TLV }*`, to the end (RFC 9085 §2.1.2).
    Ranges,
    /// Further TLVs, to the end.
    SubTlvs,
}

/// What JSON says of reserved flags.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reserved {
    /// `"RSV": 0`, whatever they are: they have no meaning on receipt.
    Zero,
    Nothing,
}

/// How JSON shows a TLV.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// The first dialect that has a key for it.
    pub since: Dialect,
    /// Its key before 6, and from 6 on.
    pub keys: [&'static str; 2],
    /// The brackets of the list it is in even if it is there only once.
    pub list: fn(Dialect) -> Option<Brackets>,
    /// Up to this dialect its fields are in no object of their own.
    pub loose: Option<Dialect>,
}

/// What a list begins and ends with.
pub(super) type Brackets = (&'static str, &'static str);

/// How many octets a value may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Lengths {
    min: usize,
    max: usize,
    step: usize,
}

const MAX: usize = 65535;
pub(super) const ANY: Lengths = Lengths::between(0, MAX);

impl Lengths {
    pub(super) const fn exactly(n: usize) -> Lengths {
        Lengths::between(n, n)
    }

    pub(super) const fn between(min: usize, max: usize) -> Lengths {
        Lengths { min, max, step: 1 }
    }

    pub(super) const fn at_least(n: usize) -> Lengths {
        Lengths::between(n, MAX)
    }

    pub(super) const fn either(a: usize, b: usize) -> Lengths {
        Lengths { min: a, max: b, step: b - a }
    }

    pub(super) const fn times(n: usize) -> Lengths {
        Lengths { min: 0, max: MAX, step: n }
    }

    fn allow(self, n: usize) -> bool {
        n >= self.min && n <= self.max && (n - self.min).is_multiple_of(self.step)
    }

    /// The fewest.
    pub(super) fn min(self) -> usize {
        self.min
    }

    /// One of them, in the range that is used.
    pub(super) fn pick(self, below: impl FnOnce(usize) -> usize) -> usize {
        let max = self.max.min(self.min + 6 * self.step);
        self.min + self.step * below((max - self.min) / self.step + 1)
    }
}

impl Put for Lengths {
    fn put(&self, out: &mut String) {
        let Lengths { min, max, step } = *self;
        match (min, max) {
            (0, MAX) if step > 1 => put!(out, "a multiple of ", step, " octets"),
            (_, MAX) => put!(out, "at least ", min, " octets"),
            (1, 1) => out.push_str("1 octet"),
            _ if min == max => put!(out, min, " octets"),
            _ if step == 1 => put!(out, min, " to ", max, " octets"),
            _ => put!(out, min, " or ", max, " octets"),
        }
    }
}

/// Why a value does not read as its row says.
pub(super) enum Unfit {
    Length(Lengths),
    Inside(&'static str),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        put::show(self, f)
    }
}

impl Put for Unfit {
    fn put(&self, out: &mut String) {
        match self {
            Unfit::Length(lengths) => put!(out, "expected ", lengths),
            Unfit::Inside(expected) => put!(out, "expected ", expected),
        }
    }
}

impl Row {
    /// Whether a value reads as this row says.
    pub(super) fn fits(&self, value: &[u8]) -> Result<(), Unfit> {
        if !self.lengths.allow(value.len()) {
            return Err(Unfit::Length(self.lengths));
        }
        let sound = match self.form {
            Form::Octets => Ok(()),
            Form::Plain(at, kind) => kind.sound(value.get(at..).unwrap_or(&[])),
            Form::Fields(_, fields) => {
                fields.iter().try_for_each(|field| field.kind.sound(field.octets(value, &self.form)))
            }
        };
        sound.map_err(Unfit::Inside)
    }
}

impl Form {
    /// Where what goes on to the end begins.
    pub(super) fn tail(&self, value_length: usize) -> usize {
        match *self {
            Form::Octets => 0,
            Form::Plain(at, _) => at,
            Form::Fields(fixed, fields) => {
                // what is left beside a system identifier would be no label
                let short = value_length < fixed + 3 && fields.iter().any(|f| matches!(f.kind, Kind::Neighbor));
                if short { fixed - 2 } else { fixed }
            }
        }
    }
}

impl Field {
    /// The octets of a value it consists of.
    pub(super) fn octets<'a>(&self, value: &'a [u8], form: &Form) -> &'a [u8] {
        let tail = form.tail(value.len());
        let range = match (self.kind, self.kind.width()) {
            (Kind::Neighbor, _) => value.get(self.at..tail),
            (_, Some(width)) => value.get(self.at..self.at + width),
            (_, None) => value.get(tail..),
        };
        range.unwrap_or(&[])
    }
}

impl Kind {
    /// How many octets it has; `None`: it goes on to the end.
    pub(super) fn width(self) -> Option<usize> {
        Some(match self {
            Kind::Number(n) | Kind::Flags(n, ..) => n,
            Kind::Flag | Kind::NoFlags => 1,
            Kind::Msd => 2,
            Kind::Loss => 3,
            Kind::Float | Kind::Ipv4 => 4,
            Kind::SystemId | Kind::Neighbor => 6,
            Kind::Ipv6 => 16,
            _ => return None,
        })
    }

    /// What has to be there beside the right number of octets.
    fn sound(self, octets: &[u8]) -> Result<(), &'static str> {
        let sound = match self {
            Kind::Float => float(octets).is_finite(),
            Kind::Each(Kind::Float, _) => octets.chunks(4).all(|octets| float(octets).is_finite()),
            Kind::Ranges => return ranges(octets).try_for_each(|range| range.map(|_| ())),
            Kind::SubTlvs if Tlv::check(Reader::new(octets, 0)).is_err() => return Err("sub-TLVs"),
            _ => return Ok(()),
        };
        if sound { Ok(()) } else { Err("finite numbers") }
    }
}

/// A number of at most eight octets.
pub(crate) fn number(octets: &[u8]) -> u64 {
    octets.iter().fold(0, |n, octet| n << 8 | u64::from(*octet))
}

pub(super) fn float(octets: &[u8]) -> f32 {
    f32::from_bits(u32::try_from(number(octets)).unwrap_or(0))
}

/// An address, if the octets are as many as one has.
pub(crate) fn address(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => octets.as_array::<4>().map(|a| Ipv4Addr::from(*a).into()),
        _ => octets.as_array::<16>().map(|a| Ipv6Addr::from(*a).into()),
    }
}

/// `{ size(3) SID/Label TLV }*`: the size, and the octets of label or index.
pub(super) fn ranges(octets: &[u8]) -> impl Iterator<Item = Result<(u64, &[u8]), &'static str>> {
    const SID_LABEL: u16 = 1161;
    let mut r = Reader::new(octets, 0);
    std::iter::from_fn(move || {
        if r.is_empty() {
            return None;
        }
        let range = r.take(3, "range size").map(number).and_then(|size| Ok((size, Tlv::read(&mut r)?)));
        Some(match range {
            Ok((size, Tlv { kind: SID_LABEL, value })) if matches!(value.len(), 3 | 4) => Ok((size, value)),
            _ => {
                r = Reader::new(&[], 0);
                Err("ranges, each with a SID/Label sub-TLV")
            }
        })
    })
}

/// The labels or indices behind a field of flags, and what is left.
pub(super) fn sids(flags: u8, both: u8, octets: &[u8]) -> (impl Iterator<Item = &[u8]>, &[u8]) {
    let width = match flags & both {
        set if set == both => 3,
        0 => 4,
        _ => return (octets.chunks_exact(usize::MAX), octets),
    };
    let chunks = octets.chunks_exact(width);
    let left = chunks.remainder();
    (chunks, left)
}
