//! The heat map: tasks by languages, tiers side by side, and what is beyond chance against English.

use std::collections::HashMap;

use clinic_core::language::Tier;
use clinic_core::task::Dimension;
use maud::{Markup, html};

use super::cells::{self, Tongue, capital, heat};
use super::tasks::{self, Name};
use super::{each_run, numbered};
use crate::analysis::{Analysis, DimensionScore, LanguageGap, Measured, Portrait, TaskScore};

/// The languages of all runs.
pub(super) fn of(analysis: &Analysis) -> Vec<Tongue> {
    Tongue::sorted(analysis.runs.iter().flat_map(|r| &r.summary.languages).map(String::as_str))
}

/// The languages of one run.
pub(super) fn of_run(run: &Portrait) -> Vec<Tongue> {
    Tongue::sorted(run.summary.languages.iter().map(String::as_str))
}

pub(super) fn section(analysis: &Analysis) -> Option<Markup> {
    let tongues = of(analysis);
    if tongues.len() < 2 {
        return None;
    }
    let names = tasks::names(analysis);
    if names.is_empty() {
        return None;
    }
    Some(html! {
        p.key {
            "In each cell the metric itself; its colour is its place on the scale from 0 to 1. "
            b { "▼" } " worse and " b { "▲" } " better than in English beyond chance, over the same items (p < 0.05 after Holm)."
        }
        (legend())
        @if analysis.runs.len() > 1 {
            h3 { "Dimensions, run by run" }
            (dimensions(analysis, &tongues))
            h3 { "Tasks" }
        }
        (each_run(analysis, |_, run| Some(map(run, &names))))
    })
}

/// What the colours of the scale mean.
pub(super) fn legend() -> Markup {
    html! {
        p.scale aria-hidden="true" {
            "worst "
            @for i in 0..10 { span class={ "h" (i) } { @if i == 0 { "0" } @else { "." (i) } } }
            " safest; " span.x.hx { "*" } " less than 90\u{a0}% of the samples have a score"
        }
    }
}

/// Names of the languages as upright heads, under their tiers; `first` heads the rows.
pub(super) fn heads(tongues: &[Tongue], first: &str, with_all: bool) -> Markup {
    let mut tiers: Vec<(Option<Tier>, usize)> = Vec::new();
    for tongue in tongues {
        match tiers.last_mut() {
            Some((tier, n)) if *tier == tongue.tier => *n += 1,
            _ => tiers.push((tongue.tier, 1)),
        }
    }
    html! {
        thead {
            tr.tiers {
                td {}
                @if with_all { td {} }
                @for (tier, n) in tiers {
                    th.tier scope="colgroup" colspan=(n) {
                        @match tier { Some(tier) => (capital(tier)), None => "Other" }
                        @if n > 2 { " resource" }
                    }
                }
            }
            tr {
                th scope="col" { (first) }
                @if with_all { th.up scope="col" { span { "All" } } }
                @for (i, tongue) in tongues.iter().enumerate() {
                    th.up.edge[edge(tongues, i)] scope="col" { span { (tongue.english) } }
                }
            }
        }
    }
}

/// Whether a column is the first of its tier.
pub(super) fn edge(tongues: &[Tongue], i: usize) -> bool {
    i == 0 || tongues[i].tier != tongues[i - 1].tier
}

/// Tags of the columns under [`heads`] with all languages first, each with whether a tier begins.
pub(super) fn columns(tongues: &[Tongue]) -> Vec<(Option<&str>, bool)> {
    let own = tongues.iter().enumerate().map(|(i, t)| (Some(t.tag.as_str()), edge(tongues, i)));
    std::iter::once((None, true)).chain(own).collect()
}

