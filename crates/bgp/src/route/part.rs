//! Parts of an NLRI that several families read alike: each keeps its octets in the draft, by the name of its keyword.

use super::Draft;
use crate::family::Afi;
use crate::text::{Diagnostic, Words, hex};
use crate::value::{Rd, digits};
use std::net::IpAddr;

type Read = Result<(), Diagnostic>;

/// A route distinguisher: eight octets.
pub(crate) fn rd(draft: &mut Draft, word: &'static str, words: &mut Words<'_>) -> Read {
    let rd = Rd::of_word(&words.expect("the route distinguisher")?)?;
    draft.add_part(word, &rd.0);
    Ok(())
}

/// A number of one octet.
pub(crate) fn u8(draft: &mut Draft, word: &'static str, words: &mut Words<'_>) -> Read {
    let n = number(word, words, 0xff)?;
    draft.add_part(word, n.to_be_bytes().get(7..).unwrap_or(&[]));
    Ok(())
}

/// A number of two octets.
pub(crate) fn u16(draft: &mut Draft, word: &'static str, words: &mut Words<'_>) -> Read {
    let n = number(word, words, 0xffff)?;
    draft.add_part(word, n.to_be_bytes().get(6..).unwrap_or(&[]));
    Ok(())
}

/// A number of four octets.
pub(crate) fn u32(draft: &mut Draft, word: &'static str, words: &mut Words<'_>) -> Read {
    let n = number(word, words, 0xffff_ffff)?;
    draft.add_part(word, n.to_be_bytes().get(4..).unwrap_or(&[]));
    Ok(())
}

/// A number of eight octets.
pub(crate) fn u64(draft: &mut Draft, word: &'static str, words: &mut Words<'_>) -> Read {
    let n = number(word, words, u64::MAX)?;
    draft.add_part(word, &n.to_be_bytes());
    Ok(())
}

/// An IPv4 or IPv6 address: four or sixteen octets.
pub(crate) fn addr(draft: &mut Draft, word: &'static str, words: &mut Words<'_>) -> Read {
    match address(word, words, None)? {
        IpAddr::V4(a) => draft.add_part(word, &a.octets()),
        IpAddr::V6(a) => draft.add_part(word, &a.octets()),
    }
    Ok(())
}

/// A prefix with all of its address: `length(1)`, then four or sixteen octets.
pub(crate) fn whole_prefix(draft: &mut Draft, word: &'static str, words: &mut Words<'_>) -> Read {
    let prefix = super::draft::prefix(words, None)?;
    let mut octets = vec![prefix.len()];
    match prefix.addr() {
        IpAddr::V4(a) => octets.extend(a.octets()),
        IpAddr::V6(a) => octets.extend(a.octets()),
    }
    draft.add_part(word, &octets);
    Ok(())
}

/// Octets: `0x` and an even number of digits.
pub(crate) fn octets(draft: &mut Draft, word: &'static str, words: &mut Words<'_>) -> Read {
    let octets = raw(word, words)?;
    draft.add_part(word, &octets);
    Ok(())
}

/// A number up to `max`, decimal or `0x…`.
pub(crate) fn number(what: &str, words: &mut Words<'_>, max: u64) -> Result<u64, Diagnostic> {
    let word = words.expect(&format!("the {what}"))?;
    let n = match word.text.strip_prefix("0x") {
        Some(hex) if !hex.starts_with('+') => u64::from_str_radix(hex, 16).ok(),
        Some(_) => None,
        None => digits(&word.text),
    };
    n.filter(|n| *n <= max).ok_or_else(|| {
        word.error(format!("`{}` is no {what}", word.text)).help(format!("a number from 0 to {max}, decimal or 0x…"))
    })
}

/// A number of `N` octets, decimal or `0x…`.
pub(crate) fn fixed<const N: usize>(what: &str, words: &mut Words<'_>) -> Result<[u8; N], Diagnostic> {
    let max = if N >= 8 { u64::MAX } else { (1 << (8 * N)) - 1 };
    let n = number(what, words, max)?.to_be_bytes();
    Ok(n.last_chunk().copied().unwrap_or([0; N]))
}

/// An address; of address family `afi` if that is given.
pub(crate) fn address(what: &str, words: &mut Words<'_>, afi: Option<Afi>) -> Result<IpAddr, Diagnostic> {
    let word = words.expect(&format!("the {what}"))?;
    let (form, fits): (&str, fn(&IpAddr) -> bool) = match afi {
        Some(Afi::IPV4) => ("an IPv4 address", IpAddr::is_ipv4),
        Some(Afi::IPV6) => ("an IPv6 address", IpAddr::is_ipv6),
        _ => ("an IPv4 or IPv6 address", |_| true),
    };
    let addr = word.text.parse().ok().filter(fits);
    addr.ok_or_else(|| word.error(format!("`{}` is no {what}", word.text)).help(form))
}

/// `0x` and an even number of digits.
pub(crate) fn raw(what: &str, words: &mut Words<'_>) -> Result<Vec<u8>, Diagnostic> {
    let word = words.expect(&format!("the octets of {what}"))?;
    let octets = word.text.strip_prefix("0x").and_then(hex);
    octets.ok_or_else(|| {
        word.error(format!("`{}` is not hexadecimal", word.text)).help("0x and an even number of digits: 0x0a0b")
    })
}
