//! Software Version (draft-abraitis-bgp-version-capability): `length(1) text`, UTF-8 of at most 64 octets.

use super::{Capability, code, sample_text};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::json;
use crate::read::Reader;
use crate::text;

/// See the module.
#[derive(Debug)]
pub struct SoftwareVersion;

/// The text of the last instance. Octets that are no UTF-8 are replaced: this is for people to read.
pub fn read<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Option<String> {
    let mut r = Reader::new(values.into_iter().last()?, 0);
    let len = r.u8("length").ok()?;
    Some(String::from_utf8_lossy(r.take(len.into(), "text").ok()?).into_owned())
}

/// The value that says this text; a longer one than 64 octets is cut and ends in dots.
pub fn build(version: &str) -> Vec<u8> {
    let mut value = Vec::new();
    if version.len() <= 64 {
        text::push_counted(&mut value, version, 64);
    } else {
        text::push_counted(&mut value, &format!("{}...", text::cut(version, 61)), 64);
    }
    value
}

impl Capability for SoftwareVersion {
    const CODE: u8 = code::SOFTWARE_VERSION;
    const NAME: &'static str = "software-version";
    const DOC: &'static str = "The program that speaks, and its version.";
    const RFC: &'static str = "draft-abraitis-bgp-version-capability";
    const MERGES: bool = false;
    const SINCE: Option<Dialect> = Some(Dialect::V5);

    fn check(mut value: Reader<'_>) -> Result<(), Malformed> {
        let len = value.u8("software version length")?;
        value.text(len.into(), "software version").map(|_| ())
    }

    fn text(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("software(");
        text::escape(out, &read(values.iter().copied()).unwrap_or_default().to_lowercase());
        out.push(')');
    }

    fn json(values: &[&[u8]], out: &mut String, _: Dialect) {
        out.push_str("{ \"software\": ");
        json::string(out, &read(values.iter().copied()).unwrap_or_default());
        out.push_str(" }");
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        sample_text(dice, out);
    }
}
