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
        "   0                                      message header  (RFC 4271 §4.1)",
        "  19                                      UPDATE  (RFC 4271 §4.3)",
        "  23  40                                        attribute flags  well-known transitive",
        "                                                \"igp\"",
        "local-preference  local-preference 100  (RFC 4271 §5.1.5)",
        "NEXT_HOP  192.0.2.1",
        "NLRI  10.0.0.0/24  (RFC 4271 §4.3, RFC 4760 §5)",
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

/// A file with one neighbor, where we are AS 65001.
struct Configuration(tempfile::NamedTempFile);

impl Configuration {
    fn new(more: &str) -> Configuration {
        let neighbor = "neighbor 10.0.0.1 { router-id 10.0.0.2; local-address 10.0.0.2; local-as 65001;";
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{neighbor} {more} }}")).unwrap();
        Configuration(file)
    }

    fn name(&self) -> &str {
        self.0.path().to_str().unwrap()
    }
}

/// `explain` with these words says what is wrong where, and which NOTIFICATION answers it; or that nothing is.
fn refused(arguments: &[&str], expected: Option<&str>) {
    let (output, text) = herald(&[&["explain"], arguments].concat());
    assert_eq!(output.status.success(), expected.is_none(), "{arguments:?} {output:?}");
    for part in expected.unwrap_or_default().split(" … ") {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn an_open_that_a_session_would_refuse() {
    let marker = "ff".repeat(16);
    let open = |asn: &str, hold: &str, id: &str| format!("{marker}001d0104{asn}{hold}{id}00");
    refused(&[&open("fde8", "005a", "01020304")], None);
    refused(&[&open("fde8", "0000", "01020304")], None);
    refused(&[&open("fde8", "0002", "01020304")], Some("wrong at 22: hold time: … NOTIFICATION 2/6"));
    refused(&[&open("fde8", "005a", "00000000")], Some("wrong at 24: BGP identifier: … NOTIFICATION 2/3"));
    refused(&[&open("0000", "005a", "01020304")], Some("wrong at 20: my autonomous system: … NOTIFICATION 2/2"));
    let file = Configuration::new("peer-as 65000; capability { role customer; }");
    let session = |message: &str, expected| refused(&["-c", file.name(), message], expected);
    session(&open("fde8", "005a", "01020304"), None);
    session(&open("fde9", "005a", "01020304"), Some("wrong at 20: my autonomous system: … NOTIFICATION 2/2"));
    let roles =
        |roles: &str| format!("{marker}{:04x}0104fde8005a01020304{:02x}{roles}", 29 + roles.len() / 2, roles.len() / 2);
    session(&roles("0203090100"), None);
    session(&roles("02030901000203090104"), Some("wrong at 28: capabilities: … NOTIFICATION 2/11"));
}

#[test]
fn a_session_is_internal_if_the_message_is() {
    let usual = "40010100 40020602010000fde9 400304c0000201";
    let update = |more: &str| {
        let attributes = format!("{usual}{more}").replace(' ', "");
        format!("0000{:04x}{attributes}180a0000", attributes.len() / 2)
    };
    let missing = Some("wrong at 23: local-preference: expected every well-known attribute");
    refused(&[&update("")], None);
    refused(&[&update("40050400000064")], None);
    refused(&[&update("800904c0000201")], missing);
    refused(&[&update("800a04c0000201")], missing);
    // broken, but there
    refused(&[&update("400503000064")], Some("LOCAL_PREF"));
    let file = Configuration::new("peer-as 65001;");
    refused(&["-c", file.name(), &update("")], missing);
}

#[test]
fn a_marker_is_all_ones() {
    let unsynchronized = Some("wrong at 0: marker: expected nothing but ones … NOTIFICATION 1/1");
    for marker in ["00".repeat(16), format!("00{}", "ff".repeat(15)), format!("ff00{}", "ff".repeat(14))] {
        refused(&[&format!("{marker}001304")], unsynchronized);
        refused(&[&format!("{marker}001d0104fde8005a0102030400")], unsynchronized);
    }
    // the rest is longer than the header says
    refused(&[&format!("00{}001304{}001304", "ff".repeat(15), "ff".repeat(16))], unsynchronized);
    refused(&["0004 18c00002 0000"], None);
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

/// What is wrong with one line, or one message, costs no other.
#[test]
fn what_can_be_read_is_shown_beside_what_cannot() {
    let good = format!("{}001304", "ff".repeat(16));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{good}\nzzzz\n{good}\n")).unwrap();
    let (output, text) = herald(&["explain", file.path().to_str().unwrap()]);
    assert!(!output.status.success());
    assert_eq!(text.matches("type  KEEPALIVE").count(), 2, "{text}");
    let why = String::from_utf8(output.stderr).unwrap();
    assert!(why.contains("line 2: invalid hexadecimal: zzzz"), "{why}");
    let route = format!("{}002f02000000144001010040020602010000fde9400304c0000201180a0000", "ff".repeat(16));
    let short = format!("{}001504aaaa", "ff".repeat(16));
    let (output, text) = herald(&["decode", "--command", &format!("{route}{short}")]);
    assert!(!output.status.success());
    assert!(text.contains("10.0.0.0/24"), "{text}");
    assert!(
        text.contains("length at offset 16: expected one that messages of this type have (NOTIFICATION 1/2)"),
        "{text}"
    );
}
