//! Small values that several messages, attributes and families share.

mod esi;
pub mod label;
mod mac;
mod prefix;
mod rd;
pub mod tlv;

pub use esi::Esi;
pub use mac::Mac;
pub use prefix::{Prefix, PrefixError};
pub use rd::Rd;

use crate::put::Put;
use std::fmt;

/// An Autonomous System number, four octets wide (RFC 6793).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Asn(pub u32);

impl Asn {
    /// What stands in a two-octet field for a number that does not fit (RFC 6793 §9).
    pub const TRANS: u16 = 23456;

    /// The two-octet form: itself, or AS_TRANS.
    pub fn two_octets(self) -> u16 {
        u16::try_from(self.0).unwrap_or(Asn::TRANS)
    }

    /// Decimal `0`–`4294967295`, or `high.low` (RFC 5396). `None` if it is neither.
    pub fn parse(text: &str) -> Option<Asn> {
        match text.split_once('.') {
            Some((high, low)) => Some(Asn(u32::from(digits::<u16>(high)?) << 16 | u32::from(digits::<u16>(low)?))),
            None => digits(text).map(Asn),
        }
    }
}

impl fmt::Display for Asn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Put for Asn {
    #[inline]
    fn put(&self, out: &mut String) {
        self.0.put(out);
    }
}

/// A decimal number without sign or blank: what `str::parse` takes, minus the leading `+`.
pub fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    if text.starts_with(|c: char| c.is_ascii_digit()) { text.parse().ok() } else { None }
}
