//! Graceful Restart (RFC 4724 §3, RFC 8538 §2): `flags(4 bits) time(12 bits) (afi(2) safi(1) flags(1))*`.

use super::{Capability, check_entries, code, entries};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::json::{self, Separator};
use crate::put;
use crate::put::Quoted;
use crate::read::Reader;
use std::fmt::Write as _;

/// The capability; as a value: what it says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GracefulRestart {
    /// The R bit: the speaker has restarted.
    pub restarted: bool,
    /// The N bit: a NOTIFICATION does not end the retention of routes (RFC 8538 §2).
    pub notification: bool,
    /// How long routes are to be kept while the speaker is away, seconds: 0 to 4095.
    pub time: u16,
    /// Families, each with its F bit: forwarding went on during the restart.
    pub families: Vec<(Family, bool)>,
}

const R_BIT: u16 = 0x8000;
const N_BIT: u16 = 0x4000;
const F_BIT: u8 = 0x80;

/// What the last instance says; `None` if there is none.
pub fn read<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Option<GracefulRestart> {
    let (head, entries) = values.into_iter().last()?.split_first_chunk::<2>()?;
    let head = u16::from_be_bytes(*head);
    let mut families = Vec::new();
    for &[high, low, safi, flags] in entries.as_chunks::<4>().0 {
        let family = Family::new(Afi(u16::from_be_bytes([high, low])), Safi(safi));
        if !families.iter().any(|(known, _)| *known == family) {
            families.push((family, flags & F_BIT != 0));
        }
    }
    Some(GracefulRestart {
        restarted: head & R_BIT != 0,
        notification: head & N_BIT != 0,
        time: head & 0x0fff,
        families,
    })
}

/// The value that says this; a greater time becomes 4095, of more than 63 families the first ones count.
pub fn build(says: &GracefulRestart) -> Vec<u8> {
    let bits = if says.restarted { R_BIT } else { 0 } | if says.notification { N_BIT } else { 0 };
    let mut value = (bits | says.time.min(0x0fff)).to_be_bytes().to_vec();
    for (family, forwarding) in says.families.iter().take(63) {
        value.extend_from_slice(&family.afi.0.to_be_bytes());
        value.extend_from_slice(&[family.safi.0, if *forwarding { F_BIT } else { 0 }]);
    }
    value
}

impl Capability for GracefulRestart {
    const CODE: u8 = code::GRACEFUL_RESTART;
    const NAME: &'static str = "graceful-restart";
    const DOC: &'static str = "Routes are to be kept while the speaker restarts.";
    const RFC: &'static str = "RFC 4724, RFC 8538";
    const MERGES: bool = false;
    const SINCE: Option<Dialect> = Some(Dialect::V4);

    fn check(mut value: Reader<'_>) -> Result<(), Malformed> {
        value.u16("restart flags and time")?;
        check_entries(value, 4, "graceful restart")
    }

    fn text(values: &[&[u8]], out: &mut String, _: Dialect) {
        let Some(says) = read(values.iter().copied()) else { return out.push_str("graceful restart") };
        let bits = if says.restarted { 8 } else { 0 } | if says.notification { 4 } else { 0 };
        let _ = write!(out, "graceful restart flags {bits:#x} time {}", says.time);
        for (family, forwarding) in &says.families {
            let flags = if *forwarding { F_BIT } else { 0 };
            let _ = write!(out, " {}={flags:#x}", family.join("/"));
        }
    }

    fn json(values: &[&[u8]], out: &mut String, dialect: Dialect) {
        let says = read(values.iter().copied()).unwrap_or_default();
        out.push_str("{ \"name\": \"graceful restart\", \"time\": ");
        json::number(out, says.time);
        out.push_str(", \"address-family-flags\": { ");
        let mut separator = Separator::new(", ");
        for (family, forwarding) in &says.families {
            separator.next(out);
            let flags = if *forwarding { "\"restart\" " } else { "" };
            put!(out, Quoted(family.join("/")), ": [ ", flags, "] ");
        }
        out.push_str("}, \"restart-flags\": [ ");
        out.push_str(if says.restarted { "\"forwarding\" ]" } else { "]" });
        out.push_str(if dialect == Dialect::V4 { " }" } else { "  }" });
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        dice.octets(2, out);
        entries(dice, out, |dice, out| out.push(dice.u8()));
    }
}
