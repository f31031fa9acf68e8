//! Items that a model could not write in a language.

use rusqlite::params;

use super::{NOW, Store, StoreError};

/// An item that a model could not write in a language, however often it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The task's name.
    pub task: String,
    /// Number of the English document.
    pub document: i64,
    /// Which item of this task from this document, from 0.
    pub nth: usize,
    /// Digest of the recipe.
    pub recipe: String,
    /// Tag of the language.
    pub language: String,
    /// Identity of the model.
    pub model: String,
    /// Replies that were asked for, all told.
    pub attempts: u32,
    /// What was wrong, in words that are the same for all of a sort.
    pub sort: String,
    /// What was wrong with the last reply.
    pub why: String,
}

impl Store {
    /// Keeps a failure, in the place of an earlier one of the same.
    pub fn put_failed(&self, failed: &Failed) -> Result<(), StoreError> {
        self.write(|db| {
            db.prepare_cached(&format!(
                "INSERT OR REPLACE INTO failed
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, {NOW})"
            ))?
            .execute(params![
                failed.task,
                failed.document,
                failed.nth as i64,
                failed.recipe,
                failed.language,
                failed.model,
                failed.attempts,
                failed.sort,
                failed.why
            ])
            .map(|_| ())
        })
    }

    /// Forgets a failure that has been made good.
    pub fn forget_failed(&self, failed: &Failed) -> Result<(), StoreError> {
        self.write(|db| {
            db.prepare_cached(
                "DELETE FROM failed WHERE task = ?1 AND document = ?2 AND nth = ?3
                 AND recipe = ?4 AND language = ?5 AND model = ?6",
            )?
            .execute(params![
                failed.task,
                failed.document,
                failed.nth as i64,
                failed.recipe,
                failed.language,
                failed.model
            ])
            .map(|_| ())
        })
    }

    /// What a model could not write of a task by this recipe.
    pub fn failed(&self, task: &str, recipe: &str, model: &str) -> Result<Vec<Failed>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT document, nth, language, attempts, sort, why FROM failed
                 WHERE task = ?1 AND recipe = ?2 AND model = ?3
                 ORDER BY document, nth, language",
            )?
            .query_map([task, recipe, model], |row| {
                Ok(Failed {
                    task: task.to_owned(),
                    document: row.get(0)?,
                    nth: row.get::<_, i64>(1)? as usize,
                    recipe: recipe.to_owned(),
                    language: row.get(2)?,
                    model: model.to_owned(),
                    attempts: row.get(3)?,
                    sort: row.get(4)?,
                    why: row.get(5)?,
                })
            })?
            .collect()
        })
    }
}
