//! Offsets, fuzz, ends of text and line ends, and that nothing is half applied.

use sealdiff_diff::{ApplyOptions, DiffError, LineEndings};

use crate::support::{apply, apply_with};

fn fuzzy(fuzz: u32) -> ApplyOptions {
    ApplyOptions {
        fuzz,
        ..ApplyOptions::default()
    }
}

#[track_caller]
fn assert_mismatch(result: Result<Vec<u8>, DiffError>, hunk: usize, header: &str) {
    assert_eq!(
        result,
        Err(DiffError::PatchMismatch {
            hunk,
            header: header.to_owned()
        })
    );
}

const MIDDLE: &[u8] = b"@@ -2,3 +2,3 @@ section\n a\n-b\n+B\n c\n";

#[test]
fn finds_a_hunk_that_has_moved_nearest_first() {
    assert_eq!(
        apply(MIDDLE, b"x\na\nb\nc\ny\n").expect("in place"),
        b"x\na\nB\nc\ny\n"
    );
    assert_eq!(
        apply(MIDDLE, b"x\nx\nx\na\nb\nc\n").expect("below"),
        b"x\nx\nx\na\nB\nc\n"
    );
    assert_eq!(
        apply(MIDDLE, b"a\nb\nc\nx\n").expect("above"),
        b"a\nB\nc\nx\n"
    );
    // At line 1 and at line 5: line 1 is nearer to line 2.
    assert_eq!(
        apply(MIDDLE, b"a\nb\nc\nx\na\nb\nc\n").expect("nearest"),
        b"a\nB\nc\nx\na\nb\nc\n"
    );
    // Both are one line away: the one below is taken, as patch(1) does.
    let patch = b"@@ -2 +2 @@\n-b\n+B\n";
    assert_eq!(apply(patch, b"b\nx\nb\n").expect("below"), b"b\nx\nB\n");
}

#[test]
fn max_offset_bounds_the_search() {
    let near = ApplyOptions {
        max_offset: 2,
        ..ApplyOptions::default()
    };
    assert!(apply_with(MIDDLE, b"x\nx\nx\na\nb\nc\n", &near).is_ok());
    assert_mismatch(
        apply_with(MIDDLE, b"x\nx\nx\nx\na\nb\nc\n", &near),
        1,
        "@@ -2,3 +2,3 @@",
    );
}

#[test]
fn later_hunks_follow_the_offset_of_earlier_ones() {
    let patch = b"@@ -1 +1 @@\n-a\n+A\n@@ -5 +5 @@\n-x\n+X\n";
    let applied = apply(patch, b"0\n0\na\nx\n0\n0\nx\nx\n").expect("it fits");
    assert_eq!(applied, b"0\n0\nA\nx\n0\n0\nX\nx\n");
}

#[test]
fn hunks_stay_in_order_and_a_failure_names_its_hunk() {
    let patch = b"@@ -1 +1 @@\n-b\n+B\n@@ -2 +2 @@ secret\n-a\n+A\n";
    let result = apply(patch, b"a\nb\n");
    assert_mismatch(result.clone(), 2, "@@ -2 +2 @@");
    let message = result.expect_err("a mismatch").to_string();
    assert_eq!(message, "hunk 2 (@@ -2 +2 @@) does not fit the text");
}

#[test]
fn fuzz_leaves_out_context() {
    let patch = b"@@ -1,5 +1,5 @@\n 1\n 2\n-3\n+three\n 4\n 5\n";
    let text = b"1\nTWO\n3\n4\n5\n";
    assert_mismatch(apply(patch, text), 1, "@@ -1,5 +1,5 @@");
    assert_mismatch(apply_with(patch, text, &fuzzy(1)), 1, "@@ -1,5 +1,5 @@");
    assert_eq!(
        apply_with(patch, text, &fuzzy(2)).expect("it fits"),
        b"1\nTWO\nthree\n4\n5\n"
    );
    let outer = b"ONE\n2\n3\n4\nFIVE\n";
    assert_eq!(
        apply_with(patch, outer, &fuzzy(1)).expect("it fits"),
        b"ONE\n2\nthree\n4\nFIVE\n"
    );
    // Changed lines are never left out.
    assert_mismatch(
        apply_with(patch, b"1\n2\nx\n4\n5\n", &fuzzy(u32::MAX)),
        1,
        "@@ -1,5 +1,5 @@",
    );
}

