//! However a peer's octets are cut, the same effects follow, the last octets it is sent included.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use herald_bgp::message::{Kind, MAX, split};
use herald_bgp::value::Asn;
use herald_speaker::command::{ClientId, Command, Detail, Filter, Rib, Show};
use herald_speaker::config::{ApiConfig, CapabilityConfig, Config, MessageConfig, PeerConfig};
use herald_speaker::time::{Instant, Now, UnixNanos};
use herald_speaker::{ConnId, Effect, Input, Speaker};
use herald_testkit::rng::Rng;
use herald_testkit::script::{keepalive, message, open};
use herald_testkit::tape;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

const ID: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const CONN: ConnId = ConnId(1 << 63 | 1);
const NOW: Now = Now { mono: Instant(5_000_000_000), wall: UnixNanos(7) };

/// An OPEN body that is all right, with these octets in place of those from `at` on.
fn odd_open(at: usize, octets: &[u8]) -> Vec<u8> {
    let mut whole = open(65002, 9, ID);
    whole[19 + at..19 + at + octets.len()].copy_from_slice(octets);
    whole
}

/// An OPEN with these optional parameters.
fn open_with(parameters: &[u8]) -> Vec<u8> {
    let mut body = open(65002, 9, ID)[19..28].to_vec();
    body.push(u8::try_from(parameters.len()).unwrap());
    body.extend(parameters);
    message(1, &body)
}

fn update(withdrawn: &[u8], attributes: &[&[u8]], nlri: &[u8]) -> Vec<u8> {
    let attributes = attributes.concat();
    let length = |octets: &[u8]| u16::try_from(octets.len()).unwrap().to_be_bytes();
    message(2, &[&length(withdrawn), withdrawn, &length(&attributes), &attributes, nlri].concat())
}

// AS numbers have two octets: the OPEN does not offer four.
const ORIGIN: &[u8] = &[0x40, 1, 1, 0];
const AS_PATH: &[u8] = &[0x40, 2, 4, 2, 1, 0xfd, 0xea];
const NEXT_HOP: &[u8] = &[0x40, 3, 4, 10, 0, 0, 2];
const USUAL: &[&[u8]] = &[ORIGIN, AS_PATH, NEXT_HOP];
const REACH: &[u8] = &[0x80, 14, 9, 0, 1, 1, 4, 10, 0, 0, 2, 0];
const NLRI: &[u8] = &[24, 10, 1, 1, 16, 10, 2];

fn header(length: u16, kind: u8) -> Vec<u8> {
    let mut octets = vec![0xff; 16];
    octets.extend(length.to_be_bytes());
    octets.push(kind);
    octets
}

/// What a session begins with: then it is established.
fn begin() -> Vec<u8> {
    [open(65002, 9, ID), keepalive()].concat()
}

/// The same with route refresh, plain and enhanced.
fn begin_with_refresh() -> Vec<u8> {
    [open_with(&[2, 6, 1, 4, 0, 1, 0, 1, 2, 2, 2, 0, 2, 2, 70, 0]), keepalive()].concat()
}

