//! AIGP (RFC 7311): `{ type(1) length(2) value }*`, where the length counts its own three octets and the one TLV that
//! means anything is of type 1 with eight octets of metric.

use super::{Attribute, code, flags};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::put;
use crate::put::LowerHex;
use crate::read::Reader;
use crate::text::{Diagnostic, Words};
use crate::value::digits;

const METRIC: u8 = 1;
const METRIC_LENGTH: u16 = 11;

/// The metric summed up along the way.
pub(super) struct Aigp;

impl Attribute for Aigp {
    const CODE: u8 = code::AIGP;
    const FLAGS: u8 = flags::OPTIONAL;
    const NAME: &'static str = "aigp";
    const KEYWORDS: &'static [&'static str] = &["aigp"];
    const DOC: &'static str = "the accumulated IGP metric, 64 bits: decimal or 0x…; where the session allows it";
    const RFC: &'static str = "RFC 7311";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::AttributeDiscard;
    const MAY_BE_EMPTY: bool = false;

    fn check(mut r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        let start = r;
        let mut found = false;
        while !r.is_empty() {
            let at = r;
            let (kind, length) = (r.u8("AIGP TLV type")?, r.u16("AIGP TLV length")?);
            if length < 3 || (kind == METRIC && !found && length != METRIC_LENGTH) {
                return Err(at.malformed("AIGP TLV length", "11 for the metric, at least 3 for others"));
            }
            r.take(usize::from(length) - 3, "AIGP TLV value")?;
            found |= kind == METRIC;
        }
        if found { Ok(()) } else { Err(start.malformed("AIGP", "a metric")) }
    }

    fn fields(mut r: Reader<'_>) {
        while let (Ok(kind), Ok(length)) = (r.u8("AIGP TLV type"), r.u16("AIGP TLV length")) {
            let Ok(mut value) = r.sub(usize::from(length).saturating_sub(3), "AIGP TLV value") else { return };
            if kind == METRIC {
                value.laid_out("metric(8)");
            }
        }
    }

    fn words(value: &[u8], out: &mut String) {
        Self::text(value, out, Dialect::V6);
    }

    fn text(value: &[u8], out: &mut String, _: Dialect) {
        put!(out, "aigp 0x", LowerHex(&metric(value).to_be_bytes()));
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        put!(out, "\"0x", LowerHex(&metric(value).to_be_bytes()), '"');
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        let word = words.expect("the metric")?;
        let metric: Option<u64> = match word.text.strip_prefix("0x").or_else(|| word.text.strip_prefix("0X")) {
            Some(hex) if !hex.starts_with('+') => u64::from_str_radix(hex, 16).ok(),
            Some(_) => None,
            None => digits(&word.text),
        };
        let metric = metric
            .ok_or_else(|| word.error(format!("`{}` is no metric", word.text)).help("64 bits, decimal or as 0x…"))?;
        out.push(METRIC);
        out.extend_from_slice(&METRIC_LENGTH.to_be_bytes());
        out.extend_from_slice(&metric.to_be_bytes());
        Ok(())
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        out.extend([METRIC, 0, 11]);
        dice.octets(8, out);
    }
}

/// The metric of the first TLV that has one.
fn metric(value: &[u8]) -> u64 {
    let mut r = Reader::new(value, 0);
    let mut next = || {
        let (kind, length) = (r.u8("")?, r.u16("")?);
        Ok::<_, Malformed>((kind, r.take(usize::from(length).saturating_sub(3), "")?))
    };
    while let Ok((kind, value)) = next() {
        if let (METRIC, Some(octets)) = (kind, value.first_chunk()) {
            return u64::from_be_bytes(*octets);
        }
    }
    0
}
