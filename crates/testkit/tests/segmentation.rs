//! However a peer's octets are cut, the same effects follow.

use herald_bgp::value::Asn;
use herald_speaker::Input;
use herald_speaker::config::{ApiConfig, Config, MessageConfig, PeerConfig};
use herald_testkit::script::{Script, keepalive, message, open};
use herald_testkit::sim::Sim;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

/// A whole session: OPEN, KEEPALIVE, UPDATEs, and what ends it.
fn stream(last: &[u8]) -> Vec<u8> {
    let mut out = open(65002, 9, Ipv4Addr::new(10, 0, 0, 2));
    out.extend(keepalive());
    for n in 0..6 {
        // ORIGIN, AS_PATH of two octets an AS (the OPEN does not offer four), NEXT_HOP.
        let attributes = [0x40, 1, 1, 0, 0x40, 2, 4, 2, 1, 0xfd, 0xea, 0x40, 3, 4, 10, 0, 0, 2];
        let mut body = vec![0, 0, 0, 18];
        body.extend(attributes);
        body.extend([24, 10, 1, n]);
        out.extend(message(2, &body));
    }
    out.extend(message(2, &[0, 4, 24, 10, 1, 0, 0, 0]));
    out.extend(last);
    out
}

/// What the speaker did; when it asked to be let write is its shell's business.
fn run(stream: &[u8], seed: u64, segment: usize) -> Vec<String> {
    let (a, b): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
    let all = MessageConfig { parsed: true, open: true, update: true, notification: true, ..MessageConfig::default() };
    let api = ApiConfig { neighbor_changes: true, fsm: true, receive: all, ..ApiConfig::default() };
    let local_as = Some(Asn(65001));
    let peer = PeerConfig { passive: true, local_as, api: vec![api], ..PeerConfig::new(b) };
    let mut sim = Sim::new(seed);
    sim.segment = segment;
    sim.speaker(a, 1);
    sim.script(b, Script { greeting: stream.to_vec(), ..Script::default() });
    sim.input(a, Input::Configure(Arc::new(Config { peers: vec![Arc::new(peer)], ..Config::default() })));
    sim.call(b, a);
    sim.run(Duration::from_secs(1));
    let effects = sim.trace.iter().filter(|line| !line.contains("Wake {"));
    effects.map(|line| line.split("ConnId").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn any_split_gives_the_same_effects() {
    let ends = [message(3, &[6, 2]), message(9, &[]), vec![0; 30], keepalive(), message(5, &[0, 1, 0, 1])];
    for last in ends {
        let stream = stream(&last);
        let whole = run(&stream, 0, usize::MAX);
        let updates = whole.iter().filter(|line| line.contains("Message")).count();
        assert!(updates >= 8, "{whole:#?}");
        assert!(!whole.iter().any(|line| line.contains("malformed UPDATE")), "{whole:#?}");
        assert_eq!(run(&stream, 0, 1), whole, "one at a time");
        for seed in 0..2000 {
            let segment = 2 + usize::try_from(seed % 97).unwrap();
            assert_eq!(run(&stream, seed, segment), whole, "{seed}");
        }
    }
}
