//! All that a run knows of its samples, a page at a time: what reports fold.

use std::collections::BTreeMap;

use clinic_core::sample::Sample;
use clinic_core::score::Score;
use rusqlite::{Row, params};

use super::response::State;
use super::store::{Store, StoreError, json, state};

/// A sample and what came of it.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its id in the store.
    pub id: i64,
    /// The item in its language.
    pub sample: Sample,
    /// What was answered, in the order of its variants.
    pub answers: Vec<Answer>,
    /// Its scores, each with what scored.
    pub scores: Vec<(Score, String)>,
}

/// A response without its prompt.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What came of the prompt.
    pub state: State,
    /// The answer without reasoning, where there is one.
    pub text: Option<String>,
    /// Whether the token limit ended it.
    pub truncated: bool,
    /// Why there is none.
    pub error: Option<String>,
}

impl Store {
    /// Reads several times as if at once, also while another process writes.
    pub fn at_once<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.read(|db| db.execute_batch("BEGIN"))?;
        let outcome = read();
        self.read(|db| db.execute_batch("COMMIT"))?;
        outcome
    }

    /// Samples of a task after an id, in order, with what came of them.
    pub fn records(&self, task: &str, after: i64, limit: usize) -> Result<Vec<Record>, StoreError> {
        let samples = self.samples(task, after, limit)?;
        let (Some((first, _)), Some((last, _))) = (samples.first(), samples.last()) else {
            return Ok(Vec::new());
        };
        let (mut answers, mut scores) = self.read(|db| {
            let mut answers: BTreeMap<i64, Vec<Answer>> = BTreeMap::new();
            let mut query = db.prepare_cached(
                "SELECT sample, state, text, truncated, error FROM responses
                 WHERE sample BETWEEN ?1 AND ?2 ORDER BY sample, id",
            )?;
            let mut rows = query.query(params![first, last])?;
            while let Some(row) = rows.next()? {
                answers.entry(row.get(0)?).or_default().push(answer(row)?);
            }
            let mut scores: BTreeMap<i64, Vec<(Score, String)>> = BTreeMap::new();
            let mut query = db.prepare_cached(
                "SELECT sample, name, outcome, verdict, why, scorer FROM scores
                 WHERE sample BETWEEN ?1 AND ?2 ORDER BY sample, place",
            )?;
            let mut rows = query.query(params![first, last])?;
            while let Some(row) = rows.next()? {
                scores.entry(row.get(0)?).or_default().push(score(row)?);
            }
            Ok((answers, scores))
        })?;
        let record = |(id, sample): (i64, Sample)| Record {
            id,
            sample,
            answers: answers.remove(&id).unwrap_or_default(),
            scores: scores.remove(&id).unwrap_or_default(),
        };
        Ok(samples.into_iter().map(record).collect())
    }
}

fn answer(row: &Row<'_>) -> rusqlite::Result<Answer> {
    Ok(Answer {
        state: state(row, 1)?,
        text: row.get(2)?,
        truncated: row.get(3)?,
        error: row.get(4)?,
    })
}

fn score(row: &Row<'_>) -> rusqlite::Result<(Score, String)> {
    let score =
        Score { name: row.get(1)?, outcome: json(row, 2)?, verdict: row.get(3)?, why: row.get(4)? };
    Ok((score, row.get(5)?))
}
