//! Next hops: which ones a family has, and how they lie on the wire.

use crate::context::Context;
use crate::error::Malformed;
use crate::family::{Afi, Family};
use crate::read::Reader;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The next hop of a route: kept beside the attributes, since where it is written depends on family and session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum NextHop {
    /// No next hop (FlowSpec).
    #[default]
    None,
    /// Our own address on the session that carries the route: resolved when the route is sent.
    SelfAddress,
    /// One address.
    Addr(IpAddr),
    /// A global IPv6 address and a link-local one (RFC 2545 §3).
    WithLinkLocal(Ipv6Addr, Ipv6Addr),
}

/// How many octets a next hop may have, and which.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NextHopRule {
    /// 4 octets; 16 or 32 where RFC 8950 was agreed.
    Ipv4,
    /// 16 octets, or 32 with a link-local address; 4 where RFC 8950 was agreed.
    Ipv6,
    /// As the AFI, behind eight zero octets of route distinguisher (RFC 4364 §4.3.2).
    Vpn,
    /// 0, 4 or 16 octets; whatever else it may be is of no interest (RFC 8955 §4).
    Optional,
    /// 4 or 16 octets, or 32 with a link-local address.
    Either,
    /// As [`NextHopRule::Either`], behind eight zero octets of route distinguisher.
    EitherVpn,
    /// As [`NextHopRule::Either`], but an IPv4 address is sent as IPv6: `::ffff:192.0.2.1` (RFC 4291 §2.5.5.2).
    Mapped,
    /// Whatever it is, nobody knows the family.
    Any,
}

impl NextHopRule {
    /// Addresses are written behind eight zero octets of route distinguisher.
    pub fn has_rd(self) -> bool {
        matches!(self, NextHopRule::Vpn | NextHopRule::EitherVpn)
    }

    /// The address is of the other address family than the routes. Of use for IPv4 routes where RFC 8950 was agreed.
    #[inline]
    pub fn crosses(self, afi: Afi, next_hop: &NextHop) -> bool {
        let NextHop::Addr(addr) = next_hop else { return false };
        match self {
            NextHopRule::Ipv4 => addr.is_ipv6(),
            NextHopRule::Ipv6 => addr.is_ipv4(),
            NextHopRule::Vpn => addr.is_ipv4() != (afi == Afi::IPV4),
            _ => false,
        }
    }

    /// The next hop as this family sends it.
    pub fn sent(self, next_hop: NextHop) -> NextHop {
        match (self, next_hop) {
            (NextHopRule::Mapped, NextHop::Addr(IpAddr::V4(a))) => NextHop::Addr(a.to_ipv6_mapped().into()),
            _ => next_hop,
        }
    }

    /// A route may do without a next hop.
    pub fn is_optional(self) -> bool {
        matches!(self, NextHopRule::Optional | NextHopRule::Any)
    }
}

/// Octets of a route distinguisher.
const RD: usize = 8;

/// Addresses in such a field are behind route distinguishers.
fn has_rd(field: &[u8], rule: NextHopRule) -> bool {
    rule.has_rd() || rule == NextHopRule::Any && matches!(field.len(), 12 | 24 | 48)
}

/// Reads the next hop field by field, for a trace.
#[cold]
fn next_hop_fields(mut r: Reader<'_>, has_rd: bool) -> Result<(), Malformed> {
    for (rd, addr) in [
        ("next hop route distinguisher", "next hop"),
        ("link-local next hop route distinguisher", "link-local next hop"),
    ] {
        if has_rd && !r.is_empty() {
            r.u64(rd)?;
        }
        match r.len() {
            0 => {}
            4 => drop(r.ipv4(addr)?),
            _ => drop(r.ipv6(addr)?),
        }
    }
    Ok(())
}

