//! `herald encode`: what is announced or withdrawn as the messages that would be sent, without any session.

use crate::source;
use herald_api::reply::Daemon;
use herald_api::{Client, Profile};
use herald_bgp::attribute::Attributes;
use herald_bgp::context::Context;
use herald_bgp::family::Family;
use herald_bgp::message::HEADER;
use herald_bgp::nlri::Stored;
use herald_bgp::refresh::RouteRefresh;
use herald_bgp::update::pack::{self, Flush};
use herald_bgp::value::Asn;
use herald_bgp::{json, message};
use herald_speaker::command::{Command, Reply};
use herald_speaker::config::PeerConfig;
use herald_speaker::negotiate;
use herald_speaker::time::UnixNanos;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;

/// What `encode` may be told.
#[derive(clap::Args, Debug)]
pub struct Encode {
    /// What to announce: "route 10.0.0.0/24 next-hop 192.0.2.1", or any command that says something to peers
    route: Vec<String>,
    /// Encode all routes of the neighbors of this file; with a route: as in a session with the first of them
    #[arg(short, long, value_name = "FILE")]
    configuration: Option<String>,
    /// Family, such as "ipv4 unicast"; the words of a route say it in any case
    #[arg(short, long, value_name = "AFI SAFI")]
    family: Option<String>,
    /// Our AS
    #[arg(short = 'a', long, value_name = "ASN", default_value = "65533")]
    local_as: String,
    /// The peer's AS
    #[arg(short = 'z', long, value_name = "ASN", default_value = "65533")]
    peer_as: String,
    /// NLRI have a path identifier
    #[arg(short = 'i', long)]
    path_information: bool,
    /// The NLRI alone
    #[arg(short, long)]
    nlri_only: bool,
    /// Messages without their headers
    #[arg(long)]
    no_header: bool,
    /// Accepted, without meaning
    #[arg(short, long)]
    debug: bool,
    /// Accepted, without meaning
    #[arg(short, long)]
    pdb: bool,
}

