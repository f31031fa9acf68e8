//! `provenance.jsonl`: where each text of the set comes from, an object a line.

use std::collections::BTreeMap;

use clinic_core::plain::plain;
use serde::Serialize;

use super::Set;
use super::people::Pseudonyms;
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
    address: &'a str,
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

/// What provenance is made of.
pub struct Proof<'a> {
    /// The documents by number.
    pub documents: &'a BTreeMap<i64, Document>,
    /// All findings.
    pub findings: &'a [Finding],
    /// All ratings, each person's last.
    pub ratings: &'a [Rating],
    /// Names that are none.
    pub pseudonyms: &'a Pseudonyms,
}

/// A line a text, by task, item and language in the set's order.
pub fn lines(project: &Project, set: &Set, proof: &Proof<'_>) -> Result<String, StepError> {
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

impl Proof<'_> {
    fn origin(&self, id: i64) -> Result<Origin<'_>, StepError> {
        let document = self.documents.get(&id).ok_or_else(|| {
            StepError::Input(format!("the document {id} is not in the store; collect it again"))
        })?;
        let body = &document.body;
        Ok(Origin {
            source: &body.source,
            name: &body.name,
            address: &body.address,
            sha256: &body.sha256,
            license: &body.license,
            dated: body.dated.as_deref(),
            fetched: &document.fetched,
        })
    }

    fn warnings(&self, item: i64, text: &Text, digest: &str) -> Vec<Warning> {
        let here = |finding: &&Finding| {
            finding.level == Level::Warn
                && finding.item == Some(item)
                && finding.language.as_ref().is_none_or(|language| *language == text.language)
                && finding.digest.as_ref().is_none_or(|seen| seen == digest)
        };
        let told = |finding: &Finding| Warning {
            check: finding.name.clone(),
            problem: plain(&finding.problem, LONGEST),
            measure: finding.measure,
        };
        self.findings.iter().filter(here).map(told).collect()
    }

    fn ratings(&self, item: i64, text: &Text, digest: &str) -> Vec<Said<'_>> {
        let of = |rating: &&Rating| {
            let body = &rating.body;
            body.item == item
                && body.language == text.language
                && body.digest == digest
                && !body.skipped
        };
        let ratings = self.ratings.iter().filter(of);
        let said = ratings.map(|rating| Said {
            reviewer: self.pseudonyms.of(&rating.body.reviewer),
            time: &rating.time,
            marks: &rating.body.marks,
            r#unsafe: rating.body.r#unsafe,
        });
        said.collect()
    }
}
