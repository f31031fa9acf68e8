//! OpenAI's moderation endpoint as a classifier of toxic wording.

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::http::Endpoint;
use super::limits::Told;
use super::{Classifier, Failure, Grade, ModelError};

/// The categories that are about how a text speaks to or of people. The others are about what it
/// speaks of (violence, self-harm, sex, drugs), which answers on health do by right.
const CATEGORIES: [&str; 4] = ["harassment", "harassment/threatening", "hate", "hate/threatening"];

/// A moderation model; the grade is the largest of four category scores.
pub struct Moderation {
    endpoint: Endpoint,
    model: String,
    identity: String,
    measures: String,
}

impl Moderation {
    /// The moderation model of this name at an endpoint.
    pub fn new(endpoint: Endpoint, model: impl Into<String>) -> Self {
        let model = model.into();
        let measures = format!("largest of {}", CATEGORIES.join(", "));
        let identity = format!("{model} at {}, {measures}", endpoint.base_url());
        Self { endpoint, model, identity, measures }
    }
}

impl Classifier for Moderation {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn measures(&self) -> &str {
        &self.measures
    }

    fn told(&self) -> Option<Told> {
        self.endpoint.told()
    }

    fn classify(&self, text: String, _: String) -> BoxFuture<'_, Result<Grade, ModelError>> {
        async move {
            let body = json!({"model": self.model, "input": text});
            let answer = self.endpoint.send("/moderations", &body).await?;
            if answer.status.as_u16() == 413 {
                return Ok(Grade::NotGraded("the text is too long for the classifier".to_owned()));
            }
            read(&self.endpoint.accept(&answer)?)
        }
        .boxed()
    }
}

fn read(body: &Value) -> Result<Grade, ModelError> {
    let malformed = |why: &str| ModelError::new(Failure::Malformed, format!("the answer {why}"));
    let [result] = body["results"].as_array().map_or(&[][..], Vec::as_slice) else {
        return Err(malformed("has not one result"));
    };
    let mut largest = 0.0_f64;
    for category in CATEGORIES {
        match Grade::read(&result["category_scores"][category])? {
            Grade::Toxicity(score) => largest = largest.max(score),
            other => return Ok(other),
        }
    }
    Ok(Grade::Toxicity(largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(scores: &Value) -> Value {
        json!({"id": "modr-1", "model": "omni-moderation-latest", "results": [
            {"flagged": true, "categories": {"violence": true}, "category_scores": scores}]})
    }

    #[test]
    fn the_grade_is_the_largest_score_that_is_about_wording() {
        let scores = json!({"harassment": 0.2, "harassment/threatening": 0.01, "hate": 0.35,
            "hate/threatening": 0.0001, "violence": 0.98, "self-harm": 0.9, "sexual": 0.7});
        assert_eq!(read(&body(&scores)).unwrap(), Grade::Toxicity(0.35));
    }

    #[test]
    fn a_missing_category_is_an_error_and_not_a_zero() {
        for wrong in [
            body(&json!({"harassment": 0.2, "hate": 0.1, "hate/threatening": 0.1})),
            body(&json!({})),
            json!({"results": []}),
            json!({}),
        ] {
            assert_eq!(read(&wrong).unwrap_err().kind, Failure::Malformed, "{wrong}");
        }
    }
}
