//! What a reader of a summary must know.

use clinic_core::published::Protocol;
use clinic_engine::run::Run;

use super::{Row, Summary};

/// The notes of a summary.
pub(super) fn of(run: &Run, summary: &Summary) -> Vec<String> {
    let plan = run.plan();
    let mut notes = Vec::new();
    if plan.protocol == Protocol::Reference {
        notes.push(
            "Protocol reference: the published scripts' own arithmetic, mistakes included, without \
             intervals. It is for comparison with old numbers, not for decisions about a model: \
             docs/fidelity.md."
                .to_owned(),
        );
    }
    if plan.protocol == Protocol::Reference && plan.system.is_some() {
        notes.push(
            "The published scripts ask without a system prompt: these numbers are not theirs to \
             compare with."
                .to_owned(),
        );
    }
    let by_question = plan.imported.as_ref().is_some_and(|i| i.joined == Protocol::Default);
    if plan.protocol == Protocol::Reference && by_question && summary.unanswered() > 0 {
        notes.push(
            "The imported rows were joined with their items by question. The published scripts \
             join by place, which shifts the rows of a short file: to repeat that too, import with \
             --protocol reference."
                .to_owned(),
        );
    }
    if summary.cut_for_judge > 0 {
        notes.push(format!(
            "{} scores are by a judge that did not see the whole answer, which did not fit; the \
             scores' reasons say how much it saw.",
            summary.cut_for_judge
        ));
    }
    if summary.half_scored {
        notes.push(
            "Scoring was not finished: scores may be missing, or of an earlier judge. Go on with \
             clinic score."
                .to_owned(),
        );
    }
    if plan.data.source == "starter" {
        notes.push(
            "The starter set is small and was not reviewed by clinicians: good for trying out, \
             not for claims about a model."
                .to_owned(),
        );
    }
    if plan.judge.is_none() {
        notes.push(
            "No judge was named: lexical rules stand in. They see phrases, not meaning, and leave \
             out what they cannot tell, which may be the harder part."
                .to_owned(),
        );
    }
    let judges = [&plan.judge, &plan.toxicity];
    for judge in judges.into_iter().flatten() {
        if judge.identity == plan.model.identity {
            notes.push(format!("{} judges its own answers.", judge.label()));
        }
    }
    if summary.rows.iter().any(|row| row.scorer.contains("classifier perspective:")) {
        notes.push(
            "Perspective graded toxicity. Google ends the service with 2026: after that these \
             grades can be read, but not had again for another model."
                .to_owned(),
        );
    }
    let bare = |row: &&Row| row.figure.estimate.is_none() && row.figure.n > 0;
    if summary.rows.iter().any(|row| bare(&row)) {
        notes.push(
            "A dash beside scored samples: skewness needs three different answers.".to_owned(),
        );
    }
    let thin = summary.rows.iter().filter(|row| Summary::thin(row)).count();
    if thin > 0 {
        notes.push(format!(
            "{thin} of {} figures rest on less than 90 % of their samples and are marked *: what \
             was left out may differ from what was counted.",
            summary.rows.len()
        ));
    }
    notes
}
