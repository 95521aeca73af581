//! What a rule may match: a row for each component type (RFC 8955 §4.2.2, RFC 8956 §3, draft-ietf-idr-flowspec-l2vpn).

use crate::family::Afi;
use crate::value::digits;

/// A component type.
#[derive(Debug)]
pub(super) struct Component {
    /// Its type. Components of a rule are in ascending order.
    pub number: u8,
    /// What it is called in rules of IPv4 and layer 2, and in those of IPv6.
    pub names: [&'static str; 2],
    /// Further keywords; they mean the same in every rule.
    pub keywords: &'static [&'static str],
    /// The rules it may be in.
    pub within: Within,
    pub kind: Kind,
}

/// Which rules have a component.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Within {
    /// Those of IPv4 and IPv6.
    Ip,
    /// Those of IPv6 and layer 2.
    Label,
    /// Those of layer 2.
    Layer2,
    All,
}

/// What is behind the type.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// IPv4: `length(1) prefix`. IPv6: `length(1) offset(1) pattern`.
    Prefix,
    /// `length(1) = 6, address(6)`
    Mac,
    /// `{ operator(1) value }*`, where an operator compares.
    Numeric(Numeric),
    /// `{ operator(1) value }*`, where an operator looks at bits.
    Bitmask(Bitmask),
}

/// Numbers that are compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numeric {
    /// The greatest that makes sense, by either name of the component.
    pub max: [u64; 2],
    /// Octets one is written with at least.
    pub least: usize,
    /// Octets one may have at most; longer ones are malformed.
    pub most: usize,
    /// Names that are printed, and read.
    pub names: Names,
    /// Names that are read.
    pub aliases: Names,
    /// The names of services are read.
    pub ports: bool,
}

/// Bits that are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bitmask {
    /// Octets one may have at most; longer ones are malformed.
    pub most: usize,
    /// Names of bits.
    pub names: Names,
    /// Names that are read.
    pub aliases: Names,
}

pub(super) type Names = &'static [(u64, &'static str)];

const fn numeric(number: u8, name: &'static str, max: u64, names: Names) -> Component {
    let kind = Kind::Numeric(Numeric { max: [max; 2], least: 1, most: 8, names, aliases: &[], ports: false });
    Component { number, names: [name; 2], keywords: &[], within: Within::All, kind }
}

const fn bitmask(number: u8, name: &'static str, most: usize, names: Names, aliases: Names) -> Component {
    let kind = Kind::Bitmask(Bitmask { most, names, aliases });
    Component { number, names: [name; 2], keywords: &[], within: Within::All, kind }
}

