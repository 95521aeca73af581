//! Events as words: lines for shell scripts. An empty line follows each event.

use super::json::{AfiName, SafiName, Way, kind_of, v4_reason};
use super::known::{Identity, Known};
use super::{Form, Style, update};
use herald_bgp::capability;
use herald_bgp::dialect::Dialect;
use herald_bgp::family::Family;
use herald_bgp::json::hex;
use herald_bgp::message::{Kind, Message};
use herald_bgp::notification::Notification;
use herald_bgp::open::Open;
use herald_bgp::operational::Operational;
use herald_bgp::refresh::RouteRefresh;
use herald_bgp::text::escape;
use herald_speaker::event::What;
use std::fmt::Write as _;

/// Appends the lines of an event; nothing for one that has no words.
pub(super) fn event(what: &What<'_>, form: Form, known: &Known, style: Style, scratch: &mut String, out: &mut String) {
    let words = &known.words;
    let _ = match what {
        What::Connected => write!(out, "{words}connected\n\n"),
        What::Up => write!(out, "{words}up\n\n"),
        What::Down(reason) => {
            let _ = write!(out, "{words}down - ");
            match style.dialect {
                Dialect::V4 => escape(out, &v4_reason(reason, ["[", "]"])),
                _ => escape(out, reason),
            }
            out.write_str("\n\n")
        }
        What::Message { direction, bytes, .. } => {
            let before = out.len();
            if message((*direction).into(), bytes, form, known, style, scratch, out).is_none() {
                out.truncate(before);
            }
            Ok(())
        }
        What::Fsm(_) | What::Negotiated | What::Signal { .. } => Ok(()),
    };
}

/// Appends the event that says farewell.
pub(super) fn shutdown(identity: &Identity, out: &mut String) {
    let _ = write!(out, "shutdown {} {}\n\n", identity.pid, identity.ppid);
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
        let _ = write!(out, "{}", message.kind.0);
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
    out.push_str(" header 0x");
    hex(out, message.header());
    if !message.body().is_empty() {
        out.push_str(" body 0x");
        hex(out, message.body());
    }
}

fn open(open: &Open, dialect: Dialect, out: &mut String) {
    let Open { version, my_as, hold_time, router_id, .. } = open;
    let _ =
        write!(out, "open version {version} asn {my_as} hold_time {hold_time} router_id {router_id} capabilities [");
    capability::text_all(open, out, dialect);
    out.push(']');
}

fn notification(notification: &Notification, out: &mut String) {
    let Notification { code, subcode, .. } = notification;
    let _ = write!(out, "notification code {code} subcode {subcode} data 0x");
    hex(out, &notification.shown_data());
}

fn refresh(refresh: RouteRefresh, out: &mut String) {
    let (afi, safi) = (AfiName(refresh.family.afi), SafiName(refresh.family.safi));
    let _ = match refresh.name() {
        Some(name) => write!(out, "route-refresh afi {afi} safi {safi} {name}"),
        None => write!(out, "route-refresh afi {afi} safi {safi} {}", refresh.subtype),
    };
}

fn operational(operational: &Operational<'_>, dialect: Dialect, out: &mut String) {
    let start = |out: &mut String, name: &str, family: Family| {
        let _ = write!(out, "operational {name} afi {} safi {}", AfiName(family.afi), SafiName(family.safi));
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
            let _ = write!(out, " router-id {router_id} sequence {sequence} counter {counter}");
        }
        Operational::Other { name, kind, value } => {
            let _ = write!(out, "operational {name} type {kind} data 0x");
            hex(out, value);
        }
    }
}

/// Appends octets as the first two generations show them: `b'text'`, with escapes for all but printable ASCII.
fn octet_literal(octets: &[u8], out: &mut String) {
    let quote = if octets.contains(&b'\'') && !octets.contains(&b'"') { b'"' } else { b'\'' };
    out.push('b');
    out.push(char::from(quote));
    for octet in octets {
        let _ = match octet {
            b'\n' => out.write_str("\\n"),
            b'\r' => out.write_str("\\r"),
            b'\t' => out.write_str("\\t"),
            b'\\' => out.write_str("\\\\"),
            octet if *octet == quote => write!(out, "\\{}", char::from(quote)),
            b' '..=b'~' => out.write_char(char::from(*octet)),
            _ => write!(out, "\\x{octet:02x}"),
        };
    }
    out.push(char::from(quote));
}
