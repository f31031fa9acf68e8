//! The published layout: dataset files with a row an item and a column a language, as
//! `clinic run --data` reads them (`docs/design/formats.md`).
//!
//! Cells are written as they are: they are what a model will be asked. The same items give the same
//! bytes.

mod file;
mod order;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use clinic_core::dataset::MANIFEST;
use clinic_core::language::Language;
use clinic_core::task::Task;
use serde::Serialize;

use crate::store::{Item, Text};
use crate::{Project, StepError};

/// An item with its texts in each language of the project.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The item.
    pub item: Item,
    /// Its texts; those in languages that the project does not have are left out.
    pub texts: Vec<Text>,
}

impl Chosen {
    /// The text in a language.
    pub fn text(&self, tag: &str) -> Option<&Text> {
        self.texts.iter().find(|text| text.language == tag)
    }
}

/// Where an item stands in a dataset file, in all its languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The dataset file, without `.csv`.
    pub file: String,
    /// The row, from 0.
    pub row: usize,
    /// The line, from 1, where the row begins.
    pub line: u64,
    /// Number of the item.
    pub item: i64,
    /// The item's id in the file.
    pub key: String,
    /// The task that reads the row.
    pub task: String,
}

/// Writes items into an empty folder: a CSV a dataset file, and a manifest.
///
/// # Errors
/// Where the items do not fit the way in which their tasks read files: tasks that share a file in
/// turn need as many items each, a task that reads the last rows can have no more than these, and
/// each item needs its text in each language.
pub fn write(
    folder: &Path,
    project: &Project,
    chosen: &BTreeMap<String, Vec<Chosen>>,
) -> Result<Vec<Placed>, StepError> {
    if let Some(foreign) =
        chosen.keys().find(|name| !project.tasks().iter().any(|task| task.name == **name))
    {
        return Err(StepError::Input(format!("the project has no task '{foreign}'")));
    }
    let tasks: Vec<&Task> = project
        .tasks()
        .iter()
        .filter(|task| chosen.get(&task.name).is_some_and(|items| !items.is_empty()))
        .collect();
    write_tasks(folder, project, project.languages(), &tasks, chosen)
}

/// The same in some of the languages, for tasks that need not be the project's own in all they say.
pub(crate) fn write_tasks(
    folder: &Path,
    project: &Project,
    languages: &[&Language],
    tasks: &[&Task],
    chosen: &BTreeMap<String, Vec<Chosen>>,
) -> Result<Vec<Placed>, StepError> {
    let mut sources = file::Sources::new(project);
    let mut placed = Vec::new();
    let mut names = BTreeSet::new();
    for (name, users) in users(tasks) {
        check_name(name)?;
        let rows = order::rows(name, &users, chosen)?;
        let headers = file::headers(name, languages, &users, project)?;
        let (bytes, lines) = file::bytes(name, languages, &headers, &rows, &mut sources)?;
        let path = folder.join(format!("{name}.csv"));
        fs::write(&path, bytes).map_err(|source| io(&path, source))?;
        for (row, ((task, chosen), line)) in rows.iter().zip(lines).enumerate() {
            placed.push(Placed {
                file: name.to_owned(),
                row,
                line,
                item: chosen.item.id,
                key: chosen.item.body.key.clone(),
                task: task.name.clone(),
            });
        }
        names.insert(name);
    }
    let path = folder.join(MANIFEST);
    fs::write(&path, manifest(project, &names)?).map_err(|source| io(&path, source))?;
    Ok(placed)
}

/// The tag of the language whose column this is, of a text or of a reference; `None`: the ids, the
/// domains and the like, and references that all languages share.
pub fn language_of<'a>(languages: &[&'a Language], header: &str) -> Option<&'a str> {
    let is = |language: &&&Language| {
        header == language.english
            || header
                .strip_suffix(language.english.as_str())
                .is_some_and(|stem| stem.ends_with('_'))
    };
    languages.iter().find(is).map(|language| language.tag.as_str())
}

/// Dataset file to those who read it, in the order of the tasks.
fn users<'a>(tasks: &[&'a Task]) -> BTreeMap<&'a str, Vec<order::User<'a>>> {
    let mut users: BTreeMap<&str, Vec<order::User<'_>>> = BTreeMap::new();
    for task in tasks {
        for group in &task.data.groups {
            for (_, file) in group.variants() {
                users.entry(file).or_default().push(order::User { task, rows: group.rows });
            }
        }
    }
    users
}

/// Names come from task files, which may be a user's own.
fn check_name(name: &str) -> Result<(), StepError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match name.chars().all(plain) && !name.starts_with('.') && !name.is_empty() {
        true => Ok(()),
        false => Err(StepError::Input(format!(
            "the dataset file '{}' cannot be written: its name may hold letters, digits, '-', '_' \
             and '.'; rename it in the task's file",
            clinic_core::plain::plain(name, 100)
        ))),
    }
}

#[derive(Serialize)]
struct Manifest<'a> {
    name: &'a str,
    version: &'a str,
    license: &'a str,
    about: &'a str,
    only_named: bool,
    columns: BTreeMap<&'static str, &'static str>,
    files: BTreeMap<&'a str, Entry>,
}

#[derive(Serialize)]
struct Entry {
    path: String,
}

fn manifest(project: &Project, names: &BTreeSet<&str>) -> Result<String, StepError> {
    let config = project.config();
    let manifest = Manifest {
        name: &config.name,
        version: &config.version,
        license: &config.license,
        about: &config.about,
        only_named: true,
        columns: [file::ID, file::DOMAINS, file::SOURCE].map(|name| (name, name)).into(),
        files: names.iter().map(|name| (*name, Entry { path: format!("{name}.csv") })).collect(),
    };
    toml::to_string(&manifest)
        .map_err(|error| StepError::Input(format!("the manifest cannot be written: {error}")))
}

fn io(path: &Path, source: std::io::Error) -> StepError {
    StepError::Project(crate::ProjectError::Io { path: path.to_owned(), source })
}
