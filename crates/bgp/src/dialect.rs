//! The three generations of words that helper programs were written for.

/// Whose spelling text and JSON follow. Frozen: what a profile prints does not change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Dialect {
    /// ExaBGP 4.2, and later releases asked for API version 4: `"exabgp": "4.0.1"`.
    V4,
    /// ExaBGP 5.0: `"exabgp": "5.0.0"`. The default.
    #[default]
    V5,
    /// ExaBGP 6: `"exabgp": "6.0.0"`, JSON only.
    V6,
}

impl Dialect {
    /// The version events carry in `"exabgp"`.
    pub fn version(self) -> &'static str {
        match self {
            Dialect::V4 => "4.0.1",
            Dialect::V5 => "5.0.0",
            Dialect::V6 => "6.0.0",
        }
    }
}
