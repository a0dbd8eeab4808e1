//! Files that can't be made, read or trusted. Written so that it also holds for root, whom
//! permission bits don't stop.

use std::fs;
use std::path::PathBuf;

use super::support::{CREATED, assert_lasting, at, fresh_path, open_at, record};

#[tokio::test]
async fn a_place_where_no_file_can_be_made_is_a_lasting_failure() {
    let (folder, path) = fresh_path();
    fs::write(&path, "").unwrap();
    for impossible in [
        path.join("below-a-file.db"),
        folder.path().join("missing/keys.db"),
        folder.path().to_owned(),
        PathBuf::from("/proc/keys.db"),
    ] {
        assert_lasting(open_at(&impossible).await);
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_a_lasting_failure_and_stays_as_it_is() {
    let (_folder, path) = fresh_path();
    let garbage = b"this is a text file, and a long one. ".repeat(300);
    fs::write(&path, &garbage).unwrap();
    assert_lasting(open_at(&path).await);
    assert_eq!(fs::read(&path).unwrap(), garbage);
}

#[tokio::test]
async fn a_truncated_database_never_reads_as_empty() {
    let (_folder, path) = fresh_path();
    let metastore = open_at(&path).await.unwrap();
    for minute in 0..200 {
        let created = CREATED + minute * 60;
        metastore
            .store("_SK_svc_prod", at(created), &record(created))
            .await
            .unwrap();
    }
    metastore.close().await;
    let whole = fs::read(&path).unwrap();
    for cut in [
        100,
        4096,
        whole.len() / 2,
        whole.len() - 4096,
        whole.len() - 1,
    ] {
        fs::write(&path, &whole[..cut]).unwrap();
        match open_at(&path).await {
            Err(error) => assert_lasting::<()>(Err(error)),
            Ok(metastore) => {
                for minute in 0..200 {
                    let created = CREATED + minute * 60;
                    let row = metastore.load("_SK_svc_prod", at(created)).await;
                    assert!(
                        !matches!(row, Ok(None)),
                        "cut at {cut}: a lost row reads as absent"
                    );
                }
                metastore.close().await;
            }
        }
    }
}
