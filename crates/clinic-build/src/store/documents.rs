//! Documents in one language each.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::{NOW, Store, StoreError, json, text};

/// A document that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// The source's name in build.toml.
    pub source: String,
    /// Its name at the source.
    pub name: String,
    /// Tag of its language.
    pub language: String,
    /// Its title.
    pub title: String,
    /// Its plain text.
    pub text: String,
    /// Its licence.
    pub license: String,
    /// URL, or path from the project's folder.
    pub address: String,
    /// The day that the source gives it (YYYY-MM-DD).
    pub dated: Option<String>,
    /// SHA-256 of the bytes as they came, in hex.
    pub sha256: String,
    /// Documents of a source with the same link are versions of one.
    pub link: Option<String>,
    /// What the source files it under.
    pub groups: Vec<String>,
    /// Whether it is about what models cannot have learned yet.
    pub recent: bool,
}

/// A document of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its number.
    pub id: i64,
    /// When it was read, in UTC.
    pub fetched: String,
    /// What was read.
    pub body: NewDocument,
}

/// A document without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Its number.
    pub id: i64,
    /// The source's name.
    pub source: String,
    /// Its name at the source.
    pub name: String,
    /// Tag of its language.
    pub language: String,
    /// Its title.
    pub title: String,
    /// As in [`NewDocument`].
    pub link: Option<String>,
    /// As in [`NewDocument`].
    pub groups: Vec<String>,
    /// As in [`NewDocument`].
    pub recent: bool,
}

/// A document that its source had at the last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// Its number.
    pub id: i64,
    /// Its name at the source.
    pub name: String,
    /// Tag of its language.
    pub language: String,
}

const COLUMNS: &str = "id, source, name, language, title, text, license, address, dated, fetched,
    sha256, link, groups, recent";

const HEAD: &str = "id, source, name, language, title, link, groups, recent";

impl Store {
    /// Keeps a document; an earlier form of it is no longer current. Gives its number, and whether it
    /// is new.
    pub fn put_document(&self, new: &NewDocument) -> Result<(i64, bool), StoreError> {
        self.write(|db| {
            db.prepare_cached(
                "UPDATE documents SET current = 0
                 WHERE source = ?1 AND name = ?2 AND language = ?3",
            )?
            .execute([&new.source, &new.name, &new.language])?;
            // The same bytes again, perhaps read better or under other words in build.toml.
            let known = db
                .prepare_cached(
                    "UPDATE documents SET current = 1, license = ?5, address = ?6, link = ?7,
                        groups = ?8, recent = ?9, dated = ?10
                     WHERE source = ?1 AND name = ?2 AND language = ?3 AND sha256 = ?4
                     RETURNING id",
                )?
                .query_map(
                    params![
                        new.source,
                        new.name,
                        new.language,
                        new.sha256,
                        new.license,
                        new.address,
                        new.link,
                        text(&new.groups),
                        new.recent,
                        new.dated
                    ],
                    |row| row.get(0),
                )?
                .next()
                .transpose()?;
            if let Some(id) = known {
                return Ok((id, false));
            }
            db.prepare_cached(&format!(
                "INSERT INTO documents(source, name, language, title, text, license, address, dated,
                    fetched, sha256, link, groups, recent, current)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, {NOW}, ?9, ?10, ?11, ?12, 1)"
            ))?
            .execute(params![
                new.source,
                new.name,
                new.language,
                new.title,
                new.text,
                new.license,
                new.address,
                new.dated,
                new.sha256,
                new.link,
                text(&new.groups),
                new.recent
            ])?;
            Ok((db.last_insert_rowid(), true))
        })
    }

    /// Takes all documents of a source for gone but these.
    pub fn keep_only(&self, source: &str, ids: &[i64]) -> Result<usize, StoreError> {
        self.write(|db| {
            db.prepare(
                "UPDATE documents SET current = 0 WHERE source = ?1 AND current = 1
                 AND id NOT IN (SELECT value FROM json_each(?2))",
            )?
            .execute(params![source, text(&ids)])
        })
    }

    /// The current documents of a source.
    pub fn current(&self, source: &str) -> Result<Vec<Current>, StoreError> {
        self.read(|db| {
            db.prepare(
                "SELECT id, name, language FROM documents WHERE source = ?1 AND current = 1
                 ORDER BY id",
            )?
            .query_map([source], |row| {
                Ok(Current { id: row.get(0)?, name: row.get(1)?, language: row.get(2)? })
            })?
            .collect()
        })
    }

    /// The current documents of a language without their texts, in the order of their coming.
    pub fn heads(&self, language: &str) -> Result<Vec<Head>, StoreError> {
        self.read(|db| {
            db.prepare_cached(&format!(
                "SELECT {HEAD} FROM documents WHERE language = ?1 AND current = 1 ORDER BY id"
            ))?
            .query_map([language], head)?
            .collect()
        })
    }

    /// A current document by its number, without its text.
    pub fn head(&self, id: i64) -> Result<Option<Head>, StoreError> {
        self.read(|db| {
            db.prepare_cached(&format!(
                "SELECT {HEAD} FROM documents WHERE id = ?1 AND current = 1"
            ))?
            .query_row([id], head)
            .optional()
        })
    }

    /// A document by its number, current or not.
    pub fn document(&self, id: i64) -> Result<Document, StoreError> {
        self.read(|db| {
            db.prepare_cached(&format!("SELECT {COLUMNS} FROM documents WHERE id = ?1"))?
                .query_row([id], document)
        })
    }

    /// Title and beginning of documents, in the order of their numbers, which are in order; each at
    /// most so many characters.
    pub fn beginnings(&self, ids: &[i64], characters: usize) -> Result<Vec<String>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT substr(title || char(10) || text, 1, ?2) FROM documents
                 WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY id",
            )?
            .query_map(params![text(&ids), characters as i64], |row| row.get(0))?
            .collect()
        })
    }

    /// Current documents by source and language.
    pub fn count_documents(&self) -> Result<Vec<(String, String, usize)>, StoreError> {
        self.read(|db| {
            db.prepare(
                "SELECT source, language, count(*) FROM documents WHERE current = 1
                 GROUP BY source, language ORDER BY source, language",
            )?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)? as usize)))?
            .collect()
        })
    }
}

fn head(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        id: row.get(0)?,
        source: row.get(1)?,
        name: row.get(2)?,
        language: row.get(3)?,
        title: row.get(4)?,
        link: row.get(5)?,
        groups: json(row, 6)?,
        recent: row.get(7)?,
    })
}

fn document(row: &Row<'_>) -> rusqlite::Result<Document> {
    Ok(Document {
        id: row.get(0)?,
        fetched: row.get(9)?,
        body: NewDocument {
            source: row.get(1)?,
            name: row.get(2)?,
            language: row.get(3)?,
            title: row.get(4)?,
            text: row.get(5)?,
            license: row.get(6)?,
            address: row.get(7)?,
            dated: row.get(8)?,
            sha256: row.get(10)?,
            link: row.get(11)?,
            groups: json(row, 12)?,
            recent: row.get(13)?,
        },
    })
}
