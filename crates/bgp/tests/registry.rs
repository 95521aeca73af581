//! What every row of the tables has to do, by being a row: come back from its words, be JSON in every dialect, and
//! have an answer to each of its values cut short.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use herald_bgp::attribute::{
    self, ATTRIBUTES, Attr, AttributeSpec, Attributes, EXTENDED, EXTENDED_IPV6, ExtendedSpec, code,
};
use herald_bgp::context::Context;
use herald_bgp::dialect::Dialect;
use herald_bgp::dice::Dice;
use herald_bgp::error::Malformed;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::json;
use herald_bgp::nlri::{FAMILIES, FamilySpec, NextHop, Shown, Stored};
use herald_bgp::read::Reader;
use herald_bgp::route::{Memo, Purpose, parse_family, parse_route, words_of};
use herald_bgp::text::{Grammar, Words};
use herald_bgp::update::Update;
use herald_bgp::value::Asn;
use herald_testkit::json::fault;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const DIALECTS: [Dialect; 3] = [Dialect::V4, Dialect::V5, Dialect::V6];
const GRAMMARS: [Grammar; 2] = [Grammar::File, Grammar::Line];

fn session() -> Context {
    let mut cx = Context::plain(Asn(65000), Asn(65000));
    cx.families = FAMILIES.iter().map(|spec| spec.family).collect();
    cx
}

/// Valid values of an attribute, as its row makes them up.
fn values(row: &'static AttributeSpec) -> BoxedStrategy<Vec<u8>> {
    any::<u64>().prop_map(|seed| sampled(row.sample, seed)).boxed()
}

fn sampled(sample: fn(&mut Dice, &mut Vec<u8>), seed: u64) -> Vec<u8> {
    let mut out = Vec::new();
    sample(&mut Dice::new(seed), &mut out);
    out
}

fn rows() -> BoxedStrategy<(usize, Vec<u8>)> {
    (0..ATTRIBUTES.len()).prop_flat_map(|i| (Just(i), values(&ATTRIBUTES[i]))).boxed()
}

fn text(spec: &AttributeSpec, value: &[u8], dialect: Dialect) -> String {
    let mut out = String::new();
    (spec.text)(value, &mut out, dialect);
    out
}

fn parse(spec: &AttributeSpec, line: &str, grammar: Grammar) -> Result<Vec<u8>, String> {
    let mut words = Words::new(line, 1, grammar);
    let keyword = words.next().unwrap();
    assert!(spec.keywords.contains(&&*keyword.text), "{line}");
    let mut out = Vec::new();
    (spec.parse)(&mut words, &mut out).map_err(|e| format!("{line}: {e}"))?;
    assert!(words.next().is_none(), "{line}");
    Ok(out)
}

/// Values of each row: `HERALD_VALUES`, of the family `HERALD_FAMILY` alone if it names one: `ipv4 mup`.
#[allow(clippy::disallowed_methods)] // whoever runs the test may choose; the crate itself does not look
fn asked() -> (u64, Option<String>) {
    let values = std::env::var("HERALD_VALUES").map_or(200, |n| n.parse().unwrap());
    (values, std::env::var("HERALD_FAMILY").ok())
}

/// Makes values of one row, looks at each, and says how many there were. `look` panics if something is wrong.
fn each_value(name: &str, values: u64, sample: fn(&mut Dice, &mut Vec<u8>), mut look: impl FnMut(&mut Dice, &[u8])) {
    let mut dice = Dice::new(name.bytes().fold(5, |seed, b| (seed ^ u64::from(b)).wrapping_mul(31)));
    let mut distinct = BTreeSet::new();
    let mut value = Vec::new();
    for _ in 0..values {
        value.clear();
        sample(&mut dice, &mut value);
        look(&mut dice, &value);
        distinct.insert(value.clone());
    }
    println!("{name}: {values} values, {} of them different", distinct.len());
}

/// JSON that stands for a member of an event: one object with it in, and no key twice in any of them.
fn member(json: &str) -> String {
    let object = format!("{{ \"member\": {json} }}");
    assert_eq!(fault(&object), None, "{object}");
    object
}

/// Octets that are right, and read as they were written; the same octets from the words for them in files and on lines;
/// text on one line and one object of JSON, in every dialect.
#[test]
fn every_attribute_has_its_faces() {
    let (values, _) = asked();
    for spec in ATTRIBUTES {
        each_value(spec.name, values, spec.sample, |_, value| {
            assert_eq!((spec.check)(Reader::new(value, 0), &session()), Ok(()), "{value:02x?}");
            attribute_octets(spec, value);
            attribute_words(spec, value);
            for dialect in DIALECTS {
                assert!(text(spec, value, dialect).bytes().all(|b| (b' '..=b'~').contains(&b)));
                attribute_json(spec, value, dialect);
            }
        });
    }
}

