//! One program on the other side: octets become commands, answers become octets, in order.

use crate::command::{Ask, Group, Local, Selectors, parse};
use crate::profile::Profile;
use crate::reply::{self, Daemon, Manner};
use herald_bgp::dialect::Dialect;
use herald_bgp::route::Memo;
use herald_bgp::text::cut;
use herald_speaker::command::{Command, Reply, Selector};
use herald_speaker::time::UnixNanos;
use std::collections::VecDeque;
use std::sync::Arc;

/// The longest line that is read, octets. What follows it up to the end of the line is thrown away.
pub const LONGEST_LINE: usize = 1 << 20;
/// Most octets kept while a listing is under way.
const HELD: usize = 2 * LONGEST_LINE;
/// Most octets of a reason.
const REASON: usize = 500;

/// A helper program, or somebody at the control socket.
///
/// Every line that is answered becomes one [`Command`] that is answered, to be handed to the speaker in order. What the
/// speaker has nothing to do with becomes [`Command::Pass`], and its answer waits here until its turn has come.
#[derive(Debug)]
pub struct Client {
    /// How lines are understood.
    profile: Profile,
    /// How answers are written: follows when the command that changes it is answered.
    answers: Profile,
    acks: bool,
    /// The beginning of a line; while `held`, whole lines in front of it.
    tail: Vec<u8>,
    held: bool,
    /// More came while a listing was under way than could be kept.
    lost: bool,
    /// The rest of a line that was too long is being thrown away.
    skipping: bool,
    /// What is to be said here, with the number of the command it belongs to.
    local: VecDeque<(u64, Local)>,
    /// Commands handed out that are answered, and how many of them had their last answer.
    asked: u64,
    answered: u64,
    /// Nothing more is read until this many were answered.
    wait_for: u64,
    state: State,
}

/// What lines leave behind for the lines after them.
#[derive(Debug)]
pub(crate) struct State {
    pub memo: Memo,
    pub selectors: Selectors,
    /// An open `group start`.
    pub group: Option<Group>,
    pub all: Arc<Selector>,
}

impl Client {
    /// A client that has said nothing. `acks`: `done` and `error` are said until it asks otherwise.
    pub fn new(profile: Profile, acks: bool) -> Client {
        let all = Arc::new(Selector::All);
        Client {
            profile,
            answers: profile,
            acks,
            tail: Vec::new(),
            held: false,
            lost: false,
            skipping: false,
            local: VecDeque::new(),
            asked: 0,
            answered: 0,
            wait_for: 0,
            state: State { memo: Memo::new(), selectors: Selectors::default(), group: None, all },
        }
    }

    /// The generation its lines are understood for: its own `api version` may have changed it. That choice is meant for
    /// all clients: see [`Client::set_profile`].
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Somebody chose another generation.
    pub fn set_profile(&mut self, profile: Profile) {
        self.profile = profile;
        self.answers = profile;
    }

    /// True while a listing is under way, or lines that came meanwhile wait for [`Client::resume`]: nothing more should
    /// be fed.
    pub fn busy(&self) -> bool {
        self.held || self.listing()
    }

    /// True if everything that was asked was answered.
    pub fn is_at_rest(&self) -> bool {
        self.asked == self.answered && !self.busy()
    }

    fn listing(&self) -> bool {
        self.answered < self.wait_for
    }

    /// Reads octets; complete lines become commands, an incomplete one waits. Any octets will do: a line that is no
    /// command becomes an error, never anything else. `debug` is told what a client says to nobody, and why a command was
    /// refused where its answer has no room for that. What comes behind a command that lists is kept until that is
    /// through; beyond two mebibytes it is thrown away, which is said.
    pub fn feed(&mut self, bytes: &[u8], daemon: &Daemon, debug: &mut dyn FnMut(&str), out: &mut Vec<Command>) {
        self.resume(daemon, debug, out);
        let mut rest = bytes;
        if !self.busy()
            && !self.tail.is_empty()
            && let Some((head, behind)) = cut_line(rest)
        {
            let mut line = std::mem::take(&mut self.tail);
            line.extend_from_slice(head);
            self.line(&line, daemon, debug, out);
            rest = behind;
        }
        if !self.busy() && self.tail.is_empty() {
            rest = self.lines(rest, daemon, debug, out);
        }
        self.keep(rest, out);
    }

    /// Goes on with what was kept while a listing was under way.
    pub fn resume(&mut self, daemon: &Daemon, debug: &mut dyn FnMut(&str), out: &mut Vec<Command>) {
        if !self.held || self.listing() {
            return;
        }
        self.held = false;
        let mut tail = std::mem::take(&mut self.tail);
        let left = self.lines(&tail, daemon, debug, out).len();
        tail.drain(..tail.len() - left);
        if self.listing() {
            self.held = true;
            self.tail = tail;
        } else if std::mem::take(&mut self.lost) {
            self.skipping = true;
            self.refuse("more lines came during a listing than can be kept", out);
        } else {
            self.keep(&tail, out);
        }
    }

    /// Keeps what could not be read yet.
    fn keep(&mut self, rest: &[u8], out: &mut Vec<Command>) {
        if self.busy() {
            self.held |= !rest.is_empty();
            self.lost |= self.tail.len() + rest.len() > HELD;
            if !self.lost {
                self.tail.extend_from_slice(rest);
            }
        } else if self.skipping {
            // still no end of the line that was refused
        } else if self.tail.len() + rest.len() > LONGEST_LINE {
            self.tail = Vec::new();
            self.skipping = true;
            self.refuse_length(out);
        } else {
            self.tail.extend_from_slice(rest);
        }
    }

