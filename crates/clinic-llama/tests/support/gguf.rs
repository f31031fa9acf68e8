//! A tiny BERT as a GGUF file, written here so that an encoder is tested without a download.

/// What a file says of itself.
pub struct Bert {
    /// As llama.cpp numbers it: 1 mean, 2 the first token, 3 the last, 4 a ranking.
    pub pooling: u32,
    /// Tokens of the longest text.
    pub context: u32,
    /// Whether tokens look at each other; without it, the layers change nothing.
    pub mixes: bool,
}

/// Numbers in a vector.
pub const WIDTH: usize = 32;
const LAYERS: u32 = 2;
const INNER: usize = 64;
const SPECIAL: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/// The number of a letter that stands for itself, such as `a`.
pub fn letter(letter: char) -> usize {
    SPECIAL.len() + (letter as usize - 'a' as usize)
}

/// The number of the token that begins a text.
pub const CLS: usize = 2;
/// The number of the token that ends a text.
pub const SEP: usize = 3;

impl Bert {
    /// The file's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let tokens: Vec<String> = SPECIAL
            .iter()
            .map(|token| (*token).to_owned())
            .chain(('a'..='z').map(|letter| format!("\u{2581}{letter}")))
            .collect();
        let mut meta = Meta::default();
        meta.text("general.architecture", "bert");
        meta.number("bert.context_length", self.context);
        meta.number("bert.embedding_length", WIDTH as u32);
        meta.number("bert.feed_forward_length", INNER as u32);
        meta.number("bert.block_count", LAYERS);
        meta.number("bert.attention.head_count", 2);
        meta.number("bert.pooling_type", self.pooling);
        meta.key("bert.attention.layer_norm_epsilon", 6, &1e-12_f32.to_le_bytes());
        meta.key("bert.attention.causal", 7, &[0]);
        meta.text("tokenizer.ggml.model", "bert");
        meta.number("tokenizer.ggml.token_type_count", 2);
        for (name, id) in [("padding", 0), ("unknown", 1), ("bos", 2), ("seperator", 3)] {
            meta.number(&format!("tokenizer.ggml.{name}_token_id"), id);
        }
        let mut list =
            [8_u32.to_le_bytes().as_slice(), &(tokens.len() as u64).to_le_bytes()].concat();
        tokens.iter().for_each(|token| list.extend(string(token)));
        meta.key("tokenizer.ggml.tokens", 9, &list);
        self.with_tensors(meta, tokens.len())
    }

    /// The row of a table of embeddings.
    pub fn row(&self, table: &str, row: usize) -> Vec<f32> {
        self.values(table, WIDTH * (row + 1))[WIDTH * row..].to_vec()
    }

    /// Numbers that depend on the tensor's name alone.
    fn values(&self, name: &str, count: usize) -> Vec<f32> {
        let flat = |value: f32| vec![value; count];
        if name.ends_with("norm.weight") {
            return flat(1.0);
        }
        let writes = name.contains("attn_output.weight") || name.contains("ffn_down.weight");
        if name.ends_with(".bias") || (writes && !self.mixes) {
            return flat(0.0);
        }
        let mut state = name
            .bytes()
            .fold(1_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f32 / (1 << 24) as f32 - 0.5
        };
        (0..count).map(|_| next()).collect()
    }

    fn with_tensors(&self, meta: Meta, vocabulary: usize) -> Vec<u8> {
        let mut tensors: Vec<(String, Vec<usize>)> = vec![
            ("token_embd.weight".into(), vec![WIDTH, vocabulary]),
            ("token_types.weight".into(), vec![WIDTH, 2]),
            ("position_embd.weight".into(), vec![WIDTH, self.context as usize]),
            ("token_embd_norm.weight".into(), vec![WIDTH]),
            ("token_embd_norm.bias".into(), vec![WIDTH]),
        ];
        for layer in 0..LAYERS {
            for (name, from, to) in [
                ("attn_q", WIDTH, WIDTH),
                ("attn_k", WIDTH, WIDTH),
                ("attn_v", WIDTH, WIDTH),
                ("attn_output", WIDTH, WIDTH),
                ("ffn_up", WIDTH, INNER),
                ("ffn_down", INNER, WIDTH),
            ] {
                tensors.push((format!("blk.{layer}.{name}.weight"), vec![from, to]));
                tensors.push((format!("blk.{layer}.{name}.bias"), vec![to]));
            }
            for name in ["attn_output_norm", "layer_output_norm"] {
                tensors.push((format!("blk.{layer}.{name}.weight"), vec![WIDTH]));
                tensors.push((format!("blk.{layer}.{name}.bias"), vec![WIDTH]));
            }
        }
        let mut file = b"GGUF".to_vec();
        file.extend(3_u32.to_le_bytes());
        file.extend((tensors.len() as u64).to_le_bytes());
        file.extend(meta.count.to_le_bytes());
        file.extend(meta.bytes);
        let mut data = Vec::new();
        for (name, shape) in &tensors {
            file.extend(string(name));
            file.extend((shape.len() as u32).to_le_bytes());
            shape.iter().for_each(|size| file.extend((*size as u64).to_le_bytes()));
            // 32-bit floats.
            file.extend(0_u32.to_le_bytes());
            file.extend((data.len() as u64).to_le_bytes());
            let values = self.values(name, shape.iter().product());
            data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            data.resize(data.len().next_multiple_of(32), 0);
        }
        file.resize(file.len().next_multiple_of(32), 0);
        file.extend(data);
        file
    }
}

#[derive(Default)]
struct Meta {
    bytes: Vec<u8>,
    count: u64,
}

impl Meta {
    fn key(&mut self, name: &str, kind: u32, value: &[u8]) {
        self.bytes.extend(string(name));
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend(value);
        self.count += 1;
    }

    fn number(&mut self, name: &str, value: u32) {
        self.key(name, 4, &value.to_le_bytes());
    }

    fn text(&mut self, name: &str, value: &str) {
        self.key(name, 8, &string(value));
    }
}

fn string(text: &str) -> Vec<u8> {
    [(text.len() as u64).to_le_bytes().as_slice(), text.as_bytes()].concat()
}
