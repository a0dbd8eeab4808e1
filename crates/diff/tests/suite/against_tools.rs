//! Every edge case with every context, against GNU diff, GNU patch and git in both directions.

use sealdiff_diff::{
    ApplyOptions, CancelFlag, DiffError, DiffOptions, GitFile, Header, UnifiedOptions,
    format_patch, parse_patch, unified,
};

use crate::cases::{self, Case};
use crate::support::{Random, apply, apply_with, edited, manifest, patch_of};
use crate::tools::{git_apply, git_diff, gnu_diff, gnu_patch, gnu_patch_fuzzy};

const CONTEXTS: [u32; 4] = [0, 1, 3, 10];
const TEXT: GitFile<'static> = GitFile {
    name: b"text",
    mode: None,
};

fn for_every_case(check: impl Fn(&Case, u32)) {
    for case in cases::all() {
        for context in CONTEXTS {
            check(&case, context);
        }
    }
}

#[track_caller]
fn assert_text(got: &[u8], wanted: &[u8], case: &Case, context: u32) {
    assert!(
        got == wanted,
        "{} with context {context}: {:?}",
        case.name,
        String::from_utf8_lossy(got)
    );
}

#[test]
fn writes_what_gnu_diff_writes() {
    for_every_case(|case, context| {
        let ours = patch_of(
            &case.old,
            &case.new,
            context,
            Header::Plain {
                old: b"a",
                new: b"b",
            },
        );
        let theirs = gnu_diff(&case.old, &case.new, context, &[]);
        if case.has_one_script && !case.slides_into_the_end {
            assert_text(&ours, &theirs, case, context);
        }
    });
}

#[test]
fn writes_what_git_writes() {
    for_every_case(|case, context| {
        let ours = patch_of(&case.old, &case.new, context, Header::None);
        let context_arg = format!("-U{context}");
        let extra = [
            "--minimal",
            "--indent-heuristic",
            "--inter-hunk-context=0",
            &context_arg,
        ];
        let theirs = git_diff((b"old", &case.old), (b"new", &case.new), &extra);
        if case.has_one_script {
            assert_text(&ours, &without_sections(&theirs), case, context);
        }
    });
}

/// The hunks of git's output, without the function names, which git always writes.
fn without_sections(patch: &[u8]) -> Vec<u8> {
    let lines = patch.split_inclusive(|&b| b == b'\n');
    let hunks = lines.skip_while(|line| !line.starts_with(b"@@"));
    let cut = |line: &[u8]| match line.windows(3).skip(3).position(|at| at == b" @@") {
        Some(at) if line.starts_with(b"@@ -") => [&line[..at + 6], b"\n"].concat(),
        _ => line.to_vec(),
    };
    hunks.flat_map(cut).collect()
}

#[test]
fn our_patches_apply_with_patch_without_fuzz() {
    for_every_case(|case, context| {
        let patch = patch_of(
            &case.old,
            &case.new,
            context,
            Header::Plain {
                old: b"text",
                new: b"text",
            },
        );
        if !patch.is_empty() {
            assert_text(&gnu_patch(&patch, &case.old), &case.new, case, context);
        }
    });
}

#[test]
fn our_patches_apply_with_git_apply() {
    for_every_case(|case, context| {
        let header = Header::GitChanged {
            old: TEXT,
            new: TEXT,
        };
        let patch = patch_of(&case.old, &case.new, context, header);
        if !patch.is_empty() {
            assert_text(&git_apply(&patch, &case.old), &case.new, case, context);
        }
    });
}

#[test]
fn their_patches_apply_with_ours() {
    for_every_case(|case, context| {
        let theirs = gnu_diff(&case.old, &case.new, context, &[]);
        assert_text(
            &apply(&theirs, &case.old).expect("it fits"),
            &case.new,
            case,
            context,
        );
        let context_arg = format!("-U{context}");
        let theirs = git_diff((b"old", &case.old), (b"new", &case.new), &[&context_arg]);
        assert_text(
            &apply(&theirs, &case.old).expect("it fits"),
            &case.new,
            case,
            context,
        );
    });
}

#[test]
fn generated_manifests_go_round_through_every_tool() {
    let old = manifest(3_000);
    for seed in 0..8 {
        let new = edited(&old, 1 + seed * 40, seed);
        let ours = patch_of(
            &old,
            &new,
            3,
            Header::GitChanged {
                old: TEXT,
                new: TEXT,
            },
        );
        assert!(gnu_patch(&ours, &old) == new);
        assert!(git_apply(&ours, &old) == new);
        assert!(apply(&ours, &old).expect("it fits") == new);
        let theirs = gnu_diff(&old, &new, 3, &[]);
        assert!(apply(&theirs, &old).expect("it fits") == new);
        let theirs = git_diff((b"old", &old), (b"new", &new), &["-U0"]);
        assert!(apply(&theirs, &old).expect("it fits") == new);
    }
}

