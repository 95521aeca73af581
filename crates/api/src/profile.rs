//! Which generation of programs is served.

use herald_bgp::dialect::Dialect;

/// The generation a daemon speaks like, chosen by `exabgp.api.version`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Profile {
    /// How events and routes are spelled.
    pub dialect: Dialect,
    /// What events carry in `"exabgp"`.
    pub version: &'static str,
    /// What `version` says: the release whose behaviour is followed. Asked for API version 4, ExaBGP 6 is still ExaBGP 6.
    pub release: &'static str,
    /// Answers are JSON unless a command asks for text.
    pub json: bool,
    /// What `api version` says.
    pub number: u8,
    /// JSON routes of some families say their next hop themselves.
    pub hops: bool,
}

impl Profile {
    /// ExaBGP 4.2.
    pub const V4_2: Profile =
        Profile { dialect: Dialect::V4, version: "4.0.1", release: "4.2.21", json: false, number: 4, hops: true };
    /// ExaBGP 6 asked for API version 4.
    pub const V4: Profile =
        Profile { dialect: Dialect::V6, version: "4.0.1", release: "6.0.0", json: false, number: 4, hops: true };
    /// ExaBGP 5.0; the default.
    pub const V5: Profile =
        Profile { dialect: Dialect::V5, version: "5.0.0", release: "5.0.0", json: false, number: 5, hops: true };
    /// ExaBGP 6.
    pub const V6: Profile =
        Profile { dialect: Dialect::V6, version: "6.0.0", release: "6.0.0", json: true, number: 6, hops: false };

    /// The value of `exabgp.api.version`: `4`, `4.2`, `5` or `6`.
    pub fn parse(text: &str) -> Option<Profile> {
        Some(match text {
            "4" => Profile::V4,
            "4.2" => Profile::V4_2,
            "5" => Profile::V5,
            "6" => Profile::V6,
            _ => return None,
        })
    }
}

impl Default for Profile {
    fn default() -> Self {
        Profile::V5
    }
}
