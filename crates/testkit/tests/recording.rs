//! What is recorded is enough: another speaker does the same, octet for octet. What is not a recording is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use herald_api::command::COMMANDS;
use herald_api::reply::Daemon;
use herald_api::{Client, Profile};
use herald_config::{Context, Environment};
use herald_speaker::command::{ClientId, Command, ProcessId};
use herald_speaker::config::{Config, Md5};
use herald_speaker::recording::{MAGIC, Record, Segment, Writer, frame};
use herald_speaker::time::{Instant, Now, UnixNanos};
use herald_speaker::{CloseReason, ConnId, ExitStatus, Input};
use herald_testkit::rng::Rng;
use herald_testkit::script::{Script, keepalive, message};
use herald_testkit::sim::Sim;
use herald_testkit::tape::replay;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use Step::*;

fn ip(n: u8) -> IpAddr {
    [10, 0, 0, n].into()
}

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A configuration with a bit of everything; `key`, `routes`: what a reload changes.
fn text(key: &str, routes: u8) -> String {
    let routes: String =
        (0..routes).map(|n| format!("route 192.0.{n}.0/24 next-hop self med {n} community [ 1:{n} ];\n")).collect();
    format!(
        "process watch {{ run /bin/watch --now; encoder json; }}
         process quiet {{ run /bin/quiet; encoder text; }}
         template {{ neighbor all {{
            router-id 10.0.0.1; local-address 10.0.0.1; local-as 65001;
            family {{ ipv4 unicast; ipv6 unicast; }}
            capability {{ route-refresh; add-path send/receive; nexthop; graceful-restart 60; aigp enable; }}
            nexthop {{ ipv4 unicast ipv6; }}
            api {{ processes [ watch ]; neighbor-changes; fsm; negotiated; signal;
                   receive {{ parsed; packets; update; open; notification; keepalive; refresh; }}
                   send {{ parsed; update; open; }} }}
            static {{
                {routes}
                route 2001:db8::/32 next-hop 2001:db8::1 large-community [ 1:2:3 ] watchdog dog withdraw;
                route 198.51.100.0/24 next-hop 192.0.2.1 split /26 as-path [ 1 2 [ 3 4 ] ];
            }}
        }} }}
        neighbor 10.0.0.2 {{ inherit all; peer-as 65002; hold-time 9; md5-password {key}; passive; host-name h; }}
        neighbor 10.0.0.3 {{ inherit all; peer-as 65003; hold-time 30; description \"the other\"; }}
        neighbor 10.0.0.128/25 {{ inherit all; peer-as 65129; md5-password {key}-of-many; passive; }}"
    )
}

fn config(text: &str) -> Arc<Config> {
    let resolve = |program: &str| Ok(program.into());
    let context =
        Context { host_name: Some("here".into()), domain_name: "x".into(), version: "v".into(), resolve: &resolve };
    let loaded = herald_config::load(text.as_bytes(), &Environment::default(), &context);
    Arc::new(loaded.unwrap_or_else(|problems| panic!("{problems:#?}")).config)
}

/// What lines mean; what is answered does not matter here.
fn commands(lines: &str) -> Vec<Command> {
    let daemon = Daemon { version: "5.0.0".into(), uuid: "u".into(), pid: 1, started: UnixNanos(0) };
    let mut out = Vec::new();
    for line in lines.lines() {
        let mut client = Client::new(Profile::V6, true);
        client.feed(format!("{}\n", line.trim()).as_bytes(), &daemon, &mut |_| (), &mut out);
    }
    out
}

/// Commands after which there is nothing to be told.
const ENDS: [&str; 4] = ["shutdown", "daemon shutdown", "restart", "daemon restart"];

/// The speaker at 3.
const OTHER: &str = "neighbor 10.0.0.1 {
    router-id 10.0.0.3; local-address 10.0.0.3; local-as 65003; peer-as 65001;
    family { ipv4 unicast; ipv6 unicast; } capability { route-refresh; add-path send/receive; }
    static { route 203.0.113.0/24 next-hop self; }
}";

enum Step<'a> {
    /// To the speaker at 1.
    Give(Input<'a>),
    Other(Arc<Config>),
    Lines(ClientId, &'a str),
    Call(u8),
    Say(u8, Vec<u8>),
    Reset(u8),
}

/// An UPDATE that announces 10.1.N.0/24; `origin` may be none that exists.
fn update(n: u8, origin: u8) -> Vec<u8> {
    let mut body = vec![0, 0, 0, 18, 0x40, 1, 1, origin, 0x40, 2, 4, 2, 1, 0xfd, 0xea, 0x40, 3, 4, 10, 0, 0, 2];
    body.extend([24, 10, 1, n]);
    message(2, &body)
}

/// A day in the life of the speaker at 1, which is recorded. `cut`: a segment ends every so many steps.
fn scenario(seed: u64, cut: usize) -> Sim {
    let mut sim = Sim::new(seed);
    sim.segment = 40;
    sim.speaker(ip(1), seed);
    sim.record(ip(1), seed);
    sim.speaker(ip(3), 3);
    sim.script(ip(2), Script::new(65002, 9, Ipv4Addr::new(10, 0, 0, 2)));
    sim.script(ip(200), Script::new(65129, 90, Ipv4Addr::new(10, 0, 0, 200)));
    let (watch, control) = (ClientId::Process(ProcessId(0)), ClientId::Control(7));
    let slow = |slow| Input::ClientSlow { client: watch, slow };
    let exited = |process, status| Input::Exited { process: ProcessId(process), status };
    let signal = |number, name| Input::Signal { number, name };
    // All but those that end everything: they come last.
    let every: String = COMMANDS
        .iter()
        .map(|row| row.example)
        .filter(|line| !ENDS.contains(line))
        .flat_map(|line| [line, "\n"])
        .collect();
    let (every, half) = (every.as_str(), update(78, 0));
    let (early, late) = half.split_at(30);
    let steps: Vec<(u64, Step<'_>)> = vec![
        (0, Give(Input::Configure(config(&text("secret-one", 3))))),
        (0, Other(config(OTHER))),
        (1, Call(2)),
        (1, Call(200)),
        (3, Say(200, keepalive())),
        (3, Say(2, early.to_vec())),
        (4, Say(2, late.to_vec())),
        (4, Say(2, (0..50).flat_map(|n| update(n, 0)).collect())),
        (5, Say(2, update(77, 9))),
        (6, Say(2, message(5, &[0, 1, 0, 1]))),
        (7, Give(slow(true))),
        (8, Give(slow(false))),
        (9, Say(2, keepalive())),
        (9, Lines(control, "announce watchdog dog\nannounce route 10.9.0.0/16 next-hop self split /22")),
        (10, Give(signal(10, "SIGUSR1"))),
        (10, Give(Input::NotConfigured)),
        (11, Give(signal(12, "SIGUSR2"))),
        (11, Give(Input::Configure(config(&text("secret-two", 5))))),
        (12, Give(exited(0, ExitStatus::Signal(9)))),
        (12, Give(exited(1, ExitStatus::Code(-3)))),
        (12, Give(exited(1, ExitStatus::NotStarted))),
        (13, Call(2)),
        (14, Say(2, update(3, 0))),
        (15, Lines(watch, every)),
        (50, Reset(3)),
        (90, Lines(watch, "show neighbor extensive\nshow adj-rib out extensive\nshow adj-rib in")),
        (91, Call(2)),
        (92, Say(2, [message(2, &[0, 9, 1]), keepalive()].concat())),
        (99, Lines(watch, "restart")),
        (99, Give(signal(15, "SIGTERM"))),
    ];
    for (place, (at, step)) in steps.into_iter().enumerate() {
        sim.run(secs(at));
        match step {
            Give(input) => sim.input(ip(1), input),
            Other(config) => sim.input(ip(3), Input::Configure(config)),
            Lines(from, lines) => {
                commands(lines).into_iter().for_each(|command| sim.input(ip(1), Input::Command { from, command }));
            }
            Call(from) => drop(sim.call(ip(from), ip(1))),
            Say(from, octets) => sim.say(ip(from), &octets),
            Reset(host) => sim.reset(ip(host)),
        }
        let tape = sim.tape(ip(1)).unwrap();
        if place % cut == cut - 1 {
            tape.cut();
        } else if place % 3 == 0 {
            tape.end_block();
        }
    }
    sim.run(secs(100));
    sim
}

fn tape(sim: &mut Sim) -> (Vec<Vec<u8>>, Vec<String>) {
    let tape = sim.tape(ip(1)).unwrap();
    (tape.segments().to_vec(), tape.seen.clone())
}

#[test]
fn a_replay_is_what_happened() {
    for seed in 0..20 {
        for cut in [usize::MAX, 4] {
            let (segments, seen) = tape(&mut scenario(seed, cut));
            for part in
                ["Up", "TreatAsWithdraw", "Down", "Kill", "Spawn", "Stop", "Route {", "Neighbors {", "Pause", "Reload"]
            {
                assert!(seen.iter().any(|line| line.contains(part)), "no {part}");
            }
            let (again, doubts, error) = replay(&segments);
            assert_eq!(error, None);
            let differs = again.iter().zip(&seen).position(|(a, b)| a != b);
            assert_eq!(differs.map(|n| (&again[n], &seen[n])), None);
            assert_eq!((again.len(), doubts), (seen.len(), Default::default()));
        }
    }
}

#[test]
fn a_later_segment_finds_the_sessions_there_were() {
    // The first segment ends when the sessions are up, in the middle of an UPDATE.
    let (segments, seen) = tape(&mut scenario(1, 7));
    assert!(segments.len() > 3);
    let received = |lines: &[String]| -> Vec<String> {
        let received = |line: &&String| line.contains("direction: Receive") || line.contains(" Down(");
        lines.iter().filter(received).cloned().collect()
    };
    for first in 1..segments.len() {
        let (here, _, error) = replay(&segments[first..]);
        assert_eq!(error, None);
        let (all, here) = (received(&seen), received(&here));
        assert!(here.len() > if first == 1 { 70 } else { 0 }, "{here:#?}");
        assert_eq!(all[all.len() - here.len()..], here[..], "{first}");
    }
}

#[test]
fn every_command_and_configuration_comes_back() {
    let again = |input: Input<'_>| -> String {
        let mut writer = Writer::new(1, 2, Now::default(), Vec::new(), usize::MAX);
        let mut octets = writer.head().octets();
        writer.input(Now { mono: Instant(5), wall: UnixNanos(3) }, &input);
        frame(&writer.take().unwrap(), &mut octets);
        let segment = Segment::open(&octets).unwrap();
        let records: Vec<_> = segment.records.map(Result::unwrap).collect();
        assert_eq!((records.len(), records[0].0), (1, Now { mono: Instant(5), wall: UnixNanos(3) }));
        let Record::Input(read) = &records[0].1 else { panic!() };
        if let (Input::Configure(read), Input::Configure(written)) = (read, &input) {
            let keys = |config: &Config| config.peers.iter().map(|peer| peer.transport.md5.clone()).collect::<Vec<_>>();
            assert_eq!(keys(read), [Some(Md5(b"key 0".to_vec())), None, Some(Md5(b"key 1".to_vec()))]);
            let (mut read, mut written) = (Config::clone(read), Config::clone(written));
            for peer in read.peers.iter_mut().chain(&mut written.peers) {
                Arc::make_mut(peer).transport.md5 = None;
            }
            assert_eq!(read, written);
        }
        format!("{read:?}")
    };
    for row in COMMANDS {
        for command in commands(row.example) {
            let input = Input::Command { from: ClientId::Control(9), command };
            assert_eq!(again(input.clone()), format!("{input:?}"));
        }
    }
    let conn = ConnId::accepted(3);
    let (v6, v4) = ("[2001:db8::1%7]:179".parse().unwrap(), "192.0.2.1:4000".parse().unwrap());
    for input in [
        Input::Accepted { conn, local: v6, remote: v4 },
        Input::Closed { conn: ConnId(u64::MAX), why: CloseReason::Failed("no".into()) },
        Input::Closed { conn, why: CloseReason::Broken("so".into()) },
        Input::Exited { process: ProcessId(4), status: ExitStatus::Code(i32::MIN) },
        Input::Configure(config(&text("a", 250))),
    ] {
        assert_eq!(again(input.clone()), format!("{input:?}"));
    }
}

#[test]
fn no_key_is_in_a_recording() {
    let (segments, _) = tape(&mut scenario(5, 3));
    for segment in segments {
        assert!(!segment.windows(6).any(|octets| octets == b"secret"));
    }
}

#[test]
fn what_does_not_fit_is_missing_and_counted() {
    let mut writer = Writer::new(1, 2, Now::default(), Vec::new(), 100);
    let mut octets = writer.head().octets();
    let received = Input::Received { conn: ConnId::accepted(1), bytes: &[7; 40] };
    for _ in 0..2 {
        (0..10).for_each(|_| writer.input(Now::default(), &received));
        assert!(writer.gathered() < 200);
        frame(&writer.take().unwrap(), &mut octets);
    }
    let kinds = |record: Record<'_>| match record {
        Record::Missing { count } => count,
        _ => 0,
    };
    let records = Segment::open(&octets).unwrap().records.map(|record| kinds(record.unwrap().1));
    assert_eq!(records.collect::<Vec<_>>(), [0, 0, 8, 0, 0, 8]);
    assert_eq!(replay(&[octets]).1.missing, 16);
}

