//! Events as JSON: one object on one line. Blanks are where helper programs have always seen them.

use super::known::{Identity, Known};
use super::{Form, Style, update};
use herald_bgp::capability;
use herald_bgp::dialect::Dialect;
use herald_bgp::json;
use herald_bgp::message::{HEADER, Kind, Message};
use herald_bgp::notification::Notification;
use herald_bgp::open::Open;
use herald_bgp::operational::Operational;
use herald_bgp::put;
use herald_bgp::put::{Hex, Quoted};
use herald_bgp::refresh::RouteRefresh;
use herald_bgp::update::Update;
use herald_speaker::event::{Direction, What};

/// What is the same for all neighbours.
pub(super) struct Head<'a> {
    pub(super) identity: &'a Identity,
    pub(super) time: &'a str,
}

/// Appends the line; `None` if there is nothing to be said, with half a line left in `out`.
pub(super) fn event(
    what: &What<'_>,
    form: Form,
    known: &Known,
    style: Style,
    head: &Head<'_>,
    out: &mut String,
) -> Option<()> {
    let start = |out: &mut String, kind: &str| {
        open_line(head, known.counter(), kind, out);
        out.push_str(&known.envelope);
    };
    match what {
        What::Message { direction, bytes, .. } => {
            return message((*direction).into(), bytes, form, known, style, head, out);
        }
        What::Connected => {
            start(out, "state");
            out.push_str(", \"state\": \"connected\" } }\n");
        }
        What::Up => {
            start(out, "state");
            out.push_str(", \"state\": \"up\" } }\n");
        }
        What::Down(reason) => {
            start(out, "state");
            out.push_str(", \"state\": \"down\", \"reason\": ");
            match style.dialect {
                Dialect::V4 => json::string(out, &v4_reason(reason, ["(", ")"])),
                _ => json::string(out, reason),
            }
            out.push_str(" } }\n");
        }
        What::Fsm(state) => {
            start(out, "fsm");
            put!(out, ", \"state\": ", Quoted(state.name()), " } }\n");
        }
        What::Negotiated => {
            start(out, "negotiated");
            put!(out, ", ", known.negotiated, "  } }\n");
        }
        What::Signal { number, name } => {
            start(out, "signal");
            put!(out, ", \"code\": ", Quoted(number), ", \"name\": ");
            let unknown = if style.dialect == Dialect::V4 { "UNKNOWN" } else { "unknown" };
            json::string(out, if name.is_empty() { unknown } else { name });
            out.push_str(" } }\n");
        }
    }
    Some(())
}

/// Appends the event that says farewell.
pub(super) fn shutdown(head: &Head<'_>, out: &mut String) {
    out.push_str(&head.identity.head);
    out.push_str(head.time);
    out.push_str(&head.identity.tail);
    out.push_str(", \"type\": \"notification\", \"notification\": \"shutdown\" }\n");
}

/// Appends everything in front of `header`, `body` and `neighbor`.
fn open_line(head: &Head<'_>, counter: u64, kind: &str, out: &mut String) {
    out.push_str(&head.identity.head);
    out.push_str(head.time);
    out.push_str(&head.identity.tail);
    out.push_str(", \"counter\": ");
    json::number(out, counter);
    out.push_str(", \"type\": \"");
    out.push_str(kind);
    out.push('"');
}

/// Appends the line for one message in one form; `None` as [`event`] has it.
pub(super) fn message(
    way: Way,
    bytes: &[u8],
    form: Form,
    known: &Known,
    style: Style,
    head: &Head<'_>,
    out: &mut String,
) -> Option<()> {
    let kind = kind_of(bytes);
    let message = Message { kind, bytes };
    if form == Form::Packets {
        open_line(head, known.counter(), wire_name(kind, style.dialect), out);
        start_neighbor(way, known, out);
        packets(&message, known, style.dialect, out);
        return Some(());
    }
    open_line(head, known.counter(), event_name(kind)?, out);
    if form == Form::Consolidated {
        put!(out, ", \"header\": \"0x", Hex(message.header()), '"');
        if !message.body().is_empty() {
            put!(out, ", \"body\": \"0x", Hex(message.body()), '"');
        }
    }
    start_neighbor(way, known, out);
    match kind {
        Kind::UPDATE => {
            let update = update::read(way, message.body(), known)?;
            // where there is no session, nothing was negotiated
            update_payload(&update, known, known.tells_negotiated && way != Way::Offline, style, out);
        }
        Kind::OPEN => open(&Open::read(message.body()).ok()?, way, style.dialect, out),
        Kind::NOTIFICATION => notification(&Notification::read(message.body()), style.dialect, out),
        Kind::ROUTE_REFRESH => refresh(RouteRefresh::read(message.body()).ok()?, out),
        Kind::OPERATIONAL => operational(&Operational::read(message.body()).ok()?, out),
        _ => out.push_str("  } }\n"),
    }
    Some(())
}

/// Which way a message went, or that it came from no session at all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Receive,
    Send,
    Offline,
}

impl From<Direction> for Way {
    fn from(direction: Direction) -> Way {
        match direction {
            Direction::Receive => Way::Receive,
            Direction::Send => Way::Send,
        }
    }
}

/// The type of a message; 0 for octets whose length is not the one their header says.
pub(super) fn kind_of(bytes: &[u8]) -> Kind {
    match bytes.get(16..HEADER) {
        Some(&[high, low, kind]) if usize::from(u16::from_be_bytes([high, low])) == bytes.len() => Kind(kind),
        _ => Kind(0),
    }
}

