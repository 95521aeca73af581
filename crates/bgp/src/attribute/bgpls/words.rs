//! The attribute in words: `bgp-ls [ node-name r1 sr-algorithms [ 0 1 ] tlv 9999 0xdead ]`.
//!
//! TLVs are sent in the order they are written in. Reading the words of a received attribute gives the same octets:
//! where the words of a row would not, `tlv N 0x…` says it. Names are bare words of harmless characters or they are octets,
//! so that nothing a peer calls its nodes can be taken for anything else.

use super::form::{Field, Form, Kind, Row, address, float, number, ranges, sids};
use super::rows::{ROWS, row, row_of_word};
use crate::family::Afi;
use crate::put;
use crate::put::{LowerHex, Put};
use crate::route::part;
use crate::text::{Diagnostic, Grammar, Word, Words, hex};
use crate::value::tlv::Tlv;
use std::fmt::Write as _;
use std::net::IpAddr;

/// TLVs inside of TLVs, so deep at most.
pub(super) const DEEPEST: u8 = 3;

/// Appends `bgp-ls [ … ]`.
pub(super) fn write(value: &[u8], out: &mut String) {
    out.push_str("bgp-ls [");
    write_tlvs(value, 0, out);
    out.push_str(" ]");
}

fn write_tlvs(octets: &[u8], depth: u8, out: &mut String) {
    for tlv in Tlv::each(octets) {
        out.push(' ');
        write_at(tlv, depth, out);
    }
}

/// Appends the words of one TLV.
pub(super) fn write_tlv(tlv: Tlv<'_>, out: &mut String) {
    write_at(tlv, 0, out);
}

fn write_at(tlv: Tlv<'_>, depth: u8, out: &mut String) {
    let start = out.len();
    if let Some(row) = row(tlv.kind).filter(|row| depth < DEEPEST && row.fits(tlv.value).is_ok()) {
        write_typed(row, tlv.value, depth, out);
    }
    if !reads_as(out.get(start..).unwrap_or(""), tlv, depth) {
        out.truncate(start);
        put!(out, "tlv ", tlv.kind, " 0x", LowerHex(tlv.value));
    }
}

/// Reading the words gives this TLV and nothing else.
fn reads_as(text: &str, tlv: Tlv<'_>, depth: u8) -> bool {
    let mut words = Words::new(text, 0, Grammar::Line);
    let mut back = Vec::new();
    let read = words.next().is_some_and(|word| read_tlv(&word, &mut words, depth, &mut back).is_ok());
    let mut found = Tlv::each(&back);
    read && words.next().is_none() && found.next() == Some(tlv)
}

fn write_typed(row: &Row, value: &[u8], depth: u8, out: &mut String) {
    out.push_str(row.word);
    match row.form {
        Form::Octets => {}
        Form::Plain(at, kind) => {
            let octets = match kind.width() {
                Some(width) => value.get(at..at + width),
                None => value.get(at..),
            };
            out.push(' ');
            write_kind(kind, octets.unwrap_or(&[]), out);
        }
        Form::Fields(_, fields) => {
            out.push_str(" [");
            for field in fields {
                let octets = field.octets(value, &row.form);
                match field.kind {
                    Kind::Sids(both) => {
                        let flags = value.first().copied().unwrap_or(0);
                        for sid in sids(flags, both, octets).0 {
                            out.push(' ');
                            write_kind(Kind::SidLabel, sid, out);
                        }
                    }
                    Kind::Undecoded(_) => {}
                    Kind::Ranges => {
                        for (size, sid) in ranges(octets).flatten() {
                            put!(out, " range ", size, ' ');
                            write_kind(Kind::SidLabel, sid, out);
                        }
                    }
                    Kind::SubTlvs => write_tlvs(octets, depth + 1, out),
                    kind => {
                        put!(out, ' ', field.word, ' ');
                        write_kind(kind, octets, out);
                    }
                }
            }
            out.push_str(" ]");
        }
    }
}

