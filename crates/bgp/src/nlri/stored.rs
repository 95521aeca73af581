//! One NLRI as the tables keep it: small ones in place, long ones in a box.

use std::fmt;
use std::hash::{Hash, Hasher};

/// Octets kept in place: any IPv4, IPv6 or VPNv4 NLRI.
const INLINE: usize = 22;

/// An NLRI and, if it has one, its path identifier, in 24 bytes.
#[derive(Clone)]
pub struct Stored(Form);

/// The octets, in front of them the four of the path identifier, if there is one.
#[derive(Clone)]
enum Form {
    /// `len`: octets used, and in the top bit whether the first four are a path identifier.
    Inline {
        len: u8,
        bytes: [u8; INLINE],
    },
    Boxed {
        with_path: bool,
        bytes: Box<[u8]>,
    },
}

const WITH_PATH: u8 = 0x80;

impl Stored {
    /// Keeps `nlri`, which is without path identifier, with `path_id`.
    pub fn new(path_id: Option<u32>, nlri: &[u8]) -> Stored {
        let path = path_id.map(u32::to_be_bytes);
        let head = path.as_ref().map_or(&[][..], |p| &p[..]);
        let total = head.len() + nlri.len();
        let mut bytes = [0; INLINE];
        match (bytes.get_mut(..total), u8::try_from(total)) {
            (Some(room), Ok(len)) => {
                room.iter_mut().zip(head.iter().chain(nlri)).for_each(|(to, from)| *to = *from);
                Stored(Form::Inline { len: len | if path.is_some() { WITH_PATH } else { 0 }, bytes })
            }
            _ => Stored(Form::Boxed { with_path: path.is_some(), bytes: [head, nlri].concat().into() }),
        }
    }

    /// All octets, and whether the first four are a path identifier.
    #[inline]
    fn octets(&self) -> (&[u8], bool) {
        match &self.0 {
            Form::Inline { len, bytes } => {
                (bytes.get(..usize::from(len & !WITH_PATH)).unwrap_or(&[]), len & WITH_PATH != 0)
            }
            Form::Boxed { with_path, bytes } => (bytes, *with_path),
        }
    }

    /// The NLRI without path identifier.
    #[inline]
    pub fn nlri(&self) -> &[u8] {
        match self.octets() {
            (octets, true) => octets.get(4..).unwrap_or(&[]),
            (octets, false) => octets,
        }
    }

    /// Octets it takes on the wire, with or without path identifier.
    #[inline]
    pub fn wire_len(&self, path_id: bool) -> usize {
        let path = if path_id { 4 } else { 0 };
        match &self.0 {
            Form::Inline { len, .. } if len & WITH_PATH != 0 => usize::from(len & !WITH_PATH) - 4 + path,
            Form::Inline { len, .. } => usize::from(*len) + path,
            Form::Boxed { with_path: true, bytes } => bytes.len() - 4 + path,
            Form::Boxed { bytes, .. } => bytes.len() + path,
        }
    }

    /// Appends its wire form; a path identifier it does not have is 0.
    #[inline]
    pub fn put(&self, path_id: bool, out: &mut Vec<u8>) {
        match &self.0 {
            // as many octets as there may be, and back: no length to branch on
            Form::Inline { len, bytes } if (len & WITH_PATH != 0) == path_id => {
                let end = out.len() + usize::from(len & !WITH_PATH);
                out.extend_from_slice(bytes);
                out.truncate(end);
            }
            Form::Boxed { with_path, bytes } if *with_path == path_id => out.extend_from_slice(bytes),
            _ => {
                if path_id {
                    out.extend_from_slice(&self.path_id().unwrap_or(0).to_be_bytes());
                }
                out.extend_from_slice(self.nlri());
            }
        }
    }

    /// The path identifier, if it has one. None and zero are two different routes.
    pub fn path_id(&self) -> Option<u32> {
        match self.octets() {
            (octets, true) => octets.first_chunk::<4>().map(|b| u32::from_be_bytes(*b)),
            (_, false) => None,
        }
    }
}

impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        self.octets() == other.octets()
    }
}

impl Eq for Stored {}

impl Hash for Stored {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.path_id().hash(state);
        self.nlri().hash(state);
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored").field("path_id", &self.path_id()).field("nlri", &self.nlri()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_comes_back() {
        assert_eq!(size_of::<Stored>(), 24);
        for len in 0..60 {
            let nlri: Vec<u8> = (0..len).collect();
            for path_id in [None, Some(0), Some(0x0102_0304)] {
                let stored = Stored::new(path_id, &nlri);
                assert_eq!((stored.path_id(), stored.nlri()), (path_id, &nlri[..]));
                for with in [false, true] {
                    let mut wire = vec![7];
                    stored.put(with, &mut wire);
                    let path = path_id.unwrap_or(0).to_be_bytes();
                    assert_eq!(wire[1..], [if with { &path[..] } else { &[] }, &nlri].concat());
                    assert_eq!(stored.wire_len(with), wire.len() - 1);
                }
            }
        }
    }
}
