//! The header every message has, and cutting a stream of bytes into messages (RFC 4271 §4.1, §6.1).

use crate::error::Fault;
use crate::notification::Notification;
use crate::read::Reader;

/// Octets of a header: marker(16) length(2) type(1).
pub const HEADER: usize = 19;
/// The greatest message unless both speakers agreed on more.
pub const MAX: usize = 4096;
/// The greatest message where both speakers sent the Extended Message capability (RFC 8654).
pub const MAX_EXTENDED: usize = 65535;

/// Message type code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Kind(pub u8);

#[allow(missing_docs)]
impl Kind {
    pub const OPEN: Kind = Kind(1);
    pub const UPDATE: Kind = Kind(2);
    pub const NOTIFICATION: Kind = Kind(3);
    pub const KEEPALIVE: Kind = Kind(4);
    pub const ROUTE_REFRESH: Kind = Kind(5);
    pub const OPERATIONAL: Kind = Kind(6);

    /// `UPDATE`; `None` for a number without a name.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Kind::OPEN => "OPEN",
            Kind::UPDATE => "UPDATE",
            Kind::NOTIFICATION => "NOTIFICATION",
            Kind::KEEPALIVE => "KEEPALIVE",
            Kind::ROUTE_REFRESH => "ROUTE-REFRESH",
            Kind::OPERATIONAL => "OPERATIONAL",
            _ => return None,
        })
    }
}

/// A complete message where it lies in the receive buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Message<'a> {
    /// Its type.
    pub kind: Kind,
    /// Header and body.
    pub bytes: &'a [u8],
}

impl<'a> Message<'a> {
    /// What follows the header.
    pub fn body(&self) -> &'a [u8] {
        self.bytes.get(HEADER..).unwrap_or(&[])
    }

    /// The first 19 octets.
    pub fn header(&self) -> &'a [u8] {
        self.bytes.get(..HEADER).unwrap_or(self.bytes)
    }
}

/// Cuts the first message off `bytes`; `None` if it is not complete yet.
/// A header that cannot be right is an error as soon as it can be seen (RFC 4271 §6.1).
pub fn split(bytes: &[u8], max: usize) -> Result<Option<(Message<'_>, &[u8])>, Notification> {
    let mut r = Reader::new(bytes, 0);
    let Some((kind, length)) = header(&mut r, max).map_err(|fault| fault.notification)? else { return Ok(None) };
    Ok(bytes.split_at_checked(length).map(|(bytes, rest)| (Message { kind, bytes }, rest)))
}

/// Reads a header: the type of the message, and how long it is in all. `None` if the header is not complete yet.
pub fn header(r: &mut Reader<'_>, max: usize) -> Result<Option<(Kind, usize)>, Fault> {
    let start = *r;
    let wrong = |at: Reader<'_>, what, expected, notification| Fault::reset(at.malformed(what, expected), notification);
    let there = r.len().min(16);
    let marker = r.take(there, "marker").unwrap_or(&[]);
    if marker.iter().any(|b| *b != 0xff) {
        return Err(wrong(start, "marker", "nothing but ones", Notification::new(1, 1)));
    }
    let at = *r;
    let (Ok(length), Ok(kind)) = (r.u16("length"), r.u8("type")) else { return Ok(None) };
    let kind = Kind(kind);
    r.says(|| kind.name().unwrap_or_default());
    let (least, most) = match kind {
        Kind::OPEN => (29, MAX),
        Kind::UPDATE | Kind::ROUTE_REFRESH => (23, max),
        Kind::NOTIFICATION => (21, max),
        Kind::KEEPALIVE => (HEADER, HEADER),
        Kind::OPERATIONAL => (HEADER, max),
        // of a message that is too short even for its header the length is told
        Kind(other) if (HEADER..=max).contains(&length.into()) => {
            return Err(wrong(at.behind(2), "type", "a type that exists", Notification::with(1, 3, [other])));
        }
        Kind(_) => (HEADER, max),
    };
    if !(least..=most.min(max)).contains(&length.into()) {
        let notification = Notification::with(1, 2, length.to_be_bytes());
        return Err(wrong(at, "length", "one that messages of this type have", notification));
    }
    Ok(Some((kind, length.into())))
}

/// Appends a message whose body `body` writes. The length is filled in; a body beyond 65516 octets is a bug of ours
/// and is cut there.
pub fn write(out: &mut Vec<u8>, kind: Kind, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0xff; 16]);
    out.extend_from_slice(&[0, 0, kind.0]);
    body(out);
    out.truncate(start + MAX_EXTENDED);
    let length = u16::try_from(out.len() - start).unwrap_or(u16::MAX);
    if let Some(field) = out.get_mut(start + 16..start + 18) {
        field.copy_from_slice(&length.to_be_bytes());
    }
}

/// Appends a KEEPALIVE.
pub fn write_keepalive(out: &mut Vec<u8>) {
    write(out, Kind::KEEPALIVE, |_| ());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_when_it_is_whole() {
        let mut stream = Vec::new();
        write_keepalive(&mut stream);
        write(&mut stream, Kind::UPDATE, |out| out.extend_from_slice(&[0; 4]));
        for n in 0..HEADER {
            assert_eq!(split(&stream[..n], MAX), Ok(None));
        }
        let (first, rest) = split(&stream, MAX).unwrap().unwrap();
        assert_eq!((first.kind, first.body()), (Kind::KEEPALIVE, &[][..]));
        let (second, rest) = split(rest, MAX).unwrap().unwrap();
        assert_eq!((second.kind, second.body(), rest.len()), (Kind::UPDATE, &[0; 4][..], 0));
    }

    #[test]
    fn headers_that_cannot_be_right() {
        let header = |length: u16, kind: u8| {
            let mut bytes = vec![0xff; 16];
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.push(kind);
            bytes
        };
        assert_eq!(split(&[0xff, 0xfe], MAX), Err(Notification::new(1, 1)));
        for (length, kind) in [(18, 4), (20, 4), (28, 1), (22, 2), (20, 3), (22, 5), (4097, 2)] {
            let wrong = split(&header(length, kind), MAX).map(|_| ()).unwrap_err();
            assert_eq!(wrong, Notification::with(1, 2, length.to_be_bytes()));
        }
        assert_eq!(split(&header(19, 77), MAX).map(|_| ()), Err(Notification::with(1, 3, [77])));
        assert!(split(&header(5000, 2), MAX_EXTENDED).is_ok());
        assert!(split(&header(5000, 1), MAX_EXTENDED).is_err(), "an OPEN stays within 4096 octets");
    }
}
