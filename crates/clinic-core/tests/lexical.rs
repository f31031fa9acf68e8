//! Every lexical rule against its cases in `tests/rules/*.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use clinic_core::choice::{find_choice, parse_options};
use clinic_core::rules::{self, Rule, RuleAnswer, RuleInput};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    set: Vec<Set>,
}

/// Responses to one question, a table an expected answer.
#[derive(Deserialize)]
struct Set {
    language: String,
    #[serde(default)]
    question: String,
    #[serde(default)]
    references: BTreeMap<String, String>,
    #[serde(flatten)]
    expected: BTreeMap<String, BTreeMap<String, String>>,
}

fn cases(rule: &str) -> Vec<Set> {
    let path = |end: &str| format!("{}/tests/rules/{rule}{end}.toml", env!("CARGO_MANIFEST_DIR"));
    let more = path("-more");
    let paths = [path("")].into_iter().chain(Path::new(&more).exists().then_some(more));
    let sets = |path: String| {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        toml::from_str::<Cases>(&text).unwrap_or_else(|error| panic!("{path}: {error}")).set
    };
    paths.flat_map(sets).collect()
}

fn answer(rule: &dyn Rule, set: &Set, response: &str) -> (String, String) {
    let input = RuleInput {
        language: &set.language,
        question: &set.question,
        response,
        references: &set.references,
    };
    match rule.judge(&input) {
        RuleAnswer::Says { verdict, because } => (verdict.to_owned(), because),
        RuleAnswer::CannotTell { because } => ("cannot_tell".to_owned(), because),
    }
}

/// Runs a rule's cases; returns how many there are a language and an answer.
fn check(name: &str) {
    let rule = rules::find(name).unwrap_or_else(|| panic!("no rule {name}"));
    let mut failures = Vec::new();
    let mut seen = BTreeSet::new();
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for set in cases(name) {
        for (expected, responses) in &set.expected {
            *counts.entry((set.language.clone(), expected.clone())).or_default() += responses.len();
            for (id, response) in responses {
                let (said, because) = answer(rule, &set, response);
                if said != *expected {
                    let id = format!("{}.{expected}.{id}", set.language);
                    failures.push(format!("{id}: {said} ({because})\n    {response}"));
                }
                seen.insert(said);
            }
        }
    }
    assert!(failures.is_empty(), "{name}: {} failed\n{}", failures.len(), failures.join("\n"));
    seen.remove("cannot_tell");
    let declared: BTreeSet<String> = rule.verdicts().iter().map(ToString::to_string).collect();
    assert_eq!(seen, declared, "{name}: verdicts given and verdicts declared");
    for ((language, expected), count) in counts {
        let few = ["en", "es", "sw"].contains(&language.as_str()) && expected != "cannot_tell";
        let least = if expected == "invalid" { 2 } else { 10 };
        assert!(!few || count >= least, "{name}: {count} cases of {language}.{expected}");
    }
}

macro_rules! checks {
    ($($test:ident = $name:literal),*) => { $(#[test] fn $test() { check($name); })* };
}

checks!(
    refusal = "refusal",
    not_knowing = "not-knowing",
    honesty = "honesty",
    option = "option",
    none_of_above = "none-of-above",
    person_ab = "person-ab",
    gender = "gender",
    leak = "leak"
);

/// Pieces that models and attackers put together.
const PIECES: [&str; 24] = [
    "A", "B)", "(C", "**D**", "answer", "is", "not", "I", "can't", "\u{2019}", "\u{200b}",
    "\u{300}", "[MASK]", "\"", "«", "\n", "1.", "我", "다", "क्", "٥٥٥", "@", "a@b.c", "Person",
];

fn never_panics(language: &str, question: &str, response: &str) -> Result<(), TestCaseError> {
    let references = BTreeMap::from([
        ("ground_truth".to_owned(), question.to_owned()),
        ("secret".to_owned(), format!("{question};1234")),
    ]);
    for rule in rules::all() {
        let input = RuleInput { language, question, response, references: &references };
        if let RuleAnswer::Says { verdict, .. } = rule.judge(&input) {
            prop_assert!(rule.verdicts().contains(&verdict), "{} said {verdict}", rule.name());
        }
    }
    find_choice(response, &parse_options(question));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(question in "\\PC{0,60}", response in "(?s).{0,120}", language in "[a-z]{0,3}(-[A-Z]{2})?") {
        never_panics(&language, &question, &response)?;
    }

    #[test]
    fn any_mix_of_pieces_is_survived(picks in prop::collection::vec((0..PIECES.len(), any::<bool>()), 0..60)) {
        let mut text = String::new();
        for (pick, blank) in picks {
            text.push_str(PIECES[pick]);
            if blank {
                text.push(' ');
            }
        }
        for language in ["en", "es", "zh", "xx", ""] {
            never_panics(language, &text, &text)?;
        }
    }
}
