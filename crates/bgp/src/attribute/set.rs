//! The attributes of a route, kept.

use super::as_path::AsPath;
use super::{Attr, code, split, write};
use crate::nlri::NextHop;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

/// The path attributes of a route as Herald keeps them: the next hop apart, the others in canonical wire form.
///
/// Canonical: ascending code, each at most once, extended length only beyond 255 octets, AS numbers four octets wide,
/// neither NEXT_HOP nor MP_REACH_NLRI nor MP_UNREACH_NLRI. Defaults (ORIGIN, AS_PATH, LOCAL_PREF) are not in here: they
/// depend on the session and are added when the route is sent.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Attributes {
    /// Where traffic goes.
    pub next_hop: NextHop,
    mark: Mark,
    bytes: Box<[u8]>,
}

impl Attributes {
    /// From attributes in any order; of several with one code the first counts.
    pub fn new<'a>(next_hop: NextHop, attrs: impl IntoIterator<Item = Attr<'a>>) -> Attributes {
        let mut list: Vec<Attr<'a>> = attrs.into_iter().collect();
        list.sort_by_key(|attr| attr.code);
        list.dedup_by_key(|attr| attr.code);
        let mut bytes = Vec::new();
        for attr in list {
            write(&mut bytes, attr);
        }
        Attributes { next_hop, mark: Mark::default(), bytes: bytes.into() }
    }

    /// The same attributes with another next hop.
    pub fn with_next_hop(&self, next_hop: NextHop) -> Attributes {
        Attributes { next_hop, mark: Mark::default(), bytes: self.bytes.clone() }
    }

    /// The canonical bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The attributes by ascending code.
    pub fn iter(&self) -> impl Iterator<Item = Attr<'_>> + Clone {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            let (attr, behind) = split(rest)?;
            rest = behind;
            Some(attr)
        })
    }

    /// The attribute with this code.
    pub fn get(&self, code: u8) -> Option<Attr<'_>> {
        self.iter().find(|attr| attr.code == code)
    }

    /// The AS_PATH, if there is one: without it, the path is what the session makes of it.
    pub fn as_path(&self) -> Option<AsPath<'_>> {
        self.get(code::AS_PATH).map(|attr| AsPath(attr.value))
    }

    /// MULTI_EXIT_DISC.
    pub fn med(&self) -> Option<u32> {
        self.number(code::MULTI_EXIT_DISC)
    }

    /// LOCAL_PREF.
    pub fn local_pref(&self) -> Option<u32> {
        self.number(code::LOCAL_PREF)
    }

    /// The number written on this set last; 0 before.
    ///
    /// Who keeps many sets in a list writes the index on each, and finds a set that is brought again without hashing
    /// it. A guess only: another keeper may have written since, so look whether the set is there.
    pub fn mark(&self) -> u32 {
        self.mark.0.load(Relaxed)
    }

    /// Writes a number on this set. It is no part of its value.
    pub fn set_mark(&self, mark: u32) {
        self.mark.0.store(mark, Relaxed);
    }

    fn number(&self, code: u8) -> Option<u32> {
        self.get(code)?.value.first_chunk::<4>().map(|b| u32::from_be_bytes(*b))
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attributes").field("next_hop", &self.next_hop).field("bytes", &self.bytes).finish()
    }
}

/// Makes no difference between sets, and is not copied.
#[derive(Default)]
struct Mark(AtomicU32);

impl Clone for Mark {
    fn clone(&self) -> Mark {
        Mark::default()
    }
}

impl PartialEq for Mark {
    fn eq(&self, _: &Mark) -> bool {
        true
    }
}

impl Eq for Mark {}

impl Hash for Mark {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

    #[test]
    fn a_mark_is_no_part_of_the_value() {
        let set = Attributes::new(NextHop::None, [Attr { code: 4, flags: 0x80, value: &[0, 0, 0, 1] }]);
        let copy = set.clone();
        set.set_mark(7);
        assert_eq!((set.mark(), copy.mark()), (7, 0));
        assert_eq!(set, copy);
        assert_eq!(format!("{set:?}"), format!("{copy:?}"));
        let hash = |set: &Attributes| BuildHasherDefault::<DefaultHasher>::default().hash_one(set);
        assert_eq!(hash(&set), hash(&copy));
    }
}
