//! A route while its words are being read.

use super::keyword::{ANY, Keyword, OF_ALL};
use super::{Nlris, Purpose, Route, part};
use crate::attribute::{ATTRIBUTES, Attr, AttributeSpec, Attributes, code};
use crate::family::{Afi, Family};
use crate::nlri::{self, NextHop, Stored};
use crate::read::Reader;
use crate::text::{Diagnostic, Span, Word, Words, nearest};
use crate::value::{Prefix, PrefixError, digits};
use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;
use std::sync::Arc;

/// Most routes one `split` may make: a slip of the pen is not a full table.
const SPLIT_LIMIT: u32 = 1 << 20;

/// What the words said so far.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The family, if the words named it; otherwise it follows from the rest.
    pub family: Option<Family>,
    /// The prefix, for families that have one.
    pub prefix: Option<Prefix>,
    /// `path-information`
    pub path_id: Option<u32>,
    /// The octets of the NLRI, if they were written as such: `raw`.
    pub nlri: Vec<u8>,
    /// `next-hop`
    pub next_hop: Option<NextHop>,
    /// `split`: the length to cut the prefix into.
    pub split: Option<u8>,
    /// `watchdog`
    pub watchdog: Option<Arc<str>>,
    /// `withdraw`
    pub withdraw: bool,
    /// The AFI of the family is a guess: the first prefix decides.
    pub(crate) afi_follows: bool,
    /// What works, but perhaps not as it reads.
    pub warnings: Vec<Diagnostic>,
    /// Keywords that may be written once, and where they stand.
    said: Vec<(&'static str, Span)>,
    parts: Vec<Part>,
    attributes: Vec<Value>,
    /// The octets of all values, one behind the other; those of replaced ones stay.
    octets: Vec<u8>,
    /// Room for the value being read.
    reading: Vec<u8>,
}

/// An attribute that was read.
#[derive(Clone, Debug)]
struct Value {
    code: u8,
    flags: u8,
    /// Where it is among the octets.
    at: Range<usize>,
    /// Where its keyword stands.
    said: Span,
}

/// Part of the NLRI that was read.
#[derive(Clone, Debug)]
struct Part {
    /// The keyword it stood behind.
    word: &'static str,
    /// Where it is among the octets.
    at: Range<usize>,
}

impl Draft {
    /// Nothing said yet, but perhaps the family.
    pub fn new(family: Option<Family>) -> Draft {
        Draft { family, ..Draft::default() }
    }

    /// Reads a prefix; of address family `afi` if that is given.
    pub fn parse_prefix(&mut self, words: &mut Words<'_>, afi: Option<Afi>) -> Result<(), Diagnostic> {
        self.prefix = Some(prefix(words, afi)?);
        Ok(())
    }

    /// Reads what follows `announce AFI SAFI`: what the family asks for, or `raw 0xOCTETS`; then keywords.
    pub fn read(&mut self, words: &mut Words<'_>) -> Result<(), Diagnostic> {
        let spec = self.family.unwrap_or(Family::IPV4_UNICAST).spec();
        if words.accept("raw") {
            self.nlri = part::raw("the NLRI", words)?;
            let mut r = Reader::new(&self.nlri, 0);
            let cut = (spec.split)(&mut r).and_then(|nlri| r.finish("NLRI").map(|()| nlri));
            if cut.map_err(|wrong| Diagnostic::error(words.last(), wrong.to_string()))?.is_empty() {
                return Err(Diagnostic::error(words.last(), "there is no route in no octets"));
            }
        } else {
            (spec.parse)(words, self)?;
        }
        self.keywords(words)
    }

    /// Reads keywords to the end of the statement.
    pub fn keywords(&mut self, words: &mut Words<'_>) -> Result<(), Diagnostic> {
        while let Some(word) = words.next() {
            self.keyword(&word, words)?;
        }
        Ok(())
    }

