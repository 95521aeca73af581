//! Route refresh, plain and enhanced (RFC 2918, RFC 7313).

use super::common::*;
use herald_bgp::family::Family;
use herald_speaker::config::{CapabilityConfig, PeerConfig};
use herald_testkit::script::{Script, message};
use herald_testkit::sim::Sim;

const PLAIN: &[u8] = &[2, 0];
const ENHANCED: &[u8] = &[2, 0, 70, 0];
const REQUEST: [u8; 4] = [0, 1, 0, 1];
const BEGIN: [u8; 4] = [0, 1, 1, 1];
const END: [u8; 4] = [0, 1, 2, 1];

fn refreshing(capabilities: &[u8]) -> Sim {
    let capability = CapabilityConfig { route_refresh: true, ..CapabilityConfig::default() };
    established(capable(90, capabilities), PeerConfig { capability, ..passive(90) })
}

fn tell(sim: &mut Sim, octets: &[u8]) {
    sim.say(ip(2), octets);
    let now = sim.now().mono.since(Default::default());
    sim.run(now + millis(50));
}

/// Types of the messages the peer heard since `from`, and the third octets of what was announced.
fn heard(sim: &Sim, from: usize) -> Vec<Vec<u8>> {
    sim.heard(ip(2)).unwrap().messages[from..].iter().map(|message| message[18..].to_vec()).collect()
}

fn count(sim: &Sim) -> usize {
    sim.heard(ip(2)).map_or(0, |script: &Script| script.messages.len())
}

#[test]
fn a_request_is_answered_with_the_routes_between_marks_if_both_know_them() {
    for (capabilities, marked) in [(PLAIN, false), (ENHANCED, true)] {
        let mut sim = refreshing(capabilities);
        say(&mut sim, 1, "announce route 10.7.0.0/16 next-hop 10.0.0.1\nannounce route 10.8.0.0/16 next-hop 10.0.0.1");
        sim.run(secs(1));
        say(&mut sim, 1, "withdraw route 10.8.0.0/16");
        sim.run(secs(2));
        let before = count(&sim);
        tell(&mut sim, &message(5, &REQUEST));
        let heard = heard(&sim, before);
        let is_route = |body: &Vec<u8>| body[0] == 2 && body.ends_with(&[16, 10, 7]);
        if marked {
            assert_eq!((heard.len(), &heard[0][1..], &heard[2][1..]), (3, &BEGIN[..], &END[..]), "{heard:?}");
            assert!(is_route(&heard[1]), "{heard:?}");
        } else {
            assert!(heard.len() == 1 && is_route(&heard[0]), "{heard:?}");
        }
    }
}

#[test]
fn what_does_not_come_again_during_an_enhanced_refresh_is_gone_after_it() {
    let mut sim = refreshing(ENHANCED);
    tell(&mut sim, &update(&[1, 2, 3, 4]));
    assert_eq!(received(&mut sim), [1, 2, 3, 4]);
    tell(&mut sim, &message(5, &BEGIN));
    tell(&mut sim, &update(&[1, 3, 5]));
    assert_eq!(received(&mut sim), [1, 2, 3, 4, 5], "until the end all of them are good");
    // Withdrawn meanwhile: gone at once.
    tell(&mut sim, &message(2, &[0, 4, 24, 10, 1, 3, 0, 0]));
    assert_eq!(received(&mut sim), [1, 2, 4, 5]);
    tell(&mut sim, &message(5, &END));
    assert_eq!(received(&mut sim), [1, 5]);
    // An end without a beginning sweeps nothing, and the next refresh begins anew.
    tell(&mut sim, &message(5, &END));
    assert_eq!(received(&mut sim), [1, 5]);
    tell(&mut sim, &message(5, &BEGIN));
    tell(&mut sim, &message(5, &BEGIN));
    tell(&mut sim, &update(&[5, 6]));
    tell(&mut sim, &message(5, &END));
    assert_eq!(received(&mut sim), [5, 6]);
    assert_eq!((sim.count(" Down"), notifications(&sim)), (0, vec![]));
}

#[test]
fn marks_mean_nothing_without_the_capability() {
    let mut sim = refreshing(PLAIN);
    tell(&mut sim, &update(&[1, 2]));
    tell(&mut sim, &message(5, &BEGIN));
    tell(&mut sim, &update(&[2]));
    tell(&mut sim, &message(5, &END));
    assert_eq!(received(&mut sim), [1, 2]);
}

