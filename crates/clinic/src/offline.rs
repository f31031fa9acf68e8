//! Whether the network may be used: said once, by `--offline`, and asked by all that would use it.

use std::sync::atomic::{AtomicBool, Ordering};

static OFFLINE: AtomicBool = AtomicBool::new(false);

/// Forbids the network to this process.
pub fn forbid_network() {
    OFFLINE.store(true, Ordering::Relaxed);
}

/// Whether the network is forbidden.
pub fn is_offline() -> bool {
    OFFLINE.load(Ordering::Relaxed)
}
