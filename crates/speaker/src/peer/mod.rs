//! One configured neighbour: when it is called, which of its connections survives, and what its session carries.
//!
//! | room | what is in it |
//! |---|---|
//! | here | what it is, and the end of sessions |
//! | [`connect`] | calling and being called, back-off |
//! | [`receive`] | messages from the peer: the state machine of RFC 4271 §8 |
//! | [`send`] | messages to the peer: routes, End-of-RIB, refresh |

mod connect;
mod operational;
mod receive;
mod send;

use crate::config::{PeerConfig, Settings};
use crate::event::{Direction, Event, Level, MessageCount, Negotiated, NeighborReport, Notice, PeerId, PeerView, What};
use crate::rib::Rib;
use crate::rib::inbound::AdjRibIn;
use crate::session::{Session, State, Timer};
use crate::time::{Instant, Now};
use crate::{CloseReason, ConnId, Deadline, Effect};
use herald_bgp::capability::code::GRACEFUL_RESTART;
use herald_bgp::message::{self, Kind};
use herald_bgp::notification::{ADMINISTRATIVE_RESET, ADMINISTRATIVE_SHUTDOWN, DECONFIGURED, HARD_RESET, Notification};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

/// A peer that refuses is called every second for so long; then ever less often.
const EAGER: Duration = Duration::from_secs(30);

/// What a peer sees of the speaker around it.
pub(crate) struct World<'a> {
    pub now: Now,
    pub rib: &'a mut Rib,
    pub settings: &'a Settings,
    pub conns: &'a mut u64,
    pub emit: &'a mut dyn FnMut(Effect<'_>),
}

/// A neighbour.
#[derive(Debug)]
pub(crate) struct Peer {
    pub view: Arc<PeerView>,
    /// What selectors are matched against.
    pub name: String,
    /// Whose routes it is sent: its own, or those of the network it comes from.
    pub rib: PeerId,
    /// Made for a caller from a network; gone when its session ends.
    pub ephemeral: bool,
    /// A helper it reports to does not keep up.
    pub paused: bool,
    pub adj_rib_in: AdjRibIn,
    sessions: Vec<Session>,
    outbound: Option<send::Outbound>,
    /// When to call next.
    retry: Option<Instant>,
    wait: u32,
    refused_since: Option<Instant>,
    attempts: u32,
    /// No more attempts are allowed.
    given_up: bool,
    /// When it went up or down.
    since: Option<Instant>,
    sent: MessageCount,
    received: MessageCount,
    prefixes: (u64, u64),
    /// The R bit of RFC 4724 is still to be sent.
    restarting: bool,
    /// The routes of the configuration were sent and not kept: they have to be announced again.
    pub bare: bool,
    operational: operational::Remembered,
}

impl Peer {
    pub fn new(id: PeerId, config: Arc<PeerConfig>) -> Peer {
        Peer {
            name: config.name(),
            view: Arc::new(view(id, config)),
            rib: id,
            ephemeral: false,
            paused: false,
            adj_rib_in: AdjRibIn::default(),
            sessions: Vec::new(),
            outbound: None,
            retry: None,
            wait: 0,
            refused_since: None,
            attempts: 0,
            given_up: false,
            since: None,
            sent: MessageCount::default(),
            received: MessageCount::default(),
            prefixes: (0, 0),
            restarting: true,
            bare: false,
            operational: operational::Remembered::default(),
        }
    }

    pub fn config(&self) -> &Arc<PeerConfig> {
        &self.view.config
    }

    /// The state of the session that is furthest; without one, whether it calls or waits to be called.
    pub fn state(&self) -> State {
        let furthest = self.sessions.iter().map(|s| s.state).max();
        furthest.unwrap_or(if self.retry.is_some() { State::Idle } else { State::Active })
    }

    pub fn is_established(&self) -> bool {
        self.established().is_some()
    }

    pub fn established(&self) -> Option<&Session> {
        self.sessions.iter().find(|s| s.state == State::Established)
    }

    /// It has no session, and will not get one.
    pub fn is_given_up(&self) -> bool {
        self.given_up && self.sessions.is_empty()
    }

    /// Takes a configuration that needs no new session.
    pub fn reconfigure(&mut self, config: Arc<PeerConfig>) {
        self.change_view(|view| view.config = config);
    }

