//! `herald explain`: a message field by field, with offsets, octets, names, words and documents, and what is wrong with it.

use crate::capture::{Found, Seen, Sink};
use crate::{capture, offline, source};
use herald_bgp::context::Context;
use herald_bgp::dialect::Dialect;
use herald_bgp::error::{Fault, Outcome};
use herald_bgp::explain::{self, Explanation, Field};
use herald_bgp::message::{self, Kind};
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

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
    let view = offline::session(arguments.configuration.as_deref(), arguments.path_information)?;
    let cx = view.negotiated.as_ref().ok_or("nothing can be agreed on with the neighbor of the file")?.context.clone();
    let colours = match arguments.color {
        Colour::Auto => io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty()),
        other => other == Colour::Always,
    };
    let session = Arc::new(view);
    let mut pages = Pages { arguments, cx, colours, faultless: true };
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
    colours: bool,
    faultless: bool,
}

impl Pages<'_> {
    fn hexadecimal(&mut self, text: &str) -> Result<(), String> {
        let bytes = offline::hexadecimal(text).map_err(|why| why.trim_end().to_owned())?;
        let pages = explained(self.arguments, bytes, &self.cx)?;
        pages.iter().try_for_each(|(bytes, explanation)| source::quiet(self.print(bytes, explanation)))
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
        let explanation = explain::message(bytes, cx, Dialect::V6);
        self.print(bytes, &explanation)
    }

    fn line(&mut self, line: &str) -> io::Result<()> {
        if line.is_empty() { Ok(()) } else { self.hexadecimal(line).map_err(io::Error::other) }
    }

    fn broken(&mut self, why: String) {
        self.faultless = false;
        let _ = writeln!(io::stderr(), "{why}");
    }
}

/// What the octets are, piece by piece: messages one behind the other, the body of an UPDATE, attributes, or NLRI.
fn explained(arguments: &Explain, bytes: Vec<u8>, cx: &Context) -> Result<Vec<(Vec<u8>, Explanation)>, String> {
    let dialect = Dialect::V6;
    if arguments.nlri {
        let family = offline::family(arguments.family.as_deref())?.ok_or("say of which family the NLRI are: -f")?;
        let explanation = explain::nlri(&bytes, family, arguments.path_information, dialect);
        return Ok(vec![(bytes, explanation)]);
    }
    if arguments.attributes {
        let explanation = explain::attributes(&bytes, cx, dialect);
        return Ok(vec![(bytes, explanation)]);
    }
    if !bytes.starts_with(&[0xff; 2]) {
        let mut whole = Vec::new();
        message::write(&mut whole, Kind::UPDATE, |out| out.extend_from_slice(&bytes));
        let explanation = explain::message(&whole, cx, dialect);
        return Ok(vec![(whole, explanation)]);
    }
    let mut all = Vec::new();
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        let length = message::split(rest, message::MAX_EXTENDED).ok().flatten().map(|(message, _)| message.bytes.len());
        let (first, behind) = rest.split_at_checked(length.unwrap_or(rest.len())).unwrap_or((rest, &[]));
        all.push((first.to_vec(), explain::message(first, cx, dialect)));
        rest = behind;
    }
    Ok(all)
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
        let _ = write!(self.out, "\n      {follows} (RFC 7606)");
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

    fn painted(&mut self, colour: &str, text: &str) {
        if self.colours {
            let _ = write!(self.out, "\x1b[{colour}m{text}\x1b[0m");
        } else {
            self.out.push_str(text);
        }
    }
}
