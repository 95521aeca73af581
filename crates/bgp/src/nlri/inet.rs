//! IPv4 and IPv6 unicast and multicast: `length(1) prefix` (RFC 4271 §4.3, RFC 4760 §5).

use super::{Framing, Identity, NextHopRule, NlriFamily, Shown};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::json;
use crate::put;
use crate::put::{Put, Quoted};
use crate::read::Reader;
use crate::route::{Draft, Keyword, Purpose};
use crate::text::{Diagnostic, Words};
use crate::value::Prefix;
use std::net::Ipv4Addr;

macro_rules! families {
    ($($name:ident = $family:ident $safi:literal, $next_hop:ident, packs $packs:literal;)*) => {$(
        /// One of the four families whose NLRI is a prefix and nothing more.
        pub struct $name;
        impl NlriFamily for $name {
            const FAMILY: Family = Family::$family;
            const NAME: &'static str = $safi;
            const NEXT_HOP: NextHopRule = NextHopRule::$next_hop;
            const PACKS: bool = $packs;
            const OFFERED: bool = true;
            const ADD_PATH: bool = Self::FAMILY.safi.0 == Safi::UNICAST.0;
            const RFC: &'static str = "RFC 4271 §4.3, RFC 4760 §5";
            const FRAMING: Framing = Framing::Bits;
            const KEYWORDS: &'static [Keyword] = &[];

            fn split<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
                split(r, if Self::FAMILY.afi.0 == Afi::IPV4.0 { 32 } else { 128 })
            }
            fn fields(mut r: Reader<'_>) {
                let _ = r.u8("prefix length").and_then(|_| r.take(r.len(), "prefix"));
            }
            fn identity(nlri: &[u8]) -> Identity<'_> {
                Identity::whole(nlri)
            }
            fn withdraw(nlri: &[u8], out: &mut Vec<u8>) {
                out.extend_from_slice(nlri);
            }
            fn words(nlri: &[u8], out: &mut String) {
                nlri_text(Self::FAMILY.afi, nlri, out);
            }
            fn text(shown: &Shown<'_>, out: &mut String, _: Dialect) {
                nlri_text(Self::FAMILY.afi, shown.nlri, out);
                path_text(shown.path_id, out);
                out.push_str(shown.hop);
            }
            fn json(shown: &Shown<'_>, out: &mut String, _: Dialect, compact: bool) {
                prefix_json(Self::FAMILY.afi, shown, out, compact);
            }
            fn parse(words: &mut Words<'_>, draft: &mut Draft) -> Result<(), Diagnostic> {
                draft.parse_prefix(words, Some(Self::FAMILY.afi))
            }
            fn build(draft: &Draft, _: Purpose, each: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
                draft.each_prefix(|prefix| each(prefix.wire(&mut [0; 17])))
            }
            fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
                dice.prefix(Self::FAMILY.afi).write(out);
            }
        }
    )*};
}

families! {
    Ipv4Unicast = IPV4_UNICAST "unicast", Ipv4, packs true;
    Ipv4Multicast = IPV4_MULTICAST "multicast", Ipv4, packs false;
    Ipv6Unicast = IPV6_UNICAST "unicast", Ipv6, packs false;
    Ipv6Multicast = IPV6_MULTICAST "multicast", Ipv6, packs false;
}

/// Cuts `length(1) octets(ceil(length / 8))` off the front.
#[inline]
fn split<'a>(r: &mut Reader<'a>, max: u8) -> Result<&'a [u8], Malformed> {
    match r.rest() {
        // most of them: see [`cut_by_bits`](super::cut_by_bits)
        [17..=24, _, _, _, ..] => r.take(4, "prefix"),
        [len, ..] if *len <= max => r.take(1 + usize::from(*len).div_ceil(8), "prefix"),
        [_, ..] => Err(r.malformed("prefix length", "no more bits than the address has")),
        [] => Err(r.malformed("prefix length", "one octet")),
    }
}

/// Appends `10.0.0.0/24` for an NLRI that is nothing but the prefix.
fn nlri_text(afi: Afi, nlri: &[u8], out: &mut String) {
    if let Some((len, octets)) = nlri.split_first() {
        prefix_text(afi, *len, octets, out);
    }
}

/// Appends `10.0.0.0/24`.
pub(super) fn prefix_text(afi: Afi, len: u8, octets: &[u8], out: &mut String) {
    if afi == Afi::IPV4 {
        // not by way of `Prefix`: this is the one text printed a million times over
        let octet = |at: usize| octets.get(at).copied().unwrap_or(0);
        put!(out, Ipv4Addr::new(octet(0), octet(1), octet(2), octet(3)), '/', len);
    } else if let Some(prefix) = Prefix::from_wire(afi, len, octets) {
        prefix.put(out);
    }
}

/// Appends ` path-information 0.0.0.7`.
pub(super) fn path_text(path_id: Option<u32>, out: &mut String) {
    if let Some(id) = path_id {
        put!(out, " path-information ", Ipv4Addr::from(id));
    }
}

/// Appends `, "path-information": "0.0.0.7"`.
#[inline]
pub(super) fn path_json(path_id: Option<u32>, out: &mut String) {
    if let Some(id) = path_id {
        json::member(out, "path-information", Quoted(Ipv4Addr::from(id)));
    }
}

/// Appends `{ "nlri": "10.0.0.0/24", "path-information": "0.0.0.1" }`, or the bare string in compact form.
fn prefix_json(afi: Afi, shown: &Shown<'_>, out: &mut String, compact: bool) {
    let bare = compact && shown.path_id.is_none();
    out.push_str(if bare { "\"" } else { "{ \"nlri\": \"" });
    nlri_text(afi, shown.nlri, out);
    out.push('"');
    path_json(shown.path_id, out);
    if !bare {
        out.push_str(" }");
    }
}
