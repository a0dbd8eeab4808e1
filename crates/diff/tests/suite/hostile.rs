//! Inputs made to cost too much: each would take hours if it were more than linear.

use sealdiff_diff::{
    Algorithm, ApplyOptions, DiffError, DiffOptions, Granularity, apply_patch, format_patch,
    parse_patch,
};

use crate::support::{Random, apply, apply_with, diff, diff_with, play};

const MANY: usize = 1_000_000;

#[test]
fn many_headers_without_hunks_are_read_in_linear_time() {
    for unit in [
        "--- a\n+++ b\n",
        "--- \n",
        "Index: x\n",
        "Index: x\n===\n",
        "diff --git a b\n",
        "@@ -0,0 +0,0 @@\n",
        "Binary files a and b differ\n",
        "\\\n",
        "\n",
        "--- a\n",
        "@@\n",
        "GIT binary patch\n",
    ] {
        drop(parse_patch(unit.repeat(MANY / 4).as_bytes()));
    }
}

#[test]
fn long_lines_are_read_in_linear_time() {
    for unit in [
        " b/", "\"", " ", "\\\"", " and ", "a/", "\t", "\\303", " from ", " to ", "\"a\" ",
    ] {
        let long = unit.repeat(MANY);
        for start in [
            "diff --git ",
            "diff --git \"",
            "--- ",
            "Binary files ",
            "rename from ",
            "@@ -1",
        ] {
            let text = format!(
                "diff --git a/x b/x\n{start}{long}\n+++ {long}\nBinary files {long} differ\n"
            );
            if let Ok(patches) = parse_patch(text.as_bytes()) {
                drop(format_patch(&patches));
            }
        }
    }
}

#[test]
fn counts_that_promise_billions_of_lines_reserve_nothing() {
    let result = parse_patch(b"@@ -1,4294967294 +1,4294967294 @@\n x\n");
    assert!(matches!(
        result,
        Err(DiffError::PatchInvalid { line: 3, .. })
    ));
}

#[test]
fn numbers_beyond_the_text_do_not_fit() {
    for header in [
        "@@ -4294967290 +1 @@",
        "@@ -4294967290,0 +1 @@",
        "@@ -0 +4294967290 @@",
    ] {
        let old = if header.contains(",0") { "" } else { "-x\n" };
        let patch = format!("{header}\n{old}+y\n").into_bytes();
        let text = if header.starts_with("@@ -0") {
            &b"z\n"[..]
        } else {
            b"a\nb\n"
        };
        assert!(
            matches!(
                apply(&patch, text),
                Err(DiffError::PatchMismatch { hunk: 1, .. })
            ),
            "{header}"
        );
    }
}

#[test]
fn many_hunks_in_place_apply_in_linear_time() {
    let text = b"same\n".repeat(MANY);
    let mut patch = Vec::new();
    for hunk in 0..MANY / 4 {
        patch.extend(format!("@@ -{0} +{0} @@\n-same\n+new\n", 4 * hunk + 1).into_bytes());
    }
    let applied = apply(&patch, &text).expect("it fits");
    assert_eq!(applied.len(), text.len() - MANY / 4);
}

#[test]
fn many_hunks_far_from_their_places_are_cut_off() {
    // Each hunk begins its search at the end of a text in which every line is a candidate.
    let mut text = b"same\n".repeat(MANY);
    text.extend(b"end\n".repeat(10));
    let mut patch = Vec::new();
    for _ in 0..10_000 {
        patch.extend(format!("@@ -{MANY},2 +1,2 @@\n same\n-end\n+END\n").into_bytes());
        patch.extend(b"@@ -1,3 +1,2 @@\n same\n-same\n same\n");
    }
    assert!(apply(&patch, &text).is_err());
}

#[test]
fn a_repetitive_hunk_that_almost_fits_everywhere_is_cut_off() {
    let text = [b"same\n".repeat(2_000), b"other\n".to_vec()]
        .concat()
        .repeat(100);
    let lines = b" same\n".repeat(2_001);
    let patch = [b"@@ -1,2002 +1,2001 @@\n-same\n".to_vec(), lines].concat();
    let options = ApplyOptions {
        fuzz: u32::MAX,
        ..ApplyOptions::default()
    };
    let result = apply_with(&patch, &text, &options);
    assert!(matches!(result, Err(DiffError::PatchSearchLimit { hunk: 1, .. })) || result.is_ok());
    let exact = apply(&patch, &text);
    assert!(exact.is_err());
}

#[test]
fn a_great_context_with_unbounded_fuzz_is_cut_off() {
    let context = b" a\n".repeat(MANY / 4);
    let header = format!("@@ -1,{0} +1,{0} @@\n", MANY / 4 + 1);
    let patch = [header.as_bytes(), &context, b"-b\n+c\n"].concat();
    let options = ApplyOptions {
        fuzz: u32::MAX,
        ..ApplyOptions::default()
    };
    let result = apply_with(&patch, &b"a\n".repeat(MANY / 2), &options);
    assert!(matches!(
        result,
        Err(DiffError::PatchSearchLimit { hunk: 1, .. })
    ));
}

