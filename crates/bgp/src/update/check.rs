//! The verdict over an UPDATE (RFC 7606): one walk, in which every field is looked at once, and faults are written down.
//!
//! Messages without anything out of the ordinary do not come here: see [`quick`](super::quick), which must change when a
//! rule does.

use super::rules::{allowed, is_unusable, needed, negotiated};
use super::widened::widen;
use super::{Run, Update};
use crate::attribute::{self, Attr, AttributeSpec, Codes, code, flags};
use crate::context::Context;
use crate::error::{Fault, Malformed, Outcome};
use crate::family::{Afi, Family, Safi};
use crate::message::HEADER;
use crate::nlri::{FamilySpec, NextHop};
use crate::notification::Notification;
use crate::read::Reader;
use crate::trace::Trace;

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
#[cold]
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
    let withdrawn_run = walk.plain(withdrawn, "withdrawn routes")?;
    let nlri_run = walk.plain(nlri, "NLRI")?;
    let readable = walk.attributes(attributes)?;
    walk.complete(!nlri.is_empty(), attributes.offset())?;

    let end_of_rib = match walk.end_of_rib {
        _ if !withdrawn.is_empty() || !nlri.is_empty() => None,
        _ if attributes.is_empty() => Some(Family::IPV4_UNICAST),
        // that of IPv4 unicast is the message without anything (RFC 4724 §2)
        Some((family, length)) if length == attributes.len() && family != Family::IPV4_UNICAST => Some(family),
        _ => None,
    };
    let Walk { mut faults, mut hidden, repeats, .. } = walk;
    faults.sort_by_key(|fault| std::cmp::Reverse(fault.outcome));
    let revoked = strict && faults.first().is_some_and(|fault| fault.outcome >= Outcome::TreatAsWithdraw);
    let next_hop = walk.next_hop.map_or(&[][..], |found| found.attr.value);
    Ok(Update {
        attributes: readable,
        plain: false,
        repeats,
        widened: (!cx.asn4).then(|| Box::new(widen(readable, &mut hidden))),
        hidden,
        withdrawn: [withdrawn_run, walk.unreached],
        announced: [nlri_run.map(|run| Run { next_hop, ..run }), walk.reached],
        revoked,
        end_of_rib,
        faults,
        applied: strict,
    })
}

/// What is known so far.
struct Walk<'a, 'c> {
    cx: &'c Context,
    trace: Option<&'a Trace>,
    strict: bool,
    seen: Codes,
    hidden: Codes,
    repeats: bool,
    /// NEXT_HOP, if it is an address.
    next_hop: Option<Found<'a>>,
    reached: Option<Run<'a>>,
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

    /// The value is wrong.
    fn wrong(&self, what: &'static str, expected: &'static str) -> Malformed {
        Malformed { what, expected, offset: self.at }
    }

    /// The header is wrong, or that there is such an attribute. `field`: octets of the header in front of what is meant.
    fn wrong_head(&self, field: usize, what: &'static str, expected: &'static str) -> Malformed {
        let header = if self.attr.flags & flags::EXTENDED != 0 { 4 } else { 3 };
        Malformed { what, expected, offset: (self.at + field).saturating_sub(header) }
    }
}

