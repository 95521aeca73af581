//! What every row of the tables has to do, by being a row: come back from its words, be JSON in every dialect, and
//! have an answer to each of its values cut short.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use herald_bgp::attribute::{self, ATTRIBUTES, Attr, AttributeSpec, Attributes, EXTENDED, code};
use herald_bgp::context::Context;
use herald_bgp::dialect::Dialect;
use herald_bgp::nlri::{FAMILIES, NextHop, Shown};
use herald_bgp::read::Reader;
use herald_bgp::text::{Grammar, Words, hex};
use herald_bgp::update::Update;
use herald_bgp::value::Asn;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;

const DIALECTS: [Dialect; 3] = [Dialect::V4, Dialect::V5, Dialect::V6];
const GRAMMARS: [Grammar; 2] = [Grammar::File, Grammar::Line];

fn session() -> Context {
    let mut cx = Context::plain(Asn(65000), Asn(65000));
    cx.families = FAMILIES.iter().map(|spec| spec.family).collect();
    cx
}

fn number() -> BoxedStrategy<Vec<u8>> {
    any::<u32>().prop_map(|n| n.to_be_bytes().to_vec()).boxed()
}

/// Some number of items of `N` octets, in ascending order as they are written.
fn items<const N: usize>() -> BoxedStrategy<Vec<u8>> {
    prop::collection::btree_set(prop::collection::vec(any::<u8>(), N), 1..9)
        .prop_map(|items| items.into_iter().flatten().collect())
        .boxed()
}

fn asn() -> impl Strategy<Value = u32> {
    prop_oneof![1..70_000u32, 1..=u32::MAX]
}

/// Segments as they can be written: a sequence behind a sequence would become one.
fn as_path(kinds: std::ops::RangeInclusive<u8>) -> BoxedStrategy<Vec<u8>> {
    prop::collection::vec((kinds, prop::collection::vec(asn(), 1..6)), 0..5)
        .prop_map(|segments| {
            let segments = segments.into_iter();
            segments.flat_map(|(kind, asns)| segment(kind, &asns)).collect()
        })
        .boxed()
}

fn segment(kind: u8, asns: &[u32]) -> Vec<u8> {
    let mut out = vec![kind, u8::try_from(asns.len()).unwrap()];
    asns.iter().for_each(|asn| out.extend(asn.to_be_bytes()));
    out
}

/// Valid values of an attribute. A new row needs a line here.
fn values(code: u8) -> BoxedStrategy<Vec<u8>> {
    match code {
        code::ORIGIN => (0..3u8).prop_map(|v| vec![v]).boxed(),
        code::AS_PATH => as_path(1..=2),
        code::AS4_PATH => as_path(1..=4).prop_filter("not empty", |v| !v.is_empty()).boxed(),
        code::NEXT_HOP | code::MULTI_EXIT_DISC | code::LOCAL_PREF | code::ORIGINATOR_ID => number(),
        code::ATOMIC_AGGREGATE => Just(Vec::new()).boxed(),
        code::AGGREGATOR | code::AS4_AGGREGATOR => {
            (asn(), any::<u32>()).prop_map(|(a, ip)| [a.to_be_bytes(), ip.to_be_bytes()].concat()).boxed()
        }
        code::COMMUNITIES | code::CLUSTER_LIST => items::<4>(),
        code::EXTENDED_COMMUNITIES => items::<8>(),
        code::IPV6_EXTENDED_COMMUNITIES => items::<20>(),
        code::AIGP => any::<u64>().prop_map(|n| [&[1, 0, 11][..], &n.to_be_bytes()].concat()).boxed(),
        code::LARGE_COMMUNITIES => items::<12>(),
        code::ATTR_SET => (any::<u32>(), any::<u8>())
            .prop_map(|(asn, med)| [&asn.to_be_bytes()[..], &[0x80, 4, 4, 0, 0, 0, med]].concat())
            .boxed(),
        other => panic!("attribute {other} is registered: say here what its values are"),
    }
}

fn text(spec: &AttributeSpec, value: &[u8], dialect: Dialect) -> String {
    let mut out = String::new();
    (spec.text)(value, &mut out, dialect);
    out
}

/// The words a program would write to get what was printed.
fn as_written(spec: &AttributeSpec, printed: &str, dialect: Dialect) -> String {
    if spec.code != code::AS_PATH || dialect == Dialect::V4 {
        return printed.to_string();
    }
    // versions 5 and 6 print a sequence in the brackets a set is written in
    let exchange = |c| match c {
        '[' => '(',
        ']' => ')',
        '(' => '[',
        ')' => ']',
        other => other,
    };
    printed.chars().map(exchange).collect()
}

