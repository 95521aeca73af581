//! Outbound Route Filtering (RFC 5291 §5): `(afi(2) reserved(1) safi(1) count(1) (type(1) mode(1))*)*`.
//!
//! Herald keeps no filters of peers and does not offer it; filters in a ROUTE-REFRESH are passed over.

use super::{Capability, code, sample_family};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::json::Separator;
use crate::put;
use crate::put::Quoted;
use crate::read::Reader;

/// Families with the types of filters and their modes (1 receive, 2 send, 3 both), in the order they came.
pub fn read<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Vec<(Family, Vec<[u8; 2]>)> {
    let mut families = Vec::new();
    for value in values {
        let mut r = Reader::new(value, 0);
        while let Ok((family, filters)) = read_family(&mut r) {
            families.push((family, filters.as_chunks::<2>().0.to_vec()));
        }
    }
    families
}

/// The value that offers these filters.
pub fn build(families: &[(Family, Vec<[u8; 2]>)]) -> Vec<u8> {
    let mut value = Vec::new();
    for (family, filters) in families {
        value.extend_from_slice(&family.afi.0.to_be_bytes());
        value.extend_from_slice(&[0, family.safi.0, u8::try_from(filters.len()).unwrap_or(u8::MAX)]);
        value.extend(filters.iter().take(255).flatten());
    }
    value
}

fn read_family<'a>(r: &mut Reader<'a>) -> Result<(Family, &'a [u8]), Malformed> {
    let (afi, _, safi) = (Afi(r.u16("AFI")?), r.u8("reserved")?, Safi(r.u8("SAFI")?));
    let count = r.u8("number of filters")?;
    Ok((Family::new(afi, safi), r.take(2 * usize::from(count), "filters")?))
}

fn check(mut value: Reader<'_>) -> Result<(), Malformed> {
    while !value.is_empty() {
        read_family(&mut value)?;
    }
    Ok(())
}

fn mode(mode: u8) -> &'static str {
    match mode {
        1 => "receive",
        2 => "send",
        3 => "send/receive",
        _ => "unknown",
    }
}

fn text(values: &[&[u8]], out: &mut String) {
    let mut separator = Separator::new(",");
    for (family, filters) in read(values.iter().copied()) {
        separator.next(out);
        put!(out, family);
        for [kind, bits] in filters {
            put!(out, ' ', kind, '=', mode(bits));
        }
    }
    out.push(')');
}

fn json(values: &[&[u8]], name: &str, out: &mut String) {
    put!(out, "{ \"name\": ", Quoted(name), ", \"families\": [ ");
    let mut separator = Separator::new(", ");
    for (family, filters) in read(values.iter().copied()) {
        separator.next(out);
        put!(out, "{ \"family\": ", Quoted(family.join("/")), ", \"filters\": [ ");
        let mut separator = Separator::new(", ");
        for [kind, bits] in filters {
            separator.next(out);
            put!(out, "{ \"type\": ", kind, ", \"mode\": ", Quoted(mode(bits)), " }");
        }
        out.push_str(" ] }");
    }
    out.push_str(" ] }");
}

macro_rules! variants {
    ($($type:ident = $code:ident, $name:literal, $about:literal, $text:literal;)*) => {$(
        #[doc = $about]
        #[derive(Debug)]
        pub(super) struct $type;

        impl Capability for $type {
            const CODE: u8 = code::$code;
            const NAME: &'static str = $name;
            const DOC: &'static str = $about;
            const RFC: &'static str = "RFC 5291";
            const MERGES: bool = true;
            const SINCE: Option<Dialect> = None;

            fn check(value: Reader<'_>) -> Result<(), Malformed> {
                check(value)
            }
            fn text(values: &[&[u8]], out: &mut String, _: Dialect) {
                out.push_str($text);
                text(values, out);
            }
            fn json(values: &[&[u8]], out: &mut String, _: Dialect) {
                json(values, $name, out);
            }
            fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
                let filters = (0..dice.below(3)).map(|_| dice.array()).collect();
                out.extend(build(&[(sample_family(dice), filters)]));
            }
        }
    )*};
}

variants! {
    OutboundRouteFiltering = OUTBOUND_ROUTE_FILTERING, "outbound-route-filtering",
        "Filters of the receiver can be applied by the sender.", "outbound route filtering(";
    OutboundRouteFilteringCisco = OUTBOUND_ROUTE_FILTERING_CISCO, "cisco-outbound-route-filtering",
        "Outbound route filtering, under the number it had before its RFC.", "cisco outbound route filtering(";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_is_read() {
        let families = vec![(Family::IPV4_UNICAST, vec![[64, 3], [128, 1]]), (Family::IPV6_UNICAST, vec![])];
        let value = build(&families);
        assert_eq!(value, [0, 1, 0, 1, 2, 64, 3, 128, 1, 0, 2, 0, 1, 0]);
        assert_eq!((read([&value[..]]), check(Reader::new(&value, 0))), (families, Ok(())));
        let mut out = String::new();
        text(&[&value], &mut out);
        assert_eq!(out, "ipv4 unicast 64=send/receive 128=receive,ipv6 unicast)");
    }
}
