//! Checks of single cells and of columns.

use std::collections::HashSet;

use clinic_core::identify::{self, Match};
use clinic_core::language::{Direction, Language, Languages};
use clinic_core::plain;
use rayon::prelude::*;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::{File, Finding, Severity, near};

/// Of the cells of a column, the share in another language from which the column is wrong.
const FOREIGN: f64 = 0.2;
/// Words of the English text in a row that a translation has no reason to hold.
const LEFT: usize = 6;
/// Letters of a text that is the same as the English one by no chance.
const SAME: usize = 20;

impl File<'_> {
    /// What is wrong in the columns of the languages and references.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let (rows, columns) = (self.rows(), self.columns());
        let english = columns.iter().find(|(language, _)| language.tag == "en").map(|(_, c)| *c);
        let mut findings: Vec<Finding> = columns
            .par_iter()
            .flat_map_iter(|(language, column)| self.column(language, *column, english, &rows))
            .collect();
        for column in self.references() {
            findings.extend(rows.iter().flat_map(|row| self.characters(*row, column, None)));
            let empty = |row: &&usize| self.table.cell(**row, column).trim().is_empty();
            let lacking: Vec<&usize> = rows.iter().filter(empty).collect();
            if lacking.len() * 2 < rows.len() {
                findings.extend(lacking.into_iter().map(|row| {
                    let problem = "the reference is empty here and filled in other rows".to_owned();
                    let place = (Some(*row), column);
                    let todo = "fill it; the scorer goes without it in this row";
                    self.finding(Severity::Warning, "reference", place, problem, todo)
                }));
            }
        }
        findings.extend(self.unused());
        findings
    }

    /// Columns that nothing reads, such as those of a language that is not known.
    fn unused(&self) -> Vec<Finding> {
        if !self.entry.rows.is_empty() {
            // A table of several dataset files has columns of all of them.
            return Vec::new();
        }
        let known = Languages::current();
        let languages: HashSet<&str> = known.iter().map(|l| self.entry.header(l)).collect();
        let stems: Vec<&String> = self
            .users
            .iter()
            .flat_map(|(task, _)| &task.data.references)
            .flat_map(|(name, spec)| {
                self.entry.references.get(name).into_iter().chain(&spec.columns)
            })
            .collect();
        let entry = self.entry;
        let named = [&entry.id, &entry.domains, &entry.source, &entry.language, &entry.text];
        let is_used = |header: &String| {
            // Long tables have a column a language of everything beside the text.
            let stem = header.rsplit_once('_').filter(|(_, last)| known.find(last).is_ok());
            let stem = stem.map_or(header.as_str(), |(stem, _)| stem);
            header.is_empty()
                || header == "Unnamed: 0"
                || languages.contains(header.as_str())
                || stems.iter().any(|known| *known == stem)
                || named.iter().any(|known| known.as_deref() == Some(stem))
                || entry.rows.contains_key(stem)
        };
        let headers = self.table.headers();
        let idle: Vec<&str> =
            headers.iter().filter(|header| !is_used(header)).map(String::as_str).collect();
        if idle.is_empty() {
            return Vec::new();
        }
        vec![Finding {
            severity: Severity::Note,
            check: "unused",
            file: self.table.file.clone(),
            line: None,
            column: None,
            problem: format!("columns that nothing reads: {}", idle.join(", ")),
            todo: "name them in the manifest if they are a language or a reference",
        }]
    }

    fn column(
        &self,
        language: &Language,
        column: usize,
        english: Option<usize>,
        rows: &[usize],
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let (mut told, mut foreign) = (0, Vec::new());
        for row in rows {
            let text = self.table.cell(*row, column);
            if text.trim().is_empty() {
                // The task's reading lists it.
                continue;
            }
            findings.extend(self.characters(*row, column, Some(language)));
            findings.extend(self.tokens(*row, column));
            let same = english.is_some_and(|english| {
                english != column && self.table.cell(*row, english).trim() == text.trim()
            });
            if same && text.chars().filter(|c| c.is_alphabetic()).count() >= SAME {
                findings.push(self.finding(
                    Severity::Error,
                    "untranslated",
                    (Some(*row), column),
                    "the text is the English one".to_owned(),
                    "translate it",
                ));
                continue;
            }
            match identify::compare(text, &language.tag) {
                Match::Unknown => {}
                Match::Same => {
                    told += 1;
                    findings.extend(self.left(*row, column, english));
                }
                Match::Other(other) => {
                    told += 1;
                    foreign.push((*row, other));
                }
            }
        }
        findings.extend(self.foreign(language, column, told, &foreign));
        findings.extend(near::duplicates(self, column, rows));
        findings
    }

    /// Cells in another language; many of them are a wrong column.
    fn foreign(
        &self,
        language: &Language,
        column: usize,
        told: usize,
        foreign: &[(usize, Option<&str>)],
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let altered = self.users.iter().any(|(task, _)| task.data.altered);
        for (row, other) in foreign {
            let other = other.map_or("another script".to_owned(), |tag| format!("'{tag}'"));
            let problem = format!("it seems to be in {other}, not in {}", language.english);
            let todo = "look at it; put the right text there if it is not meant";
            let place = (Some(*row), column);
            let severity = if altered { Severity::Note } else { Severity::Warning };
            findings.push(self.finding(severity, "language", place, problem, todo));
        }
        if !altered && foreign.len() >= 2 && foreign.len() as f64 > FOREIGN * told as f64 {
            let problem =
                format!("{} of {told} texts seem not to be in {}", foreign.len(), language.english);
            let todo = "check which language the column is in; name it in the manifest";
            findings.push(self.finding(Severity::Error, "language", (None, column), problem, todo));
        }
        findings
    }

    /// A run of words of the English text.
    fn left(&self, row: usize, column: usize, english: Option<usize>) -> Option<Finding> {
        let english = english.filter(|english| *english != column)?;
        // A line each: names of drugs may be the same in a row of options.
        let words = |column| -> Vec<Vec<String>> {
            let text = self.table.cell(row, column).to_lowercase();
            let words = |line: &str| -> Vec<String> {
                let words = line.split(|c: char| !c.is_alphanumeric());
                words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
            };
            text.lines().map(words).collect()
        };
        let own = words(column);
        let runs: HashSet<&[String]> = own.iter().flat_map(|line| line.windows(LEFT)).collect();
        let english = words(english);
        let mut all = english.iter().flat_map(|line| line.windows(LEFT));
        let run = all.find(|run| runs.contains(run))?;
        let problem = format!("it holds words of the English text: \"{}\"", run.join(" "));
        let todo = "translate what was left over";
        Some(self.finding(Severity::Warning, "english-left", (Some(row), column), problem, todo))
    }

    /// Characters that should not be there.
    fn characters(&self, row: usize, column: usize, language: Option<&Language>) -> Vec<Finding> {
        let text = self.table.cell(row, column);
        let mut findings = Vec::new();
        let mut found = |severity, check, problem: String, todo| {
            findings.push(self.finding(severity, check, (Some(row), column), problem, todo));
        };
        if text.contains('\u{fffd}') {
            let problem = "it holds U+FFFD, the sign of text that was decoded wrongly".to_owned();
            found(Severity::Error, "decoded", problem, "get the text from its source again");
        }
        if let Some(pair) = mojibake(text) {
            let problem = format!("it holds \"{pair}\", as UTF-8 that was read as Latin-1 looks");
            found(Severity::Error, "decoded", problem, "get the text from its source again");
        }
        if let Some(c) = text.chars().find(|c| c.is_control() && !"\n\r\t".contains(*c)) {
            let problem = format!("it holds the control character U+{:04X}", u32::from(c));
            found(Severity::Warning, "control", problem, "take it out");
        }
        let marks = |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let right_to_left = language.is_some_and(|l| l.direction == Direction::Rtl);
        if let Some(c) = text.chars().find(marks) {
            let (severity, why) = if right_to_left {
                (Severity::Note, "which a model reads and a person does not see")
            } else {
                (Severity::Warning, "in a language that is written from left to right")
            };
            let problem = format!("it holds the direction mark U+{:04X}, {why}", u32::from(c));
            found(severity, "direction", problem, "take it out");
        }
        let shown: String = text.chars().filter(|c| !marks(c) && !c.is_control()).collect();
        let plain: String = plain::revealed(text).chars().filter(|c| !c.is_control()).collect();
        if shown != plain {
            let problem = "it holds characters that leave no mark on the page".to_owned();
            found(Severity::Warning, "invisible", problem, "take them out");
        }
        if !is_nfc(text) {
            let problem = "it is not in the normal form NFC, so that equal texts differ".to_owned();
            found(Severity::Warning, "normal-form", problem, "save the text in NFC");
        }
        findings
    }

    /// Signs that the tasks of the file need in each text.
    fn tokens(&self, row: usize, column: usize) -> Vec<Finding> {
        let total = self.table.len();
        let tasks = self.users.iter().filter(|(_, group)| group.rows.contains(row, total));
        let mut findings = Vec::new();
        for token in tasks.flat_map(|(task, _)| &task.data.tokens) {
            let text = self.table.cell(row, column);
            if !text.nfkc().collect::<String>().contains(token.as_str()) {
                let problem = format!("it does not hold {token}");
                let todo = "put it where the model is to fill in a word";
                let place = (Some(row), column);
                findings.push(self.finding(Severity::Error, "token", place, problem, todo));
            }
        }
        findings
    }

    /// Columns of references, with those a language.
    fn references(&self) -> Vec<usize> {
        let mut columns = HashSet::new();
        for (task, _) in self.users {
            for (name, spec) in &task.data.references {
                let stems = self.entry.references.get(name).into_iter().chain(&spec.columns);
                for stem in stems {
                    columns.extend(self.table.column(stem));
                    let own = self.languages.iter().map(|l| format!("{stem}_{}", l.english));
                    columns.extend(own.filter_map(|header| self.table.column(&header)));
                }
            }
        }
        let mut columns: Vec<usize> = columns.into_iter().collect();
        columns.sort_unstable();
        columns
    }
}

/// Two letters that UTF-8 gives when it is read as Latin-1 or Windows-1252.
fn mojibake(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let pair = chars.windows(2).find(|pair| {
        matches!(pair[0], 'Ã' | 'Â' | 'Ø' | 'Ù' | 'Ð' | 'Ñ' | 'à' | 'â')
            && matches!(pair[1], '\u{80}'..='\u{bf}' | '€' | '™' | 'œ' | 'š' | 'ž')
            && !matches!(pair[1], '\u{a0}' | '«' | '»' | '·' | '¿' | '¡')
    })?;
    Some(pair.iter().collect())
}
