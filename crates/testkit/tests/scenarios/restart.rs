//! Graceful restart as far as it goes (RFC 4724), and the Hard Reset (RFC 8538).

use super::common::*;
use herald_bgp::family::Family;
use herald_speaker::Input;
use herald_speaker::config::{CapabilityConfig, PeerConfig};
use herald_testkit::script::message;
use herald_testkit::sim::Sim;

/// 120 seconds, IPv4 unicast with its forwarding state kept.
const GRACEFUL: &[u8] = &[64, 6, 0x00, 0x78, 0, 1, 1, 0x80];
const CODE: u8 = 64;

fn graceful(time: u16) -> PeerConfig {
    let capability = CapabilityConfig { graceful_restart: Some(time), ..CapabilityConfig::default() };
    PeerConfig { capability, families: vec![Family::IPV4_UNICAST, Family::IPV6_UNICAST], ..passive(90) }
}

/// The graceful restart capabilities of our OPENs.
fn offered(sim: &Sim) -> Vec<Vec<u8>> {
    let capability = |body: &[u8]| {
        let mut rest = &body[10..];
        while let [2, length, code, _, ..] = rest {
            let (parameter, behind) = rest.split_at(2 + usize::from(*length));
            if *code == CODE {
                return Some(parameter[4..].to_vec());
            }
            rest = behind;
        }
        None
    };
    sim.heard(ip(2)).unwrap().bodies(1).filter_map(capability).collect()
}

#[test]
fn the_restart_flag_is_set_until_the_peer_is_stopped_once() {
    let mut sim = established(capable(90, GRACEFUL), graceful(0x0abc));
    let mut again = |after: &mut dyn FnMut(&mut Sim)| {
        after(&mut sim);
        let now = sim.now().mono.since(Default::default());
        sim.run(now + secs(1));
        sim.call(ip(2), ip(1));
        sim.run(now + secs(2));
    };
    again(&mut |sim| sim.reset(ip(2)));
    again(&mut |sim| {
        let changed = PeerConfig { hold_time: 30, ..graceful(0x0abc) };
        configure(sim, 1, vec![changed]);
    });
    again(&mut |sim| sim.reset(ip(2)));
    // R; never N (RFC 8538); twelve bits of time; each family with F.
    let with = |flags: u8| vec![flags | 0x0a, 0xbc, 0, 1, 1, 0x80, 0, 2, 1, 0x80];
    assert_eq!(offered(&sim), [with(0x80), with(0x80), with(0), with(0)]);
}

#[test]
fn a_session_that_is_to_survive_ends_without_a_notification() {
    for (capabilities, code) in [(GRACEFUL, None), (&[][..], Some((6, 4)))] {
        let mut sim = established(capable(90, capabilities), graceful(60));
        say(&mut sim, 1, "teardown 4");
        sim.run(secs(1));
        assert_eq!(notifications(&sim), Vec::from_iter(code));
        assert_eq!((sim.count(" Down"), sim.connections(ip(1))), (1, 0));
    }
    // Who asks the daemon to end means it.
    let mut sim = established(capable(90, &[]), passive(90));
    sim.input(ip(1), Input::Signal { number: 15, name: "SIGTERM" });
    sim.run(secs(1));
    assert_eq!(notifications(&sim), [(6, 2)]);
}

#[test]
fn a_peer_that_restarted_takes_the_place_of_its_old_connection() {
    let mut sim = established(capable(90, GRACEFUL), graceful(60));
    sim.segment = usize::MAX;
    sim.run(secs(1));
    // It lost its state, and we did not hear of it.
    sim.call(ip(2), ip(1));
    sim.run(secs(2));
    assert_eq!((sim.count(" Up"), sim.count(" Down"), sim.connections(ip(1))), (2, 1, 1), "{:#?}", sim.trace);
    assert_eq!(sim.count("graceful restart of the peer"), 1);
    assert_eq!(notifications(&sim), []);
}

#[test]
fn a_hard_reset_ends_the_session_and_its_routes_whatever_was_agreed() {
    for capabilities in [GRACEFUL, &[]] {
        let mut sim = established(capable(90, capabilities), graceful(60));
        sim.say(ip(2), &update(&[1, 2, 3]));
        sim.run(secs(1));
        assert_eq!(received(&mut sim), [1, 2, 3]);
        // Cease / Hard Reset, that wraps Cease / Administrative Reset and its text.
        sim.say(ip(2), &message(3, &[6, 9, 6, 4, 2, b'u', b'p']));
        sim.run(secs(2));
        assert_eq!((sim.count(" Down"), sim.connections(ip(1))), (1, 0));
        assert_eq!(sim.count("Down(\"notification received (6,9)\")"), 1);
        assert_eq!(sim.count("0, 26, 3, 6, 9, 6, 4, 2, 117, 112]"), 1, "helpers are told what it said");
        assert_eq!(received(&mut sim), [0; 0]);
        assert_eq!(notifications(&sim), [], "a NOTIFICATION is not answered");
        sim.call(ip(2), ip(1));
        sim.run(secs(3));
        assert_eq!(sim.count(" Up"), 2);
    }
}
