//! A helper that announces a million routes and never reads an answer, with real sockets and pipes.
//!
//! Everything has to arrive, a second session with the shortest hold time must not notice, what waits for the helper stays
//! within its bound, and the daemon ends when it is told to. The peers are plain threads with blocking sockets.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of a test")]
#![allow(clippy::cast_possible_truncation, reason = "addresses made of counters")]

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const ROUTES: usize = 1_000_000;

/// What a peer saw.
#[derive(Default)]
struct Seen {
    prefixes: AtomicUsize,
    up: AtomicBool,
    lost: AtomicBool,
}

/// Waits for one session, keeps it, and counts the prefixes of IPv4 UPDATEs.
fn peer(listener: TcpListener, asn: u16, hold: u16, seen: Arc<Seen>) {
    let (mut stream, _) = listener.accept().unwrap();
    let mut open = message(
        1,
        &[&[4][..], &asn.to_be_bytes(), &hold.to_be_bytes(), &[9, 9, 9, asn as u8], &[8, 2, 6, 1, 4, 0, 1, 0, 1]]
            .concat(),
    );
    open.extend(message(4, &[]));
    stream.write_all(&open).unwrap();
    let mut writer = stream.try_clone().unwrap();
    let keepalives = seen.clone();
    std::thread::spawn(move || {
        while !keepalives.lost.load(Ordering::Relaxed) && writer.write_all(&message(4, &[])).is_ok() {
            std::thread::sleep(Duration::from_millis(700));
        }
    });
    let mut header = [0; 19];
    while stream.read_exact(&mut header).is_ok() {
        let mut body = vec![0; usize::from(u16::from_be_bytes([header[16], header[17]])) - 19];
        if stream.read_exact(&mut body).is_err() {
            break;
        }
        match header[18] {
            2 => {
                let withdrawn = usize::from(u16::from_be_bytes([body[0], body[1]]));
                let attributes = usize::from(u16::from_be_bytes([body[2 + withdrawn], body[3 + withdrawn]]));
                let mut nlri = &body[4 + withdrawn + attributes..];
                while let Some(len) = nlri.first() {
                    nlri = &nlri[1 + usize::from(*len).div_ceil(8)..];
                    seen.prefixes.fetch_add(1, Ordering::Relaxed);
                }
            }
            3 => break,
            4 => seen.up.store(true, Ordering::Relaxed),
            _ => {}
        }
    }
    seen.lost.store(true, Ordering::Relaxed);
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = (19 + body.len()) as u16;
    [&[0xff; 16][..], &length.to_be_bytes(), &[kind], body].concat()
}

/// Starts a peer on a free port of `address`.
fn start(address: [u8; 4], asn: u16, hold: u16) -> (SocketAddr, Arc<Seen>) {
    let listener = TcpListener::bind((IpAddr::from(address), 0)).unwrap();
    let (local, seen) = (listener.local_addr().unwrap(), Arc::new(Seen::default()));
    let shared = seen.clone();
    std::thread::spawn(move || peer(listener, asn, hold, shared));
    (local, seen)
}

fn until(what: &str, limit: Duration, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < limit, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Resident octets.
fn memory(child: &Child) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

fn daemon(folder: &Path, config: &str) -> Child {
    let file = folder.join("herald.conf");
    std::fs::write(&file, config).unwrap();
    Command::new(env!("CARGO_BIN_EXE_herald"))
        .arg("server")
        .arg(&file)
        .env("exabgp_daemon_user", "root")
        .env("exabgp_log_level", "CRITICAL")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn neighbor(peer: SocketAddr, asn: u16, hold: u16, api: &str) -> String {
    let (address, port) = (peer.ip(), peer.port());
    format!(
        "neighbor {address} {{ local-address 127.0.0.1; router-id 1.1.1.1; local-as 65001; peer-as {asn}; hold-time {hold};\n\
         connect {port}; family {{ ipv4 unicast; }} {api} }}\n"
    )
}

#[test]
fn a_helper_that_never_reads_freezes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let helper = folder.path().join("helper.sh");
    // Every tenth of the routes in one go; the answers are never read.
    let script = format!(
        "#!/bin/sh\nawk 'BEGIN {{ for (i = 0; i < {ROUTES}; i++) printf \"announce route 10.%d.%d.%d/32 next-hop 192.0.2.%d\\n\", \
         i / 65536, i / 256 % 256, i % 256, i / 1000 % 4 + 1 }}'\nexec sleep 600\n"
    );
    std::fs::write(&helper, script).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
    let (first, all) = start([127, 0, 0, 11], 65011, 180);
    let (second, strict) = start([127, 0, 0, 12], 65012, 3);
    let api = "api { processes [ flood ]; }";
    let config = format!("process flood {{ run {}; encoder text; }}\n", helper.display())
        + &neighbor(first, 65011, 180, api)
        + &neighbor(second, 65012, 3, "");
    let mut child = daemon(folder.path(), &config);
    until("both sessions", Duration::from_secs(20), || {
        all.up.load(Ordering::Relaxed) && strict.up.load(Ordering::Relaxed)
    });
    until("a million routes", Duration::from_secs(120), || all.prefixes.load(Ordering::Relaxed) >= ROUTES);
    assert_eq!(all.prefixes.load(Ordering::Relaxed), ROUTES);
    // Two hold times more: nothing that waits may have grown old.
    std::thread::sleep(Duration::from_secs(6));
    assert!(!strict.lost.load(Ordering::Relaxed) && !all.lost.load(Ordering::Relaxed), "a session was lost");
    let used = memory(&child);
    assert!(used < 200 << 20, "{used} octets: routes take about 70 each, answers 4 MiB at most");
    let asked = Instant::now();
    Command::new("kill").arg(child.id().to_string()).status().unwrap();
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?} to end", asked.elapsed());
}
