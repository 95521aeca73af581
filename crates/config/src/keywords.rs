//! Every statement and section of the language: one row each.
//!
//! To add a keyword: a row here, and, if it is more than a single value, a function in the room of its section. What
//! may stand in a route is not here but with the attributes and families themselves; see [`herald_bgp::route`].

use crate::load::Loader;
use crate::scalar::{self as read, Read};
use crate::{api, family, neighbor, process, routes};
use herald_bgp::family::{Afi, Safi};
use herald_bgp::nlri::flow::Place;
use herald_bgp::text::{Diagnostic, Word, Words};
use std::fmt;

/// A pair of braces, and what they may hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Section {
    Root,
    /// `group { }`: settings for the neighbours in it. Releases before 4 had it; templates came after.
    Group,
    Process,
    Template,
    Neighbor,
    Capability,
    Family,
    AddPath,
    NextHop,
    Api,
    Send,
    Receive,
    Static,
    /// `route PREFIX { }`: holds what a route may carry.
    Route,
    Announce,
    /// `AFI { }` in `announce`: holds routes, each behind the name of its SAFI.
    AnnounceAfi,
    L2vpn,
    Operational,
    /// `flow { }`: holds rules.
    Flow,
    /// `route { }` in `flow`, and the sections in it.
    Rule(Place),
    /// A section nobody knows, or that is not supported: complained about once, its contents passed over.
    Unknown,
}

impl Section {
    /// As the file spells it.
    pub fn name(self) -> &'static str {
        match self {
            Section::Root => "the file",
            Section::Group => "group",
            Section::Process => "process",
            Section::Template => "template",
            Section::Neighbor => "neighbor",
            Section::Capability => "capability",
            Section::Family => "family",
            Section::AddPath => "add-path",
            Section::NextHop => "nexthop",
            Section::Api => "api",
            Section::Send => "send",
            Section::Receive => "receive",
            Section::Static => "static",
            Section::Route => "route",
            Section::Announce => "announce",
            Section::AnnounceAfi => "announce AFI",
            Section::L2vpn => "l2vpn",
            Section::Operational => "operational",
            Section::Flow => "flow",
            Section::Rule(place) => place.name(),
            Section::Unknown => "an unknown section",
        }
    }
}

/// What happens when a keyword is written twice in one place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repeat {
    /// The last one counts.
    Last,
    /// They add up.
    Adds,
    /// It is an error.
    Once,
}

/// A statement or section.
#[derive(Clone, Copy)]
pub struct Keyword {
    /// The word itself.
    pub name: &'static str,
    /// The sections it may stand in.
    pub within: &'static [Section],
    /// How its value is written; empty: it has none.
    pub value: &'static str,
    /// What it says, in one line.
    pub doc: &'static str,
    /// A whole statement that is accepted there.
    pub example: &'static str,
    /// What holds without it; empty: nothing in particular.
    pub default: &'static str,
    /// What it means alone, without a value; `None`: the value must be there.
    pub bare: Option<&'static str>,
    /// When written twice.
    pub repeat: Repeat,
    pub(crate) form: Form,
}

/// Reads what stands behind a keyword into the draft of its section.
pub(crate) type Apply = for<'a, 'b, 'c> fn(&mut Loader<'a>, &Word<'b>, &mut Words<'c>) -> Result<(), Diagnostic>;

/// How a keyword is read.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// A single value that the section keeps.
    Scalar(Read),
    /// A statement that does more.
    Statement(Apply),
    /// `NAME … { }`
    Section(Section, Apply),
    /// `NAME …;` or `NAME … { }`
    Either(Apply, Section, Apply),
    /// Understood, but nothing Herald can do yet.
    Later,
}

impl Keyword {
    /// True if it may open a pair of braces.
    pub fn is_section(&self) -> bool {
        matches!(self.form, Form::Section(..) | Form::Either(..))
    }

    /// True if `name` is how it is written. The rows of families and of numbered AFIs stand for many names.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        match self.name {
            SAFI => Safi::parse(name).is_some(),
            AFI => name.starts_with("afi-") && Afi::parse(name).is_some(),
            own => own == name,
        }
    }

    /// True if Herald does what it says.
    pub fn is_supported(&self) -> bool {
        !matches!(self.form, Form::Later)
    }

    const fn default(self, default: &'static str) -> Keyword {
        Keyword { default, ..self }
    }

    const fn example(self, example: &'static str) -> Keyword {
        Keyword { example, ..self }
    }

    const fn bare(self, bare: &'static str) -> Keyword {
        Keyword { bare: Some(bare), ..self }
    }
}

