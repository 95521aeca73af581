//! `herald decode` and `herald explain` with files that others wrote.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::cast_possible_truncation)]

use flate2::Compression;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

fn message(kind: u8, body: &str) -> Vec<u8> {
    let body = octets(body);
    let mut out = vec![0xff; 16];
    out.extend_from_slice(&(19 + body.len() as u16).to_be_bytes());
    out.push(kind);
    out.extend_from_slice(&body);
    out
}

fn herald(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_herald")).args(arguments).env_remove("exabgp_api_version").output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

struct Files(TempDir);

impl Files {
    fn new() -> Files {
        Files(TempDir::new().unwrap())
    }

    fn put(&self, name: &str, octets: &[u8]) -> String {
        let path: PathBuf = self.0.path().join(name);
        std::fs::write(&path, octets).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// MRT: one record.
fn record(kind: u16, subtype: u16, body: &[u8]) -> Vec<u8> {
    let mut out = octets("5f5e1000");
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&subtype.to_be_bytes());
    out.extend_from_slice(&(body.len() as u32).to_be_bytes());
    out.extend_from_slice(body);
    out
}

/// MRT: a message of AS 65001 heard by AS 65002, AS numbers of four octets.
fn heard(message: &[u8]) -> Vec<u8> {
    record(16, 4, &[&octets("0000fde9 0000fdea 0000 0001 c0000202 c0000201")[..], message].concat())
}

/// `10.0.0.0/24` by AS 65001, next hop 192.0.2.2.
fn update() -> Vec<u8> {
    message(2, "0000 0014 40010100 40020602010000fde9 400304c0000202 180a0000")
}

const WORDS: &str = "announce route 10.0.0.0/24 next-hop 192.0.2.2 origin igp as-path [ 65001 ]\n";

#[test]
fn a_collectors_messages() {
    let files = Files::new();
    let state = record(16, 5, &octets("0000fde9 0000fdea 0000 0001 c0000202 c0000201 0005 0006"));
    let file = [state, heard(&update())].concat();
    let name = files.put("updates", &file);
    let output = herald(&["decode", &name]);
    let text = said(&output);
    let lines: Vec<&str> = text.lines().collect();
    assert!(output.status.success() && lines.len() == 3, "{output:?}");
    assert!(lines[0].contains("\"type\": \"fsm\"") && lines[0].contains("\"state\": \"ESTABLISHED\""), "{text}");
    assert!(lines[1].contains("\"type\": \"state\"") && lines[1].contains("\"state\": \"up\""), "{text}");
    for part in [
        "\"time\": 1600000000.0",
        "\"address\": { \"local\": \"192.0.2.1\", \"peer\": \"192.0.2.2\" }",
        "\"asn\": { \"local\": 65002, \"peer\": 65001 }",
        "\"ipv4 unicast\": { \"192.0.2.2\": [ { \"nlri\": \"10.0.0.0/24\" } ] }",
    ] {
        assert!(lines[2].contains(part), "{part} in {}", lines[2]);
    }
    let words = said(&herald(&["decode", "--text", &name]));
    assert!(words.contains("neighbor 192.0.2.2 up\n"), "{words}");
    assert!(words.contains("neighbor 192.0.2.2 receive update announced 10.0.0.0/24 next-hop 192.0.2.2"), "{words}");
    assert_eq!(said(&herald(&["decode", "--command", &name])), WORDS);
}

#[test]
fn a_collectors_messages_field_by_field() {
    let files = Files::new();
    let name = files.put("updates", &heard(&update()));
    let text = said(&herald(&["explain", &name]));
    assert!(text.contains("ORIGIN") && text.contains("10.0.0.0/24"), "{text}");
}

#[test]
fn no_file_can_hurt() {
    let files = Files::new();
    let mut packets = Packets::new();
    packets.segment(B, A, 9, 0x02, &[]).segment(B, A, 10, 0x10, &update());
    for whole in [heard(&update()), packets.0] {
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 1 << (at % 8);
            broken.truncate(if at % 3 == 0 { at + 1 } else { whole.len() });
            let output = herald(&["decode", "--command", "--file", &files.put("broken", &broken)]);
            let code = output.status.code();
            assert!(matches!(code, Some(0 | 1)), "{at}: {output:?}");
            let why = !output.stderr.is_empty() || said(&output).contains("invalid hexadecimal");
            assert!(code == Some(0) || why, "{at}: {output:?}");
        }
    }
}

#[test]
fn a_collectors_table() {
    let files = Files::new();
    let attributes = octets("40010100 40020602010000fde9 400304c0000202");
    let entry = [&octets("0000 5f5e0fff 0014")[..], &attributes].concat();
    let index = record(13, 1, &octets("c0000209 0000 0001 02 c0000202 c0000202 0000fde9"));
    let route = record(13, 2, &[&octets("00000000 180a0000 0001")[..], &entry].concat());
    let nobodys = record(13, 2, &[&octets("00000001 180a0001 0001 0001 00000000 0014")[..], &attributes].concat());
    let name = files.put("table", &[index, route, nobodys].concat());
    let output = herald(&["decode", "--command", &name]);
    assert_eq!(said(&output), WORDS);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && complaint.contains("octet 83: the table has no peer 1"), "{complaint}");
}

