//! Tables: TABLE_DUMP (RFC 6396 §4.2) and TABLE_DUMP_V2 (§4.3, RFC 8050 §4).

use super::{Entry, address, asn};
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::read::Reader;
use crate::value::{Asn, Prefix};
use std::net::{IpAddr, Ipv4Addr};

/// A peer of a table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub struct Peer {
    /// Its BGP Identifier, where the table tells.
    pub router_id: Option<Ipv4Addr>,
    pub address: IpAddr,
    pub asn: Asn,
}

/// The peers of a table: routes name them by number, from 0.
#[derive(Clone, Copy, Debug)]
pub struct PeerIndex<'a> {
    /// The collector's BGP Identifier.
    pub collector: Ipv4Addr,
    /// Name of the table; often empty.
    pub view: &'a [u8],
    count: u16,
    peers: Reader<'a>,
}

/// A route of a table.
#[derive(Clone, Copy, Debug)]
pub struct Rib<'a> {
    /// Counts up from 0 in each file.
    pub sequence: u32,
    /// Of which family.
    pub family: Family,
    /// As it lies in messages, without a path identifier.
    pub nlri: &'a [u8],
    add_path: bool,
    count: u16,
    entries: Reader<'a>,
}

/// A peer's attributes of a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RibEntry<'a> {
    /// Number of the peer in the [`PeerIndex`]; 0 where the record itself says who.
    pub peer: u16,
    /// When the peer announced it: seconds of Unix time.
    pub originated: u32,
    /// Path identifier, where the table has them.
    pub path_id: Option<u32>,
    /// Path attributes. MP_REACH_NLRI has nothing but the next hop in it, as a rule (§4.3.4).
    pub attributes: &'a [u8],
}

impl<'a> PeerIndex<'a> {
    /// The peers, in the order of their numbers.
    pub fn peers(&self) -> impl Iterator<Item = Result<Peer, Malformed>> + use<'a> {
        let mut r = self.peers;
        items(self.count, move || {
            let kind = r.u8("peer type")?;
            let router_id = Some(r.ipv4("BGP Identifier")?);
            let address = address(&mut r, if kind & 1 == 0 { Afi::IPV4 } else { Afi::IPV6 }, "peer address")?;
            Ok(Peer { router_id, address, asn: asn(&mut r, kind & 2 != 0, "peer AS")? })
        })
    }
}

impl<'a> Rib<'a> {
    /// Who has the route, and with which attributes. AS numbers have four octets.
    pub fn entries(&self) -> impl Iterator<Item = Result<RibEntry<'a>, Malformed>> + use<'a> {
        let (mut r, add_path) = (self.entries, self.add_path);
        items(self.count, move || {
            let (peer, originated) = (r.u16("peer")?, r.u32("time of the route")?);
            let path_id = if add_path { Some(r.u32("path identifier")?) } else { None };
            Ok(RibEntry { peer, originated, path_id, attributes: attributes(&mut r)? })
        })
    }
}

/// `count` items, or those in front of the first that cannot be read, and why.
fn items<T>(count: u16, mut read: impl FnMut() -> Result<T, Malformed>) -> impl Iterator<Item = Result<T, Malformed>> {
    let mut well = true;
    (0..count).map_while(move |_| {
        let item = well.then(&mut read);
        well = matches!(item, Some(Ok(_)));
        item
    })
}

fn attributes<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    let length = r.u16("length of the attributes")?;
    r.take(length.into(), "attributes")
}

pub(super) fn peers(mut r: Reader<'_>) -> Result<PeerIndex<'_>, Malformed> {
    let collector = r.ipv4("collector")?;
    let length = r.u16("length of the view's name")?;
    let view = r.take(length.into(), "name of the view")?;
    Ok(PeerIndex { collector, view, count: r.u16("number of peers")?, peers: r })
}

pub(super) fn rib(mut r: Reader<'_>, subtype: u16) -> Result<Rib<'_>, Malformed> {
    let sequence = r.u32("sequence number")?;
    let family = match subtype {
        2 | 8 => Family::IPV4_UNICAST,
        3 | 9 => Family::new(Afi::IPV4, Safi::MULTICAST),
        4 | 10 => Family::IPV6_UNICAST,
        5 | 11 => Family::new(Afi::IPV6, Safi::MULTICAST),
        _ => Family::new(Afi::read(&mut r)?, Safi::read(&mut r)?),
    };
    let nlri = (family.spec().split)(&mut r)?;
    Ok(Rib { sequence, family, nlri, add_path: subtype >= 8, count: r.u16("number of entries")?, entries: r })
}

pub(super) fn dump(mut r: Reader<'_>, afi: Afi) -> Result<Entry<'_>, Malformed> {
    r.u16("view")?;
    r.u16("sequence number")?;
    let network = address(&mut r, afi, "prefix")?;
    let at = r;
    let bits = r.u8("prefix length")?;
    let prefix =
        Prefix::new(network, bits).ok_or_else(|| at.malformed("prefix length", "no longer than the address"))?;
    r.u8("status")?;
    let originated = r.u32("time of the route")?;
    let (address, asn) = (address(&mut r, afi, "peer address")?, asn(&mut r, false, "peer AS")?);
    let entry = RibEntry { peer: 0, originated, path_id: None, attributes: attributes(&mut r)? };
    Ok(Entry::TableDump { peer: Peer { router_id: None, address, asn }, prefix, entry })
}
