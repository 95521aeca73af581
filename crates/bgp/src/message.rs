//! The header every message has, and cutting a stream of bytes into messages (RFC 4271 §4.1, §6.1).

use crate::notification::Notification;

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
    let marker = bytes.get(..16).unwrap_or(bytes);
    if marker.iter().any(|b| *b != 0xff) {
        return Err(Notification::new(1, 1));
    }
    let Some(&[high, low, kind]) = bytes.get(16..HEADER).and_then(|b| b.first_chunk::<3>()) else { return Ok(None) };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let kind = Kind(kind);
    let bad_length = || Notification::with(1, 2, [high, low]);
    if length < HEADER || length > max {
        return Err(bad_length());
    }
    let fits = match kind {
        Kind::OPEN => (29..=MAX).contains(&length),
        Kind::UPDATE => length >= 23,
        Kind::NOTIFICATION => length >= 21,
        Kind::KEEPALIVE => length == HEADER,
        Kind::ROUTE_REFRESH => length >= 23,
        Kind::OPERATIONAL => true,
        Kind(other) => return Err(Notification::with(1, 3, [other])),
    };
    if !fits {
        return Err(bad_length());
    }
    Ok(bytes.split_at_checked(length).map(|(bytes, rest)| (Message { kind, bytes }, rest)))
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
