//! What the negotiation of a session decided about bytes.

use crate::capability::role::Role;
use crate::family::{Afi, Family, Safi};
use crate::value::Asn;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How messages of one session are to be read and written; made once, when both OPENs are known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Context {
    /// AS numbers are four octets wide in AS_PATH and AGGREGATOR (RFC 6793).
    pub asn4: bool,
    /// Both speakers are in the same AS.
    pub internal: bool,
    /// Our AS.
    pub local_asn: Asn,
    /// The peer's AS.
    pub peer_asn: Asn,
    /// Our BGP Identifier.
    pub router_id: Ipv4Addr,
    /// Our address on this session: what `next-hop self` stands for.
    pub local_address: Option<IpAddr>,
    /// Our link-local address, where it goes with a global next hop of IPv6 routes (RFC 2545 §3).
    pub link_local: Option<Ipv6Addr>,
    /// Families both speakers listed, in the order the peer listed them.
    pub families: Vec<Family>,
    /// Families whose NLRI the peer sends with a path identifier (RFC 7911).
    pub add_path_receive: Vec<Family>,
    /// Families whose NLRI we send with a path identifier (RFC 7911).
    pub add_path_send: Vec<Family>,
    /// Families that may use a next hop of another address family (RFC 8950).
    pub extended_next_hop: Vec<(Family, Afi)>,
    /// Greatest message either side may send, octets: 4096, or 65535 (RFC 8654).
    pub message_size: usize,
    /// What we are to the peer, if we are anything (RFC 9234).
    pub role: Option<Role>,
    /// AIGP may be sent and is accepted (RFC 7311 §3.3).
    pub aigp: bool,
    /// AS 0 may be in AS_PATH and AGGREGATOR, what RFC 7607 forbids all speakers: in messages nobody answers for.
    pub zero_asn: bool,
}

impl Context {
    /// A session of four-octet speakers with nothing else agreed; what offline decoding starts from.
    pub fn plain(local_asn: Asn, peer_asn: Asn) -> Context {
        Context {
            asn4: true,
            internal: local_asn == peer_asn,
            local_asn,
            peer_asn,
            router_id: Ipv4Addr::UNSPECIFIED,
            local_address: None,
            link_local: None,
            families: Vec::new(),
            add_path_receive: Vec::new(),
            add_path_send: Vec::new(),
            extended_next_hop: Vec::new(),
            message_size: 4096,
            role: None,
            aigp: local_asn == peer_asn,
            zero_asn: false,
        }
    }

    /// NLRI of this family arrive with a path identifier.
    pub fn reads_path_id(&self, family: Family) -> bool {
        !self.add_path_receive.is_empty() && self.add_path_receive.contains(&family)
    }

    /// The role that decides whether routes of this family may go further: for unicast alone (RFC 9234 §5).
    pub fn role_for(&self, family: Family) -> Option<Role> {
        self.role.filter(|_| family.safi == Safi::UNICAST && matches!(family.afi, Afi::IPV4 | Afi::IPV6))
    }

    /// NLRI of this family are sent with a path identifier.
    pub fn writes_path_id(&self, family: Family) -> bool {
        !self.add_path_send.is_empty() && self.add_path_send.contains(&family)
    }
}
