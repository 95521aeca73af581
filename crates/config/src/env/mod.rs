//! Settings from the process environment and the environment file.
//!
//! `exabgp.SECTION.OPTION` wins over `exabgp_SECTION_OPTION`, that over the file, that over the default. Every option is
//! a row of [`OPTIONS`]; a value that its kind does not allow is an error, unknown options are ignored as they
//! always were. The environment is an argument: nothing is looked up in here.

mod listing;
mod options;
mod settings;

pub use listing::Listing;
pub use options::{EnvOption, Kind, OPTIONS};
pub use settings::{ApiSettings, DaemonSettings, LogDestination, LogLevel, LogSettings};

use herald_bgp::text::{Diagnostic, Span};
use std::collections::BTreeMap;

/// Variables outside the table that change what Herald does.
const VARIABLES: &[&str] = &[
    "EXABGP_ROOT",
    "EXABGP_ETC",
    "EXABGP_ENVFILE",
    "EXABGP_VERSION",
    "exabgp_version",
    "exabgp_cli_transport",
    "exabgp_cli_pipe",
    "exabgp_cli_socket",
    "exabgp_api_socketpath",
    "exabgp_api_cli_mode",
];

/// Where a value came from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The environment file.
    File,
    /// The process environment.
    Process,
}

/// The value of every option.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Environment {
    /// What was set, by section and option.
    set: BTreeMap<(&'static str, &'static str), (String, Origin)>,
    variables: BTreeMap<&'static str, String>,
}

impl Environment {
    /// Reads process variables and the text of an environment file, if there is one.
    ///
    /// # Errors
    /// Every value that is not of its option's kind; those of the file with their place.
    pub fn read(
        variables: impl IntoIterator<Item = (String, String)>,
        file: Option<&str>,
    ) -> Result<Environment, Vec<Diagnostic>> {
        let mut environment = Environment::default();
        let mut problems = Vec::new();
        environment.read_file(file.unwrap_or_default(), &mut problems);
        let mut underscored = BTreeMap::new();
        let mut dotted = BTreeMap::new();
        for (key, value) in variables {
            if let Some(name) = VARIABLES.iter().find(|name| **name == key) {
                environment.variables.insert(name, value.clone());
            }
            if let Some(option) = OPTIONS.iter().find(|option| option.is_variable(&key, '.')) {
                dotted.insert((option.section, option.name), (option, key, value));
            } else if let Some(option) = OPTIONS.iter().find(|option| option.is_variable(&key, '_')) {
                underscored.insert((option.section, option.name), (option, key, value));
            }
        }
        for (option, key, value) in underscored.into_values().chain(dotted.into_values()) {
            match option.kind.check(&value) {
                Ok(()) => environment.insert(option, value, Origin::Process),
                Err(expected) => {
                    let error = Diagnostic::error(Span::default(), format!("{key}: `{value}` is not {expected}"));
                    problems.push(error.help(option.doc));
                }
            }
        }
        if problems.is_empty() { Ok(environment) } else { Err(problems) }
    }

    /// `[exabgp.SECTION]` and `OPTION = VALUE`; `#` and `;` begin comments.
    fn read_file(&mut self, text: &str, problems: &mut Vec<Diagnostic>) {
        let mut section = "";
        for (number, line) in (1u32..).zip(text.lines()) {
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = trimmed.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
                section = name.trim().strip_prefix("exabgp.").unwrap_or("");
                continue;
            }
            let Some((name, value)) = trimmed.split_once(['=', ':']) else { continue };
            let (name, value) = (name.trim(), unquote(value.trim()));
            let Some(option) = OPTIONS.iter().find(|o| o.section == section && o.name == name && !o.process_only)
            else {
                continue;
            };
            match option.kind.check(value) {
                Ok(()) => self.insert(option, value.to_owned(), Origin::File),
                Err(expected) => {
                    let start = line.find(value).unwrap_or(0);
                    let column = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                    let at = Span { line: number, start: column(start), end: column(start + value.len().max(1)) };
                    let message = format!("exabgp.{section}.{name}: `{value}` is not {expected}");
                    problems.push(Diagnostic::error(at, message).help(option.doc));
                }
            }
        }
    }

    fn insert(&mut self, option: &EnvOption, value: String, origin: Origin) {
        self.set.insert((option.section, option.name), (value, origin));
    }

    /// Sets an option as a flag of the command line asks: it wins over both other sources. An option that does not exist
    /// or a value that is not of its kind changes nothing.
    pub fn override_with(&mut self, section: &str, name: &str, value: &str) {
        let known = OPTIONS.iter().find(|option| option.section == section && option.name == name);
        if let Some(option) = known.filter(|option| option.kind.check(value).is_ok()) {
            self.insert(option, value.to_owned(), Origin::Process);
        }
    }

    /// The value of an option as text: what was set, or its default. Empty for an option that does not exist.
    pub fn value(&self, section: &str, name: &str) -> &str {
        let Some(option) = options::find(section, name) else { return "" };
        self.set.get(&(option.section, option.name)).map_or(option.default, |(value, _)| value)
    }

    /// Who set an option.
    pub fn origin(&self, section: &str, name: &str) -> Origin {
        let option = options::find(section, name);
        let set = option.and_then(|option| self.set.get(&(option.section, option.name)));
        set.map_or(Origin::Default, |(_, origin)| *origin)
    }

    /// A switch: `1 yes on enable true` in any case; everything else is off.
    pub fn flag(&self, section: &str, name: &str) -> bool {
        options::truth(self.value(section, name))
    }

    /// A number that is not negative; 0 for one that is.
    pub fn number(&self, section: &str, name: &str) -> u64 {
        let value = self.value(section, name).trim();
        value.strip_prefix('+').unwrap_or(value).parse().unwrap_or(0)
    }

    /// A variable outside the table: `EXABGP_ROOT`, `EXABGP_ETC`, `exabgp_cli_socket`…; `None`: not set.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }
}

/// Without the quotes around it, if they match.
fn unquote(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote).and_then(|v| v.strip_suffix(quote));
    inner('\'').or_else(|| inner('"')).unwrap_or(value)
}
