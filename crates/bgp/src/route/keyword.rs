//! Keywords of a route that are no attributes: those of every route, and the form those of a family have.

use super::Draft;
use crate::text::{Diagnostic, Words};
use std::fmt;

/// Reads what stands behind a keyword into the draft; it is told the keyword's own name.
pub(crate) type Parse = fn(&mut Draft, &'static str, &mut Words<'_>) -> Result<(), Diagnostic>;

/// A keyword of a route: of any, or of those of a family.
#[derive(Clone, Copy)]
pub struct Keyword {
    /// The word itself.
    pub word: &'static str,
    /// How its value is written; empty: it has none.
    pub value: &'static str,
    /// What it says, in one line.
    pub doc: &'static str,
    /// It may be written several times.
    pub repeats: bool,
    pub(crate) parse: Parse,
}

impl Keyword {
    pub(crate) const fn part(word: &'static str, value: &'static str, doc: &'static str, parse: Parse) -> Keyword {
        Keyword { word, value, doc, repeats: false, parse }
    }

    /// The same, but it may be written several times.
    pub(crate) const fn repeats(self) -> Keyword {
        Keyword { repeats: true, ..self }
    }
}

impl fmt::Debug for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyword").field("word", &self.word).finish_non_exhaustive()
    }
}

/// Stands in front of any attribute written as octets.
pub(super) const ANY: &str = "attribute";

/// Keywords of every route.
pub(super) const OF_ALL: &[Keyword] = &[
    Keyword::part("next-hop", "IP | self", "where traffic goes", Draft::read_next_hop).repeats(),
    Keyword::part("path-information", "N | A.B.C.D", "path identifier (RFC 7911)", Draft::read_path),
    Keyword::part(ANY, "[ 0xCODE 0xFLAGS 0xDATA ]", "any attribute, as octets", Draft::read_generic).repeats(),
    Keyword::part("split", "/N", "cut the prefix into prefixes of /N", Draft::read_split),
    Keyword::part("watchdog", "NAME", "the group announced and withdrawn by name", Draft::read_watchdog),
    Keyword::part("withdraw", "", "with a watchdog: wait until it is announced", Draft::read_withdraw),
    Keyword::part("name", "NAME", "a label of your own, not sent", Draft::read_name),
];
