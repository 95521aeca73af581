//! The table: a row for each type of TLV, by ascending type. IANA: "BGP-LS NLRI and Attribute TLVs".

use super::form::{ANY, Brackets, Field, Form, Kind, Lengths, Reserved, Row, Shown};
use crate::dialect::Dialect::{self, V4, V5, V6};
use Kind::{
    Address, Area, Each, Flag, Flags, Float, Ipv4, Ipv6, Loss, Metric, Msd, Neighbor, NoFlags, Number, Opaque, Ranges,
    SidLabel, Sids, SubTlvs, SystemId, Text, Undecoded,
};

/// The row of a type.
pub(super) fn row(code: u16) -> Option<&'static Row> {
    ROWS.get(ROWS.binary_search_by_key(&code, |row| row.code).ok()?)
}

/// The row of a keyword.
pub(super) fn row_of_word(word: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.word == word && !word.is_empty())
}

/// The type that stands for one in JSON: IPv4 and IPv6 router identifiers are in one list.
pub(super) fn group(code: u16) -> u16 {
    match code {
        1029 => 1028,
        1031 => 1030,
        code => code,
    }
}

const fn octets(code: u16, name: &'static str) -> Row {
    Row { code, name, word: "", lengths: ANY, form: Form::Octets, shown: None }
}

const fn plain(code: u16, name: &'static str, word: &'static str, lengths: Lengths, kind: Kind) -> Row {
    Row { code, name, word, lengths, form: Form::Plain(0, kind), shown: None }
}

const fn fields(code: u16, name: &'static str, word: &'static str, lengths: Lengths, form: Form) -> Row {
    Row { code, name, word, lengths, form, shown: None }
}

const fn field(key: &'static str, word: &'static str, at: usize, kind: Kind) -> Field {
    Field { key, word, at, kind }
}

impl Row {
    /// JSON has a key for it since this dialect.
    const fn json(self, since: Dialect, key: &'static str) -> Row {
        self.renamed(since, key, key)
    }

    /// The same, with another key since 6.
    const fn renamed(self, since: Dialect, old: &'static str, new: &'static str) -> Row {
        Row { shown: Some(Shown { since, keys: [old, new], list: single, loose: None }), ..self }
    }

    /// It is in a list even if it is there only once.
    const fn list(self, list: fn(Dialect) -> Option<Brackets>) -> Row {
        match self.shown {
            Some(shown) => Row { shown: Some(Shown { list, ..shown }), ..self },
            None => self,
        }
    }

    /// Up to this dialect its fields are in no object of their own.
    const fn loose(self, dialect: Dialect) -> Row {
        match self.shown {
            Some(shown) => Row { shown: Some(Shown { loose: Some(dialect), ..shown }), ..self },
            None => self,
        }
    }
}

pub(super) const TIGHT: Option<Brackets> = Some(("[", "]"));

fn single(_: Dialect) -> Option<Brackets> {
    None
}

fn always(_: Dialect) -> Option<Brackets> {
    TIGHT
}

fn since_6(dialect: Dialect) -> Option<Brackets> {
    if dialect == V6 { TIGHT } else { None }
}

fn before_5(dialect: Dialect) -> Option<Brackets> {
    if dialect == V4 { TIGHT } else { None }
}

fn spaced_before_6(dialect: Dialect) -> Option<Brackets> {
    if dialect == V6 { TIGHT } else { Some(("[ ", " ]")) }
}

const U8: Kind = Number(1);
const U32: Kind = Number(4);
const U32S: Kind = Each(&U32, "[]");
const ADDRESS: Lengths = Lengths::either(4, 16);
const ONE: Lengths = Lengths::exactly(1);
const FOUR: Lengths = Lengths::exactly(4);
const EIGHT: Lengths = Lengths::exactly(8);
const NAME: Lengths = Lengths::between(0, 255);

const fn flags(names: &'static [&'static str]) -> Kind {
    Flags(1, names, Reserved::Zero)
}

const PROTECTIONS: &[&str] = &["ExtraTrafic", "Unprotected", "Shared", "Dedicated 1:1", "Dedicated 1+1", "Enhanced"];

const IDENTIFIERS: Form = Form::Fields(8, &[field("local-id", "local", 0, U32), field("remote-id", "remote", 4, U32)]);
const SR_RANGES: Form =
    Form::Fields(2, &[field("sr-capability-flags", "flags", 0, flags(&["I", "V"])), field("sids", "range", 0, Ranges)]);
