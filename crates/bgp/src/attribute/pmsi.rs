//! PMSI_TUNNEL (RFC 6514 §5): `flags(1) tunnel-type(1) label(3) tunnel-identifier`, how multicast and broadcast of a VPN
//! travel. What the identifier looks like depends on the type.
//!
//! In events the identifier is octets, except the address of ingress replication over IPv4.

use super::{Attribute, code, flags, list};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::family::Afi;
use crate::json;
use crate::put;
use crate::put::Hex;
use crate::read::Reader;
use crate::route::part;
use crate::text::{Diagnostic, Words};
use crate::value::{digits, label};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The tunnel a P-multicast service interface uses.
pub(super) struct PmsiTunnel;

/// What a tunnel identifier consists of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Identifier {
    /// Anything.
    Any,
    /// Addresses of one kind, each behind its keyword.
    Addresses(&'static [&'static str]),
    /// `extended-tunnel-id(4 or 16) reserved(2) tunnel-id(2) p2mp-id(4)`
    RsvpTe,
    /// A P2MP or MP2MP FEC element: `type(1) address-family(2) length(1) address length(2) opaque`
    Fec,
    /// `sub-domain(1) bfr-id(2) bfr-prefix(4 or 16)`
    Bier,
}

/// A tunnel type: the word for it, and how events spell it.
struct Tunnel {
    code: u8,
    word: &'static str,
    event: &'static str,
    identifier: Identifier,
}

const fn row(code: u8, word: &'static str, event: &'static str, identifier: Identifier) -> Tunnel {
    Tunnel { code, word, event, identifier }
}

/// IANA "P-Multicast Service Interface Tunnel (PMSI Tunnel) Tunnel Types". No dialect has a name for those beyond 7.
const TUNNELS: &[Tunnel] = &[
    row(0, "none", "notunnel", Identifier::Any),
    row(1, "rsvp-te-p2mp", "rsvp-tep2mplsp", Identifier::RsvpTe),
    row(2, "mldp-p2mp", "mldpp2mplsp", Identifier::Fec),
    row(3, "pim-ssm", "pim-ssmtree", Identifier::Addresses(&["sender", "group"])),
    row(4, "pim-sm", "pim-smtree", Identifier::Addresses(&["sender", "group"])),
    row(5, "bidir-pim", "bidir-pimtree", Identifier::Addresses(&["sender", "group"])),
    row(INGRESS_REPLICATION, "ingress-replication", "ingressreplication", Identifier::Addresses(&["endpoint"])),
    row(7, "mldp-mp2mp", "mldpmp2mplsp", Identifier::Fec),
    row(8, "transport", "unknown", Identifier::Any),
    row(10, "assisted-replication", "unknown", Identifier::Addresses(&["endpoint"])),
    row(11, "bier", "unknown", Identifier::Bier),
];

const INGRESS_REPLICATION: u8 = 6;
const FORM: &str = "a tunnel is written [ ingress-replication label 100 endpoint 192.0.2.1 ]: its type, then flags, \
                    label or vni, and what its type needs, or identifier 0x…";

