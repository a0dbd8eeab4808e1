//! A metastore whose rows a test changes behind the core's back, as operators and rivals do.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use futures_util::FutureExt;
use futures_util::future::ready;
use sealdiff_envelope::record::EnvelopeKeyRecord;
use sealdiff_envelope::{BoxFuture, Metastore, MetastoreError, Timestamp};

/// What another process stores right before us, under the id and time that we are about to use.
pub type Rival = Box<dyn FnMut(&str, Timestamp) -> Option<EnvelopeKeyRecord> + Send>;

type Rows = BTreeMap<(String, Timestamp), EnvelopeKeyRecord>;

/// Rows in memory, editable.
#[derive(Default)]
pub struct EditableMetastore {
    rows: Mutex<Rows>,
    rival: Mutex<Option<Rival>>,
    region_suffix: Option<String>,
}

impl EditableMetastore {
    /// An empty metastore of a region.
    #[must_use]
    pub fn of_region(suffix: &str) -> Self {
        Self {
            region_suffix: Some(suffix.to_owned()),
            ..Self::default()
        }
    }

    /// Adds or replaces a row.
    pub fn put(&self, id: &str, record: EnvelopeKeyRecord) {
        self.rows().insert((id.to_owned(), record.created), record);
    }

    /// Sets the flag of every row of this id.
    pub fn revoke(&self, id: &str) {
        for ((row_id, _), record) in self.rows().iter_mut() {
            record.is_revoked |= row_id == id;
        }
    }

    /// Removes every row of this id.
    pub fn remove(&self, id: &str) {
        self.rows().retain(|(row_id, _), _| row_id != id);
    }

    /// The creation times of this id, oldest first.
    pub fn versions(&self, id: &str) -> Vec<u32> {
        let rows = self.rows();
        let of_id = rows.keys().filter(|(row_id, _)| row_id == id);
        of_id.map(|(_, created)| created.unix_seconds()).collect()
    }

    /// From now on another process is asked for its row before each of our stores.
    pub fn set_rival(&self, rival: Rival) {
        *self.rival.lock().expect("no test panics here") = Some(rival);
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows
            .lock()
            .expect("no test panics while it holds the lock")
    }

    fn let_rival_store(&self, id: &str, created: Timestamp) {
        let mut rival = self.rival.lock().expect("no test panics here");
        if let Some(record) = rival.as_mut().and_then(|rival| rival(id, created)) {
            self.put(id, record);
        }
    }
}

impl Metastore for EditableMetastore {
    fn load<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        ready(Ok(self.rows().get(&(id.to_owned(), created)).cloned())).boxed()
    }

    fn load_latest<'a>(
        &'a self,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>> {
        let rows = self.rows();
        let newest = rows.iter().rfind(|((row_id, _), _)| row_id == id);
        ready(Ok(newest.map(|(_, record)| record.clone()))).boxed()
    }

    fn store<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
        record: &'a EnvelopeKeyRecord,
    ) -> BoxFuture<'a, Result<bool, MetastoreError>> {
        self.let_rival_store(id, created);
        let is_new = !self.rows().contains_key(&(id.to_owned(), created));
        if is_new {
            self.put(id, record.clone());
        }
        ready(Ok(is_new)).boxed()
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), MetastoreError>> {
        ready(Ok(())).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        ready(()).boxed()
    }

    fn region_suffix(&self) -> Option<&str> {
        self.region_suffix.as_deref()
    }
}
