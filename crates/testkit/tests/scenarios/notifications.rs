//! Every NOTIFICATION we send, octet for octet: code, subcode, and the data its RFC asks for.

use super::common::*;
use herald_speaker::Input;
use herald_speaker::config::{CapabilityConfig, PeerConfig, Settings};
use herald_testkit::script::{Script, keepalive, message, open};
use herald_testkit::sim::Sim;
use std::net::Ipv4Addr;

const ID: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

/// What a peer that says this is answered, once it has been heard.
fn answer(greeting: Vec<u8>, then: Vec<u8>) -> Vec<Vec<u8>> {
    let capability = CapabilityConfig { route_refresh: true, ..CapabilityConfig::default() };
    let peer = PeerConfig { capability, ..passive(90) };
    let mut sim = scripted(Script { greeting, polite: true, ..Script::default() }, peer);
    sim.call(ip(2), ip(1));
    sim.run(secs(1));
    sim.say(ip(2), &then);
    sim.run(secs(2));
    assert_eq!(sim.connections(ip(1)), 0, "{:#?}", sim.trace);
    sim.heard(ip(2)).unwrap().bodies(3).map(<[u8]>::to_vec).collect()
}

fn header(length: u16, kind: u8) -> Vec<u8> {
    let mut octets = vec![0xff; 16];
    octets.extend(length.to_be_bytes());
    octets.push(kind);
    octets
}

/// An OPEN with other octets from `at` on in its body.
fn odd_open(at: usize, octets: &[u8]) -> Vec<u8> {
    let mut whole = open(65002, 90, ID);
    whole[19 + at..19 + at + octets.len()].copy_from_slice(octets);
    whole
}

/// An UPDATE with ORIGIN, AS_PATH, NEXT_HOP, these attributes, and this NLRI.
fn odd_update(attributes: &[u8], nlri: &[u8]) -> Vec<u8> {
    let usual = [0x40, 1, 1, 0, 0x40, 2, 4, 2, 1, 0xfd, 0xea, 0x40, 3, 4, 10, 0, 0, 2];
    let length = u16::try_from(usual.len() + attributes.len()).unwrap().to_be_bytes();
    message(2, &[&[0, 0], &length[..], &usual, attributes, nlri].concat())
}

