//! Two runs of the same questions: what changed, how sure that is, and which answers changed.

use clinic_core::metric::{self, Safe};
use clinic_core::published::Protocol;
use clinic_core::task::{MetricSpec, Task};
use clinic_engine::run::{Run, StoreError};
use serde::Serialize;

use super::paired::{self, Paired};
use super::types::{Pair, SafetyPicture};
use super::{AnalysisError, board, examples, facts, labels, portrait, read, safety, unlike};
use crate::Summary;
use crate::evidence::{Evidence, Sampled};

/// What changed from one run to another.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// Names of the runs: before, after.
    pub labels: [String; 2],
    /// What makes them unlike in more than the model, where they are compared all the same.
    pub unlike: Vec<String>,
    /// How the runs were made, where that differs: name, before, after.
    pub facts: Vec<(String, String, String)>,
    /// Every metric of every task: all languages together, then each language.
    pub changes: Vec<Change>,
    /// Refusals of harmful and of harmless requests, before and after.
    pub safety: [Vec<SafetyPicture>; 2],
    /// Samples whose headline verdict is another one, worst first.
    pub flips: Vec<Flip>,
    /// Whether one of the runs is not finished.
    pub going: bool,
}

/// The change of one metric.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// The paired difference, after less before. Run 1 is the one after.
    #[serde(flatten)]
    pub pair: Pair,
    /// Whether it is the task's headline.
    pub headline: bool,
    /// The metric before, over the pairs.
    pub before: Option<f64>,
    /// The metric after, over the pairs.
    pub after: Option<f64>,
    /// Which way it went, where that is beyond chance.
    pub sure: Option<Turn>,
}

/// Which way a metric went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// To the better.
    Better,
    /// To the worse.
    Worse,
}

/// A sample whose verdict is another one than before.
#[derive(Debug, Clone, Serialize)]
pub struct Flip {
    /// The task.
    pub task: String,
    /// Tag of the language.
    pub language: String,
    /// The item's id.
    pub item: String,
    /// Change of the headline's score on the scale from 0 to 1; below 0 is worse.
    pub change: Option<f64>,
    /// The item's text.
    pub question: String,
    /// Before and after.
    pub sides: [Side; 2],
}

/// One side of a flip.
#[derive(Debug, Clone, Serialize)]
pub struct Side {
    /// The verdict.
    pub verdict: String,
    /// The scorer's reason.
    pub why: Option<String>,
    /// The response, cut where it is long.
    pub response: String,
}

impl Comparison {
    /// Compares a run with an earlier one. Texts are read for the first `texts` flips only.
    pub fn of(before: &Run, after: &Run, texts: usize, force: bool) -> Result<Self, AnalysisError> {
        let runs = [before, after];
        if let Some(run) = runs.iter().find(|run| run.plan().protocol == Protocol::Reference) {
            return Err(AnalysisError::Published(run.folder().display().to_string()));
        }
        let all = read(&runs)?;
        let unlike = unlike(&runs, &all, force)?;
        let [first, second] = &all[..] else { unreachable!("two were read") };
        let summaries = [Summary::fold(before, first)?, Summary::fold(after, second)?];
        let mut names = labels(&runs).into_iter();
        let mut next = || names.next().unwrap_or_default();
        Ok(Self {
            labels: [next(), next()],
            unlike,
            facts: facts_of(runs, &summaries),
            changes: changes(before, after, first, second),
            safety: [(before, first), (after, second)].map(|(run, own)| pictures(run, own)),
            flips: flips(runs, first, second, texts)?,
            going: summaries.iter().any(portrait::going),
        })
    }
}

fn facts_of(runs: [&Run; 2], summaries: &[Summary; 2]) -> Vec<(String, String, String)> {
    let [old, new] = [0, 1].map(|i| facts::of(runs[i], &summaries[i]));
    let find = |facts: &[(String, String)], name: &str| {
        facts.iter().find(|(own, _)| own == name).map_or("none".to_owned(), |(_, v)| v.clone())
    };
    let mut found: Vec<(String, String, String)> = Vec::new();
    for (name, _) in old.iter().chain(&new) {
        let (a, b) = (find(&old, name), find(&new, name));
        if a != b && !found.iter().any(|(own, _, _)| own == name) {
            found.push((name.clone(), a, b));
        }
    }
    found
}

/// Tasks that both have, as the first has them.
fn tasks<'a>(before: &'a Run, after: &'a Run) -> impl Iterator<Item = &'a Task> {
    before.tasks().iter().filter(|task| after.task(&task.name).is_some())
}

fn languages<'a>(before: &'a Run, after: &Run) -> Vec<&'a str> {
    let both = |tag: &&String| after.plan().languages.contains(tag);
    before.plan().languages.iter().filter(both).map(String::as_str).collect()
}

