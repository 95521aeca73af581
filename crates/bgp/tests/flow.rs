//! FlowSpec: spellings and octets, what is malformed, what events say, and rules as the dice fall.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use herald_bgp::attribute::{Attributes, code};
use herald_bgp::context::Context;
use herald_bgp::dialect::Dialect;
use herald_bgp::dice::Dice;
use herald_bgp::error::Outcome;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::json;
use herald_bgp::nlri::flow::{draft, lint, rule_on_a_line};
use herald_bgp::nlri::{NextHop, Shown};
use herald_bgp::read::Reader;
use herald_bgp::route::{Purpose, Route, parse_family, words_of};
use herald_bgp::text::{Grammar, Span, Words, hex};
use herald_bgp::update::Update;
use herald_bgp::value::Asn;
use herald_testkit::json::fault;
use std::fmt::Write as _;

const IPV4: Family = Family::new(Afi::IPV4, Safi::FLOW);
const IPV4_VPN: Family = Family::new(Afi::IPV4, Safi::FLOW_VPN);
const IPV6: Family = Family::new(Afi::IPV6, Safi::FLOW);
const IPV6_VPN: Family = Family::new(Afi::IPV6, Safi::FLOW_VPN);
const LAYER2: Family = Family::new(Afi::L2VPN, Safi::FLOW_VPN);
const FAMILIES: [Family; 5] = [IPV4, IPV4_VPN, IPV6, IPV6_VPN, LAYER2];

fn read(family: Family, line: &str) -> Result<Route, String> {
    let both = [Grammar::File, Grammar::Line].map(|grammar| {
        parse_family(&mut Words::new(line, 1, grammar), family, Purpose::Announce).map_err(|e| e.to_string())
    });
    assert_eq!(both[0], both[1], "{line}");
    both[0].clone()
}

/// What follows `announce flow route`.
fn rule(line: &str) -> Result<Route, String> {
    rule_on_a_line(&mut Words::new(line, 1, Grammar::Line), Purpose::Announce).map_err(|e| e.to_string())
}

fn nlris(route: &Route) -> Vec<String> {
    route.nlris.as_slice().iter().map(|nlri| hexadecimal(nlri.nlri())).collect()
}

fn hexadecimal(octets: &[u8]) -> String {
    let mut out = String::new();
    json::hex(&mut out, octets);
    out
}

fn words(family: Family, nlri: &[u8]) -> String {
    let mut out = String::new();
    words_of(family, None, nlri, &mut out);
    out
}

fn extended(attributes: &Attributes) -> String {
    attributes.get(code::EXTENDED_COMMUNITIES).map_or(String::new(), |attr| hexadecimal(attr.value))
}

fn events(family: Family, octets: &str, next_hop: Option<NextHop>, dialect: Dialect) -> (String, String) {
    let nlri = hex(octets).unwrap();
    let shown = Shown { nlri: &nlri, path_id: None, next_hop: next_hop.as_ref(), hop: "", withdrawn: false };
    let (mut text, mut object) = (String::new(), String::new());
    (family.spec().text)(&shown, &mut text, dialect);
    (family.spec().json)(&shown, &mut object, dialect, false);
    serde_json::from_str::<serde_json::Value>(&object).unwrap();
    (text, object)
}

/// Nothing is wrong with an NLRI.
fn is_sound(family: Family, nlri: &[u8]) -> bool {
    (family.spec().check)(Reader::new(nlri, 0), false) == Ok(None)
}

