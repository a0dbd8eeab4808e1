//! PostgreSQL: column types, schemas, rights, races.

use sealdiff_envelope::{Metastore, MetastoreError};
use sealdiff_metastores::{OpenOptions, PoolOptions, open};
use sealdiff_testkit::metastore_contract;

use super::logs::Logs;
use super::support::{
    CREATED, CREATED_TEXT, Place, Server, assert_failed, assert_unavailable, at, in_fresh_place,
    record, unique_name,
};

const ROW: &str = r#"{"Key":"BwcH","Created":1795257000}"#;

async fn passes_the_contract_over(created: &str, key_record: &str) {
    in_fresh_place(Server::Postgres, |place| async move {
        place
            .create_table("VARCHAR(255)", created, key_record)
            .await;
        let metastore = place.open_existing().await;
        metastore_contract(&*metastore).await;
        metastore.close().await;
    })
    .await;
}

#[tokio::test]
async fn passes_the_contract_over_its_own_table() {
    in_fresh_place(Server::Postgres, |place| async move {
        let logs = Logs::start();
        let metastore = place.open().await;
        metastore_contract(&*metastore).await;
        metastore.close().await;
        assert!(logs.text().contains("encryption_key"));
        assert!(!logs.text().contains("_contract_"), "{}", logs.text());
        let again = place.open().await;
        assert!(again.load_latest("_SK_contract_p").await.unwrap().is_some());
        again.close().await;
    })
    .await;
}

#[tokio::test]
async fn passes_the_contract_over_text_columns() {
    passes_the_contract_over("TIMESTAMP", "TEXT").await;
}

#[tokio::test]
async fn passes_the_contract_over_json_columns() {
    passes_the_contract_over("TIMESTAMP", "JSON").await;
}

#[tokio::test]
async fn passes_the_contract_over_jsonb_columns() {
    passes_the_contract_over("TIMESTAMP", "JSONB").await;
}

#[tokio::test]
async fn passes_the_contract_over_times_with_a_zone() {
    passes_the_contract_over("TIMESTAMPTZ", "VARCHAR(4000)").await;
}

#[tokio::test]
async fn created_is_utc_whatever_the_database_prefers() {
    for column in ["TIMESTAMP", "TIMESTAMPTZ"] {
        in_fresh_place(Server::Postgres, |place| async move {
            place.create_table("VARCHAR(255)", column, "JSONB").await;
            let role = fresh_role(&place, "SELECT, INSERT").await;
            place
                .run(&format!(
                    "ALTER ROLE {role} SET TimeZone = 'Asia/Kolkata'; \
                     ALTER ROLE {role} SET DateStyle = 'German'"
                ))
                .await;
            let row = format!("INSERT INTO {} VALUES ('_SK_other', ", place.table());
            place
                .run(&format!(
                    "SET TimeZone = 'UTC'; {row} '{CREATED_TEXT}', '{ROW}')"
                ))
                .await;
            let metastore = open(&place.url_as(&role), place.options(false))
                .await
                .unwrap();
            assert!(
                metastore
                    .load("_SK_other", at(CREATED))
                    .await
                    .unwrap()
                    .is_some()
            );
            let stored = metastore
                .store("_SK_ours", at(CREATED), &record(CREATED))
                .await;
            assert!(stored.unwrap());
            metastore.close().await;
            let distinct = format!(
                "SELECT string_agg(DISTINCT (created AT TIME ZONE 'UTC')::text, ',') FROM {}",
                place.table()
            );
            let distinct = place.select_text(&distinct).await;
            assert_eq!(distinct.split(',').count(), 1, "{distinct}");
            drop_role(&place, &role).await;
        })
        .await;
    }
}