const fn prefix(number: u8, names: [&'static str; 2], keywords: &'static [&'static str]) -> Component {
    Component { number, names, keywords, within: Within::Ip, kind: Kind::Prefix }
}

const fn mac(number: u8, name: &'static str) -> Component {
    Component { number, names: [name; 2], keywords: &[], within: Within::Layer2, kind: Kind::Mac }
}

impl Component {
    const fn within(self, within: Within) -> Component {
        Component { within, ..self }
    }

    /// The same, but called something else in rules of IPv6.
    const fn ipv6(self, name: &'static str) -> Component {
        let [own, _] = self.names;
        Component { names: [own, name], ..self }
    }

    const fn of_numbers(self, change: Numeric) -> Component {
        Component { kind: Kind::Numeric(change), ..self }
    }
}

const PORT: Numeric = Numeric { max: [0xffff; 2], least: 1, most: 8, names: &[], aliases: &[], ports: true };
const CODE: Numeric = Numeric { max: [0xff; 2], aliases: ICMP_CODES, ports: false, ..PORT };
/// Six bits of the traffic class. RFC 8955 §4.2.2.11: one octet, no more.
const DSCP: Numeric = Numeric { max: [0x3f, 0xff], most: 1, ports: false, ..PORT };
const ETHER_TYPE: Numeric = Numeric { least: 2, names: ETHER_TYPES, ports: false, ..PORT };

/// By ascending type.
#[rustfmt::skip]
pub(super) static COMPONENTS: &[Component] = &[
    prefix(1, ["destination-ipv4", "destination-ipv6"], &["destination"]),
    prefix(2, ["source-ipv4", "source-ipv6"], &["source"]),
    numeric(3, "protocol", 0xff, PROTOCOLS).ipv6("next-header"),
    numeric(4, "port", 0, &[]).of_numbers(PORT),
    numeric(5, "destination-port", 0, &[]).of_numbers(PORT),
    numeric(6, "source-port", 0, &[]).of_numbers(PORT),
    numeric(7, "icmp-type", 0xff, ICMP_TYPES),
    numeric(8, "icmp-code", 0, &[]).of_numbers(CODE),
    bitmask(9, "tcp-flags", 2, TCP_FLAGS, &[(0x20, "urgent")]),
    numeric(10, "packet-length", 0xffff, &[]),
    numeric(11, "dscp", 0, &[]).of_numbers(DSCP).ipv6("traffic-class"),
    bitmask(12, "fragment", 1, FRAGMENTS, &[]),
    numeric(13, "flow-label", 0xf_ffff, &[]).within(Within::Label),
    numeric(14, "ether-type", 0, &[]).of_numbers(ETHER_TYPE).within(Within::Layer2),
    mac(15, "source-mac"),
    mac(16, "destination-mac"),
    numeric(17, "llc-dsap", 0xff, &[]).within(Within::Layer2),
    numeric(18, "llc-ssap", 0xff, &[]).within(Within::Layer2),
    numeric(19, "llc-control", 0xff, &[]).within(Within::Layer2),
    numeric(20, "snap", 0xff_ffff_ffff, &[]).within(Within::Layer2),
    numeric(21, "vid", 0xfff, &[]).within(Within::Layer2),
    numeric(22, "cos", 7, &[]).within(Within::Layer2),
    numeric(23, "inner-vid", 0xfff, &[]).within(Within::Layer2),
    numeric(24, "inner-cos", 7, &[]).within(Within::Layer2),
];

const PROTOCOLS: Names = &[
    (1, "icmp"),
    (2, "igmp"),
    (6, "tcp"),
    (8, "egp"),
    (17, "udp"),
    (46, "rsvp"),
    (47, "gre"),
    (50, "esp"),
    (51, "ah"),
    (89, "ospf"),
    (94, "ipip"),
    (103, "pim"),
    (132, "sctp"),
];

/// Those of ICMP; ICMPv6 has numbers of its own, and no names here.
const ICMP_TYPES: Names = &[
    (0, "echo-reply"),
    (3, "unreachable"),
    (5, "redirect"),
    (8, "echo-request"),
    (9, "router-advertisement"),
    (10, "router-solicit"),
    (11, "time-exceeded"),
    (12, "parameter-problem"),
    (13, "timestamp"),
    (14, "timestamp-reply"),
    (40, "photuris"),
    (41, "experimental-mobility"),
    (42, "extended-echo-request"),
    (43, "extended-echo-reply"),
    (253, "experimental-one"),
    (254, "experimental-two"),
];

/// A number means something else for each type, so none is printed by name.
const ICMP_CODES: Names = &[
    (0, "network-unreachable"),
    (1, "host-unreachable"),
    (2, "protocol-unreachable"),
    (3, "port-unreachable"),
    (4, "fragmentation-needed"),
    (5, "source-route-failed"),
    (6, "destination-network-unknown"),
    (7, "destination-host-unknown"),
    (8, "source-host-isolated"),
    (9, "destination-network-prohibited"),
    (10, "destination-host-prohibited"),
    (11, "network-unreachable-for-tos"),
    (12, "host-unreachable-for-tos"),
    (13, "communication-prohibited-by-filtering"),
    (14, "host-precedence-violation"),
    (15, "precedence-cutoff-in-effect"),
    (0, "redirect-for-network"),
    (1, "redirect-for-host"),
    (2, "redirect-for-tos-and-net"),
    (3, "redirect-for-tos-and-host"),
    (0, "ttl-eq-zero-during-transit"),
    (1, "ttl-eq-zero-during-reassembly"),
    (1, "required-option-missing"),
    (2, "ip-header-bad"),
];

const TCP_FLAGS: Names = &[
    (0x01, "fin"),
    (0x02, "syn"),
    (0x04, "rst"),
    (0x08, "push"),
    (0x10, "ack"),
    (0x20, "urg"),
    (0x40, "ece"),
    (0x80, "cwr"),
    (0x100, "ns"),
];

const FRAGMENTS: Names =
    &[(0x01, "dont-fragment"), (0x02, "is-fragment"), (0x04, "first-fragment"), (0x08, "last-fragment")];

const ETHER_TYPES: Names = &[(0x0800, "ipv4"), (0x0806, "arp"), (0x8100, "vlan"), (0x86dd, "ipv6"), (0x8847, "mpls")];

/// IANA "Service Name and Transport Protocol Port Number Registry": `port name`, a line for each.
const SERVICES: &str = include_str!("services.txt");

/// A component by its type, in a rule of `afi`.
#[inline]
pub(super) fn by_number(afi: Afi, number: u8) -> Option<&'static Component> {
    let found = usize::from(number).checked_sub(1).and_then(|at| COMPONENTS.get(at))?;
    found.is_in(afi).then_some(found)
}

/// A component by one of its keywords.
pub(super) fn by_keyword(word: &str) -> Option<&'static Component> {
    COMPONENTS.iter().find(|component| component.names.contains(&word) || component.keywords.contains(&word))
}

