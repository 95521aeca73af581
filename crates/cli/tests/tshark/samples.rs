//! Messages Herald writes, of every row of every table, and what it says of them itself.

use herald_bgp::attribute::{ATTRIBUTES, Attr, Attributes, code, flags};
use herald_bgp::capability::{self, CAPABILITIES, add_path, extended_next_hop, graceful_restart, multiprotocol};
use herald_bgp::context::Context;
use herald_bgp::dialect::Dialect;
use herald_bgp::dice::Dice;
use herald_bgp::family::{Afi, Family};
use herald_bgp::nlri::{FAMILIES, NextHop, NextHopRule, Shown, Stored};
use herald_bgp::notification::Notification;
use herald_bgp::open::Open;
use herald_bgp::refresh::RouteRefresh;
use herald_bgp::route::words_of;
use herald_bgp::update::pack;
use herald_bgp::value::Asn;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};

/// Values of each row.
const EACH: usize = 12;

/// A message, and what Herald says of it.
pub struct Sample {
    /// The row it is of: `ipv4 unicast`, `as-path`.
    pub row: String,
    pub bytes: Vec<u8>,
    /// Its words, where it has any.
    pub words: String,
    /// The members of its JSON: key and value, as they stand there.
    pub says: Vec<(String, String)>,
}

/// All of them; always the same ones.
pub fn all() -> Vec<Sample> {
    let mut all = Vec::new();
    routes(&mut all);
    attributes(&mut all);
    opens(&mut all);
    notifications(&mut all);
    refreshes(&mut all);
    all
}

/// Dice for one row of a table: a new row changes no other one's samples.
fn dice(table: u64, row: u64) -> Dice {
    Dice::new(table << 32 | row)
}

/// What a message has where nothing else was said.
const DEFAULTS: [(u8, &str, &str); 2] =
    [(code::ORIGIN, "origin", "igp"), (code::LOCAL_PREF, "local-preference", "100")];

const ALONE: pack::Flush = pack::Flush { pack: false, pack_withdrawals: false, sort: false };

fn session() -> Context {
    let mut cx = Context::plain(Asn(65000), Asn(65000));
    cx.families = FAMILIES.iter().map(|spec| spec.family).collect();
    cx.message_size = 65535;
    cx
}

fn next_hop(dice: &mut Dice, family: Family, rule: NextHopRule) -> NextHop {
    let afi = match rule {
        NextHopRule::Ipv6 => Afi::IPV6,
        NextHopRule::Vpn if family.afi == Afi::IPV6 => Afi::IPV6,
        NextHopRule::Ipv4 | NextHopRule::Vpn => Afi::IPV4,
        NextHopRule::Optional => return NextHop::None,
        _ if dice.once_in(2) => Afi::IPV6,
        _ => Afi::IPV4,
    };
    NextHop::Addr(dice.addr(afi))
}

fn routes(all: &mut Vec<Sample>) {
    for spec in FAMILIES {
        let dice = &mut dice(1, u64::from(spec.family.afi.0) << 8 | u64::from(spec.family.safi.0));
        for n in 0..EACH {
            let mut nlri = Vec::new();
            (spec.sample)(dice, &mut nlri);
            let stored = Stored::new(None, &nlri);
            let hop = next_hop(dice, spec.family, spec.next_hop);
            let mut words = String::new();
            words_of(spec.family, None, &nlri, &mut words);
            let shown = |nlri| {
                let mut json = String::new();
                let shown = Shown { nlri, path_id: None, next_hop: None, hop: "", withdrawn: false };
                (spec.json)(&shown, &mut json, Dialect::V6, false);
                let mut says = members(&json);
                says.extend(bits(&says));
                says.extend(DEFAULTS.map(|(_, key, value)| (key.to_owned(), value.to_owned())));
                says
            };
            let mut says = shown(&nlri);
            pairs(&words, &mut says);
            if let Some(hop) = spec.next_hop.sent(hop).addr() {
                says.push(("next-hop".into(), hop.to_string()));
            }
            let (mut bytes, mut gone) = (Vec::new(), Vec::new());
            let attributes = Attributes::new(hop, []);
            pack::announce(&mut bytes, &session(), spec.family, &attributes, &mut [&stored], &ALONE).unwrap();
            all.push(Sample { row: spec.family.to_string(), bytes, words: words.clone(), says });
            if n % 3 == 0 {
                pack::withdraw(&mut gone, &session(), spec.family, None, &mut [&stored], &ALONE).unwrap();
                let mut octets = Vec::new();
                (spec.withdraw)(&nlri, &mut octets);
                let mut says = shown(&octets);
                pairs(&words, &mut says);
                all.push(Sample { row: format!("{} withdrawn", spec.family), bytes: gone, words, says });
            }
        }
    }
}