const SRV6_CAPABILITIES: Form = Form::Fields(4, &[field("flags", "flags", 0, Flags(2, &["", "O"], Reserved::Nothing))]);
const FLEX_ALGORITHM: Form = Form::Fields(
    4,
    &[
        field("algorithm", "algorithm", 0, U8),
        field("metric-type", "metric-type", 1, U8),
        field("calculation-type", "calculation-type", 2, U8),
        field("priority", "priority", 3, U8),
        field("", "", 0, SubTlvs),
    ],
);
const FLEX_ALGORITHM_METRIC: Form = Form::Fields(
    8,
    &[field("algorithm", "algorithm", 0, U8), field("flags", "flags", 1, U8), field("metric", "metric", 4, U32)],
);
const ADJACENCY: &[&str] = &["F", "B", "V", "L", "S", "P"];
const ADJACENCY_SID: Form = Form::Fields(
    4,
    &[
        field("flags", "flags", 0, flags(ADJACENCY)),
        field("sids", "sid", 0, Sids(0x30)),
        field("weight", "weight", 1, U8),
        field("undecoded-sids", "", 0, Undecoded(0x30)),
    ],
);
const LAN_ADJACENCY_SID: Form = Form::Fields(
    10,
    &[
        field("flags", "flags", 0, flags(ADJACENCY)),
        field("weight", "weight", 1, U8),
        field("system-id", "neighbor", 4, Neighbor),
        field("sids", "sid", 0, Sids(0x30)),
        field("undecoded", "", 0, Undecoded(0x30)),
    ],
);
const PEER_SID: Form = Form::Fields(
    4,
    &[
        field("flags", "flags", 0, flags(&["V", "L", "B", "P"])),
        field("weight", "weight", 1, U8),
        field("sids", "sid", 0, Sids(0xc0)),
    ],
);
const PREFIX_SID: Form = Form::Fields(
    4,
    &[
        field("sr-prefix-flags", "flags", 0, flags(&["R", "N", "P", "E", "V", "L"])),
        field("sids", "sid", 0, Sids(0x0c)),
        field("undecoded-sids", "", 0, Undecoded(0x0c)),
        field("sr-algorithm", "algorithm", 1, U8),
    ],
);
const PREFIX_RANGE: Form =
    Form::Fields(4, &[field("flags", "flags", 0, U8), field("size", "size", 2, Number(2)), field("", "", 0, SubTlvs)]);
const END_X: &[&str] = &["B", "S", "P"];
const SRV6_END_X_SID: Form = Form::Fields(
    22,
    &[
        field("flags", "flags", 2, flags(END_X)),
        field("behavior", "behavior", 0, Number(2)),
        field("algorithm", "algorithm", 3, U8),
        field("weight", "weight", 4, U8),
        field("sid", "sid", 6, Ipv6),
        field("", "", 0, SubTlvs),
    ],
);
const SRV6_LAN_END_X_SID_ISIS: Form = Form::Fields(
    28,
    &[
        field("flags", "flags", 2, flags(END_X)),
        field("neighbor-id", "neighbor", 6, SystemId),
        field("behavior", "behavior", 0, Number(2)),
        field("algorithm", "algorithm", 3, U8),
        field("weight", "weight", 4, U8),
        field("sid", "sid", 12, Ipv6),
        field("", "", 0, SubTlvs),
    ],
);
const SRV6_LAN_END_X_SID_OSPF: Form = Form::Fields(
    26,
    &[
        field("flags", "flags", 2, flags(END_X)),
        field("neighbor-id", "neighbor", 6, Ipv4),
        field("behavior", "behavior", 0, Number(2)),
        field("algorithm", "algorithm", 3, U8),
        field("weight", "weight", 4, U8),
        field("sid", "sid", 10, Ipv6),
        field("", "", 0, SubTlvs),
    ],
);
const DELAY: Form =
    Form::Fields(4, &[field("delay-us", "delay", 1, Number(3)), field("anomalous", "anomalous", 0, Flag)]);
