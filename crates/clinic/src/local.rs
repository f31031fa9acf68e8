//! Models in this process: from a path or a name on the hub to a model that is loaded.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clinic_engine::model::preset;
use clinic_engine::model::provider::{HUB, Name};
use clinic_engine::model::{Embedder, Model};
use clinic_llama::{EmbedOptions, LlamaEmbedder, LlamaModel, Options};

use crate::args::LlamaArgs;
use crate::exit::Wrong;
use crate::models::{Ready, named, text};
use crate::{hub, print};

/// Loads a model that writes.
pub fn model(path: &str, args: &LlamaArgs) -> anyhow::Result<Ready<dyn Model>> {
    let file = file(path)?;
    let usual = Options::default();
    let options = Options {
        sequences: args.llama_sequences.unwrap_or(usual.sequences),
        context: args.llama_context,
        threads: args.llama_threads,
        gpu_layers: args.llama_gpu_layers,
        ..usual
    };
    let model = LlamaModel::load(&file, options).map_err(|error| Wrong::new(error.to_string()))?;
    whole(path, &file, model.identity())?;
    let identity = model.identity().to_owned();
    let named = named(&Name::Llama(path.to_owned()), None, identity);
    Ok(Ready { model: Arc::new(model), named })
}

/// Loads a model that embeds. It reads texts as long as its file says, whatever the other models.
pub fn embedder(path: &str, args: &LlamaArgs) -> anyhow::Result<Ready<dyn Embedder>> {
    let file = file(path)?;
    let options = EmbedOptions {
        threads: args.llama_threads,
        gpu_layers: args.llama_gpu_layers,
        ..EmbedOptions::default()
    };
    let model =
        LlamaEmbedder::load(&file, options).map_err(|error| Wrong::new(error.to_string()))?;
    whole(path, &file, model.identity())?;
    let name = Name::Llama(path.to_owned());
    let identity = model.identity().to_owned();
    if let Some(preset) = preset::embedders().iter().find(|p| p.full_name() == text(&name)) {
        let found = (model.pooling().name(), model.context(), model.dimensions());
        let meant = (preset.pooling.as_str(), preset.context, preset.dimensions);
        if found != meant || !identity.contains(&preset.sha256) {
            let what = format!("the file is not what the preset {} means", preset.name);
            return Err(Wrong::new(format!("{what}: {identity}, {found:?}"))
                .hint(format!("delete {} and try again", file.display()))
                .into());
        }
    }
    Ok(Ready { model: Arc::new(model), named: named(&name, None, identity) })
}

/// The local file that a name means, fetched where it is one of the hub.
fn file(path: &str) -> anyhow::Result<PathBuf> {
    let file = match hub::Reference::parse(path)? {
        Some(reference) => reference.fetch()?,
        None => path.into(),
    };
    print::status(&format!("loading {}", file.display()));
    if !file.is_file() {
        return Err(Wrong::new(format!("there is no file {}", file.display()))
            .hint("llama/ takes the path of a GGUF file, or hf:OWNER/REPO/FILE.gguf")
            .into());
    }
    Ok(file)
}

/// Refuses a file that was damaged on its way from the hub.
fn whole(path: &str, file: &Path, identity: &str) -> anyhow::Result<()> {
    let told = hub::told_sha256(file).filter(|_| path.starts_with(HUB));
    match told.filter(|told| !identity.contains(told)) {
        Some(_) => Err(Wrong::new(format!("{} is not what the hub sent", file.display()))
            .hint("delete it with what it links to, and try again")
            .into()),
        None => Ok(()),
    }
}
