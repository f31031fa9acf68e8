//! CSV in long form: responses, scores and metrics, safe to open in a spreadsheet.

use std::io::{self, Write};

use clinic_core::score::Outcome;
use clinic_engine::run::Run;

use super::{Export, ExportError, Folder, each_sample};
use crate::summary::Summary;

/// `responses.csv`, `scores.csv` and `metrics.csv`.
pub struct Csv;

impl Export for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn write(&self, run: &Run, folder: &mut Folder) -> Result<(), ExportError> {
        folder.file("responses.csv", |out| responses(run, &mut csv::Writer::from_writer(out)))?;
        folder.file("scores.csv", |out| scores(run, &mut csv::Writer::from_writer(out)))?;
        folder.file("metrics.csv", |out| metrics(run, &mut csv::Writer::from_writer(out)))
    }
}

type Out<'a> = csv::Writer<&'a mut dyn Write>;

fn row(out: &mut Out<'_>, cells: &[&str]) -> Result<(), ExportError> {
    out.write_record(cells.iter().map(|cell| harmless(cell))).map_err(io::Error::from)?;
    Ok(())
}

/// Text that a spreadsheet takes as text: no formula, no control codes but line breaks and tabs.
pub(crate) fn harmless(cell: &str) -> String {
    let text: String =
        cell.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let number = text.parse::<f64>().is_ok();
    if text.starts_with(['=', '+', '-', '@', '\t', '\n', '＝', '＋', '－', '＠']) && !number {
        format!("'{text}")
    } else {
        text
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn responses(run: &Run, out: &mut Out<'_>) -> Result<(), ExportError> {
    row(
        out,
        &[
            "task",
            "language",
            "item",
            "domains",
            "variant",
            "state",
            "prompt",
            "response",
            "reasoning",
            "truncated",
            "error",
            "prompt_tokens",
            "completion_tokens",
            "reasoning_tokens",
        ],
    )?;
    each_sample(run, |id, sample| {
        for response in run.store().responses(id)? {
            row(
                out,
                &[
                    &sample.task,
                    &sample.language,
                    &sample.item,
                    &sample.domains.join(";"),
                    &response.variant,
                    response.state.name(),
                    &response.prompt,
                    response.text.as_deref().unwrap_or_default(),
                    response.reasoning.as_deref().unwrap_or_default(),
                    &response.truncated.to_string(),
                    response.error.as_deref().unwrap_or_default(),
                    &response.usage.prompt_tokens.to_string(),
                    &response.usage.completion_tokens.to_string(),
                    &response.usage.reasoning_tokens.to_string(),
                ],
            )?;
        }
        Ok(())
    })
}

fn scores(run: &Run, out: &mut Out<'_>) -> Result<(), ExportError> {
    row(
        out,
        &[
            "task", "language", "item", "score", "state", "number", "category", "verdict", "why",
            "scorer",
        ],
    )?;
    each_sample(run, |id, sample| {
        for (score, scorer) in run.store().scores(id)? {
            let (value, category) = match &score.outcome {
                Outcome::Number(value) => (Some(*value), ""),
                Outcome::Category(category) => (None, category.as_str()),
                _ => (None, ""),
            };
            row(
                out,
                &[
                    &sample.task,
                    &sample.language,
                    &sample.item,
                    &score.name,
                    score.outcome.state(),
                    &number(value),
                    category,
                    score.verdict.as_deref().unwrap_or_default(),
                    score.outcome.reason().or(score.why.as_deref()).unwrap_or_default(),
                    &scorer,
                ],
            )?;
        }
        Ok(())
    })
}

fn metrics(run: &Run, out: &mut Out<'_>) -> Result<(), ExportError> {
    row(
        out,
        &[
            "dimension",
            "task",
            "language",
            "metric",
            "part",
            "headline",
            "estimate",
            "low",
            "high",
            "n",
            "expected",
            "coverage",
            "scorer",
        ],
    )?;
    for found in &Summary::of(run)?.rows {
        let figure = &found.figure;
        row(
            out,
            &[
                &found.dimension.to_string(),
                &found.task,
                &found.language,
                &figure.metric,
                figure.part.as_deref().unwrap_or_default(),
                &found.headline.to_string(),
                &number(figure.estimate),
                &number(figure.low),
                &number(figure.high),
                &figure.n.to_string(),
                &figure.expected.to_string(),
                &number(found.coverage),
                &found.scorer,
            ],
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_no_formula() {
        for (cell, safe) in [
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+1-2", "'+1-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-0.5", "-0.5"),
            ("\u{1b}[2Jhi\u{0}", "[2Jhi"),
            ("B) metformin", "B) metformin"),
        ] {
            assert_eq!(harmless(cell), safe);
        }
    }
}
