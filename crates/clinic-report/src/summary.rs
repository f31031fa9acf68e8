//! A run in figures: every metric of every task in every language, and what is missing.

mod notes;

use std::collections::BTreeMap;

use clinic_core::exchange::Usage;
use clinic_core::language::{Languages, Tier};
use clinic_core::metric::{self, Figure};
use clinic_core::published::{self, Protocol};
use clinic_core::sample::Gap;
use clinic_core::score::{Outcome, Score};
use clinic_core::system::System;
use clinic_core::task::{Dimension, MetricKind, MetricSpec, Of, Task};
use clinic_core::tier::{self, Answers, TierFigure};
use clinic_engine::model::preset::Price;
use clinic_engine::run::{Plan, Run, State, StoreError};
use clinic_engine::scorer::SAW_A_PART;
use serde::Serialize;

use crate::evidence::{Cell, Cells, Evidence};

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

/// A tier's figure and what it is of.
#[derive(Debug, Clone, Serialize)]
pub struct TierRow {
    /// The task.
    pub task: String,
    /// The figure.
    #[serde(flatten)]
    pub figure: TierFigure,
}

/// Tokens, as the provider counted them.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct TaskUsage {
    /// Tokens in and out.
    #[serde(flatten)]
    pub tokens: Usage,
    /// What they cost in USD, where a price is known.
    pub usd: Option<f64>,
}

impl TaskUsage {
    fn add(&mut self, tokens: Usage, usd: Option<f64>) {
        self.tokens.prompt_tokens += tokens.prompt_tokens;
        self.tokens.completion_tokens += tokens.completion_tokens;
        self.tokens.reasoning_tokens += tokens.reasoning_tokens;
        self.tokens.batch |= tokens.batch;
        self.usd = usd.map(|usd| self.usd.unwrap_or(0.0) + usd).or(self.usd);
    }
}

/// A run in figures.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The model, as found.
    pub model: String,
    /// The judge, where one was named.
    pub judge: Option<String>,
    /// The system prompt above every question, where there was one.
    pub system: Option<System>,
    /// Whose arithmetic made the numbers.
    pub protocol: Protocol,
    /// Dataset, name and version.
    pub data: String,
    /// Tags of the languages, in the order of the run.
    pub languages: Vec<String>,
    /// All figures, by task, language and metric.
    pub rows: Vec<Row>,
    /// Means over the languages of a tier, where a task has them.
    pub tiers: Vec<TierRow>,
    /// Responses by state.
    pub responses: BTreeMap<&'static str, usize>,
    /// Tokens of the answers by task, and what they cost.
    pub usage: BTreeMap<String, TaskUsage>,
    /// Tokens of judges and guards, and what they cost.
    pub judged: BTreeMap<String, TaskUsage>,
    /// USD that calls may have cost which broke off, or that tell no usage.
    pub unsure_usd: f64,
    /// The price of the model under test, where one is known.
    pub priced: Option<Price>,
    /// Answers that the token limit ended.
    pub truncated: usize,
    /// Whether the last scoring was not finished: some scores are of an earlier one, or not there.
    pub half_scored: bool,
    /// Scores by a judge that did not see the whole answer.
    pub cut_for_judge: usize,
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

/// Figures that cover less than this share of their samples are marked.
pub(crate) const ENOUGH: f64 = 0.9;

impl Summary {
    /// Folds what the store holds.
    pub fn of(run: &Run) -> Result<Self, StoreError> {
        Self::fold(run, &Evidence::read(run)?)
    }

