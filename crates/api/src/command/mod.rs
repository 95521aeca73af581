//! The table of commands. Two grammars are understood, each line for itself: action first (`announce route …`,
//! `neighbor 192.0.2.1 announce …`) and target first (`peer * announce …`, `daemon reload`).

mod control;
mod routes;
mod selector;
mod show;
#[cfg(test)]
mod tests;

use crate::client::State;
use crate::profile::Profile;
use crate::reply::Daemon;
use herald_bgp::text::{Diagnostic, Grammar, Words};
use herald_speaker::command::{Command, Selector};
use std::sync::Arc;

/// One line being understood.
pub(crate) struct Ask<'a, 's> {
    /// What is left of the line.
    pub words: Words<'a>,
    /// Which peers it is for.
    pub to: Arc<Selector>,
    /// The selector was written.
    pub selected: bool,
    /// Parts of the answer are JSON.
    pub json: bool,
    pub profile: Profile,
    pub daemon: &'s Daemon,
    pub state: &'s mut State,
    line: &'a str,
}

/// What the client itself answers when the turn of a [`Command::Pass`] has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Local {
    Done,
    Error(String),
    /// Lines, then `done`.
    Say(String),
    /// Lines; the answer goes on.
    Part(String),
    /// Acknowledgements on or off, after one for this.
    Acks {
        on: bool,
    },
    /// Acknowledgements off at once.
    Silence,
    /// Another profile from now on.
    Version(Profile),
}

/// What a line means.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// Each with what is answered if it is a [`Command::Pass`].
    pub steps: Vec<(Command, Option<Local>)>,
    /// The answer may be long: nothing is read until it is through.
    pub shows: bool,
}

type Result<T> = std::result::Result<T, Diagnostic>;

/// A row of [`COMMANDS`].
pub struct CommandSpec {
    /// The words of the action-first grammar; empty if it has none.
    pub action: &'static str,
    /// The words of the target-first grammar, without `peer SELECTOR`; empty if it has none.
    pub target: &'static str,
    /// What follows them.
    pub arguments: &'static str,
    /// One line for help.
    pub doc: &'static str,
    /// A line that is accepted.
    pub example: &'static str,
    /// `neighbor …` or `peer …` may stand in front.
    pub selects: bool,
    parse: fn(&mut Ask<'_, '_>) -> Result<Parsed>,
}

