//! ROUTE-REFRESH (RFC 2918 §3, RFC 7313 §3.2): `afi(2) subtype(1) safi(1)`.

use crate::error::{Fault, Malformed};
use crate::family::{Afi, Family, Safi};
use crate::message::{self, HEADER, Kind};
use crate::notification::Notification;
use crate::read::Reader;

/// A request for a family's routes, or a mark around the answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct RouteRefresh {
    pub family: Family,
    pub subtype: u8,
}

impl RouteRefresh {
    /// Please send the family again.
    pub const REQUEST: u8 = 0;
    /// Beginning of Route Refresh.
    pub const BEGIN: u8 = 1;
    /// End of Route Refresh.
    pub const END: u8 = 2;

    /// Reads a message body; octets beyond the fourth (RFC 5291 filters) are ignored.
    pub fn read(body: &[u8]) -> Result<RouteRefresh, Malformed> {
        RouteRefresh::read_from(Reader::new(body, HEADER))
    }

    /// [`RouteRefresh::read`] of the body a reader has come to.
    pub fn read_from(mut r: Reader<'_>) -> Result<RouteRefresh, Malformed> {
        let afi = Afi::read(&mut r)?;
        let subtype = r.u8("message subtype")?;
        let refresh = RouteRefresh { family: Family::new(afi, Safi(0)), subtype };
        r.says(|| refresh.name().unwrap_or_default());
        Ok(RouteRefresh { family: Family::new(afi, Safi::read(&mut r)?), ..refresh })
    }

    /// What is wrong with the message this was read from, where enhanced refresh was agreed: a mark is four octets long, and
    /// the answer has the complete message (RFC 7313 §5).
    pub fn verify(&self, message: &[u8]) -> Result<(), Fault> {
        if !matches!(self.subtype, Self::BEGIN | Self::END) || message.len() == HEADER + 4 {
            return Ok(());
        }
        let (what, expected) = ("ROUTE-REFRESH", "nothing behind the SAFI of a mark");
        let malformed = Malformed { what, expected, offset: HEADER + 4 };
        Err(Fault::reset(malformed, Notification::with(7, 1, message)))
    }

    /// Appends the whole message.
    pub fn write(&self, out: &mut Vec<u8>) {
        message::write(out, Kind::ROUTE_REFRESH, |out| {
            out.extend_from_slice(&self.family.afi.0.to_be_bytes());
            out.extend_from_slice(&[self.subtype, self.family.safi.0]);
        });
    }

    /// `query`, `begin`, `end`; `None` for a subtype that does not exist.
    pub fn name(&self) -> Option<&'static str> {
        Some(match self.subtype {
            Self::REQUEST => "query",
            Self::BEGIN => "begin",
            Self::END => "end",
            _ => return None,
        })
    }
}
