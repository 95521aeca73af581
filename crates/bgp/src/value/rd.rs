//! Route distinguishers (RFC 4364 §4.2): `type(2) value(6)`.

use super::digits;
use crate::error::Malformed;
use crate::put;
use crate::put::{Hex, Put};
use crate::read::Reader;
use crate::text::{Diagnostic, Word, hex};
use std::fmt;
use std::net::Ipv4Addr;

/// Makes equal prefixes of different VPNs different routes. Displayed as events have it: `65000:1`, `192.0.2.1:1`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Rd(pub [u8; 8]);

impl Rd {
    /// Reads eight octets.
    pub fn read(r: &mut Reader<'_>) -> Result<Rd, Malformed> {
        let rd = r.array("route distinguisher").map(Rd)?;
        r.says(|| rd.to_string());
        Ok(rd)
    }

    /// `ASN:N`, `IPv4:N`, or `0x` and sixteen digits. An AS of four octets is one that needs them or ends in `L`.
    pub fn parse(text: &str) -> Option<Rd> {
        if let Some(raw) = text.strip_prefix("0x") {
            return hex(raw)?.as_array().copied().map(Rd);
        }
        let (high, low) = text.split_once(':')?;
        let wide = |kind: u8, first: [u8; 4]| {
            let [a, b, c, d] = first;
            let [e, f] = digits::<u16>(low)?.to_be_bytes();
            Some(Rd([0, kind, a, b, c, d, e, f]))
        };
        if let Ok(address) = high.parse::<Ipv4Addr>() {
            return wide(1, address.octets());
        }
        match (digits::<u16>(high), high.strip_suffix('L')) {
            (Some(asn), _) => {
                let ([a, b], [c, d, e, f]) = (asn.to_be_bytes(), digits::<u32>(low)?.to_be_bytes());
                Some(Rd([0, 0, a, b, c, d, e, f]))
            }
            (None, long) => wide(2, digits::<u32>(long.unwrap_or(high))?.to_be_bytes()),
        }
    }

    /// [`Rd::parse`], with a complaint about the word.
    pub fn of_word(word: &Word<'_>) -> Result<Rd, Diagnostic> {
        Rd::parse(&word.text).ok_or_else(|| {
            word.error(format!("`{}` is no route distinguisher", word.text))
                .help("ASN:NUMBER or IPv4:NUMBER, where both parts fit six octets: 65000:1, 192.0.2.1:1")
        })
    }

    /// As text from which [`Rd::parse`] makes the same octets: `65000L:1` where four octets were not needed.
    pub fn words(self) -> impl Put + fmt::Display {
        Words(self)
    }
}

impl fmt::Display for Rd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        put::show(self, f)
    }
}

impl Put for Rd {
    fn put(&self, out: &mut String) {
        match self.0 {
            [0, 0, a, b, rest @ ..] => put!(out, u16::from_be_bytes([a, b]), ':', u32::from_be_bytes(rest)),
            [0, 1, a, b, c, d, e, f] => put!(out, Ipv4Addr::new(a, b, c, d), ':', u16::from_be_bytes([e, f])),
            [0, 2, a, b, c, d, e, f] => put!(out, u32::from_be_bytes([a, b, c, d]), ':', u16::from_be_bytes([e, f])),
            octets => put!(out, "0x", Hex(&octets)),
        }
    }
}

struct Words(Rd);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        put::show(self, f)
    }
}

impl Put for Words {
    fn put(&self, out: &mut String) {
        match self.0.0 {
            [0, 2, 0, 0, a, b, c, d] => put!(out, u16::from_be_bytes([a, b]), "L:", u16::from_be_bytes([c, d])),
            _ => self.0.put(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn text_and_octets_agree() {
        for (text, octets) in [
            ("65000:1", [0, 0, 0xfd, 0xe8, 0, 0, 0, 1]),
            ("192.0.2.1:7", [0, 1, 192, 0, 2, 1, 0, 7]),
            ("70000:7", [0, 2, 0, 1, 0x11, 0x70, 0, 7]),
            ("7L:7", [0, 2, 0, 0, 0, 7, 0, 7]),
            ("0x0003000000000001", [0, 3, 0, 0, 0, 0, 0, 1]),
        ] {
            assert_eq!(Rd::parse(text), Some(Rd(octets)), "{text}");
            assert_eq!(Rd(octets).words().to_string(), text);
        }
        for wrong in ["", "1", "1:", ":1", "70000:70000", "1.2.3.4:70000", "1:4294967296", "0x01", "x:1", "+1:1"] {
            assert_eq!(Rd::parse(wrong), None, "{wrong}");
        }
        let mut dice = Dice::new(1);
        for _ in 0..10_000 {
            let mut octets: [u8; 8] = dice.array();
            (octets[0], octets[1]) = (0, octets[1] % 4);
            if dice.once_in(3) {
                (octets[2], octets[3]) = (0, 0);
            }
            assert_eq!(Rd::parse(&Rd(octets).words().to_string()), Some(Rd(octets)));
        }
    }
}
