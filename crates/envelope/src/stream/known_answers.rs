//! The streams of `vectors/sealed-v1.json`, byte for byte both ways, and what must not open.

use aws_lc_rs::digest;
use sealdiff_testkit::{SealedCase, sealed_stream_cases};

use super::{ChunkReader, StreamOpener, StreamSealer};
use crate::aead::cobblestone::{CHUNK_LEN_BYTES, SEALED_CHUNK_LEN_BYTES};
use crate::error::EnvelopeError;
use crate::keys::known_answers::key_of;
use crate::keys::{IntermediateKey, RecordKey};
use crate::record::{SealedRecord, StreamLayout, StreamStart};

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex).unwrap()
}

fn case_named(name: &str) -> SealedCase {
    let is_it = |case: &SealedCase| case.name == name && case.suffix.is_empty();
    sealed_stream_cases().into_iter().find(is_it).unwrap()
}

fn open(key: &IntermediateKey, stream: &[u8], aad: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    open_in_pieces(key, stream, aad, usize::MAX)
}

fn open_in_pieces(
    key: &IntermediateKey,
    stream: &[u8],
    aad: &[u8],
    piece_len: usize,
) -> Result<Vec<u8>, EnvelopeError> {
    let start = StreamStart::read(stream)?.expect("the cases are whole");
    let mut opener = StreamOpener::new(key, &start, aad)?;
    let mut plaintext = Vec::new();
    for piece in stream[start.len()..].chunks(piece_len) {
        let mut out = vec![0xEE; opener.plaintext_len(piece.len())];
        let opened = opener.open(piece, &mut out);
        assert_nothing_released(&opened, &out);
        opened?;
        plaintext.extend(out);
    }
    let mut out = vec![0xEE; opener.end_len()?];
    let opened = opener.finish(&mut out);
    assert_nothing_released(&opened, &out);
    opened.map(|()| [plaintext, out].concat())
}

fn assert_nothing_released(opened: &Result<(), EnvelopeError>, out: &[u8]) {
    assert!(
        opened.is_ok() || out.iter().all(|byte| *byte == 0),
        "nothing unauthenticated may be released"
    );
}

fn seal_in_pieces(case: &SealedCase, plaintext: &[u8], piece_len: usize) -> Vec<u8> {
    let salt = bytes(&case.salt).try_into().unwrap();
    let aad = bytes(&case.additional_data);
    let (key, start) = key_of(case).stream_key_with_salt(&salt, &aad).unwrap();
    let mut sealer = StreamSealer::with_key(key, start);
    let mut stream = Vec::new();
    for piece in plaintext.chunks(piece_len) {
        let mut out = vec![0; sealer.sealed_len(piece.len())];
        sealer.seal(piece, &mut out).unwrap();
        stream.extend(out);
    }
    let mut out = vec![0; sealer.end_len()];
    sealer.finish(&mut out).unwrap();
    [stream, out].concat()
}

#[test]
fn opens_every_stream_of_the_vectors_and_seals_it_again_byte_for_byte() {
    let cases = sealed_stream_cases();
    assert_eq!(cases.len(), 14, "the vectors have fourteen streams");
    for case in cases {
        let (key, stream) = (key_of(&case), bytes(&case.sealed));
        let header = StreamStart::read(&stream).unwrap().unwrap().header();
        assert!(key.is_named_by(RecordKey::Sealed(header)), "{}", case.name);
        let plaintext = open(&key, &stream, &bytes(&case.additional_data)).unwrap();
        let hash = digest::digest(&digest::SHA256, &plaintext);
        assert_eq!(hex::encode(hash), case.plaintext_sha256, "{}", case.name);
        for piece_len in [1_000_000, 16_384, 16_383, 7919] {
            let again = seal_in_pieces(&case, &plaintext, piece_len);
            assert!(again == stream, "{} by {piece_len}", case.name);
        }
    }
}

#[test]
fn opens_the_vectors_in_pieces_of_any_length() {
    for case in sealed_stream_cases() {
        let (key, stream) = (key_of(&case), bytes(&case.sealed));
        let aad = bytes(&case.additional_data);
        let plaintext = open(&key, &stream, &aad).unwrap();
        for piece_len in [1, 15, 16_399, 16_400, 16_401, 40_000] {
            let pieces = open_in_pieces(&key, &stream, &aad, piece_len).unwrap();
            assert!(pieces == plaintext, "{} by {piece_len}", case.name);
        }
    }
}

