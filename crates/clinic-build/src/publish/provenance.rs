//! `provenance.jsonl`: where each text of the set comes from, an object a line.

use std::collections::BTreeMap;

use clinic_core::plain::plain;
use serde::Serialize;

use super::people::Pseudonyms;
use super::{Set, origin};
use crate::store::{Document, Finding, Level, Rating, Text};
use crate::{Project, StepError};

/// Characters of a finding's words at most.
const LONGEST: usize = 300;

/// A text and its proof.
#[derive(Debug, Serialize)]
struct Line<'a> {
    item: &'a str,
    task: &'a str,
    language: &'a str,
    /// SHA-256 of the cells, as checks and reviewers saw them.
    digest: String,
    document: Origin<'a>,
    english_document: Origin<'a>,
    model: &'a str,
    /// SHA-256 of what the model was asked.
    prompt: &'a str,
    seed: u64,
    recipe: &'a str,
    written: &'a str,
    warnings: Vec<Warning>,
    ratings: Vec<Said<'a>>,
}

/// A document, without its title and text.
#[derive(Debug, Serialize)]
struct Origin<'a> {
    source: &'a str,
    name: &'a str,
    address: String,
    sha256: &'a str,
    license: &'a str,
    dated: Option<&'a str>,
    fetched: &'a str,
}

#[derive(Debug, Serialize)]
struct Warning {
    check: String,
    problem: String,
    measure: Option<f64>,
}

/// What a person said, without a name and without a comment.
#[derive(Debug, Serialize)]
struct Said<'a> {
    reviewer: String,
    time: &'a str,
    marks: &'a BTreeMap<String, u8>,
    r#unsafe: bool,
}

/// What provenance is made of, by the item that it is about.
pub struct Proof<'a> {
    project: &'a Project,
    documents: &'a BTreeMap<i64, Document>,
    warnings: BTreeMap<i64, Vec<&'a Finding>>,
    ratings: BTreeMap<(i64, &'a str), Vec<&'a Rating>>,
    pseudonyms: &'a Pseudonyms,
}

/// A line a text, by task, item and language in the set's order.
pub fn lines(set: &Set, proof: &Proof<'_>) -> Result<String, StepError> {
    let project = proof.project;
    let models = project.store().models()?;
    let label = |identity: &str| {
        let used = models.iter().find(|used| used.model.identity == identity);
        used.map(|used| used.model.label())
    };
    let labels: BTreeMap<&str, String> = set
        .values()
        .flatten()
        .flat_map(|chosen| &chosen.texts)
        // A model that the store does not know has no name that may be told.
        .map(|text| (text.model.as_str(), label(&text.model).unwrap_or_else(|| "unknown".into())))
        .collect();
    let mut all = String::new();
    for task in project.tasks() {
        for chosen in set.get(&task.name).into_iter().flatten() {
            let item = &chosen.item;
            for text in &chosen.texts {
                let digest = text.cells.digest();
                let line = Line {
                    item: &item.body.key,
                    task: &task.name,
                    language: &text.language,
                    document: proof.origin(text.document)?,
                    english_document: proof.origin(item.body.document)?,
                    model: &labels[text.model.as_str()],
                    prompt: &text.prompt,
                    seed: text.seed,
                    recipe: &item.body.recipe,
                    written: &text.time,
                    warnings: proof.warnings(item.id, text, &digest),
                    ratings: proof.ratings(item.id, text, &digest),
                    digest,
                };
                let line = serde_json::to_string(&line)
                    .map_err(|error| StepError::Input(format!("{}: {error}", item.body.key)))?;
                all += &line;
                all.push('\n');
            }
        }
    }
    Ok(all)
}

impl<'a> Proof<'a> {
    /// Documents by number, all findings, and each person's last rating of each text.
    pub fn new(
        project: &'a Project,
        documents: &'a BTreeMap<i64, Document>,
        findings: &'a [Finding],
        ratings: &'a [Rating],
        pseudonyms: &'a Pseudonyms,
    ) -> Self {
        let mut warnings: BTreeMap<i64, Vec<&Finding>> = BTreeMap::new();
        for finding in findings.iter().filter(|finding| finding.level == Level::Warn) {
            if let Some(item) = finding.item {
                warnings.entry(item).or_default().push(finding);
            }
        }
        let mut by_text: BTreeMap<(i64, &str), Vec<&Rating>> = BTreeMap::new();
        for rating in ratings.iter().filter(|rating| !rating.body.skipped) {
            let text = (rating.body.item, rating.body.language.as_str());
            by_text.entry(text).or_default().push(rating);
        }
        Self { project, documents, warnings, ratings: by_text, pseudonyms }
    }

    fn origin(&self, id: i64) -> Result<Origin<'_>, StepError> {
        let document = self.documents.get(&id).ok_or_else(|| {
            StepError::Input(format!("the document {id} is not in the store; collect it again"))
        })?;
        let body = &document.body;
        Ok(Origin {
            source: &body.source,
            name: &body.name,
            address: origin::address(self.project, body),
            sha256: &body.sha256,
            license: &body.license,
            dated: body.dated.as_deref(),
            fetched: &document.fetched,
        })
    }

    fn warnings(&self, item: i64, text: &Text, digest: &str) -> Vec<Warning> {
        let here = |finding: &&&Finding| {
            finding.language.as_ref().is_none_or(|language| *language == text.language)
                && finding.digest.as_ref().is_none_or(|seen| seen == digest)
        };
        let told = |finding: &&Finding| Warning {
            check: finding.name.clone(),
            problem: plain(&finding.problem, LONGEST),
            measure: finding.measure,
        };
        self.warnings.get(&item).into_iter().flatten().filter(here).map(told).collect()
    }

    fn ratings(&self, item: i64, text: &Text, digest: &str) -> Vec<Said<'_>> {
        let all = self.ratings.get(&(item, text.language.as_str())).into_iter().flatten();
        let said = all.filter(|rating| rating.body.digest == digest).map(|rating| Said {
            reviewer: self.pseudonyms.of(&rating.body.reviewer),
            time: &rating.time,
            marks: &rating.body.marks,
            r#unsafe: rating.body.r#unsafe,
        });
        said.collect()
    }
}