#[tokio::test]
async fn rows_that_are_no_key_records_are_invalid_not_absent() {
    in_fresh_place(Server::Postgres, |place| async move {
        place
            .create_table("VARCHAR(255)", "TIMESTAMP", "TEXT")
            .await;
        for (id, created, row) in [
            ("_SK_json", CREATED_TEXT, "{\"Key\":"),
            ("_SK_time", "2026-11-21 10:30:01", ROW),
            ("_SK_half", "2026-11-21 10:30:00.5", ROW),
        ] {
            let insert = format!("INSERT INTO {} VALUES", place.table());
            place
                .run(&format!("{insert} ('{id}', '{created}', '{row}')"))
                .await;
        }
        let metastore = place.open_existing().await;
        for id in ["_SK_json", "_SK_time", "_SK_half"] {
            let latest = metastore.load_latest(id).await;
            assert!(
                matches!(latest, Err(MetastoreError::InvalidRow { .. })),
                "{id}"
            );
        }
        metastore.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_collation_that_confuses_ids_stops_encryption_only() {
    in_fresh_place(Server::Postgres, |place| async move {
        let collation = format!("{}.no_case", place.name);
        place
            .run(&format!(
                "CREATE COLLATION {collation} \
                 (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
            ))
            .await;
        let id = format!("VARCHAR(255) COLLATE {collation}");
        place.create_table(&id, "TIMESTAMP", "TEXT").await;
        super::mysql::confuses_bob_with_bob(&*place.open_existing().await).await;
    })
    .await;
}

#[tokio::test]
async fn of_eight_pools_that_store_one_key_one_is_the_first() {
    in_fresh_place(Server::Postgres, |place| async move {
        super::mysql::eight_pools_store_one_key(&place).await;
    })
    .await;
}

#[tokio::test]
async fn a_service_that_only_decrypts_needs_no_right_to_write() {
    in_fresh_place(Server::Postgres, |place| async move {
        let writer = place.open().await;
        assert!(
            writer
                .store("_SK_svc_prod", at(CREATED), &record(CREATED))
                .await
                .unwrap()
        );
        let role = fresh_role(&place, "SELECT").await;
        for create_table in [false, true] {
            let reader = open(&place.url_as(&role), place.options(create_table))
                .await
                .unwrap();
            reader.ping().await.unwrap();
            let row = reader.load("_SK_svc_prod", at(CREATED)).await.unwrap();
            assert_eq!(row, Some(record(CREATED)));
            let stored = reader.store("_SK_svc_prod", at(60), &record(60)).await;
            assert!(assert_failed(stored, false).contains("permission denied"));
            assert!(reader.load_latest("_SK_svc_prod").await.unwrap().is_some());
            reader.close().await;
        }
        writer.close().await;
        drop_role(&place, &role).await;
    })
    .await;
}

#[tokio::test]
async fn a_missing_table_or_right_is_an_error_that_lasts() {
    in_fresh_place(Server::Postgres, |place| async move {
        let text = assert_unavailable(open(&place.url(), place.options(false)).await, false);
        assert!(text.contains("42P01"), "{text}");
        let elsewhere = OpenOptions {
            create_table: Some(true),
            table: Some("no_such_schema_here.keys".to_owned()),
            ..OpenOptions::default()
        };
        assert_unavailable(open(&place.url(), elsewhere).await, false);
        place.open().await.close().await;
        let role = fresh_role(&place, "INSERT").await;
        assert_unavailable(
            open(&place.url_as(&role), place.options(false)).await,
            false,
        );
        drop_role(&place, &role).await;
    })
    .await;
}

#[tokio::test]
async fn a_caller_that_stops_waiting_spoils_nothing_for_the_next_one() {
    in_fresh_place(Server::Postgres, |place| async move {
        super::mysql::callers_stop_waiting(&place).await;
    })
    .await;
}

#[tokio::test]
async fn a_caller_may_give_up_at_every_step() {
    in_fresh_place(Server::Postgres, |place| async move {
        super::mysql::callers_give_up_at_every_step(&place).await;
    })
    .await;
}

#[tokio::test]
async fn a_call_may_be_dropped_outside_of_the_runtime() {
    in_fresh_place(Server::Postgres, |place| async move {
        super::mysql::a_call_is_dropped_elsewhere(&place).await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_a_failover_made_read_only_is_left_for_a_new_connection() {
    in_fresh_place(Server::Postgres, |place| async move {
        place.open().await.close().await;
        let role = fresh_role(&place, "SELECT, INSERT").await;
        let read_only = format!("ALTER ROLE {role} SET default_transaction_read_only");
        place.run(&format!("{read_only} = on")).await;
        let metastore = open(&place.url_as(&role), place.options(false))
            .await
            .unwrap();
        let store = || async { metastore.store("_SK_a_p", at(60), &record(60)).await };
        assert!(assert_failed(store().await, true).contains("25006"));
        place.run(&format!("{read_only} = off")).await;
        assert!(store().await.unwrap(), "the old session is read-only still");
        metastore.close().await;
        drop_role(&place, &role).await;
    })
    .await;
}

#[tokio::test]
async fn debug_shows_no_secret() {
    in_fresh_place(Server::Postgres, |place| async move {
        let options = sealdiff_metastores::PostgresOptions {
            create_table: true,
            table: sealdiff_metastores::QualifiedTableName::new(&place.table()).unwrap(),
            pool: PoolOptions::default(),
            tls: sealdiff_metastores::TlsOptions::default(),
        };
        let url = place.url();
        let metastore = sealdiff_metastores::PostgresMetastore::open(&url, options);
        let metastore = metastore.await.unwrap();
        assert!(!format!("{metastore:?}").contains(super::support::PASSWORD));
        metastore.close().await;
    })
    .await;
}

async fn fresh_role(place: &Place, rights: &str) -> String {
    let role = unique_name();
    place
        .run(&format!(
            "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA {} TO {role}; \
             GRANT {rights} ON {} TO {role}",
            place.name,
            place.table()
        ))
        .await;
    role
}

async fn drop_role(place: &Place, role: &str) {
    place
        .run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}
