//! Messages as the dice fall: valid ones of every family and attribute there is a row for, and damaged ones.

use herald_bgp::attribute::{self, ATTRIBUTES, Attr, code, flags};
use herald_bgp::capability::CAPABILITIES;
use herald_bgp::dice::Dice;
use herald_bgp::family::Family;
use herald_bgp::message::{self, Kind};
use herald_bgp::nlri::{FAMILIES, FamilySpec, NextHopRule};
use herald_bgp::notification::Notification;
use herald_bgp::open::Open;

/// Appends a message: UPDATEs mostly, nearly all of them valid. `paths`: NLRI have path identifiers.
pub fn message(dice: &mut Dice, paths: bool, out: &mut Vec<u8>) {
    let start = out.len();
    match dice.below(20) {
        0 => open(dice, out),
        1 => notification(dice, out),
        2 => operational(dice, out),
        3 => message::write(out, Kind(dice.u8() % 8), |out| {
            let n = dice.below(30);
            dice.octets(n, out);
        }),
        _ => update(dice, paths, out),
    }
    // one in five is damaged, behind the header
    if dice.once_in(5) && out.len() > start + message::HEADER {
        for _ in 0..=dice.below(3) {
            let at = start + message::HEADER + dice.below(out.len() - start - message::HEADER);
            if let Some(octet) = out.get_mut(at) {
                *octet = if dice.once_in(2) { dice.u8() } else { *octet ^ 1 << dice.below(8) };
            }
        }
    }
}

/// Appends an UPDATE with some attributes, and some routes of one family; with path identifiers, if it is to have `paths`.
pub fn update(dice: &mut Dice, paths: bool, out: &mut Vec<u8>) {
    let Some(spec) = dice.pick(FAMILIES) else { return };
    let mut nlri = Vec::new();
    for _ in 0..=if spec.alone { 0 } else { dice.below(3) } {
        if paths {
            dice.octets(4, &mut nlri);
        }
        (spec.sample)(dice, &mut nlri);
    }
    let withdraws = dice.once_in(4);
    let field = spec.family == Family::IPV4_UNICAST && dice.once_in(2);
    let mut attributes = Vec::new();
    for row in ATTRIBUTES {
        let mandatory = matches!(row.code, code::ORIGIN | code::AS_PATH | code::LOCAL_PREF);
        let wanted = if mandatory { !withdraws } else { dice.once_in(6) };
        if row.code == code::NEXT_HOP || !wanted {
            continue;
        }
        let mut value = Vec::new();
        (row.sample)(dice, &mut value);
        attribute::write(&mut attributes, Attr { code: row.code, flags: row.flags, value: &value });
    }
    if dice.once_in(10) {
        let value = dice.array::<5>();
        attribute::write(
            &mut attributes,
            Attr { code: 200, flags: flags::OPTIONAL | flags::TRANSITIVE, value: &value },
        );
    }
    if field && !withdraws {
        attribute::write(
            &mut attributes,
            Attr { code: code::NEXT_HOP, flags: flags::TRANSITIVE, value: &[192, 0, 2, 1] },
        );
    } else if !field {
        let mut value = spec.family.afi.0.to_be_bytes().to_vec();
        value.push(spec.family.safi.0);
        if !withdraws {
            next_hop(dice, spec, &mut value);
            value.push(0);
        }
        value.extend(&nlri);
        let code = if withdraws { code::MP_UNREACH_NLRI } else { code::MP_REACH_NLRI };
        attribute::write(&mut attributes, Attr { code, flags: flags::OPTIONAL, value: &value });
        nlri.clear();
    }
    let (gone, reached) = if withdraws { (nlri, Vec::new()) } else { (Vec::new(), nlri) };
    message::write(out, Kind::UPDATE, |out| {
        for field in [gone, attributes] {
            out.extend(u16::try_from(field.len()).unwrap_or(0).to_be_bytes());
            out.extend(field);
        }
        out.extend(reached);
    });
}

/// Appends `length(1) next-hop`, of a length the family allows.
fn next_hop(dice: &mut Dice, spec: &FamilySpec, out: &mut Vec<u8>) {
    let lengths: &[u8] = match spec.next_hop {
        NextHopRule::Ipv4 => &[4],
        NextHopRule::Ipv6 => &[16, 32],
        NextHopRule::Optional => &[0, 0, 4, 16],
        rule if rule.has_rd() && spec.family.afi.0 == 2 => &[24, 48],
        rule if rule.has_rd() => &[12],
        _ => &[4, 16],
    };
    let length = dice.pick(lengths).copied().unwrap_or(4);
    out.push(length);
    let rd = if spec.next_hop.has_rd() { 8 } else { 0 };
    for at in 0..usize::from(length) {
        // zero octets of route distinguisher, and addresses that hosts have
        let inside = if length == 48 { at % 24 } else { at };
        out.push(if inside < rd { 0 } else { 1 + dice.u8() % 200 });
    }
}

/// Appends an OPEN with some capabilities, most of them sound.
pub fn open(dice: &mut Dice, out: &mut Vec<u8>) {
    let mut open = Open::new(dice.u32(), dice.u16(), dice.u32().into());
    let most = if dice.once_in(6) { 60 } else { 8 };
    for _ in 0..dice.below(most) {
        let mut value = Vec::new();
        let code = match dice.pick(CAPABILITIES) {
            Some(row) if !dice.once_in(6) => {
                (row.sample)(dice, &mut value);
                row.code
            }
            row => {
                let n = dice.below(13);
                dice.octets(n, &mut value);
                row.map_or(200, |row| row.code.wrapping_add(dice.u8() % 2))
            }
        };
        open.capabilities.push((code, value));
    }
    open.write(out);
}

/// Appends a NOTIFICATION: every other one a Cease with a hostile text, of a length that is nearly always right.
pub fn notification(dice: &mut Dice, out: &mut Vec<u8>) {
    let mut data = Vec::new();
    if dice.once_in(2) {
        dice.text(255, &mut data);
        let length = u8::try_from(data.len()).unwrap_or(0);
        data.insert(0, if dice.once_in(8) { dice.u8() } else { length });
        let shutdown = Notification::with(6, dice.pick(&[2, 4]).copied().unwrap_or(2), data);
        if dice.once_in(6) { shutdown.into_hard_reset().write(out) } else { shutdown.write(out) }
    } else {
        let n = dice.below(40);
        dice.octets(n, &mut data);
        Notification::with(dice.u8() % 10, dice.u8() % 12, data).write(out);
    }
}

/// Appends an OPERATIONAL message: a hostile text, or octets as the dice fall.
pub fn operational(dice: &mut Dice, out: &mut Vec<u8>) {
    let kind = dice.u16() % 16;
    let mut value = Vec::new();
    if let Some(spec) = dice.pick(FAMILIES) {
        value.extend(spec.family.afi.0.to_be_bytes());
        value.push(spec.family.safi.0);
    }
    if kind < 3 {
        dice.text(200, &mut value);
    } else {
        dice.octets(12, &mut value);
    }
    message::write(out, Kind::OPERATIONAL, |out| {
        out.extend(kind.to_be_bytes());
        out.extend(u16::try_from(value.len()).unwrap_or(0).to_be_bytes());
        out.extend(value);
    });
}
