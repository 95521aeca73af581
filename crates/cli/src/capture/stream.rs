//! TCP streams put together from segments that may come twice, late or not at all, and cut into messages.

use super::views::{Ends, Views};
use super::{Found, Seen, Sink};
use crate::offline;
use herald_bgp::message::{self, Kind};
use herald_bgp::open::Open;
use herald_speaker::event::PeerView;
use herald_speaker::time::UnixNanos;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

/// The port whose streams are BGP however they begin; those of any other have to begin with a marker.
const BGP: u16 = 179;
/// Streams at a time: what a scan of ports makes of them is forgotten.
const MANY: usize = 65_536;
/// Octets of one stream that wait for a segment that is missing.
const HELD: usize = 4 << 20;
/// What every message begins with.
const MARKER: [u8; 16] = [0xff; 16];

/// One segment.
pub struct Segment<'a> {
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub at: UnixNanos,
    pub sequence: u32,
    /// SYN: the connection begins.
    pub begins: bool,
    pub data: &'a [u8],
}

/// All streams of a file, each in one direction.
pub struct Streams<'a> {
    views: &'a mut Views,
    streams: HashMap<(SocketAddr, SocketAddr), Stream>,
}

/// One direction of a connection.
#[derive(Default)]
struct Stream {
    /// Sequence number of the next octet.
    next: Option<u32>,
    /// Segments behind it, by their distance from the first octet of the stream.
    held: BTreeMap<u64, Vec<u8>>,
    holding: usize,
    /// Octets of the stream so far.
    so_far: u64,
    /// A message that is not whole yet.
    octets: Vec<u8>,
    /// It is BGP, or it is not; unknown before its first octets.
    is_bgp: Option<bool>,
    /// Octets were missing: what is next is found at the next marker.
    lost: bool,
    open: Option<Open>,
    view: Option<Arc<PeerView>>,
    at: UnixNanos,
}

