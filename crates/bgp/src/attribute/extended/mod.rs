//! EXTENDED_COMMUNITIES (RFC 4360) and their IPv6 form (RFC 5701): `{ type(1) subtype(1) value(6 or 18) }*`.
//!
//! | room | what is in it |
//! |---|---|
//! | `rows` | the types that are known: a row for each |
//! | `layout` | the fields a row consists of, between octets and words |
//! | `words` | one community, as it is written |
//! | `dialects` | one community, as events tell of it |

mod dialects;
mod layout;
mod rows;
mod words;

pub use rows::{EXTENDED, EXTENDED_IPV6, ExtendedSpec};

use super::{Attribute, Length, code, flags, list};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json;
use crate::read::Reader;
use crate::text::{Diagnostic, Word, Words};

/// Marks with a type.
pub(super) struct ExtendedCommunities;

impl Attribute for ExtendedCommunities {
    const CODE: u8 = code::EXTENDED_COMMUNITIES;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "extended-community";
    const KEYWORDS: &'static [&'static str] = &["extended-community"];
    const DOC: &'static str = "extended communities: target:A:B, origin:A:B, …, or 0x and 16 hexadecimal digits";
    const RFC: &'static str = "RFC 4360 §2";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;
    const LENGTH: Length = Length::Items(8);

    fn check(r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        let words = |item: &[u8], out: &mut String| words::canonical::<8>(EXTENDED, item, out);
        r.items(8, ["EXTENDED_COMMUNITIES", "a multiple of 8 octets"], ("extended community", words))
    }

    fn words(value: &[u8], out: &mut String) {
        list::text(Self::NAME, value.chunks_exact(8), false, out, |item, out| {
            words::canonical::<8>(EXTENDED, item, out);
        });
    }

    fn text(value: &[u8], out: &mut String, dialect: Dialect) {
        list::text(Self::NAME, value.chunks_exact(8), false, out, |item, out| {
            dialects::text(item, out, dialect);
        });
    }

    fn json(value: &[u8], out: &mut String, dialect: Dialect) {
        list::json(value.chunks_exact(8), out, |item, out| {
            out.push_str("{ \"value\": ");
            json::number(out, item.first_chunk().map_or(0, |b| u64::from_be_bytes(*b)));
            out.push_str(", \"string\": \"");
            dialects::text(item, out, dialect);
            out.push('"');
            dialects::members(item, out, dialect);
            out.push_str(" }");
        });
    }

    /// Adds to what is there: several lists on one route are one list.
    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        parse_list::<8>(EXTENDED, words, out)
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        sample::<8>(EXTENDED, dice, out);
    }
}

/// Marks with a type and an IPv6 address.
pub(super) struct Ipv6ExtendedCommunities;

impl Attribute for Ipv6ExtendedCommunities {
    const CODE: u8 = code::IPV6_EXTENDED_COMMUNITIES;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "extended-community-ipv6";
    const KEYWORDS: &'static [&'static str] = &["extended-community-ipv6"];
    const DOC: &'static str =
        "extended communities with an IPv6 address: target:IPV6:N, …, or 0x and 40 hexadecimal digits";
    const RFC: &'static str = "RFC 5701";
    const SINCE: Option<Dialect> = Some(Dialect::V5);
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;
    const LENGTH: Length = Length::Items(20);

    fn check(r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        let words = |item: &[u8], out: &mut String| words::canonical::<20>(EXTENDED_IPV6, item, out);
        r.items(20, ["IPV6_EXTENDED_COMMUNITIES", "a multiple of 20 octets"], ("IPv6 extended community", words))
    }

    fn words(value: &[u8], out: &mut String) {
        list::text(Self::NAME, value.chunks_exact(20), false, out, |item, out| {
            words::canonical::<20>(EXTENDED_IPV6, item, out);
        });
    }

    fn text(value: &[u8], out: &mut String, _: Dialect) {
        list::text(Self::NAME, value.chunks_exact(20), false, out, dialects::text_ipv6);
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        list::json(value.chunks_exact(20), out, |item, out| {
            out.push_str("{ \"value\": ");
            decimal(item, out);
            out.push_str(", \"string\": \"");
            dialects::text_ipv6(item, out);
            out.push_str("\" }");
        });
    }

    /// Adds to what is there.
    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        parse_list::<20>(EXTENDED_IPV6, words, out)
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        sample::<20>(EXTENDED_IPV6, dice, out);
    }
}

