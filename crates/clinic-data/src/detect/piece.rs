//! One table of a file or archive, and what its columns look like.

use std::collections::{BTreeMap, BTreeSet};

use clinic_core::dataset::{FileEntry, Format, Table};
use clinic_core::language::Languages;

/// What is kept of a table that was looked at.
#[derive(Debug)]
pub(super) struct Piece {
    /// Where it is and how it is read.
    pub entry: FileEntry,
    /// Path and member, for people.
    pub label: String,
    /// SHA-256 of the file as it lies on the disk.
    pub digest: String,
    /// Number of rows.
    pub rows: usize,
    /// The headers.
    pub headers: Vec<String>,
    /// Columns that hold a language: tag to header.
    pub languages: BTreeMap<String, String>,
    /// Columns of few short values: header to the values and their rows.
    pub kinds: BTreeMap<String, Kinds>,
    /// The column whose cells name languages.
    pub language: Option<String>,
    /// Columns that may hold ids, those first that are named so, with their cells: all columns of
    /// short cells where a row is an item in one language, else the one that is named so.
    pub ids: Vec<(String, Vec<String>)>,
    /// Mean letters of a cell, by header, of the columns that have few empty cells.
    pub lengths: BTreeMap<String, usize>,
    /// What is odd about the columns.
    pub doubts: Vec<String>,
    /// What the format was told from, where that is not its name.
    pub notes: Vec<String>,
}

/// A value a row, as places in a list of values.
#[derive(Debug)]
pub(super) struct Kinds {
    /// The different values.
    pub values: Vec<String>,
    /// The value of each row.
    pub rows: Vec<u32>,
}

/// Different values of a column that may tell kinds of rows apart, at most.
const MAX_KINDS: usize = 200;
/// Letters of such a value at most.
const MAX_KIND: usize = 80;

impl Piece {
    /// Looks at the table of a file.
    pub(super) fn of(entry: FileEntry, bytes: Vec<u8>) -> Result<Self, String> {
        let label = match &entry.member {
            Some(member) => format!("{}: {member}", entry.path),
            None => entry.path.clone(),
        };
        let (entry, table, notes) = read(entry, bytes)?;
        let headers = table.headers().to_vec();
        let (languages, doubts) = languages(&headers);
        let mut piece = Self {
            entry,
            label,
            digest: table.digest.clone(),
            rows: table.len(),
            languages,
            doubts,
            kinds: BTreeMap::new(),
            language: None,
            ids: Vec::new(),
            lengths: BTreeMap::new(),
            notes,
            headers,
        };
        piece.look(&table);
        Ok(piece)
    }

    fn look(&mut self, table: &Table) {
        let known = Languages::current();
        for (column, header) in table.headers().iter().enumerate() {
            let cells = || (0..table.len()).map(|row| table.cell(row, column).trim());
            let letters: usize = cells().map(|cell| cell.chars().count()).sum();
            if cells().filter(|cell| !cell.is_empty()).count() * 10 >= table.len() * 9 {
                self.lengths.insert(header.clone(), letters / table.len().max(1));
            }
            let mut values: BTreeMap<&str, u32> = BTreeMap::new();
            let mut rows = Vec::with_capacity(table.len());
            for cell in cells() {
                let next = values.len() as u32;
                rows.push(*values.entry(cell).or_insert(next));
                if values.len() > MAX_KINDS || cell.chars().count() > MAX_KIND {
                    break;
                }
            }
            if rows.len() < table.len() || values.is_empty() {
                continue;
            }
            let named = values.keys().filter(|value| known.find(value).is_ok()).count();
            if named * 10 >= values.len() * 9 && self.language.is_none() {
                self.language = Some(header.clone());
            }
            let mut list = vec![String::new(); values.len()];
            values.into_iter().for_each(|(value, i)| list[i as usize] = value.to_owned());
            self.kinds.insert(header.clone(), Kinds { values: list, rows });
        }
        let long = self.language.is_some();
        for (column, header) in table.headers().iter().enumerate() {
            let cells = || (0..table.len()).map(|row| table.cell(row, column).trim());
            let short = || cells().all(|cell| !cell.is_empty() && cell.chars().count() <= MAX_KIND);
            if is_id(header) || (long && self.language.as_ref() != Some(header) && short()) {
                self.ids.push((header.clone(), cells().map(str::to_owned).collect()));
            }
        }
        self.ids.sort_by_key(|(header, _)| !is_id(header));
    }

