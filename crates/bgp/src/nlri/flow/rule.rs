//! What a rule looks like on the wire (RFC 8955 §4, RFC 8956 §3).
//!
//! ```text
//! length(1 or 2) [RD(8)] { type(1) value }*
//! ```

use super::component::{Component, Kind, by_number};
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::read::Reader;
use std::net::Ipv6Addr;

/// Lengths from here on take two octets.
const LONG: u8 = 0xf0;
/// The greatest length there is.
pub(super) const LONGEST: usize = 0xfff;

/// Operator bits (RFC 8955 §4.2.1).
pub(super) mod op {
    /// The last of its component.
    pub const END: u8 = 0x80;
    /// This one and the one before have to match, instead of one of them.
    pub const AND: u8 = 0x40;
    /// Two bits: the value has 1, 2, 4 or 8 octets.
    pub const LENGTH: u8 = 0x30;
    /// Greater than, less than, equal: of numbers.
    pub const COMPARISON: u8 = 0x07;
    /// Not, and all of them: of bits.
    pub const MASK: u8 = 0x03;
}

/// Cuts `length(1 or 2) octets` off the front.
#[inline]
pub(super) fn split<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    let whole = *r;
    let mut length = usize::from(r.u8("flow specification length")?);
    if length >= usize::from(LONG) {
        length = (length & 0x0f) << 8 | usize::from(r.u8("flow specification length")?);
    }
    r.take(length, "flow specification")?;
    Ok(whole.rest().get(..whole.len() - r.len()).unwrap_or(&[]))
}

/// What is behind the length.
#[inline]
pub(super) fn content(nlri: &[u8]) -> &[u8] {
    let head = if nlri.first().is_some_and(|first| *first >= LONG) { 2 } else { 1 };
    nlri.get(head..).unwrap_or(&[])
}

/// Puts the length in front, in as few octets as it takes.
pub(super) fn frame(content: &[u8], out: &mut Vec<u8>) {
    match u8::try_from(content.len()) {
        Ok(length) if length < LONG => out.push(length),
        _ => out.extend((u16::try_from(content.len()).unwrap_or(0) | u16::from(LONG) << 8).to_be_bytes()),
    }
    out.extend_from_slice(content);
}

/// A rule that was found well-formed.
#[derive(Clone, Copy)]
pub(super) struct Rule<'a> {
    pub afi: Afi,
    /// The route distinguisher, in rules of VPNs.
    pub rd: Option<&'a [u8; 8]>,
    components: Reader<'a>,
    layout: Layout,
}

/// How the pattern of an IPv6 prefix with an offset is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Layout {
    /// The bits between offset and length, and no others (RFC 8956 §3.1).
    Rfc,
    /// All bits up to the length (draft-ietf-idr-flow-spec-v6): ExaBGP and GoBGP send it so.
    Draft,
}

/// A component of a rule, and what it matches.
#[derive(Clone, Copy)]
pub(super) struct Match<'a> {
    pub component: &'static Component,
    pub value: Value<'a>,
}

/// What a component matches.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Prefix(Pattern<'a>),
    Mac(&'a [u8]),
    /// See [`items`].
    Items(&'a [u8]),
}

/// A prefix. `offset`: bits that do not matter, in IPv6.
#[derive(Clone, Copy)]
pub(super) struct Pattern<'a> {
    pub length: u8,
    pub offset: u8,
    pub octets: &'a [u8],
    pub layout: Layout,
}

/// One operator and its value.
#[derive(Clone, Copy)]
pub(super) struct Item {
    pub op: u8,
    pub value: u64,
    /// Octets the value is written with.
    pub octets: usize,
}

