//! Files whose rows belong together, and the items that they make.

use std::collections::HashMap;

use super::{DataError, FileEntry, Table};
use crate::language::Language;
use crate::sample::Gap;
use crate::task::{Group, Task};

/// A table with the columns that a task needs found.
pub(super) struct Source {
    pub table: Table,
    pub entry: FileEntry,
    pub id: Option<usize>,
}

impl Source {
    pub fn new(table: Table, entry: FileEntry) -> Result<Self, DataError> {
        let id = match &entry.id {
            None => None,
            Some(header) => Some(table.column(header).ok_or_else(|| DataError::Table {
                file: table.file.clone(),
                line: Some(1),
                column: Some(header.clone()),
                problem: "the manifest's id column is not in the header".to_owned(),
            })?),
        };
        Ok(Self { table, entry, id })
    }

    pub fn item_id(&self, row: usize) -> String {
        self.id.map_or_else(|| row.to_string(), |id| self.table.cell(row, id).trim().to_owned())
    }

    pub fn gap(
        &self,
        task: &Task,
        language: Option<&Language>,
        row: Option<usize>,
        column: Option<&str>,
        problem: &str,
        samples: usize,
    ) -> Gap {
        Gap {
            task: task.name.clone(),
            language: language.map(|l| l.tag.clone()),
            file: self.table.file.clone(),
            line: row.map(|row| self.table.line(row)),
            column: column.map(str::to_owned),
            problem: problem.to_owned(),
            samples,
        }
    }

    pub fn header<'a>(&'a self, language: &'a Language) -> &'a str {
        self.entry.header(language)
    }
}

/// Files of a pair that nothing but the number of a row joins, of which one is short: which rows it
/// lacks cannot be told, and all behind them would be paired wrongly.
pub(super) fn unpaired(task: &Task, sources: &[(&str, Source)]) -> Option<Gap> {
    let by_number = sources.iter().any(|(_, source)| source.id.is_none());
    let longest = sources.iter().map(|(_, source)| source).max_by_key(|s| s.table.len())?;
    let (_, short) = sources.iter().find(|(_, s)| s.table.len() < longest.table.len())?;
    by_number.then(|| {
        let problem = format!(
            "it has {} rows, {} has {}, and no column of ids tells which are missing; the items are \
             left out",
            short.table.len(),
            longest.table.file,
            longest.table.len()
        );
        short.gap(task, None, None, None, &problem, longest.table.len())
    })
}

/// An item: its id and its row in the file of each variant.
pub(super) struct Item {
    pub id: String,
    pub rows: Vec<usize>,
}

/// Joins the files of a group by id, in the order of the first file.
pub(super) fn join(
    task: &Task,
    group: &Group,
    sources: &[(&str, Source)],
    gaps: &mut Vec<Gap>,
) -> Result<Vec<Item>, DataError> {
    // Rows that the task does not use are listed, and not missed.
    let missed = |source: &Source, row| usize::from(group.rows.contains(row, source.table.len()));
    let mut by_id = Vec::new();
    for (_, source) in sources {
        let mut rows = HashMap::new();
        for row in 0..source.table.len() {
            let id = source.item_id(row);
            let problem = if id.is_empty() {
                "the id is empty".to_owned()
            } else if let Some(earlier) = rows.insert(id.clone(), row) {
                format!("the id '{id}' stands on line {} already", source.table.line(earlier))
            } else {
                continue;
            };
            return Err(DataError::Table {
                file: source.table.file.clone(),
                line: Some(source.table.line(row)),
                column: source.entry.id.clone(),
                problem,
            });
        }
        by_id.push(rows);
    }
    let mut items = Vec::new();
    for row in 0..sources[0].1.table.len() {
        let id = sources[0].1.item_id(row);
        let rows: Vec<Option<&usize>> = by_id.iter().map(|rows| rows.get(&id)).collect();
        if let Some(missing) = rows.iter().position(Option::is_none) {
            let file = &sources[missing].1.table.file;
            let problem = format!("the item '{id}' has no row in {file}; it is left out");
            let missed = missed(&sources[0].1, row);
            gaps.push(sources[0].1.gap(task, None, Some(row), None, &problem, missed));
            continue;
        }
        items.push(Item { id, rows: rows.into_iter().flatten().copied().collect() });
    }
    for (_, source) in sources.iter().skip(1) {
        for row in 0..source.table.len() {
            let id = source.item_id(row);
            if !by_id[0].contains_key(&id) {
                let file = &sources[0].1.table.file;
                let problem = format!("the item '{id}' has no row in {file}; it is left out");
                let missed = missed(source, row);
                gaps.push(source.gap(task, None, Some(row), None, &problem, missed));
            }
        }
    }
    Ok(items)
}
