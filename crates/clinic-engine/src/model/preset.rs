//! Models that have a short name: `models.toml` at the root of the workspace.

use std::sync::OnceLock;

use clinic_core::exchange::Usage;
use serde::{Deserialize, Serialize};

use super::provider::HUB;
use crate::run::Format;

const BUILTIN: &str = include_str!("../../../../models.toml");

/// An embedding model with all that its use needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// What a user calls it.
    pub name: String,
    /// The provider that runs it.
    pub provider: String,
    /// Owner and name of its repository on the hub.
    pub repo: String,
    /// The commit that is meant.
    pub revision: String,
    /// The file in the repository.
    pub file: String,
    /// SHA-256 of the file, as hexadecimal digits.
    pub sha256: String,
    /// How the vectors of a text's tokens become one: `cls` or `mean`.
    pub pooling: String,
    /// The longest text, in tokens.
    pub context: u32,
    /// Numbers in a vector.
    pub dimensions: usize,
}

/// A language model with all that its use needs.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ModelPreset {
    /// What a user calls it.
    pub name: String,
    /// Whether the published benchmark evaluated it.
    #[serde(default)]
    pub published: bool,
    /// `provider/model`: what the name stands for.
    pub model: String,
    /// Its original weights on the hub, where they are open.
    pub hub: Option<String>,
    /// How prompts go in.
    pub format: Format,
    /// Tokens that it may think with before its answer; 0 where it does not.
    #[serde(default)]
    pub reasoning_tokens: u32,
    /// Tokens of prompt and answer together at most, where that is known.
    pub context: Option<u32>,
    /// The day from which its maker no longer serves it, as YYYY-MM-DD.
    pub ends: Option<String>,
    /// The preset that takes its place then.
    pub successor: Option<String>,
    /// What it costs.
    pub price: Option<Price>,
}

/// What a batch endpoint costs, as a share: OpenAI, Azure and Anthropic ask for half.
pub const BATCH: f64 = 0.5;

/// USD for a million tokens.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of the prompt.
    pub input: f64,
    /// Of the answer, reasoning included.
    pub output: f64,
    /// The day on which it was read, as YYYY-MM-DD.
    pub read: String,
    /// The page that said so.
    pub source: String,
}

impl Price {
    /// What these tokens cost, in USD.
    pub fn of(&self, usage: Usage) -> f64 {
        let tokens =
            usage.prompt_tokens as f64 * self.input + usage.completion_tokens as f64 * self.output;
        tokens / 1e6 * if usage.batch { BATCH } else { 1.0 }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    embedders: Vec<Preset>,
    models: Vec<ModelPreset>,
}

fn file() -> &'static File {
    static PRESETS: OnceLock<File> = OnceLock::new();
    PRESETS.get_or_init(|| toml::from_str(BUILTIN).expect("models.toml is checked by a test"))
}

/// All language models that have a short name.
pub fn models() -> &'static [ModelPreset] {
    &file().models
}

/// The language model of this short name.
pub fn model(name: &str) -> Option<&'static ModelPreset> {
    models().iter().find(|preset| preset.name == name)
}

/// The preset that stands for this `provider/model`.
pub fn of(full_name: &str) -> Option<&'static ModelPreset> {
    models().iter().find(|preset| preset.model == full_name)
}

impl Preset {
    /// What its short name stands for.
    pub fn full_name(&self) -> String {
        let Self { provider, repo, file, revision, .. } = self;
        format!("{provider}/{HUB}{repo}/{file}@{revision}")
    }
}

/// All embedders that have a short name.
pub fn embedders() -> &'static [Preset] {
    &file().embedders
}

/// The embedder of this short name.
pub fn embedder(name: &str) -> Option<&'static Preset> {
    embedders().iter().find(|preset| preset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::provider::Name;

    #[test]
    fn embedder_presets_are_whole() {
        for preset in embedders() {
            assert!(preset.full_name().parse::<Name>().is_ok(), "{preset:?}");
            let hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
            assert!(preset.sha256.len() == 64 && hex(&preset.sha256), "{preset:?}");
            assert!(preset.revision.len() == 40 && hex(&preset.revision), "{preset:?}");
            assert!(["cls", "mean"].contains(&preset.pooling.as_str()), "{preset:?}");
        }
        let bge = embedder("bge-m3").unwrap();
        assert_eq!((bge.context, bge.dimensions, bge.pooling.as_str()), (8192, 1024, "cls"));
        assert_eq!(embedder("BGE"), None);
    }

    #[test]
    fn the_thirteen_published_models_have_presets_that_are_whole() {
        assert_eq!(models().iter().filter(|preset| preset.published).count(), 13);
        for preset in models() {
            let name: Name = preset.model.parse().unwrap_or_else(|e| panic!("{preset:?}: {e}"));
            assert_eq!(preset.name.parse::<Name>().unwrap(), name, "{preset:?}");
            assert!(!preset.name.contains('/'), "{preset:?}");
            assert_eq!(of(&preset.model), Some(preset), "two presets of one model");
            assert_eq!(preset.ends.is_some(), preset.successor.is_some(), "{preset:?}");
            let successor = preset.successor.as_deref().map(model);
            assert!(successor.is_none_or(|found| found.is_some()), "{preset:?}");
            let day = |text: &str| text.len() == 10 && text.split('-').count() == 3;
            assert!(preset.ends.as_deref().is_none_or(day), "{preset:?}");
            if let Some(price) = &preset.price {
                assert!(price.input > 0.0 && price.output >= price.input, "{preset:?}");
                assert!(day(&price.read) && price.source.starts_with("https://"), "{preset:?}");
            }
        }
    }

    #[test]
    fn a_price_is_for_a_million_tokens() {
        let price = Price { input: 2.0, output: 8.0, read: String::new(), source: String::new() };
        let usage =
            Usage { prompt_tokens: 500_000, completion_tokens: 250_000, ..Usage::default() };
        assert!((price.of(usage) - 3.0).abs() < 1e-12);
        assert!((price.of(Usage { batch: true, ..usage }) - 1.5).abs() < 1e-12);
    }
}
