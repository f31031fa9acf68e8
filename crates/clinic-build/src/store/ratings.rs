//! What people say of items. Rows are added and never changed; the last of a person counts.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;
use serde::Serialize;

use super::{NOW, Store, StoreError, json, text};

/// What a person says of an item in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewRating {
    /// Number of the item.
    pub item: i64,
    /// Tag of the language.
    pub language: String,
    /// Digest of the cells that were rated.
    pub digest: String,
    /// Who says it.
    pub reviewer: String,
    /// Whether they would not say.
    pub skipped: bool,
    /// Whether it must not be published, whatever else is said.
    pub r#unsafe: bool,
    /// Criterion to a number from 1 to 5; empty where skipped.
    pub marks: BTreeMap<String, u8>,
    /// In their words.
    pub comment: String,
    /// `page`, or the name of the file that it came in.
    pub via: String,
}

/// A rating with its number and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rating {
    /// Its number: later ones are higher.
    pub id: i64,
    /// The number of the first rating of this person on the same text: who came before whom.
    pub first: i64,
    /// When it was said, in UTC.
    pub time: String,
    /// What was said.
    pub body: NewRating,
}

impl Store {
    /// Keeps ratings, all or none.
    pub fn rate(&self, ratings: &[NewRating]) -> Result<(), StoreError> {
        self.write(|db| {
            let sql = format!(
                "INSERT INTO ratings(item, language, digest, reviewer, skipped, unsafe, marks,
                    comment, via, time)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, {NOW})"
            );
            let mut insert = db.prepare(&sql)?;
            for new in ratings {
                insert.execute(params![
                    new.item,
                    new.language,
                    new.digest,
                    new.reviewer,
                    new.skipped,
                    new.r#unsafe,
                    text(&new.marks),
                    new.comment,
                    new.via
                ])?;
            }
            Ok(())
        })
    }

    /// The last rating of each person on each item and language, in the order of saying. Those of a
    /// text that has changed since are among them; compare digests.
    pub fn ratings(&self) -> Result<Vec<Rating>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT id, item, language, digest, reviewer, skipped, unsafe, marks, comment, via,
                    time, (SELECT min(id) FROM ratings WHERE item = r.item AND language = r.language
                        AND reviewer = r.reviewer AND digest = r.digest AND NOT skipped)
                 FROM ratings r WHERE id = (SELECT max(id) FROM ratings
                    WHERE item = r.item AND language = r.language AND reviewer = r.reviewer)
                 ORDER BY id",
            )?
            .query_map([], |row| {
                Ok(Rating {
                    id: row.get(0)?,
                    first: row.get::<_, Option<i64>>(11)?.unwrap_or(row.get(0)?),
                    time: row.get(10)?,
                    body: NewRating {
                        item: row.get(1)?,
                        language: row.get(2)?,
                        digest: row.get(3)?,
                        reviewer: row.get(4)?,
                        skipped: row.get(5)?,
                        r#unsafe: row.get(6)?,
                        marks: json(row, 7)?,
                        comment: row.get(8)?,
                        via: row.get(9)?,
                    },
                })
            })?
            .collect()
        })
    }

    /// The texts, by item and language, that a person rated by a file whose `via` begins so.
    pub fn rated_via(
        &self,
        reviewer: &str,
        via: &str,
    ) -> Result<BTreeSet<(i64, String)>, StoreError> {
        self.read(|db| {
            db.prepare(
                "SELECT DISTINCT item, language FROM ratings
                 WHERE reviewer = ?1 AND substr(via, 1, length(?2)) = ?2",
            )?
            .query_map([reviewer, via], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
        })
    }
}
