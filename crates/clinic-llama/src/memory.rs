//! Whether the context will fit: Linux promises memory that it does not have and then kills the
//! program, so what is needed is compared with what is there before it is asked for.

use llama_cpp_2::model::LlamaModel;

/// Why the context cannot fit, where that is known.
pub(crate) fn shortage(model: &LlamaModel, tokens: u64) -> Option<String> {
    lacks(cache_bytes(model, tokens)?, available()?)
}

/// Why what comes out of a pass of so many tokens cannot fit. llama.cpp keeps a number for each token
/// and word of the vocabulary, also where only vectors are wanted.
pub(crate) fn output_shortage(model: &LlamaModel, tokens: usize) -> Option<String> {
    let numbers = u64::try_from(model.n_vocab()).ok()? + u64::try_from(model.n_embd()).ok()?;
    lacks(4 * numbers * tokens as u64, available()?)
}

fn lacks(need: u64, free: u64) -> Option<String> {
    let gib = |bytes: u64| bytes as f64 / (1u64 << 30) as f64;
    (need > free)
        .then(|| format!("it needs {:.1} GiB and {:.1} GiB are free", gib(need), gib(free)))
}

/// Architectures to which llama.cpp gives a sliding window where their file does not say one.
const WINDOWED: [&str; 5] = ["exaone4", "exaone-moe", "gemma2", "llama4", "smallthinker"];

/// Whether all layers keep the keys and values of every token, so that a cache can be cut short.
pub(crate) fn keeps_every_token(model: &LlamaModel) -> bool {
    let Ok(architecture) = model.meta_val_str("general.architecture") else { return false };
    let says = |key| model.meta_val_str(&format!("{architecture}.attention.{key}")).is_ok();
    let saves = says("sliding_window")
        || says("kv_lora_rank")
        || WINDOWED.contains(&architecture.as_str())
        || model.is_recurrent()
        || model.is_hybrid();
    !saves
}

/// Bytes of the key-value cache, for models whose layers all keep every token in 16 bits.
fn cache_bytes(model: &LlamaModel, tokens: u64) -> Option<u64> {
    if !keeps_every_token(model) {
        return None;
    }
    let architecture = model.meta_val_str("general.architecture").ok()?;
    let number = |key: &str| {
        model.meta_val_str(&format!("{architecture}.attention.{key}")).ok()?.parse::<u64>().ok()
    };
    let head = u64::try_from(model.n_embd()).ok()? / u64::from(model.n_head()).max(1);
    let values = number("key_length").unwrap_or(head) + number("value_length").unwrap_or(head);
    Some(2 * tokens * values * u64::from(model.n_head_kv()) * u64::from(model.n_layer()))
}

#[cfg(target_os = "linux")]
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
}

/// Elsewhere the system refuses what it cannot give.
#[cfg(not(target_os = "linux"))]
fn available() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{load, test_path};

    #[test]
    fn a_sliding_window_keeps_not_every_token() {
        let smollm2 = test_path::model_path();
        let gemma = smollm2.with_file_name("gemma-3-270m-q4_k_m.gguf");
        for (path, keeps) in [(smollm2, true), (gemma, false)] {
            let model = load::file(&path, None).unwrap();
            assert_eq!(keeps_every_token(&model), keeps, "{}", path.display());
            assert_eq!(cache_bytes(&model, 1).is_some(), keeps);
        }
    }

    #[test]
    fn what_an_embedder_lacks_is_told_in_gibibytes() {
        assert_eq!(lacks(1 << 30, 1 << 30), None);
        let told = lacks(3 << 30, 1 << 29).unwrap();
        assert_eq!(told, "it needs 3.0 GiB and 0.5 GiB are free");
    }
}
