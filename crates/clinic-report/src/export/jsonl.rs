//! JSON Lines: one object a sample, with its texts, responses and scores, texts unchanged.

use std::io::Write;

use clinic_core::score::{Outcome, Score};
use clinic_engine::run::{Mark, Response, Run};
use serde_json::{Value, json};

use super::{Export, ExportError, Folder, Out, dictionary, each_sample};

/// `samples.jsonl` and `dictionary.csv`.
pub struct Jsonl;

/// Fields of a line: name, type, what it means, and when it is missing, which is `null`.
#[rustfmt::skip]
pub(super) const FIELDS: &[[&str; 4]] = &[
    ["task", "text", "Name of the task.", ""],
    ["language", "text", "Tag of the language (BCP 47).", ""],
    ["item", "text", "Id of the item within its task, the same in every language.", ""],
    ["domains", "list of text", "Domains of the item; empty where the dataset names none.", ""],
    ["source", "text", "Where the item comes from.", "The dataset does not say."],
    ["references", "object of text", "Reference texts by name; empty where the task has none.", ""],
    ["responses[].variant", "text", "The form of the item that was asked.", ""],
    ["responses[].prompt", "text", "What was sent.", ""],
    ["responses[].state", "text", "As in the table responses.", ""],
    ["responses[].text", "text", "The answer without reasoning.", "There is none."],
    ["responses[].raw", "text", "The reply as it came.", "It is the same as the text."],
    ["responses[].reasoning", "text", "What the model thought first.", "The model told none."],
    ["responses[].truncated", "boolean", "Whether the token limit ended the answer.", ""],
    ["responses[].error", "text", "Why there is no answer.", "There is an answer."],
    ["responses[].prompt_tokens", "integer", "Tokens of the prompt; 0 also where nothing was told.", ""],
    ["responses[].completion_tokens", "integer", "Tokens of the answer, reasoning included.", ""],
    ["responses[].reasoning_tokens", "integer", "Of these, tokens of reasoning.", ""],
    ["scores[].score", "text", "Name of the score in the task.", ""],
    ["scores[].state", "text", "As in the table scores.", ""],
    ["scores[].number", "number", "The score.", "There is none, or a category."],
    ["scores[].category", "text", "The score, where it is a category.", "There is none, or a number."],
    ["scores[].verdict", "text", "The verdict behind the score.", "None was given."],
    ["scores[].why", "text", "Why there is no score, or the scorer's reason.", "The scorer gives none."],
    ["scores[].scorer", "text", "What scored, and by which rubric or lists.", ""],
    ["marks[].opinion", "text", "As in the table marks.", "Without marks in the run there is no list."],
    ["marks[].should_be", "text", "What the score should be.", "Nothing was said."],
    ["marks[].comment", "text", "Why; empty where nothing was said.", ""],
    ["marks[].name", "text", "Who says so.", ""],
    ["marks[].time", "text", "When, in UTC (RFC 3339).", ""],
    ["marks[].of", "object", "The score as it was then, with the fields of scores[].", ""],
];

impl Export for Jsonl {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn write(&self, run: &Run, folder: &mut Folder) -> Result<(), ExportError> {
        folder.file("samples.jsonl", |out| samples(run, out))?;
        dictionary::write(folder)
    }
}

fn samples(run: &Run, out: &mut Out) -> Result<(), ExportError> {
    let marked = !run.store().marks()?.is_empty();
    each_sample(run, |id, sample| {
        let responses: Vec<Value> = run.store().responses(id)?.iter().map(response).collect();
        let scores = run.store().scores(id)?;
        let scores: Vec<Value> = scores.iter().map(|(s, by)| score(s, by)).collect();
        let mut line = json!({
            "task": sample.task,
            "language": sample.language,
            "item": sample.item,
            "domains": sample.domains,
            "source": sample.source,
            "references": sample.references,
            "responses": responses,
            "scores": scores,
        });
        if marked {
            line["marks"] = run.store().marks_of(id)?.iter().map(mark).collect();
        }
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

fn mark(mark: &Mark) -> Value {
    let then = Score {
        name: mark.score.clone(),
        outcome: mark.outcome.clone(),
        verdict: mark.verdict.clone(),
        why: None,
    };
    json!({
        "opinion": mark.opinion.name(),
        "should_be": mark.should_be,
        "comment": mark.comment,
        "name": mark.name,
        "time": mark.time,
        "of": score(&then, &mark.scorer),
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
