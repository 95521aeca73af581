//! MPLS labels as NLRI carry them (RFC 8277 §2.2): entries of `label(20) TC(3) bottom-of-stack(1)`.

use super::digits;
use crate::dialect::Dialect;
use crate::error::Malformed;
use crate::json::Separator;
use crate::put;
use crate::put::{Hex, Put};
use crate::read::Reader;
use crate::text::{Diagnostic, Word, Words, hex};

/// What stands for the labels in a withdrawal (RFC 8277 §2.4).
pub const WITHDRAWN: [u8; 3] = [0x80, 0, 0];

/// The greatest label.
pub const MAX: u32 = (1 << 20) - 1;

/// Cuts a stack off the front: up to the entry with the bottom bit, or what stands for a stack in a withdrawal.
pub fn split_stack<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    let whole = r.rest();
    let mut n = 0;
    loop {
        let entry = r.array::<3>("label")?;
        r.says(|| meaning(entry));
        n += 3;
        if entry[2] & 1 == 1 || entry == WITHDRAWN || entry == [0; 3] {
            return Ok(whole.get(..n).unwrap_or(&[]));
        }
    }
}

/// The label of an entry.
pub fn label(entry: [u8; 3]) -> u32 {
    raw(entry) >> 4
}

/// `100`, and what else is set beside the number.
fn meaning(entry: [u8; 3]) -> String {
    let (class, bottom) = (entry[2] >> 1 & 7, entry[2] & 1 == 1);
    let class = if class > 0 { format!(", traffic class {class}") } else { String::new() };
    format!("{}{class}{}", label(entry), if bottom { ", bottom of stack" } else { "" })
}

fn raw([a, b, c]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, a, b, c])
}

/// What is shown beside the label: since 6 the entry, unless it is zero.
fn shown(entry: [u8; 3], dialect: Dialect) -> Option<u32> {
    Some(raw(entry)).filter(|octets| *octets != 0 && dialect == Dialect::V6)
}

fn entries(stack: &[u8]) -> impl Iterator<Item = [u8; 3]> + Clone {
    stack.as_chunks::<3>().0.iter().copied()
}

/// Appends ` label 100 (1601)`, ` label [ 100 (1600) 200 (3201) ]`: before 6, and where the entry is zero, without what
/// is in parentheses.
pub fn text(stack: &[u8], out: &mut String, dialect: Dialect) {
    list(stack, out, |entry, out| {
        label(entry).put(out);
        if let Some(octets) = shown(entry, dialect) {
            put!(out, " (", octets, ')');
        }
    });
}

/// Appends ` label 100` so that [`parse`] gives the same octets: entries it would not make are `0x` and six digits.
pub fn words(stack: &[u8], out: &mut String) {
    let count = stack.len() / 3;
    let mut at = 0;
    list(stack, out, |entry, out| {
        at += 1;
        entry_words(entry, at == count, out);
    });
}

/// Appends `100`, or `0x` and six digits if the label and `bottom` are not all there is to the entry.
pub fn entry_words(entry: [u8; 3], bottom: bool, out: &mut String) {
    match raw(entry) & 0xf == u32::from(bottom) {
        true => label(entry).put(out),
        false => put!(out, "0x", Hex(&entry)),
    }
}

fn list(stack: &[u8], out: &mut String, mut each: impl FnMut([u8; 3], &mut String)) {
    if stack.is_empty() {
        return;
    }
    let many = stack.len() > 3;
    out.push_str(if many { " label [" } else { " label" });
    for entry in entries(stack) {
        out.push(' ');
        each(entry, out);
    }
    if many {
        out.push_str(" ]");
    }
}

/// Appends `[ [100, 1601] ]`: label and entry; before 6, and where the entry is zero, the label alone.
pub fn json(stack: &[u8], out: &mut String, dialect: Dialect) {
    let mut separator = Separator::new(", ");
    out.push_str("[ ");
    for entry in entries(stack) {
        separator.next(out);
        put!(out, '[', label(entry));
        if let Some(octets) = shown(entry, dialect) {
            put!(out, ", ", octets);
        }
        out.push(']');
    }
    out.push_str(" ]");
}

