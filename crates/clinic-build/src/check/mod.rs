//! Step 4: what must be true of an item before people see it.
//!
//! In go items and their documents, out come findings that block, warn or pass; all are written anew
//! in one transaction. A check is a file, with what it looks for and does. What people need to know:
//! `docs/build/check.md`.

mod answered;
mod fold;
mod layout;
mod leftover;
mod meaning;
mod near;
mod options;
mod personal;
mod prompt;
mod quote;
mod same;
mod set;
mod summary;
#[cfg(test)]
mod tests;
mod vectors;

use std::collections::BTreeMap;

use clinic_engine::model::{Embedder, Model};
use clinic_engine::run::{Caller, Event, Listener, Stage};

use self::set::{Entry, Said, Set};
use self::vectors::Vectors;
use crate::store::{Finding, Text};
use crate::{Project, StepError};

pub use meaning::Meaning;
pub use summary::{Checked, Count, OfLanguage};

/// The step's name, for models and progress.
pub const STEP: &str = "check";

/// Models that help to check; without one of them its checks are told as not done.
#[derive(Clone, Copy, Default)]
pub struct Helpers<'a> {
    /// Says whether documents answer items.
    pub judge: Option<&'a dyn Model>,
    /// Tokens that it may think with before its reply.
    pub reasoning_tokens: u32,
    /// Compares what texts say.
    pub embedder: Option<&'a dyn Embedder>,
}

/// Checks all items, and puts the findings in the place of all that there were.
///
/// # Errors
/// Where the store cannot be read or written, the budget is used up, a model is of no use to any
/// request, or the step was stopped: then the earlier findings stay, and all replies that came are
/// kept for the next time.
pub async fn check(
    project: &Project,
    helpers: Helpers<'_>,
    caller: &Caller,
    listener: &dyn Listener,
) -> Result<Checked, StepError> {
    let set = Set::read(project)?;
    if set.entries().next().is_none() {
        let problem = "the project has no items of its tasks; write some: clinic build write";
        return Err(StepError::Input(problem.to_owned()));
    }
    let mut findings = layout::check(&set)?;
    findings.extend(leftover::check(&set));
    findings.extend(same::check(&set));
    findings.extend(options::check(&set));
    findings.extend(personal::check(&set)?);

    let stage = Stage::Step(STEP);
    let total = helpers.judge.map_or(0, |_| answered::texts(&set).count());
    listener.on(&Event::Started { stage, total, done: 0 });
    let earlier = Earlier::read(project)?;
    let asked = ask(&set, &earlier, helpers, caller, listener, &mut findings).await;
    listener.on(&Event::Finished { stage });
    let failed = asked?;

    findings.extend(
        set.texts().map(|(entry, text)| {
            entry.on(text, Said::pass(READ, "the checks have read this text"))
        }),
    );
    tidy(&mut findings);
    project.store().set_findings(&findings)?;
    Ok(summary::summary(&set, &findings, failed))
}

/// The name of the finding that each text has that was looked at.
pub const READ: &str = "read";

/// What models said before of texts that have not changed since: it stands until one is asked again.
struct Earlier(BTreeMap<(i64, String, String, String), Vec<Finding>>);

impl Earlier {
    fn read(project: &Project) -> Result<Self, StepError> {
        let mut earlier: BTreeMap<_, Vec<Finding>> = BTreeMap::new();
        for finding in project.store().findings(None)? {
            if let (Some(item), Some(language), Some(digest)) =
                (finding.item, &finding.language, &finding.digest)
            {
                let key = (item, language.clone(), digest.clone(), finding.name.clone());
                earlier.entry(key).or_default().push(finding);
            }
        }
        Ok(Self(earlier))
    }

    /// What a check found of a text.
    fn of(&self, name: &str, (entry, text): (&Entry<'_>, &Text)) -> Option<&[Finding]> {
        let (language, digest) = (text.language.clone(), text.cells.digest());
        let found = self.0.get(&(entry.item.id, language, digest, name.to_owned()));
        found.map(Vec::as_slice)
    }

    /// Keeps what a check found of each of these texts; whether it had looked at all of them.
    fn keep<'s>(
        &self,
        name: &str,
        texts: impl Iterator<Item = (&'s Entry<'s>, &'s Text)>,
        findings: &mut Vec<Finding>,
    ) -> bool {
        let mut all = true;
        for text in texts {
            match self.of(name, text) {
                Some(found) => findings.extend(found.iter().cloned()),
                None => all = false,
            }
        }
        all
    }
}

/// The checks that ask models; gives how many texts could not be checked.
async fn ask(
    set: &Set<'_>,
    earlier: &Earlier,
    helpers: Helpers<'_>,
    caller: &Caller,
    listener: &dyn Listener,
    findings: &mut Vec<Finding>,
) -> Result<usize, StepError> {
    let mut failed = 0;
    let mut vectors = None;
    match helpers.embedder {
        Some(embedder) => {
            let known = Vectors::ask(set, embedder, caller).await?;
            let (found, lost) = meaning::check(set, &known);
            findings.extend(found);
            failed += lost;
            vectors = Some(known);
        }
        None => {
            let others = set.texts().filter(|(_, text)| text.language != "en");
            if !earlier.keep(meaning::NAME, others, findings) {
                findings.push(meaning::not_done());
            }
        }
    }
    findings.extend(near::check(set, vectors.as_ref())?);
    match helpers.judge {
        Some(judge) => {
            let (found, lost) =
                answered::check(set, judge, helpers.reasoning_tokens, caller, listener).await?;
            findings.extend(found);
            failed += lost;
        }
        None => {
            if !earlier.keep(answered::NAME, answered::texts(set), findings) {
                findings.push(answered::not_done());
            }
        }
    }
    Ok(failed)
}

/// One order whatever came first, and nothing twice.
fn tidy(findings: &mut Vec<Finding>) {
    let mut seen = std::collections::HashSet::new();
    findings.retain(|f| {
        seen.insert((f.item, f.task.clone(), f.language.clone(), f.name.clone(), f.problem.clone()))
    });
    findings.sort_by_key(|f| (f.item.is_some(), f.item, f.name != READ, f.level));
}
