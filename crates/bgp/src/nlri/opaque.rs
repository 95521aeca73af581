//! Families nobody here knows: their NLRI field is one run of octets, received, shown and sent as it is.

use super::{Identity, NextHopRule, NlriFamily, Shown};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::put;
use crate::put::{Hex, Quoted};
use crate::read::Reader;
use crate::route::{Draft, Keyword, Purpose};
use crate::text::{Diagnostic, Words};

/// Stands for every family without a row. Where one NLRI ends and the next begins is not known, so a field is one.
pub struct Opaque;

impl NlriFamily for Opaque {
    const FAMILY: Family = Family::new(Afi(0), Safi(0));
    const NAME: &'static str = "";
    const NEXT_HOP: NextHopRule = NextHopRule::Any;
    const PACKS: bool = false;
    const OFFERED: bool = false;
    const ALONE: bool = true;
    const RFC: &'static str = "RFC 4760";
    const KEYWORDS: &'static [Keyword] = &[];

    fn split<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
        r.take(r.len(), "NLRI")
    }

    fn identity(nlri: &[u8]) -> Identity<'_> {
        Identity::whole(nlri)
    }

    fn withdraw(nlri: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(nlri);
    }

    fn words(nlri: &[u8], out: &mut String) {
        raw_words(nlri, out);
    }

    fn text(shown: &Shown<'_>, out: &mut String, _: Dialect) {
        raw_words(shown.nlri, out);
        out.push_str(shown.hop);
    }

    fn json(shown: &Shown<'_>, out: &mut String, _: Dialect, _: bool) {
        raw_json(shown.nlri, out);
    }

    fn parse(words: &mut Words<'_>, _: &mut Draft) -> Result<(), Diagnostic> {
        let here = words.here();
        Err(Diagnostic::error(here, "nobody knows the words of this family").help("write its octets: raw 0x…"))
    }

    fn build(_: &Draft, _: Purpose, _: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
        Err(Diagnostic::error(Default::default(), "the octets are missing").help("write them: raw 0x…"))
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        let n = 1 + dice.below(30);
        dice.octets(n, out);
    }
}

/// Appends `{ "parsed": false, "raw": "0A0B" }`: what nobody can say more about.
pub(super) fn raw_json(nlri: &[u8], out: &mut String) {
    put!(out, "{ \"parsed\": false, \"raw\": ", Quoted(Hex(nlri)), " }");
}

/// Appends `raw 0x0A0B`: what every family understands.
pub(super) fn raw_words(nlri: &[u8], out: &mut String) {
    put!(out, "raw 0x", Hex(nlri));
}
