//! All that a card tells of a set, read once.

use std::collections::{BTreeMap, BTreeSet};

use clinic_core::language::Language;
use clinic_core::task::Task;
use clinic_data::stats::Stats;
use serde::Serialize;

use super::origin::{self, ModelUse, SourceUse};
use super::people::{Pseudonyms, Reviewed};
use super::provenance::Proof;
use super::state::Tally;
use super::{Set, gaps};
use crate::review::{AgreementRow, agreement};
use crate::store::{Document, Finding, Level, Rating};
use crate::{Domain, Project, StepError};

/// What is known of a set.
pub struct Facts<'a> {
    /// The project.
    pub project: &'a Project,
    /// The published tasks, in their order.
    pub tasks: Vec<&'a Task>,
    /// The published items.
    pub set: &'a Set,
    /// How far the items of each of the project's tasks are.
    pub tallies: Vec<Tally>,
    /// Counts and lengths of the samples.
    pub stats: Stats,
    /// Items by domain; one in two counts in both.
    pub domains: BTreeMap<Domain, usize>,
    /// What `clinic data validate` warns of.
    pub warnings: Vec<String>,
    /// Documents behind the texts, by number.
    pub documents: BTreeMap<i64, Document>,
    /// Their sources.
    pub sources: Vec<SourceUse>,
    /// Their licences that are not the set's, with how many documents have them.
    pub other_licenses: BTreeMap<String, usize>,
    /// Models that worked on the project.
    pub models: Vec<ModelUse>,
    /// Task to digests of the recipes of its items.
    pub recipes: BTreeMap<String, BTreeSet<String>>,
    /// What checks found, by their names.
    pub checks: Vec<Check>,
    /// What people said of the set.
    pub reviewed: Reviewed,
    /// How far they agree on the project's texts.
    pub agreement: Vec<AgreementRow>,
    /// What whoever uses the set must know first.
    pub gaps: Vec<String>,
    /// Newest time in the store, in UTC: the set's date.
    pub newest: String,
    findings: Vec<Finding>,
    ratings: Vec<Rating>,
    pseudonyms: Pseudonyms,
}

/// A check, and what it found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// Items of the project that it holds back.
    pub blocked: usize,
    /// Published items that it warns of.
    pub warned: usize,
}

impl<'a> Facts<'a> {
    /// Reads them.
    pub fn of(
        project: &'a Project,
        set: &'a Set,
        tallies: Vec<Tally>,
        stats: Stats,
        warnings: Vec<String>,
    ) -> Result<Self, StepError> {
        let store = project.store();
        let findings = store.findings(None)?;
        let ratings = store.ratings()?;
        let documents = origin::documents(project, set)?;
        let mut domains = BTreeMap::new();
        for chosen in set.values().flatten() {
            for domain in &chosen.item.body.domains {
                *domains.entry(*domain).or_default() += 1;
            }
        }
        let mut facts = Self {
            project,
            tasks: project.tasks().iter().filter(|task| set.contains_key(&task.name)).collect(),
            set,
            tallies,
            stats,
            domains,
            warnings,
            sources: origin::sources(project, &documents),
            other_licenses: origin::other_licenses(project, &documents),
            documents,
            models: origin::models(project)?,
            recipes: origin::recipes(set),
            checks: checks(set, &findings),
            reviewed: Reviewed::of(set, &ratings),
            agreement: agreement(project)?,
            gaps: Vec::new(),
            newest: store.newest()?.unwrap_or_default(),
            pseudonyms: Pseudonyms::of_all(&ratings),
            findings,
            ratings,
        };
        facts.gaps = gaps::gaps(&facts)?;
        Ok(facts)
    }

    /// What provenance is made of.
    pub fn proof(&self) -> Proof<'_> {
        Proof::new(self.project, &self.documents, &self.findings, &self.ratings, &self.pseudonyms)
    }

    /// Findings on the whole set or a task of it, that are no pass.
    pub fn general_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| {
            finding.item.is_none()
                && finding.level != Level::Pass
                && finding.task.as_ref().is_none_or(|task| self.set.contains_key(task))
        })
    }

    /// The languages, English first.
    pub fn languages(&self) -> &[&'static Language] {
        self.project.languages()
    }

    /// Items in all.
    pub fn items(&self) -> usize {
        self.set.values().map(Vec::len).sum()
    }
}

fn checks(set: &Set, findings: &[Finding]) -> Vec<Check> {
    let published: BTreeSet<i64> = set.values().flatten().map(|chosen| chosen.item.id).collect();
    let mut found: BTreeMap<&str, (BTreeSet<i64>, BTreeSet<i64>)> = BTreeMap::new();
    for finding in findings {
        let (blocked, warned) = found.entry(&finding.name).or_default();
        match (finding.level, finding.item) {
            (Level::Block, Some(item)) => _ = blocked.insert(item),
            (Level::Warn, Some(item)) if published.contains(&item) => _ = warned.insert(item),
            _ => {}
        }
    }
    let check = |(name, (blocked, warned)): (&str, (BTreeSet<i64>, BTreeSet<i64>))| Check {
        name: name.to_owned(),
        blocked: blocked.len(),
        warned: warned.len(),
    };
    found.into_iter().map(check).collect()
}