#[test]
fn what_is_wrong_with_a_message() {
    let good = || open(65002, 90, ID);
    let refreshing = || capable(90, &[2, 0, 70, 0]).greeting;
    let too_long = message(5, &[0, 1, 1, 1, 9]);
    let reach = [0x80, 14, 9, 0, 1, 1, 4, 10, 0, 0, 2, 0];
    type Row = (&'static str, Vec<u8>, Vec<u8>, Vec<u8>);
    let table: Vec<Row> = vec![
        // Greeting, what follows a second later, the NOTIFICATION's body.
        ("Connection Not Synchronized", good(), vec![0; 19], vec![1, 1]),
        ("Bad Message Length: the field", good(), header(18, 4), vec![1, 2, 0, 18]),
        ("Bad Message Length: beyond what was agreed", good(), header(4097, 2), vec![1, 2, 0x10, 1]),
        ("Bad Message Type: the field", good(), message(77, &[]), vec![1, 3, 77]),
        ("Unsupported Version Number: the one we speak", odd_open(0, &[5]), vec![], vec![2, 1, 0, 4]),
        ("Bad Peer AS", odd_open(1, &[1, 1]), vec![], vec![2, 2]),
        ("Bad BGP Identifier", odd_open(5, &[0; 4]), vec![], vec![2, 3]),
        ("Unsupported Optional Parameter", odd_open(10, &[9]), vec![], vec![2, 4]),
        ("Unacceptable Hold Time", odd_open(3, &[0, 1]), vec![], vec![2, 6]),
        ("an OPEN that does not fit where it is", odd_open(9, &[200]), vec![], vec![2, 0]),
        ("Malformed Attribute List", good(), message(2, &[0, 0, 0, 99]), vec![3, 1]),
        ("Malformed Attribute List: routes twice", good(), odd_update(&[reach, reach].concat(), &[]), vec![3, 1]),
        (
            "Optional Attribute Error: the attribute",
            good(),
            odd_update(&[0x80, 14, 2, 0, 1], &[]),
            vec![3, 9, 0x80, 14, 2, 0, 1],
        ),
        ("Invalid Network Field", good(), odd_update(&[], &[33, 1, 2, 3, 4, 5]), vec![3, 10]),
        ("a message in OpenSent: its type", keepalive(), vec![], vec![5, 1, 4]),
        ("a message in Established: its type", good(), good(), vec![5, 3, 1]),
        (
            "Invalid Message Length: the whole message",
            refreshing(),
            too_long.clone(),
            [&[7, 1][..], &too_long].concat(),
        ),
    ];
    for (name, greeting, then, expected) in table {
        assert_eq!(answer(greeting, then), [expected], "{name}");
    }
    // A KEEPALIVE is what takes a session out of OpenConfirm: this peer sends none.
    let mut sim =
        scripted(Script { greeting: [open(65002, 90, ID), update(&[1])].concat(), ..Script::default() }, passive(90));
    sim.call(ip(2), ip(1));
    sim.run(secs(1));
    assert_eq!(sim.heard(ip(2)).unwrap().bodies(3).collect::<Vec<_>>(), [&[5, 2, 2]], "its type");
}

/// What the peer was told at the end of a session.
fn told(peer: PeerConfig, end: impl FnOnce(&mut Sim)) -> Vec<Vec<u8>> {
    let mut sim = established(script(90), peer);
    end(&mut sim);
    sim.run(secs(600));
    sim.heard(ip(2)).unwrap().bodies(3).map(<[u8]>::to_vec).collect()
}

#[test]
fn why_we_end_a_session() {
    let signal = |number, name| Input::Signal { number, name };
    assert_eq!(told(passive(90), |_| ()), [[4, 0]], "Hold Timer Expired");
    assert_eq!(
        told(passive(0), |sim| sim.input(ip(1), signal(15, "SIGTERM"))),
        [[6, 2, 0]],
        "Administrative Shutdown, without a word"
    );
    assert_eq!(told(passive(0), |sim| configure(sim, 1, vec![])), [[6, 3]], "Peer De-configured");
    let changed = PeerConfig { connect: Some(1790), ..passive(0) };
    assert_eq!(told(passive(0), |sim| configure(sim, 1, vec![changed])), [[6, 3]], "it has to begin anew");
    for subcode in [2, 3, 4, 9] {
        let said = told(passive(0), |sim| say(sim, 1, &format!("teardown {subcode}")));
        assert_eq!(said[0][..2], [6, subcode]);
        assert_eq!(said.len(), 1);
        let text = match subcode {
            2 => &b"\x17Administrative Shutdown"[..],
            4 => b"\x14Administrative Reset",
            9 => b"\x06\x04\x14Administrative Reset",
            _ => b"",
        };
        assert_eq!(&said[0][2..], text, "{subcode}");
    }
    let mut sim = Sim::new(1);
    sim.speaker(ip(1), 1);
    sim.script(ip(2), Script::default());
    configure_with(&mut sim, 1, vec![passive(90)], Settings { open_wait: secs(3), ..Settings::default() });
    sim.call(ip(2), ip(1));
    sim.run(secs(10));
    assert_eq!(notifications(&sim), [(5, 1)], "no OPEN came in time");
    // Nobody with that address is known: not even an OPEN is sent.
    sim.script(ip(9), script(90));
    sim.call(ip(9), ip(1));
    sim.run(secs(11));
    let stranger = sim.heard(ip(9)).unwrap();
    assert_eq!((stranger.messages.len(), stranger.notifications()), (1, vec![(6, 3)]));
}

#[test]
fn a_message_of_unknown_type_may_be_refused_in_words() {
    let mut sim = Sim::new(1);
    sim.speaker(ip(1), 1);
    sim.script(ip(2), Script { polite: true, ..script(90) });
    configure_with(&mut sim, 1, vec![passive(90)], Settings { refuse_in_words: true, ..Settings::default() });
    sim.call(ip(2), ip(1));
    sim.run(secs(1));
    sim.say(ip(2), &message(255, &[]));
    sim.run(secs(2));
    let said: Vec<&[u8]> = sim.heard(ip(2)).unwrap().bodies(3).collect();
    assert_eq!(said, [b"\x01\x00can not decode update message of type \"255\""]);
}

#[test]
fn who_calls_while_we_end_is_told_so() {
    let mut sim = established(script(90), passive(90));
    sim.input(ip(1), Input::Signal { number: 2, name: "SIGINT" });
    sim.run(secs(1));
    sim.call(ip(2), ip(1));
    sim.run(secs(2));
    assert_eq!(notifications(&sim), [(6, 2), (6, 2)]);
    assert_eq!((sim.count("Stop { code: 0 }"), sim.connections(ip(1))), (1, 0));
}
