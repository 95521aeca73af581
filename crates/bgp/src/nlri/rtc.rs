//! Route target membership: `length(1) origin-AS(4) route-target(8)`, cut off behind any bit of the route target (RFC
//! 4684 §4). No bits at all are the default: every route is wanted.

use super::opaque::{raw_json, raw_words};
use super::{Identity, NextHopRule, NlriFamily, Shown};
use crate::attribute::extended_community;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::put;
use crate::put::{Hex, Put};
use crate::read::Reader;
use crate::route::{Draft, Keyword, Purpose};
use crate::text::{Diagnostic, Word, Words, hex};
use crate::value::{Asn, digits};

/// Which route targets a speaker wants routes of.
pub struct Ipv4Rtc;

/// Bits of the origin AS, and of all.
const AS_BITS: u8 = 32;
const ALL_BITS: u8 = 96;
/// The part of a draft that keeps the octets: words of no keyword say them.
const MEMBERSHIP: &str = "membership";
const FORM: &str = "`wildcard`, or `origin ASN` and perhaps a route target: origin 65000 target:65000:1";

impl NlriFamily for Ipv4Rtc {
    const FAMILY: Family = Family::new(Afi::IPV4, Safi::RTC);
    const NAME: &'static str = "rtc";
    const NEXT_HOP: NextHopRule = NextHopRule::Either;
    const NEXT_HOP_TWICE: bool = false;
    const PACKS: bool = false;
    const OFFERED: bool = true;
    const RFC: &'static str = "RFC 4684";
    const KEYWORDS: &'static [Keyword] = &[];

    fn split<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
        let whole = r.rest();
        let octets = usize::from(r.u8("prefix length")?).div_ceil(8);
        r.take(octets, "route target membership")?;
        Ok(whole.get(..1 + octets).unwrap_or(&[]))
    }

    fn fields(nlri: Reader<'_>) {
        let (Some(view), mut r) = (view(nlri.rest()), nlri.behind(1)) else { return };
        if !matches!(view, View::Default) {
            let _ = r.u32("origin AS");
        }
        if let View::Target(_, target) = view {
            let _ = r.take(target.len(), "route target");
            r.says(|| {
                let mut words = String::new();
                extended_community::words(target, &mut words);
                words
            });
        }
    }

    fn identity(nlri: &[u8]) -> Identity<'_> {
        Identity::whole(nlri)
    }

    fn withdraw(nlri: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(nlri);
    }

    fn words(nlri: &[u8], out: &mut String) {
        match view(nlri) {
            Some(View::Default) => out.push_str("wildcard"),
            Some(View::Origin(asn)) => put!(out, "origin ", asn),
            Some(View::Target(asn, target)) => {
                put!(out, "origin ", asn, ' ');
                extended_community::words(target, out);
            }
            Some(View::Partial(asn, octets, bits)) => {
                put!(out, "origin ", asn, ' ');
                partial(octets, bits, out);
            }
            None => raw_words(nlri, out),
        }
    }

    fn text(shown: &Shown<'_>, out: &mut String, dialect: Dialect) {
        out.push_str("rtc ");
        match view(shown.nlri) {
            Some(View::Default) => out.push_str("wildcard"),
            Some(View::Origin(asn)) => asn.put(out),
            Some(View::Target(asn, target)) => {
                put!(out, asn, ':');
                target_text(target, out, dialect);
            }
            Some(View::Partial(asn, octets, bits)) => {
                put!(out, asn, ':');
                partial(octets, bits, out);
            }
            None => raw_words(shown.nlri, out),
        }
        out.push_str(shown.hop);
    }

    fn json(shown: &Shown<'_>, out: &mut String, dialect: Dialect, _: bool) {
        let (asn, target) = match view(shown.nlri) {
            Some(View::Default) => (Asn(0), None),
            Some(View::Origin(asn)) => (asn, None),
            Some(View::Target(asn, target)) => (asn, Some((target, None))),
            Some(View::Partial(asn, octets, bits)) => (asn, Some((octets, Some(bits)))),
            None => return raw_json(shown.nlri, out),
        };
        put!(out, "{ \"origin\": ", asn, ", \"route-target\": ");
        match target {
            None => out.push_str("null }"),
            Some((target, bits)) => {
                out.push('"');
                match bits {
                    None => target_text(target, out, dialect),
                    Some(bits) => partial(target, bits, out),
                }
                out.push_str("\" }");
            }
        }
    }

    fn parse(words: &mut Words<'_>, draft: &mut Draft) -> Result<(), Diagnostic> {
        let first = words.expect("the route target membership").map_err(|e| e.help(FORM))?;
        let mut nlri = vec![0];
        match &*first.text {
            "wildcard" => {}
            "origin" => {
                let word = words.expect("the origin AS")?;
                let asn = Asn::parse(&word.text)
                    .ok_or_else(|| word.error(format!("`{}` is no AS number", word.text)).help("0 to 4294967295"))?;
                nlri.extend(asn.0.to_be_bytes());
                let target = words.peek().filter(|word| is_target(word));
                let mut bits = AS_BITS;
                if let Some(word) = target.cloned() {
                    bits = route_target(&word, &mut nlri)?;
                    words.next();
                }
                nlri.splice(..1, [bits]);
            }
            other => return Err(first.error(format!("`{other}` is no route target membership")).help(FORM)),
        }
        draft.add_part(MEMBERSHIP, &nlri);
        Ok(())
    }

    fn build(draft: &Draft, _: Purpose, each: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
        let nlri = draft.part(MEMBERSHIP);
        each(nlri.ok_or_else(|| draft.complain("the route target membership is missing").help(FORM))?);
        Ok(())
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        let bits = match dice.below(6) {
            0 => 0,
            1 => AS_BITS,
            2 => AS_BITS + u8::try_from(dice.below(64)).unwrap_or(0),
            _ => ALL_BITS,
        };
        out.push(bits);
        if bits > 0 {
            dice.octets(4, out);
            let target = extended_community::sample(dice);
            out.extend(target.iter().take(usize::from(bits - AS_BITS).div_ceil(8)));
        }
    }
}

