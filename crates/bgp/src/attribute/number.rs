//! MULTI_EXIT_DISC and LOCAL_PREF (RFC 4271 §5.1.4, §5.1.5): `value(4)`.

use super::{Attribute, Length, code, flags, list};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json;
use crate::read::Reader;
use crate::text::{Diagnostic, Words};
use crate::value::digits;

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = $code:ident, $flags:expr, $json:literal, $rfc:literal, $words:expr, $about:literal;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;
        impl Attribute for $name {
            const CODE: u8 = code::$code;
            const FLAGS: u8 = $flags;
            const NAME: &'static str = $json;
            const KEYWORDS: &'static [&'static str] = $words;
            const DOC: &'static str = $about;
            const RFC: &'static str = $rfc;
            const SINCE: Option<Dialect> = Some(Dialect::V4);
            const FAULT: Outcome = Outcome::TreatAsWithdraw;
            const MAY_BE_EMPTY: bool = false;
            const LENGTH: Length = Length::Octets(4);

            fn check(mut r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
                r.u32(stringify!($code))?;
                r.finish(stringify!($code))
            }
            fn words(value: &[u8], out: &mut String) {
                Self::text(value, out, Dialect::V6);
            }

            fn text(value: &[u8], out: &mut String, _: Dialect) {
                out.push_str(concat!($json, " "));
                json::number(out, list::u32_at(value, 0));
            }
            fn json(value: &[u8], out: &mut String, _: Dialect) {
                json::number(out, list::u32_at(value, 0));
            }
            fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
                number(words, $json, out)
            }

            fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
                dice.octets(4, out);
            }
        }
    )*};
}

numbers! {
    /// Which of several links into the sender's AS it prefers.
    MultiExitDisc = MULTI_EXIT_DISC, flags::OPTIONAL, "med", "RFC 4271 §5.1.4", &["med"],
        "which of several links into our AS to take: the lowest wins, 0 to 4294967295";
    /// How much the AS prefers the route.
    LocalPref = LOCAL_PREF, flags::TRANSITIVE, "local-preference", "RFC 4271 §5.1.5", &["local-preference"],
        "how much our AS prefers the route: the highest wins, 0 to 4294967295; iBGP only";
}

fn number(words: &mut Words<'_>, what: &str, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let word = words.expect(what)?;
    let value: u32 = digits(&word.text)
        .ok_or_else(|| word.error(format!("`{}` is no {what}", word.text)).help("a number from 0 to 4294967295"))?;
    out.extend_from_slice(&value.to_be_bytes());
    Ok(())
}
