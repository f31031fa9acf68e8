//! Checks of items: their forms, their options and answers, and how many there are.

use std::collections::{BTreeMap, BTreeSet};

use clinic_core::choice::{Opt, parse_options};
use clinic_core::dataset::{Dataset, FileEntry, Table};
use clinic_core::language::Languages;
use clinic_core::sample::Sample;
use clinic_core::task::{Scorer, Task};
use unicode_normalization::UnicodeNormalization;

use super::{Finding, Severity};

/// Tables of a task's files, for the places of findings.
struct Places<'a> {
    data: &'a Dataset,
    task: &'a Task,
    tables: BTreeMap<String, Option<Table>>,
}

impl Places<'_> {
    /// A finding at the text of a sample, in the file of a variant.
    fn finding(
        &mut self,
        severity: Severity,
        check: &'static str,
        (sample, variant): (&Sample, usize),
        problem: String,
        todo: &'static str,
    ) -> Finding {
        let group = self.task.data.groups.iter().find(|group| group.name == sample.group);
        let file = group.and_then(|group| group.variants().nth(variant)).map_or("", |(_, f)| f);
        let entry = self.data.manifest().file(file);
        let read = || self.data.table(file).ok().flatten();
        let table = self.tables.entry(file.to_owned()).or_insert_with(read);
        let language = Languages::current().tag(&sample.language);
        let header = language.map(|language| entry.header(language).to_owned());
        let column = header.as_ref().and_then(|h| table.as_ref()?.column(h));
        let item = sample.item.rsplit('/').next().unwrap_or_default();
        let line = table.as_ref().and_then(|table| {
            let row = row_of(&entry, table, item).unwrap_or(sample.row);
            Some(table.cell_line(row, column?))
        });
        let file = table.as_ref().map_or(entry.path, |table| table.file.clone());
        Finding { severity, check, file, line, column: header, problem, todo }
    }
}

impl Places<'_> {
    /// References that the files of a pair both hold, and not the same.
    fn disagreements(&mut self, samples: &[Sample]) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut seen = BTreeSet::new();
        for group in self.task.data.groups.iter().filter(|group| group.variants().count() > 1) {
            let files: Vec<&str> = group.variants().map(|(_, file)| file).collect();
            let read =
                |file: &&str| Some((self.data.manifest().file(file), self.data.table(file).ok()??));
            let tables: Vec<(FileEntry, Table)> = files.iter().filter_map(read).collect();
            for sample in samples.iter().filter(|sample| sample.group == group.name) {
                if !seen.insert(sample.item.clone()) {
                    continue;
                }
                for (name, spec) in &self.task.data.references {
                    let cells = tables.iter().filter_map(|(entry, table)| {
                        let own = entry.references.get(name).into_iter().chain(&spec.columns);
                        let column = own.filter_map(|header| table.column(header)).next()?;
                        let item = sample.item.rsplit('/').next().unwrap_or_default();
                        let row = row_of(entry, table, item).unwrap_or(sample.row);
                        (row < table.len()).then(|| table.cell(row, column).trim().to_owned())
                    });
                    let cells: Vec<String> = cells.collect();
                    if let Some(other) = cells.iter().find(|cell| **cell != cells[0]) {
                        let problem = format!(
                            "its {name} is '{}' in one file and '{other}' in another",
                            cells[0]
                        );
                        findings.push((sample, problem));
                    }
                }
            }
        }
        let todo = "make them the same: the items of a pair have one answer";
        let one =
            |(sample, problem)| self.finding(Severity::Error, "answer", (sample, 0), problem, todo);
        findings.into_iter().map(one).collect()
    }
}

/// The row of an item, where the table has ids.
fn row_of(entry: &FileEntry, table: &Table, item: &str) -> Option<usize> {
    let id = table.column(entry.id.as_ref()?)?;
    (0..table.len()).find(|row| table.cell(*row, id).trim() == item)
}

