//! Routes into UPDATEs, filled to the limit.
//!
//! The order of attributes is the one programs have always compared: MP_UNREACH_NLRI, all others by ascending code with
//! the defaults at their place, MP_REACH_NLRI last. What a route does not say is added here, because it depends on the
//! session: ORIGIN, AS_PATH, LOCAL_PREF (RFC 4271 §5.1), ONLY_TO_CUSTOMER (RFC 9234 §5), and what a two-octet speaker needs
//! (RFC 6793 §4.2.2).

mod attributes;

use crate::attribute::{Attributes, code, flags};
use crate::capability::role::Role;
use crate::context::Context;
use crate::family::Family;
use crate::message::{self, HEADER, Kind};
use crate::nlri::{FamilySpec, NextHop, NextHopRule, Stored};
use std::fmt;
use std::net::IpAddr;

/// How routes share messages.
#[derive(Clone, Copy, Debug)]
pub struct Flush {
    /// Announcements with equal attributes go into one message.
    pub pack: bool,
    /// So do withdrawals.
    pub pack_withdrawals: bool,
    /// NLRI that share a message are sorted by their octets; those that do not keep their order.
    pub sort: bool,
}

/// Why a route cannot be sent on this session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unsendable {
    /// `next-hop self`, but the session has no address of the family's kind.
    NoSelf(Family),
    /// Attributes and one NLRI are longer than a message may be.
    TooLong(Family),
    /// The route goes to customers only, and the peer is none (RFC 9234 §5).
    OnlyToCustomer(Family),
}

impl fmt::Display for Unsendable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsendable::NoSelf(family) => {
                write!(f, "`next-hop self` of a route of {family} has no address on this session: give it an address")
            }
            Unsendable::OnlyToCustomer(family) => {
                write!(f, "a route of {family} goes to customers only (ONLY_TO_CUSTOMER), and this peer is none")
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
    if cx.role.is_some() && is_held_back(cx, family, attrs) {
        return Err(Unsendable::OnlyToCustomer(family));
    }
    let mut other = NextHop::None;
    let next_hop = attrs.next_hop.sent((family, spec.next_hop), cx, &mut other);
    let Some(next_hop) = next_hop else { return Err(Unsendable::NoSelf(family)) };
    let ipv4 = family == Family::IPV4_UNICAST || family == Family::IPV4_MULTICAST;
    let field = ipv4 && matches!(next_hop, NextHop::Addr(IpAddr::V4(_)));
    // The attributes are written where the first message needs them; others copy them from there.
    let start = out.len();
    out.extend_from_slice(&EMPTY);
    attributes::write(out, cx, attrs, next_hop, spec);
    let block = start + EMPTY.len()..out.len();
    let reach = if field { 0 } else { 5 + next_hop_len(next_hop, spec.next_hop) };
    // MP_REACH_NLRI with the longer of its two headers
    let used = EMPTY.len() + block.len() + if field { 0 } else { 4 + reach };
    let room = cx.message_size.saturating_sub(used);
    let path_id = cx.writes_path_id(family);
    let most = if flush.pack && !spec.alone { usize::MAX } else { 1 };
    if flush.sort && most > 1 {
        nlris.sort_unstable_by(|a, b| a.nlri().cmp(b.nlri()).then(a.path_id().cmp(&b.path_id())));
    }
    let mut rest = &*nlris;
    let mut begun = true;
    let mut result = Ok(());
    while !rest.is_empty() {
        let (count, octets) = fitting(rest, room, path_id, most);
        let (batch, behind) = rest.split_at_checked(count.max(1)).unwrap_or((rest, &[]));
        rest = behind;
        if count == 0 {
            result = Err(Unsendable::TooLong(family));
            continue;
        }
        let at = if begun { start } else { out.len() };
        if !std::mem::take(&mut begun) {
            out.extend_from_slice(&EMPTY);
            out.extend_from_within(block.clone());
        }
        if !field {
            attribute_head(out, flags::OPTIONAL, code::MP_REACH_NLRI, reach + octets);
            write_reach(out, family, next_hop, reach - 5);
        }
        let nlri = out.len();
        batch.iter().for_each(|stored| stored.put(path_id, out));
        let end = if field { nlri } else { out.len() };
        finish(out, at, end);
    }
    if begun {
        out.truncate(start);
    }
    result
}

/// A route for customers, and the peer is none (RFC 9234 §5).
#[cold]
fn is_held_back(cx: &Context, family: Family, attrs: &Attributes) -> bool {
    cx.role_for(family).is_some_and(Role::holds_back_marked) && attrs.get(code::ONLY_TO_CUSTOMER).is_some()
}

