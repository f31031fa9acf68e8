//! Tokens a second of a GGUF model: one request alone, and as many as the model works on at once.
//!
//! `cargo run --release -p clinic-llama --example speed -- MODEL.gguf [SEQUENCES [TOKENS]]`

use std::error::Error;
use std::time::Instant;

use clinic_core::exchange::{Prompt, Request, Sampling};
use clinic_engine::model::Model;
use clinic_llama::{LlamaModel, Options};
use futures::future::try_join_all;

#[tokio::main(flavor = "current_thread")]
#[allow(clippy::print_stdout)]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: speed MODEL.gguf [SEQUENCES [TOKENS]]")?;
    let sequences = arguments.next().map_or(Ok(16), |text| text.parse())?;
    let max_tokens = arguments.next().map_or(Ok(128), |text| text.parse())?;

    for (label, sequences, at_once) in [
        ("alone, 1 sequence", 1, 1),
        ("alone in the batch's place", sequences, 1),
        ("a full batch", sequences, sequences),
        ("four batches long", sequences, 4 * sequences),
    ] {
        let options = Options { sequences, context: Some(1024), ..Options::default() };
        let model = LlamaModel::load(&path, options)?;
        model.generate(story(0, 4)).await?;
        let start = Instant::now();
        let replies =
            try_join_all((0..at_once).map(|n| model.generate(story(n, max_tokens)))).await?;
        let seconds = start.elapsed().as_secs_f64();
        let written: u64 = replies.iter().map(|reply| reply.usage.completion_tokens).sum();
        let read: u64 = replies.iter().map(|reply| reply.usage.prompt_tokens).sum();
        println!(
            "{label:<28} {:7.1} tokens/s  ({at_once} requests, {read} read, {written} written, {seconds:.1} s)",
            written as f64 / seconds
        );
    }
    Ok(())
}

fn story(number: u32, max_tokens: u32) -> Request {
    let sampling =
        Sampling { max_tokens, reasoning_tokens: 0, temperature: Some(0.0), top_p: None, seed: 0 };
    let prompt = Prompt::Raw(format!("{number} facts about the history of medicine:\n\n1."));
    Request { prompt, sampling, schema: None }
}
