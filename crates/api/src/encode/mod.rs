//! Events as lines: what helper programs read.
//!
//! An [`Encoder`] renders one event in one encoder and form; [`deliveries`] says which helpers want which forms. The
//! two are apart so that a line is rendered once, however many helpers read it.
//! No clock and no environment: what the daemon knows about itself is given to [`Encoder::new`].

mod deliver;
mod float;
mod json;
mod known;
mod text;
mod update;

pub use deliver::{Forms, deliveries};
pub use float::seconds;
pub use known::Identity;

use crate::profile::Profile;
use herald_bgp::dialect::Dialect;
use herald_speaker::config;
use herald_speaker::event::{Event, PeerId, PeerView};
use herald_speaker::time::UnixNanos;
use known::{Known, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

/// In which form a message is told. What is no message has one form only, [`Form::Parsed`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Form {
    /// What it says.
    Parsed,
    /// Its octets.
    Packets,
    /// Both in one event.
    Consolidated,
}

/// Whose spelling events follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Style {
    /// Which generation.
    pub dialect: Dialect,
    /// JSON: NLRI that are a prefix and nothing more are bare strings.
    pub compact: bool,
    /// JSON: the next hop is said by the routes of some families themselves, too.
    pub hops: bool,
}

impl Style {
    /// What a generation of programs reads.
    pub fn of(profile: Profile, compact: bool) -> Style {
        Style { dialect: profile.dialect, compact, hops: profile.hops }
    }
}

/// Renders events. One for all helpers of a dialect: numbers of JSON events count for each neighbour, not for each
/// helper.
#[derive(Debug)]
pub struct Encoder {
    style: Style,
    identity: Identity,
    time: Time,
    peers: BTreeMap<PeerId, Known>,
    /// Attributes in words, while the routes that have them are printed.
    scratch: String,
}

impl Encoder {
    /// An encoder that has seen nothing.
    pub fn new(style: Style, identity: Identity) -> Encoder {
        Encoder { style, identity, time: Time::default(), peers: BTreeMap::new(), scratch: String::new() }
    }

    /// Appends the event's lines, line ends included: one line of JSON, or the lines of the text encoder and the empty
    /// one behind them. Nothing is appended for what the encoder has no words for: states and signals in text, a
    /// message that is not what its type says.
    pub fn event(
        &mut self,
        event: &Event<'_>,
        wall: UnixNanos,
        encoder: config::Encoder,
        form: Form,
        out: &mut String,
    ) {
        let known = self.peers.entry(event.peer.id).or_insert_with(|| Known::new(event.peer, self.style));
        if !Arc::ptr_eq(known.view(), event.peer) {
            known.renew(event.peer, self.style);
        }
        let before = out.len();
        match encoder {
            config::Encoder::Text => {
                text::event(&event.what, form, known, self.style, &mut self.scratch, out);
            }
            config::Encoder::Json => {
                let head = json::Head { identity: &self.identity, time: self.time.show(wall) };
                let rendered = json::event(&event.what, form, known, self.style, &head, out);
                match rendered {
                    Some(()) => known.count(),
                    None => out.truncate(before),
                }
            }
        }
    }

    /// Appends the event for a message of no session, as an offline decoder prints it: its direction is `in`, it is read
    /// with what `peer` negotiated, which is not told. `false` if it is not what its type says, or has no words.
    pub fn offline(
        &mut self,
        peer: &Arc<PeerView>,
        bytes: &[u8],
        wall: UnixNanos,
        encoder: config::Encoder,
        out: &mut String,
    ) -> bool {
        let known = self.peers.entry(peer.id).or_insert_with(|| Known::new(peer, self.style));
        if !Arc::ptr_eq(known.view(), peer) {
            known.renew(peer, self.style);
        }
        let before = out.len();
        let rendered = match encoder {
            config::Encoder::Json => {
                let head = json::Head { identity: &self.identity, time: self.time.show(wall) };
                json::message(json::Way::Offline, bytes, Form::Parsed, known, self.style, &head, out)
            }
            config::Encoder::Text => {
                text::message(json::Way::Offline, bytes, Form::Parsed, known, self.style, &mut self.scratch, out)
            }
        };
        if rendered.is_none() {
            out.truncate(before);
        }
        rendered.is_some()
    }

    /// Appends the last event of all, for every helper.
    pub fn shutdown(&mut self, wall: UnixNanos, encoder: config::Encoder, out: &mut String) {
        match encoder {
            config::Encoder::Text => text::shutdown(&self.identity, out),
            config::Encoder::Json => {
                json::shutdown(&json::Head { identity: &self.identity, time: self.time.show(wall) }, out);
            }
        }
    }

    /// Forgets a neighbour that is no longer configured.
    pub fn forget(&mut self, peer: PeerId) {
        self.peers.remove(&peer);
    }
}

#[cfg(test)]
mod tests;
