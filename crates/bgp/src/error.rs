//! What can be wrong with bytes from a peer, and what has to follow (RFC 4271 §6, RFC 7606 §2).

use crate::notification::Notification;
use std::fmt;

/// A field that is not what the RFC says. `Copy`, made without allocating.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Malformed {
    /// The field, in the RFC's words.
    pub what: &'static str,
    /// What should have been there.
    pub expected: &'static str,
    /// Where, in octets from the start of the message.
    pub offset: usize,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at offset {}: expected {}", self.what, self.offset, self.expected)
    }
}

impl std::error::Error for Malformed {}

/// What RFC 7606 §2 asks for. The order is the strength: of several, the greatest wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Outcome {
    /// The attribute is dropped, the route stays.
    AttributeDiscard,
    /// The routes of the message count as withdrawn, the session stays.
    TreatAsWithdraw,
    /// The family is no longer used on this session.
    AfiSafiDisable,
    /// A NOTIFICATION, and the session ends.
    SessionReset,
}

impl Outcome {
    /// What RFC 7606 §2 calls it: `treat-as-withdraw`.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::AttributeDiscard => "attribute discard",
            Outcome::TreatAsWithdraw => "treat-as-withdraw",
            Outcome::AfiSafiDisable => "AFI/SAFI disable",
            Outcome::SessionReset => "session reset",
        }
    }
}

/// One thing wrong in a message, with its consequence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What and where.
    pub malformed: Malformed,
    /// The attribute type code it was found in, if it was in one.
    pub attribute: Option<u8>,
    /// What has to follow.
    pub outcome: Outcome,
    /// The NOTIFICATION to send if the outcome is [`Outcome::SessionReset`].
    pub notification: Notification,
}

impl Fault {
    /// What ends the session.
    pub fn reset(malformed: Malformed, notification: Notification) -> Fault {
        Fault { malformed, attribute: None, outcome: Outcome::SessionReset, notification }
    }
}
