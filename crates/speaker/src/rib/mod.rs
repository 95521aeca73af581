//! Routing information: what is to be announced to whom, stored once, and what each peer announced.
//!
//! | room | what is in it |
//! |---|---|
//! | [`attrs`] | attribute sets by number |
//! | [`peerset`] | sets of peers by number |
//! | [`table`] | the routes of one family, for all peers, and the log of their changes |
//! | [`plan`] | a peer's way through them: what it still has to be sent, in which order |
//! | [`inbound`] | Adj-RIB-In |
//! | `pieces` | hash tables that grow without a pause |

pub mod attrs;
pub mod inbound;
pub mod peerset;
mod pieces;
pub mod plan;
pub mod table;
#[cfg(test)]
mod tests;

use crate::event::PeerId;
use attrs::AttrsPool;
use foldhash::fast::SeedableRandomState;
use herald_bgp::attribute::Attributes;
use herald_bgp::family::Family;
use herald_bgp::nlri::{FamilySpec, Identity, Stored};
use peerset::{PeerSetId, PeerSets};
use std::hash::{BuildHasher, Hasher};
use std::rc::Weak;
use std::sync::Arc;
use table::{Pools, Table};

/// All routes of the speaker.
#[derive(Debug)]
pub struct Rib {
    seed: u64,
    tables: Vec<Table>,
    /// For each table the plan of all there is, while somebody works on it.
    full: Vec<Weak<plan::Plan>>,
    /// Attribute sets, of routes in both directions.
    pub attrs: AttrsPool,
    /// Sets of peers.
    pub sets: PeerSets,
    scratch: plan::Scratch,
}

impl Rib {
    /// Without routes; `seed` keys the hashes.
    pub fn new(seed: u64) -> Rib {
        Rib {
            seed,
            tables: Vec::new(),
            full: Vec::new(),
            attrs: AttrsPool::new(seed),
            sets: PeerSets::default(),
            scratch: plan::Scratch::default(),
        }
    }

    /// Announces a route to these peers.
    pub fn announce(&mut self, family: Family, nlri: &Stored, attrs: &Arc<Attributes>, peers: PeerSetId) {
        if let Some((table, mut pools)) = self.split(family) {
            table.announce(&mut pools, nlri, attrs, peers);
        }
    }

    /// Withdraws a route from these peers, whether they have it or not.
    pub fn withdraw(&mut self, family: Family, nlri: &Stored, attrs: Option<&Arc<Attributes>>, peers: PeerSetId) {
        if let Some((table, mut pools)) = self.split(family) {
            table.withdraw(&mut pools, nlri, attrs, peers);
        }
    }

    /// Takes from a peer all it is to be announced. `carried` tells if a session has a family: there all is withdrawn that
    /// the peer may have. What it was never sent is forgotten without a word.
    pub fn withdraw_all(&mut self, peer: PeerId, carried: impl Fn(Family) -> bool) {
        let only = self.sets.of([peer]);
        for i in 0..self.tables.len() {
            let Some(table) = self.tables.get(i) else { continue };
            let family = table.family;
            let carried = carried(family);
            let has = table.live_slots().filter(|(_, slot)| self.sets.contains(slot.peers, peer));
            let routes: Vec<_> =
                has.map(|(id, slot)| (id, slot.nlri.clone(), slot.attrs, carried && !table.is_news(slot))).collect();
            for (id, nlri, attrs, has_it) in routes {
                if has_it {
                    let attrs = attrs.and_then(|id| self.attrs.get(id)).cloned();
                    self.withdraw(family, &nlri, attrs.as_ref(), only);
                } else if let Some((table, mut pools)) = self.split(family) {
                    table.shrink(&mut pools, id, only);
                }
            }
        }
    }

    /// Takes a peer out of variants it was sent and that are not to be kept for it.
    fn forget(&mut self, table: usize, peer: PeerId, slots: &[u32]) {
        if slots.is_empty() {
            return;
        }
        let only = self.sets.of([peer]);
        let Some(table) = self.tables.get_mut(table) else { return };
        let mut pools = Pools { attrs: &mut self.attrs, sets: &mut self.sets };
        slots.iter().for_each(|id| table.shrink(&mut pools, *id, only));
    }

    /// The peer is no longer configured: its routes go, without a word on any session.
    /// Gives what each set of peers became, by its old number.
    pub fn remove_peer(&mut self, peer: PeerId) -> Vec<PeerSetId> {
        let became = self.sets.remove(peer);
        for table in &mut self.tables {
            table.remap(&mut Pools { attrs: &mut self.attrs, sets: &mut self.sets }, &became);
        }
        became
    }

    /// Frees the part of each log that no cursor needs any more. `needs` gives the position a family is needed from.
    pub fn trim(&mut self, needs: impl Fn(Family) -> Option<u64>) {
        for table in &mut self.tables {
            let passed = needs(table.family).unwrap_or(table.end());
            table.trim(&mut Pools { attrs: &mut self.attrs, sets: &mut self.sets }, passed);
        }
    }

    /// Entries in all logs.
    pub fn logged(&self) -> usize {
        self.tables.iter().map(Table::logged).sum()
    }

    /// The routes announced to a peer, in the order they were first stored.
    pub fn announced(&self, peer: PeerId) -> impl Iterator<Item = (Family, &Stored, &Arc<Attributes>)> {
        self.tables.iter().flat_map(move |table| {
            let has = table.live_slots().filter(move |(_, slot)| self.sets.contains(slot.peers, peer));
            has.filter_map(move |(_, slot)| Some((table.family, &slot.nlri, self.attrs.get(slot.attrs?)?)))
        })
    }

    /// What a peer is announced for one route.
    pub fn find(&self, family: Family, nlri: &Stored, peer: PeerId) -> Option<&Arc<Attributes>> {
        let slot = self.table(family)?.find(&self.sets, nlri, peer)?;
        self.attrs.get(slot.attrs?)
    }

    /// The table of a family, if it ever had a route.
    pub fn table(&self, family: Family) -> Option<&Table> {
        self.tables.iter().find(|table| table.family == family)
    }

    /// The seed of the hashes.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    fn split(&mut self, family: Family) -> Option<(&mut Table, Pools<'_>)> {
        let i = self.table_index(family)?;
        let table = self.tables.get_mut(i)?;
        Some((table, Pools { attrs: &mut self.attrs, sets: &mut self.sets }))
    }

    /// The place of a family's table, which is made when it is first needed. `None` for a family without a row.
    fn table_index(&mut self, family: Family) -> Option<usize> {
        match self.tables.iter().position(|table| table.family == family) {
            Some(i) => Some(i),
            None => {
                self.tables.push(Table::new(family, self.seed));
                Some(self.tables.len() - 1)
            }
        }
    }
}

/// True if two NLRI of a family are the same route, whatever their labels.
fn same_route(spec: &FamilySpec, a: &Stored, b: &Stored) -> bool {
    a.path_id() == b.path_id() && (spec.identity)(a.nlri()) == (spec.identity)(b.nlri())
}

/// The hash that goes with [`same_route`].
fn hash_route(hasher: &SeedableRandomState, spec: &FamilySpec, nlri: &Stored) -> u64 {
    let mut h = hasher.build_hasher();
    let Identity { number, parts: [first, second] } = (spec.identity)(nlri.nlri());
    h.write_u8(number);
    h.write(first);
    if !second.is_empty() {
        h.write(second);
    }
    if let Some(id) = nlri.path_id() {
        h.write_u32(id);
    }
    h.finish()
}
