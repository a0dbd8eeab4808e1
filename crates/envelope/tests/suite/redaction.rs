//! No `Debug`, message or cause shows a key, an id or plaintext.

use std::error::Error as StdError;
use std::fmt::Debug;

use sealdiff_envelope::aead::xaes::XaesKey;
use sealdiff_envelope::record::{DataRowRecord, EnvelopeKeyRecord, SealedRecord, inspect};
use sealdiff_envelope::{EnvelopeError, Partition, RecordKey, SecretKey, Service};
use sealdiff_metastores::MemoryMetastore;
use sealdiff_testkit::Outage;
use std::sync::Arc;
use zeroize::ZeroizeOnDrop;

use super::support::{IK, START, World, decrypt, meta, seal};

const SECRETS: &[&str] = &[
    "svc",
    "p1",
    "_IK",
    "_SK",
    "Zauberwort",
    "90, 97",
    "5A, 61",
    "thisIs",
];

fn shows_nothing(value: &dyn Debug) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[tokio::test]
async fn no_debug_output_shows_a_secret() {
    let world = World::new();
    let factory = world.factory();
    let session = factory.session("p1").unwrap();
    let key = session.writing_key().await.unwrap();
    let text = key.encrypt(b"Zauberwort", world.now()).unwrap();
    let sealed = seal(&key, b"Zauberwort", b"");
    let service = Service::new("svc", "prod", None).unwrap();
    let partition = Partition::new(Arc::new(service.clone()), "p1").unwrap();
    let named = meta(IK, START);
    let record = SealedRecord::parse(&sealed).unwrap();
    let (_, row) = super::support::new_key(&SecretKey::from_slice(&[7; 32]).unwrap(), START);
    for value in [
        &factory as &dyn Debug,
        &session,
        &session.begin().unwrap(),
        &key,
        &service,
        &partition,
        &named,
        &RecordKey::DataRow(&named),
        &RecordKey::Sealed(record.header()),
        &record,
        &DataRowRecord::from_json(text.as_bytes()).unwrap(),
        &inspect(text.as_bytes()).unwrap(),
        &EnvelopeKeyRecord {
            parent: Some(meta("_SK_svc_prod", START)),
            ..row
        },
        &factory.stats(),
        &world.options,
        &MemoryMetastore::default(),
    ] {
        shows_nothing(value);
    }
}

#[tokio::test]
async fn no_error_shows_a_secret_in_its_chain() {
    let world = World::new();
    let session = world.warm_session().await;
    let mut errors = vec![
        world.factory().session("p1\0").unwrap_err(),
        decrypt(&session, b"Zauberwort").await.unwrap_err(),
    ];
    for outage in [Outage::Unavailable, Outage::Refused, Outage::Panics] {
        world.metastore.set_outage(Some(outage));
        errors.push(world.session().writing_key().await.unwrap_err());
        world.metastore.set_outage(None);
        world.kms.set_outage(Some(outage));
        errors.push(world.session().writing_key().await.unwrap_err());
        world.kms.set_outage(None);
    }
    for named in [meta(IK, START - 60), meta("_IK_p2_svc_prod", START)] {
        let named = RecordKey::DataRow(&named);
        errors.push(session.reading_key(named).await.unwrap_err());
    }
    for error in errors {
        shows_nothing(&error);
        let mut cause: Option<&dyn StdError> = Some(&error);
        while let Some(error) = cause {
            shows_nothing(&format_args!("{error}"));
            cause = error.source();
        }
    }
}

#[test]
fn one_message_for_every_failed_decryption() {
    let message = EnvelopeError::DecryptFailed.to_string();
    assert_eq!(message, "the record could not be decrypted");
}

#[test]
fn keys_are_erased_when_dropped() {
    fn erased_on_drop<T: ZeroizeOnDrop>() {}
    erased_on_drop::<SecretKey>();
    erased_on_drop::<XaesKey>();
}
