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
    /// Similarity to English, a row a language.
    pub meaning: Vec<Meaning>,
    /// What was found of tasks and the whole set, checks that were not done among it.
    pub whole: Vec<Finding>,
    /// Texts that a check could not look at because calls failed.
    pub failed: usize,
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
    let (mut blocked, mut warned) = (0, 0);
    for (entry, text) in set.texts() {
        let item = entry.item.id;
        let is_blocked =
            is_in(&blocks, item, &text.language) || blocks.contains(&(item, Some("en")));
        blocked += usize::from(is_blocked);
        warned += usize::from(!is_blocked && is_in(&warns, item, &text.language));
    }
    Checked {
        items: set.entries().count(),
        texts: set.texts().count(),
        blocked,
        warned,
        counts: counts(set, findings),
        meaning: meaning::table(set, findings),
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
