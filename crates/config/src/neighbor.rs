//! `neighbor`, `template` and `group`: what they collect, and how one takes over from another.

use crate::api::ApiDraft;
use crate::family::FamilyDraft;
use crate::keywords::Section;
use crate::load::Loader;
use crate::problems::Problems;
use crate::routes::{RouteSet, SharedRoutes};
use crate::scalar::{Scalar, Scalars, network};
use herald_bgp::capability;
use herald_bgp::operational::Said;
use herald_bgp::text::{Diagnostic, Span, Word, Words, hex, nearest};
use herald_bgp::value::digits;
use std::net::IpAddr;
use std::sync::Arc;

/// A neighbour, template or group while it is open.
#[derive(Clone, Debug, Default)]
pub(crate) struct NeighborDraft {
    /// The word behind `neighbor`.
    pub at: Span,
    /// The address behind `neighbor`; `None` if it is none, which was complained about.
    pub address: Option<(IpAddr, u8)>,
    /// A template's name.
    name: Option<String>,
    pub scalars: Scalars,
    pub inherit: Vec<(String, Span)>,
    pub family: FamilyDraft,
    /// Capabilities written as octets.
    pub capabilities: Vec<(u8, Vec<u8>)>,
    pub operational: Vec<Said>,
    /// Where the first of them stands.
    pub operational_at: Option<Span>,
    pub api: Vec<ApiDraft>,
    pub routes: RouteSet,
    /// Routes of the templates and the group.
    pub inherited: Vec<Arc<SharedRoutes>>,
}

/// A complete template. Its routes are shared by all who inherit it.
pub(crate) struct Template {
    draft: NeighborDraft,
}

pub(crate) fn open(loader: &mut Loader<'_>, keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let outer = std::mem::take(&mut loader.neighbor);
    if loader.parent() == Section::Group {
        loader.group = Some(outer);
    }
    loader.neighbor.at = words.peek().map_or(keyword.span, |word| word.span);
    if let Scalar::Network(address, len) = network(words)? {
        loader.neighbor.address = Some((address, len));
    }
    Ok(())
}

pub(crate) fn open_template(loader: &mut Loader<'_>, _: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    loader.neighbor = NeighborDraft::default();
    let word = words.expect("the name of the template")?;
    loader.neighbor.at = word.span;
    check_name(&word)?;
    if let Some(first) = loader.templates.get(&*word.text) {
        let error = word.error(format!("a template called `{}` exists already", word.text));
        return Err(error.label(first.draft.at, "it is defined here").help("choose another name"));
    }
    loader.neighbor.name = Some(word.text.into_owned());
    Ok(())
}

pub(crate) fn open_group(loader: &mut Loader<'_>, _: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    loader.neighbor = NeighborDraft::default();
    words.next();
    Ok(())
}

/// Names of templates and `api` sections: letters, digits, `.`, `_`, `-`.
pub(crate) fn check_name(word: &Word<'_>) -> Result<(), Diagnostic> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if word.text.is_empty() || !word.text.bytes().all(legal) {
        return Err(word.error(format!("`{}` is no name", word.text)).help("letters, digits, `.`, `_` and `-`"));
    }
    Ok(())
}

/// `inherit NAME;` or `inherit [ NAME NAME ];`
pub(crate) fn inherit(loader: &mut Loader<'_>, _: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    if words.peek().is_some_and(|word| word.text == "[") {
        let names = list(words, "the name of a template")?;
        loader.neighbor.inherit.extend(names);
        return Ok(());
    }
    let word = words.expect("the name of a template")?;
    if words.peek().is_some() {
        return Err(word.error("several templates stand in brackets").help("write `inherit [ NAME NAME ];`"));
    }
    loader.neighbor.inherit.push((word.text.to_string(), word.span));
    Ok(())
}

/// `[ WORD WORD ]`, commas between them or not.
pub(crate) fn list(words: &mut Words<'_>, what: &str) -> Result<Vec<(String, Span)>, Diagnostic> {
    let help = "write them in brackets: [ one two ]";
    let first = words.expect(what)?;
    if first.text != "[" {
        return Err(first.error("`[` is missing").help(help));
    }
    let mut list = Vec::new();
    loop {
        let word = words.expect("`]`").map_err(|e| e.help(help))?;
        match &*word.text {
            "]" => return Ok(list),
            "," => {}
            text => list.push((text.to_owned(), word.span)),
        }
    }
}

/// `process NAME;`, the form of releases before 4.
pub(crate) fn legacy_process(loader: &mut Loader<'_>, _: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let word = words.expect("the name of a process")?;
    loader.neighbor.api.push(ApiDraft::of_process(word.text.into_owned(), word.span));
    Ok(())
}