/// One community of eight octets, for whoever has one outside of the attribute.
pub(crate) mod extended_community {
    use super::{Diagnostic, Dialect, Dice, EXTENDED, Word, dialects, words};

    /// Its octets, from the word it is written with.
    pub(crate) fn parse(word: &Word<'_>) -> Result<[u8; 8], Diagnostic> {
        words::parse(EXTENDED, word)
    }

    /// Appends the word it is written with.
    pub(crate) fn words(item: &[u8], out: &mut String) {
        words::canonical::<8>(EXTENDED, item, out);
    }

    /// Appends it as events have it.
    pub(crate) fn text(item: &[u8], out: &mut String, dialect: Dialect) {
        dialects::text(item, out, dialect);
    }

    /// Makes one up, mostly of a known type.
    pub(crate) fn sample(dice: &mut Dice) -> [u8; 8] {
        super::made_up(EXTENDED, dice)
    }
}

/// One community of twenty octets, from the word it is written with.
pub(crate) fn ipv6_community(word: &Word<'_>) -> Result<[u8; 20], Diagnostic> {
    words::parse(EXTENDED_IPV6, word)
}

/// Adds one community, or those of a list, and keeps all in order.
fn parse_list<const N: usize>(
    rows: &[ExtendedSpec],
    words: &mut Words<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Diagnostic> {
    let alone = words.peek().is_some_and(|word| word.text != "[");
    let mut keyword: Option<String> = None;
    let mut add = |word: &Word<'_>, keyword: &mut Option<String>| {
        let joined = keyword.take().map(|keyword| Word { text: format!("{keyword}:{}", word.text).into(), ..*word });
        if joined.is_none() && words::takes_value(rows, &word.text) {
            *keyword = Some(word.text.to_string());
            return Ok(());
        }
        out.extend_from_slice(&words::parse::<N>(rows, joined.as_ref().unwrap_or(word))?);
        Ok(())
    };
    list::parse(words, "an extended community", |word| add(word, &mut keyword))?;
    if let Some(missing) = &keyword {
        let what = format!("the value of `{missing}`");
        let value = if alone { words.next() } else { None };
        let value = value.ok_or_else(|| Diagnostic::error(words.here(), format!("{what} is missing")))?;
        add(&value, &mut keyword)?;
    }
    list::sort::<N>(out, false);
    Ok(())
}

/// Makes up some communities.
fn sample<const N: usize>(rows: &[ExtendedSpec], dice: &mut Dice, out: &mut Vec<u8>) {
    (0..=dice.below(5)).for_each(|_| out.extend(made_up::<N>(rows, dice)));
    list::sort::<N>(out, false);
}

/// Makes up a community, mostly of a known type.
fn made_up<const N: usize>(rows: &[ExtendedSpec], dice: &mut Dice) -> [u8; N] {
    let mut item: [u8; N] = dice.array();
    if let (Some(row), false) = (dice.pick(rows), dice.once_in(8)) {
        item.iter_mut().zip([row.kind, row.subtype]).for_each(|(octet, of_row)| *octet = of_row);
    }
    item
}

/// Appends octets as one decimal number, however many there are.
fn decimal(octets: &[u8], out: &mut String) {
    let mut rest = octets.to_vec();
    let mut digits = Vec::new();
    while rest.iter().any(|b| *b != 0) {
        let mut remainder = 0;
        for octet in &mut rest {
            let n = remainder << 8 | u32::from(*octet);
            *octet = u8::try_from(n / 10).unwrap_or(0);
            remainder = n % 10;
        }
        digits.push(char::from_digit(remainder, 10).unwrap_or('0'));
    }
    if digits.is_empty() {
        digits.push('0');
    }
    out.extend(digits.iter().rev());
}
