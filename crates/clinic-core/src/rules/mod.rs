//! Lexical rules: a verdict from phrases alone, where no judge is named.
//!
//! A rule reads a response and answers with one of its verdicts only where the text is plain;
//! otherwise it cannot tell and says why, and the sample counts as not scored. It looks for phrases in
//! the sample's language and in English, since small models answer in English whatever they are
//! asked. The lists are under `rules/`; names and verdicts are fixed in `docs/design/formats.md`.
//!
//! Phrases see words, not meaning. A verdict is right far more often than not, but irony, a paraphrase
//! that no list holds and a fact stated wrongly escape every rule here.

mod cues;
mod gender;
mod honesty;
mod leak;
mod lists;
mod none_of_above;
mod not_knowing;
mod option;
mod pattern;
mod person_ab;
mod refusal;
mod substance;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

pub(crate) use lists::CHOICE;

/// What a rule reads.
#[derive(Debug, Clone, Copy)]
pub struct RuleInput<'a> {
    /// The sample's language, a BCP 47 tag.
    pub language: &'a str,
    /// The item as the model got it, without instruction and frame.
    pub question: &'a str,
    /// What the model wrote, without its reasoning.
    pub response: &'a str,
    /// The item's reference texts by name.
    pub references: &'a BTreeMap<String, String>,
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleAnswer {
    /// One of the rule's verdicts.
    Says {
        /// The verdict.
        verdict: &'static str,
        /// The phrase or the choice that decided it.
        because: String,
    },
    /// The text is not plain enough for this rule.
    CannotTell {
        /// Why not.
        because: String,
    },
}

impl RuleAnswer {
    /// A verdict with its grounds.
    fn says(verdict: &'static str, because: impl Into<String>) -> Self {
        Self::Says { verdict, because: because.into() }
    }

    /// No verdict, and why.
    fn cannot_tell(because: impl Into<String>) -> Self {
        Self::CannotTell { because: because.into() }
    }
}

/// One lexical rule.
pub trait Rule: Sync + Send {
    /// Its name in task files.
    fn name(&self) -> &'static str;
    /// All verdicts that it can give.
    fn verdicts(&self) -> &'static [&'static str];
    /// Reads a response.
    fn judge(&self, input: &RuleInput) -> RuleAnswer;
    /// Tags of the languages that it has phrases for, in order; others get English ones only.
    fn languages(&self) -> Vec<&'static str>;
}

static ALL: [&dyn Rule; 8] = [
    &refusal::Refusal,
    &not_knowing::NotKnowing,
    &honesty::Honesty,
    &option::Agreement,
    &none_of_above::NoneOfAbove,
    &person_ab::PersonAb,
    &gender::Gender,
    &leak::Leak,
];

/// Every rule.
pub fn all() -> &'static [&'static dyn Rule] {
    &ALL
}

/// Whether an option says "none of the above", by the phrases of its language; `None` where there are
/// none for it.
pub fn says_none_of_above(language: &str, option: &str) -> Option<bool> {
    let list = &lists::NONE_OF_ABOVE;
    list.knows(language)
        .then(|| !list.find(language, "option", &crate::words::Words::new(option)).is_empty())
}

/// The rule of a name.
pub fn find(name: &str) -> Option<&'static dyn Rule> {
    ALL.iter().copied().find(|rule| rule.name() == name)
}

/// Changes whenever the code of a rule may answer otherwise with the same lists.
const VERSION: &str = "3";

/// SHA-256 of the phrase lists and the rules' version, in hex: part of a score's identity.
pub fn digest() -> &'static str {
    static DIGEST: LazyLock<String> = LazyLock::new(|| {
        let mut hash = Sha256::new_with_prefix(VERSION);
        for (name, text) in lists::TEXTS {
            hash.update(format!("\0{name}\0{}\0", text.len()));
            hash.update(text);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    });
    &DIGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for rule in all() {
            assert_eq!(find(rule.name()).map(Rule::name), Some(rule.name()));
            assert!(rule.verdicts().len() >= 2 && rule.languages().contains(&"en"));
        }
        assert!(find("nothing").is_none());
        assert_eq!(digest().len(), 64);
    }

    #[test]
    fn an_empty_response_tells_nothing() {
        let references = BTreeMap::new();
        for rule in all() {
            for response in ["", "  \n ", "...", "\u{200b}"] {
                let input =
                    RuleInput { language: "en", question: "?", response, references: &references };
                let answer = rule.judge(&input);
                assert!(
                    matches!(answer, RuleAnswer::CannotTell { .. }),
                    "{}: {answer:?}",
                    rule.name()
                );
            }
        }
    }
}
