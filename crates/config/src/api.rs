//! `api [NAME] { }`: which helpers hear of a neighbour, and may command it.

use crate::keywords::Section;
use crate::load::{Loader, is_on};
use crate::neighbor::{check_name, list};
use crate::problems::Problems;
use crate::process::Processes;
use crate::scalar::Scalars;
use herald_bgp::text::{Diagnostic, Span, Word, Words};
use herald_speaker::config::{ApiConfig, MessageConfig};
use regex_lite::Regex;
use std::sync::Arc;

/// An `api` section.
#[derive(Clone, Debug, Default)]
pub(crate) struct ApiDraft {
    pub scalars: Scalars,
    name: Option<(String, Span)>,
    processes: Vec<(String, Span)>,
    matches: Vec<(String, Span)>,
}

pub(crate) fn open(loader: &mut Loader<'_>, _: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    loader.api = ApiDraft::default();
    let Some(word) = words.next() else { return Ok(()) };
    check_name(&word)?;
    let names = loader.neighbor.api.iter().filter_map(|api| api.name.as_ref());
    if let Some((_, first)) = names.clone().find(|(name, _)| *name == word.text) {
        let error = word.error(format!("an api section called `{}` exists already", word.text));
        return Err(error.label(*first, "it is defined here").help("choose another name, or none"));
    }
    loader.api.name = Some((word.text.to_string(), word.span));
    Ok(())
}

/// `processes [ NAME NAME ];`
pub(crate) fn processes(loader: &mut Loader<'_>, keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let names = list(words, "the names of processes")?;
    if let Some((_, at)) = loader.api.matches.first() {
        return Err(not_both(keyword, *at));
    }
    loader.api.processes.extend(names);
    Ok(())
}

/// `processes-match [ "REGEX" ];`
pub(crate) fn matches(loader: &mut Loader<'_>, keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let patterns = list(words, "regular expressions")?;
    if let Some((_, at)) = loader.api.processes.first() {
        return Err(not_both(keyword, *at));
    }
    for (pattern, at) in &patterns {
        if let Err(e) = anchored(pattern) {
            let error = Diagnostic::error(*at, format!("`{pattern}` is no regular expression: {e}"));
            return Err(error.help("it is compared with names of processes from their start"));
        }
    }
    loader.api.matches.extend(patterns);
    Ok(())
}

fn not_both(keyword: &Word<'_>, other: Span) -> Diagnostic {
    let error = keyword.error("one section names processes and matches them");
    error.label(other, "they are here").help("write two `api` sections")
}

fn anchored(pattern: &str) -> Result<Regex, regex_lite::Error> {
    Regex::new(&format!("^(?:{pattern})"))
}

impl Loader<'_> {
    pub(crate) fn close_api(&mut self) {
        let draft = std::mem::take(&mut self.api);
        self.neighbor.api.push(draft);
    }
}

impl ApiDraft {
    /// The section an old `process NAME;` stands for.
    pub(crate) fn of_process(name: String, at: Span) -> ApiDraft {
        ApiDraft { processes: vec![(name, at)], ..ApiDraft::default() }
    }

    /// What it says, once all processes of the file are known.
    pub(crate) fn build(&self, all: &Processes, problems: &mut Problems) -> ApiConfig {
        let mut processes: Vec<Arc<str>> = Vec::new();
        for (name, at) in &self.processes {
            if !all.names.contains_key(name) {
                let error = Diagnostic::error(*at, format!("there is no process called `{name}`"));
                problems.add(match all.names.is_empty() {
                    true => error.help(format!("add `process {name} {{ run PROGRAM; }}`")),
                    false => error.suggest(name, all.names.keys().map(String::as_str)),
                });
            } else if !processes.iter().any(|known| **known == **name) {
                processes.push(Arc::from(&**name));
            }
        }
        let controllers = self.controllers(all, problems);
        let on = |name| is_on(&self.scalars, Section::Api, name);
        ApiConfig {
            processes,
            controllers,
            neighbor_changes: on("neighbor-changes"),
            negotiated: on("negotiated"),
            fsm: on("fsm"),
            signal: on("signal"),
            send: self.messages(Section::Send),
            receive: self.messages(Section::Receive),
        }
    }

    /// The processes whose names the patterns match. Some pattern must match one.
    fn controllers(&self, all: &Processes, problems: &mut Problems) -> Vec<Arc<str>> {
        let mut controllers: Vec<Arc<str>> = Vec::new();
        let mut idle = Vec::new();
        for (pattern, at) in &self.matches {
            let Ok(regex) = anchored(pattern) else { continue };
            let before = controllers.len();
            controllers.extend(all.names.keys().filter(|name| regex.is_match(name)).map(|name| Arc::from(&**name)));
            if controllers.len() == before {
                idle.push((*at, format!("no process has a name that `{pattern}` matches")));
            }
        }
        let names: Vec<&str> = all.names.keys().map(String::as_str).take(24).collect();
        for (at, message) in idle {
            let new = if controllers.is_empty() { Diagnostic::error } else { Diagnostic::warning };
            let help = if names.is_empty() { "there is no process".into() } else { names.join(" ") };
            problems.add(new(at, message).help(format!("names of processes: {help}")));
        }
        controllers.sort_unstable();
        controllers.dedup();
        controllers
    }

    fn messages(&self, section: Section) -> MessageConfig {
        let on = |name| is_on(&self.scalars, section, name);
        MessageConfig {
            parsed: on("parsed"),
            packets: on("packets"),
            consolidate: on("consolidate"),
            open: on("open"),
            update: on("update"),
            notification: on("notification"),
            keepalive: on("keepalive"),
            refresh: on("refresh"),
            operational: on("operational"),
        }
    }
}
