//! The types of extended communities that are known, and how each is written.

use super::layout::Field::{Flags, Ipv4, Ipv6, Label, Mac, Name, Octets, Quad, Rate, Reserved, Top2, U8, U16, U32};
use super::layout::{Field, Layout, Names, Own, named, number, plain, rate, read_rate};
use crate::json;
use crate::put;
use std::fmt;

/// A row of [`EXTENDED`] or [`EXTENDED_IPV6`].
#[allow(missing_docs)]
pub struct ExtendedSpec {
    pub kind: u8,
    pub subtype: u8,
    /// The keywords it is read with; the first is the one it is written with. Several types may share one: the first
    /// row whose fields fit is meant.
    pub words: &'static [&'static str],
    /// The document that defines it.
    pub rfc: &'static str,
    pub(super) layout: Layout,
}

impl fmt::Debug for ExtendedSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtendedSpec").field("words", &self.words).finish_non_exhaustive()
    }
}

type Words = &'static [&'static str];

const fn row(kind: u8, subtype: u8, words: Words, fields: &'static [Field], rfc: &'static str) -> ExtendedSpec {
    ExtendedSpec { kind, subtype, words, rfc, layout: Layout::Fields(fields) }
}

const fn own(kind: u8, subtype: u8, words: Words, own: Own, rfc: &'static str) -> ExtendedSpec {
    ExtendedSpec { kind, subtype, words, rfc, layout: Layout::Own(own) }
}

const AS2: &[Field] = &[U16, U32];
const IPV4: &[Field] = &[Ipv4, U16];
const AS4: &[Field] = &[U32, U16];
const IPV6: &[Field] = &[Ipv6, U16];

