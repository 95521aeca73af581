//! `static { }` and `announce { }`: the routes of a neighbour.
//!
//! A table of a million routes passes through here one statement at a time, so what a route costs matters: attributes
//! whose text was read before are found by the number on them, others by value.

use crate::load::Loader;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use herald_bgp::attribute::Attributes;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::nlri::flow::{self, Place};
use herald_bgp::nlri::{NextHop, Stored};
use herald_bgp::route::{Draft, Nlris, Purpose, Route, parse_attributes, parse_family, parse_route};
use herald_bgp::text::{Diagnostic, Span, Word, Words};
use herald_speaker::config::{ConfigRoute, ConfigRoutes};
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;

/// `route PREFIX { }` while it is open.
#[derive(Debug, Default)]
pub(crate) struct RouteDraft {
    draft: Draft,
    at: Span,
    /// Something in it was complained about.
    pub flawed: bool,
}

/// Routes while they are collected.
#[derive(Clone, Debug, Default)]
pub(crate) struct RouteSet {
    routes: ConfigRoutes,
    uses: Vec<Use>,
    /// Attribute sets by value: indices into the list.
    index: HashTable<u32>,
    hasher: FixedState,
    watchdogs: BTreeMap<Arc<str>, usize>,
    /// The place in `uses` of the route before.
    last: usize,
}

/// Routes that several neighbours announce.
#[derive(Debug)]
pub(crate) struct SharedRoutes {
    pub routes: Arc<ConfigRoutes>,
    pub uses: Vec<Use>,
}

/// What is to be checked of the routes of one family, once the neighbour is complete.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Use {
    pub family: Family,
    /// Where its first route stands.
    pub first: Span,
    /// Where the first route with `next-hop self` stands.
    pub to_self: Option<Span>,
    /// Where the first route with a next hop of the other address family stands.
    pub crossed: Option<Span>,
    pub count: usize,
}

/// `route PREFIX ATTRIBUTE…;`
pub(crate) fn flat(loader: &mut Loader<'_>, keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let statement = words.rest();
    match parse_route(words, Purpose::Announce, &mut loader.memo) {
        Ok(route) => {
            loader.neighbor.routes.add(route, keyword.span.to(words.last()));
            Ok(())
        }
        Err(error) => Err(loader.with_others(error, statement, words, Draft::new(None))),
    }
}

/// `route PREFIX {`: words between the prefix and the brace have no effect.
pub(crate) fn open(loader: &mut Loader<'_>, keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    loader.route = RouteDraft { draft: Draft::new(None), at: keyword.span, flawed: true };
    loader.route.draft.parse_prefix(words, None)?;
    loader.route.at = words.last();
    loader.route.flawed = false;
    Ok(())
}

/// `vpls KEYWORD VALUE…;` in `l2vpn`
pub(crate) fn vpls(loader: &mut Loader<'_>, keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let route = loader.route_of(Family::L2VPN_VPLS, words)?;
    loader.neighbor.routes.add(route, keyword.span.to(words.last()));
    Ok(())
}

/// `vpls NAME {`: the name is for the reader.
pub(crate) fn open_vpls(loader: &mut Loader<'_>, keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    words.next();
    loader.route = RouteDraft { draft: Draft::new(Some(Family::L2VPN_VPLS)), at: keyword.span, flawed: false };
    Ok(())
}

/// `attributes ATTRIBUTE… nlri PREFIX…;`
pub(crate) fn attributes(loader: &mut Loader<'_>, keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let statement = words.rest();
    let routes = parse_attributes(words, Purpose::Announce)
        .map_err(|error| loader.with_others(error, statement, words, Draft::new(None)))?;
    let at = keyword.span.to(words.last());
    routes.into_iter().for_each(|route| loader.neighbor.routes.add(route, at));
    Ok(())
}

/// `route WORD…;` in `flow`: a rule, all in one row.
pub(crate) fn rule(loader: &mut Loader<'_>, keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let statement = words.rest();
    let mut draft = flow::draft();
    draft.keywords(words).map_err(|error| loader.with_others(error, statement, words, flow::draft()))?;
    loader.add_rule(&draft, keyword.span.to(words.last()))
}

