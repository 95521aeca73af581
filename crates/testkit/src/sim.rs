//! A network in which time passes only when nothing is left to do: speakers and scripted peers, joined by connections
//! with a latency, a window and arbitrary segments. The same seed and the same calls give the same trace.

use crate::helper::Helper;
use crate::rng::Rng;
use crate::script::Script;
use crate::tape::{self, Tape};
use herald_speaker::time::{Instant, Now, UnixNanos};
use herald_speaker::{CloseReason, ConnId, Effect, Input, Speaker};
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Octets asked of a speaker at once.
const BUDGET: usize = 4096;

/// Who lives at an address.
enum Host {
    Speaker(Box<Speaker>),
    Script(Box<Script>),
}

/// One end of a connection, as its host knows it.
type End = (IpAddr, ConnId);

struct Pipe {
    other: End,
    inbox: VecDeque<u8>,
    /// Octets on their way to the other end or unread there.
    pending: usize,
}

enum Happening {
    Call { from: End, to: SocketAddr },
    Arrive { at: End, bytes: Vec<u8> },
    Closed { at: End, why: CloseReason },
}

enum Act {
    Connect(ConnId, SocketAddr),
    Close(ConnId, Vec<u8>),
    Wake(ConnId),
    Pause(ConnId, bool),
}

/// The network.
pub struct Sim {
    now: Instant,
    rng: Rng,
    hosts: BTreeMap<IpAddr, Host>,
    pipes: BTreeMap<End, Pipe>,
    stalled: BTreeMap<End, bool>,
    deaf: BTreeMap<IpAddr, bool>,
    queue: BTreeMap<(Instant, u64), Happening>,
    serial: u64,
    conns: u64,
    tapes: BTreeMap<IpAddr, Tape>,
    /// How long octets travel.
    pub latency: Duration,
    /// Octets a connection holds before its sender must wait.
    pub window: usize,
    /// Octets are delivered in pieces of at most this size, of random length.
    pub segment: usize,
    /// Every effect, one a line.
    pub trace: Vec<String>,
    /// Reads what speakers tell.
    pub helper: Option<Helper>,
}

impl Sim {
    /// An empty network.
    pub fn new(seed: u64) -> Sim {
        Sim {
            now: Instant(0),
            rng: Rng::new(seed),
            hosts: BTreeMap::new(),
            pipes: BTreeMap::new(),
            stalled: BTreeMap::new(),
            deaf: BTreeMap::new(),
            queue: BTreeMap::new(),
            serial: 0,
            conns: 0,
            tapes: BTreeMap::new(),
            latency: Duration::from_millis(1),
            window: 65536,
            segment: 4096,
            trace: Vec::new(),
            helper: None,
        }
    }

    /// The moment it is.
    pub fn now(&self) -> Now {
        Now { mono: self.now, wall: UnixNanos(self.now.0) }
    }

    /// Puts a speaker at an address.
    pub fn speaker(&mut self, at: IpAddr, seed: u64) {
        let speaker = Speaker::new(seed, self.now());
        self.hosts.insert(at, Host::Speaker(Box::new(speaker)));
    }

    /// Puts a scripted peer at an address.
    pub fn script(&mut self, at: IpAddr, script: Script) {
        self.hosts.insert(at, Host::Script(Box::new(script)));
    }

    /// Records the speaker at an address, from now on: it has not been given anything yet.
    pub fn record(&mut self, at: IpAddr, seed: u64) {
        self.tapes.insert(at, Tape::new(seed, self.now()));
    }

    /// The recording of the speaker at an address.
    pub fn tape(&mut self, at: IpAddr) -> Option<&mut Tape> {
        self.tapes.get_mut(&at)
    }

    /// The scripted peer at an address.
    pub fn heard(&self, at: IpAddr) -> Option<&Script> {
        match self.hosts.get(&at) {
            Some(Host::Script(script)) => Some(script),
            _ => None,
        }
    }

    /// Makes a host read nothing, or read again.
    pub fn stall(&mut self, at: IpAddr, stalled: bool) {
        self.deaf.insert(at, stalled);
        self.read_all();
    }

    /// A scripted peer calls.
    pub fn call(&mut self, from: IpAddr, to: IpAddr) -> ConnId {
        let conn = self.conn();
        self.schedule(Happening::Call { from: (from, conn), to: SocketAddr::new(to, 179) });
        conn
    }

    /// A scripted peer says something on all its connections.
    pub fn say(&mut self, at: IpAddr, bytes: &[u8]) {
        let ends: Vec<End> = self.pipes.keys().filter(|end| end.0 == at).copied().collect();
        for end in ends {
            self.carry(end, bytes);
        }
    }

