//! From configuration text to a typed [`Config`], with good diagnostics.
//!
//! ```text
//! lines ──► words ──► statements ──► drafts ──► checks ──► Config
//! ```
//!
//! Statements never cross a line, so a file is read line by line and never held as a whole: a table of a million
//! routes costs what its routes cost. Every word that may start a statement is a row of [`keywords()`]; a row says how its
//! value is read, and help, suggestions and the reference are walks of the same table.
//!
//! | room | what is in it |
//! |---|---|
//! | `source` | lines, joined where they end in `\` |
//! | `load` | the stack of sections, statement by statement; goes on after a mistake |
//! | `keywords` | the table of statements and sections |
//! | `scalar` | single values: switches, numbers, addresses |
//! | `process`, `neighbor`, `family`, `api`, `routes` | what the sections collect |
//! | `check` | a neighbour is complete and consistent, or why not |
//! | `render` | diagnostics as an excerpt with a caret, or in one line |
//! | [`mod@env`] | settings from the process environment and the environment file |
//!
//! No file is opened and no program is looked up in here: the caller hands in the text and a [`Context`].
#![forbid(unsafe_code)]

mod api;
mod check;
pub mod env;
mod family;
mod keywords;
mod load;
mod neighbor;
mod problems;
mod process;
mod render;
mod routes;
mod scalar;
mod source;

pub use env::Environment;
pub use keywords::{Keyword, Repeat, Section, keywords};
pub use render::{Style, render};

use herald_bgp::text::Diagnostic;
use herald_speaker::config::Config;
use std::fmt;
use std::io::BufRead;
use std::path::PathBuf;

/// What a configuration may depend on but this crate must not look up.
pub struct Context<'a> {
    /// The name of this machine, for the FQDN capability of neighbours that set none; `None`: not sent then.
    pub host_name: Option<String>,
    /// Its domain.
    pub domain_name: String,
    /// What the software version capability says, unless the environment overrides it.
    pub version: String,
    /// Finds the program of a `run` statement, and makes sure it can be started. Error: why not, in a few words.
    pub resolve: &'a dyn Fn(&str) -> Result<PathBuf, String>,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("host_name", &self.host_name)
            .field("domain_name", &self.domain_name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// A configuration that is valid, and what looks odd in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Loaded {
    /// What it says.
    pub config: Config,
    /// Places that work, but not as they read.
    pub warnings: Vec<Diagnostic>,
    /// Statements and sections that were read: the measure of the work done.
    pub statements: u64,
}

/// Reads a configuration to its end.
///
/// # Errors
/// All mistakes in the text, in its order, at most a hundred of them; warnings stand among them. A text that cannot be
/// read any further is such a mistake too.
pub fn load(text: impl BufRead, environment: &Environment, context: &Context<'_>) -> Result<Loaded, Vec<Diagnostic>> {
    load::load(text, environment, context)
}
