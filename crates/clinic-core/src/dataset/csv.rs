//! Comma-separated text, or text separated by another sign, with quotes that are doubled.

use super::DataError;
use super::table::{Builder, Table, failed, text};

/// Reads UTF-8 with a header row and this delimiter.
pub(super) fn parse(
    file: &str,
    bytes: &[u8],
    digest: String,
    delimiter: u8,
) -> Result<Table, DataError> {
    let (text, notes) = text(file, bytes)?;
    check_quotes(text, delimiter)
        .map_err(|(line, why)| failed(file, Some(line), None, why.to_owned()))?;
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text);
    let headers = reader.headers().map_err(|e| csv_error(file, &[], &mut lines, &e))?.clone();
    let mut table = Builder::new(file, digest, notes, headers.iter().map(str::to_owned).collect())?;
    for record in reader.records() {
        let cells = record.map_err(|e| csv_error(file, table.headers(), &mut lines, &e))?;
        let line = cells.position().map_or(0, |position| lines.of(position));
        if headers.len() == 1 && lines.follow_a_blank() {
            let problem = "a blank line; write \"\" for an empty cell, or remove the line";
            return Err(failed(file, Some(line - 1), None, problem.to_owned()));
        }
        table.push(line, cells)?;
    }
    Ok(table.finish())
}

/// Finds quotes that would make the parser take several rows for one cell: those that are never
/// closed, and those that a later quote closes by chance. Gives the line where the cell begins.
fn check_quotes(text: &[u8], delimiter: u8) -> Result<(), (u64, &'static str)> {
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
            (_, b'\n' | b'\r') => Place::Begin,
            (_, byte) if *byte == delimiter => Place::Begin,
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
    let table = |column, problem| failed(file, place, column, problem);
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
