//! Whether a rule is well-formed, and nothing more: every rule received is asked.

use super::component::{COMPONENTS, Kind, Within};
use super::rule::{Rule, content, op, value_octets};
use crate::family::{Afi, Family, Safi};

/// In place of the octets of a value: a prefix.
const PREFIX: usize = usize::MAX;

/// For each component type, the octets of a value at most; 0 if rules of IPv4 have no such component.
#[allow(clippy::indexing_slicing)] // while compiling, where a wrong index is an error
static IPV4: [usize; 32] = {
    let mut most = [0; 32];
    let mut row = 0;
    while row < COMPONENTS.len() {
        let component = &COMPONENTS[row];
        most[component.number as usize] = match (component.within, component.kind) {
            (Within::Label | Within::Layer2, _) | (_, Kind::Mac) => 0,
            (_, Kind::Prefix) => PREFIX,
            (_, Kind::Numeric(numeric)) => numeric.most,
            (_, Kind::Bitmask(bitmask)) => bitmask.most,
        };
        row += 1;
    }
    most
};

/// The same as [`Rule::read`] finds out.
#[inline(always)]
pub(super) fn is_sound(family: Family, nlri: &[u8]) -> bool {
    match family == Family::new(Afi::IPV4, Safi::FLOW) {
        true => components(content(nlri)).is_some(),
        false => Rule::read(family, nlri).is_ok(),
    }
}

/// Passes over the components of a rule of IPv4; `None` if anything is wrong with one. That a value goes beyond the end
/// is seen when the next octet is looked for, or at the end.
#[inline(always)]
fn components(rule: &[u8]) -> Option<()> {
    let (mut at, mut before) = (0, 0);
    while let Some(number) = rule.get(at) {
        let most = *IPV4.get(usize::from(*number))?;
        if *number <= before || most == 0 {
            return None;
        }
        (before, at) = (*number, at + 1);
        if most == PREFIX {
            let length = *rule.get(at)?;
            if length > 32 {
                return None;
            }
            at += 1 + usize::from(length).div_ceil(8);
            continue;
        }
        loop {
            let op = *rule.get(at)?;
            let octets = value_octets(op);
            if octets > most {
                return None;
            }
            at += 1 + octets;
            if op & op::END != 0 {
                break;
            }
        }
    }
    (at == rule.len()).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;
    use crate::nlri::spec;

    #[test]
    fn both_ways_find_out_the_same() {
        let family = Family::new(Afi::IPV4, Safi::FLOW);
        let (mut dice, mut count) = (Dice::new(8955), [0; 2]);
        for _ in 0..200_000 {
            let mut nlri = Vec::new();
            (spec(family).sample)(&mut dice, &mut nlri);
            if dice.once_in(2) {
                let at = dice.below(nlri.len());
                if let Some(octet) = nlri.get_mut(at) {
                    *octet = dice.u8();
                }
            }
            let sound = components(content(&nlri)).is_some();
            assert_eq!(sound, Rule::read(family, &nlri).is_ok(), "{nlri:02x?}");
            count[usize::from(sound)] += 1;
        }
        assert!(count.iter().all(|count| *count > 10_000), "{count:?}");
    }
}
