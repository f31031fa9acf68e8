//! Languages against English, item by item: differences and flipped verdicts.

use std::collections::HashMap;

use maud::{Markup, html};

use super::cells::{self, Tongue, capital, shift};
use super::languages::{edge, heads, of_run};
use super::tasks::{self, Name};
use super::{each_run, pairs};
use crate::analysis::{Analysis, LanguageGap, Portrait};
use crate::chart::number;

pub(super) fn section(analysis: &Analysis) -> Option<Markup> {
    if analysis.runs.iter().all(|run| run.language_gaps.is_empty()) {
        return None;
    }
    let names = tasks::names(analysis);
    let steps = names.iter().map(|name| (name.task, tasks::step(analysis, name.task))).collect();
    Some(html! {
        p.key {
            "The metric in a language less that in English, over the items that both have; below it "
            "the share of these items whose "
            "verdict is not the one in English. " b { "Bold" } ": beyond chance (p < 0.05 after Holm over the run's table)."
        }
        (legend())
        (each_run(analysis, |_, run| (!run.language_gaps.is_empty()).then(|| of(run, &names, &steps))))
    })
}

/// What the colours of differences mean.
pub(super) fn legend() -> Markup {
    html! {
        p.scale aria-hidden="true" {
            "worse by " span.w3 { "≥ .25" } span.w2 { "≥ .1" } span.w1 { "≥ .02" } span.d0 {
                "alike"
            }
            span.b1 { "≥ .02" } span.b2 { "≥ .1" } span.b3 { "≥ .25" } " better, on the scale from 0 to 1"
        }
    }
}

fn of(run: &Portrait, names: &[Name<'_>], steps: &HashMap<&str, f64>) -> Markup {
    let tongues: Vec<Tongue> = of_run(run)
        .into_iter()
        .filter(|t| run.language_gaps.iter().any(|g| g.language.as_ref() == Some(&t.tag)))
        .collect();
    let gaps: HashMap<(&str, &str), &LanguageGap> = run
        .language_gaps
        .iter()
        .filter_map(|gap| Some(((gap.task.as_str(), gap.language.as_deref()?), gap)))
        .collect();
    let safe: HashMap<(&str, &str), f64> = run
        .tasks
        .iter()
        .filter_map(|t| Some(((t.task.as_str(), t.language.as_deref()?), t.safe.value?)))
        .collect();
    // On the scale, so that every metric has the same colours. Where nearer to zero is better the
    // gap has no such side, and the two places on the scale stand for it.
    let colour = |name: &Name<'_>, gap: &LanguageGap, tag: &str| match gap.gap.value {
        Some(value) => match pairs::favour(value, name.better) {
            Some(side) => shift(Some(side * steps.get(name.task).copied().unwrap_or(1.0))),
            None => shift(
                safe.get(&(name.task, tag))
                    .zip(safe.get(&(name.task, "en")))
                    .map(|(own, english)| own - english),
            ),
        },
        None => shift(None),
    };
    let table = html! {
        table.heat.two {
            (heads(&tongues, "Task", false))
            (tasks::grouped(names, tongues.len() + 1, |name| html! {
                tr {
                    th scope="row" { (name.head()) }
                    @for (i, tongue) in tongues.iter().enumerate() {
                        @match gaps.get(&(name.task, tongue.tag.as_str())) {
                            Some(gap) => (cell(gap, &colour(name, gap, &tongue.tag), edge(&tongues, i))),
                            None => td.hx.edge[edge(&tongues, i)] title="no item in both" { "–" },
                        }
                    }
                }
            }))
        }
    };
    html! { (cells::scroll("Gaps to English", table)) (tiers(run, names)) }
}

fn cell(gap: &LanguageGap, colour: &str, edge: bool) -> Markup {
    let sure = gap.is_sure();
    html! {
        td class={ (colour) @if edge { " edge" } @if sure { " sure" } } title={ (cells::hint(&gap.gap)) (pairs::chance(gap.p, gap.holm)) } {
            @match gap.gap.value { Some(value) => (signed(value)), None => "–" }
            @if let Some(flips) = gap.flips.value { small.block { (percent(flips)) } }
        }
    }
}

/// A difference with its sign.
pub(super) fn signed(value: f64) -> String {
    let text = number(value);
    if value > 0.0 && text != "0.00" { format!("+{text}") } else { text }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// The same over the languages of a tier.
fn tiers(run: &Portrait, names: &[Name<'_>]) -> Markup {
    let over: Vec<&LanguageGap> =
        run.language_gaps.iter().filter(|g| g.language.is_none()).collect();
    let mut tiers: Vec<_> = over.iter().filter_map(|g| g.tier).collect();
    tiers.sort();
    tiers.dedup();
    if tiers.is_empty() {
        return html! {};
    }
    cells::fold(
        "Gaps by tier, with intervals",
        false,
        cells::scroll(
            "Gaps by tier",
            html! {
                table {
                    thead { tr {
                        th scope="col" { "Task" }
                        @for tier in &tiers {
                            th.n scope="col" { (capital(tier)) " resource" }
                            th.n scope="col" { "Flipped" }
                        }
                    } }
                    (tasks::grouped(names, tiers.len() * 2 + 1, |name| html! {
                        tr {
                            th scope="row" { (name.head()) }
                            @for tier in &tiers {
                                @match over.iter().find(|g| g.task == name.task && g.tier == Some(*tier)) {
                                    Some(g) => {
                                        td.n.sure[g.is_sure()] title=(pairs::chance(g.p, g.holm)) {
                                            @match g.gap.value {
                                                Some(value) => (signed(value)), None => (cells::value(&g.gap))
                                            }
                                            " " (cells::interval(&g.gap))
                                        }
                                        td.n {
                                            @match g.flips.value {
                                                Some(share) => (percent(share)), None => (cells::value(&g.flips))
                                            }
                                        }
                                    }
                                    None => td.n colspan="2" { span.none title="no item in both" { "–" } },
                                }
                            }
                        }
                    }))
                }
            },
        ),
    )
}
