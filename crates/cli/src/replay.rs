//! `herald replay`: what a recorded daemon did, done again by a speaker without sockets, clock or helpers.
//!
//! Events are the lines of JSON a helper that is told everything has read. All else begins with `#` and the seconds
//! since the daemon began, so that either can be filtered out.

use crate::source;
use herald_api::Profile;
use herald_api::encode::{Encoder, Form, Identity, Style};
use herald_api::reply::{self, Daemon, Manner};
use herald_daemon::recorder;
use herald_speaker::command::{ClientId, Reply};
use herald_speaker::config;
use herald_speaker::recording::{Doubts, Played, Player, Record, Segment, Start};
use herald_speaker::time::{Now, UnixNanos};
use herald_speaker::{ConnId, Effect, Input};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufWriter, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// What `replay` may be told.
#[derive(clap::Args, Debug)]
pub struct Replay {
    /// What `server --record` was told; the same with .1 is read, too, if it is there
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Stop after this many seconds of the daemon's life
    #[arg(long, value_name = "SECONDS")]
    until: Option<f64>,
    /// Show only what concerns this neighbor
    #[arg(long, value_name = "ADDRESS")]
    peer: Option<IpAddr>,
    /// Show the octets of both directions in hexadecimal
    #[arg(long)]
    wire: bool,
    /// Show what happened to the daemon, too: connections, commands, signals, …
    #[arg(long)]
    inputs: bool,
}

/// Prints what happened. Fails if the recording is damaged; what came before is printed all the same.
pub fn run(arguments: &Replay) -> Result<ExitCode, String> {
    let read =
        |path: &Path| std::fs::read(path).map_err(|error| format!("{}: cannot be read: {error}", path.display()));
    let mut files = vec![(arguments.file.clone(), read(&arguments.file)?)];
    let second = recorder::other(&arguments.file);
    if second.exists() {
        files.push((second.clone(), read(&second)?));
    }
    let mut segments = Vec::new();
    let mut damage = Vec::new();
    for (path, octets) in files.iter().filter(|(_, octets)| !octets.is_empty()) {
        match Segment::open(octets) {
            Ok(segment) => segments.push(segment),
            Err(why) => damage.push(format!("{}: {why}", path.display())),
        }
    }
    let chain = Segment::chain(segments);
    let Some(first) = chain.first() else {
        let nothing = || format!("{}: nothing is recorded in it", arguments.file.display());
        return Err(if damage.is_empty() { nothing() } else { damage.join("\n") });
    };
    let until = arguments.until.map(|seconds| Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string()));
    let until = until.transpose()?.map_or(u64::MAX, |until| u64::try_from(until.as_nanos()).unwrap_or(u64::MAX));
    let mut player = Player::new(first);
    let mut show = Show::new(arguments, &first.start, first.now);
    let mut out = BufWriter::new(io::stdout().lock());
    let origin = first.start.number;
    'segments: for segment in chain {
        for record in segment.records {
            let (now, record) = match record {
                Ok(record) => record,
                Err(why) => {
                    damage.push(format!("segment {}: {why}", segment.start.number));
                    break 'segments;
                }
            };
            if now.mono.0 > until {
                break 'segments;
            }
            show.record(now, &record);
            player.play(now, record, &mut |now, played| show.played(now, played));
            source::quiet(out.write_all(show.out.as_bytes()))?;
            show.out.clear();
        }
    }
    source::quiet(out.flush())?;
    let remarks = remarks(origin, player.doubts());
    source::quiet(io::stderr().write_all([&damage[..], &remarks].concat().join("\n").as_bytes()))?;
    source::quiet(io::stderr().write_all(if damage.is_empty() && remarks.is_empty() { b"" } else { b"\n" }))?;
    Ok(if damage.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Why this is not exactly what happened, if it is not.
fn remarks(origin: u64, doubts: Doubts) -> Vec<String> {
    let Doubts { missing, unknown, different } = doubts;
    let mut out = Vec::new();
    if origin > 0 {
        out.push(format!(
            "the first {origin} segments are gone: routes of commands and of peers from before are not known here"
        ));
    }
    if missing > 0 {
        out.push(format!("{missing} calls were not recorded: what follows such a gap may differ from what happened"));
    }
    if unknown > 0 {
        out.push(format!("{unknown} records are about connections that are not known here"));
    }
    if different > 0 {
        let why = "another version of Herald made the recording, or a part of it is missing";
        out.push(format!("{different} times something else happened here: {why}"));
    }
    out
}

/// Puts into words what is seen.
struct Show<'a> {
    arguments: &'a Replay,
    encoder: Encoder,
    daemon: Daemon,
    manner: Manner,
    /// Whose connections these are.
    peers: BTreeMap<ConnId, IpAddr>,
    out: String,
}

