//! What is read and written: messages as they are on the Internet, and at both ends of how densely they can be packed.

use herald_bgp::attribute::Attributes;
use herald_bgp::context::Context;
use herald_bgp::dice::Dice;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::nlri::Stored;
use herald_bgp::route::{Purpose, Route, parse_family};
use herald_bgp::text::{Grammar, Words};
use herald_bgp::update::pack::{self, Flush};
use herald_bgp::value::{Asn, Prefix};
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Messages of one kind.
pub struct Corpus {
    pub name: &'static str,
    /// What they were made of: attributes, and the routes that share them.
    pub runs: Vec<(Family, Arc<Attributes>, Vec<Stored>)>,
    pub messages: Vec<Vec<u8>>,
}

/// The session all messages are of.
pub fn session(families: impl IntoIterator<Item = Family>) -> Context {
    let mut cx = Context::plain(Asn(65000), Asn(65001));
    cx.families = families.into_iter().collect();
    cx.router_id = Ipv4Addr::new(192, 0, 2, 9);
    cx.aigp = true;
    cx
}

/// All corpora. `messages`: how many of each, about.
pub fn all(messages: usize) -> Vec<Corpus> {
    let unicast = |name, seed, density: &dyn Fn(&mut Dice) -> usize, share: usize| {
        let mut dice = Dice::new(seed);
        let runs = (0..messages / share).map(|_| {
            let routes = density(&mut dice);
            table_run(&mut dice, routes)
        });
        Corpus::new(name, runs.collect())
    };
    let l2vpn = Family::new(Afi::L2VPN, Safi(70));
    let flow = Family::new(Afi::IPV4, Safi(133));
    let ls = Family::new(Afi::BGP_LS, Safi(71));
    vec![
        // 8.5 routes a message on average, most messages with few
        unicast("table mix", 1, &|dice| [1, 1, 1, 2, 2, 3, 4, 6, 9, 16, 48][dice.below(11)], 1),
        unicast("one prefix a message", 2, &|_| 1, 1),
        unicast("packed to 4096", 3, &|_| 900, 40),
        family("EVPN", messages, l2vpn, |n, words| {
            let [.., a, b, c] = n.to_be_bytes();
            let _ = write!(
                words,
                "mac-ip rd 192.0.2.1:7 esi 00:11:22:33:44:55:66:77:88:99 ethernet-tag 100 mac 02:00:5E:{a:02X}:{b:02X}:{c:02X} \
                 ip 10.{a}.{b}.{c} label 1000 next-hop 192.0.2.1 extended-community target:65000:100"
            );
        }),
        family("FlowSpec", messages, flow, |n, words| {
            let [.., a, b, c] = n.to_be_bytes();
            let _ = write!(
                words,
                "destination 10.{a}.{b}.{c}/32 source 198.51.100.0/24 protocol =udp destination-port [ =53 >=1024&<=2000 ] \
                 packet-length >1400 rate-limit 9600 community 65000:666"
            );
        }),
        family("BGP-LS", messages, ls, |n, words| {
            let _ = write!(words, "raw 0x{} next-hop 192.0.2.1", link(n));
        }),
    ]
}

/// A link NLRI (RFC 9552 §5.2): two IS-IS nodes and the addresses of the link.
fn link(n: u32) -> String {
    let node = |code: u16, id: u32| {
        format!("{code:04X}001A020000040000FDE802010004000000000203000619216800{id:04X}", id = id & 0xffff)
    };
    let body = format!(
        "020000000000000000{}{}01030004{:08X}01040004{:08X}",
        node(256, n),
        node(257, n + 1),
        0x0a00_0000 | n,
        0x0b00_0000 | n
    );
    format!("0002{:04X}{body}", body.len() / 2)
}

