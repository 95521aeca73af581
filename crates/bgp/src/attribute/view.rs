//! What attributes say, as types: for programs that reason about them.
//!
//! A view reads the value where it lies, and nothing is made of it before somebody asks. One that is not there, and one that
//! is not as its type says, is `None`; messages were checked before ([`Update::check`](crate::update::Update::check)).
//! An attribute needs none of this to be read, written and shown.

use super::as_path::AsPath;
use super::tlv::{self, Shape};
use super::{Attr, Attributes, code};
use crate::read::Reader;
use crate::value::tlv::Tlv;
use crate::value::{Asn, label};
use std::net::Ipv4Addr;

/// Some attribute's value as a type. AS numbers are four octets wide, as [`Attributes`] keep them.
pub trait View<'a>: Sized {
    /// The type code of the attribute.
    const CODE: u8;

    /// Reads a value.
    fn of(value: &'a [u8]) -> Option<Self>;
}

impl Attributes {
    /// What an attribute says.
    ///
    /// ```
    /// use herald_bgp::attribute::{LargeCommunities, Origin, Med};
    /// use herald_bgp::route::{Memo, Purpose, parse_route};
    /// use herald_bgp::text::{Grammar, Words};
    ///
    /// let line = "10.0.0.0/8 next-hop 192.0.2.1 origin egp large-community [ 65000:1:2 65000:3:4 ]";
    /// let mut words = Words::new(line, 1, Grammar::Line);
    /// let route = parse_route(&mut words, Purpose::Announce, &mut Memo::new()).unwrap();
    /// assert_eq!(route.attributes.view(), Some(Origin::Egp));
    /// let large: LargeCommunities = route.attributes.view().unwrap();
    /// assert_eq!(large.iter().collect::<Vec<_>>(), [[65000, 1, 2], [65000, 3, 4]]);
    /// assert_eq!(route.attributes.view::<Med>(), None);
    /// ```
    pub fn view<'a, V: View<'a>>(&'a self) -> Option<V> {
        self.get(V::CODE).and_then(Attr::view)
    }
}

impl<'a> Attr<'a> {
    /// What it says; `None` if it is another attribute.
    pub fn view<V: View<'a>>(self) -> Option<V> {
        if self.code == V::CODE { V::of(self.value) } else { None }
    }
}

/// ORIGIN (RFC 4271 §5.1.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Origin {
    Igp,
    Egp,
    Incomplete,
}

impl View<'_> for Origin {
    const CODE: u8 = code::ORIGIN;

    fn of(value: &[u8]) -> Option<Origin> {
        match value {
            [0] => Some(Origin::Igp),
            [1] => Some(Origin::Egp),
            [2] => Some(Origin::Incomplete),
            _ => None,
        }
    }
}

impl<'a> View<'a> for AsPath<'a> {
    const CODE: u8 = code::AS_PATH;

    fn of(value: &'a [u8]) -> Option<AsPath<'a>> {
        Some(AsPath(value))
    }
}

/// AGGREGATOR (RFC 4271 §5.1.7).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub struct Aggregator {
    pub asn: Asn,
    pub address: Ipv4Addr,
}

impl View<'_> for Aggregator {
    const CODE: u8 = code::AGGREGATOR;

    fn of(value: &[u8]) -> Option<Aggregator> {
        let [a, b, c, d, address @ ..] = value.as_array::<8>()?;
        Some(Aggregator { asn: Asn(u32::from_be_bytes([*a, *b, *c, *d])), address: Ipv4Addr::from(*address) })
    }
}

/// Attributes that are one number or one address.
macro_rules! single {
    ($($(#[$doc:meta])* $name:ident($kind:ty) = $code:ident, $size:literal, $make:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub $kind);

        impl View<'_> for $name {
            const CODE: u8 = code::$code;

            fn of(value: &[u8]) -> Option<$name> {
                let make: fn([u8; $size]) -> $kind = $make;
                value.as_array().map(|octets| $name(make(*octets)))
            }
        }
    )*};
}

single! {
    /// MULTI_EXIT_DISC (RFC 4271 §5.1.4).
    Med(u32) = MULTI_EXIT_DISC, 4, u32::from_be_bytes;
    /// LOCAL_PREF (RFC 4271 §5.1.5).
    LocalPref(u32) = LOCAL_PREF, 4, u32::from_be_bytes;
    /// ORIGINATOR_ID (RFC 4456 §8).
    OriginatorId(Ipv4Addr) = ORIGINATOR_ID, 4, Ipv4Addr::from;
    /// ONLY_TO_CUSTOMER (RFC 9234 §5).
    OnlyToCustomer(Asn) = ONLY_TO_CUSTOMER, 4, |octets| Asn(u32::from_be_bytes(octets));
}

