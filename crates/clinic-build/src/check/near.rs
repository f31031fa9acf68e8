//! `near`: an item that is nearly another item of its task, or nearly the title of its document.
//!
//! By letters (`clinic_data::validate::near`) in each language: `near_duplicate` of the letter groups
//! in common blocks the later one in English, and warns in other languages, where two items may have
//! been translated into one. By vectors, where there is an embedder, in English: a cosine of
//! `near_meaning` warns. An item whose question is nearly its document's title is blocked.

use clinic_core::plain::plain;
use clinic_data::validate::near;

use super::set::{Entry, Said, Set, TaskItems};
use super::vectors::{Vectors, cosine};
use crate::StepError;
use crate::recipe::FieldKind;
use crate::store::{Finding, Text};

const NAME: &str = "near";
const TODO: &str = "keep one of the two";

pub(super) fn check(set: &Set<'_>, vectors: Option<&Vectors>) -> Result<Vec<Finding>, StepError> {
    let mut findings = Vec::new();
    for task in &set.tasks {
        for language in set.project.languages() {
            findings.extend(by_letters(set, task, &language.tag));
        }
        if let Some(vectors) = vectors {
            findings.extend(by_meaning(set, task, vectors));
        }
    }
    for (entry, text) in set.texts() {
        findings.extend(like_title(set, entry, text)?);
    }
    Ok(findings)
}

/// The texts of a task in a language, with what they say.
fn bodies<'t>(task: &'t TaskItems<'_>, tag: &str) -> Vec<(&'t Entry<'t>, &'t Text, String)> {
    let of = |entry: &'t Entry<'_>| {
        let text = entry.texts.iter().find(|text| text.language == tag)?;
        Some((entry, text, entry.body(text)))
    };
    task.entries.iter().filter_map(of).collect()
}

fn by_letters(set: &Set<'_>, task: &TaskItems<'_>, tag: &str) -> Vec<Finding> {
    let bodies = bodies(task, tag);
    let texts: Vec<&str> = bodies.iter().map(|(_, _, body)| body.as_str()).collect();
    let finding = |pair: near::Pair| {
        let (entry, text, _) = &bodies[pair.later];
        let other = &bodies[pair.earlier].0.item.body.key;
        let problem = format!("nearly the same text as {other}");
        let said = match tag {
            "en" => Said::block(NAME, problem, TODO),
            _ => Said::warn(NAME, problem, TODO),
        };
        entry.on(text, said.measure(pair.similarity))
    };
    near::pairs(&texts, set.project.config().check.near_duplicate)
        .into_iter()
        .map(finding)
        .collect()
}

fn by_meaning(set: &Set<'_>, task: &TaskItems<'_>, vectors: &Vectors) -> Vec<Finding> {
    let least = set.project.config().check.near_meaning;
    let bodies = bodies(task, "en");
    let known: Vec<Option<&[f32]>> = bodies.iter().map(|(_, _, body)| vectors.of(body)).collect();
    let mut findings = Vec::new();
    for (later, (entry, text, _)) in bodies.iter().enumerate() {
        let similar = |earlier: usize| Some((earlier, cosine(known[earlier]?, known[later]?)?));
        let mut near = (0..later).filter_map(similar).filter(|(_, cosine)| *cosine >= least);
        if let Some((earlier, cosine)) = near.next() {
            let other = &bodies[earlier].0.item.body.key;
            let said = Said::warn(NAME, format!("says nearly what {other} says"), TODO);
            findings.push(entry.on(text, said.measure(cosine)));
        }
    }
    findings
}

/// A question that is its document's title asks nothing that the title does not.
fn like_title(set: &Set<'_>, entry: &Entry<'_>, text: &Text) -> Result<Option<Finding>, StepError> {
    let least = set.project.config().check.near_duplicate;
    let (title, _) = set.document(text)?;
    let written = entry.recipe.fields.iter().filter(|field| field.kind == FieldKind::Text);
    let mut texts = written.filter_map(|field| text.fields.get(&field.name)?.as_str());
    let like = |text: &&str| near::similarity(text, &title) >= least;
    Ok(texts.find(like).map(|like| {
        let problem = format!("it is nearly the title of its document: {}", plain(&title, 100));
        let said = Said::block(NAME, problem, "have another item written");
        entry.on(text, said.measure(near::similarity(like, &title)))
    }))
}
