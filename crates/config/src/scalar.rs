//! Single values: switches, numbers, addresses, words.
//!
//! A section keeps what was set by keyword, so that inheriting is one rule for all of them. A reader takes the words
//! behind the keyword; what a keyword alone means is the reader's business too.

use crate::keywords::Section;
use herald_bgp::capability::{long_lived, role::Role};
use herald_bgp::text::{Diagnostic, Span, Word, Words};
use herald_bgp::value::{Asn, digits};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

/// One value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Scalar {
    Flag(bool),
    Number(u32),
    Text(String),
    Address(IpAddr),
    /// An address or, with a length below the address's, a network.
    Network(IpAddr, u8),
    Asn(Asn),
    /// Chosen by us or by the peer.
    Auto,
    /// Explicitly nothing.
    Off,
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Flag(flag) => flag.fmt(f),
            Scalar::Number(n) => n.fmt(f),
            Scalar::Text(text) => write!(f, "\"{text}\""),
            Scalar::Address(address) => address.fmt(f),
            Scalar::Network(address, len) => write!(f, "{address}/{len}"),
            Scalar::Asn(asn) => asn.fmt(f),
            Scalar::Auto => f.write_str("auto"),
            Scalar::Off => f.write_str("disable"),
        }
    }
}

/// A value and where it was set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Setting {
    pub value: Scalar,
    pub at: Span,
    /// Set by the section itself, not inherited.
    pub own: bool,
}

