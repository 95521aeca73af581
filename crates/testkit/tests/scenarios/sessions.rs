//! Sessions in virtual time: how they come up, how they end, and how soon they are tried again.

use super::common::*;
use herald_testkit::script::{Script, keepalive};
use herald_testkit::sim::Sim;
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::time::Duration;

#[test]
fn both_call_and_one_connection_stays() {
    for seed in 0..200 {
        let mut sim = pair(seed, 180);
        sim.segment = 1 + usize::try_from(seed % 40).unwrap();
        sim.run(secs(60));
        assert_eq!((sim.connections(ip(1)), sim.connections(ip(2))), (1, 1), "{seed}: {:#?}", sim.trace);
        assert_eq!((sim.count(" Up"), lost(&sim)), (2, 0), "{seed}: {:#?}", sim.trace);
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let run = || {
        let mut sim = pair(3, 9);
        sim.segment = 5;
        sim.run(secs(20));
        sim.reset(ip(2));
        sim.run(secs(120));
        sim.trace
    };
    assert_eq!(run(), run());
}

#[test]
fn an_hour_with_the_shortest_hold_time() {
    let mut sim = pair(1, 3);
    sim.run(secs(3600));
    assert_eq!((sim.count(" Up"), lost(&sim)), (2, 0));
}

#[test]
fn hold_time_zero_needs_no_keepalives() {
    let mut sim = scripted(script(0), passive(0));
    sim.call(ip(2), ip(1));
    sim.run(secs(3600));
    assert_eq!((sim.count(" Up"), sim.count(" Down")), (1, 0));
    assert_eq!(sim.heard(ip(2)).unwrap().count(4), 1, "the one that confirms the OPEN");
}

#[test]
fn silence_ends_a_session_with_4_0() {
    let mut sim = scripted(script(3), passive(180));
    sim.call(ip(2), ip(1));
    sim.run(Duration::from_millis(2900));
    assert_eq!((sim.count(" Up"), sim.count(" Down")), (1, 0));
    assert_eq!(sim.heard(ip(2)).unwrap().count(4), 3, "one for the OPEN, one a second");
    sim.run(secs(4));
    assert_eq!(notifications(&sim), [(4, 0)]);
}

#[test]
fn another_as_is_told_2_2() {
    let mut sim = scripted(Script::new(65009, 9, Ipv4Addr::new(10, 0, 0, 2)), passive(9));
    sim.call(ip(2), ip(1));
    sim.run(secs(2));
    assert_eq!(notifications(&sim), [(2, 2)]);
    assert_eq!(sim.connections(ip(1)), 0);
}

#[test]
fn no_open_is_told_5_1() {
    let mut sim = scripted(Script::default(), passive(9));
    sim.call(ip(2), ip(1));
    sim.run(secs(59));
    assert_eq!(notifications(&sim), []);
    sim.run(secs(62));
    assert_eq!(notifications(&sim), [(5, 1)]);
}

#[test]
fn a_second_connection_is_told_6_7() {
    let mut sim = scripted(script(180), passive(180));
    sim.call(ip(2), ip(1));
    sim.run(secs(2));
    sim.call(ip(2), ip(1));
    sim.run(secs(4));
    assert_eq!(notifications(&sim), [(6, 7)]);
    assert_eq!((sim.connections(ip(1)), sim.count(" Down")), (1, 0));
}

#[test]
fn a_removed_peer_is_told_6_3() {
    let mut sim = scripted(script(180), passive(180));
    sim.call(ip(2), ip(1));
    sim.run(secs(2));
    configure(&mut sim, 1, vec![passive(180)]);
    sim.run(secs(3));
    assert_eq!((sim.connections(ip(1)), sim.count(" Down")), (1, 0), "nothing changed");
    configure(&mut sim, 1, vec![]);
    sim.run(secs(4));
    assert_eq!(notifications(&sim), [(6, 3)]);
}

#[test]
fn a_peer_that_is_not_there_is_tried_at_most_once_a_second() {
    let mut sim = Sim::new(1);
    sim.speaker(ip(1), 1);
    configure(&mut sim, 1, vec![neighbour(1, 2, 180)]);
    sim.run(secs(600));
    let calls = sim.trace.iter().filter(|line| line.contains("Connect {"));
    let times: Vec<u64> = calls.map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect();
    assert!(times.len() > 5, "{times:?}");
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 1_000_000_000), "{times:?}");
}

#[test]
fn a_reset_session_comes_back() {
    let mut sim = pair(5, 180);
    sim.run(secs(20));
    sim.reset(ip(1));
    sim.run(secs(300));
    assert_eq!((sim.count(" Up"), sim.connections(ip(1))), (4, 1), "{:#?}", sim.trace);
}

#[test]
fn a_peer_that_reads_nothing_is_left() {
    let mut sim = scripted(script(3), passive(3));
    sim.window = 4096;
    sim.call(ip(2), ip(1));
    sim.run(secs(1));
    sim.stall(ip(2), true);
    let mut lines = String::new();
    for n in 0..2000u32 {
        let _ = writeln!(lines, "announce route 10.{}.{}.0/24 next-hop 10.0.0.1 med {n}", n / 256, n % 256);
    }
    say(&mut sim, 1, &lines);
    for second in 1..700 {
        sim.say(ip(2), &keepalive());
        sim.run(secs(second));
    }
    assert_eq!((sim.count(" Down"), sim.connections(ip(1))), (1, 0));
}
