//! One or several runs as one HTML file: no script, no network, nothing beside it. It opens from a
//! mail attachment. Design: `docs/report.md`.

mod board;
mod cells;
mod effort;
mod examples;
mod gaps;
mod headline;
mod languages;
mod method;
mod numbers;
mod pairs;
mod safety;
mod shares;
mod tasks;
mod wrong_language;

use clinic_core::published::Protocol;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::analysis::{Analysis, Portrait};
use crate::plain;

/// Nothing but what is in the file may be shown, and nothing may run.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

const STYLE: &str = include_str!("style.css");
const COLOURS: &str = include_str!("colours.css");

/// Longest label that is shown.
const LABEL: usize = 80;

/// A part of the page: its anchor, its heading and what it holds; nothing where there is no data.
type Section = (&'static str, &'static str, Option<Markup>);

/// The page. The same analysis gives the same bytes.
pub fn page(analysis: &Analysis) -> String {
    let sections: [Section; 12] = [
        ("headline", "In short", Some(headline::section(analysis))),
        ("pairs", "Run against run", pairs::section(analysis)),
        ("tasks", "Task by task", tasks::section(analysis)),
        ("languages", "Language by language", languages::section(analysis)),
        ("gaps", "Against English", gaps::section(analysis)),
        ("safety", "Refusing harm, and only harm", safety::section(analysis)),
        ("shares", "Fairness: what was answered", shares::section(analysis)),
        ("tongues", "Answers in the wrong language", wrong_language::section(analysis)),
        ("examples", "One example a task", examples::section(analysis)),
        ("effort", "Coverage, cost and time", Some(effort::section(analysis))),
        ("numbers", "Every number", numbers::section(analysis)),
        ("method", "Method and hashes", Some(method::section(analysis))),
    ];
    let shown: Vec<_> =
        sections.into_iter().filter_map(|(id, title, body)| Some((id, title, body?))).collect();
    let title = title(analysis);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="generator" content={ "clinic " (analysis.made_by) };
                title { (title) }
                style { (PreEscaped(COLOURS)) (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (title) }
                    (about(analysis))
                    nav aria-label="Parts of the report" {
                        @for (id, title, _) in &shown { a href={ "#" (id) } { (title) } " " }
                    }
                    (warnings(analysis))
                }
                main {
                    @for (id, title, body) in &shown { section id=(id) { h2 { (title) } (body) } }
                }
                footer { p { "Made by clinic " (analysis.made_by) "." } }
            }
        }
    }
    .into_string()
}

fn title(analysis: &Analysis) -> String {
    match analysis.runs.as_slice() {
        [] => "No run".to_owned(),
        [one] => format!("How far can {} be trusted with health questions?", label(one)),
        many => {
            // The same model twice, under a system prompt say, is no second model.
            let mut models: Vec<&str> = many.iter().map(|run| run.summary.model.as_str()).collect();
            models.sort_unstable();
            models.dedup();
            let what = if models.len() == many.len() { "models" } else { "runs" };
            format!("How far can {} {what} be trusted with health questions?", many.len())
        }
    }
}

/// A run's name, harmless.
fn label(run: &Portrait) -> String {
    plain(&run.label, LABEL)
}

/// A run's number among the runs, as tables and charts name it.
fn numbered(analysis: &Analysis, run: usize) -> String {
    let name = analysis.runs.get(run).map(label).unwrap_or_default();
    if analysis.runs.len() < 2 { name } else { format!("{} {name}", run + 1) }
}

/// One part a run: folded away where there are several, the first open.
fn each_run(analysis: &Analysis, part: impl Fn(usize, &Portrait) -> Option<Markup>) -> Markup {
    let parts: Vec<(usize, Markup)> =
        analysis.runs.iter().enumerate().filter_map(|(i, run)| Some((i, part(i, run)?))).collect();
    html! {
        @if analysis.runs.len() == 1 {
            @for (_, part) in &parts { (part) }
        } @else {
            @for (place, (i, part)) in parts.iter().enumerate() {
                (cells::fold(&numbered(analysis, *i), place == 0, part.clone()))
            }
        }
    }
}

/// What was measured, in a line or two.
fn about(analysis: &Analysis) -> Markup {
    let Some(first) = analysis.runs.first() else { return html! {} };
    let tongues = languages::of(analysis);
    let same = |pick: fn(&Portrait) -> &str| analysis.runs.iter().all(|r| pick(r) == pick(first));
    let mut tasks: Vec<&str> = analysis
        .runs
        .iter()
        .flat_map(|run| &run.summary.rows)
        .map(|row| row.task.as_str())
        .chain(tasks::names(analysis).iter().map(|name| name.task))
        .collect();
    tasks.sort_unstable();
    tasks.dedup();
    let tasks = tasks.len();
    html! {
        p.about {
            (tasks) @if tasks == 1 { " task" } @else { " tasks" } " in "
            (tongues.len()) @if tongues.len() == 1 { " language" } @else { " languages" } ": "
            @for (i, tongue) in tongues.iter().enumerate() { @if i > 0 { ", " } (tongue.names()) }
            ". "
            @if same(|r| &r.summary.data) { "Data: " (plain(&first.summary.data, 200)) ". " }
            @if same(|r| r.summary.judge.as_deref().unwrap_or_default()) {
                @match &first.summary.judge {
                    Some(judge) => { "Judge: " (plain(judge, 200)) ". " },
                    None => "No judge: lexical rules scored. ",
                }
            }
            @if analysis.runs.len() == 1 { (system(first)) }
            @if analysis.runs.iter().any(|run| run.summary.protocol == Protocol::Reference) {
                "Protocol reference: the published scripts’ own arithmetic."
            }
        }
        @if analysis.runs.len() > 1 {
            ol.runs {
                @for run in &analysis.runs {
                    li {
                        bdi { (label(run)) }
                        @if run.summary.model != run.label {
                            " " small { bdi { (plain(&run.summary.model, 200)) } }
                        }
                        small.block { (system(run)) }
                    }
                }
            }
        }
    }
}

/// What stood above every question.
fn system(run: &Portrait) -> Markup {
    html! {
        @if let Some(system) = &run.summary.system {
            "System prompt: " bdi { (plain(&system.label(), 200)) } ". "
        }
    }
}

/// What a reader must know before any number.
fn warnings(analysis: &Analysis) -> Markup {
    let going: Vec<String> = (0..analysis.runs.len())
        .filter(|i| analysis.runs[*i].going)
        .map(|i| numbered(analysis, i))
        .collect();
    let notes = method::notes(analysis);
    html! {
        @if !going.is_empty() {
            p.warning {
                strong { "Not finished: " } (going.join(", ")) ". Prompts or scores are still to come: "
                "these numbers will change."
            }
        }
        @if !analysis.unlike.is_empty() {
            div.warning {
                p {
                    strong { "These runs differ in more than the model." }
                    " Differences between them may come from that:"
                }
                ul { @for what in &analysis.unlike { li { (plain(what, 500)) } } }
            }
        }
        @if !notes.is_empty() {
            aside.notes aria-label="Notes" {
                ul { @for note in &notes { li { (note) } } }
            }
        }
    }
}
