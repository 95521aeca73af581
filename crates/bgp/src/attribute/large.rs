//! LARGE_COMMUNITIES (RFC 8092): `{ global(4) local(4) local(4) }*`.

use super::{Attribute, Length, code, flags, list};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json;
use crate::read::Reader;
use crate::text::{Diagnostic, Words};
use crate::value::digits;
use std::collections::BTreeSet;

/// Marks wide enough for four-octet AS numbers.
pub(super) struct LargeCommunities;

impl Attribute for LargeCommunities {
    const CODE: u8 = code::LARGE_COMMUNITIES;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "large-community";
    const KEYWORDS: &'static [&'static str] = &["large-community"];
    const DOC: &'static str = "large communities: A:B:C, each up to 4294967295";
    const RFC: &'static str = "RFC 8092 §3";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;
    const LENGTH: Length = Length::Items(12);

    fn check(r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        r.items(12, ["LARGE_COMMUNITIES", "a multiple of 12 octets"], ("large community", item_words))
    }

    fn words(value: &[u8], out: &mut String) {
        Self::text(value, out, Dialect::V6);
    }

    fn text(value: &[u8], out: &mut String, _: Dialect) {
        list::text("large-community", distinct(value), false, out, item_words);
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        list::json(distinct(value), out, |item, out| {
            // the blank in front of the second comma has always been there
            for (before, at) in [("[ ", 0), (", ", 4), (" , ", 8)] {
                out.push_str(before);
                json::number(out, list::u32_at(item, at));
            }
            out.push_str(" ]");
        });
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        list::parse(words, "a large community", |word| {
            let value = large(&word.text).ok_or_else(|| {
                word.error(format!("`{}` is no large community", word.text))
                    .help("A:B:C, each a number up to 4294967295")
            })?;
            out.extend_from_slice(&value);
            Ok(())
        })?;
        list::sort::<12>(out, true);
        Ok(())
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        list::sample::<12>(dice, out);
    }
}

/// Each community once: repeated ones are to be ignored (RFC 8092 §3).
fn distinct(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let items = value.chunks_exact(12);
    // nearly always: in order, so that a glance at the neighbour is enough
    let distinct = items.clone().is_sorted_by(|a, b| a < b);
    let mut seen = BTreeSet::new();
    items.filter(move |item| distinct || seen.insert(*item))
}

/// Appends `65000:1:2`.
fn item_words(item: &[u8], out: &mut String) {
    for (at, separator) in [(0, ":"), (4, ":"), (8, "")] {
        json::number(out, list::u32_at(item, at));
        out.push_str(separator);
    }
}

fn large(text: &str) -> Option<[u8; 12]> {
    let number: u128 = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) if !hex.starts_with('+') => u128::from_str_radix(hex, 16).ok()?,
        Some(_) => return None,
        None if text.contains(':') => {
            let mut parts = text.split(':').map(digits::<u32>);
            let mut part = || parts.next().flatten().map(u128::from);
            let number = part()? << 64 | part()? << 32 | part()?;
            if parts.next().is_some() {
                return None;
            }
            number
        }
        None => digits(text)?,
    };
    let octets = number.to_be_bytes();
    let (unused, value) = octets.split_first_chunk::<4>()?;
    if *unused == [0; 4] { value.first_chunk().copied() } else { None }
}
