//! Attributes as people write them and programs read them: spellings, and what is refused.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use herald_bgp::attribute::{self, Attr, AttributeSpec, code};
use herald_bgp::dialect::Dialect;
use herald_bgp::text::{Grammar, Words, hex};

const GRAMMARS: [Grammar; 2] = [Grammar::File, Grammar::Line];

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

fn extended(text: &str, grammar: Grammar) -> Result<Vec<u8>, String> {
    parse(attribute::spec(code::EXTENDED_COMMUNITIES).unwrap(), &format!("extended-community {text}"), grammar)
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
