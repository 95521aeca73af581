//! An SR Policy's TLV as events show it, and its sub-TLVs as keywords of a route (RFC 9830 §2.2).
//!
//! The statement of an SR Policy makes NLRI and attribute at once: each keyword appends its sub-TLV to the attribute, in
//! the order they are written.

use super::sub_tlv::{self, SEGMENT_LIST};
use super::{FLAGS, SR_POLICY, segment_list, sub_tlvs, tunnel, tunnels};
use crate::attribute::code;
use crate::json::Separator;
use crate::put;
use crate::put::Hex;
use crate::route::{Draft, Keyword};
use crate::text::{Diagnostic, Words};

/// Sub-TLV types that came before.
#[derive(Default)]
struct Seen([u128; 2]);

impl Seen {
    /// Notes a type; false if it was noted before.
    fn first(&mut self, code: u8) -> bool {
        let bit = 1u128 << (code & 127);
        let Some(half) = self.0.get_mut(usize::from(code >> 7)) else { return false };
        let first = *half & bit == 0;
        *half |= bit;
        first
    }
}

/// Appends `{"preference": 100, …, "segment-lists": […]}`. Of a repeated sub-TLV the first sound one counts; what is not
/// sound or repeated is shown as what nobody knows is (RFC 9012 §13).
pub(super) fn json(policy: &[u8], out: &mut String) {
    out.push('{');
    let start = out.len();
    let gap = |out: &mut String| {
        if out.len() > start {
            out.push_str(", ");
        }
    };
    let (mut known, mut unknown, mut lists) = (Seen::default(), Seen::default(), false);
    for (code, value) in sub_tlvs(policy) {
        if code == SEGMENT_LIST && segment_list::is_framed(value) {
            lists = true;
            continue;
        }
        let before = out.len();
        gap(out);
        if sub_tlv::json(code, value, out).is_some() && known.first(code) {
            continue;
        }
        out.truncate(before);
        if unknown.first(code) {
            gap(out);
            put!(out, "\"unknown-subtlv-", code, "\": ");
            super::one_or_list(&mut unsound(policy, code), out, super::octets);
        }
    }
    if lists {
        gap(out);
        out.push_str("\"segment-lists\": [");
        let mut separator = Separator::new(", ");
        for (_, value) in
            sub_tlvs(policy).filter(|(code, value)| *code == SEGMENT_LIST && segment_list::is_framed(value))
        {
            separator.next(out);
            sub_tlv::json(SEGMENT_LIST, value, out);
        }
        out.push(']');
    }
    out.push('}');
}

/// The values of one type that do not count.
fn unsound(policy: &[u8], wanted: u8) -> impl Iterator<Item = &[u8]> {
    let (mut known, mut scratch) = (Seen::default(), String::new());
    let mut counts = move |code, value: &[u8]| {
        scratch.clear();
        sub_tlv::json(code, value, &mut scratch).is_some() && (code == SEGMENT_LIST || known.first(code))
    };
    sub_tlvs(policy).filter(move |(code, value)| *code == wanted && !counts(*code, value)).map(|(_, value)| value)
}

/// Appends `sr-policy {preference 100 …}`.
pub(super) fn text(policy: &[u8], out: &mut String) {
    out.push_str("sr-policy {");
    let mut separator = Separator::new(" ");
    for (code, value) in sub_tlvs(policy) {
        separator.next(out);
        let before = out.len();
        if sub_tlv::text(code, value, out).is_none() {
            out.truncate(before);
            put!(out, "unknown-subtlv-", code, " 0x", Hex(value));
        }
    }
    out.push('}');
}

/// The sub-TLVs of an SR Policy as keywords of its route.
pub(crate) const KEYWORDS: &[Keyword] = &[
    Keyword::part("preference", "N", "the highest wins", sub_tlv),
    Keyword::part("priority", "N", "in which order policies are computed anew: the lowest first", sub_tlv),
    Keyword::part("binding-sid", "mpls LABEL | null", "the label that stands for the policy", sub_tlv),
    Keyword::part("srv6-binding-sid", "SID", "the SRv6 SID that stands for the policy", sub_tlv),
    Keyword::part("enlp", "push-ipv4 | push-ipv6 | push-ipv4-ipv6 | no-push", "explicit null labels to push", sub_tlv),
    Keyword::part("candidate-path-name", "TEXT", "the name of the candidate path", sub_tlv),
    Keyword::part("policy-name", "TEXT", "the name of the policy", sub_tlv),
    Keyword::part("segment-list", "weight N segment TYPE …", "a way to the endpoint", sub_tlv).repeats(),
    Keyword::part("sub-tlv", "TYPE 0xOCTETS", "any sub-TLV, as octets", sub_tlv).repeats(),
];

/// Appends the sub-TLV a keyword says to the policy of the draft.
fn sub_tlv(draft: &mut Draft, keyword: &'static str, words: &mut Words<'_>) -> Result<(), Diagnostic> {
    let own = KEYWORDS.iter().any(|known| draft.part(known.word).is_some());
    let before = draft.value(code::TUNNEL_ENCAP).unwrap_or(&[]);
    if !own && !before.is_empty() {
        let error = Diagnostic::error(words.last(), format!("`{keyword}` and `tunnel-encap` are both there"));
        return Err(error.help(format!("write `{keyword}` inside `tunnel-encap [ sr-policy … ]`")));
    }
    let policy = tunnels(before).next().map_or(&[][..], |(_, inside)| inside);
    let (mut value, mut result) = (Vec::new(), Ok(()));
    let length = tunnel(&mut value, SR_POLICY, |out| {
        out.extend_from_slice(policy);
        result = sub_tlv::parse_keyword(SR_POLICY, keyword, words, out);
    });
    result?;
    length.ok_or_else(|| Diagnostic::error(words.last(), "the policy is longer than a message can be"))?;
    draft.add_part(keyword, &[]);
    draft.set(code::TUNNEL_ENCAP, FLAGS, &value);
    Ok(())
}
