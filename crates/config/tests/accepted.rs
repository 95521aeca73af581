//! What is accepted, and what it means.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{BASE, accepted, neighbor, peer, read};
use herald_bgp::capability::role::Role;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::nlri::NextHop;
use herald_bgp::value::Asn;
use herald_config::{Environment, Section, keywords, load};
use herald_speaker::config::{ConfigRoutes, Encoder, PeerConfig};
use std::net::IpAddr;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn statements_of_a_neighbor() {
    type Check = fn(&PeerConfig) -> bool;
    let table: &[(&str, Check)] = &[
        ("", |p| p.hold_time == 180 && !p.passive && p.adj_rib_in && p.adj_rib_out && p.group_updates),
        ("", |p| p.host_name.as_deref() == Some("here") && p.domain_name == "example.net"),
        ("", |p| p.router_id == Some([192, 0, 2, 9].into()) && p.local_address == Some(ip("192.0.2.1"))),
        ("description \"a b\";", |p| p.description == "a b"),
        ("description;", |p| p.description.is_empty()),
        ("description foo\"bar baz\";", |p| p.description == "foobar baz"),
        ("hold-time 30;", |p| p.hold_time == 30),
        ("hold-time 0;", |p| p.hold_time == 0),
        ("local-as 1.10;", |p| p.local_as == Some(Asn(65546))),
        ("peer-as auto;", |p| p.peer_as.is_none() && p.local_as == Some(Asn(65000))),
        ("peer-as 4294967295;", |p| p.peer_as == Some(Asn(u32::MAX))),
        ("local-address auto;", |p| p.local_address.is_none()),
        ("peer-address 192.0.2.7;", |p| p.address == ip("192.0.2.7")),
        ("passive;", |p| p.passive),
        ("passive false;", |p| !p.passive),
        ("passive YES;", |p| p.passive),
        ("passive; peer-address 192.0.2.0/24;", |p| p.is_range() && p.range == 24),
        ("listen 1179;", |p| p.listen == Some(1179)),
        ("listen 0;", |p| p.listen.is_none()),
        ("connect 1179;", |p| p.connect == Some(1179)),
        ("connect 0;", |p| p.connect.is_none()),
        ("rate-limit 100;", |p| p.rate_limit == Some(100)),
        ("rate-limit disable;", |p| p.rate_limit.is_none()),
        ("rate-limit 0;", |p| p.rate_limit.is_none()),
        ("outgoing-ttl 2; incoming-ttl 254;", |p| {
            p.transport.outgoing_ttl == Some(2) && p.transport.incoming_ttl == Some(254)
        }),
        ("outgoing-ttl disable; incoming-ttl 0;", |p| {
            p.transport.outgoing_ttl.is_none() && p.transport.incoming_ttl.is_none()
        }),
        ("md5-password secret;", |p| p.transport.md5.as_ref().is_some_and(|key| key.0 == b"secret")),
        ("md5-password YWJj; md5-base64 true;", |p| p.transport.md5.as_ref().is_some_and(|key| key.0 == b"abc")),
        ("md5-password YWJj; md5-base64;", |p| p.transport.md5.as_ref().is_some_and(|key| key.0 == b"YWJj")),
        ("md5-password YWJj; md5-base64 auto;", |p| p.transport.md5.as_ref().is_some_and(|key| key.0 == b"YWJj")),
        ("md5-password abcd; md5-base64 auto;", |p| p.transport.md5.as_ref().is_some_and(|key| key.0.len() == 3)),
        ("md5-ip 192.0.2.5;", |p| p.transport.md5_ip == Some(ip("192.0.2.5"))),
        ("source-interface eth0;", |p| p.transport.source_interface.as_deref() == Some("eth0")),
        ("host-name r1; domain-name example.org;", |p| {
            p.host_name.as_deref() == Some("r1") && p.domain_name == "example.org"
        }),
        ("group-updates false; auto-flush disable;", |p| !p.group_updates && !p.auto_flush),
        ("adj-rib-in; adj-rib-out;", |p| !p.adj_rib_in && !p.adj_rib_out),
        ("adj-rib-out false; capability { route-refresh; }", |p| p.adj_rib_out),
        ("manual-eor;", |p| !p.manual_eor),
        ("manual-eor true;", |p| p.manual_eor),
        ("capability { asn4 disable; extended-message no; }", |p| {
            !p.capability.asn4 && !p.capability.extended_message && !p.capability.route_refresh
        }),
        ("hold-time 77; capability { graceful-restart; }", |p| p.capability.graceful_restart == Some(77)),
        ("capability { graceful-restart 0; }", |p| p.capability.graceful_restart == Some(180)),
        ("capability { graceful-restart 1200; }", |p| p.capability.graceful_restart == Some(1200)),
        ("capability { graceful-restart 5000; }", |p| p.capability.graceful_restart == Some(4095)),
        ("capability { graceful-restart disable; }", |p| p.capability.graceful_restart.is_none()),
        (
            "capability { graceful-restart 9; graceful-restart-notification; long-lived-graceful-restart 16777215; }",
            |p| p.capability.restart_notification && p.capability.long_lived == Some(16_777_215),
        ),
        ("capability { long-lived-graceful-restart 0; multiple-labels 1; }", |p| {
            p.capability.long_lived.is_none() && p.capability.multiple_labels.is_none()
        }),
        ("capability { role RS-client; role-strict; multiple-labels 5; }", |p| {
            p.capability.role == Some(Role::RouteServerClient)
                && p.capability.role_strict
                && p.capability.multiple_labels == Some(5)
        }),
        ("capability { raw 67 0x0102; raw 0x4a; }", |p| p.capability.raw == [(67, vec![1, 2]), (74, vec![])]),
        (
            "capability { operational; } operational { asm afi ipv4 safi unicast advisory \"at noon\"; rpcq afi ipv6 safi unicast; }",
            |p| p.operational.len() == 2 && p.operational[0].octets == *b"at noon" && p.operational[1].needs_sequence(),
        ),
        ("capability { software-version; }", |p| !p.capability.software_version),
        ("capability { software-version enable; }", |p| p.capability.software_version),
        ("capability { aigp; operational; }", |p| p.capability.aigp == Some(true) && p.capability.operational),
        ("capability { add-path send/receive; }", |p| {
            p.capability.add_path == 3 && p.capability.add_path_families.is_empty()
        }),
        ("capability { add-path receive; }", |p| p.capability.add_path == 1),
        ("capability { add-path send; } add-path { ipv4 unicast limit 10; }", |p| {
            p.capability.add_path == 2 && p.capability.add_path_families == [(Family::IPV4_UNICAST, Some(10))]
        }),
        ("family { ipv4 unicast; } capability { add-path send; } add-path { ipv6 unicast; }", |p| {
            p.capability.add_path == 0
        }),
        ("capability { add-path send; } add-path { all; }", |p| p.capability.add_path_families.is_empty()),
        ("nexthop { ipv4 unicast ipv6; ipv4 unicast ipv6; }", |p| {
            p.capability.next_hop == [(Family::IPV4_UNICAST, Afi::IPV6)]
        }),
        ("nexthop { ipv4 unicast ipv6; } family { ipv4 unicast; }", |p| p.capability.next_hop.is_empty()),
        ("nexthop { ipv4 unicast ipv6; } capability { nexthop false; }", |p| p.capability.next_hop.is_empty()),
        ("family { ipv6 unicast; ipv4 UNICAST; }", |p| p.families == [Family::IPV6_UNICAST, Family::IPV4_UNICAST]),
        ("family { ipv4 unicast; } family { ipv6 unicast; ipv4 unicast; }", |p| p.families.len() == 2),
        ("family { all; }", |p| p.families.contains(&Family::IPV6_UNICAST)),
        ("family { }", |p| p.families.contains(&Family::IPV4_MULTICAST) && p.families.is_sorted()),
        ("", |p| p.families.contains(&Family::IPV6_MULTICAST)),
        ("family { ipv4 unicast }", |p| p.families.len() > 1), // the words before `}` have no effect
    ];
    for (statements, check) in table {
        assert!(check(&peer(statements)), "{statements}: {:#?}", peer(statements));
    }
}

