//! Three-way merges: results, limits, and properties. What git makes of the same is in
//! `merging_as_git`.

use std::ops::Range;
use std::time::Instant;

use proptest::prelude::*;
use sealdiff_diff::{
    CancelFlag, Conflict, ConflictStyle, DiffError, DiffOptions, Labels, Merge, MergeOptions,
    Versions, merge,
};

use crate::support::Random;

/// Every style, and git's flag for it.
pub(crate) const STYLES: [(ConflictStyle, &str); 3] = [
    (ConflictStyle::Merge, ""),
    (ConflictStyle::Diff3, "--diff3"),
    (ConflictStyle::Zdiff3, "--zdiff3"),
];

pub(crate) fn merged(base: &[u8], ours: &[u8], theirs: &[u8], style: ConflictStyle) -> Merge {
    let versions = Versions { base, ours, theirs };
    let options = MergeOptions {
        style,
        ..MergeOptions::default()
    };
    merge(
        versions,
        &DiffOptions::default(),
        &options,
        &CancelFlag::new(),
    )
    .expect("small")
}

pub(crate) fn lines(numbers: impl IntoIterator<Item = u32>) -> Vec<u8> {
    numbers
        .into_iter()
        .flat_map(|n| format!("line {n}\n").into_bytes())
        .collect()
}

#[test]
fn labels_stand_behind_the_markers_and_empty_ones_leave_them_alone() {
    let versions = Versions {
        base: b"b\n",
        ours: b"o\n",
        theirs: b"t\n",
    };
    let write = |labels| {
        let options = MergeOptions {
            style: ConflictStyle::Diff3,
            labels,
        };
        let merge = merge(
            versions,
            &DiffOptions::default(),
            &options,
            &CancelFlag::new(),
        );
        String::from_utf8(merge.expect("small").text).expect("ASCII")
    };
    let labels = Labels {
        base: b"v1",
        ours: b"HEAD",
        theirs: b"topic branch",
    };
    let named = "<<<<<<< HEAD\no\n||||||| v1\nb\n=======\nt\n>>>>>>> topic branch\n";
    assert_eq!(write(labels), named);
    let none = Labels {
        base: b"",
        ours: b"",
        theirs: b"",
    };
    assert_eq!(write(none), "<<<<<<<\no\n|||||||\nb\n=======\nt\n>>>>>>>\n");
}

#[test]
fn conflicts_tell_where_they_are_in_all_four_texts() {
    let base = lines(0..20);
    let change = |pairs: [(&str, &str); 3]| {
        let text = String::from_utf8_lossy(&base).into_owned();
        let change = |text: String, (from, to): (&str, &str)| text.replace(from, to);
        pairs.into_iter().fold(text, change).into_bytes()
    };
    let ours = change([
        ("line 1\n", ""),
        ("line 5\n", "ours\nours too\n"),
        ("line 15\n", ""),
    ]);
    let theirs = change([
        ("line 5\n", "theirs\n"),
        ("line 9\n", "nine\nnein\n"),
        ("line 15\n", "x\n"),
    ]);
    let found = merged(&base, &ours, &theirs, ConflictStyle::Diff3).conflicts;
    let first = Conflict {
        base: 5..6,
        ours: 4..6,
        theirs: 5..6,
        merged: 4..12,
    };
    let second = Conflict {
        base: 15..16,
        ours: 15..15,
        theirs: 16..17,
        merged: 22..28,
    };
    assert_eq!(found, [first, second]);
}

#[test]
fn what_is_ignored_is_no_change_and_ours_is_kept() {
    let options = DiffOptions {
        ignore_whitespace: true,
        ..DiffOptions::default()
    };
    let versions = Versions {
        base: b"a\nb\nc\nd\n",
        ours: b"  a\nb\nc\nd",
        theirs: b"a\nb\nC\n d\ne\n",
    };
    let merge = merge(
        versions,
        &options,
        &MergeOptions::default(),
        &CancelFlag::new(),
    );
    let merge = merge.expect("small");
    // The line end that ours lacks is white space, too; what follows still begins on a line of its own.
    assert_eq!(String::from_utf8_lossy(&merge.text), "  a\nb\nC\nd\ne\n");
    assert_eq!(merge.conflicts, []);
}

#[expect(
    clippy::disallowed_methods,
    reason = "a deadline is an instant of the real clock"
)]
fn now() -> Instant {
    Instant::now()
}

fn shuffled(lines: u64, seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    (0..lines)
        .flat_map(|_| format!("{}\n", random.below(lines / 2)).into_bytes())
        .collect()
}

#[test]
fn a_deadline_gives_a_merge_with_larger_conflicts() {
    let [base, ours, theirs] = [1, 2, 3].map(|seed| shuffled(30_000, seed));
    let versions = Versions {
        base: &base,
        ours: &ours,
        theirs: &theirs,
    };
    let options = DiffOptions {
        deadline: Some(now()),
        ..DiffOptions::default()
    };
    let merge = merge(
        versions,
        &options,
        &MergeOptions::default(),
        &CancelFlag::new(),
    );
    let merge = merge.expect("not cancelled");
    assert!(!merge.is_exact && !merge.conflicts.is_empty());
}

