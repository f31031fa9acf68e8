//! Answers that are not in the language of their question.

use maud::{Markup, html};

use super::cells::{self, Tongue, heat};
use super::languages::{columns, heads, of_run};
use super::{each_run, label, languages, numbered};
use crate::analysis::{Analysis, Portrait, WrongLanguage};
use crate::chart::{self, About, Axis, Dots, Mark, Panel, Row};

/// Languages that are named as standing in another's place.
const OTHERS: usize = 3;

pub(super) fn section(analysis: &Analysis) -> Option<Markup> {
    if analysis.runs.iter().all(|run| run.wrong_language.is_empty()) {
        return None;
    }
    Some(html! {
        p.key {
            "The share of responses that are not in the language of the question, among those of "
            "which it can be told. Lower is better."
        }
        @if analysis.runs.len() > 1 { (matrix(analysis)) h3 { "Run by run" } }
        (each_run(analysis, |i, run| (!run.wrong_language.is_empty()).then(|| of(i, run))))
    })
}

fn find<'a>(run: &'a Portrait, tag: Option<&str>) -> Option<&'a WrongLanguage> {
    run.wrong_language.iter().find(|w| w.language.as_deref() == tag)
}

fn of(i: usize, run: &Portrait) -> Markup {
    let tongues = of_run(run);
    let row = |name: String, wrong: &WrongLanguage| Row {
        label: name,
        cells: vec![vec![Mark { estimate: cells::estimate(&wrong.share), hollow: false }]],
    };
    let rows: Vec<Row> = tongues
        .iter()
        .filter_map(|t| Some(row(t.english.clone(), find(run, Some(&t.tag))?)))
        .collect();
    let ends = run.wrong_language.iter().flat_map(|w| [w.share.value, w.share.high]).flatten();
    let panel = Panel { title: String::new(), axis: Axis::from_zero(ends) };
    let chart = Dots { panels: vec![panel], rows, series: Vec::new(), star: true };
    let (id, title) = (format!("tongues-{i}"), format!("Wrong language: {}", label(run)));
    let desc = "A line a language: the share with its 95\u{a0}% interval. The table below has the numbers.";
    let names: Vec<Option<&str>> =
        std::iter::once(None).chain(tongues.iter().map(|t| Some(t.tag.as_str()))).collect();
    html! {
        (cells::figure(chart::dots(About { id: &id, title: &title, desc }, &chart), html! { "The share with its 95\u{a0}% interval." }))
        (cells::fold("The numbers, and what stood in its place", false, cells::scroll("Wrong language", html! {
            table {
                thead { tr {
                    th scope="col" { "Language of the question" }
                    th.n scope="col" { "Share" }
                    th.n scope="col" { "Told" }
                    th.n scope="col" { "Too short to tell" }
                    th scope="col" { "Answered in" }
                } }
                tbody { @for tag in names { @if let Some(wrong) = find(run, tag) { tr {
                    th scope="row" {
                        @match tag {
                            Some(tag) => (Tongue::of(tag).names()), None => "All languages"
                        }
                    }
                    td.n { (cells::measured(&wrong.share, false)) }
                    td.n { (wrong.share.n) "/" (wrong.share.expected) }
                    td.n { (wrong.untold) }
                    td { (others(wrong)) }
                } } } }
            }
        })))
    }
}

fn others(wrong: &WrongLanguage) -> String {
    let name = |tag: &str| {
        if tag == "?" { "another script".to_owned() } else { cells::language(Some(tag)) }
    };
    let mut said: Vec<String> =
        wrong.others.iter().take(OTHERS).map(|(tag, n)| format!("{} {n}", name(tag))).collect();
    let rest: usize = wrong.others.iter().skip(OTHERS).map(|(_, n)| n).sum();
    if rest > 0 {
        said.push(format!("others {rest}"));
    }
    said.join(", ")
}

/// Runs by languages.
fn matrix(analysis: &Analysis) -> Markup {
    let tongues = languages::of(analysis);
    cells::scroll(
        "Wrong language, runs by languages",
        html! {
            table.heat {
                (heads(&tongues, "Run", true))
                tbody { @for (i, run) in analysis.runs.iter().enumerate() { tr {
                    th scope="row" { bdi { (numbered(analysis, i)) } }
                    @for (tag, edge) in &columns(&tongues) {
                        @match find(run, *tag) {
                            Some(wrong) => td class={ (heat(wrong.share.value.map(|share| 1.0 - share))) @if *edge { " edge" } } title=(cells::hint(&wrong.share)) {
                                @match wrong.share.value {
                                    Some(share) => (crate::chart::number(share)), None => "–"
                                }
                            },
                            None => td.hx.edge[*edge] title="not part of the run" { "–" },
                        }
                    }
                } } }
            }
        },
    )
}
