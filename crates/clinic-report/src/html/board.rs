//! Several runs beside each other: the leaderboard, dots with intervals, radars.

use clinic_core::task::Dimension;
use maud::{Markup, html};

use super::cells::{self, capital};
use super::headline::{median, said};
use super::{label, numbered};
use crate::analysis::{Analysis, Board, BoardRow, Measured};
use crate::chart::{self, About, Axis, Dots, Mark, Panel, Radar, Row};

pub(super) fn section(analysis: &Analysis) -> Markup {
    let rows = rows(analysis);
    let dimensions: Vec<Dimension> = Dimension::ALL
        .into_iter()
        .filter(|d| rows.iter().any(|row| row.dimensions.iter().any(|(own, _)| own == d)))
        .collect();
    html! {
        (words(analysis))
        (table(analysis, &rows, &dimensions))
        (dots(analysis, &rows, &dimensions))
        (radars(analysis, &rows, &dimensions))
    }
}

/// The board's rows; without a board, each run by itself in the order given.
fn rows(analysis: &Analysis) -> Vec<BoardRow> {
    if let Some(board) = &analysis.board {
        return board.rows.iter().filter(|r| r.run < analysis.runs.len()).cloned().collect();
    }
    let alone = |(run, portrait): (usize, &crate::analysis::Portrait)| {
        let all = portrait.dimensions.iter().filter(|d| d.language.is_none());
        BoardRow {
            run,
            place: None,
            first: None,
            overall: Measured::default(),
            dimensions: all.map(|d| (d.dimension, d.safe)).collect(),
        }
    };
    analysis.runs.iter().enumerate().map(alone).collect()
}

fn words(analysis: &Analysis) -> Markup {
    let Some(Board { rows, .. }) = &analysis.board else { return html! {} };
    let (Some(best), Some(last)) = (rows.first(), rows.last()) else { return html! {} };
    let name = |row: &BoardRow| analysis.runs.get(row.run).map(label).unwrap_or_default();
    let shared = rows.iter().filter(|r| r.place.is_some_and(|(best, _)| best == 1)).count();
    html! {
        p {
            strong { bdi { (name(best)) } } " has the highest mean over the dimensions, " (said(&best.overall)) "; "
            strong { bdi { (name(last)) } } " the lowest, " (said(&last.overall)) ". "
            @if shared > 1 {
                (shared) " runs may be the first: their ranges of ranks begin with 1, so that these "
                "questions do not tell which of them is ahead."
            } @else {
                "No other run's range of ranks reaches 1."
            }
        }
    }
}

fn table(analysis: &Analysis, rows: &[BoardRow], dimensions: &[Dimension]) -> Markup {
    let table = html! {
        table.board {
            thead { tr {
                th.n scope="col" title="95\u{a0}% range of the rank" { "Rank" }
                th scope="col" { "Run" }
                th.n scope="col" title="how often it comes first where items are drawn anew" { "First" }
                th.n scope="col" { "Mean" }
                @for dimension in dimensions { th.n scope="col" { (capital(dimension)) } }
            } }
            tbody { @for row in rows {
                tr {
                    td.n { (rank(row.place)) }
                    th scope="row" { bdi { (numbered(analysis, row.run)) } }
                    td.n { (row.first.map_or("–".to_owned(), |share| format!("{:.0} %", 100.0 * share))) }
                    td.n { (cell(&row.overall)) }
                    @for dimension in dimensions {
                        @match row.dimensions.iter().find(|(own, _)| own == dimension) {
                            Some((_, m)) => td.n { (cell(m)) },
                            None => td.n { span.none title="no task of this dimension" { "–" } },
                        }
                    }
                }
            } }
        }
    };
    html! {
        (cells::scroll("Leaderboard", table))
        p.key {
            "Best mean first. Rank: between the runs that are surely ahead of it and those that are "
            "surely behind it, by their paired differences; 95\u{a0}%. First: how often it comes first "
            "where items are drawn anew; – where a task has too few items to say. "
            @if let Some(Board { left_out, .. }) = &analysis.board {
                @if !left_out.is_empty() {
                    "Left out here, since a run has no number there: " (left_out.join(", ")) ". "
                }
            }
        }
    }
}

