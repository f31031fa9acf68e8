//! From names to models: the one place where providers meet the in-process backend.

use std::sync::Arc;
use std::time::Duration;

use clinic_engine::model::embeddings::OpenAiEmbedder;
use clinic_engine::model::http::{Endpoint, Timeouts};
use clinic_engine::model::openai::OpenAi;
use clinic_engine::model::provider::{self, LLAMA, Name};
use clinic_engine::model::{Embedder, Model};
use clinic_engine::run::ModelRef;
use secrecy::SecretString;

use crate::args::PaceArgs;
use crate::exit::Wrong;

/// A model that is ready, and how the plan names it.
pub struct Ready<M: ?Sized> {
    pub model: Arc<M>,
    pub named: ModelRef,
}

/// Loads or connects a model.
pub fn model(
    name: &Name,
    base_url: Option<&str>,
    pace: &PaceArgs,
) -> anyhow::Result<Ready<dyn Model>> {
    match name {
        Name::Llama(path) => {
            if base_url.is_some() {
                let what = "a llama/ model runs in this process and has no base URL";
                return Err(Wrong::new(what).into());
            }
            llama(path)
        }
        Name::Http { provider, model } => {
            let endpoint = endpoint(provider, base_url, pace)?;
            let model: Arc<dyn Model> = Arc::new(OpenAi::new(endpoint, model));
            let identity = model.identity().to_owned();
            Ok(Ready { model, named: named(name, base_url, identity) })
        }
    }
}

/// Connects an embedder.
pub fn embedder(
    name: &Name,
    base_url: Option<&str>,
    pace: &PaceArgs,
) -> anyhow::Result<Ready<dyn Embedder>> {
    match name {
        Name::Llama(_) => Err(Wrong::new("embedding models in this process are not supported yet")
            .hint("serve it behind /v1/embeddings and name it with --embedder-base-url")
            .into()),
        Name::Http { provider, model } => {
            let endpoint = endpoint(provider, base_url, pace)?;
            let model: Arc<dyn Embedder> = Arc::new(OpenAiEmbedder::new(endpoint, model));
            let identity = model.identity().to_owned();
            Ok(Ready { model, named: named(name, base_url, identity) })
        }
    }
}

fn named(name: &Name, base_url: Option<&str>, identity: String) -> ModelRef {
    ModelRef { name: text(name), base_url: base_url.map(str::to_owned), identity }
}

/// The name as a user writes it, with a local file's path made absolute.
pub fn text(name: &Name) -> String {
    match name {
        Name::Llama(path) => {
            let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
            format!("{LLAMA}/{}", absolute.display())
        }
        Name::Http { provider, model } => format!("{provider}/{model}"),
    }
}

/// A provider's endpoint, with its key from the environment.
pub fn endpoint(
    provider: &str,
    base_url: Option<&str>,
    pace: &PaceArgs,
) -> anyhow::Result<Endpoint> {
    let what = format!("{provider}/ models need the network, which --offline forbids");
    if pace.offline {
        return Err(Wrong::new(what).into());
    }
    let known = provider::find(provider);
    let key = known.and_then(|provider| provider.key);
    let secret = key.and_then(|variable| std::env::var(variable).ok()).filter(|k| !k.is_empty());
    if let (Some(variable), Some(key)) = (key, &secret)
        && key.trim().chars().any(|c| c.is_control() || c.is_whitespace())
    {
        let what = format!("the key in {variable} holds white space or control codes");
        return Err(Wrong::new(what).hint("set it again without line breaks").into());
    }
    // A server of one's own may do without a key; the provider's never does.
    if let (Some(variable), None, None) =
        (key.filter(|_| !["vllm", "tei"].contains(&provider)), &secret, base_url)
    {
        return Err(Wrong::new(format!("{provider}/ models need a key"))
            .hint(format!("put it into the environment variable {variable}"))
            .into());
    }
    let url = base_url.or(known.map(|provider| provider.base_url)).unwrap_or_default();
    let timeouts = Timeouts { whole: Duration::from_secs_f64(pace.timeout), ..Timeouts::default() };
    let secret = secret.map(|key| SecretString::from(key.trim().to_owned()));
    Endpoint::new(url, secret, timeouts).map_err(|e| Wrong::new(e.message).into())
}

#[cfg(feature = "llama")]
fn llama(path: &str) -> anyhow::Result<Ready<dyn Model>> {
    let file = std::path::Path::new(path);
    crate::print::status(&format!("loading {}", file.display()));
    if !file.is_file() {
        return Err(Wrong::new(format!("there is no file {}", file.display()))
            .hint("llama/ takes the path of a GGUF file")
            .into());
    }
    let model = clinic_llama::LlamaModel::load(file, clinic_llama::Options::default())
        .map_err(|error| Wrong::new(error.to_string()))?;
    let model: Arc<dyn Model> = Arc::new(model);
    let name = Name::Llama(path.to_owned());
    let identity = model.identity().to_owned();
    Ok(Ready { model, named: named(&name, None, identity) })
}

#[cfg(not(feature = "llama"))]
fn llama(_: &str) -> anyhow::Result<Ready<dyn Model>> {
    Err(Wrong::new("this clinic was built without models in the process")
        .hint("build it with the feature `llama`")
        .into())
}