impl NextHop {
    /// The next hop field of an MP_REACH_NLRI (RFC 4760 §3, RFC 2545 §3, RFC 4364 §4.3.2, RFC 8950 §4); `None` for octets
    /// that are none.
    #[inline]
    pub fn of(field: &[u8], rule: NextHopRule) -> Option<NextHop> {
        let has_rd = has_rd(field, rule);
        let octets = if has_rd { field.get(RD..)? } else { field };
        if let Some(addr) = octets.as_array::<4>() {
            return Some(NextHop::Addr(Ipv4Addr::from(*addr).into()));
        }
        if let Some(addr) = octets.as_array::<16>() {
            return Some(NextHop::Addr(Ipv6Addr::from(*addr).into()));
        }
        // the second address has a route distinguisher of its own
        match (octets.first_chunk::<16>(), octets.last_chunk::<16>(), octets.len()) {
            (Some(global), Some(local), 32) if !has_rd => {
                Some(NextHop::WithLinkLocal((*global).into(), (*local).into()))
            }
            (Some(global), Some(local), 40) if has_rd => {
                Some(NextHop::WithLinkLocal((*global).into(), (*local).into()))
            }
            _ if rule.is_optional() => Some(NextHop::None),
            _ => None,
        }
    }

    /// The same, for a reader that may have a trace.
    pub fn read(r: Reader<'_>, rule: NextHopRule) -> Result<NextHop, Malformed> {
        let next_hop = NextHop::of(r.rest(), rule);
        if r.trace().is_some() && next_hop.and_then(|hop| hop.addr()).is_some() {
            let _ = next_hop_fields(r, has_rd(r.rest(), rule));
        }
        next_hop.ok_or_else(|| r.malformed("next hop", "a length the family allows"))
    }

    /// The address traffic goes to, if it is known: [`NextHop::SelfAddress`] is not, before it is sent.
    pub fn addr(&self) -> Option<IpAddr> {
        match self {
            NextHop::Addr(a) => Some(*a),
            NextHop::WithLinkLocal(global, _) => Some((*global).into()),
            NextHop::None | NextHop::SelfAddress => None,
        }
    }

    /// The next hop as a session sends it to a family with this rule: itself, or what it stands for, which is put into
    /// `other`. `None` if that is nothing, see [`NextHop::resolve`].
    ///
    /// Given and taken by reference: put together from octets and then moved as words, a next hop would wait for its
    /// octets to leave the processor's store buffer.
    #[inline]
    pub fn sent<'a>(
        &'a self,
        (family, rule): (Family, NextHopRule),
        cx: &Context,
        other: &'a mut NextHop,
    ) -> Option<&'a NextHop> {
        match (self, rule) {
            (NextHop::SelfAddress, _) | (NextHop::Addr(IpAddr::V4(_)), NextHopRule::Mapped) => {
                *other = rule.sent(self.resolve(family, cx.local_address, cx.router_id)?);
            }
            _ if cx.link_local.is_some() => *other = *self,
            _ => return Some(self),
        }
        if let (NextHop::Addr(IpAddr::V6(global)), Some(local)) = (*other, cx.link_local)
            && family == Family::IPV6_UNICAST
            && !global.is_unicast_link_local()
        {
            *other = NextHop::WithLinkLocal(global, local);
        }
        Some(other)
    }

    /// What [`NextHop::SelfAddress`] stands for on a session: the session's local address, or the router identifier
    /// for an IPv4 route on a session without an IPv4 address. `None` if neither is of the family's kind.
    #[inline(never)]
    pub fn resolve(self, family: Family, local: Option<IpAddr>, router_id: Ipv4Addr) -> Option<NextHop> {
        if self != NextHop::SelfAddress {
            return Some(self);
        }
        match (family.afi, local) {
            (Afi::IPV6, Some(IpAddr::V6(_))) | (Afi::IPV4, Some(IpAddr::V4(_))) => local.map(NextHop::Addr),
            (Afi::IPV6, _) => None,
            (Afi::IPV4, _) => Some(NextHop::Addr(router_id.into())),
            _ => local.map(NextHop::Addr),
        }
    }
}
