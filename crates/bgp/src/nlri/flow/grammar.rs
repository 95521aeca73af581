//! Where each word of a rule may stand, and rules in braces on one line.
//!
//! ```text
//! destination 10.0.0.0/24 protocol tcp discard                                              all in one row
//! { rd 65000:1; match { destination 10.0.0.0/24; } scope { … } then { discard; } }          in sections
//! ```
//!
//! Both make the same octets. A file has the sections on lines of their own; what may stand in which is said here.

use super::component::by_keyword;
use super::{action, matches};
use crate::attribute::code;
use crate::family::{Afi, Family, Safi};
use crate::nlri::NextHop;
use crate::route::{Draft, Keyword, Purpose, Route, part};
use crate::text::{Diagnostic, Span, Token, Word, Words};

macro_rules! keywords {
    ($($more:expr,)*) => {
        &[
            Keyword::part("rd", "ASN:N | IPv4:N", "route distinguisher: the rule is one of a VPN", rd),
            Keyword::part("route-distinguisher", "ASN:N | IPv4:N", "the same as rd", rd),
            to_match("protocol", "N | tcp | udp | …", "protocols above IP"),
            to_match("port", "N | SERVICE", "ports, of either end"),
            to_match("destination-port", "N | SERVICE", "ports of the destination"),
            to_match("source-port", "N | SERVICE", "ports of the source"),
            to_match("icmp-type", "N | echo-request | …", "types of ICMP messages"),
            to_match("icmp-code", "N | host-unreachable | …", "codes of ICMP messages"),
            to_match("tcp-flags", "syn | !ack | syn+ack | …", "flags of TCP"),
            to_match("packet-length", "N | >N&<N", "octets of the packet"),
            to_match("dscp", "N", "traffic classes, six bits"),
            to_match("fragment", "is-fragment | first-fragment | …", "which fragments"),
            to_match("flow-label", "N", "flow labels of IPv6"),
            Keyword::part("accept", "", "let packets pass", action::accept),
            Keyword::part("discard", "", "drop packets", action::discard),
            Keyword::part("rate-limit", "N [bytes|packets]", "drop what is more than this a second", action::rate_limit).repeats(),
            Keyword::part("redirect", "A:B | IP", "send packets to a VPN, or to a next hop", action::redirect),
            Keyword::part("redirect-to-nexthop", "", "send packets to the next hop of the route", action::redirect_to_next_hop),
            Keyword::part("redirect-to-nexthop-ietf", "IP", "send packets to a next hop", action::redirect_ietf).repeats(),
            Keyword::part("copy", "IP", "send a copy to a next hop", action::copy),
            Keyword::part("mark", "DSCP", "set the traffic class", action::community),
            Keyword::part("action", "sample|terminal|sample-terminal", "sample packets, go on with other rules", action::community),
            Keyword::part(
                "interface-set",
                "transitive:input:ASN:GROUP",
                "where the rule is in force",
                action::interface_set,
            )
            .repeats(),
            $($more,)*
        ]
    };
}

const fn to_match(word: &'static str, value: &'static str, doc: &'static str) -> Keyword {
    Keyword::part(word, value, doc, matches::read).repeats()
}

/// Words of rules of IPv4 and IPv6.
pub(super) const KEYWORDS: &[Keyword] = keywords![
    to_match("destination", "PREFIX", "where packets go"),
    to_match("destination-ipv4", "PREFIX", "where packets go"),
    to_match("destination-ipv6", "PREFIX[/OFFSET]", "where packets go"),
    to_match("source", "PREFIX", "where packets come from"),
    to_match("source-ipv4", "PREFIX", "where packets come from"),
    to_match("source-ipv6", "PREFIX[/OFFSET]", "where packets come from"),
    to_match("next-header", "N | tcp | udp | …", "the same as protocol"),
    to_match("traffic-class", "N", "traffic classes of IPv6, eight bits"),
];

