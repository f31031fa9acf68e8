//! `meaning`: whether an item says in a language what it says in English, by the cosine of vectors.
//!
//! Below `meaning_block` a text is blocked, below `meaning_warn` it is warned of; each keeps its
//! measure. What is compared is all that the item says; of texts that are misspelt or mixed on
//! purpose, the plain question that they were made of. How high the cosine of a good translation is
//! depends on embedder and language: look at the table before the thresholds are trusted.

use std::collections::BTreeMap;

use clinic_core::stats::{self, Interval};
use serde::Serialize;

use super::set::{Entry, Said, Set};
use super::vectors::{Vectors, cosine};
use crate::store::{Finding, Text};

pub(super) const NAME: &str = "meaning";

/// Similarity of a language's texts to their English forms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Meaning {
    /// Tag of the language.
    pub language: String,
    /// Texts that were compared.
    pub n: usize,
    /// Mean cosine.
    pub mean: f64,
    /// Its 95 % interval, the items of a document being one cluster; `None` of one document.
    pub interval: Option<Interval>,
    /// The lowest cosine.
    pub lowest: f64,
    /// The item that has it.
    pub lowest_item: String,
}

/// The findings, and what could not be compared because the embedder failed.
pub(super) fn check(set: &Set<'_>, vectors: &Vectors) -> (Vec<Finding>, usize) {
    let mut findings = Vec::new();
    let mut failed = 0;
    for entry in set.entries() {
        let Some(english) = entry.english() else { continue };
        for text in entry.texts.iter().filter(|text| text.language != "en") {
            let said = said(set, entry, english, text, vectors);
            failed += usize::from(said.measure.is_none());
            findings.push(entry.on(text, said));
        }
    }
    (findings, failed)
}

fn said(set: &Set<'_>, entry: &Entry<'_>, english: &Text, text: &Text, vectors: &Vectors) -> Said {
    let config = &set.project.config().check;
    let (own, other) = (entry.body(text), entry.body(english));
    let pair = vectors.of(&own).zip(vectors.of(&other));
    let Some(similarity) = pair.and_then(|(own, other)| cosine(own, other)) else {
        let error = vectors.error(&own).or_else(|| vectors.error(&other));
        let why = error.map_or_else(|| "no vectors that compare".to_owned(), ToString::to_string);
        let problem = format!("could not be checked: {}", clinic_core::plain::plain(&why, 200));
        return Said::warn(NAME, problem, "run clinic build check again");
    };
    let problem = format!("similarity to the English item {similarity:.3}");
    let said = if similarity < config.meaning_block {
        Said::block(NAME, format!("{problem}, below {}", config.meaning_block), TODO)
    } else if similarity < config.meaning_warn {
        Said::warn(NAME, format!("{problem}, below {}", config.meaning_warn), TODO)
    } else {
        Said::pass(NAME, problem)
    };
    said.measure(similarity)
}

const TODO: &str = "compare it with the English item";

/// A row a language, of what was found.
pub(super) fn table(set: &Set<'_>, findings: &[Finding]) -> Vec<Meaning> {
    let items: BTreeMap<i64, &Entry<'_>> =
        set.entries().map(|entry| (entry.item.id, entry)).collect();
    let mut rows = Vec::new();
    for language in set.project.languages() {
        let own = findings.iter().filter(|f| f.name == NAME);
        let own = own.filter(|f| f.language.as_deref() == Some(&language.tag));
        let values: Vec<(&Entry<'_>, f64)> = own
            .filter_map(|finding| Some((*items.get(&finding.item?)?, finding.measure?)))
            .collect();
        let Some((entry, lowest)) = values.iter().min_by(|a, b| a.1.total_cmp(&b.1)) else {
            continue;
        };
        let clustered: Vec<(usize, f64)> =
            values.iter().map(|(e, v)| (e.item.body.document as usize, *v)).collect();
        let Some(estimate) = stats::clustered_mean(&clustered) else { continue };
        rows.push(Meaning {
            language: language.tag.clone(),
            n: values.len(),
            mean: estimate.value,
            interval: estimate.student(),
            lowest: *lowest,
            lowest_item: entry.item.body.key.clone(),
        });
    }
    rows
}

/// What stands for the check where no embedder is named.
pub(super) fn not_done() -> Finding {
    let problem = "not done: no embedder is named, so that nobody has compared the languages";
    Said::warn(NAME, problem, "name one: clinic build check --embedder").of(None, None)
}
