//! Vectors that need no model: a bag of hashed words, so that texts that share words are near.

/// Length of every vector.
pub const DIMENSIONS: usize = 8;

/// The vector of a text: of length 1, the same on every machine, and as a rule nearer to another
/// the more words they share. The order of words, their case and punctuation do not matter; signs of
/// scripts without spaces count as words.
pub fn embedding(text: &str) -> Vec<f32> {
    let mut sum = [0_f64; DIMENSIONS];
    for word in words(text) {
        for (total, byte) in sum.iter_mut().zip(hash(&word).to_le_bytes()) {
            *total += f64::from(byte) - 127.5;
        }
    }
    let length = sum.iter().map(|x| x * x).sum::<f64>().sqrt();
    if length < 1e-9 {
        // No words: any fixed direction will do.
        sum = [0.0; DIMENSIONS];
        sum[0] = 1.0;
        return sum.iter().map(|&x| x as f32).collect();
    }
    sum.iter().map(|x| (x / length) as f32).collect()
}

fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in text.chars().flat_map(char::to_lowercase) {
        let alone = matches!(letter, '\u{0E00}'..='\u{0EFF}' | '\u{3040}'..='\u{9FFF}');
        if alone {
            words.push(letter.to_string());
        }
        if alone || !letter.is_alphanumeric() {
            words.push(String::new());
        } else if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// FNV-1a with a final mix (that of SplitMix64): the same on every machine and in every version.
pub(crate) fn hash(text: &str) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let mut hash = text
        .bytes()
        .fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(one: &str, other: &str) -> f32 {
        embedding(one).iter().zip(embedding(other)).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn vectors_have_length_one() {
        for text in ["", "?", "fever", "Fever and a cough, for two days.", "发烧三天"] {
            assert!((cosine(text, text) - 1.0).abs() < 1e-5, "{text}");
            assert_eq!(embedding(text).len(), DIMENSIONS);
        }
    }

    /// Eight dimensions are few, so that single pairs scatter: the promise holds on average.
    #[test]
    fn texts_that_share_words_tend_to_be_near() {
        let text = |from: usize| (from..from + 9).map(|i| format!("word{i} ")).collect::<String>();
        let mean = |apart: usize| {
            let cosines = (0..200).map(|i| cosine(&text(20 * i), &text(20 * i + apart)));
            cosines.sum::<f32>() / 200.0
        };
        let (one_word_differs, half_differ, all_differ) = (mean(1), mean(4), mean(9));
        assert!(one_word_differs > 0.8, "{one_word_differs}");
        assert!(half_differ > 0.4 && half_differ < 0.7, "{half_differ}");
        assert!(all_differ.abs() < 0.1, "{all_differ}");
    }

    #[test]
    fn case_order_and_punctuation_do_not_matter() {
        assert!((cosine("fever and cough", "Cough and FEVER.") - 1.0).abs() < 1e-5);
        assert!((cosine("发烧，三天", "三天 发烧。") - 1.0).abs() < 1e-5);
    }

    #[test]
    fn the_hash_never_changes() {
        assert_eq!(hash("fever"), 0x33a5_2266_a582_926a);
    }
}
