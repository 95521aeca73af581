//! Routes into UPDATEs, filled to the limit.
//!
//! The order of attributes is the one programs have always compared: MP_UNREACH_NLRI, all others by ascending code with
//! the defaults at their place, MP_REACH_NLRI last. What a route does not say is added here, because it depends on the
//! session: ORIGIN, AS_PATH, LOCAL_PREF (RFC 4271 §5.1), and what a two-octet speaker needs (RFC 6793 §4.2.2).

use crate::attribute::{self, AsPath, Attr, Attributes, code, flags};
use crate::context::Context;
use crate::family::Family;
use crate::message::{self, HEADER, Kind};
use crate::nlri::{FamilySpec, NextHop, NextHopRule, Stored};
use crate::value::Asn;
use std::fmt;
use std::net::IpAddr;

/// AS_PATH segment type (RFC 4271 §4.3).
const AS_SEQUENCE: u8 = 2;

/// How routes share messages.
#[derive(Clone, Copy, Debug)]
pub struct Flush {
    /// Announcements with equal attributes go into one message.
    pub pack: bool,
    /// So do withdrawals.
    pub pack_withdrawals: bool,
    /// NLRI of one message are sorted by their octets.
    pub sort: bool,
}

/// Why a route cannot be sent on this session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unsendable {
    /// `next-hop self`, but the session has no address of the family's kind.
    NoSelf(Family),
    /// Attributes and one NLRI are longer than a message may be.
    TooLong(Family),
}

impl fmt::Display for Unsendable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsendable::NoSelf(family) => {
                write!(f, "`next-hop self` of a route of {family} has no address on this session: give it an address")
            }
            Unsendable::TooLong(family) => write!(f, "a route of {family} is too long for a message to this peer"),
        }
    }
}

impl std::error::Error for Unsendable {}

/// Appends the UPDATEs that announce `nlris`, which share `attrs`.
pub fn announce(
    out: &mut Vec<u8>,
    cx: &Context,
    family: Family,
    attrs: &Attributes,
    nlris: &mut [&Stored],
    flush: &Flush,
) -> Result<(), Unsendable> {
    let spec = family.spec();
    let next_hop = attrs.next_hop.resolve(family, cx.local_address, cx.router_id).ok_or(Unsendable::NoSelf(family))?;
    let next_hop = spec.next_hop.sent(next_hop);
    if flush.sort {
        nlris.sort_unstable_by(|a, b| a.nlri().cmp(b.nlri()).then(a.path_id().cmp(&b.path_id())));
    }
    let ipv4 = family == Family::IPV4_UNICAST || family == Family::IPV4_MULTICAST;
    let field = ipv4 && matches!(next_hop, NextHop::Addr(IpAddr::V4(_)));
    let mut block = Vec::with_capacity(256);
    path_attributes(&mut block, cx, attrs, next_hop, spec);
    let mut reach = Vec::new();
    if !field {
        reach.extend_from_slice(&family.afi.0.to_be_bytes());
        reach.push(family.safi.0);
        write_next_hop(&mut reach, next_hop, spec.next_hop);
        reach.push(0);
    }
    let path_id = cx.writes_path_id(family);
    // header, two length fields, attributes, and for MP_REACH_NLRI its header
    let used = HEADER + 4 + block.len() + if field { 0 } else { 4 + reach.len() };
    let room = cx.message_size.saturating_sub(used);
    each_message((family, spec), nlris, room, path_id, flush.pack, false, |nlri| {
        message::write(out, Kind::UPDATE, |out| {
            out.extend_from_slice(&[0, 0]);
            if field {
                length(out, block.len());
                out.extend_from_slice(&block);
                out.extend_from_slice(nlri);
            } else {
                let size = reach.len() + nlri.len();
                let head = if size > 255 { 4 } else { 3 };
                length(out, block.len() + head + size);
                out.extend_from_slice(&block);
                attribute_head(out, flags::OPTIONAL, code::MP_REACH_NLRI, size);
                out.extend_from_slice(&reach);
                out.extend_from_slice(nlri);
            }
        });
    })
}

