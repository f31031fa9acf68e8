//! `layout`: all that `clinic data validate` finds in the dataset files that the items make.
//!
//! Items are written as they would be published, a task and a set of languages at a time, into a
//! folder that goes away. An error of a text blocks it and a warning warns of it; what is said of a
//! whole column warns of the task in that language, since it is no single text's fault. Notes are
//! left out, and so is what the checks `same` and `near` say better.

use std::collections::BTreeMap;

use clinic_core::dataset::{Dataset, Table};
use clinic_core::task::{Rows, Task};
use clinic_data::validate::{self, MOST, Severity};

use super::set::{Entry, Said, Set};
use crate::StepError;
use crate::layout::{self, Chosen, Placed};
use crate::store::Finding;

const NAME: &str = "layout";
/// Checks that ours do with an item's name in the place of a line.
const OURS: [&str; 2] = ["duplicate", "untranslated"];
/// Items that are looked at together.
const ITEMS: usize = 200;

pub(super) fn check(set: &Set<'_>) -> Result<Vec<Finding>, StepError> {
    let mut findings = Vec::new();
    for task in &set.tasks {
        // Unfinished items lack languages; each is looked at with those that it has.
        let mut groups: BTreeMap<Vec<&str>, Vec<&Entry<'_>>> = BTreeMap::new();
        for entry in &task.entries {
            let broken = broken(entry);
            if broken.is_empty() {
                let tags = entry.texts.iter().map(|text| text.language.as_str()).collect();
                groups.entry(tags).or_default().push(entry);
            }
            findings.extend(broken);
        }
        for (tags, entries) in &groups {
            for entries in entries.chunks(ITEMS) {
                findings.extend(of_group(set, task.task, tags, entries)?);
            }
        }
    }
    Ok(findings)
}

/// What keeps an item out of any file.
fn broken(entry: &Entry<'_>) -> Vec<Finding> {
    let todo = "write the item anew";
    let mut findings = Vec::new();
    for text in &entry.texts {
        if text.cells.all().any(|(_, cell)| cell.contains('\0')) {
            let problem = "it holds a NUL, which no reader of the file would take";
            findings.push(entry.on(text, Said::block(NAME, problem, todo)));
        }
        let files = entry.task.data.groups.iter().flat_map(|group| group.variants());
        for (_, file) in files.filter(|(_, file)| !text.cells.texts.contains_key(*file)) {
            let problem = format!("it has no text for {file}, which the task reads");
            findings.push(entry.on(text, Said::block(NAME, problem, todo)));
        }
    }
    findings
}

fn of_group(
    set: &Set<'_>,
    task: &Task,
    tags: &[&str],
    entries: &[&Entry<'_>],
) -> Result<Vec<Finding>, StepError> {
    // Alone in its files, the task reads all their rows.
    let mut task = task.clone();
    task.data.groups.iter_mut().for_each(|group| group.rows = Rows::All);
    let languages: Vec<_> = set
        .project
        .languages()
        .iter()
        .copied()
        .filter(|l| tags.contains(&l.tag.as_str()))
        .collect();
    let chosen =
        entries.iter().map(|entry| Chosen { item: entry.item.clone(), texts: entry.texts.clone() });
    let chosen = BTreeMap::from([(task.name.clone(), chosen.collect())]);
    let io = |error: std::io::Error| {
        StepError::Input(format!("no folder can be made for the check of the layout: {error}"))
    };
    let folder = tempfile::tempdir().map_err(io)?;
    let placed = layout::write_tasks(folder.path(), set.project, &languages, &[&task], &chosen)?;
    let data =
        Dataset::folder(folder.path()).map_err(|error| StepError::Input(error.to_string()))?;
    let found = validate::validate(&data, &[&task], &languages);
    if found.counts.values().any(|count| *count > MOST) && entries.len() > 1 {
        // Some of them were only counted.
        let (first, rest) = entries.split_at(entries.len() / 2);
        let mut findings = of_group(set, &task, tags, first)?;
        findings.extend(of_group(set, &task, tags, rest)?);
        return Ok(findings);
    }
    let mut tables = BTreeMap::new();
    for name in data.manifest().files.keys() {
        let table = data.table(name).map_err(|error| StepError::Input(error.to_string()))?;
        tables.extend(table.map(|table| (table.file.clone(), (name.as_str(), table))));
    }
    let kept = found.findings.iter().filter(|finding| !OURS.contains(&finding.check));
    Ok(kept.filter_map(|f| told(set, &task, entries, &placed, &tables, f)).collect())
}

/// A finding of the files as one of an item.
fn told(
    set: &Set<'_>,
    task: &Task,
    entries: &[&Entry<'_>],
    placed: &[Placed],
    tables: &BTreeMap<String, (&str, Table)>,
    finding: &validate::Finding,
) -> Option<Finding> {
    let said = match finding.severity {
        Severity::Error => Said::block,
        Severity::Warning => Said::warn,
        Severity::Note => return None,
    };
    let header = finding.column.as_deref();
    let language = header.and_then(|header| layout::language_of(set.project.languages(), header));
    let file = tables.get(&finding.file).map(|(name, _)| *name);
    // Which of an item's texts it is, where there are several.
    let reference = header.filter(|header| !is_text(set, header));
    let part = match (reference, file) {
        (Some(reference), _) => format!("{reference}: "),
        (None, Some(file)) if tables.len() > 1 => format!("{file}: "),
        _ => String::new(),
    };
    let problem = format!("{part}{}", finding.problem);
    let at =
        |place: &&Placed| Some(place.file.as_str()) == file && Some(place.line) == finding.line;
    let Some(place) = placed.iter().find(at) else {
        let said = Said::warn(NAME, problem, finding.todo);
        return Some(said.of(Some(task), language));
    };
    let entry = entries.iter().find(|entry| entry.item.id == place.item)?;
    let said = said(NAME, problem, finding.todo);
    // A reference without a language is in English, and serves all where the recipe shares it.
    let language = language.or_else(|| {
        let own = task.data.references.iter().find(|(_, spec)| {
            header.is_some_and(|header| spec.columns.iter().any(|column| column == header))
        });
        let reference = own.and_then(|(name, _)| entry.recipe.references.get(name));
        reference.filter(|reference| !reference.shared).map(|_| "en")
    });
    Some(match entry.texts.iter().find(|text| Some(text.language.as_str()) == language) {
        Some(text) => entry.on(text, said),
        None => Finding { item: Some(entry.item.id), ..said.of(Some(task), None) },
    })
}

fn is_text(set: &Set<'_>, header: &str) -> bool {
    set.project.languages().iter().any(|language| language.english == header)
}
