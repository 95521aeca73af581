//! What helpers are told of messages, word for word, in each generation: [`EVENTS`] says how.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use herald_api::Profile;
use herald_api::encode::{Encoder, Form, Identity, Style};
use herald_bgp::context::Context;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::message::{self, Kind};
use herald_bgp::nlri::FAMILIES;
use herald_bgp::open::Open;
use herald_bgp::text::hex;
use herald_bgp::value::Asn;
use herald_speaker::config::{self, PeerConfig};
use herald_speaker::event::{Direction, Event, Negotiated, PeerId, PeerView, Refresh, What};
use herald_speaker::time::UnixNanos;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// `= NAME`, then the message: its type, `paths` if routes have path identifiers in its session, and its body. Behind it
/// `json` or `text`, the generations, and what they are told: of JSON what follows the direction, of text what follows
/// the neighbour; of the lines of an UPDATE those between `start` and `end`, without the word.
const EVENTS: &str = include_str!("events.txt");

/// The session all of them arrive in: within AS 65000, with every family.
fn session(paths: bool) -> Arc<PeerView> {
    let config = PeerConfig::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)));
    let families: Vec<_> = FAMILIES.iter().map(|spec| spec.family).collect();
    let prefixes = [Family::IPV4_UNICAST, Family::IPV6_UNICAST, Family::new(Afi::IPV4, Safi(128))];
    let add_path_receive = if paths { prefixes.to_vec() } else { Vec::new() };
    let open = Open::new(65000, 90, Ipv4Addr::new(1, 1, 1, 1));
    let negotiated = Negotiated {
        context: Context { families, add_path_receive, ..Context::plain(Asn(65000), Asn(65000)) },
        hold_time: 90,
        refresh: Refresh::Enhanced,
        multisession: false,
        operational: true,
        sent: open.clone(),
        received: open,
    };
    Arc::new(PeerView {
        id: PeerId(1),
        address: config.address,
        config: Arc::new(config),
        local_address: Some(Ipv4Addr::LOCALHOST.into()),
        local_as: Some(Asn(65000)),
        peer_as: Some(Asn(65000)),
        router_id: Some(Ipv4Addr::new(1, 1, 1, 1)),
        negotiated: Some(Arc::new(negotiated)),
    })
}

/// What a helper of this generation is told.
fn told(profile: Profile, peer: &Arc<PeerView>, bytes: &[u8], encoder: config::Encoder, form: Form) -> String {
    let mut out = String::new();
    let what = What::Message { direction: Direction::Receive, bytes, faults: &[] };
    Encoder::new(Style::of(profile, false), Identity::new(profile.version, "host", 1, 1)).event(
        &Event { peer, what },
        UnixNanos(0),
        encoder,
        form,
        &mut out,
    );
    out
}

/// What follows the direction, up to what was negotiated if that is told.
fn payload(line: &str) -> &str {
    let (_, rest) = line.split_once("\"direction\": \"receive\", ").unwrap();
    let end = rest.strip_suffix(" } }\n").unwrap();
    rest.split_once(", \"negotiated\": ").map_or(end, |(payload, _)| payload)
}

/// What follows the neighbour; of the lines of an UPDATE those between the first and the last.
fn words(text: &str) -> Vec<&str> {
    let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
    let said = |line: &'static str| move |all: &&str| all.strip_prefix("neighbor 127.0.0.2 receive ").unwrap() == line;
    let inside = match lines.as_slice() {
        [first, inside @ .., last] if said("update start")(first) && said("update end")(last) => inside,
        all => all,
    };
    let words = inside.iter().map(|line| line.strip_prefix("neighbor 127.0.0.2 receive ").unwrap());
    words.map(|line| line.strip_prefix("update ").unwrap_or(line)).collect()
}

#[test]
fn every_message_in_every_generation() {
    let mut compared = 0;
    for case in EVENTS.split("\n\n") {
        let mut lines = case.trim_end_matches('\n').split('\n');
        let name = lines.next().unwrap().strip_prefix("= ").unwrap();
        let message: Vec<_> = lines.next().unwrap().split(' ').collect();
        let (kind, paths) = (Kind(message[0].parse().unwrap()), message[1] == "paths");
        let body = hex(message.last().unwrap()).unwrap();
        let mut bytes = Vec::new();
        message::write(&mut bytes, kind, |out| out.extend_from_slice(&body));
        let peer = session(paths);
        let expected: Vec<_> = lines.map(|line| line.split_once(" | ").unwrap()).collect();
        let mut texts = BTreeSet::new();
        for (who, expected_json) in &expected {
            let (encoder, profiles) = who.split_once(' ').unwrap();
            for generation in profiles.split(' ') {
                let profile = Profile::parse(generation).unwrap();
                let told = |encoder, form| told(profile, &peer, &bytes, encoder, form);
                compared += 1;
                if encoder == "text" {
                    texts.insert(generation);
                    continue;
                }
                let parsed = told(config::Encoder::Json, Form::Parsed);
                assert_eq!(payload(&parsed), *expected_json, "{name}: {generation}");
                // The other forms have the octets, the second what they say, too.
                let octets = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02X}")).collect::<String>();
                let (header, body) = (octets(&bytes[..19]), octets(&body));
                let packet = told(config::Encoder::Json, Form::Packets);
                let raw = format!("\"header\": \"0x{header}\", \"body\": \"0x{body}\" }}");
                assert!(packet.contains(&format!("\"message\": {{ \"category\": {}, {raw}", kind.0)), "{name}");
                let both = told(config::Encoder::Json, Form::Consolidated);
                let plain = both.replacen(&format!(", \"header\": \"0x{header}\", \"body\": \"0x{body}\""), "", 1);
                assert_eq!(plain, parsed, "{name}: {generation}");
                assert_ne!(both, parsed);
            }
        }
        for generation in texts {
            let text = told(Profile::parse(generation).unwrap(), &peer, &bytes, config::Encoder::Text, Form::Parsed);
            let is_for =
                |who: &str| who.strip_prefix("text ").is_some_and(|who| who.split(' ').any(|w| w == generation));
            let lines: Vec<_> = expected.iter().filter(|(who, _)| is_for(who)).map(|(_, line)| *line).collect();
            assert_eq!(words(&text), lines, "{name}: {generation}");
        }
    }
    assert!(compared > 300, "{compared}");
}
