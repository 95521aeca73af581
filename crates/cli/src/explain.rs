//! `herald explain`: a message field by field, with offsets, octets, names, words and documents, and what is wrong with it.

use crate::capture::{Found, Seen, Sink};
use crate::{capture, offline, source};
use herald_bgp::context::Context;
use herald_bgp::dialect::Dialect;
use herald_bgp::error::{Fault, Outcome};
use herald_bgp::explain::{self, Explanation, Field};
use herald_bgp::message::{self, Kind};
use herald_bgp::open::Open;
use herald_bgp::text;
use herald_speaker::event::PeerView;
use herald_speaker::negotiate;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Whose JSON is shown.
const DIALECT: Dialect = Dialect::V6;
/// Octets on one line.
const WIDTH: usize = 12;

/// What `explain` may be told.
#[derive(clap::Args, Debug)]
pub struct Explain {
    /// A message in hexadecimal, or a file, as `decode` reads them; without it the same on standard input
    #[arg(value_name = "HEX | FILE")]
    hex: Vec<String>,
    /// Read as in a session with the first neighbor of this file
    #[arg(short, long, value_name = "FILE")]
    configuration: Option<String>,
    /// Family of NLRI, such as "ipv4 unicast"
    #[arg(short, long, value_name = "AFI SAFI")]
    family: Option<String>,
    /// The octets are NLRI of the family
    #[arg(short, long)]
    nlri: bool,
    /// The octets are path attributes
    #[arg(short, long)]
    attributes: bool,
    /// NLRI have a path identifier
    #[arg(short = 'i', long)]
    path_information: bool,
    /// When to use colours; NO_COLOR in the environment counts, too
    #[arg(long, value_enum, default_value_t = Colour::Auto)]
    color: Colour,
}

/// When to use colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

/// Prints a page for each message. Fails if anything was wrong with one.
pub fn run(arguments: &Explain) -> Result<ExitCode, String> {
    let mut view = offline::session(arguments.configuration.as_deref(), arguments.path_information, true)?;
    let cx = view.negotiated.as_ref().ok_or("nothing can be agreed on with the neighbor of the file")?.context.clone();
    let colours = match arguments.color {
        Colour::Auto => io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty()),
        other => other == Colour::Always,
    };
    if arguments.configuration.is_none() {
        (view.local_as, view.peer_as) = (None, None);
    }
    let session = Arc::new(view);
    let mut pages = Pages { arguments, cx, session: session.clone(), colours, faultless: true };
    match offline::file(None, &arguments.hex) {
        Some(file) if file == Path::new("-") && io::stdin().is_terminal() => {
            return Err("give a message in hexadecimal, or a file, or either on standard input".into());
        }
        Some(file) => capture::read(file, &session, &mut pages)?,
        None => pages.hexadecimal(&arguments.hex.concat())?,
    }
    Ok(if pages.faultless { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A page for each message.
struct Pages<'a> {
    arguments: &'a Explain,
    cx: Context,
    /// With the AS of both ends, if there was a file to say them.
    session: Arc<PeerView>,
    colours: bool,
    faultless: bool,
}

impl Pages<'_> {
    fn hexadecimal(&mut self, text: &str) -> Result<(), String> {
        let bytes = offline::hexadecimal(text).map_err(|why| why.trim_end().to_owned())?;
        self.explain(bytes)?.iter().try_for_each(|(bytes, page)| source::quiet(self.print(bytes, page)))
    }

    /// What the octets are, piece by piece: messages one behind the other, the body of an UPDATE, attributes, or NLRI.
    fn explain(&self, bytes: Vec<u8>) -> Result<Vec<(Vec<u8>, Explanation)>, String> {
        let Explain { family, path_information, .. } = self.arguments;
        if self.arguments.nlri {
            let family = offline::family(family.as_deref())?.ok_or("say of which family the NLRI are: -f")?;
            let explanation = explain::nlri(&bytes, family, *path_information, DIALECT);
            return Ok(vec![(bytes, explanation)]);
        }
        if self.arguments.attributes {
            let explanation = explain::attributes(&bytes, &self.cx, DIALECT);
            return Ok(vec![(bytes, explanation)]);
        }
        let from_neighbor = self.arguments.configuration.is_some();
        let judged = |message: &[u8]| judged(message, &self.session, &self.cx, from_neighbor);
        if !has_header(&bytes) {
            let mut whole = Vec::new();
            message::write(&mut whole, Kind::UPDATE, |out| out.extend_from_slice(&bytes));
            let explanation = judged(&whole);
            return Ok(vec![(whole, explanation)]);
        }
        let mut all = Vec::new();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let length = message::split(rest, message::MAX_EXTENDED).ok().flatten().map(|(first, _)| first.bytes.len());
            let (first, behind) = rest.split_at_checked(length.unwrap_or(rest.len())).unwrap_or((rest, &[]));
            all.push((first.to_vec(), judged(first)));
            rest = behind;
        }
        Ok(all)
    }

    fn print(&mut self, bytes: &[u8], explanation: &Explanation) -> io::Result<()> {
        let mut page = Page { out: String::new(), colours: self.colours };
        self.faultless &= explanation.faults.is_empty();
        page.explanation(bytes, explanation);
        io::stdout().lock().write_all(page.out.as_bytes())
    }
}

