//! Network Layer Reachability Information: one file and one row of [`FAMILIES`] for each address family.
//!
//! NLRI are kept and compared as wire bytes. A family says how long one is, which of its bytes make it the same route
//! as another, and how it reads in words and JSON; nothing else in Herald knows what is inside.

mod bgpls;
mod encap;
mod evpn;
pub mod flow;
mod inet;
mod key_value;
mod labelled;
mod mcast_vpn;
mod mup;
mod next_hop;
mod opaque;
mod rtc;
mod sr_policy;
mod stored;
mod typed;
mod vpls;

pub use next_hop::{NextHop, NextHopRule};
pub use stored::Stored;

use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Family, Safi};
use crate::put;
use crate::read::Reader;
use crate::route::{Draft, Keyword, Purpose, words_of};
use crate::text::{Diagnostic, Words};
use crate::trace::Meaning;
use crate::value::Prefix;
use std::net::IpAddr;

/// An address family: everything that differs from one to the next.
///
/// NLRI passed to these functions are without path identifier and were cut by [`NlriFamily::split`] or made by
/// [`NlriFamily::build`], so that only `split` has to doubt its bytes.
///
/// A route has words in two places. `announce AFI SAFI` is followed by what [`NlriFamily::parse`] reads, in the order
/// it wants; then come keywords, those of [`NlriFamily::KEYWORDS`] mixed with attributes, in any order. What a keyword
/// says is kept in the draft as a part, by its name, until [`NlriFamily::build`] makes octets of the parts. What has no
/// words of its own is written `raw 0xOCTETS`, in every family.
pub trait NlriFamily {
    /// Its numbers.
    const FAMILY: Family;
    /// What its SAFI is called in files, commands and events; the same for all families of the SAFI.
    const NAME: &'static str;
    /// Which octets a next hop of this family may have.
    const NEXT_HOP: NextHopRule;
    /// Several NLRI with equal attributes go into one UPDATE even when there are only a few of them. Long runs are
    /// packed for every family; short ones only where ExaBGP packs them, because programs compare the bytes.
    const PACKS: bool;
    /// A neighbour that names no family offers it.
    const OFFERED: bool;
    /// A neighbour that names no family for ADD-PATH offers it for this one: those whose NLRI are prefixes.
    const ADD_PATH: bool = false;
    /// An IPv4 next hop is said in NEXT_HOP, too, beside MP_REACH_NLRI. RFC 4760 §3 asks for none there, but programs
    /// compare the bytes, and ExaBGP writes it for all families except FlowSpec, VPLS and SR Policy.
    const NEXT_HOP_TWICE: bool = true;
    /// An NLRI ends where the field ends: one a message.
    const ALONE: bool = false;
    /// The family JSON lists its routes under.
    const EVENTS: Family = Self::FAMILY;
    /// The document that defines it: `RFC 8955`.
    const RFC: &'static str;
    /// How to find the end of an NLRI that was cut before.
    const FRAMING: Framing = Framing::Own;
    /// Keywords of a route that are part of the NLRI here: `label`, `rd`.
    const KEYWORDS: &'static [Keyword];

