//! What every database behind a network has in common: URLs, TLS, pools, failures, calls.
//!
//! Must not know: one database's SQL.

mod checkout;
mod failure;
mod metastore;
mod options;
mod url;

pub(crate) use failure::Verdict;
pub use metastore::ServerMetastore;
pub(crate) use metastore::{Server, Statements, query, unavailable};
pub use options::{PoolOptions, TlsOptions};
pub use url::InvalidUrl;
pub(crate) use url::{ServerUrl, TlsMode, unknown_parameter};
