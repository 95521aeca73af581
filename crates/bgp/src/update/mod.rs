//! UPDATE (RFC 4271 §4.3, §6.3; RFC 4760; RFC 7606): `withdrawn-length(2) withdrawn attributes-length(2) attributes nlri`.
//!
//! [`Update::check`] walks a received message once and gives a verdict; what it returns is read without allocating and
//! without further doubt.

mod check;
pub mod pack;
mod quick;
mod rules;
mod widened;

use crate::attribute::{self, Attr, Attributes, Codes, code, flags};
use crate::context::Context;
use crate::dialect::Dialect;
use crate::error::{Fault, Outcome};
use crate::family::Family;
use crate::nlri::{FamilySpec, Framing, NextHop, cut_by_bits};
use crate::trace::Trace;
use widened::Widened;

/// A checked UPDATE: borrowed, every iterator over it is infallible.
#[derive(Debug)]
pub struct Update<'a> {
    /// The path attributes, as far as they could be cut.
    attributes: &'a [u8],
    /// Type codes that are not to be seen, as those of routes never are: broken ones, and those that mean nothing here.
    hidden: Codes,
    /// All but the routes are shown, as they lie, and each is there once.
    plain: bool,
    /// Some type is there more than once.
    repeats: bool,
    /// What a two-octet speaker meant, in four octets.
    widened: Option<Box<Widened>>,
    /// The withdrawn routes field and MP_UNREACH_NLRI.
    withdrawn: [Option<Run<'a>>; 2],
    /// The NLRI field and MP_REACH_NLRI.
    announced: [Option<Run<'a>>; 2],
    /// What is announced counts as withdrawn.
    revoked: bool,
    end_of_rib: Option<Family>,
    faults: Vec<Fault>,
    /// What the faults ask for was done.
    applied: bool,
}

/// NLRI of one family, one behind the other, verified; one at least.
#[derive(Clone, Copy, Debug)]
struct Run<'a> {
    family: Family,
    with_path_id: bool,
    spec: &'static FamilySpec,
    bytes: &'a [u8],
    /// The octets of their next hop; none in a withdrawal.
    next_hop: &'a [u8],
}

impl<'a> Run<'a> {
    /// What IPv4 unicast has outside the attributes.
    #[inline]
    fn field(bytes: &'a [u8], next_hop: &'a [u8], with_path_id: bool) -> Run<'a> {
        Run { family: Family::IPV4_UNICAST, with_path_id, spec: Family::IPV4_UNICAST.spec(), bytes, next_hop }
    }
}

/// A run of NLRI of one family, and their next hop.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// Their family.
    pub family: Family,
    /// Their next hop; [`NextHop::None`] in a withdrawal.
    pub next_hop: NextHop,
    run: Run<'a>,
}

impl<'a> Block<'a> {
    /// The NLRI, each with its path identifier if the session carries them.
    #[inline]
    pub fn iter(&self) -> Nlris<'a> {
        let Run { spec, with_path_id, bytes: rest, .. } = self.run;
        Nlris { rest, spec, with_path_id, by_bits: spec.framing == Framing::Bits && !with_path_id }
    }

    /// What is known about the family.
    pub fn spec(&self) -> &'static FamilySpec {
        self.run.spec
    }

    /// The NLRI as they came, path identifiers included.
    pub fn bytes(&self) -> &'a [u8] {
        self.run.bytes
    }
}

/// The NLRI of a block: see [`Block::iter`].
#[derive(Clone, Debug)]
pub struct Nlris<'a> {
    rest: &'a [u8],
    spec: &'static FamilySpec,
    with_path_id: bool,
    /// There is nothing to them but a length in bits, and what it counts.
    by_bits: bool,
}

impl<'a> Iterator for Nlris<'a> {
    type Item = (Option<u32>, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if !self.by_bits {
            return self.other();
        }
        let (nlri, behind) = cut_by_bits(self.rest)?;
        self.rest = behind;
        Some((None, nlri))
    }

    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(mut self, init: B, mut f: F) -> B {
        let mut folded = init;
        if self.by_bits {
            // nothing but this is asked of each one
            let mut rest = self.rest;
            while let Some((nlri, behind)) = cut_by_bits(rest) {
                rest = behind;
                folded = f(folded, (None, nlri));
            }
        } else {
            while let Some(route) = self.other() {
                folded = f(folded, route);
            }
        }
        folded
    }
}

