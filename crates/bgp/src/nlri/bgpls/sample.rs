//! NLRI made up by dice: most of known types, in the order of RFC 9552, with now and then something nobody knows.

use super::rows::{IN_NODE, KINDS, PROTOCOLS, ROWS, Row, Value};
use super::words::order;
use crate::dice::Dice;
use crate::family::Afi;
use crate::value::tlv::Tlv;
use crate::write::Writer;

/// Appends one NLRI.
pub(super) fn nlri(dice: &mut Dice, has_rd: bool, out: &mut Vec<u8>) {
    let kind = dice.pick(KINDS).filter(|_| !dice.once_in(12));
    let code = kind.map_or(dice.u16() | 0x100, |kind| kind.code);
    let mut w = Writer::new(out);
    w.u16(code);
    let length = w.len16();
    if has_rd {
        w.bytes(&dice.rd().0);
    }
    w.u8(dice.pick(PROTOCOLS).map_or(0, |(code, _)| *code));
    w.u64(if dice.once_in(2) { 0 } else { dice.bits() });
    match kind {
        Some(kind) => {
            for tlv in descriptors(code, kind.needs, dice) {
                w.bytes(&tlv);
            }
        }
        None => w.bytes(&dice.array::<9>()),
    }
    let _ = w.fill(length);
}

fn descriptors(of: u16, needs: &[u16], dice: &mut Dice) -> Vec<Vec<u8>> {
    let mut list = Vec::new();
    for row in ROWS.iter().filter(|row| row.of.contains(&of)) {
        let count = if needs.contains(&row.code) { 1 } else { dice.below(if row.once { 2 } else { 3 }) };
        (0..count).for_each(|_| list.push(tlv(row, of, dice)));
    }
    if dice.once_in(8) {
        let mut octets = Vec::new();
        let _ = Tlv { kind: 600 + dice.u16() % 50, value: &dice.array::<3>() }.push(&mut octets);
        list.push(octets);
    }
    list.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    list
}

fn tlv(row: &Row, of: u16, dice: &mut Dice) -> Vec<u8> {
    let mut value = Vec::new();
    match row.value {
        Value::Node => {
            let [in_node] = IN_NODE else { return value };
            value = descriptors(*in_node, &[], dice).concat();
        }
        Value::Identifiers => dice.octets(8, &mut value),
        Value::Address(lengths) => {
            let n = dice.pick(lengths).copied().unwrap_or(4);
            dice.octets(n, &mut value);
        }
        Value::Topologies => (0..=dice.below(2)).for_each(|_| value.extend((dice.u16() & 0xfff).to_be_bytes())),
        Value::RouteType => value.push(1 + dice.u8() % 7),
        Value::Prefix => {
            dice.prefix(if of == super::rows::IPV4_PREFIX { Afi::IPV4 } else { Afi::IPV6 }).write(&mut value)
        }
        Value::Number => dice.octets(4, &mut value),
        Value::RouterId => {
            let n = dice.pick(&[4, 6, 7, 8]).copied().unwrap_or(6);
            dice.octets(n, &mut value);
        }
    }
    let mut out = Vec::new();
    let _ = Tlv { kind: row.code, value: &value }.push(&mut out);
    out
}
