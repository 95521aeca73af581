//! Adj-RIB-In: what one peer announced, if it is to be kept.

use super::attrs::{AttrsId, AttrsPool};
use super::pieces::Pieces;
use super::{hash_route, same_route};
use foldhash::SharedSeed;
use foldhash::fast::SeedableRandomState;
use hashbrown::hash_table::Entry;
use herald_bgp::family::Family;
use herald_bgp::nlri::{FamilySpec, Stored};

/// The routes of one peer.
#[derive(Debug, Default)]
pub struct AdjRibIn {
    families: Vec<Received>,
}

#[derive(Debug)]
struct Received {
    family: Family,
    spec: &'static FamilySpec,
    hasher: SeedableRandomState,
    routes: Pieces<Route>,
    /// Counts the sweeps: routes of an earlier one are gone after an End-of-Route-Refresh.
    sweep: u32,
}

#[derive(Debug)]
struct Route {
    nlri: Stored,
    attrs: AttrsId,
    sweep: u32,
}

impl AdjRibIn {
    /// Keeps a route, in place of what the peer had announced for it. `attrs` counts one more use.
    pub fn announce(&mut self, pool: &mut AttrsPool, seed: u64, family: Family, nlri: Stored, attrs: AttrsId) {
        let Some(received) = self.family(seed, family) else { return };
        let hash = received.hash(&nlri);
        pool.acquire(attrs);
        let Received { spec, hasher, routes, sweep, .. } = received;
        let rehash = |r: &Route| hash_route(hasher, spec, &r.nlri);
        match routes.room(hash, rehash).entry(hash, |r| same_route(spec, &r.nlri, &nlri), rehash) {
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                pool.release(known.attrs);
                *known = Route { nlri, attrs, sweep: *sweep };
            }
            Entry::Vacant(place) => {
                place.insert(Route { nlri, attrs, sweep: *sweep });
            }
        }
    }

    /// Forgets a route.
    pub fn withdraw(&mut self, pool: &mut AttrsPool, seed: u64, family: Family, nlri: &Stored) {
        let Some(received) = self.family(seed, family) else { return };
        let hash = received.hash(nlri);
        let spec = received.spec;
        if let Ok(found) = received.routes.of_mut(hash).find_entry(hash, |r| same_route(spec, &r.nlri, nlri)) {
            pool.release(found.remove().0.attrs);
        }
    }

    /// The peer starts to send a family again (RFC 7313 §4).
    pub fn begin_refresh(&mut self, family: Family) {
        if let Some(received) = self.families.iter_mut().find(|r| r.family == family) {
            received.sweep = received.sweep.wrapping_add(1);
        }
    }

    /// It has sent all of it: what did not come again is gone.
    pub fn end_refresh(&mut self, pool: &mut AttrsPool, family: Family) {
        if let Some(received) = self.families.iter_mut().find(|r| r.family == family) {
            let sweep = received.sweep;
            received.routes.retain(|route| {
                let stays = route.sweep == sweep;
                if !stays {
                    pool.release(route.attrs);
                }
                stays
            });
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self, pool: &mut AttrsPool) {
        for route in self.families.drain(..).flat_map(|r| r.routes) {
            pool.release(route.attrs);
        }
    }

    /// Routes kept.
    fn len(&self) -> usize {
        self.families.iter().map(|r| r.routes.len()).sum()
    }

    /// All routes, by family and NLRI.
    pub fn sorted(&self) -> Vec<(Family, &Stored, AttrsId)> {
        let mut all = Vec::with_capacity(self.len());
        for received in &self.families {
            let start = all.len();
            all.extend(received.routes.iter().map(|r| (received.family, &r.nlri, r.attrs)));
            if let Some(routes) = all.get_mut(start..) {
                routes.sort_unstable_by(|a, b| (a.1.nlri(), a.1.path_id()).cmp(&(b.1.nlri(), b.1.path_id())));
            }
        }
        all
    }

    fn family(&mut self, seed: u64, family: Family) -> Option<&mut Received> {
        match self.families.iter().position(|r| r.family == family) {
            Some(i) => self.families.get_mut(i),
            None => {
                let hasher = SeedableRandomState::with_seed(seed, SharedSeed::global_fixed());
                self.families.push(Received {
                    family,
                    spec: family.spec(),
                    hasher,
                    routes: Pieces::default(),
                    sweep: 0,
                });
                self.families.last_mut()
            }
        }
    }
}

impl Received {
    fn hash(&self, nlri: &Stored) -> u64 {
        hash_route(&self.hasher, self.spec, nlri)
    }
}
