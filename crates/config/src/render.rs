//! Diagnostics for people: an excerpt with a caret on a terminal, one line in a log.

use herald_bgp::text::{Diagnostic, Severity, Span};
use std::fmt::Write as _;

/// Columns of a line that are shown around a mistake.
const WIDTH: usize = 160;

/// How diagnostics are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// With the line and a caret below it.
    Caret,
    /// `file:line:column: error: message (help)`
    OneLine,
}

/// The text of diagnostics about `file_name`. `line_of` gives a line of it, from 1, without its line feed; where it has
/// none, the excerpt is left out. Columns are counted in characters, from 1.
pub fn render(
    diagnostics: &[Diagnostic],
    file_name: &str,
    line_of: impl Fn(u32) -> Option<String>,
    style: Style,
) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        match style {
            Style::OneLine => one_line(&mut out, diagnostic, file_name, &line_of),
            Style::Caret => caret(&mut out, diagnostic, file_name, &line_of),
        }
    }
    out
}

fn severity(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// `file:line:column`; the file alone for text without lines.
fn place(file_name: &str, at: Span, line: Option<&str>) -> String {
    if at.line == 0 {
        return file_name.to_owned();
    }
    let start = usize::try_from(at.start).unwrap_or(usize::MAX);
    let column = line.and_then(|line| line.get(..start)).map_or(start, |before| before.chars().count());
    format!("{file_name}:{}:{}", at.line, column.saturating_add(1))
}

fn one_line(out: &mut String, diagnostic: &Diagnostic, file_name: &str, line_of: &impl Fn(u32) -> Option<String>) {
    let line = line_of(diagnostic.at.line);
    let place = place(file_name, diagnostic.at, line.as_deref());
    let _ = writeln!(out, "{place}: {}: {diagnostic}", severity(diagnostic));
}

fn caret(out: &mut String, diagnostic: &Diagnostic, file_name: &str, line_of: &impl Fn(u32) -> Option<String>) {
    let line = line_of(diagnostic.at.line);
    let gutter = std::iter::once(&diagnostic.at).chain(diagnostic.labels.iter().map(|(at, _)| at));
    let gutter = gutter.map(|at| at.line.to_string().len()).max().unwrap_or(1);
    let _ = writeln!(out, "{}: {}", severity(diagnostic), diagnostic.message);
    let _ = writeln!(out, "{:gutter$}--> {}", "", place(file_name, diagnostic.at, line.as_deref()));
    if let Some(line) = line.filter(|_| diagnostic.at.line > 0) {
        let _ = writeln!(out, "{:gutter$} |", "");
        excerpt(out, gutter, diagnostic.at, &line, '^', "");
    }
    for (at, remark) in &diagnostic.labels {
        match line_of(at.line).filter(|_| at.line > 0) {
            Some(line) => excerpt(out, gutter, *at, &line, '-', remark),
            None => {
                let _ = writeln!(out, "{:gutter$} = note: {remark}, line {}", "", at.line);
            }
        }
    }
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "{:gutter$} = help: {help}", "");
    }
    out.push('\n');
}

/// One line and the mark below it. A long line is cut to what is around the mark; tabs become one blank.
fn excerpt(out: &mut String, gutter: usize, at: Span, line: &str, mark: char, remark: &str) {
    let octets = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let column = |octet: usize| line.char_indices().take_while(|(i, _)| *i < octet).count();
    let (start, end) = (column(octets(at.start)), column(octets(at.end)));
    let length = line.chars().count();
    let from = if length > WIDTH { start.saturating_sub(WIDTH / 3) } else { 0 };
    let shown: String = line.chars().skip(from).take(WIDTH).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let shown = shown.trim_end();
    let (before, after) = (if from > 0 { "…" } else { "" }, if from + WIDTH < length { "…" } else { "" });
    let _ = writeln!(out, "{:>gutter$} | {before}{shown}{after}", at.line);
    let indent = start - from + before.chars().count();
    let marks: String = std::iter::repeat_n(mark, (end - start).clamp(1, WIDTH)).collect();
    let gap = if remark.is_empty() { "" } else { " " };
    let _ = writeln!(out, "{:gutter$} | {:indent$}{marks}{gap}{remark}", "", "");
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "neighbor 192.0.2.2 {\n\thöld-tme 30;\n}\n";

    fn line_of(n: u32) -> Option<String> {
        TEXT.lines().nth(usize::try_from(n).ok()?.checked_sub(1)?).map(str::to_owned)
    }

    fn problem() -> Diagnostic {
        Diagnostic::error(Span { line: 2, start: 1, end: 10 }, "`höld-tme` is no keyword in `neighbor`")
            .label(Span { line: 1, start: 9, end: 18 }, "in this neighbor")
            .help("did you mean `hold-time`?")
    }

    #[test]
    fn with_carets() {
        let expected = "\
error: `höld-tme` is no keyword in `neighbor`
 --> a.conf:2:2
  |
2 |  höld-tme 30;
  |  ^^^^^^^^
1 | neighbor 192.0.2.2 {
  |          --------- in this neighbor
  = help: did you mean `hold-time`?

";
        assert_eq!(render(&[problem()], "a.conf", line_of, Style::Caret), expected);
    }

    #[test]
    fn in_one_line() {
        let expected = "a.conf:2:2: error: `höld-tme` is no keyword in `neighbor` (did you mean `hold-time`?)\n";
        assert_eq!(render(&[problem()], "a.conf", line_of, Style::OneLine), expected);
    }

    #[test]
    fn without_the_text_and_beyond_it() {
        let text = render(&[problem()], "a.conf", |_| None, Style::Caret);
        assert!(text.contains("note: in this neighbor, line 1"), "{text}");
        let beyond = Diagnostic::warning(Span { line: 3, start: 70, end: 71 }, "odd");
        let text = render(&[beyond], "a.conf", line_of, Style::Caret);
        assert!(text.contains("3 | }\n  |  ^\n"), "{text}");
    }

    #[test]
    fn long_lines_are_cut() {
        let line = format!("{} wrong {}", "a ".repeat(500), "b ".repeat(500));
        let problem = Diagnostic::error(Span { line: 1, start: 1001, end: 1006 }, "odd");
        let text = render(&[problem], "a.conf", |_| Some(line.clone()), Style::Caret);
        assert!(text.lines().all(|line| line.chars().count() < 200), "{text}");
        let mut lines = text.lines().skip(3);
        let (shown, marks) = (lines.next().unwrap(), lines.next().unwrap());
        let at = marks.chars().position(|c| c == '^').unwrap();
        assert_eq!(shown.chars().skip(at).take(5).collect::<String>(), "wrong");
    }
}
