//! From a file to ratings: all rows, or none and what is wrong with which.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use clinic_core::digest;
use clinic_report::export::harmless;
use serde::Serialize;

use super::row::{self, short};
use super::{DIGEST, FIXED, Kind, MARK, SAID, cells, shown};
use crate::review::queue::Reviewer;
use crate::review::texts::{Key, Looked, look};
use crate::store::NewRating;
use crate::{Project, StepError};

/// Something that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// The row as a spreadsheet counts, the header being 1; `None`: a row that is not there.
    pub row: Option<usize>,
    /// What is wrong and what to do.
    pub problem: String,
}

/// What came of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Ratings that are new in the store.
    pub added: usize,
    /// Ratings that were there already.
    pub known: usize,
    /// Rows that say nothing.
    pub empty: usize,
    /// What is wrong; where there is something, nothing was added unless it was asked for.
    pub wrong: Vec<Wrong>,
}

/// The table of a file, by its columns.
struct Table {
    places: BTreeMap<String, usize>,
    /// Columns of criteria.
    criteria: Vec<String>,
    rows: Vec<cells::Numbered>,
}

/// Texts by their key as tables have it, and their language.
type Index<'a> = BTreeMap<(String, &'a str), (&'a Key, &'a Looked)>;

/// Reads a table back. Wrong rows refuse the whole file unless `partial` takes the good ones. A file
/// that was read before adds nothing.
pub fn import(
    project: &Project,
    reviewer: &Reviewer,
    file: &Path,
    partial: bool,
) -> Result<Imported, StepError> {
    let kind = Kind::of(file)?;
    let bytes = cells::bytes(file, kind)?;
    let table = Table::of(file, cells::rows(file, kind, &bytes)?)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    // The same bytes under any name are the same file.
    let via = format!("{} {}", &digest::hex(&[&bytes])[..16], short(&name));
    let known_file: BTreeSet<Key> = project.store().rated_via(&reviewer.name, &via[..16])?;
    let texts = look(project)?;
    let index: Index<'_> = texts
        .iter()
        .map(|(key, text)| ((harmless(&text.name), key.1.as_str()), (key, text)))
        .collect();
    let mut imported = Imported::default();
    let mut ratings = Vec::new();
    let mut seen: BTreeMap<Key, usize> = BTreeMap::new();
    let mut numbers = Numbers::default();
    for (number, cells) in &table.rows {
        let read = numbers
            .note(table.cell(cells, "row"))
            .and_then(|()| table.read(project, reviewer, &index, cells));
        let rating = read.and_then(|(key, filled)| match seen.insert(key.clone(), *number) {
            Some(earlier) => Err(format!("it is about the same text as row {earlier}")),
            None => Ok((key, filled)),
        });
        match rating {
            Err(problem) => imported.wrong.push(Wrong { row: Some(*number), problem }),
            Ok((_, None)) => imported.empty += 1,
            Ok((key, Some(rating))) => {
                let last = texts[&key].ratings.iter().find(|r| r.body.reviewer == reviewer.name);
                let is_last = last.is_some_and(|last| {
                    last.body == NewRating { via: last.body.via.clone(), ..rating.clone() }
                });
                match is_last || known_file.contains(&key) {
                    true => imported.known += 1,
                    false => ratings.push(NewRating { via: via.clone(), ..rating }),
                }
            }
        }
    }
    imported.wrong.extend(numbers.missing().map(|problem| Wrong { row: None, problem }));
    if imported.wrong.is_empty() || partial {
        imported.added = ratings.len();
        project.store().rate(&ratings)?;
    }
    Ok(imported)
}

impl Table {
    fn of(file: &Path, mut rows: Vec<cells::Numbered>) -> Result<Self, StepError> {
        let wrong = |what: String| StepError::Input(format!("{}: {what}", file.display()));
        if rows.is_empty() {
            return Err(wrong("it is empty".to_owned()));
        }
        let (_, header) = rows.remove(0);
        let mut places = BTreeMap::new();
        for (place, name) in header.iter().map(|name| name.trim().to_lowercase()).enumerate() {
            if !name.is_empty() && places.insert(name.clone(), place).is_some() {
                return Err(wrong(format!("two columns are named '{}'", short(&name))));
            }
        }
        let missing: Vec<&str> =
            FIXED.into_iter().chain(SAID).filter(|name| !places.contains_key(*name)).collect();
        if !missing.is_empty() {
            return Err(wrong(format!(
                "its first row lacks {}; the columns are those of a table that \
                 `clinic build review --export` has written",
                missing.join(", ")
            )));
        }
        let criterion = |name: &String| name.strip_prefix(MARK).map(str::to_owned);
        let criteria = places.keys().filter_map(criterion).collect();
        Ok(Self { places, criteria, rows })
    }

