//! Extended communities as they are written: `keyword:field:field`, `number:number` for a target, or `0x` and all digits.
//!
//! Bits that the fields cannot say, because they are reserved, follow behind a plus: `color:0:100+0x000100000000` is
//! the value of `color:0:100` with one more bit set. So what was received can always be written again.

use super::rows::ExtendedSpec;
use crate::put;
use crate::put::Hex;
use crate::text::{Diagnostic, Word, hex};

/// Appends a community as [`parse`] reads it: in words if its type has some.
pub(super) fn canonical<const N: usize>(rows: &[ExtendedSpec], item: &[u8], out: &mut String) {
    let start = out.len();
    if let Some((value, row)) = row_of(rows, item) {
        row.layout.write(row.words.first().unwrap_or(&""), value, out);
        let words = out.get(start..).unwrap_or("");
        if let Some(read) = read::<N>(rows, words)
            && read.first_chunk::<2>() == item.first_chunk::<2>()
        {
            if read == item {
                return;
            }
            out.push_str("+0x");
            let rest = read.iter().zip(item).skip(2).map(|(a, b)| a ^ b).collect::<Vec<u8>>();
            return put!(out, Hex(&rest));
        }
    }
    out.truncate(start);
    put!(out, "0x", Hex(item));
}

fn row_of<'a, 'r>(rows: &'r [ExtendedSpec], item: &'a [u8]) -> Option<(&'a [u8], &'r ExtendedSpec)> {
    let ([kind, subtype], value) = item.split_first_chunk::<2>()?;
    rows.iter().find(|row| (row.kind, row.subtype) == (*kind, *subtype)).map(|row| (value, row))
}

/// The octets of one community.
pub(super) fn parse<const N: usize>(rows: &[ExtendedSpec], word: &Word<'_>) -> Result<[u8; N], Diagnostic> {
    let text = &*word.text;
    if let Some(octets) = read::<N>(rows, text) {
        return Ok(octets);
    }
    let wrong = word.error(format!("`{text}` is no extended community"));
    if text.starts_with("0x") || text.starts_with("0X") {
        return Err(wrong.help(format!("0x is followed by {} hexadecimal digits", 2 * N)));
    }
    let keyword = text.split_once(':').map_or(text, |(keyword, _)| keyword);
    let known = |row: &&ExtendedSpec| row.words.contains(&keyword);
    let mut forms: Vec<String> = rows.iter().filter(known).map(|row| row.layout.form(keyword)).collect();
    forms.dedup();
    if forms.is_empty() {
        let words = rows.iter().flat_map(|row| row.words.iter().copied());
        return Err(wrong.suggest(keyword, words));
    }
    Err(wrong.help(format!("it is written {}, with numbers that fit", forms.join(" or "))))
}

/// The word that stands before a value that belongs to it: `mark 10` is read as `mark:10`.
pub(super) fn takes_value(rows: &[ExtendedSpec], word: &str) -> bool {
    matches!(word, "action" | "mark" | "redirect-to-nexthop-ietf" | "copy-to-nexthop-ietf")
        && rows.iter().any(|row| row.words.contains(&word))
}

fn read<const N: usize>(rows: &[ExtendedSpec], text: &str) -> Option<[u8; N]> {
    if let (Some(digits), false) = (text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")), text.contains(':')) {
        return hex(digits)?.as_array().copied();
    }
    if let Some((words, more)) = text.rsplit_once("+0x") {
        let more = hex(more).filter(|more| more.len() + 2 == N)?;
        let mut octets = read_words::<N>(rows, words)?;
        octets.iter_mut().skip(2).zip(more).for_each(|(octet, more)| *octet ^= more);
        return Some(octets);
    }
    read_words(rows, text)
}

fn read_words<const N: usize>(rows: &[ExtendedSpec], text: &str) -> Option<[u8; N]> {
    let (keyword, rest) = text.split_once(':').unwrap_or((text, ""));
    // two numbers alone are a target
    let (keyword, rest) =
        if keyword.starts_with(|c: char| c.is_ascii_digit()) { ("target", text) } else { (keyword, rest) };
    rows.iter().filter(|row| row.words.contains(&keyword)).find_map(|row| {
        let value = row.layout.read(keyword, rest)?;
        let mut octets = vec![row.kind, row.subtype];
        octets.extend(value);
        octets.as_array().copied()
    })
}
