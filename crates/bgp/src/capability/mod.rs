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
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::nlri;
use crate::put;
use crate::read::Reader;
use crate::trace::Meaning;

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
    /// The document that defines it: `RFC 7911`.
    const RFC: &'static str;
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
    /// Appends a valid value, any there is, as the dice fall: what tests and load generators offer.
    fn sample(dice: &mut Dice, out: &mut Vec<u8>);
}

/// A row of [`CAPABILITIES`]: the functions of a [`Capability`] as values.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct CapabilitySpec {
    pub code: u8,
    pub name: &'static str,
    pub doc: &'static str,
    pub rfc: &'static str,
    pub merges: bool,
    pub since: Option<Dialect>,
    pub tolerated: bool,
    pub check: fn(Reader<'_>) -> Result<(), Malformed>,
    pub text: fn(&[&[u8]], &mut String, Dialect),
    pub json: fn(&[&[u8]], &mut String, Dialect),
    pub sample: fn(&mut Dice, &mut Vec<u8>),
}

const fn spec_of<T: Capability>() -> CapabilitySpec {
    CapabilitySpec {
        code: T::CODE,
        name: T::NAME,
        doc: T::DOC,
        rfc: T::RFC,
        merges: T::MERGES,
        since: T::SINCE,
        tolerated: T::TOLERATED,
        check: T::check,
        text: T::text,
        json: T::json,
        sample: T::sample,
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

/// What a trace is told of a capability, beside what readers tell of its fields.
pub(crate) fn meaning(code: u8, value: &[u8], dialect: Dialect) -> Meaning {
    let Some(spec) = spec(code) else { return Meaning::named(format!("capability {code}")) };
    let mut meaning = Meaning { rfc: spec.rfc, ..Meaning::named(format!("capability {}", spec.name)) };
    if (spec.check)(Reader::new(value, 0)).is_ok() {
        (spec.text)(&[value], &mut meaning.words, Dialect::V6);
        (spec.json)(&[value], &mut meaning.json, dialect);
    }
    meaning
}

/// Verifies that a value is a list of entries of `size` octets that start with `afi(2) safi(1)`.
fn check_entries(value: Reader<'_>, size: usize, what: &'static str) -> Result<(), Malformed> {
    value.items(
        size,
        [what, "a whole number of entries"],
        ("entry", |entry, out| {
            let Some(([a, b, safi], rest)) = entry.split_first_chunk::<3>() else { return };
            let family = Family::new(Afi(u16::from_be_bytes([*a, *b])), Safi(*safi));
            put!(out, family, ' ', rest.iter().fold(0u64, |n, octet| n << 8 | u64::from(*octet)));
        }),
    )
}

/// A family, known or not.
fn sample_family(dice: &mut Dice) -> Family {
    let any = Family::new(Afi(dice.u16()), Safi(dice.u8()));
    nlri::FAMILIES.get(dice.below(nlri::FAMILIES.len() + 4)).map_or(any, |spec| spec.family)
}

/// Appends a few entries `afi(2) safi(1)`, each with what `rest` appends.
fn entries(dice: &mut Dice, out: &mut Vec<u8>, rest: impl Fn(&mut Dice, &mut Vec<u8>)) {
    for _ in 0..dice.below(5) {
        let family = sample_family(dice);
        out.extend_from_slice(&family.afi.0.to_be_bytes());
        out.push(family.safi.0);
        rest(dice, out);
    }
}

/// Appends `length(1) text`, and the text a hostile one.
fn sample_text(dice: &mut Dice, out: &mut Vec<u8>) {
    let mut text = Vec::new();
    dice.text(64, &mut text);
    out.push(u8::try_from(text.len()).unwrap_or(0));
    out.extend_from_slice(&text);
}
