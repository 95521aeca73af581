//! The speaker as a whole: inputs to peers, timers, the end.

use crate::clients::Selections;
use crate::config::{Config, PeerConfig, Settings};
use crate::event::{Level, Notice, PeerId, What};
use crate::peer::{Peer, World};
use crate::processes::Processes;
use crate::rib::Rib;
use crate::rib::peerset::PeerSetId;
use crate::time::{Instant, Now};
use crate::{CloseReason, ConnId, Deadline, Effect, Input};
use herald_bgp::attribute::Attributes;
use herald_bgp::family::Family;
use herald_bgp::nlri::Stored;
use herald_bgp::notification::Notification;
use herald_bgp::value::Prefix;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::SocketAddr;
use std::sync::Arc;

/// Log entries after which it is worth asking every cursor what it still needs.
const TRIM: usize = 1024;

/// A BGP speaker. Drive it like this:
///
/// 1. Hand every input to [`Speaker::handle`] and carry out the effects it emits.
/// 2. When [`Speaker::deadline`] has come, hand in [`Input::Tick`].
/// 3. When a connection was woken and takes octets, write what [`Speaker::transmit`] gives and say how much went
///    with [`Speaker::sent`]; go on while it gives any.
///
/// ```
/// use herald_speaker::{Input, Speaker, time::Now};
/// use herald_speaker::config::{Config, PeerConfig};
/// use std::sync::Arc;
///
/// let peers = vec![Arc::new(PeerConfig::new("192.0.2.1".parse().unwrap()))];
/// let mut speaker = Speaker::new(1, Now::default());
/// let mut effects = Vec::new();
/// let config = Arc::new(Config { peers, ..Config::default() });
/// speaker.handle(Now::default(), Input::Configure(config), &mut |effect| effects.push(format!("{effect:?}")));
/// assert!(speaker.deadline().is_some(), "the peer wants to be called");
/// speaker.handle(Now::default(), Input::Tick, &mut |effect| effects.push(format!("{effect:?}")));
/// assert!(effects.iter().any(|effect| effect.starts_with("Connect")));
/// ```
#[derive(Debug)]
pub struct Speaker {
    pub(crate) config: Arc<Config>,
    pub(crate) peers: Vec<Option<Peer>>,
    pub(crate) rib: Rib,
    pub(crate) processes: Processes,
    pub(crate) selections: Selections,
    /// Routes that are announced and withdrawn by the name of their watchdog.
    pub(crate) watchdogs: BTreeMap<Arc<str>, Vec<Watched>>,
    /// What the next configuration is to do beside being applied.
    pub(crate) after_reload: AfterReload,
    /// No peer is called before; known from the first configuration on.
    pub(crate) not_before: Option<Instant>,
    conns: BTreeMap<ConnId, PeerId>,
    next_conn: u64,
    /// When each peer wants to be called; entries may be too early, never too late.
    timers: BinaryHeap<Reverse<(Instant, PeerId)>>,
    scheduled: Vec<Option<Instant>>,
    /// The peers that were woken and have not run dry since.
    woken: PeerSetId,
    trim_at: usize,
    stopping: bool,
}

/// A route that carries a watchdog.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    pub peers: PeerSetId,
    pub family: Family,
    pub nlri: Stored,
    pub attributes: Arc<Attributes>,
    /// From the configuration, rather than a command.
    pub configured: bool,
}

/// What SIGUSR2 and SIGALRM ask for beyond a reload.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct AfterReload {
    pub restart_helpers: bool,
    pub restart_sessions: bool,
}

impl Speaker {
    /// A speaker without configuration. `seed` feeds every random choice (hash keys).
    pub fn new(seed: u64, _now: Now) -> Speaker {
        Speaker {
            config: Arc::default(),
            peers: Vec::new(),
            rib: Rib::new(seed),
            processes: Processes::default(),
            selections: Selections::default(),
            watchdogs: BTreeMap::new(),
            after_reload: AfterReload::default(),
            not_before: None,
            conns: BTreeMap::new(),
            next_conn: 0,
            timers: BinaryHeap::new(),
            scheduled: Vec::new(),
            woken: PeerSetId::EMPTY,
            trim_at: TRIM,
            stopping: false,
        }
    }

