//! Encapsulation SAFI (RFC 5512 §3): `length(1) address`, an endpoint of tunnels. The length counts bits. RFC 9012 does
//! without it, but speakers in the field do not.

use super::inet::{path_json, path_text};
use super::{Identity, NextHopRule, NlriFamily, Shown};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::put;
use crate::put::{Put, Quoted};
use crate::read::Reader;
use crate::route::{Draft, Keyword, Purpose, part};
use crate::text::{Diagnostic, Words};
use crate::value::Prefix;
use std::net::IpAddr;

/// The part of a draft that holds the address.
const ENDPOINT: &str = "endpoint";

macro_rules! families {
    ($($name:ident = $afi:ident;)*) => {$(
        /// One of the two families of tunnel endpoints.
        pub struct $name;
        impl NlriFamily for $name {
            const FAMILY: Family = Family::new(Afi::$afi, Safi::ENCAP);
            const NAME: &'static str = "encap";
            const NEXT_HOP: NextHopRule = NextHopRule::Either;
            const PACKS: bool = false;
            const OFFERED: bool = false;
            const NEXT_HOP_TWICE: bool = false;
            const RFC: &'static str = "RFC 5512";
            const KEYWORDS: &'static [Keyword] = &[];

            fn split<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
                let bits = if Self::FAMILY.afi.0 == Afi::IPV4.0 { 32 } else { 128 };
                match r.rest().first() {
                    Some(length) if *length == bits => r.take(1 + usize::from(bits / 8), "endpoint"),
                    _ => Err(r.malformed("endpoint length", "the bits of an address")),
                }
            }
            fn fields(mut r: Reader<'_>) {
                let _ = r.u8("endpoint length");
                let _ = if r.len() == 4 { r.ipv4("endpoint").map(drop) } else { r.ipv6("endpoint").map(drop) };
            }
            fn identity(nlri: &[u8]) -> Identity<'_> {
                Identity::whole(nlri)
            }
            fn withdraw(nlri: &[u8], out: &mut Vec<u8>) {
                out.extend_from_slice(nlri);
            }
            fn words(nlri: &[u8], out: &mut String) {
                endpoint(Self::FAMILY.afi, nlri).put(out);
            }
            fn text(shown: &Shown<'_>, out: &mut String, _: Dialect) {
                endpoint(Self::FAMILY.afi, shown.nlri).put(out);
                path_text(shown.path_id, out);
                out.push_str(shown.hop);
            }
            fn json(shown: &Shown<'_>, out: &mut String, _: Dialect, _: bool) {
                put!(out, "{ \"endpoint\": ", Quoted(endpoint(Self::FAMILY.afi, shown.nlri)));
                path_json(shown.path_id, out);
                out.push_str(" }");
            }
            fn parse(words: &mut Words<'_>, draft: &mut Draft) -> Result<(), Diagnostic> {
                match part::address(ENDPOINT, words, Some(Self::FAMILY.afi))? {
                    IpAddr::V4(a) => draft.add_part(ENDPOINT, &a.octets()),
                    IpAddr::V6(a) => draft.add_part(ENDPOINT, &a.octets()),
                }
                Ok(())
            }
            fn build(draft: &Draft, _: Purpose, each: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
                let address = draft.part(ENDPOINT).ok_or_else(|| draft.complain("the endpoint is missing"))?;
                let bits = u8::try_from(address.len() * 8).unwrap_or(0);
                each(&[&[bits], address].concat());
                Ok(())
            }
            fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
                let octets = if Self::FAMILY.afi.0 == Afi::IPV4.0 { 4 } else { 16 };
                out.push(octets * 8);
                dice.octets(usize::from(octets), out);
            }
        }
    )*};
}

families! {
    Ipv4Encap = IPV4;
    Ipv6Encap = IPV6;
}

/// The address of what was cut.
fn endpoint(afi: Afi, nlri: &[u8]) -> IpAddr {
    let (bits, octets) = nlri.split_first().unwrap_or((&0, &[]));
    Prefix::from_wire(afi, *bits, octets).unwrap_or(Prefix::DEFAULT_V4).addr()
}