/// What a stream is, the stream, and the NOTIFICATION that answers it.
type Case = (&'static str, Vec<u8>, Option<(u8, u8)>);

fn corpus() -> Vec<Case> {
    let routes: Vec<u8> = (0..6).flat_map(|n| update(&[], USUAL, &[24, 10, 1, n])).collect();
    let up = |octets: Vec<u8>| [begin(), routes.clone(), octets].concat();
    let with = |other: &[u8]| up(update(&[], &[ORIGIN, AS_PATH, NEXT_HOP, other], NLRI));
    vec![
        ("routes", up(update(&[24, 10, 1, 0], &[], &[])), None),
        ("End-of-RIB", up(update(&[], &[], &[])), None),
        ("an attribute nobody knows", with(&[0xc0, 99, 3, 1, 2, 3]), None),
        ("a NOTIFICATION", up(message(3, &[6, 2, 3, b'e', b'n', b'd'])), None),
        ("a family that was not agreed", with(&[0x80, 15, 7, 0, 2, 1, 16, 0x20, 1, 48]), None),
        ("requests", [begin_with_refresh(), message(5, &[0, 1, 0, 1]), message(5, &[0, 1, 9, 1])].concat(), None),
        (
            "a refresh",
            [
                begin_with_refresh(),
                routes.clone(),
                message(5, &[0, 1, 1, 1]),
                update(&[], USUAL, NLRI),
                message(5, &[0, 1, 2, 1]),
            ]
            .concat(),
            None,
        ),
        // Headers (RFC 4271 §6.1).
        ("no marker", up(vec![0; 30]), Some((1, 1))),
        ("a marker that is wrong at its end", up([&[0xff; 15][..], &[0xfe, 0, 19, 4]].concat()), Some((1, 1))),
        ("a header that is too short", up(header(18, 4)), Some((1, 2))),
        ("a message that is too long", up(header(4097, 2)), Some((1, 2))),
        ("a KEEPALIVE with a body", up([header(20, 4), vec![0]].concat()), Some((1, 2))),
        ("an OPEN that is too short", [header(28, 1), vec![4; 9]].concat(), Some((1, 2))),
        ("an UPDATE that is too short", up([header(22, 2), vec![0; 3]].concat()), Some((1, 2))),
        ("a NOTIFICATION that is too short", up([header(20, 3), vec![6]].concat()), Some((1, 2))),
        ("a ROUTE-REFRESH that is too short", up([header(22, 5), vec![0; 3]].concat()), Some((1, 2))),
        ("a type nobody knows", up(message(9, &[])), Some((1, 3))),
        ("a type that was not agreed", up(message(6, &[0, 1, 0, 2, 0, 0])), Some((1, 3))),
        // OPENs (RFC 4271 §6.2).
        ("another version", odd_open(0, &[3]), Some((2, 1))),
        ("another AS", odd_open(1, &[0xfd, 0xeb]), Some((2, 2))),
        ("no identifier", odd_open(5, &[0; 4]), Some((2, 3))),
        ("a hold time of two seconds", odd_open(3, &[0, 2]), Some((2, 6))),
        ("a parameter nobody knows", open_with(&[1, 1, 0]), Some((2, 4))),
        ("a parameter that is too long", open_with(&[2, 9, 1]), Some((2, 0))),
        ("a capability that is too long", open_with(&[2, 3, 1, 9, 0]), Some((2, 0))),
        // Messages the state does not expect (RFC 6608).
        ("no OPEN", keepalive(), Some((5, 1))),
        ("an UPDATE before the KEEPALIVE", [open(65002, 9, ID), routes.clone()].concat(), Some((5, 2))),
        ("an OPEN in the middle", up(open(65002, 9, ID)), Some((5, 3))),
        // UPDATEs (RFC 7606): first those the session survives.
        ("an ORIGIN that does not exist", up(update(&[], &[&[0x40, 1, 1, 9], AS_PATH, NEXT_HOP], NLRI)), None),
        ("no NEXT_HOP", up(update(&[], &[ORIGIN, AS_PATH], NLRI)), None),
        ("flags that are wrong", up(update(&[], &[&[0x80, 1, 1, 0], AS_PATH, NEXT_HOP], NLRI)), None),
        ("an attribute that is too long for the others", with(&[0x80, 4, 200, 0]), None),
        ("an ATOMIC_AGGREGATE with a value", with(&[0x40, 6, 1, 0]), None),
        ("an attribute twice", with(ORIGIN), None),
        ("withdrawn routes that are too long", up(message(2, &[0, 9, 1, 2])), Some((3, 1))),
        ("attributes that are too long", up(message(2, &[0, 0, 0, 9, 1, 2])), Some((3, 1))),
        ("a prefix of 33 bits", up(update(&[], USUAL, &[33, 10, 1, 1, 1, 0])), Some((3, 10))),
        ("a prefix that is cut", up(update(&[], USUAL, &[24, 10, 1])), Some((3, 10))),
        ("MP_REACH_NLRI twice", with(&[REACH, REACH].concat()), Some((3, 1))),
        // ROUTE-REFRESH (RFC 7313 §5).
        ("a refresh that is too long", [begin_with_refresh(), message(5, &[0, 1, 1, 1, 0])].concat(), Some((7, 1))),
    ]
}

/// What a speaker did with a stream.
#[derive(PartialEq, Debug, Default)]
struct Done {
    effects: Vec<String>,
    /// What the peer was sent, the last octets included.
    sent: Vec<u8>,
}

/// A speaker and what it did. `pulls`: whether it gets rid of what it has to say between the inputs. What it says of waking
/// and with which octets it closes depends on that, so those are looked at without it.
struct World {
    speaker: Speaker,
    pulls: bool,
    done: Done,
}

impl World {
    fn input(&mut self, now: Now, input: Input<'_>) {
        let World { speaker, pulls, done: Done { effects, sent } } = self;
        let mut note = |effect: Effect<'_>, sent: &mut Vec<u8>| match effect {
            Effect::Close { conn, last } if *pulls => {
                sent.extend_from_slice(last);
                effects.push(format!("close {conn}"));
            }
            Effect::Wake { .. } if *pulls => {}
            other => effects.push(tape::line(now, &other)),
        };
        speaker.handle(now, input, &mut |effect| note(effect, sent));
        let mut octets = vec![0];
        while *pulls && !octets.is_empty() {
            octets = speaker.transmit(now, CONN, 65536, &mut |effect| note(effect, sent)).to_vec();
            sent.extend_from_slice(&octets);
            speaker.sent(now, CONN, octets.len());
        }
    }
}

