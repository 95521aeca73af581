//! Values made up by dice: most TLVs as their rows say, some of them odd, some that nobody knows.

use super::form::{Form, Kind, Row};
use super::rows::ROWS;
use crate::dice::Dice;
use crate::value::tlv::Tlv;

/// Appends one to six TLVs.
pub(super) fn tlvs(dice: &mut Dice, out: &mut Vec<u8>) {
    for _ in 0..=dice.below(6) {
        tlv(dice, 0, out);
    }
}

fn tlv(dice: &mut Dice, depth: u8, out: &mut Vec<u8>) {
    let mut value = Vec::new();
    let kind = match dice.pick(ROWS).filter(|_| !dice.once_in(8)) {
        Some(row) => {
            fill_at(row, dice, depth, &mut value);
            if dice.once_in(10) {
                value.pop();
            } else if dice.once_in(20) {
                value.push(dice.u8());
            }
            row.code
        }
        None => {
            let n = dice.below(6);
            dice.octets(n, &mut value);
            dice.u16()
        }
    };
    let _ = Tlv { kind, value: &value }.push(out);
}

/// Appends a value that is as its row says.
pub(super) fn fill(row: &Row, dice: &mut Dice, out: &mut Vec<u8>) {
    fill_at(row, dice, 0, out);
}

fn fill_at(row: &Row, dice: &mut Dice, depth: u8, out: &mut Vec<u8>) {
    match row.form {
        Form::Octets => dice_octets(dice, 8, out),
        Form::Plain(at, kind) => {
            out.resize(at, 0);
            match kind.width() {
                Some(_) => kind_octets(kind, dice, out),
                None => {
                    let n = row.lengths.pick(|n| dice.below(n));
                    to_the_end(kind, n, dice, out);
                }
            }
            out.resize(out.len().max(row.lengths.min()), 0);
        }
        Form::Fields(fixed, fields) => {
            let mut tail = Vec::new();
            out.resize(fixed, 0);
            for field in fields {
                let mut octets = Vec::new();
                match field.kind {
                    Kind::Sids(both) => {
                        let set = out.first().copied().unwrap_or(0) & both;
                        let n = if set == both { 3 } else { 4 };
                        dice.octets(n, &mut tail);
                    }
                    Kind::Ranges => range(dice, &mut tail),
                    Kind::SubTlvs if depth < 2 && dice.once_in(2) => tlv(dice, depth + 1, &mut tail),
                    kind => kind_octets(kind, dice, &mut octets),
                }
                let places = out.get_mut(field.at..).unwrap_or_default();
                places.iter_mut().zip(octets).for_each(|(to, from)| *to = from);
            }
            out.extend(tail);
        }
    }
}

fn range(dice: &mut Dice, out: &mut Vec<u8>) {
    let value: [u8; 4] = dice.array();
    let n = 3 + dice.below(2);
    out.extend(dice.array::<3>());
    let _ = Tlv { kind: 1161, value: value.get(..n).unwrap_or(&[]) }.push(out);
}

/// Octets of a field that has so many.
fn kind_octets(kind: Kind, dice: &mut Dice, out: &mut Vec<u8>) {
    match kind {
        Kind::Float => out.extend((f32::from(dice.u16()) * 125.5).to_bits().to_be_bytes()),
        Kind::Flag => out.push(dice.u8() & 0x80),
        Kind::Flags(width, names, _) => {
            let bits = dice.bits();
            let named = names.iter().enumerate().filter(|(_, name)| !name.is_empty());
            let mask = named.fold(0, |mask, (i, _)| mask | 1u64 << (width * 8).saturating_sub(i + 1));
            out.extend_from_slice((bits & mask).to_be_bytes().get(8usize.saturating_sub(width)..).unwrap_or(&[]));
        }
        kind => dice.octets(kind.width().unwrap_or(0), out),
    }
}

/// So many octets, if they make sense to the kind.
fn to_the_end(kind: Kind, n: usize, dice: &mut Dice, out: &mut Vec<u8>) {
    match kind {
        Kind::Text if dice.once_in(4) => {
            let end = out.len() + n;
            dice.text(n, out);
            out.resize(end, b' ');
        }
        Kind::Text => (0..n).for_each(|_| out.push(b'a' + dice.u8() % 26)),
        Kind::Each(kind, _) => (0..n / kind.width().unwrap_or(1)).for_each(|_| kind_octets(*kind, dice, out)),
        _ => dice.octets(n, out),
    }
}

fn dice_octets(dice: &mut Dice, below: usize, out: &mut Vec<u8>) {
    let n = dice.below(below);
    dice.octets(n, out);
}
