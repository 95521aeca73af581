//! Messages from the peer (RFC 4271 §6, §8.2.2).

use super::{Peer, World};
use crate::ConnId;
use crate::event::{Direction, Level, Negotiated, Refresh, What};
use crate::negotiate;
use crate::session::{State, Timer};
use crate::time::Instant;
use herald_bgp::attribute::code::ONLY_TO_CUSTOMER;
use herald_bgp::error::{Fault, Outcome};
use herald_bgp::family::Family;
use herald_bgp::message::{self, Kind, Message};
use herald_bgp::nlri::Stored;
use herald_bgp::notification::Notification;
use herald_bgp::open::Open;
use herald_bgp::operational::Operational;
use herald_bgp::refresh::RouteRefresh;
use herald_bgp::update::Update;
use herald_bgp::value::Asn;
use std::sync::Arc;

impl Peer {
    /// Octets arrived. However they are cut, the same messages follow.
    pub fn received(&mut self, world: &mut World<'_>, conn: ConnId, bytes: &[u8]) {
        let Some(session) = self.session_mut(conn) else { return };
        let joined = session.with_tail(bytes);
        let mut rest = joined.as_deref().unwrap_or(bytes);
        let mut any = false;
        let wait = loop {
            let Some(max) = self.session(conn).map(|s| s.max()) else { return };
            match message::split(rest, max) {
                Ok(Some((message, tail))) => {
                    if let Some(wait) = self.too_early(world, conn) {
                        break Some(wait);
                    }
                    rest = tail;
                    any = true;
                    self.message(world, conn, message);
                }
                Ok(None) => break None,
                Err(reason) => {
                    let reason = if world.settings.refuse_in_words { reason.into_words() } else { reason };
                    return self.end(world, conn, Some(reason), "");
                }
            }
        };
        let Some(session) = self.session_mut(conn) else { return };
        session.keep_tail(rest);
        if any {
            session.restart_hold(world.now.mono);
        }
        session.set(Timer::Rate, wait);
        self.listen(world, conn, |session| session.limited = wait.is_some());
    }

    /// With `rate-limit`: when the next message may be taken, unless that is now. What was read waits, and nothing more is
    /// read: TCP slows the peer down.
    fn too_early(&mut self, world: &World<'_>, conn: ConnId) -> Option<Instant> {
        let rate = self.config().rate_limit?;
        let session = self.session_mut(conn).filter(|s| s.state == State::Established)?;
        session.take(world.now.mono, rate)
    }

    fn message(&mut self, world: &mut World<'_>, conn: ConnId, message: Message<'_>) {
        let Some(state) = self.session(conn).map(|s| s.state) else { return };
        self.received.count(message.kind);
        if message.kind != Kind::UPDATE {
            self.heard(world, &message, &[]);
        }
        match (message.kind, state) {
            (Kind::NOTIFICATION, _) => {
                let notification = Notification::read(message.body());
                self.notice(world, Level::Info, format!("NOTIFICATION: {}", notification.describe()));
                let Notification { code, subcode, .. } = notification;
                self.end(world, conn, None, &format!("notification received ({code},{subcode})"));
            }
            (Kind::OPEN, State::Connect | State::OpenSent) => self.opened(world, conn, message.body()),
            (Kind::KEEPALIVE, State::OpenConfirm) => self.establish(world, conn),
            (Kind::KEEPALIVE, State::Established) => {}
            (Kind::UPDATE, State::Established) => self.update(world, conn, message),
            (Kind::ROUTE_REFRESH, State::Established) => self.refreshed(world, conn, message),
            (Kind::OPERATIONAL, State::Established) if self.view.negotiated.as_ref().is_some_and(|n| n.operational) => {
                if Operational::read(message.body()).is_err() {
                    self.end(world, conn, Some(Notification::new(5, 0)), "");
                }
            }
            (Kind::OPERATIONAL, State::Established) => {
                self.end(world, conn, Some(Notification::with(1, 3, [message.kind.0])), "");
            }
            // A message the state does not expect (RFC 6608).
            (_, state) => {
                let subcode = match state {
                    State::OpenConfirm => 2,
                    State::Established => 3,
                    _ => 1,
                };
                self.end(world, conn, Some(Notification::with(5, subcode, [message.kind.0])), "");
            }
        }
    }

