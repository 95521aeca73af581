//! Which peers a client's command means.

use crate::Effect;
use crate::command::{ClientId, Selector};
use crate::event::PeerId;
use crate::rib::peerset::PeerSetId;
use crate::speaker::Speaker;
use crate::time::Now;
use herald_bgp::attribute::Attributes;
use herald_bgp::family::{Afi, Family};
use herald_bgp::nlri::NextHop;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most selections remembered.
const KEPT: usize = 4096;

/// Selections made before: a client repeats few selectors very often.
#[derive(Debug, Default)]
pub(crate) struct Selections {
    last: Option<(ClientId, Arc<Selector>, PeerSetId)>,
    known: BTreeMap<(ClientId, String), PeerSetId>,
    /// Attributes whose `next-hop self` was resolved last, for whom, and what they became.
    resolved: Option<(Arc<Attributes>, Afi, PeerSetId, Arc<Attributes>)>,
}

impl Selections {
    /// Peers came or went, or what helpers may do changed.
    pub fn forget(&mut self) {
        self.last = None;
        self.known.clear();
        self.resolved = None;
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

    /// The attributes with `next-hop self` as an address, if it is the same one for all these peers: a route announced
    /// with that address is then the same route. Otherwise it stays what it is until the route is sent.
    pub(crate) fn resolved(&mut self, family: Family, attrs: &Arc<Attributes>, peers: PeerSetId) -> Arc<Attributes> {
        if attrs.next_hop != NextHop::SelfAddress {
            return attrs.clone();
        }
        if let Some((from, afi, set, to)) = &self.selections.resolved
            && (*afi, *set) == (family.afi, peers)
            && Arc::ptr_eq(from, attrs)
        {
            return to.clone();
        }
        let mut addresses = self.rib.sets.iter(peers).map(|id| {
            let config = self.peer(id)?.config();
            let router_id = config.identifier().filter(|_| config.local_address.is_some())?;
            attrs.next_hop.resolve(family, config.local_address, router_id)
        });
        let first = addresses.next().flatten();
        let same = first.filter(|first| addresses.all(|other| other == Some(*first)));
        let to = same.map_or_else(|| attrs.clone(), |next_hop| Arc::new(attrs.with_next_hop(next_hop)));
        self.selections.resolved = Some((attrs.clone(), family.afi, peers, to.clone()));
        to
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
