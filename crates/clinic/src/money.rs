//! Prices of the models of a run, and whether a budget can be kept with them.

use clinic_engine::model::grader::GUARD;
use clinic_engine::model::preset::{self, Price};
use clinic_engine::model::provider::{self, LLAMA, PERSPECTIVE, Protocol};
use clinic_engine::run::ModelRef;

use crate::args::MoneyArgs;
use crate::exit::Wrong;

/// Puts the price that is known into a model's reference.
pub fn price(model: &mut ModelRef, money: &MoneyArgs) {
    let given = money.price.iter().find(|given| is_named(model, &given.model));
    if let Some(given) = given {
        model.price = Some(given.price.clone());
    } else {
        model.price = model.known_price().cloned();
    }
}

/// Refuses prices of models that the run does not use.
pub fn check_prices(money: &MoneyArgs, models: &[&ModelRef]) -> Result<(), Wrong> {
    let mut names = std::collections::HashSet::new();
    if let Some(twice) = money.price.iter().find(|given| !names.insert(&given.model)) {
        return Err(Wrong::new(format!("--price names {} twice", twice.model)));
    }
    let unused =
        money.price.iter().find(|given| !models.iter().any(|model| is_named(model, &given.model)));
    unused.map_or(Ok(()), |given| {
        Err(Wrong::new(format!("--price names {}, which this run does not use", given.model)))
    })
}

/// Refuses a budget where a model may cost money that nobody can count.
pub fn check_budget(budget: Option<f64>, models: &[&ModelRef]) -> Result<(), Wrong> {
    let unknown = models.iter().find(|model| model.price.is_none() && !is_free(model));
    match (budget, unknown) {
        (Some(_), Some(model)) => {
            Err(Wrong::new(format!("--budget needs a price of {}, and none is known", model.name))
                .hint(format!("give it: --price {}=IN,OUT (USD for a million tokens)", model.name)))
        }
        _ => Ok(()),
    }
}

/// What a model costs, where that is known; nothing where it is free.
pub fn known(model: &ModelRef) -> Option<Price> {
    let free = || Price { input: 0.0, output: 0.0, read: String::new(), source: String::new() };
    model.price.clone().or_else(|| is_free(model).then(free))
}

fn is_named(model: &ModelRef, name: &str) -> bool {
    let full = preset::model(name).map_or(name, |preset| preset.model.as_str());
    bare(model) == full || bare(model) == name
}

/// The name without what makes a model a guard.
fn bare(model: &ModelRef) -> &str {
    model.name.strip_prefix(GUARD).unwrap_or(&model.name)
}

/// In this process, on a server of one's own, or given away by its maker.
fn is_free(model: &ModelRef) -> bool {
    let (provider, name) = bare(model).split_once('/').unwrap_or((bare(model), ""));
    let own = provider::find(provider)
        .is_some_and(|provider| provider.own || provider.protocol == Protocol::Tei);
    let moderation = provider == "openai" && name.contains("moderation");
    provider == LLAMA || provider == PERSPECTIVE.name || own || moderation
}
