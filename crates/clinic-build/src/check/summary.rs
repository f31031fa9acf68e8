//! What the checks come to.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::READ;
use super::meaning::{self, Meaning};
use super::set::Set;
use crate::store::{Finding, Level};

/// What was checked, and what was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    /// Items.
    pub items: usize,
    /// Texts: items in a language each.
    pub texts: usize,
    /// Texts that people may not see, since they, their item or its English form are blocked.
    pub blocked: usize,
    /// Texts that people may see and are warned of.
    pub warned: usize,
    /// Findings a check and language, checks by name and languages in the project's order.
    pub counts: Vec<Count>,
    /// What became of the texts, a row a language.
    pub languages: Vec<OfLanguage>,
    /// What was found of tasks and the whole set, checks that were not done among it.
    pub whole: Vec<Finding>,
    /// Texts that a check could not look at because calls failed.
    pub failed: usize,
}

/// What became of a language's texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OfLanguage {
    /// Tag of the language.
    pub language: String,
    /// Texts.
    pub texts: usize,
    /// As in [`Checked`].
    pub blocked: usize,
    /// As in [`Checked`].
    pub warned: usize,
    /// Similarity to English, where it was looked at.
    pub meaning: Option<Meaning>,
}

/// Findings of a check in a language, by what they mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The check's name.
    pub check: String,
    /// Tag of the language; `None`: findings of items in all their languages.
    pub language: Option<String>,
    /// Findings that block.
    pub block: usize,
    /// Findings that warn.
    pub warn: usize,
    /// Findings that pass.
    pub pass: usize,
}

pub(super) fn summary(set: &Set<'_>, findings: &[Finding], failed: usize) -> Checked {
    // Blocked and warned items, in a language or in all.
    let of = |level: Level| -> BTreeSet<(i64, Option<&str>)> {
        let own = findings.iter().filter(|finding| finding.level == level);
        own.filter_map(|finding| Some((finding.item?, finding.language.as_deref()))).collect()
    };
    let (blocks, warns) = (of(Level::Block), of(Level::Warn));
    let is_in = |places: &BTreeSet<(i64, Option<&str>)>, item: i64, tag: &str| {
        places.contains(&(item, Some(tag))) || places.contains(&(item, None))
    };
    let mut meanings = meaning::table(set, findings);
    let mut languages = Vec::new();
    for language in set.project.languages() {
        let tag = language.tag.as_str();
        let texts: Vec<i64> = set
            .texts()
            .filter(|(_, text)| text.language == tag)
            .map(|(entry, _)| entry.item.id)
            .collect();
        let is_blocked =
            |item: i64| is_in(&blocks, item, tag) || blocks.contains(&(item, Some("en")));
        let is_warned = |item: i64| !is_blocked(item) && is_in(&warns, item, tag);
        let at = meanings.iter().position(|meaning| meaning.language == tag);
        languages.push(OfLanguage {
            language: tag.to_owned(),
            texts: texts.len(),
            blocked: texts.iter().filter(|item| is_blocked(**item)).count(),
            warned: texts.iter().filter(|item| is_warned(**item)).count(),
            meaning: at.map(|at| meanings.swap_remove(at)),
        });
    }
    Checked {
        items: set.entries().count(),
        texts: set.texts().count(),
        blocked: languages.iter().map(|language| language.blocked).sum(),
        warned: languages.iter().map(|language| language.warned).sum(),
        counts: counts(set, findings),
        languages,
        whole: findings.iter().filter(|finding| finding.item.is_none()).cloned().collect(),
        failed,
    }
}

fn counts(set: &Set<'_>, findings: &[Finding]) -> Vec<Count> {
    let place = |tag: Option<&str>| {
        tag.and_then(|tag| set.project.languages().iter().position(|l| l.tag == tag))
    };
    let mut counts: BTreeMap<(&str, Option<usize>), Count> = BTreeMap::new();
    let of_items = findings.iter().filter(|f| f.item.is_some() && f.name != READ);
    for finding in of_items {
        let language = finding.language.as_deref();
        let count = counts.entry((&finding.name, place(language))).or_insert_with(|| Count {
            check: finding.name.clone(),
            language: language.map(str::to_owned),
            block: 0,
            warn: 0,
            pass: 0,
        });
        match finding.level {
            Level::Block => count.block += 1,
            Level::Warn => count.warn += 1,
            Level::Pass => count.pass += 1,
        }
    }
    counts.into_values().collect()
}
