//! Messages field by field: whatever a row of a table makes up is shown octet by octet, each once.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use herald_bgp::attribute::{self, ATTRIBUTES, Attr, Attributes, code};
use herald_bgp::capability::CAPABILITIES;
use herald_bgp::context::Context;
use herald_bgp::dialect::Dialect;
use herald_bgp::dice::Dice;
use herald_bgp::error::Outcome;
use herald_bgp::explain::{self, Explanation, Field};
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::message::{self, Kind};
use herald_bgp::nlri::{FAMILIES, NextHop, Stored};
use herald_bgp::open::Open;
use herald_bgp::text::hex;
use herald_bgp::update::pack::{self, Flush};
use herald_bgp::value::Asn;
use proptest::prelude::*;

fn session() -> Context {
    Context { families: FAMILIES.iter().map(|spec| spec.family).collect(), ..Context::plain(Asn(65000), Asn(65000)) }
}

/// The leaves, in order. Fails if there is a gap or an overlap anywhere.
fn leaves(fields: &[Field], from: usize, to: usize) -> Vec<&Field> {
    let mut out = Vec::new();
    let mut at = from;
    for field in fields {
        assert!(field.at == at && field.len > 0, "{field:?} where {at} comes next");
        at += field.len;
        match &field.parts[..] {
            [] => out.push(field),
            parts => out.extend(leaves(parts, field.at, at)),
        }
    }
    assert_eq!(at, to, "{fields:?}");
    out
}

fn named<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    fields.iter().find_map(|field| if field.meaning.name == name { Some(field) } else { named(&field.parts, name) })
}

fn explained(bytes: &[u8]) -> Explanation {
    let explanation = explain::message(bytes, &session(), Dialect::V6);
    leaves(&explanation.fields, 0, bytes.len());
    explanation
}

fn update(attributes: &[u8], nlri: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    message::write(&mut out, Kind::UPDATE, |out| {
        out.extend([0, 0]);
        out.extend(u16::try_from(attributes.len()).unwrap().to_be_bytes());
        out.extend(attributes);
        out.extend(nlri);
    });
    out
}

#[test]
fn nlri_of_every_family() {
    for spec in FAMILIES {
        for seed in 0..200 {
            let mut nlri = Vec::new();
            (spec.sample)(&mut Dice::new(seed), &mut nlri);
            let next_hop = match spec.next_hop {
                _ if spec.family.afi == Afi::IPV6 && !spec.next_hop.is_optional() => {
                    NextHop::Addr("2001:db8::1".parse().unwrap())
                }
                rule if rule.is_optional() => NextHop::None,
                _ => NextHop::Addr("192.0.2.1".parse().unwrap()),
            };
            for path_id in [None, Some(7)] {
                let mut cx = session();
                if path_id.is_some() {
                    // routes for multicast over IPv4 are in the field for unicast, where they have always been
                    cx.add_path_send = vec![spec.family];
                    cx.add_path_receive = vec![spec.family, Family::IPV4_UNICAST];
                }
                let flush = Flush { pack: false, pack_withdrawals: false, sort: false };
                let (stored, mut out) = (Stored::new(path_id, &nlri), Vec::new());
                let attributes = Attributes::new(next_hop, []);
                pack::announce(&mut out, &cx, spec.family, &attributes, &mut [&stored], &flush).unwrap();
                let explanation = explain::message(&out, &cx, Dialect::V6);
                let family = spec.family;
                leaves(&explanation.fields, 0, out.len());
                assert_eq!(explanation.faults, [], "{family} {seed}");
                let shown = named(&explanation.fields, "NLRI").unwrap_or_else(|| panic!("{family} {seed}: no NLRI"));
                assert!(
                    !shown.meaning.words.is_empty() && !shown.meaning.json.is_empty() && !shown.meaning.rfc.is_empty()
                );
                let length = nlri.len() + if path_id.is_some() { 4 } else { 0 };
                assert_eq!(
                    (shown.len, shown.meaning.words.contains("path-information 7")),
                    (length, path_id.is_some())
                );
                let alone = explain::nlri(&out[shown.at..shown.at + length], family, path_id.is_some(), Dialect::V6);
                leaves(&alone.fields, 0, length);
                assert_eq!(alone.fields.len(), 1, "{family} {seed}");
            }
        }
    }
}

