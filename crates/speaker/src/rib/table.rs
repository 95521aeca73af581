//! Adj-RIB-Out of one family for all peers: every route once, a log of changes, and a position in it for each peer.
//!
//! A *variant* is a route with one attribute set (or a withdrawal) for some peers. What holds at all times:
//!
//! 1. a peer is in at most one live variant of an NLRI; changing who a variant is for does not change its `seq`;
//! 2. a log entry is valid while its slot's `seq` equals its position: superseded changes vanish by themselves, which
//!    is all the state compression a slow peer needs;
//! 3. a withdrawal stays until every connected peer it is for has passed it, even if an announcement follows:
//!    users rely on seeing both, the withdrawal first;
//! 4. a variant is reused (with a new `seq`) only if every peer it serves is in the new set;
//! 5. a peer that is in a `fresh` variant was sent no other since the route was last withdrawn from it: as long as
//!    nobody was sent anything of the log from `seq` on, the peer has nothing of the route to be taken back.

use super::attrs::{AttrsId, AttrsPool};
use super::peerset::{PeerSetId, PeerSets};
use super::pieces::Pieces;
use super::{hash_route, same_route};
use foldhash::SharedSeed;
use foldhash::fast::SeedableRandomState;
use herald_bgp::attribute::Attributes;
use herald_bgp::family::Family;
use herald_bgp::nlri::{FamilySpec, Stored};
use std::collections::VecDeque;
use std::sync::Arc;

/// No slot.
const NONE: u32 = u32::MAX;
/// `seq` of a free slot: in no window of the log.
const FREE: u64 = u64::MAX;

/// One variant of a route.
#[derive(Debug)]
pub(super) struct Slot {
    pub nlri: Stored,
    /// Position in the log of the change that made it.
    pub seq: u64,
    /// What it is announced with; of a withdrawal: what it was announced with.
    pub attrs: Option<AttrsId>,
    pub peers: PeerSetId,
    /// Next variant of the same NLRI, or the next free slot.
    next: u32,
    pub withdrawn: bool,
    /// It follows no variant its peers may have been sent (5).
    fresh: bool,
}

// A million routes are a million slots.
const _: () = assert!(size_of::<Slot>() <= 56);

/// All routes of one family.
#[derive(Debug)]
pub struct Table {
    pub(super) family: Family,
    pub(super) spec: &'static FamilySpec,
    slots: Vec<Slot>,
    free: u32,
    index: Pieces<u32>,
    hasher: SeedableRandomState,
    /// Position of the oldest entry kept.
    first: u64,
    log: VecDeque<u32>,
    /// No peer was ever sent anything of the log from here on.
    unsent: u64,
    live: usize,
}

/// What a slot becomes.
struct Change {
    attrs: Option<AttrsId>,
    peers: PeerSetId,
    withdrawn: bool,
    fresh: bool,
}

/// What announcing or withdrawing needs beside the table.
pub(super) struct Pools<'a> {
    pub attrs: &'a mut AttrsPool,
    pub sets: &'a mut PeerSets,
}

impl Table {
    pub(super) fn new(family: Family, seed: u64) -> Table {
        Table {
            family,
            spec: family.spec(),
            slots: Vec::new(),
            free: NONE,
            index: Pieces::default(),
            hasher: SeedableRandomState::with_seed(seed, SharedSeed::global_fixed()),
            first: 0,
            log: VecDeque::new(),
            unsent: 0,
            live: 0,
        }
    }

    /// One past the newest log entry.
    pub fn end(&self) -> u64 {
        self.first + self.log.len() as u64
    }

    /// Position of the oldest log entry kept.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// Log entries kept.
    pub fn logged(&self) -> usize {
        self.log.len()
    }

    /// Live variants.
    pub(super) fn live(&self) -> usize {
        self.live
    }

    pub(super) fn slot(&self, id: u32) -> Option<&Slot> {
        self.slots.get(id as usize).filter(|slot| slot.seq != FREE)
    }

    /// Some peer is about to be sent something of the log in front of `position`.
    pub(super) fn sending(&mut self, position: u64) {
        self.unsent = self.unsent.max(position);
    }

    /// True if none of the peers a live variant is for can have the route in any form.
    pub(super) fn is_news(&self, slot: &Slot) -> bool {
        slot.fresh && slot.seq >= self.unsent
    }

    /// Slot numbers and slots of live variants, by slot number.
    pub(super) fn live_slots(&self) -> impl Iterator<Item = (u32, &Slot)> {
        (0u32..).zip(&self.slots).filter(|(_, slot)| slot.seq != FREE && !slot.withdrawn)
    }

