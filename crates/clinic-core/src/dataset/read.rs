//! From the tables of a task to its samples.

use std::collections::{BTreeMap, BTreeSet};

use super::join::{Item, Source, join, unpaired};
use super::{DataError, Dataset, Table};
use crate::language::{Language, Languages};
use crate::prompt;
use crate::sample::{Gap, Sample, Variant};
use crate::task::{Group, ReferenceSpec, Task};

/// What a dataset holds for a task.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Samples, item by item, each in the order of the languages asked for.
    pub samples: Vec<Sample>,
    /// What is missing, and why.
    pub gaps: Vec<Gap>,
    /// Dataset file to SHA-256.
    pub digests: BTreeMap<String, String>,
}

impl Dataset {
    /// Reads the samples of a task in some languages.
    pub fn read(&self, task: &Task, languages: &[&Language]) -> Result<Reading, DataError> {
        self.read_first(usize::MAX, task, languages)
    }

    /// The same for the first `limit` items of the task.
    pub fn read_first(
        &self,
        limit: usize,
        task: &Task,
        languages: &[&Language],
    ) -> Result<Reading, DataError> {
        let mut reading = Reading::default();
        let mut left = limit;
        for group in &task.data.groups {
            left -= self.read_group(left, task, group, languages, &mut reading)?;
        }
        Ok(reading)
    }

    /// The languages that any file of these tasks has a column for; all of them where no file can
    /// be read, so that reading tells why.
    pub fn languages<'a>(&self, tasks: &[&Task], known: &'a Languages) -> Vec<&'a Language> {
        let groups = tasks.iter().flat_map(|task| &task.data.groups);
        let files: BTreeSet<&str> =
            groups.flat_map(Group::variants).map(|(_, file)| file).collect();
        let (mut found, mut broken) = (BTreeSet::new(), false);
        for file in files {
            let entry = self.manifest.file(file);
            let table = match self.table(file) {
                Ok(Some(table)) => table,
                Ok(None) => continue,
                Err(_) => {
                    broken = true;
                    continue;
                }
            };
            let has = |language: &&Language| table.column(entry.header(language)).is_some();
            found.extend(known.iter().filter(has).map(|language| known.position(&language.tag)));
        }
        let all = broken && found.is_empty();
        let chosen = known.iter().enumerate().filter(|(i, _)| all || found.contains(i));
        chosen.map(|(_, language)| language).collect()
    }

    /// Reads `limit` items of a group at most, and tells how many it read.
    fn read_group(
        &self,
        limit: usize,
        task: &Task,
        group: &Group,
        languages: &[&Language],
        reading: &mut Reading,
    ) -> Result<usize, DataError> {
        let mut sources = Vec::new();
        for (variant, file) in group.variants() {
            let Some(table) = self.table(file)? else {
                reading.gaps.push(Gap {
                    task: task.name.clone(),
                    language: None,
                    file: self.manifest.file(file).path,
                    line: None,
                    column: None,
                    problem: "the dataset has no such file; add it, or name it in the manifest"
                        .to_owned(),
                    samples: 0,
                });
                return Ok(0);
            };
            reading.digests.insert(file.to_owned(), table.digest.clone());
            let source = Source::new(table, self.manifest.file(file))?;
            for note in &source.table.notes {
                reading.gaps.push(source.gap(task, None, None, None, note, 0));
            }
            sources.push((variant, source));
        }
        if let Some(gap) = unpaired(task, &sources) {
            reading.gaps.push(gap);
            return Ok(0);
        }
        let noted = reading.gaps.len();
        let items = join(task, group, &sources, &mut reading.gaps)?;
        let (_, first) = &sources[0];
        let chosen = |i: &usize| group.rows.contains(*i, first.table.len());
        let mut chosen: Vec<&Item> = items.iter().filter(|item| chosen(&item.rows[0])).collect();
        if chosen.len() > limit {
            chosen.truncate(limit);
            // Other items stand in for those without a partner.
            reading.gaps[noted..].iter_mut().for_each(|gap| gap.samples = 0);
        }
        let read = chosen.len();

        let references = References::find(task, &sources)?;
        let mut columns = Vec::new();
        for language in languages {
            columns.push(language_columns(task, language, &sources, chosen.len(), reading));
        }
        for item in chosen {
            for (language, columns) in languages.iter().zip(&columns) {
                let Some(columns) = columns else { continue };
                match sample(task, group, item, language, columns, &sources, &references) {
                    Ok(sample) => reading.samples.push(sample),
                    Err(gap) => reading.gaps.push(*gap),
                }
            }
        }
        Ok(read)
    }
}

