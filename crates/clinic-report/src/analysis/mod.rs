//! Runs compared with each other, with themselves in English, and with what they should be.

mod types;

pub use types::*;
