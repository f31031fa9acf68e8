//! Categories: the verdict itself is the score, without a number.

use clinic_core::task::Question;

use super::Panel;
use super::verdicts::Verdicts;

/// Scores by the name of the verdict: its questions' verdicts have no number.
pub(super) fn scorer<'a>(questions: &'a [Question], panel: &'a Panel) -> Verdicts<'a> {
    Verdicts::new(questions, panel.judge.as_ref(), panel)
}