impl fmt::Debug for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyword").field("name", &self.name).field("within", &self.within).finish_non_exhaustive()
    }
}

/// All statements and sections, in the order of the reference.
pub fn keywords() -> impl Iterator<Item = &'static Keyword> {
    KEYWORDS.iter()
}

/// The row for `name` in `section`.
pub(crate) fn find(section: Section, name: &str) -> Option<&'static Keyword> {
    in_section(section).find(|keyword| keyword.is_named(name))
}

/// All that may stand in `section`.
pub(crate) fn in_section(section: Section) -> impl Iterator<Item = &'static Keyword> {
    let sections: &'static [Section] = match section {
        Section::Group => &[Section::Group, Section::Neighbor],
        _ => &[],
    };
    KEYWORDS.iter().filter(move |k| k.within.contains(&section) || k.within.iter().any(|s| sections.contains(s)))
}

type Within = &'static [Section];
const ROOT: Within = &[Section::Root];
const PROCESS: Within = &[Section::Process];
const NEIGHBOR: Within = &[Section::Neighbor];
const CAPABILITY: Within = &[Section::Capability];
const FAMILIES: Within = &[Section::Family, Section::AddPath];
const OPERATIONAL: Within = &[Section::Operational];
const API: Within = &[Section::Api];
const MESSAGES: Within = &[Section::Send, Section::Receive];
const STATIC: Within = &[Section::Static];
const ANNOUNCE: Within = &[Section::Announce];
const ANNOUNCE_AFI: Within = &[Section::AnnounceAfi];
const RULE: Within = &[Section::Rule(Place::Rule)];
/// Stands for the name of any SAFI.
const SAFI: &str = "SAFI";
/// Stands for any AFI by its number.
const AFI: &str = "afi-N";

