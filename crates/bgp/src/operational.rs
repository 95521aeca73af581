//! OPERATIONAL (draft-ietf-idr-operational-message): `type(2) length(2) value`, the value being `afi(2) safi(1)` and then
//! a text, or `router-id(4) sequence(4)` and, in an answer, `counter(4)`.

use crate::error::Malformed;
use crate::family::{Afi, Family, Safi};
use crate::message;
use crate::read::Reader;
use crate::route::part;
use crate::text::{self, Diagnostic, Word, Words};
use crate::write::Writer;
use std::net::Ipv4Addr;

/// Octets of a text, at most; a longer one is cut and ends in dots.
const LONGEST: usize = 2048;

/// What the value of a type holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    Advisory,
    Query,
    Count,
    Octets,
}

/// The type of a text that is said again whenever the session comes up.
const ASM: u16 = 2;

/// Types by number, with their names.
const KINDS: &[(u16, &str, Shape)] = &[
    (1, "ADM", Shape::Advisory),
    (ASM, "ASM", Shape::Advisory),
    (3, "RPCQ", Shape::Query),
    (4, "RPCP", Shape::Count),
    (5, "APCQ", Shape::Query),
    (6, "APCP", Shape::Count),
    (7, "LPCQ", Shape::Query),
    (8, "LPCP", Shape::Count),
    (9, "SSQ", Shape::Octets),
    (10, "DUP", Shape::Octets),
    (11, "MUP", Shape::Octets),
    (12, "MUD", Shape::Octets),
    (13, "SSP", Shape::Octets),
    (65534, "MP", Shape::Octets),
    (65535, "NS", Shape::Octets),
];

