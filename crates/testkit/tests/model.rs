//! Random schedules of commands, reloads, resets and stalls against a naive model of the Adj-RIB-Out.
//!
//! A schedule is a list of operations that stand for themselves, so that one that fails can be made shorter.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::expect_used, clippy::cast_possible_truncation)]

use Op::*;
use herald_bgp::attribute::{Attr, Attributes};
use herald_bgp::context::Context;
use herald_bgp::family::Family;
use herald_bgp::message::{self, Kind};
use herald_bgp::nlri::{NextHop, Stored};
use herald_bgp::refresh::RouteRefresh;
use herald_bgp::route::{Nlris, Route};
use herald_bgp::value::Asn;
use herald_speaker::command::{ClientId, Command, Rib, Selector, Term};
use herald_speaker::config::{Config, ConfigRoute, ConfigRoutes, PeerConfig};
use herald_speaker::event::Level;
use herald_speaker::time::Now;
use herald_speaker::{CloseReason, ConnId, Effect, Input, Speaker};
use herald_testkit::model::{Model, View};
use herald_testkit::rng::Rng;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

const PEERS: usize = 4;
const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const FAMILIES: [Family; 2] = [Family::IPV4_UNICAST, Family::IPV6_UNICAST];
const ASN: u32 = 65001;

/// What holds for a whole schedule.
#[derive(Clone, Copy, Debug)]
struct Setup {
    seed: u64,
    /// Prefixes of each family.
    prefixes: [usize; 2],
    /// Most routes of one command.
    bulk: usize,
    /// IPv4 NLRI have path identifiers.
    paths: bool,
    group_updates: bool,
    /// Greatest budget of a transmission.
    budget: usize,
}

/// A route: family, prefix, attribute set.
type Plain = (usize, usize, usize);

#[derive(Clone, Debug)]
enum Op {
    Announce {
        to: usize,
        family: usize,
        prefixes: Vec<usize>,
        set: usize,
    },
    Withdraw {
        to: usize,
        family: usize,
        prefixes: Vec<usize>,
    },
    Refresh {
        peer: usize,
        family: usize,
    },
    Flush {
        to: usize,
    },
    Clear {
        to: usize,
    },
    Down {
        peer: usize,
    },
    /// A new session, in place of the one there is; `offers`: bits of what the far end says.
    Reset {
        peer: usize,
        offers: usize,
    },
    Transmit {
        peer: usize,
        rounds: usize,
        seed: u64,
    },
    /// Everybody takes everything.
    Settle,
    Reload {
        peers: usize,
        routes: Vec<Vec<Plain>>,
        hold_time: u16,
    },
}

/// The far end speaks no IPv6, no refresh at all, no enhanced refresh, extended messages.
const NO_V6: usize = 1;
const NO_REFRESH: usize = 2;
const PLAIN_REFRESH: usize = 4;
const EXTENDED: usize = 8;

struct Far {
    conn: ConnId,
    awake: bool,
    offers: usize,
    view: View,
}

struct World {
    setup: Setup,
    speaker: Speaker,
    model: Model,
    fars: [Option<Far>; PEERS],
    conns: u64,
    sets: Vec<[Arc<Attributes>; 2]>,
}

/// What the speaker asked for.
enum Call {
    Wake(ConnId),
    Close(ConnId),
    Fault(String),
}

fn note(calls: &mut Vec<Call>, effect: Effect<'_>) {
    match effect {
        Effect::Wake { conn } => calls.push(Call::Wake(conn)),
        Effect::Close { conn, .. } => calls.push(Call::Close(conn)),
        Effect::Notice(notice) if notice.level == Level::Error => calls.push(Call::Fault(notice.message)),
        _ => {}
    }
}

impl World {
    fn new(setup: Setup) -> World {
        World {
            setup,
            speaker: Speaker::new(setup.seed, Now::default()),
            model: Model::new(LOCAL),
            fars: [const { None }; PEERS],
            conns: 0,
            sets: (0..4).map(|n| FAMILIES.map(|family| attributes(n, family))).collect(),
        }
    }

    fn input(&mut self, input: Input<'_>) -> Result<(), String> {
        let mut calls = Vec::new();
        self.speaker.handle(Now::default(), input, &mut |effect| note(&mut calls, effect));
        self.calls(calls)
    }

