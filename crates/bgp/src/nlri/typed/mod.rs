//! Families whose NLRI begin with a route type: `type(1) length(1) fields`. EVPN, MCAST-VPN and MUP.
//!
//! A family is a table of route types, a route type is a list of fields, and a field has a [`Form`]: how it lies on the
//! wire, how it is written. All a [`NlriFamily`] has to do follows from the table. A type without a row, and octets
//! that are not what their type asks for, are kept as they are, shown and announced again as octets.
//!
//! ```text
//! mac-ip rd 65000:1 mac 00:11:22:33:44:55 label 100      the word of the type, then its fields in any order
//! mup-isd 10.0.1.0/24 rd 65000:1                         some types have a field without keyword, which comes first
//! ```

pub(super) mod form;

use form::{Form, Part};

use super::inet::{path_json, path_text};
use super::{Identity, NextHopRule, NlriFamily, Shown, family_text};
use crate::dialect::Dialect;
use crate::dice::Dice;
use crate::error::Malformed;
use crate::family::{Afi, Family};
use crate::json;
use crate::put;
use crate::put::{Hex, LowerHex, Quoted};
use crate::read::Reader;
use crate::route::{Draft, Keyword, Purpose};
use crate::text::{Diagnostic, Words};

/// The part of a draft that says which type the route is of.
const ROUTE_TYPE: &str = "route type";

/// A family with route types.
pub(super) trait Typed {
    /// See [`NlriFamily`], as for all that is called the same there.
    const FAMILY: Family;
    const NAME: &'static str;
    const NEXT_HOP: NextHopRule;
    const PACKS: bool;
    const ADD_PATH: bool = false;
    const NEXT_HOP_TWICE: bool = true;
    const RFC: &'static str;
    const KEYWORDS: &'static [Keyword];
    /// Its route types.
    const TYPES: &'static [RouteType];
    /// Octets ahead of the type that say that the table holds.
    const LEAD: &'static [u8] = &[];
    /// What listings call the family: `evpn`.
    const LISTED: &'static str;

    /// Appends the members of the JSON object; returns what closes it.
    fn members(nlri: &[u8], route: Option<&Route<'_>>, out: &mut String) -> &'static str;
}

/// A row of a family's table.
pub(super) struct RouteType {
    pub code: u8,
    /// The word that announces it.
    pub word: &'static str,
    /// What events and listings call it; `None`: the frozen dialects know nothing of it, and show octets.
    pub known: Option<Known>,
    /// In the order they have on the wire.
    pub fields: &'static [Field],
}

/// What the frozen dialects call a route type.
pub(super) struct Known {
    /// `"name"` in JSON.
    pub name: &'static str,
    /// In listings.
    pub listed: &'static str,
}

impl RouteType {
    pub const fn new(code: u8, word: &'static str, fields: &'static [Field]) -> RouteType {
        RouteType { code, word, known: None, fields }
    }

    /// The same, where events call it `name` and listings `listed`.
    pub const fn known(self, name: &'static str, listed: &'static str) -> RouteType {
        RouteType { known: Some(Known { name, listed }), ..self }
    }
}

/// A field of a route type.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub word: &'static str,
    pub form: &'static Form,
    pub doc: &'static str,
    /// It is part of what makes two routes the same.
    pub key: bool,
    /// It may be left out, in an announcement, too.
    pub optional: bool,
    /// It comes first, without its keyword.
    pub bare: bool,
}

impl Field {
    pub const fn new(word: &'static str, form: &'static Form, doc: &'static str) -> Field {
        Field { word, form, doc, key: true, optional: false, bare: false }
    }

    pub const fn not_key(self) -> Field {
        Field { key: false, ..self }
    }

    pub const fn optional(self) -> Field {
        Field { optional: true, ..self }
    }

    pub const fn bare(self) -> Field {
        Field { bare: true, ..self }
    }

