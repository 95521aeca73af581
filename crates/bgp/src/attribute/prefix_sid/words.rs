//! How segment identifiers are written: groups, one behind the other.
//!
//! ```text
//! [ 300, [ ( 800000,4096 ), ( 1000000,5000 ) ] ]               a label index, and blocks it counts in
//! ( l3-service 2001:db8:1:1:: 0x48 [64,24,16,0,0,0] )           an SRv6 service with one SID
//! ( tlv 77 0x616263 )                                           any TLV, as octets
//! ```

use super::super::tlv;
use super::srv6::{self, Sid};
use super::{LABEL_INDEX, ORIGINATOR_SRGB, TLVS, blocks_text, index};
use crate::put;
use crate::put::Hex;
use crate::text::{Diagnostic, Grammar, Word, Words};
use crate::value::digits;
use std::fmt::Write as _;
use std::net::Ipv6Addr;

const FORM: &str = "[ INDEX ], [ INDEX, [ ( BASE,RANGE ) ] ], ( l3-service SID BEHAVIOR [LB,LN,F,A,TL,TO] ), or \
                    ( tlv TYPE 0xOCTETS ), with blanks around parentheses";
/// What an endpoint does if nothing was said (RFC 8986 §8.2: opaque).
const OPAQUE: u16 = 0xffff;
/// Bits of the SRGB's base and range.
const BLOCK: u64 = 0xff_ffff;

/// Appends `bgp-prefix-sid` and the groups that make these octets.
pub(super) fn words(value: &[u8], out: &mut String) {
    let mut tlvs = tlv::iter(value, TLVS).peekable();
    let service_first = tlvs.peek().is_some_and(|(kind, _)| !matches!(*kind, LABEL_INDEX | ORIGINATOR_SRGB));
    out.push_str(if service_first { "bgp-prefix-sid-srv6" } else { "bgp-prefix-sid" });
    while let Some((kind, value)) = tlvs.next() {
        out.push(' ');
        let start = out.len();
        match kind {
            LABEL_INDEX => {
                put!(out, "[ ", index(value));
                if let Some((_, blocks)) = tlvs.next_if(|(kind, value)| *kind == ORIGINATOR_SRGB && plain(*kind, value))
                {
                    out.push_str(", ");
                    blocks_text(blocks, out);
                }
                out.push_str(" ]");
            }
            ORIGINATOR_SRGB => {
                out.push_str("[ ");
                blocks_text(value, out);
                out.push_str(" ]");
            }
            _ => service(kind, value, out),
        }
        if !plain(kind, value) {
            out.truncate(start);
            put!(out, "( tlv ", kind, " 0x", Hex(value), " )");
        }
    }
}

/// A value says no more than its own words can.
fn plain(kind: u16, value: &[u8]) -> bool {
    match kind {
        LABEL_INDEX => value.starts_with(&[0; 3]),
        ORIGINATOR_SRGB => value.starts_with(&[0; 2]),
        _ => {
            let mut text = String::new();
            service(kind, value, &mut text);
            let mut read = Vec::new();
            let mut words = Words::new(&text, 0, Grammar::Line);
            words.next().is_some_and(|word| word.text == "(")
                && group(&mut words, &mut read).is_ok()
                && tlv::iter(&read, TLVS).eq([(kind, value)])
        }
    }
}

/// Appends `( l3-service SID BEHAVIOR [LB,LN,F,A,TL,TO] )`; nothing for what is no service.
fn service(kind: u16, value: &[u8], out: &mut String) {
    let (Some(name), Some(Ok(sid))) = (srv6::name(kind), srv6::sids(value).next()) else { return };
    let _ = write!(out, "( {name} {} 0x{:x}", sid.sid, sid.behavior);
    if let Some([a, b, c, d, e, f]) = sid.structure() {
        put!(out, " [", a, ',', b, ',', c, ',', d, ',', e, ',', f, ']');
    }
    out.push_str(" )");
}

/// Reads groups as long as one begins.
pub(super) fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    loop {
        let word = words.expect("`[` or `(`").map_err(|e| e.help(FORM))?;
        match &*word.text {
            "[" => labels(words, out)?,
            "(" => group(words, out)?,
            _ => return Err(word.error(format!("`{}` is no segment identifier", word.text)).help(FORM)),
        }
        if out.len() > usize::from(u16::MAX) {
            return Err(word.error("the attribute is longer than a message can be"));
        }
        if words.peek().is_none_or(|word| !matches!(&*word.text, "[" | "(")) {
            return Ok(());
        }
    }
}

