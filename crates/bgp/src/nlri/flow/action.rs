//! What becomes of packets that match (RFC 8955 §7), and where a rule is in force.
//!
//! Most actions are extended communities under another name: `mark 10` is `extended-community mark:10`.

use crate::attribute::{self, code, extended_community, ipv6_community, list};
use crate::nlri::NextHop;
use crate::route::Draft;
use crate::text::{Diagnostic, Span, Word, Words};
use crate::value::digits;
use std::net::IpAddr;

type Read = Result<(), Diagnostic>;

/// Octets a second below which most routers drop everything.
const SLOW: f64 = 9600.0;
/// Nothing is faster, and nothing above is exact.
const FAST: f64 = 1e12;

/// Nothing is done.
pub(super) fn accept(_: &mut Draft, _: &'static str, _: &mut Words<'_>) -> Read {
    Ok(())
}

/// A rate of nothing.
pub(super) fn discard(draft: &mut Draft, _: &'static str, words: &mut Words<'_>) -> Read {
    let word = Word { text: "rate-limit:0".into(), span: words.last() };
    add(draft, &word)
}

/// `rate-limit N [bytes|packets]`: once of each.
pub(super) fn rate_limit(draft: &mut Draft, keyword: &'static str, words: &mut Words<'_>) -> Read {
    let said = Word { text: keyword.into(), span: words.last() };
    let word = words.expect("the rate")?;
    let rate: Option<f64> = word.text.parse().ok().filter(|_| word.text.chars().all(|c| matches!(c, '0'..='9' | '.')));
    let rate = rate.ok_or_else(|| {
        word.error(format!("`{}` is no rate", word.text))
            .help("a number of bytes, or of packets, a second: 1000 packets")
    })?;
    let packets = !words.accept("bytes") && words.accept("packets");
    draft.once(if packets { "rate-limit packets" } else { keyword }, &said)?;
    let mut text = word.text.to_string();
    if rate > FAST {
        text = format!("{FAST}");
        draft.warnings.push(Diagnostic::warning(word.span, format!("`{}` is cut down to {FAST}", word.text)));
    } else if rate > 0.0 && rate < SLOW && !packets {
        let warning = Diagnostic::warning(word.span, format!("{rate} bytes a second are less than {SLOW}"));
        draft.warnings.push(warning.help("many routers treat so low a rate as none at all"));
    }
    let unit = if packets { ":packets" } else { "" };
    add(draft, &Word { text: format!("rate-limit:{text}{unit}").into(), span: word.span })
}

/// A keyword whose value is that of a community of the same name: `mark 10`.
pub(super) fn community(draft: &mut Draft, keyword: &'static str, words: &mut Words<'_>) -> Read {
    let word = words.expect(&format!("the value of `{keyword}`"))?;
    let in_range = keyword != "mark" || digits::<u8>(&word.text).is_some_and(|dscp| dscp < 64);
    let named = keyword != "action" || matches!(&*word.text, "sample" | "terminal" | "sample-terminal");
    if !in_range || !named {
        let help = if named { "0 to 63" } else { "sample, terminal or sample-terminal" };
        return Err(word.error(format!("`{}` is nothing to {keyword}", word.text)).help(help));
    }
    add(draft, &joined(keyword, &word))
}

/// `interface-set X` or `interface-set [ X X ]`
pub(super) fn interface_set(draft: &mut Draft, keyword: &'static str, words: &mut Words<'_>) -> Read {
    list::parse(words, "an interface set", |word| add(draft, &joined(keyword, word)))
}

/// `redirect-to-nexthop`: to the next hop of the route.
pub(super) fn redirect_to_next_hop(draft: &mut Draft, keyword: &'static str, words: &mut Words<'_>) -> Read {
    add(draft, &Word { text: keyword.into(), span: words.last() })
}

