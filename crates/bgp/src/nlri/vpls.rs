//! VPLS: `length(2) RD(8) VE-ID(2) VE-block-offset(2) VE-block-size(2) label-base(3)` (RFC 4761 §3.2.2), or, for
//! auto-discovery alone, `length(2) RD(8) PE-address(4)` (RFC 6074 §3.2.2.1). The length says which.
//!
//! A label base is written as a number and gets the bottom bit, as ExaBGP sends it.

use super::opaque::{raw_json, raw_words};
use super::{Identity, NextHopRule, NlriFamily, Shown};
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
use crate::value::{Rd, label};
use std::net::{IpAddr, Ipv4Addr};

/// Virtual Private LAN Service: sites of a VPN that share a LAN.
pub struct L2vpnVpls;

/// The two octets of length, and what they count in the two forms.
const LENGTH: usize = 2;
const SITE: usize = 17;
const DISCOVERY: usize = 12;

impl NlriFamily for L2vpnVpls {
    const FAMILY: Family = Family::new(Afi::L2VPN, Safi::VPLS);
    const NAME: &'static str = "vpls";
    const NEXT_HOP: NextHopRule = NextHopRule::Either;
    const NEXT_HOP_TWICE: bool = false;
    const PACKS: bool = false;
    const OFFERED: bool = true;
    const RFC: &'static str = "RFC 4761, RFC 6074";
    const KEYWORDS: &'static [Keyword] = &[
        Keyword::part("rd", "ASN:N | IPv4:N", "route distinguisher", part::rd),
        Keyword::part("endpoint", "N", "VE ID: the number of the site in its VPN", part::u16),
        Keyword::part("base", "N", "label base: the first label of the block", base),
        Keyword::part("offset", "N", "VE block offset: the site the first label is for", part::u16),
        Keyword::part("size", "N", "VE block size: how many labels there are", part::u16),
        Keyword::part("pe-address", "IPv4", "the PE, where nothing but it is announced (RFC 6074)", pe_address),
    ];

    fn split<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
        let whole = r.rest();
        let length = usize::from(r.u16("NLRI length")?);
        r.take(length, "NLRI")?;
        Ok(whole.get(..LENGTH + length).unwrap_or(&[]))
    }

    fn fields(nlri: Reader<'_>) {
        take_apart(nlri.behind(LENGTH));
    }

    /// A site is known by RD, VE ID and block offset; the labels may change.
    fn identity(nlri: &[u8]) -> Identity<'_> {
        match view(nlri) {
            Some(View::Site { key, .. }) => Identity { number: 1, parts: [key, &[]] },
            _ => Identity::whole(nlri),
        }
    }

    fn withdraw(nlri: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(nlri);
    }

    fn words(nlri: &[u8], out: &mut String) {
        match view(nlri) {
            Some(View::Site { rd, endpoint, offset, size, base, .. }) if size <= most(base) => {
                put!(out, "rd ", rd.words(), " endpoint ", endpoint, " base ");
                label::entry_words(base, true, out);
                put!(out, " offset ", offset, " size ", size);
            }
            Some(View::Discovery { rd, pe }) => put!(out, "rd ", rd.words(), " pe-address ", pe),
            // what else there is, and a block no words would make
            _ => raw_words(nlri, out),
        }
    }

    fn text(shown: &Shown<'_>, out: &mut String, dialect: Dialect) {
        out.push_str("vpls ");
        match view(shown.nlri) {
            Some(View::Site { rd, endpoint, offset, size, base, .. }) => {
                let base = label::label(base);
                put!(out, "rd ", rd, " endpoint ", endpoint, " base ", base, " offset ", offset, " size ", size);
            }
            Some(View::Discovery { rd, pe }) => put!(out, "rd ", rd, " pe-address ", pe),
            None => raw_words(shown.nlri, out),
        }
        out.push_str(match shown.hop {
            "" if dialect != Dialect::V6 => " ", // the blank was there, be there a next hop or not
            hop => hop,
        });
    }

    fn json(shown: &Shown<'_>, out: &mut String, _: Dialect, _: bool) {
        match view(shown.nlri) {
            Some(View::Site { rd, endpoint, offset, size, base, .. }) => {
                put!(out, "{ \"rd\": ", Quoted(rd));
                json::member(out, "endpoint", endpoint);
                json::member(out, "base", label::label(base));
                json::member(out, "offset", offset);
                json::member(out, "size", size);
                out.push_str(" }");
            }
            Some(View::Discovery { rd, pe }) => {
                put!(out, "{ \"rd\": ", Quoted(rd));
                json::member(out, "pe-address", Quoted(pe));
                out.push_str(" }");
            }
            None => raw_json(shown.nlri, out),
        }
    }

    fn parse(_: &mut Words<'_>, _: &mut Draft) -> Result<(), Diagnostic> {
        Ok(())
    }

    fn build(draft: &Draft, _: Purpose, each: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
        let needed = |word, example| draft.part(word).ok_or_else(|| draft.missing(word, example));
        let mut nlri = vec![0, 0];
        nlri.extend(needed("rd", "rd 65000:1")?);
        let site = [("endpoint", "endpoint 5"), ("offset", "offset 1"), ("size", "size 8"), ("base", "base 100")];
        if let Some(pe) = draft.part("pe-address") {
            if let Some(other) = site.iter().find(|(word, _)| draft.part(word).is_some()) {
                let message = format!("`pe-address` and `{}` are of two kinds of routes", other.0);
                return Err(draft.complain(&message).help("a site has endpoint, base, offset and size"));
            }
            nlri.extend(pe);
        } else {
            for (word, example) in site {
                nlri.extend(needed(word, example)?);
            }
        }
        let length = u8::try_from(nlri.len() - LENGTH).unwrap_or(0);
        if let Some(field) = nlri.get_mut(1) {
            *field = length;
        }
        if let Some(View::Site { base, size, .. }) = view(&nlri)
            && size > most(base)
        {
            let message = format!("{size} labels from {} go beyond the last, {}", label::label(base), label::MAX);
            let help = format!("`base` is 0 to {} with `size {size}`", label::MAX + 1 - u32::from(size));
            return Err(Diagnostic::error(draft.said("base"), message).help(help));
        }
        each(&nlri);
        Ok(())
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        let site = !dice.once_in(5);
        let length = if site { SITE } else { DISCOVERY };
        out.extend([0, u8::try_from(length).unwrap_or(0)]);
        out.extend(dice.rd().0);
        dice.octets(length - 8, out);
        if let (true, Some([high, _, low])) = (site && !dice.once_in(3), out.last_chunk_mut()) {
            *high &= 0x7f;
            *low = *low & 0xf0 | 1;
        }
    }
}