    fn calls(&mut self, calls: Vec<Call>) -> Result<(), String> {
        for call in calls {
            match call {
                Call::Fault(message) => return Err(message),
                Call::Wake(conn) => {
                    self.fars.iter_mut().flatten().filter(|far| far.conn == conn).for_each(|far| far.awake = true);
                }
                Call::Close(conn) => {
                    self.fars.iter_mut().filter(|f| f.as_ref().is_some_and(|f| f.conn == conn)).for_each(|f| *f = None);
                }
            }
        }
        Ok(())
    }

    fn command(&mut self, command: Command) -> Result<(), String> {
        self.input(Input::Command { from: ClientId::Control(0), command })
    }

    fn nlris(&self, family: usize, prefixes: &[usize]) -> Vec<Stored> {
        prefixes.iter().map(|n| stored(&self.setup, family, *n)).collect()
    }

    fn apply(&mut self, op: &Op) -> Result<(), String> {
        match op {
            Announce { to, family, prefixes, set } => {
                let (nlris, attributes) = (self.nlris(*family, prefixes), self.sets[*set][*family].clone());
                self.model.announce(&addresses(*to), FAMILIES[*family], &nlris, &attributes);
                self.command(Command::Announce { to: selector(*to), route: route(*family, nlris, attributes) })
            }
            Withdraw { to, family, prefixes } => {
                let nlris = self.nlris(*family, prefixes);
                self.model.withdraw(&addresses(*to), FAMILIES[*family], &nlris);
                let attributes = self.sets[0][*family].clone();
                self.command(Command::Withdraw { to: selector(*to), route: route(*family, nlris, attributes) })
            }
            Refresh { peer, family } => {
                let Some(far) = &self.fars[*peer] else { return Ok(()) };
                let (conn, mut bytes) = (far.conn, Vec::new());
                if far.offers & NO_REFRESH == 0 && (*family == 0 || far.offers & NO_V6 == 0) {
                    let request = RouteRefresh { family: FAMILIES[*family], subtype: RouteRefresh::REQUEST };
                    request.write(&mut bytes);
                }
                self.input(Input::Received { conn, bytes: &bytes })
            }
            Flush { to } => self.command(Command::Flush { to: selector(*to) }),
            Clear { to } => {
                self.model.clear(&addresses(*to));
                self.command(Command::Clear { to: selector(*to), rib: Rib::Out })
            }
            Down { peer } => match self.fars[*peer].take() {
                Some(far) => self.input(Input::Closed { conn: far.conn, why: CloseReason::Closed }),
                None => Ok(()),
            },
            Reset { peer, offers } => {
                self.apply(&Down { peer: *peer })?;
                self.establish(*peer, *offers)
            }
            Transmit { peer, rounds, seed } => {
                let mut rng = Rng::new(*seed);
                (0..*rounds).try_for_each(|_| {
                    let budget = 1 + rng.below(self.setup.budget);
                    self.transmit(*peer, budget, |length| rng.below(length + 1)).map(drop)
                })
            }
            Settle => self.settle(),
            Reload { peers, routes, hold_time } => self.reload(*peers, routes, *hold_time),
        }
    }

    fn establish(&mut self, peer: usize, offers: usize) -> Result<(), String> {
        let remote = address(peer);
        if !self.model.peers().any(|known| known == remote) {
            return Ok(());
        }
        self.conns += 1;
        let conn = ConnId::accepted(self.conns);
        let view = View::new(context(&self.setup, offers));
        self.fars[peer] = Some(Far { conn, awake: false, offers, view });
        let (local, remote) = (SocketAddr::new(LOCAL, 179), SocketAddr::new(remote, 1000));
        self.input(Input::Accepted { conn, local, remote })?;
        let mut bytes = open(&self.setup, peer, offers);
        message::write_keepalive(&mut bytes);
        self.input(Input::Received { conn, bytes: &bytes })?;
        if self.fars[peer].is_some() { Ok(()) } else { Err(format!("peer {peer} was refused")) }
    }

