//! llama.cpp in this process: answers requests and embeds texts with any GGUF model, on the CPU or
//! a GPU.
//!
//! In: a GGUF file and requests. Out: replies. One worker thread (`worker`) owns llama.cpp's
//! context and works on `sequences` requests at once; everything else (chat template, tokens,
//! grammar) happens in the caller's thread. Embedding (`embed`) has a thread of its own. See
//! `docs/design/llama.md` for how a batch is laid out so that an answer does not depend on what
//! else is in it.

mod argmax;
mod budget;
mod caches;
mod embed;
mod error;
mod grammar;
mod load;
mod log;
mod memory;
mod prompt;
mod sample;
mod sequence;
mod template;
#[cfg(test)]
#[path = "../tests/support/path.rs"]
mod test_path;
mod worker;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use clinic_core::exchange::{Finish, Reply, Request, Usage};
use clinic_engine::model::{Failure, Model, ModelError};
use futures::future::BoxFuture;
use tokio::sync::oneshot;

pub use embed::{EmbedOptions, LlamaEmbedder, Pooling};
pub use error::LlamaError;

use budget::Budget;
use load::Loaded;
use sample::Picker;
use worker::Job;

/// How a model is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Requests worked on at once. A text depends on this number (not on the other requests), so
    /// runs that must repeat exactly keep it.
    pub sequences: u32,
    /// Tokens that one prompt and its answer may take; `None`: what the model was trained on, at
    /// most 4096. The memory for `sequences` times this many is taken at the start.
    pub context: Option<u32>,
    /// Threads that compute; `None`: one for each physical core.
    pub threads: Option<u32>,
    /// Layers on the GPU, where the build has one; `None`: all.
    pub gpu_layers: Option<u32>,
    /// Whether what prompts begin with in common is computed once. Changes no text.
    pub share_prefixes: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { sequences: 16, context: None, threads: None, gpu_layers: None, share_prefixes: true }
    }
}

/// A GGUF model, ready to answer.
///
/// How a token is drawn where the request leaves it open: as the file's `general.sampling.*`
/// entries say; without them greedily, as transformers does without `do_sample`.
pub struct LlamaModel {
    loaded: Arc<Loaded>,
    identity: String,
    context: u32,
    sequences: u32,
    read: Arc<AtomicU64>,
    jobs: Option<Sender<Job>>,
    worker: Option<JoinHandle<()>>,
}

impl LlamaModel {
    /// Loads a GGUF file and starts its worker. Blocks: seconds for a large file.
    pub fn load(path: impl AsRef<Path>, options: Options) -> Result<Self, LlamaError> {
        let path = path.as_ref();
        let loaded = Arc::new(load::model(path, options)?);
        let context = load::context_tokens(&loaded, path, options)?;
        let sequences = options.sequences;
        let read = Arc::new(AtomicU64::new(0));
        let (jobs, worker) = worker::start(loaded.clone(), path, context, options, read.clone())?;
        let (jobs, worker) = (Some(jobs), Some(worker));
        let identity = load::identity(path)?;
        Ok(Self { loaded, identity, context, sequences, read, jobs, worker })
    }

    /// Tokens that one prompt and its answer may take together.
    pub fn context(&self) -> u32 {
        self.context
    }

    /// Prompt tokens computed so far; those that a cache held are not among them.
    pub fn tokens_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    fn job(&self, request: &Request) -> Result<(Job, Answer), ModelError> {
        let rejected = |message: String| ModelError::new(Failure::Rejected, message);
        let (tokens, opened) = self.loaded.prompts.tokens(&self.loaded.model, &request.prompt)?;
        let sampling = &request.sampling;
        let new = u64::from(sampling.max_tokens) + u64::from(sampling.reasoning_tokens);
        let prompt = tokens.len() as u64;
        if prompt + new > u64::from(self.context) {
            return Err(ModelError::new(
                Failure::TooLong,
                format!(
                    "the prompt has {prompt} tokens and may be answered with {new}, which makes {}: \
                 this model is loaded with room for {}",
                    prompt + new,
                    self.context
                ),
            ));
        }
        let grammar = request.schema.as_ref().map(grammar::gbnf).transpose().map_err(rejected)?;
        let picker = Picker::new(&self.loaded, &request.sampling, grammar.as_deref(), &tokens)
            .map_err(rejected)?;
        let (reply, answer) = oneshot::channel();
        let budget = Budget::new(sampling.max_tokens, sampling.reasoning_tokens, opened);
        Ok((Job { tokens, budget, opened, picker, reply }, answer))
    }
}

type Answer = oneshot::Receiver<Result<Reply, ModelError>>;

impl Model for LlamaModel {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn width(&self) -> Option<usize> {
        Some(self.sequences as usize)
    }

    fn generate(&self, request: Request) -> BoxFuture<'_, Result<Reply, ModelError>> {
        Box::pin(async move {
            let stopped = || ModelError::new(Failure::Unusable, "the llama.cpp worker has stopped");
            let (job, answer) = self.job(&request)?;
            if request.sampling.max_tokens == 0 {
                return Ok(reply(String::new(), Finish::Length, job.tokens.len(), 0));
            }
            let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
            jobs.send(job).map_err(|_| stopped())?;
            answer.await.map_err(|_| stopped())?
        })
    }
}

impl Drop for LlamaModel {
    fn drop(&mut self) {
        // The worker ends when the channel closes; nobody can await an answer any more.
        self.jobs = None;
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}

fn reply(text: String, finish: Finish, prompt_tokens: usize, completion_tokens: usize) -> Reply {
    let usage = Usage {
        prompt_tokens: prompt_tokens as u64,
        completion_tokens: completion_tokens as u64,
        ..Usage::default()
    };
    Reply { text, reasoning: None, finish, usage }
}
