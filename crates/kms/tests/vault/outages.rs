//! Sealed, standby, limited, down, redirected: what passes, and what is a no.

use sealdiff_envelope::KeyManagementService;
use serde_json::json;

use super::support::{Vault, by_token, key, refused, string, unavailable};

#[tokio::test]
async fn limits_standbys_and_failures_are_outages() {
    let vault = Vault::start();
    let service = vault.service_by_token();
    service.ping().await.unwrap();
    for status in [408, 412, 429, 472, 473, 500, 502, 503] {
        vault
            .server
            .tell(&json!({ "do": "fail", "times": 1, "status": status }));
        let cause = unavailable(service.encrypt_key(&key()).await);
        assert!(cause.contains(&status.to_string()), "{cause}");
    }
}

#[tokio::test]
async fn only_vault_itself_can_refuse() {
    let vault = Vault::start();
    let service = vault.service_by_token();
    service.ping().await.unwrap();
    for status in [400, 403, 404, 405] {
        let fault = json!({ "do": "fail", "times": 1, "status": status });
        vault.server.tell(&fault);
        refused(service.encrypt_key(&key()).await);
        let mut of_a_proxy = fault;
        of_a_proxy["body"] = json!("<h1>blocked</h1>");
        vault.server.tell(&of_a_proxy);
        let cause = unavailable(service.encrypt_key(&key()).await);
        assert!(!cause.contains("blocked"), "{cause}");
    }
}

#[tokio::test]
async fn a_sealed_vault_is_an_outage_until_it_is_unsealed() {
    let vault = Vault::start();
    let service = vault.service_by_token();
    vault.server.tell(&json!({ "do": "seal", "sealed": true }));
    assert!(unavailable(service.ping().await).contains("Vault is sealed"));
    vault.server.tell(&json!({ "do": "seal", "sealed": false }));
    service.ping().await.unwrap();
}

#[tokio::test]
async fn a_server_that_restarts_is_met_again_by_the_next_call() {
    let vault = Vault::start();
    let (service, secret) = (vault.service_by_token(), key());
    let wrapped = service.encrypt_key(&secret).await.unwrap();
    vault.server.tell(&json!({ "do": "down" }));
    unavailable(service.decrypt_key(&wrapped).await);
    vault.server.tell(&json!({ "do": "up" }));
    let opened = service.decrypt_key(&wrapped).await.unwrap();
    assert_eq!(opened.expose(), secret.expose());
}

#[tokio::test]
async fn a_connection_that_breaks_in_an_answer_is_an_outage() {
    let vault = Vault::start();
    let service = vault.service_by_token();
    service.ping().await.unwrap();
    vault
        .server
        .tell(&json!({ "do": "fail", "times": 1, "drop": true }));
    unavailable(service.encrypt_key(&key()).await);
}

#[tokio::test]
async fn a_standby_that_does_not_forward_is_followed_to_the_active_node() {
    let vault = Vault::start();
    let standby = string(&vault.server.tell(&json!({ "do": "standby" }))["url"]);
    let mut options = vault.options(by_token(&vault.token(&json!({}))));
    options.address = standby;
    let service = vault.open(options).unwrap();
    service.ping().await.unwrap();
    let wrapped = service.encrypt_key(&key()).await.unwrap();
    service.decrypt_key(&wrapped).await.unwrap();
}

#[tokio::test]
async fn a_redirect_to_another_path_scheme_or_place_is_not_followed() {
    let vault = Vault::start();
    let token = vault.token(&json!({}));
    let active = vault.server.url();
    for redirect in [
        json!({ "path": "/v1/auth/token/lookup-self?x=1" }),
        json!({ "path": "/v1/sys/health" }),
        json!({ "location": active.replace("http:", "https:") }),
        json!({ "location": "http://192.0.2.1:8200" }),
        json!({ "location": active.replace("://", "://user@") }),
        json!({ "location": "" }),
        json!({ "status": 301 }),
        json!({ "status": 308 }),
    ] {
        let mut command = redirect.clone();
        command["do"] = json!("standby");
        let mut options = vault.options(by_token(&token));
        options.address = string(&vault.server.tell(&command)["url"]);
        let cause = unavailable(vault.open(options).unwrap().ping().await);
        assert!(cause.contains("redirect"), "{redirect}: {cause}");
    }
    assert_eq!(
        vault.server.tell(&json!({ "do": "log" }))["requests"],
        json!([])
    );
}

#[tokio::test]
async fn a_second_redirect_is_not_followed() {
    let vault = Vault::start();
    let first = string(&vault.server.tell(&json!({ "do": "standby" }))["url"]);
    let second = vault
        .server
        .tell(&json!({ "do": "standby", "location": first }));
    let mut options = vault.options(by_token(&vault.token(&json!({}))));
    options.address = string(&second["url"]);
    let cause = unavailable(vault.open(options).unwrap().ping().await);
    assert!(cause.contains("after a redirect"), "{cause}");
}

#[test]
fn addresses_and_names_are_checked_by_name() {
    let vault = Vault::start();
    let refused = |change: &dyn Fn(&mut sealdiff_kms::VaultOptions)| {
        let mut options = vault.options(by_token("t"));
        change(&mut options);
        vault.open(options).unwrap_err().to_string()
    };
    for address in [
        "",
        "vault",
        "ftp://a",
        "https://u@a",
        "https://u:p@a",
        "https://a?b",
        "https://a#b",
        "http://vault.example:8200",
        "http://10.0.0.1",
        "http://localhost.example",
    ] {
        let message = refused(&|options| options.address = address.to_owned());
        assert!(
            message.starts_with("address must be"),
            "{address}: {message}"
        );
    }
    for key in ["", ".", "..", "a/b", "-a", "a-", "a b", "ü"] {
        assert!(
            refused(&|options| options.key = key.to_owned()).starts_with("key must"),
            "{key}"
        );
    }
    for mount in ["", "/", "a//b", "a/../b", "a b"] {
        let message = refused(&|options| options.mount = Some(mount.to_owned()));
        assert!(message.starts_with("mount must"), "{mount}");
    }
    assert!(
        refused(&|options| options.namespace = Some("a\nb".to_owned())).starts_with("namespace")
    );
    assert!(refused(&|options| options.auth = by_token("a\nb")).starts_with("auth.token"));
}

#[test]
fn plain_http_is_for_this_machine_unless_it_is_allowed() {
    let vault = Vault::start();
    for address in [
        "http://localhost:1",
        "http://127.9.9.9",
        "http://[::1]:8200",
    ] {
        let mut options = vault.options(by_token("t"));
        options.address = address.to_owned();
        vault.open(options).unwrap();
    }
    let mut options = vault.options(by_token("t"));
    options.address = "http://vault.vault.svc:8200".to_owned();
    options.allow_plain_http = true;
    vault.open(options).unwrap();
}

#[test]
fn debug_shows_no_secret() {
    let vault = Vault::start();
    let options = vault.options(by_token("hvs.very-secret"));
    let printed = format!(
        "{options:?} {:?}",
        vault.service(by_token("hvs.very-secret"))
    );
    assert!(!printed.contains("very-secret"), "{printed}");
}