    /// Reads one keyword's value.
    pub fn keyword(&mut self, word: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
        if let Some(known) = OF_ALL.iter().chain(self.keywords_of_family()).find(|k| k.word == word.text) {
            if !known.repeats {
                self.once(known.word, word)?;
            }
            return (known.parse)(self, known.word, words);
        }
        self.attribute(word, words)
    }

    /// Makes sure that something is said once. `word`: what says it.
    pub(crate) fn once(&mut self, what: &'static str, word: &Word<'_>) -> Result<(), Diagnostic> {
        if let Some((_, first)) = self.said.iter().find(|(said, _)| *said == what) {
            return Err(twice(word, *first));
        }
        self.said.push((what, word.span));
        Ok(())
    }

    /// Reads the value of a keyword that is an attribute's.
    pub(crate) fn attribute(&mut self, word: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
        if word.text == ANY {
            return self.read_generic(ANY, words);
        }
        let Some(spec) = ATTRIBUTES.iter().find(|spec| spec.keywords.iter().any(|w| *w == word.text)) else {
            return Err(word
                .error(format!("`{}` is no keyword of a route{}", word.text, self.of_family()))
                .suggest(&word.text, self.vocabulary()));
        };
        match spec.code {
            // several lists have always added up
            code::EXTENDED_COMMUNITIES => {}
            // actions of a rule add to it
            code::IPV6_EXTENDED_COMMUNITIES => self.once(spec.name, word)?,
            _ => {
                if let Some(known) = self.attributes.iter().find(|known| known.code == spec.code) {
                    return Err(twice(word, known.said));
                }
            }
        }
        self.add_to(spec, word.span, |reading| (spec.parse)(words, reading))
    }

    /// Adds to the value of an attribute; to none, if it was not said yet. `at`: where that is written.
    pub(crate) fn add_to(
        &mut self,
        spec: &AttributeSpec,
        at: Span,
        add: impl FnOnce(&mut Vec<u8>) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let known = self.attributes.iter().position(|value| value.code == spec.code);
        let mut first = at;
        self.reading.clear();
        if let Some(value) = known.and_then(|at| self.attributes.get(at)) {
            first = value.said;
            self.reading.extend_from_slice(self.octets.get(value.at.clone()).unwrap_or(&[]));
        }
        add(&mut self.reading)?;
        if let Some(at) = known {
            self.attributes.remove(at);
        }
        self.keep(spec.code, spec.flags, first);
        Ok(())
    }

