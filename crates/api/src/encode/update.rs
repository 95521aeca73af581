//! UPDATE in JSON and in words, straight from the octets: nothing is allocated for a route.

use super::Style;
use super::json::Way;
use super::known::Known;
use super::text::octets;
use herald_bgp::attribute;
use herald_bgp::dialect::Dialect;
use herald_bgp::json::Separator;
use herald_bgp::message::Message;
use herald_bgp::nlri::{NextHop, Shown};
use herald_bgp::put;
use herald_bgp::put::Quoted;
use herald_bgp::update::{Block, Update};
use std::net::IpAddr;

/// Reads an UPDATE; `None` if it would end the session. Our own, and those of no session, are not asked for what a peer
/// has to tell; our own have path identifiers where we agreed to send them.
pub(super) fn read<'a>(way: Way, body: &'a [u8], known: &Known) -> Option<Update<'a>> {
    let negotiated = known.view().negotiated.as_ref()?;
    match way {
        Way::Receive => Update::check(body, &negotiated.context).ok(),
        Way::Offline => Update::inspect(body, &negotiated.context).ok(),
        Way::Send => Update::inspect(body, known.sends.as_ref()?).ok(),
    }
}

/// Appends the inside of `"message": { … }`.
pub(super) fn json(update: &Update<'_>, style: Style, out: &mut String) {
    if let Some(family) = update.end_of_rib() {
        put!(out, "\"eor\": { \"afi\" : ", Quoted(family.afi), ", \"safi\" : ", Quoted(family.safi), " }");
        return;
    }
    let mut members = Separator::new(", ");
    out.push_str("\"update\": { ");
    let before = out.len();
    out.push_str("\"attribute\": { ");
    let inside = out.len();
    update.attributes_json(out, style.dialect);
    if out.len() == inside {
        out.truncate(before);
    } else {
        // Nothing is in front of the first member.
        members.next(out);
        out.push_str(" }");
    }
    if update.announced().next().is_some() {
        members.next(out);
        out.push_str("\"announce\": { ");
        announced_json(update, style, out);
        out.push_str(" }");
    }
    if update.withdrawn().next().is_some() {
        members.next(out);
        out.push_str("\"withdraw\": { ");
        withdrawn_json(update, style, out);
        out.push_str(" }");
    }
    out.push_str(" }");
}

/// Appends `"ipv4 unicast": { "192.0.2.1": [ … ] }, …`: families and next hops each once.
fn announced_json(update: &Update<'_>, style: Style, out: &mut String) {
    let mut families = Separator::new(", ");
    for (at, block) in update.announced().enumerate() {
        let family = block.family.in_events();
        if update.announced().take(at).any(|earlier| earlier.family.in_events() == family) {
            continue;
        }
        families.next(out);
        put!(out, Quoted(family), ": { ");
        let blocks = || update.announced().filter(|block| block.family.in_events() == family);
        let mut hops = Separator::new(", ");
        for (at, block) in blocks().enumerate() {
            for (which, hop) in shown_hops(block.next_hop, style.dialect).enumerate() {
                let known = |hops: NextHop| shown_hops(hops, style.dialect).any(|earlier| earlier == hop);
                let here = shown_hops(block.next_hop, style.dialect).take(which).any(|earlier| earlier == hop);
                if here || blocks().take(at).any(|earlier| known(earlier.next_hop)) {
                    continue;
                }
                hops.next(out);
                match hop {
                    Some(addr) => put!(out, Quoted(addr), ": [ "),
                    None => out.push_str("\"no-nexthop\": [ "),
                }
                list_json(blocks().filter(|block| known(block.next_hop)), false, style, out);
                out.push_str(" ]");
            }
        }
        out.push_str(" }");
    }
}