impl<'a> Nlris<'a> {
    fn other(&mut self) -> Option<(Option<u32>, &'a [u8])> {
        let (mut path_id, mut rest) = (None, self.rest);
        if self.with_path_id {
            let (id, behind) = rest.split_first_chunk::<4>()?;
            (path_id, rest) = (Some(u32::from_be_bytes(*id)), behind);
        }
        let (nlri, behind) = rest.split_at_checked((self.spec.measure)(rest)?)?;
        self.rest = behind;
        Some((path_id, nlri))
    }
}

impl<'a> Update<'a> {
    /// Verifies a message body. `Err` holds the fault that resets the session (RFC 7606 §2); weaker ones are in
    /// [`Update::faults`] and already applied: routes to be treated as withdrawn are among [`Update::withdrawn`].
    ///
    /// Routes of a family that is not in [`Context::families`] are left out, with a fault that says so.
    pub fn check(body: &'a [u8], cx: &Context) -> Result<Update<'a>, Fault> {
        read(body, cx, true)
    }

    /// Reads a message that no peer answers for, one from a file or one of our own. Nothing need be negotiated, present,
    /// or fit for the sender; broken attributes, next hops and NLRI are left out and told in [`Update::faults`], without any
    /// consequence for the other routes. `Err` is left for what cannot be read at all.
    pub fn inspect(body: &'a [u8], cx: &Context) -> Result<Update<'a>, Fault> {
        read(body, &Context { internal: true, zero_asn: true, ..cx.clone() }, false)
    }

    /// [`Update::check`] if `strict`, otherwise [`Update::inspect`]; `trace` is told of every field.
    pub fn told(body: &'a [u8], cx: &Context, strict: bool, trace: &'a Trace) -> Result<Update<'a>, Fault> {
        let (internal, zero_asn) = (cx.internal || !strict, cx.zero_asn || !strict);
        check::run(body, &Context { internal, zero_asn, ..cx.clone() }, strict, Some(trace))
    }

    /// What was wrong without ending the session, strongest first.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The routes the message announces count as withdrawn (RFC 7606 §2).
    pub fn is_treat_as_withdraw(&self) -> bool {
        self.revoked
    }

    /// The path attributes in the order they came, without MP_REACH_NLRI, MP_UNREACH_NLRI, discarded ones, and
    /// AS4_PATH/AS4_AGGREGATOR, which are merged into AS_PATH/AGGREGATOR: AS numbers are four octets wide.
    #[inline]
    pub fn attributes(&self) -> impl Iterator<Item = Attr<'_>> + Clone {
        Shown { update: self, rest: self.attributes, hidden: self.hidden }
    }