/// `route [NAME] {` in `flow`: the name is for the reader.
pub(crate) fn open_rule(loader: &mut Loader<'_>, keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    loader.route = RouteDraft { draft: flow::draft(), at: keyword.span, flawed: false };
    words.next();
    let Some(word) = words.peek().cloned() else { return Ok(()) };
    loader.route.flawed = true;
    Err(word
        .error(format!("`{}` stands before a brace", word.text))
        .help("a rule in braces has no more than a name there"))
}

/// `sr-policy distinguisher N color N endpoint IP …;`
pub(crate) fn sr_policy(loader: &mut Loader<'_>, keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let family = policy_family(words);
    let route = loader.route_of(family, words)?;
    loader.neighbor.routes.add(route, keyword.span.to(words.last()));
    Ok(())
}

/// `sr-policy distinguisher N color N endpoint IP {`
pub(crate) fn open_sr_policy(
    loader: &mut Loader<'_>,
    keyword: &Word<'_>,
    words: &mut Words<'_>,
) -> Result<(), Diagnostic> {
    let family = policy_family(words);
    loader.route = RouteDraft { draft: Draft::new(Some(family)), at: keyword.span, flawed: true };
    (family.spec().parse)(words, &mut loader.route.draft)?;
    loader.route.draft.keywords(words)?;
    loader.route.at = words.last();
    loader.route.flawed = false;
    Ok(())
}

/// A policy is of the address family of its endpoint.
fn policy_family(words: &Words<'_>) -> Family {
    let mut words = words.clone();
    while words.next().is_some_and(|word| word.text != "endpoint") {}
    let ipv6 = words.next().is_some_and(|word| word.text.contains(':'));
    Family::new(if ipv6 { Afi::IPV6 } else { Afi::IPV4 }, Safi::SR_POLICY)
}

/// `ipv4 {` and its like in `announce`.
pub(crate) fn open_afi(loader: &mut Loader<'_>, keyword: &Word<'_>, _: &mut Words<'_>) -> Result<(), Diagnostic> {
    loader.afi = Afi::parse(&keyword.text);
    Ok(())
}

/// `unicast PREFIX ATTRIBUTE…;` and its like in `announce { ipv4 { } }`.
pub(crate) fn announce(loader: &mut Loader<'_>, keyword: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let afi = loader.afi.unwrap_or(Afi::IPV4);
    let Some(family) = crate::family::of_name(afi, &keyword.text) else {
        let error = keyword.error(format!("`{}` is no family of {}", keyword.text, afi.name().unwrap_or("this AFI")));
        return Err(error.suggest(&keyword.text, crate::family::names(afi)));
    };
    if matches!(family.safi, Safi::FLOW | Safi::FLOW_VPN) {
        let (mut draft, statement) = (Draft::new(Some(family)), words.rest());
        draft.read(words).map_err(|error| loader.with_others(error, statement, words, Draft::new(Some(family))))?;
        return loader.add_rule(&draft, keyword.span.to(words.last()));
    }
    let again = words.clone();
    // Nearly always the family is the one the prefix would have anyway, and the short way is right.
    let route = match parse_route(words, Purpose::Announce, &mut loader.memo) {
        Ok(route) if route.family == family => route,
        _ => {
            *words = again;
            loader.route_of(family, words)?
        }
    };
    loader.neighbor.routes.add(route, keyword.span.to(words.last()));
    Ok(())
}

