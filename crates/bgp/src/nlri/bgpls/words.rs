//! NLRI in words: `node protocol isis-l2 identifier 0 local [ asn 65000 igp-router-id 0001.0002.0003 ]`.
//!
//! In which order descriptors are written does not matter: they are sent in the one RFC 9552 §5.1 asks for. What was
//! received in another order, or is malformed, is therefore said as `raw` octets.

use super::super::opaque::raw_words;
use super::rows::{
    IN_NODE, IPV4_PREFIX, KINDS, PROTOCOLS, ROUTE_TYPES, ROWS, Row, Value, kind_of, protocol_name, row_in,
};
use super::view::{RouterId, View};
use crate::attribute::bgpls::{address, dotted, number};
use crate::family::Afi;
use crate::put;
use crate::put::{LowerHex, Put};
use crate::route::{Draft, Keyword, part};
use crate::text::{Diagnostic, Grammar, Word, Words, hex};
use crate::value::tlv::Tlv;
use crate::value::{Prefix, digits};
use std::net::{IpAddr, Ipv4Addr};

/// What the type of an NLRI is kept as in a draft.
const TYPE: &str = "type of NLRI";

const TLV: Keyword = Keyword::part("tlv", "N 0xOCTETS", "any descriptor, as octets", |draft, word, words| {
    let mut octets = Vec::new();
    read_raw(words, &mut octets)?;
    draft.add_part(word, &octets);
    Ok(())
})
.repeats();

const fn descriptor(word: &'static str, value: &'static str, doc: &'static str) -> Keyword {
    Keyword::part(word, value, doc, |draft, word, words| {
        let mut octets = Vec::new();
        let of = kind_said(draft).map_or(0, |kind| kind.code);
        read_descriptor(word, of, words, &mut octets)?;
        draft.add_part(word, &octets);
        Ok(())
    })
}

const PROTOCOL: Keyword =
    Keyword::part("protocol", "NAME | N", "where it comes from: isis-l2, ospfv2, bgp …", protocol);
const IDENTIFIER: Keyword = Keyword::part("identifier", "N", "the instance of the protocol; 0 if not said", part::u64);
const NODE_VALUE: &str = "[ asn N bgp-ls-id N ospf-area-id A.B.C.D igp-router-id ID bgp-router-id A.B.C.D confederation-member N tlv N 0x… ]";

const LOCAL: Keyword = descriptor("local", NODE_VALUE, "the node, or the near end of a link");
const REMOTE: Keyword = descriptor("remote", NODE_VALUE, "the far end of a link");
const IDENTIFIERS: Keyword = descriptor("link-identifiers", "LOCAL:REMOTE", "numbers of a link's ends").repeats();
const INTERFACE: Keyword = descriptor("interface-address", "IP", "an address of a link's near end").repeats();
const NEIGHBOR: Keyword = descriptor("neighbor-address", "IP", "an address of a link's far end").repeats();
const TOPOLOGY: Keyword = descriptor("multi-topology", "N | [ N… ]", "topology identifiers").repeats();
const ROUTE_TYPE: Keyword = descriptor("ospf-route-type", "NAME | N", "how OSPF knows a prefix: intra-area …");
const REACHABILITY: Keyword = descriptor("ip-reachability", "PREFIX", "the prefix");
const SID: Keyword = descriptor("sid", "IPv6", "the SRv6 SID");

/// Keywords of a link-state route.
pub(super) const KEYWORDS: &[Keyword] = &[
    PROTOCOL,
    IDENTIFIER,
    LOCAL,
    REMOTE,
    IDENTIFIERS,
    INTERFACE,
    NEIGHBOR,
    TOPOLOGY,
    ROUTE_TYPE,
    REACHABILITY,
    SID,
    TLV,
];

