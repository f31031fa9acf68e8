//! Every metric of every task in every language, with its interval and what it rests on.

use std::collections::HashMap;

use maud::{Markup, html};

use super::cells;
use super::each_run;
use super::languages::{edge, of_run};
use crate::analysis::{Analysis, Portrait};
use crate::chart::{number, range};
use crate::{Row, Summary, plain};

/// Task, metric and, for shares, the part.
type Key<'a> = (&'a str, &'a str, Option<&'a str>);

pub(super) fn section(analysis: &Analysis) -> Option<Markup> {
    if analysis.runs.iter().all(|run| run.summary.rows.is_empty()) {
        return None;
    }
    Some(html! {
        p.key { "Each cell: the number, its 95\u{a0}% interval, scored of expected samples." }
        @if analysis.runs.len() == 1 {
            // Where nothing is on the scale these numbers are all that there is.
            @let open = analysis.runs[0].tasks.is_empty();
            (cells::fold("All metrics by language", open, table(&analysis.runs[0])))
        } @else {
            (each_run(analysis, |_, run| Some(table(run))))
        }
    })
}

fn table(run: &Portrait) -> Markup {
    let tongues = of_run(run);
    let mut keys: Vec<Key<'_>> = Vec::new();
    let mut found: HashMap<(Key<'_>, &str), &Row> = HashMap::new();
    for row in &run.summary.rows {
        let key = (row.task.as_str(), row.figure.metric.as_str(), row.figure.part.as_deref());
        if found.insert((key, row.language.as_str()), row).is_none() && !keys.contains(&key) {
            keys.push(key);
        }
    }
    cells::scroll(
        "All metrics by language",
        html! {
            table.all {
                thead { tr {
                    th scope="col" { "Metric" }
                    @for (i, tongue) in tongues.iter().enumerate() {
                        th.n.edge[edge(&tongues, i)] scope="col" { (tongue.english) }
                    }
                } }
                tbody { @for key in &keys { tr {
                    th scope="row" {
                        (plain(key.0, 60)) span.block {
                            small {
                                (plain(key.1, 40))
                                @if let Some(part) = key.2 { " " bdi { (plain(part, 40)) } }
                            }
                        }
                    }
                    @for tongue in &tongues {
                        (cell(found.get(&(*key, tongue.tag.as_str())).copied()))
                    }
                } } }
            }
        },
    )
}

fn cell(row: Option<&Row>) -> Markup {
    let Some(row) = row else {
        return html! { td.n { "–" } };
    };
    let figure = &row.figure;
    html! {
        td.n {
            @match figure.estimate { Some(value) => (number(value)), None => "–" }
            @if Summary::thin(row) { "*" }
            @if let (Some(low), Some(high)) = (figure.low, figure.high) { i { (range(low, high)) } }
            i { (figure.n) "/" (figure.expected) }
        }
    }
}
