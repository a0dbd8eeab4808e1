//! What every database behind a network has in common: URLs, TLS, pools, failures.
//!
//! Must not know: rows, or one database's SQL.

mod checkout;
mod failure;
mod options;
mod url;

pub(crate) use checkout::Checkout;
pub(crate) use failure::{Verdict, unavailable};
pub use options::{PoolOptions, TlsOptions};
pub use url::InvalidUrl;
pub(crate) use url::{ServerUrl, TlsMode};
