//! Multiple Labels (RFC 8277 §2.1): `(afi(2) safi(1) count(1))*`.

use super::{Capability, check_entries, code, entries};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::json::Separator;
use crate::put;
use crate::put::Quoted;
use crate::read::Reader;

/// How many labels a route of each family may have, in the order they came; of several entries for one family the
/// first counts. Counts of 0 and 1 say nothing.
pub fn read<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Vec<(Family, u8)> {
    let mut counts: Vec<(Family, u8)> = Vec::new();
    for value in values {
        for &[high, low, safi, count] in value.as_chunks::<4>().0 {
            let family = Family::new(Afi(u16::from_be_bytes([high, low])), Safi(safi));
            if count > 1 && !counts.iter().any(|(known, _)| *known == family) {
                counts.push((family, count));
            }
        }
    }
    counts
}

/// The value that says these counts; of more than 63 families the first ones.
pub fn build(counts: &[(Family, u8)]) -> Vec<u8> {
    let mut value = Vec::new();
    for (family, count) in counts.iter().take(63) {
        value.extend_from_slice(&family.afi.0.to_be_bytes());
        value.extend_from_slice(&[family.safi.0, *count]);
    }
    value
}

/// See the module.
#[derive(Debug)]
pub(super) struct MultipleLabels;

impl Capability for MultipleLabels {
    const CODE: u8 = code::MULTIPLE_LABELS;
    const NAME: &'static str = "multiple-labels";
    const DOC: &'static str = "Routes may have several labels.";
    const RFC: &'static str = "RFC 8277";
    const MERGES: bool = true;
    const SINCE: Option<Dialect> = None;

    fn check(value: Reader<'_>) -> Result<(), Malformed> {
        check_entries(value, 4, "multiple labels")
    }

    fn text(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("multiple labels(");
        let mut separator = Separator::new(",");
        for (family, count) in read(values.iter().copied()) {
            separator.next(out);
            put!(out, family, ' ', count);
        }
        out.push(')');
    }

    fn json(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("{ \"name\": \"multiple-labels\"");
        for (family, count) in read(values.iter().copied()) {
            put!(out, ", ", Quoted(family.join("/")), ": ", count);
        }
        out.push_str(" }");
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        entries(dice, out, |dice, out| out.push(dice.u8()));
    }
}
