//! Three-way merges: what only one side changed is taken, conflicts are where the merge says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sealdiff_diff::{Algorithm, ConflictStyle, DiffOptions, Merge, MergeOptions, Versions, merge};
use sealdiff_fuzz::{Input, NO_CANCEL, diff_options, texts, within_time};

/// Texts of so many bytes are merged more than once, and by unbounded searches.
const SMALL: usize = 4096;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let options = diff_options(&mut input);
    let styles = [
        ConflictStyle::Merge,
        ConflictStyle::Diff3,
        ConflictStyle::Zdiff3,
    ];
    let style = styles[usize::from(input.byte() % 3)];
    let [base, ours, theirs] = texts(input);
    let bytes = base.len() + ours.len() + theirs.len();
    if options.algorithm == Algorithm::Minimal && bytes > SMALL {
        return;
    }
    let versions = Versions {
        base: &base,
        ours: &ours,
        theirs: &theirs,
    };
    let merged = within_time("a merge", |_| bytes, || join(versions, &options, style));
    check_conflicts(&merged, versions);
    if options.ignore_whitespace || options.ignore_case || bytes > SMALL {
        return;
    }
    check_one_side(versions, &options, style);
    check_other_way_round(&merged, versions, &options, style);
});

fn join(versions: Versions<'_>, options: &DiffOptions, style: ConflictStyle) -> Merge {
    let layout = MergeOptions {
        style,
        ..MergeOptions::default()
    };
    merge(versions, options, &layout, &NO_CANCEL).expect("small")
}

/// Conflicts are in order, within the texts, and between their markers.
fn check_conflicts(merged: &Merge, versions: Versions<'_>) {
    let count = |text: &[u8]| text.split_inclusive(|&byte| byte == b'\n').count() as u32;
    let lines: Vec<&[u8]> = merged.text.split_inclusive(|&byte| byte == b'\n').collect();
    let mut end = (0, 0, 0, 0);
    for conflict in &merged.conflicts {
        let (base, ours, theirs) = (&conflict.base, &conflict.ours, &conflict.theirs);
        assert!(end.1 <= ours.start && end.2 <= theirs.start && end.3 <= conflict.merged.start);
        assert!(base.start <= base.end && ours.start <= ours.end && theirs.start <= theirs.end);
        let whole = &lines[conflict.merged.start as usize..conflict.merged.end as usize];
        assert!(whole[0].starts_with(b"<<<<<<< ours"));
        assert!(whole[whole.len() - 1].starts_with(b">>>>>>> theirs"));
        end = (base.end, ours.end, theirs.end, conflict.merged.end);
    }
    assert!(end.0 <= count(versions.base));
    assert!(end.1 <= count(versions.ours) && end.2 <= count(versions.theirs));
}

/// A side that nobody else changed is the result, and so is one that both have.
fn check_one_side(versions: Versions<'_>, options: &DiffOptions, style: ConflictStyle) {
    let Versions { base, ours, theirs } = versions;
    for (versions, expected) in [
        (
            Versions {
                base,
                ours,
                theirs: base,
            },
            ours,
        ),
        (
            Versions {
                base,
                ours: base,
                theirs,
            },
            theirs,
        ),
        (
            Versions {
                base,
                ours,
                theirs: ours,
            },
            ours,
        ),
    ] {
        let merged = join(versions, options, style);
        // Where one search used the limit up, the other is coarser, and equal changes look different.
        if merged.is_exact {
            assert!(merged.conflicts.is_empty());
            assert_eq!(merged.text, expected);
        }
    }
}

/// Without conflicts it doesn't matter who is called ours.
fn check_other_way_round(
    merged: &Merge,
    versions: Versions<'_>,
    options: &DiffOptions,
    style: ConflictStyle,
) {
    let Versions { base, ours, theirs } = versions;
    let other = join(
        Versions {
            base,
            ours: theirs,
            theirs: ours,
        },
        options,
        style,
    );
    if !merged.is_exact || !other.is_exact {
        return;
    }
    assert_eq!(merged.conflicts.is_empty(), other.conflicts.is_empty());
    if merged.conflicts.is_empty() {
        assert_eq!(merged.text, other.text);
    }
}
