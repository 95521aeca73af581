//! What an NLRI says, once it is known to say it.
//!
//! An NLRI that can be cut out of its field never costs the session. RFC 9552 §8.2.2 wants one that is malformed
//! inside handled by "NLRI discard", as RFC 7606 §5.4 has it for types nobody knows; and as with those, helpers are
//! shown the octets: it is not read as part of the topology, and nothing is lost. Malformed are TLVs that overrun,
//! descriptors of a length they cannot have, and those that are there twice and so would say two things.
//! Sub-TLVs of a node descriptor are to be ascending (RFC 9552 §5.2.1.4), which rules out repetition. The order of
//! the descriptors themselves (§5.1) is not held against an NLRI: it is there to give an object one key, and here the octets
//! are the key; in whatever order they come, they read in one way, and programs have always been shown them.
//! Unknown types, unknown protocols and descriptors that are missing are no reason to call an NLRI malformed.

use super::rows::{IN_NODE, IPV4_PREFIX, LOCAL, Row, Value, kind_of, protocol_name, row_in};
use crate::error::Malformed;
use crate::read::Reader;
use crate::value::Rd;
use crate::value::tlv::Tlv;
use std::net::Ipv4Addr;

/// An NLRI of a known type.
pub(super) struct View<'a> {
    /// Its type.
    pub kind: u16,
    pub rd: Option<Rd>,
    pub protocol: u8,
    pub identifier: u64,
    /// Descriptors.
    pub tlvs: &'a [u8],
}

impl<'a> View<'a> {
    /// Reads `type(2) length(2) [RD(8)] protocol(1) identifier(8) TLV*`.
    pub(super) fn read(nlri: &'a [u8], has_rd: bool) -> Result<View<'a>, Malformed> {
        let mut r = Reader::new(nlri, 0);
        let kind = r.u16("NLRI type")?;
        r.u16("NLRI length")?;
        View::read_body(kind, r, has_rd)
    }

    /// Reads what is behind type and length.
    pub(super) fn read_body(kind: u16, mut r: Reader<'a>, has_rd: bool) -> Result<View<'a>, Malformed> {
        let rd = if has_rd { Some(Rd::read(&mut r)?) } else { None };
        let protocol = r.u8("Protocol-ID")?;
        r.says(|| protocol_name(protocol).unwrap_or_default());
        let identifier = r.u64("Identifier")?;
        let tlvs = r.rest();
        let mut seen = 0u32;
        while !r.is_empty() {
            let at = r;
            let tlv = Tlv::read(&mut r)?;
            let Some(row) = row_in(tlv.kind, kind) else { continue };
            tell(row, at);
            let value = r.again(tlv.value, r.offset() - tlv.value.len());
            row.value.check(value, kind == IPV4_PREFIX)?;
            // those that may be there once are within reach of one bit each
            let bit = 1u32.checked_shl(u32::from(tlv.kind.wrapping_sub(LOCAL) % 32)).unwrap_or(0);
            if row.once && seen & bit != 0 {
                return Err(at.malformed("descriptor", "each at most once"));
            }
            seen |= if row.once { bit } else { 0 };
        }
        Ok(View { kind, rd, protocol, identifier, tlvs })
    }

    /// The descriptors of a type.
    pub(super) fn all(&self, code: u16) -> impl Iterator<Item = &'a [u8]> + Clone {
        Tlv::each(self.tlvs).filter(move |tlv| tlv.kind == code).map(|tlv| tlv.value)
    }

    /// The descriptors of either type, in their order.
    pub(super) fn both(&self, a: u16, b: u16) -> impl Iterator<Item = &'a [u8]> + Clone {
        Tlv::each(self.tlvs).filter(move |tlv| tlv.kind == a || tlv.kind == b).map(|tlv| tlv.value)
    }

    /// True for a descriptor that such an NLRI is not known to have.
    pub(super) fn is_foreign(&self, code: u16) -> bool {
        row_in(code, self.kind).is_none()
    }
}

/// The type of an NLRI; `None` if it has no descriptors we know of.
pub(super) fn known_kind(nlri: &[u8]) -> Option<u16> {
    let code = nlri.first_chunk::<2>().map(|octets| u16::from_be_bytes(*octets))?;
    kind_of(code).map(|kind| kind.code)
}

impl Value {
    /// Finds the value to be what it has to be. `ipv4`: prefixes are.
    pub(super) fn check(self, mut r: Reader<'_>, ipv4: bool) -> Result<(), Malformed> {
        let (at, n) = (r, r.len());
        let fits = match self {
            Value::Node => return check_node(r),
            Value::Identifiers => n == 8,
            Value::Address(lengths) => lengths.contains(&n),
            Value::Topologies => n >= 2 && n % 2 == 0,
            Value::RouteType => n == 1,
            Value::Number => n == 4,
            Value::RouterId => matches!(n, 4 | 6 | 7 | 8),
            Value::Prefix => {
                let bits = r.u8("prefix length")?;
                // senders are known that leave out trailing zeros
                bits <= if ipv4 { 32 } else { 128 } && r.len() <= usize::from(bits).div_ceil(8)
            }
        };
        if fits { Ok(()) } else { Err(at.malformed("descriptor", "a length its type can have")) }
    }
}

/// Tells a trace what the type of a descriptor means.
fn tell(row: &Row, start: Reader<'_>) {
    if let Some(trace) = start.trace() {
        trace.means_at(start.offset(), row.word.to_owned());
    }
}

fn check_node(mut r: Reader<'_>) -> Result<(), Malformed> {
    let [in_node] = IN_NODE else { return Ok(()) };
    let mut last = None;
    while !r.is_empty() {
        let at = r;
        let tlv = Tlv::read(&mut r)?;
        if last >= Some(tlv.kind) {
            return Err(at.malformed("node descriptor", "sub-TLVs by ascending types, each once"));
        }
        last = Some(tlv.kind);
        if let Some(row) = row_in(tlv.kind, *in_node) {
            tell(row, at);
            row.value.check(r.again(tlv.value, r.offset() - tlv.value.len()), false)?;
        }
    }
    Ok(())
}

/// A router of the IGP (RFC 9552 §5.2.1.4). The length says which it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RouterId {
    /// IS-IS: system identifier.
    System([u8; 6]),
    /// IS-IS: the pseudonode of a LAN, `system(6) number(1)`.
    Pseudonode([u8; 6], u8),
    /// OSPF, and whoever else has an IPv4 address.
    Router(Ipv4Addr),
    /// OSPF: the network of a designated router, `router(4) interface(4)`.
    Network(Ipv4Addr, Ipv4Addr),
}

impl RouterId {
    pub(super) fn of(octets: &[u8]) -> Option<RouterId> {
        Some(match *octets {
            [a, b, c, d] => RouterId::Router(Ipv4Addr::new(a, b, c, d)),
            [a, b, c, d, e, f] => RouterId::System([a, b, c, d, e, f]),
            [a, b, c, d, e, f, number] => RouterId::Pseudonode([a, b, c, d, e, f], number),
            [a, b, c, d, e, f, g, h] => RouterId::Network(Ipv4Addr::new(a, b, c, d), Ipv4Addr::new(e, f, g, h)),
            _ => return None,
        })
    }
}