/// The same in a VPN.
pub(super) const VPN_KEYWORDS: &[Keyword] = &[
    PROTOCOL,
    IDENTIFIER,
    LOCAL,
    REMOTE,
    IDENTIFIERS,
    INTERFACE,
    NEIGHBOR,
    TOPOLOGY,
    ROUTE_TYPE,
    REACHABILITY,
    SID,
    TLV,
    Keyword::part("rd", "ASN:N | IPv4:N", "route distinguisher", part::rd),
];

/// Appends the words of an NLRI.
pub(super) fn write(nlri: &[u8], has_rd: bool, out: &mut String) {
    let view = View::read(nlri, has_rd).ok().and_then(|view| Some((kind_of(view.kind)?, view)));
    let Some((kind, view)) = view else { return raw_words(nlri, out) };
    put!(out, kind.word, " protocol ");
    match protocol_name(view.protocol) {
        Some(name) => out.push_str(name),
        None => view.protocol.put(out),
    }
    put!(out, " identifier ", view.identifier);
    write_tlvs(view.tlvs, view.kind, out);
    if let Some(rd) = view.rd {
        put!(out, " rd ", rd.words());
    }
}

/// Appends descriptors of an NLRI or of a node.
fn write_tlvs(octets: &[u8], of: u16, out: &mut String) {
    for tlv in Tlv::each(octets) {
        out.push(' ');
        let start = out.len();
        if let Some(row) = row_in(tlv.kind, of) {
            put!(out, row.word, ' ');
            write_value(row.value, tlv.value, of, out);
        }
        if !reads_as(out.get(start..).unwrap_or(""), tlv, of) {
            out.truncate(start);
            put!(out, "tlv ", tlv.kind, " 0x", LowerHex(tlv.value));
        }
    }
}

/// Reading the words gives this TLV and nothing else.
fn reads_as(text: &str, tlv: Tlv<'_>, of: u16) -> bool {
    let mut words = Words::new(text, 0, Grammar::Line);
    let mut back = Vec::new();
    let row = words.next().and_then(|word| ROWS.iter().find(|row| row.word == word.text));
    row.is_some_and(|row| read_descriptor(row.word, of, &mut words, &mut back).is_ok())
        && words.next().is_none()
        && Tlv::each(&back).next() == Some(tlv)
}

fn write_value(value: Value, octets: &[u8], of: u16, out: &mut String) {
    match value {
        Value::Node => {
            out.push('[');
            write_tlvs(octets, 0, out);
            out.push_str(" ]");
        }
        Value::Identifiers => {
            let (local, remote) = octets.split_at_checked(4).unwrap_or_default();
            put!(out, number(local), ':', number(remote));
        }
        Value::Address(_) => address(octets).iter().for_each(|addr| addr.put(out)),
        Value::Topologies if octets.len() == 2 => number(octets).put(out),
        Value::Topologies => {
            out.push('[');
            octets.chunks(2).for_each(|id| put!(out, ' ', number(id)));
            out.push_str(" ]");
        }
        Value::RouteType => {
            let n = usize::try_from(number(octets)).unwrap_or(0);
            match n.checked_sub(1).and_then(|at| ROUTE_TYPES.get(at)) {
                Some(name) => out.push_str(name),
                None => n.put(out),
            }
        }
        Value::Prefix => {
            let prefix = octets.split_first().and_then(|(bits, rest)| Prefix::from_wire(afi_of(of), *bits, rest));
            prefix.iter().for_each(|prefix| prefix.put(out));
        }
        Value::Number => number(octets).put(out),
        Value::RouterId => match RouterId::of(octets) {
            Some(RouterId::Router(router)) => router.put(out),
            Some(RouterId::Network(router, interface)) => put!(out, router, ':', interface),
            Some(RouterId::System(system)) => dotted(&system, 0, out),
            Some(RouterId::Pseudonode(system, n)) => {
                dotted(&system, 0, out);
                put!(out, '.', LowerHex(&[n]));
            }
            None => {}
        },
    }
}

