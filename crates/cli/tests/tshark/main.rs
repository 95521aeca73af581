//! A second opinion: what Herald writes is read by Wireshark, which has to see the same in it.
//!
//! Messages of every family, attribute and capability go into one capture, and `tshark` dissects it once. What it shows is looked
//! up in what Herald says of the same message (`fields.rs`); what it complains of is a fault, unless it is known that Wireshark is
//! wrong or does not know better (`exceptions.rs`). Without `tshark` there is no second opinion, and the test says so.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "a test")]

mod exceptions;
mod fields;
mod pcap;
mod pdml;
mod samples;

use exceptions::{EXCEPTIONS, STRANGE, WRITTEN_FOR};
use fields::FIELDS;
use pdml::Field;
use samples::Sample;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Severities from here on are faults: warnings and errors.
const WARNING: u32 = 0x0060_0000;

#[test]
fn wireshark_sees_the_same() {
    let Ok(version) = Command::new("tshark").arg("--version").output() else {
        println!("skipped: there is no tshark");
        return;
    };
    let version = String::from_utf8_lossy(&version.stdout).lines().next().unwrap_or_default().to_owned();
    let samples = samples::all();
    let packets = dissect(&samples);
    let mut compared: BTreeMap<&str, usize> = BTreeMap::new();
    let mut nobody_compares = BTreeSet::new();
    let mut strangers = BTreeSet::new();
    let mut needed = vec![false; EXCEPTIONS.len()];
    let mut faults = Vec::new();
    for (packet, sample) in packets.iter().zip(&samples) {
        let mut complaints = Vec::new();
        let mut count = 0;
        let layers: Vec<&Field> = packet.iter().filter(|layer| layer.name == "bgp").collect();
        if layers.len() != 1 {
            complaints.push(format!("{} messages", layers.len()));
        }
        packet.iter().flat_map(Field::all).for_each(|field| complaints.extend(expert(field)));
        for field in layers.iter().flat_map(|layer| layer.all()) {
            match FIELDS.iter().find(|(name, _)| *name == field.name) {
                Some((_, keys)) => {
                    count += 1;
                    complaints.extend(fields::difference(field, keys, sample));
                }
                None if field.name.starts_with("bgp.") && field.parts.is_empty() => {
                    nobody_compares.insert(field.name.clone());
                }
                None => {}
            }
        }
        *compared.entry(&sample.row).or_default() += count;
        let strange = |complaint: &str| STRANGE.iter().position(|start| complaint.starts_with(start));
        if complaints.iter().any(|complaint| strange(complaint).is_some_and(|i| i + 1 < STRANGE.len())) {
            strangers.insert(&*sample.row);
            complaints.retain(|complaint| strange(complaint).is_none());
        }
        for complaint in complaints {
            let known: Vec<usize> =
                (0..EXCEPTIONS.len()).filter(|i| EXCEPTIONS[*i].is_for(sample, &complaint)).collect();
            known.iter().for_each(|i| needed[*i] = true);
            if known.is_empty() {
                faults.push(format!("{}: {complaint}\n    {} {:?}", sample.row, sample.words, sample.says));
            }
        }
    }
    let total: usize = compared.values().sum();
    println!("{version}: {} messages of {} rows, {total} values compared", samples.len(), compared.len());
    println!("fields nobody compares: {}", nobody_compares.into_iter().collect::<Vec<_>>().join(" "));
    println!("rows it does not know: {}", strangers.into_iter().collect::<Vec<_>>().join(", "));
    compared.iter().for_each(|(row, count)| println!("  {row}: {count}"));
    for (exception, _) in EXCEPTIONS.iter().zip(&needed).filter(|(_, needed)| !**needed) {
        let stale = format!("no longer needed: {exception:?}");
        // another version knows other things
        if version.contains(WRITTEN_FOR) { faults.push(stale) } else { println!("{stale}") }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    assert!(samples.len() > 1000 && total > 4000, "too little is compared");
}

/// A value that is not what Herald says is seen.
#[test]
fn another_value_is_a_difference() {
    let said = [("next-hop", "192.0.2.1"), ("rd", "65000:1"), ("label", "100"), ("esi", "01:02"), ("a.bits", "24")];
    let says = said.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
    let sample = Sample { row: String::new(), bytes: Vec::new(), words: String::new(), says };
    for (key, same, other) in [
        ("next-hop", "192.0.2.1", "192.0.2.2"),
        ("rd", "65000:1", "65001:2"),
        ("label", "100 (bottom)", "101 (bottom)"),
        ("esi", "01:02", "02:01"),
        ("bits", "24", "25"),
        ("bits", "0x18", "192.0.2.1"),
    ] {
        let field = |show: &str| Field { show: show.into(), ..Field::default() };
        assert_eq!(fields::difference(&field(same), &[key], &sample), None);
        assert!(fields::difference(&field(other), &[key], &sample).is_some(), "{key} {other}");
    }
}

/// What Wireshark sees in each message.
fn dissect(samples: &[Sample]) -> Vec<Vec<Field>> {
    let mut capture = Vec::new();
    pcap::head(&mut capture);
    samples.iter().enumerate().for_each(|(number, sample)| pcap::packet(number, &sample.bytes, &mut capture));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("herald.pcap");
    std::fs::write(&file, capture).unwrap();
    let mut tshark = Command::new("tshark");
    // no names, and AS numbers as all these messages have them
    tshark
        .args(["-n", "-o", "bgp.asn_len:4 octet", "-T", "pdml", "-r"])
        .arg(&file)
        .env("WIRESHARK_CONFIG_DIR", folder.path());
    let output = tshark.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let packets = pdml::packets(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(packets.len(), samples.len());
    packets
}

/// What it finds wrong, if that is what the field says.
fn expert(field: &Field) -> Option<String> {
    let part = |name| field.parts.iter().find(|part| part.name == name).map_or("", |part| &part.show);
    let is_fault = part("_ws.expert.severity").parse::<u32>().is_ok_and(|severity| severity >= WARNING);
    (field.name == "_ws.expert" && is_fault).then(|| format!("complaint: {}", part("_ws.expert.message")))
}
