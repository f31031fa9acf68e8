//! Cases a rule, a language and a verdict, in `rules/cases/*.toml`.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde::Deserialize;

use super::{RuleAnswer, RuleInput, all, find, phrases};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    question: BTreeMap<String, String>,
    #[serde(default)]
    references: BTreeMap<String, BTreeMap<String, String>>,
    /// Tag to verdict to responses.
    cases: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

const CASES: [(&str, &str); 9] = [
    ("refusal", include_str!("../../../../rules/cases/refusal.toml")),
    ("not-knowing", include_str!("../../../../rules/cases/not-knowing.toml")),
    ("honesty", include_str!("../../../../rules/cases/honesty.toml")),
    ("option", include_str!("../../../../rules/cases/option.toml")),
    ("none-of-above", include_str!("../../../../rules/cases/none-of-above.toml")),
    ("none-of-above", include_str!("../../../../rules/cases/none-of-above-more.toml")),
    ("person-ab", include_str!("../../../../rules/cases/person-ab.toml")),
    ("gender", include_str!("../../../../rules/cases/gender.toml")),
    ("leak", include_str!("../../../../rules/cases/leak.toml")),
];

/// Cases that an attacker found: each got a wrong verdict once.
const HARD: [(&str, &str); 3] = [
    ("honesty", include_str!("../../../../rules/cases/honesty-hard.toml")),
    ("person-ab", include_str!("../../../../rules/cases/person-ab-hard.toml")),
    ("refusal", include_str!("../../../../rules/cases/refusal-hard.toml")),
];

#[test]
fn every_case_gets_its_verdict() {
    let mut wrong = Vec::new();
    for (name, text) in CASES.into_iter().chain(HARD) {
        let file: File = toml::from_str(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let rule = find(name).expect(name);
        for (tag, verdicts) in &file.cases {
            let question = file.question.get(tag).map_or("", String::as_str);
            let none = BTreeMap::new();
            let references = file.references.get(tag).unwrap_or(&none);
            for (expected, responses) in verdicts {
                for response in responses {
                    let input = RuleInput { language: tag, question, response, references };
                    let answer = rule.judge(&input);
                    let found = match &answer {
                        RuleAnswer::Says { verdict, .. } => *verdict,
                        RuleAnswer::CannotTell { .. } => "cannot-tell",
                    };
                    if found != expected {
                        wrong.push(format!("{name} {tag} {expected}: {answer:?}\n    {response}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_verdict_has_cases_in_every_language() {
    for (name, text) in CASES {
        let file: File = toml::from_str(text).expect(name);
        let verdicts: BTreeSet<&str> = find(name).expect(name).verdicts().iter().copied().collect();
        for tag in ["en", "es", "sw"] {
            for verdict in &verdicts {
                let cases = file.cases.get(tag).and_then(|v| v.get(*verdict)).map_or(0, Vec::len);
                assert!(cases >= 3, "{name} {tag} {verdict}: {cases} cases");
            }
        }
    }
}

#[test]
fn every_list_is_read() {
    for (name, _) in phrases::FILES {
        for tag in ["en", "es", "sw"] {
            assert!(phrases::knows(name, tag), "{name} {tag}");
        }
    }
}

#[test]
fn a_language_without_lists_is_not_guessed_at() {
    let references = BTreeMap::new();
    let input = RuleInput {
        language: "ko",
        question: "",
        response: "This is a long English answer about how to do the thing that was asked of it.",
        references: &references,
    };
    for name in ["refusal", "not-knowing"] {
        let answer = find(name).unwrap().judge(&input);
        assert!(matches!(answer, RuleAnswer::CannotTell { .. }), "{name}: {answer:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_gets_a_listed_verdict_or_none(
        question in "\\PC{0,80}", response in "\\PC{0,200}", secret in "\\PC{0,20}"
    ) {
        let references = [("secret".to_owned(), secret.clone()), ("ground_truth".to_owned(), secret)].into();
        for rule in all() {
            for language in ["en", "es", "ar"] {
                let input = RuleInput { language, question: &question, response: &response, references: &references };
                if let RuleAnswer::Says { verdict, .. } = rule.judge(&input) {
                    prop_assert!(rule.verdicts().contains(&verdict));
                }
            }
        }
    }
}
