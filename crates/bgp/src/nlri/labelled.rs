//! Prefixes with labels, and those of VPNs: `length(1) label(3)+ [RD(8)] prefix` (RFC 8277 §2, RFC 4364 §4.3.4, RFC 4659).
//! What VPNs look up multicast sources in has no labels: `length(1) RD(8) prefix` (RFC 6513 §5.1, RFC 6514 §10).
//!
//! The length counts bits, those of labels and route distinguisher included. A stack ends at the entry with the bottom
//! bit; a withdrawal has one entry that means nothing.

use super::inet::{path_json, path_text, prefix_text};
use super::{Framing, Identity, NextHopRule, NlriFamily, Shown};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::json;
use crate::put;
use crate::put::Quoted;
use crate::read::Reader;
use crate::route::{Draft, Keyword, Purpose, part};
use crate::text::{Diagnostic, Words};
use crate::value::{Prefix, Rd, label};

const LABEL: Keyword =
    Keyword::part("label", "N | [ N… ]", "MPLS labels, top of the stack first", |draft, word, words| {
        let stack = label::parse_stack(words)?;
        draft.add_part(word, &stack);
        Ok(())
    });

const LABEL_KEYWORDS: &[Keyword] = &[LABEL];

const RD: Keyword = Keyword::part("rd", "ASN:N | IPv4:N", "route distinguisher", part::rd);

const SAME_AS_RD: Keyword =
    Keyword::part("route-distinguisher", "ASN:N | IPv4:N", "the same as rd", |draft, _, words| {
        part::rd(draft, "rd", words)
    });

/// Keywords of VPN routes.
pub(super) const VPN_KEYWORDS: &[Keyword] = &[LABEL, RD, SAME_AS_RD];

const RD_KEYWORDS: &[Keyword] = &[RD, SAME_AS_RD];

macro_rules! families {
    ($($name:ident = $afi:ident $safi:ident $named:literal, $next_hop:ident, $rfc:literal, $keywords:ident, offered $offered:literal;)*) => {$(
        /// One of the families whose NLRI is a prefix behind labels, a route distinguisher, or both.
        pub struct $name;
        impl NlriFamily for $name {
            const FAMILY: Family = Family::new(Afi::$afi, Safi::$safi);
            const NAME: &'static str = $named;
            const NEXT_HOP: NextHopRule = NextHopRule::$next_hop;
            const PACKS: bool = false;
            const OFFERED: bool = $offered;
            const ADD_PATH: bool = $offered;
            const NEXT_HOP_TWICE: bool = $offered;
            const RFC: &'static str = $rfc;
            const FRAMING: Framing = Framing::Bits;
            const KEYWORDS: &'static [Keyword] = $keywords;

            fn split<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
                split(r, Self::FAMILY)
            }
            fn identity(nlri: &[u8]) -> Identity<'_> {
                let Parts { bits, rd, prefix, .. } = parts(nlri, Self::FAMILY);
                Identity { number: bits, parts: [rd, prefix] }
            }
            fn withdraw(nlri: &[u8], out: &mut Vec<u8>) {
                out.extend_from_slice(nlri);
            }
            fn words(nlri: &[u8], out: &mut String) {
                let parts = parts(nlri, Self::FAMILY);
                parts.prefix_text(Self::FAMILY.afi, out);
                label::words(parts.labels, out);
                if let Some(rd) = parts.rd() {
                    put!(out, " rd ", rd.words());
                }
            }
            fn text(shown: &Shown<'_>, out: &mut String, dialect: Dialect) {
                let parts = parts(shown.nlri, Self::FAMILY);
                parts.prefix_text(Self::FAMILY.afi, out);
                path_text(shown.path_id, out);
                label::text(parts.shown_labels(), out, dialect);
                // before 6 the next hop came between
                if dialect != Dialect::V6 {
                    out.push_str(shown.hop);
                }
                if let Some(rd) = parts.rd() {
                    put!(out, " rd ", rd);
                }
                if dialect == Dialect::V6 {
                    out.push_str(shown.hop);
                }
            }
            fn json(shown: &Shown<'_>, out: &mut String, dialect: Dialect, _: bool) {
                let parts = parts(shown.nlri, Self::FAMILY);
                out.push_str("{ \"nlri\": \"");
                parts.prefix_text(Self::FAMILY.afi, out);
                out.push('"');
                path_json(shown.path_id, out);
                if !parts.labels.is_empty() {
                    out.push_str(", \"label\": ");
                    label::json(parts.shown_labels(), out, dialect);
                }
                if let Some(rd) = parts.rd() {
                    json::member(out, "rd", Quoted(rd));
                }
                out.push_str(" }");
            }
            fn parse(words: &mut Words<'_>, draft: &mut Draft) -> Result<(), Diagnostic> {
                draft.parse_prefix(words, Some(Self::FAMILY.afi))
            }
            fn build(draft: &Draft, purpose: Purpose, each: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
                build(draft, purpose, Self::FAMILY, each)
            }
            fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
                sample(dice, Self::FAMILY, out);
            }
        }
    )*};
}

families! {
    Ipv4NlriMpls = IPV4 NLRI_MPLS "nlri-mpls", Ipv4, "RFC 8277", LABEL_KEYWORDS, offered true;
    Ipv4MplsVpn = IPV4 MPLS_VPN "mpls-vpn", Vpn, "RFC 4364", VPN_KEYWORDS, offered true;
    Ipv6NlriMpls = IPV6 NLRI_MPLS "nlri-mpls", Ipv6, "RFC 8277", LABEL_KEYWORDS, offered true;
    Ipv6MplsVpn = IPV6 MPLS_VPN "mpls-vpn", Vpn, "RFC 4659", VPN_KEYWORDS, offered true;
    Ipv4MplsVpnMulticast = IPV4 MPLS_VPN_MULTICAST "mpls-vpn-multicast", Vpn, "RFC 6513, RFC 6514", RD_KEYWORDS, offered false;
    Ipv6MplsVpnMulticast = IPV6 MPLS_VPN_MULTICAST "mpls-vpn-multicast", Vpn, "RFC 6513, RFC 6514", RD_KEYWORDS, offered false;
}

