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

impl UnixNanos {
    /// How long until the minute of the hour is a multiple of `minutes`: nothing if it is one already, or for 0.
    pub fn until_multiple(self, minutes: u32) -> Duration {
        const MINUTE: u64 = 60 * 1_000_000_000;
        let (of_hour, step) = (self.0 % (60 * MINUTE), u64::from(minutes).saturating_mul(MINUTE));
        let over = of_hour.checked_rem(step).unwrap_or(0);
        if over < MINUTE {
            return Duration::ZERO;
        }
        let next = (of_hour - over).saturating_add(step).min(60 * MINUTE);
        Duration::from_nanos(next - of_hour)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples_of_minutes() {
        let wait = |minute: u64, second: u64, step| {
            UnixNanos((7 * 3600 + minute * 60 + second) * 1_000_000_000).until_multiple(step).as_secs()
        };
        for (minute, second, step, expected) in [
            (17, 20, 0, 0),
            (17, 20, 1, 0),
            (15, 59, 5, 0),
            (16, 0, 5, 240),
            (17, 20, 5, 160),
            (58, 0, 7, 120),
            (0, 30, 90, 0),
            (1, 0, 90, 3540),
        ] {
            assert_eq!(wait(minute, second, step), expected, "{minute}:{second} {step}");
        }
    }
}
