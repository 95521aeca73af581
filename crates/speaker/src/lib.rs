//! What a speaker does, as a function: input and time go in, effects come out, and it says when it wants to be called
//! again. No socket, pipe, thread or clock is in here; see [`Speaker`] for how to drive it.
#![forbid(unsafe_code)]

mod clients;
pub mod command;
mod commands;
pub mod config;
pub mod event;
pub mod negotiate;
mod peer;
mod processes;
pub mod recording;
mod reload;
pub mod rib;
pub mod session;
mod speaker;
pub mod time;

pub use speaker::Speaker;

use command::{ClientId, Command, ProcessId, Reply};
use config::{Config, ProcessConfig, Transport};
use event::{Event, Notice};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use time::Instant;

/// A transport connection, numbered by the speaker ([`Effect::Connect`]) or by the shell ([`Input::Accepted`]):
/// the shell takes its numbers from [`ConnId::accepted`], so that the two never meet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ConnId(pub u64);

impl ConnId {
    const ACCEPTED: u64 = 1 << 63;

    /// The `n`th connection the shell accepted.
    pub fn accepted(n: u64) -> ConnId {
        ConnId(n | Self::ACCEPTED)
    }
}

/// `out3`, or `in3` for one that was accepted.
impl fmt::Display for ConnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = if self.0 & Self::ACCEPTED == 0 { "out" } else { "in" };
        write!(f, "{way}{}", self.0 & !Self::ACCEPTED)
    }
}

/// What can happen to a speaker.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Input<'a> {
    /// A deadline passed, or unfinished work may go on.
    Tick,
    /// A peer called us.
    Accepted { conn: ConnId, local: SocketAddr, remote: SocketAddr },
    /// [`Effect::Connect`] succeeded.
    Connected { conn: ConnId, local: SocketAddr },
    /// Octets from a peer.
    Received { conn: ConnId, bytes: &'a [u8] },
    /// The connection failed or ended. Not sent for one the speaker closed itself.
    Closed { conn: ConnId, why: CloseReason },
    /// A client asks for something.
    Command { from: ClientId, command: Command },
    /// A client stopped reading (`slow`), or reads again.
    ClientSlow { client: ClientId, slow: bool },
    /// A helper ended, or could not be started.
    Exited { process: ProcessId, status: ExitStatus },
    /// The configuration, at the start and after each [`Effect::Reload`] that succeeded.
    Configure(Arc<Config>),
    /// [`Effect::Reload`] failed: all stays as it is.
    NotConfigured,
    /// The daemon got a signal. What has to follow is the speaker's to say: nothing else needs to be handed in.
    Signal { number: i32, name: &'static str },
}

/// Why a connection is gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CloseReason {
    /// It never came to be: refused, unreachable, timed out, an option the kernel did not take. What the system said.
    Failed(String),
    /// The peer closed it.
    Closed,
    /// It broke. What the system said.
    Broken(String),
}

/// How a helper ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExitStatus {
    /// It could not be started.
    NotStarted,
    /// Its exit code.
    Code(i32),
    /// The signal that ended it.
    Signal(i32),
}

/// What a speaker wants done.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Effect<'a> {
    /// Listen on these addresses and no others, with these keys and TTLs.
    Listen { on: &'a [Listener] },
    /// Open a connection.
    Connect { conn: ConnId, local: Option<IpAddr>, to: SocketAddr, transport: &'a Transport },
    /// An accepted connection belongs to this neighbour: set its options.
    Adopt { conn: ConnId, transport: &'a Transport },
    /// Write these last octets, without waiting for long, and close. The speaker has forgotten the connection.
    Close { conn: ConnId, last: &'a [u8] },
    /// [`Speaker::transmit`] has something to give.
    Wake { conn: ConnId },
    /// Stop or resume reading.
    Pause { conn: ConnId, reading: bool },
    /// A fact.
    Event(Event<'a>),
    /// For the log.
    Notice(Notice),
    /// An answer, or a part of one.
    Reply { to: ClientId, reply: Reply<'a> },
    /// Start a helper.
    Spawn { process: ProcessId, config: &'a Arc<ProcessConfig> },
    /// End a helper: tell it, SIGTERM, and SIGKILL after two seconds. No [`Input::Exited`] is expected.
    Kill { process: ProcessId },
    /// Read the configuration again and give it back as [`Input::Configure`].
    Reload,
    /// All sessions are closed and all helpers told: end, with this exit code.
    Stop { code: u8 },
}

/// A listening socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listener {
    /// Where.
    pub local: SocketAddr,
    /// Peers whose connections need keys or TTLs: set on the listener before they call.
    pub peers: Vec<(IpAddr, Transport)>,
}

/// When a speaker wants to be called again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Deadline {
    /// The moment [`Input::Tick`] is due.
    pub at: Instant,
    /// Which timer asks for it.
    pub timer: &'static str,
}