impl Sink for Pages<'_> {
    fn found(&mut self, found: Found<'_>) -> io::Result<()> {
        let (Seen::Message(bytes) | Seen::Route(bytes)) = found.what else { return Ok(()) };
        let cx = found.peer.negotiated.as_ref().map_or(&self.cx, |negotiated| &negotiated.context);
        // in a capture there are both sides of any sessions
        let explanation = judged(bytes, found.peer, cx, false);
        self.print(bytes, &explanation)
    }

    fn line(&mut self, number: usize, line: &str) -> io::Result<()> {
        match offline::hexadecimal(line) {
            _ if line.is_empty() => Ok(()),
            Ok(_) => self.hexadecimal(line).map_err(io::Error::other),
            Err(why) => {
                self.broken(format!("line {number}: {}", why.trim_end()));
                Ok(())
            }
        }
    }

    fn broken(&mut self, why: String) {
        self.faultless = false;
        let _ = writeln!(io::stderr(), "{why}");
    }
}

/// What a message is, and what a speaker thinks of it. An OPEN is judged as one for the neighbor, or for anybody. Where not
/// both AS are known, a session is internal if nothing else makes sense of the message.
fn judged(bytes: &[u8], peer: &PeerView, cx: &Context, from_neighbor: bool) -> Explanation {
    let known = peer.local_as.is_some() && peer.peer_as.is_some();
    let internal = cx.internal && (known || explain::is_internal(bytes));
    let mut explanation = explain::message(bytes, &Context { internal, ..cx.clone() }, DIALECT);
    if let Ok(Some((message, _))) = message::split(bytes, message::MAX_EXTENDED)
        && let (Kind::OPEN, true) = (message.kind, explanation.faults.is_empty())
        && let Ok(open) = Open::read(message.body())
    {
        let verdict = match &peer.negotiated {
            Some(negotiated) if from_neighbor => negotiate::verify(&peer.config, &negotiated.sent, &open),
            _ => negotiate::verify_alone(&open),
        };
        explanation.faults.extend(verdict.err());
    }
    explanation
}

/// The octets begin with a header, if maybe a damaged one, and not with the body of an UPDATE: no routes to withdraw take as
/// many octets as a marker would say, and where a header has the length, nothing else has it by chance.
fn has_header(bytes: &[u8]) -> bool {
    let ones = bytes.iter().take(16).filter(|octet| **octet == 0xff).count();
    let length =
        bytes.get(16..18).and_then(|octets| octets.as_array()).map(|octets| u16::from_be_bytes(*octets).into());
    let kind = bytes.get(18).and_then(|kind| Kind(*kind).name());
    bytes.first() == Some(&0xff) || ones > 8 || (length == Some(bytes.len()) && kind.is_some())
}

struct Page {
    out: String,
    colours: bool,
}

