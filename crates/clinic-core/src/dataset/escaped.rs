//! Tab-separated text with backslashes: the `.tab` files that Dataverse makes of tables. Strings are
//! quoted; quotes, tabs, line ends and backslashes in them are escaped, so that a line is a row.

use super::DataError;
use super::table::{Builder, Table, failed, text};

/// Reads UTF-8 with a header line.
pub(super) fn parse(file: &str, bytes: &[u8], digest: String) -> Result<Table, DataError> {
    let (text, notes) = text(file, bytes)?;
    let mut lines = text.split(|byte| *byte == b'\n').zip(1..);
    let headers = match lines.next() {
        Some((line, _)) => cells(file, 1, &[], line)?,
        None => ::csv::StringRecord::new(),
    };
    let headers: Vec<String> = headers.iter().map(str::to_owned).collect();
    let mut table = Builder::new(file, digest, notes, headers)?;
    for (line, number) in lines {
        // The last line ends with a line end, too.
        if line.is_empty() || line == b"\r" {
            continue;
        }
        let cells = cells(file, number, table.headers(), line)?;
        let (found, expected) = (cells.len(), table.headers().len());
        if found != expected {
            let problem = format!("the row has {found} cells, the header {expected}");
            return Err(failed(file, Some(number), None, problem));
        }
        table.push(number, cells)?;
    }
    Ok(table.finish())
}

fn cells(
    file: &str,
    number: u64,
    headers: &[String],
    line: &[u8],
) -> Result<::csv::StringRecord, DataError> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut record = ::csv::StringRecord::new();
    for (i, cell) in line.split(|byte| *byte == b'\t').enumerate() {
        let fail = |problem: &str| {
            let column = headers.get(i).cloned().unwrap_or_else(|| format!("{}", i + 1));
            failed(file, Some(number), Some(column), problem.to_owned())
        };
        let cell = std::str::from_utf8(cell).map_err(|_| fail("not UTF-8; save it as UTF-8"))?;
        let quoted = cell.strip_prefix('"').map(|rest| rest.strip_suffix('"').ok_or(()));
        match quoted {
            None => record.push_field(cell),
            Some(Err(())) => return Err(fail("a quote is opened here and never closed")),
            Some(Ok(inner)) => {
                let plain = unescape(inner).ok_or_else(|| fail("a quote is not escaped"))?;
                record.push_field(&plain);
            }
        }
    }
    Ok(record)
}

/// The text without its escapes; `None` where a quote has none.
fn unescape(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return None,
            '\\' => match letters.next()? {
                'n' => plain.push('\n'),
                't' => plain.push('\t'),
                'r' => plain.push('\r'),
                '"' => plain.push('"'),
                '\\' => plain.push('\\'),
                other => plain.extend(['\\', other]),
            },
            letter => plain.push(letter),
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_a_line_is_a_row() {
        let bytes = b"\"English\"\tn\n\"a \\\"b\\\"\\nc\\\\d\\e\"\t2\r\n\"\"\t\n";
        let table = parse("f.tab", bytes, String::new()).unwrap();
        assert_eq!(table.headers(), ["English", "n"]);
        assert_eq!((table.len(), table.cell(0, 0)), (2, "a \"b\"\nc\\d\\e"));
        assert_eq!((table.cell(0, 1), table.cell(1, 0), table.line(1)), ("2", "", 3));
    }

    #[test]
    fn rows_that_are_not_whole_are_refused_with_their_line() {
        let said = |text: &str| parse("f.tab", text.as_bytes(), String::new()).unwrap_err();
        let said = |text: &str| said(text).to_string();
        assert_eq!(said("a\tb\n1\n"), "f.tab, line 2: the row has 1 cells, the header 2");
        assert!(said("a\tb\n1\t\"2\n").contains("line 2, column b: a quote is opened here"));
        assert!(said("a\tb\n1\t\"2\"3\"\n").contains("line 2, column b: a quote is not escaped"));
        assert!(said("").contains("the file is empty"));
    }
}