    /// Tells of a received message, if anybody wants to know.
    fn heard(&self, world: &mut World<'_>, message: &Message<'_>, faults: &[Fault]) {
        if self.config().wants(Direction::Receive, message.kind) {
            self.tell(world, What::Message { direction: Direction::Receive, bytes: message.bytes, faults });
        }
    }

    fn opened(&mut self, world: &mut World<'_>, conn: ConnId, body: &[u8]) {
        let open = match Open::read(body) {
            Ok(open) => open,
            Err(notification) => return self.end(world, conn, Some(notification), ""),
        };
        if self.session(conn).is_some_and(|s| s.sent_open.is_none()) {
            // `local-as auto`: we are in whatever AS the peer is in.
            self.send_open(world, conn, open.asn());
        }
        let Some(session) = self.session(conn) else { return };
        let (Some(sent), local) = (session.sent_open.clone(), session.local) else { return };
        let ours = sent.asn();
        if let Err(fault) = negotiate::verify(self.config(), &sent, &open) {
            self.notice(world, Level::Warning, format!("OPEN refused: {}", fault.malformed));
            return self.end(world, conn, Some(fault.notification), "");
        }
        if !self.survives(world, conn, &sent, &open) {
            return;
        }
        let local = self.config().local_address.or(local);
        let negotiated = Arc::new(negotiate::negotiate(self.config(), local, ours, &sent, &open));
        let now = world.now.mono;
        let Some(session) = self.session_mut(conn) else { return };
        session.negotiated = Some(negotiated.clone());
        session.state = State::OpenConfirm;
        session.set(Timer::OpenWait, None);
        session.restart_hold(now);
        session.restart_keepalive(now);
        let told = session.told;
        if told {
            self.change_view(|view| {
                view.peer_as = Some(negotiated.context.peer_asn);
                view.negotiated = Some(negotiated);
            });
            self.tell(world, What::Negotiated);
            self.tell(world, What::Fsm(State::OpenConfirm));
        }
        self.post(world, conn, message::write_keepalive);
    }

    /// Decides between this connection, whose OPEN has just come, and others (RFC 4271 §6.8, RFC 6286 §2.3).
    /// False if this one was closed.
    fn survives(&mut self, world: &mut World<'_>, conn: ConnId, sent: &Open, open: &Open) -> bool {
        let Some(outgoing) = self.session(conn).map(|s| s.outgoing) else { return false };
        let rivals = self.sessions.iter().filter(|s| s.conn != conn && s.negotiated.is_some());
        let rivals: Vec<_> = rivals.map(|s| (s.conn, s.outgoing, s.state)).collect();
        let we_win = (sent.router_id, sent.asn()) > (open.router_id, open.asn());
        for (rival, rival_outgoing, state) in rivals {
            // The connection opened by the side with the higher identifier stays; of two of one side, the older.
            let keep_this = state != State::Established && outgoing != rival_outgoing && outgoing == we_win;
            let loser = if keep_this { rival } else { conn };
            let reason = "closing outgoing connection as we have another incoming on with higher router-id";
            self.end(world, loser, Some(Notification::new(6, 7)), if keep_this { reason } else { "" });
            if !keep_this {
                return false;
            }
        }
        true
    }

    fn establish(&mut self, world: &mut World<'_>, conn: ConnId) {
        let now = world.now.mono;
        for other in self.conns().into_iter().filter(|c| *c != conn) {
            self.end(world, other, Some(Notification::new(6, 7)), "");
        }
        let paused = self.paused;
        let Some(session) = self.session_mut(conn) else { return };
        session.state = State::Established;
        session.restart_hold(now);
        let Some(negotiated) = session.negotiated.clone() else { return };
        self.since = Some(now);
        self.wait = 0;
        self.refused_since = None;
        self.retry = None;
        self.prefixes = (0, 0);
        self.tell(world, What::Fsm(State::Established));
        self.tell(world, What::Up);
        self.listen(world, conn, |session| session.paused = paused);
        self.say_again(world, conn);
        self.begin_sending(world, conn, &negotiated);
    }

