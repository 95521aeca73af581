//! The verdict over an UPDATE (RFC 7606): one walk, in which every field is looked at once.
//!
//! A good message of a four-octet session costs no memory; faults are written down when there are any.

use super::{Run, Update, Widened};
use crate::attribute::{self, ATTRIBUTES, Attr, AttributeSpec, Codes, code, flags};
use crate::context::Context;
use crate::error::{Fault, Malformed, Outcome};
use crate::family::{Afi, Family, Safi};
use crate::message::HEADER;
use crate::nlri::{FamilySpec, NextHop, NextHopRule};
use crate::notification::Notification;
use crate::read::Reader;
use crate::trace::Trace;
use crate::value::Asn;
use std::net::{IpAddr, Ipv4Addr};

/// Subcodes of an UPDATE Message Error (RFC 4271 §4.5).
mod subcode {
    pub const MALFORMED_ATTRIBUTE_LIST: u8 = 1;
    pub const UNRECOGNIZED_WELL_KNOWN: u8 = 2;
    pub const MISSING_WELL_KNOWN: u8 = 3;
    pub const ATTRIBUTE_FLAGS: u8 = 4;
    pub const ATTRIBUTE_LENGTH: u8 = 5;
    pub const INVALID_ORIGIN: u8 = 6;
    pub const INVALID_NEXT_HOP: u8 = 8;
    pub const OPTIONAL_ATTRIBUTE: u8 = 9;
    pub const INVALID_NETWORK: u8 = 10;
    pub const MALFORMED_AS_PATH: u8 = 11;
}

/// Verifies a message body. `strict`: a peer sent it, and has to keep to what was negotiated.
#[inline]
pub(super) fn run<'a>(
    body: &'a [u8],
    cx: &Context,
    strict: bool,
    trace: Option<&'a Trace>,
) -> Result<Update<'a>, Fault> {
    let mut r = Reader::new(body, HEADER).told_to(trace);
    let mut field = |what, length| r.u16(length).and_then(|n| r.sub(usize::from(n), what));
    let framing = |m| reset(m, None, Notification::new(3, subcode::MALFORMED_ATTRIBUTE_LIST));
    let withdrawn = field("withdrawn routes", "withdrawn routes length").map_err(framing)?;
    let attributes = field("path attributes", "total path attribute length").map_err(framing)?;
    let nlri = r;

    let mut walk = Walk::new(cx, strict, trace);
    let withdrawn_run = if withdrawn.is_empty() { None } else { walk.plain(withdrawn, "withdrawn routes")? };
    let nlri_run = if nlri.is_empty() { None } else { walk.plain(nlri, "NLRI")? };
    let readable = walk.attributes(attributes)?;
    walk.complete(!nlri.is_empty())?;

    let end_of_rib = match walk.end_of_rib {
        _ if !withdrawn.is_empty() || !nlri.is_empty() => None,
        _ if attributes.is_empty() => Some(Family::IPV4_UNICAST),
        // that of IPv4 unicast is the message without anything (RFC 4724 §2)
        Some((family, length)) if length == attributes.len() && family != Family::IPV4_UNICAST => Some(family),
        _ => None,
    };
    let Walk { faults, hidden, changed, repeats, .. } = &mut walk;
    let mut revoked = false;
    if !faults.is_empty() {
        faults.sort_by_key(|fault| std::cmp::Reverse(fault.outcome));
        revoked = strict && faults.first().is_some_and(|fault| fault.outcome >= Outcome::TreatAsWithdraw);
    }
    let widened = (!cx.asn4).then(|| Box::new(widen(readable, hidden)));
    // made where the caller wants it: it is not small
    Ok(Update {
        attributes: readable,
        plain: !*changed && !*repeats && widened.is_none(),
        repeats: *repeats,
        widened,
        hidden: walk.hidden,
        announced: [nlri_run, walk.reached],
        next_hop: walk.next_hop.map(|(addr, _)| addr),
        reach_next_hop: walk.reach_next_hop,
        withdrawn: [withdrawn_run, walk.unreached],
        revoked,
        end_of_rib,
        faults: walk.faults,
        applied: strict,
    })
}