impl<'a, 'c> Walk<'a, 'c> {
    fn new(cx: &'c Context, strict: bool, trace: Option<&'a Trace>) -> Self {
        Walk {
            cx,
            trace,
            strict,
            seen: Codes::default(),
            hidden: Codes::default(),
            repeats: false,
            next_hop: None,
            reached: None,
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
        let run = self.run(family, r, &[], None)?;
        if r.is_empty() || negotiated(family, self.cx, self.strict) {
            return Ok(run);
        }
        self.unwanted(r.malformed(what, "a family both speakers listed"), None);
        Ok(None)
    }

    /// NLRI of a family, as far as they are to be seen.
    fn run(
        &mut self,
        family: Family,
        r: Reader<'a>,
        next_hop: &'a [u8],
        attribute: Option<u8>,
    ) -> Result<Option<Run<'a>>, Fault> {
        let spec = family.spec();
        let with_path_id = self.cx.reads_path_id(family);
        let mut run = Run { family, with_path_id, spec, bytes: r.rest(), next_hop };
        if self.trace.is_none() && (spec.clean)(r.rest(), with_path_id) {
            return Ok(Some(run).filter(|run| !run.bytes.is_empty()));
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
        Ok(Some(run).filter(|run| !run.bytes.is_empty()))
    }

    /// Something that ends the session of whoever sent it. Where nobody did, the rest is read.
    fn resets(&mut self, fault: Fault) -> Result<(), Fault> {
        if self.strict {
            return Err(fault);
        }
        self.faults.push(fault);
        Ok(())
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
            if r.is_empty() {
                return Ok(all.rest());
            }
            let start = r;
            match attribute::read(&mut r) {
                Ok(attr) => {
                    let at = r.offset() - attr.value.len();
                    let judged = self.attribute(Found { attr, from: start.rest(), at });
                    if let Some(trace) = self.trace {
                        attribute::tell(trace, [start.offset(), at], attr, self.cx);
                    }
                    judged?;
                }
                Err(malformed) => {
                    self.overrun(malformed, start.rest())?;
                    return Ok(all.rest().get(..all.len() - start.len()).unwrap_or(&[]));
                }
            }
        }
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
            let malformed = found.wrong_head(0, "attribute", "each type at most once");
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
            let malformed = found.wrong_head(0, "attribute flags", "the Optional and Transitive bits of this type");
            return self.broken(spec, found, malformed, (spec.fault, subcode::ATTRIBUTE_FLAGS));
        }
        if attr.value.is_empty() && !spec.may_be_empty {
            let malformed = found.wrong_head(2, "attribute length", "at least one octet");
            return self.broken(spec, found, malformed, (spec.fault, subcode::ATTRIBUTE_LENGTH));
        }
        if let Err(malformed) = (spec.check)(self.value(found), self.cx) {
            return self.broken(spec, found, malformed, ((spec.fault_of)(attr.value), value_subcode(attr)));
        }
        if attr.code == code::NEXT_HOP {
            self.next_hop = Some(found);
        }
    }

    fn unknown(&mut self, found: Found<'a>) -> Result<(), Fault> {
        let attr = found.attr;
        let optional = attr.flags & flags::OPTIONAL != 0;
        if self.strict && !optional {
            let malformed = found.wrong_head(0, "attribute", "well-known attributes that are known");
            let notification = Notification::with(3, subcode::UNRECOGNIZED_WELL_KNOWN, found.raw());
            return Err(reset(malformed, Some(attr.code), notification));
        }
        if attr.flags & flags::TRANSITIVE == 0 {
            self.hidden.insert(attr.code);
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
        let malformed = found.wrong_head(0, "attribute", expected);
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
            let malformed = found.wrong_head(0, "attribute flags", "optional and not transitive");
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
        if !negotiated(family, self.cx, self.strict) {
            self.unwanted(found.wrong("address family", "a family both speakers listed"), Some(attr.code));
            return Ok(());
        }
        match next_hop {
            Some(field) => {
                let spec = family.spec();
                let read = match allowed(family, field.len(), self.cx, self.strict) {
                    true => NextHop::read(field, spec.next_hop).map(|_| field.rest()),
                    false => Err(field.malformed("next hop length", "one the family allows")),
                };
                let hop = read.or_else(|malformed| self.resets(wrong(malformed)).map(|()| &[][..]))?;
                self.reached = self.run(family, r, hop, Some(attr.code))?;
                if self.strict && is_unusable(field.rest(), spec) {
                    let malformed = field.malformed("next hop", "the address of a host");
                    let notification = Notification::with(3, subcode::OPTIONAL_ATTRIBUTE, found.raw());
                    let outcome = Outcome::TreatAsWithdraw;
                    self.faults.push(Fault { malformed, attribute: Some(attr.code), outcome, notification });
                }
            }
            None => self.unreached = self.run(family, r, &[], Some(attr.code))?,
        }
        Ok(())
    }

    /// What can only be said when all attributes were seen. `at`: where they begin.
    fn complete(&mut self, nlri: bool, at: usize) -> Result<(), Fault> {
        let reachable = nlri || self.reaches;
        if self.strict && reachable && !self.cut {
            let missing = needed(nlri, self.cx) & !self.seen.lowest();
            (0..64).filter(|code| missing & 1 << code != 0).for_each(|code| self.missing(code, at));
        }
        let spec = Family::IPV4_UNICAST.spec();
        if let Some(found) = self.next_hop
            && nlri
            && self.strict
            && is_unusable(found.attr.value, spec)
        {
            let malformed = found.wrong("NEXT_HOP", "the address of a host");
            let header = [flags::TRANSITIVE, code::NEXT_HOP, 4];
            let notification = Notification::with(3, subcode::INVALID_NEXT_HOP, [&header, found.attr.value].concat());
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

    fn missing(&mut self, code: u8, offset: usize) {
        let what = attribute::spec(code).map_or("attribute", |spec| spec.name);
        let malformed = Malformed { what, expected: "every well-known attribute the routes need", offset };
        let notification = Notification::with(3, subcode::MISSING_WELL_KNOWN, [code]);
        let outcome = Outcome::TreatAsWithdraw;
        self.faults.push(Fault { malformed, attribute: Some(code), outcome, notification });
    }
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
