//! MAC addresses, as EVPN routes and some extended communities carry them.

use crate::put::{self, Pairs, Put};
use crate::text::{Diagnostic, Word};
use std::fmt;

/// Six octets. Displayed as `00:11:22:AA:BB:CC`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// Six pairs of digits between colons or dashes, in either case.
    pub fn parse(text: &str) -> Option<Mac> {
        pairs(text).map(Mac)
    }

    /// [`Mac::parse`], with a complaint about the word.
    pub fn of_word(word: &Word<'_>) -> Result<Mac, Diagnostic> {
        Mac::parse(&word.text).ok_or_else(|| {
            word.error(format!("`{}` is no MAC address", word.text)).help("six octets: 00:11:22:33:44:55")
        })
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        put::show(self, f)
    }
}

impl Put for Mac {
    fn put(&self, out: &mut String) {
        Pairs(&self.0).put(out);
    }
}

/// `N` octets, each two digits, between colons or dashes.
pub(super) fn pairs<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut octets = [0; N];
    let mut parts = text.split([':', '-']);
    for octet in &mut octets {
        let digits = parts.next().filter(|digits| digits.len() == 2 && !digits.starts_with('+'))?;
        *octet = u8::from_str_radix(digits, 16).ok()?;
    }
    parts.next().is_none().then_some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_octets_agree() {
        let mac = Mac([0, 0x11, 0x22, 0xaa, 0xbb, 0xff]);
        assert_eq!(mac.to_string(), "00:11:22:AA:BB:FF");
        for text in ["00:11:22:AA:BB:FF", "00:11:22:aa:bb:ff", "00-11-22-aa-BB-ff"] {
            assert_eq!(Mac::parse(text), Some(mac), "{text}");
        }
        for wrong in
            ["", "00:11:22:33:44", "00:11:22:33:44:55:66", "0:11:22:33:44:55", "00:11:22:33:44:5g", "+0:11:22:33:44:55"]
        {
            assert_eq!(Mac::parse(wrong), None, "{wrong}");
        }
    }
}
