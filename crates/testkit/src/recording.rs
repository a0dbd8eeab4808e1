//! A metastore and a KMS that write down every call and fail on demand.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use futures_util::FutureExt;
use sealdiff_envelope::record::EnvelopeKeyRecord;
use sealdiff_envelope::{
    BoxFuture, KeyManagementService, KmsError, Metastore, MetastoreError, SecretKey, Timestamp,
};

/// One call, as tests compare it: `load _IK_p1_svc_prod 60`, `kms decrypt`.
pub type Call = String;

/// How every further call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// No answer.
    Unavailable,
    /// A denial (of the KMS) or an unreadable row (of the metastore).
    Refused,
    /// Different key ids are taken for one (by the metastore).
    Confused,
    /// No answer, not even that: only the caller's timer ends the call.
    Silent,
    /// A defect of the backend.
    Panics,
}

/// The calls of all doubles that share it, in order.
type Log = Arc<Mutex<Vec<Call>>>;

/// Writes down the calls of a real metastore behind it.
pub struct RecordingMetastore<M> {
    inner: M,
    log: Log,
    outage: Mutex<Option<Outage>>,
}

/// Writes down the calls of a real KMS behind it.
pub struct RecordingKms<K> {
    inner: K,
    log: Log,
    outage: Mutex<Option<Outage>>,
}

impl<M> RecordingMetastore<M> {
    /// Records the calls of `inner`.
    pub fn new(inner: M) -> Self {
        Self {
            inner,
            log: Log::default(),
            outage: Mutex::default(),
        }
    }

    /// The metastore behind it.
    pub fn inner(&self) -> &M {
        &self.inner
    }

    /// The calls since the last time, in order, those of the KMS among them.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut *lock(&self.log))
    }

    /// Lets every further call fail, or none.
    pub fn set_outage(&self, outage: Option<Outage>) {
        *lock(&self.outage) = outage;
    }

    fn note(&self, call: String) -> Result<(), MetastoreError> {
        lock(&self.log).push(call);
        match *lock(&self.outage) {
            None | Some(Outage::Silent) => Ok(()),
            Some(Outage::Panics) => panic!("injected panic"),
            Some(Outage::Refused) => Err(MetastoreError::InvalidRow { reason: "injected" }),
            Some(Outage::Confused) => Err(MetastoreError::Collation),
            Some(Outage::Unavailable) => Err(MetastoreError::Unavailable {
                retryable: true,
                source: "injected outage".into(),
            }),
        }
    }
}

impl<K> RecordingKms<K> {
    /// Records the calls of `inner` in the log of `metastore`.
    pub fn new<M>(inner: K, metastore: &RecordingMetastore<M>) -> Self {
        Self {
            inner,
            log: Arc::clone(&metastore.log),
            outage: Mutex::default(),
        }
    }

    /// Lets every further call fail, or none.
    pub fn set_outage(&self, outage: Option<Outage>) {
        *lock(&self.outage) = outage;
    }

    fn note(&self, call: &str) -> Result<(), KmsError> {
        lock(&self.log).push(call.to_owned());
        match *lock(&self.outage) {
            None | Some(Outage::Silent | Outage::Confused) => Ok(()),
            Some(Outage::Panics) => panic!("injected panic"),
            Some(Outage::Refused) => Err(KmsError::Refused("injected denial".into())),
            Some(Outage::Unavailable) => Err(KmsError::Unavailable("injected outage".into())),
        }
    }
}

impl<M: Metastore> Metastore for RecordingMetastore<M> {
    fn load<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        async move {
            answer_later(&self.outage).await;
            self.note(format!("load {id} {created}"))?;
            self.inner.load(id, created).await
        }
        .boxed()
    }

    fn load_latest<'a>(
        &'a self,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        async move {
            answer_later(&self.outage).await;
            self.note(format!("load_latest {id}"))?;
            self.inner.load_latest(id).await
        }
        .boxed()
    }

    fn store<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
        record: &'a EnvelopeKeyRecord,
    ) -> BoxFuture<'a, Result<bool, MetastoreError>> {
        async move {
            answer_later(&self.outage).await;
            self.note(format!("store {id} {created}"))?;
            self.inner.store(id, created, record).await
        }
        .boxed()
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), MetastoreError>> {
        let noted = self.note("ping".to_owned());
        async move {
            noted?;
            self.inner.ping().await
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async move {
            lock(&self.log).push("close".to_owned());
            answer_later(&self.outage).await;
            self.inner.close().await;
        }
        .boxed()
    }

    fn region_suffix(&self) -> Option<&str> {
        self.inner.region_suffix()
    }
}

impl<K: KeyManagementService> KeyManagementService for RecordingKms<K> {
    fn encrypt_key<'a>(&'a self, key: &'a SecretKey) -> BoxFuture<'a, Result<Vec<u8>, KmsError>> {
        async move {
            answer_later(&self.outage).await;
            self.note("kms encrypt")?;
            self.inner.encrypt_key(key).await
        }
        .boxed()
    }

    fn decrypt_key<'a>(
        &'a self,
        encrypted_key: &'a [u8],
    ) -> BoxFuture<'a, Result<SecretKey, KmsError>> {
        async move {
            answer_later(&self.outage).await;
            self.note("kms decrypt")?;
            self.inner.decrypt_key(encrypted_key).await
        }
        .boxed()
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), KmsError>> {
        let noted = self.note("kms ping");
        async move {
            noted?;
            self.inner.ping().await
        }
        .boxed()
    }
}

/// Lets others run, as a real network call does: without it no two loads would ever overlap.
async fn answer_later(outage: &Mutex<Option<Outage>>) {
    let mut is_second_poll = false;
    std::future::poll_fn(|context| {
        if *lock(outage) == Some(Outage::Silent) {
            return Poll::Pending;
        }
        if is_second_poll {
            return Poll::Ready(());
        }
        is_second_poll = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A double that panics on demand does so under its own lock.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