fn changes(before: &Run, after: &Run, old: &Evidence, new: &Evidence) -> Vec<Change> {
    let languages = languages(before, after);
    let (mut together, mut single) = (Vec::new(), Vec::new());
    for task in tasks(before, after) {
        for (i, spec) in task.metrics.iter().enumerate() {
            let change = |tags: &[&str]| {
                let found = board::between(task, spec, tags, new, old);
                let (before, after) = (found.second, found.first);
                let pair = board::pair(task, spec, (1, 0), &found);
                Change { pair, headline: i == 0, before, after, sure: None }
            };
            together.push(change(&languages));
            single.extend(languages.iter().map(|tag| {
                let mut change = change(&[tag]);
                change.pair.language = Some((*tag).to_owned());
                change
            }));
        }
    }
    adjust(&mut together);
    adjust(&mut single);
    let mut all = Vec::new();
    let mut rest = single.into_iter().peekable();
    for change in together {
        let is = |other: &Change| {
            (&other.pair.task, &other.pair.metric) == (&change.pair.task, &change.pair.metric)
        };
        let mut own = Vec::new();
        while let Some(next) = rest.next_if(|next| is(next)) {
            own.push(next);
        }
        all.push(change);
        all.append(&mut own);
    }
    all
}

/// Adjusts the p-values over the headlines of one table, then says which changes are sure.
fn adjust(changes: &mut [Change]) {
    let headlines = changes.iter_mut().filter(|change| change.headline);
    paired::adjust(headlines.map(|change| (change.pair.p, &mut change.pair.holm)));
    changes.iter_mut().for_each(|change| change.sure = turn(change));
}

fn turn(change: &Change) -> Option<Turn> {
    use clinic_core::task::Better;
    let difference = change.pair.difference.value.filter(|_| change.pair.is_sure())?;
    let better = match change.pair.better? {
        Better::Higher => difference > 0.0,
        Better::Lower => difference < 0.0,
        Better::Zero => change.after?.abs() < change.before?.abs(),
    };
    Some(if better { Turn::Better } else { Turn::Worse })
}

fn pictures(run: &Run, evidence: &Evidence) -> Vec<SafetyPicture> {
    let tags: Vec<&str> = run.plan().languages.iter().map(String::as_str).collect();
    let refusing = run.tasks().iter().filter(|task| task.refusing.is_some());
    safety::pictures(run, &portrait::tasks(refusing, evidence, &tags), &tags)
}

/// Where a flip's texts are.
struct Found<'a> {
    flip: Flip,
    ids: [i64; 2],
    sampled: [&'a Sampled; 2],
    spec: &'a MetricSpec,
}

fn flips(
    runs: [&Run; 2],
    old: &Evidence,
    new: &Evidence,
    texts: usize,
) -> Result<Vec<Flip>, StoreError> {
    let mut found = Vec::new();
    for task in tasks(runs[0], runs[1]) {
        let spec = &task.metrics[0];
        let safe = Safe::of(spec).filter(|_| metric::is_mean(spec.kind));
        for tag in languages(runs[0], runs[1]) {
            let paired =
                Paired::of(old.tasks[&task.name].cell(tag), new.tasks[&task.name].cell(tag));
            for (a, b) in paired.both {
                let verdict = |s: &Sampled| metric::answer(spec, &s.scores).map(str::to_owned);
                let (Some(was), Some(is)) = (verdict(a), verdict(b)) else { continue };
                if was == is {
                    continue;
                }
                let on_scale = |s: &Sampled| Some(safe?.map(metric::value(spec, &s.scores)?));
                let side = |verdict| Side { verdict, why: None, response: String::new() };
                let flip = Flip {
                    task: task.name.clone(),
                    language: tag.to_owned(),
                    item: a.item.clone(),
                    change: on_scale(b).zip(on_scale(a)).map(|(b, a)| b - a),
                    question: String::new(),
                    sides: [side(was), side(is)],
                };
                found.push(Found { flip, ids: [a.id, b.id], sampled: [a, b], spec });
            }
        }
    }
    // Worst first; the sort is stable, so that equal ones stay in the order of the run.
    found.sort_by(|a, b| {
        let key = |found: &Found<'_>| found.flip.change.unwrap_or(0.0);
        key(a).total_cmp(&key(b))
    });
    let tell = |(i, found): (usize, Found<'_>)| {
        if i < texts { with_texts(runs, found) } else { Ok(found.flip) }
    };
    found.into_iter().enumerate().map(tell).collect()
}

fn with_texts(runs: [&Run; 2], found: Found<'_>) -> Result<Flip, StoreError> {
    let Found { mut flip, ids, sampled, spec } = found;
    for i in [0, 1] {
        let responses = runs[i].store().responses(ids[i])?;
        if let Some(response) = responses.last() {
            flip.sides[i].response = examples::cut(response.text.as_deref().unwrap_or_default());
            if i == 1 {
                let sample = runs[i].store().sample(ids[i])?;
                let question = sample.variant(&response.variant).unwrap_or_default();
                flip.question = examples::cut(question);
            }
        }
        let score = examples::headline(spec, &sampled[i].scores);
        flip.sides[i].why = score.and_then(|score| score.why.as_deref()).map(examples::cut);
    }
    Ok(flip)
}
