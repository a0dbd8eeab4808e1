//! Headers and odd file names, against the real tools.

use sealdiff_diff::{GitFile, Header, format_patch, parse_patch, reverse_patch};

use crate::support::patch_of;
use crate::tools::{git_apply_to, git_diff, gnu_diff_named, gnu_patch};

const ODD_NAMES: [&[u8]; 10] = [
    b"plain",
    b"with space",
    b"tab\there",
    b"new\nline",
    b"quo\"te",
    b"back\\slash",
    b"caf\xC3\xA9",
    b"\xFF\xFE invalid",
    b"\x01\x07\x08\x0B\x0C\r\x1F",
    b"del\x7F",
];

fn first_lines(text: &[u8], count: usize) -> Vec<Vec<u8>> {
    text.split_inclusive(|&b| b == b'\n')
        .take(count)
        .map(<[u8]>::to_vec)
        .collect()
}

fn file(name: &[u8]) -> GitFile<'_> {
    GitFile { name, mode: None }
}

#[test]
fn quotes_names_as_gnu_diff_does() {
    for name in ODD_NAMES {
        let other = [name, b"2"].concat();
        let ours = patch_of(
            b"1\n",
            b"2\n",
            3,
            Header::Plain {
                old: name,
                new: &other,
            },
        );
        let theirs = gnu_diff_named((name, b"1\n"), (&other, b"2\n"));
        for (ours, theirs) in first_lines(&ours, 2).iter().zip(first_lines(&theirs, 2)) {
            let stamp_at = theirs
                .iter()
                .rposition(|&b| b == b'\t')
                .expect("a time follows");
            assert_eq!(ours.strip_suffix(b"\n"), Some(&theirs[..stamp_at]));
        }
    }
}

#[test]
fn quotes_names_as_git_does() {
    for name in ODD_NAMES {
        let other = [name, b"2"].concat();
        let header = Header::GitChanged {
            old: file(name),
            new: file(&other),
        };
        let ours = patch_of(b"1\n", b"2\n", 3, header);
        let theirs = git_diff((name, b"1\n"), (&other, b"2\n"), &[]);
        let without_index: Vec<Vec<u8>> = first_lines(&theirs, 9)
            .into_iter()
            .filter(|line| !line.starts_with(b"index "))
            .collect();
        assert_eq!(first_lines(&ours, 9), without_index);
    }
}

#[test]
fn reads_the_names_that_the_tools_write() {
    for name in ODD_NAMES {
        let other = [name, b"2"].concat();
        let theirs = git_diff((name, b"1\n"), (&other, b"2\n"), &[]);
        let patches = parse_patch(&theirs).expect("git writes valid patches");
        assert_eq!(
            patches[0].old_name.as_deref(),
            Some(&[b"a/", name].concat()[..])
        );
        assert_eq!(
            patches[0].new_name.as_deref(),
            Some(&[b"b/", &other[..]].concat()[..])
        );
        let theirs = gnu_diff_named((name, b"1\n"), (&other, b"2\n"));
        let patches = parse_patch(&theirs).expect("diff writes valid patches");
        assert_eq!(patches[0].old_name.as_deref(), Some(name));
        assert!(patches[0].old_stamp.is_some());
    }
}

#[test]
fn git_applies_patches_of_odd_names() {
    for name in ODD_NAMES {
        let header = Header::GitChanged {
            old: file(name),
            new: file(name),
        };
        let patch = patch_of(b"1\n", b"2\n", 3, header);
        assert_eq!(
            git_apply_to(&patch, &[(name, b"1\n")], name).as_deref(),
            Some(&b"2\n"[..])
        );
        let parsed = parse_patch(&patch).expect("ours are valid");
        let rewritten = format_patch(&parsed);
        assert_eq!(
            git_apply_to(&rewritten, &[(name, b"1\n")], name).as_deref(),
            Some(&b"2\n"[..])
        );
    }
}

#[test]
fn plain_headers_with_odd_names_are_read_by_patch() {
    for name in ODD_NAMES {
        let patch = patch_of(
            b"1\n",
            b"2\n",
            3,
            Header::Plain {
                old: name,
                new: name,
            },
        );
        assert_eq!(gnu_patch(&patch, b"1\n"), b"2\n");
    }
}

#[test]
fn git_creates_and_deletes_files_by_our_patches() {
    for text in [&b"a\nb\n"[..], b"a", b""] {
        let patch = patch_of(b"", text, 3, Header::GitAdded(file(b"new file")));
        assert_eq!(
            git_apply_to(&patch, &[], b"new file").as_deref(),
            Some(text)
        );
        let patch = patch_of(text, b"", 3, Header::GitDeleted(file(b"gone")));
        assert_eq!(git_apply_to(&patch, &[(b"gone", text)], b"gone"), None);
    }
}

#[test]
fn git_takes_our_changes_of_mode() {
    let with_mode = |mode| GitFile {
        name: b"tool",
        mode: Some(mode),
    };
    let header = Header::GitChanged {
        old: with_mode(0o100_644),
        new: with_mode(0o100_755),
    };
    let patch = patch_of(b"a\n", b"a\n", 3, header.clone());
    assert_eq!(
        patch,
        b"diff --git a/tool b/tool\nold mode 100644\nnew mode 100755\n"
    );
    assert_eq!(
        git_apply_to(&patch, &[(b"tool", b"a\n")], b"tool").as_deref(),
        Some(&b"a\n"[..])
    );
    let patch = patch_of(b"a\n", b"b\n", 3, header);
    assert_eq!(
        git_apply_to(&patch, &[(b"tool", b"a\n")], b"tool").as_deref(),
        Some(&b"b\n"[..])
    );
}

#[test]
fn equal_texts_give_an_empty_patch_with_every_header() {
    let changed = Header::GitChanged {
        old: file(b"x"),
        new: file(b"x"),
    };
    for header in [
        Header::None,
        Header::Plain {
            old: b"a",
            new: b"b",
        },
        changed,
    ] {
        assert_eq!(patch_of(b"same", b"same", 3, header), b"");
    }
}

#[test]
fn git_undoes_creations_deletions_and_renames_by_our_reversed_patches() {
    let back = |patch: &[u8]| {
        let patches = parse_patch(patch).expect("valid");
        format_patch(&[reverse_patch(&patches[0])])
    };
    let name = b"a b";
    let added = patch_of(b"", b"1\n2", 3, Header::GitAdded(file(name)));
    assert_eq!(git_apply_to(&back(&added), &[(name, b"1\n2")], name), None);
    let deleted = patch_of(b"1\n2", b"", 3, Header::GitDeleted(file(name)));
    let restored = git_apply_to(&back(&deleted), &[], name);
    assert_eq!(restored.as_deref(), Some(&b"1\n2"[..]));
    let renamed =
        b"diff --git a/a b b/c d\nold mode 100644\nnew mode 100755\nsimilarity index 50%\n\
        rename from a b\nrename to c d\n--- a/a b\t\n+++ b/c d\t\n@@ -1,2 +1,2 @@\n 1\n-2\n+3\n";
    let files: [(&[u8], &[u8]); 1] = [(b"c d", b"1\n3\n")];
    let restored = git_apply_to(&back(renamed), &files, name);
    assert_eq!(restored.as_deref(), Some(&b"1\n2\n"[..]));
}