impl Loader<'_> {
    /// A route of a family, all in one row.
    fn route_of(&mut self, family: Family, words: &mut Words<'_>) -> Result<Route, Diagnostic> {
        let statement = words.rest();
        parse_family(words, family, Purpose::Announce)
            .map_err(|error| self.with_others(error, statement, words, Draft::new(Some(family))))
    }

    /// The mistake that ended the reading of a statement; the others behind it are found here. `words` are where that was,
    /// `draft` is one that nothing was said in. Reading goes on with the next keyword, or with what ought to be one.
    fn with_others(
        &mut self,
        error: Diagnostic,
        statement: &str,
        words: &mut Words<'_>,
        mut draft: Draft,
    ) -> Diagnostic {
        let read =
            |words: &Words<'_>| statement.get(..statement.len().saturating_sub(words.rest().len())).unwrap_or("");
        let (mut depth, mut due) = (open_brackets(read(words)), false);
        while let Some(word) = words.next() {
            match &*word.text {
                "[" | "(" => depth += 1,
                "]" | ")" => {
                    depth = depth.saturating_sub(1);
                    due = depth == 0;
                }
                text if depth == 0 && (due || draft.knows(text) || draft.resembles(text)) => {
                    let read_so_far = draft.keyword(&word, words);
                    due = read_so_far.is_ok();
                    if let Err(other) = read_so_far {
                        self.problems.add(other);
                        depth = open_brackets(read(words));
                    }
                }
                _ => {}
            }
        }
        error
    }

    /// `ATTRIBUTE VALUE;` in `route PREFIX { }`.
    pub(crate) fn route_statement(&mut self, name: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
        self.route.draft.keyword(name, words).inspect_err(|_| self.route.flawed = true)
    }

    /// `WORD VALUE;` in a section of a rule.
    pub(crate) fn rule_statement(
        &mut self,
        place: Place,
        name: &Word<'_>,
        words: &mut Words<'_>,
    ) -> Result<(), Diagnostic> {
        place.statement(&mut self.route.draft, name, words)
    }

    pub(crate) fn close_rule(&mut self, keyword: Span) {
        let RouteDraft { draft, at, flawed } = std::mem::take(&mut self.route);
        if !flawed && let Err(error) = self.add_rule(&draft, keyword.to(at)) {
            self.problems.add(error);
        }
    }

    /// Adds a rule, and says what is odd in it.
    fn add_rule(&mut self, draft: &Draft, at: Span) -> Result<(), Diagnostic> {
        let route = draft.finish(Purpose::Announce, at, None)?;
        flow::lint(draft, at).into_iter().for_each(|problem| self.problems.add(problem));
        self.neighbor.routes.add(route, at);
        Ok(())
    }

    pub(crate) fn close_route(&mut self, keyword: Span) {
        let RouteDraft { draft, at, flawed } = std::mem::take(&mut self.route);
        if flawed {
            return;
        }
        match draft.finish(Purpose::Announce, at, None) {
            Ok(route) => self.neighbor.routes.add(route, keyword.to(at)),
            Err(error) => self.problems.add(error),
        }
    }
}

impl RouteSet {
    pub(crate) fn is_empty(&self) -> bool {
        self.routes.routes.is_empty()
    }

    /// Adds what one statement announces.
    pub(crate) fn add(&mut self, route: Route, at: Span) {
        let Route { family, nlris, attributes, watchdog, withdraw } = route;
        let to_self = (attributes.next_hop == NextHop::SelfAddress).then_some(at);
        let count = nlris.as_slice().len();
        let crossed = family.spec().next_hop.crosses(family.afi, &attributes.next_hop).then_some(at);
        self.note(Use { family, first: at, to_self, crossed, count });
        let attributes = self.intern(&attributes);
        let withdrawn = withdraw && watchdog.is_some();
        let from = self.routes.routes.len();
        let mut push = |nlri: Stored| self.routes.routes.push(ConfigRoute { nlri, attributes, family, withdrawn });
        match nlris {
            Nlris::One(nlri) => push(nlri),
            Nlris::Many(list) => list.into_iter().for_each(push),
        }
        if let Some(name) = watchdog {
            let added = from..self.routes.routes.len();
            self.watch(name, added.filter_map(|i| u32::try_from(i).ok()));
        }
    }