/// What is known so far.
struct Walk<'a, 'c> {
    cx: &'c Context,
    trace: Option<&'a Trace>,
    strict: bool,
    seen: Codes,
    /// Types that need nothing but their own check, and were not there yet: see [`Walk::direct_ones`].
    direct: u64,
    hidden: Codes,
    changed: bool,
    repeats: bool,
    /// NEXT_HOP and where it lies.
    next_hop: Option<(Ipv4Addr, usize)>,
    reached: Option<Run<'a>>,
    reach_next_hop: &'a [u8],
    unreached: Option<Run<'a>>,
    /// MP_REACH_NLRI has NLRI, of whatever family.
    reaches: bool,
    /// The family of an MP_UNREACH_NLRI without routes, and the octets of that attribute.
    end_of_rib: Option<(Family, usize)>,
    /// The attributes could not be cut to the end.
    cut: bool,
    faults: Vec<Fault>,
}

/// An attribute and where it lies: `from` what starts with it, `at` the offset of its value.
#[derive(Clone, Copy)]
struct Found<'a> {
    attr: Attr<'a>,
    from: &'a [u8],
    at: usize,
}

impl<'a> Found<'a> {
    /// With its header.
    fn raw(&self) -> &'a [u8] {
        let header = if self.attr.flags & flags::EXTENDED != 0 { 4 } else { 3 };
        self.from.get(..header + self.attr.value.len()).unwrap_or(&[])
    }

    fn wrong(&self, what: &'static str, expected: &'static str) -> Malformed {
        Malformed { what, expected, offset: self.at }
    }
}

impl<'a, 'c> Walk<'a, 'c> {
    fn new(cx: &'c Context, strict: bool, trace: Option<&'a Trace>) -> Self {
        Walk {
            cx,
            trace,
            strict,
            seen: Codes::default(),
            direct: direct(cx),
            hidden: Codes::low(1 << code::MP_REACH_NLRI | 1 << code::MP_UNREACH_NLRI),
            changed: false,
            repeats: false,
            next_hop: None,
            reached: None,
            reach_next_hop: &[],
            unreached: None,
            reaches: false,
            end_of_rib: None,
            cut: false,
            faults: Vec::new(),
        }
    }

    fn value(&self, found: Found<'a>) -> Reader<'a> {
        Reader::new(found.attr.value, found.at).told_to(self.trace)
    }

    /// The fields of IPv4 unicast outside the attributes.
    fn plain(&mut self, r: Reader<'a>, what: &'static str) -> Result<Option<Run<'a>>, Fault> {
        let family = Family::IPV4_UNICAST;
        let run = self.run(family, family.spec(), r, None)?;
        if self.negotiated(family) {
            return Ok(Some(run).filter(Run::has_some));
        }
        self.unwanted(r.malformed(what, "a family both speakers listed"), None);
        Ok(None)
    }