#[test]
fn values_of_every_attribute() {
    for spec in ATTRIBUTES {
        for seed in 0..200 {
            let (mut value, mut bytes) = (Vec::new(), Vec::new());
            (spec.sample)(&mut Dice::new(seed), &mut value);
            attribute::write(&mut bytes, Attr { code: spec.code, flags: spec.flags, value: &value });
            let explanation = explained(&update(&bytes, &[]));
            let shown = named(&explanation.fields, spec.name).unwrap_or_else(|| panic!("{} {seed}", spec.name));
            assert_eq!((shown.at, shown.len, shown.meaning.rfc), (23, bytes.len(), spec.rfc));
            let names: Vec<_> = shown.parts.iter().take(3).map(|field| &*field.meaning.name).collect();
            assert_eq!(names, ["attribute flags", "attribute type", "attribute length"]);
            assert!(!shown.meaning.words.is_empty(), "{} {seed}", spec.name);
            let alone = explain::attributes(&bytes, &session(), Dialect::V6);
            leaves(&alone.fields, 0, bytes.len());
            assert_eq!(alone.fields.len(), 1);
            assert_eq!(alone.fields[0].meaning, shown.meaning);
        }
    }
}

#[test]
fn every_capability() {
    for spec in CAPABILITIES {
        for seed in 0..50 {
            let mut value = Vec::new();
            (spec.sample)(&mut Dice::new(seed), &mut value);
            let mut out = Vec::new();
            let capabilities = vec![(spec.code, value)];
            Open { capabilities, ..Open::new(65000, 90, [192, 0, 2, 1].into()) }.write(&mut out);
            let explanation = explained(&out);
            assert_eq!(explanation.faults, []);
            let shown = named(&explanation.fields, &format!("capability {}", spec.name)).unwrap();
            assert!(shown.meaning.rfc == spec.rfc && !shown.meaning.words.is_empty());
        }
    }
}

/// Offsets, names, numbers and words of the leaves.
fn rows(hexadecimal: &str) -> Vec<String> {
    let bytes = hex(hexadecimal).unwrap();
    let explanation = explained(&bytes);
    let row = |field: &&Field| {
        let words = [field.value(&bytes).unwrap_or_default(), field.meaning.words.clone()];
        format!("{} {} {}", field.at, field.meaning.name, words.join(" ").trim()).trim().to_owned()
    };
    leaves(&explanation.fields, 0, bytes.len()).iter().map(row).collect()
}

#[test]
fn an_update() {
    assert_eq!(
        rows(
            "ffffffffffffffffffffffffffffffff0048020000002d400101004002060201000\
              0fde8400304010203044005040000006480040400000005c00808ffffff01fde80001\
              180a0000"
        )[3..],
        [
            "19 withdrawn routes length 0",
            "21 total path attribute length 45",
            "23 attribute flags 64 well-known transitive",
            "24 attribute type 1 origin",
            "25 attribute length 1",
            "26 ORIGIN 0",
            "27 attribute flags 64 well-known transitive",
            "28 attribute type 2 as-path",
            "29 attribute length 6",
            "30 segment type 2 AS_SEQUENCE",
            "31 segment length 1",
            "32 AS number 65000",
            "36 attribute flags 64 well-known transitive",
            "37 attribute type 3 next-hop",
            "38 attribute length 4",
            "39 NEXT_HOP 1.2.3.4",
            "43 attribute flags 64 well-known transitive",
            "44 attribute type 5 local-preference",
            "45 attribute length 4",
            "46 LOCAL_PREF 100",
            "50 attribute flags 128 optional",
            "51 attribute type 4 med",
            "52 attribute length 4",
            "53 MULTI_EXIT_DISC 5",
            "57 attribute flags 192 optional transitive",
            "58 attribute type 8 community",
            "59 attribute length 8",
            "60 community no-export",
            "64 community 65000:1",
            "68 prefix length 24",
            "69 prefix",
        ]
    );
}

