//! Embedding with a real decoder, SmolLM2, which `make models` fetches, and with a tiny encoder
//! whose vectors can be worked out by hand.

use clinic_engine::model::{Embedder, Failure};
use clinic_llama::{EmbedOptions, LlamaEmbedder, LlamaError, Pooling};

use crate::support::gguf::{Bert, CLS, SEP, WIDTH, letter};
use crate::support::{block_on, model_path, temporary};

const ONE_THREAD: EmbedOptions = EmbedOptions { context: None, threads: Some(1), gpu_layers: None };

fn smollm2(context: u32) -> LlamaEmbedder {
    let options = EmbedOptions { context: Some(context), ..ONE_THREAD };
    LlamaEmbedder::load(model_path(), options).unwrap()
}

fn bert(name: &str, file: &Bert) -> Result<LlamaEmbedder, LlamaError> {
    let path = temporary(name, &file.bytes());
    let loaded = LlamaEmbedder::load(&path, ONE_THREAD);
    let _ = std::fs::remove_file(path);
    loaded
}

fn embed(embedder: &LlamaEmbedder, texts: &[&str]) -> Vec<Vec<f32>> {
    let texts = texts.iter().map(|text| (*text).to_owned()).collect();
    block_on(embedder.embed(texts)).unwrap()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
}

#[test]
fn a_decoder_embeds_by_the_mean_and_near_texts_are_nearer() {
    let embedder = smollm2(512);
    assert_eq!((embedder.pooling(), embedder.dimensions()), (Pooling::Mean, 576));
    let identity = embedder.identity();
    assert!(identity.starts_with("llama/SmolLM2-135M-Instruct.Q4_1.gguf@sha256:"), "{identity}");
    assert!(identity.ends_with(" pooling mean"), "{identity}");
    let near = [
        ("Drink plenty of water when you have a fever.", "With a fever, drink a lot of water."),
        ("The doctor prescribed antibiotics.", "The physician prescribed an antibiotic."),
        ("Smoking damages the lungs.", "Cigarette smoke harms your lungs."),
    ];
    let texts: Vec<&str> = near.iter().flat_map(|(a, b)| [*a, *b]).collect();
    let vectors = embed(&embedder, &texts);
    for vector in &vectors {
        assert!((cosine(vector, vector) - 1.0).abs() < 1e-5);
    }
    let mean = |apart: usize| {
        let pairs = (0..3).map(|i| cosine(&vectors[2 * i], &vectors[(2 * i + apart) % 6]));
        pairs.sum::<f64>() / 3.0
    };
    assert!(mean(1) > mean(3) + 0.02, "paraphrases {}, others {}", mean(1), mean(3));
}

#[test]
fn a_vector_does_not_depend_on_what_else_is_embedded() {
    let file = Bert { pooling: 2, context: 600, mixes: true };
    let long = "a b c ".repeat(190);
    let texts = ["fever", "a b", long.trim(), "b a", "x y z"];
    for embedder in [smollm2(1024), bert("order.gguf", &file).unwrap()] {
        let together = embed(&embedder, &texts);
        for (text, vector) in texts.iter().zip(&together).rev() {
            assert_eq!(&embed(&embedder, &[text])[0], vector, "{}", embedder.identity());
        }
        assert!(cosine(&together[1], &together[3]) < 0.999_9, "the order of words counts");
    }
}

#[test]
fn a_text_that_does_not_fit_is_refused_with_both_numbers() {
    let file = Bert { pooling: 2, context: 600, mixes: true };
    let bert = bert("long.gguf", &file).unwrap();
    assert_eq!(bert.context(), 600);
    for (embedder, most, limit) in [(bert, 598, "600"), (smollm2(64), 64, "64")] {
        embed(&embedder, &["a ".repeat(most).trim()]);
        let texts = vec!["a".to_owned(), "a ".repeat(most + 1).trim().to_owned()];
        let error = block_on(embedder.embed(texts)).unwrap_err();
        assert_eq!(error.kind, Failure::TooLong);
        let given = if limit == "600" { "601" } else { "65" };
        assert!(error.message.contains(limit) && error.message.contains(given), "{error}");
    }
}

/// With layers that change nothing, a token's vector is its embedding, normalised.
#[test]
fn an_encoder_is_pooled_as_its_file_says() {
    let texts = [CLS, letter('a'), letter('b'), SEP];
    for (pooling, name) in [(1, Pooling::Mean), (2, Pooling::Cls), (3, Pooling::Last)] {
        let file = Bert { pooling, context: 600, mixes: false };
        let embedder = bert(&format!("pooled-{pooling}.gguf"), &file).unwrap();
        assert_eq!((embedder.pooling(), embedder.dimensions()), (name, WIDTH));
        let tokens: Vec<Vec<f64>> = texts
            .iter()
            .enumerate()
            .map(|(place, token)| {
                let rows = [
                    file.row("token_embd.weight", *token),
                    file.row("position_embd.weight", place),
                    file.row("token_types.weight", 0),
                ];
                let sum = (0..WIDTH).map(|i| rows.iter().map(|row| f64::from(row[i])).sum());
                standard(&sum.collect::<Vec<f64>>())
            })
            .collect();
        let expected: Vec<f64> = match name {
            Pooling::Mean => (0..WIDTH).map(|i| tokens.iter().map(|t| t[i]).sum()).collect(),
            Pooling::Cls => tokens[0].clone(),
            Pooling::Last => tokens[3].clone(),
        };
        let length = expected.iter().map(|x| x * x).sum::<f64>().sqrt();
        let found = &embed(&embedder, &["a b"])[0];
        for (found, expected) in found.iter().zip(&expected) {
            assert!((f64::from(*found) - expected / length).abs() < 1e-5, "{name:?}");
        }
        assert!(embedder.identity().ends_with(&format!(" pooling {}", name.name())));
    }
}

/// Mean 0 and variance 1, as a layer norm makes it.
fn standard(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    values.iter().map(|x| (x - mean) / variance.sqrt()).collect()
}

#[test]
fn what_cannot_embed_is_refused_by_name() {
    let ranks = bert("ranks.gguf", &Bert { pooling: 4, context: 600, mixes: true });
    let error = ranks.err().expect("a ranking model was taken for an embedder");
    assert!(matches!(error, LlamaError::NotEmbedding(_)), "{error:?}");
    assert!(error.to_string().contains("ranks.gguf"), "{error}");
    let options = EmbedOptions { context: Some(1_000_000), ..ONE_THREAD };
    let error = LlamaEmbedder::load(model_path(), options).err().unwrap();
    assert!(matches!(error, LlamaError::Options { .. }), "{error:?}");
    let whole = std::fs::read(model_path()).unwrap();
    let path = temporary("embed-cut.gguf", &whole[..whole.len() / 2]);
    let error = LlamaEmbedder::load(&path, ONE_THREAD).err().unwrap();
    let _ = std::fs::remove_file(path);
    assert!(error.to_string().contains("download it again"), "{error:?}");
    let path = temporary("embed-text.gguf", b"once upon a time");
    let error = LlamaEmbedder::load(&path, ONE_THREAD).err().unwrap();
    assert!(matches!(error, LlamaError::NotGguf(_)), "{error:?}");
}
