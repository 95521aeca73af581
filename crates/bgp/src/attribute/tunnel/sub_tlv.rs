//! Sub-TLVs: one row of [`SUB_TLVS`] for each that has words.
//!
//! A value its own words cannot say exactly is written `sub-tlv TYPE 0xOCTETS`, as are types nobody knows.

use super::encapsulation::*;
use super::policy::*;
use super::segment_list::*;
use super::value::*;
use super::{SR_POLICY, write_sub_tlv};
use crate::put;
use crate::put::Hex;
use crate::read::Reader;
use crate::route::part;
use crate::text::{Diagnostic, Grammar, Word, Words};

/// A sub-TLV: everything that differs from one to the next.
pub(super) struct SubTlv {
    pub(super) code: u8,
    word: &'static str,
    /// Its fields, where all values have the same ones.
    layout: &'static str,
    /// The tunnel types it is for; empty: any.
    tunnels: &'static [u16],
    parse: Read,
    /// Behind the word, a blank in front.
    words: Say,
    /// In an SR Policy: the member of the JSON object, and what the text encoder prints.
    shown: Option<[Say; 2]>,
}

/// Stands in front of the type and the octets of any sub-TLV.
const RAW: &str = "sub-tlv";
const LABEL_STACK: u8 = 10;
/// The segment list, which an SR Policy may have several of.
pub(super) const SEGMENT_LIST: u8 = 128;

const fn row(code: u8, word: &'static str, layout: &'static str, parse: Read, words: Say) -> SubTlv {
    SubTlv { code, word, layout, tunnels: &[], parse, words, shown: None }
}

impl SubTlv {
    const fn of(self, tunnels: &'static [u16]) -> SubTlv {
        SubTlv { tunnels, ..self }
    }

    const fn shown(self, json: Say, text: Say) -> SubTlv {
        SubTlv { shown: Some([json, text]), ..self }
    }

    pub(super) fn is_for(&self, tunnel: u16) -> bool {
        self.tunnels.is_empty() || self.tunnels.contains(&tunnel)
    }
}

/// RFC 9012 §3, RFC 5640 §3, RFC 9830 §2.4.
#[rustfmt::skip]
pub(super) static SUB_TLVS: &[SubTlv] = &[
    row(1, "session-id", "session(4) cookie(x)", parse_session, session_words).of(&[1]),
    row(1, "key", "key(4)", |w, out| number::<4>("key", w, out), numbers_words::<4>).of(&[2, 11]),
    row(1, "vni", "flags(1x) virtual-network(3) MAC-address(6x) reserved(2x)", parse_network, network_words).of(&[8, 9]),
    row(2, "protocol", "protocol(2)", |w, out| number::<2>("protocol", w, out), numbers_words::<2>),
    row(4, "color", "type(1x) subtype(1x) flags(2x) color(4)", parse_color, color_words),
    row(5, "load-balancing-block", "length(2)", |w, out| number::<2>("load balancing block", w, out), numbers_words::<2>),
    row(6, "egress-endpoint", "reserved(4x) AFI(2) address(ip)", parse_endpoint, endpoint_words),
    row(7, "ds-field", "DS-field(1)", |w, out| number::<1>("DS field", w, out), numbers_words::<1>),
    row(8, "udp-port", "port(2)", |w, out| number::<2>("UDP port", w, out), numbers_words::<2>),
    row(9, "embedded-label-handling", "value(1)", |w, out| number::<1>("embedded label handling", w, out), numbers_words::<1>),
    row(LABEL_STACK, "label-stack", "", parse_stack, stack_words),
    row(11, "prefix-sid", "prefix-SID(x)", raw, raw_words),
    row(12, "preference", "flags(1x) reserved(1x) preference(4)", |w, out| flagged(w, out, |w, out| number::<4>("preference", w, out)), |v, out| flagged_words(v, out, numbers_words::<4>))
        .shown(|v, out| member("preference", v, out, flagged_number::<4>), |v, out| word("preference", v, out, flagged_number::<4>)),
    row(13, "binding-sid", "flags(1x) reserved(1x) label-stack-entry(label)", parse_binding, binding_words)
        .shown(binding_json, binding_text),
    row(14, "enlp", "flags(1x) reserved(1x) ENLP(1)", |w, out| flagged(w, out, parse_enlp), |v, out| flagged_words(v, out, numbers_words::<1>))
        .shown(|v, out| member("enlp", v, out, flagged_number::<1>), enlp_text),
    row(15, "priority", "priority(1) reserved(1x)", parse_priority, priority_words)
        .shown(|v, out| member("priority", v, out, priority), |v, out| word("priority", v, out, priority)),
    row(20, "srv6-binding-sid", "flags(1x) reserved(1x) SID(ipv6) endpoint-behavior(2) reserved(2x) locator-block-length(1) locator-node-length(1) function-length(1) argument-length(1)", parse_srv6_binding, srv6_binding_words)
        .shown(srv6_binding_json, srv6_binding_text),
    row(SEGMENT_LIST, "segment-list", "", parse_segments, segments_words)
        .shown(segments_json, segments_text),
    row(129, "candidate-path-name", "reserved(1x) name(text)", parse_name, name_words)
        .shown(|v, out| member("candidate-path-name", v, out, name), |v, out| word("candidate-path-name", v, out, name)),
    row(130, "policy-name", "reserved(1x) name(text)", parse_name, name_words)
        .shown(|v, out| member("policy-name", v, out, name), |v, out| word("policy-name", v, out, name)),
];

