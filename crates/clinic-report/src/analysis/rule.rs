//! Conditions for continuous integration, such as `jailbreak-dan rta_rate drops 0.05 in sw`.

use std::str::FromStr;

use clinic_core::language::Languages;

use super::compare::{Change, Comparison};

/// A change of a metric that must not be.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    text: String,
    task: String,
    metric: String,
    drops: bool,
    by: f64,
    /// Tag of the language; `None`: the plain mean over all.
    language: Option<String>,
    sureness: Sureness,
}

/// What of a difference a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sureness {
    /// The estimate.
    Likely,
    /// The end of the interval that speaks against it.
    Surely,
    /// The end of the interval that speaks for it.
    Possibly,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq)]
pub enum Ruling {
    /// The change is not there.
    Holds(String),
    /// The change is there.
    Broken(String),
    /// The change cannot be told, which must not pass for its absence.
    Unknown(String),
}

/// Why a text is no rule.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "'{text}' is no rule: {why}; write TASK METRIC drops|rises NUMBER [in LANGUAGE] [surely|possibly]"
)]
pub struct RuleError {
    text: String,
    why: String,
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let fail = |why: &str| RuleError { text: text.to_owned(), why: why.to_owned() };
        let mut words: Vec<&str> = text.split_whitespace().collect();
        let sureness = match words.last() {
            Some(&"surely") => Sureness::Surely,
            Some(&"possibly") => Sureness::Possibly,
            _ => Sureness::Likely,
        };
        if sureness != Sureness::Likely {
            words.pop();
        }
        let (task, metric, verb, by, rest) = match words.as_slice() {
            [task, metric, verb, by, rest @ ..] => (task, metric, verb, by, rest),
            _ => return Err(fail("it is too short")),
        };
        let drops = match *verb {
            "drops" => true,
            "rises" => false,
            _ => return Err(fail(&format!("'{verb}' is neither drops nor rises"))),
        };
        let by: f64 = by.parse().map_err(|_| fail(&format!("'{by}' is no number")))?;
        if !by.is_finite() || by < 0.0 {
            return Err(fail("the number must not be below 0"));
        }
        let language = match rest {
            [] => None,
            ["in", name @ ..] if !name.is_empty() => {
                let name = name.join(" ");
                let known = Languages::current().find(&name);
                let known = known.map_err(|error| fail(&error.to_string()))?;
                Some(known.tag.clone())
            }
            other => return Err(fail(&format!("'{}' is not understood", other.join(" ")))),
        };
        let (task, metric) = ((*task).to_owned(), (*metric).to_owned());
        Ok(Self { text: text.to_owned(), task, metric, drops, by, language, sureness })
    }
}

impl Rule {
    /// Looks a comparison up; an error where it has no such task, metric or language.
    pub fn apply(&self, comparison: &Comparison) -> Result<Ruling, RuleError> {
        let fail = |why: String| RuleError { text: self.text.clone(), why };
        let changes = &comparison.changes;
        let of_task: Vec<&Change> =
            changes.iter().filter(|change| change.pair.task == self.task).collect();
        if of_task.is_empty() {
            return Err(fail(format!("the runs have no common task '{}'", self.task)));
        }
        let of_metric: Vec<&&Change> =
            of_task.iter().filter(|change| change.pair.metric == self.metric).collect();
        if of_metric.is_empty() {
            let mut known: Vec<&str> = of_task.iter().map(|c| c.pair.metric.as_str()).collect();
            known.dedup();
            let known = known.join(", ");
            return Err(fail(format!(
                "{} has no metric '{}', but {known}",
                self.task, self.metric
            )));
        }
        let change = of_metric
            .into_iter()
            .find(|change| change.pair.language == self.language)
            .ok_or_else(|| fail("the runs have not this language in common".to_owned()))?;
        Ok(self.judge(change))
    }

    fn judge(&self, change: &Change) -> Ruling {
        let found = &change.pair.difference;
        let sign = if self.drops { -1.0 } else { 1.0 };
        // Both ends as moves in the rule's direction.
        let ends = found.low.zip(found.high).map(|(low, high)| (sign * low, sign * high));
        let moved = match self.sureness {
            Sureness::Likely => found.value.map(|value| sign * value),
            Sureness::Surely => ends.map(|(a, b)| a.min(b)),
            Sureness::Possibly => ends.map(|(a, b)| a.max(b)),
        };
        let Some(moved) = moved else {
            let what = if found.value.is_none() {
                "no pair was scored in both"
            } else {
                "there is no interval"
            };
            return Ruling::Unknown(format!("{}: cannot be told, since {what}", self.text));
        };
        let number = |x: Option<f64>| x.map_or("–".to_owned(), |x| format!("{x:.3}"));
        let told = format!(
            "{}: {} → {}, difference {} ({}, {}), {} pairs",
            self.text,
            number(change.before),
            number(change.after),
            number(found.value),
            number(found.low),
            number(found.high),
            found.n
        );
        // A move of 0 is none, also where the rule says 0. Rounding must not hide a move of just so much.
        let broken = moved > 0.0 && moved >= self.by - 1e-9;
        if broken { Ruling::Broken(told) } else { Ruling::Holds(told) }
    }
}
