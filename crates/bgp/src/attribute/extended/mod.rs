//! EXTENDED_COMMUNITIES (RFC 4360) and their IPv6 form (RFC 5701): `{ type(1) subtype(1) value(6) }*`.
//!
//! What the types mean is a table of its own: a row of [`EXTENDED`] for each that reads as something other than its
//! octets, and a keyword in `words.rs` for each that can be written as something other than its octets.

pub(crate) mod forms;
pub(crate) mod words;

pub use forms::{EXTENDED, ExtendedSpec};

use super::{Attribute, Length, code, flags, list, show};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json;
use crate::read::Reader;
use crate::text::{Diagnostic, Words};

/// Marks with a type.
pub(super) struct ExtendedCommunities;

impl Attribute for ExtendedCommunities {
    const CODE: u8 = code::EXTENDED_COMMUNITIES;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "extended-community";
    const KEYWORDS: &'static [&'static str] = &["extended-community"];
    const DOC: &'static str = "extended communities: target:A:B, origin:A:B, …, or 0x and 16 hexadecimal digits";
    const RFC: &'static str = "RFC 4360";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;
    const LENGTH: Length = Length::Items(8);

    fn check(r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        if r.len().is_multiple_of(8) {
            Ok(())
        } else {
            Err(r.malformed("EXTENDED_COMMUNITIES", "a multiple of 8 octets"))
        }
    }

    fn words(value: &[u8], out: &mut String) {
        list::text("extended-community", value.chunks_exact(8), false, out, words::canonical);
    }

    fn text(value: &[u8], out: &mut String, dialect: Dialect) {
        list::text("extended-community", value.chunks_exact(8), false, out, |item, out| {
            forms::text(item, out, dialect);
        });
    }

    fn json(value: &[u8], out: &mut String, dialect: Dialect) {
        list::json(value.chunks_exact(8), out, |item, out| {
            out.push_str("{ \"value\": ");
            json::number(out, item.first_chunk().map_or(0, |b| u64::from_be_bytes(*b)));
            out.push_str(", \"string\": \"");
            forms::text(item, out, dialect);
            out.push('"');
            forms::members(item, out, dialect);
            out.push_str(" }");
        });
    }

    /// Adds to what is there: several lists on one route are one list.
    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        list::parse(words, "an extended community", |word| {
            out.extend_from_slice(&words::parse(word)?);
            Ok(())
        })?;
        list::sort::<8>(out, false);
        Ok(())
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        (0..=dice.below(5)).for_each(|_| out.extend(forms::sample(dice)));
        list::sort::<8>(out, false);
    }
}

/// Marks with a type and an IPv6 address.
pub(super) struct Ipv6ExtendedCommunities;

impl Attribute for Ipv6ExtendedCommunities {
    const CODE: u8 = code::IPV6_EXTENDED_COMMUNITIES;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "extended-community-ipv6";
    const KEYWORDS: &'static [&'static str] = &[];
    const DOC: &'static str = "extended communities with an IPv6 address";
    const RFC: &'static str = "RFC 5701";
    const SINCE: Option<Dialect> = Some(Dialect::V5);
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;
    const LENGTH: Length = Length::Items(20);

    fn check(r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        let whole = r.len().is_multiple_of(20);
        if whole { Ok(()) } else { Err(r.malformed("IPV6_EXTENDED_COMMUNITIES", "a multiple of 20 octets")) }
    }

    fn words(value: &[u8], out: &mut String) {
        show::octets_words(Self::CODE, Self::FLAGS, value, out);
    }

    fn text(value: &[u8], out: &mut String, _: Dialect) {
        show::octets_text(super::Attr { code: Self::CODE, flags: Self::FLAGS, value }, out);
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        list::json(value.chunks_exact(20), out, |item, out| {
            out.push_str("{ \"value\": ");
            decimal(item, out);
            out.push_str(", \"string\": \"0x");
            json::hex(out, item);
            out.push_str("\" }");
        });
    }

    fn parse(words: &mut Words<'_>, _: &mut Vec<u8>) -> Result<(), Diagnostic> {
        Err(Diagnostic::error(words.last(), "extended-community-ipv6 has no words of its own")
            .help("write attribute [ 0x19 0xc0 0x… ]"))
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        list::sample::<20>(dice, out);
    }
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
