//! What a speaker has to have announced, kept naively: a map for each peer that every command changes at once, and the
//! far end of a session that takes UPDATEs in. When all is sent, the two are the same.

use herald_bgp::attribute::Attributes;
use herald_bgp::context::Context;
use herald_bgp::family::Family;
use herald_bgp::message::{self, Kind, Message};
use herald_bgp::nlri::{NextHop, Stored};
use herald_bgp::refresh::RouteRefresh;
use herald_bgp::update::Update;
use herald_speaker::config::{Config, ConfigRoutes};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Family, path identifier, NLRI.
pub type Key = (Family, Option<u32>, Vec<u8>);

/// Routes by what is reachable.
pub type Routes = BTreeMap<Key, Arc<Attributes>>;

/// What each configured peer is to be announced.
#[derive(Clone, Debug)]
pub struct Model {
    local: IpAddr,
    peers: BTreeMap<IpAddr, Wanted>,
}

#[derive(Clone, Debug, Default)]
struct Wanted {
    routes: Routes,
    configured: Arc<ConfigRoutes>,
}

impl Model {
    /// Without peers. `local`: what `next-hop self` stands for.
    pub fn new(local: IpAddr) -> Model {
        Model { local, peers: BTreeMap::new() }
    }

    /// The peers.
    pub fn peers(&self) -> impl Iterator<Item = IpAddr> {
        self.peers.keys().copied()
    }

    /// The routes a peer is to have. Empty for one that is not configured.
    pub fn routes(&self, peer: IpAddr) -> impl Iterator<Item = (&Key, &Arc<Attributes>)> {
        self.peers.get(&peer).into_iter().flat_map(|wanted| &wanted.routes)
    }

    /// Routes are announced to those of `to` that are configured.
    pub fn announce(&mut self, to: &[IpAddr], family: Family, nlris: &[Stored], attributes: &Arc<Attributes>) {
        let attributes = resolved(self.local, family, attributes);
        for peer in to {
            if let Some(wanted) = self.peers.get_mut(peer) {
                wanted.routes.extend(nlris.iter().map(|nlri| (key(family, nlri), attributes.clone())));
            }
        }
    }

    /// Routes are withdrawn from those of `to` that are configured.
    pub fn withdraw(&mut self, to: &[IpAddr], family: Family, nlris: &[Stored]) {
        for peer in to {
            if let Some(wanted) = self.peers.get_mut(peer) {
                nlris.iter().for_each(|nlri| drop(wanted.routes.remove(&key(family, nlri))));
            }
        }
    }

    /// All routes are withdrawn.
    pub fn clear(&mut self, to: &[IpAddr]) {
        for peer in to {
            if let Some(wanted) = self.peers.get_mut(peer) {
                wanted.routes.clear();
            }
        }
    }

    /// A configuration: peers come and go; where the routes of one changed, those no longer there are withdrawn and
    /// all others announced.
    pub fn configure(&mut self, config: &Config) {
        let mut old = std::mem::take(&mut self.peers);
        for peer in &config.peers {
            let mut wanted = old.remove(&peer.address).unwrap_or_default();
            if wanted.configured != peer.routes {
                for route in &wanted.configured.routes {
                    wanted.routes.remove(&key(route.family, &route.nlri));
                }
                for route in peer.routes.routes.iter().filter(|route| !route.withdrawn) {
                    let index = usize::try_from(route.attributes).unwrap_or(usize::MAX);
                    if let Some(attributes) = peer.routes.attributes.get(index) {
                        let attributes = resolved(self.local, route.family, attributes);
                        wanted.routes.insert(key(route.family, &route.nlri), attributes);
                    }
                }
                wanted.configured = peer.routes.clone();
            }
            self.peers.insert(peer.address, wanted);
        }
    }
}

/// The far end of a session: what it learned.
#[derive(Clone, Debug)]
pub struct View {
    context: Context,
    heard: Vec<u8>,
    routes: Routes,
    /// Families being sent again, with the routes that did not come again yet (RFC 7313 §4).
    stale: BTreeMap<Family, BTreeSet<Key>>,
    /// How often each family's End-of-RIB came.
    ends: BTreeMap<Family, usize>,
}

