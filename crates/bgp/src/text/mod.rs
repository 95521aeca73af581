//! Words: how configuration files and API lines are cut into them, and how a mistake in one is reported.

mod diagnostic;
mod lexer;
mod plain;

pub use diagnostic::{Diagnostic, Severity, Span, nearest};
pub use lexer::{Grammar, Token, Word, Words};
pub use plain::{cut, escape, escape_unprintable, push_counted};

/// Octets written as an even number of hexadecimal digits; none for an empty text.
pub fn hex(digits: &str) -> Option<Vec<u8>> {
    let value = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut chunks = digits.as_bytes().chunks_exact(2);
    let bytes = chunks.by_ref().map(|pair| match pair {
        [high, low] => Some(value(*high)? << 4 | value(*low)?),
        _ => None,
    });
    let bytes = bytes.collect::<Option<Vec<u8>>>()?;
    chunks.remainder().is_empty().then_some(bytes)
}
