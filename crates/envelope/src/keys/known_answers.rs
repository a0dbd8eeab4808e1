//! `vectors/sealed-v1.json`, byte for byte both ways. Only plain values come from the testkit: its
//! own types belong to another instance of this crate.

use std::sync::Arc;
use std::time::Duration;

use sealdiff_secure_memory::{MemoryMode, WipedVec};
use sealdiff_testkit::{SealedCase, sealed_record_cases};

use super::RecordKey;
use super::intermediate_key::{IntermediateKey, KeyFacts};
use super::protected_key::KeyMemory;
use super::secrets::IntermediateSecret;
use crate::clock::Timestamp;
use crate::error::EnvelopeError;
use crate::partition::{Partition, Service};
use crate::random::Randomness;
use crate::record::{DataRowRecord, KeyMeta, SealedRecord};

/// The intermediate key of a case.
pub(crate) fn key_of(case: &SealedCase) -> IntermediateKey {
    key_in(&KeyMemory::new(MemoryMode::Prefer, None).unwrap(), case)
}

fn key_in(memory: &Arc<KeyMemory>, case: &SealedCase) -> IntermediateKey {
    let suffix = Some(case.suffix.as_str()).filter(|suffix| !suffix.is_empty());
    let service = Service::new(&case.service, &case.product, suffix).unwrap();
    let partition = Partition::new(Arc::new(service), &case.partition).unwrap();
    let created = Timestamp::from_unix_seconds(case.created);
    let facts = KeyFacts {
        meta: KeyMeta {
            id: partition.intermediate_key_id(),
            created,
        },
        suffix: suffix.map(str::to_owned),
        context: partition.derivation_context(suffix),
        parent: KeyMeta {
            id: partition.service().system_key_id(),
            created,
        },
        is_revoked: false,
        is_parent_revoked: false,
        vouched_at: Duration::ZERO,
        randomness: Randomness::default(),
        wraps: Arc::default(),
    };
    let context = facts.context.clone();
    let write = |key: &mut [u8; 32]| {
        key.copy_from_slice(&bytes(&case.ik));
        Ok(())
    };
    let secret = IntermediateSecret::protect(memory, &context, write).unwrap();
    IntermediateKey::new(secret, facts)
}

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex).unwrap()
}

fn unseal(key: &IntermediateKey, record: &[u8], aad: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let record = SealedRecord::parse(record)?;
    let mut plaintext = vec![0xEE; record.plaintext_len()];
    let outcome = key.unseal(&record, aad, &mut plaintext);
    if outcome.is_err() {
        assert!(
            plaintext.iter().all(|byte| *byte == 0),
            "nothing unauthenticated may be released"
        );
    }
    outcome.map(|()| plaintext)
}

#[test]
fn seals_every_record_of_the_vectors_byte_for_byte() {
    let cases = sealed_record_cases();
    assert_eq!(cases.len(), 8, "the vectors have eight records");
    for case in cases {
        let (key, plaintext) = (key_of(&case), bytes(&case.plaintext));
        let nonce = bytes(&case.nonce).try_into().unwrap();
        let mut record = vec![0; key.sealed_len(plaintext.len())];
        let aad = bytes(&case.additional_data);
        key.seal_with_nonce(&nonce, &plaintext, &aad, &mut record)
            .unwrap();
        assert_eq!(hex::encode(record), case.sealed, "{}", case.name);
    }
}

#[test]
fn seals_the_same_with_keys_that_have_no_room_in_locked_memory() {
    let memory = KeyMemory::new(MemoryMode::Prefer, Some(1)).unwrap();
    for case in sealed_record_cases() {
        let (key, plaintext) = (key_in(&memory, &case), bytes(&case.plaintext));
        let nonce = bytes(&case.nonce).try_into().unwrap();
        let mut record = vec![0; key.sealed_len(plaintext.len())];
        let aad = bytes(&case.additional_data);
        key.seal_with_nonce(&nonce, &plaintext, &aad, &mut record)
            .unwrap();
        assert_eq!(hex::encode(&record), case.sealed, "{}", case.name);
        assert_eq!(unseal(&key, &record, &aad).unwrap(), plaintext);
        let owned = WipedVec::new(record.clone());
        assert_eq!(key.unseal_owned(owned, &aad).unwrap()[..], plaintext[..]);
        let own = key.seal_owned(WipedVec::new(plaintext.clone()), &aad);
        assert_eq!(unseal(&key, &own.unwrap(), &aad).unwrap(), plaintext);
        let mut forged = WipedVec::new(record.clone());
        *forged.last_mut().unwrap() ^= 1;
        assert!(key.unseal_owned(forged, &aad).is_err());
        let now = key.created();
        let text = key.encrypt(&plaintext, now).unwrap();
        let record = DataRowRecord::from_json(text.as_bytes()).unwrap();
        assert_eq!(key_of(&case).decrypt(record).unwrap()[..], plaintext[..]);
    }
}

#[test]
fn unseals_every_record_of_the_vectors() {
    for case in sealed_record_cases() {
        let (key, record) = (key_of(&case), bytes(&case.sealed));
        let header = SealedRecord::parse(&record).unwrap().header();
        assert!(key.is_named_by(RecordKey::Sealed(header)), "{}", case.name);
        let aad = bytes(&case.additional_data);
        let plaintext = unseal(&key, &record, &aad).unwrap();
        assert_eq!(hex::encode(plaintext), case.plaintext, "{}", case.name);
    }
}

#[test]
fn refuses_the_vectors_with_other_additional_data_or_in_another_place() {
    for case in sealed_record_cases() {
        let record = bytes(&case.sealed);
        let mut aad = bytes(&case.additional_data);
        aad.push(b'!');
        let moved_aad = unseal(&key_of(&case), &record, &aad);
        assert!(matches!(moved_aad, Err(EnvelopeError::DecryptFailed)));
        aad.pop();
        let elsewhere = SealedCase {
            // The same key ids as before, where an underscore moves over.
            partition: format!("{}_x", case.partition),
            ..case
        };
        let moved = unseal(&key_of(&elsewhere), &record, &aad);
        assert!(matches!(moved, Err(EnvelopeError::DecryptFailed)));
    }
}

#[test]
fn a_suffix_is_bound_to_its_record() {
    let case = sealed_record_cases()
        .into_iter()
        .find(|case| !case.suffix.is_empty())
        .unwrap();
    let (record, aad) = (bytes(&case.sealed), bytes(&case.additional_data));
    let elsewhere = SealedCase {
        suffix: "eu-west-2".to_owned(),
        ..case
    };
    let moved = unseal(&key_of(&elsewhere), &record, &aad);
    assert!(matches!(moved, Err(EnvelopeError::DecryptFailed)));
}

#[test]
fn stops_writing_at_a_quarter_of_the_wraps_that_gcm_allows() {
    use std::sync::atomic::Ordering;

    let policy = crate::policy::CryptoPolicy::default();
    let key = key_of(&sealed_record_cases()[0]);
    let now = key.created();
    key.wraps().store((1 << 30) - 1, Ordering::Relaxed);
    assert!(key.may_write(&policy, now) && key.may_write_in_grace(&policy, now));
    key.encrypt(b"the last one", now).unwrap();
    assert!(!key.may_write(&policy, now) && !key.may_write_in_grace(&policy, now));
}
