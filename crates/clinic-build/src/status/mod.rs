//! One look at a whole project: what each step has made, what it cost, and what to do next.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::publish::state::{self, State, Tally};
use crate::store::PairState;
use crate::{Project, Spent, StepError};

/// How far a project is.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// Source to tag of the language to current documents.
    pub documents: BTreeMap<String, BTreeMap<String, usize>>,
    /// Tag of each language but English to its pairs, in the project's order.
    pub pairs: Vec<Pairs>,
    /// The tasks, in their order.
    pub tasks: Vec<TaskStatus>,
    /// Those who rate, by name.
    pub reviewers: Vec<Reviewer>,
    /// Step to what it left out.
    pub dropped: BTreeMap<&'static str, usize>,
    /// Whether checks have looked at the project at all.
    pub checked: bool,
    /// What all steps have spent.
    pub spent: Spent,
    /// What to do next.
    pub next: Next,
}

/// English documents and their versions in a language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Pairs {
    /// Tag of the language.
    pub language: String,
    /// Whether documents were mapped to this language at all.
    pub looked: bool,
    /// Sure enough to write from.
    pub mapped: usize,
    /// Waiting for a person.
    pub doubtful: usize,
    /// Without a version.
    pub unmapped: usize,
}

/// How far a task is.
#[derive(Debug, Clone, Serialize)]
pub struct TaskStatus {
    /// Its items, and how many are to be published.
    #[serde(flatten)]
    pub tally: Tally,
    /// Items that [write] wants.
    pub to_write: usize,
    /// Items that are there in all languages.
    pub whole: usize,
}

/// A person who rates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reviewer {
    /// Who it is.
    pub name: String,
    /// Texts that they rated as these are now.
    pub rated: usize,
    /// Texts that they would not rate.
    pub skipped: usize,
    /// Texts that have changed since they rated them, or are gone.
    pub outdated: usize,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Next {
    /// The step.
    pub step: &'static str,
    /// Its arguments behind the folder.
    pub arguments: &'static str,
    /// Why.
    pub why: String,
}

/// Looks at a project, also while a step works on it.
pub fn status(project: &Project) -> Result<Status, StepError> {
    let calls = project.calls()?;
    let spent = project.spent(&calls)?;
    project.store().steadily(|| look(project, &spent))
}

fn look(project: &Project, spent: &Spent) -> Result<Status, StepError> {
    let store = project.store();
    let mut documents: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for (source, language, n) in store.count_documents()? {
        documents.entry(source).or_default().insert(language, n);
    }
    let items = state::items(project)?;
    let tasks: Vec<TaskStatus> = project
        .tasks()
        .iter()
        .map(|task| {
            let tally = Tally::of(project, &task.name, &items);
            TaskStatus {
                to_write: project.config().write.items_of(&task.name),
                whole: tally.items - tally.count(State::Unfinished),
                tally,
            }
        })
        .collect();
    let current: BTreeSet<(i64, &str, String)> = items
        .iter()
        .flat_map(|whole| {
            let id = whole.chosen.item.id;
            let texts = whole.chosen.texts.iter();
            texts.map(move |text| (id, text.language.as_str(), text.cells.digest()))
        })
        .collect();
    let mut reviewers: BTreeMap<String, Reviewer> = BTreeMap::new();
    for rating in store.ratings()? {
        let body = &rating.body;
        let reviewer = reviewers.entry(body.reviewer.clone()).or_default();
        reviewer.name.clone_from(&body.reviewer);
        if !current.contains(&(body.item, body.language.as_str(), body.digest.clone())) {
            reviewer.outdated += 1;
        } else if body.skipped {
            reviewer.skipped += 1;
        } else {
            reviewer.rated += 1;
        }
    }
    let mut dropped = BTreeMap::new();
    for step in ["collect", "map", "write"] {
        let n = store.dropped(step)?.len();
        if n > 0 {
            dropped.insert(step, n);
        }
    }
    let pairs = pairs(project)?;
    let next = next(!documents.is_empty(), &pairs, &tasks);
    Ok(Status {
        documents,
        pairs,
        tasks,
        reviewers: reviewers.into_values().collect(),
        dropped,
        checked: store.is_checked()?,
        spent: spent.clone(),
        next,
    })
}

