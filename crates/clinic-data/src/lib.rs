//! Datasets beyond reading them: what unknown files hold ([`detect`]), whether a run may use them
//! ([`validate`]), and how many samples they give ([`stats`]).

pub mod detect;
pub mod lock;
pub mod stats;
pub mod validate;
