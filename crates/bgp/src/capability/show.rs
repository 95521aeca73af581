//! All capabilities of an OPEN, in words and JSON.

use super::{CapabilitySpec, code, spec};
use crate::dialect::Dialect;
use crate::json::{self, Separator};
use crate::open::Open;
use crate::put;
use crate::put::Hex;
use crate::read::Reader;

/// Appends the JSON object of all capabilities: by decimal code if they were received, by name if they were `sent`.
/// In the order they came; instances of one code are one member.
pub fn json_all(open: &Open, sent: bool, out: &mut String, dialect: Dialect) {
    let mut separator = Separator::new(", ");
    out.push_str("{ ");
    for (at, (code, _)) in open.capabilities.iter().enumerate() {
        if open.capabilities.iter().take(at).any(|(earlier, _)| earlier == code) {
            continue;
        }
        separator.next(out);
        out.push('"');
        match spec(*code).filter(|_| sent) {
            Some(spec) => out.push_str(name(spec, dialect)),
            None => json::number(out, *code),
        }
        out.push_str("\": ");
        match known(*code, dialect) {
            Some(spec) => (effective(open, spec).json)(&instances(open, spec), out, dialect),
            None => unknown_json(open, *code, out),
        }
    }
    if !open.capabilities.is_empty() {
        out.push(' ');
    }
    out.push('}');
}

/// Appends the words for all capabilities by ascending code: `multiprotocol(ipv4 unicast), route refresh`.
pub fn text_all(open: &Open, out: &mut String, dialect: Dialect) {
    let mut separator = Separator::new(", ");
    for code in 0..=u8::MAX {
        if !open.has(code) {
            continue;
        }
        separator.next(out);
        match known(code, dialect) {
            Some(spec) => (spec.text)(&instances(open, spec), out, dialect),
            None => unknown_text(code, out, dialect),
        }
    }
}

/// Appends what is known of all capabilities by ascending code, for people: `asn4(65001), role(customer), 200(0xDEAD)`.
pub fn describe(open: &Open, out: &mut String) {
    let mut separator = Separator::new(", ");
    for code in (0..=u8::MAX).filter(|code| open.has(*code)) {
        separator.next(out);
        let sound = |spec: &&CapabilitySpec| open.values(code).all(|value| (spec.check)(Reader::new(value, 0)).is_ok());
        if let Some(spec) = spec(code).filter(sound) {
            (spec.text)(&instances(open, spec), out, Dialect::V6);
            continue;
        }
        match spec(code) {
            Some(spec) => out.push_str(spec.name),
            None => json::number(out, code),
        }
        for value in open.values(code) {
            put!(out, "(0x", Hex(value));
            out.push(')');
        }
    }
}

/// The key in an OPEN we sent.
fn name(spec: &CapabilitySpec, dialect: Dialect) -> &'static str {
    if spec.code == code::OPERATIONAL && dialect == Dialect::V4 {
        return "exabgp-experimental-operational";
    }
    spec.name
}

fn known(code: u8, dialect: Dialect) -> Option<&'static CapabilitySpec> {
    spec(code).filter(|spec| spec.since.is_some_and(|since| since <= dialect))
}

/// A speaker that offers route refresh under both codes speaks the RFC's variant.
fn effective(open: &Open, spec: &'static CapabilitySpec) -> &'static CapabilitySpec {
    if spec.code == code::ROUTE_REFRESH_CISCO && open.has(code::ROUTE_REFRESH) {
        return super::spec(code::ROUTE_REFRESH).unwrap_or(spec);
    }
    spec
}

/// The instances that count.
fn instances<'a>(open: &'a Open, spec: &CapabilitySpec) -> Vec<&'a [u8]> {
    let mut values: Vec<_> = open.values(spec.code).collect();
    if !spec.merges {
        values.drain(..values.len().saturating_sub(1));
    }
    values
}

/// What IANA says of a code that is not in the table.
fn registry(code: u8) -> &'static str {
    match code {
        70..=127 => "unassigned",
        128.. => "reserved",
        _ => "unknown",
    }
}