/// Words of rules of layer 2.
pub(super) const LAYER2_KEYWORDS: &[Keyword] = keywords![
    to_match("ether-type", "N | ipv4 | arp | …", "what frames hold"),
    to_match("source-mac", "MAC", "where frames come from"),
    to_match("destination-mac", "MAC", "where frames go"),
    to_match("llc-dsap", "N", "LLC: destination service access points"),
    to_match("llc-ssap", "N", "LLC: source service access points"),
    to_match("llc-control", "N", "LLC: control fields"),
    to_match("snap", "N", "SNAP headers, five octets"),
    to_match("vid", "N", "VLANs"),
    to_match("cos", "N", "priorities of the VLAN tag"),
    to_match("inner-vid", "N", "VLANs of the inner tag"),
    to_match("inner-cos", "N", "priorities of the inner tag"),
];

/// A rule with a route distinguisher is one of a VPN.
fn rd(draft: &mut Draft, _: &'static str, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    if draft.part("rd").is_some() {
        return Err(Diagnostic::error(words.last(), "the rule has two route distinguishers").help("keep one of them"));
    }
    part::rd(draft, "rd", words)?;
    if let Some(family) = &mut draft.family {
        family.safi = Safi::FLOW_VPN;
    }
    Ok(())
}

/// The sections of a rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    /// `route { … }`
    Rule,
    /// `match { … }`
    Match,
    /// `scope { … }`
    Scope,
    /// `then { … }`
    Then,
}

impl Place {
    /// A section by its name.
    pub fn named(name: &str) -> Option<Place> {
        [Place::Match, Place::Scope, Place::Then].into_iter().find(|place| place.name() == name)
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Place::Rule => "route",
            Place::Match => "match",
            Place::Scope => "scope",
            Place::Then => "then",
        }
    }

    /// Where a word belongs; `None` for one that no section has.
    fn of(word: &str) -> Option<Place> {
        Some(match word {
            "interface-set" => Place::Scope,
            "accept"
            | "discard"
            | "rate-limit"
            | "redirect"
            | "redirect-to-nexthop"
            | "redirect-to-nexthop-ietf"
            | "copy"
            | "mark"
            | "action"
            | "community"
            | "large-community"
            | "extended-community"
            | "extended-community-ipv6" => Place::Then,
            "rd" | "route-distinguisher" | "next-hop" | "path-information" | "watchdog" | "withdraw" | "name" => {
                Place::Rule
            }
            _ => by_keyword(word).map(|_| Place::Match)?,
        })
    }

    /// All words that may stand here.
    fn vocabulary(self) -> Vec<&'static str> {
        let more = ["community", "large-community", "extended-community", "next-hop"];
        let words = KEYWORDS.iter().chain(LAYER2_KEYWORDS).map(|keyword| keyword.word).chain(more);
        let words = words.filter(|word| Place::of(word) == Some(self));
        let sections = [Place::Match, Place::Scope, Place::Then].map(Place::name);
        words.chain(sections.into_iter().filter(|_| self == Place::Rule)).collect()
    }

    /// Makes sure that a word may start a statement of this section.
    ///
    /// # Errors
    /// It belongs elsewhere, or nowhere.
    pub fn admits(self, word: &Word<'_>) -> Result<(), Diagnostic> {
        match Place::of(&word.text) {
            Some(place) if place == self => Ok(()),
            Some(place) => {
                let error = word.error(format!("`{}` does not belong in `{}`", word.text, self.name()));
                Err(error.help(format!("it belongs in `{}`", place.name())))
            }
            None => {
                let error = word.error(format!("`{}` is no word of `{}`", word.text, self.name()));
                Err(error.suggest(&word.text, self.vocabulary()))
            }
        }
    }

    /// Reads a statement of this section into a draft, up to what ends it.
    ///
    /// # Errors
    /// A word that belongs elsewhere, or a value that is none.
    pub fn statement(self, draft: &mut Draft, word: &Word<'_>, words: &mut Words<'_>) -> Result<(), Diagnostic> {
        self.admits(word)?;
        draft.keyword(word, words)?;
        match words.peek().cloned() {
            None => Ok(()),
            Some(more) if more.text.starts_with('&') => {
                Err(more.error("a blank in front of `&`").help("write >1024&<2048, without blanks"))
            }
            Some(more) => {
                let error = more.error(format!("`{}` is one too many for `{}`", more.text, word.text));
                Err(error.help("several values are a list: [ A B ]"))
            }
        }
    }
}

