//! What a rule matches, from its words to its octets.
//!
//! ```text
//! destination 10.0.0.0/24   protocol [ tcp udp ]   destination-port >=1024&<2048   tcp-flags syn&!ack
//! ```

use super::component::{Bitmask, COMPONENTS, Component, Kind, Numeric, by_keyword};
use super::rule::{self, LONGEST, Layout, op, value_octets, write_pattern};
use super::show::octets_of;
use crate::dice::Dice;
use crate::family::{Afi, Safi};
use crate::route::Draft;
use crate::text::{Diagnostic, Word, Words, hex};
use crate::value::{Prefix, digits};
use std::net::{IpAddr, Ipv6Addr};

/// Rules at most that several prefixes may make together.
const MOST_RULES: usize = 1024;

/// Reads what stands behind the keyword of a component.
pub(super) fn read(draft: &mut Draft, word: &'static str, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let Some(component) = by_keyword(word) else { return Ok(()) };
    let at = words.last();
    let first = words.expect(&format!("what `{word}` is to match"))?;
    settle(draft, component).map_err(|why| Diagnostic::error(at, why.0).help(why.1))?;
    if first.text != "[" {
        return one(draft, component, word, &first);
    }
    let mut some = false;
    loop {
        let item = words.expect("`]`").map_err(|e| e.label(first.span, "the list starts here"))?;
        match &*item.text {
            "]" if some => return Ok(()),
            "]" => return Err(item.error(format!("the list is empty: it is missing what `{word}` is to match"))),
            "," => return Err(item.error("a comma does not belong here").help("separate the items by blanks")),
            _ => one(draft, component, word, &item)?,
        }
        some = true;
    }
}

/// Makes sure that rules of the family have such a component. A rule that could be of any is now of one.
fn settle(draft: &mut Draft, component: &Component) -> Result<(), (String, String)> {
    let Some(family) = &mut draft.family else { return Ok(()) };
    if draft.afi_follows && component.is_in(Afi::IPV6) && !component.is_in(Afi::IPV4) {
        draft.afi_follows = false;
        family.afi = Afi::IPV6;
    }
    if component.is_in(family.afi) {
        return Ok(());
    }
    let name = component.name(family.afi);
    let known = COMPONENTS.iter().filter(|component| component.is_in(family.afi)).map(|c| c.name(family.afi));
    let help = format!("it may match {}", known.collect::<Vec<_>>().join(" "));
    Err((format!("a rule of {family} cannot match `{name}`"), help))
}

fn one(draft: &mut Draft, component: &Component, keyword: &'static str, word: &Word<'_>) -> Result<(), Diagnostic> {
    let mut octets = Vec::new();
    match component.kind {
        Kind::Prefix => prefix(draft, keyword, word, &mut octets)?,
        Kind::Mac => {
            octets.push(6);
            octets.extend(mac(&word.text).ok_or_else(|| {
                word.error(format!("`{}` is no MAC address", word.text)).help("such as 00:11:22:33:44:55")
            })?);
        }
        Kind::Numeric(numeric) => {
            numbers(&numeric, keyword, usize::from(component.names[0] != keyword), word, &mut octets)?
        }
        Kind::Bitmask(bitmask) => bitmasks(&bitmask, keyword, word, &mut octets)?,
    }
    draft.add_part(component.names[0], &octets);
    Ok(())
}

