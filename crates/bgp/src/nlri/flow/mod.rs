//! FlowSpec: rules that say what becomes of packets (RFC 8955, RFC 8956, draft-ietf-idr-flowspec-l2vpn).
//!
//! A rule is a list of components, each of which a packet has to match; what becomes of the packet is said by extended
//! communities.
//!
//! | room | what is in it |
//! |---|---|
//! | `component` | what may be matched: a row for each component type |
//! | `rule` | a rule on the wire, and what makes it malformed |
//! | `show` | a rule in events, and in words |
//! | `matches` | from the words of `match` to octets |
//! | `action` | the words of `then` and `scope` |
//! | `grammar` | where each word may stand, and rules in braces on one line |

mod action;
mod component;
mod grammar;
mod matches;
mod rule;
mod show;
mod sound;
mod told;

pub use grammar::{Place, draft, lint, rule_on_a_line};

use super::{Identity, NextHopRule, NlriFamily, Shown};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::put;
use crate::put::{Hex, Quoted};
use crate::read::Reader;
use crate::route::{Draft, Keyword, Purpose};
use crate::text::{Diagnostic, Words};
use crate::value::Rd;
use component::{COMPONENTS, Kind};
use rule::{Layout, Rule};
use show::Manner;
use std::net::IpAddr;

macro_rules! families {
    ($($name:ident = $afi:ident $safi:ident $named:literal, $offered:literal, $rfc:literal, $keywords:ident;)*) => {$(
        /// A family of rules.
        pub struct $name;
        impl NlriFamily for $name {
            const FAMILY: Family = Family::new(Afi::$afi, Safi::$safi);
            const NAME: &'static str = $named;
            const NEXT_HOP: NextHopRule = NextHopRule::Optional;
            const PACKS: bool = false;
            const OFFERED: bool = $offered;
            const RFC: &'static str = $rfc;
            const KEYWORDS: &'static [Keyword] = grammar::$keywords;

            fn split<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
                rule::split(r)
            }
            #[inline(always)]
            fn verify(nlri: Reader<'_>) -> Result<(), Malformed> {
                let at = nlri.offset();
                let rule = Rule::read(Self::FAMILY, nlri.rest());
                rule.map(|_| ()).map_err(|wrong| Malformed { offset: at + wrong.offset, ..wrong })
            }
            fn is_sound(nlri: &[u8]) -> bool {
                sound::is_sound(Self::FAMILY, nlri)
            }
            fn fields(nlri: Reader<'_>) {
                told::fields(Self::FAMILY, nlri);
            }
            /// How the length is written does not count.
            fn identity(nlri: &[u8]) -> Identity<'_> {
                Identity::whole(rule::content(nlri))
            }
            fn withdraw(nlri: &[u8], out: &mut Vec<u8>) {
                out.extend_from_slice(nlri);
            }
            fn words(nlri: &[u8], out: &mut String) {
                words(Self::FAMILY, nlri, out);
            }
            fn text(shown: &Shown<'_>, out: &mut String, _: Dialect) {
                string(Rule::read(Self::FAMILY, shown.nlri).ok().as_ref(), shown.nlri, out);
                super::inet::path_text(shown.path_id, out);
                out.push_str(shown.hop);
            }
            fn json(shown: &Shown<'_>, out: &mut String, dialect: Dialect, _: bool) {
                object(Self::FAMILY, shown, out, dialect);
            }
            fn parse(words: &mut Words<'_>, draft: &mut Draft) -> Result<(), Diagnostic> {
                grammar::braces(words, draft)
            }
            fn build(draft: &Draft, _: Purpose, each: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
                matches::build(draft, Self::FAMILY.afi, each)
            }
            fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
                sample(dice, Self::FAMILY, out);
            }
        }
    )*};
}

families! {
    Ipv4Flow = IPV4 FLOW "flow", true, "RFC 8955", KEYWORDS;
    Ipv4FlowVpn = IPV4 FLOW_VPN "flow-vpn", true, "RFC 8955", KEYWORDS;
    Ipv6Flow = IPV6 FLOW "flow", true, "RFC 8956", KEYWORDS;
    Ipv6FlowVpn = IPV6 FLOW_VPN "flow-vpn", true, "RFC 8956", KEYWORDS;
    L2vpnFlow = L2VPN FLOW_VPN "flow-vpn", false, "draft-ietf-idr-flowspec-l2vpn", LAYER2_KEYWORDS;
}

