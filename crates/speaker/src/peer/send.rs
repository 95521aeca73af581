//! Messages to the peer: routes as the transport takes them, End-of-RIB, route refresh.

use super::{Peer, World, sent_message};
use crate::event::{Direction, Level, Negotiated, Refresh};
use crate::rib::plan::{self, Cursor, Session as Towards};
use crate::session::State;
use crate::{ConnId, Effect};
use herald_bgp::family::Family;
use herald_bgp::message::{self, Kind};
use herald_bgp::refresh::RouteRefresh;
use herald_bgp::update::pack;
use std::sync::Arc;

/// Entries of the log that may wait for a flush.
const WAITING: u64 = 1 << 22;

/// What an established session still has to be sent.
#[derive(Debug)]
pub(super) struct Outbound {
    negotiated: Arc<Negotiated>,
    cursors: Vec<Cursor>,
    /// Families whose first plan is not done; the End-of-RIBs follow when none is left.
    unsynced: usize,
    /// The End-of-RIBs were sent.
    synced: bool,
}

impl Peer {
    pub(super) fn begin_sending(&mut self, world: &mut World<'_>, conn: ConnId, negotiated: &Arc<Negotiated>) {
        let families = &negotiated.context.families;
        let cursors: Vec<_> = families.iter().map(|family| Cursor::new(world.rib, *family)).collect();
        let unsynced = cursors.len();
        self.outbound = Some(Outbound { negotiated: negotiated.clone(), cursors, unsynced, synced: false });
        self.wake(world, conn);
    }

