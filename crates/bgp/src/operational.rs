//! OPERATIONAL (draft-ietf-idr-operational-message): `type(2) length(2) value`, the value being `afi(2) safi(1)` and then
//! a text, or `router-id(4) sequence(4)` and, in an answer, `counter(4)`.

use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::message;
use crate::read::Reader;
use std::net::Ipv4Addr;

/// A message, borrowed from where it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Operational<'a> {
    /// ADM, ASM: a text for the operator, UTF-8 if the peer says so rightly.
    Advisory { name: &'static str, family: Family, text: &'a [u8] },
    /// RPCQ, APCQ, LPCQ: how many prefixes are there?
    Query { name: &'static str, family: Family, router_id: Ipv4Addr, sequence: u32 },
    /// RPCP, APCP, LPCP: so many.
    Count { name: &'static str, family: Family, router_id: Ipv4Addr, sequence: u32, counter: u32 },
    /// Any other type, as it is.
    Other { kind: u16, value: &'a [u8] },
}

impl<'a> Operational<'a> {
    /// Reads a message body.
    pub fn read(body: &'a [u8]) -> Result<Operational<'a>, Malformed> {
        let mut r = Reader::new(body, message::HEADER);
        let kind = r.u16("operational type")?;
        let len = r.u16("operational length")?;
        let mut r = r.sub(len.into(), "operational value")?;
        let name = match kind {
            1 => "ADM",
            2 => "ASM",
            3 => "RPCQ",
            4 => "RPCP",
            5 => "APCQ",
            6 => "APCP",
            7 => "LPCQ",
            8 => "LPCP",
            _ => return Ok(Operational::Other { kind, value: r.rest() }),
        };
        let family = Family::new(Afi(r.u16("AFI")?), Safi(r.u8("SAFI")?));
        if kind <= 2 {
            return Ok(Operational::Advisory { name, family, text: r.rest() });
        }
        let router_id = r.ipv4("router identifier")?;
        let sequence = r.u32("sequence")?;
        if kind % 2 == 1 {
            return Ok(Operational::Query { name, family, router_id, sequence });
        }
        Ok(Operational::Count { name, family, router_id, sequence, counter: r.u32("counter")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_three_shapes_are_read() {
        let family = Family::IPV4_UNICAST;
        let advisory = [0, 1, 0, 5, 0, 1, 1, b'h', b'i'];
        assert_eq!(Operational::read(&advisory), Ok(Operational::Advisory { name: "ADM", family, text: b"hi" }));
        let count = [0, 4, 0, 15, 0, 1, 1, 2, 2, 2, 2, 0, 0, 0, 42, 0, 0, 3, 232];
        let router_id = Ipv4Addr::new(2, 2, 2, 2);
        let read = Operational::Count { name: "RPCP", family, router_id, sequence: 42, counter: 1000 };
        assert_eq!(Operational::read(&count), Ok(read));
        for n in 0..count.len() {
            assert!(Operational::read(&count[..n]).is_err());
        }
        assert_eq!(Operational::read(&[0, 99, 0, 1, 7]), Ok(Operational::Other { kind: 99, value: &[7] }));
    }

    proptest! {
        #[test]
        fn no_octets_panic(body in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = Operational::read(&body);
        }
    }
}
