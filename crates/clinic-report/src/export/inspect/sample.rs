//! A sample of Inspect's log: an item in a language, with its answers and scores.

use clinic_core::exchange::Usage;
use clinic_core::sample::Sample;
use clinic_core::score::{Outcome, Score};
use clinic_core::task::Task;
use clinic_engine::run::{Response, Run, State, StoreError};
use serde_json::{Map, Value, json};

use super::super::names;

/// A sample with what came of it.
pub(super) struct Answered<'a> {
    task: &'a Task,
    pub sample: Sample,
    pub responses: Vec<Response>,
    /// Each with the scorer that gave it.
    pub scores: Vec<(Score, String)>,
}

impl<'a> Answered<'a> {
    pub(super) fn of(
        run: &Run,
        task: &'a Task,
        key: i64,
        sample: Sample,
    ) -> Result<Self, StoreError> {
        let (responses, scores) = (run.store().responses(key)?, run.store().scores(key)?);
        Ok(Self { task, sample, responses, scores })
    }

    /// Whether any of its prompts was asked, or has nothing to be asked.
    pub(super) fn begun(&self) -> bool {
        self.responses.is_empty() || self.responses.iter().any(|r| r.state != State::Pending)
    }

    /// The sample as Inspect keeps it.
    pub(super) fn whole(&self, run: &Run, id: &str) -> Value {
        let plan = run.plan();
        let model = plan.model.label();
        let targets = names::targets(self.task, plan.protocol, &self.sample);
        let usage = self.responses.iter().filter_map(|r| usage(run, r.usage));
        let usage = usage.reduce(|sum, more| add(&sum, &more));
        let mut whole = json!({
            "id": id,
            "epoch": 1,
            "input": self.input(id),
            "target": match targets.as_slice() {
                [] => json!(""),
                [target] => json!(target),
                several => json!(several),
            },
            "messages": self.messages(id, &model),
            "output": self.output(run, id, &model),
            "scores": self.scores(),
            "metadata": self.metadata(),
            "store": {},
            "events": [],
            "model_usage": usage.map(|usage| json!({&model: usage})).unwrap_or(json!({})),
            "role_usage": {},
            "error": self.error().map(|message| error(&message)),
            "attachments": {},
        });
        // Of its content, so that it differs between two runs that differ.
        whole["uuid"] =
            json!(names::id(&[&names::run_id(run), &self.task.name, &whole.to_string()]));
        whole
    }

    /// The prompt, or one message a variant.
    fn input(&self, id: &str) -> Value {
        match self.responses.as_slice() {
            [one] => json!(one.prompt),
            several => several.iter().map(|response| user(id, response)).collect(),
        }
    }

    /// A pair a variant; a prompt without an answer stands alone.
    fn messages(&self, id: &str, model: &str) -> Vec<Value> {
        let pair = |r| [Some(user(id, r)), assistant(id, r, model)];
        self.responses.iter().flat_map(pair).flatten().collect()
    }

    /// What the model said last, as Inspect has it for several turns.
    fn output(&self, run: &Run, id: &str, model: &str) -> Value {
        let last = self.responses.iter().rev().find_map(|r| Some((r, assistant(id, r, model)?)));
        let Some((response, message)) = last else {
            return json!({"model": model, "choices": [], "completion": ""});
        };
        json!({
            "model": model,
            "choices": [{"message": message, "stop_reason": stop_reason(response)}],
            "completion": response.text.as_deref().unwrap_or_default(),
            "usage": usage(run, response.usage),
            "error": response.error,
        })
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
            "dimension": self.task.dimension,
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

fn user(id: &str, response: &Response) -> Value {
    json!({
        "id": names::id(&["user", id, &response.variant]),
        "content": response.prompt,
        "source": "input",
        "metadata": {"variant": response.variant},
        "role": "user",
    })
}

/// The answer; `None` where none came.
fn assistant(id: &str, response: &Response, model: &str) -> Option<Value> {
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
        "id": names::id(&["assistant", id, &response.variant]),
        "content": content,
        "source": "generate",
        "metadata": {"variant": response.variant, "state": response.state.name()},
        "role": "assistant",
        "model": model,
    }))
}

fn stop_reason(response: &Response) -> &'static str {
    match response.state {
        State::Filtered => "content_filter",
        State::CutOff => "max_tokens",
        _ if response.truncated => "max_tokens",
        _ => "stop",
    }
}

/// Tokens, where any were told.
pub(super) fn usage(run: &Run, usage: Usage) -> Option<Value> {
    let total = usage.prompt_tokens + usage.completion_tokens;
    (total > 0).then(|| {
        json!({
            "input_tokens": usage.prompt_tokens,
            "output_tokens": usage.completion_tokens,
            "total_tokens": total,
            "reasoning_tokens": usage.reasoning_tokens,
            "total_cost": run.price().map(|price| price.of(usage)),
        })
    })
}

/// Two usages together.
fn add(one: &Value, other: &Value) -> Value {
    let sum = |key: &str| match (one[key].as_u64(), other[key].as_u64()) {
        (Some(a), Some(b)) => json!(a + b),
        _ => match (one[key].as_f64(), other[key].as_f64()) {
            (Some(a), Some(b)) => json!(a + b),
            _ => Value::Null,
        },
    };
    let keys = ["input_tokens", "output_tokens", "total_tokens", "reasoning_tokens", "total_cost"];
    keys.iter().map(|key| ((*key).to_owned(), sum(key))).collect::<Map<_, _>>().into()
}

/// Characters of a text in a summary at most, as in Inspect's own.
const LONGEST: usize = 1_024;

/// What lists and tables of samples show: texts cut, no messages.
pub(super) fn summary(whole: &Value) -> Value {
    let mut metadata = whole["metadata"].clone();
    if let Some(metadata) = metadata.as_object_mut() {
        metadata.shift_remove("references");
    }
    cut(&mut metadata);
    let [mut input, mut target, mut scores] =
        ["input", "target", "scores"].map(|key| whole[key].clone());
    [&mut input, &mut target, &mut scores].into_iter().for_each(cut);
    json!({
        "id": whole["id"],
        "epoch": 1,
        "input": input,
        "target": target,
        "metadata": metadata,
        "scores": scores,
        "model_usage": whole["model_usage"],
        "role_usage": {},
        "uuid": whole["uuid"],
        "error": whole["error"]["message"],
        "completed": true,
        "message_count": whole["messages"].as_array().map_or(0, Vec::len),
    })
}

/// Cuts all texts in a value.
fn cut(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(LONGEST) {
                text.truncate(end);
                text.push('…');
            }
        }
        Value::Array(values) => values.iter_mut().for_each(cut),
        Value::Object(values) => values.values_mut().for_each(cut),
        _ => {}
    }
}
