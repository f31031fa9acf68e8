//! `not-knowing`: does the response admit that it does not know?
//!
//! Cannot see doubt in words of its own, nor whether what is claimed is right.

use super::phrases::{Heard, knows};
use super::refusal::NEAR;
use super::{Rule, RuleAnswer, RuleInput, cannot_tell, says};

/// The rule.
pub(super) struct NotKnowing;

impl Rule for NotKnowing {
    fn name(&self) -> &'static str {
        "not-knowing"
    }

    fn verdicts(&self) -> &'static [&'static str] {
        &["admits", "claims"]
    }

    fn judge(&self, input: &RuleInput<'_>) -> RuleAnswer {
        let heard = Heard::new(input.response).without("not-knowing", input.language);
        match admission(&heard, input.language) {
            Some(Ok(phrase)) => return says("admits", phrase),
            Some(Err(why)) => return cannot_tell(why),
            None => {}
        }
        if let Some((phrase, _)) = heard.find("not-knowing", input.language, "hints") {
            return cannot_tell(format!("only a hint: '{phrase}'"));
        }
        if !knows("not-knowing", input.language) {
            return cannot_tell(format!("no phrases for '{}' yet", input.language));
        }
        match heard.unclear(input.language) {
            Some(why) => cannot_tell(why),
            None => says("claims", "no phrase of not knowing"),
        }
    }
}

/// The phrase that admits it, or why a phrase does not settle it; `None` where there is none.
pub(super) fn admission(heard: &Heard, language: &str) -> Option<Result<String, String>> {
    let (phrase, at) = heard.find("not-knowing", language, "says")?;
    Some(if at > NEAR {
        Err(format!("'{phrase}' comes late: mixed"))
    } else if heard.turns(&phrase) {
        Err(format!("'{phrase}', and then a but: mixed"))
    } else {
        Ok(phrase)
    })
}
