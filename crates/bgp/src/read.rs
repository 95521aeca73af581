//! The cursor every decoder reads with: it never panics and knows its absolute offset in the message.

use crate::error::Malformed;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A position in bytes that may be too short. `Copy`, so a checkpoint is an assignment.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// The offset of the end: that of the next octet follows from what is left, and reading moves nothing else.
    end: usize,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, whose first octet lies at `offset` of the message.
    #[inline]
    pub fn new(bytes: &'a [u8], offset: usize) -> Self {
        Reader { rest: bytes, end: offset + bytes.len() }
    }

    /// The absolute offset of the next octet.
    #[inline]
    pub fn offset(&self) -> usize {
        self.end - self.rest.len()
    }

    /// Octets left.
    #[inline]
    pub fn len(&self) -> usize {
        self.rest.len()
    }

    /// True at the end.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left, without moving.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// An error about `what`, here.
    #[inline]
    pub fn malformed(&self, what: &'static str, expected: &'static str) -> Malformed {
        Malformed { what, expected, offset: self.offset() }
    }

    /// The next `n` octets.
    #[inline]
    pub fn take(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], Malformed> {
        match self.rest.split_at_checked(n) {
            Some((head, tail)) => {
                self.rest = tail;
                Ok(head)
            }
            None => Err(self.malformed(what, "more octets")),
        }
    }

    /// Without the next `n` octets, or empty if there are no more.
    #[inline]
    pub fn behind(self, n: usize) -> Reader<'a> {
        Reader { rest: self.rest.get(n..).unwrap_or(&[]), ..self }
    }

    /// The next `n` octets as a reader of their own.
    #[inline]
    pub fn sub(&mut self, n: usize, what: &'static str) -> Result<Reader<'a>, Malformed> {
        let offset = self.offset();
        Ok(Reader::new(self.take(n, what)?, offset))
    }

    /// The next octets as a fixed array.
    #[inline]
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], Malformed> {
        match self.rest.split_first_chunk::<N>() {
            Some((head, tail)) => {
                self.rest = tail;
                Ok(*head)
            }
            None => Err(self.malformed(what, "more octets")),
        }
    }

    /// One octet.
    #[inline]
    pub fn u8(&mut self, what: &'static str) -> Result<u8, Malformed> {
        self.array::<1>(what).map(|[b]| b)
    }

    /// Two octets, big endian.
    #[inline]
    pub fn u16(&mut self, what: &'static str) -> Result<u16, Malformed> {
        self.array(what).map(u16::from_be_bytes)
    }

    /// Four octets, big endian.
    #[inline]
    pub fn u32(&mut self, what: &'static str) -> Result<u32, Malformed> {
        self.array(what).map(u32::from_be_bytes)
    }

    /// Eight octets, big endian.
    #[inline]
    pub fn u64(&mut self, what: &'static str) -> Result<u64, Malformed> {
        self.array(what).map(u64::from_be_bytes)
    }

    /// Four octets as an IPv4 address.
    #[inline]
    pub fn ipv4(&mut self, what: &'static str) -> Result<Ipv4Addr, Malformed> {
        self.array::<4>(what).map(Ipv4Addr::from)
    }

    /// Sixteen octets as an IPv6 address.
    #[inline]
    pub fn ipv6(&mut self, what: &'static str) -> Result<Ipv6Addr, Malformed> {
        self.array::<16>(what).map(Ipv6Addr::from)
    }

    /// Error unless everything was read.
    #[inline]
    pub fn finish(&self, what: &'static str) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.malformed(what, "no further octets")) }
    }
}
