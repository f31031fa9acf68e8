//! The one loaded model that the tests share, and short ways to ask it.

pub mod gguf;
mod path;

use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};

use clinic_core::exchange::{Prompt, Request, Sampling};
use clinic_llama::{LlamaModel, Options};

pub use path::model_path;

/// SmolLM2, loaded once.
pub fn model() -> &'static LlamaModel {
    static MODEL: OnceLock<LlamaModel> = OnceLock::new();
    MODEL.get_or_init(|| {
        // One thread: several that wait for each other crawl while something else computes.
        let options = Options { context: Some(2048), threads: Some(1), ..Options::default() };
        LlamaModel::load(model_path(), options).expect("the test model loads")
    })
}

/// A greedy question to the chat model.
pub fn ask(text: &str, max_tokens: u32) -> Request {
    request(Prompt::user(text), max_tokens)
}

/// Text to continue greedily.
pub fn raw(text: &str, max_tokens: u32) -> Request {
    request(Prompt::Raw(text.into()), max_tokens)
}

fn request(prompt: Prompt, max_tokens: u32) -> Request {
    let sampling =
        Sampling { max_tokens, reasoning_tokens: 0, temperature: Some(0.0), top_p: None, seed: 0 };
    Request { prompt, sampling, schema: None }
}

/// Runs a future to its end. One at a time, so that the tests' own time limits mean something.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(future)
}

/// A file of its own for a test.
pub fn temporary(name: &str, bytes: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("clinic-{}-{name}", std::process::id()));
    std::fs::write(&path, bytes).expect("the temporary folder takes a file");
    path
}
