//! From names to graders of toxicity.

use std::sync::Arc;

use clinic_core::published::Protocol;
use clinic_engine::model::Classifier;
use clinic_engine::model::Model;
use clinic_engine::model::grader::{Family, GUARD, GraderName};
use clinic_engine::model::moderation::Moderation;
use clinic_engine::model::perspective::Perspective;
use clinic_engine::model::provider::{Name, PERSPECTIVE, TEI};
use clinic_engine::model::tei_classifier::TeiClassifier;
use clinic_engine::run::{ModelRef, Plan};
use clinic_engine::scorer::{Grader, Named};

use crate::args::{GraderChoice, PaceArgs, PanelArgs};
use crate::models::{self, Ready};

/// A grader that is ready, and how the plan names it.
pub enum ReadyGrader {
    Judge(Ready<dyn Model>),
    Guard(Ready<dyn Model>, Family),
    Classifier(Ready<dyn Classifier>),
}

impl ReadyGrader {
    /// How the plan names it.
    pub fn named(&self) -> &ModelRef {
        match self {
            Self::Judge(ready) | Self::Guard(ready, _) => &ready.named,
            Self::Classifier(ready) => &ready.named,
        }
    }

    /// How the plan names it, to change.
    pub fn named_mut(&mut self) -> &mut ModelRef {
        match self {
            Self::Judge(ready) | Self::Guard(ready, _) => &mut ready.named,
            Self::Classifier(ready) => &mut ready.named,
        }
    }

    /// Requests that it works on at once, where that is fixed.
    pub fn width(&self) -> Option<usize> {
        match self {
            Self::Judge(ready) | Self::Guard(ready, _) => ready.model.width(),
            Self::Classifier(_) => None,
        }
    }

    /// For a panel.
    pub fn into_panel(self) -> Grader {
        let name = self.named().label();
        match self {
            Self::Judge(ready) => Grader::Judge(Named { name, model: ready.model }),
            Self::Guard(ready, family) => Grader::Guard(Named { name, model: ready.model }, family),
            Self::Classifier(ready) => Grader::Classifier(Named { name, model: ready.model }),
        }
    }
}

/// Connects a grader; `load` gives the model of one that is a model.
pub fn grader(
    name: &GraderName,
    base_url: Option<&str>,
    pace: &PaceArgs,
    protocol: Protocol,
    load: impl Fn(&Name) -> anyhow::Result<Ready<dyn Model>>,
) -> anyhow::Result<ReadyGrader> {
    let endpoint = |provider: &str| models::endpoint(provider, base_url, pace);
    let classifier: Arc<dyn Classifier> = match name {
        GraderName::Judge(model) => return Ok(ReadyGrader::Judge(load(model)?)),
        GraderName::Guard(model, family) => {
            let mut ready = load(model)?;
            ready.named.name = text(name);
            return Ok(ReadyGrader::Guard(ready, *family));
        }
        GraderName::Perspective => {
            // The published script tells Perspective that every language is English.
            let always_english = protocol == Protocol::Reference;
            Arc::new(Perspective::new(endpoint(PERSPECTIVE.name)?, always_english))
        }
        GraderName::Moderation(model) => Arc::new(Moderation::new(endpoint("openai")?, model)),
        GraderName::Tei { model, label } => {
            Arc::new(TeiClassifier::new(endpoint(TEI)?, model, label.clone()))
        }
    };
    let identity = classifier.identity().to_owned();
    let base_url = base_url.map(str::to_owned);
    let named = ModelRef { name: text(name), base_url, identity, price: None };
    Ok(ReadyGrader::Classifier(Ready { model: classifier, named }))
}

/// The name as a user writes it.
fn text(name: &GraderName) -> String {
    match name {
        GraderName::Perspective => PERSPECTIVE.name.to_owned(),
        GraderName::Moderation(model) => format!("openai/{model}"),
        GraderName::Tei { model, label: None } => format!("{}/{model}", TEI),
        GraderName::Tei { model, label: Some(label) } => format!("{}/{model}:{label}", TEI),
        GraderName::Guard(model, _) => format!("{GUARD}{}", models::text(model)),
        GraderName::Judge(model) => models::text(model),
    }
}

/// The grader that a plan stands for, with a new one put over it.
pub fn over(
    plan: &Plan,
    new: Option<&PanelArgs>,
) -> anyhow::Result<(Option<GraderChoice>, Option<String>)> {
    let named = new.and_then(|new| Some((new.toxicity.as_ref()?, &new.toxicity_base_url)));
    match (named, &plan.toxicity) {
        // The same grader without an address is the same grader at the same address.
        (Some((choice @ GraderChoice::Grader(name), None)), Some(old))
            if old.name == text(name) =>
        {
            Ok((Some(choice.clone()), old.base_url.clone()))
        }
        (Some((choice, url)), _) => Ok((Some(choice.clone()), url.clone())),
        (None, Some(old)) => {
            Ok((Some(GraderChoice::Grader(old.name.parse()?)), old.base_url.clone()))
        }
        (None, None) => Ok((None, None)),
    }
}
