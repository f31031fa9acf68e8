//! A run: the plan, the store, and the two loops that fill it.
//!
//! `docs/design/run.md` tells how it survives.

mod ask;
mod batched;
mod browse;
mod cache;
mod embed;
mod event;
mod folder;
mod generate;
mod import;
mod marks;
mod migrate;
mod plan;
mod records;
mod response;
mod score;
mod spent;
pub mod sqlite;
mod store;
mod structured;
mod turns;
mod work;
mod writer;

pub use ask::{CallError, Caller};
pub use batched::{Batched, Batching};
pub use browse::{Entry, Filter, Found, LONGEST_SEARCH, Marked, SEARCHED_SAMPLES, Scored};
pub use cache::Cache;
pub use event::{Event, Listener, Stage, Stop};
pub use folder::{Run, RunError, fresh};
pub use generate::Generation;
pub use import::{Answers, import};
pub use marks::{Mark, MarkError, NewMark, Opinion};
pub use plan::{DataRef, Format, Imported, ModelRef, Plan, TaskRef, samples};
pub use records::{Answer, Record};
pub use response::{Response, State};
pub use score::Scoring;
pub use spent::{InFlight, Judged};
pub use store::{Store, StoreError, Tally};
pub use structured::Structured;
pub use turns::Turns;
pub use work::work;
