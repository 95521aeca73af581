//! Messages of no session: how they are written, and in which session they are read.

use crate::source;
use herald_bgp::error::Fault;
use herald_bgp::family::{Afi, Family, Safi};
use herald_bgp::message;
use herald_bgp::nlri::FAMILIES;
use herald_bgp::read::Reader;
use herald_bgp::text;
use herald_bgp::value::Asn;
use herald_speaker::config::{CapabilityConfig, PeerConfig, Settings};
use herald_speaker::event::PeerView;
use herald_speaker::negotiate;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

/// Octets of something wrong that are shown.
const SHOWN: usize = 200;

/// Blanks and colons are decoration.
pub fn hexadecimal(words: &str) -> Result<Vec<u8>, String> {
    let digits: String = words.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    text::hex(&digits).filter(|b| !b.is_empty()).ok_or_else(|| {
        let mut shown = String::new();
        text::escape_unprintable(&mut shown, text::cut(words, SHOWN));
        let more = if words.len() > SHOWN { "…" } else { "" };
        format!("invalid hexadecimal: {shown}{more}\n")
    })
}

/// What is wrong with the header of a message that [`message::split`] refused.
pub fn header_fault(bytes: &[u8]) -> String {
    match message::header(&mut Reader::new(bytes, 0), message::MAX_EXTENDED) {
        Err(Fault { malformed, notification, .. }) => {
            format!("{malformed} (NOTIFICATION {}/{})", notification.code, notification.subcode)
        }
        Ok(_) => "no message".to_owned(),
    }
}

/// The file to read, if it is none of the octets that were given: one that was named, one word that is no hexadecimal
/// but the name of a file, or standard input if nothing was given.
pub fn file<'a>(named: Option<&'a Path>, given: &'a [String]) -> Option<&'a Path> {
    match given {
        [] => Some(named.unwrap_or(Path::new("-"))),
        [word] if hexadecimal(word).is_err() && (word == "-" || Path::new(word).exists()) => Some(Path::new(word)),
        _ => None,
    }
}

/// `AFI SAFI`
pub fn family(words: Option<&str>) -> Result<Option<Family>, String> {
    let Some(words) = words else { return Ok(None) };
    let (afi, safi) = words.split_once(' ').ok_or_else(|| format!("`{words}` is no family: AFI SAFI"))?;
    match (Afi::parse(afi), Safi::parse(safi.trim())) {
        (Some(afi), Some(safi)) => Ok(Some(Family::new(afi, safi))),
        _ => Err(format!("`{words}` is no family: such as \"ipv4 unicast\"")),
    }
}

/// The session messages are read in: of the first neighbor of a file, or one between two speakers that agree on
/// everything; on AIGP if that is said.
pub fn session(configuration: Option<&str>, path_information: bool, aigp: bool) -> Result<PeerView, String> {
    if let Some(file) = configuration {
        let config = source::load(file)?.config;
        let first = config.peers.first().ok_or_else(|| format!("{file}: no neighbor in it"))?;
        return Ok(negotiate::offline(first.clone(), &config.settings));
    }
    let asn = Asn(65533);
    let local = IpAddr::from([127, 0, 0, 1]);
    let mut config = PeerConfig::new(local);
    config.local_address = Some(local);
    config.local_as = Some(asn);
    config.peer_as = Some(asn);
    config.families = FAMILIES.iter().map(|spec| spec.family).collect();
    let pairs = config.families.iter().map(|f| (*f, if f.afi == Afi::IPV4 { Afi::IPV6 } else { Afi::IPV4 }));
    config.capability = CapabilityConfig {
        next_hop: pairs.filter(|(f, _)| matches!(f.safi.0, 1 | 2 | 4 | 128)).collect(),
        add_path: if path_information { 3 } else { 0 },
        add_path_families: config.families.iter().map(|family| (*family, None)).collect(),
        aigp: Some(aigp),
        ..CapabilityConfig::default()
    };
    Ok(negotiate::offline(Arc::new(config), &Settings::default()))
}
