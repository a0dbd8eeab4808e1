//! What holds for every input.

use proptest::prelude::*;
use sealdiff_envelope::record::{DataRowRecord, EnvelopeKeyRecord, SealedRecord, inspect};

use super::support::{World, decrypt, seal, unseal};

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(work)
}

fn partition_id() -> impl Strategy<Value = String> {
    "[^\u{0}]{1,40}"
}

/// Text that is almost a record, or anything.
fn record_like() -> impl Strategy<Value = Vec<u8>> {
    let json = r#"\{"(Key|Created)":(\{"Created":[0-9]{0,11},"Key":"[A-Za-z+/=\\]{0,12}"[,:}]{0,3}){0,2}.{0,20}"#;
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        json.prop_map(String::into_bytes),
        (
            prop::collection::vec(any::<u8>(), 0..100),
            0xD1..=0xD2u8,
            0..40u8
        )
            .prop_map(|(mut bytes, magic, suffix_len)| {
                bytes.splice(0..0, [magic, suffix_len]);
                bytes
            }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn unseals_what_it_sealed(
        id in partition_id(),
        plaintext in prop::collection::vec(any::<u8>(), 0..2000),
        aad in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        block_on(async {
            let session = World::new().factory().session(&id).unwrap();
            let key = session.writing_key().await.unwrap();
            let record = seal(&key, &plaintext, &aad);
            assert_eq!(record.len(), plaintext.len() + 46);
            assert_eq!(unseal(&session, &record, &aad).await.unwrap(), plaintext);
            assert_eq!(inspect(&record).unwrap().plaintext_len_bytes, plaintext.len());
        });
    }

    #[test]
    fn decrypts_what_it_encrypted(
        id in partition_id(),
        plaintext in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        block_on(async {
            let world = World::new();
            let session = world.factory().session(&id).unwrap();
            let key = session.writing_key().await.unwrap();
            let text = key.encrypt(&plaintext, world.now()).unwrap();
            assert!(text.len() <= key.encrypted_len(plaintext.len()));
            assert_eq!(decrypt(&session, text.as_bytes()).await.unwrap(), plaintext);
            let summary = inspect(text.as_bytes()).unwrap();
            assert_eq!(summary.plaintext_len_bytes, plaintext.len());
            assert_eq!(summary.key_id, Some(format!("_IK_{id}_svc_prod")));
        });
    }

    #[test]
    fn any_flipped_bit_of_a_sealed_record_fails(
        plaintext in prop::collection::vec(any::<u8>(), 0..300),
        aad in prop::collection::vec(any::<u8>(), 0..300),
        at in any::<prop::sample::Index>(),
        bit in 0..8u8,
    ) {
        block_on(async {
            let session = World::new().session();
            let key = session.writing_key().await.unwrap();
            let mut record = seal(&key, &plaintext, &aad);
            let at = at.index(record.len());
            record[at] ^= 1 << bit;
            assert!(unseal(&session, &record, &aad).await.is_err());
        });
    }

    #[test]
    fn arbitrary_bytes_are_parsed_or_refused(bytes in record_like()) {
        let _ = inspect(&bytes);
        let _ = SealedRecord::parse(&bytes);
        let _ = DataRowRecord::from_json(&bytes);
        if let Ok(text) = std::str::from_utf8(&bytes) {
            let _ = EnvelopeKeyRecord::from_json(text);
        }
    }
}