    /// The same for events in a dialect: transitive ones that its programs do not know have the Partial bit, as when a
    /// speaker that does not know them passes them on (RFC 4271 §5).
    #[inline]
    pub fn attributes_in(&self, dialect: Dialect) -> impl Iterator<Item = Attr<'_>> + Clone {
        let latest = if dialect < Dialect::V6 { Some(dialect) } else { None };
        self.attributes().map(move |attr| {
            let since = attribute::spec(attr.code).and_then(|spec| spec.since);
            let unknown = since.is_none() || latest.is_some() && since > latest;
            let partial = if unknown && attr.flags & flags::TRANSITIVE != 0 { flags::PARTIAL } else { 0 };
            Attr { flags: attr.flags | partial, ..attr }
        })
    }

    /// One attribute as [`Update::attributes`] has it.
    pub fn attribute(&self, code: u8) -> Option<Attr<'_>> {
        self.attributes().find(|attr| attr.code == code)
    }

    /// The attributes of the routes of a block, as they are kept: NEXT_HOP has become the block's next hop.
    pub fn attributes_of(&self, block: &Block<'_>) -> Attributes {
        let kept = self.attributes().filter(|attr| attr.code != code::NEXT_HOP).map(|attr| {
            let lost = if is_opaque(attr.code) { 0x0f } else { 0x0f | flags::EXTENDED };
            Attr { flags: attr.flags & !lost, ..attr }
        });
        Attributes::new(block.next_hop, kept)
    }

    /// Announced routes: at most one block of the NLRI field and one of MP_REACH_NLRI.
    #[inline]
    pub fn announced(&self) -> impl Iterator<Item = Block<'a>> + Clone {
        let announced = if self.revoked { &[] } else { &self.announced[..] };
        announced.iter().flatten().map(|run| {
            let next_hop = NextHop::of(run.next_hop, run.spec.next_hop).unwrap_or_default();
            Block { family: run.family, next_hop, run: *run }
        })
    }

    /// Withdrawn routes, those treated as withdrawn included.
    #[inline]
    pub fn withdrawn(&self) -> impl Iterator<Item = Block<'a>> + Clone {
        let revoked = if self.revoked { &self.announced[..] } else { &[] };
        self.withdrawn.iter().chain(revoked).flatten().map(|run| Block {
            family: run.family,
            next_hop: NextHop::None,
            run: *run,
        })
    }

    /// The family this is the End-of-RIB of (RFC 4724 §2).
    pub fn end_of_rib(&self) -> Option<Family> {
        self.end_of_rib
    }

    /// Appends the inside of the `"attribute"` object as events have it: [`attribute::json_all`], the next hop where
    /// the dialect shows it, and `"error"` if a peer's attributes had consequences.
    pub fn attributes_json(&self, out: &mut String, dialect: Dialect) {
        let before = out.len();
        let with_next_hop = dialect == Dialect::V6 && self.withdrawn().next().is_some();
        attribute::json_with_next_hop(self.attributes_in(dialect), with_next_hop, out, dialect);
        if !self.applied {
            return;
        }
        // routes of a family nobody asked for were passed over; nothing was wrong with an attribute
        let in_attribute =
            |fault: &&Fault| !matches!(fault.attribute, None | Some(code::MP_REACH_NLRI | code::MP_UNREACH_NLRI));
        let Some(worst) = self.faults.iter().find(|f| f.outcome > Outcome::AttributeDiscard || in_attribute(f)) else {
            return;
        };
        if out.len() > before {
            out.push_str(", ");
        }
        out.push_str("\"error\": \"");
        out.push_str(if worst.outcome == Outcome::AttributeDiscard { "discard" } else { "treat-as-withdraw" });
        out.push('"');
    }

    /// The value of an attribute, wide where it was narrow.
    #[cold]
    fn wide<'s>(&'s self, attr: Attr<'s>) -> &'s [u8] {
        match (&self.widened, attr.code) {
            (Some(widened), code::AS_PATH) => &widened.as_path,
            (Some(widened), code::AGGREGATOR) => &widened.aggregator,
            _ => attr.value,
        }
    }
}

/// Most messages are as they should be, which is quickly seen; all others are judged.
#[inline]
fn read<'a>(body: &'a [u8], cx: &Context, strict: bool) -> Result<Update<'a>, Fault> {
    match quick::read(body, cx, strict) {
        Some(update) => Ok(update),
        None => check::run(body, cx, strict, None),
    }
}

/// The attributes of an UPDATE that are to be seen.
#[derive(Clone)]
struct Shown<'u, 'a> {
    update: &'u Update<'a>,
    rest: &'u [u8],
    hidden: Codes,
}

impl<'u> Iterator for Shown<'u, '_> {
    type Item = Attr<'u>;

    #[inline]
    fn next(&mut self) -> Option<Attr<'u>> {
        loop {
            let (mut attr, behind) = attribute::split(self.rest)?;
            self.rest = behind;
            if matches!(attr.code, code::MP_REACH_NLRI | code::MP_UNREACH_NLRI) {
                continue;
            }
            if !self.update.plain {
                if self.hidden.contains(attr.code) {
                    continue;
                }
                if self.update.repeats {
                    self.hidden.insert(attr.code);
                }
                attr.value = self.update.wide(attr);
            }
            return Some(attr);
        }
    }

    #[inline]
    fn fold<B, F: FnMut(B, Attr<'u>) -> B>(mut self, init: B, mut f: F) -> B {
        let mut folded = init;
        if self.update.plain {
            // nothing but this is asked of each one
            while let Some((attr, behind)) = attribute::split(self.rest) {
                self.rest = behind;
                if !matches!(attr.code, code::MP_REACH_NLRI | code::MP_UNREACH_NLRI) {
                    folded = f(folded, attr);
                }
            }
        } else {
            for attr in self {
                folded = f(folded, attr);
            }
        }
        folded
    }
}

/// An attribute that is passed on as its octets.
fn is_opaque(code: u8) -> bool {
    attribute::spec(code).is_none_or(|spec| spec.since.is_none())
}
