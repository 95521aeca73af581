//! ORIGIN (RFC 4271 §4.3, §5.1.1): `value(1)`.

use super::{Attribute, code, flags};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::read::Reader;
use crate::text::{Diagnostic, Words};

const NAMES: [&str; 3] = ["igp", "egp", "incomplete"];

/// How the route came into BGP.
pub(super) struct Origin;

impl Attribute for Origin {
    const CODE: u8 = code::ORIGIN;
    const FLAGS: u8 = flags::TRANSITIVE;
    const NAME: &'static str = "origin";
    const KEYWORDS: &'static [&'static str] = &["origin"];
    const DOC: &'static str = "how the route came into BGP: igp, egp or incomplete";
    const RFC: &'static str = "RFC 4271 §5.1.1";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;

    fn check(mut r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        let start = r;
        if usize::from(r.u8("ORIGIN")?) >= NAMES.len() {
            return Err(start.malformed("ORIGIN", "0, 1 or 2"));
        }
        r.finish("ORIGIN")
    }

    fn words(value: &[u8], out: &mut String) {
        Self::text(value, out, Dialect::V6);
    }

    fn text(value: &[u8], out: &mut String, _: Dialect) {
        out.push_str("origin ");
        out.push_str(name(value));
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        out.push('"');
        out.push_str(name(value));
        out.push('"');
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        let word = words.expect("the origin")?;
        for (value, name) in (0..).zip(NAMES) {
            if word.text.eq_ignore_ascii_case(name) {
                out.push(value);
                return Ok(());
            }
        }
        Err(word.error(format!("`{}` is no origin", word.text)).suggest(&word.text, NAMES))
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        out.push(dice.u8() % 3);
    }
}

fn name(value: &[u8]) -> &'static str {
    value.first().and_then(|v| NAMES.get(usize::from(*v))).copied().unwrap_or("incomplete")
}
