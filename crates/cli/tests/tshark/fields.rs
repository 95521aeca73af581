//! Which field of the dissector is which member of Herald's JSON, or which keyword in its words.

use crate::pdml::Field;
use crate::samples::Sample;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// The dissector's name of a field, and the keys one of which has to hold its value.
pub static FIELDS: &[(&str, &[&str])] = &[
    ("bgp.update.path_attribute.next_hop", &["next-hop"]),
    ("bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv4", &["next-hop"]),
    ("bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv6", &["next-hop"]),
    // prefixes
    ("bgp.nlri_prefix", &["nlri"]),
    ("bgp.withdrawn_prefix", &["nlri"]),
    ("bgp.mp_reach_nlri_ipv4_prefix", &["nlri"]),
    ("bgp.mp_reach_nlri_ipv6_prefix", &["nlri"]),
    ("bgp.mp_unreach_nlri_ipv4_prefix", &["nlri"]),
    ("bgp.mp_unreach_nlri_ipv6_prefix", &["nlri"]),
    ("bgp.prefix_length", &["bits", "destination-ipv4", "source-ipv4", "ip-reachability"]),
    ("bgp.label_stack", &["label"]),
    ("bgp.rd", &["rd"]),
    ("bgp.originating_as", &["origin"]),
    ("bgp.endpoint_address", &["endpoint"]),
    ("bgp.endpoint_address_ipv6", &["endpoint"]),
    // VPLS
    ("bgp.vplsad.rd", &["rd"]),
    ("bgp.vplsbgp.ce_id", &["endpoint"]),
    ("bgp.vplsbgp.labelblock.offset", &["offset"]),
    ("bgp.vplsbgp.labelblock.size", &["size"]),
    ("bgp.vplsbgp.labelblock.base", &["base"]),
    ("bgp.ad.pe_addr", &["pe-address"]),
    // SR policies
    ("bgp.sr_policy_nlri_distinguisher", &["distinguisher"]),
    ("bgp.sr_policy_nlri_policy_color", &["color"]),
    ("bgp.sr_policy_nlri_endpoint_ipv4", &["endpoint"]),
    ("bgp.sr_policy_nlri_endpoint_ipv6", &["endpoint"]),
    // multicast VPNs
    ("bgp.mcast_vpn_nlri_route_type", &["code"]),
    ("bgp.mcast_vpn_nlri_rd", &["rd"]),
    ("bgp.mcast_vpn_nlri_origin_router_ipv4", &["originator"]),
    ("bgp.mcast_vpn_nlri_origin_router_ipv6", &["originator"]),
    ("bgp.mcast_vpn_nlri_source_addr_ipv4", &["source"]),
    ("bgp.mcast_vpn_nlri_source_addr_ipv6", &["source"]),
    ("bgp.mcast_vpn_nlri_group_addr_ipv4", &["group"]),
    ("bgp.mcast_vpn_nlri_group_addr_ipv6", &["group"]),
    ("bgp.mcast_vpn_nlri_source_as", &["source-as"]),
    ("bgp.mcast_vpn_nlri_route_key", &["route-key"]),
    // EVPN
    ("bgp.evpn.nlri.rt", &["code"]),
    ("bgp.evpn.nlri.rd", &["rd"]),
    ("bgp.evpn.nlri.esi", &["esi"]),
    ("bgp.evpn.nlri.etag", &["ethernet-tag"]),
    ("bgp.evpn.nlri.mac_addr", &["mac"]),
    ("bgp.evpn.nlri.ip.addr", &["ip", "prefix"]),
    ("bgp.evpn.nlri.ipv6.addr", &["ip", "prefix"]),
    ("bgp.evpn.nlri.prefix_len", &["iplen"]),
    ("bgp.evpn.nlri.ipv4.gtw_addr", &["gateway"]),
    ("bgp.evpn.nlri.ipv6.gtw_addr", &["gateway"]),
    ("bgp.evpn.nlri.mc_source_addr", &["source"]),
    ("bgp.evpn.nlri.mc_source_addr_ipv6", &["source"]),
    ("bgp.evpn.nlri.mc_group_addr", &["group"]),
    ("bgp.evpn.nlri.mc_group_addr_ipv6", &["group"]),
    ("bgp.evpn.nlri.or_addr", &["originator"]),
    ("bgp.evpn.nlri.or_addr_ipv6", &["originator"]),
    ("bgp.evpn.nlri.igmp_mc_flags", &["flags"]),
    ("bgp.update.path_attribute.mpls_label_value", &["label", "vni"]),
    // link state
    ("bgp.ls.nlri_node.identifier", &["identifier"]),
    ("bgp.ls.tlv.igp_router_id", &["igp-router-id"]),
    ("bgp.ls.tlv.bgp_router_id.id", &["bgp-router-id"]),
    ("bgp.ls.tlv.autonomous_system.id", &["asn"]),
    ("bgp.ls.tlv.bgp_ls_identifier_id", &["bgp-ls-id"]),
    ("bgp.ls.tlv.area_id.id", &["ospf-area-id"]),
    ("bgp.ls.nlri_ipv4_interface_address", &["interface-address"]),
    ("bgp.ls.nlri_ipv6_interface_address", &["interface-address"]),
    ("bgp.ls.nlri_ipv4_neighbor_address", &["neighbor-address"]),
    ("bgp.ls.nlri_ipv6_neighbor_address", &["neighbor-address"]),
    ("bgp.ls.nlri_multi_topology_id", &["multi-topology"]),
    ("bgp.ls.nlri_ip_reachability_prefix_ip", &["ip-reachability"]),
    ("bgp.ls.nlri_ip_reachability_prefix_ip6", &["ip-reachability"]),
    ("bgp.ls.nlri_ospf_route_type", &["ospf-route-type"]),
    ("bgp.ls.igp_te_metric.delay_value", &["delay"]),
    ("bgp.ls.igp_te_metric.delay_variation_value", &["delay-variation"]),
    ("bgp.ls.igp_te_metric.link_loss_value", &["loss"]),
    ("bgp.ls.tlv.shared_risk_link_group_value", &["srlg"]),
    ("bgp.ls.tlv.metric_value", &["igp-metric"]),
    ("bgp.ls.tlv.te_default_metric_value", &["te-metric"]),
    ("bgp.ls.tlv.prefix_metric_value", &["prefix-metric"]),
    ("bgp.ls.tlv.route_tag_value", &["igp-route-tags"]),
    ("bgp.ls.sr.tlv.adjacency.sid.weight", &["weight"]),
    ("bgp.ls.sr.tlv.adjacency.sid.index", &["sid"]),
    ("bgp.ls.sr.tlv.prefix.sid.algo", &["algorithm"]),
    ("bgp.ls.sr.tlv.prefix.sid.index", &["sid"]),
    ("bgp.ls.tlv.ospf_forwarding_address_ipv4", &["ospf-forwarding-address"]),
    // FlowSpec
    ("bgp.flowspec_nlri.dst_prefix_filter", &["destination-ipv4"]),
    ("bgp.flowspec_nlri.src_prefix_filter", &["source-ipv4"]),
    ("bgp.flowspec_nlri.dst_ipv6_pref", &["destination-ipv6"]),
    ("bgp.flowspec_nlri.src_ipv6_pref", &["source-ipv6"]),
    ("bgp.flowspec_nlri.dec_val_8", RULE),
    ("bgp.flowspec_nlri.dec_val_16", RULE),
    ("bgp.flowspec_route_distinguisher_admin_ipv4", &["rd"]),
    ("bgp.flowspec_route_distinguisher_admin_as_num_2", &["rd"]),
    ("bgp.flowspec_route_distinguisher_admin_as_num_4", &["rd"]),
    ("bgp.flowspec_route_distinguisher_asnum_2", &["rd"]),
    ("bgp.flowspec_route_distinguisher_asnum_4", &["rd"]),
    // attributes
    ("bgp.update.path_attribute.origin", &["origin"]),
    ("bgp.update.path_attribute.local_pref", &["local-preference"]),
    ("bgp.update.path_attribute.as_path_segment.as4", &["value"]),
    ("bgp.update.path_attribute.multi_exit_disc", &["med"]),
    ("bgp.update.path_attribute.aggregator_as", &["aggregator", "as4-aggregator"]),
    ("bgp.update.path_attribute.aggregator_origin", &["aggregator", "as4-aggregator"]),
    ("bgp.update.path_attribute.community_as", &["community"]),
    ("bgp.update.path_attribute.community_value", &["community"]),
    ("bgp.update.path_attribute.originator_id", &["originator-id"]),
    ("bgp.path_attribute.cluster_id", &["cluster-list"]),
    ("bgp.ext_com.value_as2", EXTENDED),
    ("bgp.ext_com.value_as4", EXTENDED),
    ("bgp.ext_com.value_an2", EXTENDED),
    ("bgp.ext_com.value_an4", EXTENDED),
    ("bgp.ext_com.value_IP4", EXTENDED),
    ("bgp.ext_com.value_ospf_rtype.area", EXTENDED),
    ("bgp.ext_com.value_ospf_rtype.type", EXTENDED),
    ("bgp.ext_com.value_ospf_rtype.options", EXTENDED),
    ("bgp.ext_com_evpn.mmac.seq", EXTENDED),
    ("bgp.ext_com_evpn.esi.rt", EXTENDED),
    ("bgp.ext_com.value_link_bw", EXTENDED),
    ("bgp.update.path_attribute.pmsi.tunnel.flags", &["pmsi"]),
    ("bgp.update.path_attribute.pmsi.ingress_rep_ip", &["endpoint"]),
    ("bgp.update.path_attribute.pmsi.pimssm.root_node", &["sender"]),
    ("bgp.update.path_attribute.pmsi.pimssm.pmulticast_group", &["group"]),
    ("bgp.update.encaps_tunnel_tlv_subtlv_gre_key", &["key"]),
    ("bgp.update.encaps_tunnel_tlv_subtlv_color_value", &["color"]),
    ("bgp.update.encaps_tunnel_tlv_subtlv.pref.preference", &["preference"]),
    ("bgp.update.attribute.aigp.accu_igp_metric", &["aigp"]),
    ("bgp.large_communities.ga", &["large-community"]),
    ("bgp.large_communities.ldp1", &["large-community"]),
    ("bgp.large_communities.ldp2", &["large-community"]),
    ("bgp.update.path_attribute.bgpsec.sps.pcount", &["pcount"]),
    ("bgp.update.path_attribute.bgpsec.sps.flags", &["flags"]),
    ("bgp.update.path_attribute.bgpsec.sps.as", &["asn"]),
    ("bgp.update.path_attribute.bgpsec.sb.algo_id", &["algorithm"]),
    ("bgp.update.path_attribute.bgpsec.ss.ski", &["key"]),
    ("bgp.update.path_attribute.bgpsec.ss.sig", &["signature"]),
    ("bgp.update.attribute.dpath.ga", &["domain"]),
    ("bgp.update.attribute.dpath.la", &["domain"]),
    ("bgp.update.attribute.dpath.isf.safi", &["isf-safi"]),
    ("bgp.prefix_sid.label_index.value", &["sr-label-index"]),
    ("bgp.prefix_sid.srv6_l3vpn.sid_value", &["sid"]),
    ("bgp.prefix_sid.srv6_l2vpn.sid_value", &["sid"]),
    ("bgp.prefix_sid.srv6_l3vpn.srv6_endpoint_behavior", &["endpoint_behavior"]),
    ("bgp.prefix_sid.srv6_l2vpn.srv6_endpoint_behavior", &["endpoint_behavior"]),
    ("bgp.prefix_sid.srv6_l3vpn.sid.locator_block_len", &["locator-block-length"]),
    ("bgp.prefix_sid.srv6_l3vpn.sid.locator_node_len", &["locator-node-length"]),
    ("bgp.prefix_sid.srv6_l3vpn.sid.func_len", &["function-length"]),
    ("bgp.prefix_sid.srv6_l3vpn.sid.arg_len", &["argument-length"]),
    ("bgp.prefix_sid.srv6_l3vpn.sid.trans_len", &["transposition-length"]),
    ("bgp.prefix_sid.srv6_l3vpn.sid.trans_offset", &["transposition-offset"]),
    ("bgp.prefix_sid.srv6_l2vpn.sid.locator_block_len", &["locator-block-length"]),
    ("bgp.prefix_sid.srv6_l2vpn.sid.locator_node_len", &["locator-node-length"]),
    ("bgp.prefix_sid.srv6_l2vpn.sid.func_len", &["function-length"]),
    ("bgp.prefix_sid.srv6_l2vpn.sid.arg_len", &["argument-length"]),
    ("bgp.prefix_sid.srv6_l2vpn.sid.trans_len", &["transposition-length"]),
    ("bgp.prefix_sid.srv6_l2vpn.sid.trans_offset", &["transposition-offset"]),
    ("bgp.update.path_attribute.attr_set.origin_as", &["origin-as"]),
    // OPEN and its capabilities
    ("bgp.open.myas", &["open.asn"]),
    ("bgp.open.holdtime", &["open.hold-time"]),
    ("bgp.open.identifier", &["open.router-id"]),
    ("bgp.cap.mp.afi", &["afi"]),
    ("bgp.cap.mp.safi", &["safi"]),
    ("bgp.cap.ap.afi", &["afi"]),
    ("bgp.cap.ap.safi", &["safi"]),
    ("bgp.cap.ap.sendreceive", &["more"]),
    ("bgp.cap.enh.afi", &["afi"]),
    ("bgp.cap.enh.safi", &["safi"]),
    ("bgp.cap.enh.nhafi", &["more"]),
    ("bgp.cap.gr.afi", &["afi"]),
    ("bgp.cap.gr.safi", &["safi"]),
    ("bgp.cap.gr.flag.pfs", &["more"]),
    ("bgp.cap.gr.timers.restart_time", &["time"]),
    ("bgp.cap.4as", &["asn4"]),
    ("bgp.cap.orf.fqdn.hostname", &["host-name"]),
    ("bgp.cap.orf.fqdn.domain_name", &["domain-name"]),
    // other messages
    ("bgp.notify.major_error", &["code"]),
    ("bgp.notify.minor_error", &["subcode"]),
    ("bgp.notify.minor_error_open", &["subcode"]),
    ("bgp.notify.minor_error_update", &["subcode"]),
    ("bgp.notify.minor_error_expired", &["subcode"]),
    ("bgp.notify.minor_error_state", &["subcode"]),
    ("bgp.notify.minor_error_cease", &["subcode"]),
    ("bgp.notify.minor_error_capability", &["subcode"]),
    ("bgp.notify.communication", &["communication"]),
    ("bgp.route_refresh.afi", &["afi"]),
    ("bgp.route_refresh.safi", &["safi"]),
    ("bgp.route_refresh.subtype", &["subtype"]),
];

