//! What people said of doubtful pairs, from a file that a spreadsheet may have changed.

use std::collections::BTreeMap;
use std::path::Path;

use clinic_core::plain::plain;

use super::shown;
use crate::store::{Decision, Head, PairState, StoreError};
use crate::{Project, StepError};

/// Bytes of a file at most.
const MOST_BYTES: u64 = 100 << 20;
/// Findings that are told one by one.
const MOST_TOLD: usize = 20;
/// Columns that name documents: the English one and the other.
const COLUMNS_OF_IDS: [&str; 2] = ["english_id", "other_id"];

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Decisions, in the order of the rows.
    pub decisions: Vec<Decision>,
    /// Rows without an answer.
    pub open: usize,
    /// Doubtful pairs of the project (English, other) that the file has no row of; they stay as they
    /// are.
    pub missing: Vec<(i64, i64)>,
}

/// Reads decisions by this person: UTF-8 or UTF-16, separated by commas, semicolons or tabs, columns
/// in any order. All rows are right, or none is taken and each wrong one is told by its number.
pub fn read(project: &Project, file: &Path, name: &str) -> Result<Answers, StepError> {
    let wrong = |problem: String| StepError::Input(format!("{}: {problem}", file.display()));
    if plain(name, 100) != name || name.trim().is_empty() {
        let problem =
            "the name must be on one line, of at most 100 characters, none of them hidden";
        return Err(StepError::Input(problem.to_owned()));
    }
    let size = std::fs::metadata(file).map_err(|e| wrong(e.to_string()))?.len();
    if size > MOST_BYTES {
        return Err(wrong(format!("it has {} MB, and at most 100 are read", size >> 20)));
    }
    let bytes = std::fs::read(file).map_err(|e| wrong(e.to_string()))?;
    let text = decoded(&bytes).map_err(wrong)?;
    let (columns, rows) = rows(&text).map_err(wrong)?;
    let mut reader = Reader { project, name, columns, said: BTreeMap::new(), yes: BTreeMap::new() };
    let (mut decisions, mut open, mut findings) = (Vec::new(), 0, Vec::new());
    for (number, cells) in rows {
        match reader.row(number, &cells) {
            Ok(Some(decision)) => decisions.push(decision),
            Ok(None) => open += 1,
            Err(Bad::Row(problem)) => findings.push(format!("row {number}: {problem}")),
            Err(Bad::Store(error)) => return Err(error.into()),
        }
    }
    if !findings.is_empty() {
        let more = findings.len().saturating_sub(MOST_TOLD);
        let mut told = findings.iter().take(MOST_TOLD).cloned().collect::<Vec<_>>().join("\n  ");
        if more > 0 {
            told += &format!("\n  and {more} more");
        }
        let count = findings.len();
        return Err(wrong(format!("nothing was kept, since {count} rows are wrong:\n  {told}")));
    }
    let pairs = project.store().pairs(None)?;
    let waits = pairs.iter().filter(|pair| pair.state == PairState::Doubtful);
    let missing = waits.filter_map(|pair| Some((pair.english, pair.other?)));
    let missing = missing.filter(|pair| !reader.said.contains_key(pair)).collect();
    Ok(Answers { decisions, open, missing })
}

/// The text, whichever way a spreadsheet wrote it.
fn decoded(bytes: &[u8]) -> Result<String, String> {
    let wide = |bytes: &[u8], of: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| of([pair[0], pair[1]]));
        char::decode_utf16(units).collect::<Result<String, _>>().ok()
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).ok().map(str::to_owned),
    };
    let text = text.ok_or("it is not in UTF-8; save it again as \"CSV UTF-8\"")?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

/// Places of the columns that are read.
struct Columns {
    english: usize,
    other: usize,
    english_title: usize,
    other_title: usize,
    same: usize,
    /// Cells of a row.
    all: usize,
}

/// Rows with their numbers as a spreadsheet shows them, from 1; blank ones are left out.
type Rows = Vec<(usize, Vec<String>)>;

