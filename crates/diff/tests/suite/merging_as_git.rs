//! Three-way merges against `git merge-file`.

use sealdiff_diff::ConflictStyle;

use crate::merging::{STYLES, lines, merged};
use crate::support::{Random, edited, manifest};
use crate::tools::{GitMerge, git_merge_file};

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
