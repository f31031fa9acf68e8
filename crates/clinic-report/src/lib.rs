//! What people and other programs get to see of a run. Reads the store and nothing else.

pub mod chart;
pub mod export;
mod summary;
mod table;

pub use clinic_core::plain::plain;
pub use summary::{Row, Summary};
pub use table::{Layout, finish, grid, wrap};