fn has_rd(family: Family) -> bool {
    family.safi != Safi::NLRI_MPLS
}

fn has_labels(family: Family) -> bool {
    family.safi != Safi::MPLS_VPN_MULTICAST
}

/// Cuts what stands for labels in a family that has them.
fn labels<'a>(r: &mut Reader<'a>, family: Family) -> Result<&'a [u8], Malformed> {
    if has_labels(family) { label::split_stack(r) } else { Ok(&[]) }
}

fn split<'a>(r: &mut Reader<'a>, family: Family) -> Result<&'a [u8], Malformed> {
    let whole = r.rest();
    let start = *r;
    let bits = usize::from(r.u8("prefix length")?);
    let mut inside = r.sub(bits.div_ceil(8), "labels and prefix")?;
    let labels = labels(&mut inside, family)?.len() * 8;
    let rd = if has_rd(family) { 64 } else { 0 };
    if rd > 0 {
        Rd::read(&mut inside)?;
    }
    inside.take(inside.len(), "prefix")?;
    let max = if family.afi == Afi::IPV4 { 32 } else { 128 };
    if bits.checked_sub(labels + rd).is_none_or(|bits| bits > max) {
        return Err(start.malformed("prefix length", "labels, and no more bits than the address has"));
    }
    Ok(whole.get(..whole.len() - r.len()).unwrap_or(&[]))
}

struct Parts<'a> {
    labels: &'a [u8],
    rd: &'a [u8],
    /// Bits of the prefix alone.
    bits: u8,
    prefix: &'a [u8],
}

/// Takes apart what [`split`] has seen.
fn parts(nlri: &[u8], family: Family) -> Parts<'_> {
    let (bits, inside) = nlri.split_first().unwrap_or((&0, &[]));
    let mut r = Reader::new(inside, 0);
    let labels = labels(&mut r, family).unwrap_or(&[]);
    let rd = r.take(if has_rd(family) { 8 } else { 0 }, "").unwrap_or(&[]);
    let used = u8::try_from((labels.len() + rd.len()) * 8).unwrap_or(u8::MAX);
    Parts { labels, rd, bits: bits.saturating_sub(used), prefix: r.rest() }
}

impl Parts<'_> {
    /// The labels as events have them: what stands for them in a withdrawal has always had a bottom bit there.
    fn shown_labels(&self) -> &[u8] {
        if self.labels == label::WITHDRAWN { &[0x80, 0, 1] } else { self.labels }
    }

    fn rd(&self) -> Option<Rd> {
        self.rd.as_array().copied().map(Rd)
    }

    fn prefix_text(&self, afi: Afi, out: &mut String) {
        prefix_text(afi, self.bits, self.prefix, out);
    }
}

fn build(draft: &Draft, purpose: Purpose, family: Family, each: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
    let labels = match (draft.part("label"), purpose) {
        (Some(labels), _) => labels,
        (None, _) if !has_labels(family) => &[],
        (None, Purpose::Withdraw) => &label::WITHDRAWN[..],
        (None, Purpose::Announce) => return Err(draft.missing("label", "label 100")),
    };
    let rd = match draft.part("rd") {
        Some(rd) => rd,
        None if has_rd(family) => return Err(draft.missing("rd", "rd 65000:1")),
        None => &[],
    };
    let bits = (labels.len() + rd.len()) * 8;
    let too_long = |_| draft.complain("the stack of labels is too long for a route");
    let longest = draft.prefix.map_or(0, Prefix::len).max(draft.split.unwrap_or(0));
    u8::try_from(bits + usize::from(longest)).map_err(too_long)?;
    let mut nlri = Vec::with_capacity(1 + labels.len() + rd.len() + 16);
    draft.each_prefix(|prefix| {
        let mut buffer = [0; 17];
        let Some((length, octets)) = prefix.wire(&mut buffer).split_first() else { return };
        nlri.clear();
        nlri.push(u8::try_from(bits + usize::from(*length)).unwrap_or(u8::MAX));
        nlri.extend_from_slice(labels);
        nlri.extend_from_slice(rd);
        nlri.extend_from_slice(octets);
        each(&nlri);
    })
}

fn sample(dice: &mut Dice, family: Family, out: &mut Vec<u8>) {
    let count = 1 + if dice.once_in(4) { dice.below(2) } else { 0 };
    let mut labels = Vec::new();
    for i in 1..=count {
        let [a, b, c] = dice.array();
        labels.extend([a | 1, b, if i == count { c | 1 } else { c & !1 }]);
    }
    if dice.once_in(20) {
        labels = label::WITHDRAWN.to_vec();
    }
    if !has_labels(family) {
        labels.clear();
    }
    let rd = dice.rd().0;
    let rd: &[u8] = if has_rd(family) { &rd } else { &[] };
    let mut buffer = [0; 17];
    let prefix = dice.prefix(family.afi);
    let octets = prefix.wire(&mut buffer).get(1..).unwrap_or(&[]);
    out.push(u8::try_from((labels.len() + rd.len()) * 8).unwrap_or(0) + prefix.len());
    out.extend_from_slice(&labels);
    out.extend_from_slice(rd);
    out.extend_from_slice(octets);
}
