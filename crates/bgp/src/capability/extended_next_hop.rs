//! Extended Next Hop Encoding (RFC 8950 §4): `(afi(2) safi(2) next-hop-afi(2))*`.

use super::{Capability, code};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::json::Separator;
use crate::put;
use crate::read::Reader;

/// See the module.
#[derive(Debug)]
pub struct ExtendedNextHop;

/// Families, each with an address family its next hop may have; each pair once, in the order they came.
/// A SAFI beyond 255 cannot be any family and is left out.
pub fn read<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Vec<(Family, Afi)> {
    let mut pairs = Vec::new();
    for value in values {
        for &[a, b, c, d, e, f] in value.as_chunks::<6>().0 {
            let pair = (Family::new(Afi(u16::from_be_bytes([a, b])), Safi(d)), Afi(u16::from_be_bytes([e, f])));
            if c == 0 && !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
    }
    pairs
}

/// The value that offers these pairs; of more than 42 the first ones.
pub fn build(pairs: &[(Family, Afi)]) -> Vec<u8> {
    let mut value = Vec::new();
    for (family, next_hop) in pairs.iter().take(42) {
        value.extend_from_slice(&family.afi.0.to_be_bytes());
        value.extend_from_slice(&u16::from(family.safi.0).to_be_bytes());
        value.extend_from_slice(&next_hop.0.to_be_bytes());
    }
    value
}

fn afi(afi: Afi, out: &mut String) {
    match afi.name() {
        Some(name) => out.push_str(name),
        None => put!(out, "afi-", afi.0),
    }
}

impl Capability for ExtendedNextHop {
    const CODE: u8 = code::EXTENDED_NEXT_HOP;
    const NAME: &'static str = "nexthop";
    const DOC: &'static str = "Families whose next hop may be of another address family.";
    const RFC: &'static str = "RFC 8950";
    const MERGES: bool = true;
    const SINCE: Option<Dialect> = Some(Dialect::V4);

    fn check(value: Reader<'_>) -> Result<(), Malformed> {
        value.items(
            6,
            ["extended next hop", "a whole number of entries"],
            ("entry", |entry, out| {
                for (family, next_hop) in read([entry]) {
                    put!(out, family, ' ');
                    afi(next_hop, out);
                }
            }),
        )
    }

    fn text(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("nexthop(");
        let mut separator = Separator::new(",");
        for (family, next_hop) in read(values.iter().copied()) {
            separator.next(out);
            put!(out, family, ' ');
            afi(next_hop, out);
        }
        out.push(')');
    }

    fn json(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("{ \"name\": \"nexthop\", \"conversion\": [ ");
        let pairs = read(values.iter().copied());
        let mut separator = Separator::new(", ");
        for (family, next_hop) in &pairs {
            separator.next(out);
            put!(out, '"', family.join("/"), '/');
            afi(*next_hop, out);
            out.push('"');
        }
        out.push_str(if pairs.is_empty() { "] }" } else { " ] }" });
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        for _ in 0..=dice.below(3) {
            out.extend([0, 1 + dice.u8() % 2, 0, dice.u8(), 0, 1 + dice.u8() % 2]);
        }
    }
}
