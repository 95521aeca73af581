//! BGP-LS: whatever TLVs a peer sends, in whatever order, as often and as wrong as it likes, the route stays, JSON is one
//! object without a key twice, and the words give the same octets.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use herald_bgp::attribute::{self, Attr, code};
use herald_bgp::context::Context;
use herald_bgp::dialect::Dialect;
use herald_bgp::error::Outcome;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::nlri::{NextHop, Shown};
use herald_bgp::read::Reader;
use herald_bgp::route::{Memo, Purpose, parse_family, parse_route, words_of};
use herald_bgp::text::{Grammar, Words, hex};
use herald_bgp::trace::Trace;
use herald_bgp::update::Update;
use herald_bgp::value::Asn;
use herald_testkit::json::keys_twice;
use proptest::prelude::*;
use serde_json::{Value, json};

const DIALECTS: [Dialect; 3] = [Dialect::V4, Dialect::V5, Dialect::V6];
const GRAMMARS: [Grammar; 2] = [Grammar::File, Grammar::Line];
const LS: Family = Family::new(Afi::BGP_LS, Safi::BGP_LS);
const LS_VPN: Family = Family::new(Afi::BGP_LS, Safi::BGP_LS_VPN);

fn tlv(kind: u16, value: &[u8]) -> Vec<u8> {
    let mut out = kind.to_be_bytes().to_vec();
    out.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
    out.extend(value);
    out
}

fn nlri(kind: u16, body: &[u8]) -> Vec<u8> {
    tlv(kind, body)
}

/// Types there is something to say of, and others; values of lengths that often fit.
fn any_tlv() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop_oneof![
        8 => prop_oneof![256u16..270, 512u16..520, 1024u16..1047, 1088u16..1123, 1152u16..1175, 1250u16..1253],
        1 => any::<u16>(),
    ];
    let length = prop_oneof![
        6 => prop::sample::select(vec![0usize, 1, 2, 3, 4, 6, 7, 8, 11, 13, 16, 22, 26, 28, 32]),
        1 => 0usize..60,
    ];
    let octet = prop_oneof![Just(0u8), Just(0x30), Just(b'a'), any::<u8>()];
    (kind, length.prop_flat_map(move |n| prop::collection::vec(octet.clone(), n)))
        .prop_map(|(kind, value)| tlv(kind, &value))
}

/// TLVs, some of them inside of others, some of them several times.
fn tlvs() -> impl Strategy<Value = Vec<u8>> {
    let nested =
        (prop::sample::select(vec![256u16, 257, 1039, 1106, 1159, 1172]), prop::collection::vec(any_tlv(), 0..4))
            .prop_map(|(kind, inside)| {
                let head: &[u8] = match kind {
                    1106 => &[0; 22],
                    1039 | 1159 | 1172 => &[0; 4],
                    _ => &[],
                };
                tlv(kind, &[head, &inside.concat()].concat())
            });
    let one = prop_oneof![6 => any_tlv(), 1 => nested];
    let some = prop_oneof![8 => Just(1usize), 1 => Just(2), 1 => Just(5)];
    prop::collection::vec((one, some).prop_map(|(tlv, n)| tlv.repeat(n)), 0..12).prop_map(|list| list.concat())
}

fn spec() -> &'static attribute::AttributeSpec {
    attribute::spec(code::BGP_LS).unwrap()
}

fn attr(value: &[u8]) -> Attr<'_> {
    Attr { code: code::BGP_LS, flags: if value.len() > 255 { 0x90 } else { 0x80 }, value }
}

fn attribute_json(value: &[u8], dialect: Dialect) -> String {
    let mut out = String::new();
    (spec().json)(value, &mut out, dialect);
    out
}

fn nlri_json(family: Family, nlri: &[u8], dialect: Dialect, hop: Option<&NextHop>) -> String {
    let shown = Shown { nlri, path_id: None, next_hop: hop, hop: "", withdrawn: hop.is_none() };
    let mut out = String::new();
    (family.spec().json)(&shown, &mut out, dialect, false);
    out
}

/// One object on one line, no key twice.
fn is_one_object(text: &str) {
    assert!(serde_json::from_str::<Value>(text).is_ok_and(|v| v.is_object()), "{text}");
    assert!(text.bytes().all(|b| (b' '..=b'~').contains(&b)), "{text}");
    assert_eq!(keys_twice(text), None, "{text}");
}

/// What holds of an attribute that can be cut into TLVs.
fn attribute_is_kept(value: &[u8]) {
    for dialect in DIALECTS {
        let json = attribute_json(value, dialect);
        assert_eq!(json.is_empty(), value.is_empty());
        if !value.is_empty() {
            is_one_object(&json);
        }
    }
    let mut words = String::new();
    attribute::words_all([attr(value)].into_iter(), &mut words);
    assert!(words.bytes().all(|b| (b' '..=b'~').contains(&b)), "{words}");
    for grammar in GRAMMARS {
        let line = format!("10.0.0.0/24 next-hop 192.0.2.1{words} med 5");
        let route = parse_route(&mut Words::new(&line, 1, grammar), Purpose::Announce, &mut Memo::new());
        let route = route.unwrap_or_else(|e| panic!("{line}: {e}"));
        assert_eq!(route.attributes.get(code::BGP_LS), Some(attr(value)), "{line}");
        assert_eq!(route.attributes.med(), Some(5), "nothing behind it was swallowed: {line}");
    }
}