    /// Routes changed that it may be concerned with.
    pub fn routes_changed(&mut self, emit: &mut dyn FnMut(Effect<'_>)) {
        if let Some(session) = self.sessions.iter_mut().find(|s| s.state == State::Established)
            && !std::mem::replace(&mut session.awake, true)
        {
            emit(Effect::Wake { conn: session.conn });
        }
    }

    fn wake(&mut self, world: &mut World<'_>, conn: ConnId) {
        if let Some(session) = self.session_mut(conn)
            && !std::mem::replace(&mut session.awake, true)
        {
            (world.emit)(Effect::Wake { conn });
        }
    }

    /// Sends one family, or all, again.
    pub fn resend(&mut self, world: &mut World<'_>, family: Option<Family>, marked: bool) {
        let peer = self.rib;
        let Some(conn) = self.established().map(|s| s.conn) else { return };
        let Some(outbound) = &mut self.outbound else { return };
        let wanted = |cursor: &&mut Cursor| family.is_none_or(|family| family == cursor.family);
        for cursor in outbound.cursors.iter_mut().filter(wanted) {
            cursor.refresh(world.rib, peer, marked);
        }
        self.wake(world, conn);
    }

    /// A client asks to have all sent: what waits for that without `auto-flush`, or everything again.
    pub fn flush(&mut self, world: &mut World<'_>) {
        if self.release(world) {
            return;
        }
        let marked = self.view.negotiated.as_ref().is_some_and(|n| n.refresh == Refresh::Enhanced);
        self.resend(world, None, marked);
    }

    /// Sends what waits for a flush. False if that is nothing.
    fn release(&mut self, world: &mut World<'_>) -> bool {
        let (peer, waits) = (self.rib, !self.config().auto_flush);
        let Some(conn) = self.established().map(|s| s.conn).filter(|_| waits) else { return false };
        let Some(outbound) = &mut self.outbound else { return false };
        let any = outbound.cursors.iter_mut().fold(false, |any, cursor| cursor.flush(world.rib, peer) | any);
        if any {
            self.wake(world, conn);
        }
        any
    }

    /// Without `auto-flush`: sees to it that the log does not grow without end while nobody flushes.
    pub fn bound_waiting(&mut self, world: &mut World<'_>) {
        let (peer, waits) = (self.rib, !self.config().auto_flush);
        let Some(outbound) = self.outbound.as_mut().filter(|_| waits) else { return };
        let most = outbound.cursors.iter_mut().map(|cursor| cursor.pass(world.rib, peer)).max();
        if most.is_some_and(|most| most > WAITING) {
            self.notice(world, Level::Warning, format!("more than {WAITING} changes wait for a flush: they are sent"));
            self.release(world);
        }
    }

    /// Sends an End-of-RIB now. False without a session that has the family.
    pub fn end_of_rib(&mut self, world: &mut World<'_>, family: Family) -> bool {
        let Some(conn) = self.established().map(|s| s.conn) else { return false };
        let agreed = self.view.negotiated.as_ref().is_some_and(|n| n.context.families.contains(&family));
        if agreed {
            // What was announced before goes before.
            self.fill(world, conn, usize::MAX);
            self.post(world, conn, |out| pack::end_of_rib(out, family));
        }
        agreed
    }

    /// Asks the peer to send a family again. False without a session; nothing is sent if it was not agreed.
    pub fn ask_refresh(&mut self, world: &mut World<'_>, family: Family) -> bool {
        let Some(conn) = self.established().map(|s| s.conn) else { return false };
        let Some(negotiated) = &self.view.negotiated else { return false };
        if negotiated.refresh != Refresh::Absent && negotiated.context.families.contains(&family) {
            let request = RouteRefresh { family, subtype: RouteRefresh::REQUEST };
            self.post(world, conn, |out| request.write(out));
        }
        true
    }

    /// The least log position its cursors need of a family; `None` if it has none there.
    pub fn needs(&self, family: Family) -> Option<u64> {
        let cursors = self.outbound.as_ref()?.cursors.iter();
        cursors.filter(|c| c.family == family).map(Cursor::needs).min()
    }

    /// True if a session has the family.
    pub fn carries(&self, family: Family) -> bool {
        self.outbound.as_ref().is_some_and(|out| out.cursors.iter().any(|c| c.family == family))
    }

    /// True if routes are kept when they were sent. Callers from a network share theirs.
    pub fn keeps(&self) -> bool {
        self.config().adj_rib_out || self.ephemeral
    }

    /// Octets for the transport: what is left, topped up to about `budget`.
    pub fn transmit(&mut self, world: &mut World<'_>, conn: ConnId, budget: usize) -> &[u8] {
        self.fill(world, conn, budget);
        let Some(session) = self.session_mut(conn) else { return &[] };
        if session.pending() == 0 {
            session.awake = false;
        }
        session.start_send_hold(world.now.mono);
        session.output()
    }

    /// `n` octets went.
    pub fn sent(&mut self, world: &mut World<'_>, conn: ConnId, n: usize) {
        if let Some(session) = self.session_mut(conn).filter(|_| n > 0) {
            session.taken(n);
            session.restart_send_hold(world.now.mono);
        }
    }

    fn fill(&mut self, world: &mut World<'_>, conn: ConnId, budget: usize) {
        let (peer, keep) = (self.rib, self.keeps());
        let Peer { sessions, outbound, view, sent, .. } = self;
        let session = sessions.iter_mut().find(|s| s.conn == conn && s.state == State::Established);
        let (Some(session), Some(outbound)) = (session, outbound) else { return };
        if session.pending() >= budget {
            return;
        }
        let out = session.out();
        let start = out.len();
        let limit = start.saturating_add(budget);
        let (context, config) = (&outbound.negotiated.context, &view.config);
        let (group_updates, auto_flush) = (config.group_updates, config.auto_flush);
        let towards = Towards { peer, context, group_updates, auto_flush, keep };
        let mut failures = Vec::new();
        let mut failed = |why: String| {
            if failures.len() < 8 {
                failures.push(why);
            }
        };
        let synced = plan::fill(&mut outbound.cursors, world.rib, &towards, out, limit, &mut failed);
        outbound.unsynced = outbound.unsynced.saturating_sub(synced);
        if outbound.unsynced == 0 && !std::mem::replace(&mut outbound.synced, true) {
            let families = &outbound.negotiated.context.families;
            if families.is_empty() {
                message::write_keepalive(out);
            } else if !view.config.manual_eor {
                families.iter().for_each(|family| pack::end_of_rib(out, *family));
            }
        }
        count(view, sent, out.get(start..).unwrap_or(&[]), world.emit);
        for why in failures {
            self.notice(world, Level::Error, why);
        }
    }
}

/// Counts the messages in `bytes`, and tells of each if anybody wants to know.
fn count(
    view: &Arc<crate::event::PeerView>,
    sent: &mut crate::event::MessageCount,
    bytes: &[u8],
    emit: &mut dyn FnMut(Effect<'_>),
) {
    let told =
        view.config.wants(Direction::Send, Kind::UPDATE) || view.config.wants(Direction::Send, Kind::ROUTE_REFRESH);
    let mut rest = bytes;
    while let Some([high, low, kind]) = rest.get(16..message::HEADER).and_then(|b| b.first_chunk::<3>()).copied() {
        let length = usize::from(u16::from_be_bytes([high, low])).max(message::HEADER);
        let Some((message, tail)) = rest.split_at_checked(length) else { break };
        if told {
            sent_message(view, sent, message, emit);
        } else {
            sent.count(Kind(kind));
        }
        rest = tail;
    }
}
