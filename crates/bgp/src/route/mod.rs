//! The words that make a route: one grammar for the configuration file and for API lines.
//!
//! ```text
//! 10.0.0.0/24 next-hop 192.0.2.1 med 5 community [ 65000:1 65000:2 ]      a prefix, then keywords
//! next-hop 192.0.2.1 med 5 nlri 10.0.0.0/24 10.0.1.0/24                   keywords, then prefixes that share them
//! ```
//!
//! A [`Draft`] collects what the words say; [`Draft::finish`] makes a [`Route`] of it. Because a table of a million
//! routes repeats few attribute texts, a [`Memo`] remembers what the words behind a prefix meant.

mod draft;
mod keyword;
mod memo;
pub(crate) mod part;

pub use draft::Draft;
pub use keyword::Keyword;
pub use memo::Memo;

use crate::attribute::Attributes;
use crate::family::Family;
use crate::nlri::Stored;
use crate::put;
use crate::put::Hex;
use crate::text::{Diagnostic, Grammar, Words};
use std::sync::Arc;

/// What one line or statement announces or withdraws: NLRI of one family that share their attributes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// The family of all of them.
    pub family: Family,
    /// At least one.
    pub nlris: Nlris,
    /// Next hop and path attributes.
    pub attributes: Arc<Attributes>,
    /// The group the route belongs to: `watchdog NAME`.
    pub watchdog: Option<Arc<str>>,
    /// `withdraw`: with a watchdog, the route waits until the watchdog is announced.
    pub withdraw: bool,
}

/// One NLRI nearly always; more for `split` and `nlri a b c`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Nlris {
    #[allow(missing_docs)]
    One(Stored),
    #[allow(missing_docs)]
    Many(Vec<Stored>),
}

impl Nlris {
    /// All of them, in the order they were written.
    pub fn as_slice(&self) -> &[Stored] {
        match self {
            Nlris::One(nlri) => std::slice::from_ref(nlri),
            Nlris::Many(list) => list,
        }
    }
}

impl Nlris {
    /// Adds one.
    pub(crate) fn push(&mut self, nlri: Stored) {
        match self {
            Nlris::Many(list) if list.is_empty() => *self = Nlris::One(nlri),
            Nlris::Many(list) => list.push(nlri),
            Nlris::One(first) => *self = Nlris::Many(vec![first.clone(), nlri]),
        }
    }
}

impl From<Vec<Stored>> for Nlris {
    fn from(mut list: Vec<Stored>) -> Self {
        match (list.len(), list.pop()) {
            (1, Some(one)) => Nlris::One(one),
            (_, Some(last)) => {
                list.push(last);
                Nlris::Many(list)
            }
            (_, None) => Nlris::Many(list),
        }
    }
}

/// What the words are for: an announcement needs a next hop, a withdrawal does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    #[allow(missing_docs)]
    Announce,
    #[allow(missing_docs)]
    Withdraw,
}

/// Reads `PREFIX keyword value …` to the end of the statement. The family follows from the prefix and the keywords.
pub fn parse_route(words: &mut Words<'_>, purpose: Purpose, memo: &mut Memo) -> Result<Route, Diagnostic> {
    memo.complete(draft::prefix(words, None)?, words, purpose)
}

/// Reads `keyword value … nlri PREFIX PREFIX …`: one route for each family among the prefixes.
pub fn parse_attributes(words: &mut Words<'_>, purpose: Purpose) -> Result<Vec<Route>, Diagnostic> {
    let mut draft = Draft::new(None);
    loop {
        let word = words.expect("`nlri` and at least one prefix")?;
        if word.text == "nlri" {
            break;
        }
        draft.keyword(&word, words)?;
    }
    let mut routes: Vec<Route> = Vec::new();
    let mut shared = None;
    while words.peek().is_some() {
        if words.accept(",") || words.accept("[") || words.accept("]") {
            continue;
        }
        draft.parse_prefix(words, None)?;
        let route = draft.finish(purpose, words.last(), shared.clone())?;
        shared = Some(route.attributes.clone());
        match routes.iter_mut().find(|r| r.family == route.family) {
            Some(known) => {
                let mut list = known.nlris.as_slice().to_vec();
                list.extend_from_slice(route.nlris.as_slice());
                known.nlris = list.into();
            }
            None => routes.push(route),
        }
    }
    if routes.is_empty() {
        return Err(Diagnostic::error(words.here(), "a prefix is missing after `nlri`"));
    }
    Ok(routes)
}

/// Reads the words of `announce AFI SAFI …`: what the family asks for, or `raw 0xOCTETS`; then keywords.
pub fn parse_family(words: &mut Words<'_>, family: Family, purpose: Purpose) -> Result<Route, Diagnostic> {
    let mut draft = Draft::new(Some(family));
    draft.read(words)?;
    draft.finish(purpose, words.last(), None)
}

/// Appends the words that follow `announce AFI SAFI` for an NLRI: [`parse_family`] makes the same octets of them. What
/// the words of its family cannot say exactly, such as bits behind the length of a prefix, is `raw` octets.
pub fn words_of(family: Family, path_id: Option<u32>, nlri: &[u8], out: &mut String) {
    let start = out.len();
    (family.spec().words)(nlri, out);
    let same = out.get(start..).is_some_and(|text| {
        let route = parse_family(&mut Words::new(text, 0, Grammar::Line), family, Purpose::Withdraw);
        route.is_ok_and(|route| matches!(route.nlris.as_slice(), [one] if one.nlri() == nlri))
    });
    if !same {
        out.truncate(start);
        put!(out, "raw 0x", Hex(nlri));
    }
    if let Some(id) = path_id {
        out.push_str(" path-information ");
        crate::json::number(out, id);
    }
}
