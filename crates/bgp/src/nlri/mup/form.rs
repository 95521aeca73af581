//! The forms of fields that only the Mobile User Plane has.

pub(super) use crate::nlri::typed::form::{RD, addr, number, rd};

use crate::family::Afi;
use crate::nlri::typed::form::{ADDR, ANY_ADDR, Form, REST_ADDR, U8, U32, say};
use crate::put;
use crate::put::Put;
use crate::route::{Draft, part};
use crate::text::{Diagnostic, Words};
use crate::value::{Prefix, digits};

/// `bits(1) prefix`, of the family's AFI.
pub(super) const PREFIX: Form = Form {
    value: "PREFIX",
    cut: |r, afi, _| {
        let bits = r.rest().first().copied().filter(|bits| *bits <= width(afi) * 8)?;
        r.take(1 + usize::from(bits).div_ceil(8), "").ok()
    },
    words: |word, part, out| {
        say(word, out);
        prefix(part.afi, part.octets).iter().for_each(|prefix| prefix.put(out));
    },
    listed: |part, out| {
        out.push(':');
        prefix(part.afi, part.octets).iter().for_each(|prefix| prefix.put(out));
    },
    read: part::whole_prefix,
    write: |part, making, out| {
        let (bits, address) = part.and_then(|part| part.split_first()).unwrap_or((&0, &[]));
        making.is_of_family(address)?;
        out.push(*bits);
        out.extend_from_slice(address.get(..usize::from(*bits).div_ceil(8)).unwrap_or(address));
        Ok(())
    },
    sample: |dice, afi, out| dice.prefix(afi).write(out),
};

pub(super) fn prefix(afi: Afi, octets: &[u8]) -> Option<Prefix> {
    let (bits, octets) = octets.split_first()?;
    Prefix::from_wire(afi, *bits, octets)
}

/// Octets of an address.
fn width(afi: Afi) -> u8 {
    if afi == Afi::IPV4 { 4 } else { 16 }
}

/// An address of the family's AFI, without length.
pub(super) const ADDRESS: Form = Form {
    cut: |r, afi, _| r.take(usize::from(width(afi)), "").ok(),
    write: |part, making, out| {
        let part = part.unwrap_or(&[]);
        making.is_of_family(part)?;
        out.extend_from_slice(part);
        Ok(())
    },
    sample: |dice, afi, out| dice.octets(usize::from(width(afi)), out),
    ..REST_ADDR
};

/// `TEID(4)`
pub(super) const TUNNEL: Form = Form {
    value: "N",
    read: read_teid,
    write: |part, making, out| match part {
        Some([32, teid @ ..]) | Some([NO_BITS, teid @ ..]) => (U32.write)(Some(teid), making, out),
        None => (U32.write)(None, making, out),
        Some(_) => Err(making.draft.complain("`teid N/BITS` is for mup-t2st; here all 32 bits count")),
    },
    ..U32
};

/// As many octets as the endpoint length leaves for the TEID, the number to the right.
pub(super) const TUNNEL_BITS: Form = Form {
    value: "N/BITS",
    cut: |r, _, before| r.take(usize::from(teid_bits(before)).div_ceil(8), "").ok(),
    words: |word, part, out| {
        (U32.words)(word, part, out);
        put!(out, '/', teid_bits(part.before));
    },
    listed: |part, out| {
        (U32.listed)(part, out);
        out.push(':');
    },
    read: read_teid,
    write: |part, making, out| match part {
        Some([bits @ 0..=32, teid @ ..]) => {
            let octets = usize::from(*bits).div_ceil(8);
            out.extend_from_slice(teid.get(teid.len().saturating_sub(octets)..).unwrap_or(teid));
            Ok(())
        }
        _ => {
            let error = making.draft.complain("the length of `teid` is missing");
            Err(error.help("write how many of its bits count: teid 12345/32"))
        }
    },
    sample: |dice, afi, out| {
        let end = out.len() - 1 - usize::from(width(afi));
        let bits = u32::from(teid_bits(out.get(end..).unwrap_or(&[])));
        let teid = dice.u32().checked_shr(32 - bits).unwrap_or(0).to_be_bytes();
        out.extend(teid.iter().skip(4 - (bits as usize).div_ceil(8)));
    },
};

