//! The quick question about an UPDATE: is everything as it should be?
//!
//! Nothing is judged here. What this passes over, [`check`](super::check) looks at from the start; it may pass over what is
//! rare, but never take what `check` would find a fault with, and has to make the same of what it takes. A property test
//! holds one against the other.

use super::rules::{allowed, is_unusable, needed, negotiated};
use super::{Run, Update};
use crate::attribute::{self, ATTRIBUTES, Codes, Length, code, flags};
use crate::context::Context;
use crate::family::{Afi, Family, Safi};

/// What an attribute of a type has to be.
#[derive(Clone, Copy)]
#[repr(align(32))] // a rule is found by a shift
struct Rule {
    clean: fn(&[u8], &Context) -> bool,
    /// The octets of a value that needs no further look: from the least on, so many more, in steps.
    least: u16,
    more: u16,
    step: Step,
    /// The Optional and Transitive bits.
    flags: u8,
}

/// What a length is to be a multiple of, as 2^64 divided by it, rounded up; zero asks for nothing.
#[derive(Clone, Copy)]
struct Step(u64);

impl Step {
    /// What is left of the product when it overflows is the remainder, at that scale: dividing takes far longer.
    #[inline]
    fn fits(self, len: usize) -> bool {
        (len as u64).wrapping_mul(self.0) <= self.0.wrapping_sub(1)
    }
}

impl Rule {
    const fn new(clean: fn(&[u8], &Context) -> bool, length: Length, flags: u8) -> Rule {
        let (least, more, step) = match length {
            // no value is that long: with its header it would not fit into the field
            Length::Checked => (u16::MAX, 0, 0),
            Length::Octets(n) => (n as u16, 0, 0),
            Length::Items(n) => (n as u16, u16::MAX, (u64::MAX / n as u64).wrapping_add(1)),
        };
        Rule { clean, least, more, step: Step(step), flags }
    }

    #[inline]
    fn admits(&self, value: &[u8], cx: &Context) -> bool {
        let beyond = value.len().wrapping_sub(self.least.into());
        beyond <= self.more.into() && self.step.fits(value.len()) || (self.clean)(value, cx)
    }
}

/// A rule for each type below 64. Attributes that no other speaker need know may be anything.
#[allow(clippy::indexing_slicing)] // while compiling, where a wrong index is an error
static RULES: [Rule; 64] = {
    let mut rules = [Rule::new(|_, _| true, Length::Checked, KIND); 64];
    let routes = Rule::new(|_, _| false, Length::Items(1), flags::OPTIONAL);
    rules[code::MP_REACH_NLRI as usize] = routes;
    rules[code::MP_UNREACH_NLRI as usize] = routes;
    let mut row = 0;
    while row < ATTRIBUTES.len() {
        let spec = &ATTRIBUTES[row];
        if spec.code < 64 {
            rules[spec.code as usize] = Rule::new(spec.clean, spec.length, spec.flags);
        }
        row += 1;
    }
    rules
};

/// Octets of a body without anything in it: the two lengths.
const EMPTY: usize = 4;
/// The flags that belong to a type.
const KIND: u8 = flags::OPTIONAL | flags::TRANSITIVE;
const ROUTES: u64 = 1 << code::MP_REACH_NLRI | 1 << code::MP_UNREACH_NLRI;
/// Types that only internal peers may send.
const INTERNAL: u64 = 1 << code::LOCAL_PREF | 1 << code::ORIGINATOR_ID | 1 << code::CLUSTER_LIST;
/// Types for speakers of two-octet AS numbers.
const NARROW: u64 = 1 << code::AS4_PATH | 1 << code::AS4_AGGREGATOR;