/// Appends the UPDATEs that withdraw `nlris`. `attrs` go with an MP_UNREACH_NLRI of families whose withdrawals carry
/// attributes.
pub fn withdraw(
    out: &mut Vec<u8>,
    cx: &Context,
    family: Family,
    attrs: Option<&Attributes>,
    nlris: &mut [&Stored],
    flush: &Flush,
) -> Result<(), Unsendable> {
    let spec = family.spec();
    let field = family == Family::IPV4_UNICAST || family == Family::IPV4_MULTICAST;
    let mut block = Vec::new();
    // Prefix families withdraw without attributes; the others repeat the route's, defaults included.
    if !field && !matches!(family.safi.0, 1 | 2) {
        let none = Attributes::default();
        let attrs = attrs.unwrap_or(&none);
        let next_hop = attrs.next_hop.resolve(family, cx.local_address, cx.router_id).unwrap_or_default();
        path_attributes(&mut block, cx, attrs, spec.next_hop.sent(next_hop), spec);
    }
    let used = HEADER + 4 + block.len() + if field { 0 } else { 4 + 3 };
    let room = cx.message_size.saturating_sub(used);
    each_message((family, spec), nlris, room, cx.writes_path_id(family), flush.pack_withdrawals, true, |nlri| {
        message::write(out, Kind::UPDATE, |out| {
            if field {
                length(out, nlri.len());
                out.extend_from_slice(nlri);
                out.extend_from_slice(&[0, 0]);
            } else {
                let size = 3 + nlri.len();
                let head = if size > 255 { 4 } else { 3 };
                out.extend_from_slice(&[0, 0]);
                length(out, block.len() + head + size);
                attribute_head(out, flags::OPTIONAL, code::MP_UNREACH_NLRI, size);
                out.extend_from_slice(&family.afi.0.to_be_bytes());
                out.push(family.safi.0);
                out.extend_from_slice(nlri);
                out.extend_from_slice(&block);
            }
        });
    })
}

/// Appends the End-of-RIB of a family (RFC 4724 §2), with the extended length it has always had.
pub fn end_of_rib(out: &mut Vec<u8>, family: Family) {
    message::write(out, Kind::UPDATE, |out| {
        if family == Family::IPV4_UNICAST {
            out.extend_from_slice(&[0; 4]);
            return;
        }
        out.extend_from_slice(&[0, 0, 0, 7, flags::OPTIONAL | flags::EXTENDED, code::MP_UNREACH_NLRI, 0, 3]);
        out.extend_from_slice(&family.afi.0.to_be_bytes());
        out.push(family.safi.0);
    });
}

/// Hands runs of encoded NLRI of at most `room` octets to `message`.
fn each_message(
    (family, spec): (Family, &FamilySpec),
    nlris: &[&Stored],
    room: usize,
    path_id: bool,
    pack: bool,
    withdrawn: bool,
    mut message: impl FnMut(&[u8]),
) -> Result<(), Unsendable> {
    let mut run = Vec::with_capacity(if pack { room.min(nlris.len() * 24) } else { 32 });
    let mut too_long = false;
    for nlri in nlris {
        let start = run.len();
        if path_id {
            run.extend_from_slice(&nlri.path_id().unwrap_or(0).to_be_bytes());
        }
        if withdrawn {
            (spec.withdraw)(nlri.nlri(), &mut run);
        } else {
            run.extend_from_slice(nlri.nlri());
        }
        if run.len() > room {
            if let Some(full) = run.get(..start).filter(|full| !full.is_empty()) {
                message(full);
            }
            run.drain(..start);
            if run.len() > room {
                too_long = true;
                run.clear();
                continue;
            }
        }
        if !pack || spec.alone {
            message(&run);
            run.clear();
        }
    }
    if !run.is_empty() {
        message(&run);
    }
    if too_long { Err(Unsendable::TooLong(family)) } else { Ok(()) }
}

fn length(out: &mut Vec<u8>, n: usize) {
    out.extend_from_slice(&u16::try_from(n).unwrap_or(u16::MAX).to_be_bytes());
}

fn attribute_head(out: &mut Vec<u8>, flags: u8, code: u8, len: usize) {
    match u8::try_from(len) {
        Ok(len) => out.extend_from_slice(&[flags, code, len]),
        Err(_) => {
            out.extend_from_slice(&[flags | flags::EXTENDED, code]);
            length(out, len);
        }
    }
}

/// The next hop field of MP_REACH_NLRI, its length first.
fn write_next_hop(out: &mut Vec<u8>, next_hop: NextHop, rule: NextHopRule) {
    let rd: &[u8] = if rule.has_rd() { &[0; 8] } else { &[] };
    let at = out.len();
    out.push(0);
    match next_hop {
        NextHop::None | NextHop::SelfAddress => {}
        NextHop::Addr(IpAddr::V4(a)) => {
            out.extend_from_slice(rd);
            out.extend_from_slice(&a.octets());
        }
        NextHop::Addr(IpAddr::V6(a)) => {
            out.extend_from_slice(rd);
            out.extend_from_slice(&a.octets());
        }
        NextHop::WithLinkLocal(global, local) => {
            out.extend_from_slice(rd);
            out.extend_from_slice(&global.octets());
            out.extend_from_slice(rd);
            out.extend_from_slice(&local.octets());
        }
    }
    let len = u8::try_from(out.len() - at - 1).unwrap_or(0);
    if let Some(field) = out.get_mut(at) {
        *field = len;
    }
}

