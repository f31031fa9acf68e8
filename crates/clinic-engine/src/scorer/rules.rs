//! Lexical rules as the judge that needs no model.

use clinic_core::rules::{self, RuleAnswer, RuleInput};
use clinic_core::task::Question;

use super::Input;
use super::judge::Judgement;

/// The verdict of the question's rule.
pub(super) fn judge(question: &Question, input: &Input, text: &str) -> Judgement {
    let Some(rule) = question.rules.as_deref().and_then(rules::find) else {
        return Judgement::CannotTell("no rule can tell this; name a judge".to_owned());
    };
    let answer = rule.judge(&RuleInput {
        language: &input.sample.language,
        question: input.sample.question(),
        response: text,
        references: &input.sample.references,
    });
    match answer {
        RuleAnswer::Says { verdict, because } => {
            Judgement::Verdict { name: verdict.to_owned(), why: because }
        }
        RuleAnswer::CannotTell { because } => {
            Judgement::CannotTell(format!("the rule cannot tell: {because}"))
        }
    }
}

/// The hash of all phrase lists, short.
pub(super) fn digest() -> String {
    rules::digest()[..12].to_owned()
}
