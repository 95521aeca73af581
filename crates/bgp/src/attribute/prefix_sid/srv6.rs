//! SRv6 services (RFC 9252 §2, §3): `reserved(1) { type(1) length(2) value }*`.
//!
//! The one sub-TLV that is known, of type 1, is a SID: `reserved(1) SID(16) flags(1) behavior(2) reserved(1)`, and
//! behind it `{ type(1) length(2) value }*` again, where type 1 is the structure of the SID: six octets.

use super::super::tlv;
use super::TLVS;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::json::{self, Separator};
use crate::put;
use crate::put::Quoted;
use crate::read::Reader;
use std::fmt::Write as _;
use std::net::Ipv6Addr;

pub(super) const L3_SERVICE: u16 = 5;
pub(super) const L2_SERVICE: u16 = 6;
/// The sub-TLV that has a SID, and the sub-sub-TLV that has its structure.
const SID_INFORMATION: u16 = 1;
const SID_STRUCTURE: u16 = 1;
/// Octets of a SID's sub-TLV before its own TLVs.
const SID: usize = 21;

/// What a service is called; `None` for a type that is none.
pub(super) fn name(kind: u16) -> Option<&'static str> {
    match kind {
        L3_SERVICE => Some("l3-service"),
        L2_SERVICE => Some("l2-service"),
        _ => None,
    }
}

/// The type of a service.
pub(super) fn kind(name: &str) -> Option<u16> {
    [L3_SERVICE, L2_SERVICE].into_iter().find(|kind| self::name(*kind) == Some(name))
}

/// A SID, and the TLVs behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sid<'a> {
    pub sid: Ipv6Addr,
    pub flags: u8,
    pub behavior: u16,
    pub rest: &'a [u8],
}

impl<'a> Sid<'a> {
    fn read(mut r: Reader<'a>) -> Result<Sid<'a>, Malformed> {
        r.u8("reserved octet")?;
        let (sid, flags, behavior) = (r.ipv6("SRv6 SID")?, r.u8("SRv6 SID flags")?, r.u16("endpoint behavior")?);
        r.u8("reserved octet")?;
        Ok(Sid { sid, flags, behavior, rest: r.rest() })
    }

    /// Locator block, locator node, function, argument, and what is transposed into a label: length and offset, all in
    /// bits. The first that is there counts.
    pub(super) fn structure(&self) -> Option<&'a [u8; 6]> {
        tlv::iter(self.rest, TLVS).find(|(kind, _)| *kind == SID_STRUCTURE).and_then(|(_, value)| value.as_array())
    }

    /// Appends the sub-TLV. Used with a structure, or without.
    pub(super) fn write(sid: Ipv6Addr, behavior: u16, structure: Option<[u8; 6]>, out: &mut Vec<u8>) {
        let mut value = vec![0];
        value.extend(sid.octets());
        value.push(0);
        value.extend(behavior.to_be_bytes());
        value.push(0);
        if let Some(structure) = structure {
            tlv::write(SID_STRUCTURE, &structure, TLVS, &mut value);
        }
        tlv::write(SID_INFORMATION, &value, TLVS, out);
    }
}

/// Verifies a service.
pub(super) fn check(r: Reader<'_>) -> Result<(), Malformed> {
    let mut r = r.told_to(None);
    r.u8("SRv6 service")?;
    while !r.is_empty() {
        let (kind, value) = tlv::read(&mut r, TLVS)?;
        if kind == SID_INFORMATION {
            Sid::read(value)?;
            let mut inside = value;
            inside.take(SID, "SRv6 SID information")?;
            while !inside.is_empty() {
                let (kind, value) = tlv::read(&mut inside, TLVS)?;
                if kind == SID_STRUCTURE && value.len() != 6 {
                    return Err(value.malformed("SRv6 SID structure", "6 octets"));
                }
            }
        }
    }
    Ok(())
}

/// Tells of a service field by field.
pub(super) fn fields(mut r: Reader<'_>) {
    r.laid_out("reserved(1x)");
    while let (start, Ok((kind, mut inside)), Some(trace)) = (r, tlv::read(&mut r, TLVS), r.trace()) {
        if kind != SID_INFORMATION {
            continue;
        }
        trace.means_at(start.offset(), "SRv6 SID information".to_owned());
        inside.laid_out("reserved(1x) SID(ipv6) flags(1x) endpoint-behavior(2) reserved(1x)");
        while let (start, Ok((kind, mut inside))) = (inside, tlv::read(&mut inside, TLVS)) {
            if kind == SID_STRUCTURE {
                trace.means_at(start.offset(), "SRv6 SID structure".to_owned());
                inside.laid_out("locator-block-length(1) locator-node-length(1) function-length(1) argument-length(1) transposition-length(1) transposition-offset(1)");
            }
        }
    }
}

