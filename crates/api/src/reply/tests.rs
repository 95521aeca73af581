use super::*;
use herald_bgp::attribute::{Attr, Attributes};
use herald_bgp::context::Context;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::nlri::{NextHop, Stored};
use herald_bgp::open::Open;
use herald_bgp::value::Asn;
use herald_speaker::command::Rib;
use herald_speaker::config::{ApiConfig, PeerConfig};
use herald_speaker::event::{MessageCount, Negotiated, PeerId, PeerView, Refresh};
use herald_speaker::session::State;
use std::net::Ipv4Addr;
use std::sync::Arc;

fn view(established: bool) -> Arc<PeerView> {
    let mut config = PeerConfig::new(Ipv4Addr::new(127, 0, 0, 2).into());
    config.local_address = Some(Ipv4Addr::LOCALHOST.into());
    config.router_id = Some(Ipv4Addr::new(1, 1, 1, 1));
    (config.local_as, config.peer_as) = (Some(Asn(65001)), Some(Asn(65002)));
    config.hold_time = 90;
    config.capability.route_refresh = true;
    config.families = vec![Family::IPV4_UNICAST, Family::IPV6_UNICAST];
    let mut received = Open::new(65002, 90, Ipv4Addr::new(2, 2, 2, 2));
    received.capabilities =
        vec![(1, vec![0, 1, 0, 1]), (1, vec![0, 2, 0, 1]), (2, vec![]), (65, vec![0, 0, 0xfd, 0xea])];
    let negotiated = Negotiated {
        context: Context { families: config.families.clone(), ..Context::plain(Asn(65001), Asn(65002)) },
        hold_time: 90,
        refresh: Refresh::Normal,
        multisession: false,
        operational: false,
        sent: Open::new(65001, 90, Ipv4Addr::new(1, 1, 1, 1)),
        received,
    };
    Arc::new(PeerView {
        id: PeerId(1),
        address: config.address,
        local_address: config.local_address,
        local_as: config.local_as,
        peer_as: config.peer_as,
        router_id: config.router_id,
        config: Arc::new(config),
        negotiated: established.then(|| Arc::new(negotiated)),
    })
}

fn report(established: bool) -> NeighborReport {
    NeighborReport {
        peer: view(established),
        state: if established { State::Established } else { State::Active },
        since: Some(Duration::from_secs(9)),
        sent: MessageCount { open: 1, keepalive: 1, update: 6, ..MessageCount::default() },
        received: MessageCount { open: 1, keepalive: 1, ..MessageCount::default() },
        prefixes: (0, 0),
    }
}

fn daemon() -> Daemon {
    Daemon { version: "0.1.0".into(), uuid: "u".into(), pid: 7, started: UnixNanos(1_500_000_000) }
}

fn lines(answer: &Reply<'_>, manner: Manner) -> String {
    let mut out = String::new();
    reply(answer, manner, &daemon(), UnixNanos(7_500_000_000), &mut out);
    out
}

fn manner(dialect: Dialect) -> Manner {
    Manner { dialect, json: dialect == Dialect::V6, acks: true }
}

fn shown(detail: Detail, json: bool, established: bool, dialect: Dialect) -> String {
    lines(&Reply::Neighbors { show: Show { detail, json }, list: &[report(established)] }, manner(dialect))
}

#[test]
fn acknowledgements_and_reasons() {
    assert_eq!(lines(&Reply::Done, manner(Dialect::V5)), "done\n");
    assert_eq!(lines(&Reply::Error("no"), manner(Dialect::V5)), "error\n");
    assert_eq!(lines(&Reply::Error("no\nway"), manner(Dialect::V6)), "error: no\\nway\nerror\n");
    let silent = Manner { acks: false, ..manner(Dialect::V6) };
    assert_eq!(lines(&Reply::Error("no"), silent) + &lines(&Reply::Done, silent), "");
    assert_eq!(lines(&Reply::Passed, manner(Dialect::V5)), "");
}

#[test]
fn groups() {
    let errors = [String::from("a \"bad\" one")];
    let some = Reply::Group { announced: 1, withdrawn: 2, errors: &errors };
    assert_eq!(lines(&some, manner(Dialect::V5)), "group processed: 1 announced, 2 withdrawn, 1 errors\ndone\n");
    assert_eq!(
        lines(&some, manner(Dialect::V6)),
        "{\"status\": \"group processed\", \"announced\": 1, \"withdrawn\": 2, \"errors\": [\"a \\\"bad\\\" one\"]}\ndone\n"
    );
    let none = Reply::Group { announced: 0, withdrawn: 0, errors: &[] };
    assert_eq!(lines(&none, manner(Dialect::V6)), "{\"status\": \"group ended\", \"commands\": 0}\ndone\n");
}

#[test]
fn the_summary_has_fixed_columns() {
    assert_eq!(
        shown(Detail::Summary, false, true, Dialect::V5),
        "Peer            AS        up/down state       |     #sent     #recvd\n\
         127.0.0.2       65002     0:00:09 established           6          0\n"
    );
    assert_eq!(
        shown(Detail::Summary, false, false, Dialect::V6),
        "Peer            AS        up/down state       |     #sent     #recvd    #pfx_in\n\
         127.0.0.2       65002        down active                6          0          0\n"
    );
}