#[test]
fn one_far_hunk_in_a_great_text_is_found() {
    let text: Vec<u8> = (0..MANY)
        .flat_map(|n| format!("line {n}\n").into_bytes())
        .collect();
    let patches = parse_patch(b"@@ -5,3 +5,3 @@\n line 900000\n-line 900001\n+x\n line 900002\n")
        .expect("valid");
    let applied = apply_patch(&text, &patches[0], &ApplyOptions::default()).expect("it fits");
    assert_eq!(applied.len(), text.len() - "line 900001".len() + 1);
}

/// Pairs on which careless searches are quadratic.
fn slow_pairs(lines: usize) -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let numbered = |from: usize| -> Vec<u8> {
        (from..from + lines)
            .flat_map(|n| format!("line {n}\n").into_bytes())
            .collect()
    };
    let shuffled = |seed| -> Vec<u8> {
        let mut order: Vec<usize> = (0..lines).collect();
        let mut random = Random(seed);
        (1..lines)
            .rev()
            .for_each(|at| order.swap(at, random.below(at as u64 + 1) as usize));
        order
            .into_iter()
            .flat_map(|n| format!("line {n}\n").into_bytes())
            .collect()
    };
    let four = |seed| -> Vec<u8> {
        let mut random = Random(seed);
        (0..lines)
            .flat_map(|_| [b'a' + random.below(4) as u8, b'\n'])
            .collect()
    };
    let second = |word: &str| -> Vec<u8> {
        (0..lines)
            .flat_map(|n| {
                if n % 2 == 0 {
                    format!("line {n}\n")
                } else {
                    format!("{word} {n}\n")
                }
                .into_bytes()
            })
            .collect()
    };
    let reversed: Vec<u8> = (0..lines)
        .rev()
        .flat_map(|n| format!("line {n}\n").into_bytes())
        .collect();
    vec![
        ("nothing in common", numbered(0), numbered(lines)),
        ("shuffled", numbered(0), shuffled(1)),
        ("reversed", numbered(0), reversed),
        ("four distinct lines", four(1), four(2)),
        ("every second line", second("old"), second("new")),
        (
            "blank runs",
            b"\n".repeat(lines),
            b"x\n\n".repeat(lines / 3),
        ),
    ]
}

#[test]
fn no_pair_of_texts_takes_for_ever() {
    for (name, old, new) in slow_pairs(20_000) {
        for algorithm in [Algorithm::Auto, Algorithm::Patience, Algorithm::Histogram] {
            let options = DiffOptions {
                algorithm,
                ..DiffOptions::default()
            };
            let diff = diff_with(&old, &new, Granularity::Lines, &options);
            assert!(play(&diff, &old, &new) == new, "{name} by {algorithm:?}");
        }
    }
}

#[test]
fn a_megabyte_of_characters_ends_without_a_deadline() {
    let mut random = Random(5);
    let mut letters = || {
        (0..MANY)
            .map(|_| b'a' + random.below(26) as u8)
            .collect::<Vec<u8>>()
    };
    let (old, new) = (letters(), letters());
    let options = DiffOptions {
        max_steps: Some(1 << 24),
        ..DiffOptions::default()
    };
    let diff = diff_with(&old, &new, Granularity::Chars, &options);
    assert!(play(&diff, &old, &new) == new && !diff.script().is_exact());
}

#[test]
fn text_after_the_part_that_is_searched_is_not_compared_again_and_again() {
    let old = b"a".repeat(4 * MANY);
    let new = [&b"!"[..], &b"a".repeat(8 * MANY)].concat();
    let diff = diff(&old, &new, Granularity::Chars);
    assert!(play(&diff, &old, &new) == new);
}

#[test]
fn lines_with_equal_bytes_and_other_ends_are_looked_up_in_linear_time() {
    let old = [&b"q\n"[..], &b"a\n".repeat(2 * MANY)].concat();
    let new = b"a\naaa\n".repeat(MANY);
    let options = DiffOptions {
        ignore_whitespace: true,
        ..DiffOptions::default()
    };
    let diff = diff_with(&old, &new, Granularity::Lines, &options);
    assert!(play(&diff, &old, &new) == new);
}

#[test]
fn sliding_over_a_great_repetition_is_linear() {
    let old = b"a\n".repeat(MANY);
    let new = [
        b"a\n".repeat(MANY / 2),
        b"b\n".to_vec(),
        b"a\n".repeat(MANY),
    ]
    .concat();
    let diff = diff(&old, &new, Granularity::Lines);
    assert!(play(&diff, &old, &new) == new);
}
