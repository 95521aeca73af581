//! What fuzzers run: octets in, a panic if something is not as it has to be.
//!
//! The same functions are called by the fuzzer's targets, and by a plain test with all that was ever found and kept.
#![allow(clippy::panic, clippy::unwrap_used, clippy::missing_panics_doc)] // a panic is what a fuzzer looks for

use crate::{generate, json};
use herald_api::encode::{Encoder, Form, Identity, Style};
use herald_api::reply::Daemon;
use herald_api::{Client, Profile};
use herald_bgp::attribute::{self, Attr, Attributes, code};
use herald_bgp::capability;
use herald_bgp::context::Context;
use herald_bgp::dialect::Dialect;
use herald_bgp::dice::Dice;
use herald_bgp::family::Family;
use herald_bgp::message::{self, HEADER, Kind};
use herald_bgp::mrt::{self, Entry};
use herald_bgp::nlri::{FAMILIES, NextHop, Shown, Stored};
use herald_bgp::open::Open;
use herald_bgp::read::Reader;
use herald_bgp::route::{Memo, Purpose, parse_family, parse_route, words_of};
use herald_bgp::text::{Grammar, Words};
use herald_bgp::update::{Update, pack};
use herald_bgp::value::Asn;
use herald_config::{Environment, load};
use herald_speaker::config::{self, CapabilityConfig, PeerConfig, Settings};
use herald_speaker::event::{Direction, Event, PeerView, What};
use herald_speaker::negotiate;
use herald_speaker::time::UnixNanos;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Something to be fuzzed.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: that of the file that calls it, and of the folder with its corpus.
    pub name: &'static str,
    /// Does it; panics if something is wrong.
    pub run: fn(&[u8]),
    /// Makes up an input, as the dice fall.
    pub seed: fn(&mut Dice) -> Vec<u8>,
}

/// All of them.
pub static TARGETS: &[Target] = &[
    Target { name: "message", run: message, seed: message_seed },
    Target { name: "attributes", run: attributes, seed: attributes_seed },
    Target { name: "nlri", run: nlri, seed: nlri_seed },
    Target { name: "open", run: open, seed: open_seed },
    Target { name: "text", run: text, seed: text_seed },
    Target { name: "configuration", run: configuration, seed: configuration_seed },
    Target { name: "mrt", run: mrt, seed: mrt_seed },
];

const DIALECTS: [Dialect; 3] = [Dialect::V4, Dialect::V5, Dialect::V6];

/// `switches(1) kind(1) body`: one message, shown by every encoder. Each line is one JSON object without duplicate keys,
/// or one line of text.
pub fn message(input: &[u8]) {
    let [switches, kind, body @ ..] = input else { return };
    let view = Arc::new(view(*switches));
    let mut bytes = Vec::new();
    message::write(&mut bytes, Kind(*kind), |out| out.extend_from_slice(body));
    let Ok(Some((message, _))) = message::split(&bytes, message::MAX_EXTENDED) else { return };
    let mut line = String::new();
    for dialect in DIALECTS {
        let identity = Identity::new(dialect.version(), "host", 1, 1);
        let mut encoder = Encoder::new(Style { dialect, compact: switches & 0x80 != 0, ..Style::default() }, identity);
        line.clear();
        encoder.offline(&view, message.bytes, UnixNanos(0), config::Encoder::Json, &mut line);
        one_object(&line, message.bytes);
        for direction in [Direction::Receive, Direction::Send] {
            let event = Event { peer: &view, what: What::Message { direction, bytes: message.bytes, faults: &[] } };
            for form in [Form::Parsed, Form::Packets, Form::Consolidated] {
                line.clear();
                encoder.event(&event, UnixNanos(0), config::Encoder::Json, form, &mut line);
                one_object(&line, message.bytes);
                line.clear();
                encoder.event(&event, UnixNanos(0), config::Encoder::Text, form, &mut line);
                let printable = line.bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b));
                let forged = line.lines().any(|line| !line.is_empty() && !line.starts_with(['n', ' ']));
                assert!(printable && !forged, "{line:?} of {:02x?}", message.bytes);
            }
        }
    }
}

