//! SR policies: octets programs compare, words, JSON and text.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use herald_bgp::attribute::{self, Attr, Attributes, code};
use herald_bgp::context::Context;
use herald_bgp::dialect::Dialect;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::json;
use herald_bgp::route::{Purpose, Route, parse_family};
use herald_bgp::text::{Grammar, Words, hex};
use herald_bgp::update::pack;
use herald_bgp::value::Asn;

const IPV4: Family = Family::new(Afi::IPV4, Safi::SR_POLICY);
const IPV6: Family = Family::new(Afi::IPV6, Safi::SR_POLICY);
const HEAD: &str = "distinguisher 0 color 100 endpoint 10.0.0.1 next-hop 192.0.2.1";

fn read(family: Family, line: &str) -> Result<Route, String> {
    let both = [Grammar::File, Grammar::Line].map(|grammar| {
        parse_family(&mut Words::new(line, 1, grammar), family, Purpose::Announce).map_err(|e| format!("{line}: {e}"))
    });
    assert_eq!(both[0], both[1]);
    both[0].clone()
}

/// What follows type, length and tunnel type in the attribute.
fn policy(words: &str) -> String {
    let route = read(IPV4, &format!("{HEAD} {words}")).unwrap();
    let attr = route.attributes.get(code::TUNNEL_ENCAP).unwrap();
    assert_eq!(attr.flags, 0xc0);
    assert_eq!(attr.value[..2], [0, 15]);
    assert_eq!(usize::from(u16::from_be_bytes([attr.value[2], attr.value[3]])), attr.value.len() - 4);
    let mut out = String::new();
    json::hex(&mut out, &attr.value[4..]);
    out.to_lowercase()
}

