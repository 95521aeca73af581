//! From a configuration to our OPEN, and from two OPENs to what they agree on (RFC 4271 §4.2, §6.2, RFC 5492).

use crate::config::{PeerConfig, Settings};
use crate::event::{Negotiated, Refresh};
use herald_bgp::capability::code;
use herald_bgp::context::Context;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::message::{MAX, MAX_EXTENDED};
use herald_bgp::notification::Notification;
use herald_bgp::open::Open;
use herald_bgp::value::Asn;
use std::net::{IpAddr, Ipv4Addr};

/// Add-path bits (RFC 7911 §4).
const RECEIVE: u8 = 1;
const SEND: u8 = 2;

/// Our OPEN. `restarting`: the R bit of RFC 4724 is still to be sent.
pub fn open(config: &PeerConfig, settings: &Settings, asn: Asn, router_id: Ipv4Addr, restarting: bool) -> Open {
    let c = &config.capability;
    let mut capabilities = Vec::new();
    let mut add = |code: u8, value: Vec<u8>| capabilities.push((code, value));
    let mut families = config.families.clone();
    families.sort();
    for family in &families {
        add(code::MULTIPROTOCOL, multiprotocol(*family));
    }
    if c.asn4 {
        add(code::ASN4, asn.0.to_be_bytes().to_vec());
    }
    if !c.next_hop.is_empty() {
        let triple = |(family, afi): &(Family, Afi)| {
            let Family { afi: Afi(a), safi: Safi(s) } = *family;
            [a.to_be_bytes(), u16::from(s).to_be_bytes(), afi.0.to_be_bytes()].concat()
        };
        add(code::EXTENDED_NEXT_HOP, c.next_hop.iter().flat_map(triple).collect());
    }
    let add_path = add_path_families(config);
    if !add_path.is_empty() {
        let item = |family: &Family| [three(*family).as_slice(), &[c.add_path]].concat();
        add(code::ADD_PATH, add_path.iter().flat_map(item).collect());
        let limits = c.add_path_families.iter().filter_map(|(family, limit)| Some((*family, (*limit)?)));
        let limits: Vec<u8> =
            limits.flat_map(|(family, limit)| [three(family).as_slice(), &limit.to_be_bytes()].concat()).collect();
        if !limits.is_empty() {
            add(code::PATHS_LIMIT, limits);
        }
    }
    if let Some(time) = c.graceful_restart {
        let flags = if restarting { 0x8000 } else { 0 };
        let mut value = (flags | time & 0x0fff).to_be_bytes().to_vec();
        value.extend(families.iter().flat_map(|family| [three(*family).as_slice(), &[0x80]].concat()));
        add(code::GRACEFUL_RESTART, value);
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
        add(code::HOSTNAME, [text(host), text(&config.domain_name)].concat());
    }
    if c.software_version {
        add(code::SOFTWARE_VERSION, text(&settings.software_version));
    }
    if c.link_local_next_hop {
        add(code::LINK_LOCAL_NEXT_HOP, Vec::new());
    }
    if c.multi_session {
        add(code::MULTISESSION, vec![0, code::MULTIPROTOCOL]);
    }
    Open { version: 4, my_as: asn.two_octets(), hold_time: config.hold_time, router_id, capabilities }
}

/// What is wrong with a peer's OPEN for this neighbour (RFC 4271 §6.2, RFC 6286 §2.2).
pub fn verify(config: &PeerConfig, ours: Asn, router_id: Ipv4Addr, open: &Open) -> Result<(), Notification> {
    if open.version != 4 {
        return Err(Notification::with(2, 1, [0, 4]));
    }
    if config.peer_as.is_some_and(|asn| asn != open.asn()) || open.asn().0 == 0 {
        return Err(Notification::new(2, 2));
    }
    if open.router_id.is_unspecified() || (open.asn() == ours && open.router_id == router_id) {
        return Err(Notification::new(2, 3));
    }
    if matches!(open.hold_time, 1 | 2) {
        return Err(Notification::new(2, 6));
    }
    Ok(())
}