/// `ADDRESS/LENGTH`; in IPv6 also `ADDRESS/LENGTH/OFFSET`, as ExaBGP writes and sends it, and `ADDRESS/OFFSET-LENGTH`,
/// as RFC 8956 does.
fn prefix(draft: &mut Draft, keyword: &str, word: &Word<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let wrong = |help: &str| word.error(format!("`{}` is no prefix to match", word.text)).help(help.to_owned());
    let (address, rest) = word.text.split_once('/').unwrap_or((&word.text, ""));
    let address: IpAddr = address.parse().map_err(|_| wrong("such as 10.0.0.0/24 or 2001:db8::/32"))?;
    if rest.is_empty() {
        return Err(wrong("say its length: 10.0.0.1/32"));
    }
    let afi = if address.is_ipv4() { Afi::IPV4 } else { Afi::IPV6 };
    let (length, offset, layout) = match (rest.split_once('/'), rest.split_once('-')) {
        (Some((length, offset)), _) => (digits::<u8>(length), digits::<u8>(offset), Layout::Draft),
        (None, Some((offset, length))) => (digits::<u8>(length), digits::<u8>(offset), Layout::Rfc),
        (None, None) => (digits::<u8>(rest), Some(0), Layout::Rfc),
    };
    let prefix = length.and_then(|length| Prefix::new(address, length));
    let (Some(prefix), Some(offset)) = (prefix, offset) else {
        return Err(wrong("IPv4 prefixes are /0 to /32, IPv6 prefixes /0 to /128, perhaps with an offset below"));
    };
    match &mut draft.family {
        Some(family) if draft.afi_follows => {
            family.afi = afi;
            draft.afi_follows = false;
        }
        Some(family) if family.afi != afi => {
            let (own, other) = if afi == Afi::IPV4 { ("IPv4", "IPv6") } else { ("IPv6", "IPv4") };
            let error = word.error(format!("`{}` is an {own} prefix in a rule of {other}", word.text));
            return Err(error.help("a rule matches packets of one family: make two rules"));
        }
        _ => {}
    }
    if keyword.ends_with(if afi == Afi::IPV4 { "ipv6" } else { "ipv4" }) {
        draft.warnings.push(Diagnostic::warning(word.span, format!("`{keyword}` has a prefix of the other family")));
    }
    if prefix.masked() != prefix {
        let warning = Diagnostic::warning(word.span, format!("`{}` has bits set beyond its length", word.text));
        draft.warnings.push(warning.help(format!("they do not count: it is {}", prefix.masked())));
    }
    let IpAddr::V6(address) = address else {
        if offset != 0 {
            return Err(wrong("IPv4 prefixes have no offset"));
        }
        prefix.masked().write(out);
        return Ok(());
    };
    if offset >= prefix.len() && (offset, prefix.len()) != (0, 0) {
        return Err(wrong("the offset is below the length"));
    }
    if layout == Layout::Draft && offset > 0 {
        let ahead = u128::MAX.checked_shr(u32::from(offset)).unwrap_or(0);
        let shown = Ipv6Addr::from(u128::from(address) & ahead);
        let warning = Diagnostic::warning(word.span, "this is sent as ExaBGP sends it, not as RFC 8956 asks for");
        draft.warnings.push(warning.help(format!("peers that follow the RFC want {shown}/{offset}-{}", prefix.len())));
    }
    write_pattern(address.into(), prefix.len(), offset, layout, out);
    Ok(())
}

fn mac(text: &str) -> Option<Vec<u8>> {
    let parts: Vec<&str> = text.split(':').collect();
    let whole = parts.len() == 6 && parts.iter().all(|part| part.len() == 2);
    hex(&parts.concat()).filter(|_| whole)
}

