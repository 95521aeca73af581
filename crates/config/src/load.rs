//! The driver: lines into statements, statements into drafts, with a stack of open sections.
//!
//! It never stops at a mistake. What a mistake would drag along is kept quiet: the contents of an unknown section, the
//! words that follow a statement without an end.

use crate::api::ApiDraft;
use crate::check::Checked;
use crate::keywords::{self, Form, Keyword, Repeat, Section};
use crate::neighbor::{NeighborDraft, Template};
use crate::problems::Problems;
use crate::process::{ProcessDraft, Processes};
use crate::routes::RouteDraft;
use crate::scalar::{Scalar, Scalars, Setting};
use crate::source::Lines;
use crate::{Context, Environment, Loaded};
use herald_bgp::family::Afi;
use herald_bgp::nlri::flow::Place;
use herald_bgp::route::Memo;
use herald_bgp::text::{Diagnostic, Grammar, Severity, Span, Token, Word, Words};
use std::collections::BTreeMap;
use std::io::BufRead;

pub(crate) fn load(
    text: impl BufRead,
    environment: &Environment,
    context: &Context<'_>,
) -> Result<Loaded, Vec<Diagnostic>> {
    let mut lines = Lines::new(text);
    let mut loader = Loader::new(environment, context);
    while !loader.stopped
        && let Some((number, line, complaint)) = lines.next()
    {
        complaint.into_iter().for_each(|complaint| loader.problems.add(complaint));
        loader.line(line, number);
    }
    loader.end();
    let statements = loader.statements;
    let (config, mut problems) = crate::check::finish(loader);
    let joins = lines.into_joins();
    problems.list.iter_mut().for_each(|problem| joins.restore(problem));
    match config {
        Some(config) => Ok(Loaded { config, warnings: problems.list, statements }),
        None => Err(problems.into_list()),
    }
}

/// An open section.
#[derive(Clone, Copy, Debug)]
struct Frame {
    section: Section,
    at: Span,
}

/// What ends a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ending {
    Semicolon,
    Open,
    Close,
    /// The end of the line, a comment, a quote that does not end.
    Nothing,
}

/// Everything read so far. The sections' functions work on the draft that is open.
pub(crate) struct Loader<'a> {
    pub environment: &'a Environment,
    pub context: &'a Context<'a>,
    pub problems: Problems,
    pub process: ProcessDraft,
    pub processes: Processes,
    pub neighbor: NeighborDraft,
    pub group: Option<NeighborDraft>,
    pub api: ApiDraft,
    pub route: RouteDraft,
    pub templates: BTreeMap<String, Template>,
    pub checked: Checked,
    pub memo: Memo,
    /// The AFI of the open section of `announce`.
    pub afi: Option<Afi>,
    stack: Vec<Frame>,
    /// The row found last: long files repeat one statement.
    last: Option<(Section, &'static Keyword)>,
    /// The statement before did not end: what comes next may be the rest of it.
    torn: bool,
    /// A section was opened without its brace.
    brace_due: bool,
    /// A surplus brace ended the file.
    stopped: bool,
    statements: u64,
}

impl<'a> Loader<'a> {
    fn new(environment: &'a Environment, context: &'a Context<'a>) -> Self {
        Loader {
            environment,
            context,
            problems: Problems::default(),
            process: ProcessDraft::default(),
            processes: Processes::default(),
            neighbor: NeighborDraft::default(),
            group: None,
            api: ApiDraft::default(),
            route: RouteDraft::default(),
            templates: BTreeMap::new(),
            checked: Checked::default(),
            memo: Memo::new(),
            afi: None,
            stack: Vec::new(),
            last: None,
            torn: false,
            brace_due: false,
            stopped: false,
            statements: 0,
        }
    }

    /// The innermost open section.
    pub(crate) fn section(&self) -> Section {
        self.stack.last().map_or(Section::Root, |frame| frame.section)
    }

    /// The section around it.
    pub(crate) fn parent(&self) -> Section {
        let parent = self.stack.len().checked_sub(2).and_then(|i| self.stack.get(i));
        parent.map_or(Section::Root, |frame| frame.section)
    }

