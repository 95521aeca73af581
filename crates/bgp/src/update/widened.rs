//! What a two-octet speaker meant (RFC 6793).

use crate::attribute::{self, Codes, code};
use crate::value::Asn;

/// AS_PATH and AGGREGATOR of a two-octet session.
#[derive(Debug)]
pub(super) struct Widened {
    pub as_path: Vec<u8>,
    pub aggregator: [u8; 8],
}

/// AS_PATH and AGGREGATOR four octets wide, with the help of AS4_PATH and AS4_AGGREGATOR (RFC 6793 §4.2.3), which are
/// not to be seen then.
pub(super) fn widen(attributes: &[u8], hidden: &mut Codes) -> Widened {
    let value = |code| {
        let mut rest = attributes;
        let mut next = || {
            let (attr, behind) = attribute::split(rest)?;
            rest = behind;
            Some(attr)
        };
        let found = std::iter::from_fn(&mut next).find(|attr| attr.code == code);
        found.filter(|_| !hidden.contains(code)).map(|attr| attr.value)
    };
    let aggregator = value(code::AGGREGATOR).and_then(|v| v.first_chunk::<6>()).copied();
    let wide = value(code::AS4_AGGREGATOR).and_then(|v| v.first_chunk::<8>()).copied();
    // where both are, and the narrow one says an AS, somebody on the way knew nothing of the wide ones
    let honest = wide.is_none() || aggregator.is_none_or(|[a, b, ..]| u16::from_be_bytes([a, b]) == Asn::TRANS);
    let mut as_path = value(code::AS_PATH).map(attribute::widen).unwrap_or_default();
    if let (true, Some(path)) = (honest, value(code::AS4_PATH)) {
        as_path = attribute::merge(&as_path, path);
    }
    let aggregator = match (aggregator, wide.filter(|_| honest)) {
        (Some(_), Some(wide)) => wide,
        (Some([a, b, rest @ ..]), None) => {
            let [c, d, e, f] = rest;
            [0, 0, a, b, c, d, e, f]
        }
        (None, _) => [0; 8],
    };
    hidden.insert(code::AS4_PATH);
    hidden.insert(code::AS4_AGGREGATOR);
    Widened { as_path, aggregator }
}
