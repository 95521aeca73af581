//! A peer that says what it is told to, and remembers what it heard.

use std::net::Ipv4Addr;

/// A scripted peer.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// What it says as soon as a connection is up.
    pub greeting: Vec<u8>,
    /// Answers each OPEN and each KEEPALIVE before it with a KEEPALIVE.
    pub polite: bool,
    /// The beginning of a message.
    pub heard: Vec<u8>,
    /// Whole messages heard, on any connection.
    pub messages: Vec<Vec<u8>>,
}

impl Script {
    /// A peer that opens with its AS (below 65536), hold time and identifier, for IPv4 unicast, and answers OPENs.
    pub fn new(asn: u16, hold: u16, id: Ipv4Addr) -> Script {
        Script { greeting: open(asn, hold, id), polite: true, ..Script::default() }
    }

    /// Starts afresh on a new connection: half a message from an old one means nothing.
    pub fn connected(&mut self) -> Vec<u8> {
        self.heard.clear();
        self.greeting.clone()
    }

    /// Takes octets in; gives the answer.
    pub fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.heard.extend_from_slice(bytes);
        let mut answer = Vec::new();
        while let Some(&[high, low]) = self.heard.get(16..18) {
            let length = usize::from(u16::from_be_bytes([high, low])).max(19);
            if self.heard.len() < length {
                break;
            }
            let message: Vec<u8> = self.heard.drain(..length).collect();
            if self.polite && message.get(18) == Some(&1) {
                answer.extend(keepalive());
            }
            self.messages.push(message);
        }
        answer
    }

    /// How many messages of this type were heard.
    pub fn count(&self, kind: u8) -> usize {
        self.bodies(kind).count()
    }

    /// Bodies of the messages of this type that were heard.
    pub fn bodies(&self, kind: u8) -> impl Iterator<Item = &[u8]> {
        self.messages.iter().filter(move |m| m.get(18) == Some(&kind)).filter_map(|m| m.get(19..))
    }

    /// Codes and subcodes of the NOTIFICATIONs heard.
    pub fn notifications(&self) -> Vec<(u8, u8)> {
        let codes = |body: &[u8]| body.first_chunk::<2>().map(|[code, subcode]| (*code, *subcode));
        self.bodies(3).filter_map(codes).collect()
    }
}

/// A whole message of this type (RFC 4271 section 4.1).
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 19).unwrap_or(u16::MAX);
    let mut out = vec![0xff; 16];
    out.extend(length.to_be_bytes());
    out.push(kind);
    out.extend_from_slice(body);
    out
}

/// A KEEPALIVE.
pub fn keepalive() -> Vec<u8> {
    message(4, &[])
}

/// An OPEN for IPv4 unicast.
pub fn open(asn: u16, hold: u16, id: Ipv4Addr) -> Vec<u8> {
    let mut body = vec![4];
    body.extend(asn.to_be_bytes());
    body.extend(hold.to_be_bytes());
    body.extend(id.octets());
    body.extend([8, 2, 6, 1, 4, 0, 1, 0, 1]);
    message(1, &body)
}