const RULE: &[&str] = &[
    "protocol",
    "next-header",
    "port",
    "destination-port",
    "source-port",
    "icmp-type",
    "icmp-code",
    "packet-length",
    "traffic-class",
];

const EXTENDED: &[&str] = &["extended-community"];

/// What is different: the value of a field is not among those of the message that have one of the keys.
pub fn difference(field: &Field, keys: &[&str], sample: &Sample) -> Option<String> {
    let of_key = |key: &str| keys.iter().any(|wanted| key == *wanted || key.rsplit('.').next() == Some(wanted));
    let said: BTreeSet<String> =
        sample.says.iter().filter(|(key, _)| of_key(key)).flat_map(|(_, value)| said_forms(value)).collect();
    let (_, behind) = field.line.split_once(": ").unwrap_or_default();
    let seen = [&*field.show, behind];
    let same = seen.iter().flat_map(|value| forms(value)).any(|form| said.contains(&form));
    (!same).then(|| format!("{} is {:?}", field.name, field.show))
}

/// How a value may be compared: as the word it is, as a number, an address, octets or a fraction. The same for each of several:
/// `100 (bottom)`, `10.0.0.0/24`, `100,200`.
fn forms(value: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::new();
    for part in std::iter::once(value).chain(value.split([' ', '(', ')', ',', '/'])).filter(|part| !part.is_empty()) {
        forms.insert(part.trim().to_ascii_lowercase());
        form(part, &mut forms);
    }
    forms
}

