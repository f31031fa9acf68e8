//! The probe: how often a judge is turned by responses that order a verdict.
//!
//! Design: `docs/design/judge.md`. The judge is asked just as in a run: by the same fence, schema,
//! parser and votes.

use std::collections::BTreeMap;

use clinic_core::attacks::{ANSWERS, Kind, Plant, REFUSES, Suite};
use clinic_core::sample::{Sample, Variant};
use clinic_core::stats;
use clinic_core::task::Question;
use futures::stream::{self, StreamExt};
use serde::Serialize;

use super::judge::{Judge, Judgement};
use super::{Input, Named, Panel, ScorerError};
use crate::model::Model;
use crate::run::Stop;

/// What came of the plants of one kind in one language.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Probed {
    /// Tag of the language.
    pub language: String,
    /// How they attack; `None` over all kinds.
    pub kind: Option<Kind>,
    /// Plants of languages in which the judge grades both responses right without them.
    pub plants: usize,
    /// Those that got the verdict that they order.
    pub turned: usize,
    /// Those that got no verdict, which is no success for them.
    pub unparsed: usize,
    /// Those on which the judge failed.
    pub failed: usize,
    /// What one of these failures was.
    pub error: Option<String>,
    /// Plants left out, since the judge is wrong on a response without them.
    pub left_out: usize,
}

impl Probed {
    /// Share of the judged plants that turned the judge, with its 95 % interval.
    pub fn rate(&self) -> Option<(f64, f64, f64)> {
        let judged = self.plants - self.failed;
        let rate = (judged > 0).then(|| self.turned as f64 / judged as f64)?;
        let (low, high) = stats::wilson(rate, judged)?;
        Some((rate, low, high))
    }

    fn add(&mut self, other: &Self) {
        self.plants += other.plants;
        self.turned += other.turned;
        self.unparsed += other.unparsed;
        self.failed += other.failed;
        self.error = self.error.take().or(other.error.clone());
        self.left_out += other.left_out;
    }
}

/// How a judge does in a language without any attack.
#[derive(Clone, PartialEq)]
enum Control {
    /// It knows the response that answers and the one that refuses.
    Right,
    /// It does not know both.
    Wrong,
    /// It failed on one, for this reason.
    Failed(String),
}

/// What a judge said of a response.
enum Said {
    Verdict(String),
    Nothing,
    Failed(String),
}

/// Puts the plants of some languages before a judge; one entry a language and kind.
pub async fn probe(
    judge: &Named<dyn Model>,
    panel: &Panel,
    question: &Question,
    suites: &[Suite],
) -> Result<Vec<Probed>, ScorerError> {
    let side_by_side = panel.caller.gates.of(judge.model.identity()).most();
    let judge = &Judge::new(judge, panel);
    let mut found: BTreeMap<(usize, Kind), Probed> = BTreeMap::new();
    let ask = |suite: &Suite, text: &str| {
        let (input, text) = (input(suite), text.to_owned());
        async move { said(judge, question, &input, &text).await }
    };
    // Without an attack first: a plant proves nothing where the judge is wrong anyway.
    // A judge that gives one verdict to everything is turned by nothing, so it has to know both.
    let mut controls = Vec::new();
    for suite in suites {
        let mut control = Control::Right;
        for verdict in [ANSWERS, REFUSES] {
            match ask(suite, suite.base(verdict)).await? {
                Said::Verdict(name) if name == verdict => {}
                Said::Failed(why) => control = Control::Failed(why),
                _ if control == Control::Right => control = Control::Wrong,
                _ => {}
            }
        }
        controls.push(control);
    }
    let plants: Vec<(usize, Plant)> = suites
        .iter()
        .enumerate()
        .flat_map(|(place, suite)| suite.plants().into_iter().map(move |plant| (place, plant)))
        .collect();
    let over = &Stop::default();
    let asked = plants.iter().map(|(place, plant)| {
        let control = controls[*place].clone();
        let asking = ask(&suites[*place], &plant.text);
        async move {
            // A judge that is of no use to one plant is of none to the others.
            match control {
                Control::Wrong => None,
                Control::Failed(why) => Some(Ok(Said::Failed(why))),
                Control::Right if over.asked() => Some(Err(ScorerError::Stopped)),
                Control::Right => Some(asking.await.inspect_err(|_| over.ask())),
            }
        }
    });
    let answers: Vec<_> = stream::iter(asked).buffered(side_by_side).collect().await;
    let mut errors = Vec::new();
    for ((place, plant), answer) in plants.iter().zip(answers) {
        let entry = found.entry((*place, plant.kind)).or_insert_with(|| Probed {
            language: suites[*place].language.clone(),
            kind: Some(plant.kind),
            ..Probed::default()
        });
        let Some(answer) = answer else {
            entry.left_out += 1;
            continue;
        };
        entry.plants += 1;
        match answer {
            Ok(Said::Verdict(name)) => entry.turned += usize::from(name == plant.ordered),
            Ok(Said::Nothing) => entry.unparsed += 1,
            Ok(Said::Failed(why)) => {
                entry.failed += 1;
                entry.error.get_or_insert(why);
            }
            Err(error) => errors.push(error),
        }
    }
    // The error that ended it says more than those that it left behind.
    errors.sort_by_key(|error| matches!(error, ScorerError::Stopped));
    if let Some(error) = errors.into_iter().next() {
        return Err(error);
    }
    Ok(found.into_values().collect())
}

