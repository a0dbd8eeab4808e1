//! MySQL and MariaDB: collations, rights, races; and what PostgreSQL's tests share with them.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use sealdiff_envelope::{Metastore, MetastoreError};
use sealdiff_metastores::{OpenOptions, PoolOptions, open};
use sealdiff_testkit::{metastore_contract, metastore_contract_until};

use super::logs::Logs;
use super::support::{
    CREATED, CREATED_TEXT, MYSQL_END, PASSWORD, Place, Server, assert_failed, assert_unavailable,
    at, in_fresh_place, record, unique_name,
};

const ROW: &str = r#"{"Key":"BwcH","Created":1795257000}"#;

/// `Bob` is stored; `bob` would share his key.
pub(crate) async fn confuses_bob_with_bob(metastore: &dyn Metastore) {
    let (bob, other) = ("_IK_Bob_s_p", "_IK_bob_s_p");
    assert!(
        metastore
            .store(bob, at(CREATED), &record(CREATED))
            .await
            .unwrap()
    );
    let refused = |outcome: Result<(), MetastoreError>| {
        assert!(
            matches!(outcome, Err(MetastoreError::Collation)),
            "{outcome:?}"
        );
    };
    refused(metastore.load_latest(other).await.map(drop));
    for created in [CREATED, CREATED + 60] {
        refused(
            metastore
                .store(other, at(created), &record(created))
                .await
                .map(drop),
        );
    }
    let absent = metastore.load(other, at(CREATED)).await.unwrap();
    assert_eq!(absent, None, "decrypts nothing with another's key");
    // Nothing of the refused one stays behind to stop the first one.
    let row = metastore.load_latest(bob).await.unwrap();
    assert_eq!(row, Some(record(CREATED)));
    assert!(
        !metastore
            .store(bob, at(CREATED), &record(CREATED))
            .await
            .unwrap()
    );
    assert!(
        metastore
            .store(bob, at(CREATED + 60), &record(CREATED + 60))
            .await
            .unwrap()
    );
    metastore.close().await;
}

pub(crate) async fn eight_pools_store_one_key(place: &Place) {
    let opened = join_all((0..8).map(|_| place.open())).await;
    for round in 0..5 {
        let created = CREATED + round * 60;
        let new = record(created);
        let stores = opened
            .iter()
            .map(|m| m.store("_SK_svc_prod", at(created), &new));
        let outcomes = join_all(stores).await;
        let first = outcomes
            .into_iter()
            .filter(|outcome| *outcome.as_ref().unwrap());
        assert_eq!(first.count(), 1);
    }
    for metastore in opened {
        metastore.close().await;
    }
}

/// More callers give up than there are connections, each in the middle of a statement.
pub(crate) async fn callers_stop_waiting(place: &Place) {
    let options = OpenOptions {
        pool: PoolOptions {
            max_connections: Some(2),
            ..PoolOptions::default()
        },
        ..place.options(true)
    };
    let metastore = open(&place.url(), options).await.unwrap();
    for id in ["_SK_a_p", "_SK_b_p"] {
        assert!(
            metastore
                .store(id, at(CREATED), &record(CREATED))
                .await
                .unwrap()
        );
    }
    let lock = place.lock_table().await;
    for _ in 0..6 {
        let waiting = metastore.load_latest("_SK_a_p");
        let outcome = tokio::time::timeout(Duration::from_millis(50), waiting).await;
        assert!(outcome.is_err(), "the table is locked");
        let new = record(CREATED + 60);
        let waiting = metastore.store("_SK_b_p", at(CREATED + 60), &new);
        let outcome = tokio::time::timeout(Duration::from_millis(50), waiting).await;
        assert!(outcome.is_err(), "the table is locked");
    }
    drop(lock);
    for _ in 0..6 {
        let row = metastore.load("_SK_a_p", at(CREATED)).await.unwrap();
        assert_eq!(row, Some(record(CREATED)));
        assert_eq!(metastore.load_latest("_SK_c_p").await.unwrap(), None);
    }
    metastore.close().await;
}

