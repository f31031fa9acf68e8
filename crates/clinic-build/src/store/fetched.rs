//! What servers sent, by address.

use rusqlite::{OptionalExtension, params};

use super::{NOW, Store, StoreError};

/// A body that a server sent; the body itself is a file of the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fetched {
    /// The server's name for it.
    pub etag: Option<String>,
    /// The server's time of it, in the server's words.
    pub modified: Option<String>,
    /// The address of the page behind it.
    pub next: Option<String>,
    /// SHA-256 of it, in hex: the name of its file.
    pub sha256: String,
    /// Its Content-Type.
    pub kind: Option<String>,
}

impl Store {
    /// What an address sent last.
    pub(crate) fn fetched(&self, address: &str) -> Result<Option<Fetched>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT etag, modified, next, sha256, kind FROM fetched WHERE address = ?1",
            )?
            .query_row([address], |row| {
                Ok(Fetched {
                    etag: row.get(0)?,
                    modified: row.get(1)?,
                    next: row.get(2)?,
                    sha256: row.get(3)?,
                    kind: row.get(4)?,
                })
            })
            .optional()
        })
    }

    /// Notes what an address sent.
    pub(crate) fn put_fetched(&self, address: &str, body: &Fetched) -> Result<(), StoreError> {
        self.write(|db| {
            db.prepare_cached(&format!(
                "INSERT OR REPLACE INTO fetched(address, etag, modified, next, sha256, kind, time)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, {NOW})"
            ))?
            .execute(params![
                address,
                body.etag,
                body.modified,
                body.next,
                body.sha256,
                body.kind
            ])
        })?;
        Ok(())
    }
}
