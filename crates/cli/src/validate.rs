//! `herald validate`: is this file all right, and if not, where and what to type instead.

use crate::source;
use herald_config::Style;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What `validate` may be told.
#[derive(clap::Args, Debug)]
pub struct Validate {
    /// Configuration files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Print the neighbors as they were understood
    #[arg(short, long)]
    neighbor: bool,
    /// Check the routes, too: done in any case
    #[arg(short, long)]
    route: bool,
    /// Say what was read
    #[arg(short, long)]
    verbose: bool,
    /// Settings, in place of /etc/exabgp/exabgp.env
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// Accepted, without meaning
    #[arg(short, long)]
    pdb: bool,
}

/// Checks files; fails if any has a mistake.
pub fn run(arguments: &Validate) -> Result<ExitCode, String> {
    let environment = source::environment(arguments.env_file.as_deref())?;
    let mut code = ExitCode::SUCCESS;
    let mut out = String::new();
    let mut errors = String::new();
    for file in &arguments.files {
        let path = Path::new(file);
        match herald_daemon::files::load(path, &environment, herald_daemon::host(), Style::Caret) {
            Ok(loaded) => {
                errors.push_str(&herald_daemon::files::report(&loaded.warnings, path, Style::Caret));
                let config = &loaded.config;
                if arguments.neighbor {
                    config.peers.iter().for_each(|peer| out.push_str(&format!("{}\n", peer.name())));
                }
                if arguments.verbose {
                    let routes: usize = config.peers.iter().map(|peer| peer.routes.routes.len()).sum();
                    let (peers, processes) = (config.peers.len(), config.processes.len());
                    out.push_str(&format!("{file}: {peers} neighbors, {processes} processes, {routes} routes\n"));
                }
            }
            Err(mistakes) => {
                errors.push_str(&mistakes);
                code = ExitCode::FAILURE;
            }
        }
    }
    source::quiet(std::io::stderr().write_all(errors.as_bytes()))?;
    source::quiet(std::io::stdout().write_all(out.as_bytes()))?;
    Ok(code)
}
