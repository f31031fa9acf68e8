//! The bytes of a table.

use clinic_core::language::{Direction, Languages};
use rust_xlsxwriter::{
    DataValidation, DataValidationRule, Format, FormatAlign, Workbook, XlsxError,
};

use super::export::Line;
use super::{FIXED, SAID};

type Failure = Box<dyn std::error::Error>;

/// CSV with the mark by which Excel knows UTF-8.
pub fn csv(header: &[String], lines: &[Line]) -> Result<Vec<u8>, Failure> {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    table.write_record(header)?;
    for line in lines {
        table.write_record(&line.cells)?;
    }
    Ok(table.into_inner()?)
}

/// XLSX: a sheet of ratings whose cells take nothing but what they mean, and one that explains.
pub fn xlsx(header: &[String], lines: &[Line], help: &[[String; 4]]) -> Result<Vec<u8>, Failure> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
    let cell = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let rtl = cell.clone().set_reading_direction(2);
    let sheet = book.add_worksheet();
    sheet.set_name("ratings")?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, name) in header.iter().enumerate() {
        let column = u16::try_from(column)?;
        sheet.set_column_width(column, width(name))?;
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    for (n, line) in lines.iter().enumerate() {
        let row = u32::try_from(n + 1)?;
        let language = Languages::current().tag(&line.language);
        let turns = language.is_some_and(|language| language.direction == Direction::Rtl);
        for (column, (text, name)) in line.cells.iter().zip(header).enumerate() {
            let format =
                if turns && ["item", "document"].contains(&name.as_str()) { &rtl } else { &cell };
            // Always a string: a cell that begins with = is no formula.
            sheet.write_string_with_format(row, u16::try_from(column)?, text, format)?;
        }
    }
    if let Ok(last) = u32::try_from(lines.len())
        && last > 0
    {
        let marks = u16::try_from(FIXED.len())?;
        let said = u16::try_from(header.len() - SAID.len())?;
        let range = DataValidation::new()
            .allow_whole_number(DataValidationRule::Between(1, 5))
            .set_error_message("A number from 1 to 5.")?;
        sheet.add_data_validation(1, marks, last, said.saturating_sub(1).max(marks), &range)?;
        for column in [said, said + 2] {
            let yes = DataValidation::new()
                .allow_list_strings(&["yes"])?
                .set_error_message("yes, or nothing.")?;
            sheet.add_data_validation(1, column, last, column, &yes)?;
        }
    }
    explain(&mut book, help, &bold, &cell)?;
    Ok(book.save_to_buffer()?)
}

fn explain(
    book: &mut Workbook,
    help: &[[String; 4]],
    bold: &Format,
    cell: &Format,
) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name("what it means")?;
    for (column, (name, width)) in
        (0..).zip([("name", 16), ("what it asks, or must hold", 70), ("1 is", 30), ("5 is", 30)])
    {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, name, bold)?;
    }
    for (row, line) in (1..).zip(help) {
        for (column, text) in (0..).zip(line) {
            sheet.write_string_with_format(row, column, text, cell)?;
        }
    }
    Ok(())
}

/// Width of a column, in letters.
fn width(name: &str) -> u16 {
    match name {
        "english" | "item" | "document" => 50,
        "comment" => 40,
        "key" | "task" => 18,
        _ => 10,
    }
}
