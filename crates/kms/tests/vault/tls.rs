//! TLS: the server is verified, and a client can show a certificate.

use sealdiff_envelope::KeyManagementService;
use sealdiff_kms::VaultTls;
use sealdiff_testkit::tempfile::TempDir;
use sealdiff_testkit::{Certificates, VaultServer};
use serde_json::json;

use super::support::{Vault, by_token, key, unavailable};

/// Certificates, and the folder that holds them.
struct OwnCertificates {
    files: Certificates,
    _folder: TempDir,
}

impl OwnCertificates {
    fn make() -> Self {
        let folder = sealdiff_testkit::tempfile::tempdir().unwrap();
        Self {
            files: Certificates::make_in(folder.path(), "client"),
            _folder: folder,
        }
    }

    fn server(&self, asks_clients: bool) -> Vault {
        let ca = self.files.path("ca.pem");
        Vault::over(VaultServer::start_with_tls(
            &self.files.path("server.pem"),
            &self.files.path("server.key"),
            asks_clients.then_some(ca.as_str()),
        ))
    }
}

async fn ping(vault: &Vault, tls: VaultTls) -> Result<(), sealdiff_envelope::KmsError> {
    let mut options = vault.options(by_token(&vault.token(&json!({}))));
    options.tls = tls;
    let service = vault.open(options).unwrap();
    service.ping().await?;
    service.encrypt_key(&key()).await.map(drop)
}

#[tokio::test]
async fn the_server_is_verified_against_the_authority() {
    let certificates = OwnCertificates::make();
    let vault = certificates.server(false);
    let trusting = |file| VaultTls {
        ca: certificates.files.read(file),
        ..VaultTls::default()
    };
    ping(&vault, trusting("ca.pem")).await.unwrap();
    unavailable(ping(&vault, trusting("other.pem")).await);
    unavailable(ping(&vault, VaultTls::default()).await);
}

#[tokio::test]
async fn a_server_that_asks_for_it_sees_the_clients_certificate() {
    let certificates = OwnCertificates::make();
    let vault = certificates.server(true);
    let with = |cert: Option<Vec<u8>>, key: Option<Vec<u8>>| VaultTls {
        ca: certificates.files.read("ca.pem"),
        cert,
        key,
    };
    let client = with(
        certificates.files.read("client.pem"),
        certificates.files.read("client.key"),
    );
    ping(&vault, client).await.unwrap();
    unavailable(ping(&vault, with(None, None)).await);
}

#[test]
fn certificates_that_are_none_are_refused_by_name() {
    let certificates = OwnCertificates::make();
    let vault = Vault::start();
    let junk = || Some(b"-----BEGIN JUNK-----".to_vec());
    let cert = || certificates.files.read("client.pem");
    for (ca, cert, key, name) in [
        (junk(), None, None, "tls.ca must hold"),
        (None, cert(), None, "tls must have both"),
        (None, None, cert(), "tls must have both"),
        (None, cert(), junk(), "tls must have a certificate"),
    ] {
        let mut options = vault.options(by_token("t"));
        options.tls = VaultTls { ca, cert, key };
        let message = vault.open(options).unwrap_err().to_string();
        assert!(message.starts_with(name), "{message}");
    }
}
