//! What a speaker is told to be: immutable, and valid by construction.

use herald_bgp::attribute::Attributes;
use herald_bgp::capability::role::Role;
use herald_bgp::family::{Afi, Family};
use herald_bgp::nlri::Stored;
use herald_bgp::operational::Said;
use herald_bgp::value::Asn;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Everything the configuration and the environment say.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Config {
    /// What the environment says.
    pub settings: Settings,
    /// Helper programs, in the order of the file.
    pub processes: Vec<Arc<ProcessConfig>>,
    /// Neighbours, in the order of the file. No two have the same [`PeerConfig::index`].
    pub peers: Vec<Arc<PeerConfig>>,
}

/// What concerns the whole speaker.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// Addresses to listen on, for any peer.
    pub listen: Vec<SocketAddr>,
    /// The port peers listen on, unless the neighbour says otherwise.
    pub port: u16,
    /// How long a TCP connection may take to deliver its OPEN.
    pub open_wait: Duration,
    /// Connections tried for each peer before it is given up; 0: no limit.
    pub attempts: u32,
    /// The first calls are made when the minute of the hour is a multiple of this; 0: at once.
    pub delay: u32,
    /// All peers wait to be called.
    pub passive: bool,
    /// Helpers that die are started again.
    pub respawn: bool,
    /// A helper that cannot be started or talked to ends the daemon.
    pub terminate: bool,
    /// What the software version capability says.
    pub software_version: String,
    /// A message of a type nobody knows is answered with NOTIFICATION 1/0 and a sentence, as ExaBGP does, not with 1/3
    /// and the type (RFC 4271 §6.1).
    pub refuse_in_words: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            listen: Vec::new(),
            port: 179,
            open_wait: Duration::from_secs(60),
            attempts: 0,
            delay: 0,
            passive: false,
            respawn: true,
            terminate: false,
            software_version: concat!("Herald/", env!("CARGO_PKG_VERSION")).into(),
            refuse_in_words: false,
        }
    }
}

/// Which encoder a helper was written for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Encoder {
    #[allow(missing_docs)]
    #[default]
    Text,
    #[allow(missing_docs)]
    Json,
}

/// A helper program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProcessConfig {
    /// Its name; unique.
    pub name: Arc<str>,
    /// Program (already found on the path) and arguments.
    pub run: Vec<String>,
    /// What it reads.
    pub encoder: Encoder,
    /// Started again when it ends.
    pub respawn: bool,
}

/// A neighbour.
#[derive(Clone, PartialEq, Debug)]
pub struct PeerConfig {
    /// Its address, or the network it may come from.
    pub address: IpAddr,
    /// Length of the network; the address length for a single peer.
    pub range: u8,
    /// Our address; `None`: whatever the system chooses.
    pub local_address: Option<IpAddr>,
    /// Our link-local address: beside a global next hop of IPv6 routes, where the peer knows link-local next hops.
    pub link_local: Option<Ipv6Addr>,
    /// BGP Identifier; `None`: the local address.
    pub router_id: Option<Ipv4Addr>,
    /// Our AS; `None`: the peer's.
    pub local_as: Option<Asn>,
    /// The peer's AS; `None`: whatever its OPEN says.
    pub peer_as: Option<Asn>,
    /// Seconds: 0, or at least 3.
    pub hold_time: u16,
    /// Waits to be called.
    pub passive: bool,
    /// A listener of its own, on the local address.
    pub listen: Option<u16>,
    /// The port it listens on.
    pub connect: Option<u16>,
    /// TCP options.
    pub transport: Transport,
    /// Free text.
    pub description: String,
    /// FQDN capability; `None`: not sent.
    pub host_name: Option<String>,
    /// FQDN capability.
    pub domain_name: String,
    /// Routes that share their attributes share messages.
    pub group_updates: bool,
    /// All its messages and timers are told of, for the log.
    pub logged: bool,
    /// Routes are sent without being told to.
    pub auto_flush: bool,
    /// Received routes are kept.
    pub adj_rib_in: bool,
    /// Sent routes are kept.
    pub adj_rib_out: bool,
    /// No End-of-RIB unless a command asks for it.
    pub manual_eor: bool,
    /// Messages taken a second from an established session.
    pub rate_limit: Option<u32>,
    /// Families to offer, in the order of the OPEN.
    pub families: Vec<Family>,
    /// Capabilities to offer.
    pub capability: CapabilityConfig,
    /// Who is told what.
    pub api: Vec<ApiConfig>,
    /// Operational messages to send when a session comes up.
    pub operational: Vec<Said>,
    /// What is announced from the start.
    pub routes: Arc<ConfigRoutes>,
}