impl<'a> Rule<'a> {
    /// Reads a rule, or says why it is none (RFC 8955 §4.2): a component type that is not known, out of order or there
    /// twice, a value that is cut short or longer than it may be.
    #[inline(always)]
    pub(super) fn read(family: Family, nlri: &'a [u8]) -> Result<Rule<'a>, Malformed> {
        let rule = Rule::begin(family, nlri)?;
        let wrong = match rule.walk(|_| ()) {
            Ok(()) => return Ok(rule),
            Err(wrong) => wrong,
        };
        let other = Rule { layout: Layout::Draft, ..rule };
        match family.afi {
            Afi::IPV6 if other.walk(|_| ()).is_ok() => Ok(other),
            _ => Err(wrong),
        }
    }

    /// The same without looking at the components, where that is not needed to know how they are laid out.
    pub(super) fn unseen(family: Family, nlri: &'a [u8]) -> Result<Rule<'a>, Malformed> {
        if family.afi == Afi::IPV6 { Rule::read(family, nlri) } else { Rule::begin(family, nlri) }
    }

    fn begin(family: Family, nlri: &'a [u8]) -> Result<Rule<'a>, Malformed> {
        let content = content(nlri);
        let mut r = Reader::new(content, nlri.len() - content.len());
        let rd = if family.safi == Safi::FLOW_VPN { Some(r.take(8, "route distinguisher")?) } else { None };
        Ok(Rule { afi: family.afi, rd: rd.and_then(|rd| rd.as_array()), components: r, layout: Layout::Rfc })
    }

    /// Nothing is asked of a packet.
    pub(super) fn is_empty(&self) -> bool {
        self.components.is_empty()
    }

    /// Its offsets are written so; or it has none, and there is no difference.
    pub(super) fn is_written(&self, layout: Layout) -> bool {
        let mut offsets = false;
        self.each(|found| offsets |= matches!(found.value, Value::Prefix(pattern) if pattern.offset > 0));
        self.layout == layout || !offsets
    }

    /// Hands out all components, in order.
    pub(super) fn each(&self, each: impl FnMut(Match<'a>)) {
        let _ = self.walk(each);
    }

    /// [`Rule::each`], up to what is malformed.
    #[inline(always)]
    pub(super) fn walk(&self, mut each: impl FnMut(Match<'a>)) -> Result<(), Malformed> {
        let mut r = self.components;
        let mut before = 0;
        while !r.is_empty() {
            let at = r;
            let number = r.u8("component type")?;
            if number <= before {
                return Err(at.malformed("component type", "each type once, in ascending order"));
            }
            before = number;
            let component = by_number(self.afi, number)
                .ok_or_else(|| at.malformed("component type", "one that is known in this family"))?;
            each(Match { component, value: self.value(component, &mut r)? });
        }
        Ok(())
    }

    /// Reads what a component matches.
    #[inline(always)]
    pub(super) fn value(&self, component: &Component, r: &mut Reader<'a>) -> Result<Value<'a>, Malformed> {
        match component.kind {
            Kind::Prefix => self.pattern(r).map(Value::Prefix),
            Kind::Mac => match r.u8("length of the MAC address")? {
                6 => r.take(6, "MAC address").map(Value::Mac),
                _ => Err(r.malformed("length of the MAC address", "6")),
            },
            Kind::Numeric(numeric) => cut_items(r, numeric.most).map(Value::Items),
            Kind::Bitmask(bitmask) => cut_items(r, bitmask.most).map(Value::Items),
        }
    }

    #[inline(always)]
    fn pattern(&self, r: &mut Reader<'a>) -> Result<Pattern<'a>, Malformed> {
        let at = *r;
        let wrong = |expected| Err(at.malformed("prefix", expected));
        let length = r.u8("prefix length")?;
        if self.afi == Afi::IPV4 {
            if length > 32 {
                return wrong("no more bits than the address has");
            }
            let octets = r.take(usize::from(length).div_ceil(8), "prefix")?;
            return Ok(Pattern { length, offset: 0, octets, layout: self.layout });
        }
        let offset = r.u8("prefix offset")?;
        if length > 128 {
            return wrong("no more bits than the address has");
        }
        if offset >= length && (offset, length) != (0, 0) {
            return wrong("an offset within the prefix");
        }
        let bits = if self.layout == Layout::Rfc { length - offset } else { length };
        let octets = r.take(usize::from(bits).div_ceil(8), "prefix")?;
        Ok(Pattern { length, offset, octets, layout: self.layout })
    }
}

/// Cuts operators and values up to the end of the list, none of which has more than `most` octets.
#[inline(always)]
fn cut_items<'a>(r: &mut Reader<'a>, most: usize) -> Result<&'a [u8], Malformed> {
    let whole = *r;
    loop {
        let at = *r;
        let op = r.u8("operator")?;
        let octets = value_octets(op);
        if octets > most {
            return Err(at.malformed("operator", "a value that is no longer than the component allows"));
        }
        r.take(octets, "value")?;
        if op & op::END != 0 {
            return Ok(whole.rest().get(..whole.len() - r.len()).unwrap_or(&[]));
        }
    }
}

/// The octets of the value behind an operator.
#[inline]
pub(super) fn value_octets(op: u8) -> usize {
    1 << ((op & op::LENGTH) >> 4)
}

/// The operators of a component and their values.
pub(super) fn items(octets: &[u8]) -> impl Iterator<Item = Item> {
    let mut rest = octets;
    std::iter::from_fn(move || {
        let (op, tail) = rest.split_first()?;
        let (value, tail) = tail.split_at_checked(value_octets(*op))?;
        rest = tail;
        let number = value.iter().fold(0, |n, octet| n << 8 | u64::from(*octet));
        Some(Item { op: *op, value: number, octets: value.len() })
    })
}

impl Pattern<'_> {
    /// The address the bits are part of; all others are zero.
    pub(super) fn ipv6(&self) -> Ipv6Addr {
        let mut octets = [0; 16];
        octets.iter_mut().zip(self.octets).for_each(|(to, from)| *to = *from);
        let bits = u128::from_be_bytes(octets);
        let offset = if self.layout == Layout::Rfc { self.offset } else { 0 };
        Ipv6Addr::from(bits.checked_shr(u32::from(offset)).unwrap_or(0))
    }
}

/// The octets of a pattern: `bits` up to `length`, from `offset` on where the layout leaves out what is before.
pub(super) fn write_pattern(bits: u128, length: u8, offset: u8, layout: Layout, out: &mut Vec<u8>) {
    let masked = bits & u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
    let from = if layout == Layout::Rfc { offset } else { 0 };
    let octets = masked.checked_shl(u32::from(from)).unwrap_or(0).to_be_bytes();
    out.extend([length, offset]);
    out.extend(octets.iter().take(usize::from(length.saturating_sub(from)).div_ceil(8)));
}