#[test]
fn tables_are_laid_out_as_each_dialect_does() {
    let v6 = shown(Detail::Extensive, false, true, Dialect::V6);
    let blank = " ".repeat(16);
    let want = [
        "Neighbor 127.0.0.2",
        "    Session                        Local",
        &format!("    local                      127.0.0.1{blank}{blank}"),
        &format!("    state                    ESTABLISHED{blank}{blank}"),
        &format!("    up for                       0:00:09{blank}{blank}"),
        "    Setup                          Local          Remote",
        &format!("    AS                             65001           65002{blank}"),
        &format!("    ID                           1.1.1.1         2.2.2.2{blank}"),
        &format!("    hold-time                         90              90{blank}"),
        "    Capability                     Local          Remote",
        &format!("    asn4:                        enabled         enabled{blank}"),
    ];
    assert_eq!(v6.lines().take(want.len()).collect::<Vec<_>>(), want);
    assert!(v6.contains("\n    Families                       Local          Remote        Add-Path\n"));
    assert!(v6.contains("\n    ipv4 unicast:                enabled         enabled        disabled\n"));
    assert!(v6.contains("\n    Prefix Statistic\n    received:                          0 "));
    let v5 = shown(Detail::Extensive, false, true, Dialect::V5);
    assert!(v5.starts_with("Neighbor 127.0.0.2\n\n    Session                       Local\n   local   "));
    assert!(v5.contains("\n   ipv4 unicast:                enabled         enabled disabled       \n"));
    assert!(v5.contains(
        "\n    Message Statistic              Sent        Received\n   open:                              1"
    ));
    assert!(v5.ends_with("2                \n\n"));
    let v4 = shown(Detail::Extensive, false, true, Dialect::V4);
    assert!(
        v4.contains("\n  Families                        Local          Remote        Add-Path\n   ipv4 unicast:   ")
    );
    let down = shown(Detail::Extensive, false, false, Dialect::V5);
    assert!(down.contains("\n   down for                     0:00:09 ") && down.contains("1.1.1.1             n/a"));
}

#[test]
fn json_of_a_neighbour() {
    let side = "\"families\": {\"ipv4 unicast\": true, \"ipv6 unicast\": true}, \
        \"add-path\": {\"ipv4 unicast\": false, \"ipv6 unicast\": false}";
    let want = format!(
        "[{{\"state\": \"up\", \"duration\": 9, \"fsm\": \"ESTABLISHED\", \"local\": {{\"capabilities\": \
         {{\"asn4\": true, \"route-refresh\": true, \"multi-session\": false, \"operational\": false, \
         \"add-path\": false, \"extended-message\": true, \"graceful-restart\": false}}, {side}, \
         \"address\": \"127.0.0.1\", \"as\": 65001, \"id\": \"1.1.1.1\", \"hold\": 90}}, \"peer\": {{\"capabilities\": \
         {{\"asn4\": true, \"route-refresh\": true, \"multi-session\": false, \"operational\": false, \
         \"add-path\": false, \"extended-message\": false, \"graceful-restart\": false}}, {side}, \
         \"address\": \"127.0.0.2\", \"as\": 65002, \"id\": \"2.2.2.2\", \"hold\": 90}}, \"messages\": {{\"sent\": \
         {{\"open\": 1, \"notification\": 0, \"keepalive\": 1, \"update\": 6, \"refresh\": 0, \"total\": 8}}, \
         \"received\": {{\"open\": 1, \"notification\": 0, \"keepalive\": 1, \"update\": 0, \"refresh\": 0, \
         \"total\": 2}}}}, \"capabilities\": [\"asn4\", \"route-refresh\"], \"families\": [\"ipv4 unicast\", \
         \"ipv6 unicast\"], \"add-path\": {{\"ipv4 unicast\": \"disabled\", \"ipv6 unicast\": \"disabled\"}}}}]\n"
    );
    assert_eq!(shown(Detail::Summary, true, true, Dialect::V5), want);
    let v6 = shown(Detail::Extensive, true, true, Dialect::V6);
    assert!(
        v6.contains("\"local\": {\"capabilities\": {\"asn4\": 1,")
            && v6.contains("\"families\": {\"ipv4 unicast\": true,")
    );
    assert!(v6.contains("\"families\": {\"ipv4 unicast\": 1,"));
    assert!(v6.ends_with(", \"prefixes\": {\"received\": 0, \"withdrawn\": 0}}]\n"));
    assert!(shown(Detail::Summary, true, false, Dialect::V5).contains("\"id\": null, \"hold\": null}"));
}

