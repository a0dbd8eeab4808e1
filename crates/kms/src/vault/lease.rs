//! How long a token is good for, and when to ask for more.

use std::time::Duration;

use super::login::Grant;

/// Renewals start when this part of a lease has gone: time for several attempts is left.
const RENEW_AFTER: f64 = 2.0 / 3.0;

/// A renewal that failed is tried again when this part of what is left has gone.
const RETRY_AFTER: f64 = 1.0 / 3.0;

/// Shortest pause between renewals.
const MIN_PAUSE: Duration = Duration::from_secs(1);

/// A token's time. Times are those of the injected monotonic clock.
#[derive(Debug)]
pub(super) struct Lease {
    pub(super) grant: Grant,
    /// When it was asked for, so at the latest when it began.
    since: Duration,
}

impl Lease {
    pub(super) fn new(grant: Grant, since: Duration) -> Self {
        Self { grant, since }
    }

    /// What is left; `None` if it never ends.
    fn left(&self, now: Duration) -> Option<Duration> {
        let elapsed = now.saturating_sub(self.since);
        self.grant.lease.map(|lease| lease.saturating_sub(elapsed))
    }

    pub(super) fn has_ended(&self, now: Duration) -> bool {
        self.left(now).is_some_and(|left| left.is_zero())
    }

    /// How long to wait before the first renewal; `None` if there is nothing to renew.
    pub(super) fn first_pause(&self, now: Duration) -> Option<Duration> {
        let lease = self.grant.lease.filter(|_| self.grant.is_renewable)?;
        let elapsed = now.saturating_sub(self.since);
        Some(
            lease
                .mul_f64(RENEW_AFTER)
                .saturating_sub(elapsed)
                .max(MIN_PAUSE),
        )
    }

    /// How long to wait after a renewal that failed; `None` when the time is up.
    pub(super) fn next_pause(&self, now: Duration) -> Option<Duration> {
        let pause = self.left(now)?.mul_f64(RETRY_AFTER);
        (pause >= MIN_PAUSE).then_some(pause)
    }

    /// Whether a renewal still gave about the time that was asked for. Less than half says that the token's max
    /// TTL is near: it is then used to its end, and renewed no more.
    pub(super) fn was_extended(&self, renewed: &Grant) -> bool {
        match (self.grant.lease, renewed.lease) {
            (Some(before), Some(after)) => after >= before / 2,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::secrets::Token;

    const HOUR: Duration = Duration::from_secs(3600);

    fn lease(seconds: Option<u64>, is_renewable: bool) -> Lease {
        Lease::new(
            Grant {
                token: Token::from_text("t").unwrap(),
                lease: seconds.map(Duration::from_secs),
                is_renewable,
            },
            HOUR,
        )
    }

    #[test]
    fn is_renewed_after_two_thirds() {
        let lease = lease(Some(900), true);
        assert_eq!(lease.first_pause(HOUR), Some(Duration::from_secs(600)));
        let later = HOUR + Duration::from_secs(100);
        assert_eq!(lease.first_pause(later), Some(Duration::from_secs(500)));
        assert_eq!(lease.first_pause(HOUR * 3), Some(MIN_PAUSE));
    }

    #[test]
    fn failed_renewals_come_closer_to_each_other_until_the_end() {
        let lease = lease(Some(900), true);
        let at = |seconds| lease.next_pause(HOUR + Duration::from_secs(seconds));
        assert_eq!(at(600), Some(Duration::from_secs(100)));
        assert_eq!(at(870), Some(Duration::from_secs(10)));
        assert_eq!(at(898), None);
    }

    #[test]
    fn what_never_ends_or_can_not_be_renewed_is_not_renewed() {
        assert_eq!(lease(None, true).first_pause(HOUR), None);
        assert!(!lease(None, true).has_ended(HOUR * 1000));
        assert_eq!(lease(Some(900), false).first_pause(HOUR), None);
    }

    #[test]
    fn ends_with_its_time() {
        let lease = lease(Some(900), true);
        assert!(!lease.has_ended(HOUR + Duration::from_secs(899)));
        assert!(lease.has_ended(HOUR + Duration::from_secs(900)));
    }

    #[test]
    fn less_than_half_says_that_the_max_ttl_is_near() {
        let before = lease(Some(900), true);
        assert!(before.was_extended(&lease(Some(899), true).grant));
        assert!(!before.was_extended(&lease(Some(449), true).grant));
    }
}
