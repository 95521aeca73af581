//! OPEN (RFC 4271 §4.2, §6.2; RFC 5492; RFC 9072): `version(1) my-as(2) hold-time(2) identifier(4) parameters`.
//!
//! `parameters` is `length(1) (type(1) length(1) value)*`, or `255 255 length(2) (type(1) length(2) value)*`; the value
//! of the one type in use, 2, is `(code(1) length(1) value)*`.
//!
//! ```
//! use herald_bgp::capability::{code, multiprotocol};
//! use herald_bgp::family::Family;
//! use herald_bgp::message;
//! use herald_bgp::open::Open;
//!
//! let mut open = Open::new(65001, 90, [192, 0, 2, 1].into());
//! open.capabilities.push((code::MULTIPROTOCOL, multiprotocol::build(Family::IPV6_UNICAST)));
//! let mut octets = Vec::new();
//! open.write(&mut octets);
//! let (message, _) = message::split(&octets, message::MAX).unwrap().unwrap();
//! let read = Open::read(message.body()).unwrap();
//! assert_eq!((read.asn().0, read.hold_time, read.has(code::MULTIPROTOCOL)), (65001, 90, true));
//! ```

use crate::capability::{self, code};
use crate::error::{Fault, Malformed};
use crate::message::{self, Kind};
use crate::notification::Notification;
use crate::read::Reader;
use crate::value::Asn;
use crate::write::Writer;
use std::net::Ipv4Addr;

/// The type of the parameter that holds capabilities (RFC 5492 §4).
const CAPABILITIES: u8 = 2;
/// In the place of a length and of a parameter type: two-octet lengths follow (RFC 9072 §2).
const EXTENDED: u8 = 255;
/// What `my-as` holds for an AS beyond 65535 (RFC 6793 §9).
const AS_TRANS: u16 = 23456;

/// What the fields are called, and where they are in the body.
#[allow(missing_docs)]
pub mod field {
    pub const VERSION: (&str, usize) = ("version", 0);
    pub const MY_AS: (&str, usize) = ("my autonomous system", 1);
    pub const HOLD_TIME: (&str, usize) = ("hold time", 3);
    pub const IDENTIFIER: (&str, usize) = ("BGP identifier", 5);
    pub const CAPABILITIES: (&str, usize) = ("capabilities", 9);
}

/// An OPEN, read or to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Open {
    /// Protocol version: 4.
    pub version: u8,
    /// The two-octet field: AS_TRANS if the AS does not fit.
    pub my_as: u16,
    /// Seconds; 0 or at least 3.
    pub hold_time: u16,
    /// BGP Identifier.
    pub router_id: Ipv4Addr,
    /// All capabilities in the order they came, repeated ones included, unknown ones as their bytes.
    pub capabilities: Vec<(u8, Vec<u8>)>,
}

impl Open {
    /// An OPEN without capabilities, for an AS that may not fit the two-octet field.
    pub fn new(asn: u32, hold_time: u16, router_id: Ipv4Addr) -> Open {
        let my_as = u16::try_from(asn).unwrap_or(AS_TRANS);
        Open { version: 4, my_as, hold_time, router_id, capabilities: Vec::new() }
    }

    /// Reads a message body. Errors are those of the syntax: what the speaker thinks of the values is its business.
    ///
    /// Errors: 2/1 with the greatest version we speak, 2/4 for a parameter of another type than 2, 2/0 for anything
    /// that does not fit where it is (RFC 4271 §6.2) and for a capability whose value is malformed.
    pub fn read(body: &[u8]) -> Result<Open, Notification> {
        Open::read_from(Reader::new(body, message::HEADER)).map_err(|fault| fault.notification)
    }

    /// [`Open::read`] of the body a reader has come to.
    pub fn read_from(r: Reader<'_>) -> Result<Open, Fault> {
        Open::parse(r).map_err(|Refused(malformed, notification)| Fault::reset(malformed, notification))
    }

    fn parse(mut r: Reader<'_>) -> Result<Open, Refused> {
        let start = r;
        let version = r.u8(field::VERSION.0)?;
        if version != 4 {
            return Err(Refused(start.malformed(field::VERSION.0, "4"), Notification::with(2, 1, [0, 4])));
        }
        let my_as = r.u16(field::MY_AS.0)?;
        let hold_time = r.u16(field::HOLD_TIME.0)?;
        let router_id = r.ipv4(field::IDENTIFIER.0)?;
        let mut open = Open { version, my_as, hold_time, router_id, capabilities: Vec::new() };
        open.read_parameters(r)?;
        Ok(open)
    }