pub(super) fn write_kind(kind: Kind, octets: &[u8], out: &mut String) {
    let n = number(octets);
    match kind {
        Kind::Number(_) | Kind::Loss | Kind::NoFlags => n.put(out),
        Kind::Metric if octets.len() == 3 => n.put(out),
        Kind::Float => _ = write!(out, "{:?}", float(octets)),
        Kind::Flag => (n >> 7).put(out),
        Kind::Flags(width, names, _) => {
            out.push('[');
            for (bit, name) in (0..width * 8).rev().zip(names) {
                if n >> bit & 1 == 1 {
                    out.push(' ');
                    out.extend(name.chars().map(|c| if c == ' ' { '-' } else { c }));
                }
            }
            out.push_str(" ]");
        }
        Kind::Ipv4 | Kind::Ipv6 | Kind::Address => address(octets).iter().for_each(|addr| addr.put(out)),
        Kind::Neighbor if octets.len() == 4 => write_kind(Kind::Ipv4, octets, out),
        Kind::SystemId | Kind::Neighbor => dotted(octets, 0, out),
        Kind::Area => dotted(octets, 1, out),
        Kind::Text => out.push_str(std::str::from_utf8(octets).ok().filter(|text| is_plain(text)).unwrap_or("")),
        Kind::Metric | Kind::Opaque => put!(out, "0x", LowerHex(octets)),
        Kind::Msd => put!(out, n >> 8, ':', n & 0xff),
        Kind::SidLabel => put!(out, if octets.len() == 3 { "label " } else { "sid " }, n),
        Kind::Each(kind, _) => {
            out.push('[');
            for octets in octets.chunks(kind.width().unwrap_or(1)) {
                out.push(' ');
                write_kind(*kind, octets, out);
            }
            out.push_str(" ]");
        }
        Kind::Sids(_) | Kind::Undecoded(_) | Kind::Ranges | Kind::SubTlvs => {}
    }
}

/// A word everywhere, whatever the grammar.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/@+".contains(&b))
}

/// Appends `49.0001`: so many octets alone, the others in pairs.
pub(crate) fn dotted(octets: &[u8], alone: usize, out: &mut String) {
    let (first, pairs) = octets.split_at_checked(alone).unwrap_or((octets, &[]));
    LowerHex(first).put(out);
    for (i, pair) in pairs.chunks(2).enumerate() {
        if i + alone > 0 {
            out.push('.');
        }
        LowerHex(pair).put(out);
    }
}

/// Reads `[ … ]`.
pub(super) fn read(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    if !words.accept("[") {
        let here = words.here();
        return Err(Diagnostic::error(here, "link-state attributes are written in brackets")
            .help("such as bgp-ls [ node-name r1 ]"));
    }
    each_until_bracket(words, |word, words| read_tlv(word, words, 0, out))
}

/// Calls `each` for the first word of each item, up to `]`; commas are decoration.
fn each_until_bracket(
    words: &mut Words<'_>,
    mut each: impl FnMut(&Word<'_>, &mut Words<'_>) -> Result<(), Diagnostic>,
) -> Result<(), Diagnostic> {
    loop {
        let word = words.expect("`]`")?;
        match &*word.text {
            "]" => return Ok(()),
            "," => {}
            _ => each(&word, words)?,
        }
    }
}

/// Reads a TLV whose first word was read, and appends it.
fn read_tlv(word: &Word<'_>, words: &mut Words<'_>, depth: u8, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let mut value = Vec::new();
    let kind = if word.text == "tlv" {
        let kind = part::number("type of a TLV", words, 0xffff)?;
        value = part::raw("the TLV", words)?;
        u16::try_from(kind).unwrap_or(0)
    } else {
        let Some(row) = row_of_word(&word.text) else {
            let known = ROWS.iter().map(|row| row.word).filter(|word| !word.is_empty()).chain(["tlv"]);
            return Err(word.error(format!("`{}` is no link-state attribute", word.text)).suggest(&word.text, known));
        };
        read_value(row, words, depth, &mut value)?;
        row.fits(&value).map_err(|why| word.error(format!("`{}` has a wrong length: {why}", word.text)))?;
        row.code
    };
    Tlv { kind, value: &value }.push(out).map_err(|_| word.error("the TLV is longer than its length can say"))
}

fn read_value(row: &Row, words: &mut Words<'_>, depth: u8, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    match row.form {
        Form::Octets => Err(Diagnostic::error(words.last(), "this TLV has no words").help("tlv N 0x…")),
        Form::Plain(at, kind) => {
            out.resize(at, 0);
            read_kind(kind, row.word, words, out)?;
            if kind.width().is_some() {
                out.resize(row.lengths.min().max(out.len()), 0);
            }
            Ok(())
        }
        Form::Fields(fixed, fields) => read_fields(row, fixed, fields, words, depth, out),
    }
}

