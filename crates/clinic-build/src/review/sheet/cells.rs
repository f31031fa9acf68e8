//! A file as cells, whatever program has saved it.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use calamine::{DataRef, Reader, Xlsx};

use super::Kind;
use crate::{ProjectError, StepError};

/// Longest file, in bytes; XLSX is packed.
const LONGEST: [u64; 2] = [100 << 20, 20 << 20];
/// Most rows and columns.
const ROWS: u32 = 100_000;
const COLUMNS: u32 = 500;
/// Longest text of a whole XLSX file, in bytes as its cells are read.
const TEXT: usize = 300 << 20;

/// A row of cells with its number, from 1 as spreadsheets count.
pub type Numbered = (usize, Vec<String>);

/// The bytes of a file.
pub fn bytes(file: &Path, kind: Kind) -> Result<Vec<u8>, StepError> {
    let io = |source| ProjectError::Io { path: file.to_owned(), source };
    let most = LONGEST[usize::from(kind == Kind::Xlsx)];
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            StepError::Input(format!("{} is not there", file.display()))
        }
        _ => io(error).into(),
    })?;
    opened.take(most + 1).read_to_end(&mut bytes).map_err(io)?;
    match bytes.len() as u64 > most {
        true => Err(wrong(file, &format!("it has more than {} MB", most >> 20))),
        false => Ok(bytes),
    }
}

/// The rows of a file, blank ones left out.
pub fn rows(file: &Path, kind: Kind, bytes: &[u8]) -> Result<Vec<Numbered>, StepError> {
    let mut rows = match kind {
        Kind::Csv => csv(file, bytes)?,
        Kind::Xlsx => xlsx(file, bytes)?,
    };
    rows.retain(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    Ok(rows)
}

fn wrong(file: &Path, what: &str) -> StepError {
    StepError::Input(format!("{}: {what}", file.display()))
}

fn csv(file: &Path, bytes: &[u8]) -> Result<Vec<Numbered>, StepError> {
    let text = decoded(bytes).ok_or_else(|| {
        wrong(
            file,
            "it is not UTF-8, so that letters are lost; save it as 'CSV UTF-8', or work with .xlsx",
        )
    })?;
    // Excel writes the separator of its country.
    let first = text.lines().next().unwrap_or_default();
    let count = |c: &u8| first.bytes().filter(|byte| byte == c).count();
    let separator = [b',', b';', b'\t'].into_iter().max_by_key(count).unwrap_or(b',');
    let mut table = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for (n, record) in table.records().enumerate() {
        let record = record.map_err(|error| wrong(file, &error.to_string()))?;
        if n >= ROWS as usize || record.len() > COLUMNS as usize {
            return Err(wrong(file, "it has too many rows or columns to be a table of ratings"));
        }
        rows.push((n + 1, record.iter().map(str::to_owned).collect()));
    }
    Ok(rows)
}

/// UTF-8 with or without its mark, or UTF-16 with its mark, as Excel's 'Unicode text' has it.
fn decoded(bytes: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}

fn xlsx(file: &Path, bytes: &[u8]) -> Result<Vec<Numbered>, StepError> {
    let broken = |error: calamine::XlsxError| wrong(file, &format!("it is no XLSX: {error}"));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let names = book.sheet_names();
    let name = match (names.iter().find(|name| *name == "ratings"), &names[..]) {
        (Some(own), _) | (None, [own]) => own.clone(),
        (None, _) => {
            return Err(wrong(file, "it has several sheets, and none is named 'ratings'"));
        }
    };
    // Cell by cell: a single cell in the last corner would else make a table of billions.
    let mut reader = book.worksheet_cells_reader(&name).map_err(broken)?;
    let mut rows: std::collections::BTreeMap<u32, Vec<String>> = Default::default();
    let mut read = 0;
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        let text = text_of(cell.get_value());
        if text.is_empty() {
            continue;
        }
        read += text.len();
        if row >= ROWS || column >= COLUMNS || read > TEXT {
            return Err(wrong(file, "it has too many rows or columns to be a table of ratings"));
        }
        let cells = rows.entry(row).or_default();
        let column = column as usize;
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        cells[column] = text;
    }
    Ok(rows.into_iter().map(|(row, cells)| (row as usize + 1, cells)).collect())
}

/// A cell as a person sees it.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(value) => format!("a date ({})", value.as_f64()),
        DataRef::Error(error) => format!("{error}"),
        DataRef::Empty => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<Numbered> {
        rows(Path::new("a.csv"), Kind::Csv, bytes).unwrap()
    }

    #[test]
    fn csv_is_read_as_excel_saves_it() {
        let expected = [(1, ["a", "b"]), (3, ["1", "é\nx"])]
            .map(|(n, cells)| (n, cells.map(str::to_owned).to_vec()));
        for text in ["a,b\r\n,\r\n1,\"é\nx\"\r\n", "a;b\n;\n1;\"é\nx\"", "a\tb\n\t\n1\t\"é\nx\""]
        {
            assert_eq!(read(text.as_bytes()), expected, "{text:?}");
            assert_eq!(read(format!("\u{feff}{text}").as_bytes()), expected, "{text:?}");
            let wide: Vec<u8> =
                format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(read(&wide), expected, "{text:?}");
        }
        assert!(read(b"").is_empty());
    }

    #[test]
    fn what_is_no_table_is_told() {
        let csv = rows(Path::new("a.csv"), Kind::Csv, b"a,b\n\xe9,1").unwrap_err().to_string();
        assert!(csv.contains("save it as 'CSV UTF-8'"), "{csv}");
        let xlsx = rows(Path::new("a.xlsx"), Kind::Xlsx, b"a,b").unwrap_err().to_string();
        assert!(xlsx.contains("it is no XLSX"), "{xlsx}");
    }

    #[test]
    fn a_cell_in_the_last_corner_takes_no_memory() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "row").unwrap();
        sheet.write_string(1_048_575, 16_383, "x").unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let error = rows(Path::new("a.xlsx"), Kind::Xlsx, &bytes).unwrap_err().to_string();
        assert!(error.contains("too many rows or columns"), "{error}");
    }
}
