//! `neighbor 192.0.2.1 local-as 65000, neighbor 192.0.2.2 …`, `peer * …`, `peer [192.0.2.1, 192.0.2.2] …`.

use super::{Ask, Result};
use herald_bgp::text::Words;
use herald_speaker::command::{Selector, Term};
use std::sync::Arc;

/// What may follow the address.
const KEYS: [&str; 5] = ["local-ip", "local-as", "peer-as", "router-id", "family-allowed"];
/// Most selectors remembered.
const KEPT: usize = 4096;

/// Reads the selector at the start of the line. A text that was read before is known by its looks.
pub(super) fn read(ask: &mut Ask<'_, '_>) -> Result<()> {
    let line = ask.words.rest();
    ask.selected = true;
    if let Some((text, known)) = &ask.state.last_selector
        && line.starts_with(&**text)
    {
        ask.to = known.clone();
        ask.words.skip(verb(text));
        return Ok(());
    }
    let selector = selector(&mut ask.words)?;
    // The text up to the verb, verb included: a longer selector with the same beginning looks different.
    let rest = ask.words.rest();
    let used = line.len() - rest.len();
    let verb = rest.split(' ').next().unwrap_or("").len();
    let text: Box<str> = line.get(..used + verb).unwrap_or(line).into();
    let known = match ask.state.selectors.get(&text) {
        Some(known) => known.clone(),
        None => {
            if ask.state.selectors.len() >= KEPT {
                ask.state.selectors.clear();
            }
            let new = Arc::new(selector);
            ask.state.selectors.insert(text.clone(), new.clone());
            new
        }
    };
    ask.to = known.clone();
    if rest.len() > verb {
        // Followed by a blank: `announce` is not the beginning of another word.
        let with_blank = line.get(..=used + verb).unwrap_or(line);
        ask.state.last_selector = Some((with_blank.into(), known));
    }
    Ok(())
}

/// Where the verb of a remembered text starts.
fn verb(text: &str) -> usize {
    let trimmed = text.trim_end();
    trimmed.rfind(' ').map_or(0, |blank| blank + 1)
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
