//! Commands that list.

use super::{Ask, Form, Local, Parsed, Result};
use herald_bgp::dialect::Dialect;
use herald_bgp::family::Family;
use herald_bgp::nlri::FAMILIES;
use herald_speaker::command::{Command, Detail, Filter, Rib, Show};

/// `[summary|extensive|configuration] [IP]` in any order.
pub(super) fn neighbors(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    let mut detail = None;
    let mut address = None;
    while let Some(word) = ask.words.next() {
        match &*word.text {
            "summary" => detail = Some(Detail::Summary),
            "extensive" => detail = Some(Detail::Extensive),
            "configuration" => detail = Some(Detail::Configuration),
            "json" => ask.form = Some(Form::Json),
            "text" => {}
            other if other.contains(['.', ':']) => address = Some(other.to_owned()),
            "adj-rib" => return Err(word.error("`adj-rib` goes on").suggest("", ["in", "out"])),
            other => {
                let valid = ["summary", "extensive", "configuration", "json"];
                return Err(word.error(format!("`{other}` is not expected here")).suggest(other, valid));
            }
        }
    }
    if detail.is_none() && address.is_none() && !ask.selected && !ask.json() {
        return Ok(Parsed::local(Local::Say(usage(ask.profile.dialect).into())));
    }
    let detail = detail.unwrap_or(Detail::Summary);
    let filter = match address {
        _ if ask.selected => Filter::Selector(ask.to.clone()),
        Some(address) if detail == Detail::Summary => Filter::Address(address),
        Some(address) => Filter::Contains(address),
        None => Filter::All,
    };
    Ok(Parsed::listing(Command::ShowNeighbors { filter, show: Show { detail, json: ask.json() } }))
}

/// What programs are told that ask without saying how much.
fn usage(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::V4 | Dialect::V5 => {
            "please specify summary, extensive or configuration\n\
             you can filter by peer ip address adding it after the word neighbor\n"
        }
        Dialect::V6 => "usage: peer <ip> show [summary|extensive|configuration]\n",
    }
}

pub(super) fn list(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    ask.end()?;
    let show = Show { detail: Detail::List, json: true };
    Ok(Parsed::listing(Command::ShowNeighbors { filter: Filter::All, show }))
}

pub(super) fn status(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    ask.end()?;
    let show = Show { detail: Detail::Status, json: ask.json() };
    Ok(Parsed::listing(Command::ShowNeighbors { filter: Filter::All, show }))
}

pub(super) fn adj_rib_in(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    routes(ask, Rib::In)
}

pub(super) fn adj_rib_out(ask: &mut Ask<'_, '_>) -> Result<Parsed> {
    routes(ask, Rib::Out)
}

fn routes(ask: &mut Ask<'_, '_>, rib: Rib) -> Result<Parsed> {
    let mut detail = Detail::Summary;
    let mut families = None;
    let mut filter = if ask.selected { Filter::Selector(ask.to.clone()) } else { Filter::All };
    while let Some(word) = ask.words.next() {
        match &*word.text {
            "extensive" => detail = Detail::Extensive,
            "json" => ask.form = Some(Form::Json),
            "inet" => families = Some(of(|safi| matches!(safi, 1 | 2 | 4 | 128))),
            "flow" => families = Some(of(|safi| matches!(safi, 133 | 134))),
            "l2vpn" => families = Some(of(|safi| matches!(safi, 65 | 70))),
            other if other.contains(['.', ':']) => filter = Filter::Contains(format!("neighbor {other}")),
            other => {
                let valid = ["extensive", "inet", "flow", "l2vpn", "json"];
                return Err(word.error(format!("`{other}` is not expected here")).suggest(other, valid));
            }
        }
    }
    Ok(Parsed::listing(Command::ShowRoutes { rib, filter, families, show: Show { detail, json: ask.json() } }))
}

fn of(wanted: impl Fn(u8) -> bool) -> Vec<Family> {
    FAMILIES.iter().map(|spec| spec.family).filter(|family| wanted(family.safi.0)).collect()
}
