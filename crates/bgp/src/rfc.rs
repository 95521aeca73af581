//! Which documents Herald follows, and how far: one row each, for those there is something to say of. Documents that rows of
//! other tables name are there by themselves. The reference is generated from all of them.

use crate::attribute::ATTRIBUTES;
use crate::capability::CAPABILITIES;
use crate::nlri::FAMILIES;

/// How far a document is followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Support {
    /// All that concerns a speaker without a forwarding table.
    Whole,
    /// What it defines is read, shown and written; nothing follows from it.
    Words,
    /// Some of it: see the note.
    Part,
}

/// A document and what Herald does of it.
#[derive(Clone, Copy, Debug)]
pub struct Document {
    /// `RFC 4271`, or the name of a draft.
    pub name: &'static str,
    /// What it is about, in a few words.
    pub about: &'static str,
    /// How far.
    pub support: Support,
    /// What is left out, or what else is worth knowing; may be empty.
    pub note: &'static str,
}

const fn whole(name: &'static str, about: &'static str) -> Document {
    Document { name, about, support: Support::Whole, note: "" }
}

const fn words(name: &'static str, about: &'static str) -> Document {
    Document { name, about, support: Support::Words, note: "" }
}

const fn part(name: &'static str, about: &'static str, note: &'static str) -> Document {
    Document { name, about, support: Support::Part, note }
}

impl Document {
    const fn note(self, note: &'static str) -> Document {
        Document { note, ..self }
    }
}

/// All documents, RFCs by number, then drafts by name. What only a row of another table names, its family, attribute or
/// capability is read, shown and written as.
pub fn documents() -> Vec<Document> {
    let mut all = DOCUMENTS.to_vec();
    for (name, about) in named() {
        if !all.iter().any(|document| document.name == name) && !name.starts_with("GoBGP") {
            all.push(words(name, about));
        }
    }
    all.sort_by_key(|document| (!document.name.starts_with("RFC "), document.name));
    all
}

/// The documents that rows of other tables name, and what the rows are called.
fn named() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = FAMILIES.iter().map(|spec| (spec.rfc, spec.name));
    let rows = rows.chain(ATTRIBUTES.iter().map(|spec| (spec.rfc, spec.name)));
    let rows = rows.chain(CAPABILITIES.iter().map(|spec| (spec.rfc, spec.name)));
    rows.flat_map(|(names, about)| {
        let names = names.split(", ").map(|name| name.split_once(" §").map_or(name, |(document, _)| document));
        names.filter(|name| !name.is_empty()).map(move |name| (name, about))
    })
}

