//! MRT, the format route collectors write what they hear in (RFC 6396, RFC 8050): records around messages and tables.
//!
//! [`split`] cuts a file into records, [`Record::read`] says what one holds. All of it is borrowed from the file's octets. A
//! route of a table becomes a message again with [`write_update`].
//!
//! ```
//! use herald_bgp::mrt::{Entry, split};
//!
//! // a KEEPALIVE of 192.0.2.2, AS 65001, heard by 192.0.2.1, AS 65002
//! let hex = "659be4c0 0010 0004 00000027 0000fde9 0000fdea 0000 0001 c0000202 c0000201\
//!            ffffffffffffffffffffffffffffffff001304";
//! let file = herald_bgp::text::hex(&hex.replace(' ', "")).unwrap();
//! let (record, rest) = split(&file, 4096).unwrap().unwrap();
//! assert!(rest.is_empty());
//! let Ok(Entry::Message(session, message)) = record.read() else { panic!() };
//! assert_eq!(session.peer_as.0, 65001);
//! assert_eq!(message.len(), 19);
//! ```

mod table;
mod update;

pub use table::{Peer, PeerIndex, Rib, RibEntry};
pub use update::write_update;

use crate::error::Malformed;
use crate::family::Afi;
use crate::read::Reader;
use crate::value::{Asn, Prefix};
use std::net::IpAddr;

/// Octets of a record's header.
pub const HEADER: usize = 12;

/// Types of records (RFC 6396 §4). Those in front, `OSPFv2`, and those behind are not BGP's.
const TABLE_DUMP: u16 = 12;
const TABLE_DUMP_V2: u16 = 13;
const BGP4MP: u16 = 16;
const BGP4MP_ET: u16 = 17;
const ISIS_ET: u16 = 33;
const OSPFV3_ET: u16 = 49;

/// One record, where it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record<'a> {
    /// When: seconds of Unix time.
    pub seconds: u32,
    /// And microseconds, where the file tells them.
    pub micros: u32,
    /// Type (RFC 6396 §4).
    pub kind: u16,
    /// Subtype.
    pub subtype: u16,
    /// What follows the header.
    pub body: &'a [u8],
}

/// What a record holds.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Entry<'a> {
    /// A message of a session (§4.4.2).
    Message(Session, &'a [u8]),
    /// A session went from one state to another; 1 is Idle, 6 Established (§4.4.1).
    State { session: Session, old: u16, new: u16 },
    /// Whom the routes that follow are from (§4.3.1).
    Peers(PeerIndex<'a>),
    /// A route of a table, and who has it (§4.3.2).
    Rib(Rib<'a>),
    /// A route of a table of the first generation, and the one peer that has it (§4.2). AS numbers have two octets.
    TableDump { peer: Peer, prefix: Prefix, entry: RibEntry<'a> },
    /// Something else: other protocols, and kinds this does not know.
    Other,
}

/// Between whom messages went, and how they are to be read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Session {
    /// The peer's address.
    pub peer: IpAddr,
    /// The collector's.
    pub local: IpAddr,
    /// The peer's AS.
    pub peer_as: Asn,
    /// The collector's.
    pub local_as: Asn,
    /// AS numbers of messages have four octets.
    pub asn4: bool,
    /// NLRI have path identifiers (RFC 8050 §3).
    pub add_path: bool,
    /// The collector said it, not the peer.
    pub sent: bool,
}

/// Cuts the first record off `bytes`; `None` if it is not complete yet. One whose body is longer than `max` octets is an
/// error, and so is what is not MRT at all: the records behind it cannot be found.
pub fn split(bytes: &[u8], max: usize) -> Result<Option<(Record<'_>, &[u8])>, Malformed> {
    let mut r = Reader::new(bytes, 0);
    if r.len() < HEADER {
        return Ok(None);
    }
    let (seconds, kind, subtype) = (r.u32("time")?, r.u16("type")?, r.u16("subtype")?);
    let at = r;
    let length = usize::try_from(r.u32("length")?).unwrap_or(usize::MAX);
    if length > max {
        return Err(at.malformed("record length", "less"));
    }
    let Some((body, rest)) = r.rest().split_at_checked(length) else { return Ok(None) };
    let mut body = Reader::new(body, HEADER);
    let micros = if matches!(kind, BGP4MP_ET | ISIS_ET | OSPFV3_ET) { body.u32("microseconds")? } else { 0 };
    Ok(Some((Record { seconds, micros, kind, subtype, body: body.rest() }, rest)))
}

/// True if a file that begins with these octets is likely to be MRT: a type and a length that make sense.
pub fn is_likely(bytes: &[u8]) -> bool {
    let Some([_, _, _, _, 0, kind, 0, subtype, 0, ..]) = bytes.first_chunk::<HEADER>() else { return false };
    matches!(kind, 11..=13 | 16 | 17 | 32 | 33 | 48 | 49) && *subtype < 16
}

impl<'a> Record<'a> {
    /// What it holds. An error is this record's alone: the next one may be well.
    pub fn read(&self) -> Result<Entry<'a>, Malformed> {
        let r = Reader::new(self.body, HEADER);
        match (self.kind, self.subtype) {
            (TABLE_DUMP, afi @ 1..=2) => table::dump(r, Afi(afi)),
            (TABLE_DUMP_V2, 1) => table::peers(r).map(Entry::Peers),
            (TABLE_DUMP_V2, subtype @ (2..=6 | 8..=12)) => table::rib(r, subtype).map(Entry::Rib),
            (BGP4MP | BGP4MP_ET, subtype @ (0 | 1 | 4..=11)) => session(r, subtype),
            _ => Ok(Entry::Other),
        }
    }
}

/// BGP4MP (§4.4, RFC 8050 §3).
fn session(mut r: Reader<'_>, subtype: u16) -> Result<Entry<'_>, Malformed> {
    let asn4 = matches!(subtype, 4 | 5 | 7 | 9 | 11);
    let (peer_as, local_as) = (asn(&mut r, asn4, "peer AS")?, asn(&mut r, asn4, "local AS")?);
    r.u16("interface")?;
    let afi = Afi(r.u16("address family")?);
    let (peer, local) = (address(&mut r, afi, "peer address")?, address(&mut r, afi, "local address")?);
    let (add_path, sent) = (subtype >= 8, matches!(subtype, 6 | 7 | 10 | 11));
    let session = Session { peer, local, peer_as, local_as, asn4, add_path, sent };
    if matches!(subtype, 0 | 5) {
        return Ok(Entry::State { session, old: r.u16("old state")?, new: r.u16("new state")? });
    }
    Ok(Entry::Message(session, r.rest()))
}

/// An address whose family was told before.
fn address(r: &mut Reader<'_>, afi: Afi, what: &'static str) -> Result<IpAddr, Malformed> {
    match afi {
        Afi::IPV4 => r.ipv4(what).map(IpAddr::V4),
        Afi::IPV6 => r.ipv6(what).map(IpAddr::V6),
        _ => Err(r.malformed("address family", "1 or 2")),
    }
}

/// An AS number of four octets or of two.
fn asn(r: &mut Reader<'_>, four: bool, what: &'static str) -> Result<Asn, Malformed> {
    if four { r.u32(what).map(Asn) } else { r.u16(what).map(|asn| Asn(asn.into())) }
}
