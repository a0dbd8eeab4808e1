//! TLS: the server is verified, and a client can show a certificate.

use std::fs;
use std::process::Command;

use sealdiff_envelope::KeyManagementService;
use sealdiff_kms::VaultTls;
use sealdiff_testkit::VaultServer;
use serde_json::json;
use tempfile::TempDir;

use super::support::{Vault, by_token, key, unavailable};

/// Two authorities; of the first a server's certificate for 127.0.0.1 and a client's.
struct Certificates(TempDir);

impl Certificates {
    fn make() -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        let key = "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        for authority in ["ca", "other"] {
            made.openssl(&format!(
                "{key} -x509 -days 2 -subj /CN={authority} -keyout {authority}.key -out {authority}.pem"
            ));
        }
        fs::write(made.path("extensions"), "subjectAltName = IP:127.0.0.1\n").unwrap();
        for name in ["server", "client"] {
            made.openssl(&format!(
                "{key} -subj /CN={name} -keyout {name}.key -out {name}.csr"
            ));
            made.openssl(&format!(
                "x509 -req -days 2 -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
                 -extfile extensions -out {name}.pem"
            ));
        }
        made
    }

    fn openssl(&self, arguments: &str) {
        let mut command = Command::new("openssl");
        command
            .args(arguments.split_whitespace())
            .current_dir(self.0.path());
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn path(&self, file: &str) -> String {
        self.0.path().join(file).to_str().unwrap().to_owned()
    }

    fn read(&self, file: &str) -> Option<Vec<u8>> {
        Some(fs::read(self.path(file)).unwrap())
    }

    fn server(&self, asks_clients: bool) -> Vault {
        let ca = self.path("ca.pem");
        Vault::over(VaultServer::start_with_tls(
            &self.path("server.pem"),
            &self.path("server.key"),
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
    let certificates = Certificates::make();
    let vault = certificates.server(false);
    let trusting = |file| VaultTls {
        ca: certificates.read(file),
        ..VaultTls::default()
    };
    ping(&vault, trusting("ca.pem")).await.unwrap();
    unavailable(ping(&vault, trusting("other.pem")).await);
    unavailable(ping(&vault, VaultTls::default()).await);
}

#[tokio::test]
async fn a_server_that_asks_for_it_sees_the_clients_certificate() {
    let certificates = Certificates::make();
    let vault = certificates.server(true);
    let with = |cert: Option<Vec<u8>>, key: Option<Vec<u8>>| VaultTls {
        ca: certificates.read("ca.pem"),
        cert,
        key,
    };
    let client = with(
        certificates.read("client.pem"),
        certificates.read("client.key"),
    );
    ping(&vault, client).await.unwrap();
    unavailable(ping(&vault, with(None, None)).await);
}

#[test]
fn certificates_that_are_none_are_refused_by_name() {
    let certificates = Certificates::make();
    let vault = Vault::start();
    let junk = || Some(b"-----BEGIN JUNK-----".to_vec());
    let cert = || certificates.read("client.pem");
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
