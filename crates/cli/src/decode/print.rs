//! What was found, printed.

use super::command;
use crate::capture::{Found, Seen, Sink};
use crate::{capture, offline, source};
use herald_api::Profile;
use herald_api::encode::{Encoder, Form, Identity, Style};
use herald_bgp::attribute;
use herald_bgp::dialect::Dialect;
use herald_bgp::error::{Fault, Outcome};
use herald_bgp::family::Family;
use herald_bgp::message::{self, HEADER, Kind};
use herald_bgp::nlri::Shown;
use herald_bgp::read::Reader;
use herald_bgp::update::Update;
use herald_speaker::config;
use herald_speaker::event::{Event, PeerView, What};
use herald_speaker::session::State;
use herald_speaker::time::UnixNanos;
use std::io::{self, StdoutLock, Write};
use std::process::ExitCode;
use std::sync::Arc;

/// In which form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// Events, as helpers are told them.
    Json,
    /// The same in words.
    Text,
    /// What has to be said to send the same; `generic`: attributes are octets.
    Commands { generic: bool },
}

/// What octets are that were given without a header.
pub enum Alone {
    /// The body of an UPDATE.
    Message,
    /// NLRI of a family, with path identifiers or without.
    Nlri(Option<Family>, bool),
    /// Path attributes.
    Attributes,
}

/// Prints, and remembers whether all could be read.
pub struct Printer {
    session: Arc<PeerView>,
    profile: Profile,
    manner: Manner,
    alone: Alone,
    encoder: Encoder,
    out: io::BufWriter<StdoutLock<'static>>,
    text: String,
    valid: bool,
    /// Somebody may wait for each line.
    live: bool,
}

impl Printer {
    pub fn new(session: Arc<PeerView>, profile: Profile, manner: Manner, alone: Alone) -> Printer {
        let (host, _) = source::host();
        let identity = Identity::new(profile.version, &host, std::process::id(), std::os::unix::process::parent_id());
        Printer {
            session,
            profile,
            manner,
            alone,
            encoder: Encoder::new(Style::of(profile, false), identity),
            out: io::BufWriter::new(io::stdout().lock()),
            text: String::new(),
            valid: true,
            live: false,
        }
    }

    /// Prints each line at once, and not when there are many.
    pub fn live(&mut self) {
        self.live = true;
    }

    fn print(&mut self) -> io::Result<()> {
        self.out.write_all(self.text.as_bytes())?;
        if self.live { self.out.flush() } else { Ok(()) }
    }

    /// Octets given as text.
    pub fn hexadecimal(&mut self, text: &str) -> io::Result<()> {
        self.text.clear();
        match offline::hexadecimal(text) {
            Err(why) => {
                self.text.push_str(&why);
                self.valid = false;
            }
            Ok(bytes) => {
                let read = match &self.alone {
                    Alone::Nlri(family, paths) => self.nlri(&bytes, family.unwrap_or(Family::IPV4_UNICAST), *paths),
                    Alone::Attributes => self.attributes(&bytes),
                    Alone::Message => self.messages(&bytes),
                };
                if let Err(why) = read {
                    self.text.push_str(&format!("{why}\ninvalid payload: {text}\n"));
                    self.valid = false;
                }
            }
        }
        self.print()
    }

    /// All messages of a payload; one without a header is the body of an UPDATE.
    fn messages(&mut self, bytes: &[u8]) -> Result<(), String> {
        let whole = if bytes.starts_with(&[0xff; 16]) { bytes.to_vec() } else { update(bytes) };
        let mut rest = &whole[..];
        while !rest.is_empty() {
            let (message, tail) = match message::split(rest, message::MAX_EXTENDED) {
                Ok(Some(found)) => found,
                Ok(None) => return Err("the message is shorter than its header says".into()),
                Err(_) => return Err(offline::header_fault(rest)),
            };
            rest = tail;
            let Faults { fatal, others } = faults(&self.session, message.bytes);
            if let Some(why) = fatal {
                return Err(why);
            }
            others.into_iter().for_each(|why| self.tell(&why));
            self.message(&self.session.clone(), message.bytes, capture::now())?;
        }
        Ok(())
    }

    /// Appends what a message says.
    fn message(&mut self, peer: &Arc<PeerView>, bytes: &[u8], at: UnixNanos) -> Result<(), String> {
        let says = match self.manner {
            Manner::Json => self.encoder.offline(peer, bytes, at, config::Encoder::Json, &mut self.text),
            Manner::Text => self.encoder.offline(peer, bytes, at, config::Encoder::Text, &mut self.text),
            Manner::Commands { generic } => command::message(peer, bytes, generic, &mut self.text),
        };
        if says { Ok(()) } else { Err("the message is not what its type says".into()) }
    }

    /// Appends a line for each NLRI.
    fn nlri(&mut self, bytes: &[u8], family: Family, paths: bool) -> Result<(), String> {
        let (spec, out) = (family.spec(), &mut self.text);
        let mut r = Reader::new(bytes, 0);
        while !r.is_empty() {
            let path_id = if paths { Some(r.u32("path identifier").map_err(|e| e.to_string())?) } else { None };
            let nlri = (spec.split)(&mut r).map_err(|e| e.to_string())?;
            let shown = Shown { nlri, path_id, next_hop: None, hop: "", withdrawn: false };
            match self.manner {
                Manner::Json => (spec.json)(&shown, out, self.profile.dialect, false),
                Manner::Text => (spec.text)(&shown, out, self.profile.dialect),
                Manner::Commands { .. } => command::route("withdraw", family, path_id, nlri, out),
            }
            out.push('\n');
        }
        Ok(())
    }

