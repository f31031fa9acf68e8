//! What a run has cost so far, from what its store holds.

use clinic_core::exchange::Usage;

use super::folder::Run;
use super::plan::ModelRef;
use super::store::StoreError;
use crate::model::preset::{self, Price};

/// Tokens of a model that scores, and what they cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The model, as the plan names it, or by its identity where the plan names another by now.
    pub model: String,
    /// Tokens; apart for batches.
    pub usage: Usage,
    /// In USD, where a price is known.
    pub usd: Option<f64>,
}

impl Run {
    /// What the model under test costs, where that is known.
    pub fn price(&self) -> Option<&Price> {
        price(&self.plan().model)
    }

    /// Tokens of judges and guards.
    pub fn judged(&self) -> Result<Vec<Judged>, StoreError> {
        let told = |(identity, usage): (String, Usage)| {
            let named = self.named(&identity);
            let usd = named.and_then(price).map(|price| price.of(usage));
            Judged { model: named.map_or(identity, ModelRef::label), usage, usd }
        };
        Ok(self.store().judged()?.into_iter().map(told).collect())
    }

    /// What calls may have cost of which no usage is known, in USD.
    pub fn unsure(&self) -> Result<f64, StoreError> {
        // A sum of nothing is -0.0.
        Ok(self.store().charges()?.values().sum::<f64>() + 0.0)
    }

    /// USD spent so far, as far as prices are known.
    pub fn spent(&self) -> Result<f64, StoreError> {
        let answers = self.store().usage()?.into_iter().map(|(_, usage)| usage);
        let answers: f64 =
            self.price().map_or(0.0, |price| answers.map(|usage| price.of(usage)).sum());
        let judged: f64 = self.judged()?.iter().filter_map(|judged| judged.usd).sum();
        Ok(answers + judged + self.unsure()?)
    }

    /// The model of the plan with this identity.
    fn named(&self, identity: &str) -> Option<&ModelRef> {
        let plan = self.plan();
        let scorers = [&plan.judge, &plan.toxicity, &plan.embedder].into_iter().flatten();
        std::iter::once(&plan.model).chain(scorers).find(|model| model.identity == identity)
    }
}

/// As the plan has it; plans of earlier versions have none.
fn price(model: &ModelRef) -> Option<&Price> {
    model.price.as_ref().or_else(|| preset::of(&model.name)?.price.as_ref())
}
