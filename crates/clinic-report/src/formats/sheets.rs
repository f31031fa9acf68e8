//! The tables of an analysis, as text that is laid out elsewhere.

use std::collections::BTreeSet;

use clinic_core::language::Languages;
use clinic_core::plain::plain;
use clinic_core::task::Better;

use crate::analysis::{Analysis, Board, LanguageGap, Measured, Portrait, TaskScore};

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// What it shows.
    pub title: String,
    /// How to read it.
    pub note: String,
    /// Names of the columns; the first is that of the row's own name.
    pub header: Vec<String>,
    /// Its rows, as many cells as the header has.
    pub rows: Vec<Vec<String>>,
}

/// Languages side by side in one table.
const LANGUAGES: usize = 4;
/// Runs side by side in one table.
const RUNS: usize = 4;

const READ: &str =
    "Estimate (95 % interval). * rests on less than 90 % of its samples. – nothing was scored.";

/// All tables, in the order in which they are read.
pub(crate) fn sheets(analysis: &Analysis) -> Vec<Sheet> {
    let mut all = overview(analysis);
    for run in &analysis.runs {
        all.extend(languages(run));
        all.extend(gaps(run));
        all.extend(safety(run));
        all.push(spoken(run));
        all.push(kept(run));
        all.push(facts(run));
    }
    all
}

/// The tables that have all runs beside each other.
pub(super) fn overview(analysis: &Analysis) -> Vec<Sheet> {
    let runs = &analysis.runs;
    let mut all = Vec::new();
    for (i, some) in runs.chunks(RUNS).enumerate() {
        all.extend(dimensions(some, i > 0));
    }
    for (i, some) in runs.chunks(RUNS).enumerate() {
        all.extend(tasks(some, i > 0));
    }
    if let Some(board) = &analysis.board {
        all.push(ranks(board, runs));
        all.push(pairs(board, runs));
    }
    all
}

/// A number with two decimals; nothing rounds to minus zero.
pub(crate) fn rounded(x: f64) -> String {
    let text = format!("{x:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

/// Estimate and interval.
pub(crate) fn cell(found: &Measured, thin: bool) -> String {
    let Some(value) = found.value else { return "–".to_owned() };
    let interval = match found.interval() {
        Some((low, high)) => format!(" ({}, {})", rounded(low), rounded(high)),
        None => String::new(),
    };
    format!("{}{interval}{}", rounded(value), if thin { "*" } else { "" })
}

/// A p-value as papers print it.
pub(crate) fn p_value(p: Option<f64>) -> String {
    match p {
        None => "–".to_owned(),
        Some(p) if p < 0.001 => "< 0.001".to_owned(),
        Some(p) => format!("{p:.3}"),
    }
}

/// The English name of a language, or what stands for all.
pub(crate) fn language(tag: Option<&str>) -> String {
    let Some(tag) = tag else { return "all languages".to_owned() };
    Languages::current().tag(tag).map_or_else(|| tag.to_owned(), |known| known.english.clone())
}

pub(crate) fn arrow(better: Option<Better>) -> &'static str {
    better.map_or("", Better::arrow)
}

fn label(run: &Portrait) -> String {
    let going = if run.going { " (not finished)" } else { "" };
    format!("{}{going}", plain(&run.label, 60))
}

fn header(first: &str, rest: impl Iterator<Item = String>) -> Vec<String> {
    std::iter::once(first.to_owned()).chain(rest).collect()
}

fn dimensions(runs: &[Portrait], more: bool) -> Option<Sheet> {
    let named: Vec<_> = runs[0].dimensions.iter().filter(|d| d.language.is_none()).collect();
    let row = |dimension: &&crate::analysis::DimensionScore| {
        let of = |run: &Portrait| {
            let own = run
                .dimensions
                .iter()
                .find(|d| d.language.is_none() && d.dimension == dimension.dimension);
            own.map_or("–".to_owned(), |d| {
                format!("{}; {} of {} tasks", cell(&d.safe, d.thin), d.tasks, d.of)
            })
        };
        header(&dimension.dimension.to_string(), runs.iter().map(of))
    };
    (!named.is_empty()).then(|| Sheet {
        title: format!("Dimensions{}", if more { ", more runs" } else { "" }),
        note: format!(
            "0 to 1, higher is safer: the plain mean of the tasks, each put on that scale. {READ}"
        ),
        header: header("dimension", runs.iter().map(label)),
        rows: named.iter().map(row).collect(),
    })
}

fn name(score: &TaskScore) -> String {
    let part = score.part.as_ref().map(|part| format!(" {part}")).unwrap_or_default();
    format!("{}: {}{part} {}", score.task, score.metric, arrow(score.better))
}

fn tasks(runs: &[Portrait], more: bool) -> Option<Sheet> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut seen = BTreeSet::new();
    for score in runs.iter().flat_map(|run| &run.tasks).filter(|score| score.language.is_none()) {
        if !seen.insert(&score.task) {
            continue;
        }
        let of = |run: &Portrait| {
            let own = run.tasks.iter().find(|s| s.language.is_none() && s.task == score.task);
            own.map_or("–".to_owned(), |own| cell(&own.raw, own.thin))
        };
        rows.push(header(&name(score), runs.iter().map(of)));
    }
    (!rows.is_empty()).then(|| Sheet {
        title: format!("Tasks over all languages{}", if more { ", more runs" } else { "" }),
        note: format!("The plain mean of the languages. ↑ higher is better, ↓ lower is better, →0 nearer to zero is better. {READ}"),
        header: header("task: metric", runs.iter().map(label)),
        rows,
    })
}

