//! BFD Discriminator (RFC 9026 §3.1.6): `mode(1) discriminator(4) { type(1) length(1) value }*`, how receivers of a
//! multicast tunnel watch its root. The one TLV that is known has type 1: the source address, of 4 or 16 octets.

use super::tlv::{self, Shape};
use super::{Attribute, code, flags, list};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json::Separator;
use crate::put;
use crate::put::Quoted;
use crate::read::Reader;
use crate::route::part;
use crate::text::{Diagnostic, Words};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The session that tells whether a tunnel works.
pub(super) struct BfdDiscriminator;

const TLVS: Shape = Shape { kind: 1, length: 1 };
const SOURCE: u16 = 1;
const FORM: &str = "[ mode 1 discriminator 5 source 192.0.2.1 ], and other TLVs by number and octets: 7 0x0a0b";

impl Attribute for BfdDiscriminator {
    const CODE: u8 = code::BFD_DISCRIMINATOR;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "bfd-discriminator";
    const KEYWORDS: &'static [&'static str] = &["bfd-discriminator"];
    const DOC: &'static str = "the BFD session of a multicast tunnel: [ mode N discriminator N source IP ]";
    const RFC: &'static str = "RFC 9026";
    const SINCE: Option<Dialect> = None;
    const FAULT: Outcome = Outcome::AttributeDiscard;
    const MAY_BE_EMPTY: bool = false;

    fn check(r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        let mut r = r.told_to(None);
        r.array::<5>("BFD Discriminator")?;
        tlv::check(r, TLVS)
    }

    fn fields(mut r: Reader<'_>) {
        r.laid_out("mode(1) discriminator(4)");
        while let (start, Ok((kind, mut value)), Some(trace)) = (r, tlv::read(&mut r, TLVS), r.trace()) {
            if kind == SOURCE {
                trace.means_at(start.offset(), "source".to_owned());
                value.laid_out("address(ip)");
            }
        }
    }

    fn words(value: &[u8], out: &mut String) {
        let Some((mode, discriminator, rest)) = view(value) else { return };
        put!(out, "bfd-discriminator [ mode ", mode, " discriminator ", discriminator);
        for (kind, value) in tlv::iter(rest, TLVS) {
            match source(kind, value) {
                Some(address) => put!(out, " source ", address),
                None => tlv::words(kind, value, out),
            }
        }
        out.push_str(" ]");
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        let Some((mode, discriminator, rest)) = view(value) else { return };
        put!(out, "{ \"mode\": ", mode, ", \"discriminator\": ", discriminator, ", \"tlvs\": [ ");
        let mut separator = Separator::new(", ");
        for (kind, value) in tlv::iter(rest, TLVS) {
            separator.next(out);
            match source(kind, value) {
                Some(address) => put!(out, "{ \"source\": ", Quoted(address), " }"),
                None => tlv::json(kind, value, out),
            }
        }
        out.push_str(" ] }");
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        list::open(words, FORM)?;
        let (mut mode, mut discriminator, mut rest) = ([1], None, Vec::new());
        while let Some(word) = list::item(words, FORM)? {
            match &*word.text {
                "mode" => mode = part::fixed("mode", words)?,
                "discriminator" => discriminator = Some(part::fixed::<4>("discriminator", words)?),
                "source" => {
                    let octets = match part::address("source", words, None)? {
                        IpAddr::V4(a) => a.octets().to_vec(),
                        IpAddr::V6(a) => a.octets().to_vec(),
                    };
                    tlv::write(SOURCE, &octets, TLVS, &mut rest);
                }
                _ => tlv::parse(&word, words, TLVS, &mut rest).map_err(|e| e.help(FORM))?,
            }
        }
        let missing = || Diagnostic::error(words.last(), "`discriminator` is missing").help(FORM);
        out.extend(mode);
        out.extend(discriminator.ok_or_else(missing)?);
        out.extend(rest);
        Ok(())
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        dice.octets(5, out);
        for _ in 0..dice.below(3) {
            let (kind, size) = if dice.once_in(2) { (SOURCE, if dice.once_in(2) { 4 } else { 16 }) } else { (7, 3) };
            let mut value = Vec::new();
            dice.octets(size, &mut value);
            tlv::write(kind, &value, TLVS, out);
        }
    }
}

fn view(value: &[u8]) -> Option<(u8, u32, &[u8])> {
    let ([mode, discriminator @ ..], rest) = value.split_first_chunk::<5>()?;
    Some((*mode, u32::from_be_bytes(*discriminator), rest))
}

fn source(kind: u16, value: &[u8]) -> Option<IpAddr> {
    match (kind, value.len()) {
        (SOURCE, 4) => Some(Ipv4Addr::from(*value.as_array::<4>()?).into()),
        (SOURCE, 16) => Some(Ipv6Addr::from(*value.as_array::<16>()?).into()),
        _ => None,
    }
}
