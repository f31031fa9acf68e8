//! One call at a time for each content key: of equal requests, one is paid for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Keys that are being asked for, and how many wait on each.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>>);

/// A turn at a key; the next begins when it is dropped.
pub(super) struct Turn {
    turns: Turns,
    key: String,
    held: Option<tokio::sync::OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits until nobody else asks for this key.
    pub(super) async fn wait(&self, key: &str) -> Turn {
        let lock = self.lock().entry(key.to_owned()).or_default().clone();
        let held = Some(lock.lock_owned().await);
        Turn { turns: self.clone(), key: key.to_owned(), held }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<tokio::sync::Mutex<()>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.held = None;
        let mut turns = self.turns.lock();
        // Whoever waits holds the lock too.
        if turns.get(&self.key).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            turns.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;

    #[tokio::test]
    async fn equal_keys_take_turns_and_leave_nothing_behind() {
        let turns = Turns::default();
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let one = |key: &'static str| {
            let (turns, now, most) = (&turns, &now, &most);
            async move {
                let _turn = turns.wait(key).await;
                most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                tokio::task::yield_now().await;
                now.fetch_sub(1, SeqCst);
            }
        };
        futures::future::join_all((0..10).map(|_| one("a"))).await;
        assert_eq!(most.load(SeqCst), 1);
        assert!(turns.lock().is_empty());
    }
}
