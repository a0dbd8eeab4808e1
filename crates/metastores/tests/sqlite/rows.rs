//! Tables and rows, ours and those of others.

use sealdiff_envelope::MetastoreError;
use sealdiff_metastores::{OpenError, OpenOptions, open};
use sealdiff_testkit::metastore_contract;

use super::support::{
    CREATED, CREATED_TEXT, assert_lasting, at, fresh_path, is_invalid_row, open_at, open_with,
    record, run_sql, select_text,
};

const TABLE: &str = "CREATE TABLE encryption_key (id VARCHAR(255) NOT NULL, \
    created TIMESTAMP NOT NULL, key_record TEXT NOT NULL, PRIMARY KEY (id, created))";

#[tokio::test]
async fn passes_the_contract() {
    let (_folder, path) = fresh_path();
    let metastore = open_at(&path).await.unwrap();
    metastore_contract(&*metastore).await;
    metastore.close().await;
}

#[tokio::test]
async fn passes_the_contract_under_another_table_name() {
    let (_folder, path) = fresh_path();
    let options = OpenOptions {
        table: Some("Keys_2".to_owned()),
        ..OpenOptions::default()
    };
    let metastore = open_with(&path, options).await.unwrap();
    metastore_contract(&*metastore).await;
    metastore.close().await;
    let tables = "SELECT group_concat(name) FROM sqlite_master WHERE type = 'table'";
    assert_eq!(select_text(&path, tables).await, "Keys_2");
}