/// Reads a stack: labels of which only the last may be at the bottom.
pub fn parse_stack(words: &mut Words<'_>) -> Result<Vec<u8>, Diagnostic> {
    let stack = parse(words)?;
    // entries written as they are may end the stack too early, or not at all
    if split_stack(&mut Reader::new(&stack, 0)) != Ok(&stack) {
        let error = Diagnostic::error(words.last(), "the bottom of the stack is not its last label");
        return Err(error.help("write the labels as numbers"));
    }
    Ok(stack)
}

/// Reads `100` or `[ 100 200 ]`: the last label gets the bottom bit.
pub fn parse(words: &mut Words<'_>) -> Result<Vec<u8>, Diagnostic> {
    let mut stack = Vec::new();
    let mut bottom = false;
    let first = words.expect("the label")?;
    let list = first.text == "[";
    let mut next = Some(first.clone());
    while let Some(word) = next {
        match &*word.text {
            "[" if list && stack.is_empty() => {}
            "," if list => {}
            "]" if list => break,
            _ => {
                let (entry, is_raw) = entry(&word)?;
                stack.extend(entry);
                bottom = !is_raw;
            }
        }
        next = if list { Some(words.expect("`]`")?) } else { None };
    }
    match stack.last_mut() {
        Some(last) => *last |= u8::from(bottom),
        None => return Err(first.error("the list of labels is empty")),
    }
    Ok(stack)
}

/// One entry, the bottom of a stack: what [`entry_words`] writes.
pub fn bottom(word: &Word<'_>) -> Result<[u8; 3], Diagnostic> {
    let ([a, b, c], is_raw) = entry(word)?;
    Ok([a, b, c | u8::from(!is_raw)])
}

/// An entry without bottom bit, and whether its octets were written as they are.
fn entry(word: &Word<'_>) -> Result<([u8; 3], bool), Diagnostic> {
    let wrong = || word.error(format!("`{}` is no label", word.text)).help(format!("a number from 0 to {MAX}"));
    if let Some(octets) = word.text.strip_prefix("0x").filter(|octets| octets.len() == 6).and_then(hex) {
        return octets.as_array().copied().map(|entry| (entry, true)).ok_or_else(wrong);
    }
    let label: u32 = digits(&word.text).filter(|label| *label <= MAX).ok_or_else(wrong)?;
    let [_, a, b, c] = (label << 4).to_be_bytes();
    Ok(([a, b, c], false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Grammar;

    fn read(line: &str) -> Result<Vec<u8>, Diagnostic> {
        parse(&mut Words::new(line, 0, Grammar::Line))
    }

    #[test]
    fn words_and_octets_agree() {
        for (line, octets) in [
            ("100", &[0, 6, 0x41][..]),
            ("[ 100 200 ]", &[0, 6, 0x40, 0, 0x0c, 0x81]),
            ("1048575", &[0xff, 0xff, 0xf1]),
            ("0x800000", &WITHDRAWN),
            ("[ 0x00064E 7 ]", &[0, 6, 0x4e, 0, 0, 0x71]),
        ] {
            assert_eq!(read(line).unwrap(), octets, "{line}");
            let mut out = String::new();
            words(octets, &mut out);
            assert_eq!(out, format!(" label {line}"));
            let mut r = Reader::new(octets, 0);
            assert_eq!(split_stack(&mut r), Ok(octets));
        }
        for wrong in ["0x557AD4", "[ 0x557AD5 7 ]", "[ 0 7 ]"] {
            assert!(parse_stack(&mut Words::new(wrong, 0, Grammar::Line)).is_err(), "{wrong}");
        }
        for wrong in ["", "[ ]", "1048576", "-1", "x", "[ 1", "0x1"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(split_stack(&mut Reader::new(&[0, 6, 0x40], 0)).is_err(), "no bottom");
    }
}
