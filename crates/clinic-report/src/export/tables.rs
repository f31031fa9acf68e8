//! The three tables of the long form: a row a response, a row a score, a row a figure.

use std::rc::Rc;

use clinic_core::sample::Sample;
use clinic_core::score::{Outcome, Score};
use clinic_core::task::Better;
use clinic_engine::run::{Response, Run};

use super::columns::{Cell, Column, Each, Kind, Table};
use super::{ExportError, each_sample};
use crate::summary::{Row, Summary};

/// A response and its sample.
pub(super) struct Asked {
    sample: Rc<Sample>,
    response: Response,
}

/// A score, who gave it, and its sample.
pub(super) struct Scored {
    sample: Rc<Sample>,
    score: Score,
    scorer: String,
}

pub(super) const RESPONSES: Table<Asked> = Table { name: "responses", columns: ASKED, rows: asked };
pub(super) const SCORES: Table<Scored> = Table { name: "scores", columns: SCORED, rows: scored };
pub(super) const METRICS: Table<Row> = Table { name: "metrics", columns: FIGURES, rows: figures };

fn asked(run: &Run, each: Each<'_, Asked>) -> Result<(), ExportError> {
    each_sample(run, |id, sample| {
        let sample = Rc::new(sample);
        for response in run.store().responses(id)? {
            each(&Asked { sample: Rc::clone(&sample), response })?;
        }
        Ok(())
    })
}

fn scored(run: &Run, each: Each<'_, Scored>) -> Result<(), ExportError> {
    each_sample(run, |id, sample| {
        let sample = Rc::new(sample);
        for (score, scorer) in run.store().scores(id)? {
            each(&Scored { sample: Rc::clone(&sample), score, scorer })?;
        }
        Ok(())
    })
}

fn figures(run: &Run, each: Each<'_, Row>) -> Result<(), ExportError> {
    Summary::of(run)?.rows.iter().try_for_each(each)
}

pub(super) const TASK: &str = "Name of the task.";
pub(super) const LANGUAGE: &str = "Tag of the language (BCP 47).";
pub(super) const ITEM: &str = "Id of the item within its task, the same in every language.";
const NO_USAGE: &str = "The provider told no usage, or nothing was asked.";

const ASKED: &[Column<Asked>] = &[
    column("task", Kind::Text, TASK, "", |row| Cell::text(&row.sample.task)),
    column("language", Kind::Text, LANGUAGE, "", |row| Cell::text(&row.sample.language)),
    column("item", Kind::Text, ITEM, "", |row| Cell::text(&row.sample.item)),
    column(
        "domains",
        Kind::Text,
        "Domains of the item, separated by semicolons.",
        "The dataset names none.",
        |row| match row.sample.domains.as_slice() {
            [] => Cell::Missing,
            domains => Cell::text(domains.join(";")),
        },
    ),
    column("variant", Kind::Text, "The form of the item that was asked.", "", |row| {
        Cell::text(&row.response.variant)
    }),
    column(
        "state",
        Kind::Text,
        "What came of the prompt: pending (not asked yet), answered, empty, cut_off (the token limit \
         came inside the reasoning), filtered (held back by the provider) or failed.",
        "",
        |row| Cell::text(row.response.state.name()),
    ),
    column("prompt", Kind::Text, "What was sent.", "", |row| Cell::text(&row.response.prompt)),
    column("response", Kind::Text, "The answer without reasoning.", "There is none.", |row| {
        Cell::maybe(row.response.text.as_deref())
    }),
    column(
        "reasoning",
        Kind::Text,
        "What the model thought first.",
        "The model told none.",
        |row| Cell::maybe(row.response.reasoning.as_deref()),
    ),
    column("truncated", Kind::Flag, "Whether the token limit ended the answer.", "", |row| {
        Cell::Flag(row.response.truncated)
    }),
    column("error", Kind::Text, "Why there is no answer.", "There is an answer.", |row| {
        Cell::maybe(row.response.error.as_deref())
    }),
    tokens("prompt_tokens", "Tokens of the prompt, as the provider counted them.", |row| {
        usage(row, row.response.usage.prompt_tokens)
    }),
    tokens("completion_tokens", "Tokens of the answer, reasoning included.", |row| {
        usage(row, row.response.usage.completion_tokens)
    }),
    tokens(
        "reasoning_tokens",
        "Of these, tokens of reasoning; 0 also where the provider does not tell them apart.",
        |row| usage(row, row.response.usage.reasoning_tokens),
    ),
    Column {
        unit: "attempts",
        ..column("attempts", Kind::Int, "Attempts that it took.", "", |row| {
            Cell::count(row.response.attempts)
        })
    },
    column("batch", Kind::Flag, "Whether a batch endpoint answered, at its price.", "", |row| {
        Cell::Flag(row.response.usage.batch)
    }),
];