/// Reads a message body that is as it should be, and no End-of-RIB.
#[inline(always)]
pub(super) fn read<'a>(body: &'a [u8], cx: &Context, strict: bool) -> Option<Update<'a>> {
    let (withdrawn, behind) = counted(body)?;
    let (attributes, nlri) = counted(behind)?;
    if !cx.asn4 || body.len() == EMPTY {
        return None;
    }
    // what may not be there counts as there already
    let internal = if cx.internal { 0 } else { INTERNAL };
    let mut seen = NARROW | internal | u64::from(!cx.aigp) << code::AIGP;
    let (mut next_hop, mut reach, mut unreach): (&[u8], &[u8], &[u8]) = Default::default();
    let mut rest = attributes;
    while let Some((attr, behind)) = attribute::split(rest) {
        rest = behind;
        let rule = RULES.get(usize::from(attr.code))?;
        let bit = 1 << attr.code;
        if attr.flags & KIND != rule.flags || seen & bit != 0 || !rule.admits(attr.value, cx) {
            return None;
        }
        seen |= bit;
        if bit & (ROUTES | 1 << code::NEXT_HOP) != 0 {
            match attr.code {
                code::MP_REACH_NLRI => reach = attr.value,
                code::MP_UNREACH_NLRI => unreach = attr.value,
                _ => next_hop = attr.value,
            }
        }
    }
    if !rest.is_empty() {
        return None;
    }
    let needed = if nlri.is_empty() && reach.is_empty() { 0 } else { needed(!nlri.is_empty(), cx) };
    if strict && seen & needed != needed {
        return None;
    }
    let [mut withdrawn_run, mut unreached, mut announced, mut reached] = [None; 4];
    let field = |bytes, next_hop| Run::field(bytes, next_hop, cx.reads_path_id(Family::IPV4_UNICAST));
    if !withdrawn.is_empty() {
        withdrawn_run = Some(right(field(withdrawn, &[]), cx, strict)?);
    }
    if !nlri.is_empty() {
        announced = Some(announceable(field(nlri, next_hop), cx, strict)?);
    }
    if let [a, b, safi, nlri @ ..] = unreach {
        unreached = Some(right(run([*a, *b, *safi], nlri, &[], cx), cx, strict)?);
    } else if !unreach.is_empty() {
        return None;
    }
    if let [a, b, safi, length, rest @ ..] = reach {
        let (next_hop, rest) = rest.split_at_checked(usize::from(*length))?;
        let (_, nlri) = rest.split_first()?;
        reached = Some(announceable(run([*a, *b, *safi], nlri, next_hop, cx), cx, strict)?);
    } else if !reach.is_empty() {
        return None;
    }
    Some(Update {
        attributes,
        hidden: Codes::default(),
        plain: true,
        repeats: false,
        widened: None,
        withdrawn: [withdrawn_run, unreached],
        announced: [announced, reached],
        revoked: false,
        end_of_rib: None,
        faults: Vec::new(),
        applied: strict,
    })
}

/// `length(2) octets`, and what is behind them.
#[inline]
fn counted(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = octets.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// `family(3)`, and what MP_REACH_NLRI or MP_UNREACH_NLRI has behind it.
#[inline]
fn run<'a>([a, b, safi]: [u8; 3], bytes: &'a [u8], next_hop: &'a [u8], cx: &Context) -> Run<'a> {
    let family = Family::new(Afi(u16::from_be_bytes([a, b])), Safi(safi));
    Run { family, with_path_id: cx.reads_path_id(family), spec: family.spec(), bytes, next_hop }
}

/// The run, if it may be announced, with the next hop it has.
#[inline(always)]
fn announceable<'a>(run: Run<'a>, cx: &Context, strict: bool) -> Option<Run<'a>> {
    let fit = allowed(run.family, run.next_hop.len(), cx, strict) && !(strict && is_unusable(run.next_hop, run.spec));
    if fit { right(run, cx, strict) } else { None }
}