/// Every command. To add one: a function in the room of its noun, and a row here.
pub static COMMANDS: &[CommandSpec] = &[
    row(
        "announce route",
        "announce route",
        "PREFIX next-hop IP|self [ATTRIBUTE VALUE]…",
        "announce a route",
        "announce route 10.0.0.0/24 next-hop 192.0.2.1 med 5",
        true,
        routes::announce_route,
    ),
    row(
        "announce attributes",
        "announce attributes",
        "[ATTRIBUTE VALUE]… nlri PREFIX…",
        "announce routes that share their attributes",
        "announce attributes next-hop self nlri 10.0.0.0/24 10.0.1.0/24",
        true,
        routes::announce_attributes,
    ),
    row(
        "announce attribute",
        "announce attribute",
        "[ATTRIBUTE VALUE]… nlri PREFIX…",
        "announce routes that share their attributes",
        "announce attribute next-hop self nlri 10.0.0.0/24",
        true,
        routes::announce_attributes,
    ),
    row(
        "announce ipv4",
        "announce ipv4",
        "SAFI NLRI [ATTRIBUTE VALUE]…",
        "announce a route of an IPv4 family",
        "announce ipv4 unicast 10.0.0.0/24 next-hop self",
        true,
        routes::announce_ipv4,
    ),
    row(
        "announce ipv6",
        "announce ipv6",
        "SAFI NLRI [ATTRIBUTE VALUE]…",
        "announce a route of an IPv6 family",
        "announce ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1",
        true,
        routes::announce_ipv6,
    ),
    row(
        "announce eor",
        "announce eor",
        "[AFI SAFI]",
        "send an End-of-RIB",
        "announce eor ipv4 unicast",
        true,
        routes::end_of_rib,
    ),
    row(
        "announce route-refresh",
        "announce route-refresh",
        "AFI SAFI",
        "ask the peer to send a family again",
        "announce route-refresh ipv4 unicast",
        true,
        routes::route_refresh,
    ),
    row(
        "announce watchdog",
        "announce watchdog",
        "[NAME]",
        "announce the routes that wait for a watchdog",
        "announce watchdog dnsr",
        true,
        routes::announce_watchdog,
    ),
    row(
        "withdraw route",
        "withdraw route",
        "PREFIX [next-hop IP] [ATTRIBUTE VALUE]…",
        "withdraw a route",
        "withdraw route 10.0.0.0/24",
        true,
        routes::withdraw_route,
    ),
    row(
        "withdraw attributes",
        "withdraw attributes",
        "[ATTRIBUTE VALUE]… nlri PREFIX…",
        "withdraw routes",
        "withdraw attributes next-hop self nlri 10.0.0.0/24",
        true,
        routes::withdraw_attributes,
    ),
    row(
        "withdraw attribute",
        "withdraw attribute",
        "[ATTRIBUTE VALUE]… nlri PREFIX…",
        "withdraw routes",
        "withdraw attribute next-hop self nlri 10.0.0.0/24",
        true,
        routes::withdraw_attributes,
    ),
    row(
        "withdraw ipv4",
        "withdraw ipv4",
        "SAFI NLRI [ATTRIBUTE VALUE]…",
        "withdraw a route of an IPv4 family",
        "withdraw ipv4 unicast 10.0.0.0/24",
        true,
        routes::withdraw_ipv4,
    ),
    row(
        "withdraw ipv6",
        "withdraw ipv6",
        "SAFI NLRI [ATTRIBUTE VALUE]…",
        "withdraw a route of an IPv6 family",
        "withdraw ipv6 unicast 2001:db8::/32",
        true,
        routes::withdraw_ipv6,
    ),
    row(
        "withdraw watchdog",
        "withdraw watchdog",
        "[NAME]",
        "withdraw the routes of a watchdog",
        "withdraw watchdog dnsr",
        true,
        routes::withdraw_watchdog,
    ),
    row(
        "",
        "group",
        "COMMAND ; COMMAND …",
        "announce and withdraw together",
        "peer * group announce route 10.0.0.0/24 next-hop self ; withdraw route 10.0.1.0/24",
        true,
        routes::group,
    ),
    row(
        "group start",
        "group start",
        "",
        "gather the announce and withdraw lines that follow",
        "group start",
        false,
        routes::group_start,
    ),
    row("group end", "group end", "", "apply what was gathered", "group end", false, routes::group_end),
    row(
        "teardown",
        "teardown",
        "SUBCODE",
        "end sessions with a Cease; they come back",
        "teardown 4",
        true,
        control::teardown,
    ),
    row(
        "show neighbor",
        "show",
        "[summary|extensive|configuration] [IP] [json]",
        "describe neighbours",
        "show neighbor summary",
        true,
        show::neighbors,
    ),
    row(
        "",
        "peer show",
        "[summary|extensive|configuration] [IP]",
        "describe neighbours",
        "peer show summary",
        false,
        show::neighbors,
    ),
    row("", "peer list", "", "list neighbours and their states", "peer list", false, show::list),
    row(
        "show adj-rib in",
        "rib show in",
        "[extensive] [IP] [FAMILY] [json]",
        "list received routes",
        "show adj-rib in",
        true,
        show::adj_rib_in,
    ),
    row(
        "show adj-rib out",
        "rib show out",
        "[extensive] [IP] [FAMILY] [json]",
        "list announced routes",
        "show adj-rib out extensive",
        true,
        show::adj_rib_out,
    ),
    row(
        "flush adj-rib out",
        "rib flush out",
        "",
        "send all announced routes again",
        "flush adj-rib out",
        true,
        control::flush,
    ),
    row("clear adj-rib in", "rib clear in", "", "forget received routes", "clear adj-rib in", true, control::clear_in),
    row(
        "clear adj-rib out",
        "rib clear out",
        "",
        "withdraw all announced routes",
        "clear adj-rib out",
        true,
        control::clear_out,
    ),
    row("clear adj-rib", "rib clear", "", "withdraw all announced routes", "clear adj-rib", true, control::clear_out),
    row("shutdown", "daemon shutdown", "", "end the daemon", "shutdown", false, control::shutdown),
    row("reload", "daemon reload", "", "read the configuration again", "reload", false, control::reload),
    row(
        "restart",
        "daemon restart",
        "",
        "read the configuration again and start all sessions anew",
        "restart",
        false,
        control::restart,
    ),
    row("status", "daemon status", "", "describe the daemon", "status", false, show::status),
    row("version", "system version", "", "say the version", "version", false, control::version),
    row("help", "system help", "", "list the commands", "help", false, control::help),
    row(
        "api version",
        "system api version",
        "[4|5|6]",
        "say or choose the API version",
        "api version",
        false,
        control::api_version,
    ),
    row(
        "queue-status",
        "system queue-status",
        "",
        "say what is queued for helpers",
        "queue-status",
        false,
        control::queue_status,
    ),
    row("crash", "system crash", "", "refused: kept because programs test it", "crash", false, control::crash),
    row(
        "enable-ack",
        "session ack enable",
        "",
        "answer commands with done or error",
        "enable-ack",
        false,
        control::enable_ack,
    ),
    row(
        "disable-ack",
        "session ack disable",
        "",
        "answer this one, and no more",
        "disable-ack",
        false,
        control::disable_ack,
    ),
    row(
        "silence-ack",
        "session ack silence",
        "",
        "no more answers, not even to this",
        "silence-ack",
        false,
        control::silence_ack,
    ),
    row(
        "enable-sync",
        "session sync enable",
        "",
        "accepted; commands are applied in order in any case",
        "enable-sync",
        false,
        control::accepted,
    ),
    row(
        "disable-sync",
        "session sync disable",
        "",
        "accepted; commands are applied in order in any case",
        "disable-sync",
        false,
        control::accepted,
    ),
    row("ping", "session ping", "[UUID START] [text]", "say that we are alive", "ping", false, control::ping),
    row("bye", "session bye", "[UUID]", "say goodbye", "bye", false, control::accepted),
    row(
        "reset",
        "session reset",
        "",
        "drop commands not yet carried out: there are none",
        "reset",
        false,
        control::reset,
    ),
];

