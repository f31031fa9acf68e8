//! From names to models: the one place where providers meet the in-process backend.

use std::sync::Arc;
use std::time::Duration;

use clinic_engine::model::anthropic::Anthropic;
use clinic_engine::model::batch::{AnthropicBatch, BatchApi, OpenAiBatch};
use clinic_engine::model::embeddings::OpenAiEmbedder;
use clinic_engine::model::google::Google;
use clinic_engine::model::http::{Endpoint, Timeouts};
use clinic_engine::model::openai::OpenAi;
use clinic_engine::model::provider::{self, AZURE, HUB, LLAMA, Name, Protocol, TEI};
use clinic_engine::model::tei_embedder::{self, TeiEmbedder};
use clinic_engine::model::{Embedder, Model};
use clinic_engine::run::ModelRef;
use secrecy::SecretString;

use crate::args::PaceArgs;
use crate::exit::Wrong;
#[cfg(feature = "llama")]
use crate::local;
use crate::offline::is_offline;

/// How long a server may take to tell what it serves.
const PATIENCE: Duration = Duration::from_secs(5);

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
            no_base_url(base_url)?;
            local::model(path, &pace.llama)
        }
        Name::Http { provider, model } if *provider == TEI => {
            Err(Wrong::new(format!("{TEI}/{model} embeds texts and cannot write any"))
                .hint("name it with --embedder")
                .into())
        }
        Name::Http { provider, model } => {
            let endpoint = endpoint(provider, base_url, pace)?;
            let protocol = provider::find(provider).map(|provider| provider.protocol);
            let model: Arc<dyn Model> = match protocol {
                Some(Protocol::Anthropic) => Arc::new(Anthropic::new(endpoint, model)),
                Some(Protocol::Google) => Arc::new(Google::new(endpoint, model)),
                Some(Protocol::OpenAiOwn) if *provider == AZURE => {
                    Arc::new(OpenAi::new(endpoint.key_header("api-key"), model).own())
                }
                // Another server under the name of OpenAI may know the older word alone.
                Some(Protocol::OpenAiOwn) if base_url.is_none() => {
                    Arc::new(OpenAi::new(endpoint, model).own())
                }
                _ => Arc::new(OpenAi::new(endpoint, model)),
            };
            let identity = model.identity().to_owned();
            Ok(Ready { model, named: named(name, base_url, identity) })
        }
    }
}

/// Connects the batch endpoint of a model's provider.
pub fn batch_api(model: &ModelRef, pace: &PaceArgs) -> anyhow::Result<Box<dyn BatchApi>> {
    let none = || {
        Wrong::new(format!("{}: --batch knows no batch endpoint of this provider", model.name))
            .hint("leave --batch out; OpenAI, Azure and Anthropic have one")
    };
    let Name::Http { provider, model: name } = model.name.parse()? else {
        return Err(none().into());
    };
    let base_url = model.base_url.as_deref();
    let endpoint = || endpoint(provider, base_url, pace);
    Ok(match provider::find(provider).map(|provider| provider.protocol) {
        Some(Protocol::Anthropic) => Box::new(AnthropicBatch::new(endpoint()?, &name)),
        Some(Protocol::OpenAiOwn) if provider == AZURE => {
            let endpoint = endpoint()?.key_header("api-key");
            Box::new(OpenAiBatch::new(endpoint, &name, true).unversioned())
        }
        Some(Protocol::OpenAiOwn) => {
            Box::new(OpenAiBatch::new(endpoint()?, &name, base_url.is_none()))
        }
        _ => return Err(none().into()),
    })
}

