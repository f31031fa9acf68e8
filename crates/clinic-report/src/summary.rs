//! A run in figures: every metric of every task in every language, and what is missing.

use std::collections::BTreeMap;

use clinic_core::metric::{self, Figure};
use clinic_core::sample::Gap;
use clinic_core::score::{Outcome, Score};
use clinic_core::task::{Dimension, Task};
use clinic_engine::run::{Run, State, StoreError};
use serde::Serialize;

/// One figure and what it is of.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Dimension of the task.
    pub dimension: Dimension,
    /// The task.
    pub task: String,
    /// Tag of the language.
    pub language: String,
    /// What scored, and by which rubric or lists.
    pub scorer: String,
    /// Whether this is the task's headline.
    pub headline: bool,
    /// The number.
    #[serde(flatten)]
    pub figure: Figure,
    /// Share of the expected samples that were scored.
    pub coverage: Option<f64>,
}

/// A run in figures.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The model, as found.
    pub model: String,
    /// The judge, where one was named.
    pub judge: Option<String>,
    /// Dataset, name and version.
    pub data: String,
    /// Tags of the languages, in the order of the run.
    pub languages: Vec<String>,
    /// All figures, by task, language and metric.
    pub rows: Vec<Row>,
    /// Responses by state.
    pub responses: BTreeMap<&'static str, usize>,
    /// Answers that the token limit ended.
    pub truncated: usize,
    /// Scores that failed, and may come if they are asked for again.
    pub failed_scores: usize,
    /// Why samples of a task have no score, and how many.
    pub unscored: BTreeMap<String, BTreeMap<String, usize>>,
    /// Why prompts have no response, and how many.
    pub failures: BTreeMap<String, usize>,
    /// What the data should hold and does not.
    pub gaps: Vec<Gap>,
    /// What a reader must know.
    pub notes: Vec<String>,
}

/// Samples read from the store at once.
const PAGE: usize = 1_000;

/// Figures that cover less than this share of their samples are marked.
const ENOUGH: f64 = 0.9;

/// What the samples of one task in one language came to.
#[derive(Default)]
struct Cell {
    scores: Vec<Vec<Score>>,
    missing: usize,
}

impl Summary {
    /// Folds what the store holds.
    pub fn of(run: &Run) -> Result<Self, StoreError> {
        let plan = run.plan();
        let mut summary = Self {
            model: plan.model.identity.clone(),
            judge: plan.judge.as_ref().map(|judge| judge.identity.clone()),
            data: format!("{} {}", plan.data.name, plan.data.version).trim().to_owned(),
            languages: plan.languages.clone(),
            rows: Vec::new(),
            responses: BTreeMap::new(),
            truncated: 0,
            failed_scores: 0,
            unscored: BTreeMap::new(),
            failures: BTreeMap::new(),
            gaps: run.store().gaps()?,
            notes: Vec::new(),
        };
        for task in run.tasks() {
            summary.add(run, task)?;
        }
        summary.notes = notes(run, &summary);
        Ok(summary)
    }

    /// Figures of one task.
    fn add(&mut self, run: &Run, task: &Task) -> Result<(), StoreError> {
        let mut cells: BTreeMap<String, Cell> = BTreeMap::new();
        let mut scorer = "not scored yet".to_owned();
        let mut after = 0;
        loop {
            let page = run.store().samples(&task.name, after, PAGE)?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            for (id, sample) in page {
                for response in run.store().responses(id)? {
                    *self.responses.entry(response.state.name()).or_default() += 1;
                    self.truncated += usize::from(response.truncated);
                    if let Some(error) = response.error {
                        *self.failures.entry(error).or_default() += 1;
                    }
                }
                let mut scores = Vec::new();
                for (score, by) in run.store().scores(id)? {
                    self.failed_scores += usize::from(matches!(score.outcome, Outcome::Failed(_)));
                    if let Some(why) = score.outcome.reason() {
                        let why = format!("{}: {why}", score.name);
                        *self
                            .unscored
                            .entry(task.name.clone())
                            .or_default()
                            .entry(why)
                            .or_default() += 1;
                    }
                    scores.push(score);
                    scorer = by;
                }
                cells.entry(sample.language).or_default().scores.push(scores);
            }
        }
        for language in &self.languages {
            let cell = cells.entry(language.clone()).or_default();
            let lost = |gap: &&Gap| {
                gap.task == task.name && gap.language.as_ref().is_none_or(|l| l == language)
            };
            cell.missing = self.gaps.iter().filter(lost).map(|gap| gap.samples).sum();
        }
        for language in &self.languages {
            let cell = &cells[language];
            let samples: Vec<&[Score]> = cell.scores.iter().map(Vec::as_slice).collect();
            for (i, spec) in task.metrics.iter().enumerate() {
                for (j, figure) in
                    metric::fold(spec, &samples, cell.missing).into_iter().enumerate()
                {
                    self.rows.push(Row {
                        dimension: task.dimension,
                        task: task.name.clone(),
                        language: language.clone(),
                        scorer: scorer.clone(),
                        headline: i == 0 && j == 0,
                        coverage: figure.coverage(),
                        figure,
                    });
                }
            }
        }
        Ok(())
    }

    /// Prompts without an answer because they were not asked or all attempts failed.
    pub fn unanswered(&self) -> usize {
        [State::Pending, State::Failed]
            .iter()
            .filter_map(|state| self.responses.get(state.name()))
            .sum()
    }

    /// Whether a figure covers too little of its samples to stand for them.
    pub fn thin(row: &Row) -> bool {
        row.coverage.is_some_and(|coverage| coverage < ENOUGH)
    }
}

fn notes(run: &Run, summary: &Summary) -> Vec<String> {
    let plan = run.plan();
    let mut notes = Vec::new();
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
