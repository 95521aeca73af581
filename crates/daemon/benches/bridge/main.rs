//! What the bridge costs: a program announces routes with lines of text, and a peer reads the UPDATEs.
//!
//! ```text
//! cargo bench -p herald-daemon --bench bridge -- [--routes 1000000] [--rounds 5] [--instructions]
//! ```
//!
//! The same work is done in four ways, each by a process of its own, with the same program and the same peer outside of it:
//!
//! | way | what is in it |
//! |---|---|
//! | plain | read, parse, handle, transmit, write(2), answer: one loop, no runtime. What has to be done in any case |
//! | bridge | the same on one thread, with sockets, timer and commands behind `daemon/src/bridge.rs` and tokio |
//! | daemon | all of it: the edge on its own thread, channels, bounds, logs, signals |
//! | recorded | the same with a recorder |
//!
//! Printed is the processor time (user space and kernel) for each route, the least of several rounds, without what a run
//! without routes takes; with `--instructions` the instructions in user space as valgrind counts them (a tenth of the routes:
//! it takes its time).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a benchmark")]
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::cast_precision_loss, reason = "a benchmark")]

mod bridged;
mod outside;
mod plain;

use herald_daemon::sys;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

const WAYS: [&str; 4] = ["plain", "bridge", "daemon", "recorded"];

/// What a worker is told.
pub struct Task {
    /// The configuration.
    pub file: String,
    /// Where it records to.
    pub recording: String,
    /// The program that announces: its arguments.
    pub helper: Vec<String>,
    /// How many routes it announces.
    pub routes: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["helper", routes] => outside::helper(routes.parse().unwrap()),
        ["work", way, file, recording, routes] => {
            let own = std::env::current_exe().unwrap().to_str().unwrap().to_owned();
            let (file, recording) = (file.to_owned(), recording.to_owned());
            let helper = vec![own, "helper".into(), routes.to_owned()];
            let task = Task { file, recording, helper, routes: routes.parse().unwrap() };
            match way {
                "plain" => plain::run(&task),
                "bridge" => bridged::run(&task),
                _ => bridged::run_daemon(&task, way == "recorded"),
            }
            let (user, system) = sys::cpu_time();
            println!("{} {}", user.as_nanos(), system.as_nanos());
        }
        _ => compare(&words),
    }
}

fn compare(words: &[&str]) {
    let value = |name: &str, default: usize| {
        let at = words.iter().position(|word| *word == name);
        at.map_or(default, |at| words[at + 1].parse().unwrap())
    };
    let (routes, rounds) = (value("--routes", 1_000_000), value("--rounds", 5));
    if words.contains(&"--instructions") {
        let routes = routes / 10;
        println!("{:10} {:>22}   {routes} routes", "way", "instructions a route");
        let counts = WAYS.map(|way| instructions(way, routes) - instructions(way, 0));
        for (way, count) in WAYS.iter().zip(counts) {
            println!("{way:10} {:>22.1}   {:+.1} %", count / routes as f64, (count / counts[0] - 1.0) * 100.0);
        }
        return;
    }
    let mut least = [[[f64::MAX; 2]; 2]; WAYS.len()];
    for _ in 0..rounds {
        for (way, least) in WAYS.iter().zip(&mut least) {
            for (routes, least) in [0, routes].into_iter().zip(least) {
                let used = work(&mut Command::new(std::env::current_exe().unwrap()), way, routes);
                let used: Vec<f64> = used.split_whitespace().map(|word| word.parse().unwrap()).collect();
                if used.iter().sum::<f64>() < least.iter().sum() {
                    *least = [used[0], used[1]];
                }
            }
        }
    }
    let each = least.map(|[none, all]| [0, 1].map(|part| (all[part] - none[part]) / routes as f64));
    let total = each.map(|[user, system]| user + system);
    println!(
        "{:10} {:>8} {:>8} {:>8}   ns a route, {routes} routes, least of {rounds}",
        "way", "user", "kernel", "both"
    );
    for ((way, [user, system]), both) in WAYS.iter().zip(each).zip(total) {
        println!("{way:10} {user:>8.0} {system:>8.0} {both:>8.0}   {:+.1} %", (both / total[0] - 1.0) * 100.0);
    }
}

/// Runs a worker to its end; gives what it printed.
fn work(command: &mut Command, way: &str, routes: usize) -> String {
    let folder = tempfile::tempdir().unwrap();
    let peer = outside::Peer::new();
    let file = folder.path().join("herald.conf");
    let own = std::env::current_exe().unwrap();
    std::fs::write(&file, configuration(&own, routes, peer.port())).unwrap();
    let recording = folder.path().join("recording");
    let mut worker = command
        .args(["work", way, file.to_str().unwrap(), recording.to_str().unwrap(), &routes.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    peer.read(routes);
    // The daemon ends when it is told to, the others when the peer leaves.
    if matches!(way, "daemon" | "recorded") {
        sys::terminate(worker.id());
    }
    drop(peer);
    let mut printed = String::new();
    worker.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    assert!(worker.wait().unwrap().success(), "{way} failed");
    printed
}

/// Instructions a worker executes in user space, all threads together.
fn instructions(way: &str, routes: usize) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(format!("--log-file={}", log.display())).arg(std::env::current_exe().unwrap());
    work(&mut valgrind, way, routes);
    let log = std::fs::read_to_string(log).unwrap();
    let count = log.lines().find_map(|line| line.split_once("Collected : "));
    count.expect("valgrind to say how many").1.trim().parse().unwrap()
}

fn configuration(own: &Path, routes: usize, port: u16) -> String {
    format!(
        "process helper {{ run {} helper {routes}; encoder text; }}
         neighbor 127.0.0.1 {{
            router-id 10.0.0.1; local-address 127.0.0.1; local-as 65001; peer-as 65002; connect {port};
            family {{ ipv4 unicast; }} api {{ processes [ helper ]; }}
         }}\n",
        own.display()
    )
}
