//! The fields of everything that can be in an input, in the order they are written. One that is missing here is refused
//! by the compiler; one that comes or goes is a new number in [`MAGIC`](super::MAGIC).

use super::coding::{Coded, In, Out, Recent, Shared};
use super::{Damaged, Opening, Record, Standing, Start};
use crate::command::{ClientId, Command, Detail, Filter, ProcessId, Rib, Selector, Show, Term};
use crate::config::{
    ApiConfig, CapabilityConfig, Config, ConfigRoute, ConfigRoutes, Encoder, MessageConfig, PeerConfig, ProcessConfig,
    Settings, Transport,
};
use crate::{CloseReason, ConnId, ExitStatus, Input};
use herald_bgp::attribute::{self, Attributes};
use herald_bgp::capability::role::Role;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::nlri::{NextHop, Stored};
use herald_bgp::operational::Said;
use herald_bgp::read;
use herald_bgp::route::{Nlris, Route};
use herald_bgp::value::Asn;

/// The signals a daemon listens to.
const SIGNALS: [&str; 6] = ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM"];

macro_rules! recent {
    () => {};
    ($place:ident) => {
        fn recent(shared: &mut Shared) -> Option<&mut Recent<Self>> {
            Some(&mut shared.$place)
        }
    };
}

macro_rules! fields {
    ($($name:ident $(in $place:ident)? { $($field:tt: $value:ident),* $(,)? })*) => {$(
        impl Coded<'_> for $name {
            fn write(&self, out: &mut Out) {
                let $name { $($field: $value),* } = self;
                $($value.write(out);)*
            }
            fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
                $(let $value = Coded::read(from)?;)*
                Ok($name { $($field: $value),* })
            }
            recent!($($place)?);
        }
    )*};
}

macro_rules! variants {
    ($($name:ident $(<$life:lifetime>)? $(in $place:ident)? {
        $($tag:literal $variant:ident { $($field:tt: $value:ident),* }),* $(,)?
    })*) => {$(
        impl<'a> Coded<'a> for $name $(<$life>)? {
            fn write(&self, out: &mut Out) {
                match self {
                    $($name::$variant { $($field: $value),* } => {
                        out.octets.push($tag);
                        $($value.write(out);)*
                    })*
                }
            }
            fn read(from: &mut In<'a>) -> Result<Self, Damaged> {
                Ok(match from.octet()? {
                    $($tag => {
                        $(let $value = Coded::read(from)?;)*
                        $name::$variant { $($field: $value),* }
                    })*
                    _ => return Err(from.damaged(concat!("a variant of ", stringify!($name)))),
                })
            }
            recent!($($place)?);
        }
    )*};
}

fields! {
    Start { id: a, number: b, seed: c, notes: d, standing: e }
    Standing { config: a, connections: b }
    Opening { conn: a, to: b, remote: c, local: d, received: e }

    ProcessId { 0: a }
    Asn { 0: a }
    Afi { 0: a }
    Safi { 0: a }
    Family { afi: a, safi: b }
    Term { key: a, value: b }
    Show { detail: a, json: b }
    Route { family: a, nlris: b, attributes: c, watchdog: d, withdraw: e }

    Config { settings: a, processes: b, peers: c }
    Settings {
        listen: a, port: b, open_wait: c, attempts: d, passive: e, respawn: f, terminate: g, software_version: h,
        delay: i, refuse_in_words: j,
    }
    ProcessConfig { name: a, run: b, encoder: c, respawn: d }
    PeerConfig {
        address: a, range: b, local_address: c, router_id: d, local_as: e, peer_as: f, hold_time: g, passive: h,
        listen: i, connect: j, transport: k, description: l, host_name: m, domain_name: n, group_updates: o,
        auto_flush: p, adj_rib_in: q, adj_rib_out: r, manual_eor: s, rate_limit: t, families: u, capability: v, api: w,
        routes: x, operational: y, logged: z, link_local: aa,
    }
    Said { kind: a, family: b, router_id: c, sequence: d, counter: e, octets: f }
    Transport { outgoing_ttl: a, incoming_ttl: b, md5: c, md5_ip: d, source_interface: e }
    CapabilityConfig {
        asn4: a, extended_message: b, route_refresh: c, graceful_restart: d, multi_session: e, operational: f,
        add_path: g, add_path_families: h, next_hop: i, aigp: j, software_version: k, link_local_next_hop: l,
        restart_notification: m, long_lived: n, role: o, role_strict: p, multiple_labels: q, raw: r,
    }
    ApiConfig {
        processes: a, controllers: b, neighbor_changes: c, negotiated: d, fsm: e, signal: f, send: g, receive: h,
    }
    MessageConfig {
        parsed: a, packets: b, consolidate: c, open: d, update: e, notification: f, keepalive: g, refresh: h,
        operational: i,
    }
    ConfigRoutes in routes { attributes: a, routes: b, watchdogs: c }
    ConfigRoute { nlri: a, attributes: b, family: c, withdrawn: d }
}

