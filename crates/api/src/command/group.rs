//! Several announcements and withdrawals as one command: on one line, or on the lines between `group start` and
//! `group end`.

use super::{Ask, Local, Parsed, Result, dispatch};
use herald_bgp::text::{Diagnostic, cut};
use herald_speaker::command::Command;
use std::borrow::Cow;

/// Most lines of a group.
const LINES: usize = 100_000;
/// Most octets of the lines of a group.
const OCTETS: usize = 100 << 20;
/// Most octets of one complaint.
const COMPLAINT: usize = 300;

/// A group that is being gathered.
#[derive(Debug, Default)]
pub(crate) struct Group {
    members: Vec<Command>,
    /// What could not be understood: said with the answer to the group.
    errors: Vec<String>,
    lines: usize,
    octets: usize,
}

impl Group {
    /// Adds what a line means. False if the group has become too large.
    fn add(&mut self, octets: usize, parts: &mut Vec<Command>, parsed: Result<Parsed>) -> bool {
        self.lines += 1;
        self.octets += octets;
        match parsed {
            Ok(parsed) => {
                self.members.append(parts);
                self.members.push(parsed.command);
            }
            Err(error) => self.error(&error.to_string()),
        }
        self.lines <= LINES && self.octets <= OCTETS
    }

    fn error(&mut self, reason: &str) {
        self.errors.push(cut(reason, COMPLAINT).to_owned());
    }

    fn finish(self) -> Parsed {
        Parsed { local: Some(Local::Group(self.errors)), ..Parsed::one(Command::Group(self.members)) }
    }
}

/// Reads an `announce` or `withdraw` line into the open group. A bad one is answered `done` as well: programs expect the
/// complaint behind `group end`.
pub(super) fn gather(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    let octets = ask.words.rest().len();
    let parsed = dispatch(ask);
    let Some(group) = &mut ask.state.group else { return parsed };
    if group.add(octets, &mut ask.parts, parsed) {
        return Ok(Parsed::local(Local::Done));
    }
    ask.state.group = None;
    Ok(ask.refuse("group buffer limit reached, group discarded"))
}

/// `group start`
pub(super) fn start(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    ask.end()?;
    if ask.state.group.is_some() {
        return Ok(ask.refuse("already in group block (nested groups not allowed)"));
    }
    ask.state.group = Some(Group::default());
    Ok(ask.status("group started"))
}

/// `group end`
pub(super) fn end(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    ask.end()?;
    match ask.state.group.take() {
        Some(group) => Ok(group.finish()),
        None => Ok(ask.refuse("not in group block")),
    }
}

/// `peer SELECTOR group COMMAND ; COMMAND …`. Attributes written first are added to every announcement.
pub(super) fn inline(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    let mut group = Group::default();
    let mut shared = "";
    let text = ask.words.rest();
    for (at, line) in text.split(';').map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "attributes" | "attribute" if at == 0 => shared = rest.trim(),
            "announce" | "withdraw" => {
                let line = with_shared(line, shared);
                let mut member = Ask::new(&line, ask.profile, ask.daemon, ask.state);
                member.to = ask.to.clone();
                member.selected = true;
                let parsed = dispatch(&mut member);
                let mut parts = std::mem::take(&mut member.parts);
                group.add(line.len(), &mut parts, parsed);
            }
            other => {
                group.lines += 1;
                group.error(&format!("unknown action in group: {other}"));
            }
        }
    }
    match group.lines {
        0 => Ok(ask.refuse("empty group")),
        1..=LINES => Ok(group.finish()),
        _ => Err(Diagnostic::error(ask.words.here(), format!("a group of more than {LINES} commands"))),
    }
}

/// An announcement with the attributes of its group.
fn with_shared<'a>(line: &'a str, shared: &str) -> Cow<'a, str> {
    if shared.is_empty() || !line.starts_with("announce ") {
        return line.into();
    }
    let mut words = line.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some(verb), Some(noun @ ("attributes" | "attribute")), Some(rest)) => format!("{verb} {noun} {shared} {rest}"),
        _ => format!("{line} {shared}"),
    }
    .into()
}