/// Appends `flow destination-ipv4 10.0.0.0/24 protocol =tcp rd 65000:1`; octets if it is no rule.
fn string(rule: Option<&Rule<'_>>, nlri: &[u8], out: &mut String) {
    out.push_str("flow");
    let Some(rule) = rule else {
        out.push(' ');
        return super::opaque::raw_words(nlri, out);
    };
    show::components(rule, Manner::Event, out);
    if let Some(rd) = rule.rd {
        put!(out, " rd ", Rd(*rd));
    }
}

fn words(family: Family, nlri: &[u8], out: &mut String) {
    let rule = match Rule::read(family, nlri) {
        Ok(rule) if !rule.is_empty() || rule.rd.is_some() => rule,
        _ => return super::opaque::raw_words(nlri, out),
    };
    let before = out.len();
    show::components(&rule, Manner::Words, out);
    if let Some(rd) = rule.rd {
        put!(out, " rd ", Rd(*rd).words());
    }
    out.replace_range(before..before + 1, "");
}

fn object(family: Family, shown: &Shown<'_>, out: &mut String, dialect: Dialect) {
    out.push_str(if dialect == Dialect::V6 { "{" } else { "{ " });
    let start = out.len();
    let rule = Rule::unseen(family, shown.nlri).and_then(|rule| show::members(&rule, out).map(|()| rule)).ok();
    match &rule {
        Some(rule) => {
            if let Some(rd) = rule.rd {
                put!(out, "\"rd\": ", Quoted(Rd(*rd)), ", ");
            }
        }
        None => {
            out.truncate(start);
            put!(out, "\"parsed\": false, \"raw\": ", Quoted(Hex(shown.nlri)), ", ");
        }
    }
    let hop: Option<IpAddr> = shown.next_hop.and_then(|hop| hop.addr());
    if let Some(hop) = hop {
        put!(out, "\"next-hop\": ", Quoted(hop), ", ");
    }
    out.push_str("\"string\": \"");
    string(rule.as_ref(), shown.nlri, out);
    if let (Some(hop), true) = (hop, dialect != Dialect::V6) {
        put!(out, " next-hop ", hop);
    }
    out.push_str("\" }");
}

/// Makes up a rule that is written as this speaker writes it.
fn sample(dice: &mut Dice, family: Family, out: &mut Vec<u8>) {
    let layout = if dice.once_in(2) { Layout::Rfc } else { Layout::Draft };
    loop {
        let start = out.len();
        rule::frame(&sample_content(dice, family, layout), out);
        let nlri = out.get(start..).unwrap_or(&[]);
        // the longer layout of offsets may look like the shorter one, and is then not written as it was meant
        if Rule::read(family, nlri).is_ok_and(|rule| rule.is_written(layout)) {
            return;
        }
        out.truncate(start);
    }
}

fn sample_content(dice: &mut Dice, family: Family, layout: Layout) -> Vec<u8> {
    let mut content = Vec::new();
    if family.safi == Safi::FLOW_VPN {
        content.extend(dice.rd().0);
    }
    let possible: Vec<_> = COMPONENTS.iter().filter(|component| component.is_in(family.afi)).collect();
    let sure = dice.below(possible.len());
    // one of them long enough for a length of two octets, now and then
    let long = if dice.once_in(100) { sure } else { possible.len() };
    for (at, component) in possible.into_iter().enumerate() {
        if at != sure && !dice.once_in(4) {
            continue;
        }
        content.push(component.number);
        let count = if at == long { 80 + dice.below(80) } else { 1 + dice.below(4) };
        match component.kind {
            Kind::Prefix if family.afi == Afi::IPV4 => dice.prefix(Afi::IPV4).write(&mut content),
            Kind::Prefix => {
                let (bits, length) = (u128::from_be_bytes(dice.array()), dice.u8() % 129);
                let offset = if dice.once_in(2) { 0 } else { dice.u8() % length.max(1) };
                rule::write_pattern(bits, length, offset, layout, &mut content);
            }
            Kind::Mac => {
                content.push(6);
                dice.octets(6, &mut content);
            }
            Kind::Numeric(numeric) => {
                let [max, max_ipv6] = numeric.max;
                let max = if family.afi == Afi::IPV6 { max_ipv6 } else { max };
                matches::sample_items(dice, count, &mut content, |dice| {
                    let mask = dice.pick(&[0xff, 0xffff, u64::MAX]).copied().unwrap_or(0);
                    (1 + dice.u8() % 6, (dice.bits() & mask) % (max + 1), numeric.least)
                });
            }
            Kind::Bitmask(bitmask) => {
                let all = bitmask.names.iter().fold(0, |all, (bit, _)| all | bit);
                matches::sample_items(dice, count, &mut content, |dice| (dice.u8() & 3, dice.bits() & all, 1));
            }
        }
    }
    content
}
