//! Runs against each other, sample by sample: who is ahead where, and how sure that is.

use std::collections::HashMap;

use clinic_core::task::Better;
use maud::{Markup, html};

use super::cells::{self, Tongue, shift};
use super::gaps::{legend, signed};
use super::languages::{self, edge, heads};
use super::tasks::{self, Name};
use super::{label, numbered};
use crate::analysis::{Analysis, Board, Measured, Pair};
use crate::chart::{self, About, Axis, Dots, Estimate, Mark, Panel, Row, number};
use crate::plain;

/// A difference turned so that above 0 speaks for the first; `None` where the metric has no such
/// direction.
pub(super) fn favour(difference: f64, better: Option<Better>) -> Option<f64> {
    match better {
        Some(Better::Higher) => Some(difference),
        Some(Better::Lower) => Some(-difference),
        Some(Better::Zero) | None => None,
    }
}

/// P-values for the pointer.
pub(super) fn chance(p: Option<f64>, holm: Option<f64>) -> String {
    let said = |p: f64| if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") };
    match (p, holm) {
        (Some(p), Some(holm)) => format!(", p {}, Holm {}", said(p), said(holm)),
        (Some(p), None) => format!(", p {}", said(p)),
        _ => String::new(),
    }
}

pub(super) fn section(analysis: &Analysis) -> Option<Markup> {
    let board = analysis.board.as_ref().filter(|board| !board.pairs.is_empty())?;
    let names = tasks::names(analysis);
    Some(if analysis.runs.len() == 2 {
        html! { (of_two(analysis, board, &names)) (by_language(analysis, board, &names)) }
    } else {
        html! { (wins(analysis, board, names.len())) (of_many(analysis, board, &names)) }
    })
}

fn overall(board: &Board) -> impl Iterator<Item = &Pair> {
    board.pairs.iter().filter(|pair| pair.language.is_none())
}

fn sure(pair: &Pair) -> bool {
    pair.is_sure()
}

