//! From records to effects: a speaker that lives through what another one did.

use super::{Record, Segment, Start};
use crate::time::Now;
use crate::{ConnId, Effect, Input, Speaker};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// What is seen while a recording is played.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Played<'a> {
    /// What the speaker wants done.
    Effect(Effect<'a>),
    /// Octets that went to a peer.
    Sent { conn: ConnId, octets: &'a [u8] },
}

/// Plays a recording. From its first segment on, and without a gap, the effects are those there were. From a later segment on,
/// connections have other numbers, and what rests on routes of commands or of peers may differ.
#[derive(Debug)]
pub struct Player {
    speaker: Speaker,
    /// Connections as they were numbered, and as they are here.
    conns: BTreeMap<ConnId, ConnId>,
    /// Calls made here that were not found in the recording yet.
    calls: Vec<(ConnId, SocketAddr)>,
    whole: bool,
    doubts: Doubts,
}

/// Why a replay is not what happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Doubts {
    /// Calls that were not recorded.
    pub missing: u64,
    /// Records about connections that are not known here.
    pub unknown: u64,
    /// Calls to peers, or octets for them, that were there and are not here.
    pub different: u64,
}

type See<'a> = &'a mut dyn FnMut(Now, Played<'_>);

impl Player {
    /// A speaker at the start of a segment. Nobody sees how it comes to what was there before.
    pub fn new(segment: &Segment<'_>) -> Player {
        let (Start { seed, standing, .. }, now) = (&segment.start, segment.now);
        let mut player = Player {
            speaker: Speaker::new(*seed, now),
            conns: BTreeMap::new(),
            calls: Vec::new(),
            whole: standing.is_none(),
            doubts: Doubts::default(),
        };
        let Some(standing) = standing else { return player };
        let unseen: See<'_> = &mut |_, _| ();
        player.input(now, Input::Configure(standing.config.clone()), unseen);
        player.input(now, Input::Tick, unseen);
        for opening in &standing.connections {
            let conn = opening.conn;
            if let Some(to) = opening.to {
                player.play(now, Record::Called { conn, to }, unseen);
            }
            let Some(local) = opening.local else { continue };
            let began = match opening.remote {
                Some(remote) => Input::Accepted { conn, local, remote },
                None => Input::Connected { conn, local },
            };
            player.play(now, Record::Input(began), unseen);
            player.play(now, Record::Input(Input::Received { conn, bytes: &opening.received }), unseen);
            player.drain(now, conn);
        }
        player.doubts = Doubts::default();
        player
    }

    /// True if it began where the speaker did.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// What went wrong so far.
    pub fn doubts(&self) -> Doubts {
        self.doubts
    }

    /// Plays one record.
    pub fn play(&mut self, now: Now, record: Record<'_>, see: See<'_>) {
        match record {
            Record::Input(input) => self.input(now, input, see),
            Record::Called { conn, to } => {
                let same = |call: &(ConnId, SocketAddr)| call.1 == to && (!self.whole || call.0 == conn);
                match self.calls.iter().position(same) {
                    Some(place) => drop(self.conns.insert(conn, self.calls.remove(place).0)),
                    None => self.doubts.different += 1,
                }
            }
            Record::Pulled { conn, budget, taken } => match self.here(conn) {
                Some(conn) => {
                    if self.pull(now, conn, budget, taken, see) < taken {
                        self.doubts.different += 1;
                    }
                }
                None => self.doubts.unknown += 1,
            },
            Record::Missing { count } => self.doubts.missing += count,
        }
    }

    fn input(&mut self, now: Now, input: Input<'_>, see: See<'_>) {
        if let Input::Accepted { conn, .. } = input {
            self.conns.insert(conn, conn);
        }
        let named = match input {
            Input::Accepted { conn, .. } | Input::Connected { conn, .. } => Some(conn),
            Input::Received { conn, .. } | Input::Closed { conn, .. } => Some(conn),
            _ => None,
        };
        let here = named.and_then(|conn| self.here(conn));
        if named.is_some() && here.is_none() {
            self.doubts.unknown += 1;
            return;
        }
        let ends = matches!(input, Input::Closed { .. });
        let Player { speaker, conns, calls, .. } = self;
        speaker.handle(now, renumbered(input, here), &mut |effect| {
            match effect {
                Effect::Connect { conn, to, .. } => calls.push((conn, to)),
                Effect::Close { conn, .. } => {
                    calls.retain(|call| call.0 != conn);
                    conns.retain(|_, here| *here != conn);
                }
                _ => {}
            }
            see(now, Played::Effect(effect));
        });
        if ends && let Some(conn) = named {
            self.conns.remove(&conn);
        }
    }

    /// How a connection is numbered here. What the speaker was told of connections it had forgotten it is told again.
    fn here(&self, conn: ConnId) -> Option<ConnId> {
        self.conns.get(&conn).copied().or(self.whole.then_some(conn))
    }

    /// Takes octets from the speaker; gives how many.
    fn pull(&mut self, now: Now, conn: ConnId, budget: usize, taken: usize, see: See<'_>) -> usize {
        let octets = self.speaker.transmit(now, conn, budget, &mut |effect| see(now, Played::Effect(effect)));
        let octets = octets.get(..taken).unwrap_or(octets);
        let went = octets.len();
        if went > 0 {
            see(now, Played::Sent { conn, octets });
        }
        self.speaker.sent(now, conn, went);
        went
    }

    /// Takes all there is, unseen.
    fn drain(&mut self, now: Now, conn: ConnId) {
        if let Some(conn) = self.here(conn) {
            while self.pull(now, conn, 1 << 16, usize::MAX, &mut |_, _| ()) > 0 {}
        }
    }
}

/// The same input about a connection as it is numbered here.
fn renumbered<'a>(input: Input<'a>, here: Option<ConnId>) -> Input<'a> {
    match (input, here) {
        (Input::Connected { local, .. }, Some(conn)) => Input::Connected { conn, local },
        (Input::Received { bytes, .. }, Some(conn)) => Input::Received { conn, bytes },
        (Input::Closed { why, .. }, Some(conn)) => Input::Closed { conn, why },
        (input, _) => input,
    }
}