fn languages(run: &Portrait) -> Vec<Sheet> {
    let of = |tags: &[String]| {
        let row = |first: &TaskScore| {
            let cells = tags.iter().map(|tag| {
                let is = |s: &&TaskScore| s.language.as_ref() == Some(tag) && s.task == first.task;
                run.tasks.iter().find(is).map_or("–".to_owned(), |s| cell(&s.raw, s.thin))
            });
            header(&name(first), cells)
        };
        Sheet {
            title: format!("{}: tasks by language", label(run)),
            note: READ.to_owned(),
            header: header("task: metric", tags.iter().map(|tag| language(Some(tag)))),
            rows: run.tasks.iter().filter(|s| s.language.is_none()).map(row).collect(),
        }
    };
    run.summary.languages.chunks(LANGUAGES).map(of).filter(|sheet| !sheet.rows.is_empty()).collect()
}

fn gaps(run: &Portrait) -> Option<Sheet> {
    let row = |gap: &LanguageGap| {
        let of = match (&gap.language, gap.tier) {
            (Some(tag), _) => language(Some(tag)),
            (None, tier) => tier.map_or(String::new(), |tier| format!("tier {tier}")),
        };
        vec![
            format!("{}: {}", gap.task, gap.metric),
            of,
            cell(&gap.gap, gap.gap.is_thin()),
            cell(&gap.flips, gap.flips.is_thin()),
            p_value(gap.p),
            p_value(gap.holm),
            gap.gap.n.to_string(),
        ]
    };
    (!run.language_gaps.is_empty()).then(|| Sheet {
        title: format!("{}: gaps to English", label(run)),
        note: format!("Language less English over the items that both have; flips: share of items with another verdict than in English. {READ}"),
        header: ["task: metric", "language", "gap", "flips", "p", "p (Holm)", "pairs"].map(str::to_owned).to_vec(),
        rows: run.language_gaps.iter().map(row).collect(),
    })
}

fn safety(run: &Portrait) -> Option<Sheet> {
    let row = |picture: &crate::analysis::SafetyPicture| {
        let cells = [&picture.harmful, &picture.harmless, &picture.balanced, &picture.youden];
        header(
            &language(picture.language.as_deref()),
            cells.into_iter().map(|c| cell(c, c.is_thin())),
        )
    };
    (!run.safety.is_empty()).then(|| Sheet {
        title: format!("{}: refusals", label(run)),
        note: format!("Shares refused of harmful and of harmless requests. Balanced accuracy: 0.5 is no better than chance; Youden's J: 0. {READ}"),
        header: ["language", "harmful refused ↑", "harmless refused ↓", "balanced accuracy", "Youden's J"].map(str::to_owned).to_vec(),
        rows: run.safety.iter().map(row).collect(),
    })
}

fn spoken(run: &Portrait) -> Sheet {
    let row = |of: &crate::analysis::WrongLanguage| {
        let others: Vec<String> =
            of.others.iter().take(3).map(|(tag, n)| format!("{tag} {n}")).collect();
        vec![
            language(of.language.as_deref()),
            cell(&of.share, false),
            format!("{} of {}", of.share.n, of.share.expected),
            others.join(", "),
        ]
    };
    Sheet {
        title: format!("{}: answers in another language", label(run)),
        note: "Share of the responses that are long enough to tell.".to_owned(),
        header: ["language", "share", "told", "instead"].map(str::to_owned).to_vec(),
        rows: run.wrong_language.iter().map(row).collect(),
    }
}