    /// One round; false if there was nothing.
    fn transmit(&mut self, peer: usize, budget: usize, take: impl FnOnce(usize) -> usize) -> Result<bool, String> {
        let Some(far) = self.fars[peer].as_mut().filter(|far| far.awake) else { return Ok(false) };
        let (conn, now, mut calls) = (far.conn, Now::default(), Vec::new());
        let bytes = self.speaker.transmit(now, conn, budget, &mut |effect| note(&mut calls, effect));
        let some = !bytes.is_empty();
        let taken = take(bytes.len());
        far.view.hear(&bytes[..taken]).map_err(|e| format!("peer {peer}: {e}"))?;
        far.awake = some;
        self.speaker.sent(now, conn, taken);
        self.calls(calls)?;
        Ok(some)
    }

    fn settle(&mut self) -> Result<(), String> {
        for peer in 0..PEERS {
            let mut rounds = 0;
            while self.transmit(peer, 20_000, |length| length)? {
                rounds += 1;
                if rounds > 10_000 {
                    return Err(format!("peer {peer} is sent without end"));
                }
            }
            let Some(far) = &self.fars[peer] else { continue };
            far.view.settled().map_err(|e| format!("peer {peer}: {e}"))?;
            let of_v6 = |family: Family| family == FAMILIES[1];
            let wanted = || {
                let all = self.model.routes(address(peer));
                all.filter(|(key, _)| far.offers & NO_V6 == 0 || !of_v6(key.0))
            };
            if !wanted().eq(far.view.routes()) {
                return Err(format!("peer {peer}: {}", difference(wanted(), far.view.routes())));
            }
        }
        Ok(())
    }

    fn reload(&mut self, peers: usize, routes: &[Vec<Plain>], hold_time: u16) -> Result<(), String> {
        let shared: Vec<_> = routes.iter().map(|list| Arc::new(self.configured(list))).collect();
        let list = (0..PEERS).filter(|peer| peers & (1 << peer) != 0).map(|peer| {
            let mut config = PeerConfig::new(address(peer));
            config.local_address = Some(LOCAL);
            config.local_as = Some(Asn(ASN));
            config.peer_as = Some(Asn(ASN));
            config.passive = true;
            config.hold_time = hold_time;
            config.group_updates = self.setup.group_updates;
            config.families = FAMILIES.to_vec();
            config.capability.route_refresh = true;
            config.capability.add_path = if self.setup.paths { 3 } else { 0 };
            config.capability.add_path_families = vec![(FAMILIES[0], None)];
            config.routes = shared[peer % shared.len()].clone();
            Arc::new(config)
        });
        let config = Config { peers: list.collect(), ..Config::default() };
        self.model.configure(&config);
        self.input(Input::Configure(Arc::new(config)))
    }

    fn configured(&self, list: &[Plain]) -> ConfigRoutes {
        let attributes = self.sets.iter().flatten().cloned().collect();
        let route = |(family, prefix, set): &Plain| ConfigRoute {
            nlri: stored(&self.setup, *family, *prefix),
            attributes: (set * 2 + family) as u32,
            family: FAMILIES[*family],
            withdrawn: false,
        };
        ConfigRoutes { attributes, routes: list.iter().map(route).collect(), watchdogs: Vec::new() }
    }
}

fn difference<'a>(
    wanted: impl Iterator<Item = (&'a herald_testkit::model::Key, &'a Arc<Attributes>)>,
    has: &herald_testkit::model::Routes,
) -> String {
    let wanted: herald_testkit::model::Routes = wanted.map(|(key, set)| (key.clone(), set.clone())).collect();
    let missing: Vec<_> = wanted.keys().filter(|key| !has.contains_key(*key)).collect();
    let extra: Vec<_> = has.keys().filter(|key| !wanted.contains_key(*key)).collect();
    let other: Vec<_> = wanted.iter().filter(|(key, set)| has.get(*key).is_some_and(|h| h != *set)).collect();
    format!("missing {missing:?}, extra {extra:?}, to be {other:?}")
}

fn address(peer: usize) -> IpAddr {
    [127, 0, 0, 2 + peer as u8].into()
}

fn addresses(to: usize) -> Vec<IpAddr> {
    (0..PEERS).filter(|peer| to & (1 << peer) != 0).map(address).collect()
}

