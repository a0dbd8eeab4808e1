//! Binary deltas: known answers, round trips, damage, and the tool that reads the same frames.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use sealdiff_diff::{ApplyDeltaOptions, CancelFlag, DeltaOptions, DiffError, apply_delta, delta};
use serde_json::Value;

use crate::tools::{args, run};

const HEADER_LEN_BYTES: usize = 28;

fn make(old: &[u8], new: &[u8], level: u8) -> Vec<u8> {
    delta(old, new, &DeltaOptions { level }, &CancelFlag::new()).expect("small, and not cancelled")
}

fn apply(old: &[u8], delta: &[u8]) -> Result<Vec<u8>, DiffError> {
    apply_delta(old, delta, &ApplyDeltaOptions::default())
}

/// Reproducible bytes without any pattern.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let next = || {
        state = state.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// Old bytes, and new ones that were put together from stretches of them and others.
fn pair() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let stretch = (
        any::<prop::sample::Index>(),
        0..400_usize,
        vec(any::<u8>(), 0..20),
    );
    (vec(any::<u8>(), 0..3000), vec(stretch, 0..12)).prop_map(|(old, stretches)| {
        let mut new = Vec::new();
        for (start, len, other) in stretches {
            let start = start.index(old.len() + 1);
            new.extend_from_slice(&old[start..(start + len).min(old.len())]);
            new.extend(other);
        }
        (old, new)
    })
}

/// The cases of the known answers.
fn known_answers() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/delta-v1.json");
    let text = fs::read_to_string(path).expect("the vectors are in the repository");
    let mut vectors: Value = serde_json::from_str(&text).expect("they are JSON");
    match vectors["cases"].take() {
        Value::Array(cases) if cases.len() >= 36 => cases,
        cases => panic!("too few cases: {cases}"),
    }
}

fn bytes(case: &Value, name: &str) -> Vec<u8> {
    let digits = case[name].as_str().expect("every case has them");
    hex::decode(digits).expect("hexadecimal")
}

#[test]
fn every_known_answer_is_given() {
    for case in known_answers() {
        let applied = apply(&bytes(&case, "old"), &bytes(&case, "delta"));
        let is_right = match (case["error"].as_str(), &applied) {
            (None, Ok(new)) => *new == bytes(&case, "new"),
            (Some("invalid"), Err(DiffError::DeltaInvalid { .. })) => true,
            (Some("mismatch"), Err(DiffError::DeltaMismatch)) => true,
            (Some("too-large"), Err(DiffError::DeltaOutputTooLarge { .. })) => true,
            _ => false,
        };
        assert!(is_right, "{}: {applied:?}", case["name"]);
    }
}

#[test]
fn the_header_of_a_delta_is_that_of_the_known_answers() {
    for case in known_answers() {
        if case["error"].is_null() {
            let made = make(&bytes(&case, "old"), &bytes(&case, "new"), 3);
            let known = bytes(&case, "delta");
            assert_eq!(made[..HEADER_LEN_BYTES], known[..HEADER_LEN_BYTES]);
        }
    }
}

proptest! {
    #[test]
    fn a_delta_leads_from_old_to_new((old, new) in pair(), level in 1_u8..=19) {
        prop_assert_eq!(apply(&old, &make(&old, &new, level)), Ok(new));
    }

    #[test]
    fn any_old_bytes_but_its_own_are_refused((old, new) in pair(), other in vec(any::<u8>(), 0..3000)) {
        let delta = make(&old, &new, 3);
        prop_assume!(other != old);
        prop_assert_eq!(apply(&other, &delta), Err(DiffError::DeltaMismatch));
    }

    #[test]
    fn a_flipped_bit_is_an_error_or_changes_nothing((old, new) in pair(), at in any::<prop::sample::Index>(), bit in 0..8) {
        let mut delta = make(&old, &new, 3);
        let at = at.index(delta.len());
        delta[at] ^= 1_u8 << bit;
        if let Ok(applied) = apply(&old, &delta) {
            prop_assert_eq!(applied, new);
        }
    }

    #[test]
    fn bytes_that_are_cut_out_or_put_in_are_an_error((old, new) in pair(), at in any::<prop::sample::Index>(), len in 1..50_usize, others in vec(any::<u8>(), 1..50)) {
        let delta = make(&old, &new, 3);
        let at = at.index(delta.len());
        let after = (at + len).min(delta.len());
        let cut = [&delta[..at], &delta[after..]].concat();
        let padded = [&delta[..at], &others[..], &delta[at..]].concat();
        for damaged in [cut, padded, delta[..at].to_vec()] {
            if let Ok(applied) = apply(&old, &damaged) {
                prop_assert_eq!(applied, &new[..]);
            }
        }
    }

    #[test]
    fn any_frame_behind_a_true_header_gives_the_new_bytes_or_an_error((old, new) in pair(), frame in vec(any::<u8>(), 0..200)) {
        let header = &make(&old, &new, 3)[..HEADER_LEN_BYTES];
        let size = (new.len() as u32).to_le_bytes();
        // With a frame header that states the length, so that the blocks are looked at.
        let stated = [header, &[0x28, 0xB5, 0x2F, 0xFD, 0xA0], &size, &frame].concat();
        for delta in [[header, &frame].concat(), stated] {
            if let Ok(applied) = apply(&old, &delta) {
                prop_assert_eq!(applied, &new[..]);
            }
        }
    }

    #[test]
    fn any_block_behind_a_true_header_gives_the_new_bytes_or_an_error((old, new) in pair(), mut block in vec(any::<u8>(), 1..200), kind in 0_u32..3) {
        let header = &make(&old, &new, 3)[..HEADER_LEN_BYTES];
        let size = (new.len() as u32).to_le_bytes();
        let stated = if kind == 1 { new.len() } else { block.len() } as u32;
        let block_header = (stated << 3 | kind << 1 | 1).to_le_bytes();
        if kind == 1 {
            block.truncate(1);
        }
        let frame = [&[0x28, 0xB5, 0x2F, 0xFD, 0xA0], &size[..], &block_header[..3], &block].concat();
        if let Ok(applied) = apply(&old, &[header, &frame].concat()) {
            prop_assert_eq!(applied, &new[..]);
        }
    }

    #[test]
    fn any_bytes_are_refused(delta in vec(any::<u8>(), 0..200)) {
        let refused = apply(b"", &delta);
        prop_assert!(matches!(refused, Err(DiffError::DeltaInvalid { .. })), "{refused:?}");
    }
}

