//! Multiprotocol Extensions (RFC 4760 §8): `afi(2) reserved(1) safi(1)`, one instance for each family.

use super::{Capability, code, sample_family};
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
pub struct Multiprotocol;

/// The families offered, each once, in the order they came.
pub fn read<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Vec<Family> {
    let mut families = Vec::new();
    for value in values {
        if let Some(&[high, low, _, safi]) = value.first_chunk::<4>() {
            let family = Family::new(Afi(u16::from_be_bytes([high, low])), Safi(safi));
            if !families.contains(&family) {
                families.push(family);
            }
        }
    }
    families
}

/// The value that offers one family.
pub fn build(family: Family) -> Vec<u8> {
    let [high, low] = family.afi.0.to_be_bytes();
    vec![high, low, 0, family.safi.0]
}

impl Capability for Multiprotocol {
    const CODE: u8 = code::MULTIPROTOCOL;
    const NAME: &'static str = "multiprotocol";
    const DOC: &'static str = "Address families whose routes can be exchanged.";
    const RFC: &'static str = "RFC 4760 §8";
    const MERGES: bool = true;
    const SINCE: Option<Dialect> = Some(Dialect::V4);

    fn check(mut value: Reader<'_>) -> Result<(), Malformed> {
        Afi::read(&mut value)?;
        value.u8("reserved")?;
        Safi::read(&mut value)?;
        value.finish("multiprotocol")
    }

    fn text(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("multiprotocol(");
        let mut separator = Separator::new(",");
        for family in read(values.iter().copied()) {
            separator.next(out);
            put!(out, family);
        }
        out.push(')');
    }

    fn json(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("{ \"name\": \"multiprotocol\", \"families\": [ ");
        let families = read(values.iter().copied());
        let mut separator = Separator::new(", ");
        for family in &families {
            separator.next(out);
            put!(out, Quoted(family.join("/")));
        }
        out.push_str(if families.is_empty() { "] }" } else { " ] }" });
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        let family = sample_family(dice);
        out.extend(build(family));
    }
}
