//! A run: the plan, the store, and the two loops that fill it.
//!
//! `docs/design/run.md` tells how it survives.

mod ask;
mod batched;
mod cache;
mod embed;
mod event;
mod folder;
mod generate;
mod import;
mod migrate;
mod plan;
mod records;
mod response;
mod score;
mod spent;
mod sqlite;
mod store;
mod turns;
mod work;
mod writer;

pub use ask::{CallError, Caller};
pub use batched::{Batched, Batching};
pub use cache::Cache;
pub use event::{Event, Listener, Stage, Stop};
pub use folder::{Run, RunError};
pub use generate::Generation;
pub use import::{Answers, import};
pub use plan::{DataRef, Format, Imported, ModelRef, Plan, TaskRef, samples};
pub use records::{Answer, Record};
pub use response::{Response, State};
pub use score::Scoring;
pub use spent::{InFlight, Judged};
pub use store::{Store, StoreError, Tally};
pub use turns::Turns;
pub use work::work;
