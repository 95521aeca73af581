mod noise;

use super::*;
use herald_bgp::context::Context;
use herald_bgp::family::Family;
use herald_bgp::message::{self, Kind};
use herald_bgp::open::Open;
use herald_bgp::value::Asn;
use herald_speaker::config::{ApiConfig, PeerConfig};
use herald_speaker::event::{Direction, Negotiated, Refresh, What};
use herald_speaker::session::State;
use std::net::{IpAddr, Ipv4Addr};

const ALL: [Dialect; 3] = [Dialect::V4, Dialect::V5, Dialect::V6];

fn peer(subscribed: bool, path_ids: bool) -> Arc<PeerView> {
    let mut config = PeerConfig::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)));
    config.api.push(ApiConfig { negotiated: subscribed, ..ApiConfig::default() });
    let families = vec![Family::IPV4_UNICAST, Family::IPV6_UNICAST];
    let add_path_send = if path_ids { vec![Family::IPV4_UNICAST] } else { Vec::new() };
    let context = Context { families, add_path_send, ..Context::plain(Asn(65001), Asn(65001)) };
    let open = Open::new(65001, 90, Ipv4Addr::new(1, 1, 1, 1));
    let negotiated = Negotiated {
        context,
        hold_time: 90,
        refresh: Refresh::Enhanced,
        multisession: false,
        operational: true,
        sent: open.clone(),
        received: open,
    };
    Arc::new(PeerView {
        id: PeerId(1),
        address: config.address,
        config: Arc::new(config),
        local_address: Some(Ipv4Addr::LOCALHOST.into()),
        local_as: Some(Asn(65001)),
        peer_as: Some(Asn(65001)),
        router_id: Some(Ipv4Addr::new(1, 1, 1, 1)),
        negotiated: Some(Arc::new(negotiated)),
    })
}

fn encoder(dialect: Dialect, compact: bool) -> Encoder {
    Encoder::new(Style { dialect, compact, hops: dialect != Dialect::V6 }, Identity::new(dialect.version(), "h", 1, 2))
}

const WALL: UnixNanos = UnixNanos(1_795_352_088_500_000_000);

fn line(dialect: Dialect, peer: &Arc<PeerView>, what: What<'_>, json: bool, form: Form) -> String {
    let mut out = String::new();
    let which = if json { config::Encoder::Json } else { config::Encoder::Text };
    encoder(dialect, false).event(&Event { peer, what }, WALL, which, form, &mut out);
    out
}

/// What follows `"neighbor": { … router-id` in a line, checked to be all there is in front of it.
fn after_envelope(dialect: Dialect, kind: &str, line: &str) -> String {
    let id = if dialect == Dialect::V4 { " " } else { ", \"router-id\": \"1.1.1.1\" " };
    let head = format!(
        "{{ \"exabgp\": \"{}\", \"time\": 1795352088.5, \"host\" : \"h\", \"pid\" : 1, \"ppid\" : 2, \"counter\": 1, \
         \"type\": \"{kind}\", \"neighbor\": {{ \"address\": {{ \"local\": \"127.0.0.1\", \"peer\": \"127.0.0.2\" }}, \
         \"asn\": {{ \"local\": 65001, \"peer\": 65001 }}{id}",
        dialect.version()
    );
    let rest = line.strip_prefix(&head).unwrap_or_else(|| panic!("{head}\n{line}"));
    rest.strip_suffix('\n').unwrap().to_owned()
}

fn json_of(dialect: Dialect, kind: &str, what: What<'_>) -> String {
    after_envelope(dialect, kind, &line(dialect, &peer(false, false), what, true, Form::Parsed))
}

fn wire(kind: Kind, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    message::write(&mut out, kind, |out| out.extend_from_slice(body));
    out
}

fn received(bytes: &[u8]) -> What<'_> {
    What::Message { direction: Direction::Receive, bytes, faults: &[] }
}

fn hex(text: &str) -> Vec<u8> {
    herald_bgp::text::hex(text).unwrap()
}

/// An announcement of 10.0.1.0/24 and 10.0.2.0/25, and a withdrawal of 10.0.0.0/24.
const UPDATE: &str = "0004180a0000 0015 40010100 400200 40050400000064 400304c0000201 180a0001 190a000200";

fn update() -> Vec<u8> {
    wire(Kind::UPDATE, &hex(&UPDATE.replace(' ', "")))
}

const NEGOTIATED: &str = "\"negotiated\": { \"message_size\": 4096, \"hold_time\": 90, \"asn4\": true, \
    \"multisession\": false, \"operational\": true, \"refresh\": \"enhanced\", \"families\": [\"ipv4 unicast\", \
    \"ipv6 unicast\"], \"nexthop\": [], \"add_path\": {\"send\": [], \"receive\": []} }";
