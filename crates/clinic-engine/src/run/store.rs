//! What a run keeps, in SQLite: one writer, any number of readers, also of other programs.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clinic_core::sample::{Gap, Sample};
use clinic_core::score::{Outcome, Score};
use clinic_core::task::Rubrics;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::response::{Response, State};
use super::sqlite::database;
use super::work::Ready;
use super::writer::Writer;
use super::{migrate, spent, sqlite};

/// Version of the schema.
pub const VERSION: u32 = 4;

const SCHEMA: &str = include_str!("schema.sql");

/// A row of prompts to be asked.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub sample: i64,
    pub row: i64,
    pub variant: String,
    pub prompt: String,
}

/// Counts of rows in a state.
pub type Tally = Vec<(State, usize)>;

/// Why the store cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// SQLite says no.
    #[error("{}: {problem}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// Made by another version of `clinic`.
    #[error("{} has store version {found}, this clinic reads versions {} to {VERSION}; \
        use the clinic that run.toml names", path.display(), migrate::OLDEST)]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
    },
    /// Made by an earlier version, and not to be written.
    #[error("{} is of an earlier clinic and has to be brought up to date first", .0.display())]
    Older(PathBuf),
}

/// The store of one run.
pub struct Store {
    path: PathBuf,
    reader: Mutex<Connection>,
    writer: Option<Writer>,
}

impl Store {
    /// Makes a new store with its tasks, samples and prompts, all or nothing.
    pub fn create(
        path: &Path,
        tasks: &[&clinic_core::task::Task],
        samples: &[Sample],
        gaps: &[Gap],
    ) -> Result<(), StoreError> {
        let fail = |e: rusqlite::Error| database(path, &e);
        let mut connection = Connection::open(path).map_err(fail)?;
        sqlite::durable(&connection).map_err(fail)?;
        connection.execute_batch(SCHEMA).map_err(fail)?;
        let transaction = connection.transaction().map_err(fail)?;
        fill(&transaction, tasks, samples, gaps).map_err(fail)?;
        transaction.commit().map_err(fail)
    }

    /// Opens a store to read it and, where `write` is set, to go on with it.
    pub fn open(path: &Path, write: bool) -> Result<Self, StoreError> {
        let fail = |e: rusqlite::Error| database(path, &e);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader =
            if write { Connection::open_with_flags(path, flags) } else { sqlite::look(path) };
        let reader = reader.map_err(fail)?;
        reader.busy_timeout(Duration::from_secs(10)).map_err(fail)?;
        let found = migrate::version(&reader).map_err(fail)?;
        let old = found.as_deref().is_some_and(migrate::is_older);
        if old && write {
            migrate::bring_up(&reader).map_err(fail)?;
        } else if old {
            return Err(StoreError::Older(path.to_owned()));
        } else if found.as_deref() != Some(&VERSION.to_string()) {
            let found = found.unwrap_or_else(|| "none".to_owned());
            return Err(StoreError::Version { path: path.to_owned(), found });
        }
        let writer = if write {
            let connection = Connection::open_with_flags(path, flags).map_err(fail)?;
            connection.busy_timeout(Duration::from_secs(10)).map_err(fail)?;
            sqlite::durable(&connection).map_err(fail)?;
            Some(Writer::start(connection, path.to_owned()))
        } else {
            None
        };
        Ok(Self { path: path.to_owned(), reader: Mutex::new(reader), writer })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The writer; only runs that were opened to go on have one.
    pub(super) fn writer(&self) -> Result<&Writer, StoreError> {
        self.writer.as_ref().ok_or_else(|| StoreError::Database {
            path: self.path.clone(),
            problem: "opened for reading only".to_owned(),
        })
    }

    pub(super) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let reader: MutexGuard<'_, Connection> =
            self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        query(&reader).map_err(|e| database(&self.path, &e))
    }

