//! `{ type: 'vault', … }`.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt;
use napi_derive::napi;
use sealdiff_envelope::{KeyManagementService, SystemClock};
use sealdiff_kms::{
    OpenError, SecretText, VaultAuth, VaultKeyManagementService, VaultOptions, VaultTls,
};

use super::OpeningKms;
use crate::envelope::open::TlsArguments;
use crate::runtime::TokioSpawner;

/// Vault or OpenBao.
#[napi(object, object_to_js = false)]
pub(crate) struct VaultKmsArguments {
    pub address: String,
    pub key: String,
    pub mount: Option<String>,
    pub namespace: Option<String>,
    pub auth: VaultAuthArguments,
    pub tls: Option<TlsArguments>,
    pub allow_plain_http: Option<bool>,
}

/// How to log in: the members of exactly one way are there.
#[napi(object, object_to_js = false)]
pub(crate) struct VaultAuthArguments {
    pub token: Option<String>,
    pub token_path: Option<String>,
    pub role_id: Option<String>,
    pub secret_id: Option<String>,
    pub role: Option<String>,
    pub jwt_path: Option<String>,
    /// Of the auth method.
    pub mount: Option<String>,
}

impl VaultKmsArguments {
    /// Off the JavaScript thread: the system's list of authorities is read from files.
    pub(super) fn opening(self) -> OpeningKms {
        async move {
            let kms: Arc<dyn KeyManagementService> = Arc::new(self.service()?);
            Ok(kms)
        }
        .boxed()
    }

    fn service(self) -> Result<VaultKeyManagementService, OpenError> {
        let options = VaultOptions {
            address: self.address,
            key: self.key,
            mount: self.mount,
            namespace: self.namespace,
            auth: self.auth.into_auth()?,
            tls: self.tls.map(tls).unwrap_or_default(),
            allow_plain_http: self.allow_plain_http.unwrap_or(false),
        };
        VaultKeyManagementService::new(
            options,
            Arc::new(SystemClock::new()),
            Arc::new(TokioSpawner),
        )
    }
}

impl VaultAuthArguments {
    fn into_auth(self) -> Result<VaultAuth, OpenError> {
        let mount = self.mount;
        if let Some(token) = self.token {
            return Ok(VaultAuth::Token(SecretText::new(token)));
        }
        if let Some(path) = self.token_path {
            return Ok(VaultAuth::TokenFile(PathBuf::from(path)));
        }
        if let Some(role) = self.role {
            let jwt_path = self.jwt_path.map(PathBuf::from);
            return Ok(VaultAuth::Kubernetes {
                role,
                jwt_path,
                mount,
            });
        }
        let (Some(role_id), Some(secret_id)) = (self.role_id, self.secret_id) else {
            let requirement = "must say how to log in";
            return Err(OpenError::InvalidOption {
                name: "auth",
                requirement,
            });
        };
        let secret_id = SecretText::new(secret_id);
        Ok(VaultAuth::AppRole {
            role_id,
            secret_id,
            mount,
        })
    }
}

fn tls(arguments: TlsArguments) -> VaultTls {
    VaultTls {
        ca: arguments.ca.map(String::into_bytes),
        cert: arguments.cert.map(String::into_bytes),
        key: arguments.key.map(String::into_bytes),
    }
}
