//! D-PATH (draft-ietf-bess-evpn-ipvpn-interworking §4): `{ count(1) { domain(6) ISF-SAFI(1) }* }*`, the domains a route
//! came through; a domain is `global(4) local(2)`.

use super::{Attribute, code, flags, list};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json::Separator;
use crate::put;
use crate::read::Reader;
use crate::text::{Diagnostic, Word, Words};
use crate::value::{Asn, digits};

/// The domains between gateways, the latest first.
pub(super) struct DPath;

/// Octets of a domain and how the route left it.
const STEP: usize = 7;
const FORM: &str = "segments of domains, each ASN:NUMBER:SAFI: [ 65000:1:70 65000:2:128 ]";

impl Attribute for DPath {
    const CODE: u8 = code::D_PATH;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "d-path";
    const KEYWORDS: &'static [&'static str] = &["d-path"];
    const DOC: &'static str = "the domains a route came through: [ ASN:NUMBER:SAFI… ]";
    const RFC: &'static str = "draft-ietf-bess-evpn-ipvpn-interworking";
    const SINCE: Option<Dialect> = None;
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;

    fn check(mut r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        while !r.is_empty() {
            let start = r;
            let count = r.u8("D-PATH segment")?;
            if count == 0 {
                return Err(start.malformed("D-PATH segment", "at least one domain"));
            }
            r.take(usize::from(count) * STEP, "D-PATH segment")?;
        }
        Ok(())
    }

    fn fields(mut r: Reader<'_>) {
        while let Ok(count) = r.u8("number of domains") {
            let Ok(mut segment) = r.sub(usize::from(count) * STEP, "D-PATH segment") else { return };
            segment.each_laid_out("global-administrator(4) local-administrator(2) ISF-SAFI(1)");
        }
    }

    fn words(value: &[u8], out: &mut String) {
        out.push_str("d-path");
        for segment in segments(value) {
            out.push_str(" [");
            for step in segment.as_chunks::<STEP>().0 {
                out.push(' ');
                domain(step, out);
                put!(out, ':', step[6]);
            }
            out.push_str(" ]");
        }
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        let mut outer = Separator::new(", ");
        out.push_str("[ ");
        for segment in segments(value) {
            outer.next(out);
            list::json(segment.chunks_exact(STEP), out, |step, out| {
                out.push_str("{ \"domain\": \"");
                domain(step, out);
                put!(out, "\", \"isf-safi\": ", step.last().unwrap_or(&0), " }");
            });
        }
        out.push_str(" ]");
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        loop {
            list::open(words, FORM)?;
            let start = out.len();
            out.push(0);
            let mut count: u8 = 0;
            while let Some(word) = list::item(words, FORM)? {
                count = count.checked_add(1).ok_or_else(|| word.error("a segment has at most 255 domains"))?;
                out.extend(step(&word)?);
            }
            if count == 0 {
                return Err(Diagnostic::error(words.last(), "the segment is empty").help(FORM));
            }
            if let Some(field) = out.get_mut(start) {
                *field = count;
            }
            if words.peek().is_none_or(|word| word.text != "[") {
                return Ok(());
            }
        }
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        for _ in 0..=dice.below(2) {
            let count = 1 + dice.below(3);
            out.push(u8::try_from(count).unwrap_or(1));
            dice.octets(count * STEP, out);
        }
    }
}

fn segments(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut r = Reader::new(value, 0);
    std::iter::from_fn(move || {
        let count = r.u8("").ok()?;
        r.take(usize::from(count) * STEP, "").ok()
    })
}

/// Appends `65000:1`.
fn domain(step: &[u8], out: &mut String) {
    put!(out, list::u32_at(step, 0), ':', list::u16_at(step, 4));
}

fn step(word: &Word<'_>) -> Result<[u8; STEP], Diagnostic> {
    let read = || {
        let (global, rest) = word.text.split_once(':')?;
        let (local, safi) = rest.split_once(':')?;
        let [a, b, c, d] = Asn::parse(global)?.0.to_be_bytes();
        let [e, f] = digits::<u16>(local)?.to_be_bytes();
        Some([a, b, c, d, e, f, digits(safi)?])
    };
    read().ok_or_else(|| word.error(format!("`{}` is no domain", word.text)).help(FORM))
}