/// A rule while it is read: of IPv4, unless the first prefix says something else.
pub fn draft() -> Draft {
    let mut draft = Draft::new(Some(Family::new(Afi::IPV4, Safi::FLOW)));
    draft.afi_follows = true;
    draft
}

/// Reads what follows `announce flow route`: a rule in braces, or all in one row.
///
/// # Errors
/// What the words say is no rule.
pub fn rule_on_a_line(words: &mut Words<'_>, purpose: Purpose) -> Result<Route, Diagnostic> {
    let mut draft = draft();
    braces(words, &mut draft)?;
    draft.keywords(words)?;
    draft.finish(purpose, words.last(), None)
}

/// Reads `[NAME] { … }`, if that is what comes next. The name is for the reader.
pub(super) fn braces(words: &mut Words<'_>, draft: &mut Draft) -> Result<(), Diagnostic> {
    let mut ahead = words.clone();
    if !opens(&mut ahead) {
        ahead = words.clone();
        ahead.next();
        if !opens(&mut ahead) {
            return Ok(());
        }
    }
    *words = ahead;
    let mut place = Place::Rule;
    loop {
        if let Some(word) = words.next() {
            match Place::named(&word.text) {
                Some(section) if place == Place::Rule => {
                    if !opens(words) {
                        return Err(word.error("`{` is missing").help(format!("write {} {{ … }}", word.text)));
                    }
                    place = section;
                }
                _ => {
                    place.statement(draft, &word, words)?;
                    if !matches!(words.token(), Some(Ok(Token::End(_)))) {
                        return Err(
                            Diagnostic::error(words.here(), "`;` is missing").help("each statement ends with `;`")
                        );
                    }
                }
            }
            continue;
        }
        match words.token() {
            Some(Ok(Token::Close(_))) if place == Place::Rule => return Ok(()),
            Some(Ok(Token::Close(_))) => place = Place::Rule,
            Some(Ok(Token::End(_) | Token::Word(_))) => {}
            Some(Ok(Token::Open(at))) => return Err(Diagnostic::error(at, "a section without a name")),
            Some(Err(error)) => return Err(error),
            None => return Err(Diagnostic::error(words.here(), "`}` is missing").help("close what was opened")),
        }
    }
}

fn opens(words: &mut Words<'_>) -> bool {
    words.peek().is_none() && matches!(words.token(), Some(Ok(Token::Open(_))))
}

/// What looks odd in a finished rule, beside what its words gave rise to.
pub fn lint(draft: &Draft, at: Span) -> Vec<Diagnostic> {
    let mut found = draft.warnings.clone();
    if draft.nlri.is_empty() && !draft.parts().any(|(word, _)| by_keyword(word).is_some()) {
        let warning = Diagnostic::warning(at, "this rule matches every packet");
        found.push(warning.help("say what it is to match: match { destination 192.0.2.0/24; }"));
    }
    let communities = draft.value(code::EXTENDED_COMMUNITIES).unwrap_or(&[]).as_chunks::<8>().0;
    // RFC 8955 §7.7
    let mut rates = communities.iter().filter(|c| c.starts_with(&[0x80, 0x06])).map(|c| c.last_chunk::<4>());
    if rates.next().is_some_and(|first| rates.any(|rate| rate != first)) {
        let warning = Diagnostic::warning(at, "this rule has two rates, and routers differ in which one counts");
        found.push(warning.help("keep one of them; `discard` is a rate of 0"));
    }
    let to_next_hop = communities.iter().any(|c| c.starts_with(&[0x08, 0x00]));
    if to_next_hop && matches!(draft.next_hop, None | Some(NextHop::None)) {
        let warning = Diagnostic::warning(at, "this rule sends packets to its next hop, but has none");
        found.push(warning.help("add `next-hop` and an address"));
    }
    found
}
