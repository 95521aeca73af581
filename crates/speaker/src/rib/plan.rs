//! What a peer still has to be sent of one family: steps it works through, then the log from its position on.

use super::Rib;
use super::table::Table;
use crate::event::PeerId;
use herald_bgp::context::Context;
use herald_bgp::family::Family;
use herald_bgp::nlri::Stored;
use herald_bgp::refresh::RouteRefresh;
use herald_bgp::update::pack::{self, Flush};
use std::collections::VecDeque;
use std::rc::Rc;

/// From this many routes on, families are packed that ExaBGP sends one by one, and NLRI are no longer sorted.
const LONG: usize = 64;

/// Slots in the order they are to be sent: withdrawals, then announcements by attribute set, first seen first.
#[derive(Debug)]
pub struct Plan {
    slots: Vec<u32>,
    /// The log it covers. Slots whose `seq` is outside were changed since, and are met again later in the log.
    from: u64,
    until: u64,
    /// Made of the log: withdrawals count. Otherwise of the whole table.
    changes: bool,
}

/// One thing to do before the log is looked at again.
#[derive(Debug)]
enum Step {
    Plan(Rc<Plan>, usize),
    Mark(RouteRefresh),
    /// The first plan of the session is done.
    Synced,
}

/// A peer's position in one family.
#[derive(Debug)]
pub struct Cursor {
    /// The family.
    pub family: Family,
    /// Everything in the log before this is sent or in `steps`.
    at: u64,
    steps: VecDeque<Step>,
}

/// How far [`Cursor::fill`] came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Filled {
    /// The budget is used up.
    Full,
    /// The first plan of the session is done; there may be more.
    Synced,
    /// Nothing is left.
    Idle,
}

impl Plan {
    /// The plan of the changes from `from` on that concern `peer`.
    fn of_changes(rib: &mut Rib, table: usize, from: u64, peer: PeerId) -> Option<Plan> {
        let Rib { tables, attrs, sets, scratch, .. } = rib;
        let table = tables.get(table)?;
        let concerned = table.changes(from).filter(|id| table.slot(*id).is_some_and(|s| sets.contains(s.peers, peer)));
        let slots = scratch.order(table, attrs.bound(), concerned);
        Some(Plan { slots, from, until: table.end(), changes: true })
    }

    /// The plan of all there is, for everybody.
    fn of_table(rib: &mut Rib, table: usize) -> Option<Plan> {
        let Rib { tables, attrs, scratch, .. } = rib;
        let table = tables.get(table)?;
        let slots = scratch.order(table, attrs.bound(), table.live_slots().map(|(id, _)| id));
        Some(Plan { slots, from: 0, until: table.end(), changes: false })
    }
}

/// Room for sorting slots by attribute set: kept between plans, so that a plan costs only its own length.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// By attribute set: 1 + its place among those seen, 0 for not seen.
    seen: Vec<u32>,
    sets: Vec<u32>,
    counts: Vec<usize>,
    routes: Vec<(u32, u32)>,
}

impl Scratch {
    fn order(&mut self, table: &Table, bound: usize, ids: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut slots = Vec::new();
        self.routes.clear();
        if self.seen.len() < bound {
            self.seen.resize(bound, 0);
        }
        for id in ids {
            let Some(slot) = table.slot(id) else { continue };
            match slot.attrs {
                Some(attrs) if !slot.withdrawn => {
                    let Some(place) = self.seen.get_mut(attrs.0 as usize) else { continue };
                    if *place == 0 {
                        self.sets.push(attrs.0);
                        self.counts.push(0);
                        *place = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
                    }
                    if let Some(count) = self.counts.get_mut(*place as usize - 1) {
                        *count += 1;
                    }
                    self.routes.push((*place - 1, id));
                }
                _ => slots.push(id),
            }
        }
        // Where the run of each set starts, behind the withdrawals.
        let mut start = slots.len();
        for count in &mut self.counts {
            start += std::mem::replace(count, start);
        }
        slots.resize(start, 0);
        for (place, id) in &self.routes {
            if let Some(next) = self.counts.get_mut(*place as usize) {
                if let Some(to) = slots.get_mut(*next) {
                    *to = *id;
                }
                *next += 1;
            }
        }
        for set in self.sets.drain(..) {
            if let Some(place) = self.seen.get_mut(set as usize) {
                *place = 0;
            }
        }
        self.counts.clear();
        if self.routes.capacity() > 4096 {
            self.routes = Vec::new();
        }
        slots
    }
}

impl Cursor {
    /// At the start of a session: everything, then [`Filled::Synced`], then what changes.
    pub fn new(rib: &mut Rib, family: Family) -> Cursor {
        let mut cursor = Cursor { family, at: 0, steps: VecDeque::new() };
        cursor.resync(rib);
        cursor.steps.push_back(Step::Synced);
        cursor
    }

