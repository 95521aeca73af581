//! AS_PATH (RFC 4271 §4.3, §5.1.2; RFC 5065; RFC 6793): `{ type(1) count(1) asn(4)* }*`.

use super::{Attribute, code, flags, show};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json;
use crate::read::Reader;
use crate::text::{Diagnostic, Span, Word, Words};
use crate::value::Asn;

/// Segment types (RFC 4271 §4.3, RFC 5065 §3).
#[allow(missing_docs)]
pub mod segment {
    pub const SET: u8 = 1;
    pub const SEQUENCE: u8 = 2;
    pub const CONFED_SEQUENCE: u8 = 3;
    pub const CONFED_SET: u8 = 4;
}

/// An AS_PATH with four-octet AS numbers.
#[derive(Clone, Copy, Debug)]
pub struct AsPath<'a>(pub &'a [u8]);

impl<'a> AsPath<'a> {
    /// The segments: type, and the octets of the AS numbers in it.
    pub fn segments(self) -> impl Iterator<Item = (u8, &'a [u8])> + Clone {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let [kind, count, tail @ ..] = rest else { return None };
            let (asns, tail) = tail.split_at_checked(usize::from(*count) * 4)?;
            rest = tail;
            Some((*kind, asns))
        })
    }

    /// All AS numbers in order, whatever segment they are in.
    pub fn asns(self) -> impl Iterator<Item = Asn> + Clone {
        self.segments().flat_map(|(_, asns)| numbers(asns)).map(Asn)
    }

    /// How long the path counts: a set as one, confederation segments not at all (RFC 4271 §9.1.2.2, RFC 5065 §5.3).
    pub fn length(self) -> usize {
        self.segments().map(|(kind, asns)| counted(kind, asns.len() / 4)).sum()
    }

    /// The AS is in the path: the route has been here before.
    pub fn contains(self, asn: Asn) -> bool {
        self.asns().any(|a| a == asn)
    }

    /// Appends a path of these AS numbers as AS_SEQUENCE; several segments beyond 255.
    pub fn write_sequence(asns: &[Asn], out: &mut Vec<u8>) {
        write_segment(segment::SEQUENCE, asns, out);
    }

    /// Appends the path with AS numbers two octets wide, AS_TRANS for those that do not fit (RFC 6793 §4.2.2).
    pub fn write_two_octets(self, out: &mut Vec<u8>) {
        for (kind, asns) in self.segments() {
            out.extend([kind, u8::try_from(asns.len() / 4).unwrap_or(u8::MAX)]);
            numbers(asns).for_each(|asn| out.extend(Asn(asn).two_octets().to_be_bytes()));
        }
    }

    /// Appends what goes along as AS4_PATH: the path without its confederation segments (RFC 6793 §3), or nothing if all
    /// that is left fits into two octets.
    pub fn write_as4_path(self, out: &mut Vec<u8>) {
        let outside = || self.segments().filter(|(kind, _)| matches!(*kind, segment::SET | segment::SEQUENCE));
        if outside().flat_map(|(_, asns)| numbers(asns)).all(|asn| asn <= u32::from(u16::MAX)) {
            return;
        }
        for (kind, asns) in outside() {
            out.extend([kind, u8::try_from(asns.len() / 4).unwrap_or(u8::MAX)]);
            out.extend(asns);
        }
    }
}

/// What a segment adds to the length of a path.
pub(super) fn counted(kind: u8, asns: usize) -> usize {
    match kind {
        segment::SEQUENCE => asns,
        segment::SET => 1,
        _ => 0,
    }
}

/// What a path may have in it beside what every path may.
#[derive(Clone, Copy)]
pub(super) struct Admits {
    pub confederations: bool,
    pub zero_asn: bool,
}

/// Verifies segments whose AS numbers are `N` octets wide.
#[inline(always)]
pub(super) fn check<const N: usize>(r: Reader<'_>, admits: Admits, what: &'static str) -> Result<(), Malformed> {
    match r.trace() {
        None => check_segments::<N>(r.told_to(None), admits, what),
        Some(_) => check_told::<N>(r, admits, what),
    }
}

#[cold]
#[inline(never)]
fn check_told<const N: usize>(r: Reader<'_>, admits: Admits, what: &'static str) -> Result<(), Malformed> {
    check_segments::<N>(r, admits, what)
}

