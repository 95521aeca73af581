//! One session on one connection: its state, its timers, the octets on their way in and out. Nothing else.
//!
//! What a message means for the neighbour is decided in `crate::peer`; what it means for routes in [`crate::rib`].

use crate::event::Negotiated;
use crate::time::Instant;
use crate::{ConnId, Deadline};
use herald_bgp::message::MAX;
use herald_bgp::open::Open;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// The six states of RFC 4271 §8.2.2.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum State {
    Idle,
    Active,
    Connect,
    OpenSent,
    OpenConfirm,
    Established,
}

impl State {
    /// By its number in management and in files: 1 Idle … 6 Established (RFC 4273 bgpPeerState, RFC 6396 §4.4.1).
    pub fn of_number(number: u16) -> Option<State> {
        Some(match number {
            1 => State::Idle,
            2 => State::Connect,
            3 => State::Active,
            4 => State::OpenSent,
            5 => State::OpenConfirm,
            6 => State::Established,
            _ => return None,
        })
    }

    /// As events spell it: `IDLE` … `ESTABLISHED`.
    pub fn name(self) -> &'static str {
        match self {
            State::Idle => "IDLE",
            State::Connect => "CONNECT",
            State::Active => "ACTIVE",
            State::OpenSent => "OPENSENT",
            State::OpenConfirm => "OPENCONFIRM",
            State::Established => "ESTABLISHED",
        }
    }
}

/// The timers of a session (RFC 4271 §8, RFC 9687).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Timer {
    /// The OPEN has to arrive.
    OpenWait,
    Hold,
    Keepalive,
    SendHold,
    /// More messages may be taken (`rate-limit`).
    Rate,
}

impl Timer {
    /// What it is called.
    pub fn name(self) -> &'static str {
        TIMERS.iter().find(|(timer, _)| *timer == self).map_or("", |(_, name)| name)
    }
}

const TIMERS: [(Timer, &str); 5] = [
    (Timer::OpenWait, "OpenWait"),
    (Timer::Hold, "Hold"),
    (Timer::Keepalive, "Keepalive"),
    (Timer::SendHold, "SendHold"),
    (Timer::Rate, "RateLimit"),
];

/// A session that has used up its rate waits for so long at least, rather than for each message.
const PAUSE: Duration = Duration::from_millis(10);

/// The session on one connection.
#[derive(Debug)]
pub struct Session {
    /// The connection.
    pub conn: ConnId,
    /// We called.
    pub outgoing: bool,
    /// Where it is in the state machine; never Idle or Active.
    pub state: State,
    /// Our address on it.
    pub local: Option<IpAddr>,
    /// What we sent.
    pub sent_open: Option<Open>,
    /// What both OPENs agree on.
    pub negotiated: Option<Arc<Negotiated>>,
    /// Helpers were told that it connected.
    pub told: bool,
    /// The shell was woken and has not been told since that there is nothing left.
    pub awake: bool,
    /// A helper does not keep up.
    pub paused: bool,
    /// More messages came than the neighbour may send.
    pub limited: bool,
    /// When as many messages may be taken at once as in a second.
    rested: Instant,
    inbound: Vec<u8>,
    out: Vec<u8>,
    taken: usize,
    timers: [Option<Instant>; TIMERS.len()],
}

impl Session {
    /// A session whose connection is still to come, or has come (`OpenSent` follows the OPEN).
    pub fn new(conn: ConnId, outgoing: bool) -> Session {
        Session {
            conn,
            outgoing,
            state: State::Connect,
            local: None,
            sent_open: None,
            negotiated: None,
            told: false,
            awake: false,
            paused: false,
            limited: false,
            rested: Instant(0),
            inbound: Vec::new(),
            out: Vec::new(),
            taken: 0,
            timers: [None; TIMERS.len()],
        }
    }

    /// Starts or stops a timer.
    pub fn set(&mut self, timer: Timer, at: Option<Instant>) {
        if let Some(place) = self.timers.get_mut(timer as usize) {
            *place = at;
        }
    }

    /// A timer that has run out by `now`; it is stopped.
    pub fn expired(&mut self, now: Instant) -> Option<Timer> {
        let place = self.timers.iter().position(|at| at.is_some_and(|at| at <= now))?;
        *self.timers.get_mut(place)? = None;
        TIMERS.get(place).map(|(timer, _)| *timer)
    }

