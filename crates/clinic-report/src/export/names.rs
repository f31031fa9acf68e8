//! Names and ids that other programs' formats need: safe for files, unique, the same each time.

use std::collections::HashSet;

use clinic_core::digest;
use clinic_core::published::Protocol;
use clinic_core::sample::Sample;
use clinic_core::task::{Operand, Scorer, Task};
use clinic_engine::run::Run;

/// The time that formats get which cannot do without one: a run keeps none.
pub(super) const NO_TIME: &str = "1970-01-01T00:00:00+00:00";

/// Longest name of a model in files, in bytes: theirs must stay below what systems take.
pub(super) const LONGEST_NAME: usize = 80;

/// A label fit for a file: no folders, nothing hidden.
pub(super) fn file_name(label: &str) -> String {
    let label = label.strip_prefix("llama/").unwrap_or(label);
    let plain = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let mut name: String = label.chars().map(plain).collect();
    // A name of dots would lead out of the folder, one that begins with a dot would hide.
    name = name.trim_start_matches('.').to_owned();
    while name.len() > LONGEST_NAME {
        name.pop();
    }
    if name.is_empty() { "model".to_owned() } else { name }
}

/// An id of 22 characters that follows from parts.
pub(super) fn id(parts: &[&str]) -> String {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    digest::hex(&parts)[..22].to_owned()
}

/// The id of a run: what it asks whom, which does not change with scoring.
pub(super) fn run_id(run: &Run) -> String {
    let plan = run.plan();
    let tasks: Vec<&str> = plan.tasks.iter().map(|task| task.sha256.as_str()).collect();
    let data: Vec<&str> = plan.data.files.values().map(String::as_str).collect();
    let (seed, limit) = (plan.seed.to_string(), format!("{:?}", plan.limit));
    let (tasks, data, languages) = (tasks.join(" "), data.join(" "), plan.languages.join(" "));
    let format = format!("{:?} {}", plan.prompt_format, plan.reasoning_tokens);
    id(&["run", &plan.model.identity, &seed, &limit, &format, &languages, &tasks, &data])
}

/// Ids of the samples of a task, `language-item`.
#[derive(Default)]
pub(super) struct SampleIds {
    /// In lower case, since some systems see no difference.
    taken: HashSet<String>,
}

impl SampleIds {
    /// An id that is fit for a file and no other sample's: of letters, digits, `-`, `_` and `.`.
    pub(super) fn of(&mut self, sample: &Sample) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
        let whole = format!("{}-{}", sample.language, sample.item);
        let mut name: String = whole.chars().map(plain).take(LONGEST_NAME).collect();
        // Another item may have the same letters left.
        let same = name.clone();
        let mut again = 0;
        while !self.taken.insert(name.to_lowercase()) {
            let mark = id(&[&whole, &again.to_string()]);
            name = format!("{same}-{}", &mark[..8]);
            again += 1;
        }
        name
    }
}

/// The reference texts that a response is held against, where the scorer names some.
pub(super) fn targets<'a>(task: &Task, protocol: Protocol, sample: &'a Sample) -> Vec<&'a str> {
    let mut names: Vec<&str> = match task.scorer_of(protocol) {
        Scorer::Choice(choices) => choices.iter().map(|choice| choice.answer.as_str()).collect(),
        Scorer::Similarity(specs) => {
            let operands = specs.iter().flat_map(|spec| &spec.plus);
            let names = operands.filter_map(|operand| match operand {
                Operand::Reference(name) => Some(name.as_str()),
                Operand::Response(_) => None,
            });
            names.collect()
        }
        _ => Vec::new(),
    };
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(*name));
    names.iter().filter_map(|name| sample.references.get(*name)).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_models_name_stays_in_its_folder() {
        assert_eq!(file_name("openai/gpt-4o-mini"), "openai-gpt-4o-mini");
        assert_eq!(file_name("llama/a.Q4_1.gguf"), "a.Q4_1.gguf");
        assert_eq!(file_name("m"), "m");
        for odd in ["..", "../..", "/", "a/../../b", "\u{1b}[2J", "..\\..\\x", ""] {
            let name = file_name(odd);
            assert!(!name.is_empty() && !name.starts_with('.'), "{odd}: {name}");
            assert!(!name.contains(['/', '\\', '\u{1b}']), "{odd}: {name}");
        }
        assert_ne!(file_name("openai/a/b"), file_name("vllm/a/b"));
        assert!(file_name(&"語".repeat(300)).len() <= LONGEST_NAME);
    }

    #[test]
    fn no_two_samples_share_an_id() {
        let long = "x".repeat(200);
        let items =
            ["adv_q3/0", "adv_q3-0", "adv_q3:0", "ADV_Q3/0", "../..", "", "一", "二", &long];
        let mut ids = SampleIds::default();
        let found: Vec<String> = items.map(|item| ids.of(&sample(item))).into();
        assert_eq!(found[0], "en-adv_q3-0");
        let mut folded: Vec<String> = found.iter().map(|id| id.to_lowercase()).collect();
        folded.sort();
        folded.dedup();
        assert_eq!(folded.len(), items.len(), "{found:?}");
        let safe = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        assert!(found.iter().all(|id| id.len() < 100 && id.chars().all(safe)), "{found:?}");
    }

    fn sample(item: &str) -> Sample {
        Sample {
            task: "t".to_owned(),
            language: "en".to_owned(),
            item: item.to_owned(),
            group: None,
            row: 0,
            variants: Vec::new(),
            references: Default::default(),
            english: Default::default(),
            domains: Vec::new(),
            source: None,
        }
    }
}
