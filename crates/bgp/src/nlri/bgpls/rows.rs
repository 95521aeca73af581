//! The tables: types of NLRI, protocols, and a row for each descriptor, by ascending type (RFC 9552 §5.2, RFC 9086 §4,
//! RFC 9514 §6).

/// A type of NLRI that has descriptors.
pub(super) struct Kind {
    pub code: u16,
    /// The word a route begins with.
    pub word: &'static str,
    /// What `"ls-nlri-type"` says; empty: no dialect has a name for it.
    pub name: &'static str,
    /// The descriptors it cannot do without.
    pub needs: &'static [u16],
}

pub(super) const NODE: u16 = 1;
pub(super) const LINK: u16 = 2;
pub(super) const IPV4_PREFIX: u16 = 3;
pub(super) const IPV6_PREFIX: u16 = 4;
pub(super) const SRV6_SID: u16 = 6;

const fn kind(code: u16, word: &'static str, name: &'static str, needs: &'static [u16]) -> Kind {
    Kind { code, word, name, needs }
}

pub(super) static KINDS: &[Kind] = &[
    kind(NODE, "node", "bgpls-node", &[LOCAL]),
    kind(LINK, "link", "bgpls-link", &[LOCAL, REMOTE]),
    kind(IPV4_PREFIX, "ipv4-prefix", "bgpls-prefix-v4", &[LOCAL, IP_REACHABILITY]),
    kind(IPV6_PREFIX, "ipv6-prefix", "bgpls-prefix-v6", &[LOCAL, IP_REACHABILITY]),
    kind(5, "sr-policy-candidate-path", "", &[LOCAL]),
    kind(SRV6_SID, "srv6-sid", "bgpls-srv6sid", &[LOCAL, SID]),
];

/// Where the information comes from (RFC 9552 §5.2, RFC 9086 §4.1, RFC 9857; 227 is private use of freeRtr).
pub(super) static PROTOCOLS: &[(u8, &str)] = &[
    (1, "isis-l1"),
    (2, "isis-l2"),
    (3, "ospfv2"),
    (4, "direct"),
    (5, "static"),
    (6, "ospfv3"),
    (7, "bgp"),
    (8, "rsvp-te"),
    (9, "segment-routing"),
    (227, "freertr"),
];

/// A descriptor.
pub(super) struct Row {
    pub code: u16,
    /// Its keyword.
    pub word: &'static str,
    pub value: Value,
    /// The types of NLRI it is part of, or [`IN_NODE`].
    pub of: &'static [u16],
    /// An NLRI with two of them says two things at once.
    pub once: bool,
}

/// How the value reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// Descriptors of a node.
    Node,
    /// Two numbers of four octets.
    Identifiers,
    /// An IPv4 address, if the length is 4; an IPv6 address, if it is 16.
    Address(&'static [usize]),
    /// `{ reserved(4 bits) identifier(12 bits) }*`, at least one.
    Topologies,
    /// One octet.
    RouteType,
    /// `length(1) prefix`
    Prefix,
    /// Four octets.
    Number,
    /// A router of the IGP: see [`super::view::RouterId`].
    RouterId,
}

pub(super) const LOCAL: u16 = 256;
pub(super) const REMOTE: u16 = 257;
pub(super) const LINK_IDENTIFIERS: u16 = 258;
pub(super) const IPV4_INTERFACE: u16 = 259;
pub(super) const IPV4_NEIGHBOR: u16 = 260;
pub(super) const IPV6_INTERFACE: u16 = 261;
pub(super) const IPV6_NEIGHBOR: u16 = 262;
pub(super) const TOPOLOGIES: u16 = 263;
pub(super) const OSPF_ROUTE_TYPE: u16 = 264;
pub(super) const IP_REACHABILITY: u16 = 265;
pub(super) const AUTONOMOUS_SYSTEM: u16 = 512;
pub(super) const BGP_LS_IDENTIFIER: u16 = 513;
pub(super) const OSPF_AREA_ID: u16 = 514;
pub(super) const IGP_ROUTER_ID: u16 = 515;
pub(super) const SID: u16 = 518;