/// Reads `[ field value … ]`. Numbers and flags that are not said are zero.
fn read_fields(
    row: &Row,
    fixed: usize,
    fields: &'static [Field],
    words: &mut Words<'_>,
    depth: u8,
    out: &mut Vec<u8>,
) -> Result<(), Diagnostic> {
    if !words.accept("[") {
        let here = words.here();
        return Err(Diagnostic::error(here, format!("the fields of `{}` are written in brackets", row.word)));
    }
    let mut tail = Vec::new();
    let mut said: Vec<&str> = Vec::new();
    let mut cut = None;
    let mut labels = None;
    out.resize(fixed, 0);
    each_until_bracket(words, |word, words| {
        let field = fields.iter().find(|field| match field.kind {
            Kind::Sids(_) => matches!(&*word.text, "sid" | "label"),
            Kind::SubTlvs | Kind::Undecoded(_) => false,
            _ => field.word == word.text,
        });
        match field {
            Some(Field { kind: Kind::Sids(both), .. }) => {
                labels = Some((*both, word.text == "label", word.span));
                return read_sid(word, words, &mut tail);
            }
            Some(Field { kind: Kind::Ranges, .. }) => return read_range(words, &mut tail),
            Some(field) if said.contains(&field.word) => {
                return Err(word.error(format!("`{}` is there twice", word.text)).help("keep one of them"));
            }
            Some(field) => {
                said.push(field.word);
                let mut octets = Vec::new();
                read_kind(field.kind, field.word, words, &mut octets)?;
                let places = out.get_mut(field.at..).unwrap_or_default();
                places.iter_mut().zip(&octets).for_each(|(to, from)| *to = *from);
                if matches!(field.kind, Kind::Neighbor) && octets.len() == 4 {
                    cut = Some(field.at + 4);
                }
                return Ok(());
            }
            None => {}
        }
        if depth + 1 < DEEPEST && fields.iter().any(|field| matches!(field.kind, Kind::SubTlvs)) {
            return read_tlv(word, words, depth + 1, &mut tail);
        }
        let known = fields.iter().map(|field| field.word).filter(|word| !word.is_empty());
        Err(word.error(format!("`{}` is no field of `{}`", word.text, row.word)).suggest(&word.text, known))
    })?;
    // flags tell labels from indices: they follow, unless they were said
    if let (Some((both, label, at)), Some(flags)) = (labels, out.first_mut()) {
        let fitting = if label { both } else { 0 };
        if !said.contains(&"flags") {
            *flags = fitting;
        } else if *flags & both != fitting {
            let error = Diagnostic::error(at, "these flags do not go with it");
            return Err(error.help("`label` goes with flags V and L, `sid` with neither; without `flags` they follow"));
        }
    }
    let needed = |field: &&Field| matches!(field.kind, Kind::Ipv4 | Kind::Ipv6 | Kind::SystemId | Kind::Neighbor);
    if let Some(field) = fields.iter().filter(needed).find(|field| !said.contains(&field.word)) {
        return Err(Diagnostic::error(words.last(), format!("`{}` is missing in `{}`", field.word, row.word)));
    }
    if let Some(at) = cut {
        out.truncate(at);
    }
    out.extend_from_slice(&tail);
    Ok(())
}

/// Reads the number of a `label` (three octets) or `sid` (four).
fn read_sid(word: &Word<'_>, words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    match &*word.text {
        "label" => push_number(part::number("label", words, 0xff_ffff)?, 3, out),
        "sid" => push_number(part::number("sid", words, 0xffff_ffff)?, 4, out),
        _ => return Err(word.error(format!("`{}` is neither `label` nor `sid`", word.text))),
    }
    Ok(())
}

/// Reads `8000 label 16000`.
fn read_range(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    const SID_LABEL: u16 = 1161;
    push_number(part::number("size of the range", words, 0xff_ffff)?, 3, out);
    let word = words.expect("`label` or `sid`")?;
    let mut value = Vec::new();
    read_sid(&word, words, &mut value)?;
    let _ = Tlv { kind: SID_LABEL, value: &value }.push(out);
    Ok(())
}

