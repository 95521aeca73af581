//! Segments of an SR Policy's segment list (RFC 9830 §2.4.4.2, RFC 9831 §2): `type(1) length(1) value`, a value being
//! `flags(1) algorithm(1) field* [SID]`.
//!
//! A SID is an entry of a label stack, or an SRv6 SID with perhaps its endpoint behaviour and structure behind it.

use crate::dice::Dice;
use crate::family::Afi;
use crate::json::{self, Separator};
use crate::put;
use crate::put::{Hex, LowerHex, Put, Quoted};
use crate::read::Reader;
use crate::route::part;
use crate::text::{Diagnostic, Words};
use crate::value::digits;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The flag that says that the algorithm means something (RFC 9831 §2.10).
const A_FLAG: u8 = 0x40;
/// The flag that says that behaviour and structure are there.
const B_FLAG: u8 = 0x10;
/// The greatest label.
const MAX_LABEL: u64 = (1 << 20) - 1;
/// The bottom-of-stack bit, in the third octet of an entry.
const BOTTOM: u8 = 1;

/// A segment type: everything that differs from one to the next.
struct Spec {
    code: u8,
    /// As JSON has it.
    name: &'static str,
    word: &'static str,
    fields: &'static [Field],
    /// The second octet is an algorithm; otherwise it is reserved.
    algorithm: bool,
    sid: Sid,
}

/// A field between algorithm and SID.
struct Field {
    word: &'static str,
    json: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Interface,
    Ipv4,
    Ipv6,
}

/// What stands at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sid {
    /// A label, which is all there is.
    Label,
    /// An SRv6 SID, which is all there is.
    Srv6,
    /// Perhaps a label. Type C shows the whole entry, the others the label alone.
    MaybeLabel,
    /// Perhaps an SRv6 SID.
    MaybeSrv6,
}

const fn field(word: &'static str, json: &'static str, kind: Kind) -> Field {
    Field { word, json, kind }
}

const NODE_IPV4: &[Field] = &[field("ipv4", "ipv4_node", Kind::Ipv4)];
const NODE_IPV6: &[Field] = &[field("ipv6", "ipv6_node", Kind::Ipv6)];
const PAIR_IPV6: &[Field] = &[field("local", "local_ipv6", Kind::Ipv6), field("remote", "remote_ipv6", Kind::Ipv6)];
const LINK_IPV6: &[Field] = &[
    field("local-if-id", "local_if_id", Kind::Interface),
    field("local-ipv6", "local_ipv6", Kind::Ipv6),
    field("remote-if-id", "remote_if_id", Kind::Interface),
    field("remote-ipv6", "remote_ipv6", Kind::Ipv6),
];

const fn spec(code: u8, [name, word]: [&'static str; 2], fields: &'static [Field], algorithm: bool, sid: Sid) -> Spec {
    Spec { code, name, word, fields, algorithm, sid }
}

static SPECS: &[Spec] = &[
    spec(1, ["A", "type-a"], &[], false, Sid::Label),
    spec(13, ["B", "type-b"], &[], false, Sid::Srv6),
    spec(3, ["C", "type-c"], NODE_IPV4, true, Sid::MaybeLabel),
    spec(4, ["D", "type-d"], NODE_IPV6, true, Sid::MaybeLabel),
    spec(
        5,
        ["E", "type-e"],
        &[field("local-if-id", "local_if_id", Kind::Interface), field("ipv4", "ipv4_node", Kind::Ipv4)],
        false,
        Sid::MaybeLabel,
    ),
    spec(
        6,
        ["F", "type-f"],
        &[field("local", "local_ipv4", Kind::Ipv4), field("remote", "remote_ipv4", Kind::Ipv4)],
        false,
        Sid::MaybeLabel,
    ),
    spec(7, ["G", "type-g"], LINK_IPV6, false, Sid::MaybeLabel),
    spec(8, ["H", "type-h"], PAIR_IPV6, false, Sid::MaybeLabel),
    spec(14, ["I", "type-i"], NODE_IPV6, true, Sid::MaybeSrv6),
    spec(15, ["J", "type-j"], LINK_IPV6, true, Sid::MaybeSrv6),
    spec(16, ["K", "type-k"], PAIR_IPV6, true, Sid::MaybeSrv6),
];

impl Kind {
    fn size(self) -> usize {
        match self {
            Kind::Interface | Kind::Ipv4 => 4,
            Kind::Ipv6 => 16,
        }
    }
}

/// A segment taken apart.
struct Segment<'a> {
    spec: &'static Spec,
    flags: u8,
    algorithm: u8,
    fields: &'a [u8],
    /// Empty, a label's entry, or an SRv6 SID.
    sid: &'a [u8],
    /// Empty, or endpoint behaviour and structure.
    structure: &'a [u8],
}

