//! What the words behind a prefix meant the last time they were read.

use super::{Draft, Nlris, Purpose, Route};
use crate::attribute::Attributes;
use crate::nlri::{Stored, family_of};
use crate::text::{Diagnostic, Words};
use crate::value::Prefix;
use std::sync::Arc;

/// Slots to start with. A power of two, as is every number of slots.
const FEW: usize = 1 << 8;
/// Slots at most. A table announced in order needs one, a shuffled one many.
const MANY: usize = 1 << 18;
/// Octets of text at most, for each slot on average: beyond, all is forgotten.
const PER_SLOT: usize = 128;
/// Texts longer than this are not kept.
const LONGEST: usize = 1024;

/// Remembers attribute texts, so that a line whose words behind the prefix are known costs one comparison.
///
/// A new text takes the place of an older one. At most 262,144 texts are kept, none longer than 1024 octets, 32 MiB all
/// together. The room is taken only as it is used.
#[derive(Debug)]
pub struct Memo {
    slots: Vec<Slot>,
    used: usize,
    most: usize,
    texts: Texts,
    /// The slot used last: routes come in runs.
    last: usize,
    /// Room for the words of a route that is not known.
    draft: Draft,
}

/// A text, and what it meant; nothing if there are no attributes.
#[derive(Debug, Default)]
struct Slot {
    hash: u32,
    text: At,
    purpose: Option<Purpose>,
    path_id: Option<u32>,
    attributes: Option<Arc<Attributes>>,
}

impl Default for Memo {
    fn default() -> Self {
        Memo::new()
    }
}

impl Memo {
    /// An empty memory.
    pub fn new() -> Memo {
        Memo::of(MANY)
    }

    /// With so many slots at most.
    fn of(most: usize) -> Memo {
        Memo { slots: Vec::new(), used: 0, most, texts: Texts::default(), last: usize::MAX, draft: Draft::default() }
    }

    /// Finishes a route whose prefix was read and whose keywords are still to be read.
    pub(super) fn complete(
        &mut self,
        prefix: Prefix,
        words: &mut Words<'_>,
        purpose: Purpose,
    ) -> Result<Route, Diagnostic> {
        let rest = words.rest();
        if let Some((known, text)) = self.known(self.last, purpose)
            && statement_is(rest, text)
            && let Some(route) = known.route(prefix)
        {
            words.skip(text.len());
            return Ok(route);
        }
        let text = words.plain().filter(|text| text.len() <= LONGEST);
        let hash = text.map_or(0, hash);
        for slot in self.places(hash) {
            if let (Some(text), true) = (text, self.slots.get(slot).is_some_and(|slot| slot.hash == hash))
                && let Some((known, same)) = self.known(slot, purpose)
                && text == same
                && let Some(route) = known.route(prefix)
            {
                words.skip(text.len());
                self.last = slot;
                return Ok(route);
            }
        }
        let mut draft = std::mem::take(&mut self.draft);
        draft.clear();
        draft.prefix = Some(prefix);
        draft.keywords(words)?;
        let route = draft.finish(purpose, words.last(), None)?;
        // What a slot can make again: an NLRI that is the prefix and nothing else.
        let plain = draft.split.is_none() && draft.watchdog.is_none() && !draft.withdraw;
        if let Some(text) = text.filter(|_| plain && route.family == family_of(prefix)) {
            self.keep(text, hash, purpose, draft.path_id, &route);
        }
        self.draft = draft;
        Ok(route)
    }

    /// The two slots a text may be in; they are neighbours.
    fn places(&self, hash: u32) -> [usize; 2] {
        let first = usize::try_from(hash).unwrap_or(0) & self.slots.len().wrapping_sub(1);
        [first, first ^ 1]
    }

    /// Where a new text goes: rather to an empty slot than over an older text.
    fn place(&self, hash: u32) -> usize {
        let [first, second] = self.places(hash);
        let empty = |at: usize| self.slots.get(at).is_some_and(|slot| slot.attributes.is_none());
        if !empty(first) && empty(second) { second } else { first }
    }

    fn known(&self, slot: usize, purpose: Purpose) -> Option<(&Slot, &str)> {
        let slot = self.slots.get(slot).filter(|slot| slot.purpose == Some(purpose))?;
        Some((slot, self.texts.get(slot.text)?))
    }

    fn keep(&mut self, text: &str, hash: u32, purpose: Purpose, path_id: Option<u32>, route: &Route) {
        if self.texts.octets() + text.len() > self.most * PER_SLOT {
            self.slots = Vec::new();
            self.texts = Texts::default();
            self.used = 0;
        }
        if self.used * 2 >= self.slots.len() && self.slots.len() < self.most {
            self.grow();
        }
        let at = self.place(hash);
        let (Some(slot), Some(text)) = (self.slots.get_mut(at), self.texts.push(text)) else { return };
        self.used += usize::from(slot.attributes.is_none());
        let attributes = Some(route.attributes.clone());
        *slot = Slot { hash, text, purpose: Some(purpose), path_id, attributes };
        self.last = at;
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 4).clamp(FEW, self.most);
        let old = std::mem::take(&mut self.slots);
        self.slots.resize_with(size, Slot::default);
        self.used = 0;
        for slot in old.into_iter().filter(|slot| slot.attributes.is_some()) {
            let at = self.place(slot.hash);
            if let Some(place) = self.slots.get_mut(at) {
                self.used += usize::from(place.attributes.is_none());
                *place = slot;
            }
        }
    }
}

