//! Sets of peers, each stored once and known by a number.

use crate::event::PeerId;
use std::collections::BTreeMap;

/// A set of peers. Zero is the empty one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct PeerSetId(u32);

impl PeerSetId {
    /// What it became when a peer was removed: see [`PeerSets::remove`].
    pub fn became(self, list: &[PeerSetId]) -> PeerSetId {
        list.get(self.0 as usize).copied().unwrap_or_default()
    }

    /// Nobody.
    pub const EMPTY: PeerSetId = PeerSetId(0);
}

type Bits = Box<[u64]>;

/// All sets that were ever needed since a peer was last removed.
#[derive(Debug)]
pub struct PeerSets {
    sets: Vec<Bits>,
    index: BTreeMap<Bits, PeerSetId>,
}

impl Default for PeerSets {
    fn default() -> Self {
        let mut sets = PeerSets { sets: Vec::new(), index: BTreeMap::new() };
        sets.intern(Vec::new());
        sets
    }
}

impl PeerSets {
    /// The set of these peers.
    pub fn of(&mut self, peers: impl IntoIterator<Item = PeerId>) -> PeerSetId {
        let mut bits = Vec::new();
        for PeerId(n) in peers {
            let word = n as usize / 64;
            if bits.len() <= word {
                bits.resize(word + 1, 0);
            }
            if let Some(word) = bits.get_mut(word) {
                *word |= 1 << (n % 64);
            }
        }
        self.intern(bits)
    }

    /// True if the peer is in the set.
    pub fn contains(&self, set: PeerSetId, PeerId(n): PeerId) -> bool {
        self.bits(set).get(n as usize / 64).is_some_and(|word| word >> (n % 64) & 1 == 1)
    }

    /// The peers of a set, ascending.
    pub fn iter(&self, set: PeerSetId) -> impl Iterator<Item = PeerId> {
        (0u32..)
            .zip(self.bits(set))
            .flat_map(|(i, word)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| PeerId(i * 64 + bit)))
    }

    /// True if no peer is in both.
    pub fn disjoint(&self, a: PeerSetId, b: PeerSetId) -> bool {
        a != b && self.bits(a).iter().zip(self.bits(b)).all(|(a, b)| a & b == 0) || a == PeerSetId::EMPTY
    }

    /// True if all peers of `a` are in `b`.
    pub fn subset(&self, a: PeerSetId, b: PeerSetId) -> bool {
        let b_bits = self.bits(b).iter().copied().chain(std::iter::repeat(0));
        a == b || self.bits(a).iter().zip(b_bits).all(|(a, b)| a & !b == 0)
    }

    /// The peers of `a` that are not in `b`.
    pub fn minus(&mut self, a: PeerSetId, b: PeerSetId) -> PeerSetId {
        if a == b {
            return PeerSetId::EMPTY;
        }
        let b_bits = self.bits(b).iter().copied().chain(std::iter::repeat(0));
        let bits = self.bits(a).iter().zip(b_bits).map(|(a, b)| a & !b).collect();
        self.intern(bits)
    }

    /// The peers that are in both.
    pub fn both(&mut self, a: PeerSetId, b: PeerSetId) -> PeerSetId {
        if a == b {
            return a;
        }
        let bits = self.bits(a).iter().zip(self.bits(b)).map(|(a, b)| a & b).collect();
        self.intern(bits)
    }

    /// Takes a peer out of every set and forgets all sets. Gives what each set became, by its number.
    pub fn remove(&mut self, peer: PeerId) -> Vec<PeerSetId> {
        let old = std::mem::take(self);
        let (word, bit) = (peer.0 as usize / 64, peer.0 % 64);
        let without = old.sets.into_iter().map(|bits| {
            let mut bits = bits.into_vec();
            if let Some(word) = bits.get_mut(word) {
                *word &= !(1 << bit);
            }
            bits
        });
        without.map(|bits| self.intern(bits)).collect()
    }

    fn bits(&self, set: PeerSetId) -> &[u64] {
        self.sets.get(set.0 as usize).map_or(&[], |bits| bits)
    }

    fn intern(&mut self, mut bits: Vec<u64>) -> PeerSetId {
        while bits.last() == Some(&0) {
            bits.pop();
        }
        let bits: Bits = bits.into();
        if let Some(id) = self.index.get(&bits) {
            return *id;
        }
        let id = PeerSetId(u32::try_from(self.sets.len()).unwrap_or(0));
        self.sets.push(bits.clone());
        self.index.insert(bits, id);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_sets() {
        let mut sets = PeerSets::default();
        let of = |sets: &mut PeerSets, list: &[u32]| sets.of(list.iter().map(|n| PeerId(*n)));
        let ab = of(&mut sets, &[1, 200]);
        let b = of(&mut sets, &[200]);
        let c = of(&mut sets, &[3]);
        assert_eq!(of(&mut sets, &[200, 1]), ab);
        assert!(sets.subset(b, ab) && !sets.subset(ab, b) && sets.subset(PeerSetId::EMPTY, b));
        assert!(sets.disjoint(ab, c) && !sets.disjoint(ab, b) && sets.disjoint(PeerSetId::EMPTY, PeerSetId::EMPTY));
        let a = sets.minus(ab, b);
        assert_eq!(sets.iter(a).collect::<Vec<_>>(), [PeerId(1)]);
        assert_eq!(sets.both(ab, b), b);
        assert_eq!(sets.minus(b, ab), PeerSetId::EMPTY);
        assert_eq!(sets.iter(ab).collect::<Vec<_>>(), [PeerId(1), PeerId(200)]);
        let map = sets.remove(PeerId(200));
        assert_eq!(map[3], PeerSetId::EMPTY.max(map[3]));
        assert!(sets.contains(map[1], PeerId(1)) && !sets.contains(map[1], PeerId(200)));
    }
}
