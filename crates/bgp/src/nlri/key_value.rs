//! Keys and values of no standard, as GoBGP carries them between its own: `key-length(2) key value`. The value ends
//! where the field ends, so that a message has one.

use super::inet::{path_json, path_text};
use super::{Identity, NextHopRule, NlriFamily, Shown};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::put;
use crate::put::Hex;
use crate::read::Reader;
use crate::route::{Draft, Keyword, Purpose, part};
use crate::text::{Diagnostic, Words};

/// The family of keys and values.
pub struct OpaqueKeyValue;

const KEYWORDS: &[Keyword] = &[
    Keyword::part("key", "0xOCTETS", "what the value is found by", part::octets),
    Keyword::part("value", "0xOCTETS", "the value; empty if not said", part::octets),
];

impl NlriFamily for OpaqueKeyValue {
    const FAMILY: Family = Family::new(Afi::OPAQUE, Safi::KEY_VALUE);
    const NAME: &'static str = "key-value";
    const NEXT_HOP: NextHopRule = NextHopRule::Either;
    const PACKS: bool = false;
    const OFFERED: bool = false;
    const NEXT_HOP_TWICE: bool = false;
    const ALONE: bool = true;
    const RFC: &'static str = "GoBGP";
    const KEYWORDS: &'static [Keyword] = KEYWORDS;

    fn split<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
        let whole = r.rest();
        let length = r.u16("key length")?;
        r.take(usize::from(length), "key")?;
        r.take(r.len(), "value")?;
        Ok(whole)
    }

    fn identity(nlri: &[u8]) -> Identity<'_> {
        Identity::whole(key(nlri))
    }

    fn withdraw(nlri: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(nlri);
    }

    fn words(nlri: &[u8], out: &mut String) {
        let (key, value) = parts(nlri);
        // a key of no octets cannot be written
        if key.is_empty() {
            return super::opaque::raw_words(nlri, out);
        }
        put!(out, "key 0x", Hex(key));
        if !value.is_empty() {
            put!(out, " value 0x", Hex(value));
        }
    }

    fn text(shown: &Shown<'_>, out: &mut String, _: Dialect) {
        let (key, value) = parts(shown.nlri);
        put!(out, "key 0x", Hex(key), " value 0x", Hex(value));
        path_text(shown.path_id, out);
        out.push_str(shown.hop);
    }

    fn json(shown: &Shown<'_>, out: &mut String, _: Dialect, _: bool) {
        let (key, value) = parts(shown.nlri);
        put!(out, "{ \"key\": \"0x", Hex(key), "\", \"value\": \"0x", Hex(value), '"');
        path_json(shown.path_id, out);
        out.push_str(" }");
    }

    fn parse(_: &mut Words<'_>, _: &mut Draft) -> Result<(), Diagnostic> {
        Ok(())
    }

    fn build(draft: &Draft, _: Purpose, each: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
        let key = draft.part("key").ok_or_else(|| draft.missing("key", "key 0x6b6579"))?;
        let length = u16::try_from(key.len()).map_err(|_| draft.complain("the key is longer than a message can be"))?;
        each(&[&length.to_be_bytes(), key, draft.part("value").unwrap_or(&[])].concat());
        Ok(())
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        let n = u16::try_from(1 + dice.below(10)).unwrap_or(0);
        out.extend(n.to_be_bytes());
        let value = dice.below(20);
        dice.octets(usize::from(n) + value, out);
    }
}

/// The key with its length in front.
fn key(nlri: &[u8]) -> &[u8] {
    let end = nlri.first_chunk::<2>().map_or(0, |length| 2 + usize::from(u16::from_be_bytes(*length)));
    nlri.get(..end).unwrap_or(nlri)
}

fn parts(nlri: &[u8]) -> (&[u8], &[u8]) {
    let key = key(nlri);
    (key.get(2..).unwrap_or(&[]), nlri.get(key.len()..).unwrap_or(&[]))
}
