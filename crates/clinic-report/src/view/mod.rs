//! A local page to read the samples of runs and to say what is wrong with their scores.
//!
//! In goes a request, out comes a page made on the spot from the runs' stores; every choice of a reader
//! is in the address. `crate::server` lets nobody in who does not know the token; `docs/design/view.md` tells
//! how, and what keeps a hostile response a text.

mod detail;
mod list;
mod marking;
mod page;
mod query;
mod routes;
pub mod text;

use std::collections::BTreeMap;

use clinic_engine::run::{MarkError, Run, StoreError};

pub use query::{BadQuery, Choice, Key, Place, Start};

/// Runs that are looked at together.
pub struct View {
    runs: Vec<Looked>,
    /// The person who marks.
    name: String,
}

/// A run with the name that it has on the page.
struct Looked {
    label: String,
    run: Run,
    /// Why no mark can be stored, where none can.
    unmarkable: Option<String>,
}

impl View {
    /// A view of runs by a person of this name. Runs of the same model are told apart by numbers, in
    /// the order given.
    pub fn new(runs: Vec<Run>, name: &str) -> Self {
        let mut seen = BTreeMap::<String, usize>::new();
        let looked = |run: Run| {
            let model = run.plan().model.label();
            let n = seen.entry(model.clone()).or_default();
            *n += 1;
            let label = if *n == 1 { model } else { format!("{model} #{n}") };
            let unmarkable = run.store().takes_marks().err().map(|e: MarkError| e.to_string());
            Looked { label, run, unmarkable }
        };
        Self { runs: runs.into_iter().map(looked).collect(), name: name.to_owned() }
    }

    fn find(&self, label: &str) -> Option<usize> {
        self.runs.iter().position(|looked| looked.label == label)
    }
}

/// Why a page cannot be made.
#[derive(Debug, thiserror::Error)]
enum PageError {
    #[error(transparent)]
    Query(#[from] BadQuery),
    #[error("{0}")]
    NotHere(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}
