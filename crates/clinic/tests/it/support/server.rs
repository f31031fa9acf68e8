//! What tests need beside the fake provider itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use clinic_fake::{Action, Fake, Script, Seen};

/// A server that misbehaves until it is healed.
pub struct Sick {
    pub fake: Fake,
    healthy: Arc<AtomicBool>,
}

impl Sick {
    /// Treats the requests that `falls_ill` picks with `action`, others as a provider should.
    pub fn new(action: Action, falls_ill: impl Fn(&Seen) -> bool + Send + Sync + 'static) -> Self {
        Self::of(move |seen| if falls_ill(seen) { action.clone() } else { Action::Default })
    }

    /// Treats each request as `rule` says.
    pub fn of(rule: impl Fn(&Seen) -> Action + Send + Sync + 'static) -> Self {
        let healthy = Arc::new(AtomicBool::new(false));
        let healed = healthy.clone();
        let fake = Fake::start(Script::new(move |seen, _| {
            if healed.load(SeqCst) { Action::Default } else { rule(seen) }
        }));
        Self { fake, healthy }
    }

    /// Behaves from now on; gives the number of requests so far.
    pub fn heal(&self) -> usize {
        self.healthy.store(true, SeqCst);
        self.fake.count()
    }
}

/// A server that meets its first `n` requests with `action`, and later ones as a provider should.
pub fn down_for(n: usize, action: Action) -> Fake {
    let met = AtomicUsize::new(0);
    Fake::start(Script::new(move |_, _| match met.fetch_add(1, SeqCst) < n {
        true => action.clone(),
        false => Action::Default,
    }))
}

/// The prompts that a server was sent after its first `skip` requests, sorted.
pub fn prompts(fake: &Fake, skip: usize) -> Vec<String> {
    let mut prompts: Vec<String> = fake.requests()[skip..].iter().map(Seen::prompt).collect();
    prompts.sort();
    prompts
}

/// Whether a request is for this model.
pub fn is_for(seen: &Seen, model: &str) -> bool {
    seen.body["model"] == model
}
