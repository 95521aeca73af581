//! Messages that are not what they should be, in the state they arrive in: what the peer is told, what helpers are told,
//! and what the Adj-RIB-In holds then (RFC 4271 §6, RFC 6608, RFC 7313 §5, RFC 7606).

use super::common::*;
use Then::*;
use When::*;
use herald_api::Profile;
use herald_bgp::capability::{asn4, code, multiprotocol};
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::open::Open;
use herald_bgp::value::Asn;
use herald_speaker::config::{CapabilityConfig, PeerConfig};
use herald_testkit::helper::Helper;
use herald_testkit::script::{Script, keepalive, message};
use herald_testkit::sim::Sim;
use std::net::Ipv4Addr;

/// In which state the octets arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum When {
    /// Instead of an OPEN.
    OpenSent,
    /// Behind the OPEN, instead of a KEEPALIVE.
    OpenConfirm,
    /// In a session of two AS, with all that can be agreed on.
    Up,
    /// The same within an AS.
    Internal,
    /// The same, with a hold time of zero.
    Endless,
    /// In a session where nothing was agreed but families.
    Bare,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug)]
enum Then {
    /// The session ends with this NOTIFICATION, in hexadecimal.
    Told(&'static str),
    /// The session ends without a word.
    Ends,
    /// The session comes up, with these families.
    Opens(&'static str),
    /// The session stays, and all is as it was.
    Stays,
    /// The same, and helpers are told this.
    Hears(&'static str),
    /// The route is announced: what helpers are told of it, and what is kept.
    Announced(&'static str, &'static str),
    /// The route is withdrawn.
    Withdrawn,
}

/// 10.0.0.0/24 as it was announced before.
const BEFORE: &str = "next-hop 192.0.2.9 origin egp as-path ( 65001 ) med 7";
/// And as it is announced by what is in order.
const AFTER: &str = "next-hop 192.0.2.1 origin igp as-path ( 65001 )";
const TOLD: &str = r#""origin": "igp", "as-path": {"0": {"element": "as-sequence", "value": [65001]}}"#;
const DISCARDED: Then = Announced(
    r#""origin": "igp", "as-path": {"0": {"element": "as-sequence", "value": [65001]}}, "error": "discard""#,
    AFTER,
);

/// `*` stands for a marker, `|` for 600 milliseconds.
#[rustfmt::skip]
const CASES: &[(&str, When, &str, Then)] = &[
    // Headers (RFC 4271 §6.1).
    ("a marker of zeros", OpenSent, "00000000000000000000000000000000 0013 04", Told("0101")),
    ("longer than any OPEN", OpenSent, "* 1388 02", Told("01021388")),
    ("a type nobody knows", Up, "* 0013 4d", Told("01034d")),
    ("a KEEPALIVE with a body", Up, "* 0014 04 00", Told("01020014")),
    ("an OPEN that is too short", OpenSent, "* 0018 01 0400010001", Told("01020018")),
    ("a ROUTE-REFRESH that is too short", Up, "* 0016 05 000109", Told("01020016")),
    // OPENs (RFC 4271 §6.2, RFC 5492, RFC 6286).
    ("version 3", OpenSent, "* 002d 01 03 fde9 00b4 09090909 10 0206010400010001 0206 41040000fde9", Told("02010004")),
    ("another AS", OpenSent, "* 002d 01 04 fdea 00b4 09090909 10 0206010400010001 0206 41040000fdea", Told("0202")),
    ("no identifier", OpenSent, "* 002d 01 04 fde9 00b4 00000000 10 0206010400010001 0206 41040000fde9", Told("0203")),
    ("two seconds", OpenSent, "* 002d 01 04 fde9 0002 09090909 10 0206010400010001 0206 41040000fde9", Told("0206")),
    ("parameter 1", OpenSent, "* 0021 01 04 fde9 00b4 09090909 04 01020000", Told("0204")),
    ("parameter 9", OpenSent, "* 0021 01 04 fde9 00b4 09090909 04 09020000", Told("0204")),
    ("no family at all: the one there always was", OpenSent, "* 0025 01 04 fde9 00b4 09090909 08 0206 41040000fde9",
     Opens(r#"["ipv4 unicast"]"#)),
    ("a family we did not offer", OpenSent, "* 0025 01 04 fde9 00b4 09090909 08 0206 010400020004", Opens("[]")),
    // Messages the state does not expect (RFC 6608).
    ("a KEEPALIVE ahead of the OPEN", OpenSent, "* 0013 04", Told("050104")),
    ("an UPDATE ahead of the KEEPALIVE", OpenConfirm, "* 0017 02 0000 0000", Told("050202")),
    ("an OPEN in a session", Up, "* 001d 01 04 fde9 00b4 09090909 00", Told("050301")),
    // Not wrong at all.
    ("KEEPALIVEs nobody asked for", Endless, "* 0013 04 * 0013 04", Stays),
    ("a KEEPALIVE in two pieces", Up, "ffffffffffffffffffff | ffffffffffff 0013 04", Stays),
    ("a good route", Up, "* 002f 02 0000 0014 40010100 40020602010000fde9 400304c0000201 180a0000",
     Announced(TOLD, AFTER)),
    // Attributes (RFC 7606 §3, §7).
    ("ORIGIN of two octets", Up, "* 0030 02 0000 0015 4001020000 40020602010000fde9 400304c0000201 180a0000", Withdrawn),
    ("ORIGIN 9", Up, "* 002f 02 0000 0014 40010109 40020602010000fde9 400304c0000201 180a0000", Withdrawn),
    ("an optional ORIGIN", Up, "* 002f 02 0000 0014 c0010100 40020602010000fde9 400304c0000201 180a0000", Withdrawn),
    ("no ORIGIN", Up, "* 002b 02 0000 0010 40020602010000fde9 400304c0000201 180a0000", Withdrawn),
    ("a segment with fewer AS than it says", Up,
     "* 002f 02 0000 0014 40010100 40020602020000fde9 400304c0000201 180a0000", Withdrawn),
    ("a segment of type 9", Up, "* 002f 02 0000 0014 40010100 40020609010000fde9 400304c0000201 180a0000", Withdrawn),
    ("NEXT_HOP of five octets", Up,
     "* 0030 02 0000 0015 40010100 40020602010000fde9 400305c000020101 180a0000", Withdrawn),
    ("no NEXT_HOP", Up, "* 0028 02 0000 000d 40010100 40020602010000fde9 180a0000", Withdrawn),
    ("MED of three octets", Up,
     "* 0035 02 0000 001a 40010100 40020602010000fde9 400304c0000201 800403000001 180a0000", Withdrawn),
    ("LOCAL_PREF of three octets from outside", Up,
     "* 0035 02 0000 001a 40010100 40020602010000fde9 400304c0000201 400503000001 180a0000", DISCARDED),
    ("LOCAL_PREF of three octets from inside", Internal,
     "* 0035 02 0000 001a 40010100 40020602010000fde9 400304c0000201 400503000001 180a0000", Withdrawn),
    ("ATOMIC_AGGREGATE with a value", Up,
     "* 0033 02 0000 0018 40010100 40020602010000fde9 400304c0000201 40060100 180a0000", DISCARDED),
    ("AGGREGATOR of two octets an AS", Up,
     "* 0038 02 0000 001d 40010100 40020602010000fde9 400304c0000201 c007060001c0000201 180a0000", DISCARDED),
    ("three octets of communities", Up,
     "* 0035 02 0000 001a 40010100 40020602010000fde9 400304c0000201 c00803000001 180a0000", Withdrawn),
    ("seven octets of extended communities", Up,
     "* 0039 02 0000 001e 40010100 40020602010000fde9 400304c0000201 c0100700000000000000 180a0000", Withdrawn),
    ("eleven octets of large communities", Up,
     "* 003d 02 0000 0022 40010100 40020602010000fde9 400304c0000201 c0200b0000000000000000000000 180a0000", Withdrawn),
    ("CLUSTER_LIST of five octets from outside", Up,
     "* 0037 02 0000 001c 40010100 40020602010000fde9 400304c0000201 800a050101010101 180a0000", DISCARDED),
    ("CLUSTER_LIST of five octets from inside", Internal,
     "* 003e 02 0000 0023 40010100 40020602010000fde9 400304c0000201 40050400000064 800a050101010101 180a0000",
     Withdrawn),
    ("AIGP nobody wants", Up,
     "* 003d 02 0000 0022 40010100 40020602010000fde9 400304c0000201 801a0b01000b0000000000000001 180a0000",
     Announced(TOLD, AFTER)),
    ("ORIGIN twice: the first counts", Up,
     "* 0033 02 0000 0018 40010100 40010100 40020602010000fde9 400304c0000201 180a0000", DISCARDED),
    ("and when they differ", Up,
     "* 0033 02 0000 0018 40010100 40010102 40020602010000fde9 400304c0000201 180a0000", DISCARDED),
    ("the last attribute is too long for the others", Up,
     "* 0034 02 0000 0019 40010100 40020602010000fde9 400304c0000201 c008ff0001 180a0000", Withdrawn),
    ("a well-known attribute nobody knows", Up,
     "* 0033 02 0000 0018 40010100 40020602010000fde9 400304c0000201 40630100 180a0000", Told("030240630100")),
    ("an attribute for others", Up,
     "* 0033 02 0000 0018 40010100 40020602010000fde9 400304c0000201 80630100 180a0000", Announced(TOLD, AFTER)),
    // Where the routes are (RFC 7606 §5).
    ("attributes beyond the end", Up, "* 001b 02 0000 ffff 40010100", Told("0301")),
    ("withdrawn routes beyond the end", Up, "* 001b 02 ffff 0000 40010100", Told("0301")),
    ("a prefix of 33 bits", Up, "* 0030 02 0000 0014 40010100 40020602010000fde9 400304c0000201 210a000000",
     Told("030a")),
    ("a prefix that is cut", Up, "* 002d 02 0000 0014 40010100 40020602010000fde9 400304c0000201 180a", Told("030a")),
    ("MP_REACH_NLRI twice", Up,
     "* 005e 02 0000 0047 40010100 40020602010000fde9 \
      800e1a00020110 20010db8000000000000000000000001 00 2020010db8 \
      800e1a00020110 20010db8000000000000000000000001 00 2020010db8", Told("0301")),
    ("a family that was not agreed", Up,
     "* 0041 02 0000 002a 40010100 40020602010000fde9 800e1a00020410 20010db8000000000000000000000001 00 2020010db8",
     Stays),
    ("a next hop of five octets", Up,
     "* 0036 02 0000 001f 40010100 40020602010000fde9 800e0f 000201 05 20010db800 00 2020010db8",
     Told("0309 800e0f 000201 05 20010db800 00 2020010db8")),
    ("an EVPN route that is cut", Up,
     "* 0033 02 0000 001c 40010100 40020602010000fde9 800e0c 001946 04 c0000201 00 022101", Told("030a")),
    ("MP_REACH_NLRI that is cut", Up,
     "* 0033 02 0000 001c 40010100 40020602010000fde9 800e0d 001946 04 c0000201 00 022101", Told("0301")),
    ("a FlowSpec component nobody knows", Up,
     "* 0030 02 0000 0019 40010100 40020602010000fde9 800e09 000185 00 00 03630101",
     Hears(r#""error": "treat-as-withdraw" }, "withdraw": { "ipv4 flow": [ { "parsed": false, "raw": "03630101", "#)),
    // ROUTE-REFRESH (RFC 7313 §5).
    ("a subtype nobody knows", Up, "* 0017 05 00010901", Stays),
    ("a request nobody may make", Bare, "* 0017 05 00010001", Stays),
    // Other messages.
    ("a NOTIFICATION", Up, "* 001b 03 0602 0568656c6c6f", Ends),
    ("a question of how many routes there are", Up, "* 0022 06 0007 000b 0001 01 09090909 000000ff",
     Hears(r#""operational": { "name": "LPCQ", "afi": "ipv4", "safi": "unicast" }"#)),
    ("the same where it was not agreed", Bare, "* 0022 06 0007 000b 0001 01 09090909 000000ff", Told("010306")),
];

fn octets(text: &str) -> Vec<u8> {
    let digits = text.replace('*', &"ff".repeat(16)).replace(' ', "");
    herald_bgp::text::hex(&digits).unwrap()
}

/// AS 65000 for its neighbour, who is in AS 65001 or in the same.
fn peer(when: When) -> PeerConfig {
    let bare = when == Bare;
    let capability = CapabilityConfig { route_refresh: !bare, operational: !bare, ..CapabilityConfig::default() };
    let mut peer = PeerConfig { capability, adj_rib_in: true, ..passive(180) };
    peer.local_as = Some(Asn(65000));
    peer.peer_as = Some(Asn(if when == Internal { 65000 } else { 65001 }));
    peer.router_id = Some(Ipv4Addr::new(1, 2, 3, 4));
    peer.families = families().to_vec();
    peer.api[0].negotiated = true;
    peer.api[0].receive.operational = true;
    peer
}

fn families() -> [Family; 4] {
    let (flow, evpn) = (Family::new(Afi::IPV4, Safi(133)), Family::new(Afi::L2VPN, Safi(70)));
    [Family::IPV4_UNICAST, Family::IPV6_UNICAST, flow, evpn]
}

/// The OPEN it says.
fn open(when: When) -> Vec<u8> {
    let asn = if when == Internal { 65000 } else { 65001 };
    let mut open = Open::new(asn, if when == Endless { 0 } else { 180 }, Ipv4Addr::new(9, 9, 9, 9));
    open.capabilities = families().map(|family| (code::MULTIPROTOCOL, multiprotocol::build(family))).to_vec();
    open.capabilities.push((code::ASN4, asn4::build(Asn(asn))));
    if when != Bare {
        let empty = [code::ROUTE_REFRESH, code::ENHANCED_ROUTE_REFRESH, code::OPERATIONAL];
        open.capabilities.extend(empty.map(|code| (code, Vec::new())));
    }
    let mut greeting = Vec::new();
    open.write(&mut greeting);
    greeting
}

/// A session that is where the case begins, with the route announced in it if it is up.
fn arrived(when: When, first: &[u8]) -> Sim {
    let (greeting, polite) = match when {
        OpenSent => (first.to_vec(), true),
        OpenConfirm => (open(when), false),
        _ => (open(when), true),
    };
    let mut sim = Sim::new(7);
    sim.helper = Some(Helper::new(Profile::V5));
    sim.speaker(ip(1), 7);
    sim.script(ip(2), Script { greeting, polite, ..Script::default() });
    configure(&mut sim, 1, vec![peer(when)]);
    sim.call(ip(2), ip(1));
    sim.run(secs(1));
    if !matches!(when, OpenSent | OpenConfirm) {
        assert_eq!(sim.count(" Up"), 1, "{when:?}: {:#?}", sim.trace);
        let local_pref = if when == Internal { "40050400000064" } else { "" };
        let attributes = format!("40010101 40020602010000fde9 400304c0000209 80040400000007 {local_pref}");
        let attributes = octets(&attributes);
        let length = u16::try_from(attributes.len()).unwrap().to_be_bytes();
        let body = [&[0, 0], &length[..], &attributes, &[24, 10, 0, 0]].concat();
        sim.say(ip(2), &message(2, &body));
        sim.run(secs(2));
        assert_eq!(kept(&mut sim), [as_kept(BEFORE, when)], "{when:?}");
        told(&mut sim);
    }
    sim
}

/// The route in a listing.
fn as_kept(attributes: &str, when: When) -> String {
    let local_pref = if when == Internal { " local-preference 100" } else { "" };
    format!("ipv4 unicast 10.0.0.0/24 {attributes}{local_pref}")
}

/// What was told since this was asked last.
fn told(sim: &mut Sim) -> Vec<String> {
    std::mem::take(&mut sim.helper.as_mut().unwrap().lines)
}

/// What the Adj-RIB-In holds.
fn kept(sim: &mut Sim) -> Vec<String> {
    let events = told(sim);
    say(sim, 1, "show adj-rib in extensive text");
    let lines = std::mem::replace(&mut sim.helper.as_mut().unwrap().lines, events);
    lines.iter().map(|line| line.split_once("in-open ").unwrap().1.to_owned()).collect()
}

#[test]
fn each_is_answered_as_it_should_be() {
    for &(name, when, hex, then) in CASES {
        let pieces: Vec<Vec<u8>> = hex.split('|').map(octets).collect();
        let mut sim = arrived(when, &pieces[0]);
        let start = sim.now().mono.since(Default::default());
        if when != OpenSent {
            for (at, piece) in (1..).zip(&pieces) {
                sim.say(ip(2), piece);
                sim.run(start + millis(600 * at));
            }
        }
        sim.run(start + secs(5));
        let notifications: Vec<_> = sim.heard(ip(2)).unwrap().bodies(3).map(<[u8]>::to_vec).collect();
        let told = told(&mut sim).join("\n");
        let found = format!("{name}: {notifications:02x?} {told}");
        let (stays, notification) = match then {
            Told(notification) => (false, Some(octets(notification))),
            Ends => (false, None),
            _ => (true, None),
        };
        assert_eq!(notifications, Vec::from_iter(notification), "{found}");
        assert_eq!(sim.connections(ip(1)), usize::from(stays), "{found}");

        let announces = matches!(then, Announced(..));
        let withdraws = matches!(then, Withdrawn);
        match then {
            Told(_) | Ends | Stays => {}
            Opens(families) => assert!(told.contains(&format!("\"families\": {families}")), "{found}"),
            Hears(event) => assert!(told.contains(event), "{found}"),
            Announced(attributes, _) => {
                let nlri = r#""ipv4 unicast": { "192.0.2.1": [ { "nlri": "10.0.0.0/24" } ] }"#;
                let event = format!(r#""update": {{ "attribute": {{ {attributes} }}, "announce": {{ {nlri} }} }}"#);
                assert!(told.contains(&event), "{found}");
            }
            Withdrawn => {
                let nlri = r#""ipv4 unicast": [ { "nlri": "10.0.0.0/24" } ]"#;
                let event = format!(r#""error": "treat-as-withdraw" }}, "withdraw": {{ {nlri} }} }}"#);
                assert!(told.contains(&event), "{found}");
            }
        }
        assert_eq!(told.contains("\"announce\""), announces, "{found}");
        assert_eq!(told.contains("\"ipv4 unicast\": [ {"), withdraws, "{found}");
        let rib = match then {
            Stays | Hears(_) => Some(as_kept(BEFORE, when)),
            Announced(_, attributes) => Some(as_kept(attributes, when)),
            _ => None,
        };
        assert_eq!(kept(&mut sim), Vec::from_iter(rib), "{found}");
        // A session that stays is as good as any other.
        sim.say(ip(2), &keepalive());
        sim.run(start + secs(6));
        assert_eq!(sim.connections(ip(1)), usize::from(stays), "{found}");
    }
}