/// What holds of an NLRI that could be cut out of its field.
fn nlri_is_kept(family: Family, nlri: &[u8]) {
    let hop = NextHop::Addr("192.0.2.1".parse().unwrap());
    for dialect in DIALECTS {
        for hop in [None, Some(&hop)] {
            is_one_object(&nlri_json(family, nlri, dialect, hop));
        }
    }
    let mut words = String::new();
    words_of(family, None, nlri, &mut words);
    assert!(words.bytes().all(|b| (b' '..=b'~').contains(&b)), "{words}");
    for grammar in GRAMMARS {
        let line = format!("{words} next-hop 192.0.2.1 med 5");
        let route = parse_family(&mut Words::new(&line, 1, grammar), family, Purpose::Announce);
        let route = route.unwrap_or_else(|e| panic!("{line}: {e}"));
        assert_eq!(route.nlris.as_slice()[0].nlri(), nlri, "{line}");
        assert_eq!(route.attributes.med(), Some(5), "{line}");
    }
}

fn framed(value: &[u8]) -> bool {
    let mut rest = value;
    while let [_, _, a, b, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*a, *b]));
        match tail.get(length..) {
            Some(tail) => rest = tail,
            None => return false,
        }
    }
    rest.is_empty()
}

/// `n` cases, or as many times more as PROPTEST_CASES asks for.
fn cases(n: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig { cases: n.saturating_mul(asked.cases.div_ceil(256)), ..asked }
}

proptest! {
    #![proptest_config(cases(1024))]

    #[test]
    fn any_tlvs_are_an_attribute(value in tlvs()) {
        prop_assert_eq!((spec().check)(Reader::new(&value, 0), &session(true)), Ok(()));
        attribute_is_kept(&value);
    }

}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn an_attribute_is_malformed_only_where_tlvs_do_not_end(value in tlvs(), damage in any::<u64>()) {
        let look = |value: &[u8]| {
            let fine = (spec().check)(Reader::new(value, 0), &session(true)).is_ok();
            assert_eq!(fine, framed(value));
            if fine {
                DIALECTS.iter().filter(|_| !value.is_empty()).for_each(|d| is_one_object(&attribute_json(value, *d)));
            } else {
                // somebody may still send it on purpose
                let mut words = String::new();
                attribute::words_all([attr(value)].into_iter(), &mut words);
                assert!(words.starts_with(" attribute [ 0x1D"), "{words}");
            }
        };
        (0..value.len()).for_each(|n| look(&value[..n]));
        for bit in 0..value.len() * 8 {
            let mut damaged = value.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            look(&damaged);
        }
        if !value.is_empty() {
            let mut damaged = value.clone();
            let at = usize::try_from(damage % value.len() as u64).unwrap();
            damaged[at] = u8::try_from(damage >> 56).unwrap();
            if framed(&damaged) {
                attribute_is_kept(&damaged);
            }
        }
    }

}

proptest! {
    #![proptest_config(cases(1024))]

    #[test]
    fn any_descriptors_are_a_route(kind in 0u16..9, protocol: u8, id: u64, rd: [u8; 8], body in tlvs(), cut in 0usize..30) {
        for (family, rd) in [(LS, &[][..]), (LS_VPN, &rd)] {
            let mut inside = rd.to_vec();
            inside.push(protocol);
            inside.extend(id.to_be_bytes());
            inside.extend(&body);
            for n in [inside.len(), inside.len().saturating_sub(cut), cut.min(inside.len())] {
                let nlri = nlri(kind, &inside[..n]);
                let mut r = Reader::new(&nlri, 0);
                prop_assert_eq!((family.spec().split)(&mut r), Ok(&nlri[..]));
                nlri_is_kept(family, &nlri);
            }
        }
    }

    #[test]
    fn words_are_refused_or_understood(words in prop::collection::vec(prop::sample::select(VOCABULARY), 0..24), kind in 0usize..3) {
        let line = words.join(" ");
        for grammar in GRAMMARS {
            let first = ["node", "link", ""][kind];
            let line = format!("{first} {line}");
            if let Ok(route) = parse_family(&mut Words::new(&line, 1, grammar), LS, Purpose::Withdraw) {
                route.nlris.as_slice().iter().for_each(|nlri| nlri_is_kept(LS, nlri.nlri()));
                if let Some(attr) = route.attributes.get(code::BGP_LS) {
                    attribute_is_kept(attr.value);
                }
            }
        }
    }
}

