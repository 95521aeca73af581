//! What a wrong UPDATE leads to (RFC 7606), and that no UPDATE whatsoever leads to more than that.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use herald_bgp::attribute::{self, Attr, code};
use herald_bgp::context::Context;
use herald_bgp::dialect::Dialect;
use herald_bgp::error::{Fault, Outcome};
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::nlri::{NextHop, Shown};
use herald_bgp::text::hex;
use herald_bgp::update::Update;
use herald_bgp::value::Asn;
use proptest::prelude::*;

fn ebgp() -> Context {
    let mut cx = Context::plain(Asn(65000), Asn(65001));
    cx.families = vec![Family::IPV4_UNICAST, Family::IPV6_UNICAST];
    cx
}

fn ibgp() -> Context {
    let families = ebgp().families;
    Context { families, ..Context::plain(Asn(65000), Asn(65000)) }
}

fn two_octets() -> Context {
    Context { asn4: false, ..ebgp() }
}

/// The body of an UPDATE.
fn body(withdrawn: &str, attributes: &str, nlri: &str) -> Vec<u8> {
    let [withdrawn, attributes, nlri] = [withdrawn, attributes, nlri].map(|h| hex(&h.replace(' ', "")).unwrap());
    let length = |field: &[u8]| u16::try_from(field.len()).unwrap().to_be_bytes();
    [&length(&withdrawn)[..], &withdrawn, &length(&attributes), &attributes, &nlri].concat()
}

const ORIGIN: &str = "40010100";
const PATH: &str = "4002060201 0000fde9";
const NEXT_HOP: &str = "400304 c0000201";
const LOCAL_PREF: &str = "400504 00000064";
const ROUTE: &str = "180a0001";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Is {
    Accepted,
    Discarded,
    Withdrawn,
    Reset(u8),
}

fn verdict(body: &[u8], cx: &Context) -> Is {
    match Update::check(body, cx) {
        Err(fault) => {
            assert_eq!((fault.outcome, fault.notification.code), (Outcome::SessionReset, 3), "{fault:?}");
            Is::Reset(fault.notification.subcode)
        }
        Ok(update) => {
            assert!(update.faults().is_sorted_by(|a, b| a.outcome >= b.outcome));
            match update.faults().first().map(|fault| fault.outcome) {
                None => Is::Accepted,
                Some(Outcome::AttributeDiscard) => Is::Discarded,
                Some(Outcome::TreatAsWithdraw) => Is::Withdrawn,
                other => panic!("{other:?} without an end"),
            }
        }
    }
}

/// A good route with `more` behind its attributes, or `instead` of one of them (by type code).
fn with(cx: &Context, more: &str) -> Vec<u8> {
    let code = hex(&more.replace(' ', "")).unwrap_or_default().get(1).copied();
    let local_pref = if cx.internal { LOCAL_PREF } else { "" };
    let own = [(1, ORIGIN), (2, PATH), (3, NEXT_HOP), (5, local_pref)];
    let kept: String = own.iter().filter(|(own, _)| Some(*own) != code).map(|(_, attr)| *attr).collect();
    body("", &(kept + more), ROUTE)
}