fn rows(text: &str) -> Result<(Columns, Rows), String> {
    // Excel writes and reads a first line that names the separator.
    let (named, text) = match text.split_once('\n') {
        Some((first, rest)) if first.trim_end().len() == 5 && first.starts_with("sep=") => {
            (Some(first.as_bytes()[4]), rest)
        }
        _ => (None, text),
    };
    let header = text.lines().next().unwrap_or_default();
    let count = |sign: &u8| header.bytes().filter(|byte| byte == sign).count();
    let sign = named.or_else(|| [b',', b';', b'\t'].into_iter().max_by_key(count));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(sign.unwrap_or(b','))
        .flexible(true)
        .from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|e| e.to_string())?.clone();
    let place = |name: &str| {
        headers.iter().position(|header| header.trim().eq_ignore_ascii_case(name)).ok_or_else(
            || format!("the first row lacks the column '{name}'; export the pairs again"),
        )
    };
    let columns = Columns {
        english: place("english_id")?,
        other: place("other_id")?,
        english_title: place("english_title")?,
        other_title: place("other_title")?,
        same: place("same")?,
        all: headers.len(),
    };
    let mut rows = Vec::new();
    let first = if named.is_some() { 3 } else { 2 };
    for (number, record) in (first..).zip(reader.records()) {
        let record = record.map_err(|e| format!("row {number}: {e}"))?;
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push((number, record.iter().map(str::to_owned).collect()));
        }
    }
    Ok((columns, rows))
}

struct Reader<'a> {
    project: &'a Project,
    name: &'a str,
    columns: Columns,
    /// Pairs that the file has, each with its row and answer.
    said: BTreeMap<(i64, i64), (usize, Option<bool>)>,
    /// Documents that are said to have a version in a language, each with the pair that says so.
    yes: BTreeMap<(i64, String), (i64, i64)>,
}

/// Why a row says nothing.
enum Bad {
    /// What is wrong with it.
    Row(String),
    /// The store cannot tell.
    Store(StoreError),
}

impl Reader<'_> {
    /// The decision of a row; `None` where it is left open.
    fn row(&mut self, number: usize, cells: &[String]) -> Result<Option<Decision>, Bad> {
        let columns = &self.columns;
        if cells.len() != columns.all {
            return Err(Bad::Row(format!(
                "it has {} cells and the first row {}; look for a separator in a cell that is not \
                 quoted",
                cells.len(),
                columns.all
            )));
        }
        let same = answer(&cells[columns.same]).map_err(Bad::Row)?;
        let english = self.document(cells, columns.english, columns.english_title)?;
        let other = self.document(cells, columns.other, columns.other_title)?;
        if english.language != "en" || other.language == "en" {
            let why =
                "english_id must name an English document and other_id one in another language";
            return Err(Bad::Row(why.to_owned()));
        }
        let pair = (english.id, other.id);
        if let Some((earlier, before)) = self.said.insert(pair, (number, same))
            && before != same
        {
            return Err(Bad::Row(format!("row {earlier} says something else of the same pair")));
        }
        if same == Some(true) {
            for key in [(english.id, other.language.clone()), (other.id, "en".to_owned())] {
                let earlier = self.yes.insert(key, pair).filter(|earlier| *earlier != pair);
                if let Some(row) = earlier.and_then(|earlier| self.said.get(&earlier)) {
                    let why = "says yes to another pair with one of these documents; a document has \
                               one version in a language";
                    return Err(Bad::Row(format!("row {} {why}", row.0)));
                }
            }
        }
        let name = self.name.to_owned();
        Ok(same.map(|same| Decision { english: english.id, other: other.id, same, name }))
    }

    /// The current document that a row names by number and title.
    fn document(&self, cells: &[String], id: usize, title: usize) -> Result<Head, Bad> {
        let column = COLUMNS_OF_IDS[usize::from(id != self.columns.english)];
        let text = cells[id].trim();
        let Ok(number) = text.parse::<i64>() else {
            let text = plain(text, 40);
            return Err(Bad::Row(format!("{column} is '{text}' and not the number of a document")));
        };
        let Some(head) = self.project.store().head(number).map_err(Bad::Store)? else {
            let why = "the project has no such document now; export the pairs again";
            return Err(Bad::Row(format!("{column} is {number}, and {why}")));
        };
        let expected = shown(&head.title);
        if cells[title].trim() != expected.trim() {
            return Err(Bad::Row(format!(
                "document {number} has the title '{expected}', and the row says '{}'; a program \
                 changed it, or the row's cells belong to several documents",
                plain(&cells[title], 80)
            )));
        }
        Ok(head)
    }
}

/// What the column `same` says.
fn answer(cell: &str) -> Result<Option<bool>, String> {
    match cell.trim().to_lowercase().as_str() {
        "" => Ok(None),
        "yes" | "y" | "true" | "1" => Ok(Some(true)),
        "no" | "n" | "false" | "0" => Ok(Some(false)),
        _ => Err(format!("'same' is '{}'; write yes or no, or leave it empty", plain(cell, 40))),
    }
}
