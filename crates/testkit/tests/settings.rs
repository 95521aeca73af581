//! Settings of a neighbour that change what is taken, sent and kept, in virtual time.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::cast_possible_truncation)]

use herald_bgp::attribute::Attributes;
use herald_bgp::family::Family;
use herald_bgp::nlri::{NextHop, Stored};
use herald_bgp::route::{Memo, Purpose, parse_route};
use herald_bgp::text::{Grammar, Words};
use herald_bgp::value::Asn;
use herald_speaker::Input;
use herald_speaker::command::{ClientId, Command, Rib, Selector};
use herald_speaker::config::{ApiConfig, Config, ConfigRoute, ConfigRoutes, MessageConfig, PeerConfig, Settings};
use herald_testkit::script::{Script, keepalive, message};
use herald_testkit::sim::Sim;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

const ME: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

fn neighbour() -> PeerConfig {
    let mut peer = PeerConfig::new(PEER);
    peer.local_address = Some(ME);
    peer.local_as = Some(Asn(65001));
    peer.peer_as = Some(Asn(65002));
    peer.passive = true;
    peer.hold_time = 9;
    let receive = MessageConfig { parsed: true, update: true, ..MessageConfig::default() };
    peer.api = vec![ApiConfig { neighbor_changes: true, receive, ..ApiConfig::default() }];
    peer
}

fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn sim(peer: PeerConfig, settings: Settings) -> Sim {
    let mut sim = Sim::new(3);
    sim.speaker(ME, 3);
    sim.script(PEER, Script::new(65002, 9, Ipv4Addr::new(10, 0, 0, 2)));
    configure(&mut sim, peer, settings);
    sim
}

fn configure(sim: &mut Sim, peer: PeerConfig, settings: Settings) {
    let peers = vec![Arc::new(peer)];
    sim.input(ME, Input::Configure(Arc::new(Config { settings, peers, ..Config::default() })));
}

/// With a session.
fn connected(peer: PeerConfig) -> Sim {
    let mut sim = sim(peer, Settings::default());
    sim.call(PEER, ME);
    sim.run(millis(100));
    assert_eq!(sim.count(" Up"), 1);
    sim
}

fn command(sim: &mut Sim, command: Command) {
    sim.input(ME, Input::Command { from: ClientId::Control(0), command });
}

fn all() -> Arc<Selector> {
    Arc::new(Selector::All)
}

fn announce(sim: &mut Sim, route: &str) {
    let words = &mut Words::new(route, 0, Grammar::Line);
    let route = parse_route(words, Purpose::Announce, &mut Memo::new()).unwrap();
    command(sim, Command::Announce { to: all(), route });
}

/// Configured routes `N.0.0.0/8`.
fn configured(list: &[u8]) -> Arc<ConfigRoutes> {
    let family = Family::IPV4_UNICAST;
    let route = |n: &u8| ConfigRoute { nlri: Stored::new(None, &[8, *n]), attributes: 0, family, withdrawn: false };
    let attributes = vec![Arc::new(Attributes::new(NextHop::SelfAddress, []))];
    Arc::new(ConfigRoutes { attributes, routes: list.iter().map(route).collect(), watchdogs: Vec::new() })
}

/// The UPDATEs the peer heard since `from`: the first octet of each prefix, negative if withdrawn; 0 for an End-of-RIB.
fn heard(sim: &Sim, from: &mut usize) -> Vec<i32> {
    let messages = &sim.heard(PEER).unwrap().messages;
    let mut said = Vec::new();
    for m in messages[*from..].iter().filter(|m| m[18] == 2) {
        let withdrawn = usize::from(m[20]);
        let attributes = 23 + withdrawn + usize::from(m[22 + withdrawn]);
        said.extend(m[21..21 + withdrawn].chunks(2).map(|nlri| -i32::from(nlri[1])));
        said.extend(m[attributes..].chunks(2).map(|nlri| i32::from(nlri[1])));
        said.extend((m.len() == 23).then_some(0));
    }
    *from = messages.len();
    said
}

fn updates_taken(sim: &Sim) -> usize {
    sim.count("Message { direction: Receive")
}

#[test]
fn routes_of_one_message_are_sorted_and_others_keep_their_order() {
    for (group_updates, expected) in [(true, [1, 2, 3, 0]), (false, [2, 3, 1, 0])] {
        let sim = connected(PeerConfig { group_updates, routes: configured(&[2, 3, 1]), ..neighbour() });
        assert_eq!(heard(&sim, &mut 0), expected);
    }
}

