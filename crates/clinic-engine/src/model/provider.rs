//! The providers that are known by name.

use super::preset;

/// What a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// OpenAI's, as many speak it.
    OpenAi,
    /// The same in OpenAI's own house or Azure's, which call the limit `max_completion_tokens`.
    OpenAiOwn,
    /// Anthropic's Messages.
    Anthropic,
    /// Google's Gemini.
    Google,
    /// That of text-embeddings-inference, which writes no text.
    Tei,
}

/// A provider's address and key.
#[derive(Debug, Clone, Copy)]
pub struct Provider {
    /// The name before the slash.
    pub name: &'static str,
    /// What it speaks.
    pub protocol: Protocol,
    /// Where its API is, unless the user says otherwise.
    pub base_url: &'static str,
    /// The environment variable that holds its address, where each user has one of their own.
    pub address: Option<&'static str>,
    /// The environment variable that holds its key.
    pub key: Option<&'static str>,
    /// Whether it is a server of one's own, which may do without a key.
    pub own: bool,
}

const fn provider(
    name: &'static str,
    protocol: Protocol,
    base_url: &'static str,
    key: &'static str,
) -> Provider {
    Provider { name, protocol, base_url, address: None, key: Some(key), own: false }
}

const fn own(name: &'static str, base_url: &'static str, key: Option<&'static str>) -> Provider {
    Provider { name, protocol: Protocol::OpenAi, base_url, address: None, key, own: true }
}

/// All of them.
pub const PROVIDERS: [Provider; 10] = [
    provider("anthropic", Protocol::Anthropic, "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"),
    Provider {
        address: Some("AZURE_OPENAI_ENDPOINT"),
        ..provider(AZURE, Protocol::OpenAiOwn, "", "AZURE_OPENAI_API_KEY")
    },
    provider(
        "google",
        Protocol::Google,
        "https://generativelanguage.googleapis.com/v1beta",
        "GEMINI_API_KEY",
    ),
    own("llamacpp", "http://localhost:8080/v1", Some("LLAMA_API_KEY")),
    own("ollama", "http://localhost:11434/v1", None),
    provider("openai", Protocol::OpenAiOwn, "https://api.openai.com/v1", "OPENAI_API_KEY"),
    provider("openrouter", Protocol::OpenAi, "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    Provider { protocol: Protocol::Tei, ..own(TEI, "http://localhost:8080", Some("TEI_API_KEY")) },
    own("tgi", "http://localhost:8080/v1", Some("TGI_API_KEY")),
    own("vllm", "http://localhost:8000/v1", Some("VLLM_API_KEY")),
];

/// Google's Perspective, which only grades toxicity.
pub const PERSPECTIVE: Provider = provider(
    "perspective",
    Protocol::Google,
    "https://commentanalyzer.googleapis.com",
    "PERSPECTIVE_API_KEY",
);

/// The prefix of models that a user has at Azure, by the deployment's name.
pub const AZURE: &str = "azure";

/// The prefix of embedders and classifiers behind text-embeddings-inference.
pub const TEI: &str = "tei";

/// The prefix of models that run in this process.
pub const LLAMA: &str = "llama";

/// What stands before a file of the hub, behind [`LLAMA`] and a slash.
pub const HUB: &str = "hf:";

/// A model as a user names it: `provider/model`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// A GGUF file in this process: its path, or a file of the hub as `hf:OWNER/REPO/FILE`.
    Llama(String),
    /// A model behind HTTP.
    Http {
        /// The provider's name.
        provider: &'static str,
        /// The model's name there.
        model: String,
    },
}

/// A name without a known provider.
#[derive(Debug, thiserror::Error)]
#[error("'{name}' is not provider/model, with one of the providers {LLAMA}, {}, and no name of \
    models.toml (clinic models lists them)", PROVIDERS.map(|p| p.name).join(", "))]
pub struct UnknownName {
    name: String,
}

impl std::str::FromStr for Name {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName { name: text.to_owned() };
        if let Some(preset) = preset::model(text) {
            return preset.model.parse();
        }
        let (provider, model) = text.split_once('/').ok_or_else(unknown)?;
        if model.trim().is_empty() {
            return Err(unknown());
        }
        if provider == LLAMA {
            return Ok(Self::Llama(model.to_owned()));
        }
        let found = PROVIDERS.iter().find(|p| p.name == provider).ok_or_else(unknown)?;
        Ok(Self::Http { provider: found.name, model: model.to_owned() })
    }
}

/// The provider of this name, of models or of grades.
pub fn find(name: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().chain([&PERSPECTIVE]).find(|p| p.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_provider_and_a_model() {
        assert_eq!(
            "llama//models/a.gguf".parse::<Name>().unwrap(),
            Name::Llama("/models/a.gguf".into())
        );
        assert_eq!(
            "openrouter/meta/llama".parse::<Name>().unwrap(),
            Name::Http { provider: "openrouter", model: "meta/llama".into() }
        );
        for wrong in ["gpt-4o", "nobody/x", "openai/", ""] {
            let error = wrong.parse::<Name>().unwrap_err().to_string();
            assert!(error.contains("openrouter"), "{error}");
        }
    }
}
