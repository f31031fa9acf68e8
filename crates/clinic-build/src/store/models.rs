//! Models that worked on the project.

use std::collections::BTreeSet;

use clinic_engine::run::ModelRef;
use rusqlite::params;

use super::{Store, StoreError, json, text};

/// A model and the steps that used it.
#[derive(Debug, Clone, PartialEq)]
pub struct Used {
    /// Name, address, identity, price.
    pub model: ModelRef,
    /// Names of the steps.
    pub work: BTreeSet<String>,
}

impl Store {
    /// Notes that a step uses a model; a price that is known now takes the place of an earlier one.
    pub fn uses(&self, step: &str, model: &ModelRef) -> Result<(), StoreError> {
        let known = self.models()?.into_iter().find(|used| used.model.identity == model.identity);
        let (mut work, earlier) =
            known.map_or_else(Default::default, |used| (used.work, used.model.price));
        work.insert(step.to_owned());
        let model = ModelRef { price: model.price.clone().or(earlier), ..model.clone() };
        self.write(|db| {
            db.execute(
                "INSERT INTO models VALUES (?1, ?2, ?3)
                 ON CONFLICT(identity) DO UPDATE SET reference = ?2, work = ?3",
                params![model.identity, text(&model), text(&work)],
            )
            .map(|_| ())
        })
    }

    /// All models that were used, by identity.
    pub fn models(&self) -> Result<Vec<Used>, StoreError> {
        self.read(|db| {
            db.prepare("SELECT reference, work FROM models ORDER BY identity")?
                .query_map([], |row| Ok(Used { model: json(row, 0)?, work: json(row, 1)? }))?
                .collect()
        })
    }
}