/// What was written is read again.
fn attribute_octets(spec: &AttributeSpec, value: &[u8]) {
    let mut octets = Vec::new();
    let attr = Attr { code: spec.code, flags: spec.flags, value };
    attribute::write(&mut octets, attr);
    let mut r = Reader::new(&octets, 0);
    let read = attribute::read(&mut r).unwrap();
    assert!(r.is_empty());
    assert_eq!((read.code, read.flags & !attribute::flags::EXTENDED, read.value), (attr.code, attr.flags, value));
}

fn attribute_words(spec: &AttributeSpec, value: &[u8]) {
    let long = if value.len() > 255 { attribute::flags::EXTENDED } else { 0 };
    let own = Attr { code: spec.code, flags: spec.flags | long, value };
    let marked = Attr { flags: own.flags | attribute::flags::PARTIAL, ..own };
    for attr in [own, marked] {
        if attr.code == code::NEXT_HOP {
            continue; // said by the route
        }
        let mut words = String::new();
        attribute::words_all([attr].into_iter(), &mut words);
        // what has words of its own is written with them
        let octets = words.starts_with(" attribute [");
        assert_eq!(octets, spec.keywords.is_empty() || attr != own, "{words}");
        for grammar in GRAMMARS {
            let line = format!("10.0.0.0/24 next-hop 192.0.2.1{words}");
            let route = parse_route(&mut Words::new(&line, 1, grammar), Purpose::Announce, &mut Memo::new());
            let route = route.unwrap_or_else(|e| panic!("{line}: {e}"));
            assert_eq!(route.attributes.iter().collect::<Vec<_>>(), [attr], "{line}");
        }
    }
}

fn attribute_json(spec: &AttributeSpec, value: &[u8], dialect: Dialect) {
    let mut out = String::from("{ ");
    attribute::json_all([Attr { code: spec.code, flags: spec.flags, value }].into_iter(), &mut out, dialect);
    out.push_str(" }");
    assert_eq!(fault(&out), None, "{out}");
    let json: Value = serde_json::from_str(&out).unwrap();
    let named = spec.since.is_some_and(|since| since <= dialect);
    let silent = spec.code == code::NEXT_HOP
        || spec.code == code::AS_PATH && value.is_empty()
        || !named && spec.flags & attribute::flags::TRANSITIVE == 0;
    assert_eq!(json.as_object().unwrap().is_empty(), silent, "{out}");
    assert!(silent || !named || json.get(spec.name).is_some(), "{out}");
    out.clear();
    (spec.json)(value, &mut out, dialect);
    assert!(out.is_empty() && silent || !member(&out).is_empty());
}

/// The same of each family's NLRI, with path identifiers and without, announced and withdrawn.
#[test]
fn every_family_has_its_faces() {
    let (values, only) = asked();
    for spec in FAMILIES {
        let name = spec.family.to_string();
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        each_value(&name, values, spec.sample, |dice, nlri| {
            let path_id = dice.once_in(2).then(|| if dice.once_in(4) { dice.u32() % 3 } else { dice.u32() });
            assert_eq!(cut(spec, nlri), Ok(nlri), "{name}");
            route_octets(spec, path_id, nlri);
            route_words(spec, path_id, nlri);
            for dialect in DIALECTS {
                route_shown(spec, path_id, nlri, dialect, dice);
            }
        });
    }
}

/// What was written is read again; a withdrawal is the same route.
fn route_octets(spec: &FamilySpec, path_id: Option<u32>, nlri: &[u8]) {
    let mut field = Vec::new();
    Stored::new(path_id, nlri).put(path_id.is_some(), &mut field);
    assert_eq!((spec.check)(Reader::new(&field, 0), path_id.is_some()), Ok(None));
    assert!((spec.clean)(&field, path_id.is_some()));
    assert!(field.ends_with(nlri) && field.len() == nlri.len() + if path_id.is_some() { 4 } else { 0 });
    let mut gone = Vec::new();
    (spec.withdraw)(nlri, &mut gone);
    assert_eq!(cut(spec, &gone), Ok(&gone[..]), "{}", spec.family);
    assert_eq!((spec.identity)(&gone), (spec.identity)(nlri), "{}", spec.family);
}

