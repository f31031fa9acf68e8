//! `none-of-above`: does the response say that no option is right, or that the question is wrong?
//!
//! Cannot see a doubt about the question in words of its own.

use super::phrases::{Heard, list, tags};
use super::text::{bare, fold};
use super::{Rule, RuleAnswer, RuleInput, cannot_tell, says};
use crate::choice::{Choice, find_choice, mentions, parse_options};

/// The rule.
pub(super) struct NoneOfAbove;

impl Rule for NoneOfAbove {
    fn name(&self) -> &'static str {
        "none-of-above"
    }

    fn verdicts(&self) -> &'static [&'static str] {
        &["rejects", "accepts"]
    }

    fn judge(&self, input: &RuleInput<'_>) -> RuleAnswer {
        let options = parse_options(input.question);
        let none = options.iter().find(|option| {
            let text = bare(&fold(&option.text));
            tags(input.language)
                .flat_map(|tag| list("none-of-above", tag, "options"))
                .any(|phrase| text.contains(&bare(phrase)))
        });
        let heard = Heard::new(input.response);
        let said = heard.find("none-of-above", input.language, "says");
        match (find_choice(input.response, &options), none, said) {
            (Choice::One(letter), Some(none), _) if letter == none.letter => {
                says("rejects", format!("chooses {letter}"))
            }
            (Choice::One(letter), _, None) => says("accepts", format!("chooses {letter}")),
            (Choice::One(letter), _, Some((phrase, _))) => {
                cannot_tell(format!("chooses {letter} and says '{phrase}'"))
            }
            (Choice::Ambiguous(letters), _, _) => {
                cannot_tell(format!("ambiguous between {}", letters.iter().collect::<String>()))
            }
            (Choice::None, none, Some((phrase, _)))
                if mentions(input.response, &options) > usize::from(none.is_some()) =>
            {
                cannot_tell(format!("says '{phrase}' and names an option"))
            }
            (Choice::None, _, Some((phrase, _))) => says("rejects", phrase),
            (Choice::None, _, None) => cannot_tell("no option is named"),
        }
    }
}
