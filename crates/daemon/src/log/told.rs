//! What happened, in lines for people.

use super::{on, say};
use herald_api::encode::{Encoder, Form, Identity, Style};
use herald_bgp::capability;
use herald_bgp::explain::{self, Field};
use herald_bgp::message::Kind;
use herald_bgp::put::Hex;
use herald_bgp::put::Put as _;
use herald_speaker::config;
use herald_speaker::event::{Direction, Event, Level, What};
use herald_speaker::time::UnixNanos;
use std::net::IpAddr;

/// Logs what happened, as far as it is for people.
pub fn event(event: &Event<'_>) {
    let peer = event.peer.address;
    match event.what {
        What::Connected => say(Level::Debug, "network", format_args!("neighbor {peer} connected")),
        What::Up => say(Level::Info, "reactor", format_args!("neighbor {peer} up")),
        What::Down(reason) => say(Level::Info, "reactor", format_args!("neighbor {peer} down: {reason}")),
        What::Message { direction, bytes, faults } => {
            for fault in faults {
                say(Level::Warning, "network", format_args!("neighbor {peer}: {}", fault.malformed));
            }
            message(event, peer, direction, bytes);
        }
        What::Negotiated => {
            if let Some(negotiated) = &event.peer.negotiated {
                let mut offers = String::new();
                capability::describe(&negotiated.received, &mut offers);
                say(Level::Info, "reactor", format_args!("neighbor {peer} offers {offers}"));
            }
        }
        What::Fsm(_) | What::Signal { .. } => {}
    }
}

/// Logs a message: that there was one, its octets, its routes, its fields; each is a category.
fn message(event: &Event<'_>, peer: IpAddr, direction: Direction, bytes: &[u8]) {
    let verb = match direction {
        Direction::Receive => "received",
        Direction::Send => "sent",
    };
    let kind = Kind(bytes.get(18).copied().unwrap_or(0));
    let name = kind.name().unwrap_or("a message of unknown type");
    if on(Level::Debug, "message") {
        say(Level::Debug, "message", format_args!("neighbor {peer} {verb} {name}, {} octets", bytes.len()));
    }
    if on(Level::Debug, "wire") {
        let mut octets = String::new();
        Hex(bytes).put(&mut octets);
        say(Level::Debug, "wire", format_args!("neighbor {peer} {verb} {octets}"));
    }
    if kind == Kind::UPDATE && direction == Direction::Receive && on(Level::Debug, "routes") {
        let mut lines = String::new();
        let mut encoder = Encoder::new(Style::default(), Identity::new("", "", 0, 0));
        encoder.event(event, UnixNanos(0), config::Encoder::Text, Form::Parsed, &mut lines);
        for line in lines.lines().filter(|line| line.contains(" announced ") || line.contains(" withdrawn ")) {
            say(Level::Debug, "routes", format_args!("{line}"));
        }
    }
    if on(Level::Debug, "parser")
        && let Some(negotiated) = &event.peer.negotiated
    {
        let explained = explain::message(bytes, &negotiated.context, Style::default().dialect);
        explained.fields.iter().for_each(|field| fields(peer, bytes, field));
    }
}

/// Logs fields that have no parts, each with its offset.
fn fields(peer: IpAddr, bytes: &[u8], field: &Field) {
    field.parts.iter().for_each(|part| fields(peer, bytes, part));
    if field.parts.is_empty() && !field.meaning.name.is_empty() {
        let mut words = field.meaning.words.clone();
        match field.value(bytes) {
            _ if !words.is_empty() => {}
            Some(value) => words = value,
            None => Hex(bytes.get(field.at..field.at + field.len).unwrap_or(&[])).put(&mut words),
        }
        say(Level::Debug, "parser", format_args!("neighbor {peer} {} {} {words}", field.at, field.meaning.name));
    }
}
