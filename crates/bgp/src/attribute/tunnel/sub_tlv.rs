//! Sub-TLVs: one row of [`SUB_TLVS`] for each that has words.
//!
//! A value its own words cannot say exactly is written `sub-tlv TYPE 0xOCTETS`, as are types nobody knows.

use super::segment::{self, flags_words, parse_flags};
use super::{SR_POLICY, write_sub_tlv};
use crate::dice::Dice;
use crate::json;
use crate::read::Reader;
use crate::route::part;
use crate::text::{Diagnostic, Grammar, Word, Words};
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv6Addr};

type Read = fn(&mut Words<'_>, &mut Vec<u8>) -> Result<(), Diagnostic>;
/// Appends something said of a value; `None`, with anything in `out`, if the value is not what it should be.
type Say = fn(&[u8], &mut String) -> Option<()>;

/// A sub-TLV: everything that differs from one to the next.
struct SubTlv {
    code: u8,
    word: &'static str,
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
/// The segment list, which an SR Policy may have several of.
pub(super) const SEGMENT_LIST: u8 = 128;

const fn row(code: u8, word: &'static str, parse: Read, words: Say) -> SubTlv {
    SubTlv { code, word, tunnels: &[], parse, words, shown: None }
}

impl SubTlv {
    const fn of(self, tunnels: &'static [u16]) -> SubTlv {
        SubTlv { tunnels, ..self }
    }

    const fn shown(self, json: Say, text: Say) -> SubTlv {
        SubTlv { shown: Some([json, text]), ..self }
    }

    fn is_for(&self, tunnel: u16) -> bool {
        self.tunnels.is_empty() || self.tunnels.contains(&tunnel)
    }
}

/// RFC 9012 §3, RFC 5640 §3, RFC 9830 §2.4.
#[rustfmt::skip]
static SUB_TLVS: &[SubTlv] = &[
    row(1, "session-id", parse_session, session_words).of(&[1]),
    row(1, "key", |w, out| number::<4>("key", w, out), numbers_words::<4>).of(&[2, 11]),
    row(1, "vni", parse_network, network_words).of(&[8, 9]),
    row(2, "protocol", |w, out| number::<2>("protocol", w, out), numbers_words::<2>),
    row(4, "color", parse_color, color_words),
    row(5, "load-balancing-block", |w, out| number::<2>("load balancing block", w, out), numbers_words::<2>),
    row(6, "egress-endpoint", parse_endpoint, endpoint_words),
    row(7, "ds-field", |w, out| number::<1>("DS field", w, out), numbers_words::<1>),
    row(8, "udp-port", |w, out| number::<2>("UDP port", w, out), numbers_words::<2>),
    row(9, "embedded-label-handling", |w, out| number::<1>("embedded label handling", w, out), numbers_words::<1>),
    row(10, "label-stack", parse_stack, stack_words),
    row(11, "prefix-sid", raw, raw_words),
    row(12, "preference", |w, out| flagged(w, out, |w, out| number::<4>("preference", w, out)), |v, out| flagged_words(v, out, numbers_words::<4>))
        .shown(|v, out| member("preference", v, out, flagged_number::<4>), |v, out| word("preference", v, out, flagged_number::<4>)),
    row(13, "binding-sid", parse_binding, binding_words)
        .shown(binding_json, binding_text),
    row(14, "enlp", |w, out| flagged(w, out, parse_enlp), |v, out| flagged_words(v, out, numbers_words::<1>))
        .shown(|v, out| member("enlp", v, out, flagged_number::<1>), enlp_text),
    row(15, "priority", parse_priority, priority_words)
        .shown(|v, out| member("priority", v, out, priority), |v, out| word("priority", v, out, priority)),
    row(20, "srv6-binding-sid", parse_srv6_binding, srv6_binding_words)
        .shown(srv6_binding_json, srv6_binding_text),
    row(SEGMENT_LIST, "segment-list", parse_segments, segments_words)
        .shown(segments_json, segments_text),
    row(129, "candidate-path-name", parse_name, name_words)
        .shown(|v, out| member("candidate-path-name", v, out, name), |v, out| word("candidate-path-name", v, out, name)),
    row(130, "policy-name", parse_name, name_words)
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
    let _ = write!(out, " sub-tlv {code} 0x");
    json::hex(out, value);
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

/// Appends `"key": value`.
fn member(key: &str, value: &[u8], out: &mut String, say: Say) -> Option<()> {
    let _ = write!(out, "\"{key}\": ");
    say(value, out)
}

/// Appends `key value`.
fn word(key: &str, value: &[u8], out: &mut String, say: Say) -> Option<()> {
    let _ = write!(out, "{key} ");
    say(value, out)
}

/// Reads a number of `N` octets.
fn number<const N: usize>(what: &str, words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let max = u64::MAX >> (64 - 8 * N);
    let n = part::number(what, words, max)?;
    out.extend(n.to_be_bytes().iter().skip(8 - N));
    Ok(())
}

fn number_of<const N: usize>(value: &[u8]) -> Option<u64> {
    let octets = value.as_array::<N>()?;
    Some(octets.iter().fold(0, |n, octet| n << 8 | u64::from(*octet)))
}

fn numbers_words<const N: usize>(value: &[u8], out: &mut String) -> Option<()> {
    let n = number_of::<N>(value)?;
    write!(out, " {n}").ok()
}

/// Octets as they are.
fn raw(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    out.extend(part::raw("the value", words)?);
    Ok(())
}

fn raw_words(value: &[u8], out: &mut String) -> Option<()> {
    out.push_str(" 0x");
    json::hex(out, value);
    Some(())
}

/// `flags(1) reserved(1) value`: reads the value, and flags if there are any.
fn flagged(words: &mut Words<'_>, out: &mut Vec<u8>, value: Read) -> Result<(), Diagnostic> {
    let at = out.len();
    out.extend([0, 0]);
    value(words, out)?;
    if let (Some(flags), Some(octet)) = (parse_flags(words)?, out.get_mut(at)) {
        *octet = flags;
    }
    Ok(())
}

fn flagged_words(value: &[u8], out: &mut String, say: Say) -> Option<()> {
    let (flags, value) = value.split_first()?;
    say(value.get(1..)?, out)?;
    flags_words(*flags, 0, out);
    Some(())
}

fn flagged_number<const N: usize>(value: &[u8], out: &mut String) -> Option<()> {
    json::number(out, number_of::<N>(value.get(2..)?)?);
    Some(())
}

/// `session(4) cookie`
fn parse_session(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    number::<4>("session", words, out)?;
    if words.accept("cookie") {
        out.extend(part::raw("the cookie", words)?);
    }
    Ok(())
}

fn session_words(value: &[u8], out: &mut String) -> Option<()> {
    let (session, cookie) = value.split_at_checked(4)?;
    numbers_words::<4>(session, out)?;
    if !cookie.is_empty() {
        out.push_str(" cookie");
        raw_words(cookie, out)?;
    }
    Some(())
}

/// The virtual network is there.
const V_FLAG: u8 = 0x80;
/// The MAC address is there.
const M_FLAG: u8 = 0x40;

/// `flags(1) network(3) MAC(6) reserved(2)`
fn parse_network(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let at = out.len();
    out.push(V_FLAG);
    number::<3>("virtual network", words, out)?;
    let mut mac = [0; 6];
    if words.accept("mac") {
        let word = words.expect("the MAC address")?;
        let octets: Option<Vec<u8>> = word.text.split(':').map(|octet| u8::from_str_radix(octet, 16).ok()).collect();
        mac = octets.and_then(|octets| octets.as_array().copied()).ok_or_else(|| {
            word.error(format!("`{}` is no MAC address", word.text)).help("such as 00:11:22:33:44:55")
        })?;
        if let Some(flags) = out.get_mut(at) {
            *flags |= M_FLAG;
        }
    }
    out.extend(mac);
    out.extend([0, 0]);
    Ok(())
}

fn network_words(value: &[u8], out: &mut String) -> Option<()> {
    let [flags, v @ .., _, _] = *value.as_array::<12>()?;
    let (network, mac) = v.split_at_checked(3)?;
    numbers_words::<3>(network, out)?;
    if flags & M_FLAG != 0 {
        out.push_str(" mac");
        for (at, octet) in mac.iter().enumerate() {
            let _ = write!(out, "{}{octet:02x}", if at == 0 { ' ' } else { ':' });
        }
    }
    Some(())
}

/// Type and subtype of a Color Extended Community (RFC 9012 §4.3).
const COLOR: [u8; 2] = [3, 0x0b];

/// `03 0b flags(2) color(4)`
fn parse_color(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let mut color = Vec::new();
    number::<4>("color", words, &mut color)?;
    out.extend(COLOR);
    match words.accept("flags") {
        true => number::<2>("flags", words, out)?,
        false => out.extend([0, 0]),
    }
    out.extend(color);
    Ok(())
}

fn color_words(value: &[u8], out: &mut String) -> Option<()> {
    let [_, _, a, b, color @ ..] = value.as_array::<8>()?;
    numbers_words::<4>(color, out)?;
    match u16::from_be_bytes([*a, *b]) {
        0 => Some(()),
        flags => write!(out, " flags 0x{flags:04x}").ok(),
    }
}

/// `reserved(4) AFI(2) address`
fn parse_endpoint(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    out.extend([0; 4]);
    if words.accept("next-hop") {
        out.extend([0, 0]);
        return Ok(());
    }
    match part::address("egress endpoint", words, None)? {
        IpAddr::V4(a) => {
            out.extend([0, 1]);
            out.extend(a.octets());
        }
        IpAddr::V6(a) => {
            out.extend([0, 2]);
            out.extend(a.octets());
        }
    }
    Ok(())
}

fn endpoint_words(value: &[u8], out: &mut String) -> Option<()> {
    let mut r = Reader::new(value.get(4..)?, 0);
    match r.u16("").ok()? {
        0 => out.push_str(" next-hop"),
        1 => write!(out, " {}", r.ipv4("").ok()?).ok()?,
        2 => write!(out, " {}", r.ipv6("").ok()?).ok()?,
        _ => return None,
    }
    Some(())
}

/// Entries of a label stack; the last one has the bottom-of-stack bit.
fn parse_stack(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let list = words.accept("[");
    loop {
        let decimal = segment::parse_entry(words, out)?;
        if !list || words.accept("]") {
            if decimal {
                let end = out.len();
                segment::set_bottom(out, end);
            }
            return Ok(());
        }
    }
}

fn stack_words(value: &[u8], out: &mut String) -> Option<()> {
    let entries = value.as_chunks::<4>().0;
    out.push_str(" [");
    for (at, entry) in entries.iter().enumerate() {
        out.push(' ');
        segment::entry_words(*entry, at + 1 == entries.len(), out);
    }
    out.push_str(" ]");
    Some(())
}

/// What ExaBGP sets in a binding SID that has a label: nothing RFC 9830 knows, but programs compare the octets.
const BINDING_FLAG: u8 = 0x10;

/// `flags(1) reserved(1)`, and the entry of a label unless there is none
fn parse_binding(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let word = words.expect("`mpls` or `null`")?;
    let at = out.len();
    let mut expected = 0;
    out.extend([0, 0]);
    match &*word.text {
        "null" => {}
        "mpls" => {
            expected = BINDING_FLAG;
            if segment::parse_entry(words, out)? {
                let end = out.len();
                segment::set_bottom(out, end);
            }
        }
        other => {
            return Err(word.error(format!("`{other}` is no kind of binding SID")).suggest(other, ["mpls", "null"]));
        }
    }
    let flags = parse_flags(words)?.unwrap_or(expected);
    if let Some(octet) = out.get_mut(at) {
        *octet = flags;
    }
    Ok(())
}

/// Flags, and the entry of the label if there is one.
fn binding(value: &[u8]) -> Option<(u8, Option<[u8; 4]>)> {
    match *value {
        [flags, _] => Some((flags, None)),
        [flags, _, a, b, c, d] => Some((flags, Some([a, b, c, d]))),
        _ => None,
    }
}

fn binding_words(value: &[u8], out: &mut String) -> Option<()> {
    match binding(value)? {
        (flags, None) => {
            out.push_str(" null");
            flags_words(flags, 0, out);
        }
        (flags, Some(entry)) => {
            out.push_str(" mpls ");
            segment::entry_words(entry, true, out);
            flags_words(flags, BINDING_FLAG, out);
        }
    }
    Some(())
}

fn binding_json(value: &[u8], out: &mut String) -> Option<()> {
    match binding(value)? {
        (_, None) => out.push_str("\"binding-sid\": null"),
        (_, Some(entry)) => {
            write!(out, "\"binding-sid\": {{\"type\": \"mpls\", \"label\": {}}}", segment::label(entry)).ok()?;
        }
    }
    Some(())
}

fn binding_text(value: &[u8], out: &mut String) -> Option<()> {
    match binding(value)? {
        (_, None) => out.push_str("binding-sid null"),
        (_, Some(entry)) => write!(out, "binding-sid mpls {}", segment::label(entry)).ok()?,
    }
    Some(())
}

/// Which explicit null labels are pushed (RFC 9830 §2.4.5).
const ENLP: [&str; 4] = ["push-ipv4", "push-ipv6", "push-ipv4-ipv6", "no-push"];

fn parse_enlp(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let named = words.peek().and_then(|word| (1..).zip(ENLP).find(|(_, name)| *name == word.text));
    match named {
        Some((n, _)) => {
            words.next();
            out.push(n);
            Ok(())
        }
        None => number::<1>("explicit null label policy", words, out),
    }
}

fn enlp_text(value: &[u8], out: &mut String) -> Option<()> {
    let n = number_of::<1>(value.get(2..)?)?;
    match (1..).zip(ENLP).find(|(known, _)| *known == n) {
        Some((_, name)) => write!(out, "enlp {name}").ok(),
        None => write!(out, "enlp {n}").ok(),
    }
}

/// `priority(1) reserved(1)`
fn parse_priority(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    number::<1>("priority", words, out)?;
    out.push(0);
    Ok(())
}

fn priority_words(value: &[u8], out: &mut String) -> Option<()> {
    out.push(' ');
    priority(value, out)
}

fn priority(value: &[u8], out: &mut String) -> Option<()> {
    let [priority, _] = value.as_array()?;
    json::number(out, *priority);
    Some(())
}

/// Behaviour and structure are there.
const SRV6_B_FLAG: u8 = 0x20;

/// `flags(1) reserved(1) SID(16)`, and behaviour and structure if there are any
fn parse_srv6_binding(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let at = out.len();
    out.extend([0, 0]);
    segment::parse_srv6(words, out)?;
    let expected = if segment::parse_structure(words, out)? { SRV6_B_FLAG } else { 0 };
    let flags = parse_flags(words)?.unwrap_or(expected);
    if let Some(octet) = out.get_mut(at) {
        *octet = flags;
    }
    Ok(())
}

/// Flags, SID, and behaviour and structure or nothing.
fn srv6_binding(value: &[u8]) -> Option<(u8, Ipv6Addr, &[u8])> {
    let mut r = Reader::new(value, 0);
    let (flags, _) = (r.u8("").ok()?, r.u8("").ok()?);
    let sid = r.ipv6("").ok()?;
    let size = if flags & SRV6_B_FLAG != 0 { 8 } else { 0 };
    (r.len() == size).then(|| (flags, sid, r.rest()))
}

fn srv6_binding_words(value: &[u8], out: &mut String) -> Option<()> {
    let (flags, sid, structure) = srv6_binding(value)?;
    let _ = write!(out, " {sid}");
    segment::structure_words(structure, out)?;
    flags_words(flags, if structure.is_empty() { 0 } else { SRV6_B_FLAG }, out);
    Some(())
}

fn srv6_binding_json(value: &[u8], out: &mut String) -> Option<()> {
    let (_, sid, structure) = srv6_binding(value)?;
    match structure.as_array() {
        None => write!(out, "\"srv6-binding-sid\": \"{sid}\"").ok()?,
        Some(structure) => {
            let _ = write!(out, "\"srv6-binding-sid\": {{\"sid\": \"{sid}\", ");
            segment::structure_json(structure, out);
            out.push('}');
        }
    }
    Some(())
}

fn srv6_binding_text(value: &[u8], out: &mut String) -> Option<()> {
    let (_, sid, structure) = srv6_binding(value)?;
    let _ = write!(out, "srv6-binding-sid {sid}");
    if let Some([a, b, ..]) = structure.as_array::<8>() {
        let _ = write!(out, " endpoint-behavior {}", u16::from_be_bytes([*a, *b]));
    }
    Some(())
}

/// The type of the weight among segments.
const WEIGHT: u8 = 9;

/// `reserved(1)`, then weight and segments
fn parse_segments(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    out.push(0);
    if words.accept("weight") {
        let weight = part::number("weight", words, u32::MAX.into())?;
        write_sub_tlv(out, WEIGHT, |out| {
            out.extend([0, 0]);
            out.extend(weight.to_be_bytes().iter().skip(4));
        });
    }
    let mut last = None;
    while words.accept("segment") {
        if let Some(decimal) = segment::parse(words, out)? {
            last = decimal.then_some(out.len());
        }
    }
    if let Some(end) = last {
        segment::set_bottom(out, end);
    }
    Ok(())
}

/// What a segment list holds, up to where its frame breaks.
fn items(value: &[u8]) -> impl Iterator<Item = (u8, &[u8])> + Clone {
    let mut r = Reader::new(value.get(1..).unwrap_or(&[]), 0);
    std::iter::from_fn(move || {
        let (code, len) = (r.u8("").ok()?, r.u8("").ok()?);
        Some((code, r.take(len.into(), "").ok()?))
    })
}

/// True if the frame of a segment list does not break.
pub(super) fn is_framed(value: &[u8]) -> bool {
    let used: usize = items(value).map(|(_, value)| 2 + value.len()).sum();
    value.len() == 1 + used
}

fn weight(code: u8, value: &[u8]) -> Option<u64> {
    if code == WEIGHT { number_of::<4>(value.get(2..)?) } else { None }
}

fn segments_words(value: &[u8], out: &mut String) -> Option<()> {
    let last = items(value).enumerate().filter(|(_, (code, value))| segment::ends_stack(*code, value)).last();
    for (at, (code, value)) in items(value).enumerate() {
        match (at, weight(code, value)) {
            (0, Some(weight)) if value.starts_with(&[0, 0]) => write!(out, " weight {weight}").ok()?,
            _ => segment::words(code, value, last.is_some_and(|(last, _)| last == at), out),
        }
    }
    Some(())
}

fn segments_json(value: &[u8], out: &mut String) -> Option<()> {
    if !is_framed(value) {
        return None;
    }
    let first = items(value).find_map(|(code, value)| weight(code, value));
    let _ = write!(out, "{{\"weight\": {}, \"segments\": [", first.unwrap_or(1));
    let mut separator = json::Separator::new(", ");
    let mut weighed = false;
    for (code, value) in items(value) {
        // the first weight was said; whatever else is called one is no segment either
        if weight(code, value).is_some() && !std::mem::replace(&mut weighed, true) {
            continue;
        }
        separator.next(out);
        segment::json(code, value, out);
    }
    out.push_str("]}");
    Some(())
}

fn segments_text(value: &[u8], out: &mut String) -> Option<()> {
    if !is_framed(value) {
        return None;
    }
    let first = items(value).find_map(|(code, value)| weight(code, value));
    let _ = write!(out, "segment-list weight {} [", first.unwrap_or(1));
    let start = out.len();
    for (code, value) in items(value) {
        let before = out.len();
        if before > start {
            out.push(' ');
        }
        if segment::text(code, value, out).is_none() {
            out.truncate(before);
        }
    }
    out.push(']');
    Some(())
}

/// `reserved(1) text`
fn parse_name(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let word = words.expect_text("the name")?;
    out.push(0);
    out.extend_from_slice(word.text.as_bytes());
    Ok(())
}

fn name_words(value: &[u8], out: &mut String) -> Option<()> {
    let text = std::str::from_utf8(value.get(1..)?).ok()?;
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:/+@ ".contains(&b));
    let _ = write!(out, " \"{text}\"");
    plain.then_some(())
}

fn name(value: &[u8], out: &mut String) -> Option<()> {
    json::string(out, &String::from_utf8_lossy(value.get(1..)?));
    Some(())
}

/// Appends a sub-TLV, most of them sound.
pub(super) fn sample(tunnel: u16, dice: &mut Dice, out: &mut Vec<u8>) {
    let rows: Vec<&SubTlv> = SUB_TLVS.iter().filter(|row| row.is_for(tunnel)).collect();
    let code = match dice.pick(&rows) {
        Some(row) if !dice.once_in(12) => row.code,
        _ => dice.u8(),
    };
    let mut value = Vec::new();
    let odd = |dice: &mut Dice| if dice.once_in(6) { dice.u8() } else { 0 };
    match code {
        1 if matches!(tunnel, 8 | 9) => {
            value.push(if dice.once_in(2) { V_FLAG } else { V_FLAG | M_FLAG });
            dice.octets(3, &mut value);
            value.extend(if value.first() == Some(&V_FLAG) { [0; 6] } else { dice.array() });
            value.extend([0, odd(dice)]);
        }
        1 => dice.octets(4, &mut value),
        2 | 5 | 8 => dice.octets(2, &mut value),
        4 => {
            value.extend(COLOR);
            value.extend([odd(dice), 0]);
            dice.octets(4, &mut value);
        }
        6 => {
            value.extend([0; 4]);
            let afi = dice.below(3);
            value.extend([0, u8::try_from(afi).unwrap_or(0)]);
            dice.octets([0, 4, 16].get(afi).copied().unwrap_or(0), &mut value);
        }
        7 | 9 => value.push(dice.u8()),
        10 => (0..dice.below(4)).for_each(|_| value.extend([dice.u8(), dice.u8(), dice.u8() & 0xf1, odd(dice)])),
        12 => {
            value.extend([odd(dice), odd(dice)]);
            dice.octets(4, &mut value);
        }
        13 => {
            value.extend([if dice.once_in(2) { BINDING_FLAG } else { dice.u8() }, odd(dice)]);
            if !dice.once_in(3) {
                value.extend([dice.u8(), dice.u8(), dice.u8() & 0xf1, odd(dice)]);
            }
        }
        14 => value.extend([odd(dice), odd(dice), dice.u8() % 6]),
        15 => value.extend([dice.u8(), odd(dice)]),
        20 => {
            let structure = dice.once_in(2);
            value.extend([if structure { SRV6_B_FLAG } else { 0 } | odd(dice) & !SRV6_B_FLAG, odd(dice)]);
            dice.octets(16, &mut value);
            if structure {
                value.extend([0, dice.u8(), 0, odd(dice), 32, 16, 16, 0]);
            }
        }
        SEGMENT_LIST => {
            value.push(odd(dice));
            if !dice.once_in(4) {
                let weight = [WEIGHT, 6, odd(dice), 0, 0, 0, 0, dice.u8()];
                value.extend(weight);
            }
            (0..dice.below(5)).for_each(|_| segment::sample(dice, &mut value));
        }
        129 | 130 => {
            value.push(odd(dice));
            value.extend_from_slice(
                dice.pick(&["primary", "way 7", "", "caf\u{e9}", "a\"b\n", "0x12"]).map_or(b"", |t| t.as_bytes()),
            );
            if dice.once_in(8) {
                value.push(0xff);
            }
        }
        _ => {
            let n = dice.below(12);
            dice.octets(n, &mut value);
        }
    }
    if dice.once_in(12) {
        value.truncate(dice.below(value.len()));
    }
    write_sub_tlv(out, code, |out| out.extend_from_slice(&value));
}