    /// Keywords that are part of the NLRI.
    fn keywords_of_family(&self) -> &'static [Keyword] {
        self.family.map_or(nlri::PREFIX_KEYWORDS, |family| family.spec().keywords)
    }

    /// ` of ipv4 flow`, if the family was named.
    fn of_family(&self) -> String {
        self.family.map(|family| format!(" of {family}")).unwrap_or_default()
    }

    /// Every keyword that may stand here.
    fn vocabulary(&self) -> impl Iterator<Item = &'static str> {
        let attributes = ATTRIBUTES.iter().flat_map(|spec| spec.keywords.iter().copied());
        OF_ALL.iter().chain(self.keywords_of_family()).map(|k| k.word).chain(attributes)
    }

    /// A keyword may stand here that is this word.
    pub fn knows(&self, word: &str) -> bool {
        self.vocabulary().any(|keyword| keyword == word)
    }

    /// This word is none of them, but one that was meant.
    pub fn resembles(&self, word: &str) -> bool {
        // short words are like many others, and values are short
        word.len() > 4
            && word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')
            && nearest(word, self.vocabulary()).is_some()
    }

    /// Keeps part of the NLRI, by the name of its keyword.
    pub(crate) fn add_part(&mut self, word: &'static str, octets: &[u8]) {
        let start = self.octets.len();
        self.octets.extend_from_slice(octets);
        self.parts.push(Part { word, at: start..self.octets.len() });
    }

    /// The part of the NLRI a keyword said; of several the first.
    pub(crate) fn part(&self, word: &str) -> Option<&[u8]> {
        self.parts().find(|(known, _)| *known == word).map(|(_, octets)| octets)
    }

    /// Where a keyword stands that may be written once; nowhere if it does not.
    pub(crate) fn said(&self, word: &str) -> Span {
        self.said.iter().find(|(known, _)| *known == word).map(|(_, at)| *at).unwrap_or_default()
    }

    /// All parts of the NLRI, in the order they were written.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        self.parts.iter().map(|part| (part.word, self.octets.get(part.at.clone()).unwrap_or(&[])))
    }

    /// The complaint that a route lacks a keyword. `example`: how it is written.
    pub(crate) fn missing(&self, word: &str, example: &str) -> Diagnostic {
        self.complain(&format!("`{word}` is missing in a route{}", self.of_family())).help(format!("add `{example}`"))
    }

    /// A complaint about the route as a whole.
    pub(crate) fn complain(&self, message: &str) -> Diagnostic {
        Diagnostic::error(Span::default(), message)
    }

    /// Adds what was read to the attributes.
    fn keep(&mut self, code: u8, flags: u8, said: Span) {
        let start = self.octets.len();
        self.octets.extend_from_slice(&self.reading);
        self.attributes.push(Value { code, flags, at: start..self.octets.len(), said });
    }

    /// Forgets everything, but keeps the room.
    pub(super) fn clear(&mut self) {
        let Draft { mut said, mut parts, mut attributes, mut octets, mut reading, .. } = std::mem::take(self);
        said.clear();
        parts.clear();
        attributes.clear();
        octets.clear();
        reading.clear();
        *self = Draft { said, parts, attributes, octets, reading, ..Draft::default() };
    }

    /// Sets an attribute that is not written with a keyword of its own.
    pub fn set(&mut self, code: u8, flags: u8, value: &[u8]) {
        self.put(code, flags, value, Span::default());
    }

    fn put(&mut self, code: u8, flags: u8, value: &[u8], said: Span) {
        self.attributes.retain(|known| known.code != code);
        self.reading.clear();
        self.reading.extend_from_slice(value);
        self.keep(code, flags, said);
    }

    /// The value of an attribute that was said.
    pub(crate) fn value(&self, code: u8) -> Option<&[u8]> {
        let known = self.attributes.iter().find(|known| known.code == code)?;
        self.octets.get(known.at.clone())
    }

    /// The prefix, or the prefixes it is to be split into.
    pub fn each_prefix(&self, mut each: impl FnMut(Prefix)) -> Result<(), Diagnostic> {
        let Some(prefix) = self.prefix else {
            return Err(Diagnostic::error(Span::default(), "a prefix is missing"));
        };
        match self.split {
            None => each(prefix),
            Some(len) => prefix.split(len).for_each(each),
        }
        Ok(())
    }

    /// The route all the words make. `at`: where to complain; `shared`: attributes known to be the same.
    pub fn finish(&self, purpose: Purpose, at: Span, shared: Option<Arc<Attributes>>) -> Result<Route, Diagnostic> {
        let family = match (self.family, self.prefix) {
            (Some(family), _) => family,
            (None, Some(prefix)) => {
                nlri::family_of_words(prefix, self.part("label").is_some(), self.part("rd").is_some())
            }
            (None, None) => return Err(Diagnostic::error(at, "a prefix is missing")),
        };
        let spec = family.spec();
        let next_hop = match self.next_hop {
            Some(next_hop) => next_hop,
            None if purpose == Purpose::Withdraw || spec.next_hop.is_optional() => NextHop::None,
            None => {
                return Err(
                    Diagnostic::error(at, "the route has no next hop").help("add `next-hop self` or an address")
                );
            }
        };
        if let (Some(len), Some(prefix)) = (self.split, self.prefix) {
            let max = if prefix.afi() == Afi::IPV4 { 32 } else { 128 };
            if len > max {
                return Err(Diagnostic::error(at, format!("split /{len} is beyond the address")));
            }
            if 1u32.checked_shl(u32::from(len.saturating_sub(prefix.len()))).is_none_or(|n| n > SPLIT_LIMIT) {
                let message = format!("split /{len} of {prefix} makes more than {SPLIT_LIMIT} routes");
                return Err(Diagnostic::error(at, message));
            }
        }
        let mut nlris = Nlris::Many(Vec::new());
        let mut each = |nlri: &[u8]| nlris.push(Stored::new(self.path_id, nlri));
        if self.nlri.is_empty() {
            (spec.build)(self, purpose, &mut each).map_err(|mut e| {
                if e.at == Span::default() {
                    e.at = at;
                }
                e
            })?;
        } else {
            each(&self.nlri);
        }
        Ok(Route {
            family,
            nlris,
            attributes: shared.unwrap_or_else(|| Arc::new(self.attributes(next_hop))),
            watchdog: self.watchdog.clone(),
            withdraw: self.withdraw,
        })
    }

    /// The attributes that were said, with a next hop.
    pub(crate) fn attributes(&self, next_hop: NextHop) -> Attributes {
        let value = |at: &Range<usize>| self.octets.get(at.clone()).unwrap_or(&[]);
        let attrs = self.attributes.iter().map(|v| Attr { code: v.code, flags: v.flags, value: value(&v.at) });
        Attributes::new(next_hop, attrs)
    }

    pub(super) fn read_next_hop(&mut self, _: &'static str, words: &mut Words<'_>) -> Result<(), Diagnostic> {
        let word = words.expect("the next hop")?;
        let next_hop = if word.text.eq_ignore_ascii_case("self") {
            NextHop::SelfAddress
        } else {
            let addr: Result<IpAddr, _> = word.text.parse();
            NextHop::Addr(addr.map_err(|_| {
                word.error(format!("`{}` is no next hop", word.text)).help("an IPv4 or IPv6 address, or `self`")
            })?)
        };
        self.set_next_hop(&word, next_hop)
    }

    /// Says where traffic goes: once, or a global IPv6 address and then a link-local one. `word`: where that was written.
    pub(crate) fn set_next_hop(&mut self, word: &Word<'_>, next_hop: NextHop) -> Result<(), Diagnostic> {
        self.next_hop = Some(match (self.next_hop, next_hop) {
            (None, next_hop) => next_hop,
            (Some(known), next_hop) if known == next_hop => known,
            (Some(NextHop::Addr(IpAddr::V6(global))), NextHop::Addr(IpAddr::V6(local)))
                if local.is_unicast_link_local() && !global.is_unicast_link_local() =>
            {
                NextHop::WithLinkLocal(global, local)
            }
            _ => return Err(word.error("the route has two next hops").help("keep one of them")),
        });
        Ok(())
    }

    pub(super) fn read_path(&mut self, _: &'static str, words: &mut Words<'_>) -> Result<(), Diagnostic> {
        let word = words.expect("the path identifier")?;
        let dotted = || word.text.parse::<Ipv4Addr>().ok().map(u32::from);
        let id = digits(&word.text).or_else(dotted).ok_or_else(|| {
            word.error(format!("`{}` is no path identifier", word.text))
                .help("a number below 2^32, or dotted as 0.0.0.7")
        })?;
        self.path_id = Some(id);
        Ok(())
    }

    pub(super) fn read_split(&mut self, _: &'static str, words: &mut Words<'_>) -> Result<(), Diagnostic> {
        let word = words.expect("the length to split into")?;
        let len = word.text.strip_prefix('/').unwrap_or(&word.text);
        let len = digits(len).filter(|len| *len <= 128);
        self.split =
            Some(len.ok_or_else(|| word.error(format!("`{}` is no prefix length", word.text)).help("such as /26"))?);
        Ok(())
    }

    pub(super) fn read_watchdog(&mut self, _: &'static str, words: &mut Words<'_>) -> Result<(), Diagnostic> {
        let word = words.expect("the name of the watchdog")?;
        if matches!(&*word.text, "announce" | "withdraw") {
            return Err(word.error(format!("a watchdog cannot be called `{}`", word.text)));
        }
        self.watchdog = Some(Arc::from(&*word.text));
        Ok(())
    }

    pub(super) fn read_withdraw(&mut self, _: &'static str, _: &mut Words<'_>) -> Result<(), Diagnostic> {
        self.withdraw = true;
        Ok(())
    }

    pub(super) fn read_name(&mut self, _: &'static str, words: &mut Words<'_>) -> Result<(), Diagnostic> {
        words.expect("the name").map(|_| ())
    }

    /// `attribute [ 0xCODE 0xFLAGS 0xDATA ]`
    pub(super) fn read_generic(&mut self, _: &'static str, words: &mut Words<'_>) -> Result<(), Diagnostic> {
        let form = "an attribute is written [ 0xCODE 0xFLAGS 0xDATA ]";
        let start = words.last();
        let bracket = words.accept("[");
        let (mut code, mut flags, mut data) = (0, 0, Vec::new());
        for part in 0..3 {
            let word = words.expect("part of the attribute").map_err(|e| e.help(form))?;
            let wrong = || word.error(format!("`{}` is not hexadecimal", word.text)).help(form);
            let digits = word.text.strip_prefix("0x").or_else(|| word.text.strip_prefix("0X")).ok_or_else(wrong)?;
            match part {
                0 => code = u8::from_str_radix(digits, 16).map_err(|_| wrong())?,
                1 => flags = u8::from_str_radix(digits, 16).map_err(|_| wrong())?,
                _ => data = crate::text::hex(digits).ok_or_else(wrong)?,
            }
        }
        if bracket && !words.accept("]") {
            return Err(Diagnostic::error(words.here(), "`]` is missing").help(form));
        }
        if data.len() > usize::from(u16::MAX) {
            return Err(Diagnostic::error(words.last(), "the attribute is longer than a message can be"));
        }
        if matches!(code, code::NEXT_HOP | code::MP_REACH_NLRI | code::MP_UNREACH_NLRI) {
            let message = format!("attribute {code} is made from the route and cannot be written");
            return Err(Diagnostic::error(words.last(), message));
        }
        let at = start.to(words.last());
        if let Some(known) = self.attributes.iter().find(|known| known.code == code) {
            let error = Diagnostic::error(at, format!("attribute {code} is there twice"));
            return Err(error.label(known.said, "it is here already").help("keep one of them"));
        }
        self.put(code, flags, &data, at);
        Ok(())
    }
}

