//! Operational messages to the peer (draft-ietf-idr-operational-message).

use super::{Peer, World};
use crate::ConnId;
use herald_bgp::operational::Said;

/// Static messages kept, at most: one for each family nearly always.
const MOST: usize = 64;

/// What outlives a session.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// Static messages that commands made, one for each family.
    statics: Vec<Said>,
    /// The last number of a question.
    sequence: u32,
}

impl Peer {
    /// Sends a message, and remembers a static one. False if it is neither sent nor remembered.
    pub fn operational(&mut self, world: &mut World<'_>, said: &Said) -> bool {
        if said.is_static() {
            let statics = &mut self.operational.statics;
            statics.retain(|known| known.family != said.family);
            if statics.len() == MOST {
                statics.remove(0);
            }
            statics.push(said.clone());
        }
        match self.established() {
            Some(session) if session.negotiated.as_ref().is_some_and(|n| n.operational) => {
                let conn = session.conn;
                self.say(world, conn, said);
                true
            }
            _ => said.is_static(),
        }
    }

    /// A session came up: says what the file says, and what static messages say instead of it.
    pub(super) fn say_again(&mut self, world: &mut World<'_>, conn: ConnId) {
        if !self.view.negotiated.as_ref().is_some_and(|n| n.operational) {
            return;
        }
        let statics = self.operational.statics.clone();
        let replaced = |said: &Said| said.is_static() && statics.iter().any(|newer| newer.family == said.family);
        let config = self.config().clone();
        for said in config.operational.iter().filter(|said| !replaced(said)).chain(&statics) {
            self.say(world, conn, said);
        }
    }

    fn say(&mut self, world: &mut World<'_>, conn: ConnId, said: &Said) {
        let Some(router_id) = self.view.negotiated.as_ref().map(|n| n.context.router_id) else { return };
        if said.needs_sequence() {
            self.operational.sequence = self.operational.sequence.wrapping_add(1);
        }
        let sequence = self.operational.sequence;
        self.post(world, conn, |out| said.message(router_id, sequence, out));
    }
}
