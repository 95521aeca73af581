//! Sub-TLVs as the dice fall.

use super::encapsulation::{COLOR, M_FLAG, V_FLAG};
use super::policy::{BINDING_FLAG, SRV6_B_FLAG};
use super::segment_list::WEIGHT;
use super::sub_tlv::{SEGMENT_LIST, SUB_TLVS, SubTlv};
use super::{segment, write_sub_tlv};
use crate::dice::Dice;

/// Appends a sub-TLV, most of them sound.
pub(super) fn sub_tlv(tunnel: u16, dice: &mut Dice, out: &mut Vec<u8>) {
    let rows: Vec<&SubTlv> = SUB_TLVS.iter().filter(|row| row.is_for(tunnel)).collect();
    let code = match dice.pick(&rows) {
        Some(row) if !dice.once_in(12) => row.code,
        _ => dice.u8(),
    };
    let mut value = Vec::new();
    let odd = |dice: &mut Dice| if dice.once_in(6) { dice.u8() } else { 0 };
    match code {
        1 if matches!(tunnel, 8 | 9) => {
            value.push(if dice.once_in(2) { V_FLAG } else { V_FLAG | M_FLAG });
            dice.octets(3, &mut value);
            value.extend(if value.first() == Some(&V_FLAG) { [0; 6] } else { dice.array() });
            value.extend([0, odd(dice)]);
        }
        1 => dice.octets(4, &mut value),
        2 | 5 | 8 => dice.octets(2, &mut value),
        4 => {
            value.extend(COLOR);
            value.extend([odd(dice), 0]);
            dice.octets(4, &mut value);
        }
        6 => {
            value.extend([0; 4]);
            let afi = dice.below(3);
            value.extend([0, u8::try_from(afi).unwrap_or(0)]);
            dice.octets([0, 4, 16].get(afi).copied().unwrap_or(0), &mut value);
        }
        7 | 9 => value.push(dice.u8()),
        10 => (0..dice.below(4)).for_each(|_| value.extend([dice.u8(), dice.u8(), dice.u8() & 0xf1, odd(dice)])),
        12 => {
            value.extend([odd(dice), odd(dice)]);
            dice.octets(4, &mut value);
        }
        13 => {
            value.extend([if dice.once_in(2) { BINDING_FLAG } else { dice.u8() }, odd(dice)]);
            if !dice.once_in(3) {
                value.extend([dice.u8(), dice.u8(), dice.u8() & 0xf1, odd(dice)]);
            }
        }
        14 => value.extend([odd(dice), odd(dice), dice.u8() % 6]),
        15 => value.extend([dice.u8(), odd(dice)]),
        20 => {
            let structure = dice.once_in(2);
            value.extend([if structure { SRV6_B_FLAG } else { 0 } | odd(dice) & !SRV6_B_FLAG, odd(dice)]);
            dice.octets(16, &mut value);
            if structure {
                value.extend([0, dice.u8(), 0, odd(dice), 32, 16, 16, 0]);
            }
        }
        SEGMENT_LIST => {
            value.push(odd(dice));
            if !dice.once_in(4) {
                let weight = [WEIGHT, 6, odd(dice), 0, 0, 0, 0, dice.u8()];
                value.extend(weight);
            }
            (0..dice.below(5)).for_each(|_| segment::sample(dice, &mut value));
        }
        129 | 130 => {
            value.push(odd(dice));
            match dice.pick(&["primary", "way 7", "", "caf\u{e9}", "0x12"]).filter(|_| !dice.once_in(3)) {
                Some(name) => value.extend_from_slice(name.as_bytes()),
                None => dice.text(40, &mut value),
            }
        }
        _ => {
            let n = dice.below(12);
            dice.octets(n, &mut value);
        }
    }
    if dice.once_in(12) {
        value.truncate(dice.below(value.len()));
    }
    write_sub_tlv(out, code, |out| out.extend_from_slice(&value));
}
