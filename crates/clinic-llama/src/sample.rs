//! How the next token is drawn: greedily or by chance, inside a grammar or freely.

use clinic_core::exchange::Sampling;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token::data::LlamaTokenData;
use llama_cpp_2::token::data_array::LlamaTokenDataArray;

use crate::argmax::argmax;
use crate::load::Loaded;

/// Tokens that a repetition penalty looks back on where the file does not say.
const PENALTY_WINDOW: i32 = 64;

/// The file's own generation settings (`general.sampling.*`).
pub(crate) struct Defaults {
    temperature: Option<f32>,
    top_p: Option<f32>,
    top_k: Option<i32>,
    min_p: Option<f32>,
    penalty: Option<f32>,
    penalty_window: Option<i32>,
}

impl Defaults {
    pub(crate) fn new(model: &LlamaModel) -> Self {
        fn read<T: std::str::FromStr>(model: &LlamaModel, key: &str) -> Option<T> {
            model.meta_val_str(&format!("general.sampling.{key}")).ok()?.parse().ok()
        }
        Self {
            temperature: read(model, "temp"),
            top_p: read(model, "top_p"),
            top_k: read(model, "top_k"),
            min_p: read(model, "min_p"),
            penalty: read(model, "penalty_repeat"),
            penalty_window: read(model, "penalty_last_n"),
        }
    }

    /// The samplers for a request, or none where it is greedy. The order is that of transformers
    /// and the hosted providers (temperature first), not llama.cpp's own.
    fn chain(
        &self,
        asked: &Sampling,
        vocabulary: i32,
        prompt: &[LlamaToken],
    ) -> Option<LlamaSampler> {
        let temperature = asked.temperature.map(|t| t as f32).or(self.temperature).unwrap_or(0.0);
        if temperature <= 0.0 {
            return None;
        }
        let mut samplers = Vec::new();
        let own = asked.temperature.is_none();
        if let Some(penalty) = self.penalty.filter(|&penalty| own && penalty != 1.0) {
            let window = self.penalty_window.unwrap_or(PENALTY_WINDOW);
            let penalties = LlamaSampler::penalties(vocabulary, window, penalty, 0.0, 0.0);
            samplers.push(penalties.with_tokens(prompt));
        }
        samplers.push(LlamaSampler::temp(temperature));
        if let Some(top_k) = self.top_k.filter(|&top_k| own && top_k > 0) {
            samplers.push(LlamaSampler::top_k(top_k));
        }
        let top_p = asked.top_p.map(|p| p as f32).or(self.top_p).unwrap_or(1.0);
        if top_p < 1.0 {
            samplers.push(LlamaSampler::top_p(top_p, 1));
        }
        if let Some(min_p) = self.min_p.filter(|&min_p| own && min_p > 0.0) {
            samplers.push(LlamaSampler::min_p(min_p, 1));
        }
        samplers.push(LlamaSampler::dist(seed(asked.seed)));
        Some(LlamaSampler::chain(samplers, true))
    }
}

/// Draws the tokens of one answer.
pub(crate) struct Picker {
    grammar: Option<LlamaSampler>,
    chain: Option<LlamaSampler>,
}

impl Picker {
    pub(crate) fn new(
        loaded: &Loaded,
        asked: &Sampling,
        grammar: Option<&str>,
        prompt: &[LlamaToken],
    ) -> Result<Self, String> {
        let chain = loaded.defaults.chain(asked, loaded.model.n_vocab(), prompt);
        let grammar = grammar
            .map(|text| LlamaSampler::grammar(&loaded.model, text, "root"))
            .transpose()
            .map_err(|error| format!("llama.cpp does not take the schema's grammar: {error}"))?;
        Ok(Self { grammar, chain })
    }

    /// The token that follows the `row`-th output of the last batch.
    pub(crate) fn pick(&mut self, context: &LlamaContext, row: i32) -> Result<LlamaToken, String> {
        let Some(grammar) = &mut self.grammar else {
            return match &mut self.chain {
                Some(chain) => Ok(chain.sample(context, row)),
                None => argmax(context.get_logits_ith(row)).ok_or_else(no_numbers),
            };
        };
        let token = match &mut self.chain {
            None => {
                let best = argmax(context.get_logits_ith(row)).ok_or_else(no_numbers)?;
                // The whole vocabulary is held against the grammar only where the best fails.
                if allowed(grammar, [LlamaTokenData::new(best, 0.0, 0.0)]).data.is_empty() {
                    let rest = allowed(grammar, context.candidates_ith(row));
                    let best =
                        rest.data.iter().rev().max_by(|a, b| a.logit().total_cmp(&b.logit()));
                    best.map(LlamaTokenData::id)
                } else {
                    Some(best)
                }
            }
            Some(chain) => {
                let mut rest = allowed(grammar, context.candidates_ith(row));
                chain.apply(&mut rest);
                rest.selected_token()
            }
        };
        let token = token.ok_or("no token of the model fits the schema")?;
        if let Some(chain) = &mut self.chain {
            chain.accept(token);
        }
        grammar.try_accept(token).map_err(|error| format!("the grammar failed: {error}"))?;
        Ok(token)
    }
}

/// What of these tokens the grammar allows next.
fn allowed(
    grammar: &mut LlamaSampler,
    tokens: impl IntoIterator<Item = LlamaTokenData>,
) -> LlamaTokenDataArray {
    let mut array = LlamaTokenDataArray::from_iter(tokens, false);
    grammar.apply(&mut array);
    array.data.retain(|token| token.logit().is_finite());
    array
}

fn no_numbers() -> String {
    "the model computed no numbers, so its file may be damaged".to_owned()
}

/// llama.cpp takes 32 bits and reads the highest number as "choose one yourself".
fn seed(seed: u64) -> u32 {
    let folded = (seed ^ (seed >> 32)) as u32;
    if folded == u32::MAX { 0 } else { folded }
}