variants! {
    Record<'a> {
        0 Input { 0: a },
        1 Called { conn: a, to: b },
        2 Pulled { conn: a, budget: b, taken: c },
        3 Missing { count: a },
    }
    Input<'a> {
        0 Tick {},
        1 Accepted { conn: a, local: b, remote: c },
        2 Connected { conn: a, local: b },
        3 Received { conn: a, bytes: b },
        4 Closed { conn: a, why: b },
        5 Command { from: a, command: b },
        6 ClientSlow { client: a, slow: b },
        7 Exited { process: a, status: b },
        8 Configure { 0: a },
        9 NotConfigured {},
        10 Signal { number: a, name: b },
    }
    CloseReason { 0 Failed { 0: a }, 1 Closed {}, 2 Broken { 0: a } }
    ExitStatus { 0 NotStarted {}, 1 Code { 0: a }, 2 Signal { 0: a } }
    ClientId { 0 Process { 0: a }, 1 Control { 0: a } }
    Command {
        0 Announce { to: a, route: b },
        1 Withdraw { to: a, route: b },
        2 Group { 0: a },
        3 Quiet { 0: a },
        4 Watchdog { name: a, announce: b },
        5 EndOfRib { to: a, family: b },
        6 RouteRefresh { to: a, family: b },
        7 Teardown { to: a, subcode: b, text: c },
        8 Flush { to: a },
        9 Clear { to: a, rib: b },
        10 ShowNeighbors { filter: a, show: b },
        11 ShowRoutes { rib: a, filter: b, families: c, show: d },
        12 Reload {},
        13 Restart {},
        14 Shutdown {},
        15 Pass {},
        16 Operational { to: a, said: b },
    }
    Role { 0 Provider {}, 1 RouteServer {}, 2 RouteServerClient {}, 3 Customer {}, 4 Peer {} }
    Rib { 0 In {}, 1 Out {} }
    Detail { 0 Summary {}, 1 Extensive {}, 2 Configuration {}, 3 Status {}, 4 List {} }
    Filter { 0 All {}, 1 Address { 0: a }, 2 Contains { 0: a }, 3 Selector { 0: a } }
    Selector in selectors { 0 All {}, 1 Any { 0: a } }
    Encoder { 0 Text {}, 1 Json {} }
    Nlris { 0 One { 0: a }, 1 Many { 0: a } }
    NextHop { 0 None {}, 1 SelfAddress {}, 2 Addr { 0: a }, 3 WithLinkLocal { 0: a, 1: b } }
}

/// The bit that tells both ranges apart goes last, where it costs nothing.
impl Coded<'_> for ConnId {
    fn write(&self, out: &mut Out) {
        out.number(self.0.rotate_left(1));
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        from.number().map(|n| ConnId(n.rotate_right(1)))
    }
}

impl Coded<'_> for &'static str {
    fn write(&self, out: &mut Out) {
        out.counted(self.as_bytes());
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        let name = from.counted()?;
        SIGNALS.into_iter().find(|known| known.as_bytes() == name).ok_or(from.damaged("the name of a signal"))
    }
}

impl Coded<'_> for Stored {
    fn write(&self, out: &mut Out) {
        self.path_id().write(out);
        out.counted(self.nlri());
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        Ok(Stored::new(Option::read(from)?, from.counted()?))
    }
}

impl Coded<'_> for Attributes {
    fn write(&self, out: &mut Out) {
        self.next_hop.write(out);
        out.counted(self.bytes());
    }
    fn read(from: &mut In<'_>) -> Result<Self, Damaged> {
        let next_hop: NextHop = Coded::read(from)?;
        let mut octets = read::Reader::new(from.counted()?, 0);
        let mut list = Vec::new();
        while !octets.is_empty() {
            list.push(attribute::read(&mut octets).map_err(|_| from.damaged("path attributes"))?);
        }
        Ok(Attributes::new(next_hop, list))
    }
    recent!(attributes);
}
