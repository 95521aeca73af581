//! Values as octets, and back. What is read may be anything: it is refused, never believed and never a panic.

use super::Damaged;
use crate::command::Selector;
use crate::config::{ConfigRoutes, Md5};
use herald_bgp::attribute::Attributes;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::sync::Arc;
use std::time::Duration;

/// Lists and boxes within each other, at most.
const DEEPEST: u8 = 16;

/// Something that can be in a recording.
pub(super) trait Coded<'a>: Sized {
    /// Appends it.
    fn write(&self, out: &mut Out);
    /// Takes it off the front.
    fn read(from: &mut In<'a>) -> Result<Self, Damaged>;
    /// Where those that are behind an `Arc` are remembered, so that what is shared is written once and stays shared.
    fn recent(_: &mut Shared) -> Option<&mut Recent<Self>> {
        None
    }
}

/// Octets that are being written.
#[derive(Clone, Debug, Default)]
pub(super) struct Out {
    pub octets: Vec<u8>,
    pub shared: Shared,
    /// Each key once; what is written is its place.
    pub keys: Vec<Md5>,
}

/// Octets that are being read.
#[derive(Clone, Debug)]
pub(super) struct In<'a> {
    rest: &'a [u8],
    offset: usize,
    shared: Shared,
    depth: u8,
}

/// What was written or read a moment ago.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub attributes: Recent<Attributes>,
    pub selectors: Recent<Selector>,
    pub routes: Recent<ConfigRoutes>,
}

impl Default for Shared {
    fn default() -> Self {
        // Commands repeat the last few; all neighbours of a configuration may share their routes.
        Shared { attributes: Recent::new(16), selectors: Recent::new(16), routes: Recent::new(usize::MAX) }
    }
}

/// The last few of a kind, newest last.
#[derive(Clone, Debug)]
pub(super) struct Recent<T> {
    list: Vec<Arc<T>>,
    most: usize,
}

impl<T> Recent<T> {
    fn new(most: usize) -> Self {
        Recent { list: Vec::new(), most }
    }

    /// How many came after it.
    #[inline]
    fn age(&self, item: &Arc<T>) -> Option<usize> {
        self.list.iter().rev().position(|known| Arc::ptr_eq(known, item))
    }

    fn of_age(&self, age: usize) -> Option<&Arc<T>> {
        self.list.iter().rev().nth(age)
    }

    fn add(&mut self, item: Arc<T>) {
        if self.list.len() >= self.most {
            self.list.remove(0);
        }
        self.list.push(item);
    }
}

impl Out {
    /// Seven bits an octet, the least first; the top bit says that more follow.
    #[inline]
    pub fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.octets.push(n.to_le_bytes()[0] | 0x80);
            n >>= 7;
        }
        self.octets.push(n.to_le_bytes()[0]);
    }

    /// Its length, then itself.
    #[inline]
    pub fn counted(&mut self, octets: &[u8]) {
        self.size(octets.len());
        self.octets.extend_from_slice(octets);
    }

    fn size(&mut self, n: usize) {
        self.number(u64::try_from(n).unwrap_or(u64::MAX));
    }
}

impl<'a> In<'a> {
    /// Reads `octets`, the first of which is the `offset`th.
    pub fn new(octets: &'a [u8], offset: usize) -> In<'a> {
        In { rest: octets, offset, shared: Shared::default(), depth: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn offset(&self) -> usize {
        self.offset
    }

    pub fn damaged(&self, expected: &'static str) -> Damaged {
        Damaged { offset: self.offset, expected }
    }

    pub fn number(&mut self) -> Result<u64, Damaged> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let octet = u64::from(self.octet()?);
            let bits = octet & 0x7f;
            if (bits << shift) >> shift != bits {
                break;
            }
            n |= bits << shift;
            if octet < 0x80 {
                return Ok(n);
            }
        }
        Err(self.damaged("a number of 64 bits"))
    }

    pub fn counted(&mut self) -> Result<&'a [u8], Damaged> {
        let len = self.number()?;
        usize::try_from(len).ok().and_then(|len| self.take(len)).ok_or(self.damaged("more octets"))
    }

    pub fn octet(&mut self) -> Result<u8, Damaged> {
        self.array::<1>().map(|[octet]| octet)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        let octets = self.take(N).and_then(|octets| octets.first_chunk());
        octets.copied().ok_or(self.damaged("more octets"))
    }

    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(n)?;
        self.rest = tail;
        self.offset += n;
        Some(head)
    }

    /// Reads what is inside something else.
    fn within<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Damaged>) -> Result<T, Damaged> {
        if self.depth >= DEEPEST {
            return Err(self.damaged("an end of lists within lists"));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}

macro_rules! numbers {
    ($($kind:ident)*) => {$(
        impl Coded<'_> for $kind {
            fn write(&self, out: &mut Out) {
                out.number(u64::try_from(*self).unwrap_or(u64::MAX));
            }
            fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
                $kind::try_from(from.number()?).map_err(|_| from.damaged(concat!("a number of type ", stringify!($kind))))
            }
        }
    )*};
}
numbers!(u8 u16 u32 u64 usize);

impl Coded<'_> for i32 {
    fn write(&self, out: &mut Out) {
        u32::from_ne_bytes(self.to_ne_bytes()).write(out);
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        u32::read(from).map(|n| i32::from_ne_bytes(n.to_ne_bytes()))
    }
}

impl Coded<'_> for bool {
    fn write(&self, out: &mut Out) {
        out.octets.push(u8::from(*self));
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        match from.octet()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(from.damaged("0 or 1")),
        }
    }
}