    /// The timer that runs out first.
    pub fn deadline(&self) -> Option<Deadline> {
        let running =
            self.timers.iter().zip(TIMERS).filter_map(|(at, (_, name))| Some(Deadline { at: (*at)?, timer: name }));
        running.min()
    }

    /// The negotiated hold time, unless it is disabled.
    pub fn hold_time(&self) -> Option<Duration> {
        let seconds = self.negotiated.as_ref()?.hold_time;
        (seconds > 0).then(|| Duration::from_secs(seconds.into()))
    }

    /// True if we do not read.
    pub fn is_deaf(&self) -> bool {
        self.paused || self.limited
    }

    /// Takes one of `rate` messages a second, of which a second's worth may come at once; or says when to try again.
    pub fn take(&mut self, now: Instant, rate: u32) -> Option<Instant> {
        let second = Duration::from_secs(1);
        let rested = self.rested.max(now) + second / rate.max(1);
        let early = rested.since(now + second);
        if early.is_zero() {
            self.rested = rested;
            return None;
        }
        Some(now + early.max(PAUSE))
    }

    /// Restarts the hold timer: the peer is alive, or may be and we do not listen.
    pub fn restart_hold(&mut self, now: Instant) {
        if self.negotiated.is_some() {
            let hold = if self.is_deaf() { None } else { self.hold_time() };
            self.set(Timer::Hold, hold.map(|hold| now + hold));
        }
    }

    /// Restarts the keepalive timer: a third of the hold time, a second at least (RFC 4271 §4.4).
    pub fn restart_keepalive(&mut self, now: Instant) {
        let hold = self.hold_time();
        self.set(Timer::Keepalive, hold.map(|hold| now + Duration::from_secs((hold.as_secs() / 3).max(1))));
    }

    /// RFC 9687: a peer that takes nothing for this long is gone.
    pub fn restart_send_hold(&mut self, now: Instant) {
        let waiting = self.pending() > 0 && self.state == State::Established;
        let hold = if waiting { self.hold_time() } else { None };
        self.set(Timer::SendHold, hold.map(|hold| now + (hold * 2).max(Duration::from_secs(480))));
    }

    /// The greatest message the peer may send: what was agreed, once the OPENs are known.
    pub fn max(&self) -> usize {
        self.negotiated.as_ref().map_or(MAX, |n| n.context.message_size)
    }

    /// Octets wait: the timer runs from when the first of them did, since more of them are no progress.
    pub fn start_send_hold(&mut self, now: Instant) {
        let running = self.timers.get(Timer::SendHold as usize).is_some_and(Option::is_some);
        if !running || self.pending() == 0 {
            self.restart_send_hold(now);
        }
    }

    /// What was received and not yet understood, followed by `bytes`; `None` if that is `bytes` alone.
    pub fn with_tail(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        if self.inbound.is_empty() {
            return None;
        }
        let mut all = std::mem::take(&mut self.inbound);
        all.extend_from_slice(bytes);
        Some(all)
    }

    /// Keeps an incomplete message.
    pub fn keep_tail(&mut self, tail: &[u8]) {
        self.inbound.clear();
        self.inbound.extend_from_slice(tail);
    }

    /// The buffer messages are appended to. What was taken goes once it is the greater part.
    pub fn out(&mut self) -> &mut Vec<u8> {
        if self.taken >= self.pending() {
            self.out.drain(..self.taken);
            self.taken = 0;
        }
        &mut self.out
    }

    /// Octets still to be sent.
    pub fn pending(&self) -> usize {
        self.out.len() - self.taken
    }

    /// The octets still to be sent.
    pub fn output(&self) -> &[u8] {
        self.out.get(self.taken..).unwrap_or(&[])
    }

    /// `n` octets were taken by the transport.
    pub fn taken(&mut self, n: usize) {
        self.taken = (self.taken + n).min(self.out.len());
        if self.taken == self.out.len() && self.out.capacity() > 4096 {
            self.out = Vec::new(); // an idle session holds no buffer
            self.taken = 0;
        }
    }
}