fn selector(to: usize) -> Arc<Selector> {
    let term = |address: IpAddr| vec![Term { key: "neighbor".into(), value: address.to_string() }];
    Arc::new(match to {
        15 => Selector::All,
        _ => Selector::Any(addresses(to).into_iter().map(term).collect()),
    })
}

fn stored(setup: &Setup, family: usize, n: usize) -> Stored {
    let (path, n) = if setup.paths && family == 0 { (Some(1 + n as u32 % 3), n / 3) } else { (None, n) };
    let [high, low] = (n as u16).to_be_bytes();
    match family {
        0 => Stored::new(path, &[24, 10, high, low]),
        _ => Stored::new(path, &[48, 0x20, 0x01, 0x0d, 0xb8, high, low]),
    }
}

fn route(family: usize, mut nlris: Vec<Stored>, attributes: Arc<Attributes>) -> Route {
    let nlris = if nlris.len() == 1 { Nlris::One(nlris.remove(0)) } else { Nlris::Many(nlris) };
    Route { family: FAMILIES[family], nlris, attributes, watchdog: None, withdraw: false }
}

/// All that would be added on sending is in the set, so that what arrives is what was kept.
fn attributes(n: u8, family: Family) -> Arc<Attributes> {
    let next_hop = match (n, family == FAMILIES[0]) {
        (0, true) => NextHop::SelfAddress,
        (_, true) => NextHop::Addr([192, 0, 2, n].into()),
        (_, false) => NextHop::Addr([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1 + u16::from(n)].into()),
    };
    let set = [
        Attr { code: 1, flags: 0x40, value: &[0] },
        Attr { code: 2, flags: 0x40, value: &[] },
        Attr { code: 4, flags: 0x80, value: &[0, 0, 0, n / 2] },
        Attr { code: 5, flags: 0x40, value: &[0, 0, 0, 100] },
    ];
    Arc::new(Attributes::new(next_hop, set))
}

fn context(setup: &Setup, offers: usize) -> Context {
    let families = FAMILIES[..if offers & NO_V6 != 0 { 1 } else { 2 }].to_vec();
    Context {
        families,
        add_path_receive: FAMILIES[..usize::from(setup.paths)].to_vec(),
        message_size: if offers & EXTENDED != 0 { 65535 } else { 4096 },
        ..Context::plain(Asn(ASN), Asn(ASN))
    }
}

fn open(setup: &Setup, peer: usize, offers: usize) -> Vec<u8> {
    let asn = ASN.to_be_bytes();
    let mut capabilities = vec![1, 4, 0, 1, 0, 1, 65, 4, asn[0], asn[1], asn[2], asn[3]];
    if offers & NO_V6 == 0 {
        capabilities.extend([1, 4, 0, 2, 0, 1]);
    }
    if offers & NO_REFRESH == 0 {
        capabilities.extend([2, 0]);
        if offers & PLAIN_REFRESH == 0 {
            capabilities.extend([70, 0]);
        }
    }
    if offers & EXTENDED != 0 {
        capabilities.extend([6, 0]);
    }
    if setup.paths {
        capabilities.extend([69, 4, 0, 1, 1, 3]);
    }
    let mut bytes = Vec::new();
    message::write(&mut bytes, Kind::OPEN, |out| {
        out.extend([4, asn[2], asn[3], 0, 90, 127, 0, 0, 2 + peer as u8]);
        out.extend([capabilities.len() as u8 + 2, 2, capabilities.len() as u8]);
        out.extend(capabilities);
    });
    bytes
}

fn prefixes(rng: &mut Rng, setup: &Setup, family: usize) -> Vec<usize> {
    let count = 1 + if rng.below(2) == 0 { 0 } else { rng.below(setup.bulk) };
    let (first, all) = (rng.below(setup.prefixes[family]), setup.prefixes[family]);
    (0..count.min(all)).map(|n| (first + n) % all).collect()
}