fn start_neighbor(way: Way, known: &Known, out: &mut String) {
    out.push_str(&known.envelope);
    out.push_str(match way {
        Way::Receive => ", \"direction\": \"receive\"",
        Way::Send => ", \"direction\": \"send\"",
        Way::Offline => ", \"direction\": \"in\"",
    });
}

/// The `type` of a parsed event; none for what is no message.
fn event_name(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::OPEN => "open",
        Kind::UPDATE => "update",
        Kind::NOTIFICATION => "notification",
        Kind::KEEPALIVE => "keepalive",
        Kind::ROUTE_REFRESH => "refresh",
        Kind::OPERATIONAL => "operational",
        _ => return None,
    })
}

/// The `type` of a raw event.
fn wire_name(kind: Kind, dialect: Dialect) -> &'static str {
    match event_name(kind) {
        Some("refresh") => "route-refresh",
        Some(name) => name,
        None if dialect == Dialect::V6 => "unknown",
        None => "nop",
    }
}

fn packets(message: &Message<'_>, known: &Known, dialect: Dialect, out: &mut String) {
    put!(out, ", \"message\": { \"category\": ", message.kind.0, ", \"header\": \"0x", Hex(message.header()));
    put!(out, "\", \"body\": \"0x", Hex(message.body()), "\" }");
    // What is no message was not negotiated either, says the middle generation.
    if known.tells_negotiated && (dialect != Dialect::V5 || event_name(message.kind).is_some()) {
        out.push_str(" , ");
        out.push_str(&known.negotiated);
    }
    out.push_str("  } }\n");
}

fn update_payload(update: &Update<'_>, known: &Known, tells_negotiated: bool, style: Style, out: &mut String) {
    out.push_str(", \"message\": { ");
    update::json(update, style, out);
    out.push_str(" }");
    if tells_negotiated {
        out.push_str(", ");
        out.push_str(&known.negotiated);
        out.push(' ');
    }
    out.push_str(" } }\n");
}

fn open(open: &Open, way: Way, dialect: Dialect, out: &mut String) {
    put!(out, ", \"open\": { \"version\": ", open.version);
    json::member(out, "asn", open.my_as);
    json::member(out, "hold_time", open.hold_time);
    json::member(out, "router_id", Quoted(open.router_id));
    out.push_str(", \"capabilities\": ");
    capability::json_all(open, way == Way::Send, out, dialect);
    out.push_str(" } } }\n");
}

fn notification(notification: &Notification, dialect: Dialect, out: &mut String) {
    let Notification { code, subcode, .. } = notification;
    put!(out, ", \"notification\": { \"code\": ", code, ", \"subcode\": ", subcode);
    put!(out, ", \"data\": \"0x", Hex(&notification.shown_data()), '"');
    if dialect != Dialect::V4 {
        out.push_str(", \"message\": ");
        json::string(out, &notification.message());
    }
    out.push_str(" }  } }\n");
}

fn refresh(refresh: RouteRefresh, out: &mut String) {
    put!(out, ", \"route-refresh\": { \"afi\": ", Quoted(refresh.family.afi));
    json::member(out, "safi", Quoted(refresh.family.safi));
    match refresh.name() {
        Some(name) => json::member(out, "subtype", Quoted(name)),
        None => json::member(out, "subtype", Quoted(refresh.subtype)),
    }
    out.push_str(" } } }\n");
}

fn operational(operational: &Operational<'_>, out: &mut String) {
    let start = |out: &mut String, name: &str, family: herald_bgp::family::Family| {
        put!(out, ", \"operational\": { \"name\": ", Quoted(name));
        json::member(out, "afi", Quoted(family.afi));
        json::member(out, "safi", Quoted(family.safi));
    };
    match operational {
        Operational::Advisory { name, family, text } => {
            start(out, name, *family);
            out.push_str(", \"advisory\": ");
            json::string(out, &String::from_utf8_lossy(text));
        }
        Operational::Query { name, family, .. } => start(out, name, *family),
        Operational::Count { name, family, router_id, sequence, counter } => {
            start(out, name, *family);
            json::member(out, "router-id", Quoted(router_id));
            json::member(out, "sequence", sequence);
            json::member(out, "counter", counter);
        }
        Operational::Other { name, kind, value } => {
            put!(out, ", \"operational\": { \"name\": ", Quoted(name), ", \"type\": \"operational-type-", kind, '"');
            put!(out, ", \"data\": \"0x", Hex(value), '"');
        }
    }
    out.push_str(" } } }\n");
}

/// Why a session ended, as the oldest dialect says it: what happened, and what the error code means, in brackets.
pub(super) fn v4_reason(reason: &str, brackets: [&str; 2]) -> String {
    let [open, close] = brackets;
    let bracketed = |text: &str| text.replace(['[', '{'], open).replace([']', '}'], close);
    if reason.starts_with("stop, message") || reason.starts_with("graceful restarted") {
        return bracketed(reason);
    }
    let meaning = match reason {
        "closing connection" => "the TCP connection was closed by the remote end".into(),
        _ => error_code(reason).map(|notification| notification.to_string()).unwrap_or_default(),
    };
    format!("peer reset, message {open}{}{close} error{open}{meaning}{close}", bracketed(reason))
}

/// The codes of `notification sent (6,2)`.
fn error_code(reason: &str) -> Option<Notification> {
    let codes = reason.strip_prefix("notification ")?.split_once('(')?.1.strip_suffix(')')?;
    let (code, subcode) = codes.split_once(',')?;
    Some(Notification::new(code.parse().ok()?, subcode.parse().ok()?))
}
