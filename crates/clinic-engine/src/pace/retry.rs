//! How many attempts a request has left, and how long it waits between them.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use super::Patience;
use crate::model::{Failure, ModelError};

const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Being turned away (429, 503, 529) counts this share of another failure.
const TURNED_AWAY: usize = 5;

/// What a request has left.
pub(super) struct Retries {
    waits: ExponentialBackoff,
    /// In parts of an attempt.
    left: usize,
}

impl Retries {
    pub fn new(patience: &Patience) -> Self {
        let waits = ExponentialBuilder::default()
            .with_min_delay(patience.first_wait)
            .with_max_delay(LONGEST_WAIT)
            .with_factor(2.0)
            .without_max_times()
            .with_jitter()
            .build();
        Self { waits, left: patience.retries * TURNED_AWAY }
    }

    /// The wait before the next attempt; `None` where there is none. In an outage (`away`) an
    /// attempt costs nothing.
    pub fn next(&mut self, error: &ModelError, away: bool) -> Option<Duration> {
        if !error.kind.is_transient() {
            return None;
        }
        if away {
            return Some(Duration::ZERO);
        }
        let away = matches!(error.kind, Failure::Busy | Failure::Overloaded);
        let cost = if away { 1 } else { TURNED_AWAY };
        self.left = self.left.checked_sub(cost)?;
        let wait = self.waits.next()?;
        Some(error.retry_after.unwrap_or(wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts(retries: usize, kind: Failure) -> usize {
        let patience = Patience { retries, ..Patience::default() };
        let mut left = Retries::new(&patience);
        let error = ModelError::new(kind, "");
        (0..1_000).take_while(|_| left.next(&error, false).is_some()).count()
    }

    #[test]
    fn being_turned_away_counts_a_fifth() {
        assert_eq!(attempts(4, Failure::Server), 4);
        assert_eq!(attempts(4, Failure::Busy), 20);
        assert_eq!(attempts(0, Failure::Busy), 0);
        assert_eq!(attempts(4, Failure::Rejected), 0);
    }

    #[test]
    fn attempts_in_an_outage_cost_nothing() {
        let mut left = Retries::new(&Patience { retries: 0, ..Patience::default() });
        let error = ModelError::new(Failure::Connection, "");
        assert_eq!(left.next(&error, true), Some(Duration::ZERO));
        assert_eq!(left.next(&error, false), None);
    }

    #[test]
    fn waits_grow_and_what_is_asked_for_is_obeyed() {
        let mut left = Retries::new(&Patience::default());
        let mut error = ModelError::new(Failure::Server, "");
        let first = left.next(&error, false).unwrap();
        let second = left.next(&error, false).unwrap();
        assert!(first >= Duration::from_millis(500) && second >= Duration::from_secs(1));
        error.retry_after = Some(Duration::from_secs(7));
        assert_eq!(left.next(&error, false), Some(Duration::from_secs(7)));
    }
}
