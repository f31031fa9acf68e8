//! JSON Lines: one object a sample, with its texts, responses and scores.

use std::io::Write;

use clinic_core::score::{Outcome, Score};
use clinic_engine::run::{Response, Run};
use serde_json::{Value, json};

use super::{Export, ExportError, Folder, each_sample};

/// `samples.jsonl`.
pub struct Jsonl;

impl Export for Jsonl {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn write(&self, run: &Run, folder: &mut Folder) -> Result<(), ExportError> {
        folder.file("samples.jsonl", |out| samples(run, out))
    }
}

fn samples(run: &Run, out: &mut dyn Write) -> Result<(), ExportError> {
    each_sample(run, |id, sample| {
        let responses: Vec<Value> = run.store().responses(id)?.iter().map(response).collect();
        let scores = run.store().scores(id)?;
        let scores: Vec<Value> = scores.iter().map(|(s, by)| score(s, by)).collect();
        let line = json!({
            "task": sample.task,
            "language": sample.language,
            "item": sample.item,
            "domains": sample.domains,
            "source": sample.source,
            "references": sample.references,
            "responses": responses,
            "scores": scores,
        });
        writeln!(out, "{line}")?;
        Ok(())
    })
}

fn response(response: &Response) -> Value {
    json!({
        "variant": response.variant,
        "prompt": response.prompt,
        "state": response.state.name(),
        "text": response.text,
        "raw": response.raw,
        "reasoning": response.reasoning,
        "truncated": response.truncated,
        "error": response.error,
        "prompt_tokens": response.usage.prompt_tokens,
        "completion_tokens": response.usage.completion_tokens,
        "reasoning_tokens": response.usage.reasoning_tokens,
    })
}

fn score(score: &Score, scorer: &str) -> Value {
    let (number, category) = match &score.outcome {
        Outcome::Number(number) => (Some(number), None),
        Outcome::Category(category) => (None, Some(category)),
        _ => (None, None),
    };
    json!({
        "score": score.name,
        "state": score.outcome.state(),
        "number": number,
        "category": category,
        "verdict": score.verdict,
        "why": score.outcome.reason().or(score.why.as_deref()),
        "scorer": scorer,
    })
}
