//! PE Distinguisher Labels (RFC 6514 §8): `{ PE-address(4 or 16) label(3) }*`, the label by which a PE is known on a
//! bidirectional tunnel. Nothing says how long the addresses are: the whole has to be a multiple.

use super::{Attribute, code, flags, list};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json;
use crate::put;
use crate::put::Quoted;
use crate::read::Reader;
use crate::text::{Diagnostic, Words};
use crate::value::label;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Labels for PEs.
pub(super) struct PeDistinguisherLabels;

const V4: usize = 7;
const V6: usize = 19;
const FORM: &str = "addresses of one kind, each with its label: [ 192.0.2.1 100 192.0.2.2 101 ]";

impl Attribute for PeDistinguisherLabels {
    const CODE: u8 = code::PE_DISTINGUISHER_LABELS;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "pe-distinguisher-labels";
    const KEYWORDS: &'static [&'static str] = &["pe-distinguisher-labels"];
    const DOC: &'static str = "labels by which PEs are known on a tunnel: [ IP LABEL… ]";
    const RFC: &'static str = "RFC 6514";
    const SINCE: Option<Dialect> = None;
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;

    fn check(r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        match size(r.rest()) {
            Some(_) => Ok(()),
            None => Err(r.malformed("PE Distinguisher Labels", "a multiple of 7 or 19 octets")),
        }
    }

    fn fields(mut r: Reader<'_>) {
        let address = if size(r.rest()) == Some(V4) { "ipv4" } else { "ipv6" };
        while r.field("PE-address", address) {
            r.laid_out("MPLS-label(3x)");
        }
    }

    fn words(value: &[u8], out: &mut String) {
        out.push_str("pe-distinguisher-labels [");
        for (address, entry) in pairs(value) {
            put!(out, ' ', address, ' ');
            label::entry_words(entry, true, out);
        }
        out.push_str(" ]");
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        let mut separator = json::Separator::new(", ");
        out.push_str("[ ");
        for (address, entry) in pairs(value) {
            separator.next(out);
            put!(out, "{ \"pe\": ", Quoted(address), ", \"label\": ");
            label::json(&entry, out, Dialect::V6);
            out.push_str(" }");
        }
        out.push_str(" ]");
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        list::open(words, FORM)?;
        let mut first = None;
        while let Some(word) = list::item(words, FORM)? {
            let address = word.text.parse::<IpAddr>();
            let address = address.map_err(|_| word.error(format!("`{}` is no address", word.text)).help(FORM))?;
            if *first.get_or_insert(address.is_ipv4()) != address.is_ipv4() {
                return Err(word.error("addresses of two kinds").help(FORM));
            }
            match address {
                IpAddr::V4(a) => out.extend(a.octets()),
                IpAddr::V6(a) => out.extend(a.octets()),
            }
            out.extend(label::bottom(&words.expect("the label")?)?);
        }
        if out.is_empty() { Err(Diagnostic::error(words.last(), "there is no label").help(FORM)) } else { Ok(()) }
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        let size = if dice.once_in(3) { V6 } else { V4 };
        let count = 1 + dice.below(4);
        dice.octets(size * count, out);
    }
}

/// Octets of an address with its label.
fn size(value: &[u8]) -> Option<usize> {
    [V4, V6].into_iter().find(|size| value.len().is_multiple_of(*size))
}

fn pairs(value: &[u8]) -> impl Iterator<Item = (IpAddr, [u8; 3])> {
    value.chunks_exact(size(value).unwrap_or(V4)).filter_map(|pair| {
        let (address, entry) = pair.split_last_chunk::<3>()?;
        let address = match address.len() {
            4 => IpAddr::from(Ipv4Addr::from(*address.as_array::<4>()?)),
            _ => IpAddr::from(Ipv6Addr::from(*address.as_array::<16>()?)),
        };
        Some((address, *entry))
    })
}
