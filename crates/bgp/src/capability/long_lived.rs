//! Long-Lived Graceful Restart (RFC 9494 §3): `(afi(2) safi(1) flags(1) stale-time(3))*`.

use super::{Capability, check_entries, code, entries};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::json::Separator;
use crate::put;
use crate::put::Quoted;
use crate::read::Reader;

/// The F bit: forwarding went on during the restart.
const F_BIT: u8 = 0x80;
/// The greatest time the field can hold.
pub const MAX_TIME: u32 = 0xff_ffff;

/// What is said of one family.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stale {
    #[allow(missing_docs)]
    pub family: Family,
    /// Forwarding went on during the restart.
    pub forwarding: bool,
    /// How long routes may be kept once the restart time is over, seconds: 0 to 16777215.
    pub time: u32,
}

/// What is said of each family, in the order they came; of several entries for one family the first counts.
pub fn read<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Vec<Stale> {
    let mut families: Vec<Stale> = Vec::new();
    for value in values {
        for &[a, b, safi, flags, high, middle, low] in value.as_chunks::<7>().0 {
            let family = Family::new(Afi(u16::from_be_bytes([a, b])), Safi(safi));
            if !families.iter().any(|known| known.family == family) {
                let time = u32::from_be_bytes([0, high, middle, low]);
                families.push(Stale { family, forwarding: flags & F_BIT != 0, time });
            }
        }
    }
    families
}

/// The value that says this; greater times are cut, of more than 36 families the first ones count.
pub fn build(families: &[Stale]) -> Vec<u8> {
    let mut value = Vec::new();
    for Stale { family, forwarding, time } in families.iter().take(36) {
        value.extend_from_slice(&family.afi.0.to_be_bytes());
        value.extend_from_slice(&[family.safi.0, if *forwarding { F_BIT } else { 0 }]);
        value.extend(time.min(&MAX_TIME).to_be_bytes().iter().skip(1));
    }
    value
}

/// See the module.
#[derive(Debug)]
pub(super) struct LongLivedGracefulRestart;

impl Capability for LongLivedGracefulRestart {
    const CODE: u8 = code::LONG_LIVED_GRACEFUL_RESTART;
    const NAME: &'static str = "long-lived-graceful-restart";
    const DOC: &'static str = "Routes are to be kept long after the restart time is over.";
    const RFC: &'static str = "RFC 9494";
    const MERGES: bool = true;
    const SINCE: Option<Dialect> = None;

    fn check(value: Reader<'_>) -> Result<(), Malformed> {
        check_entries(value, 7, "long-lived graceful restart")
    }

    fn text(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("long-lived graceful restart(");
        let mut separator = Separator::new(",");
        for Stale { family, forwarding, time } in read(values.iter().copied()) {
            separator.next(out);
            put!(out, family, ' ', time, if forwarding { " forwarding" } else { "" });
        }
        out.push(')');
    }

    fn json(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("{ \"name\": \"long-lived-graceful-restart\", \"families\": { ");
        let mut separator = Separator::new(", ");
        for Stale { family, forwarding, time } in read(values.iter().copied()) {
            separator.next(out);
            put!(out, Quoted(family.join("/")), ": { \"time\": ", time, ", \"forwarding\": ", forwarding, " }");
        }
        out.push_str(" } }");
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        entries(dice, out, |dice, out| dice.octets(4, out));
    }
}
