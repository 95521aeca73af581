//! From a route of a table back to the message that announced it.

use crate::attribute::{self, Attr, code, flags};
use crate::family::Family;
use crate::message::{self, Kind};
use crate::write::{TooLong, Writer};

/// Appends an UPDATE that announces the NLRI with the attributes of a table's entry. The next hop of MP_REACH_NLRI may stand
/// alone (RFC 6396 §4.3.4) or in a whole attribute: both are found in files, and so is NEXT_HOP for any family. What cannot
/// be split into attributes is left out.
pub fn write_update(
    family: Family,
    path_id: Option<u32>,
    nlri: &[u8],
    attributes: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), TooLong> {
    let mut nlris = Vec::with_capacity(nlri.len() + 4);
    path_id.into_iter().for_each(|id| nlris.extend_from_slice(&id.to_be_bytes()));
    nlris.extend_from_slice(nlri);

    let (mut kept, mut hop, mut plain_hop, mut rest) = (Vec::new(), None, None, attributes);
    while let Some((attr, behind)) = attribute::split(rest) {
        rest = behind;
        match attr.code {
            code::MP_REACH_NLRI => hop = Some(next_hop(attr.value).to_vec()),
            code::MP_UNREACH_NLRI => {}
            code::NEXT_HOP => plain_hop = Some(attr),
            _ => attribute::write(&mut kept, attr),
        }
    }
    // NEXT_HOP is for the NLRI field alone; a table may have the route without any.
    let inline = family == Family::IPV4_UNICAST && (plain_hop.is_some() || hop.is_none());
    if inline {
        plain_hop.into_iter().for_each(|attr| attribute::write(&mut kept, attr));
    } else {
        let rd = if family.spec().next_hop.has_rd() { 8 } else { 0 };
        let plain = || plain_hop.map(|attr| std::iter::repeat_n(0, rd).chain(attr.value.iter().copied()).collect());
        let hop: Vec<u8> = hop.or_else(plain).unwrap_or_default();
        let mut value = Vec::with_capacity(5 + hop.len() + nlris.len());
        let mut w = Writer::new(&mut value);
        w.u16(family.afi.0);
        w.u8(family.safi.0);
        let length = w.len8();
        w.bytes(&hop);
        w.fill(length)?;
        w.u8(0);
        w.bytes(&nlris);
        attribute::write(&mut kept, Attr { code: code::MP_REACH_NLRI, flags: flags::OPTIONAL, value: &value });
        nlris.clear();
    }
    let fixed = message::HEADER + 4; // no withdrawn routes, and two lengths
    if fixed + kept.len() + nlris.len() > message::MAX_EXTENDED {
        return Err(TooLong);
    }
    let length = u16::try_from(kept.len()).map_err(|_| TooLong)?;
    message::write(out, Kind::UPDATE, |out| {
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&kept);
        out.extend_from_slice(&nlris);
    });
    Ok(())
}

/// The next hop of an MP_REACH_NLRI that has only that, `length(1) hop`, or of a whole one, `AFI(2) SAFI(1) length(1) hop …`.
/// Its first octet tells: no next hop is empty, and no AFI in use begins otherwise than with 0 or 64.
fn next_hop(value: &[u8]) -> &[u8] {
    let alone = value.split_first().filter(|(length, hop)| usize::from(**length) == hop.len());
    let whole = || {
        let (length, behind) = value.get(3..)?.split_first()?;
        behind.get(..usize::from(*length))
    };
    alone.map(|(_, hop)| hop).or_else(whole).unwrap_or(&[])
}
