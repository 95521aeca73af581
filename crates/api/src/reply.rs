//! Answers as lines: what a client reads after a command.
//!
//! Parts come first, each a line or several; the last line is `done` or `error`. Turning acknowledgements off leaves out
//! the last line, never the parts.

mod configuration;
mod facts;
mod neighbor_json;
mod neighbor_text;
mod route;

use herald_bgp::dialect::Dialect;
use herald_bgp::json::{self, Separator};
use herald_bgp::text::escape;
use herald_speaker::command::{Detail, Reply, Show};
use herald_speaker::event::NeighborReport;
use herald_speaker::time::UnixNanos;
use std::fmt::Write as _;
use std::time::Duration;

/// How a client is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Manner {
    /// Whose spelling.
    pub dialect: Dialect,
    /// Parts that were not asked for in either way are JSON.
    pub json: bool,
    /// `done` and `error` are said.
    pub acks: bool,
}

/// What the daemon tells about itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Daemon {
    /// Version of the program.
    pub version: String,
    /// Drawn when it started.
    pub uuid: String,
    /// Its process.
    pub pid: u32,
    /// When it started.
    pub started: UnixNanos,
}

/// Appends the lines of one answer, or of one part of it. Nothing is appended for [`Reply::Passed`]: whoever sent the
/// command has the answer.
pub fn reply(reply: &Reply<'_>, manner: Manner, daemon: &Daemon, wall: UnixNanos, out: &mut String) {
    match reply {
        Reply::Neighbors { show, list } => neighbors(*show, list, manner.dialect, daemon, wall, out),
        Reply::Route { show, peer, family, nlri, attributes, .. } => {
            route::route(&route::Shown { show: *show, peer, family: *family, nlri, attributes }, manner.dialect, out);
        }
        Reply::Done => done(manner, out),
        Reply::Group { announced, withdrawn, errors } => {
            group(*announced, *withdrawn, errors, manner.json, out);
            done(manner, out);
        }
        Reply::Error(reason) => error(reason, manner, out),
        Reply::Passed => (),
    }
}

/// Appends `done`.
pub fn done(manner: Manner, out: &mut String) {
    if manner.acks {
        out.push_str("done\n");
    }
}

/// Appends `error`, with the reason in front where programs expect one.
pub fn error(reason: &str, manner: Manner, out: &mut String) {
    if !manner.acks {
        return;
    }
    if tells_why(manner) && !reason.is_empty() {
        out.push_str("error: ");
        escape(out, reason);
        out.push('\n');
    }
    out.push_str("error\n");
}

/// Whether errors have their reason with them.
pub fn tells_why(manner: Manner) -> bool {
    manner.acks && manner.dialect == Dialect::V6
}

fn group(announced: usize, withdrawn: usize, errors: &[String], as_json: bool, out: &mut String) {
    let empty = announced == 0 && withdrawn == 0 && errors.is_empty();
    let _ = match (as_json, empty) {
        (true, true) => out.write_str("{\"status\": \"group ended\", \"commands\": 0}\n"),
        (false, true) => out.write_str("group ended (0 commands)\n"),
        (true, false) => {
            let _ = write!(
                out,
                "{{\"status\": \"group processed\", \"announced\": {announced}, \"withdrawn\": {withdrawn}"
            );
            let mut separator = Separator::new(", ");
            for (at, error) in errors.iter().enumerate() {
                out.push_str(if at == 0 { ", \"errors\": [" } else { "" });
                separator.next(out);
                json::string(out, error);
            }
            out.push_str(if errors.is_empty() { "" } else { "]" });
            out.write_str("}\n")
        }
        (false, false) => {
            let _ = write!(out, "group processed: {announced} announced, {withdrawn} withdrawn");
            let _ = if errors.is_empty() { Ok(()) } else { write!(out, ", {} errors", errors.len()) };
            out.write_char('\n')
        }
    };
}

fn neighbors(
    show: Show,
    list: &[NeighborReport],
    dialect: Dialect,
    daemon: &Daemon,
    wall: UnixNanos,
    out: &mut String,
) {
    match (show.detail, show.json) {
        (Detail::List, _) => neighbor_json::list(list, out),
        (Detail::Status, true) => status_json(list, daemon, wall, out),
        (Detail::Status, false) => status_text(list, daemon, wall, out),
        (_, true) => neighbor_json::reports(list, dialect, out),
        (Detail::Summary, false) => neighbor_text::summary(list, dialect, out),
        (Detail::Extensive, false) => list.iter().for_each(|report| neighbor_text::extensive(report, dialect, out)),
        (Detail::Configuration, false) => {
            list.iter().for_each(|report| configuration::neighbor(&report.peer.config, dialect, out));
        }
    }
}

fn uptime(daemon: &Daemon, wall: UnixNanos) -> u64 {
    Duration::from_nanos(wall.0.saturating_sub(daemon.started.0)).as_secs()
}

fn status_text(list: &[NeighborReport], daemon: &Daemon, wall: UnixNanos, out: &mut String) {
    let seconds = uptime(daemon, wall);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let Daemon { version, uuid, pid, .. } = daemon;
    // The title programs look for.
    let title = "ExaBGP Daemon Status";
    let _ = writeln!(out, "{title}\n{}\nVersion: {version}\nUUID: {uuid}\nPID: {pid}", "=".repeat(title.len()));
    let _ = writeln!(out, "Uptime: {hours}h {minutes}m {seconds}s\nPeers: {}", list.len());
    for report in list {
        let _ = writeln!(out, "  - {}: {}", report.peer.config.name(), report.state.name());
    }
}

fn status_json(list: &[NeighborReport], daemon: &Daemon, wall: UnixNanos, out: &mut String) {
    out.push_str("{\"version\": ");
    json::string(out, &daemon.version);
    out.push_str(", \"uuid\": ");
    json::string(out, &daemon.uuid);
    let _ = write!(out, ", \"pid\": {}, \"uptime\": {}, \"start_time\": ", daemon.pid, uptime(daemon, wall));
    crate::encode::seconds(daemon.started, out);
    out.push_str(", \"peers\": {");
    let mut separator = Separator::new(", ");
    for report in list {
        separator.next(out);
        json::string(out, &report.peer.config.name());
        let _ = write!(out, ": \"{}\"", report.state.name());
    }
    out.push_str("}}\n");
}

#[cfg(test)]
mod tests;
