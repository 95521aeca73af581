//! One program on the other side: octets become commands, answers become octets, in order.

use crate::command::{Ask, Local, parse};
use crate::profile::Profile;
use crate::reply::{self, Daemon, Manner};
use herald_bgp::route::Memo;
use herald_speaker::command::{Command, Reply, Selector};
use herald_speaker::time::UnixNanos;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// The longest line that is read, octets. What follows it up to the end of the line is thrown away.
pub const LONGEST_LINE: usize = 1 << 20;

/// A helper program, or somebody at the control socket.
///
/// Every line that is answered becomes one or more [`Command`]s, to be handed to the speaker in order. What the speaker
/// has nothing to do with becomes [`Command::Pass`], and its answer waits here until its turn has come.
#[derive(Debug)]
pub struct Client {
    profile: Profile,
    acks: bool,
    tail: Vec<u8>,
    /// The rest of a line that was too long is being thrown away.
    skipping: bool,
    /// Answers to [`Command::Pass`].
    local: VecDeque<Local>,
    /// Commands handed out, and how many of them had their last answer.
    asked: u64,
    answered: u64,
    /// Nothing more is read until this many were answered.
    wait_for: u64,
    pub(crate) state: State,
}

/// What lines leave behind for the lines after them.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub memo: Memo,
    /// Selectors by their text, verb included.
    pub selectors: BTreeMap<Box<str>, Arc<Selector>>,
    pub last_selector: Option<(Box<str>, Arc<Selector>)>,
    /// An open `group start`.
    pub group: Option<Vec<Command>>,
    pub all: Option<Arc<Selector>>,
}

impl Client {
    /// A client that has said nothing. `acks`: `done` and `error` are said until it asks otherwise.
    pub fn new(profile: Profile, acks: bool) -> Client {
        Client {
            profile,
            acks,
            tail: Vec::new(),
            skipping: false,
            local: VecDeque::new(),
            asked: 0,
            answered: 0,
            wait_for: 0,
            state: State { memo: Memo::large(), ..State::default() },
        }
    }

    /// True while a listing is under way: nothing more should be fed until it is through.
    pub fn busy(&self) -> bool {
        self.answered < self.wait_for
    }

    /// Reads octets; complete lines become commands, an incomplete one waits. Any octets will do: a line that is no
    /// command becomes an error, never anything else. What a `show` in the middle makes wait is kept as well.
    pub fn feed(&mut self, bytes: &[u8], daemon: &Daemon, debug: &mut dyn FnMut(&str), out: &mut Vec<Command>) {
        if self.tail.is_empty() && !self.skipping && !self.busy() {
            let left = self.lines(bytes, daemon, debug, out);
            self.tail.extend_from_slice(left);
        } else {
            self.tail.extend_from_slice(bytes);
            self.resume(daemon, debug, out);
        }
        self.limit(out);
    }

    /// Goes on with what was kept while the client was busy.
    pub fn resume(&mut self, daemon: &Daemon, debug: &mut dyn FnMut(&str), out: &mut Vec<Command>) {
        if self.busy() {
            return;
        }
        let tail = std::mem::take(&mut self.tail);
        let left = self.lines(&tail, daemon, debug, out);
        if left.len() == tail.len() {
            self.tail = tail;
        } else {
            self.tail = left.to_vec();
        }
    }

    /// Refuses a line that is too long already.
    fn limit(&mut self, out: &mut Vec<Command>) {
        if self.tail.len() > LONGEST_LINE && !self.busy() {
            self.tail = Vec::new();
            if !std::mem::replace(&mut self.skipping, true) {
                let reason = format!("the line is longer than {LONGEST_LINE} octets");
                self.push(Command::Pass, Some(Local::Error(reason)), out);
            }
        }
    }

    /// Handles complete lines; gives what is left.
    fn lines<'a>(
        &mut self,
        mut bytes: &'a [u8],
        daemon: &Daemon,
        debug: &mut dyn FnMut(&str),
        out: &mut Vec<Command>,
    ) -> &'a [u8] {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
            bytes = rest.get(1..).unwrap_or(&[]);
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            match std::str::from_utf8(line) {
                Ok(line) => self.line(line.trim_end(), daemon, debug, out),
                Err(_) => self.push(Command::Pass, Some(Local::Error("the line is not UTF-8".into())), out),
            }
            if self.busy() {
                break;
            }
        }
        bytes
    }

    fn line(&mut self, line: &str, daemon: &Daemon, debug: &mut dyn FnMut(&str), out: &mut Vec<Command>) {
        if let Some(text) = line.strip_prefix("debug ") {
            return debug(text);
        }
        let mut ask = Ask::new(line, self.profile, daemon, &mut self.state);
        match parse(&mut ask) {
            Ok(parsed) => {
                let shows = parsed.shows;
                for (command, local) in parsed.steps {
                    self.push(command, local, out);
                }
                if shows {
                    self.wait_for = self.asked;
                }
            }
            Err(e) => self.push(Command::Pass, Some(Local::Error(e.to_string())), out),
        }
    }

    fn push(&mut self, command: Command, local: Option<Local>, out: &mut Vec<Command>) {
        self.asked += u64::from(!matches!(command, Command::Quiet(_)));
        self.local.extend(local);
        out.push(command);
    }

    /// Appends the same final answer several times: `done`.
    pub fn done(&mut self, count: u32, out: &mut String) {
        self.answered += u64::from(count);
        if self.acks {
            (0..count).for_each(|_| out.push_str("done\n"));
        }
    }

    /// Appends what an answer, or a part of one, says.
    pub fn reply(&mut self, reply: &Reply<'_>, daemon: &Daemon, wall: UnixNanos, out: &mut String) {
        let manner = self.manner();
        match reply {
            Reply::Done => return self.done(1, out),
            Reply::Passed => {
                self.answered += 1;
                if let Some(local) = self.local.pop_front() {
                    self.say(local, out);
                }
                return;
            }
            Reply::Group { .. } | Reply::Error(_) => self.answered += 1,
            Reply::Neighbors { .. } | Reply::Route { .. } => {}
        }
        reply::reply(reply, manner, daemon, wall, out);
    }

    fn say(&mut self, local: Local, out: &mut String) {
        match local {
            Local::Done => reply::done(self.manner(), out),
            Local::Error(reason) => reply::error(&reason, self.manner(), out),
            Local::Say(text) => {
                out.push_str(&text);
                reply::done(self.manner(), out);
            }
            Local::Part(text) => out.push_str(&text),
            Local::Acks { on } => {
                // `disable-ack` is the last to be acknowledged, `enable-ack` the first.
                self.acks = true;
                reply::done(self.manner(), out);
                self.acks = on;
            }
            Local::Silence => self.acks = false,
            Local::Version(profile) => {
                self.profile = profile;
                reply::done(self.manner(), out);
            }
        }
    }

    fn manner(&self) -> Manner {
        Manner { dialect: self.profile.dialect, json: self.profile.json, acks: self.acks }
    }
}