    /// The valid log entries from position `from` on: slot numbers in the order of the changes.
    pub(super) fn changes(&self, from: u64) -> impl Iterator<Item = u32> {
        let skip = usize::try_from(from.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let start = from.max(self.first);
        (start..).zip(self.log.iter().skip(skip)).filter_map(|(position, id)| {
            self.slots.get(*id as usize).is_some_and(|slot| slot.seq == position).then_some(*id)
        })
    }

    /// Announces a route to `peers`. Those that have it with these attributes already see nothing.
    pub(super) fn announce(&mut self, pools: &mut Pools<'_>, nlri: &Stored, attrs: &Arc<Attributes>, peers: PeerSetId) {
        let attrs = pools.attrs.intern(attrs);
        let hash = hash_route(&self.hasher, self.spec, nlri);
        let head = self.head(hash, nlri);
        let mut to = peers;
        let mut reuse = None;
        let mut fresh = true;
        let mut id = head;
        while let Some(slot) = self.slots.get(id as usize) {
            let (next, old) = (slot.next, slot.peers);
            // Withdrawals still to be seen stay as they are (3).
            if slot.withdrawn || pools.sets.disjoint(old, to) {
                id = next;
                continue;
            }
            if slot.attrs == Some(attrs) && slot.nlri == *nlri {
                to = pools.sets.minus(to, old);
                if to == PeerSetId::EMPTY {
                    return;
                }
            } else {
                fresh &= self.is_news(slot);
                if reuse.is_none() && pools.sets.subset(old, peers) {
                    reuse = Some(id);
                } else {
                    self.shrink(pools, id, peers);
                }
            }
            id = next;
        }
        let change = Change { attrs: Some(attrs), peers: to, withdrawn: false, fresh };
        match reuse {
            Some(id) => self.set(pools, id, nlri, change),
            None => self.insert(pools, hash, nlri, change),
        }
    }

    /// Withdraws a route from `peers`, whether they have it or not. `attrs`: what an MP_UNREACH_NLRI is accompanied by.
    pub(super) fn withdraw(
        &mut self,
        pools: &mut Pools<'_>,
        nlri: &Stored,
        attrs: Option<&Arc<Attributes>>,
        peers: PeerSetId,
    ) {
        let attrs = attrs.map(|attrs| pools.attrs.intern(attrs));
        let hash = hash_route(&self.hasher, self.spec, nlri);
        let mut reuse = None;
        let mut id = self.head(hash, nlri);
        while let Some(slot) = self.slots.get(id as usize) {
            let (next, old) = (slot.next, slot.peers);
            if !pools.sets.disjoint(old, peers) {
                if reuse.is_none() && pools.sets.subset(old, peers) {
                    reuse = Some(id);
                } else {
                    self.shrink(pools, id, peers);
                }
            }
            id = next;
        }
        let change = Change { attrs, peers, withdrawn: true, fresh: false };
        match reuse {
            Some(id) => self.set(pools, id, nlri, change),
            None => self.insert(pools, hash, nlri, change),
        }
    }

    /// Frees the log, and the withdrawals in it, up to the position every cursor has passed.
    pub(super) fn trim(&mut self, pools: &mut Pools<'_>, passed: u64) {
        while self.first < passed {
            let Some(id) = self.log.pop_front() else { break };
            let position = self.first;
            self.first += 1;
            if self.slots.get(id as usize).is_some_and(|slot| slot.seq == position && slot.withdrawn) {
                self.remove(pools, id);
            }
        }
        if self.log.is_empty() && self.log.capacity() > 1024 {
            self.log = VecDeque::new();
        }
    }

    /// Replaces every set by what it became when a peer was removed; what is for nobody any more goes.
    pub(super) fn remap(&mut self, pools: &mut Pools<'_>, became: &[PeerSetId]) {
        for id in 0..u32::try_from(self.slots.len()).unwrap_or(NONE) {
            let Some(slot) = self.slots.get_mut(id as usize).filter(|slot| slot.seq != FREE) else { continue };
            slot.peers = slot.peers.became(became);
            if slot.peers == PeerSetId::EMPTY {
                self.remove(pools, id);
            }
        }
    }

    /// The live variant a peer has.
    pub(super) fn find(&self, sets: &PeerSets, nlri: &Stored, peer: crate::event::PeerId) -> Option<&Slot> {
        let mut id = self.head(hash_route(&self.hasher, self.spec, nlri), nlri);
        while let Some(slot) = self.slots.get(id as usize) {
            if !slot.withdrawn && sets.contains(slot.peers, peer) {
                return Some(slot);
            }
            id = slot.next;
        }
        None
    }

    fn head(&self, hash: u64, nlri: &Stored) -> u32 {
        self.index.of(hash).find(hash, |id| self.is_same(*id, nlri)).copied().unwrap_or(NONE)
    }

    fn is_same(&self, id: u32, nlri: &Stored) -> bool {
        self.slots.get(id as usize).is_some_and(|slot| same_route(self.spec, &slot.nlri, nlri))
    }

    /// Takes `peers` out of a variant; it keeps its place in the log (1), or goes if it is for nobody any more.
    pub(super) fn shrink(&mut self, pools: &mut Pools<'_>, id: u32, peers: PeerSetId) {
        let Some(slot) = self.slots.get_mut(id as usize) else { return };
        slot.peers = pools.sets.minus(slot.peers, peers);
        if slot.peers == PeerSetId::EMPTY {
            self.remove(pools, id);
        }
    }

    /// Makes a slot another variant, at the end of the log.
    fn set(&mut self, pools: &mut Pools<'_>, id: u32, nlri: &Stored, change: Change) {
        let Change { attrs, peers, withdrawn, fresh } = change;
        let seq = self.end();
        let Some(slot) = self.slots.get_mut(id as usize) else { return };
        if let Some(attrs) = attrs {
            pools.attrs.acquire(attrs);
        }
        if let Some(old) = std::mem::replace(&mut slot.attrs, attrs) {
            pools.attrs.release(old);
        }
        self.live = self.live + usize::from(slot.withdrawn) - usize::from(withdrawn);
        slot.seq = seq;
        slot.peers = peers;
        slot.withdrawn = withdrawn;
        slot.fresh = fresh;
        if slot.nlri != *nlri {
            slot.nlri = nlri.clone(); // the same route with other labels
        }
        self.log.push_back(id);
    }

    fn insert(&mut self, pools: &mut Pools<'_>, hash: u64, nlri: &Stored, change: Change) {
        let Change { attrs, peers, withdrawn, fresh } = change;
        if peers == PeerSetId::EMPTY {
            return;
        }
        if let Some(attrs) = attrs {
            pools.attrs.acquire(attrs);
        }
        let seq = self.end();
        let slot = Slot { nlri: nlri.clone(), seq, attrs, peers, next: NONE, withdrawn, fresh };
        let id = match self.slots.get_mut(self.free as usize) {
            Some(place) => {
                let id = std::mem::replace(&mut self.free, place.next);
                *place = slot;
                id
            }
            None => {
                let Ok(id) = u32::try_from(self.slots.len()) else { return };
                self.slots.push(slot);
                id
            }
        };
        let (slots, spec, hasher) = (&self.slots, self.spec, &self.hasher);
        let rehash = |id: &u32| slots.get(*id as usize).map_or(0, |slot| hash_route(hasher, spec, &slot.nlri));
        let index = self.index.room(hash, rehash);
        let same = |other: &u32| slots.get(*other as usize).is_some_and(|slot| same_route(spec, &slot.nlri, nlri));
        match index.find_mut(hash, same) {
            Some(head) => {
                let old = std::mem::replace(head, id);
                if let Some(slot) = self.slots.get_mut(id as usize) {
                    slot.next = old;
                }
            }
            None => drop(index.insert_unique(hash, id, rehash)),
        }
        self.live += usize::from(!withdrawn);
        self.log.push_back(id);
    }

    /// Takes a slot out of its chain and frees it. Its log entry, if it has one left, is no longer valid.
    fn remove(&mut self, pools: &mut Pools<'_>, id: u32) {
        let Some(slot) = self.slots.get(id as usize) else { return };
        let hash = hash_route(&self.hasher, self.spec, &slot.nlri);
        let next = slot.next;
        let (slots, spec) = (&self.slots, self.spec);
        let nlri = &slot.nlri;
        let entry = self.index.of_mut(hash).find_entry(hash, |other| {
            slots.get(*other as usize).is_some_and(|slot| same_route(spec, &slot.nlri, nlri))
        });
        let Ok(mut entry) = entry else { return };
        let head = *entry.get();
        if head == id {
            if next == NONE {
                entry.remove();
            } else {
                *entry.get_mut() = next;
            }
        } else {
            let mut before = head;
            while let Some(slot) = self.slots.get_mut(before as usize) {
                if slot.next == id {
                    slot.next = next;
                    break;
                }
                before = slot.next;
            }
        }
        let free = std::mem::replace(&mut self.free, id);
        let Some(slot) = self.slots.get_mut(id as usize) else { return };
        self.live -= usize::from(!slot.withdrawn);
        slot.seq = FREE;
        slot.next = free;
        slot.peers = PeerSetId::EMPTY;
        slot.nlri = Stored::new(None, &[]);
        if let Some(attrs) = slot.attrs.take() {
            pools.attrs.release(attrs);
        }
    }
}
