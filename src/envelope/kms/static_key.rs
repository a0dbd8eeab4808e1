//! `{ type: 'static', key }`.

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use sealdiff_envelope::SecretKey;
use sealdiff_kms::StaticKeyManagementService;

use crate::error::Failure;
use crate::text::Data;

/// A master key: 32 bytes, or 64 hexadecimal digits.
#[napi(object, object_to_js = false)]
pub(crate) struct StaticKmsArguments<'env> {
    pub key: Unknown<'env>,
}

impl StaticKmsArguments<'_> {
    /// # Errors
    /// [`Failure::ArgumentType`], [`Failure::ArgumentValue`].
    pub(super) fn service(&self, env: &Env) -> Result<StaticKeyManagementService, Failure> {
        let key = Data::of(env, &self.key, "kms.key")?;
        let secret = if key.is_text() {
            secret_from_hex(&key)
        } else {
            SecretKey::from_slice(&key)
        };
        let secret = secret.ok_or(Failure::ArgumentValue {
            name: "kms.key",
            requirement: "must be 32 bytes, or a string of 64 hexadecimal digits",
        })?;
        Ok(StaticKeyManagementService::new(secret))
    }
}

fn secret_from_hex(digits: &[u8]) -> Option<SecretKey> {
    SecretKey::filled_by(|bytes| hex::decode_to_slice(digits, bytes)).ok()
}