/// A message, borrowed from where it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Operational<'a> {
    /// ADM, ASM: a text for the operator, UTF-8 if the peer says so rightly.
    Advisory { name: &'static str, family: Family, text: &'a [u8] },
    /// RPCQ, APCQ, LPCQ: how many prefixes are there?
    Query { name: &'static str, family: Family, router_id: Ipv4Addr, sequence: u32 },
    /// RPCP, APCP, LPCP: so many.
    Count { name: &'static str, family: Family, router_id: Ipv4Addr, sequence: u32, counter: u32 },
    /// Any other type, as it is; `unknown` if it has no name.
    Other { name: &'static str, kind: u16, value: &'a [u8] },
}

impl<'a> Operational<'a> {
    /// Reads a message body.
    pub fn read(body: &'a [u8]) -> Result<Operational<'a>, Malformed> {
        Operational::read_from(Reader::new(body, message::HEADER))
    }

    /// [`Operational::read`] of the body a reader has come to.
    pub fn read_from(mut r: Reader<'a>) -> Result<Operational<'a>, Malformed> {
        let kind = r.u16("operational type")?;
        let known = KINDS.iter().find(|(known, ..)| *known == kind);
        let (name, shape) = known.map_or(("unknown", Shape::Octets), |(_, name, shape)| (*name, *shape));
        r.says(|| name);
        let len = r.u16("operational length")?;
        let mut r = r.sub(len.into(), "operational value")?;
        if shape == Shape::Octets {
            return Ok(Operational::Other { name, kind, value: r.rest() });
        }
        let family = Family::new(Afi::read(&mut r)?, Safi::read(&mut r)?);
        if shape == Shape::Advisory {
            return Ok(Operational::Advisory { name, family, text: r.text(r.len(), "advisory")? });
        }
        let router_id = r.ipv4("router identifier")?;
        let sequence = r.u32("sequence")?;
        Ok(match shape {
            Shape::Count => Operational::Count { name, family, router_id, sequence, counter: r.u32("counter")? },
            _ => Operational::Query { name, family, router_id, sequence },
        })
    }
}

/// A message to be sent, as its words say it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// Its type.
    pub kind: u16,
    /// What it is about.
    pub family: Family,
    /// Our identifier, if nothing else was said.
    pub router_id: Option<Ipv4Addr>,
    /// The next number, if nothing else was said.
    pub sequence: Option<u32>,
    /// What was counted.
    pub counter: u32,
    /// The text, or the value of a type that is not taken apart.
    pub octets: Vec<u8>,
}

impl Said {
    /// Reads what stands behind the type, to the end of the statement: `afi AFI safi SAFI`, and `advisory TEXT`, `sequence N`, `counter N` and
    /// `router-id IP` as the type asks for, in any order; `data 0xOCTETS` for types that are not taken apart.
    pub fn parse(word: &Word<'_>, words: &mut Words<'_>) -> Result<Said, Diagnostic> {
        let known = KINDS.iter().find(|(_, name, _)| name.eq_ignore_ascii_case(&word.text));
        let Some((kind, _, shape)) = known else {
            let names: Vec<String> = KINDS.iter().map(|(_, name, _)| name.to_ascii_lowercase()).collect();
            let error = word.error(format!("`{}` is no operational message", word.text));
            return Err(error.suggest(&word.text, names.iter().map(String::as_str)));
        };
        let (mut afi, mut safi, mut text, mut data, mut counter) = (None, None, None, None, None);
        let (mut router_id, mut sequence) = (None, None);
        while let Some(key) = words.next() {
            match (&*key.text, shape) {
                ("afi", _) => afi = Some(named("AFI", words, Afi::parse)?),
                ("safi", _) => safi = Some(named("SAFI", words, Safi::parse)?),
                ("advisory", Shape::Advisory) => text = Some(words.expect_text("the text")?.text.into_owned()),
                ("sequence", Shape::Query | Shape::Count) => sequence = Some(number("sequence", words)?),
                ("counter", Shape::Count) => counter = Some(number("counter", words)?),
                ("router-id", Shape::Query | Shape::Count) => {
                    router_id = Some(named("router identifier", words, |text| text.parse().ok())?);
                }
                ("data", Shape::Octets) => data = Some(part::raw("the message", words)?),
                _ => {
                    let error = key.error(format!("`{}` is no part of {}", key.text, word.text));
                    return Err(error.suggest(&key.text, shape.keywords().iter().copied()));
                }
            }
        }
        let missing = |what: &str| {
            Diagnostic::error(words.here(), format!("`{what}` is missing in {}", word.text)).help(shape.form())
        };
        let octets = match shape {
            Shape::Advisory => {
                let text = text.ok_or_else(|| missing("advisory"))?;
                match text.len() > LONGEST {
                    true => format!("{}...", text::cut(&text, LONGEST - 3)).into_bytes(),
                    false => text.into_bytes(),
                }
            }
            Shape::Octets => data.ok_or_else(|| missing("data"))?,
            Shape::Query | Shape::Count => Vec::new(),
        };
        let family = match (shape, afi, safi) {
            (Shape::Octets, ..) => Family::IPV4_UNICAST,
            (_, Some(afi), Some(safi)) => Family::new(afi, safi),
            (_, None, _) => return Err(missing("afi")),
            (_, _, None) => return Err(missing("safi")),
        };
        if *shape == Shape::Count && counter.is_none() {
            return Err(missing("counter"));
        }
        Ok(Said { kind: *kind, family, router_id, sequence, counter: counter.unwrap_or(0), octets })
    }

    /// True if there is a type with this name.
    pub fn is_type(name: &str) -> bool {
        KINDS.iter().any(|(_, known, _)| known.eq_ignore_ascii_case(name))
    }

    /// A text that is said again whenever the session comes up: one for each family.
    pub fn is_static(&self) -> bool {
        self.kind == ASM
    }

    /// Takes part of a numbered question and answer whose number nobody chose.
    pub fn needs_sequence(&self) -> bool {
        let shape = KINDS.iter().find(|(kind, ..)| *kind == self.kind).map(|(_, _, shape)| *shape);
        self.sequence.is_none() && matches!(shape, Some(Shape::Query | Shape::Count))
    }

    /// Appends the whole message. `router_id`, `sequence`: for one that says none of its own.
    pub fn message(&self, router_id: Ipv4Addr, sequence: u32, out: &mut Vec<u8>) {
        let shape = KINDS.iter().find(|(kind, ..)| *kind == self.kind).map_or(Shape::Octets, |(_, _, shape)| *shape);
        message::write(out, message::Kind::OPERATIONAL, |out| {
            let mut w = Writer::new(out);
            w.u16(self.kind);
            let length = w.len16();
            if shape != Shape::Octets {
                w.u16(self.family.afi.0);
                w.u8(self.family.safi.0);
            }
            if matches!(shape, Shape::Query | Shape::Count) {
                w.bytes(&self.router_id.unwrap_or(router_id).octets());
                w.u32(self.sequence.unwrap_or(sequence));
            }
            if shape == Shape::Count {
                w.u32(self.counter);
            }
            w.bytes(&self.octets);
            // a message is no longer than the length field can say
            let _ = w.fill(length);
        });
    }
}

impl Shape {
    fn keywords(self) -> &'static [&'static str] {
        match self {
            Shape::Advisory => &["afi", "safi", "advisory"],
            Shape::Query => &["afi", "safi", "sequence", "router-id"],
            Shape::Count => &["afi", "safi", "sequence", "counter", "router-id"],
            Shape::Octets => &["data"],
        }
    }

    fn form(self) -> &'static str {
        match self {
            Shape::Advisory => "afi AFI safi SAFI advisory \"TEXT\"",
            Shape::Query => "afi AFI safi SAFI [sequence N] [router-id IP]",
            Shape::Count => "afi AFI safi SAFI [sequence N] counter N [router-id IP]",
            Shape::Octets => "data 0xOCTETS",
        }
    }
}

fn named<T>(what: &str, words: &mut Words<'_>, parse: impl Fn(&str) -> Option<T>) -> Result<T, Diagnostic> {
    let word = words.expect(&format!("the {what}"))?;
    parse(&word.text).ok_or_else(|| word.error(format!("`{}` is no {what}", word.text)))
}