fn run<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, pulls: bool) -> Done {
    let all = MessageConfig {
        parsed: true,
        open: true,
        update: true,
        notification: true,
        keepalive: true,
        refresh: true,
        ..MessageConfig::default()
    };
    let api = ApiConfig {
        neighbor_changes: true,
        negotiated: true,
        fsm: true,
        receive: all,
        send: all,
        ..ApiConfig::default()
    };
    let peer = PeerConfig {
        passive: true,
        local_as: Some(Asn(65001)),
        peer_as: Some(Asn(65002)),
        router_id: Some(Ipv4Addr::new(10, 0, 0, 1)),
        capability: CapabilityConfig { route_refresh: true, ..CapabilityConfig::default() },
        // When it is sent depends on when the speaker is asked.
        manual_eor: true,
        api: vec![api],
        ..PeerConfig::new(ID.into())
    };
    let mut world = World { speaker: Speaker::new(1, NOW), pulls, done: Done::default() };
    let address = |n: u8| (IpAddr::from([10, 0, 0, n]), 179).into();
    world.input(NOW, Input::Configure(Arc::new(Config { peers: vec![Arc::new(peer)], ..Config::default() })));
    world.input(NOW, Input::Accepted { conn: CONN, local: address(1), remote: address(2) });
    pieces.into_iter().for_each(|bytes| world.input(NOW, Input::Received { conn: CONN, bytes }));
    // What is left of it all, and what time makes of it.
    let show = Show { detail: Detail::Extensive, json: false };
    let (rib, filter, families) = (Rib::In, Filter::All, None);
    for command in
        [Command::ShowNeighbors { filter: Filter::All, show }, Command::ShowRoutes { rib, filter, families, show }]
    {
        world.input(NOW, Input::Command { from: ClientId::Control(0), command });
    }
    let end = NOW.mono + Duration::from_secs(20);
    while let Some(due) = world.speaker.deadline().filter(|due| due.at <= end) {
        world.input(Now { mono: due.at, ..NOW }, Input::Tick);
    }
    world.done
}

/// The pieces between cuts of random length, up to `most`.
fn cut<'a>(stream: &'a [u8], most: usize, rng: &mut Rng) -> Vec<&'a [u8]> {
    let mut rest = stream;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at((1 + rng.below(most)).min(rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

#[test]
fn the_corpus_is_answered_as_it_should_be() {
    for (name, stream, answer) in corpus() {
        let done = run([&stream[..]], true);
        let mut rest = &done.sent[..];
        let mut answers = Vec::new();
        while let Some((message, behind)) = split(rest, MAX).unwrap() {
            rest = behind;
            if message.kind == Kind::NOTIFICATION {
                answers.push((message.body()[0], message.body()[1]));
            }
        }
        // A session that goes on ends when the peer has been silent for its hold time.
        let silent = if name == "a NOTIFICATION" { None } else { Some((4, 0)) };
        assert_eq!(answers.first().copied(), answer.or(silent), "{name}: {:#?}", done.effects);
        assert!(rest.is_empty() && answers.len() < 2, "{name}");
    }
}

#[test]
fn any_split_gives_the_same_effects() {
    let mut rng = Rng::new(5);
    let mut cases = 0;
    for (name, stream, _) in corpus() {
        // What comes behind the end counts for nothing.
        let stream = [stream, keepalive(), vec![1, 2, 3]].concat();
        for pulls in [false, true] {
            // Whether an answer can still be sent before the end depends on when it is asked for.
            if pulls && name == "requests" {
                continue;
            }
            let whole = run([&stream[..]], pulls);
            let mut same = |pieces: Vec<&[u8]>| {
                cases += 1;
                let lengths: Vec<_> = pieces.iter().map(|piece| piece.len()).collect();
                let done = run(pieces, pulls);
                let differs = done.effects.iter().zip(&whole.effects).find(|(a, b)| a != b);
                assert_eq!(differs, None, "{name}, cut into {lengths:?}");
                assert!(done == whole, "{name}, cut into {lengths:?}");
            };
            same(stream.chunks(1).collect());
            (1..stream.len()).for_each(|at| same([&stream[..at], &stream[at..]].to_vec()));
            for most in 2..150 {
                same(cut(&stream, most, &mut rng));
            }
        }
    }
    assert!(cases >= 10_000, "{cases}");
}