/// Appends `"ipv4 unicast": [ … ], …`: families each once.
fn withdrawn_json(update: &Update<'_>, style: Style, out: &mut String) {
    let mut families = Separator::new(", ");
    for (at, block) in update.withdrawn().enumerate() {
        let family = block.family.in_events();
        if update.withdrawn().take(at).any(|earlier| earlier.family.in_events() == family) {
            continue;
        }
        families.next(out);
        put!(out, Quoted(family), ": [ ");
        list_json(update.withdrawn().filter(|block| block.family.in_events() == family), true, style, out);
        out.push_str(" ]");
    }
}

/// Appends `{ "nlri": "10.0.0.0/24" }, …` for blocks of one family.
fn list_json<'a>(blocks: impl Iterator<Item = Block<'a>>, withdrawn: bool, style: Style, out: &mut String) {
    let mut separator = Separator::new(", ");
    for block in blocks {
        for (path_id, nlri) in block.iter() {
            separator.next(out);
            let next_hop = (!withdrawn && style.hops).then_some(&block.next_hop);
            (block.spec().json)(
                &Shown { nlri, path_id, next_hop, hop: "", withdrawn },
                out,
                style.dialect,
                style.compact,
            );
        }
    }
}

/// The addresses a route is listed under: with a link-local one beside the global one, older dialects list it twice.
fn shown_hops(next_hop: NextHop, dialect: Dialect) -> impl Iterator<Item = Option<IpAddr>> {
    let second = match next_hop {
        NextHop::WithLinkLocal(_, local) if dialect != Dialect::V6 => Some(Some(IpAddr::V6(local))),
        _ => None,
    };
    std::iter::once(next_hop.addr()).chain(second)
}

/// Appends the lines of an UPDATE, each behind `prefix`; `consolidated`: its octets come before the end.
pub(super) fn text(
    update: &Update<'_>,
    prefix: &str,
    consolidated: Option<&Message<'_>>,
    dialect: Dialect,
    scratch: &mut String,
    out: &mut String,
) {
    put!(out, prefix, "update start\n");
    if let Some(family) = update.end_of_rib() {
        put!(out, prefix, "update route eor ", family.afi.0, '/', family.safi.0, " (", family, ")\n");
    } else if dialect == Dialect::V6 {
        announced_text(update, prefix, dialect, scratch, out);
        withdrawn_text(update, prefix, dialect, out);
    } else {
        withdrawn_text(update, prefix, dialect, out);
        announced_text(update, prefix, dialect, scratch, out);
    }
    if let Some(message) = consolidated {
        octets(message, out);
        out.push('\n');
    }
    put!(out, prefix, "update end\n\n");
}

fn announced_text(update: &Update<'_>, prefix: &str, dialect: Dialect, scratch: &mut String, out: &mut String) {
    for block in update.announced() {
        for hop in shown_hops(block.next_hop, dialect) {
            scratch.clear();
            let next_hop = hop.map_or(NextHop::None, NextHop::Addr);
            attribute::hop_text(&next_hop, scratch, dialect);
            let hop = scratch.len();
            attribute::text_all(update.attributes_in(dialect), None, scratch, dialect);
            let (hop, attributes) = scratch.split_at_checked(hop).unwrap_or_default();
            for (path_id, nlri) in block.iter() {
                put!(out, prefix, "update announced ");
                by_number(&block, out);
                let shown = Shown { nlri, path_id, next_hop: Some(&next_hop), hop, withdrawn: false };
                (block.spec().text)(&shown, out, dialect);
                out.push_str(attributes);
                out.push('\n');
            }
        }
    }
}

/// The octets of a family nobody knows do not say which it is.
fn by_number(block: &Block<'_>, out: &mut String) {
    if !block.spec().is_known() {
        put!(out, block.family, " ");
    }
}

fn withdrawn_text(update: &Update<'_>, prefix: &str, dialect: Dialect, out: &mut String) {
    for block in update.withdrawn() {
        for (path_id, nlri) in block.iter() {
            put!(out, prefix, "update withdrawn ");
            by_number(&block, out);
            (block.spec().text)(&Shown { nlri, path_id, next_hop: None, hop: "", withdrawn: true }, out, dialect);
            out.push('\n');
        }
    }
}
