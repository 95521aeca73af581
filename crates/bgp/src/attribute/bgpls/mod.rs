//! BGP-LS (RFC 9552 §5.3): `{ type(2) length(2) value }*`, what is known of a node, link, prefix or SID.
//!
//! The attribute is malformed only if it cannot be cut into TLVs (RFC 9552 §8.2.2). Whatever a TLV says, however long it
//! is, however often it is there, the others are not the worse for it: types nobody knows and values that do not
//! read as their type says are kept and shown as octets.
//!
//! What is known of a type is its row in [`rows`]; [`form`] is what a row can say. JSON, words and made-up values
//! follow the same rows.

mod form;
mod json;
mod rows;
mod sample;
mod told;
mod words;

pub(crate) use form::{address, number};
pub(crate) use json::{generic, hex_string};
pub(crate) use words::dotted;

use super::{Attribute, code, flags};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::read::Reader;
use crate::text::{Diagnostic, Words};
use crate::value::tlv::Tlv;

/// What is known of a type of TLV, for those who document it.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct LinkStateTlv {
    pub code: u16,
    /// What its RFC calls it.
    pub name: &'static str,
    /// Its keys in JSON before 6 and from 6 on, and the first dialect that has one; `None` where octets are shown.
    pub json: Option<([&'static str; 2], Dialect)>,
    /// A value as the dice fell, in words.
    pub words: String,
}

/// Every type of TLV that has a row, by ascending type.
pub fn link_state_tlvs() -> impl Iterator<Item = LinkStateTlv> {
    rows::ROWS.iter().map(|row| {
        let mut words = String::new();
        let mut dice = Dice::new(row.code.into());
        for _ in 0..20 {
            words.clear();
            let mut value = Vec::new();
            sample::fill(row, &mut dice, &mut value);
            words::write_tlv(Tlv { kind: row.code, value: &value }, &mut words);
            if !words.starts_with("tlv ") {
                break;
            }
        }
        let json = row.shown.map(|shown| (shown.keys, shown.since));
        LinkStateTlv { code: row.code, name: row.name, json, words }
    })
}

/// What is known of link-state objects.
pub(super) struct BgpLs;

impl Attribute for BgpLs {
    const CODE: u8 = code::BGP_LS;
    const FLAGS: u8 = flags::OPTIONAL;
    const NAME: &'static str = "bgp-ls";
    const KEYWORDS: &'static [&'static str] = &["bgp-ls"];
    const DOC: &'static str = "attributes of a node, link, prefix or SID: [ node-name r1 te-metric 10 tlv 9999 0x00 ]";
    const RFC: &'static str = "RFC 9552";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::AttributeDiscard;
    const MAY_BE_EMPTY: bool = true;

    fn check(value: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        Tlv::check(value)
    }

    fn fields(value: Reader<'_>) {
        told::fields(value, words::DEEPEST);
    }

    /// What the text encoder prints, too: ExaBGP prints the insides of its program here.
    fn words(value: &[u8], out: &mut String) {
        words::write(value, out);
    }

    fn json(value: &[u8], out: &mut String, dialect: Dialect) {
        if !value.is_empty() {
            json::object(value, out, dialect);
        }
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        words::read(words, out)
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        sample::tlvs(dice, out);
    }
}
