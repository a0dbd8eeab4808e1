//! What the key hierarchy needs of a place that keeps key records.

use std::error::Error as StdError;

use futures_util::future::BoxFuture;

use crate::clock::Timestamp;
use crate::record::EnvelopeKeyRecord;

/// A failure of a metastore, as the metastore sees it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetastoreError {
    /// No answer, or an answer that only time or an operator can change.
    #[error("the metastore is unavailable")]
    Unavailable {
        /// Whether the same call may succeed later without a change of configuration.
        retryable: bool,
        /// What the driver said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A row is there, but it is no key record, or not the row that was asked for.
    #[error("the row is not a key record: {reason}")]
    InvalidRow {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The metastore takes different key ids for one: the collation of its id column is not
    /// binary. No new key may be written there, nor its newest keys be used for writing.
    #[error("the metastore takes different key ids for one")]
    Collation,
}

/// Where key records live. Rows are only ever added.
///
/// Every implementation passes `sealdiff_testkit::metastore_contract`.
pub trait Metastore: Send + Sync + 'static {
    /// The row of exactly this id and creation time. Where the store's collation finds another
    /// id's row instead, that one is absent.
    fn load<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>>;

    /// The row of this id with the greatest creation time.
    fn load_latest<'a>(
        &'a self,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<EnvelopeKeyRecord>, MetastoreError>>;

    /// Adds a row; `false` if one with this id and creation time is already there, which then
    /// stays as it is.
    fn store<'a>(
        &'a self,
        id: &'a str,
        created: Timestamp,
        record: &'a EnvelopeKeyRecord,
    ) -> BoxFuture<'a, Result<bool, MetastoreError>>;

    /// Asks for a sign of life. Needs no right to write.
    fn ping(&self) -> BoxFuture<'_, Result<(), MetastoreError>>;

    /// Gives back connections and files.
    fn close(&self) -> BoxFuture<'_, ()>;

    /// The region that key ids end in, where the metastore is shared between regions.
    fn region_suffix(&self) -> Option<&str> {
        None
    }
}