/// The column of a language in the file of each variant; a gap where one lacks it.
fn language_columns(
    task: &Task,
    language: &Language,
    sources: &[(&str, Source)],
    items: usize,
    reading: &mut Reading,
) -> Option<Vec<usize>> {
    let mut columns = Vec::new();
    for (_, source) in sources {
        let header = source.header(language);
        let Some(column) = source.table.column(header) else {
            let problem = "the file has no column for this language; add it, or name it in the \
                           manifest under columns.languages";
            reading.gaps.push(source.gap(task, Some(language), None, Some(header), problem, items));
            return None;
        };
        columns.push(column);
    }
    Some(columns)
}

/// Where the references of a task are: source and header stem, by reference name.
struct References(BTreeMap<String, (usize, String)>);

impl References {
    fn find(task: &Task, sources: &[(&str, Source)]) -> Result<Self, DataError> {
        let mut found = BTreeMap::new();
        for (name, spec) in &task.data.references {
            let hit = sources.iter().enumerate().find_map(|(i, (_, source))| {
                let own = source.entry.references.get(name);
                let header = own
                    .into_iter()
                    .chain(&spec.columns)
                    .find(|header| source.table.column(header).is_some());
                header.map(|header| (i, header.clone()))
            });
            match hit {
                Some(hit) => {
                    found.insert(name.clone(), hit);
                }
                None if spec.optional => {}
                None => return Err(missing_reference(name, spec, &sources[0].1.table)),
            }
        }
        Ok(Self(found))
    }
}

fn missing_reference(name: &str, spec: &ReferenceSpec, table: &Table) -> DataError {
    DataError::Table {
        file: table.file.clone(),
        line: Some(1),
        column: Some(spec.columns.join(" or ")),
        problem: format!(
            "the header lacks the column of the reference '{name}'; it has {}; \
             name the right one in the manifest under columns.references",
            table.headers().join(", ")
        ),
    }
}

fn sample(
    task: &Task,
    group: &Group,
    item: &Item,
    language: &Language,
    columns: &[usize],
    sources: &[(&str, Source)],
    references: &References,
) -> Result<Sample, Box<Gap>> {
    let mut variants = Vec::new();
    for (((name, source), row), column) in sources.iter().zip(&item.rows).zip(columns) {
        let gap = |problem: &str| {
            Box::new(source.gap(
                task,
                Some(language),
                Some(*row),
                Some(source.header(language)),
                problem,
                1,
            ))
        };
        let text = source.table.cell(*row, *column);
        if text.trim().is_empty() {
            return Err(gap("the cell is empty; the sample is left out"));
        }
        if let Err(name) = prompt::render(task, &language.tag, text) {
            return Err(gap(&format!("the task has no text '{name}' in this language")));
        }
        variants.push(Variant { name: (*name).to_owned(), text: text.to_owned() });
    }
    let (mut texts, mut english) = (BTreeMap::new(), BTreeMap::new());
    for (name, (i, header)) in &references.0 {
        let source = &sources[*i].1;
        let row = item.rows[*i];
        let cell = |header: &str| {
            let column = source.table.column(header)?;
            Some(source.table.cell(row, column).trim())
        };
        let (own, shared) = (cell(&format!("{header}_{}", language.english)), cell(header));
        let text = own.or(shared).unwrap_or_default();
        if let (Some(_), Some(shared)) = (own, shared) {
            english.insert(name.clone(), shared.to_owned());
        }
        if !text.is_empty() {
            texts.insert(name.clone(), text.to_owned());
        } else if !task.data.references[name].optional {
            let problem = "the reference cell is empty; the sample is left out";
            return Err(Box::new(source.gap(
                task,
                Some(language),
                Some(row),
                Some(header),
                problem,
                1,
            )));
        }
    }
    let (first, row) = (&sources[0].1, item.rows[0]);
    let extra = |header: &Option<String>| {
        let column = header.as_ref().and_then(|header| first.table.column(header))?;
        Some(first.table.cell(row, column).trim().to_owned()).filter(|cell| !cell.is_empty())
    };
    let domains = extra(&first.entry.domains).unwrap_or_default();
    let domains = domains.split(';').map(str::trim).filter(|d| !d.is_empty());
    let item_id = match &group.name {
        Some(name) => format!("{name}/{}", item.id),
        None => item.id.clone(),
    };
    Ok(Sample {
        task: task.name.clone(),
        language: language.tag.clone(),
        item: item_id,
        group: group.name.clone(),
        row,
        variants,
        references: texts,
        english,
        domains: domains.map(str::to_owned).collect(),
        source: extra(&first.entry.source),
    })
}
