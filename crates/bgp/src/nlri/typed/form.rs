//! Forms that fields of several families share.

use super::{Field, Making};
use crate::dice::Dice;
use crate::family::Afi;
use crate::put;
use crate::put::{Hex, Put};
use crate::read::Reader;
use crate::route::{Draft, part};
use crate::text::{Diagnostic, Words};
use crate::value::Rd;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How a field lies on the wire, and how it is written.
pub(in crate::nlri) struct Form {
    /// How its value is written, for people.
    pub value: &'static str,
    /// Cuts it off the front; `None` if what is there cannot be one. Given are the AFI of the family and the octets of
    /// the field before.
    pub cut: for<'a> fn(&mut Reader<'a>, Afi, &'a [u8]) -> Option<&'a [u8]>,
    /// Appends the words for it, with a blank in front: its keyword, which is empty for a field that has none, and its
    /// value. Nothing for a field that says nothing.
    pub words: fn(&str, &Part<'_>, &mut String),
    /// Appends what a listing says of it, with a colon in front.
    pub listed: fn(&Part<'_>, &mut String),
    /// Reads the value into the draft.
    pub read: fn(&mut Draft, &'static str, &mut Words<'_>) -> Result<(), Diagnostic>,
    /// Makes octets of what was read; `None`: nothing was.
    pub write: Write,
    /// Appends any valid octets of it, in a route whose addresses are of this AFI.
    pub sample: fn(&mut Dice, Afi, &mut Vec<u8>),
}

/// Appends the octets of a field, made of what was read.
type Write = fn(Option<&[u8]>, &Making<'_>, &mut Vec<u8>) -> Result<(), Diagnostic>;

/// A field of a route with its octets.
#[derive(Clone, Copy)]
pub(in crate::nlri) struct Part<'a> {
    pub field: &'static Field,
    pub octets: &'a [u8],
    /// The octets of the field before.
    pub before: &'a [u8],
    /// The AFI of the family.
    pub afi: Afi,
}

/// Appends ` keyword `, or a blank alone.
pub(in crate::nlri) fn say(word: &str, out: &mut String) {
    put!(out, ' ', word, if word.is_empty() { "" } else { " " });
}

/// Octets as a number.
pub(in crate::nlri) fn number(octets: &[u8]) -> u64 {
    octets.iter().fold(0, |n, octet| n << 8 | u64::from(*octet))
}

/// `RD(8)` (RFC 4364 §4.2).
pub(in crate::nlri) const RD: Form = Form {
    value: "ASN:N | IPv4:N",
    cut: |r, _, _| r.take(8, "").ok(),
    words: |word, part, out| {
        say(word, out);
        rd(part.octets).words().put(out);
    },
    listed: |part, out| put!(out, ':', rd(part.octets)),
    read: part::rd,
    write: |part, _, out| copy(part.unwrap_or(&[0; 8]), out),
    sample: |dice, _, out| out.extend(dice.rd().0),
};

/// Eight octets as a route distinguisher.
pub(in crate::nlri) fn rd(octets: &[u8]) -> Rd {
    octets.as_array().copied().map(Rd).unwrap_or_default()
}

fn copy(octets: &[u8], out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    out.extend_from_slice(octets);
    Ok(())
}

/// A number of one octet.
pub(in crate::nlri) const U8: Form = Form {
    value: "0-255",
    cut: |r, _, _| r.take(1, "").ok(),
    read: part::u8,
    write: |part, _, out| copy(part.unwrap_or(&[0]), out),
    sample: |dice, _, out| out.push(dice.u8()),
    ..U32
};

/// A number of four octets.
pub(in crate::nlri) const U32: Form = Form {
    value: "N",
    cut: |r, _, _| r.take(4, "").ok(),
    words: |word, part, out| {
        say(word, out);
        number(part.octets).put(out);
    },
    listed: |part, out| put!(out, ':', number(part.octets)),
    read: part::u32,
    write: |part, _, out| copy(part.unwrap_or(&[0; 4]), out),
    sample: |dice, _, out| {
        let n = if dice.once_in(2) { dice.u32() } else { dice.u32() % 5000 };
        out.extend(n.to_be_bytes());
    },
};

/// `bits(1) address` of the family's AFI; of either in a family of another AFI.
pub(in crate::nlri) const ADDR: Form = Form {
    value: "IP",
    cut: |r, afi, _| cut_addr(r, |bits| bits == 32 && afi != Afi::IPV6 || bits == 128 && afi != Afi::IPV4),
    words: |word, part, out| {
        if let Some(addr) = addr(part.octets) {
            say(word, out);
            addr.put(out);
        }
    },
    listed: |part, out| {
        out.push(':');
        addr(part.octets).iter().for_each(|addr| addr.put(out));
    },
    read: part::addr,
    write: |part, making, out| {
        if let Some(part) = part {
            making.is_of_family(part)?;
        }
        (ANY_ADDR.write)(part, making, out)
    },
    sample: sample_addr,
};

/// `bits(1) address` of either AFI.
pub(in crate::nlri) const ANY_ADDR: Form = Form {
    cut: |r, _, _| cut_addr(r, |bits| matches!(bits, 32 | 128)),
    write: |part, making, out| {
        let part = part.unwrap_or(if making.afi == Afi::IPV6 { &[0; 16] } else { &[0; 4] });
        out.push(u8::try_from(part.len() * 8).unwrap_or(0));
        copy(part, out)
    },
    sample: |dice, _, out| {
        let afi = if dice.once_in(2) { Afi::IPV4 } else { Afi::IPV6 };
        sample_addr(dice, afi, out);
    },
    ..ADDR
};

/// As [`ADDR`], where no bits stand for no address, or for any.
pub(in crate::nlri) const OPEN_ADDR: Form = Form {
    cut: |r, afi, before| if r.rest().first() == Some(&0) { r.take(1, "").ok() } else { (ADDR.cut)(r, afi, before) },
    write: |part, making, out| match part {
        Some(_) => (ADDR.write)(part, making, out),
        None => copy(&[0], out),
    },
    sample: |dice, afi, out| if dice.once_in(3) { out.push(0) } else { sample_addr(dice, afi, out) },
    ..ADDR
};

/// An address of either AFI that is all the rest, without a length.
pub(in crate::nlri) const REST_ADDR: Form = Form {
    cut: |r, _, _| if matches!(r.len(), 4 | 16) { r.take(r.len(), "").ok() } else { None },
    write: |part, _, out| copy(part.unwrap_or(&[]), out),
    sample: |dice, _, out| {
        let n = if dice.once_in(2) { 4 } else { 16 };
        dice.octets(n, out);
    },
    ..ADDR
};

fn cut_addr<'a>(r: &mut Reader<'a>, allowed: impl Fn(u8) -> bool) -> Option<&'a [u8]> {
    let bits = r.rest().first().copied().filter(|bits| allowed(*bits))?;
    r.take(1 + usize::from(bits / 8), "").ok()
}

