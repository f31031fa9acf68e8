//! Choice: the letter that a response chooses, against the right one.

use clinic_core::choice::{Choice, find_choice, first_capital, parse_options};
use clinic_core::score::{Outcome, Score};
use clinic_core::task::{ChoiceSpec, Letters};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Input, Scorer, ScorerError};

/// Scores 1 for the right letter, 0 for another.
pub(super) struct ChoiceScorer<'a>(&'a [ChoiceSpec]);

impl<'a> ChoiceScorer<'a> {
    pub fn new(choices: &'a [ChoiceSpec]) -> Self {
        Self(choices)
    }
}

impl Scorer for ChoiceScorer<'_> {
    fn identity(&self) -> String {
        "letter".to_owned()
    }

    fn score<'a>(
        &'a self,
        inputs: &'a [Input],
    ) -> BoxFuture<'a, Result<Vec<Vec<Score>>, ScorerError>> {
        let each = |input| self.0.iter().map(|spec| score(spec, input)).collect();
        let scores = inputs.iter().map(each).collect();
        async move { Ok(scores) }.boxed()
    }
}

fn score(spec: &ChoiceSpec, input: &Input) -> Score {
    let outcome = |outcome| Score::new(&spec.score, outcome);
    let text = match input.text(&spec.variant) {
        Ok(text) => text,
        Err(why) => return outcome(why),
    };
    let question = input.sample.variant(&spec.variant).unwrap_or_default();
    let options = parse_options(question);
    let answer = input.sample.references.get(&spec.answer).map_or("", String::as_str);
    // The reference is a letter, or begins with one, or is an option's text.
    let Choice::One(right) = find_choice(answer, &options) else {
        let why = format!("the reference '{}' names no one letter from A to D", spec.answer);
        return outcome(Outcome::NotScored(why));
    };
    let choice = match spec.letters {
        Letters::Every => find_choice(text, &options),
        Letters::FirstCapital => match first_capital(text) {
            Some(letter) => Choice::One(letter),
            None => {
                let why = "the published script leaves out rows without a letter";
                return outcome(Outcome::NotApplicable(why.to_owned()));
            }
        },
    };
    match choice {
        Choice::One(letter) => Score {
            name: spec.score.clone(),
            outcome: Outcome::number(if letter == right { 1.0 } else { 0.0 }),
            verdict: Some(letter.to_string()),
            why: Some(format!("right is {right}")),
        },
        Choice::Ambiguous(letters) => {
            let letters: Vec<String> = letters.iter().map(char::to_string).collect();
            let why = format!("the response is ambiguous between {}", letters.join(", "));
            outcome(Outcome::NotScored(why))
        }
        Choice::None => outcome(Outcome::NotScored("the response names no option".to_owned())),
    }
}
