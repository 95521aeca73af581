//! Cutting one line into words.
//!
//! Files and API lines share one lexer with two grammars, because they differ in small ways that users rely on:
//! in a file quotes group words, `\` escapes and parentheses are ordinary characters; on an API line parentheses
//! stand alone and there are neither quotes nor escapes.
//! Words are cut when they are asked for and borrow from the line wherever they can.

use super::{Diagnostic, Span};
use std::borrow::Cow;

/// Whose rules a line follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grammar {
    /// A configuration file: quotes, escapes, comments; `( )` need blanks around them.
    File,
    /// An API line: `( )` stand alone; no quotes, escapes or comments.
    Line,
}

/// What the lexer found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Token<'a> {
    /// A word; `[`, `]`, `,` (and on API lines `(`, `)`) are words of their own.
    Word(Word<'a>),
    /// `;`
    End(Span),
    /// `{`
    Open(Span),
    /// `}`
    Close(Span),
}

/// A word and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word<'a> {
    /// Its text, without quotes, with escapes resolved.
    pub text: Cow<'a, str>,
    /// Where it stands.
    pub span: Span,
}

impl Word<'_> {
    /// An error about this word.
    pub fn error(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(self.span, message)
    }
}

/// The words of one statement, cut on demand.
///
/// Stops in front of `;`, `{`, `}` and at the end of the line: [`Words::next`] gives `None` there, and whoever drives
/// the statements reads the terminator with [`Words::token`].
#[derive(Clone, Debug)]
pub struct Words<'a> {
    line: &'a str,
    number: u32,
    at: usize,
    classes: &'static Classes,
    peeked: Option<Option<Word<'a>>>,
    last: Span,
    /// Where the statement ends, once that was asked for: what is found for one reader serves the next.
    end: Option<End>,
}

/// The end of a statement, found without cutting its words.
#[derive(Clone, Copy, Debug)]
enum End {
    /// The offset of the terminator, or of the end of the line.
    Plain(usize),
    /// There are quotes, escapes or a comment before it: its words must be cut to find it.
    Hidden,
}

impl<'a> Words<'a> {
    /// Cuts `line`, which is line `number` of its file (0: of none).
    pub fn new(line: &'a str, number: u32, grammar: Grammar) -> Self {
        let classes = match grammar {
            Grammar::File => &FILE,
            Grammar::Line => &LINE,
        };
        Words { line, number, at: 0, classes, peeked: None, last: Span { line: number, start: 0, end: 0 }, end: None }
    }

