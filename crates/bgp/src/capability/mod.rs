//! Capabilities: one file and one row of [`CAPABILITIES`] for each (RFC 5492).
//!
//! Like attributes they stay bytes: `(code, value)`. A row says how a value is checked and shown; the few that the
//! negotiation needs have typed readers next to their implementation: `read` takes all instances of one OPEN, `build`
//! makes a value.

pub mod add_path;
pub mod asn4;
pub mod extended_next_hop;
pub mod filtering;
mod flag;
pub mod graceful_restart;
pub mod hostname;
pub mod long_lived;
pub mod multiple_labels;
pub mod multiprotocol;
pub mod multisession;
mod octets;
pub mod paths_limit;
pub mod role;
mod show;
pub mod software_version;

pub use show::{describe, json_all, text_all};

use crate::dialect::Dialect;
use crate::error::Malformed;
use crate::read::Reader;

/// Capability codes, by the names of the RFCs.
#[allow(missing_docs)]
pub mod code {
    pub const MULTIPROTOCOL: u8 = 1;
    pub const ROUTE_REFRESH: u8 = 2;
    pub const OUTBOUND_ROUTE_FILTERING: u8 = 3;
    pub const MULTIPLE_ROUTES: u8 = 4;
    pub const EXTENDED_NEXT_HOP: u8 = 5;
    pub const EXTENDED_MESSAGE: u8 = 6;
    pub const BGPSEC: u8 = 7;
    pub const MULTIPLE_LABELS: u8 = 8;
    pub const ROLE: u8 = 9;
    pub const GRACEFUL_RESTART: u8 = 64;
    pub const ASN4: u8 = 65;
    pub const DYNAMIC: u8 = 67;
    pub const MULTISESSION: u8 = 68;
    pub const ADD_PATH: u8 = 69;
    pub const ENHANCED_ROUTE_REFRESH: u8 = 70;
    pub const LONG_LIVED_GRACEFUL_RESTART: u8 = 71;
    pub const ROUTING_POLICY_DISTRIBUTION: u8 = 72;
    pub const HOSTNAME: u8 = 73;
    pub const BFD_STRICT: u8 = 74;
    pub const SOFTWARE_VERSION: u8 = 75;
    pub const PATHS_LIMIT: u8 = 76;
    pub const LINK_LOCAL_NEXT_HOP: u8 = 77;
    pub const ROUTE_REFRESH_CISCO: u8 = 128;
    pub const DYNAMIC_CISCO: u8 = 129;
    pub const OUTBOUND_ROUTE_FILTERING_CISCO: u8 = 130;
    pub const MULTISESSION_CISCO: u8 = 131;
    pub const OPERATIONAL: u8 = 185;
}

/// A capability: everything that differs from one to the next.
pub trait Capability {
    /// Capability code.
    const CODE: u8;
    /// The key it has in the JSON of an OPEN we sent: `"multiprotocol"`.
    const NAME: &'static str;
    /// One line for the reference: what it says.
    const DOC: &'static str;
    /// Several instances in one OPEN add up (RFC 5492 §4); otherwise the last one counts.
    const MERGES: bool;
    /// The first dialect that has words for it; older ones show it as they show an unknown one. `None`: the dialects
    /// were frozen before it was known.
    const SINCE: Option<Dialect>;
    /// A malformed value means nothing and is shown as octets; otherwise it costs the session (RFC 4271 §6.2). Only what
    /// has always been looked at can do that.
    const TOLERATED: bool = Self::SINCE.is_none();

    /// Verifies one value.
    fn check(value: Reader<'_>) -> Result<(), Malformed>;
    /// Appends the words of the text encoder: `multiprotocol(ipv4 unicast,ipv6 unicast)`. `values`: all instances.
    fn text(values: &[&[u8]], out: &mut String, dialect: Dialect);
    /// Appends the JSON object. `values`: all instances.
    fn json(values: &[&[u8]], out: &mut String, dialect: Dialect);
}

/// A row of [`CAPABILITIES`]: the functions of a [`Capability`] as values.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct CapabilitySpec {
    pub code: u8,
    pub name: &'static str,
    pub doc: &'static str,
    pub merges: bool,
    pub since: Option<Dialect>,
    pub tolerated: bool,
    pub check: fn(Reader<'_>) -> Result<(), Malformed>,
    pub text: fn(&[&[u8]], &mut String, Dialect),
    pub json: fn(&[&[u8]], &mut String, Dialect),
}

const fn spec_of<T: Capability>() -> CapabilitySpec {
    CapabilitySpec {
        code: T::CODE,
        name: T::NAME,
        doc: T::DOC,
        merges: T::MERGES,
        since: T::SINCE,
        tolerated: T::TOLERATED,
        check: T::check,
        text: T::text,
        json: T::json,
    }
}

/// Every capability Herald can say and understand. To add one: a file beside this one, and a row here.
pub static CAPABILITIES: &[CapabilitySpec] = &[
    spec_of::<multiprotocol::Multiprotocol>(),
    spec_of::<flag::RouteRefresh>(),
    spec_of::<filtering::OutboundRouteFiltering>(),
    spec_of::<octets::MultipleRoutes>(),
    spec_of::<extended_next_hop::ExtendedNextHop>(),
    spec_of::<flag::ExtendedMessage>(),
    spec_of::<octets::Bgpsec>(),
    spec_of::<multiple_labels::MultipleLabels>(),
    spec_of::<role::RoleCapability>(),
    spec_of::<graceful_restart::GracefulRestart>(),
    spec_of::<asn4::Asn4>(),
    spec_of::<octets::Dynamic>(),
    spec_of::<multisession::Multisession>(),
    spec_of::<add_path::AddPath>(),
    spec_of::<flag::EnhancedRouteRefresh>(),
    spec_of::<long_lived::LongLivedGracefulRestart>(),
    spec_of::<octets::RoutingPolicyDistribution>(),
    spec_of::<hostname::Hostname>(),
    spec_of::<flag::BfdStrict>(),
    spec_of::<software_version::SoftwareVersion>(),
    spec_of::<paths_limit::PathsLimit>(),
    spec_of::<flag::LinkLocalNextHop>(),
    spec_of::<flag::RouteRefreshCisco>(),
    spec_of::<octets::DynamicCisco>(),
    spec_of::<filtering::OutboundRouteFilteringCisco>(),
    spec_of::<multisession::MultisessionCisco>(),
    spec_of::<flag::Operational>(),
];

/// The row for a code.
pub fn spec(code: u8) -> Option<&'static CapabilitySpec> {
    CAPABILITIES.iter().find(|spec| spec.code == code)
}

