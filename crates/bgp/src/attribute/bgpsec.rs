//! BGPsec_Path (RFC 8205 §3): a Secure_Path `length(2) { pCount(1) flags(1) asn(4) }*`, then one or two Signature_Blocks
//! `length(2) algorithm(1) { key(20) length(2) signature }*`. The lengths of both count their own two octets.
//!
//! Read and checked; nothing is signed or verified here. Written as octets.

use super::{Attribute, code, flags};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json::Separator;
use crate::put;
use crate::put::Hex;
use crate::read::Reader;
use crate::route::part;
use crate::text::{Diagnostic, Words};

/// The signed path.
pub(super) struct BgpsecPath;

/// Octets of a Secure_Path segment, and of a Subject Key Identifier.
const STEP: usize = 6;
const KEY: usize = 20;

impl Attribute for BgpsecPath {
    const CODE: u8 = code::BGPSEC_PATH;
    const FLAGS: u8 = flags::OPTIONAL;
    const NAME: &'static str = "bgpsec-path";
    const KEYWORDS: &'static [&'static str] = &["bgpsec-path"];
    const DOC: &'static str = "a path with signatures, as octets: 0x…";
    const RFC: &'static str = "RFC 8205";
    const SINCE: Option<Dialect> = None;
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;

    fn check(mut r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        let path = block(&mut r)?;
        if path.is_empty() || !path.len().is_multiple_of(STEP) {
            return Err(path.malformed("Secure_Path", "whole segments"));
        }
        for first in [true, false] {
            if !first && r.is_empty() {
                break;
            }
            let mut signatures = block(&mut r)?;
            signatures.u8("algorithm suite")?;
            while !signatures.is_empty() {
                signature(&mut signatures)?;
            }
        }
        r.finish("BGPsec_Path")
    }

    fn words(value: &[u8], out: &mut String) {
        put!(out, "bgpsec-path 0x", Hex(value));
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        let mut r = Reader::new(value, 0);
        let Ok(path) = block(&mut r) else { return };
        out.push_str("{ \"secure-path\": [ ");
        let mut steps = Separator::new(", ");
        for [count, flags, asn @ ..] in path.rest().as_chunks::<STEP>().0 {
            steps.next(out);
            let asn = u32::from_be_bytes(*asn);
            put!(out, "{ \"pcount\": ", count, ", \"flags\": ", flags, ", \"asn\": ", asn, " }");
        }
        out.push_str(" ], \"signature-blocks\": [ ");
        let mut blocks = Separator::new(", ");
        while let Ok(mut signatures) = block(&mut r) {
            blocks.next(out);
            put!(out, "{ \"algorithm\": ", signatures.u8("").unwrap_or(0), ", \"signatures\": [ ");
            let mut separator = Separator::new(", ");
            while let Ok((key, octets)) = signature(&mut signatures) {
                separator.next(out);
                put!(out, "{ \"key\": \"", Hex(key));
                put!(out, "\", \"signature\": \"", Hex(octets), "\" }");
            }
            out.push_str(" ] }");
        }
        out.push_str(" ] }");
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        out.extend(part::raw("the path", words)?);
        Ok(())
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        let steps = 1 + dice.below(3);
        out.extend(u16::try_from(2 + steps * STEP).unwrap_or(0).to_be_bytes());
        dice.octets(steps * STEP, out);
        for _ in 0..=dice.below(2) {
            out.extend(u16::try_from(3 + steps * (KEY + 2 + 9)).unwrap_or(0).to_be_bytes());
            out.push(1);
            for _ in 0..steps {
                dice.octets(KEY, out);
                out.extend([0, 9]);
                dice.octets(9, out);
            }
        }
    }
}

/// Cuts off what a length counts that counts itself.
fn block<'a>(r: &mut Reader<'a>) -> Result<Reader<'a>, Malformed> {
    let start = *r;
    let length = usize::from(r.u16("BGPsec_Path length")?).checked_sub(2);
    r.sub(length.ok_or_else(|| start.malformed("BGPsec_Path length", "at least its own two octets"))?, "BGPsec_Path")
}

/// Cuts off a key and what it signed.
fn signature<'a>(r: &mut Reader<'a>) -> Result<(&'a [u8], &'a [u8]), Malformed> {
    let key = r.take(KEY, "Subject Key Identifier")?;
    let length = r.u16("signature length")?;
    Ok((key, r.take(length.into(), "signature")?))
}