/// What a membership of a legal length says; the octets of a partial route target go with their number of bits.
enum View<'a> {
    Default,
    Origin(Asn),
    Target(Asn, &'a [u8]),
    Partial(Asn, &'a [u8], u8),
}

fn view(nlri: &[u8]) -> Option<View<'_>> {
    let (bits, inside) = nlri.split_first()?;
    if *bits == 0 {
        return Some(View::Default);
    }
    let (asn, target) = inside.split_first_chunk::<4>()?;
    let asn = Asn(u32::from_be_bytes(*asn));
    match bits.checked_sub(AS_BITS)? {
        0 => Some(View::Origin(asn)),
        64 => Some(View::Target(asn, target)),
        bits if bits < 64 => Some(View::Partial(asn, target, bits)),
        _ => None,
    }
}

/// Appends a route target as events have it: whether it is transitive does not show.
fn target_text(target: &[u8], out: &mut String, dialect: Dialect) {
    let mut octets = [0; 8];
    octets.iter_mut().zip(target).for_each(|(to, from)| *to = *from);
    octets[0] &= 0x3f;
    extended_community::text(&octets, out, dialect);
}

/// A route target, or what was meant for one: no keyword has a colon.
fn is_target(word: &Word<'_>) -> bool {
    word.text.contains(':') || word.text.starts_with("0x") || extended_community::parse(word).is_ok()
}

/// Appends `0x0002FDE8/32`: octets, and how many bits of them count.
fn partial(octets: &[u8], bits: u8, out: &mut String) {
    put!(out, "0x", Hex(octets), '/', bits);
}

