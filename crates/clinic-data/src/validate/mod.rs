//! Whether a run may use a dataset: what is wrong in it, where, how badly, and what to do.
//!
//! A file is read at a time. Nothing is mended here: a cell that a person has not looked at must
//! not change on its way to a model.

mod cells;
mod items;
pub mod near;

use std::collections::{BTreeMap, BTreeSet};

use clinic_core::dataset::{DataError, Dataset, FileEntry, Table};
use clinic_core::language::Language;
use clinic_core::sample::Gap;
use clinic_core::task::{Group, Rows, Task};
use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A run would be wrong, or lack samples that the data should have.
    Error,
    /// A person should look.
    Warning,
    /// Good to know.
    Note,
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

/// Something that is wrong with the data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Which check found it.
    pub check: &'static str,
    /// The file, and its member.
    pub file: String,
    /// The line, from 1; `None`: the whole file or column.
    pub line: Option<u64>,
    /// The column's header.
    pub column: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub todo: &'static str,
}

/// Everything that was found.
#[derive(Debug, Default, Serialize)]
pub struct Findings {
    /// The findings, the worst first, each check's at most [`MOST`].
    pub findings: Vec<Finding>,
    /// Severity and check to how many there are in all.
    pub counts: BTreeMap<(Severity, &'static str), usize>,
    /// Samples that a run would have.
    pub samples: usize,
}

/// Findings of a check that are kept; the rest are counted.
pub const MOST: usize = 1_000;

impl Findings {
    /// How many there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.counts.iter().filter(|((s, _), _)| *s == severity).map(|(_, n)| n).sum()
    }

    fn add(&mut self, finding: Finding) {
        let count = self.counts.entry((finding.severity, finding.check)).or_default();
        *count += 1;
        if *count <= MOST {
            self.findings.push(finding);
        }
    }

    fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|finding| self.add(finding));
    }
}

/// Looks at the files of these tasks, in these languages.
pub fn validate(data: &Dataset, tasks: &[&Task], languages: &[&Language]) -> Findings {
    let mut all = Findings::default();
    let mut refused: BTreeSet<String> = BTreeSet::new();
    let (mut unlocked, mut counts) = (0, Vec::new());
    for (name, users) in users(tasks) {
        match data.table(&name) {
            Ok(Some(table)) => {
                let entry = data.manifest().file(&name);
                all.extend(by_order(&table, &entry));
                all.extend(out_of_order(&table, &entry, &users));
                unlocked += usize::from(entry.sha256.is_none() && !data.is_starter());
                let file = File { table: &table, entry: &entry, users: &users, languages };
                all.extend(file.findings());
            }
            // Reading the task tells of a file that is not there.
            Ok(None) => {}
            Err(error) => {
                refused.insert(error.to_string());
                all.add(broken(&name, &error));
            }
        }
    }
    for task in tasks {
        match data.read(task, languages) {
            Ok(reading) => {
                all.samples += reading.samples.len();
                counts.extend(items::count(task, &reading.samples));
                all.extend(reading.gaps.iter().map(gap));
                all.extend(items::findings(data, task, &reading.samples));
            }
            Err(error) if refused.insert(error.to_string()) => all.add(broken(&task.name, &error)),
            Err(_) => {}
        }
    }
    all.extend(twice(data));
    if unlocked > 0 {
        let problem = format!("{unlocked} files without a SHA-256, so that a change goes unseen");
        all.add(note("lock", data, problem, "clinic data lock"));
    }
    if !counts.is_empty() {
        let problem = format!("other numbers of items: {}", counts.join(", "));
        all.add(note("count", data, problem, "nothing, if it is another set"));
    }
    all.findings.sort();
    all.findings.dedup();
    all
}

/// Dataset file to the tasks that read it, with the group and the variant.
fn users<'a>(tasks: &[&'a Task]) -> BTreeMap<String, Vec<(&'a Task, &'a Group)>> {
    let mut users: BTreeMap<String, Vec<(&Task, &Group)>> = BTreeMap::new();
    for task in tasks {
        for group in &task.data.groups {
            for (_, file) in group.variants() {
                users.entry(file.to_owned()).or_default().push((task, group));
            }
        }
    }
    users
}

/// One dataset file and who reads it.
struct File<'a> {
    table: &'a Table,
    entry: &'a FileEntry,
    users: &'a [(&'a Task, &'a Group)],
    languages: &'a [&'a Language],
}

