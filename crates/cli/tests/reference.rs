//! `docs/reference` is what the tables say. `HERALD_WRITE_REFERENCE=1 cargo test -p herald-cli --test reference` writes it.
#![allow(clippy::unwrap_used, clippy::panic)]

use herald_bgp::attribute::{ATTRIBUTES, Length, flags, link_state_tlvs};
use herald_bgp::capability::CAPABILITIES;
use herald_bgp::dialect::Dialect;
use herald_bgp::dice::Dice;
use herald_bgp::error::Outcome;
use herald_bgp::nlri::{FAMILIES, NextHopRule};
use herald_bgp::rfc::{self, Support};
use herald_bgp::route::{Keyword, words_of};
use std::fmt::Write as _;
use std::path::Path;

#[test]
fn the_reference_is_what_the_tables_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    type Page = fn() -> String;
    let pages: [(&str, Page); 5] = [
        ("families.md", families),
        ("attributes.md", attributes),
        ("link-state.md", link_state),
        ("capabilities.md", capabilities),
        ("rfcs.md", documents),
    ];
    for (name, page) in pages {
        let (file, page) = (folder.join(name), page());
        if std::env::var_os("HERALD_WRITE_REFERENCE").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, &page).unwrap();
        }
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(found == page, "{} is stale: see the head of this test", file.display());
    }
}

fn page(title: &str, about: &str) -> String {
    format!("# {title}\n\n<!-- generated from the tables of the code: see CONTRIBUTING.md -->\n\n{about}\n")
}

fn families() -> String {
    let mut out = page(
        "Address families",
        "Each line of an *announce* example is what may follow `announce` on an API line, and, without AFI, what may stand in\n\
         `announce { AFI { } }` in a file. Attributes follow in any order. Every family understands `raw 0xOCTETS` in place of its\n\
         words, and a family that is not here can be named by its numbers: `afi-99 safi-5`.\n",
    );
    out.push_str("| family | AFI/SAFI | next hop, octets | offered when a file names none | defined in |\n|---|---|---|---|---|\n");
    for spec in FAMILIES {
        let family = spec.family;
        let next_hop = match spec.next_hop {
            NextHopRule::Ipv4 => "4; 16 or 32 with RFC 8950",
            NextHopRule::Ipv6 => "16 or 32; 4 with RFC 8950",
            NextHopRule::Vpn if family.afi.0 == 2 => "24 or 48; 12 with RFC 8950",
            NextHopRule::Vpn => "12; 24 or 48 with RFC 8950",
            NextHopRule::EitherVpn => "12, 24 or 48",
            NextHopRule::Optional => "0, 4 or 16",
            _ => "4, 16 or 32",
        };
        let offered = if spec.offered { "yes" } else { "" };
        let _ = writeln!(
            out,
            "| [{family}](#{}) | {}/{} | {next_hop} | {offered} | {} |",
            family.join("-"),
            family.afi.0,
            family.safi.0,
            spec.rfc
        );
    }
    for spec in FAMILIES {
        let _ = write!(out, "\n## {}\n\n```text\n", spec.family);
        let mut shown = 0;
        let mut dice = Dice::new(u64::from(spec.family.safi.0));
        let mut kinds: Vec<String> = Vec::new();
        for _ in 0..400 {
            let (mut nlri, mut words) = (Vec::new(), String::new());
            (spec.sample)(&mut dice, &mut nlri);
            words_of(spec.family, None, &nlri, &mut words);
            // one of each kind, and none that goes beyond a line
            let kind = words.split(' ').next().unwrap_or("").to_owned();
            let kind = if kind.contains(['.', ':']) { "prefix".to_owned() } else { kind };
            if kind == "raw" || words.len() > 180 || kinds.contains(&kind) || shown >= 12 {
                continue;
            }
            kinds.push(kind);
            shown += 1;
            let _ = writeln!(out, "announce {} {words} next-hop …", spec.family);
        }
        out.push_str("```\n");
        keywords(spec.keywords, &mut out);
    }
    out
}

fn keywords(keywords: &[Keyword], out: &mut String) {
    if keywords.is_empty() {
        return;
    }
    out.push_str("\n| keyword | value | |\n|---|---|---|\n");
    for keyword in keywords {
        let value = keyword.value.replace('|', "\\|");
        let value = if value.is_empty() { value } else { format!("`{value}`") };
        let _ = writeln!(out, "| `{}` | {value} | {} |", keyword.word, keyword.doc.replace('|', "\\|"));
    }
}