#[test]
fn opens_any_chunks_of_the_vectors_alone() {
    for case in sealed_stream_cases() {
        let (key, stream) = (key_of(&case), bytes(&case.sealed));
        let aad = bytes(&case.additional_data);
        let plaintext = open(&key, &stream, &aad).unwrap();
        let start = StreamStart::read(&stream).unwrap().unwrap();
        let layout = StreamLayout::new(start.len(), stream.len() as u64).unwrap();
        assert_eq!(layout.plaintext_len(), plaintext.len() as u64);
        let reader = ChunkReader::new(&key, &start, layout, &aad).unwrap();
        for first in 0..=layout.last_chunk() {
            for end in first..=layout.last_chunk() + 1 {
                let place = layout.place_of(&(first..end)).unwrap();
                let sealed = &stream[place.start as usize..place.end as usize];
                let len = reader.plaintext_len(&(first..end), sealed.len()).unwrap();
                let mut out = vec![0; len];
                reader.open(&(first..end), sealed, &mut out).unwrap();
                let at = first as usize * CHUNK_LEN_BYTES;
                assert!(out == plaintext[at..at + len], "{}", case.name);
            }
        }
    }
}

#[test]
fn refuses_the_vectors_with_other_additional_data_or_in_another_place() {
    for case in sealed_stream_cases() {
        let (key, stream) = (key_of(&case), bytes(&case.sealed));
        let mut aad = bytes(&case.additional_data);
        aad.push(b'!');
        let moved = open(&key, &stream, &aad);
        assert!(matches!(moved, Err(EnvelopeError::DecryptFailed)));
        aad.pop();
        let elsewhere = SealedCase {
            // The same key ids as before, where an underscore moves over.
            partition: format!("{}_x", case.partition),
            ..case
        };
        let moved = open(&key_of(&elsewhere), &stream, &aad);
        assert!(matches!(moved, Err(EnvelopeError::DecryptFailed)));
    }
}

#[test]
fn bytes_do_not_move_between_header_and_additional_data() {
    let with_suffix = |case: &SealedCase| !case.suffix.is_empty() && case.name == "one";
    let case = sealed_stream_cases().into_iter().find(with_suffix).unwrap();
    let mut stream = bytes(&case.sealed);
    // The suffix goes over to the additional data: header ‖ additional data stays the same but
    // for the length of the suffix.
    let suffix: Vec<u8> = stream.drain(6..6 + case.suffix.len()).collect();
    stream[1] = 0;
    let aad = [suffix, bytes(&case.additional_data)].concat();
    let moved = open(&key_of(&case), &stream, &aad);
    assert!(matches!(moved, Err(EnvelopeError::DecryptFailed)));
}

#[test]
fn a_flipped_byte_anywhere_is_refused() {
    for name in ["empty", "one", "kib"] {
        let case = case_named(name);
        let (key, stream) = (key_of(&case), bytes(&case.sealed));
        let aad = bytes(&case.additional_data);
        for at in 0..stream.len() {
            let mut forged = stream.clone();
            forged[at] ^= 0x01;
            // A longer suffix is one that nothing can follow in the shortest streams.
            if StreamStart::read(&forged).is_ok_and(|start| start.is_none()) {
                continue;
            }
            let opened = open(&key, &forged, &aad);
            let is_refused = match at {
                0..6 => opened.is_err(),
                _ => matches!(opened, Err(EnvelopeError::DecryptFailed)),
            };
            assert!(is_refused, "{name}, byte {at}");
        }
    }
}

/// What an attacker makes of whole chunks, by name.
fn rearranged(start: &[u8], chunks: &[&[u8]]) -> Vec<(&'static str, Vec<u8>)> {
    let [first, second, third, last] = chunks else {
        panic!("three whole chunks and an empty one");
    };
    let join = |parts: &[&[u8]]| [start, &parts.concat()].concat();
    let mut extended = third.to_vec();
    extended.push(0);
    vec![
        ("first missing", join(&[second, third, last])),
        ("middle missing", join(&[first, third, last])),
        ("last missing", join(&[first, second, third])),
        ("last two missing", join(&[first, second])),
        ("all missing", join(&[])),
        ("first repeated", join(&[first, first, second, third, last])),
        ("last repeated", join(&[first, second, third, last, last])),
        ("two swapped", join(&[second, first, third, last])),
        ("last in front", join(&[last, first, second, third])),
        ("one cut", join(&[first, &second[..16_399], third, last])),
        ("one cut to a last one", join(&[first, &second[..16_399]])),
        ("one extended", join(&[first, second, &extended, last])),
        (
            "the end extended",
            join(&[first, second, third, last, &[0]]),
        ),
        ("the end cut", join(&[first, second, third, &last[..15]])),
    ]
}

