//! `process NAME { }`: helper programs.

use crate::keywords::Section;
use crate::load::Loader;
use crate::scalar::Scalars;
use herald_bgp::text::{Diagnostic, Span, Word, Words};
use herald_speaker::config::{Encoder, ProcessConfig};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Names Herald gives to its own clients.
const RESERVED: &str = "api-internal-cli";

/// A helper while its section is open.
#[derive(Debug, Default)]
pub(crate) struct ProcessDraft {
    pub scalars: Scalars,
    name: String,
    at: Span,
    run: Vec<String>,
    /// The program was complained about already.
    flawed: bool,
}

/// All helpers of the file.
#[derive(Debug, Default)]
pub(crate) struct Processes {
    pub list: Vec<Arc<ProcessConfig>>,
    /// Where each name was given, flawed sections included.
    pub names: BTreeMap<String, Span>,
}

pub(crate) fn open(loader: &mut Loader<'_>, _: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    loader.process = ProcessDraft { at: words.last(), flawed: true, ..ProcessDraft::default() };
    let name = words.expect("the name of the process")?;
    loader.process.at = name.span;
    if name.text.starts_with(RESERVED) {
        return Err(name.error(format!("names that begin with `{RESERVED}` are reserved")));
    }
    if let Some(first) = loader.processes.names.get(&*name.text) {
        let error = name.error(format!("a process called `{}` exists already", name.text));
        return Err(error.label(*first, "it is defined here").help("choose another name"));
    }
    loader.processes.names.insert(name.text.to_string(), name.span);
    loader.process.name = name.text.into_owned();
    loader.process.flawed = false;
    Ok(())
}

/// `run PROGRAM ARGUMENT …`: arguments that touch brackets and commas stay one.
pub(crate) fn run(loader: &mut Loader<'_>, _: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let program = words.expect("the program").inspect_err(|_| loader.process.flawed = true)?;
    let mut run: Vec<String> = Vec::new();
    let mut before = program.span;
    let mut glue = false;
    while let Some(word) = words.next() {
        let mark = matches!(&*word.text, "[" | "]" | ",") && word.span.end - word.span.start == 1;
        match run.last_mut() {
            Some(last) if word.span.start == before.end && (mark || glue) => last.push_str(&word.text),
            _ => run.push(word.text.into_owned()),
        }
        before = word.span;
        glue = mark;
    }
    match (loader.context.resolve)(&program.text) {
        Ok(path) => {
            let Ok(path) = path.into_os_string().into_string() else {
                loader.process.flawed = true;
                return Err(program.error(format!("the path of `{}` is not UTF-8", program.text)));
            };
            run.insert(0, path);
            loader.process.run = run;
            Ok(())
        }
        Err(why) => {
            loader.process.flawed = true;
            let error = program.error(format!("`{}` cannot be run: {why}", program.text));
            Err(error.help(if program.text.starts_with('/') {
                "name a program that exists and may be executed"
            } else {
                "looked for in /etc/exabgp, beside the configuration file and on the PATH"
            }))
        }
    }
}

impl Loader<'_> {
    pub(crate) fn close_process(&mut self) {
        let ProcessDraft { scalars, name, at, run, flawed } = std::mem::take(&mut self.process);
        if flawed {
            return;
        }
        if run.is_empty() {
            let error = Diagnostic::error(at, format!("process `{name}` has no `run`"));
            return self.problems.add(error.help("add `run PROGRAM ARGUMENT…;`"));
        }
        self.processes.list.push(Arc::new(ProcessConfig {
            name: name.into(),
            run,
            encoder: match scalars.text(Section::Process, "encoder") {
                Some("json") => Encoder::Json,
                _ => Encoder::Text,
            },
            respawn: scalars.flag(Section::Process, "respawn").unwrap_or(true),
        }));
    }
}
