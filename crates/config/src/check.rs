//! A neighbour when its section closes, and the whole file at its end: complete and consistent, or why not.
//!
//! Complaints point at the value that is wrong; at the neighbour itself if a value is missing.

use crate::api::ApiDraft;
use crate::keywords::Section;
use crate::load::{Loader, is_on};
use crate::neighbor::NeighborDraft;
use crate::problems::Problems;
use crate::routes::SharedRoutes;
use crate::scalar::{Scalar, Scalars};
use crate::{Context, Environment};
use herald_bgp::capability::role::Role;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::text::{Diagnostic, Span};
use herald_bgp::value::{Asn, Prefix};
use herald_speaker::config::{CapabilityConfig, Config, Md5, PeerConfig, Transport};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use Section::{Capability, Neighbor};

/// Octets a TCP-MD5 key may have.
const MD5_KEY: usize = 80;
/// Seconds the restart time field can hold (RFC 4724 §3).
const RESTART_TIME: u32 = 4095;

/// Neighbours that are complete.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// With the sections of `api` that are built when all processes are known.
    peers: Vec<(PeerConfig, Vec<ApiDraft>)>,
    /// Where each index was taken.
    index: BTreeMap<String, Span>,
}

/// What the whole file says; no configuration if there was any mistake.
pub(crate) fn finish(mut loader: Loader<'_>) -> (Option<Config>, Problems) {
    let mut peers = Vec::with_capacity(loader.checked.peers.len());
    for (mut peer, api) in loader.checked.peers {
        peer.api = api.iter().map(|api| api.build(&loader.processes, &mut loader.problems)).collect();
        peers.push(Arc::new(peer));
    }
    let settings = loader.environment.settings(loader.context);
    let config = Config { settings, processes: loader.processes.list, peers };
    ((!loader.problems.has_errors()).then_some(config), loader.problems)
}

impl Loader<'_> {
    pub(crate) fn close_neighbor(&mut self) {
        let mut draft = std::mem::take(&mut self.neighbor);
        self.inherit_all(&mut draft);
        self.neighbor = self.group.take().unwrap_or_default();
        let routes = all_routes(&mut draft);
        let mut check = Check {
            draft: &draft,
            scalars: &draft.scalars,
            problems: &mut self.problems,
            environment: self.environment,
            context: self.context,
        };
        let Some(mut peer) = check.peer() else { return };
        check.routes(&peer, &routes);
        let index = peer.index();
        if let Some(first) = self.checked.index.get(&index) {
            let error = Diagnostic::error(draft.at, format!("a neighbor like this exists already: {index}"));
            let error =
                error.label(*first, "it is here").help("remove one, or make their addresses or AS numbers differ");
            return self.problems.add(error);
        }
        self.checked.index.insert(index, draft.at);
        if peer.capability.multi_session && peer.families.len() > 1 && peer.listen.is_none() {
            for family in &peer.families {
                let routes = routes.only(|kept| kept == *family);
                let one = PeerConfig { families: vec![*family], routes, ..peer.clone() };
                self.checked.peers.push((one, draft.api.clone()));
            }
            return;
        }
        peer.routes = routes.only(|family| peer.families.contains(&family));
        self.checked.peers.push((peer, draft.api));
    }
}

/// The neighbour's own routes, then those of its templates; shared with others as long as there are no own ones.
fn all_routes(draft: &mut NeighborDraft) -> Arc<SharedRoutes> {
    let mut own = std::mem::take(&mut draft.routes);
    let inherited = std::mem::take(&mut draft.inherited);
    match &*inherited {
        [only] if own.is_empty() => only.clone(),
        _ => {
            inherited.iter().for_each(|routes| own.merge(routes));
            Arc::new(own.share())
        }
    }
}

struct Check<'a> {
    draft: &'a NeighborDraft,
    scalars: &'a Scalars,
    problems: &'a mut Problems,
    environment: &'a Environment,
    context: &'a Context<'a>,
}

