//! `show neighbor` and `peer list` as JSON: one line, an array of all neighbours.

use super::facts::{self, Sides};
use herald_bgp::capability::add_path;
use herald_bgp::dialect::Dialect;
use herald_bgp::family::Family;
use herald_bgp::json::Separator;
use herald_speaker::event::{MessageCount, NeighborReport};
use std::fmt::{Display, Write as _};

/// Appends `[{"peer-address": …}, …]`.
pub(super) fn list(list: &[NeighborReport], out: &mut String) {
    let mut separator = Separator::new(", ");
    out.push('[');
    for report in list {
        separator.next(out);
        let _ = write!(out, "{{\"peer-address\": \"{}\", \"peer-as\": ", report.peer.address);
        or_null(report.peer.peer_as, "", out);
        let _ = write!(out, ", \"state\": \"{}\"}}", report.state.name());
    }
    out.push_str("]\n");
}

/// Appends the array of everything that is known.
pub(super) fn reports(list: &[NeighborReport], dialect: Dialect, out: &mut String) {
    let mut separator = Separator::new(", ");
    out.push('[');
    for report in list {
        separator.next(out);
        one(report, dialect, out);
    }
    out.push_str("]\n");
}

/// A truth as a dialect writes it: the latest has numbers, some of them.
#[derive(Clone, Copy)]
struct Truth {
    as_number: bool,
}

impl Truth {
    fn write(self, value: Option<bool>, out: &mut String) {
        out.push_str(match (value, self.as_number) {
            (Some(false), false) => "false",
            (Some(true), false) => "true",
            (Some(false), true) => "0",
            (Some(true), true) => "1",
            (None, _) => "null",
        });
    }
}

fn one(report: &NeighborReport, dialect: Dialect, out: &mut String) {
    let peer = &report.peer;
    let up = facts::is_up(report);
    let seconds = report.since.unwrap_or_default().as_secs();
    let state = if up { "up" } else { "down" };
    let _ = write!(out, "{{\"state\": \"{state}\", \"duration\": {seconds}, \"fsm\": \"{}\", ", report.state.name());
    out.push_str("\"local\": {");
    side(report, dialect, |sides| Some(sides.0), true, out);
    out.push_str(", \"address\": ");
    or_null(peer.local_address, "\"", out);
    out.push_str(", \"as\": ");
    or_null(peer.local_as, "", out);
    out.push_str(", \"id\": ");
    or_null(peer.router_id, "\"", out);
    let _ = write!(out, ", \"hold\": {}}}, \"peer\": {{", peer.config.hold_time);
    side(report, dialect, |sides| sides.1, false, out);
    let received = peer.negotiated.as_ref().map(|n| &n.received);
    let _ = write!(out, ", \"address\": \"{}\", \"as\": ", peer.address);
    or_null(peer.peer_as, "", out);
    out.push_str(", \"id\": ");
    or_null(received.map(|open| open.router_id), "\"", out);
    out.push_str(", \"hold\": ");
    or_null(received.map(|open| open.hold_time), "", out);
    out.push_str("}, \"messages\": {\"sent\": ");
    messages(&report.sent, out);
    out.push_str(", \"received\": ");
    messages(&report.received, out);
    out.push_str("}, ");
    agreed(report, out);
    if dialect == Dialect::V6 {
        let (received, withdrawn) = report.prefixes;
        let _ = write!(out, ", \"prefixes\": {{\"received\": {received}, \"withdrawn\": {withdrawn}}}");
    }
    out.push('}');
}

/// Appends `"capabilities": {…}, "families": {…}, "add-path": {…}` of one side.
fn side(report: &NeighborReport, dialect: Dialect, of: impl Fn(Sides) -> Option<bool>, local: bool, out: &mut String) {
    let numbers = Truth { as_number: dialect == Dialect::V6 };
    // The families of our side stayed words when all else became numbers.
    let words = Truth { as_number: dialect == Dialect::V6 && !local };
    let capabilities = facts::capabilities(report);
    let families = facts::families(report);
    object("capabilities", capabilities.iter().map(|(name, sides)| (name, of(*sides))), numbers, out);
    out.push_str(", ");
    object("families", families.iter().map(|f| (f.family, of(f.offered))), words, out);
    out.push_str(", ");
    object("add-path", families.iter().map(|f| (f.family, of(f.add_path))), numbers, out);
}

fn object(name: &str, members: impl Iterator<Item = (impl Display, Option<bool>)>, truth: Truth, out: &mut String) {
    let mut separator = Separator::new(", ");
    let _ = write!(out, "\"{name}\": {{");
    for (key, value) in members {
        separator.next(out);
        let _ = write!(out, "\"{key}\": ");
        truth.write(value, out);
    }
    out.push('}');
}

fn messages(count: &MessageCount, out: &mut String) {
    let MessageCount { open, notification, keepalive, update, refresh, .. } = count;
    let _ = write!(
        out,
        "{{\"open\": {open}, \"notification\": {notification}, \"keepalive\": {keepalive}, \"update\": {update}, \
         \"refresh\": {refresh}, \"total\": {}}}",
        count.total()
    );
}

/// Appends what both sides have.
fn agreed(report: &NeighborReport, out: &mut String) {
    let both = |sides: Sides| sides.0 && sides.1 == Some(true);
    let families = facts::families(report);
    let capabilities = facts::capabilities(report).into_iter().filter(|(_, sides)| both(*sides));
    names("capabilities", capabilities.map(|(name, _)| name), out);
    out.push_str(", ");
    names("families", families.iter().filter(|f| both(f.offered)).map(|f| f.family), out);
    out.push_str(", \"add-path\": {");
    let mut separator = Separator::new(", ");
    for facts in &families {
        separator.next(out);
        let family: Family = facts.family;
        let _ = write!(out, "\"{family}\": \"{}\"", add_path::name(facts.agreed));
    }
    out.push('}');
}

fn names(name: &str, items: impl Iterator<Item = impl Display>, out: &mut String) {
    let mut separator = Separator::new(", ");
    let _ = write!(out, "\"{name}\": [");
    for item in items {
        separator.next(out);
        let _ = write!(out, "\"{item}\"");
    }
    out.push(']');
}

fn or_null(value: Option<impl Display>, quote: &str, out: &mut String) {
    let _ = match value {
        Some(value) => write!(out, "{quote}{value}{quote}"),
        None => out.write_str("null"),
    };
}
