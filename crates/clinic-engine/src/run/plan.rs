//! The plan of a run, frozen in `run.toml`.

use std::collections::BTreeMap;

use clinic_core::dataset::{DataError, Dataset, Reading};
use clinic_core::digest;
use clinic_core::exchange::{Prompt, Request, Sampling};
use clinic_core::language::{Language, Tier};
use clinic_core::prompt;
use clinic_core::published::Protocol;
use clinic_core::sample::Sample;
use clinic_core::system::System;
use clinic_core::task::Task;
use serde::{Deserialize, Serialize};

use crate::model::grader::GUARD;
use crate::model::preset::{self, Price};
use crate::model::provider::LLAMA;
use crate::scorer::Judging;

/// All that decides what a run asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Version of `clinic` that made it.
    pub clinic: String,
    /// Seed of every draw.
    pub seed: u64,
    /// Whose arithmetic makes the numbers.
    #[serde(default)]
    pub protocol: Protocol,
    /// Whether prompts go through the model's chat template.
    pub prompt_format: Format,
    /// What stands above every question to the model under test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<System>,
    /// Tokens that the model may think with, apart from those of its answer.
    #[serde(default)]
    pub reasoning_tokens: u32,
    /// Whether answers are scored as part of the run.
    pub score: bool,
    /// Tags of the languages.
    pub languages: Vec<String>,
    /// Tag to resource tier, as it was when the run was made.
    #[serde(default)]
    pub tiers: BTreeMap<String, Tier>,
    /// USD that the run may cost, all its sessions together.
    #[serde(default)]
    pub budget: Option<f64>,
    /// Whether answers and verdicts come from batch endpoints.
    #[serde(default)]
    pub batch: bool,
    /// Items a task at most.
    pub limit: Option<usize>,
    /// Where the answers were read from, where no model was asked.
    #[serde(default)]
    pub imported: Option<Imported>,
    /// The model under test.
    pub model: ModelRef,
    /// The judge, where one is named.
    pub judge: Option<ModelRef>,
    /// Who grades toxicity, where it is not the judge.
    pub toxicity: Option<ModelRef>,
    /// How often and how warmly a judge is asked.
    #[serde(default)]
    pub judging: Judging,
    /// The embedder, where one is named.
    pub embedder: Option<ModelRef>,
    /// Models with a price that scored before others took their place: what they cost counts all the
    /// same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<ModelRef>,
    /// The dataset.
    pub data: DataRef,
    /// The tasks; their files are in the store.
    pub tasks: Vec<TaskRef>,
}

/// How answers were read from files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imported {
    /// The files' layout.
    pub layout: String,
    /// How rows were joined with items: under `reference` by their place alone.
    pub joined: Protocol,
}

/// Whether prompts go through the model's chat template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// As a user's message.
    Chat,
    /// As bare text, as the published scripts do.
    Raw,
}

/// A model, as named and as found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRef {
    /// `provider/model`.
    pub name: String,
    /// The server, where it is not the provider's own.
    pub base_url: Option<String>,
    /// What content keys are made of; holds a local file's hash.
    pub identity: String,
    /// What it cost when the run was made, where that is known.
    #[serde(default)]
    pub price: Option<Price>,
}

impl ModelRef {
    /// What it costs: as the plan has it, else as models.toml lists it.
    pub fn known_price(&self) -> Option<&Price> {
        let name = self.name.strip_prefix(GUARD).unwrap_or(&self.name);
        self.price.as_ref().or_else(|| preset::of(name)?.price.as_ref())
    }

    /// The name for people and exports: a local file without its folder.
    pub fn label(&self) -> String {
        let (prefix, name) = match self.name.strip_prefix(GUARD) {
            Some(name) => (GUARD, name),
            None => ("", self.name.as_str()),
        };
        match name.strip_prefix(LLAMA).and_then(|rest| rest.rsplit_once(['/', '\\'])) {
            Some((_, file)) => format!("{prefix}{LLAMA}/{file}"),
            None => self.name.clone(),
        }
    }
}