impl Check<'_> {
    /// The neighbour; `None` if it has no address to speak of.
    fn peer(&mut self) -> Option<PeerConfig> {
        let (address, range) = match self.scalars.value(Neighbor, "peer-address") {
            Some(Scalar::Network(address, len)) => (*address, *len),
            _ => self.draft.address?,
        };
        let mut peer = PeerConfig::new(address);
        peer.range = range;
        self.mandatory(&mut peer);
        self.plain(&mut peer);
        self.same_family(&peer);
        self.range(&mut peer);
        self.listen(&peer);
        self.no_effect_yet();
        peer.operational = self.draft.operational.clone();
        peer.families = self.draft.family.offered();
        peer.capability = self.capability(&peer);
        peer.adj_rib_out = self.adj_rib_out(&peer);
        peer.transport = self.transport();
        Some(peer)
    }

    fn error(&mut self, at: Span, message: impl Into<String>, help: &str) {
        let error = Diagnostic::error(at, message).help(help);
        let error = if at == self.draft.at { error } else { error.label(self.draft.at, "in this neighbor") };
        self.problems.add(error);
    }

    /// Where a value of the neighbour was set; the neighbour itself if it was not.
    fn at(&self, name: &'static str) -> Span {
        self.scalars.at(Neighbor, name).unwrap_or(self.draft.at)
    }

    fn mandatory(&mut self, peer: &mut PeerConfig) {
        peer.local_as = self.asn("local-as");
        peer.peer_as = self.asn("peer-as");
        peer.local_address = self.scalars.address(Neighbor, "local-address");
        peer.router_id = match self.scalars.address(Neighbor, "router-id") {
            Some(IpAddr::V4(id)) => Some(id),
            _ => None,
        };
        let refused = &self.scalars.refused;
        let refused = refused.contains(&(Neighbor, "router-id")) || refused.contains(&(Neighbor, "local-address"));
        if !refused && peer.identifier().is_none() {
            let message = format!("neighbor {} has no `router-id`", peer.address);
            self.error(self.draft.at, message, "add `router-id IPV4;`: only an IPv4 `local-address` can stand for it");
        } else if peer.router_id == Some(Ipv4Addr::UNSPECIFIED) {
            self.error(self.at("router-id"), "the router identifier is zero", "it must not be (RFC 6286 §2.1)");
        }
    }

    fn asn(&mut self, name: &'static str) -> Option<Asn> {
        match self.scalars.value(Neighbor, name) {
            Some(Scalar::Asn(asn)) => {
                if asn.0 == 0 {
                    let warning = Diagnostic::warning(self.at(name), "AS 0 is no AS to peer with (RFC 7607)");
                    self.problems.add(warning.help("use the number that was assigned, or `auto`"));
                }
                Some(*asn)
            }
            Some(_) => None,
            None => {
                if !self.scalars.refused.contains(&(Neighbor, name)) {
                    let message = format!("this neighbor has no `{name}`");
                    self.error(
                        self.draft.at,
                        message,
                        &format!("add `{name} ASN;`, or inherit it from a template above"),
                    );
                }
                None
            }
        }
    }

    fn plain(&mut self, peer: &mut PeerConfig) {
        let scalars = self.scalars;
        let flag = |name, default| scalars.flag(Neighbor, name).unwrap_or(default);
        let port = |name| scalars.number(Neighbor, name).and_then(|n| u16::try_from(n).ok());
        let text = |name| scalars.text(Neighbor, name).filter(|text| !text.is_empty()).map(str::to_owned);
        peer.hold_time = port("hold-time").unwrap_or(peer.hold_time);
        peer.passive = flag("passive", peer.passive);
        peer.listen = port("listen");
        peer.connect = port("connect");
        peer.description = text("description").unwrap_or_default();
        peer.host_name = text("host-name").or_else(|| self.context.host_name.clone());
        peer.domain_name = text("domain-name").unwrap_or_else(|| self.context.domain_name.clone());
        peer.group_updates = flag("group-updates", peer.group_updates);
        peer.auto_flush = flag("auto-flush", peer.auto_flush);
        peer.adj_rib_in = flag("adj-rib-in", peer.adj_rib_in);
        peer.manual_eor = flag("manual-eor", peer.manual_eor);
        peer.rate_limit = scalars.number(Neighbor, "rate-limit");
        peer.link_local = match scalars.address(Neighbor, "local-link-local") {
            Some(IpAddr::V6(address)) => Some(address),
            _ => None,
        };
    }

    fn same_family(&mut self, peer: &PeerConfig) {
        if let Some(local) = peer.local_address
            && local.is_ipv4() != peer.address.is_ipv4()
        {
            let kind = |address: IpAddr| if address.is_ipv4() { "IPv4" } else { "IPv6" };
            let message = format!("`local-address` is {}, the peer is {}", kind(local), kind(peer.address));
            self.error(self.at("local-address"), message, "both ends of a session are of one address family");
        }
    }

    fn range(&mut self, peer: &mut PeerConfig) {
        let at = self.at("peer-address");
        let Some(network) = Prefix::new(peer.address, peer.range).map(Prefix::masked) else { return };
        if network.addr() != peer.address {
            let message = format!("`{}/{}` has bits set beyond its length", peer.address, peer.range);
            self.problems.add(Diagnostic::warning(at, message).help(format!("it stands for {network}")));
            peer.address = network.addr();
        }
        if peer.is_range() && !peer.passive && !self.environment.flag("bgp", "passive") {
            self.error(at, "only a passive neighbor may be a network", "add `passive;`, or name one address");
        }
    }

    fn listen(&mut self, peer: &PeerConfig) {
        if peer.listen.is_some() && peer.local_address.is_none() {
            self.error(self.at("listen"), "`listen` needs a `local-address`", "add `local-address ADDRESS;`");
        }
    }

    /// Values that are understood and kept out of the way.
    fn no_effect_yet(&mut self) {
        let name = "link-local-prefer";
        if let Some(setting) = self.scalars.get(Capability, name).filter(|s| s.value != Scalar::Flag(false)) {
            self.problems.add(Diagnostic::warning(setting.at, format!("`{name}` has no effect yet")));
        }
    }

    fn adj_rib_out(&mut self, peer: &PeerConfig) -> bool {
        let wanted = self.scalars.flag(Neighbor, "adj-rib-out").unwrap_or(true);
        if !wanted && peer.capability.route_refresh {
            let at = self.at("adj-rib-out");
            let warning = Diagnostic::warning(at, "routes sent are kept: `route-refresh` cannot do without them");
            self.problems.add(warning.help("remove this, or `route-refresh`"));
            return true;
        }
        wanted
    }

    fn capability(&mut self, peer: &PeerConfig) -> CapabilityConfig {
        let default = CapabilityConfig::default();
        let scalars = self.scalars;
        let on = |name| is_on(scalars, Capability, name);
        let flag = |name, default| scalars.flag(Capability, name).unwrap_or(default);
        let mut capability = CapabilityConfig {
            asn4: flag("asn4", default.asn4),
            extended_message: flag("extended-message", default.extended_message),
            route_refresh: on("route-refresh"),
            graceful_restart: self.restart_time(peer.hold_time),
            restart_notification: on("graceful-restart-notification"),
            long_lived: scalars.number(Capability, "long-lived-graceful-restart"),
            role: scalars.text(Capability, "role").and_then(Role::parse),
            role_strict: on("role-strict"),
            multiple_labels: scalars.number(Capability, "multiple-labels").and_then(|n| u8::try_from(n).ok()),
            raw: self.draft.capabilities.clone(),
            multi_session: on("multi-session"),
            operational: on("operational"),
            aigp: scalars.flag(Capability, "aigp"),
            software_version: on("software-version"),
            link_local_next_hop: on("link-local-nexthop"),
            ..default
        };
        self.without_effect(peer, &capability);
        self.add_path(&mut capability, &peer.families);
        if flag("nexthop", self.draft.family.next_hop_section) {
            let offered = |family: &Family| peer.families.contains(family);
            let both = |(family, afi): &&(Family, Afi)| offered(family) && offered(&Family::new(*afi, family.safi));
            capability.next_hop = self.draft.family.next_hop.iter().filter(both).copied().collect();
        }
        capability
    }

    /// Capabilities that mean something beside others only.
    fn without_effect(&mut self, peer: &PeerConfig, capability: &CapabilityConfig) {
        let restarts = capability.graceful_restart.is_some();
        let labelled = peer.families.iter().any(|family| matches!(family.safi, Safi::NLRI_MPLS | Safi::MPLS_VPN));
        if let (false, Some(at)) = (capability.operational, self.draft.operational_at) {
            let warning = Diagnostic::warning(at, "these messages are not sent: the capability is not offered");
            self.problems.add(warning.help("add `capability { operational; }`"));
        }
        let internal = peer.local_as.is_some() && peer.local_as == peer.peer_as;
        for (name, idle, help) in [
            ("graceful-restart-notification", capability.restart_notification && !restarts, "add `graceful-restart;`"),
            ("long-lived-graceful-restart", capability.long_lived.is_some() && !restarts, "add `graceful-restart;`"),
            ("role-strict", capability.role_strict && capability.role.is_none(), "add `role ROLE;`"),
            ("role", capability.role.is_some() && internal, "roles are for peers in other ASes (RFC 9234 §4.2)"),
            ("multiple-labels", capability.multiple_labels.is_some() && !labelled, "offer a family with labels"),
        ] {
            if let Some(at) = self.scalars.at(Capability, name).filter(|_| idle) {
                self.problems.add(Diagnostic::warning(at, format!("`{name}` has no effect here")).help(help));
            }
        }
    }

    fn restart_time(&mut self, hold_time: u16) -> Option<u16> {
        let setting = self.scalars.get(Capability, "graceful-restart")?;
        let seconds = match setting.value {
            Scalar::Auto => u32::from(hold_time),
            Scalar::Number(n) => n,
            _ => return None,
        };
        if seconds > RESTART_TIME && matches!(setting.value, Scalar::Number(_)) {
            let message = format!("the restart time is cut to {RESTART_TIME} seconds (RFC 4724 §3)");
            self.problems.add(Diagnostic::warning(setting.at, message));
        }
        u16::try_from(seconds.min(RESTART_TIME)).ok()
    }

    fn add_path(&mut self, capability: &mut CapabilityConfig, offered: &[Family]) {
        let Some(mode) = self.scalars.get(Capability, "add-path") else { return };
        let Scalar::Number(bits) = mode.value else { return };
        capability.add_path = u8::try_from(bits).unwrap_or(0);
        let named = &self.draft.family.add_path;
        if self.draft.family.add_path_all || named.is_empty() || bits == 0 {
            return;
        }
        let mut families: Vec<(Family, Option<u16>)> = Vec::new();
        for (family, limit) in named.iter().filter(|(family, _)| offered.contains(family)) {
            if !families.iter().any(|(known, _)| known == family) {
                families.push((*family, *limit));
            }
        }
        if families.is_empty() {
            let warning = Diagnostic::warning(mode.at, "no family in `add-path { }` is offered: add-path is off");
            self.problems.add(warning.help("name families that `family { }` has"));
            capability.add_path = 0;
        }
        capability.add_path_families = families;
    }

    fn transport(&mut self) -> Transport {
        let scalars = self.scalars;
        let ttl = |name| scalars.number(Neighbor, name).and_then(|n| u8::try_from(n).ok());
        Transport {
            outgoing_ttl: ttl("outgoing-ttl"),
            incoming_ttl: ttl("incoming-ttl"),
            md5: self.md5(),
            md5_ip: scalars.address(Neighbor, "md5-ip"),
            source_interface: scalars.text(Neighbor, "source-interface").map(str::to_owned),
        }
    }

    fn md5(&mut self) -> Option<Md5> {
        let password = self.scalars.text(Neighbor, "md5-password")?;
        let at = self.at("md5-password");
        let key = match self.scalars.value(Neighbor, "md5-base64") {
            Some(Scalar::Flag(true)) => base64(password),
            // only what could be lower-case hexadecimal is taken for base64
            Some(Scalar::Auto) if password.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) => {
                base64(password).or_else(|| Some(password.as_bytes().to_vec()))
            }
            _ => Some(password.as_bytes().to_vec()),
        };
        let Some(key) = key else {
            self.error(at, "the password is not base64", "set `md5-base64 false;`, or write the key in base64");
            return None;
        };
        if key.len() > MD5_KEY {
            let message = format!("the password has {} octets: more than {MD5_KEY}", key.len());
            self.error(at, message, "TCP-MD5 takes no longer key");
        }
        Some(Md5(key))
    }

    /// Every family that has routes must be offered. IPv4 unicast may be missing: its routes are then left out.
    fn routes(&mut self, peer: &PeerConfig, routes: &SharedRoutes) {
        let session = peer.local_address.unwrap_or(peer.address);
        for used in &routes.uses {
            let offered = peer.families.contains(&used.family);
            if !offered && used.family == Family::IPV4_UNICAST {
                let message = format!("{} routes are not announced: `ipv4 unicast` is not offered", used.count);
                let warning = Diagnostic::warning(used.first, message).label(self.draft.at, "to this neighbor");
                self.problems.add(warning.help("add `ipv4 unicast;` to `family`"));
            } else if !offered {
                let message = format!("a route of {0}, but `{0}` is not offered to this neighbor", used.family);
                self.error(used.first, message, &format!("add `{};` to `family`", used.family));
            }
            if let Some(at) = used.to_self
                && used.family.afi == Afi::IPV6
                && session.is_ipv4()
            {
                let help = "name an IPv6 address";
                self.error(at, "`next-hop self` of an IPv6 route on an IPv4 session", help);
            }
            if let Some(at) = used.crossed {
                self.crossed(peer, used.family, at);
            }
        }
    }

    /// A next hop of the other address family is sent as it is, for a peer that takes it.
    fn crossed(&mut self, peer: &PeerConfig, family: Family, at: Span) {
        let (own, other) = if family.afi == Afi::IPV4 { ("IPv4", "IPv6") } else { ("IPv6", "IPv4") };
        let message = format!("an {other} next hop of an {own} route");
        let agreed = peer.capability.next_hop.iter().any(|(known, _)| *known == family);
        let (message, help) = match family.afi {
            Afi::IPV4 if agreed => return,
            Afi::IPV4 => (
                format!("{message} means nothing to a peer that was not offered it (RFC 8950)"),
                format!("add `nexthop {{ {family} ipv6; }}`, and `nexthop enable;` to `capability`"),
            ),
            _ => (
                format!("{message} is sent as four octets, which most speakers refuse (RFC 2545 §3)"),
                "name an IPv6 address, such as ::ffff:192.0.2.1 for an IPv4 one".to_owned(),
            ),
        };
        self.problems.add(Diagnostic::warning(at, message).help(help));
    }
}

/// Decodes base64 (RFC 4648 §4); padding may be missing.
fn base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    if text.len() - digits.len() > 2 || digits.len() % 4 == 1 {
        return None;
    }
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for chunk in digits.as_bytes().chunks(4) {
        let mut bits = 0u32;
        for (i, digit) in (0u32..).zip(chunk) {
            let value = match digit {
                b'A'..=b'Z' => digit - b'A',
                b'a'..=b'z' => digit - b'a' + 26,
                b'0'..=b'9' => digit - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits |= u32::from(value) << (26 - 6 * i);
        }
        out.extend(bits.to_be_bytes().iter().take(chunk.len() - 1));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_all_lengths() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("YQ==", b"a"),
            ("YQ", b"a"),
            ("YWI=", b"ab"),
            ("YWJj", b"abc"),
            ("YWJjZA==", b"abcd"),
            ("+/8=", &[0xfb, 0xff]),
        ] {
            assert_eq!(base64(text).as_deref(), Some(bytes), "{text}");
        }
        for wrong in ["a", "YW J", "Y===", "YQ=a"] {
            assert_eq!(base64(wrong), None, "{wrong}");
        }
    }
}