/// Made into code twice: one that knows that nobody is told, and one that is not in its way.
#[inline(always)]
fn check_segments<const N: usize>(mut r: Reader<'_>, admits: Admits, what: &'static str) -> Result<(), Malformed> {
    while !r.is_empty() {
        let start = r;
        let kind = r.u8("segment type")?;
        r.says(|| segment_name(kind));
        let count = r.u8("segment length")?;
        if !(segment::SET..=segment::CONFED_SET).contains(&kind) {
            return Err(start.malformed(what, "a segment type from 1 to 4"));
        }
        if kind >= segment::CONFED_SEQUENCE && !admits.confederations {
            return Err(start.malformed(what, "no confederation segments from outside"));
        }
        if count == 0 {
            return Err(start.malformed(what, "segments that are not empty"));
        }
        let asns = r.sub(usize::from(count) * N, "AS numbers")?;
        asns.items(N, [what, "whole AS numbers"], ("AS number", asn_words))?;
        // RFC 7607 §2
        if !admits.zero_asn && asns.rest().as_chunks::<N>().0.contains(&[0; N]) {
            return Err(start.malformed(what, "AS numbers other than 0"));
        }
    }
    Ok(())
}

/// Appends an AS number of two or four octets.
fn asn_words(asn: &[u8], out: &mut String) {
    json::number(out, asn.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)));
}

/// What RFCs call a type of segment.
fn segment_name(kind: u8) -> &'static str {
    match kind {
        segment::SET => "AS_SET",
        segment::SEQUENCE => "AS_SEQUENCE",
        segment::CONFED_SEQUENCE => "AS_CONFED_SEQUENCE",
        segment::CONFED_SET => "AS_CONFED_SET",
        _ => "",
    }
}

/// The way the route took.
pub(super) struct AsPathAttribute;

impl Attribute for AsPathAttribute {
    const CODE: u8 = code::AS_PATH;
    const FLAGS: u8 = flags::TRANSITIVE;
    const NAME: &'static str = "as-path";
    const KEYWORDS: &'static [&'static str] = &["as-path"];
    const DOC: &'static str = "the AS path, sent as it is: [ sequence ], ( set ), one after the other";
    const RFC: &'static str = "RFC 4271 §5.1.2, RFC 5065 §3";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = true;

    #[inline(always)]
    fn check(r: Reader<'_>, cx: &Context) -> Result<(), Malformed> {
        let admits = Admits { confederations: cx.internal, zero_asn: cx.zero_asn };
        if cx.asn4 { check::<4>(r, admits, "AS_PATH") } else { check::<2>(r, admits, "AS_PATH") }
    }

    fn words(value: &[u8], out: &mut String) {
        path_words(value, out);
    }

    /// The brackets of versions 5 and 6 are those of `parse` exchanged: programs have learnt to live with it.
    fn text(value: &[u8], out: &mut String, dialect: Dialect) {
        if value.is_empty() {
            return;
        }
        out.push_str("as-path");
        let path = AsPath(value);
        if dialect == Dialect::V4 {
            return flat_text(path, out);
        }
        for (kind, asns) in path.segments() {
            let (open, close) = match kind {
                segment::SET => (" [", " ]"),
                segment::SEQUENCE => (" (", " )"),
                segment::CONFED_SEQUENCE => (" {(", " )}"),
                _ => (" {[", " ]}"),
            };
            out.push_str(open);
            spaced(numbers(asns), out);
            out.push_str(close);
        }
    }

    /// Version 4 has members of their own for the other kinds of segments; they follow the value.
    fn json(value: &[u8], out: &mut String, dialect: Dialect) {
        if value.is_empty() {
            return;
        }
        let path = AsPath(value);
        if dialect == Dialect::V4 {
            return flat_json(path, out);
        }
        for (position, (kind, asns)) in (0u32..).zip(path.segments()) {
            out.push_str(if position == 0 { "{\"" } else { ", \"" });
            json::number(out, position);
            out.push_str(match kind {
                segment::SET => "\": {\"element\": \"as-set\", \"value\": ",
                segment::SEQUENCE => "\": {\"element\": \"as-sequence\", \"value\": ",
                segment::CONFED_SEQUENCE => "\": {\"element\": \"as-confed-sequence\", \"value\": ",
                _ => "\": {\"element\": \"as-confed-set\", \"value\": ",
            });
            show::numbers(numbers(asns), "[", "]", out);
            out.push('}');
        }
        out.push('}');
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        Path::default().parse(words, out)
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        sample(dice, out);
    }
}

