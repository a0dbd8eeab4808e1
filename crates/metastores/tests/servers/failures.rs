//! URLs that can't be used, and servers that aren't there.

use std::time::Duration;

use sealdiff_metastores::{InvalidUrl, OpenError, OpenOptions, PoolOptions, open};
use tokio::net::TcpListener;

use super::logs::Logs;
use super::own_postgres::free_port;
use super::support::{PASSWORD, assert_unavailable};

fn impatient() -> OpenOptions {
    OpenOptions {
        pool: PoolOptions {
            acquire_timeout: Some(Duration::from_millis(300)),
            ..PoolOptions::default()
        },
        ..OpenOptions::default()
    }
}

#[tokio::test]
async fn a_server_that_is_down_may_be_up_again_later() {
    let logs = Logs::start();
    for scheme in ["postgres", "postgresql", "mysql", "mariadb"] {
        let url = format!("{scheme}://u:{PASSWORD}@127.0.0.1:{}/d", free_port());
        let text = assert_unavailable(open(&url, impatient()).await, true);
        assert!(text.contains("refused"), "{text}");
    }
    assert!(!logs.text().contains(PASSWORD));
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_in_time() {
    let deaf = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = deaf.local_addr().unwrap();
    for scheme in ["postgres", "mysql"] {
        let url = format!("{scheme}://u:{PASSWORD}@{address}/d?sslmode=disable");
        let text = assert_unavailable(open(&url, impatient()).await, true);
        assert!(text.contains("no connection within"), "{text}");
    }
}

#[tokio::test]
async fn parameters_that_are_not_known_are_named_without_their_values() {
    let logs = Logs::start();
    for (url, name) in [
        (
            "postgres://h/d?target_session_attrs=Zauberwort",
            "target_session_attrs",
        ),
        ("mysql://h/d?timezone=Zauberwort", "timezone"),
        ("mariadb://h/d?charset=Zauberwort", "charset"),
    ] {
        let error = open(url, OpenOptions::default())
            .await
            .map(drop)
            .unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
        assert!(matches!(
            &error,
            OpenError::InvalidUrl(InvalidUrl::UnknownParameter(found)) if found == name
        ));
        assert!(!format!("{error:?}{error}").contains(PASSWORD));
    }
    assert!(!logs.text().contains(PASSWORD));
}

#[tokio::test]
async fn unusable_urls_and_tables_are_refused_before_anybody_is_asked() {
    for url in [
        "postgres:Zauberwort",
        "postgres://u:Zauberwort@h:port/d",
        "postgres://h/d?port=Zauberwort",
        "postgres://h/d?hostaddr=Zauberwort",
        "postgres://h/d?statement-cache-capacity=Zauberwort",
        "postgres://u:p#Zauberwort@h/d",
        "mysql://u:Zauberwort@h",
        "mysql://h/d?statement-cache-capacity=Zauberwort",
        "mysql://h/d?sslmode=Zauberwort",
    ] {
        let error = open(url, OpenOptions::default())
            .await
            .map(drop)
            .unwrap_err();
        assert!(
            matches!(error, OpenError::InvalidUrl(_)),
            "{url}: {error:?}"
        );
        assert!(!format!("{error:?}{error}").contains(PASSWORD), "{error:?}");
    }
    for (url, table) in [
        ("postgres://h/d", "a.b.c"),
        ("postgres://h/d", "a\"b"),
        ("mysql://h/d", "a`b"),
        ("mysql://h/d", "a.b"),
    ] {
        let options = OpenOptions {
            table: Some(table.to_owned()),
            ..OpenOptions::default()
        };
        let outcome = open(url, options).await.map(drop);
        assert!(
            matches!(outcome, Err(OpenError::InvalidTable(_))),
            "{table}"
        );
    }
}