/// Appends the octets of a route target that may be partial; returns the bits of the whole NLRI.
fn route_target(word: &Word<'_>, nlri: &mut Vec<u8>) -> Result<u8, Diagnostic> {
    let Some((octets, bits)) = word.text.split_once('/') else {
        nlri.extend(extended_community::parse(word)?);
        return Ok(ALL_BITS);
    };
    let wrong = || {
        word.error(format!("`{}` is no partial route target", word.text))
            .help("0x, its octets, and how many bits of them count: 0x0002FDE8/32")
    };
    let octets = octets.strip_prefix("0x").and_then(hex).ok_or_else(wrong)?;
    let bits: u8 = digits(bits).filter(|bits| (1..64).contains(bits)).ok_or_else(wrong)?;
    if octets.len() != usize::from(bits).div_ceil(8) {
        return Err(wrong());
    }
    nlri.extend(octets);
    Ok(AS_BITS + bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{parse_family, words_of};
    use crate::text::Grammar;

    #[test]
    fn every_length_in_words_text_and_json() {
        for (octets, words, text, json) in [
            ("00", "wildcard", "rtc wildcard", r#"{ "origin": 0, "route-target": null }"#),
            ("200000fde8", "origin 65000", "rtc 65000", r#"{ "origin": 65000, "route-target": null }"#),
            (
                "600000fde80002fde800000001",
                "origin 65000 target:65000:1",
                "rtc 65000:target:65000:1",
                r#"{ "origin": 65000, "route-target": "target:65000:1" }"#,
            ),
            (
                "600000fde84002fde800000001",
                "origin 65000 target-non-transitive:65000:1",
                "rtc 65000:target:65000:1",
                r#"{ "origin": 65000, "route-target": "target:65000:1" }"#,
            ),
            (
                "400000fde80002fde8",
                "origin 65000 0x0002FDE8/32",
                "rtc 65000:0x0002FDE8/32",
                r#"{ "origin": 65000, "route-target": "0x0002FDE8/32" }"#,
            ),
            ("210000000180", "origin 1 0x80/1", "rtc 1:0x80/1", r#"{ "origin": 1, "route-target": "0x80/1" }"#),
            ("0801", "raw 0x0801", "rtc raw 0x0801", r#"{ "parsed": false, "raw": "0801" }"#),
        ] {
            let nlri = hex(octets).unwrap();
            assert_eq!(Ipv4Rtc::split(&mut Reader::new(&nlri, 0)), Ok(&nlri[..]));
            let one = Shown { nlri: &nlri, path_id: None, next_hop: None, hop: "", withdrawn: false };
            let mut shown = [String::new(), String::new(), String::new()];
            words_of(Ipv4Rtc::FAMILY, None, &nlri, &mut shown[0]);
            Ipv4Rtc::text(&one, &mut shown[1], Dialect::V6);
            Ipv4Rtc::json(&one, &mut shown[2], Dialect::V6, false);
            assert_eq!(shown, [words, text, json]);
        }
    }

    #[test]
    fn words_that_are_refused() {
        for wrong in [
            "",
            "origin",
            "origin x",
            "target:1:1",
            "1:1",
            "origin 1 target:1",
            "origin 1 0x80/0",
            "origin 1 0x80/64",
            "origin 1 0x8000/8",
            "origin 1 0x80/9",
            "origin 1 rd 1:1",
        ] {
            let mut words = Words::new(wrong, 0, Grammar::File);
            assert!(parse_family(&mut words, Ipv4Rtc::FAMILY, Purpose::Withdraw).is_err(), "{wrong}");
        }
        // the attribute of the same name comes after
        let mut words = Words::new("origin 1 target:1:1 origin egp next-hop 192.0.2.1", 0, Grammar::File);
        let route = parse_family(&mut words, Ipv4Rtc::FAMILY, Purpose::Announce).unwrap();
        assert_eq!(route.attributes.get(1).map(|origin| origin.value), Some(&[1][..]));
    }
}
