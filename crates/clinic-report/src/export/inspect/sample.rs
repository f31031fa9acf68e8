//! A sample of Inspect's log: an item in a language, with its answers and scores.

use clinic_core::sample::Sample;
use clinic_core::score::{Outcome, Score};
use clinic_engine::run::{Response, State, StoreError};
use serde_json::{Map, Value, json};

use super::{Log, header, usage};
use crate::export::names::{self, NO_TIME};

/// A sample with what came of it.
pub(super) struct Answered<'a> {
    log: &'a Log<'a>,
    pub sample: Sample,
    pub responses: Vec<Response>,
    /// Each with the scorer that gave it.
    pub scores: Vec<(Score, String)>,
}

impl<'a> Answered<'a> {
    pub(super) fn of(log: &'a Log<'a>, key: i64, sample: Sample) -> Result<Self, StoreError> {
        let store = log.run.store();
        Ok(Self { log, sample, responses: store.responses(key)?, scores: store.scores(key)? })
    }

    /// Whether any of its prompts was asked, or has nothing to be asked.
    pub(super) fn begun(&self) -> bool {
        self.responses.is_empty() || self.responses.iter().any(|r| r.state != State::Pending)
    }

    /// The sample as Inspect keeps it.
    pub(super) fn whole(&self, id: &str) -> Value {
        let Log { run, task, model, .. } = self.log;
        let targets = names::targets(task, run.plan().protocol, &self.sample);
        let usage = self.responses.iter().filter_map(|r| usage::of(run, r.usage));
        let usage = usage.reduce(|sum, more| usage::add(&sum, &more));
        json!({
            "id": id,
            "epoch": 1,
            "input": self.input(id),
            "target": match targets.as_slice() {
                [] => json!(""),
                [target] => json!(target),
                several => json!(several),
            },
            "messages": self.messages(id),
            "output": self.output(id),
            "scores": self.scores(),
            "metadata": self.metadata(),
            "store": {},
            "events": self.events(id),
            "model_usage": usage.map(|usage| json!({model: usage})).unwrap_or(json!({})),
            "role_usage": {},
            "error": self.error().map(|message| error(&message)),
            "attachments": {},
            "uuid": self.uuid(id),
        })
    }

    /// An id that is of what the sample holds, so that it differs between two runs that differ.
    fn uuid(&self, id: &str) -> String {
        let content = json!([self.responses, self.scores]).to_string();
        names::id(&[&self.log.task_id, id, &content])
    }

    /// The prompt, or one message a variant.
    fn input(&self, id: &str) -> Value {
        match self.responses.as_slice() {
            [one] => json!(one.prompt),
            several => several.iter().map(|response| self.user(id, response)).collect(),
        }
    }

    /// A pair a variant; a prompt without an answer stands alone.
    fn messages(&self, id: &str) -> Vec<Value> {
        let pair = |r| [Some(self.user(id, r)), self.assistant(id, r)];
        self.responses.iter().flat_map(pair).flatten().collect()
    }

    /// What the model said last, as Inspect has it for several turns.
    fn output(&self, id: &str) -> Value {
        let answered = |r: &&Response| !matches!(r.state, State::Pending | State::Failed);
        match self.responses.iter().rfind(answered) {
            Some(last) => self.answer(id, last),
            None => json!({"model": self.log.model, "choices": [], "completion": ""}),
        }
    }

    /// A call a variant, each with its own prompt and answer.
    fn events(&self, id: &str) -> Vec<Value> {
        let plan = self.log.run.plan();
        let asked = self.responses.iter().filter(|response| response.state != State::Pending);
        let event = |response: &Response| {
            json!({
                "uuid": self.mark("event", id, response),
                "timestamp": NO_TIME,
                "working_start": 0.0,
                "metadata": {"variant": response.variant, "state": response.state.name()},
                "event": "model",
                "model": self.log.model,
                "input": [self.user(id, response)],
                "tools": [],
                "tool_choice": "none",
                "config": header::config(&self.log.task.generation, plan.reasoning_tokens),
                "output": self.answer(id, response),
                "retries": response.attempts.saturating_sub(1),
                "error": response.error.as_ref().filter(|_| response.state == State::Failed),
            })
        };
        asked.map(event).collect()
    }

