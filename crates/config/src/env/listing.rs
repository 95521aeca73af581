//! The options as text, for `env` and for an environment file to begin with.

use super::options::{Kind, truth};
use super::{EnvOption, Environment, OPTIONS};
use std::fmt::Write as _;

/// How options are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listing {
    /// `[exabgp.section]` and `option = value`, as the environment file has it.
    Ini,
    /// `exabgp.section.option=value`, as the process environment has it.
    Variables,
}

impl Environment {
    /// The values of all options that are not for developers; with `changed`, only those that differ from their
    /// defaults.
    pub fn listing(&self, listing: Listing, changed: bool) -> String {
        let mut out = String::new();
        let mut section = "";
        for option in OPTIONS.iter().filter(|option| !option.hidden) {
            let value = self.value(option.section, option.name);
            if changed && canonical(option, value) == canonical(option, option.default) {
                continue;
            }
            if listing == Listing::Ini && section != option.section {
                let gap = if section.is_empty() { "" } else { "\n" };
                let _ = writeln!(out, "{gap}[exabgp.{}]", option.section);
            }
            section = option.section;
            let value = canonical(option, value);
            let _ = match listing {
                Listing::Ini => writeln!(out, "{} = {value}", option.name),
                Listing::Variables => writeln!(out, "exabgp.{}.{}={value}", option.section, option.name),
            };
        }
        out
    }
}

/// A value in the one form listings use: texts in quotes, switches in lower case.
fn canonical(option: &EnvOption, value: &str) -> String {
    match option.kind {
        Kind::Flag => truth(value).to_string(),
        Kind::Number | Kind::Port | Kind::Fraction => value.trim().to_owned(),
        Kind::Octal => super::options::octal(value).map_or_else(|| value.to_owned(), |mask| format!("'0o{mask:o}'")),
        Kind::OneOf(_) if option.name == "level" => value.trim().to_ascii_uppercase(),
        Kind::OneOf(words) if words.iter().all(|word| word.bytes().all(|b| b.is_ascii_digit())) => value.trim().into(),
        Kind::Text | Kind::User | Kind::Addresses | Kind::OneOf(_) => format!("'{value}'"),
    }
}
