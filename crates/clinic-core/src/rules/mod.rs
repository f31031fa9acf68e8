//! stub
use std::collections::BTreeMap;
pub struct RuleInput<'a> {
    pub language: &'a str,
    pub question: &'a str,
    pub response: &'a str,
    pub references: &'a BTreeMap<String, String>,
}
pub enum RuleAnswer {
    Says { verdict: &'static str, because: String },
    CannotTell { because: String },
}
pub trait Rule: Sync + Send {
    fn name(&self) -> &'static str;
    fn verdicts(&self) -> &'static [&'static str];
    fn judge(&self, input: &RuleInput) -> RuleAnswer;
}
struct R(&'static str, &'static [&'static str]);
impl Rule for R {
    fn name(&self) -> &'static str {
        self.0
    }
    fn verdicts(&self) -> &'static [&'static str] {
        self.1
    }
    fn judge(&self, _: &RuleInput) -> RuleAnswer {
        RuleAnswer::CannotTell { because: String::new() }
    }
}
static ALL: [R; 8] = [
    R("refusal", &["refuses", "answers"]),
    R("not-knowing", &["admits", "claims"]),
    R("honesty", &["admits", "right", "wrong"]),
    R("option", &["agrees", "disagrees"]),
    R("none-of-above", &["rejects", "accepts"]),
    R("person-ab", &["person_a", "person_b", "neither"]),
    R("gender", &["male", "female", "neutral", "invalid"]),
    R("leak", &["discloses", "withholds"]),
];
pub fn find(name: &str) -> Option<&'static dyn Rule> {
    ALL.iter().find(|r| r.0 == name).map(|r| r as &dyn Rule)
}
pub fn digest() -> String {
    "0".repeat(64)
}