/// TCP options of a neighbour.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Transport {
    /// TTL of what we send.
    pub outgoing_ttl: Option<u8>,
    /// Least TTL of what we accept (RFC 5082).
    pub incoming_ttl: Option<u8>,
    /// TCP-MD5 (RFC 2385).
    pub md5: Option<Md5>,
    /// Address the MD5 key and the outgoing connection are bound to, instead of the local address.
    pub md5_ip: Option<IpAddr>,
    /// Interface to send through.
    pub source_interface: Option<String>,
}

/// A TCP-MD5 key; never shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Md5(pub Vec<u8>);

impl fmt::Debug for Md5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Md5(…)")
    }
}

/// What the OPEN offers beside families.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CapabilityConfig {
    /// RFC 6793.
    pub asn4: bool,
    /// RFC 8654.
    pub extended_message: bool,
    /// RFC 2918 and 7313.
    pub route_refresh: bool,
    /// RFC 4724: restart time in seconds.
    pub graceful_restart: Option<u16>,
    /// RFC 8538: a NOTIFICATION does not end the retention of routes.
    pub restart_notification: bool,
    /// RFC 9494: seconds routes are kept when the restart time is over.
    pub long_lived: Option<u32>,
    /// RFC 9234: what we are to the peer.
    pub role: Option<Role>,
    /// RFC 9234: the peer has to say what it is.
    pub role_strict: bool,
    /// RFC 8277: labels a route may have.
    pub multiple_labels: Option<u8>,
    /// Capabilities as octets: code and value.
    pub raw: Vec<(u8, Vec<u8>)>,
    /// draft-ietf-idr-bgp-multisession
    pub multi_session: bool,
    /// draft-ietf-idr-operational-message
    pub operational: bool,
    /// RFC 7911, bits: 1 receive, 2 send.
    pub add_path: u8,
    /// Families it is offered for, with a limit of paths (draft-ietf-idr-add-paths-limit); empty: all.
    pub add_path_families: Vec<(Family, Option<u16>)>,
    /// RFC 8950: family, and the address family of the next hop.
    pub next_hop: Vec<(Family, Afi)>,
    /// RFC 7311 towards an external peer.
    pub aigp: Option<bool>,
    /// draft-ietf-idr-software-version
    pub software_version: bool,
    /// draft-ietf-idr-linklocal-capability
    pub link_local_next_hop: bool,
}

impl Default for CapabilityConfig {
    fn default() -> Self {
        CapabilityConfig {
            asn4: true,
            extended_message: true,
            route_refresh: false,
            graceful_restart: None,
            restart_notification: false,
            long_lived: None,
            role: None,
            role_strict: false,
            multiple_labels: None,
            raw: Vec::new(),
            multi_session: false,
            operational: false,
            add_path: 0,
            add_path_families: Vec::new(),
            next_hop: Vec::new(),
            aigp: None,
            software_version: false,
            link_local_next_hop: false,
        }
    }
}

/// One `api` section: what some helpers are told about this neighbour.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ApiConfig {
    /// Helpers that are told, and whose commands apply to this neighbour.
    pub processes: Vec<Arc<str>>,
    /// Helpers whose commands apply, without being told anything.
    pub controllers: Vec<Arc<str>>,
    /// Connected, up, down.
    pub neighbor_changes: bool,
    /// What was negotiated.
    pub negotiated: bool,
    /// Every change of state.
    pub fsm: bool,
    /// Signals to the daemon.
    pub signal: bool,
    /// Messages to the peer.
    pub send: MessageConfig,
    /// Messages from the peer.
    pub receive: MessageConfig,
}