fn parse(spec: &AttributeSpec, line: &str, grammar: Grammar) -> Result<Vec<u8>, String> {
    let mut words = Words::new(line, 1, grammar);
    let keyword = words.next().unwrap();
    assert!(spec.words.contains(&&*keyword.text), "{line}");
    let mut out = Vec::new();
    (spec.parse)(&mut words, &mut out).map_err(|e| format!("{line}: {e}"))?;
    assert!(words.next().is_none(), "{line}");
    Ok(out)
}

/// Versions 4 have one path of all sequences, then one set: other paths do not come back from their text.
/// Extended communities have tests of their own below.
fn comes_back(spec: &AttributeSpec, value: &[u8], dialect: Dialect) -> bool {
    match spec.code {
        code::AS_PATH if dialect == Dialect::V4 => {
            let kinds: Vec<u8> = attribute::AsPath(value).segments().map(|(kind, _)| kind).collect();
            matches!(kinds.as_slice(), [2] | [2, 1] | [1])
        }
        code::EXTENDED_COMMUNITIES => false,
        _ => !spec.words.is_empty(),
    }
}

#[test]
fn rows_are_in_order_and_found() {
    assert!(ATTRIBUTES.is_sorted_by(|a, b| a.code < b.code));
    assert!(EXTENDED.is_sorted_by(|a, b| (a.kind, a.subtype) < (b.kind, b.subtype)));
    let mut words = BTreeSet::new();
    for code in 0..=u8::MAX {
        let row = ATTRIBUTES.iter().find(|spec| spec.code == code);
        assert_eq!(attribute::spec(code).map(|spec| spec.code), row.map(|spec| spec.code));
        for word in row.map_or(&[][..], |spec| spec.words) {
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
    fn wire_to_words_and_back((row, value) in (0..ATTRIBUTES.len()).prop_flat_map(|i| (Just(i), values(ATTRIBUTES[i].code)))) {
        let spec = &ATTRIBUTES[row];
        let checked = (spec.check)(Reader::new(&value, 0), &session());
        prop_assert_eq!(checked, Ok(()));
        for dialect in DIALECTS {
            let printed = text(spec, &value, dialect);
            prop_assert!(printed.bytes().all(|b| (b' '..=b'~').contains(&b)));
            if printed.is_empty() || !comes_back(spec, &value, dialect) {
                continue;
            }
            for grammar in GRAMMARS {
                let back = parse(spec, &as_written(spec, &printed, dialect), grammar);
                prop_assert_eq!(back.as_deref(), Ok(&value[..]), "{}", printed);
            }
        }
    }

    #[test]
    fn json_in_every_dialect((row, value) in (0..ATTRIBUTES.len()).prop_flat_map(|i| (Just(i), values(ATTRIBUTES[i].code)))) {
        let spec = &ATTRIBUTES[row];
        for dialect in DIALECTS {
            let mut out = String::from("{ ");
            attribute::json_all([Attr { code: spec.code, flags: spec.flags, value: &value }].into_iter(), &mut out, dialect);
            out.push_str(" }");
            let json: Value = serde_json::from_str(&out).map_err(|e| TestCaseError::fail(format!("{out}: {e}")))?;
            let shown = !(spec.code == code::NEXT_HOP || spec.code == code::AS_PATH && value.is_empty());
            prop_assert_eq!(json.as_object().unwrap().is_empty(), !shown, "{}", out);
            if shown && !spec.name.is_empty() && spec.code != code::AS4_PATH {
                prop_assert!(json.get(spec.name).is_some(), "{}", out);
            }
        }
    }

    #[test]
    fn a_value_cut_short_has_a_verdict((row, value) in (0..ATTRIBUTES.len()).prop_flat_map(|i| (Just(i), values(ATTRIBUTES[i].code)))) {
        let spec = &ATTRIBUTES[row];
        for n in 0..value.len() {
            for asn4 in [true, false] {
                let cx = Context { asn4, ..session() };
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
    fn a_set_is_the_same_however_it_arrives(value in values(code::AS_PATH), med in any::<u32>(), large in values(code::LARGE_COMMUNITIES)) {
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

fn extended(text: &str, grammar: Grammar) -> Result<Vec<u8>, String> {
    parse(attribute::spec(code::EXTENDED_COMMUNITIES).unwrap(), &format!("extended-community {text}"), grammar)
}

#[test]
fn every_extended_community_reads_as_words() {
    let spec = attribute::spec(code::EXTENDED_COMMUNITIES).unwrap();
    for row in EXTENDED {
        let value = [row.kind, row.subtype, 0, 1, 0, 2, 0x40, 3];
        for dialect in DIALECTS {
            let printed = text(spec, &value, dialect);
            let words = printed.strip_prefix("extended-community ").unwrap();
            assert!(!words.starts_with("0x") && !words.contains('"'), "{words}");
        }
        // what has a keyword comes back, except where four-octet numbers have always been written as addresses
        let printed = text(spec, &value, Dialect::V6);
        let words = printed.strip_prefix("extended-community ").unwrap();
        for grammar in GRAMMARS {
            match extended(words, grammar) {
                Ok(back) if matches!((row.kind, row.subtype), (2 | 0x40 | 0x82, 2 | 3 | 8)) => assert_ne!(back, value),
                Ok(back) if row.name == "redirect-to-nexthop" => assert_eq!(back[..2], value[..2]),
                Ok(back) => assert_eq!(back, value, "{words}"),
                Err(_) => assert!(!matches!(row.name, "target" | "origin" | "mup" | "l2info"), "{words}"),
            }
        }
    }
}

#[test]
fn extended_communities_as_they_are_written() {
    for (text, octets) in [
        ("target:65001:100", "0002fde900000064"),
        ("1:2", "0002000100000002"),
        ("target:1.2.3.4:5", "0102010203040005"),
        ("target:65536:5", "0102000100000005"),
        ("target:1L:2", "0102000000010002"),
        ("target4:1:2", "0102000000010002"),
        ("origin:1:2", "0003000100000002"),
        ("origin:2345:6.7.8.9", "0003092906070809"),
        ("origin:1.2.3.4:5", "0103010203040005"),
        ("redirect:1300:83000", "8008051400014438"),
        ("l2info:19:0:1500:111", "800a130005dc006f"),
        ("bandwidth:1:100", "4004000142c80000"),
        ("mup:10:10", "0c00000a0000000a"),
        ("redirect-to-nexthop", "0800000000000000"),
        ("0x030B000000000064", "030b000000000064"),
    ] {
        for grammar in GRAMMARS {
            assert_eq!(extended(text, grammar).as_deref(), Ok(&hex(octets).unwrap()[..]), "{text}");
        }
    }
    for wrong in
        ["target:65536:70000", "foo:1:2", "0x80", "target:1", "target:1:2:3", "[ ]", "[ 1:2", "l2info:256:0:1:1", "x"]
    {
        assert!(extended(wrong, Grammar::File).is_err(), "{wrong}");
    }
    let both = extended("[ target:2:2 target:1:1 ]", Grammar::Line).unwrap();
    assert_eq!(both, hex("00020001000000010002000200000002").unwrap());
}

/// As recorded from programs that people have written helpers for.
#[test]
fn recorded_spellings() {
    let mut extended = String::new();
    let spec = attribute::spec(code::EXTENDED_COMMUNITIES).unwrap();
    let value = hex("800600004616000080070000000000038008fde900000064800900000000002e").unwrap();
    (spec.text)(&value, &mut extended, Dialect::V5);
    assert_eq!(extended, "extended-community [ rate-limit:9600 action sample-terminal redirect:65001:100 mark 46 ]");

    let cases = [
        (
            0x20,
            "0000fde900000001000000020000fde90000000300000004",
            "\"large-community\": [ [ 65001, 1 , 2 ], [ 65001, 3 , 4 ] ]",
        ),
        (0x08, "fde90064ffffff01", "\"community\": [ [ 65001, 100 ], [ 65535, 65281 ] ]"),
        (0x0a, "0a0000020a000003", "\"cluster-list\": [ \"10.0.0.2\", \"10.0.0.3\" ]"),
        (0x07, "0000fde90a000009", "\"aggregator\": \"65001:10.0.0.9\""),
        (0x06, "", "\"atomic-aggregate\": true"),
        (0x1a, "01000b000000000000000a", "\"aigp\": \"0x000000000000000a\""),
        (
            0x10,
            "0202fa56ea000007",
            "\"extended-community\": [ { \"value\": 144953389229277191, \"string\": \"target:4200000000:7\" } ]",
        ),
        (
            0x10,
            "4702caffee014001",
            "\"extended-community\": [ { \"value\": 5116875327204835329, \"string\": \"interface-set:input:3405770241:1\", \"transitive\": false } ]",
        ),
        (0x63, "deadbeef", "\"attribute-0x63-0xE0\": \"0xdeadbeef\""),
    ];
    for (code, octets, json) in cases {
        let value = hex(octets).unwrap();
        let mut out = String::new();
        attribute::json_all([Attr { code, flags: 0xe0, value: &value }].into_iter(), &mut out, Dialect::V6);
        assert_eq!(out, json);
    }
    let mut out = String::new();
    attribute::json_all([Attr { code: 0x63, flags: 0x80, value: &[1] }].into_iter(), &mut out, Dialect::V5);
    assert_eq!(out, "", "unknown and not transitive");
    attribute::text_all(
        [Attr { code: 0x63, flags: 0xe0, value: &[0xde, 0xad] }].into_iter(),
        None,
        &mut out,
        Dialect::V5,
    );
    assert_eq!(out, " attribute [ 0x63 0xE0 0xdead ]");
}

#[test]
fn words_that_are_refused() {
    for (code, line, help) in [
        (code::ORIGIN, "origin ipg", "igp"),
        (code::MULTI_EXIT_DISC, "med -1", "4294967295"),
        (code::MULTI_EXIT_DISC, "med 4294967296", "4294967295"),
        (code::MULTI_EXIT_DISC, "med", "missing"),
        (code::COMMUNITIES, "community 70000:1", "65535"),
        (code::COMMUNITIES, "community 1:70000", "65535"),
        (code::COMMUNITIES, "community [ 1:1, 2:2 ]", "blanks"),
        (code::COMMUNITIES, "community no-exprot", "no-export"),
        (code::LARGE_COMMUNITIES, "large-community 1:2", "A:B:C"),
        (code::LARGE_COMMUNITIES, "large-community 1:2:4294967296", "A:B:C"),
        (code::ORIGINATOR_ID, "originator-id 5", "IPv4"),
        (code::CLUSTER_LIST, "cluster-list [ ]", "missing"),
        (code::AIGP, "aigp 18446744073709551616", "64 bits"),
        (code::AGGREGATOR, "aggregator ( 1:1.1.1.1", "`)`"),
        (code::AGGREGATOR, "aggregator 1.1.1.1", "ASN:IPv4"),
    ] {
        let refused = parse(attribute::spec(code).unwrap(), line, Grammar::File).unwrap_err();
        assert!(refused.contains(help), "{refused}");
    }
    let read = |code, line| {
        let spec = attribute::spec(code).unwrap();
        let both = GRAMMARS.map(|grammar| parse(spec, line, grammar).unwrap());
        assert_eq!(both[0], both[1]);
        both[0].clone()
    };
    for line in ["aggregator ( 65000:1.1.1.1 )", "aggregator (65000:1.1.1.1)", "aggregator 65000:1.1.1.1"] {
        assert_eq!(read(code::AGGREGATOR, line), hex("0000fde801010101").unwrap());
    }
    assert_eq!(read(code::COMMUNITIES, "community [ 5:5 5:5 4:4 ]"), hex("000400040005000500050005").unwrap());
    assert_eq!(read(code::COMMUNITIES, "community no_export"), hex("ffffff01").unwrap());
    assert_eq!(read(code::ORIGIN, "origin EGP"), [1]);
    assert_eq!(
        read(code::LARGE_COMMUNITIES, "large-community [ 4:5:6 1:2:3 1:2:3 0x000000010000000200000003 ]"),
        hex("000000010000000200000003000000040000000500000006").unwrap()
    );
}

#[test]
fn every_family_cuts_and_shows_its_routes() {
    for spec in FAMILIES {
        let nlri = [16, 0x20, 0x01];
        assert_eq!((spec.check)(Reader::new(&nlri, 0), false), Ok(()), "{}", spec.family);
        for n in 1..nlri.len() {
            assert!((spec.check)(Reader::new(&nlri[..n], 0), false).is_err());
        }
        assert!((spec.check)(Reader::new(&[255; 40], 0), false).is_err());
        for dialect in DIALECTS {
            for (path_id, compact) in [(None, false), (None, true), (Some(7), true)] {
                let shown = Shown { nlri: &nlri, path_id, next_hop: None, withdrawn: false };
                let (mut text, mut json) = (String::new(), String::new());
                (spec.text)(&shown, &mut text, dialect);
                (spec.json)(&shown, &mut json, dialect, compact);
                assert!(text.contains("/16"), "{text}");
                assert!(serde_json::from_str::<Value>(&json).is_ok(), "{json}");
            }
        }
    }
}
