//! Address families: numbers that may be unknown, names that may be missing (RFC 4760).

use crate::error::Malformed;
use crate::nlri;
use crate::put;
use crate::put::Put;
use crate::read::Reader;
use crate::value::digits;
use std::fmt;

/// Address Family Identifier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Afi(pub u16);

/// Subsequent Address Family Identifier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Safi(pub u8);

impl Afi {
    /// Reads two octets.
    pub fn read(r: &mut Reader<'_>) -> Result<Afi, Malformed> {
        let afi = Afi(r.u16("AFI")?);
        r.says(|| afi.name().unwrap_or_default());
        Ok(afi)
    }

    #[allow(missing_docs)]
    pub const IPV4: Afi = Afi(1);
    #[allow(missing_docs)]
    pub const IPV6: Afi = Afi(2);
    #[allow(missing_docs)]
    pub const L2VPN: Afi = Afi(25);
    #[allow(missing_docs)]
    pub const BGP_LS: Afi = Afi(16388);
    /// Of no standard: keys and values, as GoBGP carries them.
    pub const OPAQUE: Afi = Afi(16397);

    /// `ipv4`, `ipv6`, `l2vpn`, `bgp-ls`, `opaque`; `None` for a number without a name.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Afi::IPV4 => "ipv4",
            Afi::IPV6 => "ipv6",
            Afi::L2VPN => "l2vpn",
            Afi::BGP_LS => "bgp-ls",
            Afi::OPAQUE => "opaque",
            _ => return None,
        })
    }

    /// All that have a name.
    pub const NAMED: [Afi; 5] = [Afi::IPV4, Afi::IPV6, Afi::L2VPN, Afi::BGP_LS, Afi::OPAQUE];

    /// The number for a name as the configuration spells it, or for `afi-N`.
    pub fn parse(name: &str) -> Option<Afi> {
        let named = Afi::NAMED.into_iter().find(|afi| afi.name() == Some(name));
        named.or_else(|| name.strip_prefix("afi-").and_then(digits).map(Afi))
    }
}

impl Safi {
    /// Reads one octet.
    pub fn read(r: &mut Reader<'_>) -> Result<Safi, Malformed> {
        let safi = Safi(r.u8("SAFI")?);
        r.says(|| safi.name().unwrap_or_default());
        Ok(safi)
    }

    #[allow(missing_docs)]
    pub const UNICAST: Safi = Safi(1);
    #[allow(missing_docs)]
    pub const MULTICAST: Safi = Safi(2);
    #[allow(missing_docs)]
    pub const NLRI_MPLS: Safi = Safi(4);
    #[allow(missing_docs)]
    pub const MCAST_VPN: Safi = Safi(5);
    #[allow(missing_docs)]
    pub const ENCAP: Safi = Safi(7);
    #[allow(missing_docs)]
    pub const VPLS: Safi = Safi(65);
    #[allow(missing_docs)]
    pub const BGP_LS: Safi = Safi(71);
    #[allow(missing_docs)]
    pub const BGP_LS_VPN: Safi = Safi(72);
    #[allow(missing_docs)]
    pub const SR_POLICY: Safi = Safi(73);
    #[allow(missing_docs)]
    pub const EVPN: Safi = Safi(70);
    #[allow(missing_docs)]
    pub const MUP: Safi = Safi(85);
    #[allow(missing_docs)]
    pub const MPLS_VPN: Safi = Safi(128);
    #[allow(missing_docs)]
    pub const MPLS_VPN_MULTICAST: Safi = Safi(129);
    #[allow(missing_docs)]
    pub const RTC: Safi = Safi(132);
    #[allow(missing_docs)]
    pub const FLOW: Safi = Safi(133);
    #[allow(missing_docs)]
    pub const FLOW_VPN: Safi = Safi(134);
    #[allow(missing_docs)]
    pub const KEY_VALUE: Safi = Safi(241);

    /// `unicast`, `multicast`, …, as the families of the SAFI have it; `None` for a number without a name.
    pub fn name(self) -> Option<&'static str> {
        nlri::FAMILIES.iter().find(|spec| spec.family.safi == self).map(|spec| spec.name)
    }

    /// The number for a name, or for `safi-N`; case does not matter, `labeled-unicast` is `nlri-mpls`.
    pub fn parse(name: &str) -> Option<Safi> {
        if name.eq_ignore_ascii_case("labeled-unicast") {
            return Some(Safi::NLRI_MPLS);
        }
        let named = nlri::FAMILIES.iter().find(|spec| spec.name.eq_ignore_ascii_case(name));
        named.map(|spec| spec.family.safi).or_else(|| name.strip_prefix("safi-").and_then(digits).map(Safi))
    }
}

/// An AFI and a SAFI. Displayed as `ipv4 unicast`, unknown numbers as `afi-N safi-N`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Family {
    #[allow(missing_docs)]
    pub afi: Afi,
    #[allow(missing_docs)]
    pub safi: Safi,
}

impl Family {
    #[allow(missing_docs)]
    pub const IPV4_UNICAST: Family = Family::new(Afi::IPV4, Safi::UNICAST);
    #[allow(missing_docs)]
    pub const IPV4_MULTICAST: Family = Family::new(Afi::IPV4, Safi::MULTICAST);
    #[allow(missing_docs)]
    pub const IPV6_UNICAST: Family = Family::new(Afi::IPV6, Safi::UNICAST);
    #[allow(missing_docs)]
    pub const IPV6_MULTICAST: Family = Family::new(Afi::IPV6, Safi::MULTICAST);
    #[allow(missing_docs)]
    pub const L2VPN_VPLS: Family = Family::new(Afi::L2VPN, Safi::VPLS);

    /// From its two numbers.
    pub const fn new(afi: Afi, safi: Safi) -> Self {
        Family { afi, safi }
    }

    /// The row of [`nlri::FAMILIES`]; for a family that is not there one whose NLRI are octets.
    pub fn spec(self) -> &'static nlri::FamilySpec {
        nlri::spec(self)
    }

    /// What events call it: mostly itself.
    pub fn in_events(self) -> Family {
        let spec = self.spec();
        if spec.is_known() { spec.events } else { self }
    }

    /// `ipv4 unicast`, or with another separator: `ipv4/unicast`.
    pub fn join(self, separator: &'static str) -> impl Put + fmt::Display {
        Joined(self, separator)
    }
}

struct Joined(Family, &'static str);

impl Put for Joined {
    fn put(&self, out: &mut String) {
        put!(out, self.0.afi, self.1);
        // files and commands know a SAFI by its name only where there is such a family
        match self.0.spec().is_known() {
            true => self.0.safi.put(out),
            false => put!(out, "safi-", self.0.safi.0),
        }
    }
}

impl fmt::Display for Joined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        put::show(self, f)
    }
}

impl Put for Afi {
    fn put(&self, out: &mut String) {
        match self.name() {
            Some(name) => out.push_str(name),
            None => put!(out, "afi-", self.0),
        }
    }
}

impl Put for Safi {
    fn put(&self, out: &mut String) {
        match self.name() {
            Some(name) => out.push_str(name),
            None => put!(out, "safi-", self.0),
        }
    }
}

impl Put for Family {
    fn put(&self, out: &mut String) {
        self.join(" ").put(out);
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        put::show(self, f)
    }
}
