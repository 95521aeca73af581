//! NOTIFICATION (RFC 4271 §4.5): `code(1) subcode(1) data`.
//!
//! ```
//! use herald_bgp::message::{self, Kind};
//! use herald_bgp::notification::Notification;
//!
//! let mut octets = Vec::new();
//! Notification::cease(2, "back at six").write(&mut octets);
//! let (message, rest) = message::split(&octets, message::MAX).unwrap().unwrap();
//! assert_eq!((message.kind, rest.len()), (Kind::NOTIFICATION, 0));
//! let said = Notification::read(message.body());
//! assert_eq!((said.code_name(), said.subcode_name()), ("Cease", "Administrative Shutdown"));
//! assert_eq!(said.communication().as_deref(), Some("back at six"));
//! ```

mod names;
mod told;

use crate::message::HEADER;
use crate::read::Reader;
use crate::text;
use crate::write::Writer;
use std::fmt;

/// Error code: the session ends because somebody wants it to.
const CEASE: u8 = 6;
/// Cease: the session is not to come back soon.
pub const ADMINISTRATIVE_SHUTDOWN: u8 = 2;
/// Cease: the peer is no longer configured.
pub const DECONFIGURED: u8 = 3;
/// Cease: the session is to come back.
pub const ADMINISTRATIVE_RESET: u8 = 4;
/// Cease: routes are not to be kept (RFC 8538 §3).
pub const HARD_RESET: u8 = 9;

/// Why a session ends. Displayed as `Cease / Administrative Shutdown`.
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

    /// A Cease. Administrative Shutdown and Administrative Reset carry the text, cut to 255 octets (RFC 9003 §2);
    /// for others there is no place for it, and an empty one is not sent.
    pub fn cease(subcode: u8, text: &str) -> Notification {
        let mut data = Vec::new();
        if takes_text(CEASE, subcode) && !text.is_empty() {
            text::push_counted(&mut data, text, 255);
        }
        Notification { code: CEASE, subcode, data }
    }

    /// The same reason as ExaBGP says it: a Bad Message Type is 1/0 with a sentence. Others are as they are.
    pub fn into_words(self) -> Notification {
        match (self.code, self.subcode, &self.data[..]) {
            (1, 3, [kind]) => Notification::with(1, 0, format!("can not decode update message of type \"{kind}\"")),
            _ => self,
        }
    }

    /// The same reason, said so that the peer does not keep our routes: a Hard Reset that wraps it (RFC 8538 §3).
    pub fn into_hard_reset(self) -> Notification {
        let mut data = vec![self.code, self.subcode];
        data.extend_from_slice(&self.data);
        Notification { code: CEASE, subcode: HARD_RESET, data }
    }

    /// The reason inside a Hard Reset; `None` if this is not one. One that wraps nothing is Cease / 0.
    pub fn unwrap_hard_reset(&self) -> Option<Notification> {
        (self.code == CEASE && self.subcode == HARD_RESET).then(|| match self.data.is_empty() {
            true => Notification::new(CEASE, 0),
            false => Notification::read(&self.data),
        })
    }

    /// Reads a message body. One that is too short has no NOTIFICATION to answer it: what is missing is 0.
    pub fn read(body: &[u8]) -> Notification {
        Notification::read_from(Reader::new(body, HEADER))
    }

    /// [`Notification::read`] of the body a reader has come to.
    pub fn read_from(mut r: Reader<'_>) -> Notification {
        let code = r.u8("error code").unwrap_or(0);
        r.says(|| names::code(code));
        let subcode = r.u8("error subcode").unwrap_or(0);
        r.says(|| names::subcode(code, subcode));
        let Ok(data) = r.sub(r.len(), "data") else { return Notification::new(code, subcode) };
        told::data(code, subcode, data);
        Notification::with(code, subcode, data.rest())
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

    /// The name of the code: `Cease`.
    pub fn code_name(&self) -> &'static str {
        names::code(self.code)
    }

    /// The name of the subcode: `Administrative Shutdown`.
    pub fn subcode_name(&self) -> &'static str {
        names::subcode(self.code, self.subcode)
    }

    /// The Shutdown Communication of a Cease (RFC 9003 §2): `None` where there is none or it is malformed.
    pub fn communication(&self) -> Option<String> {
        let (len, rest) = self.data.split_first().filter(|_| takes_text(self.code, self.subcode))?;
        let text = rest.get(..usize::from(*len))?;
        Some(String::from_utf8_lossy(text).replace(['\r', '\n'], " "))
    }

    /// The data as people read it: the Shutdown Communication, or whatever of it is text.
    /// It may hold any character; whoever prints it escapes it.
    pub fn message(&self) -> String {
        if !takes_text(self.code, self.subcode) || self.data.is_empty() {
            return printable(&self.data);
        }
        let Some(text) = self.communication() else {
            return format!("malformed Shutdown Communication: {}", printable(self.data.get(1..).unwrap_or(&[])));
        };
        let trailing = self.data.len() - 1 - usize::from(self.data.first().copied().unwrap_or(0));
        let mut message = match text.is_empty() {
            true => String::from("empty Shutdown Communication."),
            false => format!("Shutdown Communication: \"{text}\""),
        };
        if trailing > 0 {
            message.push_str(&format!(", {trailing} trailing octets"));
        }
        message
    }

    /// All of it for people, on one line: `Cease / Hard Reset: Cease / Administrative Reset: …`.
    pub fn describe(&self) -> String {
        let mut out = self.to_string();
        let message = match self.unwrap_hard_reset() {
            // one level is enough: nobody has a reason to wrap a Hard Reset
            Some(reason) => match reason.message() {
                message if message.is_empty() => reason.to_string(),
                message => format!("{reason}: {message}"),
            },
            None => self.message(),
        };
        if !message.is_empty() {
            out.push_str(": ");
            text::escape(&mut out, &message);
        }
        out
    }

    /// The data as events show it: a Shutdown Communication as its [`Notification::message`], all else as it is.
    pub fn shown_data(&self) -> Vec<u8> {
        match takes_text(self.code, self.subcode) && !self.data.is_empty() {
            true => self.message().into_bytes(),
            false => self.data.clone(),
        }
    }
}

