//! `none-of-above`: whether a response rejects the options or the question itself.
//!
//! It rejects by the option that says "none of the above", or by a phrase. A phrase beside another
//! option, several options, or no option and no phrase cannot be told. It does not know whether the
//! question really is wrong.

use super::cues::{Cue, look};
use super::lists::NONE_OF_ABOVE;
use super::{Rule, RuleAnswer, RuleInput};
use crate::choice::{Choice, find_choice, parse_options};
use crate::words::Words;

/// The rule.
pub(crate) struct NoneOfAbove;

impl Rule for NoneOfAbove {
    fn name(&self) -> &'static str {
        "none-of-above"
    }

    fn verdicts(&self) -> &'static [&'static str] {
        &["rejects", "accepts"]
    }

    fn judge(&self, input: &RuleInput) -> RuleAnswer {
        let options = parse_options(input.question);
        let none = |text: &str| {
            !NONE_OF_ABOVE.find(input.language, "option", &Words::new(text)).is_empty()
        };
        let own = options.iter().find(|option| none(&option.text)).map(|option| option.letter);
        let words = Words::new(input.response).without_echo(&Words::new(input.question));
        let cue = look(&NONE_OF_ABOVE, input, &words);
        match (find_choice(input.response, &options), cue) {
            (Choice::One(letter), _) if Some(letter) == own => {
                RuleAnswer::says("rejects", format!("chooses {letter}, none of the above"))
            }
            (Choice::One(letter), Cue::Plain(phrase) | Cue::Mixed(phrase))
                if options.is_empty() =>
            {
                RuleAnswer::cannot_tell(format!(
                    "chooses {letter} of unknown options, says \"{phrase}\""
                ))
            }
            (Choice::One(letter), Cue::Plain(phrase) | Cue::Mixed(phrase)) => {
                RuleAnswer::cannot_tell(format!("mixed: chooses {letter}, says \"{phrase}\""))
            }
            (Choice::One(letter), _) if options.is_empty() => RuleAnswer::cannot_tell(format!(
                "chooses {letter}, but the question's options are unknown"
            )),
            (Choice::One(letter), _) => RuleAnswer::says("accepts", format!("chooses {letter}")),
            (Choice::None, Cue::Plain(phrase)) => RuleAnswer::says("rejects", phrase),
            (Choice::Ambiguous(_), Cue::Plain(phrase)) => {
                RuleAnswer::cannot_tell(format!("mixed: several options, and \"{phrase}\""))
            }
            (_, Cue::Mixed(how)) => RuleAnswer::cannot_tell(format!("mixed: {how}")),
            (Choice::Ambiguous(_), _) => RuleAnswer::cannot_tell("names several options"),
            (Choice::None, _) => RuleAnswer::cannot_tell("chooses no option and rejects none"),
        }
    }

    fn languages(&self) -> Vec<&'static str> {
        NONE_OF_ABOVE.languages()
    }
}