/// Every extended community of eight octets that has words, by ascending type and subtype. To add one: a row here.
///
/// `target:70000:1` has always meant type 1, whose administrator is an address, and so do `target4` and `origin4`.
/// What is of type 2 (RFC 5668) says so: `target-as4:70000:1`.
#[rustfmt::skip]
pub static EXTENDED: &[ExtendedSpec] = &[
    row(0x00, 0x02, &["target"], AS2, "RFC 4360"),
    row(0x00, 0x03, &["origin"], AS2, "RFC 4360"),
    row(0x00, 0x04, &["bandwidth-transitive"], &[U16, Rate], "draft-ietf-idr-link-bandwidth"),
    row(0x00, 0x05, &["ospf-domain-id"], AS2, "RFC 4577"),
    row(0x00, 0x08, &["data-collection"], AS2, "RFC 4384"),
    row(0x00, 0x09, &["source-as"], &[U16, Reserved(4)], "RFC 6514"),
    row(0x00, 0x0a, &["l2vpn-id"], AS2, "RFC 6074"),
    row(0x00, 0x10, &["vpn-distinguisher"], AS2, "draft-ietf-bess-service-chaining"),
    row(0x00, 0x13, &["rtrecord"], AS2, "draft-ietf-bess-service-chaining"),
    row(0x01, 0x02, &["target", "target4"], &[Quad, U16], "RFC 4360"),
    row(0x01, 0x03, &["origin", "origin4"], &[Quad, U16], "RFC 4360"),
    row(0x01, 0x05, &["ospf-domain-id"], IPV4, "RFC 4577"),
    row(0x01, 0x07, &["ospf-router-id"], &[Quad, Reserved(2)], "RFC 4577"),
    row(0x01, 0x0a, &["l2vpn-id"], IPV4, "RFC 6074"),
    row(0x01, 0x0b, &["vrf-route-import"], IPV4, "RFC 6514"),
    own(0x01, 0x0c, NEXT_HOP_IETF, Own { form: NEXT_HOP_IETF_FORM, write: next_hop_ietf, read: read_next_hop_ietf }, REDIRECT_IP),
    row(0x01, 0x13, &["rtrecord"], IPV4, "draft-ietf-bess-service-chaining"),
    row(0x02, 0x02, &["target-as4"], AS4, "RFC 5668"),
    row(0x02, 0x03, &["origin-as4"], AS4, "RFC 5668"),
    row(0x02, 0x05, &["ospf-domain-id-as4"], AS4, "RFC 4577"),
    row(0x02, 0x09, &["source-as-as4"], &[U32, Reserved(2)], "RFC 6514"),
    row(0x02, 0x13, &["rtrecord-as4"], AS4, "draft-ietf-bess-service-chaining"),
    row(0x03, 0x06, &["ospf-route-type"], &[Quad, U8, U8], "RFC 4577"),
    row(0x03, 0x0b, &["color"], &[Top2, U32], "RFC 9012, RFC 9830"),
    row(0x03, 0x0c, &["encap"], &[Reserved(4), Name(2, TUNNELS)], "RFC 9012"),
    row(0x03, 0x0d, &["default-gateway"], &[Reserved(6)], "RFC 7432"),
    row(0x03, 0x14, &["consistentHashSortOrder"], &[U32, Reserved(2)], "draft-ietf-bess-service-chaining"),
    own(0x06, 0x00, &["mac-mobility"], Own { form: "mac-mobility:N[:sticky]", write: mac_mobility, read: read_mac_mobility }, "RFC 7432"),
    own(0x06, 0x01, &["esi-label"], Own { form: "esi-label:N[:single-active]", write: esi_label, read: read_esi_label }, "RFC 7432"),
    row(0x06, 0x02, &["es-import"], &[Mac], "RFC 7432"),
    row(0x06, 0x03, &["router-mac"], &[Mac], "RFC 9135"),
    row(0x06, 0x04, &["layer2-attributes"], &[Flags(2, LAYER2), U16, Reserved(2)], "RFC 8214"),
    row(0x06, 0x05, &["e-tree"], &[Flags(1, E_TREE), Reserved(2), Label], "RFC 8317"),
    row(0x06, 0x09, &["multicast-flags"], &[Flags(2, MULTICAST), Reserved(4)], "RFC 9251"),
    own(0x07, 0x02, INTERFACE_SET, Own { form: INTERFACE_SET_FORM, write: transitive_set, read: |_, rest| interface_set(rest, true) }, INTERFACE_SET_RFC),
    own(0x08, 0x00, NEXT_HOP, Own { form: "redirect-to-nexthop", write: next_hop, read: read_next_hop }, "draft-simpson-idr-flowspec-redirect"),
    row(0x0c, 0x00, &["mup"], AS2, "draft-ietf-bess-mup-safi"),
    row(0x0c, 0x01, &["mup"], IPV4, "draft-ietf-bess-mup-safi"),
    row(0x0c, 0x02, &["mup-as4"], AS4, "draft-ietf-bess-mup-safi"),
    row(0x0c, 0x03, &["mup-interwork"], AS2, "draft-ietf-bess-mup-safi"),
    row(0x0c, 0x04, &["mup-interwork"], IPV4, "draft-ietf-bess-mup-safi"),
    row(0x0c, 0x05, &["mup-interwork-as4"], AS4, "draft-ietf-bess-mup-safi"),
    row(0x40, 0x02, &["target-non-transitive"], AS2, "RFC 4360"),
    row(0x40, 0x04, &["bandwidth"], &[U16, Rate], "draft-ietf-idr-link-bandwidth"),
    row(0x43, 0x00, &["origin-validation"], &[Reserved(5), Name(1, VALIDATION)], "RFC 8097"),
    own(0x47, 0x02, INTERFACE_SET, Own { form: INTERFACE_SET_FORM, write: local_set, read: |_, rest| interface_set(rest, false) }, INTERFACE_SET_RFC),
    own(0x80, 0x06, &["rate-limit"], Own { form: RATE_FORM, write: rate_bytes, read: |_, rest| read_rate_limit(rest, "bytes") }, "RFC 8955"),
    row(0x80, 0x07, &["action"], &[Reserved(5), Name(1, ACTIONS)], "RFC 8955"),
    row(0x80, 0x08, &["redirect"], AS2, "RFC 8955"),
    row(0x80, 0x09, &["mark"], &[Reserved(5), U8], "RFC 8955"),
    row(0x80, 0x0a, &["l2info"], &[U8, U8, U16, U16], "RFC 4761"),
    own(0x80, 0x0c, &["rate-limit"], Own { form: RATE_FORM, write: rate_packets, read: |_, rest| read_rate_limit(rest, "packets") }, "RFC 8955"),
    row(0x80, 0x11, &["uuid-target"], &[Octets(6)], "draft-ietf-bess-service-chaining"),
    row(0x81, 0x08, &["redirect"], IPV4, "RFC 8955"),
    row(0x82, 0x08, &["redirect-as4", "redirect"], AS4, "RFC 8955"),
];

