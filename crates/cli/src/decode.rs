//! `herald decode`: messages into the JSON a helper would have been told, without any session.

use crate::{offline, source};
use herald_api::Profile;
use herald_api::encode::{Encoder, Identity, Style};
use herald_bgp::family::Family;
use herald_bgp::message::{self, Kind};
use herald_bgp::nlri::Shown;
use herald_bgp::read::Reader;
use herald_speaker::event::PeerView;
use herald_speaker::time::UnixNanos;
use std::io::{self, BufRead, IsTerminal as _, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// What `decode` may be told.
#[derive(clap::Args, Debug)]
pub struct Decode {
    /// The message in hexadecimal; without it, one message a line on standard input
    hex: Vec<String>,
    /// Read as in a session with the first neighbor of this file
    #[arg(short, long, value_name = "FILE")]
    configuration: Option<String>,
    /// Family, such as "ipv4 unicast"
    #[arg(short, long, value_name = "AFI SAFI", num_args = 1..)]
    family: Option<Vec<String>>,
    /// The octets are NLRI of the family
    #[arg(short, long)]
    nlri: bool,
    /// The octets are an UPDATE: found out in any case
    #[arg(short, long)]
    update: bool,
    /// The octets are an OPEN: found out in any case
    #[arg(short, long)]
    open: bool,
    /// NLRI have a path identifier
    #[arg(short = 'i', long)]
    path_information: bool,
    /// Accepted, without meaning
    #[arg(short, long)]
    debug: bool,
    /// Accepted, without meaning
    #[arg(short, long)]
    pdb: bool,
    /// Accepted: JSON is what is printed
    #[arg(short, long)]
    json: bool,
}

/// Prints a line for each message. Fails if any of them was none.
pub fn run(arguments: &Decode) -> Result<ExitCode, String> {
    let profile = source::profile()?;
    let view = Arc::new(offline::session(arguments.configuration.as_deref(), arguments.path_information)?);
    let family = offline::family(arguments.family.as_deref())?;
    let (host, _) = source::host();
    let identity = Identity::new(profile.version, &host, std::process::id(), std::os::unix::process::parent_id());
    let mut encoder = Encoder::new(Style::of(profile, false), identity);
    let mut valid = true;
    let mut one = |text: &str| -> io::Result<()> {
        let mut out = String::new();
        match offline::hexadecimal(text) {
            Err(why) => {
                out.push_str(&why);
                valid = false;
            }
            Ok(bytes) => {
                let read = if arguments.nlri {
                    nlri(&bytes, family, arguments.path_information, profile, &mut out)
                } else {
                    messages(&bytes, &view, &mut encoder, &mut out)
                };
                if let Err(why) = read {
                    out = format!("{why}\ninvalid payload: {text}\n");
                    valid = false;
                }
            }
        }
        io::stdout().lock().write_all(out.as_bytes())
    };
    let done = if arguments.hex.is_empty() {
        if io::stdin().is_terminal() {
            return Err("give a message in hexadecimal, or one a line on standard input".into());
        }
        io::stdin().lock().lines().try_for_each(|line| match line?.trim() {
            "" => Ok(()),
            line => one(line),
        })
    } else {
        one(&arguments.hex.concat())
    };
    source::quiet(done)?;
    Ok(if valid { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// All messages of a payload; one without a header is the body of an UPDATE.
fn messages(bytes: &[u8], view: &Arc<PeerView>, encoder: &mut Encoder, out: &mut String) -> Result<(), String> {
    let mut whole = Vec::new();
    let mut rest = bytes;
    if !bytes.starts_with(&[0xff; 16]) {
        message::write(&mut whole, Kind::UPDATE, |out| out.extend_from_slice(bytes));
        rest = &whole;
    }
    while !rest.is_empty() {
        let (message, tail) = match message::split(rest, message::MAX_EXTENDED) {
            Ok(Some(found)) => found,
            Ok(None) => return Err("the message is shorter than its header says".into()),
            Err(notification) => return Err(notification.message()),
        };
        rest = tail;
        if !encoder.offline(view, message.bytes, now(), out) {
            return Err("the message is not what its type says".into());
        }
    }
    Ok(())
}

/// A JSON object for each NLRI.
fn nlri(bytes: &[u8], family: Option<Family>, paths: bool, profile: Profile, out: &mut String) -> Result<(), String> {
    let spec = family.unwrap_or(Family::IPV4_UNICAST).spec();
    let mut r = Reader::new(bytes, 0);
    while !r.is_empty() {
        let path_id = if paths { Some(r.u32("path identifier").map_err(|e| e.to_string())?) } else { None };
        let nlri = (spec.split)(&mut r).map_err(|e| e.to_string())?;
        (spec.json)(&Shown { nlri, path_id, next_hop: None, hop: "", withdrawn: false }, out, profile.dialect, false);
        out.push('\n');
    }
    Ok(())
}

fn now() -> UnixNanos {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos());
    UnixNanos(u64::try_from(nanos).unwrap_or(0))
}