    /// What is left of the line, uncut.
    pub fn rest(&self) -> &'a str {
        let at = match &self.peeked {
            Some(Some(word)) => usize::try_from(word.span.start).unwrap_or(0),
            _ => self.at,
        };
        self.line.get(at..).unwrap_or("")
    }

    /// What is left of the statement, uncut and without its terminator; `None` where a quote, an escape or a comment
    /// makes its end a matter of cutting words.
    pub fn plain(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let start = self.line.len() - rest.len();
        let end = *self.end.get_or_insert_with(|| match plain_end(rest.as_bytes()) {
            Some(len) => End::Plain(start + len),
            None => End::Hidden,
        });
        match end {
            End::Plain(end) => self.line.get(start..end),
            End::Hidden => None,
        }
    }

    /// The octet that ends the statement [`plain`](Words::plain) gave; `None` at the end of the line.
    pub fn plain_terminator(&self) -> Option<u8> {
        match self.end {
            Some(End::Plain(end)) => self.line.as_bytes().get(end).copied(),
            _ => None,
        }
    }

    /// Goes on `n` octets further: they were dealt with as a whole.
    pub fn skip(&mut self, n: usize) {
        self.at = self.line.len() - self.rest().len() + n.min(self.rest().len());
        self.peeked = None;
    }

    /// The place of the word read last; of the start before there was one.
    pub fn last(&self) -> Span {
        self.last
    }

    /// Just behind the word read last: where a missing word should have been.
    pub fn here(&self) -> Span {
        Span { start: self.last.end, end: self.last.end + 1, ..self.last }
    }

    /// The next word, without taking it.
    pub fn peek(&mut self) -> Option<&Word<'a>> {
        if self.peeked.is_none() {
            let word = self.cut_word();
            self.peeked = Some(word);
        }
        self.peeked.as_ref().and_then(Option::as_ref)
    }

    /// The next word; `None` at the end of the statement.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<Word<'a>> {
        let word = match self.peeked.take() {
            Some(word) => word,
            None => self.cut_word(),
        };
        if let Some(word) = &word {
            self.last = word.span;
        }
        word
    }

    /// The next word, or an error that says `what` is missing here.
    pub fn expect(&mut self, what: &str) -> Result<Word<'a>, Diagnostic> {
        let here = self.here();
        self.next().ok_or_else(|| Diagnostic::error(here, format!("{what} is missing")))
    }

    /// A text: the next word, or all up to the closing quote where the grammar knows no quotes.
    pub fn expect_text(&mut self, what: &str) -> Result<Word<'a>, Diagnostic> {
        let word = self.expect(what)?;
        let start = usize::try_from(word.span.start).unwrap_or(usize::MAX);
        let quote = word.text.chars().next().filter(|c| matches!(c, '"' | '\''));
        let inside = quote.and_then(|quote| {
            let rest = self.line.get(start..)?.strip_prefix(quote)?;
            rest.split_once(quote).map(|(inside, _)| inside)
        });
        let Some(inside) = inside.filter(|_| matches!(word.text, Cow::Borrowed(_))) else { return Ok(word) };
        let end = start + inside.len() + 2;
        self.at = end;
        self.peeked = None;
        self.last = self.span(start, end);
        Ok(Word { text: Cow::Borrowed(inside), span: self.last })
    }

    /// Takes the next word if it is `text`.
    pub fn accept(&mut self, text: &str) -> bool {
        let found = self.peek().is_some_and(|word| word.text == text);
        if found {
            self.next();
        }
        found
    }

    /// The next token, terminators included; `None` at the end of the line or in front of a comment.
    pub fn token(&mut self) -> Option<Result<Token<'a>, Diagnostic>> {
        if let Some(word) = self.next() {
            return Some(Ok(Token::Word(word)));
        }
        let start = self.at;
        let c = self.line.as_bytes().get(start).copied()?;
        let span = self.span(start, start + 1);
        match c {
            b';' => self.terminator(Token::End(span)),
            b'{' => self.terminator(Token::Open(span)),
            b'}' => self.terminator(Token::Close(span)),
            b'#' => None,
            _ => {
                self.at = self.line.len();
                let span = self.span(start, self.at);
                Some(Err(Diagnostic::error(span, "a quote that does not end on its line")
                    .help("close the quote before the end of the line")))
            }
        }
    }

    fn terminator(&mut self, token: Token<'a>) -> Option<Result<Token<'a>, Diagnostic>> {
        self.at += 1;
        self.peeked = None;
        self.end = None;
        Some(Ok(token))
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let column = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { line: self.number, start: column(start), end: column(end) }
    }

    /// Cuts the next word; `None`, without moving beyond blanks, if a terminator, a comment, an unterminated quote or
    /// the end comes first.
    fn cut_word(&mut self) -> Option<Word<'a>> {
        let bytes = self.line.as_bytes();
        let left = bytes.get(self.at..)?;
        let start = self.at + left.iter().position(|b| self.class(*b) != BLANK).unwrap_or(left.len());
        self.at = start;
        match self.class(*bytes.get(start)?) {
            ALONE => {
                self.at += 1;
                return Some(self.borrowed(start, self.at));
            }
            END => return None,
            _ => {}
        }
        let rest = bytes.get(start..)?;
        let len = rest.iter().position(|b| self.class(*b) != PLAIN).unwrap_or(rest.len());
        if rest.get(len).is_some_and(|b| self.class(*b) == QUOTE) {
            return self.cut_quoted(start);
        }
        self.at = start + len;
        Some(self.borrowed(start, self.at))
    }

    /// A word as it stands in the line.
    fn borrowed(&self, start: usize, end: usize) -> Word<'a> {
        Word { text: Cow::Borrowed(self.line.get(start..end).unwrap_or("")), span: self.span(start, end) }
    }

    /// A word with quotes or escapes in it. A closing quote ends the word.
    fn cut_quoted(&mut self, start: usize) -> Option<Word<'a>> {
        let mut text = String::new();
        let mut quote = None;
        let mut chars = self.line.get(start..)?.char_indices();
        let mut end = self.line.len();
        while let Some((i, c)) = chars.next() {
            match (quote, c) {
                (_, '\\') => {
                    let Some((_, escaped)) = chars.next() else { break };
                    text.push(match escaped {
                        'b' => '\u{8}',
                        'f' => '\u{c}',
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'u' => {
                            let rest = chars.as_str();
                            let digits = rest.bytes().take(4).take_while(u8::is_ascii_hexdigit).count();
                            let code = rest.get(..digits).and_then(|code| u32::from_str_radix(code, 16).ok());
                            (0..digits).for_each(|_| _ = chars.next());
                            code.filter(|_| digits == 4).and_then(char::from_u32).unwrap_or('\u{fffd}')
                        }
                        other => other,
                    });
                }
                (Some(q), c) if c == q => {
                    quote = None;
                    end = start + i + c.len_utf8();
                    break;
                }
                (Some(_), c) => text.push(c),
                (None, '"' | '\'') => quote = Some(c),
                (None, c) if u8::try_from(c).is_ok_and(|b| self.class(b) != PLAIN) => {
                    end = start + i;
                    break;
                }
                (None, c) => text.push(c),
            }
        }
        if quote.is_some() {
            return None; // left where it is: `token` reports it
        }
        self.at = end;
        Some(Word { text: Cow::Owned(text), span: self.span(start, end) })
    }

    #[inline]
    fn class(&self, b: u8) -> u8 {
        self.classes.get(usize::from(b)).copied().unwrap_or(PLAIN)
    }
}

