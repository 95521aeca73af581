//! NLRI as JSON objects, in which no key is twice.

use super::rows::{
    AUTONOMOUS_SYSTEM, BGP_LS_IDENTIFIER, IGP_ROUTER_ID, IP_REACHABILITY, IPV4_INTERFACE, IPV4_NEIGHBOR, IPV4_PREFIX,
    IPV6_INTERFACE, IPV6_NEIGHBOR, IPV6_PREFIX, LINK, LINK_IDENTIFIERS, LOCAL, NODE, OSPF_AREA_ID, OSPF_ROUTE_TYPE,
    REMOTE, SID, SRV6_SID, TOPOLOGIES, kind_of,
};
use super::view::{RouterId, View, known_kind};
use crate::attribute::bgpls::{address, generic, hex_string, number};
use crate::dialect::Dialect;
use crate::error::Malformed;
use crate::family::Afi;
use crate::json::{self, Separator};
use crate::nlri::Shown;
use crate::nlri::inet::path_json;
use crate::put;
use crate::put::{Hex, LowerHex, Put, Quoted};
use crate::value::Prefix;
use crate::value::tlv::{Grouped, Tlv};

/// Appends the object, the path identifier last.
pub(super) fn object(shown: &Shown<'_>, has_rd: bool, out: &mut String, dialect: Dialect) {
    members(shown, has_rd, out, dialect);
    path_json(shown.path_id, out);
    out.push_str(" }");
}

/// Appends the object without its end.
fn members(shown: &Shown<'_>, has_rd: bool, out: &mut String, dialect: Dialect) {
    let named = |code: u16| kind_of(code).filter(|kind| !kind.name.is_empty());
    let kind = known_kind(shown.nlri).and_then(named);
    // SRv6 SIDs came after 4.2
    let Some(kind) = kind.filter(|kind| kind.code != SRV6_SID || dialect > Dialect::V4) else {
        return raw(shown.nlri, None, out);
    };
    let view = match View::read(shown.nlri, has_rd) {
        Ok(view) => view,
        Err(why) => return raw(shown.nlri, Some(why), out),
    };
    put!(out, "{ \"ls-nlri-type\": ", Quoted(kind.name));
    json::member(out, "l3-routing-topology", view.identifier);
    json::member(out, "protocol-id", view.protocol);
    let said_early = if dialect == Dialect::V6 { None } else { Some(shown) };
    match kind.code {
        NODE => {
            node(", \"node-descriptors\": ", view.all(LOCAL), out, dialect);
            next_hop(said_early, out);
        }
        LINK => link(&view, out, dialect),
        IPV4_PREFIX | IPV6_PREFIX => prefix(&view, said_early, out, dialect),
        _ => sid(&view, out, dialect),
    }
    if kind.code != SRV6_SID {
        foreign(&view, &mut Separator::started(", "), out);
    }
    if let Some(rd) = view.rd {
        json::member(out, "rd", Quoted(rd));
    }
    if dialect == Dialect::V6 && !matches!(kind.code, LINK | SRV6_SID) && !shown.withdrawn {
        next_hop(Some(shown), out);
    }
}

/// Appends what is not read: `{ "code": 99, "parsed": false, "raw": "0063…"`.
fn raw(nlri: &[u8], why: Option<Malformed>, out: &mut String) {
    put!(out, "{ \"code\": ", number(nlri.get(..2).unwrap_or(&[])));
    json::member(out, "parsed", false);
    json::member(out, "raw", Quoted(Hex(nlri)));
    if let Some(Malformed { what, expected, offset }) = why {
        put!(out, ", \"reason\": \"", what, " at octet ", offset, ": expected ", expected, '"');
    }
}

/// Appends `, "nexthop": "192.0.2.1"`; in withdrawals `None`.
fn next_hop(shown: Option<&Shown<'_>>, out: &mut String) {
    let Some(shown) = shown else { return };
    if shown.withdrawn {
        json::member(out, "nexthop", Quoted("None"));
    } else if let Some(addr) = shown.next_hop.and_then(|hop| hop.addr()) {
        json::member(out, "nexthop", Quoted(addr));
    }
}