const VOCABULARY: &[&str] = &[
    "[",
    "]",
    "[",
    "]",
    "protocol",
    "isis-l2",
    "identifier",
    "0",
    "1",
    "local",
    "remote",
    "asn",
    "tlv",
    "1024",
    "0x",
    "0x80",
    "igp-router-id",
    "10.0.0.1",
    "0001.0002.0003",
    "interface-address",
    "::1",
    "bgp-ls",
    "node-name",
    "\"a\"",
    "adjacency-sid",
    "label",
    "sid",
    "flags",
    "V",
    "flex-algorithm",
    "srv6-end-x-sid",
    "range",
    "1.5",
    "link-msd",
    "1:2",
];

fn session(internal: bool) -> Context {
    let mut cx = Context::plain(Asn(65000), Asn(if internal { 65000 } else { 65001 }));
    cx.families = [LS, LS_VPN, Family::IPV4_UNICAST].into_iter().collect();
    cx
}

/// An UPDATE that announces `field` with this attribute.
fn update(safi: u8, field: &[u8], attribute: &[u8]) -> Vec<u8> {
    let mut attrs = hex("40010100400200400504000000 64".replace(' ', "").as_str()).unwrap();
    let mut reach = vec![0x40, 4, safi];
    match safi {
        71 => reach.extend([4, 192, 0, 2, 1]),
        _ => reach.extend([12, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1]),
    }
    reach.push(0);
    reach.extend(field);
    attribute::write(&mut attrs, Attr { code: 14, flags: 0x80, value: &reach });
    attribute::write(&mut attrs, attr(attribute));
    let mut out = vec![0, 0];
    out.extend(u16::try_from(attrs.len()).unwrap().to_be_bytes());
    out.extend(attrs);
    out
}

const NODE: &str = "000100270200000000000000000100001a020000040000fde9020100040a00000102030006000100020003";

#[test]
fn what_a_mistake_costs() {
    let good = hex(NODE).unwrap();
    let routes = |body: &[u8]| {
        let cx = session(true);
        let update = Update::check(body, &cx).map_err(|fault| fault.outcome)?;
        let outcomes: Vec<_> = update.faults().iter().map(|fault| fault.outcome).collect();
        let shown = update.attributes().any(|attr| attr.code == code::BGP_LS);
        Ok::<_, Outcome>((update.announced().map(|block| block.iter().count()).sum::<usize>(), outcomes, shown))
    };
    // a value that cannot be, beside two that nobody knows
    let odd = [tlv(1092, &[1]), tlv(9999, &[]), tlv(65535, &[1])].concat();
    assert_eq!(routes(&update(71, &good, &odd)), Ok((1, vec![], true)));
    // TLVs that do not end with the attribute
    assert_eq!(routes(&update(71, &good, &[4, 0, 0, 2, 0])), Ok((1, vec![Outcome::AttributeDiscard], false)));
    assert_eq!(routes(&update(71, &good, &[4, 0, 0])), Ok((1, vec![Outcome::AttributeDiscard], false)));
    // descriptors that do not end with the NLRI: the one behind it is still found
    let malformed = nlri(1, &[2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 200, 2]);
    assert_eq!(routes(&update(71, &[malformed, good.clone()].concat(), &odd)), Ok((2, vec![], true)));
    assert_eq!(
        routes(&update(71, &[nlri(1, &[]), nlri(6, &[2]), nlri(999, &[])].concat(), &odd)),
        Ok((3, vec![], true))
    );
    assert_eq!(routes(&update(72, &nlri(1, &[0, 0, 1]), &odd)), Ok((1, vec![], true)));
    // an NLRI that does not end with its field: nobody knows where the next one is
    assert_eq!(routes(&update(71, &good[..good.len() - 1], &odd)), Err(Outcome::SessionReset));
    assert_eq!(routes(&update(71, &[&good[..], &[0, 1, 0]].concat(), &odd)), Err(Outcome::SessionReset));
}

/// The order of descriptors, an unknown TLV, another protocol: each makes another route.
#[test]
fn all_octets_are_the_key() {
    let identity = LS.spec().identity;
    let local = tlv(256, &tlv(512, &[0, 0, 253, 232]));
    let of =
        |protocol: u8, tlvs: &[&[u8]]| nlri(2, &[&[protocol, 0, 0, 0, 0, 0, 0, 0, 0][..], &tlvs.concat()].concat());
    let (a, b) = (tlv(259, &[10, 0, 0, 1]), tlv(260, &[10, 0, 0, 2]));
    let routes = [
        of(1, &[&local, &a, &b]),
        of(1, &[&local, &b, &a]),
        of(2, &[&local, &a, &b]),
        of(1, &[&local, &a, &b, &tlv(700, &[])]),
    ];
    for (i, one) in routes.iter().enumerate() {
        for (j, other) in routes.iter().enumerate() {
            assert_eq!(identity(one) == identity(other), i == j);
        }
    }
}