#[test]
fn texts_with_little_in_common_take_a_bounded_number_of_steps() {
    let lines = 4_000;
    let [base, ours, theirs] = [1, 2, 3].map(|seed| shuffled(lines, seed));
    let versions = Versions {
        base: &base,
        ours: &ours,
        theirs: &theirs,
    };
    let merge_within = |max_steps| {
        let options = DiffOptions {
            max_steps: Some(max_steps),
            ..DiffOptions::default()
        };
        let merged = merge(
            versions,
            &options,
            &MergeOptions::default(),
            &CancelFlag::new(),
        );
        merged.expect("not cancelled")
    };
    assert!(merge_within(4_096 * lines).is_exact);
    // The limit is for all searches of the merge together.
    assert!(!merge_within(64 * lines).is_exact);
}

#[test]
fn a_raised_flag_ends_the_merge() {
    let versions = Versions {
        base: b"a",
        ours: b"b",
        theirs: b"c",
    };
    let cancel = CancelFlag::new();
    cancel.cancel();
    let merge = merge(
        versions,
        &DiffOptions::default(),
        &MergeOptions::default(),
        &cancel,
    );
    assert_eq!(merge, Err(DiffError::Cancelled));
}

/// Lines of few kinds, so that changes meet often.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let line = prop::sample::select(vec![&b"a\n"[..], b"b\n", b"\n", b"c\r\n", b"\xFF{\n"]);
    let tail = prop::sample::select(vec![&b""[..], b"a", b"\r"]);
    (prop::collection::vec(line, 0..16), tail)
        .prop_map(|(lines, tail)| [lines.concat(), tail.to_vec()].concat())
}

fn lines_of(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&b| b == b'\n').collect()
}

/// What is left of the merge once each conflict is decided for `side`; `held` says which of its lines a
/// conflict holds.
fn decided<'t>(
    merge: &'t Merge,
    side: &'t [u8],
    held: fn(&Conflict) -> Range<u32>,
) -> Vec<&'t [u8]> {
    let merged_lines = lines_of(&merge.text);
    let mut decided = Vec::new();
    let mut at = 0;
    for conflict in &merge.conflicts {
        decided.extend(&merged_lines[at..conflict.merged.start as usize]);
        decided.extend(held_lines(side, &held(conflict)));
        at = conflict.merged.end as usize;
    }
    decided.extend(&merged_lines[at..]);
    decided
}

fn held_lines<'t>(side: &'t [u8], held: &Range<u32>) -> Vec<&'t [u8]> {
    lines_of(side)[held.start as usize..held.end as usize].to_vec()
}

proptest! {
    #[test]
    fn one_side_alone_is_taken_as_it_is(base in text(), side in text()) {
        for (style, _) in STYLES {
            for (ours, theirs) in [(&side, &base), (&base, &side), (&side, &side)] {
                let merge = merged(&base, ours, theirs, style);
                prop_assert_eq!(&merge.text, &side);
                prop_assert_eq!(&merge.conflicts[..], &[]);
            }
        }
    }

    #[test]
    fn conflicts_stand_between_their_markers(base in text(), ours in text(), theirs in text()) {
        for (style, _) in STYLES {
            let merge = merged(&base, &ours, &theirs, style);
            let merged_lines = lines_of(&merge.text);
            let mut at = 0;
            for conflict in &merge.conflicts {
                let mut lines = vec![&b"<<<<<<< ours"[..]];
                lines.extend(held_lines(&ours, &conflict.ours));
                if style != ConflictStyle::Merge {
                    lines.push(b"||||||| base");
                    lines.extend(held_lines(&base, &conflict.base));
                }
                lines.push(b"=======");
                lines.extend(held_lines(&theirs, &conflict.theirs));
                lines.push(b">>>>>>> theirs");
                prop_assert!(at <= conflict.merged.start);
                at = conflict.merged.end;
                let shown = &merged_lines[conflict.merged.start as usize..at as usize];
                prop_assert_eq!(shown.len(), lines.len());
                for (shown, line) in shown.iter().zip(lines) {
                    prop_assert!(shown.starts_with(line));
                }
            }
        }
    }

    /// Where the style Merge splits a conflict depends on which side is first. Whether there is any does not,
    /// nor what is left once all are decided for one side.
    #[test]
    fn sides_can_be_exchanged(base in text(), ours in text(), theirs in text()) {
        for (style, _) in STYLES {
            let merge = merged(&base, &ours, &theirs, style);
            let mirror = merged(&base, &theirs, &ours, style);
            prop_assert_eq!(merge.conflicts.is_empty(), mirror.conflicts.is_empty());
            if style != ConflictStyle::Merge {
                let held = |c: &Conflict| (c.base.clone(), c.ours.clone(), c.theirs.clone());
                let exchanged = |c: &Conflict| (c.base.clone(), c.theirs.clone(), c.ours.clone());
                prop_assert!(merge.conflicts.iter().map(held).eq(mirror.conflicts.iter().map(exchanged)));
            }
            prop_assert_eq!(
                decided(&merge, &ours, |conflict| conflict.ours.clone()),
                decided(&mirror, &ours, |conflict| conflict.theirs.clone())
            );
            prop_assert_eq!(
                decided(&merge, &theirs, |conflict| conflict.theirs.clone()),
                decided(&mirror, &theirs, |conflict| conflict.ours.clone())
            );
        }
    }
}