#[test]
fn chunks_missing_repeated_swapped_cut_or_extended_are_refused() {
    let case = case_named("three chunks");
    let (key, stream) = (key_of(&case), bytes(&case.sealed));
    let aad = bytes(&case.additional_data);
    let (start, rest) = stream.split_at(62);
    let chunks: Vec<&[u8]> = rest.chunks(SEALED_CHUNK_LEN_BYTES).collect();
    for (name, forged) in rearranged(start, &chunks) {
        for piece_len in [usize::MAX, 5000] {
            let opened = open_in_pieces(&key, &forged, &aad, piece_len);
            let is_refused = matches!(
                opened,
                Err(EnvelopeError::DecryptFailed | EnvelopeError::RecordInvalid { .. })
            );
            assert!(is_refused, "{name}");
        }
    }
}

#[test]
fn a_length_that_is_not_the_streams_fails_at_its_last_chunk() {
    let case = case_named("three chunks");
    let (key, stream) = (key_of(&case), bytes(&case.sealed));
    let aad = bytes(&case.additional_data);
    let start = StreamStart::read(&stream).unwrap().unwrap();
    let cuts = [
        78,
        16_461,
        16_462 + 16,
        16_462 + 16_399,
        stream.len() - 16_400,
    ];
    for cut in cuts {
        let layout = StreamLayout::new(start.len(), cut as u64).unwrap();
        let reader = ChunkReader::new(&key, &start, layout, &aad).unwrap();
        let last = layout.last_chunk()..layout.last_chunk() + 1;
        let sealed = &stream[layout.place_of(&last).unwrap().start as usize..cut];
        let mut out = vec![0xEE; reader.plaintext_len(&last, sealed.len()).unwrap()];
        let opened = reader.open(&last, sealed, &mut out);
        assert_nothing_released(&opened, &out);
        assert!(matches!(opened, Err(EnvelopeError::DecryptFailed)), "{cut}");
    }
}

#[test]
fn a_failed_stream_gives_nothing_more() {
    let case = case_named("three chunks");
    let (key, stream) = (key_of(&case), bytes(&case.sealed));
    let start = StreamStart::read(&stream).unwrap().unwrap();
    let mut opener = StreamOpener::new(&key, &start, &bytes(&case.additional_data)).unwrap();
    let (first, second) = (&stream[62..16_462], &stream[16_462..32_862]);
    let mut out = vec![0; CHUNK_LEN_BYTES];
    assert!(opener.open(second, &mut out).is_err(), "out of its place");
    assert!(
        opener.open(first, &mut out).is_err(),
        "the right one, but too late"
    );
    assert!(out.iter().all(|byte| *byte == 0));
}

#[test]
fn records_and_streams_are_told_apart() {
    let stream = bytes(&case_named("one").sealed);
    let as_record = SealedRecord::parse(&stream).unwrap_err().to_string();
    assert!(as_record.contains("sealed stream"), "{as_record}");
    let record = bytes(&sealdiff_testkit::sealed_record_cases()[1].sealed);
    let as_stream = StreamStart::read(&record).unwrap_err().to_string();
    assert!(as_stream.contains("sealed record"), "{as_stream}");
}

/// Domain separation: the key of records is none of streams, and the other way round.
#[test]
fn a_stream_under_the_key_of_records_does_not_open() {
    let case = case_named("one");
    let forged = seal_under_the_key_of_records(&case);
    let opened = open(&key_of(&case), &forged, &bytes(&case.additional_data));
    assert!(matches!(opened, Err(EnvelopeError::DecryptFailed)));
}

/// What a writer makes that takes the label of section B for that of section C.
fn seal_under_the_key_of_records(case: &SealedCase) -> Vec<u8> {
    use crate::aead::cobblestone::{Derivation, MessageKey, SEED_LEN_BYTES};
    use aws_lc_rs::hkdf;

    let stream = bytes(&case.sealed);
    let start = StreamStart::read(&stream).unwrap().unwrap();
    let service = crate::Service::new(&case.service, &case.product, None).unwrap();
    let partition = crate::Partition::new(service.into(), &case.partition).unwrap();
    let mut sealing_key = [0; 32];
    let info = [
        b"sealdiff/v1 seal\0",
        &partition.derivation_context(None)[..],
    ];
    hkdf::Prk::new_less_safe(hkdf::HKDF_SHA512, &bytes(&case.ik))
        .expand(&info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut sealing_key))
        .unwrap();
    let derivation = Derivation {
        salt: start.salt,
        context: [start.header_bytes, &bytes(&case.additional_data)],
    };
    let mut seed = [0; SEED_LEN_BYTES];
    let commitment = derivation.derive(&sealing_key, &mut seed);
    let mut chunk = bytes(&case.plaintext);
    let tag = MessageKey::from_seed(&seed)
        .seal_chunk(0, &mut chunk)
        .unwrap();
    [start.header_bytes, start.salt, &commitment, &chunk, &tag].concat()
}
