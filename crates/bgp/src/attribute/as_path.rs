//! AS_PATH (RFC 4271 §4.3, §5.1.2; RFC 5065; RFC 6793): `{ type(1) count(1) asn(4)* }*`.

use crate::value::Asn;

/// An AS_PATH with four-octet AS numbers.
#[derive(Clone, Copy, Debug)]
pub struct AsPath<'a>(pub &'a [u8]);

impl<'a> AsPath<'a> {
    /// The segments: type, and the octets of the AS numbers in it.
    pub fn segments(self) -> impl Iterator<Item = (u8, &'a [u8])> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let [kind, count, tail @ ..] = rest else { return None };
            let (asns, tail) = tail.split_at_checked(usize::from(*count) * 4)?;
            rest = tail;
            Some((*kind, asns))
        })
    }

    /// All AS numbers in order, whatever segment they are in.
    pub fn asns(self) -> impl Iterator<Item = Asn> {
        self.segments()
            .flat_map(|(_, asns)| asns.chunks_exact(4))
            .filter_map(|b| b.first_chunk::<4>().map(|b| Asn(u32::from_be_bytes(*b))))
    }
}
