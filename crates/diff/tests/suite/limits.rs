//! Deadlines, step limits and cancellation: a valid script or `Cancelled`, and never for ever.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use sealdiff_diff::{
    Algorithm, CancelFlag, DiffError, DiffOptions, Granularity, TextDiff, UnifiedOptions, unified,
};

use crate::support::{GRANULARITIES, Random, apply, diff_with, edited, manifest, play};

const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::Auto,
    Algorithm::Minimal,
    Algorithm::Patience,
    Algorithm::Histogram,
];

#[expect(
    clippy::disallowed_methods,
    reason = "a deadline is an instant of the real clock"
)]
fn now() -> Instant {
    Instant::now()
}

fn random_letters(len: usize, seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    (0..len)
        .map(|_| b"etaoin shrdlu\n"[random.below(14) as usize])
        .collect()
}

#[test]
fn a_deadline_in_the_past_gives_a_valid_coarser_script() {
    let (old, new) = (random_letters(20_000, 1), random_letters(20_000, 2));
    for algorithm in ALGORITHMS {
        for granularity in GRANULARITIES {
            let options = DiffOptions {
                algorithm,
                deadline: Some(now()),
                ..DiffOptions::default()
            };
            let diff = diff_with(&old, &new, granularity, &options);
            assert!(!diff.script().is_exact(), "{algorithm:?} {granularity:?}");
            assert_eq!(play(&diff, &old, &new), new);
        }
    }
}

#[test]
fn a_deadline_ends_a_search_that_would_take_hours() {
    let (old, new) = (random_letters(2_000_000, 1), random_letters(2_000_000, 2));
    let start = now();
    let deadline = Some(start + Duration::from_millis(200));
    let options = DiffOptions {
        algorithm: Algorithm::Minimal,
        deadline,
        ..DiffOptions::default()
    };
    let diff = diff_with(&old, &new, Granularity::Chars, &options);
    assert!(!diff.script().is_exact());
    assert_eq!(play(&diff, &old, &new), new);
}

#[test]
fn a_deadline_that_is_not_reached_changes_nothing() {
    let (old, new) = (random_letters(2_000, 1), random_letters(2_000, 2));
    for algorithm in ALGORITHMS {
        let free = DiffOptions {
            algorithm,
            ..DiffOptions::default()
        };
        let timed = DiffOptions {
            deadline: Some(now() + Duration::from_secs(3_600)),
            ..free
        };
        let diff = diff_with(&old, &new, Granularity::Chars, &timed);
        assert!(diff.script().is_exact());
        assert_eq!(diff, diff_with(&old, &new, Granularity::Chars, &free));
    }
}

#[test]
fn the_step_limit_bounds_characters_without_a_deadline() {
    let (old, new) = (random_letters(300_000, 1), random_letters(300_000, 2));
    let options = DiffOptions {
        max_steps: Some(1 << 22),
        ..DiffOptions::default()
    };
    let diff = diff_with(&old, &new, Granularity::Chars, &options);
    assert!(!diff.script().is_exact());
    assert_eq!(play(&diff, &old, &new), new);
    // The same limit gives the same script on every machine.
    assert_eq!(diff, diff_with(&old, &new, Granularity::Chars, &options));
}

#[test]
fn minimal_ignores_the_step_limit() {
    let options = DiffOptions {
        algorithm: Algorithm::Minimal,
        max_steps: Some(1),
        ..DiffOptions::default()
    };
    let diff = diff_with(b"abcabba", b"cbabac", Granularity::Chars, &options);
    assert!(diff.script().is_exact());
    assert_eq!(crate::support::distance(diff.script()), 5);
}

#[test]
fn a_flag_raised_from_another_thread_ends_the_search() {
    let (old, new) = (random_letters(4_000_000, 1), random_letters(4_000_000, 2));
    let cancel = CancelFlag::new();
    let options = DiffOptions {
        algorithm: Algorithm::Minimal,
        ..DiffOptions::default()
    };
    let result = std::thread::scope(|scope| {
        let search =
            scope.spawn(|| TextDiff::compute(&old, &new, Granularity::Chars, &options, &cancel));
        cancel.cancel();
        search.join().expect("it doesn't panic")
    });
    assert_eq!(result, Err(DiffError::Cancelled));
}

#[test]
fn limits_that_cut_nothing_leave_the_script_exact() {
    let pairs: [(&[u8], &[u8]); 3] = [(b"a\n", b"a\nb\n"), (b"a\nb\n", b"b\n"), (b"", b"x")];
    for (old, new) in pairs {
        for algorithm in ALGORITHMS {
            let options = DiffOptions {
                algorithm,
                deadline: Some(now()),
                max_steps: Some(0),
                ..DiffOptions::default()
            };
            let diff = diff_with(old, new, Granularity::Lines, &options);
            assert!(diff.script().is_exact(), "{algorithm:?} {old:?}");
        }
    }
}

#[test]
fn the_step_limit_counts_what_histogram_spends_on_one_anchor() {
    // Each of the rare lines could be any of the others, with a long run around it.
    let unit = [b"x\n".repeat(200), b"y\n".to_vec()].concat();
    let side = |odd: usize| -> Vec<u8> {
        let units = (0..60).map(|n| match n % 2 == odd {
            true => [&unit[..], format!("{n}\n").as_bytes()].concat(),
            false => unit.clone(),
        });
        units.collect::<Vec<_>>().concat()
    };
    let (old, new) = (side(0), side(1));
    let lines = (old.len() + new.len()) as u64 / 2;
    let options = |max_steps| DiffOptions {
        algorithm: Algorithm::Histogram,
        max_steps: Some(max_steps),
        ..DiffOptions::default()
    };
    let free = diff_with(&old, &new, Granularity::Lines, &options(200 * lines));
    let bound = diff_with(&old, &new, Granularity::Lines, &options(10 * lines));
    assert!(free.script().is_exact() && !bound.script().is_exact());
    assert_eq!(play(&bound, &old, &new), new);
}

proptest! {
    #[test]
    fn every_step_limit_gives_a_valid_script(
        old in "[ab\n ]{0,80}",
        new in "[ab\n ]{0,80}",
        max_steps in 0u64..300,
        which in 0usize..4,
        granularity in 0usize..GRANULARITIES.len(),
    ) {
        let (old, new) = (old.as_bytes(), new.as_bytes());
        let options = DiffOptions {
            algorithm: ALGORITHMS[which],
            max_steps: Some(max_steps),
            ..DiffOptions::default()
        };
        let diff = diff_with(old, new, GRANULARITIES[granularity], &options);
        prop_assert_eq!(play(&diff, old, new), new);
    }

    #[test]
    fn every_step_limit_gives_a_patch_that_fits(
        edits in 0u64..40, seed in 0u64..1_000, max_steps in 0u64..2_000, which in 0usize..4,
    ) {
        let old = manifest(300);
        let new = edited(&old, edits, seed);
        let options = DiffOptions {
            algorithm: ALGORITHMS[which],
            max_steps: Some(max_steps),
            ..DiffOptions::default()
        };
        let patch = unified(&old, &new, &options, &UnifiedOptions::default(), &CancelFlag::new());
        prop_assert_eq!(apply(&patch.expect("small, and not cancelled"), &old), Ok(new));
    }
}
