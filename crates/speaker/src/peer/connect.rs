//! Connections to the peer and from it, up to our OPEN; when it is called again (RFC 4271 §8.2.1).

use super::{Peer, World, ipv4};
use crate::config::Settings;
use crate::event::What;
use crate::negotiate;
use crate::session::{Session, State, Timer};
use crate::{ConnId, Effect};
use herald_bgp::notification::Notification;
use herald_bgp::value::Asn;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Connections from one peer that may wait for their OPEN at once: more push the oldest out.
const WAITING: usize = 8;
/// The longest wait between two calls, seconds.
const LONGEST_WAIT: u32 = 60;

impl Peer {
    pub(super) fn calls(&self, settings: &Settings) -> bool {
        !self.config().passive && !settings.passive && !self.config().is_range() && !self.ephemeral
    }

    pub(super) fn call(&mut self, world: &mut World<'_>) {
        if !self.sessions.is_empty() || !self.calls(world.settings) {
            return;
        }
        *world.conns += 1;
        let conn = ConnId(*world.conns);
        self.tell(world, What::Fsm(State::Idle));
        self.sessions.push(Session::new(conn, true));
        let config = self.config().clone();
        let port = config.connect.unwrap_or(world.settings.port);
        let local = config.transport.md5_ip.or(config.local_address);
        let to = SocketAddr::new(config.address, port);
        (world.emit)(Effect::Connect { conn, local, to, transport: &config.transport });
    }

    /// Our call was answered.
    pub fn connected(&mut self, world: &mut World<'_>, conn: ConnId, local: SocketAddr) {
        self.attempts += 1;
        self.refused_since = None;
        self.open(world, conn, local.ip());
    }

    /// The peer called.
    pub fn accepted(&mut self, world: &mut World<'_>, conn: ConnId, local: SocketAddr) {
        let config = self.config().clone();
        (world.emit)(Effect::Adopt { conn, transport: &config.transport });
        if let Some(session) = self.established() {
            // With graceful restart a new connection means that the peer restarted (RFC 4724 §5).
            let old = session.conn;
            if self.restart_agreed() {
                self.end(world, old, None, "graceful restart of the peer");
            } else {
                return self.refuse(world, conn, Notification::new(6, 7));
            }
        }
        let waiting = self.sessions.iter().filter(|s| !s.outgoing && s.negotiated.is_none());
        if waiting.clone().count() >= WAITING
            && let Some(oldest) = waiting.map(|s| s.conn).next()
        {
            self.end(world, oldest, Some(Notification::new(6, 7)), "");
        }
        self.attempts += 1;
        self.wait = 0;
        self.retry = None;
        self.refused_since = None;
        self.sessions.push(Session::new(conn, false));
        self.open(world, conn, local.ip());
    }

    fn refuse(&mut self, world: &mut World<'_>, conn: ConnId, notification: Notification) {
        let mut last = Vec::new();
        notification.write(&mut last);
        (world.emit)(Effect::Close { conn, last: &last });
    }

    /// The connection is there: sends the OPEN, unless our AS is to follow the peer's.
    fn open(&mut self, world: &mut World<'_>, conn: ConnId, local: IpAddr) {
        let wait = world.now.mono + world.settings.open_wait;
        let first = !self.sessions.iter().any(|s| s.told);
        let Some(session) = self.session_mut(conn) else { return };
        session.local = Some(local);
        session.told = first;
        session.set(Timer::OpenWait, Some(wait));
        if first {
            self.announce_connection(world, local);
        }
        if let Some(asn) = self.config().local_as {
            self.send_open(world, conn, asn);
        }
    }

    /// Tells helpers of a connection that may become the session.
    pub(super) fn announce_connection(&mut self, world: &mut World<'_>, local: IpAddr) {
        let config = self.config().clone();
        self.change_view(|view| {
            view.local_address = config.local_address.or(Some(local));
            view.router_id = view.router_id.or(ipv4(local));
        });
        self.tell(world, What::Connected);
        self.tell(world, What::Fsm(State::Connect));
    }

    pub(super) fn send_open(&mut self, world: &mut World<'_>, conn: ConnId, asn: Asn) {
        let Some(local) = self.session(conn).map(|s| s.local) else { return };
        let router_id = self.config().identifier().or(local.and_then(ipv4)).unwrap_or(Ipv4Addr::UNSPECIFIED);
        let open = negotiate::open(self.config(), world.settings, asn, router_id, self.restarting);
        self.post(world, conn, |out| open.write(out));
        let Some(session) = self.session_mut(conn) else { return };
        session.sent_open = Some(open);
        session.state = State::OpenSent;
        let told = session.told;
        self.change_view(|view| {
            view.local_as = Some(asn);
            view.router_id = Some(router_id);
        });
        if told {
            self.tell(world, What::Fsm(State::OpenSent));
        }
    }

    /// Plans the next call.
    pub(super) fn schedule(&mut self, world: &World<'_>, eager: bool) {
        let limit = world.settings.attempts;
        if limit > 0 && self.attempts >= limit {
            self.given_up = true;
            return;
        }
        if !self.calls(world.settings) {
            return;
        }
        // One attempt a second at most, however the last one ended.
        let wait = if eager { 1 } else { self.wait.max(1) };
        if !eager {
            self.wait = ((self.wait * 6) / 5 + 1).min(LONGEST_WAIT);
        }
        self.retry = Some(world.now.mono + Duration::from_secs(wait.into()));
    }
}