    fn line(&mut self, line: &str, number: u32) {
        let mut words = Words::new(line, number, Grammar::File);
        while !self.stopped {
            if words.peek().is_some() {
                self.statement(&mut words);
                continue;
            }
            match words.token() {
                None => return,
                Some(Err(error)) => return self.problems.add(error),
                Some(Ok(Token::End(_) | Token::Word(_))) => {}
                Some(Ok(Token::Open(at))) => self.bare_brace(at),
                Some(Ok(Token::Close(at))) => self.close(at),
            }
        }
    }

    fn statement(&mut self, words: &mut Words<'_>) {
        let Some(name) = words.next() else { return };
        let torn = std::mem::take(&mut self.torn);
        self.brace_due = false;
        self.statements += 1;
        let ending = ending(words);
        let section = self.section();
        if ending == Ending::Close && section != Section::Unknown {
            skip(words);
            let at = name.span.to(words.last());
            let lost = "these words have no effect: `}` comes before `;`";
            let problem = match section {
                // without them a rule would be another one, for more packets perhaps
                Section::Rule(_) => Diagnostic::error(at, lost),
                _ => Diagnostic::warning(at, lost),
            };
            self.route.flawed |= problem.severity == Severity::Error;
            return self.problems.add(problem.help("end the statement with `;`"));
        }
        if ending == Ending::Nothing
            && let Some(error) = open_quote(words)
        {
            return self.quote(section, &name, error);
        }
        match section {
            Section::Unknown => {}
            Section::Route => self.route_word(&name, words, ending),
            Section::Rule(place) if place != Place::Rule || Place::named(&name.text).is_none() => {
                self.rule_word(place, &name, words, ending);
            }
            _ => match self.find(section, &name.text) {
                Some(keyword) => return self.keyword(keyword, &name, words, ending),
                None if torn => {}
                None => self.problems.add(unknown(section, &name)),
            },
        }
        skip(words);
        if ending == Ending::Open {
            self.push(Section::Unknown, name.span);
        }
        self.ended(section == Section::Unknown || torn, ending, words);
    }

    /// A statement with a quote that does not end: there is nothing more to be said about it.
    fn quote(&mut self, section: Section, name: &Word<'_>, error: Diagnostic) {
        self.torn = true;
        self.problems.add(error);
        if let Some(keyword) = self.find(section, &name.text) {
            self.scalars().refused.insert((section, keyword.name));
        }
    }