    /// The task files: name and text, in the order of the run.
    pub fn tasks(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read(|db| {
            db.prepare("SELECT name, toml FROM tasks ORDER BY id")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }

    /// Whether scoring was begun and not finished: then some scores are of an earlier scoring.
    pub fn half_scored(&self) -> Result<bool, StoreError> {
        self.read(|db| {
            db.query_row("SELECT count(*) FROM meta WHERE key = 'half_scored'", [], |row| {
                row.get::<_, i64>(0).map(|n| n > 0)
            })
        })
    }

    /// Notes that scoring begins, or that it is finished.
    pub(super) fn set_half_scored(&self, half: bool) -> Result<(), StoreError> {
        self.read(|db| {
            db.execute("DELETE FROM meta WHERE key = 'half_scored'", [])?;
            if half {
                db.execute("INSERT INTO meta VALUES ('half_scored', '1')", [])?;
            }
            Ok(())
        })
    }

    /// Rubrics in place of the tasks' own: task and text.
    pub fn rubrics(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read(|db| {
            db.prepare("SELECT task, toml FROM rubrics ORDER BY task")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }

    /// Keeps other rubrics in the place of all that were there.
    pub(super) fn set_rubrics(&self, rubrics: &[Rubrics]) -> Result<(), StoreError> {
        self.read(|db| {
            let transaction = db.unchecked_transaction()?;
            transaction.execute("DELETE FROM rubrics", [])?;
            for rubrics in rubrics {
                transaction.execute(
                    "INSERT INTO rubrics VALUES (?1, ?2)",
                    [&rubrics.task, &rubrics.text],
                )?;
            }
            transaction.commit()
        })
    }

    /// What the data should hold and does not.
    pub fn gaps(&self) -> Result<Vec<Gap>, StoreError> {
        self.read(|db| {
            db.prepare("SELECT body FROM gaps ORDER BY id")?
                .query_map([], |row| json(row, 0))?
                .collect()
        })
    }

    /// Prompts by state; states without any are left out.
    pub fn tally(&self) -> Result<Tally, StoreError> {
        let mut tally: Tally = self.read(|db| {
            db.prepare("SELECT state, count(*) FROM responses GROUP BY state")?
                .query_map([], |row| Ok((state(row, 0)?, row.get::<_, i64>(1)? as usize)))?
                .collect()
        })?;
        tally.sort();
        Ok(tally)
    }

    /// Samples that have nothing more to wait for, in order.
    pub(super) fn settled(&self) -> Result<Vec<Ready>, StoreError> {
        self.read(|db| {
            db.prepare(
                "SELECT task, id FROM samples WHERE NOT EXISTS (SELECT 1 FROM responses
                 WHERE sample = samples.id AND state IN ('pending', 'failed')) ORDER BY id",
            )?
            .query_map([], |row| Ok(Ready { task: row.get(0)?, id: row.get(1)? }))?
            .collect()
        })
    }

    /// Whether each prompt of a sample was asked.
    pub(super) fn is_settled(&self, sample: i64) -> Result<bool, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT NOT EXISTS (SELECT 1 FROM responses WHERE sample = ?1 AND state = 'pending')",
            )?
            .query_row([sample], |row| row.get(0))
        })
    }

    /// Ids of a task's samples after one, in order.
    pub(super) fn ids(&self, task: &str, after: i64, limit: usize) -> Result<Vec<i64>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT id FROM samples WHERE task = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
            )?
            .query_map(params![task, after, limit as i64], |row| row.get(0))?
            .collect()
        })
    }

    /// Number of samples of a task, or of all tasks.
    pub fn count(&self, task: Option<&str>) -> Result<usize, StoreError> {
        self.read(|db| {
            db.query_row(
                "SELECT count(*) FROM samples WHERE ?1 IS NULL OR task = ?1",
                [task],
                |r| r.get::<_, i64>(0).map(|n| n as usize),
            )
        })
    }

    /// Prompts still to be asked, after a row, in order.
    pub(super) fn to_ask(&self, after: i64, limit: usize) -> Result<Vec<Ask>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT id, sample, variant, prompt FROM responses
                 WHERE id > ?1 AND state IN ('pending', 'failed') ORDER BY id LIMIT ?2",
            )?
            .query_map(params![after, limit as i64], |row| {
                Ok(Ask {
                    row: row.get(0)?,
                    sample: row.get(1)?,
                    variant: row.get(2)?,
                    prompt: row.get(3)?,
                })
            })?
            .collect()
        })
    }

    /// One sample.
    pub fn sample(&self, id: i64) -> Result<Sample, StoreError> {
        self.read(|db| {
            db.prepare_cached("SELECT body FROM samples WHERE id = ?1")?
                .query_row([id], |row| json(row, 0))
        })
    }

    /// Samples of a task after an id, in order, each with its id.
    pub fn samples(
        &self,
        task: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, Sample)>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT id, body FROM samples WHERE task = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
            )?
            .query_map(params![task, after, limit as i64], |row| Ok((row.get(0)?, json(row, 1)?)))?
            .collect()
        })
    }

    /// The responses of a sample, in the order of its variants.
    pub fn responses(&self, sample: i64) -> Result<Vec<Response>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT variant, prompt, state, text, raw, reasoning, truncated, error, attempts,
                        batch, prompt_tokens, completion_tokens, reasoning_tokens
                 FROM responses WHERE sample = ?1 ORDER BY id",
            )?
            .query_map([sample], |row| {
                Ok(Response {
                    variant: row.get(0)?,
                    prompt: row.get(1)?,
                    state: state(row, 2)?,
                    text: row.get(3)?,
                    raw: row.get(4)?,
                    reasoning: row.get(5)?,
                    truncated: row.get(6)?,
                    error: row.get(7)?,
                    attempts: row.get(8)?,
                    usage: spent::usage(row, 9)?,
                })
            })?
            .collect()
        })
    }

    /// The scores of a sample, each with the scorer that gave it.
    pub fn scores(&self, sample: i64) -> Result<Vec<(Score, String)>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT name, outcome, verdict, why, scorer FROM scores
                 WHERE sample = ?1 ORDER BY place",
            )?
            .query_map([sample], |row| {
                let outcome: Outcome = json(row, 1)?;
                let score =
                    Score { name: row.get(0)?, outcome, verdict: row.get(2)?, why: row.get(3)? };
                Ok((score, row.get(4)?))
            })?
            .collect()
        })
    }

    /// A reply that was paid for before, by content key.
    pub(super) fn reply<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        self.read(|db| {
            db.prepare_cached("SELECT reply FROM calls WHERE key = ?1")?
                .query_row([key], |row| json(row, 0))
                .optional()
        })
    }

    /// Numbers in a vector of this embedder, once there is one.
    pub(super) fn vector_length(&self, embedder: &str) -> Result<Option<usize>, StoreError> {
        self.read(|db| {
            db.prepare_cached("SELECT length(vector) / 4 FROM embeddings WHERE model = ?1 LIMIT 1")?
                .query_row([embedder], |row| row.get::<_, i64>(0).map(|n| n as usize))
                .optional()
        })
    }

    /// A vector that was computed before, by content key.
    pub(super) fn vector(&self, key: &str) -> Result<Option<Vec<f32>>, StoreError> {
        self.read(|db| {
            let bytes: Option<Vec<u8>> = db
                .prepare_cached("SELECT vector FROM embeddings WHERE key = ?1")?
                .query_row([key], |row| row.get(0))
                .optional()?;
            Ok(bytes.map(|bytes| {
                bytes
                    .chunks_exact(4)
                    .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                    .collect()
            }))
        })
    }
}