fn attributes(all: &mut Vec<Sample>) {
    for spec in ATTRIBUTES.iter().filter(|spec| spec.code != code::NEXT_HOP) {
        let dice = &mut dice(2, spec.code.into());
        for _ in 0..EACH {
            let (mut value, mut json, mut words) = (Vec::new(), String::new(), String::new());
            (spec.sample)(dice, &mut value);
            (spec.json)(&value, &mut json, Dialect::V6);
            (spec.words)(&value, &mut words);
            let hop = NextHop::Addr(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
            let long = if value.len() > 255 { flags::EXTENDED } else { 0 };
            let attributes = Attributes::new(hop, [Attr { code: spec.code, flags: spec.flags | long, value: &value }]);
            let stored = Stored::new(None, &[24, 10, 0, 0]);
            let mut bytes = Vec::new();
            pack::announce(&mut bytes, &session(), Family::IPV4_UNICAST, &attributes, &mut [&stored], &ALONE).unwrap();
            let mut says = vec![("next-hop".into(), "192.0.2.1".into())];
            let defaults = DEFAULTS.iter().filter(|(code, ..)| *code != spec.code);
            says.extend(defaults.map(|(_, key, value)| ((*key).to_owned(), (*value).to_owned())));
            says.extend([("nlri".into(), "10.0.0.0/24".into()), ("bits".into(), "24".into())]);
            says.extend(members(&json).into_iter().map(|(key, value)| (join(spec.name, &key), value)));
            pairs(&words, &mut says);
            all.push(Sample { row: spec.name.into(), bytes, words, says });
        }
    }
}

fn opens(all: &mut Vec<Sample>) {
    for spec in CAPABILITIES {
        let dice = &mut dice(3, spec.code.into());
        for _ in 0..EACH / 2 {
            let (mut value, mut json, mut words) = (Vec::new(), String::new(), String::new());
            (spec.sample)(dice, &mut value);
            (spec.json)(&[&value], &mut json, Dialect::V6);
            (spec.text)(&[&value], &mut words, Dialect::V6);
            let mut open = Open::new(dice.u32() % 65000, dice.u16(), dice.u32().into());
            let mut says = members(&json);
            says.extend(families(spec.code, &value));
            says.push(("open.asn".into(), open.my_as.to_string()));
            says.push(("open.hold-time".into(), open.hold_time.to_string()));
            says.push(("open.router-id".into(), open.router_id.to_string()));
            open.capabilities.push((spec.code, value));
            let mut bytes = Vec::new();
            open.write(&mut bytes);
            all.push(Sample { row: format!("capability {}", spec.name), bytes, words, says });
        }
    }
}

/// The families a capability is about, by their numbers.
fn families(code: u8, value: &[u8]) -> Vec<(String, String)> {
    let families: Vec<(Family, Option<u16>)> = match code {
        capability::code::MULTIPROTOCOL => multiprotocol::read([value]).into_iter().map(|f| (f, None)).collect(),
        capability::code::ADD_PATH => {
            add_path::read([value]).into_iter().map(|(f, mode)| (f, Some(mode.into()))).collect()
        }
        capability::code::EXTENDED_NEXT_HOP => {
            extended_next_hop::read([value]).into_iter().map(|(f, afi)| (f, Some(afi.0))).collect()
        }
        capability::code::GRACEFUL_RESTART => {
            let restart = graceful_restart::read([value]).into_iter();
            restart.flat_map(|restart| restart.families).map(|(f, kept)| (f, Some(kept.into()))).collect()
        }
        _ => Vec::new(),
    };
    let numbers = families.iter().flat_map(|(family, more)| {
        let [afi, safi] = [family.afi.0, family.safi.0.into()];
        [("afi", Some(afi)), ("safi", Some(safi)), ("more", *more)]
    });
    numbers.filter_map(|(key, number)| Some((key.to_owned(), number?.to_string()))).collect()
}

fn notifications(all: &mut Vec<Sample>) {
    let known = [(1, 3), (2, 8), (3, 11), (4, 0), (5, 3), (6, 10), (7, 1)];
    for (code, subcode) in known.into_iter().flat_map(|(code, last)| (0..=last).map(move |subcode| (code, subcode))) {
        let said = match (code, subcode) {
            (6, 2 | 4) => Notification::cease(subcode, "back at noon: caf\u{e9}"),
            _ => Notification::with(code, subcode, []),
        };
        let mut says = vec![("code".into(), code.to_string()), ("subcode".into(), subcode.to_string())];
        says.extend(said.communication().map(|text| ("communication".into(), text)));
        let mut bytes = Vec::new();
        said.write(&mut bytes);
        all.push(Sample { row: "notification".into(), bytes, words: said.describe(), says });
    }
}

fn refreshes(all: &mut Vec<Sample>) {
    for spec in FAMILIES {
        for subtype in [RouteRefresh::REQUEST, RouteRefresh::BEGIN, RouteRefresh::END] {
            let refresh = RouteRefresh { family: spec.family, subtype };
            let mut bytes = Vec::new();
            refresh.write(&mut bytes);
            let numbers =
                [("afi", spec.family.afi.0), ("safi", spec.family.safi.0.into()), ("subtype", subtype.into())];
            let says = numbers.map(|(key, number)| (key.to_owned(), number.to_string())).to_vec();
            all.push(Sample { row: "route-refresh".into(), bytes, words: String::new(), says });
        }
    }
}

/// How many bits there are in a prefix with its labels and route distinguisher.
fn bits(says: &[(String, String)]) -> Option<(String, String)> {
    let count = |wanted: &str| says.iter().filter(|(key, _)| key == wanted).count();
    let (_, prefix) = says.iter().find(|(key, _)| key == "nlri")?;
    let length: usize = prefix.rsplit_once('/')?.1.parse().ok()?;
    // a label is said as a number, and as the octets it is in
    let bits = length + count("label") / 2 * 24 + count("rd") * 64;
    Some(("bits".into(), bits.to_string()))
}

/// What words say: each word, by the keyword in front of it or of the list it is in.
fn pairs(words: &str, says: &mut Vec<(String, String)>) {
    let mut keyword = "";
    let mut listed = false;
    for (word, next) in words.split(' ').zip(words.split(' ').skip(1)) {
        listed = match word {
            "[" | "(" => true,
            "]" | ")" => false,
            _ => listed,
        };
        if !listed {
            keyword = word;
        }
        says.push((if listed { keyword } else { word }.to_owned(), next.to_owned()));
        if listed {
            says.push((word.to_owned(), next.to_owned()));
        }
    }
}

fn join(key: &str, name: &str) -> String {
    [key, name].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(".")
}

/// The members of a JSON value and of what is in it: `a.b`, and the value without quotes.
fn members(json: &str) -> Vec<(String, String)> {
    fn walk(key: &str, value: &Value, out: &mut Vec<(String, String)>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| {
                walk(&join(key, name), value, out);
            }),
            Value::Array(items) => items.iter().for_each(|item| walk(key, item, out)),
            Value::String(text) => out.push((key.into(), text.clone())),
            other => out.push((key.into(), other.to_string())),
        }
    }
    let mut out = Vec::new();
    if !json.is_empty() {
        walk("", &serde_json::from_str(json).unwrap_or_else(|e| panic!("{json}: {e}")), &mut out);
    }
    out
}
