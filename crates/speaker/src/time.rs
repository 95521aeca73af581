//! Time as an argument: the two clocks, sampled together by whoever calls.

use std::ops::Add;
use std::time::Duration;

/// Nanoseconds on a clock that never goes back; zero is the start of the process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Instant(pub u64);

/// Nanoseconds since the Unix epoch: for people and logs, never for timers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct UnixNanos(pub u64);

/// The moment of an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Now {
    /// What timers go by.
    pub mono: Instant,
    /// What is printed.
    pub wall: UnixNanos,
}

impl Instant {
    /// How long after `earlier`; nothing if it was not.
    pub fn since(self, earlier: Instant) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;
    fn add(self, by: Duration) -> Instant {
        Instant(self.0.saturating_add(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX)))
    }
}
