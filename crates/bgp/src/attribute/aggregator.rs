//! ATOMIC_AGGREGATE, AGGREGATOR and AS4_AGGREGATOR (RFC 4271 §5.1.6, §5.1.7; RFC 6793 §3): nothing, and
//! `asn(2 or 4) address(4)`.

use super::{Attribute, code, flags, list};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json;
use crate::put;
use crate::read::Reader;
use crate::text::{Diagnostic, Word, Words};
use crate::value::Asn;
use std::net::Ipv4Addr;

/// Some more specific path was left out of the AS_PATH.
pub(super) struct AtomicAggregate;

impl Attribute for AtomicAggregate {
    const CODE: u8 = code::ATOMIC_AGGREGATE;
    const FLAGS: u8 = flags::TRANSITIVE;
    const NAME: &'static str = "atomic-aggregate";
    const KEYWORDS: &'static [&'static str] = &["atomic-aggregate"];
    const DOC: &'static str = "the route is an aggregate whose AS path is not complete";
    const RFC: &'static str = "RFC 4271 §5.1.6";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::AttributeDiscard;
    const MAY_BE_EMPTY: bool = true;

    fn check(r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        r.finish("ATOMIC_AGGREGATE")
    }

    fn words(value: &[u8], out: &mut String) {
        Self::text(value, out, Dialect::V6);
    }

    fn text(_: &[u8], out: &mut String, _: Dialect) {
        out.push_str("atomic-aggregate");
    }

    fn json(_: &[u8], out: &mut String, _: Dialect) {
        out.push_str("true");
    }

    fn parse(_: &mut Words<'_>, _: &mut Vec<u8>) -> Result<(), Diagnostic> {
        Ok(())
    }

    fn sample(_: &mut Dice, _: &mut Vec<u8>) {}
}

/// Who made the aggregate. The AS number is as wide as the session's on receipt, four octets when stored.
pub(super) struct Aggregator;

impl Attribute for Aggregator {
    const CODE: u8 = code::AGGREGATOR;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "aggregator";
    const KEYWORDS: &'static [&'static str] = &["aggregator"];
    const DOC: &'static str = "who made the aggregate: ( ASN:IPv4 )";
    const RFC: &'static str = "RFC 4271 §5.1.7, RFC 6793 §3";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::AttributeDiscard;
    const MAY_BE_EMPTY: bool = false;

    fn check(r: Reader<'_>, cx: &Context) -> Result<(), Malformed> {
        check(r, cx.asn4, cx, "AGGREGATOR")
    }

    fn words(value: &[u8], out: &mut String) {
        Self::text(value, out, Dialect::V6);
    }

    fn text(value: &[u8], out: &mut String, _: Dialect) {
        out.push_str("aggregator ( ");
        pair(value, out);
        out.push_str(" )");
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        out.push('"');
        pair(value, out);
        out.push('"');
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        let form = "an aggregator is written ( ASN:IPv4 )";
        let mut word = words.expect("the aggregator").map_err(|e| e.help(form))?;
        let open = word.text.starts_with('(');
        if word.text == "(" {
            word = words.expect("the aggregator").map_err(|e| e.help(form))?;
        }
        let text = word.text.strip_prefix('(').unwrap_or(&word.text);
        let closed = text.strip_suffix(')');
        aggregator(&word, closed.unwrap_or(text), out).map_err(|e| e.help(form))?;
        match (open, closed.is_some()) {
            (true, false) if !words.accept(")") => Err(Diagnostic::error(words.here(), "`)` is missing").help(form)),
            (false, true) => Err(word.error("`(` is missing").help(form)),
            _ => Ok(()),
        }
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        out.extend(dice.u32().max(1).to_be_bytes());
        dice.octets(4, out);
    }
}

/// AGGREGATOR with its real AS number, carried past speakers of two-octet numbers.
pub(super) struct As4Aggregator;

impl Attribute for As4Aggregator {
    const CODE: u8 = code::AS4_AGGREGATOR;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "as4-aggregator";
    const KEYWORDS: &'static [&'static str] = &[];
    const DOC: &'static str = "the aggregator towards speakers of two-octet AS numbers";
    const RFC: &'static str = "RFC 6793 §3";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::AttributeDiscard;
    const MAY_BE_EMPTY: bool = false;

    fn check(r: Reader<'_>, cx: &Context) -> Result<(), Malformed> {
        check(r, true, cx, "AS4_AGGREGATOR")
    }

    fn fields(mut value: Reader<'_>) {
        value.laid_out("aggregator-AS(4) aggregator-address(ipv4)");
    }

    fn text(value: &[u8], out: &mut String, dialect: Dialect) {
        Aggregator::text(value, out, dialect);
    }

    fn json(value: &[u8], out: &mut String, dialect: Dialect) {
        Aggregator::json(value, out, dialect);
    }

    fn parse(words: &mut Words<'_>, _: &mut Vec<u8>) -> Result<(), Diagnostic> {
        Err(super::unwritable(words, Self::NAME))
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        Aggregator::sample(dice, out);
    }
}

fn check(mut r: Reader<'_>, wide: bool, cx: &Context, what: &'static str) -> Result<(), Malformed> {
    let start = r;
    let asn = if wide { r.u32("aggregator AS")? } else { u32::from(r.u16("aggregator AS")?) };
    r.ipv4("aggregator address")?;
    r.finish(what)?;
    // RFC 7607 §2
    match asn {
        0 if !cx.zero_asn => Err(start.malformed(what, "an AS number other than 0")),
        _ => Ok(()),
    }
}

fn pair(value: &[u8], out: &mut String) {
    json::number(out, list::u32_at(value, 0));
    put!(out, ':', Ipv4Addr::from(list::u32_at(value, 4)));
}

fn aggregator(word: &Word<'_>, text: &str, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let wrong = || word.error(format!("`{text}` is no aggregator"));
    let (asn, addr) = text.split_once(':').ok_or_else(wrong)?;
    let asn = Asn::parse(asn).ok_or_else(wrong)?;
    let addr: Ipv4Addr = addr.parse().map_err(|_| wrong())?;
    out.extend_from_slice(&asn.0.to_be_bytes());
    out.extend_from_slice(&addr.octets());
    Ok(())
}
