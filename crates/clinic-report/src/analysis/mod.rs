//! Runs compared with each other, with themselves in English, and with what they should be.
//!
//! `docs/statistics.md` has the formula and the source of each number.

mod alike;
mod board;
mod compare;
mod examples;
mod facts;
mod gaps;
mod means;
mod paired;
mod portrait;
mod ranks;
mod rule;
mod safety;
mod spoken;
mod types;

use std::collections::BTreeSet;

pub use alike::differences;
use clinic_core::published::Protocol;
use clinic_engine::run::{Run, StoreError};
pub use compare::{Change, Comparison, Flip, Side, Turn};
pub use paired::Difference;
use rayon::prelude::*;
pub use rule::{Rule, RuleError, Ruling};
pub use types::*;

use crate::evidence::{self, Evidence};

/// Why runs cannot be analysed together.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    /// A store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A run under the protocol `reference`, whose numbers have no intervals and no pairs.
    #[error("{0} has the published arithmetic, whose numbers cannot be compared sample by sample")]
    Published(String),
    /// Runs that are unlike in more than the model.
    #[error("{first} and {second} cannot be compared: {}", .why.join("; "))]
    Unlike {
        /// Folder of one.
        first: String,
        /// Folder of the other.
        second: String,
        /// What differs.
        why: Vec<String>,
    },
}

impl Analysis {
    /// Looks at runs, one alone or several beside each other.
    ///
    /// Runs that are unlike in more than the model are refused, or marked where `force` is set.
    pub fn of(runs: &[&Run], force: bool) -> Result<Self, AnalysisError> {
        let all = read(runs)?;
        let mut unlike = unlike(runs, &all, force)?;
        unlike.extend(uneven(runs));
        let labels = labels(runs);
        let portraits: Vec<Portrait> = runs
            .par_iter()
            .zip(&all)
            .zip(labels)
            .map(|((run, evidence), label)| Portrait::of(run, evidence, label))
            .collect::<Result<_, _>>()?;
        let published = runs.iter().any(|run| run.plan().protocol == Protocol::Reference);
        let board = (runs.len() > 1 && !published).then(|| board::of(runs, &all));
        Ok(Self { runs: portraits, board, unlike, made_by: env!("CARGO_PKG_VERSION").to_owned() })
    }
}

/// Reads all runs, with clusters that mean the same in each.
pub(crate) fn read(runs: &[&Run]) -> Result<Vec<Evidence>, StoreError> {
    let all: Result<Vec<Evidence>, _> =
        runs.par_iter().map(|run| Evidence::read_spoken(run)).collect();
    let mut all = all?;
    if all.len() > 1 {
        evidence::number(&mut all);
    }
    Ok(all)
}

/// What differs between the first run and each other.
fn unlike(runs: &[&Run], all: &[Evidence], force: bool) -> Result<Vec<String>, AnalysisError> {
    let mut told = Vec::new();
    let Some((first, others)) = runs.split_first() else { return Ok(told) };
    for (other, evidence) in others.iter().zip(&all[1..]) {
        let why = differences((first, &all[0]), (other, evidence));
        let (first, second) = (first.folder().display(), other.folder().display());
        if !why.is_empty() && !force {
            let (first, second) = (first.to_string(), second.to_string());
            return Err(AnalysisError::Unlike { first, second, why });
        }
        told.extend(why.iter().map(|why| format!("{first} and {second}: {why}")));
    }
    Ok(told)
}

/// Where runs were not asked the same. That needs no force: what is compared is what all have, but
/// numbers that merely stand beside each other rest on different samples.
fn uneven(runs: &[&Run]) -> Option<String> {
    let asked = |run: &Run| {
        let plan = run.plan();
        let tasks: BTreeSet<String> = plan.tasks.iter().map(|task| task.name.clone()).collect();
        let languages: BTreeSet<String> = plan.languages.iter().cloned().collect();
        (tasks, languages, plan.limit)
    };
    let uneven = runs.iter().any(|run| asked(run) != asked(runs[0]));
    uneven.then(|| {
        "they were not asked the same tasks, languages or number of items; the leaderboard and the \
         paired differences rest on what all have, other numbers do not"
            .to_owned()
    })
}

/// The models' names, with the run's folder where two runs have the same.
pub(crate) fn labels(runs: &[&Run]) -> Vec<String> {
    let names: Vec<String> = runs.iter().map(|run| run.plan().model.label()).collect();
    let mut taken = BTreeSet::new();
    let mut labels = Vec::new();
    for (i, (run, name)) in runs.iter().zip(&names).enumerate() {
        let folder = run.folder().file_name().map(|f| f.to_string_lossy().into_owned());
        let mut label = name.clone();
        if names.iter().filter(|other| *other == name).count() > 1 {
            label = format!("{name} ({})", folder.unwrap_or_default());
        }
        if !taken.insert(label.clone()) {
            label = format!("{label} #{}", i + 1);
            taken.insert(label.clone());
        }
        labels.push(label);
    }
    labels
}
