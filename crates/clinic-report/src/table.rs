//! A summary as a table for a terminal, 80 columns wide unless there is more room.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use clinic_core::language::Languages;
use clinic_core::plain::plain;
use clinic_core::published::Protocol;
use comfy_table::{
    Cell, ColumnConstraint, ContentArrangement, Table, TableComponent, Width, presets,
};

use crate::formats::rounded;
use crate::summary::{Row, Summary, TaskUsage};

/// How much to show, and how wide.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether to show every metric, or the headline of each task.
    pub all: bool,
}

/// Most gaps listed.
const GAPS: usize = 20;

/// Width of the column of task names, and of each language, with the space behind them: three
/// languages fit in 80 columns.
const NAMES: usize = 26;
const FIGURE: usize = 18;

/// Most reasons listed for what is missing: of all responses, and of the scores of a task.
const REASONS: usize = 3;

/// A bare table that keeps to a width: a line under the header and nothing else.
pub fn grid(width: usize) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_style(TableComponent::HeaderLines, '─')
        .set_style(TableComponent::MiddleHeaderIntersections, '─')
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table
}

/// The table's text: no padding at the outer edge, no white space at the ends of lines.
pub fn finish(table: &mut Table) -> String {
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 0));
    });
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

impl Summary {
    /// The table, what was left out and why, and what a reader must know.
    pub fn to_text(&self, layout: Layout) -> String {
        let mut text = format!("model  {}\n", plain(&self.model, 200));
        let _ =
            writeln!(text, "judge  {}", self.judge.as_deref().unwrap_or("none (lexical rules)"));
        let _ = writeln!(text, "data   {}", plain(&self.data, 200));
        if let Some(system) = &self.system {
            let _ =
                writeln!(text, "{}", wrap("system ", &plain(&system.label(), 400), layout.width));
        }
        if self.protocol == Protocol::Reference {
            text.push_str("protocol reference\n");
        }
        text.push('\n');
        let columns = (layout.width.saturating_sub(NAMES) / FIGURE).max(1);
        for languages in self.languages.chunks(columns) {
            let _ = writeln!(text, "{}\n", finish(&mut self.table(languages, layout)));
        }
        text.push_str(
            "Each cell: estimate (95 % interval), then scored/expected samples and coverage.\n\
             ↑ higher is better, ↓ lower is better, →0 nearer to zero is better.\n\n",
        );
        self.write_tiers(&mut text);
        self.write_scorers(&mut text, layout.width);
        self.write_missing(&mut text, layout.width);
        for note in &self.notes {
            let _ = writeln!(text, "{}", wrap("note: ", note, layout.width));
        }
        text
    }

