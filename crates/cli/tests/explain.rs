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

#[test]
fn no_text_of_a_peer_breaks_a_line() {
    let hex = |text: &str| text.bytes().map(|octet| format!("{octet:02x}")).collect::<String>();
    let counted = |text: &str| format!("{:02x}{}", text.len(), hex(text));
    let message = |kind: u8, body: String| format!("{}{:04x}{kind:02x}{body}", "ff".repeat(16), 19 + body.len() / 2);
    let evil = "x\nwrong\x1b[2K\u{9b}\u{7f}\u{202e}é";
    let open = |code: u8, value: String| {
        let length = value.len() / 2;
        let parameter = format!("02{:02x}{code:02x}{length:02x}{value}", length + 2);
        message(1, format!("04fde800b401020304{:02x}{parameter}", parameter.len() / 2))
    };
    let advisory = format!("0001{:04x}000101{}", 3 + evil.len(), hex(evil));
    for text in [
        open(75, counted(evil)),
        open(73, counted(evil) + &counted(evil)),
        message(3, format!("0602{}", counted(evil))),
        message(3, format!("0609{}{}", "0604", counted(evil))),
        message(6, advisory),
    ] {
        let (_, text) = herald(&["explain", &text]);
        assert!(text.contains("[2K\\x9b\\x7f\\u202eé") && !text.contains("\nwrong"), "{text}");
        assert!(!text.contains(|c: char| c.is_control() && c != '\n') && !text.contains('\u{202e}'), "{text}");
    }
}
