//! Patches as other tools write them, known answers, and malformed ones.

use sealdiff_diff::{
    ApplyOptions, DiffError, LineKind, Patch, apply_patch, format_patch, parse_patch, reverse_patch,
};

fn parse(text: &[u8]) -> Vec<Patch<'_>> {
    parse_patch(text).expect("a valid patch")
}

fn name<'p>(bytes: &'p Option<sealdiff_diff::PatchBytes<'_>>) -> Option<&'p str> {
    bytes
        .as_deref()
        .map(|bytes| std::str::from_utf8(bytes).expect("UTF-8"))
}

#[track_caller]
fn assert_invalid(text: &str, line: usize, reason: &str) {
    match parse_patch(text.as_bytes()) {
        Err(DiffError::PatchInvalid {
            line: at,
            reason: why,
        }) => {
            assert_eq!((at, why), (line, reason));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn reads_a_mail_with_renames_copies_modes_and_binaries() {
    let text = b"From 0123 Mon Sep 17 00:00:00 2001\nSubject: things\n---\n a | 2 +-\n\n\
        diff --git a/old name b/new name\nsimilarity index 90%\nrename from old name\nrename to new name\n\
        index 1111111..2222222 100644\n--- a/old name\t\n+++ b/new name\t\n@@ -1 +1 @@ fn x\n-a\n+b\n\
        diff --git a/c b/d\nsimilarity index 100%\ncopy from c\ncopy to d\n\
        diff --git a/e b/e\nold mode 100644\nnew mode 100755\n\
        diff --git a/f b/f\nnew file mode 100644\nindex 0000000..e69de29\n\
        diff --git a/g b/g\ndeleted file mode 100644\nindex 1..0\n--- a/g\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n\
        diff --git a/h b/h\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKcmZQzfB*mh\n\nliteral 0\nHcmV?d00001\n\n\
        diff --git a/i b/i\nindex 1..2 100644\nBinary files a/i and b/i differ\n-- \n2.47.3\n";
    let patches = parse(text);
    let git = |at: usize| patches[at].git.as_ref().expect("a git header");
    assert_eq!(patches.len(), 7);
    assert_eq!(name(&git(0).rename_from), Some("old name"));
    assert_eq!(name(&patches[0].new_name), Some("b/new name"));
    assert_eq!(
        (git(0).similarity, &patches[0].hunks[0].section[..]),
        (Some(90), &b"fn x"[..])
    );
    assert_eq!(
        git(0).index.as_ref().and_then(|index| index.mode),
        Some(0o100_644)
    );
    assert_eq!(
        (name(&git(1).copy_from), name(&git(1).copy_to)),
        (Some("c"), Some("d"))
    );
    assert_eq!(
        (git(2).old_mode, git(2).new_mode),
        (Some(0o100_644), Some(0o100_755))
    );
    assert!(git(3).is_new && patches[3].hunks.is_empty());
    assert!(git(4).is_deleted && name(&patches[4].new_name) == Some("/dev/null"));
    assert!(patches[5].is_binary && patches[6].is_binary);
    assert_eq!(
        apply_patch(b"", &patches[5], &ApplyOptions::default()),
        Err(DiffError::PatchBinary)
    );
    let again = format_patch(&patches);
    assert_eq!(parse(&again), patches);
}

#[test]
fn tells_the_names_of_a_git_line_apart() {
    let names = |line: &str| {
        let text = format!("diff --git {line}\nold mode 100644\nnew mode 100755\n");
        let git = parse(text.as_bytes())[0].git.clone().expect("a git header");
        let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        (text(&git.old_name), text(&git.new_name))
    };
    let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
    assert_eq!(names("a/x b/x"), pair("a/x", "b/x"));
    assert_eq!(names("a/x b/x b/x b/x"), pair("a/x b/x", "b/x b/x"));
    assert_eq!(names("x y x y"), pair("x y", "x y"));
    assert_eq!(
        names("\"a/\\303\\251\" \"b/\\303\\251\""),
        pair("a/é", "b/é")
    );
    assert_eq!(names("a/x y \"b/\\t\""), pair("a/x y", "b/\t"));
    assert_eq!(names("a/one b/two three"), pair("a/one", "b/two three"));
}

#[test]
fn reads_index_lines_of_svn_and_jsdiff() {
    let text = b"Index: x.txt\n===================================================================\n\
        --- x.txt\t(revision 1)\n+++ x.txt\t(working copy)\n@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n\
        \nProperty changes on: x.txt\n___\nAdded: svn:eol-style\n## -0,0 +1 ##\n+native\n\
        Index: y.bin\n===================================================================\n\
        Cannot display: file marked as a binary type.\nsvn:mime-type = application/octet-stream\n";
    let patches = parse(text);
    assert_eq!(patches.len(), 2);
    assert_eq!(name(&patches[0].index_name), Some("x.txt"));
    assert_eq!(name(&patches[0].old_stamp), Some("(revision 1)"));
    assert_eq!(&patches[0].hunks[0].lines[1].text[..], b"b");
    assert!(patches[1].is_binary);
    assert_eq!(parse(&format_patch(&patches)), patches);
}

#[test]
fn reads_what_diff_says_of_binary_files() {
    let patches = parse(
        b"Only in a: x\nBinary files a/y and b/y differ\n--- a/z\n+++ b/z\n@@ -1 +1 @@\n-1\n+2\n",
    );
    assert_eq!(patches.len(), 2);
    assert!(patches[0].is_binary && name(&patches[0].old_name) == Some("a/y"));
    assert!(!patches[1].is_binary);
    let patches = parse(b"Binary files a/x and y and b/x and y differ\n");
    assert_eq!(name(&patches[0].old_name), Some("a/x and y"));
    assert_eq!(name(&patches[0].new_name), Some("b/x and y"));
}

#[test]
fn reads_patches_whose_lines_end_in_crlf() {
    let patches = parse(b"--- a\t1970\r\n+++ b\r\n@@ -1,2 +1,2 @@\r\n-x\r\n+y\r\n\r\n");
    assert_eq!(
        (name(&patches[0].old_stamp), name(&patches[0].new_name)),
        (Some("1970"), Some("b"))
    );
    let lines: Vec<_> = patches[0].hunks[0]
        .lines
        .iter()
        .map(|l| (l.kind, &l.text[..]))
        .collect();
    let wanted = [
        (LineKind::Removed, &b"x\r\n"[..]),
        (LineKind::Added, b"y\r\n"),
        (LineKind::Context, b"\r\n"),
    ];
    assert_eq!(lines, wanted);
}

#[test]
fn takes_a_last_line_that_was_cut_before_its_newline() {
    let patches = parse(b"@@ -1 +1 @@\n-x\n+y");
    assert_eq!(&patches[0].hunks[0].lines[1].text[..], b"y\n");
}

#[test]
fn text_without_a_patch_gives_none() {
    assert_eq!(parse(b""), []);
    assert_eq!(
        parse(b"--- not\na patch\n+++ at all\nIndex: of things\n@@\n"),
        []
    );
}

#[test]
fn malformed_hunks_are_named_by_their_line() {
    let header = "malformed hunk header";
    assert_invalid("x\n@@ -1 1 @@\n", 2, header);
    assert_invalid("@@ -,1 +1 @@\n", 1, header);
    assert_invalid("@@ -1 +1\n", 1, header);
    assert_invalid("@@ -1 +1 @\n-x\n", 1, header);
    assert_invalid(
        "@@ -99999999999999999999 +1 @@\n",
        1,
        "a number in the hunk header is too large",
    );
    assert_invalid(
        "@@ -4294967296 +1 @@\n",
        1,
        "a number in the hunk header is too large",
    );
    assert_invalid(
        "@@ -4294967295 +1 @@\n",
        1,
        "the range of a hunk is too large",
    );
    assert_invalid(
        "@@ -1,3 +1,4294967294 @@\n x\n",
        3,
        "the hunk ends before its counts are reached",
    );
    assert_invalid(
        "@@ -1 +1 @@\n-x\n-y\n",
        3,
        "the hunk has more lines than its header says",
    );
    assert_invalid(
        "@@ -1 +1 @@\n-x\n?y\n",
        3,
        "a line of the hunk begins with none of space, -, + and \\",
    );
    assert_invalid(
        "@@ -1 +1 @@\n\\ No\n-x\n+y\n",
        2,
        "no line stands before the newline marker",
    );
    assert_invalid(
        "@@ -1 +1 @@\n-x\n\\ No\n\\ No\n+y\n",
        4,
        "two newline markers stand after one line",
    );
    assert_invalid(
        "@@ -2 +1 @@\n-x\n\\ No\n-x\n+y\n",
        4,
        "a line follows the one without newline",
    );
    for change in ["+c", "-c", "+", "-"] {
        assert_invalid(
            &format!("@@ -1 +1 @@\n-a\n+b\n{change}\n"),
            4,
            "the hunk has more lines than its header says",
        );
    }
    assert_invalid("@@@ -1 -1 +1 @@@\n", 1, "combined diffs are not supported");
    assert_invalid("diff --git a/x b/x\nold mode 9\n", 2, "malformed file mode");
    assert_invalid(
        "diff --git a/x b/x\nsimilarity index 101%\n",
        2,
        "malformed similarity index",
    );
}

#[test]
fn a_reversed_rename_goes_back() {
    let text = b"diff --git a/x b/y\nold mode 100644\nnew mode 100755\nsimilarity index 50%\nrename from x\nrename to y\n\
        index 1..2\n--- a/x\n+++ b/y\n@@ -1,2 +1,2 @@\n-a\n+b\n c\n";
    let patches = parse(text);
    let back = reverse_patch(&patches[0]);
    let git = back.git.as_ref().expect("a git header");
    assert_eq!(
        (name(&git.rename_from), name(&git.rename_to)),
        (Some("y"), Some("x"))
    );
    assert_eq!(
        (git.old_mode, git.new_mode),
        (Some(0o100_755), Some(0o100_644))
    );
    assert_eq!(
        (name(&back.old_name), name(&back.new_name)),
        (Some("b/y"), Some("a/x"))
    );
    assert_eq!(
        format_patch(&[back])
            .windows(6)
            .filter(|at| at == b"\n-b\n+a")
            .count(),
        1
    );
}

#[test]
fn reads_names_that_hold_the_words_of_their_line() {
    let text = b"diff --git a/x b/y\nrename from copy to from me\nrename to a from b\n";
    let patches = parse(text);
    let git = patches[0].git.as_ref().expect("a git header");
    assert_eq!(name(&git.rename_from), Some("copy to from me"));
    assert_eq!(name(&git.rename_to), Some("a from b"));
}

#[test]
fn the_next_mail_is_no_header_of_a_file_without_hunks() {
    let text = b"diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n-- \n2.47.3\n\n\
        From 0123 Mon Sep 17 00:00:00 2001\nSubject: words\n\nold mode is gone\nrename to another word\n\
        similarity index is of no use\nGIT binary patch\nBinary files a/v and b/v differ\n";
    let patches = parse(text);
    assert_eq!(patches.len(), 2);
    let git = patches[0].git.as_ref().expect("a git header");
    assert_eq!((git.old_mode, name(&git.rename_to)), (None, Some("y")));
    assert!(!patches[0].is_binary && patches[1].is_binary && patches[1].git.is_none());
}

#[test]
fn reads_git_headers_below_index_lines_of_svn() {
    let text = b"Index: x\n===================================================================\n\
        diff --git a/trunk/x b/trunk/x\nnew file mode 10644\n--- a/trunk/x\t(nonexistent)\n\
        +++ b/trunk/x\t(working copy)\n@@ -0,0 +1 @@\n+a\n\
        Index: y\n===================================================================\n\
        diff --git a/trunk/y b/trunk/y\n--- a/trunk/y\t(revision 1)\n+++ b/trunk/y\t(working copy)\n\
        @@ -1 +1 @@\n-a\n+b\n";
    let patches = parse(text);
    assert_eq!(patches.len(), 2);
    for (patch, index_name) in patches.iter().zip(["x", "y"]) {
        assert_eq!(name(&patch.index_name), Some(index_name));
        assert!(patch.git.is_some() && patch.hunks.len() == 1);
    }
    assert_eq!(parse(&format_patch(&patches)), patches);
}

#[test]
fn signatures_and_rules_may_follow_a_hunk() {
    for after in [
        "-- \n2.47.3\n",
        "--\n",
        "-----\n",
        "--- x\n",
        "\n",
        " \n",
        "text\n",
    ] {
        assert_eq!(
            parse(format!("@@ -1 +1 @@\n-a\n+b\n{after}").as_bytes()).len(),
            1
        );
    }
}

#[test]
fn a_file_that_appears_or_goes_without_a_mode_is_ordinary() {
    let header = |is_new, is_deleted| Patch {
        git: Some(sealdiff_diff::GitHeader {
            old_name: b"a/x"[..].into(),
            new_name: b"b/x"[..].into(),
            is_new,
            is_deleted,
            ..Default::default()
        }),
        ..Patch::default()
    };
    let text = |patch| String::from_utf8(format_patch(&[patch])).expect("ASCII");
    assert_eq!(
        text(header(true, false)),
        "diff --git a/x b/x\nnew file mode 100644\n"
    );
    assert_eq!(
        text(header(false, true)),
        "diff --git a/x b/x\ndeleted file mode 100644\n"
    );
}

#[test]
fn a_binary_file_below_a_git_header_that_ended_stays_a_patch_of_its_own() {
    let text =
        b"diff --git a/x b/x\nindex 1..2 100644\nthe next mail\nBinary files y and z differ\n";
    let patches = parse(text);
    assert_eq!(patches.len(), 2);
    assert_eq!(parse(&format_patch(&patches)), patches);
}

#[test]
fn a_sentence_about_binary_files_that_names_none_is_no_patch() {
    assert_eq!(parse(b"Binary files mostly differ\n"), []);
    let text = b"--- a\n+++ b\n@@ -1 +1 @@\n-1\n+2\nBinary files mostly differ\n";
    assert_eq!(parse(text).len(), 1);
}
