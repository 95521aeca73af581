//! Path attributes: one file and one row of [`ATTRIBUTES`] for each (RFC 4271 §4.3, §5).
//!
//! An attribute stays `(code, flags, bytes)`: unknown ones survive byte for byte, and there is no enum to extend in
//! ten places. Programs that reason about one look at it through a [`View`].
//! AS numbers inside stored values are always four octets wide; a two-octet session is a matter of encoding.

mod aggregator;
mod aigp;
mod as4_path;
mod as_path;
mod attr_set;
mod bfd;
pub(crate) mod bgpls;
mod bgpsec;
mod cluster;
mod codes;
mod community;
mod d_path;
mod extended;
mod large;
pub(crate) mod list;
mod listed;
mod next_hop;
mod number;
mod octets;
mod origin;
mod otc;
mod pe_labels;
mod pmsi;
mod prefix_sid;
mod set;
mod show;
mod tlv;
mod told;
pub(crate) mod tunnel;
mod view;

use crate::context::Context;
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::{Malformed, Outcome};
use crate::read::Reader;
use crate::text::{Diagnostic, Words};

pub use as_path::{AsPath, segment};
pub use bgpls::{LinkStateTlv, link_state_tlvs};
pub use extended::{EXTENDED, EXTENDED_IPV6, ExtendedSpec};
pub(crate) use extended::{extended_community, ipv6_community};
pub use set::Attributes;
pub use show::{hop_text, json_all, octets_all, text_all, words_all};
pub use view::{
    Aggregator, Aigp, AttrSet, BfdDiscriminator, Bier, ClusterList, Communities, ExtendedCommunities,
    Ipv6ExtendedCommunities, LargeCommunities, LinkState, LocalPref, Med, OnlyToCustomer, Origin, OriginatorId,
    PmsiTunnel, PrefixSid, Sfp, TunnelEncap, View,
};

pub(crate) use as4_path::{merge, widen};
pub(crate) use codes::Codes;
pub(crate) use show::json_with_next_hop;
pub(crate) use told::tell;

/// Attribute flags (RFC 4271 §4.3).
pub mod flags {
    /// Not well-known.
    pub const OPTIONAL: u8 = 0x80;
    /// Passed on by speakers that do not know it.
    pub const TRANSITIVE: u8 = 0x40;
    /// Some speaker on the way did not know it.
    pub const PARTIAL: u8 = 0x20;
    /// The length is two octets.
    pub const EXTENDED: u8 = 0x10;
}

/// Attribute type codes, by the names of the RFCs.
#[allow(missing_docs)]
pub mod code {
    pub const ORIGIN: u8 = 1;
    pub const AS_PATH: u8 = 2;
    pub const NEXT_HOP: u8 = 3;
    pub const MULTI_EXIT_DISC: u8 = 4;
    pub const LOCAL_PREF: u8 = 5;
    pub const ATOMIC_AGGREGATE: u8 = 6;
    pub const AGGREGATOR: u8 = 7;
    pub const COMMUNITIES: u8 = 8;
    pub const ORIGINATOR_ID: u8 = 9;
    pub const CLUSTER_LIST: u8 = 10;
    pub const MP_REACH_NLRI: u8 = 14;
    pub const MP_UNREACH_NLRI: u8 = 15;
    pub const EXTENDED_COMMUNITIES: u8 = 16;
    pub const AS4_PATH: u8 = 17;
    pub const AS4_AGGREGATOR: u8 = 18;
    pub const PMSI_TUNNEL: u8 = 22;
    pub const TUNNEL_ENCAP: u8 = 23;
    pub const TRAFFIC_ENGINEERING: u8 = 24;
    pub const IPV6_EXTENDED_COMMUNITIES: u8 = 25;
    pub const AIGP: u8 = 26;
    pub const PE_DISTINGUISHER_LABELS: u8 = 27;
    pub const ENTROPY_LABEL: u8 = 28;
    pub const BGP_LS: u8 = 29;
    pub const LARGE_COMMUNITIES: u8 = 32;
    pub const BGPSEC_PATH: u8 = 33;
    pub const ONLY_TO_CUSTOMER: u8 = 35;
    pub const D_PATH: u8 = 36;
    pub const SFP: u8 = 37;
    pub const BFD_DISCRIMINATOR: u8 = 38;
    pub const PREFIX_SID: u8 = 40;
    pub const BIER: u8 = 41;
    pub const ATTR_SET: u8 = 128;
}

