//! From the option `kms` to a key management service: one file for each provider.

mod aws;
mod static_key;
mod vault;

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::ready;
use napi::Env;
use napi_derive::napi;
use sealdiff_envelope::{BoxFuture, KeyManagementService};
use sealdiff_kms::OpenError;

use self::aws::AwsKmsArguments;
use self::static_key::StaticKmsArguments;
use self::vault::VaultKmsArguments;
use super::custom::KmsMethods;
use crate::error::Failure;

/// The option `kms`, read and checked by `lib/`: exactly one member is there.
#[napi(object, object_to_js = false)]
pub(crate) struct KmsArguments<'env> {
    /// The user's own.
    pub own: Option<KmsMethods>,
    pub static_key: Option<StaticKmsArguments<'env>>,
    pub aws: Option<AwsKmsArguments>,
    pub vault: Option<VaultKmsArguments>,
}

/// A key management service that is being opened, and asks nobody before it is polled.
pub(crate) type OpeningKms = BoxFuture<'static, Result<Arc<dyn KeyManagementService>, OpenError>>;

impl KmsArguments<'_> {
    /// Takes what must be taken on the JavaScript thread; the rest may wait for others.
    ///
    /// # Errors
    /// Those of the provider's own arguments.
    pub(super) fn opening(self, env: &Env) -> Result<OpeningKms, Failure> {
        if let Some(methods) = self.own {
            return Ok(opened(methods));
        }
        if let Some(arguments) = self.static_key {
            return Ok(opened(arguments.service(env)?));
        }
        if let Some(arguments) = self.aws {
            return Ok(arguments.opening());
        }
        if let Some(arguments) = self.vault {
            return Ok(arguments.opening());
        }
        Err(Failure::ArgumentType {
            name: "kms",
            requirement: "must be an object",
        })
    }
}

/// One that needs nobody's answer.
fn opened(kms: impl KeyManagementService) -> OpeningKms {
    let kms: Arc<dyn KeyManagementService> = Arc::new(kms);
    ready(Ok(kms)).boxed()
}
