//! Four-octet AS numbers (RFC 6793 §3): `as(4)`.

use super::{Capability, code};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::json;
use crate::read::Reader;
use crate::value::Asn;

/// See the module.
#[derive(Debug)]
pub struct Asn4;

/// The AS the last instance says.
pub fn read<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Option<Asn> {
    let asn = values.into_iter().last()?.first_chunk::<4>()?;
    Some(Asn(u32::from_be_bytes(*asn)))
}

/// The value that says this AS.
pub fn build(asn: Asn) -> Vec<u8> {
    asn.0.to_be_bytes().to_vec()
}

impl Capability for Asn4 {
    const CODE: u8 = code::ASN4;
    const NAME: &'static str = "asn4";
    const DOC: &'static str = "AS numbers have four octets.";
    const RFC: &'static str = "RFC 6793 §3";
    const MERGES: bool = false;
    const SINCE: Option<Dialect> = Some(Dialect::V4);

    fn check(mut value: Reader<'_>) -> Result<(), Malformed> {
        value.u32("four-octet AS number")?;
        value.finish("four-octet AS number")
    }

    fn text(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("asn4(");
        json::number(out, read(values.iter().copied()).map_or(0, |asn| asn.0));
        out.push(')');
    }

    fn json(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("{ \"name\": \"asn4\", \"asn4\": ");
        json::number(out, read(values.iter().copied()).map_or(0, |asn| asn.0));
        out.push_str(" }");
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        dice.octets(4, out);
    }
}