/// As ExaBGP 4.2.21, 5.0.15 and main print them.
#[test]
fn recorded_attributes() {
    for (value, v4, v5, v6) in [
        (
            "0403000349000104040004 0a000001 04050010 20010db8000000000000000000000001 0400000180 040a000cc000001f4004890003003e80 040b0000",
            "{ \"area-id\": \"490001\", \"local-te-router-ids\": [\"10.0.0.1\", \"2001:db8::1\"], \"node-flags\": {\"O\": 1, \"T\": 0, \"E\": 0, \"B\": 0, \"R\": 0, \"V\": 0, \"RSV\": 0}, \"sr-capability-flags\": {\"I\": 1, \"V\": 1, \"RSV\": 0}, \"sids\": [[8000, 16000]], \"sr-algorithms\": [0] }",
            "{ \"area-id\": \"4784129\", \"local-te-router-ids\": [\"10.0.0.1\", \"2001:db8::1\"], \"node-flags\": {\"O\": 1, \"T\": 0, \"E\": 0, \"B\": 0, \"R\": 0, \"V\": 0, \"RSV\": 0}, \"sr-capability-flags\": {\"I\": 1, \"V\": 1, \"RSV\": 0}, \"sids\": [[8000, 16000]], \"sr-algorithms\": [0] }",
            "{ \"area-ids\": [\"4784129\"], \"local-router-ids\": [\"10.0.0.1\", \"2001:db8::1\"], \"node-flags\": {\"O\": 1, \"T\": 0, \"E\": 0, \"B\": 0, \"R\": 0, \"V\": 0, \"RSV\": 0}, \"sr-capability-flags\": {\"I\": 1, \"V\": 1, \"RSV\": 0}, \"sids\": [[8000, 16000]], \"sr-algorithms\": [0] }",
        ),
        (
            "04470001 0a 044b0007 30000000 05dc00 04060004 0a000002 04400004 00000003",
            "{ \"igp-metric\": 10, \"sr-adj\": {\"flags\": {\"F\": 0, \"B\": 0, \"V\": 1, \"L\": 1, \"S\": 0, \"P\": 0, \"RSV\": 0}, \"sids\": [384000], \"weight\": 0, \"undecoded-sids\": []}, \"remote-te-router-id\": \"10.0.0.2\", \"admin-group-mask\": [3] }",
            "{ \"igp-metric\": 10, \"sr-adj\": {\"flags\": {\"F\": 0, \"B\": 0, \"V\": 1, \"L\": 1, \"S\": 0, \"P\": 0, \"RSV\": 0}, \"sids\": [384000], \"weight\": 0, \"undecoded-sids\": []}, \"remote-te-router-id\": \"10.0.0.2\", \"admin-group-mask\": 3 }",
            "{ \"sr-adjs\": [{\"flags\": {\"F\": 0, \"B\": 0, \"V\": 1, \"L\": 1, \"S\": 0, \"P\": 0, \"RSV\": 0}, \"sids\": [384000], \"weight\": 0, \"undecoded-sids\": []}], \"remote-router-ids\": [\"10.0.0.2\"], \"igp-metric\": 10, \"admin-group-mask\": 3 }",
        ),
        (
            "045a0004 00000064 045b0008 80000032 00000096 045d0004 00000001 04410004 4cee6b28",
            "{ \"generic-lsid-1114\": [\"0x00000064\"], \"generic-lsid-1115\": [\"0x8000003200000096\"], \"generic-lsid-1117\": [\"0x00000001\"], \"maximum-link-bandwidth\": 125000000.0 }",
            "{ \"generic-lsid-1114\": [\"0x00000064\"], \"generic-lsid-1115\": [\"0x8000003200000096\"], \"generic-lsid-1117\": [\"0x00000001\"], \"maximum-link-bandwidth\": 125000000.0 }",
            "{ \"unidirectional-link-delay\": {\"delay-us\": 100, \"anomalous\": false}, \"minmax-unidirectional-link-delay\": {\"min-delay-us\": 50, \"max-delay-us\": 150, \"anomalous\": true}, \"unidirectional-link-loss\": {\"loss-percent\": 3e-06, \"anomalous\": false}, \"maximum-link-bandwidth\": 125000000.0 }",
        ),
        (
            "04860008 40000000 00000065 04530029 00398000000000000000001420010db8000000000000000000000001 04e40004 28181000 04e50001 07",
            "{ \"sr-prefix-flags\": {\"R\": 0, \"N\": 1, \"P\": 0, \"E\": 0, \"V\": 0, \"L\": 0, \"RSV\": 0}, \"sids\": [101], \"undecoded-sids\": [], \"sr-algorithm\": 0, \"generic-lsid-1107\": [\"0x00398000000000000000001420010DB800000000000000000000000104E400042818100004E5000107\"] }",
            "{ \"sr-prefix-flags\": {\"R\": 0, \"N\": 1, \"P\": 0, \"E\": 0, \"V\": 0, \"L\": 0, \"RSV\": 0}, \"sids\": [101], \"undecoded-sids\": [], \"sr-algorithm\": 0, \"srv6-lan-endx-isis\": [ {\"flags\": {\"B\": 1, \"S\": 0, \"P\": 0, \"RSV\": 0}, \"neighbor-id\": \"000000000014\", \"behavior\": 57, \"algorithm\": 0, \"weight\": 0, \"sid\": \"2001:db8::1\", \"srv6-sid-structure\": {\"loc_block_len\": 40, \"loc_node_len\": 24, \"func_len\": 16, \"arg_len\": 0}, \"subtlv-not-implemented-1253\": \"0x07\"} ] }",
            "{ \"sr-prefix-sids\": [{\"sr-prefix-flags\": {\"R\": 0, \"N\": 1, \"P\": 0, \"E\": 0, \"V\": 0, \"L\": 0, \"RSV\": 0}, \"sids\": [101], \"undecoded-sids\": [], \"sr-algorithm\": 0}], \"srv6-lan-endx-isis\": [{\"flags\": {\"B\": 1, \"S\": 0, \"P\": 0, \"RSV\": 0}, \"neighbor-id\": \"000000000014\", \"behavior\": 57, \"algorithm\": 0, \"weight\": 0, \"sid\": \"2001:db8::1\", \"srv6-sid-structure\": {\"loc_block_len\": 40, \"loc_node_len\": 24, \"func_len\": 16, \"arg_len\": 0}, \"unknown-subtlv-1253\": \"0x07\"}] }",
        ),
        (
            "270f0002 dead 04010002 6162 270f0001 01",
            "{ \"generic-lsid-9999\": [\"0xDEAD\", \"0x01\"], \"opaque\": \"ab\" }",
            "{ \"generic-lsid-9999\": [\"0xDEAD\", \"0x01\"], \"opaque\": \"ab\" }",
            "{ \"generic-lsid-9999\": [\"0xDEAD\", \"0x01\"], \"opaque\": \"6162\" }",
        ),
    ] {
        let value = hex(&value.replace(' ', "")).unwrap();
        for (dialect, expected) in DIALECTS.into_iter().zip([v4, v5, v6]) {
            assert_eq!(attribute_json(&value, dialect), expected, "{dialect:?}");
        }
        attribute_is_kept(&value);
    }
}

