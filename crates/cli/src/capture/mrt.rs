//! Files of route collectors.

use super::views::{Ends, Views};
use super::window::Window;
use super::{Found, Seen, Sink};
use crate::offline;
use herald_bgp::family::Family;
use herald_bgp::message;
use herald_bgp::mrt::{self, Entry, Peer, Record, RibEntry, Session};
use herald_speaker::time::UnixNanos;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr};

/// Octets of a record at most: the greatest known are some hundred thousand.
const GREATEST: usize = 16 << 20;

/// Tells what is in the file, record by record.
pub fn read(input: impl Read, views: &mut Views, sink: &mut dyn Sink) -> io::Result<()> {
    let mut window = Window::new(input);
    let mut file = File { views, table: Table::default(), message: Vec::new() };
    loop {
        let used = match mrt::split(window.rest(), GREATEST) {
            Ok(Some((record, behind))) => {
                let place = || window.place();
                file.record(&record, &place, sink)?;
                window.rest().len() - behind.len()
            }
            Ok(None) => 0,
            Err(why) => return Err(io::Error::other(format!("{} {why}", window.place()))),
        };
        if !window.advance(used)? {
            return window.end("record");
        }
    }
}

/// The peers that routes of a table name by number.
#[derive(Default)]
struct Table {
    collector: Option<Ipv4Addr>,
    peers: Vec<Peer>,
}

struct File<'a> {
    views: &'a mut Views,
    table: Table,
    /// A route of a table, as a message.
    message: Vec<u8>,
}

impl File<'_> {
    fn record(&mut self, record: &Record<'_>, place: &dyn Fn() -> String, sink: &mut dyn Sink) -> io::Result<()> {
        let at = UnixNanos(u64::from(record.seconds) * 1_000_000_000 + u64::from(record.micros) * 1_000);
        let entry = match record.read() {
            Ok(entry) => entry,
            Err(why) => {
                sink.broken(format!("{} {why}", place()));
                return Ok(());
            }
        };
        match entry {
            Entry::Message(session, bytes) => {
                let peer = &self.views.of(&ends(&session));
                let mut rest = bytes;
                while !rest.is_empty() {
                    let why = match message::split(rest, message::MAX_EXTENDED) {
                        Ok(Some((message, behind))) => {
                            sink.found(Found { peer, at, what: Seen::Message(message.bytes) })?;
                            rest = behind;
                            continue;
                        }
                        Ok(None) => "the message is shorter than its header says".into(),
                        Err(_) => offline::header_fault(rest),
                    };
                    sink.broken(format!("{} {why}", place()));
                    break;
                }
            }
            Entry::State { session, old, new } => {
                let peer = &self.views.of(&ends(&session));
                sink.found(Found { peer, at, what: Seen::State { old, new } })?;
            }
            Entry::Peers(index) => {
                self.table = Table { collector: Some(index.collector), peers: Vec::new() };
                for peer in index.peers() {
                    match peer {
                        Ok(peer) => self.table.peers.push(peer),
                        Err(why) => sink.broken(format!("{} {why}", place())),
                    }
                }
            }
            Entry::Rib(rib) => {
                for entry in rib.entries() {
                    let known = entry.map_err(|why| why.to_string()).and_then(|entry| {
                        let peer = self.table.peers.get(usize::from(entry.peer)).copied();
                        peer.map(|peer| (entry, peer)).ok_or_else(|| format!("the table has no peer {}", entry.peer))
                    });
                    match known {
                        Ok((entry, peer)) => self.route(&peer, true, rib.family, rib.nlri, &entry, at, place, sink)?,
                        Err(why) => sink.broken(format!("{} {why}", place())),
                    }
                }
            }
            Entry::TableDump { peer, prefix, entry } => {
                let mut buffer = [0; 17];
                let family = Family::new(prefix.afi(), Family::IPV4_UNICAST.safi);
                self.route(&peer, false, family, prefix.wire(&mut buffer), &entry, at, place, sink)?;
            }
            Entry::Other => {}
        }
        Ok(())
    }

    /// A route of a table, as the message that announces it.
    #[allow(clippy::too_many_arguments)] // whose, what, when, and whom to tell
    fn route(
        &mut self,
        peer: &Peer,
        asn4: bool,
        family: Family,
        nlri: &[u8],
        entry: &RibEntry<'_>,
        at: UnixNanos,
        place: &dyn Fn() -> String,
        sink: &mut dyn Sink,
    ) -> io::Result<()> {
        self.message.clear();
        if mrt::write_update(family, entry.path_id, nlri, entry.attributes, &mut self.message).is_err() {
            sink.broken(format!("{} a route of {} is too long for a message", place(), peer.address));
            return Ok(());
        }
        let view = self.views.of(&Ends {
            peer: peer.address,
            local: self.table.collector.map(IpAddr::V4),
            peer_as: Some(peer.asn),
            local_as: None,
            router_id: self.table.collector,
            asn4,
            add_path: entry.path_id.is_some(),
        });
        sink.found(Found { peer: &view, at, what: Seen::Route(&self.message) })
    }
}

/// Whoever said it is the peer.
fn ends(session: &Session) -> Ends {
    let Session { peer, local, peer_as, local_as, asn4, add_path, sent } = *session;
    let (from, to) = ((peer, peer_as), (local, local_as));
    let (from, to) = if sent { (to, from) } else { (from, to) };
    Ends {
        peer: from.0,
        local: Some(to.0),
        peer_as: Some(from.1),
        local_as: Some(to.1),
        router_id: None,
        asn4,
        add_path,
    }
}