/// The octets up to the terminator or the end, if no grammar sees anything but words in them.
fn plain_end(rest: &[u8]) -> Option<usize> {
    let end = memchr::memchr3(b';', b'{', b'}', rest).unwrap_or(rest.len());
    let text = rest.get(..end)?;
    let plain = memchr::memchr3(b'"', b'\'', b'\\', text).is_none() && memchr::memchr(b'#', text).is_none();
    plain.then_some(end)
}

/// What each octet does to a word.
type Classes = [u8; 256];

/// Part of a word.
const PLAIN: u8 = 0;
/// Between words.
const BLANK: u8 = 1;
/// A word of its own.
const ALONE: u8 = 2;
/// Ends the statement.
const END: u8 = 3;
/// Quotes or escapes.
const QUOTE: u8 = 4;

static FILE: Classes = classes(b"[],", b";{}#", b"\"'\\");
static LINE: Classes = classes(b"[],()", b";{}", b"");

#[allow(clippy::indexing_slicing)] // while compiling, where a wrong index is an error
const fn classes(alone: &[u8], end: &[u8], quote: &[u8]) -> Classes {
    let mut classes = [PLAIN; 256];
    let all = [(b" \t\r\n".as_slice(), BLANK), (alone, ALONE), (end, END), (quote, QUOTE)];
    let mut kind = 0;
    while kind < all.len() {
        let (octets, class) = all[kind];
        let mut at = 0;
        while at < octets.len() {
            classes[octets[at] as usize] = class;
            at += 1;
        }
        kind += 1;
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str, grammar: Grammar) -> Vec<String> {
        let mut words = Words::new(line, 1, grammar);
        std::iter::from_fn(|| words.next()).map(|w| w.text.into_owned()).collect()
    }

    #[test]
    fn files_and_lines_differ() {
        let line = "a [1:1,2:2] (b c) \"d e\"x f;";
        assert_eq!(words(line, Grammar::File), ["a", "[", "1:1", ",", "2:2", "]", "(b", "c)", "d e", "x", "f"]);
        assert_eq!(
            words(line, Grammar::Line),
            ["a", "[", "1:1", ",", "2:2", "]", "(", "b", "c", ")", "\"d", "e\"x", "f"]
        );
        assert_eq!(words("foo\"bar baz\" ; x", Grammar::File), ["foobar baz"]);
        assert_eq!(words(r#"a\tb "c\u0041""#, Grammar::File), ["a\tb", "cA"]);
        assert_eq!(words("a # b", Grammar::File), ["a"]);
        assert_eq!(words("a \\u\n", Grammar::File), ["a", "\u{fffd}"], "an escape ends where its line does");
    }

    #[test]
    fn tokens_and_places() {
        let mut words = Words::new("route 10.0.0.0/24 { med 5; }", 7, Grammar::File);
        assert_eq!(words.next().unwrap().text, "route");
        assert_eq!(words.peek().unwrap().span, Span { line: 7, start: 6, end: 17 });
        assert_eq!(words.rest(), "10.0.0.0/24 { med 5; }");
        assert_eq!(words.next().unwrap().text, "10.0.0.0/24");
        assert!(words.next().is_none());
        assert!(matches!(words.token(), Some(Ok(Token::Open(_)))));
        assert!(matches!(words.token(), Some(Ok(Token::Word(_)))));
        assert_eq!(words.next().unwrap().text, "5");
        assert!(matches!(words.token(), Some(Ok(Token::End(_)))));
        assert!(matches!(words.token(), Some(Ok(Token::Close(_)))));
        assert!(words.token().is_none());
    }

    #[test]
    fn a_text_may_be_quoted_on_a_line() {
        let text = |line, grammar| {
            let mut words = Words::new(line, 1, grammar);
            let text = words.expect_text("the text").unwrap().text.into_owned();
            (text, words.next().map(|word| word.text.into_owned()))
        };
        for grammar in [Grammar::File, Grammar::Line] {
            assert_eq!(text("\"a  b; c\" d", grammar), ("a  b; c".into(), Some("d".into())));
            assert_eq!(text("'a' d", grammar), ("a".into(), Some("d".into())));
            assert_eq!(text("\"\" d", grammar), (String::new(), Some("d".into())));
            assert_eq!(text("a d", grammar), ("a".into(), Some("d".into())));
        }
        assert_eq!(text("\"a b", Grammar::Line), ("\"a".into(), Some("b".into())));
        assert_eq!(text(r#"\"a\" "b" "#, Grammar::File), ("\"a\"".into(), Some("b".into())));
    }

    #[test]
    fn an_open_quote_is_an_error() {
        let mut words = Words::new("a \"b c;", 1, Grammar::File);
        words.next();
        assert!(words.next().is_none());
        assert!(matches!(words.token(), Some(Err(_))));
        assert!(words.token().is_none());
    }
}