const fn row(
    action: &'static str,
    target: &'static str,
    arguments: &'static str,
    doc: &'static str,
    example: &'static str,
    selects: bool,
    parse: fn(&mut Ask<'_, '_>) -> Result<Parsed>,
) -> CommandSpec {
    CommandSpec { action, target, arguments, doc, example, selects, parse }
}

impl<'a, 's> Ask<'a, 's> {
    pub fn new(line: &'a str, profile: Profile, daemon: &'s Daemon, state: &'s mut State) -> Self {
        let to = state.all.get_or_insert_with(|| Arc::new(Selector::All)).clone();
        let words = Words::new(line, 0, Grammar::Line);
        Ask { words, to, selected: false, json: profile.json, profile, daemon, state, line }
    }

    /// Error unless the line ends here.
    pub fn end(&mut self) -> Result<()> {
        match self.words.next() {
            Some(word) => {
                Err(word.error(format!("nothing was expected after the command, but there is `{}`", word.text)))
            }
            None => Ok(()),
        }
    }
}

impl Parsed {
    /// A command for the speaker.
    pub fn one(command: Command) -> Parsed {
        Parsed { steps: vec![(command, None)], shows: false }
    }

    /// An answer of the client's own.
    pub fn local(local: Local) -> Parsed {
        Parsed { steps: vec![(Command::Pass, Some(local))], shows: false }
    }

    /// A command whose answer may be long.
    pub fn listing(command: Command) -> Parsed {
        Parsed { shows: true, ..Parsed::one(command) }
    }
}

