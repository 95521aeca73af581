//! Capabilities that decide whether there is a session, and how it ends.
#![allow(clippy::expect_used)] // in tests, what is said has to be understood

use herald_bgp::capability::graceful_restart::{self, GracefulRestart};
use herald_bgp::capability::role::{self, Role};
use herald_bgp::capability::{code, multiprotocol, multisession};
use herald_bgp::family::Family;
use herald_bgp::open::Open;
use herald_bgp::operational::Said;
use herald_bgp::route::{Memo, Purpose, parse_route};
use herald_bgp::text::{Grammar, Words};
use herald_bgp::value::Asn;
use herald_speaker::Input;
use herald_speaker::command::{ClientId, Command, Selector};
use herald_speaker::config::{ApiConfig, CapabilityConfig, Config, PeerConfig};
use herald_testkit::script::{self, Script};
use herald_testkit::sim::Sim;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

const US: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const THEM: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

fn neighbour(capability: CapabilityConfig) -> PeerConfig {
    let mut peer = PeerConfig::new(THEM);
    peer.local_address = Some(US);
    peer.local_as = Some(Asn(65001));
    peer.peer_as = Some(Asn(65002));
    peer.passive = true;
    peer.capability = capability;
    peer.api = vec![ApiConfig { neighbor_changes: true, ..ApiConfig::default() }];
    peer
}

/// A session with a peer that says these capabilities beside IPv4 unicast.
fn meet(capability: CapabilityConfig, theirs: &[(u8, Vec<u8>)]) -> Sim {
    let mut open = Open::new(65002, 90, Ipv4Addr::new(10, 0, 0, 2));
    open.capabilities.push((code::MULTIPROTOCOL, multiprotocol::build(Family::IPV4_UNICAST)));
    open.capabilities.extend_from_slice(theirs);
    let mut greeting = Vec::new();
    open.write(&mut greeting);
    let mut sim = Sim::new(7);
    sim.speaker(US, 7);
    sim.script(THEM, Script { greeting, polite: true, ..Script::default() });
    configure(&mut sim, vec![neighbour(capability)]);
    sim.call(THEM, US);
    sim.run(Duration::from_secs(1));
    sim
}

fn configure(sim: &mut Sim, peers: Vec<PeerConfig>) {
    let peers = peers.into_iter().map(Arc::new).collect();
    sim.input(US, Input::Configure(Arc::new(Config { peers, ..Config::default() })));
}

fn last_words(sim: &Sim) -> Vec<Vec<u8>> {
    let heard = sim.heard(THEM).map(|script| script.messages.clone()).unwrap_or_default();
    heard.iter().filter(|m| m.get(18) == Some(&3)).filter_map(|m| m.get(19..)).map(<[u8]>::to_vec).collect()
}

fn teardown(sim: &mut Sim, subcode: u8) {
    let command = Command::Teardown { to: Arc::new(Selector::All), subcode, text: "bye".into() };
    sim.input(US, Input::Command { from: ClientId::Control(0), command });
    sim.run(Duration::from_secs(2));
}

#[test]
fn roles_must_fit() {
    let ours = |role, role_strict| CapabilityConfig { role, role_strict, ..CapabilityConfig::default() };
    let says = |roles: &[u8]| roles.iter().map(|role| (code::ROLE, vec![*role])).collect::<Vec<_>>();
    for (role, strict, theirs, fits) in [
        (Some(Role::Customer), false, &[0][..], true),
        (Some(Role::Customer), true, &[0], true),
        (Some(Role::Customer), false, &[0, 0], true),
        (Some(Role::Customer), false, &[0, 3], false),
        (Some(Role::Customer), false, &[3], false),
        (Some(Role::Customer), false, &[99], false),
        (Some(Role::Customer), false, &[], true),
        (Some(Role::Customer), true, &[], false),
        (Some(Role::RouteServer), true, &[2], true),
        (Some(Role::Peer), true, &[4], true),
        (None, true, &[3], true),
    ] {
        let sim = meet(ours(role, strict), &says(theirs));
        let refused: &[Vec<u8>] = if fits { &[] } else { &[vec![2, 11]] };
        assert_eq!(last_words(&sim), refused, "{role:?} {strict} {theirs:?}");
        assert_eq!(sim.count(" Up") > 0, fits);
    }
    let open = meet(ours(Some(Role::Customer), false), &[]).heard(THEM).map(|s| s.messages.clone());
    let open = open.and_then(|m| m.first().and_then(|m| Open::read(m.get(19..)?).ok()));
    assert_eq!(open.map(|open| role::read(open.values(code::ROLE))), Some(vec![3]));
}

