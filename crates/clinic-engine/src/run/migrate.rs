//! Stores of earlier versions, brought up to date in one transaction.

use rusqlite::{Connection, OptionalExtension};

use super::store::VERSION;

/// The oldest version that can be brought up to date.
pub(super) const OLDEST: u32 = 2;

/// From version 2: tokens of reasoning, what batches and unsure calls cost.
const FROM_2: &str = "
    ALTER TABLE responses ADD COLUMN reasoning_tokens INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE responses ADD COLUMN batch INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE charges(id INTEGER PRIMARY KEY, model TEXT NOT NULL, usd REAL NOT NULL) STRICT;
    CREATE TABLE batches(label TEXT PRIMARY KEY, model TEXT NOT NULL, id TEXT) STRICT;
    CREATE TABLE batch_calls(
        key TEXT NOT NULL,
        batch TEXT NOT NULL REFERENCES batches(label),
        PRIMARY KEY(key, batch)
    ) STRICT;
";

/// From version 3: what people say of scores, and ways to find samples by state and verdict.
const FROM_3: &str = "
    CREATE INDEX responses_by_state ON responses(state, sample);
    CREATE INDEX scores_by_verdict ON scores(verdict, sample);
    CREATE TABLE marks(
        id INTEGER PRIMARY KEY,
        sample INTEGER NOT NULL REFERENCES samples(id),
        score TEXT NOT NULL,
        outcome TEXT NOT NULL,
        verdict TEXT,
        scorer TEXT NOT NULL,
        opinion TEXT NOT NULL,
        should_be TEXT,
        comment TEXT NOT NULL,
        name TEXT NOT NULL,
        time TEXT NOT NULL
    ) STRICT;
    CREATE INDEX marks_by_sample ON marks(sample);
";

/// What a store says of its version.
pub(super) fn version(db: &Connection) -> rusqlite::Result<Option<String>> {
    db.query_row("SELECT value FROM meta WHERE key = 'store_version'", [], |row| row.get(0))
        .optional()
}

/// Whether a version can be brought up to date.
pub(super) fn is_older(version: &str) -> bool {
    version.parse().is_ok_and(|version: u32| (OLDEST..VERSION).contains(&version))
}

/// Brings a store of an older version up to date, all or nothing.
pub(super) fn bring_up(db: &Connection) -> rusqlite::Result<()> {
    let transaction = db.unchecked_transaction()?;
    if version(&transaction)?.as_deref() == Some("2") {
        transaction.execute_batch(FROM_2)?;
    }
    transaction.execute_batch(FROM_3)?;
    transaction
        .execute("UPDATE meta SET value = ?1 WHERE key = 'store_version'", [VERSION.to_string()])?;
    transaction.commit()
}
