//! Models, scorers and the run: everything that waits for something.
//!
//! The run's store, loop and resume are described in `docs/design/run.md`, the way of one call in
//! `docs/design/pace.md`, the judge's fence in `docs/design/judge.md`.

pub mod import;
pub mod model;
pub mod pace;
pub mod run;
pub mod scorer;