/// Rules that an RFC shows, or that other speakers send, and the words Herald prints for them.
#[test]
fn words_and_octets() {
    for (family, octets, printed) in [
        // RFC 8955 §4.3
        (IPV4, "0B0118C00002038106048119", "destination-ipv4 192.0.2.0/24 protocol =tcp port =25"),
        (
            IPV4,
            "120118C000020218CB0071040389458B911F90",
            "destination-ipv4 192.0.2.0/24 source-ipv4 203.0.113.0/24 port [ >=137&<=139 =8080 ]",
        ),
        (IPV4, "090120C00002010C8005", "destination-ipv4 192.0.2.1/32 fragment dont-fragment+first-fragment"),
        // RFC 8956 §3.8
        (
            IPV6,
            "1201200020010DB8026840123456789A038106",
            "destination-ipv6 2001:db8::/32/0 source-ipv6 ::1234:5678:9a00:0/64-104 next-header =tcp",
        ),
        // ExaBGP
        (
            IPV4,
            "1301200A00000202200A00000103810605910C38",
            "destination-ipv4 10.0.0.2/32 source-ipv4 10.0.0.1/32 protocol =tcp destination-port =3128",
        ),
        (
            IPV4,
            "250120C0A8000102200A0000090301118106040150911F9005121F90541F98910C3806920400",
            "destination-ipv4 192.168.0.1/32 source-ipv4 10.0.0.9/32 protocol [ =udp =tcp ] port [ =80 =8080 ] \
             destination-port [ >8080&<8088 =3128 ] source-port >1024",
        ),
        (IPV4, "0C0A02C854012C120190D401F4", "packet-length [ >200&<300 >400&<500 ]"),
        (
            IPV4,
            "1C0120C0A8000102200A00000A038606048600059601BB060650961F90",
            "destination-ipv4 192.168.0.1/32 source-ipv4 10.0.0.10/32 protocol !=tcp port !=0 destination-port !=443 \
             source-port [ !=80 !=8080 ]",
        ),
        (IPV4, "0909000200044001C308", "tcp-flags [ syn rst&fin&!=push ]"),
        (IPV4_VPN, "0E0000FFFF0001000002200A000001", "source-ipv4 10.0.0.1/32 rd 65535:65536"),
        (
            IPV6,
            "300180002A020B80001500007ACA39FFFEAEA87A028078000000000000000000000000000000010381110B81650D9107DD",
            "destination-ipv6 2a02:b80:15:0:7aca:39ff:feae:a87a/128/0 source-ipv6 ::1/128/120 next-header =udp \
             traffic-class =101 flow-label =2013",
        ),
        // GoBGP
        (
            LAYER2,
            "220000FDE8000000010E9108000F060011223344551006AABBCCDDEEFF158164168105",
            "ether-type =ipv4 source-mac 00:11:22:33:44:55 destination-mac aa:bb:cc:dd:ee:ff vid =100 cos =5 rd 65000:1",
        ),
        // more octets than it takes; no flag, and flags without a name; every address, every packet of a VPN
        (IPV4, "0703110006910050", "protocol [ =tcp/2 =80/2 ]"),
        (IPV4, "03098000", "tcp-flags 0x0"),
        (IPV4, "040990F000", "tcp-flags 0xF000"),
        (IPV4, "020100", "destination-ipv4 0.0.0.0/0"),
        (IPV4_VPN, "080000FDE800000001", "rd 65000:1"),
    ] {
        let nlri = hex(octets).unwrap();
        assert!(is_sound(family, &nlri), "{octets}");
        assert_eq!(words(family, &nlri), printed);
        assert_eq!(nlris(&read(family, printed).unwrap()), [octets], "{printed}");
    }
}

/// The same rule in other words.
#[test]
fn spellings() {
    for (lines, octets) in [
        (
            &["protocol tcp", "protocol =tcp", "protocol 6", "protocol 0x06", "protocol [ TCP ]", "next-header =6"][..],
            "03038106",
        ),
        (&["protocol [ tcp udp ]", "protocol tcp protocol udp"], "050301068111"),
        (&["port http", "port =HTTP", "port 80", "port =0x50", "port 80/1"], "03048150"),
        (&["port 80/2", "port =http/2"], "0404910050"),
        (&["icmp-type echo-request", "icmp-type ECHO_REQUEST", "icmp-type 8"], "03078108"),
        (&["icmp-code host-unreachable", "icmp-code redirect-for-host", "icmp-code 1"], "03088101"),
        (&["tcp-flags syn+ack", "tcp-flags [ 0x12 ]", "tcp-flags 18", "tcp-flags ACK+SYN"], "03098012"),
        (&["tcp-flags urgent", "tcp-flags urg"], "03098020"),
        (&["tcp-flags ns"], "0409900100"),
        (&["tcp-flags [ syn+ack !fin =rst !=urgent&push 0x12 cwr ]"], "0F090012020101040320400800128080"),
        (&["fragment !is-fragment"], "030C8202"),
        (&["dscp 46", "traffic-class 46"], "030B812E"),
        (&["source 10.0.0.0/24", "source-ipv4 10.0.0.0/24", "source 10.0.0.5/24"], "0502180A0000"),
    ] {
        for line in lines {
            assert_eq!(nlris(&read(IPV4, line).unwrap()), [octets], "{line}");
            assert_eq!(nlris(&rule(line).unwrap()), [octets], "{line}");
            assert_eq!(
                nlris(
                    &rule(
                        &format!("{{ match {{ {line}; }} then {{ discard; }} }}")
                            .replace(" protocol udp", "; protocol udp")
                    )
                    .unwrap()
                ),
                [octets],
                "{line}"
            );
        }
    }
    for (lines, octets) in [
        (&["source 2001:db8::/33", "source-ipv6 2001:db8::/33/0", "source 2001:db8::1/0-33"][..], "0802210020010DB800"),
        (&["source ::1/128/120"], "1302807800000000000000000000000000000001"),
        (&["source ::1/120-128", "source 2001:db8::1/120-128"], "0402807801"),
    ] {
        for line in lines {
            assert_eq!(nlris(&read(IPV6, line).unwrap()), [octets], "{line}");
            let route = rule(line).unwrap();
            assert_eq!((route.family, nlris(&route)), (IPV6, vec![octets.to_owned()]), "{line}");
        }
    }
    // the first prefix, the flow label, or a route distinguisher decides of which family a rule is
    for (line, family) in [
        ("protocol tcp", IPV4),
        ("next-header tcp", IPV4),
        ("flow-label 5", IPV6),
        ("rd 65000:1 source 10.0.0.0/24", IPV4_VPN),
        ("source 2001:db8::/32 route-distinguisher 65000:1", IPV6_VPN),
    ] {
        assert_eq!(rule(line).unwrap().family, family, "{line}");
    }
    assert_eq!(read(IPV4, "source 10.0.0.0/24 rd 65000:1").unwrap().family, IPV4_VPN);
}

