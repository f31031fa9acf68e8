//! SQLite as runs and projects use it: durable, readable where nothing can be written, clear about why not.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use super::store::StoreError;

/// Makes commits of a connection last.
pub fn durable(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")
}

/// A connection for reading alone. SQLite needs its log even then, and cannot make one in a folder
/// that is read-only; where there is none to be read, the file is whole and is read as it stands.
pub fn look(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    let tried = connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()));
    let unable = tried.is_err_and(|e| e.sqlite_error_code() == Some(ErrorCode::CannotOpen));
    if !unable || path.with_extension("sqlite-wal").exists() {
        return Ok(connection);
    }
    let mut name = path.to_string_lossy().into_owned();
    for (sign, code) in [("%", "%25"), ("?", "%3f"), ("#", "%23")] {
        name = name.replace(sign, code);
    }
    let uri = format!("file:{name}?immutable=1");
    Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)
}

/// What SQLite says of a file. It has one word for all that a disk can do to it, so the cause is named.
pub fn database(path: &Path, error: &rusqlite::Error) -> StoreError {
    let cannot_be_written = [
        ffi::SQLITE_IOERR_WRITE,
        ffi::SQLITE_IOERR_FSYNC,
        ffi::SQLITE_IOERR_TRUNCATE,
        ffi::SQLITE_IOERR_SHMSIZE,
        ffi::SQLITE_IOERR_SHMMAP,
    ];
    let problem = match error.sqlite_error().map(|error| error.extended_code) {
        Some(code) if cannot_be_written.contains(&code) => format!(
            "the file cannot be written; is there space, and a limit to its size? ({error})"
        ),
        _ if is_damaged(error) => {
            format!("the file is damaged: put a copy in its place ({error})")
        }
        _ => error.to_string(),
    };
    StoreError::Database { path: path.to_owned(), problem }
}

/// Whether the file is no store, or only a part of one.
fn is_damaged(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        || error.to_string().contains("no such table")
}