#[test]
fn one_attribute_wrong() {
    use Is::*;
    let (e, i, t) = (&ebgp(), &ibgp(), &two_octets());
    for (cx, attribute, expected) in [
        (e, "", Accepted),
        (i, "", Accepted),
        // ORIGIN
        (e, "400100", Withdrawn),
        (e, "4001020000", Withdrawn),
        (e, "40010103", Withdrawn),
        (e, "c0010100", Withdrawn),
        (e, "00010100", Withdrawn),
        (e, "5001000100", Accepted),
        (e, "4f010100", Accepted),
        // AS_PATH
        (e, "400200", Accepted),
        (e, "4002060202 0000fde9", Withdrawn),
        (e, "4002060901 0000fde9", Withdrawn),
        (e, "4002060001 0000fde9", Withdrawn),
        (e, "4002070201 0000fde902", Withdrawn),
        (e, "4002080201 0000fde90200", Withdrawn),
        (e, "4002040201fde9", Withdrawn),
        (e, "40020a0202 0000fde900000000", Withdrawn),
        (e, "c002060201 0000fde9", Withdrawn),
        (e, "4002060301 0000fde9", Withdrawn),
        (i, "4002060301 0000fde9", Accepted),
        (t, "4002040201fde9", Accepted),
        (t, "4002060201 0000fde9", Withdrawn),
        // NEXT_HOP
        (e, "400303c00002", Withdrawn),
        (e, "400305c000020101", Withdrawn),
        (e, "400300", Withdrawn),
        (e, "c00304c0000201", Withdrawn),
        (e, "40030400000000", Withdrawn),
        (e, "400304e0000005", Withdrawn),
        // MULTI_EXIT_DISC, LOCAL_PREF
        (e, "800400", Withdrawn),
        (e, "800403000001", Withdrawn),
        (e, "80040500000001 00", Withdrawn),
        (e, "40040400000005", Withdrawn),
        (e, "c0040400000005", Withdrawn),
        (e, LOCAL_PREF, Discarded),
        (e, "40050100", Discarded),
        (i, "400503000001", Withdrawn),
        // ATOMIC_AGGREGATE, AGGREGATOR
        (e, "400600", Accepted),
        (e, "40060100", Discarded),
        (e, "c00600", Discarded),
        (e, "c00708 0000fde90a000001", Accepted),
        (e, "c00706 fde90a000001", Discarded),
        (e, "c00708 000000000a000001", Discarded),
        (e, "c00700", Discarded),
        (e, "800708 0000fde90a000001", Discarded),
        (t, "c00706 fde90a000001", Withdrawn), // the AS_PATH beside it is four octets wide
        // communities
        (e, "c00804 fde90001", Accepted),
        (e, "e00804 fde90001", Accepted),
        (e, "c00800", Withdrawn),
        (e, "c00803000001", Withdrawn),
        (e, "800804 fde90001", Withdrawn),
        (e, "c01008 0002fde900000001", Accepted),
        (e, "c01000", Withdrawn),
        (e, "c0100700000000000000", Withdrawn),
        (e, "c0190100", Withdrawn),
        (e, "c0200c 000000010000000200000003", Accepted),
        (e, "c02000", Withdrawn),
        (e, "c0200b 0000000000000000000000", Withdrawn),
        (e, "80200c 000000010000000200000003", Withdrawn),
        // reflection
        (e, "800904 0a000001", Discarded),
        (e, "8009030a0000", Discarded),
        (e, "800a04 0a000001", Discarded),
        (i, "800904 0a000001", Accepted),
        (i, "8009030a0000", Withdrawn),
        (i, "800a04 0a000001", Accepted),
        (i, "800a05 0a00000101", Withdrawn),
        // four-octet helpers
        (e, "c01106 0201fa56ea09", Discarded),
        (e, "c01208 fa56ea090a000001", Discarded),
        // AIGP
        (i, "801a0b 01000b0000000000000001", Accepted),
        (i, "801a0a 01000a00000000000001", Discarded),
        (e, "801a0b 01000b0000000000000001", Accepted), // passed over
        // ATTR_SET, and what is in it
        (e, "c08004 0000fde9", Accepted),
        (e, "c080020000", Withdrawn),
        (e, "80800400000001", Withdrawn),
        (e, "c08008 0000fde9 40010100", Accepted),
        (e, "c08008 0000fde9 40010109", Withdrawn),
        (e, "c08008 0000fde9 c0010100", Withdrawn),
        (e, "c08007 0000fde9 400101", Withdrawn),
        (e, "c0800b 0000fde9 80040400000005", Accepted),
        (e, "c0800a 0000fde9 800403000005", Withdrawn),
        (e, "c0800d 0000fde9 4002060201 0000fde9", Accepted),
        (t, "c0800d 0000fde9 4002060201 0000fde9", Withdrawn), // the AS_PATH beside it is four octets wide
        (e, "c08007 0000fde9 c08000", Accepted),               // a set inside a set is octets
        // PMSI_TUNNEL
        (e, "c01605 00 00 000641", Accepted),
        (e, "c01609 00 06 000641 c0000201", Accepted),
        (e, "c01608 00 06 000641 c00002", Withdrawn),
        (e, "c01604 00 06 0006", Withdrawn),
        (e, "801605 00 00 000641", Withdrawn),
        (e, "c01606 00 63 000641 c0", Accepted),
        (e, "c01608 00 03 000641 c00002", Withdrawn),
        (e, "c0160f 00 02 000000 06 0001 04 c0000201 0001", Withdrawn),
        // Traffic Engineering, PE Distinguisher Labels, entropy labels
        (e, "80180100", Withdrawn),
        (e, "c01b07 c0000201 000641", Accepted),
        (e, "c01b08 c0000201 00064100", Withdrawn),
        (e, "c01c00", Accepted),
        (e, "801c00", Discarded),
        // BGPsec_Path
        (e, "80210100", Withdrawn),
        (e, "80210b 0008 0100 0000fde9 000301", Accepted),
        (e, "80210b 0009 0100 0000fde9 000301", Withdrawn),
        // ONLY_TO_CUSTOMER, D-PATH, SFP
        (e, "c02304 0000fde9", Accepted),
        (e, "c02303 0000fd", Withdrawn),
        (e, "c02300", Withdrawn),
        (e, "802304 0000fde9", Withdrawn),
        (e, "c02408 01 0000fde9000146", Accepted),
        (e, "c02407 01 0000fde90001", Withdrawn),
        (e, "c0240100", Withdrawn),
        (e, "c02503 010000", Accepted),
        (e, "c02503 010001", Withdrawn),
        // BFD Discriminator, BIER
        (e, "c02605 0100000005", Accepted),
        (e, "c02604 01000000", Discarded),
        (e, "c02607 0100000005 0102", Discarded),
        (e, "c02904 00010000", Accepted),
        (e, "c02903 000100", Discarded),
        // PREFIX_SID: without the SID of a service there is no way to go
        (e, "c0280a 010007 000000 00000005", Accepted),
        (e, "c02809 010006 0000 00000005", Discarded),
        (e, "c0280a 010008 000000 00000005", Discarded),
        (e, "c02807 030004 0000 1111", Discarded),
        (e, "c02805 630002 0000", Accepted),
        (e, "80280a 010007 000000 00000005", Discarded),
        (e, "c02800", Discarded),
        (e, "c02804 050001 00", Accepted),
        (e, "c02803 050000", Withdrawn),
        (e, "c02804 050002 00", Withdrawn),
        (e, "c02808 050005 00 010001 00", Withdrawn),
        (e, "c02807 050004 00 090001", Withdrawn),
        (e, "c0281c 050019 00 010015 00 20010db8000000000000000000000001 00 0013 00", Accepted),
        (e, "c02820 05001d 00 010019 00 20010db8000000000000000000000001 00 0013 00 01000100", Withdrawn),
        (e, "c0280d 010006 0000 00000005 050001 00", Discarded),
        // unknown
        (e, "c0fa020102", Accepted),
        (e, "c0fa00", Accepted),
        (e, "80fb020102", Accepted),
        (e, "40630100", Reset(2)),
        (e, "c0000101", Accepted),
        // overruns
        (e, "c0", Withdrawn),
        (e, "c008", Withdrawn),
        (e, "c008c800000001", Withdrawn),
        (e, "d008ea6000000001", Withdrawn),
        (e, "800eff0002", Reset(1)),
    ] {
        assert_eq!(verdict(&with(cx, attribute), cx), expected, "{attribute}");
    }
}