    fn table(&self, languages: &[String], layout: Layout) -> Table {
        let names = Languages::current();
        let mut table = grid(layout.width);
        let mut header = vec![Cell::new("task")];
        header.extend(languages.iter().map(|tag| {
            Cell::new(names.tag(tag).map_or(tag.as_str(), |language| &language.english))
        }));
        table.set_header(header);
        let mut dimension = None;
        let split = self.split();
        for lines in self.lines(layout.all, &split) {
            let Some(first) = lines.first() else { continue };
            if dimension != Some(first.dimension) {
                dimension = Some(first.dimension);
                table.add_row([Cell::new(first.dimension.to_string().to_uppercase())]);
            }
            let figure = &first.figure;
            // A part that each language has of its own stands in its cell.
            let split = split.contains(&(first.task.as_str(), figure.metric.as_str()));
            let part = figure.part.as_ref().filter(|_| split);
            let part = part.map(|part| format!(" {part}")).unwrap_or_default();
            let arrow = figure.better.map_or("", |better| better.arrow());
            let metric = format!("{}{part} {arrow}", figure.metric);
            let mut cells = vec![Cell::new(if first.headline {
                format!("{}\n  {metric}", first.task)
            } else {
                format!("  {metric}")
            })];
            for tag in languages {
                let row = lines.iter().find(|row| row.language == *tag);
                cells.push(Cell::new(row.map_or_else(String::new, |row| cell(row, !split))));
            }
            table.add_row(cells);
        }
        let widths = std::iter::once(NAMES).chain(languages.iter().map(|_| FIGURE));
        for (column, width) in table.column_iter_mut().zip(widths) {
            // The space between columns is no part of them.
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width as u16 - 1)));
        }
        table
    }

    /// Tasks and metrics that have several rows in a language, one a part.
    fn split(&self) -> BTreeSet<(&str, &str)> {
        let (mut seen, mut split) = (BTreeSet::new(), BTreeSet::new());
        for row in &self.rows {
            let metric = (row.task.as_str(), row.figure.metric.as_str());
            if !seen.insert((metric, row.language.as_str())) {
                split.insert(metric);
            }
        }
        split
    }

    /// Rows of one metric, one a language, in order of tasks.
    fn lines(&self, all: bool, split: &BTreeSet<(&str, &str)>) -> Vec<Vec<&Row>> {
        let mut places = BTreeMap::new();
        let mut lines: Vec<Vec<&Row>> = Vec::new();
        for row in self.rows.iter().filter(|row| all || row.headline) {
            let metric = (row.task.as_str(), row.figure.metric.as_str());
            let key = (metric, row.figure.part.as_ref().filter(|_| split.contains(&metric)));
            let place = *places.entry(key).or_insert_with(|| {
                lines.push(Vec::new());
                lines.len() - 1
            });
            lines[place].push(row);
        }
        // The headline first, since it bears the task's name.
        let order: Vec<&str> = self.rows.iter().map(|row| row.task.as_str()).collect();
        let task = |line: &[&Row]| order.iter().position(|task| *task == line[0].task);
        lines.sort_by_key(|line| (task(line), !line[0].headline));
        lines
    }

    fn write_tiers(&self, text: &mut String) {
        if !self.tiers.is_empty() {
            text.push_str("mean over the languages of a tier\n");
        }
        for row in &self.tiers {
            let figure = &row.figure;
            let estimate = figure.estimate.map_or("–".to_owned(), rounded);
            let interval = match (figure.low, figure.high) {
                (Some(low), Some(high)) => format!(" ({}, {})", rounded(low), rounded(high)),
                _ => String::new(),
            };
            let _ = writeln!(
                text,
                "  {} {}, {}: {estimate}{interval}, {} of {} languages",
                row.task, figure.metric, figure.tier, figure.languages, figure.expected
            );
        }
        if !self.tiers.is_empty() {
            text.push('\n');
        }
    }

    fn write_scorers(&self, text: &mut String, width: usize) {
        let mut scorers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in self.rows.iter() {
            let tasks = scorers.entry(&row.scorer).or_default();
            if !tasks.contains(&row.task.as_str()) {
                tasks.push(&row.task);
            }
        }
        text.push_str("scored by\n");
        for (scorer, tasks) in scorers {
            let line = format!("{}: {}", plain(scorer, 200), tasks.join(", "));
            let _ = writeln!(text, "{}", wrap("  ", &line, width));
        }
    }

    fn write_missing(&self, text: &mut String, width: usize) {
        let states: Vec<String> =
            self.responses.iter().map(|(state, n)| format!("{n} {state}")).collect();
        let line = format!("{}; {} ended by the token limit", states.join(", "), self.truncated);
        let _ = writeln!(text, "{}", wrap("responses: ", &line, width));
        let mut line = spent(self.usage.values());
        if let Some(price) = &self.priced {
            let _ = write!(line, " at the price of {}", price.read);
        }
        let _ = writeln!(text, "{}", wrap("tokens: ", &line, width));
        for (judge, usage) in &self.judged {
            let line = format!("{} by {}", spent([usage].into_iter()), plain(judge, 100));
            let _ = writeln!(text, "{}", wrap("tokens to score: ", &line, width));
        }
        if self.unsure_usd > 0.0 {
            let line = format!("USD {:.4} for calls of which no usage is known", self.unsure_usd);
            let _ = writeln!(text, "{}", wrap("at most: ", &line, width));
        }
        for (error, n) in most(&self.failures) {
            let _ = writeln!(
                text,
                "{}",
                wrap("  ", &format!("{n} failed: {}", plain(error, 200)), width)
            );
        }
        let rest: usize = self.failures.values().sum::<usize>()
            - most(&self.failures).map(|(_, n)| n).sum::<usize>();
        if rest > 0 {
            let _ = writeln!(text, "  {rest} failed for other reasons");
        }
        if !self.unscored.is_empty() {
            text.push_str("no score\n");
        }
        for (task, reasons) in &self.unscored {
            let mut listed: Vec<String> =
                most(reasons).map(|(why, n)| format!("{n} {}", plain(why, 100))).collect();
            let rest =
                reasons.values().sum::<usize>() - most(reasons).map(|(_, n)| n).sum::<usize>();
            if rest > 0 {
                listed.push(format!("{rest} for other reasons"));
            }
            let _ =
                writeln!(text, "{}", wrap("  ", &format!("{task}: {}", listed.join("; ")), width));
        }
        for gap in self.gaps.iter().take(GAPS) {
            let line = format!("{}: {}", gap.task, plain(&gap.to_string(), 300));
            let _ = writeln!(text, "{}", wrap("gap: ", &line, width));
        }
        if let Some(rest) = self.gaps.len().checked_sub(GAPS).filter(|rest| *rest > 0) {
            let _ = writeln!(text, "and {rest} more gaps; --json lists them all");
        }
    }
}

