//! From a configuration to our OPEN, and from two OPENs to what they agree on (RFC 4271 §4.2, §6.2, RFC 5492).

use crate::config::{PeerConfig, Settings};
use crate::event::{Negotiated, PeerId, PeerView, Refresh};
use herald_bgp::capability::{
    add_path, asn4, code, extended_next_hop,
    graceful_restart::{self, GracefulRestart},
    hostname,
    long_lived::{self, Stale},
    multiple_labels, multiprotocol, multisession, paths_limit, role, software_version,
};
use herald_bgp::context::Context;
use herald_bgp::error::{Fault, Malformed};
use herald_bgp::family::{Family, Safi};
use herald_bgp::message::{HEADER, MAX, MAX_EXTENDED};
use herald_bgp::notification::Notification;
use herald_bgp::open::{Open, field};
use herald_bgp::value::Asn;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Add-path bits (RFC 7911 §4).
const RECEIVE: u8 = add_path::RECEIVE;
const SEND: u8 = add_path::SEND;

/// Our OPEN. `restarting`: the R bit of RFC 4724 is still to be sent.
pub fn open(config: &PeerConfig, settings: &Settings, asn: Asn, router_id: Ipv4Addr, restarting: bool) -> Open {
    let c = &config.capability;
    let mut capabilities = Vec::new();
    let mut add = |code: u8, value: Vec<u8>| capabilities.push((code, value));
    let mut families = config.families.clone();
    families.sort();
    for family in &families {
        add(code::MULTIPROTOCOL, multiprotocol::build(*family));
    }
    if c.asn4 {
        add(code::ASN4, asn4::build(asn));
    }
    if !c.next_hop.is_empty() {
        add(code::EXTENDED_NEXT_HOP, extended_next_hop::build(&c.next_hop));
    }
    let add_paths: Vec<_> = add_path_families(config).into_iter().map(|family| (family, c.add_path)).collect();
    if !add_paths.is_empty() {
        add(code::ADD_PATH, add_path::build(&add_paths));
        let limits = c.add_path_families.iter().filter_map(|(family, limit)| Some((*family, (*limit)?)));
        let limits: Vec<_> = limits.collect();
        if !limits.is_empty() {
            add(code::PATHS_LIMIT, paths_limit::build(&limits));
        }
    }
    if let Some(time) = c.graceful_restart {
        let says = GracefulRestart {
            restarted: restarting,
            notification: c.restart_notification,
            time,
            families: families.iter().map(|family| (*family, true)).collect(),
        };
        add(code::GRACEFUL_RESTART, graceful_restart::build(&says));
    }
    if c.route_refresh {
        add(code::ROUTE_REFRESH, Vec::new());
        add(code::ENHANCED_ROUTE_REFRESH, Vec::new());
    }
    if c.operational {
        add(code::OPERATIONAL, Vec::new());
    }
    if c.extended_message {
        add(code::EXTENDED_MESSAGE, Vec::new());
    }
    if let Some(host) = &config.host_name {
        add(code::HOSTNAME, hostname::build(host, &config.domain_name));
    }
    if c.software_version {
        add(code::SOFTWARE_VERSION, software_version::build(&settings.software_version));
    }
    if c.link_local_next_hop {
        add(code::LINK_LOCAL_NEXT_HOP, Vec::new());
    }
    if c.multi_session {
        multisession::build().into_iter().for_each(|value| add(code::MULTISESSION, value));
    }
    // within an AS there are no roles (RFC 9234 §4.2)
    if let Some(role) = c.role.filter(|_| config.peer_as != Some(asn)) {
        add(code::ROLE, role::build(role));
    }
    if let (Some(time), Some(_)) = (c.long_lived, c.graceful_restart) {
        let stale: Vec<_> = families.iter().map(|family| Stale { family: *family, forwarding: true, time }).collect();
        add(code::LONG_LIVED_GRACEFUL_RESTART, long_lived::build(&stale));
    }
    if let Some(count) = c.multiple_labels {
        let labelled = families.iter().filter(|family| matches!(family.safi.0, 4 | 128));
        let counts: Vec<_> = labelled.map(|family| (*family, count)).collect();
        add(code::MULTIPLE_LABELS, multiple_labels::build(&counts));
    }
    c.raw.iter().for_each(|(code, value)| add(*code, value.clone()));
    Open { version: 4, my_as: asn.two_octets(), hold_time: config.hold_time, router_id, capabilities }
}