const MIN_MAX_DELAY: Form = Form::Fields(
    8,
    &[
        field("min-delay-us", "min", 1, Number(3)),
        field("max-delay-us", "max", 5, Number(3)),
        field("anomalous", "anomalous", 0, Flag),
    ],
);
const LOSS: Form = Form::Fields(4, &[field("loss-percent", "loss", 1, Loss), field("anomalous", "anomalous", 0, Flag)]);
const SRV6_LOCATOR: Form = Form::Fields(
    8,
    &[
        field("flags", "flags", 0, flags(&["D"])),
        field("algorithm", "algorithm", 1, U8),
        field("metric", "metric", 4, U32),
    ],
);
const L2_BUNDLE_MEMBER: Form = Form::Fields(4, &[field("identifier", "identifier", 0, U32), field("", "", 0, SubTlvs)]);
const SRV6_ENDPOINT_BEHAVIOR: Form = Form::Fields(
    4,
    &[
        field("endpoint-behavior", "behavior", 0, Number(2)),
        field("flags", "flags", 2, NoFlags),
        field("algorithm", "algorithm", 3, U8),
    ],
);
const SRV6_PEER_NODE_SID: Form = Form::Fields(
    12,
    &[
        field("flags", "flags", 0, flags(END_X)),
        field("weight", "weight", 1, U8),
        field("asn", "asn", 4, U32),
        field("router-id", "router-id", 8, Ipv4),
    ],
);
const SRV6_SID_STRUCTURE: Form = Form::Fields(
    4,
    &[
        field("loc_block_len", "block", 0, U8),
        field("loc_node_len", "node", 1, U8),
        field("func_len", "function", 2, U8),
        field("arg_len", "argument", 3, U8),
    ],
);