    fn run(
        &mut self,
        family: Family,
        spec: &'static FamilySpec,
        r: Reader<'a>,
        attribute: Option<u8>,
    ) -> Result<Run<'a>, Fault> {
        let with_path_id = self.cx.reads_path_id(family);
        let mut run = Run { family, with_path_id, spec, bytes: r.rest() };
        if self.trace.is_none() && (spec.clean)(r.rest(), with_path_id) {
            return Ok(run);
        }
        let notification = || Notification::new(3, subcode::INVALID_NETWORK);
        let checked = (spec.check)(r, with_path_id).or_else(|malformed| {
            self.resets(reset(malformed, attribute, notification()))?;
            run.bytes = front(spec, r, with_path_id);
            Ok(None)
        })?;
        if let Some(malformed) = checked {
            // a route nobody can have announced is withdrawn: there is nothing to do
            let withdrawn = attribute == Some(code::MP_UNREACH_NLRI);
            let outcome = if withdrawn { Outcome::AttributeDiscard } else { Outcome::TreatAsWithdraw };
            self.faults.push(Fault { malformed, attribute, outcome, notification: notification() });
        }
        Ok(run)
    }

    /// Something that ends the session of whoever sent it. Where nobody did, the rest is read.
    fn resets(&mut self, fault: Fault) -> Result<(), Fault> {
        if self.strict {
            return Err(fault);
        }
        self.faults.push(fault);
        Ok(())
    }

    fn negotiated(&self, family: Family) -> bool {
        !self.strict || self.cx.families.contains(&family)
    }

    /// Routes nobody asked for are passed over (RFC 4760 §6).
    fn unwanted(&mut self, malformed: Malformed, attribute: Option<u8>) {
        let notification = Notification::new(3, subcode::OPTIONAL_ATTRIBUTE);
        self.faults.push(Fault { malformed, attribute, outcome: Outcome::AttributeDiscard, notification });
    }

    /// Walks all attributes; returns as many octets as could be cut into attributes.
    fn attributes(&mut self, all: Reader<'a>) -> Result<&'a [u8], Fault> {
        let mut r = all;
        loop {
            if r.trace().is_none() {
                r = self.direct_ones(r.told_to(None));
            }
            if r.is_empty() {
                return Ok(all.rest());
            }
            let start = r;
            match attribute::read(&mut r) {
                Ok(attr) => {
                    let at = r.offset() - attr.value.len();
                    if let Some(trace) = self.trace {
                        attribute::tell(trace, [start.offset(), at], attr, self.cx);
                    }
                    self.attribute(Found { attr, from: start.rest(), at })?;
                }
                Err(malformed) => {
                    self.overrun(malformed, start.rest())?;
                    return Ok(all.rest().get(..all.len() - start.len()).unwrap_or(&[]));
                }
            }
        }
    }

    /// The way nearly all attributes go: a short header, a type that is expected and there for the first time, flags
    /// as they should be, a value that passes. Stops in front of the first that is otherwise.
    #[inline]
    fn direct_ones(&mut self, r: Reader<'a>) -> Reader<'a> {
        let (all, offset) = (r.rest(), r.offset());
        let (mut rest, mut direct, mut seen) = (all, self.direct, 0);
        while let Some(([flags, code, len], behind)) = rest.split_first_chunk::<3>()
            && let Some((value, next)) = behind.split_at_checked(usize::from(*len))
            && let Some(spec) = attribute::spec(*code)
        {
            let bit = if *code < 64 { 1 << (code & 63) } else { 0 };
            let wanted = flags::EXTENDED | flags::OPTIONAL | flags::TRANSITIVE;
            if direct & bit == 0 || flags & wanted != spec.flags {
                break;
            }
            let at = offset + all.len() - next.len() - value.len();
            if !spec.length.is_right(value.len())
                && (value.is_empty() && !spec.may_be_empty || (spec.check)(Reader::new(value, at), self.cx).is_err())
            {
                break;
            }
            direct &= !bit;
            seen |= bit;
            if let (code::NEXT_HOP, Some(octets)) = (*code, value.first_chunk::<4>()) {
                self.next_hop = Some((Ipv4Addr::from(*octets), at));
            }
            rest = next;
        }
        self.direct = direct;
        self.seen.add_lowest(seen);
        r.behind(all.len() - rest.len())
    }

    /// What is left is no attribute (RFC 7606 §4). Routes in it cannot be found, and so not be withdrawn.
    fn overrun(&mut self, malformed: Malformed, rest: &[u8]) -> Result<(), Fault> {
        self.cut = true;
        let attribute = rest.get(1).copied();
        let notification = Notification::new(3, subcode::MALFORMED_ATTRIBUTE_LIST);
        if let Some(code::MP_REACH_NLRI | code::MP_UNREACH_NLRI) = attribute {
            return Err(reset(malformed, attribute, notification));
        }
        self.faults.push(Fault { malformed, attribute, outcome: Outcome::TreatAsWithdraw, notification });
        Ok(())
    }

    fn attribute(&mut self, found: Found<'a>) -> Result<(), Fault> {
        let code = found.attr.code;
        let routes = matches!(code, code::MP_REACH_NLRI | code::MP_UNREACH_NLRI);
        if !self.seen.insert(code) {
            // RFC 7606 §3 (g): the first one counts
            self.repeats = true;
            let malformed = found.wrong("attribute", "each type at most once");
            let notification = Notification::new(3, subcode::MALFORMED_ATTRIBUTE_LIST);
            if routes {
                return Err(reset(malformed, Some(code), notification));
            }
            let outcome = Outcome::AttributeDiscard;
            self.faults.push(Fault { malformed, attribute: Some(code), outcome, notification });
            return Ok(());
        }
        if routes {
            return self.routes(found);
        }
        match attribute::spec(code) {
            Some(spec) => self.known(spec, found),
            None => self.unknown(found)?,
        }
        Ok(())
    }

    fn known(&mut self, spec: &'static AttributeSpec, found: Found<'a>) {
        let Found { attr, .. } = found;
        match attr.code {
            code::LOCAL_PREF | code::ORIGINATOR_ID | code::CLUSTER_LIST if !self.cx.internal => {
                return self.discard(spec, found, "nothing that only internal peers may send");
            }
            code::AS4_PATH | code::AS4_AGGREGATOR if self.cx.asn4 => {
                return self.discard(spec, found, "nothing that is for speakers of two-octet AS numbers");
            }
            // RFC 7311 §3.3: as if it were unknown
            code::AIGP if !self.cx.aigp => {
                self.hidden.insert(code::AIGP);
                return;
            }
            _ => (),
        }
        if (attr.flags ^ spec.flags) & (flags::OPTIONAL | flags::TRANSITIVE) != 0 {
            let malformed = found.wrong("attribute flags", "the Optional and Transitive bits of this type");
            return self.broken(spec, found, malformed, (spec.fault, subcode::ATTRIBUTE_FLAGS));
        }
        if attr.value.is_empty() && !spec.may_be_empty {
            let malformed = found.wrong("attribute length", "at least one octet");
            return self.broken(spec, found, malformed, (spec.fault, subcode::ATTRIBUTE_LENGTH));
        }
        if let Err(malformed) = (spec.check)(self.value(found), self.cx) {
            return self.broken(spec, found, malformed, ((spec.fault_of)(attr.value), value_subcode(attr)));
        }
        if spec.since.is_none() && attr.flags & flags::TRANSITIVE != 0 {
            self.changed = true;
        }
        if let (code::NEXT_HOP, Some(octets)) = (attr.code, attr.value.first_chunk::<4>()) {
            self.next_hop = Some((Ipv4Addr::from(*octets), found.at));
        }
    }

    fn unknown(&mut self, found: Found<'a>) -> Result<(), Fault> {
        let attr = found.attr;
        let optional = attr.flags & flags::OPTIONAL != 0;
        if self.strict && !optional {
            let malformed = found.wrong("attribute", "well-known attributes that are known");
            let notification = Notification::with(3, subcode::UNRECOGNIZED_WELL_KNOWN, found.raw());
            return Err(reset(malformed, Some(attr.code), notification));
        }
        if attr.flags & flags::TRANSITIVE == 0 {
            self.hidden.insert(attr.code);
        } else {
            self.changed = true;
        }
        Ok(())
    }

    fn broken(
        &mut self,
        spec: &'static AttributeSpec,
        found: Found<'a>,
        malformed: Malformed,
        (outcome, subcode): (Outcome, u8),
    ) {
        self.hidden.insert(spec.code);
        let notification = Notification::with(3, subcode, found.raw());
        self.faults.push(Fault { malformed, attribute: Some(spec.code), outcome, notification });
    }

    fn discard(&mut self, spec: &'static AttributeSpec, found: Found<'a>, expected: &'static str) {
        self.hidden.insert(spec.code);
        let malformed = found.wrong("attribute", expected);
        let notification = Notification::with(3, subcode::OPTIONAL_ATTRIBUTE, found.raw());
        let outcome = Outcome::AttributeDiscard;
        self.faults.push(Fault { malformed, attribute: Some(spec.code), outcome, notification });
    }

    /// MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760 §3, §4; RFC 7606 §7.11, §7.12).
    fn routes(&mut self, found: Found<'a>) -> Result<(), Fault> {
        let attr = found.attr;
        let fail = |malformed, subcode| reset(malformed, Some(attr.code), Notification::with(3, subcode, found.raw()));
        let wrong = |malformed| fail(malformed, subcode::OPTIONAL_ATTRIBUTE);
        if (attr.flags ^ flags::OPTIONAL) & (flags::OPTIONAL | flags::TRANSITIVE) != 0 {
            let malformed = found.wrong("attribute flags", "optional and not transitive");
            return Err(fail(malformed, subcode::ATTRIBUTE_FLAGS));
        }
        let mut r = self.value(found);
        let family = family(&mut r).map_err(wrong)?;
        let reach = attr.code == code::MP_REACH_NLRI;
        let next_hop = if reach { Some(next_hop_field(&mut r).map_err(wrong)?) } else { None };
        if reach {
            self.reaches = !r.is_empty();
        } else if r.is_empty() {
            self.end_of_rib = Some((family, found.raw().len()));
            return Ok(());
        }
        if !self.negotiated(family) {
            self.unwanted(found.wrong("address family", "a family both speakers listed"), Some(attr.code));
            return Ok(());
        }
        match next_hop {
            Some(field) => {
                let spec = family.spec();
                let read = match self.allowed(family, spec, field.len()) {
                    true => NextHop::read(field, spec.next_hop),
                    false => Err(field.malformed("next hop length", "one the family allows")),
                };
                let next_hop = read.or_else(|malformed| self.resets(wrong(malformed)).map(|()| NextHop::None))?;
                self.reached = Some(self.run(family, spec, r, Some(attr.code))?).filter(Run::has_some);
                self.reach_next_hop = if next_hop == NextHop::None { &[] } else { field.rest() };
                if self.strict && !spec.next_hop.is_optional() && next_hop.addr().is_some_and(unusable) {
                    let malformed = field.malformed("next hop", "the address of a host");
                    let notification = Notification::with(3, subcode::OPTIONAL_ATTRIBUTE, found.raw());
                    let outcome = Outcome::TreatAsWithdraw;
                    self.faults.push(Fault { malformed, attribute: Some(attr.code), outcome, notification });
                }
            }
            None => {
                self.unreached = Some(self.run(family, family.spec(), r, Some(attr.code))?).filter(Run::has_some);
            }
        }
        Ok(())
    }

    /// A next hop of so many octets is legal: what the family has, or what RFC 8950 allows where it was agreed.
    fn allowed(&self, family: Family, spec: &FamilySpec, length: usize) -> bool {
        let agreed = |afi| !self.strict || self.cx.extended_next_hop.contains(&(family, afi));
        let (v4, v6) = match spec.next_hop {
            NextHopRule::Ipv4 => (true, agreed(Afi::IPV6)),
            NextHopRule::Ipv6 => (agreed(Afi::IPV4), true),
            NextHopRule::Vpn if family.afi == Afi::IPV6 => (agreed(Afi::IPV4), true),
            NextHopRule::Vpn => (true, agreed(Afi::IPV6)),
            _ => (true, true),
        };
        match (spec.next_hop.has_rd(), length) {
            _ if spec.next_hop.is_optional() => true,
            (true, 12) => v4,
            (true, 24 | 48) => v6,
            (true, _) => false,
            (false, 4) => v4,
            (false, 16 | 32) => v6,
            (false, _) => false,
        }
    }

    /// What can only be said when all attributes were seen.
    fn complete(&mut self, nlri: bool) -> Result<(), Fault> {
        let reachable = nlri || self.reaches;
        if self.strict && reachable && !self.cut {
            let mut needed = 1 << code::ORIGIN | 1 << code::AS_PATH;
            needed |= u64::from(nlri) << code::NEXT_HOP | u64::from(self.cx.internal) << code::LOCAL_PREF;
            if self.seen.lowest() & needed != needed {
                (0..64).filter(|code| needed & 1 << code != 0).for_each(|code| self.missing(code));
            }
        }
        if let Some((addr, offset)) = self.next_hop
            && nlri
            && self.strict
            && unusable(addr.into())
        {
            let malformed = Malformed { what: "NEXT_HOP", expected: "the address of a host", offset };
            let notification = Notification::with(3, subcode::INVALID_NEXT_HOP, {
                let [a, b, c, d] = addr.octets();
                [flags::TRANSITIVE, code::NEXT_HOP, 4, a, b, c, d]
            });
            let (attribute, outcome) = (Some(code::NEXT_HOP), Outcome::TreatAsWithdraw);
            self.faults.push(Fault { malformed, attribute, outcome, notification });
        }
        // RFC 7606 §5.2: a message without routes has nothing that could be treated as withdrawn
        if self.strict
            && !reachable
            && let Some(i) = self.faults.iter().position(|f| f.outcome > Outcome::AttributeDiscard)
        {
            return Err(Fault { outcome: Outcome::SessionReset, ..self.faults.swap_remove(i) });
        }
        Ok(())
    }

    fn missing(&mut self, code: u8) {
        if self.seen.contains(code) {
            return;
        }
        let what = attribute::spec(code).map_or("attribute", |spec| spec.name);
        let malformed = Malformed { what, expected: "every well-known attribute the routes need", offset: HEADER };
        let notification = Notification::with(3, subcode::MISSING_WELL_KNOWN, [code]);
        let outcome = Outcome::TreatAsWithdraw;
        self.faults.push(Fault { malformed, attribute: Some(code), outcome, notification });
    }
}

/// Types below 64 that dialects know, that any peer may send, and whose meaning does not depend on the session.
#[allow(clippy::indexing_slicing)] // while compiling, where a wrong index is an error
const PLAIN: u64 = {
    let (mut row, mut plain) = (0, 0);
    while row < ATTRIBUTES.len() {
        let spec = &ATTRIBUTES[row];
        if spec.code < 64 && spec.since.is_some() {
            plain |= 1 << spec.code;
        }
        row += 1;
    }
    plain & !INTERNAL & !NARROW & !(1 << code::AIGP)
};
/// Types that only internal peers may send.
const INTERNAL: u64 = 1 << code::LOCAL_PREF | 1 << code::ORIGINATOR_ID | 1 << code::CLUSTER_LIST;
/// Types for speakers of two-octet AS numbers.
const NARROW: u64 = 1 << code::AS4_PATH | 1 << code::AS4_AGGREGATOR;

fn direct(cx: &Context) -> u64 {
    PLAIN | if cx.internal { INTERNAL } else { 0 } | if cx.asn4 { 0 } else { NARROW } | u64::from(cx.aigp) << code::AIGP
}

fn reset(malformed: Malformed, attribute: Option<u8>, notification: Notification) -> Fault {
    Fault { malformed, attribute, outcome: Outcome::SessionReset, notification }
}

/// The NLRI in front of the first that cannot be read.
fn front<'a>(spec: &FamilySpec, r: Reader<'a>, with_path_id: bool) -> &'a [u8] {
    let (all, mut good) = (r.rest(), r);
    while !good.is_empty() {
        let mut next = good;
        let id = if with_path_id { next.u32("path identifier").map(drop) } else { Ok(()) };
        if id.and_then(|()| (spec.split)(&mut next)).is_err() {
            break;
        }
        good = next;
    }
    all.get(..all.len() - good.len()).unwrap_or(&[])
}