fn fill(
    db: &Connection,
    tasks: &[&clinic_core::task::Task],
    samples: &[Sample],
    gaps: &[Gap],
) -> rusqlite::Result<()> {
    db.execute("INSERT INTO meta VALUES ('store_version', ?1)", [VERSION.to_string()])?;
    for task in tasks {
        db.execute("INSERT INTO tasks(name, toml) VALUES (?1, ?2)", [&task.name, &task.text])?;
    }
    for gap in gaps {
        db.execute("INSERT INTO gaps(body) VALUES (?1)", [text(gap)])?;
    }
    let mut add_sample =
        db.prepare("INSERT INTO samples(task, language, item, body) VALUES (?1, ?2, ?3, ?4)")?;
    let mut add_prompt =
        db.prepare("INSERT INTO responses(sample, variant, prompt) VALUES (?1, ?2, ?3)")?;
    for sample in samples {
        let Some(task) = tasks.iter().find(|task| task.name == sample.task) else { continue };
        add_sample.execute(params![sample.task, sample.language, sample.item, text(sample)])?;
        let id = db.last_insert_rowid();
        for (variant, prompt) in super::Plan::prompts(task, sample) {
            add_prompt.execute(params![id, variant, prompt])?;
        }
    }
    Ok(())
}

/// JSON of our own types, which cannot fail.
pub(super) fn text<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain data")
}

pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|e| wrong(column, e))
}

pub(super) fn state(row: &Row<'_>, column: usize) -> rusqlite::Result<State> {
    let name: String = row.get(column)?;
    State::parse(&name).ok_or_else(|| wrong(column, format!("unknown state '{name}'")))
}

pub(super) fn wrong(
    column: usize,
    why: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, why.into())
}