    /// Begins to call, not before that moment, or to wait.
    pub fn start(&mut self, world: &mut World<'_>, not_before: Instant) {
        self.since = Some(world.now.mono);
        self.tell(world, What::Fsm(State::Active));
        self.retry = self.calls(world.settings).then_some(world.now.mono.max(not_before));
    }

    /// The next moment something is due.
    pub fn deadline(&self) -> Option<Deadline> {
        let retry = self.retry.map(|at| Deadline { at, timer: "IdleHold" });
        self.sessions.iter().filter_map(Session::deadline).chain(retry).min()
    }

    /// Does what is due.
    pub fn tick(&mut self, world: &mut World<'_>) {
        let now = world.now.mono;
        if self.retry.is_some_and(|at| at <= now) {
            self.retry = None;
            self.notice_timer(world, "IdleHold");
            self.call(world);
        }
        for conn in self.conns() {
            while let Some(timer) = self.session_mut(conn).and_then(|s| s.expired(now)) {
                self.timeout(world, conn, timer);
            }
        }
    }

    fn timeout(&mut self, world: &mut World<'_>, conn: ConnId, timer: Timer) {
        self.notice_timer(world, timer.name());
        match timer {
            Timer::OpenWait => self.end(world, conn, Some(Notification::new(5, 1)), ""),
            Timer::Hold => self.end(world, conn, Some(Notification::new(4, 0)), ""),
            Timer::SendHold => self.end(world, conn, Some(Notification::new(8, 0)), ""),
            Timer::Rate => self.received(world, conn, &[]),
            Timer::Keepalive => {
                self.post(world, conn, message::write_keepalive);
                if let Some(session) = self.session_mut(conn) {
                    session.restart_keepalive(world.now.mono);
                }
            }
        }
    }

    /// The connection failed or ended.
    pub fn closed(&mut self, world: &mut World<'_>, conn: ConnId, why: &CloseReason) {
        let Some(session) = self.session(conn) else { return };
        if session.local.is_some() {
            let reason = match why {
                CloseReason::Closed => "closing connection".to_owned(),
                CloseReason::Broken(e) | CloseReason::Failed(e) => {
                    self.notice(world, Level::Info, format!("connection lost: {e}"));
                    "closing connection".to_owned()
                }
            };
            return self.forget(world, conn, &reason);
        }
        // It never came to be.
        self.sessions.retain(|s| s.conn != conn);
        let since = *self.refused_since.get_or_insert(world.now.mono);
        if let CloseReason::Failed(e) = why {
            self.notice(world, Level::Info, format!("connection failed: {e}"));
        }
        let eager = world.now.mono.since(since) < EAGER;
        if !eager {
            self.attempts += 1;
        }
        self.schedule(world, eager);
    }

    /// Ends a session, with a NOTIFICATION if that is given. `reason`: for helpers, unless the NOTIFICATION says it.
    pub fn end(&mut self, world: &mut World<'_>, conn: ConnId, notification: Option<Notification>, reason: &str) {
        let reason = match &notification {
            Some(n) if reason.is_empty() => format!("notification sent ({},{})", n.code, n.subcode),
            _ => reason.to_owned(),
        };
        if let Some(notification) = &notification {
            self.post(world, conn, |out| notification.write(out));
        }
        let Some(session) = self.session(conn) else { return };
        (world.emit)(Effect::Close { conn, last: session.output() });
        self.forget(world, conn, &reason);
    }

    /// A session is over and its connection gone.
    fn forget(&mut self, world: &mut World<'_>, conn: ConnId, reason: &str) {
        let Some(place) = self.sessions.iter().position(|s| s.conn == conn) else { return };
        let session = self.sessions.remove(place);
        if session.state == State::Established {
            self.notice_counts(world);
            self.outbound = None;
            self.bare = !self.keeps();
            self.adj_rib_in.clear(&mut world.rib.attrs);
            self.since = Some(world.now.mono);
        }
        if session.told {
            self.tell(world, What::Down(reason));
            self.tell(world, What::Fsm(State::Idle));
        }
        if session.told || self.sessions.is_empty() {
            let config = self.config().clone();
            let id = self.view.id;
            self.view = Arc::new(PeerView { address: self.view.address, ..view(id, config) });
        }
        // Another connection may take over; helpers have not heard of it yet.
        if session.told
            && let Some(other) = self.sessions.iter_mut().find(|s| s.local.is_some())
        {
            other.told = true;
            let (state, local, negotiated) = (other.state, other.local, other.negotiated.clone());
            let asn = other.sent_open.as_ref().map(|open| open.asn());
            if let Some(local) = local {
                self.announce_connection(world, local);
            }
            self.change_view(|view| {
                view.local_as = asn.or(view.local_as);
                view.peer_as = negotiated.as_ref().map(|n| n.context.peer_asn).or(view.peer_as);
                view.negotiated = negotiated;
            });
            for passed in [State::OpenSent, State::OpenConfirm] {
                if passed <= state {
                    self.tell(world, What::Fsm(passed));
                }
            }
        }
        if self.sessions.is_empty() && self.retry.is_none() {
            self.schedule(world, false);
        }
    }