#[tokio::test]
async fn rows_outlive_the_process_that_wrote_them() {
    let (_folder, path) = fresh_path();
    let writer = open_at(&path).await.unwrap();
    assert!(
        writer
            .store("_SK_svc_prod", at(CREATED), &record(CREATED))
            .await
            .unwrap()
    );
    writer.close().await;
    let reader = open_at(&path).await.unwrap();
    let row = reader.load("_SK_svc_prod", at(CREATED)).await.unwrap();
    assert_eq!(row, Some(record(CREATED)));
    assert!(
        !reader
            .store("_SK_svc_prod", at(CREATED), &record(CREATED))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn created_is_text_that_other_implementations_read() {
    let (_folder, path) = fresh_path();
    let metastore = open_at(&path).await.unwrap();
    metastore
        .store("_SK_svc_prod", at(CREATED), &record(CREATED))
        .await
        .unwrap();
    let created = "SELECT created || ' ' || typeof(created) FROM encryption_key";
    assert_eq!(
        select_text(&path, created).await,
        format!("{CREATED_TEXT} text")
    );
    assert_eq!(select_text(&path, "PRAGMA journal_mode").await, "wal");
}

#[tokio::test]
async fn reads_rows_of_other_implementations() {
    let (_folder, path) = fresh_path();
    run_sql(&path, TABLE).await;
    run_sql(
        &path,
        r#"INSERT INTO encryption_key VALUES
            ('_SK_svc_prod', '2026-11-21 10:30:00', '{"Key":"BwcH","Created":1795257000}')"#,
    )
    .await;
    let metastore = open_at(&path).await.unwrap();
    let row = metastore
        .load("_SK_svc_prod", at(CREATED))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.encrypted_key, [7, 7, 7]);
    assert_eq!(
        metastore.load_latest("_SK_svc_prod").await.unwrap(),
        Some(row)
    );
}

#[tokio::test]
async fn rows_that_are_no_key_records_are_invalid_not_absent() {
    let (_folder, path) = fresh_path();
    run_sql(&path, TABLE).await;
    run_sql(
        &path,
        r#"INSERT INTO encryption_key VALUES
            ('_SK_json', '2026-11-21 10:30:00', '{"Key":'),
            ('_SK_blob', '2026-11-21 10:30:00', x'00ff'),
            ('_SK_time', '2026-11-21 10:30:00', '{"Key":"BwcH","Created":1795257060}'),
            ('_SK_text', '2026-11-21T10:30:00', '{"Key":"BwcH","Created":1795257000}'),
            ('_SK_unix', 1795257000, '{"Key":"BwcH","Created":1795257000}')"#,
    )
    .await;
    let metastore = open_at(&path).await.unwrap();
    for id in ["_SK_json", "_SK_blob", "_SK_time"] {
        assert!(
            is_invalid_row(&metastore.load(id, at(CREATED)).await),
            "{id}"
        );
        assert!(is_invalid_row(&metastore.load_latest(id).await), "{id}");
    }
    // By such a row's time nobody would find it again: records under its key would be lost.
    for id in ["_SK_text", "_SK_unix"] {
        assert!(is_invalid_row(&metastore.load_latest(id).await), "{id}");
    }
}

#[tokio::test]
async fn a_collation_that_confuses_ids_is_noticed_with_the_first_mismatch() {
    let (_folder, path) = fresh_path();
    run_sql(
        &path,
        "CREATE TABLE encryption_key (id VARCHAR(255) COLLATE NOCASE NOT NULL, \
         created TIMESTAMP NOT NULL, key_record TEXT NOT NULL, PRIMARY KEY (id, created))",
    )
    .await;
    let metastore = open_at(&path).await.unwrap();
    assert!(
        metastore
            .store("_IK_Bob", at(CREATED), &record(CREATED))
            .await
            .unwrap()
    );
    assert!(matches!(
        metastore.load_latest("_IK_bob").await,
        Err(MetastoreError::Collation)
    ));
    let of_bob = metastore.load("_IK_bob", at(CREATED)).await.unwrap();
    assert_eq!(of_bob, None);
    assert!(
        !metastore
            .store("_IK_bob", at(CREATED), &record(CREATED))
            .await
            .unwrap()
    );
    assert!(metastore.load_latest("_IK_Bob").await.unwrap().is_some());
}

#[tokio::test]
async fn a_missing_table_or_file_is_an_error_where_none_may_be_made() {
    let (_folder, path) = fresh_path();
    let options = OpenOptions {
        create_table: Some(false),
        ..OpenOptions::default()
    };
    assert_lasting(open_with(&path, options.clone()).await);
    assert!(!path.exists());
    run_sql(&path, "CREATE TABLE other (id TEXT)").await;
    assert_lasting(open_with(&path, options.clone()).await);
    run_sql(&path, TABLE).await;
    open_with(&path, options).await.unwrap();
}

#[tokio::test]
async fn an_existing_table_of_another_shape_is_never_altered() {
    for shape in [
        "CREATE TABLE encryption_key (name TEXT)",
        "CREATE TABLE encryption_key (id TEXT, created TEXT, key_record TEXT)",
    ] {
        let (_folder, path) = fresh_path();
        run_sql(&path, shape).await;
        if let Ok(metastore) = open_at(&path).await {
            let outcome = metastore
                .store("_SK_svc_prod", at(CREATED), &record(CREATED))
                .await;
            let is_lasting = matches!(
                outcome,
                Err(MetastoreError::Unavailable {
                    retryable: false,
                    ..
                })
            );
            assert!(is_lasting, "{outcome:?}");
        }
        let sql = "SELECT group_concat(sql) FROM sqlite_master";
        assert_eq!(select_text(&path, sql).await, shape);
    }
}

#[tokio::test]
async fn urls_that_name_no_plain_file_are_refused_without_an_echo() {
    for url in [
        "",
        "sqlite",
        "sqlite:",
        "sqlite://",
        "sqlite::memory:",
        "sqlite:file:secret?mode=memory",
        "sqlite:file:secret",
        "sqlite:secret?mode=ro",
        "memory:secret",
        "mysql:secret",
        "redis://secret@host/db",
    ] {
        let error = open(url, OpenOptions::default())
            .await
            .map(drop)
            .unwrap_err();
        assert!(
            matches!(error, OpenError::InvalidUrl { .. }),
            "{url}: {error:?}"
        );
        assert!(!error.to_string().contains("secret"));
    }
    let options = OpenOptions {
        table: Some("a\"; DROP TABLE b".to_owned()),
        ..OpenOptions::default()
    };
    let (_folder, path) = fresh_path();
    let outcome = open_with(&path, options).await.map(drop);
    assert!(matches!(outcome, Err(OpenError::InvalidTable(_))));
}

#[tokio::test]
async fn a_closed_metastore_answers_with_an_error() {
    let (_folder, path) = fresh_path();
    let metastore = open_at(&path).await.unwrap();
    metastore.close().await;
    metastore.close().await;
    assert!(metastore.ping().await.is_err());
    assert!(metastore.load_latest("_SK_svc_prod").await.is_err());
}
