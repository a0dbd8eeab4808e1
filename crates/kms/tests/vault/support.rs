//! A Vault with a transit key, and services over it whose time the tests move.

use std::sync::Arc;
use std::time::Duration;

use sealdiff_envelope::{BoxFuture, Clock, KmsError, SecretKey, Spawner};
use sealdiff_kms::{
    OpenError, SecretText, VaultAuth, VaultKeyManagementService, VaultOptions, VaultTls,
};
use sealdiff_testkit::{FixedClock, VaultServer};
use serde_json::{Value, json};
use tokio::sync::watch;

/// What a service that encrypts needs, and no more.
pub(crate) const WRITER: &str = r#"
    path "transit/encrypt/system-keys" { capabilities = ["update"] }
    path "transit/decrypt/system-keys" { capabilities = ["update"] }
"#;

/// Where a test file's own files are.
pub(crate) struct Vault {
    pub(crate) server: VaultServer,
    pub(crate) time: Arc<MovedTime>,
}

impl Vault {
    /// With the key `system-keys` and the policy `writer`.
    pub(crate) fn start() -> Self {
        Self::over(VaultServer::start())
    }

    pub(crate) fn over(server: VaultServer) -> Self {
        server.tell(&json!({ "do": "transit", "key": "system-keys" }));
        server.tell(&json!({ "do": "policy", "name": "writer", "hcl": WRITER }));
        let time = Arc::new(MovedTime::default());
        Self { server, time }
    }

    /// A token with the policy `writer`, and these properties.
    pub(crate) fn token(&self, properties: &Value) -> String {
        let mut command = json!({ "do": "token", "policies": ["writer"] });
        merge(&mut command, properties);
        string(&self.server.tell(&command)["token"])
    }

    /// An AppRole whose tokens have the policy `writer` and these properties.
    pub(crate) fn approle(&self, secret_id_num_uses: u32, properties: &Value) -> VaultAuth {
        let mut token = json!({ "policies": ["writer"] });
        merge(&mut token, properties);
        let made = self.server.tell(&json!({
            "do": "approle", "secretIdNumUses": secret_id_num_uses, "token": token,
        }));
        VaultAuth::AppRole {
            role_id: string(&made["roleId"]),
            secret_id: SecretText::new(string(&made["secretId"])),
            mount: None,
        }
    }

    pub(crate) fn options(&self, auth: VaultAuth) -> VaultOptions {
        VaultOptions {
            address: self.server.url().to_owned(),
            key: "system-keys".to_owned(),
            mount: None,
            namespace: None,
            auth,
            tls: VaultTls::default(),
            allow_plain_http: false,
        }
    }

    pub(crate) fn service(&self, auth: VaultAuth) -> VaultKeyManagementService {
        self.open(self.options(auth)).unwrap()
    }

    pub(crate) fn open(
        &self,
        options: VaultOptions,
    ) -> Result<VaultKeyManagementService, OpenError> {
        let clock: Arc<dyn Clock> = Arc::clone(&self.time.clock) as _;
        VaultKeyManagementService::new(options, clock, Arc::clone(&self.time) as _)
    }

    /// A service by a token that lives as long as the test.
    pub(crate) fn service_by_token(&self) -> VaultKeyManagementService {
        self.service(by_token(&self.token(&json!({}))))
    }

    /// Time passes here and there.
    pub(crate) fn advance(&self, seconds: u64) {
        self.server
            .tell(&json!({ "do": "advance", "seconds": seconds }));
        self.time.advance(Duration::from_secs(seconds));
    }

    /// Waits until so many renewals were answered.
    pub(crate) fn renewed(&self, count: usize) {
        let path = "auth/token/renew-self";
        self.server
            .tell(&json!({ "do": "answered", "count": count, "path": path }));
    }

    pub(crate) fn logins(&self) -> usize {
        self.server.count("/login", 200)
    }
}

pub(crate) fn by_token(token: &str) -> VaultAuth {
    VaultAuth::Token(SecretText::new(token.to_owned()))
}

pub(crate) fn string(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn merge(target: &mut Value, more: &Value) {
    let members = more.as_object().unwrap().clone();
    target.as_object_mut().unwrap().extend(members);
}

pub(crate) fn key() -> SecretKey {
    SecretKey::generate().unwrap()
}

/// The cause of a refusal, in words.
#[track_caller]
pub(crate) fn refused<T>(outcome: Result<T, KmsError>) -> String {
    match outcome.err() {
        Some(KmsError::Refused(cause)) => cause.to_string(),
        other => panic!("{other:?}"),
    }
}

/// The cause of an outage, in words.
#[track_caller]
pub(crate) fn unavailable<T>(outcome: Result<T, KmsError>) -> String {
    match outcome.err() {
        Some(KmsError::Unavailable(cause)) => cause.to_string(),
        other => panic!("{other:?}"),
    }
}

/// A clock and timers that a test moves; background work runs on the test's runtime.
pub(crate) struct MovedTime {
    clock: Arc<FixedClock>,
    moves: watch::Sender<()>,
    /// How many timers were ever set.
    timers: watch::Sender<usize>,
}

impl Default for MovedTime {
    fn default() -> Self {
        Self {
            clock: Arc::new(FixedClock::at(1_795_257_000)),
            moves: watch::Sender::new(()),
            timers: watch::Sender::new(0),
        }
    }
}

impl MovedTime {
    fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.moves.send_replace(());
    }

    /// Waits until so many timers have been set.
    pub(crate) async fn timers_set(&self, count: usize) {
        let mut timers = self.timers.subscribe();
        timers.wait_for(|set| *set >= count).await.unwrap();
    }
}

impl Spawner for MovedTime {
    fn spawn(&self, work: BoxFuture<'static, ()>) {
        tokio::spawn(work);
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let end = self.clock.monotonic() + duration;
        let (clock, mut moves) = (Arc::clone(&self.clock), self.moves.subscribe());
        self.timers.send_modify(|set| *set += 1);
        Box::pin(async move { while clock.monotonic() < end && moves.changed().await.is_ok() {} })
    }
}
