//! Writes made-up inputs for a fuzzer to start from: `seeds FOLDER COUNT` puts COUNT of them into FOLDER/TARGET each.
#![allow(clippy::disallowed_methods)] // a program for people who run fuzzers, not part of the crate

use herald_bgp::dice::Dice;
use herald_testkit::fuzz::TARGETS;
use std::io::{Error, ErrorKind};
use std::path::Path;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = || Error::new(ErrorKind::InvalidInput, "seeds FOLDER COUNT");
    let [folder, count] = arguments.as_slice() else { return Err(usage()) };
    let count: usize = count.parse().map_err(|_| usage())?;
    for target in TARGETS {
        let folder = Path::new(folder).join(target.name);
        std::fs::create_dir_all(&folder)?;
        let mut dice = Dice::new(7);
        for n in 0..count {
            std::fs::write(folder.join(format!("seed-{n:03}")), (target.seed)(&mut dice))?;
        }
    }
    Ok(())
}