impl<'a> Coded<'a> for &'a [u8] {
    fn write(&self, out: &mut Out) {
        out.counted(self);
    }
    fn read(from: &mut In<'a>) -> Result<Self, Damaged> {
        from.counted()
    }
}

impl Coded<'_> for String {
    fn write(&self, out: &mut Out) {
        out.counted(self.as_bytes());
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        let octets = from.counted()?;
        std::str::from_utf8(octets).map(str::to_owned).map_err(|_| from.damaged("UTF-8"))
    }
}

impl Coded<'_> for Arc<str> {
    fn write(&self, out: &mut Out) {
        out.counted(self.as_bytes());
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        String::read(from).map(Arc::from)
    }
}

impl<'a, T: Coded<'a>> Coded<'a> for Option<T> {
    fn write(&self, out: &mut Out) {
        self.is_some().write(out);
        self.iter().for_each(|value| value.write(out));
    }
    fn read(from: &mut In<'a>) -> Result<Self, Damaged> {
        bool::read(from)?.then(|| T::read(from)).transpose()
    }
}

impl<'a, T: Coded<'a>> Coded<'a> for Vec<T> {
    fn write(&self, out: &mut Out) {
        out.size(self.len());
        self.iter().for_each(|value| value.write(out));
    }
    fn read(from: &mut In<'a>) -> Result<Self, Damaged> {
        from.within(|from| {
            let count = from.number()?;
            // Nothing is allocated for a count that nothing follows.
            let mut list = Vec::new();
            for _ in 0..count {
                list.push(T::read(from)?);
            }
            Ok(list)
        })
    }
}

impl<'a, T: Coded<'a>> Coded<'a> for Box<T> {
    fn write(&self, out: &mut Out) {
        T::write(self, out);
    }
    fn read(from: &mut In<'a>) -> Result<Self, Damaged> {
        from.within(|from| T::read(from).map(Box::new))
    }
}

impl Coded<'_> for Box<[u8]> {
    fn write(&self, out: &mut Out) {
        out.counted(self);
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        from.counted().map(Box::from)
    }
}

/// 0 and itself, or the age of one that is remembered, from 1.
impl<'a, T: Coded<'a>> Coded<'a> for Arc<T> {
    fn write(&self, out: &mut Out) {
        let Some(recent) = T::recent(&mut out.shared) else { return T::write(self, out) };
        let age = recent.age(self);
        if age.is_none() {
            recent.add(self.clone());
        }
        out.size(age.map_or(0, |age| age + 1));
        if age.is_none() {
            T::write(self, out);
        }
    }
    fn read(from: &mut In<'a>) -> Result<Self, Damaged> {
        if T::recent(&mut from.shared).is_none() {
            return T::read(from).map(Arc::new);
        }
        let known = usize::read(from)?;
        let missing = from.damaged("something that came before");
        let new = if known == 0 { Some(Arc::new(T::read(from)?)) } else { None };
        let recent = T::recent(&mut from.shared).ok_or(missing)?;
        match new {
            Some(new) => {
                recent.add(new.clone());
                Ok(new)
            }
            None => recent.of_age(known - 1).cloned().ok_or(missing),
        }
    }
}

impl<'a, A: Coded<'a>, B: Coded<'a>> Coded<'a> for (A, B) {
    fn write(&self, out: &mut Out) {
        self.0.write(out);
        self.1.write(out);
    }
    fn read(from: &mut In<'a>) -> Result<Self, Damaged> {
        Ok((A::read(from)?, B::read(from)?))
    }
}

impl Coded<'_> for Ipv4Addr {
    fn write(&self, out: &mut Out) {
        out.octets.extend_from_slice(&self.octets());
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        from.array::<4>().map(Ipv4Addr::from)
    }
}

impl Coded<'_> for Ipv6Addr {
    fn write(&self, out: &mut Out) {
        out.octets.extend_from_slice(&self.octets());
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        from.array::<16>().map(Ipv6Addr::from)
    }
}

impl Coded<'_> for IpAddr {
    fn write(&self, out: &mut Out) {
        self.is_ipv6().write(out);
        match self {
            IpAddr::V4(address) => address.write(out),
            IpAddr::V6(address) => address.write(out),
        }
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        match bool::read(from)? {
            false => Ipv4Addr::read(from).map(IpAddr::V4),
            true => Ipv6Addr::read(from).map(IpAddr::V6),
        }
    }
}

impl Coded<'_> for SocketAddr {
    fn write(&self, out: &mut Out) {
        self.ip().write(out);
        self.port().write(out);
        if let SocketAddr::V6(address) = self {
            address.flowinfo().write(out);
            address.scope_id().write(out);
        }
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        let (ip, port) = (IpAddr::read(from)?, u16::read(from)?);
        Ok(match ip {
            IpAddr::V4(ip) => SocketAddr::new(ip.into(), port),
            IpAddr::V6(ip) => SocketAddrV6::new(ip, port, u32::read(from)?, u32::read(from)?).into(),
        })
    }
}

impl Coded<'_> for Duration {
    fn write(&self, out: &mut Out) {
        self.as_secs().write(out);
        self.subsec_nanos().write(out);
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        let (seconds, nanos) = (u64::read(from)?, u32::read(from)?);
        if nanos < 1_000_000_000 { Ok(Duration::new(seconds, nanos)) } else { Err(from.damaged("nanoseconds")) }
    }
}

/// The number of a key, never the key: equal keys have equal numbers in all of a recording.
impl Coded<'_> for Md5 {
    fn write(&self, out: &mut Out) {
        let place = out.keys.iter().position(|key| key == self).unwrap_or_else(|| {
            out.keys.push(self.clone());
            out.keys.len() - 1
        });
        out.size(place);
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        from.number().map(|n| Md5(format!("key {n}").into_bytes()))
    }
}
