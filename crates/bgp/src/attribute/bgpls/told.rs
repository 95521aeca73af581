//! What a trace is told of TLVs: their names, and the fields their rows have.

use super::form::{Form, Kind, Row, sids};
use super::{rows, words};
use crate::read::Reader;
use crate::trace::{Meaning, Shape, Trace};
use crate::value::tlv::Tlv;

/// Tells of all TLVs of a value, and of those inside of them, `deeper` times.
pub(super) fn fields(mut value: Reader<'_>, deeper: u8) {
    while let (start, Ok(tlv), Some(trace)) = (value, Tlv::read(&mut value), value.trace()) {
        let (row, at) = (rows::row(tlv.kind), start.offset() + 4);
        trace.means_at(start.offset(), row.map_or_else(String::new, |row| row.name.to_owned()));
        let mut said = String::new();
        words::write_tlv(tlv, &mut said);
        trace.means_at(at, said);
        if let Some(row) = row.filter(|row| row.fits(tlv.value).is_ok()) {
            tell(trace, row, value.again(tlv.value, at), deeper);
        }
    }
}

/// Tells of the fields of a value that is as its row says.
fn tell(trace: &Trace, row: &Row, r: Reader<'_>, deeper: u8) {
    let (Form::Fields(_, fields), value) = (row.form, r.rest()) else { return };
    for field in fields {
        let octets = field.octets(value, &row.form);
        let place = match field.kind {
            Kind::Undecoded(_) => continue,
            kind if kind.width().is_some() => field.at,
            _ => value.len() - octets.len(),
        };
        let at = r.offset() + place;
        match field.kind {
            Kind::SubTlvs if deeper > 0 => self::fields(r.again(octets, at), deeper - 1),
            Kind::SubTlvs => {}
            Kind::Sids(both) => {
                let flags = value.first().copied().unwrap_or(0);
                let mut at = at;
                for sid in sids(flags, both, octets).0 {
                    note(trace, at, field.word, Kind::SidLabel, sid);
                    at += sid.len();
                }
            }
            Kind::Ranges => ranges(r.again(octets, at)),
            kind => note(trace, at, field.word, kind, octets),
        }
    }
}

/// `{ size(3) SID/Label TLV }*`
fn ranges(mut r: Reader<'_>) {
    while r.field("range-size", "3") {
        let (start, Ok(tlv), Some(trace)) = (r, Tlv::read(&mut r), r.trace()) else { return };
        trace.means_at(start.offset(), rows::row(tlv.kind).map_or_else(String::new, |row| row.name.to_owned()));
        note(trace, start.offset() + 4, "first", Kind::SidLabel, tlv.value);
    }
}

fn note(trace: &Trace, at: usize, name: &'static str, kind: Kind, octets: &[u8]) {
    let mut meaning = Meaning::named(name);
    words::write_kind(kind, octets, &mut meaning.words);
    trace.note(at, octets.len(), Shape::Octets, meaning);
}