#[test]
fn several_sessions_need_both_sides() {
    let ours = CapabilityConfig { multi_session: true, ..CapabilityConfig::default() };
    assert_eq!(last_words(&meet(ours.clone(), &[])), [vec![2, 9]]);
    let theirs = multisession::build().map(|value| (code::MULTISESSION, value)).to_vec();
    assert_eq!(meet(ours.clone(), &theirs).count(" Up"), 1);
    let mut other = theirs;
    other.push((code::MULTIPROTOCOL, multiprotocol::build(Family::IPV6_UNICAST)));
    assert_eq!(last_words(&meet(ours, &other)), [vec![2, 8]]);
}

#[test]
fn who_keeps_routes_over_a_notification_is_told_when_not_to() {
    let restart = |notification| {
        let says = GracefulRestart { restarted: false, notification, time: 60, families: Vec::new() };
        vec![(code::GRACEFUL_RESTART, graceful_restart::build(&says))]
    };
    let ours = |restart_notification| CapabilityConfig {
        graceful_restart: Some(60),
        restart_notification,
        ..CapabilityConfig::default()
    };
    for (notification, theirs, subcode, words) in [
        (true, true, 2, &[6, 9, 6, 2, 3, b'b', b'y', b'e'][..]),
        (true, true, 3, &[6, 9, 6, 3]),
        (true, true, 4, &[6, 4, 3, b'b', b'y', b'e']),
        (true, true, 9, &[6, 9, 6, 4, 3, b'b', b'y', b'e']),
        (true, false, 9, &[6, 9, 6, 4, 3, b'b', b'y', b'e']),
        (true, false, 2, &[]),
        (false, true, 4, &[]),
    ] {
        let mut sim = meet(ours(notification), &restart(theirs));
        teardown(&mut sim, subcode);
        let told: Vec<Vec<u8>> = if words.is_empty() { vec![] } else { vec![words.to_vec()] };
        assert_eq!(last_words(&sim), told, "{notification} {theirs} {subcode}");
        assert_eq!(sim.count(" Down"), 1);
    }
    // a peer that is no longer configured will not be back
    for (theirs, words) in [(true, &[6, 9, 6, 3][..]), (false, &[6, 3])] {
        let mut sim = meet(ours(true), &restart(theirs));
        configure(&mut sim, vec![]);
        sim.run(Duration::from_secs(2));
        assert_eq!(last_words(&sim), [words]);
    }
    // the daemon may be back soon
    let mut sim = meet(ours(true), &restart(true));
    sim.input(US, Input::Command { from: ClientId::Control(0), command: Command::Shutdown });
    sim.run(Duration::from_secs(2));
    assert_eq!(last_words(&sim), Vec::<Vec<u8>>::new());
}

fn said(line: &str) -> Said {
    let mut words = Words::new(line, 0, Grammar::Line);
    let word = words.next().expect("a type");
    Said::parse(&word, &mut words).expect("a message")
}

fn operational(sim: &Sim) -> Vec<Vec<u8>> {
    let heard = sim.heard(THEM).map(|script| script.messages.clone()).unwrap_or_default();
    heard.iter().filter(|m| m.get(18) == Some(&6)).filter_map(|m| m.get(23..)).map(<[u8]>::to_vec).collect()
}

/// Static messages come again with each session, one for each family; numbers go up.
#[test]
fn operational_messages() {
    let ours = CapabilityConfig { operational: true, ..CapabilityConfig::default() };
    let send = |sim: &mut Sim, line: &str| {
        let command = Command::Operational { to: Arc::new(Selector::All), said: said(line) };
        sim.input(US, Input::Command { from: ClientId::Control(0), command });
    };
    let mut sim = meet(ours.clone(), &[(code::OPERATIONAL, Vec::new())]);
    send(&mut sim, "rpcq afi ipv4 safi unicast");
    send(&mut sim, "asm afi ipv4 safi unicast advisory one");
    send(&mut sim, "rpcq afi ipv4 safi unicast sequence 77");
    send(&mut sim, "asm afi ipv4 safi unicast advisory two");
    send(&mut sim, "rpcp afi ipv4 safi unicast counter 5");
    sim.run(Duration::from_secs(2));
    let query = |sequence: u8| vec![0, 1, 1, 10, 0, 0, 1, 0, 0, 0, sequence];
    let text = |text: &[u8]| [&[0, 1, 1], text].concat();
    let answer = [&query(2)[..], &[0, 0, 0, 5]].concat();
    assert_eq!(operational(&sim), [query(1), text(b"one"), query(77), text(b"two"), answer]);
    let before = operational(&sim).len();
    sim.reset(US);
    sim.call(THEM, US);
    sim.run(Duration::from_secs(4));
    assert_eq!(operational(&sim)[before..], [text(b"two")]);
    // one that cannot be read ends the session (draft-ietf-idr-operational-message §5)
    sim.say(THEM, &script::message(6, &[0, 3, 0, 200]));
    sim.run(Duration::from_secs(5));
    assert_eq!(last_words(&sim), [[5, 0]]);

    let mut deaf = meet(ours, &[]);
    send(&mut deaf, "rpcq afi ipv4 safi unicast");
    send(&mut deaf, "asm afi ipv4 safi unicast advisory one");
    deaf.run(Duration::from_secs(2));
    assert_eq!((operational(&deaf).len(), deaf.count("agreed on operational messages")), (0, 1), "{:#?}", deaf.trace);
}

