//! `neighbor 192.0.2.1 local-as 65000, neighbor 192.0.2.2 …`, `peer * …`, `peer [192.0.2.1, 192.0.2.2] …`.

use super::{Ask, Result};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use herald_bgp::text::Words;
use herald_speaker::command::{Selector, Term};
use std::sync::Arc;

/// What may follow the address.
const KEYS: [&str; 5] = ["local-ip", "local-as", "peer-as", "router-id", "family-allowed"];
/// What most often follows a selector, with the blank behind it.
const VERBS: [&str; 2] = ["announce ", "withdraw "];
/// Most selectors remembered.
const KEPT: usize = 4096;
/// Longest selector remembered, octets.
const LONGEST: usize = 256;

/// Selectors that were read before, by their text: it ends with the verb behind the selector and a blank, so that it is
/// not mistaken for the beginning of a longer one.
#[derive(Debug, Default)]
pub(crate) struct Selectors {
    known: HashMap<Box<str>, Known, FixedState>,
    last: Option<(Box<str>, Known)>,
}

/// A selector, and where in its text the verb starts.
type Known = (usize, Arc<Selector>);

impl Selectors {
    /// The selector `line` starts with, if it was read before.
    fn find(&mut self, line: &str) -> Option<Known> {
        if let Some((text, known)) = &self.last
            && line.starts_with(&**text)
        {
            return Some(known.clone());
        }
        let end = memchr::memchr_iter(b' ', line.as_bytes()).take_while(|at| *at < LONGEST).find_map(|at| {
            let rest = line.get(at + 1..)?;
            let verb = VERBS.iter().find(|verb| rest.starts_with(**verb))?;
            Some(at + 1 + verb.len())
        })?;
        let (text, known) = self.known.get_key_value(line.get(..end)?)?;
        self.last = Some((text.clone(), known.clone()));
        Some(known.clone())
    }

    /// Remembers a selector whose text, with the verb that starts at `verb`, is `text`; gives the one known by that text
    /// if there is.
    fn keep(&mut self, text: &str, verb: usize, selector: Selector) -> Arc<Selector> {
        if let Some((_, known)) = self.known.get(text) {
            return known.clone();
        }
        let new = Arc::new(selector);
        if text.len() <= LONGEST && text.ends_with(' ') {
            if self.known.len() >= KEPT {
                self.known.clear();
            }
            self.known.insert(text.into(), (verb, new.clone()));
            self.last = Some((text.into(), (verb, new.clone())));
        }
        new
    }
}

/// Reads the selector at the start of the line. A text that was read before is known by its looks.
pub(super) fn read(ask: &mut Ask<'_, '_>) -> Result<()> {
    let line = ask.words.rest();
    ask.selected = true;
    if let Some((used, known)) = ask.state.selectors.find(line) {
        ask.to = known;
        ask.words.skip(used);
        return Ok(());
    }
    let selector = selector(&mut ask.words)?;
    ask.words.peek();
    let rest = ask.words.rest();
    let verb = line.len() - rest.len();
    let text = line.get(..verb + rest.split_inclusive(' ').next().unwrap_or("").len()).unwrap_or("");
    ask.to = ask.state.selectors.keep(text, verb, selector);
    Ok(())
}

fn selector(words: &mut Words<'_>) -> Result<Selector> {
    let mut list = Vec::new();
    loop {
        // `neighbor` or `peer`, which may be left out behind a comma.
        if !words.accept("neighbor") {
            words.accept("peer");
        }
        if words.accept("[") {
            loop {
                list.push(terms(words)?);
                if !words.accept(",") {
                    break;
                }
            }
            let close = words.expect("`]`")?;
            if close.text != "]" {
                return Err(close.error("`]` is missing behind the list of peers"));
            }
        } else {
            list.push(terms(words)?);
        }
        if !words.accept(",") {
            break;
        }
    }
    Ok(if list.iter().any(Vec::is_empty) { Selector::All } else { Selector::Any(list) })
}

/// An address with what narrows it down; nothing for `*`.
fn terms(words: &mut Words<'_>) -> Result<Vec<Term>> {
    let address = words.expect("the address of a neighbor, or `*`")?;
    let mut terms = Vec::new();
    if address.text != "*" {
        if !address.text.contains(['.', ':']) {
            return Err(address.error(format!("`{}` is neither an address nor `*`", address.text)));
        }
        terms.push(Term { key: "neighbor".into(), value: address.text.into_owned() });
    }
    while let Some(key) = words.peek().and_then(|word| KEYS.into_iter().find(|key| *key == word.text)) {
        words.next();
        let value = words.expect("the value")?;
        terms.push(Term { key: key.into(), value: value.text.into_owned() });
    }
    Ok(terms)
}
