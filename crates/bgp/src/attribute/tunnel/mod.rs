//! TUNNEL_ENCAP (RFC 9012 §2): `(tunnel-type(2) length(2) sub-TLV*)*`, a sub-TLV being `type(1) length(1) value`, or
//! `type(1) length(2) value` from type 128 on.
//!
//! | room | what is in it |
//! |---|---|
//! | here | where TLVs and sub-TLVs begin and end; tunnels by name |
//! | [`sub_tlv`] | the table of sub-TLVs |
//! | [`value`], [`encapsulation`], [`policy`] | their values in words, and JSON of those an SR Policy has |
//! | [`segment_list`], [`segment`] | the ways of an SR Policy |
//! | [`sr_policy`] | an SR Policy as it is shown; its sub-TLVs as keywords of a route |
//!
//! Only the frame can be malformed. A sub-TLV that is unknown, too short, too long or repeated stays what it is and is
//! shown as octets (RFC 9012 §13).

mod encapsulation;
mod policy;
mod sample;
mod segment;
mod segment_list;
pub(crate) mod sr_policy;
mod sub_tlv;
mod value;

use super::{Attribute, code, flags};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::json::Separator;
use crate::put;
use crate::put::Hex;
use crate::read::Reader;
use crate::text::{Diagnostic, Word, Words};
use crate::value::digits;
use crate::write::Writer;

/// The flags of the attribute.
const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;

/// Tunnel types (RFC 9012 §3.1, IANA).
const TUNNELS: &[(u16, &str)] = &[
    (1, "l2tpv3"),
    (2, "gre"),
    (7, "ip-in-ip"),
    (8, "vxlan"),
    (9, "nvgre"),
    (10, "mpls"),
    (11, "mpls-in-gre"),
    (12, "vxlan-gpe"),
    (13, "mpls-in-udp"),
    (14, "ipv6"),
    (SR_POLICY, "sr-policy"),
    (16, "bare"),
    (19, "geneve"),
];

/// The tunnel type whose sub-TLVs are shown one by one (RFC 9830 §2.2).
const SR_POLICY: u16 = 15;

/// How traffic for a route may be tunnelled.
pub(super) struct TunnelEncap;

impl Attribute for TunnelEncap {
    const CODE: u8 = code::TUNNEL_ENCAP;
    const FLAGS: u8 = FLAGS;
    const NAME: &'static str = "tunnel-encap";
    const KEYWORDS: &'static [&'static str] = &["tunnel-encap"];
    const DOC: &'static str = "how traffic may be tunnelled: [ TUNNEL SUB-TLV… , TUNNEL SUB-TLV… ]";
    const RFC: &'static str = "RFC 9012";
    const SINCE: Option<Dialect> = Some(Dialect::V6);
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;

    fn check(mut r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        while !r.is_empty() {
            let (_, mut inside) = read_tunnel(&mut r)?;
            while !inside.is_empty() {
                read_sub_tlv(&mut inside)?;
            }
        }
        Ok(())
    }

    fn fields(mut value: Reader<'_>) {
        while let (start, Ok((tunnel, mut inside)), Some(trace)) = (value, read_tunnel(&mut value), value.trace()) {
            let mut name = String::new();
            tunnel_name(tunnel, &mut name);
            trace.means_at(start.offset(), name);
            while let (start, Ok((code, octets))) = (inside, read_sub_tlv(&mut inside)) {
                let value = inside.again(octets, inside.offset() - octets.len());
                trace.means_at(start.offset(), sub_tlv::fields(tunnel, code, value).to_owned());
            }
        }
    }

    fn words(value: &[u8], out: &mut String) {
        out.push_str("tunnel-encap [");
        for (at, (kind, inside)) in tunnels(value).enumerate() {
            out.push_str(if at > 0 { " , " } else { " " });
            tunnel_name(kind, out);
            sub_tlvs(inside).for_each(|(code, value)| sub_tlv::words(kind, code, value, out));
        }
        out.push_str(" ]");
    }

    fn text(value: &[u8], out: &mut String, _: Dialect) {
        out.push_str("tunnel-encap tunnel-encap [");
        let mut separator = Separator::new(", ");
        for (kind, inside) in tunnels(value) {
            separator.next(out);
            if kind == SR_POLICY {
                sr_policy::text(inside, out);
            } else {
                put!(out, "tunnel-type:", kind);
            }
        }
        out.push(']');
    }

    fn json(value: &[u8], out: &mut String, _: Dialect) {
        out.push('{');
        let mut separator = Separator::new(", ");
        each_kind(value, |kind, alike| {
            separator.next(out);
            if kind == SR_POLICY {
                out.push_str("\"sr-policy\": ");
                one_or_list(alike, out, sr_policy::json);
            } else {
                put!(out, "\"tunnel-type-", kind, "\": ");
                one_or_list(alike, out, octets);
            }
        });
        out.push('}');
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        if !words.accept("[") {
            let error = Diagnostic::error(words.here(), "`[` is missing");
            return Err(error.help("tunnels stand in brackets: [ vxlan egress-endpoint 192.0.2.1 , gre ]"));
        }
        loop {
            let word = words.expect("a tunnel type, or `]`,")?;
            match &*word.text {
                "]" if out.is_empty() => return Err(word.error("the list of tunnels is empty")),
                "]" => return Ok(()),
                "," => {}
                _ => parse_tunnel(&word, words, out)?,
            }
        }
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        for _ in 0..=dice.below(3) {
            let kind = if dice.once_in(2) { SR_POLICY } else { dice.pick(TUNNELS).map_or(99, |(kind, _)| *kind) };
            let kind = if dice.once_in(10) { dice.u16() } else { kind };
            tunnel(out, kind, |out| (0..dice.below(5)).for_each(|_| sample::sub_tlv(kind, dice, out)));
        }
    }
}