/// Connects an embedder.
pub fn embedder(
    name: &Name,
    base_url: Option<&str>,
    pace: &PaceArgs,
) -> anyhow::Result<Ready<dyn Embedder>> {
    match name {
        Name::Llama(path) => {
            no_base_url(base_url)?;
            local::embedder(path, &pace.llama)
        }
        Name::Http { provider, model } => {
            let connect = || endpoint(provider, base_url, pace);
            let model: Arc<dyn Embedder> = match *provider {
                TEI => {
                    let served = served(connect()?)?;
                    if let Some(served) = served.as_ref().filter(|served| served.model != *model) {
                        let what = format!("{TEI}/{model}: the server says that it serves");
                        crate::print::status(&format!("{what} {}", served.model));
                    }
                    Arc::new(TeiEmbedder::new(connect()?, model, served.as_ref()))
                }
                _ => Arc::new(OpenAiEmbedder::new(connect()?, model)),
            };
            let identity = model.identity().to_owned();
            Ok(Ready { model, named: named(name, base_url, identity) })
        }
    }
}

fn no_base_url(base_url: Option<&str>) -> Result<(), Wrong> {
    let what = "a llama/ model runs in this process and has no base URL";
    base_url.map_or(Ok(()), |_| Err(Wrong::new(what)))
}

/// What a server of text-embeddings-inference serves, where it tells.
fn served(endpoint: Endpoint) -> anyhow::Result<Option<tei_embedder::Served>> {
    // An endpoint of its own, since connections die with the runtime that made them.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asked = async { tokio::time::timeout(PATIENCE, tei_embedder::served(&endpoint)).await };
    Ok(runtime.block_on(asked).ok().and_then(Result::ok))
}

/// How the plan names a model.
pub fn named(name: &Name, base_url: Option<&str>, identity: String) -> ModelRef {
    ModelRef { name: text(name), base_url: base_url.map(str::to_owned), identity, price: None }
}

/// The name as a user writes it, with a local file's path made absolute.
pub fn text(name: &Name) -> String {
    match name {
        Name::Llama(path) if path.starts_with(HUB) => format!("{LLAMA}/{path}"),
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
    if is_offline() {
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
    let own = known.is_some_and(|provider| provider.own);
    if let (Some(variable), None, None) = (key.filter(|_| !own), &secret, base_url) {
        return Err(Wrong::new(format!("{provider}/ models need a key"))
            .hint(format!("put it into the environment variable {variable}"))
            .into());
    }
    let url = match (base_url, known.and_then(|provider| provider.address)) {
        (Some(url), _) => url.to_owned(),
        (None, Some(variable)) => address(provider, variable)?,
        (None, None) => known.map(|provider| provider.base_url.to_owned()).unwrap_or_default(),
    };
    let seconds = Duration::from_secs_f64;
    let timeouts = Timeouts {
        connect: seconds(pace.connect_timeout),
        first_byte: seconds(pace.first_byte_timeout.unwrap_or(pace.timeout)),
        whole: seconds(pace.timeout),
        ..Timeouts::default()
    };
    let secret = secret.map(|key| SecretString::from(key.trim().to_owned()));
    Endpoint::new(&url, secret, timeouts).map_err(|e| Wrong::new(e.message).into())
}

/// The address of a service that each user has at one of their own, from the environment.
fn address(provider: &str, variable: &str) -> Result<String, Wrong> {
    let address = std::env::var(variable).ok().filter(|address| !address.trim().is_empty());
    let missing = || {
        Wrong::new(format!("{provider}/ models need the address of your resource"))
            .hint(format!("put it into the environment variable {variable}, or use --base-url"))
    };
    let address = address.ok_or_else(missing)?;
    Ok(format!("{}/openai/v1", address.trim().trim_end_matches('/')))
}

/// A build without models in the process says so.
#[cfg(not(feature = "llama"))]
mod local {
    use super::*;
    use crate::args::LlamaArgs;

    pub fn model(_: &str, _: &LlamaArgs) -> anyhow::Result<Ready<dyn Model>> {
        Err(without_llama())
    }

    pub fn embedder(_: &str, _: &LlamaArgs) -> anyhow::Result<Ready<dyn Embedder>> {
        Err(without_llama())
    }

    fn without_llama() -> anyhow::Error {
        Wrong::new("this clinic was built without models in the process")
            .hint("build it with the feature `llama`")
            .into()
    }
}