#[test]
fn a_rate_limit_slows_the_peer_down_and_loses_nothing() {
    for rate in [1, 10, 300] {
        let mut sim = connected(PeerConfig { rate_limit: Some(rate), ..neighbour() });
        sim.segment = 700;
        // A KEEPALIVE with them: without a limit they would all be there at once.
        let count = rate as usize * 6;
        let mut bytes: Vec<u8> = (0..count).flat_map(|_| message(2, &[0; 4])).collect();
        bytes.extend(keepalive());
        sim.say(PEER, &bytes);
        let mut before = 0;
        for second in 0..8u64 {
            sim.run(millis(150 + second * 1000));
            let (taken, fair) = (updates_taken(&sim), (rate as usize * (second as usize + 1)).min(count));
            assert!(taken <= fair + 1 + rate as usize / 10, "{rate}: {taken} after {second} s");
            assert!(taken + rate as usize / 10 + 1 >= fair, "{rate}: {taken} after {second} s");
            assert!(taken >= before);
            before = taken;
        }
        assert_eq!(before, count);
        assert!(sim.count("reading: false") > 0);
        assert_eq!(sim.count("reading: false"), sim.count("reading: true"));
        // Whoever is not listened to is not held to his hold time; then he is again.
        assert_eq!(sim.count(" Down"), 0);
        sim.run(Duration::from_secs(20));
        assert_eq!(sim.count("notification sent (4,0)"), 1);
    }
}

#[test]
fn without_auto_flush_changes_wait() {
    let mut sim = connected(PeerConfig { auto_flush: false, routes: configured(&[20]), ..neighbour() });
    let mut at = 0;
    assert_eq!(heard(&sim, &mut at), [20, 0], "a session starts with all there is");
    announce(&mut sim, "10.0.0.0/8 next-hop 10.0.0.1");
    announce(&mut sim, "11.0.0.0/8 next-hop 10.0.0.1 med 1");
    announce(&mut sim, "11.0.0.0/8 next-hop 10.0.0.1 med 2");
    command(&mut sim, Command::Clear { to: all(), rib: Rib::Out });
    announce(&mut sim, "12.0.0.0/8 next-hop 10.0.0.1");
    sim.run(millis(500));
    assert!(heard(&sim, &mut at).is_empty());
    command(&mut sim, Command::Flush { to: all() });
    sim.run(millis(600));
    assert_eq!(heard(&sim, &mut at), [-20, 12]);
    command(&mut sim, Command::Flush { to: all() });
    sim.run(millis(700));
    assert_eq!(heard(&sim, &mut at), [12], "nothing waits: all again");
}

#[test]
fn without_adj_rib_out_only_the_configuration_comes_again() {
    let peer = PeerConfig { adj_rib_out: false, routes: configured(&[20, 21]), ..neighbour() };
    let mut sim = connected(peer.clone());
    let mut at = 0;
    announce(&mut sim, "10.0.0.0/8 next-hop 10.0.0.1");
    sim.run(millis(200));
    assert_eq!(heard(&sim, &mut at), [20, 21, 0, 10]);
    command(&mut sim, Command::Flush { to: all() });
    sim.run(millis(300));
    assert!(heard(&sim, &mut at).is_empty(), "nothing was kept");
    // Only what is new in the file.
    configure(&mut sim, PeerConfig { routes: configured(&[21, 22]), ..peer }, Settings::default());
    sim.run(millis(400));
    assert_eq!(heard(&sim, &mut at), [-20, 22]);
    sim.reset(ME);
    announce(&mut sim, "11.0.0.0/8 next-hop 10.0.0.1");
    sim.call(PEER, ME);
    sim.run(millis(600));
    let mut again = heard(&sim, &mut at);
    again.sort_unstable();
    assert_eq!(again, [0, 11, 21, 22]);
}

#[test]
fn the_first_calls_wait_for_their_minute() {
    let calls = |sim: &Sim| sim.count("Connect {");
    let mut sim = Sim::new(1);
    sim.speaker(ME, 1);
    sim.run(Duration::from_secs(3600 + 61));
    let settings = Settings { delay: 15, ..Settings::default() };
    configure(&mut sim, PeerConfig { passive: false, ..neighbour() }, settings);
    sim.run(Duration::from_secs(3600 + 15 * 60 - 1));
    assert_eq!(calls(&sim), 0);
    sim.run(Duration::from_secs(3600 + 15 * 60));
    assert_eq!(calls(&sim), 1);
}
