//! What Wireshark gets wrong, or does not know, in the version named here.

use crate::samples::Sample;
use std::fmt;

/// The version the list was written for.
pub const WRITTEN_FOR: &str = "TShark (Wireshark) 4.0.";

/// Complaints that are no fault of Herald's.
pub struct Exception {
    /// The row it is of; withdrawals of a family are meant, too.
    row: &'static str,
    /// How the complaint starts.
    complaint: &'static str,
    /// For which messages of the row.
    when: fn(&Sample) -> bool,
    /// Why it is none.
    why: &'static str,
}

impl Exception {
    /// True if it is about this complaint.
    pub fn is_for(&self, sample: &Sample, complaint: &str) -> bool {
        let row = sample.row.strip_suffix(" withdrawn").unwrap_or(&sample.row);
        row == self.row && complaint.starts_with(self.complaint) && (self.when)(sample)
    }
}

impl fmt::Debug for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.row, self.complaint, self.why)
    }
}

type When = fn(&Sample) -> bool;

const fn of(row: &'static str, complaint: &'static str, when: When, why: &'static str) -> Exception {
    Exception { row, complaint, when, why }
}

fn ipv4_hop(sample: &Sample) -> bool {
    sample.says.iter().any(|(key, value)| key == "next-hop" && !value.contains(':'))
}

/// What is behind a keyword has this in it.
fn said(sample: &Sample, keyword: &str, part: &str) -> bool {
    sample.says.iter().any(|(key, value)| key == keyword && value.contains(part))
}

/// A prefix of a rule begins behind its first bit.
fn has_offset(sample: &Sample) -> bool {
    let offset = |value: &str| value.split('/').nth(2).is_some_and(|offset| offset != "0");
    sample.says.iter().any(|(key, value)| key.ends_with("-ipv6") && offset(value))
}

/// TCP flags take two octets.
fn wide_flags(sample: &Sample) -> bool {
    sample.words.contains("+ns")
}

/// A value of a rule is said by its name.
fn by_name(sample: &Sample) -> bool {
    let named = |value: &str| value.bytes().any(|b| b.is_ascii_lowercase());
    let keys = ["icmp-type", "icmp-code", "protocol", "next-header"];
    sample.says.iter().any(|(key, value)| keys.contains(&key.as_str()) && named(value))
}

fn several_blocks(sample: &Sample) -> bool {
    sample.says.iter().filter(|(key, _)| key.ends_with("signature-blocks.algorithm")).count() > 1
}

/// What Wireshark complains of where it does not know the family at all, which is no fault of anybody's.
pub const STRANGE: [&str; 4] = [
    "complaint: Unknown SAFI (",
    "complaint: Unknown Address Family",
    "complaint: Unknown AFI (",
    // of a family that is not known any is
    "complaint: Unknown Next Hop length (",
];

/// Why a Leave Synch route is misread.
const LEAVE: &str = "four octets and the response time in front of the flags are not known (RFC 9251 §9.3)";