/// Cuts one TLV off the front: its type, and its sub-TLVs.
fn read_tunnel<'a>(r: &mut Reader<'a>) -> Result<(u16, Reader<'a>), Malformed> {
    let kind = r.u16("tunnel type")?;
    let len = r.u16("tunnel length")?;
    Ok((kind, r.sub(len.into(), "tunnel")?))
}

/// Cuts one sub-TLV off the front.
fn read_sub_tlv<'a>(r: &mut Reader<'a>) -> Result<(u8, &'a [u8]), Malformed> {
    let code = r.u8("sub-TLV type")?;
    let len = if code < 128 { r.u8("sub-TLV length")?.into() } else { r.u16("sub-TLV length")?.into() };
    Ok((code, r.take(len, "sub-TLV")?))
}

/// The TLVs of a value, up to where its frame breaks.
fn tunnels(value: &[u8]) -> impl Iterator<Item = (u16, &[u8])> + Clone {
    let mut r = Reader::new(value, 0);
    std::iter::from_fn(move || read_tunnel(&mut r).ok().map(|(kind, inside)| (kind, inside.rest())))
}

/// The sub-TLVs of a TLV, up to where its frame breaks.
fn sub_tlvs(tunnel: &[u8]) -> impl Iterator<Item = (u8, &[u8])> + Clone {
    let mut r = Reader::new(tunnel, 0);
    std::iter::from_fn(move || read_sub_tlv(&mut r).ok())
}

/// Hands each tunnel type to `each`, in the order they came first, with all TLVs of that type.
fn each_kind(value: &[u8], mut each: impl FnMut(u16, &mut dyn Iterator<Item = &[u8]>)) {
    let mut all = tunnels(value);
    let (Some((kind, inside)), None) = (all.next(), all.next()) else {
        // rare, and a peer may make many of them
        let mut list: Vec<_> = tunnels(value).enumerate().collect();
        list.sort_by_key(|(at, (kind, _))| (*kind, *at));
        let mut groups: Vec<_> = list.chunk_by(|(_, (a, _)), (_, (b, _))| a == b).collect();
        groups.sort_by_key(|group| group.first().map(|(at, _)| *at));
        for group in groups {
            let Some((_, (kind, _))) = group.first() else { continue };
            each(*kind, &mut group.iter().map(|(_, (_, inside))| *inside));
        }
        return;
    };
    each(kind, &mut std::iter::once(inside));
}

/// Appends one item, or `[a, b]`: what would otherwise be one key twice.
fn one_or_list<'a>(
    items: &mut dyn Iterator<Item = &'a [u8]>,
    out: &mut String,
    mut each: impl FnMut(&'a [u8], &mut String),
) {
    let start = out.len();
    let mut count = 0;
    for item in items {
        count += 1;
        if count > 1 {
            out.push_str(", ");
        }
        each(item, out);
    }
    if count > 1 {
        out.insert(start, '[');
        out.push(']');
    }
}

/// Appends `"0xDEAD"`.
fn octets(value: &[u8], out: &mut String) {
    put!(out, "\"0x", Hex(value), '"');
}

fn tunnel_name(kind: u16, out: &mut String) {
    match TUNNELS.iter().find(|(known, _)| *known == kind) {
        Some((_, name)) => out.push_str(name),
        None => put!(out, "tunnel-type-", kind),
    }
}

/// Reads the sub-TLVs behind the name of a tunnel, up to `,` or `]`.
fn parse_tunnel(name: &Word<'_>, words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let named = TUNNELS.iter().find(|(_, known)| *known == name.text).map(|(kind, _)| *kind);
    let kind = named.or_else(|| name.text.strip_prefix("tunnel-type-").and_then(digits));
    let Some(kind) = kind else {
        let error = name.error(format!("`{}` is no tunnel type", name.text));
        return Err(error.suggest(&name.text, TUNNELS.iter().map(|(_, name)| *name)));
    };
    let mut result = Ok(());
    let length = tunnel(out, kind, |out| {
        while let Some(word) = words.peek().cloned().filter(|word| !matches!(&*word.text, "," | "]")) {
            words.next();
            result = sub_tlv::parse(kind, &word, words, out);
            if result.is_err() {
                break;
            }
        }
    });
    result?;
    length.ok_or_else(|| name.error("the tunnel is longer than a message can be"))
}

/// Appends a TLV whose sub-TLVs `inside` writes; `None` if they are longer than the length field can say.
fn tunnel(out: &mut Vec<u8>, kind: u16, inside: impl FnOnce(&mut Vec<u8>)) -> Option<()> {
    out.extend_from_slice(&kind.to_be_bytes());
    let length = Writer::new(out).len16();
    inside(out);
    Writer::new(out).fill(length).ok()
}

/// Appends a sub-TLV whose value `inside` writes; `None` if that is longer than the length field can say.
fn write_sub_tlv<T>(out: &mut Vec<u8>, code: u8, inside: impl FnOnce(&mut Vec<u8>) -> T) -> Option<T> {
    out.push(code);
    let length = if code < 128 { Writer::new(out).len8() } else { Writer::new(out).len16() };
    let result = inside(out);
    Writer::new(out).fill(length).ok().map(|()| result)
}
