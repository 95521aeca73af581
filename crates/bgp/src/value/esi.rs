//! Ethernet Segment Identifiers (RFC 7432 §5): `type(1) value(9)`.

use super::mac::pairs;
use super::{Asn, Mac, digits};
use crate::put::{self, LowerPairs, Put};
use crate::text::{Diagnostic, Word};
use std::fmt;
use std::net::Ipv4Addr;

/// Ten octets. Displayed as `00:11:22:33:44:55:66:77:88:99`, and as `-` if all are zero: no segment with several links.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Esi(pub [u8; 10]);

impl Esi {
    /// Ten octets, `-`, or how one of the types 1 to 5 is made (RFC 7432 §5): `lacp:MAC:KEY`, `mst:MAC:PRIORITY`,
    /// `mac:MAC:N`, `router-id:IPv4:N`, `as:ASN:N`.
    pub fn parse(text: &str) -> Option<Esi> {
        if text == "-" {
            return Some(Esi::default());
        }
        pairs(text).map(Esi).or_else(|| made(text))
    }

    /// [`Esi::parse`], with a complaint about the word.
    pub fn of_word(word: &Word<'_>) -> Result<Esi, Diagnostic> {
        Esi::parse(&word.text).ok_or_else(|| {
            word.error(format!("`{}` is no Ethernet Segment Identifier", word.text)).help(
                "ten octets: 00:11:22:33:44:55:66:77:88:99; `-` for none; or lacp:MAC:KEY, mst:MAC:PRIORITY, \
                 mac:MAC:N, router-id:IPv4:N, as:ASN:N",
            )
        })
    }
}

/// What a type makes of its parts.
fn made(text: &str) -> Option<Esi> {
    let (kind, rest) = text.split_once(':')?;
    let (first, last) = rest.rsplit_once(':')?;
    let mac = || Some(Mac::parse(first)?.0.to_vec());
    let two = || Some(digits::<u16>(last)?.to_be_bytes().to_vec());
    let four = || Some(digits::<u32>(last)?.to_be_bytes().to_vec());
    let (number, parts) = match kind {
        "lacp" => (1, [mac()?, two()?]),
        "mst" => (2, [mac()?, two()?]),
        "mac" => (3, [mac()?, four()?.strip_prefix(&[0])?.to_vec()]),
        "router-id" => (4, [first.parse::<Ipv4Addr>().ok()?.octets().to_vec(), four()?]),
        "as" => (5, [Asn::parse(first)?.0.to_be_bytes().to_vec(), four()?]),
        _ => return None,
    };
    let mut esi = [0; 10];
    let octets = std::iter::once(number).chain(parts.concat());
    esi.iter_mut().zip(octets).for_each(|(to, from)| *to = from);
    Some(Esi(esi))
}

impl fmt::Display for Esi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        put::show(self, f)
    }
}

impl Put for Esi {
    fn put(&self, out: &mut String) {
        if *self == Esi::default() { out.push('-') } else { LowerPairs(&self.0).put(out) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_octets_agree() {
        for (text, octets) in [
            ("-", [0; 10]),
            ("00:11:22:33:44:55:66:77:88:ff", [0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0xff]),
            ("lacp:00:11:22:33:44:55:258", [1, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 1, 2, 0]),
            ("mst:00:11:22:33:44:55:32768", [2, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x80, 0, 0]),
            ("mac:00:11:22:33:44:55:66051", [3, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 1, 2, 3]),
            ("router-id:192.0.2.1:7", [4, 192, 0, 2, 1, 0, 0, 0, 7, 0]),
            ("as:65536:7", [5, 0, 1, 0, 0, 0, 0, 0, 7, 0]),
        ] {
            assert_eq!(Esi::parse(text), Some(Esi(octets)), "{text}");
            assert_eq!(Esi::parse(&Esi(octets).to_string()), Some(Esi(octets)));
        }
        assert_eq!(Esi([0, 0xaa, 0, 0, 0, 0, 0, 0, 0, 1]).to_string(), "00:aa:00:00:00:00:00:00:00:01");
        for wrong in
            ["", "0", "00:11", "lacp:00:11:22:33:44:55:65536", "mac:00:11:22:33:44:55:16777216", "as:1", "x:1:1"]
        {
            assert_eq!(Esi::parse(wrong), None, "{wrong}");
        }
    }
}
