//! How the numbers came about, and every hash that is needed to have them again.

use maud::{Markup, html};

use super::cells::Tongue;
use super::examples::shown;
use super::{cells, numbered, tasks};
use crate::analysis::{Analysis, Portrait};
use crate::plain;

pub(super) fn section(analysis: &Analysis) -> Markup {
    html! {
        (words())
        (mappings(analysis))
        (systems(analysis))
        (facts(analysis))
    }
}

/// The system prompts, whole, in each language.
fn systems(analysis: &Analysis) -> Markup {
    html! {
        @for (i, run) in analysis.runs.iter().enumerate() {
            @if let Some(system) = &run.summary.system {
                (cells::fold(&format!("System prompt of {}", numbered(analysis, i)), false, html! {
                    dl { @for (tag, text) in &system.text {
                        @let tongue = Tongue::of(tag);
                        dt { (tongue.english) }
                        dd lang=(tongue.lang) dir=(tongue.dir) { (shown(text)) }
                    } }
                }))
            }
        }
    }
}

fn words() -> Markup {
    html! {
        ul.method {
            li { "A sample is one item in one language. Intervals are at 95\u{a0}%. An item with "
                "all its translations is one draw: the same question asked in "
                "15 languages is not 15 questions. docs/statistics.md has the formula and the "
                "source of each number." }
            li {
                "A dimension is the plain mean of its tasks on the scale from 0 to 1, a language "
                "or task without a number left out and marked."
            }
            li { "Differences between runs are paired by sample, those between languages by item. "
                "P-values are McNemar’s exact test for verdicts, "
                "else sign flips of items, adjusted by Holm over the whole table: 0.05 is the "
                "chance that any mark in it is there by accident." }
            li { "Safety: balanced accuracy is the mean of the share of harmful requests refused "
                "and of harmless ones answered; Youden’s J is the "
                "first share less the share of harmless requests refused: 0 by chance, 1 at best." }
            li {
                "The language of a response is told by its letters and their sequences. Short "
                "responses are not told, and not counted."
            }
            li { "A sample without a score lowers coverage, never the score. Where less than "
                "90\u{a0}% are scored, the number is marked: what is missing "
                "may differ from what was counted." }
        }
    }
}

/// How each metric comes onto the scale.
fn mappings(analysis: &Analysis) -> Markup {
    let names = tasks::names(analysis);
    let mapping =
        |task: &str| analysis.runs.iter().flat_map(|run| &run.tasks).find(|t| t.task == task);
    cells::fold(
        "From the metric to the scale",
        false,
        cells::scroll(
            "Mappings",
            html! {
                table {
                    thead {
                        tr {
                            th scope="col" { "Task" } th scope="col" { "On the scale" }
                            th scope="col" { "What the metric says" }
                        }
                    }
                    (tasks::grouped(&names, 3, |name| html! {
                        tr {
                            th scope="row" { (name.head()) }
                            @if let Some(t) = mapping(name.task) {
                                td { (t.mapping) } td { small { (plain(&t.means, 400)) } }
                            }
                        }
                    }))
                }
            },
        ),
    )
}

/// Facts that all runs share once, then those of each run.
fn facts(analysis: &Analysis) -> Markup {
    let Some(first) = analysis.runs.first() else { return html! {} };
    let has = |run: &Portrait, fact: &(String, String)| run.facts.contains(fact);
    let (shared, _): (Vec<_>, Vec<_>) =
        first.facts.iter().partition(|fact| analysis.runs.iter().all(|run| has(run, fact)));
    html! {
        @if !shared.is_empty() {
            h3 { @if analysis.runs.len() > 1 { "The same in all runs" } @else { "This run" } }
            (table(shared.iter().copied()))
        }
        @if analysis.runs.len() > 1 {
            @for (i, run) in analysis.runs.iter().enumerate() {
                @let own: Vec<_> = run.facts.iter().filter(|fact| !shared.contains(fact)).collect();
                @if !own.is_empty() {
                    (cells::fold(&numbered(analysis, i), false, table(own.into_iter())))
                }
            }
        }
    }
}

fn table<'a>(facts: impl Iterator<Item = &'a (String, String)>) -> Markup {
    html! {
        table.facts { tbody { @for (name, value) in facts {
            tr { th scope="row" { (plain(name, 80)) } td { bdi { (plain(value, 2_000)) } } }
        } } }
    }
}

/// The notes of all runs, each once, with the runs that it is of where it is not of all.
pub(super) fn notes(analysis: &Analysis) -> Vec<String> {
    let mut notes: Vec<(&str, Vec<usize>)> = Vec::new();
    for (i, run) in analysis.runs.iter().enumerate() {
        for note in &run.summary.notes {
            match notes.iter_mut().find(|(known, _)| known == note) {
                Some((_, runs)) => runs.push(i),
                None => notes.push((note, vec![i])),
            }
        }
    }
    let said = |(note, runs): (&str, Vec<usize>)| {
        let note = plain(note, 1_000);
        if runs.len() == analysis.runs.len() {
            return note;
        }
        let runs: Vec<String> = runs.into_iter().map(|i| numbered(analysis, i)).collect();
        format!("{}: {note}", runs.join(", "))
    };
    notes.into_iter().map(said).collect()
}
