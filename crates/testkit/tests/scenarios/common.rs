//! A speaker at 10.0.0.1, AS 65001, and neighbours at 10.0.0.N, AS 65000 + N.

use herald_api::{Client, Profile};
use herald_bgp::value::Asn;
use herald_speaker::Input;
use herald_speaker::command::{ClientId, Command};
use herald_speaker::config::{ApiConfig, Config, MessageConfig, PeerConfig, Settings};
use herald_testkit::helper::daemon;
use herald_testkit::script::{Script, message};
use herald_testkit::sim::Sim;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

pub fn ip(n: u8) -> IpAddr {
    [10, 0, 0, n].into()
}

pub fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

pub fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// `other` as `me` has it configured.
pub fn neighbour(me: u8, other: u8, hold: u16) -> PeerConfig {
    let mut peer = PeerConfig::new(ip(other));
    peer.local_address = Some(ip(me));
    peer.local_as = Some(Asn(65000 + u32::from(me)));
    peer.peer_as = Some(Asn(65000 + u32::from(other)));
    peer.hold_time = hold;
    let receive = MessageConfig { parsed: true, update: true, notification: true, ..MessageConfig::default() };
    peer.api = vec![ApiConfig { neighbor_changes: true, fsm: true, receive, ..ApiConfig::default() }];
    peer
}

/// The neighbour at 2, who is waited for.
pub fn passive(hold: u16) -> PeerConfig {
    PeerConfig { passive: true, ..neighbour(1, 2, hold) }
}

pub fn configure(sim: &mut Sim, at: u8, peers: Vec<PeerConfig>) {
    configure_with(sim, at, peers, Settings::default());
}

pub fn configure_with(sim: &mut Sim, at: u8, peers: Vec<PeerConfig>, settings: Settings) {
    let peers = peers.into_iter().map(Arc::new).collect();
    sim.input(ip(at), Input::Configure(Arc::new(Config { settings, peers, ..Config::default() })));
}

/// Two speakers that call each other.
pub fn pair(seed: u64, hold: u16) -> Sim {
    let mut sim = Sim::new(seed);
    sim.speaker(ip(1), seed);
    sim.speaker(ip(2), seed + 1);
    configure(&mut sim, 1, vec![neighbour(1, 2, hold)]);
    configure(&mut sim, 2, vec![neighbour(2, 1, hold)]);
    sim
}

/// A speaker at 1, and a scripted peer at 2.
pub fn scripted(script: Script, peer: PeerConfig) -> Sim {
    let mut sim = Sim::new(7);
    sim.speaker(ip(1), 7);
    sim.script(ip(2), script);
    configure(&mut sim, 1, vec![peer]);
    sim
}

/// What stands at 2.
pub fn script(hold: u16) -> Script {
    Script::new(65002, hold, Ipv4Addr::new(10, 0, 0, 2))
}

/// The same, with these capabilities beside IPv4 unicast.
pub fn capable(hold: u16, capabilities: &[u8]) -> Script {
    let whole = [&[1, 4, 0, 1, 0, 1], capabilities].concat();
    let mut body = script(hold).greeting[19..28].to_vec();
    let length = u8::try_from(whole.len()).unwrap();
    body.extend([length + 2, 2, length]);
    body.extend(whole);
    Script { greeting: message(1, &body), ..script(hold) }
}

/// With an established session, that began at 0.
pub fn established(script: Script, peer: PeerConfig) -> Sim {
    let mut sim = scripted(script, peer);
    sim.call(ip(2), ip(1));
    sim.run(millis(100));
    assert_eq!(sim.count(" Up"), 1, "{:#?}", sim.trace);
    sim
}

/// What the peer at 2 was told, code and subcode.
pub fn notifications(sim: &Sim) -> Vec<(u8, u8)> {
    sim.heard(ip(2)).map(Script::notifications).unwrap_or_default()
}

/// Sessions that ended, other than by a collision: helpers are told of that as `Down`, too.
pub fn lost(sim: &Sim) -> usize {
    sim.count(" Down") - sim.count("Down(\"closing outgoing connection as we have another")
}

/// Moments, in whole milliseconds, of the lines of the trace with this in them.
pub fn moments(sim: &Sim, what: &str) -> Vec<u64> {
    let lines = sim.trace.iter().filter(|line| line.contains(what));
    lines.map(|line| line.split(' ').next().unwrap().parse::<u64>().unwrap() / 1_000_000).collect()
}

/// Says lines to a speaker, as somebody who may command all peers.
pub fn say(sim: &mut Sim, at: u8, lines: &str) {
    let daemon = daemon();
    let mut commands: Vec<Command> = Vec::new();
    for line in lines.lines() {
        let mut client = Client::new(Profile::V6, true);
        client.feed(format!("{line}\n").as_bytes(), &daemon, &mut |_| (), &mut commands);
    }
    for command in commands {
        assert_ne!(command, Command::Pass, "{lines}");
        sim.input(ip(at), Input::Command { from: ClientId::Control(0), command });
    }
}

/// An UPDATE of the peer at 2 that announces 10.1.N.0/24 for each N.
pub fn update(thirds: &[u8]) -> Vec<u8> {
    // ORIGIN, AS_PATH of two octets an AS (the OPEN does not offer four), NEXT_HOP.
    let mut body = vec![0, 0, 0, 18, 0x40, 1, 1, 0, 0x40, 2, 4, 2, 1, 0xfd, 0xea, 0x40, 3, 4, 10, 0, 0, 2];
    thirds.iter().for_each(|n| body.extend([24, 10, 1, *n]));
    message(2, &body)
}

/// The Adj-RIB-In of all peers, as the third octets of 10.1.N.0/24.
pub fn received(sim: &mut Sim) -> Vec<u8> {
    let before = sim.trace.len();
    say(sim, 1, "show adj-rib in");
    let routes = sim.trace.split_off(before).into_iter().filter_map(|line| {
        let (_, nlri) = line.split_once("nlri: [24, 10, 1, ")?;
        nlri.split(']').next()?.parse().ok()
    });
    routes.collect()
}
