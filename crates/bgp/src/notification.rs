//! NOTIFICATION (RFC 4271 §4.5): `code(1) subcode(1) data`.

use crate::write::Writer;

/// Why a session ends.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Notification {
    /// Error code.
    pub code: u8,
    /// Error subcode.
    pub subcode: u8,
    /// What the RFC defines for this code.
    pub data: Vec<u8>,
}

impl Notification {
    /// Without data.
    pub const fn new(code: u8, subcode: u8) -> Notification {
        Notification { code, subcode, data: Vec::new() }
    }

    /// With data.
    pub fn with(code: u8, subcode: u8, data: impl Into<Vec<u8>>) -> Notification {
        Notification { code, subcode, data: data.into() }
    }

    /// Appends the whole message, header included. Data beyond 4096 octets in all is cut.
    pub fn write(&self, out: &mut Vec<u8>) {
        let data = self.data.get(..4096 - 21).unwrap_or(&self.data);
        crate::message::write(out, crate::message::Kind::NOTIFICATION, |out| {
            let mut w = Writer::new(out);
            w.u8(self.code);
            w.u8(self.subcode);
            w.bytes(data);
        });
    }
}
