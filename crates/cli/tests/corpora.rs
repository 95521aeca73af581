//! Everything the fuzzers found and kept, once more.
#![allow(clippy::unwrap_used, clippy::panic)]

use herald_testkit::fuzz::TARGETS;
use std::path::Path;

#[test]
fn every_input_of_the_corpora() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let mut count = 0;
    for target in TARGETS {
        let folder = root.join(target.name);
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let file = entry.unwrap().path();
            let input = std::fs::read(&file).unwrap();
            if std::panic::catch_unwind(|| (target.run)(&input)).is_err() {
                panic!("{}", file.display());
            }
            count += 1;
        }
    }
    assert!(count > 100, "{count} inputs");
}