fn route_words(spec: &FamilySpec, path_id: Option<u32>, nlri: &[u8]) {
    let mut words = String::new();
    words_of(spec.family, path_id, nlri, &mut words);
    let mut own = String::new();
    (spec.words)(nlri, &mut own);
    assert!(words.starts_with(&own), "{}: {own} but {words}", spec.family);
    assert!(words.bytes().all(|b| (b' '..=b'~').contains(&b)));
    let mut raw = String::from("raw 0x");
    json::hex(&mut raw, nlri);
    if let Some(id) = path_id {
        let _ = write!(raw, " path-information {id}");
    }
    for grammar in GRAMMARS {
        for line in [&words, &raw] {
            let line = format!("{line} next-hop 192.0.2.1");
            let route = parse_family(&mut Words::new(&line, 1, grammar), spec.family, Purpose::Announce);
            let route = route.unwrap_or_else(|e| panic!("{} {line}: {e}", spec.family));
            assert_eq!(route.nlris.as_slice(), [Stored::new(path_id, nlri)], "{line}");
        }
    }
}

fn route_shown(spec: &FamilySpec, path_id: Option<u32>, nlri: &[u8], dialect: Dialect, dice: &mut Dice) {
    let (compact, withdrawn) = (dice.once_in(2), dice.once_in(2));
    let hop = NextHop::Addr("192.0.2.1".parse().unwrap());
    let next_hop = (!withdrawn).then_some(&hop);
    let shown = Shown { nlri, path_id, next_hop, hop: " next-hop 192.0.2.1", withdrawn };
    let (mut text, mut json) = (String::new(), String::new());
    (spec.text)(&shown, &mut text, dialect);
    (spec.json)(&shown, &mut json, dialect, compact);
    let silent = dialect < Dialect::V6 && text.starts_with("afi ");
    assert_eq!(text.contains(" next-hop 192.0.2.1"), !silent, "{text}");
    (spec.listed)(&shown, &mut text, dialect);
    assert!(text.bytes().all(|b| (b' '..=b'~').contains(&b)), "{text}");
    // one object, or the bare string of compact form
    assert!(json.starts_with('{') || compact && json.starts_with('"'), "{json}");
    member(&json);
}

#[test]
fn rows_are_in_order_and_found() {
    assert!(ATTRIBUTES.is_sorted_by(|a, b| a.code < b.code));
    for rows in [EXTENDED, EXTENDED_IPV6] {
        assert!(rows.is_sorted_by(|a, b| (a.kind, a.subtype) < (b.kind, b.subtype)));
    }
    let mut words = BTreeSet::new();
    for code in 0..=u8::MAX {
        let row = ATTRIBUTES.iter().find(|spec| spec.code == code);
        assert_eq!(attribute::spec(code).map(|spec| spec.code), row.map(|spec| spec.code));
        for word in row.map_or(&[][..], |spec| spec.keywords) {
            assert!(words.insert(*word), "{word} is the keyword of two attributes");
        }
    }
    for spec in ATTRIBUTES {
        assert_eq!(spec.flags & !(attribute::flags::OPTIONAL | attribute::flags::TRANSITIVE), 0);
        assert!(!spec.doc.is_empty() && !spec.doc.ends_with('.'));
    }
}