fn reload(rng: &mut Rng, setup: &Setup) -> Op {
    let lists = 1 + rng.below(2);
    let list = |rng: &mut Rng| {
        let mut list = Vec::new();
        for _ in 0..rng.below(4) {
            let (family, set) = (rng.below(2), rng.below(4));
            list.extend(prefixes(rng, setup, family).into_iter().map(|prefix| (family, prefix, set)));
        }
        list
    };
    let routes = (0..lists).map(|_| list(rng)).collect();
    // Mostly the same peers and the same settings.
    let peers = if rng.below(3) == 0 { 1 + rng.below(15) } else { 15 };
    Reload { peers, routes, hold_time: if rng.below(6) == 0 { 90 } else { 180 } }
}

fn schedule(setup: &Setup) -> Vec<Op> {
    let mut rng = Rng::new(setup.seed);
    let mut ops = vec![reload(&mut rng, setup)];
    let offers = |rng: &mut Rng| if rng.below(2) == 0 { 0 } else { rng.below(16) };
    let some = |rng: &mut Rng| if rng.below(3) == 0 { 15 } else { 1 + rng.below(15) };
    ops.extend((0..PEERS).map(|peer| Reset { peer, offers: offers(&mut rng) }));
    for _ in 0..10 + rng.below(51) {
        let (peer, family) = (rng.below(PEERS), rng.below(3) / 2);
        let op = match rng.below(100) {
            0..30 => {
                let (to, set) = (some(&mut rng), rng.below(4));
                let announce = Announce { to, family, prefixes: prefixes(&mut rng, setup, family), set };
                if rng.below(8) == 0 {
                    ops.push(announce.clone());
                }
                announce
            }
            30..48 => Withdraw { to: some(&mut rng), family, prefixes: prefixes(&mut rng, setup, family) },
            48..56 => Refresh { peer, family },
            56..59 => Flush { to: some(&mut rng) },
            59..63 => Clear { to: some(&mut rng) },
            63..65 => Down { peer },
            65..71 => Reset { peer, offers: offers(&mut rng) },
            71..94 => Transmit { peer, rounds: 1 + rng.below(6), seed: rng.bits() },
            94..96 => Settle,
            _ => reload(&mut rng, setup),
        };
        ops.push(op);
    }
    ops
}

/// Runs a schedule and compares at the end, the sessions there are first, and then with everybody there.
fn run(setup: Setup, ops: &[Op]) -> Result<(), String> {
    let work = || {
        let mut world = World::new(setup);
        ops.iter().try_for_each(|op| world.apply(op))?;
        world.settle()?;
        for peer in 0..PEERS {
            if world.fars[peer].is_none() {
                world.establish(peer, 0)?;
            }
        }
        world.settle()
    };
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("panic".into()))
}

/// Leaves out what the failure does not need.
fn shorter(setup: Setup, mut ops: Vec<Op>) -> Vec<Op> {
    let mut size = ops.len() / 2;
    while size > 0 {
        let (mut at, before) = (0, ops.len());
        while at < ops.len() {
            let mut fewer = ops.clone();
            fewer.drain(at..(at + size).min(ops.len()));
            if run(setup, &fewer).is_err() { ops = fewer } else { at += size }
        }
        size = if size == 1 && ops.len() < before { 1 } else { size / 2 };
    }
    ops
}

fn check(setup: Setup) {
    let ops = schedule(&setup);
    if let Err(error) = run(setup, &ops) {
        let ops = shorter(setup, ops);
        let least = run(setup, &ops).expect_err("a shorter schedule fails as well");
        let list: Vec<_> = ops.iter().map(|op| format!("  {op:?}\n")).collect();
        panic!("{setup:?}\n{error}\nshortened: {least}\n{}", list.concat());
    }
}

#[test]
fn few_routes() {
    for seed in 0..10_000 {
        let paths = seed % 8 == 7;
        let budget = [1, 100, 600, 5000][seed as usize % 4];
        check(Setup { seed, prefixes: [20, 10], bulk: 6, paths, group_updates: seed % 5 != 4, budget });
    }
}

#[test]
fn many_routes() {
    for seed in 0..300 {
        let budget = [1, 3000, 10_000][seed as usize % 3];
        let group_updates = seed % 5 != 4;
        check(Setup { seed, prefixes: [600, 200], bulk: 300, paths: seed % 4 == 3, group_updates, budget });
    }
}