fn unknown_json(open: &Open, code: u8, out: &mut String) {
    out.push_str("{ \"name\": \"unknown\", \"iana\": \"");
    out.push_str(registry(code));
    out.push_str("\", \"value\": ");
    json::number(out, code);
    put!(out, ", \"raw\": \"", Hex(open.values(code).last().unwrap_or(&[])), "\" }");
}

fn unknown_text(code: u8, out: &mut String, dialect: Dialect) {
    out.push_str(registry(code));
    if dialect == Dialect::V6 {
        out.push_str(" unknown capability 0x");
        out.push_str(&format!("{code:02x}"));
    } else {
        out.push(' ');
        json::number(out, code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn open(capabilities: &[(u8, &[u8])]) -> Open {
        Open {
            capabilities: capabilities.iter().map(|(code, value)| (*code, value.to_vec())).collect(),
            ..Open::new(65002, 90, Ipv4Addr::new(2, 2, 2, 2))
        }
    }

    fn received() -> Open {
        open(&[
            (1, &[0, 1, 0, 1]),
            (1, &[0, 2, 0, 1]),
            (2, &[]),
            (65, &[0, 0, 0xfd, 0xea]),
            (5, &[0, 1, 0, 1, 0, 2]),
            (6, &[]),
            (64, &[0x80, 120, 0, 1, 1, 0x80, 0, 2, 1, 0]),
            (185, &[]),
            (73, b"\x06peer-h\x07dom.net"),
            (75, b"\x0apeer/1.2.3"),
            (200, &[0xde, 0xad]),
            (76, &[0, 1, 1, 0, 5]),
            (77, &[]),
        ])
    }

    fn json(open: &Open, sent: bool, dialect: Dialect) -> String {
        let mut out = String::new();
        json_all(open, sent, &mut out, dialect);
        out
    }

    #[test]
    fn what_was_received_is_keyed_by_code() {
        let common = "{ \"1\": { \"name\": \"multiprotocol\", \"families\": [ \"ipv4/unicast\", \"ipv6/unicast\" ] }, \
            \"2\": { \"name\": \"route-refresh\", \"variant\": \"RFC\" }, \"65\": { \"name\": \"asn4\", \"asn4\": 65002 }, \
            \"5\": { \"name\": \"nexthop\", \"conversion\": [ \"ipv4/unicast/ipv6\" ] }, \
            \"6\": { \"name\": \"extended-message\", \"size\": 65535 }, \
            \"64\": { \"name\": \"graceful restart\", \"time\": 120, \"address-family-flags\": { \"ipv4/unicast\": \
            [ \"restart\" ] , \"ipv6/unicast\": [ ] }, \"restart-flags\": [ \"forwarding\" ]";
        let named = "\"185\": { \"name\": \"operational\" }, \
            \"73\": { \"host-name\": \"peer-h\", \"domain-name\": \"dom.net\" }, \"75\": { \"software\": \"peer/1.2.3\" }, \
            \"200\": { \"name\": \"unknown\", \"iana\": \"reserved\", \"value\": 200, \"raw\": \"DEAD\" }, ";
        let v6 = "\"76\": { \"name\": \"paths-limit\", \"ipv4/unicast\": 5 }, \"77\": { \"name\": \"link-local-nexthop\" } }";
        assert_eq!(json(&received(), false, Dialect::V6), format!("{common}  }}, {named}{v6}"));
        let v5 = "\"76\": { \"name\": \"unknown\", \"iana\": \"unassigned\", \"value\": 76, \"raw\": \"0001010005\" }, \
            \"77\": { \"name\": \"unknown\", \"iana\": \"unassigned\", \"value\": 77, \"raw\": \"\" } }";
        assert_eq!(json(&received(), false, Dialect::V5), format!("{common}  }}, {named}{v5}"));
        let v4 = "\"73\": { \"name\": \"unknown\", \"iana\": \"unassigned\", \"value\": 73, \
            \"raw\": \"06706565722D6807646F6D2E6E6574\" }";
        assert!(json(&received(), false, Dialect::V4).starts_with(&format!("{common} }}, \"185\"")));
        assert!(json(&received(), false, Dialect::V4).contains(v4));
        assert_eq!(json(&open(&[]), false, Dialect::V5), "{ }");
    }

    #[test]
    fn what_was_sent_is_keyed_by_name() {
        let sent = open(&[(69, &[0, 1, 1, 3, 0, 2, 1, 1]), (5, &[]), (185, &[]), (68, &[0]), (68, &[1]), (128, &[])]);
        assert_eq!(
            json(&sent, true, Dialect::V5),
            "{ \"add-path\": { \"name\": \"addpath\", \"ipv4/unicast\": \"send/receive\",\"ipv6/unicast\": \"receive\" }, \
             \"nexthop\": { \"name\": \"nexthop\", \"conversion\": [ ] }, \"operational\": { \"name\": \"operational\" }, \
             \"multi-session\": { \"name\": \"multisession\", \"variant\": \"RFC\", \"capabilities\": [ \"multiprotocol\" ] }, \
             \"cisco-route-refresh\": { \"name\": \"route-refresh\", \"variant\": \"Cisco\" } }"
        );
        assert!(json(&sent, true, Dialect::V4).contains("\"exabgp-experimental-operational\": { \"name\""));
    }

    #[test]
    fn words_are_sorted_by_code() {
        let text = |dialect| {
            let mut out = String::new();
            text_all(&received(), &mut out, dialect);
            out
        };
        let common = "multiprotocol(ipv4 unicast,ipv6 unicast), route refresh, nexthop(ipv4 unicast ipv6), \
            extended message(65535), graceful restart flags 0x8 time 120 ipv4/unicast=0x80 ipv6/unicast=0x0, asn4(65002), ";
        assert_eq!(
            text(Dialect::V6),
            format!(
                "{common}hostname(peer-h dom.net), software(peer/1.2.3), pathslimit(ipv4 unicast 5), \
                 link-local nexthop, operational, reserved unknown capability 0xc8"
            )
        );
        assert_eq!(
            text(Dialect::V5),
            format!(
                "{common}hostname(peer-h dom.net), software(peer/1.2.3), unassigned 76, unassigned 77, operational, \
                 reserved 200"
            )
        );
        assert!(text(Dialect::V4).contains("asn4(65002), unassigned 73, unassigned 75, unassigned 76"));
    }

    #[test]
    fn people_are_told_what_dialects_have_no_words_for() {
        let newer = open(&[
            (9, &[3]),
            (71, &[0, 1, 1, 0x80, 0, 0x0e, 0x10, 0, 2, 1, 0, 0, 0, 0]),
            (3, &[0, 1, 0, 1, 1, 64, 3]),
            (8, &[0, 1, 4, 5]),
            (74, &[]),
            (74, &[1]),
            (67, &[1, 2]),
            (71, &[0]),
            (200, &[0xde, 0xad]),
            (1, &[0, 1, 0, 1]),
        ]);
        let mut out = String::new();
        describe(&newer, &mut out);
        assert_eq!(
            out,
            "multiprotocol(ipv4 unicast), outbound route filtering(ipv4 unicast 64=send/receive), \
             multiple labels(ipv4 nlri-mpls 5), role(customer), dynamic capability(0x0102), \
             long-lived-graceful-restart(0x00010180000E1000020100000000)(0x00), bfd-strict-mode(0x)(0x01), 200(0xDEAD)"
        );
        // frozen dialects say of them what they say of any number
        let role = json(&open(&[(9, &[3])]), false, Dialect::V6);
        assert_eq!(role, "{ \"9\": { \"name\": \"unknown\", \"iana\": \"unknown\", \"value\": 9, \"raw\": \"03\" } }");
        assert!(json(&open(&[(9, &[3])]), true, Dialect::V6).starts_with("{ \"role\": { \"name\": \"unknown\""));
    }

    #[test]
    fn both_codes_of_route_refresh_are_the_rfc_variant() {
        let both = open(&[(128, &[]), (2, &[])]);
        assert!(!json(&both, false, Dialect::V5).contains("Cisco"));
    }
}