    /// Its row among the keywords of the family.
    pub const fn keyword(self) -> Keyword {
        Keyword::part(self.word, self.form.value, self.doc, self.form.read)
    }
}

/// The fields a route type has at most.
const MOST: usize = 9;

/// An NLRI whose type has a row, and whose octets are what the row asks for.
pub(super) struct Route<'a> {
    pub kind: &'static RouteType,
    pub afi: Afi,
    value: &'a [u8],
    /// The octets of each field.
    octets: [&'a [u8]; MOST],
}

impl<'a> Route<'a> {
    fn of<T: Typed>(nlri: &'a [u8]) -> Option<Route<'a>> {
        let (code, value) = match nlri.strip_prefix(T::LEAD)? {
            [code, _, value @ ..] => (*code, value),
            _ => return None,
        };
        let kind = T::TYPES.iter().find(|kind| kind.code == code)?;
        let (afi, mut r, mut before): (_, _, &[u8]) = (T::FAMILY.afi, Reader::new(value, 0), &[]);
        let mut octets: [&[u8]; MOST] = [&[]; MOST];
        for (field, octets) in kind.fields.iter().zip(&mut octets) {
            *octets = (field.form.cut)(&mut r, afi, before)?;
            before = octets;
        }
        r.is_empty().then_some(Route { kind, afi, value, octets })
    }

    /// Its fields with their octets, in the order of the wire.
    pub fn parts(&self) -> impl Iterator<Item = Part<'a>> {
        let mut before: &[u8] = &[];
        self.kind.fields.iter().zip(self.octets).map(move |(field, octets)| {
            let part = Part { field, octets, before, afi: self.afi };
            before = octets;
            part
        })
    }

    /// The octets of a field; none if the type has no such field.
    pub fn octets(&self, word: &str) -> &'a [u8] {
        self.parts().find(|part| part.field.word == word).map_or(&[], |part| part.octets)
    }

    /// What makes it the same route as another: runs of fields that are part of the key.
    fn identity(&self) -> Identity<'a> {
        let mut runs = [(0, 0); 2];
        let (mut at, mut run) = (0, 0);
        for Part { field, octets, .. } in self.parts() {
            let start = at;
            at += octets.len();
            match runs.get_mut(run) {
                Some(run) if field.key => *run = (if run.1 == 0 { start } else { run.0 }, at),
                Some((_, 1..)) => run += 1,
                _ => {}
            }
        }
        Identity { number: self.kind.code, parts: runs.map(|(from, to)| self.value.get(from..to).unwrap_or(&[])) }
    }
}

impl<T: Typed> NlriFamily for T {
    const FAMILY: Family = T::FAMILY;
    const NAME: &'static str = T::NAME;
    const ADD_PATH: bool = T::ADD_PATH;
    const NEXT_HOP: NextHopRule = T::NEXT_HOP;
    const PACKS: bool = T::PACKS;
    const OFFERED: bool = true;
    const NEXT_HOP_TWICE: bool = T::NEXT_HOP_TWICE;
    const RFC: &'static str = T::RFC;
    const KEYWORDS: &'static [Keyword] = T::KEYWORDS;