/// Reads the word a route begins with.
pub(super) fn read_kind(words: &mut Words<'_>, draft: &mut Draft) -> Result<(), Diagnostic> {
    let word = words.expect("the type of the link-state route")?;
    let kind = KINDS.iter().find(|kind| kind.word == word.text).ok_or_else(|| {
        word.error(format!("`{}` is no type of link-state route", word.text))
            .suggest(&word.text, KINDS.iter().map(|kind| kind.word).chain(["raw"]))
    })?;
    draft.add_part(TYPE, &kind.code.to_be_bytes());
    Ok(())
}

fn protocol(draft: &mut Draft, key: &'static str, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let word = words.expect("the protocol")?;
    let named = PROTOCOLS.iter().find(|(_, name)| *name == word.text).map(|(code, _)| *code);
    let code: u8 = named.or_else(|| digits(&word.text)).ok_or_else(|| {
        word.error(format!("`{}` is no protocol", word.text))
            .suggest(&word.text, PROTOCOLS.iter().map(|(_, name)| *name))
    })?;
    draft.add_part(key, &[code]);
    Ok(())
}

/// Reads `N 0x…` and appends the TLV.
fn read_raw(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let kind = part::number("type of a TLV", words, 0xffff)?;
    let value = part::raw("the TLV", words)?;
    push(u16::try_from(kind).unwrap_or(0), &value, words, out)
}

fn push(kind: u16, value: &[u8], words: &Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let too_long = |_| Diagnostic::error(words.last(), "the TLV is longer than its length can say");
    Tlv { kind, value }.push(out).map_err(too_long)
}

/// Reads the value of a descriptor of such an NLRI, or of a node, and appends the TLV.
fn read_descriptor(word: &'static str, of: u16, words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let rows = || ROWS.iter().filter(|row| row.word == word && (row.of == IN_NODE) == IN_NODE.contains(&of));
    let mut value = Vec::new();
    let Some(first) = rows().next() else {
        return Err(Diagnostic::error(words.last(), format!("`{word}` cannot stand here")));
    };
    read_value(first, of, words, &mut value)?;
    // addresses have a type for each address family
    let fits = |row: &&Row| !matches!(row.value, Value::Address(lengths) if !lengths.contains(&value.len()));
    let Some(row) = rows().find(fits) else {
        let error = Diagnostic::error(words.last(), format!("`{word}` is of the other address family"));
        return Err(error.help("sid and bgp-router-id have one, interface-address and neighbor-address take both"));
    };
    push(row.code, &value, words, out)
}

fn read_value(row: &Row, of: u16, words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let four = |n: u64| u32::try_from(n).unwrap_or(0).to_be_bytes();
    match row.value {
        Value::Node => read_node(row.word, words, out)?,
        Value::Identifiers => {
            let word = words.expect("the identifiers")?;
            let pair = word.text.split_once(':').and_then(|(a, b)| Some([digits::<u32>(a)?, digits::<u32>(b)?]));
            let pair = pair.ok_or_else(|| {
                word.error(format!("`{}` is no pair of identifiers", word.text)).help("LOCAL:REMOTE, such as 1:2")
            })?;
            pair.iter().for_each(|n| out.extend_from_slice(&n.to_be_bytes()));
        }
        Value::Address(_) => match part::address(row.word, words, None)? {
            IpAddr::V4(a) => out.extend_from_slice(&a.octets()),
            IpAddr::V6(a) => out.extend_from_slice(&a.octets()),
        },
        Value::Topologies => {
            let bracket = words.accept("[");
            loop {
                let n = part::number("topology", words, 0xffff)?;
                out.extend_from_slice(&u16::try_from(n).unwrap_or(0).to_be_bytes());
                words.accept(",");
                if !bracket || words.accept("]") {
                    break;
                }
            }
        }
        Value::RouteType => {
            let word = words.expect("the route type")?;
            let named = ROUTE_TYPES.iter().position(|name| *name == word.text).and_then(|at| u8::try_from(at + 1).ok());
            out.push(named.or_else(|| digits(&word.text)).ok_or_else(|| {
                word.error(format!("`{}` is no OSPF route type", word.text))
                    .suggest(&word.text, ROUTE_TYPES.iter().copied())
            })?);
        }
        Value::Prefix => {
            let mut draft = Draft::new(None);
            draft.parse_prefix(words, Some(afi_of(of)))?;
            draft.prefix.iter().for_each(|prefix| prefix.write(out));
        }
        Value::Number => out.extend_from_slice(&four(part::number(row.word, words, 0xffff_ffff)?)),
        Value::RouterId => read_router_id(words, out)?,
    }
    Ok(())
}

