//! From one configuration to the next: the difference, and nothing else.

use crate::command::{ClientId, Selector};
use crate::config::{Config, ConfigRoutes, PeerConfig, Transport};
use crate::event::PeerId;
use crate::peer::Peer;
use crate::rib::peerset::PeerSetId;
use crate::speaker::{Speaker, Watched};
use crate::time::Now;
use crate::{Effect, Listener};
use herald_bgp::attribute::Attributes;
use herald_bgp::family::Family;
use herald_bgp::nlri::{Identity, Stored};
use herald_bgp::notification::Notification;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

impl Speaker {
    /// Applies a configuration, all of it. Sessions whose settings did not change are not touched.
    pub(crate) fn configure(&mut self, now: Now, config: Arc<Config>, emit: &mut dyn FnMut(Effect<'_>)) {
        if self.stopping() {
            return;
        }
        let after = std::mem::take(&mut self.after_reload);
        let old = std::mem::replace(&mut self.config, config.clone());
        let mut wanted: BTreeMap<String, &Arc<PeerConfig>> = config.peers.iter().map(|c| (c.index(), c)).collect();
        let gone = Notification::new(6, 3);
        let mut kept = Vec::new();
        for id in self.ids() {
            let Some(peer) = self.peer(id).filter(|peer| !peer.ephemeral) else { continue };
            match wanted.remove(&peer.config().index()) {
                Some(new) => kept.push((id, new.clone())),
                None => {
                    self.end_callers(now, id, &gone, emit);
                    self.with_peer(now, emit, id, |peer, world| {
                        peer.stop(world, &gone, false, "stop, message [removed]")
                    });
                    self.remove_peer(id);
                }
            }
        }
        self.listen(emit);
        self.processes.configure(now, &config.processes, after.restart_helpers, emit);
        self.selections.forget();
        for (id, new) in kept {
            self.change_peer(now, id, &new, after.restart_sessions, emit);
        }
        // In the order of the file; those with the same routes share them.
        let new: Vec<_> = config.peers.iter().filter(|c| wanted.contains_key(&c.index())).cloned().collect();
        let ids: Vec<_> = new.iter().map(|c| (self.add_peer(c.clone()), c.clone())).collect();
        let mut groups: Vec<(Arc<ConfigRoutes>, Vec<PeerId>)> = Vec::new();
        for (id, config) in &ids {
            match groups.iter_mut().find(|(routes, _)| Arc::ptr_eq(routes, &config.routes)) {
                Some((_, peers)) => peers.push(*id),
                None => groups.push((config.routes.clone(), vec![*id])),
            }
        }
        for (routes, peers) in groups {
            let peers = self.rib.sets.of(peers);
            self.announce_configured(&routes, peers);
        }
        let delay = config.settings.delay;
        let not_before = *self.not_before.get_or_insert_with(|| now.mono + now.wall.until_multiple(delay));
        for (id, _) in ids {
            self.with_peer(now, emit, id, |peer, world| peer.start(world, not_before));
            self.settle(id, emit);
        }
        drop(old);
    }

    fn change_peer(
        &mut self,
        now: Now,
        id: PeerId,
        new: &Arc<PeerConfig>,
        restart: bool,
        emit: &mut dyn FnMut(Effect<'_>),
    ) {
        let Some(old) = self.peer(id).map(|peer| peer.config().clone()) else { return };
        let anew = restart || old.needs_new_session(new);
        if anew {
            let notification = Notification::new(6, 3);
            self.end_callers(now, id, &notification, emit);
            let reason = "stop, message [restarting]";
            self.with_peer(now, emit, id, |peer, world| peer.stop(world, &notification, true, reason));
        }
        self.with_peer(now, emit, id, |peer, _| peer.reconfigure(new.clone()));
        let only = self.rib.sets.of([id]);
        if old.routes != new.routes {
            let kept = self.peer(id).is_none_or(Peer::keeps);
            self.change_routes(&old.routes, &new.routes, kept, only);
            self.wake(only, emit);
        }
        let paused = self.processes.holds_up(new);
        self.with_peer(now, emit, id, |peer, world| {
            peer.pause(world, paused);
            if anew {
                peer.restart(world);
            }
        });
        self.settle(id, emit);
    }

    /// Closes the sessions of callers from a network.
    fn end_callers(&mut self, now: Now, network: PeerId, why: &Notification, emit: &mut dyn FnMut(Effect<'_>)) {
        let callers = self.live().filter(|p| p.rib == network && p.ephemeral).map(|p| p.view.id);
        for id in callers.collect::<Vec<_>>() {
            self.with_peer(now, emit, id, |peer, world| peer.stop(world, why, false, "stop, message [removed]"));
            self.remove_peer(id);
        }
    }

    fn announce_configured(&mut self, routes: &ConfigRoutes, peers: PeerSetId) {
        self.announce_routes(routes, &[], peers);
        self.watch(routes, peers);
    }

    /// Remembers the routes that have a watchdog.
    fn watch(&mut self, routes: &ConfigRoutes, peers: PeerSetId) {
        for (name, members) in &routes.watchdogs {
            let watched = self.watchdogs.entry(name.clone()).or_default();
            for route in members.iter().filter_map(|i| routes.routes.get(*i as usize)) {
                let Some(attributes) = routes.attributes.get(route.attributes as usize).cloned() else { continue };
                let (family, nlri) = (route.family, route.nlri.clone());
                watched.push(Watched { peers, family, nlri, attributes, configured: true });
            }
        }
    }

    /// Announces routes of a configuration, but for those that are already `known`: sorted.
    fn announce_routes(&mut self, routes: &ConfigRoutes, known: &[(Key<'_>, &Attributes)], peers: PeerSetId) {
        for route in routes.routes.iter().filter(|route| !route.withdrawn) {
            let Some(attrs) = routes.attributes.get(route.attributes as usize) else { continue };
            let at = known.binary_search_by_key(&key(route.family, &route.nlri), |(key, _)| *key);
            if at.ok().and_then(|at| known.get(at)).is_some_and(|(_, known)| *known == &**attrs) {
                continue;
            }
            let attrs = self.resolved(route.family, attrs, peers);
            self.rib.announce(route.family, &route.nlri, &attrs, peers);
        }
    }

    /// Withdraws what is no longer there and announces the rest; what did not change is not sent.
    fn change_routes(&mut self, old: &ConfigRoutes, new: &ConfigRoutes, kept: bool, peers: PeerSetId) {
        for watched in self.watchdogs.values_mut() {
            watched.retain(|w| w.peers != peers || !w.configured);
        }
        let mut stays: Vec<Key<'_>> =
            new.routes.iter().filter(|r| !r.withdrawn).map(|r| key(r.family, &r.nlri)).collect();
        stays.sort_unstable();
        for route in old.routes.iter().filter(|route| !route.withdrawn) {
            if stays.binary_search(&key(route.family, &route.nlri)).is_err() {
                let attrs = old.attributes.get(route.attributes as usize);
                self.rib.withdraw(route.family, &route.nlri, attrs, peers);
            }
        }
        // What is kept tells by itself what is new.
        let announced = old.routes.iter().filter(|route| !kept && !route.withdrawn);
        let known =
            announced.filter_map(|r| Some((key(r.family, &r.nlri), &**old.attributes.get(r.attributes as usize)?)));
        let mut known: Vec<_> = known.collect();
        known.sort_by_key(|(key, _)| *key);
        self.announce_routes(new, &known, peers);
        self.watch(new, peers);
    }

    /// Announces the routes of the configuration anew to a peer whose session took them and is over.
    pub(crate) fn dress(&mut self, id: PeerId) {
        let Some(Some(peer)) = self.peers.get_mut(id.0 as usize) else { return };
        if std::mem::take(&mut peer.bare) {
            let (routes, only) = (peer.config().routes.clone(), self.rib.sets.of([id]));
            self.announce_routes(&routes, &[], only);
        }
    }

    /// Tells the shell where to listen, and for whom keys and TTLs are set there.
    fn listen(&mut self, emit: &mut dyn FnMut(Effect<'_>)) {
        let mut on: Vec<Listener> = Vec::new();
        let mut add = |local: SocketAddr| {
            if !on.iter().any(|l| l.local == local) {
                on.push(Listener { local, peers: Vec::new() });
            }
        };
        self.settings().listen.iter().for_each(|local| add(*local));
        for config in &self.config.peers {
            if let (Some(port), Some(local)) = (config.listen, config.transport.md5_ip.or(config.local_address)) {
                add(SocketAddr::new(local, port));
            }
        }
        for listener in &mut on {
            let local = listener.local.ip();
            let hears = |config: &PeerConfig| local_fits(config, local);
            let plain = Transport::default();
            let special = self.config.peers.iter().filter(|c| hears(c) && c.transport != plain);
            listener.peers = special.map(|c| (c.address, c.transport.clone())).collect();
        }
        emit(Effect::Listen { on: &on });
    }

    /// All peers a client may command.
    pub(crate) fn all_of(&mut self, client: ClientId) -> PeerSetId {
        self.select(client, &Arc::new(Selector::All))
    }
}

fn local_fits(config: &PeerConfig, local: IpAddr) -> bool {
    local.is_ipv4() == config.address.is_ipv4()
        && (local.is_unspecified()
            || config.transport.md5_ip.or(config.local_address).is_none_or(|address| address == local))
}

type Key<'a> = (Family, Option<u32>, Identity<'a>);

fn key(family: Family, nlri: &Stored) -> Key<'_> {
    (family, nlri.path_id(), (family.spec().identity)(nlri.nlri()))
}