/// `raw CODE 0xVALUE;` in `capability`.
pub(crate) fn raw_capability(loader: &mut Loader<'_>, _: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let word = words.expect("the code of the capability")?;
    let code = match word.text.strip_prefix("0x") {
        Some(hex) => u8::from_str_radix(hex, 16).ok(),
        None => digits(&word.text),
    };
    let code = code.filter(|code| *code != capability::code::MULTIPROTOCOL).ok_or_else(|| {
        let error = word.error(format!("`{}` is no code of a capability", word.text));
        error.help("a number from 0 to 255, but 1, for which `family` stands")
    })?;
    let value = words.next();
    let octets = match &value {
        None => Some(Vec::new()),
        Some(word) => word.text.strip_prefix("0x").and_then(hex),
    };
    let octets = octets.filter(|octets| octets.len() <= usize::from(u8::MAX));
    let value = octets.ok_or_else(|| {
        let at = value.map_or(word.span, |value| value.span);
        Diagnostic::error(at, "no value of a capability").help("0x and two digits for each of at most 255 octets")
    })?;
    loader.neighbor.capabilities.push((code, value));
    Ok(())
}

/// `TYPE afi AFI safi SAFI …;` in `operational`.
pub(crate) fn operational(
    loader: &mut Loader<'_>,
    keyword: &Word<'_>,
    words: &mut Words<'_>,
) -> Result<(), Diagnostic> {
    let said = Said::parse(keyword, words)?;
    loader.neighbor.operational.push(said);
    loader.neighbor.operational_at.get_or_insert(keyword.span);
    Ok(())
}

impl Loader<'_> {
    pub(crate) fn close_template(&mut self) {
        let mut draft = std::mem::take(&mut self.neighbor);
        let Some(name) = draft.name.take() else { return };
        for (_, at) in std::mem::take(&mut draft.inherit) {
            let warning = Diagnostic::warning(at, "`inherit` has no effect in a template");
            self.problems.add(warning.help("let the neighbor inherit both"));
        }
        draft.share_routes();
        self.templates.insert(name, Template { draft });
    }

    pub(crate) fn close_group(&mut self) {
        self.neighbor = NeighborDraft::default();
        self.group = None;
    }

    /// Completes the draft from its templates and its group, in this order.
    pub(crate) fn inherit_all(&mut self, draft: &mut NeighborDraft) {
        for (name, at) in std::mem::take(&mut draft.inherit) {
            match self.templates.get(&name) {
                Some(template) => draft.take_from(&name, &template.draft, &mut self.problems),
                None => {
                    let message = format!("there is no template called `{name}` above: nothing is inherited");
                    let warning = Diagnostic::warning(at, message);
                    self.problems.add(match nearest(&name, self.templates.keys().map(String::as_str)) {
                        Some(near) => warning.help(format!("did you mean `{near}`?")),
                        None => warning.help("a template stands before the neighbors that inherit it"),
                    });
                }
            }
        }
        if let Some(group) = &mut self.group {
            group.share_routes();
            draft.default_from(group);
        }
    }
}

impl NeighborDraft {
    /// Moves the routes written here to where they can be shared.
    fn share_routes(&mut self) {
        if !self.routes.is_empty() {
            self.inherited.push(Arc::new(std::mem::take(&mut self.routes).share()));
        }
    }

    /// A template's single values win, its lists are added behind.
    fn take_from(&mut self, name: &str, template: &NeighborDraft, problems: &mut Problems) {
        for (key, theirs) in &template.scalars.set {
            if let Some(ours) = self.scalars.set.get(key)
                && ours.own
                && ours.value != theirs.value
            {
                let message = format!("template `{name}` overrides this: `{}` is {}", key.1, theirs.value);
                let warning = Diagnostic::warning(ours.at, message).label(theirs.at, "this one counts");
                problems.add(warning.help("remove one of them"));
            }
            self.scalars.set.insert(*key, crate::scalar::Setting { own: false, ..theirs.clone() });
        }
        self.add_lists(template);
    }

    /// A group's single values count where there is no other.
    fn default_from(&mut self, group: &NeighborDraft) {
        for (key, theirs) in &group.scalars.set {
            self.scalars.set.entry(*key).or_insert_with(|| theirs.clone());
        }
        self.add_lists(group);
    }

    fn add_lists(&mut self, other: &NeighborDraft) {
        self.scalars.refused.extend(other.scalars.refused.iter().copied());
        self.family.add(&other.family);
        self.capabilities.extend(other.capabilities.iter().cloned());
        self.operational.extend(other.operational.iter().cloned());
        self.operational_at = self.operational_at.or(other.operational_at);
        self.api.extend(other.api.iter().cloned());
        self.inherited.extend(other.inherited.iter().cloned());
    }
}
