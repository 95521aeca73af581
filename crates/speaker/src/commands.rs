//! Carrying out commands. Every one is answered exactly once, whatever becomes of it.

use crate::Effect;
use crate::command::{ClientId, Command, Filter, Reply, Rib, Selector, Show};
use crate::event::{Level, NeighborReport, Notice, PeerId};
use crate::peer::Peer;
use crate::rib::peerset::PeerSetId;
use crate::speaker::{Speaker, Watched};
use crate::time::Now;
use herald_bgp::family::Family;
use herald_bgp::route::Route;
use std::sync::Arc;

type Emit<'a> = &'a mut dyn FnMut(Effect<'_>);

/// Why a command was refused.
type Refusal = String;

impl Speaker {
    /// Carries out one command and answers it.
    pub(crate) fn command(&mut self, now: Now, from: ClientId, command: Command, emit: Emit<'_>) {
        let result = match command {
            Command::Pass => return emit(Effect::Reply { to: from, reply: Reply::Passed }),
            Command::Quiet(part) => {
                // Whether anybody is meant is said of the last part, which is for the same peers.
                let _ = self.change(now, from, *part, emit);
                return;
            }
            Command::Group(members) => return self.group(now, from, members, emit),
            Command::Shutdown => {
                // Answered before the helper is told to end.
                emit(Effect::Reply { to: from, reply: Reply::Done });
                return self.stop(now, emit);
            }
            Command::ShowNeighbors { filter, show } => self.show_neighbors(now, from, &filter, show, emit),
            Command::ShowRoutes { rib, filter, families, show } => {
                self.show_routes(from, rib, &filter, families.as_deref(), show, emit)
            }
            other => self.change(now, from, other, emit),
        };
        match result {
            Ok(()) => emit(Effect::Reply { to: from, reply: Reply::Done }),
            Err(reason) => emit(Effect::Reply { to: from, reply: Reply::Error(&reason) }),
        }
    }

    /// Commands that change something.
    fn change(&mut self, now: Now, from: ClientId, command: Command, emit: Emit<'_>) -> Result<(), Refusal> {
        match command {
            Command::Announce { to, route } => self.announce(from, &to, &route, emit),
            Command::Withdraw { to, route } => self.withdraw(from, &to, &route, emit),
            Command::Watchdog { name, announce } => {
                let own = || match from {
                    ClientId::Process(id) => self.processes.name(id).map(|name| name.to_string()),
                    ClientId::Control(_) => None,
                };
                let name = name.or_else(own).ok_or("the name of the watchdog is missing")?;
                self.watchdog(from, &name, announce, emit);
                Ok(())
            }
            Command::EndOfRib { to, family } => {
                self.each(now, from, &to, emit, |peer, world| peer.end_of_rib(world, family))
            }
            Command::RouteRefresh { to, family } => {
                self.each(now, from, &to, emit, |peer, world| peer.ask_refresh(world, family))
            }
            Command::Operational { to, said } => {
                let done = self.each(now, from, &to, emit, |peer, world| peer.operational(world, &said));
                done.map_err(|_| "no selected neighbor has a session that agreed on operational messages".into())
            }
            Command::Teardown { to, subcode, text } => {
                self.each(now, from, &to, emit, |peer, world| peer.teardown(world, subcode, &text))
            }
            Command::Flush { to } => self.each_any(now, from, &to, emit, |peer, world| peer.flush(world)),
            Command::Clear { to, rib: Rib::In } => {
                self.each_any(now, from, &to, emit, |peer, world| peer.adj_rib_in.clear(&mut world.rib.attrs))
            }
            Command::Clear { to, rib: Rib::Out } => {
                let peers = self.select(from, &to);
                let list: Vec<_> = self.rib.sets.iter(peers).collect();
                for id in list {
                    let listeners = &self.peers;
                    let carried =
                        |family| listeners.iter().flatten().any(|peer| peer.rib == id && peer.carries(family));
                    self.rib.withdraw_all(id, carried);
                }
                self.wake(peers, emit);
                self.somebody(from, &to, peers)
            }
            Command::Reload => {
                emit(Effect::Reload);
                Ok(())
            }
            Command::Restart => {
                self.restart(emit);
                Ok(())
            }
            Command::Quiet(part) => self.change(now, from, *part, emit),
            Command::Pass
            | Command::Group(_)
            | Command::Shutdown
            | Command::ShowNeighbors { .. }
            | Command::ShowRoutes { .. } => Ok(()),
        }
    }

    fn announce(&mut self, from: ClientId, to: &Arc<Selector>, route: &Route, emit: Emit<'_>) -> Result<(), Refusal> {
        let peers = self.select(from, to);
        self.somebody(from, to, peers)?;
        if let Some(name) = &route.watchdog {
            let watched = self.watchdogs.entry(name.clone()).or_default();
            let (family, attributes) = (route.family, route.attributes.clone());
            for nlri in route.nlris.as_slice() {
                watched.retain(|w| (w.peers, w.family, &w.nlri) != (peers, family, nlri));
                let attributes = attributes.clone();
                watched.push(Watched { peers, family, nlri: nlri.clone(), attributes, configured: false });
            }
            if route.withdraw {
                return Ok(());
            }
        }
        if !self.offers(peers, route.family) {
            let message = format!("a route of {} was announced to peers that are not offered the family", route.family);
            emit(Effect::Notice(Notice { level: Level::Error, category: "rib", message }));
            return Ok(());
        }
        let attributes = self.resolved(route.family, &route.attributes, peers);
        for nlri in route.nlris.as_slice() {
            self.rib.announce(route.family, nlri, &attributes, peers);
        }
        self.wake(peers, emit);
        Ok(())
    }

    fn withdraw(&mut self, from: ClientId, to: &Arc<Selector>, route: &Route, emit: Emit<'_>) -> Result<(), Refusal> {
        let peers = self.select(from, to);
        self.somebody(from, to, peers)?;
        if !self.offers(peers, route.family) {
            return Ok(());
        }
        // Prefix families withdraw without attributes: nothing has to be kept.
        let attrs = (!matches!(route.family.safi.0, 1 | 2)).then_some(&route.attributes);
        for nlri in route.nlris.as_slice() {
            self.rib.withdraw(route.family, nlri, attrs, peers);
        }
        self.wake(peers, emit);
        Ok(())
    }

    fn group(&mut self, now: Now, from: ClientId, members: Vec<Command>, emit: Emit<'_>) {
        let (mut announced, mut withdrawn, mut errors) = (0, 0, Vec::new());
        for member in members {
            let is_announce = matches!(member, Command::Announce { .. });
            match self.change(now, from, member, emit) {
                Ok(()) if is_announce => announced += 1,
                Ok(()) => withdrawn += 1,
                Err(reason) => errors.push(reason),
            }
        }
        emit(Effect::Reply { to: from, reply: Reply::Group { announced, withdrawn, errors: &errors } });
    }

    fn watchdog(&mut self, from: ClientId, name: &str, announce: bool, emit: Emit<'_>) {
        let allowed = self.all_of(from);
        let watched = self.watchdogs.get(name).cloned().unwrap_or_default();
        for Watched { peers, family, nlri, attributes, .. } in watched {
            let peers = self.rib.sets.both(peers, allowed);
            if peers == PeerSetId::EMPTY {
                continue;
            }
            if announce {
                self.rib.announce(family, &nlri, &attributes, peers);
            } else {
                self.rib.withdraw(family, &nlri, Some(&attributes), peers);
            }
            self.wake(peers, emit);
        }
    }

    /// An error that says why nobody is meant.
    fn somebody(&self, from: ClientId, to: &Selector, peers: PeerSetId) -> Result<(), Refusal> {
        if peers != PeerSetId::EMPTY {
            return Ok(());
        }
        let helper = match from {
            ClientId::Process(id) => self.processes.name(id).map(|n| n.to_string()),
            ClientId::Control(_) => None,
        };
        let known = self.live().find(|peer| to.matches(&peer.name));
        Err(match (known, helper) {
            (None, _) if *to == Selector::All => "no neighbor is configured".into(),
            (None, _) => {
                let names: Vec<_> = self.live().take(4).map(|peer| peer.view.address.to_string()).collect();
                format!("no neighbor matches the selector; there are: {}", names.join(" "))
            }
            (Some(peer), Some(helper)) => {
                format!("neighbor {} does not list process {helper} in its api section", peer.view.address)
            }
            (Some(_), None) => "no neighbor matches the selector".into(),
        })
    }

    /// True if any of these peers is offered the family.
    fn offers(&self, peers: PeerSetId, family: Family) -> bool {
        self.rib.sets.iter(peers).any(|id| self.peer(id).is_some_and(|peer| peer.config().families.contains(&family)))
    }

    /// Does something to each selected peer; an error if that did not apply to any.
    fn each(
        &mut self,
        now: Now,
        from: ClientId,
        to: &Arc<Selector>,
        emit: Emit<'_>,
        mut action: impl FnMut(&mut Peer, &mut crate::peer::World<'_>) -> bool,
    ) -> Result<(), Refusal> {
        let peers = self.selected(from, to);
        if peers.is_empty() {
            return self.somebody(from, to, PeerSetId::EMPTY);
        }
        let mut any = false;
        for id in peers {
            any |= self.with_peer(now, emit, id, |peer, world| action(peer, world)).unwrap_or(false);
            self.settle(id, emit);
        }
        if any { Ok(()) } else { Err("no selected neighbor has an established session with this family".into()) }
    }

    /// Does something to each selected peer, whatever comes of it.
    fn each_any(
        &mut self,
        now: Now,
        from: ClientId,
        to: &Arc<Selector>,
        emit: Emit<'_>,
        mut action: impl FnMut(&mut Peer, &mut crate::peer::World<'_>),
    ) -> Result<(), Refusal> {
        self.each(now, from, to, emit, |peer, world| {
            action(peer, world);
            true
        })
    }

    fn filtered(&self, from: ClientId, filter: &Filter) -> Vec<PeerId> {
        let allowed = |peer: &&Peer| match filter {
            Filter::All => true,
            Filter::Address(text) => peer.view.address.to_string() == *text,
            Filter::Contains(text) => peer.name.contains(text.as_str()),
            Filter::Selector(selector) => selector.matches(&peer.name),
        };
        let peers = self.live().filter(|peer| self.processes.may_command(from, peer.config()));
        peers.filter(allowed).map(|peer| peer.view.id).collect()
    }

    fn show_neighbors(
        &self,
        now: Now,
        from: ClientId,
        filter: &Filter,
        show: Show,
        emit: Emit<'_>,
    ) -> Result<(), Refusal> {
        let peers = self.filtered(from, filter);
        let list: Vec<NeighborReport> =
            peers.into_iter().filter_map(|id| self.peer(id)).map(|peer| peer.report(now.mono)).collect();
        emit(Effect::Reply { to: from, reply: Reply::Neighbors { show, list: &list } });
        Ok(())
    }

    fn show_routes(
        &self,
        from: ClientId,
        rib: Rib,
        filter: &Filter,
        families: Option<&[Family]>,
        show: Show,
        emit: Emit<'_>,
    ) -> Result<(), Refusal> {
        let wanted = |family: Family| families.is_none_or(|list| list.contains(&family));
        for peer in self.filtered(from, filter).into_iter().filter_map(|id| self.peer(id)) {
            let mut route = |family, nlri, attributes| {
                if wanted(family) {
                    let reply = Reply::Route { show, peer: &peer.view, rib, family, nlri, attributes };
                    emit(Effect::Reply { to: from, reply });
                }
            };
            match rib {
                Rib::Out => self.rib.announced(peer.rib).for_each(|(family, nlri, attrs)| route(family, nlri, attrs)),
                Rib::In => {
                    for (family, nlri, attrs) in peer.adj_rib_in.sorted() {
                        if let Some(attrs) = self.rib.attrs.get(attrs) {
                            route(family, nlri, attrs);
                        }
                    }
                }
            }
        }
        Ok(())
    }
}