    fn read_parameters(&mut self, mut r: Reader<'_>) -> Result<(), Refused> {
        let len = r.u8("optional parameters length")?;
        let extended = len != 0 && r.rest().first() == Some(&EXTENDED);
        let len = if extended {
            r.u8("extended optional parameters")?;
            usize::from(r.u16("extended optional parameters length")?)
        } else {
            usize::from(len)
        };
        let mut parameters = r.sub(len, "optional parameters")?;
        r.finish("optional parameters")?;
        while !parameters.is_empty() {
            let start = parameters;
            let kind = parameters.u8("parameter type")?;
            let len = match extended {
                true => usize::from(parameters.u16("parameter length")?),
                false => usize::from(parameters.u8("parameter length")?),
            };
            let value = parameters.sub(len, "parameter")?;
            if kind != CAPABILITIES {
                let malformed = start.malformed("parameter type", "2, for capabilities");
                return Err(Refused(malformed, Notification::new(2, 4)));
            }
            self.capabilities.extend(capabilities(value)?);
        }
        Ok(())
    }

    /// Appends the whole message; each capability in a parameter of its own, RFC 9072 lengths from 255 octets on.
    /// A capability of more than 255 octets cannot be written and is left out.
    pub fn write(&self, out: &mut Vec<u8>) {
        let capabilities = || {
            let with_len = self.capabilities.iter().map(|(code, value)| (*code, u8::try_from(value.len()), value));
            with_len.filter_map(|(code, len, value)| Some((code, len.ok()?, value)))
        };
        let size: usize = capabilities().map(|(_, len, _)| 4 + usize::from(len)).sum();
        let short = u8::try_from(size).ok().filter(|size| *size != EXTENDED);
        message::write(out, Kind::OPEN, |out| {
            let mut w = Writer::new(out);
            w.u8(self.version);
            w.u16(self.my_as);
            w.u16(self.hold_time);
            w.bytes(&self.router_id.octets());
            if let Some(size) = short {
                w.u8(size);
            } else {
                let extra = capabilities().count();
                w.bytes(&[EXTENDED, EXTENDED]);
                w.u16(u16::try_from(size + extra).unwrap_or(u16::MAX));
            }
            for (code, len, value) in capabilities() {
                w.u8(CAPABILITIES);
                match short {
                    Some(_) => w.u8(len.saturating_add(2)),
                    None => w.u16(u16::from(len) + 2),
                }
                w.u8(code);
                w.u8(len);
                w.bytes(value);
            }
        });
    }

    /// The AS the sender says it is in: that of the four-octet capability, which is what the number is carried in by
    /// speakers that have it (RFC 6793 §4.1); of others, the two-octet field.
    pub fn asn(&self) -> Asn {
        let wide = capability::asn4::read(self.values(code::ASN4));
        wide.unwrap_or(Asn(u32::from(self.my_as)))
    }

    /// True if a capability with this code is there.
    pub fn has(&self, code: u8) -> bool {
        self.capabilities.iter().any(|(c, _)| *c == code)
    }

    /// All values of one capability.
    pub fn values(&self, code: u8) -> impl Iterator<Item = &[u8]> {
        self.capabilities.iter().filter(move |(c, _)| *c == code).map(|(_, value)| &value[..])
    }
}

/// Capabilities, one behind the other: `(code(1) length(1) value)*` (RFC 5492 §4).
pub(crate) fn capabilities(mut r: Reader<'_>) -> Result<Vec<(u8, Vec<u8>)>, Malformed> {
    let mut all = Vec::new();
    while !r.is_empty() {
        let start = r;
        let code = r.u8("capability code")?;
        r.says(|| capability::spec(code).map_or("", |spec| spec.name));
        let len = r.u8("capability length")?;
        let value = r.sub(len.into(), "capability value")?;
        r.whole(&start, |dialect| capability::meaning(code, value.rest(), dialect));
        if let Some(spec) = capability::spec(code) {
            let verdict = (spec.check)(value);
            if !spec.tolerated {
                verdict?;
            }
        }
        all.push((code, value.rest().to_vec()));
    }
    Ok(all)
}

/// Why an OPEN is not taken. Octets that do not fit where they are: 2/0 (RFC 4271 §6.2).
struct Refused(Malformed, Notification);

