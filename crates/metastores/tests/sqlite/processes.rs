//! Many processes over one file, and processes with fewer rights.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;

use sealdiff_envelope::MetastoreError;
use tokio::runtime::{Builder, Runtime};

use super::support::{CREATED, at, fresh_path, open_at, record, run_sql};

const PATH: &str = "SEALDIFF_TEST_DATABASE";
const NOBODY: u32 = 65_534;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

/// Opens the file and stores one key, the same for all; true if it was the first.
fn open_and_store(path: &Path) -> bool {
    runtime().block_on(async {
        let metastore = open_at(path).await.unwrap();
        let stored = metastore
            .store("_SK_svc_prod", at(CREATED), &record(CREATED))
            .await;
        metastore.close().await;
        stored.unwrap()
    })
}

#[test]
fn of_eight_threads_that_open_a_fresh_file_at_once_one_stores_the_key() {
    for _ in 0..5 {
        let (_folder, path) = fresh_path();
        let barrier = Barrier::new(8);
        let first = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        open_and_store(&path)
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .filter(|first| *first)
                .count()
        });
        assert_eq!(first, 1);
    }
}

#[test]
fn of_eight_processes_that_open_a_fresh_file_at_once_one_stores_the_key() {
    let (_folder, path) = fresh_path();
    let program = std::env::current_exe().unwrap();
    let mut children: Vec<_> = (0..8)
        .map(|_| start(Command::new(&program), "processes::child_stores", &path))
        .collect();
    let outputs = children
        .drain(..)
        .map(|child| child.wait_with_output().unwrap());
    let first = outputs
        .map(|output| {
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(
                output.status.success(),
                "{text}{}",
                String::from_utf8_lossy(&output.stderr)
            );
            text.contains("was the first")
        })
        .filter(|was_first| *was_first)
        .count();
    assert_eq!(first, 1);
}

#[test]
#[ignore = "a child process of the test above"]
fn child_stores() {
    if open_and_store(&path_from_parent()) {
        println!("was the first");
    }
}

/// What services have that only decrypt: a file, and a folder, that they may read.
#[test]
fn a_process_without_the_right_to_write_reads() {
    let (folder, path) = fresh_path();
    assert!(open_and_store(&path));
    run_read_only(folder.path(), &path);
}

#[test]
fn a_process_without_the_right_to_write_reads_beside_a_writer() {
    let (folder, path) = fresh_path();
    let runtime = runtime();
    let writer = runtime.block_on(async {
        let writer = open_at(&path).await.unwrap();
        writer
            .store("_SK_svc_prod", at(CREATED), &record(CREATED))
            .await
            .unwrap();
        writer
    });
    run_read_only(folder.path(), &path);
    runtime.block_on(writer.close());
}

#[test]
fn a_process_without_the_right_to_write_reads_a_file_with_a_rollback_journal() {
    let (folder, path) = fresh_path();
    assert!(open_and_store(&path));
    runtime().block_on(run_sql(&path, "PRAGMA journal_mode = DELETE"));
    run_read_only(folder.path(), &path);
}

#[test]
#[ignore = "a child process of the tests above"]
fn child_reads() {
    let path = path_from_parent();
    assert!(
        fs::write(path.with_file_name("x"), "").is_err(),
        "it may not write"
    );
    runtime().block_on(async {
        let metastore = open_at(&path).await.unwrap();
        metastore.ping().await.unwrap();
        let expected = Some(record(CREATED));
        let exact = metastore.load("_SK_svc_prod", at(CREATED)).await.unwrap();
        assert_eq!(exact, expected);
        assert_eq!(
            metastore.load_latest("_SK_svc_prod").await.unwrap(),
            expected
        );
        assert_eq!(metastore.load_latest("_SK_other").await.unwrap(), None);
        let stored = metastore.store("_SK_svc_prod", at(60), &record(60)).await;
        let is_lasting = matches!(
            stored,
            Err(MetastoreError::Unavailable {
                retryable: false,
                ..
            })
        );
        assert!(is_lasting, "{stored:?}");
        metastore.close().await;
    });
}

/// Runs [`child_reads`] where it may only read: permission bits stop nobody who is root, so that
/// root's child is somebody else.
fn run_read_only(folder: &Path, path: &Path) {
    let program = folder.join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let mode = if file == program { 0o555 } else { 0o444 };
        fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o555)).unwrap();
    let mut command = Command::new(&program);
    if fs::metadata(folder).unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = start(command, "processes::child_reads", path)
        .wait_with_output()
        .unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{}{errors}",
        String::from_utf8_lossy(&output.stdout)
    );
}

fn start(mut command: Command, test: &str, path: &Path) -> Child {
    command
        .args([test, "--exact", "--ignored", "--nocapture"])
        .env(PATH, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "how a child process of a test gets its argument"
)]
fn path_from_parent() -> PathBuf {
    std::env::var(PATH).unwrap().into()
}