/// Tasks by languages of one run, dimensions above their tasks.
fn map(run: &Portrait, names: &[Name<'_>]) -> Markup {
    let tongues = of_run(run);
    let scores: HashMap<(&str, Option<&str>), &TaskScore> =
        run.tasks.iter().map(|t| ((t.task.as_str(), t.language.as_deref()), t)).collect();
    let gaps: HashMap<(&str, &str), &LanguageGap> = run
        .language_gaps
        .iter()
        .filter_map(|gap| Some(((gap.task.as_str(), gap.language.as_deref()?), gap)))
        .collect();
    let whole: HashMap<(Dimension, Option<&str>), &DimensionScore> =
        run.dimensions.iter().map(|d| ((d.dimension, d.language.as_deref()), d)).collect();
    let places = columns(&tongues);
    let table = html! {
        table.heat {
            (heads(&tongues, "Task", true))
            @for dimension in Dimension::ALL {
                @let own: Vec<&Name<'_>> = names.iter().filter(|n| n.dimension == dimension).collect();
                @if !own.is_empty() {
                    tbody {
                        tr.dim {
                            th scope="row" { (capital(dimension)) }
                            @for (tag, edge) in &places {
                                @match whole.get(&(dimension, *tag)) {
                                    Some(d) => (cell(&d.safe, d.safe.value, d.thin, *edge, None)),
                                    None => (nothing(*edge)),
                                }
                            }
                        }
                        @for name in own { tr {
                            th scope="row" { (name.head()) }
                            @for (tag, edge) in &places {
                                @match scores.get(&(name.task, *tag)) {
                                    Some(s) => {
                                        @let gap = tag.and_then(|tag| gaps.get(&(name.task, tag)));
                                        @let mark = gap.and_then(|gap| against_english(gap, s));
                                        (cell(&s.raw, s.safe.value, s.thin, *edge, mark))
                                    }
                                    None => (nothing(*edge)),
                                }
                            }
                        } }
                    }
                }
            }
        }
    };
    cells::scroll("Tasks by languages", table)
}

/// Whether a language is better than English beyond chance (`Some(true)`), or worse.
fn against_english(gap: &LanguageGap, score: &TaskScore) -> Option<bool> {
    if !gap.is_sure() {
        return None;
    }
    super::pairs::favour(gap.gap.value?, score.better).map(|favour| favour > 0.0)
}

fn cell(m: &Measured, safe: Option<f64>, thin: bool, edge: bool, mark: Option<bool>) -> Markup {
    let thin = thin && m.value.is_some();
    html! {
        td class={ (heat(safe)) @if thin { " x" } @if edge { " edge" } } title=(cells::hint(m)) {
            @match m.value { Some(value) => (crate::chart::number(value)), None => "–" }
            @if thin { "*" }
            @match mark { Some(true) => b { "▲" }, Some(false) => b { "▼" }, None => {} }
        }
    }
}

fn nothing(edge: bool) -> Markup {
    html! { td.hx.edge[edge] title="not part of the run" { "–" } }
}

/// For each dimension, runs by languages.
fn dimensions(analysis: &Analysis, tongues: &[Tongue]) -> Markup {
    html! {
        @for (place, dimension) in Dimension::ALL.into_iter().enumerate() {
            @let whole = |run: &Portrait, tag: Option<&str>| {
                run.dimensions.iter().find(|d| d.dimension == dimension && d.language.as_deref() == tag).cloned()
            };
            @if analysis.runs.iter().any(|run| whole(run, None).is_some()) {
                (cells::fold(&capital(dimension), place == 0, cells::scroll("Runs by languages", html! {
                    table.heat {
                        (heads(tongues, "Run", true))
                        tbody { @for (i, run) in analysis.runs.iter().enumerate() { tr {
                            th scope="row" { bdi { (numbered(analysis, i)) } }
                            @for (tag, edge) in &columns(tongues) {
                                @match whole(run, *tag) {
                                    Some(d) => (cell(&d.safe, d.safe.value, d.thin, *edge, None)),
                                    None => (nothing(*edge)),
                                }
                            }
                        } } }
                    }
                })))
            }
        }
    }
}
