//! Attributes that are lists of TLVs and have few words of their own: SFP (RFC 9015 §3.2.1) and BIER (RFC 9793 §3).
//!
//! They are written as numbers and octets. In JSON the TLVs that are known say what is in them.

use super::tlv::{self, Shape};
use super::{Attribute, code, flags, list};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json::{self, Separator};
use crate::put;
use crate::put::{Hex, Quoted};
use crate::read::Reader;
use crate::text::{Diagnostic, Words};
use crate::value::Rd;

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident = $code:ident, $shape:expr, $word:literal, $rfc:literal, $fault:ident, $known:ident, $fields:expr, $about:literal;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;
        impl Attribute for $name {
            const CODE: u8 = code::$code;
            const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
            const NAME: &'static str = $word;
            const KEYWORDS: &'static [&'static str] = &[$word];
            const DOC: &'static str = $about;
            const RFC: &'static str = $rfc;
            const SINCE: Option<Dialect> = None;
            const FAULT: Outcome = Outcome::$fault;
            const MAY_BE_EMPTY: bool = false;

            fn check(r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
                tlv::check(r, $shape)
            }
            fn fields(mut value: Reader<'_>) {
                while let Ok((kind, mut inside)) = tlv::read(&mut value, $shape) {
                    let known: &[(u16, &'static str)] = $fields;
                    known.iter().filter(|(code, _)| *code == kind).for_each(|(_, layout)| inside.laid_out(layout));
                }
            }
            fn words(value: &[u8], out: &mut String) {
                out.push_str(concat!($word, " ["));
                tlv::iter(value, $shape).for_each(|(kind, value)| tlv::words(kind, value, out));
                out.push_str(" ]");
            }
            fn json(value: &[u8], out: &mut String, _: Dialect) {
                let mut separator = Separator::new(", ");
                out.push_str("[ ");
                for (kind, value) in tlv::iter(value, $shape) {
                    separator.next(out);
                    let before = out.len();
                    if $known(kind, value, out).is_none() {
                        out.truncate(before);
                        tlv::json(kind, value, out);
                    }
                }
                out.push_str(" ]");
            }
            fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
                const FORM: &str = concat!($word, " is written [ TYPE 0xOCTETS TYPE 0xOCTETS … ]");
                list::open(words, FORM)?;
                while let Some(word) = list::item(words, FORM)? {
                    tlv::parse(&word, words, $shape, out)?;
                }
                if out.is_empty() { Err(Diagnostic::error(words.last(), "the list is empty").help(FORM)) } else { Ok(()) }
            }
            fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
                for _ in 0..=dice.below(3) {
                    let mut value = Vec::new();
                    let size = dice.below(14);
                    dice.octets(size, &mut value);
                    tlv::write(1 + u16::from(dice.u8() % 4), &value, $shape, out);
                }
            }
        }
    )*};
}

lists! {
    /// A service function path.
    Sfp = SFP, Shape { kind: 1, length: 2 }, "sfp", "RFC 9015", TreatAsWithdraw, sfp,
        &[(1, "association-type(1) associated-RD(8x) associated-SFPR-ID(3)"), (2, "service-index(1) hop(x)")],
        "a service function path, as TLVs: [ TYPE 0xOCTETS… ]";
    /// Where a router stands in a BIER domain.
    Bier = BIER, Shape { kind: 2, length: 2 }, "bier", "RFC 9793", AttributeDiscard, bier,
        &[(1, "sub-domain(1) BFR-ID(2) reserved(1x) sub-TLVs(x)")],
        "a place in a BIER domain, as TLVs: [ TYPE 0xOCTETS… ]";
}

/// An association with another path, or a hop: a service index and TLVs of its own.
fn sfp(kind: u16, value: &[u8], out: &mut String) -> Option<()> {
    let mut r = Reader::new(value, 0);
    match kind {
        1 if r.len() == 12 => {
            let (association, rd) = (r.u8("").ok()?, Rd::read(&mut r).ok()?);
            let [a, b, c] = r.array("").ok()?;
            let path = u32::from_be_bytes([0, a, b, c]);
            put!(out, "{ \"association\": ", association);
            json::member(out, "rd", Quoted(rd));
            json::member(out, "path", path);
        }
        2 => {
            put!(out, "{ \"service-index\": ", r.u8("").ok()?);
            json::member(out, "hop", Quoted(Hex(r.rest())));
        }
        _ => return None,
    }
    out.push_str(" }");
    Some(())
}

/// `sub-domain(1) BFR-id(2) reserved(1) sub-TLV*`
fn bier(kind: u16, value: &[u8], out: &mut String) -> Option<()> {
    if kind != 1 {
        return None;
    }
    let mut r = Reader::new(value, 0);
    let (domain, router, _) = (r.u8("").ok()?, r.u16("").ok()?, r.u8("").ok()?);
    put!(out, "{ \"sub-domain\": ", domain);
    json::member(out, "bfr-id", router);
    json::member(out, "sub-tlvs", Quoted(Hex(r.rest())));
    out.push_str(" }");
    Some(())
}