/// The run, if there are NLRI in it, of a family both speakers listed, and nothing is wrong with them.
#[inline]
fn right<'a>(run: Run<'a>, cx: &Context, strict: bool) -> Option<Run<'a>> {
    let right =
        !run.bytes.is_empty() && negotiated(run.family, cx, strict) && (run.spec.clean)(run.bytes, run.with_path_id);
    right.then_some(run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::{Attr, write};
    use crate::dialect::Dialect;
    use crate::dice::Dice;
    use crate::error::Fault;
    use crate::nlri::FAMILIES;
    use crate::trace::Trace;
    use crate::update::check;
    use crate::value::Asn;

    /// A session, as the dice fall.
    fn session(dice: &mut Dice) -> Context {
        let some = |dice: &mut Dice, n| -> Vec<Family> {
            let families = FAMILIES.iter().map(|spec| spec.family);
            families.filter(|_| !dice.once_in(n)).collect()
        };
        let peer = if dice.once_in(2) { 65000 } else { 65001 };
        Context {
            asn4: !dice.once_in(10),
            families: some(dice, 20),
            add_path_receive: if dice.once_in(4) { some(dice, 2) } else { Vec::new() },
            extended_next_hop: if dice.once_in(4) { vec![(Family::IPV4_UNICAST, Afi::IPV6)] } else { Vec::new() },
            aigp: dice.once_in(2),
            zero_asn: dice.once_in(4),
            ..Context::plain(Asn(65000), Asn(peer))
        }
    }

    /// NLRI of a family, one at least.
    fn field(dice: &mut Dice, family: Family, cx: &Context) -> Vec<u8> {
        let mut out = Vec::new();
        for _ in 0..=dice.below(3) {
            if cx.reads_path_id(family) {
                dice.octets(4, &mut out);
            }
            (family.spec().sample)(dice, &mut out);
        }
        out
    }

    /// `family(3) length(1) next-hop reserved(1) nlri`, or without next hop.
    fn routes(dice: &mut Dice, cx: &Context, reach: bool) -> Vec<u8> {
        let family = dice.pick(FAMILIES).unwrap().family;
        let mut out = [&family.afi.0.to_be_bytes()[..], &[family.safi.0]].concat();
        if reach {
            let usual = if family.spec().next_hop.has_rd() { [12, 24, 48] } else { [4, 16, 32] };
            let length = if dice.once_in(30) { dice.u8() % 50 } else { *dice.pick(&usual).unwrap() };
            out.push(length);
            let from = out.len();
            dice.octets(usize::from(length), &mut out);
            // neither multicast nor nothing, most of the time
            if let Some(octet) = out.get_mut(from + if family.spec().next_hop.has_rd() { 8 } else { 0 }) {
                *octet = 0x20;
            }
            out.push(0);
        }
        if !dice.once_in(20) {
            out.extend(field(dice, family, cx));
        }
        out
    }

    /// The body of an UPDATE: sound, unless something is mixed in.
    fn body(dice: &mut Dice, cx: &Context) -> Vec<u8> {
        let mut attrs = Vec::new();
        let mut add = |dice: &mut Dice, code: u8, flags: u8, value: Vec<u8>| {
            let extended = if dice.once_in(5) { flags::EXTENDED } else { 0 };
            let partial = if dice.once_in(10) { flags::PARTIAL } else { 0 };
            attrs.push((code, flags | extended | partial, value));
        };
        let nlri = if dice.once_in(2) { Vec::new() } else { field(dice, Family::IPV4_UNICAST, cx) };
        let withdrawn = if dice.once_in(3) { field(dice, Family::IPV4_UNICAST, cx) } else { Vec::new() };
        for spec in ATTRIBUTES {
            let usual = matches!(spec.code, code::ORIGIN | code::AS_PATH | code::NEXT_HOP)
                || spec.code == code::LOCAL_PREF && cx.internal;
            if dice.once_in(if usual { 50 } else { 8 }) != usual {
                let mut value = Vec::new();
                (spec.sample)(dice, &mut value);
                if spec.code == code::NEXT_HOP {
                    value[0] %= 230;
                }
                add(dice, spec.code, spec.flags, value);
            }
        }
        for (code, reach) in [(code::MP_REACH_NLRI, true), (code::MP_UNREACH_NLRI, false)] {
            if dice.once_in(2) {
                let value = routes(dice, cx, reach);
                add(dice, code, flags::OPTIONAL, value);
            }
        }
        if dice.once_in(10) {
            let (code, flags) = (dice.u8(), *dice.pick(&[KIND, KIND, flags::OPTIONAL, flags::TRANSITIVE]).unwrap());
            let mut value = Vec::new();
            dice.octets(dice.clone().below(9), &mut value);
            add(dice, code, flags, value);
        }
        for at in 0..attrs.len() {
            attrs.swap(at, dice.below(at + 1));
        }
        let mut octets = Vec::new();
        attrs.iter().for_each(|(code, flags, value)| write(&mut octets, Attr { code: *code, flags: *flags, value }));
        let length = |field: &[u8]| u16::try_from(field.len()).unwrap().to_be_bytes();
        [&length(&withdrawn)[..], &withdrawn, &length(&octets), &octets, &nlri].concat()
    }

    /// Some octets other than they were, or missing.
    fn damage(dice: &mut Dice, body: &mut Vec<u8>) {
        for _ in 0..1 + dice.below(3) {
            let at = dice.below(body.len());
            match (dice.below(4), body.get_mut(at)) {
                (0, _) => body.truncate(at),
                (1, Some(octet)) => *octet = dice.u8(),
                (_, Some(octet)) => *octet ^= 1 << dice.below(8),
                (_, None) => {}
            }
        }
    }

    /// All that can be seen of an UPDATE.
    fn seen(read: &Result<Update<'_>, Fault>) -> impl PartialEq + std::fmt::Debug {
        let update = read.as_ref().map_err(Fault::clone)?;
        let block = |block: super::super::Block<'_>| {
            let mut each = Vec::new();
            block.iter().for_each(|nlri| each.push(nlri));
            assert_eq!(each, block.iter().collect::<Vec<_>>());
            (block.family, block.next_hop, format!("{:02x?}", block.iter().collect::<Vec<_>>()))
        };
        let routes = [update.announced().map(block).collect::<Vec<_>>(), update.withdrawn().map(block).collect()];
        let mut each = Vec::new();
        update.attributes().for_each(|attr| each.push(attr));
        let mut one_by_one = update.attributes();
        assert_eq!(each, std::iter::from_fn(|| one_by_one.next()).collect::<Vec<_>>());
        let attributes = format!("{each:02x?}");
        let flags = (update.is_treat_as_withdraw(), update.end_of_rib(), update.applied);
        Ok::<_, Fault>((routes, attributes, flags, update.faults().to_vec()))
    }

    /// Of messages that are as they should be, nearly are, or are not at all: nobody can tell which way one was read.
    #[test]
    fn both_ways_see_the_same() {
        let [mut taken, mut passed_over, mut faulty] = [0; 3];
        for seed in 0..20_000 {
            let dice = &mut Dice::new(seed);
            let cx = session(dice);
            let mut body = body(dice, &cx);
            if dice.once_in(2) {
                damage(dice, &mut body);
            }
            for strict in [true, false] {
                let cx = Context { internal: cx.internal || !strict, zero_asn: cx.zero_asn || !strict, ..cx.clone() };
                let judged = check::run(&body, &cx, strict, None);
                let sound = judged.as_ref().is_ok_and(|update| update.faults().is_empty());
                match read(&body, &cx, strict) {
                    Some(quick) => {
                        taken += 1;
                        assert_eq!(seen(&Ok(quick)), seen(&judged), "{seed} {strict} {body:02x?} {cx:?}");
                    }
                    None if sound => passed_over += 1,
                    None => faulty += 1,
                }
                let trace = Trace::new(Dialect::V6);
                let told = check::run(&body, &cx, strict, Some(&trace));
                assert_eq!(seen(&told), seen(&judged), "{seed} {strict} {body:02x?} {cx:?}");
            }
        }
        assert!(taken > 10_000 && passed_over > 500 && faulty > 10_000, "{taken} {passed_over} {faulty}");
    }
}
