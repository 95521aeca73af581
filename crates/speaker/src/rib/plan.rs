//! What a peer still has to be sent of one family: steps it works through, then the log from its position on.

use super::Rib;
use super::table::{Slot, Table};
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
    Plan {
        plan: Rc<Plan>,
        /// The first slot that was not looked at.
        next: usize,
        /// Of a few routes each has a message of its own.
        single: bool,
    },
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
    /// Where the log ended when it was last flushed: as far as a session without `auto-flush` goes.
    flushed: u64,
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
    /// The plan of the changes in this part of the log that concern `peer`.
    fn of_changes(rib: &mut Rib, table: usize, from: u64, until: u64, peer: PeerId) -> Option<Plan> {
        let Rib { tables, attrs, sets, scratch, .. } = rib;
        let table = tables.get(table)?;
        let concerns = |slot: &Slot| slot.seq < until && sets.contains(slot.peers, peer);
        let concerned = table.changes(from).filter(|id| table.slot(*id).is_some_and(concerns));
        let slots = scratch.order(table, attrs.bound(), concerned);
        Some(Plan { slots, from, until, changes: true })
    }

    /// A slot is still as it was planned, and of the peer.
    fn concerns(&self, rib: &Rib, slot: &Slot, peer: PeerId) -> bool {
        let current = slot.seq < self.until && slot.seq >= self.from && (self.changes || !slot.withdrawn);
        current && rib.sets.contains(slot.peers, peer)
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
        let mut cursor = Cursor { family, at: 0, flushed: 0, steps: VecDeque::new() };
        cursor.resync(rib, false);
        cursor.steps.push_back(Step::Synced);
        cursor
    }

    /// Sends everything again, once what is under way is done; between marks if the peer knows them (RFC 7313).
    pub fn refresh(&mut self, rib: &mut Rib, peer: PeerId, marked: bool) {
        let mark = |subtype| Step::Mark(RouteRefresh { family: self.family, subtype });
        let (begin, end) = (mark(RouteRefresh::BEGIN), mark(RouteRefresh::END));
        // The withdrawals that are pending, before the log is left behind.
        let until = self.end(rib);
        if let Some(table) = rib.table_index(self.family)
            && let Some(plan) = Plan::of_changes(rib, table, self.at, until, peer)
        {
            self.steps.push_back(Step::Plan { plan: Rc::new(plan), next: 0, single: false });
        }
        if marked {
            self.steps.push_back(begin);
        }
        self.resync(rib, true);
        if marked {
            self.steps.push_back(end);
        }
    }

    fn resync(&mut self, rib: &mut Rib, single: bool) {
        let Some(table) = rib.table_index(self.family) else { return };
        if let Some(plan) = rib.full_plan(table) {
            self.at = plan.until;
            self.steps.push_back(Step::Plan { plan, next: 0, single });
        }
        self.flushed = self.end(rib);
    }

    fn end(&self, rib: &Rib) -> u64 {
        rib.table(self.family).map_or(0, Table::end)
    }

    /// Lets through what waits for a flush. False if that is nothing.
    pub fn flush(&mut self, rib: &Rib, peer: PeerId) -> bool {
        self.pass(rib, peer);
        let end = self.end(rib);
        std::mem::replace(&mut self.flushed, end) < end
    }

    /// Leaves behind changes that wait for a flush and do not concern the peer. Gives how many log entries wait.
    pub fn pass(&mut self, rib: &Rib, peer: PeerId) -> u64 {
        let (end, from) = (self.end(rib), self.at.max(self.flushed));
        let Some(table) = rib.table(self.family) else { return 0 };
        let mut changes = table.changes(from).filter_map(|id| table.slot(id));
        let first = changes.find(|slot| rib.sets.contains(slot.peers, peer)).map_or(end, |slot| slot.seq);
        if self.at >= self.flushed {
            self.at = first;
        }
        self.flushed = first;
        end - first
    }

    /// The position in the log this cursor still needs.
    pub fn needs(&self) -> u64 {
        let plans = self.steps.iter().filter_map(|step| match step {
            Step::Plan { plan, .. } if plan.changes => Some(plan.from),
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
            if self.steps.is_empty() && !self.plan_changes(rib, table, session) {
                return Filled::Idle;
            }
            match self.steps.front_mut() {
                Some(Step::Plan { plan, next, single }) => {
                    let plan = plan.clone();
                    if let Some(table) = rib.tables.get_mut(table) {
                        table.sending(plan.until);
                    }
                    let sent = rib.send((table, *single), &plan, next, session, out, limit, failed);
                    rib.forget(table, session.peer, &sent);
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
                None => return Filled::Idle,
            }
        }
    }

    /// Makes a step of what changed since. False if there is nothing to send.
    fn plan_changes(&mut self, rib: &mut Rib, table: usize, session: &Session<'_>) -> bool {
        let end = if session.auto_flush { self.end(rib) } else { self.flushed };
        if self.at >= end {
            return false;
        }
        let Some(plan) = Plan::of_changes(rib, table, self.at, end, session.peer) else { return false };
        self.at = end;
        let any = !plan.slots.is_empty();
        if any {
            self.steps.push_back(Step::Plan { plan: Rc::new(plan), next: 0, single: false });
        }
        any
    }

    /// About how many things there are to send.
    fn pending(&self, rib: &Rib, session: &Session<'_>) -> usize {
        let planned: usize = self
            .steps
            .iter()
            .map(|step| match step {
                Step::Plan { plan, next, .. } => plan.slots.len() - next,
                Step::Mark(_) | Step::Synced => 1,
            })
            .sum();
        let end = if session.auto_flush { self.end(rib) } else { self.flushed };
        planned.saturating_add(usize::try_from(end.saturating_sub(self.at)).unwrap_or(usize::MAX))
    }

    /// When it is this family's turn; `None` if there is nothing to send.
    fn turn(&mut self, rib: &mut Rib, session: &Session<'_>) -> Option<Turn> {
        let table = rib.table_index(self.family)?;
        if self.steps.is_empty() && !self.plan_changes(rib, table, session) {
            return None;
        }
        Some(match self.steps.front()? {
            Step::Mark(mark) if mark.subtype == RouteRefresh::END => Turn::Behind,
            Step::Mark(_) | Step::Synced => Turn::Ahead,
            Step::Plan { plan, next, .. } => {
                let slots = plan.slots.get(*next..).unwrap_or(&[]).iter();
                let mut slots = slots.filter_map(|id| rib.tables.get(table)?.slot(*id));
                match slots.find(|slot| plan.concerns(rib, slot, session.peer)) {
                    Some(Slot { withdrawn: false, attrs: Some(attrs), .. }) => Turn::Announcement(attrs.0),
                    Some(_) => Turn::Withdrawal,
                    None => Turn::Ahead,
                }
            }
        })
    }
}

/// Which of several families goes first: withdrawals go ahead of announcements, those in the order in which their
/// attribute sets came, all between the marks of a refresh.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Turn {
    Ahead,
    Withdrawal,
    Announcement(u32),
    Behind,
}