proptest! {
    #[test]
    fn a_value_cut_short_has_a_verdict((row, value) in rows()) {
        let spec = &ATTRIBUTES[row];
        for n in 0..value.len() {
            for asn4 in [true, false] {
                let cx = Context { asn4, zero_asn: true, ..session() };
                let part = &value[..n];
                let verdict = (spec.check)(Reader::new(part, 0), &cx);
                let mut bytes = Vec::new();
                attribute::write(&mut bytes, Attr { code: spec.code, flags: spec.flags, value: part });
                let update = Update::inspect(&body(&bytes, &[24, 10, 0, 0]), &cx).map(|u| u.faults().len());
                if verdict.is_err() || part.is_empty() && !spec.may_be_empty {
                    prop_assert!(update != Ok(0) || asn4 && matches!(spec.code, code::AS4_PATH | code::AS4_AGGREGATOR));
                }
            }
        }
    }

    #[test]
    fn anything_that_passes_can_be_shown(row in 0..ATTRIBUTES.len(), value in prop::collection::vec(any::<u8>(), 0..40)) {
        let spec = &ATTRIBUTES[row];
        if (spec.check)(Reader::new(&value, 0), &session()).is_err() {
            return Ok(());
        }
        for dialect in DIALECTS {
            let printed = text(spec, &value, dialect);
            prop_assert!(printed.is_ascii());
            let mut out = String::from("{ \"x\": ");
            (spec.json)(&value, &mut out, dialect);
            out.push_str(" }");
            prop_assert!(value.is_empty() || serde_json::from_str::<Value>(&out).is_ok(), "{}", out);
        }
    }

    #[test]
    fn words_never_panic(row in 0..ATTRIBUTES.len(), line in "[\\[\\]() ,0-9a-fxL:.=-]{0,30}") {
        for grammar in GRAMMARS {
            let _ = (ATTRIBUTES[row].parse)(&mut Words::new(&line, 1, grammar), &mut Vec::new());
        }
    }

    #[test]
    fn a_set_is_the_same_however_it_arrives(value in values(attribute::spec(code::AS_PATH).unwrap()), med in any::<u32>(), large in values(attribute::spec(code::LARGE_COMMUNITIES).unwrap())) {
        let med = med.to_be_bytes();
        let attrs = [
            Attr { code: code::LARGE_COMMUNITIES, flags: 0xc0, value: &large },
            Attr { code: code::LOCAL_PREF, flags: 0x50, value: &[0, 0, 0, 100] },
            Attr { code: code::MULTI_EXIT_DISC, flags: 0x80, value: &med },
            Attr { code: code::AS_PATH, flags: 0x40, value: &value },
            Attr { code: code::ORIGIN, flags: 0x40, value: &[0] },
            Attr { code: code::NEXT_HOP, flags: 0x40, value: &[192, 0, 2, 1] },
        ];
        let mut bytes = Vec::new();
        attrs.iter().for_each(|attr| attribute::write(&mut bytes, *attr));
        let message = body(&bytes, &[24, 10, 0, 0]);
        let update = Update::check(&message, &session()).unwrap();
        prop_assert_eq!(update.faults(), &[]);
        let block = update.announced().next().unwrap();
        let kept = update.attributes_of(&block);
        let next_hop = NextHop::Addr("192.0.2.1".parse().unwrap());
        let expected = attrs.iter().filter(|a| a.code != code::NEXT_HOP).map(|a| Attr { flags: a.flags & 0xc0, ..*a });
        prop_assert_eq!(&kept, &Attributes::new(next_hop, expected));
        prop_assert_eq!(kept.med(), Some(u32::from_be_bytes(med)));
        for dialect in DIALECTS {
            let (mut one, mut other) = (String::new(), String::new());
            attribute::text_all(update.attributes(), Some(&block.next_hop), &mut one, dialect);
            attribute::text_all(kept.iter(), Some(&kept.next_hop), &mut other, dialect);
            prop_assert_eq!(&one, &other);
            prop_assert!(one.starts_with(" next-hop 192.0.2.1 origin igp "));
        }
    }
}

/// The body of an UPDATE.
fn body(attributes: &[u8], nlri: &[u8]) -> Vec<u8> {
    let mut out = vec![0, 0];
    out.extend(u16::try_from(attributes.len()).unwrap().to_be_bytes());
    out.extend(attributes);
    out.extend(nlri);
    out
}

/// Each row of the tables of extended communities, and the attribute it belongs to.
fn communities() -> impl Iterator<Item = (&'static ExtendedSpec, &'static AttributeSpec, usize)> {
    let rows = |rows: &'static [ExtendedSpec], code, octets| {
        rows.iter().map(move |row| (row, attribute::spec(code).unwrap(), octets))
    };
    rows(EXTENDED, code::EXTENDED_COMMUNITIES, 8).chain(rows(EXTENDED_IPV6, code::IPV6_EXTENDED_COMMUNITIES, 20))
}

#[test]
fn every_extended_community_reads_as_words() {
    for (row, spec, octets) in communities() {
        let mut dice = Dice::new(7);
        let mut in_words = 0;
        for round in 0..1000 {
            let mut value = vec![row.kind, row.subtype];
            dice.octets(octets - 2, &mut value);
            if round == 0 {
                value[2..].fill(0);
            }
            let mut line = String::new();
            (spec.words)(&value, &mut line);
            let words = line.strip_prefix(spec.name).unwrap().trim_start();
            let own = row.words.iter().any(|word| words.split(':').next().unwrap().split('+').next() == Some(word));
            in_words += usize::from(own);
            // rates below zero, and what is no number, are the only values without words
            let rate = u32::from_be_bytes(value[4..8].try_into().unwrap());
            assert!(own || words.starts_with("0x") && rate >= 0x7f80_0000, "{line}");
            for grammar in GRAMMARS {
                assert_eq!(parse(spec, &line, grammar).as_deref(), Ok(&value[..]), "{line}");
            }
        }
        assert!(in_words > 400, "{} {in_words}", row.words[0]);
    }
}

