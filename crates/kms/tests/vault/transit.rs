//! The transit engine: what is sent, stored, and refused.

use sealdiff_envelope::KeyManagementService;
use sealdiff_testkit::kms_contract;
use serde_json::json;

use super::support::{Vault, by_token, key, refused, unavailable};

#[tokio::test]
async fn passes_the_contract() {
    let vault = Vault::start();
    kms_contract(&vault.service_by_token()).await;
}

#[tokio::test]
async fn the_stored_key_is_the_ciphertext_verbatim() {
    let vault = Vault::start();
    let wrapped = vault.service_by_token().encrypt_key(&key()).await.unwrap();
    let text = String::from_utf8(wrapped).unwrap();
    // Nonce, 32 bytes and tag: 60 bytes, 80 characters.
    let (prefix, encoded) = text.split_at("vault:v1:".len());
    assert_eq!((prefix, encoded.len()), ("vault:v1:", 80));
}

#[tokio::test]
async fn after_a_rotation_new_keys_are_under_the_new_version_and_old_ones_still_open() {
    let vault = Vault::start();
    let (service, first) = (vault.service_by_token(), key());
    let old = service.encrypt_key(&first).await.unwrap();
    vault
        .server
        .tell(&json!({ "do": "rotate", "key": "system-keys" }));
    let new = service.encrypt_key(&key()).await.unwrap();
    assert!(new.starts_with(b"vault:v2:"));
    let opened = service.decrypt_key(&old).await.unwrap();
    assert_eq!(opened.expose(), first.expose());
}

#[tokio::test]
async fn a_version_below_min_decryption_version_is_refused() {
    let vault = Vault::start();
    let service = vault.service_by_token();
    let old = service.encrypt_key(&key()).await.unwrap();
    vault
        .server
        .tell(&json!({ "do": "rotate", "key": "system-keys" }));
    vault
        .server
        .tell(&json!({ "do": "config", "key": "system-keys", "minDecryptionVersion": 2 }));
    let cause = refused(service.decrypt_key(&old).await);
    assert!(cause.contains("too old"), "{cause}");
}

#[tokio::test]
async fn what_is_no_ciphertext_is_refused_and_not_sent() {
    let vault = Vault::start();
    let service = vault.service_by_token();
    for foreign in [&b"\x01\x02"[..], b"AQIDBA==", b"vault:v1:", b"{\"a\":1}"] {
        refused(service.decrypt_key(foreign).await);
    }
    assert_eq!(vault.server.count("decrypt/system-keys", 400), 0);
}

#[tokio::test]
async fn a_forged_ciphertext_is_refused_in_vaults_words() {
    let vault = Vault::start();
    let service = vault.service_by_token();
    let cause = refused(
        service
            .decrypt_key(b"vault:v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
            .await,
    );
    assert_eq!(
        cause,
        "Vault answered 400 to the request to decrypt a system key: \
         cipher: message authentication failed"
    );
    let cause = refused(service.decrypt_key(b"vault:v9:AAAA").await);
    assert!(cause.contains("version is too new"), "{cause}");
}

#[tokio::test]
async fn a_plaintext_of_another_length_is_no_system_key() {
    let vault = Vault::start();
    let url = format!("{}/v1/transit/encrypt/system-keys", vault.server.url());
    let token = vault.token(&json!({}));
    let answer: serde_json::Value = reqwest::Client::new()
        .post(url)
        .header("x-vault-token", &token)
        .header("x-vault-request", "true")
        .json(&json!({ "plaintext": "AAAA" }))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let short = answer["data"]["ciphertext"].as_str().unwrap();
    let cause = refused(
        vault
            .service(by_token(&token))
            .decrypt_key(short.as_bytes())
            .await,
    );
    assert_eq!(cause, "the encrypted system key holds no key of 32 bytes");
}

#[tokio::test]
async fn a_service_that_only_decrypts_can_not_encrypt() {
    let vault = Vault::start();
    let reader = r#"path "transit/decrypt/system-keys" { capabilities = ["update"] }"#;
    vault
        .server
        .tell(&json!({ "do": "policy", "name": "reader", "hcl": reader }));
    let wrapped = vault.service_by_token().encrypt_key(&key()).await.unwrap();
    let service = vault.service(by_token(&vault.token(&json!({ "policies": ["reader"] }))));
    service.ping().await.unwrap();
    service.decrypt_key(&wrapped).await.unwrap();
    let cause = refused(service.encrypt_key(&key()).await);
    assert!(cause.contains("permission denied"), "{cause}");
}

#[tokio::test]
async fn a_key_or_mount_that_is_missing_is_refused() {
    let vault = Vault::start();
    let auth = || by_token(&vault.token(&json!({ "policies": ["root"] })));
    let service = vault.service(auth());
    let wrapped = service.encrypt_key(&key()).await.unwrap();
    vault
        .server
        .tell(&json!({ "do": "deleteKey", "key": "system-keys" }));
    let cause = refused(service.decrypt_key(&wrapped).await);
    assert!(cause.contains("encryption key not found"), "{cause}");
    let mut options = vault.options(auth());
    options.mount = Some("elsewhere".to_owned());
    let service = vault.open(options).unwrap();
    service.ping().await.unwrap();
    let cause = refused(service.encrypt_key(&key()).await);
    assert!(cause.contains("404"), "{cause}");
}

#[tokio::test]
async fn namespace_and_mount_are_those_of_the_options() {
    let vault = Vault::start();
    for command in [
        json!({ "do": "addNamespace", "name": "team-a/" }),
        json!({ "do": "transit", "namespace": "team-a/", "mount": "keys/transit", "key": "k.1" }),
        json!({ "do": "policy", "namespace": "team-a/", "name": "writer",
                "hcl": r#"path "keys/transit/+/k.1" { capabilities = ["update"] }"# }),
    ] {
        vault.server.tell(&command);
    }
    let token = vault.token(&json!({ "namespace": "team-a/" }));
    for namespace in ["team-a", "team-a/"] {
        let mut options = vault.options(by_token(&token));
        options.namespace = Some(namespace.to_owned());
        options.mount = Some("/keys/transit/".to_owned());
        options.key = "k.1".to_owned();
        kms_contract(&vault.open(options).unwrap()).await;
    }
    refused(vault.service(by_token(&token)).ping().await);
}

#[tokio::test]
async fn an_answer_that_is_not_vaults_is_an_outage() {
    let vault = Vault::start();
    let service = vault.service_by_token();
    service.ping().await.unwrap();
    for (status, body) in [
        (200, "<html>"),
        (200, r#"{"data":{}}"#),
        (200, r#"{"data":{"ciphertext":"x"}}"#),
    ] {
        vault
            .server
            .tell(&json!({ "do": "fail", "times": 1, "status": status, "body": body }));
        unavailable(service.encrypt_key(&key()).await);
    }
    let long = "a".repeat(100_000);
    vault
        .server
        .tell(&json!({ "do": "fail", "times": 1, "status": 200, "body": long }));
    assert!(unavailable(service.encrypt_key(&key()).await).contains("too long"));
    service.encrypt_key(&key()).await.unwrap();
}
