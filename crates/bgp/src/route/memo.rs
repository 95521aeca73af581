//! What the words behind a prefix meant the last time they were read.

use super::{Draft, Nlris, Purpose, Route};
use crate::attribute::Attributes;
use crate::nlri::{Stored, family_of};
use crate::text::{Diagnostic, Words};
use std::sync::Arc;

/// Slots; a power of two. A table announced in order needs one, a shuffled one many.
const SLOTS: usize = 4096;
/// Texts longer than this are not kept.
const LONGEST: usize = 1024;

/// Remembers attribute texts, so that a line whose words behind the prefix are known costs one comparison.
///
/// Holds at most 4096 texts of at most 1024 octets each: a new one takes the place of an older one in its slot.
#[derive(Debug, Default)]
pub struct Memo {
    slots: Vec<Option<Box<Entry>>>,
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
        Memo::default()
    }

    /// Finishes a route whose prefix is known and whose keywords are still to be read.
    pub(super) fn complete(
        &mut self,
        mut draft: Draft,
        words: &mut Words<'_>,
        purpose: Purpose,
    ) -> Result<Route, Diagnostic> {
        let text = plain_statement(words.rest());
        let slot = text.map_or(0, hash) & (SLOTS - 1);
        if let (Some(text), Some(prefix)) = (text, draft.prefix)
            && let Some(Some(known)) = self.slots.get(slot)
            && *known.text == *text
            && known.purpose == purpose
        {
            words.skip(text.len());
            let mut wire = [0; 17];
            return Ok(Route {
                family: family_of(prefix),
                nlris: Nlris::One(Stored::new(known.path_id, prefix.wire(&mut wire))),
                attributes: known.attributes.clone(),
                watchdog: known.watchdog.clone(),
                withdraw: known.withdraw,
            });
        }
        draft.keywords(words)?;
        let route = draft.finish(purpose, words.last(), None)?;
        // What the short way above can make again: an NLRI that is the prefix and nothing else.
        let plain = draft.split.is_none() && draft.prefix.is_some_and(|prefix| route.family == family_of(prefix));
        if let (true, Some(text)) = (plain, text) {
            self.keep(slot, text, purpose, &draft, &route);
        }
        Ok(route)
    }

    fn keep(&mut self, slot: usize, text: &str, purpose: Purpose, draft: &Draft, route: &Route) {
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, || None);
        }
        if let Some(slot) = self.slots.get_mut(slot) {
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

/// The text up to the end of the statement; `None` if it is long, or if a quote, an escape or a comment makes the end
/// of the statement a matter for the lexer.
fn plain_statement(rest: &str) -> Option<&str> {
    let end =
        rest.bytes().take(LONGEST + 1).position(|b| matches!(b, b';' | b'{' | b'}' | b'"' | b'\'' | b'\\' | b'#'));
    match end {
        Some(end) => rest.split_at_checked(end).filter(|(_, tail)| tail.starts_with([';', '{', '}'])).map(|(t, _)| t),
        None => (rest.len() <= LONGEST).then_some(rest),
    }
}

/// Spreads texts over slots. Not safe against somebody who wants collisions: they would cost him the short way only.
fn hash(text: &str) -> usize {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut h = K ^ u64::try_from(text.len()).unwrap_or(0);
    let mut chunks = text.as_bytes().chunks_exact(8);
    for chunk in &mut chunks {
        let word = chunk.first_chunk::<8>().map_or(0, |b| u64::from_le_bytes(*b));
        h = (h.rotate_left(5) ^ word).wrapping_mul(K);
    }
    for b in chunks.remainder() {
        h = (h.rotate_left(5) ^ u64::from(*b)).wrapping_mul(K);
    }
    usize::try_from(h >> 32).unwrap_or(0)
}
