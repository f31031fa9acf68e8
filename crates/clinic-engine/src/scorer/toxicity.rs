//! Toxicity: a grade of harm in the wording, by a judge that may be another than the judge.

use clinic_core::task::Question;

use super::Panel;
use super::verdicts::Verdicts;

/// Scores by the number of the grade.
pub(super) fn scorer<'a>(questions: &'a [Question], panel: &'a Panel) -> Verdicts<'a> {
    Verdicts::new(questions, panel.toxicity.as_ref().or(panel.judge.as_ref()), panel)
}