fn one_object(line: &str, bytes: &[u8]) {
    if line.is_empty() {
        return; // no message, no line
    }
    let whole = line.strip_suffix('\n').unwrap_or("");
    if let Some(fault) = json::fault(whole) {
        panic!("{fault}: {line} of {bytes:02x?}");
    }
}

fn message_seed(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = Vec::new();
    generate::message(dice, &mut bytes);
    let kind = bytes.get(18).copied().unwrap_or(2);
    let mut input = vec![dice.u8(), kind];
    input.extend_from_slice(bytes.get(HEADER..).unwrap_or(&[]));
    input
}

/// A session of speakers that agree on everything, but for what the switches say.
fn view(switches: u8) -> PeerView {
    let local = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    let mut config = PeerConfig::new(local);
    config.local_address = Some(local);
    config.router_id = Some(Ipv4Addr::new(192, 0, 2, 9));
    config.local_as = Some(Asn(65001));
    config.peer_as = Some(Asn(if switches & 1 != 0 { 65001 } else { 65002 }));
    config.families = FAMILIES.iter().map(|spec| spec.family).collect();
    config.capability = CapabilityConfig {
        asn4: switches & 2 == 0,
        add_path: if switches & 4 != 0 { 3 } else { 0 },
        aigp: Some(switches & 8 != 0),
        ..CapabilityConfig::default()
    };
    negotiate::offline(Arc::new(config), &Settings::default())
}

fn context(switches: u8) -> Context {
    let negotiated = view(switches).negotiated;
    negotiated.map_or_else(|| Context::plain(Asn(1), Asn(1)), |negotiated| negotiated.context.clone())
}

/// `switches(1) attributes`: a set of path attributes, around one route. What passes comes back from its words, and is
/// sent again so that it passes.
pub fn attributes(input: &[u8]) {
    let [switches, block @ ..] = input else { return };
    let Ok(length) = u16::try_from(block.len()) else { return };
    let cx = context(*switches | 1);
    let mut body = vec![0, 0];
    body.extend(length.to_be_bytes());
    body.extend_from_slice(block);
    body.extend([24, 10, 0, 0]);
    for read in [Update::check, Update::inspect] {
        let Ok(update) = read(&body, &cx) else { continue };
        for dialect in DIALECTS {
            let mut out = String::from("{ ");
            update.attributes_json(&mut out, dialect);
            out.push_str(" }");
            assert_eq!(json::fault(&out), None, "{out}");
            out.clear();
            attribute::text_all(update.attributes(), None, &mut out, dialect);
            assert!(out.bytes().all(|b| (b' '..=b'~').contains(&b)), "{out:?}");
        }
    }
    let Ok(update) = Update::check(&body, &cx) else { return };
    let Some(block) = update.announced().next() else { return };
    let kept = update.attributes_of(&block);
    if kept.bytes().len() < 3000 {
        again(&kept, &cx);
    }
}

fn again(kept: &Attributes, cx: &Context) {
    let mut line = String::from("10.0.0.0/24 next-hop 192.0.2.1");
    attribute::words_all(kept.iter(), &mut line);
    let words = &mut Words::new(&line, 1, Grammar::Line);
    let route = parse_route(words, Purpose::Announce, &mut Memo::new()).unwrap_or_else(|e| panic!("{line}: {e}"));
    assert_eq!(route.attributes.bytes(), kept.bytes(), "{line}");
    let cx = Context { asn4: true, aigp: true, ..cx.clone() };
    let flush = pack::Flush { pack: true, pack_withdrawals: true, sort: true };
    let stored = Stored::new(None, &[24, 10, 0, 0]);
    let mut sent = Vec::new();
    let attrs = kept.with_next_hop(NextHop::Addr(Ipv4Addr::new(192, 0, 2, 1).into()));
    pack::announce(&mut sent, &cx, Family::IPV4_UNICAST, &attrs, &mut [&stored], &flush).unwrap();
    let update = Update::check(sent.get(HEADER..).unwrap(), &cx).unwrap();
    assert_eq!(update.faults(), &[], "{line}");
}

