//! `show adj-rib`: a line for each route.

use herald_bgp::attribute::{self, Attributes};
use herald_bgp::dialect::Dialect;
use herald_bgp::family::Family;
use herald_bgp::json;
use herald_bgp::nlri::{self, Stored};
use herald_bgp::put;
use herald_bgp::put::Quoted;
use herald_bgp::value::Prefix;
use herald_speaker::command::{Detail, Show};
use herald_speaker::event::PeerView;

/// A route in somebody's table.
pub(super) struct Shown<'a> {
    pub(super) show: Show,
    pub(super) peer: &'a PeerView,
    pub(super) family: Family,
    pub(super) nlri: &'a Stored,
    pub(super) attributes: &'a Attributes,
}

/// Appends the line.
pub(super) fn route(route: &Shown<'_>, dialect: Dialect, out: &mut String) {
    if route.show.json {
        return json(route, dialect, out);
    }
    let Shown { peer, family, attributes, .. } = route;
    let mut hop = String::new();
    if route.show.detail == Detail::Extensive || dialect != Dialect::V6 {
        attribute::hop_text(&attributes.next_hop, &mut hop, dialect);
    }
    if route.show.detail == Detail::Extensive {
        put!(out, peer.config.name(), ' ', family, ' ');
        words(route, route.nlri.path_id(), &hop, dialect, out);
        attribute::text_all(attributes.iter(), None, out, dialect);
    } else {
        out.push_str(if dialect == Dialect::V4 { "neighbor " } else { "" });
        put!(out, peer.address, ' ', family, ' ');
        words(route, route.nlri.path_id(), &hop, dialect, out);
    }
    out.push('\n');
}

/// Appends what is reachable.
fn words(route: &Shown<'_>, path_id: Option<u32>, hop: &str, dialect: Dialect, out: &mut String) {
    let next_hop = Some(&route.attributes.next_hop);
    let shown = nlri::Shown { nlri: route.nlri.nlri(), path_id, next_hop, hop, withdrawn: false };
    (route.family.spec().listed)(&shown, out, dialect);
}

fn json(route: &Shown<'_>, dialect: Dialect, out: &mut String) {
    let Shown { peer, family, .. } = route;
    let mut prefix = String::new();
    words(route, None, "", dialect, &mut prefix);
    put!(out, '{', Quoted(peer.address), ": {\"routes\": [{");
    if dialect == Dialect::V6 {
        let has_prefix = prefix.split(' ').next().is_some_and(|first| Prefix::parse(first).is_ok());
        let key = if has_prefix { "prefix" } else { "nlri" };
        put!(out, "\"family\": ", Quoted(family), ", ", Quoted(key), ": ");
        json::string(out, &prefix);
    } else {
        out.push_str("\"prefix\": ");
        json::string(out, &prefix);
        put!(out, ", \"family\": ", Quoted(family));
    }
    out.push_str("}]}}\n");
}
