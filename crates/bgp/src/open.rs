//! OPEN (RFC 4271 §4.2, §6.2; RFC 5492; RFC 9072): `version(1) my-as(2) hold-time(2) identifier(4) parameters`.

use crate::error::Malformed;
use crate::notification::Notification;
use crate::value::Asn;
use std::net::Ipv4Addr;

/// An OPEN, read or to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Open {
    /// Protocol version: 4.
    pub version: u8,
    /// The two-octet field: AS_TRANS if the AS does not fit.
    pub my_as: u16,
    /// Seconds; 0 or at least 3.
    pub hold_time: u16,
    /// BGP Identifier.
    pub router_id: Ipv4Addr,
    /// All capabilities in the order they came, repeated ones included, unknown ones as their bytes.
    pub capabilities: Vec<(u8, Vec<u8>)>,
}

impl Open {
    /// Reads a message body. Errors are those of the syntax: what the speaker thinks of the values is its business.
    pub fn read(_body: &[u8]) -> Result<Open, Notification> {
        Err(Notification::new(2, 0))
    }

    /// Appends the whole message; each capability in a parameter of its own, RFC 9072 lengths from 255 octets on.
    pub fn write(&self, _out: &mut Vec<u8>) {}

    /// The AS the sender says it is in: the four-octet capability, or the two-octet field (RFC 6793 §4.1).
    pub fn asn(&self) -> Asn {
        Asn(u32::from(self.my_as))
    }

    /// All values of one capability.
    pub fn values(&self, code: u8) -> impl Iterator<Item = &[u8]> {
        self.capabilities.iter().filter(move |(c, _)| *c == code).map(|(_, value)| &value[..])
    }
}

#[allow(dead_code)]
fn unused(_: Malformed) {}
