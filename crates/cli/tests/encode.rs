//! `herald encode`, and `herald decode` behind it.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::process::{Command, Output};

fn herald(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_herald")).args(arguments).output().unwrap()
}

fn lines(arguments: &[&str]) -> Vec<String> {
    let output = herald(arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn routes_as_messages() {
    let marker = "F".repeat(32);
    let one = "route 10.0.0.0/24 next-hop 192.0.2.1";
    let internal = "00000015400101004002004003 04C000020140050400000064180A0000".replace(' ', "");
    assert_eq!(lines(&["encode", one]), [format!("{marker}003002{internal}")]);
    assert_eq!(lines(&["encode", "--no-header", one]), [internal]);
    assert_eq!(lines(&["encode", "-n", one]), ["180A0000"]);
    assert_eq!(lines(&["encode", "-n", "-i", one]), ["00000000180A0000"]);
    let external = lines(&["encode", "-a", "4200000000", "-z", "65001", "--no-header", one]);
    assert_eq!(external, ["0000001440010100400206 0201FA56EA00 400304C0000201180A0000".replace(' ', "")]);
    let two = lines(&["encode", "-n", "attributes next-hop 192.0.2.1 nlri 10.0.0.0/24 10.0.1.0/24"]);
    assert_eq!(two, ["180A0000", "180A0001"]);
    assert_eq!(lines(&["encode", "--no-header", "withdraw route 10.0.0.0/24"]), ["0004180A00000000"]);
    let flow = "ipv4 flow destination 10.0.0.2/32 protocol =tcp discard";
    assert_eq!(lines(&["encode", "-n", flow]), ["0901200A000002038106"]);
}

#[test]
fn what_is_encoded_can_be_decoded() {
    for route in [
        "ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1",
        "ipv4 mpls-vpn 10.0.0.0/24 rd 1:1 label 5 next-hop 192.0.2.1",
    ] {
        let message = lines(&["encode", route]);
        let json = lines(&["decode", &message[0]]);
        assert!(json[0].contains("\"announce\": { \"ipv"), "{json:?}");
    }
}

/// Decoded into a command and encoded again, a message has the same octets: of any family, with any attribute, and with
/// path identifiers wherever there are some.
#[test]
fn a_command_gives_the_same_octets_again() {
    let attributes = [
        "otc 65001",
        "aigp 5",
        "community [ 65000:1 no-export ]",
        "attribute [ 0x63 0xC0 0x0102 ]",
        "attribute [ 0x63 0xE0 0x0102 ]",
        "as-path confed [ 65001 ] [ 100000 ]",
    ];
    let commands = [
        "announce afi-99 safi-5 raw 0x0102 next-hop 192.0.2.1",
        "announce ipv4 safi-99 raw 0x0102 next-hop 192.0.2.1",
        "withdraw l2vpn safi-71 raw 0x0102",
        "announce eor afi-99 safi-5",
    ];
    let with_paths = [
        "announce route 10.0.0.0/24 path-information 7 next-hop 192.0.2.1",
        "announce ipv6 multicast 2001:db8::/32 path-information 7 next-hop 2001:db8::1",
        "announce l2vpn evpn multicast rd 1:1 ethernet-tag 1 ip 192.0.2.1 path-information 7 next-hop 192.0.2.1",
        "announce ipv4 rtc wildcard path-information 7 next-hop 192.0.2.1",
    ];
    let attributes = attributes.map(|words| format!("announce route 10.0.0.0/24 next-hop 192.0.2.1 {words}"));
    let plain = commands.into_iter().chain(attributes.iter().map(String::as_str)).map(|command| (command, None));
    for (command, paths) in plain.chain(with_paths.into_iter().map(|command| (command, Some("-i")))) {
        let with = |verb, rest: &[&str]| {
            let all: Vec<&str> = [verb].into_iter().chain(paths).chain(rest.iter().copied()).collect();
            lines(&all)
        };
        let message = with("encode", &[command]);
        let again = with("decode", &["--command", &message[0]]);
        assert_eq!(with("encode", &[&again[0]]), message, "{command}: {again:?}");
    }
    let [json] = &lines(&["decode", &lines(&["encode", commands[0]])[0]])[..] else { panic!() };
    assert!(json.contains("\"afi-99 safi-5\": { \"192.0.2.1\""), "{json}");
    let text = lines(&["decode", "--text", &lines(&["encode", commands[2]])[0]]).join("\n");
    assert!(text.contains("update withdrawn l2vpn safi-71 raw 0x0102"), "{text}");
    let [json] = &lines(&["decode", "--attributes", "801A0B01000B0000000000000005"])[..] else { panic!() };
    assert_eq!(json, "{ \"aigp\": \"0x0000000000000005\" }");
}

/// What a speaker leaves out is left out, and told.
#[test]
fn what_is_left_out_is_told() {
    let output = herald(&["decode", "0000 001B 40010100 400200 400304C0000201 400504 00000064 C00803 0001FF 180A0000"]);
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success() && out.contains("10.0.0.0/24") && !out.contains("community"), "{out} {err}");
    assert!(err.contains("left out") && err.lines().count() == 1, "{err}");
}

#[test]
fn what_is_no_route_is_refused() {
    for (route, says) in [
        ("route 10.0.0.0/24 nxt-hop 192.0.2.1", "did you mean `next-hop`?"),
        ("route 10.0.0.0/24", "no next hop"),
        ("daemon reload", "unknown announce type"),
    ] {
        let output = herald(&["encode", route]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
        assert!(said.contains(says) && said.contains("Failed to parse route"), "{said}");
    }
    assert!(!herald(&["encode"]).status.success());
}