    #[inline]
    fn split<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
        let whole = r.rest();
        r.take(T::LEAD.len() + 1, "route type")?;
        let length = r.u8("length of the route")?;
        r.take(usize::from(length), "route")?;
        Ok(whole.get(..whole.len() - r.len()).unwrap_or(&[]))
    }

    fn fields(nlri: Reader<'_>) {
        let Some(route) = Route::of::<T>(nlri.rest()) else { return };
        let mut r = nlri;
        let _ = r.take(T::LEAD.len() + 1, "route type");
        r.says(|| route.kind.word);
        let _ = r.u8("length of the route");
        for part in route.parts() {
            let _ = r.take(part.octets.len(), part.field.word);
            r.says(|| {
                let mut words = String::new();
                (part.field.form.words)("", &part, &mut words);
                words.trim_start().to_owned()
            });
        }
    }

    fn identity(nlri: &[u8]) -> Identity<'_> {
        Route::of::<T>(nlri).map_or(Identity::whole(nlri), |route| route.identity())
    }

    fn withdraw(nlri: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(nlri);
    }

    fn words(nlri: &[u8], out: &mut String) {
        let Some(route) = Route::of::<T>(nlri) else { return super::opaque::raw_words(nlri, out) };
        out.push_str(route.kind.word);
        for part in route.parts().filter(|part| part.field.bare) {
            (part.field.form.words)("", &part, out);
        }
        for part in route.parts().filter(|part| !part.field.bare) {
            (part.field.form.words)(part.field.word, &part, out);
        }
    }

    fn text(shown: &Shown<'_>, out: &mut String, dialect: Dialect) {
        family_text(T::FAMILY, shown, out, dialect);
    }

    fn listed(shown: &Shown<'_>, out: &mut String, dialect: Dialect) {
        match Route::of::<T>(shown.nlri) {
            Some(Route { kind: RouteType { known: None, .. }, .. }) => T::words(shown.nlri, out),
            Some(route) => {
                put!(out, T::LISTED, ':', route.kind.known.as_ref().map_or("", |known| known.listed), ':');
                route.parts().for_each(|part| (part.field.form.listed)(&part, out));
            }
            None => {
                let value = shown.nlri.get(T::LEAD.len() + 2..).unwrap_or(&[]);
                put!(out, T::LISTED, ":unknown:0x", LowerHex(value));
            }
        }
        path_text(shown.path_id, out);
        if dialect == Dialect::V6 {
            out.push_str(shown.hop);
        }
    }

    fn json(shown: &Shown<'_>, out: &mut String, _: Dialect, _: bool) {
        out.push_str("{ ");
        let close = T::members(shown.nlri, Route::of::<T>(shown.nlri).as_ref(), out);
        path_json(shown.path_id, out);
        out.push_str(close);
    }

    fn parse(words: &mut Words<'_>, draft: &mut Draft) -> Result<(), Diagnostic> {
        let word = words.expect("the type of the route")?;
        let kind = T::TYPES.iter().find(|kind| kind.word == word.text).ok_or_else(|| {
            let error = word.error(format!("`{}` is no type of route of {}", word.text, T::FAMILY));
            error.suggest(&word.text, T::TYPES.iter().map(|kind| kind.word))
        })?;
        draft.add_part(ROUTE_TYPE, &[kind.code]);
        kind.fields.iter().filter(|field| field.bare).try_for_each(|field| (field.form.read)(draft, field.word, words))
    }

    fn build(draft: &Draft, purpose: Purpose, each: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
        let code = draft.part(ROUTE_TYPE).and_then(|part| part.first()).copied();
        let Some(kind) = T::TYPES.iter().find(|kind| Some(kind.code) == code) else {
            return Err(draft.complain("the type of the route is missing"));
        };
        let strange = draft.parts().map(|(word, _)| word).filter(|word| *word != ROUTE_TYPE);
        for word in strange {
            if !kind.fields.iter().any(|field| field.word == word) {
                let fields = kind.fields.iter().map(|field| field.word).collect::<Vec<_>>().join(", ");
                let error = draft.complain(&format!("`{word}` is no field of a {} route", kind.word));
                return Err(error.help(format!("its fields are {fields}")));
            }
        }
        let mut nlri = [T::LEAD, &[kind.code, 0]].concat();
        let head = nlri.len();
        for field in kind.fields {
            let part = draft.part(field.word);
            // a withdrawal need only say what makes the route the same
            let needed = !field.optional && (field.key || purpose == Purpose::Announce);
            if part.is_none() && needed {
                return Err(draft.missing(field.word, &format!("{} {}", field.word, field.form.value)));
            }
            (field.form.write)(part, &Making { draft, afi: T::FAMILY.afi, word: field.word }, &mut nlri)?;
        }
        let length =
            u8::try_from(nlri.len() - head).map_err(|_| draft.complain("the route is longer than 255 octets"))?;
        nlri.get_mut(head - 1).into_iter().for_each(|octet| *octet = length);
        each(&nlri);
        Ok(())
    }

    fn sample(dice: &mut Dice, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(T::LEAD);
        match dice.pick(T::TYPES) {
            Some(kind) if !dice.once_in(16) => {
                out.extend_from_slice(&[kind.code, 0]);
                let either = if dice.once_in(2) { Afi::IPV4 } else { Afi::IPV6 };
                let afi = if matches!(T::FAMILY.afi, Afi::IPV4 | Afi::IPV6) { T::FAMILY.afi } else { either };
                kind.fields.iter().for_each(|field| (field.form.sample)(dice, afi, out));
            }
            // a type nobody knows, or octets that are unlikely to be what the type asks for
            _ => {
                out.extend_from_slice(&[dice.u8(), 0]);
                let n = dice.below(40);
                dice.octets(n, out);
            }
        }
        let (head, n) = (start + T::LEAD.len() + 1, out.len() - start - T::LEAD.len() - 2);
        out.get_mut(head).into_iter().for_each(|octet| *octet = u8::try_from(n).unwrap_or(0));
    }
}

