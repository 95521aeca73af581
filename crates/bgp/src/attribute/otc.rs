//! ONLY_TO_CUSTOMER (RFC 9234 §5): `asn(4)`, the AS that sent the route downwards or sideways first.
//!
//! The attribute alone: what follows from roles is decided by whoever has a role.

use super::{Attribute, code, flags, list};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json;
use crate::read::Reader;
use crate::text::{Diagnostic, Words};
use crate::value::Asn;

/// From here on the route goes to customers only.
pub(super) struct OnlyToCustomer;

impl Attribute for OnlyToCustomer {
    const CODE: u8 = code::ONLY_TO_CUSTOMER;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "only-to-customer";
    const KEYWORDS: &'static [&'static str] = &["only-to-customer", "otc"];
    const DOC: &'static str = "the AS from which on the route goes to customers only";
    const RFC: &'static str = "RFC 9234";
    const SINCE: Option<Dialect> = None;
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;

    fn check(mut r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        r.u32("ONLY_TO_CUSTOMER")?;
        r.finish("ONLY_TO_CUSTOMER")
    }

    fn words(value: &[u8], out: &mut String) {
        out.push_str("only-to-customer ");
        json::number(out, list::u32_at(value, 0));
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        json::number(out, list::u32_at(value, 0));
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        let word = words.expect("the AS")?;
        let asn = Asn::parse(&word.text);
        let wrong = || word.error(format!("`{}` is no AS number", word.text)).help("0 to 4294967295, or as 1.10");
        out.extend(asn.ok_or_else(wrong)?.0.to_be_bytes());
        Ok(())
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        dice.octets(4, out);
    }
}
