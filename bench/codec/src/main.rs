//! usage: `codec-bench [messages] [rounds]`. A thousand messages stay in the caches of a processor, so that codecs are
//! compared and not memories; give more for the other.
//!
//! For each corpus and library: nanoseconds a message to read it as far as the library goes by itself, and to write it.
//! Rounds go around the libraries, so that a busy moment of the machine hits all of them; the median is printed.
//! Herald's reading is `Update::check`, with every verdict of RFC 7606, and a walk over each attribute and route.

use codec_work::Work;
use codec_work::corpus::{self, Corpus};
use std::hint::black_box;
use std::time::Instant;

/// Something to be measured: does all messages once, and says how many it could not do.
struct Entry<'a> {
    name: &'static str,
    run: Work<'a>,
    refused: usize,
    nanos: Vec<f64>,
}

fn entry<'a>(name: &'static str, run: impl FnMut() -> usize + 'a) -> Entry<'a> {
    Entry { name, run: Box::new(run), refused: 0, nanos: Vec::new() }
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|n| n.parse().ok());
    let messages = numbers.next().unwrap_or(1000);
    let rounds = numbers.next().unwrap_or(41);
    // a library, `read` or `write`, and the number of a corpus: only that, for a profiler
    if let [library, what, corpus] = &std::env::args().skip(3).collect::<Vec<_>>()[..] {
        let corpus = corpus::all(messages).swap_remove(corpus.parse().expect("a number"));
        let mut entries = match what.as_str() {
            "read" => reading(&corpus),
            "write" => writing(&corpus),
            _ => vec![entry("herald", codec_work::saying(&corpus))],
        };
        let entry = entries.iter_mut().find(|entry| entry.name == library).expect("a library");
        (0..rounds).for_each(|_| {
            black_box((entry.run)());
        });
        return println!("{} messages, {} routes", corpus.messages.len(), corpus.routes());
    }
    println!("| corpus | octets a message | routes a message | | ns a message | against the best of the others |");
    println!("|---|---|---|---|---|---|");
    for corpus in corpus::all(messages) {
        measure(&corpus, rounds, reading(&corpus), "read");
        measure(&corpus, rounds, writing(&corpus), "write");
        measure(&corpus, rounds, vec![entry("herald to JSON", codec_work::saying(&corpus))], "JSON");
    }
}

fn measure(corpus: &Corpus, rounds: usize, mut entries: Vec<Entry<'_>>, what: &str) {
    for entry in &mut entries {
        entry.refused = (entry.run)();
    }
    for _ in 0..rounds {
        for entry in &mut entries {
            let start = Instant::now();
            black_box((entry.run)());
            entry.nanos.push(start.elapsed().as_secs_f64() * 1e9 / corpus.messages.len() as f64);
        }
    }
    let median = |entry: &Entry<'_>| {
        let mut nanos = entry.nanos.clone();
        nanos.sort_by(f64::total_cmp);
        nanos[nanos.len() / 2]
    };
    let best = entries.iter().filter(|e| !e.name.starts_with("herald") && e.refused == 0).map(median);
    let best = best.fold(f64::INFINITY, f64::min);
    let (octets, routes) = (corpus.octets() as f64, corpus.routes() as f64);
    let count = corpus.messages.len() as f64;
    for entry in &entries {
        let ns = median(entry);
        let note = match entry.refused {
            0 if entry.name.starts_with("herald") && best.is_finite() => format!("{:.2}", ns / best),
            0 => format!("{:.1} M routes/s", routes / count / ns * 1e3),
            n => format!("could not do {n} of {count}"),
        };
        println!(
            "| {} | {:.0} | {:.1} | {what}: {} | {ns:.0} | {note} |",
            corpus.name,
            octets / count,
            routes / count,
            entry.name
        );
    }
}

fn reading(corpus: &Corpus) -> Vec<Entry<'_>> {
    let messages = &corpus.messages;
    vec![
        entry("herald", codec_work::reading(corpus)),
        entry("rustbgpd-wire", move || messages.iter().filter(|m| rustbgpd(m).is_none()).count()),
        entry("routecore", move || messages.iter().filter(|m| routecore_reads(m).is_none()).count()),
        entry("bgpkit-parser", move || messages.iter().filter(|m| bgpkit(m).is_none()).count()),
        entry("netgauze-bgp-pkt", move || {
            let mut cx = netgauze_bgp_pkt::wire::deserializer::BgpParsingContext::default();
            messages.iter().filter(|m| netgauze(m, &mut cx).is_none()).count()
        }),
    ]
}

