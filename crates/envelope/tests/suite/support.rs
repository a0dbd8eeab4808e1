//! A factory in a world under a test's control.

use std::sync::Arc;
use std::time::Duration;

use sealdiff_envelope::aead::gcm;
use sealdiff_envelope::record::{DataRowRecord, EnvelopeKeyRecord, KeyMeta, SealedRecord};
use sealdiff_envelope::{
    Clock, Dependencies, EnvelopeError, FactoryOptions, IntermediateKey, RecordKey, SecretKey,
    Session, SessionFactory, Timestamp,
};
use sealdiff_kms::StaticKeyManagementService;
use sealdiff_testkit::{
    EditableMetastore, FixedClock, QueuedSpawner, RecordingKms, RecordingMetastore,
};

/// When every world begins: a full minute.
pub(crate) const START: u32 = 1_795_257_000;
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);
pub(crate) const SK: &str = "_SK_svc_prod";
pub(crate) const IK: &str = "_IK_p1_svc_prod";
const MASTER_KEY: [u8; 32] = *b"thisIsAStaticMasterKeyForTesting";

pub(crate) struct World {
    pub(crate) metastore: Arc<RecordingMetastore<EditableMetastore>>,
    pub(crate) kms: Arc<RecordingKms<StaticKeyManagementService>>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) spawner: Arc<QueuedSpawner>,
    pub(crate) options: FactoryOptions,
}

/// A key as it lies in the metastore, with its secret.
pub(crate) struct StoredKey {
    pub(crate) meta: KeyMeta,
    pub(crate) secret: SecretKey,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::over(EditableMetastore::default())
    }

    pub(crate) fn over(rows: EditableMetastore) -> Self {
        let metastore = RecordingMetastore::new(rows);
        let master_key = SecretKey::from_slice(&MASTER_KEY).unwrap();
        let kms = RecordingKms::new(StaticKeyManagementService::new(master_key), &metastore);
        Self {
            metastore: Arc::new(metastore),
            kms: Arc::new(kms),
            clock: Arc::new(FixedClock::at(START)),
            spawner: Arc::default(),
            options: FactoryOptions::default(),
        }
    }

    /// A factory with empty caches: another process over the same metastore.
    pub(crate) fn factory(&self) -> SessionFactory {
        let dependencies = Dependencies {
            metastore: self.metastore.clone(),
            kms: self.kms.clone(),
            clock: self.clock.clone(),
            spawner: self.spawner.clone(),
        };
        SessionFactory::new("svc", "prod", self.options, dependencies).unwrap()
    }

    /// A session of partition `p1` with empty caches.
    pub(crate) fn session(&self) -> Session {
        self.factory().session("p1").unwrap()
    }

    /// A session of partition `p1` that has its writing key, created now; the log is empty.
    pub(crate) async fn warm_session(&self) -> Session {
        let session = self.session();
        session.writing_key().await.unwrap();
        self.calls();
        session
    }

    pub(crate) fn rows(&self) -> &EditableMetastore {
        self.metastore.inner()
    }

    /// The calls since the last time, short: `latest IK`, `load SK`, `store IK`, `decrypt`.
    pub(crate) fn calls(&self) -> Vec<String> {
        let short = |call: String| {
            let mut words = call.split(' ');
            let operation = match words.next().unwrap() {
                "load_latest" => "latest",
                "kms" => return words.next().unwrap().to_owned(),
                other => other,
            };
            match words.next() {
                Some(id) => format!("{operation} {}", &id[1..3]),
                None => operation.to_owned(),
            }
        };
        self.metastore.take_calls().into_iter().map(short).collect()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn store_system_key(&self, created: u32, is_revoked: bool) -> StoredKey {
        let master_key = SecretKey::from_slice(&MASTER_KEY).unwrap();
        let (secret, mut record) = new_key(&master_key, created);
        record.is_revoked = is_revoked;
        self.rows().put(SK, record);
        StoredKey {
            meta: meta(SK, created),
            secret,
        }
    }

    pub(crate) fn store_intermediate_key(
        &self,
        created: u32,
        is_revoked: bool,
        parent: &StoredKey,
    ) -> StoredKey {
        let (secret, mut record) = new_key(&parent.secret, created);
        record.is_revoked = is_revoked;
        record.parent = Some(parent.meta.clone());
        self.rows().put(IK, record);
        StoredKey {
            meta: meta(IK, created),
            secret,
        }
    }

    /// Runs the background work, and what it starts, to the end.
    pub(crate) async fn run_background(&self) -> usize {
        let mut count = 0;
        loop {
            match self.spawner.run_all().await {
                0 => return count,
                more => count += more,
            }
        }
    }
}

/// A fresh secret and its record under `parent`.
pub(crate) fn new_key(parent: &SecretKey, created: u32) -> (SecretKey, EnvelopeKeyRecord) {
    let secret = SecretKey::generate().unwrap();
    let record = EnvelopeKeyRecord {
        created: at(created),
        encrypted_key: gcm::wrap_key(parent, &secret).unwrap(),
        parent: None,
        is_revoked: false,
    };
    (secret, record)
}

pub(crate) fn at(seconds: u32) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

pub(crate) fn meta(id: &str, created: u32) -> KeyMeta {
    KeyMeta {
        id: id.to_owned(),
        created: at(created),
    }
}

pub(crate) fn created(key: &IntermediateKey) -> u32 {
    key.created().unix_seconds()
}

pub(crate) fn seal(key: &IntermediateKey, plaintext: &[u8], aad: &[u8]) -> Vec<u8> {
    let mut record = vec![0; key.sealed_len(plaintext.len())];
    key.seal(plaintext, aad, &mut record).unwrap();
    record
}

pub(crate) async fn unseal(
    session: &Session,
    record: &[u8],
    aad: &[u8],
) -> Result<Vec<u8>, EnvelopeError> {
    let record = SealedRecord::parse(record)?;
    let named = RecordKey::Sealed(record.header());
    let key = session.reading_key(named).await?;
    let mut plaintext = vec![0; record.plaintext_len()];
    key.unseal(&record, aad, &mut plaintext)?;
    Ok(plaintext)
}

pub(crate) async fn decrypt(session: &Session, record: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let record = DataRowRecord::from_json(record)?;
    let key = session
        .reading_key(RecordKey::DataRow(&record.parent))
        .await?;
    key.decrypt(record).map(|mut plaintext| plaintext.take())
}
