//! What was answered, as shares of a whole: the fairness tasks that have categories.

use clinic_core::task::Dimension;
use maud::{Markup, html};

use super::cells::{self, Tongue};
use super::{each_run, label, languages, numbered};
use crate::analysis::{Analysis, Measured, Portrait};
use crate::chart::{self, About, Stack, StackRow};
use crate::{Row, plain};

/// More parts than this get one colour together.
const MOST_PARTS: usize = 6;

/// A task and metric that splits answers into parts.
#[derive(Debug, Clone, PartialEq)]
struct Split {
    task: String,
    metric: String,
    parts: Vec<String>,
}

pub(super) fn section(analysis: &Analysis) -> Option<Markup> {
    let splits = splits(analysis);
    if splits.is_empty() {
        return None;
    }
    Some(html! {
        @for (i, split) in splits.iter().enumerate() {
            h3 { (plain(&split.task, 60)) " " small { (plain(&split.metric, 40)) } }
            @if analysis.runs.len() > 1 {
                (chart(&format!("shares-{i}"), "all runs", split, runs(analysis, split), "A bar a run, all answers of all languages together."))
            }
            (each_run(analysis, |run, portrait| {
                let rows = of_languages(portrait, split);
                (!rows.is_empty()).then(|| {
                    chart(&format!("shares-{i}-{run}"), &label(portrait), split, rows, "A bar a language.")
                })
            }))
        }
    })
}

fn chart(id: &str, of: &str, split: &Split, rows: Vec<StackRow>, caption: &str) -> Markup {
    let title = format!("{} of {of}: shares of answers in percent", split.task);
    let about = About {
        id,
        title: &title,
        desc: "Stacked bars, the same parts in the same order in each. The table below has the \
               numbers.",
    };
    let stack = Stack { parts: split.parts.clone(), rows };
    html! {
        (cells::figure(chart::stack(about, &stack), html! { (caption) " Shares in percent; answers that could not be told are not in them." }))
        (cells::fold("The numbers", false, cells::scroll("Shares", html! {
            table {
                thead { tr {
                    th scope="col" { "" }
                    @for part in &stack.parts { th.n scope="col" { (plain(part, 40)) } }
                    th.n scope="col" { "Answers" }
                } }
                tbody { @for row in &stack.rows { tr {
                    th scope="row" { bdi { (row.label) } }
                    @match &row.shares {
                        Some(shares) => { @for share in shares { td.n { (format!("{:.1} %", share * 100.0)) } } },
                        None => td.n colspan=(stack.parts.len()) { span.none title="nothing was scored" { "–" } },
                    }
                    td.n { (row.n) @if row.thin { (cells::star()) } }
                } } }
            }
        })))
    }
}

/// Rows of a task's metric, such as have a part.
fn rows<'a>(run: &'a Portrait, split: &'a Split) -> impl Iterator<Item = &'a Row> {
    run.summary.rows.iter().filter(|row| {
        row.task == split.task && row.figure.metric == split.metric && row.figure.part.is_some()
    })
}

/// Metrics of fairness that have several parts in a language, and all of these, the headline's first.
fn splits(analysis: &Analysis) -> Vec<Split> {
    let mut splits: Vec<Split> = Vec::new();
    let all = || analysis.runs.iter().flat_map(|run| &run.summary.rows);
    for row in all().filter(|row| row.dimension == Dimension::Fairness) {
        let same = |other: &&Row| {
            other.task == row.task
                && other.figure.metric == row.figure.metric
                && other.language == row.language
        };
        let known = |s: &Split| s.task == row.task && s.metric == row.figure.metric;
        if splits.iter().any(known) || row.figure.part.is_none() {
            continue;
        }
        // In one run, a language has one row a part; the commonest answer has one row only.
        let in_one = analysis.runs.iter().map(|run| run.summary.rows.iter().filter(same).count());
        if in_one.max().unwrap_or(0) < 2 {
            continue;
        }
        let mut parts: Vec<String> = Vec::new();
        for other in all().filter(|r| r.task == row.task && r.figure.metric == row.figure.metric) {
            if let Some(part) = other.figure.part.as_ref().filter(|part| !parts.contains(part)) {
                parts.push(part.clone());
            }
        }
        let head =
            all().find(|r| r.headline && r.task == row.task).and_then(|r| r.figure.part.clone());
        parts.sort_by_key(|part| (Some(part) != head.as_ref(), part.clone()));
        splits.push(Split { task: row.task.clone(), metric: row.figure.metric.clone(), parts });
    }
    for split in &mut splits {
        if split.parts.len() > MOST_PARTS {
            split.parts.truncate(MOST_PARTS - 1);
            split.parts.push("other".to_owned());
        }
    }
    splits
}

/// One bar: shares by part of the rows, weighted by the answers that each rests on.
fn bar(label: String, split: &Split, rows: &[&Row]) -> StackRow {
    let mut counts = vec![0.0; split.parts.len()];
    let (mut n, mut expected) = (0, 0);
    let mut seen: Vec<&str> = Vec::new();
    for row in rows {
        let place = split.parts.iter().position(|p| Some(p) == row.figure.part.as_ref());
        let place = place.unwrap_or(split.parts.len() - 1);
        counts[place] += row.figure.estimate.unwrap_or(0.0) * row.figure.n as f64;
        if !seen.contains(&row.language.as_str()) {
            seen.push(&row.language);
            n += row.figure.n;
            expected += row.figure.expected;
        }
    }
    let shares = (n > 0).then(|| counts.iter().map(|count| count / n as f64).collect());
    StackRow { label, shares, n, thin: Measured { n, expected, ..Measured::default() }.is_thin() }
}

fn runs(analysis: &Analysis, split: &Split) -> Vec<StackRow> {
    let of = |(i, run)| {
        let rows: Vec<&Row> = rows(run, split).collect();
        (!rows.is_empty()).then(|| bar(numbered(analysis, i), split, &rows))
    };
    analysis.runs.iter().enumerate().filter_map(of).collect()
}

fn of_languages(run: &Portrait, split: &Split) -> Vec<StackRow> {
    let of = |tongue: Tongue| {
        let rows: Vec<&Row> = rows(run, split).filter(|r| r.language == tongue.tag).collect();
        (!rows.is_empty()).then(|| bar(tongue.english, split, &rows))
    };
    languages::of_run(run).into_iter().filter_map(of).collect()
}
