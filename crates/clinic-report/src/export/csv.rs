//! CSV in long form: responses, scores and metrics, safe to open in a spreadsheet.

use std::borrow::Cow;
use std::io;

use clinic_engine::run::Run;

use super::columns::{Cell, Table};
use super::{Export, ExportError, Folder, dictionary, marks, spreadsheet, tables};

/// `responses.csv`, `scores.csv`, `metrics.csv` and `dictionary.csv`; where people marked scores,
/// `marks.csv` too.
pub struct Csv;

impl Export for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn write(&self, run: &Run, folder: &mut Folder) -> Result<(), ExportError> {
        write(run, &tables::RESPONSES, folder)?;
        write(run, &tables::SCORES, folder)?;
        write(run, &tables::METRICS, folder)?;
        if !run.store().marks()?.is_empty() {
            write(run, &marks::MARKS, folder)?;
        }
        dictionary::write(folder)
    }
}

fn write<T>(run: &Run, table: &Table<T>, folder: &mut Folder) -> Result<(), ExportError> {
    folder.file(&format!("{}.csv", table.name), |out| {
        let mut out = csv::Writer::from_writer(out);
        let header = table.columns.iter().map(|column| column.name);
        out.write_record(header).map_err(io::Error::from)?;
        (table.rows)(run, &mut |row| {
            for column in table.columns {
                let cell = shown((column.of)(row));
                out.write_field(cell.as_bytes()).map_err(io::Error::from)?;
            }
            Ok(out.write_record(None::<&[u8]>).map_err(io::Error::from)?)
        })?;
        Ok(out.flush()?)
    })
}

/// A value as a spreadsheet may have it.
fn shown(cell: Cell<'_>) -> Cow<'_, str> {
    match cell {
        Cell::Missing => Cow::Borrowed(""),
        Cell::Text(text) => Cow::Owned(spreadsheet::harmless(&text)),
        Cell::Int(number) => Cow::Owned(number.to_string()),
        Cell::Real(number) => Cow::Owned(number.to_string()),
        Cell::Flag(flag) => Cow::Borrowed(if flag { "true" } else { "false" }),
    }
}