impl fmt::Display for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.code_name(), self.subcode_name())
    }
}

/// True where RFC 9003 puts a text.
fn takes_text(code: u8, subcode: u8) -> bool {
    code == CEASE && matches!(subcode, ADMINISTRATIVE_SHUTDOWN | ADMINISTRATIVE_RESET)
}

/// The octets that are UTF-8, without those that are not.
fn printable(data: &[u8]) -> String {
    data.utf8_chunks().map(|chunk| chunk.valid()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_shutdown_says_why() {
        let said = Notification::cease(2, "bye for now");
        assert_eq!(said.data, b"\x0bbye for now");
        assert_eq!(said.communication().as_deref(), Some("bye for now"));
        assert_eq!(said.message(), "Shutdown Communication: \"bye for now\"");
        assert_eq!(said.shown_data(), said.message().into_bytes());
        assert_eq!(said.to_string(), "Cease / Administrative Shutdown");
        assert_eq!(Notification::cease(4, "").data, b"");
        assert_eq!(Notification::cease(3, "no place for this").data, b"");
        assert_eq!(Notification::cease(2, &"é".repeat(200)).data.len(), 255, "an odd octet stays unused");
    }

    #[test]
    fn communications_of_every_kind_are_shown() {
        let shown = |data: &[u8]| Notification::with(6, 4, data).message();
        assert_eq!(shown(b""), "");
        assert_eq!(shown(b"\x00"), "empty Shutdown Communication.");
        assert_eq!(shown(b"\x03a\r\nzz"), "Shutdown Communication: \"a  \", 2 trailing octets");
        assert_eq!(shown(b"\x09abc"), "malformed Shutdown Communication: abc");
        assert_eq!(shown(&[200; 201]).chars().count(), "Shutdown Communication: \"\"".len() + 200);
    }

    #[test]
    fn other_data_is_shown_as_far_as_it_is_text() {
        assert_eq!(Notification::with(6, 7, [0xde, 0xad]).message(), "\u{7ad}");
        assert_eq!(Notification::with(3, 5, [0xff, b'a', 0xc3]).message(), "a");
        assert_eq!(Notification::with(3, 5, [1, 2]).shown_data(), [1, 2]);
    }

    #[test]
    fn a_hard_reset_wraps_the_reason() {
        let reason = Notification::cease(4, "maintenance");
        let hard = reason.clone().into_hard_reset();
        assert_eq!((hard.code, hard.subcode, &hard.data[..3]), (6, 9, &[6, 4, 11][..]));
        assert_eq!(hard.unwrap_hard_reset(), Some(reason));
        assert_eq!(Notification::new(6, 9).unwrap_hard_reset(), Some(Notification::new(6, 0)));
        assert_eq!(Notification::new(6, 4).unwrap_hard_reset(), None);
        assert_eq!(
            hard.describe(),
            "Cease / Hard Reset: Cease / Administrative Reset: Shutdown Communication: \"maintenance\""
        );
        assert_eq!(Notification::with(6, 9, [6]).describe(), "Cease / Hard Reset: Cease / Unspecific");
        assert_eq!(
            Notification::with(3, 1, *b"a\nb").describe(),
            "UPDATE message error / Malformed Attribute List: a\\nb"
        );
        assert_eq!(Notification::new(4, 0).describe(), "Hold timer expired / Unspecific");
    }

    proptest! {
        #[test]
        fn any_octets_are_read_shown_and_written_again(body in prop::collection::vec(any::<u8>(), 2..300)) {
            let read = Notification::read(&body);
            let mut out = Vec::new();
            read.write(&mut out);
            prop_assert_eq!(&out[HEADER..], &body[..]);
            prop_assert!(!read.communication().unwrap_or_default().contains(['\r', '\n']));
            let described = read.describe();
            prop_assert!(described.is_ascii() && !described.contains(|c: char| c.is_control()), "{}", described);
            let _ = (read.message(), read.shown_data(), read.unwrap_hard_reset());
        }
    }
}