/// What two OPENs agree on.
pub fn negotiate(config: &PeerConfig, local: Option<IpAddr>, ours: Asn, sent: &Open, received: &Open) -> Negotiated {
    let both = |code: u8| sent.values(code).next().is_some() && received.values(code).next().is_some();
    let offered = families(sent);
    let mut theirs = families(received);
    if theirs.is_empty() && received.values(code::MULTIPROTOCOL).next().is_none() {
        theirs.push(Family::IPV4_UNICAST); // a speaker that knows no other (RFC 4760 §8)
    }
    let common: Vec<Family> = theirs.into_iter().filter(|family| offered.contains(family)).collect();
    let (our_paths, their_paths) = (paths(sent), paths(received));
    let paths = |mine: u8, yours: u8| {
        let has = |list: &[(Family, u8)], family: Family, bit: u8| {
            list.iter().any(|(f, bits)| *f == family && bits & bit != 0)
        };
        let agreed = |f: &Family| has(&our_paths, *f, mine) && has(&their_paths, *f, yours);
        common.iter().copied().filter(agreed).collect::<Vec<_>>()
    };
    let peer_asn = received.asn();
    let internal = ours == peer_asn;
    let their_hops = next_hops(received);
    let context = Context {
        asn4: both(code::ASN4),
        internal,
        local_asn: ours,
        peer_asn,
        router_id: sent.router_id,
        local_address: local,
        add_path_receive: paths(RECEIVE, SEND),
        add_path_send: paths(SEND, RECEIVE),
        extended_next_hop: next_hops(sent).into_iter().filter(|hop| their_hops.contains(hop)).collect(),
        message_size: if both(code::EXTENDED_MESSAGE) { MAX_EXTENDED } else { MAX },
        aigp: config.capability.aigp.unwrap_or(internal),
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
        // Those whose NLRI are prefixes: for the others a path identifier means nothing.
        true => matches!(family.safi.0, 1 | 4 | 85 | 128),
        false => c.add_path_families.iter().any(|(f, _)| f == family),
    };
    let mut families: Vec<Family> = config.families.iter().copied().filter(chosen).collect();
    families.sort();
    families
}

fn multiprotocol(family: Family) -> Vec<u8> {
    let [high, low] = family.afi.0.to_be_bytes();
    vec![high, low, 0, family.safi.0]
}

fn three(family: Family) -> [u8; 3] {
    let [high, low] = family.afi.0.to_be_bytes();
    [high, low, family.safi.0]
}

/// `length(1) text`
fn text(s: &str) -> Vec<u8> {
    let mut s = s.as_bytes();
    s = s.get(..255).unwrap_or(s);
    let mut out = vec![u8::try_from(s.len()).unwrap_or(u8::MAX)];
    out.extend_from_slice(s);
    out
}

fn families(open: &Open) -> Vec<Family> {
    let mut families = Vec::new();
    for value in open.values(code::MULTIPROTOCOL) {
        if let [a, b, _, safi] = value {
            let family = Family::new(Afi(u16::from_be_bytes([*a, *b])), Safi(*safi));
            if !families.contains(&family) {
                families.push(family);
            }
        }
    }
    families
}

fn paths(open: &Open) -> Vec<(Family, u8)> {
    let item = |b: &[u8]| match b {
        [a, b, safi, bits] => Some((Family::new(Afi(u16::from_be_bytes([*a, *b])), Safi(*safi)), *bits)),
        _ => None,
    };
    open.values(code::ADD_PATH).flat_map(|value| value.chunks_exact(4)).filter_map(item).collect()
}

fn next_hops(open: &Open) -> Vec<(Family, Afi)> {
    let item = |b: &[u8]| match b {
        [a, b, _, safi, c, d] => {
            Some((Family::new(Afi(u16::from_be_bytes([*a, *b])), Safi(*safi)), Afi(u16::from_be_bytes([*c, *d]))))
        }
        _ => None,
    };
    open.values(code::EXTENDED_NEXT_HOP).flat_map(|value| value.chunks_exact(6)).filter_map(item).collect()
}
