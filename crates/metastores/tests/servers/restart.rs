//! Servers that stop and start again under an open metastore; passwords that servers check.

use std::time::Duration;

use sealdiff_envelope::Metastore;
use sealdiff_metastores::{OpenOptions, PoolOptions, open};

use super::own_mariadb::OwnMariaDb;
use super::own_postgres::OwnPostgres;
use super::support::{
    CREATED, PASSWORD, Server, assert_failed, assert_unavailable, at, record, run_at, skip,
};

fn impatient() -> OpenOptions {
    OpenOptions {
        create_table: Some(true),
        pool: PoolOptions {
            acquire_timeout: Some(Duration::from_secs(2)),
            ..PoolOptions::default()
        },
        ..OpenOptions::default()
    }
}

async fn works(metastore: &dyn Metastore, created: u32) {
    metastore.ping().await.unwrap();
    let stored = metastore
        .store("_SK_svc_prod", at(created), &record(created))
        .await;
    assert!(stored.unwrap());
    let row = metastore.load_latest("_SK_svc_prod").await.unwrap();
    assert_eq!(row, Some(record(created)));
}

async fn fails(metastore: &dyn Metastore) {
    for _ in 0..2 {
        assert_failed(metastore.ping().await, true);
        assert_failed(metastore.load("_SK_svc_prod", at(CREATED)).await, true);
        assert_failed(
            metastore.store("_SK_svc_prod", at(1), &record(1)).await,
            true,
        );
    }
}

#[tokio::test]
async fn postgres_may_stop_and_start_under_an_open_metastore() {
    let Some(server) = OwnPostgres::start_new("") else {
        return skip("PostgreSQL's programs are missing");
    };
    let metastore = open(&server.url("sslmode=disable"), impatient())
        .await
        .unwrap();
    for round in 0..2 {
        works(&*metastore, CREATED + 120 * round).await;
        server.stop();
        fails(&*metastore).await;
        server.start();
        works(&*metastore, CREATED + 60 + 120 * round).await;
    }
    metastore.close().await;
}

#[tokio::test]
async fn mariadb_may_be_killed_and_started_under_an_open_metastore() {
    let Some(mut server) = OwnMariaDb::start_new(&[]).await else {
        return skip("MariaDB's programs are missing");
    };
    let metastore = open(&server.url("sslmode=disable"), impatient())
        .await
        .unwrap();
    works(&*metastore, CREATED).await;
    server.stop();
    fails(&*metastore).await;
    server.start().await;
    works(&*metastore, CREATED + 60).await;
    metastore.close().await;
}

#[tokio::test]
async fn mariadb_may_be_read_only_for_a_while() {
    let Some(server) = OwnMariaDb::start_new(&[]).await else {
        return skip("MariaDB's programs are missing");
    };
    let admin = server.admin_url();
    open(&server.url("sslmode=disable"), impatient())
        .await
        .unwrap()
        .close()
        .await;
    let sql = format!(
        "CREATE USER service@'%' IDENTIFIED BY '{PASSWORD}'; \
         GRANT SELECT, INSERT ON test.* TO service@'%'; SET GLOBAL read_only = 1"
    );
    run_at(Server::MySql, &admin, &sql).await.unwrap();
    let local = format!(
        "mariadb://service:{PASSWORD}@localhost/test?socket={}",
        server.socket()
    );
    let metastore = open(&local, OpenOptions::default()).await.unwrap();
    let stored = metastore
        .store("_SK_svc_prod", at(CREATED), &record(CREATED))
        .await;
    assert!(assert_failed(stored, true).contains("1290"));
    run_at(Server::MySql, &admin, "SET GLOBAL read_only = 0")
        .await
        .unwrap();
    works(&*metastore, CREATED).await;
    metastore.close().await;
}

#[tokio::test]
async fn postgres_refuses_a_wrong_password_and_an_unknown_database_for_good() {
    let Some(server) = OwnPostgres::start_new("") else {
        return skip("PostgreSQL's programs are missing");
    };
    let right = server.url("sslmode=disable");
    // Over its socket, where no TLS is needed, unless the URL asks for it.
    let local = format!(
        "postgresql:///postgres?user=admin&password={PASSWORD}&host={}&port={}",
        server.folder().display(),
        server.port
    );
    open(&local, impatient()).await.unwrap().close().await;
    let asked = open(&format!("{local}&sslmode=require"), impatient()).await;
    assert_unavailable(asked, false);
    let wrong = right.replace(PASSWORD, "wrong-Zauberwort");
    let text = assert_unavailable(open(&wrong, impatient()).await, false);
    assert!(text.contains("28P01"), "{text}");
    let unknown = right.replace("/postgres?", "/no_such_database?");
    let text = assert_unavailable(open(&unknown, impatient()).await, false);
    assert!(text.contains("3D000"), "{text}");
}
