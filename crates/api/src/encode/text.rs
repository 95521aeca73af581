//! Events as words: lines for shell scripts. An empty line follows each event.

use super::json::{Way, kind_of, v4_reason};
use super::known::{Identity, Known};
use super::{Form, Style, update};
use herald_bgp::capability;
use herald_bgp::dialect::Dialect;
use herald_bgp::family::Family;
use herald_bgp::message::{Kind, Message};
use herald_bgp::notification::Notification;
use herald_bgp::open::Open;
use herald_bgp::operational::Operational;
use herald_bgp::put;
use herald_bgp::put::{Hex, LowerHex, Put};
use herald_bgp::refresh::RouteRefresh;
use herald_bgp::text::escape;
use herald_speaker::event::What;

/// Appends the lines of an event; nothing for one that has no words.
pub(super) fn event(what: &What<'_>, form: Form, known: &Known, style: Style, scratch: &mut String, out: &mut String) {
    let words = &known.words;
    match what {
        What::Connected => put!(out, words, "connected\n\n"),
        What::Up => put!(out, words, "up\n\n"),
        What::Down(reason) => {
            put!(out, words, "down - ");
            match style.dialect {
                Dialect::V4 => escape(out, &v4_reason(reason, ["[", "]"])),
                _ => escape(out, reason),
            }
            out.push_str("\n\n");
        }
        What::Message { direction, bytes, .. } => {
            let before = out.len();
            if message((*direction).into(), bytes, form, known, style, scratch, out).is_none() {
                out.truncate(before);
            }
        }
        What::Fsm(_) | What::Negotiated | What::Signal { .. } => {}
    }
}

/// Appends the event that says farewell.
pub(super) fn shutdown(identity: &Identity, out: &mut String) {
    put!(out, "shutdown ", identity.pid, ' ', identity.ppid, "\n\n");
}

/// Appends the lines for one message in one form; `None` if there is nothing to be said, with a part of them left in
/// `out`.
pub(super) fn message(
    way: Way,
    bytes: &[u8],
    form: Form,
    known: &Known,
    style: Style,
    scratch: &mut String,
    out: &mut String,
) -> Option<()> {
    let message = &Message { kind: kind_of(bytes), bytes };
    let body = message.body();
    let start = out.len();
    out.push_str(&known.words);
    out.push_str(match way {
        Way::Receive => "receive ",
        Way::Send => "send ",
        Way::Offline => "receive ",
    });
    if form == Form::Packets {
        message.kind.0.put(out);
        octets(message, out);
        out.push_str("\n\n");
        return Some(());
    }
    match message.kind {
        Kind::UPDATE => {
            let update = update::read(way, body, known)?;
            let prefix = out.split_off(start);
            let consolidated = (form == Form::Consolidated).then_some(message);
            update::text(&update, &prefix, consolidated, style.dialect, scratch, out);
            return Some(());
        }
        Kind::OPEN => open(&Open::read(body).ok()?, style.dialect, out),
        Kind::NOTIFICATION => notification(&Notification::read(body), out),
        Kind::KEEPALIVE => out.push_str("keepalive"),
        Kind::ROUTE_REFRESH => refresh(RouteRefresh::read(body).ok()?, out),
        Kind::OPERATIONAL => operational(&Operational::read(body).ok()?, style.dialect, out),
        _ => return None,
    }
    if form == Form::Consolidated {
        octets(message, out);
    }
    out.push_str(if message.kind == Kind::OPERATIONAL { "\n" } else { "\n\n" });
    Some(())
}

/// Appends ` header 0x… body 0x…`; an empty body is left out.
pub(super) fn octets(message: &Message<'_>, out: &mut String) {
    put!(out, " header 0x", Hex(message.header()));
    if !message.body().is_empty() {
        put!(out, " body 0x", Hex(message.body()));
    }
}

fn open(open: &Open, dialect: Dialect, out: &mut String) {
    let Open { version, my_as, hold_time, router_id, .. } = open;
    put!(out, "open version ", version, " asn ", my_as, " hold_time ", hold_time, " router_id ", router_id);
    out.push_str(" capabilities [");
    capability::text_all(open, out, dialect);
    out.push(']');
}

fn notification(notification: &Notification, out: &mut String) {
    let Notification { code, subcode, .. } = notification;
    put!(out, "notification code ", code, " subcode ", subcode, " data 0x", Hex(&notification.shown_data()));
}

fn refresh(refresh: RouteRefresh, out: &mut String) {
    let (afi, safi) = (refresh.family.afi, refresh.family.safi);
    put!(out, "route-refresh afi ", afi, " safi ", safi, ' ');
    match refresh.name() {
        Some(name) => out.push_str(name),
        None => refresh.subtype.put(out),
    }
}

fn operational(operational: &Operational<'_>, dialect: Dialect, out: &mut String) {
    let start = |out: &mut String, name: &str, family: Family| {
        put!(out, "operational ", name, " afi ", family.afi, " safi ", family.safi);
    };
    match operational {
        Operational::Advisory { name, family, text } => {
            start(out, name, *family);
            out.push_str(" advisory \"");
            match dialect {
                Dialect::V6 => escape(out, &String::from_utf8_lossy(text)),
                _ => octet_literal(text, out),
            }
            out.push('"');
        }
        Operational::Query { name, family, .. } => start(out, name, *family),
        Operational::Count { name, family, router_id, sequence, counter } => {
            start(out, name, *family);
            put!(out, " router-id ", router_id, " sequence ", sequence, " counter ", counter);
        }
        Operational::Other { name, kind, value } => {
            put!(out, "operational ", name, " type ", kind, " data 0x", Hex(value));
        }
    }
}

/// Appends octets as the first two generations show them: `b'text'`, with escapes for all but printable ASCII.
fn octet_literal(octets: &[u8], out: &mut String) {
    let quote = if octets.contains(&b'\'') && !octets.contains(&b'"') { b'"' } else { b'\'' };
    out.push('b');
    out.push(char::from(quote));
    for octet in octets {
        match octet {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            octet if *octet == quote => put!(out, '\\', char::from(quote)),
            b' '..=b'~' => out.push(char::from(*octet)),
            _ => put!(out, "\\x", LowerHex(&[*octet])),
        }
    }
    out.push(char::from(quote));
}