/// A dataset, as named and as found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataRef {
    /// What `--data` said.
    pub source: String,
    /// Name and version from the manifest.
    pub name: String,
    /// Version from the manifest.
    pub version: String,
    /// Dataset file to SHA-256.
    pub files: BTreeMap<String, String>,
}

/// A task of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskRef {
    /// Its name.
    pub name: String,
    /// SHA-256 of its file.
    pub sha256: String,
}

/// The samples of some tasks, the gaps, and the hashes of the files read.
///
/// `limit` keeps the first items of each task, the same in every language.
pub fn samples(
    data: &Dataset,
    tasks: &[&Task],
    languages: &[&Language],
    limit: Option<usize>,
) -> Result<Reading, DataError> {
    let mut all = Reading::default();
    for task in tasks {
        let reading = data.read_first(limit.unwrap_or(usize::MAX), task, languages)?;
        all.samples.extend(reading.samples);
        all.gaps.extend(reading.gaps);
        all.digests.extend(reading.digests);
    }
    Ok(all)
}

impl Plan {
    /// All models that it names; those that scored once come last.
    pub fn models(&self) -> impl Iterator<Item = &ModelRef> {
        let scorers = [&self.judge, &self.toxicity, &self.embedder].into_iter().flatten();
        std::iter::once(&self.model).chain(scorers).chain(&self.earlier)
    }

    /// Names who scores from now on: judge, grader of toxicity, embedder.
    pub fn set_scorers(&mut self, [judge, toxicity, embedder]: [Option<ModelRef>; 3]) {
        let before = [self.judge.take(), self.toxicity.take(), self.embedder.take()];
        let earlier =
            std::mem::take(&mut self.earlier).into_iter().chain(before.into_iter().flatten());
        (self.judge, self.toxicity, self.embedder) = (judge, toxicity, embedder);
        for old in earlier {
            let gone = self.models().all(|model| model.identity != old.identity);
            if gone && old.known_price().is_some() {
                self.earlier.push(old);
            }
        }
    }

    /// The request for one variant of a sample.
    pub fn request(&self, task: &Task, sample: &Sample, variant: &str, text: &str) -> Request {
        let generation = &task.generation;
        let parts = [&sample.task, &sample.item, &sample.language, variant];
        let mut hashed = vec![self.seed.to_le_bytes().to_vec()];
        hashed.extend(parts.map(|part| part.as_bytes().to_vec()));
        let hashed: Vec<&[u8]> = hashed.iter().map(Vec::as_slice).collect();
        Request {
            prompt: self.lay_out(text, &sample.language),
            sampling: Sampling {
                max_tokens: generation.max_tokens,
                reasoning_tokens: self.reasoning_tokens,
                temperature: generation.temperature,
                top_p: generation.top_p,
                seed: digest::number(&hashed),
            },
            schema: None,
        }
    }

    fn lay_out(&self, text: &str, language: &str) -> Prompt {
        let prompt = match self.prompt_format {
            Format::Chat => Prompt::user(text),
            Format::Raw => Prompt::Raw(text.to_owned()),
        };
        match self.system.as_ref().and_then(|system| system.text.get(language)) {
            Some(system) => prompt.under(system),
            None => prompt,
        }
    }

    /// The prompts of a sample, by variant.
    pub fn prompts(task: &Task, sample: &Sample) -> Vec<(String, String)> {
        let render = |text: &str| prompt::render(task, &sample.language, text);
        sample
            .variants
            .iter()
            // Samples whose language lacks a text were left out as gaps when the data was read.
            .filter_map(|v| Some((v.name.clone(), render(&v.text).ok()?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_hold_no_folders() {
        let label = |name: &str| {
            ModelRef { name: name.to_owned(), base_url: None, identity: String::new(), price: None }
                .label()
        };
        assert_eq!(label("llama//home/me/a.gguf"), "llama/a.gguf");
        assert_eq!(label("guard:llama//home/me/a.gguf"), "guard:llama/a.gguf");
        assert_eq!(label("guard:vllm/Qwen/Qwen3Guard"), "guard:vllm/Qwen/Qwen3Guard");
        assert_eq!(label("tei/a/b:c"), "tei/a/b:c");
    }
}
