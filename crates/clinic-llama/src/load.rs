//! From a GGUF file to a model in memory, and the identity of what was loaded.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;

use llama_cpp_2::LlamaCppError;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::model::params::LlamaModelParams;
use sha2::{Digest, Sha256};

use crate::prompt::Prompts;
use crate::sample::Defaults;
use crate::{LlamaError, Options, log};

/// The most that `Options::context` takes for itself: 16 sequences of it are memory enough.
const CONTEXT: u32 = 4096;
/// llama.cpp's own limit (`LLAMA_MAX_SEQ`).
const MOST_SEQUENCES: u32 = 256;

/// A model and what is read from its file once.
pub(crate) struct Loaded {
    pub(crate) model: llama_cpp_2::model::LlamaModel,
    pub(crate) prompts: Prompts,
    pub(crate) defaults: Defaults,
}

/// The one backend of the process: llama.cpp starts once and is never taken down.
pub(crate) fn backend() -> Result<&'static LlamaBackend, LlamaError> {
    static BACKEND: OnceLock<Result<LlamaBackend, LlamaCppError>> = OnceLock::new();
    let started = BACKEND.get_or_init(|| log::silence(LlamaBackend::init));
    started.as_ref().map_err(|error| LlamaError::Start(error.to_string()))
}

pub(crate) fn model(path: &Path, options: Options) -> Result<Loaded, LlamaError> {
    if !(1..=MOST_SEQUENCES).contains(&options.sequences) {
        let reason = format!("sequences must be between 1 and {MOST_SEQUENCES}");
        return Err(LlamaError::Options { path: path.into(), reason });
    }
    let model = file(path, options.gpu_layers)?;
    if pooling_type(&model).is_some() {
        return Err(LlamaError::NotGenerative(path.into()));
    }
    let (prompts, defaults) = (Prompts::new(&model), Defaults::new(&model));
    Ok(Loaded { model, prompts, defaults })
}

/// Loads a file, whatever kind of model it holds.
pub(crate) fn file(
    path: &Path,
    gpu_layers: Option<u32>,
) -> Result<llama_cpp_2::model::LlamaModel, LlamaError> {
    check_magic(path)?;
    if path.to_str().is_none() {
        return Err(LlamaError::PathNotUtf8(path.into()));
    }
    let backend = backend()?;
    let mut params = LlamaModelParams::default();
    if let Some(layers) = gpu_layers {
        params = params.with_n_gpu_layers(layers);
    }
    let (model, reason) =
        log::capture(|| llama_cpp_2::model::LlamaModel::load_from_file(backend, path, &params));
    model.map_err(|_| LlamaError::Refused { path: path.into(), reason })
}

/// Threads to compute with: as asked for, else one for each physical core. Two on one core share its
/// arithmetic units, and wait for each other all the same. Where the process may use fewer cores, as
/// in a container, one for each of those.
pub(crate) fn threads(asked: Option<u32>) -> i32 {
    let usual = || {
        let allowed = std::thread::available_parallelism().map_or(1, usize::from);
        num_cpus::get_physical().min(allowed) as u32
    };
    asked.unwrap_or_else(usual).max(1) as i32
}

/// How the file says that the vectors of a text's tokens become one; only embedding models say it.
pub(crate) fn pooling_type(model: &llama_cpp_2::model::LlamaModel) -> Option<i32> {
    let architecture = model.meta_val_str("general.architecture").ok()?;
    model.meta_val_str(&format!("{architecture}.pooling_type")).ok()?.parse().ok()
}

/// Tokens a sequence, as asked for or as fits the model.
pub(crate) fn context_tokens(
    loaded: &Loaded,
    path: &Path,
    options: Options,
) -> Result<u32, LlamaError> {
    let trained = loaded.model.n_ctx_train();
    match options.context {
        None => Ok(CONTEXT.min(trained)),
        Some(context) if (1..=trained).contains(&context) => Ok(context),
        Some(context) => {
            let reason = format!("a context of {context} tokens; the model takes 1 to {trained}");
            Err(LlamaError::Options { path: path.into(), reason })
        }
    }
}

/// The file's name and SHA-256: another file is another model.
pub(crate) fn identity(path: &Path) -> Result<String, LlamaError> {
    let failed = |source| LlamaError::File { path: path.into(), source };
    let mut file = File::open(path).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => break,
            read => hash.update(&buffer[..read]),
        }
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut identity = format!("llama/{name}@sha256:");
    for byte in hash.finalize() {
        let _ = write!(identity, "{byte:02x}");
    }
    Ok(identity)
}

fn check_magic(path: &Path) -> Result<(), LlamaError> {
    let failed = |source| LlamaError::File { path: path.into(), source };
    let mut magic = [0; 4];
    match File::open(path).map_err(failed)?.read_exact(&mut magic) {
        Ok(()) if &magic == b"GGUF" => Ok(()),
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Err(failed(error)),
        _ => Err(LlamaError::NotGguf(path.into())),
    }
}
