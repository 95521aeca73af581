//! What fuzzers run, with inputs as the dice fall. `HERALD_FUZZ_INPUTS` says how many for each target.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use herald_bgp::dice::Dice;
use herald_testkit::fuzz::TARGETS;

fn inputs() -> usize {
    std::env::var("HERALD_FUZZ_INPUTS").ok().and_then(|n| n.parse().ok()).unwrap_or(3000)
}

#[test]
fn made_up_inputs_and_damaged_ones() {
    for target in TARGETS {
        let mut dice = Dice::new(1);
        for n in 0..inputs() {
            let mut input = (target.seed)(&mut dice);
            if n % 2 == 1 {
                for _ in 0..=dice.below(3) {
                    damage(&mut dice, &mut input);
                }
            }
            if std::panic::catch_unwind(|| (target.run)(&input)).is_err() {
                panic!("{} with {input:02x?}", target.name);
            }
        }
    }
}

fn damage(dice: &mut Dice, input: &mut Vec<u8>) {
    let at = dice.below(input.len() + 1);
    match dice.below(4) {
        0 => input.truncate(at),
        1 => input.insert(at, dice.u8()),
        2 if at < input.len() => drop(input.remove(at)),
        _ => {
            if let Some(octet) = input.get_mut(at) {
                *octet ^= 1 << dice.below(8);
            }
        }
    }
}
