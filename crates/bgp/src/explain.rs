//! A message field by field: which octets are what, what they say, and what is wrong with them.
//!
//! Nothing here knows how a message is built. It is read as ever, with a [`Trace`], and what the readers reported is put into a
//! tree: what lies within the octets of another thing is part of it. Octets nobody asked for are there, too, without a name.
//!
//! ```
//! use herald_bgp::context::Context;
//! use herald_bgp::dialect::Dialect;
//! use herald_bgp::explain;
//! use herald_bgp::value::Asn;
//!
//! // MULTI_EXIT_DISC 5
//! let octets = [0x80, 4, 4, 0, 0, 0, 5];
//! let session = Context::plain(Asn(65001), Asn(65001));
//! let explanation = explain::attributes(&octets, &session, Dialect::V6);
//! let med = &explanation.fields[0];
//! assert_eq!((&*med.meaning.name, &*med.meaning.words, med.meaning.rfc), ("med", "med 5", "RFC 4271 §5.1.4"));
//! let names: Vec<_> = med.parts.iter().map(|part| (part.at, &*part.meaning.name)).collect();
//! assert_eq!(names[..3], [(0, "attribute flags"), (1, "attribute type"), (2, "attribute length")]);
//! ```

use crate::attribute::{self, code};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::error::{Fault, Malformed};
use crate::family::Family;
use crate::message::{self, HEADER, Kind};
use crate::notification::Notification;
use crate::open::Open;
use crate::operational::Operational;
use crate::read::Reader;
use crate::refresh::RouteRefresh;
use crate::trace::{Meaning, Note, Shape, Trace};
use crate::update::Update;
use std::cmp::Reverse;
use std::net::{Ipv4Addr, Ipv6Addr};

/// What there is to say about some octets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// What the octets are, in their order, without gaps and overlaps.
    pub fields: Vec<Field>,
    /// What is wrong, strongest first; of an UPDATE as RFC 7606 judges it.
    pub faults: Vec<Fault>,
}

/// Octets that are one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// The offset of the first.
    pub at: usize,
    /// How many.
    pub len: usize,
    /// How they are written where there are no words.
    pub shape: Shape,
    /// What they are; without a name if nobody read them.
    pub meaning: Meaning,
    /// Its parts, if it has any: as fields of a message, they cover all of it.
    pub parts: Vec<Field>,
}

impl Field {
    /// The number or address in the octets, if it is one. `bytes`: what was explained.
    pub fn value(&self, bytes: &[u8]) -> Option<String> {
        let octets = bytes.get(self.at..self.at + self.len)?;
        match self.shape {
            Shape::Number if octets.len() <= 8 => {
                Some(octets.iter().fold(0u64, |n, octet| n << 8 | u64::from(*octet)).to_string())
            }
            Shape::Address => match octets.as_array::<4>() {
                Some(v4) => Some(Ipv4Addr::from(*v4).to_string()),
                None => octets.as_array::<16>().map(|v6| Ipv6Addr::from(*v6).to_string()),
            },
            _ => None,
        }
    }
}

/// Explains one message, header included, as received in a session that is `cx`. JSON is that of `dialect`.
pub fn message(bytes: &[u8], cx: &Context, dialect: Dialect) -> Explanation {
    explained(bytes, dialect, |r, trace| {
        let start = *r;
        let Some((kind, length)) = message::header(r, message::MAX_EXTENDED)? else {
            return Err(Fault::reset(r.malformed("header", "19 octets"), Notification::new(1, 2)));
        };
        let Some(body) = bytes.get(HEADER..length) else {
            let expected = "as many octets as the header says";
            return Err(Fault::reset(
                Reader::new(&[], bytes.len()).malformed("message", expected),
                Notification::new(1, 2),
            ));
        };
        r.whole(&start, |_| Meaning { rfc: "RFC 4271 §4.1", ..Meaning::named("message header") });
        let name = kind.name().unwrap_or("message");
        trace.note(HEADER, body.len(), Shape::Whole, Meaning { rfc: document(kind), ..Meaning::named(name) });
        let r = r.again(body, HEADER);
        let wrong = |malformed| Fault::reset(malformed, Notification::new(3, 0));
        match kind {
            Kind::OPEN => drop(Open::read_from(r)?),
            Kind::UPDATE => return Ok(Update::told(body, cx, true, trace)?.faults().to_vec()),
            Kind::NOTIFICATION => drop(Notification::read_from(r)),
            Kind::ROUTE_REFRESH => {
                let refresh = RouteRefresh::read_from(r)
                    .map_err(|malformed| Fault { notification: Notification::new(7, 1), ..wrong(malformed) })?;
                refresh.verify(bytes.get(..length).unwrap_or(bytes))?;
            }
            Kind::OPERATIONAL => {
                let wrong = |malformed| Fault::reset(malformed, Notification::new(5, 0));
                Operational::read_from(r).map_err(wrong)?;
            }
            _ => {}
        }
        Ok(Vec::new())
    })
}

/// What defines the body of a message.
fn document(kind: Kind) -> &'static str {
    match kind {
        Kind::OPEN => "RFC 4271 §4.2",
        Kind::UPDATE => "RFC 4271 §4.3",
        Kind::NOTIFICATION => "RFC 4271 §4.5",
        Kind::ROUTE_REFRESH => "RFC 2918 §3, RFC 7313 §3.2",
        Kind::OPERATIONAL => "draft-ietf-idr-operational-message",
        _ => "",
    }
}