    fn update(&mut self, world: &mut World<'_>, conn: ConnId, message: Message<'_>) {
        let Some(negotiated) = self.view.negotiated.clone() else { return };
        let update = match Update::check(message.body(), &negotiated.context) {
            Ok(update) => update,
            Err(fault) => {
                self.heard(world, &message, std::slice::from_ref(&fault));
                self.fault(world, &fault);
                return self.end(world, conn, Some(fault.notification), "");
            }
        };
        self.heard(world, &message, update.faults());
        for fault in update.faults() {
            self.fault(world, fault);
        }
        self.leaks(world, &negotiated, &update);
        let keep = self.config().adj_rib_in;
        let seed = world.rib.seed();
        for block in update.withdrawn() {
            for (path_id, nlri) in block.iter() {
                self.prefixes.1 += 1;
                if keep {
                    let nlri = Stored::new(path_id, nlri);
                    self.adj_rib_in.withdraw(&mut world.rib.attrs, seed, block.family, &nlri);
                }
            }
        }
        for block in update.announced() {
            let attrs = keep.then(|| world.rib.attrs.intern(&Arc::new(update.attributes_of(&block))));
            for (path_id, nlri) in block.iter() {
                self.prefixes.0 += 1;
                if let Some(attrs) = attrs {
                    let nlri = Stored::new(path_id, nlri);
                    self.adj_rib_in.announce(&mut world.rib.attrs, seed, block.family, nlri, attrs);
                }
            }
        }
    }

    /// Warns of routes that a customer or a peer should not have sent (RFC 9234 §5).
    fn leaks(&self, world: &mut World<'_>, negotiated: &Negotiated, update: &Update<'_>) {
        let (Some(role), peer) = (negotiated.context.role, negotiated.context.peer_asn) else { return };
        let mark = update.attributes().find(|attr| attr.code == ONLY_TO_CUSTOMER);
        let mark = mark.and_then(|attr| attr.value.as_array().copied()).map(|octets| Asn(u32::from_be_bytes(octets)));
        let concerned = update.announced().any(|block| negotiated.context.role_for(block.family).is_some());
        if let (true, true, Some(mark)) = (role.has_leaked(mark, peer), concerned, mark) {
            let theirs = role.opposite();
            let message =
                format!("routes have leaked: AS {mark} sent them to customers only, and the peer is a {theirs}");
            self.notice(world, Level::Warning, format!("{message} (RFC 9234 §5)"));
        }
    }

    fn fault(&self, world: &mut World<'_>, fault: &Fault) {
        let action = match fault.outcome {
            Outcome::AttributeDiscard => "the attribute is ignored",
            Outcome::TreatAsWithdraw => "its routes count as withdrawn",
            Outcome::AfiSafiDisable => "the family is ignored",
            Outcome::SessionReset => "the session ends",
        };
        self.notice(world, Level::Warning, format!("malformed UPDATE: {}: {action} (RFC 7606)", fault.malformed));
    }

    fn refreshed(&mut self, world: &mut World<'_>, conn: ConnId, message: Message<'_>) {
        let Some(negotiated) = self.view.negotiated.clone() else { return };
        if negotiated.refresh == Refresh::Absent {
            self.notice(world, Level::Warning, "ROUTE-REFRESH without the capability: ignored".into());
            return;
        }
        let Ok(refresh) = RouteRefresh::read(message.body()) else { return };
        let marked = negotiated.refresh == Refresh::Enhanced;
        if let (true, Err(fault)) = (marked, refresh.verify(message.bytes)) {
            return self.end(world, conn, Some(fault.notification), "");
        }
        if !negotiated.context.families.contains(&refresh.family) {
            return;
        }
        match refresh.subtype {
            RouteRefresh::REQUEST => self.resend(world, Some(refresh.family), marked),
            RouteRefresh::BEGIN if marked => self.adj_rib_in.begin_refresh(refresh.family),
            RouteRefresh::END if marked => self.end_refresh(world, refresh.family),
            _ => {} // RFC 7313 §5: an unknown subtype is ignored
        }
    }

    fn end_refresh(&mut self, world: &mut World<'_>, family: Family) {
        self.adj_rib_in.end_refresh(&mut world.rib.attrs, family);
    }
}
