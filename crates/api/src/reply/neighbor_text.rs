//! `show neighbor` as tables for people. Widths and trailing blanks are what programs that cut columns rely on.

use super::facts;
use herald_bgp::capability::add_path;
use herald_bgp::dialect::Dialect;
use herald_speaker::event::NeighborReport;
use std::fmt::{Display, Write as _};
use std::time::Duration;

/// Appends a heading and a line for each neighbour. Numbers are UPDATEs; the latest dialect adds prefixes.
pub(super) fn summary(list: &[NeighborReport], dialect: Dialect, out: &mut String) {
    let prefixes = dialect == Dialect::V6;
    out.push_str("Peer            AS        up/down state       |     #sent     #recvd");
    out.push_str(if prefixes { "    #pfx_in\n" } else { "\n" });
    for report in list {
        let since = match report.since.filter(|_| facts::is_up(report)) {
            Some(since) => clock(since),
            None => "down".into(),
        };
        let _ = write!(
            out,
            "{:<15} {:<7} {:>9} {:<12} {:>10} {:>10}",
            report.peer.address.to_string(),
            or(report.peer.peer_as, "auto"),
            since,
            report.state.name().to_lowercase(),
            report.sent.update,
            report.received.update,
        );
        if prefixes {
            let _ = write!(out, " {:>10}", report.prefixes.0);
        }
        out.push('\n');
    }
}

/// `0:00:08`, `1 day, 0:00:08`, `2 days, 0:00:08`.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let days = match seconds / 86400 {
        0 => String::new(),
        1 => "1 day, ".into(),
        n => format!("{n} days, "),
    };
    format!("{days}{}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}

fn or(value: Option<impl Display>, otherwise: &str) -> String {
    value.map_or_else(|| otherwise.into(), |value| value.to_string())
}

/// A table as a dialect lays it out.
struct Table<'a> {
    dialect: Dialect,
    out: &'a mut String,
}

impl Table<'_> {
    /// A heading of a section; the older dialects have an empty line in front.
    fn section(&mut self, title: &str, columns: [&str; 3]) {
        let [a, b, c] = columns;
        let line = match self.dialect {
            Dialect::V4 => format!("  {title:<21} {a:>15} {b:>15} {c:>15}"),
            Dialect::V5 => format!("    {title:<19} {a:>15} {b:>15} {c:>15}"),
            Dialect::V6 => format!("    {title:<20} {a:>15} {b:>15} {c:>15}"),
        };
        self.gap();
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    fn row(&mut self, name: &str, columns: [&str; 3]) {
        let [a, b, c] = columns;
        let indent = if self.dialect == Dialect::V6 { "    " } else { "   " };
        let _ = writeln!(self.out, "{indent}{name:<20} {a:>15} {b:>15} {c:>15}");
    }

    fn family(&mut self, name: &str, columns: [&str; 3]) {
        let [a, b, c] = columns;
        match self.dialect {
            Dialect::V5 => {
                let _ = writeln!(self.out, "   {name:<20} {a:>15} {b:>15} {c:<15}");
            }
            _ => self.row(name, columns),
        }
    }

    fn gap(&mut self) {
        self.out.push_str(if self.dialect == Dialect::V6 { "" } else { "\n" });
    }
}

/// `enabled`, `disabled`, or that nobody said.
fn ability(value: Option<bool>) -> &'static str {
    match value {
        Some(true) => "enabled",
        Some(false) => "disabled",
        None => "n/a",
    }
}

/// Appends the tables of one neighbour.
pub(super) fn extensive(report: &NeighborReport, dialect: Dialect, out: &mut String) {
    let _ = writeln!(out, "Neighbor {}", report.peer.address);
    let mut table = Table { dialect, out };
    session(report, &mut table);
    table.section("Capability", ["Local", "Remote", ""]);
    for (name, (ours, theirs)) in facts::capabilities(report) {
        table.row(&format!("{name}:"), [ability(Some(ours)), ability(theirs), ""]);
    }
    table.section("Families", ["Local", "Remote", "Add-Path"]);
    for facts in facts::families(report) {
        let (ours, theirs) = facts.offered;
        let agreed = add_path::name(facts.agreed);
        table.family(&format!("{}:", facts.family), [ability(Some(ours)), ability(theirs), agreed]);
    }
    messages(report, &mut table);
    if dialect == Dialect::V6 {
        table.section("Prefix Statistic", ["", "", ""]);
        table.row("received:", [&report.prefixes.0.to_string(), "", ""]);
        table.row("withdrawn:", [&report.prefixes.1.to_string(), "", ""]);
    }
    table.gap();
}

fn session(report: &NeighborReport, table: &mut Table<'_>) {
    let peer = &report.peer;
    let received = peer.negotiated.as_ref().map(|n| &n.received);
    table.section("Session", ["Local", "", ""]);
    table.row("local", [&or(peer.local_address, "auto"), "", ""]);
    table.row("state", [report.state.name(), "", ""]);
    let since = if facts::is_up(report) { "up for" } else { "down for" };
    table.row(since, [&clock(report.since.unwrap_or_default()), "", ""]);
    table.section("Setup", ["Local", "Remote", ""]);
    table.row("AS", [&or(peer.local_as, "auto"), &or(peer.peer_as, "auto"), ""]);
    table.row("ID", [&or(peer.router_id, "auto"), &or(received.map(|open| open.router_id), "n/a"), ""]);
    let hold = peer.config.hold_time.to_string();
    table.row("hold-time", [&hold, &or(received.map(|open| open.hold_time), "n/a"), ""]);
}

fn messages(report: &NeighborReport, table: &mut Table<'_>) {
    let (sent, received) = (&report.sent, &report.received);
    table.section("Message Statistic", ["Sent", "Received", ""]);
    for (name, sent, received) in [
        ("open:", sent.open, received.open),
        ("notification:", sent.notification, received.notification),
        ("keepalive:", sent.keepalive, received.keepalive),
        ("update:", sent.update, received.update),
        ("refresh:", sent.refresh, received.refresh),
        ("total:", sent.total(), received.total()),
    ] {
        table.row(name, [&sent.to_string(), &received.to_string(), ""]);
    }
}