/// Attributes that are lists of values of one size.
macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident = $code:ident, $size:literal, $kind:ty, $make:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub struct $name<'a>(&'a [[u8; $size]]);

        impl<'a> View<'a> for $name<'a> {
            const CODE: u8 = code::$code;

            fn of(value: &'a [u8]) -> Option<$name<'a>> {
                match value.as_chunks() {
                    (items, []) => Some($name(items)),
                    _ => None,
                }
            }
        }

        impl<'a> $name<'a> {
            /// The values, as they came.
            pub fn iter(self) -> impl ExactSizeIterator<Item = $kind> + Clone + 'a {
                let make: fn([u8; $size]) -> $kind = $make;
                self.0.iter().map(move |octets| make(*octets))
            }
        }
    )*};
}

lists! {
    /// COMMUNITIES (RFC 1997): AS and value in one number.
    Communities = COMMUNITIES, 4, u32, u32::from_be_bytes;
    /// CLUSTER_LIST (RFC 4456 §8).
    ClusterList = CLUSTER_LIST, 4, Ipv4Addr, Ipv4Addr::from;
    /// EXTENDED_COMMUNITIES (RFC 4360): type, mostly with a subtype, and value.
    ExtendedCommunities = EXTENDED_COMMUNITIES, 8, [u8; 8], |octets| octets;
    /// IPV6_EXTENDED_COMMUNITIES (RFC 5701).
    Ipv6ExtendedCommunities = IPV6_EXTENDED_COMMUNITIES, 20, [u8; 20], |octets| octets;
    /// LARGE_COMMUNITIES (RFC 8092): global administrator, and two parts of local data.
    LargeCommunities = LARGE_COMMUNITIES, 12, [u32; 3], |octets| {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = octets;
        [[a, b, c, d], [e, f, g, h], [i, j, k, l]].map(u32::from_be_bytes)
    };
}

/// PMSI_TUNNEL (RFC 6514 §5).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub struct PmsiTunnel<'a> {
    pub flags: u8,
    /// IANA: "P-Multicast Service Interface Tunnel (PMSI Tunnel) Tunnel Types".
    pub kind: u8,
    pub label: u32,
    /// What it is depends on the type.
    pub identifier: &'a [u8],
}

impl<'a> View<'a> for PmsiTunnel<'a> {
    const CODE: u8 = code::PMSI_TUNNEL;

    fn of(value: &'a [u8]) -> Option<PmsiTunnel<'a>> {
        let ([flags, kind, a, b, c], identifier) = value.split_first_chunk()?;
        Some(PmsiTunnel { flags: *flags, kind: *kind, label: label::label([*a, *b, *c]), identifier })
    }
}

/// AIGP (RFC 7311 §3): the accumulated metric.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Aigp(pub u64);

impl View<'_> for Aigp {
    const CODE: u8 = code::AIGP;

    fn of(value: &[u8]) -> Option<Aigp> {
        let mut r = Reader::new(value, 0);
        loop {
            let (kind, length) = (r.u8("type").ok()?, r.u16("length").ok()?);
            let value = r.take(usize::from(length).checked_sub(3)?, "value").ok()?;
            if kind == 1 {
                return value.as_array().map(|octets| Aigp(u64::from_be_bytes(*octets)));
            }
        }
    }
}

/// Attributes that are TLVs: type and value of each, as they came.
macro_rules! tlvs {
    ($($(#[$doc:meta])* $name:ident = $code:ident, $skip:literal, $shape:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub struct $name<'a>(&'a [u8]);

        impl<'a> View<'a> for $name<'a> {
            const CODE: u8 = code::$code;

            fn of(value: &'a [u8]) -> Option<$name<'a>> {
                value.get($skip..).map(|_| $name(value))
            }
        }

        impl<'a> $name<'a> {
            /// Type and value of each TLV.
            pub fn iter(self) -> impl Iterator<Item = (u16, &'a [u8])> + Clone {
                tlv::iter(self.0.get($skip..).unwrap_or(&[]), $shape)
            }
        }
    )*};
}

tlvs! {
    /// PREFIX_SID (RFC 8669, RFC 9252).
    PrefixSid = PREFIX_SID, 0, Shape { kind: 1, length: 2 };
    /// TUNNEL_ENCAP (RFC 9012 §2): a tunnel type, and its sub-TLVs.
    TunnelEncap = TUNNEL_ENCAP, 0, Shape { kind: 2, length: 2 };
    /// BFD_DISCRIMINATOR (RFC 9026 §3.1.6) behind mode and discriminator.
    BfdDiscriminator = BFD_DISCRIMINATOR, 5, Shape { kind: 1, length: 1 };
    /// SFP (RFC 9015 §3.2.1).
    Sfp = SFP, 0, Shape { kind: 1, length: 2 };
    /// BIER (RFC 9793).
    Bier = BIER, 0, Shape { kind: 2, length: 2 };
}

impl BfdDiscriminator<'_> {
    /// The mode, and the discriminator.
    pub fn session(self) -> Option<(u8, u32)> {
        let [mode, a, b, c, d] = self.0.first_chunk()?;
        Some((*mode, u32::from_be_bytes([*a, *b, *c, *d])))
    }
}

