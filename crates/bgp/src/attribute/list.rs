//! Reading and printing lists: one item alone, or several between `[` and `]`.

use crate::dice::Dice;
use crate::text::{Diagnostic, Word, Words};

/// Reads `item` or `[ item item … ]` and hands each word to `each`. `what`: an item, for complaints.
pub(crate) fn parse(
    words: &mut Words<'_>,
    what: &str,
    mut each: impl FnMut(&Word<'_>) -> Result<(), Diagnostic>,
) -> Result<(), Diagnostic> {
    let first = words.expect(what)?;
    if first.text != "[" {
        return each(&first);
    }
    let mut count = 0;
    loop {
        let Some(word) = words.next() else {
            return Err(Diagnostic::error(words.here(), "`]` is missing").label(first.span, "the list starts here"));
        };
        match &*word.text {
            "]" if count > 0 => return Ok(()),
            "]" => return Err(word.error(format!("the list is empty: {what} is missing"))),
            "," => return Err(word.error("a comma does not belong here").help("separate the items by blanks")),
            "[" => return Err(word.error("a list inside a list").help("one pair of brackets is enough")),
            _ => each(&word)?,
        }
        count += 1;
    }
}

/// Appends `keyword item` or, for several, `keyword [ item item ]`; always with brackets if `brackets`.
pub(super) fn text<'a>(
    keyword: &str,
    items: impl Iterator<Item = &'a [u8]>,
    brackets: bool,
    out: &mut String,
    mut item: impl FnMut(&'a [u8], &mut String),
) {
    let mut items = items.peekable();
    let Some(first) = items.next() else { return };
    let brackets = brackets || items.peek().is_some();
    out.push_str(keyword);
    out.push_str(if brackets { " [ " } else { " " });
    item(first, out);
    for value in items {
        out.push(' ');
        item(value, out);
    }
    if brackets {
        out.push_str(" ]");
    }
}

/// Appends `[ item, item ]`.
pub(super) fn json<'a>(
    items: impl Iterator<Item = &'a [u8]>,
    out: &mut String,
    mut item: impl FnMut(&'a [u8], &mut String),
) {
    let mut separator = crate::json::Separator::new(", ");
    out.push_str("[ ");
    for value in items {
        separator.next(out);
        item(value, out);
    }
    out.push_str(" ]");
}

/// Puts items of `N` octets in order of their octets; drops repeated ones if `unique`.
pub(crate) fn sort<const N: usize>(value: &mut Vec<u8>, unique: bool) {
    let mut items: Vec<[u8; N]> = value.as_chunks::<N>().0.to_vec();
    items.sort_unstable();
    if unique {
        items.dedup();
    }
    value.clear();
    value.extend_from_slice(items.as_flattened());
}

/// Makes up some items of `N` octets, in order and each once.
pub(super) fn sample<const N: usize>(dice: &mut Dice, out: &mut Vec<u8>) {
    (0..=dice.below(8)).for_each(|_| out.extend(dice.array::<N>()));
    sort::<N>(out, true);
}

/// The octets at `at` as a number; zero where there are none.
pub(super) fn u16_at(value: &[u8], at: usize) -> u16 {
    value.get(at..).and_then(|v| v.first_chunk()).map_or(0, |b| u16::from_be_bytes(*b))
}

/// The octets at `at` as a number; zero where there are none.
pub(super) fn u32_at(value: &[u8], at: usize) -> u32 {
    value.get(at..).and_then(|v| v.first_chunk()).map_or(0, |b| u32::from_be_bytes(*b))
}

/// Reads the `[` in front of what an attribute says. `form`: how it is written, for complaints.
pub(super) fn open(words: &mut Words<'_>, form: &str) -> Result<(), Diagnostic> {
    let word = words.expect("`[`").map_err(|e| e.help(form))?;
    if word.text == "[" { Ok(()) } else { Err(word.error("`[` is missing").help(form)) }
}

/// The next word between brackets; `None` at the `]`.
pub(super) fn item<'a>(words: &mut Words<'a>, form: &str) -> Result<Option<Word<'a>>, Diagnostic> {
    let word = words.expect("`]`").map_err(|e| e.help(form))?;
    Ok(if word.text == "]" { None } else { Some(word) })
}
