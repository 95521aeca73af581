//! How each connection began. A segment that begins later has it at its head, so that whoever has no older one finds the
//! sessions established.

use crate::{ConnId, Input};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Octets a peer may send before its first KEEPALIVE: an OPEN, and room.
const MOST: usize = 8192;
const HEADER: usize = 19;
const KEEPALIVE: u8 = 4;

/// A connection, as a later segment finds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opening {
    /// Its number.
    pub conn: ConnId,
    /// Whom we called.
    pub to: Option<SocketAddr>,
    /// Who called us.
    pub remote: Option<SocketAddr>,
    /// Our address; `None` while the call is not answered.
    pub local: Option<SocketAddr>,
    /// What came from the peer up to its first KEEPALIVE, and the beginning of a message that is not complete.
    pub received: Box<[u8]>,
}

/// The connections there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Openings {
    /// By the order they began: accepted connections have other numbers than calls.
    list: BTreeMap<u64, Tracked>,
    place: BTreeMap<ConnId, u64>,
    next: u64,
}

#[derive(Clone, Debug)]
struct Tracked {
    opening: Opening,
    received: Vec<u8>,
    confirmed: bool,
    /// An incomplete message.
    tail: Vec<u8>,
}

impl Openings {
    /// The connections in the order they began.
    pub fn all(&self) -> Vec<Opening> {
        let whole = |t: &Tracked| Opening { received: [&t.received[..], &t.tail].concat().into(), ..t.opening.clone() };
        self.list.values().map(whole).collect()
    }

    pub fn called(&mut self, conn: ConnId, to: SocketAddr) {
        self.add(Opening { conn, to: Some(to), remote: None, local: None, received: Box::default() });
    }

    pub fn forget(&mut self, conn: ConnId) {
        if let Some(place) = self.place.remove(&conn) {
            self.list.remove(&place);
        }
    }

    /// Learns from an input.
    pub fn learn(&mut self, input: &Input<'_>) {
        match *input {
            Input::Accepted { conn, local, remote } => {
                let (remote, local) = (Some(remote), Some(local));
                self.add(Opening { conn, to: None, remote, local, received: Box::default() });
            }
            Input::Connected { conn, local } => {
                if let Some(tracked) = self.tracked(conn) {
                    tracked.opening.local = Some(local);
                }
            }
            Input::Received { conn, bytes } if self.tracked(conn).is_none_or(|tracked| tracked.hear(bytes)) => {}
            Input::Received { conn, .. } | Input::Closed { conn, .. } => self.forget(conn),
            _ => {}
        }
    }

    fn add(&mut self, opening: Opening) {
        self.forget(opening.conn);
        self.place.insert(opening.conn, self.next);
        self.list.insert(self.next, Tracked { opening, received: Vec::new(), confirmed: false, tail: Vec::new() });
        self.next += 1;
    }

    fn tracked(&mut self, conn: ConnId) -> Option<&mut Tracked> {
        self.list.get_mut(self.place.get(&conn)?)
    }
}

impl Tracked {
    /// Follows the messages. False if they are none: the session is about to end.
    fn hear(&mut self, bytes: &[u8]) -> bool {
        let joined = (!self.tail.is_empty()).then(|| [&self.tail[..], bytes].concat());
        let mut rest = joined.as_deref().unwrap_or(bytes);
        while let Some(&[high, low, kind]) = rest.get(HEADER - 3..HEADER) {
            let length = usize::from(u16::from_be_bytes([high, low]));
            if length < HEADER {
                return false;
            }
            let Some((message, behind)) = rest.split_at_checked(length) else { break };
            if !self.confirmed {
                self.received.extend_from_slice(message);
                self.confirmed = kind == KEEPALIVE;
            }
            rest = behind;
        }
        self.tail.clear();
        self.tail.extend_from_slice(rest);
        self.received.len() <= MOST
    }
}
