//! What a run has cost so far, from what its store holds.

use std::sync::Arc;

use clinic_core::exchange::Usage;
use futures::future::BoxFuture;
use rusqlite::{OptionalExtension, Row};

use super::folder::Run;
use super::plan::ModelRef;
use super::store::{Store, StoreError};
use super::writer::Write;
use crate::model::preset::Price;
use crate::pace::Keeper;

/// Tokens of a model that scores, and what they cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The model, as the plan names it, or by its identity where the plan does not.
    pub model: String,
    /// Tokens; apart for batches.
    pub usage: Usage,
    /// In USD, where a price is known.
    pub usd: Option<f64>,
}

impl Store {
    /// Tokens of a task's answers, as the provider counted them; apart for batches.
    pub fn usage(&self) -> Result<Vec<(String, Usage)>, StoreError> {
        self.read(|db| {
            db.prepare(
                "SELECT s.task, r.batch, sum(r.prompt_tokens), sum(r.completion_tokens),
                    sum(r.reasoning_tokens)
                 FROM responses r JOIN samples s ON s.id = r.sample GROUP BY s.task, r.batch",
            )?
            .query_map([], |row| Ok((row.get(0)?, usage(row, 1)?)))?
            .collect()
        })
    }

    /// Seconds that the sessions of the run have worked, those that were killed left out; `None`
    /// where none ended.
    pub fn seconds(&self) -> Result<Option<f64>, StoreError> {
        self.read(|db| {
            let found: Option<String> = db
                .query_row("SELECT value FROM meta WHERE key = 'seconds'", [], |row| row.get(0))
                .optional()?;
            Ok(found.and_then(|seconds| seconds.parse().ok()))
        })
    }

    /// Adds what a session took, in seconds.
    pub fn add_seconds(&self, seconds: f64) -> Result<(), StoreError> {
        self.read(|db| {
            db.execute(
                "INSERT INTO meta VALUES ('seconds', ?1)
                 ON CONFLICT(key) DO UPDATE SET value = CAST(value AS REAL) + ?1",
                [format!("{seconds:.3}")],
            )
            .map(|_| ())
        })
    }

    /// Tokens of judges' and guards' replies, by the model's identity and apart for batches.
    pub fn judged(&self) -> Result<Vec<(String, Usage)>, StoreError> {
        self.read(|db| {
            db.prepare(
                "SELECT model, coalesce(reply ->> '$.usage.batch', 0) AS batch,
                    sum(reply ->> '$.usage.prompt_tokens'),
                    sum(reply ->> '$.usage.completion_tokens'),
                    sum(reply ->> '$.usage.reasoning_tokens')
                 FROM calls WHERE reply -> '$.usage' IS NOT NULL GROUP BY model, batch",
            )?
            .query_map([], |row| Ok((row.get(0)?, usage(row, 1)?)))?
            .collect()
        })
    }

    /// What calls may have cost of which no usage is known, in USD.
    pub fn unsure(&self) -> Result<f64, StoreError> {
        Ok(self.charges()? + self.in_flight()?)
    }

    /// USD that calls may have cost of which no usage is known.
    fn charges(&self) -> Result<f64, StoreError> {
        self.read(|db| db.query_row("SELECT total(usd) FROM charges", [], |row| row.get(0)))
    }

    /// USD that calls may cost which were in flight when the store was last told.
    fn in_flight(&self) -> Result<f64, StoreError> {
        self.read(|db| {
            db.query_row("SELECT value FROM meta WHERE key = 'in_flight_usd'", [], |row| {
                row.get::<_, String>(0)
            })
            .optional()
            .map(|usd| usd.and_then(|usd| usd.parse().ok()).unwrap_or(0.0))
        })
    }

    /// Counts as spent what was in flight when an earlier session ended without a word.
    pub fn settle_in_flight(&self) -> Result<(), StoreError> {
        let usd = self.in_flight()?;
        if usd <= 0.0 {
            return Ok(());
        }
        self.read(|db| {
            let transaction = db.unchecked_transaction()?;
            transaction.execute(
                "INSERT INTO charges(model, usd) VALUES ('in flight when the program ended', ?1)",
                [usd],
            )?;
            transaction.execute("DELETE FROM meta WHERE key = 'in_flight_usd'", [])?;
            transaction.commit()
        })
    }
}

/// Tells a store how much is in flight.
pub struct InFlight(pub Arc<Store>);

impl Keeper for InFlight {
    fn keep(&self, usd: f64) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { self.0.writer()?.write(Write::InFlight { usd }).await })
    }
}

/// Four columns from this one on: batch, then tokens of prompt, answer and reasoning.
pub(super) fn usage(row: &Row<'_>, column: usize) -> rusqlite::Result<Usage> {
    let tokens =
        |i: usize| row.get::<_, Option<i64>>(column + i).map(|n| n.unwrap_or_default() as u64);
    Ok(Usage {
        prompt_tokens: tokens(1)?,
        completion_tokens: tokens(2)?,
        reasoning_tokens: tokens(3)?,
        batch: row.get(column)?,
    })
}

impl Run {
    /// What the model under test costs, where that is known.
    pub fn price(&self) -> Option<&Price> {
        self.plan().model.known_price()
    }

    /// Tokens of judges and guards.
    pub fn judged(&self) -> Result<Vec<Judged>, StoreError> {
        let told = |(identity, usage): (String, Usage)| {
            let named = self.named(&identity);
            let usd = named.and_then(ModelRef::known_price).map(|price| price.of(usage));
            Judged { model: named.map_or(identity, ModelRef::label), usage, usd }
        };
        Ok(self.store().judged()?.into_iter().map(told).collect())
    }

    /// What calls may have cost of which no usage is known, in USD.
    pub fn unsure(&self) -> Result<f64, StoreError> {
        self.store().unsure()
    }

    /// USD spent so far, as far as prices are known.
    pub fn spent(&self) -> Result<f64, StoreError> {
        let mut spent = self.unsure()?;
        // Summing up a large store takes time, which a run without prices need not spend.
        if let Some(price) = self.price() {
            spent += self.store().usage()?.iter().map(|(_, usage)| price.of(*usage)).sum::<f64>();
        }
        if self.plan().models().any(|model| model.known_price().is_some()) {
            spent += self.judged()?.iter().filter_map(|judged| judged.usd).sum::<f64>();
        }
        Ok(spent)
    }

    /// The model of the plan with this identity.
    fn named(&self, identity: &str) -> Option<&ModelRef> {
        self.plan().models().find(|model| model.identity == identity)
    }
}