    /// Sends everything again, once what is under way is done; between marks if the peer knows them (RFC 7313).
    pub fn refresh(&mut self, rib: &mut Rib, peer: PeerId, marked: bool) {
        let mark = |subtype| Step::Mark(RouteRefresh { family: self.family, subtype });
        let (begin, end) = (mark(RouteRefresh::BEGIN), mark(RouteRefresh::END));
        // The withdrawals that are pending, before the log is left behind.
        if let Some(table) = rib.table_index(self.family)
            && let Some(plan) = Plan::of_changes(rib, table, self.at, peer)
        {
            self.steps.push_back(Step::Plan(Rc::new(plan), 0));
        }
        if marked {
            self.steps.push_back(begin);
        }
        self.resync(rib);
        if marked {
            self.steps.push_back(end);
        }
    }

    fn resync(&mut self, rib: &mut Rib) {
        let Some(table) = rib.table_index(self.family) else { return };
        if let Some(plan) = rib.full_plan(table) {
            self.at = plan.until;
            self.steps.push_back(Step::Plan(plan, 0));
        }
    }

    /// The position in the log this cursor still needs.
    pub fn needs(&self) -> u64 {
        let plans = self.steps.iter().filter_map(|step| match step {
            Step::Plan(plan, _) if plan.changes => Some(plan.from),
            _ => None,
        });
        plans.fold(self.at, u64::min)
    }

    /// True if there is nothing to send.
    pub fn is_idle(&self, rib: &Rib) -> bool {
        self.steps.is_empty() && rib.table(self.family).is_none_or(|table| table.end() == self.at)
    }

    /// Appends messages to `out` until it holds `limit` octets. `failed` is told what cannot be sent.
    pub fn fill(
        &mut self,
        rib: &mut Rib,
        peer: PeerId,
        session: &Session<'_>,
        out: &mut Vec<u8>,
        limit: usize,
        failed: &mut dyn FnMut(String),
    ) -> Filled {
        let Some(table) = rib.table_index(self.family) else { return Filled::Idle };
        loop {
            if out.len() >= limit {
                return Filled::Full;
            }
            match self.steps.front_mut() {
                Some(Step::Plan(plan, next)) => {
                    let plan = plan.clone();
                    if let Some(table) = rib.tables.get_mut(table) {
                        table.sending(plan.until);
                    }
                    rib.send(table, &plan, next, peer, session, out, limit, failed);
                    if *next >= plan.slots.len() {
                        self.steps.pop_front();
                    }
                }
                Some(Step::Mark(mark)) => {
                    mark.write(out);
                    self.steps.pop_front();
                }
                Some(Step::Synced) => {
                    self.steps.pop_front();
                    return Filled::Synced;
                }
                None => {
                    let end = rib.tables.get(table).map_or(0, Table::end);
                    if self.at >= end {
                        return Filled::Idle;
                    }
                    let Some(plan) = Plan::of_changes(rib, table, self.at, peer) else { return Filled::Idle };
                    self.at = end;
                    if !plan.slots.is_empty() {
                        self.steps.push_back(Step::Plan(Rc::new(plan), 0));
                    }
                }
            }
        }
    }
}

/// What sending depends on beside the routes.
#[derive(Debug)]
pub struct Session<'a> {
    /// How messages are written.
    pub context: &'a Context,
    /// Routes that share their attributes share messages.
    pub group_updates: bool,
}

impl Rib {
    /// The plan of all there is, shared with those who asked for it a moment ago.
    fn full_plan(&mut self, table: usize) -> Option<Rc<Plan>> {
        let now = self.tables.get(table)?;
        let (end, len) = (now.end(), now.live() as u64);
        if let Some(Some(plan)) = self.full.get(table).map(|plan| plan.upgrade())
            && end - plan.until <= len
            && plan.until >= now.first()
        {
            return Some(plan);
        }
        let plan = Rc::new(Plan::of_table(self, table)?);
        if self.full.len() <= table {
            self.full.resize_with(table + 1, std::rc::Weak::new);
        }
        if let Some(known) = self.full.get_mut(table) {
            *known = Rc::downgrade(&plan);
        }
        Some(plan)
    }

