//! ORIGINATOR_ID and CLUSTER_LIST (RFC 4456 §8): `identifier(4)`, once and any number of times.

use super::{Attribute, Length, code, flags, list};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::put;
use crate::put::Quoted;
use crate::read::Reader;
use crate::text::{Diagnostic, Word, Words};
use std::net::Ipv4Addr;

/// Who brought a reflected route into the AS.
pub(super) struct OriginatorId;

impl Attribute for OriginatorId {
    const CODE: u8 = code::ORIGINATOR_ID;
    const FLAGS: u8 = flags::OPTIONAL;
    const NAME: &'static str = "originator-id";
    const KEYWORDS: &'static [&'static str] = &["originator-id"];
    const DOC: &'static str = "the router that brought a reflected route into the AS: an IPv4 address";
    const RFC: &'static str = "RFC 4456 §8";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;
    const LENGTH: Length = Length::Octets(4);

    fn check(mut r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        r.ipv4("ORIGINATOR_ID")?;
        r.finish("ORIGINATOR_ID")
    }

    fn words(value: &[u8], out: &mut String) {
        Self::text(value, out, Dialect::V6);
    }

    fn text(value: &[u8], out: &mut String, _: Dialect) {
        out.push_str("originator-id ");
        identifier_text(value, out);
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        identifier_json(value, out);
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        let word = words.expect("the originator-id")?;
        identifier(&word, "originator-id", out)
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        dice.octets(4, out);
    }
}

/// The clusters a reflected route passed through, the latest first.
pub(super) struct ClusterList;

impl Attribute for ClusterList {
    const CODE: u8 = code::CLUSTER_LIST;
    const FLAGS: u8 = flags::OPTIONAL;
    const NAME: &'static str = "cluster-list";
    const KEYWORDS: &'static [&'static str] = &["cluster-list"];
    const DOC: &'static str = "the clusters a reflected route passed through: IPv4 addresses";
    const RFC: &'static str = "RFC 4456 §8";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;
    const LENGTH: Length = Length::Items(4);

    fn check(r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        r.items(4, ["CLUSTER_LIST", "a multiple of 4 octets"], ("cluster identifier", identifier_text))
    }

    fn words(value: &[u8], out: &mut String) {
        Self::text(value, out, Dialect::V6);
    }

    fn text(value: &[u8], out: &mut String, dialect: Dialect) {
        list::text("cluster-list", value.chunks_exact(4), dialect != Dialect::V6, out, identifier_text);
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        list::json(value.chunks_exact(4), out, identifier_json);
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        list::parse(words, "a cluster identifier", |word| identifier(word, "cluster identifier", out))
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        let n = 1 + dice.below(5);
        dice.octets(4 * n, out);
    }
}

fn identifier(word: &Word<'_>, what: &str, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let id: Ipv4Addr = word
        .text
        .parse()
        .map_err(|_| word.error(format!("`{}` is no {what}", word.text)).help("an IPv4 address, such as 192.0.2.1"))?;
    out.extend_from_slice(&id.octets());
    Ok(())
}

fn identifier_text(value: &[u8], out: &mut String) {
    put!(out, Ipv4Addr::from(list::u32_at(value, 0)));
}

fn identifier_json(value: &[u8], out: &mut String) {
    put!(out, Quoted(Ipv4Addr::from(list::u32_at(value, 0))));
}
