//! Records of route collectors.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use herald_bgp::attribute::code;
use herald_bgp::context::Context;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::message::HEADER as MESSAGE_HEADER;
use herald_bgp::mrt::{Entry, Record, is_likely, split, write_update};
use herald_bgp::nlri::NextHop;
use herald_bgp::update::Update;
use herald_bgp::value::Asn;
use std::net::IpAddr;

fn octets(hex: &str) -> Vec<u8> {
    herald_bgp::text::hex(&hex.replace([' ', '\n'], "")).unwrap()
}

/// A record: type, subtype, body.
fn record(kind: u16, subtype: u16, body: &str) -> Vec<u8> {
    let body = octets(body);
    let mut out = octets("5f5e1000");
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&subtype.to_be_bytes());
    out.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
    out.extend_from_slice(&body);
    out
}

fn first(file: &[u8]) -> Record<'_> {
    assert!(is_likely(file));
    let (record, rest) = split(file, 1 << 20).unwrap().unwrap();
    assert!(rest.is_empty());
    record
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

const KEEPALIVE: &str = "ffffffffffffffffffffffffffffffff001304";
/// ORIGIN, AS_PATH of two four-octet AS numbers, NEXT_HOP.
const ATTRIBUTES: &str = "40010100 40020a02020000fde900030d40 400304c0000201";

#[test]
fn messages_of_sessions() {
    for (subtype, asn4, add_path, sent) in [
        (1, false, false, false),
        (4, true, false, false),
        (6, false, false, true),
        (7, true, false, true),
        (8, false, true, false),
        (9, true, true, false),
        (10, false, true, true),
        (11, true, true, true),
    ] {
        let asns = if asn4 { "0000fde9 00030d40" } else { "fde9 5ba0" };
        let body = format!("{asns} 0000 0001 c0000202 c0000201 {KEEPALIVE}");
        let file = record(16, subtype, &body);
        let Ok(Entry::Message(session, message)) = first(&file).read() else { panic!("{subtype}") };
        assert_eq!((session.asn4, session.add_path, session.sent), (asn4, add_path, sent));
        assert_eq!((session.peer_as, session.local_as.0), (Asn(65001), if asn4 { 200_000 } else { 23456 }));
        assert_eq!((session.peer, session.local), (ip("192.0.2.2"), ip("192.0.2.1")));
        assert_eq!(message, octets(KEEPALIVE));
    }
}

#[test]
fn time_may_be_finer_than_seconds() {
    let body = format!("000f423f fde9 fdea 0000 0002 {} {} {KEEPALIVE}", "20010db8".repeat(4), "20010db9".repeat(4));
    let file = record(17, 1, &body);
    let record = first(&file);
    assert_eq!((record.seconds, record.micros), (0x5f5e_1000, 999_999));
    let Ok(Entry::Message(session, _)) = record.read() else { panic!() };
    assert_eq!(session.peer, ip("2001:db8:2001:db8:2001:db8:2001:db8"));
}

#[test]
fn states_of_sessions() {
    for (subtype, asns) in [(0, "fde9 fdea"), (5, "0000fde9 0000fdea")] {
        let file = record(16, subtype, &format!("{asns} 0000 0001 c0000202 c0000201 0006 0001"));
        let Ok(Entry::State { session, old, new }) = first(&file).read() else { panic!("{subtype}") };
        assert_eq!((session.peer_as.0, old, new), (65001, 6, 1));
    }
}

#[test]
fn tables() {
    let index = "c0000209 0004 76696577 0002 \
                 00 c0000202 c0000202 fde9 \
                 03 c0000203 20010db8000000000000000000000003 00030d40";
    let file = record(13, 1, index);
    let Ok(Entry::Peers(index)) = first(&file).read() else { panic!() };
    assert_eq!((index.collector.to_string().as_str(), index.view), ("192.0.2.9", &b"view"[..]));
    let peers: Vec<_> = index.peers().map(Result::unwrap).collect();
    assert_eq!((peers[0].address, peers[0].asn.0), (ip("192.0.2.2"), 65001));
    assert_eq!((peers[1].address, peers[1].asn.0), (ip("2001:db8::3"), 200_000));

    let entry = format!("0001 5f5e0fff 0018 {ATTRIBUTES}");
    let file = record(13, 2, &format!("00000007 18 0a0001 0002 {entry} {entry}"));
    let Ok(Entry::Rib(rib)) = first(&file).read() else { panic!() };
    assert_eq!((rib.sequence, rib.family, rib.nlri), (7, Family::IPV4_UNICAST, &[24, 10, 0, 1][..]));
    let entries: Vec<_> = rib.entries().map(Result::unwrap).collect();
    assert_eq!(entries.len(), 2);
    assert_eq!((entries[1].peer, entries[1].originated, entries[1].path_id), (1, 0x5f5e_0fff, None));
    assert_eq!(entries[1].attributes, octets(ATTRIBUTES));

    // path identifiers, and a family in words
    let file = record(13, 8, &format!("00000000 08 0a 0001 0000 00000000 00000005 0018 {ATTRIBUTES}"));
    let Ok(Entry::Rib(rib)) = first(&file).read() else { panic!() };
    assert_eq!(rib.entries().next().unwrap().unwrap().path_id, Some(5));
    let file = record(
        13,
        6,
        &format!("00000000 0001 80 70 000051 0000fde900000001 0a0001 0001 0000 00000000 0018 {ATTRIBUTES}"),
    );
    let Ok(Entry::Rib(rib)) = first(&file).read() else { panic!() };
    assert_eq!((rib.family, rib.nlri.len()), (Family::new(Afi::IPV4, Safi(128)), 15));
}