/// The same for those of twenty octets (RFC 5701).
#[rustfmt::skip]
pub static EXTENDED_IPV6: &[ExtendedSpec] = &[
    row(0x00, 0x02, &["target"], IPV6, "RFC 5701"),
    row(0x00, 0x03, &["origin"], IPV6, "RFC 5701"),
    row(0x00, 0x0b, &["vrf-route-import"], IPV6, "RFC 6515"),
    own(0x00, 0x0c, NEXT_HOP_IETF, Own { form: NEXT_HOP_IETF_FORM, write: next_hop_ietf, read: read_next_hop_ietf }, REDIRECT_IP),
    row(0x00, 0x0d, &["redirect"], IPV6, "RFC 8956"),
    row(0x80, 0x0b, &["redirect-draft"], IPV6, "draft-ietf-idr-flow-spec-v6"),
];

/// IANA "BGP Tunnel Encapsulation Attribute Tunnel Types".
pub(super) const TUNNELS: Names = &[
    (0, "Default"),
    (1, "L2TPv3"),
    (2, "GRE"),
    (7, "IP-in-IP"),
    (8, "VXLAN"),
    (9, "NVGRE"),
    (10, "MPLS"),
    (12, "VXLAN-GPE"),
    (13, "MPLS-in-UDP"),
];
const VALIDATION: Names = &[(0, "valid"), (1, "not-found"), (2, "invalid")];
const LAYER2: Names = &[(1, "backup"), (2, "primary"), (4, "control-word")];
const E_TREE: Names = &[(1, "leaf")];
const MULTICAST: Names = &[(1, "igmp-proxy"), (2, "mld-proxy")];
pub(super) const ACTIONS: Names = &[(0, "none"), (1, "terminal"), (2, "sample"), (3, "sample-terminal")];

const REDIRECT_IP: &str = "draft-ietf-idr-flowspec-redirect-ip";
const NEXT_HOP: Words = &["redirect-to-nexthop", "copy-to-nexthop"];
const NEXT_HOP_IETF: Words = &["redirect-to-nexthop-ietf", "copy-to-nexthop-ietf"];
const NEXT_HOP_IETF_FORM: &str = "redirect-to-nexthop-ietf:IP";

/// The last bit: packets are copied there, and go on.
fn copies(value: &[u8]) -> usize {
    usize::from(value.last().is_some_and(|octet| octet & 1 != 0))
}

fn next_hop(value: &[u8], out: &mut String) {
    out.push_str(NEXT_HOP.get(copies(value)).unwrap_or(&""));
}

fn read_next_hop(word: &str, rest: &str) -> Option<Vec<u8>> {
    let copy = u8::from(word.starts_with("copy"));
    rest.is_empty().then(|| vec![0, 0, 0, 0, 0, copy])
}

/// An address, of four octets or sixteen.
fn next_hop_ietf(value: &[u8], out: &mut String) {
    out.push_str(NEXT_HOP_IETF.get(copies(value)).unwrap_or(&""));
    let fields = if value.len() > 6 { IPV6 } else { IPV4 };
    Layout::Fields(fields.get(..1).unwrap_or(&[])).write("", value, out);
}

fn read_next_hop_ietf(word: &str, rest: &str) -> Option<Vec<u8>> {
    let mut value = match rest.parse().ok()? {
        std::net::IpAddr::V4(a) => a.octets().to_vec(),
        std::net::IpAddr::V6(a) => a.octets().to_vec(),
    };
    value.extend([0, u8::from(word.starts_with("copy"))]);
    Some(value)
}

/// `flags(1) reserved(1) sequence(4)`
fn mac_mobility(value: &[u8], out: &mut String) {
    let (flags, sequence) = value.split_at_checked(2).unwrap_or_default();
    put!(out, "mac-mobility:", number(sequence));
    if flags.first().is_some_and(|flags| flags & 1 != 0) {
        out.push_str(":sticky");
    }
}

fn read_mac_mobility(_: &str, rest: &str) -> Option<Vec<u8>> {
    let (sequence, sticky) = with_flag(rest, "sticky", "movable")?;
    let mut value = vec![sticky, 0];
    value.extend(plain(sequence)?.to_be_bytes());
    Some(value)
}

