//! Messages as the commands that send them.

use herald_bgp::attribute;
use herald_bgp::family::Family;
use herald_bgp::json::hex;
use herald_bgp::message::{HEADER, Kind};
use herald_bgp::nlri::NextHop;
use herald_bgp::operational::{Operational, Said};
use herald_bgp::refresh::RouteRefresh;
use herald_bgp::route::words_of;
use herald_bgp::text::escape;
use herald_bgp::update::Update;
use herald_speaker::event::PeerView;
use std::fmt::Write as _;

/// Appends a line for each route that a message announces or withdraws, or one for a message that has a command of its own. What
/// cannot be asked for, such as an OPEN, is a comment. False if the message is not what its type says.
pub fn message(peer: &PeerView, bytes: &[u8], generic: bool, out: &mut String) -> bool {
    let (Some(kind), Some(body)) = (bytes.get(HEADER - 1).map(|kind| Kind(*kind)), bytes.get(HEADER..)) else {
        return false;
    };
    match kind {
        Kind::UPDATE => {
            let Some(negotiated) = &peer.negotiated else { return false };
            let Ok(update) = Update::inspect(body, &negotiated.context) else { return false };
            routes(&update, generic, out);
        }
        Kind::ROUTE_REFRESH => match RouteRefresh::read(body) {
            Ok(refresh) if refresh.subtype == RouteRefresh::REQUEST => {
                let _ = writeln!(out, "announce route-refresh {}", refresh.family);
            }
            Ok(_) => comment(kind, out),
            Err(_) => return false,
        },
        Kind::OPERATIONAL => match Operational::read(body) {
            Ok(said) => operational(&said, out),
            Err(_) => return false,
        },
        kind => comment(kind, out),
    }
    true
}

fn comment(kind: Kind, out: &mut String) {
    let _ = match kind.name() {
        Some(name) => writeln!(out, "# {name}"),
        None => writeln!(out, "# message of type {}", kind.0),
    };
}

fn operational(said: &Operational<'_>, out: &mut String) {
    let start = |out: &mut String, name: &str, family: &Family| {
        let _ = write!(out, "announce operational {name} afi {}", family.join(" safi "));
    };
    match said {
        Operational::Advisory { name, family, text } => {
            start(out, name, family);
            out.push_str(" advisory \"");
            escape(out, &String::from_utf8_lossy(text));
            out.push('"');
        }
        Operational::Query { name, family, router_id, sequence } => {
            start(out, name, family);
            let _ = write!(out, " router-id {router_id} sequence {sequence}");
        }
        Operational::Count { name, family, router_id, sequence, counter } => {
            start(out, name, family);
            let _ = write!(out, " router-id {router_id} sequence {sequence} counter {counter}");
        }
        Operational::Other { name, value, .. } if Said::is_type(name) => {
            let _ = write!(out, "announce operational {name} data 0x");
            hex(out, value);
        }
        Operational::Other { kind, .. } => {
            let _ = write!(out, "# OPERATIONAL of type {kind}");
        }
    }
    out.push('\n');
}

fn routes(update: &Update<'_>, generic: bool, out: &mut String) {
    if let Some(family) = update.end_of_rib() {
        let _ = writeln!(out, "announce eor {family}");
        return;
    }
    for block in update.withdrawn() {
        for (path_id, nlri) in block.iter() {
            route("withdraw", block.family, path_id, nlri, out);
            out.push('\n');
        }
    }
    let mut attributes = String::new();
    for block in update.announced() {
        attributes.clear();
        hop(block.next_hop, &mut attributes);
        let kept = update.attributes_of(&block);
        if generic {
            attribute::octets_all(kept.iter(), &mut attributes);
        } else {
            attribute::words_all(kept.iter(), &mut attributes);
        }
        for (path_id, nlri) in block.iter() {
            route("announce", block.family, path_id, nlri, out);
            out.push_str(&attributes);
            out.push('\n');
        }
    }
}

/// Appends the beginning of the command that announces or withdraws a route.
pub fn route(verb: &str, family: Family, path_id: Option<u32>, nlri: &[u8], out: &mut String) {
    let mut words = String::new();
    words_of(family, path_id, nlri, &mut words);
    let unicast = matches!(family, Family::IPV4_UNICAST | Family::IPV6_UNICAST) && !words.starts_with("raw ");
    let _ = if unicast { write!(out, "{verb} route {words}") } else { write!(out, "{verb} {family} {words}") };
}

fn hop(next_hop: NextHop, out: &mut String) {
    let _ = match next_hop {
        NextHop::None => Ok(()),
        NextHop::SelfAddress => write!(out, " next-hop self"),
        NextHop::Addr(addr) => write!(out, " next-hop {addr}"),
        NextHop::WithLinkLocal(global, local) => write!(out, " next-hop {global} next-hop {local}"),
    };
}
