//! A neighbour that is a network: each caller from it is a peer of its own.

use super::common::*;
use herald_bgp::value::Asn;
use herald_speaker::config::PeerConfig;
use herald_testkit::script::{Script, keepalive};
use herald_testkit::sim::Sim;
use std::net::Ipv4Addr;

/// 10.0.0.N/24 of any AS.
fn network(n: u8, range: u8) -> PeerConfig {
    PeerConfig { range, peer_as: None, ..neighbour(1, n, 90) }
}

/// Callers at 11 to 13, each in an AS of its own.
fn sim(peers: Vec<PeerConfig>) -> Sim {
    let mut sim = Sim::new(4);
    sim.speaker(ip(1), 4);
    for n in 11..14 {
        sim.script(ip(n), Script::new(65000 + u16::from(n), 90, Ipv4Addr::new(10, 0, 0, n)));
    }
    configure(&mut sim, 1, peers);
    sim
}

fn call(sim: &mut Sim, n: u8) {
    sim.call(ip(n), ip(1));
    let now = sim.now().mono.since(Default::default());
    sim.run(now + millis(100));
}

fn told(sim: &Sim, n: u8) -> Vec<(u8, u8)> {
    sim.heard(ip(n)).unwrap().notifications()
}

/// How often a caller was announced 10.N.0.0/16.
fn announced(sim: &Sim, caller: u8, n: u8) -> usize {
    sim.heard(ip(caller)).unwrap().bodies(2).filter(|body| body.windows(3).any(|nlri| nlri == [16, 10, n])).count()
}

/// How many neighbours `show neighbor` knows.
fn shown(sim: &mut Sim) -> usize {
    let before = sim.trace.len();
    say(sim, 1, "show neighbor summary");
    let lines = sim.trace.split_off(before);
    lines.iter().map(|line| line.matches("NeighborReport {").count()).sum()
}

#[test]
fn callers_are_peers_with_the_routes_of_the_network_and_go_with_their_sessions() {
    let mut sim = sim(vec![network(0, 24)]);
    say(&mut sim, 1, "announce route 10.40.0.0/16 next-hop 10.0.0.1");
    sim.run(secs(600));
    assert_eq!((sim.count("Connect {"), shown(&mut sim)), (0, 1), "a network is not called");
    call(&mut sim, 11);
    call(&mut sim, 12);
    for n in [11, 12] {
        assert_eq!(sim.count(&format!("10.0.0.{n} Up")), 1, "{:#?}", sim.trace);
        assert_eq!(announced(&sim, n, 40), 1);
    }
    assert_eq!(shown(&mut sim), 3);
    say(&mut sim, 1, "announce route 10.41.0.0/16 next-hop 10.0.0.1");
    sim.run(secs(610));
    assert_eq!([announced(&sim, 11, 41), announced(&sim, 12, 41)], [1, 1]);
    // One leaves; the other does not notice.
    sim.hang_up(ip(11));
    sim.run(secs(611));
    assert_eq!((sim.count("10.0.0.11 Down"), sim.count("10.0.0.12 Down"), shown(&mut sim)), (1, 0, 2));
    say(&mut sim, 1, "announce route 10.42.0.0/16 next-hop 10.0.0.1");
    call(&mut sim, 11);
    assert_eq!([announced(&sim, 11, 42), announced(&sim, 12, 42), announced(&sim, 11, 40)], [1, 1, 2]);
}

#[test]
fn who_is_configured_by_address_is_no_caller() {
    let own = PeerConfig { passive: true, hold_time: 30, ..neighbour(1, 11, 30) };
    let mut sim = sim(vec![network(0, 24), own]);
    call(&mut sim, 11);
    assert_eq!((sim.count("10.0.0.11 Up"), shown(&mut sim)), (1, 2));
    sim.hang_up(ip(11));
    sim.run(secs(2));
    assert_eq!(shown(&mut sim), 2, "it stays configured");
}

#[test]
fn who_fits_no_network_or_two_is_refused() {
    let mut sim = sim(vec![network(12, 31), network(12, 30)]);
    call(&mut sim, 11);
    call(&mut sim, 13);
    assert_eq!((told(&sim, 11), told(&sim, 13)), (vec![(6, 3)], vec![(6, 5)]), "no such neighbour; several");
    assert_eq!((sim.count(" Up"), shown(&mut sim)), (0, 2));
}

#[test]
fn an_as_that_is_configured_is_asked_of_each_caller() {
    let only = PeerConfig { peer_as: Some(Asn(65012)), ..network(0, 24) };
    let mut sim = sim(vec![only]);
    call(&mut sim, 11);
    call(&mut sim, 12);
    assert_eq!((told(&sim, 11), told(&sim, 12)), (vec![(2, 2)], vec![]));
    assert_eq!((sim.count(" Up"), shown(&mut sim)), (1, 2));
}

#[test]
fn a_network_that_is_removed_takes_its_callers_along() {
    let mut sim = sim(vec![network(0, 24)]);
    [11, 12, 13].into_iter().for_each(|n| call(&mut sim, n));
    configure(&mut sim, 1, vec![network(0, 24)]);
    [11, 12, 13].into_iter().for_each(|n| sim.say(ip(n), &keepalive()));
    sim.run(secs(5));
    assert_eq!((sim.count(" Up"), sim.count(" Down")), (3, 0), "nothing changed");
    configure(&mut sim, 1, vec![]);
    sim.run(secs(6));
    for n in 11..14 {
        assert_eq!(told(&sim, n), [(6, 3)]);
    }
    assert_eq!((sim.count(" Down"), sim.connections(ip(1))), (3, 0));
    call(&mut sim, 11);
    assert_eq!(told(&sim, 11), [(6, 3), (6, 3)]);
}