/// Reads what stands behind `[`: an index, blocks, or both.
fn labels(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let mut word = next(words)?;
    if word.text != "[" {
        let mut value = vec![0; 3];
        value.extend(
            number(&word, u64::from(u32::MAX), "label index")?.to_be_bytes().last_chunk::<4>().unwrap_or(&[0; 4]),
        );
        tlv::write(LABEL_INDEX, &value, TLVS, out);
        word = next(words)?;
        if word.text == "]" {
            return Ok(());
        }
        if word.text == "," {
            word = next(words)?;
        }
    }
    expect(&word, "[")?;
    let mut value = vec![0; 2];
    loop {
        let word = next(words)?;
        match &*word.text {
            "," => continue,
            "]" if value.len() > 2 => break,
            _ => expect(&word, "(")?,
        }
        for (end, what) in [(",", "base"), (")", "range")] {
            let n = number(&next(words)?, BLOCK, what)?.to_be_bytes();
            value.extend(n.last_chunk::<3>().unwrap_or(&[0; 3]));
            expect(&next(words)?, end)?;
        }
    }
    if !tlv::write(ORIGINATOR_SRGB, &value, TLVS, out) {
        return Err(Diagnostic::error(words.last(), "there are more blocks than an attribute can have"));
    }
    expect(&next(words)?, "]")
}

/// Reads what stands behind `(`: a service, or any TLV.
fn group(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let word = next(words)?;
    if word.text == "tlv" {
        let kind = next(words)?;
        tlv::parse(&kind, words, TLVS, out)?;
        return expect(&next(words)?, ")");
    }
    let names = ["l3-service", "l2-service", "tlv"];
    let kind = srv6::kind(&word.text)
        .ok_or_else(|| word.error(format!("`{}` is no segment identifier", word.text)).suggest(&word.text, names))?;
    let word = next(words)?;
    let sid: Ipv6Addr =
        word.text.parse().map_err(|_| word.error(format!("`{}` is no SID", word.text)).help("an IPv6 address"))?;
    let (mut behavior, mut structure) = (OPAQUE, None);
    let mut word = next(words)?;
    if !matches!(&*word.text, ")" | "[") {
        behavior = u16::try_from(number(&word, OPAQUE.into(), "endpoint behavior")?).unwrap_or(OPAQUE);
        word = next(words)?;
    }
    if word.text == "[" {
        structure = Some(lengths(words)?);
        word = next(words)?;
    }
    expect(&word, ")")?;
    let mut value = vec![0];
    Sid::write(sid, behavior, structure, &mut value);
    tlv::write(kind, &value, TLVS, out);
    Ok(())
}

/// Reads `64,24,16,0,0,0]`.
fn lengths(words: &mut Words<'_>) -> Result<[u8; 6], Diagnostic> {
    let mut lengths = [0; 6];
    for (at, length) in lengths.iter_mut().enumerate() {
        *length = u8::try_from(number(&next(words)?, 0xff, "length in bits")?).unwrap_or(0);
        if at < 5 && words.peek().is_some_and(|word| word.text == ",") {
            words.next();
        }
    }
    expect(&next(words)?, "]")?;
    Ok(lengths)
}

fn next<'a>(words: &mut Words<'a>) -> Result<Word<'a>, Diagnostic> {
    words.expect("part of the segment identifier").map_err(|e| e.help(FORM))
}

fn expect(word: &Word<'_>, what: &str) -> Result<(), Diagnostic> {
    if word.text == what {
        Ok(())
    } else {
        Err(word.error(format!("`{what}` is missing before `{}`", word.text)).help(FORM))
    }
}

fn number(word: &Word<'_>, max: u64, what: &str) -> Result<u64, Diagnostic> {
    let n = match word.text.strip_prefix("0x").or_else(|| word.text.strip_prefix("0X")) {
        Some(hex) if !hex.starts_with('+') => u64::from_str_radix(hex, 16).ok(),
        Some(_) => None,
        None => digits(&word.text),
    };
    n.filter(|n| *n <= max).ok_or_else(|| {
        word.error(format!("`{}` is no {what}", word.text)).help(format!("a number from 0 to {max}; {FORM}"))
    })
}