#[test]
fn two_octet_sessions() {
    let cx = &two_octets();
    let check = |attributes: &str| {
        let body = body("", &format!("{ORIGIN}{NEXT_HOP}{attributes}"), ROUTE);
        let update = Update::check(&body, cx).unwrap();
        let value = |code| update.attribute(code).map(|attr| attr.value.to_vec());
        assert_eq!((value(code::AS4_PATH), value(code::AS4_AGGREGATOR)), (None, None));
        let path = value(code::AS_PATH).unwrap();
        let asns: Vec<u32> = attribute::AsPath(&path).asns().map(|asn| asn.0).collect();
        let worst = update.faults().first().map(|fault| fault.outcome);
        (asns, value(code::AGGREGATOR).map(|v| u32::from_be_bytes(*v.first_chunk().unwrap())), worst)
    };
    assert_eq!(check("4002060202fde9fdea"), (vec![65001, 65002], None, None));
    assert_eq!(check("4002060202fde95ba0 c011060201 fa56ea00"), (vec![65001, 4_200_000_000], None, None));
    // confederation segments are no part of it, and a path of nothing else says nothing
    assert_eq!(check("4002060202fde95ba0 c0110c0301 fa56ea01 0201 fa56ea00"), (vec![65001, 4_200_000_000], None, None));
    assert_eq!(check("4002060202fde95ba0 c011060301 fa56ea01"), (vec![65001, 23456], None, None));
    let aggregated = "4002060202fde95ba0 c011060201 fa56ea00 c00706 5ba00a000001 c01208 fa56ea000a000001";
    assert_eq!(check(aggregated), (vec![65001, 4_200_000_000], Some(4_200_000_000), None));
    // an AGGREGATOR that was not rewritten: neither of the helpers is to be believed
    let stale = "4002060202fde95ba0 c011060201 fa56ea00 c00706 00070a000001 c01208 fa56ea000a000001";
    assert_eq!(check(stale), (vec![65001, 23456], Some(7), None));
    // one that says an AS of two octets needs no helper
    let narrow = "4002060202fde95ba0 c011060201 fa56ea00 c00706 00070a000001";
    assert_eq!(check(narrow), (vec![65001, 4_200_000_000], Some(7), None));
    assert_eq!(check("4002060202fde95ba0 c01103020900").2, Some(Outcome::AttributeDiscard));
    assert_eq!(check("4002060202fde95ba0 c012070000000000000 0").2, Some(Outcome::AttributeDiscard));
}

