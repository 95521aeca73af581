//! What fuzzers run: octets in, a panic if something is not as it has to be.
//!
//! The same functions are called by the fuzzer's targets, and by a plain test with all that was ever found and kept.
#![allow(clippy::panic, clippy::unwrap_used, clippy::missing_panics_doc)] // a panic is what a fuzzer looks for

mod collector;

pub use collector::mrt;

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
use herald_bgp::nlri::{FAMILIES, NextHop, Shown, Stored};
use herald_bgp::notification::Notification;
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
use std::ops::AddAssign;
use std::sync::{Arc, OnceLock};

/// Something to be fuzzed.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: that of the file that calls it, and of the folder with its corpus.
    pub name: &'static str,
    /// Does it; panics if something is wrong.
    pub run: fn(&[u8]) -> Seen,
    /// Makes up an input, as the dice fall.
    pub seed: fn(&mut Dice) -> Vec<u8>,
}

/// What an input was good for.
#[derive(Clone, Copy, Default, Debug)]
pub struct Seen {
    /// Messages that were what their type says, and told as such.
    pub messages: u64,
    /// Lines of JSON that were read again.
    pub json: u64,
    /// Lines of text that were looked through.
    pub text: u64,
}

impl AddAssign for Seen {
    fn add_assign(&mut self, other: Seen) {
        self.messages += other.messages;
        self.json += other.json;
        self.text += other.text;
    }
}

impl Seen {
    /// One object, and no key twice.
    fn object(&mut self, json: &str) {
        assert_eq!(json::fault(json), None, "{json}");
        self.json += 1;
    }

    /// Printable, and no more than one line.
    fn line(&mut self, text: &str) {
        assert!(text.bytes().all(|b| (b' '..=b'~').contains(&b)), "{text:?}");
        self.text += 1;
    }

    /// What an encoder of JSON appended: nothing, or one line.
    fn json_event(&mut self, out: &str) {
        if !out.is_empty() {
            let line = out.strip_suffix('\n');
            self.object(line.unwrap_or_else(|| panic!("no end of a line: {out:?}")));
        }
    }

    /// What an encoder of text appended: lines that nobody can take for something else.
    fn text_event(&mut self, out: &str) {
        for line in out.lines().filter(|line| !line.is_empty()) {
            assert!(line.starts_with("neighbor ") || line.starts_with(' '), "{out:?}");
            self.line(line);
        }
    }
}

/// All of them.
pub static TARGETS: &[Target] = &[
    Target { name: "message", run: message, seed: message_seed },
    Target { name: "attributes", run: attributes, seed: attributes_seed },
    Target { name: "nlri", run: nlri, seed: nlri_seed },
    Target { name: "open", run: open, seed: open_seed },
    Target { name: "text", run: text, seed: text_seed },
    Target { name: "configuration", run: configuration, seed: configuration_seed },
    Target { name: "mrt", run: mrt, seed: collector::seed },
];

const DIALECTS: [Dialect; 3] = [Dialect::V4, Dialect::V5, Dialect::V6];

const PROFILES: [Profile; 4] = [Profile::V4_2, Profile::V4, Profile::V5, Profile::V6];

/// `switches(1) kind(1) body`: one message, told to programs of every generation, by every encoder and in every form.
/// Each line is one JSON object without duplicate keys, or one line of text.
pub fn message(input: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let [switches, kind, body @ ..] = input else { return seen };
    let view = view(*switches);
    let mut bytes = Vec::new();
    message::write(&mut bytes, Kind(*kind), |out| out.extend_from_slice(body));
    let Ok(Some((message, _))) = message::split(&bytes, message::MAX_EXTENDED) else { return seen };
    // what a NOTIFICATION says is why the session went down
    let reason = (message.kind == Kind::NOTIFICATION).then(|| Notification::read(message.body()).describe());
    let mut line = String::new();
    for profile in PROFILES {
        let identity = Identity::new(profile.version, "host", 1, 1);
        let mut encoder = Encoder::new(Style::of(profile, switches & 0x80 != 0), identity);
        line.clear();
        let told = encoder.offline(&view, message.bytes, UnixNanos(0), config::Encoder::Json, &mut line);
        assert_eq!(told, !line.is_empty());
        seen.messages += u64::from(told && profile == Profile::V6);
        seen.json_event(&line);
        let messages = [Direction::Receive, Direction::Send].map(|direction| What::Message {
            direction,
            bytes: message.bytes,
            faults: &[],
        });
        for what in messages.into_iter().chain(reason.as_deref().map(What::Down)) {
            let event = Event { peer: &view, what };
            for form in [Form::Parsed, Form::Packets, Form::Consolidated] {
                line.clear();
                encoder.event(&event, UnixNanos(0), config::Encoder::Json, form, &mut line);
                seen.json_event(&line);
                line.clear();
                encoder.event(&event, UnixNanos(0), config::Encoder::Text, form, &mut line);
                seen.text_event(&line);
            }
        }
    }
    seen
}

