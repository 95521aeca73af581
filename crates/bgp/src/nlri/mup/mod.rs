//! Mobile User Plane (draft-ietf-bess-mup-safi): `architecture(1) type(2) length(1) fields`. One architecture is known,
//! 3gpp-5g.

mod form;

use super::NextHopRule;
use super::typed::{Field, Route, RouteType, Typed};
use crate::family::{Afi, Family, Safi};
use crate::put;
use crate::put::{Hex, Put, Quoted};
use crate::route::Keyword;

const RD: Field = Field::new("rd", &form::RD, "route distinguisher");
const PREFIX: Field = Field::new("prefix", &form::PREFIX, "prefix of the network or the user").bare();
const ADDRESS: Field = Field::new("address", &form::ADDRESS, "address of the router").bare();
const TEID: Field = Field::new("teid", &form::TUNNEL, "Tunnel Endpoint Identifier").not_key();
const TEID_BITS: Field = Field::new("teid", &form::TUNNEL_BITS, "the leading bits of a Tunnel Endpoint Identifier");
const QFI: Field = Field::new("qfi", &form::QFI, "QoS Flow Identifier").not_key();
const ENDPOINT: Field = Field::new("endpoint", &form::ENDPOINT_ADDR, "address of the tunnel endpoint").not_key();
const SOURCE: Field = Field::new("source", &form::SOURCE_ADDR, "source address of the tunnel").not_key().optional();
const END: Field = Field::new("tunnel-end", &form::TUNNEL_END, "address of the tunnel endpoint").bare();

const KEYWORDS: &[Keyword] = &[RD.keyword(), TEID.keyword(), QFI.keyword(), ENDPOINT.keyword(), SOURCE.keyword()];

const TYPES: &[RouteType] = &[
    RouteType::new(1, "mup-isd", &[RD, PREFIX]).known("InterworkSegmentDiscoveryRoute", "isd"),
    RouteType::new(2, "mup-dsd", &[RD, ADDRESS]).known("DirectSegmentDiscoveryRoute", "dsd"),
    RouteType::new(3, "mup-t1st", &[RD, PREFIX, TEID, QFI, ENDPOINT, SOURCE])
        .known("Type1SessionTransformedRoute", "t1st"),
    RouteType::new(4, "mup-t2st", &[RD, END, TEID_BITS]).known("Type2SessionTransformedRoute", "t2st"),
];

macro_rules! families {
    ($($name:ident = $afi:ident, $next_hop:ident;)*) => {$(
        /// One of the two families of the Mobile User Plane.
        pub struct $name;
        impl Typed for $name {
            const FAMILY: Family = Family::new(Afi::$afi, Safi::MUP);
            const NAME: &'static str = "mup";
            const NEXT_HOP: NextHopRule = NextHopRule::$next_hop;
            const PACKS: bool = false;
            const ADD_PATH: bool = true;
            const RFC: &'static str = "draft-ietf-bess-mup-safi";
            const KEYWORDS: &'static [Keyword] = KEYWORDS;
            const TYPES: &'static [RouteType] = TYPES;
            const LEAD: &'static [u8] = &[1, 0];
            const LISTED: &'static str = "mup";

            fn members(nlri: &[u8], route: Option<&Route<'_>>, out: &mut String) -> &'static str {
                members(nlri, route, out);
                " }"
            }
        }
    )*};
}

families! {
    Ipv4Mup = IPV4, Either;
    Ipv6Mup = IPV6, Mapped;
}

fn members(nlri: &[u8], route: Option<&Route<'_>>, out: &mut String) {
    if let Some(known) = route.and_then(|route| route.kind.known.as_ref()) {
        said(out, "name", known.name);
    }
    // the frozen dialects have two blanks here
    out.push_str(if route.is_some_and(|route| route.kind.code == 4) { " " } else { "" });
    let (arch, kind) = match nlri {
        [arch, a, b, ..] => (*arch, u16::from_be_bytes([*a, *b])),
        _ => (0, 0),
    };
    put!(out, "\"arch\": ", arch, ", \"code\": ", kind, ", ");
    if let Some(route) = route {
        fields(route, out);
    }
    put!(out, "\"raw\": ", Quoted(Hex(nlri)));
}

/// Appends `"key": "value", `.
fn said(out: &mut String, key: &str, value: impl Put) {
    put!(out, Quoted(key), ": ", Quoted(value), ", ");
}

fn fields(route: &Route<'_>, out: &mut String) {
    let rd = form::rd(route.octets("rd"));
    let teid = form::number(route.octets("teid"));
    let with_length = |name: &str, octets: &[u8], out: &mut String| {
        put!(out, '"', name, "_len\": ", octets.first().copied().unwrap_or(0), ", ");
        match form::addr(octets) {
            Some(addr) => said(out, name, addr),
            // no address is what it has always been
            None => said(out, name, "b''"),
        }
    };
    if let Some(prefix) = form::prefix(route.afi, route.octets("prefix")) {
        put!(out, "\"prefix_ip_len\": ", prefix.len(), ", ");
        said(out, "prefix_ip", prefix.addr());
    }
    match route.kind.code {
        2 => form::addr(route.octets("address")).iter().for_each(|addr| said(out, "ip", addr)),
        3 => {
            said(out, "teid", teid);
            said(out, "qfi", form::number(route.octets("qfi")));
        }
        4 => {
            let octets = route.octets("tunnel-end");
            put!(out, "\"endpoint_len\": ", octets.first().copied().unwrap_or(0), ", ");
            form::addr(octets).iter().for_each(|addr| said(out, "endpoint_ip", addr));
        }
        _ => {}
    }
    said(out, "rd", rd);
    match route.kind.code {
        3 => {
            with_length("endpoint_ip", route.octets("endpoint"), out);
            with_length("source_ip", route.octets("source"), out);
        }
        4 => said(out, "teid", teid),
        _ => {}
    }
}
