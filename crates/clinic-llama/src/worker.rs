//! The thread that owns llama.cpp's context and works on many requests at once.
//!
//! A step is: free the places of requests that nobody awaits, give free places to waiting
//! requests and read their prompts, then compute one token of every request in one batch. A place
//! is a sequence of llama.cpp with a cache of its own, which keeps the beginning of its last prompt
//! for the next one (`caches`).
//!
//! An answer must not depend on what else is in the batch, but llama.cpp's kernels add numbers up
//! in an order that depends on how many rows they are given. So rows come in fixed numbers: a
//! prompt is read alone, in pieces cut at fixed positions, and tokens are computed in whole groups
//! of places, with empty ones filled up (`docs/design/llama.md`).

use std::num::NonZeroU32;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use clinic_core::exchange::Reply;
use clinic_engine::model::{Failure, ModelError};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use tokio::sync::oneshot;

use crate::budget::Budget;
use crate::caches::{Caches, PIECE, Start};
use crate::load::{Loaded, backend, threads};
use crate::sample::Picker;
use crate::sequence::{Next, Sequence};
use crate::{LlamaError, Options, log, memory};

/// Places that are computed together, where `sequences` divides by it: from 8 rows on, every kernel
/// of llama.cpp does the same sums whatever the number of rows.
const GROUP: usize = 8;

/// A request on its way to the worker.
pub(crate) struct Job {
    pub(crate) tokens: Vec<LlamaToken>,
    pub(crate) budget: Budget,
    /// Whether the chat template has begun the reasoning.
    pub(crate) opened: bool,
    pub(crate) picker: Picker,
    pub(crate) reply: oneshot::Sender<Result<Reply, ModelError>>,
}

/// Starts the worker and waits until its context stands.
pub(crate) fn start(
    loaded: Arc<Loaded>,
    path: &Path,
    context: u32,
    options: Options,
    read: Arc<AtomicU64>,
) -> Result<(Sender<Job>, JoinHandle<()>), LlamaError> {
    let sequences = options.sequences;
    let no_memory = |reason| LlamaError::Memory { path: path.into(), sequences, context, reason };
    let total = u64::from(context) * u64::from(sequences);
    if let Some(reason) = memory::shortage(&loaded.model, total) {
        return Err(no_memory(reason));
    }
    let total = u32::try_from(total).map_err(|_| no_memory("more than 2^32 tokens".into()))?;
    let params = params(total, options);
    let backend = backend()?;
    let (jobs, waiting) = mpsc::channel();
    let (ready, started) = mpsc::channel();
    let run = move || {
        let (context, reason) = log::capture(|| loaded.model.new_context(backend, params));
        let Ok(context) = context else {
            let _ = ready.send(Err(reason));
            return;
        };
        let _ = ready.send(Ok(()));
        let shares = options.share_prefixes && memory::keeps_every_token(&loaded.model);
        let caches = Caches::new(sequences as usize, shares);
        log::silence(|| Worker::new(&loaded.model, context, caches, read).run(&waiting));
    };
    let start = |error: std::io::Error| LlamaError::Start(error.to_string());
    let thread = thread::Builder::new().name("llama".into()).spawn(run).map_err(start)?;
    match started.recv() {
        Ok(Ok(())) => Ok((jobs, thread)),
        Ok(Err(reason)) => Err(no_memory(reason)),
        Err(_) => Err(LlamaError::Start("its thread stopped".into())),
    }
}

fn params(tokens: u32, options: Options) -> LlamaContextParams {
    let threads = threads(options.threads);
    let pass = options.sequences.max(PIECE as u32);
    LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(tokens))
        .with_n_seq_max(options.sequences)
        .with_n_batch(pass)
        .with_n_ubatch(pass)
        .with_n_threads(threads)
        .with_n_threads_batch(threads)
        // A cache of its own for each sequence: in a shared one the order of sums would depend on
        // the neighbours.
        .with_kv_unified(false)
        .with_no_perf(true)
}

struct Worker<'a> {
    model: &'a LlamaModel,
    context: LlamaContext<'a>,
    batch: LlamaBatch<'a>,
    places: Vec<Option<Sequence>>,
    caches: Caches,
    group: usize,
    /// Prompt tokens computed so far.
    read: Arc<AtomicU64>,
}

impl<'a> Worker<'a> {
    fn new(
        model: &'a LlamaModel,
        context: LlamaContext<'a>,
        caches: Caches,
        read: Arc<AtomicU64>,
    ) -> Self {
        let sequences = caches.places();
        let batch = LlamaBatch::new(sequences.max(PIECE), 1);
        let places = (0..sequences).map(|_| None).collect();
        let group = if sequences.is_multiple_of(GROUP) { GROUP } else { sequences };
        Self { model, context, batch, places, caches, group, read }
    }

