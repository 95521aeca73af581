//! `show neighbor configuration`: a neighbour as the file would say it, without its routes and without its secrets.

use herald_bgp::capability::add_path;
use herald_bgp::dialect::Dialect;
use herald_bgp::family::Family;
use herald_bgp::json;
use herald_bgp::text::escape;
use herald_speaker::config::{ApiConfig, CapabilityConfig, MessageConfig, PeerConfig};
use std::fmt::{Display, Write as _};

/// Appends the `neighbor` block.
pub(super) fn neighbor(config: &PeerConfig, dialect: Dialect, out: &mut String) {
    let mut page = Page { dialect, depth: 0, out };
    page.open(&format!("neighbor {}", address(config)));
    identity(config, &mut page);
    if dialect != Dialect::V6 {
        page.out.push('\n');
    }
    transport(config, &mut page);
    capability(&config.capability, &mut page);
    page.open("family");
    config.families.iter().for_each(|family| page.line(format_args!("{family};")));
    page.close();
    let capability = &config.capability;
    page.open("nexthop");
    for (family, next_hop) in &capability.next_hop {
        page.line(format_args!("{family} {};", next_hop.name().unwrap_or("unknown")));
    }
    page.close();
    page.open("add-path");
    for (family, limit) in offered_paths(config) {
        match limit {
            Some(limit) => page.line(format_args!("{family} limit {limit};")),
            None => page.line(format_args!("{family};")),
        }
    }
    page.close();
    for api in &config.api {
        api.processes.iter().for_each(|process| helper(process, api, &mut page));
    }
    page.close();
}

/// Lines, indented by how deep they are.
struct Page<'a> {
    dialect: Dialect,
    depth: usize,
    out: &'a mut String,
}

impl Page<'_> {
    fn line(&mut self, line: impl Display) {
        let _ = writeln!(self.out, "{:1$}{line}", "", self.depth * 2);
    }

    fn open(&mut self, title: &str) {
        self.line(format_args!("{title} {{"));
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.line('}');
    }

    fn set(&mut self, key: &str, value: impl Display) {
        self.line(format_args!("{key} {value};"));
    }

    /// A text that may be missing.
    fn maybe(&mut self, key: &str, value: Option<impl Display>) {
        match value {
            Some(value) => self.set(key, value),
            None if self.dialect == Dialect::V6 => self.line(format_args!("{key} ;")),
            None => self.set(key, "None"),
        }
    }

    /// A statement that is there only with a value.
    fn only(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    escape(&mut out, &text.replace('\\', "\\\\").replace('"', "\\\""));
    out.push('"');
    out
}

fn address(config: &PeerConfig) -> String {
    if config.is_range() { format!("{}/{}", config.address, config.range) } else { config.address.to_string() }
}

fn identity(config: &PeerConfig, page: &mut Page<'_>) {
    page.set("description", quoted(&config.description));
    page.maybe("router-id", config.identifier());
    page.maybe("host-name", config.host_name.as_deref().filter(|name| !name.is_empty()).map(plain));
    page.maybe("domain-name", Some(&*config.domain_name).filter(|name| !name.is_empty()).map(plain));
    page.set("local-address", or_auto(config.local_address));
    page.maybe("source-interface", config.transport.source_interface.as_deref().map(plain));
    page.set("local-as", or_auto(config.local_as));
    page.set("peer-as", or_auto(config.peer_as));
    page.set("hold-time", config.hold_time);
    page.set("rate-limit", config.rate_limit.map_or_else(|| "disable".into(), |n| n.to_string()));
    page.set("manual-eor", config.manual_eor);
}

fn plain(text: &str) -> String {
    let mut out = String::new();
    escape(&mut out, text);
    out
}

fn or_auto(value: Option<impl Display>) -> String {
    value.map_or_else(|| "auto".into(), |value| value.to_string())
}

