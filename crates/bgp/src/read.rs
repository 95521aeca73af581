//! The cursor every decoder reads with: it never panics and knows its absolute offset in the message.
//!
//! A reader may have a [`Trace`], which is told of every read: so that whoever shows a message field by field has the names and
//! the places from the code that reads it, and from nowhere else.

use crate::dialect::Dialect;
use crate::error::Malformed;
use crate::trace::{Meaning, Shape, Trace};
use std::net::{Ipv4Addr, Ipv6Addr};

/// A position in bytes that may be too short. `Copy`, so a checkpoint is an assignment.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// The offset of the end: that of the next octet follows from what is left, and reading moves nothing else.
    end: usize,
    trace: Option<&'a Trace>,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, whose first octet lies at `offset` of the message.
    #[inline]
    pub fn new(bytes: &'a [u8], offset: usize) -> Self {
        Reader { rest: bytes, end: offset + bytes.len(), trace: None }
    }

    /// The same, but `trace` is told of everything that is read from here on; or nobody is.
    #[inline]
    pub fn told_to(self, trace: Option<&'a Trace>) -> Self {
        Reader { trace, ..self }
    }

    /// Octets that this reader gave, to be read once more: who is told stays the same.
    #[inline]
    pub fn again(&self, bytes: &'a [u8], offset: usize) -> Self {
        Reader::new(bytes, offset).told_to(self.trace)
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
        self.shaped(n, what, Shape::Octets)
    }

    /// The next `n` octets, which are to be shown in a way of their own.
    #[inline]
    pub(crate) fn shaped(&mut self, n: usize, what: &'static str, shape: Shape) -> Result<&'a [u8], Malformed> {
        match self.rest.split_at_checked(n) {
            Some((head, tail)) => {
                self.tell(n, what, shape);
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

    /// The next `n` octets, which are text.
    pub fn text(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], Malformed> {
        let octets = self.take(n, what)?;
        self.says(|| String::from_utf8_lossy(octets));
        Ok(octets)
    }

    /// The next `n` octets as a reader of their own.
    #[inline]
    pub fn sub(&mut self, n: usize, what: &'static str) -> Result<Reader<'a>, Malformed> {
        let offset = self.offset();
        let octets = self.take(n, what)?;
        Ok(self.again(octets, offset))
    }

    /// The next octets as a fixed array.
    #[inline]
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], Malformed> {
        self.fixed(what, Shape::Octets)
    }

    /// One octet.
    #[inline]
    pub fn u8(&mut self, what: &'static str) -> Result<u8, Malformed> {
        self.fixed(what, Shape::Number).map(|[b]| b)
    }

    /// Two octets, big endian.
    #[inline]
    pub fn u16(&mut self, what: &'static str) -> Result<u16, Malformed> {
        self.fixed(what, Shape::Number).map(u16::from_be_bytes)
    }

    /// Four octets, big endian.
    #[inline]
    pub fn u32(&mut self, what: &'static str) -> Result<u32, Malformed> {
        self.fixed(what, Shape::Number).map(u32::from_be_bytes)
    }

    /// Eight octets, big endian.
    #[inline]
    pub fn u64(&mut self, what: &'static str) -> Result<u64, Malformed> {
        self.fixed(what, Shape::Number).map(u64::from_be_bytes)
    }

    /// Four octets as an IPv4 address.
    #[inline]
    pub fn ipv4(&mut self, what: &'static str) -> Result<Ipv4Addr, Malformed> {
        self.fixed::<4>(what, Shape::Address).map(Ipv4Addr::from)
    }

    /// Sixteen octets as an IPv6 address.
    #[inline]
    pub fn ipv6(&mut self, what: &'static str) -> Result<Ipv6Addr, Malformed> {
        self.fixed::<16>(what, Shape::Address).map(Ipv6Addr::from)
    }

    /// Error unless everything was read.
    #[inline]
    pub fn finish(&self, what: &'static str) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.malformed(what, "no further octets")) }
    }

    /// Error about `what` unless all that is left is items of `size` octets, which is what `expected` says. `item`: what
    /// one of them is called, and its words.
    #[inline]
    pub fn items(
        &self,
        size: usize,
        [what, expected]: [&'static str; 2],
        item: (&'static str, fn(&[u8], &mut String)),
    ) -> Result<(), Malformed> {
        if !self.rest.len().is_multiple_of(size) {
            return Err(self.malformed(what, expected));
        }
        if let Some(trace) = self.trace {
            trace.items(self.offset(), self.rest, size, item);
        }
        Ok(())
    }

    #[inline]
    fn fixed<const N: usize>(&mut self, what: &'static str, shape: Shape) -> Result<[u8; N], Malformed> {
        match self.rest.split_first_chunk::<N>() {
            Some((head, tail)) => {
                self.tell(N, what, shape);
                self.rest = tail;
                Ok(*head)
            }
            None => Err(self.malformed(what, "more octets")),
        }
    }
}

/// What the trace is told. Nothing of it is done, and no closure is called, without one.
impl<'a> Reader<'a> {
    /// Who is told. Whatever takes longer than a word or two belongs into a function that is given this and no reader: a
    /// reader whose address is taken does not stay in registers.
    #[inline]
    pub fn trace(&self) -> Option<&'a Trace> {
        self.trace
    }

    /// Says what the octets mean that were read last.
    #[inline]
    pub fn says<S: Into<String>>(&self, words: impl FnOnce() -> S) {
        if let Some(trace) = self.trace {
            trace.means(words().into());
        }
    }

    /// Says that all from `start` to here is one thing, and what it means.
    #[inline]
    pub fn whole(&self, start: &Reader<'_>, meaning: impl FnOnce(Dialect) -> Meaning) {
        if let Some(trace) = self.trace {
            let len = self.offset().saturating_sub(start.offset());
            trace.note(start.offset(), len, Shape::Whole, meaning(trace.dialect()));
        }
    }

    #[inline]
    fn tell(&self, len: usize, what: &'static str, shape: Shape) {
        if let Some(trace) = self.trace {
            trace.read(self.offset(), len, shape, what);
        }
    }
}
