//! Writing JSON the way helpers have always received it: hand-assembled, so that every blank is where it was.
//!
//! Only strings need care. Everything else is `push_str` at the place that knows the shape.

use crate::put;
use crate::put::{Hex, LowerHex, Put};
use std::fmt::Write as _;

/// Appends a number.
#[inline]
pub fn number(out: &mut String, n: impl Put) {
    n.put(out);
}

/// Appends `, "key": value`.
#[inline(always)]
pub fn member(out: &mut String, key: &str, value: impl Put) {
    put!(out, ", \"", key, "\": ", value);
}

/// Appends `"text"` with everything escaped that could end the string or the line (RFC 8259 §7).
/// The result is ASCII: anything else becomes `\uXXXX`, as a surrogate pair beyond the basic plane.
pub fn string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    put!(out, "\\u", LowerHex(&unit.to_be_bytes()));
                }
            }
        }
    }
    out.push('"');
}

/// Appends a finite number as ExaBGP prints it: the shortest digits that name it, `0.5`, `125000000.0`, `3e-06`, `1e+16`.
/// JSON has no word for others (RFC 8259 §6): they are `null`.
pub fn float(out: &mut String, n: f64) {
    if !n.is_finite() {
        return out.push_str("null");
    }
    let start = out.len();
    let _ = write!(out, "{n:?}");
    // from 1e16 on and below 1e-4 there is an exponent, which has a sign and two digits
    if let Some(at) = out.get(start..).and_then(|text| text.find('e')) {
        let exponent: i32 = out.get(start + at + 1..).and_then(|text| text.parse().ok()).unwrap_or(0);
        out.truncate(start + at);
        let _ = write!(out, "e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs());
    }
}

/// Appends octets as upper-case hexadecimal, without prefix.
pub fn hex(out: &mut String, bytes: &[u8]) {
    Hex(bytes).put(out);
}

/// Puts `, ` (or what it is told) between the items of a list: nothing before the first.
#[derive(Debug)]
pub struct Separator(&'static str, bool);

impl Separator {
    /// Separates by `text`.
    #[inline]
    pub fn new(text: &'static str) -> Self {
        Separator(text, false)
    }

    /// Separates by `text`, with something in front already.
    #[inline]
    pub fn started(text: &'static str) -> Self {
        Separator(text, true)
    }

    /// Call before each item.
    #[inline]
    pub fn next(&mut self, out: &mut String) {
        if self.1 {
            out.push_str(self.0);
        }
        self.1 = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_peer_says_ends_the_string() {
        for text in ["plain", "a\"b\\c", "line\nfeed\r\t\u{0}\u{1b}", "é\u{2028}", "𝄞"] {
            let mut out = String::new();
            string(&mut out, text);
            assert!(out.is_ascii() && !out.contains('\n'));
            assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }

    #[test]
    fn fractions_as_python_prints_them() {
        for (n, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (125_000_000.0, "125000000.0"),
            (0.000003, "3e-06"),
            (2.0 * 0.000003, "6e-06"),
            (0.0001, "0.0001"),
            (0.00012345, "0.00012345"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (f64::from(1e16_f32), "1.0000000272564224e+16"),
            (f64::from(f32::from_bits(1)), "1.401298464324817e-45"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::INFINITY, "null"),
        ] {
            let mut out = String::new();
            float(&mut out, n);
            assert_eq!(out, text);
        }
    }
}
