//! Attributes by example: octets, the words that make them, JSON, and what the text encoder prints.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use herald_bgp::attribute::{self, Attr, Attributes, code};
use herald_bgp::context::Context;
use herald_bgp::dialect::Dialect;
use herald_bgp::family::Family;
use herald_bgp::nlri::NextHop;
use herald_bgp::route::{Memo, Purpose, parse_route};
use herald_bgp::text::{Grammar, Words, hex};
use herald_bgp::update::Update;
use herald_bgp::value::Asn;

/// The attributes of a route that says these words.
fn read(words: &str) -> Result<Attributes, String> {
    let line = format!("10.0.0.0/24 next-hop 192.0.2.1 {words}");
    let route = parse_route(&mut Words::new(&line, 1, Grammar::File), Purpose::Announce, &mut Memo::new());
    route.map(|route| (*route.attributes).clone()).map_err(|e| e.to_string())
}

fn words(attr: Attr<'_>) -> String {
    let mut out = String::new();
    attribute::words_all([attr].into_iter(), &mut out);
    out.trim_start().to_owned()
}

fn json(attr: Attr<'_>) -> String {
    let mut out = String::new();
    (attribute::spec(attr.code).unwrap().json)(attr.value, &mut out, Dialect::V6);
    serde_json::from_str::<serde_json::Value>(&out).unwrap_or_else(|e| panic!("{out}: {e}"));
    out
}

fn text(code: u8, value: &str, dialect: Dialect) -> String {
    let mut out = String::new();
    (attribute::spec(code).unwrap().text)(&hex(value).unwrap(), &mut out, dialect);
    out
}