impl<'a> Show<'a> {
    fn new(arguments: &'a Replay, start: &Start, now: Now) -> Show<'a> {
        let note = |name| start.note(name).unwrap_or_default();
        let number = |name| note(name).parse().unwrap_or(0);
        let profile = Profile::parse(note("generation")).unwrap_or_default();
        let style = Style::of(profile, note("compact") == "true");
        let identity = Identity::new(profile.version, note("host"), number("pid"), number("parent"));
        let started = UnixNanos(note("started").parse().unwrap_or(now.wall.0));
        let (version, uuid, pid) = (note("version").to_owned(), note("uuid").to_owned(), number("pid"));
        Show {
            arguments,
            encoder: Encoder::new(style, identity),
            daemon: Daemon { version, uuid, pid, started },
            manner: Manner { dialect: profile.dialect, json: profile.json, acks: true },
            peers: BTreeMap::new(),
            out: String::new(),
        }
    }

    /// A record, before it is played.
    fn record(&mut self, now: Now, record: &Record<'_>) {
        match record {
            Record::Missing { count } => self.line(now, None, &format!("missing: {count} calls")),
            Record::Input(Input::Received { conn, bytes }) if self.arguments.wire => {
                self.line(now, self.of(*conn), &format!("{conn} received {}", hex(bytes)));
            }
            Record::Input(input) => {
                let (conn, words) = said(input);
                if let Input::Accepted { conn, remote, .. } = input {
                    self.peers.insert(*conn, remote.ip());
                }
                if self.arguments.inputs {
                    self.line(now, conn.and_then(|conn| self.of(conn)), &words);
                }
            }
            Record::Called { .. } | Record::Pulled { .. } => {}
        }
    }

    fn played(&mut self, now: Now, played: Played<'_>) {
        match played {
            Played::Effect(effect) => self.effect(now, effect),
            Played::Sent { conn, octets } if self.arguments.wire => {
                self.line(now, self.of(conn), &format!("{conn} sent {}", hex(octets)));
            }
            Played::Sent { .. } => {}
        }
    }

    fn effect(&mut self, now: Now, effect: Effect<'_>) {
        match effect {
            Effect::Event(event) => {
                if self.arguments.peer.is_none_or(|peer| peer == event.peer.address) {
                    self.encoder.event(&event, now.wall, config::Encoder::Json, Form::Parsed, &mut self.out);
                }
            }
            Effect::Listen { on } => {
                let on: Vec<_> = on.iter().map(|listener| listener.local.to_string()).collect();
                self.line(
                    now,
                    None,
                    &format!("listen {}", if on.is_empty() { "nowhere".into() } else { on.join(" ") }),
                );
            }
            Effect::Connect { conn, local, to, .. } => {
                self.peers.insert(conn, to.ip());
                let from = local.map_or(String::new(), |local| format!("from {local} "));
                self.line(now, Some(to.ip()), &format!("{conn} connect {from}to {to}"));
            }
            Effect::Close { conn, last } => {
                let last = match self.arguments.wire {
                    true => hex(last),
                    false => format!("{} octets", last.len()),
                };
                self.line(now, self.of(conn), &format!("{conn} close after {last}"));
            }
            Effect::Pause { conn, reading } => {
                let what = if reading { "resume" } else { "pause" };
                self.line(now, self.of(conn), &format!("{conn} {what}"));
            }
            Effect::Notice(notice) => {
                let message = &notice.message;
                let words = || message.split([' ', ':']).filter_map(|word| word.parse::<IpAddr>().ok());
                let peer = words().find(|address| Some(*address) == self.arguments.peer);
                self.line(now, peer, &format!("{:?} {}: {message}", notice.level, notice.category));
            }
            Effect::Reply { to, reply } => self.reply(now, to, &reply),
            Effect::Spawn { process, config } => {
                self.line(now, None, &format!("process {} start {}: {}", process.0, config.name, config.run.join(" ")));
            }
            Effect::Kill { process } => self.line(now, None, &format!("process {} end", process.0)),
            Effect::Reload => self.line(now, None, "reload"),
            Effect::Stop { code } => self.line(now, None, &format!("stop with code {code}")),
            Effect::Adopt { .. } | Effect::Wake { .. } => {}
        }
    }

    fn reply(&mut self, now: Now, to: ClientId, reply: &Reply<'_>) {
        let mut words = String::new();
        match reply {
            Reply::Error(why) => words.push_str(&format!("error: {why}")),
            other => reply::reply(other, self.manner, &self.daemon, now.wall, &mut words),
        }
        for line in words.lines() {
            self.line(now, None, &format!("{} is told {line}", name(to)));
        }
    }

    /// One line about a peer, or about none.
    fn line(&mut self, now: Now, about: Option<IpAddr>, words: &str) {
        if self.arguments.peer.is_some() && about != self.arguments.peer {
            return;
        }
        let (seconds, nanos) = (now.mono.0 / 1_000_000_000, now.mono.0 % 1_000_000_000);
        let _ = write!(self.out, "# {seconds}.{nanos:09} ");
        // Peers and programs choose some of the words: a line stays one.
        self.out.extend(words.chars().map(|c| if c.is_control() { '.' } else { c }));
        self.out.push('\n');
    }

    fn of(&self, conn: ConnId) -> Option<IpAddr> {
        self.peers.get(&conn).copied()
    }
}

/// What happened to the daemon, and on which connection.
fn said(input: &Input<'_>) -> (Option<ConnId>, String) {
    match input {
        Input::Tick => (None, "tick".into()),
        Input::Accepted { conn, local, remote } => (Some(*conn), format!("{conn} accepted from {remote} at {local}")),
        Input::Connected { conn, local } => (Some(*conn), format!("{conn} connected from {local}")),
        Input::Received { conn, bytes } => (Some(*conn), format!("{conn} received {} octets", bytes.len())),
        Input::Closed { conn, why } => (Some(*conn), format!("{conn} closed: {why:?}")),
        Input::Command { from, command } => (None, format!("{} says {command:?}", name(*from))),
        Input::ClientSlow { client, slow } => {
            (None, format!("{} is {}", name(*client), if *slow { "slow" } else { "fast" }))
        }
        Input::Exited { process, status } => (None, format!("process {} ended: {status:?}", process.0)),
        Input::Configure(config) => {
            let (peers, processes) = (config.peers.len(), config.processes.len());
            (None, format!("configuration: {peers} neighbors, {processes} processes"))
        }
        Input::NotConfigured => (None, "no configuration".into()),
        Input::Signal { number, name } => (None, format!("signal {number} {name}")),
    }
}

fn name(client: ClientId) -> String {
    match client {
        ClientId::Process(process) => format!("process {}", process.0),
        ClientId::Control(number) => format!("control {number}"),
    }
}

fn hex(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len() * 2);
    for octet in octets {
        let _ = write!(out, "{octet:02x}");
    }
    out
}
