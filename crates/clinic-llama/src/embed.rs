//! Embedding with a GGUF model: one thread, one text a pass, no text cut.
//!
//! A text is computed alone, because llama.cpp's sums depend on what shares its pass, so that the
//! same text has the same vector whatever else is asked. The context begins small and grows with the
//! longest text: an encoder reads a text in one piece, and room for 8,192 tokens is gigabytes.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use clinic_engine::model::{Embedder, Failure, ModelError};
use futures::future::BoxFuture;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::{LlamaContextParams, LlamaPoolingType};
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use tokio::sync::oneshot;

use crate::load::{self, backend};
use crate::{LlamaError, log, memory};

/// The most that `EmbedOptions::context` takes for itself: what BGE-M3 reads.
const CONTEXT: u32 = 8192;
/// The room that a context begins with, in tokens.
const ROOM: u32 = 512;

/// How an embedding model is loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EmbedOptions {
    /// Tokens of the longest text; `None`: what the model was trained on, at most 8192. Longer
    /// texts are refused.
    pub context: Option<u32>,
    /// Threads that compute; `None`: one for each physical core.
    pub threads: Option<u32>,
    /// Layers on the GPU, where the build has one; `None`: all.
    pub gpu_layers: Option<u32>,
}

/// How the vectors of a text's tokens become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// Their mean: what the file says, or says nothing of.
    Mean,
    /// The vector of the first token.
    Cls,
    /// The vector of the last token.
    Last,
}

impl Pooling {
    /// Its name in identities and presets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Cls => "cls",
            Self::Last => "last",
        }
    }

    /// As the file says; a model that was not made for embedding is pooled by the mean.
    fn of(model: &LlamaModel) -> Option<Self> {
        let said = load::pooling_type(model).map_or(LlamaPoolingType::Unspecified, Into::into);
        match said {
            LlamaPoolingType::Unspecified | LlamaPoolingType::None | LlamaPoolingType::Mean => {
                Some(Self::Mean)
            }
            LlamaPoolingType::Cls => Some(Self::Cls),
            LlamaPoolingType::Last => Some(Self::Last),
            LlamaPoolingType::Rank => None,
        }
    }

    fn of_llama(self) -> LlamaPoolingType {
        match self {
            Self::Mean => LlamaPoolingType::Mean,
            Self::Cls => LlamaPoolingType::Cls,
            Self::Last => LlamaPoolingType::Last,
        }
    }
}

type Vectors = Result<Vec<Vec<f32>>, ModelError>;

/// Texts on their way to the worker.
struct Job {
    texts: Vec<String>,
    reply: oneshot::Sender<Vectors>,
}

/// A GGUF model that embeds texts as vectors of length 1.
pub struct LlamaEmbedder {
    identity: String,
    pooling: Pooling,
    context: u32,
    dimensions: usize,
    jobs: Option<Sender<Job>>,
    worker: Option<JoinHandle<()>>,
}

impl LlamaEmbedder {
    /// Loads a GGUF file and starts its worker. Blocks: seconds for a large file.
    pub fn load(path: impl AsRef<Path>, options: EmbedOptions) -> Result<Self, LlamaError> {
        let path = path.as_ref();
        let model = load::file(path, options.gpu_layers)?;
        let pooling = Pooling::of(&model).ok_or_else(|| LlamaError::NotEmbedding(path.into()))?;
        let trained = model.n_ctx_train();
        let context = match options.context {
            None => CONTEXT.min(trained),
            Some(context) if (1..=trained).contains(&context) => context,
            Some(context) => {
                let reason =
                    format!("a context of {context} tokens; the model takes 1 to {trained}");
                return Err(LlamaError::Options { path: path.into(), reason });
            }
        };
        let dimensions = usize::try_from(model.n_embd_out()).unwrap_or_default();
        let identity = format!("{} pooling {}", load::identity(path)?, pooling.name());
        let (jobs, waiting) = mpsc::channel();
        let worker = Worker { model, pooling, context, threads: options.threads };
        let (ready, started) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("llama-embed".into())
            .spawn(move || worker.run(&waiting, &ready))
            .map_err(|error| LlamaError::Start(error.to_string()))?;
        match started.recv() {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => {
                let path = path.into();
                return Err(LlamaError::Memory { path, sequences: 1, context: ROOM, reason });
            }
            Err(_) => return Err(LlamaError::Start("its thread stopped".into())),
        }
        Ok(Self { identity, pooling, context, dimensions, jobs: Some(jobs), worker: Some(thread) })
    }

    /// How the vectors of a text's tokens become one.
    pub fn pooling(&self) -> Pooling {
        self.pooling
    }

    /// Tokens of the longest text.
    pub fn context(&self) -> u32 {
        self.context
    }

    /// Numbers in a vector.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }
}

impl Embedder for LlamaEmbedder {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn width(&self) -> Option<usize> {
        Some(1)
    }

    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Vectors> {
        Box::pin(async move {
            let stopped = || ModelError::new(Failure::Unusable, "the llama.cpp worker has stopped");
            let (reply, answer) = oneshot::channel();
            let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
            jobs.send(Job { texts, reply }).map_err(|_| stopped())?;
            answer.await.map_err(|_| stopped())?
        })
    }
}