/// `redirect-to-nexthop-ietf IP`
pub(super) fn redirect_ietf(draft: &mut Draft, keyword: &'static str, words: &mut Words<'_>) -> Read {
    let (address, word) = address(words)?;
    let word = Word { text: format!("{keyword}:{address}").into(), span: word.span };
    if address.is_ipv4() { add(draft, &word) } else { add_ipv6(draft, &word) }
}

/// `copy IP`: to this next hop, and on.
pub(super) fn copy(draft: &mut Draft, _: &'static str, words: &mut Words<'_>) -> Read {
    let (address, word) = address(words)?;
    draft.set_next_hop(&word, NextHop::Addr(address))?;
    add(draft, &Word { text: "copy-to-nexthop".into(), span: word.span })
}

/// `redirect IP` to a next hop, `redirect A:B` or `redirect "[IPV6]:N"` to the VPN that imports the route target.
pub(super) fn redirect(draft: &mut Draft, keyword: &'static str, words: &mut Words<'_>) -> Read {
    let (text, behind, word) = bracketed(words, "where to redirect to")?;
    if let (Ok(address), "") = (text.parse(), &*behind) {
        draft.set_next_hop(&word, NextHop::Addr(address))?;
        return add(draft, &Word { text: "redirect-to-nexthop".into(), span: word.span });
    }
    let community = Word { text: format!("{keyword}:{text}{behind}").into(), span: word.span };
    let added = if behind.is_empty() { add(draft, &community) } else { add_ipv6(draft, &community) };
    added.map_err(|_| {
        let error = word.error(format!("`{text}{behind}` is nothing to redirect to"));
        error.help("an address, a route target such as 65000:1 or 192.0.2.1:1, or \"[2001:db8::1]:1\"")
    })
}

/// An address, perhaps in brackets.
fn address<'a>(words: &mut Words<'a>) -> Result<(IpAddr, Word<'a>), Diagnostic> {
    let (text, behind, word) = bracketed(words, "the address")?;
    let address = text.parse().ok().filter(|_| behind.is_empty());
    let address = address.ok_or_else(|| word.error(format!("`{text}{behind}` is no IP address")))?;
    Ok((address, word))
}

/// `TEXT`, or `[TEXT]` and what stands close behind. In quotes brackets belong to the word, otherwise they do not.
fn bracketed<'a>(words: &mut Words<'a>, what: &str) -> Result<(String, String, Word<'a>), Diagnostic> {
    let word = words.expect(what)?;
    if word.text != "[" {
        let parts = word.text.strip_prefix('[').and_then(|rest| rest.split_once(']')).unwrap_or((&word.text, ""));
        return Ok((parts.0.to_owned(), parts.1.to_owned(), word));
    }
    let inside = words.expect(what)?;
    if !words.accept("]") {
        return Err(Diagnostic::error(words.here(), "`]` is missing").label(word.span, "it belongs to this"));
    }
    let behind = words.peek().filter(|next| next.text.starts_with(':')).map(|next| next.text.to_string());
    if behind.is_some() {
        words.next();
    }
    Ok((inside.text.to_string(), behind.unwrap_or_default(), inside))
}

fn joined<'a>(keyword: &str, word: &Word<'a>) -> Word<'a> {
    Word { text: format!("{keyword}:{}", word.text).into(), span: word.span }
}

/// Adds an extended community to the route.
fn add(draft: &mut Draft, word: &Word<'_>) -> Read {
    let community = extended_community::parse(word)?;
    add_to(draft, code::EXTENDED_COMMUNITIES, word.span, community)
}

/// Adds an extended community with an IPv6 address.
fn add_ipv6(draft: &mut Draft, word: &Word<'_>) -> Read {
    let community = ipv6_community(word)?;
    add_to(draft, code::IPV6_EXTENDED_COMMUNITIES, word.span, community)
}

fn add_to<const N: usize>(draft: &mut Draft, code: u8, at: Span, community: [u8; N]) -> Read {
    let Some(spec) = attribute::spec(code) else { return Ok(()) };
    draft.add_to(spec, at, |value| {
        value.extend(community);
        list::sort::<N>(value, false);
        Ok(())
    })
}