fn attributes() -> String {
    let mut out = page(
        "Path attributes",
        "*Events* says from which generation of words on an attribute has a name in events; before, and where it says *octets*,\n\
         it reads `\"attribute-0xCODE-0xFLAGS\": \"0x…\"`. *If malformed* is what RFC 7606 asks for. Any attribute can be written as\n\
         `attribute [ 0xCODE 0xFLAGS 0xDATA ]`.\n",
    );
    out.push_str("| code | name | flags | keyword | length | events | if malformed | defined in |\n|---|---|---|---|---|---|---|---|\n");
    for spec in ATTRIBUTES {
        let kind = match (spec.flags & flags::OPTIONAL != 0, spec.flags & flags::TRANSITIVE != 0) {
            (false, _) => "well-known",
            (true, true) => "optional transitive",
            (true, false) => "optional",
        };
        let length = match spec.length {
            Length::Checked => String::new(),
            Length::Octets(n) => n.to_string(),
            Length::Items(n) => format!("{n}, {}, …", 2 * n),
        };
        let keywords: Vec<String> = spec.keywords.iter().map(|word| format!("`{word}`")).collect();
        let events = match spec.since {
            Some(Dialect::V4) => "4",
            Some(Dialect::V5) => "5",
            Some(Dialect::V6) => "6",
            None => "octets",
        };
        let fault = match spec.fault {
            Outcome::AttributeDiscard => "attribute discard",
            Outcome::TreatAsWithdraw => "treat as withdraw",
            Outcome::AfiSafiDisable => "family disabled",
            Outcome::SessionReset => "session reset",
        };
        let _ = writeln!(
            out,
            "| {} | {} | {kind} | {} | {length} | {events} | {fault} | {} |",
            spec.code,
            spec.name,
            keywords.join(" "),
            spec.rfc
        );
    }
    out.push_str("\n| keyword | what it says |\n|---|---|\n");
    for spec in ATTRIBUTES.iter().filter(|spec| !spec.keywords.is_empty()) {
        let keywords: Vec<String> = spec.keywords.iter().map(|word| format!("`{word}`")).collect();
        let _ = writeln!(out, "| {} | {} |", keywords.join(" "), spec.doc.replace('|', "\\|"));
    }
    out
}

fn link_state() -> String {
    let mut out = page(
        "Link-state attributes",
        "What `bgp-ls [ … ]` may hold, by the types of its TLVs. Each *example* is as the dice fell. TLVs are sent in the order they\n\
         are written in. A type that is not here, and a value that is not what its type says, is written `tlv N 0xOCTETS`. In\n\
         brackets, fields come in any order; numbers and flags that are left out are zero, and flags V and L of a SID follow from\n\
         `label` or `sid`.\n\n\
         *Events* names the key in JSON, where one is the same from another generation of words on; `generic-lsid-N` with the octets\n\
         stands for all others.\n",
    );
    out.push_str("| type | name | events | example |\n|---|---|---|---|\n");
    for tlv in link_state_tlvs() {
        let key = match tlv.json {
            None => String::new(),
            Some(([old, new], since)) => {
                let since = if since > Dialect::V4 {
                    format!(" from {} on", since.version().get(..1).unwrap_or(""))
                } else {
                    String::new()
                };
                if old == new { format!("`{new}`{since}") } else { format!("`{old}`{since}, 6: `{new}`") }
            }
        };
        let _ = writeln!(out, "| {} | {} | {key} | `{}` |", tlv.code, tlv.name, tlv.words);
    }
    out
}

fn capabilities() -> String {
    let mut out = page(
        "Capabilities",
        "*Events* says from which generation of words on a capability has members of its own in the event of an OPEN; before, and\n\
         for codes that are not here, its octets are shown. The log tells all of them when a session comes up.\n",
    );
    out.push_str("| code | name | events | several in one OPEN | what it says |\n|---|---|---|---|---|\n");
    for spec in CAPABILITIES {
        let since = spec.since.and_then(|since| since.version().split('.').next()).unwrap_or("");
        let merges = if spec.merges { "add up" } else { "the last counts" };
        let _ =
            writeln!(out, "| {} | {} | {since} | {merges} | {} |", spec.code, spec.name, spec.doc.replace('|', "\\|"));
    }
    out
}

fn documents() -> String {
    let mut out = page(
        "RFCs and drafts",
        "*Whole*: all that concerns a speaker without a forwarding table. *Words*: what the document defines is read, shown and\n\
         written, and nothing follows from it.\n",
    );
    out.push_str("| document | about | | |\n|---|---|---|---|\n");
    for document in rfc::documents() {
        let support = match document.support {
            Support::Whole => "whole",
            Support::Words => "words",
            Support::Part => "part",
        };
        let name = match document.name.strip_prefix("RFC ") {
            Some(number) => format!("[{}](https://www.rfc-editor.org/rfc/rfc{number})", document.name),
            None => document.name.to_owned(),
        };
        let _ = writeln!(out, "| {name} | {} | {support} | {} |", document.about, document.note);
    }
    out
}