#[test]
fn tables_of_the_first_generation() {
    let file =
        record(12, 1, "0000 0001 0a000100 18 01 5f5e0fff c0000202 fde9 0012 40010100 400204 0201fde9 400304c0000201");
    let Ok(Entry::TableDump { peer, prefix, entry }) = first(&file).read() else { panic!() };
    assert_eq!((peer.address, peer.asn.0, prefix.to_string().as_str()), (ip("192.0.2.2"), 65001, "10.0.1.0/24"));
    assert_eq!((entry.originated, entry.attributes.len()), (0x5f5e_0fff, 18));
    // longer than its address
    let file = record(12, 1, "0000 0001 0a000100 21 01 5f5e0fff c0000202 fde9 0000");
    assert!(first(&file).read().is_err());
}

#[test]
fn every_cut_and_every_flipped_bit_has_a_verdict() {
    let index = record(13, 1, "c0000209 0000 0001 00 c0000202 c0000202 fde9");
    let rib = record(13, 2, &format!("00000007 18 0a0001 0001 0000 5f5e0fff 0018 {ATTRIBUTES}"));
    let message = record(16, 4, &format!("0000fde9 0000fdea 0000 0001 c0000202 c0000201 {KEEPALIVE}"));
    let dump = record(12, 1, "0000 0001 0a000100 18 01 5f5e0fff c0000202 fde9 0004 40010100");
    let look = |file: &[u8]| {
        let Ok(Some((record, _))) = split(file, 1 << 16) else { return };
        match record.read() {
            Ok(Entry::Rib(rib)) => rib.entries().for_each(|entry| {
                let Ok(entry) = entry else { return };
                let _ = write_update(rib.family, entry.path_id, rib.nlri, entry.attributes, &mut Vec::new());
            }),
            Ok(Entry::Peers(index)) => assert!(index.peers().count() <= 65535),
            _ => {}
        }
    };
    for file in [index, rib, message, dump] {
        for cut in 0..file.len() {
            assert_eq!(split(&file[..cut], 1 << 16).map(|found| found.is_some()), Ok(false), "{cut}");
            // the same cut, with a length that says so
            let mut short = file[..cut.max(12)].to_vec();
            let length = u32::try_from(short.len() - 12).unwrap();
            short[8..12].copy_from_slice(&length.to_be_bytes());
            look(&short);
        }
        for bit in 0..file.len() * 8 {
            let mut flipped = file.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            look(&flipped);
        }
    }
    assert!(split(&record(16, 4, &"00".repeat(100)), 99).is_err());
}

/// The message of a table's route, read back.
fn read(family: Family, nlri: &[u8], path_id: Option<u32>, attributes: &[u8], look: impl FnOnce(&Update<'_>)) {
    let mut message = Vec::new();
    write_update(family, path_id, nlri, attributes, &mut message).unwrap();
    let mut cx = Context::plain(Asn(65000), Asn(65001));
    if path_id.is_some() {
        cx.add_path_receive = vec![family];
    }
    let update = Update::inspect(&message[MESSAGE_HEADER..], &cx).unwrap();
    assert_eq!(update.faults(), []);
    let block = update.announced().next().unwrap();
    assert_eq!(block.spec().family, family);
    assert_eq!(block.iter().collect::<Vec<_>>(), [(path_id, nlri)]);
    look(&update);
}

#[test]
fn a_route_of_a_table_is_a_message_again() {
    let hop = |update: &Update<'_>| update.announced().next().unwrap().next_hop;
    read(Family::IPV4_UNICAST, &[24, 10, 0, 1], Some(9), &octets(ATTRIBUTES), |update| {
        assert_eq!(hop(update), NextHop::Addr(ip("192.0.2.1")));
        assert_eq!(update.attribute(code::AS_PATH).unwrap().value, octets("02020000fde900030d40"));
    });
    // the next hop alone, and in a whole attribute
    let (nlri, address) = ([32, 0x20, 1, 0x0d, 0xb8], "20010db8000000000000000000000001");
    for mp_reach in [format!("800e11 10{address}"), format!("800e1a 0002 01 10{address} 00 2020010db8")] {
        let attributes = octets(&format!("40010100 400200 {mp_reach}"));
        read(Family::IPV6_UNICAST, &nlri, None, &attributes, |update| {
            assert_eq!(hop(update), NextHop::Addr(ip("2001:db8::1")));
        });
    }
    // RFC 8950: IPv4 behind an IPv6 next hop
    let attributes = octets(&format!("40010100 400200 800e11 10{address}"));
    read(Family::IPV4_UNICAST, &[8, 10], None, &attributes, |update| {
        assert_eq!(hop(update), NextHop::Addr(ip("2001:db8::1")));
    });
    // NEXT_HOP where MP_REACH_NLRI should have it
    let vpn = Family::new(Afi::IPV4, Safi(128));
    read(vpn, &octets("70 000051 0000fde900000001 0a0001"), None, &octets(ATTRIBUTES), |update| {
        assert_eq!(hop(update), NextHop::Addr(ip("192.0.2.1")));
        assert!(update.attribute(code::NEXT_HOP).is_none());
    });
    // no message is as long as this
    let long = [&[0xd0, 99, 0xff, 0xfb][..], &[0; 65531]].concat();
    assert!(write_update(Family::IPV4_UNICAST, None, &[8, 10], &long, &mut Vec::new()).is_err());
}