/// What is wrong with a peer's OPEN for this neighbour (RFC 4271 §6.2, RFC 6286 §2.2, RFC 9234 §4.2,
/// draft-ietf-idr-bgp-multisession §6). `sent`: our own.
pub fn verify(config: &PeerConfig, sent: &Open, open: &Open) -> Result<(), Fault> {
    let (ours, router_id) = (sent.asn(), sent.router_id);
    if open.version != 4 {
        return Err(refused(field::VERSION, "4", Notification::with(2, 1, [0, 4])));
    }
    if config.peer_as.is_some_and(|asn| asn != open.asn()) || open.asn().0 == 0 {
        return Err(refused(field::MY_AS, "the AS of the neighbor, and not 0", Notification::new(2, 2)));
    }
    if open.router_id.is_unspecified() || (open.asn() == ours && open.router_id == router_id) {
        return Err(refused(field::IDENTIFIER, "neither 0 nor ours", Notification::new(2, 3)));
    }
    if matches!(open.hold_time, 1 | 2) {
        return Err(refused(field::HOLD_TIME, "0, or at least 3 seconds", Notification::new(2, 6)));
    }
    if config.capability.multi_session {
        if !open.has(code::MULTISESSION) && !open.has(code::MULTISESSION_CISCO) {
            return Err(refused(field::CAPABILITIES, "that of multiple sessions", Notification::new(2, 9)));
        }
        let families = |open: &Open| {
            let mut families = multiprotocol::read(open.values(code::MULTIPROTOCOL));
            families.sort_unstable();
            families
        };
        if families(sent) != families(open) {
            return Err(refused(field::CAPABILITIES, "the families we listed", Notification::new(2, 8)));
        }
    }
    if !roles_fit(config, sent, open) {
        return Err(refused(field::CAPABILITIES, "one role, the opposite of ours", Notification::new(2, 11)));
    }
    Ok(())
}

/// What is wrong with an OPEN whoever it is for: [`verify`] for a neighbour that may be anybody.
pub fn verify_alone(open: &Open) -> Result<(), Fault> {
    let nobody = Open::new(0, 0, Ipv4Addr::UNSPECIFIED);
    verify(&PeerConfig::new(Ipv4Addr::UNSPECIFIED.into()), &nobody, open)
}

