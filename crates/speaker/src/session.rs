//! The state machine of one session (RFC 4271 §8).

/// The six states of RFC 4271 §8.2.2.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum State {
    Idle,
    Connect,
    Active,
    OpenSent,
    OpenConfirm,
    Established,
}

impl State {
    /// As events spell it: `IDLE` … `ESTABLISHED`.
    pub fn name(self) -> &'static str {
        match self {
            State::Idle => "IDLE",
            State::Connect => "CONNECT",
            State::Active => "ACTIVE",
            State::OpenSent => "OPENSENT",
            State::OpenConfirm => "OPENCONFIRM",
            State::Established => "ESTABLISHED",
        }
    }
}
