//! SR Policy (RFC 9830 §2.1): `length(1) distinguisher(4) color(4) endpoint(4|16)`, the length counting bits.
//!
//! What the policy is stands in TUNNEL_ENCAP. Its keywords write there: see [`tunnel::sr_policy`].

use super::inet::{path_json, path_text};
use super::{Identity, NextHopRule, NlriFamily, Shown};
use crate::attribute::tunnel;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::json;
use crate::put;
use crate::put::Quoted;
use crate::read::Reader;
use crate::route::{Draft, Keyword, Purpose, part};
use crate::text::{Diagnostic, Words};
use std::net::IpAddr;

macro_rules! families {
    ($($name:ident = $afi:ident;)*) => {$(
        /// One of the two families of SR policies.
        pub struct $name;
        impl NlriFamily for $name {
            const FAMILY: Family = Family::new(Afi::$afi, Safi::SR_POLICY);
            const NAME: &'static str = "sr-policy";
            const NEXT_HOP: NextHopRule = NextHopRule::Either;
            const PACKS: bool = false;
            const OFFERED: bool = true;
            const NEXT_HOP_TWICE: bool = false;
            const RFC: &'static str = "RFC 9830";
            const KEYWORDS: &'static [Keyword] = tunnel::sr_policy::KEYWORDS;

            fn split<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
                let octets = octets(Self::FAMILY.afi);
                match r.rest().first() {
                    Some(bits) if usize::from(*bits) == 8 * octets => r.take(1 + octets, "SR policy"),
                    _ => Err(r.malformed("SR policy length", "96 bits for IPv4, 192 for IPv6")),
                }
            }
            fn fields(mut nlri: Reader<'_>) {
                let _ = nlri.u8("NLRI length");
                let _ = take_apart(nlri);
            }
            fn identity(nlri: &[u8]) -> Identity<'_> {
                Identity::whole(nlri)
            }
            fn withdraw(nlri: &[u8], out: &mut Vec<u8>) {
                out.extend_from_slice(nlri);
            }
            fn words(nlri: &[u8], out: &mut String) {
                if let Some(Policy { distinguisher, color, endpoint }) = policy(nlri) {
                    put!(out, "distinguisher ", distinguisher, " color ", color, " endpoint ", endpoint);
                }
            }
            fn text(shown: &Shown<'_>, out: &mut String, dialect: Dialect) {
                super::family_text(Self::FAMILY, shown, out, dialect);
            }
            fn listed(shown: &Shown<'_>, out: &mut String, _: Dialect) {
                out.push_str("sr-policy ");
                Self::words(shown.nlri, out);
                path_text(shown.path_id, out);
                out.push_str(shown.hop);
            }
            fn json(shown: &Shown<'_>, out: &mut String, _: Dialect, _: bool) {
                json(shown, out);
            }
            fn parse(words: &mut Words<'_>, draft: &mut Draft) -> Result<(), Diagnostic> {
                parse(words, draft, Self::FAMILY.afi)
            }
            fn build(draft: &Draft, _: Purpose, each: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
                build(draft, each)
            }
            fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
                let octets = octets(Self::FAMILY.afi);
                out.push(u8::try_from(8 * octets).unwrap_or(0));
                dice.octets(octets, out);
            }
        }
    )*};
}

families! {
    Ipv4SrPolicy = IPV4;
    Ipv6SrPolicy = IPV6;
}

/// Octets behind the length.
fn octets(afi: Afi) -> usize {
    if afi == Afi::IPV4 { 12 } else { 24 }
}

struct Policy {
    distinguisher: u32,
    color: u32,
    endpoint: IpAddr,
}

/// Takes apart what `split` has seen.
fn policy(nlri: &[u8]) -> Option<Policy> {
    take_apart(Reader::new(nlri.get(1..)?, 0)).ok()
}

/// Reads what is behind the length.
fn take_apart(mut r: Reader<'_>) -> Result<Policy, Malformed> {
    let (distinguisher, color) = (r.u32("distinguisher")?, r.u32("policy color")?);
    let endpoint = match r.len() {
        4 => r.ipv4("endpoint")?.into(),
        _ => r.ipv6("endpoint")?.into(),
    };
    Ok(Policy { distinguisher, color, endpoint })
}

fn json(shown: &Shown<'_>, out: &mut String) {
    let Some(Policy { distinguisher, color, endpoint }) = policy(shown.nlri) else { return };
    put!(out, "{\"distinguisher\": ", distinguisher);
    json::member(out, "color", color);
    json::member(out, "endpoint", Quoted(endpoint));
    path_json(shown.path_id, out);
    out.push('}');
}

/// `distinguisher N color N endpoint IP`, in this order.
fn parse(words: &mut Words<'_>, draft: &mut Draft, afi: Afi) -> Result<(), Diagnostic> {
    for keyword in ["distinguisher", "color", "endpoint"] {
        let word = words.expect(&format!("`{keyword}`"))?;
        if word.text != keyword {
            let error = word.error(format!("`{}` stands where `{keyword}` belongs", word.text));
            return Err(error.help("a policy begins with `distinguisher N color N endpoint IP`"));
        }
        match keyword {
            "endpoint" => match part::address(keyword, words, Some(afi))? {
                IpAddr::V4(a) => draft.add_part(keyword, &a.octets()),
                IpAddr::V6(a) => draft.add_part(keyword, &a.octets()),
            },
            _ => part::u32(draft, keyword, words)?,
        }
    }
    Ok(())
}

fn build(draft: &Draft, each: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
    let mut nlri = vec![0];
    for (keyword, example) in
        [("distinguisher", "distinguisher 0"), ("color", "color 100"), ("endpoint", "endpoint 192.0.2.1")]
    {
        nlri.extend_from_slice(draft.part(keyword).ok_or_else(|| draft.missing(keyword, example))?);
    }
    let bits = u8::try_from(8 * (nlri.len() - 1)).unwrap_or(0);
    if let Some(length) = nlri.first_mut() {
        *length = bits;
    }
    each(&nlri);
    Ok(())
}
