//! `herald server`: the daemon.

use crate::source;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// What `server` may be told.
#[derive(clap::Args, Debug)]
pub struct Server {
    /// Configuration files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Settings, in place of /etc/exabgp/exabgp.env
    #[arg(short, long, visible_alias = "env", value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// Log everything
    #[arg(short, long)]
    verbose: bool,
    /// As --verbose
    #[arg(short, long)]
    debug: bool,
    /// Try each peer once
    #[arg(short = '1', long)]
    once: bool,
    /// Wait to be called by all peers
    #[arg(short = 'P', long)]
    passive: bool,
    /// Reload after this many seconds
    #[arg(short, long, value_name = "SECONDS")]
    signal: Option<u64>,
    /// Record all that happens to this file and the same with .1, for `herald replay`
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Accepted, without meaning
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Accepted, without meaning
    #[arg(short, long)]
    pdb: bool,
    /// Accepted, without meaning
    #[arg(short, long)]
    memory: bool,
}

/// Runs until told to end.
pub fn run(arguments: &Server) -> Result<ExitCode, String> {
    let mut environment = source::environment(arguments.env_file.as_deref())?;
    let mut set = |section, name, value| environment.override_with(section, name, value);
    if arguments.verbose || arguments.debug {
        set("log", "all", "true");
        set("log", "level", "DEBUG");
        set("log", "short", "false");
    }
    if arguments.once {
        set("tcp", "attempts", "1");
    }
    if arguments.passive {
        set("bgp", "passive", "true");
    }
    if let Some(path) = &arguments.record {
        set("debug", "record", path.to_str().ok_or("--record: the name is not UTF-8")?);
    }
    let profile = source::profile_of(&environment)?;
    let version = source::spoken_version(&environment, profile);
    let options = herald_daemon::Options {
        files: arguments.files.clone(),
        environment,
        profile,
        version,
        reload_after: arguments.signal.map(Duration::from_secs),
    };
    herald_daemon::run(options).map(ExitCode::from)
}