    /// Advances by one input. Emits a number of effects bounded by the size of that input and the number of peers.
    pub fn handle(&mut self, now: Now, input: Input<'_>, emit: &mut dyn FnMut(Effect<'_>)) {
        match input {
            Input::Tick => self.tick(now, emit),
            Input::Accepted { conn, local, remote } => self.accepted(now, conn, local, remote, emit),
            Input::Connected { conn, local } => {
                self.with_conn(now, conn, emit, |peer, world| peer.connected(world, conn, local));
            }
            Input::Received { conn, bytes } => {
                self.with_conn(now, conn, emit, |peer, world| peer.received(world, conn, bytes));
            }
            Input::Closed { conn, why } => self.closed(now, conn, &why, emit),
            Input::Command { from, command } => self.command(now, from, command, emit),
            Input::ClientSlow { client, slow } => self.client_slow(now, client, slow, emit),
            Input::Exited { process, status } => {
                let respawn = self.config.settings.respawn && !self.stopping;
                let lost = self.processes.exited(now, process, status, respawn, emit);
                if lost && self.config.settings.terminate {
                    self.stop(now, emit);
                }
            }
            Input::Configure(config) => self.configure(now, config, emit),
            Input::NotConfigured => self.after_reload = AfterReload::default(),
            Input::Signal { number, name } => self.signal(now, number, name, emit),
        }
        if self.rib.logged() >= self.trim_at {
            for id in self.ids() {
                self.with_peer(now, emit, id, |peer, world| peer.bound_waiting(world));
            }
            self.trim();
        }
    }

    /// The next moment [`Input::Tick`] is due; `None` while nothing is waited for.
    pub fn deadline(&self) -> Option<Deadline> {
        self.timers.peek().map(|Reverse((at, _))| Deadline { at: *at, timer: "peer" })
    }

    /// Octets ready for one connection, about `budget` of them; routes are encoded only now. Messages that are put
    /// together are told to `emit` if somebody wants to know of them.
    pub fn transmit(&mut self, now: Now, conn: ConnId, budget: usize, emit: &mut dyn FnMut(Effect<'_>)) -> &[u8] {
        let Some(id) = self.conns.get(&conn).copied() else { return &[] };
        let empty = self.with_peer(now, emit, id, |peer, world| peer.transmit(world, conn, budget).is_empty());
        if empty != Some(false) {
            self.woken = PeerSetId::EMPTY;
            if self.rib.logged() > 0 && self.rib.logged() >= self.trim_at / 2 {
                self.trim();
            }
        }
        self.schedule(id);
        match self.peers.get(id.0 as usize) {
            Some(Some(peer)) => peer.output(conn),
            _ => &[],
        }
    }

    /// `n` of those octets were taken by the transport.
    pub fn sent(&mut self, now: Now, conn: ConnId, n: usize) {
        let Some(id) = self.conns.get(&conn).copied() else { return };
        self.with_peer(now, &mut |_| (), id, |peer, world| peer.sent(world, conn, n));
    }

    fn tick(&mut self, now: Now, emit: &mut dyn FnMut(Effect<'_>)) {
        while let Some(Reverse((at, id))) = self.timers.peek().copied() {
            if at > now.mono {
                break;
            }
            self.timers.pop();
            if let Some(scheduled) = self.scheduled.get_mut(id.0 as usize).filter(|s| **s == Some(at)) {
                *scheduled = None;
                self.with_peer(now, emit, id, |peer, world| peer.tick(world));
                self.settle(id, emit);
            }
        }
    }

    fn accepted(
        &mut self,
        now: Now,
        conn: ConnId,
        local: SocketAddr,
        remote: SocketAddr,
        emit: &mut dyn FnMut(Effect<'_>),
    ) {
        let refuse = |subcode, emit: &mut dyn FnMut(Effect<'_>)| {
            let mut last = Vec::new();
            Notification::new(6, subcode).write(&mut last);
            emit(Effect::Close { conn, last: &last });
            let message = format!("connection from {}: no such neighbor", remote.ip());
            emit(Effect::Notice(Notice { level: Level::Info, category: "network", message }));
        };
        if self.stopping {
            return refuse(2, emit);
        }
        let fits = |config: &PeerConfig| config.local_address.is_none_or(|a| a == local.ip());
        let known = self.live().filter(|peer| peer.view.address == remote.ip() && !peer.config().is_range());
        let known = known.filter(|peer| fits(peer.config())).min_by_key(|peer| peer.is_established());
        let id = match known.map(|peer| peer.view.id) {
            Some(id) => id,
            None => {
                let inside = |config: &PeerConfig| {
                    Prefix::new(config.address, config.range).is_some_and(|net| net.contains(remote.ip()))
                };
                let ranges = self.live().filter(|p| p.config().is_range() && inside(p.config()) && fits(p.config()));
                let ranges: Vec<_> = ranges.take(2).map(|p| (p.view.id, p.config().clone())).collect();
                match &ranges[..] {
                    [(parent, config)] => self.add_caller(*parent, config, remote),
                    [] => return refuse(3, emit),
                    _ => return refuse(5, emit),
                }
            }
        };
        self.conns.insert(conn, id);
        self.with_peer(now, emit, id, |peer, world| peer.accepted(world, conn, local));
        self.settle(id, emit);
    }

    /// A peer for a caller from a network: it is sent the network's routes, and gone when its session ends.
    fn add_caller(&mut self, parent: PeerId, config: &PeerConfig, remote: SocketAddr) -> PeerId {
        let range = if remote.is_ipv4() { 32 } else { 128 };
        let config = PeerConfig { address: remote.ip(), range, ..config.clone() };
        let id = self.add_peer(Arc::new(config));
        if let Some(Some(peer)) = self.peers.get_mut(id.0 as usize) {
            peer.rib = parent;
            peer.ephemeral = true;
        }
        id
    }

    fn closed(&mut self, now: Now, conn: ConnId, why: &CloseReason, emit: &mut dyn FnMut(Effect<'_>)) {
        self.with_conn(now, conn, emit, |peer, world| peer.closed(world, conn, why));
    }

    fn signal(&mut self, now: Now, number: i32, name: &str, emit: &mut dyn FnMut(Effect<'_>)) {
        for id in self.ids() {
            self.with_peer(now, emit, id, |peer, world| peer.tell(world, What::Signal { number, name }));
        }
        match name {
            "SIGTERM" | "SIGINT" | "SIGHUP" => self.stop(now, emit),
            "SIGUSR1" => emit(Effect::Reload),
            "SIGUSR2" => {
                self.after_reload.restart_helpers = true;
                emit(Effect::Reload);
            }
            "SIGALRM" => self.restart(emit),
            _ => {}
        }
    }

    /// Reads the configuration again and starts everything anew.
    pub(crate) fn restart(&mut self, emit: &mut dyn FnMut(Effect<'_>)) {
        self.after_reload = AfterReload { restart_helpers: true, restart_sessions: true };
        emit(Effect::Reload);
    }

    /// Ends everything.
    pub(crate) fn stop(&mut self, now: Now, emit: &mut dyn FnMut(Effect<'_>)) {
        if std::mem::replace(&mut self.stopping, true) {
            return;
        }
        let shutdown = Notification::with(6, 2, [0]);
        for id in self.ids() {
            let reason = "stop, message [shutting down]";
            self.with_peer(now, emit, id, |peer, world| peer.stop(world, &shutdown, true, reason));
        }
        self.conns.clear();
        self.processes.stop(emit);
        emit(Effect::Stop { code: 0 });
    }

    pub(crate) fn stopping(&self) -> bool {
        self.stopping
    }

    /// Peers, configured and ephemeral.
    pub(crate) fn live(&self) -> impl Iterator<Item = &Peer> {
        self.peers.iter().flatten()
    }

    pub(crate) fn ids(&self) -> Vec<PeerId> {
        self.live().map(|peer| peer.view.id).collect()
    }

    pub(crate) fn peer(&self, id: PeerId) -> Option<&Peer> {
        self.peers.get(id.0 as usize).and_then(Option::as_ref)
    }

    pub(crate) fn add_peer(&mut self, config: Arc<PeerConfig>) -> PeerId {
        let place = self.peers.iter().position(Option::is_none).unwrap_or(self.peers.len());
        let id = PeerId(u32::try_from(place).unwrap_or(u32::MAX));
        let peer = Peer::new(id, config);
        match self.peers.get_mut(place) {
            Some(free) => *free = Some(peer),
            None => self.peers.push(Some(peer)),
        }
        self.selections.forget();
        id
    }

    pub(crate) fn remove_peer(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(id.0 as usize).and_then(Option::take) else { return };
        self.conns.retain(|_, owner| *owner != id);
        if let Some(scheduled) = self.scheduled.get_mut(id.0 as usize) {
            *scheduled = None;
        }
        self.selections.forget();
        self.woken = PeerSetId::EMPTY;
        if peer.rib != id {
            return;
        }
        // Sets get new numbers: whoever remembers one has to learn the new one.
        let became = self.rib.remove_peer(id);
        for watched in self.watchdogs.values_mut() {
            watched.iter_mut().for_each(|w| w.peers = w.peers.became(&became));
            watched.retain(|w| w.peers != PeerSetId::EMPTY);
        }
        self.watchdogs.retain(|_, watched| !watched.is_empty());
    }

    /// Wakes the sessions that are sent what these peers are sent.
    pub(crate) fn wake(&mut self, peers: PeerSetId, emit: &mut dyn FnMut(Effect<'_>)) {
        if self.woken == peers {
            return;
        }
        self.woken = peers;
        for peer in self.peers.iter_mut().flatten() {
            if self.rib.sets.contains(peers, peer.rib) {
                peer.routes_changed(emit);
            }
        }
    }

    /// Does something with one peer and the world around it. `None` if there is no such peer.
    pub(crate) fn with_peer<R>(
        &mut self,
        now: Now,
        emit: &mut dyn FnMut(Effect<'_>),
        id: PeerId,
        body: impl FnOnce(&mut Peer, &mut World<'_>) -> R,
    ) -> Option<R> {
        let Speaker { peers, rib, config, next_conn, .. } = self;
        let peer = peers.get_mut(id.0 as usize).and_then(Option::as_mut)?;
        Some(body(peer, &mut World { now, rib, settings: &config.settings, conns: next_conn, emit }))
    }

    fn with_conn(
        &mut self,
        now: Now,
        conn: ConnId,
        emit: &mut dyn FnMut(Effect<'_>),
        body: impl FnOnce(&mut Peer, &mut World<'_>),
    ) {
        let Some(id) = self.conns.get(&conn).copied() else { return };
        self.with_peer(now, emit, id, |peer, world| body(peer, world));
        self.settle(id, emit);
    }

    /// After a peer did something: its connections are known by number, its timers are watched, and if it is gone for
    /// good it goes.
    pub(crate) fn settle(&mut self, id: PeerId, emit: &mut dyn FnMut(Effect<'_>)) {
        let Some(peer) = self.peer(id) else { return };
        let conns = peer.conns();
        let over = peer.ephemeral && conns.is_empty();
        let given_up = peer.is_given_up();
        if self.conns.values().filter(|owner| **owner == id).count() != conns.len()
            || conns.iter().any(|conn| !self.conns.contains_key(conn))
        {
            self.conns.retain(|conn, owner| *owner != id || conns.contains(conn));
            self.conns.extend(conns.into_iter().map(|conn| (conn, id)));
        }
        if over {
            return self.remove_peer(id);
        }
        self.dress(id);
        self.schedule(id);
        if given_up && !self.stopping && self.live().all(Peer::is_given_up) {
            let message = "no peer may be tried again: the end".to_owned();
            emit(Effect::Notice(Notice { level: Level::Info, category: "reactor", message }));
            self.stopping = true;
            self.processes.stop(emit);
            emit(Effect::Stop { code: 0 });
        }
    }

    /// Watches a peer's next timer.
    fn schedule(&mut self, id: PeerId) {
        let Some(at) = self.peer(id).and_then(|peer| peer.deadline()).map(|deadline| deadline.at) else { return };
        let place = id.0 as usize;
        if self.scheduled.len() <= place {
            self.scheduled.resize(place + 1, None);
        }
        if let Some(scheduled) = self.scheduled.get_mut(place)
            && scheduled.is_none_or(|known| at < known)
        {
            *scheduled = Some(at);
            self.timers.push(Reverse((at, id)));
        }
    }

    fn trim(&mut self) {
        let peers = &self.peers;
        self.rib.trim(|family| peers.iter().flatten().filter_map(|peer| peer.needs(family)).min());
        self.trim_at = (self.rib.logged() * 2).max(TRIM);
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.config.settings
    }
}