    /// Appends a line for all attributes.
    fn attributes(&mut self, bytes: &[u8]) -> Result<(), String> {
        let length = u16::try_from(bytes.len()).map_err(|_| "more octets than a message may have")?;
        let mut body = vec![0, 0];
        body.extend_from_slice(&length.to_be_bytes());
        body.extend_from_slice(bytes);
        let negotiated = self.session.negotiated.as_ref().ok_or("nothing can be agreed on with the neighbor")?;
        let update = Update::inspect(&body, &negotiated.context).map_err(|fault| fault.malformed.to_string())?;
        if let Some(fault) = update.faults().first() {
            return Err(fault.malformed.to_string());
        }
        let out = &mut self.text;
        match self.manner {
            Manner::Json => {
                out.push_str("{ ");
                attribute::json_all(update.attributes_in(self.profile.dialect), out, self.profile.dialect);
                out.push_str(" }");
            }
            Manner::Text => {
                let dialect: Dialect = self.profile.dialect;
                attribute::text_all(update.attributes_in(dialect), None, out, dialect);
            }
            Manner::Commands { generic: false } => attribute::words_all(update.attributes(), out),
            Manner::Commands { generic: true } => attribute::octets_all(update.attributes(), out),
        }
        out.push('\n');
        Ok(())
    }

    /// What there is to say at the end: the exit code, or why reading ended.
    pub fn done(mut self, read: Result<(), String>) -> Result<ExitCode, String> {
        let flushed = self.out.flush();
        read?;
        source::quiet(flushed)?;
        Ok(if self.valid { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl Sink for Printer {
    fn found(&mut self, found: Found<'_>) -> io::Result<()> {
        self.text.clear();
        match found.what {
            Seen::State { old, new } => self.state(found.peer, old, new, found.at),
            Seen::Message(bytes) | Seen::Route(bytes) => {
                let said = self.message(found.peer, bytes, found.at);
                let Faults { fatal, others } = match found.what {
                    Seen::Message(bytes) => faults(found.peer, bytes),
                    _ => Faults::default(),
                };
                others.into_iter().for_each(|why| self.tell(&format!("{}: {why}", found.peer.address)));
                if let Some(why) = said.err().or(fatal) {
                    self.broken(format!("{}: {why}", found.peer.address));
                }
            }
        }
        self.print()
    }

    fn line(&mut self, _: usize, line: &str) -> io::Result<()> {
        if line.is_empty() { Ok(()) } else { self.hexadecimal(line) }
    }

    fn broken(&mut self, why: String) {
        self.valid = false;
        self.tell(&why);
    }
}

impl Printer {
    fn tell(&mut self, why: &str) {
        let _ = self.out.flush();
        let _ = writeln!(io::stderr(), "{why}");
    }

    /// Appends that a session has another state; up and down where helpers are told so.
    fn state(&mut self, peer: &Arc<PeerView>, old: u16, new: u16, at: UnixNanos) {
        let encoder = match self.manner {
            Manner::Json => config::Encoder::Json,
            Manner::Text => config::Encoder::Text,
            Manner::Commands { .. } => return,
        };
        let (old, new) = (State::of_number(old), State::of_number(new));
        let up_or_down = match (old == Some(State::Established), new == Some(State::Established)) {
            (false, true) => Some(What::Up),
            (true, false) => Some(What::Down("the session ended")),
            _ => None,
        };
        for what in [new.map(What::Fsm), up_or_down].into_iter().flatten() {
            let event = Event { peer, what };
            self.encoder.event(&event, at, encoder, Form::Parsed, &mut self.text);
        }
    }
}

/// What is wrong with an UPDATE.
#[derive(Default)]
struct Faults {
    /// What would end the session of whoever sent it; the rest can be read all the same.
    fatal: Option<String>,
    /// What is left out, and nothing more.
    others: Vec<String>,
}

fn faults(peer: &PeerView, message: &[u8]) -> Faults {
    let (Some((kind, body)), Some(negotiated)) =
        (message.get(HEADER - 1..).and_then(<[u8]>::split_first), &peer.negotiated)
    else {
        return Faults::default();
    };
    if Kind(*kind) != Kind::UPDATE {
        return Faults::default();
    }
    let Ok(update) = Update::inspect(body, &negotiated.context) else { return Faults::default() };
    let (fatal, others): (Vec<_>, _) = update.faults().iter().partition(|fault| fault.outcome == Outcome::SessionReset);
    let left_out = |fault: &&Fault| format!("{}: left out", fault.malformed);
    Faults {
        fatal: fatal.first().map(|fault| fault.malformed.to_string()),
        others: others.iter().map(left_out).collect(),
    }
}

/// The body of an UPDATE with a header in front.
fn update(body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    message::write(&mut whole, Kind::UPDATE, |out| out.extend_from_slice(body));
    whole
}
