//! The project's store: one SQLite file, written in transactions, a noun a file.
//!
//! Any number of processes may have it open: a page for reviewers and a step that writes, say.
//! Writers wait for one another up to ten seconds.

mod documents;
mod failed;
mod fetched;
mod findings;
mod items;
mod models;
mod pairs;
mod ratings;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clinic_engine::run::sqlite;
use rusqlite::{Connection, OpenFlags, Row, Transaction, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use clinic_engine::run::StoreError;
pub use documents::{Current, Document, Head, NewDocument};
pub use failed::Failed;
pub(crate) use fetched::Fetched;
pub use findings::{Finding, Level};
pub use items::{Cells, Item, NewItem, Text};
pub use models::Used;
pub use pairs::{Basis, Decision, How, Pair, PairState};
pub use ratings::{NewRating, Rating};

/// Version of the schema.
const VERSION: &str = "1";

/// The time, in UTC, as the store keeps it.
pub(crate) const NOW: &str = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')";

/// The store of one project.
pub struct Store {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Store {
    /// Makes an empty store; a file that is there is an error.
    pub(crate) fn create(path: &Path) -> Result<(), StoreError> {
        let fail = |e: rusqlite::Error| sqlite::database(path, &e);
        let mut connection = Connection::open(path).map_err(fail)?;
        sqlite::durable(&connection).map_err(fail)?;
        let transaction = connection.transaction().map_err(fail)?;
        transaction.execute_batch(include_str!("schema.sql")).map_err(fail)?;
        transaction
            .execute("INSERT INTO meta VALUES ('store_version', ?1)", [VERSION])
            .map_err(fail)?;
        transaction.commit().map_err(fail)
    }

    /// Opens a store to read it and to write to it.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let fail = |e: rusqlite::Error| sqlite::database(path, &e);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(fail)?;
        connection.busy_timeout(Duration::from_secs(10)).map_err(fail)?;
        sqlite::durable(&connection).map_err(fail)?;
        let found: String = connection
            .query_row("SELECT value FROM meta WHERE key = 'store_version'", [], |row| row.get(0))
            .map_err(fail)?;
        if found != VERSION {
            let problem =
                format!("it has version {found}, and this clinic works with version {VERSION}");
            return Err(StoreError::Database { path: path.to_owned(), problem });
        }
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection) })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads.
    pub(crate) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        query(&self.connection()).map_err(|e| sqlite::database(&self.path, &e))
    }

    /// Writes, all or nothing; on the disk when this returns.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection();
        let outcome = (|| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })();
        outcome.map_err(|e| sqlite::database(&self.path, &e))
    }

    /// Reads several times with nothing changing in between, whatever other processes write.
    pub(crate) fn steadily<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.read(|db| db.execute_batch("BEGIN"))?;
        let value = read();
        self.read(|db| db.execute_batch("ROLLBACK"))?;
        value
    }

    /// The newest time of all that the store holds, in UTC; `None` where it is empty.
    pub fn newest(&self) -> Result<Option<String>, StoreError> {
        self.read(|db| {
            db.query_row(
                "SELECT max(time) FROM (SELECT fetched AS time FROM documents
                    UNION ALL SELECT time FROM texts UNION ALL SELECT time FROM findings
                    UNION ALL SELECT time FROM ratings UNION ALL SELECT time FROM decisions)",
                [],
                |row| row.get(0),
            )
        })
    }

    /// What a step left out of a source or task, in the place of what it said of it before.
    pub fn set_dropped(
        &self,
        step: &str,
        source: &str,
        dropped: &[Dropped],
    ) -> Result<(), StoreError> {
        self.write(|db| {
            db.execute("DELETE FROM dropped WHERE step = ?1 AND source = ?2", [step, source])?;
            let sql = format!(
                "INSERT INTO dropped(step, source, what, why, time) VALUES (?1, ?2, ?3, ?4, {NOW})"
            );
            let mut insert = db.prepare(&sql)?;
            for dropped in dropped {
                insert.execute([step, source, &dropped.what, &dropped.why])?;
            }
            Ok(())
        })
    }

    /// What a step left out: source or task, and what of it.
    pub fn dropped(&self, step: &str) -> Result<Vec<(String, Dropped)>, StoreError> {
        self.read(|db| {
            db.prepare("SELECT source, what, why FROM dropped WHERE step = ?1 ORDER BY id")?
                .query_map([step], |row| {
                    Ok((row.get(0)?, Dropped { what: row.get(1)?, why: row.get(2)? }))
                })?
                .collect()
        })
    }
}

/// Something that a step left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// What it is: an address, a document, an item.
    pub what: String,
    /// Why.
    pub why: String,
}

/// A value as JSON in a column.
fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Text,
            Box::new(error),
        )
    })
}

/// A column's value as JSON.
fn text<T: Serialize>(value: &T) -> String {
    // Plain data with string keys: this cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// A word of a closed list, as serde writes it.
fn word<T: Serialize>(value: &T) -> String {
    text(value).trim_matches('"').to_owned()
}

/// The word of a column.
fn of_word<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_value(serde_json::Value::String(text)).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Text,
            Box::new(error),
        )
    })
}