/// Appends `"preference": 100`, for a segment list the object alone; `None` for what is not shown, and for a value that
/// is not what it should be.
pub(super) fn json(code: u8, value: &[u8], out: &mut String) -> Option<()> {
    let [json, _] = shown(code)?;
    json(value, out)
}

/// Appends `preference 100`; `None` as [`json`] has it.
pub(super) fn text(code: u8, value: &[u8], out: &mut String) -> Option<()> {
    let [_, text] = shown(code)?;
    text(value, out)
}

fn shown(code: u8) -> Option<&'static [Say; 2]> {
    SUB_TLVS.iter().find(|row| row.code == code && row.is_for(SR_POLICY))?.shown.as_ref()
}

/// Reads the sub-TLV that `word` begins, for a tunnel of type `tunnel`, and appends it.
pub(super) fn parse(tunnel: u16, word: &Word<'_>, words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let known = SUB_TLVS.iter().any(|row| row.word == word.text && row.is_for(tunnel));
    if !known && word.text != RAW {
        let valid = SUB_TLVS.iter().filter(|row| row.is_for(tunnel)).map(|row| row.word).chain([RAW]);
        return Err(word.error(format!("`{}` is no sub-TLV of this tunnel", word.text)).suggest(&word.text, valid));
    }
    parse_keyword(tunnel, &word.text, words, out)
}

/// Reads what stands behind the word of a sub-TLV, and appends it.
pub(super) fn parse_keyword(
    tunnel: u16,
    word: &str,
    words: &mut Words<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Diagnostic> {
    let written = match SUB_TLVS.iter().find(|row| row.word == word && row.is_for(tunnel)) {
        Some(row) => write_sub_tlv(out, row.code, |out| (row.parse)(words, out)),
        None => {
            let code = u8::try_from(part::number("type of the sub-TLV", words, 0xff)?).unwrap_or(0);
            let value = part::raw("the sub-TLV", words)?;
            write_sub_tlv(out, code, |out| out.extend_from_slice(&value)).map(Ok)
        }
    };
    let too_long = || Diagnostic::error(words.last(), format!("the value of `{word}` is too long for a sub-TLV"));
    written.ok_or_else(too_long)?
}

/// Appends the words of a sub-TLV, a blank in front: [`parse`] makes the same octets of them.
pub(super) fn words(tunnel: u16, code: u8, value: &[u8], out: &mut String) {
    let start = out.len();
    for row in SUB_TLVS.iter().filter(|row| row.code == code && row.is_for(tunnel)) {
        out.push(' ');
        out.push_str(row.word);
        if (row.words)(value, out).is_some() && says(tunnel, code, value, out.get(start..).unwrap_or("")) {
            return;
        }
        out.truncate(start);
    }
    put!(out, " sub-tlv ", code, " 0x", Hex(value));
}

/// Tells of a value field by field, and gives the name of the sub-TLV.
pub(super) fn fields(tunnel: u16, code: u8, mut value: Reader<'_>) -> &'static str {
    let Some(row) = SUB_TLVS.iter().find(|row| row.code == code && row.is_for(tunnel)) else { return "" };
    match code {
        SEGMENT_LIST => segment_list_fields(value),
        LABEL_STACK => value.each_laid_out("label-stack-entry(label)"),
        _ if row.layout.is_empty() => {}
        _ => value.laid_out(row.layout),
    }
    row.word
}

/// True if these words say exactly this.
fn says(tunnel: u16, code: u8, value: &[u8], text: &str) -> bool {
    [Grammar::Line, Grammar::File].into_iter().all(|grammar| {
        let (mut read, mut same) = (Vec::new(), Vec::new());
        let mut words = Words::new(text, 0, grammar);
        let Some(word) = words.next() else { return false };
        write_sub_tlv(&mut same, code, |out| out.extend_from_slice(value));
        parse(tunnel, &word, &mut words, &mut read).is_ok() && words.next().is_none() && read == same
    })
}
