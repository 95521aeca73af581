//! Attribute sets, each stored once and known by a number: equality is an integer compare.

use super::pieces::Pieces;
use foldhash::SharedSeed;
use foldhash::fast::SeedableRandomState;
use herald_bgp::attribute::Attributes;
use std::hash::BuildHasher;
use std::sync::Arc;

/// A set of path attributes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AttrsId(pub(super) u32);

/// All sets in use, counted by how many routes use them.
#[derive(Debug)]
pub struct AttrsPool {
    entries: Vec<Entry>,
    free: Vec<u32>,
    index: Pieces<u32>,
    hasher: SeedableRandomState,
    /// The set asked for last, which perhaps nobody uses yet.
    last: Option<AttrsId>,
}

#[derive(Debug)]
struct Entry {
    attrs: Option<Arc<Attributes>>,
    refs: u32,
}

impl AttrsPool {
    /// An empty pool; `seed` keys its hash.
    pub fn new(seed: u64) -> AttrsPool {
        AttrsPool {
            entries: Vec::new(),
            free: Vec::new(),
            index: Pieces::default(),
            hasher: SeedableRandomState::with_seed(seed, SharedSeed::global_fixed()),
            last: None,
        }
    }

    /// The number of a set; it is not counted as used yet, and kept until another one is asked for.
    pub fn intern(&mut self, attrs: &Arc<Attributes>) -> AttrsId {
        let marked = AttrsId(attrs.mark());
        let id = match self.get(marked) {
            Some(known) if known == attrs => marked, // nearly always the very same one: a pointer compare
            _ => self.find_or_insert(attrs),
        };
        if self.last != Some(id)
            && let Some(old) = self.last.replace(id)
        {
            self.drop_unused(old);
        }
        id
    }

    /// The number of a set, by value.
    fn find_or_insert(&mut self, attrs: &Arc<Attributes>) -> AttrsId {
        let hash = self.hasher.hash_one(&**attrs);
        let entries = &self.entries;
        let same = |id: &u32| at(entries, *id) == Some(&**attrs);
        if let Some(id) = self.index.of(hash).find(hash, same) {
            attrs.set_mark(*id);
            return AttrsId(*id);
        }
        let entry = Entry { attrs: Some(attrs.clone()), refs: 0 };
        let id = match self.free.pop() {
            Some(id) => id,
            None => u32::try_from(self.entries.len()).unwrap_or(u32::MAX),
        };
        match self.entries.get_mut(id as usize) {
            Some(slot) => *slot = entry,
            None => self.entries.push(entry),
        }
        attrs.set_mark(id);
        let (entries, hasher) = (&self.entries, &self.hasher);
        let rehash = |id: &u32| at(entries, *id).map_or(0, |a| hasher.hash_one(a));
        self.index.room(hash, rehash).insert_unique(hash, id, rehash);
        AttrsId(id)
    }

    /// One more route uses it.
    pub fn acquire(&mut self, id: AttrsId) {
        if let Some(entry) = self.entries.get_mut(id.0 as usize) {
            entry.refs += 1;
        }
    }

    /// One route less uses it.
    pub fn release(&mut self, id: AttrsId) {
        if let Some(entry) = self.entries.get_mut(id.0 as usize) {
            entry.refs = entry.refs.saturating_sub(1);
        }
        self.drop_unused(id);
    }

    /// The attributes.
    pub fn get(&self, id: AttrsId) -> Option<&Arc<Attributes>> {
        self.entries.get(id.0 as usize).and_then(|entry| entry.attrs.as_ref())
    }

    /// One more than the greatest number in use.
    pub fn bound(&self) -> usize {
        self.entries.len()
    }

    /// Sets in use.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.index.len()
    }

    fn drop_unused(&mut self, id: AttrsId) {
        let Some(entry) = self.entries.get_mut(id.0 as usize) else { return };
        if entry.refs > 0 || self.last == Some(id) {
            return;
        }
        let Some(attrs) = entry.attrs.take() else { return };
        let hash = self.hasher.hash_one(&*attrs);
        if let Ok(found) = self.index.of_mut(hash).find_entry(hash, |other| *other == id.0) {
            found.remove();
        }
        self.free.push(id.0);
    }
}

fn at(entries: &[Entry], id: u32) -> Option<&Attributes> {
    entries.get(id as usize).and_then(|entry| entry.attrs.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use herald_bgp::attribute::Attr;
    use herald_bgp::nlri::NextHop;

    fn set(n: u8) -> Arc<Attributes> {
        Arc::new(Attributes::new(NextHop::None, [Attr { code: 4, flags: 0x80, value: &[0, 0, 0, n] }]))
    }

    #[test]
    fn equal_sets_share_a_number_and_unused_ones_go() {
        let mut pool = AttrsPool::new(7);
        let a = pool.intern(&set(1));
        pool.acquire(a);
        assert_eq!(pool.intern(&set(1)), a);
        let b = pool.intern(&set(2));
        assert_ne!(a, b);
        pool.acquire(b);
        pool.acquire(b);
        pool.release(b);
        assert!(pool.get(b).is_some());
        pool.intern(&set(3));
        pool.release(b);
        assert!(pool.get(b).is_none());
        for n in 0..100 {
            pool.intern(&set(n));
        }
        assert_eq!(pool.len(), 2, "only what is used, and what was asked for last");
    }

    #[test]
    fn what_others_wrote_on_a_set_misleads_nobody() {
        let sets: Vec<_> = (0..20).map(set).collect();
        let (mut one, mut other) = (AttrsPool::new(7), AttrsPool::new(8));
        let enter = |pool: &mut AttrsPool, n: usize| {
            let id = pool.intern(&sets[n]);
            pool.acquire(id);
            id
        };
        let ids: Vec<_> = (0..20).map(|n| enter(&mut one, n)).collect();
        (0..20).rev().for_each(|n| _ = enter(&mut other, n));
        for (n, id) in ids.iter().enumerate() {
            assert_eq!(enter(&mut one, n), *id);
            sets[n].set_mark(u32::MAX - u32::try_from(n).unwrap());
            assert_eq!(enter(&mut one, n), *id);
            let id = enter(&mut other, n);
            assert_eq!(other.get(id), Some(&sets[n]));
        }
        let unknown = set(99);
        unknown.set_mark(3);
        assert!(!ids.contains(&one.intern(&unknown)));
    }
}