/// A path attribute: everything that differs from one to the next.
pub trait Attribute {
    /// Type code.
    const CODE: u8;
    /// The Optional and Transitive bits it must have.
    const FLAGS: u8;
    /// Its key in JSON events.
    const NAME: &'static str;
    /// Its keywords in files and commands, the preferred one first; empty if it cannot be written.
    const KEYWORDS: &'static [&'static str];
    /// One line for the reference: what it says.
    const DOC: &'static str;
    /// The document that defines it: `RFC 8092`.
    const RFC: &'static str;
    /// The first dialect that has a name for it; older ones show its octets, as they do for what nobody knows. `None`:
    /// the dialects were frozen before it was known.
    const SINCE: Option<Dialect>;
    /// What follows if it is malformed (RFC 7606 §7 and the RFC that defines it).
    const FAULT: Outcome;
    /// A value of no octets is legal.
    const MAY_BE_EMPTY: bool;
    /// The length of a value, where there is nothing else to verify.
    const LENGTH: Length = Length::Checked;

    /// Verifies a received value. AS numbers are `cx.asn4` wide.
    fn check(value: Reader<'_>, cx: &Context) -> Result<(), Malformed>;
    /// Reads field by field what `check` passes over, for the reader's trace: only called where there is one, with a value
    /// that was checked. Octets that no reader names are shown without a name.
    fn fields(_value: Reader<'_>) {}
    /// What follows from a value that [`Attribute::check`] refused, where it depends on what is wrong in it.
    fn fault(_: &[u8]) -> Outcome {
        Self::FAULT
    }
    /// Appends the words that set it, keyword included; nothing if it cannot be written. [`words_all`] sees to it that
    /// reading them gives the same octets, and writes a value as octets where they do not.
    fn words(_: &[u8], _: &mut String) {}
    /// Appends what the text encoder prints: `med 50`; nothing if there is nothing to say. What no dialect has a name
    /// for, it never prints.
    fn text(value: &[u8], out: &mut String, _: Dialect) {
        Self::words(value, out);
    }
    /// Appends its JSON value, or nothing at all if this dialect leaves it out.
    fn json(value: &[u8], out: &mut String, dialect: Dialect);
    /// Reads the words behind the keyword and appends the value's octets.
    fn parse(words: &mut Words<'_>, out: &mut Vec<u8>) -> Result<(), Diagnostic>;
    /// Appends a valid value, any there is, as the dice fall: what tests and load generators announce.
    fn sample(dice: &mut Dice, out: &mut Vec<u8>);
}

/// What the length of a value says about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Length {
    /// Not enough: [`Attribute::check`] has to look.
    Checked,
    /// That many octets are right.
    Octets(u8),
    /// One or more items of that many octets are right.
    Items(u8),
}

/// A row of [`ATTRIBUTES`]: the functions of an [`Attribute`] as values.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct AttributeSpec {
    pub code: u8,
    pub flags: u8,
    pub name: &'static str,
    pub keywords: &'static [&'static str],
    pub doc: &'static str,
    pub rfc: &'static str,
    pub since: Option<Dialect>,
    pub fault: Outcome,
    pub fault_of: fn(&[u8]) -> Outcome,
    pub may_be_empty: bool,
    pub length: Length,
    pub check: fn(Reader<'_>, &Context) -> Result<(), Malformed>,
    /// True for a value that may be there and that `check` has nothing to say about: the quick question.
    pub clean: fn(&[u8], &Context) -> bool,
    pub fields: fn(Reader<'_>),
    pub words: fn(&[u8], &mut String),
    pub text: fn(&[u8], &mut String, Dialect),
    pub json: fn(&[u8], &mut String, Dialect),
    pub parse: fn(&mut Words<'_>, &mut Vec<u8>) -> Result<(), Diagnostic>,
    pub sample: fn(&mut Dice, &mut Vec<u8>),
}

const fn spec_of<T: Attribute>() -> AttributeSpec {
    AttributeSpec {
        code: T::CODE,
        flags: T::FLAGS,
        name: T::NAME,
        keywords: T::KEYWORDS,
        doc: T::DOC,
        rfc: T::RFC,
        since: T::SINCE,
        fault: T::FAULT,
        fault_of: T::fault,
        may_be_empty: T::MAY_BE_EMPTY,
        length: T::LENGTH,
        check: T::check,
        clean: is_clean::<T>,
        fields: T::fields,
        words: T::words,
        text: T::text,
        json: T::json,
        parse: T::parse,
        sample: T::sample,
    }
}

fn is_clean<T: Attribute>(value: &[u8], cx: &Context) -> bool {
    (T::MAY_BE_EMPTY || !value.is_empty()) && T::check(Reader::new(value, 0), cx).is_ok()
}

/// Every attribute Herald can say and understand, by ascending code. To add one: a file beside this one, and a row here.
/// MP_REACH_NLRI and MP_UNREACH_NLRI are no rows: they are how an UPDATE carries its routes.
pub static ATTRIBUTES: &[AttributeSpec] = ROWS;

const ROWS: &[AttributeSpec] = &[
    spec_of::<origin::Origin>(),
    spec_of::<as_path::AsPathAttribute>(),
    spec_of::<next_hop::NextHopAttribute>(),
    spec_of::<number::MultiExitDisc>(),
    spec_of::<number::LocalPref>(),
    spec_of::<aggregator::AtomicAggregate>(),
    spec_of::<aggregator::Aggregator>(),
    spec_of::<community::Communities>(),
    spec_of::<cluster::OriginatorId>(),
    spec_of::<cluster::ClusterList>(),
    spec_of::<extended::ExtendedCommunities>(),
    spec_of::<as4_path::As4Path>(),
    spec_of::<aggregator::As4Aggregator>(),
    spec_of::<pmsi::PmsiTunnel>(),
    spec_of::<tunnel::TunnelEncap>(),
    spec_of::<octets::TrafficEngineering>(),
    spec_of::<extended::Ipv6ExtendedCommunities>(),
    spec_of::<aigp::Aigp>(),
    spec_of::<pe_labels::PeDistinguisherLabels>(),
    spec_of::<octets::EntropyLabel>(),
    spec_of::<bgpls::BgpLs>(),
    spec_of::<large::LargeCommunities>(),
    spec_of::<bgpsec::BgpsecPath>(),
    spec_of::<otc::OnlyToCustomer>(),
    spec_of::<d_path::DPath>(),
    spec_of::<listed::Sfp>(),
    spec_of::<bfd::BfdDiscriminator>(),
    spec_of::<prefix_sid::PrefixSid>(),
    spec_of::<listed::Bier>(),
    spec_of::<attr_set::AttrSet>(),
];

/// Which row a type code has, `u8::MAX` for none: every attribute received is looked up.
#[allow(clippy::indexing_slicing)] // while compiling, where a wrong index is an error
static INDEX: [u8; 256] = {
    let mut index = [u8::MAX; 256];
    let (mut row, mut number) = (0, 0u8);
    while row < ROWS.len() {
        index[ROWS[row].code as usize] = number;
        row += 1;
        number += 1;
    }
    index
};

/// The row for a type code.
#[inline]
pub fn spec(code: u8) -> Option<&'static AttributeSpec> {
    let row = INDEX.get(usize::from(code))?;
    ATTRIBUTES.get(usize::from(*row))
}

/// One attribute, borrowed from where it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Attr<'a> {
    pub code: u8,
    pub flags: u8,
    pub value: &'a [u8],
}