#[test]
fn other_messages() {
    let notification = "ffffffffffffffffffffffffffffffff001803060202686900";
    assert_eq!(
        rows(&notification.replace("0018", "0019").replace("6900", "690a"))[2..],
        [
            "18 type 3 NOTIFICATION",
            "19 error code 6 Cease",
            "20 error subcode 2 Administrative Shutdown",
            "21 Shutdown Communication length 2",
            "22 Shutdown Communication hi",
            "24",
        ]
    );
    assert_eq!(
        rows("ffffffffffffffffffffffffffffffff00170500010001")[3..],
        ["19 AFI 1 ipv4", "21 message subtype 0 query", "22 SAFI 1 unicast"]
    );
    assert_eq!(rows("ffffffffffffffffffffffffffffffff001304").len(), 3);
    let open = "ffffffffffffffffffffffffffffffff002b0104fde800b4010203040e\
                0206010400010001020445020001";
    assert_eq!(
        rows(open)[3..12],
        [
            "19 version 4",
            "20 my autonomous system 65000",
            "22 hold time 180",
            "24 BGP identifier 1.2.3.4",
            "28 optional parameters length 14",
            "29 parameter type 2",
            "30 parameter length 6",
            "31 capability code 1 multiprotocol",
            "32 capability length 4",
        ]
    );
}

#[test]
fn the_data_of_a_notification() {
    for (body, expected) in [
        ("01020012", &["21 erroneous length 18"][..]),
        ("010305", &["21 erroneous type 5 ROUTE-REFRESH"]),
        ("02010004", &["21 supported version 4"]),
        (
            "0207010400010001",
            &[
                "21 capability code 1 multiprotocol",
                "22 capability length 4",
                "23 AFI 1 ipv4",
                "25 reserved 0",
                "26 SAFI 1 unicast",
            ],
        ),
        ("030305", &["21 missing attribute type 5 local-preference"]),
        (
            "030640010109",
            &[
                "21 attribute flags 64 well-known transitive",
                "22 attribute type 1 origin",
                "23 attribute length 1",
                "24 ORIGIN 9",
            ],
        ),
        ("050102", &["21 unexpected type 2 UPDATE"]),
        ("0601000101000003e8", &["21 AFI 1 ipv4", "23 SAFI 1 unicast", "24 prefix limit 1000"]),
        ("0604026869", &["21 Shutdown Communication length 2", "22 Shutdown Communication hi"]),
        (
            "06090602026869",
            &[
                "21 encapsulated error code 6 Cease",
                "22 encapsulated error subcode 2 Administrative Shutdown",
                "23 Shutdown Communication length 2",
                "24 Shutdown Communication hi",
            ],
        ),
        // Hard Resets in each other, and what is not laid out as it should be
        (
            "060906090609",
            &[
                "21 encapsulated error code 6 Cease",
                "22 encapsulated error subcode 9 Hard Reset",
                "23 encapsulated data",
            ],
        ),
        (
            "060906020568",
            &[
                "21 encapsulated error code 6 Cease",
                "22 encapsulated error subcode 2 Administrative Shutdown",
                "23 encapsulated data malformed Shutdown Communication: h",
            ],
        ),
        ("0601000101", &["21 data"]),
        ("0306400105", &["21 data"]),
        ("06076869", &["21 data"]),
        ("0602056869", &["21 data malformed Shutdown Communication: hi"]),
    ] {
        let header = format!("ffffffffffffffffffffffffffffffff00{:02x}03", 19 + body.len() / 2);
        assert_eq!(rows(&(header + body))[5..], *expected, "{body}");
    }
}

