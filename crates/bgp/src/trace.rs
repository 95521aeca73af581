//! What a [`Reader`](crate::read::Reader) was asked for: which octets, under which name, and what they mean.
//!
//! The code that reads a message is the only description of it there is. Whoever wants to see every field gives the reader a
//! trace ([`Reader::told_to`](crate::read::Reader::told_to)); everybody else carries a pointer that is null.

use crate::dialect::Dialect;
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

/// Collects what readers report, in the order they were asked.
#[derive(Default)]
pub struct Trace {
    notes: Cell<Vec<Note>>,
    dialect: Dialect,
}

/// Some octets that were read as one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// Where they start, in octets from the start of the message.
    pub at: usize,
    /// How many there are.
    pub len: usize,
    /// How they are written if nothing else is known.
    pub shape: Shape,
    /// What they are.
    pub meaning: Meaning,
}

/// What octets are to be taken for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Octets: what is in them is shown by whatever was read of it afterwards.
    Octets,
    /// Something that was read as several fields.
    Whole,
    /// A number, big endian.
    Number,
    /// An IPv4 or IPv6 address.
    Address,
}

/// What octets are. All but the name may be empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Meaning {
    /// What the RFC calls them.
    pub name: Cow<'static, str>,
    /// What they say, in words.
    pub words: String,
    /// The same as events have it: a JSON value.
    pub json: String,
    /// The document that defines them.
    pub rfc: &'static str,
}

impl Meaning {
    /// A name, and nothing more.
    pub fn named(name: impl Into<Cow<'static, str>>) -> Meaning {
        Meaning { name: name.into(), ..Meaning::default() }
    }
}

impl Trace {
    /// Nothing was read yet. JSON is to be that of `dialect`.
    pub fn new(dialect: Dialect) -> Trace {
        Trace { notes: Cell::default(), dialect }
    }

    /// Whose spelling JSON follows.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// What was reported; the trace is empty then.
    pub fn take(&self) -> Vec<Note> {
        self.notes.take()
    }

    /// Writes down what was read. Not inlined, and given numbers only: readers stay in registers.
    #[cold]
    #[inline(never)]
    pub(crate) fn read(&self, at: usize, len: usize, shape: Shape, name: &'static str) {
        self.note(at, len, shape, Meaning::named(name));
    }

    /// Writes down what octets are.
    #[cold]
    pub(crate) fn note(&self, at: usize, len: usize, shape: Shape, meaning: Meaning) {
        self.change(|notes| notes.push(Note { at, len, shape, meaning }));
    }

    /// Writes down items of `size` octets, each with its words.
    #[cold]
    #[inline(never)]
    pub(crate) fn items(
        &self,
        at: usize,
        octets: &[u8],
        size: usize,
        (name, words): (&'static str, fn(&[u8], &mut String)),
    ) {
        let size = size.max(1);
        for (at, item) in (at..).step_by(size).zip(octets.chunks_exact(size)) {
            let mut meaning = Meaning::named(name);
            words(item, &mut meaning.words);
            self.note(at, size, Shape::Octets, meaning);
        }
    }

    /// Says what the octets mean that were read last.
    #[cold]
    pub(crate) fn means(&self, words: String) {
        self.change(|notes| {
            if let Some(last) = notes.last_mut() {
                last.meaning.words = words;
            }
        });
    }

    /// Says what the octets mean that were read at an offset, the last time if there were several.
    #[cold]
    pub(crate) fn means_at(&self, offset: usize, words: String) {
        self.change(|notes| {
            if let Some(note) = notes.iter_mut().rev().find(|note| note.at == offset) {
                note.meaning.words = words;
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Note>)) {
        let mut notes = self.notes.take();
        change(&mut notes);
        self.notes.set(notes);
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace").field("dialect", &self.dialect).finish_non_exhaustive()
    }
}
