//! What happened: facts for helpers, logs and recordings.

use crate::config::{ApiConfig, MessageConfig, PeerConfig};
use crate::session::State;
use herald_bgp::capability::{code::GRACEFUL_RESTART, graceful_restart};
use herald_bgp::context::Context;
use herald_bgp::error::Fault;
use herald_bgp::message::Kind;
use herald_bgp::open::Open;
use herald_bgp::value::Asn;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

/// A neighbour, by a number that stays its own while it is configured.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PeerId(pub u32);

/// What is known of a peer; made anew when any of it changes, so that facts can carry it along.
#[derive(Clone, Debug)]
pub struct PeerView {
    /// Which peer.
    pub id: PeerId,
    /// As it is configured.
    pub config: Arc<PeerConfig>,
    /// Its address: of the session, for a peer that may come from a network.
    pub address: IpAddr,
    /// Our address: of the session, once there is one.
    pub local_address: Option<IpAddr>,
    /// Our AS.
    pub local_as: Option<Asn>,
    /// Its AS.
    pub peer_as: Option<Asn>,
    /// Our BGP Identifier.
    pub router_id: Option<Ipv4Addr>,
    /// What both OPENs agreed on, from their exchange to the end of the session.
    pub negotiated: Option<Arc<Negotiated>>,
}

/// What two OPENs agreed on.
#[derive(Clone, PartialEq, Debug)]
pub struct Negotiated {
    /// How messages are read and written.
    pub context: Context,
    /// Seconds; 0 disables both timers.
    pub hold_time: u16,
    /// Route refresh.
    pub refresh: Refresh,
    /// draft-ietf-idr-bgp-multisession
    pub multisession: bool,
    /// draft-ietf-idr-operational-message
    pub operational: bool,
    /// What we sent.
    pub sent: Open,
    /// What we received.
    pub received: Open,
}

impl Negotiated {
    /// Both said that a NOTIFICATION does not end the retention of routes: whoever wants that sends a Hard Reset
    /// (RFC 8538 §2).
    pub fn retains_over_notification(&self) -> bool {
        let says = |open: &Open| {
            graceful_restart::read(open.values(GRACEFUL_RESTART)).is_some_and(|restart| restart.notification)
        };
        says(&self.sent) && says(&self.received)
    }
}

/// What kind of route refresh was agreed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Refresh {
    /// None.
    #[default]
    Absent,
    /// RFC 2918.
    Normal,
    /// RFC 7313.
    Enhanced,
}

/// Which way a message went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Direction {
    Receive,
    Send,
}

/// One fact about one peer.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// Whom it is about.
    pub peer: &'a Arc<PeerView>,
    /// What happened.
    pub what: What<'a>,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum What<'a> {
    /// TCP is up.
    Connected,
    /// The session is established.
    Up,
    /// The session ended; why, in the words helpers know.
    Down(&'a str),
    /// The state machine moved (or stayed, and says so).
    Fsm(State),
    /// Both OPENs are known and agree.
    Negotiated,
    /// A whole message, header included, was received or is about to be sent. `faults`: what was wrong with it.
    #[allow(missing_docs)]
    Message { direction: Direction, bytes: &'a [u8], faults: &'a [Fault] },
    /// The daemon got a signal.
    #[allow(missing_docs)]
    Signal { number: i32, name: &'a str },
}

/// How much a notice matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum Level {
    Debug,
    Info,
    Warning,
    Error,
    Critical,
}

/// Something for the log that is no [`Event`].
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Notice {
    pub level: Level,
    /// ExaBGP's category: `reactor`, `network`, `processes`, `configuration`, `rib`…
    pub category: &'static str,
    pub message: String,
}

/// Messages counted by type, in one direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct MessageCount {
    pub open: u64,
    pub update: u64,
    pub notification: u64,
    pub keepalive: u64,
    pub refresh: u64,
    pub other: u64,
}

impl MessageCount {
    /// Counts one more.
    pub fn count(&mut self, kind: Kind) {
        let field = match kind {
            Kind::OPEN => &mut self.open,
            Kind::UPDATE => &mut self.update,
            Kind::NOTIFICATION => &mut self.notification,
            Kind::KEEPALIVE => &mut self.keepalive,
            Kind::ROUTE_REFRESH => &mut self.refresh,
            _ => &mut self.other,
        };
        *field += 1;
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.open + self.update + self.notification + self.keepalive + self.refresh + self.other
    }
}

/// A neighbour as `show neighbor` describes it.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct NeighborReport {
    pub peer: Arc<PeerView>,
    pub state: State,
    /// Since it came up, or went down.
    pub since: Option<Duration>,
    pub sent: MessageCount,
    pub received: MessageCount,
    /// Prefixes received and withdrawn by the peer.
    pub prefixes: (u64, u64),
}

impl MessageConfig {
    /// True if a message of this kind is told in any form.
    pub fn wants(&self, kind: Kind) -> bool {
        (self.parsed || self.packets || self.consolidate) && self.kind(kind)
    }

    /// True if this kind is asked for, whatever the form.
    pub fn kind(&self, kind: Kind) -> bool {
        match kind {
            Kind::OPEN => self.open,
            Kind::UPDATE => self.update,
            Kind::NOTIFICATION => self.notification,
            Kind::KEEPALIVE => self.keepalive,
            Kind::ROUTE_REFRESH => self.refresh,
            Kind::OPERATIONAL => self.operational,
            _ => false,
        }
    }
}

impl ApiConfig {
    /// What it says of one direction.
    pub fn messages(&self, direction: Direction) -> &MessageConfig {
        match direction {
            Direction::Receive => &self.receive,
            Direction::Send => &self.send,
        }
    }
}

impl PeerConfig {
    /// True if anybody is told of messages of this kind. The form (`parsed`, `packets`) is looked up for the whole
    /// neighbour, the kind for each section.
    pub fn wants(&self, direction: Direction, kind: Kind) -> bool {
        let form = |m: &MessageConfig| m.parsed || m.packets || m.consolidate;
        self.logged
            || self.api.iter().any(|api| form(api.messages(direction)))
                && self.api.iter().any(|api| api.messages(direction).kind(kind))
    }
}