#[test]
fn compressed_and_on_standard_input() {
    let files = Files::new();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&heard(&update())).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(&heard(&update())).unwrap();
    let bzip2 = bzip2.finish().unwrap();
    // two members one behind the other are one file
    let twice = [gzip.clone(), gzip].concat();
    assert_eq!(said(&herald(&["decode", "--command", &files.put("a.gz", &twice)])), WORDS.repeat(2));
    assert_eq!(said(&herald(&["decode", "--command", "--file", &files.put("beef", &bzip2)])), WORDS);
    let raw = [update(), message(4, ""), update()].concat();
    let lines: String = raw.iter().map(|octet| format!("{octet:02x}")).collect::<String>() + "\n";
    for (input, words) in [(&raw[..], format!("{WORDS}# KEEPALIVE\n{WORDS}")), (&heard(&update()), WORDS.into())]
        .into_iter()
        .chain([(lines.as_bytes(), format!("{WORDS}# KEEPALIVE\n{WORDS}"))])
    {
        let mut child = Command::new(env!("CARGO_BIN_EXE_herald"))
            .args(["decode", "--command"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        assert_eq!(said(&child.wait_with_output().unwrap()), words);
    }
}

/// Whoever writes a line, or a message, is answered before there are more.
#[test]
fn a_pipe_is_read_as_it_comes() {
    let line: String = update().iter().map(|octet| format!("{octet:02x}")).collect::<String>() + "\n";
    for input in [line.into_bytes(), update(), heard(&update())] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_herald"))
            .args(["decode", "--command"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut to, mut from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        for _ in 0..3 {
            to.write_all(&input).unwrap();
            let mut line = String::new();
            from.read_line(&mut line).unwrap();
            assert_eq!(line, WORDS);
        }
        drop(to);
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn what_cannot_be_read_is_told_and_passed_over() {
    let files = Files::new();
    let good = heard(&update());
    let short = record(16, 4, &octets("0000fde9 00"));
    let name = files.put("broken", &[short, heard(&[0xff; 19]), good.clone(), good[..40].to_vec()].concat());
    let output = herald(&["decode", "--command", &name]);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(said(&output), WORDS);
    assert!(!output.status.success() && complaint.lines().count() == 3, "{complaint}");
    assert!(complaint.contains("octet 0: ") && complaint.contains("the file ends inside a record"), "{complaint}");
    let output = herald(&["decode", &files.put("nothing", &[0, 1, 2, 3, 0x80])]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("neither MRT, nor pcap"), "{output:?}");
}

// ---- packets

/// TCP segments in Ethernet frames, as a pcap file.
struct Packets(Vec<u8>);

const A: [u8; 6] = [192, 0, 2, 1, 0, 179];
const B: [u8; 6] = [192, 0, 2, 2, 0xc0, 0];

impl Packets {
    fn new() -> Packets {
        Packets(octets("d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000"))
    }

    fn segment(&mut self, from: [u8; 6], to: [u8; 6], sequence: u32, flags: u8, data: &[u8]) -> &mut Packets {
        let mut frame = octets("020000000001 020000000002 8100 0005 0800"); // a VLAN, for good measure
        frame.extend_from_slice(&octets("4500"));
        frame.extend_from_slice(&(40 + data.len() as u16).to_be_bytes());
        frame.extend_from_slice(&octets("0000 4000 40 06 0000"));
        frame.extend_from_slice(&from[..4]);
        frame.extend_from_slice(&to[..4]);
        frame.extend_from_slice(&from[4..]);
        frame.extend_from_slice(&to[4..]);
        frame.extend_from_slice(&sequence.to_be_bytes());
        frame.extend_from_slice(&octets("00000000 50"));
        frame.push(flags);
        frame.extend_from_slice(&octets("ffff 0000 0000"));
        frame.extend_from_slice(data);
        self.0.extend_from_slice(&1_600_000_000u32.to_le_bytes());
        self.0.extend_from_slice(&500_000u32.to_le_bytes());
        let length = (frame.len() as u32).to_le_bytes();
        self.0.extend_from_slice(&length);
        self.0.extend_from_slice(&length);
        self.0.extend_from_slice(&frame);
        self
    }
}

/// An OPEN of an AS of two octets with path identifiers for IPv4, both ways.
fn open(asn: &str, id: &str) -> Vec<u8> {
    message(1, &format!("04 {asn} 00b4 {id} 0e 020c 010400010001 450400010103"))
}

#[test]
fn packets_in_any_order() {
    let files = Files::new();
    // both OPENs say path identifiers, neither says four-octet AS numbers
    let (a, b) = (open("fdea", "c0000201"), open("fde9", "c0000202"));
    let with_path = message(2, "0000 0012 40010100 4002040201fde9 400304c0000202 00000007 180a0000");
    let stream = [b, with_path.clone(), with_path].concat();
    let start = u32::MAX - 10; // sequence numbers wrap inside the OPEN
    let (syn, ack) = (0x02, 0x10);
    let mut packets = Packets::new();
    packets.segment(B, A, start.wrapping_sub(1), syn, &[]).segment(A, B, 999, syn | ack, &[]);
    packets.segment(A, B, 1000, ack, &a);
    let at = |n: usize| start.wrapping_add(n as u32);
    let end = stream.len();
    // late, twice, overlapping
    packets.segment(B, A, at(60), ack, &stream[60..90]);
    packets.segment(B, A, at(0), ack, &stream[..30]);
    packets.segment(B, A, at(0), ack, &stream[..30]);
    packets.segment(B, A, at(20), ack, &stream[20..70]);
    packets.segment(B, A, at(90), ack, &stream[90..end]);
    let name = files.put("session.pcap", &packets.0);
    let output = herald(&["decode", &name]);
    let text = said(&output);
    let lines: Vec<&str> = text.lines().collect();
    assert!(output.status.success() && lines.len() == 4, "{output:?}");
    assert!(lines[0].contains("\"type\": \"open\"") && lines[0].contains("\"peer\": \"192.0.2.1\""), "{text}");
    for line in &lines[2..] {
        assert!(line.contains("\"time\": 1600000000.5"), "{line}");
        assert!(line.contains("\"asn\": { \"local\": 65002, \"peer\": 65001 }"), "{line}");
        assert!(line.contains("\"nlri\": \"10.0.0.0/24\", \"path-information\": \"0.0.0.7\""), "{line}");
        assert!(line.contains("\"value\": [65001]"), "{line}");
    }
}

#[test]
fn packets_that_are_missing() {
    let files = Files::new();
    let messages = update().repeat(4);
    let whole = update().len();
    let mut packets = Packets::new();
    // no OPEN was seen, the first message only from its middle, and the third is missing but for its end
    packets.segment(B, A, 10, 0x10, &messages[10..2 * whole]);
    packets.segment(B, A, 3 * whole as u32 - 5, 0x10, &messages[3 * whole - 5..]);
    let name = files.put("holes.pcap", &packets.0);
    let output = herald(&["decode", "--command", &name]);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(said(&output), WORDS.repeat(2));
    assert!(
        !output.status.success() && complaint.contains(&format!("{} octets are missing", whole - 5)),
        "{complaint}"
    );
}

// ---- and back

#[test]
fn commands_make_the_same_octets_again() {
    let routes = [
        "ipv4 unicast 10.0.0.0/24 next-hop 192.0.2.1",
        "ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1 next-hop fe80::1 med 5",
        "ipv4 mpls-vpn 10.0.0.0/24 rd 65000:1 label 5 next-hop 192.0.2.1 extended-community [ target:65000:1 ]",
        "ipv4 flow destination 10.0.0.2/32 protocol =tcp discard",
    ];
    for route in routes {
        let there = said(&herald(&["encode", route]));
        let output = herald(&["decode", "--command", there.trim()]);
        let command = said(&output);
        assert!(output.status.success() && command.starts_with("announce "), "{route}: {output:?}");
        assert_eq!(said(&herald(&["encode", command.trim()])), there, "{command}");
    }
    for command in [
        "withdraw route 2001:db8::/32",
        "announce eor ipv4 unicast",
        "announce eor ipv6 flow",
        "announce route-refresh ipv6 unicast",
        "announce operational ADM afi ipv4 safi unicast advisory \"back at noon\"",
        "announce operational RPCQ afi ipv4 safi unicast router-id 192.0.2.1 sequence 7",
    ] {
        let there = said(&herald(&["encode", command]));
        assert_eq!(said(&herald(&["decode", "--command", there.trim()])).trim(), command);
    }
}

#[test]
fn attributes_as_octets() {
    let there = said(&herald(&["encode", "route 10.0.0.0/24 next-hop 192.0.2.1 med 5"]));
    let command = said(&herald(&["decode", "--generic", there.trim()]));
    assert!(command.contains(" attribute [ 0x04 0x80 0x00000005 ]"), "{command}");
    assert_eq!(said(&herald(&["encode", command.trim()])), there);
}

#[test]
fn attributes_alone() {
    let octets = "40010100400200800404000000640063";
    let json = said(&herald(&["decode", "--attributes", &octets[..28]]));
    assert_eq!(json, "{ \"origin\": \"igp\", \"med\": 100 }\n");
    let words = said(&herald(&["decode", "--attributes", "--command", &octets[..28]]));
    assert_eq!(words, " origin igp as-path [ ] med 100\n");
    assert!(!herald(&["decode", "--attributes", octets]).status.success());
    let nlri = said(&herald(&["decode", "--nlri", "--command", "180a0000", "-f", "ipv4 unicast"]));
    assert_eq!(nlri, "withdraw route 10.0.0.0/24\n");
}