fn attributes_seed(dice: &mut Dice) -> Vec<u8> {
    let mut input = vec![dice.u8()];
    for (code, flags, length) in [(code::ORIGIN, 0x40, 1), (code::AS_PATH, 0x40, 0), (code::NEXT_HOP, 0x40, 4)] {
        attribute::write(&mut input, Attr { code, flags, value: [0, 2, 3, 4].get(..length).unwrap_or(&[]) });
    }
    for _ in 0..=dice.below(3) {
        if let Some(row) = dice.pick(attribute::ATTRIBUTES) {
            let mut value = Vec::new();
            (row.sample)(dice, &mut value);
            attribute::write(&mut input, Attr { code: row.code, flags: row.flags, value: &value });
        }
    }
    input
}

/// `row(1) switches(1) field`: the NLRI of one family. What passes is shown, comes back from its words, and is the same
/// route when it is withdrawn.
pub fn nlri(input: &[u8]) {
    let [row, switches, field @ ..] = input else { return };
    let with_path = switches & 1 != 0;
    let Some(spec) = FAMILIES.get(usize::from(*row) % FAMILIES.len()) else { return };
    let verdict = (spec.check)(Reader::new(field, 0), with_path);
    assert_eq!((spec.clean)(field, with_path), verdict == Ok(None));
    if verdict.is_err() {
        return;
    }
    let mut r = Reader::new(field, 0);
    while !r.is_empty() {
        let path_id = if with_path { Some(r.u32("").unwrap()) } else { None };
        let measured = (spec.measure)(r.rest());
        let nlri = (spec.split)(&mut r).unwrap();
        assert_eq!(measured, Some(nlri.len()));
        let mut out = String::new();
        for dialect in DIALECTS {
            let shown = Shown { nlri, path_id, next_hop: Some(&NextHop::None), hop: "", withdrawn: switches & 2 != 0 };
            out.clear();
            (spec.json)(&shown, &mut out, dialect, switches & 4 != 0);
            let line = format!("{{ \"nlri\": {out} }}");
            assert_eq!(json::fault(&line), None, "{line}");
            out.clear();
            (spec.text)(&shown, &mut out, dialect);
            assert!(out.bytes().all(|b| (b' '..=b'~').contains(&b)), "{out:?}");
        }
        out.clear();
        words_of(spec.family, path_id, nlri, &mut out);
        let route = parse_family(&mut Words::new(&out, 1, Grammar::File), spec.family, Purpose::Withdraw);
        let route = route.unwrap_or_else(|e| panic!("{} {out}: {e}", spec.family));
        assert_eq!(route.nlris.as_slice(), &[Stored::new(path_id, nlri)], "{out}");
        let mut gone = Vec::new();
        (spec.withdraw)(nlri, &mut gone);
        assert_eq!((spec.split)(&mut Reader::new(&gone, 0)), Ok(&gone[..]), "{out}");
        assert_eq!((spec.identity)(&gone), (spec.identity)(nlri), "{out}");
    }
}

fn nlri_seed(dice: &mut Dice) -> Vec<u8> {
    let row = dice.below(FAMILIES.len());
    let mut input = vec![u8::try_from(row).unwrap_or(0), dice.u8()];
    let with_path = input.get(1).is_some_and(|switches| switches & 1 != 0);
    for _ in 0..=dice.below(2) {
        if with_path {
            dice.octets(4, &mut input);
        }
        if let Some(spec) = FAMILIES.get(row) {
            (spec.sample)(dice, &mut input);
        }
    }
    input
}

