//! PREFIX_SID (RFC 8669, RFC 9252): `{ type(1) length(2) value }*`, what segment routing needs to know of a prefix.
//!
//! | type | value |
//! |---|---|
//! | 1 label index | `reserved(1) flags(2) index(4)` |
//! | 3 originator SRGB | `flags(2) { base(3) range(3) }*` |
//! | 5, 6 SRv6 L3 and L2 service | see [`srv6`] |
//!
//! Of several TLVs of one type the first counts (RFC 9252 §2). Unknown ones stay and are shown as octets.

mod srv6;
mod words;

use super::tlv::{self, Shape};
use super::{Attribute, Codes, code, flags};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json::{self, Separator};
use crate::put;
use crate::put::Hex;
use crate::read::Reader;
use crate::text::{Diagnostic, Words};

/// Segment identifiers of a prefix.
pub(super) struct PrefixSid;

const TLVS: Shape = Shape { kind: 1, length: 2 };
const LABEL_INDEX: u16 = 1;
const ORIGINATOR_SRGB: u16 = 3;

impl Attribute for PrefixSid {
    const CODE: u8 = code::PREFIX_SID;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "bgp-prefix-sid";
    const KEYWORDS: &'static [&'static str] = &["bgp-prefix-sid", "bgp-prefix-sid-srv6"];
    const DOC: &'static str = "segment identifiers: [ INDEX, [ ( BASE,RANGE ) ] ], and for SRv6 ( l3-service SID BEHAVIOR [LB,LN,F,A,TL,TO] )";
    const RFC: &'static str = "RFC 8669, RFC 9252";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::AttributeDiscard;
    const MAY_BE_EMPTY: bool = false;

    fn check(mut r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        while !r.is_empty() {
            let (kind, value) = tlv::read(&mut r, TLVS)?;
            check_tlv(kind, value)?;
        }
        Ok(())
    }

    fn fields(mut value: Reader<'_>) {
        while let (start, Ok((kind, mut inside)), Some(trace)) = (value, tlv::read(&mut value, TLVS), value.trace()) {
            let name = match kind {
                LABEL_INDEX => "label index",
                ORIGINATOR_SRGB => "originator SRGB",
                kind => srv6::name(kind).unwrap_or_default(),
            };
            trace.means_at(start.offset(), name.to_owned());
            match kind {
                LABEL_INDEX => inside.laid_out("reserved(1x) flags(2x) label-index(4)"),
                ORIGINATOR_SRGB => {
                    inside.laid_out("flags(2x)");
                    inside.each_laid_out("base(3) range(3)");
                }
                _ if !name.is_empty() => srv6::fields(inside),
                _ => {}
            }
        }
    }

    /// Without the SID of a service its routes lead nowhere (RFC 9252 §7); without a label index they still do.
    fn fault(value: &[u8]) -> Outcome {
        let mut r = Reader::new(value, 0);
        while !r.is_empty() {
            let kind = r.rest().first().copied().map(u16::from);
            let right = tlv::read(&mut r, TLVS).and_then(|(kind, value)| check_tlv(kind, value)).is_ok();
            if !right {
                let service = kind.is_some_and(|kind| srv6::name(kind).is_some());
                return if service { Outcome::TreatAsWithdraw } else { Self::FAULT };
            }
        }
        Self::FAULT
    }

    fn words(value: &[u8], out: &mut String) {
        words::words(value, out);
    }

    fn text(value: &[u8], out: &mut String, dialect: Dialect) {
        out.push_str("bgp-prefix-sid [ ");
        let mut separator = Separator::new(", ");
        // beside labels nothing else is shown
        let of_labels = |kind| matches!(kind, LABEL_INDEX | ORIGINATOR_SRGB);
        let has_labels = tlv::iter(value, TLVS).any(|(kind, _)| of_labels(kind));
        for (kind, value) in firsts(value).filter(|(kind, _)| !has_labels || of_labels(*kind)) {
            separator.next(out);
            if kind == LABEL_INDEX {
                json::number(out, index(value));
            } else if kind == ORIGINATOR_SRGB {
                blocks_text(value, out);
            } else if let (Some(name), true) = (srv6::name(kind), dialect != Dialect::V4) {
                srv6::text(name, value, out);
            } else {
                put!(out, "Attribute with code [ ", kind, " ] not implemented");
            }
        }
        out.push_str(" ]");
    }

    fn json(value: &[u8], out: &mut String, dialect: Dialect) {
        let mut separator = Separator::new(", ");
        out.push_str("{ ");
        for (kind, value) in firsts(value) {
            separator.next(out);
            if kind == LABEL_INDEX {
                out.push_str("\"sr-label-index\": ");
                json::number(out, index(value));
            } else if kind == ORIGINATOR_SRGB {
                out.push_str("\"sr-srgbs\": ");
                blocks_json(value, out);
            } else if let (Some(name), true) = (srv6::name(kind), dialect != Dialect::V4) {
                srv6::json(name, value, out);
            } else {
                put!(out, "\"attribute-not-implemented-", kind, "\": \"0x", Hex(value), '"');
            }
        }
        out.push_str(" }");
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        words::parse(words, out)
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        for _ in 0..=dice.below(3) {
            let mut value = Vec::new();
            let kind = match dice.below(5) {
                0 => {
                    value.extend([0; 3]);
                    dice.octets(4, &mut value);
                    LABEL_INDEX
                }
                1 => {
                    value.extend([0, 0]);
                    let octets = 6 * (1 + dice.below(3));
                    dice.octets(octets, &mut value);
                    ORIGINATOR_SRGB
                }
                2 => {
                    let octets = dice.below(6);
                    dice.octets(octets, &mut value);
                    77
                }
                service => {
                    srv6::sample(dice, &mut value);
                    if service == 3 { srv6::L3_SERVICE } else { srv6::L2_SERVICE }
                }
            };
            tlv::write(kind, &value, TLVS, out);
        }
    }
}

