//! BGP Role (RFC 9234 §4): `role(1)`, what the sender is to the receiver.

use super::{Capability, code};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::json::Separator;
use crate::put;
use crate::put::Put;
use crate::read::Reader;
use crate::value::Asn;
use std::fmt;

/// What a speaker is to its peer. Displayed as `provider`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Role {
    Provider,
    RouteServer,
    RouteServerClient,
    Customer,
    Peer,
}

/// Roles with their numbers and names.
const ROLES: [(Role, u8, &str); 5] = [
    (Role::Provider, 0, "provider"),
    (Role::RouteServer, 1, "rs"),
    (Role::RouteServerClient, 2, "rs-client"),
    (Role::Customer, 3, "customer"),
    (Role::Peer, 4, "peer"),
];

impl Role {
    /// The names of all roles.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ROLES.iter().map(|(_, _, name)| *name)
    }

    /// `provider`, `rs`, `rs-client`, `customer`, `peer`.
    pub fn name(self) -> &'static str {
        ROLES.iter().find(|(role, ..)| *role == self).map_or("", |(_, _, name)| name)
    }

    /// The role with this name.
    pub fn parse(name: &str) -> Option<Role> {
        ROLES.iter().find(|(_, _, known)| *known == name).map(|(role, ..)| *role)
    }

    /// The number it has in an OPEN.
    pub fn number(self) -> u8 {
        ROLES.iter().find(|(role, ..)| *role == self).map_or(u8::MAX, |(_, number, _)| *number)
    }

    /// The role with this number.
    pub fn from_number(number: u8) -> Option<Role> {
        ROLES.iter().find(|(_, known, _)| *known == number).map(|(role, ..)| *role)
    }

    /// Whoever has this role sends routes sideways or downwards: they go to no provider any more (RFC 9234 §5).
    pub fn marks(self) -> bool {
        matches!(self, Role::Provider | Role::Peer | Role::RouteServer)
    }

    /// Whoever has this role sends routes sideways or upwards: none that is marked (RFC 9234 §5).
    pub fn holds_back_marked(self) -> bool {
        matches!(self, Role::Customer | Role::Peer | Role::RouteServerClient)
    }

    /// A route that came from a peer in AS `peer`, with this mark, has leaked (RFC 9234 §5). `self`: our role.
    pub fn has_leaked(self, mark: Option<Asn>, peer: Asn) -> bool {
        match (self.opposite(), mark) {
            (Role::Customer | Role::RouteServerClient, Some(_)) => true,
            (Role::Peer, Some(mark)) => mark != peer,
            _ => false,
        }
    }

    /// What the peer has to be (RFC 9234 §4.2).
    pub fn opposite(self) -> Role {
        match self {
            Role::Provider => Role::Customer,
            Role::Customer => Role::Provider,
            Role::RouteServer => Role::RouteServerClient,
            Role::RouteServerClient => Role::RouteServer,
            Role::Peer => Role::Peer,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The numbers of all instances; they should all be the same.
pub fn read<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    values.into_iter().filter_map(|value| value.first()).copied().collect()
}

/// The value that says this role.
pub fn build(role: Role) -> Vec<u8> {
    vec![role.number()]
}

fn names(values: &[&[u8]], quote: &str, out: &mut String) {
    let mut separator = Separator::new(",");
    for number in read(values.iter().copied()) {
        separator.next(out);
        match Role::from_number(number) {
            Some(role) => put!(out, quote, role.name(), quote),
            None => number.put(out),
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct RoleCapability;

impl Capability for RoleCapability {
    const CODE: u8 = code::ROLE;
    const NAME: &'static str = "role";
    const DOC: &'static str = "What the speaker is to its peer: provider, customer, peer.";
    const RFC: &'static str = "RFC 9234";
    const MERGES: bool = true;
    const SINCE: Option<Dialect> = None;
    /// Whoever asks for a role wants it kept.
    const TOLERATED: bool = false;

    fn check(mut value: Reader<'_>) -> Result<(), Malformed> {
        value.u8("BGP role")?;
        value.finish("BGP role")
    }

    fn text(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("role(");
        names(values, "", out);
        out.push(')');
    }

    fn json(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("{ \"name\": \"role\", \"roles\": [");
        names(values, "\"", out);
        out.push_str("] }");
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        out.push(dice.u8() % 6);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_come_in_pairs() {
        for (role, number, name) in ROLES {
            assert_eq!(
                (Role::from_number(number), Role::parse(name), role.opposite().opposite()),
                (Some(role), Some(role), role)
            );
            assert_eq!(read([&build(role)[..]]), [number]);
        }
        assert_eq!(Role::from_number(5), None);
    }
}