#[test]
fn processes_and_api() {
    let text = format!(
        "neighbor 192.0.2.2 {{ {BASE}
            api one {{ processes [ a, b ]; neighbor-changes; send {{ parsed; }} receive {{ packets; update; open false; }} }}
            api two {{ processes-match [ \"^.$\" \"no\" ]; signal; }}
            process a;
        }}
        process a {{ run prog --list x,y [z] \"q r\"; encoder JSON; respawn false; }}
        process b extra {{ run /bin/true; }}"
    );
    let loaded = accepted(&text);
    let [a, b] = &*loaded.config.processes else { panic!("{:?}", loaded.config.processes) };
    assert_eq!(a.run, ["/bin/prog", "--list", "x,y", "[z]", "q r"]);
    assert_eq!((a.encoder, a.respawn, b.encoder, b.respawn), (Encoder::Json, false, Encoder::Text, true));
    let api = &loaded.config.peers[0].api;
    let names = |list: &[std::sync::Arc<str>]| list.join(" ");
    assert_eq!(names(&api[0].processes), "a b");
    assert!(api[0].neighbor_changes && api[0].send.parsed && api[0].receive.packets && api[0].receive.update);
    assert!(!api[0].receive.open && !api[0].receive.parsed && !api[0].signal);
    assert_eq!((names(&api[1].processes), names(&api[1].controllers)), (String::new(), "a b".into()));
    assert_eq!(names(&api[2].processes), "a");
    let odd: Vec<_> = loaded.warnings.iter().map(|w| w.message.as_str()).collect();
    assert_eq!(odd.len(), 2, "{odd:?}"); // `no` matches nothing; `extra`
}

fn shown(routes: &ConfigRoutes) -> Vec<String> {
    let show = |route: &herald_speaker::config::ConfigRoute| {
        let set = &routes.attributes[usize::try_from(route.attributes).unwrap()];
        let hop = match set.next_hop {
            NextHop::Addr(a) => a.to_string(),
            other => format!("{other:?}"),
        };
        let path = route.nlri.path_id().map_or(String::new(), |id| format!(" path {id}"));
        let held = if route.withdrawn { " withdrawn" } else { "" };
        format!("{} {:?} {hop}{path}{held}", route.family, route.nlri.nlri())
    };
    routes.routes.iter().map(show).collect()
}

#[test]
fn routes_in_every_form() {
    let routes = peer(
        "static {
            route 10.0.0.0/8 next-hop 192.0.2.1;
            route 10.1.0.0/16 { next-hop 192.0.2.1; }
            route 10.2.0.0/16 path-information 7 next-hop self;
            route 224.1.0.0/16 next-hop 192.0.2.1;
            attributes next-hop 2001:db8::1 nlri 2001:db8::/32 10.3.0.0/16;
            route 10.4.0.0/16 next-hop 192.0.2.1 split /17;
            route 10.5.0.0/16 next-hop 192.0.2.1 watchdog dog withdraw;
            route 10.6.0.0/16 next-hop 192.0.2.1 watchdog dog;
            route 10.7.0.0/16 \\
                next-hop 192.0.2.1 \\
                withdraw;
        }
        announce {
            ipv4 { unicast 10.8.0.0/16 next-hop 192.0.2.1; multicast 224.2.0.0/16 next-hop 192.0.2.1; }
            ipv6 { unicast 2001:db8:1::/48 next-hop 2001:db8::1; }
        }",
    )
    .routes
    .clone();
    assert_eq!(
        shown(&routes),
        [
            "ipv4 unicast [8, 10] 192.0.2.1",
            "ipv4 unicast [16, 10, 1] 192.0.2.1",
            "ipv4 unicast [16, 10, 2] SelfAddress path 7",
            "ipv4 multicast [16, 224, 1] 192.0.2.1",
            "ipv6 unicast [32, 32, 1, 13, 184] 2001:db8::1",
            "ipv4 unicast [16, 10, 3] 2001:db8::1",
            "ipv4 unicast [17, 10, 4, 0] 192.0.2.1",
            "ipv4 unicast [17, 10, 4, 128] 192.0.2.1",
            "ipv4 unicast [16, 10, 5] 192.0.2.1 withdrawn",
            "ipv4 unicast [16, 10, 6] 192.0.2.1",
            "ipv4 unicast [16, 10, 7] 192.0.2.1",
            "ipv4 unicast [16, 10, 8] 192.0.2.1",
            "ipv4 multicast [16, 224, 2] 192.0.2.1",
            "ipv6 unicast [48, 32, 1, 13, 184, 0, 1] 2001:db8::1",
        ]
    );
    assert_eq!(routes.attributes.len(), 3, "each set once");
    assert_eq!(routes.watchdogs, [("dog".into(), vec![8, 9])]);
}

#[test]
fn a_site_is_the_same_however_it_is_written() {
    let site = "rd 192.0.2.1:3 endpoint 5 base 10702 offset 1 size 8 next-hop 192.0.2.1 med 5";
    let braces = site.replace("rd 192.0.2.1:3 endpoint 5", "endpoint 5 rd 192.0.2.1:3");
    let braces: Vec<&str> = braces.split(' ').collect();
    let braces: String = braces.chunks(2).map(|pair| format!("{};", pair.join(" "))).collect();
    for statements in [
        format!("l2vpn {{ vpls {site}; }}"),
        format!("l2vpn {{ vpls lyon {{ {braces} }} }}"),
        format!("l2vpn {{ vpls {{ {braces} }} }}"),
        format!("announce {{ l2vpn {{ vpls {site}; }} }}"),
    ] {
        let routes = peer(&statements).routes.clone();
        assert_eq!(
            shown(&routes),
            ["l2vpn vpls [0, 17, 0, 1, 192, 0, 2, 1, 0, 3, 0, 5, 0, 1, 0, 8, 2, 156, 225] 192.0.2.1"]
        );
        assert_eq!(routes.attributes[0].med(), Some(5), "{statements}");
    }
}

#[test]
fn routes_that_begin_with_their_type() {
    let routes = peer(
        "announce {
            ipv4 {
                mcast-vpn shared-join rp 10.0.0.9 group 239.1.1.1 rd 65000:1 source-as 65000 next-hop 192.0.2.1;
                mup \\
                    mup-t2st 10.0.0.1 rd 100:100 teid 12345/23 \\
                    next-hop self extended-community [ target:10:10 mup:10:10 ];
            }
            ipv6 { mup mup-dsd 2001:db8::1 rd 100:100 next-hop 192.0.2.1; }
            l2vpn { evpn multicast rd 65000:1 ip 192.0.2.1 next-hop self; }
        }",
    )
    .routes
    .clone();
    assert_eq!(
        shown(&routes),
        [
            "ipv4 mcast-vpn [6, 22, 0, 0, 253, 232, 0, 0, 0, 1, 0, 0, 253, 232, 32, 10, 0, 0, 9, 32, 239, 1, 1, 1] 192.0.2.1",
            "ipv4 mup [1, 0, 4, 16, 0, 0, 0, 100, 0, 0, 0, 100, 55, 10, 0, 0, 1, 0, 48, 57] SelfAddress",
            "ipv6 mup [1, 0, 2, 24, 0, 0, 0, 100, 0, 0, 0, 100, 32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] 192.0.2.1",
            "l2vpn evpn [3, 17, 0, 0, 253, 232, 0, 0, 0, 1, 0, 0, 0, 0, 32, 192, 0, 2, 1] SelfAddress",
        ]
    );
}

#[test]
fn a_policy_is_the_same_however_it_is_written() {
    let policy = "distinguisher 1 color 2 endpoint 192.0.2.9";
    let of_it =
        "next-hop 192.0.2.1; preference 7; segment-list weight 1 segment type-a mpls 16001; policy-name \"a b\";";
    let flat = of_it.replace(';', "");
    let all: Vec<_> = [
        format!("static {{ sr-policy {policy} {flat}; }}"),
        format!("static {{ sr-policy {policy} {{ {of_it} }} }}"),
        format!("announce {{ ipv4 {{ sr-policy {policy} {flat}; }} }}"),
    ]
    .iter()
    .map(|statements| peer(statements).routes.clone())
    .collect();
    assert!(all[0] == all[1] && all[0] == all[2]);
    assert_eq!(all[0].attributes[0].get(23).map(|attr| attr.value.len()), Some(4 + 8 + 20 + 7));
    let six = peer("static { sr-policy distinguisher 1 color 2 endpoint 2001:db8::9 next-hop 2001:db8::1; }");
    assert_eq!(six.routes.routes[0].family, Family::new(Afi::IPV6, Safi::SR_POLICY));
}

#[test]
fn a_rule_is_the_same_however_it_is_written() {
    let (matches, then) =
        ("protocol tcp; destination 10.0.0.0/24; destination-port [ =80 >=8000&<=8100 ];", "mark 10; rate-limit 9600;");
    let flat = format!("{matches} {then} interface-set input:65000:1").replace(';', "");
    let all: Vec<_> = [
        format!("flow {{ route {{ match {{ {matches} }} scope {{ interface-set input:65000:1; }} then {{ {then} }} }} }}"),
        format!("flow {{\n route web {{\n then {{ {then} }}\n scope {{ interface-set [ input:65000:1 ]; }}\n match {{\n {matches} }}\n }}\n }}"),
        format!("flow {{ route {flat}; }}"),
        format!("announce {{ ipv4 {{ flow {flat}; }} }}"),
    ]
    .iter()
    .map(|statements| peer(statements).routes.clone())
    .collect();
    all.iter().for_each(|routes| assert_eq!(routes, &all[0]));
    assert_eq!(shown(&all[0]), ["ipv4 flow [17, 1, 24, 10, 0, 0, 3, 129, 6, 5, 1, 80, 19, 31, 64, 213, 31, 164] None"]);
    assert_eq!(all[0].attributes[0].get(16).map(|attr| attr.value.len()), Some(24));
    let of_vpn = peer(
        "flow { route { next-hop 192.0.2.7; match { source 2001:db8::/32; } rd 65000:1; then { redirect-to-nexthop; } } }",
    );
    let route = &of_vpn.routes.routes[0];
    assert_eq!((route.family, route.nlri.nlri().len()), (Family::new(Afi::IPV6, Safi::FLOW_VPN), 16));
}

#[test]
fn attributes_are_read_and_kept_once() {
    let routes = peer(
        "static {
            route 10.0.0.0/24 next-hop 192.0.2.1 med 5 community [ 65000:1 no-export ] as-path [ 65010 65020 ];
            route 10.0.1.0/24 { as-path [ 65010 65020 ]; community [ no-export 65000:1 ]; med 5; next-hop 192.0.2.1; }
            route 10.0.2.0/24 next-hop 192.0.2.1 med 6 local-preference 200;
        }",
    )
    .routes
    .clone();
    let sets: Vec<u32> = routes.routes.iter().map(|route| route.attributes).collect();
    assert_eq!(sets, [0, 0, 1], "words in another order are the same attributes");
    assert_eq!(routes.attributes[1].iter().map(|attr| attr.code).collect::<Vec<_>>(), [4, 5]);
}

