//! What an encoder remembers: the parts of lines that stay the same from one event to the next.

use super::Style;
use super::float;
use herald_bgp::context::Context;
use herald_bgp::dialect::Dialect;
use herald_bgp::family::{Afi, Family};
use herald_bgp::json::{self, Separator};
use herald_bgp::put;
use herald_bgp::put::{Put, Quoted};
use herald_speaker::event::{Negotiated, PeerView, Refresh};
use herald_speaker::time::UnixNanos;
use std::sync::Arc;

/// What every event says of the daemon, ready to be copied.
#[derive(Clone, Debug)]
pub struct Identity {
    /// `{ "exabgp": "5.0.0", "time": `
    pub(super) head: String,
    /// `, "host" : "h", "pid" : 1, "ppid" : 2`
    pub(super) tail: String,
    pub(super) pid: u32,
    pub(super) ppid: u32,
}

impl Identity {
    /// `version`: what `"exabgp"` says, usually [`Dialect::version`].
    pub fn new(version: &str, host: &str, pid: u32, ppid: u32) -> Identity {
        let (mut head, mut tail) = (String::from("{ \"exabgp\": "), String::from(", \"host\" : "));
        json::string(&mut head, version);
        head.push_str(", \"time\": ");
        json::string(&mut tail, host);
        put!(&mut tail, ", \"pid\" : ", pid, ", \"ppid\" : ", ppid);
        Identity { head, tail, pid, ppid }
    }
}

/// The last moment, in words: events come in bursts that share it.
#[derive(Debug, Default)]
pub(super) struct Time {
    at: UnixNanos,
    shown: String,
}

impl Time {
    pub(super) fn show(&mut self, at: UnixNanos) -> &str {
        if self.at != at || self.shown.is_empty() {
            self.shown.clear();
            float::seconds(at, &mut self.shown);
            self.at = at;
        }
        &self.shown
    }
}

/// A neighbour, and what is printed of it in every event.
#[derive(Debug)]
pub(super) struct Known {
    view: Arc<PeerView>,
    counter: u64,
    /// `, "neighbor": { "address": { … }, "asn": { … }, "router-id": "192.0.2.1" `
    pub(super) envelope: String,
    /// `"negotiated": { … }`
    pub(super) negotiated: String,
    /// That member follows messages, too.
    pub(super) tells_negotiated: bool,
    /// `neighbor 192.0.2.2 `
    pub(super) words: String,
    /// How our own messages are read.
    pub(super) sends: Option<Context>,
}

impl Known {
    pub(super) fn new(view: &Arc<PeerView>, style: Style) -> Known {
        let mut envelope = String::new();
        write_envelope(view, style.dialect, &mut envelope);
        let mut negotiated = String::new();
        write_negotiated(view.negotiated.as_deref(), style.dialect, &mut negotiated);
        Known {
            view: view.clone(),
            counter: 1,
            envelope,
            negotiated,
            tells_negotiated: style.dialect == Dialect::V6 || view.config.api.iter().any(|api| api.negotiated),
            words: format!("neighbor {} ", view.address),
            sends: view
                .negotiated
                .as_ref()
                .map(|n| Context { add_path_receive: n.context.add_path_send.clone(), ..n.context.clone() }),
        }
    }

    /// Takes a new view of the same neighbour. Numbers start again if the configuration makes it another one.
    pub(super) fn renew(&mut self, view: &Arc<PeerView>, style: Style) {
        let same = Arc::ptr_eq(&self.view.config, &view.config) || !self.view.config.needs_new_session(&view.config);
        let counter = if same { self.counter } else { 1 };
        *self = Known { counter, ..Known::new(view, style) };
    }

    pub(super) fn view(&self) -> &Arc<PeerView> {
        &self.view
    }

    /// The number of the next JSON event.
    pub(super) fn counter(&self) -> u64 {
        self.counter
    }

    pub(super) fn count(&mut self) {
        self.counter += 1;
    }
}

/// Appends a string, or `null` for what is not known yet.
fn value(out: &mut String, key: &str, value: Option<impl Put>, quote: &str) {
    match value {
        Some(value) => put!(out, Quoted(key), ": ", quote, value, quote),
        None => put!(out, Quoted(key), ": null"),
    }
}

fn write_envelope(view: &PeerView, dialect: Dialect, out: &mut String) {
    out.push_str(", \"neighbor\": { \"address\": { ");
    value(out, "local", view.local_address, "\"");
    out.push_str(", ");
    value(out, "peer", Some(view.address), "\"");
    out.push_str(" }, \"asn\": { ");
    value(out, "local", view.local_as, "");
    out.push_str(", ");
    value(out, "peer", view.peer_as, "");
    out.push_str(" }");
    if dialect != Dialect::V4 {
        out.push_str(", ");
        value(out, "router-id", view.router_id, "\"");
    }
    out.push(' ');
}

/// How a dialect writes a list in this member: its brackets, and what separates the items.
struct Lists(&'static str, &'static str, &'static str);

fn write_negotiated(negotiated: Option<&Negotiated>, dialect: Dialect, out: &mut String) {
    let lists = if dialect == Dialect::V4 { Lists("[ ", " ,", " ]") } else { Lists("[", ", ", "]") };
    let context = negotiated.map(|n| &n.context);
    let refresh = match negotiated.map_or(Refresh::Absent, |n| n.refresh) {
        Refresh::Absent => "absent",
        Refresh::Normal => "normal",
        Refresh::Enhanced => "enhanced",
    };
    let message_size = context.map_or(herald_bgp::message::MAX, |cx| cx.message_size);
    put!(out, "\"negotiated\": { \"message_size\": ", message_size);
    json::member(out, "hold_time", negotiated.map_or(0, |n| n.hold_time));
    json::member(out, "asn4", context.is_some_and(|cx| cx.asn4));
    json::member(out, "multisession", negotiated.is_some_and(|n| n.multisession));
    json::member(out, "operational", negotiated.is_some_and(|n| n.operational));
    json::member(out, "refresh", Quoted(refresh));
    out.push_str(", \"families\": ");
    let families = |out: &mut String, list: &[Family]| write_list(list.iter(), &lists, out);
    families(out, context.map_or(&[], |cx| &cx.families));
    out.push_str(", \"nexthop\": ");
    let pairs = context.map_or(&[][..], |cx| &cx.extended_next_hop);
    let pair = |(family, afi): &(Family, Afi)| {
        let mut text = String::new();
        put!(&mut text, family, ' ', afi);
        text
    };
    write_list(pairs.iter().map(pair), &lists, out);
    let (open, close) = if dialect == Dialect::V4 { ("{ ", " }") } else { ("{", "}") };
    put!(out, ", \"add_path\": ", open, "\"send\": ");
    families(out, context.map_or(&[], |cx| &cx.add_path_send));
    out.push_str(", \"receive\": ");
    families(out, context.map_or(&[], |cx| &cx.add_path_receive));
    out.push_str(close);
    out.push_str(" }");
}

fn write_list(items: impl Iterator<Item = impl Put>, lists: &Lists, out: &mut String) {
    let mut separator = Separator::new(lists.1);
    out.push_str(lists.0);
    for item in items {
        separator.next(out);
        Quoted(item).put(out);
    }
    out.push_str(lists.2);
}