#[test]
fn what_is_missing() {
    let all = [ORIGIN, PATH, NEXT_HOP, LOCAL_PREF];
    for (cx, needed) in [(ebgp(), 3), (ibgp(), 4)] {
        for (i, missing) in all.iter().take(needed).enumerate() {
            let rest: String = all.iter().take(needed).filter(|attr| attr != &missing).copied().collect();
            let body = body("", &rest, ROUTE);
            let update = Update::check(&body, &cx).unwrap();
            assert!(update.is_treat_as_withdraw());
            let code = [1, 2, 3, 5][i];
            assert_eq!(update.faults()[0].attribute, Some(code));
            assert_eq!(update.faults()[0].notification.data, [code]);
        }
        assert_eq!(verdict(&body("", "800404 00000001", ROUTE), &cx), Is::Withdrawn);
        assert_eq!(verdict(&body("", "", ROUTE), &cx), Is::Withdrawn);
    }
    let mp = format!("{ORIGIN}{PATH}800e1a0002 0110 20010db8000000000000000000000001 00 2020010db8");
    assert_eq!(verdict(&body("", &mp, ""), &ebgp()), Is::Accepted, "NEXT_HOP belongs to the NLRI field");
    assert_eq!(verdict(&body("", &mp[8..], ""), &ebgp()), Is::Withdrawn);
    assert_eq!(verdict(&body("", ORIGIN, ""), &ebgp()), Is::Accepted, "no routes, nothing they need");
    assert_eq!(verdict(&body(ROUTE, "", ""), &ebgp()), Is::Accepted);
}

