//! What people and other programs get to see of a run. Reads the store and nothing else.

pub mod analysis;
pub mod chart;
mod evidence;
pub mod export;
pub mod formats;
pub mod html;
pub mod server;
mod summary;
mod table;
pub mod view;

pub use clinic_core::plain::plain;
pub use evidence::Evidence;
pub use summary::{Row, Summary};
pub use table::{Layout, finish, grid, wrap};

/// An amount in USD, with as many places as say something.
pub fn money(usd: f64) -> String {
    if usd == 0.0 || usd >= 1.0 { format!("{usd:.2}") } else { format!("{usd:.4}") }
}
