//! What is told of a neighbour, before it is laid out.

use herald_bgp::capability::{add_path, code, multiprotocol};
use herald_bgp::family::Family;
use herald_speaker::event::{Negotiated, NeighborReport};
use herald_speaker::session::State;

/// A capability or family on both sides; `None` where the peer has not said.
pub(super) type Sides = (bool, Option<bool>);

/// A family as both sides have it.
pub(super) struct FamilyFacts {
    pub(super) family: Family,
    pub(super) offered: Sides,
    /// Several paths are offered.
    pub(super) add_path: Sides,
    /// What came of it: the mode bits of our side.
    pub(super) agreed: u8,
}

/// The negotiation, if there was one.
fn negotiated(report: &NeighborReport) -> Option<&Negotiated> {
    report.peer.negotiated.as_deref()
}

/// True if the session is established.
pub(super) fn is_up(report: &NeighborReport) -> bool {
    report.state == State::Established
}

/// Capabilities by the names `show neighbor` has for them. Those it did not use to know are there if we offer them.
pub(super) fn capabilities(report: &NeighborReport) -> Vec<(&'static str, Sides)> {
    let ours = &report.peer.config.capability;
    let theirs = |codes: &[u8]| negotiated(report).map(|n| codes.iter().any(|code| n.received.has(*code)));
    let mut all = vec![
        ("asn4", (ours.asn4, theirs(&[code::ASN4]))),
        ("route-refresh", (ours.route_refresh, theirs(&[code::ROUTE_REFRESH, code::ENHANCED_ROUTE_REFRESH]))),
        ("multi-session", (ours.multi_session, theirs(&[code::MULTISESSION, code::MULTISESSION_CISCO]))),
        ("operational", (ours.operational, theirs(&[code::OPERATIONAL]))),
        ("add-path", (ours.add_path != 0, theirs(&[code::ADD_PATH]))),
        ("extended-message", (ours.extended_message, theirs(&[code::EXTENDED_MESSAGE]))),
        ("graceful-restart", (ours.graceful_restart.is_some(), theirs(&[code::GRACEFUL_RESTART]))),
    ];
    for (name, offered, code) in [
        ("long-lived-restart", ours.long_lived.is_some(), code::LONG_LIVED_GRACEFUL_RESTART),
        ("role", ours.role.is_some(), code::ROLE),
        ("multiple-labels", ours.multiple_labels.is_some(), code::MULTIPLE_LABELS),
    ] {
        if offered {
            all.push((name, (true, theirs(&[code]))));
        }
    }
    all
}

/// The configured families.
pub(super) fn families(report: &NeighborReport) -> Vec<FamilyFacts> {
    let config = &report.peer.config;
    let theirs = negotiated(report).map(|n| multiprotocol::read(n.received.values(code::MULTIPROTOCOL)));
    let modes = negotiated(report).map(|n| add_path::read(n.received.values(code::ADD_PATH)));
    let facts = |family: &Family| {
        let family = *family;
        // A peer that says nothing of families means the one BGP began with (RFC 4760 §8).
        let implied = |list: &Vec<Family>| list.is_empty() && family == Family::IPV4_UNICAST;
        let listed = &config.capability.add_path_families;
        let ours = config.capability.add_path != 0 && (listed.is_empty() || listed.iter().any(|(f, _)| *f == family));
        let mode = |list: &Vec<(Family, u8)>| list.iter().any(|(f, mode)| *f == family && *mode != 0);
        FamilyFacts {
            family,
            offered: (true, theirs.as_ref().map(|list| list.contains(&family) || implied(list))),
            add_path: (ours, modes.as_ref().map(mode)),
            agreed: negotiated(report).map_or(0, |n| {
                let receive = if n.context.reads_path_id(family) { add_path::RECEIVE } else { 0 };
                receive | if n.context.writes_path_id(family) { add_path::SEND } else { 0 }
            }),
        }
    };
    config.families.iter().map(facts).collect()
}
