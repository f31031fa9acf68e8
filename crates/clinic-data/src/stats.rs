//! How many samples a dataset gives, and how long they are.

use std::collections::{BTreeMap, BTreeSet};

use clinic_core::language::Language;
use clinic_core::sample::Sample;
use clinic_core::task::{Dimension, Task};
use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

/// Counts and lengths.
#[derive(Debug, Serialize)]
pub struct Stats {
    /// Samples in all.
    pub samples: usize,
    /// Samples by dimension.
    pub dimensions: BTreeMap<Dimension, usize>,
    /// Tasks, in their order.
    pub tasks: Vec<TaskCount>,
    /// Languages, in their order.
    pub languages: Vec<LanguageCount>,
    /// Samples by domain; one in two domains counts in both, so that they add up to more.
    pub domains: BTreeMap<String, usize>,
    /// Samples that name no domain.
    pub without_domain: usize,
}

/// Samples of a task.
#[derive(Debug, Serialize)]
pub struct TaskCount {
    /// The task.
    pub name: String,
    /// Its dimension.
    pub dimension: Dimension,
    /// Tag of each language to its samples.
    pub languages: BTreeMap<String, usize>,
    /// Samples a language in the published set.
    pub published: usize,
}

/// Samples of a language, and how long its texts are.
#[derive(Debug, Serialize)]
pub struct LanguageCount {
    /// The language's tag.
    pub tag: String,
    /// Its English name.
    pub english: String,
    /// Samples.
    pub samples: usize,
    /// Samples by domain, as in [`Stats::domains`].
    pub domains: BTreeMap<String, usize>,
    /// Characters of a text.
    pub characters: Lengths,
    /// Words of a text, by the word boundaries of Unicode (UAX 29), which take each Chinese and
    /// most Japanese characters as words.
    pub words: Lengths,
}

/// Lengths of texts, each form of an item a text.
#[derive(Debug, Default, Serialize)]
pub struct Lengths {
    /// The mean.
    pub mean: f64,
    /// The median; of an even number of texts the lower one.
    pub median: usize,
    /// The shortest.
    pub least: usize,
    /// The longest.
    pub most: usize,
}

impl Lengths {
    fn of(mut lengths: Vec<usize>) -> Self {
        lengths.sort_unstable();
        let (Some(least), Some(most)) = (lengths.first(), lengths.last()) else {
            return Self::default();
        };
        Self {
            mean: lengths.iter().sum::<usize>() as f64 / lengths.len() as f64,
            median: lengths[(lengths.len() - 1) / 2],
            least: *least,
            most: *most,
        }
    }
}

impl TaskCount {
    /// Whether a language has another number of samples than the published set.
    pub fn differs(&self) -> bool {
        self.languages.values().any(|count| *count != self.published)
    }
}

impl Stats {
    /// Counts the samples of these tasks and languages.
    pub fn of(tasks: &[Task], languages: &[Language], samples: &[Sample]) -> Self {
        let count = |fits: &dyn Fn(&Sample) -> bool| samples.iter().filter(|s| fits(s)).count();
        let mut by: BTreeMap<(&str, &str), Vec<&Sample>> = BTreeMap::new();
        for sample in samples {
            by.entry((&sample.task, &sample.language)).or_default().push(sample);
        }
        let of = |task: &str, tag: &str| by.get(&(task, tag)).map_or(0, Vec::len);
        let tasks: Vec<TaskCount> = tasks
            .iter()
            .map(|task| TaskCount {
                name: task.name.clone(),
                dimension: task.dimension,
                languages: languages
                    .iter()
                    .map(|l| (l.tag.clone(), of(&task.name, &l.tag)))
                    .collect(),
                published: task.data.samples,
            })
            .collect();
        let mut dimensions = BTreeMap::new();
        for task in &tasks {
            *dimensions.entry(task.dimension).or_default() +=
                task.languages.values().sum::<usize>();
        }
        Self {
            samples: samples.len(),
            dimensions,
            languages: languages.iter().map(|l| LanguageCount::of(l, samples)).collect(),
            tasks,
            domains: domains(samples.iter()),
            without_domain: count(&|sample| sample.domains.is_empty()),
        }
    }

    /// Whether each task has as many samples as the published set, in every language.
    pub fn as_published(&self) -> bool {
        !self.tasks.iter().any(TaskCount::differs)
    }
}

impl LanguageCount {
    fn of(language: &Language, samples: &[Sample]) -> Self {
        let own = || samples.iter().filter(|sample| sample.language == language.tag);
        let texts = || own().flat_map(|sample| &sample.variants).map(|v| v.text.as_str());
        Self {
            tag: language.tag.clone(),
            english: language.english.clone(),
            samples: own().count(),
            domains: domains(own()),
            characters: Lengths::of(texts().map(|text| text.chars().count()).collect()),
            words: Lengths::of(texts().map(|text| text.unicode_words().count()).collect()),
        }
    }
}

fn domains<'a>(samples: impl Iterator<Item = &'a Sample>) -> BTreeMap<String, usize> {
    let mut domains = BTreeMap::new();
    for sample in samples {
        for domain in sample.domains.iter().collect::<BTreeSet<_>>() {
            *domains.entry(domain.clone()).or_default() += 1;
        }
    }
    domains
}