#[test]
fn routes_of_a_family_that_is_not_offered() {
    let statements = "family { ipv6 unicast; } static {
        route 2001:db8::/32 next-hop 2001:db8::1 watchdog six;
        route 10.0.0.0/8 next-hop 192.0.2.1 watchdog four;
        route 2001:db8:1::/48 next-hop 2001:db8::1 watchdog six;
    }";
    let loaded = accepted(&neighbor(statements));
    let routes = &loaded.config.peers[0].routes;
    assert_eq!(routes.routes.len(), 2);
    assert_eq!(routes.watchdogs, [("six".into(), vec![0, 1]), ("four".into(), vec![])]);
    assert!(loaded.warnings[0].message.contains("1 routes are not announced"), "{:?}", loaded.warnings);
}

#[test]
fn a_template_wins_and_adds() {
    let text = format!(
        "template {{
            neighbor t {{ hold-time 30; family {{ ipv4 unicast; }} capability {{ asn4 disable; }}
                static {{ route 10.1.0.0/16 next-hop 192.0.2.1; }} }}
            neighbor u {{ hold-time 60; static {{ route 10.2.0.0/16 next-hop 192.0.2.1; }} }}
        }}
        neighbor 192.0.2.2 {{ {BASE} hold-time 90; inherit [ t, u ]; family {{ ipv6 unicast; }}
            static {{ route 10.0.0.0/16 next-hop 192.0.2.1; }} }}
        neighbor 192.0.2.3 {{ {BASE} inherit t; }}
        neighbor 192.0.2.4 {{ {BASE} inherit t; inherit nobody; }}"
    );
    let loaded = accepted(&text);
    let [a, b, c] = &*loaded.config.peers else { panic!("{:?}", loaded.config.peers) };
    assert_eq!(a.hold_time, 60, "the last template counts");
    assert_eq!(a.families, [Family::IPV6_UNICAST, Family::IPV4_UNICAST]);
    let order: Vec<_> = a.routes.routes.iter().map(|route| route.nlri.nlri()[2]).collect();
    assert_eq!(order, [0, 1, 2], "own routes first");
    assert_eq!(a.routes.attributes.len(), 1);
    assert!(!a.capability.asn4);
    assert_eq!((b.hold_time, b.routes.routes.len()), (30, 1), "what one neighbor took does not reach another");
    assert!(std::sync::Arc::ptr_eq(&b.routes, &c.routes), "routes of a template are kept once");
    let odd: Vec<_> = loaded.warnings.iter().map(|w| w.to_string()).collect();
    assert!(odd[0].contains("template `t` overrides this: `hold-time` is 30"), "{odd:?}");
    assert!(odd.iter().any(|w| w.contains("no template called `nobody`")), "{odd:?}");
    assert_eq!(odd.len(), 2);
}

