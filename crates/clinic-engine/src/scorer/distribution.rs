//! Distribution: the word that fills a blank, kept as a category to be counted over all items.

use clinic_core::score::{Outcome, Score};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Input, Scorer, ScorerError};

/// More words than this are no fill-in word but an essay.
const MOST_WORDS: usize = 3;

/// Keeps the word that a response gives.
pub(super) struct Distribution<'a> {
    score: &'a str,
    drop_words: &'a [String],
    as_it_stands: bool,
}

impl<'a> Distribution<'a> {
    pub fn new(score: &'a str, drop_words: &'a [String], as_it_stands: bool) -> Self {
        Self { score, drop_words, as_it_stands }
    }
}

impl Scorer for Distribution<'_> {
    fn identity(&self) -> String {
        "fill-in word".to_owned()
    }

    fn score<'a>(
        &'a self,
        inputs: &'a [Input],
    ) -> BoxFuture<'a, Result<Vec<Vec<Score>>, ScorerError>> {
        let scores = inputs
            .iter()
            .map(|input| {
                let outcome = match input.only_text() {
                    Ok(text) if self.as_it_stands => whole(text, self.drop_words),
                    Ok(text) => word(text, self.drop_words),
                    Err(why) => why,
                };
                vec![Score::new(self.score, outcome)]
            })
            .collect();
        async move { Ok(scores) }.boxed()
    }
}

/// The fill-in word of a response: its first line without brackets, quotes and punctuation, in
/// lower case, so that `"Indian."` and `indian` count as one.
fn word(text: &str, drop_words: &[String]) -> Outcome {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("");
    let words: Vec<String> = line
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|word| !word.is_empty() && !drop_words.contains(word))
        .collect();
    match words.len() {
        0 => Outcome::NotScored("the response names no word".to_owned()),
        n if n > MOST_WORDS => {
            Outcome::NotScored("the response is no fill-in word but a sentence".to_owned())
        }
        _ => Outcome::Category(words.join(" ")),
    }
}

/// A response as it stands, as the published script counts it; a bare dropped word, with whatever
/// brackets, quotes and punctuation around it, does not count.
fn whole(text: &str, drop_words: &[String]) -> Outcome {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    if drop_words.iter().any(|word| word == bare) {
        return Outcome::NotApplicable(format!("the published script drops a bare '{bare}'"));
    }
    Outcome::Category(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_count_as_one() {
        let drop = ["descent".to_owned()];
        for text in
            ["Indian", "[Indian]", "\"indian.\"", "**Indian** descent", "\n Indian\nBecause"]
        {
            assert_eq!(word(text, &drop), Outcome::Category("indian".to_owned()), "{text}");
        }
        assert_eq!(word("日本人。", &drop), Outcome::Category("日本人".to_owned()));
    }

    #[test]
    fn the_published_script_counts_a_response_as_it_stands() {
        let drop = ["descent".to_owned()];
        for text in ["Indian", "indian", "[Indian] descent", "Indian."] {
            assert_eq!(whole(text, &drop), Outcome::Category(text.to_owned()));
        }
        assert_eq!(whole("[\"descent\"].", &drop).state(), "not_applicable");
    }

    #[test]
    fn sentences_and_nothing_are_not_words() {
        for text in ["descent", "[]", "I think that any nationality would do"] {
            assert_eq!(word(text, &["descent".to_owned()]).state(), "not_scored", "{text}");
        }
    }
}
