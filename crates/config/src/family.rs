//! `family { }`, `add-path { }` and `nexthop { }`: which address families, and how.

use crate::keywords::Section;
use crate::load::Loader;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::nlri::FAMILIES;
use herald_bgp::text::{Diagnostic, Span, Word, Words};
use herald_bgp::value::digits;

/// Families whose next hop may be of the other address family (RFC 8950 §3).
const WITH_OTHER_NEXT_HOP: &[&str] = &["unicast", "multicast", "nlri-mpls", "labeled-unicast", "mpls-vpn"];

/// What the three sections collect.
#[derive(Clone, Debug, Default)]
pub(crate) struct FamilyDraft {
    /// In the order they were written; one may be in several sections.
    pub list: Vec<(Family, Span)>,
    /// `all`
    pub all: bool,
    /// Where the families of the open section begin in the list.
    from: usize,
    /// With the most paths we take, if that is limited.
    pub add_path: Vec<(Family, Option<u16>)>,
    /// `all` in `add-path`
    pub add_path_all: bool,
    pub next_hop: Vec<(Family, Afi)>,
    /// There was a `nexthop` section.
    pub next_hop_section: bool,
}

/// What a neighbour without `family` section offers, by their numbers.
pub(crate) fn all_offered() -> Vec<Family> {
    let mut all: Vec<Family> = FAMILIES.iter().filter(|spec| spec.offered).map(|spec| spec.family).collect();
    all.sort_unstable();
    all
}

/// The names of the families of an AFI.
pub(crate) fn names(afi: Afi) -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().filter(move |spec| spec.family.afi == afi).filter_map(|spec| spec.family.safi.name())
}

/// A family by the name or number of its SAFI: one there is a row for, unless numbers say which.
pub(crate) fn of_name(afi: Afi, name: &str) -> Option<Family> {
    let family = Family::new(afi, Safi::parse(name)?);
    (family.spec().is_known() || name.starts_with("safi-")).then_some(family)
}

pub(crate) fn open(loader: &mut Loader<'_>, _: &Word<'_>, _: &mut Words<'_>) -> Result<(), Diagnostic> {
    loader.neighbor.family.from = loader.neighbor.family.list.len();
    Ok(())
}

pub(crate) fn open_add_path(_: &mut Loader<'_>, _: &Word<'_>, _: &mut Words<'_>) -> Result<(), Diagnostic> {
    Ok(())
}

pub(crate) fn open_next_hop(loader: &mut Loader<'_>, _: &Word<'_>, _: &mut Words<'_>) -> Result<(), Diagnostic> {
    loader.neighbor.family.next_hop_section = true;
    Ok(())
}

/// `AFI SAFI;` in `family` and in `add-path`.
pub(crate) fn afi(loader: &mut Loader<'_>, keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let (family, at) = named(keyword, words)?;
    let section = loader.section();
    let draft = &mut loader.neighbor.family;
    if section == Section::AddPath {
        let limit = if words.accept("limit") { Some(path_limit(words)?) } else { None };
        draft.add_path.push((family, limit.flatten()));
        return Ok(());
    }
    if draft.all {
        return Err(Diagnostic::error(at, "a family behind `all`").help("remove it, or `all`"));
    }
    if let Some((_, first)) = draft.list.iter().skip(draft.from).find(|(known, _)| *known == family) {
        let error = Diagnostic::error(at, format!("`{family}` is there twice"));
        return Err(error.label(*first, "it is here already").help("remove one of them"));
    }
    draft.list.push((family, at));
    Ok(())
}

/// `all;`
pub(crate) fn all(loader: &mut Loader<'_>, keyword: &Word<'_>, _: &mut Words<'_>) -> Result<(), Diagnostic> {
    let section = loader.section();
    let draft = &mut loader.neighbor.family;
    if section == Section::AddPath {
        draft.add_path_all = true;
    } else if draft.list.is_empty() {
        draft.all = true;
    } else {
        let warning = Diagnostic::warning(keyword.span, "`all` has no effect behind other families");
        loader.problems.add(warning.help("remove it, or the others"));
    }
    Ok(())
}

/// `ipv4 SAFI ipv6;` in `nexthop`.
pub(crate) fn next_hop(loader: &mut Loader<'_>, keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let word = words.expect("a SAFI such as unicast")?;
    let name = word.text.to_ascii_lowercase();
    let Some(safi) = Safi::parse(&name).filter(|_| WITH_OTHER_NEXT_HOP.contains(&&*name)) else {
        let error = word.error(format!("`{}` has no next hops of the other address family", word.text));
        return Err(error.suggest(&word.text, WITH_OTHER_NEXT_HOP.iter().copied()));
    };
    let (afi, other) = if keyword.text == "ipv4" { (Afi::IPV4, Afi::IPV6) } else { (Afi::IPV6, Afi::IPV4) };
    let expected = other.name().unwrap_or_default();
    let last = words.expect(&format!("`{expected}`"))?;
    if last.text != expected {
        return Err(last.error(format!("`{}` is not the other address family", last.text)).help(expected));
    }
    let entry = (Family::new(afi, safi), other);
    let draft = &mut loader.neighbor.family;
    if !draft.next_hop.contains(&entry) {
        draft.next_hop.push(entry);
    }
    Ok(())
}

/// The SAFI behind an AFI.
fn named(keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(Family, Span), Diagnostic> {
    let word = words.expect("a SAFI such as unicast")?;
    let afi = Afi::parse(&keyword.text)
        .ok_or_else(|| keyword.error(format!("`{}` is no AFI", keyword.text)).help("such as ipv4, or afi-25"))?;
    let family = of_name(afi, &word.text).ok_or_else(|| {
        word.error(format!("`{}` is no family of {}", word.text, keyword.text)).suggest(&word.text, names(afi))
    })?;
    Ok((family, keyword.span.to(word.span)))
}

/// 1 to 65535; 0 is taken for no limit, as releases before 6 did not read it.
fn path_limit(words: &mut Words<'_>) -> Result<Option<u16>, Diagnostic> {
    let word = words.expect("the number of paths")?;
    match digits::<u16>(&word.text) {
        Some(0) => Ok(None),
        Some(n) => Ok(Some(n)),
        None => Err(word.error(format!("`{}` is no number of paths", word.text)).help("a number from 1 to 65535")),
    }
}

impl FamilyDraft {
    /// Adds what a template says.
    pub(crate) fn add(&mut self, other: &FamilyDraft) {
        self.list.extend_from_slice(&other.list);
        self.all |= other.all;
        self.add_path.extend_from_slice(&other.add_path);
        self.add_path_all |= other.add_path_all;
        self.next_hop
            .extend(other.next_hop.iter().filter(|entry| !self.next_hop.contains(entry)).copied().collect::<Vec<_>>());
        self.next_hop_section |= other.next_hop_section;
    }

    /// The families to offer: in the order they were written, each once.
    pub(crate) fn offered(&self) -> Vec<Family> {
        if self.all || self.list.is_empty() {
            return all_offered();
        }
        let mut offered = Vec::with_capacity(self.list.len());
        for (family, _) in &self.list {
            if !offered.contains(family) {
                offered.push(*family);
            }
        }
        offered
    }
}