/// The sub-TLVs of a service: those with a SID, and others.
pub(super) fn sids(service: &[u8]) -> impl Iterator<Item = Result<Sid<'_>, (u16, &[u8])>> {
    tlv::iter(service.get(1..).unwrap_or(&[]), TLVS).map(|(kind, value)| match kind {
        SID_INFORMATION => Sid::read(Reader::new(value, 0)).map_err(|_| (kind, value)),
        _ => Err((kind, value)),
    })
}

/// Appends `l3-service [ sid-information [ … ]`; brackets as they have always been, which is not in pairs.
pub(super) fn text(name: &str, service: &[u8], out: &mut String) {
    put!(out, name, " [ ");
    let mut separator = Separator::new(", ");
    for sid in sids(service) {
        separator.next(out);
        match sid {
            Ok(sid) => sid_text(&sid, out),
            Err((kind, _)) => put!(out, "SRv6 Service Sub-TLV type ", kind, " not implemented"),
        }
    }
    out.push_str(" ]");
}

fn sid_text(sid: &Sid<'_>, out: &mut String) {
    let Sid { sid, flags, behavior, rest } = sid;
    let _ = write!(out, "sid-information [ sid:{sid} flags:{flags} endpoint_behavior:0x{behavior:x} ");
    let mut tlvs = tlv::iter(rest, TLVS).peekable();
    if tlvs.peek().is_none() {
        return;
    }
    out.push_str(" [ ");
    let mut separator = Separator::new(", ");
    for (kind, value) in tlvs {
        separator.next(out);
        match value {
            [a, b, c, d, e, f] if kind == SID_STRUCTURE => {
                put!(out, "sid-structure [", a, ',', b, ',', c, ',', d, ',', e, ',', f, ']');
            }
            _ => put!(out, "SRv6 Service Data Sub-Sub-TLV type ", kind, " not implemented"),
        }
    }
    out.push_str(" ]");
}

/// Appends `"l3-service": [ { "sid": … } ]`.
pub(super) fn json(name: &str, service: &[u8], out: &mut String) {
    put!(out, Quoted(name), ": [ ");
    let mut separator = Separator::new(", ");
    for sid in sids(service) {
        separator.next(out);
        match sid {
            Ok(sid) => sid_json(&sid, out),
            Err((kind, value)) => tlv::json(kind, value, out),
        }
    }
    out.push_str(" ]");
}

fn sid_json(sid: &Sid<'_>, out: &mut String) {
    let Sid { sid: address, flags, behavior, rest } = sid;
    put!(out, "{ \"sid\": ", Quoted(address));
    json::member(out, "flags", flags);
    json::member(out, "endpoint_behavior", behavior);
    if let Some([block, node, function, argument, length, offset]) = sid.structure() {
        put!(out, ", \"structure\": {\"locator-block-length\": ", block);
        json::member(out, "locator-node-length", node);
        json::member(out, "function-length", function);
        json::member(out, "argument-length", argument);
        json::member(out, "transposition-length", length);
        json::member(out, "transposition-offset", offset);
        out.push('}');
    }
    let mut separator = Separator::new(", ");
    let mut more = tlv::iter(rest, TLVS).filter(|(kind, _)| *kind != SID_STRUCTURE).peekable();
    if more.peek().is_some() {
        out.push_str(", \"sub-sub-tlvs\": [ ");
        for (kind, value) in more {
            separator.next(out);
            tlv::json(kind, value, out);
        }
        out.push_str(" ]");
    }
    out.push_str(" }");
}

/// Makes up a service: mostly one SID.
pub(super) fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
    out.push(0);
    for _ in 0..1 + dice.below(3) / 2 {
        let structure = (!dice.once_in(3)).then(|| dice.array());
        Sid::write(dice.array::<16>().into(), dice.u16(), structure, out);
        if dice.once_in(4) {
            tlv::write(9, &dice.array::<3>(), TLVS, out);
        }
    }
}