/// What an NLRI of one of the two known lengths says.
enum View<'a> {
    Site { rd: Rd, endpoint: u16, offset: u16, size: u16, base: [u8; 3], key: &'a [u8] },
    Discovery { rd: Rd, pe: Ipv4Addr },
}

fn view(nlri: &[u8]) -> Option<View<'_>> {
    take_apart(Reader::new(nlri.get(LENGTH..)?, 0))
}

/// How many labels a block has at most.
fn most(base: [u8; 3]) -> u16 {
    u16::try_from(label::MAX + 1 - label::label(base)).unwrap_or(u16::MAX)
}

/// Reads what is behind the length.
fn take_apart(mut r: Reader<'_>) -> Option<View<'_>> {
    let inside = r.rest();
    let rd = Rd::read(&mut r).ok()?;
    match inside.len() {
        SITE => Some(View::Site {
            rd,
            endpoint: r.u16("VE ID").ok()?,
            offset: r.u16("VE block offset").ok()?,
            size: r.u16("VE block size").ok()?,
            base: r.array("label base").ok()?,
            key: inside.get(..12)?,
        }),
        DISCOVERY => Some(View::Discovery { rd, pe: r.ipv4("PE address").ok()? }),
        _ => None,
    }
}

fn base(draft: &mut Draft, word: &'static str, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let entry = label::bottom(&words.expect("the label base")?)?;
    draft.add_part(word, &entry);
    Ok(())
}

fn pe_address(draft: &mut Draft, word: &'static str, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    if let IpAddr::V4(pe) = part::address("PE address", words, Some(Afi::IPV4))? {
        draft.add_part(word, &pe.octets());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{parse_family, words_of};
    use crate::text::{Grammar, hex};

    fn read(line: &str, purpose: Purpose) -> Result<Vec<u8>, String> {
        let mut words = Words::new(line, 0, Grammar::Line);
        let route = parse_family(&mut words, L2vpnVpls::FAMILY, purpose).map_err(|e| e.to_string())?;
        Ok(route.nlris.as_slice()[0].nlri().to_vec())
    }

    #[test]
    fn both_forms_in_words_and_json() {
        for (octets, words, json) in [
            (
                "00110001c0a8c901007b000500010008029ce1",
                "rd 192.168.201.1:123 endpoint 5 base 10702 offset 1 size 8",
                r#"{ "rd": "192.168.201.1:123", "endpoint": 5, "base": 10702, "offset": 1, "size": 8 }"#,
            ),
            (
                "00110000fde8000000010001000200030fffff",
                "rd 65000:1 endpoint 1 base 0x0FFFFF offset 2 size 3",
                r#"{ "rd": "65000:1", "endpoint": 1, "base": 65535, "offset": 2, "size": 3 }"#,
            ),
            (
                "000c0000fde800000001c0000201",
                "rd 65000:1 pe-address 192.0.2.1",
                r#"{ "rd": "65000:1", "pe-address": "192.0.2.1" }"#,
            ),
            // a block beyond the last label
            (
                "00110000fde800000001000500010008ffffa1",
                "raw 0x00110000FDE800000001000500010008FFFFA1",
                r#"{ "rd": "65000:1", "endpoint": 5, "base": 1048570, "offset": 1, "size": 8 }"#,
            ),
            ("0003010203", "raw 0x0003010203", r#"{ "parsed": false, "raw": "0003010203" }"#),
        ] {
            let nlri = hex(octets).unwrap();
            let (mut out, mut shown) = (String::new(), String::new());
            words_of(L2vpnVpls::FAMILY, None, &nlri, &mut out);
            let one = Shown { nlri: &nlri, path_id: None, next_hop: None, hop: "", withdrawn: false };
            L2vpnVpls::json(&one, &mut shown, Dialect::V6, false);
            assert_eq!((&*out, &*shown), (words, json));
            assert_eq!(read(&out, Purpose::Withdraw), Ok(nlri));
        }
    }

    #[test]
    fn what_a_site_needs() {
        let whole = "rd 1:1 endpoint 5 base 100 offset 1 size 8";
        assert!(read(whole, Purpose::Withdraw).is_ok());
        for missing in ["rd 1:1 ", "endpoint 5 ", "base 100 ", "offset 1 ", " size 8"] {
            let error = read(&whole.replace(missing, ""), Purpose::Withdraw).unwrap_err();
            assert!(error.contains(missing.trim().split(' ').next().unwrap()), "{error}");
        }
        for wrong in ["endpoint 65536", "base 1048576", "offset -1", "size x", "label 5", "pe-address 192.0.2.1"] {
            let word = wrong.split(' ').next().unwrap();
            let line = match whole.find(&format!("{word} ")) {
                Some(at) => format!("{}{wrong}", &whole[..at]),
                None => format!("{whole} {wrong}"),
            };
            assert!(read(&line, Purpose::Withdraw).is_err(), "{line}");
        }
    }

    #[test]
    fn a_block_ends_with_the_last_label() {
        let site = |base: u32| format!("rd 1:1 endpoint 5 base {base} offset 1 size 8");
        assert!(read(&site(1_048_568), Purpose::Withdraw).is_ok());
        let error = read(&site(1_048_569), Purpose::Withdraw).unwrap_err();
        assert!(error.contains("8 labels from 1048569") && error.contains("0 to 1048568"), "{error}");
    }

    #[test]
    fn labels_do_not_make_another_route() {
        let one = read("rd 1:1 endpoint 5 base 100 offset 1 size 8", Purpose::Withdraw).unwrap();
        let same = read("rd 1:1 endpoint 5 base 200 offset 1 size 9", Purpose::Withdraw).unwrap();
        let other = read("rd 1:1 endpoint 5 base 100 offset 9 size 8", Purpose::Withdraw).unwrap();
        assert_eq!(L2vpnVpls::identity(&one), L2vpnVpls::identity(&same));
        assert_ne!(L2vpnVpls::identity(&one), L2vpnVpls::identity(&other));
    }
}
