//! Capabilities: one file and one row of [`CAPABILITIES`] for each (RFC 5492).
//!
//! Like attributes they stay bytes: `(code, value)`. A row says how a value is checked and shown; the few that the
//! negotiation needs have typed readers next to their implementation.

use crate::dialect::Dialect;
use crate::error::Malformed;
use crate::read::Reader;

/// Capability codes, by the names of the RFCs.
#[allow(missing_docs)]
pub mod code {
    pub const MULTIPROTOCOL: u8 = 1;
    pub const ROUTE_REFRESH: u8 = 2;
    pub const EXTENDED_NEXT_HOP: u8 = 5;
    pub const EXTENDED_MESSAGE: u8 = 6;
    pub const GRACEFUL_RESTART: u8 = 64;
    pub const ASN4: u8 = 65;
    pub const MULTISESSION: u8 = 68;
    pub const ADD_PATH: u8 = 69;
    pub const ENHANCED_ROUTE_REFRESH: u8 = 70;
    pub const HOSTNAME: u8 = 73;
    pub const SOFTWARE_VERSION: u8 = 75;
    pub const PATHS_LIMIT: u8 = 76;
    pub const LINK_LOCAL_NEXT_HOP: u8 = 77;
    pub const ROUTE_REFRESH_CISCO: u8 = 128;
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
    pub check: fn(Reader<'_>) -> Result<(), Malformed>,
    pub text: fn(&[&[u8]], &mut String, Dialect),
    pub json: fn(&[&[u8]], &mut String, Dialect),
}

#[allow(dead_code)] // until the first row
const fn spec_of<T: Capability>() -> CapabilitySpec {
    CapabilitySpec {
        code: T::CODE,
        name: T::NAME,
        doc: T::DOC,
        merges: T::MERGES,
        check: T::check,
        text: T::text,
        json: T::json,
    }
}

/// Every capability Herald can say and understand. To add one: a file beside this one, and a row here.
pub static CAPABILITIES: &[CapabilitySpec] = &[];

/// The row for a code.
pub fn spec(code: u8) -> Option<&'static CapabilitySpec> {
    CAPABILITIES.iter().find(|spec| spec.code == code)
}