    fn find(&mut self, section: Section, name: &str) -> Option<&'static Keyword> {
        if let Some((at, keyword)) = self.last
            && at == section
            && keyword.is_named(name)
        {
            return Some(keyword);
        }
        let keyword = keywords::find(section, name)?;
        self.last = Some((section, keyword));
        Some(keyword)
    }

    /// Carries out a statement, or opens a section.
    fn keyword(&mut self, keyword: &'static Keyword, name: &Word<'_>, words: &mut Words<'_>, ending: Ending) {
        let opens = ending == Ending::Open;
        let mut enter = opens.then_some(Section::Unknown);
        let result = match keyword.form {
            Form::Later => Err(not_supported(name)),
            Form::Scalar(_) | Form::Statement(_) if opens => {
                Err(name.error(format!("`{}` has no section", keyword.name)).help(form(keyword)))
            }
            Form::Scalar(read) => self.scalar(keyword, read, name, words),
            Form::Statement(apply) | Form::Either(apply, ..) if !opens => apply(self, name, words),
            Form::Section(section, open) | Form::Either(_, section, open) if opens => {
                self.push(section, name.span);
                enter = None;
                open(self, name, words)
            }
            Form::Section(section, open) if ending == Ending::Nothing => {
                self.push(section, name.span);
                self.brace_due = true;
                open(self, name, words)
            }
            Form::Section(..) | Form::Statement(_) | Form::Either(..) => {
                Err(name.error(format!("`{}` is a section", keyword.name)).help(form(keyword)))
            }
        };
        match result {
            Ok(()) if words.peek().is_some() => {
                let first = words.peek().map(|word| word.span).unwrap_or_default();
                skip(words);
                let at = first.to(words.last());
                let message = format!("`{}` does not need these words: they have no effect", keyword.name);
                self.problems.add(Diagnostic::warning(at, message));
            }
            Ok(()) => {}
            Err(error) => {
                self.problems.add(error);
                skip(words);
            }
        }
        if let Some(section) = enter {
            self.push(section, name.span);
        }
        self.ended(false, ending, words);
    }

    /// Takes what ends a statement; says so if nothing does.
    fn ended(&mut self, quiet: bool, ending: Ending, words: &mut Words<'_>) {
        if ending != Ending::Nothing {
            if ending != Ending::Close {
                words.token();
            }
            return;
        }
        self.torn = true;
        let comment = words.rest().trim_start().starts_with('#');
        if quiet {
            return;
        }
        let missing = if self.brace_due { "`{`" } else { "`;`" };
        let error = Diagnostic::error(words.here(), format!("{missing} is missing"));
        self.problems.add(error.help(match (comment, self.brace_due) {
            (true, _) => "a statement must end before a comment begins",
            (_, true) => "the brace must stand on the same line",
            _ => "a statement ends on its line, or the line ends in `\\` and it goes on below",
        }));
    }

    fn scalar(
        &mut self,
        keyword: &'static Keyword,
        read: crate::scalar::Read,
        name: &Word<'_>,
        words: &mut Words<'_>,
    ) -> Result<(), Diagnostic> {
        let section = self.section();
        let key = (if section == Section::Group { Section::Neighbor } else { section }, keyword.name);
        let scalars = self.scalars();
        let value = read(words).inspect_err(|_| {
            scalars.refused.insert(key);
        })?;
        let at = name.span.to(words.last());
        let before = scalars.set.insert(key, Setting { value: value.clone(), at, own: true });
        let Some(before) = before.filter(|before| before.value != value) else { return Ok(()) };
        let twice = |what: &str| format!("`{}` is set twice{what}", keyword.name);
        match keyword.repeat {
            Repeat::Once => Err(Diagnostic::error(at, twice("")).label(before.at, "set here first")),
            Repeat::Last | Repeat::Adds => {
                let warning = Diagnostic::warning(at, twice(": this one counts"));
                self.problems.add(warning.label(before.at, "this one has no effect"));
                Ok(())
            }
        }
    }

    fn scalars(&mut self) -> &mut Scalars {
        match self.section() {
            Section::Process => &mut self.process.scalars,
            Section::Api | Section::Send | Section::Receive => &mut self.api.scalars,
            _ => &mut self.neighbor.scalars,
        }
    }

    fn push(&mut self, section: Section, at: Span) {
        self.stack.push(Frame { section, at });
    }

    /// A `{` without a word before it.
    fn bare_brace(&mut self, at: Span) {
        if std::mem::take(&mut self.brace_due) {
            self.torn = false;
            return; // it was missed on the line before
        }
        if self.section() != Section::Unknown && !self.torn {
            let error = Diagnostic::error(at, "a section without a name");
            self.problems.add(error.help("the name stands before `{`, on the same line"));
        }
        self.torn = false;
        self.push(Section::Unknown, at);
    }

    fn close(&mut self, at: Span) {
        self.torn = false;
        self.brace_due = false;
        if self.stack.is_empty() {
            self.stopped = true;
            let warning = Diagnostic::warning(at, "this `}` closes nothing: the rest of the file is not read");
            return self.problems.add(warning.help("remove it"));
        }
        self.leave();
    }

    /// Closes the innermost section: its draft is complete.
    fn leave(&mut self) {
        let Some(Frame { section, at }) = self.stack.pop() else { return };
        match section {
            Section::Process => self.close_process(),
            Section::Neighbor if self.section() == Section::Template => self.close_template(),
            Section::Neighbor => self.close_neighbor(),
            Section::Group => self.close_group(),
            Section::Api => self.close_api(),
            Section::Route => self.close_route(at),
            Section::Rule(Place::Rule) => self.close_rule(at),
            _ => {}
        }
    }

    /// The end of the file.
    fn end(&mut self) {
        if let Some(frame) = self.stack.last() {
            let warning = Diagnostic::warning(frame.at, format!("`{}` is never closed", frame.section.name()));
            let around = self.stack.iter().rev().skip(1);
            let warning = around.fold(warning, |warning, frame| warning.label(frame.at, "neither is this"));
            self.problems.add(warning.help("add the missing `}`"));
        }
        while !self.stack.is_empty() {
            self.leave();
        }
        if self.statements == 0 && !self.problems.has_errors() {
            let at = Span { line: 1, start: 0, end: 1 };
            let error = Diagnostic::error(at, "the configuration is empty");
            self.problems.add(error.help("write at least a `process` or a `neighbor` section"));
        }
    }

    /// A word in a section of a rule.
    fn rule_word(&mut self, place: Place, name: &Word<'_>, words: &mut Words<'_>, ending: Ending) {
        let result = place.admits(name).and_then(|()| match ending {
            Ending::Open => Err(name.error(format!("`{}` has no section", name.text)).help("end it with `;`")),
            _ => self.rule_statement(place, name, words),
        });
        if let Err(error) = result {
            self.route.flawed = true;
            self.problems.add(error);
        }
    }

    /// A word in `route PREFIX { }`: those of the route grammar, not of the table.
    fn route_word(&mut self, name: &Word<'_>, words: &mut Words<'_>, ending: Ending) {
        if ending == Ending::Open {
            self.route.flawed = true;
            return self.problems.add(name.error(format!("`{}` has no section", name.text)).help("end it with `;`"));
        }
        match self.route_statement(name, words) {
            Ok(()) if words.peek().is_some() => {
                let first = words.peek().map(|word| word.span).unwrap_or_default();
                skip(words);
                let at = first.to(words.last());
                self.problems.add(Diagnostic::warning(at, format!("`{}` does not need these words", name.text)));
            }
            Ok(()) => {}
            Err(error) => self.problems.add(error),
        }
    }
}