fn message_seed(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = Vec::new();
    // AS numbers are made four octets wide, and mostly read so
    let switches = if dice.once_in(8) { dice.u8() } else { dice.u8() & !2 };
    generate::message(dice, switches & 4 != 0, &mut bytes);
    let kind = bytes.get(18).copied().unwrap_or(2);
    let mut input = vec![switches, kind];
    input.extend_from_slice(bytes.get(HEADER..).unwrap_or(&[]));
    input
}

/// A session of speakers that agree on everything, but for what the switches say.
fn view(switches: u8) -> Arc<PeerView> {
    static VIEWS: [OnceLock<Arc<PeerView>>; 16] = [const { OnceLock::new() }; 16];
    VIEWS.get(usize::from(switches & 15)).unwrap().get_or_init(|| Arc::new(agreed(switches & 15))).clone()
}

fn agreed(switches: u8) -> PeerView {
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
        add_path_families: config.families.iter().map(|family| (*family, None)).collect(),
        aigp: Some(switches & 8 != 0),
        ..CapabilityConfig::default()
    };
    negotiate::offline(Arc::new(config), &Settings::default())
}

fn context(switches: u8) -> Context {
    let view = view(switches);
    view.negotiated.as_ref().map_or_else(|| Context::plain(Asn(1), Asn(1)), |negotiated| negotiated.context.clone())
}

/// `switches(1) attributes`: a set of path attributes, around one route. What passes comes back from its words, and is
/// sent again so that it passes.
pub fn attributes(input: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let [switches, block @ ..] = input else { return seen };
    let Ok(length) = u16::try_from(block.len()) else { return seen };
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
            seen.object(&out);
            out.clear();
            attribute::text_all(update.attributes(), None, &mut out, dialect);
            seen.line(&out);
        }
    }
    let Ok(update) = Update::check(&body, &cx) else { return seen };
    seen.messages += 1;
    let Some(block) = update.announced().next() else { return seen };
    let kept = update.attributes_of(&block);
    if kept.bytes().len() < 3000 {
        again(&kept, &cx);
    }
    seen
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
pub fn nlri(input: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let [row, switches, field @ ..] = input else { return seen };
    let with_path = switches & 1 != 0;
    let Some(spec) = FAMILIES.get(usize::from(*row) % FAMILIES.len()) else { return seen };
    let verdict = (spec.check)(Reader::new(field, 0), with_path);
    assert_eq!((spec.clean)(field, with_path), verdict == Ok(None));
    if verdict.is_err() {
        return seen;
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
            seen.object(&format!("{{ \"nlri\": {out} }}"));
            out.clear();
            (spec.text)(&shown, &mut out, dialect);
            seen.line(&out);
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
    seen
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
pub fn open(body: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let Ok(open) = Open::read(body) else { return seen };
    seen.messages += 1;
    let mut bytes = Vec::new();
    open.write(&mut bytes);
    assert_eq!(Open::read(bytes.get(HEADER..).unwrap()).as_ref(), Ok(&open));
    let mut out = String::new();
    for dialect in DIALECTS {
        for sent in [false, true] {
            out.clear();
            capability::json_all(&open, sent, &mut out, dialect);
            seen.object(&out);
        }
        out.clear();
        capability::text_all(&open, &mut out, dialect);
        seen.line(&out);
    }
    let view = view(0xff);
    let sent = negotiate::open(&view.config, &Settings::default(), Asn(65001), Ipv4Addr::new(192, 0, 2, 9), true);
    let agreed = negotiate::negotiate(&view.config, None, Asn(65001), &sent, &open);
    assert!(agreed.context.families.iter().all(|family| view.config.families.contains(family)));
    seen
}

fn open_seed(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = Vec::new();
    generate::open(dice, &mut bytes);
    bytes.split_off(HEADER)
}

/// Lines of a helper program, in every generation; what announces comes back from its words.
pub fn text(input: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let daemon = Daemon { version: "1".into(), uuid: "u".into(), pid: 1, started: UnixNanos(0) };
    for profile in PROFILES {
        let mut client = Client::new(profile, true);
        let mut commands = Vec::new();
        client.feed(input, &daemon, &mut |_| (), &mut commands);
    }
    let Ok(line) = std::str::from_utf8(input) else { return seen };
    let Some((row, line)) = line.split_once(' ') else { return seen };
    let Some(spec) = row.parse::<usize>().ok().and_then(|row| FAMILIES.get(row)) else { return seen };
    for grammar in [Grammar::File, Grammar::Line] {
        let Ok(route) = parse_family(&mut Words::new(line, 1, grammar), spec.family, Purpose::Announce) else {
            continue;
        };
        for stored in route.nlris.as_slice() {
            assert_eq!((spec.split)(&mut Reader::new(stored.nlri(), 0)), Ok(stored.nlri()), "{line}");
            let mut words = String::new();
            words_of(spec.family, stored.path_id(), stored.nlri(), &mut words);
            seen.line(&words);
            let back = parse_family(&mut Words::new(&words, 1, grammar), spec.family, Purpose::Withdraw);
            assert_eq!(back.unwrap().nlris.as_slice(), std::slice::from_ref(stored), "{line}: {words}");
        }
    }
    seen
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
pub fn configuration(input: &[u8]) -> Seen {
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
    Seen::default()
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