/// Reads `[ asn N … ]`: the sub-TLVs in ascending order.
fn read_node(what: &str, words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    if !words.accept("[") {
        let here = words.here();
        let error = Diagnostic::error(here, format!("the descriptors of `{what}` are written in brackets"));
        return Err(error.help(format!("{what} [ asn 65000 igp-router-id 0001.0002.0003 ]")));
    }
    let mut list = Vec::new();
    loop {
        let word = words.expect("`]`")?;
        match &*word.text {
            "]" => break,
            "," => {}
            "tlv" => {
                let mut octets = Vec::new();
                read_raw(words, &mut octets)?;
                list.push(octets);
            }
            _ => list.push(read_sub_tlv(&word, words)?),
        }
    }
    list.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    list.iter().for_each(|tlv| out.extend_from_slice(tlv));
    Ok(())
}

fn read_sub_tlv(word: &Word<'_>, words: &mut Words<'_>) -> Result<Vec<u8>, Diagnostic> {
    let inside = || ROWS.iter().filter(|row| row.of == IN_NODE);
    let row = inside().find(|row| row.word == word.text).ok_or_else(|| {
        word.error(format!("`{}` is no descriptor of a node", word.text))
            .suggest(&word.text, inside().map(|row| row.word).chain(["tlv"]))
    })?;
    let mut octets = Vec::new();
    read_descriptor(row.word, 0, words, &mut octets)?;
    Ok(octets)
}

/// The address family of the prefixes of an NLRI.
fn afi_of(kind: u16) -> Afi {
    if kind == IPV4_PREFIX { Afi::IPV4 } else { Afi::IPV6 }
}

/// What TLVs are sorted by: type, then value (RFC 9552 §5.1).
pub(super) fn order(tlv: &[u8]) -> (&[u8], &[u8]) {
    (tlv.get(..2).unwrap_or(&[]), tlv.get(4..).unwrap_or(&[]))
}

/// `0001.0002.0003`, `0001.0002.0003.1f` for a pseudonode, `10.0.0.1`, or `10.0.0.1:10.1.0.1` for a network of OSPF.
fn read_router_id(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let word = words.expect("the router")?;
    let address = |text: &str| text.parse::<Ipv4Addr>().ok();
    let octets = match word.text.split_once(':') {
        Some((a, b)) => address(a).zip(address(b)).map(|(a, b)| [a.octets(), b.octets()].concat()),
        None => match address(&word.text) {
            Some(router) => Some(router.octets().to_vec()),
            None => hex(&word.text.replace('.', "")).filter(|octets| matches!(octets.len(), 6 | 7)),
        },
    };
    out.extend(octets.ok_or_else(|| {
        word.error(format!("`{}` is no router of an IGP", word.text))
            .help("0001.0002.0003, 0001.0002.0003.1f for a pseudonode, 10.0.0.1, or 10.0.0.1:10.1.0.1 for a network")
    })?);
    Ok(())
}

/// The type of the NLRI and what [`read_kind`] kept of it.
pub(super) fn kind_said(draft: &Draft) -> Option<&'static super::rows::Kind> {
    let code = draft.part(TYPE)?.first_chunk::<2>().map(|octets| u16::from_be_bytes(*octets))?;
    kind_of(code)
}
