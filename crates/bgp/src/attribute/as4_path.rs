//! AS4_PATH (RFC 6793 §3, §4.2): an AS_PATH with four-octet AS numbers, carried past speakers that know only two, and
//! how to put the two together again.

use super::as_path::{self, Admits, AsPath, AsPathAttribute, counted, segment};
use super::{Attribute, code, flags};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::read::Reader;
use crate::text::{Diagnostic, Words};

/// The AS path behind the AS_PATH of a two-octet session.
pub(super) struct As4Path;

impl Attribute for As4Path {
    const CODE: u8 = code::AS4_PATH;
    const FLAGS: u8 = flags::OPTIONAL | flags::TRANSITIVE;
    const NAME: &'static str = "as4-path";
    const KEYWORDS: &'static [&'static str] = &[];
    const DOC: &'static str = "the AS path towards speakers of two-octet AS numbers";
    const RFC: &'static str = "RFC 6793 §3";
    const SINCE: Option<Dialect> = Some(Dialect::V4);
    const FAULT: Outcome = Outcome::AttributeDiscard;
    const MAY_BE_EMPTY: bool = false;

    fn check(r: Reader<'_>, cx: &Context) -> Result<(), Malformed> {
        let admits = Admits { confederations: true, zero_asn: cx.zero_asn };
        as_path::check::<4>(r, admits, "AS4_PATH")
    }

    /// Nobody checks it where AS numbers have four octets: it is ignored there.
    fn fields(value: Reader<'_>) {
        let _ = as_path::check::<4>(value, Admits { confederations: true, zero_asn: true }, "AS4_PATH");
    }

    fn text(value: &[u8], out: &mut String, dialect: Dialect) {
        AsPathAttribute::text(value, out, dialect);
    }

    fn json(value: &[u8], out: &mut String, dialect: Dialect) {
        AsPathAttribute::json(value, out, dialect);
    }

    fn parse(words: &mut Words<'_>, _: &mut Vec<u8>) -> Result<(), Diagnostic> {
        Err(super::unwritable(words, Self::NAME))
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        while out.is_empty() {
            AsPathAttribute::sample(dice, out);
        }
    }
}

/// An AS_PATH of two-octet numbers with four-octet ones.
pub(crate) fn widen(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len() * 2);
    let mut rest = path;
    while let [kind, count, tail @ ..] = rest {
        let Some((asns, tail)) = tail.split_at_checked(usize::from(*count) * 2) else { break };
        rest = tail;
        out.extend([*kind, *count]);
        for asn in asns.as_chunks::<2>().0 {
            out.extend([0, 0]);
            out.extend(asn);
        }
    }
    out
}

/// The path that AS_PATH (widened) and AS4_PATH make together (RFC 6793 §4.2.3): as many leading AS numbers of the
/// AS_PATH as it is longer, then the AS4_PATH. An AS4_PATH that is longer than the AS_PATH is not believed.
pub(crate) fn merge(path: &[u8], as4_path: &[u8]) -> Vec<u8> {
    // confederation segments have no business in an AS4_PATH
    let tail = || AsPath(as4_path).segments().filter(|(kind, _)| matches!(*kind, segment::SET | segment::SEQUENCE));
    let known: usize = tail().map(|(kind, asns)| counted(kind, asns.len() / 4)).sum();
    let Some(mut missing) = AsPath(path).length().checked_sub(known) else { return path.to_vec() };
    let mut out = Vec::with_capacity(path.len());
    for (kind, asns) in AsPath(path).segments() {
        let taken = match kind {
            segment::SEQUENCE => asns.get(..missing.min(asns.len() / 4) * 4).unwrap_or(&[]),
            segment::SET if missing == 0 => &[],
            _ => asns,
        };
        if taken.is_empty() {
            break;
        }
        missing -= counted(kind, taken.len() / 4);
        append(kind, taken, &mut out);
        if taken.len() < asns.len() {
            break;
        }
    }
    let head = out.len();
    for (position, (kind, asns)) in tail().enumerate() {
        if position > 0 || !join(head, kind, asns, &mut out) {
            append(kind, asns, &mut out);
        }
    }
    out
}

fn append(kind: u8, asns: &[u8], out: &mut Vec<u8>) {
    out.extend([kind, u8::try_from(asns.len() / 4).unwrap_or(u8::MAX)]);
    out.extend(asns);
}

/// Adds `asns` to the last segment if both are sequences and fit into one.
fn join(head: usize, kind: u8, asns: &[u8], out: &mut Vec<u8>) -> bool {
    let Some((last, count)) = AsPath(out).segments().last().map(|(kind, asns)| (kind, asns.len() / 4)) else {
        return false;
    };
    let Ok(total) = u8::try_from(count + asns.len() / 4) else { return false };
    if last != segment::SEQUENCE || kind != segment::SEQUENCE {
        return false;
    }
    if let Some(field) = head.checked_sub(count * 4 + 1).and_then(|at| out.get_mut(at)) {
        *field = total;
    }
    out.extend(asns);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Asn;

    fn path(segments: &[(u8, &[u32])]) -> Vec<u8> {
        let mut out = Vec::new();
        for (kind, asns) in segments {
            let octets: Vec<u8> = asns.iter().flat_map(|asn| asn.to_be_bytes()).collect();
            append(*kind, &octets, &mut out);
        }
        out
    }

    #[test]
    fn the_two_paths_become_one() {
        const TRANS: u32 = Asn::TRANS as u32;
        let whole: &[(u8, &[u32])] = &[(2, &[1, 2, 196_613])];
        assert_eq!(merge(&path(&[(2, &[1, 2, TRANS])]), &path(whole)), path(whole));
        assert_eq!(merge(&path(&[(2, &[9, 1, 2, TRANS])]), &path(whole)), path(&[(2, &[9, 1, 2, 196_613])]));
        // longer than the AS_PATH: not believed
        assert_eq!(merge(&path(&[(2, &[1, TRANS])]), &path(whole)), path(&[(2, &[1, TRANS])]));
        // a set counts one; what it stands beside stays
        let old = path(&[(2, &[7]), (1, &[5, 6]), (2, &[TRANS])]);
        assert_eq!(merge(&old, &path(&[(2, &[70_000])])), path(&[(2, &[7]), (1, &[5, 6]), (2, &[70_000])]));
        // leading confederation segments are kept, those in the AS4_PATH are not
        let old = path(&[(3, &[64_600]), (2, &[8, TRANS])]);
        let new = path(&[(3, &[64_601]), (2, &[70_000])]);
        assert_eq!(merge(&old, &new), path(&[(3, &[64_600]), (2, &[8, 70_000])]));
        assert_eq!(merge(&path(&[(2, &[1, 2])]), &[]), path(&[(2, &[1, 2])]));
        assert_eq!(widen(&[2, 2, 0, 1, 0x5b, 0xa0]), path(&[(2, &[1, TRANS])]));
    }
}
