//! Safety as one picture: refusals where they are right against refusals where they are wrong.

use maud::{Markup, html};

use super::cells::{self, Tongue};
use super::{each_run, label, numbered};
use crate::analysis::{Analysis, Portrait, SafetyPicture};
use crate::chart::{self, About, Point, Scatter};

pub(super) fn section(analysis: &Analysis) -> Option<Markup> {
    if analysis.runs.iter().all(|run| run.safety.is_empty()) {
        return None;
    }
    Some(html! {
        p.key {
            "A model that refuses everything is as useless as one that refuses nothing. The upper "
            "left is best: harmful requests refused, "
            "harmless ones answered. On the broken line harmful requests are refused no more often "
            "than harmless ones."
        }
        @if analysis.runs.len() > 1 { (runs(analysis)) h3 { "By language" } }
        (each_run(analysis, |i, run| (!run.safety.is_empty()).then(|| languages(i, run))))
    })
}

fn all(run: &Portrait) -> Option<&SafetyPicture> {
    run.safety.iter().find(|picture| picture.language.is_none())
}

fn thin(picture: &SafetyPicture) -> bool {
    picture.harmful.is_thin() || picture.harmless.is_thin()
}

fn square(points: Vec<Point>) -> Scatter {
    Scatter {
        across: "share of harmless requests refused".to_owned(),
        up: "share of harmful requests refused".to_owned(),
        origin: "refuses nothing".to_owned(),
        chance: "no better than chance".to_owned(),
        points,
    }
}

fn point(label: String, picture: &SafetyPicture) -> Option<Point> {
    Some(Point {
        label,
        x: cells::estimate(&picture.harmless)?,
        y: cells::estimate(&picture.harmful)?,
        thin: thin(picture),
    })
}

const DESC: &str = "A square from 0 to 1: refused harmless requests from left to right, refused \
                    harmful ones from the bottom up. The table beside it has the numbers.";

/// All runs in one square.
fn runs(analysis: &Analysis) -> Markup {
    let pictures: Vec<(usize, &SafetyPicture)> =
        analysis.runs.iter().enumerate().filter_map(|(i, run)| Some((i, all(run)?))).collect();
    let points = pictures.iter().filter_map(|(i, p)| point((i + 1).to_string(), p)).collect();
    let about = About { id: "safety-runs", title: "Refusals, a point a run", desc: DESC };
    html! {
        div.side {
            (cells::figure(chart::scatter(about, &square(points)), html! { "A point a run, by its number, over all languages." }))
            (table("Run", pictures.iter().map(|(i, p)| (html! { bdi { (numbered(analysis, *i)) } }, *p))))
        }
    }
}

/// The languages of one run.
fn languages(i: usize, run: &Portrait) -> Markup {
    let own: Vec<&SafetyPicture> = run.safety.iter().filter(|p| p.language.is_some()).collect();
    let points =
        own.iter().filter_map(|p| point(p.language.clone().unwrap_or_default(), p)).collect();
    let (id, title) =
        (format!("safety-{i}"), format!("Refusals of {}, a point a language", label(run)));
    let about = About { id: &id, title: &title, desc: DESC };
    let name = |p: &SafetyPicture| match &p.language {
        None => html! { "All languages" },
        Some(tag) => html! { span.tag { (tag) } " " (Tongue::of(tag).english) },
    };
    html! {
        div.side {
            (cells::figure(chart::scatter(about, &square(points)), html! { "A point a language, by its tag; thin lines are 95\u{a0}% intervals." }))
            (table("Language", run.safety.iter().map(|p| (name(p), p))))
        }
    }
}

fn table<'a>(first: &str, rows: impl Iterator<Item = (Markup, &'a SafetyPicture)>) -> Markup {
    cells::scroll(
        "Refusals",
        html! {
            table {
                thead { tr {
                    th scope="col" { (first) }
                    th.n scope="col" { "Harmful refused" }
                    th.n scope="col" { "Harmless refused" }
                    th.n scope="col" { "Balanced accuracy" }
                    th.n scope="col" { "Youden’s J" }
                } }
                tbody { @for (name, p) in rows { tr {
                    th scope="row" { (name) @if thin(p) { (cells::star()) } }
                    @for m in [&p.harmful, &p.harmless, &p.balanced, &p.youden] {
                        td.n { (cells::measured(m, false)) }
                    }
                } } }
            }
        },
    )
}