/// What an OPEN is refused for, and where that is.
fn refused((what, at): (&'static str, usize), expected: &'static str, notification: Notification) -> Fault {
    Fault::reset(Malformed { what, expected, offset: HEADER + at }, notification)
}

/// The peer says one role, and it is the opposite of ours; or it says none and need not.
fn roles_fit(config: &PeerConfig, sent: &Open, open: &Open) -> bool {
    let Some(ours) = config.capability.role.filter(|_| open.asn() != sent.asn()) else { return true };
    let theirs = role::read(open.values(code::ROLE));
    match theirs.first() {
        None => !config.capability.role_strict,
        Some(number) => *number == ours.opposite().number() && theirs.iter().all(|other| other == number),
    }
}

/// What two OPENs agree on.
pub fn negotiate(config: &PeerConfig, local: Option<IpAddr>, ours: Asn, sent: &Open, received: &Open) -> Negotiated {
    let both = |code: u8| sent.has(code) && received.has(code);
    let offered = multiprotocol::read(sent.values(code::MULTIPROTOCOL));
    let mut theirs = multiprotocol::read(received.values(code::MULTIPROTOCOL));
    if theirs.is_empty() && !received.has(code::MULTIPROTOCOL) {
        theirs.push(Family::IPV4_UNICAST); // a speaker that knows no other (RFC 4760 §8)
    }
    let common: Vec<Family> = theirs.into_iter().filter(|family| offered.contains(family)).collect();
    let (our_paths, their_paths) =
        (add_path::read(sent.values(code::ADD_PATH)), add_path::read(received.values(code::ADD_PATH)));
    let paths = |mine: u8, yours: u8| {
        let has = |list: &[(Family, u8)], family: Family, bit: u8| {
            list.iter().any(|(f, bits)| *f == family && bits & bit != 0)
        };
        let agreed = |f: &Family| has(&our_paths, *f, mine) && has(&their_paths, *f, yours);
        common.iter().copied().filter(agreed).collect::<Vec<_>>()
    };
    let peer_asn = received.asn();
    let internal = ours == peer_asn;
    let their_hops = extended_next_hop::read(received.values(code::EXTENDED_NEXT_HOP));
    let context = Context {
        asn4: both(code::ASN4),
        internal,
        local_asn: ours,
        peer_asn,
        router_id: sent.router_id,
        local_address: local,
        // a peer further away than the next wire cannot use it
        link_local: config
            .link_local
            .filter(|_| both(code::LINK_LOCAL_NEXT_HOP) && config.transport.outgoing_ttl.is_none_or(|ttl| ttl <= 1)),
        add_path_receive: paths(RECEIVE, SEND),
        add_path_send: paths(SEND, RECEIVE),
        extended_next_hop: extended_next_hop::read(sent.values(code::EXTENDED_NEXT_HOP))
            .into_iter()
            .filter(|hop| their_hops.contains(hop))
            .collect(),
        role: config.capability.role.filter(|_| !internal),
        message_size: if both(code::EXTENDED_MESSAGE) { MAX_EXTENDED } else { MAX },
        aigp: config.capability.aigp.unwrap_or(internal),
        zero_asn: false,
        families: common,
    };
    Negotiated {
        context,
        hold_time: sent.hold_time.min(received.hold_time),
        refresh: match (both(code::ENHANCED_ROUTE_REFRESH), both(code::ROUTE_REFRESH)) {
            (true, _) => Refresh::Enhanced,
            (false, true) => Refresh::Normal,
            (false, false) => Refresh::Absent,
        },
        multisession: both(code::MULTISESSION),
        operational: both(code::OPERATIONAL),
        sent: sent.clone(),
        received: received.clone(),
    }
}

fn add_path_families(config: &PeerConfig) -> Vec<Family> {
    let c = &config.capability;
    if c.add_path == 0 {
        return Vec::new();
    }
    let chosen = |family: &Family| match c.add_path_families.is_empty() {
        true => family.spec().add_path,
        false => c.add_path_families.iter().any(|(f, _)| f == family),
    };
    let mut families: Vec<Family> = config.families.iter().copied().filter(chosen).collect();
    // programs compare OPENs: both address families of one kind of routes, the kinds as ExaBGP came to know them
    let kinds = [Safi::UNICAST, Safi::NLRI_MPLS, Safi::MPLS_VPN, Safi::MUP];
    let place = |family: &Family| kinds.iter().position(|safi| *safi == family.safi).unwrap_or(kinds.len());
    families
        .sort_by_key(|family| (place(family), if place(family) < kinds.len() { 0 } else { family.safi.0 }, *family));
    families
}

/// A neighbour as if its session were up with a peer that offers what we offer: for reading messages without a session.
pub fn offline(config: Arc<PeerConfig>, settings: &Settings) -> PeerView {
    let ours = config.local_as.or(config.peer_as).unwrap_or_default();
    let theirs = config.peer_as.unwrap_or(ours);
    let router_id = config.identifier().unwrap_or(Ipv4Addr::UNSPECIFIED);
    let sent = open(&config, settings, ours, router_id, false);
    let received = open(&config, settings, theirs, router_id, false);
    let local = config.local_address;
    let negotiated = negotiate(&config, local, ours, &sent, &received);
    PeerView {
        id: PeerId(0),
        address: config.address,
        local_address: local,
        local_as: Some(ours),
        peer_as: Some(theirs),
        router_id: config.identifier(),
        negotiated: Some(Arc::new(negotiated)),
        config,
    }
}