/// Verifies that a value is a list of entries of `size` octets.
fn check_entries(value: Reader<'_>, size: usize, what: &'static str) -> Result<(), Malformed> {
    if value.len().is_multiple_of(size) { Ok(()) } else { Err(value.malformed(what, "a whole number of entries")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::Open;
    use proptest::prelude::*;

    /// A legal value for each row; a new row without one fails the tests below.
    fn sample(code: u8) -> &'static [u8] {
        match code {
            code::MULTIPROTOCOL => &[0, 1, 0, 1],
            code::EXTENDED_NEXT_HOP => &[0, 1, 0, 1, 0, 2],
            code::GRACEFUL_RESTART => &[0x80, 120, 0, 1, 1, 0x80],
            code::ASN4 => &[0, 0, 0xfd, 0xea],
            code::MULTISESSION | code::MULTISESSION_CISCO => &[0, 1],
            code::ADD_PATH => &[0, 1, 1, 3],
            code::HOSTNAME => &[1, b'h', 1, b'd'],
            code::SOFTWARE_VERSION => &[3, b'a', b'/', b'1'],
            code::PATHS_LIMIT => &[0, 1, 1, 0, 5],
            code::OUTBOUND_ROUTE_FILTERING | code::OUTBOUND_ROUTE_FILTERING_CISCO => &[0, 1, 0, 1, 1, 64, 3],
            code::MULTIPLE_LABELS => &[0, 1, 4, 2],
            code::ROLE => &[3],
            code::LONG_LIVED_GRACEFUL_RESTART => &[0, 1, 1, 0, 0, 14, 16],
            _ => &[],
        }
    }

    #[test]
    fn every_row_reads_its_sample_and_refuses_what_is_cut() {
        let mut codes = Vec::new();
        for spec in CAPABILITIES {
            let value = sample(spec.code);
            assert_eq!((spec.check)(Reader::new(value, 0)), Ok(()), "{}", spec.name);
            if !matches!(spec.code, code::MULTISESSION | code::MULTISESSION_CISCO) {
                for n in 1..value.len() {
                    let whole_list = matches!((spec.code, n), (code::GRACEFUL_RESTART, 2));
                    let verdict = (spec.check)(Reader::new(&value[..n], 0));
                    assert_eq!(verdict.is_ok(), whole_list, "{} cut to {n}", spec.name);
                }
            }
            codes.push(spec.code);
        }
        assert!(codes.is_sorted_by(|a, b| a < b), "rows by ascending code, each once");
    }

    proptest! {
        #[test]
        fn any_value_is_shown_as_one_json_object_on_one_line(
            capabilities in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..40)), 0..12),
            known in prop::collection::vec((0..CAPABILITIES.len(), prop::collection::vec(any::<u8>(), 0..12)), 0..12),
            sent: bool,
        ) {
            let known = known.into_iter().map(|(i, value)| (CAPABILITIES[i].code, value));
            let open = Open {
                capabilities: capabilities.into_iter().chain(known).collect(),
                ..Open::new(1, 2, std::net::Ipv4Addr::LOCALHOST)
            };
            for dialect in [Dialect::V4, Dialect::V5, Dialect::V6] {
                let (mut json, mut text) = (String::new(), String::new());
                describe(&open, &mut text);
                json_all(&open, sent, &mut json, dialect);
                text_all(&open, &mut text, dialect);
                prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{json}");
                prop_assert!(json.is_ascii() && text.is_ascii());
                prop_assert!(!json.contains('\n') && !text.contains(|c: char| c.is_control()));
            }
        }
    }
}
