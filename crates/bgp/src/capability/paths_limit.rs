//! PATHS-LIMIT (draft-abraitis-idr-addpath-paths-limit): `(afi(2) safi(1) limit(2))*`.

use super::{Capability, check_entries, code, entries};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::json::Separator;
use crate::put;
use crate::put::Quoted;
use crate::read::Reader;

/// See the module.
#[derive(Debug)]
pub struct PathsLimit;

/// The greatest number of paths the speaker takes, by family, in the order they came. A limit of 0 says nothing; of
/// several entries for one family the first counts.
pub fn read<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Vec<(Family, u16)> {
    let mut limits: Vec<(Family, u16)> = Vec::new();
    for value in values {
        for &[a, b, safi, d, e] in value.as_chunks::<5>().0 {
            let family = Family::new(Afi(u16::from_be_bytes([a, b])), Safi(safi));
            let limit = u16::from_be_bytes([d, e]);
            if limit != 0 && !limits.iter().any(|(known, _)| *known == family) {
                limits.push((family, limit));
            }
        }
    }
    limits
}

/// The value that says these limits; of more than 51 families the first ones.
pub fn build(limits: &[(Family, u16)]) -> Vec<u8> {
    let mut value = Vec::new();
    for (family, limit) in limits.iter().take(51) {
        value.extend_from_slice(&family.afi.0.to_be_bytes());
        value.push(family.safi.0);
        value.extend_from_slice(&limit.to_be_bytes());
    }
    value
}

impl Capability for PathsLimit {
    const CODE: u8 = code::PATHS_LIMIT;
    const NAME: &'static str = "paths-limit";
    const DOC: &'static str = "How many paths to one destination are taken.";
    const RFC: &'static str = "draft-abraitis-idr-addpath-paths-limit";
    const MERGES: bool = true;
    const SINCE: Option<Dialect> = Some(Dialect::V6);

    fn check(value: Reader<'_>) -> Result<(), Malformed> {
        check_entries(value, 5, "paths limit")
    }

    fn text(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("pathslimit(");
        let mut separator = Separator::new(",");
        for (family, limit) in read(values.iter().copied()) {
            separator.next(out);
            put!(out, family, ' ', limit);
        }
        out.push(')');
    }

    fn json(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("{ \"name\": \"paths-limit\"");
        for (family, limit) in read(values.iter().copied()) {
            put!(out, ", ", Quoted(family.join("/")), ": ", limit);
        }
        out.push_str(" }");
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        entries(dice, out, |dice, out| dice.octets(2, out));
    }
}