/// True if only an internal peer may send this message: an UPDATE with LOCAL_PREF, ORIGINATOR_ID or CLUSTER_LIST, whatever is
/// in them (RFC 4271 §5.1.5, RFC 4456 §8).
pub fn is_internal(message: &[u8]) -> bool {
    let Ok(Some((message, _))) = message::split(message, message::MAX_EXTENDED) else { return false };
    let mut r = Reader::new(message.body(), HEADER);
    let mut field = || r.u16("length").and_then(|length| r.take(length.into(), "field"));
    let (Kind::UPDATE, Ok(_), Ok(mut rest)) = (message.kind, field(), field()) else { return false };
    while let Some((attr, behind)) = attribute::split(rest) {
        if matches!(attr.code, code::LOCAL_PREF | code::ORIGINATOR_ID | code::CLUSTER_LIST) {
            return true;
        }
        rest = behind;
    }
    false
}

/// Explains path attributes, one behind the other.
pub fn attributes(bytes: &[u8], cx: &Context, dialect: Dialect) -> Explanation {
    // withdrawn-length(2) attributes-length(2) in front
    let skip = HEADER + 4;
    let mut body = vec![0, 0];
    body.extend_from_slice(&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
    body.extend_from_slice(bytes);
    let trace = Trace::new(dialect);
    let verdict = Update::told(&body, cx, false, &trace).map(|update| update.faults().to_vec());
    let moved = |at: usize| at.saturating_sub(skip);
    let inside = trace
        .take()
        .into_iter()
        .filter(|note| note.at >= skip && (note.len < bytes.len() || note.shape == Shape::Whole));
    let notes = inside.map(|note| Note { at: moved(note.at), ..note }).collect();
    let faults = verdict.unwrap_or_else(|fault| vec![fault]).into_iter();
    let faults = faults.map(|fault| Fault {
        malformed: Malformed { offset: moved(fault.malformed.offset), ..fault.malformed },
        ..fault
    });
    Explanation { fields: tree(notes, bytes.len()), faults: faults.collect() }
}

/// Explains NLRI of one family, one behind the other, with path identifiers or without.
pub fn nlri(bytes: &[u8], family: Family, with_path_id: bool, dialect: Dialect) -> Explanation {
    explained(bytes, dialect, |r, _| {
        let wrong = |malformed| Fault::reset(malformed, Notification::new(3, 10));
        let first = (family.spec().check)(*r, with_path_id).map_err(wrong)?;
        Ok(first.into_iter().map(wrong).collect())
    })
}

fn explained(
    bytes: &[u8],
    dialect: Dialect,
    read: impl for<'a> FnOnce(&mut Reader<'a>, &'a Trace) -> Result<Vec<Fault>, Fault>,
) -> Explanation {
    let trace = Trace::new(dialect);
    let faults = read(&mut Reader::new(bytes, 0).told_to(Some(&trace)), &trace).unwrap_or_else(|fault| vec![fault]);
    Explanation { fields: tree(trace.take(), bytes.len()), faults }
}

/// Puts notes about `len` octets into a tree.
fn tree(notes: Vec<Note>, len: usize) -> Vec<Field> {
    let mut notes: Vec<(usize, Note)> =
        notes.into_iter().enumerate().filter(|(_, note)| note.len > 0 && note.at + note.len <= len).collect();
    // what is around others comes first; of the same octets what was said of the whole, then what was said last
    notes.sort_by_key(|(order, note)| (note.at, Reverse(note.len), note.shape != Shape::Whole, Reverse(*order)));
    notes.dedup_by(|(_, next), (_, kept)| {
        let same = next.at == kept.at && next.len == kept.len;
        same && (next.shape == Shape::Whole) == (kept.shape == Shape::Whole)
    });
    let mut notes = notes.into_iter().map(|(_, note)| note).peekable();
    let mut fields = Vec::new();
    parts(&mut notes, 0..len, &mut fields);
    fields
}

/// Takes what lies within `range` off the front and fills what is between.
fn parts(
    notes: &mut std::iter::Peekable<impl Iterator<Item = Note>>,
    range: std::ops::Range<usize>,
    out: &mut Vec<Field>,
) {
    let mut at = range.start;
    while let Some(note) = notes.next_if(|note| note.at < range.end) {
        let end = note.at + note.len;
        // read once more in another way, across what was read before
        if note.at < at || end > range.end {
            continue;
        }
        fill(at..note.at, out);
        let Note { at: start, len, shape, meaning } = note;
        let mut field = Field { at: start, len, shape, meaning, parts: Vec::new() };
        if notes.peek().is_some_and(|next| next.at < end) {
            parts(notes, start..end, &mut field.parts);
        }
        // a thing that is nothing but one field is that field
        if let [only] = &mut field.parts[..]
            && (only.shape != Shape::Whole || only.meaning.name.is_empty())
        {
            if field.shape != Shape::Whole {
                field.shape = only.shape;
            }
            field.parts = std::mem::take(&mut only.parts);
        }
        out.push(field);
        at = end;
    }
    fill(at..range.end, out);
}

/// Octets nobody read.
fn fill(range: std::ops::Range<usize>, out: &mut Vec<Field>) {
    if !range.is_empty() {
        let (at, len, shape, meaning) = (range.start, range.len(), Shape::Octets, Meaning::default());
        out.push(Field { at, len, shape, meaning, parts: Vec::new() });
    }
}