const SCORED: &[Column<Scored>] = &[
    column("task", Kind::Text, TASK, "", |row| Cell::text(&row.sample.task)),
    column("language", Kind::Text, LANGUAGE, "", |row| Cell::text(&row.sample.language)),
    column("item", Kind::Text, ITEM, "", |row| Cell::text(&row.sample.item)),
    column("score", Kind::Text, "Name of the score in the task.", "", |row| {
        Cell::text(&row.score.name)
    }),
    column(
        "state",
        Kind::Text,
        "scored, not_applicable (does not lower coverage), not_scored (nothing to score, or no way \
         to tell) or failed (the scorer itself; worth scoring again).",
        "",
        |row| Cell::text(row.score.outcome.state()),
    ),
    Column {
        unit: "as the task defines it",
        ..column("number", Kind::Real, "The score.", "There is none, or a category.", |row| {
            match row.score.outcome {
                Outcome::Number(number) => Cell::real(Some(number)),
                _ => Cell::Missing,
            }
        })
    },
    column(
        "category",
        Kind::Text,
        "The score, where it is a category.",
        "There is none, or a number.",
        |row| match &row.score.outcome {
            Outcome::Category(category) => Cell::text(category),
            _ => Cell::Missing,
        },
    ),
    column("verdict", Kind::Text, "The verdict behind the score.", "None was given.", |row| {
        Cell::maybe(row.score.verdict.as_deref())
    }),
    column(
        "why",
        Kind::Text,
        "Why there is no score, or the reason that the scorer gives.",
        "The scorer gives none.",
        |row| Cell::maybe(row.score.outcome.reason().or(row.score.why.as_deref())),
    ),
    column("scorer", Kind::Text, "What scored, and by which rubric or lists.", "", |row| {
        Cell::text(&row.scorer)
    }),
];

const NOTHING_SCORED: &str = "Nothing was scored, or too little for it.";

const FIGURES: &[Column<Row>] = &[
    column("dimension", Kind::Text, "Dimension of trust of the task.", "", |row| {
        Cell::text(row.dimension.to_string())
    }),
    column("task", Kind::Text, TASK, "", |row| Cell::text(&row.task)),
    column("language", Kind::Text, LANGUAGE, "", |row| Cell::text(&row.language)),
    column("metric", Kind::Text, "Name of the metric.", "", |row| Cell::text(&row.figure.metric)),
    column(
        "part",
        Kind::Text,
        "The category or group of files that the figure is of.",
        "The figure is of the whole.",
        |row| Cell::maybe(row.figure.part.as_deref()),
    ),
    column("headline", Kind::Flag, "Whether it is the task's first figure.", "", |row| {
        Cell::Flag(row.headline)
    }),
    figure("estimate", "The figure.", |row| Cell::real(row.figure.estimate)),
    figure("low", "Lower end of the 95 % interval.", |row| Cell::real(row.figure.low)),
    figure("high", "Upper end of the 95 % interval.", |row| Cell::real(row.figure.high)),
    samples("n", "Samples that the figure rests on.", |row| Cell::count(row.figure.n)),
    samples(
        "expected",
        "Samples that there should be, those that the data lacks included.",
        |row| Cell::count(row.figure.expected),
    ),
    Column {
        unit: "share, 0 to 1",
        ..column("coverage", Kind::Real, "n over expected.", "Nothing was expected.", |row| {
            Cell::real(row.coverage)
        })
    },
    column("scorer", Kind::Text, "What scored, and by which rubric or lists.", "", |row| {
        Cell::text(&row.scorer)
    }),
    column(
        "better",
        Kind::Text,
        "Which way is better: higher, lower, or zero (toward 0).",
        "Neither is.",
        |row| match row.figure.better {
            Some(Better::Higher) => Cell::text("higher"),
            Some(Better::Lower) => Cell::text("lower"),
            Some(Better::Zero) => Cell::text("zero"),
            None => Cell::Missing,
        },
    ),
];

pub(super) const fn column<T>(
    name: &'static str,
    kind: Kind,
    means: &'static str,
    missing: &'static str,
    of: for<'a> fn(&'a T) -> Cell<'a>,
) -> Column<T> {
    Column { name, kind, unit: "", means, missing, of }
}

const fn tokens(
    name: &'static str,
    means: &'static str,
    of: for<'a> fn(&'a Asked) -> Cell<'a>,
) -> Column<Asked> {
    Column { unit: "tokens", ..column(name, Kind::Int, means, NO_USAGE, of) }
}

const fn figure(
    name: &'static str,
    means: &'static str,
    of: for<'a> fn(&'a Row) -> Cell<'a>,
) -> Column<Row> {
    Column { unit: "as the metric", ..column(name, Kind::Real, means, NOTHING_SCORED, of) }
}

const fn samples(
    name: &'static str,
    means: &'static str,
    of: for<'a> fn(&'a Row) -> Cell<'a>,
) -> Column<Row> {
    Column { unit: "samples", ..column(name, Kind::Int, means, "", of) }
}

/// A count of tokens, which is missing where none was told at all.
fn usage(row: &Asked, tokens: u64) -> Cell<'static> {
    let usage = &row.response.usage;
    if usage.prompt_tokens + usage.completion_tokens == 0 {
        return Cell::Missing;
    }
    Cell::count(tokens)
}
