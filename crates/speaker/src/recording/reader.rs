//! From blocks to records.

use super::coding::{Coded, In};
use super::writer::{checksum, zagzig};
use super::{Damaged, MAGIC, MOST, Record, Start, Timed};
use crate::time::{Instant, Now, UnixNanos};

/// A segment: how it begins, and what follows.
#[derive(Clone, Debug)]
pub struct Segment<'a> {
    /// Which one it is, and what was there.
    pub start: Start,
    /// When it began.
    pub now: Now,
    /// The rest.
    pub records: Reader<'a>,
}

/// The records of a segment, in order. It ends with the first damage.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
    block: In<'a>,
    now: Now,
}

impl<'a> Segment<'a> {
    /// Reads the beginning of a segment.
    pub fn open(octets: &'a [u8]) -> Result<Segment<'a>, Damaged> {
        let missing = Damaged { offset: 0, expected: "a recording of this version of Herald" };
        let rest = octets.strip_prefix(MAGIC).ok_or(missing)?;
        let offset = MAGIC.len();
        let mut records = Reader { rest, offset, block: In::new(&[], offset), now: Now::default() };
        if !records.next_block()? {
            return Err(Damaged { offset, expected: "the start of a recording" });
        }
        let start = Start::read(&mut records.block)?;
        match records.block.is_empty() {
            true => Ok(Segment { start, now: records.now, records }),
            false => Err(records.block.damaged("nothing behind the start")),
        }
    }

    /// Of several segments those that belong together, the newest recording, in their order and without a hole: whoever
    /// plays them begins with the first and reads on.
    pub fn chain(segments: Vec<Segment<'a>>) -> Vec<Segment<'a>> {
        let newest = segments.iter().max_by_key(|segment| (segment.now.wall, segment.start.number));
        let Some(id) = newest.map(|segment| segment.start.id) else { return Vec::new() };
        let mut chain: Vec<_> = segments.into_iter().filter(|segment| segment.start.id == id).collect();
        chain.sort_by_key(|segment| segment.start.number);
        chain.dedup_by_key(|segment| segment.start.number);
        let number = |place: usize| chain.get(place).map_or(0, |segment| segment.start.number);
        let broken = (1..chain.len()).rev().find(|place| number(*place) != number(place - 1) + 1);
        chain.split_off(broken.unwrap_or(0))
    }
}

impl<'a> Reader<'a> {
    /// Octets that were understood.
    pub fn offset(&self) -> usize {
        self.block.offset()
    }

    fn next_block(&mut self) -> Result<bool, Damaged> {
        if self.rest.is_empty() {
            return Ok(false);
        }
        let (at, rest) = (self.offset, self.rest);
        let damaged = |expected| Damaged { offset: at, expected };
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(damaged("the length of a block"))?;
        let (sum, rest) = rest.split_first_chunk::<4>().ok_or(damaged("the checksum of a block"))?;
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let fits = rest.split_at_checked(length).filter(|_| length <= MOST);
        let (block, rest) = fits.ok_or(damaged("the rest of a block"))?;
        if checksum(block) != u32::from_be_bytes(*sum) {
            return Err(damaged("a block with this checksum"));
        }
        let mut block = In::new(block, at + 8);
        self.now.mono = Instant(u64::from_be_bytes(block.array()?));
        self.now.wall = UnixNanos(u64::from_be_bytes(block.array()?));
        *self = Reader { rest, offset: at + 8 + length, block, now: self.now };
        Ok(true)
    }

    fn record(&mut self) -> Result<Timed<'a>, Damaged> {
        let mono = zagzig(self.block.number()?);
        let wall = zagzig(self.block.number()?).wrapping_add(mono);
        self.now.mono = Instant(self.now.mono.0.wrapping_add(mono));
        self.now.wall = UnixNanos(self.now.wall.0.wrapping_add(wall));
        Ok((self.now, Record::read(&mut self.block)?))
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Timed<'a>, Damaged>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.block.is_empty() {
            match self.next_block() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(damaged) => return Some(Err(self.end(damaged))),
            }
        }
        Some(self.record().map_err(|damaged| self.end(damaged)))
    }
}

impl Reader<'_> {
    /// Nothing is read after damage.
    fn end(&mut self, damaged: Damaged) -> Damaged {
        self.rest = &[];
        self.block = In::new(&[], damaged.offset);
        damaged
    }
}
