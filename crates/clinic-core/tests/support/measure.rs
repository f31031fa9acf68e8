//! The cases of `tests/languages/*.toml` put to the lexical rules and to the reading of letters.
//!
//! Every second case is held out: whoever works on the lists looks at the others only, so that what is
//! measured on these is no memory of them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use clinic_core::choice::{Choice, find_choice, parse_options};
use clinic_core::language::Languages;
use clinic_core::rules::{self, RuleAnswer, RuleInput};
use serde::Deserialize;

/// Kind of case to its table.
type File = BTreeMap<String, Table>;

#[derive(Deserialize)]
struct Table {
    #[serde(default)]
    question: String,
    #[serde(default)]
    ground_truth: String,
    #[serde(default)]
    secret: String,
    #[serde(flatten)]
    cases: BTreeMap<String, Vec<String>>,
}

/// What came of one case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Tag of the language.
    pub language: String,
    /// The rule, or `letters`.
    pub kind: String,
    /// The verdict that a reader would give.
    pub expected: String,
    /// The verdict that was given; `None`: cannot tell.
    pub found: Option<String>,
    /// The response, for those who work on the lists.
    #[allow(dead_code, reason = "the test counts and shows no case")]
    pub response: String,
    /// Whether it is for measuring, and not for working on the lists.
    pub held_out: bool,
}

/// Runs every case.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for language in Languages::builtin().iter() {
        let path = folder().join(format!("{}.toml", language.tag));
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let file: File =
            toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for (kind, table) in &file {
            for (expected, responses) in &table.cases {
                cases.extend(responses.iter().enumerate().map(|(place, response)| Case {
                    held_out: place % 2 == 1,
                    language: language.tag.clone(),
                    kind: kind.clone(),
                    expected: expected.clone(),
                    found: found(kind, &language.tag, table, response),
                    response: response.clone(),
                }));
            }
        }
    }
    cases
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/languages")
}

fn found(kind: &str, language: &str, table: &Table, response: &str) -> Option<String> {
    if kind == "letters" {
        return match find_choice(response, &parse_options(&table.question)) {
            Choice::One(letter) => Some(letter.to_string()),
            Choice::Ambiguous(_) => Some("ambiguous".to_owned()),
            Choice::None => Some("none".to_owned()),
        };
    }
    let rule = rules::find(kind).unwrap_or_else(|| panic!("no rule {kind}"));
    let references = [("ground_truth", &table.ground_truth), ("secret", &table.secret)];
    let references = references.into_iter().filter(|(_, text)| !text.is_empty());
    let references: BTreeMap<String, String> =
        references.map(|(name, text)| (name.to_owned(), text.clone())).collect();
    let input =
        RuleInput { language, question: &table.question, response, references: &references };
    match rule.judge(&input) {
        RuleAnswer::Says { verdict, .. } => Some(verdict.to_owned()),
        RuleAnswer::CannotTell { .. } => None,
    }
}

impl Case {
    /// Whether the verdict is the expected one.
    pub fn is_right(&self) -> bool {
        self.found.as_deref() == Some(&self.expected)
    }

    /// Whether another verdict was given. For letters, finding none or two costs a score but gives
    /// no wrong one.
    pub fn is_wrong(&self) -> bool {
        let told = self.found.as_ref();
        let open = ["ambiguous", "none"];
        let told = told.filter(|name| self.kind != "letters" || !open.contains(&name.as_str()));
        told.is_some() && !self.is_right()
    }
}

/// Right, wrong and untold cases.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    /// The expected verdict.
    pub right: usize,
    /// Another verdict.
    pub wrong: usize,
    /// All cases.
    pub all: usize,
}

impl Count {
    fn add(&mut self, case: &Case) {
        self.right += usize::from(case.is_right());
        self.wrong += usize::from(case.is_wrong());
        self.all += 1;
    }

    /// Right verdicts of those given.
    pub fn precision(self) -> f64 {
        self.right as f64 / (self.right + self.wrong).max(1) as f64
    }

    /// Right verdicts of all cases.
    pub fn recall(self) -> f64 {
        self.right as f64 / self.all.max(1) as f64
    }
}

/// Counts by kind and language; the empty tag stands for all languages.
pub fn counts(cases: &[Case]) -> BTreeMap<(String, String), Count> {
    let mut counts: BTreeMap<(String, String), Count> = BTreeMap::new();
    for case in cases {
        for language in [case.language.as_str(), ""] {
            counts.entry((case.kind.clone(), language.to_owned())).or_default().add(case);
        }
    }
    counts
}

/// `docs/rules.md`, without its frame.
pub fn tables(cases: &[Case]) -> String {
    let counts = counts(cases);
    let mut kinds: Vec<&str> = counts.keys().map(|(kind, _)| kind.as_str()).collect();
    kinds.dedup();
    let mut text = String::new();
    for (title, of) in [
        ("Precision: right verdicts of those given", Count::precision as fn(Count) -> f64),
        ("Recall: right verdicts of all cases", Count::recall),
    ] {
        let _ = writeln!(text, "## {title}\n\n| | {} |", kinds.join(" | "));
        let _ = writeln!(text, "|---|{}", "---|".repeat(kinds.len()));
        let languages = Languages::builtin();
        let rows = languages.iter().map(|l| (l.tag.as_str(), l.english.as_str()));
        for (tag, name) in rows.chain([("", "**all**")]) {
            let cell = |kind: &&str| {
                let count = counts[&((*kind).to_owned(), tag.to_owned())];
                format!("{:.2}", of(count))
            };
            let cells: Vec<String> = kinds.iter().map(cell).collect();
            let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
        }
        text.push('\n');
    }
    let cells: Vec<String> = kinds
        .iter()
        .map(|kind| counts[&((*kind).to_owned(), String::new())].all.to_string())
        .collect();
    let _ = writeln!(
        text,
        "## Cases\n\n| | {} |\n|---|{}",
        kinds.join(" | "),
        "---|".repeat(kinds.len())
    );
    let _ = writeln!(text, "| all languages | {} |", cells.join(" | "));
    text
}
