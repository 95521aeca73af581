//! What a trace is told of an attribute, beside what readers tell of its fields.

use super::{Attr, code, flags, spec, words_all};
use crate::context::Context;
use crate::read::Reader;
use crate::trace::{Meaning, Shape, Trace};
use std::borrow::Cow;

/// Tells a trace what an attribute is whose header starts at `start` and whose value at `at`.
#[cold]
#[inline(never)]
pub(crate) fn tell(trace: &Trace, [start, at]: [usize; 2], attr: Attr<'_>, cx: &Context) {
    let (name, rfc) = name(attr.code);
    trace.means_at(start, flag_words(attr.flags));
    trace.means_at(start + 1, name.to_string());
    let mut meaning = Meaning { rfc, ..Meaning::named(name) };
    // the words of a value that is malformed would mean nothing
    if let Some(spec) = spec(attr.code).filter(|spec| (spec.check)(Reader::new(attr.value, at), cx).is_ok()) {
        (spec.fields)(Reader::new(attr.value, at).told_to(Some(trace)));
        let value = widened(attr, cx);
        words_all([Attr { code: attr.code, flags: spec.flags, value: &value }].into_iter(), &mut meaning.words);
        meaning.words.drain(..1);
        (spec.json)(&value, &mut meaning.json, trace.dialect());
        if meaning.words.starts_with("attribute [") && !meaning.json.is_empty() {
            // the octets are there already: routes have a word of their own for a next hop
            meaning.words = format!("{} {}", spec.name, meaning.json.trim_matches('"'));
        }
    }
    trace.note(start, at - start + attr.value.len(), Shape::Whole, meaning);
}

/// What an attribute is called, and by which document.
fn name(code: u8) -> (Cow<'static, str>, &'static str) {
    match (spec(code), code) {
        (Some(spec), _) => (spec.name.into(), spec.rfc),
        (None, code::MP_REACH_NLRI) => ("mp-reach-nlri".into(), "RFC 4760 §3"),
        (None, code::MP_UNREACH_NLRI) => ("mp-unreach-nlri".into(), "RFC 4760 §4"),
        (None, _) => (format!("attribute {code}").into(), ""),
    }
}

/// A value as attributes are kept: AS numbers four octets wide.
fn widened<'a>(attr: Attr<'a>, cx: &Context) -> Cow<'a, [u8]> {
    match attr.code {
        code::AS_PATH if !cx.asn4 => super::widen(attr.value).into(),
        code::AGGREGATOR if !cx.asn4 => [&[0, 0], attr.value].concat().into(),
        _ => attr.value.into(),
    }
}

/// `optional transitive`
fn flag_words(all: u8) -> String {
    let names = [(flags::TRANSITIVE, "transitive"), (flags::PARTIAL, "partial"), (flags::EXTENDED, "extended length")];
    let first = if all & flags::OPTIONAL != 0 { "optional" } else { "well-known" };
    names.iter().filter(|(bit, _)| all & bit != 0).fold(first.to_owned(), |words, (_, name)| format!("{words} {name}"))
}
