//! TLVs with a type and a length of two octets each, as all of BGP-LS is made of (RFC 9552 §5.1).

use crate::error::Malformed;
use crate::read::Reader;
use crate::write::{TooLong, Writer};

/// `type(2) length(2) value`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tlv<'a> {
    /// What the value means.
    pub kind: u16,
    /// The value, without type and length.
    pub value: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// Cuts one off the front.
    pub fn read(r: &mut Reader<'a>) -> Result<Tlv<'a>, Malformed> {
        let kind = r.u16("TLV type")?;
        let length = r.u16("TLV length")?;
        Ok(Tlv { kind, value: r.take(usize::from(length), "TLV value")? })
    }

    /// Finds nothing but TLVs.
    pub fn check(mut r: Reader<'a>) -> Result<(), Malformed> {
        while !r.is_empty() {
            Tlv::read(&mut r)?;
        }
        Ok(())
    }

    /// All TLVs, up to what is none.
    #[inline]
    pub fn each(octets: &'a [u8]) -> impl Iterator<Item = Tlv<'a>> + Clone {
        Tlv::placed(octets).map(|(_, tlv)| tlv)
    }

    /// All TLVs, each with the octets that come before it.
    #[inline]
    fn placed(octets: &'a [u8]) -> impl Iterator<Item = (usize, Tlv<'a>)> + Clone {
        let mut rest = octets;
        std::iter::from_fn(move || {
            let at = octets.len() - rest.len();
            let ([a, b, c, d], behind) = rest.split_first_chunk::<4>()?;
            let (value, behind) = behind.split_at_checked(u16::from_be_bytes([*c, *d]).into())?;
            rest = behind;
            Some((at, Tlv { kind: u16::from_be_bytes([*a, *b]), value }))
        })
    }

    /// Appends it, unless its value is longer than a length can say.
    pub fn push(self, out: &mut Vec<u8>) -> Result<(), TooLong> {
        let length = u16::try_from(self.value.len()).map_err(|_| TooLong)?;
        let mut w = Writer::new(out);
        w.u16(self.kind);
        w.u16(length);
        w.bytes(self.value);
        Ok(())
    }
}

/// TLVs by their types, for writers who say all of one type at once.
///
/// Finding those of a type takes a search and not a walk: a peer who sends thousands of types cannot make it slow.
#[derive(Debug)]
pub struct Grouped<'a> {
    octets: &'a [u8],
    group: fn(u16) -> u16,
    few: [u32; FEW],
    many: Vec<u32>,
    count: usize,
}

/// So many TLVs need no memory.
const FEW: usize = 32;

/// TLVs that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a, 's> {
    /// Their type, or the one that stands for several.
    pub kind: u16,
    octets: &'a [u8],
    /// Group and place of each, as [`key`] has it.
    members: &'s [u32],
}

impl<'a> Grouped<'a> {
    /// Sorts the TLVs of at most 65535 octets. `group`: types for which it says the same belong together.
    pub fn new(octets: &'a [u8], group: fn(u16) -> u16) -> Self {
        let mut grouped = Grouped { octets, group, few: [0; FEW], many: Vec::new(), count: 0 };
        for (at, tlv) in Tlv::placed(octets) {
            let key = key(group(tlv.kind), at);
            match grouped.few.get_mut(grouped.count) {
                Some(place) => *place = key,
                None => grouped.many.push(key),
            }
            grouped.count += 1;
        }
        if grouped.many.is_empty() {
            grouped.few.get_mut(..grouped.count).unwrap_or_default().sort_unstable();
        } else {
            grouped.many.extend_from_slice(&grouped.few);
            grouped.many.sort_unstable();
        }
        grouped
    }

    fn keys(&self) -> &[u32] {
        if self.many.is_empty() { self.few.get(..self.count).unwrap_or(&[]) } else { &self.many }
    }

    /// Each group once, in the order of their first TLVs.
    pub fn each(&self) -> impl Iterator<Item = Group<'a, '_>> {
        Tlv::placed(self.octets).filter_map(|(at, tlv)| {
            let kind = (self.group)(tlv.kind);
            let rest = self.keys();
            let first = rest.partition_point(|k| *k < key(kind, 0));
            let rest = rest.get(first..).unwrap_or(&[]);
            let members = rest.get(..rest.partition_point(|k| k >> 16 == u32::from(kind))).unwrap_or(&[]);
            let is_first = members.first() == Some(&key(kind, at));
            is_first.then_some(Group { kind, octets: self.octets, members })
        })
    }

    /// True if there is a TLV of this group.
    pub fn has(&self, kind: u16) -> bool {
        let keys = self.keys();
        keys.get(keys.partition_point(|k| *k < key(kind, 0))).is_some_and(|k| k >> 16 == u32::from(kind))
    }
}

impl<'a> Group<'a, '_> {
    /// The TLVs, in the order they were sent.
    pub fn tlvs(&self) -> impl Iterator<Item = Tlv<'a>> + Clone {
        self.members.iter().filter_map(|member| {
            let at = usize::try_from(member & 0xffff).ok()?;
            Tlv::each(self.octets.get(at..)?).next()
        })
    }
}

fn key(group: u16, at: usize) -> u32 {
    u32::from(group) << 16 | u32::from(u16::try_from(at).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn groups_are_complete_and_in_order() {
        let mut dice = Dice::new(7);
        for n in [0, 1, 31, 32, 33, 500, 13_000] {
            let mut octets = Vec::new();
            let mut list = Vec::new();
            for _ in 0..n {
                let kind = dice.u16() % 300;
                let value = [dice.u8()];
                Tlv { kind, value: &value }.push(&mut octets).unwrap();
                list.push((kind, value[0]));
            }
            assert_eq!(Tlv::check(Reader::new(&octets, 0)), Ok(()));
            let grouped = Grouped::new(&octets, |kind| kind & !1);
            let mut expected: Vec<(u16, Vec<u8>)> = Vec::new();
            for (kind, value) in &list {
                match expected.iter_mut().find(|(known, _)| *known == kind & !1) {
                    Some((_, values)) => values.push(*value),
                    None => expected.push((kind & !1, vec![*value])),
                }
            }
            let found: Vec<_> = grouped.each().map(|g| (g.kind, g.tlvs().map(|t| t.value[0]).collect())).collect();
            assert_eq!(found, expected);
            assert!((0..310).all(|kind| grouped.has(kind) == list.iter().any(|(k, _)| k & !1 == kind)));
        }
    }
}