/// `bits(1) address` of the family's AFI, where the bits of the TEID behind it count, too.
pub(super) const TUNNEL_END: Form = Form {
    cut: |r, afi, _| {
        let bits = r.rest().first()?.checked_sub(width(afi) * 8)?;
        if bits <= 32 { r.take(1 + usize::from(width(afi)), "").ok() } else { None }
    },
    listed: |part, out| {
        put!(out, ':', part.octets.first().copied().unwrap_or(0));
        (ADDR.listed)(part, out);
    },
    write: |part, making, out| {
        let part = part.unwrap_or(&[]);
        making.is_of_family(part)?;
        let bits = making.draft.part("teid").and_then(|teid| teid.first()).copied().unwrap_or(0);
        out.push((width(making.afi) * 8).saturating_add(bits));
        out.extend_from_slice(part);
        Ok(())
    },
    sample: |dice, afi, out| {
        out.push(width(afi) * 8 + u8::try_from(dice.below(33)).unwrap_or(0));
        dice.octets(usize::from(width(afi)), out);
    },
    ..ADDR
};

/// How many bits of the TEID a tunnel end counts.
fn teid_bits(end: &[u8]) -> u8 {
    match end {
        [bits, address @ ..] => bits.saturating_sub(u8::try_from(address.len() * 8).unwrap_or(u8::MAX)),
        [] => 0,
    }
}

/// Stands for the length of a TEID that was written without.
const NO_BITS: u8 = 0xff;

/// `N`, or `N/BITS` where N fits: `BITS(1) N(4)`.
fn read_teid(draft: &mut Draft, word: &'static str, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let word_of = words.expect("the TEID")?;
    let (number, bits) = match word_of.text.split_once('/') {
        Some((number, bits)) => (number, digits::<u8>(bits).filter(|bits| *bits <= 32)),
        None => (&*word_of.text, Some(NO_BITS)),
    };
    let fits = |teid: &u32, bits: u8| u64::from(*teid) < 1 << bits.min(32);
    let read = bits.and_then(|bits| Some((bits, digits::<u32>(number).filter(|teid| fits(teid, bits))?)));
    let (bits, teid) = read.ok_or_else(|| {
        word_of
            .error(format!("`{}` is no TEID", word_of.text))
            .help("a number below 2^32, or N/BITS with 0 to 32 bits that hold the number")
    })?;
    let [a, b, c, d] = teid.to_be_bytes();
    draft.add_part(word, &[bits, a, b, c, d]);
    Ok(())
}

/// `QFI(1)`, of which six bits count.
pub(super) const QFI: Form = Form {
    value: "0-63",
    read: |draft, word, words| {
        let [.., qfi] = part::number("QFI", words, 63)?.to_be_bytes();
        draft.add_part(word, &[qfi]);
        Ok(())
    },
    sample: |dice, _, out| out.push(dice.u8() & 63),
    ..U8
};

/// `bits(1) address`, of either AFI.
pub(super) const ENDPOINT_ADDR: Form = Form {
    listed: |part, out| {
        (ADDR.listed)(part, out);
        put!(out, '/', part.octets.first().copied().unwrap_or(0));
    },
    ..ANY_ADDR
};

/// The same, or nothing at the end of the route. No bits stand for no address, too.
pub(super) const SOURCE_ADDR: Form = Form {
    cut: |r, afi, before| match r.rest().first() {
        None | Some(0) => r.take(r.len().min(1), "").ok(),
        Some(_) => (ANY_ADDR.cut)(r, afi, before),
    },
    listed: |part, out| {
        if part.octets.len() > 1 {
            (ENDPOINT_ADDR.listed)(part, out);
        }
    },
    write: |part, making, out| if part.is_some() { (ANY_ADDR.write)(part, making, out) } else { Ok(()) },
    sample: |dice, afi, out| {
        if dice.once_in(2) {
            (ANY_ADDR.sample)(dice, afi, out);
        }
    },
    ..ENDPOINT_ADDR
};
