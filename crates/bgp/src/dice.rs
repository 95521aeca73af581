//! Numbers that look random and never are: the same seed gives the same numbers, everywhere.
//!
//! Each family and attribute can make up valid values of its own with them. Tests, fuzzers and load generators do so.

use crate::family::Afi;
use crate::value::{Prefix, Rd};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a hostile text is put together from.
const SCRAPS: &[&[u8]] = &[
    b"router1",
    b"\"",
    b"\\",
    b"'",
    b"\r\nneighbor 192.0.2.1 up",
    b"\n\n",
    b"\t\0\x1b[2J\x7f",
    b"\" }, \"x\": { \"",
    b" ] } {",
    b"a) ], b(",
    b";#",
    b"\xff\xfe",
    b"\x80",
    b"\xe2\x82",
    b"\xed\xa0\xbd",
    b"\xc0\xaf",
    "\u{85}\u{2028}\u{feff}".as_bytes(),
    "é𝄞".as_bytes(),
    "\u{202e}İ".as_bytes(),
];

/// SplitMix64.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall as `seed` says.
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 if `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = u64::try_from(n).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.bits() % n).unwrap_or(0)
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of `all`; `None` if there are none.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    /// One octet.
    pub fn u8(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    /// Two octets.
    pub fn u16(&mut self) -> u16 {
        u16::from_be_bytes(self.array())
    }

    /// Four octets.
    pub fn u32(&mut self) -> u32 {
        u32::from_be_bytes(self.array())
    }

    /// Some octets.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        for chunk in out.chunks_mut(8) {
            chunk.iter_mut().zip(self.bits().to_le_bytes()).for_each(|(to, from)| *to = from);
        }
        out
    }

    /// Appends `n` octets.
    pub fn octets(&mut self, n: usize, out: &mut Vec<u8>) {
        (0..n).for_each(|_| out.push(self.u8()));
    }

    /// Appends a text of `most` octets at most, such as somebody writes who hopes to break a line, a string, or whoever
    /// reads them: quotes and braces, ends of lines and controls, and much that is no UTF-8.
    pub fn text(&mut self, most: usize, out: &mut Vec<u8>) {
        let start = out.len();
        for _ in 0..self.below(6) {
            match self.pick(SCRAPS) {
                Some(scrap) if !self.once_in(8) => out.extend_from_slice(scrap),
                _ => out.push(self.u8()),
            }
        }
        out.truncate(start + most);
    }

    /// An IPv4 or IPv6 address.
    pub fn addr(&mut self, afi: Afi) -> IpAddr {
        if afi == Afi::IPV4 {
            Ipv4Addr::from(self.array::<4>()).into()
        } else {
            Ipv6Addr::from(self.array::<16>()).into()
        }
    }

    /// A route distinguisher of one of the three known types.
    pub fn rd(&mut self) -> Rd {
        let [_, _, rest @ ..] = self.array::<8>();
        let [a, b, c, d, e, f] = rest;
        Rd([0, self.u8() % 3, a, b, c, d, e, f])
    }

    /// A prefix of any length, without bits beyond it.
    pub fn prefix(&mut self, afi: Afi) -> Prefix {
        let addr = self.addr(afi);
        let len = u8::try_from(self.below(if afi == Afi::IPV4 { 33 } else { 129 })).unwrap_or(0);
        Prefix::new(addr, len).unwrap_or(Prefix::DEFAULT_V4).masked()
    }
}