/// Appends the descriptors of a node: `[ { "autonomous-system": 65001 }, … ]`. 4.2 has them all in one object.
fn node<'a>(key: &str, mut values: impl Iterator<Item = &'a [u8]>, out: &mut String, dialect: Dialect) {
    let one = dialect == Dialect::V4;
    let mut items = Separator::new(", ");
    out.push_str(key);
    out.push_str(if one { "{ " } else { "[ " });
    for Tlv { kind, value } in Tlv::each(values.next().unwrap_or(&[])) {
        items.next(out);
        if !one {
            out.push_str("{ ");
        }
        match kind {
            AUTONOMOUS_SYSTEM => put!(out, "\"autonomous-system\": ", number(value)),
            BGP_LS_IDENTIFIER => put!(out, "\"bgp-ls-identifier\": ", Quoted(number(value))),
            OSPF_AREA_ID => {
                out.push_str("\"ospf-area-id\": ");
                quoted(value, out);
            }
            IGP_ROUTER_ID => router_id(value, out, dialect),
            _ => {
                put!(out, "\"generic-node-descriptor-", kind, "\": ");
                hex_string(value, out);
            }
        }
        if !one {
            out.push_str(" }");
        }
    }
    out.push_str(if one { " }" } else { " ]" });
}

fn router_id(value: &[u8], out: &mut String, dialect: Dialect) {
    const ID: &str = "\"router-id\": ";
    match (RouterId::of(value), dialect) {
        (Some(RouterId::Pseudonode(system, number)), Dialect::V4) => {
            put!(out, "\"psn\": ", Quoted(number), ", ", ID, Quoted(LowerHex(&system)));
        }
        (Some(RouterId::Pseudonode(_, number)), _) => {
            // all seven octets
            put!(out, ID, Quoted(LowerHex(value)));
            json::member(out, "psn", Quoted(number));
        }
        (Some(RouterId::Router(router)), _) => put!(out, ID, Quoted(router)),
        (Some(RouterId::Network(router, interface)), Dialect::V4) => {
            put!(out, "\"designated-router-id\": ", Quoted(interface), ", ", ID, Quoted(router));
        }
        (Some(RouterId::Network(router, interface)), _) => {
            put!(out, ID, Quoted(router));
            json::member(out, "designated-router-id", Quoted(interface));
        }
        (Some(RouterId::System(_)) | None, _) => put!(out, ID, Quoted(LowerHex(value))),
    }
}

fn link(view: &View<'_>, out: &mut String, dialect: Dialect) {
    node(", \"local-node-descriptors\": ", view.all(LOCAL), out, dialect);
    node(", \"remote-node-descriptors\": ", view.all(REMOTE), out, dialect);
    let interfaces = view.both(IPV4_INTERFACE, IPV6_INTERFACE);
    let neighbors = view.both(IPV4_NEIGHBOR, IPV6_NEIGHBOR);
    let (topologies, identifiers) = (view.all(TOPOLOGIES), view.all(LINK_IDENTIFIERS));
    let topology = |octets: &[u8], out: &mut String| json::number(out, topology(octets));
    let identifier = |octets: &[u8], out: &mut String| {
        let (local, remote) = octets.split_at_checked(4).unwrap_or_default();
        put!(out, "{ \"link-local-id\": ", number(local), ", \"link-remote-id\": ", number(remote), " }");
    };
    if dialect == Dialect::V4 {
        lone("interface-address", interfaces, out);
        lone("neighbor-address", neighbors, out);
        // 4.2 has no words for these: they are added where there is something to say
        if topologies.clone().next().is_some() {
            list("multi-topology-ids", topologies, topology, out);
        }
        if identifiers.clone().next().is_some() {
            list("link-identifiers", identifiers, identifier, out);
        }
        return;
    }
    list("interface-addresses", interfaces, quoted, out);
    list("neighbor-addresses", neighbors, quoted, out);
    list("multi-topology-ids", topologies, topology, out);
    list("link-identifiers", identifiers, identifier, out);
}