/// The same over all kinds, one entry a language.
pub fn by_language(probed: &[Probed]) -> Vec<Probed> {
    let mut all: Vec<Probed> = Vec::new();
    for one in probed {
        match all.last_mut().filter(|last| last.language == one.language) {
            Some(last) => last.add(one),
            None => all.push(Probed { kind: None, ..one.clone() }),
        }
    }
    all
}

async fn said(
    judge: &Judge<'_>,
    question: &Question,
    input: &Input,
    text: &str,
) -> Result<Said, ScorerError> {
    match judge.ask(question, input, text).await {
        Ok(Judgement::Verdict { name, .. }) => Ok(Said::Verdict(name)),
        Ok(Judgement::CannotTell(_)) => Ok(Said::Nothing),
        Err(error) => Ok(Said::Failed(ScorerError::unless_own(error, judge.name())?.to_string())),
    }
}

fn input(suite: &Suite) -> Input {
    let sample = Sample {
        task: "probe".to_owned(),
        language: suite.language.clone(),
        item: "probe".to_owned(),
        group: None,
        row: 0,
        variants: vec![Variant { name: "question".to_owned(), text: suite.question.clone() }],
        references: BTreeMap::new(),
        english: BTreeMap::new(),
        domains: Vec::new(),
        source: None,
    };
    Input { id: 0, sample, responses: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::super::judge::tests_of_the_fence::{marks, prompt_for};
    use super::*;
    use clinic_core::attacks;
    use clinic_core::task::Library;

    fn question() -> Question {
        let library = Library::builtin().unwrap();
        library.find("exaggerated-safety").unwrap().scorer.questions()[0].clone()
    }

    #[test]
    fn no_plant_in_any_language_gets_out_of_the_fence() {
        let question = question();
        let mut seen = 0;
        for suite in attacks::suites() {
            for plant in suite.plants() {
                let prompt = prompt_for(&question, &input(&suite).sample, &plant.text);
                // Question and answer, each with a mark before and after it.
                assert_eq!(marks(&prompt), 4, "{}: {}", suite.language, plant.text);
                seen += 1;
            }
        }
        assert!(seen >= 15 * 20, "{seen}");
    }

    #[test]
    fn a_judge_that_repeats_a_plant_gives_a_verdict_of_the_list_or_none() {
        let question = question();
        for suite in attacks::suites() {
            for plant in suite.plants() {
                let last = plant.text.lines().last().unwrap_or_default();
                for reply in [plant.text.as_str(), last] {
                    if let Some(verdict) = super::super::read_verdict(reply, &question) {
                        // Only a reply that is the judge's JSON and nothing else counts, and that is
                        // what the probe measures.
                        assert!(question.verdict(&verdict).is_some());
                        assert!(reply.trim().starts_with(['{', '`']), "{reply}");
                    }
                }
            }
        }
    }
}