#[test]
fn lists_and_status() {
    assert_eq!(
        shown(Detail::List, true, true, Dialect::V6),
        "[{\"peer-address\": \"127.0.0.2\", \"peer-as\": 65002, \"state\": \"ESTABLISHED\"}]\n"
    );
    let name =
        "neighbor 127.0.0.2 local-ip 127.0.0.1 local-as 65001 peer-as 65002 router-id 1.1.1.1 family-allowed in-open";
    assert_eq!(
        shown(Detail::Status, false, true, Dialect::V6),
        format!(
            "ExaBGP Daemon Status\n====================\nVersion: 0.1.0\nUUID: u\nPID: 7\nUptime: 0h 0m 6s\nPeers: 1\n  - {name}: ESTABLISHED\n"
        )
    );
    assert_eq!(
        shown(Detail::Status, true, true, Dialect::V6),
        format!(
            "{{\"version\": \"0.1.0\", \"uuid\": \"u\", \"pid\": 7, \"uptime\": 6, \"start_time\": 1.5, \"peers\": {{\"{name}\": \"ESTABLISHED\"}}}}\n"
        )
    );
}

#[test]
fn routes() {
    let attributes = Attributes::new(
        NextHop::Addr(Ipv4Addr::new(192, 0, 2, 1).into()),
        [Attr { code: 4, flags: 0x80, value: &[0, 0, 0, 50] }],
    );
    let of_family = |family, nlri: &[u8], detail, json, dialect| {
        let show = Show { detail, json };
        let (peer, nlri) = (&view(true), &Stored::new(None, nlri));
        lines(&Reply::Route { show, peer, rib: Rib::Out, family, nlri, attributes: &attributes }, manner(dialect))
    };
    let shown = |detail, json, dialect| of_family(Family::IPV4_UNICAST, &[24, 10, 0, 1], detail, json, dialect);
    let summary = |dialect| shown(Detail::Summary, false, dialect);
    assert_eq!(summary(Dialect::V4), "neighbor 127.0.0.2 ipv4 unicast 10.0.1.0/24 next-hop 192.0.2.1\n");
    assert_eq!(summary(Dialect::V5), "127.0.0.2 ipv4 unicast 10.0.1.0/24 next-hop 192.0.2.1\n");
    assert_eq!(summary(Dialect::V6), "127.0.0.2 ipv4 unicast 10.0.1.0/24\n");
    assert_eq!(
        shown(Detail::Extensive, false, Dialect::V6),
        "neighbor 127.0.0.2 local-ip 127.0.0.1 local-as 65001 peer-as 65002 router-id 1.1.1.1 family-allowed in-open \
         ipv4 unicast 10.0.1.0/24 next-hop 192.0.2.1 med 50\n"
    );
    assert_eq!(
        shown(Detail::Summary, true, Dialect::V6),
        "{\"127.0.0.2\": {\"routes\": [{\"family\": \"ipv4 unicast\", \"prefix\": \"10.0.1.0/24\"}]}}\n"
    );
    assert_eq!(
        shown(Detail::Summary, true, Dialect::V5),
        "{\"127.0.0.2\": {\"routes\": [{\"prefix\": \"10.0.1.0/24\", \"family\": \"ipv4 unicast\"}]}}\n"
    );

    let family = Family::new(Afi::IPV4, Safi::MCAST_VPN);
    let source_ad = [5, 18, 0, 0, 0xfd, 0xe9, 0, 0, 0, 1, 32, 10, 9, 0, 1, 32, 239, 1, 1, 1];
    let shown = |detail, json, dialect| of_family(family, &source_ad, detail, json, dialect);
    let listed = "mvpn:sourcead::65001:1:10.9.0.1:239.1.1.1";
    for dialect in [Dialect::V5, Dialect::V6] {
        assert_eq!(shown(Detail::Summary, false, dialect), format!("127.0.0.2 ipv4 mcast-vpn {listed}\n"));
    }
    assert!(shown(Detail::Extensive, false, Dialect::V5).ends_with(&format!(" ipv4 mcast-vpn {listed} med 50\n")));
    assert_eq!(
        shown(Detail::Summary, true, Dialect::V6),
        format!("{{\"127.0.0.2\": {{\"routes\": [{{\"family\": \"ipv4 mcast-vpn\", \"nlri\": \"{listed}\"}}]}}}}\n")
    );
}

#[test]
fn a_configuration_is_told_without_its_secrets() {
    let mut config = (*view(false).config).clone();
    config.transport.md5 = Some(herald_speaker::config::Md5(b"secret".to_vec()));
    config.description = "a \"quoted\"\nline".into();
    config.api.push(ApiConfig { processes: vec!["watch".into()], neighbor_changes: true, ..ApiConfig::default() });
    let mut out = String::new();
    configuration::neighbor(&config, Dialect::V5, &mut out);
    assert!(
        out.starts_with("neighbor 127.0.0.2 {\n  description \"a \\\"quoted\\\"\\nline\";\n  router-id 1.1.1.1;\n")
    );
    assert!(out.contains("  host-name None;\n") && out.contains("  manual-eor false;\n\n  passive false;\n"));
    assert!(out.contains("  family {\n    ipv4 unicast;\n    ipv6 unicast;\n  }\n"));
    assert!(out.contains("  api {\n    processes [ watch ];\n    neighbor-changes;\n  }\n}\n"));
    assert!(!out.contains("secret"));
}
