//! What a run's figures are folded from: every sample's scores, read once.

use std::collections::{BTreeMap, BTreeSet};

use clinic_core::cluster;
use clinic_core::identify::{self, Match};
use clinic_core::metric::Scored;
use clinic_core::published;
use clinic_core::sample::Gap;
use clinic_core::score::Score;
use clinic_core::task::Task;
use clinic_engine::run::{Answer, Record, Run, State, StoreError};

/// Samples read from the store at once.
const PAGE: usize = 1_000;

/// Letters of a response by which its language is told; more say no more.
const LETTERS: usize = 400;

/// Letters that a response needs for its language to be told, one of a dense script counting as three.
/// A word or two, a letter or a name say little.
const FEWEST: usize = 40;

/// All of a run.
pub struct Evidence {
    /// By name of the task.
    pub tasks: BTreeMap<String, Cells>,
    /// What the data should hold and does not.
    pub gaps: Vec<Gap>,
    /// Responses by state.
    pub states: BTreeMap<&'static str, usize>,
    /// Answers that the token limit ended.
    pub truncated: usize,
    /// Why prompts have no response, and how many.
    pub failures: BTreeMap<String, usize>,
}

/// What the samples of one task came to.
pub struct Cells {
    /// What scored, and by which rubric or lists.
    pub scorer: String,
    /// By tag of the language.
    pub languages: BTreeMap<String, Cell>,
    /// Clusters of the task.
    pub clusters: usize,
}

/// What the samples of one task in one language came to.
#[derive(Default)]
pub struct Cell {
    /// In the order of the run.
    pub samples: Vec<Sampled>,
    /// Samples that the data lacks.
    pub missing: usize,
}

/// A sample's scores.
#[derive(Clone)]
pub struct Sampled {
    /// Its id in the store.
    pub id: i64,
    /// The item.
    pub item: String,
    /// The number of its cluster, the same in every language.
    pub cluster: usize,
    /// The text that all forms of its question share, where the task has forms.
    pub form: Option<String>,
    /// The group of files that it is from.
    pub group: Option<String>,
    /// Its scores.
    pub scores: Vec<Score>,
    /// Whether each of its responses is in the language of the question, where that was looked at.
    pub spoken: Vec<Match>,
}

impl Evidence {
    /// Reads a run, as it is at one moment.
    pub fn read(run: &Run) -> Result<Self, StoreError> {
        Self::read_with(run, |_, _| Match::Unknown)
    }

    /// The same, and tells the languages of the answers, which takes as long again.
    pub fn read_spoken(run: &Run) -> Result<Self, StoreError> {
        Self::read_with(run, spoken)
    }

    fn read_with(run: &Run, spoken: impl Fn(&Answer, &str) -> Match) -> Result<Self, StoreError> {
        run.store().at_once(|| {
            let mut evidence = Self {
                tasks: BTreeMap::new(),
                gaps: run.store().gaps()?,
                states: BTreeMap::new(),
                truncated: 0,
                failures: BTreeMap::new(),
            };
            for task in run.tasks() {
                let cells = evidence.task(run, task, &spoken)?;
                evidence.tasks.insert(task.name.clone(), cells);
            }
            number(std::slice::from_mut(&mut evidence));
            Ok(evidence)
        })
    }

    /// The same with those samples only that a test lets pass: task, language, sample.
    pub fn only(&self, keep: impl Fn(&str, &str, &Sampled) -> bool) -> Self {
        let mut tasks = BTreeMap::new();
        for (task, cells) in &self.tasks {
            let cell = |(tag, cell): (&String, &Cell)| {
                let kept = cell.samples.iter().filter(|sampled| keep(task, tag, sampled));
                (tag.clone(), Cell { samples: kept.cloned().collect(), missing: cell.missing })
            };
            let languages = cells.languages.iter().map(cell).collect();
            let (scorer, clusters) = (cells.scorer.clone(), cells.clusters);
            tasks.insert(task.clone(), Cells { scorer, languages, clusters });
        }
        Self {
            tasks,
            gaps: self.gaps.clone(),
            states: self.states.clone(),
            failures: self.failures.clone(),
            ..*self
        }
    }

