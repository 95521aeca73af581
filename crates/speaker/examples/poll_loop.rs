//! A speaker driven by nothing but the standard library: one thread, one loop, non-blocking sockets.
//!
//! `poll_loop LOCAL-IP LOCAL-AS PEER-IP PORT PEER-AS PREFIX SECONDS` calls one IPv4 peer, announces PREFIX with itself
//! as next hop once the session is up, prints what happens, and after SECONDS ends the session with a Cease. The exit
//! code is 0 if the session came up, 1 if it did not, 2 if the arguments make no sense.
//!
//! [`Speaker`] decides all of BGP and touches nothing. What is left for the program around it, the shell, is this file:
//!
//! | of the speaker | in the shell |
//! |---|---|
//! | [`Speaker::handle`] | is given what happened, and says what to do ([`Sockets::carry_out`]) |
//! | [`Speaker::deadline`] | when it has passed: [`Input::Tick`] |
//! | [`Speaker::transmit`], [`Speaker::sent`] | asked while a connection is awake; told how much the socket took |
//!
//! A speaker must not be called from inside one of its own effects, so an effect whose outcome is an input again (only
//! [`Effect::Connect`], here) is put aside and done when `handle` has returned.
//!
//! Two things are beyond the standard library: binding a socket before it connects, and connecting without waiting. So
//! LOCAL-IP has to be what the system chooses by itself (anything else is reported as a failed connection), and the loop
//! stands still for up to [`PATIENCE`] while it calls: with one peer, nobody else is kept waiting.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a shell: clocks, sockets and the terminal are its business, so that they are not the speaker's"
)]

use herald_bgp::route::{Memo, Purpose, Route, parse_route};
use herald_bgp::text::{Grammar, Words};
use herald_bgp::update::Update;
use herald_bgp::value::Asn;
use herald_speaker::command::{ClientId, Command, Reply, Selector};
use herald_speaker::config::{ApiConfig, Config, MessageConfig, PeerConfig};
use herald_speaker::event::{Event, What};
use herald_speaker::time::{self, Now, UnixNanos};
use herald_speaker::{CloseReason, ConnId, Effect, Input, Speaker};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// How long a call may take to be answered, and a closing connection to take its last octets.
const PATIENCE: Duration = Duration::from_secs(1);
/// Octets read or written at a time.
const CHUNK: usize = 65_536;
/// Marker, length and type: what precedes the body of a message (RFC 4271 §4.1).
const HEADER: usize = 19;

/// The speaker, and what it has no hold of itself.
struct Shell {
    speaker: Speaker,
    started: Instant,
    sockets: Sockets,
}

/// What effects act upon; apart from the speaker, which is busy while it emits them.
#[derive(Default)]
struct Sockets {
    /// Calls to be made when the speaker has returned.
    calls: Vec<(ConnId, Option<IpAddr>, SocketAddr)>,
    links: BTreeMap<ConnId, Link>,
    came_up: bool,
    stopped: bool,
    /// UPDATEs received, prefixes announced in them, prefixes withdrawn.
    received: (u64, u64, u64),
}

/// A connection.
struct Link {
    stream: TcpStream,
    /// The speaker may have octets for it.
    awake: bool,
    /// The speaker wants to hear from it.
    reading: bool,
}

impl Shell {
    fn now(&self) -> Now {
        let nanos = |d: Duration| u64::try_from(d.as_nanos()).unwrap_or(u64::MAX);
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Now { mono: time::Instant(nanos(self.started.elapsed())), wall: UnixNanos(nanos(wall)) }
    }

    /// Hands one input in, and does what follows from it.
    fn input(&mut self, input: Input<'_>) {
        let now = self.now();
        let sockets = &mut self.sockets;
        self.speaker.handle(now, input, &mut |effect| sockets.carry_out(effect));
        while let Some((conn, local, to)) = self.sockets.calls.pop() {
            match connect(local, to) {
                Ok((stream, local)) => {
                    self.sockets.links.insert(conn, Link { stream, awake: false, reading: true });
                    self.input(Input::Connected { conn, local });
                }
                Err(e) => self.input(Input::Closed { conn, why: CloseReason::Failed(e.to_string()) }),
            }
        }
    }

    /// One turn: timers, then each connection in both directions. False if there was nothing to do.
    fn turn(&mut self, buffer: &mut [u8]) -> bool {
        let due = self.speaker.deadline().is_some_and(|deadline| deadline.at <= self.now().mono);
        if due {
            self.input(Input::Tick);
        }
        let conns: Vec<ConnId> = self.sockets.links.keys().copied().collect();
        // Not `||`: every connection gets its turn in both directions.
        conns.into_iter().fold(due, |busy, conn| busy | self.read(conn, buffer) | self.write(conn))
    }

    /// Reads once, if the speaker listens. False if nothing was there.
    fn read(&mut self, conn: ConnId, buffer: &mut [u8]) -> bool {
        let Some(link) = self.sockets.links.get_mut(&conn).filter(|link| link.reading) else { return false };
        match link.stream.read(buffer) {
            Ok(0) => self.lost(conn, CloseReason::Closed),
            Ok(n) => self.input(Input::Received { conn, bytes: buffer.get(..n).unwrap_or_default() }),
            Err(e) if is_transient(&e) => return false,
            Err(e) => self.lost(conn, CloseReason::Broken(e.to_string())),
        }
        true
    }

    /// Writes once, if the speaker has something. False if nothing was written.
    fn write(&mut self, conn: ConnId) -> bool {
        if !self.sockets.links.get(&conn).is_some_and(|link| link.awake) {
            return false;
        }
        let now = self.now();
        let sockets = &mut self.sockets;
        let bytes = self.speaker.transmit(now, conn, CHUNK, &mut |effect| sockets.carry_out(effect));
        let Some(link) = self.sockets.links.get_mut(&conn) else { return true };
        // An awake connection stays so while the socket takes less than it is given: no second Wake will come.
        link.awake = !bytes.is_empty();
        if bytes.is_empty() {
            return false;
        }
        match link.stream.write(bytes) {
            Ok(n) => self.speaker.sent(now, conn, n),
            Err(e) if is_transient(&e) => return false,
            Err(e) => self.lost(conn, CloseReason::Broken(e.to_string())),
        }
        true
    }

    fn lost(&mut self, conn: ConnId, why: CloseReason) {
        self.sockets.links.remove(&conn);
        self.input(Input::Closed { conn, why });
    }
}

impl Sockets {
    fn carry_out(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::Connect { conn, local, to, .. } => self.calls.push((conn, local, to)),
            Effect::Wake { conn } => self.links.entry(conn).and_modify(|link| link.awake = true).or_forget(),
            _ => {}
        }
    }
}
