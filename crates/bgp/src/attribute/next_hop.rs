//! NEXT_HOP (RFC 4271 §5.1.3): `address(4)`, the next hop of the NLRI field.
//!
//! Only read here: the words `next-hop …` are part of the route, and the attribute is written by whoever knows where
//! the session carries the address.

use super::{Attribute, Length, code, flags, list};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::put;
use crate::put::Quoted;
use crate::read::Reader;
use crate::text::{Diagnostic, Words};
use std::net::Ipv4Addr;

/// Where traffic for the NLRI field goes.
pub(super) struct NextHopAttribute;

impl Attribute for NextHopAttribute {
    const CODE: u8 = code::NEXT_HOP;
    const FLAGS: u8 = flags::TRANSITIVE;
    const NAME: &'static str = "next-hop";
    const KEYWORDS: &'static [&'static str] = &[];
    const DOC: &'static str = "where traffic goes";
    const RFC: &'static str = "RFC 4271 §5.1.3";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;
    const LENGTH: Length = Length::Octets(4);

    fn check(mut r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        r.ipv4("NEXT_HOP")?;
        r.finish("NEXT_HOP")
    }

    fn text(value: &[u8], out: &mut String, _: Dialect) {
        put!(out, "next-hop ", Ipv4Addr::from(list::u32_at(value, 0)));
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        put!(out, Quoted(Ipv4Addr::from(list::u32_at(value, 0))));
    }

    fn parse(words: &mut Words<'_>, _: &mut Vec<u8>) -> Result<(), Diagnostic> {
        Err(super::unwritable(words, Self::NAME))
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        dice.octets(4, out);
    }
}