/// Some routes with attributes as a full table has them: a path of 5 ASes, 4 communities, large ones now and then.
fn table_run(dice: &mut Dice, routes: usize) -> (Family, Arc<Attributes>, Vec<Stored>) {
    let v6 = dice.once_in(5);
    let (family, hop) = if v6 { (Family::IPV6_UNICAST, "2001:db8::1") } else { (Family::IPV4_UNICAST, "192.0.2.1") };
    let mut words = format!("next-hop {hop} origin igp as-path [ 65000");
    (0..3 + dice.below(4)).for_each(|_| {
        let _ = write!(words, " {}", 1 + dice.u32() % 400_000);
    });
    words.push_str(" ] med 10 community [");
    (0..1 + dice.below(7)).for_each(|_| {
        let _ = write!(words, " {}:{}", 1 + dice.u16() % 60_000, dice.u16());
    });
    words.push_str(" ]");
    if dice.once_in(7) {
        let _ = write!(words, " large-community [ {0}:1:2 {0}:3:4 ]", 1 + dice.u16());
    }
    let attributes = route(family, &format!("{} {words}", if v6 { "2001:db8::/32" } else { "10.0.0.0/8" })).attributes;
    let nlris = (0..routes).map(|_| {
        // global unicast, since some libraries refuse anything else
        let (len, addr) = if v6 {
            let bits = u128::from_be_bytes(dice.array()) >> 3 | 1 << 125;
            (32 + dice.below(17), IpAddr::V6(bits.into()))
        } else {
            let [_, b, c, d] = dice.array();
            ([24, 24, 24, 24, 22, 23, 20, 19, 16][dice.below(9)], IpAddr::from([1 + dice.u8() % 100, b, c, d]))
        };
        let prefix = Prefix::new(addr, len as u8).unwrap().masked();
        Stored::new(None, prefix.wire(&mut [0; 17]))
    });
    (family, attributes, nlris.collect())
}

/// One route a message, as words say it.
fn family(name: &'static str, messages: usize, family: Family, words: impl Fn(u32, &mut String)) -> Corpus {
    let runs = (0..messages as u32).map(|n| {
        let mut line = String::new();
        words(n, &mut line);
        let route = route(family, &line);
        (family, route.attributes, route.nlris.as_slice().to_vec())
    });
    Corpus::new(name, runs.collect())
}

fn route(family: Family, line: &str) -> Route {
    let route = parse_family(&mut Words::new(line, 0, Grammar::File), family, Purpose::Announce);
    route.unwrap_or_else(|e| panic!("{family} {line}: {e}"))
}

impl Corpus {
    fn new(name: &'static str, runs: Vec<(Family, Arc<Attributes>, Vec<Stored>)>) -> Corpus {
        let mut corpus = Corpus { name, runs, messages: Vec::new() };
        let mut messages = Vec::new();
        corpus.write(&mut Vec::new(), |mut rest| {
            while !rest.is_empty() {
                let (message, tail) = rest.split_at(usize::from(u16::from_be_bytes([rest[16], rest[17]])));
                messages.push(message.to_vec());
                rest = tail;
            }
        });
        corpus.messages = messages;
        corpus
    }

    /// Herald writes all messages, those of one attribute set at a time.
    pub fn write(&self, out: &mut Vec<u8>, mut written: impl FnMut(&[u8])) {
        let flush = Flush { pack: true, pack_withdrawals: true, sort: false };
        let cx = session([]);
        let mut refs = Vec::new();
        for (family, attributes, nlris) in &self.runs {
            refs.clear();
            refs.extend(nlris);
            out.clear();
            pack::announce(out, &cx, *family, attributes, &mut refs, &flush).unwrap();
            written(out);
        }
    }

    pub fn families(&self) -> impl Iterator<Item = Family> {
        [Family::IPV4_UNICAST, Family::IPV6_UNICAST].into_iter().chain(self.runs.first().map(|run| run.0))
    }

    pub fn octets(&self) -> usize {
        self.messages.iter().map(Vec::len).sum()
    }

    pub fn routes(&self) -> usize {
        self.runs.iter().map(|run| run.2.len()).sum()
    }
}