/// Each caller gives up a step later than the one before, in the middle of whatever it waits for:
/// the connection, the statement's preparation, its rows. Nobody gets another's answer.
pub(crate) async fn callers_give_up_at_every_step(place: &Place) {
    let options = OpenOptions {
        pool: PoolOptions {
            max_connections: Some(1),
            ..PoolOptions::default()
        },
        ..place.options(true)
    };
    // Without cached statements, each call has every step.
    let url = format!("{}&statement-cache-capacity=0", place.url());
    let metastore = open(&url, options).await.unwrap();
    for created in [60, 120] {
        let id = format!("_SK_{created}_p");
        assert!(
            metastore
                .store(&id, at(created), &record(created))
                .await
                .unwrap()
        );
    }
    for steps in 0..40 {
        give_up_after(steps, metastore.load_latest("_SK_60_p")).await;
        let row = metastore.load_latest("_SK_120_p").await.unwrap();
        assert_eq!(row, Some(record(120)), "after {steps} steps");
        let new = record(180);
        give_up_after(steps, metastore.store("_SK_60_p", at(180), &new)).await;
        let row = metastore.load("_SK_60_p", at(60)).await.unwrap();
        assert_eq!(row, Some(record(60)), "after {steps} steps");
    }
    metastore.close().await;
}

/// Polls a call so many times, then drops it.
async fn give_up_after<F: Future + Unpin>(steps: u32, mut call: F) {
    let mut polls = 0;
    poll_fn(|context| {
        if polls == steps || call.poll_unpin(context).is_ready() {
            return Poll::Ready(());
        }
        polls += 1;
        Poll::Pending
    })
    .await;
}

/// The adapter's callers live on threads that know no runtime.
pub(crate) async fn a_call_is_dropped_elsewhere(place: &Place) {
    let metastore = place.open().await;
    let lock = place.lock_table().await;
    let of_call = Arc::clone(&metastore);
    let mut call = async move { of_call.load_latest("_SK_a_p").await.is_ok() }.boxed();
    let _timeout = tokio::time::timeout(Duration::from_millis(100), &mut call).await;
    std::thread::spawn(move || drop(call)).join().unwrap();
    drop(lock);
    assert_eq!(metastore.load_latest("_SK_a_p").await.unwrap(), None);
    metastore.close().await;
}

#[tokio::test]
async fn a_caller_may_give_up_at_every_step() {
    in_fresh_place(Server::MySql, |place| async move {
        callers_give_up_at_every_step(&place).await;
    })
    .await;
}

#[tokio::test]
async fn a_call_may_be_dropped_outside_of_the_runtime() {
    in_fresh_place(Server::MySql, |place| async move {
        a_call_is_dropped_elsewhere(&place).await;
    })
    .await;
}

#[tokio::test]
async fn passes_the_contract_over_its_own_table() {
    in_fresh_place(Server::MySql, |place| async move {
        let logs = Logs::start();
        let metastore = place.open().await;
        metastore_contract_until(&*metastore, MYSQL_END).await;
        metastore.close().await;
        assert!(logs.text().contains("encryption_key"));
        assert!(!logs.text().contains("_contract_"), "{}", logs.text());
        let collation = place
            .select_text(&format!(
                "SELECT collation_name FROM information_schema.columns \
                 WHERE table_schema = '{}' AND column_name = 'id'",
                place.name
            ))
            .await;
        assert!(
            ["utf8mb4_0900_bin", "utf8mb4_nopad_bin"].contains(&collation.as_str()),
            "{collation}"
        );
    })
    .await;
}