static DOCUMENTS: &[Document] = &[
    whole("RFC 1997", "communities"),
    whole("RFC 2385", "TCP MD5 signatures").note("Linux"),
    whole("RFC 2545", "IPv6 next hops, with a link-local address beside"),
    whole("RFC 2918", "route refresh"),
    whole("RFC 3765", "the community no-peer"),
    whole("RFC 4271", "BGP-4")
        .note("sessions and messages; routes are not chosen between, for there is no forwarding table"),
    whole("RFC 4360", "extended communities"),
    whole("RFC 4364", "IPv4 VPNs"),
    words("RFC 4456", "route reflection"),
    whole("RFC 4486", "subcodes of Cease"),
    whole("RFC 4659", "IPv6 VPNs"),
    part(
        "RFC 4684",
        "route target constraint",
        "membership is announced and received; it does not filter what is sent",
    ),
    part("RFC 4724", "graceful restart", "capability, End-of-RIB and a silent close; stale routes are not retained"),
    whole("RFC 4760", "multiprotocol extensions"),
    whole("RFC 4761", "VPLS"),
    words("RFC 5065", "confederations"),
    whole("RFC 5082", "TTL security"),
    part("RFC 5291", "outbound route filters", "capability and messages are tolerated"),
    whole("RFC 5492", "capabilities"),
    words("RFC 5512", "tunnel end points as a family"),
    words("RFC 5543", "traffic engineering attribute"),
    words("RFC 5668", "extended communities of four-octet AS numbers"),
    words("RFC 5701", "IPv6 extended communities"),
    words("RFC 6037", "connector attribute"),
    words("RFC 6074", "VPLS discovery"),
    whole("RFC 6286", "BGP Identifiers that are unique in an AS"),
    words("RFC 6368", "attribute sets of VPN customers"),
    whole("RFC 6513", "multicast in VPNs"),
    whole("RFC 6514", "multicast VPN routes"),
    whole("RFC 6515", "multicast VPN routes over IPv6"),
    whole("RFC 6608", "subcodes of the state machine error"),
    words("RFC 6625", "wildcards in multicast VPN routes"),
    words("RFC 6790", "entropy label attribute"),
    whole("RFC 6793", "four-octet AS numbers"),
    whole("RFC 7311", "accumulated IGP metric"),
    whole("RFC 7313", "enhanced route refresh"),
    whole("RFC 7432", "EVPN"),
    words("RFC 7447", "entropy labels are not announced any more"),
    whole("RFC 7606", "errors in UPDATEs"),
    whole("RFC 7607", "AS 0"),
    whole("RFC 7911", "several paths for a prefix"),
    whole("RFC 7999", "the community blackhole"),
    whole("RFC 8050", "MRT with path identifiers").note("read by `herald decode`"),
    whole("RFC 8092", "large communities"),
    words("RFC 8205", "BGPsec path attribute"),
    whole("RFC 8277", "labels with prefixes"),
    part("RFC 8538", "NOTIFICATION and graceful restart", "Hard Reset both ways; stale routes are not retained"),
    words("RFC 8571", "link-state performance metrics"),
    whole("RFC 8654", "messages up to 65535 octets"),
    words("RFC 8669", "prefix segment identifiers"),
    words("RFC 8814", "link-state segment depth"),
    whole("RFC 8950", "next hops of another address family"),
    whole("RFC 8955", "FlowSpec for IPv4"),
    whole("RFC 8956", "FlowSpec for IPv6"),
    whole("RFC 9003", "the reason of a shutdown"),
    words("RFC 9012", "tunnel encapsulation"),
    words("RFC 9015", "service function attribute"),
    words("RFC 9026", "BFD discriminator attribute"),
    whole("RFC 9072", "long lists of capabilities"),
    words("RFC 9085", "link-state segment routing"),
    words("RFC 9086", "link-state egress peer engineering"),
    words("RFC 9104", "link-state administrative groups"),
    whole("RFC 9136", "EVPN prefixes"),
    part(
        "RFC 9234",
        "roles, and routes only for customers",
        "routes are marked and held back; those that leak are told, and not refused",
    ),
    whole("RFC 9251", "EVPN for IGMP and MLD"),
    words("RFC 9252", "SRv6 services"),
    words("RFC 9351", "link-state flexible algorithms"),
    whole("RFC 9384", "the reason BFD Down"),
    part("RFC 9494", "long-lived graceful restart", "the capability and communities are said and read"),
    whole("RFC 9514", "link-state SRv6"),
    whole("RFC 9552", "link state"),
    whole("RFC 9572", "EVPN multicast segmentation"),
    whole("RFC 9687", "send hold timer"),
    words("RFC 9793", "BIER attribute"),
    whole("RFC 9830", "segment routing policies"),
    whole("RFC 9831", "segments of policies"),
    words("draft-abraitis-bgp-version-capability", "software version"),
    words("draft-abraitis-idr-addpath-paths-limit", "paths limit"),
    words("draft-ietf-bess-evpn-ipvpn-interworking", "domain path attribute"),
    whole("draft-ietf-bess-mup-safi", "mobile user plane"),
    words("draft-ietf-idr-bgp-bfd-strict-mode", "sessions that wait for BFD"),
    words("draft-ietf-idr-bgp-multisession", "several sessions with one peer"),
    words("draft-ietf-idr-dynamic-cap", "capabilities that change"),
    whole("draft-ietf-idr-flowspec-interfaceset", "interface sets of FlowSpec"),
    whole("draft-ietf-idr-flowspec-l2vpn", "FlowSpec for layer 2 VPNs"),
    whole("draft-ietf-idr-flowspec-redirect-ip", "FlowSpec redirect to an address"),
    words("draft-ietf-idr-link-bandwidth", "link bandwidth"),
    whole("draft-ietf-idr-linklocal-capability", "link-local next hops alone"),
    whole("draft-ietf-idr-operational-message", "operational messages"),
    words("draft-ietf-idr-rpd", "distribution of routing policies"),
    whole("draft-simpson-idr-flowspec-redirect", "FlowSpec redirect to the next hop"),
    words("draft-walton-bgp-hostname-capability", "host name"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_named_as_documents_are() {
        let number = |name: &str| name.strip_prefix("RFC ").is_some_and(|n| n.len() == 4 && n.parse::<u16>().is_ok());
        for (name, about) in named() {
            assert!(number(name) || name.starts_with("draft-") || name.starts_with("GoBGP"), "`{name}` of {about}");
        }
        let all = documents();
        assert!(all.iter().zip(all.iter().skip(1)).all(|(one, next)| one.name != next.name));
        assert!(all.iter().all(|document| !document.about.is_empty()));
    }
}
