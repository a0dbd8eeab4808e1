//! Deltas: each leads to what it was made for, none that is damaged leads to anything else.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sealdiff_diff::{ApplyDeltaOptions, DeltaOptions, DiffError, apply_delta, delta};
use sealdiff_fuzz::{Input, NO_CANCEL, edited, texts, within_time};

/// Of the header, as docs/delta-format.md has it.
const HEADER_BYTES: usize = 28;
const NEW_LEN: std::ops::Range<usize> = 8..12;

/// Results beyond are refused.
const MAX_OUTPUT_BYTES: u64 = 1 << 20;

/// Levels above look for longer than the limit of time is meant for.
const LEVELS: u8 = 9;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let (choice, level) = (input.byte(), 1 + input.byte() % LEVELS);
    let edits: [u8; 12] = std::array::from_fn(|_| input.byte());
    let [old, new] = texts(input);
    match choice & 1 {
        0 => round_trip(&old, &new, level, &edits),
        _ => read_frame(&old, input.parts::<2>()[1], &edits),
    }
});

fn make(old: &[u8], new: &[u8], level: u8) -> Vec<u8> {
    delta(old, new, &DeltaOptions { level }, &NO_CANCEL).expect("small")
}

fn apply(old: &[u8], delta: &[u8]) -> Result<Vec<u8>, DiffError> {
    let options = ApplyDeltaOptions {
        max_output_bytes: MAX_OUTPUT_BYTES,
    };
    let bytes = |new: &Result<Vec<u8>, _>| {
        old.len() + delta.len() + new.as_ref().map_or(stated_len(delta), Vec::len)
    };
    within_time("applying a delta", bytes, || {
        apply_delta(old, delta, &options)
    })
}

/// Bytes that may be written before a delta turns out to be damaged.
fn stated_len(delta: &[u8]) -> usize {
    let len = delta.get(NEW_LEN).and_then(|len| len.try_into().ok());
    let len = len.map_or(0, |len| u32::from_be_bytes(len) as usize);
    len.min(MAX_OUTPUT_BYTES as usize)
}

fn round_trip(old: &[u8], new: &[u8], level: u8, edits: &[u8]) {
    let bytes = old.len() + new.len();
    let made = within_time("a delta", |_| bytes, || make(old, new, level));
    assert_eq!(apply(old, &made).as_deref(), Ok(new));
    // Little is added to what can't be compressed: zstd's own bound.
    assert!(made.len() <= HEADER_BYTES + new.len() + new.len() / 128 + 64);
    if old != new {
        assert_eq!(apply(new, &made), Err(DiffError::DeltaMismatch));
    }
    let damaged = edited(&made, edits);
    if let Ok(result) = apply(old, &damaged) {
        assert_eq!(result, new);
    }
}

/// Any bytes as a frame, behind a header that fits the old bytes: else the checksum would keep
/// all but the header from being read.
fn read_frame(old: &[u8], frame: &[u8], edits: &[u8]) {
    let mut made = make(old, b"", 1);
    made.truncate(HEADER_BYTES);
    made[NEW_LEN].copy_from_slice(&[0, edits[0] & 31, edits[1], edits[2]]);
    made.extend_from_slice(frame);
    if let Ok(result) = apply(old, &made) {
        assert_eq!(result.len(), stated_len(&made));
    }
}