    /// Handles complete lines until one lists; gives what is left.
    fn lines<'a>(
        &mut self,
        mut bytes: &'a [u8],
        daemon: &Daemon,
        debug: &mut dyn FnMut(&str),
        out: &mut Vec<Command>,
    ) -> &'a [u8] {
        while let Some((line, rest)) = cut_line(bytes) {
            bytes = rest;
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            self.line(line, daemon, debug, out);
            if self.listing() {
                break;
            }
        }
        bytes
    }

    fn line(&mut self, line: &[u8], daemon: &Daemon, debug: &mut dyn FnMut(&str), out: &mut Vec<Command>) {
        if line.len() > LONGEST_LINE {
            return self.refuse_length(out);
        }
        let Ok(line) = std::str::from_utf8(line.trim_ascii()) else {
            return self.refuse("the line is not UTF-8", out);
        };
        // The first generation has no such word: an error like any other.
        if let Some(text) = line.strip_prefix("debug")
            && (text.is_empty() || text.starts_with([' ', '\t']))
            && self.profile.dialect != Dialect::V4
        {
            return debug(text.trim_start());
        }
        let mut ask = Ask::new(line, self.profile, daemon, &mut self.state);
        match parse(&mut ask) {
            Ok(parsed) => {
                out.append(&mut ask.parts);
                if let Some(Local::Version(profile, _)) = &parsed.local {
                    self.profile = *profile;
                }
                self.push(parsed.command, parsed.local, out);
                if parsed.shows {
                    self.wait_for = self.asked;
                }
            }
            Err(error) => {
                let reason = error.to_string();
                if !reply::tells_why(self.manner()) {
                    debug(&format!("`{}` is refused: {reason}", cut(line, REASON)));
                }
                self.refuse(&reason, out);
            }
        }
    }

    fn push(&mut self, command: Command, local: Option<Local>, out: &mut Vec<Command>) {
        if let Some(local) = local {
            self.local.push_back((self.asked, local));
        }
        self.asked += 1;
        out.push(command);
    }

    fn refuse(&mut self, reason: &str, out: &mut Vec<Command>) {
        self.push(Command::Pass, Some(Local::Error(cut(reason, REASON).to_owned())), out);
    }

    fn refuse_length(&mut self, out: &mut Vec<Command>) {
        self.refuse(&format!("the line is longer than {LONGEST_LINE} octets"), out);
    }

    /// Appends the same final answer several times: `done`.
    pub fn done(&mut self, count: u32, out: &mut String) {
        let end = self.answered + u64::from(count);
        while self.answered < end {
            if let Some(Local::Before(text)) = self.take_local() {
                out.push_str(&text);
            }
            let next = self.local.front().map_or(end, |(number, _)| end.min(*number));
            let plain = next.max(self.answered + 1);
            if self.acks {
                (self.answered..plain).for_each(|_| out.push_str("done\n"));
            }
            self.answered = plain;
        }
    }

    /// Appends what an answer, or a part of one, says.
    pub fn reply(&mut self, reply: &Reply<'_>, daemon: &Daemon, wall: UnixNanos, out: &mut String) {
        let manner = self.manner();
        match reply {
            Reply::Neighbors { .. } | Reply::Route { .. } => reply::reply(reply, manner, daemon, wall, out),
            Reply::Done => self.done(1, out),
            Reply::Passed => {
                if let Some(local) = self.take_local() {
                    self.say(local, out);
                }
                self.answered += 1;
            }
            Reply::Error(_) => {
                self.take_local();
                self.answered += 1;
                reply::reply(reply, manner, daemon, wall, out);
            }
            Reply::Group { announced, withdrawn, errors } => {
                let mut all = match self.take_local() {
                    Some(Local::Group(errors)) => errors,
                    _ => Vec::new(),
                };
                self.answered += 1;
                all.extend_from_slice(errors);
                let whole = Reply::Group { announced: *announced, withdrawn: *withdrawn, errors: &all };
                reply::reply(&whole, manner, daemon, wall, out);
            }
        }
    }

    /// What is to be said with the next answer.
    fn take_local(&mut self) -> Option<Local> {
        let now = self.local.front().is_some_and(|(number, _)| *number == self.answered);
        if now { self.local.pop_front().map(|(_, local)| local) } else { None }
    }

    fn say(&mut self, local: Local, out: &mut String) {
        match local {
            Local::Done => {}
            Local::Error(reason) => return reply::error(&reason, self.manner(), out),
            Local::Refused(text) => {
                out.push_str(&text);
                return reply::error("", self.manner(), out);
            }
            Local::Say(text) | Local::Before(text) => out.push_str(&text),
            Local::Acks { on } => {
                // `disable-ack` is the last to be acknowledged, `enable-ack` the first.
                self.acks = true;
                reply::done(self.manner(), out);
                self.acks = on;
                return;
            }
            Local::Silence => {
                self.acks = false;
                return;
            }
            Local::Version(profile, text) => {
                out.push_str(&text);
                self.answers = profile;
            }
            Local::Group(_) => {}
        }
        reply::done(self.manner(), out);
    }

    fn manner(&self) -> Manner {
        Manner { dialect: self.answers.dialect, json: self.answers.json, acks: self.acks }
    }
}

/// The first line, and what is behind its end.
fn cut_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, rest) = bytes.split_at_checked(memchr::memchr(b'\n', bytes)?)?;
    Some((line, rest.get(1..).unwrap_or(&[])))
}
