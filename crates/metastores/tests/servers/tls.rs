//! TLS: required unless the URL says otherwise, and verified once an authority is given.

use std::fs;
use std::path::Path;

use sealdiff_metastores::{OpenOptions, TlsOptions, open};
use sealdiff_testkit::Certificates;
use sealdiff_testkit::tempfile::TempDir;

use super::own_mariadb::OwnMariaDb;
use super::own_postgres::{OwnPostgres, folder_for_servers, give_away};
use super::support::{assert_unavailable, skip};

/// Certificates that the servers' users may read, and the folder that holds them.
struct OwnCertificates {
    files: Certificates,
    _folder: TempDir,
}

impl OwnCertificates {
    fn make() -> Self {
        let folder = folder_for_servers();
        let files = Certificates::make_in(folder.path(), "admin");
        for file in ["ca.pem", "server.pem", "server.key"] {
            give_away(Path::new(&files.path(file)));
        }
        Self {
            files,
            _folder: folder,
        }
    }

    fn path(&self, file: &str) -> String {
        self.files.path(file)
    }

    fn read(&self, file: &str) -> Option<Vec<u8>> {
        self.files.read(file)
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
async fn verifies(url: impl Fn(&str) -> String, mode: &str, certificates: &OwnCertificates) {
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
        ca: OwnCertificates::make().read("ca.pem"),
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
    let certificates = OwnCertificates::make();
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
    let certificates = OwnCertificates::make();
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
