//! From one line to what it means. Two grammars are understood, each line for itself: action first (`announce route …`,
//! `neighbor 192.0.2.1 announce …`) and target first (`peer * announce …`, `daemon reload`).

mod control;
mod group;
mod routes;
mod selector;
mod show;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use group::Group;
pub(crate) use selector::Selectors;
pub use table::{COMMANDS, CommandSpec};

use crate::client::State;
use crate::profile::Profile;
use crate::reply::Daemon;
use herald_bgp::dialect::Dialect;
use herald_bgp::json;
use herald_bgp::text::{Diagnostic, Grammar, Word, Words, nearest};
use herald_speaker::command::{Command, Selector};
use std::sync::Arc;
use table::{Parse, starting_like};

/// One line being understood.
pub(crate) struct Ask<'a, 's> {
    /// What is left of the line.
    pub words: Words<'a>,
    /// The last word of the row that was found.
    pub noun: Option<Word<'a>>,
    /// Which peers it is for.
    pub to: Arc<Selector>,
    /// The selector was written.
    pub selected: bool,
    /// `json` or `text` was written.
    pub form: Option<Form>,
    pub profile: Profile,
    pub daemon: &'s Daemon,
    pub state: &'s mut State,
    /// Commands that go ahead of the one that is answered.
    pub parts: Vec<Command>,
}

/// How an answer is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    Json,
    Text,
}

/// What the client itself has to say when the turn of a command has come: all there is for [`Command::Pass`], something
/// more for others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Local {
    Done,
    /// Refused: the reason, which may be empty.
    Error(String),
    /// Refused, after a line that says why.
    Refused(String),
    /// Lines, then `done`.
    Say(String),
    /// Acknowledgements on or off, after one for this.
    Acks {
        on: bool,
    },
    /// Acknowledgements off at once.
    Silence,
    /// Answers follow another profile from now on; lines, then `done`.
    Version(Profile, String),
    /// With the command: lines ahead of `done`.
    Before(String),
    /// With a group: members that were not understood.
    Group(Vec<String>),
}

/// What a line means: one command, which is answered once.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub command: Command,
    pub local: Option<Local>,
    /// The answer may be long: nothing is read until it is through.
    pub shows: bool,
}

type Result<T> = std::result::Result<T, Diagnostic>;

/// What comes by the million is tried first; the table says the same of it.
const COMMON: [(&str, Parse); 2] =
    [("announce route ", routes::announce_route), ("withdraw route ", routes::withdraw_route)];

/// What programs may ask for that is not offered yet.
const ABSENT: [(&str, &str); 2] = [("peer", "create"), ("peer", "delete")];

impl<'a, 's> Ask<'a, 's> {
    pub fn new(line: &'a str, profile: Profile, daemon: &'s Daemon, state: &'s mut State) -> Self {
        let (line, form) = without_options(line);
        let to = state.all.clone();
        let words = Words::new(line, 0, Grammar::Line);
        Ask { words, noun: None, to, selected: false, form, profile, daemon, state, parts: Vec::new() }
    }

    /// Parts of the answer are JSON.
    pub fn json(&self) -> bool {
        self.form.map_or(self.profile.json, |form| form == Form::Json)
    }

    /// Error unless the line ends here.
    pub fn end(&mut self) -> Result<()> {
        match self.words.next() {
            Some(word) => {
                Err(word.error(format!("nothing was expected after the command, but there is `{}`", word.text)))
            }
            None if !self.words.rest().is_empty() => {
                Err(Diagnostic::error(self.words.here(), "nothing was expected after the command"))
            }
            None => Ok(()),
        }
    }

    /// `{"status": "…"}` or the bare words, then `done`.
    pub fn status(&self, what: &str) -> Parsed {
        Parsed::local(Local::Say(self.status_line(what)))
    }

    /// `{"status": "…"}` or the bare words.
    pub fn status_line(&self, what: &str) -> String {
        if self.json() { object("status", what) } else { format!("{what}\n") }
    }

    /// `{"error": "…"}` and `error`, or the reason as everywhere else.
    pub fn refuse(&self, reason: &str) -> Parsed {
        Parsed::local(if self.json() {
            Local::Refused(object("error", reason))
        } else {
            Local::Error(reason.to_owned())
        })
    }
}

/// `{"key": "text"}` on a line.
fn object(key: &str, text: &str) -> String {
    let mut line = format!("{{\"{key}\": ");
    json::string(&mut line, text);
    line.push_str("}\n");
    line
}

impl Parsed {
    /// A command for the speaker.
    pub fn one(command: Command) -> Parsed {
        Parsed { command, local: None, shows: false }
    }

    /// An answer of the client's own.
    pub fn local(local: Local) -> Parsed {
        Parsed { command: Command::Pass, local: Some(local), shows: false }
    }

    /// A command whose answer may be long.
    pub fn listing(command: Command) -> Parsed {
        Parsed { shows: true, ..Parsed::one(command) }
    }
}