/// Messages of the file are said when a session comes up, ahead of all routes.
#[test]
fn operational_messages_of_the_file() {
    let mut peer = neighbour(CapabilityConfig { operational: true, ..CapabilityConfig::default() });
    peer.operational = vec![said("adm afi ipv4 safi unicast advisory hello"), said("apcq afi ipv4 safi unicast")];
    let mut sim = meet(peer.capability.clone(), &[(code::OPERATIONAL, Vec::new())]);
    configure(&mut sim, vec![peer]);
    sim.run(Duration::from_secs(2));
    assert_eq!((operational(&sim).len(), sim.count(" Down")), (0, 0), "they need no new session");
    sim.reset(US);
    sim.call(THEM, US);
    sim.run(Duration::from_secs(3));
    let kinds = sim.heard(THEM).map(|s| s.messages.iter().filter_map(|m| m.get(18)).copied().collect::<Vec<_>>());
    let kinds = kinds.unwrap_or_default();
    assert_eq!(kinds[kinds.len() - 5..], [1, 4, 6, 6, 2], "OPEN, KEEPALIVE, both, End-of-RIB");
}

/// Routes to customers, peers and clients are marked; marked ones go to nobody else; leaks are told.
#[test]
fn routes_go_to_customers_only() {
    const MARK: [u8; 7] = [0xc0, 35, 4, 0, 0, 0xfd, 0xe9];
    for (role, marks, holds_back) in [
        (Role::Provider, true, false),
        (Role::RouteServer, true, false),
        (Role::Peer, true, true),
        (Role::Customer, false, true),
        (Role::RouteServerClient, false, true),
    ] {
        let ours = CapabilityConfig { role: Some(role), ..CapabilityConfig::default() };
        let mut sim = meet(ours, &[(code::ROLE, role::build(role.opposite()))]);
        for line in ["10.0.0.0/24 next-hop 10.0.0.1", "10.0.1.0/24 next-hop 10.0.0.1 only-to-customer 65009"] {
            let route = parse_route(&mut Words::new(line, 0, Grammar::Line), Purpose::Announce, &mut Memo::new());
            let command = Command::Announce { to: Arc::new(Selector::All), route: route.expect("a route") };
            sim.input(US, Input::Command { from: ClientId::Control(0), command });
        }
        sim.run(Duration::from_secs(2));
        let heard = sim.heard(THEM).map(|script| script.messages.clone()).unwrap_or_default();
        let update = |prefix: [u8; 4]| heard.iter().find(|m| m.ends_with(&prefix));
        let has = |m: &Vec<u8>, octets: &[u8]| m.windows(octets.len()).any(|w| w == octets);
        assert_eq!(update([24, 10, 0, 0]).map(|m| has(m, &MARK)), Some(marks), "{role}");
        let marked = update([24, 10, 0, 1]).map(|m| has(m, &[0xc0, 35, 4, 0, 0, 0xfd, 0xf1]) && !has(m, &MARK));
        assert_eq!(marked, (!holds_back).then_some(true), "{role}");
        assert_eq!(sim.count("goes to customers only"), usize::from(holds_back));

        let mut leak = vec![0, 0, 0, 25, 0x40, 1, 1, 0, 0x40, 2, 4, 2, 1, 0xfd, 0xea, 0x40, 3, 4, 10, 0, 0, 2];
        leak.extend([0xc0, 35, 4, 0, 0, 0xfd, 0xf1, 8, 10]);
        sim.say(THEM, &script::message(2, &leak));
        sim.run(Duration::from_secs(3));
        let leaks = matches!(role, Role::Provider | Role::RouteServer | Role::Peer);
        assert_eq!((sim.count("have leaked"), sim.count(" Down")), (usize::from(leaks), 0), "{role}");
    }
}
