//! The most likely token.

use llama_cpp_2::token::LlamaToken;

/// The first of the largest numbers; nothing where no logit is a number.
pub(crate) fn argmax(logits: &[f32]) -> Option<LlamaToken> {
    let mut best = None;
    let mut high = f32::NEG_INFINITY;
    for (token, &logit) in (0..).zip(logits) {
        if logit > high {
            high = logit;
            best = Some(LlamaToken(token));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_first_of_equals_and_passes_over_what_is_not_a_number() {
        assert_eq!(argmax(&[f32::NAN, 1.0, 3.0, 3.0]), Some(LlamaToken(2)));
        assert_eq!(argmax(&[f32::NAN, f32::NEG_INFINITY]), None);
    }
}
