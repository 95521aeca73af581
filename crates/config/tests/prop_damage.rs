//! Damaged files: no mistake stops the reading, and every complaint points into the text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{context, neighbor};
use herald_config::{Environment, Style, load, render};
use proptest::prelude::*;

fn whole() -> String {
    let text = neighbor(
        "hold-time 30; description \"a 'b' c\"; family { ipv4 unicast; ipv6 unicast; }
         capability { route-refresh; add-path send/receive; } # a comment
         api { processes [ watch ]; send { parsed; } }
         static { route 10.0.0.0/8 \\
             next-hop 192.0.2.1 \\
             split /9; route 10.0.0.0/24 { next-hop self; } attributes next-hop ::1 nlri 2001:db8::/32; }
         announce { ipv4 { unicast 10.1.0.0/16 next-hop 192.0.2.1; } }",
    );
    format!("process watch {{ run /bin/true; }}\ntemplate {{ neighbor t {{ hold-time 60; }} }}\n{text}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn complaints_point_into_the_text(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..4, "[;{}\\[\\]\"'#\\\\a-z0-9 \n,é]{0,3}"), 1..6),
    ) {
        let mut text = whole();
        for (at, cut, new) in edits {
            let places: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
            let first = at.index(places.len());
            let last = (first + cut).min(places.len() - 1);
            text.replace_range(places[first]..places[last], &new);
        }
        let problems = match load(text.as_bytes(), &Environment::default(), &context()) {
            Ok(loaded) => loaded.warnings,
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                problems
            }
        };
        let lines: Vec<&str> = text.split('\n').collect();
        for problem in &problems {
            for at in std::iter::once(&problem.at).chain(problem.labels.iter().map(|(at, _)| at)) {
                prop_assert!(at.start < at.end, "{text}\n{problem:?}");
                let line = usize::try_from(at.line).unwrap().checked_sub(1).and_then(|i| lines.get(i));
                let len = line.map(|line| line.len()).unwrap_or_default();
                prop_assert!(usize::try_from(at.start).unwrap() <= len, "{text}\n{problem:?}");
            }
        }
        let line_of = |n: u32| lines.get(usize::try_from(n).ok()?.checked_sub(1)?).map(|line| line.to_string());
        render(&problems, "file", line_of, Style::Caret);
        render(&problems, "file", line_of, Style::OneLine);
    }

    #[test]
    fn any_octets_end(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = load(&octets[..], &Environment::default(), &context());
    }
}
