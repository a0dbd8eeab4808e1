//! Key records in this process: for tests and for data that dies with the process.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::ready;
use sealdiff_envelope::record::EnvelopeKeyRecord;
use sealdiff_envelope::{BoxFuture, Metastore, MetastoreError, Timestamp};

/// A metastore that is gone when it is dropped.
#[derive(Default)]
pub struct MemoryMetastore {
    rows: Mutex<Rows>,
}

type Rows = BTreeMap<(String, Timestamp), EnvelopeKeyRecord>;

impl MemoryMetastore {
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryMetastore {
    /// Without the key ids, which name partitions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryMetastore")
            .field("rows", &self.rows().len())
            .finish()
    }
}

impl Metastore for MemoryMetastore {
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
        let first = (id.to_owned(), Timestamp::from_unix_seconds(0));
        let last = (id.to_owned(), Timestamp::from_unix_seconds(u32::MAX));
        ready(Ok(self
            .rows()
            .range(first..=last)
            .next_back()
            .map(|(_, row)| row.clone())))
        .boxed()
    }

    fn store<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
        record: &'a EnvelopeKeyRecord,
    ) -> BoxFuture<'a, Result<bool, MetastoreError>> {
        let mut rows = self.rows();
        let key = (id.to_owned(), created);
        let is_new = !rows.contains_key(&key);
        if is_new {
            rows.insert(key, record.clone());
        }
        ready(Ok(is_new)).boxed()
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), MetastoreError>> {
        ready(Ok(())).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        ready(()).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn passes_the_contract() {
        sealdiff_testkit::metastore_contract(&MemoryMetastore::default()).await;
    }
}
