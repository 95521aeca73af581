//! What clients ask of the speaker: typed already, text never reaches it.

use crate::event::{NeighborReport, PeerView};
use herald_bgp::attribute::Attributes;
use herald_bgp::family::Family;
use herald_bgp::nlri::Stored;
use herald_bgp::operational::Said;
use herald_bgp::route::Route;
use std::sync::Arc;

/// Who sent a command, and who is answered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ClientId {
    /// A helper program: its commands apply to the peers that name it.
    Process(ProcessId),
    /// Somebody at the control socket, or a signal: commands apply to all peers.
    Control(u32),
}

/// A helper program, by a number that stays its own for the life of the speaker.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ProcessId(pub u32);

/// One request. Every one is answered by exactly one final [`Reply`], in order for each client.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Command {
    /// Announce routes.
    Announce { to: Arc<Selector>, route: Route },
    /// Withdraw routes, whether they were announced or not.
    Withdraw { to: Arc<Selector>, route: Route },
    /// Several announcements and withdrawals that belong together.
    Group(Vec<Command>),
    /// Part of a request whose answer is that of the command after it.
    Quiet(Box<Command>),
    /// Announce the routes that wait for this watchdog, or withdraw all that carry it. Without a name: the helper's.
    Watchdog { name: Option<String>, announce: bool },
    /// Send an End-of-RIB.
    EndOfRib { to: Arc<Selector>, family: Family },
    /// Ask the peer to send a family again.
    RouteRefresh { to: Arc<Selector>, family: Family },
    /// Send an operational message; an ASM is sent again whenever a session comes up.
    Operational { to: Arc<Selector>, said: Said },
    /// End established sessions with Cease and this subcode; they come back.
    Teardown { to: Arc<Selector>, subcode: u8, text: String },
    /// Send the Adj-RIB-Out again.
    Flush { to: Arc<Selector> },
    /// Withdraw all that was announced, or forget all that was received.
    Clear { to: Arc<Selector>, rib: Rib },
    /// Describe neighbours: each a [`Reply::Neighbors`] entry.
    ShowNeighbors { filter: Filter, show: Show },
    /// List routes: each a [`Reply::Route`].
    ShowRoutes { rib: Rib, filter: Filter, families: Option<Vec<Family>>, show: Show },
    /// Read the configuration again.
    Reload,
    /// Read the configuration again, and start all sessions anew.
    Restart,
    /// End everything.
    Shutdown,
    /// Not for the speaker: comes back as [`Reply::Passed`] when its turn has come.
    Pass,
}

/// Adj-RIB-In or Adj-RIB-Out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Rib {
    In,
    Out,
}

/// How an answer is to be laid out; the speaker only hands it back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Show {
    /// How much of it.
    pub detail: Detail,
    /// As JSON.
    pub json: bool,
}

/// How much of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Detail {
    Summary,
    Extensive,
    Configuration,
    /// `daemon status`
    Status,
    /// `peer list`
    List,
}

/// Which neighbours a question is about.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub enum Filter {
    #[default]
    All,
    /// The address is exactly this.
    Address(String),
    /// The name contains this.
    Contains(String),
    /// The selector matches.
    Selector(Arc<Selector>),
}

/// Which peers a command is for: any of several selections, each with all of its terms.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Selector {
    /// All the client may command.
    All,
    Any(Vec<Vec<Term>>),
}

/// `neighbor 192.0.2.1`, `peer-as 65000`, …: whole words of a peer's name.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub struct Term {
    pub key: String,
    pub value: String,
}

impl Selector {
    /// True if a peer with this name (see [`crate::config::PeerConfig::name`]) is meant.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Selector::All => true,
            Selector::Any(list) => list.iter().any(|terms| terms.iter().all(|term| term.matches(name))),
        }
    }
}

impl Term {
    fn matches(&self, name: &str) -> bool {
        let mut words = name.split(' ');
        while let (Some(key), Some(value)) = (words.next(), words.next()) {
            if key == self.key {
                return value == self.value;
            }
        }
        false
    }
}

/// An answer, or a part of one.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Reply<'a> {
    /// A part: some neighbours.
    Neighbors { show: Show, list: &'a [NeighborReport] },
    /// A part: a route.
    Route {
        show: Show,
        peer: &'a Arc<PeerView>,
        rib: Rib,
        family: Family,
        nlri: &'a Stored,
        attributes: &'a Attributes,
    },
    /// Final: it was done.
    Done,
    /// Final: a group was applied.
    Group { announced: usize, withdrawn: usize, errors: &'a [String] },
    /// Final: it was refused, and nothing changed.
    Error(&'a str),
    /// Final: [`Command::Pass`] has its turn.
    Passed,
}