fn number(what: &str, words: &mut Words<'_>) -> Result<u32, Diagnostic> {
    part::number(what, words, u32::MAX.into()).map(|n| u32::try_from(n).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Grammar;
    use proptest::prelude::*;

    #[test]
    fn the_three_shapes_are_read() {
        let family = Family::IPV4_UNICAST;
        let advisory = [0, 1, 0, 5, 0, 1, 1, b'h', b'i'];
        assert_eq!(Operational::read(&advisory), Ok(Operational::Advisory { name: "ADM", family, text: b"hi" }));
        let count = [0, 4, 0, 15, 0, 1, 1, 2, 2, 2, 2, 0, 0, 0, 42, 0, 0, 3, 232];
        let router_id = Ipv4Addr::new(2, 2, 2, 2);
        let read = Operational::Count { name: "RPCP", family, router_id, sequence: 42, counter: 1000 };
        assert_eq!(Operational::read(&count), Ok(read));
        for n in 0..count.len() {
            assert!(Operational::read(&count[..n]).is_err());
        }
        let other = |name, kind, value| Ok(Operational::Other { name, kind, value });
        assert_eq!(Operational::read(&[0, 99, 0, 1, 7]), other("unknown", 99, &[7]));
        assert_eq!(Operational::read(&[255, 255, 0, 1, 7]), other("NS", 65535, &[7]));
    }

    fn said(line: &str, grammar: Grammar) -> Result<Vec<u8>, String> {
        let mut words = Words::new(line, 0, grammar);
        let word = words.next().unwrap();
        let said = Said::parse(&word, &mut words).map_err(|e| format!("{line}: {e}"))?;
        let mut out = Vec::new();
        said.message(Ipv4Addr::new(1, 2, 3, 4), 7, &mut out);
        let numbered = matches!(said.kind, 3..=8) && !line.contains("sequence");
        assert_eq!(said.needs_sequence(), numbered);
        Ok(out.split_off(message::HEADER))
    }

    #[test]
    fn words_make_messages() {
        for (line, octets) in [
            ("asm afi ipv4 safi unicast advisory \"hello you\"", "0002000c00010168656c6c6f20796f75"),
            ("adm afi ipv6 safi unicast advisory hi", "0001000500020168 69"),
            ("rpcq afi ipv4 safi unicast sequence 5", "0003000b0001010102030400000005"),
            ("RPCQ safi unicast afi ipv4", "0003000b0001010102030400000007"),
            ("rpcp afi ipv4 safi unicast sequence 5 counter 9", "0004000f000101010203040000000500000009"),
            (
                "lpcp router-id 9.9.9.9 afi afi-99 safi safi-5 sequence 1 counter 4294967295",
                "0008000f006305090909090000 0001ffffffff",
            ),
            ("ns data 0x0102", "ffff00020102"),
            ("ssq data 0x", "00090000"),
        ] {
            let octets = text::hex(&octets.replace(' ', "")).unwrap();
            for grammar in [Grammar::File, Grammar::Line] {
                assert_eq!(said(line, grammar).as_deref(), Ok(&octets[..]), "{line}");
            }
        }
        let long = said(&format!("asm afi ipv4 safi unicast advisory {}", "x".repeat(3000)), Grammar::Line).unwrap();
        assert_eq!((long.len(), &long[long.len() - 4..]), (4 + 3 + LONGEST, &b"x..."[..]));
    }

    #[test]
    fn words_that_are_refused() {
        for (line, help) in [
            ("bogus", "adm"),
            ("asn afi ipv4", "asm"),
            ("asm afi ipv4 safi unicast", "`advisory` is missing"),
            ("asm safi unicast advisory x", "`afi` is missing"),
            ("asm afi ipv5 safi unicast advisory x", "`ipv5` is no AFI"),
            ("asm afi ipv4 safi unicast advisory x sequence 1", "advisory"),
            ("rpcp afi ipv4 safi unicast sequence 1", "`counter` is missing"),
            ("rpcp afi ipv4 safi unicast counter 4294967296", "4294967295"),
            ("rpcq afi ipv4 safi unicast sequense 5", "sequence"),
            ("ns data 5", "hexadecimal"),
        ] {
            let refused = said(line, Grammar::Line).unwrap_err();
            assert!(refused.contains(help), "{refused}");
        }
    }

    proptest! {
        #[test]
        fn no_octets_panic(body in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = Operational::read(&body);
        }

        #[test]
        fn no_words_panic(line in "(asm|rpcp|ns)( (afi|safi|ipv4|unicast|advisory|sequence|counter|data|0x|[\"'a-f0-9]{0,9})){0,9}") {
            for grammar in [Grammar::File, Grammar::Line] {
                let mut words = Words::new(&line, 0, grammar);
                let word = words.next().unwrap();
                let _ = Said::parse(&word, &mut words);
            }
        }
    }
}