/// Understands one line.
pub(crate) fn parse(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    let line = ask.line;
    // The shapes that come by the million; the table says the same of them.
    if let Some(rest) = line.strip_prefix("announce route ")
        && ask.state.group.is_none()
    {
        ask.words.skip(line.len() - rest.len());
        return routes::announce_route(ask);
    }
    if line.is_empty() {
        return Ok(Parsed::local(if ask.profile.number == 5 { Local::Error(String::new()) } else { Local::Done }));
    }
    if line.starts_with('#') {
        return Ok(Parsed::local(Local::Done));
    }
    strip_options(ask);
    let gathers = ask.state.group.is_some() && (line.starts_with("announce ") || line.starts_with("withdraw "));
    if line.starts_with("neighbor ") || (line.starts_with("peer ") && !is_peer_noun(line)) {
        selector::read(ask)?;
    }
    let parsed = dispatch(ask)?;
    match &mut ask.state.group {
        Some(group) if gathers => {
            group.extend(parsed.steps.into_iter().map(|(command, _)| command));
            Ok(Parsed::local(Local::Done))
        }
        _ => Ok(parsed),
    }
}

/// `peer list`, `peer show`: no selector follows.
fn is_peer_noun(line: &str) -> bool {
    matches!(line.split_whitespace().nth(1), Some("list" | "show" | "create" | "delete"))
}

/// Takes `json`, `text`, `sync` and `async` off the end: at most two of them.
fn strip_options(ask: &mut Ask<'_, '_>) {
    for _ in 0..2 {
        let Some((rest, last)) = ask.line.trim_end().rsplit_once(' ') else { break };
        match last {
            "json" => ask.json = true,
            "text" => ask.json = false,
            "sync" | "async" => {}
            _ => break,
        }
        ask.line = rest;
        ask.words = Words::new(rest, 0, Grammar::Line);
    }
}

/// Finds the row whose words the line starts with; the longest wins.
fn dispatch(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    let mut words = ask.words.clone();
    let first: Vec<_> = std::iter::from_fn(|| words.next()).take(3).collect();
    let starts = |form: &str| {
        let mut n = 0;
        let all = form.split_whitespace().all(|word| {
            n += 1;
            first.get(n - 1).is_some_and(|w| w.text == word)
        });
        if all && n > 0 { n } else { 0 }
    };
    let rows = COMMANDS.iter().filter(|spec| spec.selects || !ask.selected);
    let best = rows.map(|spec| (starts(spec.action).max(starts(spec.target)), spec)).max_by_key(|(n, _)| *n);
    match best {
        Some((n, spec)) if n > 0 => {
            for _ in 0..n {
                ask.words.next();
            }
            (spec.parse)(ask)
        }
        _ => Err(unknown(&first, ask)),
    }
}

fn unknown(first: &[herald_bgp::text::Word<'_>], ask: &Ask<'_, '_>) -> Diagnostic {
    let said: Vec<&str> = first.iter().map(|word| &*word.text).collect();
    let Some(word) = first.first() else {
        return Diagnostic::error(ask.words.here(), "the command is missing behind the selector");
    };
    let forms = || COMMANDS.iter().flat_map(|spec| [spec.action, spec.target]).filter(|form| !form.is_empty());
    if matches!(said[..], ["announce" | "withdraw", ..])
        && let Some(noun) = first.get(1)
    {
        let nouns = forms().filter_map(|form| form.strip_prefix(&*word.text)).map(str::trim_start);
        return noun.error(format!("unknown announce type: {}", noun.text)).suggest(&noun.text, nouns);
    }
    let two = said.iter().take(2).copied().collect::<Vec<_>>().join(" ");
    let message = format!("`{}` is no command", word.text);
    match herald_bgp::text::nearest(&two, forms()).or_else(|| herald_bgp::text::nearest(&word.text, forms())) {
        Some(near) => word.error(message).help(format!("did you mean `{near}`?")),
        None => word.error(message).help("`help` lists the commands"),
    }
}