impl From<Malformed> for Refused {
    fn from(malformed: Malformed) -> Refused {
        Refused(malformed, Notification::new(2, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn body(open: &Open) -> Vec<u8> {
        let mut out = Vec::new();
        open.write(&mut out);
        let (message, rest) = message::split(&out, message::MAX_EXTENDED).unwrap().unwrap();
        assert!(rest.is_empty());
        message.body().to_vec()
    }

    fn bytes(hex: &str) -> Vec<u8> {
        crate::text::hex(hex).unwrap()
    }

    #[test]
    fn a_known_open_is_written_octet_for_octet() {
        let wire = bytes(
            "04fde800b401020304460206010400010001020601040002000102064104\
             0000fde80206450400010103020c400a80780001018000020180020202000202460002020600020649040168016402024d00",
        );
        let mut wire = wire;
        wire[9] = u8::try_from(wire.len() - 10).unwrap();
        let open = Open::read(&wire).unwrap();
        assert_eq!((open.asn(), open.hold_time, open.router_id), (Asn(65000), 180, Ipv4Addr::new(1, 2, 3, 4)));
        assert_eq!(capability::hostname::read(open.values(code::HOSTNAME)), Some(("h".into(), "d".into())));
        assert_eq!(body(&open), wire);
    }

    #[test]
    fn parameters_of_255_octets_take_two_octet_lengths() {
        let with = |len: usize| Open {
            capabilities: vec![(200, vec![7; len])],
            ..Open::new(65000, 90, Ipv4Addr::new(1, 2, 3, 4))
        };
        let short = body(&with(250));
        assert_eq!((short[9], short.len()), (254, 10 + 254));
        assert_eq!(Open::read(&short), Ok(with(250)));
        for len in [251, 253, 255] {
            let long = body(&with(len));
            assert_eq!(long[9..13], [255, 255, 1, u8::try_from(len + 5 - 256).unwrap()]);
            assert_eq!(Open::read(&long), Ok(with(len)));
        }
        assert_eq!(body(&with(256)).len(), 10, "a capability that has no length");
    }

    #[test]
    fn extended_parameters_are_read_in_both_ways() {
        let capability = [2, 0, 6, 1, 4, 0, 1, 0, 1];
        for first in [255, 9] {
            let mut wire = bytes("04fdea005a0a000002");
            wire.extend_from_slice(&[first, 255, 0, 9]);
            wire.extend_from_slice(&capability);
            let open = Open::read(&wire).unwrap();
            assert_eq!(open.capabilities, [(1, vec![0, 1, 0, 1])]);
        }
        // 255 octets of ordinary parameters: an unknown capability fills them.
        let mut wire = bytes("04fdea005a0a000002ff02fdc8fb");
        wire.extend_from_slice(&[0; 251]);
        assert_eq!(Open::read(&wire).unwrap().capabilities, [(200, vec![0; 251])]);
    }

    #[test]
    fn the_as_is_that_of_the_four_octet_capability() {
        let mut open = Open::new(4_200_000_000, 90, Ipv4Addr::LOCALHOST);
        assert_eq!(open.asn(), Asn(23456));
        open.capabilities.push((code::ASN4, capability::asn4::build(Asn(4_200_000_000))));
        assert_eq!((open.my_as, open.asn()), (23456, Asn(4_200_000_000)));
        open.my_as = 65000;
        assert_eq!(open.asn(), Asn(4_200_000_000), "the field contradicts the capability");
    }

    #[test]
    fn what_is_wrong_is_answered_as_the_rfc_says() {
        let code = |hex: &str| Open::read(&bytes(hex)).map_err(|n| (n.code, n.subcode, n.data));
        assert_eq!(code("03fdea005a0a00000200"), Err((2, 1, vec![0, 4])));
        assert_eq!(code("04fdea005a0a00000204010200ff"), Err((2, 4, vec![])), "authentication");
        assert_eq!(code("04fdea005a0a0000020400020000"), Err((2, 4, vec![])), "an unknown parameter");
        assert_eq!(code("04fdea005a0a00000205020301040001"), Err((2, 0, vec![])), "a capability that is cut");
        assert_eq!(code("04fdea005a0a0000023c0206010400010001"), Err((2, 0, vec![])), "parameters that are cut");
        assert_eq!(code("04fdea005a0a0000020000"), Err((2, 0, vec![])), "octets behind the end");
        assert_eq!(code("04fdea005a0a000002050203410100"), Err((2, 0, vec![])), "an AS number of one octet");
    }

    prop_compose! {
        fn opens()(
            asn: u32, hold_time: u16, router_id: u32,
            capabilities in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..80)), 0..10),
        ) -> Open {
            let capabilities = capabilities.into_iter().filter(|(code, value)| {
                capability::spec(*code).is_none_or(|spec| spec.tolerated || (spec.check)(Reader::new(value, 0)).is_ok())
            });
            Open { capabilities: capabilities.collect(), ..Open::new(asn, hold_time, router_id.into()) }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(open in opens()) {
            let wire = body(&open);
            prop_assert_eq!(Open::read(&wire), Ok(open));
        }

        #[test]
        fn a_cut_open_is_an_error_at_each_octet(open in opens()) {
            let wire = body(&open);
            for n in 0..wire.len() {
                prop_assert_eq!(Open::read(&wire[..n]).map_err(|e| (e.code, e.subcode)), Err((2, 0)));
            }
        }

        #[test]
        fn no_octets_panic(noise in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Open::read(&noise);
            let head = bytes("04fdea005a0a000002");
            let mut wire = head;
            wire.push(u8::try_from(noise.len().min(255)).unwrap());
            wire.extend_from_slice(&noise);
            if let Ok(open) = Open::read(&wire) {
                prop_assert_eq!(Open::read(&body(&open)), Ok(open));
            }
        }
    }
}
