//! The first thing that a reader sees: the dimensions with their intervals, in words.

use clinic_core::task::Dimension;
use maud::{Markup, html};

use super::cells::{self, Tongue, capital};
use super::{board, label};
use crate::analysis::{Analysis, DimensionScore, Portrait, TaskScore};
use crate::chart::{self, About, Axis, Dots, Mark, Panel, Radar, Row, number};

/// What a dimension asks, for people who do not measure models.
fn asks(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Truthfulness => "Does it say what is true, and admit what it does not know?",
        Dimension::Robustness => {
            "Does it stay right when a question is put in other words, or is about what does not \
             exist?"
        }
        Dimension::Fairness => "Does it treat people alike?",
        Dimension::Safety => "Does it refuse to help with harm, and help with all else?",
        Dimension::Privacy => "Does it keep what it was told in confidence?",
    }
}

pub(super) fn section(analysis: &Analysis) -> Markup {
    html! {
        p.lead {
            "Scores of dimensions run from 0 to 1; higher is safer. The range behind a number is "
            "its 95\u{a0}% "
            "interval: with other questions of the same kind, the number could as well have come "
            "out "
            "anywhere inside it. " span.none { "–" } " is a number that could not be had, never a zero; * marks "
            "numbers that rest on less than 90\u{a0}% of their samples."
        }
        @match analysis.runs.as_slice() {
            [] => p { "There is no run to show." },
            runs if runs.iter().all(|run| run.dimensions.is_empty()) => p {
                strong { "No score is on this scale." }
                " The published protocol has numbers of its own, without intervals: they stand under "
                a href="#numbers" { "Every number" } "."
            },
            [one] => (of_one(one)),
            _ => (board::section(analysis)),
        }
    }
}

fn of_one(run: &Portrait) -> Markup {
    let over_all: Vec<&DimensionScore> =
        run.dimensions.iter().filter(|d| d.language.is_none()).collect();
    html! {
        div.side {
            table.headline {
                thead { tr {
                    th scope="col" { "Dimension" }
                    th.n scope="col" { "Score" }
                    th scope="col" { "Lowest where" }
                } }
                tbody { @for score in &over_all { (row(run, score)) } }
            }
            (radar(run, &over_all))
        }
        (tiers(run))
    }
}

fn row(run: &Portrait, score: &DimensionScore) -> Markup {
    let task = lowest(
        run.tasks.iter().filter(|t| t.dimension == score.dimension && t.language.is_none()),
        |t: &TaskScore| t.safe.value,
    );
    let language = lowest(
        run.dimensions.iter().filter(|d| d.dimension == score.dimension && d.language.is_some()),
        |d: &DimensionScore| d.safe.value,
    );
    html! {
        tr {
            th scope="row" {
                (capital(score.dimension))
                small.block { (asks(score.dimension)) }
            }
            td.n {
                span.big {
                    (cells::value(&score.safe))
                    @if score.thin && score.safe.value.is_some() { (cells::star()) }
                }
                span.block { (cells::interval(&score.safe)) }
            }
            td {
                @if score.tasks < score.of {
                    small.block {
                        (score.tasks) " of " (score.of) " tasks "
                        @if score.tasks == 1 { "has" } @else { "have" } " a number."
                    }
                }
                @if let Some(task) = task {
                    span.block {
                        (task.task) " " small { (task.metric) " " (cells::value(&task.raw)) }
                    }
                    small.block { (task.means) }
                }
                @if let (Some(d), true) = (language, run.summary.languages.len() > 1) {
                    @let tongue = Tongue::of(d.language.as_deref().unwrap_or_default());
                    span.block { (tongue.names()) " " small { (cells::measured(&d.safe, d.thin)) } }
                }
            }
        }
    }
}

