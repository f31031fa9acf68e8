//! How models in this process are loaded.

use clap::{Args as Group, value_parser};

/// What a llama/ model is given of the machine.
#[derive(Debug, Clone, Default, Group)]
pub struct LlamaArgs {
    /// Threads that a llama/ model computes with; by default one for each physical core.
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=512))]
    pub llama_threads: Option<u32>,
    /// Requests that a llama/ model works on at once, 16 by default; another number may change its
    /// texts.
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=256))]
    pub llama_sequences: Option<u32>,
    /// Tokens that a prompt to a llama/ model and its answer may take; by default as many as the
    /// model was trained on, at most 4096.
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub llama_context: Option<u32>,
    /// Layers of a llama/ model on the GPU, where the build has one; by default all.
    #[arg(long, value_name = "N")]
    pub llama_gpu_layers: Option<u32>,
}