/// A short recording with many kinds of records, in several blocks.
fn short() -> Vec<u8> {
    let mut sim = scenario(3, usize::MAX);
    let mut segments = sim.tape(ip(1)).unwrap().segments().to_vec();
    let whole = segments.remove(0);
    // As many blocks as fit: damage is tried at every place.
    let mut end = MAGIC.len();
    while end < 6000 {
        end += 8 + usize::try_from(u32::from_be_bytes(whole[end..end + 4].try_into().unwrap())).unwrap();
    }
    whole[..end].to_vec()
}

#[test]
fn a_recording_cut_anywhere_plays_up_to_there() {
    let whole = short();
    let (seen, _, error) = replay(std::slice::from_ref(&whole));
    assert!(error.is_none() && seen.len() > 20, "{seen:#?}");
    for end in 0..whole.len() {
        let (part, _, _) = replay(&[whole[..end].to_vec()]);
        assert!(part.len() <= seen.len() && part[..] == seen[..part.len()], "{end}");
    }
}

#[test]
fn a_flipped_bit_is_found() {
    let whole = short();
    let (seen, ..) = replay(std::slice::from_ref(&whole));
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        let (part, _, error) = replay(&[damaged]);
        assert!(error.is_some() && part.len() < seen.len() && part[..] == seen[..part.len()], "{at}");
    }
}

/// Damage that the checksum does not show: whoever makes recordings by hand can make any.
#[test]
fn a_forged_recording_harms_nobody() {
    let whole = short();
    let mut rng = Rng::new(11);
    for _ in 0..20_000 {
        let mut rest = &whole[MAGIC.len()..];
        let mut forged = MAGIC.to_vec();
        while !rest.is_empty() {
            let length = usize::try_from(u32::from_be_bytes(rest[..4].try_into().unwrap())).unwrap();
            let mut block = rest[8..8 + length].to_vec();
            for _ in 0..rng.below(3) {
                let at = rng.below(block.len());
                match rng.below(3) {
                    0 => block[at] ^= 1 << rng.below(8),
                    1 => block[at] = [0, 1, 0x7f, 0x80, 0xff][rng.below(5)],
                    _ => drop(block.drain(at..(at + 1 + rng.below(4)).min(block.len()))),
                }
                if block.is_empty() {
                    break;
                }
            }
            frame(&block, &mut forged);
            rest = &rest[8 + length..];
        }
        let _ = replay(&[forged]);
    }
}
