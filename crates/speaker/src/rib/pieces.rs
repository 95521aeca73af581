//! A hash table in pieces. Growing one takes as long as moving all that is in it, tens of milliseconds for a million
//! routes, in which no other session is looked after; the pieces of a large table grow one at a time.

use hashbrown::HashTable;

/// Pieces of a large table, less one: a power of two less one.
const MORE: usize = 255;
/// Entries from which a table is large.
const LARGE: usize = 16_384;

/// Entries by hash. The piece of a hash finds, inserts and removes.
#[derive(Debug)]
pub(super) struct Pieces<T> {
    first: HashTable<T>,
    /// None, or [`MORE`].
    more: Vec<HashTable<T>>,
}

impl<T> Default for Pieces<T> {
    fn default() -> Self {
        Pieces { first: HashTable::new(), more: Vec::new() }
    }
}

impl<T> Pieces<T> {
    /// The piece an entry with this hash is in.
    pub fn of(&self, hash: u64) -> &HashTable<T> {
        self.place(hash).and_then(|place| self.more.get(place)).unwrap_or(&self.first)
    }

    /// The same, to find in or to remove from.
    pub fn of_mut(&mut self, hash: u64) -> &mut HashTable<T> {
        let place = self.place(hash);
        place.and_then(|place| self.more.get_mut(place)).unwrap_or(&mut self.first)
    }

    /// The same, to insert into.
    pub fn room(&mut self, hash: u64, hasher: impl Fn(&T) -> u64) -> &mut HashTable<T> {
        if self.more.is_empty() && self.first.len() >= LARGE {
            let all = std::mem::take(&mut self.first);
            self.more.resize_with(MORE, HashTable::new);
            for entry in all {
                let hash = hasher(&entry);
                self.of_mut(hash).insert_unique(hash, entry, &hasher);
            }
        }
        self.of_mut(hash)
    }

    /// Entries, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().chain(self.more.iter().flatten())
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.first.len() + self.more.iter().map(HashTable::len).sum::<usize>()
    }

    /// Removes those for which it does not hold.
    pub fn retain(&mut self, mut stays: impl FnMut(&mut T) -> bool) {
        self.first.retain(&mut stays);
        self.more.iter_mut().for_each(|piece| piece.retain(&mut stays));
    }

    /// Which of `more`, if not the first. Pieces place their entries by the bits at both ends of the hash: the middle is
    /// free.
    fn place(&self, hash: u64) -> Option<usize> {
        (usize::try_from(hash >> 40).unwrap_or(0) & self.more.len()).checked_sub(1)
    }
}

impl<T> IntoIterator for Pieces<T> {
    type Item = T;
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<HashTable<T>>>;

    fn into_iter(mut self) -> Self::IntoIter {
        self.more.push(self.first);
        self.more.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_before_and_after_the_table_is_large() {
        let hash = |n: &u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut table = Pieces::default();
        for n in 0..50_000 {
            table.room(hash(&n), hash).insert_unique(hash(&n), n, hash);
            let old = n / 2;
            assert!(table.of(hash(&old)).find(hash(&old), |m| *m == old).is_some());
        }
        assert!(table.of(7).len() < 1000, "pieces are small");
        table.retain(|n| *n % 2 == 0);
        assert_eq!((table.len(), table.iter().count()), (25_000, 25_000));
        assert!(table.of_mut(hash(&4)).find_entry(hash(&4), |m| *m == 4).map(|found| found.remove()).is_ok());
        assert_eq!(table.into_iter().map(|n| n % 2).sum::<u64>(), 0);
    }
}
