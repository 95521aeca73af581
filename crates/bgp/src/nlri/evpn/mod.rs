//! EVPN (RFC 7432 §7, RFC 9136 §3, RFC 9251 §9, RFC 9572 §3): `type(1) length(1) fields`.

mod form;

use super::NextHopRule;
use super::typed::form::Part;
use super::typed::{self, Field, Route, RouteType, Typed};
use crate::dialect::Dialect;
use crate::family::{Afi, Family, Safi};
use crate::json;
use crate::put::Quoted;
use crate::route::Keyword;
use crate::value::label;

/// Routes of layer 2 VPNs.
pub struct Evpn;

const RD: Field = Field::new("rd", &form::RD, "route distinguisher");
const ESI: Field = Field::new("esi", &form::ESI, "Ethernet Segment Identifier");
const TAG: Field = Field::new("ethernet-tag", &form::U32, "Ethernet Tag ID; 0 if not said").optional();
const MAC: Field = Field::new("mac", &form::MAC, "MAC address");
const IP: Field = Field::new("ip", &form::ADDR, "address of the host or the router");
const LABEL: Field = Field::new("label", &form::LABEL, "MPLS label").not_key();
const LABELS: Field =
    Field::new("label", &form::LABELS, "MPLS labels: of layer 2, and of layer 3 if there are two").not_key();
const PREFIX: Field = Field::new("prefix", &form::PREFIX, "IP prefix");
const GATEWAY: Field =
    Field::new("gateway", &form::GATEWAY, "gateway of the prefix; none if not said").not_key().optional();
const SOURCE: Field = Field::new("source", &form::OPEN_ADDR, "multicast source; any if not said").optional();
const GROUP: Field = Field::new("group", &form::OPEN_ADDR, "multicast group; any if not said").optional();
const ORIGINATOR: Field = Field::new("originator", &form::ADDR, "address of the router the route comes from");
const FLAGS: Field =
    Field::new("flags", &form::U8, "IGMP and MLD versions (RFC 9251 §9); 0 if not said").not_key().optional();
const RESERVED: Field =
    Field::new("reserved", &form::U32, "reserved octets as a number; 0 if not said").not_key().optional();
const RESPONSE: Field =
    Field::new("max-response-time", &form::U8, "Maximum Response Time; 0 if not said").not_key().optional();
const REGION: Field = Field::new("region-id", &form::REGION_ID, "the region's extended community");
const ROUTE_KEY: Field = Field::new("route-key", &form::NLRI_KEY, "the NLRI of the route this one answers");

const KEYWORDS: &[Keyword] = &[
    RD.keyword(),
    ESI.keyword(),
    TAG.keyword(),
    MAC.keyword(),
    IP.keyword(),
    LABELS.keyword(),
    Keyword::part(
        "vni",
        "N | [ N N ]",
        "the same 24 bits as a VXLAN network identifier (RFC 8365 §5.1.3)",
        form::read_vni,
    ),
    PREFIX.keyword(),
    GATEWAY.keyword(),
    SOURCE.keyword(),
    GROUP.keyword(),
    ORIGINATOR.keyword(),
    FLAGS.keyword(),
    RESERVED.keyword(),
    RESPONSE.keyword(),
    REGION.keyword(),
    ROUTE_KEY.keyword(),
];

const TYPES: &[RouteType] = &[
    RouteType::new(1, "ethernet-ad", &[RD, ESI, TAG, LABEL]).known("Ethernet Auto-Discovery", "ethernetad"),
    RouteType::new(2, "mac-ip", &[RD, ANY_ESI, TAG, MAC, HOST, LABELS]).known("MAC/IP advertisement", "macadv"),
    RouteType::new(3, "multicast", &[RD, TAG, IP]).known("Inclusive Multicast Ethernet Tag", "multicast"),
    RouteType::new(4, "ethernet-segment", &[RD, ESI, IP]).known("Ethernet Segment", "segment"),
    RouteType::new(5, "ip-prefix", &[RD, ANY_ESI, TAG, PREFIX, GATEWAY, LABEL])
        .known("IP Prefix Advertisement", "prfxadv"),
    RouteType::new(6, "selective-multicast", &[RD, TAG, SOURCE, GROUP, ORIGINATOR, FLAGS]),
    RouteType::new(7, "membership-report-synch", &[RD, ESI, TAG, SOURCE, GROUP, ORIGINATOR, FLAGS]),
    RouteType::new(8, "leave-synch", &[RD, ESI, TAG, SOURCE, GROUP, ORIGINATOR, RESERVED, RESPONSE, FLAGS]),
    RouteType::new(9, "per-region-i-pmsi", &[RD, TAG, REGION]),
    RouteType::new(10, "s-pmsi", &[RD, TAG, SOURCE, GROUP, ORIGINATOR]),
    RouteType::new(11, "leaf", &[ROUTE_KEY, ORIGINATOR]),
];

/// Where it is no part of the key: zero if not said.
const ANY_ESI: Field = ESI.not_key().optional();
/// The address of a host beside its MAC address.
const HOST: Field = Field { form: &form::OPEN_ADDR, ..IP.optional() };

impl Typed for Evpn {
    const FAMILY: Family = Family::new(Afi::L2VPN, Safi::EVPN);
    const NAME: &'static str = "evpn";
    const NEXT_HOP: NextHopRule = NextHopRule::Either;
    const PACKS: bool = false;
    const NEXT_HOP_TWICE: bool = false;
    const RFC: &'static str = "RFC 7432, RFC 9136, RFC 9251, RFC 9572";
    const KEYWORDS: &'static [Keyword] = KEYWORDS;
    const TYPES: &'static [RouteType] = TYPES;
    const LISTED: &'static str = "evpn";

    fn members(nlri: &[u8], route: Option<&Route<'_>>, out: &mut String) -> &'static str {
        typed::coded(nlri, route, out, |route, out| {
            // IP addresses come last there
            let is_ip = |part: &Part<'_>| matches!(part.field.word, "ip" | "prefix" | "gateway");
            route.parts().filter(|part| !is_ip(part)).for_each(|part| member(&part, out));
            route.parts().filter(is_ip).for_each(|part| member(&part, out));
        });
        " }"
    }
}

/// Appends `, "mac": "00:11:22:33:44:FF"`; nothing for an address that is not there. Of two labels, events know one, and
/// show its octets in every dialect.
fn member(part: &Part<'_>, out: &mut String) {
    let (word, octets) = (part.field.word, part.octets);
    match (word, form::addr(octets)) {
        ("rd", _) => json::member(out, "rd", Quoted(form::rd(octets))),
        ("esi", _) => json::member(out, "esi", Quoted(form::esi(octets))),
        ("mac", _) => json::member(out, "mac", Quoted(form::mac(octets))),
        ("label", _) => {
            out.push_str(", \"label\": ");
            label::json(form::first_label(octets), out, Dialect::V6);
        }
        ("prefix", Some(addr)) => {
            json::member(out, "ip", Quoted(addr));
            json::member(out, "iplen", octets.first().copied().unwrap_or(0));
        }
        ("ip" | "gateway", Some(addr)) => json::member(out, word, Quoted(addr)),
        ("ip" | "prefix" | "gateway", None) => {}
        _ => json::member(out, word, form::number(octets)),
    }
}