const NEGOTIATED_V4: &str = "\"negotiated\": { \"message_size\": 4096, \"hold_time\": 90, \"asn4\": true, \
    \"multisession\": false, \"operational\": true, \"refresh\": \"enhanced\", \"families\": [ \"ipv4 unicast\" ,\
    \"ipv6 unicast\" ], \"nexthop\": [  ], \"add_path\": { \"send\": [  ], \"receive\": [  ] } }";

fn negotiated(dialect: Dialect) -> &'static str {
    if dialect == Dialect::V4 { NEGOTIATED_V4 } else { NEGOTIATED }
}

#[test]
fn states_and_signals() {
    for dialect in ALL {
        assert_eq!(json_of(dialect, "state", What::Connected), ", \"state\": \"connected\" } }");
        assert_eq!(json_of(dialect, "state", What::Up), ", \"state\": \"up\" } }");
        assert_eq!(json_of(dialect, "fsm", What::Fsm(State::OpenSent)), ", \"state\": \"OPENSENT\" } }");
        let signal = What::Signal { number: 15, name: "SIGTERM" };
        assert_eq!(json_of(dialect, "signal", signal), ", \"code\": \"15\", \"name\": \"SIGTERM\" } }");
        let want = format!(", {}  }} }}", negotiated(dialect));
        assert_eq!(json_of(dialect, "negotiated", What::Negotiated), want);
        for silent in [signal, What::Negotiated, What::Fsm(State::Idle)] {
            assert_eq!(line(dialect, &peer(false, false), silent, false, Form::Parsed), "");
        }
        assert_eq!(line(dialect, &peer(false, false), What::Up, false, Form::Parsed), "neighbor 127.0.0.2 up\n\n");
    }
}

#[test]
fn reasons_of_an_end() {
    let reason = What::Down("notification received (6,2)");
    for dialect in [Dialect::V5, Dialect::V6] {
        let want = ", \"state\": \"down\", \"reason\": \"notification received (6,2)\" } }";
        assert_eq!(json_of(dialect, "state", reason), want);
    }
    let v4 = |reason| json::v4_reason(reason, ["(", ")"]);
    assert_eq!(
        v4("notification received (4,0)"),
        "peer reset, message (notification received (4,0)) error(Hold timer expired / Unspecific)"
    );
    assert_eq!(
        v4("closing connection"),
        "peer reset, message (closing connection) error(the TCP connection was closed by the remote end)"
    );
    assert_eq!(v4("stop, message [shutting down]"), "stop, message (shutting down)");
    assert_eq!(v4(""), "peer reset, message () error()");
    assert_eq!(
        line(Dialect::V4, &peer(false, false), What::Down("closing connection"), false, Form::Parsed),
        "neighbor 127.0.0.2 down - peer reset, message [closing connection] \
         error[the TCP connection was closed by the remote end]\n\n"
    );
}

#[test]
fn keepalives_in_all_forms() {
    let bytes = wire(Kind::KEEPALIVE, &[]);
    let header = "0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001304";
    for dialect in ALL {
        assert_eq!(json_of(dialect, "keepalive", received(&bytes)), ", \"direction\": \"receive\"  } }");
        let raw = line(dialect, &peer(true, false), received(&bytes), true, Form::Packets);
        assert_eq!(
            after_envelope(dialect, "keepalive", &raw),
            format!(
                ", \"direction\": \"receive\", \"message\": {{ \"category\": 4, \"header\": \"{header}\", \
                 \"body\": \"0x\" }} , {}  }} }}",
                negotiated(dialect)
            )
        );
        let both = line(dialect, &peer(false, false), received(&bytes), true, Form::Consolidated);
        assert!(both.contains(&format!("\"type\": \"keepalive\", \"header\": \"{header}\", \"neighbor\"")));
        assert_eq!(
            line(dialect, &peer(false, false), received(&bytes), false, Form::Consolidated),
            format!("neighbor 127.0.0.2 receive keepalive header {header}\n\n")
        );
    }
}

