//! Whether an endpoint answers anybody at all. Pure: told what happens and when.

use std::collections::HashSet;
use std::time::{Duration, Instant};

/// The longest wait between two tries.
const LONGEST: Duration = Duration::from_secs(30);

/// An endpoint that does nothing but ask to slow down for this long is away.
const SLOWED_DOWN: Duration = Duration::from_secs(30);

/// What is known of an endpoint's being away.
#[derive(Debug)]
pub(super) struct Outage {
    /// Requests that have to fail in a row; `None`: there are no outages here.
    threshold: Option<usize>,
    first_wait: Duration,
    /// How long an outage is waited for.
    most: Duration,
    /// Requests that failed since the last answer.
    failing: HashSet<u64>,
    /// When the first of them did.
    first: Option<Instant>,
    since: Option<Instant>,
    tries: u32,
    /// What the last of them met with.
    last: String,
}

impl Outage {
    /// Outages are waited for this long; not at all where that is nothing.
    pub fn new(threshold: usize, first_wait: Duration, most: Duration) -> Self {
        Self {
            threshold: (!most.is_zero()).then_some(threshold),
            first_wait,
            most,
            failing: HashSet::new(),
            first: None,
            since: None,
            tries: 0,
            last: String::new(),
        }
    }

    /// Something was answered, if only by a refusal of that request.
    pub fn answered(&mut self) {
        self.failing.clear();
        self.first = None;
        self.since = None;
        self.tries = 0;
    }

    /// A request met with no answer; `alive`: with a word that asks to slow down, which only after a
    /// while is an outage too.
    pub fn failed(&mut self, request: u64, alive: bool, why: &str, now: Instant) {
        self.last = why.to_owned();
        self.failing.insert(request);
        let first = *self.first.get_or_insert(now);
        let lasts = !alive || now.saturating_duration_since(first) >= SLOWED_DOWN;
        if self.since.is_some() {
            self.tries += 1;
        } else if self.threshold.is_some_and(|n| self.failing.len() >= n && lasts) {
            self.since = Some(now);
        }
    }

    /// What the last request met with.
    pub fn last(&self) -> &str {
        &self.last
    }

    /// Whether the endpoint is down.
    pub fn is_down(&self) -> bool {
        self.since.is_some()
    }

    /// Whether it has been down for longer than anyone waits.
    pub fn is_over_long(&self, now: Instant) -> bool {
        self.since.is_some_and(|since| now.saturating_duration_since(since) >= self.most)
    }

    /// How long to wait before the next try, without jitter; the last one comes when the patience ends.
    pub fn wait(&self, now: Instant) -> Duration {
        let wait = self.first_wait.saturating_mul(2_u32.saturating_pow(self.tries.min(16)));
        let waited =
            self.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        wait.min(LONGEST).min(self.most.saturating_sub(waited))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn an_endpoint_is_down_when_different_requests_fail_in_a_row() {
        let now = Instant::now();
        let mut outage = Outage::new(3, SECOND, 60 * SECOND);
        for _ in 0..9 {
            outage.failed(1, false, "no", now);
        }
        assert!(!outage.is_down(), "one request that always fails is no outage");
        outage.failed(2, false, "no", now);
        outage.answered();
        outage.failed(3, false, "no", now);
        outage.failed(4, false, "no", now);
        assert!(!outage.is_down(), "something was answered in between");
        outage.failed(5, false, "no", now);
        assert!(outage.is_down());
        assert!(!outage.is_over_long(now + 59 * SECOND));
        assert!(outage.is_over_long(now + 60 * SECOND));
        outage.answered();
        assert!(!outage.is_down() && !outage.is_over_long(now + 90 * SECOND));
    }

    #[test]
    fn tries_become_rarer() {
        let now = Instant::now();
        let mut outage = Outage::new(1, SECOND, 600 * SECOND);
        outage.failed(1, false, "no", now);
        let mut waits = Vec::new();
        for _ in 0..7 {
            waits.push(outage.wait(now).as_secs());
            outage.failed(1, false, "no", now);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        let late = now + 598 * SECOND;
        assert_eq!(outage.wait(late), 2 * SECOND, "not beyond the patience");
    }

    #[test]
    fn an_endpoint_that_asks_to_slow_down_is_alive_for_a_while() {
        let now = Instant::now();
        let mut outage = Outage::new(3, SECOND, 600 * SECOND);
        for request in 1..20 {
            outage.failed(request, true, "slow down", now);
        }
        assert!(!outage.is_down());
        outage.failed(20, true, "slow down", now + SLOWED_DOWN);
        assert!(outage.is_down());
    }

    #[test]
    fn outages_can_be_switched_off() {
        let mut outage = Outage::new(1, SECOND, Duration::ZERO);
        outage.failed(1, false, "no", Instant::now());
        assert!(!outage.is_down());
    }
}
