//! FQDN (draft-walton-bgp-hostname-capability): `length(1) host length(1) domain`, each UTF-8 of at most 64 octets.

use super::{Capability, code, sample_text};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::json;
use crate::read::Reader;
use crate::text;

/// See the module.
#[derive(Debug)]
pub struct Hostname;

/// Host and domain of the last instance. Octets that are no UTF-8 are replaced: this is for people to read.
pub fn read<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Option<(String, String)> {
    let mut r = Reader::new(values.into_iter().last()?, 0);
    let mut part = || {
        let len = r.u8("length")?;
        Ok::<_, Malformed>(String::from_utf8_lossy(r.take(len.into(), "name")?).into_owned())
    };
    Some((part().ok()?, part().ok()?))
}

/// The value that says this name; each part is cut to 64 octets.
pub fn build(host: &str, domain: &str) -> Vec<u8> {
    let mut value = Vec::new();
    for part in [host, domain] {
        text::push_counted(&mut value, part, 64);
    }
    value
}

impl Capability for Hostname {
    const CODE: u8 = code::HOSTNAME;
    const NAME: &'static str = "hostname";
    const DOC: &'static str = "The name of the machine.";
    const RFC: &'static str = "draft-walton-bgp-hostname-capability";
    const MERGES: bool = false;
    const SINCE: Option<Dialect> = Some(Dialect::V5);

    fn check(mut value: Reader<'_>) -> Result<(), Malformed> {
        for [length, name] in [["host name length", "host name"], ["domain name length", "domain name"]] {
            let len = value.u8(length)?;
            value.text(len.into(), name)?;
        }
        Ok(())
    }

    fn text(values: &[&[u8]], out: &mut String, _: Dialect) {
        let (host, domain) = read(values.iter().copied()).unwrap_or_default();
        out.push_str("hostname(");
        text::escape(out, &host.to_lowercase());
        out.push(' ');
        text::escape(out, &domain.to_lowercase());
        out.push(')');
    }

    fn json(values: &[&[u8]], out: &mut String, dialect: Dialect) {
        let (host, domain) = read(values.iter().copied()).unwrap_or_default();
        let value = |out: &mut String, name: &str| match dialect {
            Dialect::V6 => json::string(out, name),
            _ if name.is_empty() => out.push_str("null"),
            _ => json::string(out, name),
        };
        out.push_str("{ \"host-name\": ");
        value(out, &host);
        out.push_str(", \"domain-name\": ");
        value(out, &domain);
        out.push_str(" }");
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        (0..2).for_each(|_| sample_text(dice, out));
    }
}
