//! The one program: `herald`, and the same under the name `exabgp`.

mod decode;
mod demo;
mod server;
mod source;
mod validate;

use clap::{Parser, Subcommand};
use herald_config::env::Listing;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// Speaks BGP for programs: keeps sessions, announces and withdraws what files and helper programs say, and reports
/// what it receives.
#[derive(Parser, Debug)]
#[command(name = "herald", version, arg_required_else_help = true)]
struct Herald {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the daemon
    Server(server::Server),
    /// Check configuration files
    Validate(validate::Validate),
    /// Say the version
    Version,
    /// Show what messages say
    Decode(decode::Decode),
    /// Show two speakers at work on this machine
    Demo,
    #[command(hide = true)]
    DemoHelper {
        /// Whose helper it is
        side: String,
    },
    /// List the settings
    Env {
        /// As variables
        #[arg(short, long)]
        env: bool,
        /// Only those that differ from their defaults
        #[arg(short, long)]
        diff: bool,
    },
}

fn main() -> ExitCode {
    let (arguments, as_exabgp) = arguments(std::env::args_os().collect());
    let Herald { command } = match Herald::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let result = match command {
        Command::Server(arguments) => server::run(&arguments),
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Decode(arguments) => decode::run(&arguments),
        Command::Demo => demo::run(),
        Command::DemoHelper { side } => demo::helper(&side),
        Command::Version => version(as_exabgp),
        Command::Env { env, diff } => list(env, diff),
    };
    match result {
        Ok(code) => code,
        Err(why) => {
            if !why.is_empty() {
                let _ = writeln!(std::io::stderr(), "{}", why.trim_end());
            }
            ExitCode::FAILURE
        }
    }
}

/// The old spellings: under the name `exabgp`, or with a first word that is no subcommand, `server` is meant.
fn arguments(mut arguments: Vec<OsString>) -> (Vec<OsString>, bool) {
    const SUBCOMMANDS: [&str; 8] = ["server", "validate", "version", "decode", "env", "demo", "demo-helper", "help"];
    let name = arguments.first().map(|name| Path::new(name).file_name().unwrap_or_default().to_owned());
    let as_exabgp = name.is_some_and(|name| name == "exabgp");
    let first = arguments.get(1).and_then(|word| word.to_str()).unwrap_or("").to_owned();
    match first.as_str() {
        "configuration" => {
            arguments.remove(1);
        }
        "--version" | "-V" if as_exabgp => {
            arguments.truncate(1);
            arguments.push("version".into());
        }
        "" | "-h" | "--help" | "--version" | "-V" => {}
        word if SUBCOMMANDS.contains(&word) => {}
        _ if as_exabgp || first.starts_with('-') || Path::new(&first).exists() => arguments.insert(1, "server".into()),
        _ => {}
    }
    (arguments, as_exabgp)
}

fn version(as_exabgp: bool) -> Result<ExitCode, String> {
    let own = env!("CARGO_PKG_VERSION");
    let text = if as_exabgp {
        let spoken = source::spoken_version(&source::environment(None)?);
        format!("ExaBGP : {spoken}\nHerald : {own}\n")
    } else {
        format!("Herald : {own}\n")
    };
    source::quiet(std::io::stdout().write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

fn list(env: bool, diff: bool) -> Result<ExitCode, String> {
    let listing = if env { Listing::Variables } else { Listing::Ini };
    let text = source::environment(None)?.listing(listing, diff);
    source::quiet(std::io::stdout().write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}