#[test]
fn opens() {
    let mut open = Open::new(65002, 90, Ipv4Addr::new(2, 2, 2, 2));
    open.capabilities = vec![(1, vec![0, 1, 0, 1]), (2, vec![])];
    let mut bytes = Vec::new();
    open.write(&mut bytes);
    for dialect in ALL {
        assert_eq!(
            json_of(dialect, "open", received(&bytes)),
            ", \"direction\": \"receive\", \"open\": { \"version\": 4, \"asn\": 65002, \"hold_time\": 90, \
             \"router_id\": \"2.2.2.2\", \"capabilities\": { \"1\": { \"name\": \"multiprotocol\", \"families\": \
             [ \"ipv4/unicast\" ] }, \"2\": { \"name\": \"route-refresh\", \"variant\": \"RFC\" } } } } }"
        );
        let sent = What::Message { direction: Direction::Send, bytes: &bytes, faults: &[] };
        assert!(json_of(dialect, "open", sent).contains("\"send\", \"open\": { \"version\": 4"));
        assert!(json_of(dialect, "open", sent).contains("\"capabilities\": { \"multiprotocol\": {"));
        assert_eq!(
            line(dialect, &peer(false, false), received(&bytes), false, Form::Parsed),
            "neighbor 127.0.0.2 receive open version 4 asn 65002 hold_time 90 router_id 2.2.2.2 capabilities \
             [multiprotocol(ipv4 unicast), route refresh]\n\n"
        );
    }
}

#[test]
fn notifications() {
    let bytes = wire(Kind::NOTIFICATION, b"\x06\x02\x0bbye for now");
    let data = "0x53687574646F776E20436F6D6D756E69636174696F6E3A202262796520666F72206E6F7722";
    let start =
        format!(", \"direction\": \"receive\", \"notification\": {{ \"code\": 6, \"subcode\": 2, \"data\": \"{data}\"");
    for dialect in ALL {
        let message = ", \"message\": \"Shutdown Communication: \\\"bye for now\\\"\"";
        let message = if dialect == Dialect::V4 { "" } else { message };
        assert_eq!(json_of(dialect, "notification", received(&bytes)), format!("{start}{message} }}  }} }}"));
        assert_eq!(
            line(dialect, &peer(false, false), received(&bytes), false, Form::Parsed),
            format!("neighbor 127.0.0.2 receive notification code 6 subcode 2 data {data}\n\n")
        );
    }
}

#[test]
fn refreshes_and_operational_messages() {
    let bytes = wire(Kind::ROUTE_REFRESH, &[0, 1, 1, 1]);
    let count = wire(Kind::OPERATIONAL, &[0, 4, 0, 15, 0, 1, 1, 2, 2, 2, 2, 0, 0, 0, 42, 0, 0, 3, 232]);
    for dialect in ALL {
        assert_eq!(
            json_of(dialect, "refresh", received(&bytes)),
            ", \"direction\": \"receive\", \"route-refresh\": { \"afi\": \"ipv4\", \"safi\": \"unicast\", \
             \"subtype\": \"begin\" } } }"
        );
        assert_eq!(
            line(dialect, &peer(false, false), received(&bytes), false, Form::Parsed),
            "neighbor 127.0.0.2 receive route-refresh afi ipv4 safi unicast begin\n\n"
        );
        assert!(
            line(dialect, &peer(false, false), received(&bytes), true, Form::Packets).contains("\"route-refresh\"")
        );
        assert_eq!(
            json_of(dialect, "operational", received(&count)),
            ", \"direction\": \"receive\", \"operational\": { \"name\": \"RPCP\", \"afi\": \"ipv4\", \"safi\": \
             \"unicast\", \"router-id\": \"2.2.2.2\", \"sequence\": 42, \"counter\": 1000 } } }"
        );
        assert_eq!(
            line(dialect, &peer(false, false), received(&count), false, Form::Parsed),
            "neighbor 127.0.0.2 receive operational RPCP afi ipv4 safi unicast router-id 2.2.2.2 sequence 42 counter 1000\n"
        );
    }
}

/// As it was recorded; octets beyond ASCII as the first generations spell them.
#[test]
fn advisories_are_quoted_by_generation() {
    let told = |dialect, text: &[u8]| {
        let length = u8::try_from(text.len() + 3).unwrap();
        let bytes = wire(Kind::OPERATIONAL, &[&[0, 2, 0, length, 0, 1, 1][..], text].concat());
        let line = line(dialect, &peer(false, false), received(&bytes), false, Form::Parsed);
        let told = line.strip_prefix("neighbor 127.0.0.2 receive operational ASM afi ipv4 safi unicast advisory ");
        told.unwrap().to_owned()
    };
    for (text, v5, v6) in [
        ("static \"q\" {x} [y]", "\"b'static \"q\" {x} [y]'\"\n", "\"static \"q\" {x} [y]\"\n"),
        ("it's", "\"b\"it's\"\"\n", "\"it's\"\n"),
        ("'\"", "\"b'\\'\"'\"\n", "\"'\"\"\n"),
        ("a\n\\\u{e9}", "\"b'a\\n\\\\\\xc3\\xa9'\"\n", "\"a\\n\\\\xe9\"\n"),
    ] {
        assert_eq!(told(Dialect::V4, text.as_bytes()), v5);
        assert_eq!(told(Dialect::V5, text.as_bytes()), v5);
        assert_eq!(told(Dialect::V6, text.as_bytes()), v6);
    }
}