/// All of them. Beside the attributes of nodes, links, prefixes and SIDs those that are found inside of others.
#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    // RFC 9552
    fields(258, "Link Local/Remote Identifiers", "link-identifiers", EIGHT, IDENTIFIERS)
        .json(V6, "link-local-remote-identifiers").list(since_6),
    plain(263, "Multi-Topology Identifiers", "multi-topology", Lengths::times(2), Each(&Number(2), "[]")),
    // RFC 8814
    plain(266, "Node MSD", "node-msd", Lengths::times(2), Each(&Msd, "[]")),
    plain(267, "Link MSD", "link-msd", Lengths::times(2), Each(&Msd, "[]")),
    // RFC 9552 §5.3.1, RFC 9085 §2.1, RFC 9247, RFC 9514 §3.1, RFC 9351
    plain(1024, "Node Flag Bits", "node-flags", ONE, flags(&["O", "T", "E", "B", "R", "V"])).json(V4, "node-flags"),
    plain(1025, "Opaque Node Attribute", "opaque-node", ANY, Opaque).json(V4, "opaque"),
    plain(1026, "Node Name", "node-name", NAME, Text).json(V4, "node-name"),
    plain(1027, "IS-IS Area Identifier", "isis-area", Lengths::between(1, 16), Area)
        .renamed(V4, "area-id", "area-ids").list(since_6),
    plain(1028, "IPv4 Router-ID of Local Node", "local-ipv4-router-id", ADDRESS, Address)
        .renamed(V4, "local-te-router-ids", "local-router-ids").list(always),
    plain(1029, "IPv6 Router-ID of Local Node", "local-ipv6-router-id", ADDRESS, Address)
        .renamed(V4, "local-te-router-ids", "local-router-ids").list(always),
    plain(1030, "IPv4 Router-ID of Remote Node", "remote-ipv4-router-id", ADDRESS, Address)
        .renamed(V4, "remote-te-router-id", "remote-router-ids").list(since_6),
    plain(1031, "IPv6 Router-ID of Remote Node", "remote-ipv6-router-id", ADDRESS, Address)
        .renamed(V4, "remote-te-router-id", "remote-router-ids").list(since_6),
    plain(1032, "S-BFD Discriminators", "s-bfd-discriminators", Lengths::times(4), U32S),
    fields(1034, "SR Capabilities", "sr-capabilities", Lengths::at_least(2), SR_RANGES)
        .json(V4, "sr-capability-flags").loose(V6),
    plain(1035, "SR Algorithm", "sr-algorithms", ANY, Each(&U8, "[0]")).json(V4, "sr-algorithms"),
    fields(1036, "SR Local Block", "sr-local-block", Lengths::at_least(2), SR_RANGES),
    plain(1037, "SRMS Preference", "srms-preference", ONE, U8),
    fields(1038, "SRv6 Capabilities", "srv6-capabilities", FOUR, SRV6_CAPABILITIES).json(V5, "srv6-capabilities"),
    fields(1039, "Flexible Algorithm Definition", "flex-algorithm", Lengths::at_least(4), FLEX_ALGORITHM),
    plain(1040, "Flexible Algorithm Exclude Any Affinity", "exclude-any-affinity", Lengths::times(4), U32S),
    plain(1041, "Flexible Algorithm Include Any Affinity", "include-any-affinity", Lengths::times(4), U32S),
    plain(1042, "Flexible Algorithm Include All Affinity", "include-all-affinity", Lengths::times(4), U32S),
    plain(1043, "Flexible Algorithm Definition Flags", "definition-flags", ANY, Opaque),
    fields(1044, "Flexible Algorithm Prefix Metric", "flex-algorithm-metric", EIGHT, FLEX_ALGORITHM_METRIC),
    plain(1045, "Flexible Algorithm Exclude SRLG", "exclude-srlg", Lengths::times(4), U32S),
    octets(1046, "Flexible Algorithm Unsupported"),
    // RFC 9552 §5.3.2, RFC 5305, RFC 5307
    plain(1088, "Administrative Group", "admin-group", FOUR, U32).json(V4, "admin-group-mask").list(before_5),
    plain(1089, "Maximum Link Bandwidth", "maximum-link-bandwidth", FOUR, Float).json(V4, "maximum-link-bandwidth"),
    plain(1090, "Maximum Reservable Link Bandwidth", "maximum-reservable-link-bandwidth", FOUR, Float)
        .json(V4, "maximum-reservable-link-bandwidth"),
    plain(1091, "Unreserved Bandwidth", "unreserved-bandwidth", Lengths::exactly(32), Each(&Float, "[]"))
        .json(V4, "unreserved-bandwidth"),
    plain(1092, "TE Default Metric", "te-metric", FOUR, U32).json(V4, "te-metric"),
    fields(1093, "Link Protection Type", "link-protection", Lengths::exactly(2), Form::Plain(0, flags(PROTECTIONS)))
        .json(V4, "link-protection-flags"),
    plain(1094, "MPLS Protocol Mask", "mpls-protocols", ONE, flags(&["LDP", "RSVP-TE"])).json(V4, "mpls-mask"),
    plain(1095, "IGP Metric", "igp-metric", Lengths::between(1, 3), Metric).json(V4, "igp-metric"),
    plain(1096, "Shared Risk Link Group", "srlg", Lengths::times(4), U32S).json(V4, "shared-risk-link-groups"),
    plain(1097, "Opaque Link Attribute", "opaque-link", ANY, Opaque).json(V4, "opaque-link"),
    plain(1098, "Link Name", "link-name", NAME, Text).json(V4, "link-name"),
    // RFC 9085 §2.2, RFC 9086 §5, RFC 8169
    fields(1099, "Adjacency SID", "adjacency-sid", Lengths::at_least(4), ADJACENCY_SID)
        .renamed(V4, "sr-adj", "sr-adjs").list(since_6),
    fields(1100, "LAN Adjacency SID", "lan-adjacency-sid", Lengths::at_least(8), LAN_ADJACENCY_SID)
        .renamed(V4, "sr-adj-lan-sids", "sr-adj-lan").list(always),
    fields(1101, "Peer Node SID", "peer-node-sid", Lengths::at_least(4), PEER_SID),
    fields(1102, "Peer Adjacency SID", "peer-adjacency-sid", Lengths::at_least(4), PEER_SID),
    fields(1103, "Peer Set SID", "peer-set-sid", Lengths::at_least(4), PEER_SID),
    octets(1105, "RTM Capability"),
    // RFC 9514 §4
    fields(1106, "SRv6 End.X SID", "srv6-end-x-sid", Lengths::at_least(22), SRV6_END_X_SID)
        .json(V5, "srv6-endx").list(spaced_before_6),
    fields(1107, "IS-IS SRv6 LAN End.X SID", "isis-srv6-lan-end-x-sid", Lengths::at_least(28), SRV6_LAN_END_X_SID_ISIS)
        .json(V5, "srv6-lan-endx-isis").list(spaced_before_6),
    fields(1108, "OSPFv3 SRv6 LAN End.X SID", "ospfv3-srv6-lan-end-x-sid", Lengths::at_least(26), SRV6_LAN_END_X_SID_OSPF)
        .json(V5, "srv6-lan-endx-ospf").list(spaced_before_6),
    // RFC 8571 §2
    fields(1114, "Unidirectional Link Delay", "link-delay", FOUR, DELAY).json(V6, "unidirectional-link-delay"),
    fields(1115, "Min/Max Unidirectional Link Delay", "min-max-link-delay", EIGHT, MIN_MAX_DELAY)
        .json(V6, "minmax-unidirectional-link-delay"),
    fields(1116, "Unidirectional Delay Variation", "delay-variation", FOUR, Form::Plain(1, Number(3)))
        .json(V6, "unidirectional-delay-variation"),
    fields(1117, "Unidirectional Link Loss", "link-loss", FOUR, LOSS).json(V6, "unidirectional-link-loss"),
    plain(1118, "Unidirectional Residual Bandwidth", "residual-bandwidth", FOUR, Float)
        .json(V6, "unidirectional-residual-bandwidth"),
    plain(1119, "Unidirectional Available Bandwidth", "available-bandwidth", FOUR, Float)
        .json(V6, "unidirectional-available-bandwidth"),
    plain(1120, "Unidirectional Utilized Bandwidth", "utilized-bandwidth", FOUR, Float)
        .json(V6, "unidirectional-utilized-bandwidth"),
    // RFC 9294
    octets(1122, "Application-Specific Link Attributes"),
    // RFC 9552 §5.3.3
    plain(1152, "IGP Flags", "igp-flags", ONE, flags(&["D", "N", "L", "P"])).json(V4, "igp-flags"),
    plain(1153, "IGP Route Tag", "igp-route-tags", Lengths::times(4), U32S).json(V4, "igp-route-tags"),
    plain(1154, "IGP Extended Route Tag", "igp-extended-route-tags", Lengths::times(8), Each(&Number(8), "[]"))
        .json(V4, "igp-extended-route-tags"),
    plain(1155, "Prefix Metric", "prefix-metric", FOUR, U32).json(V4, "prefix-metric"),
    plain(1156, "OSPF Forwarding Address", "ospf-forwarding-address", ADDRESS, Address)
        .json(V4, "ospf-forwarding-address"),
    plain(1157, "Opaque Prefix Attribute", "opaque-prefix", ANY, Opaque).json(V4, "opaque-prefix"),
    // RFC 9085 §2.3, RFC 9514 §5.1
    fields(1158, "Prefix-SID", "prefix-sid", Lengths::at_least(4), PREFIX_SID)
        .renamed(V4, "sr-prefix-flags", "sr-prefix-sids").list(since_6).loose(V5),
    fields(1159, "Range", "range", Lengths::at_least(4), PREFIX_RANGE),
    plain(1161, "SID/Label", "sid-label", Lengths::either(3, 4), SidLabel),
    fields(1162, "SRv6 Locator", "srv6-locator", Lengths::at_least(8), SRV6_LOCATOR)
        .renamed(V5, "srv6-locator", "srv6-locators").list(since_6),
    plain(1170, "Prefix Attribute Flags", "prefix-attribute-flags", Lengths::at_least(1), flags(&["X", "R", "N"]))
        .json(V4, "sr-prefix-attribute-flags"),
    plain(1171, "Source Router Identifier", "source-router-id", ADDRESS, Address).json(V4, "sr-source-router-id"),
    fields(1172, "L2 Bundle Member Attributes", "l2-bundle-member", Lengths::at_least(4), L2_BUNDLE_MEMBER),
    // RFC 9104, RFC 9552
    plain(1173, "Extended Administrative Group", "extended-admin-group", Lengths::times(4), U32S),
    plain(1174, "Source OSPF Router-ID", "source-ospf-router-id", FOUR, Ipv4),
    // RFC 9514 §7
    fields(1250, "SRv6 Endpoint Behavior", "srv6-endpoint-behavior", FOUR, SRV6_ENDPOINT_BEHAVIOR)
        .json(V5, "srv6-endpoint-behavior"),
    fields(1251, "SRv6 BGP Peer Node SID", "srv6-peer-node-sid", Lengths::exactly(12), SRV6_PEER_NODE_SID),
    fields(1252, "SRv6 SID Structure", "srv6-sid-structure", FOUR, SRV6_SID_STRUCTURE).json(V5, "srv6-sid-structure"),
];
