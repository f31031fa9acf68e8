//! XLSX out and back, as spreadsheets save it.

use rust_xlsxwriter::Workbook;

use super::cells::{self, Numbered};
use super::*;
use crate::review::Reviewer;
use crate::review::fixture::Bench;

/// A table in a file of the bench's folder, and its cells.
fn written(bench: &Bench, reviewer: &Reviewer) -> (std::path::PathBuf, Vec<Numbered>) {
    let file = bench.project.folder().join("ana.xlsx");
    assert_eq!(export(&bench.project, reviewer, &file).unwrap().rows, 2);
    let bytes = cells::bytes(&file, Kind::Xlsx).unwrap();
    let rows = cells::rows(&file, Kind::Xlsx, &bytes).unwrap();
    (file, rows)
}

/// Saves cells as a spreadsheet does: numbers as numbers, what is empty left out.
fn saved(file: &Path, sheet: &str, rows: &[Numbered]) {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("notes of somebody").unwrap();
    let sheet = book.add_worksheet().set_name(sheet).unwrap();
    for (row, cells) in rows {
        let row = *row as u32 - 1;
        for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            match cell.parse::<f64>() {
                Ok(number) => drop(sheet.write_number(row, column, number).unwrap()),
                Err(_) => drop(sheet.write_string(row, column, cell).unwrap()),
            }
        }
    }
    book.save(file).unwrap();
}

#[test]
fn xlsx_goes_out_and_comes_back() {
    let bench = Bench::new(1);
    let reviewer = Reviewer::parse("ana:ar+en", &bench.project).unwrap();
    let (file, mut rows) = written(&bench, &reviewer);
    let header = rows[0].1.clone();
    let place = |name: &str| header.iter().position(|own| own == name).unwrap();
    // The English form is not compared with itself.
    assert_eq!(rows[1].1[place("rate same")], "n/a");
    assert_eq!(rows[1].1[place("language")], "en");
    assert!(rows[1].1[place("english")].is_empty());
    for name in ["rate correct", "rate fits", "rate language"] {
        for (_, cells) in &mut rows[1..] {
            cells.resize(header.len(), String::new());
            cells[place(name)] = "4".to_owned();
        }
    }
    rows[2].1[place("rate same")] = "3".to_owned();
    rows[2].1[place("comment")] = "=1+1".to_owned();
    // A blank row above: rows are told as the spreadsheet counts them.
    rows.iter_mut().skip(1).for_each(|(row, _)| *row += 1);
    saved(&file, "ratings", &rows);
    let told = import(&bench.project, &reviewer, &file, false).unwrap();
    assert_eq!(told, Imported { added: 2, ..Imported::default() });
    let ratings = bench.project.store().ratings().unwrap();
    let arabic = ratings.iter().find(|rating| rating.body.language == "ar").unwrap();
    assert_eq!(arabic.body.marks.values().copied().collect::<Vec<_>>(), [4, 4, 4, 3]);
    assert_eq!(arabic.body.comment, "=1+1");
    assert!(arabic.body.via.ends_with(" ana.xlsx"), "{}", arabic.body.via);

    rows[2].1[place("rate same")] = "3.5".to_owned();
    rows[1].1[place("rate same")] = "3".to_owned();
    saved(&file, "ratings", &rows);
    let told = import(&bench.project, &reviewer, &file, false).unwrap();
    let wrong: Vec<(usize, &str)> =
        told.wrong.iter().map(|wrong| (wrong.row.unwrap(), wrong.problem.as_str())).collect();
    let expected = [
        (3, "'same' is not rated of this text; leave n/a there"),
        (4, "'same' is '3.5' and not from 1 to 5"),
    ];
    assert_eq!(wrong, expected);
    assert_eq!(bench.project.store().ratings().unwrap(), ratings);

    saved(&file, "another name", &rows);
    let told = import(&bench.project, &reviewer, &file, false).unwrap_err().to_string();
    assert!(told.contains("ana.xlsx: it has several sheets, and none is named"), "{told}");
}

#[test]
fn a_column_that_was_taken_out_is_a_mark_that_is_missing() {
    let bench = Bench::new(1);
    let reviewer = Reviewer::parse("ana:ar+en", &bench.project).unwrap();
    let (file, mut rows) = written(&bench, &reviewer);
    let place = |rows: &[Numbered], name: &str| rows[0].1.iter().position(|own| own == name);
    let width = rows[0].1.len();
    for name in ["rate correct", "rate language"] {
        let place = place(&rows, name).unwrap();
        rows[1].1.resize(width, String::new());
        rows[1].1[place] = "4".to_owned();
    }
    let gone = place(&rows, "rate fits").unwrap();
    rows.iter_mut().for_each(|(_, cells)| drop((gone < cells.len()).then(|| cells.remove(gone))));
    saved(&file, "ratings", &rows);
    let told = import(&bench.project, &reviewer, &file, false).unwrap();
    assert_eq!(told.wrong[0].problem, "it is half filled in: fits is missing");
    assert_eq!(told.empty, 1);
}