    /// Adds routes that were collected elsewhere.
    pub(crate) fn merge(&mut self, other: &SharedRoutes) {
        other.uses.iter().for_each(|used| self.note(*used));
        let base = u32::try_from(self.routes.routes.len()).unwrap_or(u32::MAX);
        let sets: Vec<u32> = other.routes.attributes.iter().map(|set| self.intern(set)).collect();
        let set = |index: u32| usize::try_from(index).ok().and_then(|i| sets.get(i)).copied().unwrap_or(0);
        let moved = other.routes.routes.iter().map(|r| ConfigRoute { attributes: set(r.attributes), ..r.clone() });
        self.routes.routes.extend(moved);
        for (name, list) in &other.routes.watchdogs {
            self.watch(name.clone(), list.iter().map(|i| i.saturating_add(base)));
        }
    }

    pub(crate) fn share(self) -> SharedRoutes {
        SharedRoutes { routes: Arc::new(self.routes), uses: self.uses }
    }

    /// The index of an attribute set. A text read before brings the same set, with its index on it.
    fn intern(&mut self, attributes: &Arc<Attributes>) -> u32 {
        let sets = &mut self.routes.attributes;
        let marked = attributes.mark();
        if set_at(sets, marked) == Some(attributes) {
            return marked; // nearly always the very same set: a pointer compare
        }
        let hasher = &self.hasher;
        let hash = hasher.hash_one(&**attributes);
        if let Some(index) = self.index.find(hash, |i| set_at(sets, *i) == Some(attributes)) {
            attributes.set_mark(*index);
            return *index;
        }
        let index = u32::try_from(sets.len()).unwrap_or(u32::MAX);
        sets.push(attributes.clone());
        attributes.set_mark(index);
        let rehash = |i: &u32| set_at(sets, *i).map_or(0, |set| hasher.hash_one(&**set));
        self.index.insert_unique(hash, index, rehash);
        index
    }

    fn note(&mut self, used: Use) {
        let place = match self.uses.get(self.last) {
            Some(last) if last.family == used.family => Some(self.last),
            _ => self.uses.iter().position(|known| known.family == used.family),
        };
        match place.and_then(|i| self.uses.get_mut(i)) {
            Some(known) => {
                known.count += used.count;
                known.to_self = known.to_self.or(used.to_self);
                known.crossed = known.crossed.or(used.crossed);
            }
            None => self.uses.push(used),
        }
        self.last = place.unwrap_or(self.uses.len() - 1);
    }

    fn watch(&mut self, name: Arc<str>, routes: impl Iterator<Item = u32>) {
        let lists = &mut self.routes.watchdogs;
        let at = *self.watchdogs.entry(name.clone()).or_insert_with(|| {
            lists.push((name, Vec::new()));
            lists.len() - 1
        });
        if let Some((_, list)) = lists.get_mut(at) {
            list.extend(routes);
        }
    }
}

/// How many brackets are open at the end of a text.
fn open_brackets(text: &str) -> usize {
    text.bytes().fold(0, |open: usize, octet| match octet {
        b'[' | b'(' => open + 1,
        b']' | b')' => open.saturating_sub(1),
        _ => open,
    })
}

fn set_at(sets: &[Arc<Attributes>], index: u32) -> Option<&Arc<Attributes>> {
    usize::try_from(index).ok().and_then(|i| sets.get(i))
}

impl SharedRoutes {
    /// The routes of the families that `keep` names; attribute sets none of them needs stay.
    pub(crate) fn only(&self, keep: impl Fn(Family) -> bool) -> Arc<ConfigRoutes> {
        if self.uses.iter().all(|used| keep(used.family)) {
            return self.routes.clone();
        }
        let mut moved: Vec<Option<u32>> = Vec::with_capacity(self.routes.routes.len());
        let mut routes = Vec::new();
        for route in &self.routes.routes {
            let kept = keep(route.family);
            moved.push(if kept { u32::try_from(routes.len()).ok() } else { None });
            if kept {
                routes.push(route.clone());
            }
        }
        let new = |i: &u32| usize::try_from(*i).ok().and_then(|i| moved.get(i)).copied().flatten();
        let watchdogs =
            self.routes.watchdogs.iter().map(|(name, list)| (name.clone(), list.iter().filter_map(new).collect()));
        Arc::new(ConfigRoutes { attributes: self.routes.attributes.clone(), routes, watchdogs: watchdogs.collect() })
    }
}