#[test]
fn a_group_gives_defaults() {
    let text = "group lab {
        local-as 65000; peer-as 65001; hold-time 30; router-id 192.0.2.9;
        process x { run /bin/true; }
        static { route 10.0.0.0/8 next-hop 192.0.2.1; }
        neighbor 192.0.2.2 { hold-time 90; process x; }
        neighbor 192.0.2.3 { static { route 10.0.0.0/9 next-hop 192.0.2.1; } }
    }
    neighbor 192.0.2.4 { router-id 192.0.2.9; local-as 1; peer-as 1; }";
    let config = accepted(text).config;
    let facts: Vec<_> = config.peers.iter().map(|p| (p.hold_time, p.routes.routes.len(), p.api.len())).collect();
    assert_eq!(facts, [(90, 1, 1), (30, 2, 0), (180, 0, 0)]);
}

#[test]
fn one_session_for_each_family() {
    let config = accepted(&neighbor(
        "capability { multi-session; } family { ipv4 unicast; ipv6 unicast; }
         static { route 10.0.0.0/8 next-hop self; route 2001:db8::/32 next-hop 2001:db8::1; }",
    ))
    .config;
    let facts: Vec<_> = config.peers.iter().map(|p| (p.families.clone(), p.routes.routes.len())).collect();
    assert_eq!(facts, [(vec![Family::IPV4_UNICAST], 1), (vec![Family::IPV6_UNICAST], 1)]);
    assert_ne!(config.peers[0].index(), config.peers[1].index());
}