/// The body of an OPEN. What passes is written so that it reads the same, shown, and negotiated with.
pub fn open(body: &[u8]) {
    let Ok(open) = Open::read(body) else { return };
    let mut bytes = Vec::new();
    open.write(&mut bytes);
    assert_eq!(Open::read(bytes.get(HEADER..).unwrap()).as_ref(), Ok(&open));
    let mut out = String::new();
    for dialect in DIALECTS {
        for sent in [false, true] {
            out.clear();
            capability::json_all(&open, sent, &mut out, dialect);
            assert_eq!(json::fault(&out), None, "{out}");
        }
        out.clear();
        capability::text_all(&open, &mut out, dialect);
        assert!(out.bytes().all(|b| (b' '..=b'~').contains(&b)), "{out:?}");
    }
    let view = view(0xff);
    let sent = negotiate::open(&view.config, &Settings::default(), Asn(65001), Ipv4Addr::new(192, 0, 2, 9), true);
    let agreed = negotiate::negotiate(&view.config, None, Asn(65001), &sent, &open);
    assert!(agreed.context.families.iter().all(|family| view.config.families.contains(family)));
}

fn open_seed(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = Vec::new();
    generate::open(dice, &mut bytes);
    bytes.split_off(HEADER)
}

/// Lines of a helper program, in every generation; what announces comes back from its words.
pub fn text(input: &[u8]) {
    let daemon = Daemon { version: "1".into(), uuid: "u".into(), pid: 1, started: UnixNanos(0) };
    for profile in [Profile::V4_2, Profile::V4, Profile::V5, Profile::V6] {
        let mut client = Client::new(profile, true);
        let mut commands = Vec::new();
        client.feed(input, &daemon, &mut |_| (), &mut commands);
    }
    let Ok(line) = std::str::from_utf8(input) else { return };
    let Some((row, line)) = line.split_once(' ') else { return };
    let Some(spec) = row.parse::<usize>().ok().and_then(|row| FAMILIES.get(row)) else { return };
    for grammar in [Grammar::File, Grammar::Line] {
        let Ok(route) = parse_family(&mut Words::new(line, 1, grammar), spec.family, Purpose::Announce) else {
            continue;
        };
        for stored in route.nlris.as_slice() {
            assert_eq!((spec.split)(&mut Reader::new(stored.nlri(), 0)), Ok(stored.nlri()), "{line}");
            let mut words = String::new();
            words_of(spec.family, stored.path_id(), stored.nlri(), &mut words);
            let back = parse_family(&mut Words::new(&words, 1, grammar), spec.family, Purpose::Withdraw);
            assert_eq!(back.unwrap().nlris.as_slice(), std::slice::from_ref(stored), "{line}: {words}");
        }
    }
}

fn text_seed(dice: &mut Dice) -> Vec<u8> {
    let row = dice.below(FAMILIES.len());
    let mut line = format!("{row} ");
    if let Some(spec) = FAMILIES.get(row) {
        let mut octets = Vec::new();
        (spec.sample)(dice, &mut octets);
        words_of(spec.family, None, &octets, &mut line);
        line.push_str(" next-hop 192.0.2.1");
        if let Some(row) = dice.pick(attribute::ATTRIBUTES).filter(|row| row.code != code::NEXT_HOP) {
            octets.clear();
            (row.sample)(dice, &mut octets);
            let attr = Attr { code: row.code, flags: row.flags, value: &octets };
            attribute::words_all([attr].into_iter(), &mut line);
        }
        if dice.once_in(3) {
            let command = format!("announce {} {}\n", spec.family, line.split_once(' ').map_or("", |(_, rest)| rest));
            line = command;
        }
    }
    line.into_bytes()
}

/// A configuration. Every mistake points into the text.
pub fn configuration(input: &[u8]) {
    let context = herald_config::Context {
        host_name: Some("host".into()),
        domain_name: "example.net".into(),
        version: "1".into(),
        resolve: &|program| Ok(program.into()),
    };
    let problems = match load(input, &Environment::default(), &context) {
        Ok(loaded) => loaded.warnings,
        Err(problems) => {
            assert!(!problems.is_empty());
            problems
        }
    };
    let lines = input.split(|b| *b == b'\n').count();
    for problem in problems {
        assert!(usize::try_from(problem.at.line).is_ok_and(|line| line <= lines + 1), "{problem:?}");
        assert!(problem.at.start <= problem.at.end && !problem.message.is_empty(), "{problem:?}");
    }
}

