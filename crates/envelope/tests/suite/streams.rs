//! Sealed streams through sessions: any data in any pieces, isolation, keys, and what is left behind.

use proptest::prelude::*;
use sealdiff_envelope::record::{NamedKey, RecordFormat, SealedRecord, StreamStart, inspect};
use sealdiff_envelope::stream::{StreamOpener, StreamSealer};
use sealdiff_envelope::{EnvelopeError, IntermediateKey, RecordKey, Session};

use super::support::{DAY, START, World};

fn seal_stream(key: &IntermediateKey, pieces: &[&[u8]], aad: &[u8]) -> Vec<u8> {
    let mut sealer = StreamSealer::new(key, aad).unwrap();
    let mut stream = Vec::new();
    for piece in pieces {
        let mut out = vec![0; sealer.sealed_len(piece.len())];
        sealer.seal(piece, &mut out).unwrap();
        stream.extend(out);
    }
    let mut out = vec![0; sealer.end_len()];
    sealer.finish(&mut out).unwrap();
    [stream, out].concat()
}

async fn unseal_stream(
    session: &Session,
    stream: &[u8],
    aad: &[u8],
    piece_len: usize,
) -> Result<Vec<u8>, EnvelopeError> {
    let start = StreamStart::read(stream)?.expect("the tests' streams are whole");
    let key = session
        .reading_key(RecordKey::Sealed(start.header()))
        .await?;
    let mut opener = StreamOpener::new(&key, &start, aad)?;
    let mut plaintext = Vec::new();
    for piece in stream[start.len()..].chunks(piece_len) {
        let mut out = vec![0; opener.plaintext_len(piece.len())];
        opener.open(piece, &mut out)?;
        plaintext.extend(out);
    }
    let mut out = vec![0; opener.end_len()?];
    opener.finish(&mut out)?;
    Ok([plaintext, out].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_data_in_any_pieces_comes_back(
        data in prop::collection::vec(any::<u8>(), 0..100_000),
        cuts in prop::collection::vec(0..100_000_usize, 0..12),
        aad in prop::collection::vec(any::<u8>(), 0..300),
        piece_len in 1..50_000_usize,
    ) {
        let mut cuts: Vec<_> = cuts.into_iter().map(|at| at.min(data.len())).collect();
        cuts.extend([0, data.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &data[cut[0]..cut[1]]).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let opened = runtime.block_on(async {
            let session = World::new().warm_session().await;
            let stream = seal_stream(&session.writing_key().await.unwrap(), &pieces, &aad);
            assert_eq!(stream.len(), 62 + data.len() + 16 * (data.len() / 16_384 + 1));
            unseal_stream(&session, &stream, &aad, piece_len).await
        });
        prop_assert!(opened.unwrap() == data);
    }
}

#[tokio::test]
async fn a_stream_opens_for_its_own_partition_alone() {
    let world = World::new();
    let factory = world.factory();
    let (own, other) = (
        factory.session("p1").unwrap(),
        factory.session("p2").unwrap(),
    );
    let stream = seal_stream(&own.writing_key().await.unwrap(), &[b"data"], b"place");
    other.writing_key().await.unwrap();
    let opened = unseal_stream(&other, &stream, b"place", 1000).await;
    assert!(matches!(opened, Err(EnvelopeError::DecryptFailed)));
    let opened = unseal_stream(&own, &stream, b"place", 1000).await;
    assert_eq!(opened.unwrap(), b"data");
}

#[tokio::test]
async fn a_stream_opens_under_an_expired_key_in_another_process() {
    let world = World::new();
    let session = world.warm_session().await;
    let stream = seal_stream(&session.writing_key().await.unwrap(), &[b"data"], b"");
    world.clock.advance(DAY * 200);
    let opened = unseal_stream(&world.session(), &stream, b"", 1000).await;
    assert_eq!(opened.unwrap(), b"data");
}

#[tokio::test]
async fn two_streams_of_the_same_data_share_no_byte_after_their_header() {
    let session = World::new().warm_session().await;
    let key = session.writing_key().await.unwrap();
    let data = [7; 100];
    let (one, other) = (
        seal_stream(&key, &[&data], b""),
        seal_stream(&key, &[&data], b""),
    );
    assert_eq!(one[..6], other[..6]);
    let windows =
        |stream: &[u8]| -> Vec<Vec<u8>> { stream[6..].windows(8).map(<[u8]>::to_vec).collect() };
    let known = windows(&one);
    assert!(windows(&other).iter().all(|window| !known.contains(window)));
}

#[tokio::test]
async fn a_stream_names_its_key_by_its_header_alone() {
    let world = World::new();
    let session = world.warm_session().await;
    let stream = seal_stream(&session.writing_key().await.unwrap(), &[b"data"], b"");
    for len in [6, 30, stream.len()] {
        let named = NamedKey::of(&stream[..len]).unwrap();
        assert!(session.is_current((&named).into()).await.unwrap());
        world.session().warm(&[named]).await.unwrap();
    }
    for len in 1..6 {
        let refused = NamedKey::of(&stream[..len]);
        assert!(
            matches!(refused, Err(EnvelopeError::RecordInvalid { .. })),
            "{len}"
        );
    }
    world.clock.advance(DAY * 91);
    let named = NamedKey::of(&stream).unwrap();
    assert!(!session.is_current((&named).into()).await.unwrap());
}

#[tokio::test]
async fn a_summary_tells_of_a_stream_and_of_the_beginning_of_one() {
    let session = World::new().warm_session().await;
    let key = session.writing_key().await.unwrap();
    for len in [0, 1, 16_383, 16_384, 16_385, 50_000] {
        let stream = seal_stream(&key, &[&vec![1; len]], b"");
        let summary = inspect(&stream).unwrap();
        assert_eq!(summary.format, RecordFormat::SealedStream);
        assert_eq!(summary.key_created.unix_seconds(), START);
        assert_eq!(summary.plaintext_len_bytes, len);
        assert_eq!(summary.record_len_bytes, stream.len());
    }
    let stream = seal_stream(&key, &[&[1; 50_000]], b"");
    assert_eq!(
        inspect(&stream[..16_470]).unwrap().plaintext_len_bytes,
        16_384
    );
    assert!(inspect(&stream[..77]).is_err());
}

#[tokio::test]
async fn a_stream_is_no_record() {
    let session = World::new().warm_session().await;
    let stream = seal_stream(&session.writing_key().await.unwrap(), &[b"data"], b"");
    let error = SealedRecord::parse(&stream).unwrap_err().to_string();
    assert!(error.contains("it is a sealed stream"), "{error}");
}

#[tokio::test]
async fn the_keys_of_streams_are_counted_until_they_end_fail_or_are_dropped() {
    let world = World::new();
    let factory = world.factory();
    let session = factory.session("p1").unwrap();
    let key = session.writing_key().await.unwrap();
    let streams = || factory.stats().stream_keys;
    let (first, second) = (
        StreamSealer::new(&key, b"").unwrap(),
        StreamSealer::new(&key, b"").unwrap(),
    );
    assert_eq!(streams(), 2);
    let mut out = vec![0; first.end_len()];
    first.finish(&mut out).unwrap();
    drop(second);
    assert_eq!(streams(), 0);

    let mut forged = seal_stream(&key, &[&[1; 20_000]], b"");
    forged[100] ^= 1;
    let start = StreamStart::read(&forged).unwrap().unwrap();
    let mut opener = StreamOpener::new(&key, &start, b"").unwrap();
    assert_eq!(streams(), 1);
    let chunks = &forged[start.len()..];
    let mut out = vec![0; opener.plaintext_len(chunks.len())];
    assert!(opener.open(chunks, &mut out).is_err());
    assert_eq!(streams(), 0, "a failed stream has no key any more");
    assert!(StreamOpener::new(&key, &start, b"other").is_err());
    assert_eq!(streams(), 0);
}
