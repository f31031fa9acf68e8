//! `personal`: data of people that may not be invented.
//!
//! E-mail and web addresses, telephone and other long numbers, dates of birth, account numbers and
//! street addresses, in the digits of all scripts, and names that the document holds with a title.
//! What stands in the document too is real, and blocks; what does not is warned of, since only a
//! person can tell whether it is invented. Names and whatever is reserved for examples: see `names`
//! and `reserved`.

mod names;
mod patterns;
mod reserved;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use clinic_core::plain::plain;

use self::patterns::{Kind, Personal};
use super::set::{Said, Set};
use crate::StepError;
use crate::store::{Finding, Text};

const NAME: &str = "personal";
/// Things that are told of one text.
const MOST: usize = 5;

pub(super) fn check(set: &Set<'_>) -> Result<Vec<Finding>, StepError> {
    let mut findings = Vec::new();
    for (entry, text) in set.texts() {
        let (_, own) = set.document(text)?;
        let english = match entry.english().filter(|english| english.document != text.document) {
            Some(english) => set.document(english)?.1,
            None => String::new(),
        };
        let documents = format!("{own}\n{english}");
        findings.extend(of_text(text, &documents).into_iter().map(|said| entry.on(text, said)));
    }
    Ok(findings)
}

fn of_text(text: &Text, documents: &str) -> Vec<Said> {
    let mut found: BTreeSet<Personal> = BTreeSet::new();
    for (_, cell) in text.cells.all() {
        found.extend(patterns::find(cell));
    }
    let said = text.cells.all().map(|(_, cell)| cell).collect::<Vec<_>>().join("\n");
    let mut all: Vec<Said> = Vec::new();
    if !found.is_empty() {
        let real: BTreeSet<(Kind, String)> =
            patterns::find(documents).into_iter().map(|one| (one.kind, one.key)).collect();
        all.extend(found.iter().take(MOST).map(|one| told(one, &real)));
    }
    all.extend(names::repeated(&said, documents).into_iter().take(MOST).map(|name| {
        let problem = format!("it names {}, whom its document names", plain(&name, 60));
        Said::warn(NAME, problem, "take the name out, or make sure that it is no patient's")
    }));
    all
}

fn told(one: &Personal, real: &BTreeSet<(Kind, String)>) -> Said {
    let what = format!("{} {}", one.kind.name(), plain(&one.text, 80));
    // Only the whole thing is told by its key: digits or letters without what stands between.
    match real.contains(&(one.kind, one.key.clone())) {
        true => {
            let problem = format!("{what} stands in its document, so that it is real");
            Said::block(NAME, problem, "have the item written without it")
        }
        false => {
            let problem = format!("{what} may be real");
            Said::warn(NAME, problem, "make sure that it is invented")
        }
    }
}

/// What looks personal in a text, for tests elsewhere.
#[cfg(test)]
pub(super) fn found(text: &str) -> Vec<String> {
    patterns::find(text)
        .into_iter()
        .map(|one| format!("{} {}", one.kind.name(), one.text))
        .collect()
}