impl Attribute for PmsiTunnel {
    const CODE: u8 = code::PMSI_TUNNEL;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "pmsi";
    const KEYWORDS: &'static [&'static str] = &["pmsi"];
    const DOC: &'static str = "the tunnel of multicast in a VPN: [ TYPE flags N label N endpoint IP ]";
    const RFC: &'static str = "RFC 6514";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::TreatAsWithdraw;
    const MAY_BE_EMPTY: bool = false;

    fn check(r: Reader<'_>, _: &Context) -> Result<(), Malformed> {
        let mut r = r.told_to(None);
        let [_, kind, ..] = r.array::<5>("PMSI_TUNNEL")?;
        let identifier = r;
        let fits = match tunnel(kind).map(|tunnel| tunnel.identifier) {
            None | Some(Identifier::Any) => true,
            Some(Identifier::Addresses(names)) => [4, 16].iter().any(|size| names.len() * size == r.len()),
            Some(Identifier::RsvpTe) => matches!(r.len(), 12 | 24),
            Some(Identifier::Bier) => matches!(r.len(), 7 | 19),
            Some(Identifier::Fec) => {
                let [_, _, _, size] = r.array("FEC element")?;
                r.take(size.into(), "FEC element")?;
                let opaque = r.u16("FEC element")?;
                r.len() == usize::from(opaque)
            }
        };
        if fits { Ok(()) } else { Err(identifier.malformed("tunnel identifier", "as many octets as its type has")) }
    }

    fn fields(mut r: Reader<'_>) {
        let Some((_, kind, entry, _)) = view(r.rest()) else { return };
        let tunnel = tunnel(kind);
        r.laid_out("flags(1x) tunnel-type(1)");
        r.says(|| tunnel.map_or("", |tunnel| tunnel.word));
        r.laid_out("MPLS-label(3x)");
        r.says(|| {
            let mut words = String::new();
            label::entry_words(entry, true, &mut words);
            words
        });
        match tunnel.map_or(Identifier::Any, |tunnel| tunnel.identifier) {
            Identifier::Any => r.laid_out("tunnel-identifier(x)"),
            Identifier::Addresses(names) => {
                let size = if r.len() == 4 * names.len() { "ipv4" } else { "ipv6" };
                names.iter().for_each(|name| _ = r.field(name, size));
            }
            Identifier::RsvpTe => {
                r.field("extended-tunnel-ID", if r.len() == 12 { "ipv4" } else { "ipv6" });
                r.laid_out("reserved(2x) tunnel-ID(2) P2MP-ID(4)");
            }
            Identifier::Fec => {
                r.laid_out("FEC-type(1) address-family(2)");
                let root = r.rest().first().map_or(0, |size| usize::from(*size));
                r.laid_out("address-length(1)");
                r.field(
                    "root-address",
                    match root {
                        4 => "ipv4",
                        16 => "ipv6",
                        _ => "x",
                    },
                );
                r.laid_out("opaque-length(2) opaque-value(x)");
            }
            Identifier::Bier => r.laid_out("sub-domain(1) BFR-ID(2) BFR-prefix(ip)"),
        }
    }

    fn words(value: &[u8], out: &mut String) {
        let Some((flags, kind, entry, identifier)) = view(value) else { return };
        let tunnel = tunnel(kind);
        out.push_str("pmsi [ ");
        match tunnel {
            Some(tunnel) => out.push_str(tunnel.word),
            None => json::number(out, kind),
        }
        if flags != 0 {
            put!(out, " flags ", flags);
        }
        if entry != [0; 3] {
            out.push_str(" label ");
            label::entry_words(entry, true, out);
        }
        let identified = tunnel.and_then(|tunnel| identifier_words(tunnel.identifier, identifier, out));
        if identified.is_none() && !identifier.is_empty() {
            put!(out, " identifier 0x", Hex(identifier));
        }
        out.push_str(" ]");
    }

    fn text(value: &[u8], out: &mut String, dialect: Dialect) {
        out.push_str("pmsi ");
        event(value, out, dialect);
    }

    fn json(value: &[u8], out: &mut String, dialect: Dialect) {
        out.push('"');
        event(value, out, dialect);
        out.push('"');
    }

    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic> {
        list::open(words, FORM)?;
        let word = words.expect("the type of the tunnel").map_err(|e| e.help(FORM))?;
        let named = TUNNELS.iter().find(|tunnel| tunnel.word == word.text).map(|tunnel| tunnel.code);
        let Some(kind) = named.or_else(|| digits(&word.text)) else {
            let error = word.error(format!("`{}` is no type of tunnel", word.text));
            return Err(error.suggest(&word.text, TUNNELS.iter().map(|tunnel| tunnel.word)));
        };
        let shape = tunnel(kind).map_or(Identifier::Any, |tunnel| tunnel.identifier);
        let (mut flags, mut entry, mut identifier) = (0, [0; 3], None);
        while let Some(word) = list::item(words, FORM)? {
            match &*word.text {
                "flags" => [flags] = part::fixed("flags", words)?,
                "label" => entry = label::bottom(&words.expect("the label")?)?,
                "vni" => entry = part::fixed("VNI", words)?,
                "identifier" => identifier = Some(part::raw("the tunnel identifier", words)?),
                first => {
                    let mut octets = Vec::new();
                    if !parse_identifier(shape, first, words, &mut octets)? {
                        return Err(word.error(format!("`{first}` does not belong to this tunnel")).help(FORM));
                    }
                    identifier = Some(octets);
                }
            }
        }
        let [a, b, c] = entry;
        out.extend([flags, kind, a, b, c]);
        out.extend(identifier.unwrap_or_default());
        match Self::check(Reader::new(out, 0), &Context::plain(Default::default(), Default::default())) {
            Ok(()) => Ok(()),
            Err(_) => {
                Err(Diagnostic::error(word.span.to(words.last()), "what identifies the tunnel is missing").help(FORM))
            }
        }
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        let tunnel = dice.pick(TUNNELS).filter(|_| !dice.clone().once_in(9));
        let kind = tunnel.map_or(99, |tunnel| tunnel.code);
        let [a, b, c] = if dice.once_in(3) { dice.array() } else { [0, dice.u8(), 1] };
        out.extend([if dice.once_in(2) { 0 } else { dice.u8() }, kind, a, b, c]);
        let size = if dice.once_in(3) { 16 } else { 4 };
        match tunnel.map_or(Identifier::Any, |tunnel| tunnel.identifier) {
            Identifier::Any => dice.octets(size, out),
            Identifier::Addresses(names) => dice.octets(size * names.len(), out),
            Identifier::RsvpTe => {
                dice.octets(size, out);
                out.extend([0, 0]);
                dice.octets(6, out);
            }
            Identifier::Bier => dice.octets(3 + size, out),
            Identifier::Fec => {
                out.extend([6, 0, 1, 4]);
                dice.octets(4, out);
                out.extend([0, 3]);
                dice.octets(3, out);
            }
        }
    }
}

