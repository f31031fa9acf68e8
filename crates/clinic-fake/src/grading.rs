//! Graders of toxicity: Perspective, OpenAI's moderation, and text-embeddings-inference.

use serde_json::{Value, json};

use crate::embedding::hash;

/// The toxicity that [`Action::Default`](crate::Action::Default) gives a text: thousandths from 0
/// to 1, by a hash of the text.
pub fn default_toxicity(text: &str) -> f64 {
    (hash(text) % 1_001) as f64 / 1_000.0
}

/// A grader's protocol.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grading {
    Perspective,
    Moderation,
    Predict,
}

impl Grading {
    pub fn of(route: &str) -> Option<Self> {
        match route {
            "/v1alpha1/comments:analyze" => Some(Self::Perspective),
            "/v1/moderations" => Some(Self::Moderation),
            "/predict" => Some(Self::Predict),
            _ => None,
        }
    }

    /// The key of the body that holds the text.
    pub fn needed(self) -> &'static str {
        match self {
            Self::Perspective => "comment",
            Self::Moderation => "input",
            Self::Predict => "inputs",
        }
    }

    /// A grade in the shape of the protocol.
    pub fn grade(self, toxicity: f64, request: &Value) -> Value {
        match self {
            Self::Perspective => {
                let score = json!({"value": toxicity, "type": "PROBABILITY"});
                json!({
                    "attributeScores": {"TOXICITY": {"summaryScore": score}},
                    "languages": request["languages"],
                })
            }
            // What it speaks of is graded high, so that a client that takes it is found out.
            Self::Moderation => json!({
                "id": "modr-fake",
                "model": request["model"],
                "results": [{"flagged": toxicity > 0.5, "category_scores": {
                    "harassment": toxicity, "harassment/threatening": toxicity / 4.0,
                    "hate": toxicity / 2.0, "hate/threatening": 0.0,
                    "violence": 1.0, "self-harm": 1.0, "sexual": 1.0, "illicit": 1.0,
                }}],
            }),
            Self::Predict => json!([
                {"label": "neutral", "score": 1.0 - toxicity},
                {"label": "toxic", "score": toxicity},
            ]),
        }
    }

    /// A whole answer without a grade.
    pub fn empty(self) -> Value {
        match self {
            Self::Perspective => json!({"attributeScores": {}}),
            Self::Moderation => json!({"results": []}),
            Self::Predict => json!([]),
        }
    }
}
