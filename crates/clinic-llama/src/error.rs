//! Why a model could not be loaded.

use std::path::PathBuf;

/// Why a GGUF file could not be made into a model. Each names the file and what to do.
#[derive(Debug, thiserror::Error)]
pub enum LlamaError {
    /// The file cannot be opened or read.
    #[error("cannot read the model {path}: {source}. Check the path and its permissions", path = .path.display())]
    File {
        /// The model's file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file does not begin as a GGUF file does.
    #[error("{path} is not a GGUF model: it does not begin with \"GGUF\". Download or convert the model as .gguf", path = .0.display())]
    NotGguf(PathBuf),
    /// llama.cpp takes paths as UTF-8 only.
    #[error("the path {path} is not UTF-8, which llama.cpp needs. Rename the file or its folder", path = .0.display())]
    PathNotUtf8(PathBuf),
    /// llama.cpp refused the file: cut off, damaged, or of an unknown kind.
    #[error("llama.cpp cannot load {path}: {reason}. The file may be cut off (download it again) or of an architecture that this version does not know", path = .path.display())]
    Refused {
        /// The model's file.
        path: PathBuf,
        /// What llama.cpp said.
        reason: String,
    },
    /// A model that embeds or ranks texts rather than writing them.
    #[error("{path} is an embedding model and cannot write text. Use it as an embedder, or choose a chat model", path = .0.display())]
    NotGenerative(PathBuf),
    /// A model that ranks pairs of texts.
    #[error("{path} ranks texts and gives no vectors. Choose an embedding model", path = .0.display())]
    NotEmbedding(PathBuf),
    /// No memory for the model's context.
    #[error("no memory for {path} with {sequences} sequences of {context} tokens: {reason}. Ask for fewer sequences or a smaller context, or choose a smaller model", path = .path.display())]
    Memory {
        /// The model's file.
        path: PathBuf,
        /// Sequences asked for.
        sequences: u32,
        /// Tokens a sequence asked for.
        context: u32,
        /// What was missing.
        reason: String,
    },
    /// An option that llama.cpp cannot take.
    #[error("cannot load {path}: {reason}", path = .path.display())]
    Options {
        /// The model's file.
        path: PathBuf,
        /// Which option and what it may be.
        reason: String,
    },
    /// llama.cpp itself could not start.
    #[error("llama.cpp did not start: {0}")]
    Start(String),
}