#[test]
fn less_context_binds_a_hunk_to_an_end() {
    let at_end = b"@@ -1,2 +1,2 @@\n a\n-b\n+B\n";
    assert_eq!(
        apply(at_end, b"x\na\nb\n").expect("at the end"),
        b"x\na\nB\n"
    );
    assert_mismatch(apply(at_end, b"a\nb\nx\n"), 1, "@@ -1,2 +1,2 @@");
    assert_eq!(
        apply_with(at_end, b"a\nb\nx\n", &fuzzy(1)).expect("fuzz unbinds it"),
        b"a\nB\nx\n"
    );
    let at_start = b"@@ -1,2 +1,2 @@\n-a\n+A\n b\n";
    assert_mismatch(apply(at_start, b"x\na\nb\n"), 1, "@@ -1,2 +1,2 @@");
}

#[test]
fn newline_markers_bind_a_hunk_to_the_end_of_a_text_without_newline() {
    let marked =
        b"@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n";
    assert_eq!(apply(marked, b"a").expect("it fits"), b"b");
    assert_mismatch(apply(marked, b"a\n"), 1, "@@ -1 +1 @@");
    assert_mismatch(apply(b"@@ -1 +1 @@\n-a\n+b\n", b"a"), 1, "@@ -1 +1 @@");
    // Only the new side loses its newline: the hunk must not join two lines.
    let losing = b"@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n";
    assert_eq!(apply(losing, b"a\n").expect("it fits"), b"b");
    assert_mismatch(apply(losing, b"a\nx\n"), 1, "@@ -1 +1 @@");
    assert_eq!(
        apply(losing, b"a\nx\na\n").expect("the last one"),
        b"a\nx\nb"
    );
    // An insertion after a line without newline would be joined to it.
    assert_mismatch(apply(b"@@ -1,0 +2 @@\n+b\n", b"a"), 1, "@@ -1,0 +2 @@");
    assert_eq!(
        apply(b"@@ -1,0 +2 @@\n+b\n", b"a\n").expect("it fits"),
        b"a\nb\n"
    );
}

#[test]
fn an_insertion_without_context_goes_exactly_where_it_says() {
    let patch = b"@@ -2,0 +3 @@\n+x\n";
    assert_eq!(
        apply(patch, b"1\n2\n3\n").expect("it fits"),
        b"1\n2\nx\n3\n"
    );
    assert_mismatch(apply(patch, b"1\n"), 1, "@@ -2,0 +3 @@");
}

#[test]
fn a_new_file_needs_an_empty_text() {
    let patch = b"--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n";
    assert_eq!(apply(patch, b"").expect("it fits"), b"a\n");
    assert_eq!(apply(patch, b"b\n"), Err(DiffError::PatchTargetExists));
}

#[test]
fn line_ends_follow_the_text_only_on_request() {
    let follow = ApplyOptions {
        line_endings: LineEndings::FollowText,
        ..ApplyOptions::default()
    };
    let unix = b"@@ -1,2 +1,3 @@\n a\n-b\n+c\n+d\n";
    let windows = b"@@ -1,2 +1,3 @@\r\n a\r\n-b\r\n+c\r\n+d\r\n";
    assert!(apply(unix, b"a\r\nb\r\n").is_err() && apply(windows, b"a\nb\n").is_err());
    assert_eq!(
        apply(windows, b"a\r\nb\r\n").expect("as it is"),
        b"a\r\nc\r\nd\r\n"
    );
    assert_eq!(
        apply_with(unix, b"a\r\nb\r\n", &follow).expect("converted"),
        b"a\r\nc\r\nd\r\n"
    );
    assert_eq!(
        apply_with(windows, b"a\nb\n", &follow).expect("converted"),
        b"a\nc\nd\n"
    );
    assert!(apply_with(unix, b"a\r\nb\n", &follow).is_err());
    let marked = b"@@ -1,2 +1 @@\r\n a\r\n-b\r\n\\ No newline at end of file\r\n";
    assert_eq!(
        apply_with(marked, b"a\nb", &follow).expect("converted"),
        b"a\n"
    );
}

#[test]
fn a_deletion_that_leaves_lines_is_a_mismatch() {
    for header in [
        "--- a/x\n+++ /dev/null\n",
        "diff --git a/x b/x\ndeleted file mode 100644\n",
    ] {
        let patch = [header.as_bytes(), b"@@ -1,2 +0,0 @@\n-a\n-b\n"].concat();
        assert_eq!(apply(&patch, b"a\nb\n").expect("it fits"), b"");
        assert_mismatch(apply(&patch, b"a\nb\nc\n"), 1, "@@ -1,2 +0,0 @@");
    }
}