/// What is wrong with the items of a task.
pub(super) fn findings(data: &Dataset, task: &Task, samples: &[Sample]) -> Vec<Finding> {
    let mut places = Places { data, task, tables: BTreeMap::new() };
    let mut findings = Vec::new();
    let options: Vec<Vec<Vec<Opt>>> = samples
        .iter()
        .map(|sample| sample.variants.iter().map(|v| parse_options(&v.text)).collect())
        .collect();
    let with_options = options.iter().flatten().filter(|options| options.len() == 4).count();
    let texts = options.iter().flatten().count();
    // A task is one of options where its scorer reads letters, or where most of its texts have them.
    let choice = matches!(task.scorer, Scorer::Choice { .. });
    let lettered = choice || with_options * 2 > texts;
    for name in task.data.references.keys() {
        let told: Vec<Option<bool>> = samples
            .iter()
            .zip(&options)
            .map(|(s, o)| Some(among(s.references.get(name)?, &o[0])))
            .collect();
        let right = told.iter().filter(|told| **told == Some(true)).count();
        // Which reference of a task is its answer tells itself, but where letters are the answer.
        if !lettered || (!choice && right * 2 <= told.len()) {
            continue;
        }
        for (sample, _) in samples.iter().zip(&told).filter(|(_, told)| **told == Some(false)) {
            let problem = format!("its {name} is none of its options");
            let todo = "put an option there, letter and text, as the item has it";
            findings.push(places.finding(Severity::Error, "answer", (sample, 0), problem, todo));
        }
    }
    findings.extend(places.disagreements(samples));
    for (sample, options) in samples.iter().zip(&options) {
        for (i, options) in options.iter().enumerate().filter(|_| lettered) {
            let letters: String = options.iter().map(|option| option.letter).collect();
            if letters != "ABCD" {
                let problem = match letters.as_str() {
                    "" => "it has no options; A to D are needed".to_owned(),
                    some => format!("it has the options {some}; A to D are needed"),
                };
                let severity = if choice { Severity::Error } else { Severity::Warning };
                let todo = "write each option on a line of its own, such as \"A) …\"";
                findings.push(places.finding(severity, "options", (sample, i), problem, todo));
            }
        }
        for (i, variant) in sample.variants.iter().enumerate().skip(1) {
            if variant.text.trim() == sample.variants[0].text.trim() {
                let problem = format!("it is the same as the variant {}", sample.variants[0].name);
                let todo = "give it its own form; the task compares the two";
                findings.push(places.finding(Severity::Error, "same", (sample, i), problem, todo));
            }
        }
        for name in &task.data.within {
            let plain = |text: &str| text.nfkc().collect::<String>().to_lowercase();
            let text = plain(sample.question());
            let parts = sample.references.get(name).map_or("", String::as_str).split(';');
            let lost = parts.map(str::trim).find(|part| !text.contains(&plain(part)));
            if let Some(lost) = lost {
                let problem = format!("it does not hold its {name}: '{lost}'");
                let todo = "write it as the text has it; rules look for it in responses";
                findings.push(places.finding(
                    Severity::Warning,
                    "within",
                    (sample, 0),
                    problem,
                    todo,
                ));
            }
        }
        for name in &task.data.differ {
            let reference = sample.references.get(name);
            if reference.is_some_and(|text| text.trim() == sample.question().trim()) {
                let problem = format!("it is the same as its {name}");
                let todo = "give it its own form; the task compares the two";
                findings.push(places.finding(Severity::Error, "same", (sample, 0), problem, todo));
            }
        }
    }
    findings
}

/// Whether an answer is one of the options: by letter, by text, or by both.
fn among(truth: &str, options: &[Opt]) -> bool {
    let plain = |text: &str| text.nfkc().collect::<String>().trim().to_lowercase();
    let truth = plain(truth);
    let fits = |option: &Opt| {
        let (letter, text) = (option.letter.to_lowercase().to_string(), plain(&option.text));
        let behind =
            truth.strip_prefix(&letter).map(|rest| rest.trim_start_matches([')', '.', ':']));
        truth == letter || truth == text || behind.is_some_and(|rest| rest.trim() == text)
    };
    options.iter().any(fits)
}

/// Items of a task, and how many the published set has, where that is another number.
pub(super) fn count(task: &Task, samples: &[Sample]) -> Option<String> {
    let wanted = task.data.samples;
    let items: BTreeSet<&str> = samples.iter().map(|s| s.item.as_str()).collect();
    let other = !items.is_empty() && items.len() != wanted;
    other.then(|| format!("{} {} (published {wanted})", task.name, items.len()))
}
