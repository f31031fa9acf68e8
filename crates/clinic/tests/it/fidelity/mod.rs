//! Each task of the published table from CSV to metric, in both protocols, with numbers worked out
//! by hand. `docs/fidelity.md` names these tests.

mod fairness;
mod privacy;
mod robustness;
mod safety;
mod truthfulness;

use clinic_fake::{Action, Fake, Script, Seen};
use serde_json::{Value, json};

use crate::support::{Bench, Outcome, is_for, near};

/// A model, a judge and an embedder that do as they are told, and a dataset.
pub struct Stage {
    bench: Bench,
    fake: Fake,
}

/// What a judge is shown: everything, and the answer that it grades.
pub struct Shown<'a> {
    pub all: &'a str,
    pub answer: &'a str,
}

/// The model answers by the first marker in its prompt; the judge by a rule; the embedder by texts.
pub struct Parts {
    pub says: &'static [(&'static str, &'static str)],
    pub judge: fn(&Shown<'_>) -> &'static str,
    pub vectors: &'static [(&'static str, [f64; 2])],
}

impl Default for Parts {
    fn default() -> Self {
        Self { says: &[], judge: |_| "", vectors: &[] }
    }
}

impl Stage {
    /// Writes the dataset files and starts the server.
    pub fn new(files: &[(&str, &str)], parts: Parts) -> Self {
        let bench = Bench::new();
        for (name, csv) in files {
            bench.write(&format!("data/{name}.csv"), csv);
        }
        let fake = Fake::start(Script::new(move |seen, _| parts.act(seen)));
        Self { bench, fake }
    }

    /// Runs tasks in a protocol and gives the figures.
    pub fn run(&self, protocol: &str, tasks: &str) -> Outcome {
        let url = self.fake.base_url();
        self.bench.clinic(&format!(
            "run --json --data data --tasks {tasks} --out {protocol} --protocol {protocol} \
             --model openai/m --base-url {url} --judge openai/judge --judge-base-url {url} \
             --embedder openai/embedder --embedder-base-url {url} --retry-delay 0.01"
        ))
    }
}

impl Parts {
    fn act(&self, seen: &Seen) -> Action {
        if is_for(seen, "embedder") {
            return self.embed(seen);
        }
        let prompt = seen.prompt();
        if is_for(seen, "judge") {
            let answer = graded(&prompt);
            return match (self.judge)(&Shown { all: &prompt, answer }) {
                "" => Action::Text("I cannot say.".to_owned()),
                digits if digits.starts_with('{') => Action::Text(digits.to_owned()),
                verdict => Action::Text(json!({"says": "so", "verdict": verdict}).to_string()),
            };
        }
        match self.says.iter().find(|(marker, _)| prompt.contains(marker)) {
            Some((_, response)) => Action::Text((*response).to_owned()),
            None => Action::status(400, &[], "not scripted"),
        }
    }

    fn embed(&self, seen: &Seen) -> Action {
        let Some(texts) = seen.body["input"].as_array() else { return Action::Default };
        let vector = |text: &Value| {
            let found = self.vectors.iter().find(|(known, _)| text == known);
            found.map(|(_, vector)| json!({"embedding": vector}))
        };
        match texts.iter().map(vector).collect::<Option<Vec<Value>>>() {
            Some(data) => Action::Json(200, json!({ "data": data })),
            None => Action::status(400, &[], "not scripted"),
        }
    }
}

/// The text between the last pair of marks.
fn graded(prompt: &str) -> &str {
    let Some((_, rest)) = prompt.rsplit_once("begins: answer to grade]\n") else { return "" };
    let end =
        rest.rfind(" ends: answer to grade]").map_or(0, |at| rest[..at].rfind('\n').unwrap_or(0));
    &rest[..end]
}

/// Fails unless a metric has this number over so many samples.
#[track_caller]
pub fn is(done: &Outcome, language: &str, metric: &str, estimate: f64, n: usize) {
    let figure = done.figure(language, metric, None);
    near(&figure["estimate"], estimate);
    assert_eq!(figure["n"], json!(n), "{language} {metric}: {figure:#}");
}

/// Fails unless a metric has no number.
#[track_caller]
pub fn is_none(done: &Outcome, language: &str, metric: &str) {
    let figure = done.figure(language, metric, None);
    assert_eq!(figure["estimate"], Value::Null, "{language} {metric}: {figure:#}");
}
