//! The real tools: GNU diff, GNU patch and git, each run in a directory of its own.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Runs `tool` in `dir` with the same locale, time zone and configuration everywhere.
pub(crate) fn run(tool: &str, dir: &Path, args: &[&OsStr]) -> Output {
    let mut command = Command::new(tool);
    command
        .current_dir(dir)
        .args(args)
        .env("LC_ALL", "C")
        .env("TZ", "UTC0")
        .env("HOME", dir);
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CEILING_DIRECTORIES", dir);
    match command.output() {
        Ok(output) => output,
        Err(error) => {
            panic!("the tests need the tool `{tool}` (Debian package of that name): {error}")
        }
    }
}

pub(crate) fn args<'a>(args: &'a [&'a str]) -> Vec<&'a OsStr> {
    args.iter().map(OsStr::new).collect()
}

fn directory(files: &[(&[u8], &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        fs::write(dir.path().join(OsStr::from_bytes(name)), text).expect("a file in it");
    }
    dir
}

fn read(dir: &TempDir, name: &str) -> Vec<u8> {
    fs::read(dir.path().join(name)).expect("the tool wrote the file")
}

fn success(output: &Output, tool: &str) {
    let said = [&output.stdout[..], &output.stderr].concat();
    assert!(
        output.status.success(),
        "{tool}: {}",
        String::from_utf8_lossy(&said)
    );
}

/// `diff -u` with the labels `a` and `b`.
pub(crate) fn gnu_diff(old: &[u8], new: &[u8], context: u32, extra: &[&str]) -> Vec<u8> {
    let dir = directory(&[(b"old", old), (b"new", new)]);
    let context = format!("-U{context}");
    let mut all = vec!["-a", &context, "--label", "a", "--label", "b"];
    all.extend(extra);
    all.extend(["old", "new"]);
    let output = run("diff", dir.path(), &args(&all));
    assert!(
        output.status.code().is_some_and(|code| code < 2),
        "{:?}",
        output.stderr
    );
    output.stdout
}

/// `diff -u` of two files with names of their own.
pub(crate) fn gnu_diff_named(old: (&[u8], &[u8]), new: (&[u8], &[u8])) -> Vec<u8> {
    let dir = directory(&[old, new]);
    let all = [
        OsStr::new("-u"),
        OsStr::new("--"),
        OsStr::from_bytes(old.0),
        OsStr::from_bytes(new.0),
    ];
    run("diff", dir.path(), &all).stdout
}

/// `git diff --no-index` of two files with names of their own.
pub(crate) fn git_diff(old: (&[u8], &[u8]), new: (&[u8], &[u8]), extra: &[&str]) -> Vec<u8> {
    let dir = directory(&[old, new]);
    let mut all = args(&["diff", "--no-index", "--text"]);
    all.extend(args(extra));
    all.extend([
        OsStr::new("--"),
        OsStr::from_bytes(old.0),
        OsStr::from_bytes(new.0),
    ]);
    let output = run("git", dir.path(), &all);
    assert!(
        output.status.code().is_some_and(|code| code < 2),
        "{:?}",
        output.stderr
    );
    output.stdout
}

/// Applies with `patch -F0`.
pub(crate) fn gnu_patch(patch: &[u8], text: &[u8]) -> Vec<u8> {
    let dir = directory(&[(b"text", text), (b"patch", patch)]);
    let all = [
        "-F0", "--binary", "--force", "-s", "-o", "out", "text", "patch",
    ];
    let output = run("patch", dir.path(), &args(&all));
    success(&output, "patch");
    read(&dir, "out")
}

/// Applies with `patch` and a fuzz factor; `None` if a hunk is rejected.
pub(crate) fn gnu_patch_fuzzy(patch: &[u8], text: &[u8], fuzz: u32) -> Option<Vec<u8>> {
    let dir = directory(&[(b"text", text), (b"patch", patch)]);
    let fuzz = format!("-F{fuzz}");
    let all = [
        &fuzz, "--binary", "--force", "-s", "-r", "-", "-o", "out", "text", "patch",
    ];
    let output = run("patch", dir.path(), &args(&all));
    output.status.success().then(|| read(&dir, "out"))
}

/// Applies with `git apply`; the patch must name the file `text`.
pub(crate) fn git_apply(patch: &[u8], text: &[u8]) -> Vec<u8> {
    let dir = directory(&[(b"text", text), (b"patch", patch)]);
    let all = ["apply", "--unidiff-zero", "--whitespace=nowarn", "patch"];
    let output = run("git", dir.path(), &args(&all));
    success(&output, "git apply");
    read(&dir, "text")
}

/// Applies with `git apply` in a directory with `files`, and gives the bytes of `name` afterwards.
pub(crate) fn git_apply_to(patch: &[u8], files: &[(&[u8], &[u8])], name: &[u8]) -> Option<Vec<u8>> {
    let dir = directory(files);
    let patch_dir = directory(&[(b"patch", patch)]);
    let path = patch_dir.path().join("patch");
    let output = run("git", dir.path(), &[OsStr::new("apply"), path.as_os_str()]);
    success(&output, "git apply");
    fs::read(dir.path().join(OsStr::from_bytes(name))).ok()
}

/// What `git merge-file` made.
pub(crate) struct GitMerge {
    pub(crate) text: Vec<u8>,
    pub(crate) conflicts: usize,
}

/// `git merge-file -p` with the labels `ours`, `base` and `theirs`.
pub(crate) fn git_merge_file(base: &[u8], ours: &[u8], theirs: &[u8], flags: &[&str]) -> GitMerge {
    let dir = directory(&[(b"base", base), (b"ours", ours), (b"theirs", theirs)]);
    let mut all = vec!["merge-file", "-p"];
    all.extend(flags);
    all.extend(["ours", "base", "theirs"]);
    let output = run("git", dir.path(), &args(&all));
    let code = output.status.code().filter(|&code| code < 128);
    GitMerge {
        text: output.stdout,
        conflicts: code.expect("git merged") as usize,
    }
}