/// Two runs: a forest of differences, and their table.
fn of_two(analysis: &Analysis, board: &Board, names: &[Name<'_>]) -> Markup {
    let pair_of = |name: &Name<'_>| overall(board).find(|pair| pair.task == name.task);
    let (first, second) = overall(board).next().map_or((0, 1), |pair| (pair.first, pair.second));
    let (one, two) = (numbered(analysis, first), numbered(analysis, second));
    let rows: Vec<Row> = names
        .iter()
        .filter_map(|name| {
            let pair = pair_of(name)?;
            favour(0.0, pair.better)?;
            let estimate = turned(&pair.difference, pair.better);
            let hollow = !sure(pair);
            Some(Row { label: name.task.to_owned(), cells: vec![vec![Mark { estimate, hollow }]] })
        })
        .collect();
    let values = rows
        .iter()
        .flat_map(|row| row.cells[0][0].estimate)
        .flat_map(|e| e.interval.map_or(vec![e.value], |(low, high)| vec![low, high]));
    let axis = Axis::around_zero(values);
    let chart = Dots {
        panels: vec![Panel { title: String::new(), axis }],
        rows,
        series: Vec::new(),
        star: false,
    };
    let title = format!("{one} less {two}");
    let about = About {
        id: "pair",
        title: &title,
        desc: "A line a task: the paired difference with its 95\u{a0}% interval, turned so that \
               the right side speaks for the first run. The table below has the numbers.",
    };
    let table = html! {
        table {
            thead { tr {
                th scope="col" { "Task" }
                th.n scope="col" { "Difference" }
                th.n scope="col" { "p" }
                th.n scope="col" { "p, Holm" }
                th.n scope="col" { "Could be seen" }
                th.n scope="col" { "Samples" }
                th scope="col" { "Ahead" }
            } }
            (tasks::grouped(names, 7, |name| html! {
                tr {
                    th scope="row" { (name.head()) }
                    @match pair_of(name) {
                        Some(pair) => {
                            td.n.sure[sure(pair)] {
                                @match pair.difference.value {
                                    Some(value) => (signed(value)), None => (cells::value(&pair.difference))
                                }
                                " " (cells::interval(&pair.difference))
                            }
                            td.n { (probability(pair.p)) }
                            td.n { (probability(pair.holm)) }
                            td.n { (pair.detectable.map_or("–".to_owned(), number)) }
                            td.n { (pair.difference.n) }
                            td { (ahead(pair, &one, &two)) }
                        }
                        None => td colspan="6" { span.none title="not in both runs" { "–" } },
                    }
                }
            }))
        }
    };
    html! {
        (cells::figure(chart::dots(about, &chart), html! {
            "Right of the line " bdi { (one) } " is ahead, left of it " bdi { (two) } "; filled: beyond chance. Metrics that have no better side are in the table only."
        }))
        (cells::scroll("Paired differences", table))
        p.key { (one) " less " (two) ", in the metric's own units, over the samples that both have. "
            "Could be seen: the smallest true difference that so many samples would show four times "
            "in five." }
    }
}

fn turned(m: &Measured, better: Option<Better>) -> Option<Estimate> {
    let value = favour(m.value?, better)?;
    let interval = m.low.zip(m.high).and_then(|(low, high)| {
        let (a, b) = (favour(low, better)?, favour(high, better)?);
        Some((a.min(b), a.max(b)))
    });
    Some(Estimate { value, interval })
}

fn probability(p: Option<f64>) -> String {
    match p {
        None => "–".to_owned(),
        Some(p) if p < 0.001 => "< 0.001".to_owned(),
        Some(p) => format!("{p:.3}"),
    }
}

fn ahead(pair: &Pair, one: &str, two: &str) -> String {
    match pair.difference.value.and_then(|d| favour(d, pair.better)) {
        Some(side) if sure(pair) && side > 0.0 => one.to_owned(),
        Some(side) if sure(pair) && side < 0.0 => two.to_owned(),
        _ => String::new(),
    }
}

/// Two runs: tasks by languages.
fn by_language(analysis: &Analysis, board: &Board, names: &[Name<'_>]) -> Markup {
    let found: HashMap<(&str, &str), &Pair> = board
        .pairs
        .iter()
        .filter_map(|pair| Some(((pair.task.as_str(), pair.language.as_deref()?), pair)))
        .collect();
    let tongues: Vec<Tongue> = languages::of(analysis)
        .into_iter()
        .filter(|t| found.keys().any(|(_, tag)| *tag == t.tag))
        .collect();
    if tongues.len() < 2 {
        return html! {};
    }
    html! {
        h3 { "By language" }
        (legend())
        (cells::scroll("Paired differences by language", html! {
            table.heat {
                (heads(&tongues, "Task", false))
                (tasks::grouped(names, tongues.len() + 1, |name| html! {
                    tr {
                        th scope="row" { (name.head()) }
                        @for (i, tongue) in tongues.iter().enumerate() {
                            @match found.get(&(name.task, tongue.tag.as_str())) {
                                Some(pair) => (difference(pair, false, edge(&tongues, i), tasks::step(analysis, name.task))),
                                None => td.hx.edge[edge(&tongues, i)] title="not in both runs" { "–" },
                            }
                        }
                    }
                }))
            }
        }))
    }
}

/// A paired difference; `turn` takes the second run's side, `step` brings it onto the scale.
fn difference(pair: &Pair, turn: bool, edge: bool, step: f64) -> Markup {
    let sign = if turn { -1.0 } else { 1.0 };
    let value = pair.difference.value.map(|value| sign * value);
    let colour = match pair.better {
        Some(Better::Higher | Better::Lower) => {
            shift(value.and_then(|v| favour(v, pair.better)).map(|side| side * step))
        }
        _ => "d0".to_owned(),
    };
    let mut m = pair.difference;
    if turn {
        (m.low, m.high) = (m.high.map(|h| -h), m.low.map(|l| -l));
    }
    html! {
        td class={ (colour) @if edge { " edge" } @if sure(pair) { " sure" } } title={ (cells::hint(&m)) (chance(pair.p, pair.holm)) } {
            @match value { Some(value) => (signed(value)), None => "–" }
        }
    }
}

/// Many runs: on how many tasks each is ahead of each.
fn wins(analysis: &Analysis, board: &Board, tasks: usize) -> Markup {
    let mut won: HashMap<(usize, usize), usize> = HashMap::new();
    for pair in overall(board).filter(|pair| sure(pair)) {
        match pair.difference.value.and_then(|d| favour(d, pair.better)) {
            Some(side) if side > 0.0 => *won.entry((pair.first, pair.second)).or_default() += 1,
            Some(side) if side < 0.0 => *won.entry((pair.second, pair.first)).or_default() += 1,
            _ => {}
        }
    }
    let count = |a, b| won.get(&(a, b)).copied().unwrap_or(0);
    let order: Vec<usize> =
        board.rows.iter().map(|row| row.run).filter(|run| *run < analysis.runs.len()).collect();
    let colour = |a, b| {
        let (for_a, for_b) = (count(a, b) as f64, count(b, a) as f64);
        if for_a + for_b == 0.0 {
            "d0".to_owned()
        } else {
            shift(Some((for_a - for_b) / tasks.max(1) as f64))
        }
    };
    html! {
        p.key {
            "Tasks on which the run of the row is ahead of the run of the column, and behind it, "
            "both beyond chance: paired by sample, p < 0.05 after Holm over all pairs and tasks."
        }
        (cells::scroll("Runs against runs", html! {
            table.heat {
                thead { tr {
                    th scope="col" { "Run" }
                    @for run in &order {
                        th.c scope="col" title=(label(&analysis.runs[*run])) { (run + 1) }
                    }
                } }
                tbody { @for row in &order { tr {
                    th scope="row" { bdi { (numbered(analysis, *row)) } }
                    @for column in &order {
                        @if row == column { td.hx {} }
                        @else {
                            td class=(colour(*row, *column)) {
                                (count(*row, *column)) "∶" (count(*column, *row))
                            }
                        }
                    }
                } } }
            }
        }))
    }
}

/// Many runs: each against the others, task by task.
fn of_many(analysis: &Analysis, board: &Board, names: &[Name<'_>]) -> Markup {
    let found: HashMap<(usize, usize, &str), &Pair> =
        overall(board).map(|pair| ((pair.first, pair.second, pair.task.as_str()), pair)).collect();
    let order: Vec<usize> =
        board.rows.iter().map(|row| row.run).filter(|run| *run < analysis.runs.len()).collect();
    let steps: HashMap<&str, f64> =
        names.iter().map(|name| (name.task, tasks::step(analysis, name.task))).collect();
    html! {
        h3 { "Each against the others" }
        p.key {
            "The run less the run of the column, in the metric's own units; " b { "bold" }
            ": beyond chance. The pointer shows the interval."
        }
        (legend())
        @for run in &order {
            (cells::fold(&numbered(analysis, *run), false, cells::scroll("Paired differences", html! {
                table.heat {
                    thead { tr {
                        th scope="col" { "Less" }
                        @for other in order.iter().filter(|other| *other != run) {
                            th.up scope="col" {
                                span {
                                    (other + 1) " "
                                    bdi { (plain(&label(&analysis.runs[*other]), 28)) }
                                }
                            }
                        }
                    } }
                    (tasks::grouped(names, order.len(), |name| html! {
                        tr {
                            th scope="row" { (name.head()) }
                            @for other in order.iter().filter(|other| *other != run) {
                                @match (found.get(&(*run, *other, name.task)), found.get(&(*other, *run, name.task))) {
                                    (Some(pair), _) => (difference(pair, false, false, steps[name.task])),
                                    (_, Some(pair)) => (difference(pair, true, false, steps[name.task])),
                                    _ => td.hx title="not in both runs" { "–" },
                                }
                            }
                        }
                    }))
                }
            })))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_speaks_for_the_better_side() {
        assert_eq!(favour(0.1, Some(Better::Higher)), Some(0.1));
        assert_eq!(favour(0.1, Some(Better::Lower)), Some(-0.1));
        assert_eq!(favour(0.1, Some(Better::Zero)), None);
        let m = Measured { value: Some(0.1), low: Some(-0.1), high: Some(0.3), n: 9, expected: 9 };
        let turned = turned(&m, Some(Better::Lower)).unwrap();
        assert_eq!((turned.value, turned.interval), (-0.1, Some((-0.3, 0.1))));
    }
}
