//! A table that is whole, whatever file it came from.

use super::{DataError, csv};

/// Rows of a file, all as long as its header.
#[derive(Debug, Clone)]
pub struct Table {
    /// The file's path in its dataset.
    pub file: String,
    /// SHA-256 of its bytes, as they lie on the disk.
    pub digest: String,
    /// What is odd but harmless.
    pub notes: Vec<String>,
    headers: Vec<String>,
    rows: Vec<Row>,
}

/// One row and where it begins.
#[derive(Debug, Clone)]
struct Row {
    line: u64,
    cells: ::csv::StringRecord,
    /// Lines of the cells, where they come from lines of their own.
    lines: Option<Box<[u64]>>,
}

/// Bytes of a file, packed or not, at most.
pub(super) const MAX_BYTES: u64 = 256 << 20;
/// Rows of a file at most.
const MAX_ROWS: usize = 1_000_000;
/// Bytes of a cell at most.
const MAX_CELL: usize = 16 << 20;

impl Table {
    /// Reads comma-separated UTF-8 with a header row.
    pub fn parse(file: &str, bytes: &[u8], digest: String) -> Result<Self, DataError> {
        csv::parse(file, bytes, digest, b',')
    }

    /// Place of a column.
    pub fn column(&self, header: &str) -> Option<usize> {
        self.headers.iter().position(|h| h == header)
    }

    /// The headers, trimmed.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The text of a cell.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.rows[row].cells.get(column).unwrap_or("")
    }

    /// The line, from 1, where a row begins; of a Parquet file, its number.
    pub fn line(&self, row: usize) -> u64 {
        self.rows[row].line
    }

    /// The line of a cell, which is the row's where rows were not put together from several.
    pub fn cell_line(&self, row: usize, column: usize) -> u64 {
        let row = &self.rows[row];
        let own = row.lines.as_ref().and_then(|lines| lines.get(column).copied());
        own.filter(|line| *line > 0).unwrap_or(row.line)
    }
}

/// A table on its way: what every format must hold to.
#[derive(Debug)]
pub(super) struct Builder(Table, u64);

impl Builder {
    /// Begins a table with these headers.
    pub(super) fn new(
        file: &str,
        digest: String,
        notes: Vec<String>,
        headers: Vec<String>,
    ) -> Result<Self, DataError> {
        let headers: Vec<String> = headers.iter().map(|h| h.trim().to_owned()).collect();
        if headers.iter().all(String::is_empty) {
            let problem = "the file is empty; it needs a header row".to_owned();
            return Err(failed(file, None, None, problem));
        }
        let mut seen = std::collections::HashSet::new();
        if let Some(twice) = headers.iter().find(|h| !h.is_empty() && !seen.insert(h.as_str())) {
            let problem = "two columns have this header; rename or remove one".to_owned();
            return Err(failed(file, Some(1), Some(twice.clone()), problem));
        }
        Ok(Self(Table { file: file.to_owned(), digest, notes, headers, rows: Vec::new() }, 0))
    }

    pub(super) fn headers(&self) -> &[String] {
        &self.0.headers
    }

    /// Adds a row that is as long as the header.
    pub(super) fn push(&mut self, line: u64, cells: ::csv::StringRecord) -> Result<(), DataError> {
        self.push_from(line, cells, None)
    }

    /// The same, with a line for each cell.
    pub(super) fn push_from(
        &mut self,
        line: u64,
        cells: ::csv::StringRecord,
        lines: Option<Box<[u64]>>,
    ) -> Result<(), DataError> {
        let Self(table, bytes) = self;
        *bytes += cells.as_slice().len() as u64;
        if *bytes > MAX_BYTES {
            let problem = super::unpack::too_large();
            return Err(failed(&table.file, Some(line), None, problem));
        }
        if table.rows.len() == MAX_ROWS {
            let problem = format!("more than {MAX_ROWS} rows; split the file");
            return Err(failed(&table.file, Some(line), None, problem));
        }
        if let Some(long) = cells.iter().position(|cell| cell.len() > MAX_CELL) {
            let problem = "the cell is larger than 16 MiB; look for a quote that is not closed";
            let column = table.headers.get(long).cloned();
            return Err(failed(&table.file, Some(line), column, problem.to_owned()));
        }
        table.rows.push(Row { line, cells, lines });
        Ok(())
    }

    pub(super) fn finish(self) -> Table {
        self.0
    }
}

/// An error in a table.
pub(super) fn failed(
    file: &str,
    line: Option<u64>,
    column: Option<String>,
    problem: String,
) -> DataError {
    DataError::Table { file: file.to_owned(), line, column, problem }
}

/// The bytes of a text file without its byte-order mark, and a note of the mark.
pub(super) fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<(&'a [u8], Vec<String>), DataError> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        let problem = "the file is UTF-16; save it as UTF-8".to_owned();
        return Err(failed(file, None, None, problem));
    }
    if let Some(at) = memchr::memchr(0, bytes) {
        let line = 1 + memchr::memchr_iter(b'\n', &bytes[..at]).count() as u64;
        let problem = "a NUL byte; the file is damaged".to_owned();
        return Err(failed(file, Some(line), None, problem));
    }
    match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(text) => Ok((text, vec!["begins with a byte-order mark, which is ignored".into()])),
        None => Ok((bytes, Vec::new())),
    }
}