/// What is there twice is a list, what cannot be read is octets and a reason.
#[test]
fn nothing_is_lost_and_no_key_is_twice() {
    let adjacency = |weight| tlv(1099, &[0x30, weight, 0, 0, 5, 0xdc, 0]);
    let value =
        [tlv(1026, b"a"), adjacency(1), tlv(1095, &[1, 2, 3, 4]), tlv(1026, b"b"), adjacency(2), tlv(1095, &[7])];
    let shown: Value = serde_json::from_str(&attribute_json(&value.concat(), Dialect::V5)).unwrap();
    assert_eq!(shown["node-name"], json!(["a", "b"]));
    assert_eq!(shown["sr-adj"][1]["weight"], json!(2));
    assert_eq!((&shown["igp-metric"], &shown["generic-lsid-1095"]), (&json!(7), &json!(["0x01020304"])));
    assert_eq!(shown["malformed-tlvs"], json!([{ "tlv": 1095, "reason": "IGP Metric: expected 1 to 3 octets" }]));
    // both have `sids`
    let both = [tlv(1034, &[0xc0, 0]), tlv(1158, &[0x40, 0, 0, 0, 0, 0, 0, 9])].concat();
    let shown: Value = serde_json::from_str(&attribute_json(&both, Dialect::V5)).unwrap();
    assert_eq!((&shown["sids"], &shown["sr-prefix-sids"][0]["sids"]), (&json!([]), &json!([9])));
    // numbers JSON has no word for
    let value =
        [tlv(1089, &f32::NAN.to_bits().to_be_bytes()), tlv(1090, &f32::INFINITY.to_bits().to_be_bytes())].concat();
    attribute_is_kept(&value);
    let shown: Value = serde_json::from_str(&attribute_json(&value, Dialect::V6)).unwrap();
    assert_eq!(shown["malformed-tlvs"].as_array().unwrap().len(), 2);
}

/// A name is a name, whatever is in it.
#[test]
fn no_name_breaks_out() {
    for name in [
        &b"r1\nneighbor 10.0.0.1 down - forged"[..],
        b"r1\" }, { \"type\": \"forged\", \"x\": \"",
        b"r1 ] med 7 bgp-ls [",
        b"a;b{c}#d",
        b"\xff\xfe\x00\x1b[31m",
        "Z\u{fc}rich\u{2028}\u{85}".as_bytes(),
        b"'",
        b"\\",
        b"",
    ] {
        for kind in [1025, 1026, 1097, 1098, 1157] {
            let value = tlv(kind, name);
            attribute_is_kept(&value);
            for dialect in DIALECTS {
                let shown: Value = serde_json::from_str(&attribute_json(&value, dialect)).unwrap();
                let text = shown.as_object().unwrap().values().next().unwrap().as_str().unwrap();
                if kind == 1026 || dialect != Dialect::V6 {
                    assert_eq!(text, String::from_utf8_lossy(name));
                }
            }
        }
    }
    let mut words = String::new();
    attribute::words_all([attr(&tlv(1026, b"core-1.example"))].into_iter(), &mut words);
    assert_eq!(words, " bgp-ls [ node-name core-1.example ]");
}

