//! The current token: got when it is first needed, renewed in the background, replaced when it is turned down.
//! However many calls need a new one, they share one login.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{AbortHandle, BoxFuture, Shared, WeakShared, abortable};
use sealdiff_envelope::{Clock, Spawner};

use super::error::VaultError;
use super::lease::Lease;
use super::login::Login;

/// After a new token was turned down too, logging in does not help: for so long it isn't tried again.
const PAUSE_AFTER_DENIAL: Duration = Duration::from_secs(60);

type LoginFuture = BoxFuture<'static, Result<Arc<Lease>, VaultError>>;

/// Holds the current token.
pub(super) struct Tokens {
    login: Login,
    clock: Arc<dyn Clock>,
    spawner: Arc<dyn Spawner>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    lease: Option<Arc<Lease>>,
    /// The login that runs. Weak: once all who wait have gone, it ends.
    running: Option<WeakShared<LoginFuture>>,
    renewals: Option<AbortHandle>,
    /// When a token that was fresh from a login was turned down.
    denied: Option<Duration>,
}

/// A renewal's outcome.
enum Renewal {
    Done(Arc<Lease>),
    Unreachable,
    Over,
}

impl Tokens {
    pub(super) fn new(login: Login, clock: Arc<dyn Clock>, spawner: Arc<dyn Spawner>) -> Arc<Self> {
        Arc::new(Self {
            login,
            clock,
            spawner,
            state: Mutex::default(),
        })
    }

    /// The current token; a login if there is none, or its time is up.
    pub(super) async fn current(self: &Arc<Self>) -> Result<Arc<Lease>, VaultError> {
        let now = self.clock.monotonic();
        let running = {
            let mut state = self.lock();
            match &state.lease {
                Some(lease) if !lease.has_ended(now) => return Ok(Arc::clone(lease)),
                _ => self.join_login(&mut state),
            }
        };
        running.await
    }

    /// Another token than one that was turned down; `None` if there is no hope of a better one.
    pub(super) async fn replace(
        self: &Arc<Self>,
        denied: &Arc<Lease>,
    ) -> Result<Option<Arc<Lease>>, VaultError> {
        let now = self.clock.monotonic();
        let running = {
            let mut state = self.lock();
            let other = state
                .lease
                .as_ref()
                .filter(|held| held.grant.token != denied.grant.token);
            if let Some(other) = other {
                return Ok(Some(Arc::clone(other)));
            }
            if !self.login.is_repeatable() || is_paused(&state, now) {
                return Ok(None);
            }
            self.join_login(&mut state)
        };
        running.await.map(Some)
    }

    /// Notes that a token fresh from a login was turned down.
    pub(super) fn note_denial(&self) {
        self.lock().denied = Some(self.clock.monotonic());
    }

    /// Asks Vault about the token.
    pub(super) async fn look_up(&self, lease: &Lease) -> Result<(), VaultError> {
        self.login.look_up(&lease.grant.token).await.map(drop)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn join_login(self: &Arc<Self>, state: &mut State) -> Shared<LoginFuture> {
        let running = state.running.as_ref().and_then(WeakShared::upgrade);
        running.unwrap_or_else(|| {
            let tokens = Arc::clone(self);
            let login = async move { tokens.log_in().await }.boxed().shared();
            state.running = login.downgrade();
            login
        })
    }

    async fn log_in(self: &Arc<Self>) -> Result<Arc<Lease>, VaultError> {
        let since = self.clock.monotonic();
        let outcome = self.login.log_in().await;
        let mut state = self.lock();
        state.running = None;
        let lease = Arc::new(Lease::new(outcome?, since));
        self.hold(&mut state, Arc::clone(&lease));
        Ok(lease)
    }

    fn hold(self: &Arc<Self>, state: &mut State, lease: Arc<Lease>) {
        let pause = lease.first_pause(self.clock.monotonic());
        state.lease = Some(Arc::clone(&lease));
        let renewals = pause.map(|pause| {
            let (work, handle) = abortable(renew_in_time(
                Arc::downgrade(self),
                Arc::clone(&self.spawner),
                lease,
                pause,
            ));
            self.spawner.spawn(work.map(drop).boxed());
            handle
        });
        if let Some(former) = std::mem::replace(&mut state.renewals, renewals) {
            former.abort();
        }
    }

    async fn renew(&self, lease: &Arc<Lease>) -> Renewal {
        let since = self.clock.monotonic();
        match self.login.renew(&lease.grant.token).await {
            Ok(grant) => {
                let was_extended = lease.was_extended(&grant);
                let renewed = Arc::new(Lease::new(grant, since));
                match self.replace_held(lease, Some(Arc::clone(&renewed))) && was_extended {
                    true => Renewal::Done(renewed),
                    false => Renewal::Over,
                }
            }
            Err(error) if error.is_refusal() => {
                tracing::warn!(
                    status = error.status(),
                    "the token of Vault is not renewed any more"
                );
                // A token that can't be replaced is used until it is turned down.
                if self.login.is_repeatable() {
                    self.replace_held(lease, None);
                }
                Renewal::Over
            }
            Err(error) => {
                tracing::warn!(
                    status = error.status(),
                    "the token of Vault could not be renewed"
                );
                Renewal::Unreachable
            }
        }
    }

    /// Puts `next` in the place of `lease`; false if a login was quicker.
    fn replace_held(&self, lease: &Arc<Lease>, next: Option<Arc<Lease>>) -> bool {
        let mut state = self.lock();
        let is_held = state
            .lease
            .as_ref()
            .is_some_and(|held| Arc::ptr_eq(held, lease));
        if is_held {
            state.lease = next;
        }
        is_held
    }
}

impl Drop for Tokens {
    fn drop(&mut self) {
        if let Some(renewals) = self.lock().renewals.take() {
            renewals.abort();
        }
    }
}

fn is_paused(state: &State, now: Duration) -> bool {
    state
        .denied
        .is_some_and(|at| now.saturating_sub(at) < PAUSE_AFTER_DENIAL)
}

/// Renews a token until that is no longer possible, or the KMS has been dropped.
async fn renew_in_time(
    tokens: Weak<Tokens>,
    spawner: Arc<dyn Spawner>,
    mut lease: Arc<Lease>,
    first_pause: Duration,
) {
    let mut pause = Some(first_pause);
    while let Some(time) = pause {
        spawner.sleep(time).await;
        let Some(tokens) = tokens.upgrade() else {
            return;
        };
        pause = match tokens.renew(&lease).await {
            Renewal::Done(renewed) => {
                lease = renewed;
                lease.first_pause(tokens.clock.monotonic())
            }
            Renewal::Unreachable => lease.next_pause(tokens.clock.monotonic()),
            Renewal::Over => None,
        };
    }
}