#[test]
fn framing_and_routes() {
    use Is::*;
    let cx = &ebgp();
    let all = format!("{ORIGIN}{PATH}{NEXT_HOP}");
    let mp = |value: &str| {
        let value = hex(&value.replace(' ', "")).unwrap();
        let mut attr = Vec::new();
        attribute::write(&mut attr, Attr { code: code::MP_REACH_NLRI, flags: 0x80, value: &value });
        let attr: String = attr.iter().map(|b| format!("{b:02x}")).collect();
        body("", &format!("{ORIGIN}{PATH}{attr}"), "")
    };
    const V6: &str = "20010db8000000000000000000000001";
    for (message, expected) in [
        (hex("ffff000040010100").unwrap(), Reset(1)),
        (hex("0000ffff40010100").unwrap(), Reset(1)),
        (hex("000000").unwrap(), Reset(1)),
        (hex("").unwrap(), Reset(1)),
        (body("", &all, "210a01020304"), Reset(10)),
        (body("", &all, "ff0a01020304"), Reset(10)),
        (body("", &all, "180a00"), Reset(10)),
        (body("180a", "", ""), Reset(10)),
        (body("210a01020304", "", ""), Reset(10)),
        (body("", &all, "090aff"), Accepted),
        (body(ROUTE, &all, ROUTE), Accepted),
        (body("", &format!("{all}{ORIGIN}"), ROUTE), Discarded),
        // nothing that could be withdrawn
        (body("", "40010109", ""), Reset(6)),
        (body(ROUTE, "c00803000001", ""), Reset(5)),
        (body("", "c0fa", ""), Reset(1)),
        (body("", &format!("{all} 40050100"), ""), Discarded),
        // MP_REACH_NLRI
        (mp(&format!("000201 10 {V6} 00 20 20010db8")), Accepted),
        (mp(&format!("000201 20 {V6} fe800000000000000000000000000001 00 20 20010db8")), Accepted),
        (mp(&format!("000201 10 {V6} ff 20 20010db8")), Accepted),
        (mp(&format!("000201 10 {V6} 00")), Accepted),
        (mp("000201 00 00 20 20010db8"), Reset(9)),
        (mp("000201 04 0a000001 00 20 20010db8"), Reset(9)),
        (mp("000201 05 0000000000 00 20 20010db8"), Reset(9)),
        (mp(&format!("000201 ff {V6} 00 20 20010db8")), Reset(9)),
        (mp("0002"), Reset(9)),
        (mp(""), Reset(9)),
        (mp(&format!("000201 10 {V6} 00 81 20010db80000000000000000000000000000")), Reset(10)),
        (mp(&format!("000201 10 {V6} 00 20 20010d")), Reset(10)),
        (mp("000201 10 00000000000000000000000000000000 00 20 20010db8"), Withdrawn),
        (mp("000101 04 c0000201 00 180a0001"), Accepted),
        (mp(&format!("000101 10 {V6} 00 180a0001")), Reset(9)), // not agreed
        (mp("000102 04 c0000201 00 180a0001"), Discarded),
        (mp("03e763 04 00000000 00 00"), Discarded),
        (body("", &format!("{ORIGIN}{PATH}c00e1a000201 10 {V6} 00 2020010db8"), ""), Reset(4)),
        (body("", &format!("800e1a000201 10 {V6} 00 2020010db8").repeat(2), ""), Reset(1)),
        // MP_UNREACH_NLRI
        (body("", "800f020002", ""), Reset(9)),
        (body("", "800f0100", ""), Reset(9)),
        (body("", "800f05000201 4020", ""), Reset(10)),
        (body("", "800f08000201 20 20010db8", ""), Accepted),
        (body("", &"800f08000201 20 20010db8".repeat(2), ""), Reset(1)),
        (body("", "800f08000202 20 20010db8", ""), Discarded),
    ] {
        assert_eq!(verdict(&message, cx), expected, "{message:02x?}");
    }
    let agreed = Context { extended_next_hop: vec![(Family::IPV4_UNICAST, Afi::IPV6)], ..ebgp() };
    assert_eq!(verdict(&mp(&format!("000101 10 {V6} 00 180a0001")), &agreed), Accepted);
    let Err(Fault { notification, .. }) = Update::check(&body("", "40630155", ""), cx) else { panic!() };
    assert_eq!(notification.data, [0x40, 0x63, 1, 0x55], "the attribute goes back");
}

