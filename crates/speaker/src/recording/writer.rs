//! From calls to blocks.

use super::coding::{Coded, Out};
use super::opening::Openings;
use super::{MAGIC, Record, Standing, Start};
use crate::config::{Config, Md5};
use crate::time::Now;
use crate::{ConnId, Effect, Input};
use std::sync::Arc;

/// Writes a recording. Whoever owns it takes what has gathered and puts it where it shall be:
///
/// * first of all the octets of [`Writer::head`], then each block of [`Writer::take`], put in a [`frame`];
/// * to begin a new segment, a last `take` and another `head`, with no call in between.
#[derive(Clone, Debug)]
pub struct Writer {
    start: Start,
    out: Out,
    most: usize,
    now: Now,
    missing: u64,
    config: Arc<Config>,
    openings: Openings,
}

/// The first octets of a segment. What it holds is shared, so that it can be put into octets elsewhere.
#[derive(Clone, Debug)]
pub struct Head {
    start: Start,
    now: Now,
    keys: Vec<Md5>,
}

impl Writer {
    /// A recording of a speaker with this seed, as it begins. `id`: tells it from others. `most`: octets that may gather; what
    /// comes beyond is counted, and missing. A single record may be longer.
    pub fn new(id: u64, seed: u64, now: Now, notes: Vec<(String, String)>, most: usize) -> Writer {
        let start = Start { id, number: 0, seed, notes, standing: None };
        let (out, config, openings) = (Out::default(), Arc::default(), Openings::default());
        Writer { start, out, most, now, missing: 0, config, openings }
    }

    /// An input, before it is handled.
    pub fn input(&mut self, now: Now, input: &Input<'_>) {
        self.openings.learn(input);
        if let Input::Configure(config) = input {
            self.config = config.clone();
        }
        self.record(now, |out| {
            out.octets.push(0); // the variant of a record that has it: not cloned for it
            input.write(out);
        });
    }

    /// What it led to.
    pub fn effect(&mut self, effect: &Effect<'_>) {
        match *effect {
            Effect::Connect { conn, to, .. } => {
                self.openings.called(conn, to);
                self.record(self.now, |out| Record::Called { conn, to }.write(out));
            }
            Effect::Close { conn, .. } => self.openings.forget(conn),
            _ => {}
        }
    }

    /// Octets were asked for, and `taken` of them went.
    pub fn pulled(&mut self, now: Now, conn: ConnId, budget: usize, taken: usize) {
        self.record(now, |out| Record::Pulled { conn, budget, taken }.write(out));
    }

    /// Octets that have gathered.
    pub fn gathered(&self) -> usize {
        self.out.octets.len()
    }

    /// What has gathered; `None`: nothing.
    pub fn take(&mut self) -> Option<Vec<u8>> {
        if self.missing > 0 {
            let count = std::mem::take(&mut self.missing);
            self.put(self.now, |out| Record::Missing { count }.write(out));
        }
        // Nothing refers to another block.
        self.out.shared = Default::default();
        // The next block will be about as long as this one.
        let room = Vec::with_capacity(self.out.octets.len().min(self.most));
        let octets = std::mem::replace(&mut self.out.octets, room);
        (!octets.is_empty()).then_some(octets)
    }

    /// Begins a segment, the first or another.
    pub fn head(&mut self) -> Head {
        let number = self.start.number;
        self.start.number += 1;
        let standing = (number > 0).then(|| Standing { config: self.config.clone(), connections: self.openings.all() });
        Head { start: Start { number, standing, ..self.start.clone() }, now: self.now, keys: self.out.keys.clone() }
    }

    fn record(&mut self, now: Now, write: impl FnOnce(&mut Out)) {
        if self.missing > 0 || self.out.octets.len() >= self.most {
            self.missing += 1;
        } else {
            self.put(now, write);
        }
    }

    fn put(&mut self, now: Now, write: impl FnOnce(&mut Out)) {
        if self.out.octets.is_empty() {
            moment(&mut self.out, now);
            self.now = now;
        }
        let mono = now.mono.0.wrapping_sub(self.now.mono.0);
        let wall = now.wall.0.wrapping_sub(self.now.wall.0);
        // Both clocks move together, or nearly.
        self.out.number(zigzag(mono));
        self.out.number(zigzag(wall.wrapping_sub(mono)));
        self.now = now;
        write(&mut self.out);
    }
}

impl Head {
    /// The octets.
    pub fn octets(&self) -> Vec<u8> {
        let mut out = Out { keys: self.keys.clone(), ..Out::default() };
        moment(&mut out, self.now);
        self.start.write(&mut out);
        let mut octets = MAGIC.to_vec();
        frame(&out.octets, &mut octets);
        octets
    }
}

/// Appends what [`Writer::take`] gave, in the form of a segment: length, checksum, octets.
pub fn frame(block: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&u32::try_from(block.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(&checksum(block).to_be_bytes());
    out.extend_from_slice(block);
}

fn moment(out: &mut Out, now: Now) {
    out.octets.extend_from_slice(&now.mono.0.to_be_bytes());
    out.octets.extend_from_slice(&now.wall.0.to_be_bytes());
}

/// Small numbers of either sign become small numbers.
fn zigzag(n: u64) -> u64 {
    (n << 1) ^ (0u64.wrapping_sub(n >> 63))
}

/// The inverse of [`zigzag`].
pub(super) fn zagzig(n: u64) -> u64 {
    (n >> 1) ^ 0u64.wrapping_sub(n & 1)
}

/// CRC-32 as Ethernet has it: it finds every flipped bit, and every burst of up to 32.
pub(super) fn checksum(octets: &[u8]) -> u32 {
    !octets.iter().fold(!0, |sum: u32, octet| {
        let low = (sum ^ u32::from(*octet)) & 0xff;
        (sum >> 8) ^ TABLE.get(usize::try_from(low).unwrap_or(0)).copied().unwrap_or(0)
    })
}

#[allow(clippy::indexing_slicing)] // while compiling, where a wrong index is an error
static TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let (mut place, mut n) = (0, 0u32);
    while place < table.len() {
        let (mut sum, mut bit) = (n, 0);
        while bit < 8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
            bit += 1;
        }
        table[place] = sum;
        place += 1;
        n += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_differences_are_small_numbers() {
        for n in [0, 1, 1u64.wrapping_neg(), 77, u64::MAX / 2, u64::MAX / 2 + 1] {
            assert_eq!(zagzig(zigzag(n)), n);
        }
        assert_eq!((zigzag(1), zigzag(1u64.wrapping_neg())), (2, 1));
    }

    #[test]
    fn the_checksum_is_the_one_everybody_has() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }
}