#[test]
fn recorded_routes() {
    let hop = NextHop::Addr("192.0.2.1".parse().unwrap());
    let v5 = "{ \"ls-nlri-type\": \"bgpls-node\", \"l3-routing-topology\": 0, \"protocol-id\": 2, \"node-descriptors\": [ { \"autonomous-system\": 65001 }, { \"bgp-ls-identifier\": \"167772161\" }, { \"router-id\": \"000100020003\" } ], \"nexthop\": \"192.0.2.1\" }";
    let v4 = "{ \"ls-nlri-type\": \"bgpls-node\", \"l3-routing-topology\": 0, \"protocol-id\": 2, \"node-descriptors\": { \"autonomous-system\": 65001, \"bgp-ls-identifier\": \"167772161\", \"router-id\": \"000100020003\" }, \"nexthop\": \"192.0.2.1\" }";
    let node = hex(NODE).unwrap();
    for (dialect, expected) in DIALECTS.into_iter().zip([v4, v5, v5]) {
        assert_eq!(nlri_json(LS, &node, dialect, Some(&hop)), expected);
    }
    assert!(nlri_json(LS, &node, Dialect::V5, None).ends_with("], \"nexthop\": \"None\" }"));
    assert!(nlri_json(LS, &node, Dialect::V6, None).ends_with("} ] }"));
    let shown = Shown { nlri: &node, path_id: Some(7), next_hop: None, hop: "", withdrawn: true };
    let mut with_path = String::new();
    (LS.spec().json)(&shown, &mut with_path, Dialect::V6, false);
    assert!(with_path.ends_with("} ], \"path-information\": \"0.0.0.7\" }"), "{with_path}");
    // behind a route distinguisher; before 6 the next hop comes first
    let vpn = nlri(1, &[&hex("0000fde900000001").unwrap(), &node[4..]].concat());
    let hop_and_rd = [Dialect::V5, Dialect::V6].map(|dialect| nlri_json(LS_VPN, &vpn, dialect, Some(&hop)));
    assert!(hop_and_rd[0].ends_with(", \"nexthop\": \"192.0.2.1\", \"rd\": \"65001:1\" }"));
    assert!(hop_and_rd[1].ends_with(", \"rd\": \"65001:1\", \"nexthop\": \"192.0.2.1\" }"));
    // links, prefixes, SIDs; sub-TLVs and descriptors nobody knew
    let local = tlv(
        256,
        &[tlv(512, &[0, 0, 253, 233]), tlv(515, &[0, 1, 0, 2, 0, 3, 0x1f]), tlv(516, &[10, 0, 0, 1])].concat(),
    );
    let head = [7, 0, 0, 0, 0, 0, 0, 2, 188];
    let descriptors = "[ { \"autonomous-system\": 65001 }, { \"router-id\": \"0001000200031f\", \"psn\": \"31\" }, { \"generic-node-descriptor-516\": \"0x0A000001\" } ]";
    for (kind, tlvs, expected) in [
        (
            2,
            [tlv(258, &[0, 0, 0, 1, 0, 0, 0, 2]), tlv(259, &[10, 0, 0, 1]), tlv(263, &[0xf0, 2]), tlv(300, &[9])]
                .concat(),
            format!(
                "\"bgpls-link\", \"l3-routing-topology\": 700, \"protocol-id\": 7, \"local-node-descriptors\": {descriptors}, \"remote-node-descriptors\": [  ], \"interface-addresses\": [ \"10.0.0.1\" ], \"neighbor-addresses\": [  ], \"multi-topology-ids\": [ 2 ], \"link-identifiers\": [ {{ \"link-local-id\": 1, \"link-remote-id\": 2 }} ], \"generic-tlv-300\": [\"0x09\"] }}"
            ),
        ),
        (
            3,
            [tlv(264, &[5]), tlv(265, &[24, 10, 12])].concat(),
            format!(
                "\"bgpls-prefix-v4\", \"l3-routing-topology\": 700, \"protocol-id\": 7, \"node-descriptors\": {descriptors}, \"ip-reachability-tlv\": \"10.12.0.0/24\", \"ip-reach-prefix\": \"10.12.0.0/24\", \"ospf-route-type\": 5 }}"
            ),
        ),
        (
            6,
            [tlv(263, &[0, 2]), tlv(518, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])].concat(),
            format!(
                "\"bgpls-srv6sid\", \"l3-routing-topology\": 700, \"protocol-id\": 7, \"node-descriptors\": {descriptors}, \"srv6-sid-descriptors\": {{\"multi-topology-ids\": [\"2\"], \"srv6-sid\": \"2001:db8::1\"}} }}"
            ),
        ),
    ] {
        let route = nlri(kind, &[&head[..], &local, &tlvs].concat());
        assert_eq!(nlri_json(LS, &route, Dialect::V6, None), format!("{{ \"ls-nlri-type\": {expected}"));
        nlri_is_kept(LS, &route);
    }
    assert_eq!(
        nlri_json(LS, &nlri(99, &[1]), Dialect::V5, None),
        "{ \"code\": 99, \"parsed\": false, \"raw\": \"0063000101\" }"
    );
    assert_eq!(
        nlri_json(LS, &nlri(1, &[1]), Dialect::V5, None),
        "{ \"code\": 1, \"parsed\": false, \"raw\": \"0001000101\", \"reason\": \"Identifier at octet 5: expected more octets\" }"
    );
}

