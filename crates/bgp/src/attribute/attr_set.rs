//! ATTR_SET (RFC 6368 §5): `origin-as(4) attribute*`, the attributes of a customer's iBGP carried through a VPN. AS numbers
//! inside are four octets wide, whatever the session.
//!
//! MP_REACH_NLRI and MP_UNREACH_NLRI have no business inside and are passed over. A set inside a set is octets: nothing
//! says what it would mean, and so nothing goes deeper than one level.

use super::{Attr, Attribute, Codes, code, flags, list, show};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::put;
use crate::read::Reader;
use crate::route::Draft;
use crate::text::{Diagnostic, Words};
use crate::value::Asn;

/// Attributes inside an attribute.
pub(super) struct AttrSet;

const FORM: &str = "[ origin-as ASN KEYWORD VALUE… ], with the keywords of a route's attributes";

impl Attribute for AttrSet {
    const CODE: u8 = code::ATTR_SET;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "attr-set";
    const KEYWORDS: &'static [&'static str] = &["attr-set"];
    const DOC: &'static str = "a customer's attributes, carried through a VPN: [ origin-as ASN ATTRIBUTE VALUE… ]";
    const RFC: &'static str = "RFC 6368";
    const SINCE: Option<Dialect> = None;
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;

    fn check(mut r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        r.u32("ATTR_SET origin AS")?;
        let inside = Context { internal: true, ..Context::plain(Asn(0), Asn(0)) };
        while !r.is_empty() {
            let start = r;
            let attr = super::read(&mut r)?;
            let at = r.offset() - attr.value.len();
            if let Some(trace) = r.trace() {
                super::tell(trace, [start.offset(), at], attr, &inside);
            }
            let Some(spec) = super::spec(attr.code).filter(|spec| spec.code != Self::CODE) else { continue };
            if (attr.flags ^ spec.flags) & (flags::OPTIONAL | flags::TRANSITIVE) != 0 {
                return Err(start.malformed("attribute flags in ATTR_SET", "those of its type"));
            }
            if attr.value.is_empty() && !spec.may_be_empty {
                return Err(start.malformed("attribute in ATTR_SET", "at least one octet"));
            }
            (spec.check)(r.again(attr.value, at), &inside)?;
        }
        Ok(())
    }

    fn words(value: &[u8], out: &mut String) {
        put!(out, "attr-set [ origin-as ", list::u32_at(value, 0));
        // a set inside is octets, as it is written: nobody can make this go deeper
        for attr in attributes(value) {
            match attr.code {
                Self::CODE => super::octets_all(std::iter::once(attr), out),
                _ => super::words_all(std::iter::once(attr), out),
            }
        }
        out.push_str(" ]");
    }

    fn json(value: &[u8], out: &mut String, dialect: Dialect) {
        put!(out, "{ \"origin-as\": ", list::u32_at(value, 0), ", \"attribute\": { ");
        show::json_with_next_hop(attributes(value), true, out, dialect);
        out.push_str(" } }");
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        list::open(words, FORM)?;
        let word = words.expect("`origin-as`")?;
        if word.text != "origin-as" {
            return Err(word.error("`origin-as` is missing").help(FORM));
        }
        let word = words.expect("the AS")?;
        let asn = Asn::parse(&word.text);
        let wrong = || word.error(format!("`{}` is no AS number", word.text)).help("0 to 4294967295");
        out.extend(asn.ok_or_else(wrong)?.0.to_be_bytes());
        let mut draft = Draft::new(None);
        while let Some(word) = list::item(words, FORM)? {
            if Self::KEYWORDS.contains(&&*word.text) {
                return Err(word.error("a set inside a set").help("write it as octets: attribute [ 0x80 0xc0 0x… ]"));
            }
            draft.attribute(&word, words)?;
        }
        out.extend_from_slice(draft.attributes(Default::default()).bytes());
        Ok(())
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        dice.octets(4, out);
        super::write(out, Attr { code: code::ORIGIN, flags: flags::TRANSITIVE, value: &[0] });
        let med = dice.array::<4>();
        super::write(out, Attr { code: code::MULTI_EXIT_DISC, flags: flags::OPTIONAL, value: &med });
        if dice.once_in(2) {
            super::write(out, Attr { code: 0x63, flags: flags::OPTIONAL | flags::TRANSITIVE, value: &med });
        }
    }
}

/// The attributes inside, each type once, without those that are about routes.
fn attributes(value: &[u8]) -> impl Iterator<Item = Attr<'_>> + Clone {
    let mut r = Reader::new(value.get(4..).unwrap_or(&[]), 0);
    let mut seen = Codes::low(1 << code::MP_REACH_NLRI | 1 << code::MP_UNREACH_NLRI);
    std::iter::from_fn(move || {
        loop {
            let attr = super::read(&mut r).ok()?;
            if seen.insert(attr.code) {
                return Some(attr);
            }
        }
    })
}