fn read_kind(kind: Kind, what: &str, words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    match kind {
        Kind::Number(width) => push_number(part::number(what, words, max(width))?, width, out),
        Kind::Loss => push_number(part::number(what, words, max(3))?, 3, out),
        Kind::NoFlags => push_number(part::number(what, words, max(1))?, 1, out),
        Kind::Flag => push_number(part::number(what, words, 1)? << 7, 1, out),
        Kind::Metric => {
            // hexadecimal says how wide it is
            let octets = words.peek().and_then(|word| hex(word.text.strip_prefix("0x")?));
            match octets {
                Some(octets) => {
                    words.next();
                    out.extend_from_slice(&octets);
                }
                None => push_number(part::number(what, words, max(3))?, 3, out),
            }
        }
        Kind::Float => {
            let word = words.expect(&format!("the {what}"))?;
            let n: Option<f32> = word.text.parse().ok().filter(|n: &f32| n.is_finite());
            let n = n.ok_or_else(|| word.error(format!("`{}` is no number", word.text)).help("octets a second"))?;
            out.extend_from_slice(&n.to_bits().to_be_bytes());
        }
        Kind::Flags(width, names, _) => push_number(read_flags(width, names, what, words)?, width, out),
        Kind::Ipv4 => push_address(part::address(what, words, Some(Afi::IPV4))?, out),
        Kind::Ipv6 => push_address(part::address(what, words, Some(Afi::IPV6))?, out),
        Kind::Address => push_address(part::address(what, words, None)?, out),
        Kind::SystemId => out.extend(read_dotted(what, words, "0001.0002.0003", |n| n == 6)?),
        Kind::Neighbor => match words.peek().and_then(|word| word.text.parse::<IpAddr>().ok()) {
            Some(IpAddr::V4(_)) => push_address(part::address(what, words, Some(Afi::IPV4))?, out),
            _ => out.extend(read_dotted(what, words, "0001.0002.0003, or an IPv4 address", |n| n == 6)?),
        },
        Kind::Area => out.extend(read_dotted(what, words, "49.0001", |n| n > 0)?),
        Kind::Text => {
            let word = words.expect(&format!("the {what}"))?;
            let text = word.text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&word.text);
            out.extend_from_slice(text.as_bytes());
        }
        Kind::Opaque => out.extend(part::raw(what, words)?),
        Kind::Msd => {
            let word = words.expect(&format!("the {what}"))?;
            let pair = word.text.split_once(':').and_then(|(a, b)| Some([a.parse().ok()?, b.parse().ok()?]));
            let pair: [u8; 2] = pair.ok_or_else(|| {
                word.error(format!("`{}` is no maximum SID depth", word.text)).help("TYPE:DEPTH, such as 1:10")
            })?;
            out.extend_from_slice(&pair);
        }
        Kind::SidLabel => {
            let word = words.expect("`label` or `sid`")?;
            read_sid(&word, words, out)?;
        }
        Kind::Each(kind, _) if words.accept("[") => loop {
            if words.accept("]") {
                break;
            }
            if !words.accept(",") {
                read_kind(*kind, what, words, out)?;
            }
        },
        Kind::Each(kind, _) => read_kind(*kind, what, words, out)?,
        Kind::Sids(_) | Kind::Undecoded(_) | Kind::Ranges | Kind::SubTlvs => {}
    }
    Ok(())
}

/// Reads `[ V L ]`, or the bits as a number.
fn read_flags(width: usize, names: &[&str], what: &str, words: &mut Words<'_>) -> Result<u64, Diagnostic> {
    if !words.accept("[") {
        return part::number(what, words, max(width));
    }
    let mut set = 0;
    each_until_bracket(words, |word, _| {
        let name = |known: &&str| known.replace(' ', "-").eq_ignore_ascii_case(&word.text);
        let place = names.iter().position(name).ok_or_else(|| {
            // of single letters, the nearest is as good as any
            let known = names.iter().filter(|known| !known.is_empty()).map(|known| known.replace(' ', "-"));
            let known = known.collect::<Vec<_>>().join(" ");
            word.error(format!("`{}` is no flag of {what}", word.text)).help(format!("valid here: {known}"))
        })?;
        set |= 1 << (width * 8).saturating_sub(place + 1);
        Ok(())
    })?;
    Ok(set)
}

/// Reads hexadecimal digits with dots between them.
fn read_dotted(
    what: &str,
    words: &mut Words<'_>,
    form: &str,
    fits: impl Fn(usize) -> bool,
) -> Result<Vec<u8>, Diagnostic> {
    let word = words.expect(&format!("the {what}"))?;
    let octets = hex(&word.text.replace('.', "")).filter(|octets| fits(octets.len()));
    octets.ok_or_else(|| word.error(format!("`{}` is no {what}", word.text)).help(format!("such as {form}")))
}

fn max(width: usize) -> u64 {
    u64::MAX.checked_shr(64u32.saturating_sub(8 * u32::try_from(width).unwrap_or(8))).unwrap_or(0)
}

fn push_number(n: u64, width: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(n.to_be_bytes().get(8usize.saturating_sub(width)..).unwrap_or(&[]));
}

fn push_address(address: IpAddr, out: &mut Vec<u8>) {
    match address {
        IpAddr::V4(a) => out.extend_from_slice(&a.octets()),
        IpAddr::V6(a) => out.extend_from_slice(&a.octets()),
    }
}
