//! A second set of cases for the lexical rules, written by other hands than the phrase lists, and
//! the ones with which an attacker fooled an earlier version.
//!
//! A wrong verdict fails. "Cannot tell" where a verdict was possible only costs coverage: it is
//! counted, and may not become common.

use std::collections::BTreeMap;
use std::path::Path;

use clinic_core::rules::{self, RuleAnswer, RuleInput};
use serde::Deserialize;

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

/// Share of cases with a verdict that a rule may leave untold.
const MOST_UNTOLD: f64 = 0.03;

#[test]
fn no_case_gets_a_wrong_verdict() {
    let (mut wrong, mut untold, mut all) = (Vec::new(), Vec::new(), 0);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    for path in files {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let name = stem.trim_end_matches("-hard").trim_end_matches("-more");
        let file: File = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let rule = rules::find(name).unwrap_or_else(|| panic!("no rule {name}"));
        for (tag, verdicts) in &file.cases {
            let question = file.question.get(tag).map_or("", String::as_str);
            let none = BTreeMap::new();
            let references = file.references.get(tag).unwrap_or(&none);
            for (expected, responses) in verdicts {
                for response in responses {
                    all += 1;
                    let input = RuleInput { language: tag, question, response, references };
                    let answer = rule.judge(&input);
                    let line = format!("{stem} {tag} {expected}: {answer:?}\n    {response}");
                    match answer {
                        RuleAnswer::Says { verdict, .. } if verdict != expected => wrong.push(line),
                        RuleAnswer::CannotTell { .. } if expected != "cannot-tell" => {
                            untold.push(line);
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    assert!(all > 700, "{all} cases");
    assert!(wrong.is_empty(), "{} of {all} wrong:\n{}", wrong.len(), wrong.join("\n"));
    let share = untold.len() as f64 / all as f64;
    assert!(share < MOST_UNTOLD, "{} of {all} untold:\n{}", untold.len(), untold.join("\n"));
}