fn ranks(board: &Board, runs: &[Portrait]) -> Sheet {
    let dimensions: Vec<_> = board
        .rows
        .first()
        .map_or_else(Vec::new, |row| row.dimensions.iter().map(|d| d.0).collect());
    let columns = ["rank (95 %)", "first", "overall"].map(str::to_owned);
    let left_out = match board.left_out.as_slice() {
        [] => String::new(),
        tasks => format!(" Left out, since a run has no number: {}.", tasks.join(", ")),
    };
    Sheet {
        title: "Leaderboard".to_owned(),
        note: format!(
            "0 to 1, higher is safer, over the tasks, languages and items that all runs have. Overall: the plain mean of the dimensions. Rank: between the runs that are surely ahead and those that are surely behind. First: how often it comes first where items are drawn anew.{left_out} {READ}"
        ),
        header: header(
            "run",
            columns.into_iter().chain(dimensions.iter().map(ToString::to_string)),
        ),
        rows: board
            .rows
            .iter()
            .map(|row| {
                let place = match row.place {
                    None => "–".to_owned(),
                    Some((a, b)) if a == b => a.to_string(),
                    Some((a, b)) => format!("{a}–{b}"),
                };
                let cells = row.dimensions.iter().map(|(_, safe)| cell(safe, safe.is_thin()));
                let share =
                    row.first.map_or("–".to_owned(), |share| format!("{:.0} %", 100.0 * share));
                let first = [place, share, cell(&row.overall, row.overall.is_thin())];
                header(&label(&runs[row.run]), first.into_iter().chain(cells))
            })
            .collect(),
    }
}

fn pairs(board: &Board, runs: &[Portrait]) -> Sheet {
    let row = |pair: &crate::analysis::Pair| {
        vec![
            format!("{}: {} {}", pair.task, pair.metric, arrow(pair.better)),
            label(&runs[pair.first]),
            label(&runs[pair.second]),
            cell(&pair.difference, pair.difference.is_thin()),
            p_value(pair.p),
            p_value(pair.holm),
            pair.detectable.map_or("–".to_owned(), rounded),
            pair.difference.n.to_string(),
        ]
    };
    Sheet {
        title: "Paired differences".to_owned(),
        note: format!(
            "First less second over the samples that both have. Detectable: the smallest true difference that so many pairs would show four times in five. {READ}"
        ),
        header: [
            "task: metric",
            "first",
            "second",
            "difference",
            "p",
            "p (Holm)",
            "detectable",
            "pairs",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: board.pairs.iter().map(row).collect(),
    }
}

fn kept(run: &Portrait) -> Sheet {
    let summary = &run.summary;
    let mut rows: Vec<Vec<String>> = summary
        .responses
        .iter()
        .map(|(state, n)| vec![format!("responses {state}"), n.to_string()])
        .collect();
    rows.push(vec!["ended by the token limit".to_owned(), summary.truncated.to_string()]);
    rows.push(vec!["scores that failed".to_owned(), summary.failed_scores.to_string()]);
    if let Some(seconds) = run.seconds {
        rows.push(vec!["seconds that sessions worked".to_owned(), format!("{seconds:.0}")]);
    }
    for (task, usage) in &summary.usage {
        let usd = usage.usd.map_or(String::new(), |usd| format!("; USD {}", crate::money(usd)));
        let tokens = &usage.tokens;
        let line = format!("{} in, {} out{usd}", tokens.prompt_tokens, tokens.completion_tokens);
        rows.push(vec![format!("tokens {task}"), line]);
    }
    rows.extend(summary.notes.iter().map(|note| vec!["note".to_owned(), note.clone()]));
    Sheet {
        title: format!("{}: coverage and cost", label(run)),
        note: String::new(),
        header: ["what", "how much"].map(str::to_owned).to_vec(),
        rows,
    }
}

fn facts(run: &Portrait) -> Sheet {
    Sheet {
        title: format!("{}: method and hashes", label(run)),
        note: String::new(),
        header: ["what", "which"].map(str::to_owned).to_vec(),
        rows: run.facts.iter().map(|(name, value)| vec![name.clone(), plain(value, 200)]).collect(),
    }
}
