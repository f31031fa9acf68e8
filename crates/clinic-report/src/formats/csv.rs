//! CSV: one number a line, with all that it is of.

use clinic_core::plain::plain;

use crate::analysis::{Analysis, Measured, Portrait};
use crate::export::harmless;

const HEADER: [&str; 18] = [
    "table",
    "run",
    "second_run",
    "dimension",
    "task",
    "metric",
    "part",
    "language",
    "tier",
    "quantity",
    "value",
    "low",
    "high",
    "n",
    "expected",
    "p",
    "p_holm",
    "detectable",
];

/// Where a number stands; empty where it does not apply.
#[derive(Default, Clone)]
struct Line<'a> {
    table: &'a str,
    run: &'a str,
    second: &'a str,
    dimension: String,
    task: &'a str,
    metric: &'a str,
    part: &'a str,
    language: &'a str,
    tier: String,
    quantity: &'a str,
    p: Option<f64>,
    holm: Option<f64>,
    detectable: Option<f64>,
}

pub(super) fn write(analysis: &Analysis) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    let mut put = |line: Line<'_>, found: &Measured| {
        let number = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
        // A rank rests on no samples of its own.
        let ranked = line.table == "board" && found.expected == 0;
        let count = |n: usize| if ranked { String::new() } else { n.to_string() };
        // Names of models and of the answers that they give are foreign text.
        let name = |text: &str| harmless(&plain(text, 200));
        // A vector takes all that is written.
        let _ = out.write_record([
            line.table,
            &name(line.run),
            &name(line.second),
            &line.dimension,
            &name(line.task),
            &name(line.metric),
            &name(line.part),
            line.language,
            &line.tier,
            line.quantity,
            &number(found.value),
            &number(found.low),
            &number(found.high),
            &count(found.n),
            &count(found.expected),
            &number(line.p),
            &number(line.holm),
            &number(line.detectable),
        ]);
    };
    let labels: Vec<&str> = analysis.runs.iter().map(|run| run.label.as_str()).collect();
    analysis.runs.iter().for_each(|run| portrait(run, &mut put));
    if let Some(board) = &analysis.board {
        for row in &board.rows {
            let line = Line { table: "board", run: labels[row.run], ..Line::default() };
            put(Line { quantity: "overall", ..line.clone() }, &row.overall);
            for (dimension, safe) in &row.dimensions {
                let dimension = dimension.to_string();
                put(Line { quantity: "safe", dimension, ..line.clone() }, safe);
            }
            let ranks = [
                ("best rank", row.place.map(|(best, _)| best as f64)),
                ("worst rank", row.place.map(|(_, worst)| worst as f64)),
            ];
            for (quantity, value) in ranks.into_iter().chain([("comes first", row.first)]) {
                let found = Measured { value, ..Measured::default() };
                put(Line { quantity, ..line.clone() }, &found);
            }
        }
        for pair in &board.pairs {
            let line = Line {
                table: "pairs",
                run: labels[pair.first],
                second: labels[pair.second],
                dimension: pair.dimension.to_string(),
                task: &pair.task,
                metric: &pair.metric,
                language: pair.language.as_deref().unwrap_or_default(),
                quantity: "difference",
                p: pair.p,
                holm: pair.holm,
                detectable: pair.detectable,
                ..Line::default()
            };
            put(line, &pair.difference);
        }
    }
    let rows = out.into_inner().unwrap_or_default();
    // Numbers and names without line breaks are always text.
    HEADER.join(",") + "\n" + &String::from_utf8_lossy(&rows)
}

fn portrait<'a>(run: &'a Portrait, put: &mut impl FnMut(Line<'a>, &Measured)) {
    let line = Line { run: &run.label, ..Line::default() };
    for score in &run.dimensions {
        let language = score.language.as_deref().unwrap_or_default();
        let dimension = score.dimension.to_string();
        let line =
            Line { table: "dimensions", dimension, language, quantity: "safe", ..line.clone() };
        put(line, &score.safe);
    }
    for score in &run.tiers {
        let (dimension, tier) = (score.dimension.to_string(), score.tier.to_string());
        put(
            Line { table: "tiers", dimension, tier, quantity: "safe", ..line.clone() },
            &score.safe,
        );
    }
    for score in &run.tasks {
        let line = Line {
            table: "tasks",
            dimension: score.dimension.to_string(),
            task: &score.task,
            metric: &score.metric,
            part: score.part.as_deref().unwrap_or_default(),
            language: score.language.as_deref().unwrap_or_default(),
            ..line.clone()
        };
        put(Line { quantity: "raw", ..line.clone() }, &score.raw);
        put(Line { quantity: "safe", ..line }, &score.safe);
    }
    for row in &run.summary.rows {
        let figure = &row.figure;
        let line = Line {
            table: "metrics",
            dimension: row.dimension.to_string(),
            task: &row.task,
            metric: &figure.metric,
            part: figure.part.as_deref().unwrap_or_default(),
            language: &row.language,
            quantity: "raw",
            ..line.clone()
        };
        let found = Measured {
            value: figure.estimate,
            low: figure.low,
            high: figure.high,
            n: figure.n,
            expected: figure.expected,
        };
        put(line, &found);
    }
    for gap in &run.language_gaps {
        let line = Line {
            table: "gaps",
            dimension: gap.dimension.to_string(),
            task: &gap.task,
            metric: &gap.metric,
            language: gap.language.as_deref().unwrap_or_default(),
            tier: gap.tier.map_or_else(String::new, |tier| tier.to_string()),
            ..line.clone()
        };
        let (p, holm) = (gap.p, gap.holm);
        put(Line { quantity: "gap to English", p, holm, ..line.clone() }, &gap.gap);
        put(Line { quantity: "flips", ..line }, &gap.flips);
    }
    for picture in &run.safety {
        let language = picture.language.as_deref().unwrap_or_default();
        for (quantity, found) in [
            ("harmful refused", &picture.harmful),
            ("harmless refused", &picture.harmless),
            ("balanced accuracy", &picture.balanced),
            ("Youden's J", &picture.youden),
        ] {
            put(Line { table: "refusals", language, quantity, ..line.clone() }, found);
        }
    }
    for of in &run.wrong_language {
        let language = of.language.as_deref().unwrap_or_default();
        let line = Line { table: "spoken", language, quantity: "another language", ..line.clone() };
        put(line, &of.share);
    }
}