#[test]
fn every_flipped_bit_of_a_delta_is_an_error_or_changes_nothing() {
    let old = noise(400);
    let new = [&old[100..300], b"and some more", &old[..200]].concat();
    let delta = make(&old, &new, 3);
    let mut unnoticed = 0;
    for at in 0..delta.len() {
        for bit in 0..8 {
            let mut flipped = delta.clone();
            flipped[at] ^= 1 << bit;
            match apply(&old, &flipped) {
                Ok(applied) => {
                    assert_eq!(applied, new, "bit {bit} of byte {at}");
                    unnoticed += 1;
                }
                Err(error) => assert!(!matches!(error, DiffError::OutOfMemory)),
            }
        }
    }
    // Such as unused bits of the frame's header.
    assert!(unnoticed < 8, "{unnoticed}");
}

#[test]
fn every_cut_delta_is_an_error() {
    let old = noise(400);
    let delta = make(&old, &[&old[100..], &old[..200]].concat(), 3);
    for len in 0..delta.len() {
        assert!(matches!(
            apply(&old, &delta[..len]),
            Err(DiffError::DeltaInvalid { .. })
        ));
    }
}

#[test]
fn a_delta_is_small_however_far_its_stretches_have_moved() {
    let old = noise(3 << 20);
    let new = [&old[2 << 20..], b"!", &old[..1 << 20], &old[1000..2 << 20]].concat();
    for level in [1, 3, 9] {
        let delta = make(&old, &new, level);
        assert!(delta.len() < 2000, "level {level}: {}", delta.len());
        assert_eq!(apply(&old, &delta), Ok(new.clone()));
    }
}

#[test]
fn equal_bytes_and_bytes_from_nothing_have_deltas() {
    let some = noise(1 << 20);
    assert!(make(&some, &some, 3).len() < 300);
    assert_eq!(apply(&some, &make(&some, &some, 3)), Ok(some.clone()));
    assert_eq!(apply(b"", &make(b"", &some, 3)), Ok(some.clone()));
    assert_eq!(apply(&some, &make(&some, b"", 3)), Ok(Vec::new()));
}

#[test]
fn a_result_of_exactly_the_limit_is_given_and_one_byte_more_refused() {
    let new = vec![0; 1 << 20];
    let bomb = make(b"", &new, 3);
    assert!(bomb.len() < 200);
    let limited =
        |max_output_bytes| apply_delta(b"", &bomb, &ApplyDeltaOptions { max_output_bytes });
    assert_eq!(limited(1 << 20), Ok(new));
    assert_eq!(
        limited((1 << 20) - 1),
        Err(DiffError::DeltaOutputTooLarge {
            bytes: 1 << 20,
            limit: (1 << 20) - 1
        })
    );
}

#[test]
fn a_level_out_of_range_is_the_nearest() {
    let (old, new) = (noise(5000), noise(4000).repeat(2));
    assert_eq!(make(&old, &new, 0), make(&old, &new, 1));
    assert_eq!(make(&old, &new, 255), make(&old, &new, 19));
}

#[test]
fn a_raised_flag_ends_the_search() {
    let cancel = CancelFlag::new();
    cancel.cancel();
    let refused = delta(b"old", b"new", &DeltaOptions::default(), &cancel);
    assert_eq!(refused, Err(DiffError::Cancelled));
}

#[test]
fn zstd_reads_the_frame_of_a_delta_and_its_own_frame_makes_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let old = noise(300_000);
    let new = [&old[200_000..], b"moved", &old[..200_000]].concat();
    let made = make(&old, &new, 3);
    fs::write(file("old"), &old).unwrap();
    fs::write(file("new"), &new).unwrap();
    fs::write(file("ours.zst"), &made[HEADER_LEN_BYTES..]).unwrap();
    let zstd = |arguments: &[&str]| {
        let output = run("zstd", folder.path(), &args(arguments));
        assert!(output.status.success(), "{output:?}");
    };
    zstd(&["-q", "-d", "--patch-from=old", "ours.zst", "-o", "decoded"]);
    assert_eq!(fs::read(file("decoded")).unwrap(), new);
    zstd(&["-q", "--patch-from=old", "new", "-o", "theirs.zst"]);
    let theirs = fs::read(file("theirs.zst")).unwrap();
    let delta = [&made[..HEADER_LEN_BYTES], &theirs].concat();
    assert_eq!(apply(&old, &delta), Ok(new));
}