/// `n` cases, or as many as PROPTEST_CASES asks for.
fn cases(n: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let unasked = 256;
    ProptestConfig { cases: if asked.cases == unasked { n } else { asked.cases }, ..asked }
}

/// NLRI of all families, or of the one that was asked for.
fn family_samples() -> BoxedStrategy<(usize, Vec<u8>)> {
    let (_, only) = asked();
    let named = |i: &usize| only.as_ref().is_none_or(|only| *only == FAMILIES[*i].family.to_string());
    let named: Vec<usize> = (0..FAMILIES.len()).filter(named).collect();
    let row = |i: usize| any::<u64>().prop_map(move |seed| (i, sampled(FAMILIES[i].sample, seed)));
    prop::sample::select(named).prop_flat_map(row).boxed()
}

fn cut<'a>(spec: &FamilySpec, bytes: &'a [u8]) -> Result<&'a [u8], Malformed> {
    (spec.split)(&mut Reader::new(bytes, 0))
}

proptest! {
    #![proptest_config(cases(4096))]

    #[test]
    fn a_route_cut_short_or_damaged_has_a_verdict((row, nlri) in family_samples(), dialect in prop::sample::select(&DIALECTS[..])) {
        let spec = &FAMILIES[row];
        let look = |bytes: &[u8]| {
            if (spec.check)(Reader::new(bytes, 0), false).is_err() {
                return;
            }
            let mut r = Reader::new(bytes, 0);
            while !r.is_empty() {
                let nlri = (spec.split)(&mut r).unwrap();
                let shown = Shown { nlri, path_id: None, next_hop: None, hop: "", withdrawn: false };
                let (mut text, mut json, mut words) = (String::new(), String::new(), String::new());
                (spec.text)(&shown, &mut text, dialect);
                (spec.listed)(&shown, &mut text, dialect);
                (spec.json)(&shown, &mut json, dialect, false);
                words_of(spec.family, None, nlri, &mut words);
                let _ = (spec.identity)(nlri);
                assert!(serde_json::from_str::<Value>(&json).is_ok(), "{json}");
                assert!(text.is_ascii() && !text.contains('\n') && !words.is_empty());
                // what was received can be announced again, octet for octet
                let route = parse_family(&mut Words::new(&format!("{words} next-hop 192.0.2.1"), 0, Grammar::Line), spec.family, Purpose::Announce);
                assert_eq!(route.map_err(|e| format!("{} {words}: {e}", spec.family)).unwrap().nlris.as_slice(), &[Stored::new(None, nlri)], "{words}");
            }
        };
        (0..nlri.len()).for_each(|n| look(&nlri[..n]));
        for bit in 0..nlri.len() * 8 {
            let mut damaged = nlri.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            look(&damaged);
        }
    }

    #[test]
    fn words_of_families_never_panic(row in 0..FAMILIES.len(), line in "[\\[\\]() ,&=<>!+0-9a-fxL:./-]{0,30}") {
        let spec = &FAMILIES[row];
        let keyword = spec.keywords.get(line.len() % spec.keywords.len().max(1)).map_or("", |k| k.word);
        for line in [line.clone(), format!("10.0.0.0/24 {keyword} {line}"), format!("{keyword} {line}")] {
            for grammar in GRAMMARS {
                let _ = parse_family(&mut Words::new(&line, 1, grammar), spec.family, Purpose::Announce);
            }
        }
    }
}

#[test]
fn a_safi_has_one_name_in_all_families() {
    for spec in FAMILIES {
        assert!(!spec.name.is_empty() && spec.name.bytes().all(|b| b == b'-' || b.is_ascii_lowercase()));
        assert_eq!((spec.family.safi.name(), Safi::parse(spec.name)), (Some(spec.name), Some(spec.family.safi)));
        assert_eq!(FAMILIES.iter().filter(|other| other.family == spec.family).count(), 1, "{}", spec.family);
    }
}

#[test]
fn a_family_nobody_knows_is_octets() {
    let family = Family::new(Afi(99), Safi(5));
    assert!(!family.spec().is_known());
    let route =
        parse_family(&mut Words::new("raw 0x0a0B next-hop 192.0.2.1", 1, Grammar::Line), family, Purpose::Announce);
    assert_eq!(route.unwrap().nlris.as_slice(), &[Stored::new(None, &[10, 11])]);
    for wrong in ["raw", "raw 0x", "raw 0a", "raw 0x0", "10.0.0.0/24"] {
        assert!(parse_family(&mut Words::new(wrong, 1, Grammar::Line), family, Purpose::Announce).is_err(), "{wrong}");
    }
}