fn show(octets: &str, form: fn(&mut String, std::iter::Once<Attr<'_>>)) -> String {
    let mut value = hex("000f").unwrap();
    value.extend(u16::try_from(octets.len() / 2).unwrap().to_be_bytes());
    value.extend(hex(octets).unwrap());
    let mut out = String::new();
    form(&mut out, std::iter::once(Attr { code: code::TUNNEL_ENCAP, flags: 0xc0, value: &value }));
    out
}

fn shown_json(octets: &str) -> String {
    let json = show(octets, |out, attrs| attribute::json_all(attrs, out, Dialect::V6));
    json.strip_prefix("\"tunnel-encap\": {\"sr-policy\": ").unwrap().strip_suffix('}').unwrap().to_owned()
}

fn shown_text(octets: &str) -> String {
    let text = show(octets, |out, attrs| attribute::text_all(attrs, None, out, Dialect::V6));
    text.strip_prefix(" tunnel-encap tunnel-encap [sr-policy {").unwrap().strip_suffix("}]").unwrap().to_owned()
}

fn words(octets: &str) -> String {
    let words = show(octets, |out, attrs| attribute::words_all(attrs, out));
    words.strip_prefix(" tunnel-encap [ sr-policy ").unwrap().strip_suffix(" ]").unwrap().to_owned()
}

/// As other programs send it.
#[test]
fn messages() {
    for (family, line, message) in [
        (
            IPV4,
            "distinguisher 0 color 100 endpoint 10.0.0.1 next-hop 192.0.2.1 preference 100 binding-sid mpls 24000 \
             segment-list weight 1 segment type-a mpls 16001",
            "4001010040020040050400000064c01728000f00240c060000000000640d06100005dc0100800011000906000000000001\
             0106000003e81100800e1600014904c0000201006000000000000000640a000001",
        ),
        (
            IPV4,
            "distinguisher 1 color 200 endpoint 10.0.0.2 next-hop 192.0.2.1 preference 200 srv6-binding-sid fc00::1 \
             segment-list weight 2 segment type-b srv6 fc00::1 endpoint-behavior 65 32 0 16 0 policy-name \"my-policy\" \
             candidate-path-name \"primary\"",
            "4001010040020040050400000064c01760000f005c0c060000000000c814120000fc00000000000000000000000000000180002500\
             09060000000000020d1a1000fc000000000000000000000000000001004100002000100082000a006d792d706f6c696379810008\
             007072696d617279800e1600014904c0000201006000000001000000c80a000002",
        ),
        (
            IPV6,
            "distinguisher 0 color 100 endpoint 2001:db8::1 next-hop 2001:db8::2 preference 100 segment-list weight 1 \
             segment type-b srv6 2001:db8:1::1",
            "4001010040020040050400000064c0172c000f00280c0600000000006480001d0009060000000000010d12000020010db800010000\
             0000000000000001800e2e0002491020010db800000000000000000000000200c0000000000000006420010db8000000000000000000000001",
        ),
    ] {
        let route = read(family, line).unwrap();
        let cx = Context { families: vec![family], ..Context::plain(Asn(65533), Asn(65533)) };
        let mut out = Vec::new();
        let flush = pack::Flush { pack: false, pack_withdrawals: false, sort: true };
        let nlris = route.nlris.as_slice();
        pack::announce(&mut out, &cx, family, &route.attributes, &mut nlris.iter().collect::<Vec<_>>(), &flush)
            .unwrap();
        assert_eq!(out[23..], hex(message).unwrap(), "{line}");
    }
}

/// Words, octets, JSON and text of every sub-TLV and segment.
#[test]
fn sub_tlvs() {
    for (text, octets, json, shown) in [
        ("preference 7", "0c0600000000 0007", "\"preference\": 7", "preference 7"),
        ("preference 7 flags 0x80", "0c068000 00000007", "\"preference\": 7", "preference 7"),
        ("priority 10", "0f020a00", "\"priority\": 10", "priority 10"),
        ("enlp 3", "0e03000003", "\"enlp\": 3", "enlp push-ipv4-ipv6"),
        ("binding-sid null", "0d020000", "\"binding-sid\": null", "binding-sid null"),
        (
            "binding-sid mpls 24001 flags 0x00",
            "0d06000005dc1100",
            "\"binding-sid\": {\"type\": \"mpls\", \"label\": 24001}",
            "binding-sid mpls 24001",
        ),
        (
            "srv6-binding-sid fc00::1 endpoint-behavior 65 32 0 16 0",
            "141a2000 fc000000000000000000000000000001 0041000020001000",
            "\"srv6-binding-sid\": {\"sid\": \"fc00::1\", \"behavior\": 65, \"lb-length\": 32, \"ln-length\": 0, \
             \"fun-length\": 16, \"arg-length\": 0}",
            "srv6-binding-sid fc00::1 endpoint-behavior 65",
        ),
        (
            "candidate-path-name \"a b\"",
            "8100040061 2062",
            "\"candidate-path-name\": \"a b\"",
            "candidate-path-name \"a b\"",
        ),
        ("policy-name \"\"", "82000100", "\"policy-name\": \"\"", "policy-name \"\""),
        ("sub-tlv 99 0xDEAD", "6302dead", "\"unknown-subtlv-99\": \"0xDEAD\"", "unknown-subtlv-99 0xDEAD"),
        // too short to be what it says
        ("sub-tlv 12 0x0000", "0c020000", "\"unknown-subtlv-12\": \"0x0000\"", "unknown-subtlv-12 0x0000"),
        // a reserved octet that is not zero
        ("sub-tlv 15 0x0A01", "0f020a01", "\"priority\": 10", "priority 10"),
        // a name that could end a line or a quote
        ("sub-tlv 130 0x0061220A", "8200040061220a", "\"policy-name\": \"a\\\"\\n\"", "policy-name \"a\\\"\\n\""),
    ] {
        let octets = octets.replace(' ', "");
        assert_eq!(policy(text), octets, "{text}");
        assert_eq!(words(&octets), text);
        assert_eq!(shown_json(&octets), format!("{{{json}}}"));
        assert_eq!(shown_text(&octets), shown);
    }
}

#[test]
fn segments() {
    let a = "fc000000000000000000000000000001";
    let b = "fc000000000000000000000000000002";
    for (text, octets, json, shown) in [
        (
            "type-a mpls 16001",
            "01060000 03e81100",
            "\"type\": \"A\", \"label\": 16001, \"tc\": 0, \"s\": true, \"ttl\": 0",
            "16001",
        ),
        (
            "type-a mpls 0x03E81AFF flags 0x80",
            "01068000 03e81aff",
            "\"type\": \"A\", \"label\": 16001, \"tc\": 5, \"s\": false, \"ttl\": 255",
            "16001",
        ),
        ("type-b srv6 fc00::1", &format!("0d120000{a}"), "\"type\": \"B\", \"sid\": \"fc00::1\"", "fc00::1"),
        (
            "type-b srv6 fc00::1 endpoint-behavior 65 32 0 16 0",
            &format!("0d1a1000{a}0041000020001000"),
            "\"type\": \"B\", \"sid\": \"fc00::1\", \"endpoint-behavior\": {\"behavior\": 65, \"lb-length\": 32, \
             \"ln-length\": 0, \"fun-length\": 16, \"arg-length\": 0}",
            "fc00::1",
        ),
        (
            "type-c ipv4 10.0.0.1 algorithm 0",
            "030600000a000001",
            "\"type\": \"C\", \"ipv4_node\": \"10.0.0.1\", \"algorithm\": 0",
            "10.0.0.1",
        ),
        (
            "type-c ipv4 10.0.0.1 algorithm 128 sid 16001",
            "030a40800a000001 03e81100",
            "\"type\": \"C\", \"ipv4_node\": \"10.0.0.1\", \"algorithm\": 128, \"sid\": 16001, \"tc\": 0, \"s\": true, \"ttl\": 0",
            "10.0.0.1",
        ),
        (
            "type-d ipv6 fc00::1 algorithm 0 sid 16002",
            &format!("04160000{a}03e82000"),
            "\"type\": \"D\", \"ipv6_node\": \"fc00::1\", \"algorithm\": 0, \"sid\": 16002",
            "fc00::1",
        ),
        (
            "type-e local-if-id 2 ipv4 10.0.0.2 sid 16003",
            "050e0000 00000002 0a000002 03e83000",
            "\"type\": \"E\", \"local_if_id\": 2, \"ipv4_node\": \"10.0.0.2\", \"sid\": 16003",
            "if2:10.0.0.2",
        ),
        (
            "type-f local 10.0.0.1 remote 10.0.0.2",
            "060a0000 0a000001 0a000002",
            "\"type\": \"F\", \"local_ipv4\": \"10.0.0.1\", \"remote_ipv4\": \"10.0.0.2\"",
            "10.0.0.1->10.0.0.2",
        ),
        (
            "type-g local-if-id 3 local-ipv6 fc00::1 remote-if-id 4 remote-ipv6 fc00::2 sid 16005",
            &format!("072e0000 00000003{a}00000004{b} 03e85000"),
            "\"type\": \"G\", \"local_if_id\": 3, \"local_ipv6\": \"fc00::1\", \"remote_if_id\": 4, \"remote_ipv6\": \"fc00::2\", \
             \"sid\": 16005",
            "if3:fc00::1->if4:fc00::2",
        ),
        (
            "type-h local fc00::1 remote fc00::2",
            &format!("08220000{a}{b}"),
            "\"type\": \"H\", \"local_ipv6\": \"fc00::1\", \"remote_ipv6\": \"fc00::2\"",
            "fc00::1->fc00::2",
        ),
        (
            "type-i ipv6 fc00::1 algorithm 0 sid fc00::2 endpoint-behavior 65 32 0 16 0",
            &format!("0e2a1000{a}{b}0041000020001000"),
            "\"type\": \"I\", \"ipv6_node\": \"fc00::1\", \"algorithm\": 0, \"sid\": \"fc00::2\", \"endpoint-behavior\": \
             {\"behavior\": 65, \"lb-length\": 32, \"ln-length\": 0, \"fun-length\": 16, \"arg-length\": 0}",
            "fc00::1",
        ),
        (
            "type-j local-if-id 1 local-ipv6 fc00::1 remote-if-id 2 remote-ipv6 fc00::2 algorithm 1",
            &format!("0f2a4001 00000001{a}00000002{b}"),
            "\"type\": \"J\", \"local_if_id\": 1, \"local_ipv6\": \"fc00::1\", \"remote_if_id\": 2, \"remote_ipv6\": \"fc00::2\", \
             \"algorithm\": 1",
            "if1:fc00::1->if2:fc00::2",
        ),
        (
            "type-k local fc00::1 remote fc00::2 algorithm 0 sid fc00::1",
            &format!("10320000{a}{b}{a}"),
            "\"type\": \"K\", \"local_ipv6\": \"fc00::1\", \"remote_ipv6\": \"fc00::2\", \"algorithm\": 0, \"sid\": \"fc00::1\"",
            "fc00::1->fc00::2",
        ),
        ("type-77 0xDEAD", "4d02dead", "\"code\": 77, \"parsed\": false, \"raw\": \"DEAD\"", ""),
        ("type-13 0x0000", "0d020000", "\"code\": 13, \"parsed\": false, \"raw\": \"0000\"", ""),
    ] {
        let octets = octets.replace(' ', "");
        let list = format!("8000{:02x}000906000000000005{octets}", 9 + octets.len() / 2);
        let text = format!("segment-list weight 5 segment {text}");
        assert_eq!(policy(&text), list, "{text}");
        assert_eq!(words(&list), text);
        assert_eq!(
            shown_json(&list),
            format!("{{\"segment-lists\": [{{\"weight\": 5, \"segments\": [{{{json}}}]}}]}}")
        );
        assert_eq!(shown_text(&list), format!("segment-list weight 5 [{shown}]"));
    }
}

/// The bottom-of-stack bit is on the last label of a list, as far as the types go that have always had it.
#[test]
fn bottom_of_stack() {
    let entries = |words: &str| {
        let octets = policy(&format!("segment-list weight 1 {words}"));
        octets[8 + 16..].to_owned()
    };
    assert_eq!(
        entries("segment type-a mpls 1 segment type-c ipv4 10.0.0.1 algorithm 0 sid 2 segment type-b srv6 ::"),
        format!("0106000000001000030a00000a000001000021000d120000{}", "0".repeat(32))
    );
    assert_eq!(
        entries("segment type-a mpls 1 segment type-f local 10.0.0.1 remote 10.0.0.2 sid 2"),
        "0106000000001100060e00000a0000010a00000200002000"
    );
    assert_eq!(entries("segment type-a mpls 1 segment type-a mpls 0x00002000"), "01060000000010000106000000002000");
}

/// Of what is repeated the first counts; nothing has a key twice.
#[test]
fn repeated_sub_tlvs_and_tunnels() {
    let twice = "0c06000000000001".to_owned() + "0c0100" + "0c06000000000002" + "6300" + "630107";
    assert_eq!(
        shown_json(&twice),
        "{\"preference\": 1, \"unknown-subtlv-12\": [\"0x00\", \"0x000000000002\"], \"unknown-subtlv-99\": [\"0x\", \"0x07\"]}"
    );
    assert_eq!(words(&twice), "preference 1 sub-tlv 12 0x00 preference 2 sub-tlv 99 0x sub-tlv 99 0x07");
    let value = hex("00080003630107000f0000000800001234000200 01".replace(' ', "").as_str()).unwrap();
    let mut out = String::new();
    let attr = Attr { code: code::TUNNEL_ENCAP, flags: 0xc0, value: &value[..18] };
    attribute::json_all(std::iter::once(attr), &mut out, Dialect::V6);
    assert_eq!(out, "\"tunnel-encap\": {\"tunnel-type-8\": [\"0x630107\", \"0x\"], \"sr-policy\": {}}");
    for dialect in [Dialect::V4, Dialect::V5] {
        out.clear();
        attribute::json_all(std::iter::once(attr), &mut out, dialect);
        assert!(out.starts_with("\"attribute-0x17-0xC0\": \"0x0008"));
    }
}

/// Sub-TLVs of other tunnels.
#[test]
fn tunnels() {
    for (words, octets) in [
        ("vxlan vni 100 mac 00:11:22:33:44:55", "0008000e010cc0000064001122334455 0000"),
        ("vxlan vni 100", "0008000e010c800000640000000000000000"),
        ("l2tpv3 session-id 7 cookie 0x0102", "00010008 0106000000070102"),
        ("gre key 9 protocol 2048", "0002000a 010400000009 02020800"),
        ("geneve egress-endpoint 192.0.2.1 udp-port 6081", "00130010 060a000000000001c0000201 080217c1"),
        (
            "ip-in-ip egress-endpoint 2001:db8::1 color 7 flags 0x8000",
            "00070022 06160000000000022001 0db8000000000000000000000001 0408030b800000000007",
        ),
        (
            "mpls egress-endpoint next-hop label-stack [ 16 17 0x000120FF ]",
            "000a0016 0606000000000000 0a0c 00010000 00011000 000120ff",
        ),
        ("mpls-in-udp ds-field 46 embedded-label-handling 1 prefix-sid 0x01", "000d0009 07012e 090101 0b0101"),
        ("tunnel-type-99 sub-tlv 200 0x00", "00630004 c8000100"),
        ("gre , vxlan", "00020000 00080000"),
    ] {
        let octets = hex(&octets.replace(' ', "")).unwrap();
        let line = format!("{HEAD} tunnel-encap [ {words} ]");
        let route = read(IPV4, &line).unwrap();
        assert_eq!(route.attributes.get(code::TUNNEL_ENCAP).unwrap().value, octets, "{words}");
        let mut out = String::new();
        attribute::words_all(route.attributes.iter(), &mut out);
        assert_eq!(out, format!(" tunnel-encap [ {words} ]"));
    }
}

#[test]
fn words_that_are_refused() {
    for (words, help) in [
        ("preference 1 preference 2", "twice"),
        ("preference 1 tunnel-encap [ gre ]", "twice"),
        ("tunnel-encap [ gre ] preference 1", "inside `tunnel-encap"),
        ("binding-sid srv6 fc00::1", "mpls"),
        ("binding-sid mpls 1048576", "1048575"),
        ("segment-list weight 1 segment type-z mpls 1", "type-a"),
        ("segment-list weight 1 segment type-a 16001", "mpls"),
        ("segment-list weight 1 segment type-c ipv4 fc00::1 algorithm 0", "IPv4"),
        ("segment-list weight -1", "4294967295"),
        ("segmentlist weight 1", "segment-list"),
        ("tunnel-encap gre", "brackets"),
        ("tunnel-encap [ ]", "empty"),
        ("tunnel-encap [ vxlan", "missing"),
        ("tunnel-encap [ vxlam ]", "vxlan"),
        ("tunnel-encap [ vxlan vnii 5 ]", "vni"),
        ("tunnel-encap [ gre sub-tlv 12 0x0 ]", "digits"),
    ] {
        let refused = read(IPV4, &format!("{HEAD} {words}")).unwrap_err();
        assert!(refused.contains(help), "{refused}");
    }
    let long = format!("{HEAD} sub-tlv 12 0x{}", "00".repeat(256));
    assert!(read(IPV4, &long).unwrap_err().contains("too long"));
    for wrong in [
        "color 100 distinguisher 0 endpoint 10.0.0.1 next-hop 192.0.2.1",
        "distinguisher 0 color 100 endpoint 2001:db8::1 next-hop 192.0.2.1",
        "distinguisher 0 color 100 next-hop 192.0.2.1",
        "distinguisher 0 color 100 endpoint 10.0.0.1",
    ] {
        assert!(read(IPV4, wrong).is_err(), "{wrong}");
    }
    let none = read(IPV4, HEAD).unwrap();
    assert_eq!(*none.attributes, Attributes::new(none.attributes.next_hop, []));
}
