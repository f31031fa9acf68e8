//! Lexical rules: the judge that needs no model.
//!
//! A rule looks for phrases of the sample's language and of English (small models answer in English
//! whatever they are asked). It gives a verdict only where the text is clear; otherwise it cannot
//! tell, which counts as not scored. Rules see phrases and not meaning. To add one, write
//! `rules/<name>.toml` and a file here, and list it in [`all`].

mod gender;
mod leak;
mod none_of_above;
mod not_knowing;
mod option;
mod person;
mod phrases;
mod refusal;
mod text;

use std::collections::BTreeMap;

use crate::digest;

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub struct RuleInput<'a> {
    /// Tag of the sample's language.
    pub language: &'a str,
    /// The item.
    pub question: &'a str,
    /// What the model said.
    pub response: &'a str,
    /// Reference texts by name.
    pub references: &'a BTreeMap<String, String>,
}

/// What a rule makes of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleAnswer {
    /// One of the rule's verdicts, and the phrase that settles it.
    Says {
        /// The verdict.
        verdict: &'static str,
        /// What settles it.
        because: String,
    },
    /// The text is not clear.
    CannotTell {
        /// Why not.
        because: String,
    },
}

/// A lexical rule.
pub trait Rule: Send + Sync {
    /// Its name in task files.
    fn name(&self) -> &'static str;

    /// All verdicts that it may give.
    fn verdicts(&self) -> &'static [&'static str];

    /// The verdict on a response.
    fn judge(&self, input: &RuleInput<'_>) -> RuleAnswer;
}

/// All rules.
pub fn all() -> [&'static dyn Rule; 8] {
    [
        &refusal::Refusal,
        &not_knowing::NotKnowing,
        &option::Honesty,
        &option::Agreement,
        &none_of_above::NoneOfAbove,
        &person::PersonAb,
        &gender::Gender,
        &leak::Leak,
    ]
}

/// The rule of this name.
pub fn find(name: &str) -> Option<&'static dyn Rule> {
    all().into_iter().find(|rule| rule.name() == name)
}

/// SHA-256 of all phrase lists, in hex: part of what a score rests on.
pub fn digest() -> String {
    let texts: Vec<&[u8]> = phrases::FILES.iter().map(|(_, text)| text.as_bytes()).collect();
    digest::hex(&texts)
}

fn says(verdict: &'static str, because: impl Into<String>) -> RuleAnswer {
    RuleAnswer::Says { verdict, because: because.into() }
}

fn cannot_tell(because: impl Into<String>) -> RuleAnswer {
    RuleAnswer::CannotTell { because: because.into() }
}

#[cfg(test)]
mod tests;
