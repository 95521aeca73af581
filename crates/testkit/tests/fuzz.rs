//! What fuzzers run, with inputs as the dice fall. `HERALD_FUZZ_INPUTS` says how many for each target, `HERALD_FUZZ_TARGET` for
//! which target alone, and `HERALD_FUZZ_SEED` how the dice fall.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)]

use herald_bgp::dice::Dice;
use herald_testkit::fuzz::{Seen, TARGETS};

fn asked(name: &str, unasked: u64) -> u64 {
    std::env::var(name).map_or(unasked, |n| n.parse().unwrap())
}

#[test]
fn made_up_inputs_and_damaged_ones() {
    let (inputs, seed) = (asked("HERALD_FUZZ_INPUTS", 3000), asked("HERALD_FUZZ_SEED", 1));
    let only = std::env::var("HERALD_FUZZ_TARGET").ok();
    for target in TARGETS.iter().filter(|target| only.as_ref().is_none_or(|only| only == target.name)) {
        let mut dice = Dice::new(seed);
        let mut seen = Seen::default();
        for n in 0..inputs {
            let mut input = (target.seed)(&mut dice);
            if n % 4 == 3 {
                for _ in 0..=dice.below(3) {
                    damage(&mut dice, &mut input);
                }
            }
            match std::panic::catch_unwind(|| (target.run)(&input)) {
                Ok(more) => seen += more,
                Err(_) => panic!("{} with {input:02x?}", target.name),
            }
        }
        let Seen { messages, json, text } = seen;
        println!("{}: {inputs} inputs, {messages} messages, {json} lines of JSON, {text} of text", target.name);
        // what is not damaged is good for something
        assert!(target.name == "configuration" || messages + json + text > inputs / 2, "{}: {seen:?}", target.name);
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
