//! What the data of a NOTIFICATION is, for whoever has its reader told of every field.

use super::{ADMINISTRATIVE_RESET, ADMINISTRATIVE_SHUTDOWN, CEASE, HARD_RESET, Notification, names, takes_text};
use crate::attribute;
use crate::context::Context;
use crate::error::Malformed;
use crate::family::{Afi, Safi};
use crate::message::Kind;
use crate::open;
use crate::read::Reader;
use crate::value::Asn;

/// Reads data that a reader has just given, as the RFC of the code lays it out. Data that is not so is octets, as is that of other codes.
pub(super) fn data(code: u8, subcode: u8, r: Reader<'_>) {
    if takes_text(code, subcode) {
        r.says(|| Notification::with(code, subcode, r.rest()).message());
    }
    if r.trace().is_some() && read(code, subcode, r.told_to(None)).is_ok() {
        let _ = read(code, subcode, r);
    }
}

fn read(code: u8, subcode: u8, mut r: Reader<'_>) -> Result<(), Malformed> {
    match (code, subcode) {
        _ if r.is_empty() => (),
        // RFC 4271 §6.1
        (1, 2) => drop(r.u16("erroneous length")?),
        (1, 3) => kind(&mut r, "erroneous type")?,
        // RFC 4271 §6.2
        (2, 1) => drop(r.u16("supported version")?),
        // RFC 5492 §5
        (2, 7) => drop(open::capabilities(r)?),
        // RFC 4271 §6.3
        (3, 3) => {
            let code = r.u8("missing attribute type")?;
            r.says(|| attribute::spec(code).map_or("", |spec| spec.name));
        }
        (3, 1 | 10) => (),
        (3, _) => erroneous(&mut r)?,
        // RFC 6608 §3
        (5, 1..=3) => kind(&mut r, "unexpected type")?,
        // RFC 4486 §4
        (CEASE, 1) => {
            Afi::read(&mut r)?;
            Safi::read(&mut r)?;
            r.u32("prefix limit")?;
        }
        // RFC 9003 §2
        (CEASE, ADMINISTRATIVE_SHUTDOWN | ADMINISTRATIVE_RESET) => {
            let length = r.u8("Shutdown Communication length")?;
            r.text(length.into(), "Shutdown Communication")?;
        }
        (CEASE, HARD_RESET) => wrapped(&mut r)?,
        _ => (),
    }
    Ok(())
}

fn kind(r: &mut Reader<'_>, what: &'static str) -> Result<(), Malformed> {
    let kind = Kind(r.u8(what)?);
    r.says(|| kind.name().unwrap_or_default());
    Ok(())
}

/// An attribute with its header, which may be wrong in any way.
fn erroneous(r: &mut Reader<'_>) -> Result<(), Malformed> {
    let start = r.offset();
    let attr = attribute::read(r)?;
    let at = r.offset() - attr.value.len();
    if let Some(trace) = r.trace() {
        let cx = Context::plain(Asn(0), Asn(0));
        attribute::tell(trace, [start, at], attr, &cx);
        if let Some(spec) = attribute::spec(attr.code) {
            let _ = (spec.check)(r.again(attr.value, at), &cx);
        }
    }
    Ok(())
}

/// The reason inside a Hard Reset (RFC 8538 §3). One inside another is octets: nobody has a reason to wrap it twice.
fn wrapped(r: &mut Reader<'_>) -> Result<(), Malformed> {
    let code = r.u8("encapsulated error code")?;
    r.says(|| names::code(code));
    let subcode = r.u8("encapsulated error subcode")?;
    r.says(|| names::subcode(code, subcode));
    let inside = r.sub(r.len(), "encapsulated data")?;
    if (code, subcode) != (CEASE, HARD_RESET) {
        data(code, subcode, inside);
    }
    Ok(())
}
