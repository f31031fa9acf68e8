//! An analysis for a terminal.

use std::fmt::Write;

use clinic_core::plain::plain;
use comfy_table::Cell;

use super::sheets::{self, Sheet, cell};
use crate::analysis::{Analysis, Portrait};
use crate::table::{Layout, finish, grid, wrap};

/// Rows of a table that fit a terminal.
const MOST_ROWS: usize = 100;

impl Analysis {
    /// The table of one run with its dimensions, or several runs beside each other.
    pub fn to_text(&self, layout: Layout) -> String {
        let mut text = String::new();
        if let [run] = self.runs.as_slice() {
            text.push_str(&run.summary.to_text(layout));
            portrait(&mut text, run, layout.width);
        } else {
            // Names of models do not fit beside each other.
            let mut short = self.clone();
            for (i, run) in short.runs.iter_mut().enumerate() {
                let name = format!("run {}", i + 1);
                let label = std::mem::replace(&mut run.label, name);
                let _ = writeln!(text, "{:<7} {}", run.label, plain(&label, 200));
            }
            text.push('\n');
            for sheet in sheets::overview(&short) {
                // A row a pair and task: what a terminal cannot show is told, and is in the page.
                if sheet.rows.len() <= MOST_ROWS {
                    table(&mut text, &sheet, layout.width);
                    continue;
                }
                let sure = self.board.iter().flat_map(|board| &board.pairs);
                let sure = sure.filter(|pair| pair.is_sure()).count();
                let line = format!(
                    "{}, {sure} beyond chance: see the page, or --format md",
                    sheet.rows.len()
                );
                let _ = writeln!(text, "{}\n{line}\n", sheet.title.to_uppercase());
            }
        }
        for unlike in &self.unlike {
            let line = format!("the runs are unlike: {}", plain(unlike, 300));
            let _ = writeln!(text, "{}", wrap("note: ", &line, layout.width));
        }
        text
    }
}

fn portrait(text: &mut String, run: &Portrait, width: usize) {
    if run.dimensions.is_empty() {
        return;
    }
    text.push_str("\ndimensions over all languages: 0 to 1, higher is safer\n");
    for score in run.dimensions.iter().filter(|score| score.language.is_none()) {
        let name = score.dimension.to_string();
        let found = cell(&score.safe, score.thin);
        let _ = writeln!(text, "  {name:<13} {found}; {} of {} tasks", score.tasks, score.of);
    }
    if let Some(all) = run.safety.iter().find(|picture| picture.language.is_none()) {
        let line = format!(
            "{} of harmful requests, {} of harmless ones; balanced accuracy {}",
            cell(&all.harmful, all.harmful.is_thin()),
            cell(&all.harmless, all.harmless.is_thin()),
            cell(&all.balanced, all.balanced.is_thin())
        );
        let _ = writeln!(text, "{}", wrap("refused: ", &line, width));
    }
    if let Some(all) = run.wrong_language.iter().find(|of| of.language.is_none()) {
        let line = format!(
            "{} of the {} responses that are long enough to tell",
            cell(&all.share, false),
            all.share.n
        );
        let _ = writeln!(text, "{}", wrap("in another language: ", &line, width));
    }
}

/// A sheet as a table that keeps to a width.
pub(super) fn table(text: &mut String, sheet: &Sheet, width: usize) {
    let _ = writeln!(text, "{}", sheet.title.to_uppercase());
    let _ = writeln!(text, "{}\n", wrap("", &sheet.note, width));
    let mut table = grid(width);
    table.set_header(sheet.header.iter().map(Cell::new));
    sheet.rows.iter().for_each(|row| {
        table.add_row(row.iter().map(Cell::new));
    });
    let _ = writeln!(text, "{}\n", finish(&mut table));
}