    /// The column of the text in a table with a language column.
    pub(super) fn text(&self, taken: &BTreeSet<&str>) -> Option<String> {
        let known = ["question", "prompt", "text", "query", "input", "item", "content"];
        let of = |name: &str| self.lengths.keys().find(|h| h.to_lowercase() == name);
        let named = known.iter().find_map(|name| of(name));
        let free = |header: &&String| {
            !taken.contains(header.as_str()) && self.language.as_ref() != Some(*header)
        };
        let longest = || self.lengths.keys().filter(free).max_by_key(|h| self.lengths.get(*h));
        named.or_else(longest).cloned()
    }
}

pub(super) fn is_id(header: &str) -> bool {
    let plain = header.to_lowercase().replace(['_', '-', ' '], "");
    ["id", "item", "itemid", "questionid", "sampleid", "qid"].contains(&plain.as_str())
}

/// The table, by the format that its name and its first line tell.
fn read(mut entry: FileEntry, bytes: Vec<u8>) -> Result<(FileEntry, Table, Vec<String>), String> {
    let name = entry.member.as_deref().unwrap_or(&entry.path).to_lowercase();
    let named = Format::of(&name);
    let plain = entry.parse(bytes.clone());
    let told = |entry: &FileEntry| entry.parse(bytes.clone());
    match (named, plain) {
        (Some(Format::Tsv), plain) => {
            // The `.tab` files of Dataverse escape by backslashes; elsewhere quotes are doubled.
            let dataverse = FileEntry { format: Some(Format::Tab), ..entry.clone() };
            let escapes = |table: &Table| {
                (0..table.len()).any(|row| {
                    (0..table.headers().len()).any(|column| {
                        let cell = table.cell(row, column);
                        cell.contains("\\n") || cell.contains("\\\"")
                    })
                })
            };
            match (&plain, told(&dataverse)) {
                (Ok(table), Ok(other)) if name.contains(".tab") && escapes(table) => {
                    let note = "cells hold backslash escapes, as Dataverse writes them";
                    Ok((dataverse, other, vec![note.to_owned()]))
                }
                (Err(_), Ok(other)) => {
                    let note = "quotes are escaped by backslashes, as Dataverse writes them";
                    Ok((dataverse, other, vec![note.to_owned()]))
                }
                _ => plain.map(|table| (entry, table, Vec::new())).map_err(|e| e.to_string()),
            }
        }
        (Some(Format::Csv) | None, plain) => {
            let columns = |table: &Table| table.headers().len();
            let alone = plain.as_ref().map_or(1, columns);
            let others = [';', '\t', '|'].into_iter().filter_map(|sign| {
                let other = FileEntry { delimiter: Some(sign), ..entry.clone() };
                let table = told(&other).ok()?;
                (alone == 1 && columns(&table) > 1).then_some((other, table, sign))
            });
            match others.max_by_key(|(_, table, _)| columns(table)) {
                Some((other, table, sign)) => {
                    Ok((other, table, vec![format!("cells are separated by {sign:?}")]))
                }
                None => {
                    if named.is_none() {
                        entry.format = Some(Format::Csv);
                    }
                    plain.map(|table| (entry, table, Vec::new())).map_err(|e| e.to_string())
                }
            }
        }
        (_, plain) => plain.map(|table| (entry, table, Vec::new())).map_err(|e| e.to_string()),
    }
}

/// Headers that are the name or tag of a language, with or without more behind it; the English
/// name as it is comes first. Notes tell of languages with two columns.
fn languages(headers: &[String]) -> (BTreeMap<String, String>, Vec<String>) {
    let known = Languages::current();
    let longer = |header: &str| {
        known.iter().find(|language| {
            let rest = header.to_lowercase();
            let rest = rest.strip_prefix(&language.english.to_lowercase()).map(str::to_owned);
            rest.is_some_and(|rest| rest.trim_start().starts_with('('))
        })
    };
    let mut columns: BTreeMap<String, Vec<(u8, &String)>> = BTreeMap::new();
    for header in headers {
        let exact = known.iter().find(|language| language.english == *header);
        let named = || known.find(header).ok();
        let found = exact.map(|l| (0, l)).or_else(|| Some((1, named()?)));
        if let Some((rank, language)) = found.or_else(|| Some((2, longer(header)?))) {
            columns.entry(language.tag.clone()).or_default().push((rank, header));
        }
    }
    let mut notes = Vec::new();
    let mut found = BTreeMap::new();
    for (tag, mut these) in columns {
        these.sort_by_key(|(rank, _)| *rank);
        if these.len() > 1 {
            let all: Vec<&str> = these.iter().map(|(_, header)| header.as_str()).collect();
            notes.push(format!(
                "{} columns for {tag}: {}; the first is used",
                all.len(),
                all.join(", ")
            ));
        }
        found.insert(tag, these[0].1.clone());
    }
    (found, notes)
}
