//! The one thread that writes to a store, many writes to a commit.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;

use clinic_core::score::Score;
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use super::response::Response;
use super::sqlite::database;
use super::store::{StoreError, text};

/// Writes that share a commit at most.
const BATCH: usize = 1_000;

/// Something to be kept.
pub(super) enum Write {
    /// What came of a prompt, by its row.
    Response { row: i64, response: Box<Response> },
    /// A judge's reply or a classifier's grade, and what was asked; both are JSON.
    Call { key: String, model: String, request: String, reply: String },
    /// A batch that is about to be handed in, under our name for it.
    Batch { label: String, model: String, keys: Vec<String> },
    /// The provider's name for a batch.
    BatchId { label: String, id: String },
    /// A batch that never arrived.
    NoBatch { label: String },
    /// What calls in flight may cost together, in USD.
    InFlight { usd: f64 },
    /// What a call may have cost of which no usage is known, in USD.
    Charge { model: String, usd: f64 },
    /// Vectors of one batch, by key.
    Vectors { model: String, vectors: Vec<(String, Vec<f32>)> },
    /// The scores of a sample, in place of all that it had.
    Scores { sample: i64, scores: Vec<Score>, scorer: String },
}

type Done = oneshot::Sender<Result<(), StoreError>>;

/// A handle to the thread; dropping it waits for the thread's last commit.
pub(super) struct Writer {
    sender: Option<mpsc::Sender<(Write, Done)>>,
    thread: Option<JoinHandle<()>>,
    path: PathBuf,
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub fn start(mut connection: Connection, path: PathBuf) -> Self {
        let (sender, receiver) = mpsc::channel::<(Write, Done)>();
        let place = path.clone();
        let work = move || {
            while let Ok(first) = receiver.recv() {
                let mut batch = vec![first];
                while batch.len() < BATCH
                    && let Ok(next) = receiver.try_recv()
                {
                    batch.push(next);
                }
                let outcome = commit(&mut connection, batch.iter().map(|(write, _)| write))
                    .map_err(|e| database(&place, &e));
                for (_, done) in batch {
                    // A worker that was cancelled does not wait for its answer.
                    let _ = done.send(outcome.clone());
                }
            }
        };
        let thread = std::thread::Builder::new().name("store".to_owned()).spawn(work);
        Self { sender: Some(sender), thread: thread.ok(), path }
    }

    /// Keeps something; when this returns, it is on the disk.
    pub async fn write(&self, write: Write) -> Result<(), StoreError> {
        let gone = || StoreError::Database {
            path: self.path.clone(),
            problem: "the thread that writes has ended".to_owned(),
        };
        let (done, committed) = oneshot::channel();
        let sender = self.sender.as_ref().ok_or_else(gone)?;
        sender.send((write, done)).map_err(|_| gone())?;
        committed.await.map_err(|_| gone())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn commit<'a>(
    connection: &mut Connection,
    writes: impl Iterator<Item = &'a Write>,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for write in writes {
        apply(&transaction, write)?;
    }
    transaction.commit()
}

fn apply(db: &Connection, write: &Write) -> rusqlite::Result<()> {
    match write {
        Write::Response { row, response } => {
            db.prepare_cached(
                "UPDATE responses SET state = ?2, text = ?3, raw = ?4, reasoning = ?5,
                    truncated = ?6, error = ?7, attempts = attempts + ?8, prompt_tokens = ?9,
                    completion_tokens = ?10, prompt = ?11, reasoning_tokens = ?12, batch = ?13
                 WHERE id = ?1",
            )?
            .execute(params![
                row,
                response.state.name(),
                response.text,
                response.raw,
                response.reasoning,
                response.truncated,
                response.error,
                response.attempts,
                response.usage.prompt_tokens as i64,
                response.usage.completion_tokens as i64,
                response.prompt,
                response.usage.reasoning_tokens as i64,
                response.usage.batch,
            ])?;
        }
        Write::Call { key, model, request, reply } => {
            db.prepare_cached("INSERT OR IGNORE INTO calls VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![key, model, request, reply])?;
        }
        Write::Batch { label, model, keys } => {
            db.prepare_cached("INSERT INTO batches(label, model) VALUES (?1, ?2)")?
                .execute(params![label, model])?;
            let mut add = db.prepare_cached("INSERT INTO batch_calls VALUES (?1, ?2)")?;
            for key in keys {
                add.execute(params![key, label])?;
            }
        }
        Write::BatchId { label, id } => {
            db.prepare_cached("UPDATE batches SET id = ?2 WHERE label = ?1")?
                .execute(params![label, id])?;
        }
        Write::NoBatch { label } => {
            db.prepare_cached("DELETE FROM batch_calls WHERE batch = ?1")?.execute([label])?;
            db.prepare_cached("DELETE FROM batches WHERE label = ?1")?.execute([label])?;
        }
        Write::InFlight { usd } => {
            db.prepare_cached("INSERT OR REPLACE INTO meta VALUES ('in_flight_usd', ?1)")?
                .execute([usd.to_string()])?;
        }
        Write::Charge { model, usd } => {
            db.prepare_cached("INSERT INTO charges(model, usd) VALUES (?1, ?2)")?
                .execute(params![model, usd])?;
        }
        Write::Vectors { model, vectors } => {
            let mut add =
                db.prepare_cached("INSERT OR REPLACE INTO embeddings VALUES (?1, ?2, ?3)")?;
            for (key, vector) in vectors {
                let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
                add.execute(params![key, model, bytes])?;
            }
        }
        Write::Scores { sample, scores, scorer } => {
            db.prepare_cached("DELETE FROM scores WHERE sample = ?1")?.execute([sample])?;
            let mut add =
                db.prepare_cached("INSERT INTO scores VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
            for (place, score) in scores.iter().enumerate() {
                let outcome = text(&score.outcome);
                let place = place as i64;
                add.execute(params![
                    sample,
                    place,
                    score.name,
                    outcome,
                    score.verdict,
                    score.why,
                    scorer
                ])?;
            }
        }
    }
    Ok(())
}
