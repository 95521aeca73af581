//! `herald explain`: every octet has its line, and a mistake its verdict.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::process::{Command, Output};

fn herald(arguments: &[&str]) -> (Output, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_herald")).args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    (output, text)
}

#[test]
fn a_message_field_by_field() {
    let (output, text) = herald(&["explain", "0000 0015 40010100 400200 400304C0000201 40050400000064 180A0000"]);
    assert!(output.status.success(), "{output:?}");
    for line in [
        "  23  40                                      attribute flags  well-known transitive",
        "                                              \"igp\"",
        "local-preference  local-preference 100  (RFC 4271)",
        "NEXT_HOP  192.0.2.1",
        "NLRI  10.0.0.0/24  (RFC 4271, RFC 4760)",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("wrong") && !text.contains('\u{1b}'), "{text}");
    let (_, painted) = herald(&["explain", "--color", "always", "00000000"]);
    assert!(painted.contains("\u{1b}["), "{painted}");
}

#[test]
fn what_is_wrong_and_what_follows() {
    let (output, text) = herald(&["explain", "0000 0015 40010103 400200 400304C0000201 40050400000064 180A0000"]);
    assert!(!output.status.success());
    assert!(text.contains("wrong at 26: ORIGIN: expected 0, 1 or 2"), "{text}");
    assert!(text.contains("the routes count as withdrawn (RFC 7606); there: 03400200"), "{text}");
    let (_, text) = herald(&["explain", "0000 0001"]);
    assert!(text.contains("the session ends (RFC 7606), NOTIFICATION 3/1"), "{text}");
}

#[test]
fn attributes_and_nlri_alone() {
    let (output, text) = herald(&["explain", "--attributes", "800404000000 05"]);
    assert!(output.status.success() && text.starts_with("   0  "), "{text}");
    assert!(text.contains("MULTI_EXIT_DISC  5"), "{text}");
    let (output, text) = herald(&["explain", "-n", "-f", "ipv4 flow", "--", "0901200A000002038106"]);
    assert!(output.status.success() && text.contains("destination"), "{text}");
}

/// The family in one word or in two, the octets ahead of it or behind.
#[test]
fn a_family_takes_no_octets() {
    let octets = "0901200A000002038106";
    for command in ["explain", "decode"] {
        for arguments in [
            &["-n", "-f", "ipv4 flow", octets][..],
            &["-n", "-f", "ipv4", "flow", octets],
            &["-nf", "ipv4", "flow", octets],
            &["-n", octets, "-f", "ipv4", "flow"],
            &["--family", "ipv4", "flow", "-n", octets],
            &["--family=ipv4 flow", "-n", octets],
        ] {
            let (output, text) = herald(&[&[command], arguments].concat());
            assert!(output.status.success() && text.contains("destination"), "{command} {arguments:?}: {output:?}");
        }
        let (output, _) = herald(&[command, "-n", "-f", "ipv4", octets]);
        assert!(String::from_utf8_lossy(&output.stderr).contains("is no family"), "{output:?}");
    }
}
