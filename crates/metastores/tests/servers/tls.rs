//! TLS: required unless the URL says otherwise, and verified once an authority is given.

use std::fs;
use std::path::Path;
use std::process::Command;

use sealdiff_metastores::{OpenOptions, TlsOptions, open};
use tempfile::TempDir;

use super::own_mariadb::OwnMariaDb;
use super::own_postgres::{OwnPostgres, folder_for_servers, give_away};
use super::support::{assert_unavailable, skip};

/// An authority, a server's certificate for 127.0.0.1 and a client's for `admin`.
struct Certificates(TempDir);

impl Certificates {
    fn make() -> Self {
        let made = Self(folder_for_servers());
        let key = "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        made.openssl(&format!(
            "{key} -x509 -days 2 -subj /CN=authority -keyout ca.key -out ca.pem"
        ));
        for (name, subject) in [("server", "server"), ("client", "admin")] {
            made.openssl(&format!(
                "{key} -subj /CN={subject} -keyout {name}.key -out {name}.csr"
            ));
            fs::write(made.path("extensions"), "subjectAltName = IP:127.0.0.1\n").unwrap();
            made.openssl(&format!(
                "x509 -req -days 2 -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
                 -extfile extensions -out {name}.pem"
            ));
        }
        for file in ["ca.pem", "server.pem", "server.key"] {
            give_away(Path::new(&made.path(file)));
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
}

fn with(tls: TlsOptions) -> OpenOptions {
    OpenOptions {
        create_table: Some(true),
        tls,
        ..OpenOptions::default()
    }
}

async fn opens(url: &str, tls: TlsOptions) {
    let metastore = open(url, with(tls)).await.unwrap();
    assert_eq!(metastore.load_latest("_SK_a_p").await.unwrap(), None);
    metastore.close().await;
}

/// What holds for both: `url` takes parameters, `mode` is the name of the strictest mode.
async fn verifies(url: impl Fn(&str) -> String, mode: &str, certificates: &Certificates) {
    let ours = TlsOptions {
        ca: certificates.read("ca.pem"),
        ..TlsOptions::default()
    };
    opens(&url(""), TlsOptions::default()).await;
    opens(&url(""), ours.clone()).await;
    opens(
        &url(&format!("ssl-ca={}", certificates.path("ca.pem"))),
        TlsOptions::default(),
    )
    .await;
    let stranger = TlsOptions {
        ca: Certificates::make().read("ca.pem"),
        ..TlsOptions::default()
    };
    for parameters in ["", "sslmode=require"] {
        let text = assert_unavailable(open(&url(parameters), with(stranger.clone())).await, false);
        assert!(text.contains("certificate"), "{text}");
    }
    let public_only = url(&format!("sslmode={mode}"));
    assert_unavailable(open(&public_only, with(TlsOptions::default())).await, false);
    let by_name = url("").replace("127.0.0.1", "localhost");
    assert_unavailable(open(&by_name, with(ours.clone())).await, false);
    let key_as_authority = TlsOptions {
        ca: Some(b"-----BEGIN CERTIFICATE-----\nZauberwort!\n-----END CERTIFICATE-----\n".to_vec()),
        ..TlsOptions::default()
    };
    assert_unavailable(open(&url(""), with(key_as_authority)).await, false);
}

#[tokio::test]
async fn postgres_is_verified_once_an_authority_is_given() {
    let certificates = Certificates::make();
    let settings = format!(
        "ssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'\nssl_ca_file = '{}'",
        certificates.path("server.pem"),
        certificates.path("server.key"),
        certificates.path("ca.pem"),
    );
    let Some(server) = OwnPostgres::start_new(&settings) else {
        return skip("PostgreSQL's programs are missing");
    };
    verifies(
        |parameters| server.url(parameters),
        "verify-full",
        &certificates,
    )
    .await;

    // From now on the server wants a client's certificate, and TLS.
    let rules = server.folder().join("data/pg_hba.conf");
    fs::write(rules, "hostssl all all 127.0.0.1/32 cert\n").unwrap();
    server.stop();
    server.start();
    let client = TlsOptions {
        ca: certificates.read("ca.pem"),
        cert: certificates.read("client.pem"),
        key: certificates.read("client.key"),
    };
    assert!(!format!("{client:?}").contains('['));
    opens(&server.url(""), client).await;
    let none = open(&server.url(""), with(TlsOptions::default())).await;
    assert_unavailable(none, false);
    let plain = open(&server.url("sslmode=disable"), with(TlsOptions::default())).await;
    assert_unavailable(plain, false);
}

#[tokio::test]
async fn mariadb_is_verified_once_an_authority_is_given() {
    let certificates = Certificates::make();
    let options = [
        format!("--ssl-cert={}", certificates.path("server.pem")),
        format!("--ssl-key={}", certificates.path("server.key")),
        format!("--ssl-ca={}", certificates.path("ca.pem")),
    ];
    let Some(server) = OwnMariaDb::start_new(&options).await else {
        return skip("MariaDB's programs are missing");
    };
    verifies(
        |parameters| server.url(parameters),
        "VERIFY_IDENTITY",
        &certificates,
    )
    .await;
}

#[tokio::test]
async fn a_server_without_tls_is_refused_unless_the_url_says_otherwise() {
    if let Some(server) = OwnPostgres::start_new("") {
        let text = assert_unavailable(
            open(&server.url(""), with(TlsOptions::default())).await,
            false,
        );
        assert!(text.contains("TLS"), "{text}");
        opens(&server.url("sslmode=prefer"), TlsOptions::default()).await;
    } else {
        skip("PostgreSQL's programs are missing");
    }
    if let Some(server) = OwnMariaDb::start_new(&[]).await {
        let text = assert_unavailable(
            open(&server.url(""), with(TlsOptions::default())).await,
            false,
        );
        assert!(text.contains("TLS"), "{text}");
        opens(&server.url("ssl-mode=PREFERRED"), TlsOptions::default()).await;
    } else {
        skip("MariaDB's programs are missing");
    }
}