/// `>=1024&<2048`: each part an operator and a number.
fn numbers(
    numeric: &Numeric,
    keyword: &str,
    name: usize,
    word: &Word<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Diagnostic> {
    let max = numeric.max.get(name).copied().unwrap_or(u64::MAX);
    parts(word, out, |text| {
        let (operator, text) = match text.split_at_checked(2) {
            Some((">=", rest)) => (3, rest),
            Some(("<=", rest)) => (5, rest),
            Some(("!=", rest)) => (6, rest),
            _ => match text.split_at_checked(1) {
                Some(("=", rest)) => (1, rest),
                Some((">", rest)) => (2, rest),
                Some(("<", rest)) => (4, rest),
                _ => (1, text),
            },
        };
        let (value, octets) = with_width(text);
        match numeric.read(value) {
            Some(value) if value <= max => Ok((operator, value, octets.unwrap_or(octets_of(value, numeric.least)))),
            Some(_) => Err(format!("0 to {max}")),
            None if value == "true" => Err("whatever matches: leave the component out".to_owned()),
            None if numeric.ports => Err(format!("a number from 0 to {max}, or the name of a service")),
            None if numeric.names.is_empty() => Err(format!("a number from 0 to {max}")),
            None => Err(format!("a number from 0 to {max}, or {}", names(numeric.names))),
        }
    })
    .map_err(|help| word.error(format!("`{}` is nothing `{keyword}` could match", word.text)).help(help))
}

/// `syn+ack&!fin`: each part an operator and bits.
fn bitmasks(bitmask: &Bitmask, keyword: &str, word: &Word<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
    parts(word, out, |text| {
        let (operator, text) = match (text.strip_prefix("!="), text.strip_prefix('='), text.strip_prefix('!')) {
            (Some(rest), ..) => (3, rest),
            (_, Some(rest), _) => (1, rest),
            (_, _, Some(rest)) => (2, rest),
            _ => (0, text),
        };
        let (value, octets) = with_width(text);
        let most = u32::try_from(bitmask.most * 8).unwrap_or(0);
        match bitmask.read(value) {
            Some(value) if value.checked_shr(most).unwrap_or(0) == 0 => {
                Ok((operator, value, octets.unwrap_or(octets_of(value, 1))))
            }
            Some(_) => Err(format!("no more than {most} bits")),
            None if value == "not-a-fragment" => Err("!is-fragment".to_owned()),
            None => Err(format!("{}, joined by +, or a number", names(bitmask.names))),
        }
    })
    .map_err(|help| word.error(format!("`{}` is nothing `{keyword}` could match", word.text)).help(help))
}

/// Reads operators and values joined by `&`. `read` gives the operator, the value and its octets, or says what would
/// have been right.
fn parts(
    word: &Word<'_>,
    out: &mut Vec<u8>,
    mut read: impl FnMut(&str) -> Result<(u8, u64, usize), String>,
) -> Result<(), String> {
    for (i, part) in word.text.split('&').enumerate() {
        if part.is_empty() {
            return Err("no blanks around `&`: >1024&<2048".to_owned());
        }
        let (operator, value, octets) = read(part)?;
        let and = if i > 0 { op::AND } else { 0 };
        item(operator | and, value, octets, out).ok_or_else(|| format!("{value} does not fit {octets} octets"))?;
    }
    Ok(())
}

/// Appends an operator and its value; `None` if the value needs more octets.
fn item(operator: u8, value: u64, octets: usize, out: &mut Vec<u8>) -> Option<()> {
    let length = match octets {
        1 => 0x00,
        2 => 0x10,
        4 => 0x20,
        _ => 0x30,
    };
    let bytes = value.to_be_bytes();
    let (zero, bytes) = bytes.split_at_checked(bytes.len().checked_sub(octets)?)?;
    if zero.iter().any(|b| *b != 0) {
        return None;
    }
    out.push(operator | length);
    out.extend_from_slice(bytes);
    Some(())
}

/// Makes up a list of operators and values. `value`: operator, value, and the octets it has at least.
pub(super) fn sample_items(
    dice: &mut Dice,
    count: usize,
    out: &mut Vec<u8>,
    value: impl Fn(&mut Dice) -> (u8, u64, usize),
) {
    let mut items = Vec::new();
    for i in 0..count {
        let (operator, value, least) = value(dice);
        let and = if i > 0 && dice.once_in(3) { op::AND } else { 0 };
        item(operator | and, value, octets_of(value, least), &mut items);
    }
    end_list(&mut items);
    out.extend(items);
}

/// A value, and the octets it is to be written with, if it says so: `80/2`.
fn with_width(text: &str) -> (&str, Option<usize>) {
    match text.split_once('/') {
        Some((value, octets @ ("1" | "2" | "4" | "8"))) => (value, digits(octets)),
        _ => (text, None),
    }
}

fn names(names: super::component::Names) -> String {
    names.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(" ")
}

/// Makes the rules of a draft: one, or one for each prefix where a component has several.
pub(super) fn build(draft: &Draft, afi: Afi, each: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
    let mut rules: Vec<Vec<u8>> = vec![Vec::new()];
    if draft.family.is_some_and(|family| family.safi == Safi::FLOW_VPN) {
        let rd = draft.part("rd").ok_or_else(|| draft.missing("rd", "rd 65000:1"))?;
        rules = vec![rd.to_vec()];
    }
    for component in COMPONENTS.iter().filter(|component| component.is_in(afi)) {
        let values = || draft.parts().filter(|(word, _)| *word == component.names[0]).map(|(_, octets)| octets);
        if values().next().is_none() {
            continue;
        }
        match component.kind {
            Kind::Prefix | Kind::Mac => {
                let rules_of = |rule: &Vec<u8>| {
                    values().map(|value| [&rule[..], &[component.number], value].concat()).collect::<Vec<_>>()
                };
                if values().count().saturating_mul(rules.len()) > MOST_RULES {
                    return Err(draft.complain(&format!("these prefixes make more than {MOST_RULES} rules")));
                }
                rules = rules.iter().flat_map(rules_of).collect();
            }
            Kind::Numeric(_) | Kind::Bitmask(_) => {
                let mut items = values().collect::<Vec<_>>().concat();
                end_list(&mut items);
                for rule in &mut rules {
                    rule.push(component.number);
                    rule.extend_from_slice(&items);
                }
            }
        }
    }
    let mut nlri = Vec::new();
    for content in rules {
        if content.len() > LONGEST {
            let message = format!("the rule has {} octets, but no rule has more than {LONGEST}", content.len());
            return Err(draft.complain(&message).help("make several rules of it"));
        }
        nlri.clear();
        rule::frame(&content, &mut nlri);
        each(&nlri);
    }
    Ok(())
}

/// Marks the last operator of a list as such.
fn end_list(items: &mut [u8]) {
    let mut at = 0;
    while let Some(op) = items.get(at).copied() {
        let next = at + 1 + value_octets(op);
        if next >= items.len()
            && let Some(last) = items.get_mut(at)
        {
            *last |= op::END;
        }
        at = next;
    }
}