#[test]
fn updates_as_json() {
    for dialect in ALL {
        let next_hop = if dialect == Dialect::V6 { "\"next-hop\": \"192.0.2.1\", " } else { "" };
        let told = line(dialect, &peer(true, false), received(&update()), true, Form::Parsed);
        assert_eq!(
            after_envelope(dialect, "update", &told),
            format!(
                ", \"direction\": \"receive\", \"message\": {{ \"update\": {{ \"attribute\": {{ \"origin\": \"igp\", \
                 {next_hop}\"local-preference\": 100 }}, \"announce\": {{ \"ipv4 unicast\": {{ \"192.0.2.1\": \
                 [ {{ \"nlri\": \"10.0.1.0/24\" }}, {{ \"nlri\": \"10.0.2.0/25\" }} ] }} }}, \"withdraw\": \
                 {{ \"ipv4 unicast\": [ {{ \"nlri\": \"10.0.0.0/24\" }} ] }} }} }}, {}  }} }}",
                negotiated(dialect)
            )
        );
        let withdrawn = wire(Kind::UPDATE, &hex("0004180a00000000"));
        let member = if dialect == Dialect::V6 { format!(", {NEGOTIATED} ") } else { String::new() };
        let told = line(dialect, &peer(false, false), received(&withdrawn), true, Form::Parsed);
        assert_eq!(
            after_envelope(dialect, "update", &told),
            format!(
                ", \"direction\": \"receive\", \"message\": {{ \"update\": {{ \"withdraw\": {{ \"ipv4 unicast\": \
                 [ {{ \"nlri\": \"10.0.0.0/24\" }} ] }} }} }}{member} }} }}"
            )
        );
        let end = wire(Kind::UPDATE, &[0; 4]);
        assert!(
            line(dialect, &peer(false, false), received(&end), true, Form::Parsed)
                .contains("\"message\": { \"eor\": { \"afi\" : \"ipv4\", \"safi\" : \"unicast\" } }")
        );
    }
}

#[test]
fn updates_as_words() {
    let attributes = "next-hop 192.0.2.1 origin igp local-preference 100\n";
    let p = "neighbor 127.0.0.2 receive update";
    let announced = format!("{p} announced 10.0.1.0/24 {attributes}{p} announced 10.0.2.0/25 {attributes}");
    let withdrawn = format!("{p} withdrawn 10.0.0.0/24\n");
    for dialect in ALL {
        let routes = match dialect {
            Dialect::V6 => format!("{announced}{withdrawn}"),
            _ => format!("{withdrawn}{announced}"),
        };
        let told = line(dialect, &peer(false, false), received(&update()), false, Form::Parsed);
        assert_eq!(told, format!("{p} start\n{routes}{p} end\n\n"));
        let end = wire(Kind::UPDATE, &[0; 4]);
        assert_eq!(
            line(dialect, &peer(false, false), received(&end), false, Form::Consolidated),
            format!(
                "{p} start\n{p} route eor 1/1 (ipv4 unicast)\n header 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001702 \
                 body 0x00000000\n{p} end\n\n"
            )
        );
    }
}

#[test]
fn a_link_local_next_hop_lists_routes_twice_in_older_dialects() {
    let body = hex("0000003d4001010040020040050400000064800e2c0002012020010db8000000000000000000000001\
         fe800000000000000000000000000001003020010db80002");
    let bytes = wire(Kind::UPDATE, &body);
    let nlri = "[ { \"nlri\": \"2001:db8:2::/48\" } ]";
    let v5 = format!("{{ \"2001:db8::1\": {nlri}, \"fe80::1\": {nlri} }}");
    assert!(json_of(Dialect::V5, "update", received(&bytes)).contains(&v5));
    let v6 = format!("{{ \"2001:db8::1\": {nlri} }}");
    assert!(json_of(Dialect::V6, "update", received(&bytes)).contains(&v6));
}

