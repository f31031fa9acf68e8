//! One dataset file: its header, its cells, its bytes.

use std::collections::{BTreeMap, BTreeSet};

use clinic_core::language::Language;
use clinic_core::plain;
use clinic_core::task::Task;

use super::Chosen;
use super::order::{Order, User};
use crate::publish::origin;
use crate::store::{Cells, Text};
use crate::{Project, StepError};

pub(super) const ID: &str = "id";
pub(super) const DOMAINS: &str = "domains";
pub(super) const SOURCE: &str = "source";
/// Characters of a title or address in the column of sources.
const LONGEST: usize = 300;

/// A column of references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    /// Task to the name that the reference has there.
    names: BTreeMap<String, String>,
    /// The column's header.
    header: String,
    /// The language that it is in; `None`: English, which serves all that have no column.
    language: Option<String>,
}

/// The columns of references of a file, those of a language behind those that serve all.
pub(super) fn headers(
    file: &str,
    languages: &[&Language],
    users: &[User<'_>],
    project: &Project,
) -> Result<Vec<Reference>, StepError> {
    let mut stems: Vec<(&str, BTreeMap<String, String>, bool)> = Vec::new();
    for user in users {
        let recipe = project.recipe(&user.task.name);
        for (name, reference) in &recipe.references {
            // The task's own first name for the column, which a recipe cannot lack.
            let Some(stem) =
                user.task.data.references.get(name).and_then(|spec| spec.columns.first())
            else {
                continue;
            };
            let at = stems.iter().position(|(known, ..)| known == stem).unwrap_or_else(|| {
                stems.push((stem, BTreeMap::new(), true));
                stems.len() - 1
            });
            stems[at].1.insert(user.task.name.clone(), name.clone());
            stems[at].2 &= reference.shared;
        }
    }
    let mut references = Vec::new();
    for (stem, names, shared) in stems {
        let one = |header: String, language| Reference { names: names.clone(), header, language };
        references.push(one(stem.to_owned(), None));
        if !shared {
            references.extend(languages.iter().filter(|language| language.tag != "en").map(
                |language| one(format!("{stem}_{}", language.english), Some(language.tag.clone())),
            ));
        }
    }
    let own = languages.iter().map(|language| language.english.as_str());
    let all = own.chain([ID, DOMAINS, SOURCE]).chain(references.iter().map(|r| r.header.as_str()));
    let mut seen = BTreeSet::new();
    let mut twice = all.into_iter().filter(|header| !seen.insert(*header));
    if let Some(header) = twice.next() {
        return Err(StepError::Input(format!(
            "{file} would have two columns '{header}'; give the reference another column in the \
             task's file"
        )));
    }
    drop(twice);
    Ok(references)
}

/// The file as it is written, and the line where each row begins.
pub(super) fn bytes(
    file: &str,
    languages: &[&Language],
    references: &[Reference],
    order: &Order<'_>,
    sources: &mut Sources<'_>,
) -> Result<(Vec<u8>, Vec<u64>), StepError> {
    let wrong = |error: csv::Error| StepError::Input(format!("{file}.csv: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [ID]
        .into_iter()
        .chain(languages.iter().map(|language| language.english.as_str()))
        .chain(references.iter().map(|reference| reference.header.as_str()))
        .chain([DOMAINS, SOURCE]);
    writer.write_record(header).map_err(wrong)?;
    let (mut lines, mut line) = (Vec::new(), 2);
    for (task, chosen) in order {
        let cells = cells(file, task, chosen, languages, references, sources)?;
        lines.push(line);
        line += 1 + cells.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
        writer.write_record(&cells).map_err(wrong)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| StepError::Input(format!("{file}.csv: {}", error.error())))?;
    Ok((bytes, lines))
}

fn cells(
    file: &str,
    task: &Task,
    chosen: &Chosen,
    languages: &[&Language],
    references: &[Reference],
    sources: &mut Sources<'_>,
) -> Result<Vec<String>, StepError> {
    let key = &chosen.item.body.key;
    let text = |tag: &str| -> Result<&Text, StepError> {
        chosen.text(tag).ok_or_else(|| {
            StepError::Input(format!("the item {key} has no text in '{tag}'; write it first"))
        })
    };
    let mut row = vec![key.clone()];
    for language in languages {
        let cell = text(&language.tag)?.cells.texts.get(file).ok_or_else(|| {
            StepError::Input(format!("the item {key} has no text for {file} in '{}'", language.tag))
        })?;
        row.push(whole(key, cell)?);
    }
    for reference in references {
        let tag = reference.language.as_deref().unwrap_or("en");
        let cells: &Cells = &text(tag)?.cells;
        let name = reference.names.get(&task.name);
        let cell = name.and_then(|name| cells.references.get(name));
        row.push(cell.map_or(Ok(String::new()), |cell| whole(key, cell))?);
    }
    let domains: Vec<&str> = chosen.item.body.domains.iter().map(|domain| domain.name()).collect();
    row.push(domains.join(";"));
    row.push(sources.of(chosen.item.body.document)?);
    Ok(row)
}

/// A cell that a reader takes: a NUL would make it refuse the whole file.
fn whole(key: &str, cell: &str) -> Result<String, StepError> {
    match cell.contains('\0') {
        false => Ok(cell.to_owned()),
        true => {
            Err(StepError::Input(format!("a text of the item {key} holds a NUL; leave it out")))
        }
    }
}

/// What stands in the column of sources, by document.
pub(super) struct Sources<'a> {
    project: &'a Project,
    known: BTreeMap<i64, String>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(project: &'a Project) -> Self {
        Self { project, known: BTreeMap::new() }
    }

    /// Source, title and address of a document.
    fn of(&mut self, document: i64) -> Result<String, StepError> {
        if let Some(known) = self.known.get(&document) {
            return Ok(known.clone());
        }
        let body = self.project.store().document(document)?.body;
        let line = |text: &str| plain::plain(text, LONGEST);
        let told = format!(
            "{}: {}; {}",
            line(&body.source),
            line(&body.title),
            line(&origin::address(self.project, &body))
        );
        self.known.insert(document, told.clone());
        Ok(told)
    }
}
