//! What is wrong with a file, as far as people want to read it.

use herald_bgp::text::{Diagnostic, Severity};

/// Diagnostics kept of each severity.
const MOST: usize = 100;

/// What was found wrong or odd, in the order it was found.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub list: Vec<Diagnostic>,
    errors: usize,
    warnings: usize,
}

impl Problems {
    pub(crate) fn add(&mut self, problem: Diagnostic) {
        let count = match problem.severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        if *count < MOST {
            if self.list.contains(&problem) {
                return; // a template tells its mistakes once, however many neighbours inherit it
            }
            self.list.push(problem);
        }
        *count += 1;
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// All of them, by their places.
    pub(crate) fn into_list(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|problem| problem.at);
        if self.errors > MOST {
            let at = self.list.last().map(|problem| problem.at).unwrap_or_default();
            self.list.push(Diagnostic::error(at, format!("and {} more errors", self.errors - MOST)));
        }
        self.list
    }
}