    fn cell<'a>(&self, cells: &'a [String], name: &str) -> &'a str {
        self.places.get(name).and_then(|place| cells.get(*place)).map_or("", String::as_str)
    }

    /// Which text a row is about, and what it says of it.
    fn read(
        &self,
        project: &Project,
        reviewer: &Reviewer,
        index: &Index<'_>,
        cells: &[String],
    ) -> Result<(Key, Option<NewRating>), String> {
        let cell = |name: &str| self.cell(cells, name);
        let (name, language) = (cell("key").trim(), cell("language").trim());
        let own = harmless(&reviewer.name);
        if cell("reviewer").trim() != own {
            let whose = short(cell("reviewer"));
            return Err(format!("it is of '{whose}' and not of '{}'", reviewer.name));
        }
        let Some((key, text)) = index.get(&(name.to_owned(), language)) else {
            return Err(format!(
                "no text that may be rated is '{}' in '{}': its key was changed, it is of another \
                 project, or checks have blocked it",
                short(name),
                short(language)
            ));
        };
        if !reviewer.languages.contains(&key.1) {
            return Err(format!("{} does not rate texts in '{}'", reviewer.name, key.1));
        }
        if cell("digest").trim() != format!("{DIGEST}{}", text.digest) {
            return Err("the text has changed since the table was written, or its digest was; \
                write a new table for it"
                .to_owned());
        }
        let shown = shown(project, text, key.0, &key.1).map_err(|error| error.to_string())?;
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        for (column, expected) in ["english", "item", "document"].into_iter().zip(&shown) {
            if words(cell(column)) != words(expected) {
                return Err(format!(
                    "'{column}' is not as it was written; texts cannot be changed here: put them \
                     back, and say it in the comment"
                ));
            }
        }
        let criteria = text.criteria(project);
        // A criterion whose column was taken out is one that is missing; a mark in the column of one
        // that the text does not have is wrong.
        let mut columns: Vec<String> = criteria.iter().map(|own| own.name.clone()).collect();
        let others = self.criteria.iter().filter(|name| !columns.contains(name));
        columns.extend(others.cloned().collect::<Vec<_>>());
        let filled = row::read(cell, &criteria, &columns)?;
        let rating = filled.map(|filled| NewRating {
            item: key.0,
            language: key.1.clone(),
            digest: text.digest.clone(),
            reviewer: reviewer.name.clone(),
            skipped: filled.skipped,
            r#unsafe: filled.r#unsafe,
            marks: filled.marks,
            comment: filled.comment,
            via: String::new(),
        });
        Ok(((*key).clone(), rating))
    }
}

/// The numbers that rows were written with: `3 of 17`.
#[derive(Default)]
struct Numbers {
    seen: BTreeSet<usize>,
    all: Option<usize>,
}

impl Numbers {
    fn note(&mut self, cell: &str) -> Result<(), String> {
        let read = cell.trim().split_once(" of ").and_then(|(n, all)| {
            let (n, all): (usize, usize) = (n.trim().parse().ok()?, all.trim().parse().ok()?);
            (1..=all).contains(&n).then_some((n, all))
        });
        let Some((n, all)) = read else {
            return Err(format!("'row' is '{}' and not as '3 of 17'", short(cell)));
        };
        if *self.all.get_or_insert(all) != all {
            return Err(format!("it is row {n} of {all} and so of another table"));
        }
        self.seen.insert(n);
        Ok(())
    }

    /// What is missing, if anything is.
    fn missing(&self) -> Option<String> {
        let all = self.all?.min(100_000);
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for n in (1..=all).filter(|n| !self.seen.contains(n)) {
            match runs.last_mut() {
                Some((_, end)) if *end + 1 == n => *end = n,
                _ => runs.push((n, n)),
            }
        }
        let mut told = String::new();
        for (from, to) in runs.iter().take(20) {
            let lead = if told.is_empty() { "" } else { ", " };
            let _ = match from == to {
                true => write!(told, "{lead}{from}"),
                false => write!(told, "{lead}{from}–{to}"),
            };
        }
        let more = if runs.len() > 20 { " and more" } else { "" };
        let what = "of the table that was written are missing; put them back, or take the others \
            alone by --partial";
        (!runs.is_empty()).then(|| format!("rows {told}{more} of {all} {what}"))
    }
}
