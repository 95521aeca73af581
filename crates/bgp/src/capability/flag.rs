//! Capabilities that say everything by being there: their value is empty.

use super::{Capability, code};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::read::Reader;

macro_rules! flags {
    ($($(#[$doc:meta])* $type:ident = $code:ident, $name:literal, $rfc:literal, $about:literal, since $since:expr,
       text $text:literal, json $json:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $type;

        impl Capability for $type {
            const CODE: u8 = code::$code;
            const NAME: &'static str = $name;
            const DOC: &'static str = $about;
            const RFC: &'static str = $rfc;
            const MERGES: bool = false;
            const SINCE: Option<Dialect> = $since;

            fn check(value: Reader<'_>) -> Result<(), Malformed> {
                value.finish($name)
            }
            fn text(_: &[&[u8]], out: &mut String, _: Dialect) {
                out.push_str($text);
            }
            fn json(_: &[&[u8]], out: &mut String, _: Dialect) {
                out.push_str($json);
            }
            fn sample(_: &mut Dice, _: &mut Vec<u8>) {}
        }
    )*};
}

flags! {
    /// RFC 2918.
    RouteRefresh = ROUTE_REFRESH, "route-refresh", "RFC 2918", "Routes can be asked for again.", since Some(Dialect::V4),
        text "route refresh", json r#"{ "name": "route-refresh", "variant": "RFC" }"#;
    /// RFC 8654.
    ExtendedMessage = EXTENDED_MESSAGE, "extended-message", "RFC 8654", "Messages may have up to 65535 octets.", since Some(Dialect::V4),
        text "extended message(65535)", json r#"{ "name": "extended-message", "size": 65535 }"#;
    /// RFC 7313.
    EnhancedRouteRefresh = ENHANCED_ROUTE_REFRESH, "enhanced-route-refresh", "RFC 7313",
        "The answer to a route refresh has a marked beginning and end.", since Some(Dialect::V4),
        text "enhanced route refresh", json r#"{ "name": "enhanced-route-refresh" }"#;
    /// draft-ietf-idr-bgp-bfd-strict-mode
    BfdStrict = BFD_STRICT, "bfd-strict-mode", "draft-ietf-idr-bgp-bfd-strict-mode", "The session waits until BFD says that the peer is there.",
        since None, text "bfd strict mode", json r#"{ "name": "bfd-strict-mode" }"#;
    /// draft-ietf-idr-linklocal-capability
    LinkLocalNextHop = LINK_LOCAL_NEXT_HOP, "link-local-nexthop", "draft-ietf-idr-linklocal-capability", "A next hop may be a link-local address alone.",
        since Some(Dialect::V6), text "link-local nexthop", json r#"{ "name": "link-local-nexthop" }"#;
    /// Route refresh under the number it had before RFC 2918.
    RouteRefreshCisco = ROUTE_REFRESH_CISCO, "cisco-route-refresh", "RFC 2918", "Route refresh, under the number it had before its RFC.",
        since Some(Dialect::V4), text "cisco route refresh", json r#"{ "name": "route-refresh", "variant": "Cisco" }"#;
    /// draft-ietf-idr-operational-message
    Operational = OPERATIONAL, "operational", "draft-ietf-idr-operational-message", "Operational messages are understood.", since Some(Dialect::V4),
        text "operational", json r#"{ "name": "operational" }"#;
}