fn pairs(project: &Project) -> Result<Vec<Pairs>, StepError> {
    let mut all = Vec::new();
    for language in project.languages().iter().filter(|language| language.tag != "en") {
        let mut pairs = Pairs { language: language.tag.clone(), ..Pairs::default() };
        for pair in project.store().pairs(Some(&language.tag))? {
            pairs.looked = true;
            match pair.state {
                PairState::Mapped => pairs.mapped += 1,
                PairState::Doubtful => pairs.doubtful += 1,
                PairState::Unmapped => pairs.unmapped += 1,
            }
        }
        all.push(pairs);
    }
    Ok(all)
}

/// The first step that brings the set nearer.
fn next(has_documents: bool, pairs: &[Pairs], tasks: &[TaskStatus]) -> Next {
    let step = |step, arguments, why: &str| Next { step, arguments, why: why.to_owned() };
    if !has_documents {
        return step("collect", "", "there are no documents yet");
    }
    if pairs.iter().any(|pairs| !pairs.looked) {
        let why = "English documents have not been joined to their versions yet";
        return step("map", "--embedder MODEL", why);
    }
    if let Some(lone) = pairs.iter().find(|pairs| pairs.mapped == 0) {
        let why = format!(
            "no document is mapped in '{}': give versions the same file name, or name an embedder",
            lone.language
        );
        return step("map", "--embedder MODEL", &why);
    }
    let in_state = |states: &[State]| {
        tasks
            .iter()
            .map(|task| states.iter().map(|s| task.tally.count(*s)).sum())
            .collect::<Vec<usize>>()
    };
    let short_of = |counts: &[usize]| {
        let mut tasks = tasks.iter().zip(counts);
        tasks.find(|(task, count)| **count < task.tally.wanted).map(|(task, _)| task)
    };
    if short_of(&in_state(&[State::Included])).is_none() {
        return step("publish", "", "there are as many items as build.toml wants");
    }
    let open = [State::Included, State::Waiting, State::Disputed, State::Unchecked];
    if let Some(task) = short_of(&in_state(&open)) {
        let (name, wanted) = (&task.tally.task, task.tally.wanted);
        let why = match task.whole >= task.to_write {
            true => format!(
                "{name} wants {wanted} items, and too many were taken out; raise [write] items in \
                 build.toml first"
            ),
            false => format!("{name} wants {wanted} items, and has fewer that may still be let in"),
        };
        return step("write", "--model MODEL", &why);
    }
    if in_state(&[State::Unchecked]).iter().any(|n| *n > 0) {
        return step("check", "--judge MODEL --embedder MODEL", "items have not been checked yet");
    }
    step("review", "--reviewers NAMES", "items wait for people")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(states: &[(State, usize)], to_write: usize) -> TaskStatus {
        let states: BTreeMap<State, usize> = states.iter().copied().collect();
        let items = states.values().sum();
        let tally =
            Tally { task: "t".into(), wanted: 2, items, states, languages: BTreeMap::new() };
        TaskStatus { whole: items, tally, to_write }
    }

    #[test]
    fn the_next_step_is_the_first_that_helps() {
        let looked = Pairs { looked: true, mapped: 1, ..Pairs::default() };
        let at = |tasks: &[TaskStatus]| next(true, std::slice::from_ref(&looked), tasks).step;
        use State::{Blocked, Included, Unchecked, Waiting};
        assert_eq!(next(false, &[], &[]).step, "collect");
        assert_eq!(next(true, &[Pairs::default()], &[]).step, "map");
        for (states, expected) in [
            (&[][..], "write"),
            (&[(Unchecked, 1)], "write"),
            (&[(Unchecked, 1), (Waiting, 1)], "check"),
            (&[(Waiting, 1), (Included, 1)], "review"),
            (&[(Included, 2), (Waiting, 5)], "publish"),
            (&[(Blocked, 5), (Included, 1)], "write"),
        ] {
            assert_eq!(at(&[task(states, 20)]), expected, "{states:?}");
        }
        // One task that lacks something is enough.
        let both = [task(&[(Included, 2)], 20), task(&[(Waiting, 2)], 20)];
        assert_eq!(at(&both), "review");
        let why = |to_write| {
            let tasks = [task(&[(Blocked, 5)], to_write)];
            next(true, std::slice::from_ref(&looked), &tasks).why
        };
        assert!(why(5).contains("raise [write] items"), "{}", why(5));
        assert!(!why(6).contains("raise"), "{}", why(6));
    }
}