#[test]
fn what_is_wrong_is_said_where_it_is() {
    let found = |hexadecimal: &str| {
        let faults = explained(&hex(hexadecimal).unwrap()).faults;
        let first = faults.first().unwrap();
        (
            first.malformed.what,
            first.malformed.offset,
            first.outcome,
            first.notification.code,
            first.notification.subcode,
        )
    };
    // ORIGIN 9
    let message = "ffffffffffffffffffffffffffffffff0030020000001540010109400200400304010203044005040000006418\
                   0a0000";
    assert_eq!(found(message), ("ORIGIN", 26, Outcome::TreatAsWithdraw, 3, 6));
    // the last attribute ends behind the message
    let message = "ffffffffffffffffffffffffffffffff001e020000000740010100400205";
    assert_eq!(found(message), ("attribute value", 30, Outcome::SessionReset, 3, 1));
    assert_eq!(found("fffffffffffffffffffffffffffffffe001304"), ("marker", 0, Outcome::SessionReset, 1, 1));
    assert_eq!(found("ffffffffffffffffffffffffffffffff001204"), ("length", 16, Outcome::SessionReset, 1, 2));
    assert_eq!(found("ffffffffffffffffffffffffffffffff001363"), ("type", 18, Outcome::SessionReset, 1, 3));
    assert_eq!(found("ffffffffffffffffffffffffffffffff001702"), ("message", 19, Outcome::SessionReset, 1, 2));
    assert_eq!(found("ffffffffffffffff"), ("header", 8, Outcome::SessionReset, 1, 2));
    let refresh = |rest: &str| format!("ffffffffffffffffffffffffffffffff00{:02x}05{rest}", 19 + rest.len() / 2);
    for mark in ["0001010100", "0001020105060708"] {
        assert_eq!(found(&refresh(mark)), ("ROUTE-REFRESH", 23, Outcome::SessionReset, 7, 1));
        let message = hex(&refresh(mark)).unwrap();
        assert_eq!(explained(&message).faults[0].notification.data, message);
    }
    for good in ["00010101", "00010201", "0001000100", "0001030100"] {
        assert_eq!(explained(&hex(&refresh(good)).unwrap()).faults, [], "{good}");
    }
    let open = "ffffffffffffffffffffffffffffffff001d0103fde800b40102030400";
    assert_eq!(found(open), ("version", 19, Outcome::SessionReset, 2, 1));
}

proptest! {
    #[test]
    fn any_octets_are_shown_once(
        kind in 0u8..8,
        body in prop::collection::vec(any::<u8>(), 0..200),
        noise in prop::collection::vec(any::<u8>(), 0..60),
        family in 0..FAMILIES.len(),
        asn4: bool,
    ) {
        let mut out = Vec::new();
        message::write(&mut out, Kind(kind), |out| out.extend(&body));
        let cx = Context { asn4, ..session() };
        for bytes in [&out, &noise] {
            leaves(&explain::message(bytes, &cx, Dialect::V6).fields, 0, bytes.len());
            leaves(&explain::attributes(bytes, &cx, Dialect::V5).fields, 0, bytes.len());
        }
        for with_path_id in [true, false] {
            let explanation = explain::nlri(&noise, FAMILIES[family].family, with_path_id, Dialect::V4);
            leaves(&explanation.fields, 0, noise.len());
        }
    }

    #[test]
    fn a_damaged_update_is_shown_once(seed: u64, row in 0..ATTRIBUTES.len(), at: prop::sample::Index, octet: u8, asn4: bool) {
        let spec = &ATTRIBUTES[row];
        let (mut dice, mut value, mut bytes) = (Dice::new(seed), Vec::new(), Vec::new());
        (spec.sample)(&mut dice, &mut value);
        attribute::write(&mut bytes, Attr { code: code::ORIGIN, flags: 0x40, value: &[0] });
        attribute::write(&mut bytes, Attr { code: spec.code, flags: spec.flags, value: &value });
        let mut message = update(&bytes, &[24, 10, 0, 0]);
        let at = 16 + at.index(message.len() - 16);
        message[at] = octet;
        let explanation = explain::message(&message, &Context { asn4, ..session() }, Dialect::V6);
        leaves(&explanation.fields, 0, message.len());
    }
}

