//! The lines of a file: read one at a time, joined where a line ends in `\`.
//!
//! A statement that goes on in the next line is one line to everybody else. Where its parts really stood is remembered
//! here, so that diagnostics can be moved back to the file's own lines at the end.

use herald_bgp::text::{Diagnostic, Span};
use std::io::BufRead;

/// Reads lines into one buffer that is used again.
pub(crate) struct Lines<R> {
    reader: R,
    raw: Vec<u8>,
    lossy: String,
    /// Physical lines read so far.
    read: u32,
    joins: Joins,
    /// A read failed: there is no more.
    broken: bool,
}

/// Where lines were joined, in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Joins(Vec<Join>);

#[derive(Clone, Copy, Debug)]
struct Join {
    /// The line the statement began in.
    first: u32,
    /// Octets of the joined line before this part.
    offset: u32,
    /// The line this part came from.
    line: u32,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(reader: R) -> Self {
        Lines { reader, raw: Vec::new(), lossy: String::new(), read: 0, joins: Joins::default(), broken: false }
    }

    /// The next line, joined, and its number; `None` at the end. A line that is no UTF-8 comes with a complaint.
    pub(crate) fn next(&mut self) -> Option<(u32, &str, Option<Diagnostic>)> {
        if self.broken {
            return None;
        }
        self.raw.clear();
        let mut complaint = self.append();
        if self.raw.is_empty() && complaint.is_none() {
            return None;
        }
        let first = self.read;
        while complaint.is_none() && self.continues() {
            let offset = column(self.raw.len());
            complaint = self.append();
            if column(self.raw.len()) == offset {
                break; // the last line of the file ended in `\`
            }
            self.joins.0.push(Join { first, offset, line: self.read });
        }
        if first == 1 && self.raw.starts_with(b"\xef\xbb\xbf") {
            self.raw.get_mut(..3).into_iter().for_each(|mark| mark.fill(b' '));
        }
        match std::str::from_utf8(&self.raw) {
            Ok(text) => Some((first, text, complaint)),
            Err(e) => {
                let start = column(e.valid_up_to());
                let at = Span { line: first, start, end: start + 1 };
                self.lossy = String::from_utf8_lossy(&self.raw).into_owned();
                let wrong = Diagnostic::error(at, "not UTF-8").help("save the file as UTF-8");
                Some((first, &self.lossy, Some(complaint.unwrap_or(wrong))))
            }
        }
    }

    pub(crate) fn into_joins(self) -> Joins {
        self.joins
    }

    /// Appends one physical line without its line feed.
    fn append(&mut self) -> Option<Diagnostic> {
        match self.reader.read_until(b'\n', &mut self.raw) {
            Ok(0) => None,
            Ok(_) => {
                self.read = self.read.saturating_add(1);
                None
            }
            Err(e) => {
                self.broken = true;
                let at = Span { line: self.read.saturating_add(1), start: 0, end: 1 };
                Some(Diagnostic::error(at, format!("the configuration cannot be read: {e}")))
            }
        }
    }

    /// True if the line goes on below; the backslash is gone then.
    fn continues(&mut self) -> bool {
        let kept = self.raw.trim_ascii_end();
        if !kept.ends_with(b"\\") {
            return false;
        }
        let len = kept.len() - 1;
        self.raw.truncate(len);
        true
    }
}

impl Joins {
    /// Moves a diagnostic from joined lines back to the lines of the file.
    pub(crate) fn restore(&self, diagnostic: &mut Diagnostic) {
        diagnostic.at = self.place(diagnostic.at);
        for (at, _) in &mut diagnostic.labels {
            *at = self.place(*at);
        }
    }

    fn place(&self, at: Span) -> Span {
        let behind = self.0.partition_point(|join| (join.first, join.offset) <= (at.line, at.start));
        match behind.checked_sub(1).and_then(|i| self.0.get(i)) {
            Some(join) if join.first == at.line => {
                Span { line: join.line, start: at.start - join.offset, end: at.end.saturating_sub(join.offset) }
            }
            _ => at,
        }
    }
}

fn column(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<(u32, String, bool)> {
        let mut lines = Lines::new(text);
        let mut all = Vec::new();
        while let Some((number, line, complaint)) = lines.next() {
            all.push((number, line.trim_end().to_string(), complaint.is_some()));
        }
        all
    }

    #[test]
    fn joined_and_counted() {
        assert_eq!(
            lines(b"a\nb \\  \n c\\\nd\n\ne"),
            [(1, "a".into(), false), (2, "b  cd".into(), false), (5, String::new(), false), (6, "e".into(), false)]
        );
        assert_eq!(lines(b"a \\"), [(1, "a".into(), false)]);
        assert_eq!(lines(b"\xef\xbb\xbfa\nb\xff\n"), [(1, "   a".into(), false), (2, "b\u{fffd}".into(), true)]);
    }

    #[test]
    fn places_in_joined_lines() {
        let mut lines = Lines::new(&b"x\nab \\\ncd \\\nef;\ngh"[..]);
        while lines.next().is_some() {}
        let joins = lines.into_joins();
        let at = |line, start, end| joins.place(Span { line, start, end });
        assert_eq!(at(1, 0, 1), Span { line: 1, start: 0, end: 1 });
        assert_eq!(at(2, 0, 2), Span { line: 2, start: 0, end: 2 });
        assert_eq!(at(2, 3, 5), Span { line: 3, start: 0, end: 2 });
        assert_eq!(at(2, 6, 8), Span { line: 4, start: 0, end: 2 });
        assert_eq!(at(5, 0, 2), Span { line: 5, start: 0, end: 2 });
    }
}