#[test]
fn words_and_octets() {
    for (safi, line, octets) in [
        (
            LS,
            "node protocol isis-l2 identifier 0 local [ asn 65001 bgp-ls-id 167772161 igp-router-id 0001.0002.0003 ]",
            NODE,
        ),
        (
            LS,
            "link protocol 77 identifier 5 local [ igp-router-id 10.1.4.1:10.1.1.2 ] remote [ tlv 600 0x01 ] link-identifiers 1:2 \
             interface-address 10.0.0.1 neighbor-address 2001:db8::2 multi-topology [ 0 2 ] tlv 700 0x",
            "00020056 4d 0000000000000005 0100000c 02030008 0a0104010a010102 01010005 02580001 01 \
             01020008 0000000100000002 01030004 0a000001 01060010 20010db8000000000000000000000002 01070004 00000002 02bc0000",
        ),
        (
            LS_VPN,
            "ipv6-prefix protocol ospfv3 identifier 0 local [ ospf-area-id 0.0.0.1 ] ospf-route-type nssa-2 ip-reachability 2001:db8::/33 rd 65000:1",
            "0004002c 0000fde800000001 06 0000000000000000 01000008 02020004 00000001 01080001 06 01090006 21 20010db800",
        ),
    ] {
        let octets = hex(&octets.replace(' ', "")).unwrap();
        let mut words = String::new();
        words_of(safi, None, &octets, &mut words);
        assert_eq!(words, line);
        nlri_is_kept(safi, &octets);
    }
    // in another order, and without what goes without saying
    let again = "node local [ igp-router-id 000100020003, bgp-ls-id 0x0a000001 asn 65001 ] protocol 2";
    let route = parse_family(&mut Words::new(again, 1, Grammar::File), LS, Purpose::Withdraw).unwrap();
    assert_eq!(route.nlris.as_slice()[0].nlri(), hex(NODE).unwrap());

    for (words, octets) in [
        ("adjacency-sid [ label 24000 weight 1 ]", "044b0007 30010000 005dc0"),
        ("adjacency-sid [ sid 7 ]", "044b0008 00000000 00000007"),
        ("lan-adjacency-sid [ neighbor 10.0.0.1 label 16 ]", "044c000b 30000000 0a000001 000010"),
        ("prefix-sid [ flags [ N ] algorithm 128 sid 5 ]", "04860008 40800000 00000005"),
        ("igp-metric 10", "04470003 00000a"),
        ("igp-metric 0x0a", "04470001 0a"),
        ("link-protection [ dedicated-1+1 ]", "04450002 0800"),
        ("srv6-capabilities [ flags [ O ] ]", "040e0004 40000000"),
        ("isis-area 49.0001.02", "04030004 49000102"),
        ("link-msd [ 1:10 2:5 ]", "010b0004 010a0205"),
        ("range [ size 4 prefix-sid [ sid 5 ] ]", "04870010 00000004 04860008 00000000 00000005"),
        ("node-name \"r1\"", "04020002 7231"),
    ] {
        let octets = hex(&octets.replace(' ', "")).unwrap();
        for grammar in GRAMMARS {
            let mut out = Vec::new();
            (spec().parse)(&mut Words::new(&format!("[ {words} ]"), 1, grammar), &mut out).unwrap();
            assert_eq!(out, octets, "{words}");
        }
        attribute_is_kept(&octets);
    }
}

