//! `clinic data`: what a dataset holds, and whether a run may use it.

mod fetch;
mod import;
mod lock;
mod stats;
mod validate;

pub use fetch::fetch;
pub use import::import;
pub use lock::lock;
pub use stats::stats;
pub use validate::validate;