#[test]
fn odd_but_accepted() {
    for (text, line, says) in [
        (neighbor("hold-time 30 foo bar;"), 3, "does not need these words"),
        (neighbor("family { ipv4 unicast }"), 3, "no effect"),
        (format!("neighbor 192.0.2.2 {{ {BASE}"), 1, "never closed"),
        (format!("{} }} what ever", neighbor("")), 5, "closes nothing"),
        (neighbor("hold-time 30;\nhold-time 40;"), 4, "set twice"),
        (neighbor("static { route 10.0.0.0/8 junk { next-hop self; } }"), 3, "does not need"),
        (neighbor("family { ipv4 unicast; all; }"), 3, "`all` has no effect"),
        (neighbor("capability { link-local-prefer true; }"), 3, "no effect yet"),
        (neighbor("passive; peer-address 192.0.2.1/24;"), 3, "bits set beyond"),
        (neighbor("local-as 0;"), 3, "RFC 7607"),
        (neighbor("inherit nobody;"), 3, "nothing is inherited"),
        (neighbor("flow { route {\n match { }\n then { discard; } } }"), 3, "matches every packet"),
        (neighbor("flow {\n route discard; }"), 4, "matches every packet"),
        (neighbor("announce { ipv6 {\n flow source ::1/128/120 discard; } }"), 4, "not as RFC 8956"),
        (neighbor("static {\n route 2001:db8::/32 next-hop 192.0.2.1; }"), 4, "RFC 2545"),
        (neighbor("static {\n route 10.0.0.0/8 next-hop 2001:db8::1; }"), 4, "RFC 8950"),
    ] {
        let loaded = accepted(&text);
        let found = loaded.warnings.iter().find(|w| w.message.contains(says));
        assert_eq!(found.map(|w| w.at.line), Some(line), "{text}\n{:#?}", loaded.warnings);
    }
    assert!(accepted(&neighbor("# a \"comment\" with 'quotes\nhold-time 30; # and one more")).warnings.is_empty());
}