impl Drop for LlamaEmbedder {
    fn drop(&mut self) {
        // The worker ends when the channel closes.
        self.jobs = None;
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}

/// What the thread owns.
struct Worker {
    model: LlamaModel,
    pooling: Pooling,
    context: u32,
    threads: Option<u32>,
}

/// A context with room for a text of so many tokens.
struct Place<'a> {
    context: LlamaContext<'a>,
    batch: LlamaBatch<'a>,
    room: u32,
    /// Tokens of the longest text so far, for which there was memory.
    longest: usize,
}

impl Worker {
    fn run(&self, waiting: &Receiver<Job>, ready: &Sender<Result<(), String>>) {
        let mut place = match self.place(ROOM.min(self.context)) {
            Ok(place) => place,
            Err(reason) => return drop(ready.send(Err(reason))),
        };
        let _ = ready.send(Ok(()));
        while let Ok(Job { texts, reply }) = waiting.recv() {
            // Nobody awaits the vectors of a call that was given up.
            if !reply.is_closed() {
                let _ = reply.send(self.embed_all(&mut place, &texts));
            }
        }
    }

    fn embed_all<'a>(&'a self, place: &mut Place<'a>, texts: &[String]) -> Vectors {
        // A text that is refused must not cost the computing of those before it.
        let tokens: Result<Vec<_>, _> = texts.iter().map(|text| self.tokens(text)).collect();
        tokens?.iter().map(|tokens| self.embed(place, tokens)).collect()
    }

    /// The tokens of a text, with those that the file puts around it.
    fn tokens(&self, text: &str) -> Result<Vec<llama_cpp_2::token::LlamaToken>, ModelError> {
        let tokens = self.model.vocab().tokenize(text.as_bytes(), true, false);
        if tokens.is_empty() {
            return Err(ModelError::new(Failure::Rejected, "the text is empty"));
        }
        let (length, limit) = (tokens.len(), self.context);
        if length > limit as usize {
            let message = format!("the text has {length} tokens, the embedder takes {limit}");
            return Err(ModelError::new(Failure::TooLong, message));
        }
        Ok(tokens)
    }

    fn embed<'a>(
        &'a self,
        place: &mut Place<'a>,
        tokens: &[llama_cpp_2::token::LlamaToken],
    ) -> Result<Vec<f32>, ModelError> {
        let failed = |message: String| ModelError::new(Failure::Server, message);
        let length = tokens.len();
        let no_memory = |reason: String| {
            let message = format!("no memory for a text of {length} tokens: {reason}");
            ModelError::new(Failure::Rejected, message)
        };
        if length > place.longest {
            memory::output_shortage(&self.model, length).map_or(Ok(()), |r| Err(no_memory(r)))?;
            place.longest = length;
        }
        if length > place.room as usize {
            let room = (length as u32).next_power_of_two().min(self.context);
            *place = Place { longest: length, ..self.place(room).map_err(no_memory)? };
        }
        place.context.clear_kv_cache();
        place.batch.clear();
        let added = place.batch.add_sequence(tokens, 0, true);
        added.map_err(|error| failed(error.to_string()))?;
        let (decoded, reason) = log::capture(|| place.context.decode(&mut place.batch));
        decoded.map_err(|error| failed(format!("llama.cpp could not embed: {error}; {reason}")))?;
        let vector = place.context.embeddings_seq_ith(0);
        vector.map(unit).map_err(|error| failed(error.to_string()))
    }

    /// An encoder takes a text in one piece, so that a pass has room for all of it.
    fn place(&self, room: u32) -> Result<Place<'_>, String> {
        let threads = load::threads(self.threads);
        let params = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(room))
            .with_n_batch(room)
            .with_n_ubatch(room)
            .with_n_seq_max(1)
            .with_embeddings(true)
            .with_pooling_type(self.pooling.of_llama())
            .with_n_threads(threads)
            .with_n_threads_batch(threads)
            .with_no_perf(true);
        let backend = backend().map_err(|error| error.to_string())?;
        let (context, reason) = log::capture(|| self.model.new_context(backend, params));
        let context = context.map_err(|_| reason)?;
        Ok(Place { context, batch: LlamaBatch::new(room as usize, 1), room, longest: 0 })
    }
}

/// The vector at length 1; one without a direction as it is, for the caller to refuse.
fn unit(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    if !length.is_finite() || length <= 0.0 {
        return vector.to_vec();
    }
    vector.iter().map(|x| (f64::from(*x) / length) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_vectors_have_length_one_or_no_direction() {
        assert_eq!(unit(&[3.0, 4.0]), [0.6, 0.8]);
        assert_eq!(unit(&[0.0, 0.0]), [0.0, 0.0]);
        assert!(unit(&[f32::NAN, 1.0])[0].is_nan());
        assert_eq!(unit(&[f32::INFINITY, 1.0]), [f32::INFINITY, 1.0]);
    }
}
