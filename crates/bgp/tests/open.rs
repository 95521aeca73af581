//! OPEN: what every row of capabilities has to do, by being a row; and what peers write into texts.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use herald_bgp::capability::{CAPABILITIES, code, describe, json_all, text_all};
use herald_bgp::dialect::Dialect;
use herald_bgp::dice::Dice;
use herald_bgp::message::HEADER;
use herald_bgp::notification::Notification;
use herald_bgp::open::Open;
use herald_bgp::read::Reader;
use herald_testkit::generate;
use herald_testkit::json;
use proptest::prelude::*;

const DIALECTS: [Dialect; 3] = [Dialect::V4, Dialect::V5, Dialect::V6];

/// An OPEN of values the rows make up.
fn sound(seed: u64) -> Open {
    let mut dice = Dice::new(seed);
    let mut open = Open::new(dice.u32(), dice.u16(), dice.u32().into());
    for _ in 0..dice.below(30) {
        let row = dice.pick(CAPABILITIES).unwrap();
        let mut value = Vec::new();
        (row.sample)(&mut dice, &mut value);
        open.capabilities.push((row.code, value));
    }
    open
}

fn body(open: &Open) -> Vec<u8> {
    let mut out = Vec::new();
    open.write(&mut out);
    out.split_off(HEADER)
}

/// Shows it in every way there is: one line each, and one JSON object without a key twice.
fn shown(open: &Open) -> Result<(), TestCaseError> {
    let printable = |text: &str| text.bytes().all(|b| (b' '..=b'~').contains(&b));
    for dialect in DIALECTS {
        for sent in [false, true] {
            let mut out = String::new();
            json_all(open, sent, &mut out, dialect);
            prop_assert_eq!(json::fault(&out), None, "{}", out);
            let members = serde_json::from_str::<serde_json::Value>(&out).unwrap().as_object().unwrap().len();
            let mut codes: Vec<u8> = open.capabilities.iter().map(|(code, _)| *code).collect();
            codes.sort_unstable();
            codes.dedup();
            prop_assert_eq!(members, codes.len(), "every capability has a member: {}", out);
        }
        let mut out = String::new();
        text_all(open, &mut out, dialect);
        prop_assert!(printable(&out), "{}", out);
    }
    let mut out = String::new();
    describe(open, &mut out);
    prop_assert!(printable(&out), "{}", out);
    Ok(())
}

#[test]
fn rows_are_in_order_and_documented() {
    assert!(CAPABILITIES.is_sorted_by(|a, b| a.code < b.code));
    for row in CAPABILITIES {
        assert!(row.doc.ends_with('.'), "{}", row.name);
        assert!(row.since.is_none() || !row.tolerated, "{}: what is looked at cannot be anything", row.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_is_written_is_read_and_shown(seed: u64) {
        let open = sound(seed);
        let wire = body(&open);
        prop_assert_eq!(wire[9] == 255, open.capabilities.iter().map(|(_, v)| 4 + v.len()).sum::<usize>() >= 255);
        prop_assert_eq!(Open::read(&wire), Ok(open.clone()));
        shown(&open)?;
    }

    #[test]
    fn every_truncation_has_a_verdict(seed: u64) {
        let wire = body(&sound(seed));
        for n in 0..wire.len() {
            prop_assert_eq!(Open::read(&wire[..n]), Err(Notification::new(2, 0)));
        }
    }

    /// A value cut short is refused, or says less, or is shown as octets; nothing else becomes of it.
    #[test]
    fn values_cut_short_or_damaged_are_shown_or_refused(seed: u64, damage: bool) {
        let mut dice = Dice::new(seed);
        let row = dice.pick(CAPABILITIES).unwrap();
        let mut value = Vec::new();
        (row.sample)(&mut dice, &mut value);
        for n in 0..=value.len() {
            let mut part = value[..n].to_vec();
            if damage && n > 0 {
                part[dice.below(n)] = dice.u8();
            }
            let open = Open { capabilities: vec![(row.code, part.clone())], ..Open::new(1, 2, [10, 0, 0, 1].into()) };
            let sound = (row.check)(Reader::new(&part, 0)).is_ok();
            let read = Open::read(&body(&open));
            match sound || row.tolerated {
                true => prop_assert_eq!(read, Ok(open.clone())),
                false => prop_assert_eq!(read, Err(Notification::new(2, 0)), "{} {:?}", row.name, part),
            }
            shown(&open)?;
        }
    }

    #[test]
    fn anything_that_can_be_read_can_be_shown(seed: u64) {
        let mut out = Vec::new();
        generate::open(&mut Dice::new(seed), &mut out);
        if let Ok(open) = Open::read(&out[HEADER..]) {
            shown(&open)?;
        }
    }

    /// Names and versions cannot end the string, the word list or the line they stand in.
    #[test]
    fn texts_of_peers_stay_where_they_are(host in ".{0,40}|[\\x00-\\x7f]{0,40}", octets in prop::collection::vec(any::<u8>(), 0..40)) {
        let counted = |text: &[u8]| {
            let mut out = vec![u8::try_from(text.len().min(255)).unwrap()];
            out.extend_from_slice(&text[..text.len().min(255)]);
            out
        };
        let name = [counted(host.as_bytes()), counted(&octets)].concat();
        let capabilities = vec![(code::HOSTNAME, name), (code::SOFTWARE_VERSION, counted(&octets))];
        let open = Open { capabilities, ..Open::new(1, 2, [10, 0, 0, 1].into()) };
        shown(&open)?;
        let mut out = String::new();
        json_all(&open, false, &mut out, Dialect::V6);
        let json: serde_json::Value = serde_json::from_str(&out).unwrap();
        let cut = String::from_utf8_lossy(&host.as_bytes()[..host.len().min(255)]).into_owned();
        prop_assert_eq!(json["73"]["host-name"].as_str(), Some(&*cut));
        prop_assert_eq!(json["75"]["software"].as_str(), Some(&*String::from_utf8_lossy(&octets)));
    }
}