/// What was set in a section and the plain sections inside it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Scalars {
    pub set: BTreeMap<(Section, &'static str), Setting>,
    /// Keywords whose value was refused: they are not missing.
    pub refused: BTreeSet<(Section, &'static str)>,
}

impl Scalars {
    pub(crate) fn get(&self, section: Section, name: &'static str) -> Option<&Setting> {
        self.set.get(&(section, name))
    }

    pub(crate) fn at(&self, section: Section, name: &'static str) -> Option<Span> {
        self.get(section, name).map(|setting| setting.at)
    }

    pub(crate) fn value(&self, section: Section, name: &'static str) -> Option<&Scalar> {
        self.get(section, name).map(|setting| &setting.value)
    }

    pub(crate) fn flag(&self, section: Section, name: &'static str) -> Option<bool> {
        match self.value(section, name) {
            Some(Scalar::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    pub(crate) fn number(&self, section: Section, name: &'static str) -> Option<u32> {
        match self.value(section, name) {
            Some(Scalar::Number(n)) => Some(*n),
            _ => None,
        }
    }

    pub(crate) fn text(&self, section: Section, name: &'static str) -> Option<&str> {
        match self.value(section, name) {
            Some(Scalar::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn address(&self, section: Section, name: &'static str) -> Option<IpAddr> {
        match self.value(section, name) {
            Some(Scalar::Address(address)) => Some(*address),
            _ => None,
        }
    }
}

/// Reads the words behind a keyword.
pub(crate) type Read = fn(&mut Words<'_>) -> Result<Scalar, Diagnostic>;

/// A switch that is on when its keyword stands alone.
pub(crate) fn switch_on(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    switch(words, true)
}

/// A switch that is off when its keyword stands alone: odd, but files rely on it.
pub(crate) fn switch_off(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    switch(words, false)
}

fn switch(words: &mut Words<'_>, alone: bool) -> Result<Scalar, Diagnostic> {
    let Some(word) = words.next() else { return Ok(Scalar::Flag(alone)) };
    truth(&word.text).map(Scalar::Flag).ok_or_else(|| {
        word.error(format!("`{}` is neither true nor false", word.text))
            .suggest(&word.text, ["true", "false", "enable", "disable"])
    })
}

/// `true enable enabled yes 1` and `false disable disabled no 0`, in any case.
fn truth(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if ["true", "enable", "enabled", "yes", "1"].into_iter().any(is) {
        return Some(true);
    }
    ["false", "disable", "disabled", "no", "0"].into_iter().any(is).then_some(false)
}

fn off(word: &Word<'_>) -> bool {
    word.text.eq_ignore_ascii_case("disable") || word.text.eq_ignore_ascii_case("disabled")
}

/// Free text: one word, quoted if it has blanks.
pub(crate) fn text(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    Ok(Scalar::Text(words.next().map(|word| word.text.into_owned()).unwrap_or_default()))
}

/// A word that must be there.
pub(crate) fn name(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    let word = words.expect("a name")?;
    if word.text.is_empty() {
        return Err(word.error("the name is empty"));
    }
    Ok(Scalar::Text(word.text.into_owned()))
}

/// A TCP-MD5 password.
pub(crate) fn password(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    let word = words.expect("the password")?;
    if word.text.is_empty() {
        return Err(word.error("the password is empty").help("remove the statement if the session has none"));
    }
    Ok(Scalar::Text(word.text.into_owned()))
}

/// Part of a host name (RFC 1123 §2.1).
pub(crate) fn host(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    let word = words.expect("a name")?;
    let text = &*word.text;
    let legal = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && !text.contains("..")
        && text.len() <= 255;
    if !legal {
        return Err(word
            .error(format!("`{text}` is no host name"))
            .help("letters, digits, `-` and `.`, at most 255 of them, with a letter or digit at both ends"));
    }
    Ok(Scalar::Text(word.text.into_owned()))
}

/// An IPv4 or IPv6 address.
pub(crate) fn address(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    let word = words.expect("an address")?;
    word.text.parse().map(Scalar::Address).map_err(|_| no_address(&word))
}

/// An address, or `auto`.
pub(crate) fn address_or_auto(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    if words.accept("auto") { Ok(Scalar::Auto) } else { address(words) }
}

/// An address, or a network peers may come from.
pub(crate) fn network(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    let word = words.expect("an address")?;
    let (address, len) = match word.text.split_once('/') {
        Some((address, len)) => (address, Some(len)),
        None => (&*word.text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| no_address(&word))?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let len = match len {
        Some(len) => digits(len).filter(|len| *len <= most).ok_or_else(|| {
            word.error(format!("`{}` is no network: the length is wrong", word.text)).help(format!("/0 to /{most}"))
        })?,
        None => most,
    };
    Ok(Scalar::Network(address, len))
}

fn no_address(word: &Word<'_>) -> Diagnostic {
    word.error(format!("`{}` is no IP address", word.text)).help("such as 192.0.2.1 or 2001:db8::1")
}

/// A BGP Identifier.
pub(crate) fn router_id(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    let word = words.expect("the router identifier")?;
    let id: Result<Ipv4Addr, _> = word.text.parse();
    id.map(|id| Scalar::Address(id.into())).map_err(|_| {
        word.error(format!("`{}` is no router identifier", word.text))
            .help("it is written like an IPv4 address, also for IPv6 sessions")
    })
}

/// An address in fe80::/10.
pub(crate) fn link_local(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    let word = words.expect("a link-local address")?;
    match word.text.parse::<IpAddr>() {
        Ok(IpAddr::V6(a)) if a.segments().first().is_some_and(|s| s & 0xffc0 == 0xfe80) => {
            Ok(Scalar::Address(a.into()))
        }
        _ => Err(word.error(format!("`{}` is no link-local address", word.text)).help("it begins with fe80:")),
    }
}

/// An AS number, or `auto`.
pub(crate) fn asn(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    let word = words.expect("an AS number")?;
    if word.text.eq_ignore_ascii_case("auto") {
        return Ok(Scalar::Auto);
    }
    Asn::parse(&word.text).map(Scalar::Asn).ok_or_else(|| {
        word.error(format!("`{}` is no AS number", word.text)).help("0 to 4294967295, dotted as 1.10, or `auto`")
    })
}

fn number_in(words: &mut Words<'_>, what: &str, from: u32, to: u32) -> Result<Scalar, Diagnostic> {
    let word = words.expect(what)?;
    let n = digits(&word.text).filter(|n| (from..=to).contains(n));
    n.map(Scalar::Number).ok_or_else(|| {
        word.error(format!("`{}` is not {what}", word.text)).help(format!("a number from {from} to {to}"))
    })
}

/// Seconds: 0, or at least 3 (RFC 4271 §4.2).
pub(crate) fn hold_time(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    let help = "0, or 3 to 65535 seconds (RFC 4271 §4.2)";
    let word = words.expect("the hold time").map_err(|e| e.help(help))?;
    let n = digits(&word.text).filter(|n| *n <= 65535 && !matches!(n, 1 | 2));
    n.map(Scalar::Number).ok_or_else(|| word.error(format!("`{}` is no hold time", word.text)).help(help))
}

/// A TCP port; 0 and `disable` stand for none.
pub(crate) fn port(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    match limit(words, "a port", 65535)? {
        Scalar::Number(0) => Ok(Scalar::Off),
        value => Ok(value),
    }
}

/// A TTL; 0, `disable` and `false` stand for none.
pub(crate) fn ttl(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    match limit(words, "a TTL", 255)? {
        Scalar::Number(0) => Ok(Scalar::Off),
        value => Ok(value),
    }
}

/// Messages a second; 0 and `disable` stand for no limit.
pub(crate) fn rate(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    match limit(words, "a number of messages", u32::MAX)? {
        Scalar::Number(0) => Ok(Scalar::Off),
        value => Ok(value),
    }
}

fn limit(words: &mut Words<'_>, what: &str, most: u32) -> Result<Scalar, Diagnostic> {
    if words.peek().is_some_and(|word| off(word) || word.text.eq_ignore_ascii_case("false")) {
        words.next();
        return Ok(Scalar::Off);
    }
    number_in(words, what, 0, most)
}

/// Seconds a restart may take; alone or 0: as long as the hold time; or `disable`.
pub(crate) fn restart_time(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    match words.peek() {
        None => Ok(Scalar::Auto),
        Some(word) if word.text.eq_ignore_ascii_case("enable") || word.text == "0" => {
            words.next();
            Ok(Scalar::Auto)
        }
        Some(_) => limit(words, "a restart time", 65535),
    }
}

/// Seconds routes may be kept beyond the restart time (RFC 9494 §3); 0 and `disable` stand for none.
pub(crate) fn stale_time(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    match limit(words, "a time", long_lived::MAX_TIME)? {
        Scalar::Number(0) => Ok(Scalar::Off),
        value => Ok(value),
    }
}

/// How many labels a route may have (RFC 8277 §2.1); 0, 1 and `disable` stand for one.
pub(crate) fn labels(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    match limit(words, "a number of labels", 255)? {
        Scalar::Number(0 | 1) => Ok(Scalar::Off),
        value => Ok(value),
    }
}

/// What we are to the peer (RFC 9234 §4).
pub(crate) fn role(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    let word = words.expect("the role")?;
    let name = word.text.to_ascii_lowercase();
    if Role::parse(&name).is_none() {
        return Err(word.error(format!("`{}` is no role", word.text)).suggest(&word.text, Role::names()));
    }
    Ok(Scalar::Text(name))
}

/// `receive`, `send`, `send/receive` or `disable`, as bits: 1 receive, 2 send (RFC 7911 §4).
pub(crate) fn path_mode(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    let valid = ["disable", "receive", "send", "send/receive"];
    let word = words.expect("one of disable, receive, send, send/receive")?;
    if off(&word) {
        return Ok(Scalar::Number(0));
    }
    let at = valid.iter().position(|mode| word.text.eq_ignore_ascii_case(mode)).and_then(|n| u32::try_from(n).ok());
    at.map(Scalar::Number).ok_or_else(|| {
        let wrong = word.error(format!("`{}` is no way to use add-path", word.text));
        if word.text.eq_ignore_ascii_case("receive/send") {
            wrong.help("did you mean `send/receive`?")
        } else {
            wrong.suggest(&word.text, valid)
        }
    })
}

/// `true`, `false` or `auto`; alone: `false`.
pub(crate) fn base64_mode(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    match words.peek() {
        Some(word) if word.text.eq_ignore_ascii_case("auto") => {
            words.next();
            Ok(Scalar::Auto)
        }
        _ => switch_off(words),
    }
}

/// `text` or `json`.
pub(crate) fn encoder(words: &mut Words<'_>) -> Result<Scalar, Diagnostic> {
    let word = words.expect("`text` or `json`")?;
    let text = word.text.to_ascii_lowercase();
    if !matches!(&*text, "text" | "json") {
        return Err(word.error(format!("`{}` is no encoder", word.text)).suggest(&word.text, ["text", "json"]));
    }
    Ok(Scalar::Text(text))
}