/// What to say about a value that is wrong: its length if that cannot be right, or what the value is about.
fn value_subcode(attr: Attr<'_>) -> u8 {
    match (attr.code, attr.value.len()) {
        (code::ORIGIN, 1) => subcode::INVALID_ORIGIN,
        (code::AS_PATH, _) => subcode::MALFORMED_AS_PATH,
        (code::AS4_PATH | code::AIGP | code::ATTR_SET, _) => subcode::OPTIONAL_ATTRIBUTE,
        _ => subcode::ATTRIBUTE_LENGTH,
    }
}

fn family(r: &mut Reader<'_>) -> Result<Family, Malformed> {
    Ok(Family::new(Afi::read(r)?, Safi::read(r)?))
}

/// `length(1) next-hop reserved(1)`
fn next_hop_field<'a>(r: &mut Reader<'a>) -> Result<Reader<'a>, Malformed> {
    let length = r.u8("next hop length")?;
    let field = r.sub(usize::from(length), "next hop")?;
    r.u8("reserved octet")?;
    Ok(field)
}

/// No host has this address: nothing can be sent there (RFC 4271 §6.3).
fn unusable(addr: IpAddr) -> bool {
    match addr {
        IpAddr::V4(a) => a.is_unspecified() || a.octets().first().is_some_and(|first| *first >= 224),
        IpAddr::V6(a) => a.is_unspecified() || a.is_multicast(),
    }
}

/// AS_PATH and AGGREGATOR four octets wide, with the help of AS4_PATH and AS4_AGGREGATOR (RFC 6793 §4.2.3), which are
/// not to be seen then.
fn widen(attributes: &[u8], hidden: &mut Codes) -> Widened {
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