fn transport(config: &PeerConfig, page: &mut Page<'_>) {
    let transport = &config.transport;
    page.set("passive", config.passive);
    page.only("listen", config.listen);
    page.only("connect", config.connect);
    page.set("group-updates", config.group_updates);
    page.set("auto-flush", config.auto_flush);
    page.set("adj-rib-in", config.adj_rib_in);
    page.set("adj-rib-out", config.adj_rib_out);
    page.only("md5-password", transport.md5.as_ref().map(|_| "\"<hidden>\""));
    page.only("md5-ip", transport.md5_ip.map(|ip| quoted(&ip.to_string())));
    page.only("outgoing-ttl", transport.outgoing_ttl);
    page.only("incoming-ttl", transport.incoming_ttl);
}

fn switch(on: bool) -> &'static str {
    if on { "enable" } else { "disable" }
}

fn capability(config: &CapabilityConfig, page: &mut Page<'_>) {
    page.open("capability");
    page.set("asn4", switch(config.asn4));
    page.set("route-refresh", switch(config.route_refresh));
    match config.graceful_restart {
        Some(time) => page.set("graceful-restart", time),
        None => page.set("graceful-restart", "disable"),
    }
    if config.restart_notification {
        page.set("graceful-restart-notification", switch(true));
    }
    page.only("long-lived-graceful-restart", config.long_lived);
    page.only("role", config.role);
    if config.role_strict {
        page.set("role-strict", switch(true));
    }
    page.only("multiple-labels", config.multiple_labels);
    for (code, value) in &config.raw {
        let mut octets = String::from("0x");
        json::hex(&mut octets, value);
        page.set("raw", format_args!("{code} {octets}"));
    }
    page.set("software-version", switch(config.software_version));
    page.set("nexthop", switch(!config.next_hop.is_empty()));
    let paths = if config.add_path == 0 { "disable" } else { add_path::name(config.add_path) };
    page.set("add-path", paths);
    page.set("multi-session", switch(config.multi_session));
    page.set("operational", switch(config.operational));
    page.set("aigp", switch(config.aigp == Some(true)));
    page.set("extended-message", switch(config.extended_message));
    page.set("link-local-nexthop", switch(config.link_local_next_hop));
    page.close();
}

/// Families for which several paths are offered.
fn offered_paths(config: &PeerConfig) -> Vec<(Family, Option<u16>)> {
    let CapabilityConfig { add_path, add_path_families, .. } = &config.capability;
    match (*add_path, add_path_families.is_empty()) {
        (0, _) => Vec::new(),
        (_, true) => config.families.iter().map(|family| (*family, None)).collect(),
        (_, false) => add_path_families.clone(),
    }
}

fn helper(process: &str, api: &ApiConfig, page: &mut Page<'_>) {
    page.open("api");
    page.line(format_args!("processes [ {} ];", plain(process)));
    let options = [
        ("neighbor-changes", api.neighbor_changes),
        ("negotiated", api.negotiated),
        ("fsm", api.fsm),
        ("signal", api.signal),
    ];
    options.into_iter().filter(|(_, on)| *on).for_each(|(name, _)| page.line(format_args!("{name};")));
    for (name, messages) in [("receive", &api.receive), ("send", &api.send)] {
        let words = wanted(messages);
        if !words.is_empty() {
            page.open(name);
            words.into_iter().for_each(|word| page.line(format_args!("{word};")));
            page.close();
        }
    }
    page.close();
}

fn wanted(messages: &MessageConfig) -> Vec<&'static str> {
    let words = [
        ("parsed", messages.parsed),
        ("packets", messages.packets),
        ("consolidate", messages.consolidate),
        ("open", messages.open),
        ("update", messages.update),
        ("notification", messages.notification),
        ("keepalive", messages.keepalive),
        ("refresh", messages.refresh),
        ("operational", messages.operational),
    ];
    words.into_iter().filter(|(_, on)| *on).map(|(word, _)| word).collect()
}
