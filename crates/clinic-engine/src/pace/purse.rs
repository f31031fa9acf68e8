//! Money: nothing is sent that could cost more than the budget leaves.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use tokio::sync::Notify;

use crate::run::{CallError, StoreError};

/// What a run may cost, has cost, and may cost yet by what is in flight; in USD.
pub struct Purse {
    money: Mutex<Money>,
    changed: Notify,
    keeper: Option<Box<dyn Keeper>>,
    /// What the keeper was told.
    kept: tokio::sync::Mutex<f64>,
}

/// Keeps on the disk how much is in flight, so that a crash does not make it forgotten.
pub trait Keeper: Send + Sync {
    /// Keeps that calls in flight may cost so many USD together.
    fn keep(&self, usd: f64) -> BoxFuture<'_, Result<(), StoreError>>;
}

#[derive(Debug)]
struct Money {
    budget: Option<f64>,
    spent: f64,
    set_aside: f64,
}

/// The next call could cost more than is left, and nothing is in flight that could free money.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "the budget of USD {budget} is used up: {spent:.4} spent, and the next call may cost {next:.4}"
)]
pub struct Broke {
    /// The budget.
    pub budget: f64,
    /// What was spent.
    pub spent: f64,
    /// What the next call may cost.
    pub next: f64,
}

/// Money set aside for a call; dropped without being settled, it goes back.
pub(super) struct Share {
    purse: Arc<Purse>,
    usd: f64,
}

impl Purse {
    /// A purse with a budget, or without end, of which some is spent already.
    pub fn new(budget: Option<f64>, spent: f64) -> Arc<Self> {
        let money = Money { budget, spent, set_aside: 0.0 };
        let kept = tokio::sync::Mutex::new(0.0);
        Arc::new(Self { money: Mutex::new(money), changed: Notify::new(), keeper: None, kept })
    }

    /// The same with somebody who keeps what is in flight.
    pub fn kept_by(budget: Option<f64>, spent: f64, keeper: Box<dyn Keeper>) -> Arc<Self> {
        let mut purse = Self::new(budget, spent);
        if let Some(purse) = Arc::get_mut(&mut purse) {
            purse.keeper = Some(keeper);
        }
        purse
    }

    /// Nothing is in flight any more.
    pub async fn rest(&self) -> Result<(), StoreError> {
        match &self.keeper {
            Some(keeper) if *self.kept.lock().await > 0.0 => keeper.keep(0.0).await,
            _ => Ok(()),
        }
    }

    /// Has it kept how much is in flight: seldom, since twice as much is kept each time.
    async fn keep(&self) -> Result<(), StoreError> {
        let Some(keeper) = &self.keeper else { return Ok(()) };
        let mut kept = self.kept.lock().await;
        let (out, left) = {
            let money = self.money();
            (money.set_aside, money.budget.map_or(f64::INFINITY, |all| all - money.spent))
        };
        if out > *kept {
            let more = (2.0 * out).min(left).max(out);
            keeper.keep(more).await?;
            *kept = more;
        }
        Ok(())
    }

    /// What was spent, in USD.
    pub fn spent(&self) -> f64 {
        self.money().spent
    }

    /// Sets aside what a call may cost, once it fits.
    pub(super) async fn set_aside(self: &Arc<Self>, usd: f64) -> Result<Share, CallError> {
        let share = self.reserve(usd).await?;
        self.keep().await?;
        Ok(share)
    }

    async fn reserve(self: &Arc<Self>, usd: f64) -> Result<Share, Broke> {
        loop {
            let changed = self.changed.notified();
            let mut changed = std::pin::pin!(changed);
            // Registered before looking, so that no change in between is missed.
            changed.as_mut().enable();
            {
                let mut money = self.money();
                let budget = money.budget.unwrap_or(f64::INFINITY);
                if money.spent + money.set_aside + usd <= budget {
                    money.set_aside += usd;
                    return Ok(Share { purse: self.clone(), usd });
                }
                if money.set_aside <= 0.0 {
                    return Err(Broke { budget, spent: money.spent, next: usd });
                }
            }
            changed.await;
        }
    }

    fn money(&self) -> MutexGuard<'_, Money> {
        self.money.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// What was set aside, in USD.
    pub fn usd(&self) -> f64 {
        self.usd
    }

    /// Puts what a call did cost in the place of what it could.
    pub fn settle(self, usd: f64) {
        self.purse.money().spent += usd;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut money = self.purse.money();
        money.set_aside -= self.usd;
        // Sums of fractions seldom come back to nothing by themselves.
        if money.set_aside < 1e-12 {
            money.set_aside = 0.0;
        }
        drop(money);
        self.purse.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn a_call_waits_for_others_and_then_for_nobody() {
        let purse = Purse::new(Some(1.0), 0.25);
        let first = purse.set_aside(0.5).await.ok().unwrap();
        let waiting = purse.set_aside(0.5);
        let mut waiting = std::pin::pin!(waiting);
        assert!(waiting.as_mut().now_or_never().is_none());
        first.settle(0.125);
        let second = waiting.now_or_never().unwrap().ok().unwrap();
        assert_eq!(purse.spent(), 0.375);
        drop(second);
        let broke = purse.set_aside(0.75).now_or_never().unwrap().err().unwrap();
        let CallError::Broke(broke) = broke else { panic!("{broke}") };
        assert_eq!(broke, Broke { budget: 1.0, spent: 0.375, next: 0.75 });
        assert!(broke.to_string().contains("USD 1 is used up: 0.3750 spent"), "{broke}");
    }

    #[tokio::test]
    async fn without_a_budget_only_the_sum_is_kept() {
        let purse = Purse::new(None, 0.0);
        let shares =
            [purse.set_aside(1e9).await.ok().unwrap(), purse.set_aside(1e9).await.ok().unwrap()];
        for share in shares {
            share.settle(2.0);
        }
        assert_eq!(purse.spent(), 4.0);
    }

    struct Notebook(Arc<Mutex<Vec<f64>>>);

    impl Keeper for Notebook {
        fn keep(&self, usd: f64) -> BoxFuture<'_, Result<(), StoreError>> {
            self.0.lock().unwrap().push(usd);
            Box::pin(async { Ok(()) })
        }
    }

    #[tokio::test]
    async fn what_is_in_flight_is_kept_before_it_is_sent_and_seldom() {
        let notes = Arc::new(Mutex::new(Vec::new()));
        let purse = Purse::kept_by(Some(10.0), 0.0, Box::new(Notebook(notes.clone())));
        let mut shares = Vec::new();
        for _ in 0..9 {
            shares.push(purse.set_aside(1.0).await.ok().unwrap());
        }
        assert_eq!(*notes.lock().unwrap(), [2.0, 6.0, 10.0], "never more than the budget leaves");
        drop(shares);
        purse.rest().await.unwrap();
        assert_eq!(notes.lock().unwrap().last(), Some(&0.0));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_spent_never_passes_the_budget() {
        let purse = Purse::new(Some(1.0), 0.0);
        let call = |purse: Arc<Purse>| async move {
            let Ok(share) = purse.set_aside(0.1).await else { return false };
            tokio::task::yield_now().await;
            share.settle(0.03);
            true
        };
        let calls: Vec<_> = (0..100).map(|_| tokio::spawn(call(purse.clone()))).collect();
        let done = futures::future::join_all(calls).await;
        let done = done.into_iter().filter(|done| *done.as_ref().unwrap()).count();
        assert!(purse.spent() <= 1.0);
        // After 31 times 0.03 another 0.1 does not fit; a sum of fractions may be a hair too large.
        assert!((30..=31).contains(&done), "{done}");
    }
}