fn lowest<'a, T>(
    all: impl Iterator<Item = &'a T>,
    of: impl Fn(&T) -> Option<f64>,
) -> Option<&'a T> {
    all.filter(|one| of(one).is_some())
        .min_by(|a, b| of(a).partial_cmp(&of(b)).unwrap_or(std::cmp::Ordering::Equal))
}

fn radar(run: &Portrait, scores: &[&DimensionScore]) -> Markup {
    let values: Vec<_> = scores.iter().map(|d| cells::estimate(&d.safe)).collect();
    if values.iter().flatten().count() < 3 {
        return html! {};
    }
    let spokes: Vec<String> = scores.iter().map(|d| capital(d.dimension)).collect();
    let said: Vec<String> = spokes
        .iter()
        .zip(&values)
        .map(|(s, v)| format!("{s} {}", v.map_or("–".to_owned(), |v| v.to_string())))
        .collect();
    let (title, desc) = (
        format!("Profile of {}", label(run)),
        format!("A radar from 0 in the middle to 1 at the rim. {}.", said.join("; ")),
    );
    let chart = chart::radars(
        About { id: "radar", title: &title, desc: &desc },
        &spokes,
        &[Radar { label: String::new(), values }],
        None,
    );
    cells::figure(
        chart,
        html! { "0 in the middle, 1 at the rim; the band is the 95\u{a0}% interval." },
    )
}

/// Dimensions by resource tier of the language.
fn tiers(run: &Portrait) -> Markup {
    let mut tiers: Vec<_> = run.tiers.iter().map(|t| t.tier).collect();
    tiers.sort();
    tiers.dedup();
    if tiers.len() < 2 {
        return html! {};
    }
    let of =
        |dimension, tier| run.tiers.iter().find(|t| t.dimension == dimension && t.tier == tier);
    let dimensions: Vec<Dimension> = Dimension::ALL
        .into_iter()
        .filter(|d| run.tiers.iter().any(|t| t.dimension == *d))
        .collect();
    let rows = dimensions.iter().map(|dimension| {
        let marks = tiers.iter().map(|tier| {
            let score = of(*dimension, *tier);
            Mark {
                estimate: score.and_then(|s| cells::estimate(&s.safe)),
                hollow: score.is_some_and(|s| s.thin),
            }
        });
        Row { label: capital(dimension), cells: vec![marks.collect()] }
    });
    let series: Vec<String> = tiers.iter().map(|tier| format!("{tier}-resource")).collect();
    let chart = Dots {
        panels: vec![Panel { title: String::new(), axis: Axis::unit() }],
        rows: rows.collect(),
        series,
        star: true,
    };
    let about = About {
        id: "tiers",
        title: "Dimensions by resource tier",
        desc: "Dots with 95\u{a0}% intervals from 0 to 1, a line for each tier of languages. The \
               table below has the numbers.",
    };
    html! {
        h3 { "By how much text there is in a language" }
        (cells::figure(chart::dots(about, &chart), html! { "The mean over the languages of a tier, with its 95\u{a0}% interval." }))
        (cells::fold("The numbers", false, cells::scroll("Dimensions by tier", html! {
            table {
                thead {
                    tr {
                        th scope="col" { "Dimension" }
                        @for tier in &tiers { th.n scope="col" { (tier) "-resource" } }
                    }
                }
                tbody { @for dimension in &dimensions {
                    tr {
                        th scope="row" { (capital(dimension)) }
                        @for tier in &tiers {
                            td.n { @match of(*dimension, *tier) {
                                Some(score) => (cells::measured(&score.safe, score.thin)),
                                None => span.none title="no language of this tier" { "–" },
                            } }
                        }
                    }
                } }
            }
        })))
    }
}

/// The median of what there is.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

/// A number in a sentence.
pub(super) fn said(m: &crate::analysis::Measured) -> String {
    match (m.value, m.low, m.high) {
        (Some(value), Some(low), Some(high)) => {
            format!("{} ({} to {})", number(value), number(low), number(high))
        }
        (Some(value), ..) => number(value),
        _ => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
