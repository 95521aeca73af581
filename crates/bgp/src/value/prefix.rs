//! IP prefixes in the form NLRI have on the wire: a length in bits, then just enough octets (RFC 4271 §4.3).

use super::digits;
use crate::family::Afi;
use crate::put;
use crate::put::Put;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IPv4 or IPv6 prefix. The address keeps whatever host bits it was given; [`Prefix::parse`] refuses them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Prefix {
    addr: IpAddr,
    len: u8,
}

/// Why a text is no prefix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PrefixError {
    /// The part before the slash is no IP address.
    Address,
    /// The part after the slash is no number, or greater than the address is long.
    Length,
    /// Bits beyond the length are set; holds the prefix without them.
    HostBits(Prefix),
}

impl Prefix {
    /// `0.0.0.0/0`
    pub const DEFAULT_V4: Prefix = Prefix { addr: IpAddr::V4(Ipv4Addr::UNSPECIFIED), len: 0 };

    /// From an address and a length in bits. `None` if the length is beyond the address.
    pub fn new(addr: IpAddr, len: u8) -> Option<Prefix> {
        (len <= bits(addr)).then_some(Prefix { addr, len })
    }

    /// `10.0.0.0/8`, `2001:db8::/32`, or an address alone for a host.
    pub fn parse(text: &str) -> Result<Prefix, PrefixError> {
        let (addr, len) = match text.split_once('/') {
            Some((addr, len)) => (addr, Some(len)),
            None => (text, None),
        };
        let addr: IpAddr = addr.parse().map_err(|_| PrefixError::Address)?;
        let len = match len {
            Some(len) => digits(len).ok_or(PrefixError::Length)?,
            None => bits(addr),
        };
        let prefix = Prefix::new(addr, len).ok_or(PrefixError::Length)?;
        let masked = prefix.masked();
        if masked == prefix { Ok(prefix) } else { Err(PrefixError::HostBits(masked)) }
    }

    /// The address, host bits included.
    pub fn addr(self) -> IpAddr {
        self.addr
    }

    /// The length in bits.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(self) -> u8 {
        self.len
    }

    /// [`Afi::IPV4`] or [`Afi::IPV6`].
    pub fn afi(self) -> Afi {
        if self.addr.is_ipv4() { Afi::IPV4 } else { Afi::IPV6 }
    }

    /// The same prefix with all bits beyond the length zero.
    pub fn masked(self) -> Prefix {
        let addr = match self.addr {
            IpAddr::V4(a) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.len)).unwrap_or(0);
                Ipv4Addr::from(u32::from(a) & mask).into()
            }
            IpAddr::V6(a) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.len)).unwrap_or(0);
                Ipv6Addr::from(u128::from(a) & mask).into()
            }
        };
        Prefix { addr, len: self.len }
    }

    /// True if `addr` is of the same kind and inside.
    pub fn contains(self, addr: IpAddr) -> bool {
        self.addr.is_ipv4() == addr.is_ipv4() && Prefix { addr, len: self.len }.masked().addr == self.masked().addr
    }

    /// Appends the wire form: `length(1)`, then `ceil(length / 8)` octets.
    pub fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.wire(&mut [0; 17]));
    }

    /// The wire form, in a buffer that is long enough for any: `length(1)`, then `ceil(length / 8)` octets.
    pub fn wire(self, buffer: &mut [u8; 17]) -> &[u8] {
        let n = usize::from(self.len).div_ceil(8);
        let (length, octets) = buffer.split_at_mut(1);
        length.fill(self.len);
        match self.addr {
            IpAddr::V4(a) => octets.iter_mut().zip(a.octets()).for_each(|(to, from)| *to = from),
            IpAddr::V6(a) => octets.iter_mut().zip(a.octets()).for_each(|(to, from)| *to = from),
        }
        buffer.get(..=n).unwrap_or(&[])
    }

    /// From a length in bits and the octets that follow it, missing ones zero. `None` if the length is beyond `afi`.
    pub fn from_wire(afi: Afi, len: u8, octets: &[u8]) -> Option<Prefix> {
        let addr = if afi == Afi::IPV4 {
            let mut a = [0; 4];
            a.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
            IpAddr::from(a)
        } else {
            let mut a = [0; 16];
            a.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
            IpAddr::from(a)
        };
        Prefix::new(addr, len)
    }

    /// All prefixes of `len` bits inside this one, in order; itself alone if it is that long already.
    pub fn split(self, len: u8) -> impl Iterator<Item = Prefix> {
        let base = self.masked();
        let len = len.clamp(base.len, bits(base.addr));
        let count = 1u128.checked_shl(u32::from(len - base.len)).unwrap_or(u128::MAX);
        (0..count).map(move |i| {
            let shift = u32::from(bits(base.addr) - len);
            let offset = i.checked_shl(shift).unwrap_or(0);
            let addr = match base.addr {
                IpAddr::V4(a) => {
                    let low = u32::try_from(offset).unwrap_or(0);
                    Ipv4Addr::from(u32::from(a) | low).into()
                }
                IpAddr::V6(a) => Ipv6Addr::from(u128::from(a) | offset).into(),
            };
            Prefix { addr, len }
        })
    }
}

fn bits(addr: IpAddr) -> u8 {
    if addr.is_ipv4() { 32 } else { 128 }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        put::show(self, f)
    }
}

impl Put for Prefix {
    #[inline]
    fn put(&self, out: &mut String) {
        put!(out, self.addr, '/', self.len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_wire_agree() {
        for (text, wire) in [
            ("0.0.0.0/0", &[0][..]),
            ("10.0.0.0/8", &[8, 10]),
            ("10.1.2.3/32", &[32, 10, 1, 2, 3]),
            ("2001:db8::/33", &[33, 0x20, 1, 0x0d, 0xb8, 0]),
        ] {
            let prefix = Prefix::parse(text).unwrap();
            let mut out = Vec::new();
            prefix.write(&mut out);
            assert_eq!(out, wire, "{text}");
            assert_eq!(Prefix::from_wire(prefix.afi(), out[0], &out[1..]), Some(prefix));
            assert_eq!(prefix.to_string(), text);
        }
        assert_eq!(Prefix::parse("10.0.0.1").unwrap().to_string(), "10.0.0.1/32");
    }

    #[test]
    fn what_is_no_prefix() {
        assert_eq!(Prefix::parse("10.0.0/8"), Err(PrefixError::Address));
        assert_eq!(Prefix::parse("10.0.0.0/33"), Err(PrefixError::Length));
        assert_eq!(Prefix::parse("10.0.0.0/255.0.0.0"), Err(PrefixError::Length));
        assert_eq!(Prefix::parse("10.0.0.0/+8"), Err(PrefixError::Length));
        let Err(PrefixError::HostBits(near)) = Prefix::parse("10.0.0.1/24") else { panic!("host bits pass") };
        assert_eq!(near.to_string(), "10.0.0.0/24");
    }

    #[test]
    fn split_covers_exactly() {
        let parts: Vec<_> = Prefix::parse("10.0.0.0/24").unwrap().split(26).map(|p| p.to_string()).collect();
        assert_eq!(parts, ["10.0.0.0/26", "10.0.0.64/26", "10.0.0.128/26", "10.0.0.192/26"]);
        let same: Vec<_> = Prefix::parse("10.0.0.0/24").unwrap().split(8).collect();
        assert_eq!(same, [Prefix::parse("10.0.0.0/24").unwrap()]);
        assert_eq!(Prefix::parse("::/0").unwrap().split(3).count(), 8);
    }
}
