//! So much a minute: a leaky bucket whose time is given to it.

use std::time::{Duration, Instant};

use crate::model::limits::Quota;

/// The seconds' worth that may be taken at once after a pause.
const BURST: f64 = 5.0;

/// No wait is longer: what a provider tells may be nonsense.
const LONGEST: f64 = 3_600.0;

/// Requests or tokens that may go out.
#[derive(Debug)]
pub(super) struct Bucket {
    /// Units a second, and the most of them that the user allows.
    rate: f64,
    ceiling: f64,
    balance: f64,
    /// Of what was taken, what the provider may not have counted yet.
    out: f64,
    at: Instant,
}

impl Bucket {
    /// A bucket of so much a minute, full.
    pub fn per_minute(units: f64, now: Instant) -> Self {
        let rate = units / 60.0;
        Self { rate, ceiling: rate, balance: (rate * BURST).max(1.0), out: 0.0, at: now }
    }

    /// A bucket as a provider tells of it.
    pub fn told(quota: Quota, now: Instant) -> Self {
        let mut bucket = Self { ceiling: f64::MAX, ..Self::per_minute(quota.limit, now) };
        bucket.balance = quota.remaining;
        bucket.heed(quota, now);
        bucket
    }

    /// Takes something, and tells how long to wait before it may be used.
    pub fn take(&mut self, units: f64, now: Instant) -> Duration {
        self.fill(now);
        self.balance -= units;
        self.out += units;
        let wait = (-self.balance / self.rate).clamp(0.0, LONGEST);
        Duration::from_secs_f64(wait)
    }

    /// What was taken has been counted by the provider, or will never be sent.
    pub fn arrived(&mut self, units: f64) {
        self.out = (self.out - units).max(0.0);
    }

    /// Puts right what was taken by an estimate; a negative number is taken on top.
    pub fn give_back(&mut self, units: f64) {
        self.balance += units;
    }

    /// What a provider tells is believed; where the user has a limit too, if it is stricter.
    pub fn heed(&mut self, quota: Quota, now: Instant) {
        self.fill(now);
        let left = quota.remaining - self.out;
        // A quota that begins anew, as some do each minute, is there at once.
        self.balance = if self.ceiling == f64::MAX { left } else { self.balance.min(left) };
        let spent = quota.limit - quota.remaining;
        let seconds = quota.reset.as_secs_f64();
        let rate = if seconds > 0.0 && spent > 0.0 { spent / seconds } else { quota.limit / 60.0 };
        self.rate = rate.min(self.ceiling);
    }

    fn fill(&mut self, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        let full = (self.rate * BURST).max(1.0);
        // What a provider granted beyond a burst is not taken away, only not added to.
        if self.balance < full {
            self.balance = (self.balance + seconds * self.rate).min(full);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(n: f64) -> Duration {
        Duration::from_secs_f64(n)
    }

    #[test]
    fn after_a_burst_units_come_at_their_rate() {
        let now = Instant::now();
        let mut bucket = Bucket::per_minute(60.0, now);
        for _ in 0..5 {
            assert_eq!(bucket.take(1.0, now), Duration::ZERO);
        }
        assert_eq!(bucket.take(1.0, now), seconds(1.0));
        assert_eq!(bucket.take(1.0, now), seconds(2.0));
        let later = now + seconds(3.0);
        assert_eq!(bucket.take(1.0, later), Duration::ZERO.max(seconds(0.0)));
        let idle = later + seconds(1_000.0);
        assert_eq!(bucket.take(5.0, idle), Duration::ZERO, "no more than a burst is saved up");
        assert_eq!(bucket.take(1.0, idle), seconds(1.0));
    }

    #[test]
    fn an_estimate_is_put_right() {
        let now = Instant::now();
        let mut bucket = Bucket::per_minute(6_000.0, now);
        assert_eq!(bucket.take(500.0, now), Duration::ZERO);
        bucket.give_back(400.0);
        assert_eq!(bucket.take(400.0, now), Duration::ZERO);
        bucket.give_back(-100.0);
        assert_eq!(bucket.take(0.0, now), seconds(1.0));
    }

    #[test]
    fn what_a_provider_tells_is_obeyed_where_it_is_stricter() {
        let now = Instant::now();
        let quota = |limit, remaining, reset| Quota { limit, remaining, reset: seconds(reset) };
        let mut own = Bucket::per_minute(60.0, now);
        own.heed(quota(6_000.0, 5_999.0, 0.01), now);
        own.take(5.0, now);
        assert_eq!(own.take(1.0, now), seconds(1.0), "the user's own limit stays");

        // 200 a day of which one comes back each 7.2 minutes: the rate is the provider's own.
        let mut told = Bucket::told(quota(200.0, 0.0, 86_400.0), now);
        assert_eq!(told.take(1.0, now), seconds(432.0));

        let mut full = Bucket::told(quota(500.0, 500.0, 0.0), now);
        for _ in 0..500 {
            assert_eq!(full.take(1.0, now), Duration::ZERO);
        }
        assert!(full.take(1.0, now) > Duration::ZERO);
    }

    #[test]
    fn a_quota_that_begins_anew_each_minute_is_there_at_once() {
        let now = Instant::now();
        let quota = |remaining, reset| Quota { limit: 1_000.0, remaining, reset: seconds(reset) };
        let mut bucket = Bucket::told(quota(0.0, 20.0), now);
        assert!(bucket.take(1.0, now) > Duration::ZERO);
        bucket.arrived(1.0);
        bucket.heed(quota(999.0, 60.0), now + seconds(20.0));
        for _ in 0..500 {
            assert_eq!(bucket.take(1.0, now + seconds(20.0)), Duration::ZERO);
        }
        // Of those 500, the provider has counted 100: the others are still on their way.
        bucket.arrived(100.0);
        bucket.heed(quota(899.0, 59.0), now + seconds(21.0));
        for _ in 0..499 {
            assert_eq!(bucket.take(1.0, now + seconds(21.0)), Duration::ZERO);
        }
        assert!(bucket.take(1.0, now + seconds(21.0)) > Duration::ZERO);
    }

    #[test]
    fn no_wait_is_endless() {
        let now = Instant::now();
        let mut bucket = Bucket::per_minute(1.0, now);
        assert_eq!(bucket.take(1e12, now), seconds(LONGEST));
    }
}