/// Prints a line of hexadecimal for each message.
pub fn run(arguments: &Encode) -> Result<ExitCode, String> {
    let peers = match &arguments.configuration {
        Some(file) => source::load(file)?.config.peers,
        None => Vec::new(),
    };
    let mut out = String::new();
    if arguments.route.is_empty() {
        if peers.is_empty() {
            return Err("give a route, such as \"route 10.0.0.0/24 next-hop 192.0.2.1\", or a file with -c".into());
        }
        for peer in &peers {
            configured(peer, arguments, &mut out)?;
        }
    } else {
        let cx = match peers.first() {
            Some(peer) => session(peer)?,
            None => plain(arguments)?,
        };
        for said in said(&arguments.route.join(" "), &cx)? {
            match said {
                Said::Change(change) => change.write(&cx, arguments, &mut out)?,
                Said::Message(bytes) => lines(&bytes, arguments, &mut out),
            }
        }
    }
    source::quiet(std::io::stdout().lock().write_all(out.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

/// What a command says to peers.
enum Said {
    Change(Change),
    /// Something else that is one message.
    Message(Vec<u8>),
}

/// Routes of one family with their attributes, on their way to a peer or back.
struct Change {
    family: Family,
    nlris: Vec<Stored>,
    attributes: Arc<Attributes>,
    withdrawn: bool,
}

impl Change {
    /// One route a message, as ExaBGP's command prints them.
    fn write(&self, cx: &Context, arguments: &Encode, out: &mut String) -> Result<(), String> {
        let mut bytes = Vec::new();
        if arguments.nlri_only {
            for nlri in &self.nlris {
                bytes.clear();
                nlri.put(cx.writes_path_id(self.family), &mut bytes);
                json::hex(out, &bytes);
                out.push('\n');
            }
            return Ok(());
        }
        let flush = Flush { pack: false, pack_withdrawals: false, sort: false };
        let mut nlris: Vec<&Stored> = self.nlris.iter().collect();
        let written = if self.withdrawn {
            pack::withdraw(&mut bytes, cx, self.family, Some(&self.attributes), &mut nlris, &flush)
        } else {
            pack::announce(&mut bytes, cx, self.family, &self.attributes, &mut nlris, &flush)
        };
        written.map_err(|error| error.to_string())?;
        lines(&bytes, arguments, out);
        Ok(())
    }
}

/// Appends a line for each message.
fn lines(bytes: &[u8], arguments: &Encode, out: &mut String) {
    let mut rest = bytes;
    while let Ok(Some((message, behind))) = message::split(rest, message::MAX_EXTENDED) {
        let from = if arguments.no_header { HEADER } else { 0 };
        json::hex(out, message.bytes.get(from..).unwrap_or(&[]));
        out.push('\n');
        rest = behind;
    }
}

/// What a command says; words that are no command are what to announce.
fn said(text: &str, cx: &Context) -> Result<Vec<Said>, String> {
    let first = text.split_whitespace().next().unwrap_or("");
    let is_command = matches!(first, "announce" | "withdraw" | "neighbor" | "peer");
    let line = if is_command { format!("{text}\n") } else { format!("announce {text}\n") };
    let daemon = Daemon { version: String::new(), uuid: String::new(), pid: 0, started: UnixNanos(0) };
    let mut client = Client::new(Profile::V6, true);
    let mut commands = Vec::new();
    client.feed(line.as_bytes(), &daemon, &mut |_| (), &mut commands);
    let mut found = Vec::new();
    for command in commands {
        if !collect(command, cx, &mut found) {
            let mut said = String::new();
            client.reply(&Reply::Passed, &daemon, UnixNanos(0), &mut said);
            let why = said.lines().find_map(|line| line.strip_prefix("error: ")).unwrap_or("it announces nothing");
            return Err(format!("{why}\nconfiguration error: Failed to parse route: {text}"));
        }
    }
    Ok(found)
}

/// Takes what a command says to peers; false if that is nothing.
fn collect(command: Command, cx: &Context, found: &mut Vec<Said>) -> bool {
    let mut message = Vec::new();
    let (route, withdrawn) = match command {
        Command::Announce { route, .. } => (route, false),
        Command::Withdraw { route, .. } => (route, true),
        Command::Quiet(command) => return collect(*command, cx, found),
        Command::Group(members) => return members.into_iter().all(|command| collect(command, cx, found)),
        Command::EndOfRib { family, .. } => {
            pack::end_of_rib(&mut message, family);
            found.push(Said::Message(message));
            return true;
        }
        Command::RouteRefresh { family, .. } => {
            RouteRefresh { family, subtype: RouteRefresh::REQUEST }.write(&mut message);
            found.push(Said::Message(message));
            return true;
        }
        Command::Operational { said, .. } => {
            said.message(cx.router_id, 1, &mut message);
            found.push(Said::Message(message));
            return true;
        }
        _ => return false,
    };
    let nlris = route.nlris.as_slice().to_vec();
    found.push(Said::Change(Change { family: route.family, nlris, attributes: route.attributes, withdrawn }));
    true
}

/// All routes of a neighbour of a file.
fn configured(peer: &Arc<PeerConfig>, arguments: &Encode, out: &mut String) -> Result<(), String> {
    let cx = session(peer)?;
    for route in peer.routes.routes.iter().filter(|route| !route.withdrawn) {
        let set = usize::try_from(route.attributes).ok().and_then(|at| peer.routes.attributes.get(at));
        let Some(attributes) = set.cloned() else { continue };
        let (family, nlris) = (route.family, vec![route.nlri.clone()]);
        Change { family, nlris, attributes, withdrawn: false }.write(&cx, arguments, out)?;
    }
    Ok(())
}

/// A session with a neighbour that agrees to everything.
fn session(peer: &Arc<PeerConfig>) -> Result<Context, String> {
    let view = negotiate::offline(peer.clone(), &Default::default());
    let negotiated = view.negotiated.ok_or("nothing can be agreed on with the neighbor of the file")?;
    Ok(negotiated.context.clone())
}

/// A session of speakers with these AS numbers.
fn plain(arguments: &Encode) -> Result<Context, String> {
    let asn = |text: &str| Asn::parse(text).ok_or_else(|| format!("`{text}` is no AS number"));
    let mut cx = Context::plain(asn(&arguments.local_as)?, asn(&arguments.peer_as)?);
    cx.router_id = Ipv4Addr::LOCALHOST;
    cx.local_address = Some(Ipv4Addr::LOCALHOST.into());
    if arguments.path_information {
        cx.add_path_send = herald_bgp::nlri::FAMILIES.iter().map(|spec| spec.family).collect();
    }
    Ok(cx)
}
