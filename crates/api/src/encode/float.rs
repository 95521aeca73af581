//! Seconds as a decimal fraction: the shortest that names the same binary number.

use herald_speaker::time::UnixNanos;
use std::fmt::Write as _;

/// Appends `1795352088.3122633`.
pub fn seconds(time: UnixNanos, out: &mut String) {
    const NANOS: u64 = 1_000_000_000;
    #[allow(clippy::cast_precision_loss, reason = "seconds since the epoch are far from 2^53")]
    let seconds = (time.0 / NANOS) as f64 + (time.0 % NANOS) as f64 * 1e-9;
    // Debug prints the shortest digits and, unlike Display, always a fraction.
    let _ = write!(out, "{seconds:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_few_digits_as_needed() {
        let show = |nanos| {
            let mut out = String::new();
            seconds(UnixNanos(nanos), &mut out);
            out
        };
        assert_eq!(show(1_795_352_088_312_263_300), "1795352088.3122633");
        assert_eq!(show(1_795_353_110_712_215_000), "1795353110.712215");
        assert_eq!(show(1_795_353_227_508_327_012), "1795353227.508327");
        assert_eq!(show(1_795_352_088_000_000_000), "1795352088.0");
        assert_eq!(show(0), "0.0");
    }
}
