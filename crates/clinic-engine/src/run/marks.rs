//! What people say of scores: stored beside them, never over them, and never changed.

use std::time::Duration;

use clinic_core::score::{Outcome, Score};
use rusqlite::{Connection, ErrorCode, OpenFlags, Row, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::sqlite::{self, database};
use super::store::{Store, StoreError, json, text, wrong};

/// What a person thinks of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Opinion {
    /// It is right.
    Right,
    /// It is wrong.
    Wrong,
    /// The person takes back what they said of it.
    Withdrawn,
}

impl Opinion {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Right, Self::Wrong, Self::Withdrawn];

    /// Its name in the store, in forms and in exports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The opinion of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|opinion| opinion.name() == name)
    }
}

/// What a person says of a score.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMark {
    /// The sample's id in the store.
    pub sample: i64,
    /// The score as the person saw it.
    pub score: Score,
    /// The scorer as the person saw it.
    pub scorer: String,
    /// What they think of it.
    pub opinion: Opinion,
    /// What it should be, in their words or the name of a verdict.
    pub should_be: Option<String>,
    /// Why.
    pub comment: String,
    /// Who says so.
    pub name: String,
}

/// A mark as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mark {
    /// Its number in the store, in the order of time.
    #[serde(skip)]
    pub id: i64,
    /// The sample's id in the store.
    #[serde(skip)]
    pub sample: i64,
    /// The score's name.
    pub score: String,
    /// The score's outcome when it was marked.
    pub outcome: Outcome,
    /// The verdict when it was marked.
    pub verdict: Option<String>,
    /// The scorer when it was marked.
    pub scorer: String,
    /// What the person thinks of it.
    pub opinion: Opinion,
    /// What it should be.
    pub should_be: Option<String>,
    /// Why.
    pub comment: String,
    /// Who says so.
    pub name: String,
    /// When, in UTC by RFC 3339, to the second.
    pub time: String,
}

/// Why a mark was not stored.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// The score is another one by now.
    #[error("the score '{0}' has changed since it was shown; look at it again")]
    Changed(String),
    /// The store's file or folder is read-only.
    #[error("the run cannot be written here, so that no mark can be kept: {0}")]
    ReadOnly(StoreError),
    /// Another process writes for longer than is waited for.
    #[error("another clinic is writing to the run; try again in a moment")]
    Busy,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const COLUMNS: &str =
    "id, sample, score, outcome, verdict, scorer, opinion, should_be, comment, name, time";

impl Store {
    /// All marks, in the order in which they were made.
    pub fn marks(&self) -> Result<Vec<Mark>, StoreError> {
        self.read(|db| {
            db.prepare(&format!("SELECT {COLUMNS} FROM marks ORDER BY id"))?
                .query_map([], mark)?
                .collect()
        })
    }

    /// The marks of a sample, in the order in which they were made.
    pub fn marks_of(&self, sample: i64) -> Result<Vec<Mark>, StoreError> {
        self.read(|db| {
            db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM marks WHERE sample = ?1 ORDER BY id"
            ))?
            .query_map([sample], mark)?
            .collect()
        })
    }

    /// Whether marks can be stored; waits for nobody.
    pub fn takes_marks(&self) -> Result<(), MarkError> {
        let attempt = || {
            let mut db = self.to_mark(Duration::ZERO)?;
            db.transaction_with_behavior(TransactionBehavior::Immediate)?.rollback()
        };
        match attempt().map_err(|e| self.refused(&e)) {
            // Whoever writes now shows that it can be done.
            Err(MarkError::Busy) => Ok(()),
            other => other,
        }
    }

    /// Stores a mark with the time of now, also while another process writes; when this returns, it is
    /// on the disk. Refused where the score is no longer the one that the person saw.
    pub fn add_mark(&self, new: &NewMark) -> Result<(), MarkError> {
        let add = || {
            let mut db = self.to_mark(Duration::from_secs(10))?;
            sqlite::durable(&db)?;
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let score = &new.score;
            let added = transaction.execute(
                "INSERT INTO marks(sample, score, outcome, verdict, scorer, opinion, should_be,
                                   comment, name, time)
                 SELECT sample, name, outcome, verdict, scorer, ?6, ?7, ?8, ?9,
                        strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
                 FROM scores WHERE sample = ?1 AND name = ?2 AND outcome = ?3 AND verdict IS ?4
                      AND scorer = ?5",
                params![
                    new.sample,
                    score.name,
                    text(&score.outcome),
                    score.verdict,
                    new.scorer,
                    new.opinion.name(),
                    new.should_be,
                    new.comment,
                    new.name
                ],
            )?;
            transaction.commit()?;
            Ok(added)
        };
        match add().map_err(|e| self.refused(&e))? {
            0 => Err(MarkError::Changed(new.score.name.clone())),
            _ => Ok(()),
        }
    }

    /// A connection of its own, since the run may belong to another process.
    fn to_mark(&self, patience: Duration) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(self.path(), flags)?;
        db.busy_timeout(patience)?;
        Ok(db)
    }

    fn refused(&self, error: &rusqlite::Error) -> MarkError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => MarkError::Busy,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                MarkError::ReadOnly(database(self.path(), error))
            }
            _ => MarkError::Store(database(self.path(), error)),
        }
    }
}

fn mark(row: &Row<'_>) -> rusqlite::Result<Mark> {
    let opinion: String = row.get(6)?;
    Ok(Mark {
        id: row.get(0)?,
        sample: row.get(1)?,
        score: row.get(2)?,
        outcome: json(row, 3)?,
        verdict: row.get(4)?,
        scorer: row.get(5)?,
        opinion: Opinion::parse(&opinion)
            .ok_or_else(|| wrong(6, format!("unknown opinion '{opinion}'")))?,
        should_be: row.get(7)?,
        comment: row.get(8)?,
        name: row.get(9)?,
        time: row.get(10)?,
    })
}