#[test]
fn every_example_is_accepted() {
    for keyword in keywords() {
        for section in keyword.within {
            let example = match keyword.example {
                "" if keyword.bare.is_some() => format!("{};", keyword.name),
                "" => continue,
                example => example.to_owned(),
            };
            let example = match (section, keyword.name) {
                (Section::Family | Section::AddPath, _) => example,
                (Section::Neighbor, "listen") => format!("local-address 192.0.2.1; {example}"),
                // some families are offered if they are asked for
                (Section::Announce, "opaque") => format!("{example} }} family {{ opaque key-value;"),
                (Section::Announce, "afi-N") => format!("{example} }} family {{ afi-99 safi-5;"),
                _ => example,
            };
            let around = match section {
                Section::Root => example,
                Section::Group => format!("group {{ {example} }}"),
                Section::Template => format!("template {{ {example} }}"),
                Section::Process => format!("process p {{ run /bin/true; {example} }}"),
                Section::Neighbor => neighbor(&example),
                Section::Api => neighbor(&format!("api {{ {example} }}")),
                Section::Send => neighbor(&format!("api {{ send {{ {example} }} }}")),
                Section::Receive => neighbor(&format!("api {{ receive {{ {example} }} }}")),
                Section::Operational => neighbor(&format!("capability {{ operational; }} operational {{ {example} }}")),
                Section::AnnounceAfi => neighbor(&format!("announce {{ ipv4 {{ {example} }} }}")),
                Section::Rule(_) => neighbor(&format!("flow {{ route {{ match {{ protocol tcp; }} {example} }} }}")),
                other => neighbor(&format!("{} {{ {example} }}", other.name())),
            };
            let text = format!(
                "template {{ neighbor inherited {{ }} }} process watch {{ run /bin/true; }}\n{}",
                around
                    .replace("inherit customer", "inherit inherited")
                    .replace("process watch { run /bin/watch", "process other { run /bin/watch")
            );
            let loaded = read(&text).unwrap_or_else(|problems| panic!("{text}\n{problems:#?}"));
            let odd: Vec<_> = loaded.warnings.iter().filter(|w| !w.message.contains("set twice")).collect();
            let silent = matches!(keyword.name, "local-link-local");
            assert!(odd.is_empty() || silent, "{text}\n{odd:#?}");
        }
    }
}

