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