impl<'a> Segment<'a> {
    /// `None` for an unknown type, and for a value that is too short or too long.
    fn read(code: u8, value: &'a [u8]) -> Option<Segment<'a>> {
        let spec = SPECS.iter().find(|spec| spec.code == code)?;
        let mut r = Reader::new(value, 0);
        let (flags, algorithm) = (r.u8("").ok()?, r.u8("").ok()?);
        let fields = r.take(spec.fields.iter().map(|field| field.kind.size()).sum(), "").ok()?;
        let (sid, structure) = match (spec.sid, r.len()) {
            (Sid::MaybeLabel | Sid::MaybeSrv6, 0) => (0, 0),
            (Sid::Label | Sid::MaybeLabel, 4) => (4, 0),
            (Sid::Srv6 | Sid::MaybeSrv6, 16) => (16, 0),
            (Sid::Srv6 | Sid::MaybeSrv6, 24) => (16, 8),
            _ => return None,
        };
        let behaves = matches!(spec.sid, Sid::Srv6 | Sid::MaybeSrv6) && flags & B_FLAG != 0;
        if behaves != (structure > 0) {
            return None;
        }
        Some(Segment { spec, flags, algorithm, fields, sid: r.take(sid, "").ok()?, structure: r.rest() })
    }

    /// The flags its other parts ask for.
    fn expected_flags(&self) -> u8 {
        expected_flags(self.spec.algorithm && self.algorithm != 0, !self.structure.is_empty())
    }

    /// Hands each field and its octets to `each`.
    fn each_field(&self, mut each: impl FnMut(&'static Field, Shown)) {
        let mut r = Reader::new(self.fields, 0);
        for field in self.spec.fields {
            let value = match field.kind {
                Kind::Interface => r.u32("").map(Shown::Interface),
                Kind::Ipv4 => r.ipv4("").map(Shown::Ipv4),
                Kind::Ipv6 => r.ipv6("").map(Shown::Ipv6),
            };
            let Ok(value) = value else { return };
            each(field, value);
        }
    }

    fn entry(&self) -> Option<[u8; 4]> {
        self.sid.as_array().copied()
    }

    fn srv6(&self) -> Option<Ipv6Addr> {
        self.sid.as_array::<16>().copied().map(Ipv6Addr::from)
    }
}

/// Tells of a segment field by field, and gives the name of its type.
pub(super) fn fields(code: u8, mut r: Reader<'_>) -> &'static str {
    let Some(spec) = SPECS.iter().find(|spec| spec.code == code) else { return "" };
    if Segment::read(code, r.rest()).is_some() {
        r.laid_out(if spec.algorithm { "flags(1x) algorithm(1)" } else { "flags(1x) reserved(1x)" });
        for field in spec.fields {
            r.field(
                field.word,
                match field.kind {
                    Kind::Interface => "4",
                    Kind::Ipv4 => "ipv4",
                    Kind::Ipv6 => "ipv6",
                },
            );
        }
        r.laid_out(match spec.sid {
            Sid::Label | Sid::MaybeLabel => "label-stack-entry(label)",
            Sid::Srv6 | Sid::MaybeSrv6 => {
                "SID(ipv6) endpoint-behavior(2) reserved(2x) locator-block-length(1) locator-node-length(1) function-length(1) argument-length(1)"
            }
        });
    }
    spec.word
}

/// The value of a field.
enum Shown {
    Interface(u32),
    Ipv4(Ipv4Addr),
    Ipv6(Ipv6Addr),
}

impl Put for Shown {
    fn put(&self, out: &mut String) {
        match self {
            Shown::Interface(n) => n.put(out),
            Shown::Ipv4(a) => a.put(out),
            Shown::Ipv6(a) => a.put(out),
        }
    }
}

fn expected_flags(algorithm: bool, structure: bool) -> u8 {
    (if algorithm { A_FLAG } else { 0 }) | (if structure { B_FLAG } else { 0 })
}

/// True for a segment whose label gets the bottom-of-stack bit if it is the last such segment of its list.
pub(super) fn ends_stack(code: u8, value: &[u8]) -> bool {
    let may = matches!(code, 1 | 3);
    may && Segment::read(code, value).is_some_and(|segment| segment.entry().is_some())
}

/// Appends `{"type": "A", "label": 16001, …}`; octets for what is no segment.
pub(super) fn json(code: u8, value: &[u8], out: &mut String) {
    let Some(segment) = Segment::read(code, value) else {
        return put!(out, "{\"code\": ", code, ", \"parsed\": false, \"raw\": ", Quoted(Hex(value)), '}');
    };
    put!(out, "{\"type\": ", Quoted(segment.spec.name));
    segment.each_field(|field, value| match field.kind {
        Kind::Interface => json::member(out, field.json, value),
        Kind::Ipv4 | Kind::Ipv6 => json::member(out, field.json, Quoted(value)),
    });
    if segment.spec.algorithm {
        json::member(out, "algorithm", segment.algorithm);
    }
    if let Some(entry) = segment.entry() {
        let key = if segment.spec.sid == Sid::Label { "label" } else { "sid" };
        json::member(out, key, label(entry));
        if segment.spec.code <= 3 {
            let [_, _, c, ttl] = entry;
            json::member(out, "tc", (c >> 1) & 7);
            json::member(out, "s", c & BOTTOM != 0);
            json::member(out, "ttl", ttl);
        }
    }
    if let Some(sid) = segment.srv6() {
        json::member(out, "sid", Quoted(sid));
    }
    if let Some(structure) = segment.structure.as_array() {
        out.push_str(", \"endpoint-behavior\": {");
        structure_json(structure, out);
        out.push('}');
    }
    out.push('}');
}

/// Appends what the text encoder prints for it, if it is a segment.
pub(super) fn text(code: u8, value: &[u8], out: &mut String) -> Option<()> {
    let segment = Segment::read(code, value)?;
    match segment.spec.sid {
        Sid::Label => json::number(out, label(segment.entry()?)),
        Sid::Srv6 => segment.srv6()?.put(out),
        Sid::MaybeLabel | Sid::MaybeSrv6 => {
            let mut arrow = Separator::new("->");
            let mut interface = false;
            segment.each_field(|_, value| {
                if !std::mem::take(&mut interface) {
                    arrow.next(out);
                }
                match value {
                    Shown::Interface(n) => {
                        interface = true;
                        put!(out, "if", n, ':');
                    }
                    address => address.put(out),
                }
            });
        }
    }
    Some(())
}

/// Appends ` segment type-a mpls 16001`. `bottom`: the bottom-of-stack bit is what [`parse`] would make it here.
pub(super) fn words(code: u8, value: &[u8], bottom: bool, out: &mut String) {
    let start = out.len();
    out.push_str(" segment ");
    if typed_words(code, value, bottom, out).is_none() {
        out.truncate(start);
        put!(out, " segment type-", code, " 0x", Hex(value));
    }
}

fn typed_words(code: u8, value: &[u8], bottom: bool, out: &mut String) -> Option<()> {
    let segment = Segment::read(code, value)?;
    if segment.algorithm != 0 && !segment.spec.algorithm {
        return None; // a reserved octet that is not zero
    }
    out.push_str(segment.spec.word);
    segment.each_field(|field, value| {
        put!(out, ' ', field.word, ' ', value);
    });
    if segment.spec.algorithm {
        put!(out, " algorithm ", segment.algorithm);
    }
    if let Some(entry) = segment.entry() {
        out.push_str(if segment.spec.sid == Sid::Label { " mpls " } else { " sid " });
        entry_words(entry, bottom, out);
    }
    if let Some(sid) = segment.srv6() {
        put!(out, ' ', if segment.spec.sid == Sid::Srv6 { "srv6" } else { "sid" }, ' ', sid);
    }
    structure_words(segment.structure, out)?;
    flags_words(segment.flags, segment.expected_flags(), out);
    Some(())
}

/// Reads what stands behind `segment` and appends it. For a segment that [`ends_stack`]: whether its label is to get the
/// bottom-of-stack bit if no other such segment follows, or was written octet for octet.
pub(super) fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<Option<bool>, Diagnostic> {
    let word = words.expect("the type of the segment")?;
    let Some(spec) = SPECS.iter().find(|spec| spec.word == word.text) else {
        let code: Option<u8> = word.text.strip_prefix("type-").and_then(digits);
        let Some(code) = code else {
            let error = word.error(format!("`{}` is no type of segment", word.text));
            return Err(error.suggest(&word.text, SPECS.iter().map(|spec| spec.word)));
        };
        let value = part::raw("the segment", words)?;
        super::write_sub_tlv(out, code & 127, |out| out.extend_from_slice(&value))
            .filter(|()| code < 128)
            .ok_or_else(|| word.error("a segment has a type below 128 and at most 255 octets"))?;
        return Ok(ends_stack(code, &value).then_some(false));
    };
    let mut value = vec![0, 0];
    for field in spec.fields {
        words_expect(words, field.word)?;
        parse_field(field, words, &mut value)?;
    }
    let mut algorithm = 0;
    if spec.algorithm {
        words_expect(words, "algorithm")?;
        algorithm = octet("algorithm", words)?;
    }
    let sid = match spec.sid {
        Sid::Label => words_expect(words, "mpls").map(|()| true)?,
        Sid::Srv6 => words_expect(words, "srv6").map(|()| true)?,
        Sid::MaybeLabel | Sid::MaybeSrv6 => words.accept("sid"),
    };
    let mut decimal = false;
    let mut structure = false;
    match spec.sid {
        Sid::Label | Sid::MaybeLabel if sid => decimal = parse_entry(words, &mut value)?,
        Sid::Srv6 | Sid::MaybeSrv6 if sid => {
            parse_srv6(words, &mut value)?;
            structure = parse_structure(words, &mut value)?;
        }
        _ => {}
    }
    let flags = parse_flags(words)?.unwrap_or(expected_flags(algorithm != 0, structure));
    if let [first, second, ..] = &mut *value {
        (*first, *second) = (flags, algorithm);
    }
    super::write_sub_tlv(out, spec.code, |out| out.extend_from_slice(&value));
    Ok(ends_stack(spec.code, &value).then_some(decimal))
}

fn parse_field(field: &Field, words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let afi = match field.kind {
        Kind::Interface => {
            let n = part::number(field.word, words, u32::MAX.into())?;
            out.extend(n.to_be_bytes().iter().skip(4));
            return Ok(());
        }
        Kind::Ipv4 => Afi::IPV4,
        Kind::Ipv6 => Afi::IPV6,
    };
    match part::address(field.word, words, Some(afi))? {
        std::net::IpAddr::V4(a) => out.extend(a.octets()),
        std::net::IpAddr::V6(a) => out.extend(a.octets()),
    }
    Ok(())
}

/// Takes the word that has to come next.
fn words_expect(words: &mut Words<'_>, word: &str) -> Result<(), Diagnostic> {
    let found = words.expect(&format!("`{word}`"))?;
    if found.text == word {
        return Ok(());
    }
    Err(found.error(format!("`{}` stands where `{word}` belongs", found.text)).help(format!("write `{word}` first")))
}

fn octet(what: &str, words: &mut Words<'_>) -> Result<u8, Diagnostic> {
    part::number(what, words, 0xff).map(|n| u8::try_from(n).unwrap_or(0))
}

/// The label of an entry.
pub(super) fn label([a, b, c, _]: [u8; 4]) -> u32 {
    u32::from_be_bytes([0, a, b, c]) >> 4
}

/// Appends `16001`, or the octets where anything but label and `bottom` is set.
pub(super) fn entry_words(entry: [u8; 4], bottom: bool, out: &mut String) {
    if u32::from_be_bytes(entry) & 0xfff == if bottom { 0x100 } else { 0 } {
        json::number(out, label(entry));
    } else {
        put!(out, "0x", Hex(&entry));
    }
}

/// Reads a label, which has nothing else set, or `0x` and eight digits. True if it was a label.
pub(super) fn parse_entry(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<bool, Diagnostic> {
    if let Some(word) = words.peek()
        && word.text.len() == 10
        && word.text.starts_with("0x")
    {
        out.extend(part::raw("the label", words)?);
        return Ok(false);
    }
    let label = part::number("label", words, MAX_LABEL)? << 12;
    out.extend(label.to_be_bytes().iter().skip(4));
    Ok(true)
}

/// Sets the bottom-of-stack bit of the entry that ends at `end`.
pub(super) fn set_bottom(out: &mut [u8], end: usize) {
    if let Some(octet) = end.checked_sub(2).and_then(|at| out.get_mut(at)) {
        *octet |= BOTTOM;
    }
}

/// Reads an SRv6 SID.
pub(super) fn parse_srv6(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    match part::address("SRv6 SID", words, Some(Afi::IPV6))? {
        std::net::IpAddr::V6(a) => out.extend(a.octets()),
        std::net::IpAddr::V4(_) => {}
    }
    Ok(())
}

/// Reads `endpoint-behavior CODE LB LN FUN ARG`, if it is there (RFC 9830 §2.4.4.2.4).
pub(super) fn parse_structure(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<bool, Diagnostic> {
    if !words.accept("endpoint-behavior") {
        return Ok(false);
    }
    let code = part::number("endpoint behavior", words, 0xffff)?;
    out.extend(code.to_be_bytes().iter().skip(6));
    out.extend([0, 0]);
    for length in ["locator block length", "locator node length", "function length", "argument length"] {
        out.push(octet(length, words)?);
    }
    Ok(true)
}

/// Appends ` endpoint-behavior 65 32 0 16 0`, nothing for nothing; `None` if reserved octets are not zero.
pub(super) fn structure_words(structure: &[u8], out: &mut String) -> Option<()> {
    if structure.is_empty() {
        return Some(());
    }
    let [a, b, 0, 0, block, node, function, argument] = *structure.as_array::<8>()? else { return None };
    let code = u16::from_be_bytes([a, b]);
    put!(out, " endpoint-behavior ", code, ' ', block, ' ', node, ' ', function, ' ', argument);
    Some(())
}

/// Appends `"behavior": 65, "lb-length": 32, …`.
pub(super) fn structure_json(structure: &[u8; 8], out: &mut String) {
    let [a, b, _, _, block, node, function, argument] = structure;
    let code = u16::from_be_bytes([*a, *b]);
    put!(out, "\"behavior\": ", code);
    json::member(out, "lb-length", block);
    json::member(out, "ln-length", node);
    json::member(out, "fun-length", function);
    json::member(out, "arg-length", argument);
}

/// Reads `flags 0xNN`, if it is there.
pub(super) fn parse_flags(words: &mut Words<'_>) -> Result<Option<u8>, Diagnostic> {
    if words.accept("flags") { octet("flags", words).map(Some) } else { Ok(None) }
}

/// Appends ` flags 0xNN`, unless they are what is expected.
pub(super) fn flags_words(flags: u8, expected: u8, out: &mut String) {
    if flags != expected {
        put!(out, " flags 0x", LowerHex(&[flags]));
    }
}

/// Appends a segment, most of them sound.
pub(super) fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
    let Some(spec) = dice.pick(SPECS) else { return };
    let mut flags = if dice.once_in(4) { dice.u8() & !B_FLAG } else { 0 };
    let algorithm = if dice.once_in(2) || !spec.algorithm && !dice.once_in(8) { 0 } else { dice.u8() };
    let mut rest = Vec::new();
    dice.octets(spec.fields.iter().map(|field| field.kind.size()).sum(), &mut rest);
    match spec.sid {
        Sid::MaybeLabel | Sid::MaybeSrv6 if dice.once_in(2) => {}
        Sid::Label | Sid::MaybeLabel => {
            dice.octets(2, &mut rest);
            let [c, ttl] = dice.array();
            rest.extend(if dice.once_in(3) { [c, ttl] } else { [c & 0xf1, 0] });
        }
        Sid::Srv6 | Sid::MaybeSrv6 => {
            dice.octets(16, &mut rest);
            if dice.once_in(2) {
                flags |= B_FLAG;
                rest.extend([0, dice.u8(), 0, 0, 32, 16, 16, if dice.once_in(4) { dice.u8() } else { 0 }]);
            }
        }
    }
    let mut value = vec![flags, algorithm];
    value.extend(rest);
    if dice.once_in(12) {
        value.truncate(dice.below(value.len()));
    }
    let code = if dice.once_in(12) { dice.u8() & 127 } else { spec.code };
    super::write_sub_tlv(out, code, |out| out.extend_from_slice(&value));
}
