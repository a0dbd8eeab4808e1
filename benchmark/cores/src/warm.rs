//! A session of one partition whose key is in memory. Nothing here waits for anything.

use std::sync::{Arc, OnceLock};

use futures_util::FutureExt;
use futures_util::future::ready;
use sealdiff_envelope::{
    BoxFuture, Dependencies, FactoryOptions, KeyManagementService, KmsError, SecretKey, Session,
    SessionFactory, SystemClock,
};
use sealdiff_testkit::{EditableMetastore, QueuedSpawner};

/// The session, the same for every call. It is warm: [`Session::cached_writing_key`] finds its key.
pub(crate) fn session() -> &'static Session {
    static SESSION: OnceLock<(SessionFactory, Session)> = OnceLock::new();
    let (_factory, session) = SESSION.get_or_init(|| {
        let factory = SessionFactory::new(
            "benchmark",
            "sealdiff",
            FactoryOptions::default(),
            dependencies(),
        )
        .expect("the ids are valid");
        let session = factory.session("partition").expect("the factory is open");
        session
            .writing_key()
            .now_or_never()
            .expect("nothing here waits")
            .expect("neither backend fails");
        (factory, session)
    });
    session
}

fn dependencies() -> Dependencies {
    Dependencies {
        metastore: Arc::new(EditableMetastore::default()),
        kms: Arc::new(PlainKms),
        clock: Arc::new(SystemClock::new()),
        spawner: Arc::new(QueuedSpawner::default()),
    }
}

/// Wraps nothing: the one system key is wrapped once, before anything is measured.
struct PlainKms;

impl KeyManagementService for PlainKms {
    fn encrypt_key<'a>(&'a self, key: &'a SecretKey) -> BoxFuture<'a, Result<Vec<u8>, KmsError>> {
        ready(Ok(key.expose().to_vec())).boxed()
    }

    fn decrypt_key<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<SecretKey, KmsError>> {
        let key = SecretKey::from_slice(key).expect("it is one of encrypt_key's");
        ready(Ok(key)).boxed()
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), KmsError>> {
        ready(Ok(())).boxed()
    }
}
