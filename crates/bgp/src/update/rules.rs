//! What a peer may send: asked by the quick look at a message and by the judge alike.

use crate::attribute::code;
use crate::context::Context;
use crate::family::{Afi, Family};
use crate::nlri::{FamilySpec, NextHopRule};

/// Both speakers listed the family, or nobody asks.
#[inline]
pub(super) fn negotiated(family: Family, cx: &Context, strict: bool) -> bool {
    !strict || cx.families.contains(&family)
}

/// A next hop of so many octets is legal: what the family has, or what RFC 8950 allows where it was agreed.
#[inline(always)]
pub(super) fn allowed(family: Family, length: usize, cx: &Context, strict: bool) -> bool {
    let rule = family.spec().next_hop;
    let (v4, v6) = match rule {
        NextHopRule::Ipv4 => (true, false),
        NextHopRule::Ipv6 => (false, true),
        NextHopRule::Vpn => (family.afi != Afi::IPV6, family.afi == Afi::IPV6),
        _ => (true, true),
    };
    let agreed = |afi| {
        std::hint::cold_path();
        !strict || cx.extended_next_hop.contains(&(family, afi))
    };
    match (rule.has_rd(), length) {
        _ if rule.is_optional() => true,
        (true, 12) | (false, 4) => v4 || agreed(Afi::IPV4),
        (true, 24 | 48) | (false, 16 | 32) => v6 || agreed(Afi::IPV6),
        _ => false,
    }
}

/// Types of attributes that routes cannot do without, those in the NLRI field if `nlri` (RFC 4271 §6.3, RFC 4760 §3).
#[inline]
pub(super) fn needed(nlri: bool, cx: &Context) -> u64 {
    let always = 1 << code::ORIGIN | 1 << code::AS_PATH;
    always | u64::from(nlri) << code::NEXT_HOP | u64::from(cx.internal) << code::LOCAL_PREF
}

/// No host has the address in a next hop field, but routes of the family have to go somewhere (RFC 4271 §6.3).
#[inline]
pub(super) fn is_unusable(next_hop: &[u8], spec: &FamilySpec) -> bool {
    if spec.next_hop.is_optional() {
        return false;
    }
    let addr = if spec.next_hop.has_rd() { next_hop.get(8..).unwrap_or(&[]) } else { next_hop };
    match (addr.as_array::<4>(), addr.first_chunk::<16>()) {
        (Some(v4), _) => v4[0] >= 224 || *v4 == [0; 4],
        (_, Some(v6)) => v6[0] == 0xff || *v6 == [0; 16],
        _ => false,
    }
}
