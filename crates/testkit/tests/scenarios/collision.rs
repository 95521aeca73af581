//! Two connections, one session (RFC 4271 §6.8, RFC 6286 §2.3).

use super::common::*;
use herald_bgp::value::Asn;
use herald_speaker::config::PeerConfig;
use herald_testkit::script::{Script, keepalive, open};
use herald_testkit::sim::Sim;
use std::net::Ipv4Addr;

/// The speaker calls and is called before any OPEN; then the peer opens both connections.
fn collide(id: Ipv4Addr, peer_as: u16) -> Sim {
    let peer = PeerConfig { peer_as: Some(Asn(peer_as.into())), ..neighbour(1, 2, 90) };
    let mut sim = scripted(Script::default(), peer);
    sim.segment = usize::MAX;
    sim.call(ip(2), ip(1));
    sim.run(millis(50));
    assert_eq!(sim.connections(ip(1)), 2, "{:#?}", sim.trace);
    sim.say(ip(2), &open(peer_as, 90, id));
    sim.run(millis(100));
    sim.say(ip(2), &keepalive());
    sim.run(secs(30));
    sim
}

/// Which connection was closed with 6/7.
fn closed(sim: &Sim) -> &'static str {
    let refused = "255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 21, 3, 6, 7]";
    let lines: Vec<_> = sim.trace.iter().filter(|line| line.contains("Close {")).collect();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains(refused), "{lines:#?}");
    if lines[0].contains("conn: ConnId(1),") { "ours" } else { "theirs" }
}

#[test]
fn the_connection_of_the_higher_identifier_stays() {
    let table = [
        (Ipv4Addr::new(10, 0, 0, 2), 65002, "ours"),
        (Ipv4Addr::new(9, 0, 0, 2), 65002, "theirs"),
        // Numbers, not texts: 10.0.0.1 is less than 100.0.0.1, and 9.255.255.255 less than 10.0.0.1.
        (Ipv4Addr::new(100, 0, 0, 1), 65002, "ours"),
        (Ipv4Addr::new(9, 255, 255, 255), 65002, "theirs"),
        // Equal identifiers: the higher AS.
        (Ipv4Addr::new(10, 0, 0, 1), 65002, "ours"),
        (Ipv4Addr::new(10, 0, 0, 1), 64000, "theirs"),
    ];
    for (id, asn, loser) in table {
        let sim = collide(id, asn);
        assert_eq!(closed(&sim), loser, "{id} {asn}");
        assert_eq!((sim.count(" Up"), lost(&sim), sim.connections(ip(1))), (1, 0, 1), "{id}: {:#?}", sim.trace);
    }
}

#[test]
fn an_established_session_is_not_disturbed() {
    let mut sim = established(script(90), passive(90));
    for n in 1..20 {
        sim.call(ip(2), ip(1));
        sim.run(secs(n));
    }
    assert_eq!(notifications(&sim), [(6, 7); 19]);
    assert_eq!((sim.count(" Up"), sim.count(" Down"), sim.connections(ip(1))), (1, 0, 1));
}

#[test]
fn a_connection_without_an_open_does_not_stand_in_the_way() {
    // Somebody connects from the peer's address and says nothing.
    let mut sim = scripted(Script::default(), passive(90));
    sim.segment = usize::MAX;
    sim.call(ip(2), ip(1));
    sim.run(secs(1));
    sim.script(ip(2), script(90));
    sim.call(ip(2), ip(1));
    sim.run(secs(2));
    assert_eq!((sim.count(" Up"), sim.connections(ip(1))), (1, 1), "{:#?}", sim.trace);
    assert_eq!(notifications(&sim), [(6, 7)], "the silent one was closed when the other was established");
}

#[test]
fn many_silent_connections_push_out_the_oldest() {
    let mut sim = scripted(Script::default(), passive(90));
    sim.segment = usize::MAX;
    for n in 1..=20 {
        sim.call(ip(2), ip(1));
        sim.run(secs(n));
    }
    assert_eq!(sim.connections(ip(1)), 8);
    assert_eq!(notifications(&sim), [(6, 7); 12]);
    // And there is still room for the right one.
    sim.script(ip(2), script(90));
    sim.call(ip(2), ip(1));
    sim.run(secs(30));
    assert_eq!((sim.count(" Up"), sim.connections(ip(1))), (1, 1));
}

#[test]
fn both_sides_agree_however_the_octets_travel() {
    for seed in 0..100 {
        let mut sim = pair(seed, 30);
        sim.latency = millis(1 + seed % 7 * 40);
        sim.segment = 1 + usize::try_from(seed % 30).unwrap();
        sim.run(secs(120));
        assert_eq!((sim.connections(ip(1)), sim.connections(ip(2))), (1, 1), "{seed}: {:#?}", sim.trace);
        assert_eq!((sim.count(" Up"), lost(&sim)), (2, 0), "{seed}: {:#?}", sim.trace);
    }
}
