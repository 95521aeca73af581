//! The one program: `herald`, and the same under the name `exabgp`.

mod capture;
mod decode;
mod demo;
mod encode;
mod explain;
mod offline;
mod replay;
mod server;
mod source;
mod spelling;
mod validate;

use clap::{Parser, Subcommand};
use herald_config::env::Listing;
use std::io::Write as _;
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
    /// Show a message field by field, and what is wrong with it
    Explain(explain::Explain),
    /// Show the messages that announce a route
    Encode(encode::Encode),
    /// Show what a recorded daemon did
    Replay(replay::Replay),
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
    let (arguments, as_exabgp) = spelling::modern(std::env::args_os().collect());
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
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Encode(arguments) => encode::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
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

fn version(as_exabgp: bool) -> Result<ExitCode, String> {
    let own = env!("CARGO_PKG_VERSION");
    let text = if as_exabgp {
        let environment = source::environment(None)?;
        let spoken = source::spoken_version(&environment, source::profile_of(&environment)?);
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