/// The BGP-LS attribute (RFC 9552 §5.3): TLVs as they came. What is known of a type is in
/// [`link_state_tlvs`](super::link_state_tlvs).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LinkState<'a>(&'a [u8]);

impl<'a> View<'a> for LinkState<'a> {
    const CODE: u8 = code::BGP_LS;

    fn of(value: &'a [u8]) -> Option<LinkState<'a>> {
        Some(LinkState(value))
    }
}

impl<'a> LinkState<'a> {
    /// Type and value of each TLV.
    pub fn iter(self) -> impl Iterator<Item = (u16, &'a [u8])> + Clone {
        Tlv::each(self.0).map(|tlv| (tlv.kind, tlv.value))
    }
}

/// ATTR_SET (RFC 6368 §3): the attributes a customer sent, and the AS it is in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AttrSet<'a> {
    /// The customer's AS.
    pub origin_as: Asn,
    attributes: &'a [u8],
}

impl<'a> View<'a> for AttrSet<'a> {
    const CODE: u8 = code::ATTR_SET;

    fn of(value: &'a [u8]) -> Option<AttrSet<'a>> {
        let (asn, attributes) = value.split_first_chunk()?;
        Some(AttrSet { origin_as: Asn(u32::from_be_bytes(*asn)), attributes })
    }
}

impl<'a> AttrSet<'a> {
    /// The attributes, as they came.
    pub fn iter(self) -> impl Iterator<Item = Attr<'a>> + Clone {
        let mut r = Reader::new(self.attributes, 0);
        std::iter::from_fn(move || super::read(&mut r).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view<'a, V: View<'a>>(value: &'a [u8]) -> Option<V> {
        Attr { code: V::CODE, flags: 0, value }.view()
    }

    #[test]
    fn values_that_are_right_and_others() {
        assert_eq!(view::<Origin>(&[2]), Some(Origin::Incomplete));
        assert_eq!(view::<Origin>(&[3]), None);
        assert_eq!(view(&[0, 0, 0, 5]), Some(Med(5)));
        assert_eq!(view::<Med>(&[0, 0, 5]), None);
        let aggregator = Aggregator { asn: Asn(65000), address: [10, 0, 0, 1].into() };
        assert_eq!(view(&[0, 0, 0xfd, 0xe8, 10, 0, 0, 1]), Some(aggregator));
        let communities: Communities<'_> = view(&[0, 1, 0, 2, 0xff, 0xff, 0xff, 1]).unwrap();
        assert_eq!(communities.iter().collect::<Vec<_>>(), [0x1_0002, 0xffff_ff01]);
        assert_eq!(view::<Communities<'_>>(&[0, 1, 0]), None);
        assert_eq!(view(&[9, 0, 4, 1, 1, 0, 11, 0, 0, 0, 0, 0, 0, 0, 7]), Some(Aigp(7)));
        assert_eq!(view::<Aigp>(&[1, 0, 2]), None);
        let pmsi: PmsiTunnel<'_> = view(&[0, 6, 0, 6, 0x41, 192, 0, 2, 1]).unwrap();
        assert_eq!((pmsi.kind, pmsi.label, pmsi.identifier), (6, 100, &[192, 0, 2, 1][..]));
        let bfd: BfdDiscriminator<'_> = view(&[1, 0, 0, 0, 5, 1, 1, 9]).unwrap();
        assert_eq!((bfd.session(), bfd.iter().collect::<Vec<_>>()), (Some((1, 5)), vec![(1, &[9][..])]));
        assert_eq!(view::<BfdDiscriminator<'_>>(&[1]), None);
        let set: AttrSet<'_> = view(&[0, 0, 0, 9, 0x40, 1, 1, 0]).unwrap();
        assert_eq!((set.origin_as, set.iter().next().and_then(Attr::view)), (Asn(9), Some(Origin::Igp)));
        let tlvs: LinkState<'_> = view(&[4, 2, 0, 2, b'r', b'1']).unwrap();
        assert_eq!(tlvs.iter().collect::<Vec<_>>(), [(1026, &b"r1"[..])]);
    }
}