impl View {
    /// The far end of a new session; `context` says how it reads.
    pub fn new(context: Context) -> View {
        View { context, heard: Vec::new(), routes: Routes::new(), stale: BTreeMap::new(), ends: BTreeMap::new() }
    }

    /// What it learned.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// Takes octets in, cut anywhere. The error says what a peer would not have liked.
    pub fn hear(&mut self, bytes: &[u8]) -> Result<(), String> {
        let mut heard = std::mem::take(&mut self.heard);
        heard.extend_from_slice(bytes);
        let mut rest = heard.as_slice();
        while let Some((message, tail)) =
            message::split(rest, self.context.message_size).map_err(|n| format!("framing: {n:?}"))?
        {
            self.message(message)?;
            rest = tail;
        }
        self.heard = rest.to_vec();
        Ok(())
    }

    /// When nothing is under way: no message cut short, no refresh without its end, one End-of-RIB for each family.
    pub fn settled(&self) -> Result<(), String> {
        if !self.heard.is_empty() {
            return Err(format!("{} octets of a message", self.heard.len()));
        }
        if let Some(family) = self.stale.keys().next() {
            return Err(format!("no end of the refresh of {family}"));
        }
        match self.context.families.iter().find(|family| self.ends.get(family) != Some(&1)) {
            Some(family) => Err(format!("{:?} End-of-RIBs of {family}", self.ends.get(family))),
            None => Ok(()),
        }
    }

    fn message(&mut self, message: Message<'_>) -> Result<(), String> {
        match message.kind {
            Kind::UPDATE => self.update(message.body()),
            Kind::ROUTE_REFRESH => self.refresh(message.body()),
            Kind::NOTIFICATION => Err(format!("NOTIFICATION {:?}", message.body())),
            _ => Ok(()),
        }
    }

    fn update(&mut self, body: &[u8]) -> Result<(), String> {
        let update = Update::check(body, &self.context).map_err(|fault| format!("{fault:?}"))?;
        if let Some(fault) = update.faults().first() {
            return Err(format!("{fault:?}"));
        }
        if let Some(family) = update.end_of_rib() {
            *self.ends.entry(family).or_default() += 1;
        }
        for block in update.withdrawn() {
            for (path, nlri) in block.iter() {
                self.routes.remove(&(block.family, path, nlri.to_vec()));
            }
        }
        for block in update.announced() {
            let attributes = Arc::new(update.attributes_of(&block));
            let mut stale = self.stale.get_mut(&block.family);
            for (path, nlri) in block.iter() {
                let key = (block.family, path, nlri.to_vec());
                if let Some(stale) = &mut stale {
                    stale.remove(&key);
                }
                self.routes.insert(key, attributes.clone());
            }
        }
        Ok(())
    }

    fn refresh(&mut self, body: &[u8]) -> Result<(), String> {
        let RouteRefresh { family, subtype } = RouteRefresh::read(body).map_err(|m| format!("{m:?}"))?;
        match subtype {
            RouteRefresh::BEGIN => {
                let all = self.routes.keys().filter(|key| key.0 == family).cloned().collect();
                match self.stale.insert(family, all) {
                    Some(_) => Err(format!("a refresh of {family} within another")),
                    None => Ok(()),
                }
            }
            RouteRefresh::END => {
                let gone = self.stale.remove(&family).ok_or_else(|| format!("end of no refresh of {family}"))?;
                gone.iter().for_each(|key| drop(self.routes.remove(key)));
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn key(family: Family, nlri: &Stored) -> Key {
    (family, nlri.path_id(), nlri.nlri().to_vec())
}

/// With the next hop as it goes out.
fn resolved(local: IpAddr, family: Family, attributes: &Arc<Attributes>) -> Arc<Attributes> {
    match attributes.next_hop {
        NextHop::SelfAddress => match NextHop::SelfAddress.resolve(family, Some(local), Ipv4Addr::UNSPECIFIED) {
            Some(next_hop) => Arc::new(attributes.with_next_hop(next_hop)),
            None => attributes.clone(),
        },
        _ => attributes.clone(),
    }
}
