//! Commands that announce and withdraw.

use super::{Ask, Local, Parsed, Result};
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::nlri::FAMILIES;
use herald_bgp::nlri::flow::rule_on_a_line;
use herald_bgp::operational::Said;
use herald_bgp::route::{Purpose, parse_attributes, parse_family, parse_route};
use herald_bgp::text::{Diagnostic, Word, Words};
use herald_speaker::command::Command;

pub(super) fn announce_route(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    route(ask, Purpose::Announce)
}

pub(super) fn withdraw_route(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    route(ask, Purpose::Withdraw)
}

fn route(ask: &mut Ask<'_, '_>, purpose: Purpose) -> Result<Parsed> {
    let route = parse_route(&mut ask.words, purpose, &mut ask.state.memo)?;
    whole(&ask.words)?;
    Ok(Parsed::one(command(ask, purpose, route)))
}

fn command(ask: &Ask<'_, '_>, purpose: Purpose, route: herald_bgp::route::Route) -> Command {
    let to = ask.to.clone();
    match purpose {
        Purpose::Announce => Command::Announce { to, route },
        Purpose::Withdraw => Command::Withdraw { to, route },
    }
}

/// A `;` may end a route; nothing may follow it.
fn whole(words: &Words<'_>) -> Result<()> {
    let rest = words.rest().trim();
    if rest.is_empty() || rest == ";" {
        return Ok(());
    }
    Err(Diagnostic::error(words.here(), format!("nothing was expected after the route, but there is `{rest}`")))
}

pub(super) fn announce_attributes(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    attributes(ask, Purpose::Announce)
}

pub(super) fn withdraw_attributes(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    attributes(ask, Purpose::Withdraw)
}

/// Routes of several families are one command all the same: answered once.
fn attributes(ask: &mut Ask<'_, '_>, purpose: Purpose) -> Result<Parsed> {
    let routes = parse_attributes(&mut ask.words, purpose)?;
    whole(&ask.words)?;
    let mut commands: Vec<_> = routes.into_iter().map(|route| command(ask, purpose, route)).collect();
    let last = commands.pop().ok_or_else(|| Diagnostic::error(ask.words.here(), "a prefix is missing"))?;
    ask.parts.extend(commands.into_iter().map(|command| Command::Quiet(Box::new(command))));
    Ok(Parsed::one(last))
}

/// `announce AFI SAFI …`: the row's words end in the AFI.
pub(super) fn announce_family(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    family_route(ask, Purpose::Announce)
}

/// `withdraw AFI SAFI …`
pub(super) fn withdraw_family(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    family_route(ask, Purpose::Withdraw)
}

pub(super) fn announce_flow(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    rule(ask, Purpose::Announce)
}

pub(super) fn withdraw_flow(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    rule(ask, Purpose::Withdraw)
}

fn rule(ask: &mut Ask<'_, '_>, purpose: Purpose) -> Result<Parsed> {
    let route = rule_on_a_line(&mut ask.words, purpose)?;
    whole(&ask.words)?;
    Ok(Parsed::one(command(ask, purpose, route)))
}

pub(super) fn announce_vpls(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    route_of(ask, Family::L2VPN_VPLS, Purpose::Announce)
}

pub(super) fn withdraw_vpls(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    route_of(ask, Family::L2VPN_VPLS, Purpose::Withdraw)
}

fn family_route(ask: &mut Ask<'_, '_>, purpose: Purpose) -> Result<Parsed> {
    let noun = ask.noun.take();
    let family = family(noun, &mut ask.words)?;
    route_of(ask, family, purpose)
}

fn route_of(ask: &mut Ask<'_, '_>, family: Family, purpose: Purpose) -> Result<Parsed> {
    let route = parse_family(&mut ask.words, family, purpose)?;
    whole(&ask.words)?;
    Ok(Parsed::one(command(ask, purpose, route)))
}

/// `AFI SAFI`, by name or by number; the AFI may have been read.
fn family(afi: Option<Word<'_>>, words: &mut Words<'_>) -> Result<Family> {
    let afis = Afi::NAMED.into_iter().filter_map(Afi::name);
    let word = afi.map_or_else(|| words.expect("the AFI"), Ok)?;
    let afi = Afi::parse(&word.text)
        .ok_or_else(|| word.error(format!("`{}` is no AFI", word.text)).suggest(&word.text, afis))?;
    let word = words.expect("the SAFI")?;
    let family = Safi::parse(&word.text).map(|safi| Family::new(afi, safi));
    family.filter(|family| family.spec().is_known() || word.text.starts_with("safi-")).ok_or_else(|| {
        let safis = FAMILIES.iter().filter(|spec| spec.family.afi == afi).filter_map(|spec| spec.family.safi.name());
        word.error(format!("`{}` is no family of {}", word.text, afi.name().unwrap_or("this AFI")))
            .suggest(&word.text, safis)
    })
}

pub(super) fn end_of_rib(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    let family = match ask.words.peek() {
        None => Family::IPV4_UNICAST,
        Some(_) => family(None, &mut ask.words)?,
    };
    ask.end()?;
    Ok(Parsed::one(Command::EndOfRib { to: ask.to.clone(), family }))
}

pub(super) fn route_refresh(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    let family = family(None, &mut ask.words)?;
    ask.end()?;
    Ok(Parsed::one(Command::RouteRefresh { to: ask.to.clone(), family }))
}

pub(super) fn operational(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    let word = ask.words.expect("the type of the message")?;
    // What no generation knew was answered `done` and not sent; programs may have come to rely on the former.
    if !ask.profile.json && !Said::is_type(&word.text) {
        return Ok(Parsed::local(Local::Done));
    }
    let said = Said::parse(&word, &mut ask.words)?;
    ask.end()?;
    Ok(Parsed::one(Command::Operational { to: ask.to.clone(), said }))
}

pub(super) fn announce_watchdog(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    watchdog(ask, true)
}

pub(super) fn withdraw_watchdog(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    watchdog(ask, false)
}

fn watchdog(ask: &mut Ask<'_, '_>, announce: bool) -> Result<Parsed> {
    let name = ask.words.next().map(|word| word.text.into_owned());
    ask.end()?;
    Ok(Parsed::one(Command::Watchdog { name, announce }))
}