#[tokio::test]
async fn passes_the_contract_over_a_datetime_column_of_others() {
    in_fresh_place(Server::MySql, |place| async move {
        let id = "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin";
        place.create_table(id, "DATETIME(6)", "LONGTEXT").await;
        let metastore = place.open_existing().await;
        metastore_contract(&*metastore).await;
        metastore.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_collation_that_confuses_ids_stops_encryption_only() {
    in_fresh_place(Server::MySql, |place| async move {
        let id = "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci";
        place.create_table(id, "TIMESTAMP", "TEXT").await;
        confuses_bob_with_bob(&*place.open_existing().await).await;
    })
    .await;
}

#[tokio::test]
async fn a_binary_collation_that_pads_tells_all_but_trailing_spaces_apart() {
    in_fresh_place(Server::MySql, |place| async move {
        let id = "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
        place.create_table(id, "TIMESTAMP", "TEXT").await;
        let metastore = place.open_existing().await;
        for id in ["_IK_Bob", "_IK_bob", "_IK_bób"] {
            assert!(
                metastore
                    .store(id, at(CREATED), &record(CREATED))
                    .await
                    .unwrap()
            );
            assert!(metastore.load_latest(id).await.unwrap().is_some());
        }
        let padded = metastore.load_latest("_IK_bob ").await;
        assert!(
            matches!(padded, Err(MetastoreError::Collation)),
            "{padded:?}"
        );
        let padded = metastore.store("_IK_bob ", at(60), &record(60)).await;
        assert!(
            matches!(padded, Err(MetastoreError::Collation)),
            "{padded:?}"
        );
        metastore.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_id_that_the_column_cannot_keep_is_an_error_and_leaves_no_row() {
    in_fresh_place(Server::MySql, |place| async move {
        // A server's own lax mode is not ours.
        let id = "VARCHAR(12) CHARACTER SET latin1 COLLATE latin1_bin";
        place.create_table(id, "TIMESTAMP", "TEXT").await;
        let metastore = place.open_existing().await;
        for id in ["_IK_much_too_long_for_it", "_IK_\u{1F511}"] {
            assert_failed(
                metastore.store(id, at(CREATED), &record(CREATED)).await,
                false,
            );
        }
        metastore.close().await;
        let count = format!("SELECT CAST(COUNT(*) AS CHAR) FROM {}", place.table());
        assert_eq!(place.select_text(&count).await, "0");
    })
    .await;
}

#[tokio::test]
async fn rows_that_are_no_key_records_are_invalid_not_absent() {
    in_fresh_place(Server::MySql, |place| async move {
        place.open().await.close().await;
        for (id, created, row) in [
            ("_SK_json", CREATED_TEXT, "{\"Key\":"),
            ("_SK_time", "2026-11-21 10:30:01", ROW),
        ] {
            let insert = format!("INSERT INTO {} VALUES", place.table());
            place
                .run(&format!("{insert} ('{id}', '{created}', '{row}')"))
                .await;
        }
        let metastore = place.open_existing().await;
        for id in ["_SK_json", "_SK_time"] {
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
async fn of_eight_pools_that_store_one_key_one_is_the_first() {
    in_fresh_place(Server::MySql, |place| async move {
        eight_pools_store_one_key(&place).await;
    })
    .await;
}

#[tokio::test]
async fn a_caller_that_stops_waiting_spoils_nothing_for_the_next_one() {
    in_fresh_place(Server::MySql, |place| async move {
        callers_stop_waiting(&place).await;
    })
    .await;
}

#[tokio::test]
async fn a_service_that_only_decrypts_needs_no_right_to_write() {
    in_fresh_place(Server::MySql, |place| async move {
        let writer = place.open().await;
        assert!(
            writer
                .store("_SK_svc_prod", at(CREATED), &record(CREATED))
                .await
                .unwrap()
        );
        let user = fresh_user(&place, "SELECT").await;
        for create_table in [false, true] {
            let reader = open(&place.url_as(&user), place.options(create_table))
                .await
                .unwrap();
            reader.ping().await.unwrap();
            let row = reader.load("_SK_svc_prod", at(CREATED)).await.unwrap();
            assert_eq!(row, Some(record(CREATED)));
            let stored = reader.store("_SK_svc_prod", at(60), &record(60)).await;
            assert!(assert_failed(stored, false).contains("1142"));
            assert!(reader.load_latest("_SK_svc_prod").await.unwrap().is_some());
            reader.close().await;
        }
        writer.close().await;
        place.run(&format!("DROP USER {user}")).await;
    })
    .await;
}

#[tokio::test]
async fn a_missing_table_database_right_or_password_is_an_error_that_lasts() {
    in_fresh_place(Server::MySql, |place| async move {
        let text = assert_unavailable(open(&place.url(), place.options(false)).await, false);
        assert!(text.contains("1146"), "{text}");
        place.open().await.close().await;
        let user = fresh_user(&place, "INSERT").await;
        assert_unavailable(
            open(&place.url_as(&user), place.options(false)).await,
            false,
        );
        let wrong = place.url_as(&user).replace(PASSWORD, "wrong-Zauberwort");
        let text = assert_unavailable(open(&wrong, place.options(false)).await, false);
        assert!(text.contains("1045"), "{text}");
        let unknown = place.url().replace(&place.name, "no_such_database");
        let text = assert_unavailable(open(&unknown, place.options(true)).await, false);
        assert!(text.contains("1049"), "{text}");
        place.run(&format!("DROP USER {user}")).await;
    })
    .await;
}

async fn fresh_user(place: &Place, rights: &str) -> String {
    let user = unique_name();
    place
        .run(&format!(
            "CREATE USER {user} IDENTIFIED BY '{PASSWORD}'; GRANT {rights} ON {} TO {user}",
            place.table()
        ))
        .await;
    user
}
