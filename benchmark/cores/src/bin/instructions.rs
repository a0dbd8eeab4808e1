//! `valgrind --tool=callgrind --toggle-collect=measured instructions CASE FOLDER`: runs one case so that a
//! profiler can count what its calls do, and nothing of what comes before. Prints how many calls were counted.
//!
//! Its documents are the files of FOLDER, written by `benchmark/instructions.mjs`.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use sealdiff_cores::calls;

const OVERHEAD: usize = 46;
/// Calls on short records: enough that the buffer of random bytes is filled as often as it is used up.
const MANY: u32 = 2_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [case, folder] = &arguments[..] else {
        panic!("the name of a case, and the folder of its documents");
    };
    let calls = run(case, Path::new(folder));
    println!("{calls}");
}

fn run(case: &str, folder: &Path) -> u32 {
    let (call, what) = case.split_once(' ').expect("a call and what it works on");
    match (call, what) {
        ("seal", "64 B") => seal(64, MANY),
        ("seal", "1 MiB") => seal(1 << 20, 4),
        ("unseal", "64 B") => unseal(64, MANY),
        ("unseal", "1 MiB") => unseal(1 << 20, 4),
        ("encrypt", "64 B") => encrypt(64, MANY),
        ("encrypt", "1 MiB") => encrypt(1 << 20, 4),
        ("unified", name) => pair(folder, name, calls::unified, check_unified),
        ("json", name) => pair(folder, name, calls::json, |_, _, patch| {
            assert!(patch.len() > 2, "the documents differ");
        }),
        ("delta", name) => pair(folder, name, calls::delta, check_delta),
        _ => panic!("no case of that name: {case}"),
    }
}

/// Makes the calls in a function that a profiler can find. The first is a warm-up, which isn't counted.
fn counted(count: u32, mut call: impl FnMut()) -> u32 {
    call();
    measured(&mut || (0..count).for_each(|_| call()));
    count
}

#[unsafe(no_mangle)]
#[inline(never)]
fn measured(calls: &mut dyn FnMut()) {
    calls();
    // Something after the calls, so that this function is not left before they are made.
    black_box(());
}

fn seal(len: usize, count: u32) -> u32 {
    let (data, mut record) = (vec![7; len], vec![0; len + OVERHEAD]);
    let done = counted(count, || {
        calls::seal(black_box(&data), &mut record).expect("the key is warm");
    });
    let mut back = vec![0; len];
    calls::unseal(&record, &mut back).expect("it was sealed here");
    assert_eq!(back, data);
    done
}

fn unseal(len: usize, count: u32) -> u32 {
    let (data, mut record) = (vec![7; len], vec![0; len + OVERHEAD]);
    calls::seal(&data, &mut record).expect("the key is warm");
    let mut back = vec![0; len];
    let done = counted(count, || {
        calls::unseal(black_box(&record), &mut back).expect("it was sealed here");
    });
    assert_eq!(back, data);
    done
}

fn encrypt(len: usize, count: u32) -> u32 {
    let data = vec![7; len];
    counted(count, || {
        black_box(calls::encrypt(black_box(&data)).expect("the key is warm"));
    })
}

type Compare = fn(&[u8], &[u8]) -> Result<Vec<u8>, sealdiff_diff::DiffError>;

fn pair(folder: &Path, name: &str, compare: Compare, check: fn(&[u8], &[u8], &[u8])) -> u32 {
    let read = |end: &str| {
        let path: PathBuf = folder.join(format!("{name}.{end}"));
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let (old, new) = (read("old"), read("new"));
    let done = counted(2, || {
        black_box(compare(black_box(&old), black_box(&new)).expect("they can be compared"));
    });
    check(&old, &new, &compare(&old, &new).expect("as before"));
    done
}

fn check_unified(old: &[u8], new: &[u8], patch: &[u8]) {
    assert_eq!(calls::apply_unified(old, patch).expect("it fits"), new);
}

fn check_delta(old: &[u8], new: &[u8], delta: &[u8]) {
    assert_eq!(calls::apply_delta(old, delta).expect("it fits"), new);
}
