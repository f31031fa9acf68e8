//! English documents and their versions in other languages.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use super::{NOW, Store, StoreError, json, of_word, text, word};

/// How sure it is that two documents are versions of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PairState {
    /// Sure enough to write items from.
    Mapped,
    /// A person has to say.
    Doubtful,
    /// There is none.
    Unmapped,
}

/// Who found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// The source's own link.
    Link,
    /// Similarity of vectors.
    Embedding,
    /// A person.
    Person,
    /// Nobody.
    None,
}

/// An English document and what is known of its version in a language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// Number of the English document.
    pub english: i64,
    /// Tag of the other language.
    pub language: String,
    /// Number of the other document; `None` where it is unmapped.
    pub other: Option<i64>,
    /// How sure it is.
    pub state: PairState,
    /// Who found it.
    pub how: How,
    /// Cosine similarity, where vectors were compared.
    pub similarity: Option<f64>,
}

/// What the pairs of a language rest on, beside links and what people said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Basis {
    /// Identity of the model whose vectors were compared; `None` where none were.
    pub embedder: Option<String>,
    /// As `[map]` had it; the others, too.
    pub threshold: f64,
    /// As in `[map]`.
    pub doubtful: f64,
    /// As in `[map]`.
    pub margin: f64,
    /// As in `[map]`.
    pub characters: usize,
}

/// What a person said of two documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Number of the English document.
    pub english: i64,
    /// Number of the other document.
    pub other: i64,
    /// Whether they are versions of one.
    pub same: bool,
    /// Who says so.
    pub name: String,
}

impl Store {
    /// Puts these pairs in the place of all that a language had.
    pub fn set_pairs(&self, language: &str, pairs: &[Pair]) -> Result<(), StoreError> {
        self.write(|db| put(db, language, pairs))
    }

    /// The same, with what they rest on.
    pub fn set_mapped(
        &self,
        language: &str,
        pairs: &[Pair],
        basis: &Basis,
    ) -> Result<(), StoreError> {
        self.write(|db| {
            put(db, language, pairs)?;
            db.execute(
                "INSERT OR REPLACE INTO meta VALUES (?1, ?2)",
                [basis_of(language), text(basis)],
            )
            .map(|_| ())
        })
    }

    /// What the pairs of a language rest on, where they were mapped.
    pub fn basis(&self, language: &str) -> Result<Option<Basis>, StoreError> {
        self.read(|db| {
            db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?
                .query_row([basis_of(language)], |row| json(row, 0))
                .optional()
        })
    }

    /// The pairs of a language, or of all, by English document.
    pub fn pairs(&self, language: Option<&str>) -> Result<Vec<Pair>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT english, language, other, state, how, similarity FROM pairs
                 WHERE ?1 IS NULL OR language = ?1 ORDER BY english, language",
            )?
            .query_map([language], |row| {
                Ok(Pair {
                    english: row.get(0)?,
                    language: row.get(1)?,
                    other: row.get(2)?,
                    state: of_word(row, 3)?,
                    how: of_word(row, 4)?,
                    similarity: row.get(5)?,
                })
            })?
            .collect()
        })
    }

    /// Keeps what a person says of two documents.
    pub fn decide(&self, decisions: &[Decision]) -> Result<(), StoreError> {
        self.write(|db| {
            let sql = format!(
                "INSERT INTO decisions(english, other, same, name, time)
                 VALUES (?1, ?2, ?3, ?4, {NOW})"
            );
            let mut insert = db.prepare(&sql)?;
            for decision in decisions {
                insert.execute(params![
                    decision.english,
                    decision.other,
                    decision.same,
                    decision.name
                ])?;
            }
            Ok(())
        })
    }

    /// What people said of pairs, the last word on each.
    pub fn decisions(&self) -> Result<Vec<Decision>, StoreError> {
        self.read(|db| {
            db.prepare(
                "SELECT english, other, same, name FROM decisions d WHERE id =
                 (SELECT max(id) FROM decisions WHERE english = d.english AND other = d.other)
                 ORDER BY id",
            )?
            .query_map([], decision)?
            .collect()
        })
    }

    /// What people said of the documents that are current now, the last word on each pair in the
    /// order of saying. What was said of an earlier form of a document holds for it, too.
    pub fn decisions_now(&self) -> Result<Vec<Decision>, StoreError> {
        let said = self.read(|db| {
            db.prepare(
                "SELECT e.id, o.id, same, d.name FROM decisions d
                 JOIN documents was_e ON was_e.id = d.english
                 JOIN documents was_o ON was_o.id = d.other
                 JOIN documents e ON e.source = was_e.source AND e.name = was_e.name
                    AND e.language = was_e.language AND e.current = 1
                 JOIN documents o ON o.source = was_o.source AND o.name = was_o.name
                    AND o.language = was_o.language AND o.current = 1
                 ORDER BY d.id",
            )?
            .query_map([], decision)?
            .collect::<rusqlite::Result<Vec<Decision>>>()
        })?;
        let mut last = BTreeSet::new();
        let mut kept: Vec<Decision> =
            said.into_iter().rev().filter(|d| last.insert((d.english, d.other))).collect();
        kept.reverse();
        Ok(kept)
    }
}

fn put(db: &Transaction<'_>, language: &str, pairs: &[Pair]) -> rusqlite::Result<()> {
    db.execute("DELETE FROM pairs WHERE language = ?1", [language])?;
    let mut insert = db.prepare("INSERT INTO pairs VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for pair in pairs {
        insert.execute(params![
            pair.english,
            language,
            pair.other,
            word(&pair.state),
            word(&pair.how),
            pair.similarity
        ])?;
    }
    Ok(())
}

fn decision(row: &Row<'_>) -> rusqlite::Result<Decision> {
    Ok(Decision { english: row.get(0)?, other: row.get(1)?, same: row.get(2)?, name: row.get(3)? })
}

/// Key of a language's basis in the table of single values.
fn basis_of(language: &str) -> String {
    format!("map/{language}")
}
