//! The samples of one task in one language, a line each, as lm-evaluation-harness logs them.

use std::io::Write;

use clinic_core::digest;
use clinic_core::sample::Sample;
use clinic_core::score::Outcome;
use clinic_core::task::Task;
use clinic_engine::run::{Response, Run, StoreError};
use serde_json::{Map, Value, json};

use super::super::{ExportError, Out, each_sample_of, names};

/// How many samples there are, and how many have all their answers.
#[derive(Default)]
pub(super) struct Asked {
    pub original: usize,
    pub effective: usize,
    /// The hash of all that was asked, as lm-evaluation-harness makes it; `None` without samples.
    pub hash: Option<String>,
}

/// Writes the samples whose prompts all have a reply: the format knows no missing one.
pub(super) fn write(
    run: &Run,
    task: &Task,
    language: &str,
    out: &mut Out,
) -> Result<Asked, ExportError> {
    let mut asked = Asked::default();
    let mut hashes = String::new();
    each_sample_of(run, &task.name, |key, sample| {
        if sample.language != language {
            return Ok(());
        }
        let number = asked.original;
        asked.original += 1;
        let responses = run.store().responses(key)?;
        if responses.iter().any(|response| response.reply().is_none()) {
            return Ok(());
        }
        asked.effective += 1;
        let line = line(run, task, key, &sample, number, &responses)?;
        for hash in ["doc_hash", "prompt_hash", "target_hash"] {
            hashes.push_str(line[hash].as_str().unwrap_or_default());
        }
        Ok(writeln!(out, "{line}")?)
    })?;
    asked.hash = (!hashes.is_empty()).then(|| hash(&hashes));
    Ok(asked)
}

fn line(
    run: &Run,
    task: &Task,
    key: i64,
    sample: &Sample,
    number: usize,
    responses: &[Response],
) -> Result<Value, StoreError> {
    let target = names::targets(task, run.plan().protocol, sample).join("\n");
    let doc = json!({
        "language": sample.language,
        "item": sample.item,
        "variants": sample.variants.iter().map(|v| (&v.name, &v.text)).collect::<Vec<_>>(),
        "references": sample.references,
        "domains": sample.domains,
        "source": sample.source,
    });
    let settings = json!({
        "max_gen_toks": task.generation.max_tokens,
        "temperature": task.generation.temperature,
        "top_p": task.generation.top_p,
    });
    let arguments: Map<String, Value> = responses
        .iter()
        .enumerate()
        .map(|(i, r)| (format!("gen_args_{i}"), json!({"arg_0": r.prompt, "arg_1": settings})))
        .collect();
    let answers: Vec<&str> = responses.iter().map(|r| r.text.as_deref().unwrap_or("")).collect();
    let replies: Vec<[&str; 1]> = responses.iter().filter_map(|r| Some([r.reply()?])).collect();
    let prompts: String = responses.iter().map(|response| response.prompt.as_str()).collect();
    let mut line = json!({
        "doc_id": number,
        "doc_hash": hash(&doc.to_string()),
        "doc": doc,
        "target": target,
        "arguments": arguments,
        "resps": replies,
        "filtered_resps": answers,
        "filter": super::FILTER,
        "prompt_hash": hash(&prompts),
        "target_hash": hash(&target),
        "variants": responses.iter().map(|r| r.variant.as_str()).collect::<Vec<_>>(),
        "states": responses.iter().map(|r| r.state.name()).collect::<Vec<_>>(),
    });
    // Figures of a sample are numbers there; categories and verdicts have a field of their own.
    let (mut metrics, mut verdicts) = (Vec::new(), Map::new());
    for (score, _) in run.store().scores(key)? {
        let verdict = match &score.outcome {
            Outcome::Number(number) if line.get(&score.name).is_none() => {
                line[&score.name] = json!(number);
                metrics.push(score.name.clone());
                score.verdict
            }
            Outcome::Category(category) => Some(category.clone()),
            _ => None,
        };
        if let Some(verdict) = verdict {
            verdicts.insert(score.name, json!(verdict));
        }
    }
    line["metrics"] = json!(metrics);
    line["verdicts"] = verdicts.into();
    Ok(line)
}

/// SHA-256 in hex, as lm-evaluation-harness makes its hashes.
fn hash(text: &str) -> String {
    digest::hex(&[text.as_bytes()])
}
