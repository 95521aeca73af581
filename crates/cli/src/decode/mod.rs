//! `herald decode`: messages into what a helper would have been told, or into the commands that make them, without any
//! session.

mod command;
mod print;

use crate::{capture, offline, source};
use print::{Manner, Printer};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// What `decode` may be told.
#[derive(clap::Args, Debug)]
pub struct Decode {
    /// A message in hexadecimal, or a file: MRT, pcap, pcapng, messages, or lines of hexadecimal, also compressed by
    /// gzip or bzip2. Without it the same is read from standard input
    #[arg(value_name = "HEX | FILE")]
    hex: Vec<String>,
    /// A file, whatever it is called; `-` is standard input
    #[arg(short = 'F', long, value_name = "FILE", conflicts_with = "hex")]
    file: Option<PathBuf>,
    /// Read as in a session with the first neighbor of this file
    #[arg(short, long, value_name = "FILE")]
    configuration: Option<String>,
    /// Family, such as "ipv4 unicast"
    #[arg(short, long, value_name = "AFI SAFI")]
    family: Option<String>,
    /// The octets are NLRI of the family
    #[arg(short, long)]
    nlri: bool,
    /// The octets are path attributes
    #[arg(short, long, conflicts_with = "nlri")]
    attributes: bool,
    /// The octets are an UPDATE: found out in any case
    #[arg(short, long)]
    update: bool,
    /// The octets are an OPEN: found out in any case
    #[arg(short, long)]
    open: bool,
    /// NLRI have a path identifier
    #[arg(short = 'i', long)]
    path_information: bool,
    /// Print lines of words
    #[arg(short, long, conflicts_with = "json")]
    text: bool,
    /// Print commands: announced again, a route has the same octets
    #[arg(short = 'm', long, conflicts_with_all = ["json", "text"])]
    command: bool,
    /// Print commands that write every attribute as octets
    #[arg(short, long, conflicts_with_all = ["json", "text"])]
    generic: bool,
    /// Accepted, without meaning
    #[arg(short, long)]
    debug: bool,
    /// Accepted, without meaning
    #[arg(short, long)]
    pdb: bool,
    /// Print JSON, as without it
    #[arg(short, long)]
    json: bool,
}

impl Decode {
    fn manner(&self) -> Manner {
        match self {
            Decode { text: true, .. } => Manner::Text,
            Decode { generic: true, .. } => Manner::Commands { generic: true },
            Decode { command: true, .. } => Manner::Commands { generic: false },
            _ => Manner::Json,
        }
    }
}

/// Prints what the messages say. Fails if anything could not be read.
pub fn run(arguments: &Decode) -> Result<ExitCode, String> {
    let profile = source::profile()?;
    // ExaBGP's events from nowhere are without AIGP; a command has to be the whole message
    let aigp = arguments.attributes || matches!(arguments.manner(), Manner::Commands { .. });
    let session = offline::session(arguments.configuration.as_deref(), arguments.path_information, aigp)?;
    let session = Arc::new(session);
    let alone = if arguments.nlri {
        print::Alone::Nlri(offline::family(arguments.family.as_deref())?, arguments.path_information)
    } else if arguments.attributes {
        print::Alone::Attributes
    } else {
        print::Alone::Message
    };
    let mut printer = Printer::new(session.clone(), profile, arguments.manner(), alone);
    if let Some(file) = offline::file(arguments.file.as_deref(), &arguments.hex) {
        if file == Path::new("-") && std::io::stdin().is_terminal() {
            return Err("give a message in hexadecimal, or a file, or either on standard input".into());
        }
        if file == Path::new("-") {
            printer.live();
        }
        let read = capture::read(file, &session, &mut printer);
        printer.done(read)
    } else {
        let read = source::quiet(printer.hexadecimal(&arguments.hex.concat()));
        printer.done(read)
    }
}