    /// Works until nobody can send a request any more.
    fn run(mut self, waiting: &Receiver<Job>) {
        loop {
            self.drop_cancelled();
            if self.places.iter().all(Option::is_none) {
                match waiting.recv() {
                    Ok(job) => self.admit(job),
                    Err(_) => return,
                }
            }
            while self.places.iter().any(Option::is_none) {
                match waiting.try_recv() {
                    Ok(job) => self.admit(job),
                    Err(_) => break,
                }
            }
            self.step();
        }
    }

    fn drop_cancelled(&mut self) {
        for place in 0..self.places.len() {
            if self.places[place].as_ref().is_some_and(Sequence::is_cancelled) {
                self.places[place] = None;
                self.trim(place, self.caches.kept(place));
            }
        }
    }

    /// Gives a request a free place and reads its prompt.
    fn admit(&mut self, job: Job) {
        let sequence = Sequence::new(job);
        if sequence.is_cancelled() {
            return;
        }
        let is_free = |place: usize| self.places[place].is_none();
        let Some(start) = self.caches.start(sequence.prompt(), is_free) else { return };
        let place = start.place;
        let next = match self.read(start, sequence.prompt()) {
            Ok(row) => {
                self.caches.keep(place, sequence.prompt());
                sequence.step(self.model, &self.context, row)
            }
            Err(message) => {
                self.caches.forget(place);
                sequence.fail(Failure::Server, message)
            }
        };
        self.settle(place, next);
    }

    /// Computes a prompt; returns the row of its last token.
    fn read(&mut self, start: Start, prompt: &[LlamaToken]) -> Result<i32, String> {
        let Start { place, copied, shared } = start;
        if let Some(other) = copied {
            // Only whole caches can be copied; what is too much is cut off.
            let copied = self.context.copy_kv_cache_seq(other as i32, place as i32, None, None);
            copied.map_err(|error| error.to_string())?;
        }
        self.trim(place, shared);
        let mut position = shared;
        for piece in prompt[shared..].chunks(PIECE) {
            self.batch.clear();
            for &token in piece {
                self.add(token, position as i32, place, position + 1 == prompt.len())?;
                position += 1;
            }
            self.decode()?;
        }
        self.read.fetch_add((prompt.len() - shared) as u64, Ordering::Relaxed);
        Ok(self.batch.n_tokens() - 1)
    }

    /// One token of every request.
    fn step(&mut self) {
        let Some(range) = self.computed() else { return };
        if let Err(message) = self.decode_places(range.clone()) {
            for place in range {
                self.caches.forget(place);
                match self.places[place].take() {
                    Some(sequence) => {
                        let next = sequence.fail(Failure::Server, message.clone());
                        self.settle(place, next);
                    }
                    None => self.trim(place, 0),
                }
            }
            return;
        }
        for (row, place) in (0..).zip(range) {
            match self.places[place].take() {
                Some(sequence) => {
                    let next = sequence.step(self.model, &self.context, row);
                    self.settle(place, next);
                }
                None => self.trim(place, self.caches.kept(place)),
            }
        }
    }

    /// The groups of places from the first to the last that is taken.
    fn computed(&self) -> Option<Range<usize>> {
        let first = self.places.iter().position(Option::is_some)?;
        let last = self.places.iter().rposition(Option::is_some)?;
        Some(first / self.group * self.group..(last / self.group + 1) * self.group)
    }

    /// llama.cpp splits a batch at a gap between sequences, so free places compute a token too.
    fn decode_places(&mut self, range: Range<usize>) -> Result<(), String> {
        self.batch.clear();
        for place in range {
            let filler = (LlamaToken(0), self.caches.kept(place) as i32);
            let (token, position) = self.places[place].as_ref().map_or(filler, Sequence::last);
            self.add(token, position, place, true)?;
        }
        self.decode()
    }

    fn add(
        &mut self,
        token: LlamaToken,
        position: i32,
        place: usize,
        output: bool,
    ) -> Result<(), String> {
        self.batch.add(token, position, &[place as i32], output).map_err(|error| error.to_string())
    }

    fn decode(&mut self) -> Result<(), String> {
        let decoded = self.context.decode(&mut self.batch);
        decoded.map_err(|error| format!("llama.cpp could not compute the batch: {error}"))
    }

    fn settle(&mut self, place: usize, next: Next) {
        match next {
            Next::Continue(sequence) => self.places[place] = Some(sequence),
            Next::Done => self.trim(place, self.caches.kept(place)),
        }
    }

    /// Leaves the first tokens in the cache of a place.
    fn trim(&mut self, place: usize, tokens: usize) {
        let from = (tokens > 0).then_some(tokens as u32);
        // Cannot fail: only models that keep every token are asked to give up a part.
        let _ = self.context.clear_kv_cache_seq(Some(place as u32), from, None);
    }
}

#[cfg(test)]
mod tests;
