//! Capabilities Herald has a name for and no use: their values are shown as octets.

use super::{Capability, code};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::json;
use crate::read::Reader;

macro_rules! octets {
    ($($(#[$doc:meta])* $type:ident = $code:ident, $name:literal, $rfc:literal, $about:literal, $text:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) struct $type;

        impl Capability for $type {
            const CODE: u8 = code::$code;
            const NAME: &'static str = $name;
            const DOC: &'static str = $about;
            const RFC: &'static str = $rfc;
            const MERGES: bool = false;
            const SINCE: Option<Dialect> = None;

            fn check(_: Reader<'_>) -> Result<(), Malformed> {
                Ok(())
            }
            fn text(values: &[&[u8]], out: &mut String, _: Dialect) {
                out.push_str(concat!($text, "(0x"));
                values.iter().for_each(|value| json::hex(out, value));
                out.push(')');
            }
            fn json(values: &[&[u8]], out: &mut String, _: Dialect) {
                out.push_str(concat!("{ \"name\": \"", $name, "\", \"raw\": \""));
                values.iter().for_each(|value| json::hex(out, value));
                out.push_str("\" }");
            }
            fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
                let n = dice.below(8);
                dice.octets(n, out);
            }
        }
    )*};
}

octets! {
    /// RFC 8277 §3 takes it back.
    MultipleRoutes = MULTIPLE_ROUTES, "multiple-routes", "RFC 8277", "Several routes to a destination; no longer used.", "multiple routes";
    /// RFC 8205 §2.1.
    Bgpsec = BGPSEC, "bgpsec", "RFC 8205", "Signed paths.", "bgpsec";
    /// draft-ietf-idr-dynamic-cap
    Dynamic = DYNAMIC, "dynamic-capability", "draft-ietf-idr-dynamic-cap", "Capabilities may change while the session is up.", "dynamic capability";
    /// draft-ietf-idr-rpd
    RoutingPolicyDistribution = ROUTING_POLICY_DISTRIBUTION, "routing-policy-distribution", "draft-ietf-idr-rpd",
        "Routing policies can be distributed.", "routing policy distribution";
    /// Before its draft had a number.
    DynamicCisco = DYNAMIC_CISCO, "cisco-dynamic-capability", "draft-ietf-idr-dynamic-cap",
        "Dynamic capabilities or route filters, under a number from before both.", "cisco dynamic capability";
}