/// `flags(1) reserved(2) label(3)`
fn esi_label(value: &[u8], out: &mut String) {
    let (flags, label) = value.split_at_checked(3).unwrap_or_default();
    put!(out, "esi-label:", number(label) >> 4);
    if flags.first().is_some_and(|flags| flags & 1 != 0) {
        out.push_str(":single-active");
    }
}

fn read_esi_label(_: &str, rest: &str) -> Option<Vec<u8>> {
    let (label, single) = with_flag(rest, "single-active", "all-active")?;
    let [_, a, b, c] = (plain(label).filter(|n| *n < 1 << 20)? << 4).to_be_bytes();
    Some(vec![single, 0, 0, a, b, c])
}

/// What stands before a flag that may be left out, and the flag.
fn with_flag<'a>(text: &'a str, set: &str, clear: &str) -> Option<(&'a str, u8)> {
    match text.split_once(':') {
        None => Some((text, 0)),
        Some((before, flag)) if flag == set => Some((before, 1)),
        Some((before, flag)) => (flag == clear).then_some((before, 0)),
    }
}

const INTERFACE_SET: Words = &["interface-set"];
const INTERFACE_SET_FORM: &str = "interface-set:transitive|non-transitive:input|output|input-output:ASN:GROUP";
const INTERFACE_SET_RFC: &str = "draft-ietf-idr-flowspec-interfaceset";
const DIRECTIONS: Names = &[(0, "none"), (1, "input"), (2, "output"), (3, "input-output")];

fn transitive_set(value: &[u8], out: &mut String) {
    write_set("transitive", value, out);
}

fn local_set(value: &[u8], out: &mut String) {
    write_set("non-transitive", value, out);
}

/// `as(4) direction(2 bits) group(14 bits)`
fn write_set(transitive: &str, value: &[u8], out: &mut String) {
    let (asn, rest) = value.split_at_checked(4).unwrap_or_default();
    let (direction, group) = (number(rest) >> 14, number(rest) & 0x3fff);
    let direction = DIRECTIONS.iter().find(|(n, _)| *n == direction).map_or("", |(_, name)| *name);
    put!(out, "interface-set:", transitive, ':', direction, ':', number(asn), ':', group);
}

/// Without a word on it, a set is transitive.
fn interface_set(rest: &str, transitive: bool) -> Option<Vec<u8>> {
    let (said, rest) = match rest.strip_prefix("non-transitive:") {
        Some(rest) => (false, rest),
        None => (true, rest.strip_prefix("transitive:").unwrap_or(rest)),
    };
    let mut parts = rest.split(':');
    let (direction, asn, group) = (named(parts.next()?, DIRECTIONS)?, parts.next()?, parts.next()?);
    let (asn, group) = (plain(asn)?, plain(group).filter(|group| *group < 1 << 14)?);
    let mut value = asn.to_be_bytes().to_vec();
    value.extend(u16::try_from(direction << 14 | group).ok()?.to_be_bytes());
    (said == transitive && parts.next().is_none()).then_some(value)
}

const RATE_FORM: &str = "rate-limit:RATE[:bytes|:packets[:ASN]]";

fn rate_bytes(value: &[u8], out: &mut String) {
    rate_limit(value, "bytes", out);
}

fn rate_packets(value: &[u8], out: &mut String) {
    rate_limit(value, "packets", out);
}

/// `as(2) rate(4)`: the AS says who measures, and is mostly nobody.
fn rate_limit(value: &[u8], unit: &str, out: &mut String) {
    let (asn, octets) = value.split_at_checked(2).unwrap_or_default();
    let before = out.len();
    rate(octets, out);
    if out.len() == before {
        return;
    }
    out.insert_str(before, "rate-limit:");
    if unit != "bytes" || number(asn) != 0 {
        put!(out, ':', unit);
    }
    if number(asn) != 0 {
        out.push(':');
        json::number(out, number(asn));
    }
}

fn read_rate_limit(rest: &str, unit: &str) -> Option<Vec<u8>> {
    let mut parts = rest.split(':');
    let rate = read_rate(parts.next()?)?;
    let said = parts.next().unwrap_or("bytes");
    let asn = parts.next().map_or(Some(0), plain)?;
    let mut value = u16::try_from(asn).ok()?.to_be_bytes().to_vec();
    value.extend(rate.to_be_bytes());
    (said == unit && parts.next().is_none()).then_some(value)
}
