//! A server that isn't in UTC: rows are what plain SQL says, ours and those of others.

use sealdiff_metastores::{OpenOptions, open};
use sealdiff_testkit::metastore_contract_until;

use super::logs::Logs;
use super::own_mariadb::OwnMariaDb;
use super::support::{
    CREATED, CREATED_TEXT, MYSQL_END, PASSWORD, Place, Server, at, in_fresh_place, record, run_at,
    select_text_at, skip,
};

/// 5 hours and 30 minutes behind UTC. Ahead of it, the first hours of 1970, which the contract
/// uses, have no place in the column.
const OFFSET_SECONDS: u32 = 19_800;

#[tokio::test]
async fn rows_of_a_server_that_is_not_in_utc_are_what_plain_sql_says() {
    let zone = "--default-time-zone=-05:30".to_owned();
    let Some(server) = OwnMariaDb::start_new(&[zone]).await else {
        return skip("MariaDB's programs are missing");
    };
    let logs = Logs::start();
    let options = OpenOptions {
        create_table: Some(true),
        ..OpenOptions::default()
    };
    let metastore = open(&server.url("sslmode=disable"), options).await.unwrap();
    assert!(
        logs.text().contains("time zone is not UTC"),
        "{}",
        logs.text()
    );

    let sql = format!(
        "INSERT INTO encryption_key VALUES \
         ('_SK_other', '{CREATED_TEXT}', '{{\"Key\":\"BwcH\",\"Created\":{CREATED}}}')"
    );
    run_at(Server::MySql, &server.admin_url(), &sql)
        .await
        .unwrap();
    assert!(
        metastore
            .load("_SK_other", at(CREATED))
            .await
            .unwrap()
            .is_some()
    );
    assert!(metastore.load_latest("_SK_other").await.unwrap().is_some());
    assert!(
        !metastore
            .store("_SK_other", at(CREATED), &record(CREATED))
            .await
            .unwrap()
    );

    assert!(
        metastore
            .store("_SK_ours", at(CREATED), &record(CREATED))
            .await
            .unwrap()
    );
    let ours = "SELECT CAST(created AS CHAR) FROM encryption_key WHERE id = '_SK_ours'";
    let ours = select_text_at(Server::MySql, &server.admin_url(), ours).await;
    assert_eq!(ours, CREATED_TEXT);

    // The column ends at one instant, whose local name is earlier.
    metastore_contract_until(&*metastore, MYSQL_END - OFFSET_SECONDS).await;
    metastore.close().await;
    assert!(!logs.text().contains(PASSWORD));
}

#[tokio::test]
async fn nothing_is_warned_of_where_the_server_is_in_utc() {
    in_fresh_place(Server::MySql, |place| async move {
        if !is_in_utc(&place).await {
            return skip("the machine's MySQL is not in UTC");
        }
        let logs = Logs::start();
        place.open().await.close().await;
        assert!(!logs.text().contains("WARN"), "{}", logs.text());
    })
    .await;
}

async fn is_in_utc(place: &Place) -> bool {
    let difference = "SELECT CAST(TIMEDIFF(NOW(), UTC_TIMESTAMP()) AS CHAR)";
    place.select_text(difference).await == "00:00:00"
}