#[test]
fn function_names_are_those_of_git() {
    let body: String = (0..120).map(|n| format!("    step {n}\n")).collect();
    let long = "a".repeat(100);
    let old = format!("fn one() {{   \n{body}{long}\n{body}$x\x0C \r\n{body}\n_y\n");
    let new = old
        .replace("step 60", "STEP 60")
        .replace("step 110", "STEP 110");
    let options = UnifiedOptions {
        show_function: true,
        ..Default::default()
    };
    let (old, new) = (old.into_bytes(), new.into_bytes());
    let cancel = CancelFlag::new();
    let ours = unified(&old, &new, &Default::default(), &options, &cancel);
    let theirs = git_diff((b"old", &old), (b"new", &new), &[]);
    let hunks_at = theirs
        .windows(4)
        .position(|at| at == b"\n@@ ")
        .expect("it has hunks")
        + 1;
    assert_eq!(
        String::from_utf8_lossy(&ours.expect("small")),
        String::from_utf8_lossy(&theirs[hunks_at..])
    );
}

#[test]
fn ignores_what_gnu_diff_ignores() {
    let ignoring = |ignore_whitespace, ignore_case| DiffOptions {
        ignore_whitespace,
        ignore_case,
        ..DiffOptions::default()
    };
    let pairs: [(&[u8], &[u8]); 5] = [
        (b"a b\n\tc\nx\ny\n", b"ab\nc \r\nX\ny z\n"),
        (b"one\ntwo", b" one\ntwo\n"),
        (b"Same\nline\n1\n", b"sAME\nLINE \n2\n"),
        (b" \n\x0B\x0C\na\n", b"\n\n\n"),
        (b"a\n", b"A"),
    ];
    for (old, new) in pairs {
        for (extra, options) in [("-w", ignoring(true, false)), ("-i", ignoring(false, true))] {
            let header = Header::Plain {
                old: b"a",
                new: b"b",
            };
            let rendering = UnifiedOptions {
                header,
                ..UnifiedOptions::default()
            };
            let ours = unified(old, new, &options, &rendering, &CancelFlag::new()).expect("small");
            let theirs = gnu_diff(old, new, 3, &[extra]);
            assert_eq!(
                String::from_utf8_lossy(&ours),
                String::from_utf8_lossy(&theirs),
                "{extra}"
            );
        }
    }
}

#[test]
fn hunks_go_where_patch_puts_them() {
    let mut fitted = [0, 0];
    for seed in 0..120 {
        let mut random = Random(seed);
        let lines = 8 + random.below(40);
        let old: Vec<u8> = (0..lines)
            .flat_map(|_| [b'a' + random.below(6) as u8, b'\n'])
            .collect();
        let new = edited(&old, 1 + random.below(3), seed + 1);
        let moved = edited(&old, random.below(5), seed + 2);
        let header = Header::Plain {
            old: b"text",
            new: b"text",
        };
        let patch = patch_of(&old, &new, 3 - (seed % 4) as u32, header);
        for fuzz in [0, 2].into_iter().filter(|_| !patch.is_empty()) {
            let ours = apply_with(
                &patch,
                &moved,
                &ApplyOptions {
                    fuzz,
                    ..Default::default()
                },
            );
            let theirs = gnu_patch_fuzzy(&patch, &moved, fuzz);
            fitted[usize::from(theirs.is_some())] += 1;
            match (ours, theirs) {
                (Ok(ours), Some(theirs)) => assert!(ours == theirs, "seed {seed} fuzz {fuzz}"),
                (Err(DiffError::PatchMismatch { .. }), None) => {}
                (ours, theirs) => panic!("seed {seed} fuzz {fuzz}: {ours:?} and {theirs:?}"),
            }
        }
    }
    assert!(fitted.iter().all(|&count| count > 30), "{fitted:?}");
}

#[test]
fn lines_below_context_without_newline_are_not_joined_to_it() {
    for (old, new) in [
        (&b"a\nb"[..], &b"a\nb \nc\n"[..]),
        (b"a\nb", b"x\nb \nc\nd"),
    ] {
        let theirs = gnu_diff(old, new, 3, &["-w"]);
        let wanted = gnu_patch(&theirs, old);
        assert!(theirs.windows(4).any(|at| at == b"\n\\ N") && wanted.contains(&b'c'));
        assert_eq!(apply(&theirs, old).expect("it fits"), wanted);
        let patches = parse_patch(&theirs).expect("diff writes valid patches");
        assert_eq!(format_patch(&patches), theirs);
    }
}