/// What is inside NLRI is named, too, and no octets are left without a name in those that are well-formed.
#[test]
fn fields_of_nlri() {
    let says = |afi, safi, octets: &str, wanted: &[(&str, &str)]| {
        let family = Family::new(Afi(afi), Safi(safi));
        let octets = hex(&octets.replace(' ', "")).unwrap();
        let explanation = explain::nlri(&octets, family, false, Dialect::V6);
        let leaves: Vec<_> = leaves(&explanation.fields, 0, octets.len()).into_iter().cloned().collect();
        for (name, words) in wanted {
            let found = leaves.iter().any(|field| field.meaning.name == *name && field.meaning.words == *words);
            assert!(
                found || words.is_empty() && leaves.iter().any(|f| f.meaning.name == *name),
                "{name} {words}: {leaves:#?}"
            );
        }
    };
    let mac_ip = "02 21 0001c00002010002 00000000000000000000 00000000 30 001122334455 00 000641";
    says(
        25,
        70,
        mac_ip,
        &[("route type", "mac-ip"), ("rd", "192.0.2.1:2"), ("mac", "00:11:22:33:44:55"), ("label", "label 100")],
    );
    let rule = "0d 01 20 c0000201 03 81 06 05 9103e8";
    says(
        1,
        133,
        rule,
        &[("component type", "destination-ipv4"), ("component type", "protocol"), ("operator", ""), ("value", "")],
    );
    says(
        25,
        65,
        "0011 0000fde800000001 0005 0001 0008 000641",
        &[("route distinguisher", "65000:1"), ("VE ID", ""), ("label base", "")],
    );
    says(1, 73, "60 00000001 00000064 c0000201", &[("distinguisher", ""), ("policy color", ""), ("endpoint", "")]);
    says(1, 132, "60 0000fde8 0002fde800000064", &[("origin AS", ""), ("route target", "target:65000:100")]);
}

/// What is inside of TLVs has names, and the TLVs themselves.
#[test]
fn fields_inside_of_values() {
    let cases = [
        ("C016090006000641C0000201", "tunnel-type=ingress-replication MPLS-label=100 endpoint="),
        ("C028150100070000000000012C03000800000C3500000064", "label-index= base= range="),
        (
            "C028250500220001001E0020010DB800010001000000000000000000004800010006401810000000",
            "SID= endpoint-behavior= locator-block-length=",
        ),
        ("C0171E0008001A010C800000640000000000000000060A000000000001C0000201", "virtual-network= address="),
        (
            "C01730000F002C0C060000000000640D061000000641008000190009060000000000030106000003E81100030600000A000001",
            "preference= label-stack-entry=label_100 weight= algorithm= ipv4=",
        ),
        ("801D0B044B000730050000000064", "flags=[_V_L_] weight=5 sid=label_100"),
    ];
    for (hexadecimal, expected) in cases {
        let explanation = explain::attributes(&hex(hexadecimal).unwrap(), &session(), Dialect::V6);
        assert_eq!(explanation.faults, [], "{hexadecimal}");
        for (name, words) in expected.split(' ').filter_map(|pair| pair.split_once('=')) {
            let field = named(&explanation.fields, name).unwrap_or_else(|| panic!("{hexadecimal}: no {name}"));
            assert_eq!(field.meaning.words, words.replace('_', " "), "{hexadecimal}: {name}");
        }
    }
}
