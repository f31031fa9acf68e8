//! Replies shared between runs, by content key; off unless a file is named.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::sqlite::database;
use super::store::{StoreError, text};

/// A file of replies, safe to share between processes.
pub struct Cache {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Cache {
    /// Opens or makes the file.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let open = || -> rusqlite::Result<Connection> {
            let connection = Connection::open(path)?;
            connection.busy_timeout(Duration::from_secs(10))?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            connection.execute_batch(
                "CREATE TABLE IF NOT EXISTS replies(key TEXT PRIMARY KEY, reply TEXT NOT NULL) STRICT",
            )?;
            Ok(connection)
        };
        let connection = open().map_err(|e| database(path, &e))?;
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection) })
    }

    /// The reply under a key.
    pub(super) fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let db = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let found: Option<String> = db
            .prepare_cached("SELECT reply FROM replies WHERE key = ?1")
            .and_then(|mut query| query.query_row([key], |row| row.get(0)).optional())
            .map_err(|e| database(&self.path, &e))?;
        // A reply of another version's shape is as good as none.
        Ok(found.and_then(|reply| serde_json::from_str(&reply).ok()))
    }

    /// Keeps a reply.
    pub(super) fn put<T: Serialize>(&self, key: &str, reply: &T) -> Result<(), StoreError> {
        let db = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        db.prepare_cached("INSERT OR REPLACE INTO replies VALUES (?1, ?2)")
            .and_then(|mut query| query.execute(params![key, text(reply)]))
            .map_err(|e| database(&self.path, &e))?;
        Ok(())
    }
}
