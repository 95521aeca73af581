//! Hold, keepalive, send hold and the wait for the OPEN (RFC 4271 §10, RFC 9687).

use super::common::*;
use herald_speaker::Input;
use herald_speaker::command::{ClientId, ProcessId};
use herald_speaker::config::{Config, Encoder, PeerConfig, ProcessConfig, Settings};
use herald_testkit::script::{Script, keepalive};
use herald_testkit::sim::Sim;
use std::sync::Arc;

/// When the speaker closed a connection, in milliseconds, and the code and subcode it closed it with.
fn closes(sim: &Sim) -> Vec<(u64, String)> {
    let lines = sim.trace.iter().filter(|line| line.contains("Close {"));
    let code = |line: &String| line.rsplit_once(" 21, 3, ").unwrap().1.trim_end_matches("] }").to_owned();
    moments(sim, "Close {").into_iter().zip(lines.map(code)).collect()
}

#[test]
fn the_lower_hold_time_counts_and_a_third_of_it_between_keepalives() {
    for (ours, theirs, agreed) in [(90, 30, 30), (30, 90, 30), (3, 180, 3), (10, 11, 10), (65535, 65535, 65535u16)] {
        let mut sim = established(script(theirs), passive(ours));
        // It answered our OPEN with a KEEPALIVE 3 ms after its call, and says nothing more.
        let silent = u64::from(agreed) * 1000 + 3;
        sim.run(millis(silent - 1));
        assert_eq!((sim.count(" Down"), notifications(&sim)), (0, vec![]), "{agreed}");
        let third = u64::from(agreed) / 3;
        let expected = 1 + (silent - 4) / 1000 / third;
        assert_eq!(u64::try_from(sim.heard(ip(2)).unwrap().count(4)).unwrap(), expected, "{agreed}");
        sim.run(millis(silent + 10));
        assert_eq!(closes(&sim), [(silent, "4, 0".into())], "{agreed}");
    }
}

#[test]
fn any_message_restarts_the_hold_timer() {
    let mut sim = established(script(9), passive(9));
    for n in 1..20 {
        sim.run(secs(n * 8));
        sim.say(ip(2), &if n % 2 == 0 { keepalive() } else { update(&[1]) });
    }
    assert_eq!(sim.count(" Down"), 0);
    // Half a message does not: it may never come to an end.
    sim.run(secs(160));
    sim.say(ip(2), &keepalive()[..18]);
    sim.run(secs(170));
    assert_eq!(closes(&sim), [(152_000 + 9_001, "4, 0".into())]);
}

#[test]
fn hold_time_zero_on_either_side_means_no_timer() {
    for (ours, theirs) in [(0, 0), (0, 90), (90, 0)] {
        let mut sim = established(script(theirs), passive(ours));
        sim.run(secs(100_000));
        assert_eq!((sim.count(" Down"), sim.heard(ip(2)).unwrap().count(4)), (0, 1), "{ours} {theirs}");
    }
}

#[test]
fn the_open_has_to_come_in_time() {
    let mut sim = Sim::new(1);
    sim.speaker(ip(1), 1);
    sim.script(ip(2), Script::default());
    let settings = Settings { open_wait: secs(7), ..Settings::default() };
    configure_with(&mut sim, 1, vec![passive(90)], settings);
    sim.call(ip(2), ip(1));
    sim.run(millis(20));
    // A message that never ends is no OPEN.
    for n in 0..10 {
        sim.run(secs(n));
        sim.say(ip(2), &[0xff]);
    }
    sim.run(secs(60));
    assert_eq!(closes(&sim), [(7001, "5, 1".into())]);
}

/// Announces more than fits the window.
fn flood(sim: &mut Sim) {
    let lines = |n: u32| format!("announce route 10.{}.{}.0/24 next-hop 10.0.0.1 med {n}\n", n / 256, n % 256);
    say(sim, 1, &(0..2000).map(lines).collect::<String>());
}

#[test]
fn who_takes_nothing_is_left_after_twice_the_hold_time_and_eight_minutes_at_least() {
    for (hold, wait) in [(3, 480), (240, 480), (241, 482), (1000, 2000)] {
        let mut sim = established(script(hold), passive(hold));
        sim.window = 4096;
        sim.stall(ip(2), true);
        sim.run(secs(1));
        flood(&mut sim);
        let mut second = 1;
        while sim.count(" Down") == 0 {
            second += 1;
            assert!(second < 3000);
            sim.say(ip(2), &keepalive());
            sim.run(secs(second));
        }
        assert_eq!(moments(&sim, " Down"), [1000 + wait * 1000], "{hold}");
        assert_eq!(closes(&sim).last().unwrap().1, "8, 0", "{hold}");
    }
}

#[test]
fn who_takes_a_little_stays() {
    let mut sim = established(script(3), passive(3));
    sim.window = 4096;
    flood(&mut sim);
    for second in 1..3000 {
        // A window's worth every 400 seconds.
        sim.stall(ip(2), second % 400 != 0);
        sim.say(ip(2), &keepalive());
        sim.run(secs(second));
    }
    assert_eq!(sim.count(" Down"), 0);
}

#[test]
fn with_hold_time_zero_nobody_is_left() {
    let mut sim = established(script(0), passive(0));
    sim.window = 4096;
    sim.stall(ip(2), true);
    flood(&mut sim);
    sim.run(secs(100_000));
    assert_eq!(sim.count(" Down"), 0);
}

#[test]
fn the_hold_timer_waits_while_we_do_not_listen() {
    let process = ProcessConfig { name: "slow".into(), run: vec!["x".into()], encoder: Encoder::Json, respawn: true };
    let mut peer = passive(9);
    peer.api[0].processes = vec!["slow".into()];
    let config = Config {
        processes: vec![Arc::new(process)],
        peers: vec![Arc::new(PeerConfig { ..peer })],
        ..Config::default()
    };
    let mut sim = Sim::new(7);
    sim.speaker(ip(1), 7);
    sim.script(ip(2), script(9));
    sim.input(ip(1), Input::Configure(Arc::new(config)));
    sim.call(ip(2), ip(1));
    sim.run(secs(5));
    let slow = |slow| Input::ClientSlow { client: ClientId::Process(ProcessId(0)), slow };
    sim.input(ip(1), slow(true));
    // What it says meanwhile is not read, and its silence proves nothing.
    sim.say(ip(2), &update(&[1]));
    sim.run(secs(500));
    assert_eq!((sim.count(" Down"), sim.count("Message")), (0, 0));
    assert!(sim.heard(ip(2)).unwrap().count(4) > 160, "we are still heard from");
    sim.input(ip(1), slow(false));
    assert_eq!((sim.count("Pause {"), sim.count("Message")), (2, 1), "{:#?}", sim.trace);
    sim.run(secs(520));
    assert_eq!(closes(&sim), [(509_000, "4, 0".into())]);
}