/// A component may be there once, so several prefixes are several rules.
#[test]
fn several_prefixes_are_several_rules() {
    let route = read(IPV4, "source [ 10.0.0.0/24 10.0.1.0/24 ] protocol tcp destination 10.1.0.0/16").unwrap();
    assert_eq!(nlris(&route), ["0C01100A0102180A0000038106", "0C01100A0102180A0001038106"]);
    let route = read(IPV4, "source 10.0.0.0/24 destination 10.1.0.0/16 source 10.0.1.0/24 destination 10.2.0.0/16");
    assert_eq!(route.unwrap().nlris.as_slice().len(), 4);
    let many: String = (0..33).map(|i| format!("source 10.0.{i}.0/24 destination 10.1.{i}.0/24 ")).collect();
    assert!(read(IPV4, &many).unwrap_err().contains("1024 rules"));
}

#[test]
fn actions() {
    for (line, octets) in [
        ("accept", ""),
        ("discard", "8006000000000000"),
        ("rate-limit 9600", "8006000046160000"),
        ("rate-limit 9600 bytes", "8006000046160000"),
        ("rate-limit 1000 packets", "800C0000447A0000"),
        ("rate-limit 2000000000000", "800600005368D4A5"),
        ("redirect 65500:12345", "8008FFDC00003039"),
        ("redirect 70000:1", "8208000111700001"),
        ("redirect 1.2.3.4:5678", "810801020304162E"),
        ("redirect-to-nexthop", "0800000000000000"),
        ("redirect-to-nexthop-ietf 192.0.2.1", "010CC00002010000"),
        ("mark 10", "800900000000000A"),
        ("action sample", "8007000000000002"),
        ("action terminal", "8007000000000001"),
        ("action sample-terminal", "8007000000000003"),
        ("interface-set transitive:input:1234:10", "0702000004D2400A"),
        ("interface-set input:1234:10", "0702000004D2400A"),
        (
            "interface-set [ non-transitive:input:3405770241:1 transitive:output:254:254 ] discard",
            "0702000000FE80FE4702CAFFEE0140018006000000000000",
        ),
        (
            "extended-community target:1:1 action sample rate-limit 9600",
            "000200010000000180060000461600008007000000000002",
        ),
    ] {
        let route = read(IPV4, &format!("source 10.0.0.0/24 {line}")).unwrap();
        assert_eq!(extended(&route.attributes), octets, "{line}");
        assert_eq!(route.attributes.next_hop, NextHop::None, "{line}");
    }
    for (line, octets, next_hop) in [
        ("redirect 1.2.3.4", "0800000000000000", "1.2.3.4"),
        ("redirect 2001:db8::1", "0800000000000000", "2001:db8::1"),
        ("redirect [2001:db8::1]", "0800000000000000", "2001:db8::1"),
        ("copy 1.2.3.4", "0800000000000001", "1.2.3.4"),
        ("next-hop 5.6.7.8 redirect-to-nexthop", "0800000000000000", "5.6.7.8"),
    ] {
        let route = read(IPV6, &format!("source 2001:db8::/32 {line}")).unwrap();
        assert_eq!(extended(&route.attributes), octets, "{line}");
        assert_eq!(route.attributes.next_hop, NextHop::Addr(next_hop.parse().unwrap()), "{line}");
    }
    // RFC 8956 §6.1
    for line in ["redirect [2001:db8::1]:5", "redirect \"[2001:db8::1]:5\""] {
        let mut words = Words::new(line, 1, Grammar::File);
        let mut draft = draft();
        draft.keywords(&mut words).unwrap();
        let route = draft.finish(Purpose::Announce, Span::default(), None).unwrap();
        let value = route.attributes.get(code::IPV6_EXTENDED_COMMUNITIES).unwrap().value;
        assert_eq!(hexadecimal(value), "000D20010DB80000000000000000000000010005", "{line}");
    }
    let route = read(IPV6, "redirect-to-nexthop-ietf 2001:db8::1").unwrap();
    let value = route.attributes.get(code::IPV6_EXTENDED_COMMUNITIES).unwrap().value;
    assert_eq!(hexadecimal(value), "000C20010DB80000000000000000000000010000");
}

#[test]
fn braces_on_one_line() {
    let flat = rule("destination 10.0.0.0/24 protocol tcp rd 65000:1 rate-limit 0 interface-set input:1:2").unwrap();
    for line in [
        "{ rd 65000:1; match { destination 10.0.0.0/24; protocol tcp; } then { rate-limit 0; } scope { interface-set input:1:2; } }",
        "web { match { protocol tcp; destination 10.0.0.0/24; } scope { interface-set [ input:1:2]; } then { discard; } route-distinguisher 65000:1; }",
        "{match{destination 10.0.0.0/24;protocol tcp;}scope{interface-set input:1:2;}then{discard;}rd 65000:1;}",
    ] {
        assert_eq!(rule(line).unwrap(), flat, "{line}");
    }
    assert_eq!(read(IPV4, "{ match { protocol tcp; } then { discard; } }"), read(IPV4, "protocol tcp discard"));
    for (line, part) in [
        ("{ match { source 10.0.0.0/24; } then { discard; }", "`}` is missing"),
        ("{ match { source 10.0.0.0/24 } then { discard; } }", "`;` is missing"),
        ("{ match { discard; } }", "belongs in `then`"),
        ("{ source 10.0.0.0/24; }", "belongs in `match`"),
        ("{ then { med 5; } }", "no word of `then`"),
        ("{ then { rd 1:1; } }", "belongs in `route`"),
        ("{ match { protocl tcp; } }", "did you mean `protocol`?"),
        ("{ match { port >80 &<90; } }", "without blanks"),
        ("{ match { port 80 443; } }", "[ A B ]"),
        ("{ match source 10.0.0.0/24; }", "`{` is missing"),
        ("{ match { { } } }", "without a name"),
    ] {
        let refused = rule(line).unwrap_err();
        assert!(refused.contains(part), "{line}: {refused}");
    }
}