fn rustbgpd(message: &[u8]) -> Option<rustbgpd_wire::ParsedUpdate> {
    let mut octets = bytes::Bytes::copy_from_slice(message);
    match rustbgpd_wire::decode_message(&mut octets, 4096).ok()? {
        rustbgpd_wire::Message::Update(update) => {
            let parsed = update.parse(true, false, &[]).ok()?;
            Some(black_box(parsed))
        }
        _ => None,
    }
}

fn routecore_reads(message: &[u8]) -> Option<usize> {
    use routecore::bgp::message::{SessionConfig, UpdateMessage};
    let update = UpdateMessage::from_octets(message, &SessionConfig::modern()).ok()?;
    for attribute in update.path_attributes().ok()? {
        black_box(attribute.ok()?.to_owned().ok()?);
    }
    let mut routes = 0;
    for route in update.announcements().ok()? {
        black_box(route.ok()?);
        routes += 1;
    }
    (routes > 0).then_some(routes)
}

fn bgpkit(message: &[u8]) -> Option<bgpkit_parser::models::BgpMessage> {
    use bgpkit_parser::models::{AsnLength, BgpMessage};
    let mut octets = bytes::Bytes::copy_from_slice(message);
    let read = bgpkit_parser::parser::bgp::messages::parse_bgp_message(&mut octets, false, &AsnLength::Bits32).ok()?;
    // what it cannot read it leaves out
    match &read {
        BgpMessage::Update(update)
            if !update.announced_prefixes.is_empty() || update.attributes.get_reachable_nlri().is_some() =>
        {
            Some(black_box(read))
        }
        _ => None,
    }
}

fn netgauze(
    message: &[u8],
    cx: &mut netgauze_bgp_pkt::wire::deserializer::BgpParsingContext,
) -> Option<netgauze_bgp_pkt::BgpMessage> {
    use netgauze_parse_utils::{reader::SliceReader, traits::ParseFromWithOneInput};
    let read = netgauze_bgp_pkt::BgpMessage::parse(&mut SliceReader::new(message), cx).ok()?;
    Some(black_box(read))
}

fn writing(corpus: &Corpus) -> Vec<Entry<'_>> {
    let mut entries = vec![entry("herald", codec_work::writing(corpus))];
    let read: Vec<_> = corpus.messages.iter().filter_map(|m| rustbgpd(m)).collect();
    let lost = corpus.messages.len() - read.len();
    entries.push(entry("rustbgpd-wire", move || {
        use rustbgpd_wire::{Ipv4UnicastMode, UpdateMessage};
        let mut out = bytes::BytesMut::with_capacity(8192);
        let failed = read.iter().filter(|p| {
            out.clear();
            let (announced, withdrawn) = (&p.announced, &p.withdrawn);
            let update = UpdateMessage::build(announced, withdrawn, &p.attributes, true, false, Ipv4UnicastMode::Body);
            black_box(update.encode(&mut out)).is_err()
        });
        lost + failed.count()
    }));
    let read: Vec<_> = corpus.messages.iter().filter_map(|m| bgpkit(m)).collect();
    let lost = corpus.messages.len() - read.len();
    entries.push(entry("bgpkit-parser", move || {
        for message in &read {
            let _ = black_box(message.encode(bgpkit_parser::models::AsnLength::Bits32));
        }
        lost
    }));
    let mut cx = netgauze_bgp_pkt::wire::deserializer::BgpParsingContext::default();
    let read: Vec<_> = corpus.messages.iter().filter_map(|m| netgauze(m, &mut cx)).collect();
    let lost = corpus.messages.len() - read.len();
    entries.push(entry("netgauze-bgp-pkt", move || {
        use netgauze_parse_utils::WritablePdu;
        let mut out = Vec::with_capacity(8192);
        let failed = read.iter().filter(|message| {
            out.clear();
            black_box(message.write(&mut out)).is_err()
        });
        lost + failed.count()
    }));
    entries
}