    /// What came back for a prompt.
    fn answer(&self, id: &str, response: &Response) -> Value {
        let choice = |message| json!({"message": message, "stop_reason": stop_reason(response)});
        json!({
            "model": self.log.model,
            "choices": self.assistant(id, response).map(choice).into_iter().collect::<Vec<_>>(),
            "completion": response.text.as_deref().unwrap_or_default(),
            "usage": usage::of(self.log.run, response.usage),
            "error": response.error,
        })
    }

    fn user(&self, id: &str, response: &Response) -> Value {
        json!({
            "id": self.mark("user", id, response),
            "content": response.prompt,
            "source": "input",
            "metadata": {"variant": response.variant},
            "role": "user",
        })
    }

    /// The answer; `None` where none came.
    fn assistant(&self, id: &str, response: &Response) -> Option<Value> {
        if matches!(response.state, State::Pending | State::Failed) {
            return None;
        }
        let text = response.text.as_deref().unwrap_or_default();
        let content = match &response.reasoning {
            Some(reasoning) => json!([
                {"type": "reasoning", "reasoning": reasoning},
                {"type": "text", "text": text},
            ]),
            None => json!(text),
        };
        Some(json!({
            "id": self.mark("assistant", id, response),
            "content": content,
            "source": "generate",
            "metadata": {"variant": response.variant, "state": response.state.name()},
            "role": "assistant",
            "model": self.log.model,
        }))
    }

    /// An id of a part of the sample, the same each time and nobody else's.
    fn mark(&self, what: &str, id: &str, response: &Response) -> String {
        names::id(&[&self.log.task_id, what, id, &response.variant])
    }

    /// Scores that were given; the others are in the metadata, since a missing one is no number.
    fn scores(&self) -> Map<String, Value> {
        let mut scores = Map::new();
        for (score, scorer) in &self.scores {
            let value = match &score.outcome {
                Outcome::Number(number) => json!(number),
                Outcome::Category(category) => json!(category),
                _ => continue,
            };
            let given = json!({
                "value": value,
                "answer": score.verdict,
                "explanation": score.why,
                "metadata": {"scorer": scorer},
            });
            scores.insert(score.name.clone(), given);
        }
        scores
    }

    fn metadata(&self) -> Value {
        let sample = &self.sample;
        let variants: Vec<&str> = self.responses.iter().map(|r| r.variant.as_str()).collect();
        let states: Map<String, Value> =
            self.responses.iter().map(|r| (r.variant.clone(), json!(r.state.name()))).collect();
        let unscored: Map<String, Value> = self
            .scores
            .iter()
            .filter_map(|(score, _)| Some((score, score.outcome.reason()?)))
            .map(|(score, why)| {
                (score.name.clone(), json!({"state": score.outcome.state(), "why": why}))
            })
            .collect();
        json!({
            "language": sample.language,
            "item": sample.item,
            "dimension": self.log.task.dimension,
            "domains": sample.domains,
            "variants": variants,
            "states": states,
            "unscored": unscored,
            "group": sample.group,
            "row": sample.row,
            "source": sample.source,
            "references": sample.references,
        })
    }

    /// Why the sample is not whole.
    fn error(&self) -> Option<String> {
        let several = self.responses.len() > 1;
        let why = |response: &Response| {
            let why = match response.state {
                State::Failed => response.error.as_deref().unwrap_or("no answer"),
                State::Pending => "not asked yet",
                _ => return None,
            };
            Some(if several { format!("{}: {why}", response.variant) } else { why.to_owned() })
        };
        let all: Vec<String> = self.responses.iter().filter_map(why).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

/// An error without a traceback, which Inspect requires as a text.
pub(super) fn error(message: &str) -> Value {
    json!({"message": message, "traceback": "", "traceback_ansi": ""})
}

fn stop_reason(response: &Response) -> &'static str {
    match response.state {
        State::Filtered => "content_filter",
        State::CutOff => "max_tokens",
        _ if response.truncated => "max_tokens",
        _ => "stop",
    }
}
