//! A token's life: logins, renewals, and what happens when it ends or is turned down.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::join_all;
use sealdiff_envelope::KeyManagementService;
use sealdiff_kms::VaultAuth;
use serde_json::json;

use super::support::{Vault, by_token, key, refused, string, unavailable};

#[tokio::test]
async fn a_wrong_token_fails_the_ping() {
    let vault = Vault::start();
    let cause = refused(vault.service(by_token("hvs.wrong-token")).ping().await);
    assert!(cause.contains("permission denied"), "{cause}");
    assert!(!cause.contains("hvs."), "{cause}");
}

#[tokio::test]
async fn an_approle_logs_in_once_for_many_calls() {
    let vault = Vault::start();
    let service = Arc::new(vault.service(vault.approle(1, &json!({}))));
    let calls = join_all((0..100).map(|_| async { service.encrypt_key(&key()).await.map(drop) }));
    assert!(calls.await.iter().all(Result::is_ok));
    assert_eq!(vault.logins(), 1);
}

#[tokio::test]
async fn a_login_whose_first_caller_gave_up_serves_the_others() {
    let vault = Vault::start();
    let service = vault.service(vault.approle(1, &json!({})));
    vault
        .server
        .tell(&json!({ "do": "fail", "times": 1, "path": "login", "delayMs": 50 }));
    let (mut first, mut second) = (service.ping(), service.ping());
    assert!((&mut first).now_or_never().is_none());
    assert!((&mut second).now_or_never().is_none());
    drop(first);
    second.await.unwrap();
    assert_eq!(vault.logins(), 1);
}

#[tokio::test]
async fn a_wrong_secret_id_is_refused_without_being_shown() {
    let vault = Vault::start();
    let service = vault.service(VaultAuth::AppRole {
        role_id: "59d6d1ca-47bb-4e7e-a40b-8be3bc5a0ba8".to_owned(),
        secret_id: sealdiff_kms::SecretText::new("84896a0c-1347".to_owned()),
        mount: None,
    });
    vault.approle(0, &json!({}));
    let cause = refused(service.ping().await);
    assert!(
        cause.contains("log in: invalid role or secret ID"),
        "{cause}"
    );
}

#[tokio::test]
async fn a_revoked_token_is_replaced_by_a_login() {
    let vault = Vault::start();
    let service = vault.service(vault.approle(0, &json!({})));
    let wrapped = service.encrypt_key(&key()).await.unwrap();
    vault.server.tell(&json!({ "do": "revokeAll" }));
    let calls = join_all((0..20).map(|_| service.decrypt_key(&wrapped)));
    assert!(calls.await.iter().all(Result::is_ok));
    assert_eq!(vault.logins(), 2);
}

#[tokio::test]
async fn a_revoked_token_without_a_login_is_refused() {
    let vault = Vault::start();
    let service = vault.service_by_token();
    let wrapped = service.encrypt_key(&key()).await.unwrap();
    vault.server.tell(&json!({ "do": "revokeAll" }));
    refused(service.decrypt_key(&wrapped).await);
    refused(service.ping().await);
}

#[tokio::test]
async fn a_missing_right_costs_one_login_a_minute() {
    let vault = Vault::start();
    let service = vault.service(vault.approle(0, &json!({ "policies": [] })));
    for _ in 0..5 {
        refused(service.encrypt_key(&key()).await);
    }
    assert_eq!(vault.logins(), 2);
    vault.advance(61);
    refused(service.encrypt_key(&key()).await);
    assert_eq!(vault.logins(), 3);
}

#[tokio::test]
async fn when_the_secret_id_is_used_up_the_login_is_refused() {
    let vault = Vault::start();
    let service = vault.service(vault.approle(1, &json!({})));
    service.ping().await.unwrap();
    vault.server.tell(&json!({ "do": "revokeAll" }));
    let cause = refused(service.encrypt_key(&key()).await);
    assert!(cause.contains("log in"), "{cause}");
}

