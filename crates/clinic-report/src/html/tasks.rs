//! Each task's headline over all languages: the metric itself beside its place on the scale.

use clinic_core::task::{Better, Dimension};
use maud::{Markup, html};

use super::cells::{self, capital, heat};
use super::{label, numbered};
use crate::analysis::{Analysis, Portrait, TaskScore};
use crate::chart::{self, About, Axis, Dots, Mark, Panel, Row};
use crate::plain;

/// More runs than this make dots of tasks illegible.
const MOST_SERIES: usize = 4;

/// A task as rows of tables name it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Name<'a> {
    pub dimension: Dimension,
    pub task: &'a str,
    pub metric: &'a str,
    pub part: Option<&'a str>,
    pub better: Option<Better>,
}

impl Name<'_> {
    /// Task, metric and direction as the head of a row.
    pub(super) fn head(&self) -> Markup {
        html! {
            (plain(self.task, 60)) " "
            small {
                (plain(self.metric, 40)) @if let Some(part) = self.part { " " (plain(part, 40)) }
                @if let Some(better) = self.better { " " (better.arrow()) }
            }
        }
    }
}

/// The tasks of all runs, by dimension, each once.
pub(super) fn names(analysis: &Analysis) -> Vec<Name<'_>> {
    let mut names: Vec<Name<'_>> = Vec::new();
    for score in analysis.runs.iter().flat_map(|run| &run.tasks) {
        if !names.iter().any(|known| known.task == score.task) {
            names.push(Name {
                dimension: score.dimension,
                task: &score.task,
                metric: &score.metric,
                part: score.part.as_deref(),
                better: score.better,
            });
        }
    }
    names.sort_by_key(|name| name.dimension);
    names
}

/// What a step of a task's metric is on the scale from 0 to 1: 1 for shares, less for metrics with a
/// wider range. It is read from the intervals, which go through the same mapping.
pub(super) fn step(analysis: &Analysis, task: &str) -> f64 {
    let width = |low: Option<f64>, high: Option<f64>| Some(high? - low?);
    let of = |t: &TaskScore| {
        let (raw, safe) = (width(t.raw.low, t.raw.high)?, width(t.safe.low, t.safe.high)?);
        (raw > 0.0).then_some(safe / raw)
    };
    let all = analysis.runs.iter().flat_map(|run| &run.tasks).filter(|t| t.task == task);
    all.filter_map(of).reduce(f64::max).unwrap_or(1.0)
}

/// Rows of a table by dimension, each group under the dimension's name.
pub(super) fn grouped<'a>(
    names: &[Name<'a>],
    columns: usize,
    row: impl Fn(&Name<'a>) -> Markup,
) -> Markup {
    html! {
        @for dimension in Dimension::ALL {
            @let own: Vec<&Name<'a>> = names.iter().filter(|n| n.dimension == dimension).collect();
            @if !own.is_empty() {
                tbody {
                    tr.dim { th scope="rowgroup" colspan=(columns) { (capital(dimension)) } }
                    @for name in own { (row(name)) }
                }
            }
        }
    }
}

pub(super) fn section(analysis: &Analysis) -> Option<Markup> {
    let names = names(analysis);
    if names.is_empty() {
        return None;
    }
    Some(html! {
        p.key { "↑ higher is better, ↓ lower is better, →0 nearer to zero is better. "
            @if super::languages::of(analysis).len() > 1 { "All languages together: the plain mean over the languages." } }
        @if analysis.runs.len() <= MOST_SERIES { (dots(analysis, &names)) }
        @match analysis.runs.as_slice() {
            [one] => (table(one, &names)),
            _ => (matrix(analysis, &names)),
        }
    })
}

fn score<'a>(run: &'a Portrait, task: &str) -> Option<&'a TaskScore> {
    run.tasks.iter().find(|t| t.task == task && t.language.is_none())
}

fn dots(analysis: &Analysis, names: &[Name<'_>]) -> Markup {
    let mut rows = Vec::new();
    for dimension in Dimension::ALL {
        let own: Vec<&Name<'_>> = names.iter().filter(|n| n.dimension == dimension).collect();
        if !own.is_empty() {
            rows.push(Row { label: capital(dimension), cells: Vec::new() });
        }
        rows.extend(own.into_iter().map(|name| {
            let marks = analysis.runs.iter().map(|run| {
                let score = score(run, name.task);
                Mark {
                    estimate: score.and_then(|s| cells::estimate(&s.safe)),
                    hollow: score.is_some_and(|s| s.thin),
                }
            });
            Row { label: name.task.to_owned(), cells: vec![marks.collect()] }
        }));
    }
    let series = (0..analysis.runs.len()).map(|i| numbered(analysis, i)).collect();
    let chart = Dots {
        panels: vec![Panel { title: String::new(), axis: Axis::unit() }],
        rows,
        series: if analysis.runs.len() > 1 { series } else { Vec::new() },
        star: true,
    };
    let about = About {
        id: "tasks-dots",
        title: "Tasks on the scale from 0 to 1",
        desc: "A line a task, by dimension: dots with 95\u{a0}% intervals, higher is safer. The \
               table below has the numbers.",
    };
    cells::figure(
        chart::dots(about, &chart),
        html! {
            "Every task on the scale from 0 to 1, higher is safer, with its 95\u{a0}% interval. How "
            "a metric comes onto the scale stands under Method."
        },
    )
}

fn table(run: &Portrait, names: &[Name<'_>]) -> Markup {
    let table = html! {
        table {
            thead { tr {
                th scope="col" { "Task" }
                th.n scope="col" { "Metric" }
                th.n scope="col" { "On the scale" }
                th.n scope="col" { "Samples" }
                th scope="col" { "What the metric says" }
            } }
            (grouped(names, 5, |name| {
                let score = score(run, name.task);
                html! {
                    tr {
                        th scope="row" { (name.head()) }
                        @match score {
                            Some(s) => {
                                td.n { (cells::measured(&s.raw, s.thin)) }
                                td.n { (cells::measured(&s.safe, s.thin)) }
                                td.n { (s.raw.n) "/" (s.raw.expected) }
                                td.say { small { (plain(&s.means, 400)) } }
                            }
                            None => td colspan="4" { span.none title="not part of the run" { "–" } },
                        }
                    }
                }
            }))
        }
    };
    cells::scroll("Tasks", table)
}

/// Tasks by runs: the metric in each cell, the scale as its colour; intervals where there is room.
fn matrix(analysis: &Analysis, names: &[Name<'_>]) -> Markup {
    let columns = analysis.runs.len() + 1;
    let roomy = analysis.runs.len() <= MOST_SERIES;
    let table = html! {
        table.heat.two[roomy] {
            thead { tr {
                th scope="col" { "Task" }
                @for (i, run) in analysis.runs.iter().enumerate() {
                    th.up scope="col" { span { (i + 1) " " bdi { (plain(&label(run), 28)) } } }
                }
            } }
            (grouped(names, columns, |name| html! {
                tr {
                    th scope="row" { (name.head()) }
                    @for run in &analysis.runs {
                        @match score(run, name.task) {
                            Some(s) => td class={ (heat(s.safe.value)) @if s.thin && s.raw.value.is_some() { " x" } } title=(cells::hint(&s.raw)) {
                                (cells::value(&s.raw)) @if s.thin && s.raw.value.is_some() { "*" }
                                @if roomy { span.block { (cells::interval(&s.raw)) } }
                            },
                            None => td.hx title="not part of the run" { "–" },
                        }
                    }
                }
            }))
        }
    };
    html! { (cells::scroll("Tasks by runs", table)) (super::languages::legend()) }
}
