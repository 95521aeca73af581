//! Who calls, when, and how often (RFC 4271 §8.2.1).

use super::common::*;
use herald_speaker::Input;
use herald_speaker::config::{PeerConfig, Settings};
use herald_testkit::script::Script;
use herald_testkit::sim::Sim;
use std::net::Ipv4Addr;

/// Whole seconds between the calls.
fn gaps(sim: &Sim) -> Vec<u64> {
    moments(sim, "Connect {").windows(2).map(|pair| (pair[1] - pair[0]) / 1000).collect()
}

/// A speaker whose neighbour is not there.
fn alone(peer: PeerConfig, settings: Settings) -> Sim {
    let mut sim = Sim::new(1);
    sim.speaker(ip(1), 1);
    configure_with(&mut sim, 1, vec![peer], settings);
    sim
}

#[test]
fn who_is_passive_never_calls_and_answers() {
    let settings = Settings { passive: true, ..Settings::default() };
    for (peer, settings) in [(passive(9), Settings::default()), (neighbour(1, 2, 9), settings)] {
        let mut sim = Sim::new(1);
        sim.speaker(ip(1), 1);
        sim.script(ip(2), script(9));
        configure_with(&mut sim, 1, vec![peer], settings);
        sim.run(secs(3600));
        sim.call(ip(2), ip(1));
        sim.run(secs(3601));
        assert_eq!((sim.count("Connect {"), sim.count(" Up")), (0, 1));
        sim.reset(ip(2));
        sim.run(secs(7200));
        assert_eq!((sim.count("Connect {"), sim.count(" Down")), (0, 1), "nor after a session");
    }
}

#[test]
fn who_is_active_calls_at_once_from_the_right_address_to_the_right_port() {
    let sim = {
        let mut sim = alone(PeerConfig { connect: Some(1790), ..neighbour(1, 2, 9) }, Settings::default());
        sim.run(millis(0));
        sim
    };
    assert_eq!(moments(&sim, "Connect {"), [0]);
    assert_eq!(sim.count("local: Some(10.0.0.1), to: 10.0.0.2:1790"), 1);
}

#[test]
fn a_peer_that_refuses_is_called_every_second_then_ever_less_often_up_to_a_minute() {
    let mut sim = alone(neighbour(1, 2, 180), Settings::default());
    sim.run(secs(1000));
    let gaps = gaps(&sim);
    let (eager, later) = gaps.split_at(30);
    assert!(eager.iter().all(|gap| *gap == 1), "{gaps:?}");
    let growing = [1, 2, 3, 4, 5, 7, 9, 11, 14, 17, 21, 26, 32, 39, 47, 57];
    let start = later.iter().position(|gap| *gap == 2).unwrap() - 1;
    assert_eq!(later[start..start + growing.len()], growing, "{gaps:?}");
    assert!(later.len() > start + growing.len() + 5);
    assert!(later[start + growing.len()..].iter().all(|gap| *gap == 60), "{gaps:?}");
}

#[test]
fn a_session_that_was_up_is_tried_again_at_once() {
    let mut sim = scripted(script(180), neighbour(1, 2, 180));
    for n in 1..6u64 {
        sim.run(secs(n * 100));
        sim.hang_up(ip(2));
    }
    sim.run(secs(650));
    let (calls, ends) = (moments(&sim, "Connect {"), moments(&sim, " Down"));
    assert_eq!((sim.count(" Up"), ends.len()), (6, 5), "{:#?}", sim.trace);
    for (end, call) in ends.iter().zip(&calls[1..]) {
        assert_eq!(call - end, 1000, "a second later: {calls:?} {ends:?}");
    }
}

#[test]
fn a_peer_whose_open_is_never_right_is_called_ever_less_often() {
    let mut sim = scripted(Script::new(65009, 9, Ipv4Addr::new(10, 0, 0, 2)), neighbour(1, 2, 9));
    sim.run(secs(600));
    let gaps = gaps(&sim);
    assert_eq!(gaps[..8], [1, 1, 2, 3, 4, 5, 7, 9], "{gaps:?}");
    assert_eq!(gaps.last(), Some(&60));
}

#[test]
fn attempts_are_counted_and_the_last_one_ends_the_daemon() {
    let mut sim = scripted(Script::default(), neighbour(1, 2, 9));
    let settings = Settings { attempts: 3, ..Settings::default() };
    configure_with(&mut sim, 1, vec![neighbour(1, 2, 9)], settings);
    sim.run(secs(3600));
    assert_eq!((sim.count("Connect {"), sim.count("Stop { code: 0 }")), (3, 1), "{:#?}", sim.trace);
}

#[test]
fn a_call_that_is_not_answered_is_given_up_when_the_peer_is_removed() {
    let mut sim = alone(neighbour(1, 2, 9), Settings::default());
    sim.run(millis(0));
    configure(&mut sim, 1, vec![]);
    assert_eq!(sim.count("Close { conn: ConnId(1), last: [] }"), 1, "{:#?}", sim.trace);
    let before = sim.trace.len();
    sim.run(secs(600));
    assert_eq!(sim.trace.len(), before, "nobody is called any more");
    sim.input(ip(1), Input::Tick);
    assert_eq!(sim.trace.len(), before);
}