fn check_tlv(kind: u16, mut r: Reader<'_>) -> Result<(), Malformed> {
    match kind {
        LABEL_INDEX if r.len() != 7 => Err(r.malformed("label index", "7 octets")),
        ORIGINATOR_SRGB => {
            r.take(2, "originator SRGB")?;
            match r.len() {
                n if n > 0 && n.is_multiple_of(6) => Ok(()),
                _ => Err(r.malformed("originator SRGB", "whole blocks of 6 octets")),
            }
        }
        _ if srv6::name(kind).is_some() => srv6::check(r),
        _ => Ok(()),
    }
}

/// The first TLV of each type.
fn firsts(value: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut seen = Codes::default();
    tlv::iter(value, TLVS).filter(move |(kind, _)| u8::try_from(*kind).is_ok_and(|kind| seen.insert(kind)))
}

/// The index of a label index TLV.
fn index(value: &[u8]) -> u32 {
    value.last_chunk().map_or(0, |octets| u32::from_be_bytes(*octets))
}

/// The blocks of an originator SRGB TLV: base and range.
fn blocks(value: &[u8]) -> impl Iterator<Item = (u32, u32)> {
    let blocks = value.get(2..).unwrap_or(&[]).as_chunks::<6>().0.iter();
    blocks.map(|[a, b, c, d, e, f]| (u32::from_be_bytes([0, *a, *b, *c]), u32::from_be_bytes([0, *d, *e, *f])))
}

/// Appends `[ ( 16000,8000 ), ( 20000,100 ) ]`.
fn blocks_text(value: &[u8], out: &mut String) {
    let mut separator = Separator::new(", ");
    out.push_str("[ ");
    for (base, range) in blocks(value) {
        separator.next(out);
        put!(out, "( ", base, ',', range, " )");
    }
    out.push_str(" ]");
}

/// Appends `[[16000, 8000], [20000, 100]]`.
fn blocks_json(value: &[u8], out: &mut String) {
    let mut separator = Separator::new(", ");
    out.push('[');
    for (base, range) in blocks(value) {
        separator.next(out);
        put!(out, '[', base, ", ", range, ']');
    }
    out.push(']');
}