#[test]
fn words_that_are_refused() {
    for (family, line, part) in [
        (IPV4, "source 10.0.0.0", "say its length"),
        (IPV4, "source foo", "such as 10.0.0.0/24"),
        (IPV4, "source 10.0.0.0/33", "/0 to /32"),
        (IPV4, "source 10.0.0.0/24/8", "no offset"),
        (IPV4, "source 2001:db8::/32", "in a rule of IPv4"),
        (IPV6, "source 2001:db8::/32 destination 10.0.0.0/8", "in a rule of IPv6"),
        (IPV6, "source 2001:db8::/32/32", "offset"),
        (IPV4, "protocol foo", "icmp"),
        (IPV4, "protocol 256", "0 to 255"),
        (IPV4, "port banana", "name of a service"),
        (IPV4, "port 70000", "0 to 65535"),
        (IPV4, "port true", "leave the component out"),
        (IPV4, "port 256/1", "does not fit"),
        (IPV4, "port [ 80, 443 ]", "separate the items by blanks"),
        (IPV4, "port [ ]", "empty"),
        (IPV4, "port [ 80", "`]` is missing"),
        (IPV4, "port >80&", "no blanks"),
        (IPV4, "port", "is missing"),
        (IPV4, "dscp 64", "0 to 63"),
        (IPV6, "traffic-class 256", "0 to 255"),
        (IPV4, "packet-length 70000", "0 to 65535"),
        (IPV4, "tcp-flags psh", "push"),
        (IPV4, "tcp-flags 0x10000", "16 bits"),
        (IPV4, "fragment not-a-fragment", "!is-fragment"),
        (IPV4, "fragment 0x100", "8 bits"),
        (IPV4, "flow-label 5", "cannot match `flow-label`"),
        (IPV6, "flow-label 1048576", "0 to 1048575"),
        (LAYER2, "source 10.0.0.0/24", "no keyword"),
        (LAYER2, "source-mac 00:11:22:33:44", "MAC"),
        (LAYER2, "protocol tcp", "add `rd 65000:1`"),
        (IPV4_VPN, "protocol tcp", "add `rd 65000:1`"),
        (IPV4, "rd 1:1 route-distinguisher 1:1", "two route distinguishers"),
        (IPV4, "mark 64", "0 to 63"),
        (IPV4, "action samples", "sample-terminal"),
        (IPV4, "rate-limit -1", "a second"),
        (IPV4, "redirect 70000:70000", "route target"),
        (IPV4, "redirect 1.2.3.4 copy 5.6.7.8", "two next hops"),
        (IPV4, "redirect-to-nexthop-ietf 65000:1", "no IP address"),
        (IPV4, "interface-set input-output:1234:16384", "interface-set:"),
    ] {
        let refused = read(family, line).unwrap_err();
        assert!(refused.contains(part), "{line}: {refused}");
    }
    let refused = rule("source 10.0.0.0/24 destination 2001:db8::/32").unwrap_err();
    assert!(refused.contains("make two rules"), "{refused}");
    let refused = rule("flow-label 5 destination 10.0.0.0/8").unwrap_err();
    assert!(refused.contains("in a rule of IPv6"), "{refused}");
}

#[test]
fn an_action_is_said_once() {
    for action in [
        "discard",
        "rate-limit 9600",
        "rate-limit 10 packets",
        "redirect 65000:1",
        "redirect-to-nexthop",
        "copy 192.0.2.1",
        "mark 10",
        "action sample",
        "extended-community-ipv6 target:2001:db8::1:1",
        "name here",
    ] {
        let keyword = action.split(' ').next().unwrap();
        let refused = rule(&format!("source 10.0.0.0/24 {action} {action}")).unwrap_err();
        assert!(refused.contains(&format!("`{keyword}` is there twice")), "{action}: {refused}");
        rule(&format!("source 10.0.0.0/24 {action}")).unwrap();
    }
    // different words may add to one attribute, and some lists go on
    for (line, communities) in [
        ("rate-limit 9600 extended-community target:1:1 redirect 65000:1 mark 10", 4),
        ("extended-community target:1:1 extended-community target:1:2", 2),
        ("rate-limit 9600 rate-limit 10 packets", 2),
        ("redirect-to-nexthop-ietf 192.0.2.1 redirect-to-nexthop-ietf 192.0.2.2", 2),
        ("interface-set transitive:input:1:1 interface-set transitive:input:1:2", 2),
        ("extended-community-ipv6 target:2001:db8::1:1 redirect [2001:db8::1]:1", 0),
    ] {
        let route = rule(&format!("source 10.0.0.0/24 {line}")).unwrap();
        assert_eq!(extended(&route.attributes).len(), communities * 16, "{line}");
    }
}