/// Appends `as-path [ 1 2 ] ( 3 4 ) confed [ 5 ]`, as it is read.
fn path_words(value: &[u8], out: &mut String) {
    out.push_str("as-path");
    for (kind, asns) in AsPath(value).segments() {
        let (open, close) = match kind {
            segment::SEQUENCE => (" [", " ]"),
            segment::SET => (" (", " )"),
            segment::CONFED_SEQUENCE => (" confed [", " ]"),
            _ => (" confed (", " )"),
        };
        out.push_str(open);
        spaced(numbers(asns), out);
        out.push_str(close);
    }
    if value.is_empty() {
        out.push_str(" [ ]");
    }
}

fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
    for _ in 0..dice.below(5) {
        let kind = segment::SET + u8::try_from(dice.below(2)).unwrap_or(0);
        let asns: Vec<Asn> = (0..=dice.below(6))
            .map(|_| Asn(if dice.once_in(2) { dice.u32() } else { dice.u16().into() }.max(1)))
            .collect();
        write_segment(kind, &asns, out);
    }
}

fn numbers(asns: &[u8]) -> impl Iterator<Item = u32> + Clone {
    asns.as_chunks::<4>().0.iter().map(|b| u32::from_be_bytes(*b))
}

fn spaced(asns: impl Iterator<Item = u32>, out: &mut String) {
    for asn in asns {
        out.push(' ');
        json::number(out, asn);
    }
}

/// The AS numbers of all segments of one kind.
fn of_kind(path: AsPath<'_>, wanted: u8) -> impl Iterator<Item = u32> + Clone {
    path.segments().filter(move |(kind, _)| *kind == wanted).flat_map(|(_, asns)| numbers(asns))
}

/// Appends ` [ 1 2 ( 3 4 ) ]`, and `[ … ]` once more for a confederation.
fn flat_text(path: AsPath<'_>, out: &mut String) {
    let pairs = [(segment::SEQUENCE, segment::SET), (segment::CONFED_SEQUENCE, segment::CONFED_SET)];
    for (open, (sequence, set)) in [" [", "["].into_iter().zip(pairs) {
        let with_set = of_kind(path, set).next().is_some();
        if sequence == segment::CONFED_SEQUENCE && !with_set && of_kind(path, sequence).next().is_none() {
            return;
        }
        out.push_str(open);
        spaced(of_kind(path, sequence), out);
        if with_set {
            out.push_str(" (");
            spaced(of_kind(path, set), out);
            out.push_str(" )");
        }
        out.push_str(" ]");
    }
}

fn flat_json(path: AsPath<'_>, out: &mut String) {
    let list = |kind, out: &mut String| show::numbers(of_kind(path, kind), "[ ", " ]", out);
    list(segment::SEQUENCE, out);
    if of_kind(path, segment::SET).next().is_some() {
        out.push_str(", \"as-set\": ");
        list(segment::SET, out);
    }
    out.push_str(", \"confederation-path\": ");
    list(segment::CONFED_SEQUENCE, out);
    if of_kind(path, segment::CONFED_SET).next().is_some() {
        out.push_str(", \"confederation-set\": ");
        list(segment::CONFED_SET, out);
    }
}

fn write_segment(kind: u8, asns: &[Asn], out: &mut Vec<u8>) {
    for part in asns.chunks(255) {
        out.extend([kind, u8::try_from(part.len()).unwrap_or(u8::MAX)]);
        part.iter().for_each(|asn| out.extend(asn.0.to_be_bytes()));
    }
}

const FORM: &str = "an AS path is written [ 65001 65002 ], a set ( 65003 65004 ), one behind the other, \
                    and a segment of a confederation confed [ 65005 ]";

/// A path while its words are being read.
#[derive(Default)]
struct Path {
    /// Kind and AS numbers of the segments that are open: a sequence, and perhaps a set in it.
    open: Vec<(u8, char, Span)>,
    asns: Vec<Asn>,
    /// The segment is one of a confederation.
    confed: bool,
}

/// Says that the segment behind it is one of a confederation (RFC 5065).
const CONFED: &str = "confed";

/// A segment starts with this word.
fn starts(word: &Word<'_>) -> bool {
    word.text.starts_with(['[', '(']) || word.text == CONFED
}

