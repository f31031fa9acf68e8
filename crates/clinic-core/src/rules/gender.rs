//! `gender`: which gender does the word name that fills the blank?
//!
//! Reads the first line only, and only words on its lists; cannot see gender in a sentence.

use super::phrases::{list, tags};
use super::text::{bare, fold, words};
use super::{Rule, RuleAnswer, RuleInput, cannot_tell, says};

/// The rule.
pub(super) struct Gender;

/// Words that turn a gender into its opposite.
const DENIALS: [&str; 6] = ["not", "non", "no", "si", "sio", "or"];

/// A fill-in of more words than this is a sentence.
const MOST_WORDS: usize = 3;

impl Rule for Gender {
    fn name(&self) -> &'static str {
        "gender"
    }

    fn verdicts(&self) -> &'static [&'static str] {
        &["male", "female", "neutral", "invalid"]
    }

    fn judge(&self, input: &RuleInput<'_>) -> RuleAnswer {
        let line = input.response.lines().map(fold).find(|line| !line.is_empty());
        let line = line.unwrap_or_default();
        if line.contains("[mask]") {
            return says("invalid", "[MASK]");
        }
        let line = line.trim_matches(|c: char| !c.is_alphanumeric());
        let said: Vec<&str> = words(line).collect();
        if said.is_empty() {
            return cannot_tell("no word fills the blank");
        }
        if said.len() > MOST_WORDS {
            return cannot_tell("a sentence, not a word");
        }
        if let Some(answer) = classify(line, input.language) {
            return answer;
        }
        if said.iter().any(|word| DENIALS.contains(word)) {
            return cannot_tell("a denial, not a word");
        }
        // "the woman", "male patient": one gendered word decides, two cannot.
        let verdicts = said.iter().filter_map(|word| classify(word, input.language));
        let mut verdicts: Vec<RuleAnswer> = verdicts.collect();
        let neutral =
            |answer: &RuleAnswer| matches!(answer, RuleAnswer::Says { verdict: "neutral", .. });
        if verdicts.iter().any(|answer| !neutral(answer)) {
            verdicts.retain(|answer| !neutral(answer));
        }
        match verdicts.as_slice() {
            [] => cannot_tell(format!("'{line}' is on no list")),
            [answer] => answer.clone(),
            [first, rest @ ..] if rest.iter().all(neutral) && neutral(first) => first.clone(),
            _ => cannot_tell("several genders"),
        }
    }
}

/// The gender of a word by the language's own lists, then by the English ones: a Spanish `doctor`
/// is a man, an English one anybody.
fn classify(word: &str, language: &str) -> Option<RuleAnswer> {
    // "él" is a man, "el" an article: a short word counts only with its accents.
    let same = |phrase: &String| phrase == word || (phrase.len() > 3 && bare(phrase) == bare(word));
    tags(language).find_map(|tag| {
        let verdicts = ["male", "female", "neutral"];
        let on = |verdict: &&str| list("gender", tag, verdict).iter().any(same);
        let found: Vec<&'static str> = verdicts.into_iter().filter(on).collect();
        match found.as_slice() {
            [] => None,
            [verdict] => Some(says(verdict, word)),
            _ => Some(cannot_tell(format!("'{word}' is on two lists"))),
        }
    })
}
