//! Text that came from outside, made fit for a line or a length field.

use std::fmt::Write as _;

/// Appends text so that it cannot end the line it is on: the result is printable ASCII, anything else is
/// written as `\n`, `\xNN`, `\uNNNN` or `\UNNNNNNNN`. Backslashes stay as they are.
pub fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        let _ = match (c, u32::from(c)) {
            (' '..='~', _) => out.write_char(c),
            ('\n', _) => out.write_str("\\n"),
            ('\r', _) => out.write_str("\\r"),
            ('\t', _) => out.write_str("\\t"),
            (_, n @ ..=0xff) => write!(out, "\\x{n:02x}"),
            (_, n @ ..=0xffff) => write!(out, "\\u{n:04x}"),
            (_, n) => write!(out, "\\U{n:08x}"),
        };
    }
}

/// Appends text for a terminal: printable characters of any language stay, all else is as [`escape`] writes it.
pub fn escape_unprintable(out: &mut String, text: &str) {
    for c in text.chars() {
        // quotes, which `escape_debug` would change, `escape` leaves as they are
        match c.escape_debug().len() {
            1 => out.push(c),
            _ => escape(out, c.encode_utf8(&mut [0; 4])),
        }
    }
}

/// The longest beginning of `text` that has at most `max` octets.
pub fn cut(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or(text)
}

/// Appends `length(1) text`, the text cut to `max` octets.
pub fn push_counted(out: &mut Vec<u8>, text: &str, max: u8) {
    let text = cut(text, max.into());
    out.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_on_its_line() {
        let mut out = String::new();
        escape(&mut out, "a\\b\n\r\t\u{7f}\u{85}\u{2028}𝄞");
        assert_eq!(out, "a\\b\\n\\r\\t\\x7f\\x85\\u2028\\U0001d11e");
    }

    #[test]
    fn what_prints_stays() {
        let mut out = String::new();
        escape_unprintable(&mut out, "\"é\\ 漢'\n\x1b[2K\u{7f}\u{9b}\u{202e}");
        assert_eq!(out, "\"é\\ 漢'\\n\\x1b[2K\\x7f\\x9b\\u202e");
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!((cut("aéb", 2), cut("aéb", 3), cut("aéb", 9)), ("a", "aé", "aéb"));
        let mut out = Vec::new();
        push_counted(&mut out, "aé", 2);
        assert_eq!(out, [1, b'a']);
    }
}
