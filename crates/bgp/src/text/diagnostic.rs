//! A mistake in somebody's text, as data: where, what, and what to type instead.

use std::fmt;

/// Some columns of one line. A statement never crosses a line, so neither does a span.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Span {
    /// Line number, from 1; 0 for text without lines.
    pub line: u32,
    /// First octet in the line, from 0.
    pub start: u32,
    /// One past the last octet.
    pub end: u32,
}

impl Span {
    /// From here to the end of `other`, if that is on the same line.
    pub fn to(self, other: Span) -> Span {
        Span { end: if other.line == self.line { other.end.max(self.end) } else { self.end }, ..self }
    }
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The text is accepted, but probably does not say what was meant.
    Warning,
    /// The text is refused.
    Error,
}

/// One mistake. Rendered by whoever talks to the user: with carets on a terminal, in one line in a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The word it is about.
    pub at: Span,
    /// Other places that matter, each with a remark.
    pub labels: Vec<(Span, String)>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A mistake that makes the text unusable.
    pub fn error(at: Span, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Error, message: message.into(), at, labels: Vec::new(), help: None }
    }

    /// Something that works, but not as it reads.
    pub fn warning(at: Span, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(at, message) }
    }

    /// With a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With a remark on another place.
    #[must_use]
    pub fn label(mut self, at: Span, remark: impl Into<String>) -> Self {
        self.labels.push((at, remark.into()));
        self
    }

    /// With the nearest of `valid` to `word`, or all of them when none is near and they are few.
    #[must_use]
    pub fn suggest<'a>(self, word: &str, valid: impl IntoIterator<Item = &'a str>) -> Self {
        let mut valid: Vec<&str> = valid.into_iter().collect();
        let mut seen = std::collections::BTreeSet::new();
        valid.retain(|word| seen.insert(*word));
        match nearest(word, valid.iter().copied()) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None if valid.is_empty() => self,
            None => {
                let shown = valid.iter().take(24).copied().collect::<Vec<_>>().join(" ");
                let more = if valid.len() > 24 { ", and others" } else { "" };
                self.help(format!("valid here: {shown}{more}"))
            }
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnostic {}

/// The word of `valid` that differs least from `word`, if it differs by no more than a third of its length.
pub fn nearest<'a>(word: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let length = word.chars().take(LONGEST).count();
    let limit = |candidate: &str| candidate.len().max(3).div_ceil(3);
    valid
        .into_iter()
        // A word differs by no less than by its length: most need not be compared.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit(candidate))
        .map(|candidate| (distance(&word, &candidate.to_ascii_lowercase()), candidate))
        .min_by_key(|(d, _)| *d)
        .filter(|(d, candidate)| *d <= limit(candidate))
        .map(|(_, candidate)| candidate)
}

/// Most characters of a word that are compared.
const LONGEST: usize = 64;

/// Insertions, deletions, replacements and swaps of neighbours between two short words.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(LONGEST).collect(), b.chars().take(LONGEST).collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let at = |r: &[usize], k: usize| r.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&last, j + 1) + 1).min(at(&row, j) + 1).min(at(&last, j) + usize::from(ca != cb));
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(cb) && b.get(j - 1) == Some(ca);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words() {
        let valid = ["family", "community", "local-preference", "med"];
        assert_eq!(nearest("famly", valid), Some("family"));
        assert_eq!(nearest("comunity", valid), Some("community"));
        assert_eq!(nearest("local-perference", valid), Some("local-preference"));
        assert_eq!(nearest("emd", valid), Some("med"));
        assert_eq!(nearest("xyzzy", valid), None);
    }
}
