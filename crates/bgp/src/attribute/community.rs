//! COMMUNITIES (RFC 1997): `{ value(4) }*`.

use super::{Attribute, Length, code, flags, list};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json;
use crate::read::Reader;
use crate::text::{Diagnostic, Word, Words};
use crate::value::digits;

/// Names that are printed (RFC 1997, RFC 3765, RFC 7999).
const NAMES: &[(u32, &str)] = &[
    (0xffff_ff01, "no-export"),
    (0xffff_ff02, "no-advertise"),
    (0xffff_ff03, "no-export-subconfed"),
    (0xffff_ff04, "no-peer"),
    (0xffff_029a, "blackhole"),
];

/// Other spellings that are understood.
const ALIASES: &[(u32, &str)] = &[(0xffff_ff01, "no_export"), (0xffff_ff02, "no_advertise"), (0xffff_ff04, "nopeer")];

/// Marks the route carries.
pub(super) struct Communities;

impl Attribute for Communities {
    const CODE: u8 = code::COMMUNITIES;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "community";
    const KEYWORDS: &'static [&'static str] = &["community"];
    const DOC: &'static str =
        "communities: A:B, a number, or no-export no-advertise no-export-subconfed no-peer blackhole";
    const RFC: &'static str = "RFC 1997";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;
    const LENGTH: Length = Length::Items(4);

    fn check(r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        r.items(4, ["COMMUNITIES", "a multiple of 4 octets"], ("community", item_words))
    }

    fn words(value: &[u8], out: &mut String) {
        Self::text(value, out, Dialect::V6);
    }

    fn text(value: &[u8], out: &mut String, _: Dialect) {
        list::text("community", value.chunks_exact(4), false, out, item_words);
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        list::json(value.chunks_exact(4), out, |item, out| {
            out.push_str("[ ");
            json::number(out, list::u16_at(item, 0));
            out.push_str(", ");
            json::number(out, list::u16_at(item, 2));
            out.push_str(" ]");
        });
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        list::parse(words, "a community", |word| {
            let value = community(&word.text).ok_or_else(|| complaint(word))?;
            out.extend_from_slice(&value.to_be_bytes());
            Ok(())
        })?;
        list::sort::<4>(out, false);
        Ok(())
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        list::sample::<4>(dice, out);
    }
}

/// Appends `65000:1`, or a name.
fn item_words(item: &[u8], out: &mut String) {
    match NAMES.iter().find(|(n, _)| *n == list::u32_at(item, 0)) {
        Some((_, name)) => out.push_str(name),
        None => {
            json::number(out, list::u16_at(item, 0));
            out.push(':');
            json::number(out, list::u16_at(item, 2));
        }
    }
}

fn community(text: &str) -> Option<u32> {
    if let Some((high, low)) = text.split_once(':') {
        return Some(u32::from(digits::<u16>(high)?) << 16 | u32::from(digits::<u16>(low)?));
    }
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return if hex.starts_with('+') { None } else { u32::from_str_radix(hex, 16).ok() };
    }
    digits(text).or_else(|| NAMES.iter().chain(ALIASES).find(|(_, name)| *name == text).map(|(n, _)| *n))
}

fn complaint(word: &Word<'_>) -> Diagnostic {
    let wrong = word.error(format!("`{}` is no community", word.text));
    if word.text.starts_with(|c: char| c.is_ascii_digit()) {
        return wrong.help("A:B with both parts up to 65535, or one number up to 4294967295");
    }
    wrong.suggest(&word.text, NAMES.iter().map(|(_, name)| *name))
}
