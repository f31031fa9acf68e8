//! What came of the writing.

use std::collections::BTreeMap;

use serde::Serialize;

/// What the step did, a task at a time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Written {
    /// The tasks that were worked on.
    pub tasks: Vec<TaskWritten>,
}

/// What there is of a task now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskWritten {
    /// The task's name.
    pub task: String,
    /// Items that build.toml asks for.
    pub wanted: usize,
    /// Items that are written in all languages.
    pub whole: usize,
    /// Items that lack a language.
    pub unfinished: usize,
    /// Slots that this model could not fill; the step passes over them.
    pub dropped: usize,
    /// What was wrong with the dropped ones, the commonest first.
    pub reasons: Vec<Reason>,
    /// Slots without a reply, because the provider gave none; the next run asks them again.
    pub unanswered: usize,
    /// Whether so many were dropped in this session that no more were tried.
    pub gave_up: bool,
    /// Items by an earlier form of the recipe, which are not counted.
    pub outdated: usize,
    /// Slots that nobody has tried yet.
    pub left: usize,
    /// The documents that it can be written from.
    pub documents: Documents,
}

/// A sort of reason, and how often it came up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What was wrong.
    pub why: String,
    /// Texts that it was wrong with.
    pub count: usize,
}

/// English documents of a task, and in which languages they are mapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Documents {
    /// English documents.
    pub english: usize,
    /// Of these, mapped in all languages of the project.
    pub mapped: usize,
    /// Language to how many of them are mapped in it.
    pub by_language: BTreeMap<String, usize>,
}

impl Written {
    /// Whether each task has all the items that were asked for.
    pub fn complete(&self) -> bool {
        self.tasks.iter().all(|task| task.whole >= task.wanted)
    }
}

impl Documents {
    pub(super) fn new(languages: &[&str]) -> Self {
        let by_language = languages.iter().map(|tag| ((*tag).to_owned(), 0)).collect();
        Self { english: 0, mapped: 0, by_language }
    }

    /// Counts a document, by whether it is mapped in a language.
    pub(super) fn count(&mut self, has: impl Fn(&str) -> bool) {
        self.english += 1;
        let mut all = true;
        for (language, count) in &mut self.by_language {
            let mapped = has(language);
            *count += usize::from(mapped);
            all &= mapped;
        }
        self.mapped += usize::from(all);
    }

    /// The language in which the fewest documents are mapped, and how many; `None` where English is
    /// the only language.
    pub fn fewest(&self) -> Option<(&str, usize)> {
        let fewest = self.by_language.iter().min_by_key(|(_, count)| **count);
        fewest.map(|(language, count)| (language.as_str(), *count))
    }
}