fn cell(m: &Measured) -> Markup {
    html! { (cells::value(m)) @if m.value.is_some() && m.is_thin() { "*" } span.block { (cells::interval(m)) } }
}

fn rank(place: Option<(usize, usize)>) -> String {
    match place {
        None => "–".to_owned(),
        Some((from, to)) if from == to => from.to_string(),
        Some((from, to)) => format!("{from}–{to}"),
    }
}

fn dots(analysis: &Analysis, rows: &[BoardRow], dimensions: &[Dimension]) -> Markup {
    let mark = |m: Option<&Measured>| {
        vec![Mark {
            estimate: m.and_then(cells::estimate),
            hollow: m.is_some_and(Measured::is_thin),
        }]
    };
    let with_mean = rows.iter().any(|row| row.overall.value.is_some());
    let mut panels: Vec<Panel> =
        dimensions.iter().map(|d| Panel { title: capital(d), axis: Axis::narrow() }).collect();
    if with_mean {
        panels.insert(0, Panel { title: "Mean".to_owned(), axis: Axis::narrow() });
    }
    let rows = rows.iter().map(|row| {
        let mut cells: Vec<Vec<Mark>> = dimensions
            .iter()
            .map(|d| mark(row.dimensions.iter().find(|(own, _)| own == d).map(|(_, m)| m)))
            .collect();
        if with_mean {
            cells.insert(0, mark(Some(&row.overall)));
        }
        Row { label: numbered(analysis, row.run), cells }
    });
    let chart = Dots { panels, rows: rows.collect(), series: Vec::new(), star: true };
    let about = About {
        id: "board",
        title: "Runs by dimension",
        desc: "A line a run, a column a dimension: dots with 95\u{a0}% intervals from 0 to 1. The \
               table above has the numbers.",
    };
    cells::figure(
        chart::dots(about, &chart),
        html! {
            "Each from 0 to 1 with its 95\u{a0}% interval; a hollow dot rests on less than "
            "90\u{a0}% of its samples."
        },
    )
}

fn radars(analysis: &Analysis, rows: &[BoardRow], dimensions: &[Dimension]) -> Markup {
    if dimensions.len() < 3 {
        return html! {};
    }
    let of = |row: &BoardRow, d: &Dimension| {
        row.dimensions.iter().find(|(own, _)| own == d).and_then(|(_, m)| cells::estimate(m))
    };
    let middle: Vec<Option<f64>> = dimensions
        .iter()
        .map(|d| median(rows.iter().filter_map(|row| Some(of(row, d)?.value)).collect()))
        .collect();
    let radars: Vec<Radar> = rows
        .iter()
        .map(|row| Radar {
            label: numbered(analysis, row.run),
            values: dimensions.iter().map(|d| of(row, d)).collect(),
        })
        .collect();
    // The median of two lies between them and says nothing.
    let middle = (radars.len() > 2).then_some(middle.as_slice());
    let spokes: Vec<String> = dimensions.iter().map(capital).collect();
    let letters: Vec<String> =
        spokes.iter().map(|s| format!("{} {s}", s.chars().next().unwrap_or(' '))).collect();
    let about = About {
        id: "radars",
        title: "Profiles of the runs",
        desc: "A radar a run, from 0 in the middle to 1 at the rim, with the median of all runs. \
               The leaderboard has the numbers.",
    };
    cells::figure(
        chart::radars(about, &spokes, &radars, middle),
        html! { (letters.join(", ")) ". 0 in the middle, 1 at the rim; the band is the 95\u{a0}% interval, the broken line, if any, the median of all runs." },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_is_a_range() {
        assert_eq!([Some((1, 1)), Some((1, 3)), None].map(rank), ["1", "1–3", "–"]);
    }
}