/// Understands one line.
pub(crate) fn parse(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    if ask.state.group.is_none()
        && let Some(parsed) = common(ask)
    {
        return parsed;
    }
    let mut ahead = ask.words.clone();
    let Some(first) = ahead.next() else { return blank(ask) };
    match &*first.text {
        comment if comment.starts_with('#') => return Ok(Parsed::local(Local::Done)),
        "announce" | "withdraw" if ask.state.group.is_some() => return group::gather(ask),
        "neighbor" => selector::read(ask)?,
        "peer" if !ahead.peek().is_some_and(|word| matches!(&*word.text, "list" | "show" | "create" | "delete")) => {
            selector::read(ask)?;
        }
        _ => {}
    }
    dispatch(ask)
}

/// Nothing on the line.
fn blank(ask: &Ask<'_, '_>) -> Result<Parsed> {
    if !ask.words.rest().trim().is_empty() {
        return Err(Diagnostic::error(ask.words.here(), "a line starts with a command"));
    }
    // The first two generations took an empty line for an unknown command.
    let refused = ask.profile.dialect < Dialect::V6;
    Ok(Parsed::local(if refused { Local::Error("the line is empty".into()) } else { Local::Done }))
}

/// Takes `json`, `text`, `sync` and `async` off the end: at most two of them.
fn without_options(mut line: &str) -> (&str, Option<Form>) {
    let mut form = None;
    for _ in 0..2 {
        // The last letter of each: most lines end otherwise.
        if !line.ends_with(['n', 't', 'c']) {
            break;
        }
        let Some((rest, last)) = line.rsplit_once([' ', '\t']) else { break };
        match last {
            "json" => form = form.or(Some(Form::Json)),
            "text" => form = form.or(Some(Form::Text)),
            "sync" | "async" => {}
            _ => break,
        }
        line = rest.trim_end();
    }
    (line, form)
}

fn common(ask: &mut Ask<'_, '_>) -> Option<Result<Parsed>> {
    let rest = ask.words.rest();
    let (words, parse) = COMMON.iter().find(|(words, _)| rest.starts_with(words))?;
    ask.words.skip(words.len());
    Some(parse(ask))
}

/// Finds the row whose words the line goes on with; the longest wins.
fn dispatch(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    if let Some(parsed) = common(ask) {
        return parsed;
    }
    let mut words = ask.words.clone();
    let first = [words.next(), words.next(), words.next()];
    let mut said = first.iter().flatten();
    let start = said.next().map_or("", |word| &word.text);
    let rows = starting_like(start).filter(|spec| spec.selects || !ask.selected);
    let best = rows.map(|spec| (starts(spec.action, &first).max(starts(spec.target, &first)), spec));
    match best.max_by_key(|(n, _)| *n) {
        Some((n, spec)) if n > 0 => {
            (0..n).for_each(|_| ask.noun = ask.words.next());
            (spec.parse)(ask)
        }
        _ => Err(unknown(&first.into_iter().flatten().collect::<Vec<_>>(), ask)),
    }
}

/// Stands for any AFI by its number in the words of a row.
const AFI: &str = "afi-N";

/// How many words of `form` these are; none unless all of them.
fn starts(form: &str, first: &[Option<Word<'_>>]) -> usize {
    let mut words = first.iter().flatten();
    let mut n = 0;
    for wanted in form.split_ascii_whitespace() {
        let is_wanted = |word: &Word<'_>| word.text == wanted || wanted == AFI && word.text.starts_with("afi-");
        if !words.next().is_some_and(is_wanted) {
            return 0;
        }
        n += 1;
    }
    n
}

fn unknown(said: &[Word<'_>], ask: &Ask<'_, '_>) -> Diagnostic {
    let Some(word) = said.first() else {
        return Diagnostic::error(ask.words.here(), "the command is missing behind the selector");
    };
    // Where no reason is said, none is looked for: somebody may be writing rubbish at full speed.
    if ask.profile.dialect < Dialect::V6 {
        return word.error("unknown command");
    }
    let forms = || COMMANDS.iter().flat_map(|spec| [spec.action, spec.target]).filter(|form| !form.is_empty());
    let noun = said.get(1);
    if let Some(noun) = noun
        && ABSENT.contains(&(&*word.text, &*noun.text))
    {
        return noun.error(format!("`{} {}` is not offered by this version", word.text, noun.text));
    }
    if matches!(&*word.text, "announce" | "withdraw") {
        let nouns = forms().filter_map(|form| form.strip_prefix(&*word.text)).map(str::trim_start);
        return match noun {
            Some(noun) => noun.error(format!("unknown announce type: {}", noun.text)).suggest(&noun.text, nouns),
            None => Diagnostic::error(ask.words.here(), format!("it is missing what to {}", word.text)),
        };
    }
    let started: Vec<&str> = said.iter().map(|word| &*word.text).collect();
    let rest = |form: &'static str| {
        let mut words = form.split(' ');
        started.iter().all(|word| words.next() == Some(*word)).then(|| words.next()).flatten()
    };
    if forms().any(|form| rest(form).is_some()) {
        let error = Diagnostic::error(ask.words.here(), format!("`{}` goes on", started.join(" ")));
        return error.suggest("", forms().filter_map(rest));
    }
    let two = noun.map(|noun| format!("{} {}", word.text, noun.text));
    let near = two.and_then(|two| nearest(&two, forms())).or_else(|| nearest(&word.text, forms()));
    let message = format!("`{}` is no command", word.text);
    match near {
        Some(near) => word.error(message).help(format!("did you mean `{near}`?")),
        None => word.error(message).help("`help` lists the commands"),
    }
}