const fn row(
    name: &'static str,
    within: Within,
    form: Form,
    repeat: Repeat,
    words: [&'static str; 2],
    example: &'static str,
) -> Keyword {
    let [value, doc] = words;
    Keyword { name, within, value, doc, example, default: "", bare: None, repeat, form }
}

/// A single value.
const fn scalar(
    name: &'static str,
    within: Within,
    read: Read,
    value: &'static str,
    doc: &'static str,
    example: &'static str,
) -> Keyword {
    row(name, within, Form::Scalar(read), Repeat::Last, [value, doc], example)
}

/// A switch that is on when its keyword stands alone.
const fn on(name: &'static str, within: Within, default: &'static str, doc: &'static str) -> Keyword {
    let example = "";
    row(name, within, Form::Scalar(read::switch_on), Repeat::Last, ["true|false", doc], example)
        .default(default)
        .bare("true")
}

/// A switch that is off when its keyword stands alone.
const fn off(name: &'static str, within: Within, default: &'static str, doc: &'static str) -> Keyword {
    Keyword { form: Form::Scalar(read::switch_off), bare: Some("false"), ..on(name, within, default, doc) }
}

/// A statement that adds to a list.
const fn adds(
    name: &'static str,
    within: Within,
    apply: Apply,
    value: &'static str,
    doc: &'static str,
    example: &'static str,
) -> Keyword {
    row(name, within, Form::Statement(apply), Repeat::Adds, [value, doc], example)
}

/// A section.
const fn section(
    name: &'static str,
    within: Within,
    opens: (Section, Apply),
    value: &'static str,
    doc: &'static str,
    example: &'static str,
) -> Keyword {
    row(name, within, Form::Section(opens.0, opens.1), Repeat::Adds, [value, doc], example)
}

/// A keyword of a family or feature that is still to come.
const fn later(name: &'static str, within: Within, doc: &'static str) -> Keyword {
    row(name, within, Form::Later, Repeat::Adds, ["", doc], "")
}

fn nothing(_: &mut Loader<'_>, _: &Word<'_>, _: &mut Words<'_>) -> Result<(), Diagnostic> {
    Ok(())
}

#[rustfmt::skip]
static KEYWORDS: &[Keyword] = &[
    section("process", &[Section::Root, Section::Group], (Section::Process, process::open), "NAME", "a helper program: reads events, writes commands", "process watch { run /bin/watch; encoder json; }"),
    section("template", ROOT, (Section::Template, nothing), "", "settings that neighbors inherit", "template { neighbor customer { hold-time 30; } }"),
    section("neighbor", &[Section::Root, Section::Group], (Section::Neighbor, neighbor::open), "ADDRESS|NETWORK", "a BGP peer, or the network peers may come from",
        "neighbor 192.0.2.2 { local-address 192.0.2.1; local-as 65000; peer-as 65001; }"),
    section("group", ROOT, (Section::Group, neighbor::open_group), "[NAME]", "settings for the neighbors inside; templates came after it", "group lab { peer-as 65001; }"),
    section("neighbor", &[Section::Template], (Section::Neighbor, neighbor::open_template), "NAME", "a set of settings under a name", "neighbor customer { hold-time 30; }"),

    row("run", PROCESS, Form::Statement(process::run), Repeat::Last, ["PROGRAM ARGUMENT…", "what to start; quotes group words, no shell is involved"], "run /bin/watch --verbose \"a b\";"),
    scalar("encoder", PROCESS, read::encoder, "text|json", "the form of the events it reads", "encoder json;").default("text"),
    on("respawn", PROCESS, "true", "start it again when it ends"),

    scalar("description", NEIGHBOR, read::text, "TEXT", "free text", "description \"upstream A\";").bare(""),
    scalar("router-id", NEIGHBOR, read::router_id, "IPV4", "our BGP Identifier (RFC 4271 §4.2)", "router-id 192.0.2.1;").default("local-address, if that is IPv4"),
    scalar("local-address", NEIGHBOR, read::address_or_auto, "ADDRESS|auto", "our end of the session", "local-address 192.0.2.1;").default("auto"),
    scalar("local-link-local", NEIGHBOR, read::link_local, "IPV6", "our link-local address", "local-link-local fe80::1;"),
    scalar("source-interface", NEIGHBOR, read::name, "INTERFACE", "the interface to send through", "source-interface eth0;"),
    scalar("peer-address", NEIGHBOR, read::network, "ADDRESS|NETWORK", "the peer, instead of the address behind `neighbor`", "peer-address 192.0.2.3;"),
    scalar("local-as", NEIGHBOR, read::asn, "ASN|auto", "our AS; auto: the peer's", "local-as 65000;"),
    scalar("peer-as", NEIGHBOR, read::asn, "ASN|auto", "the peer's AS; auto: what its OPEN says", "peer-as 65001;"),
    scalar("hold-time", NEIGHBOR, read::hold_time, "SECONDS", "how long the peer may be silent; 0: for ever", "hold-time 90;").default("180"),
    scalar("rate-limit", NEIGHBOR, read::rate, "N|disable", "messages handled a second", "rate-limit 1000;").default("disable"),
    on("passive", NEIGHBOR, "false", "wait for the peer to connect"),
    scalar("listen", NEIGHBOR, read::port, "PORT", "a listener of its own, on local-address", "listen 1179;").default("0"),
    scalar("connect", NEIGHBOR, read::port, "PORT", "the port the peer listens on", "connect 1179;").default("179"),
    scalar("outgoing-ttl", NEIGHBOR, read::ttl, "TTL|disable", "TTL of what we send", "outgoing-ttl 2;").default("disable"),
    scalar("incoming-ttl", NEIGHBOR, read::ttl, "TTL|disable", "least TTL of what we accept (RFC 5082)", "incoming-ttl 254;").default("disable"),
    scalar("md5-password", NEIGHBOR, read::password, "TEXT", "TCP-MD5 key (RFC 2385), at most 80 octets", "md5-password secret;"),
    scalar("md5-base64", NEIGHBOR, read::base64_mode, "true|false|auto", "the key is written in base64; auto: if it looks like it", "md5-base64 false;").default("false").bare("false"),
    scalar("md5-ip", NEIGHBOR, read::address, "ADDRESS", "the address key and connection are bound to", "md5-ip 192.0.2.1;").default("local-address"),
    scalar("host-name", NEIGHBOR, read::host, "NAME", "what the FQDN capability says", "host-name router1;").default("this machine's"),
    scalar("domain-name", NEIGHBOR, read::host, "NAME", "what the FQDN capability says", "domain-name example.net;").default("this machine's"),
    on("group-updates", NEIGHBOR, "true", "routes with equal attributes share messages"),
    on("auto-flush", NEIGHBOR, "true", "send routes without being told to"),
    off("adj-rib-in", NEIGHBOR, "true", "keep the routes received"),
    off("adj-rib-out", NEIGHBOR, "true", "keep the routes sent"),
    off("manual-eor", NEIGHBOR, "false", "send End-of-RIB only when told to"),
    adds("inherit", NEIGHBOR, neighbor::inherit, "NAME | [ NAME… ]", "take settings from templates; theirs win over the neighbor's", "inherit customer;"),
    adds("process", NEIGHBOR, neighbor::legacy_process, "NAME", "short for `api { processes [ NAME ]; }`", "process watch;"),

    section("family", NEIGHBOR, (Section::Family, family::open), "", "the address families to offer", "family { ipv4 unicast; }").default("all"),
    section("capability", NEIGHBOR, (Section::Capability, nothing), "", "the capabilities to offer", "capability { route-refresh; }"),
    section("add-path", NEIGHBOR, (Section::AddPath, family::open_add_path), "", "the families several paths are exchanged for (RFC 7911)", "add-path { ipv4 unicast; }").default("all offered"),
    section("nexthop", NEIGHBOR, (Section::NextHop, family::open_next_hop), "", "next hops of the other address family (RFC 8950)", "nexthop { ipv4 unicast ipv6; }"),
    section("api", NEIGHBOR, (Section::Api, api::open), "[NAME]", "which helpers are told what", "api { neighbor-changes; }"),
    section("static", NEIGHBOR, (Section::Static, nothing), "", "routes to announce from the start", "static { route 10.0.0.0/24 next-hop self; }"),
    section("announce", NEIGHBOR, (Section::Announce, nothing), "", "routes to announce from the start, by family", "announce { ipv4 { unicast 10.0.0.0/24 next-hop self; } }"),
    section("flow", NEIGHBOR, (Section::Flow, nothing), "", "FlowSpec rules to announce from the start (RFC 8955)",
        "flow { route { match { destination 192.0.2.0/24; protocol tcp; } then { discard; } } }"),
    section("l2vpn", NEIGHBOR, (Section::L2vpn, nothing), "", "VPLS sites to announce from the start (RFC 4761)",
        "l2vpn { vpls rd 65000:1 endpoint 5 base 100 offset 1 size 8 next-hop 192.0.2.1; }"),
    section("operational", NEIGHBOR, (Section::Operational, nothing), "", "operational messages to send when a session comes up", ""),
    adds("asm", OPERATIONAL, neighbor::operational, "afi AFI safi SAFI advisory TEXT", "a text, said again in each session", "asm afi ipv4 safi unicast advisory \"back at noon\";"),
    adds("adm", OPERATIONAL, neighbor::operational, "afi AFI safi SAFI advisory TEXT", "a text", "adm afi ipv4 safi unicast advisory hello;"),
    adds("rpcq", OPERATIONAL, neighbor::operational, "afi AFI safi SAFI [sequence N] [router-id IP]", "asks how many prefixes are reachable", "rpcq afi ipv4 safi unicast sequence 5;"),
    adds("rpcp", OPERATIONAL, neighbor::operational, "afi AFI safi SAFI [sequence N] counter N [router-id IP]", "says how many prefixes are reachable", "rpcp afi ipv4 safi unicast sequence 5 counter 9;"),
    adds("apcq", OPERATIONAL, neighbor::operational, "afi AFI safi SAFI [sequence N] [router-id IP]", "asks how many prefixes the Adj-RIB-Out has", "apcq afi ipv4 safi unicast sequence 5;"),
    adds("apcp", OPERATIONAL, neighbor::operational, "afi AFI safi SAFI [sequence N] counter N [router-id IP]", "says how many prefixes the Adj-RIB-Out has", "apcp afi ipv4 safi unicast sequence 5 counter 9;"),
    adds("lpcq", OPERATIONAL, neighbor::operational, "afi AFI safi SAFI [sequence N] [router-id IP]", "asks how many prefixes the Loc-RIB has", "lpcq afi ipv4 safi unicast sequence 5;"),
    adds("lpcp", OPERATIONAL, neighbor::operational, "afi AFI safi SAFI [sequence N] counter N [router-id IP]", "says how many prefixes the Loc-RIB has", "lpcp afi ipv4 safi unicast sequence 5 counter 9;"),
    later("tcp-ao", NEIGHBOR, "TCP Authentication Option (RFC 5925)"),

    adds("ipv4", FAMILIES, family::afi, "SAFI", "an IPv4 family", "ipv4 unicast;"),
    adds("ipv6", FAMILIES, family::afi, "SAFI", "an IPv6 family", "ipv6 unicast;"),
    adds("l2vpn", FAMILIES, family::afi, "SAFI", "a layer 2 VPN family", "l2vpn evpn;"),
    adds("bgp-ls", FAMILIES, family::afi, "SAFI", "a link-state family", ""),
    adds("opaque", FAMILIES, family::afi, "SAFI", "keys and values, of no standard", "opaque key-value;"),
    adds(AFI, FAMILIES, family::afi, "SAFI", "any family, by its numbers", "afi-99 safi-5;"),
    adds("all", FAMILIES, family::all, "", "every family there is", "all;"),
    adds("ipv4", &[Section::NextHop], family::next_hop, "SAFI ipv6", "IPv4 routes with IPv6 next hops", "ipv4 unicast ipv6;"),
    adds("ipv6", &[Section::NextHop], family::next_hop, "SAFI ipv4", "IPv6 routes with IPv4 next hops", "ipv6 unicast ipv4;"),

    on("asn4", CAPABILITY, "true", "AS numbers of four octets (RFC 6793)"),
    on("extended-message", CAPABILITY, "true", "messages up to 65535 octets (RFC 8654)"),
    on("route-refresh", CAPABILITY, "false", "route refresh (RFC 2918, RFC 7313)"),
    scalar("graceful-restart", CAPABILITY, read::restart_time, "SECONDS|disable", "graceful restart (RFC 4724)", "graceful-restart 120;").default("disable").bare("hold-time"),
    on("graceful-restart-notification", CAPABILITY, "false", "routes are kept over a NOTIFICATION, too (RFC 8538)").example("graceful-restart-notification; graceful-restart 120;"),
    scalar("long-lived-graceful-restart", CAPABILITY, read::stale_time, "SECONDS|disable", "how long the peer may keep our routes beyond the restart time (RFC 9494)", "long-lived-graceful-restart 3600; graceful-restart 120;").default("disable"),
    scalar("role", CAPABILITY, read::role, "provider|rs|rs-client|customer|peer", "what we are to the peer (RFC 9234)", "role customer;"),
    on("role-strict", CAPABILITY, "false", "refuse a peer that does not say its role").example("role-strict; role customer;"),
    scalar("multiple-labels", CAPABILITY, read::labels, "N|disable", "how many labels a route may have (RFC 8277)", "multiple-labels 3;").default("disable"),
    adds("raw", CAPABILITY, neighbor::raw_capability, "CODE 0xVALUE", "any capability, as octets", "raw 67 0x0102;"),
    on("multi-session", CAPABILITY, "false", "a session for each family"),
    on("operational", CAPABILITY, "false", "operational messages"),
    scalar("add-path", CAPABILITY, read::path_mode, "disable|receive|send|send/receive", "several paths for a prefix (RFC 7911)", "add-path send/receive;").default("disable"),
    on("nexthop", CAPABILITY, "true if there is a nexthop section", "next hops of the other address family (RFC 8950)"),
    on("aigp", CAPABILITY, "by session type", "AIGP to and from external peers (RFC 7311)"),
    off("software-version", CAPABILITY, "false", "tell our version"),
    off("link-local-nexthop", CAPABILITY, "false", "link-local next hops alone"),
    off("link-local-prefer", CAPABILITY, "false", "prefer the link-local next hop"),

    row("processes", API, Form::Statement(api::processes), Repeat::Adds, ["[ NAME… ]", "helpers that are told, and whose commands apply"], "processes [ watch ];"),
    row("processes-match", API, Form::Statement(api::matches), Repeat::Adds, ["[ \"REGEX\"… ]", "helpers whose commands apply, by name from its start"], "processes-match [ \"^wat\" ];"),
    on("neighbor-changes", API, "false", "connected, up, down"),
    on("negotiated", API, "false", "what both OPENs agreed on"),
    on("fsm", API, "false", "every change of state"),
    on("signal", API, "false", "signals to the daemon"),
    section("send", API, (Section::Send, nothing), "", "messages to the peer", "send { parsed; update; }"),
    section("receive", API, (Section::Receive, nothing), "", "messages from the peer", "receive { parsed; update; }"),
    on("parsed", MESSAGES, "false", "in words"),
    on("packets", MESSAGES, "false", "in hexadecimal"),
    on("consolidate", MESSAGES, "false", "in words and in hexadecimal, together"),
    on("open", MESSAGES, "false", "OPEN"),
    on("update", MESSAGES, "false", "UPDATE"),
    on("notification", MESSAGES, "false", "NOTIFICATION"),
    on("keepalive", MESSAGES, "false", "KEEPALIVE"),
    on("refresh", MESSAGES, "false", "ROUTE-REFRESH"),
    on("operational", MESSAGES, "false", "OPERATIONAL"),

    row("route", STATIC, Form::Either(routes::flat, Section::Route, routes::open), Repeat::Adds, ["PREFIX ATTRIBUTE…", "a route; attributes behind the prefix or in braces"], "route 10.0.0.0/24 next-hop 192.0.2.1;"),
    adds("attributes", STATIC, routes::attributes, "ATTRIBUTE… nlri PREFIX…", "routes that share their attributes", "attributes next-hop 192.0.2.1 nlri 10.0.0.0/24 10.0.1.0/24;"),
    adds("attribute", STATIC, routes::attributes, "ATTRIBUTE… nlri PREFIX…", "the same as attributes", "attribute next-hop 192.0.2.1 nlri 10.0.0.0/24;"),
    row("sr-policy", STATIC, Form::Either(routes::sr_policy, Section::Route, routes::open_sr_policy), Repeat::Adds, ["distinguisher N color N endpoint IP …", "a segment routing policy (RFC 9830); what it says in the statement or in braces"],
        "sr-policy distinguisher 0 color 100 endpoint 192.0.2.9 next-hop 192.0.2.1 preference 100 segment-list weight 1 segment type-a mpls 16001;"),
    section("ipv4", ANNOUNCE, (Section::AnnounceAfi, routes::open_afi), "", "IPv4 routes", "ipv4 { unicast 10.0.0.0/24 next-hop self; }"),
    section("ipv6", ANNOUNCE, (Section::AnnounceAfi, routes::open_afi), "", "IPv6 routes", "ipv6 { unicast 2001:db8::/32 next-hop 2001:db8::1; }"),
    section("l2vpn", ANNOUNCE, (Section::AnnounceAfi, routes::open_afi), "", "layer 2 VPN routes", "l2vpn { evpn multicast rd 65000:1 ip 192.0.2.1 next-hop self; }"),
    section("bgp-ls", ANNOUNCE, (Section::AnnounceAfi, routes::open_afi), "", "link-state routes", ""),
    section("opaque", ANNOUNCE, (Section::AnnounceAfi, routes::open_afi), "", "keys and values", "opaque { key-value key 0x01 value 0x02 next-hop self; }"),
    section(AFI, ANNOUNCE, (Section::AnnounceAfi, routes::open_afi), "", "routes of any AFI", "afi-99 { safi-5 raw 0x0102 next-hop 192.0.2.1; }"),
    row("route", &[Section::Flow], Form::Either(routes::rule, Section::Rule(Place::Rule), routes::open_rule), Repeat::Adds, ["[NAME] | WORD…", "a rule: what it matches and what becomes of it, in sections or all in one row"],
        "route destination 192.0.2.0/24 protocol tcp rate-limit 9600;"),
    section("match", RULE, (Section::Rule(Place::Match), nothing), "", "what packets have to be like", "match { source 192.0.2.0/24; destination-port [ =80 >=8000&<=8100 ]; }"),
    section("scope", RULE, (Section::Rule(Place::Scope), nothing), "", "where the rule is in force", "scope { interface-set transitive:input:65000:1; }"),
    section("then", RULE, (Section::Rule(Place::Then), nothing), "", "what becomes of packets", "then { discard; }"),
    row("vpls", &[Section::L2vpn], Form::Either(routes::vpls, Section::Route, routes::open_vpls), Repeat::Adds, ["rd RD endpoint N base N offset N size N ATTRIBUTE…", "a VPLS site; its words behind it, or in braces"],
        "vpls rd 65000:1 endpoint 5 base 100 offset 1 size 8 next-hop 192.0.2.1;"),
    adds(SAFI, ANNOUNCE_AFI, routes::announce, "NLRI ATTRIBUTE…", "announces a route of this family", "unicast 10.0.0.0/24 next-hop self;"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_unique_and_documented() {
        for (i, row) in KEYWORDS.iter().enumerate() {
            assert!(!row.doc.is_empty() && !row.within.is_empty(), "{}", row.name);
            let twin = KEYWORDS.iter().skip(i + 1).find(|other| {
                other.name == row.name && other.within.iter().any(|section| row.within.contains(section))
            });
            assert!(twin.is_none(), "{} twice", row.name);
        }
    }

    #[test]
    fn a_group_holds_what_a_neighbor_does() {
        assert!(find(Section::Group, "hold-time").is_some());
        assert!(find(Section::Group, "neighbor").is_some());
        assert!(find(Section::Neighbor, "neighbor").is_none());
    }
}