/// Part of the descriptors of a node, not of an NLRI.
pub(super) const IN_NODE: &[u16] = &[0];
const ALL: &[u16] = &[NODE, LINK, IPV4_PREFIX, IPV6_PREFIX, 5, SRV6_SID];
const PREFIXES: &[u16] = &[IPV4_PREFIX, IPV6_PREFIX];

const fn row(code: u16, word: &'static str, value: Value, of: &'static [u16], once: bool) -> Row {
    Row { code, word, value, of, once }
}

pub(super) static ROWS: &[Row] = &[
    row(LOCAL, "local", Value::Node, ALL, true),
    row(REMOTE, "remote", Value::Node, &[LINK], true),
    row(LINK_IDENTIFIERS, "link-identifiers", Value::Identifiers, &[LINK], false),
    row(IPV4_INTERFACE, "interface-address", Value::Address(&[4]), &[LINK], false),
    row(IPV4_NEIGHBOR, "neighbor-address", Value::Address(&[4]), &[LINK], false),
    row(IPV6_INTERFACE, "interface-address", Value::Address(&[16]), &[LINK], false),
    row(IPV6_NEIGHBOR, "neighbor-address", Value::Address(&[16]), &[LINK], false),
    row(TOPOLOGIES, "multi-topology", Value::Topologies, &[LINK, IPV4_PREFIX, IPV6_PREFIX, SRV6_SID], false),
    row(OSPF_ROUTE_TYPE, "ospf-route-type", Value::RouteType, PREFIXES, true),
    row(IP_REACHABILITY, "ip-reachability", Value::Prefix, PREFIXES, true),
    row(AUTONOMOUS_SYSTEM, "asn", Value::Number, IN_NODE, true),
    row(BGP_LS_IDENTIFIER, "bgp-ls-id", Value::Number, IN_NODE, true),
    // sixteen octets are no area, but have always been shown
    row(OSPF_AREA_ID, "ospf-area-id", Value::Address(&[4, 16]), IN_NODE, true),
    row(IGP_ROUTER_ID, "igp-router-id", Value::RouterId, IN_NODE, true),
    row(516, "bgp-router-id", Value::Address(&[4]), IN_NODE, true),
    row(517, "confederation-member", Value::Number, IN_NODE, true),
    row(SID, "sid", Value::Address(&[16]), &[SRV6_SID], true),
];

/// OSPF route types by their numbers, from 1 on (RFC 9552 §5.2.3.1).
pub(super) const ROUTE_TYPES: &[&str] = &["intra-area", "inter-area", "external-1", "external-2", "nssa-1", "nssa-2"];

impl Row {
    /// How it is written, for whoever left it out.
    pub(super) fn example(&self) -> &'static str {
        match self.value {
            Value::Node if self.code == REMOTE => "remote [ asn 65000 igp-router-id 0001.0002.0004 ]",
            Value::Node => "local [ asn 65000 igp-router-id 0001.0002.0003 ]",
            Value::Prefix => "ip-reachability 10.0.0.0/24",
            _ => "sid 2001:db8::1",
        }
    }
}

/// What is known of a type of NLRI.
pub(super) fn kind_of(code: u16) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.code == code)
}

/// The word for a protocol.
pub(super) fn protocol_name(code: u8) -> Option<&'static str> {
    PROTOCOLS.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

/// The row of a descriptor of such an NLRI, or of a node ([`IN_NODE`]).
pub(super) fn row_in(code: u16, of: u16) -> Option<&'static Row> {
    let row = ROWS.binary_search_by_key(&code, |row| row.code).ok().and_then(|at| ROWS.get(at));
    row.filter(|row| row.of.contains(&of))
}