/// Appends messages of all families to `out` until it holds `limit` octets, one family behind the other unless there are but
/// a few routes. Gives how many families have done their first plan.
pub fn fill(
    cursors: &mut [Cursor],
    rib: &mut Rib,
    session: &Session<'_>,
    out: &mut Vec<u8>,
    limit: usize,
    failed: &mut dyn FnMut(String),
) -> usize {
    let mut synced = 0;
    let pending = cursors.iter().map(|cursor| cursor.pending(rib, session)).filter(|count| *count > 0);
    let (busy, all) = pending.fold((0, 0usize), |(busy, all), count| (busy + 1, all.saturating_add(count)));
    if busy > 1 && all < LONG {
        while out.len() < limit {
            let turns = cursors.iter_mut().filter_map(|cursor| Some((cursor.turn(rib, session)?, cursor)));
            let Some((_, cursor)) = turns.min_by_key(|(turn, _)| *turn) else { break };
            // one message, and then who is next
            let limit = out.len() + 1;
            synced += usize::from(cursor.fill(rib, session, out, limit, failed) == Filled::Synced);
        }
        return synced;
    }
    for cursor in cursors {
        while cursor.fill(rib, session, out, limit, failed) == Filled::Synced {
            synced += 1;
        }
    }
    synced
}

/// What sending depends on beside the routes.
#[derive(Debug)]
pub struct Session<'a> {
    /// Whose routes are sent.
    pub peer: PeerId,
    /// How messages are written.
    pub context: &'a Context,
    /// Routes that share their attributes share messages.
    pub group_updates: bool,
    /// Changes are sent as they come, rather than when they are flushed.
    pub auto_flush: bool,
    /// Routes are kept when they were sent.
    pub keep: bool,
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

    /// Works through a plan from `next` on, whole messages at a time. Gives the slots that are not to be kept.
    #[allow(clippy::too_many_arguments)]
    fn send(
        &self,
        (table, single): (usize, bool),
        plan: &Plan,
        next: &mut usize,
        session: &Session<'_>,
        out: &mut Vec<u8>,
        limit: usize,
        failed: &mut dyn FnMut(String),
    ) -> Vec<u32> {
        let mut sent = Vec::new();
        let Some(table) = self.tables.get(table) else { return sent };
        let long = plan.slots.len() >= LONG;
        let pack = session.group_updates && (long || table.spec.packs && !single);
        let flush = Flush { pack, pack_withdrawals: long, sort: !long };
        let mut batch: Vec<&Stored> = Vec::new();
        while *next < plan.slots.len() && out.len() < limit {
            // The run of slots with the attributes of the first.
            let mut run = None;
            batch.clear();
            while let Some(slot) = plan.slots.get(*next).and_then(|id| table.slot(*id)).or_else(|| {
                *next += usize::from(*next < plan.slots.len());
                None
            }) {
                if !plan.concerns(self, slot, session.peer) {
                    *next += 1;
                    continue;
                }
                let key = (slot.withdrawn, slot.attrs);
                if *run.get_or_insert(key) != key || batch.len() >= 4096 {
                    break;
                }
                batch.push(&slot.nlri);
                if !session.keep && !slot.withdrawn {
                    sent.extend(plan.slots.get(*next));
                }
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
        sent
    }
}