fn twice(word: &Word<'_>, first: Span) -> Diagnostic {
    let error = word.error(format!("`{}` is there twice", word.text));
    error.label(first, "it is here already").help("keep one of them")
}

/// Reads a prefix; of address family `afi` if that is given.
pub(super) fn prefix(words: &mut Words<'_>, afi: Option<Afi>) -> Result<Prefix, Diagnostic> {
    let word = words.expect("a prefix")?;
    let prefix = Prefix::parse(&word.text).map_err(|e| match e {
        PrefixError::HostBits(near) => word
            .error(format!("`{}` has bits set beyond its length", word.text))
            .help(format!("did you mean `{near}`?")),
        PrefixError::Length => word
            .error(format!("`{}` is no prefix: the length is wrong", word.text))
            .help("IPv4 prefixes are /0 to /32, IPv6 prefixes /0 to /128"),
        PrefixError::Address => {
            word.error(format!("`{}` is no prefix", word.text)).help("such as 10.0.0.0/24 or 2001:db8::/32")
        }
    })?;
    if afi.is_some_and(|afi| afi != prefix.afi()) {
        let kind = if prefix.afi() == Afi::IPV4 { "IPv4" } else { "IPv6" };
        return Err(word.error(format!("`{}` is an {kind} prefix", word.text)));
    }
    Ok(prefix)
}