    /// Folds what was read of a run.
    pub fn fold(run: &Run, evidence: &Evidence) -> Result<Self, StoreError> {
        let plan = run.plan();
        let mut summary = Self {
            model: plan.model.identity.clone(),
            judge: plan.judge.as_ref().map(|judge| judge.identity.clone()),
            system: plan.system.clone(),
            protocol: plan.protocol,
            data: format!("{} {}", plan.data.name, plan.data.version).trim().to_owned(),
            languages: plan.languages.clone(),
            rows: Vec::new(),
            tiers: Vec::new(),
            responses: evidence.states.clone(),
            usage: BTreeMap::new(),
            judged: BTreeMap::new(),
            unsure_usd: run.unsure()?,
            priced: run.price().cloned(),
            truncated: evidence.truncated,
            half_scored: run.store().half_scored()?,
            cut_for_judge: 0,
            failed_scores: 0,
            unscored: BTreeMap::new(),
            failures: evidence.failures.clone(),
            gaps: evidence.gaps.clone(),
            notes: Vec::new(),
        };
        let all = &evidence.tasks;
        for task in run.tasks() {
            let cells = &all[&task.name];
            for (tag, cell) in plan.languages.iter().map(|tag| (tag, cells.cell(tag))) {
                let scores = cell.samples.iter().flat_map(|sampled| &sampled.scores);
                scores.for_each(|score| summary.count(task, score));
                let rows_of = |task: &str| all.get(task).map(|cells| cells.cell(tag).rows());
                let figures = figures(task, plan.protocol, cell, &rows_of);
                summary.rows.extend(figures.into_iter().map(|(headline, figure)| Row {
                    dimension: task.dimension,
                    task: task.name.clone(),
                    language: tag.clone(),
                    scorer: cells.scorer.clone(),
                    headline,
                    coverage: figure.coverage(),
                    figure,
                }));
            }
            summary.tiers.extend(tiers(task, plan, cells));
        }
        for (task, tokens) in run.store().usage()? {
            let usd = summary.priced.as_ref().map(|price| price.of(tokens));
            summary.usage.entry(task).or_default().add(tokens, usd);
        }
        for judged in run.judged()? {
            summary.judged.entry(judged.model).or_default().add(judged.usage, judged.usd);
        }
        summary.notes = notes::of(run, &summary);
        Ok(summary)
    }

    fn count(&mut self, task: &Task, score: &Score) {
        self.failed_scores += usize::from(matches!(score.outcome, Outcome::Failed(_)));
        let cut = score.why.as_ref().is_some_and(|why| why.starts_with(SAW_A_PART));
        self.cut_for_judge += usize::from(cut);
        if let Some(why) = score.outcome.reason() {
            let why = format!("{}: {why}", score.name);
            *self.unscored.entry(task.name.clone()).or_default().entry(why).or_default() += 1;
        }
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

/// The figures of a task in one language, each with whether it is the headline.
fn figures(
    task: &Task,
    protocol: Protocol,
    cell: &Cell,
    rows_of: &dyn Fn(&str) -> Option<usize>,
) -> Vec<(bool, Figure)> {
    if let (Some(published), Protocol::Reference) = (&task.published, protocol) {
        let rows: Vec<published::Row<'_>> = cell
            .samples
            .iter()
            .map(|s| published::Row { group: s.group.as_deref(), scores: &s.scores })
            .collect();
        let figures = published::fold(published, &rows, cell.missing, rows_of);
        return figures.into_iter().map(|f| (f.metric == published.headline, f)).collect();
    }
    let samples = cell.scored();
    let fold = |(i, spec)| {
        let figures = metric::fold(spec, &samples, cell.missing);
        figures.into_iter().enumerate().map(move |(j, figure)| (i == 0 && j == 0, figure))
    };
    task.metrics.iter().enumerate().flat_map(fold).collect()
}

/// Skewness by tier, where the task has skewness.
fn tiers(task: &Task, plan: &Plan, cells: &Cells) -> Vec<TierRow> {
    // The tiers are those that held when the run was made.
    let known = Languages::current();
    let tier = |tag| plan.tiers.get(tag).copied().or_else(|| Some(known.tag(tag)?.tier));
    let skewed = task.metrics.iter().find(|spec| spec.kind == MetricKind::Skewness);
    let Some(MetricSpec { name, of: Of::One(score), .. }) = skewed else { return Vec::new() };
    let mut languages: Vec<(Tier, Answers<'_>)> = Vec::new();
    for (tier, cell) in plan.languages.iter().filter_map(|tag| Some((tier(tag)?, cells.cell(tag))))
    {
        let answers = cell.samples.iter().filter_map(|sampled| {
            let score = sampled.scores.iter().find(|s| s.name == *score)?;
            Some((sampled.item.as_str(), metric::category_of(score)?))
        });
        languages.push((tier, answers.collect()));
    }
    tier::skewness(name, &languages, plan.protocol == Protocol::Default)
        .into_iter()
        .map(|figure| TierRow { task: task.name.clone(), figure })
        .collect()
}