impl Path {
    /// Reads segments until none follows. Parentheses may be glued to the numbers.
    fn parse(mut self, words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        if words.peek().is_some_and(|word| !starts(word)) {
            let word = words.expect("the AS path")?;
            AsPath::write_sequence(&[asn(&word.text, word.span)?], out);
            return Ok(());
        }
        loop {
            let word = words.expect("the AS path").map_err(|e| match self.open.last() {
                Some((_, close, span)) => {
                    Diagnostic::error(e.at, format!("`{close}` is missing")).label(*span, "the segment starts here")
                }
                None => e.help(FORM),
            })?;
            if word.text == CONFED && self.open.is_empty() {
                self.confed = words.peek().is_some_and(|word| word.text.starts_with(['[', '(']));
                if self.confed {
                    continue;
                }
                return Err(Diagnostic::error(words.here(), "a segment is missing behind `confed`").help(FORM));
            }
            let mut text = &*word.text;
            while let Some(rest) = text.strip_prefix(['[', '(']) {
                self.begin(text.starts_with('['), word.span, out)?;
                text = rest;
            }
            let number = text.trim_end_matches([']', ')']);
            if !matches!(number, "" | ",") {
                self.asns.push(asn(number, word.span)?);
            }
            for close in text.chars().skip(number.chars().count()) {
                self.end(close, word.span, out)?;
            }
            if self.open.is_empty() && !words.peek().is_some_and(starts) {
                return Ok(());
            }
        }
    }

    fn begin(&mut self, bracket: bool, at: Span, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        let close = if bracket { ']' } else { ')' };
        let kind = match self.open.as_slice() {
            [] => match (std::mem::take(&mut self.confed), bracket) {
                (false, true) => segment::SEQUENCE,
                (false, false) => segment::SET,
                (true, true) => segment::CONFED_SEQUENCE,
                (true, false) => segment::CONFED_SET,
            },
            [(segment::SEQUENCE, ..)] => segment::SET,
            _ => return Err(Diagnostic::error(at, "a segment inside a set").help(FORM)),
        };
        self.flush(out);
        self.open.push((kind, close, at));
        Ok(())
    }

    fn end(&mut self, found: char, at: Span, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        match self.open.last() {
            Some((_, close, _)) if *close == found => {
                self.flush(out);
                self.open.pop();
                Ok(())
            }
            Some((_, close, _)) => {
                Err(Diagnostic::error(at, format!("`{found}` where `{close}` should be")).help(FORM))
            }
            None => Err(Diagnostic::error(at, format!("`{found}` closes nothing")).help(FORM)),
        }
    }

    /// Writes the AS numbers read since the innermost segment began or went on.
    fn flush(&mut self, out: &mut Vec<u8>) {
        if let Some((kind, ..)) = self.open.last() {
            write_segment(*kind, &self.asns, out);
        }
        self.asns.clear();
    }
}