    /// Works through a plan from `next` on, whole messages at a time.
    #[allow(clippy::too_many_arguments)]
    fn send(
        &self,
        table: usize,
        plan: &Plan,
        next: &mut usize,
        peer: PeerId,
        session: &Session<'_>,
        out: &mut Vec<u8>,
        limit: usize,
        failed: &mut dyn FnMut(String),
    ) {
        let Some(table) = self.tables.get(table) else { return };
        let long = plan.slots.len() >= LONG;
        let flush =
            Flush { pack: session.group_updates && (long || table.spec.packs), pack_withdrawals: long, sort: !long };
        let mut batch: Vec<&Stored> = Vec::new();
        while *next < plan.slots.len() && out.len() < limit {
            // The run of slots with the attributes of the first.
            let mut run = None;
            batch.clear();
            while let Some(slot) = plan.slots.get(*next).and_then(|id| table.slot(*id)).or_else(|| {
                *next += usize::from(*next < plan.slots.len());
                None
            }) {
                let current = slot.seq < plan.until && slot.seq >= plan.from && (plan.changes || !slot.withdrawn);
                if !current || !self.sets.contains(slot.peers, peer) {
                    *next += 1;
                    continue;
                }
                let key = (slot.withdrawn, slot.attrs);
                if *run.get_or_insert(key) != key || batch.len() >= 4096 {
                    break;
                }
                batch.push(&slot.nlri);
                *next += 1;
            }
            let Some((withdrawn, attrs)) = run else { continue };
            let attrs = attrs.and_then(|id| self.attrs.get(id));
            let result = match (withdrawn, attrs) {
                (true, attrs) => {
                    pack::withdraw(out, session.context, table.family, attrs.map(|a| &**a), &mut batch, &flush)
                }
                (false, Some(attrs)) => pack::announce(out, session.context, table.family, attrs, &mut batch, &flush),
                (false, None) => Ok(()),
            };
            if let Err(e) = result {
                failed(e.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use herald_bgp::attribute::{Attr, Attributes};
    use herald_bgp::nlri::NextHop;
    use herald_bgp::value::Asn;
    use std::sync::Arc;

    const FAMILY: Family = Family::IPV4_UNICAST;

    struct Peers {
        rib: Rib,
        cursors: [Cursor; 2],
    }

    impl Peers {
        fn new() -> Peers {
            let mut rib = Rib::new(1);
            let cursors = [(); 2].map(|()| Cursor::new(&mut rib, FAMILY));
            Peers { rib, cursors }
        }

        /// A route with this MED, to these peers.
        fn announce(&mut self, med: u8, to: &[u32]) {
            let med = Attr { code: 4, flags: 0x80, value: &[0, 0, 0, med] };
            let attrs = Arc::new(Attributes::new(NextHop::Addr([192, 0, 2, 1].into()), [med]));
            let to = self.rib.sets.of(to.iter().map(|n| PeerId(*n)));
            self.rib.announce(FAMILY, &Stored::new(None, &[8, 10]), &attrs, to);
        }

        fn withdraw(&mut self, to: u32) {
            let to = self.rib.sets.of([PeerId(to)]);
            self.rib.withdraw(FAMILY, &Stored::new(None, &[8, 10]), None, to);
        }

        fn clear(&mut self, peer: u32) {
            self.rib.withdraw_all(PeerId(peer), |_| true);
        }

        /// Announcements and withdrawals a peer is sent: `+` and `-`.
        fn sent(&mut self, peer: u32) -> String {
            let context = Context { families: vec![FAMILY], ..Context::plain(Asn(1), Asn(2)) };
            let (session, mut out) = (Session { context: &context, group_updates: true }, Vec::new());
            let cursor = &mut self.cursors[peer as usize];
            while cursor.fill(&mut self.rib, PeerId(peer), &session, &mut out, usize::MAX, &mut |e| panic!("{e}"))
                != Filled::Idle
            {}
            let mut said = String::new();
            while !out.is_empty() {
                let length = usize::from(u16::from_be_bytes([out[16], out[17]]));
                let message: Vec<u8> = out.drain(..length).collect();
                said.push(if message[19..21] == [0, 0] { '+' } else { '-' });
            }
            said
        }
    }

    #[test]
    fn clearing_takes_back_what_was_sent_and_nothing_else() {
        let mut peers = Peers::new();
        peers.announce(1, &[0]);
        peers.announce(2, &[0, 1]);
        peers.clear(0);
        assert_eq!((peers.sent(0), peers.sent(1)), ("".into(), "+".into()));
        // Another variant of what was sent.
        peers.announce(3, &[1]);
        peers.clear(1);
        assert_eq!(peers.sent(1), "-");
        // A withdrawal stays, the announcement behind it does not.
        peers.announce(1, &[0]);
        assert_eq!(peers.sent(0), "+");
        peers.withdraw(0);
        peers.announce(2, &[0]);
        peers.clear(0);
        assert_eq!(peers.sent(0), "-");
        // Asked to withdraw, it does, sent or not.
        peers.announce(1, &[0]);
        peers.withdraw(0);
        assert_eq!(peers.sent(0), "-");
    }
}