    /// Cuts one NLRI off the front. Refuses only what cannot be cut: a field with such an NLRI is lost as a whole.
    fn split<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed>;
    /// What is wrong with an NLRI that could be cut; its route then counts as withdrawn (RFC 7606 §2). Most families
    /// have nothing to complain of here: what they do not know they keep as octets.
    fn verify(_nlri: Reader<'_>) -> Result<(), Malformed> {
        Ok(())
    }
    /// [`NlriFamily::verify`] has nothing to complain of. For families where that can be seen without finding out what it
    /// would be.
    fn is_sound(nlri: &[u8]) -> bool {
        Self::verify(Reader::new(nlri, 0)).is_ok()
    }
    /// Reads field by field what `split` passes over, for the reader's trace: only called where there is one. Octets that
    /// no reader names are shown without a name.
    fn fields(_nlri: Reader<'_>) {}
    /// What makes two NLRI the same route. Labels are left out, an RD is not.
    fn identity(nlri: &[u8]) -> Identity<'_>;
    /// The form it takes in a withdrawal, appended to `out`.
    fn withdraw(nlri: &[u8], out: &mut Vec<u8>);
    /// The words that announce it, as they follow `announce AFI SAFI`: reading them gives the same octets.
    fn words(nlri: &[u8], out: &mut String);
    /// What the text encoder prints for it, the words of the next hop ([`Shown::hop`]) included.
    fn text(shown: &Shown<'_>, out: &mut String, dialect: Dialect);
    /// What a listing of a table prints for it: the same, unless the text encoder says too little to tell two apart.
    fn listed(shown: &Shown<'_>, out: &mut String, dialect: Dialect) {
        Self::text(shown, out, dialect);
    }
    /// The JSON object (or, in compact form, string) for it.
    fn json(shown: &Shown<'_>, out: &mut String, dialect: Dialect, compact: bool);
    /// Reads the words that come first in `announce AFI SAFI …`, up to the keywords, into `draft`.
    fn parse(words: &mut Words<'_>, draft: &mut Draft) -> Result<(), Diagnostic>;
    /// Makes the NLRI of a finished draft; several if the draft asks for a split. Each is handed to `each`.
    fn build(draft: &Draft, purpose: Purpose, each: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic>;
    /// Appends a valid NLRI, any there is, as the dice fall: what tests and load generators announce.
    fn sample(dice: &mut Dice, out: &mut Vec<u8>);
}

/// How to find the end of an NLRI that [`NlriFamily::split`] has accepted before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Framing {
    /// The first octet counts the bits behind it.
    Bits,
    /// By cutting it again.
    Own,
}

/// Cuts an NLRI framed by [`Framing::Bits`] off the front; `None` where there is no whole one.
///
/// Most lengths of the Internet's table take three octets behind the first. Where that is a branch, processors run
/// ahead on it, instead of waiting for each length to know where the next one is.
#[inline]
pub(crate) fn cut_by_bits(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    if let [17..=24, _, _, _, ..] = octets {
        return octets.split_at_checked(4);
    }
    std::hint::cold_path();
    octets.split_at_checked(1 + usize::from(*octets.first()?).div_ceil(8))
}

/// What makes two NLRI of a family the same route: a number, and up to two runs of octets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Identity<'a> {
    /// A prefix length, a route type, or nothing in particular.
    pub number: u8,
    /// The octets that count. Where they are in one run, the second is empty.
    pub parts: [&'a [u8]; 2],
}

impl<'a> Identity<'a> {
    /// One run of octets, all of them.
    pub fn whole(octets: &'a [u8]) -> Identity<'a> {
        Identity { number: 0, parts: [octets, &[]] }
    }
}

/// An NLRI with what is printed beside it.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The bytes, without path identifier.
    pub nlri: &'a [u8],
    /// The path identifier, if the session carries them (RFC 7911).
    pub path_id: Option<u32>,
    /// The next hop it was announced with; in JSON only where routes are to say it themselves.
    pub next_hop: Option<&'a NextHop>,
    /// The words for it, with a blank in front, where they are to be printed: ` next-hop 192.0.2.1`.
    pub hop: &'a str,
    /// True in a withdrawal.
    pub withdrawn: bool,
}

/// Makes the NLRI of a finished draft: see [`NlriFamily::build`].
pub type Build = fn(&Draft, Purpose, &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic>;

/// A row of [`FAMILIES`]: the functions of a [`NlriFamily`] as values.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct FamilySpec {
    /// Its numbers; 0/0 in the row for families nobody knows.
    pub family: Family,
    pub name: &'static str,
    pub next_hop: NextHopRule,
    pub packs: bool,
    pub offered: bool,
    pub add_path: bool,
    pub next_hop_twice: bool,
    pub alone: bool,
    pub events: Family,
    pub rfc: &'static str,
    pub framing: Framing,
    pub keywords: &'static [Keyword],
    pub split: for<'a> fn(&mut Reader<'a>) -> Result<&'a [u8], Malformed>,
    /// Cuts all NLRI of a field, which have path identifiers or not, and finds nothing left over. What [`verify`]
    /// first has to complain of is no error here, since the field could be cut.
    ///
    /// [`verify`]: NlriFamily::verify
    pub check: fn(Reader<'_>, bool) -> Result<Option<Malformed>, Malformed>,
    /// True if `check` would have nothing to say: the quick question, asked of every field.
    pub clean: fn(&[u8], bool) -> bool,
    /// The octets of the first NLRI of a field that was checked; `None` at its end.
    pub measure: fn(&[u8]) -> Option<usize>,
    pub identity: fn(&[u8]) -> Identity<'_>,
    pub withdraw: fn(&[u8], &mut Vec<u8>),
    pub words: fn(&[u8], &mut String),
    pub text: fn(&Shown<'_>, &mut String, Dialect),
    pub listed: fn(&Shown<'_>, &mut String, Dialect),
    pub json: fn(&Shown<'_>, &mut String, Dialect, bool),
    pub parse: fn(&mut Words<'_>, &mut Draft) -> Result<(), Diagnostic>,
    pub build: Build,
    pub sample: fn(&mut Dice, &mut Vec<u8>),
}

impl FamilySpec {
    /// False for the row that stands for every family nobody knows.
    pub fn is_known(&self) -> bool {
        self.family.safi.0 != 0
    }
}

const fn spec_of<T: NlriFamily>() -> FamilySpec {
    FamilySpec {
        family: T::FAMILY,
        name: T::NAME,
        next_hop: T::NEXT_HOP,
        packs: T::PACKS,
        offered: T::OFFERED,
        add_path: T::ADD_PATH,
        next_hop_twice: T::NEXT_HOP_TWICE,
        alone: T::ALONE,
        events: T::EVENTS,
        rfc: T::RFC,
        framing: T::FRAMING,
        keywords: T::KEYWORDS,
        split: T::split,
        check: check_all::<T>,
        clean: is_clean::<T>,
        measure: measure::<T>,
        identity: T::identity,
        withdraw: T::withdraw,
        words: T::words,
        text: T::text,
        listed: T::listed,
        json: T::json,
        parse: T::parse,
        build: T::build,
        sample: T::sample,
    }
}

fn measure<T: NlriFamily>(octets: &[u8]) -> Option<usize> {
    T::split(&mut Reader::new(octets, 0)).ok().map(<[u8]>::len).filter(|len| *len > 0)
}

fn is_clean<T: NlriFamily>(octets: &[u8], with_path_id: bool) -> bool {
    let mut r = Reader::new(octets, 0);
    if with_path_id {
        while !r.is_empty() {
            if r.u32("").is_err() || !is_first_clean::<T>(&mut r) {
                return false;
            }
        }
    } else {
        while !r.is_empty() {
            if !is_first_clean::<T>(&mut r) {
                return false;
            }
        }
    }
    true
}

/// Always inlined: of the errors nothing is left then but that there are some.
#[inline(always)]
fn is_first_clean<T: NlriFamily>(r: &mut Reader<'_>) -> bool {
    match T::split(r) {
        Ok(nlri) => !nlri.is_empty() && T::is_sound(nlri),
        Err(_) => false,
    }
}

fn check_all<T: NlriFamily>(mut r: Reader<'_>, with_path_id: bool) -> Result<Option<Malformed>, Malformed> {
    let mut first = None;
    while !r.is_empty() {
        let start = r;
        let path_id = if with_path_id { Some(r.u32("path identifier")?) } else { None };
        let at = r.offset();
        let nlri = T::split(&mut r)?;
        if nlri.is_empty() {
            return Err(r.malformed("NLRI", "at least one octet"));
        }
        if let Err(wrong) = T::verify(r.again(nlri, at))
            && first.is_none()
        {
            first = Some(wrong);
        }
        if r.trace().is_some() {
            T::fields(r.again(nlri, at));
        }
        r.whole(&start, |dialect| meaning::<T>(path_id, nlri, dialect));
    }
    Ok(first)
}

/// What is said of an NLRI whose fields somebody wants to see.
fn meaning<T: NlriFamily>(path_id: Option<u32>, nlri: &[u8], dialect: Dialect) -> Meaning {
    let mut meaning = Meaning { rfc: T::RFC, ..Meaning::named("NLRI") };
    words_of(T::FAMILY, path_id, nlri, &mut meaning.words);
    let shown = Shown { nlri, path_id, next_hop: None, hop: "", withdrawn: false };
    T::json(&shown, &mut meaning.json, dialect, false);
    meaning
}

/// Every family Herald can say and understand. To add one: a file beside this one, and a row here.
pub static FAMILIES: &[FamilySpec] = ROWS;

const ROWS: &[FamilySpec] = &[
    spec_of::<inet::Ipv4Unicast>(),
    spec_of::<inet::Ipv4Multicast>(),
    spec_of::<labelled::Ipv4NlriMpls>(),
    spec_of::<labelled::Ipv4MplsVpn>(),
    spec_of::<rtc::Ipv4Rtc>(),
    spec_of::<inet::Ipv6Unicast>(),
    spec_of::<inet::Ipv6Multicast>(),
    spec_of::<labelled::Ipv6NlriMpls>(),
    spec_of::<labelled::Ipv6MplsVpn>(),
    spec_of::<vpls::L2vpnVpls>(),
    spec_of::<sr_policy::Ipv4SrPolicy>(),
    spec_of::<sr_policy::Ipv6SrPolicy>(),
    spec_of::<mcast_vpn::Ipv4McastVpn>(),
    spec_of::<mcast_vpn::Ipv6McastVpn>(),
    spec_of::<mup::Ipv4Mup>(),
    spec_of::<mup::Ipv6Mup>(),
    spec_of::<evpn::Evpn>(),
    spec_of::<labelled::Ipv4MplsVpnMulticast>(),
    spec_of::<labelled::Ipv6MplsVpnMulticast>(),
    spec_of::<encap::Ipv4Encap>(),
    spec_of::<encap::Ipv6Encap>(),
    spec_of::<key_value::OpaqueKeyValue>(),
    spec_of::<bgpls::BgpLs>(),
    spec_of::<bgpls::BgpLsVpn>(),
    spec_of::<flow::Ipv4Flow>(),
    spec_of::<flow::Ipv4FlowVpn>(),
    spec_of::<flow::Ipv6Flow>(),
    spec_of::<flow::Ipv6FlowVpn>(),
    spec_of::<flow::L2vpnFlow>(),
];

static OPAQUE: FamilySpec = spec_of::<opaque::Opaque>();

/// Where a family stands in [`INDEX`]: no two of the table at one place.
const fn place(family: Family) -> usize {
    ((family.afi.0 as usize) << 2 ^ family.safi.0 as usize) & 0xff
}

/// Which row a family has, `u8::MAX` for none: it is looked up for every message.
#[allow(clippy::indexing_slicing)] // while compiling, where a wrong index is an error
static INDEX: [u8; 256] = {
    let mut index = [u8::MAX; 256];
    let (mut row, mut number) = (0, 0u8);
    while row < ROWS.len() {
        let place = place(ROWS[row].family);
        assert!(index[place] == u8::MAX, "two families at one place: `place` has to be another function");
        index[place] = number;
        row += 1;
        number += 1;
    }
    index
};

/// The row for a family; for one nobody knows the row whose NLRI are octets.
#[inline]
pub fn spec(family: Family) -> &'static FamilySpec {
    let row = INDEX.get(place(family)).and_then(|row| FAMILIES.get(usize::from(*row)));
    row.filter(|spec| spec.family == family).unwrap_or(&OPAQUE)
}

/// What the text encoder prints for an NLRI it has no words for: `afi l2vpn safi evpn`. Before 6 without the next hop.
pub(crate) fn family_text(family: Family, shown: &Shown<'_>, out: &mut String, dialect: Dialect) {
    put!(out, "afi ", family.join(" safi "));
    inet::path_text(shown.path_id, out);
    if dialect == Dialect::V6 {
        out.push_str(shown.hop);
    }
}

/// The family of a route whose words did not name one: its prefix and what else was said decide.
pub(crate) fn family_of_words(prefix: Prefix, has_label: bool, has_rd: bool) -> Family {
    let safi = match (has_label, has_rd) {
        (_, true) => Safi::MPLS_VPN,
        (true, false) => Safi::NLRI_MPLS,
        (false, false) => return family_of(prefix),
    };
    Family::new(prefix.afi(), safi)
}

/// Keywords of a route whose family follows from its words.
pub(crate) const PREFIX_KEYWORDS: &[Keyword] = labelled::VPN_KEYWORDS;

/// The unicast or multicast family a plain prefix belongs to: IPv4 224.0.0.0/4 is multicast.
pub fn family_of(prefix: Prefix) -> Family {
    match prefix.addr() {
        IpAddr::V4(a) if a.is_multicast() => Family::IPV4_MULTICAST,
        IpAddr::V4(_) => Family::IPV4_UNICAST,
        IpAddr::V6(_) => Family::IPV6_UNICAST,
    }
}
