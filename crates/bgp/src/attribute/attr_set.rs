//! ATTR_SET (RFC 6368 §5): `origin-as(4) attribute*`, the attributes of a customer's iBGP carried through a VPN.
//!
//! Checked, so that a broken one does not travel on; shown as its octets.

use super::{Attribute, code, flags};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::read::Reader;
use crate::text::{Diagnostic, Words};

/// Attributes inside an attribute.
pub(super) struct AttrSet;

impl Attribute for AttrSet {
    const CODE: u8 = code::ATTR_SET;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "attr-set";
    const KEYWORDS: &'static [&'static str] = &[];
    const DOC: &'static str = "a customer's attributes, carried through a VPN";
    const RFC: &'static str = "RFC 6368";
    const SINCE: Option<Dialect> = None;
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;

    fn check(mut r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        r.u32("ATTR_SET origin AS")?;
        while !r.is_empty() {
            super::read(&mut r)?;
        }
        Ok(())
    }

    fn words(value: &[u8], out: &mut String) {
        super::show::octets_words(Self::CODE, Self::FLAGS, value, out);
    }

    fn text(value: &[u8], out: &mut String, _: Dialect) {
        super::show::octets_text(super::Attr { code: Self::CODE, flags: Self::FLAGS, value }, out);
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        super::show::octets_json(value, out);
    }

    fn parse(words: &mut Words<'_>, _: &mut Vec<u8>) -> Result<(), Diagnostic> {
        Err(super::unwritable(words, "ATTR_SET"))
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        dice.octets(4, out);
        super::write(out, super::Attr { code: code::ORIGIN, flags: flags::TRANSITIVE, value: &[0] });
        let med = dice.array::<4>();
        super::write(out, super::Attr { code: code::MULTI_EXIT_DISC, flags: flags::OPTIONAL, value: &med });
    }
}