    fn task(
        &mut self,
        run: &Run,
        task: &Task,
        spoken: &impl Fn(&Answer, &str) -> Match,
    ) -> Result<Cells, StoreError> {
        let mut scorer = "not scored yet".to_owned();
        let mut languages: BTreeMap<String, Cell> = BTreeMap::new();
        let mut after = 0;
        loop {
            let page = run.store().records(&task.name, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for Record { id, mut sample, answers, scores } in page {
                let form = task.data.cluster.as_ref().and_then(|by| sample.references.remove(by));
                let spoken = answers.iter().map(|answer| spoken(answer, &sample.language));
                let sampled = Sampled {
                    id,
                    item: sample.item,
                    cluster: 0,
                    form,
                    group: sample.group,
                    spoken: spoken.collect(),
                    scores: scores
                        .into_iter()
                        .map(|(score, by)| {
                            scorer = by;
                            score
                        })
                        .collect(),
                };
                languages.entry(sample.language).or_default().samples.push(sampled);
                answers.into_iter().for_each(|answer| self.count(answer));
            }
        }
        for language in &run.plan().languages {
            let cell = languages.entry(language.clone()).or_default();
            let lost = |gap: &&Gap| {
                gap.task == task.name && gap.language.as_ref().is_none_or(|l| l == language)
            };
            cell.missing = self.gaps.iter().filter(lost).map(|gap| gap.samples).sum();
        }
        Ok(Cells { scorer, languages, clusters: 0 })
    }

    fn count(&mut self, answer: Answer) {
        *self.states.entry(answer.state.name()).or_default() += 1;
        self.truncated += usize::from(answer.truncated);
        if let Some(error) = answer.error {
            *self.failures.entry(error).or_default() += 1;
        }
    }
}

/// Numbers the clusters of each task, the same in all of these.
pub fn number(all: &mut [Evidence]) {
    let tasks: BTreeSet<String> = all.iter().flat_map(|own| own.tasks.keys().cloned()).collect();
    for task in tasks {
        let cells = all.iter().filter_map(|own| own.tasks.get(&task));
        let languages = cells.flat_map(|cells| &cells.languages);
        let samples = languages
            .flat_map(|(tag, cell)| cell.samples.iter().map(move |sampled| (tag, sampled)));
        let numbers = cluster::clusters(
            samples.map(|(tag, s)| (s.item.as_str(), tag.as_str(), s.form.as_deref())),
        );
        let clusters = numbers.values().max().map_or(0, |last| last + 1);
        for cells in all.iter_mut().filter_map(|own| own.tasks.get_mut(&task)) {
            cells.clusters = clusters;
            let samples = cells.languages.values_mut().flat_map(|cell| &mut cell.samples);
            samples.for_each(|sampled| sampled.cluster = numbers[&sampled.item]);
        }
    }
}

/// Whether an answer is in the language of its question.
fn spoken(answer: &Answer, language: &str) -> Match {
    let Some(text) = answer.text.as_ref().filter(|_| answer.state == State::Answered) else {
        return Match::Unknown;
    };
    let dense = |c: char| if c >= '\u{2e80}' { 3 } else { 1 };
    let letters: usize = text.chars().take(LETTERS).filter(|c| c.is_alphabetic()).map(dense).sum();
    if letters < FEWEST {
        return Match::Unknown;
    }
    let end = text.char_indices().nth(LETTERS).map_or(text.len(), |(end, _)| end);
    identify::compare(&text[..end], language)
}

impl Cells {
    /// The samples in one language.
    pub fn cell(&self, tag: &str) -> &Cell {
        static NONE: Cell = Cell { samples: Vec::new(), missing: 0 };
        self.languages.get(tag).unwrap_or(&NONE)
    }
}

impl Cell {
    /// Its samples, as metrics read them.
    pub fn scored(&self) -> Vec<Scored<'_>> {
        self.samples.iter().map(|s| Scored { cluster: s.cluster, scores: &s.scores }).collect()
    }

    /// Rows that the published scripts count.
    pub fn rows(&self) -> usize {
        let counts = |sampled: &&Sampled| {
            !sampled.scores.is_empty() && !published::left_out(&sampled.scores)
        };
        self.samples.iter().filter(counts).count()
    }
}
