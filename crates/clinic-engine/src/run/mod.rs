//! A run: the plan, the store, and the two loops that fill it.
//!
//! `docs/design/run.md` tells how it survives.

mod ask;
mod cache;
mod embed;
mod event;
mod folder;
mod generate;
mod import;
mod plan;
mod response;
mod score;
mod store;
mod turns;
mod writer;

pub use ask::{CallError, Caller, Patience};
pub use cache::Cache;
pub use embed::Batches;
pub use event::{Event, Listener, Stage, Stop};
pub use folder::{Run, RunError};
pub use generate::{Generation, generate};
pub use import::{Answers, import};
pub use plan::{DataRef, Format, Imported, ModelRef, Plan, TaskRef, samples};
pub use response::{Response, State};
pub use score::{Scoring, score};
pub use store::{Store, StoreError, Tally};
pub use turns::Turns;
