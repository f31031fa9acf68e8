//! A summary as a table for a terminal, 80 columns wide unless there is more room.

use std::collections::BTreeMap;
use std::fmt::Write;

use clinic_core::language::Languages;
use comfy_table::{Cell, ContentArrangement, Table, presets};

use crate::plain::plain;
use crate::summary::{Row, Summary};

/// How much to show, and how wide.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether to show every metric, or the headline of each task.
    pub all: bool,
}

/// Width of the column of task names, and of each language.
const NAMES: usize = 23;
const FIGURE: usize = 19;

/// Most reasons listed a task.
const REASONS: usize = 3;

/// A bare table that keeps to a width.
pub fn grid(width: usize) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table
}

impl Summary {
    /// The table, what was left out and why, and what a reader must know.
    pub fn to_text(&self, layout: Layout) -> String {
        let mut text = format!("model  {}\n", plain(&self.model, 200));
        let _ = writeln!(text, "judge  {}", self.judge.as_deref().unwrap_or("none (lexical rules)"));
        let _ = writeln!(text, "data   {}\n", plain(&self.data, 200));
        let columns = (layout.width.saturating_sub(NAMES) / FIGURE).max(1);
        for languages in self.languages.chunks(columns) {
            let _ = writeln!(text, "{}", self.table(languages, layout));
        }
        text.push_str(
            "Each cell: estimate (95 % interval), then scored/expected samples and coverage.\n\
             ↑ higher is better, ↓ lower is better, →0 nearer to zero is better.\n",
        );
        self.write_missing(&mut text);
        for note in &self.notes {
            let _ = writeln!(text, "{}", wrap("note: ", note, layout.width));
        }
        text
    }

    fn table(&self, languages: &[String], layout: Layout) -> Table {
        let names = Languages::builtin();
        let mut table = grid(layout.width);
        let mut header = vec![Cell::new("task")];
        header.extend(languages.iter().map(|tag| {
            Cell::new(names.tag(tag).map_or(tag.as_str(), |language| &language.english))
        }));
        table.set_header(header);
        let mut dimension = None;
        for lines in self.lines(layout.all) {
            let Some(first) = lines.first() else { continue };
            if dimension != Some(first.dimension) {
                dimension = Some(first.dimension);
                table.add_row([Cell::new(first.dimension.to_string().to_uppercase())]);
            }
            let part = first.figure.part.as_ref().map(|part| format!(" {part}"));
            let name = if first.headline { first.task.as_str() } else { "" };
            let metric = &first.figure.metric;
            let arrow = first.figure.better.arrow();
            let by = first.scorer.split([' ', ':']).next().unwrap_or_default();
            let mut cells = vec![Cell::new(
                format!("{name}\n{metric}{} {arrow}\n  by {by}", part.unwrap_or_default())
                    .trim_start()
                    .to_owned(),
            )];
            for tag in languages {
                let row = lines.iter().find(|row| row.language == *tag);
                cells.push(Cell::new(row.map_or_else(String::new, |row| figure(row))));
            }
            table.add_row(cells);
        }
        table
    }

    /// Rows of one metric, one a language, in order of tasks.
    fn lines(&self, all: bool) -> Vec<Vec<&Row>> {
        let mut places = BTreeMap::new();
        let mut lines: Vec<Vec<&Row>> = Vec::new();
        for row in self.rows.iter().filter(|row| all || row.headline) {
            let key = (&row.task, &row.figure.metric, &row.figure.part);
            let place = *places.entry(key).or_insert_with(|| {
                lines.push(Vec::new());
                lines.len() - 1
            });
            lines[place].push(row);
        }
        lines
    }

    fn write_missing(&self, text: &mut String) {
        let states: Vec<String> =
            self.responses.iter().map(|(state, n)| format!("{n} {state}")).collect();
        let _ = writeln!(text, "responses: {}; {} ended by the token limit", states.join(", "), self.truncated);
        for (error, n) in &self.failures {
            let _ = writeln!(text, "  {n} failed: {}", plain(error, 200));
        }
        for (task, reasons) in &self.unscored {
            let mut reasons: Vec<(&String, &usize)> = reasons.iter().collect();
            reasons.sort_by_key(|(why, n)| (std::cmp::Reverse(**n), (*why).clone()));
            let total: usize = reasons.iter().map(|(_, n)| **n).sum();
            let _ = writeln!(text, "no score in {task}: {total}");
            for (why, n) in reasons.iter().take(REASONS) {
                let _ = writeln!(text, "  {n} {}", plain(why, 70));
            }
            if reasons.len() > REASONS {
                let _ = writeln!(text, "  and {} more reasons", reasons.len() - REASONS);
            }
        }
        for gap in &self.gaps {
            let _ = writeln!(text, "gap: {}: {}", gap.task, plain(&gap.to_string(), 200));
        }
    }
}

fn figure(row: &Row) -> String {
    let figure = &row.figure;
    let number = |x: f64| format!("{x:.2}");
    let estimate = figure.estimate.map_or_else(|| "–".to_owned(), number);
    let interval = match (figure.low, figure.high) {
        (Some(low), Some(high)) => format!(" ({low:.2}, {high:.2})"),
        _ => String::new(),
    };
    let mark = if Summary::thin(row) { "*" } else { "" };
    let coverage = row.coverage.map_or_else(String::new, |c| format!(" {:.0} %", c * 100.0));
    format!("{estimate}{interval}\n{}/{}{coverage}{mark}", figure.n, figure.expected)
}

/// Breaks a note into lines, those after the first indented.
fn wrap(lead: &str, text: &str, width: usize) -> String {
    let mut lines = vec![lead.to_owned()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a first line");
        if line.chars().count() + word.chars().count() >= width && line.trim() != lead.trim() {
            lines.push(format!("{}{word} ", " ".repeat(lead.len())));
        } else {
            line.push_str(word);
            line.push(' ');
        }
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}
