//! What a reader chose, as the query of an address: it holds no token, so that it can be shared.

use clinic_engine::run::{Filter, LONGEST_SEARCH, Marked, Scored, State};
use form_urlencoded::{Serializer, parse};

/// A sample by its name, the same in every run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The task's name.
    pub task: String,
    /// Tag of the language.
    pub language: String,
    /// The item's id.
    pub item: String,
}

/// A place in the list: a sample's id in the store of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The run's label.
    pub run: String,
    /// The sample's id in its store.
    pub id: i64,
}

/// Where the list begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Start {
    /// At the chosen sample, or at the first.
    #[default]
    Anywhere,
    /// After this place.
    After(Place),
    /// It ends before this place, and its last sample is chosen.
    Before(Place),
}

/// Everything that a reader chose.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    /// Label of the run whose samples are listed; all where there is none.
    pub model: Option<String>,
    /// Which samples are listed.
    pub filter: Filter,
    /// Where the list begins.
    pub start: Start,
    /// The sample that is shown, and the label of its run.
    pub sample: Option<(String, Key)>,
    /// Label of a run to show beside it.
    pub beside: Option<String>,
    /// Tag of a language to show beside it.
    pub with: Option<String>,
    /// Whether long texts are shown whole.
    pub whole: bool,
}

/// What cannot be read in a query, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{parameter}: {problem}")]
pub struct BadQuery {
    /// The parameter.
    pub parameter: String,
    /// What is wrong.
    pub problem: String,
}

/// Outcomes that can be chosen in the place of a verdict: a colon tells them from names.
pub const OUTCOMES: [(&str, &str, Scored); 5] = [
    (":scored", "any score", Scored::State("scored")),
    (":not_scored", "could not be scored", Scored::State("not_scored")),
    (":not_applicable", "does not apply", Scored::State("not_applicable")),
    (":failed", "scoring failed", Scored::State("failed")),
    (":none", "not scored yet", Scored::Nothing),
];

/// What can be chosen of marks.
pub const MARKS: [(&str, &str, Marked); 4] = [
    ("any", "marked by someone", Marked::Any),
    ("wrong", "marked wrong", Marked::Wrong),
    ("right", "marked right", Marked::Right),
    ("none", "not marked", Marked::Nothing),
];

impl Choice {
    /// Reads a query; empty values choose nothing.
    pub fn parse(query: &str) -> Result<Self, BadQuery> {
        let mut choice = Self::default();
        let (mut of, mut key) = (None, None);
        for (name, value) in parse(query.as_bytes()) {
            let value = value.into_owned();
            let bad = |problem: String| BadQuery { parameter: name.to_string(), problem };
            if value.is_empty() {
                continue;
            }
            let filter = &mut choice.filter;
            match &*name {
                "model" => choice.model = Some(value),
                "task" => filter.task = Some(value),
                "language" => filter.language = Some(value),
                "item" => filter.item = Some(value),
                "state" => {
                    if State::ALL.iter().all(|state| state.name() != value) {
                        return Err(bad(format!("no response is in a state '{value}'")));
                    }
                    filter.state = Some(value);
                }
                "verdict" => filter.scored = Some(scored(value).map_err(bad)?),
                "marks" => {
                    let known = MARKS.iter().find(|(name, ..)| *name == value);
                    let (.., marked) = known.ok_or_else(|| {
                        bad(format!("'{value}' is none of any, wrong, right, none"))
                    })?;
                    filter.marked = Some(*marked);
                }
                "text" if value.len() > LONGEST_SEARCH => {
                    return Err(bad(format!("longer than {LONGEST_SEARCH} bytes")));
                }
                "text" => filter.text = Some(value),
                "from" => choice.start = Start::After(place(&value).map_err(bad)?),
                "to" => choice.start = Start::Before(place(&value).map_err(bad)?),
                "of" => of = Some(value),
                "sample" => key = Some(self::key(&value).map_err(bad)?),
                "beside" => choice.beside = Some(value),
                "with" => choice.with = Some(value),
                "whole" => choice.whole = true,
                _ => return Err(bad("there is no such choice".to_owned())),
            }
        }
        choice.sample = match (of, key) {
            (Some(of), Some(key)) => Some((of, key)),
            (None, None) => None,
            _ => {
                let problem = "of and sample belong together".to_owned();
                return Err(BadQuery { parameter: "sample".to_owned(), problem });
            }
        };
        Ok(choice)
    }

    /// The query, without a question mark.
    pub fn query(&self) -> String {
        let mut query = Serializer::new(String::new());
        for (name, value) in self.pairs() {
            query.append_pair(name, &value);
        }
        query.finish()
    }

