//! A system key in memory: wraps the intermediate keys of one service and product.

use std::sync::Arc;
use std::time::Duration;

use super::protected_key::ProtectedKey;
use super::secrets::SystemSecret;
use super::slot::CachedKey;
use crate::clock::Timestamp;
use crate::error::KeyLevel;
use crate::policy::CryptoPolicy;
use crate::record::KeyMeta;

/// One version of a service's system key.
#[derive(Debug)]
pub(crate) struct SystemKey {
    pub(crate) meta: KeyMeta,
    pub(crate) is_revoked: bool,
    /// Shared between the states of one version, so that reading its row again costs no KMS call.
    pub(super) secret: Arc<ProtectedKey<SystemSecret>>,
    /// The row's bytes of that secret: another value there means it must be unwrapped again.
    pub(crate) encrypted_key: Vec<u8>,
    /// Monotonic time of the KMS call that unwrapped it.
    pub(crate) unwrapped_at: Duration,
}

impl CachedKey for SystemKey {
    const LEVEL: KeyLevel = KeyLevel::System;
}

impl SystemKey {
    /// Whether new intermediate keys may be wrapped with it.
    pub(crate) fn may_write(&self, policy: &CryptoPolicy, now: Timestamp) -> bool {
        !self.is_revoked && !policy.is_expired(self.meta.created, now)
    }
}
