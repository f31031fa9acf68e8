//! The data dictionary, `dictionary.csv`: what each column of each table is, for people in a
//! spreadsheet and for programs alike.

use std::io;

use super::columns::Table;
use super::{ExportError, Folder, jsonl, marks, tables};

const HEADER: [&str; 6] = ["table", "column", "type", "unit", "meaning", "missing_when"];

/// Writes it: all tables, whichever of them are beside it.
pub(super) fn write(folder: &mut Folder) -> Result<(), ExportError> {
    folder.file("dictionary.csv", |out| {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(HEADER).map_err(io::Error::from)?;
        for row in rows() {
            out.write_record(row).map_err(io::Error::from)?;
        }
        Ok(out.flush()?)
    })
}

/// A row a column.
fn rows() -> Vec<[&'static str; 6]> {
    let mut rows = of(&tables::RESPONSES);
    rows.extend(of(&tables::SCORES));
    rows.extend(of(&tables::METRICS));
    rows.extend(of(&marks::MARKS));
    rows.extend(jsonl::FIELDS.iter().map(|field| {
        let [name, kind, means, missing] = *field;
        ["samples", name, kind, "", means, missing]
    }));
    rows
}

fn of<T>(table: &Table<T>) -> Vec<[&'static str; 6]> {
    let columns = table.columns.iter();
    columns.map(|c| [table.name, c.name, c.kind.name(), c.unit, c.means, c.missing]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_says_what_it_is_and_none_is_there_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for [table, column, kind, _, means, _] in rows() {
            assert!(seen.insert((table, column)), "{table}.{column} is there twice");
            assert!(means.ends_with('.') && !kind.is_empty(), "{table}.{column}: {means}");
        }
    }
}
