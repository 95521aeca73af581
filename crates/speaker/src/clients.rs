//! Which peers a client's command means.

use crate::Effect;
use crate::command::{ClientId, Selector};
use crate::event::PeerId;
use crate::rib::peerset::PeerSetId;
use crate::speaker::Speaker;
use crate::time::Now;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most selections remembered.
const KEPT: usize = 4096;

/// Selections made before: a client repeats few selectors very often.
#[derive(Debug, Default)]
pub(crate) struct Selections {
    last: Option<(ClientId, Arc<Selector>, PeerSetId)>,
    known: BTreeMap<(ClientId, String), PeerSetId>,
}

impl Selections {
    /// Peers came or went, or what helpers may do changed.
    pub fn forget(&mut self) {
        self.last = None;
        self.known.clear();
    }
}

impl Speaker {
    /// The peers (by whose routes they are sent) that `client` may command and `selector` means.
    pub(crate) fn select(&mut self, client: ClientId, selector: &Arc<Selector>) -> PeerSetId {
        if let Some((c, s, set)) = &self.selections.last
            && *c == client
            && Arc::ptr_eq(s, selector)
        {
            return *set;
        }
        let key = (client, format!("{selector:?}"));
        let set = match self.selections.known.get(&key) {
            Some(set) => *set,
            None => {
                let meant = self.peers.iter().flatten().filter(|peer| selector.matches(&peer.name));
                let allowed = meant.filter(|peer| self.processes.may_command(client, peer.config()));
                let set = self.rib.sets.of(allowed.map(|peer| peer.rib));
                if self.selections.known.len() >= KEPT {
                    self.selections.known.clear();
                }
                self.selections.known.insert(key, set);
                set
            }
        };
        self.selections.last = Some((client, selector.clone(), set));
        set
    }

    /// The peers themselves, ephemeral ones apart.
    pub(crate) fn selected(&self, client: ClientId, selector: &Selector) -> Vec<PeerId> {
        let meant = self.live().filter(|peer| selector.matches(&peer.name));
        meant.filter(|peer| self.processes.may_command(client, peer.config())).map(|peer| peer.view.id).collect()
    }

    /// A client does not keep up, or does again: the peers it is told of wait for it.
    pub(crate) fn client_slow(&mut self, now: Now, client: ClientId, slow: bool, emit: &mut dyn FnMut(Effect<'_>)) {
        let ClientId::Process(process) = client else { return };
        self.processes.set_slow(process, slow);
        for id in self.ids() {
            let paused = self.peer(id).is_some_and(|peer| self.processes.holds_up(peer.config()));
            self.with_peer(now, emit, id, |peer, world| peer.pause(world, paused));
            self.settle(id, emit);
        }
    }
}
