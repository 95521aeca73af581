//! What every row of the tables has to do, by being a row: come back from its words, be JSON in every dialect, and
//! have an answer to each of its values cut short.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

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
use herald_bgp::text::{Grammar, Words, hex};
use herald_bgp::update::Update;
use herald_bgp::value::Asn;
use herald_testkit::json::keys_twice;
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
    fn attributes_come_back_from_their_words((row, value) in rows()) {
        let spec = &ATTRIBUTES[row];
        prop_assert_eq!((spec.check)(Reader::new(&value, 0), &session()), Ok(()));
        for dialect in DIALECTS {
            prop_assert!(text(spec, &value, dialect).bytes().all(|b| (b' '..=b'~').contains(&b)));
        }
        let mut words = String::new();
        let long = if value.len() > 255 { attribute::flags::EXTENDED } else { 0 };
        let own = Attr { code: spec.code, flags: spec.flags | long, value: &value };
        let marked = Attr { flags: own.flags | attribute::flags::PARTIAL, ..own };
        for attr in [own, marked] {
            if attr.code == code::NEXT_HOP {
                continue; // said by the route
            }
            words.clear();
            attribute::words_all([attr].into_iter(), &mut words);
            // what has words of its own is written with them
            let octets = words.starts_with(" attribute [");
            prop_assert_eq!(octets, spec.keywords.is_empty() || attr != own, "{}", words);
            for grammar in GRAMMARS {
                let line = format!("10.0.0.0/24 next-hop 192.0.2.1{words}");
                let route = parse_route(&mut Words::new(&line, 1, grammar), Purpose::Announce, &mut Memo::new());
                let route = route.map_err(|e| TestCaseError::fail(format!("{line}: {e}")))?;
                prop_assert_eq!(route.attributes.iter().collect::<Vec<_>>(), vec![attr], "{}", line);
            }
        }
    }

    #[test]
    fn json_in_every_dialect((row, value) in rows()) {
        let spec = &ATTRIBUTES[row];
        for dialect in DIALECTS {
            let mut out = String::from("{ ");
            attribute::json_all([Attr { code: spec.code, flags: spec.flags, value: &value }].into_iter(), &mut out, dialect);
            out.push_str(" }");
            let json: Value = serde_json::from_str(&out).map_err(|e| TestCaseError::fail(format!("{out}: {e}")))?;
            let named = spec.since.is_some_and(|since| since <= dialect);
            let silent = spec.code == code::NEXT_HOP
                || spec.code == code::AS_PATH && value.is_empty()
                || !named && spec.flags & attribute::flags::TRANSITIVE == 0;
            prop_assert_eq!(json.as_object().unwrap().is_empty(), silent, "{}", out);
            if !silent && named {
                prop_assert!(json.get(spec.name).is_some(), "{}", out);
            }
            prop_assert_eq!(keys_twice(&out), None, "{}", out);
        }
    }

    #[test]
    fn a_value_cut_short_has_a_verdict((row, value) in rows()) {
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

fn extended(text: &str, grammar: Grammar) -> Result<Vec<u8>, String> {
    parse(attribute::spec(code::EXTENDED_COMMUNITIES).unwrap(), &format!("extended-community {text}"), grammar)
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

/// What nobody knows is octets, in every dialect; what is known reads as it always did, right or wrong.
#[test]
fn extended_communities_as_events_have_them() {
    let spec = attribute::spec(code::EXTENDED_COMMUNITIES).unwrap();
    for (octets, words) in [
        ("030b000000000064", "0x030B000000000064"),
        ("4004000149742400", "0x4004000149742400"),
        ("8208000111700001", "0x8208000111700001"),
        ("800600007fc00000", "0x800600007FC00000"),
        ("80060000c2280000", "rate-limit:0"),
        ("800c0000447a0000", "rate-limit:1000:packets"),
        ("000900640000002f", "mark 47"),
        ("000800640000000a", "redirect:100:10"),
        ("000a010203040506", "l2info:1:2:772:1286"),
        ("9002000100000002", "target:1:2"),
        ("8007000000000004", "action "),
        ("8009000000000040", "mark 0"),
        ("030c000000000063", "encap:encap:UNKNOWN-99"),
        ("0600010000000005", "mac-mobility:5:sticky"),
        ("0600030000000005", "mac-mobility:5"),
        ("07020000000a0005", "interface-set:0:10:5"),
        ("010c0a0000010001", "copy-to-nexthop-ietf 10.0.0.1 (with copy)"),
        ("0800010203040500", "redirect-to-nexthop"),
    ] {
        let value = hex(octets).unwrap();
        assert_eq!(text(spec, &value, Dialect::V5), format!("extended-community {words}"));
    }
    let spec = attribute::spec(code::IPV6_EXTENDED_COMMUNITIES).unwrap();
    for (octets, words) in [
        ("000c20010db80000000000000000000000010000", "redirect-to-nexthop-ietf 2001:db8::1"),
        ("400c20010db80000000000000000000000010003", "copy-to-nexthop-ietf 2001:db8::1 (with copy)"),
        ("000d20010db80000000000000000000000010005", "0x000D20010DB80000000000000000000000010005"),
    ] {
        let value = hex(octets).unwrap();
        assert_eq!(text(spec, &value, Dialect::V6), format!("extended-community-ipv6 {words}"));
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
        ("copy-to-nexthop", "0800000000000001"),
        ("0x030B000000000064", "030b000000000064"),
        ("target-as4:1:2", "0202000000010002"),
        ("target-non-transitive:1:2", "4002000100000002"),
        ("bandwidth-transitive:1:0.5", "000400013f000000"),
        ("source-as:65000", "0009fde800000000"),
        ("source-as-as4:70000", "0209000111700000"),
        ("vrf-route-import:10.0.0.1:7", "010b0a0000010007"),
        ("ospf-domain-id:10.0.0.1:7", "01050a0000010007"),
        ("ospf-router-id:10.0.0.1", "01070a0000010000"),
        ("ospf-route-type:0.0.0.1:5:1", "0306000000010501"),
        ("color:1:100", "030b400000000064"),
        ("color:0:100+0x000100000000", "030b000100000064"),
        ("encap:vxlan", "030c000000000008"),
        ("default-gateway", "030d000000000000"),
        ("mac-mobility:5:sticky", "0600010000000005"),
        ("esi-label:100:single-active", "0601010000000640"),
        ("es-import:00:11:22:33:44:FF", "06020011223344ff"),
        ("router-mac:00:11:22:33:44:55", "0603001122334455"),
        ("layer2-attributes:primary+control-word:1500", "0604000605dc0000"),
        ("e-tree:leaf:100", "0605010000000640"),
        ("multicast-flags:igmp-proxy+mld-proxy", "0609000300000000"),
        ("interface-set:transitive:output:254:254", "0702000000fe80fe"),
        ("interface-set:non-transitive:input:3405770241:1", "4702caffee014001"),
        ("interface-set:input-output:1234:10", "0702000004d2c00a"),
        ("mup-interwork:10.0.0.1:7", "0c040a0000010007"),
        ("origin-validation:invalid", "4300000000000002"),
        ("rate-limit:0", "8006000000000000"),
        ("rate-limit:9600:bytes:65001", "8006fde946160000"),
        ("rate-limit:1000:packets", "800c0000447a0000"),
        ("action:sample-terminal", "8007000000000003"),
        ("action sample", "8007000000000002"),
        ("mark 10", "800900000000000a"),
        ("redirect:1.2.3.4:5", "8108010203040005"),
        ("redirect:70000:1", "8208000111700001"),
        ("redirect-to-nexthop-ietf 192.0.2.1", "010cc00002010000"),
        ("copy-to-nexthop-ietf:192.0.2.1", "010cc00002010001"),
        ("uuid-target:0x010203040506", "8011010203040506"),
    ] {
        for grammar in GRAMMARS {
            assert_eq!(extended(text, grammar).as_deref(), Ok(&hex(octets).unwrap()[..]), "{text}");
        }
    }
    for wrong in [
        "target:65536:70000",
        "foo:1:2",
        "0x80",
        "target:1",
        "target:1:2:3",
        "[ ]",
        "[ 1:2",
        "l2info:256:0:1:1",
        "x",
        "mark",
        "[ mark ]",
        "redirect:70000:70000",
        "interface-set:input:1:16384",
        "interface-set:up:1:1",
        "color:4:1",
        "rate-limit:-1",
        "rate-limit:1:bits",
        "esi-label:1048576",
        "es-import:00:11:22:33:44",
        "default-gateway:1",
        "target:1:2+0x01",
    ] {
        assert!(extended(wrong, Grammar::File).is_err(), "{wrong}");
    }
    for (text, octets) in [
        ("target:2001:db8::1:100", "000220010db80000000000000000000000010064"),
        ("redirect:2001:db8::1:100", "000d20010db80000000000000000000000010064"),
        ("[ redirect-to-nexthop-ietf 2001:db8::1 ]", "000c20010db80000000000000000000000010000"),
        ("copy-to-nexthop-ietf:2001:db8::1", "000c20010db80000000000000000000000010001"),
    ] {
        let spec = attribute::spec(code::IPV6_EXTENDED_COMMUNITIES).unwrap();
        for grammar in GRAMMARS {
            let line = format!("extended-community-ipv6 {text}");
            assert_eq!(parse(spec, &line, grammar).as_deref(), Ok(&hex(octets).unwrap()[..]), "{text}");
        }
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

/// `n` cases, or as many as PROPTEST_CASES asks for.
fn cases(n: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let unasked = 256;
    ProptestConfig { cases: if asked.cases == unasked { n } else { asked.cases }, ..asked }
}

/// NLRI of all families, or of the one HERALD_FAMILY names: `ipv4 mup`.
fn family_samples() -> BoxedStrategy<(usize, Vec<u8>)> {
    #[allow(clippy::disallowed_methods)] // whoever runs the test may choose; the crate itself does not look
    let only = std::env::var("HERALD_FAMILY").ok();
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
    fn routes_come_back_from_their_words((row, nlri) in family_samples(), path_id in any::<Option<u32>>()) {
        let spec = &FAMILIES[row];
        prop_assert_eq!(cut(spec, &nlri), Ok(&nlri[..]), "{}", spec.family);
        let mut words = String::new();
        words_of(spec.family, path_id, &nlri, &mut words);
        let mut own = String::new();
        (spec.words)(&nlri, &mut own);
        prop_assert!(words.starts_with(&own), "{}: {} but {}", spec.family, own, words);
        prop_assert!(words.bytes().all(|b| (b' '..=b'~').contains(&b)));
        let mut raw = String::from("raw 0x");
        json::hex(&mut raw, &nlri);
        if let Some(id) = path_id {
            raw.push_str(&format!(" path-information {id}"));
        }
        for grammar in GRAMMARS {
            for line in [&words, &raw] {
                let line = format!("{line} next-hop 192.0.2.1");
                let route = parse_family(&mut Words::new(&line, 1, grammar), spec.family, Purpose::Announce);
                let route = route.map_err(|e| TestCaseError::fail(format!("{} {line}: {e}", spec.family)))?;
                prop_assert_eq!(route.nlris.as_slice(), &[Stored::new(path_id, &nlri)], "{}", line);
            }
        }
    }

    #[test]
    fn routes_are_shown_in_every_dialect((row, nlri) in family_samples(), path_id in any::<Option<u32>>(), compact: bool, withdrawn: bool) {
        let spec = &FAMILIES[row];
        let hop = NextHop::Addr("192.0.2.1".parse().unwrap());
        for dialect in DIALECTS {
            let next_hop = (!withdrawn).then_some(&hop);
            let shown = Shown { nlri: &nlri, path_id, next_hop, hop: " next-hop 192.0.2.1", withdrawn };
            let (mut text, mut json) = (String::new(), String::new());
            (spec.text)(&shown, &mut text, dialect);
            (spec.json)(&shown, &mut json, dialect, compact);
            let silent = dialect < Dialect::V6 && text.starts_with("afi ");
            prop_assert_eq!(text.contains(" next-hop 192.0.2.1"), !silent, "{}", text);
            (spec.listed)(&shown, &mut text, dialect);
            prop_assert!(text.bytes().all(|b| (b' '..=b'~').contains(&b)), "{}", text);
            prop_assert!(serde_json::from_str::<Value>(&json).is_ok() && json.is_ascii(), "{}", json);
            prop_assert_eq!(keys_twice(&json), None, "{}", json);
        }
    }

    #[test]
    fn a_withdrawal_is_the_same_route((row, nlri) in family_samples()) {
        let spec = &FAMILIES[row];
        let mut gone = Vec::new();
        (spec.withdraw)(&nlri, &mut gone);
        prop_assert_eq!(cut(spec, &gone), Ok(&gone[..]), "{}", spec.family);
        prop_assert_eq!((spec.identity)(&gone), (spec.identity)(&nlri), "{}", spec.family);
    }

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