impl Component {
    /// It may be in a rule of `afi`.
    pub(super) fn is_in(&self, afi: Afi) -> bool {
        match self.within {
            Within::Ip => afi != Afi::L2VPN,
            Within::Label => afi != Afi::IPV4,
            Within::Layer2 => afi == Afi::L2VPN,
            Within::All => true,
        }
    }

    /// What it is called in a rule of `afi`.
    pub(super) fn name(&self, afi: Afi) -> &'static str {
        let [own, ipv6] = self.names;
        if afi == Afi::IPV6 { ipv6 } else { own }
    }
}

impl Numeric {
    /// A number: decimal, `0x…`, or by name.
    pub(super) fn read(&self, text: &str) -> Option<u64> {
        number(text)
            .or_else(|| named(text, self.names))
            .or_else(|| named(text, self.aliases))
            .or_else(|| service(text, self.ports))
    }

    pub(super) fn name(&self, value: u64) -> Option<&'static str> {
        self.names.iter().find(|(n, _)| *n == value).map(|(_, name)| *name)
    }
}

impl Bitmask {
    /// Bits: a number, or names joined by `+`.
    pub(super) fn read(&self, text: &str) -> Option<u64> {
        let one = |text| number(text).or_else(|| named(text, self.names)).or_else(|| named(text, self.aliases));
        text.split('+').try_fold(0, |bits, text| Some(bits | one(text)?))
    }
}

fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) if !hex.starts_with('+') => u64::from_str_radix(hex, 16).ok(),
        Some(_) => None,
        None => digits(text),
    }
}

/// The value of a name; `_` will do for `-`, and capitals for small letters.
fn named(text: &str, names: Names) -> Option<u64> {
    names.iter().find(|(_, name)| is_same(text, name)).map(|(n, _)| *n)
}

fn service(text: &str, ports: bool) -> Option<u64> {
    let mut lines = SERVICES.lines().filter(|_| ports).filter_map(|line| line.split_once(' '));
    lines.find(|(_, name)| is_same(text, name)).and_then(|(port, _)| digits(port))
}

fn is_same(text: &str, name: &str) -> bool {
    let plain = |b: u8| if b == b'_' { b'-' } else { b.to_ascii_lowercase() };
    text.len() == name.len() && text.bytes().map(plain).eq(name.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_where_their_numbers_say() {
        for (at, component) in COMPONENTS.iter().enumerate() {
            assert_eq!(usize::from(component.number), at + 1);
            for word in component.names.iter().chain(component.keywords) {
                assert_eq!(by_keyword(word).map(|found| found.number), Some(component.number), "{word}");
            }
        }
        assert!(by_number(Afi::IPV4, 0).is_none() && by_number(Afi::L2VPN, 25).is_none());
        assert!(by_number(Afi::IPV4, 13).is_none() && by_number(Afi::IPV6, 14).is_none());
    }

    #[test]
    fn services_have_names() {
        assert!(SERVICES.lines().all(|line| line.split_once(' ').is_some_and(|(port, name)| {
            digits::<u16>(port).is_some() && !name.contains(['&', '/', '+', ' ', '_']) && number(name).is_none()
        })));
        for (name, port) in
            [("http", 80), ("HTTPS", 443), ("ssh", 22), ("callbook", 2000), ("domain", 53), ("bgp", 179)]
        {
            assert_eq!(PORT.read(name), Some(port), "{name}");
        }
        assert_eq!(PORT.read("banana"), None);
        assert_eq!(DSCP.read("http"), None);
    }
}