    /// The query as a link of the page.
    pub fn link(&self) -> String {
        format!("?{}", self.query())
    }

    /// Its parameters in order.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let filter = &self.filter;
        let mut pairs = Vec::new();
        let mut add = |name, value: Option<String>| pairs.extend(value.map(|value| (name, value)));
        add("model", self.model.clone());
        add("task", filter.task.clone());
        add("language", filter.language.clone());
        add("item", filter.item.clone());
        add("state", filter.state.clone());
        add("verdict", filter.scored.as_ref().map(scored_name));
        add("marks", filter.marked.map(|marked| marks_name(marked).to_owned()));
        add("text", filter.text.clone());
        match &self.start {
            Start::Anywhere => {}
            Start::After(place) => add("from", Some(format!("{}:{}", place.id, place.run))),
            Start::Before(place) => add("to", Some(format!("{}:{}", place.id, place.run))),
        }
        if let Some((of, key)) = &self.sample {
            add("of", Some(of.clone()));
            add("sample", Some(format!("{}:{}:{}", key.task, key.language, key.item)));
        }
        add("beside", self.beside.clone());
        add("with", self.with.clone());
        add("whole", self.whole.then(|| "1".to_owned()));
        pairs
    }
}

fn scored(value: String) -> Result<Scored, String> {
    if !value.starts_with(':') {
        return Ok(Scored::Verdict(value));
    }
    let known = OUTCOMES.iter().find(|(name, ..)| *name == value);
    known.map(|(.., scored)| scored.clone()).ok_or_else(|| format!("there is no outcome '{value}'"))
}

/// How a query names what scoring gave.
pub fn scored_name(scored: &Scored) -> String {
    match scored {
        Scored::Verdict(verdict) => verdict.clone(),
        other => {
            let known = OUTCOMES.iter().find(|(.., known)| known == other);
            known.map_or_else(String::new, |(name, ..)| (*name).to_owned())
        }
    }
}

/// How a query names what people said.
pub fn marks_name(marked: Marked) -> &'static str {
    MARKS.iter().find(|(.., known)| *known == marked).map_or("", |(name, ..)| name)
}

fn place(value: &str) -> Result<Place, String> {
    let parts = value.split_once(':').and_then(|(id, run)| Some((id.parse().ok()?, run)));
    let (id, run) = parts.ok_or_else(|| format!("'{value}' is no place in the list"))?;
    Ok(Place { run: run.to_owned(), id })
}

fn key(value: &str) -> Result<Key, String> {
    let mut parts = value.splitn(3, ':').map(str::to_owned);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(task), Some(language), Some(item)) => Ok(Key { task, language, item }),
        _ => Err(format!("'{value}' is not TASK:LANGUAGE:ITEM")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_the_same_after_it_was_shared() {
        let choice = Choice {
            model: Some("ollama/x:7b #2".to_owned()),
            filter: Filter {
                task: Some("t".to_owned()),
                language: Some("ar".to_owned()),
                item: Some("1&2=3".to_owned()),
                state: Some("cut_off".to_owned()),
                scored: Some(Scored::State("failed")),
                marked: Some(Marked::Wrong),
                text: Some("100% «نص» + <b>".to_owned()),
            },
            start: Start::After(Place { run: "ollama/x:7b #2".to_owned(), id: 7 }),
            sample: Some((
                "ollama/x:7b #2".to_owned(),
                Key { task: "t".to_owned(), language: "ar".to_owned(), item: "a:b".to_owned() },
            )),
            beside: Some("b".to_owned()),
            with: Some("en".to_owned()),
            whole: true,
        };
        assert_eq!(Choice::parse(&choice.query()), Ok(choice));
        assert_eq!(Choice::parse("task=&text="), Ok(Choice::default()));
    }

    #[test]
    fn what_is_no_choice_is_refused_with_its_name() {
        for (query, words) in [
            ("colour=red", "colour: there is no such choice"),
            ("state=tired", "state: no response is in a state 'tired'"),
            ("verdict=:x", "verdict: there is no outcome ':x'"),
            ("marks=x", "marks: 'x' is none of"),
            ("from=x", "from: 'x' is no place"),
            ("from=9999999999999999999:r", "from: "),
            ("sample=x&of=r", "sample: 'x' is not TASK:LANGUAGE:ITEM"),
            ("of=r", "sample: of and sample belong together"),
            (&format!("text={}", "x".repeat(1_001)), "text: longer than 1000 bytes"),
        ] {
            let error = Choice::parse(query).unwrap_err().to_string();
            assert!(error.starts_with(words), "{query}: {error}");
        }
    }
}