/// Finds what ends the statement `words` are in. Statements without quotes, escapes and comments are not cut for it.
fn ending(words: &mut Words<'_>) -> Ending {
    if words.plain().is_some() {
        return match words.plain_terminator() {
            Some(b';') => Ending::Semicolon,
            Some(b'{') => Ending::Open,
            Some(b'}') => Ending::Close,
            _ => Ending::Nothing,
        };
    }
    let mut words = words.clone();
    skip(&mut words);
    match words.token() {
        Some(Ok(Token::End(_))) => Ending::Semicolon,
        Some(Ok(Token::Open(_))) => Ending::Open,
        Some(Ok(Token::Close(_))) => Ending::Close,
        _ => Ending::Nothing,
    }
}

/// The complaint about a quote that does not end; `words` are at the end of the line then.
fn open_quote(words: &mut Words<'_>) -> Option<Diagnostic> {
    let mut ahead = words.clone();
    skip(&mut ahead);
    let error = ahead.token()?.err()?;
    *words = ahead;
    Some(error)
}

/// Passes over the rest of a statement.
pub(crate) fn skip(words: &mut Words<'_>) {
    while words.next().is_some() {}
}

/// How a keyword is written.
fn form(keyword: &Keyword) -> String {
    let gap = if keyword.value.is_empty() { "" } else { " " };
    let end = if keyword.is_section() { " { … }" } else { ";" };
    format!("write `{}{gap}{}{end}`", keyword.name, keyword.value)
}

/// The complaint about words of families and features that are still to come.
pub(crate) fn not_supported(word: &Word<'_>) -> Diagnostic {
    word.error(format!("`{}` is not supported yet", word.text)).help("remove it for now")
}

fn unknown(section: Section, name: &Word<'_>) -> Diagnostic {
    let place = match section {
        Section::Root => "at the top of a file".to_owned(),
        _ => format!("in `{}`", section.name()),
    };
    let error = name.error(format!("`{}` is no keyword {place}", name.text));
    if section == Section::Family && name.text.starts_with("inet") {
        return error.help("`inet4` and `inet6` are now `ipv4` and `ipv6`");
    }
    let families = if section == Section::AnnounceAfi { &Afi::NAMED[..] } else { &[] };
    let valid = || {
        let families = families.iter().flat_map(|afi| crate::family::names(*afi));
        keywords::in_section(section).map(|keyword| keyword.name).chain(families)
    };
    if name.text.len() > 3
        && let Some(longer) = valid().find(|keyword| keyword.split('-').any(|part| part == name.text))
    {
        return error.help(format!("did you mean `{longer}`?"));
    }
    if herald_bgp::text::nearest(&name.text, valid()).is_none()
        && let Some(keyword) = keywords::keywords().find(|k| k.name == name.text)
        && let Some(home) = keyword.within.first().filter(|home| **home != Section::Root)
    {
        return error.help(format!("it belongs in `{}`", home.name()));
    }
    error.suggest(&name.text, valid())
}

/// A switch, by section and keyword, that is off unless it was set.
pub(crate) fn is_on(scalars: &Scalars, section: Section, name: &'static str) -> bool {
    scalars.value(section, name) == Some(&Scalar::Flag(true))
}