/// The address in a field that holds one, with or without a length in front.
pub(in crate::nlri) fn addr(octets: &[u8]) -> Option<IpAddr> {
    let octets = if octets.len() % 4 == 1 { octets.get(1..)? } else { octets };
    let v4 = octets.as_array::<4>().map(|a| Ipv4Addr::from(*a).into());
    v4.or_else(|| octets.as_array::<16>().map(|a| Ipv6Addr::from(*a).into()))
}

/// Appends `bits(1) address`.
pub(in crate::nlri) fn sample_addr(dice: &mut Dice, afi: Afi, out: &mut Vec<u8>) {
    let n = if afi == Afi::IPV6 { 16 } else { 4 };
    out.push(n * 8);
    dice.octets(usize::from(n), out);
}

/// The NLRI of another route: `type(1) length(1) value` (RFC 6514 §4.4, RFC 9572 §3.3).
pub(in crate::nlri) const NLRI_KEY: Form = Form {
    value: "0xOCTETS",
    cut: |r, _, _| {
        let length = r.rest().get(1).copied()?;
        r.take(2 + usize::from(length), "").ok()
    },
    words: |word, part, out| {
        say(word, out);
        put!(out, "0x", Hex(part.octets));
    },
    listed: |part, out| put!(out, ':', Hex(part.octets)),
    read: part::octets,
    write: |part, making, out| {
        let part = part.unwrap_or(&[0, 0]);
        if part.get(1).is_none_or(|length| usize::from(*length) + 2 != part.len()) {
            let message = format!("`{}` is no NLRI: its second octet has to say how many follow", making.word);
            return Err(making.draft.complain(&message));
        }
        copy(part, out)
    },
    sample: |dice, _, out| {
        let n = u8::try_from(dice.below(30)).unwrap_or(0);
        out.extend([dice.u8() % 12, n]);
        dice.octets(usize::from(n), out);
    },
};

impl Making<'_> {
    /// Error unless an address is of the family's AFI.
    pub fn is_of_family(&self, addr: &[u8]) -> Result<(), Diagnostic> {
        let (kind, other) = if addr.len() == 4 { ("IPv4", Afi::IPV6) } else { ("IPv6", Afi::IPV4) };
        if self.afi != other {
            return Ok(());
        }
        let name = other.name().unwrap_or_default();
        Err(self.draft.complain(&format!("`{}` is an {kind} address in a route of {name}", self.word)))
    }
}
