//! `option`: whether the option that a response chooses is the ground truth's.
//!
//! No phrases of its own: it reads the choice. A response that names two options, or none, cannot be
//! told; nor can anything where the ground truth names no option of the question.

use super::lists::CHOICE;
use super::{Rule, RuleAnswer, RuleInput};
use crate::choice::{Choice, Opt, find_choice, parse_options};
use crate::words::Words;

/// The rule.
pub(crate) struct Agreement;

impl Rule for Agreement {
    fn name(&self) -> &'static str {
        "option"
    }

    fn verdicts(&self) -> &'static [&'static str] {
        &["agrees", "disagrees"]
    }

    fn judge(&self, input: &RuleInput) -> RuleAnswer {
        match compare(input) {
            Compared::Right(why) => RuleAnswer::says("agrees", why),
            Compared::Wrong(why) => RuleAnswer::says("disagrees", why),
            Compared::Unclear(why) => RuleAnswer::cannot_tell(why),
        }
    }

    fn languages(&self) -> Vec<&'static str> {
        CHOICE.languages()
    }
}

/// A choice beside the ground truth; each with its grounds.
pub(crate) enum Compared {
    /// The same option.
    Right(String),
    /// Another option.
    Wrong(String),
    /// No option on one of the sides, or several.
    Unclear(String),
}

/// Compares the response's choice with the reference `ground_truth`.
pub(crate) fn compare(input: &RuleInput) -> Compared {
    let options = parse_options(input.question);
    let Some(truth) = input.references.get("ground_truth").filter(|text| !text.trim().is_empty())
    else {
        return Compared::Unclear("there is no ground truth".into());
    };
    let Some(right) = letter_of(truth, &options) else {
        return Compared::Unclear("the ground truth names no option of the question".into());
    };
    match find_choice(input.response, &options) {
        Choice::One(letter) if letter == right => Compared::Right(format!("chooses {letter}")),
        Choice::One(letter) => Compared::Wrong(format!("chooses {letter}, not {right}")),
        Choice::Ambiguous(letters) => {
            let letters: Vec<String> = letters.iter().map(char::to_string).collect();
            Compared::Unclear(format!("names several options: {}", letters.join(", ")))
        }
        Choice::None => Compared::Unclear("chooses no option".into()),
    }
}

/// The letter of a ground truth: a letter, a letter with its text, or an option's text.
fn letter_of(truth: &str, options: &[Opt]) -> Option<char> {
    let words = Words::new(truth);
    let same = |option: &&Opt| Words::new(&option.text).texts() == words.texts();
    let by_text = options.iter().find(same).map(|option| option.letter);
    by_text.or(match find_choice(truth, options) {
        Choice::One(letter) => Some(letter),
        _ => None,
    })
}