#[tokio::test]
async fn a_token_of_few_uses_is_replaced_when_they_are_used_up() {
    let vault = Vault::start();
    let service = vault.service(vault.approle(0, &json!({ "numUses": 2 })));
    for _ in 0..6 {
        service.encrypt_key(&key()).await.unwrap();
    }
    assert_eq!(vault.logins(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_in_the_background_past_its_first_lease() {
    let vault = Vault::start();
    let service = vault.service(vault.approle(1, &json!({ "ttl": 900 })));
    service.ping().await.unwrap();
    for renewal in 1..=5 {
        vault.time.timers_set(renewal).await;
        vault.advance(601);
        vault.renewed(renewal);
    }
    service.encrypt_key(&key()).await.unwrap();
    assert_eq!(vault.logins(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_given_token_is_renewed_too() {
    let vault = Vault::start();
    let service = vault.service(by_token(&vault.token(&json!({ "period": 900 }))));
    service.ping().await.unwrap();
    vault.time.timers_set(1).await;
    vault.advance(601);
    vault.renewed(1);
    vault.time.timers_set(2).await;
    vault.advance(400);
    service.encrypt_key(&key()).await.unwrap();
}

#[tokio::test]
async fn a_token_that_never_ends_is_not_renewed() {
    let vault = Vault::start();
    let service = vault.service(by_token(&vault.token(&json!({ "policies": ["root"] }))));
    service.ping().await.unwrap();
    vault.advance(1_000_000);
    service.encrypt_key(&key()).await.unwrap();
    assert_eq!(vault.server.count("renew-self", 200), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_its_max_ttl_a_token_is_replaced_by_a_login() {
    let vault = Vault::start();
    let service = vault.service(vault.approle(0, &json!({ "ttl": 900, "maxTtl": 1000 })));
    service.ping().await.unwrap();
    vault.time.timers_set(1).await;
    vault.advance(601);
    vault.renewed(1);
    vault.advance(400);
    service.encrypt_key(&key()).await.unwrap();
    assert_eq!(
        (vault.logins(), vault.server.count("renew-self", 200)),
        (2, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_meets_an_outage_is_tried_again_before_the_end() {
    let vault = Vault::start();
    let service = vault.service(vault.approle(1, &json!({ "ttl": 900 })));
    service.ping().await.unwrap();
    vault.time.timers_set(1).await;
    vault
        .server
        .tell(&json!({ "do": "fail", "times": 1, "status": 503, "path": "renew-self" }));
    vault.advance(601);
    vault.renewed(1);
    vault.time.timers_set(2).await;
    vault.advance(100);
    vault.renewed(2);
    vault.time.timers_set(3).await;
    vault.advance(300);
    service.encrypt_key(&key()).await.unwrap();
    assert_eq!(
        (vault.logins(), vault.server.count("renew-self", 200)),
        (1, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_is_refused_leads_to_a_login_by_the_next_call() {
    let vault = Vault::start();
    let service = vault.service(vault.approle(0, &json!({ "ttl": 900 })));
    service.ping().await.unwrap();
    vault.time.timers_set(1).await;
    vault.server.tell(&json!({ "do": "revokeAll" }));
    vault.advance(601);
    vault.renewed(1);
    service.encrypt_key(&key()).await.unwrap();
    assert_eq!(vault.logins(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_was_dropped_renews_nothing() {
    let vault = Vault::start();
    let service = vault.service(vault.approle(0, &json!({ "ttl": 900 })));
    service.ping().await.unwrap();
    vault.time.timers_set(1).await;
    drop(service);
    vault.advance(601);
    vault.service_by_token().ping().await.unwrap();
    assert_eq!(vault.server.count("renew-self", 200), 0);
}

#[tokio::test]
async fn a_token_file_is_read_again_when_its_token_is_turned_down() {
    let vault = Vault::start();
    let folder = sealdiff_testkit::tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let service = vault.service(VaultAuth::TokenFile(path.clone()));
    assert!(unavailable(service.ping().await).contains("could not be read"));
    fs::write(&path, " \n").unwrap();
    assert!(unavailable(service.ping().await).contains("does not hold one"));
    fs::write(&path, format!("{}\n", vault.token(&json!({})))).unwrap();
    let wrapped = service.encrypt_key(&key()).await.unwrap();
    vault.server.tell(&json!({ "do": "revokeAll" }));
    fs::write(&path, vault.token(&json!({}))).unwrap();
    service.decrypt_key(&wrapped).await.unwrap();
}

fn kubernetes(jwt_path: &Path) -> VaultAuth {
    VaultAuth::Kubernetes {
        role: "billing".to_owned(),
        jwt_path: Some(jwt_path.to_owned()),
        mount: Some("clusters/one".to_owned()),
    }
}

#[tokio::test]
async fn a_pod_logs_in_with_the_token_that_its_file_holds_at_that_time() {
    let vault = Vault::start();
    let folder = sealdiff_testkit::tempfile::tempdir().unwrap();
    let path = folder.path().join("jwt");
    let mount = "clusters/one";
    vault.server.tell(&json!({
        "do": "kubernetes", "mount": mount, "role": "billing", "serviceAccount": "billing",
        "pods": "shop", "token": { "policies": ["writer"], "ttl": 900, "renewable": false },
    }));
    let project = |account: &str| {
        let command = json!({
            "do": "jwt", "mount": mount, "serviceAccount": account, "pods": "shop", "seconds": 600,
        });
        fs::write(&path, string(&vault.server.tell(&command)["jwt"])).unwrap();
    };
    let service = vault.service(kubernetes(&path));
    assert!(unavailable(service.ping().await).contains("service account token"));
    project("another");
    let cause = refused(service.ping().await);
    assert!(
        cause.contains("service account name not authorized"),
        "{cause}"
    );
    project("billing");
    service.ping().await.unwrap();
    // The token has ended, and so has the first JWT.
    vault.advance(901);
    refused(service.ping().await);
    project("billing");
    service.encrypt_key(&key()).await.unwrap();
}