#[test]
fn the_routes_are_where_they_belong() {
    let v6 = "800e1a0002 0110 20010db8000000000000000000000001 00 2020010db8";
    let gone = "800f08000201 20 20010db9";
    let good = format!("{ORIGIN}{PATH}{NEXT_HOP}{v6}{gone}");
    let message = body("180a0002", &good, ROUTE);
    let update = Update::check(&message, &ebgp()).unwrap();
    let announced: Vec<_> = update.announced().map(|b| (b.family, b.next_hop)).collect();
    let hop = |addr: &str| NextHop::Addr(addr.parse().unwrap());
    assert_eq!(announced, [(Family::IPV4_UNICAST, hop("192.0.2.1")), (Family::IPV6_UNICAST, hop("2001:db8::1"))]);
    let withdrawn: Vec<_> = update.withdrawn().flat_map(|b| b.iter()).collect();
    assert_eq!(withdrawn, [(None, &[0x18, 10, 0, 2][..]), (None, &[0x20, 0x20, 1, 0x0d, 0xb9])]);
    assert_eq!(update.end_of_rib(), None);

    let message = body("180a0002", &format!("{good}800403000001"), ROUTE);
    let update = Update::check(&message, &ebgp()).unwrap();
    assert!(update.is_treat_as_withdraw());
    assert_eq!(update.announced().count(), 0);
    let families: Vec<_> = update.withdrawn().map(|b| (b.family, b.next_hop)).collect();
    let (v4, v6) = ((Family::IPV4_UNICAST, NextHop::None), (Family::IPV6_UNICAST, NextHop::None));
    assert_eq!(families, [v4, v6, v4, v6]);
    assert!(update.attribute(code::MULTI_EXIT_DISC).is_none());
    let mut json = String::new();
    update.attributes_json(&mut json, Dialect::V5);
    assert_eq!(
        json,
        r#""origin": "igp", "as-path": {"0": {"element": "as-sequence", "value": [65001]}}, "error": "treat-as-withdraw""#
    );

    // with path identifiers
    let cx = Context { add_path_receive: vec![Family::IPV4_UNICAST], ..ebgp() };
    let message = body("00000007180a0002", &format!("{ORIGIN}{PATH}{NEXT_HOP}"), "00000008180a000100000009180a0001");
    let update = Update::check(&message, &cx).unwrap();
    let ids = |blocks: Vec<_>| -> Vec<_> {
        blocks.iter().flat_map(|b: &herald_bgp::update::Block<'_>| b.iter()).map(|(id, _)| id.unwrap()).collect()
    };
    assert_eq!(ids(update.announced().collect()), [8, 9]);
    assert_eq!(ids(update.withdrawn().collect()), [7]);
    let mut json = String::new();
    update.attributes_json(&mut json, Dialect::V6);
    assert!(json.contains(r#""next-hop": "192.0.2.1""#), "{json}");
}

#[test]
fn end_of_rib() {
    for (hexadecimal, family) in [
        ("00000000", Some(Family::IPV4_UNICAST)),
        ("00000007900f0003000201", Some(Family::IPV6_UNICAST)),
        ("00000006800f03000201", Some(Family::IPV6_UNICAST)),
        ("00000006800f03001946", Some(Family::new(Afi::L2VPN, Safi(70)))),
        ("00000007900f0003000101", None),
        ("0000000a800f0300020140010100", None),
        ("00000004 40010100", None),
        ("0004180a00010000", None),
    ] {
        let body = hex(&hexadecimal.replace(' ', "")).unwrap();
        let update = Update::check(&body, &ebgp()).unwrap();
        assert_eq!((update.end_of_rib(), update.faults().len()), (family, 0), "{hexadecimal}");
    }
}

/// Messages other speakers have sent (worked examples of the specification), and what is to be read in them.
#[test]
fn worked_examples() {
    let cases = [
        (ibgp(), "00000015 40010100 400200 400304C0000201 40050400000064 180A0000", "origin igp local-preference 100"),
        (ebgp(), "00000014 40010100 400206 0201 0000FDE8 400304C0000201 180A0000", "origin igp as-path ( 65000 )"),
        (two_octets(), "00000012 40010100 400204 0201 FDE8 400304C0000201 180A0000", "origin igp as-path ( 65000 )"),
        (
            ebgp(),
            "00000044 40010100 40020A 0202 0000FDE8 0000FDF2 400304C0000201 800404 0000000A C00808 FDE80001 FFFFFF01
             C01008 0002FDE800000001 C0200C 00000001 00000002 00000003 180A0000",
            "origin igp as-path ( 65000 65010 ) med 10 community [ 65000:1 no-export ] \
             extended-community target:65000:1 large-community 1:2:3",
        ),
        (
            ibgp(),
            "0000002B 40010100 400200 400504 00000064 800E1A 0002 01 10 20010DB8000000000000000000000001 00 2020010DB8",
            "origin igp local-preference 100",
        ),
    ];
    for (cx, message, text) in cases {
        let body = hex(&message.split_whitespace().collect::<String>()).unwrap();
        let update = Update::check(&body, &cx).unwrap();
        assert_eq!(update.faults(), &[], "{message}");
        let mut out = String::new();
        attribute::text_all(update.attributes(), None, &mut out, Dialect::V6);
        assert_eq!(out.trim_start(), text);
        assert_eq!(update.announced().flat_map(|b| b.iter()).count(), 1);
        // what is kept is what was sent, without the next hop
        let kept = update.attributes_of(&update.announced().next().unwrap());
        assert!(kept.iter().zip(kept.iter().skip(1)).all(|(a, b)| a.code < b.code));
        assert!(kept.next_hop.addr().is_some() && kept.get(code::NEXT_HOP).is_none());
    }
    let long = body("", &format!("{ORIGIN}{PATH}{NEXT_HOP}d0630002 0102"), ROUTE);
    let update = Update::check(&long, &ebgp()).unwrap();
    let unknown = update.attribute(0x63).unwrap();
    assert_eq!((unknown.flags, unknown.value), (0xd0, &[1, 2][..]), "as it came");
    let told = update.attributes_in(Dialect::V6).find(|attr| attr.code == 0x63).unwrap();
    assert_eq!((told.flags, told.value), (0xf0, &[1, 2][..]), "Partial, and otherwise as it came");
    let kept = update.attributes_of(&update.announced().next().unwrap());
    assert!(kept.bytes().ends_with(&[0xd0, 0x63, 0, 2, 1, 2]), "byte for byte");
}

/// Messages from files and our own ones are read as they are.
#[test]
fn inspection_asks_for_nothing() {
    let cx = Context::plain(Asn(65000), Asn(65001));
    let message = body("", &format!("{ORIGIN}{LOCAL_PREF}70990004 00000064"), ROUTE);
    let update = Update::inspect(&message, &cx).unwrap();
    assert_eq!(update.faults(), &[]);
    assert_eq!(update.announced().map(|b| b.next_hop).collect::<Vec<_>>(), [NextHop::None]);
    let mut json = String::new();
    update.attributes_json(&mut json, Dialect::V6);
    assert_eq!(json, r#""origin": "igp", "local-preference": 100, "attribute-0x99-0x70": "0x00000064""#);
    let mapped = body("", &format!("{ORIGIN}{PATH}800e0e0002 01 04 c0000201 00 2020010db8"), "");
    assert!(Update::check(&mapped, &ebgp()).is_err());
    assert_eq!(Update::inspect(&mapped, &cx).unwrap().announced().count(), 1);
    // what comes before the broken octet can be read, and so can routes whose next hop cannot
    for (message, routes) in [
        (body("", ORIGIN, "210a"), 0),
        (body("", ORIGIN, "080a 210a"), 1),
        (body("", &format!("{ORIGIN}800e0a0002 01 00 00 2020010db8"), ""), 1),
        (body("", &format!("{ORIGIN}800e0c0002 01 02 c000 00 2020010db8"), ""), 1),
        (body("", &format!("{ORIGIN}800f0a0002 01 2020010db8 8120"), ""), 0),
    ] {
        let update = Update::inspect(&message, &cx).unwrap();
        let faults: Vec<Outcome> = update.faults().iter().map(|fault| fault.outcome).collect();
        assert_eq!(faults, [Outcome::SessionReset], "{message:02x?}");
        assert_eq!(update.announced().flat_map(|block| block.iter()).count(), routes, "{message:02x?}");
        assert!(update.announced().all(|block| block.next_hop == NextHop::None && block.iter().count() > 0));
        assert!(Update::check(&message, &ebgp()).is_err());
    }
    let broken = body("", &format!("{ORIGIN}{NEXT_HOP}800403000001"), ROUTE);
    let update = Update::inspect(&broken, &cx).unwrap();
    assert_eq!((update.faults().len(), update.is_treat_as_withdraw()), (1, false));
    assert_eq!((update.announced().count(), update.withdrawn().count()), (1, 0));
    let mut json = String::new();
    update.attributes_json(&mut json, Dialect::V5);
    assert_eq!(json, r#""origin": "igp""#);
}

/// AS 0 breaks a route (RFC 7607) that somebody sent us; one that stands in a file is shown as it stands.
#[test]
fn as_zero_is_to_be_seen_in_files() {
    for (cx, path, aggregator) in [
        (ebgp(), "400206 0201 00000000", "c00708 00000000 c0000201"),
        (two_octets(), "400204 0201 0000", "c00706 0000 c0000201"),
        (two_octets(), "400204 0201 5ba0 c01106 0201 00000000", "c00706 5ba0 c0000201 c01208 00000000 c0000201"),
    ] {
        let message = body("", &format!("{ORIGIN}{path}{NEXT_HOP}{aggregator}"), ROUTE);
        let update = Update::inspect(&message, &cx).unwrap();
        assert_eq!(update.faults(), &[]);
        let mut json = String::new();
        update.attributes_json(&mut json, Dialect::V4);
        assert!(json.contains(r#""as-path": [ 0 ]"#) && json.contains(r#""aggregator": "0:192.0.2.1""#), "{json}");
        let checked = Update::check(&message, &cx).unwrap();
        assert!(!checked.faults().is_empty());
        assert!(checked.attributes().all(|attr| attr.code != 7 || attr.value[..4] != [0; 4]));
    }
}

/// Walks everything there is to walk; ends, and says nothing that is not there.
fn read_it_all(message: &[u8], cx: &Context) {
    for update in [Update::check(message, cx), Update::inspect(message, cx)] {
        let update = match update {
            Ok(update) => update,
            Err(fault) => {
                assert_eq!(fault.outcome, Outcome::SessionReset);
                assert!(fault.malformed.offset <= message.len() + 19);
                continue;
            }
        };
        assert!(update.faults().iter().all(|fault| fault.malformed.offset <= message.len() + 19));
        let mut octets = 0;
        let (mut text, mut json) = (String::new(), String::new());
        for block in update.announced().chain(update.withdrawn()) {
            for (path_id, nlri) in block.iter() {
                octets += nlri.len() + path_id.map_or(0, |_| 4);
                let shown = Shown { nlri, path_id, next_hop: Some(&block.next_hop), hop: "", withdrawn: false };
                (block.spec().text)(&shown, &mut text, Dialect::V5);
                (block.spec().json)(&shown, &mut json, Dialect::V5, false);
            }
            octets -= block.bytes().len();
            let _ = update.attributes_of(&block);
        }
        assert_eq!(octets, 0, "every octet of a block is in one of its routes");
        for dialect in [Dialect::V4, Dialect::V5, Dialect::V6] {
            attribute::text_all(update.attributes(), None, &mut text, dialect);
            let mut json = String::from("{");
            update.attributes_json(&mut json, dialect);
            json.push('}');
            assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{json}");
        }
    }
}

fn contexts() -> [Context; 4] {
    let paths = Context { add_path_receive: vec![Family::IPV4_UNICAST, Family::IPV6_UNICAST], ..ibgp() };
    [ebgp(), ibgp(), two_octets(), paths]
}

fn full_message() -> Vec<u8> {
    let attributes = format!(
        "{ORIGIN}{PATH}{NEXT_HOP} 800404 00000032 {LOCAL_PREF} 400600 c00708 0000fde90a000009 c00808 fde90064ffffff01
         800904 0a000001 800a08 0a0000020a000003 c01010 0002fde900000064 0102c0000201 0005 c01106 0201fa56ea00
         c01208 fa56ea000a000001 801a0b 01000b000000000000000a c0200c 000000010000000200000003 c06304 deadbeef
         c0800b 0000fde9 800404 00000001 800f08 000201 20 20010db9
         800e1a 000201 10 20010db8000000000000000000000001 00 20 20010db8"
    );
    body("180a0002", &attributes.split_whitespace().collect::<String>(), "180a0001 17c0a8fe")
}

#[test]
fn every_single_bit_and_every_length() {
    let message = full_message();
    for cx in contexts() {
        read_it_all(&message, &cx);
        for n in 0..message.len() {
            read_it_all(&message[..n], &cx);
        }
        for bit in 0..message.len() * 8 {
            let mut flipped = message.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            read_it_all(&flipped, &cx);
        }
    }
}

proptest! {
    #[test]
    fn random_bodies(message in prop::collection::vec(any::<u8>(), 0..120), which in 0..4usize) {
        read_it_all(&message, &contexts()[which]);
    }

    #[test]
    fn random_attributes_in_a_sound_frame(
        attrs in prop::collection::vec((0..40u8, prop::sample::select(vec![0x40u8, 0x80, 0xc0, 0xe0, 0x50]),
            prop::collection::vec(0..12u8, 0..24)), 0..8),
        nlri in prop::collection::vec(prop::sample::select(vec![0u8, 8, 10, 16, 24, 33]), 0..12),
        which in 0..4usize,
    ) {
        let mut bytes = Vec::new();
        attrs.iter().for_each(|(code, flags, value)| attribute::write(&mut bytes, Attr { code: *code, flags: *flags, value }));
        let mut message = vec![0, 0];
        message.extend(u16::try_from(bytes.len()).unwrap().to_be_bytes());
        message.extend(bytes);
        message.extend(nlri);
        read_it_all(&message, &contexts()[which]);
    }

    #[test]
    fn several_octets_changed(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), which in 0..4usize) {
        let mut message = full_message();
        for (at, value) in changes {
            let at = at.index(message.len());
            message[at] = value;
        }
        read_it_all(&message, &contexts()[which]);
    }
}

/// A wrong header is told where it is, not where the value begins.
#[test]
fn faults_lie_where_their_field_is() {
    // in front of them: header, two lengths, ORIGIN
    let attributes = 19 + 4 + 4;
    let table = [
        ("flags", "c002060201 0000fde9".to_owned(), "attribute flags", attributes),
        ("flags, extended", "d00200060201 0000fde9".to_owned(), "attribute flags", attributes),
        ("length", format!("400200{NEXT_HOP}c00800"), "attribute length", attributes + 3 + 7 + 2),
        ("value", "4002060901 0000fde9".to_owned(), "AS_PATH", attributes + 3),
    ];
    for (name, rest, what, offset) in table {
        let body = body("", &format!("{ORIGIN}{rest}"), ROUTE);
        let update = Update::check(&body, &ibgp()).unwrap();
        let told: Vec<_> = update.faults().iter().map(|f| (f.malformed.what, f.malformed.offset)).collect();
        assert!(told.contains(&(what, offset)), "{name}: {told:?}");
    }
}