#[test]
fn what_is_odd() {
    for (line, part) in [
        ("discard", "matches every packet"),
        ("source 10.0.0.5/24 discard", "it is 10.0.0.0/24"),
        ("source ::1/128/120 discard", "::1/120-128"),
        ("source-ipv6 10.0.0.0/24 discard", "other family"),
        ("source 10.0.0.0/24 rate-limit 100", "as none at all"),
        ("source 10.0.0.0/24 rate-limit 2000000000000", "cut down"),
        ("source 10.0.0.0/24 redirect-to-nexthop", "add `next-hop`"),
        ("source 10.0.0.0/24 discard rate-limit 9600", "two rates"),
        ("source 10.0.0.0/24 rate-limit 9600 extended-community rate-limit:19200", "two rates"),
        ("source 10.0.0.0/24 discard rate-limit 0", ""),
        ("source 10.0.0.0/24 rate-limit 9600 rate-limit 100 packets", ""),
        ("source 10.0.0.0/24 rate-limit 0", ""),
        ("source 10.0.0.0/24 rate-limit 100 packets", ""),
        ("source 2001:db8::/32/0 redirect 2001:db8::1", ""),
    ] {
        let mut draft = draft();
        draft.keywords(&mut Words::new(line, 1, Grammar::File)).unwrap();
        let said: String = lint(&draft, Span::default()).iter().map(|warning| format!("{warning}\n")).collect();
        assert!(said.contains(part) && said.lines().count() == usize::from(!part.is_empty()), "{line}: {said}");
    }
}