    /// How many connections a host has.
    pub fn connections(&self, at: IpAddr) -> usize {
        self.pipes.keys().filter(|end| end.0 == at).count()
    }

    /// Breaks all connections of a host, at both ends.
    pub fn reset(&mut self, at: IpAddr) {
        let ends: Vec<End> = self.pipes.keys().filter(|end| end.0 == at).copied().collect();
        for end in ends {
            if let Some(pipe) = self.pipes.remove(&end) {
                self.ended(end, CloseReason::Broken("reset".into()));
                self.ended(pipe.other, CloseReason::Broken("reset".into()));
            }
        }
    }

    /// A scripted peer closes all its connections.
    pub fn hang_up(&mut self, at: IpAddr) {
        let ends: Vec<End> = self.pipes.keys().filter(|end| end.0 == at).copied().collect();
        for end in ends {
            if let Some(pipe) = self.pipes.remove(&end) {
                self.schedule(Happening::Closed { at: pipe.other, why: CloseReason::Closed });
            }
        }
    }

    /// Lines of the trace that contain `what`.
    pub fn count(&self, what: &str) -> usize {
        self.trace.iter().filter(|line| line.contains(what)).count()
    }

    /// Runs until `until` has passed, jumping from one thing to do to the next.
    pub fn run(&mut self, until: Duration) {
        let until = Instant(0) + until;
        loop {
            let queued = self.queue.keys().next().map(|key| key.0);
            let timer = self.hosts.iter().filter_map(|(at, host)| match host {
                Host::Speaker(speaker) => speaker.deadline().map(|due| (due.at, *at)),
                Host::Script(_) => None,
            });
            let timer = timer.min();
            match (queued, timer) {
                (Some(at), due) if at <= until && due.is_none_or(|due| at <= due.0) => {
                    self.now = self.now.max(at);
                    if let Some((_, happening)) = self.queue.pop_first() {
                        self.happen(happening);
                    }
                }
                (_, Some((at, host))) if at <= until => {
                    self.now = self.now.max(at);
                    self.input(host, Input::Tick);
                }
                _ => break,
            }
        }
        self.now = self.now.max(until);
    }

    /// Hands a speaker an input and does what it wants done.
    pub fn input(&mut self, at: IpAddr, input: Input<'_>) {
        let now = self.now();
        let mut acts = Vec::new();
        if let Some(Host::Speaker(speaker)) = self.hosts.get_mut(&at) {
            let mut seen = Seen { trace: &mut self.trace, helper: &mut self.helper, tape: self.tapes.get_mut(&at) };
            seen.tape.iter_mut().for_each(|tape| tape.input(now, &input));
            speaker.handle(now, input, &mut |effect| seen.note(&mut acts, now, at, effect));
        }
        self.carry_out(at, acts);
    }

    fn carry_out(&mut self, at: IpAddr, acts: Vec<Act>) {
        for act in acts {
            match act {
                Act::Connect(conn, to) => self.schedule(Happening::Call { from: (at, conn), to }),
                Act::Wake(conn) => self.pump((at, conn)),
                Act::Pause(conn, reading) => {
                    self.stalled.insert((at, conn), !reading);
                    self.read((at, conn));
                }
                Act::Close(conn, last) => {
                    self.carry((at, conn), &last);
                    if let Some(pipe) = self.pipes.remove(&(at, conn)) {
                        self.schedule(Happening::Closed { at: pipe.other, why: CloseReason::Closed });
                    }
                }
            }
        }
    }

    /// The next number of a connection that was accepted.
    fn conn(&mut self) -> ConnId {
        self.conns += 1;
        ConnId::accepted(self.conns)
    }