/// All of them.
#[rustfmt::skip]
pub static EXCEPTIONS: &[Exception] = &[
    of("ipv4 nlri-mpls", "bgp.label_stack is \"0 (withdrawn)\"", |s| said(s, "label", "0x800000"), "shown as label 0"),
    of("ipv6 nlri-mpls", "bgp.label_stack is \"0 (withdrawn)\"", |s| said(s, "label", "0x800000"), "shown as label 0"),
    of("ipv4 mpls-vpn", "bgp.label_stack is \"0 (withdrawn)\"", |s| said(s, "label", "0x800000"), "shown as label 0"),
    of("ipv6 mpls-vpn", "bgp.label_stack is \"0 (withdrawn)\"", |s| said(s, "label", "0x800000"), "shown as label 0"),
    of("ipv6 mpls-vpn", "bgp.label_stack is \"Label Stack=%s", |s| said(s, "rd", ":") && !said(s, "rd", "."), "a slip: of type 2 the format is shown"),
    of("ipv4 rtc", "bgp.prefix_length", |_| true, "Herald says the fields, and not how many bits they are"),
    of("ipv4 rtc", "complaint: Malformed Packet", |s| said(s, "route-target", "null"), "32 bits: any route target of an AS (RFC 4684 §4)"),
    of("l2vpn vpls", "complaint: Malformed Packet", |s| said(s, "base", "0x"), "read as a stack of labels: what follows it is taken for more of them"),
    of("ipv6 sr-policy", "complaint: Trying to fetch an IPv6 address with length 4", |_| true, "takes four octets for an IPv6 endpoint"),
    of("ipv6 sr-policy", "complaint: Malformed Packet", |_| true, "takes four octets for an IPv6 endpoint"),
    of("ipv4 mcast-vpn", "bgp.mcast_vpn_nlri_origin_router_ipv4", |s| said(s, "originator", ":"), "an originator is of the AFI of the tunnels, not of the NLRI (RFC 6515)"),
    of("ipv4 mcast-vpn", "bgp.mcast_vpn_nlri_route_key", |s| said(s, "originator", ":"), "an originator is of the AFI of the tunnels, not of the NLRI (RFC 6515)"),
    of("ipv6 mcast-vpn", "bgp.mcast_vpn_nlri_route_key", |s| said(s, "originator", "."), "an originator is of the AFI of the tunnels, not of the NLRI (RFC 6515)"),
    of("ipv6 mcast-vpn", "bgp.mcast_vpn_nlri_origin_router_ipv6", |s| said(s, "originator", "."), "an originator is of the AFI of the tunnels, not of the NLRI (RFC 6515)"),
    of("ipv6 mcast-vpn", "complaint: Unknown Next Hop length (4 bytes)", ipv4_hop, "next hops are of either AFI (RFC 6515)"),
    of("ipv6 mcast-vpn", "complaint: Malformed Packet", |s| said(s, "originator", "."), "an originator is of the AFI of the tunnels, not of the NLRI (RFC 6515)"),
    of("l2vpn evpn", "complaint: Invalid EVPN ESI", |s| !s.words.contains("esi -"), "types beyond 5 are not known"),
    of("l2vpn evpn", "complaint: Invalid EVPN Route Type (9)", |s| s.words.starts_with("per-region-i-pmsi "), "RFC 9572 is not known"),
    of("l2vpn evpn", "complaint: Invalid EVPN Route Type (11)", |s| s.words.starts_with("leaf "), "RFC 9572 is not known"),
    of("l2vpn evpn", "complaint: Invalid EVPN Route Type", |s| s.words.starts_with("raw "), "types nobody registered"),
    of("l2vpn evpn", "complaint: Invalid EVPN Route Type (0)", |s| s.words.starts_with("leave-synch "), LEAVE),
    of("l2vpn evpn", "bgp.evpn.nlri.rt is \"0\"", |s| s.words.starts_with("leave-synch "), LEAVE),
    of("l2vpn evpn", "bgp.evpn.nlri.igmp_mc_flags", |s| s.words.starts_with("leave-synch "), LEAVE),
    of("ipv4 mpls-vpn-multicast", "complaint: MP ", |_| true, "SAFI 129 has no labels (RFC 6514 §10)"),
    of("ipv4 mpls-vpn-multicast", "complaint: Malformed Packet", |_| true, "SAFI 129 has no labels (RFC 6514 §10)"),
    of("ipv6 mpls-vpn-multicast", "complaint: MP ", |_| true, "SAFI 129 has no labels (RFC 6514 §10)"),
    of("ipv6 mpls-vpn-multicast", "complaint: Malformed Packet", |_| true, "SAFI 129 has no labels (RFC 6514 §10)"),
    of("ipv6 mpls-vpn-multicast", "complaint: Unknown labeled VPN IPv6 address format", |_| true, "SAFI 129 has no labels (RFC 6514 §10)"),
    of("ipv6 encap", "complaint: Unknown Next Hop length (4 bytes)", ipv4_hop, "the next hop is of either AFI"),
    of("bgp-ls bgp-ls", "complaint: Unexpected Multi Topology ID TLV's length", |s| s.words.contains("multi-topology ["), "several topologies (RFC 9552 §5.2.2.1)"),
    of("bgp-ls bgp-ls", "complaint: Undefined node Descriptor Sub-TLV type", |s| s.words.contains("confederation-member") || s.words.contains(" tlv "), "the confederation member of RFC 9086 is not known, and neither is what the dice made up"),
    of("bgp-ls bgp-ls", "complaint: Unknown Link Descriptor TLV Code", |s| s.words.contains(" tlv "), "what the dice made up"),
    of("bgp-ls bgp-ls", "complaint: Area ID TLV length should be 4 bytes! (16)", |s| said(s, "ospf-area-id", ":"), "of 16 octets Herald makes an IPv6 address, as ExaBGP does"),
    of("bgp-ls bgp-ls", "complaint: Unknown Link-State NLRI type", |s| !["node ", "link ", "ipv4-", "ipv6-"].iter().any(|kind| s.words.starts_with(kind)), "NLRI of types beyond 4 are not known"),
    of("bgp-ls bgp-ls", "bgp.ls.tlv.igp_router_id", |s| said(s, "igp-router-id", ":"), "a pseudonode of OSPF: two addresses, here as one run of octets"),
    of("bgp-ls bgp-ls-vpn", "complaint: Unknown Link-State NLRI type", |_| true, "the route distinguisher of SAFI 72 is not known"),
    of("bgp-ls bgp-ls-vpn", "complaint: Expected/actual tlv mismatch", |_| true, "the route distinguisher of SAFI 72 is not known"),
    of("bgp-ls bgp-ls-vpn", "complaint: Unknown Link Descriptor TLV Code", |_| true, "the route distinguisher of SAFI 72 is not known"),
    of("bgp-ls bgp-ls-vpn", "complaint: Unknown Prefix Descriptor TLV Code", |_| true, "the route distinguisher of SAFI 72 is not known"),
    of("bgp-ls bgp-ls-vpn", "bgp.ls.nlri_node.identifier", |_| true, "the route distinguisher of SAFI 72 is not known"),
    of("ipv4 flow-vpn", "bgp.flowspec_nlri.dec_val_8", by_name, "Herald shows the name"),
    of("ipv6 flow", "bgp.flowspec_nlri.dec_val_8", by_name, "Herald shows the name"),
    of("ipv6 flow-vpn", "bgp.flowspec_nlri.dec_val_8", |s| by_name(s) || wide_flags(s), "Herald shows the name, or it lost its place where TCP flags take two octets"),
    of("ipv4 flow", "bgp.flowspec_nlri.dec_val_8", wide_flags, "it loses its place where TCP flags take two octets"),
    of("ipv6 flow", "bgp.flowspec_nlri.dst_ipv6_pref", has_offset, "a pattern begins at its offset (RFC 8956 §3.1)"),
    of("ipv6 flow", "bgp.flowspec_nlri.src_ipv6_pref", has_offset, "a pattern begins at its offset (RFC 8956 §3.1)"),
    of("ipv6 flow-vpn", "bgp.flowspec_nlri.dst_ipv6_pref", has_offset, "a pattern begins at its offset (RFC 8956 §3.1)"),
    of("ipv6 flow-vpn", "bgp.flowspec_nlri.src_ipv6_pref", has_offset, "a pattern begins at its offset (RFC 8956 §3.1)"),
    of("extended-community", "bgp.update.path_attribute.mpls_label_value", |s| said(s, "extended-community", "esi-label:"), "24 bits, where the label is the first 20 (RFC 7432 §7.5)"),
    of("pmsi", "complaint: Tunnel type", |s| ["transport", "mpls-in-udp", "assisted-replication", "bier", "99"].iter().any(|kind| s.words.contains(kind)), "types beyond 7 are not known"),
    of("pmsi", "complaint: Opaque Value type", |s| s.words.contains("mldp-"), "opaque values are of any type"),
    of("pmsi", "bgp.update.path_attribute.pmsi.ingress_rep_ip", |s| said(s, "endpoint", ":"), "takes four octets of an IPv6 address"),
    of("tunnel-encap", "complaint: Malformed Packet", |s| ["load-balancing-block", "label-stack", " sub-tlv ", "prefix-sid 0x", "-path-name "].iter().any(|kind| s.words.contains(kind)), "sub-TLVs 5 (RFC 5640), 10 (RFC 9012 §3.6), those of two octets of length, and what the dice made up are read as others"),
    of("tunnel-encap", "complaint: Trailing stray characters", |s| s.words.contains(" sub-tlv "), "what the dice made up"),
    of("tunnel-encap", "bgp.update.encaps_tunnel_tlv_subtlv_gre_key", |s| !s.words.contains(" gre "), "the key of GRE is looked for in other tunnels"),
    of("tunnel-encap", "bgp.update.encaps_tunnel_tlv_subtlv_color_value", |s| s.words.contains("color"), "the first octets of the extended community, where the colour is the last four (RFC 9012 §3.4.2)"),
    of("bgp-ls", "complaint: Unknown BGP-LS Attribute TLV Code", |_| true, "later RFCs are not known, and neither is what the dice made up"),
    of("bgp-ls", "complaint: Unknown BGP-LS Flex-Algo sub-TLV Code", |s| s.words.contains("flex-algorithm ["), "what the dice put there"),
    of("bgp-ls", "complaint: Reserved Protection Capabilities bits", |s| s.words.contains("link-protection ["), "what the dice put there"),
    of("bgp-ls", "complaint: Shared Risk Link Group Value", |s| s.words.contains("tlv 1096 0x"), "it is malformed, and Herald shows octets"),
    of("bgp-ls", "bgp.ls.tlv.shared_risk_link_group_value", |s| s.words.contains("tlv 1096 0x"), "it is malformed, and Herald shows octets"),
    of("bgp-ls", "complaint: Unexpected Unreserved bandwidth TLV's length", |s| s.words.contains("tlv 1091 0x"), "it is malformed, and Herald shows octets"),
    of("bgp-ls", "complaint: Unexpected IPv6 Router-ID TLV's length (4)", |s| s.words.contains("ipv6-router-id "), "of 4 octets Herald makes an IPv4 address, as ExaBGP does"),
    of("bgp-ls", "complaint: Unexpected SABM Length", |s| s.words.contains("tlv 1122 0x"), "it is malformed, and Herald shows octets"),
    of("bgp-ls", "bgp.ls.sr.tlv.prefix.sid", |s| s.words.contains("tlv 1158 0x"), "it is malformed, and Herald shows octets"),
    of("bgpsec-path", "complaint: Malformed Packet", several_blocks, "it loses its place where there are two signature blocks (RFC 8205 §3)"),
    of("d-path", "bgp.update.attribute.dpath", |_| true, "earlier drafts had one ISF_SAFI_TYPE for all domains"),
    of("bgp-prefix-sid", "bgp.prefix_sid.srv6_l", |s| s.words.matches("-service").count() > 1, "of several, events show the first"),
    of("bgp-prefix-sid", "complaint: Malformed Packet", |s| s.words.contains("[ [") || s.words.contains("tlv 77"), "it loses its place behind SRGBs, and in what nobody registered"),
    of("attr-set", "complaint: Unknown BGP-LS Attribute TLV Code", |s| s.words.contains("0x63"), "99 was link state in a draft"),
    of("attr-set", "complaint: Malformed Packet", |s| s.words.contains("0x63"), "99 was link state in a draft"),
    of("capability bgpsec", "complaint: Capability length", |_| true, "Herald tolerates any length, and shows octets"),
    of("capability routing-policy-distribution", "complaint: Capability length", |_| true, "Herald tolerates any length, and shows octets"),
    of("capability cisco-multi-sesion", "complaint: ", |_| true, "a list of capability codes (draft-ietf-idr-bgp-multisession), read as one of families"),
    of("capability add-path", "bgp.cap.ap.sendreceive is \"4\"", |s| s.words.contains(" disabled"), "other modes than 1 to 3 are none (RFC 7911 §4)"),
    of("capability hostname", "complaint: Trailing stray characters", |s| s.words.contains("\\x00"), "a zero octet ends a text there"),
    of("capability hostname", "bgp.cap.orf.fqdn", |s| s.words.contains('\\'), "what is no printable UTF-8 is shown otherwise"),
];