/// The most frequent reasons.
fn most(reasons: &BTreeMap<String, usize>) -> impl Iterator<Item = (&String, usize)> {
    let mut sorted: Vec<(&String, usize)> = reasons.iter().map(|(why, n)| (why, *n)).collect();
    // A stable sort: equally frequent ones stay in the order of the alphabet.
    sorted.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    sorted.into_iter().take(REASONS)
}

/// Estimate and interval, then how much they rest on.
fn cell(row: &Row, with_part: bool) -> String {
    let figure = &row.figure;
    // What is neither good nor bad is a count, or a share that says so by its decimals.
    let count = |x: f64| figure.better.is_none() && x.fract() == 0.0;
    let number = |x: f64| if count(x) { format!("{x:.0}") } else { rounded(x) };
    let estimate = figure.estimate.map_or_else(|| "–".to_owned(), number);
    let interval = match (figure.low, figure.high) {
        (Some(low), Some(high)) => format!(" ({}, {})", short(low), short(high)),
        _ => String::new(),
    };
    let mark = if Summary::thin(row) { "*" } else { "" };
    let coverage = row.coverage.map_or_else(String::new, |c| format!(" {:.0} %", c * 100.0));
    let part = figure.part.as_ref().filter(|_| with_part);
    let part = part.map(|part| format!("\n{}", plain(part, FIGURE - 2))).unwrap_or_default();
    format!("{estimate}{interval}\n{}/{}{coverage}{mark}{part}", figure.n, figure.expected)
}

/// A number without the zero before its point: `.12`, `-.05`, `1.00`.
fn short(x: f64) -> String {
    let text = rounded(x);
    match text.strip_prefix("-0.") {
        Some(rest) => format!("-.{rest}"),
        None => text.strip_prefix('0').unwrap_or(&text).to_owned(),
    }
}

/// Breaks a line into lines, those after the first indented by two.
pub fn wrap(lead: &str, text: &str, width: usize) -> String {
    let mut lines = vec![lead.to_owned()];
    let mut fresh = true;
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a first line");
        if !fresh && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(format!("{}  {word}", " ".repeat(lead.len() - lead.trim_start().len())));
        } else {
            if !fresh {
                line.push(' ');
            }
            line.push_str(word);
        }
        fresh = false;
    }
    lines.join("\n")
}

/// Tokens in and out, and what they cost where that is known.
fn spent<'a>(all: impl Iterator<Item = &'a TaskUsage>) -> String {
    let (mut input, mut output, mut thought, mut usd) = (0, 0, 0, None);
    for usage in all {
        input += usage.tokens.prompt_tokens;
        output += usage.tokens.completion_tokens;
        thought += usage.tokens.reasoning_tokens;
        usd = usage.usd.map(|more| usd.unwrap_or(0.0) + more).or(usd);
    }
    let thought =
        if thought > 0 { format!(" ({thought} of them reasoning)") } else { String::new() };
    let usd = usd.map_or(String::new(), |usd| format!("; USD {usd:.4}"));
    format!("{input} in, {output} out{thought}{usd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_their_width() {
        let text = wrap("note: ", "one two three four five", 14);
        assert_eq!(text, "note: one two\n  three four\n  five");
        assert_eq!(wrap("  ", "a b", 80), "  a b");
    }

    #[test]
    fn numbers_are_short_and_keep_their_sign() {
        assert_eq!([0.123, -0.05, 1.0, -0.001].map(short), [".12", "-.05", "1.00", ".00"]);
    }
}