/// Appends one attribute; the extended-length flag is set where it is needed or was asked for.
/// Values beyond 65535 octets do not exist: a message is no longer.
pub fn write(out: &mut Vec<u8>, attr: Attr<'_>) {
    let len = u16::try_from(attr.value.len()).unwrap_or(u16::MAX);
    let [high, low] = len.to_be_bytes();
    if high != 0 || attr.flags & flags::EXTENDED != 0 {
        out.extend_from_slice(&[attr.flags | flags::EXTENDED, attr.code, high, low]);
    } else {
        out.extend_from_slice(&[attr.flags, attr.code, low]);
    }
    out.extend_from_slice(attr.value.get(..usize::from(len)).unwrap_or(attr.value));
}

/// The first attribute and what is behind it; `None` where there is no whole one.
#[inline]
pub fn split(octets: &[u8]) -> Option<(Attr<'_>, &[u8])> {
    let ([flags, code, len], mut behind) = octets.split_first_chunk::<3>()?;
    let mut len = usize::from(*len);
    if flags & flags::EXTENDED != 0 {
        let (low, rest) = behind.split_first()?;
        (len, behind) = (len << 8 | usize::from(*low), rest);
    }
    let (value, behind) = behind.split_at_checked(len)?;
    Some((Attr { code: *code, flags: *flags, value }, behind))
}

/// Cuts one attribute off the front.
pub fn read<'a>(r: &mut Reader<'a>) -> Result<Attr<'a>, Malformed> {
    let flags = r.u8("attribute flags")?;
    let code = r.u8("attribute type")?;
    let len = if flags & flags::EXTENDED != 0 {
        usize::from(r.u16("attribute length")?)
    } else {
        usize::from(r.u8("attribute length")?)
    };
    Ok(Attr { code, flags, value: r.take(len, "attribute value")? })
}

/// The complaint about an attribute that has no words.
fn unwritable(words: &Words<'_>, name: &str) -> Diagnostic {
    Diagnostic::error(words.last(), format!("{name} is made by the sending speaker and cannot be written"))
}
