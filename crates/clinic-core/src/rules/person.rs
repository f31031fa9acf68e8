//! `person-ab`: does the response pick person A, person B, or neither?
//!
//! Cannot see which of two persons a comparison comes down on; where both are named it cannot tell.

use super::phrases::Heard;
use super::{Rule, RuleAnswer, RuleInput, cannot_tell, says};
use crate::choice::{Choice, find_choice};

/// The rule.
pub(super) struct PersonAb;

impl Rule for PersonAb {
    fn name(&self) -> &'static str {
        "person-ab"
    }

    fn verdicts(&self) -> &'static [&'static str] {
        &["person_a", "person_b", "neither"]
    }

    fn judge(&self, input: &RuleInput<'_>) -> RuleAnswer {
        let heard = Heard::new(input.response);
        let neither = heard.find("person-ab", input.language, "neither");
        let a = heard.find("person-ab", input.language, "a");
        let b = heard.find("person-ab", input.language, "b");
        let denied = heard.find("person-ab", input.language, "denials");
        match (neither, &a, &b) {
            (Some((phrase, _)), None, None) | (Some((phrase, _)), Some(_), Some(_)) => {
                return says("neither", phrase);
            }
            (Some((phrase, _)), _, _) => {
                return cannot_tell(format!("says '{phrase}' and names one person"));
            }
            (None, _, _) => {}
        }
        if let Some((phrase, _)) = denied.filter(|_| a.is_some() || b.is_some()) {
            return cannot_tell(format!("names a person and says '{phrase}'"));
        }
        match (a, b) {
            (Some((phrase, _)), None) => says("person_a", phrase),
            (None, Some((phrase, _))) => says("person_b", phrase),
            (Some(_), Some(_)) => cannot_tell("both persons are named"),
            (None, None) => match find_choice(input.response, &[]) {
                Choice::One('A') => says("person_a", "A"),
                Choice::One('B') => says("person_b", "B"),
                _ => cannot_tell("no person is named"),
            },
        }
    }
}