#[test]
fn work_grows_with_the_statements() {
    let text = |neighbors: u32, routes: u32| {
        let mut text = String::from("template { neighbor t { local-as 1; peer-as 2; router-id 192.0.2.9;\nstatic {\n");
        for i in 0..routes {
            let [_, a, b, c] = i.to_be_bytes();
            text.push_str(&format!("route {}.{b}.{c}.0/24 next-hop 192.0.2.1 split /24;\n", 20 + a));
        }
        text.push_str("} } }\n");
        for i in 0..neighbors {
            let [_, a, b, c] = i.to_be_bytes();
            text.push_str(&format!("neighbor 10.{a}.{b}.{c} {{ inherit t; }}\n"));
        }
        text
    };
    for (neighbors, routes) in [(10, 100), (3000, 20_000)] {
        let loaded = accepted(&text(neighbors, routes));
        assert_eq!(loaded.statements, u64::from(3 + 4 - 1 + routes + 2 * neighbors));
        let first = &loaded.config.peers[0].routes;
        assert_eq!((first.routes.len(), first.attributes.len()), (usize::try_from(routes).unwrap(), 1));
        assert!(loaded.config.peers.iter().all(|peer| std::sync::Arc::ptr_eq(&peer.routes, first)));
    }
}

#[test]
fn the_environment_counts() {
    let env = [("exabgp_tcp_port", "1790"), ("exabgp_bgp_passive", "true"), ("exabgp_version", "5.0.0-test")];
    let env = Environment::read(env.map(|(k, v)| (k.to_owned(), v.to_owned())), None).unwrap();
    let text = format!("neighbor 192.0.2.0/24 {{ {BASE} }}");
    let config = load(text.as_bytes(), &env, &common::context()).unwrap().config;
    assert_eq!((config.settings.port, config.settings.passive), (1790, true));
    assert_eq!(config.settings.software_version, "ExaBGP/5.0.0-test");
    assert!(read(&text).is_err(), "a network needs a passive neighbor");
}
