//! Link-state routes (RFC 9552 §5.2): nodes, links, prefixes and SRv6 SIDs, in BGP-LS and, behind a route distinguisher,
//! BGP-LS-VPN.
//!
//! `type(2) length(2) [RD(8)] protocol(1) identifier(8) descriptor*`, the descriptors being TLVs. All octets are the key:
//! what a speaker does not know of must not make two routes one (RFC 9552 §5.1).
//!
//! Only an NLRI that does not end within its field is refused, since no other can be found behind it. RFC 9552 §8.2.2 asks
//! for "AFI/SAFI disable" then, or for a session reset where that is not possible, and the latter is what happens.
//! What is malformed inside, and what becomes of it, says [`view`].

mod json;
mod rows;
mod sample;
mod view;
mod words;

use super::{Identity, NextHopRule, NlriFamily, Shown, family_text};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::read::Reader;
use crate::route::{Draft, Keyword, Purpose};
use crate::text::{Diagnostic, Words};
use rows::{ROWS, row_in};
use view::View;

macro_rules! families {
    ($($(#[$doc:meta])* $name:ident = $safi:ident $named:literal, $next_hop:ident, $keywords:ident, $has_rd:literal;)*) => {$(
        $(#[$doc])*
        pub struct $name;
        impl NlriFamily for $name {
            const FAMILY: Family = Family::new(Afi::BGP_LS, Safi::$safi);
            const NAME: &'static str = $named;
            const NEXT_HOP: NextHopRule = NextHopRule::$next_hop;
            const PACKS: bool = false;
            const OFFERED: bool = true;
            const RFC: &'static str = "RFC 9552";
            const KEYWORDS: &'static [Keyword] = words::$keywords;
            const EVENTS: Family = BgpLs::FAMILY;

            fn split<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
                split(r)
            }
            fn fields(nlri: Reader<'_>) {
                let kind = view::known_kind(nlri.rest());
                let _ = kind.map(|kind| View::read_body(kind, nlri.behind(4), $has_rd));
            }
            fn identity(nlri: &[u8]) -> Identity<'_> {
                Identity::whole(nlri)
            }
            fn withdraw(nlri: &[u8], out: &mut Vec<u8>) {
                out.extend_from_slice(nlri);
            }
            fn words(nlri: &[u8], out: &mut String) {
                words::write(nlri, $has_rd, out);
            }
            fn text(shown: &Shown<'_>, out: &mut String, dialect: Dialect) {
                family_text(Self::FAMILY, shown, out, dialect);
            }
            fn listed(shown: &Shown<'_>, out: &mut String, _: Dialect) {
                words::write(shown.nlri, $has_rd, out);
                out.push_str(shown.hop);
            }
            fn json(shown: &Shown<'_>, out: &mut String, dialect: Dialect, _: bool) {
                json::object(shown, $has_rd, out, dialect);
            }
            fn parse(words: &mut Words<'_>, draft: &mut Draft) -> Result<(), Diagnostic> {
                words::read_kind(words, draft)
            }
            fn build(draft: &Draft, _: Purpose, each: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
                build(draft, $has_rd).map(|nlri| each(&nlri))
            }
            fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
                sample::nlri(dice, $has_rd, out);
            }
        }
    )*};
}

families! {
    /// What an IGP or BGP knows of the network.
    BgpLs = BGP_LS "bgp-ls", Either, KEYWORDS, false;
    /// The same of the network of a VPN.
    BgpLsVpn = BGP_LS_VPN "bgp-ls-vpn", EitherVpn, VPN_KEYWORDS, true;
}

/// `type(2) length(2) …`
#[inline]
fn split<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    let whole = r.rest();
    r.u16("NLRI type")?;
    let length = r.u16("NLRI length")?;
    r.take(usize::from(length), "NLRI")?;
    Ok(whole.get(..4 + usize::from(length)).unwrap_or(&[]))
}

fn build(draft: &Draft, has_rd: bool) -> Result<Vec<u8>, Diagnostic> {
    let kind = words::kind_said(draft).ok_or_else(|| draft.complain("the type of the link-state route is missing"))?;
    let protocol = draft.part("protocol").ok_or_else(|| draft.missing("protocol", "protocol isis-l2"))?;
    let mut tlvs = Vec::new();
    for (word, octets) in draft.parts() {
        let code = octets.first_chunk::<2>().map_or(0, |code| u16::from_be_bytes(*code));
        if word != "tlv" && !ROWS.iter().any(|row| row.word == word) {
            continue;
        }
        if word != "tlv" && row_in(code, kind.code).is_none() {
            return Err(draft.complain(&format!("`{word}` is no part of `{}`", kind.word)).help("remove it"));
        }
        tlvs.push(octets);
    }
    tlvs.sort_unstable_by(|a, b| words::order(a).cmp(&words::order(b)));
    let has = |code: u16| tlvs.iter().any(|tlv| tlv.starts_with(&code.to_be_bytes()));
    if let Some(row) = kind.needs.iter().filter(|code| !has(**code)).find_map(|code| row_in(*code, kind.code)) {
        return Err(draft.missing(row.word, row.example()));
    }
    let mut body = Vec::new();
    if has_rd {
        body.extend_from_slice(draft.part("rd").ok_or_else(|| draft.missing("rd", "rd 65000:1"))?);
    }
    body.extend_from_slice(protocol);
    body.extend_from_slice(draft.part("identifier").unwrap_or(&[0; 8]));
    body.extend(tlvs.into_iter().flatten());
    let length = u16::try_from(body.len()).map_err(|_| draft.complain("the route is longer than a message can be"))?;
    let mut nlri = kind.code.to_be_bytes().to_vec();
    nlri.extend(length.to_be_bytes());
    nlri.extend(body);
    match View::read(&nlri, has_rd) {
        Ok(_) => Ok(nlri),
        Err(wrong) => Err(draft
            .complain(&format!("{}: expected {}", wrong.what, wrong.expected))
            .help("octets that are wrong on purpose are written raw 0x…")),
    }
}
