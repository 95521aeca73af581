//! `herald demo`: two speakers on this machine, with a helper each; nothing else is needed, and nothing is left behind.
//!
//! Both are this program again, started as `herald server` with the configurations under `examples/demo`. Their helpers are
//! this program, too ([`helper`]); they show what they read by writing it to standard error, which ends up here.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

const LEFT: &str = include_str!("../../../examples/demo/left.conf");
const RIGHT: &str = include_str!("../../../examples/demo/right.conf");

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What has to be seen, in this order: who says it, a part of the line, and what it means.
const STEPS: [(&str, &str, &str); 6] = [
    ("right", "\"state\": \"up\"", "the session is established"),
    ("right", "198.51.100.0/24", "right hears the route of left's configuration file"),
    ("left", "203.0.113.0/24", "right's helper reacted: left hears the route it announced"),
    ("right", "192.0.2.0/24", "left's helper reacted to that, and right hears its route"),
    (
        "left",
        "\"withdraw\": { \"ipv4 unicast\": [ { \"nlri\": \"203.0.113.0/24\"",
        "right's helper took its route back",
    ),
    ("right", "\"withdraw\": { \"ipv4 unicast\": [ { \"nlri\": \"192.0.2.0/24\"", "and so did left's"),
];

/// Runs the demonstration. Fails with the step that did not happen.
pub fn run() -> Result<ExitCode, String> {
    let program = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let folder = Folder::create()?;
    let port = free_port()?;
    say(&format!("two speakers, 127.0.0.1 (AS 65001) and 127.0.0.2 (AS 65002), port {port}; their configuration:\n"));
    LEFT.lines().for_each(|line| say(&format!("    {line}\n")));
    let (lines, all) = channel();
    let right = Speaker::start(&program, &folder.0, "right", RIGHT, port, lines.clone())?;
    let left = Speaker::start(&program, &folder.0, "left", LEFT, port, lines)?;
    let result = watch(&all);
    for speaker in [left, right] {
        speaker.stop();
    }
    result?;
    say("\nboth speakers were asked to end, and did. That is all there is to it.\n");
    Ok(ExitCode::SUCCESS)
}

/// Shows what helpers read until every step was seen.
fn watch(lines: &Receiver<(&'static str, String)>) -> Result<(), String> {
    let start = Instant::now();
    // The two speak at the same time: a step may be heard before the one it follows.
    let mut heard: Vec<(&str, String)> = Vec::new();
    for (who, part, meaning) in STEPS {
        while !heard.iter().any(|(side, line)| *side == who && line.contains(part)) {
            let left = PATIENCE.saturating_sub(start.elapsed());
            let (side, line) = lines
                .recv_timeout(left)
                .map_err(|_| format!("within {} s this did not happen: {meaning}", PATIENCE.as_secs()))?;
            say(&format!("{side:>5}  {line}\n"));
            heard.push((side, line));
        }
        say(&format!("\n  ==>  {meaning}\n\n"));
    }
    Ok(())
}

fn say(text: &str) {
    // A reader that went away makes the demonstration silent, not wrong.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// One of the two daemons.
struct Speaker {
    child: Child,
}

impl Speaker {
    fn start(
        program: &Path,
        folder: &Path,
        side: &'static str,
        text: &str,
        port: u16,
        lines: Sender<(&'static str, String)>,
    ) -> Result<Speaker, String> {
        let quoted = format!("\"{}\"", program.display());
        let text = text.replace("HERALD", &quoted).replace("PORT", &port.to_string());
        let file = folder.join(format!("{side}.conf"));
        std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            // Settings meant for a real daemon are not for this one.
            if name.to_str().is_some_and(|name| name.to_ascii_lowercase().starts_with("exabgp")) {
                command.env_remove(name);
            }
        }
        let mut child = command
            .arg("server")
            .arg(&file)
            .env("exabgp_daemon_user", "root")
            .env("exabgp_log_level", "ERROR")
            .env("EXABGP_ENVFILE", "/dev/null")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
        if let Some(stderr) = child.stderr.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                    if lines.send((side, line)).is_err() {
                        return;
                    }
                }
            });
        }
        Ok(Speaker { child })
    }

    fn stop(mut self) {
        let _ = herald_daemon::sys::terminate(self.child.id());
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(3) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port nobody listens on at the moment.
fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.2:0").and_then(|listener| listener.local_addr());
    listener.map(|addr| addr.port()).map_err(|error| format!("no port is free on 127.0.0.2: {error}"))
}

/// A folder of our own that goes when we do.
struct Folder(PathBuf);

impl Folder {
    fn create() -> Result<Folder, String> {
        let path = std::env::temp_dir().join(format!("herald-demo-{}", std::process::id()));
        std::fs::create_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The sample helper. It reads events, shows them, and reacts: right answers the first route it hears with one of its own
/// and takes it back when left has answered that; left does the same the other way round.
pub fn helper(side: &str) -> Result<ExitCode, String> {
    let (hears, announces, hears_then) = match side {
        "right" => (
            "198.51.100.0/24",
            "203.0.113.0/24",
            "\"announce\": { \"ipv4 unicast\": { \"127.0.0.1\": [ { \"nlri\": \"192.0.2.0/24\"",
        ),
        _ => ("203.0.113.0/24", "192.0.2.0/24", "\"withdraw\": { \"ipv4 unicast\": [ { \"nlri\": \"203.0.113.0/24\""),
    };
    let mut announced = false;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let _ = writeln!(std::io::stderr(), "{line}");
        if line.contains("\"shutdown\"") {
            break;
        }
        let command = if !announced && line.contains(hears) {
            announced = true;
            format!("announce route {announces} next-hop self\n")
        } else if announced && line.contains(hears_then) {
            format!("withdraw route {announces} next-hop self\n")
        } else {
            continue;
        };
        let _ = write!(std::io::stderr(), "(the helper writes) {command}");
        std::io::stdout().write_all(command.as_bytes()).map_err(|error| error.to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}