/// An UPDATE with nothing in it.
const EMPTY: [u8; HEADER + 4] = {
    let mut message = [0xff; HEADER + 4];
    [message[16], message[17], message[18]] = [0, 0, Kind::UPDATE.0];
    [message[19], message[20], message[21], message[22]] = [0; 4];
    message
};

/// Fills in the lengths of the message from `start` on, whose attributes end at `end`.
fn finish(out: &mut [u8], start: usize, end: usize) {
    let number = |n: usize| u16::try_from(n).unwrap_or(u16::MAX).to_be_bytes();
    let (message, attributes) = (number(out.len() - start), number(end - start - EMPTY.len()));
    if let Some([.., a, b, _, _, _, c, d]) = out.get_mut(start..).and_then(|m| m.first_chunk_mut::<{ EMPTY.len() }>()) {
        [*a, *b] = message;
        [*c, *d] = attributes;
    }
}

/// How many of the routes fit into `room`, `most` at most, and how many octets they take.
fn fitting(nlris: &[&Stored], room: usize, path_id: bool, most: usize) -> (usize, usize) {
    let (mut count, mut octets) = (0, 0);
    for nlri in nlris.iter().take(most) {
        let more = octets + nlri.wire_len(path_id);
        if more > room {
            break;
        }
        (count, octets) = (count + 1, more);
    }
    (count, octets)
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
        let mut other = NextHop::None;
        let next_hop = attrs.next_hop.sent((family, spec.next_hop), cx, &mut other);
        attributes::write(&mut block, cx, attrs, next_hop.unwrap_or(&NextHop::None), spec);
    }
    let used = HEADER + 4 + block.len() + if field { 0 } else { 4 + 3 };
    let room = cx.message_size.saturating_sub(used);
    each_message((family, spec), nlris, room, cx.writes_path_id(family), flush.pack_withdrawals, |nlri| {
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

/// Hands runs of withdrawn NLRI of at most `room` octets to `message`.
fn each_message(
    (family, spec): (Family, &FamilySpec),
    nlris: &[&Stored],
    room: usize,
    path_id: bool,
    pack: bool,
    mut message: impl FnMut(&[u8]),
) -> Result<(), Unsendable> {
    let mut run = Vec::with_capacity(if pack { room.min(nlris.len() * 24) } else { 32 });
    let mut too_long = false;
    for nlri in nlris {
        let start = run.len();
        if path_id {
            run.extend_from_slice(&nlri.path_id().unwrap_or(0).to_be_bytes());
        }
        (spec.withdraw)(nlri.nlri(), &mut run);
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

/// Octets of the next hop field of MP_REACH_NLRI.
fn next_hop_len(next_hop: &NextHop, rule: NextHopRule) -> usize {
    let rd = if rule.has_rd() { 8 } else { 0 };
    match next_hop {
        NextHop::None | NextHop::SelfAddress => 0,
        NextHop::Addr(IpAddr::V4(_)) => rd + 4,
        NextHop::Addr(IpAddr::V6(_)) => rd + 16,
        NextHop::WithLinkLocal(..) => 2 * (rd + 16),
    }
}

/// MP_REACH_NLRI up to its NLRI: `AFI(2) SAFI(1) length(1) next-hop reserved(1)`. `length`: see [`next_hop_len`].
fn write_reach(out: &mut Vec<u8>, family: Family, next_hop: &NextHop, length: usize) {
    let ([a, b], c) = (family.afi.0.to_be_bytes(), family.safi.0);
    match next_hop {
        NextHop::Addr(IpAddr::V4(addr)) if length == 4 => {
            let [d, e, f, g] = addr.octets();
            return out.extend_from_slice(&[a, b, c, 4, d, e, f, g, 0]);
        }
        NextHop::None | NextHop::SelfAddress => return out.extend_from_slice(&[a, b, c, 0, 0]),
        _ => out.extend_from_slice(&[a, b, c, u8::try_from(length).unwrap_or(0)]),
    }
    let rd: &[u8] = if matches!(length, 12 | 24 | 48) { &[0; 8] } else { &[] };
    match next_hop {
        NextHop::None | NextHop::SelfAddress => {}
        NextHop::Addr(IpAddr::V4(addr)) => {
            out.extend_from_slice(rd);
            out.extend_from_slice(&addr.octets());
        }
        NextHop::Addr(IpAddr::V6(addr)) => {
            out.extend_from_slice(rd);
            out.extend_from_slice(&addr.octets());
        }
        NextHop::WithLinkLocal(global, local) => {
            out.extend_from_slice(rd);
            out.extend_from_slice(&global.octets());
            out.extend_from_slice(rd);
            out.extend_from_slice(&local.octets());
        }
    }
    out.push(0);
}
