//! Two speakers wired back to back, inline: the shortest proof that the whole machine turns.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of a test")]

use herald_bgp::attribute::Attributes;
use herald_bgp::nlri::{NextHop, Stored};
use herald_bgp::route::{Memo, Purpose, parse_route};
use herald_bgp::text::{Grammar, Words};
use herald_bgp::value::Asn;
use herald_speaker::command::{ClientId, Command, Reply, Selector};
use herald_speaker::config::{ApiConfig, Config, ConfigRoute, ConfigRoutes, MessageConfig, PeerConfig};
use herald_speaker::event::What;
use herald_speaker::time::{Instant, Now};
use herald_speaker::{ConnId, Effect, Input, Speaker};
use std::sync::Arc;
use std::time::Duration;

struct Side {
    speaker: Speaker,
    log: Vec<String>,
    /// Effects that need the other side.
    calls: Vec<ConnId>,
    closes: Vec<(ConnId, Vec<u8>)>,
}

impl Side {
    fn input(&mut self, now: Now, input: Input<'_>) {
        let Side { speaker, log, calls, closes } = self;
        speaker.handle(now, input, &mut |effect| note(log, calls, closes, effect));
    }

    fn output(&mut self, now: Now, conn: ConnId) -> Vec<u8> {
        let Side { speaker, log, calls, closes } = self;
        let bytes = speaker.transmit(now, conn, 4096, &mut |effect| note(log, calls, closes, effect)).to_vec();
        speaker.sent(now, conn, bytes.len());
        bytes
    }
}

fn note(log: &mut Vec<String>, calls: &mut Vec<ConnId>, closes: &mut Vec<(ConnId, Vec<u8>)>, effect: Effect<'_>) {
    match effect {
        Effect::Connect { conn, .. } => calls.push(conn),
        Effect::Close { conn, last } => closes.push((conn, last.to_vec())),
        Effect::Event(event) => match event.what {
            What::Message { direction, bytes, faults } => {
                log.push(format!("{direction:?} {} {}", bytes[18], faults.len()));
            }
            What::Fsm(state) => log.push(state.name().into()),
            other => log.push(format!("{other:?}")),
        },
        Effect::Reply { reply, .. } => match reply {
            Reply::Route { nlri, .. } => log.push(format!("route {:?}", nlri.nlri())),
            Reply::Neighbors { list, .. } => log.push(format!("neighbors {}", list.len())),
            other => log.push(format!("{other:?}")),
        },
        Effect::Notice(notice) => log.push(notice.message),
        _ => {}
    }
}

fn config(me: u8, other: u8, passive: bool, routes: ConfigRoutes) -> Arc<Config> {
    let mut peer = PeerConfig::new([127, 0, 0, other].into());
    peer.local_address = Some([127, 0, 0, me].into());
    peer.local_as = Some(Asn(65000 + u32::from(me)));
    peer.peer_as = Some(Asn(65000 + u32::from(other)));
    peer.passive = passive;
    peer.hold_time = 3;
    peer.routes = Arc::new(routes);
    let receive = MessageConfig { parsed: true, update: true, ..MessageConfig::default() };
    peer.api = vec![ApiConfig { neighbor_changes: true, receive, ..ApiConfig::default() }];
    Arc::new(Config { peers: vec![Arc::new(peer)], ..Config::default() })
}

fn side() -> Side {
    Side { speaker: Speaker::new(1, Now::default()), log: Vec::new(), calls: Vec::new(), closes: Vec::new() }
}

fn at(millis: u64) -> Now {
    Now { mono: Instant(0) + Duration::from_millis(millis), ..Now::default() }
}

/// Carries octets both ways until both are silent.
fn exchange(now: Now, a: &mut Side, ca: ConnId, b: &mut Side, cb: ConnId) {
    loop {
        let to_b = a.output(now, ca);
        let to_a = b.output(now, cb);
        if to_a.is_empty() && to_b.is_empty() {
            return;
        }
        for byte in &to_b {
            b.input(now, Input::Received { conn: cb, bytes: &[*byte] });
        }
        a.input(now, Input::Received { conn: ca, bytes: &to_a });
    }
}

fn route(text: &str) -> herald_bgp::route::Route {
    parse_route(&mut Words::new(text, 0, Grammar::Line), Purpose::Announce, &mut Memo::new()).unwrap()
}

#[test]
fn two_speakers_talk() {
    let attributes = Arc::new(Attributes::new(NextHop::SelfAddress, []));
    let family = herald_bgp::family::Family::IPV4_UNICAST;
    let configured = ConfigRoutes {
        attributes: vec![attributes],
        routes: vec![ConfigRoute { nlri: Stored::new(None, &[8, 10]), attributes: 0, family, withdrawn: false }],
        watchdogs: Vec::new(),
    };
    let (mut a, mut b) = (side(), side());
    a.input(at(0), Input::Configure(config(1, 2, false, configured)));
    b.input(at(0), Input::Configure(config(2, 1, true, ConfigRoutes::default())));
    a.input(at(0), Input::Tick);
    let ca = a.calls.pop().expect("a call");
    let cb = ConnId::accepted(1);
    let (la, lb) = ("127.0.0.1:1000".parse().unwrap(), "127.0.0.2:179".parse().unwrap());
    b.input(at(1), Input::Accepted { conn: cb, local: lb, remote: la });
    a.input(at(1), Input::Connected { conn: ca, local: la });
    exchange(at(2), &mut a, ca, &mut b, cb);
    assert!(a.log.contains(&"Up".to_owned()) && b.log.contains(&"Up".to_owned()), "{:?} {:?}", a.log, b.log);
    let updates = |side: &Side| side.log.iter().filter(|l| *l == "Receive 2 0").count();
    assert_eq!(updates(&b), 2, "the route and the End-of-RIB: {:?}", b.log);

    let all = Arc::new(Selector::All);
    let control = ClientId::Control(0);
    let command = |route| Input::Command { from: control, command: Command::Announce { to: all.clone(), route } };
    a.input(at(3), command(route("10.1.0.0/16 next-hop self med 5")));
    a.input(at(3), command(route("10.1.0.0/16 next-hop self med 5")));
    exchange(at(3), &mut a, ca, &mut b, cb);
    assert_eq!(updates(&b), 3, "an identical announcement is not sent: {:?}", b.log);
    let withdraw = Command::Withdraw { to: all.clone(), route: route("10.1.0.0/16 next-hop self") };
    a.input(at(4), Input::Command { from: control, command: withdraw });
    a.input(at(4), command(route("10.1.0.0/16 next-hop self med 7")));
    exchange(at(4), &mut a, ca, &mut b, cb);
    assert_eq!(updates(&b), 5, "withdrawal, then announcement: {:?}", b.log);

    // Silence: a keepalive a second, then the hold timer.
    let due = a.speaker.deadline().expect("a timer");
    assert_eq!(due.at, at(1002).mono);
    a.log.clear();
    a.input(at(1002), Input::Tick);
    assert_eq!(a.output(at(1002), ca).len(), 19);
    a.input(at(3100), Input::Tick);
    let counts = "peer 127.0.0.2: received 3 messages (1 UPDATE, 0 ROUTE-REFRESH), sent 9 (5 UPDATE, 0 ROUTE-REFRESH)";
    assert_eq!(a.log, [counts, "Down(\"notification sent (4,0)\")", "IDLE"]);
    let (_, last) = a.closes.pop().expect("a close");
    assert_eq!(last[last.len() - 3..], [3, 4, 0]);
    assert!(a.speaker.deadline().is_some(), "and it will be called again");
}