fn tunnel(kind: u8) -> Option<&'static Tunnel> {
    TUNNELS.iter().find(|tunnel| tunnel.code == kind)
}

fn view(value: &[u8]) -> Option<(u8, u8, [u8; 3], &[u8])> {
    let ([flags, kind, a, b, c], identifier) = value.split_first_chunk::<5>()?;
    Some((*flags, *kind, [*a, *b, *c], identifier))
}

/// Appends `pmsi:ingressreplication:0:100(1601):10.0.0.1`. Before 6 only ingress replication shows the whole entry
/// beside its label.
fn event(value: &[u8], out: &mut String, dialect: Dialect) {
    let Some((flags, kind, entry, identifier)) = view(value) else { return };
    let name = tunnel(kind).map_or("unknown", |tunnel| tunnel.event);
    put!(out, "pmsi:", name, ':', flags, ':', label::label(entry));
    let replicated = identifier.as_array::<4>().filter(|_| kind == INGRESS_REPLICATION);
    if entry != [0; 3] && (dialect == Dialect::V6 || replicated.is_some()) {
        let [a, b, c] = entry;
        put!(out, '(', u32::from_be_bytes([0, a, b, c]), ')');
    }
    out.push(':');
    match replicated {
        Some(octets) => put!(out, Ipv4Addr::from(*octets)),
        None if identifier.is_empty() => {}
        None => {
            put!(out, "0x", Hex(identifier));
        }
    }
}

/// Appends ` endpoint 192.0.2.1`; `None`, with nothing appended, if only the octets can be written.
fn identifier_words(shape: Identifier, identifier: &[u8], out: &mut String) -> Option<()> {
    let start = out.len();
    let mut r = Reader::new(identifier, 0);
    let mut say = || -> Option<()> {
        match shape {
            Identifier::Any | Identifier::Fec => return None,
            Identifier::Addresses(names) => {
                let size = r.len() / names.len().max(1);
                for name in names {
                    put!(out, ' ', name, ' ', address(r.take(size, "").ok()?)?);
                }
            }
            Identifier::RsvpTe => {
                let id = address(r.take(r.len().checked_sub(8)?, "").ok()?)?;
                let (reserved, tunnel, p2mp) = (r.u16("").ok()?, r.u16("").ok()?, r.u32("").ok()?);
                put!(out, " extended-tunnel-id ", id, " tunnel-id ", tunnel, " p2mp-id ", p2mp);
                return (reserved == 0).then_some(());
            }
            Identifier::Bier => {
                let (domain, router) = (r.u8("").ok()?, r.u16("").ok()?);
                put!(out, " sub-domain ", domain, " bfr-id ", router, " bfr-prefix ", address(r.rest())?);
            }
        }
        Some(())
    };
    let said = say();
    if said.is_none() {
        out.truncate(start);
    }
    said
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => octets.as_array::<4>().map(|a| Ipv4Addr::from(*a).into()),
        _ => octets.as_array::<16>().map(|a| Ipv6Addr::from(*a).into()),
    }
}

/// Reads what the type of the tunnel needs, `first` being the word it begins with; false if it begins with another.
fn parse_identifier(
    shape: Identifier,
    first: &str,
    words: &mut Words<'_>,
    out: &mut Vec<u8>,
) -> Result<bool, Diagnostic> {
    let next = |words: &mut Words<'_>, name: &str| match words.expect(&format!("`{name}`"))? {
        word if word.text == name => Ok(()),
        word => Err(word.error(format!("`{name}` is missing")).help(FORM)),
    };
    match shape {
        Identifier::Addresses(names) if names.first() == Some(&first) => {
            let mut afi = None;
            for (at, name) in names.iter().enumerate() {
                if at > 0 {
                    next(words, name)?;
                }
                afi = Some(push(part::address(name, words, afi)?, out));
            }
        }
        Identifier::RsvpTe if first == "extended-tunnel-id" => {
            push(part::address(first, words, None)?, out);
            next(words, "tunnel-id")?;
            out.extend([0, 0]);
            out.extend(part::fixed::<2>("tunnel-id", words)?);
            next(words, "p2mp-id")?;
            out.extend(part::fixed::<4>("p2mp-id", words)?);
        }
        Identifier::Bier if first == "sub-domain" => {
            out.extend(part::fixed::<1>(first, words)?);
            next(words, "bfr-id")?;
            out.extend(part::fixed::<2>("bfr-id", words)?);
            next(words, "bfr-prefix")?;
            push(part::address("bfr-prefix", words, None)?, out);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn push(address: IpAddr, out: &mut Vec<u8>) -> Afi {
    match address {
        IpAddr::V4(a) => out.extend(a.octets()),
        IpAddr::V6(a) => out.extend(a.octets()),
    }
    if address.is_ipv4() { Afi::IPV4 } else { Afi::IPV6 }
}