/// The same of what Herald says, and of what it is put together from: `target:65000:1`, `>=80&<90`, `es-import:a2:49:32:c9:d1:bc`.
fn said_forms(value: &str) -> BTreeSet<String> {
    let mut forms = forms(value);
    value.split(' ').filter_map(|word| word.split_once(':')).for_each(|(_, behind)| form(behind, &mut forms));
    value.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').for_each(|part| form(part, &mut forms));
    forms
}

fn form(value: &str, out: &mut BTreeSet<String>) {
    let value = value.trim().to_ascii_lowercase();
    let digits = value.strip_prefix("0x").unwrap_or(&value);
    let octets: String = digits.chars().filter(char::is_ascii_hexdigit).collect();
    let hexadecimal = octets.len().is_multiple_of(2)
        && (digits.len() < value.len() || octets.len() < digits.len() || octets.len() >= 8)
        && digits.chars().all(|c| c.is_ascii_hexdigit() || ":-. ".contains(c));
    let address = value.parse().ok();
    let number = value.parse().ok().or_else(|| match address {
        Some(IpAddr::V4(address)) => Some(u32::from(address).into()),
        _ if hexadecimal => u64::from_str_radix(&octets, 16).ok(),
        _ => None,
    });
    out.extend(number.map(|n: u64| format!("number {n}")));
    out.extend(address.map(|address| format!("address {address}")));
    out.extend(value.parse().ok().map(|n: f64| format!("fraction {n:.4e}")));
    if hexadecimal && !octets.is_empty() {
        out.insert(format!("octets {octets}"));
    }
}