fn configuration_seed(dice: &mut Dice) -> Vec<u8> {
    let mut text = String::from(
        "process watch { run /bin/true; encoder json; }\nneighbor 192.0.2.2 {\nrouter-id 192.0.2.9;\nlocal-address 192.0.2.1;\n\
         local-as 65001;\npeer-as 65002;\nhold-time 30;\nfamily { all; }\napi { processes [ watch ]; receive { parsed; update; } }\n",
    );
    if let Some(spec) = dice.pick(FAMILIES) {
        let mut octets = Vec::new();
        (spec.sample)(dice, &mut octets);
        let (afi, safi) = (spec.family.afi, spec.family.safi);
        let name = |name: Option<&'static str>, number: String| name.map_or(number, str::to_owned);
        let afi = name(afi.name(), format!("afi-{}", afi.0));
        let _ = write!(text, "announce {{ {afi} {{ {} ", name(safi.name(), format!("safi-{}", safi.0)));
        words_of(spec.family, None, &octets, &mut text);
        text.push_str(" next-hop 192.0.2.1; } }\n");
    }
    text.push_str("static { route 10.0.0.0/24 { next-hop self; med 5; } }\n}\n");
    text.into_bytes()
}

/// A file of a route collector: whatever is in it is read, and a route of a table is a message that can be read.
pub fn mrt(input: &[u8]) {
    let mut rest = input;
    let mut message = Vec::new();
    let mut route = |family, path_id: Option<u32>, nlri: &[u8], attributes: &[u8]| {
        message.clear();
        if mrt::write_update(family, path_id, nlri, attributes, &mut message).is_err() {
            return;
        }
        let mut cx = Context::plain(Asn(65000), Asn(65001));
        cx.add_path_receive = path_id.map(|_| family).into_iter().collect();
        let update = Update::inspect(message.get(HEADER..).unwrap(), &cx).unwrap();
        let routes: Vec<_> = update.announced().flat_map(|block| block.iter()).collect();
        assert_eq!(routes, [(path_id, nlri)], "{message:02x?}");
    };
    while let Ok(Some((record, behind))) = mrt::split(rest, 1 << 16) {
        rest = behind;
        match record.read() {
            Ok(Entry::Rib(rib)) => {
                let whole = (rib.family.spec().check)(Reader::new(rib.nlri, 0), false).is_ok();
                for entry in rib.entries().map_while(Result::ok).filter(|_| whole) {
                    route(rib.family, entry.path_id, rib.nlri, entry.attributes);
                }
            }
            Ok(Entry::TableDump { prefix, entry, .. }) => {
                let family = if prefix.addr().is_ipv4() { Family::IPV4_UNICAST } else { Family::IPV6_UNICAST };
                route(family, None, prefix.wire(&mut [0; 17]), entry.attributes);
            }
            Ok(Entry::Peers(index)) => assert!(index.peers().count() <= usize::from(u16::MAX)),
            _ => {}
        }
    }
}

fn mrt_seed(dice: &mut Dice) -> Vec<u8> {
    let Some(spec) = dice.pick(FAMILIES) else { return Vec::new() };
    let mut nlri = Vec::new();
    (spec.sample)(dice, &mut nlri);
    let attributes = [0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 3, 4, 192, 0, 2, 1];
    let path = dice.once_in(2);
    let mut body = vec![0, 0, 0, 1];
    body.extend(spec.family.afi.0.to_be_bytes());
    body.push(spec.family.safi.0);
    body.extend(&nlri);
    body.extend([0, 1, 0, 0, 0, 0, 0, 0]);
    if path {
        body.extend([0, 0, 0, 7]);
    }
    body.extend([0, 14]);
    body.extend(attributes);
    let mut file = vec![0, 0, 0, 0, 0, 13, 0, if path { 12 } else { 6 }];
    file.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
    file.extend(body);
    let mut message = Vec::new();
    generate::message(dice, &mut message);
    file.extend([0, 0, 0, 0, 0, 16, 0, 4]);
    file.extend(u32::try_from(message.len() + 20).unwrap().to_be_bytes());
    file.extend([0, 0, 253, 232, 0, 0, 253, 233, 0, 0, 0, 1, 192, 0, 2, 1, 192, 0, 2, 2]);
    file.extend(message);
    file
}
