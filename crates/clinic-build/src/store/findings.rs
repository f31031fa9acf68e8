//! What checks found.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::{NOW, Store, StoreError, of_word, word};

/// What a finding means for the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It is not shown to people and not published.
    Block,
    /// People are told.
    Warn,
    /// All is well; kept for its measure.
    Pass,
}

/// What a check found of a text, an item, a task or the whole set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Number of the item; `None`: the task or the whole set.
    pub item: Option<i64>,
    /// The task's name; `None`: the whole set.
    pub task: Option<String>,
    /// Tag of the language; `None`: all.
    pub language: Option<String>,
    /// Digest of the cells that were looked at, where it was one text.
    pub digest: Option<String>,
    /// The check's name.
    pub name: String,
    /// What it means.
    pub level: Level,
    /// What is wrong, or how it was found to be right.
    pub problem: String,
    /// What to do.
    pub todo: String,
    /// The number that was held against a threshold.
    pub measure: Option<f64>,
}

impl Store {
    /// Puts these findings in the place of all that there were.
    pub fn set_findings(&self, findings: &[Finding]) -> Result<(), StoreError> {
        self.write(|db| {
            db.execute("DELETE FROM findings", [])?;
            let sql = format!(
                "INSERT INTO findings(item, task, language, digest, name, level, problem, todo,
                    measure, time)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, {NOW})"
            );
            let mut insert = db.prepare(&sql)?;
            for finding in findings {
                insert.execute(params![
                    finding.item,
                    finding.task,
                    finding.language,
                    finding.digest,
                    finding.name,
                    word(&finding.level),
                    finding.problem,
                    finding.todo,
                    finding.measure
                ])?;
            }
            Ok(())
        })
    }

    /// All findings, or those of an item, in the order of the checks.
    pub fn findings(&self, item: Option<i64>) -> Result<Vec<Finding>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT item, task, language, digest, name, level, problem, todo, measure
                 FROM findings WHERE ?1 IS NULL OR item = ?1 ORDER BY id",
            )?
            .query_map([item], |row| {
                Ok(Finding {
                    item: row.get(0)?,
                    task: row.get(1)?,
                    language: row.get(2)?,
                    digest: row.get(3)?,
                    name: row.get(4)?,
                    level: of_word(row, 5)?,
                    problem: row.get(6)?,
                    todo: row.get(7)?,
                    measure: row.get(8)?,
                })
            })?
            .collect()
        })
    }

    /// Whether checks have looked at the project at all.
    pub fn is_checked(&self) -> Result<bool, StoreError> {
        self.read(|db| db.query_row("SELECT EXISTS (SELECT 1 FROM findings)", [], |row| row.get(0)))
    }
}