fn asn(text: &str, at: Span) -> Result<Asn, Diagnostic> {
    Asn::parse(text)
        .ok_or_else(|| Diagnostic::error(at, format!("`{text}` is no AS number")).help("0 to 4294967295, or as 1.10"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Grammar;

    fn parse(line: &str, grammar: Grammar) -> Result<Vec<(u8, Vec<u32>)>, Diagnostic> {
        let mut words = Words::new(line, 1, grammar);
        let mut out = Vec::new();
        AsPathAttribute::parse(&mut words, &mut out)?;
        assert_eq!(words.next().map(|w| w.text.into_owned()).as_deref(), line.contains("med").then_some("med"));
        Ok(AsPath(&out).segments().map(|(kind, asns)| (kind, numbers(asns).collect())).collect())
    }

    #[test]
    fn every_way_to_write_a_path() {
        for grammar in [Grammar::File, Grammar::Line] {
            let read = |line| parse(line, grammar).unwrap();
            assert_eq!(read("[ 1 2 ] med"), [(2, vec![1, 2])]);
            assert_eq!(read("[1,2]"), [(2, vec![1, 2])]);
            assert_eq!(read("7 med"), [(2, vec![7])]);
            assert_eq!(read("[ ] med"), []);
            assert_eq!(read("[ 1 ] ( 2 3 ) [ 4 ] med"), [(2, vec![1]), (1, vec![2, 3]), (2, vec![4])]);
            assert_eq!(read("( 2 3 )"), [(1, vec![2, 3])]);
            assert_eq!(read("(2 3) med"), [(1, vec![2, 3])]);
            assert_eq!(read("[ 1 ( 2 3 ) 4 ] med"), [(2, vec![1]), (1, vec![2, 3]), (2, vec![4])]);
            assert_eq!(read("[ 1 [ 2 3 ] ]"), [(2, vec![1]), (1, vec![2, 3])]);
            assert_eq!(read("[ 1.1 4200000000 ]"), [(2, vec![65537, 4_200_000_000])]);
            for wrong in ["[ 1", "[ 1 )", "( 1 ]", "[ 1 ( 2 ( 3 ) ) ]", "[ -1 ]", "[ 4294967296 ]", "[ 1 x ]", ""] {
                assert!(parse(wrong, grammar).is_err(), "{wrong}");
            }
        }
    }

    #[test]
    fn long_segments_are_split() {
        let line = format!("[ {} ]", "64512 ".repeat(600));
        let lengths: Vec<_> = parse(&line, Grammar::File).unwrap().into_iter().map(|(_, asns)| asns.len()).collect();
        assert_eq!(lengths, [255, 255, 90]);
    }

    #[test]
    fn spellings() {
        let shown = |line: &str, dialect| {
            let mut value = Vec::new();
            AsPathAttribute::parse(&mut Words::new(line, 1, Grammar::Line), &mut value).unwrap();
            let (mut text, mut json) = (String::new(), String::new());
            AsPathAttribute::text(&value, &mut text, dialect);
            AsPathAttribute::json(&value, &mut json, dialect);
            (text, json)
        };
        let (text, json) = shown("[ 65001 ] ( 65002 65003 )", Dialect::V5);
        assert_eq!(text, "as-path ( 65001 ) [ 65002 65003 ]");
        assert_eq!(
            json,
            r#"{"0": {"element": "as-sequence", "value": [65001]}, "1": {"element": "as-set", "value": [65002, 65003]}}"#
        );
        let (text, json) = shown("[ 65001 ] ( 65002 65003 )", Dialect::V4);
        assert_eq!(text, "as-path [ 65001 ( 65002 65003 ) ]");
        assert_eq!(json, r#"[ 65001 ], "as-set": [ 65002, 65003 ], "confederation-path": []"#);
        assert_eq!(shown("[ ]", Dialect::V6), (String::new(), String::new()));

        let confederation = [3, 1, 0, 0, 0xfd, 0xf2, 4, 2, 0, 0, 0xfd, 0xf3, 0, 0, 0xfd, 0xf4, 2, 1, 0, 0, 0xfd, 0xe9];
        let mut out = String::new();
        AsPathAttribute::text(&confederation, &mut out, Dialect::V5);
        assert_eq!(out, "as-path {( 65010 )} {[ 65011 65012 ]} ( 65001 )");
        out.clear();
        AsPathAttribute::text(&confederation, &mut out, Dialect::V4);
        assert_eq!(out, "as-path [ 65001 ][ 65010 ( 65011 65012 ) ]");
        out.clear();
        AsPathAttribute::json(&confederation, &mut out, Dialect::V4);
        assert_eq!(out, r#"[ 65001 ], "confederation-path": [ 65010 ], "confederation-set": [ 65011, 65012 ]"#);
        assert_eq!(AsPath(&confederation).length(), 1);
    }

    #[test]
    fn towards_a_speaker_of_two_octets() {
        for (path, narrow, as4) in [
            ("0202 0000fde9 000186a0", "0202 fde9 5ba0", "0202 0000fde9 000186a0"),
            ("0202 0000fde9 0000fdea", "0202 fde9 fdea", ""),
            // confederation segments stay out of AS4_PATH
            ("0301 0000fde9 0201 000186a0", "0301 fde9 0201 5ba0", "0201 000186a0"),
            ("0401 000186a1 0101 000186a0", "0401 5ba0 0101 5ba0", "0101 000186a0"),
            // and nothing is left, or nothing that needs four octets
            ("0301 000186a0", "0301 5ba0", ""),
            ("0301 000186a0 0201 0000fde9", "0301 5ba0 0201 fde9", ""),
        ] {
            let octets = |text: &str| crate::text::hex(&text.replace(' ', "")).unwrap();
            let path = octets(path);
            let (mut out, mut beside) = (Vec::new(), Vec::new());
            AsPath(&path).write_two_octets(&mut out);
            AsPath(&path).write_as4_path(&mut beside);
            assert_eq!((out, beside), (octets(narrow), octets(as4)));
        }
    }
}