impl<'a> Streams<'a> {
    pub fn new(views: &'a mut Views) -> Streams<'a> {
        Streams { views, streams: HashMap::new() }
    }

    /// A segment, in whatever order.
    pub fn segment(&mut self, segment: Segment<'_>, sink: &mut dyn Sink) -> io::Result<()> {
        let key = (segment.from, segment.to);
        if self.streams.len() >= MANY && !self.streams.contains_key(&key) {
            self.streams.retain(|_, stream| stream.is_bgp == Some(true));
            if self.streams.len() >= MANY {
                self.end(sink)?;
                self.streams.clear();
            }
        }
        if segment.begins {
            self.finish(key, sink)?;
            let next = Some(segment.sequence.wrapping_add(1));
            self.streams.insert(key, Stream { next, at: segment.at, ..Stream::default() });
            if let Some(other) = self.streams.get_mut(&(segment.to, segment.from)) {
                other.view = None; // of the connection before
            }
        }
        if segment.data.is_empty() {
            return Ok(());
        }
        let sequence = if segment.begins { segment.sequence.wrapping_add(1) } else { segment.sequence };
        let stream = self.streams.entry(key).or_default();
        if stream.is_bgp == Some(false) {
            return Ok(());
        }
        stream.at = segment.at;
        let fits = stream.take(sequence, segment.data);
        self.messages(key, sink)?;
        if fits { Ok(()) } else { self.skip(key, sink) }
    }

    /// No more segments: what waits for one that is missing is read without.
    pub fn end(&mut self, sink: &mut dyn Sink) -> io::Result<()> {
        let mut keys: Vec<_> = self.streams.keys().copied().collect();
        keys.sort_unstable();
        keys.into_iter().try_for_each(|key| self.finish(key, sink))
    }

    fn finish(&mut self, key: (SocketAddr, SocketAddr), sink: &mut dyn Sink) -> io::Result<()> {
        while self.streams.get(&key).is_some_and(|stream| !stream.held.is_empty()) {
            self.skip(key, sink)?;
        }
        if let Some(stream) = self.streams.remove(&key)
            && stream.is_bgp == Some(true)
            && !stream.octets.is_empty()
            && !stream.lost
        {
            sink.broken(format!("{} to {}: ends inside a message", key.0, key.1));
        }
        Ok(())
    }

    /// Goes on behind the octets that are missing.
    fn skip(&mut self, key: (SocketAddr, SocketAddr), sink: &mut dyn Sink) -> io::Result<()> {
        if let Some(missing) = self.streams.get_mut(&key).and_then(Stream::skip) {
            sink.broken(format!("{} to {}: {missing} octets are missing", key.0, key.1));
        }
        self.messages(key, sink)
    }

    /// Tells of the messages that are whole.
    fn messages(&mut self, key: (SocketAddr, SocketAddr), sink: &mut dyn Sink) -> io::Result<()> {
        let (from, to) = key;
        let Some(stream) = self.streams.get_mut(&key) else { return Ok(()) };
        if stream.is_bgp.is_none() && stream.octets.len() >= MARKER.len() {
            let known = from.port() == BGP || to.port() == BGP;
            stream.is_bgp = Some(known || stream.octets.starts_with(&MARKER));
            stream.lost = !stream.octets.starts_with(&MARKER);
        }
        if stream.is_bgp != Some(true) {
            stream.octets.truncate(MARKER.len());
            return Ok(());
        }
        // Taken out, so that the other direction can be looked at meanwhile.
        let mut octets = std::mem::take(&mut stream.octets);
        let (at, mut lost) = (stream.at, stream.lost);
        let mut used = 0;
        while let Some(rest) = octets.get(used..).filter(|rest| !rest.is_empty()) {
            if lost {
                let marker = rest.windows(MARKER.len()).position(|window| window == MARKER);
                used += marker.unwrap_or((rest.len() + 1).saturating_sub(MARKER.len()));
                lost = marker.is_none();
                if lost {
                    break;
                }
                continue;
            }
            match message::split(rest, message::MAX_EXTENDED) {
                Ok(Some((message, _))) => {
                    used += message.bytes.len();
                    let view = self.view(key, &message);
                    sink.found(Found { peer: &view, at, what: Seen::Message(message.bytes) })?;
                }
                Ok(None) => break,
                Err(_) => {
                    sink.broken(format!("{from} to {to}: {}", offline::header_fault(rest)));
                    (used, lost) = (used + 1, true);
                }
            }
        }
        octets.drain(..used);
        if let Some(stream) = self.streams.get_mut(&key) {
            (stream.octets, stream.lost) = (octets, lost);
        }
        Ok(())
    }

    /// How a message is read: as the OPENs of both directions say, once there are both.
    fn view(&mut self, key: (SocketAddr, SocketAddr), message: &message::Message<'_>) -> Arc<PeerView> {
        let (from, to) = key;
        if message.kind == Kind::OPEN
            && let Ok(open) = Open::read(message.body())
        {
            for key in [key, (to, from)] {
                self.streams.entry(key).or_default().view = None;
            }
            self.streams.entry(key).or_default().open = Some(open);
        }
        if let Some(view) = self.streams.get(&key).and_then(|stream| stream.view.clone()) {
            return view;
        }
        let open = |key| self.streams.get(key).and_then(|stream| stream.open.clone());
        let view = match (open(&(to, from)), open(&key)) {
            (Some(sent), Some(received)) => self.views.overheard(from.ip(), to.ip(), &sent, &received),
            (sent, received) => {
                let (asn4, add_path) = self.views.assumed();
                self.views.of(&Ends {
                    peer: from.ip(),
                    local: Some(to.ip()),
                    peer_as: received.as_ref().map(Open::asn),
                    local_as: sent.as_ref().map(Open::asn),
                    router_id: sent.map(|open| open.router_id),
                    asn4,
                    add_path,
                })
            }
        };
        self.streams.entry(key).or_default().view = Some(view.clone());
        view
    }
}

impl Stream {
    /// Takes a segment; false if more waits than may.
    fn take(&mut self, sequence: u32, data: &[u8]) -> bool {
        let next = *self.next.get_or_insert(sequence);
        // Half of the numbers are in front of the next one, half behind it.
        let ahead = sequence.wrapping_sub(next);
        let (behind, data) = match i32::try_from(ahead) {
            Ok(ahead) => (u64::try_from(ahead).unwrap_or(0), data),
            Err(_) => {
                let known = usize::try_from(next.wrapping_sub(sequence)).unwrap_or(usize::MAX);
                (0, data.get(known..).unwrap_or(&[]))
            }
        };
        if !data.is_empty() {
            let waits = self.held.entry(self.so_far + behind).or_default();
            if waits.len() < data.len() {
                self.holding += data.len() - waits.len();
                *waits = data.to_vec();
            }
        }
        self.join();
        self.holding <= HELD
    }

    /// Appends what waits and is next.
    fn join(&mut self) {
        while let Some(first) = self.held.first_entry().filter(|first| *first.key() <= self.so_far) {
            let (at, data) = first.remove_entry();
            self.holding -= data.len();
            let known = usize::try_from(self.so_far - at).unwrap_or(usize::MAX);
            let new = data.get(known..).unwrap_or(&[]);
            self.octets.extend_from_slice(new);
            self.so_far += u64::try_from(new.len()).unwrap_or(0);
            // Sequence numbers wrap.
            let step = u32::try_from(new.len()).unwrap_or(0);
            self.next = self.next.map(|next| next.wrapping_add(step));
        }
    }

    /// Gives up on what is missing in front of the first segment that waits: how many octets that is.
    fn skip(&mut self) -> Option<u64> {
        let at = *self.held.first_key_value()?.0;
        let missing = at.saturating_sub(self.so_far);
        self.octets.clear();
        self.lost = true;
        self.so_far = at;
        let step = u32::try_from(missing).unwrap_or(0);
        self.next = self.next.map(|next| next.wrapping_add(step));
        self.join();
        Some(missing)
    }
}