impl Page {
    fn explanation(&mut self, bytes: &[u8], explanation: &Explanation) {
        for field in &explanation.fields {
            self.field(bytes, field, 0);
        }
        for fault in &explanation.faults {
            self.fault(bytes, fault);
        }
        self.out.push('\n');
    }

    /// ` 23  40 01 01 00    ORIGIN  igp  (RFC 4271)`, and its parts below.
    fn field(&mut self, bytes: &[u8], field: &Field, depth: usize) {
        let octets = bytes.get(field.at..field.at + field.len).unwrap_or(&[]);
        let shown = if field.parts.is_empty() { octets } else { &[] };
        let mut lines = shown.chunks(WIDTH);
        let first = lines.next().unwrap_or(&[]);
        self.start(field.at, first);
        let _ = write!(self.out, "{:depth$}", "", depth = 2 * depth);
        let name = if field.meaning.name.is_empty() { "octets" } else { &*field.meaning.name };
        self.painted("1", name);
        let words = match field.value(bytes) {
            _ if !field.meaning.words.is_empty() => field.meaning.words.clone(),
            Some(value) => value,
            None => String::new(),
        };
        if !words.is_empty() {
            self.out.push_str("  ");
            self.painted("32", &words);
        }
        if !field.meaning.rfc.is_empty() {
            self.out.push_str("  ");
            self.painted("2", &format!("({})", field.meaning.rfc));
        }
        self.out.push('\n');
        for (line, octets) in (1..).zip(lines) {
            self.start(field.at + line * WIDTH, octets);
            self.out.truncate(self.out.trim_end().len());
            self.out.push('\n');
        }
        for part in &field.parts {
            self.field(bytes, part, depth + 1);
        }
        if !field.parts.is_empty() && !field.meaning.json.is_empty() {
            let _ = write!(self.out, "{:width$}", "", width = 6 + 3 * WIDTH + 2 * (depth + 1));
            self.painted("2", &field.meaning.json);
            self.out.push('\n');
        }
    }

    /// The offset and the octets in front of everything else.
    fn start(&mut self, at: usize, octets: &[u8]) {
        let mut hex = String::new();
        octets.iter().for_each(|octet| {
            let _ = write!(hex, "{octet:02x} ");
        });
        let text = format!("{at:>4}  ");
        self.painted("2", &text);
        let _ = write!(self.out, "{hex:<width$}", width = 3 * WIDTH);
    }

    /// What is wrong, and what follows from it.
    fn fault(&mut self, bytes: &[u8], fault: &Fault) {
        let wrong = fault.malformed;
        let follows = match fault.outcome {
            Outcome::AttributeDiscard => "the attribute is discarded",
            Outcome::TreatAsWithdraw => "the routes count as withdrawn",
            Outcome::AfiSafiDisable => "the family is disabled",
            Outcome::SessionReset => "the session ends",
        };
        self.painted("31", &format!("wrong at {}: {}: expected {}", wrong.offset, wrong.what, wrong.expected));
        let notification = &fault.notification;
        let _ = write!(self.out, "\n      {follows}");
        if notification.code == 3 {
            self.out.push_str(" (RFC 7606)");
        }
        if fault.outcome == Outcome::SessionReset {
            let (code, subcode) = (notification.code_name(), notification.subcode_name());
            let _ =
                write!(self.out, ", NOTIFICATION {}/{}: {code}, {subcode}", notification.code, notification.subcode);
        }
        if let Some(octets) = bytes.get(wrong.offset..) {
            self.out.push_str("; there: ");
            let some = octets.get(..WIDTH).unwrap_or(octets);
            some.iter().for_each(|octet| {
                let _ = write!(self.out, "{octet:02x}");
            });
        }
        self.out.push('\n');
    }

    /// Whatever is said of octets goes through here: they may be a peer's text, and no text ends a line or moves the cursor.
    fn painted(&mut self, colour: &str, text: &str) {
        if self.colours {
            let _ = write!(self.out, "\x1b[{colour}m");
        }
        text::escape_unprintable(&mut self.out, text);
        if self.colours {
            self.out.push_str("\x1b[0m");
        }
    }
}
