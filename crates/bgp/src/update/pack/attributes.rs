//! The path attributes of an UPDATE that announces: those of the route, and what the session adds or leaves out.

use crate::attribute::{self, AsPath, Attr, Attributes, code, flags};
use crate::capability::role::Role;
use crate::context::Context;
use crate::nlri::{FamilySpec, NextHop};
use crate::value::Asn;
use std::net::IpAddr;

/// AS_PATH segment type (RFC 4271 §4.3).
const AS_SEQUENCE: u8 = 2;

/// All attributes but the MP ones, with the defaults of the session. Runs of attributes that are sent as they are kept
/// are copied as a whole.
pub(super) fn write(out: &mut Vec<u8>, cx: &Context, attrs: &Attributes, next_hop: &NextHop, spec: &FamilySpec) {
    let next_hop = match next_hop {
        NextHop::Addr(IpAddr::V4(a)) if spec.next_hop_twice && !spec.next_hop.is_optional() => Some(a.octets()),
        _ => None,
    };
    // what the session adds and was not yet there, a bit for each code
    let mut missing: u64 = 1 << code::ORIGIN | 1 << code::AS_PATH;
    missing |= u64::from(next_hop.is_some()) << code::NEXT_HOP | u64::from(cx.internal) << code::LOCAL_PREF;
    missing |= u64::from(cx.role_for(spec.family).is_some_and(Role::marks)) << code::ONLY_TO_CUSTOMER;
    // what the session leaves out or writes in another way
    let mut otherwise = u64::from(!cx.internal) << code::LOCAL_PREF;
    otherwise |= u64::from(!cx.aigp) << code::AIGP;
    otherwise |= u64::from(!cx.asn4) << code::AS_PATH | u64::from(!cx.asn4) << code::AGGREGATOR;
    // octets still to be copied, and what is still to be looked at, which is the end of them
    let (mut run, mut rest) = (attrs.bytes(), attrs.bytes());
    while let Some((attr, behind)) = attribute::split(rest) {
        let bit = 1u64.checked_shl(u32::from(attr.code)).unwrap_or(0);
        let changed = otherwise & bit != 0;
        let due = missing & bit.wrapping_sub(1);
        missing &= !(due | bit);
        if due != 0 || changed {
            if run.len() > rest.len() {
                out.extend_from_slice(run.get(..run.len() - rest.len()).unwrap_or(&[]));
            }
            run = rest;
            defaults(out, cx, due, next_hop);
        }
        if changed {
            match attr.code {
                code::AS_PATH => two_octet_path(out, attr),
                code::AGGREGATOR => two_octet_aggregator(out, attr),
                _ => {}
            }
            run = behind;
        }
        rest = behind;
    }
    out.extend_from_slice(run);
    if missing != 0 {
        defaults(out, cx, missing, next_hop);
    }
}

/// Writes the defaults of these codes, a bit for each.
fn defaults(out: &mut Vec<u8>, cx: &Context, due: u64, next_hop: Option<[u8; 4]>) {
    let is_due = |code: u8| due & 1 << code != 0;
    let well_known = flags::TRANSITIVE;
    let [a, b, c, d] = cx.local_asn.0.to_be_bytes();
    if is_due(code::ORIGIN) {
        out.extend_from_slice(&[well_known, code::ORIGIN, 1, 0]);
    }
    if is_due(code::AS_PATH) {
        let alone = [AS_SEQUENCE, 1, a, b, c, d];
        match (cx.internal, cx.asn4) {
            (true, _) => out.extend_from_slice(&[well_known, code::AS_PATH, 0]),
            (_, true) => out.extend_from_slice(&[well_known, code::AS_PATH, 6, AS_SEQUENCE, 1, a, b, c, d]),
            (_, false) => two_octet_path(out, Attr { code: code::AS_PATH, flags: well_known, value: &alone }),
        }
    }
    // nearly always all there is to do
    if due >> code::NEXT_HOP == 0 {
        return;
    }
    if let (true, Some([a, b, c, d])) = (is_due(code::NEXT_HOP), next_hop) {
        out.extend_from_slice(&[well_known, code::NEXT_HOP, 4, a, b, c, d]);
    }
    if is_due(code::LOCAL_PREF) {
        out.extend_from_slice(&[well_known, code::LOCAL_PREF, 4, 0, 0, 0, 100]);
    }
    if is_due(code::ONLY_TO_CUSTOMER) {
        out.extend_from_slice(&[flags::OPTIONAL | flags::TRANSITIVE, code::ONLY_TO_CUSTOMER, 4, a, b, c, d]);
    }
}

/// AS_PATH for a two-octet speaker, with AS4_PATH behind it if something did not fit (RFC 6793 §4.2.2).
fn two_octet_path(out: &mut Vec<u8>, attr: Attr<'_>) {
    let path = AsPath(attr.value);
    let mut value = Vec::with_capacity(attr.value.len());
    path.write_two_octets(&mut value);
    attribute::write(out, Attr { value: &value, ..attr });
    value.clear();
    path.write_as4_path(&mut value);
    if !value.is_empty() {
        let flags = flags::OPTIONAL | flags::TRANSITIVE;
        attribute::write(out, Attr { code: code::AS4_PATH, flags, value: &value });
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
