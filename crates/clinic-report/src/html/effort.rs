//! What was asked, what came back, what could be scored, and what it took.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::cells::{self, capital, count};
use super::{each_run, numbered};
use crate::analysis::{Analysis, Portrait};
use crate::{money, plain};

/// Reasons that are listed of each kind, the most frequent first.
const REASONS: usize = 10;
/// Gaps of the data that are listed.
const GAPS: usize = 20;

pub(super) fn section(analysis: &Analysis) -> Markup {
    let mut states: Vec<&str> =
        analysis.runs.iter().flat_map(|run| run.summary.responses.keys().copied()).collect();
    states.sort_unstable();
    states.dedup();
    html! {
        (cells::scroll("Responses and cost by run", html! {
            table {
                thead { tr {
                    th scope="col" { "Run" }
                    @for state in &states {
                        th.n scope="col" { (capital(state.replace('_', " "))) }
                    }
                    th.n scope="col" { "Cut off" }
                    th.n scope="col" { "Headlines scored" }
                    th.n scope="col" { "Tokens in" }
                    th.n scope="col" { "Tokens out" }
                    th.n scope="col" { "USD" }
                    th.n scope="col" { "USD of judges" }
                    th.n scope="col" { "Time" }
                } }
                tbody {
                    @for (i, run) in analysis.runs.iter().enumerate() {
                        (line(analysis, i, run, &states))
                    }
                }
            }
        }))
        p.key {
            "Responses by their state. Cut off: ended by the token limit. Headlines scored: samples "
            "with a score among those that each task’s headline should rest on. "
            "What could not be scored lowers coverage, never a score. – for a cost: no price is "
            "known. Time: of the sessions that asked and scored, without any that was killed."
        }
        (each_run(analysis, |_, run| Some(details(run))))
    }
}

fn line(analysis: &Analysis, i: usize, run: &Portrait, states: &[&str]) -> Markup {
    let summary = &run.summary;
    let heads = || summary.rows.iter().filter(|row| row.headline);
    let (n, expected) =
        heads().fold((0, 0), |(n, of), row| (n + row.figure.n, of + row.figure.expected));
    let sum = |pick: fn(&clinic_core::exchange::Usage) -> u64| -> u64 {
        summary.usage.values().map(|usage| pick(&usage.tokens)).sum()
    };
    let thought = sum(|t| t.reasoning_tokens);
    html! {
        tr {
            th scope="row" { bdi { (numbered(analysis, i)) } }
            @for state in states {
                td.n { (count(summary.responses.get(state).copied().unwrap_or(0) as u64)) }
            }
            td.n { (count(summary.truncated as u64)) }
            td.n {
                @if expected > 0 { (format!("{:.1} %", 100.0 * n as f64 / expected as f64)) } @else { "–" }
                span.block { small { (count(n as u64)) "/" (count(expected as u64)) } }
            }
            td.n { (count(sum(|t| t.prompt_tokens))) }
            td.n {
                (count(sum(|t| t.completion_tokens)))
                @if thought > 0 { span.block { small { (count(thought)) " reasoning" } } }
            }
            td.n {
                (usd(summary.usage.values().map(|u| u.usd)))
                @if summary.unsure_usd > 0.0 {
                    span.block { small { "+ at most " (money(summary.unsure_usd)) } }
                }
            }
            td.n { (usd(summary.judged.values().map(|u| u.usd))) }
            td.n { (run.seconds.map_or("–".to_owned(), time)) }
        }
    }
}

/// A length of time: seconds, minutes or hours.
fn time(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5_400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3_600.0),
    }
}

/// The sum of what is known; a dash where nothing is.
fn usd(amounts: impl Iterator<Item = Option<f64>>) -> String {
    amounts.flatten().reduce(|a, b| a + b).map_or("–".to_owned(), money)
}

fn details(run: &Portrait) -> Markup {
    let summary = &run.summary;
    html! {
        @if !summary.unscored.is_empty() {
            (cells::fold("Why samples have no score", false, html! {
                @for (task, reasons) in &summary.unscored {
                    h4 { (plain(task, 60)) } (reasons_of(reasons))
                }
            }))
        }
        @if !summary.failures.is_empty() {
            (cells::fold("Why prompts have no response", false, reasons_of(&summary.failures)))
        }
        @if !summary.gaps.is_empty() {
            (cells::fold("What the data lacks", false, html! {
                ul {
                    @for gap in summary.gaps.iter().take(GAPS) {
                        li { (plain(&gap.task, 60)) ": " (plain(&gap.to_string(), 300)) }
                    }
                    @if summary.gaps.len() > GAPS {
                        li { "and " (summary.gaps.len() - GAPS) " more" }
                    }
                }
            }))
        }
        @if !summary.usage.is_empty() || !summary.judged.is_empty() {
            (cells::fold("Tokens and cost", false, cells::scroll("Tokens and cost", html! {
                table {
                    thead { tr {
                        th scope="col" { "Task or judge" }
                        th.n scope="col" { "Tokens in" }
                        th.n scope="col" { "Tokens out" }
                        th.n scope="col" { "Of them reasoning" }
                        th.n scope="col" { "USD" }
                    } }
                    tbody { @for (name, usage) in summary.usage.iter().chain(&summary.judged) { tr {
                        th scope="row" { (plain(name, 100)) }
                        td.n { (count(usage.tokens.prompt_tokens)) }
                        td.n { (count(usage.tokens.completion_tokens)) }
                        td.n { (count(usage.tokens.reasoning_tokens)) }
                        td.n { (usd(std::iter::once(usage.usd))) }
                    } } }
                }
            })))
        }
    }
}

fn reasons_of(reasons: &BTreeMap<String, usize>) -> Markup {
    let mut sorted: Vec<(&String, usize)> = reasons.iter().map(|(why, n)| (why, *n)).collect();
    sorted.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let rest: usize = sorted.iter().skip(REASONS).map(|(_, n)| n).sum();
    html! {
        ul {
            @for (why, n) in sorted.iter().take(REASONS) {
                li { (count(*n as u64)) " × " bdi { (plain(why, 300)) } }
            }
            @if rest > 0 { li { (count(rest as u64)) " for other reasons" } }
        }
    }
}