impl Slot {
    fn route(&self, prefix: Prefix) -> Option<Route> {
        Some(Route {
            family: family_of(prefix),
            nlris: Nlris::One(Stored::new(self.path_id, prefix.wire(&mut [0; 17]))),
            attributes: self.attributes.clone()?,
            watchdog: None,
            withdraw: false,
        })
    }
}

/// Texts one behind the other.
///
/// One block that grows and goes as a whole: large blocks grow without being copied where the allocator can move
/// pages, and leave no holes between what outlives them.
#[derive(Debug, Default)]
struct Texts(String);

/// Where a text is.
#[derive(Clone, Copy, Debug, Default)]
struct At {
    start: u32,
    len: u16,
}

impl Texts {
    fn octets(&self) -> usize {
        self.0.len()
    }

    /// Keeps a text.
    fn push(&mut self, text: &str) -> Option<At> {
        let at = At { start: u32::try_from(self.0.len()).ok()?, len: u16::try_from(text.len()).ok()? };
        self.0.push_str(text);
        Some(at)
    }

    fn get(&self, at: At) -> Option<&str> {
        let start = usize::try_from(at.start).ok()?;
        self.0.get(start..start + usize::from(at.len))
    }
}

/// The statement at the start of `rest` is `text`, which is a plain one.
fn statement_is(rest: &str, text: &str) -> bool {
    rest.strip_prefix(text).is_some_and(|tail| tail.is_empty() || tail.starts_with([';', '{', '}']))
}

/// Spreads texts over slots. Not safe against somebody who wants collisions: they would cost him the short way only.
fn hash(text: &str) -> u32 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    const L: u64 = 0xd6e8_feb8_6659_fd93;
    let fold = |a: u64, b: u64| {
        let [low, high] = halves(u128::from(a) * u128::from(b));
        low ^ high
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<16>();
    let mut last = [0; 16];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let mut h = K ^ u64::try_from(text.len()).unwrap_or(0);
    for pair in pairs.iter().chain([&last]) {
        let [low, high] = halves(u128::from_le_bytes(*pair));
        h = fold(h ^ low, L ^ high);
    }
    u32::try_from(h >> 32).unwrap_or(0)
}

/// The lower and the upper half of a number.
fn halves(wide: u128) -> [u64; 2] {
    [u64::try_from(wide & u128::from(u64::MAX)).unwrap_or(0), u64::try_from(wide >> 64).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::parse_route;
    use crate::text::Grammar;

    fn read(line: &str, grammar: Grammar, memo: &mut Memo) -> (Result<Route, Diagnostic>, String) {
        let mut words = Words::new(line, 0, grammar);
        let route = parse_route(&mut words, Purpose::Announce, memo);
        (route, words.rest().to_owned())
    }

    #[test]
    fn what_is_remembered_is_what_would_be_read() {
        let texts = [
            "next-hop 192.0.2.1",
            "next-hop 192.0.2.1 med 5",
            "next-hop 192.0.2.1 med 50",
            "next-hop 192.0.2.1 path-information 7",
            "next-hop 192.0.2.1 med 5 # 6",
            "next-hop 192.0.2.1 watchdog dog withdraw",
            "next-hop 192.0.2.1 split /26",
            "next-hop 192.0.2.1 med 5 ; rest",
            "next-hop 192.0.2.1 med 5 { rest",
            "next-hop 192.0.2.1 name \"a;b\" med 6",
            "med 5",
        ];
        for grammar in [Grammar::File, Grammar::Line] {
            let mut memo = Memo::new();
            for round in 0..3u8 {
                for text in texts.iter().chain(&texts) {
                    for prefix in ["10.0.0.0/24", "239.0.0.0/24", "2001:db8::/32"] {
                        let line = format!("{prefix} {text}");
                        let expected = read(&line, grammar, &mut Memo::new());
                        assert_eq!(read(&line, grammar, &mut memo), expected, "{line} {round}");
                    }
                }
            }
        }
    }

    #[test]
    fn many_texts_stay_within_bounds() {
        const SOME: usize = 1 << 12;
        let mut memo = Memo::of(SOME);
        for med in 0..40_000 {
            let line =
                format!("10.0.0.0/24 next-hop 192.0.2.1 med {} name {}", med % 20_000, "x".repeat(1 + med % 300));
            let route = read(&line, Grammar::Line, &mut memo).0.unwrap();
            assert_eq!(route.attributes.med(), u32::try_from(med % 20_000).ok());
            assert!(memo.slots.len() <= SOME && memo.texts.octets() <= SOME * PER_SLOT);
        }
    }

    #[test]
    fn a_text_read_before_shares_its_attributes() {
        let mut memo = Memo::new();
        let mut line = |n: u32| {
            let line = format!("10.0.0.0/24 next-hop 192.0.2.1 med {n}");
            read(&line, Grammar::Line, &mut memo).0.unwrap().attributes
        };
        let first: Vec<_> = (0..1000).map(&mut line).collect();
        let shared = (0..1000).zip(&first).filter(|(n, known)| Arc::ptr_eq(&line(*n), known)).count();
        assert!(shared > 700, "{shared}");
    }
}
