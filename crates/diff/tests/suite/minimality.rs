//! `Minimal` is minimal, and the other algorithms are what their names say.

use proptest::prelude::*;
use sealdiff_diff::{Algorithm, DiffOptions, EditTag, Granularity, TextDiff};

use crate::support::{diff_with, distance, edited, manifest, play};

fn with(algorithm: Algorithm, old: &[u8], new: &[u8], granularity: Granularity) -> TextDiff {
    diff_with(
        old,
        new,
        granularity,
        &DiffOptions {
            algorithm,
            ..DiffOptions::default()
        },
    )
}

/// Insertions and deletions that turn one byte string into another, by the textbook table.
fn naive_distance(old: &[u8], new: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=new.len()).collect();
    for (done, a) in old.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = done + 1;
        for (at, b) in new.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if a == b {
                diagonal
            } else {
                1 + above.min(row[at])
            };
            diagonal = above;
        }
    }
    row[new.len()]
}

fn letters(len: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(
        prop_oneof![
            Just(b'a'),
            Just(b'b'),
            Just(b'c'),
            any::<u8>().prop_map(|b| b & 0x7F)
        ],
        0..len,
    )
}

proptest! {
    #[test]
    fn minimal_is_as_short_as_the_naive_table_says(old in letters(60), new in letters(60)) {
        let diff = with(Algorithm::Minimal, &old, &new, Granularity::Chars);
        prop_assert_eq!(distance(diff.script()), naive_distance(&old, &new));
        prop_assert_eq!(play(&diff, &old, &new), new);
    }

    #[test]
    fn auto_is_minimal_while_the_search_is_small(old in letters(60), new in letters(60)) {
        let diff = with(Algorithm::Auto, &old, &new, Granularity::Chars);
        prop_assert_eq!(distance(diff.script()), naive_distance(&old, &new));
    }

    #[test]
    fn two_letters_and_long_periods_stay_minimal(
        old in proptest::collection::vec(0u8..2, 0..400),
        shift in 0usize..8,
        tail in proptest::collection::vec(2u8..4, 0..400),
    ) {
        let new = [&old[shift.min(old.len())..], &tail].concat();
        let diff = with(Algorithm::Minimal, &old, &new, Granularity::Chars);
        prop_assert_eq!(distance(diff.script()), naive_distance(&old, &new));
    }
}

#[test]
fn minimal_is_not_tempted_by_a_long_run_at_the_front() {
    // Taking the 96 letters after one insertion looks good, and loses a letter at the end.
    let old = [b"ab".repeat(98), b"X".to_vec()].concat();
    let new = [b"b".to_vec(), b"ab".repeat(48), vec![b'Y'; 600]].concat();
    let diff = with(Algorithm::Minimal, &old, &new, Granularity::Chars);
    assert_eq!(distance(diff.script()), naive_distance(&old, &new));
}

#[test]
fn minimal_is_minimal_where_the_cap_cuts() {
    // Distances well above the least cap, so that `Auto` may be longer but `Minimal` may not.
    let mut random = crate::support::Random(3);
    let mut letters = |len| {
        (0..len)
            .map(|_| b'a' + random.below(4) as u8)
            .collect::<Vec<u8>>()
    };
    let (old, new) = (letters(3_000), letters(2_800));
    let least = naive_distance(&old, &new);
    assert!(least > 600);
    let minimal = with(Algorithm::Minimal, &old, &new, Granularity::Chars);
    assert_eq!(distance(minimal.script()), least);
    let auto = with(Algorithm::Auto, &old, &new, Granularity::Chars);
    assert!(
        distance(auto.script()) * 100 <= least * 115,
        "{}",
        distance(auto.script())
    );
}

#[test]
fn minimal_is_never_longer_than_similar() {
    let old = manifest(2_000);
    for (seed, edits) in [(1, 20), (2, 400), (3, 3_000)] {
        let new = edited(&old, edits, seed);
        let lines = |text: &[u8]| {
            text.split_inclusive(|&b| b == b'\n')
                .map(<[u8]>::to_vec)
                .collect()
        };
        let (old_lines, new_lines): (Vec<Vec<u8>>, Vec<Vec<u8>>) = (lines(&old), lines(&new));
        let ops =
            similar::capture_diff_slices(similar::Algorithm::RawMyers, &old_lines, &new_lines);
        let theirs: usize = ops
            .iter()
            .filter(|op| op.tag() != similar::DiffTag::Equal)
            .map(|op| op.old_range().len() + op.new_range().len())
            .sum();
        let ours = distance(with(Algorithm::Minimal, &old, &new, Granularity::Lines).script());
        assert!(ours <= theirs, "{ours} against {theirs}");
    }
}

#[test]
fn patience_keeps_the_longest_chain_of_unique_lines() {
    // Plain Myers matches the three `}`; patience keeps the unique line instead.
    let old = b"}\n}\n}\nunique\n";
    let new = b"unique\n}\n}\n}\n";
    let patience = with(Algorithm::Patience, old, new, Granularity::Lines);
    let kept: Vec<u32> = patience
        .script()
        .ops()
        .iter()
        .filter(|op| op.tag == EditTag::Equal)
        .map(|op| op.old_start)
        .collect();
    assert_eq!(kept, [3]);
    assert_eq!(
        with(Algorithm::Minimal, old, new, Granularity::Lines)
            .stats(3)
            .unchanged,
        3
    );
}

#[test]
fn histogram_anchors_on_the_rarest_lines() {
    // In both directions the three `}` are the longer stretch, in one they are also met first.
    let (last, first) = (b"}\n}\n}\nunique\n", b"unique\n}\n}\n}\n");
    for (old, new, kept_at) in [(last, first, 3), (first, last, 0)] {
        let diff = with(Algorithm::Histogram, old, new, Granularity::Lines);
        assert_eq!(play(&diff, old, new), new);
        let kept: Vec<_> = diff
            .script()
            .ops()
            .iter()
            .filter(|op| op.tag == EditTag::Equal)
            .collect();
        assert_eq!(
            (kept.len(), kept[0].old_start, kept[0].old_len),
            (1, kept_at, 1)
        );
    }
}

#[test]
fn every_algorithm_is_near_the_minimum_on_a_manifest() {
    let old = manifest(5_000);
    let new = edited(&old, 300, 11);
    let least = distance(with(Algorithm::Minimal, &old, &new, Granularity::Lines).script());
    for algorithm in [Algorithm::Auto, Algorithm::Patience, Algorithm::Histogram] {
        let diff = with(algorithm, &old, &new, Granularity::Lines);
        assert_eq!(play(&diff, &old, &new), new);
        let length = distance(diff.script());
        assert!(
            length * 100 <= least * 105,
            "{algorithm:?}: {length} against {least}"
        );
    }
}