/// Appends `, "key": [ … ]`.
fn list<'a>(key: &str, values: impl Iterator<Item = &'a [u8]>, each: impl Fn(&'a [u8], &mut String), out: &mut String) {
    let mut items = Separator::new(", ");
    put!(out, ", ", Quoted(key), ": [ ");
    for value in values {
        items.next(out);
        each(value, out);
    }
    out.push_str(" ]");
}

/// Appends `, "key": { "key": "10.0.0.1" }`; several are a list.
fn lone<'a>(key: &str, values: impl Iterator<Item = &'a [u8]> + Clone, out: &mut String) {
    put!(out, ", ", Quoted(key), ": { ");
    match values.clone().count() {
        0 => {}
        1 => {
            put!(out, Quoted(key), ": ");
            values.for_each(|value| quoted(value, out));
        }
        _ => {
            let mut items = Separator::new(", ");
            put!(out, Quoted(key), ": [");
            for value in values {
                items.next(out);
                quoted(value, out);
            }
            out.push(']');
        }
    }
    out.push_str(" }");
}

fn prefix(view: &View<'_>, said_early: Option<&Shown<'_>>, out: &mut String, dialect: Dialect) {
    let afi = if view.kind == IPV4_PREFIX { Afi::IPV4 } else { Afi::IPV6 };
    node(", \"node-descriptors\": ", view.all(LOCAL), out, dialect);
    let reachable = view.all(IP_REACHABILITY).next().and_then(<[u8]>::split_first);
    if let Some(prefix) = reachable.and_then(|(bits, octets)| Prefix::from_wire(afi, *bits, octets)) {
        match dialect {
            Dialect::V6 => json::member(out, "ip-reachability-tlv", Quoted(prefix)),
            _ => json::member(out, "ip-reachability-tlv", Quoted(prefix.addr())),
        }
        json::member(out, "ip-reach-prefix", Quoted(prefix));
    }
    next_hop(said_early, out);
    if let Some(route_type) = view.all(OSPF_ROUTE_TYPE).next() {
        json::member(out, "ospf-route-type", number(route_type));
    }
}

fn sid(view: &View<'_>, out: &mut String, dialect: Dialect) {
    node(", \"node-descriptors\": ", view.all(LOCAL), out, dialect);
    out.push_str(", \"srv6-sid-descriptors\": {\"multi-topology-ids\": [");
    let mut items = Separator::new(", ");
    for value in view.all(TOPOLOGIES) {
        items.next(out);
        Quoted(topology(value)).put(out);
    }
    out.push(']');
    if let Some(sid) = view.all(SID).next() {
        out.push_str(", \"srv6-sid\": ");
        quoted(sid, out);
    }
    foreign(view, &mut Separator::started(", "), out);
    out.push('}');
}

/// Appends `, "generic-tlv-300": ["0xDEAD"]` for what has no place in such an NLRI.
fn foreign(view: &View<'_>, members: &mut Separator, out: &mut String) {
    if !Tlv::each(view.tlvs).any(|tlv| view.is_foreign(tlv.kind)) {
        return;
    }
    let grouped = Grouped::new(view.tlvs, |kind| kind);
    for group in grouped.each().filter(|group| view.is_foreign(group.kind)) {
        generic("generic-tlv", group.kind, group.tlvs(), members, out);
    }
}

/// The first topology of a TLV, the only one that has ever been shown.
fn topology(octets: &[u8]) -> u64 {
    number(octets.get(..2).unwrap_or(&[])) & 0xfff
}

/// Appends an address as a string.
fn quoted(octets: &[u8], out: &mut String) {
    match address(octets) {
        Some(address) => Quoted(address).put(out),
        None => out.push_str("\"\""),
    }
}
