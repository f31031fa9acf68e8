//! A CSV file as a table that is whole, or an error that says where it is not.

use super::DataError;

/// Rows of a CSV file, all as long as its header.
#[derive(Debug, Clone)]
pub struct Table {
    /// The file's path in its dataset.
    pub file: String,
    /// SHA-256 of its bytes.
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
    cells: csv::StringRecord,
}

const BOM: &[u8] = b"\xef\xbb\xbf";

impl Table {
    /// Reads comma-separated UTF-8 with a header row.
    pub fn parse(file: &str, bytes: &[u8], digest: String) -> Result<Self, DataError> {
        let fail = |line, column, problem: String| DataError::Table {
            file: file.to_owned(),
            line,
            column,
            problem,
        };
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            return Err(fail(None, None, "the file is UTF-16; save it as UTF-8".to_owned()));
        }
        if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
            let line = 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count() as u64;
            return Err(fail(Some(line), None, "a NUL byte; the file is damaged".to_owned()));
        }
        let mut notes = Vec::new();
        let text = bytes.strip_prefix(BOM).inspect(|_| {
            notes.push("begins with a byte-order mark, which is ignored".to_owned());
        });
        let text = text.unwrap_or(bytes);
        check_quotes(text).map_err(|(line, why)| fail(Some(line), None, why.to_owned()))?;
        let mut lines = Lines { text, at: 0, line: 1 };
        let mut reader = csv::ReaderBuilder::new().from_reader(text);
        let headers = reader.headers().map_err(|e| csv_error(file, &[], &mut lines, &e))?.clone();
        let headers: Vec<String> = headers.iter().map(|h| h.trim().to_owned()).collect();
        if headers.iter().all(String::is_empty) {
            return Err(fail(None, None, "the file is empty; it needs a header row".to_owned()));
        }
        for (i, header) in headers.iter().enumerate() {
            if !header.is_empty() && headers[..i].contains(header) {
                let problem = "two columns have this header; rename or remove one".to_owned();
                return Err(fail(Some(1), Some(header.clone()), problem));
            }
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let cells = record.map_err(|e| csv_error(file, &headers, &mut lines, &e))?;
            let line = cells.position().map_or(0, |position| lines.of(position));
            if headers.len() == 1 && lines.follow_a_blank() {
                let problem = "a blank line; write \"\" for an empty cell, or remove the line";
                return Err(fail(Some(line - 1), None, problem.to_owned()));
            }
            rows.push(Row { line, cells });
        }
        Ok(Self { file: file.to_owned(), digest, notes, headers, rows })
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

    /// The line, from 1, where a row begins.
    pub fn line(&self, row: usize) -> u64 {
        self.rows[row].line
    }
}

/// Finds quotes that would make the parser take several rows for one cell: those that are never
/// closed, and those that a later quote closes by chance. Gives the line where the cell begins.
fn check_quotes(text: &[u8]) -> Result<(), (u64, &'static str)> {
    enum Place {
        Begin,
        Plain,
        Quoted(u64),
        Closed(u64),
    }
    let (mut place, mut line) = (Place::Begin, 1);
    for byte in text {
        place = match (place, byte) {
            (Place::Begin, b'"') => Place::Quoted(line),
            (Place::Quoted(begun), b'"') => Place::Closed(begun),
            (Place::Closed(begun), b'"') => Place::Quoted(begun),
            (Place::Quoted(begun), _) => Place::Quoted(begun),
            (_, b',' | b'\n' | b'\r') => Place::Begin,
            (Place::Closed(begun), _) => {
                let why = "a quoted cell goes on after its closing quote; double the quotes \
                           inside a cell, and look for one that is not closed";
                return Err((begun, why));
            }
            (Place::Begin | Place::Plain, _) => Place::Plain,
        };
        line += u64::from(*byte == b'\n');
    }
    match place {
        Place::Quoted(begun) => Err((begun, "a quote is opened here and never closed")),
        _ => Ok(()),
    }
}

/// Finds the lines of rows. The parser gives the place where the row before ended, which is the
/// line before where lines end in CR LF, or where blank ones stand between.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line, from 1, where the row begins; rows must come in order.
    fn of(&mut self, position: &csv::Position) -> u64 {
        let end = usize::try_from(position.byte()).unwrap_or(usize::MAX).min(self.text.len());
        let blank = self.text[end..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let start = end + blank.count();
        let passed = self.text.get(self.at..start).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = start;
        self.line
    }

    /// Whether a blank line stands before the row found last.
    fn follow_a_blank(&self) -> bool {
        let before = &self.text[..self.at];
        let before = before.strip_suffix(b"\n").unwrap_or(before);
        before.strip_suffix(b"\r").unwrap_or(before).ends_with(b"\n")
    }
}

fn csv_error(
    file: &str,
    headers: &[String],
    lines: &mut Lines<'_>,
    error: &csv::Error,
) -> DataError {
    let place = error.position().map(|position| lines.of(position));
    let table =
        |column, problem| DataError::Table { file: file.to_owned(), line: place, column, problem };
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => table(
            None,
            format!(
                "the row has {len} cells, the header {expected_len}; \
                 look for a comma or a quote that is not escaped"
            ),
        ),
        csv::ErrorKind::Utf8 { err, .. } => {
            let number = err.field();
            let column = headers.get(number).cloned().unwrap_or_else(|| format!("{}", number + 1));
            table(Some(column), "not UTF-8; save the file as UTF-8".to_owned())
        }
        _ => table(None, error.to_string()),
    }
}