    /// Closes everything, for good or to begin anew. `subcode`: of the Cease an established peer is told.
    /// `returns`: it is to come back, so that a peer that keeps our routes meanwhile is told nothing (RFC 4724 §4).
    pub fn stop(&mut self, world: &mut World<'_>, notification: &Notification, returns: bool, reason: &str) {
        for conn in self.conns() {
            let silent = self.session(conn).is_none_or(|s| s.sent_open.is_none());
            let graceful = returns && self.config().capability.graceful_restart.is_some();
            let last = match self.session(conn).and_then(|s| s.negotiated.as_ref()) {
                Some(negotiated) if negotiated.retains_over_notification() => notification.clone().into_hard_reset(),
                _ => notification.clone(),
            };
            self.end(world, conn, (!silent && !graceful).then_some(last), reason);
        }
        self.retry = None;
        self.restarting = false;
    }

    /// Begins anew at once.
    pub fn restart(&mut self, world: &mut World<'_>) {
        self.wait = 0;
        self.refused_since = None;
        if self.sessions.is_empty() && self.calls(world.settings) && !self.given_up {
            self.retry = Some(world.now.mono);
        }
    }

    /// Ends the established session with Cease; it comes back. False if there is none. Without a text a Shutdown Communication
    /// says what the subcode is called.
    pub fn teardown(&mut self, world: &mut World<'_>, subcode: u8, text: &str) -> bool {
        let Some(conn) = self.established().map(|s| s.conn) else { return false };
        let named = if subcode == HARD_RESET { ADMINISTRATIVE_RESET } else { subcode };
        let text = if text.is_empty() { Notification::cease(named, "").subcode_name() } else { text };
        self.wait = 0;
        let retains = self.view.negotiated.as_ref().is_some_and(|n| n.retains_over_notification());
        match subcode {
            HARD_RESET => {
                let reset = Notification::cease(ADMINISTRATIVE_RESET, text).into_hard_reset();
                self.end(world, conn, Some(reset), "");
            }
            // routes of a peer that is gone for longer are not to be kept (RFC 8538 §3)
            ADMINISTRATIVE_SHUTDOWN | DECONFIGURED if retains => {
                let reset = Notification::cease(subcode, text).into_hard_reset();
                self.end(world, conn, Some(reset), "");
            }
            _ if self.restart_agreed() && !retains => {
                let reason = "graceful restarted negotiated, closing without sending any notification";
                self.end(world, conn, None, reason);
            }
            _ => self.end(world, conn, Some(Notification::cease(subcode, text)), ""),
        }
        true
    }

    /// A helper it reports to stopped keeping up, or does again.
    pub fn pause(&mut self, world: &mut World<'_>, paused: bool) {
        if std::mem::replace(&mut self.paused, paused) == paused {
            return;
        }
        if let Some(conn) = self.established().map(|s| s.conn) {
            self.listen(world, conn, |session| session.paused = paused);
        }
    }

    /// One of the reasons not to read comes or goes.
    fn listen(&mut self, world: &mut World<'_>, conn: ConnId, change: impl FnOnce(&mut Session)) {
        let Some(session) = self.session_mut(conn) else { return };
        let before = session.is_deaf();
        change(session);
        let deaf = session.is_deaf();
        if deaf != before {
            // Unread octets may be waiting: while we do not listen, silence proves nothing.
            session.restart_hold(world.now.mono);
            (world.emit)(Effect::Pause { conn, reading: !deaf });
        }
    }