#[test]
fn octets_words_and_json_agree() {
    for (code, octets, said, shown) in [
        (code::PMSI_TUNNEL, "0000000641", "pmsi [ none label 100 ]", r#""pmsi:notunnel:0:100(1601):""#),
        (
            code::PMSI_TUNNEL,
            "0106000641c0000201",
            "pmsi [ ingress-replication flags 1 label 100 endpoint 192.0.2.1 ]",
            r#""pmsi:ingressreplication:1:100(1601):192.0.2.1""#,
        ),
        (
            code::PMSI_TUNNEL,
            "000600000020010db8000000000000000000000001",
            "pmsi [ ingress-replication endpoint 2001:db8::1 ]",
            r#""pmsi:ingressreplication:0:0:0x20010DB8000000000000000000000001""#,
        ),
        (
            code::PMSI_TUNNEL,
            "0001000000c00002010000000700000009",
            "pmsi [ rsvp-te-p2mp extended-tunnel-id 192.0.2.1 tunnel-id 7 p2mp-id 9 ]",
            r#""pmsi:rsvp-tep2mplsp:0:0:0xC00002010000000700000009""#,
        ),
        (
            code::PMSI_TUNNEL,
            "0003002710c0000201e8000001",
            "pmsi [ pim-ssm label 0x002710 sender 192.0.2.1 group 232.0.0.1 ]",
            r#""pmsi:pim-ssmtree:0:625(10000):0xC0000201E8000001""#,
        ),
        (
            code::PMSI_TUNNEL,
            "000b000000 05 0007 c0000201",
            "pmsi [ bier sub-domain 5 bfr-id 7 bfr-prefix 192.0.2.1 ]",
            r#""pmsi:unknown:0:0:0x050007C0000201""#,
        ),
        (
            code::PMSI_TUNNEL,
            "0002000000 06 0001 04 c0000201 0003 010203",
            "pmsi [ mldp-p2mp identifier 0x06000104C00002010003010203 ]",
            r#""pmsi:mldpp2mplsp:0:0:0x06000104C00002010003010203""#,
        ),
        (code::PMSI_TUNNEL, "0063000000abcd", "pmsi [ 99 identifier 0xABCD ]", r#""pmsi:unknown:0:0:0xABCD""#),
        (
            code::PE_DISTINGUISHER_LABELS,
            "c0000201000641 c0000202000651",
            "pe-distinguisher-labels [ 192.0.2.1 100 192.0.2.2 101 ]",
            r#"[ { "pe": "192.0.2.1", "label": [ [100, 1601] ] }, { "pe": "192.0.2.2", "label": [ [101, 1617] ] } ]"#,
        ),
        (code::ENTROPY_LABEL, "", "entropy-label 0x", r#""0x""#),
        (code::ONLY_TO_CUSTOMER, "0000fde8", "only-to-customer 65000", "65000"),
        (
            code::D_PATH,
            "02 0000fde8000146 0000fde8000280 01 00000001000146",
            "d-path [ 65000:1:70 65000:2:128 ] [ 1:1:70 ]",
            concat!(
                r#"[ [ { "domain": "65000:1", "isf-safi": 70 }, { "domain": "65000:2", "isf-safi": 128 } ], "#,
                r#"[ { "domain": "1:1", "isf-safi": 70 } ] ]"#
            ),
        ),
        (
            code::BFD_DISCRIMINATOR,
            "0100000005 0104c0000201 0702abcd",
            "bfd-discriminator [ mode 1 discriminator 5 source 192.0.2.1 7 0xABCD ]",
            concat!(
                r#"{ "mode": 1, "discriminator": 5, "tlvs": [ { "source": "192.0.2.1" }, "#,
                r#"{ "code": 7, "parsed": false, "raw": "ABCD" } ] }"#
            ),
        ),
        (
            code::SFP,
            "01000c 01 0000fde800000001 000007 020003 05abcd 090000",
            "sfp [ 1 0x010000FDE800000001000007 2 0x05ABCD 9 0x ]",
            concat!(
                r#"[ { "association": 1, "rd": "65000:1", "path": 7 }, { "service-index": 5, "hop": "ABCD" }, "#,
                r#"{ "code": 9, "parsed": false, "raw": "" } ]"#
            ),
        ),
        (
            code::BIER,
            "00010006 03 0102 00 abcd",
            "bier [ 1 0x03010200ABCD ]",
            r#"[ { "sub-domain": 3, "bfr-id": 258, "sub-tlvs": "ABCD" } ]"#,
        ),
        (
            code::BGPSEC_PATH,
            "0008 01 00 0000fde8 0022 01 0102030405060708090a0b0c0d0e0f1011121314 0009 aabbccddeeff001122",
            "bgpsec-path 0x000801000000FDE80022010102030405060708090A0B0C0D0E0F10111213140009AABBCCDDEEFF001122",
            concat!(
                r#"{ "secure-path": [ { "pcount": 1, "flags": 0, "asn": 65000 } ], "signature-blocks": [ { "algorithm": 1, "#,
                r#""signatures": [ { "key": "0102030405060708090A0B0C0D0E0F1011121314", "signature": "AABBCCDDEEFF001122" } ] } ] }"#
            ),
        ),
        (
            code::ATTR_SET,
            "0000fde8 40010100 400206 0201 0000fde9 80040400000005 c0630201ff",
            "attr-set [ origin-as 65000 origin igp as-path [ 65001 ] med 5 attribute [ 0x63 0xC0 0x01ff ] ]",
            concat!(
                r#"{ "origin-as": 65000, "attribute": { "origin": "igp", "#,
                r#""as-path": {"0": {"element": "as-sequence", "value": [65001]}}, "med": 5, "attribute-0x63-0xC0": "0x01ff" } }"#
            ),
        ),
        (code::PREFIX_SID, "010007 00 0000 00000309", "bgp-prefix-sid [ 777 ]", r#"{ "sr-label-index": 777 }"#),
        (
            code::PREFIX_SID,
            "010007 00 0000 0000012c 03000e 0000 0c3500 001000 0f4240 001388",
            "bgp-prefix-sid [ 300, [ ( 800000,4096 ), ( 1000000,5000 ) ] ]",
            r#"{ "sr-label-index": 300, "sr-srgbs": [[800000, 4096], [1000000, 5000]] }"#,
        ),
        (
            code::PREFIX_SID,
            "050022 00 01001e 00 20010db8000100010000000000000000 00 0048 00 010006 401810000000",
            "bgp-prefix-sid-srv6 ( l3-service 2001:db8:1:1:: 0x48 [64,24,16,0,0,0] )",
            concat!(
                r#"{ "l3-service": [ { "sid": "2001:db8:1:1::", "flags": 0, "endpoint_behavior": 72, "structure": "#,
                r#"{"locator-block-length": 64, "locator-node-length": 24, "function-length": 16, "argument-length": 0, "#,
                r#""transposition-length": 0, "transposition-offset": 0} } ] }"#
            ),
        ),
        (
            code::PREFIX_SID,
            "060019 00 010015 00 20010db8000100010000000000000000 01 ffff 00",
            "bgp-prefix-sid-srv6 ( tlv 6 0x000100150020010DB800010001000000000000000001FFFF00 )",
            r#"{ "l2-service": [ { "sid": "2001:db8:1:1::", "flags": 1, "endpoint_behavior": 65535 } ] }"#,
        ),
        (
            code::PREFIX_SID,
            "4d0003 616263 4d0001 00 05000500 090001 7f 010007 00 0000 00000001",
            "bgp-prefix-sid-srv6 ( tlv 77 0x616263 ) ( tlv 77 0x00 ) ( tlv 5 0x000900017F ) [ 1 ]",
            concat!(
                r#"{ "attribute-not-implemented-77": "0x616263", "l3-service": [ { "code": 9, "parsed": false, "raw": "7F" } ], "#,
                r#""sr-label-index": 1 }"#
            ),
        ),
    ] {
        let value = hex(&octets.replace(' ', "")).unwrap();
        let spec = attribute::spec(code).unwrap();
        let attr = Attr { code, flags: spec.flags, value: &value };
        assert_eq!(words(attr), said);
        assert_eq!(json(attr), shown);
        let route = read(said).unwrap();
        assert_eq!(route.iter().collect::<Vec<_>>(), [attr], "{said}");
    }
}

/// As recorded from programs that people have written helpers for.
#[test]
fn recorded_texts() {
    use Dialect::{V4, V5, V6};
    const SERVICE: &str = "0500220001001e0020010db8000f0000000000000000000000001300010006281810001040";
    for (code, value, dialect, expected) in [
        (code::PMSI_TUNNEL, "00060006410a000001", V4, "pmsi pmsi:ingressreplication:0:100(1601):10.0.0.1"),
        (code::PMSI_TUNNEL, "0000000641", V5, "pmsi pmsi:notunnel:0:100:"),
        (code::PMSI_TUNNEL, "0000000641", V6, "pmsi pmsi:notunnel:0:100(1601):"),
        (code::PMSI_TUNNEL, "0006000000c0000201", V5, "pmsi pmsi:ingressreplication:0:0:192.0.2.1"),
        (code::PMSI_TUNNEL, "000a000641c0000201", V5, "pmsi pmsi:unknown:0:100:0xC0000201"),
        (code::PREFIX_SID, "01000700000000000020", V5, "bgp-prefix-sid [ 32 ]"),
        (
            code::PREFIX_SID,
            "010007000000000000200300080000003e80001f40",
            V5,
            "bgp-prefix-sid [ 32, [ ( 16000,8000 ) ] ]",
        ),
        (code::PREFIX_SID, "0300080000003e80001f40", V5, "bgp-prefix-sid [ [ ( 16000,8000 ) ] ]"),
        (code::PREFIX_SID, "4d0003616263", V5, "bgp-prefix-sid [ Attribute with code [ 77 ] not implemented ]"),
        (code::PREFIX_SID, "010007000000000000204d0003616263", V6, "bgp-prefix-sid [ 32 ]"),
        (
            code::PREFIX_SID,
            SERVICE,
            V6,
            "bgp-prefix-sid [ l3-service [ sid-information [ sid:2001:db8:f:: flags:0 endpoint_behavior:0x13  \
             [ sid-structure [40,24,16,0,16,64] ] ] ]",
        ),
        (code::PREFIX_SID, SERVICE, V4, "bgp-prefix-sid [ Attribute with code [ 5 ] not implemented ]"),
        (
            code::PREFIX_SID,
            "05000500090001aa",
            V5,
            "bgp-prefix-sid [ l3-service [ SRv6 Service Sub-TLV type 9 not implemented ] ]",
        ),
    ] {
        assert_eq!(text(code, value, dialect), expected);
    }
}

#[test]
fn what_a_dialect_does_not_know_has_the_partial_bit() {
    let attributes = "40010100 400200 40030400000001 400504 00000064 c01704 00080000 c01914 0000000000000000000000000000000000000000";
    let attributes = hex(&attributes.replace(' ', "")).unwrap();
    let body = [&[0, 0, 0, 51][..], &attributes, &[8, 10]].concat();
    let mut cx = Context::plain(Asn(1), Asn(1));
    cx.families = vec![Family::IPV4_UNICAST];
    let update = Update::check(&body, &cx).unwrap();
    for (dialect, expected) in [(Dialect::V4, [0xe0, 0xe0]), (Dialect::V5, [0xe0, 0xc0]), (Dialect::V6, [0xc0, 0xc0])] {
        let flags: Vec<u8> = update.attributes_in(dialect).skip(4).map(|attr| attr.flags).collect();
        assert_eq!(flags, expected, "{dialect:?}");
    }
}

#[test]
fn words_in_every_form() {
    for (words, code, octets) in [
        (
            "bgp-prefix-sid [ 300, [ ( 800000,4096 ) ( 1000000,5000 ) ] ]",
            code::PREFIX_SID,
            "0100070000000000012c03000e00000c35000010000f4240001388",
        ),
        ("bgp-prefix-sid [300]", code::PREFIX_SID, "0100070000000000012c"),
        (
            "bgp-prefix-sid-srv6 ( l2-service 2001:db8:: )",
            code::PREFIX_SID,
            "060019000100150020010db800000000000000000000000000ffff00",
        ),
        (
            "bgp-prefix-sid-srv6 ( l3-service 2001:db8:: 72 )",
            code::PREFIX_SID,
            "050019000100150020010db800000000000000000000000000004800",
        ),
        ("pmsi [ 6 vni 10000 endpoint 10.0.0.1 ]", code::PMSI_TUNNEL, "00060027100a000001"),
        (
            "pmsi [ pim-sm sender 2001:db8::1 group ff3e::1 ]",
            code::PMSI_TUNNEL,
            "000400000020010db8000000000000000000000001ff3e0000000000000000000000000001",
        ),
        ("otc 1.10", code::ONLY_TO_CUSTOMER, "0001000a"),
        ("attr-set [ origin-as 1 ]", code::ATTR_SET, "00000001"),
        ("attr-set [ origin-as 1 med 5 origin egp ]", code::ATTR_SET, "000000014001010180040400000005"),
    ] {
        let value = hex(octets).unwrap();
        assert_eq!(
            read(words).map(|route| route.get(code).map(|attr| attr.value.to_vec())),
            Ok(Some(value)),
            "{words}"
        );
    }
    for wrong in [
        "bgp-prefix-sid",
        "bgp-prefix-sid 300",
        "bgp-prefix-sid [ ]",
        "bgp-prefix-sid [ 4294967296 ]",
        "bgp-prefix-sid [ 1, [ ] ]",
        "bgp-prefix-sid [ 1, [ ( 16777216,1 ) ] ]",
        "bgp-prefix-sid [ 1, [ ( 1 1 ) ] ]",
        "bgp-prefix-sid [ 1 ] bgp-prefix-sid [ 2 ]",
        "bgp-prefix-sid-srv6 ( l4-service :: )",
        "bgp-prefix-sid-srv6 ( l3-service 10.0.0.1 )",
        "bgp-prefix-sid-srv6 ( l3-service",
        "bgp-prefix-sid-srv6 ( l3-service :: 0x10000 )",
        "bgp-prefix-sid-srv6 ( l3-service :: 1 [1,2,3,4,5] )",
        "bgp-prefix-sid-srv6 ( l3-service :: 1 [1,2,3,4,5,256] )",
        "bgp-prefix-sid-srv6 ( tlv 256 0x00 )",
        "pmsi [ ingress-replication ]",
        "pmsi [ none",
        "pmsi [ foo ]",
        "pmsi [ pim-ssm sender 10.0.0.1 group ff3e::1 ]",
        "pmsi [ ingress-replication sender 10.0.0.1 group 10.0.0.2 ]",
        "pmsi [ rsvp-te-p2mp identifier 0x00 ]",
        "pe-distinguisher-labels [ ]",
        "pe-distinguisher-labels [ 192.0.2.1 1 2001:db8::1 2 ]",
        "otc x",
        "d-path [ ]",
        "d-path [ 1:1 ]",
        "bfd-discriminator [ mode 1 ]",
        "sfp [ ]",
        "sfp [ 1 0 ]",
        "bier [ 1 0x0 ]",
        "bgpsec-path 12",
        "attr-set [ med 5 ]",
        "attr-set [ origin-as 1 next-hop 10.0.0.1 ]",
        "attr-set [ origin-as 1 med 5 med 6 ]",
        "attr-set [ origin-as 1 attr-set [ origin-as 1 ] ]",
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn octets_survive_as_they_were_written() {
    for (code, flags, value) in [
        (4u8, 0x80u8, "01"),
        (2, 0x40, "0201fde8"),
        (22, 0xc0, "00"),
        (40, 0xd0, ""),
        (99, 0xef, "00ff"),
        (0, 0, "00"),
        (255, 0x7f, "00"),
    ] {
        let said = format!("attribute [ 0x{code:02x} 0x{flags:02x} 0x{value} ]");
        let route = read(&said).unwrap();
        let attr = Attr { code, flags: if code == 40 { 0xd0 } else { flags }, value: &hex(value).unwrap() };
        assert_eq!(route.iter().collect::<Vec<_>>(), [attr], "{said}");
        assert_eq!(read(&words(attr)).unwrap(), route);
    }
}

#[test]
fn both_places_of_what_is_there_twice() {
    for (words, second, first) in [
        ("med 5 med 5", 6, 0),
        ("attribute [ 0x04 0x80 0x00000005 ] med 5", 35, 0),
        ("med 5 attribute [ 0x04 0x80 0x00000005 ]", 6, 0),
        ("origin igp path-information 1 path-information 1", 30, 11),
        ("label 5 rd 1:1 label 6", 15, 0),
    ] {
        let lead = "10.0.0.0/24 next-hop 192.0.2.1 ";
        let line = format!("{lead}{words}");
        let error =
            parse_route(&mut Words::new(&line, 1, Grammar::File), Purpose::Announce, &mut Memo::new()).unwrap_err();
        let at = |span: herald_bgp::text::Span| usize::try_from(span.start).unwrap() - lead.len();
        assert!(error.message.contains("twice"), "{words}: {error}");
        assert_eq!(
            (at(error.at), error.labels.iter().map(|(span, _)| at(*span)).collect()),
            (second, vec![first]),
            "{words}"
        );
    }
    let twice = read("extended-community target:1:1 extended-community target:2:2").unwrap();
    assert_eq!(twice.get(code::EXTENDED_COMMUNITIES).map(|attr| attr.value.len()), Some(16));
    assert_eq!(read("next-hop 192.0.2.1").unwrap().next_hop, NextHop::Addr("192.0.2.1".parse().unwrap()));
}

#[test]
fn sets_inside_of_sets_go_no_deeper() {
    let mut value = vec![0, 0, 0xfd, 0xe9];
    while value.len() < 65_000 {
        let mut outer = vec![0, 0, 0xfd, 0xe9];
        attribute::write(&mut outer, Attr { code: code::ATTR_SET, flags: 0xc0, value: &value });
        value = outer;
    }
    let thread = std::thread::Builder::new().stack_size(256 << 10);
    let said = thread.spawn(move || {
        let attr = Attr { code: code::ATTR_SET, flags: 0xd0, value: &value };
        let mut words = String::new();
        attribute::words_all(std::iter::once(attr), &mut words);
        words
    });
    let words = said.unwrap().join().unwrap();
    assert!(words.starts_with(" attr-set [ origin-as 65001 attribute [ 0x80 "), "{}", &words[..80]);
}

/// RFC 2545 §3: only beside a global address, and only for IPv6 routes.
#[test]
fn a_link_local_next_hop_goes_beside_a_global_one() {
    let local: std::net::Ipv6Addr = "fe80::5".parse().unwrap();
    let address = |text: &str| NextHop::Addr(text.parse().unwrap());
    let sent = |family: Family, next_hop: NextHop, link_local| {
        let cx = Context { link_local, ..Context::plain(Asn(1), Asn(1)) };
        let mut other = NextHop::None;
        next_hop.sent((family, family.spec().next_hop), &cx, &mut other).copied()
    };
    let both = NextHop::WithLinkLocal("2001:db8::1".parse().unwrap(), local);
    assert_eq!(sent(Family::IPV6_UNICAST, address("2001:db8::1"), Some(local)), Some(both));
    assert_eq!(sent(Family::IPV6_UNICAST, address("2001:db8::1"), None), Some(address("2001:db8::1")));
    assert_eq!(sent(Family::IPV6_UNICAST, address("fe80::9"), Some(local)), Some(address("fe80::9")));
    assert_eq!(sent(Family::IPV4_UNICAST, address("192.0.2.1"), Some(local)), Some(address("192.0.2.1")));
}
