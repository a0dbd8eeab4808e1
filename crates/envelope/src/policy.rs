//! The rules of rotation and caching, and their defaults.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::error::EnvelopeError;

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

/// Share of the check interval after which a refresh starts, in percent.
const REFRESH_AT_PERCENT: u32 = 90;

/// When keys end, and how long a cached one is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CryptoPolicy {
    /// Age at which system and intermediate keys are replaced on the next write. Default 90 days.
    pub expire_after: Duration,
    /// How long a cached key is believed before its row is read again. Default 60 minutes.
    pub revoke_check_interval: Duration,
    /// How much longer it serves while nobody can be asked. Default 10 minutes.
    pub refresh_grace: Duration,
}

impl Default for CryptoPolicy {
    fn default() -> Self {
        Self {
            expire_after: Duration::from_secs(90 * DAY),
            revoke_check_interval: Duration::from_secs(HOUR),
            refresh_grace: Duration::from_secs(10 * 60),
        }
    }
}

impl CryptoPolicy {
    /// Checks that the rules can work together.
    ///
    /// # Errors
    /// [`EnvelopeError::InvalidArgument`] for an `expire_after` under one minute: a key's
    /// creation time has that precision, so that a shorter life would end before it began.
    pub fn validate(&self) -> Result<(), EnvelopeError> {
        if self.expire_after < Duration::from_secs(60) {
            return Err(EnvelopeError::InvalidArgument {
                name: "policy.expireAfter",
                requirement: "must be at least 60 seconds",
            });
        }
        Ok(())
    }

    /// Whether a key created then has reached its age.
    #[must_use]
    pub fn is_expired(&self, created: Timestamp, now: Timestamp) -> bool {
        now > created.saturating_add(self.expire_after)
    }

    /// Whether a key created then reached its age longer ago than the grace.
    #[must_use]
    pub(crate) fn is_expired_beyond_grace(&self, created: Timestamp, now: Timestamp) -> bool {
        now > created.saturating_add(self.expire_after.saturating_add(self.refresh_grace))
    }

    /// The age up to which a cached key serves.
    #[must_use]
    pub(crate) fn serves_for(&self) -> Duration {
        self.revoke_check_interval
            .saturating_add(self.refresh_grace)
    }

    /// The age at which a cached key is refreshed in the background: 90 % of the interval,
    /// give or take 5 %, so that the keys of one start-up don't all come due at once.
    ///
    /// `jitter` is a random byte.
    #[must_use]
    pub(crate) fn refresh_after(&self, jitter: u8) -> Duration {
        let per_mille = REFRESH_AT_PERCENT * 10 - 50 + u32::from(jitter) * 100 / 255;
        self.revoke_check_interval / 1000 * per_mille
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refreshes_between_85_and_95_percent_of_the_interval() {
        let policy = CryptoPolicy::default();
        assert_eq!(policy.refresh_after(0), Duration::from_secs(3060));
        assert_eq!(policy.refresh_after(255), Duration::from_secs(3420));
    }

    #[test]
    fn a_key_expires_after_its_last_second() {
        let policy = CryptoPolicy {
            expire_after: Duration::from_secs(60),
            ..Default::default()
        };
        let created = Timestamp::from_unix_seconds(600);
        assert!(!policy.is_expired(created, Timestamp::from_unix_seconds(660)));
        assert!(policy.is_expired(created, Timestamp::from_unix_seconds(661)));
    }
}