#[test]
fn what_nobody_agreed_on_is_ignored() {
    // No capability at all; a family without a session; a subtype that does not exist, of whatever length.
    let mut none = refreshing(&[]);
    let before = count(&none);
    tell(&mut none, &message(5, &REQUEST));
    assert_eq!((count(&none), none.count("without the capability")), (before, 1));
    let mut enhanced = refreshing(ENHANCED);
    let before = count(&enhanced);
    for body in [&[0, 2, 0, 1][..], &[0, 2, 1, 1], &[0, 1, 9, 1], &[0, 1, 9, 1, 0, 0]] {
        tell(&mut enhanced, &message(5, body));
    }
    assert_eq!((count(&enhanced), enhanced.count(" Down")), (before, 0), "{:#?}", enhanced.trace);
}

#[test]
fn a_refresh_is_asked_for_where_it_was_agreed() {
    for (capabilities, asked) in [(&[][..], 0), (PLAIN, 1), (ENHANCED, 1)] {
        let mut sim = refreshing(capabilities);
        say(&mut sim, 1, "announce route-refresh ipv4 unicast");
        sim.run(secs(1));
        let requests: Vec<_> = sim.heard(ip(2)).unwrap().bodies(5).collect();
        assert_eq!(requests, vec![&REQUEST[..]; asked]);
    }
}

#[test]
fn a_mark_that_is_too_long_ends_the_session_of_those_who_know_marks() {
    for (capabilities, mark, answered) in
        [(ENHANCED, BEGIN, true), (ENHANCED, END, true), (ENHANCED, REQUEST, false), (PLAIN, BEGIN, false)]
    {
        let mut sim = refreshing(capabilities);
        let long = message(5, &[&mark[..], &[0]].concat());
        tell(&mut sim, &long);
        let expected = answered.then(|| [&[7, 1][..], &long].concat());
        let heard: Vec<_> = sim.heard(ip(2)).unwrap().bodies(3).map(<[u8]>::to_vec).collect();
        assert_eq!(heard, Vec::from_iter(expected), "{capabilities:?} {mark:?}");
    }
}

/// `6` for routes of IPv6, `4` for routes of IPv4, `b` and `e` for the marks of a refresh, `.` for an End-of-RIB.
fn order(heard: &[Vec<u8>]) -> String {
    let letter = |body: &Vec<u8>| match body[..] {
        [2, 0, 0, 0, 0] | [2, 0, 0, 0, 7, 0x90, ..] => '.',
        [2, ..] if body.windows(6).any(|part| part == [0x80, 14, 26, 0, 2, 1]) => '6',
        [2, ..] => '4',
        [5, _, _, 1, _] => 'b',
        [5, _, _, 2, _] => 'e',
        _ => '?',
    };
    heard.iter().filter(|body| matches!(body[0], 2 | 5)).map(letter).collect()
}

#[test]
fn a_few_routes_of_several_families_are_sent_as_they_came() {
    let capability = CapabilityConfig { route_refresh: true, ..CapabilityConfig::default() };
    let families = vec![Family::IPV4_UNICAST, Family::IPV6_UNICAST];
    let peer = PeerConfig { capability, families, ..passive(90) };
    let mut sim = scripted(capable(90, &[1, 4, 0, 2, 0, 1, 2, 0, 70, 0]), peer);
    say(
        &mut sim,
        1,
        "announce route 2001:db8::/32 next-hop 2001:db8::1 med 9\n\
         announce route 10.7.0.0/16 next-hop 10.0.0.1 med 1\n\
         announce route 2001:db9::/32 next-hop 2001:db8::1 med 2\n\
         announce route 2001:dba::/32 next-hop 2001:db8::1 med 2\n\
         announce route 10.8.0.0/16 next-hop 10.0.0.1 med 3\n\
         announce route 10.9.0.0/16 next-hop 10.0.0.1 med 3",
    );
    sim.call(ip(2), ip(1));
    sim.run(secs(1));
    assert_eq!(order(&heard(&sim, 0)), "64664..", "by attribute set, first seen first");
    let before = count(&sim);
    say(&mut sim, 1, "rib flush out");
    sim.run(secs(2));
    assert_eq!(order(&heard(&sim, before)), "bb646644ee", "one by one, between the marks of all families");
}
