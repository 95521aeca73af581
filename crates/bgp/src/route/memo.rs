//! What the words behind a prefix meant the last time they were read.

use super::{Draft, Nlris, Purpose, Route};
use crate::attribute::Attributes;
use crate::nlri::{Stored, family_of};
use crate::text::{Diagnostic, Words};
use crate::value::Prefix;
use std::sync::Arc;

/// Slots unless more are asked for; a power of two. A table announced in order needs one, a shuffled one many.
const SLOTS: usize = 1 << 12;
/// Slots for somebody who may announce a shuffled table.
const MANY: usize = 1 << 18;
/// Octets of text that are kept at most, for each slot on average: beyond, all is forgotten.
const PER_SLOT: usize = 128;
/// Texts longer than this are not kept.
const LONGEST: usize = 1024;

/// Remembers attribute texts, so that a line whose words behind the prefix are known costs one comparison.
///
/// A new text takes the place of an older one in its slot. At most 4096 texts are kept, none longer than 1024 octets;
/// [`Memo::large`] keeps up to 262,144 and 32 MiB of text, and takes that room only if so many are used.
#[derive(Debug)]
pub struct Memo {
    slots: Vec<Option<Box<Entry>>>,
    size: usize,
    octets: usize,
    /// The slot used last: routes come in runs.
    last: usize,
    /// Room for the words of a route that is not known.
    draft: Draft,
}

#[derive(Debug)]
struct Entry {
    text: Box<str>,
    purpose: Purpose,
    path_id: Option<u32>,
    watchdog: Option<Arc<str>>,
    withdraw: bool,
    attributes: Arc<Attributes>,
}

impl Memo {
    /// An empty memory.
    pub fn new() -> Memo {
        Memo { slots: Vec::new(), size: SLOTS, octets: 0, last: 0, draft: Draft::default() }
    }

    /// An empty memory that may become large.
    pub fn large() -> Memo {
        Memo { size: MANY, ..Memo::new() }
    }

    /// Finishes a route whose prefix was read and whose keywords are still to be read.
    pub(super) fn complete(
        &mut self,
        prefix: Prefix,
        words: &mut Words<'_>,
        purpose: Purpose,
    ) -> Result<Route, Diagnostic> {
        let rest = words.rest();
        if let Some(known) = self.known(self.last).filter(|known| known.purpose == purpose && known.is_all_of(rest)) {
            words.skip(known.text.len());
            return Ok(known.route(prefix));
        }
        let text = plain_statement(rest);
        let slot = text.map_or(0, hash) & (self.size - 1);
        if let Some(text) = text
            && let Some(known) = self.known(slot)
            && *known.text == *text
            && known.purpose == purpose
        {
            let route = known.route(prefix);
            words.skip(text.len());
            self.last = slot;
            return Ok(route);
        }
        let mut draft = std::mem::take(&mut self.draft);
        draft.clear();
        draft.prefix = Some(prefix);
        draft.keywords(words)?;
        let route = draft.finish(purpose, words.last(), None)?;
        // What the short way above can make again: an NLRI that is the prefix and nothing else.
        if let Some(text) = text.filter(|_| draft.split.is_none() && route.family == family_of(prefix)) {
            self.keep(slot, text, purpose, &draft, &route);
        }
        self.draft = draft;
        Ok(route)
    }

    fn known(&self, slot: usize) -> Option<&Entry> {
        self.slots.get(slot)?.as_deref()
    }

    fn keep(&mut self, slot: usize, text: &str, purpose: Purpose, draft: &Draft, route: &Route) {
        self.octets += text.len();
        if self.slots.is_empty() || self.octets > self.size * PER_SLOT {
            self.octets = text.len();
            self.slots = Vec::new();
            self.slots.resize_with(self.size, || None);
        }
        self.last = slot;
        if let Some(slot) = self.slots.get_mut(slot) {
            self.octets -= slot.as_ref().map_or(0, |old| old.text.len());
            *slot = Some(Box::new(Entry {
                text: text.into(),
                purpose,
                path_id: draft.path_id,
                watchdog: route.watchdog.clone(),
                withdraw: route.withdraw,
                attributes: route.attributes.clone(),
            }));
        }
    }
}

impl Default for Memo {
    fn default() -> Self {
        Memo::new()
    }
}

impl Entry {
    /// A statement that starts with `rest` ends where this text ends.
    fn is_all_of(&self, rest: &str) -> bool {
        rest.strip_prefix(&*self.text).is_some_and(|tail| tail.is_empty() || tail.starts_with([';', '{', '}']))
    }

    fn route(&self, prefix: Prefix) -> Route {
        Route {
            family: family_of(prefix),
            nlris: Nlris::One(Stored::new(self.path_id, prefix.wire(&mut [0; 17]))),
            attributes: self.attributes.clone(),
            watchdog: self.watchdog.clone(),
            withdraw: self.withdraw,
        }
    }
}

/// The text up to the end of the statement; `None` if it is long, or if a quote, an escape or a comment makes the end
/// of the statement a matter for the lexer.
fn plain_statement(rest: &str) -> Option<&str> {
    let near = rest.as_bytes().get(..=LONGEST).unwrap_or(rest.as_bytes());
    let text = match memchr::memchr3(b';', b'{', b'}', near) {
        Some(end) => rest.get(..end)?,
        None if near.len() > LONGEST => return None,
        None => rest,
    };
    let octets = text.as_bytes();
    let plain = memchr::memchr3(b'"', b'\'', b'\\', octets).is_none() && memchr::memchr(b'#', octets).is_none();
    plain.then_some(text)
}

/// Spreads texts over slots. Not safe against somebody who wants collisions: they would cost him the short way only.
fn hash(text: &str) -> usize {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    const L: u64 = 0xd6e8_feb8_6659_fd93;
    let fold = |a: u64, b: u64| {
        let wide = u128::from(a) * u128::from(b);
        u64::try_from(wide >> 64).unwrap_or(0) ^ u64::try_from(wide & u128::from(u64::MAX)).unwrap_or(0)
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<16>();
    let mut last = [0; 16];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let mut h = K ^ u64::try_from(text.len()).unwrap_or(0);
    for pair in pairs.iter().chain([&last]) {
        let wide = u128::from_le_bytes(*pair);
        let (low, high) = (wide & u128::from(u64::MAX), wide >> 64);
        h = fold(h ^ u64::try_from(low).unwrap_or(0), L ^ u64::try_from(high).unwrap_or(0));
    }
    usize::try_from(h >> 8).unwrap_or(0)
}