    fn schedule(&mut self, what: Happening) {
        self.serial += 1;
        self.queue.insert((self.now + self.latency, self.serial), what);
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Call { from, to } => self.connect(from, to),
            Happening::Arrive { at, bytes } => {
                if let Some(pipe) = self.pipes.get_mut(&at) {
                    pipe.inbox.extend(bytes);
                    self.read(at);
                }
            }
            Happening::Closed { at, why } => {
                if self.pipes.remove(&at).is_some() {
                    self.ended(at, why);
                }
            }
        }
    }

    fn connect(&mut self, from: End, to: SocketAddr) {
        if !self.hosts.contains_key(&to.ip()) {
            return self.ended(from, CloseReason::Failed("refused".into()));
        }
        let end = (to.ip(), self.conn());
        let pipe = |other| Pipe { other, inbox: VecDeque::new(), pending: 0 };
        self.pipes.insert(from, pipe(end));
        self.pipes.insert(end, pipe(from));
        let remote = SocketAddr::new(from.0, 40000);
        self.input(end.0, Input::Accepted { conn: end.1, local: to, remote });
        self.input(from.0, Input::Connected { conn: from.1, local: remote });
        for end in [end, from] {
            if let Some(Host::Script(script)) = self.hosts.get_mut(&end.0) {
                let greeting = script.connected();
                self.carry(end, &greeting);
            }
        }
    }

    fn ended(&mut self, at: End, why: CloseReason) {
        self.stalled.remove(&at);
        self.input(at.0, Input::Closed { conn: at.1, why });
    }

    /// Puts octets on the way, in segments.
    fn carry(&mut self, from: End, mut bytes: &[u8]) {
        let Some(pipe) = self.pipes.get_mut(&from) else { return };
        pipe.pending += bytes.len();
        let at = pipe.other;
        while !bytes.is_empty() {
            let n = (1 + self.rng.below(self.segment)).min(bytes.len());
            let (now, later) = bytes.split_at(n);
            self.schedule(Happening::Arrive { at, bytes: now.to_vec() });
            bytes = later;
        }
    }

    /// Takes what a speaker has to send, as far as the window goes.
    fn pump(&mut self, end: End) {
        loop {
            let now = self.now();
            let Some(pipe) = self.pipes.get(&end) else { return };
            let room = self.window.saturating_sub(pipe.pending);
            let Some(Host::Speaker(speaker)) = self.hosts.get_mut(&end.0) else { return };
            if room == 0 {
                return;
            }
            let tape = self.tapes.get_mut(&end.0);
            let (mut acts, mut seen) = (Vec::new(), Seen { trace: &mut self.trace, helper: &mut self.helper, tape });
            let mut emit = |effect: Effect<'_>| seen.note(&mut acts, now, end.0, effect);
            let bytes = speaker.transmit(now, end.1, BUDGET, &mut emit);
            let bytes = bytes.get(..room).unwrap_or(bytes).to_vec();
            speaker.sent(now, end.1, bytes.len());
            seen.tape.iter_mut().for_each(|tape| tape.pulled(now, end.1, BUDGET, &bytes));
            self.carry(end, &bytes);
            // A Wake for this very connection is answered by the loop.
            acts.retain(|act| !matches!(act, Act::Wake(conn) if *conn == end.1));
            self.carry_out(end.0, acts);
            if bytes.is_empty() {
                return;
            }
        }
    }

    fn read_all(&mut self) {
        let ends: Vec<End> = self.pipes.keys().copied().collect();
        for end in ends {
            self.read(end);
        }
    }

    /// Hands a host what arrived, unless it does not read.
    fn read(&mut self, end: End) {
        let stalled = self.stalled.get(&end).or(self.deaf.get(&end.0));
        if stalled == Some(&true) || self.deaf.get(&end.0) == Some(&true) {
            return;
        }
        let Some(pipe) = self.pipes.get_mut(&end) else { return };
        let bytes: Vec<u8> = pipe.inbox.drain(..).collect();
        let other = pipe.other;
        if bytes.is_empty() {
            return;
        }
        if let Some(back) = self.pipes.get_mut(&other) {
            back.pending = back.pending.saturating_sub(bytes.len());
        }
        let answer = match self.hosts.get_mut(&end.0) {
            Some(Host::Script(script)) => script.hear(&bytes),
            _ => Vec::new(),
        };
        self.carry(end, &answer);
        self.input(end.0, Input::Received { conn: end.1, bytes: &bytes });
        self.pump(other);
    }
}

/// Who looks on.
struct Seen<'a> {
    trace: &'a mut Vec<String>,
    helper: &'a mut Option<Helper>,
    tape: Option<&'a mut Tape>,
}

impl Seen<'_> {
    /// Writes an effect down, and keeps what the network has to do.
    fn note(&mut self, acts: &mut Vec<Act>, now: Now, at: IpAddr, effect: Effect<'_>) {
        let line = tape::line(now, &effect);
        let (time, what) = line.split_once(' ').unwrap_or_default();
        self.trace.push(format!("{time} {at} {what}"));
        self.tape.iter_mut().for_each(|tape| tape.effect(now, &effect));
        self.helper.iter_mut().for_each(|helper| helper.hear(now, &effect));
        match effect {
            Effect::Connect { conn, to, .. } => acts.push(Act::Connect(conn, to)),
            Effect::Close { conn, last } => acts.push(Act::Close(conn, last.to_vec())),
            Effect::Wake { conn } => acts.push(Act::Wake(conn)),
            Effect::Pause { conn, reading } => acts.push(Act::Pause(conn, reading)),
            _ => {}
        }
    }
}