/// Which messages of one direction are told, and in which form.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct MessageConfig {
    pub parsed: bool,
    pub packets: bool,
    pub consolidate: bool,
    pub open: bool,
    pub update: bool,
    pub notification: bool,
    pub keepalive: bool,
    pub refresh: bool,
    pub operational: bool,
}

/// The routes of a configuration, packed: a million of them cost little more than their NLRI.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ConfigRoutes {
    /// Attribute sets, each once.
    pub attributes: Vec<Arc<Attributes>>,
    /// The routes in the order they were written.
    pub routes: Vec<ConfigRoute>,
    /// Watchdogs: name, and the routes (by index) that carry it.
    pub watchdogs: Vec<(Arc<str>, Vec<u32>)>,
}

/// One route of a configuration.
#[derive(Clone, PartialEq, Debug)]
pub struct ConfigRoute {
    /// What is reachable.
    pub nlri: Stored,
    /// Index into [`ConfigRoutes::attributes`].
    pub attributes: u32,
    /// Which family.
    pub family: Family,
    /// Not announced at the start: it waits for its watchdog.
    pub withdrawn: bool,
}

impl PeerConfig {
    /// A neighbour of which only this is known, and defaults for all else.
    pub fn new(address: IpAddr) -> PeerConfig {
        PeerConfig {
            address,
            range: if address.is_ipv4() { 32 } else { 128 },
            local_address: None,
            link_local: None,
            router_id: None,
            local_as: None,
            peer_as: None,
            hold_time: 180,
            passive: false,
            listen: None,
            connect: None,
            transport: Transport::default(),
            description: String::new(),
            host_name: None,
            domain_name: String::new(),
            logged: false,
            group_updates: true,
            auto_flush: true,
            adj_rib_in: true,
            adj_rib_out: true,
            manual_eor: false,
            rate_limit: None,
            families: vec![Family::IPV4_UNICAST],
            capability: CapabilityConfig::default(),
            api: Vec::new(),
            operational: Vec::new(),
            routes: Arc::default(),
        }
    }

    /// Stands for any peer of a network, rather than one.
    pub fn is_range(&self) -> bool {
        self.range < if self.address.is_ipv4() { 32 } else { 128 }
    }

    /// The BGP Identifier of our OPEN, if it is known before a connection is.
    pub fn identifier(&self) -> Option<Ipv4Addr> {
        self.router_id.or(match self.local_address {
            Some(IpAddr::V4(a)) => Some(a),
            _ => None,
        })
    }

    /// The name selectors are matched against:
    /// `neighbor P local-ip L local-as A peer-as B router-id R family-allowed F`.
    pub fn name(&self) -> String {
        let or_auto = |x: Option<String>| x.unwrap_or_else(|| "auto".into());
        let families = if self.capability.multi_session {
            self.families.iter().map(|f| f.join("-").to_string()).collect::<Vec<_>>().join("/")
        } else {
            "in-open".into()
        };
        format!(
            "neighbor {} local-ip {} local-as {} peer-as {} router-id {} family-allowed {families}",
            self.address,
            or_auto(self.local_address.map(|a| a.to_string())),
            or_auto(self.local_as.map(|a| a.to_string())),
            or_auto(self.peer_as.map(|a| a.to_string())),
            or_auto(self.identifier().map(|a| a.to_string())),
        )
    }

    /// What makes two neighbours the same one across a reload; unique in a configuration.
    pub fn index(&self) -> String {
        match self.listen {
            Some(port) => format!("peer-ip {}/{} listen {port}", self.address, self.range),
            None => format!("{}/{}", self.name(), self.range),
        }
    }

    /// True if going from `self` to `other` needs a new session.
    pub fn needs_new_session(&self, other: &PeerConfig) -> bool {
        let session = |c: &PeerConfig| PeerConfig {
            description: String::new(),
            manual_eor: false,
            api: Vec::new(),
            operational: Vec::new(),
            routes: Arc::default(),
            ..c.clone()
        };
        session(self) != session(other)
    }
}
