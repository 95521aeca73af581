//! usage: `codec-work [ROW [TIMES]]`. Does each piece of work, or one, in a function of its own, for a profiler that counts
//! the instructions of that function. Prints a line for each: its name, and how many messages.

use codec_work::{Work, corpus, reading, saying, writing};

const MESSAGES: usize = 400;

fn main() {
    let only = std::env::args().nth(1);
    let times = std::env::args().nth(2).map_or(1, |times| times.parse().expect("a number"));
    for corpus in corpus::all(MESSAGES) {
        for (what, mut work) in [("read", reading(&corpus)), ("write", writing(&corpus)), ("JSON", saying(&corpus))] {
            let name = format!("{what}: {}", corpus.name);
            if only.as_ref().is_some_and(|only| *only != name) {
                continue;
            }
            // what is made ready on the first occasion is not counted
            assert_eq!(work(), 0, "{name}");
            (0..times).for_each(|_| measured(&mut work));
            println!("{name},{}", corpus.messages.len());
        }
    }
}

#[inline(never)]
fn measured(work: &mut Work<'_>) {
    work();
}