/// What a field is written for.
pub(super) struct Making<'a> {
    pub draft: &'a Draft,
    pub afi: Afi,
    /// The keyword of the field.
    pub word: &'static str,
}

/// `"code": 2, "parsed": true, "raw": "…"` with the name, and what `fields` adds; for EVPN and MCAST-VPN. Returns
/// whether it was parsed.
pub(super) fn coded(
    nlri: &[u8],
    route: Option<&Route<'_>>,
    out: &mut String,
    fields: impl FnOnce(&Route<'_>, &mut String),
) -> bool {
    let shown = route.and_then(|route| Some((route, route.kind.known.as_ref()?)));
    let code = nlri.first().copied().unwrap_or(0);
    put!(out, "\"code\": ", code);
    json::member(out, "parsed", shown.is_some());
    json::member(out, "raw", Quoted(Hex(nlri)));
    if let Some((route, known)) = shown {
        json::member(out, "name", Quoted(known.name));
        fields(route, out);
    }
    shown.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlri::{evpn, mcast_vpn, mup};

    /// What the code takes for granted of a family's table.
    fn table<T: Typed>() {
        for (i, kind) in T::TYPES.iter().enumerate() {
            assert!(T::TYPES.iter().skip(i + 1).all(|other| other.code != kind.code && other.word != kind.word));
            assert!(kind.fields.len() <= MOST);
            let keys: Vec<bool> = kind.fields.iter().map(|field| field.key).collect();
            let runs = keys.chunk_by(|a, b| a == b).filter(|run| run.first() == Some(&true)).count();
            assert!((1..=2).contains(&runs), "an identity has two runs at most: {}", kind.word);
            for (i, field) in kind.fields.iter().enumerate() {
                assert!(kind.fields.iter().skip(i + 1).all(|other| other.word != field.word));
                let keyword = T::KEYWORDS.iter().find(|keyword| keyword.word == field.word);
                assert_eq!(keyword.is_none(), field.bare, "{} of {}", field.word, kind.word);
                assert!(keyword.is_none_or(|keyword| std::ptr::fn_addr_eq(keyword.parse, field.form.read)));
            }
        }
        for keyword in T::KEYWORDS.iter().filter(|keyword| keyword.word != "vni") {
            assert!(T::TYPES.iter().any(|kind| kind.fields.iter().any(|field| field.word == keyword.word)));
        }
    }

    #[test]
    fn tables_are_whole() {
        table::<evpn::Evpn>();
        table::<mcast_vpn::Ipv4McastVpn>();
        table::<mup::Ipv4Mup>();
    }
}
