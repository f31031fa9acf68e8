//! `not-knowing`: whether a response says that it does not know the matter.
//!
//! An admission followed by a long text, a list or a claim cannot be told. Whether the matter can be
//! known, and whether what is claimed is true, is not looked at.

use super::cues::{Cue, look};
use super::lists::{NOT_KNOWING, REFUSAL};
use super::substance::substantive;
use super::{Rule, RuleAnswer, RuleInput};
use crate::words::Words;

/// Words such as "probably" that make a claim a guess, at least.
const HEDGED: usize = 2;
/// Words below which one of them does.
const BRIEF: usize = 10;

/// The rule.
pub(crate) struct NotKnowing;

impl Rule for NotKnowing {
    fn name(&self) -> &'static str {
        "not-knowing"
    }

    fn verdicts(&self) -> &'static [&'static str] {
        &["admits", "claims"]
    }

    fn judge(&self, input: &RuleInput) -> RuleAnswer {
        let words = Words::new(input.response).without_echo(&Words::new(input.question));
        match look(&NOT_KNOWING, input, &words) {
            Cue::Plain(phrase) => RuleAnswer::says("admits", phrase),
            Cue::Mixed(how) => RuleAnswer::cannot_tell(format!("mixed: {how}")),
            Cue::Weak(phrase) => RuleAnswer::cannot_tell(format!("only a hint: \"{phrase}\"")),
            Cue::Nothing if guesses(input, &words) >= enough(&words) => {
                RuleAnswer::cannot_tell("claims only with signs of doubt")
            }
            // What declines makes no claim either.
            Cue::Nothing if look(&REFUSAL, input, &words) != Cue::Nothing => {
                RuleAnswer::cannot_tell("declines, or hints at it")
            }
            Cue::Nothing => match substantive(&NOT_KNOWING, input.language, &words) {
                Ok(()) => RuleAnswer::says("claims", "no phrase that admits not knowing"),
                Err(why) => RuleAnswer::cannot_tell(why),
            },
        }
    }

    fn languages(&self) -> Vec<&'static str> {
        NOT_KNOWING.languages()
    }
}

/// How many signs of guessing make a guess.
fn enough(words: &Words) -> usize {
    if words.weight() < BRIEF { 1 } else { HEDGED }
}

/// How many signs of guessing a text shows.
fn guesses(input: &RuleInput, words: &Words) -> usize {
    NOT_KNOWING.find(input.language, "guess", words).len()
}
