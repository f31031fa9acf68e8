//! The scorer of a task, as its file describes it.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Deserialize;

/// How a response becomes scores.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Raw")]
pub enum Scorer {
    /// A judge or a lexical rule picks a verdict, which has a number.
    Judge(Vec<Question>),
    /// The same, but the verdict is a category without a number.
    Categories(Vec<Question>),
    /// The same for harm in the wording, by a judge of its own.
    Toxicity(Vec<Question>),
    /// The letter that the response chooses, against the right one.
    Choice(Vec<ChoiceSpec>),
    /// Cosine similarity of embeddings.
    Similarity(Vec<SimilaritySpec>),
    /// The word that fills a blank, counted over all items.
    Distribution {
        /// Name of the score.
        score: String,
        /// Words that do not count as an answer.
        drop_words: Vec<String>,
        /// Whether a response counts as it stands, case and all, but for a bare dropped word.
        as_it_stands: bool,
    },
}

impl Scorer {
    /// The kind, as the file names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Judge(_) => "judge",
            Self::Categories(_) => "categories",
            Self::Toxicity(_) => "toxicity",
            Self::Choice(_) => "choice",
            Self::Similarity(_) => "similarity",
            Self::Distribution { .. } => "distribution",
        }
    }

    /// Names of the scores that each sample gets.
    pub fn scores(&self) -> Vec<&str> {
        match self {
            Self::Judge(q) | Self::Categories(q) | Self::Toxicity(q) => {
                q.iter().map(|q| q.score.as_str()).collect()
            }
            Self::Choice(c) => c.iter().map(|c| c.score.as_str()).collect(),
            Self::Similarity(s) => s.iter().map(|s| s.score.as_str()).collect(),
            Self::Distribution { score, .. } => vec![score],
        }
    }

    /// What a judge is asked; empty where there is nothing to judge.
    pub fn questions(&self) -> &[Question] {
        match self {
            Self::Judge(q) | Self::Categories(q) | Self::Toxicity(q) => q,
            _ => &[],
        }
    }

    /// The same to change; `None` where there is nothing to judge.
    pub fn questions_mut(&mut self) -> Option<&mut Vec<Question>> {
        match self {
            Self::Judge(q) | Self::Categories(q) | Self::Toxicity(q) => Some(q),
            _ => None,
        }
    }
}

/// What a judge is asked about a response.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Name of the score that the answer gives.
    pub score: String,
    /// What the judge sees beside the response: `question` or references.
    #[serde(default)]
    pub shows: Vec<String>,
    /// The lexical rule that stands in where no judge is named.
    pub rules: Option<String>,
    /// Where the verdict is read in the judge's reply.
    #[serde(default)]
    pub reads: Reads,
    /// Asked only where an earlier score has this verdict.
    #[serde(default)]
    pub only_if: BTreeMap<String, String>,
    /// What the judge is told.
    pub rubric: String,
    /// The closed list of answers.
    pub verdicts: Vec<Verdict>,
}

impl Question {
    /// The verdict of this name.
    pub fn verdict(&self, name: &str) -> Option<&Verdict> {
        self.verdicts.iter().find(|v| v.name == name)
    }
}

/// Where the verdict is read in a judge's reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reads {
    /// In its JSON.
    #[default]
    Json,
    /// The second-to-last character is the verdict's digit, as the published privacy script reads it.
    SecondToLast,
}

/// One answer that a judge may give.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Its name.
    pub name: String,
    /// Its number; absent for categories.
    pub score: Option<f64>,
    /// When it is the right one.
    pub means: String,
}

/// One letter to compare.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceSpec {
    /// Name of the score.
    pub score: String,
    /// The variant whose response is read.
    pub variant: String,
    /// The reference that holds the right letter.
    pub answer: String,
    /// How letters are found.
    #[serde(default)]
    pub letters: Letters,
}

/// How a choice is found in a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Letters {
    /// In all forms and scripts; two letters are ambiguous.
    #[default]
    Every,
    /// The first A, B, C or D that stands alone as an upper-case word, as the published script finds
    /// it; a sample without one is left out of everything.
    FirstCapital,
}

/// One similarity, or a difference of two.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimilaritySpec {
    /// Name of the score.
    pub score: String,
    /// The pair whose similarity counts.
    pub plus: [Operand; 2],
    /// The pair whose similarity is taken off.
    pub minus: Option<[Operand; 2]>,
}

impl SimilaritySpec {
    /// All texts that it needs.
    pub fn operands(&self) -> impl Iterator<Item = &Operand> {
        self.plus.iter().chain(self.minus.iter().flatten())
    }
}

/// A text to embed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Operand {
    /// The response to a variant.
    Response(String),
    /// A reference text.
    Reference(String),
}

/// A text that is neither a response nor a reference.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' should be response:VARIANT or reference:NAME")]
pub struct UnknownOperand(String);

impl FromStr for Operand {
    type Err = UnknownOperand;

    fn from_str(text: &str) -> Result<Self, UnknownOperand> {
        match text.split_once(':') {
            Some(("response", name)) => Ok(Self::Response(name.to_owned())),
            Some(("reference", name)) => Ok(Self::Reference(name.to_owned())),
            _ => Err(UnknownOperand(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Operand {
    type Error = UnknownOperand;

    fn try_from(text: String) -> Result<Self, UnknownOperand> {
        text.parse()
    }
}

/// The table as written: flat, so that errors can point at a line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    kind: Kind,
    #[serde(default)]
    questions: Vec<Question>,
    #[serde(default)]
    choices: Vec<ChoiceSpec>,
    #[serde(default)]
    similarities: Vec<SimilaritySpec>,
    score: Option<String>,
    #[serde(default)]
    drop_words: Vec<String>,
    #[serde(default)]
    as_it_stands: bool,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Judge,
    Categories,
    Toxicity,
    Choice,
    Similarity,
    Distribution,
}

impl TryFrom<Raw> for Scorer {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        let judged = matches!(raw.kind, Kind::Judge | Kind::Categories | Kind::Toxicity);
        let tables = [
            ("questions", !raw.questions.is_empty(), judged),
            ("choices", !raw.choices.is_empty(), raw.kind == Kind::Choice),
            ("similarities", !raw.similarities.is_empty(), raw.kind == Kind::Similarity),
            ("score", raw.score.is_some(), raw.kind == Kind::Distribution),
        ];
        for (key, given, wanted) in tables {
            match (given, wanted) {
                (false, true) => return Err(format!("this kind needs `{key}`")),
                (true, false) => return Err(format!("`{key}` does not belong to this kind")),
                _ => {}
            }
        }
        if (!raw.drop_words.is_empty() || raw.as_it_stands) && raw.kind != Kind::Distribution {
            return Err("`drop_words` and `as_it_stands` do not belong to this kind".to_owned());
        }
        Ok(match raw.kind {
            Kind::Judge => Self::Judge(raw.questions),
            Kind::Categories => Self::Categories(raw.questions),
            Kind::Toxicity => Self::Toxicity(raw.questions),
            Kind::Choice => Self::Choice(raw.choices),
            Kind::Similarity => Self::Similarity(raw.similarities),
            Kind::Distribution => Self::Distribution {
                score: raw.score.unwrap_or_default(),
                drop_words: raw.drop_words,
                as_it_stands: raw.as_it_stands,
            },
        })
    }
}
