//! What the checks look at: items with their recipes and texts.

use clinic_core::task::Task;

use crate::recipe::Recipe;
use crate::store::{Finding, Item, Level, StoreError, Text};
use crate::{Project, StepError};

/// All items of the project's tasks, with their texts in its languages.
pub(super) struct Set<'a> {
    pub project: &'a Project,
    pub tasks: Vec<TaskItems<'a>>,
}

/// The items of a task, in the order of their making.
pub(super) struct TaskItems<'a> {
    pub task: &'a Task,
    pub recipe: &'a Recipe,
    pub entries: Vec<Entry<'a>>,
}

/// An item.
pub(super) struct Entry<'a> {
    pub task: &'a Task,
    pub recipe: &'a Recipe,
    pub item: Item,
    /// English first.
    pub texts: Vec<Text>,
}

/// What a check says of something: check, level, what is wrong, what to do.
pub(super) struct Said {
    pub name: &'static str,
    pub level: Level,
    pub problem: String,
    pub todo: &'static str,
    pub measure: Option<f64>,
}

impl Said {
    pub fn block(name: &'static str, problem: impl Into<String>, todo: &'static str) -> Self {
        Self { name, level: Level::Block, problem: problem.into(), todo, measure: None }
    }

    pub fn warn(name: &'static str, problem: impl Into<String>, todo: &'static str) -> Self {
        Self { level: Level::Warn, ..Self::block(name, problem, todo) }
    }

    pub fn pass(name: &'static str, problem: impl Into<String>) -> Self {
        Self { level: Level::Pass, ..Self::block(name, problem, "") }
    }

    pub fn measure(self, measure: f64) -> Self {
        Self { measure: Some(measure), ..self }
    }

    /// Of the whole set, or of a task, in a language or in all.
    pub fn of(self, task: Option<&Task>, language: Option<&str>) -> Finding {
        Finding {
            item: None,
            task: task.map(|task| task.name.clone()),
            language: language.map(str::to_owned),
            digest: None,
            name: self.name.to_owned(),
            level: self.level,
            problem: self.problem,
            todo: self.todo.to_owned(),
            measure: self.measure,
        }
    }
}

impl<'a> Set<'a> {
    pub fn read(project: &'a Project) -> Result<Self, StoreError> {
        let mut tasks = Vec::new();
        for task in project.tasks() {
            let recipe = project.recipe(&task.name);
            let mut entries = Vec::new();
            for item in project.items(Some(&task.name))? {
                let mut texts = project.store().texts(item.id)?;
                let known =
                    |text: &Text| project.languages().iter().any(|l| l.tag == text.language);
                texts.retain(known);
                entries.push(Entry { task, recipe, item, texts });
            }
            tasks.push(TaskItems { task, recipe, entries });
        }
        Ok(Self { project, tasks })
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.tasks.iter().flat_map(|task| &task.entries)
    }

    /// Every text with its item.
    pub fn texts(&self) -> impl Iterator<Item = (&Entry<'a>, &Text)> {
        self.entries().flat_map(|entry| entry.texts.iter().map(move |text| (entry, text)))
    }

    /// The document that a text was written from: its title and its text.
    pub fn document(&self, text: &Text) -> Result<(String, String), StepError> {
        let body = self.project.store().document(text.document)?.body;
        Ok((body.title, body.text))
    }
}

impl Entry<'_> {
    /// The text in English.
    pub fn english(&self) -> Option<&Text> {
        self.texts.iter().find(|text| text.language == "en")
    }

    /// A finding on one of its texts.
    pub fn on(&self, text: &Text, said: Said) -> Finding {
        Finding {
            item: Some(self.item.id),
            digest: Some(text.cells.digest()),
            ..said.of(Some(self.task), Some(&text.language))
        }
    }

    /// What the item says in a language, each part once. Of texts that are altered on purpose, what
    /// they were made of.
    pub fn body(&self, text: &Text) -> String {
        let clean: Vec<&str> = self.task.data.differ.iter().map(String::as_str).collect();
        let references = &text.cells.references;
        if self.task.data.altered && clean.iter().any(|name| references.contains_key(*name)) {
            let kept = clean.iter().filter_map(|name| references.get(*name));
            return kept.map(String::as_str).collect::<Vec<_>>().join("\n");
        }
        let mut parts: Vec<&str> = Vec::new();
        for (_, part) in text.cells.all() {
            // An answer is one of the options, as a rule.
            if !parts.iter().any(|known| known.contains(part)) {
                parts.push(part);
            }
        }
        parts.join("\n")
    }
}