#[test]
fn words_that_are_refused() {
    for (line, help) in [
        ("", "type of the link-state route"),
        ("nod protocol 1", "did you mean `node`"),
        ("node local [ asn 1 ]", "protocol isis-l2"),
        ("node protocol isis-l3 local [ ]", "did you mean `isis-l"),
        ("node protocol 1", "local [ asn 65000"),
        ("link protocol 1 local [ ]", "remote [ asn 65000"),
        ("node protocol 1 local asn", "brackets"),
        ("node protocol 1 local [ ans 1 ]", "did you mean `asn`"),
        ("node protocol 1 local [ asn 1", "`]` is missing"),
        ("node protocol 1 local [ asn 1 asn 2 ]", "each once"),
        ("node protocol 1 local [ interface-address 10.0.0.1 ]", "no descriptor of a node"),
        ("node protocol 1 local [ ] remote [ ]", "`remote` is no part of `node`"),
        ("node protocol 1 local [ ] local [ ]", "there twice"),
        ("node protocol 1 local [ bgp-router-id ::1 ]", "other address family"),
        ("node protocol 1 local [ igp-router-id 0001.0002 ]", "pseudonode"),
        ("ipv4-prefix protocol 1 local [ ] ip-reachability 2001:db8::/32", "is an IPv6 prefix"),
        ("ipv4-prefix protocol 1 local [ ] ip-reachability 10.0.0.1/24", "10.0.0.0/24"),
        ("node protocol 1 local [ ] tlv 65536 0x", "65535"),
        ("node protocol 1 local [ ] tlv 256 0x", "each at most once"),
        ("node protocol 1 local [ ] identifier x", "18446744073709551615"),
        ("node protocol 1 local [ ] bgp-ls node-name r1", "brackets"),
        ("node protocol 1 local [ ] bgp-ls [ nodename r1 ]", "did you mean `node-name`"),
        ("node protocol 1 local [ ] bgp-ls [ node-name ]", "`]` is missing"),
        ("node protocol 1 local [ ] bgp-ls [ te-metric 4294967296 ]", "4294967295"),
        ("node protocol 1 local [ ] bgp-ls [ maximum-link-bandwidth NaN ]", "octets a second"),
        ("node protocol 1 local [ ] bgp-ls [ node-flags [ X ] ]", "valid here: O T E B R V"),
        ("node protocol 1 local [ ] bgp-ls [ unreserved-bandwidth [ 1 2 ] ]", "expected 32 octets"),
        ("node protocol 1 local [ ] bgp-ls [ adjacency-sid [ flags [ V ] label 5 ] ]", "V and L"),
        ("node protocol 1 local [ ] bgp-ls [ srv6-end-x-sid [ behavior 5 ] ]", "`sid` is missing"),
        ("node protocol 1 local [ ] bgp-ls [ adjacency-sid [ weight 1 weight 2 ] ]", "there twice"),
        ("node protocol 1 local [ ] bgp-ls [ sr-capabilities [ range 5 16000 ] ]", "neither `label` nor `sid`"),
    ] {
        for grammar in GRAMMARS {
            let line = format!("{line} next-hop 192.0.2.1");
            let line = if line.starts_with(' ') || help.starts_with("`]`") {
                line.replace(" next-hop 192.0.2.1", "")
            } else {
                line
            };
            let refused =
                parse_family(&mut Words::new(&line, 1, grammar), LS, Purpose::Announce).unwrap_err().to_string();
            assert!(refused.contains(help), "{line}: {refused}");
        }
    }
    assert!(
        parse_family(
            &mut Words::new("node protocol 1 local [ ] next-hop 192.0.2.1", 1, Grammar::Line),
            LS_VPN,
            Purpose::Announce
        )
        .unwrap_err()
        .to_string()
        .contains("rd 65000:1")
    );
    // brackets in brackets come to an end
    let deep = format!("[ {} {} ]", "flex-algorithm [".repeat(20_000), "]".repeat(20_000));
    assert!((spec().parse)(&mut Words::new(&deep, 1, Grammar::Line), &mut Vec::new()).is_err());
    let mut octets = Vec::new();
    for _ in 0..4000 {
        octets = tlv(1039, &[&[0; 4], &octets[..]].concat());
    }
    attribute_is_kept(&octets);
}

/// Whoever looks at a message field by field finds the types of TLVs named.
#[test]
fn fields_have_names() {
    let trace = Trace::new(Dialect::V6);
    let value = [tlv(1026, b"r1"), tlv(1092, &[0, 0, 0, 10]), tlv(9999, &[])].concat();
    let body = update(71, &hex(NODE).unwrap(), &value);
    Update::told(&body, &session(true), true, &trace).unwrap();
    let notes = trace.take();
    let said: Vec<(&str, &str)> = notes.iter().map(|n| (&*n.meaning.name, &*n.meaning.words)).collect();
    for expected in [
        ("Protocol-ID", "isis-l2"),
        ("TLV type", "local"),
        ("TLV type", "igp-router-id"),
        ("TLV type", "Node Name"),
        ("TLV value", "node-name r1"),
        ("TLV value", "te-metric 10"),
        ("TLV value", "tlv 9999 0x"),
        ("bgp-ls", "bgp-ls [ node-name r1 te-metric 10 tlv 9999 0x ]"),
    ] {
        assert!(said.contains(&expected), "{expected:?} is not among {said:?}");
    }
    let odd = update(71, &nlri(1, &[2, 0]), &tlv(1, &[]));
    Update::told(&odd, &session(true), true, &trace).unwrap();
}

/// Sixteen thousand types, or one type so often, are no work to speak of.
#[test]
fn a_flood_of_tlvs() {
    let types: Vec<u8> = (0..16_000u16).flat_map(|kind| tlv(kind.wrapping_mul(7), &[])).collect();
    let one: Vec<u8> = (0..13_000).flat_map(|_| tlv(1026, b"a")).collect();
    for value in [types, one] {
        DIALECTS.iter().for_each(|dialect| is_one_object(&attribute_json(&value, *dialect)));
    }
}
