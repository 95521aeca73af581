//! How messages of a file are read: a view of the peer for each session that is met.

use herald_bgp::open::Open;
use herald_bgp::value::Asn;
use herald_speaker::config::Settings;
use herald_speaker::event::{PeerId, PeerView};
use herald_speaker::negotiate;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Sessions that are remembered at a time: a file may make up any number.
const MANY: usize = 4096;

/// What a file tells of a session.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ends {
    pub peer: IpAddr,
    pub local: Option<IpAddr>,
    pub peer_as: Option<Asn>,
    pub local_as: Option<Asn>,
    /// Our BGP Identifier.
    pub router_id: Option<Ipv4Addr>,
    pub asn4: bool,
    pub add_path: bool,
}

/// The views made so far.
pub struct Views {
    /// What a file says nothing about is as here.
    base: Arc<PeerView>,
    made: HashMap<Ends, Arc<PeerView>>,
    next: u32,
}

impl Views {
    pub fn new(base: Arc<PeerView>) -> Views {
        let mut config = (*base.config).clone();
        config.capability.aigp = Some(true); // whoever wrote it down saw it
        let base = Arc::new(PeerView { config: Arc::new(config), ..(*base).clone() });
        Views { base, made: HashMap::new(), next: 0 }
    }

    /// Whether AS numbers and NLRI are read as `base` says, where a file does not tell.
    pub fn assumed(&self) -> (bool, bool) {
        self.base
            .negotiated
            .as_ref()
            .map_or((true, false), |n| (n.context.asn4, !n.context.add_path_receive.is_empty()))
    }

    fn id(&mut self) -> PeerId {
        self.next = self.next.wrapping_add(1) % u32::try_from(2 * MANY).unwrap_or(u32::MAX);
        PeerId(self.next)
    }

    /// A session whose ends agree on everything but what the file tells.
    pub fn of(&mut self, ends: &Ends) -> Arc<PeerView> {
        if let Some(view) = self.made.get(ends) {
            return view.clone();
        }
        let mut config = (*self.base.config).clone();
        config.address = ends.peer;
        (config.local_address, config.local_as, config.peer_as) = (ends.local, ends.local_as, ends.peer_as);
        config.router_id = ends.router_id;
        config.capability.asn4 = ends.asn4;
        config.capability.add_path = if ends.add_path { 3 } else { 0 };
        if ends.add_path {
            // whoever wrote the file knew that this family has them
            config.capability.add_path_families = config.families.iter().map(|family| (*family, None)).collect();
        }
        let mut view = negotiate::offline(Arc::new(config), &Settings::default());
        (view.local_as, view.peer_as, view.router_id) = (ends.local_as, ends.peer_as, ends.router_id);
        self.keep(ends.clone(), view)
    }

    /// A session whose OPENs were overheard: `sent` is that of the local end.
    pub fn overheard(&mut self, peer: IpAddr, local: IpAddr, sent: &Open, received: &Open) -> Arc<PeerView> {
        let negotiated = negotiate::negotiate(&self.base.config, Some(local), sent.asn(), sent, received);
        let view = PeerView {
            id: self.id(),
            config: self.base.config.clone(),
            address: peer,
            local_address: Some(local),
            local_as: Some(sent.asn()),
            peer_as: Some(received.asn()),
            router_id: Some(sent.router_id),
            negotiated: Some(Arc::new(negotiated)),
        };
        Arc::new(view)
    }

    fn keep(&mut self, ends: Ends, mut view: PeerView) -> Arc<PeerView> {
        if self.made.len() >= MANY {
            self.made.clear();
        }
        view.id = self.id();
        let view = Arc::new(view);
        self.made.insert(ends, view.clone());
        view
    }
}