impl File<'_> {
    /// Rows that a task reads.
    fn rows(&self) -> Vec<usize> {
        let total = self.table.len();
        let used =
            |row: &usize| self.users.iter().any(|(_, group)| group.rows.contains(*row, total));
        (0..total).filter(used).collect()
    }

    /// The languages that have a column, with its place.
    fn columns(&self) -> Vec<(&Language, usize)> {
        let column = |language: &&'_ Language| self.table.column(self.entry.header(language));
        self.languages.iter().filter_map(|l| Some((*l, column(l)?))).collect()
    }

    fn finding(
        &self,
        severity: Severity,
        check: &'static str,
        place: (Option<usize>, usize),
        problem: String,
        todo: &'static str,
    ) -> Finding {
        let (row, column) = place;
        Finding {
            severity,
            check,
            file: self.table.file.clone(),
            line: row.map(|row| self.table.cell_line(row, column)),
            column: Some(self.table.headers()[column].clone()),
            problem,
            todo,
        }
    }
}

/// Dataset files that the manifest takes from the same rows.
fn twice(data: &Dataset) -> Vec<Finding> {
    let manifest = data.manifest();
    let mut seen: BTreeMap<String, &String> = BTreeMap::new();
    let mut findings = Vec::new();
    for (name, entry) in &manifest.files {
        let place = format!("{} {:?} {:?} {:?}", entry.path, entry.member, entry.rows, entry.text);
        if let Some(other) = seen.insert(place, name).filter(|_| !entry.path.is_empty()) {
            let problem = format!("{name} and {other} are the same rows of {}", entry.path);
            let todo = "correct the manifest";
            findings.push(Finding {
                severity: Severity::Warning,
                ..note("manifest", data, problem, todo)
            });
        }
    }
    findings
}

/// A long table whose rows only their order joins.
fn by_order(table: &Table, entry: &FileEntry) -> Option<Finding> {
    let alone = entry.language.is_some() && entry.id.is_none();
    alone.then(|| Finding {
        severity: Severity::Warning,
        check: "order",
        file: table.file.clone(),
        line: None,
        column: entry.language.clone(),
        problem: "no column of ids: the n-th row of each language is taken for the same item"
            .into(),
        todo: "name the column of ids in the manifest, or make sure of the order",
    })
}

/// Rows that tasks take by their place, and that do not stand in the order of their ids.
fn out_of_order(table: &Table, entry: &FileEntry, users: &[(&Task, &Group)]) -> Option<Finding> {
    let placed = users.iter().any(|(_, group)| !matches!(group.rows, Rows::All));
    let header = entry.id.as_ref().filter(|_| placed)?;
    let column = table.column(header)?;
    // The number at the end of an id, where all have one.
    let number = |row| -> Option<u64> {
        let id = table.cell(row, column).trim();
        id[id.trim_end_matches(|c: char| c.is_ascii_digit()).len()..].parse().ok()
    };
    let numbers: Vec<u64> = (0..table.len()).map(number).collect::<Option<_>>()?;
    let row = numbers.windows(2).position(|pair| pair[0] >= pair[1])?;
    Some(Finding {
        severity: Severity::Warning,
        check: "order",
        file: table.file.clone(),
        line: Some(table.line(row + 1)),
        column: Some(header.clone()),
        problem: "the rows are not in the order of their ids, and tasks take them by their place"
            .into(),
        todo: "sort the file by its ids, if that is the order of the published file",
    })
}

/// A note on the whole set.
fn note(check: &'static str, data: &Dataset, problem: String, todo: &'static str) -> Finding {
    let file = data.manifest().name.clone();
    Finding { severity: Severity::Note, check, file, line: None, column: None, problem, todo }
}

fn broken(name: &str, error: &DataError) -> Finding {
    let (file, line, column, problem) = match error {
        DataError::Table { file, line, column, problem } => {
            (file.clone(), *line, column.clone(), problem.clone())
        }
        other => (name.to_owned(), None, None, other.to_string()),
    };
    Finding {
        severity: Severity::Error,
        check: "read",
        file,
        line,
        column,
        problem,
        todo: "mend the file; nothing of it can be used",
    }
}

fn gap(gap: &Gap) -> Finding {
    let (severity, check, todo) = match (gap.line, gap.samples) {
        (_, 0)
            if gap.line.is_none()
                && gap.column.is_none()
                && gap.problem.contains("no such file") =>
        {
            (Severity::Warning, "missing", "add the file, or go without the task")
        }
        (_, 0) => (Severity::Note, "read", "nothing, if it is meant"),
        (None, _) => (Severity::Warning, "missing", "add the column, or go without the language"),
        (Some(_), _) => {
            (Severity::Error, "parallel", "fill it, or take the item out of every language")
        }
    };
    Finding {
        severity,
        check,
        file: gap.file.clone(),
        line: gap.line,
        column: gap.column.clone(),
        problem: gap.problem.clone(),
        todo,
    }
}
