//! Three-way merges: against `git merge-file`, by properties, and at the edges.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use sealdiff_diff::{
    CancelFlag, Conflict, ConflictStyle, DiffError, DiffOptions, Labels, Merge, MergeOptions,
    Versions, merge,
};

use crate::support::{Random, edited, manifest};
use crate::tools::{GitMerge, git_merge_file};

const STYLES: [(ConflictStyle, &str); 3] = [
    (ConflictStyle::Merge, ""),
    (ConflictStyle::Diff3, "--diff3"),
    (ConflictStyle::Zdiff3, "--zdiff3"),
];

fn merged(base: &[u8], ours: &[u8], theirs: &[u8], style: ConflictStyle) -> Merge {
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

fn by_git(base: &[u8], ours: &[u8], theirs: &[u8], flag: &str) -> GitMerge {
    let flags: Vec<&str> = Some(flag)
        .into_iter()
        .filter(|flag| !flag.is_empty())
        .collect();
    git_merge_file(base, ours, theirs, &flags)
}

/// The same bytes and the same number of conflicts as git gives, in every style.
fn assert_as_git(base: &[u8], ours: &[u8], theirs: &[u8], what: &str) {
    for (style, flag) in STYLES {
        let (mine, git) = (
            merged(base, ours, theirs, style),
            by_git(base, ours, theirs, flag),
        );
        let (mine_text, git_text) = (
            String::from_utf8_lossy(&mine.text),
            String::from_utf8_lossy(&git.text),
        );
        assert_eq!(mine_text, git_text, "{what} {flag}");
        assert_eq!(mine.conflicts.len(), git.conflicts, "{what} {flag}");
    }
}

fn lines(numbers: impl IntoIterator<Item = u32>) -> Vec<u8> {
    numbers
        .into_iter()
        .flat_map(|n| format!("line {n}\n").into_bytes())
        .collect()
}

/// What it is about, the base, ours and theirs.
type Case = (&'static str, Vec<u8>, Vec<u8>, Vec<u8>);

#[test]
fn merges_each_edge_as_git_does() {
    let ten = lines(0..10);
    let change = |at: &str, to: &str| String::from_utf8_lossy(&ten).replace(at, to).into_bytes();
    let crlf = |text: &[u8]| {
        String::from_utf8_lossy(text)
            .replace('\n', "\r\n")
            .into_bytes()
    };
    let cases: Vec<Case> = vec![
        ("nothing at all", vec![], vec![], vec![]),
        ("nothing changed", ten.clone(), ten.clone(), ten.clone()),
        (
            "only ours",
            ten.clone(),
            change("line 3", "three"),
            ten.clone(),
        ),
        (
            "only theirs",
            ten.clone(),
            ten.clone(),
            change("line 3", "three"),
        ),
        (
            "both, apart",
            ten.clone(),
            change("line 1\n", "one\n"),
            change("line 8", "eight"),
        ),
        (
            "identical",
            ten.clone(),
            change("line 3", "three"),
            change("line 3", "three"),
        ),
        (
            "both, the same line",
            ten.clone(),
            change("line 3", "three"),
            change("line 3", "drei"),
        ),
        (
            "adjacent lines",
            ten.clone(),
            change("line 3", "three"),
            change("line 4", "four"),
        ),
        (
            "one line between",
            ten.clone(),
            change("line 3", "three"),
            change("line 5", "five"),
        ),
        (
            "insertions at one place",
            ten.clone(),
            change("line 3\n", "line 3\nours\n"),
            change("line 3\n", "line 3\ntheirs\n"),
        ),
        (
            "insertion beside a change",
            ten.clone(),
            change("line 3\n", "line 3\nours\n"),
            change("line 4", "four"),
        ),
        (
            "deletion and change",
            ten.clone(),
            change("line 3\n", ""),
            change("line 3", "drei"),
        ),
        (
            "overlap",
            ten.clone(),
            change("line 3\nline 4\n", "x\n"),
            change("line 4\nline 5\n", "y\nz\n"),
        ),
        (
            "one change over two",
            ten.clone(),
            change("line 2\nline 3\nline 4\nline 5\n", "x\n"),
            change("line 3\n", ""),
        ),
        ("whole file", ten.clone(), lines(20..30), lines(40..43)),
        ("ours empty", ten.clone(), vec![], change("line 3", "three")),
        (
            "theirs empty",
            ten.clone(),
            change("line 3", "three"),
            vec![],
        ),
        ("both empty", ten.clone(), vec![], vec![]),
        ("base empty", vec![], lines(0..3), lines(1..5)),
        ("base empty, the same", vec![], ten.clone(), ten.clone()),
        ("base empty, one side empty", vec![], ten.clone(), vec![]),
        (
            "no newline at the end of ours",
            ten.clone(),
            change("line 9\n", "line 9"),
            change("line 1\n", "one\n"),
        ),
        (
            "no newline in the conflict",
            ten.clone(),
            change("line 9\n", "nine"),
            change("line 9\n", "neun"),
        ),
        (
            "no newline anywhere",
            b"a".to_vec(),
            b"b".to_vec(),
            b"c".to_vec(),
        ),
        (
            "newline added and text changed",
            b"a\nb".to_vec(),
            b"a\nb\n".to_vec(),
            b"a\nB".to_vec(),
        ),
        (
            "CRLF, clean",
            crlf(&ten),
            crlf(&change("line 1\n", "one\n")),
            crlf(&change("line 8", "eight")),
        ),
        (
            "CRLF, conflict",
            crlf(&ten),
            crlf(&change("line 3", "three")),
            crlf(&change("line 3", "drei")),
        ),
        (
            "CRLF, conflict in the first line",
            crlf(&ten),
            crlf(&change("line 0", "zero")),
            crlf(&change("line 0", "null")),
        ),
        (
            "CRLF, conflict without newline",
            crlf(&ten),
            crlf(&change("line 9\n", "nine")),
            crlf(&change("line 9\n", "neun")),
        ),
        (
            "ours became CRLF",
            ten.clone(),
            crlf(&ten),
            change("line 3", "three"),
        ),
        ("CRLF base empty", vec![], crlf(&ten), crlf(&lines(0..4))),
        (
            "close conflicts",
            ten.clone(),
            change("line 2", "a").clone(),
            change("line 2", "b"),
        ),
        (
            "conflicts with three lines between",
            ten.clone(),
            String::from_utf8_lossy(&change("line 2", "a"))
                .replace("line 6", "c")
                .into_bytes(),
            String::from_utf8_lossy(&change("line 2", "b"))
                .replace("line 6", "d")
                .into_bytes(),
        ),
        (
            "conflicts with four lines between",
            ten.clone(),
            String::from_utf8_lossy(&change("line 2", "a"))
                .replace("line 7", "c")
                .into_bytes(),
            String::from_utf8_lossy(&change("line 2", "b"))
                .replace("line 7", "d")
                .into_bytes(),
        ),
        (
            "common lines in a conflict",
            lines(0..4),
            [
                lines(10..20),
                b"ours\n".to_vec(),
                lines(20..30),
                b"ours\n".to_vec(),
            ]
            .concat(),
            [
                lines(10..20),
                b"theirs\n".to_vec(),
                lines(20..30),
                b"theirs\n".to_vec(),
            ]
            .concat(),
        ),
        (
            "common lines without letters in a conflict",
            lines(0..4),
            [
                b"ours\n".to_vec(),
                b"{\n}\n\n\t\n-\n\xFF\n".to_vec(),
                b"ours\n".to_vec(),
            ]
            .concat(),
            [
                b"theirs\n".to_vec(),
                b"{\n}\n\n\t\n-\n\xFF\n".to_vec(),
                b"theirs\n".to_vec(),
            ]
            .concat(),
        ),
        (
            "markers in the text",
            b"<<<<<<< a\n=======\n>>>>>>> b\n".to_vec(),
            b"<<<<<<< a\nx\n>>>>>>> b\n".to_vec(),
            b"<<<<<<< a\ny\n>>>>>>> b\n".to_vec(),
        ),
    ];
    for (what, base, ours, theirs) in &cases {
        assert_as_git(base, ours, theirs, what);
    }
}

/// A document in which no line occurs twice, so that there is one shortest diff.
fn unique_lines(count: u64) -> Vec<u8> {
    (0..count)
        .flat_map(|n| format!("{}entry {n};\n", " ".repeat((n % 5) as usize)).into_bytes())
        .collect()
}

/// Every seed's base, ours and theirs.
fn generated(
    seeds: std::ops::Range<u64>,
    document: fn(u64) -> Vec<u8>,
) -> impl Iterator<Item = [Vec<u8>; 3]> {
    seeds.map(move |seed| {
        let mut random = Random(seed);
        let base = document(20 + random.below(200));
        let ours = edited(&base, 1 + random.below(12), seed + 1_000);
        let theirs = edited(&base, 1 + random.below(12), seed + 2_000);
        [base, ours, theirs]
    })
}

#[test]
fn merges_generated_changes_as_git_does() {
    let mut seen = [0, 0];
    for [base, ours, theirs] in generated(0..120, unique_lines) {
        assert_as_git(&base, &ours, &theirs, "generated");
        let conflicts = merged(&base, &ours, &theirs, ConflictStyle::Merge).conflicts;
        seen[usize::from(conflicts.is_empty())] += 1;
    }
    assert!(seen.iter().all(|&count| count > 20), "{seen:?}");
}

/// Where lines repeat there are several shortest diffs, and git may take another one than we do: it
/// also moves changes up to where the other side has one.
#[test]
fn merges_repetitive_texts_as_git_does_but_for_the_choice_between_equal_diffs() {
    let (mut others, mut clean) = (0, 0);
    for [base, ours, theirs] in generated(0..150, |lines| manifest(lines as usize)) {
        let mine = merged(&base, &ours, &theirs, ConflictStyle::Merge);
        let git = by_git(&base, &ours, &theirs, "");
        clean += usize::from(git.conflicts == 0);
        if git.conflicts == 0 {
            assert_eq!(mine.conflicts, []);
            assert!(mine.text == git.text, "clean in git");
        }
        others += usize::from(mine.text != git.text);
    }
    assert!(
        others <= 3 && clean > 20,
        "{others} of 150 differ, {clean} are clean"
    );
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
fn texts_without_anything_in_common_are_merged_soon() {
    let [base, ours, theirs] = [1, 2, 3].map(|seed| shuffled(20_000, seed));
    let start = now();
    let merge = merged(&base, &ours, &theirs, ConflictStyle::Merge);
    assert!(!merge.conflicts.is_empty());
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
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

fn line_at(text: &[u8], line: u64) -> Vec<u8> {
    let mut lines = text.split_inclusive(|&b| b == b'\n');
    lines.nth(line as usize).unwrap_or_default().to_vec()
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
    fn both_sides_can_be_read_off_the_merge(base in text(), ours in text(), theirs in text()) {
        for (style, _) in STYLES {
            let merge = merged(&base, &ours, &theirs, style);
            let mirror = merged(&base, &theirs, &ours, style);
            prop_assert_eq!(merge.conflicts.len(), mirror.conflicts.len());
            let mut at = 0;
            for conflict in &merge.conflicts {
                prop_assert!(at <= conflict.merged.start && conflict.merged.start < conflict.merged.end);
                at = conflict.merged.end;
                prop_assert!(line_at(&merge.text, conflict.merged.start).starts_with(b"<<<<<<< ours"));
                prop_assert!(line_at(&merge.text, conflict.merged.end - 1).starts_with(b">>>>>>> theirs"));
                let first = line_at(&ours, conflict.ours.start.into());
                if !conflict.ours.is_empty() {
                    let shown = line_at(&merge.text, conflict.merged.start + 1);
                    prop_assert!(shown.starts_with(&first));
                }
            }
        }
    }
}
