//! MCAST-VPN (RFC 6514 §4, RFC 6515, RFC 6625): `type(1) length(1) fields`. Addresses of sources and groups are the
//! customer's, of the family's AFI; those of routers are the provider's, of either.

use super::NextHopRule;
use super::typed::{self, Field, Route, RouteType, Typed, form};
use crate::family::{Afi, Family, Safi};
use crate::json;
use crate::put::Quoted;
use crate::route::Keyword;

const RD: Field = Field::new("rd", &form::RD, "route distinguisher");
const ORIGINATOR: Field = Field::new("originator", &form::REST_ADDR, "address of the router the route comes from");
const SOURCE_AS: Field = Field::new("source-as", &form::U32, "AS of the source");
const SOURCE: Field = Field::new("source", &form::ADDR, "multicast source");
const ANY_SOURCE: Field = Field { form: &form::OPEN_ADDR, ..SOURCE.optional() };
const RP: Field = Field::new("rp", &form::ADDR, "rendezvous point");
const GROUP: Field = Field::new("group", &form::ADDR, "multicast group");
const ANY_GROUP: Field = Field { form: &form::OPEN_ADDR, ..GROUP.optional() };
const ROUTE_KEY: Field = Field::new("route-key", &form::NLRI_KEY, "the NLRI of the route this one answers");

const KEYWORDS: &[Keyword] = &[
    RD.keyword(),
    ORIGINATOR.keyword(),
    SOURCE_AS.keyword(),
    SOURCE.keyword(),
    RP.keyword(),
    GROUP.keyword(),
    ROUTE_KEY.keyword(),
];

const TYPES: &[RouteType] = &[
    RouteType::new(1, "intra-as-i-pmsi", &[RD, ORIGINATOR]),
    RouteType::new(2, "inter-as-i-pmsi", &[RD, SOURCE_AS]),
    RouteType::new(3, "s-pmsi", &[RD, ANY_SOURCE, ANY_GROUP, ORIGINATOR]),
    RouteType::new(4, "leaf", &[ROUTE_KEY, ORIGINATOR]),
    RouteType::new(5, "source-ad", &[RD, SOURCE, GROUP]).known("Source Active A-D Route", "sourcead"),
    RouteType::new(6, "shared-join", &[RD, SOURCE_AS, RP, GROUP])
        .known("C-Multicast Shared Tree Join route", "shared-join"),
    RouteType::new(7, "source-join", &[RD, SOURCE_AS, SOURCE, GROUP])
        .known("C-Multicast Source Tree Join route", "source-join"),
];

macro_rules! families {
    ($($name:ident = $afi:ident;)*) => {$(
        /// One of the two families of multicast routes of VPNs.
        pub struct $name;
        impl Typed for $name {
            const FAMILY: Family = Family::new(Afi::$afi, Safi::MCAST_VPN);
            const NAME: &'static str = "mcast-vpn";
            const NEXT_HOP: NextHopRule = NextHopRule::Either;
            const PACKS: bool = true;
            const RFC: &'static str = "RFC 6514, RFC 6515, RFC 6625";
            const KEYWORDS: &'static [Keyword] = KEYWORDS;
            const TYPES: &'static [RouteType] = TYPES;
            const LISTED: &'static str = "mvpn";

            fn members(nlri: &[u8], route: Option<&Route<'_>>, out: &mut String) -> &'static str {
                if typed::coded(nlri, route, out, members) { "}" } else { " }" }
            }
        }
    )*};
}

families! {
    Ipv4McastVpn = IPV4;
    Ipv6McastVpn = IPV6;
}

/// Appends `, "rd": "65000:1", "source-as": "65000", "source": "10.0.0.1", "group": "239.0.0.1"`.
fn members(route: &Route<'_>, out: &mut String) {
    for part in route.parts() {
        let (word, octets) = (part.field.word, part.octets);
        match (word, form::addr(octets)) {
            ("rd", _) => json::member(out, word, Quoted(form::rd(octets))),
            ("source-as", _) => json::member(out, word, Quoted(form::number(octets))),
            ("rp", Some(addr)) => json::member(out, "source", Quoted(addr)),
            (_, Some(addr)) => json::member(out, word, Quoted(addr)),
            (_, None) => {}
        }
    }
}