/// As ExaBGP's releases have printed them.
#[test]
fn as_events_have_them() {
    let hop = Some(NextHop::Addr("1.2.3.4".parse().unwrap()));
    for (family, octets, next_hop, string, members) in [
        (IPV4, "0501180A0501", None, "flow destination-ipv4 10.5.1.0/24", r#""destination-ipv4": [ "10.5.1.0/24" ]"#),
        (
            IPV4,
            "1501180A000003810605131388D517700981120C8002",
            None,
            "flow destination-ipv4 10.0.0.0/24 protocol =tcp destination-port [ >=5000&<=6000 ] tcp-flags =syn+ack fragment is-fragment",
            r#""destination-ipv4": [ "10.0.0.0/24" ], "protocol": [ "=tcp" ], "destination-port": [ ">=5000&<=6000" ], "tcp-flags": [ "=syn+ack" ], "fragment": [ "is-fragment" ]"#,
        ),
        (
            IPV6,
            "1401400020010DB80000000003813A0781800D8105",
            None,
            "flow destination-ipv6 2001:db8::/64/0 next-header =58 icmp-type =128 flow-label =5",
            r#""destination-ipv6": [ "2001:db8::/64/0" ], "next-header": [ "=58" ], "icmp-type": [ "=128" ], "flow-label": [ "=5" ]"#,
        ),
        (
            IPV4_VPN,
            "100000FDE80000000101180A0000038106",
            hop,
            "flow destination-ipv4 10.0.0.0/24 protocol =tcp rd 65000:1",
            r#""destination-ipv4": [ "10.0.0.0/24" ], "protocol": [ "=tcp" ], "rd": "65000:1", "next-hop": "1.2.3.4""#,
        ),
        (
            IPV4,
            "0909001000804201C240",
            None,
            "flow tcp-flags [ ack cwr&!fin&!ece ]",
            r#""tcp-flags": [ "ack", "cwr&!fin&!ece" ]"#,
        ),
        // both layouts of an offset
        (
            IPV6,
            "0702807801038106",
            None,
            "flow source-ipv6 ::1/128/120 next-header =tcp",
            r#""source-ipv6": [ "::1/128/120" ], "next-header": [ "=tcp" ]"#,
        ),
        (
            IPV6,
            "1602807800000000000000000000000000000001038106",
            None,
            "flow source-ipv6 ::1/128/120 next-header =tcp",
            r#""source-ipv6": [ "::1/128/120" ], "next-header": [ "=tcp" ]"#,
        ),
        (IPV4, "03038700", None, "flow protocol true", r#""protocol": [ "true" ]"#),
        (IPV4, "0404910050", None, "flow port =80", r#""port": [ "=80" ]"#),
        (IPV4, "03098000", None, "flow tcp-flags ", r#""tcp-flags": [ "" ]"#),
        // no rule at all
        (IPV4, "03630101", None, "flow raw 0x03630101", r#""parsed": false, "raw": "03630101""#),
    ] {
        let v5 = if next_hop.is_some() { " next-hop 1.2.3.4" } else { "" };
        for (dialect, open, hop) in [(Dialect::V4, "{ ", v5), (Dialect::V5, "{ ", v5), (Dialect::V6, "{", "")] {
            let (text, object) = events(family, octets, next_hop, dialect);
            assert_eq!(text, string);
            assert_eq!(object, format!("{open}{members}, \"string\": \"{string}{hop}\" }}"));
        }
    }
    assert_eq!(events(IPV4, "00", None, Dialect::V6), ("flow".into(), r#"{"string": "flow" }"#.into()));
}

fn session() -> Context {
    let mut cx = Context::plain(Asn(65000), Asn(65000));
    cx.families = FAMILIES.to_vec();
    cx
}

/// The body of an UPDATE that announces or withdraws.
fn message(family: Family, announce: bool, nlri: &[u8]) -> Vec<u8> {
    let mut value = family.afi.0.to_be_bytes().to_vec();
    value.push(family.safi.0);
    if announce {
        value.extend([0, 0]);
    }
    value.extend(nlri);
    let mut attributes = if announce { hex("4001010040020040050400000064").unwrap() } else { Vec::new() };
    attributes.extend([0x90, if announce { 14 } else { 15 }]);
    attributes.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
    attributes.extend(value);
    let mut body = vec![0, 0];
    body.extend(u16::try_from(attributes.len()).unwrap().to_be_bytes());
    body.extend(attributes);
    body
}

#[test]
fn malformed_rules() {
    for (family, octets, part) in [
        (IPV4, "03630101", "known"),
        (IPV4, "030D8105", "known"),
        (IPV6, "040E910800", "known"),
        (LAYER2, "0D0000FDE80000000101180A0000", "known"),
        (IPV4, "06038106038111", "ascending"),
        (IPV4, "06058150038106", "ascending"),
        (IPV4, "03000101", "ascending"),
        (IPV4, "03030106", "more octets"),
        (IPV4, "020381", "more octets"),
        (IPV4, "03059100", "more octets"),
        (IPV4, "0401180A00", "more octets"),
        (IPV4, "0701210000000000", "than the address has"),
        (IPV6, "03018100", "than the address has"),
        (IPV6, "03012020", "offset"),
        (IPV6, "020120", "more octets"),
        (IPV4, "040B910010", "longer"),
        (IPV4, "040C900002", "longer"),
        (IPV4, "0609A000000002", "longer"),
        (IPV4_VPN, "070000FDE8000000", "more octets"),
        (LAYER2, "0F0000FDE8000000010F050011223344", "6"),
    ] {
        let nlri = hex(octets).unwrap();
        let (announced, withdrawn) = (message(family, true, &nlri), message(family, false, &nlri));
        let update = Update::check(&announced, &session()).unwrap();
        let fault = &update.faults()[0];
        assert_eq!((fault.outcome, fault.attribute), (Outcome::TreatAsWithdraw, Some(code::MP_REACH_NLRI)), "{octets}");
        assert!(fault.malformed.expected.contains(part), "{octets}: {}", fault.malformed);
        assert!(fault.malformed.offset >= announced.len() + 19 - nlri.len(), "{octets}: {}", fault.malformed);
        assert_eq!(update.announced().count(), 0);
        assert_eq!(update.withdrawn().next().unwrap().bytes(), nlri);
        // what nobody can have announced is withdrawn: nothing follows
        let update = Update::check(&withdrawn, &session()).unwrap();
        assert_eq!((update.faults()[0].outcome, update.is_treat_as_withdraw()), (Outcome::AttributeDiscard, false));
        // it is octets, which can be sent again
        let printed = words(family, &nlri);
        assert_eq!(printed, format!("raw 0x{octets}"));
        assert_eq!(nlris(&read(family, &printed).unwrap()), [octets]);
    }
    // RFC 7606 §2: all routes of the message
    let both = hex("0303810603630101").unwrap();
    let update = message(IPV4, true, &both);
    let update = Update::check(&update, &session()).unwrap();
    assert_eq!((update.announced().count(), update.withdrawn().next().unwrap().iter().count()), (0, 2));
    // what cannot be cut
    for octets in ["0503810601", "F0", "F004038106", "FFFF038106"] {
        assert!(Update::check(&message(IPV4, true, &hex(octets).unwrap()), &session()).is_err(), "{octets}");
    }
}

/// Sound, but not as Herald would write it.
#[test]
fn odd_rules_survive() {
    for (family, octets) in [
        (IPV4, "00"),
        (IPV4, "F003038106"),
        (IPV4, "0303C106"),
        (IPV4, "03038906"),
        (IPV4, "03038706"),
        (IPV4, "03038000"),
        (IPV4, "03098C02"),
        (IPV4, "030B81FF"),
        (IPV4, "0501140A0001"),
        (IPV6, "04028079FF"),
        (IPV6, "060DA100000005"),
        (IPV4, "0A03B10000000000000006"),
    ] {
        let nlri = hex(octets).unwrap();
        let update = message(family, true, &nlri);
        let update = Update::check(&update, &session()).unwrap();
        assert_eq!((update.faults().len(), update.announced().count()), (0, 1), "{octets}");
        let printed = words(family, &nlri);
        assert_eq!(nlris(&read(family, &printed).unwrap()), [octets], "{printed}");
    }
    // how the length is written makes no other route
    let spec = IPV4.spec();
    assert_eq!((spec.identity)(&hex("F003038106").unwrap()), (spec.identity)(&hex("03038106").unwrap()));
}

/// Next hops have no meaning of their own, and their lengths none either (RFC 8955 §4).
#[test]
fn next_hops_are_ignored_or_taken() {
    for (length, next_hop) in [(0, false), (4, true), (16, true), (32, true), (12, false), (5, false)] {
        let mut body = message(IPV4, true, &hex("03038106").unwrap());
        let at = body.len() - 6;
        assert_eq!(body[at..at + 2], [0, 0]);
        body[at] = length;
        body.splice(at + 1..at + 1, vec![0; usize::from(length)]);
        body[3] += length;
        body[21] += length;
        let update = Update::check(&body, &session()).unwrap();
        assert_eq!(update.faults(), &[]);
        assert_eq!(update.announced().next().unwrap().next_hop.addr().is_some(), next_hop, "{length}");
    }
}

/// Lengths of 240 octets and more take two octets; 4095 are the most.
#[test]
fn long_rules() {
    for (items, octets) in [(119, 239), (120, 241), (127, 255), (128, 257), (2047, 4095)] {
        let list: String = (0..items).fold(String::new(), |mut list, i| {
            let _ = write!(list, " {}", i % 256);
            list
        });
        let route = read(IPV4, &format!("packet-length [{list} ]")).unwrap();
        let nlri = route.nlris.as_slice()[0].nlri().to_vec();
        assert_eq!(nlri.len(), octets + if octets < 240 { 1 } else { 2 });
        assert!(is_sound(IPV4, &nlri));
        let update = message(IPV4, true, &[&nlri[..], &nlri[..]].concat());
        let update = Update::check(&update, &session()).unwrap();
        assert_eq!((update.faults().len(), update.announced().next().unwrap().iter().count()), (0, 2));
        assert_eq!(nlris(&read(IPV4, &words(IPV4, &nlri)).unwrap()), [hexadecimal(&nlri)]);
    }
    let list = " 7".repeat(2048);
    assert!(read(IPV4, &format!("packet-length [{list} ]")).unwrap_err().contains("4095"));
}

/// One word out of several, or what is made of the dice.
fn one<'a>(dice: &mut Dice, of: &[&'a str]) -> &'a str {
    dice.pick(of).unwrap()
}

fn number(dice: &mut Dice, max: u64) -> String {
    let n = dice.bits() % (max + 1);
    match dice.below(6) {
        0 => format!("0x{n:x}"),
        1 => format!("0X{n:04X}"),
        2 => format!("{n}/{}", if n > 0xffff_ffff { 8 } else { [4, 8][dice.below(2)] }),
        _ => n.to_string(),
    }
}

/// `>=1024&<2048`, or a list of such.
fn expression(dice: &mut Dice, operators: &[&str], value: &mut dyn FnMut(&mut Dice) -> String) -> String {
    let mut group = |dice: &mut Dice| {
        let parts: Vec<String> =
            (0..=dice.below(3)).map(|_| format!("{}{}", one(dice, operators), value(dice))).collect();
        parts.join("&")
    };
    match dice.below(3) {
        0 => group(dice),
        _ => format!("[ {} ]", (0..=dice.below(4)).map(|_| group(dice)).collect::<Vec<_>>().join(" ")),
    }
}

fn prefix(dice: &mut Dice, ipv6: bool) -> String {
    let prefix = dice.prefix(if ipv6 { Afi::IPV6 } else { Afi::IPV4 });
    let offset = dice.below(usize::from(prefix.len()).max(1));
    match dice.below(3) {
        0 if ipv6 => format!("{prefix}/{offset}"),
        1 if ipv6 => format!("{}/{offset}-{}", prefix.addr(), prefix.len()),
        _ => prefix.to_string(),
    }
}

/// A rule as somebody might write it: any spelling, any order.
fn made_up(dice: &mut Dice, family: Family) -> String {
    const COMPARE: &[&str] = &["", "=", ">", ">=", "<", "<=", "!="];
    const BITS: &[&str] = &["", "=", "!", "!="];
    const PORTS: &[&str] = &["http", "HTTPS", "ssh", "domain", "ms-sql-s", "bgp"];
    const FLAGS: &[&str] = &["fin", "SYN", "rst", "push", "ack", "urgent", "urg", "ece", "cwr", "ns"];
    const FRAGMENTS: &[&str] = &["dont-fragment", "IS_FRAGMENT", "first-fragment", "last-fragment"];
    let ipv6 = family.afi == Afi::IPV6;
    let layer2 = family.afi == Afi::L2VPN;
    let mut said: Vec<String> = Vec::new();
    let layouts = dice.below(2);
    for _ in 0..=dice.below(5) {
        let kind = dice.below(if layer2 { 22 } else { 14 });
        let word = match kind {
            0 | 1 if !layer2 => {
                let ends: [&[&str]; 2] = [&["source", "source-ipv4", "source-ipv6"], &["destination"]];
                let end = ends[kind];
                if said.iter().any(|other| other.starts_with(end[0])) {
                    continue;
                }
                // a rule has offsets in one layout or the other
                let mut text = prefix(dice, ipv6);
                let (draft, rfc) = (text.matches('/').count() == 2, text.contains('-'));
                if draft && layouts == 0 || rfc && layouts == 1 {
                    text = dice.prefix(Afi::IPV6).to_string();
                }
                format!("{} {text}", one(dice, end))
            }
            2 => {
                let names = ["tcp", "UDP", "icmp", "gre", "Ospf"];
                let list = expression(dice, COMPARE, &mut |dice| {
                    if dice.once_in(2) { one(dice, &names).into() } else { number(dice, 255) }
                });
                format!("protocol {list}")
            }
            3..=5 => {
                let keyword = ["port", "source-port", "destination-port"][kind - 3];
                let list = expression(dice, COMPARE, &mut |dice| {
                    if dice.once_in(3) { one(dice, PORTS).into() } else { number(dice, 65535) }
                });
                format!("{keyword} {list}")
            }
            6 => format!(
                "icmp-type {}",
                expression(dice, COMPARE, &mut |dice| one(dice, &["echo-request", "3", "ECHO_REPLY"]).into())
            ),
            7 => format!(
                "icmp-code {}",
                expression(dice, COMPARE, &mut |dice| one(dice, &["host-unreachable", "0", "ip_header_bad"]).into())
            ),
            8 => {
                let list = expression(dice, BITS, &mut |dice| {
                    let flags: Vec<&str> = (0..=dice.below(3)).map(|_| one(dice, FLAGS)).collect();
                    if dice.once_in(4) { format!("0x{:x}", dice.u16()) } else { flags.join("+") }
                });
                format!("tcp-flags {list}")
            }
            9 => format!("packet-length {}", expression(dice, COMPARE, &mut |dice| number(dice, 65535))),
            10 => format!("dscp {}", expression(dice, COMPARE, &mut |dice| (dice.u8() & 63).to_string())),
            11 => {
                let list = expression(dice, BITS, &mut |dice| {
                    (0..=dice.below(2)).map(|_| one(dice, FRAGMENTS)).collect::<Vec<_>>().join("+")
                });
                format!("fragment {list}")
            }
            12 if ipv6 || layer2 => {
                format!("flow-label {}", expression(dice, COMPARE, &mut |dice| number(dice, 0xf_ffff)))
            }
            13 if ipv6 => format!("traffic-class {}", expression(dice, COMPARE, &mut |dice| dice.u8().to_string())),
            14 => format!("vid {}", expression(dice, COMPARE, &mut |dice| number(dice, 4095))),
            15 => format!(
                "ether-type {}",
                expression(dice, COMPARE, &mut |dice| one(dice, &["ipv4", "0x88cc", "ARP"]).into())
            ),
            16 => format!("snap {}", expression(dice, COMPARE, &mut |dice| number(dice, 0xff_ffff_ffff))),
            17 => format!("inner-cos {}", expression(dice, COMPARE, &mut |dice| (dice.u8() & 7).to_string())),
            18 if !said.iter().any(|other| other.starts_with("source-mac")) => {
                let [a, b, c, d, e, f] = dice.array();
                format!("source-mac {a:02x}:{b:02X}:{c:02x}:{d:02x}:{e:02x}:{f:02x}")
            }
            _ => continue,
        };
        said.push(word);
    }
    said.push(
        one(dice, &["discard", "accept", "rate-limit 9600 packets", "mark 10 action sample", "redirect 65000:1"])
            .into(),
    );
    if family.safi == Safi::FLOW_VPN {
        said.insert(dice.below(said.len() + 1), format!("rd {}", dice.rd().words()));
    }
    said.join(" ")
}

/// From any words to octets, to Herald's words, to octets: the same ones; and events of every generation say them in one
/// object. `HERALD_RULES` says how many rules.
#[test]
fn rules_come_back_from_their_words() {
    #[allow(clippy::disallowed_methods)] // whoever runs the test may choose
    let count = std::env::var("HERALD_RULES").map_or(20_000, |count| count.parse().unwrap());
    let mut dice = Dice::new(8955);
    let mut in_words = 0;
    let mut of_family = [0; FAMILIES.len()];
    for round in 0..count {
        let family = FAMILIES[round % FAMILIES.len()];
        let line = made_up(&mut dice, family);
        let route = read(family, &line).unwrap_or_else(|e| panic!("{line}: {e}"));
        let [stored] = route.nlris.as_slice() else { panic!("{line}") };
        assert!(is_sound(family, stored.nlri()), "{line}");
        let printed = words(family, stored.nlri());
        let again = read(family, &printed).unwrap_or_else(|e| panic!("{line}: {printed}: {e}"));
        assert_eq!(again.nlris, route.nlris, "{line}: {printed}");
        assert_eq!(words(family, again.nlris.as_slice()[0].nlri()), printed);
        shown(family, stored.nlri());
        in_words += usize::from(!printed.starts_with("raw "));
        of_family[round % FAMILIES.len()] += 1;
    }
    for (family, rules) in FAMILIES.iter().zip(of_family) {
        println!("{family}: {rules} rules");
    }
    assert!(in_words * 100 > count * 95, "{in_words} of {count} in words");
}

/// Text on one line, and one object in which no key is there twice.
fn shown(family: Family, nlri: &[u8]) {
    let hop = NextHop::Addr("192.0.2.1".parse().unwrap());
    for dialect in [Dialect::V4, Dialect::V5, Dialect::V6] {
        for next_hop in [None, Some(&hop)] {
            let shown = Shown { nlri, path_id: None, next_hop, hop: "", withdrawn: next_hop.is_none() };
            let (mut text, mut object) = (String::new(), String::new());
            (family.spec().text)(&shown, &mut text, dialect);
            assert!(text.bytes().all(|b| (b' '..=b'~').contains(&b)), "{text}");
            (family.spec().json)(&shown, &mut object, dialect, false);
            assert_eq!(fault(&object), None, "{object}");
        }
    }
}