#[test]
fn routes_of_both_places_are_one_list() {
    let attributes = "40010100 400200 40050400000064 400304c0000201 \
        800e0d 0001 01 04c0000201 00 180a0009 800f07 0001 01 180a0008";
    let body = hex(&format!("0004180a0000 002f {attributes} 180a0001").replace(' ', ""));
    let bytes = wire(Kind::UPDATE, &body);
    let told = json_of(Dialect::V5, "update", received(&bytes));
    assert!(
        told.ends_with(
            "\"announce\": { \"ipv4 unicast\": { \"192.0.2.1\": [ { \"nlri\": \"10.0.1.0/24\" }, \
         { \"nlri\": \"10.0.9.0/24\" } ] } }, \"withdraw\": { \"ipv4 unicast\": [ { \"nlri\": \"10.0.0.0/24\" }, \
         { \"nlri\": \"10.0.8.0/24\" } ] } } } } }"
        ),
        "{told}"
    );
}

#[test]
fn our_own_messages_are_read_with_what_we_send() {
    let bytes = wire(Kind::UPDATE, &hex("000000154001010040020040050400000064400304c000020100000007180a0000"));
    let what = What::Message { direction: Direction::Send, bytes: &bytes, faults: &[] };
    let told = line(Dialect::V5, &peer(false, true), what, true, Form::Parsed);
    assert!(told.contains("[ { \"nlri\": \"10.0.0.0/24\", \"path-information\": \"0.0.0.7\" } ]"), "{told}");
}

#[test]
fn routes_may_be_bare() {
    let mut out = String::new();
    let bytes = update();
    let event = Event { peer: &peer(false, false), what: received(&bytes) };
    encoder(Dialect::V5, true).event(&event, WALL, config::Encoder::Json, Form::Parsed, &mut out);
    assert!(out.contains("\"192.0.2.1\": [ \"10.0.1.0/24\", \"10.0.2.0/25\" ]"));
}

#[test]
fn events_of_a_neighbour_are_numbered() {
    let mut encoder = encoder(Dialect::V5, false);
    let mut number = |peer: &Arc<PeerView>, json| {
        let mut out = String::new();
        let which = if json { config::Encoder::Json } else { config::Encoder::Text };
        encoder.event(&Event { peer, what: What::Up }, WALL, which, Form::Parsed, &mut out);
        let rest = out.split("\"counter\": ").nth(1).unwrap_or_default();
        rest.split(',').next().unwrap_or_default().to_owned()
    };
    let first = peer(false, false);
    assert_eq!(
        (number(&first, true), number(&first, false), number(&first, true)),
        ("1".into(), "".into(), "2".into())
    );
    let same = peer(true, false);
    assert_eq!(number(&same, true), "3", "who is told what does not make it another neighbour");
    let mut config = (*same.config).clone();
    config.hold_time = 30;
    let other = Arc::new(PeerView { config: Arc::new(config), ..(*same).clone() });
    assert_eq!(number(&other, true), "1");
}

#[test]
fn a_message_that_is_none_has_octets_only() {
    let mut bytes = vec![0xff; 16];
    bytes.extend_from_slice(&[0, 10, 2]);
    for dialect in ALL {
        assert_eq!(line(dialect, &peer(true, false), received(&bytes), true, Form::Parsed), "");
        let raw = line(dialect, &peer(true, false), received(&bytes), true, Form::Packets);
        let kind = if dialect == Dialect::V6 { "unknown" } else { "nop" };
        assert!(after_envelope(dialect, kind, &raw).contains("\"category\": 0, \"header\": \"0xFF"));
    }
}

#[test]
fn farewell() {
    let mut out = String::new();
    encoder(Dialect::V5, false).shutdown(WALL, config::Encoder::Json, &mut out);
    assert_eq!(
        out,
        "{ \"exabgp\": \"5.0.0\", \"time\": 1795352088.5, \"host\" : \"h\", \"pid\" : 1, \"ppid\" : 2, \
         \"type\": \"notification\", \"notification\": \"shutdown\" }\n"
    );
    out.clear();
    encoder(Dialect::V5, false).shutdown(WALL, config::Encoder::Text, &mut out);
    assert_eq!(out, "shutdown 1 2\n\n");
}

#[test]
fn messages_of_no_session() {
    let mut out = String::new();
    assert!(encoder(Dialect::V6, false).offline(&peer(false, false), &update(), WALL, config::Encoder::Json, &mut out));
    assert!(out.contains("\"direction\": \"in\", \"message\": { \"update\": { \"attribute\": {"));
    out.clear();
    let short = wire(Kind::OPEN, &[4]);
    assert!(!encoder(Dialect::V6, false).offline(&peer(false, false), &short, WALL, config::Encoder::Json, &mut out));
    assert_eq!(out, "");
}
