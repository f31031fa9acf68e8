//! The providers that are known by name. All but `tei` speak the OpenAI protocol.

/// A provider's address and key.
#[derive(Debug, Clone, Copy)]
pub struct Provider {
    /// The name before the slash.
    pub name: &'static str,
    /// Where its API is, unless the user says otherwise.
    pub base_url: &'static str,
    /// The environment variable that holds its key.
    pub key: Option<&'static str>,
}

/// All of them.
pub const PROVIDERS: [Provider; 5] = [
    Provider { name: "ollama", base_url: "http://localhost:11434/v1", key: None },
    Provider { name: "openai", base_url: "https://api.openai.com/v1", key: Some("OPENAI_API_KEY") },
    Provider {
        name: "openrouter",
        base_url: "https://openrouter.ai/api/v1",
        key: Some("OPENROUTER_API_KEY"),
    },
    Provider { name: TEI, base_url: "http://localhost:8080", key: Some("TEI_API_KEY") },
    Provider { name: "vllm", base_url: "http://localhost:8000/v1", key: Some("VLLM_API_KEY") },
];

/// Google's Perspective, which only grades toxicity.
pub const PERSPECTIVE: Provider = Provider {
    name: "perspective",
    base_url: "https://commentanalyzer.googleapis.com",
    key: Some("PERSPECTIVE_API_KEY"),
};

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
#[error("'{name}' is not provider/model, with one of the providers {LLAMA}, {}",
    PROVIDERS.map(|p| p.name).join(", "))]
pub struct UnknownName {
    name: String,
}

impl std::str::FromStr for Name {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName { name: text.to_owned() };
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
