//! A metastore and a KMS that write down every call and fail on demand.

use std::sync::{Arc, Mutex};

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
            None => Ok(()),
            Some(Outage::Refused) => Err(MetastoreError::InvalidRow { reason: "injected" }),
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
            None => Ok(()),
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
        let noted = self.note(format!("load {id} {created}"));
        async move {
            yield_once().await;
            noted?;
            self.inner.load(id, created).await
        }
        .boxed()
    }

    fn load_latest<'a>(
        &'a self,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        let noted = self.note(format!("load_latest {id}"));
        async move {
            yield_once().await;
            noted?;
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
        let noted = self.note(format!("store {id} {created}"));
        async move {
            yield_once().await;
            noted?;
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
        lock(&self.log).push("close".to_owned());
        self.inner.close()
    }
}

impl<K: KeyManagementService> KeyManagementService for RecordingKms<K> {
    fn encrypt_key<'a>(&'a self, key: &'a SecretKey) -> BoxFuture<'a, Result<Vec<u8>, KmsError>> {
        let noted = self.note("kms encrypt");
        async move {
            yield_once().await;
            noted?;
            self.inner.encrypt_key(key).await
        }
        .boxed()
    }

    fn decrypt_key<'a>(
        &'a self,
        encrypted_key: &'a [u8],
    ) -> BoxFuture<'a, Result<SecretKey, KmsError>> {
        let noted = self.note("kms decrypt");
        async move {
            yield_once().await;
            noted?;
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
async fn yield_once() {
    let mut is_second_poll = false;
    std::future::poll_fn(|context| {
        if is_second_poll {
            return std::task::Poll::Ready(());
        }
        is_second_poll = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .expect("no test panics while it holds the lock")
}