    pub fn report(&self, now: Instant) -> NeighborReport {
        NeighborReport {
            peer: self.view.clone(),
            state: self.state(),
            since: self.since.map(|at| now.since(at)),
            sent: self.sent,
            received: self.received,
            prefixes: self.prefixes,
        }
    }

    pub fn conns(&self) -> Vec<ConnId> {
        self.sessions.iter().map(|s| s.conn).collect()
    }

    /// Octets put together for a connection and not yet taken.
    pub fn output(&self, conn: ConnId) -> &[u8] {
        self.session(conn).map_or(&[], Session::output)
    }

    /// Tells whoever wants to know.
    pub fn tell(&self, world: &mut World<'_>, what: What<'_>) {
        (world.emit)(Effect::Event(Event { peer: &self.view, what }));
    }

    pub fn notice(&self, world: &mut World<'_>, level: Level, message: String) {
        self.notice_of("network", world, level, message);
    }

    fn notice_of(&self, category: &'static str, world: &mut World<'_>, level: Level, message: String) {
        let message = format!("peer {}: {message}", self.view.address);
        (world.emit)(Effect::Notice(Notice { level, category, message }));
    }

    fn notice_timer(&self, world: &mut World<'_>, timer: &str) {
        if self.config().logged {
            self.notice_of("timer", world, Level::Debug, format!("{timer} timer expired"));
        }
    }

    /// What went both ways in all sessions with the peer.
    fn notice_counts(&self, world: &mut World<'_>) {
        let MessageCount { update, refresh, .. } = self.received;
        let (received, sent) = (self.received.total(), self.sent.total());
        let message = format!(
            "received {received} messages ({update} UPDATE, {refresh} ROUTE-REFRESH), sent {sent} ({} UPDATE, {} ROUTE-REFRESH)",
            self.sent.update, self.sent.refresh
        );
        self.notice_of("statistics", world, Level::Info, message);
    }

    /// Appends one message to a session's output and has it sent.
    fn post(&mut self, world: &mut World<'_>, conn: ConnId, write: impl FnOnce(&mut Vec<u8>)) {
        let Peer { sessions, view, sent, .. } = self;
        let Some(session) = sessions.iter_mut().find(|s| s.conn == conn) else { return };
        let out = session.out();
        let start = out.len();
        write(out);
        if let Some(bytes) = out.get(start..) {
            sent_message(view, sent, bytes, world.emit);
        }
        if session.pending() > 0 && !std::mem::replace(&mut session.awake, true) {
            (world.emit)(Effect::Wake { conn });
        }
        session.start_send_hold(world.now.mono);
    }

    fn session(&self, conn: ConnId) -> Option<&Session> {
        self.sessions.iter().find(|s| s.conn == conn)
    }

    fn session_mut(&mut self, conn: ConnId) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|s| s.conn == conn)
    }

    fn restart_agreed(&self) -> bool {
        let agreed = |n: &Negotiated| n.sent.has(GRACEFUL_RESTART) && n.received.has(GRACEFUL_RESTART);
        self.established().and_then(|s| s.negotiated.as_deref()).is_some_and(agreed)
    }

    fn change_view(&mut self, change: impl FnOnce(&mut PeerView)) {
        let mut view = PeerView::clone(&self.view);
        change(&mut view);
        self.view = Arc::new(view);
    }
}

/// Counts a message that was put into a session's output, and tells of it if anybody wants to know.
fn sent_message(view: &Arc<PeerView>, sent: &mut MessageCount, bytes: &[u8], emit: &mut dyn FnMut(Effect<'_>)) {
    let kind = Kind(bytes.get(18).copied().unwrap_or(0));
    sent.count(kind);
    if view.config.wants(Direction::Send, kind) {
        let what = What::Message { direction: Direction::Send, bytes, faults: &[] };
        emit(Effect::Event(Event { peer: view, what }));
    }
}

/// What is known before there is a session.
fn view(id: PeerId, config: Arc<PeerConfig>) -> PeerView {
    PeerView {
        id,
        address: config.address,
        local_address: config.local_address,
        local_as: config.local_as,
        peer_as: config.peer_as,
        router_id: config.identifier(),
        negotiated: None,
        config,
    }
}

fn ipv4(addr: IpAddr) -> Option<Ipv4Addr> {
    match addr {
        IpAddr::V4(a) => Some(a),
        IpAddr::V6(_) => None,
    }
}