/// All attributes but the MP ones, with the defaults of the session.
fn path_attributes(out: &mut Vec<u8>, cx: &Context, attrs: &Attributes, next_hop: NextHop, spec: &FamilySpec) {
    // Up to which code everything that has a default or comes from elsewhere was written.
    let mut done = 0;
    for attr in attrs.iter() {
        defaults(out, cx, next_hop, spec, done, attr.code);
        done = attr.code;
        match attr.code {
            code::LOCAL_PREF if !cx.internal => {}
            code::AIGP if !cx.aigp => {}
            code::AS_PATH if !cx.asn4 => two_octet_path(out, attr),
            code::AGGREGATOR if !cx.asn4 => two_octet_aggregator(out, attr),
            _ => attribute::write(out, attr),
        }
    }
    defaults(out, cx, next_hop, spec, done, u8::MAX);
}

/// Writes what the session adds between two codes of the route.
fn defaults(out: &mut Vec<u8>, cx: &Context, next_hop: NextHop, spec: &FamilySpec, after: u8, before: u8) {
    let missing = |code: u8| after < code && code < before;
    let well_known = flags::TRANSITIVE;
    if missing(code::ORIGIN) {
        out.extend_from_slice(&[well_known, code::ORIGIN, 1, 0]);
    }
    if missing(code::AS_PATH) {
        if cx.internal {
            out.extend_from_slice(&[well_known, code::AS_PATH, 0]);
        } else {
            let mut value = vec![AS_SEQUENCE, 1];
            value.extend_from_slice(&cx.local_asn.0.to_be_bytes());
            let attr = Attr { code: code::AS_PATH, flags: well_known, value: &value };
            if cx.asn4 { attribute::write(out, attr) } else { two_octet_path(out, attr) }
        }
    }
    if missing(code::NEXT_HOP)
        && spec.next_hop_twice
        && !spec.next_hop.is_optional()
        && let NextHop::Addr(IpAddr::V4(a)) = next_hop
    {
        out.extend_from_slice(&[well_known, code::NEXT_HOP, 4]);
        out.extend_from_slice(&a.octets());
    }
    if missing(code::LOCAL_PREF) && cx.internal {
        out.extend_from_slice(&[well_known, code::LOCAL_PREF, 4, 0, 0, 0, 100]);
    }
}

/// AS_PATH for a two-octet speaker, with AS4_PATH behind it if something did not fit (RFC 6793 §4.2.2).
fn two_octet_path(out: &mut Vec<u8>, attr: Attr<'_>) {
    let path = AsPath(attr.value);
    let mut value = Vec::with_capacity(attr.value.len());
    for (kind, asns) in path.segments() {
        value.extend_from_slice(&[kind, u8::try_from(asns.len() / 4).unwrap_or(u8::MAX)]);
        for asn in asns.chunks_exact(4).filter_map(|b| b.first_chunk::<4>()) {
            value.extend_from_slice(&Asn(u32::from_be_bytes(*asn)).two_octets().to_be_bytes());
        }
    }
    attribute::write(out, Attr { value: &value, ..attr });
    if path.asns().any(|asn| asn.0 > u32::from(u16::MAX)) {
        let as4 = Attr { code: code::AS4_PATH, flags: flags::OPTIONAL | flags::TRANSITIVE, value: attr.value };
        attribute::write(out, as4);
    }
}

/// AGGREGATOR for a two-octet speaker, with AS4_AGGREGATOR behind it if the AS did not fit.
fn two_octet_aggregator(out: &mut Vec<u8>, attr: Attr<'_>) {
    let Some((asn, addr)) = attr.value.split_first_chunk::<4>() else { return };
    let asn = Asn(u32::from_be_bytes(*asn));
    let mut value = asn.two_octets().to_be_bytes().to_vec();
    value.extend_from_slice(addr);
    attribute::write(out, Attr { value: &value, ..attr });
    if asn.0 > u32::from(u16::MAX) {
        let as4 = Attr { code: code::AS4_AGGREGATOR, flags: flags::OPTIONAL | flags::TRANSITIVE, value: attr.value };
        attribute::write(out, as4);
    }
}
