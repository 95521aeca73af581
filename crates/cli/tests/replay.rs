//! A daemon is recorded, and its recording is played.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::{LONG, Peer, command, with_helper};
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

/// Everything is told to the helper.
const ALL: &str = "hold-time 30;
    api { processes [ helper ]; neighbor-changes; fsm; negotiated; signal;
          receive { parsed; open; update; notification; keepalive; refresh; }
          send { parsed; open; update; notification; keepalive; refresh; } }";

fn replay(file: &Path, arguments: &[&str]) -> Output {
    command(1, &[]).arg("replay").arg(file).args(arguments).output().unwrap()
}

fn text(octets: &[u8]) -> Vec<&str> {
    std::str::from_utf8(octets).unwrap().lines().collect()
}

#[test]
fn a_recorded_daemon_did_the_same() {
    let peer = Peer::new();
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("recording");
    // Commands of several kinds; then it writes down what it is told.
    let script = "echo announce route 198.51.100.0/24 next-hop 192.0.2.1 med 7\necho show neighbor extensive\n\
                  echo announce route 198.51.100.0/24\necho withdraw route 203.0.113.0/24\ncat > FOLDER/told\n";
    let mut daemon = with_helper(ALL, script, peer.port(), &[("exabgp_debug_record", recording.to_str().unwrap())]);
    let mut session = peer.establish(30);
    assert_eq!(session.announced(1), 1);
    let update = [
        &[0, 0, 0, 20, 0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xfd, 0xea, 0x40, 3, 4, 192, 0, 2, 1][..],
        &[24, 10, 1, 2],
    ];
    session.send(2, &update.concat());
    // ORIGIN 9 does not exist (RFC 7606); then a message that ends the session.
    let mut malformed = update.concat();
    malformed[7] = 9;
    session.send(2, &malformed);
    session.send(2, &[0, 9, 1, 2]);
    let told = daemon.file("told");
    let end = Instant::now() + LONG;
    while !std::fs::read_to_string(&told).unwrap_or_default().contains("\"down\"") {
        assert!(Instant::now() < end, "the session does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
    daemon.signal("USR1");
    daemon.logged("was read again");
    let told = {
        let folder = daemon.file("told");
        // The last lines are written while it ends.
        daemon.signal("TERM");
        let end = Instant::now() + LONG;
        loop {
            let text = std::fs::read_to_string(&folder).unwrap();
            if text.contains("\"shutdown\"") {
                break text;
            }
            assert!(Instant::now() < end, "the helper is not told of the end");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    assert_eq!(daemon.ended().code(), Some(0));
    let told: Vec<&str> = told.lines().filter(|line| line.starts_with('{') && !line.contains("\"shutdown\"")).collect();

    let output = replay(&recording, &[]);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success() && err.is_empty(), "{err:#?}");
    let events: Vec<&str> = out.iter().copied().filter(|line| line.starts_with('{')).collect();
    assert!(events.len() > 15, "{events:#?}");
    assert_eq!(events, told, "line for line, counters and times included");
    for part in [
        "connect from 127.0.0.1 to 127.0.0.1",
        "withdrawn (RFC 7606)",
        "start helper",
        "told done",
        "reload",
        "stop with",
    ] {
        assert!(out.iter().any(|line| line.starts_with('#') && line.contains(part)), "{part}: {out:#?}");
    }

    let output = replay(&recording, &["--wire", "--peer", "127.0.0.1", "--inputs"]);
    let wire = text(&output.stdout);
    for part in
        ["sent ffffffffffffffffffffffffffffffff", "received ffff", "close after ffff", "connected from 127.0.0.1"]
    {
        assert!(wire.iter().any(|line| line.contains(part)), "{part}: {wire:#?}");
    }
    let nobody = replay(&recording, &["--peer", "192.0.2.77", "--wire", "--inputs"]);
    assert_eq!(text(&nobody.stdout), [""; 0]);
    let first = replay(&recording, &["--until", "0.0"]);
    assert!(text(&first.stdout).len() < 10);
}

#[test]
fn a_recording_that_ends_in_the_middle_is_played_up_to_there() {
    let peer = Peer::new();
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("recording");
    let daemon = with_helper("", "sleep 60\n", peer.port(), &[("exabgp_debug_record", recording.to_str().unwrap())]);
    let mut session = peer.establish(30);
    // Each goes to the file within 20 milliseconds; then it is killed, without a farewell.
    std::thread::sleep(Duration::from_millis(300));
    session.send(4, &[]);
    std::thread::sleep(Duration::from_millis(300));
    drop(daemon);
    let whole = std::fs::read(&recording).unwrap();
    let output = replay(&recording, &[]);
    assert!(output.status.success(), "{output:?}");
    std::fs::write(&recording, &whole[..whole.len() - 3]).unwrap();
    let output = replay(&recording, &[]);
    assert!(!output.status.success());
    assert!(text(&output.stderr)[0].contains("the rest of a block"), "{output:?}");
    assert!(text(&output.stdout).iter().any(|line| line.contains("connect")));
    std::fs::write(&recording, "neighbor 192.0.2.1 { }").unwrap();
    let output = replay(&recording, &[]);
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(text(&output.stderr)[0].contains("a recording of this version"), "{output:?}");
}
